//! Lives that end in a transitory state end the instance at its next stable one.

use crate::story::told;

/// One request after an hour, which lives `life` from its arrival.
fn fleet(life: &str, crash: &str) -> String {
    format!(
        r#"
[scenario]
name = "short"
horizon = "110min"
[server_models.m]
vcpus = 4
memory = "16GiB"
crash = {crash}
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
[workload]
life_from = "arrival"
when_full = {{ wait = "30min" }}
[[workload.arrivals]]
name = "requests"
type = "t"
gap = "1h"
life = "{life}"
"#
    )
}

#[test]
fn in_pending() {
    insta::assert_snapshot!(told(&fleet("1s", "\"never\"")), @r"
    0d 01:00:00  i0 is asked for; i0 on s0
    0d 01:00:03  i0 Pending -> Starting
    0d 01:00:43  i0 Starting -> Running; i0 owes; i0 served; i0 owes no more; i0 off s0; i0 Running -> Released
    ");
}

#[test]
fn in_starting() {
    insta::assert_snapshot!(told(&fleet("20s", "\"never\"")), @r"
    0d 01:00:00  i0 is asked for; i0 on s0
    0d 01:00:03  i0 Pending -> Starting
    0d 01:00:43  i0 Starting -> Running; i0 owes; i0 served; i0 owes no more; i0 off s0; i0 Running -> Released
    ");
}

#[test]
fn at_once() {
    insta::assert_snapshot!(told(&fleet("0s", "\"never\"")), @r"
    0d 01:00:00  i0 is asked for; i0 on s0
    0d 01:00:03  i0 Pending -> Starting
    0d 01:00:43  i0 Starting -> Running; i0 owes; i0 served; i0 owes no more; i0 off s0; i0 Running -> Released
    ");
}

#[test]
fn running_on_a_server_that_has_failed() {
    let crash = "{ life = \"70min\", restarts_itself = 0, repair = \"20min\" }";
    insta::assert_snapshot!(told(&fleet("15min", crash)), @r"
    0d 01:00:00  i0 is asked for; i0 on s0
    0d 01:00:03  i0 Pending -> Starting
    0d 01:00:43  i0 Starting -> Running; i0 owes; i0 served
    0d 01:10:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 01:10:30  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    0d 01:15:00  e0 Executing -> Executed; i0 owes no more; i0 off s0; i0 Running -> Released
    0d 01:30:00  s0 repair ends; s0 InRepair -> Up; s0 works
    ");
}

#[test]
fn while_it_boots_after_a_failure() {
    let crash = "{ life = \"70min\", restarts_itself = 1, restart = \"2min\" }";
    insta::assert_snapshot!(told(&fleet("12min20s", crash)), @r"
    0d 01:00:00  i0 is asked for; i0 on s0
    0d 01:00:03  i0 Pending -> Starting
    0d 01:00:43  i0 Starting -> Running; i0 owes; i0 served
    0d 01:10:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure
    0d 01:10:30  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    0d 01:12:00  s0 Restarting -> Up; s0 works; i0 Running -> Starting
    0d 01:12:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i0 owes no more; i0 off s0; i0 Running -> Released
    ");
}

#[test]
fn while_its_boot_is_broken_off() {
    // The server fails during the boot and the life ends while the instance waits in Starting.
    let crash = "{ life = \"1h20s\", restarts_itself = 1, restart = \"2min\" }";
    insta::assert_snapshot!(told(&fleet("1min", crash)), @r"
    0d 01:00:00  i0 is asked for; i0 on s0
    0d 01:00:03  i0 Pending -> Starting
    0d 01:00:20  s0 Up -> Restarting; s0 fails
    0d 01:00:50  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    0d 01:02:20  s0 Restarting -> Up; s0 works
    0d 01:03:00  i0 Starting -> Running; e0 Executing -> Executed; i0 owes; i0 served; i0 owes no more; i0 off s0; i0 Running -> Released
    ");
}

#[test]
fn while_it_waits_for_room() {
    let crash = "{ life = \"50min\", restarts_itself = 0, repair = \"20min\" }";
    insta::assert_snapshot!(told(&fleet("5min", crash)), @r"
    0d 00:50:00  s0 Up -> Broken; s0 fails; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 01:00:00  i0 is asked for; i0 finds no room for its launch
    0d 01:10:00  s0 repair ends; s0 InRepair -> Up; s0 works; i0 on s0 after 10min
    0d 01:10:03  i0 Pending -> Starting
    0d 01:10:43  i0 Starting -> Running; i0 owes; i0 served; i0 owes no more; i0 off s0; i0 Running -> Released
    ");
}
