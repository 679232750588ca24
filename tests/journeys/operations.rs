//! Commands of the scenario: what the cloud does when it is asked.

use crate::{risks::STEADY, story::told};

/// Two servers for two instances each, one instance at the start, and commands.
pub fn fleet(scripts: &str) -> String {
    format!(
        r#"
[scenario]
name = "operations"
horizon = "60h"
[server_models.m]
vcpus = 8
memory = "32GiB"
local_disks = {{ count = 2, size = "1000GiB" }}
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
[[workload.instances]]
name = "web"
type = "cloud"
count = 1
[policies.customers.default]
restart_after = "never"
{scripts}
{STEADY}
"#
    )
}

#[test]
fn instances_are_created_used_and_released() {
    let text = fleet(
        r#"
[[scripts]]
at = "1h"
name = "batch"
do = "RunInstances"
InstanceType = "cloud"
Amount = 2
[[scripts]]
at = "2h"
name = "one"
do = "CreateInstance"
InstanceType = "local"
[[scripts]]
at = "3h"
do = "StartInstance"
InstanceId = "one#0"
[[scripts]]
at = "4h"
do = "DeleteInstance"
InstanceId = "one#0"
[[scripts]]
at = "5h"
do = "DeleteInstance"
InstanceId = "one#0"
Force = true
[[scripts]]
at = "6h"
do = "StopInstance"
InstanceId = "batch#1"
ForceStop = true
[[scripts]]
at = "7h"
do = "DeleteInstance"
InstanceId = "batch#1"
"#,
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  RunInstances; i1 is asked for; i1 on s0; i2 is asked for; i2 on s1
    0d 01:00:03  i1 Pending -> Starting; i2 Pending -> Starting
    0d 01:00:43  i1 Starting -> Running; i1 owes; i1 served; i2 Starting -> Running; i2 owes; i2 served
    0d 02:00:00  CreateInstance; i3 is asked for; i3 on s1
    0d 02:00:03  i3 Pending -> Stopped
    0d 03:00:00  StartInstance of i3; i3 Stopped -> Starting
    0d 03:00:40  i3 Starting -> Running; i3 owes; i3 served
    0d 04:00:00  DeleteInstance of i3 refused: IncorrectInstanceStatus
    0d 05:00:00  DeleteInstance of i3; i3 owes no more; i3 off s1; i3 Running -> Released
    0d 06:00:00  StopInstance of i2; i2 owes no more; i2 Running -> Stopping; i2 loses what it had not written
    0d 06:00:01  i2 Stopping -> Stopped
    0d 07:00:00  DeleteInstance of i2; i2 off s1; i2 Stopped -> Released
    ");
}

#[test]
fn an_economical_stop_frees_the_room() {
    let text = fleet(
        r#"
[[scripts]]
at = "1h"
do = "StopInstance"
InstanceId = "web[0]"
StoppedMode = "StopCharging"
[[scripts]]
at = "2h"
do = "RunInstances"
InstanceType = "cloud"
Amount = 4
[[scripts]]
at = "3h"
do = "StartInstance"
InstanceId = "web[0]"
"#,
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping
    0d 01:00:10  i0 Stopping -> Stopped; i0 off s0
    0d 02:00:00  RunInstances; i1 is asked for; i1 on s0; i2 is asked for; i2 on s0; i3 is asked for; i3 on s1; i4 is asked for; i4 on s1
    0d 02:00:03  i1 Pending -> Starting; i2 Pending -> Starting; i3 Pending -> Starting; i4 Pending -> Starting
    0d 02:00:43  i1 Starting -> Running; i1 owes; i1 served; i2 Starting -> Running; i2 owes; i2 served; i3 Starting -> Running; i3 owes; i3 served; i4 Starting -> Running; i4 owes; i4 served
    0d 03:00:00  StartInstance of i0 refused: OperationDenied.NoStock; i0 finds no room for its restart; i0 owes; i0 down by no-capacity
    ");
}

#[test]
fn a_restart_in_time_avoids_a_planned_one() {
    let text = fleet(
        r#"
[[campaigns]]
name = "reboots"
event = "SystemMaintenance.Reboot"
servers = { most = 1 }
live_migration = false
start = "1h"
[[scripts]]
at = "2h"
do = "ModifySystemEventAttribute"
InstanceId = "web[0]"
EventId = "SystemMaintenance.Reboot of web[0]"
NotBefore = "30h"
[[scripts]]
at = "3h"
do = "RebootInstance"
InstanceId = "web[0]"
"#,
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 01:00:00
    0d 02:00:00  ModifySystemEventAttribute of i0; e0 is put off to 1d 06:00:00
    0d 03:00:00  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 03:00:10  i0 off s0; i0 on s1 by reboot-move; i0 Stopping -> Starting
    0d 03:00:50  i0 Starting -> Running; e0 Scheduled -> Avoided; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

#[test]
fn simulated_events_are_made_and_canceled() {
    let text = fleet(
        r#"
[[scripts]]
at = "1h"
do = "CreateSimulatedSystemEvent"
InstanceId = "web[0]"
EventType = "SystemMaintenance.Reboot"
NotBefore = "5h"
[[scripts]]
at = "1h"
do = "CreateSimulatedSystemEvents"
InstanceId = ["web[0]"]
EventType = "SystemFailure.Stop"
NotBefore = "4h"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
[[scripts]]
at = "3h"
do = "CancelSimulatedSystemEvents"
EventId = "SystemFailure.Stop of web[0]"
[[scripts]]
at = "4h"
do = "RebootInstance"
InstanceId = "web[0]"
"#,
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  CreateSimulatedSystemEvents of i0; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 05:00:00; CreateSimulatedSystemEvents of i0; e1 SystemFailure.Stop of i0 Executing for 0d 04:00:00
    0d 02:00:00  RedeployInstance of i0 refused: InvalidOperation.RedeployInstance
    0d 03:00:00  CancelSimulatedSystemEvents of i0; e1 Executing -> Canceled
    0d 04:00:00  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 04:00:10  i0 Stopping -> Starting
    0d 04:00:50  i0 Starting -> Running; e0 Scheduled -> Avoided; i0 served
    ");
}
