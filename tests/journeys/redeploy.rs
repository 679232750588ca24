//! Redeployments asked for by commands: to another server and Running, or back and as before.

use crate::{operations::fleet, story::told};

/// The server is announced to be vacated; the instance has local data.
fn announced(scripts: &str) -> String {
    let campaign = r#"
[[campaigns]]
name = "vacate"
event = "SystemMaintenance.Redeploy"
servers = { most = 1 }
live_migration = false
start = "1h"
"#;
    fleet(&format!("{campaign}{scripts}")).replacen("type = \"cloud\"", "type = \"local\"", 1)
}

#[test]
fn before_its_time_it_avoids_the_event() {
    let text = announced(
        r#"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
[[scripts]]
at = "2h"
do = "CancelTask"
TaskId = "of web[0]"
[[scripts]]
at = "3h"
do = "CancelTask"
TaskId = "of web[0]"
[[scripts]]
at = "4h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Redeploy of i0 Scheduled for 1d 01:00:00
    0d 02:00:00  RedeployInstance of i0; redeploy of i0; i0 Running -> Stopping; i0 down by customer-action; CancelTask of i0 refused: InvalidTaskId.TaskActionNotSupport
    0d 02:00:11  i0 reserves s1
    0d 02:01:11  i0 Stopping -> Starting
    0d 02:01:51  i0 loses 1073741824000 B; i0 reserves s1 no more; i0 off s0; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e0 Scheduled -> Avoided; i0 served; the campaign is done with s0; the campaign is complete
    0d 03:00:00  CancelTask refused: InvalidTaskId.IncorrectTaskStatus
    0d 04:00:00  RedeployInstance of i0 refused: InvalidOperation.RedeployInstance
    ");
}

#[test]
fn from_stopped_it_ends_running() {
    let text = announced(
        r#"
[[scripts]]
at = "2h"
do = "StopInstance"
InstanceId = "web[0]"
[[scripts]]
at = "3h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Redeploy of i0 Scheduled for 1d 01:00:00
    0d 02:00:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping
    0d 02:00:10  i0 Stopping -> Stopped
    0d 03:00:00  RedeployInstance of i0; redeploy of i0; i0 Stopped -> Starting
    0d 03:00:01  i0 reserves s1
    0d 03:01:41  i0 loses 1073741824000 B; i0 reserves s1 no more; i0 off s0; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e0 Scheduled -> Avoided; i0 owes; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

#[test]
fn one_that_fails_leaves_the_event_to_its_time() {
    let text = announced(
        r#"
[[scripts]]
at = "2h"
do = "RedeployInstance"
InstanceId = "web[0]"
"#,
    );
    // There is no other server.
    let text = text.replacen("count = 2\nzones", "count = 1\nzones", 1);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Redeploy of i0 Scheduled for 1d 01:00:00
    0d 02:00:00  RedeployInstance of i0; redeploy of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 02:00:11  i0 finds no room for its redeploy; i0 Stopping -> Starting
    0d 02:00:41  i0 Starting -> Running; redeploy of i0 Failed; i0 served
    1d 01:00:00  e0 Scheduled -> Executing; redeploy of i0; i0 Running -> Stopping; i0 down by maintenance
    1d 01:00:11  i0 finds no room for its redeploy; i0 Stopping -> Starting
    1d 01:00:41  i0 Starting -> Running; redeploy of i0 Failed; i0 served; e0 Executing -> Canceled
    2d 01:00:41  e0 SystemMaintenance.Redeploy of i0 Scheduled for 3d 01:00:41
    ");
}
