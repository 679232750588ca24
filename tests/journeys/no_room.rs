//! Requests that find no room: rejected, or waiting for it.

use crate::story::told;

/// A server for one; three requests, one an hour, each of which lives 90 minutes.
fn fleet(when_full: &str, rest: &str) -> String {
    format!(
        r#"
[scenario]
name = "full"
horizon = "4h"
[server_models.m]
vcpus = 4
memory = "16GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
[workload]
when_full = {when_full}
life_from = "running"
[[workload.arrivals]]
name = "requests"
type = "t"
gap = "1h"
life = "90min"
{rest}
"#
    )
}

#[test]
fn a_rejected_request_is_released_after_five_minutes() {
    insta::assert_snapshot!(told(&fleet("\"reject\"", "")), @r"
    0d 01:00:00  i0 is asked for; i0 on s0
    0d 01:00:03  i0 Pending -> Starting
    0d 01:00:43  i0 Starting -> Running; i0 owes; i0 served
    0d 02:00:00  i1 is asked for; i1 finds no room for its launch; e0 SystemFailure.Delete of i1 Executing; i1 Pending -> Stopped
    0d 02:05:00  e0 Executing -> Executed; i1 Stopped -> Released
    0d 02:30:43  i0 owes no more; i0 off s0; i0 Running -> Released
    0d 03:00:00  i0 is asked for; i0 on s0
    0d 03:00:03  i0 Pending -> Starting
    0d 03:00:43  i0 Starting -> Running; i0 owes; i0 served
    ");
}

#[test]
fn requests_wait_for_their_turn() {
    insta::assert_snapshot!(told(&fleet("{ wait = \"2h\" }", "")), @r"
    0d 01:00:00  i0 is asked for; i0 on s0
    0d 01:00:03  i0 Pending -> Starting
    0d 01:00:43  i0 Starting -> Running; i0 owes; i0 served
    0d 02:00:00  i1 is asked for; i1 finds no room for its launch
    0d 02:30:43  i0 owes no more; i0 off s0; i0 Running -> Released; i1 on s0 after 30min 43s
    0d 02:30:46  i1 Pending -> Starting
    0d 02:31:26  i1 Starting -> Running; i1 owes; i1 served
    0d 03:00:00  i0 is asked for; i0 finds no room for its launch
    ");
}

#[test]
fn a_request_waits_no_longer_than_it_may() {
    insta::assert_snapshot!(told(&fleet("{ wait = \"10min\" }", "")), @r"
    0d 01:00:00  i0 is asked for; i0 on s0
    0d 01:00:03  i0 Pending -> Starting
    0d 01:00:43  i0 Starting -> Running; i0 owes; i0 served
    0d 02:00:00  i1 is asked for; i1 finds no room for its launch
    0d 02:10:00  e0 SystemFailure.Delete of i1 Executing; i1 Pending -> Stopped
    0d 02:15:00  e0 Executing -> Executed; i1 Stopped -> Released
    0d 02:30:43  i0 owes no more; i0 off s0; i0 Running -> Released
    0d 03:00:00  i0 is asked for; i0 on s0
    0d 03:00:03  i0 Pending -> Starting
    0d 03:00:43  i0 Starting -> Running; i0 owes; i0 served
    ");
}

#[test]
fn recoveries_come_before_launches() {
    // Both servers fail; the one instance that recovers gets the first room before the launch that
    // has waited longer.
    let text = r#"
[server_models.weak]
vcpus = 4
memory = "16GiB"
crash = { life = "5h", restarts_itself = 0, repair = "never" }
risk = "never"
[server_models.tired]
vcpus = 4
memory = "16GiB"
crash = { life = "3h", restarts_itself = 0, repair = "3h" }
risk = "never"
[[servers]]
model = "weak"
count = 1
zones = ["z"]
[[servers]]
model = "tired"
count = 1
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
[workload]
when_full = { wait = "1d" }
[[workload.instances]]
type = "t"
count = 1
[[workload.arrivals]]
name = "requests"
type = "t"
gap = "4h"
life = "1h"
"#;
    insta::assert_snapshot!(told(text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 03:00:00  s1 Up -> Broken; s1 fails; s1 awaits a crew; s1 repair begins; s1 Broken -> InRepair
    0d 04:00:00  i1 is asked for; i1 finds no room for its launch
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    0d 06:00:00  s1 repair ends; s1 InRepair -> Up; s1 works; failover of i0; i0 off s0; i0 on s1 by failover after 59min 30s; i0 Running -> Starting
    0d 06:00:40  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    0d 08:00:00  i2 is asked for; i2 finds no room for its launch
    0d 09:00:00  s1 Up -> Broken; s1 fails; i0 down by server-failure; s1 awaits a crew; s1 repair begins; s1 Broken -> InRepair
    0d 09:00:30  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    ");
}

#[test]
fn an_arrival_does_not_overtake_who_waits() {
    // At 1 h 30 min the first leaves, the second has waited for half an hour, the third arrives.
    let text = fleet("{ wait = \"2h\" }", "")
        .replace("horizon = \"4h\"", "horizon = \"100min\"")
        .replace("gap = \"1h\"", "gap = \"30min\"")
        .replace("life = \"90min\"", "life = \"1h\"");
    let settings = "[settings]\ninstance = { pending = \"0s\", starting = \"0s\" }\n\
                    guest = { crash_rate = \"never\" }\n";
    let story = told(&format!("{text}{settings}"));
    assert!(story.contains("i1 on s0 after 30min"), "{story}");
}
