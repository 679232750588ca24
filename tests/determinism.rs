//! The same bytes: twice, on any number of threads, in debug and release, on any machine.

use fleetsim::{
    observe::{metrics::Metrics, outcome::Outcome},
    scenario::{InMemory, Scenario},
    simulation::measure,
};
use std::fmt::Write;

/// How many runs of each scenario.
const RUNS: u32 = 7;

const QUICKSTART: &str = include_str!("../scenarios/quickstart.toml");

/// Everything that chance touches, in little: laws of every kind, batches, a day's profile, waiting
/// for room, repair crews, racks, guests, boots that fail, local data, an application.
const SMALL: &str = r#"
[scenario]
name = "small"
horizon = "20d"
warm_up = "36h"
seed = 18446744073709551615
levels_at = ["2d", "10d"]
[server_models.a]
vcpus = 16
memory = "64GiB"
numa_nodes = 2
local_disks = { count = 2, size = "500GiB", failure = { rate = "6/year" } }
crash = { life = { weibull = { shape = 1.4, scale = "300h" } }, age_at_start = "stationary", repair_restores = "old", repair = { lognormal = { median = "5h", p99 = "40h" } } }
risk = "never"
[server_models.b]
vcpus = 32
memory = "96GiB"
crash = { rate = "9/year", restart = { exponential = { mean = "11min" } }, repair = "1h..30h" }
risk = "never"
[[servers]]
name = "some"
model = "a"
count = 13
zones = ["x", "y", "z"]
racks_per_zone = 2
rack_outage = { rate = "6/year", repair = "10min..5h" }
[[servers]]
name = "others"
model = "b"
count = 7
zones = ["x", "y"]
[instance_types.one]
vcpus = 1
memory = "3GiB"
[instance_types.four]
vcpus = 4
memory = "20GiB"
[instance_types.disky]
vcpus = 2
memory = "8GiB"
local_disks = 1
action_on_maintenance = "AutoRedeploy"
[workload]
when_full = { wait = "3h" }
[[workload.instances]]
type = "disky"
count = 11
group = "disks"
[[workload.instances]]
type = "four"
count = 9
app = "web"
group = "web"
customer = "slow"
action_on_maintenance = "Stop"
[[workload.arrivals]]
name = "day"
rate = "6/h"
types = { one = 5, four = 1 }
batch = { sizes = [[0.7, 1], [0.2, 3], [0.1, 17]] }
same_type_in_batch = false
day_profile = [0.2, 0.7, 1.8, 1.3]
life = { empirical = [[0.1, "0s"], [0.5, "40min"], [0.9, "9h"], [1.0, "3d"]] }
[[workload.arrivals]]
name = "tide"
gap = { weibull = { shape = 0.7, mean = "2h" } }
type = "one"
batch = 4
app = "web"
life = { exponential = { mean = "10h" } }
[applications.web]
per_server_limit = 2
needed = [8, 12]
[policies]
placement = "spread"
[policies.repair]
crews = 2
order = "shortest-first"
[policies.customers.slow]
restart_after = { lognormal = { median = "20min", p99 = "10h" } }
[settings.instance]
boot_fail_p = 0.02
[settings.guest]
crash_rate = "5/year"
"#;

fn scenario(text: &str) -> Scenario {
    Scenario::parse("scenario.toml", text.as_bytes(), &[], &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}"))
}

/// The runs, shared out to so many threads, in order.
fn outcomes(scenario: &Scenario, threads: u32) -> Vec<Outcome> {
    let metrics = &Metrics::list(scenario);
    let share = |thread: u32| {
        let runs = (0..RUNS).filter(|run| run % threads == thread);
        runs.map(|run| measure(scenario, run, metrics)).collect::<Vec<_>>()
    };
    let mut outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let spawned: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || share(thread))).collect();
        spawned.into_iter().flat_map(|thread| thread.join().expect("it ends")).collect()
    });
    outcomes.sort_by_key(|outcome| outcome.run);
    outcomes
}

/// Every digit of every run: fingerprints, names, labels and the shortest text of each value.
fn told(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        writeln!(text, "run {} {}", outcome.run, outcome.fingerprint)
            .expect("a string takes any text");
        for (metric, value) in outcome.metrics.iter().zip(&outcome.values) {
            let (name, labels) = (metric.definition.name, metric.labels.join(","));
            writeln!(text, "{name}{{{labels}}} {value:?}").expect("a string takes any text");
        }
    }
    text
}

/// The runs of `text` are the same however they are run, and the same as when `golden` was written:
/// it changes only with what is simulated or measured, and then in the same commit.
fn check(text: &str, golden: &str) {
    let scenario = scenario(text);
    let alone = told(&outcomes(&scenario, 1));
    for threads in [1, 2, 7] {
        assert_eq!(told(&outcomes(&scenario, threads)), alone, "on {threads} threads");
    }
    let digest = blake3::hash(alone.as_bytes()).to_hex();
    assert_eq!(digest.as_str(), golden, "digest of:\n{alone}");
}

#[test]
fn quickstart_is_the_same_everywhere() {
    check(QUICKSTART, "f10068c30bdeb7116a8298e03c86462f821325efdfd0e1a1e6a48a8014ea1a3a");
}

#[test]
fn laws_of_all_kinds_are_the_same_everywhere() {
    check(SMALL, "72db7b06b7a0393c90bfb975cdb3d4d33c9cd0b839886852750dd7ac2f72671c");
}

#[test]
fn setting_what_is_written_changes_nothing() {
    let set = |sets: &[&str]| {
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        Scenario::parse("scenario.toml", QUICKSTART.as_bytes(), &sets, &InMemory::default())
            .unwrap_or_else(|faults| panic!("{faults}"))
    };
    let (plain, equal) = (set(&[]), set(&["scenario.seed=1", "policies.placement=spread"]));
    assert_eq!(equal.digest, plain.digest);
    let metrics = Metrics::list(&plain);
    assert_eq!(measure(&equal, 1, &metrics), measure(&plain, 1, &metrics));
    // The seed stands beside the digest, not in it.
    let other = set(&["scenario.seed=2"]);
    assert_eq!(other.digest, plain.digest);
    assert_ne!(measure(&other, 1, &metrics).fingerprint, measure(&plain, 1, &metrics).fingerprint);
}
