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
    insta::assert_snapshot!(told(&text), @"");
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
    insta::assert_snapshot!(told(&text), @"");
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
    insta::assert_snapshot!(told(&text), @"");
}
