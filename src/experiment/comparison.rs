//! Candidates beside a baseline on the same chance: which metrics, what the pairs of runs say of
//! each, and how honest that is when many are asked at once.

use super::{
    estimate::LEVEL,
    paired::{self, Method, Paired, holm},
};
use crate::observe::{
    catalogue::{Better, Definition, Metric},
    outcome::Outcome,
    select::{Column, Selector, is_parted, name},
};

/// Metrics that are compared where nobody names any, as far as a scenario has them: what answers
/// "which is better?". Those whose labels part a whole are added up.
const DEFAULT: &[&str] = &[
    "availability",
    "availability.instance.min",
    "downtime",
    "interruptions",
    "service.available",
    "service.outages",
    "availability.group",
    "group.below_min_healthy",
    "refresh.duration",
    "refresh.healthy.min",
    "refresh.physical.max",
    "refresh.failed_instances",
    "placement.failed",
    "launch.wait.p99",
    "stranded",
    "data_loss.instances",
    "data_loss.bytes",
    "data_loss.dirty",
    "servers.crashes",
    "servers.available.mean",
    "servers.in_repair.mean",
    "repair.queue.mean",
    "repair.wait.mean",
    "disks.damaged.mean",
    "inquiry.wait",
    "refusals",
    "migrations",
    "migrations.concurrent.max",
    "migration.duration.p99",
    "migration.blackout.p99",
    "migration.bytes",
    "campaign.duration",
    "drain.duration",
    "drain.given_up",
    "credits.ran_out",
    "credits.throttled",
    "credits.cost",
    "spot.interrupted",
    "spot.cost",
    "spot.base.cost",
    "dedicated.waits",
    "dedicated.moves",
];

/// Labels of one metric that are compared where nobody names any, if they are not added up.
const LABELS_MAX: usize = 4;

/// A metric to compare, with its place among those of each candidate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// Its name as tables show it.
    pub name: String,
    /// The metric.
    pub definition: &'static Definition,
    /// Where it stands in the runs of each candidate, in the candidates' order.
    pub columns: Vec<Column>,
}

/// The metrics that `selectors` name, in their order; `candidates` holds what each measures.
///
/// # Errors
/// Which candidate (its place) lacks one, and why.
pub fn named(
    selectors: &[Selector],
    candidates: &[&[Metric]],
) -> Result<Vec<Chosen>, (usize, String)> {
    let mut chosen: Vec<Chosen> = Vec::new();
    for selector in selectors {
        let found = candidates
            .iter()
            .enumerate()
            .map(|(place, metrics)| selector.find(metrics).map_err(|why| (place, why)));
        let columns: Vec<Column> = found.collect::<Result<_, _>>()?;
        let Some(first) = columns.first() else { continue };
        let one = Chosen { name: first.name.clone(), definition: first.definition, columns };
        if !chosen.contains(&one) {
            chosen.push(one);
        }
    }
    Ok(chosen)
}

/// Every metric that all candidates measure, in the order of the first.
pub fn all(candidates: &[&[Metric]]) -> Vec<Chosen> {
    let Some(first) = candidates.first() else { return Vec::new() };
    let everywhere = first.iter().filter_map(|metric| {
        let found = candidates.iter().map(|metrics| {
            let place = metrics.iter().position(|other| other == metric)?;
            Some(Column::single(metrics, place))
        });
        let columns = found.collect::<Option<Vec<Column>>>()?;
        Some(Chosen { name: name(metric), definition: metric.definition, columns })
    });
    everywhere.collect()
}

/// What is compared where nobody names a metric: a short list of what all candidates measure.
pub fn usual(candidates: &[&[Metric]]) -> Vec<Chosen> {
    let all = all(candidates);
    let of = |wanted: &&str| {
        let parts: Vec<&Chosen> =
            all.iter().filter(|chosen| chosen.definition.name == *wanted).collect();
        match parts.first() {
            None => Vec::new(),
            Some(first) if is_parted(first.definition) && parts.len() > 1 => {
                let whole =
                    Selector::parse(wanted).ok().map(|selector| named(&[selector], candidates));
                whole.and_then(Result::ok).unwrap_or_default()
            }
            Some(_) => parts.into_iter().take(LABELS_MAX).cloned().collect(),
        }
    };
    DEFAULT.iter().flat_map(of).collect()
}

/// What was found about one metric of one candidate against the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// The pairs.
    pub paired: Paired,
    /// Their p-value with Holm's correction over all tests of the comparison.
    pub adjusted: Option<f64>,
    /// What that amounts to.
    pub verdict: Verdict,
    /// Where it is unclear because so few runs differ: how many must, and in about how many runs so
    /// many do ([`Paired::wanted`]).
    pub wanted: Option<(u32, u32)>,
}

/// What a test amounts to at the level of [`LEVEL`], after the correction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The same in every run.
    Same,
    /// The candidate is better, in the metric's better direction.
    Better,
    /// It is worse.
    Worse,
    /// It has more of what is neither better nor worse.
    More,
    /// It has less of it.
    Less,
    /// Chance could have brought about the difference.
    Unclear,
    /// Too few pairs to tell anything.
    Untold,
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Better => "better",
            Self::Worse => "worse",
            Self::More => "more",
            Self::Less => "less",
            Self::Unclear => "unclear",
            Self::Untold => "untold",
        }
    }

    fn of(definition: &Definition, paired: &Paired, adjusted: Option<f64>) -> Self {
        let Some(difference) = paired.difference.filter(|_| paired.method != Method::TooFew) else {
            return Self::Untold;
        };
        let Some(p) = adjusted else { return Self::Same };
        match (p <= 1.0 - LEVEL, definition.better, difference > 0.0) {
            (false, _, _) => Self::Unclear,
            (true, Better::Higher, true) | (true, Better::Lower, false) => Self::Better,
            (true, Better::Higher, false) | (true, Better::Lower, true) => Self::Worse,
            (true, Better::Neither, true) => Self::More,
            (true, Better::Neither, false) => Self::Less,
        }
    }
}

/// One candidate against the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Against {
    /// What was found, a metric each, in the order in which they were chosen.
    pub tested: Vec<Tested>,
    /// Runs that take the same course as the baseline's: equal fingerprints (count).
    pub same_course: u32,
    /// The first run that takes another course; `None`: the trajectories are identical.
    pub first_apart: Option<u32>,
}

/// Candidates beside a baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Each candidate but the baseline, in order.
    pub candidates: Vec<Against>,
    /// Tests among which the p-values were corrected (count).
    pub tests: usize,
}

/// Compares each of `candidates` but the first with the first, in the metrics `chosen`: the same
/// runs of each, in order.
///
/// # Panics
/// If the candidates have not as many runs.
pub fn compare(candidates: &[Vec<Outcome>], chosen: &[Chosen]) -> Comparison {
    let Some((baseline, others)) = candidates.split_first() else {
        return Comparison { candidates: Vec::new(), tests: 0 };
    };
    let column = |of: &[Outcome], column: &Column| -> Vec<Option<f64>> {
        of.iter().map(|outcome| column.value(&outcome.values)).collect()
    };
    let pairs = |(place, other): (usize, &Vec<Outcome>)| -> Vec<Paired> {
        let of = |chosen: &Chosen| {
            let base = column(baseline, &chosen.columns[0]);
            paired::compare(chosen.definition, &base, &column(other, &chosen.columns[place + 1]))
        };
        chosen.iter().map(of).collect()
    };
    let paired: Vec<Vec<Paired>> = others.iter().enumerate().map(pairs).collect();
    let p: Vec<f64> = paired.iter().flatten().filter_map(|paired| paired.p).collect();
    let mut corrected = holm(&p).into_iter();
    let mut tested = |(paired, chosen): (Paired, &Chosen)| {
        let adjusted = paired.p.and_then(|_| corrected.next());
        let verdict = Verdict::of(chosen.definition, &paired, adjusted);
        let wanted = paired.wanted(p.len()).filter(|_| verdict == Verdict::Unclear);
        Tested { paired, adjusted, verdict, wanted }
    };
    let against = paired.into_iter().zip(others).map(|(paired, other)| {
        let apart =
            |(a, b): (&Outcome, &Outcome)| (a.fingerprint != b.fingerprint).then_some(a.run);
        let apart: Vec<u32> = baseline.iter().zip(other).filter_map(apart).collect();
        let runs = u32::try_from(other.len()).expect("runs are counted in 32 bits");
        Against {
            tested: paired.into_iter().zip(chosen).map(&mut tested).collect(),
            same_course: runs - apart.len() as u32,
            first_apart: apart.first().copied(),
        }
    });
    Comparison { candidates: against.collect(), tests: p.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::catalogue::CATALOGUE;
    use std::sync::Arc;

    fn metric(name: &str, labels: &[&str]) -> Metric {
        let definition = CATALOGUE.iter().find(|definition| definition.name == name);
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        Metric { definition: definition.expect("it is in the catalogue"), labels }
    }

    fn metrics() -> Arc<[Metric]> {
        Arc::new([
            metric("availability", &[]),
            metric("downtime", &["spot"]),
            metric("downtime", &["refresh"]),
            metric("vcpu.allocated.mean", &[]),
            metric("engine.occurrences", &[]),
        ])
    }

    fn outcomes(runs: &[[f64; 5]], fingerprint: &str) -> Vec<Outcome> {
        let outcome = |(run, values): (usize, &[f64; 5])| Outcome {
            run: run as u32,
            metrics: metrics(),
            values: values.iter().copied().map(Some).collect(),
            fingerprint: if run == 0 { String::new() } else { fingerprint.to_owned() },
        };
        runs.iter().enumerate().map(outcome).collect()
    }

    fn runs(add: [f64; 5]) -> Vec<[f64; 5]> {
        let noise = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.5];
        let one = |(run, noise): (usize, &f64)| {
            let shared = run as f64 * 10.0;
            std::array::from_fn(|of| if add[of] == 0.0 { shared } else { shared + add[of] + noise })
        };
        noise.iter().enumerate().map(one).collect()
    }

    #[test]
    fn better_is_what_the_catalogue_says() {
        let base = outcomes(&runs([0.0; 5]), "a");
        let other = outcomes(&runs([50.0, 50.0, 0.0, -50.0, 0.1]), "b");
        let list = metrics();
        let both: [&[Metric]; 2] = [&list, &list];
        let chosen = all(&both);
        let compared = compare(&[base, other], &chosen);
        let against = &compared.candidates[0];
        let verdicts: Vec<Verdict> = against.tested.iter().map(|tested| tested.verdict).collect();
        assert_eq!(
            verdicts,
            [Verdict::Better, Verdict::Worse, Verdict::Same, Verdict::Less, Verdict::Unclear]
        );
        assert_eq!((compared.tests, against.same_course, against.first_apart), (4, 1, Some(1)));
        let smallest = against.tested[0].paired.p.unwrap();
        assert!((against.tested[0].adjusted.unwrap() - 4.0 * smallest).abs() < 1e-15);
        assert_eq!(against.tested[2].adjusted, None, "what is the same is no test");
    }

    #[test]
    fn identical_candidates_have_no_tests() {
        let base = outcomes(&runs([0.0; 5]), "a");
        let list = metrics();
        let both: [&[Metric]; 2] = [&list, &list];
        let compared = compare(&[base.clone(), base], &all(&both));
        assert_eq!((compared.tests, compared.candidates[0].first_apart), (0, None));
        let same = |tested: &Tested| {
            tested.verdict == Verdict::Same && tested.paired.difference == Some(0.0)
        };
        assert!(compared.candidates[0].tested.iter().all(same));
    }

    #[test]
    fn what_nobody_names_is_the_usual_in_all_candidates() {
        let list = metrics();
        let fewer: Vec<Metric> = list[1..].to_vec();
        let names = |candidates: &[&[Metric]]| -> Vec<String> {
            usual(candidates).into_iter().map(|chosen| chosen.name).collect()
        };
        assert_eq!(names(&[&list, &list]), ["availability", "downtime"]);
        assert_eq!(names(&[&list, &fewer]), ["downtime"]);
        let chosen = usual(&[&list, &fewer]);
        assert_eq!(chosen[0].columns[0].places, [1, 2]);
        assert_eq!(chosen[0].columns[1].places, [0, 1], "places are each candidate's own");
        let selectors = ["availability", "downtime{spot}", "availability"]
            .map(|text| Selector::parse(text).unwrap());
        assert_eq!(named(&selectors, &[&list, &list]).unwrap().len(), 2, "each once");
        assert_eq!(named(&selectors, &[&list, &fewer]).unwrap_err().0, 1);
        for name in DEFAULT {
            metric(name, &[]);
        }
    }
}
