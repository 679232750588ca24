//! L25: a guest crashes and is restarted where it is.

use crate::story::told;

const FLEET: &str = r#"
[scenario]
name = "guest"
horizon = "3h"
seed = 7
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
[[workload.instances]]
type = "t"
count = 1
[settings]
instance = { pending = "3s", starting = "40s" }
recover = { detect = "30s" }
guest = { crash_rate = "1/h" }
"#;

#[test]
fn the_guest_is_restarted_in_place() {
    insta::assert_snapshot!(told(FLEET), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:37:36.266225  i0 down by guest-failure
    0d 01:38:06.266225  e0 InstanceFailure.Reboot of i0 Executing; i0 Running -> Starting
    0d 01:38:46.266225  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    0d 01:49:14.329496  i0 down by guest-failure
    0d 01:49:44.329496  e0 InstanceFailure.Reboot of i0 Executing; i0 Running -> Starting
    0d 01:50:24.329496  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn the_server_crashes_before_the_guest_is_noticed() {
    // The server's life ends between the guest's first crash and its notice: the cause stays.
    let text = FLEET
        .replace(
            "crash = \"never\"",
            "crash = { life = \"LIFE\", restarts_itself = 1, restart = \"3min\" }",
        )
        .replace("horizon = \"3h\"", "horizon = \"100min\"")
        .replace("LIFE", GUEST_DIES);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:37:36.266225  i0 down by guest-failure
    0d 01:37:46  s0 Up -> Restarting; s0 fails
    0d 01:38:16  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    ");
}

/// Ten seconds after the first crash of the guest in the story above.
const GUEST_DIES: &str = "97min46s";
