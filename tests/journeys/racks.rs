//! Outages of racks, alone and together with crashes of their servers.

use crate::story::told;

fn fleet(outage: &str, crash: &str, rest: &str) -> String {
    format!(
        r#"
[server_models.m]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 1, size = "1TB", failure = "never" }}
crash = {crash}
risk = "never"
[server_models.strong]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 1, size = "1TB", failure = "never" }}
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 2
zones = ["a"]
rack_outage = {{ life = "5h", repair = "{outage}" }}
[[servers]]
model = "strong"
count = 1
zones = ["a"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
[instance_types.disk]
vcpus = 4
memory = "16GiB"
local_disks = 1
action_on_maintenance = "AutoRedeploy"
{rest}
"#
    )
}

const TWO: &str = "[[workload.instances]]\ntype = \"t\"\ncount = 2\n";
const ONE_WITH_A_DISK: &str = "[[workload.instances]]\ntype = \"disk\"\ncount = 1\n";

#[test]
fn one_instance_fails_over_and_one_waits() {
    insta::assert_snapshot!(told(&fleet("30min", "\"never\"", TWO)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s1 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 05:00:00  r0 down; s0 fails; i0 down by rack-failure; s1 fails; i1 down by rack-failure
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s2 by failover; i0 Running -> Starting; e1 SystemFailure.Reboot of i1 Executing; i1 finds no room for its failover
    0d 05:01:10  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    0d 05:30:00  r0 up; s0 works; s1 works; i1 Running -> Starting
    0d 05:30:40  i1 Starting -> Running; e1 Executing -> Executed; i1 served
    ");
}

#[test]
fn an_instance_with_local_disks_waits_for_its_rack() {
    insta::assert_snapshot!(told(&fleet("30min", "\"never\"", ONE_WITH_A_DISK)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  r0 down; s0 fails; i0 down by rack-failure; s1 fails
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing
    0d 05:30:00  r0 up; s0 works; s1 works; i0 Running -> Starting
    0d 05:30:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn a_server_crashes_and_is_repaired_while_its_rack_is_down() {
    let crash = "{ life = \"5h10min\", restarts_itself = 1, restart = \"3min\" }";
    insta::assert_snapshot!(told(&fleet("30min", crash, ONE_WITH_A_DISK)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  r0 down; s0 fails; i0 down by rack-failure; s1 fails
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing
    0d 05:10:00  s0 Up -> Restarting; s1 Up -> Restarting
    0d 05:13:00  s0 Restarting -> Up; s1 Restarting -> Up
    0d 05:30:00  r0 up; s0 works; s1 works; i0 Running -> Starting
    0d 05:30:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn a_server_is_still_broken_when_its_rack_is_back() {
    let crash = "{ life = \"4h50min\", restarts_itself = 0, repair = \"2h\" }";
    insta::assert_snapshot!(told(&fleet("30min", crash, TWO)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s1 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 04:50:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s1 Up -> Broken; s1 fails; i1 down by server-failure; s1 awaits a crew; s0 repair begins; s0 Broken -> InRepair; s1 repair begins; s1 Broken -> InRepair
    0d 04:50:30  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s2 by failover; i0 Running -> Starting; e1 SystemFailure.Reboot of i1 Executing; i1 finds no room for its failover
    0d 04:51:10  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    0d 05:00:00  r0 down
    0d 05:30:00  r0 up
    0d 06:50:00  s0 repair ends; s0 InRepair -> Up; s0 works; s1 repair ends; s1 InRepair -> Up; s1 works; i1 Running -> Starting
    0d 06:50:40  i1 Starting -> Running; e1 Executing -> Executed; i1 served
    ");
}

#[test]
fn the_outage_is_over_before_it_is_noticed() {
    insta::assert_snapshot!(told(&fleet("20s", "\"never\"", TWO)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s1 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 05:00:00  r0 down; s0 fails; i0 down by rack-failure; s1 fails; i1 down by rack-failure
    0d 05:00:20  r0 up; s0 works; s1 works; e0 SystemFailure.Reboot of i0 Executing; i0 Running -> Starting; e1 SystemFailure.Reboot of i1 Executing; i1 Running -> Starting
    0d 05:01:00  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served
    ");
}

#[test]
fn a_server_crashes_at_the_very_instant_its_rack_is_back() {
    // The rack's outage ends as the servers crash: who waits for room has not yet been asked back.
    let crash = "{ life = \"5h30min\", restarts_itself = 0, repair = \"1h\" }";
    let story = told(&fleet("30min", crash, TWO));
    assert!(
        story.contains("0d 06:30:40  i1 Starting -> Running; e1 Executing -> Executed; i1 served"),
        "{story}"
    );
}

#[test]
fn a_server_breaks_for_good_while_its_rack_is_down() {
    // Once the crash is noticed, an instance under AutoRedeploy has ten minutes to wait.
    let crash = "{ life = \"5h10min\", restarts_itself = 0, repair = \"never\" }";
    let story = told(&fleet("30min", crash, ONE_WITH_A_DISK));
    assert!(story.contains("0d 05:21:10  i0 Starting -> Running"), "{story}");
}
