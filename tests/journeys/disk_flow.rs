//! A local disk breaks: alert, inquiry, isolation, replacement, re-initialisation (spec/events.md 3),
//! and every way out of that flow.

use crate::story::told;

/// What a story is made of: disks of each instance, what else its type says, settings of disks,
/// scripts.
struct Plot<'a> {
    disks: u32,
    flow: &'a str,
    settings: &'a str,
    scripts: &'a [(&'a str, &'a str)],
}

/// A fleet of two servers, one of which holds an instance; its disks break after 20 h. Scripts are
/// (time, what else is in them), where `big` is the instance.
fn story(plot: &Plot<'_>) -> String {
    let Plot { disks, flow, settings, scripts } = plot;
    let mut text = format!(
        r#"
[scenario]
name = "story"
horizon = "66h"
[server_models.m]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = {disks}, size = "1TB", failure = {{ life = "20h" }} }}
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[server_models.spare]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = {disks}, size = "1TB", failure = "never" }}
crash = "never"
risk = "never"
[[servers]]
model = "spare"
count = 1
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
local_disks = {disks}
disk_flow = "{flow}"
[[workload.instances]]
name = "big"
type = "t"
count = 1
[settings]
instance = {{ pending = "3s", starting = "40s", stopping = "10s" }}
guest = {{ crash_rate = "never" }}
redeploy = {{ switch = "60s", fail_p = 0 }}
{settings}
"#
    );
    for (at, script) in *scripts {
        let script = script.replace("big", "big[0]");
        text.push_str(&format!("[[scripts]]\nat = \"{at}\"\n{script}\n"));
    }
    // What happens before the disks break is the same in every story.
    let told = told(&text);
    let (_, rest) = told.split_once('\n').expect("the disks break after the start");
    rest.to_owned()
}

/// Settings of disks, the offline variant or the online one.
fn disk(online: u8, more: &str) -> String {
    format!("disk = {{ replace = \"24h\", online_isolation_p = {online}{more} }}")
}

fn accept(event: &str) -> String {
    format!("do = \"AcceptInquiredSystemEvent\"\nEventId = \"SystemMaintenance.{event} of big\"")
}

const REBOOT: &str = "do = \"RebootInstance\"\nInstanceId = \"big\"";

const REDEPLOY: &str = "do = \"RedeployInstance\"\nInstanceId = \"big\"";

/// The documented trace T4 (spec/events.md 13).
#[test]
fn offline_it_takes_two_restarts() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(0, ""),
        scripts: &[
            ("22h", &accept("RebootAndIsolateErrorDisk")),
            ("23h", REBOOT),
            ("48h", &accept("RebootAndReInitErrorDisk")),
            ("49h", REBOOT),
        ],
    }));
}

#[test]
fn online_it_takes_none() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(1, ""),
        scripts: &[("22h", &accept("IsolateErrorDisk")), ("48h", &accept("ReInitErrorDisk"))],
    }));
}

#[test]
fn an_online_isolation_that_fails_goes_on_offline() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(1, ", online_isolation_fail_p = 1"),
        scripts: &[
            ("22h", &accept("IsolateErrorDisk")),
            ("23h", REBOOT),
            ("48h", &accept("RebootAndReInitErrorDisk")),
        ],
    }));
}

#[test]
fn an_online_return_that_fails_goes_on_offline() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(1, ", online_reinit_fail_p = 1"),
        scripts: &[
            ("22h", &accept("IsolateErrorDisk")),
            ("48h", &accept("ReInitErrorDisk")),
            ("49h", REBOOT),
        ],
    }));
}

#[test]
fn a_failed_online_job_may_ask_again() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(1, ", online_isolation_fail_p = 1, switch_initial_status = \"Inquiring\""),
        scripts: &[
            ("22h", &accept("IsolateErrorDisk")),
            ("23h", REBOOT),
            ("24h", &accept("RebootAndIsolateErrorDisk")),
        ],
    }));
}

#[test]
fn one_restart_ends_the_jobs_of_all_disks() {
    insta::assert_snapshot!(story(&Plot {
        disks: 2,
        flow: "replace",
        settings: &disk(0, ""),
        scripts: &[
            ("22h", "do = \"AcceptInquiredSystemEvent\"\nEventId = \"#1\""),
            ("22h", "do = \"AcceptInquiredSystemEvent\"\nEventId = \"#3\""),
            ("23h", REBOOT),
            ("48h", "do = \"AcceptInquiredSystemEvent\"\nEventId = \"#4\""),
            ("48h", "do = \"AcceptInquiredSystemEvent\"\nEventId = \"#5\""),
            ("48h 1min", REBOOT),
        ],
    }));
}

#[test]
fn an_isolate_only_family_never_gets_a_new_disk() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "isolate-only",
        settings: &disk(1, ""),
        scripts: &[("22h", &accept("IsolateErrorDisk")), ("60h", REDEPLOY)],
    }));
}

#[test]
fn without_isolation_the_alert_alone_permits_a_redeployment() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "none",
        settings: &disk(1, ""),
        scripts: &[("22h", REDEPLOY)],
    }));
}

/// The documented trace T5 (spec/events.md 13).
#[test]
fn a_redeployment_in_the_gap_ends_the_flow() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(0, ""),
        scripts: &[
            ("22h", &accept("RebootAndIsolateErrorDisk")),
            ("23h", REBOOT),
            ("24h", REDEPLOY),
        ],
    }));
}

#[test]
fn a_redeployment_answers_the_inquiry() {
    insta::assert_snapshot!(story(&Plot {
        disks: 2,
        flow: "replace",
        settings: &disk(0, ""),
        scripts: &[("22h", &accept("RebootAndIsolateErrorDisk")), ("23h", REDEPLOY)],
    }));
}

#[test]
fn a_release_in_mid_flow_leaves_the_disk_to_the_operator() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(0, ""),
        scripts: &[
            ("22h", &accept("RebootAndIsolateErrorDisk")),
            ("23h", "do = \"DeleteInstance\"\nInstanceId = \"big\"\nForce = true"),
        ],
    }));
}

#[test]
fn init_local_disk_ends_the_flow_and_empties_all() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(0, ""),
        scripts: &[
            ("22h", "do = \"StopInstance\"\nInstanceId = \"big\""),
            ("23h", "do = \"StartInstance\"\nInstanceId = \"big\"\nInitLocalDisk = true"),
        ],
    }));
}

#[test]
fn a_restart_may_hang_once() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(0, ", no_nofail_boot_hang_p = 1"),
        scripts: &[("22h", &accept("RebootAndIsolateErrorDisk")), ("23h", REBOOT)],
    }));
}

#[test]
fn what_does_not_suit_is_refused() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(0, ""),
        scripts: &[
            ("21h", &accept("RebootAndIsolateErrorDisk")),
            ("22h", &accept("RebootAndIsolateErrorDisk")),
            ("22h", REDEPLOY),
            ("23h", REBOOT),
            ("23h 5s", &accept("RebootAndReInitErrorDisk")),
        ],
    }));
}

#[test]
fn disks_left_behind_are_cleared_where_that_is_modelled() {
    let settings = format!("{}\nenable = {{ clean_inactive = true }}", disk(0, ""));
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "none",
        settings: &settings,
        scripts: &[("22h", REDEPLOY), ("23h", &accept("CleanInactiveDisks")), ("24h", REBOOT)],
    }));
}
