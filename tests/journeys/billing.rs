//! Unpaid bills (spec/events.md 2.16): each way to the second, told by the cloud's notifications,
//! and what does not change where nobody asks for them.

use crate::{checked, story::told};
use fleetsim::{
    observe::notifications::Notifications,
    scenario::{Scenario, notifications as told_by_cloud},
};
use insta::assert_snapshot;
use serde_json::Value;

/// One server that never fails, an instance of each kind of charge, and what `rest` says.
fn fleet(rest: &str) -> String {
    format!(
        r#"
[scenario]
name = "bills"
start = "2026-03-01T00:00:00Z"
horizon = "60d"
[server_models.m]
vcpus = 8
memory = "32GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types.prepaid]
vcpus = 2
memory = "8GiB"
charge = "subscription"
[instance_types.postpaid]
vcpus = 2
memory = "8GiB"
[[workload.instances]]
name = "sub"
type = "prepaid"
count = 1
[[workload.instances]]
name = "pay"
type = "postpaid"
count = 1
[settings]
instance = {{ pending = "3s", starting = "30s", stopping = "11s" }}
guest = {{ crash_rate = "never" }}
{rest}"#
    )
}

/// Subscriptions of ten days, which end at 08:00 in UTC+8, and are stopped twelve hours into that
/// day; the owner renews after so long, and starts what is stopped after an hour.
fn subscription(renew_after: &str) -> String {
    fleet(&format!(
        "billing = {{ enabled = true, term = \"10d\", stop_within = \"12h\" }}\n\
         [policies.customers.default]\nrenew_after = \"{renew_after}\"\n"
    ))
}

/// In arrears on the fifth of March; paid after so long.
fn arrears(paid_after: &str) -> String {
    fleet(&format!(
        "billing = {{ enabled = true, term = \"never\", arrears = [\"2026-03-05T00:00:00Z\"], \
         arrears_paid_after = \"{paid_after}\" }}\n"
    ))
}

/// The notifications of a run, a line each: time (UTC+8), name or state, notBefore, start and end.
fn notifications(text: &str) -> String {
    let scenario = checked::scenario(text);
    let mut sent = Notifications::new(&scenario, 0, String::new());
    checked::run(&scenario, 0, &mut sent);
    let mut lines = String::new();
    for line in sent.into_inner().lines() {
        let object: Value = serde_json::from_str(line).expect("each line is an object");
        let content = &object["content"];
        let at = object["eventTime"].as_str().expect("a time is a text");
        let name = object["name"].as_str().expect("a name is a text");
        lines += &format!("{at} {name}");
        for (key, before) in [
            ("state", ""),
            ("notBefore", "for "),
            ("executeStartTime", "from "),
            ("executeFinishTime", "to "),
        ] {
            if let Some(value) = content[key].as_str() {
                lines += &format!(" {before}{value}");
            }
        }
        lines += "\n";
    }
    lines
}

#[test]
fn a_subscription_that_nobody_renews_ends_in_a_stop_and_a_release() {
    assert_snapshot!(notifications(&subscription("never")), @r"
    20260308T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-11T04:00:00Z
    20260311T120000.000+0800 Instance:StateChange Stopping
    20260311T120011.000+0800 Instance:StateChange Stopped
    20260311T120011.000+0800 Instance:InstanceExpiration.Stop:Executed for 2026-03-11T04:00:00Z from 2026-03-11T04:00:00Z to 2026-03-11T04:00:11Z
    20260311T120011.000+0800 Instance:InstanceExpiration.Delete:Scheduled for 2026-03-26T04:00:11Z
    20260326T120011.000+0800 Instance:InstanceExpiration.Delete:Executed for 2026-03-26T04:00:11Z from 2026-03-26T04:00:11Z to 2026-03-26T04:00:11Z
    20260326T120011.000+0800 Instance:StateChange Deleted
    ");
    assert_snapshot!(told(&subscription("never")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    7d 04:00:00  e0 InstanceExpiration.Stop of i0 Scheduled for 10d 04:00:00
    10d 04:00:00  i0 owes no more; i0 Running -> Stopping
    10d 04:00:11  i0 Stopping -> Stopped; e0 Scheduled -> Executed; e0 InstanceExpiration.Delete of i0 Scheduled for 25d 04:00:11
    25d 04:00:11  e0 Scheduled -> Executed; i0 off s0; i0 Stopped -> Released
    ");
}

#[test]
fn a_subscription_that_is_renewed_in_time_goes_on() {
    assert_snapshot!(notifications(&subscription("2d")), @r"
    20260308T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-11T04:00:00Z
    20260310T120000.000+0800 Instance:InstanceExpiration.Stop:Avoided for 2026-03-11T04:00:00Z from 2026-03-10T04:00:00Z to 2026-03-10T04:00:00Z
    20260318T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-21T04:00:00Z
    20260320T120000.000+0800 Instance:InstanceExpiration.Stop:Avoided for 2026-03-21T04:00:00Z from 2026-03-20T04:00:00Z to 2026-03-20T04:00:00Z
    20260328T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-31T04:00:00Z
    20260330T120000.000+0800 Instance:InstanceExpiration.Stop:Avoided for 2026-03-31T04:00:00Z from 2026-03-30T04:00:00Z to 2026-03-30T04:00:00Z
    20260407T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-04-10T04:00:00Z
    20260409T120000.000+0800 Instance:InstanceExpiration.Stop:Avoided for 2026-04-10T04:00:00Z from 2026-04-09T04:00:00Z to 2026-04-09T04:00:00Z
    20260417T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-04-20T04:00:00Z
    20260419T120000.000+0800 Instance:InstanceExpiration.Stop:Avoided for 2026-04-20T04:00:00Z from 2026-04-19T04:00:00Z to 2026-04-19T04:00:00Z
    20260427T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-04-30T04:00:00Z
    20260429T120000.000+0800 Instance:InstanceExpiration.Stop:Avoided for 2026-04-30T04:00:00Z from 2026-04-29T04:00:00Z to 2026-04-29T04:00:00Z
    ");
}

#[test]
fn a_subscription_that_is_renewed_late_is_started_again() {
    // Four days are too late for the stop, and in time for the release.
    let text = subscription("4d").replace("60d", "20d");
    assert_snapshot!(notifications(&text), @r"
    20260308T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-11T04:00:00Z
    20260311T120000.000+0800 Instance:StateChange Stopping
    20260311T120011.000+0800 Instance:StateChange Stopped
    20260311T120011.000+0800 Instance:InstanceExpiration.Stop:Executed for 2026-03-11T04:00:00Z from 2026-03-11T04:00:00Z to 2026-03-11T04:00:11Z
    20260311T120011.000+0800 Instance:InstanceExpiration.Delete:Scheduled for 2026-03-26T04:00:11Z
    20260315T120011.000+0800 Instance:InstanceExpiration.Delete:Avoided for 2026-03-26T04:00:11Z from 2026-03-15T04:00:11Z to 2026-03-15T04:00:11Z
    20260315T130011.000+0800 Instance:StateChange Starting
    20260315T130041.000+0800 Instance:StateChange Running
    ");
    assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    7d 04:00:00  e0 InstanceExpiration.Stop of i0 Scheduled for 10d 04:00:00; the owner plans Renew for e0 at 11d 04:00:00
    10d 04:00:00  i0 owes no more; i0 Running -> Stopping
    10d 04:00:11  i0 Stopping -> Stopped; e0 Scheduled -> Executed; e0 InstanceExpiration.Delete of i0 Scheduled for 25d 04:00:11; the owner plans Renew for e0 at 14d 04:00:11
    14d 04:00:11  e0 Scheduled -> Avoided; i0 owes; i0 down by customer-action
    14d 05:00:11  StartInstance of i0; i0 Stopped -> Starting
    14d 05:00:41  i0 Starting -> Running; i0 served
    ");
}

#[test]
fn renewed_while_it_stops_it_is_started_again_when_it_has_stopped() {
    // Announced at 04:00 on the eighth, stopped from 04:00 on the eleventh; renewed 5 s later.
    let text = subscription("72h 5s").replace("60d", "20d");
    assert_snapshot!(notifications(&text), @r"
    20260308T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-11T04:00:00Z
    20260311T120000.000+0800 Instance:StateChange Stopping
    20260311T120005.000+0800 Instance:InstanceExpiration.Stop:Executed for 2026-03-11T04:00:00Z from 2026-03-11T04:00:00Z to 2026-03-11T04:00:05Z
    20260311T120011.000+0800 Instance:StateChange Stopped
    20260311T130011.000+0800 Instance:StateChange Starting
    20260311T130041.000+0800 Instance:StateChange Running
    20260318T120005.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-21T04:00:05Z
    ");
}

#[test]
fn arrears_that_nobody_pays_end_in_a_stop_and_a_release() {
    assert_snapshot!(notifications(&arrears("never")), @r"
    20260320T070000.000+0800 Instance:AccountUnbalanced.Stop:Scheduled for 2026-03-20T00:00:00Z
    20260320T080000.000+0800 Instance:StateChange Stopping
    20260320T080011.000+0800 Instance:StateChange Stopped
    20260320T080011.000+0800 Instance:AccountUnbalanced.Stop:Executed for 2026-03-20T00:00:00Z from 2026-03-20T00:00:00Z to 2026-03-20T00:00:11Z
    20260320T080011.000+0800 Instance:AccountUnbalanced.Delete:Scheduled for 2026-04-04T00:00:11Z
    20260404T080011.000+0800 Instance:AccountUnbalanced.Delete:Executed for 2026-04-04T00:00:11Z from 2026-04-04T00:00:11Z to 2026-04-04T00:00:11Z
    20260404T080011.000+0800 Instance:StateChange Deleted
    ");
}

#[test]
fn arrears_are_paid_before_during_and_after_the_notice() {
    let mut all = String::new();
    for paid_after in ["14d", "359h 30min", "16d"] {
        let text = notifications(&arrears(paid_after).replace("60d", "25d"));
        all += &format!("paid after {paid_after}\n{text}");
    }
    assert_snapshot!(all, @r"
    paid after 14d
    paid after 359h 30min
    20260320T070000.000+0800 Instance:AccountUnbalanced.Stop:Scheduled for 2026-03-20T00:00:00Z
    20260320T073000.000+0800 Instance:AccountUnbalanced.Stop:Avoided for 2026-03-20T00:00:00Z from 2026-03-19T23:30:00Z to 2026-03-19T23:30:00Z
    paid after 16d
    20260320T070000.000+0800 Instance:AccountUnbalanced.Stop:Scheduled for 2026-03-20T00:00:00Z
    20260320T080000.000+0800 Instance:StateChange Stopping
    20260320T080011.000+0800 Instance:StateChange Stopped
    20260320T080011.000+0800 Instance:AccountUnbalanced.Stop:Executed for 2026-03-20T00:00:00Z from 2026-03-20T00:00:00Z to 2026-03-20T00:00:11Z
    20260320T080011.000+0800 Instance:AccountUnbalanced.Delete:Scheduled for 2026-04-04T00:00:11Z
    20260321T080000.000+0800 Instance:AccountUnbalanced.Delete:Avoided for 2026-04-04T00:00:11Z from 2026-03-21T00:00:00Z to 2026-03-21T00:00:00Z
    20260321T090000.000+0800 Instance:StateChange Starting
    20260321T090030.000+0800 Instance:StateChange Running
    ");
}

#[test]
fn a_locked_instance_refuses_all_but_its_release() {
    let command = |at: &str, operation: &str| {
        format!("[[scripts]]\nat = \"{at}\"\ndo = \"{operation}\"\nInstanceId = \"sub[0]\"\n")
    };
    let mut text = subscription("never").replace("60d", "20d");
    for operation in ["StartInstance", "StopInstance", "RebootInstance", "RedeployInstance"] {
        text += &command("2026-03-12T00:00:00Z", operation);
    }
    text += &command("2026-03-13T00:00:00Z", "DeleteInstance");
    let story = told(&text);
    let from = story.rfind("10d 04:00:00").unwrap();
    assert_snapshot!(&story[from..], @r"
    10d 04:00:00  i0 owes no more; i0 Running -> Stopping
    10d 04:00:11  i0 Stopping -> Stopped; e0 Scheduled -> Executed; e0 InstanceExpiration.Delete of i0 Scheduled for 25d 04:00:11
    11d 00:00:00  StartInstance of i0 refused: InstanceExpiredOrInArrears; StopInstance of i0 refused: InstanceExpiredOrInArrears; RebootInstance of i0 refused: InstanceExpiredOrInArrears; RedeployInstance of i0 refused: InstanceExpiredOrInArrears
    12d 00:00:00  DeleteInstance of i0; e0 Scheduled -> Executed; i0 off s0; i0 Stopped -> Released
    ");
}

#[test]
fn an_instance_that_is_off_is_locked_at_once_and_stays_its_owners_to_start() {
    let stop = "[[scripts]]\nat = \"2026-03-10T00:00:00Z\"\ndo = \"StopInstance\"\n\
                InstanceId = \"sub[0]\"\n";
    let text = format!("{}{stop}", subscription("4d").replace("60d", "20d"));
    assert_snapshot!(notifications(&text), @r"
    20260308T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-11T04:00:00Z
    20260310T080000.000+0800 Instance:StateChange Stopping
    20260310T080011.000+0800 Instance:StateChange Stopped
    20260311T120000.000+0800 Instance:InstanceExpiration.Stop:Executed for 2026-03-11T04:00:00Z from 2026-03-11T04:00:00Z to 2026-03-11T04:00:00Z
    20260311T120000.000+0800 Instance:InstanceExpiration.Delete:Scheduled for 2026-03-26T04:00:00Z
    20260315T120000.000+0800 Instance:InstanceExpiration.Delete:Avoided for 2026-03-26T04:00:00Z from 2026-03-15T04:00:00Z to 2026-03-15T04:00:00Z
    ");
}

#[test]
fn a_stop_that_falls_due_while_the_instance_boots_waits() {
    let reboot = "[[scripts]]\nat = \"2026-03-11T03:59:50Z\"\ndo = \"RebootInstance\"\n\
                  InstanceId = \"sub[0]\"\n";
    let text = format!("{}{reboot}", subscription("never").replace("60d", "20d"));
    assert_snapshot!(notifications(&text), @r"
    20260308T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-11T04:00:00Z
    20260311T115950.000+0800 Instance:StateChange Stopping
    20260311T120001.000+0800 Instance:StateChange Starting
    20260311T120031.000+0800 Instance:StateChange Running
    20260311T120031.000+0800 Instance:StateChange Stopping
    20260311T120042.000+0800 Instance:StateChange Stopped
    20260311T120042.000+0800 Instance:InstanceExpiration.Stop:Executed for 2026-03-11T04:00:00Z from 2026-03-11T04:00:31Z to 2026-03-11T04:00:42Z
    20260311T120042.000+0800 Instance:InstanceExpiration.Delete:Scheduled for 2026-03-26T04:00:42Z
    ");
}

#[test]
fn a_released_instance_ends_its_bills_as_executed() {
    let delete = "[[scripts]]\nat = \"2026-03-10T00:00:00Z\"\ndo = \"DeleteInstance\"\n\
                  InstanceId = \"sub[0]\"\nForce = true\n";
    let text = format!("{}{delete}", subscription("never").replace("60d", "20d"));
    assert_snapshot!(notifications(&text), @r"
    20260308T120000.000+0800 Instance:InstanceExpiration.Stop:Scheduled for 2026-03-11T04:00:00Z
    20260310T080000.000+0800 Instance:InstanceExpiration.Stop:Executed for 2026-03-11T04:00:00Z from 2026-03-10T00:00:00Z to 2026-03-10T00:00:00Z
    20260310T080000.000+0800 Instance:StateChange Deleted
    ");
}

#[test]
fn off_by_default_nothing_is_told_and_no_metric_is_there() {
    let off = |text: &str| text.replace("enabled = true", "enabled = false");
    for text in [subscription("never"), arrears("never")] {
        assert_eq!(notifications(&off(&text)), "");
        let outcome = checked::run(&checked::scenario(&off(&text)), 0, &mut ());
        let plain = checked::run(&checked::scenario(&fleet("")), 0, &mut ());
        assert_eq!(outcome, plain, "the keys have no effect");
        let about = |label: &String| label.starts_with("Account") || label.contains("Expiration");
        assert!(!outcome.metrics.iter().any(|metric| metric.labels.iter().any(about)));
        let on = checked::run(&checked::scenario(&text), 0, &mut ());
        assert!(on.metrics.iter().any(|metric| metric.labels.iter().any(about)));
    }
}

/// What is written is read back, and a replay of it stops and releases at the same times.
#[test]
fn a_recording_of_unpaid_bills_is_replayed() {
    let of_events = |text: &str| -> Vec<String> {
        let lines = notifications(text);
        lines.lines().filter(|line| !line.contains("StateChange")).map(str::to_owned).collect()
    };
    for (text, name) in [(subscription("never"), "sub[0]"), (arrears("never"), "pay[0]")] {
        let scenario: Scenario = checked::scenario(&text);
        let mut sent = Notifications::new(&scenario, 0, String::new());
        checked::run(&scenario, 0, &mut sent);
        let recording = told_by_cloud::read("x", sent.into_inner().as_bytes()).unwrap();
        let options = told_by_cloud::PartOptions {
            start: None,
            instance_type: "prepaid".into(),
            from: "x".into(),
        };
        let part = told_by_cloud::part(&recording, &options).unwrap();
        let entries = part.split("\n[[events]]").skip(1);
        let entries: String = entries.map(|entry| format!("\n[[events]]{entry}")).collect();
        let never = "[policies.customers.default]\nrenew_after = \"never\"\n";
        let replay = fleet(never) + &entries.replace("imported[0]", name);
        assert_eq!(of_events(&replay), of_events(&text));
    }
}

#[test]
fn an_instance_that_could_not_be_created_is_not_billed() {
    // Arrears are announced while it shows Stopped, before it is released.
    let text = arrears("never").replace("vcpus = 8", "vcpus = 3");
    let text = text.replace("billing =", "create = { release_after = \"30d\" }\nbilling =");
    let events = notifications(&text);
    assert!(events.contains("Instance:SystemFailure.Delete:Executed"), "{events}");
    assert!(!events.contains("AccountUnbalanced"), "{events}");
}
