//! How long a rolling refresh takes whose replacements take random times (O12).
//!
//! A replacement is a launch, and nothing but its boot takes any time: the old member is gone at
//! once. Nothing may be extra, and so many members may be missing as the window is wide.

use crate::{
    given::{Case, O12A, O12B, O12C},
    support::{Watcher, scenario_with, watch},
    verdicts::{Verdicts, mean, variance},
};
use fleetsim::{
    fleet::Fleet,
    kernel::time::Instant,
    lifecycle::refresh::RefreshStatus,
    messages::{fact::Fact, scaling::ScalingFact},
    observe::Observer,
    scenario::Scenario,
};

/// Runs of a case: half the full profile.
const RUNS: u32 = 1_000;

const ROLLING: &str = r#"
[scenario]
name = "rolling"
horizon = "10d"
seed = 61
[server_models.m]
vcpus = 64
memory = "1024GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 10
zones = ["z"]
[instance_types.small]
vcpus = 1
memory = "1GiB"
[configurations.old]
type = "small"
[configurations.new]
type = "small"
[[groups]]
name = "g"
min_size = 0
max_size = 1000
desired = {servers}
configuration = "old"
attach = "0s"
detach = "0s"
refresh = { pacing = "PACING", no_progress_timeout = "never" }
[[scripts]]
at = "0s"
do = "StartInstanceRefresh"
group = "g"
MinHealthyPercentage = FLOOR
MaxHealthyPercentage = 100
DesiredConfiguration = { ScalingConfigurationId = "new" }
"#;

/// Instances of which the boot alone takes a time, of this law.
const INSTANCE: &str = r#"instance = { pending = "0s", starting = LAW, stopping = "0s" }"#;

/// When the refresh was over, and how many batches it had.
#[derive(Default)]
struct Makespan {
    began: Option<Instant>,
    ended: Option<Instant>,
    batches: u32,
}

impl Makespan {
    /// How long it took [min].
    fn minutes(&self) -> f64 {
        let [began, ended] = [self.began, self.ended].map(|at| at.expect("it began and ended"));
        ended.since(began).seconds() / 60.0
    }
}

impl Observer for Makespan {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        match *fact {
            Fact::Scaling(ScalingFact::RefreshMoved { to, .. }) => match to {
                RefreshStatus::InProgress => self.began = Some(now),
                RefreshStatus::Successful => self.ended = Some(now),
                _ => {}
            },
            Fact::Scaling(ScalingFact::BatchBegan { .. }) => self.batches += 1,
            _ => {}
        }
    }
}

impl Watcher for Makespan {}

/// The scenario of `case`; how it goes on after the first batch; the law of a replacement.
fn rolling(case: &Case, pacing: &str, law: &str) -> Scenario {
    let [servers, width] = ["servers", "width"].map(|of| case.param(of) as u32);
    let floor = 100 * (servers - width) / servers;
    assert_eq!(servers - (servers * floor).div_ceil(100), width, "the floor leaves the width");
    let text = ROLLING.replace("PACING", pacing).replace("FLOOR", &floor.to_string());
    scenario_with(case, &text, &INSTANCE.replace("LAW", law))
}

fn exponential(case: &Case) -> String {
    format!("{{ exponential = {{ mean = \"{}min\" }} }}", case.param("duration_law.1"))
}

/// Tests the makespans of `case` against what is expected, and how many batches there were.
fn check(case: &Case, scenario: &Scenario, batches: impl Fn(u32) -> bool) {
    let study = watch(scenario, RUNS, |_| Makespan::default());
    let makespans = study.seen(Makespan::minutes);
    let runs = f64::from(RUNS);
    let [expected, sd] = ["mean_makespan_min", "sd_makespan_min"].map(|of| case.expected(of));
    let mut verdicts = Verdicts::of(case.id);
    verdicts.z("makespan [min]", (mean(&makespans), expected), sd / runs.sqrt());
    // A sum of ten and more independent lengths: near enough to a normal one for its variance.
    let statistic = (runs - 1.0) * variance(&makespans) / (sd * sd);
    verdicts.chi_square("variance", statistic, runs - 1.0);
    verdicts.end();
    assert!(study.seen.iter().all(|seen| batches(seen.batches)), "{}: batches", case.id);
}

#[test]
fn o12a_batches_of_exponential_lengths() {
    let scenario = rolling(&O12A, "batch", &exponential(&O12A));
    check(&O12A, &scenario, |batches| batches == 10);
}

#[test]
fn o12b_batches_of_uniform_lengths_and_a_last_one_that_is_smaller() {
    let [least, most] = ["duration_law.1", "duration_law.2"].map(|of| O12B.param(of));
    let law = format!("\"{least}min..{most}min\"");
    let scenario = rolling(&O12B, "batch", &law);
    check(&O12B, &scenario, |batches| batches == 11);
}

#[test]
fn o12c_a_sliding_window_of_exponential_lengths() {
    let scenario = rolling(&O12C, "sliding", &exponential(&O12C));
    // Ten begin at once, and one whenever one is finished.
    check(&O12C, &scenario, |batches| batches == 91);
}
