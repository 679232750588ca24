//! A local disk breaks: alert, inquiry, isolation, replacement, re-initialisation (spec/events.md 3),
//! and every way out of that flow.

use crate::{checked, story::told};
use fleetsim::{
    fleet::Fleet,
    kernel::{column::Id, streams::Streams, time::Instant},
    lifecycle::local_disk::DiskState,
    messages::fact::Fact,
    observe::Observer,
};
use std::collections::BTreeMap;

/// What a story is made of: disks of each instance, what its family does about them, how its server
/// crashes, settings, scripts.
#[derive(Default)]
struct Plot<'a> {
    disks: u32,
    flow: &'a str,
    /// How the server crashes; empty: never.
    crash: &'a str,
    settings: &'a str,
    scripts: &'a [(&'a str, &'a str)],
}

/// A fleet of two servers, one of which holds an instance; its disks break after 20 h. Scripts are
/// (time, what else is in them), where `big` is the instance.
fn story(plot: &Plot<'_>) -> String {
    let Plot { disks, flow, crash, settings, scripts } = plot;
    let crash = if crash.is_empty() { "\"never\"" } else { crash };
    let mut text = format!(
        r#"
[scenario]
name = "story"
horizon = "66h"
[server_models.m]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = {disks}, size = "1TB", failure = {{ life = "20h" }} }}
crash = {crash}
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
action_on_maintenance = "AutoRedeploy"
[[workload.instances]]
name = "big"
type = "t"
count = 1
[policies.customers.default]
reboot_after = "never"
[settings]
instance = {{ pending = "3s", starting = "40s", stopping = "10s" }}
guest = {{ crash_rate = "never" }}
recover = {{ detect = "30s" }}
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
        ..Plot::default()
    }));
}

#[test]
fn online_it_takes_none() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(1, ""),
        scripts: &[("22h", &accept("IsolateErrorDisk")), ("48h", &accept("ReInitErrorDisk"))],
        ..Plot::default()
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
        ..Plot::default()
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
        ..Plot::default()
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
        ..Plot::default()
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
        ..Plot::default()
    }));
}

#[test]
fn an_isolate_only_family_never_gets_a_new_disk() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "isolate-only",
        settings: &disk(1, ""),
        scripts: &[("22h", &accept("IsolateErrorDisk")), ("60h", REDEPLOY)],
        ..Plot::default()
    }));
}

#[test]
fn without_isolation_the_alert_alone_permits_a_redeployment() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "none",
        settings: &disk(1, ""),
        scripts: &[("22h", REDEPLOY)],
        ..Plot::default()
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
        ..Plot::default()
    }));
}

#[test]
fn a_redeployment_answers_the_inquiry() {
    insta::assert_snapshot!(story(&Plot {
        disks: 2,
        flow: "replace",
        settings: &disk(0, ""),
        scripts: &[("22h", &accept("RebootAndIsolateErrorDisk")), ("23h", REDEPLOY)],
        ..Plot::default()
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
        ..Plot::default()
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
        ..Plot::default()
    }));
}

#[test]
fn a_restart_may_hang_once() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        settings: &disk(0, ", no_nofail_boot_hang_p = 1"),
        scripts: &[("22h", &accept("RebootAndIsolateErrorDisk")), ("23h", REBOOT)],
        ..Plot::default()
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
        ..Plot::default()
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
        ..Plot::default()
    }));
}

#[test]
fn a_failover_in_mid_flow_withdraws_what_is_asked() {
    insta::assert_snapshot!(story(&Plot {
        disks: 2,
        flow: "replace",
        crash: "{ life = \"30h\", restarts_itself = 0, repair = \"20h\" }",
        settings: &disk(0, ""),
        scripts: &[("22h", &accept("RebootAndIsolateErrorDisk"))],
    }));
}

#[test]
fn a_restarted_server_keeps_the_flow() {
    insta::assert_snapshot!(story(&Plot {
        disks: 1,
        flow: "replace",
        crash: "{ life = \"30h\", restarts_itself = 1, restart = \"3min\" }",
        settings: &disk(0, ""),
        scripts: &[("22h", &accept("RebootAndIsolateErrorDisk")), ("31h", REBOOT)],
    }));
}

/// A fleet whose instances take one disk each of two in a server.
fn half_used() -> String {
    r#"
[scenario]
name = "story"
horizon = "66h"
[server_models.m]
vcpus = 8
memory = "16GiB"
local_disks = { count = 2, size = "1TB", failure = { life = "20h" } }
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types."ecs.d2.large"]
vcpus = 1
memory = "1GiB"
local_disks = 1
[[workload.instances]]
name = "big"
type = "ecs.d2.large"
count = 1
[settings]
instance = { pending = "3s", starting = "40s", stopping = "10s" }
guest = { crash_rate = "never" }
disk = { replace = "24h" }
"#
    .to_owned()
}

#[test]
fn a_broken_disk_that_nobody_holds_is_no_room() {
    let run = "do = \"RunInstances\"\nInstanceType = \"ecs.d2.large\"";
    let text = format!(
        "{}\n[[scripts]]\nat = \"21h\"\n{run}\n[[scripts]]\nat = \"45h\"\n{run}\n",
        half_used()
    );
    insta::assert_snapshot!(told(&text));
}

/// Notes every failure of a disk.
#[derive(Default)]
struct Failures(BTreeMap<(usize, u32), Instant>);

impl Observer for Failures {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::DiskMoved { bay, number, to: DiskState::Damaged, from, .. } = *fact
            && from == DiskState::Healthy
        {
            self.0.insert((bay.index(), number), now);
        }
    }
}

fn failures(conduct: &str) -> Failures {
    let text = format!(
        r#"
[scenario]
name = "lives"
horizon = "60d"
[server_models.m]
vcpus = 8
memory = "32GiB"
local_disks = {{ count = 4, size = "1TB", failure = {{ life = {{ weibull = {{ shape = 1.3, scale = "400h" }} }} }} }}
[[servers]]
model = "m"
count = 12
zones = ["z"]
[instance_types."ecs.d2.large"]
vcpus = 2
memory = "1GiB"
local_disks = 2
[[workload.instances]]
type = "ecs.d2.large"
count = 16
[policies.customers.default]
{conduct}
"#
    );
    let mut failures = Failures::default();
    checked::run(&checked::scenario(&text), 0, &mut failures);
    failures
}

#[test]
fn two_policies_meet_the_same_disks() {
    let accepts = failures("disk_error = \"accept\"");
    let redeploys = failures("disk_error = \"redeploy\"");
    assert!(accepts.0.len() > 40 && accepts.0 != redeploys.0, "the policies differ");
    let first = |of: &Failures| -> Vec<((usize, u32), Instant)> {
        of.0.iter().filter(|((_, number), _)| *number == 0).map(|(a, b)| (*a, *b)).collect()
    };
    assert_eq!(first(&accepts), first(&redeploys), "first failures have equal instants");
}

#[test]
fn what_is_drawn_about_a_disk_depends_on_the_disk_alone() {
    let scenario = checked::scenario(&half_used());
    let (one, other) = (Streams::new(scenario.seed, 0), Streams::new(scenario.seed, 1));
    let fate = |streams: &Streams, bay, number| scenario.disk_fate(streams, Id::new(bay), number);
    assert_eq!(fate(&one, 1, 3), fate(&one, 1, 3));
    let differ = (0..20).filter(|number| fate(&one, 0, *number) != fate(&one, 1, *number));
    assert!(differ.count() > 0 && (0..20).any(|n| fate(&one, 0, n) != fate(&other, 0, n)));
}
