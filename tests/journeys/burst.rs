//! Burstable instances in whole runs: their story, and their credits among all that may happen to
//! an instance.

use crate::checked::{self, value};
use fleetsim::{
    observe::{
        notifications::Notifications,
        story::{Story, Subject},
    },
    scenario::notifications::{Content, read},
};
use insta::assert_snapshot;

/// One burstable instance on a server that never fails.
const ONE: &str = r#"
[scenario]
name = "burst"
start = "2026-03-01T00:30:00Z"
horizon = "8h"
[server_models.m]
vcpus = 8
memory = "32GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[loads.noon]
steps = [["0s", "100%"], ["2h", "0%"]]
[instance_types."ecs.t6-c2m1.large"]
vcpus = 2
memory = "1GiB"
load = "noon"
[settings]
instance = { pending = "3s", starting = "30s", stopping = "11s" }
guest = { crash_rate = "never" }
"#;

#[test]
fn credits_run_out_and_come_back() {
    let script = r#"
[[workload.instances]]
name = "web"
type = "ecs.t6-c2m1.large"
count = 1
[[scripts]]
at = "3h"
do = "ModifyInstanceAttribute"
InstanceId = "web[0]"
CreditSpecification = "Unlimited"
[[scripts]]
at = "4h"
do = "StopInstance"
InstanceId = "web[0]"
StoppedMode = "StopCharging"
[[scripts]]
at = "5h"
do = "StartInstance"
InstanceId = "web[0]"
"#;
    let scenario = checked::scenario(&format!("{ONE}{script}"));
    let window = (scenario.begin, scenario.end);
    let mut story = Story::new(&scenario, 0, Subject::Run, window);
    checked::run(&scenario, 0, &mut story);
    let lines = story.entries.iter().filter(|entry| entry.what.starts_with("Credit"));
    let told: String = lines.map(|entry| format!("{} {}\n", entry.at, entry.text)).collect();
    assert_snapshot!("credits_run_out_and_come_back", told);
}

/// The hours that are told are those of UTC: the run begins at half past midnight.
#[test]
fn hours_are_those_of_the_calendar() {
    let one = "[[workload.instances]]\ntype = \"ecs.t6-c2m1.large\"\ncount = 1\n";
    let scenario = checked::scenario(&format!("{ONE}{one}"));
    let mut sent = Notifications::new(&scenario, 0, String::new());
    let outcome = checked::run(&scenario, 0, &mut sent);
    let recording = read("x", sent.into_inner().as_bytes()).expect("our own are read back");
    let hours: Vec<(String, String)> = recording
        .notifications
        .iter()
        .filter_map(|one| match one.content {
            Content::Restricted { from, to, .. } => Some((
                one.at.to_minute().to_string(),
                format!("{} {}", from.to_minute(), to.to_minute()),
            )),
            _ => None,
        })
        .collect();
    // Held from 01:03:20 on, until 02:30.
    let expected = [
        ("2026-03-01T02:00Z", "2026-03-01T01:00Z 2026-03-01T02:00Z"),
        ("2026-03-01T03:00Z", "2026-03-01T02:00Z 2026-03-01T03:00Z"),
    ];
    assert_eq!(hours, expected.map(|(at, hour)| (at.to_owned(), hour.to_owned())));
    let of = |name: &str| value(&outcome, name, &[]);
    assert!((of("credits.throttled") - 5_200.0).abs() < 1e-3, "{}", of("credits.throttled"));
    assert!((of("credits.restricted") - 2.0).abs() < 1e-9);
    assert!((of("credits.demanded") - 240.0).abs() < 1e-9);
    // 66.67 credits at full speed within 2,000 s, then 0.2 a minute.
    let delivered = 2.0 * 2_000.0 / 60.0 + 0.2 * 5_200.0 / 60.0;
    assert!((of("credits.delivered") - delivered).abs() < 1e-6, "{}", of("credits.delivered"));
    let name = "ecs.t6-c2m1.large";
    for label in ["all", name] {
        assert!((value(&outcome, "credits.ran_out", &[label]) - 1.0).abs() < 1e-9);
        assert!((value(&outcome, "credits.instances", &[label]) - 1.0).abs() < 1e-9);
    }
    let share = value(&outcome, "credits.throttled.share", &[name]);
    assert!((share - 5_200.0 / 28_800.0).abs() < 1e-9, "{share}");
}

/// Failures, moves, bills and short lives; the audit of every turn holds that no credit is lost.
#[test]
fn credits_survive_all_that_may_happen() {
    let text = |mode: &str, taper: bool| {
        format!(
            r#"
[scenario]
name = "burst-among-failures"
horizon = "20d"
warm_up = "1d"
[server_models.m]
vcpus = 16
memory = "64GiB"
crash = {{ rate = "20/year", restarts_itself = 0.5, repair = "2h..8h" }}
risk = {{ rate = "20/year" }}
[[servers]]
model = "m"
count = 6
zones = ["z"]
[loads.a]
on_off = {{ on = "97.77%", off = "3.33%", on_for = "40min", off_for = "3h" }}
[loads.b]
day = ["0%", "13%", "7.77%", "50%", "99.99%"]
[loads.c]
steps = [["0s", "1%"], ["100min", "100%"], ["130min", "33.33%"]]
period = "5h"
[instance_types.odd]
vcpus = 3
memory = "1GiB"
burst = {{ credits_per_hour = 17.77, max_balance = 99.999, initial = 7.001 }}
credit_specification = "{mode}"
load = "a"
[instance_types."ecs.t5-lc2m1.nano"]
vcpus = 1
memory = "1GiB"
load = "b"
charge = "subscription"
[instance_types.plain]
vcpus = 1
memory = "1GiB"
[[workload.instances]]
name = "odd"
type = "odd"
count = 8
[[workload.instances]]
name = "nano"
type = "ecs.t5-lc2m1.nano"
count = 8
credit_specification = "Unlimited"
[[workload.arrivals]]
name = "mixed"
rate = "20/day"
types = {{ odd = 2, plain = 1, "ecs.t5-lc2m1.nano" = 1 }}
load = "c"
life = {{ exponential = {{ mean = "12h" }} }}
[[scripts]]
at = "8d"
do = "StopInstance"
InstanceId = "odd[0]"
StoppedMode = "StopCharging"
[[scripts]]
at = "9d"
do = "StartInstance"
InstanceId = "odd[0]"
[[scripts]]
at = "10d"
do = "ModifyInstanceAttribute"
InstanceId = ["odd[1]", "odd[2]", "nano[3]"]
CreditSpecification = "Standard"
[settings.guest]
crash_rate = "20/year"
[settings.burst]
taper = {taper}
[settings.billing]
enabled = true
term = "4d"
arrears = ["2d"]
arrears_stop_after = "1d"
arrears_paid_after = "3d"
"#
        )
    };
    for (mode, taper) in [("Standard", false), ("Standard", true), ("Unlimited", false)] {
        let scenario = checked::scenario(&text(mode, taper));
        let outcome = checked::run(&scenario, 0, &mut ());
        let of = |name: &str| value(&outcome, name, &[]);
        assert!(of("credits.demand.missing") > 0.0, "{mode}: some run out");
        if mode == "Standard" {
            assert!(of("credits.full") > 0.0, "some have all they may");
        } else {
            assert!(of("credits.overdrawn") > 0.0);
            assert!(value(&outcome, "credits.mode_changes", &["System"]) > 0.0);
        }
    }
}
