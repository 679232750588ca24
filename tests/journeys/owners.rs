//! L16: under the action Stop a failure leaves an instance Stopped; its owner starts it again.

use crate::story::told;

fn fleet(servers: u32, restart_after: &str, fate: &str) -> String {
    format!(
        r#"
[server_models.weak]
vcpus = 4
memory = "16GiB"
crash = {{ life = "5h", {fate} }}
risk = "never"
[server_models.strong]
vcpus = 4
memory = "16GiB"
crash = "never"
risk = "never"
[[servers]]
model = "weak"
count = 1
zones = ["z"]
[[servers]]
model = "strong"
count = {servers}
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
action_on_maintenance = "Stop"
[[workload.instances]]
type = "t"
count = 1
[policies.customers.default]
restart_after = "{restart_after}"
"#
    )
}

#[test]
fn the_owner_starts_it_where_it_was() {
    let text = fleet(1, "1h", "restarts_itself = 1, restart = \"3min\"");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure
    0d 05:00:30  e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed
    0d 05:03:00  s0 Restarting -> Up; s0 works
    0d 06:00:30  StartInstance of i0; i0 Stopped -> Starting
    0d 06:01:10  i0 Starting -> Running; i0 served
    ");
}

#[test]
fn the_owner_starts_it_elsewhere() {
    let text = fleet(1, "1h", "restarts_itself = 0, repair = \"2h\"");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed
    0d 06:00:30  StartInstance of i0; i0 off s0; i0 on s1 by restart; i0 Stopped -> Starting
    0d 06:01:10  i0 Starting -> Running; i0 served
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
    ");
}

#[test]
fn the_owner_is_refused_until_the_server_is_back() {
    let text = fleet(0, "50min", "restarts_itself = 0, repair = \"2h\"");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed
    0d 05:50:30  StartInstance of i0 refused: OperationDenied.NoStock; i0 finds no room for its restart
    0d 06:40:30  StartInstance of i0 refused: OperationDenied.NoStock; i0 finds no room for its restart
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
    0d 07:30:30  StartInstance of i0; i0 Stopped -> Starting
    0d 07:31:10  i0 Starting -> Running; i0 served
    ");
}

#[test]
fn the_owner_never_comes() {
    let text = fleet(1, "never", "restarts_itself = 1, restart = \"3min\"");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure
    0d 05:00:30  e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed
    0d 05:03:00  s0 Restarting -> Up; s0 works
    ");
}

#[test]
fn boots_that_fail_leave_it_to_the_owner() {
    let text = r#"
[server_models.m]
vcpus = 4
memory = "16GiB"
crash = { life = "5h", restarts_itself = 1, restart = "3min" }
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
[[workload.instances]]
type = "t"
count = 1
[policies.customers.default]
restart_after = "1h"
[settings]
instance = { pending = "3s", starting = "40s", boot_fail_p = 1 }
recover = { detect = "30s" }
guest = { crash_rate = "never" }
"#;
    insta::assert_snapshot!(told(text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    0d 05:03:00  s0 Restarting -> Up; s0 works; i0 Running -> Starting
    0d 05:03:40  i0 Starting -> Stopped; e0 Executing -> Failed
    0d 06:03:40  StartInstance of i0; i0 Stopped -> Starting
    0d 06:04:20  i0 Starting -> Stopped
    0d 07:04:20  StartInstance of i0; i0 Stopped -> Starting
    0d 07:05:00  i0 Starting -> Stopped
    0d 08:05:00  StartInstance of i0; i0 Stopped -> Starting
    0d 08:05:40  i0 Starting -> Stopped
    0d 09:05:40  StartInstance of i0; i0 Stopped -> Starting
    0d 09:06:20  i0 Starting -> Stopped
    ");
}
