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

/// Everything that chance touches, in little.
const SMALL: &str = include_str!("scenarios/laws-of-all-kinds.toml");

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
