//! Small made-up results for the tests of every form.

use super::{About, Results};
use crate::{
    kernel::time::{Instant, Span},
    observe::{
        catalogue::{Better, Definition, Metric},
        outcome::Outcome,
    },
};
use std::sync::Arc;

const fn of(name: &'static str, labels: &'static [&'static str], unit: &'static str) -> Definition {
    Definition { name, labels, unit, better: Better::Lower, definition: "made up for a test" }
}

/// A catalogue with one metric of each kind that reports treat differently.
pub static CATALOGUE: &[Definition] = &[
    Definition {
        name: "availability",
        labels: &[],
        unit: "ratio",
        better: Better::Higher,
        definition: "served instance-time / owed instance-time, over the fleet after warm-up, \
                     which is a definition long enough to need a second line",
    },
    of("downtime", &["cause"], "instance-s"),
    of("placement.blocking", &["type"], "ratio"),
    of("memory.allocated.max", &[], "B"),
    of("memory.allocated.max_at", &[], "s"),
    of("launch.wait.p99", &[], "s"),
    of("migrations", &["kind"], "count"),
    of("engine.occurrences", &[], "count"),
    of("gpu.allocated.mean", &[], "count"),
    of("repair.wait.mean", &[], "s"),
    of("repair.wait.p95", &[], "s"),
    of("instances.placed.level", &["at"], "count"),
    of("tasks", &["kind", "status"], "count"),
    of("migrations.concurrent.max", &[], "count"),
    of("migrations.per_hour.max", &[], "1/h"),
];

/// The results of `runs` runs; the values of run k differ from those of run 0 where they may.
pub fn results(runs: u32) -> Results {
    let metric = |place: usize, labels: &[&str]| Metric {
        definition: &CATALOGUE[place],
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
    };
    let metrics: Arc<[Metric]> = Arc::new([
        metric(0, &[]),
        metric(1, &["server-failure"]),
        metric(1, &["guest-failure"]),
        metric(1, &["spot"]),
        metric(2, &["=evil,\"type\""]),
        metric(3, &[]),
        metric(4, &[]),
        metric(5, &[]),
        metric(6, &["redeploy"]),
        metric(6, &["failover"]),
        metric(7, &[]),
        metric(8, &[]),
        metric(9, &[]),
        metric(10, &[]),
        metric(11, &["36000"]),
        metric(12, &["failover", "Finished"]),
        metric(13, &[]),
        metric(14, &[]),
    ]);
    let outcomes = (0..runs).map(|run| {
        let k = f64::from(run);
        let values = vec![
            Some(0.9996 - 0.0002 * k),
            Some(90_000.0 + 1_234.5 * k),
            Some(4_000.0 - 100.0 * k),
            Some(-0.0),
            Some(0.25),
            Some(126_341_026_414_592.0),
            Some(1_047_845.0),
            None,
            Some(0.0),
            Some(8.0 + k),
            Some(9_007.0 + 12.0 * k),
            Some(3.0),
            Some(0.0),
            Some(0.0),
            Some(1_200.0 + k),
            Some(8.0 + k),
            Some(2.0),
            Some(2.0),
        ];
        Outcome { run, metrics: metrics.clone(), values, fingerprint: format!("{run:032x}") }
    });
    let outcomes = outcomes.collect();
    let about = About {
        scenario: "made-up".to_owned(),
        question: "does the table read well?".to_owned(),
        digest: "00ff".repeat(16),
        version: "0.0.0",
        rng_scheme: 1,
        seed: 1,
        runs,
        begins: Instant::ZERO,
        measured_from: Instant::ZERO,
        horizon: Span::from_seconds(365 * 86_400),
        servers: 60,
        zones: 2,
        racks: 6,
        instances: 1_240,
        gpus: 0,
        remarks: Vec::new(),
    };
    Results::new(about, outcomes)
}
