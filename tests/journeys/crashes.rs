//! L15: a server crashes; its instance comes back where it was, or on another server.

use crate::story::told;

/// One server that crashes after five hours; `fate` says how it comes back.
fn fleet(fate: &str, rest: &str) -> String {
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
{rest}
[instance_types.t]
vcpus = 4
memory = "16GiB"
[[workload.instances]]
type = "t"
count = 1
"#
    )
}

const SPARE: &str = "[[servers]]\nmodel = \"strong\"\ncount = 1\nzones = [\"z\"]\n";

#[test]
fn the_server_restarts_itself_and_the_instance_with_it() {
    let text = fleet("restarts_itself = 1, restart = \"3min\"", "");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    0d 05:03:00  s0 Restarting -> Up; s0 works; i0 Running -> Starting
    0d 05:03:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn the_server_is_back_before_anybody_notices() {
    let text = fleet("restarts_itself = 1, restart = \"20s\"", "");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure
    0d 05:00:20  s0 Restarting -> Up; s0 works; e0 SystemFailure.Reboot of i0 Executing; i0 Running -> Starting
    0d 05:01:00  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn the_instance_fails_over() {
    let text = fleet("restarts_itself = 0, repair = \"2h\"", SPARE);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting
    0d 05:01:10  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
    ");
}

#[test]
fn the_instance_fails_over_although_the_server_will_restart_itself() {
    let text = fleet("restarts_itself = 1, restart = \"3min\"", SPARE);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting
    0d 05:01:10  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    0d 05:03:00  s0 Restarting -> Up; s0 works
    ");
}

#[test]
fn the_instance_waits_in_place() {
    let text = fleet("restarts_itself = 0, repair = \"2h\"", SPARE);
    let text = format!("{text}[policies]\nrecovery = \"in-place\"\n");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works; i0 Running -> Starting
    0d 07:00:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn the_instance_finds_no_other_room_and_waits_for_its_server() {
    let text = fleet("restarts_itself = 0, repair = \"2h\"", "");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; i0 finds no room for its failover
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works; i0 Running -> Starting
    0d 07:00:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn the_second_server_crashes_while_the_instance_boots_there() {
    // The second server's life is such that it ends during the boot of the failover.
    let second = "[server_models.second]\nvcpus = 4\nmemory = \"16GiB\"\n\
                  crash = { life = \"5h50s\", restarts_itself = 1, restart = \"2min\" }\n\
                  risk = \"never\"\n\
                  [[servers]]\nmodel = \"second\"\ncount = 1\nzones = [\"z\"]\n";
    let text = fleet("restarts_itself = 0, repair = \"2h\"", second);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting
    0d 05:00:50  s1 Up -> Restarting; s1 fails; failover of i0 Failed
    0d 05:01:20  i0 finds no room for its failover
    0d 05:02:50  s1 Restarting -> Up; s1 works
    0d 05:03:30  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
    ");
}
