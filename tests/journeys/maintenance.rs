//! Planned events that run: restarts, stops and redeployments by the system.

use crate::{risks::STEADY, story::told};

/// One server with one instance, or a few more; campaigns work on the first.
fn fleet(rest: &str) -> String {
    format!(
        r#"
[scenario]
name = "maintenance"
horizon = "60h"
[server_models.m]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 1, size = "1000GiB" }}
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 2
zones = ["z"]
[instance_types.cloud]
vcpus = 4
memory = "16GiB"
[instance_types.local]
vcpus = 4
memory = "16GiB"
local_disks = 1
[policies.customers.default]
restart_after = "never"
{rest}
{STEADY}
"#
    )
}

/// A campaign on the first server.
fn campaign(event: &str, rest: &str) -> String {
    format!(
        "[[campaigns]]\nname = \"{event}\"\nevent = \"SystemMaintenance.{event}\"\n\
         servers = {{ most = 1 }}\nmoves_instances = false\n{rest}\n"
    )
}

fn one(of: &str) -> String {
    format!("[[workload.instances]]\ntype = \"{of}\"\ncount = 1\n")
}

/// T2 of the specification: nobody answers.
#[test]
fn a_restart_runs_at_its_time() {
    let reboot = campaign("Reboot", "live_migration = false\nstart = \"1h\"");
    insta::assert_snapshot!(told(&fleet(&(one("cloud") + &reboot))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 01:00:00
    1d 01:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 01:00:10  i0 Stopping -> Starting
    1d 01:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

/// T2 of the specification, of an instance that was Stopped: no change of state.
#[test]
fn a_stopped_instance_stays_stopped() {
    let stop = campaign("Stop", "live_migration = false\nlead = \"1h\"\nstart = \"1h\"");
    let reboot = campaign("Reboot", "live_migration = false\nstart = \"5h\"");
    insta::assert_snapshot!(told(&fleet(&(one("cloud") + &stop + &reboot))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Stop of i0 Scheduled for 0d 02:00:00
    0d 02:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    0d 02:00:10  i0 Stopping -> Stopped; e0 Executing -> Executed; the campaign is done with s0; the campaign is complete
    0d 05:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; e0 Executing -> Executed; the campaign is done with s0; the campaign is complete
    ");
}

#[test]
fn a_campaign_may_migrate_instead() {
    let reboot = campaign("Reboot", "live_migration = true\nstart = \"1h\"");
    insta::assert_snapshot!(told(&fleet(&(one("cloud") + &reboot))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; live of i0; i0 reserves s1
    0d 01:00:19.900000  i0 down by migration
    0d 01:00:20  i0 reserves s1 no more; i0 off s0; i0 on s1 by live; i0 served; live of i0 Finished; the campaign is done with s0; the campaign is complete
    ");
}

#[test]
fn a_job_that_takes_too_long_has_failed() {
    let reboot = campaign("Reboot", "live_migration = false\nstart = \"1h\"\nlead = \"1h\"");
    let text =
        fleet(&(one("local") + &reboot)).replace("starting = \"40s\"", "starting = \"15min\"");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 02:00:00
    0d 02:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    0d 02:00:10  i0 Stopping -> Starting
    0d 02:10:00  e0 Executing -> Failed; the campaign is done with s0; the campaign is complete
    0d 02:15:10  i0 Starting -> Running; i0 served
    ");
}

#[test]
fn a_redeployment_without_room_is_announced_again() {
    let redeploy = campaign("Redeploy", "start = \"1h\"\nlead = \"1h\"");
    let text = fleet(&(one("local") + &redeploy))
        .replace("model = \"m\"\ncount = 2", "model = \"m\"\ncount = 1");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Redeploy of i0 Scheduled for 0d 02:00:00
    0d 02:00:00  e0 Scheduled -> Executing; redeploy of i0; i0 Running -> Stopping; i0 down by maintenance
    0d 02:00:11  i0 finds no room for its redeploy; i0 Stopping -> Starting
    0d 02:00:41  i0 Starting -> Running; redeploy of i0 Failed; i0 served; e0 Executing -> Canceled
    1d 02:00:41  e0 SystemMaintenance.Redeploy of i0 Scheduled for 1d 03:00:41
    1d 03:00:41  e0 Scheduled -> Executing; redeploy of i0; i0 Running -> Stopping; i0 down by maintenance
    1d 03:00:52  i0 finds no room for its redeploy; i0 Stopping -> Starting
    1d 03:01:22  i0 Starting -> Running; redeploy of i0 Failed; i0 served; e0 Executing -> Canceled
    2d 03:01:22  e0 SystemMaintenance.Redeploy of i0 Scheduled for 2d 04:01:22
    2d 04:01:22  e0 Scheduled -> Executing; redeploy of i0; i0 Running -> Stopping; i0 down by maintenance
    2d 04:01:33  i0 finds no room for its redeploy; i0 Stopping -> Starting
    2d 04:02:03  i0 Starting -> Running; redeploy of i0 Failed; i0 served; e0 Executing -> Canceled
    ");
}

#[test]
fn such_a_failure_may_be_told_as_one() {
    let redeploy = campaign("Redeploy", "start = \"1h\"\nlead = \"1h\"");
    let text = fleet(&(one("local") + &redeploy))
        .replace("model = \"m\"\ncount = 2", "model = \"m\"\ncount = 1");
    let text = text.replace("lead = \"24h\"", "lead = \"24h\", allow_undocumented_failed = true");
    let text = text.replace("horizon = \"60h\"", "horizon = \"5h\"");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Redeploy of i0 Scheduled for 0d 02:00:00
    0d 02:00:00  e0 Scheduled -> Executing; redeploy of i0; i0 Running -> Stopping; i0 down by maintenance
    0d 02:00:11  i0 finds no room for its redeploy; i0 Stopping -> Starting
    0d 02:00:41  i0 Starting -> Running; redeploy of i0 Failed; i0 served; e0 Executing -> Failed; the campaign is done with s0; the campaign is complete
    ");
}

#[test]
fn a_restart_waits_for_the_end_of_a_boot() {
    // The instance boots when the time of its event comes, since another campaign restarts it.
    let first = campaign("Reboot", "live_migration = false\nstart = \"1h\"\nlead = \"1h\"");
    let event = "[[events]]\nat = \"1h30min\"\ntype = \"SystemMaintenance.Reboot\"\n\
                 instance = \"a[0]\"\nlead = \"30min20s\"\n";
    let named =
        one("local").replace("[[workload.instances]]", "[[workload.instances]]\nname = \"a\"");
    insta::assert_snapshot!(told(&fleet(&(named + &first + event))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 02:00:00
    0d 01:30:00  e1 SystemMaintenance.Reboot of i0 Scheduled for 0d 02:00:20
    0d 02:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    0d 02:00:10  i0 Stopping -> Starting
    0d 02:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; e1 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance; the campaign is done with s0; the campaign is complete
    0d 02:01:00  i0 Stopping -> Starting
    0d 02:01:40  i0 Starting -> Running; e1 Executing -> Executed; i0 served
    ");
}

#[test]
fn an_event_may_be_withdrawn() {
    let reboot = campaign("Reboot", "live_migration = false\nstart = \"1h\"");
    let text = fleet(&(one("local") + &reboot)).replace("cancel_p = 0", "cancel_p = 1");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 01:00:00
    0d 07:28:05.630804  e0 Scheduled -> Canceled; the campaign is done with s0; the campaign is complete
    ");
}

#[test]
fn an_event_may_ask_for_leave() {
    let reboot = campaign("Reboot", "live_migration = false\nstart = \"1h\"");
    let text = fleet(&(one("local") + &reboot)).replace("cancel_p = 0", "start_inquiring_p = 1");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Inquiring
    ");
}
