//! Zones: an instance stays in that of its disks, whatever moves it (S28).
//!
//! Every run here, as all others, is audited for that by `observe::audit`.

use crate::{risks::STEADY, story::told};

/// A server in each of two zones, of which the first takes everybody as long as it can.
fn fleet(model: &str, rest: &str) -> String {
    format!(
        r#"
[scenario]
name = "zones"
horizon = "50h"
[server_models.weak]
vcpus = 8
memory = "32GiB"
{model}
[server_models.strong]
vcpus = 8
memory = "32GiB"
crash = "never"
risk = "never"
[[servers]]
model = "weak"
count = 1
zones = ["y"]
[[servers]]
model = "strong"
count = 1
zones = ["z"]
[instance_types.cloud]
vcpus = 4
memory = "16GiB"
[instance_types.whole]
vcpus = 8
memory = "32GiB"
[policies]
placement = "first-fit"
{rest}
{STEADY}
"#
    )
}

const ONE: &str = "[[workload.instances]]\nname = \"a\"\ntype = \"cloud\"\ncount = 1\n";
const STEADY_SERVER: &str = "crash = \"never\"\nrisk = \"never\"";

#[test]
fn a_failover_waits_for_room_in_its_zone() {
    let crash = "crash = { life = \"5h\", restarts_itself = 0, repair = \"4h\" }\nrisk = \"never\"";
    let text = fleet(crash, ONE).replace("horizon = \"50h\"", "horizon = \"13h\"");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    0d 09:00:00  s0 repair ends; s0 InRepair -> Up; s0 works; i0 Running -> Starting
    0d 09:00:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    ");
}

/// Two wait for as much, each in its zone: the one that has waited longer keeps no room from the other.
#[test]
fn who_waits_in_a_full_zone_keeps_nobody_waiting_elsewhere() {
    let text = r#"
[scenario]
name = "zones"
horizon = "9h"
[server_models.first]
vcpus = 8
memory = "32GiB"
crash = { life = "5h", restarts_itself = 0, repair = "20h" }
risk = "never"
[server_models.second]
vcpus = 8
memory = "32GiB"
crash = { life = "6h", restarts_itself = 0, repair = "20h" }
risk = "never"
[server_models.spare]
vcpus = 8
memory = "32GiB"
crash = "never"
risk = "never"
[[servers]]
model = "first"
count = 1
zones = ["y"]
[[servers]]
model = "second"
count = 1
zones = ["z"]
[[servers]]
model = "spare"
count = 1
zones = ["z"]
[instance_types.whole]
vcpus = 8
memory = "32GiB"
[[workload.instances]]
type = "whole"
count = 2
[[workload.instances]]
type = "whole"
count = 1
life = "7h"
[policies]
placement = "first-fit"
"#;
    insta::assert_snapshot!(told(&format!("{text}{STEADY}")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s1 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s2 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    0d 06:00:00  s1 Up -> Broken; s1 fails; i1 down by server-failure; s1 awaits a crew; s1 repair begins; s1 Broken -> InRepair
    0d 06:00:30  e1 SystemFailure.Reboot of i1 Executing; i1 finds no room for its failover
    0d 07:00:00  i2 owes no more; i2 off s2; i2 Running -> Released; failover of i1; i1 off s1; i1 on s2 by failover after 59min 30s; i1 Running -> Starting
    0d 07:00:40  i1 Starting -> Running; failover of i1 Finished; e1 Executing -> Executed; i1 served
    ");
}

/// After an economical stop an instance is nowhere; its disks are where they were.
#[test]
fn who_gave_its_room_up_starts_in_its_zone() {
    let stops = "[[scripts]]\nat = \"1h\"\ndo = \"StopInstance\"\nInstanceId = \"a[0]\"\n\
                 StoppedMode = \"StopCharging\"\n[[scripts]]\nat = \"2h\"\ndo = \"RunInstances\"\n\
                 InstanceType = \"whole\"\nname = \"b\"\n[[scripts]]\nat = \"3h\"\n\
                 do = \"StartInstance\"\nInstanceId = \"a[0]\"\n[[scripts]]\nat = \"4h\"\n\
                 do = \"DeleteInstance\"\nInstanceId = \"b#0\"\nForce = true\n[[scripts]]\nat = \"5h\"\n\
                 do = \"StartInstance\"\nInstanceId = \"a[0]\"\n";
    let text = fleet(STEADY_SERVER, &format!("{ONE}{stops}"));
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping
    0d 01:00:10  i0 Stopping -> Stopped; i0 off s0
    0d 02:00:00  RunInstances; i1 is asked for; i1 on s0
    0d 02:00:03  i1 Pending -> Starting
    0d 02:00:43  i1 Starting -> Running; i1 owes; i1 served
    0d 03:00:00  StartInstance of i0 refused: OperationDenied.NoStock; i0 finds no room for its restart; i0 owes; i0 down by no-capacity
    0d 04:00:00  DeleteInstance of i1; i1 owes no more; i1 off s0; i1 Running -> Released
    0d 05:00:00  StartInstance of i0; i0 on s0 by restart; i0 Stopped -> Starting
    0d 05:00:40  i0 Starting -> Running; i0 served
    ");
}

#[test]
fn who_is_stopped_is_not_moved_to_another_zone() {
    let risk =
        "crash = \"never\"\nrisk = { life = \"5h\", curable = 0, crash_p = 0, repair = \"9h\" }";
    let stop = "[[scripts]]\nat = \"1h\"\ndo = \"StopInstance\"\nInstanceId = \"a[0]\"\n";
    let text = fleet(risk, &format!("{ONE}{stop}"));
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping
    0d 01:00:10  i0 Stopping -> Stopped
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; e0 Executing -> Executed; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    1d 14:00:00  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    1d 19:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 2d 19:00:00
    ");
}
