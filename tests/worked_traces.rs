//! The worked traces T1 to T8 (spec/events.md 13), told by the cloud's notifications to the
//! second, T8 by its refusals.
//!
//! Each trace is a scenario whose durations are fixed, so that the documented instants come out.

use fleetsim::{
    fleet::{Fleet, care::LockReason},
    kernel::time::Instant,
    messages::{fact::Fact, spot::SpotFact},
    observe::{Observer, notifications::Notifications},
    scenario::{InMemory, Scenario, notifications::Moment},
    simulation,
};
use serde_json::Value;

/// Notes what no notification tells: tasks, the states of local disks, what data are lost, and what
/// is refused.
struct Untold<'a> {
    scenario: &'a Scenario,
    lines: Vec<String>,
}

impl Observer for Untold<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        let at = Moment(self.scenario.epoch.saturating_add_unsigned(now.micros())).exact();
        if let Fact::TaskBegan { kind, .. } = *fact {
            self.lines.push(format!("{at} {} Processing", kind.name()));
        }
        if let Fact::TaskEnded { kind, status, .. } = *fact {
            self.lines.push(format!("{at} {} {status}", kind.name()));
        }
        if let Fact::DiskMoved { from, to, .. } = *fact {
            self.lines.push(format!("{at} disk {from} -> {to}"));
        }
        if let Fact::Spot(SpotFact::Interrupted { instance, .. }) = *fact {
            let is_locked = fleet.care[instance].locks.has(LockReason::Recycling);
            assert!(is_locked, "the lock comes with the notification");
            self.lines.push(format!("{at} web[{}] locked: Recycling", instance.index()));
        }
        if let Fact::DataLost { bytes, .. } = *fact {
            self.lines.push(format!("{at} loses {bytes} B"));
        }
        if let Fact::Commanded { operation, refusal: Some(refusal), .. } = *fact {
            let (http, code) = (refusal.http(operation), refusal.code());
            let message = refusal.message();
            self.lines.push(format!("{at} {} {http} {code}: {message}", operation.name()));
        }
    }
}

/// The notifications of a run of `text`, and what they do not tell, a line each.
fn traced(text: &str) -> (Vec<String>, Vec<String>) {
    let scenario = Scenario::parse("trace.toml", text.as_bytes(), &[], &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}"));
    let mut sent = Notifications::new(&scenario, 0, String::new());
    let mut untold = Untold { scenario: &scenario, lines: Vec::new() };
    simulation::run(&scenario, 0, &mut (&mut sent, &mut untold));
    (sent.into_inner().lines().map(line).collect(), untold.lines)
}

/// A notification in short: "eventTime name [state] [for notBefore] [from executeStartTime]
/// [to executeFinishTime]".
fn line(sent: &str) -> String {
    let sent: Value = serde_json::from_str(sent).expect("a notification is JSON");
    let (name, content) = (text(&sent, "name").expect("it has a name"), &sent["content"]);
    let at = text(&sent, "eventTime").and_then(Moment::parse).expect("it has an instant");
    if let Some(status) = text(content, "eventStatus") {
        assert!(name.ends_with(&format!(":{status}")), "name and content agree: {sent}");
    }
    let mut line = format!("{} {name}", at.exact());
    for (key, before) in [
        ("state", ""),
        ("action", ""),
        ("notBefore", "for "),
        ("executeStartTime", "from "),
        ("executeFinishTime", "to "),
    ] {
        if let Some(value) = text(content, key) {
            line.push_str(&format!(" {before}{value}"));
        }
    }
    line
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object[key].as_str()
}

/// `servers` servers that never fail, one instance with `disks` local disks, and what `rest` says;
/// its owner does nothing but that.
fn fleet(servers: u32, disks: u32, rest: &str) -> String {
    format!(
        r#"
[scenario]
name = "trace"
start = "2019-04-09T00:00:00Z"
horizon = "5d"
[server_models.m]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 2, size = "1TB", failure = "never" }}
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = {servers}
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
local_disks = {disks}
family = "d2"
[[workload.instances]]
name = "web"
type = "t"
count = 1
[policies.customers.default]
restart_after = "never"
reboot_after = "never"
[settings]
instance = {{ pending = "3s", starting = "30s", stopping = "11s" }}
redeploy = {{ switch = "60s", fail_p = 0 }}
recover = {{ detect = "41s" }}
disk = {{ online_isolation_p = 0, replace = "24h" }}
event = {{ cancel_p = 0 }}
guest = {{ crash_rate = "never" }}
{rest}"#
    )
}

/// The system is to restart the instance, as T1 and T2 begin.
const PLANNED: &str = r#"
[[events]]
at = "2019-04-09T04:18:26Z"
type = "SystemMaintenance.Reboot"
instance = "web[0]"
not_before = "2019-04-12T01:01:01Z"
"#;

fn script(at: &str, operation: &str) -> String {
    format!("[[scripts]]\nat = \"{at}\"\ndo = \"{operation}\"\nInstanceId = \"web[0]\"\n")
}

fn accept(at: &str, event: &str) -> String {
    format!(
        "[[scripts]]\nat = \"{at}\"\ndo = \"AcceptInquiredSystemEvent\"\n\
         EventId = \"SystemMaintenance.{event} of web[0]\"\n"
    )
}

const NONE: [&str; 0] = [];

/// T1: the answer counts when it is complete: Running first, then Avoided, at one instant.
#[test]
fn t1_the_owner_restarts_it_in_time() {
    let rest = [PLANNED, &script("2019-04-10T08:00:20Z", "RebootInstance")].concat();
    let (sent, untold) = traced(&fleet(1, 0, &rest));
    let expected = [
        "2019-04-09T04:18:26Z Instance:SystemMaintenance.Reboot:Scheduled for 2019-04-12T01:01:01Z",
        "2019-04-10T08:00:20Z Instance:StateChange Stopping",
        "2019-04-10T08:00:31Z Instance:StateChange Starting",
        "2019-04-10T08:01:01Z Instance:StateChange Running",
        "2019-04-10T08:01:01Z Instance:SystemMaintenance.Reboot:Avoided for 2019-04-12T01:01:01Z from 2019-04-10T08:01:01Z to 2019-04-10T08:01:01Z",
    ];
    assert_eq!(sent, expected);
    assert_eq!(untold, NONE);
}

/// T2: execution begins at notBefore, and ends within ten minutes.
#[test]
fn t2_nobody_answers() {
    let (sent, untold) = traced(&fleet(1, 0, PLANNED));
    let expected = [
        "2019-04-09T04:18:26Z Instance:SystemMaintenance.Reboot:Scheduled for 2019-04-12T01:01:01Z",
        "2019-04-12T01:01:01Z Instance:SystemMaintenance.Reboot:Executing for 2019-04-12T01:01:01Z from 2019-04-12T01:01:01Z",
        "2019-04-12T01:01:01Z Instance:StateChange Stopping",
        "2019-04-12T01:01:12Z Instance:StateChange Starting",
        "2019-04-12T01:01:42Z Instance:StateChange Running",
        "2019-04-12T01:01:42Z Instance:SystemMaintenance.Reboot:Executed for 2019-04-12T01:01:01Z from 2019-04-12T01:01:01Z to 2019-04-12T01:01:42Z",
    ];
    assert_eq!(sent, expected);
    assert_eq!(untold, NONE);
}

/// T2 of an instance that is Stopped: the event takes its course, and no state changes.
#[test]
fn t2_nobody_answers_for_what_is_stopped() {
    let rest = [&script("2019-04-09T02:00:00Z", "StopInstance"), PLANNED].concat();
    let (sent, untold) = traced(&fleet(1, 0, &rest));
    let expected = [
        "2019-04-09T02:00:00Z Instance:StateChange Stopping",
        "2019-04-09T02:00:11Z Instance:StateChange Stopped",
        "2019-04-09T04:18:26Z Instance:SystemMaintenance.Reboot:Scheduled for 2019-04-12T01:01:01Z",
        "2019-04-12T01:01:01Z Instance:SystemMaintenance.Reboot:Executing for 2019-04-12T01:01:01Z from 2019-04-12T01:01:01Z",
        "2019-04-12T01:01:01Z Instance:SystemMaintenance.Reboot:Executed for 2019-04-12T01:01:01Z from 2019-04-12T01:01:01Z to 2019-04-12T01:01:01Z",
    ];
    assert_eq!(sent, expected);
    assert_eq!(untold, NONE);
}

/// The fleet with one server more, which comes first, crashes five hours after the start and stays
/// away.
fn crashing(servers: u32, disks: u32, rest: &str) -> String {
    let one = "[[servers]]\nmodel = \"m\"\n";
    let weak = "[server_models.weak]\nvcpus = 4\nmemory = \"16GiB\"\n\
                local_disks = { count = 2, size = \"1TB\", failure = \"never\" }\n\
                crash = { life = \"5h\", restarts_itself = 0, repair = \"20d\" }\nrisk = \"never\"\n\
                [[servers]]\nmodel = \"weak\"\ncount = 1\nzones = [\"z\"]\n";
    let text = fleet(servers, disks, rest);
    if servers == 0 {
        let unused = format!("{one}count = 0\nzones = [\"z\"]\n");
        return text.replacen(&unused, weak, 1);
    }
    text.replacen(one, &format!("{weak}{one}"), 1)
}

/// T3: for up to a minute the crash is unnoticed, so that nothing is told; in five it is over.
#[test]
fn t3_the_server_crashes() {
    let (sent, untold) = traced(&crashing(1, 0, ""));
    let expected = [
        "2019-04-09T05:00:41Z Instance:SystemFailure.Reboot:Executing from 2019-04-09T05:00:41Z",
        "2019-04-09T05:00:41Z Instance:StateChange Starting",
        "2019-04-09T05:01:11Z Instance:StateChange Running",
        "2019-04-09T05:01:11Z Instance:SystemFailure.Reboot:Executed from 2019-04-09T05:00:41Z to 2019-04-09T05:01:11Z",
    ];
    assert_eq!(sent, expected);
    let expected =
        ["2019-04-09T05:00:41Z failover Processing", "2019-04-09T05:01:11Z failover Finished"];
    assert_eq!(untold, expected);
}

/// A disk breaks; its isolation is accepted two days later.
fn damaged() -> String {
    let broken = "[[events]]\nat = \"2019-04-09T05:00:00Z\"\ntype = \"ErrorDetected\"\n\
                  instance = \"web[0]\"\n";
    let first = accept("2019-04-11T06:00:00Z", "RebootAndIsolateErrorDisk");
    [broken, &first, &script("2019-04-11T07:00:00Z", "RebootInstance")].concat()
}

/// T4: two acceptances, each of which takes effect with the restart after it.
#[test]
fn t4_a_disk_is_replaced_offline() {
    let rest = [
        damaged(),
        accept("2019-04-12T08:00:00Z", "RebootAndReInitErrorDisk"),
        script("2019-04-12T09:00:00Z", "RebootInstance"),
    ];
    let (sent, untold) = traced(&fleet(1, 2, &rest.concat()));
    let expected = [
        "2019-04-09T05:00:00Z Disk:ErrorDetected:Executing from 2019-04-09T05:00:00Z",
        "2019-04-09T05:00:00Z Instance:SystemMaintenance.RebootAndIsolateErrorDisk:Inquiring",
        "2019-04-11T06:00:00Z Instance:SystemMaintenance.RebootAndIsolateErrorDisk:Executing from 2019-04-11T06:00:00Z",
        "2019-04-11T07:00:00Z Instance:StateChange Stopping",
        "2019-04-11T07:00:11Z Instance:StateChange Starting",
        "2019-04-11T07:00:41Z Instance:StateChange Running",
        "2019-04-11T07:00:41Z Instance:SystemMaintenance.RebootAndIsolateErrorDisk:Executed from 2019-04-11T06:00:00Z to 2019-04-11T07:00:41Z",
        "2019-04-12T07:00:41Z Instance:SystemMaintenance.RebootAndReInitErrorDisk:Inquiring",
        "2019-04-12T08:00:00Z Instance:SystemMaintenance.RebootAndReInitErrorDisk:Executing from 2019-04-12T08:00:00Z",
        "2019-04-12T09:00:00Z Instance:StateChange Stopping",
        "2019-04-12T09:00:11Z Instance:StateChange Starting",
        "2019-04-12T09:00:41Z Instance:StateChange Running",
        "2019-04-12T09:00:41Z Instance:SystemMaintenance.RebootAndReInitErrorDisk:Executed from 2019-04-12T08:00:00Z to 2019-04-12T09:00:41Z",
        "2019-04-12T09:00:41Z Disk:ErrorDetected:Executed from 2019-04-09T05:00:00Z to 2019-04-12T09:00:41Z",
    ];
    assert_eq!(sent, expected);
    let expected = [
        "2019-04-09T05:00:00Z disk Healthy -> Damaged",
        "2019-04-09T05:00:00Z loses 1000000000000 B",
        "2019-04-11T06:00:00Z disk Damaged -> IsolationAuthorized",
        "2019-04-11T07:00:41Z disk IsolationAuthorized -> Isolated",
        "2019-04-12T07:00:41Z disk Isolated -> Replaced",
        "2019-04-12T08:00:00Z disk Replaced -> ReInitAuthorized",
        "2019-04-12T09:00:41Z disk ReInitAuthorized -> Healthy",
    ];
    assert_eq!(untold, expected);
}

/// T5: the rest of the data is given up, and nobody is asked to re-initialise a disk; the operator
/// sees to the one left behind.
#[test]
fn t5_it_is_redeployed_in_the_gap() {
    let rest = [damaged(), script("2019-04-11T08:00:00Z", "RedeployInstance")].concat();
    let (sent, untold) = traced(&fleet(2, 2, &rest));
    let expected = [
        "2019-04-09T05:00:00Z Disk:ErrorDetected:Executing from 2019-04-09T05:00:00Z",
        "2019-04-09T05:00:00Z Instance:SystemMaintenance.RebootAndIsolateErrorDisk:Inquiring",
        "2019-04-11T06:00:00Z Instance:SystemMaintenance.RebootAndIsolateErrorDisk:Executing from 2019-04-11T06:00:00Z",
        "2019-04-11T07:00:00Z Instance:StateChange Stopping",
        "2019-04-11T07:00:11Z Instance:StateChange Starting",
        "2019-04-11T07:00:41Z Instance:StateChange Running",
        "2019-04-11T07:00:41Z Instance:SystemMaintenance.RebootAndIsolateErrorDisk:Executed from 2019-04-11T06:00:00Z to 2019-04-11T07:00:41Z",
        "2019-04-11T08:00:00Z Instance:StateChange Stopping",
        "2019-04-11T08:01:12Z Instance:StateChange Starting",
        "2019-04-11T08:01:42Z Instance:StateChange Running",
        "2019-04-11T08:01:42Z Disk:ErrorDetected:Executed from 2019-04-09T05:00:00Z to 2019-04-11T08:01:42Z",
    ];
    assert_eq!(sent, expected);
    let expected = [
        "2019-04-09T05:00:00Z disk Healthy -> Damaged",
        "2019-04-09T05:00:00Z loses 1000000000000 B",
        "2019-04-11T06:00:00Z disk Damaged -> IsolationAuthorized",
        "2019-04-11T07:00:41Z disk IsolationAuthorized -> Isolated",
        "2019-04-11T08:00:00Z redeploy Processing",
        "2019-04-11T08:01:42Z loses 1000000000000 B",
        "2019-04-11T08:01:42Z disk Isolated -> Damaged",
        "2019-04-11T08:01:42Z redeploy Finished",
        "2019-04-12T08:01:42Z disk Damaged -> Healthy",
    ];
    assert_eq!(untold, expected);
}

/// T6: there is no other server. The event is open as before, so nothing more is told of it.
#[test]
fn t6_a_redeployment_fails_from_stopped() {
    let rest = script("2019-04-09T08:00:00Z", "RedeployInstance");
    let (sent, untold) = traced(&crashing(0, 2, &rest));
    let expected = [
        "2019-04-09T05:00:41Z Instance:SystemFailure.Redeploy:Inquiring",
        "2019-04-09T05:00:41Z Instance:StateChange Stopped",
        "2019-04-09T08:00:00Z Instance:StateChange Starting",
        "2019-04-09T08:00:31Z Instance:StateChange Stopped",
    ];
    assert_eq!(sent, expected);
    let expected =
        ["2019-04-09T08:00:00Z redeploy Processing", "2019-04-09T08:00:31Z redeploy Failed"];
    assert_eq!(untold, expected);
}

/// T7: the stock runs out at 04:10:10; the check of 04:15 finds that.
#[test]
fn t7_a_preemptible_instance_is_taken_back() {
    let market = "[[spot.markets]]\ntype = \"t\"\non_demand = 0.4\nprice = 0.1\n\
                  stock = { on = \"15010s\", off = \"1h\" }\n";
    let spot = "family = \"d2\"\nSpotStrategy = \"SpotAsPriceGo\"\n";
    let text = fleet(1, 0, market).replace("family = \"d2\"\n", spot);
    let (sent, untold) = traced(&text);
    let expected = [
        "2019-04-09T04:15:00Z Instance:PreemptibleInstanceInterruption delete",
        "2019-04-09T04:20:00Z Instance:StateChange Deleted",
    ];
    assert_eq!(sent, expected);
    assert_eq!(untold, ["2019-04-09T04:15:00Z web[0] locked: Recycling"]);
}

/// A command about `instance`, with `more` parameters.
fn command(at: &str, operation: &str, instance: &str, more: &str) -> String {
    format!(
        "[[scripts]]\nat = \"2019-04-09T{at}Z\"\ndo = \"{operation}\"\n\
         InstanceId = \"{instance}\"\n{more}\n"
    )
}

/// T8: of several reasons to refuse a redeployment the documented one is told. What no retry can
/// change comes before what passes, and the lock before all.
#[test]
fn t8_a_redeployment_is_refused_for_the_first_reason() {
    let security = "LockReason = \"security\"";
    let simulated = "EventType = \"SystemMaintenance.Reboot\"\nNotBefore = \"4d\"";
    let dedicated = "[instance_types.hosted]\nvcpus = 4\nmemory = \"16GiB\"\n\
                     dedicated_host = true\n\
                     [[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"z\"]\ndedicated = true\n\
                     [[dedicated_hosts]]\nname = \"own\"\nmodel = \"m\"\nzone = \"z\"\n\
                     [[workload.instances]]\nname = \"ddh\"\ntype = \"hosted\"\ncount = 1\n";
    let rest = [
        dedicated,
        // On a dedicated host, Starting from 01:00:11 to 01:00:41.
        &command("01:00:00", "RebootInstance", "ddh[0]", ""),
        &command("01:00:12", "LockInstance", "ddh[0]", security),
        &command("01:00:13", "RedeployInstance", "ddh[0]", ""),
        &command("01:00:14", "UnlockInstance", "ddh[0]", security),
        &command("01:00:15", "RedeployInstance", "ddh[0]", ""),
        // On a shared one: Starting, with an event; then Running, its event answered by the restart.
        PLANNED,
        &command("05:00:00", "RebootInstance", "web[0]", ""),
        &command("05:00:20", "RedeployInstance", "web[0]", ""),
        &command("06:00:00", "CreateSimulatedSystemEvents", "web[0]", simulated),
        &command("06:00:10", "RedeployInstance", "web[0]", ""),
    ];
    let (_, untold) = traced(&fleet(2, 0, &rest.concat()));
    let expected = [
        "2019-04-09T01:00:13Z RedeployInstance 403 InstanceLockedForSecurity: The specified operation is denied as your instance is locked for security reasons.",
        "2019-04-09T01:00:15Z RedeployInstance 403 InvalidOperation.RedeployInstance: Can not redeploy vm on dedicated host",
        "2019-04-09T05:00:20Z RedeployInstance 403 IncorrectInstanceStatus: The current status of the resource does not support this operation.",
        "2019-04-09T06:00:10Z RedeployInstance 403 InvalidOperation.RedeployInstance: There are no maintenance events found on the instance",
    ];
    assert_eq!(untold, expected);
}
