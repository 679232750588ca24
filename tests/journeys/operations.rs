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
    insta::assert_snapshot!(told(&text), @"");
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
    insta::assert_snapshot!(told(&text), @"");
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
    insta::assert_snapshot!(told(&text), @"");
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
    insta::assert_snapshot!(told(&text), @"");
}
