//! Whether what a scenario demands of its runs holds: every gate judged on the same runs, against
//! the same baseline.

use super::{
    baseline::{Baseline, Pairing},
    verdict::{Before, Judged, Verdict, judge},
};
use crate::observe::{gates::Target, outcome::Outcome, select::Column};

/// What the gates of one scenario came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// Every gate, in order of the file.
    pub gates: Vec<Judged>,
    /// Runs that took the same course as those of the same number of the baseline (count); `None`
    /// where runs are not paired.
    pub same_course: Option<u32>,
    /// Metrics of which some run says something else than its partner (count); `None` where runs
    /// are not paired.
    pub metrics_changed: Option<u32>,
    /// Metrics measured (count).
    pub metrics: u32,
}

impl Checked {
    /// The worst verdict; a scenario passes where every gate does.
    pub fn verdict(&self) -> Verdict {
        self.gates.iter().map(|gate| gate.verdict).max().unwrap_or(Verdict::Pass)
    }
}

/// A baseline, and how it is compared with.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// The baseline, with at least as many runs as are judged where they are paired.
    pub baseline: &'a Baseline,
    /// Whether runs are paired.
    pub pairing: Pairing,
}

/// The verdicts on `targets` of `now`, the runs of a scenario in order, each with where the
/// baseline has its metric (`None`: it has not).
///
/// # Errors
/// Which gate asks for a metric that the baseline does not hold, and why.
///
/// # Panics
/// If a gate needs a baseline and there is none.
pub fn check(
    targets: &[Target],
    against: Option<Against<'_>>,
    now: &[Outcome],
) -> Result<Checked, String> {
    let before: Option<&[Outcome]> = against.map(|against| match against.pairing {
        Pairing::Paired => &against.baseline.outcomes[..now.len()],
        Pairing::Unpaired => against.baseline.outcomes.as_slice(),
    });
    let paired = against.is_some_and(|against| against.pairing == Pairing::Paired);
    let partners = before.filter(|_| paired);
    let same = partners.map(|before| {
        let pairs = before.iter().zip(now);
        pairs.filter(|(before, now)| before.fingerprint == now.fingerprint).count()
    });
    let same_course = same == Some(now.len());
    let mut gates = Vec::new();
    for target in targets {
        let values = values(&target.column, now);
        let held = match before {
            Some(before) => find(target, before)?,
            None => None,
        };
        let before = match &held {
            None => Before::Nothing,
            Some(held) if paired => Before::Paired { values: held, same_course },
            Some(held) => Before::Unpaired(held),
        };
        gates.push(judge(target, before, &values));
    }
    Ok(Checked {
        gates,
        same_course: same.map(counted),
        metrics_changed: partners.map(|before| changed(before, now)),
        metrics: counted(now.first().map_or(0, |outcome| outcome.metrics.len())),
    })
}

/// The values that the baseline's runs have for `target`; `None` where it has no such metric and
/// needs none.
fn find(target: &Target, before: &[Outcome]) -> Result<Option<Vec<Option<f64>>>, String> {
    let metrics = before.first().map_or(&[][..], |outcome| &outcome.metrics);
    match target.selector.find(metrics) {
        Ok(column) => Ok(Some(values(&column, before))),
        Err(_) if !target.limit.is_relative() => Ok(None),
        Err(_) => Err(format!("it does not hold `{}`", target.column.name)),
    }
}

/// One value a run.
fn values(column: &Column, outcomes: &[Outcome]) -> Vec<Option<f64>> {
    outcomes.iter().map(|outcome| column.value(&outcome.values)).collect()
}

/// Metrics that differ in some run, those that only one side has included.
fn changed(before: &[Outcome], now: &[Outcome]) -> u32 {
    let (Some(first), Some(then)) = (now.first(), before.first()) else { return 0 };
    let differs = |place: usize| {
        let metric = &first.metrics[place];
        let partner = then.metrics.iter().position(|other| other == metric);
        partner.is_none_or(|partner| {
            before.iter().zip(now).any(|(before, now)| before.values[partner] != now.values[place])
        })
    };
    counted((0..first.metrics.len()).filter(|place| differs(*place)).count())
}

fn counted(count: usize) -> u32 {
    u32::try_from(count).expect("runs and metrics are counted in 32 bits")
}
