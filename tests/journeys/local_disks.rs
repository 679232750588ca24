//! Local disks: an instance waits for its server, or gives its data up (L24).

use crate::story::told;

fn fleet(fate: &str, action: &str) -> String {
    format!(
        r#"
[server_models.weak]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 2, size = "1TB", failure = "never" }}
crash = {{ life = "5h", {fate} }}
risk = "never"
[server_models.strong]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 2, size = "1TB", failure = "never" }}
crash = "never"
risk = "never"
[[servers]]
model = "weak"
count = 1
zones = ["z"]
[[servers]]
model = "strong"
count = 1
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
local_disks = 2
action_on_maintenance = "{action}"
[[workload.instances]]
type = "t"
count = 1
"#
    )
}

#[test]
fn it_waits_for_the_restart() {
    let text = fleet("restarts_itself = 1, restart = \"3min\"", "AutoRedeploy");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing
    0d 05:03:00  s0 Restarting -> Up; s0 works; i0 Running -> Starting
    0d 05:03:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn it_waits_for_the_repair() {
    let text = fleet("restarts_itself = 0, repair = \"2h\"", "AutoRecover");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Redeploy of i0 Inquiring; i0 Running -> Stopped
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works; e0 Inquiring -> Canceled; i0 Stopped -> Starting
    0d 07:00:40  i0 Starting -> Running; i0 served
    ");
}

#[test]
fn it_is_moved_after_ten_minutes_without_its_data() {
    let text = fleet("restarts_itself = 0, repair = \"2h\"", "AutoRedeploy");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Redeploy of i0 Scheduled for 0d 05:10:30; i0 Running -> Stopped
    0d 05:10:30  e0 Scheduled -> Executing; failover of i0; i0 loses 2000000000000 B; i0 off s0; i0 on s1 by failover; i0 Stopped -> Starting
    0d 05:11:10  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
    ");
}

#[test]
fn the_repair_is_quicker_than_the_ten_minutes() {
    let text = fleet("restarts_itself = 0, repair = \"9min\"", "AutoRedeploy");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Redeploy of i0 Scheduled for 0d 05:10:30; i0 Running -> Stopped
    0d 05:09:00  s0 repair ends; s0 InRepair -> Up; s0 works; e0 Scheduled -> Canceled; i0 Stopped -> Starting
    0d 05:09:40  i0 Starting -> Running; i0 served
    ");
}

#[test]
fn its_owner_is_bound_to_its_server() {
    let text = fleet("restarts_itself = 0, repair = \"90min\"", "Stop");
    insta::assert_snapshot!(told(&text), @r#"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed
    0d 06:00:30  StartInstance of i0 refused: IncorrectInstanceStatus
    0d 06:30:00  s0 repair ends; s0 InRepair -> Up; s0 works
    0d 07:00:30  StartInstance of i0; i0 Stopped -> Starting
    0d 07:01:10  i0 Starting -> Running; i0 served
    "#);
}
