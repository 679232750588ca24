//! What failures announce (spec/events.md 2.5, 2.9 to 2.13, 2.19), and how that ends.

use crate::story::{told, told_after};
use fleetsim::{
    fleet::{ids::Recorded, instances::InstanceName},
    kernel::{column::Column, time::Instant},
    lifecycle::system_event::{EventStatus, EventType},
    scenario::{RecordedEvent, Scenario},
};

/// One server that crashes after five hours, another that never does, and one instance.
fn fleet(fate: &str, kind: &str, rest: &str) -> String {
    format!(
        r#"
[server_models.weak]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 2, size = "1TB" }}
crash = {fate}
risk = "never"
[server_models.strong]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 2, size = "1TB" }}
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
{kind}
[[workload.instances]]
type = "t"
count = 1
{rest}
"#
    )
}

const SOFT: &str = "{ life = \"5h\", restarts_itself = 1, restart = \"3min\" }";
const HARD: &str = "{ life = \"5h\", restarts_itself = 0, repair = \"2h\" }";

/// What a story says of its events alone, and of what is lost.
fn of_events(story: &str) -> String {
    let mut lines = Vec::new();
    for line in story.lines() {
        let (at, facts) = line.split_once("  ").expect("a line has an instant and facts");
        let is_of_event = |fact: &&str| fact.starts_with('e') || fact.contains(" loses ");
        let kept: Vec<_> = facts.split("; ").filter(is_of_event).collect();
        if !kept.is_empty() {
            lines.push(format!("{at}  {}", kept.join("; ")));
        }
    }
    lines.join("\n")
}

#[test]
fn the_fault_the_disks_and_the_attribute_choose_the_event() {
    let disks = "local_disks = 2";
    let rows = [
        (SOFT, "", "AutoRecover"),
        (HARD, "", "AutoRecover"),
        (HARD, "", "Stop"),
        (SOFT, disks, "AutoRecover"),
        (SOFT, disks, "AutoRedeploy"),
        (SOFT, disks, "Stop"),
        (HARD, disks, "AutoRecover"),
        (HARD, disks, "AutoRedeploy"),
        (HARD, disks, "Stop"),
    ];
    let mut table = String::new();
    for (fate, disks, action) in rows {
        let kind = format!("{disks}\naction_on_maintenance = \"{action}\"");
        let told = of_events(&told(&fleet(fate, &kind, "")));
        let fate = if fate == SOFT { "restarts" } else { "is repaired" };
        let disks = if disks.is_empty() { "cloud disks" } else { "local disks" };
        table += &format!("{fate}, {disks}, {action}\n{told}\n");
    }
    insta::assert_snapshot!(table, @r"
    restarts, cloud disks, AutoRecover
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing
    0d 05:01:10  e0 Executing -> Executed
    is repaired, cloud disks, AutoRecover
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing
    0d 05:01:10  e0 Executing -> Executed
    is repaired, cloud disks, Stop
    0d 05:00:30  e0 SystemFailure.Stop of i0 Executing; e0 Executing -> Executed
    restarts, local disks, AutoRecover
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing
    0d 05:03:40  e0 Executing -> Executed
    restarts, local disks, AutoRedeploy
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing
    0d 05:03:40  e0 Executing -> Executed
    restarts, local disks, Stop
    0d 05:00:30  e0 SystemFailure.Stop of i0 Executing; e0 Executing -> Executed
    is repaired, local disks, AutoRecover
    0d 05:00:30  e0 SystemFailure.Redeploy of i0 Inquiring
    0d 07:00:00  e0 Inquiring -> Canceled
    is repaired, local disks, AutoRedeploy
    0d 05:00:30  e0 SystemFailure.Redeploy of i0 Scheduled for 0d 05:10:30
    0d 05:10:30  e0 Scheduled -> Executing; i0 loses 2000000000000 B
    0d 05:11:10  e0 Executing -> Executed
    is repaired, local disks, Stop
    0d 05:00:30  e0 SystemFailure.Stop of i0 Executing; e0 Executing -> Executed
    ");
}

#[test]
fn the_third_trace_to_the_second() {
    // T3: crash at t0, Executing within a minute, Starting, Running, Executed within five.
    let text = fleet(
        HARD,
        "",
        "[settings]\ninstance = { pending = \"3s\", starting = \"55s\" }\nrecover = { detect = \"41s\" }\nguest = { crash_rate = \"never\" }\n",
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:41  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting
    0d 05:01:36  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
    ");
}

#[test]
fn who_is_stopped_stays_so_without_an_event() {
    // L17: the second crash, an hour after the first, finds the instance Stopped.
    let fate = "{ life = \"1h\", restarts_itself = 1, restart = \"3min\" }";
    let kind = "action_on_maintenance = \"Stop\"";
    let text = fleet(fate, kind, "[policies.customers.default]\nrestart_after = \"never\"\n");
    let head = "[scenario]\nname = \"twice\"\nhorizon = \"150min\"\n";
    insta::assert_snapshot!(told(&format!("{head}{text}")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure
    0d 01:00:30  e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed
    0d 01:03:00  s0 Restarting -> Up; s0 works
    0d 02:03:00  s0 Up -> Restarting; s0 fails
    0d 02:06:00  s0 Restarting -> Up; s0 works
    ");
}

#[test]
fn the_repair_does_not_bring_back_who_is_to_be_redeployed() {
    // S19, switched off: the inquiry waits on.
    let text = fleet(HARD, "local_disks = 2", SETTINGS_OFF);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Redeploy of i0 Inquiring; i0 Running -> Stopped
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
    ");
}

const SETTINGS_OFF: &str = r#"
[settings]
instance = { pending = "3s", starting = "40s" }
recover = { detect = "30s" }
guest = { crash_rate = "never" }
event = { cancel_failure_redeploy_on_repair = false }
"#;

#[test]
fn a_boot_that_fails_ends_its_event_failed() {
    let settings = "[settings]\ninstance = { pending = \"3s\", starting = \"40s\", boot_fail_p = 1 }\nrecover = { detect = \"30s\" }\nguest = { crash_rate = \"never\" }\n";
    let rest = format!("[policies.customers.default]\nrestart_after = \"never\"\n{settings}");
    insta::assert_snapshot!(told(&fleet(HARD, "", &rest)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting
    0d 05:01:10  i0 Starting -> Stopped; failover of i0 Failed; e0 Executing -> Failed
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
    ");
}

#[test]
fn a_second_crash_during_the_recovery_is_not_told_twice() {
    let text = fleet(HARD, "", "").replace(
        "local_disks = { count = 2, size = \"1TB\" }\ncrash = \"never\"",
        "local_disks = { count = 2, size = \"1TB\" }\n\
         crash = { life = \"5h50s\", restarts_itself = 1, restart = \"2min\" }",
    );
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

#[test]
fn the_owner_releases_who_waits_for_an_answer() {
    // Corrections 2: the inquiry is withdrawn before the instance is gone.
    let text =
        fleet(HARD, "local_disks = 2", "").replace("count = 1\n\n", "count = 1\nlife = \"6h\"\n");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Redeploy of i0 Inquiring; i0 Running -> Stopped
    0d 06:00:00  e0 Inquiring -> Canceled; i0 owes no more; i0 off s0; i0 Stopped -> Released
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
    ");
}

/// Room for nobody; one request, whose life is over before the system would release it.
const FULL: &str = r#"
[scenario]
name = "full"
horizon = "110min"
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
life_from = "arrival"
when_full = { wait = "1min" }
[[workload.instances]]
type = "t"
count = 1
[[workload.arrivals]]
name = "requests"
type = "t"
gap = "1h"
life = "3min"
"#;

#[test]
fn the_owner_releases_a_failed_creation() {
    insta::assert_snapshot!(told(FULL), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  i1 is asked for; i1 finds no room for its launch
    0d 01:01:00  e0 SystemFailure.Delete of i1 Executing; i1 Pending -> Stopped
    0d 01:03:00  e0 Executing -> Avoided; i1 Stopped -> Released
    ");
}

/// Events of the scenario, told after their kinds: all of instance 0.
fn recorded(events: &[(u64, EventType, Option<EventStatus>)]) -> impl Fn(&mut Scenario) {
    let events = events.to_vec();
    move |scenario| {
        let name = InstanceName::at_start(0);
        let mut recorded: Column<Recorded, RecordedEvent> = Column::default();
        for (minutes, kind, status) in &events {
            let at = Instant::from_micros(minutes * 60_000_000);
            recorded.push(RecordedEvent {
                at,
                kind: *kind,
                status: *status,
                instance: name,
                disk: 0,
                lead: None,
            });
        }
        (scenario.recorded, scenario.watched) = (recorded, vec![name]);
    }
}

#[test]
fn a_crash_withdraws_what_was_planned() {
    let planned = recorded(&[(60, EventType::MaintenanceReboot, None)]);
    insta::assert_snapshot!(told_after(&fleet(HARD, "", ""), planned), @r"
0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
0d 01:00:00  e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 15:43:20.222040
0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
0d 05:00:30  e0 Scheduled -> Canceled; e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting
0d 05:01:10  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works
");
}

#[test]
fn recorded_failures_do_what_they_announce() {
    let failures = recorded(&[
        (60, EventType::FailureReboot, None),
        (120, EventType::InstanceFailureReboot, None),
        (180, EventType::DiskStalled, None),
        (240, EventType::FailureRedeploy, Some(EventStatus::Scheduled)),
        (300, EventType::FailureStop, None),
        (301, EventType::FailureReboot, None),
        (390, EventType::FailureDelete, None),
        (420, EventType::FailureReboot, None),
    ]);
    let text = fleet("\"never\"", "local_disks = 2", "");
    insta::assert_snapshot!(told_after(&text, failures), @r#"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  i0 down by server-failure; e0 SystemFailure.Reboot of i0 Executing; i0 Running -> Starting
    0d 01:00:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    0d 02:00:00  i0 down by guest-failure; e0 InstanceFailure.Reboot of i0 Executing; i0 Running -> Starting
    0d 02:00:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    0d 03:00:00  e0 Stalled of i0 Executing
    0d 03:02:00  e0 Executing -> Executed
    0d 04:00:00  i0 down by server-failure; e0 SystemFailure.Redeploy of i0 Scheduled for 0d 04:10:00; i0 Running -> Stopped
    0d 04:10:00  e0 Scheduled -> Executing; failover of i0; i0 loses 2000000000000 B; i0 off s0; i0 on s1 by failover; i0 Stopped -> Starting
    0d 04:10:40  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    0d 05:00:00  i0 down by server-failure; e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed
    0d 06:00:00  StartInstance of i0; i0 Stopped -> Starting
    0d 06:00:40  i0 Starting -> Running; i0 served
    0d 06:30:00  i0 down by server-failure; i0 owes no more; e0 SystemFailure.Delete of i0 Executing; i0 Running -> Stopped
    0d 06:35:00  e0 Executing -> Executed; i0 off s1; i0 Stopped -> Released
    "#);
}
