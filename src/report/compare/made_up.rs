//! A small made-up comparison for the tests of every form.

use super::{Candidate, Compared};
use crate::{
    experiment::{
        comparison::{all, compare, named},
        divergence::Divergence,
    },
    kernel::time::{Instant, Span},
    observe::{
        catalogue::{CATALOGUE, Metric},
        outcome::Outcome,
        select::Selector,
    },
    report::About,
};
use std::sync::Arc;

/// Three candidates over six runs: B differs from A, C does not.
pub fn compared() -> Compared {
    let metric = |(name, labels): (&str, &[&str])| Metric {
        definition: CATALOGUE.iter().find(|definition| definition.name == name).unwrap(),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
    };
    let list: [(&str, &[&str]); 7] = [
        ("availability", &[]),
        ("downtime", &["server-failure"]),
        ("downtime", &["spot"]),
        ("data_loss.bytes", &[]),
        ("data_loss.instances", &[]),
        ("utilisation", &["vcpu"]),
        ("placement.blocking", &["a type with a long name, and | pipes"]),
    ];
    let metrics: Arc<[Metric]> = list.map(metric).into();
    let outcome = |run: u32, shift: f64| {
        let k = f64::from(run);
        let values = vec![
            Some(0.9991 + 0.0001 * k + shift * (0.0004 + 0.00002 * (k % 3.0))),
            Some(3_600.0 * (10.0 + k)),
            Some(0.0),
            Some(1e12 * (k + 1.0) - shift * 1e11 * (k % 2.0 + 1.0)),
            Some(if run == 2 { 3.0 + shift } else { 3.0 }),
            Some(0.5),
            (run > 0).then_some(0.25 + 0.01 * k * k * shift),
        ];
        let moved = shift > 0.0 && run > 1;
        let fingerprint = format!("{:032x}", run + if moved { 100 } else { 0 });
        Outcome { run, metrics: metrics.clone(), values, fingerprint }
    };
    let candidate = |label: &str, shift: f64, options: &[&str]| Candidate {
        about: about(),
        label: label.to_owned(),
        file: "made-up.toml".to_owned(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        outcomes: (0..6).map(|run| outcome(run, shift)).collect(),
    };
    let candidates = vec![
        candidate("as the file says", 0.0, &[]),
        candidate("a.b=2", 1.0, &["--set a.b=2"]),
        candidate("a.b=1", 0.0, &[]),
    ];
    let lists = [&metrics[..], &metrics[..], &metrics[..]];
    let whole = named(&[Selector::parse("downtime").unwrap()], &lists).unwrap();
    let mut chosen = all(&lists);
    chosen.splice(1..3, whole);
    let outcomes: Vec<Vec<Outcome>> =
        candidates.iter().map(|candidate| candidate.outcomes.clone()).collect();
    let comparison = compare(&outcomes, &chosen);
    let parts = Divergence {
        run: 2,
        at: Instant::from_micros(93_784_500_000),
        shared: 1_234,
        instead: [Some("repair of a-r0-1 begins".to_owned()), None],
    };
    let notes = vec!["seed 7 of made-up.toml is set aside".to_owned()];
    let divergences = vec![Some(parts), None];
    Compared { candidates, chosen, is_named: false, comparison, divergences, notes }
}

fn about() -> About {
    About {
        scenario: "made-up".to_owned(),
        question: "does the table read well?".to_owned(),
        digest: "00ff".repeat(16),
        version: "0.0.0",
        rng_scheme: 1,
        seed: 1,
        runs: 6,
        begins: Instant::ZERO,
        measured_from: Instant::ZERO,
        horizon: Span::from_seconds(365 * 86_400),
        servers: 60,
        zones: 2,
        racks: 6,
        instances: 1_240,
        gpus: 0,
        remarks: Vec::new(),
    }
}
