//! Whether a goal is met at one place: shown to be, shown not to be, or open.

use super::{
    Question, Simulate,
    cells::Cells,
    goal::{Goal, Judged},
};
use crate::experiment::{
    bounds::{failures_allowed, trials_needed, upper},
    estimate::{Estimate, estimate, half_width},
    stopping::FIRST,
};

/// Runs that must agree to the last bit before that is taken for certain: fewer would overlook what
/// happens in one run of twenty more often than once in twenty.
const ALIKE: u32 = 59;

/// How much wider an interval is taken that runs are too skewed for, where more runs may be made.
const SKEWED: f64 = 2.0;

/// The most runs that are told to be needed.
const NEEDED_MAX: f64 = 1e7;

/// What the runs at one place say of a goal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is met, with the confidence asked for.
    Met,
    /// It is not met, with the confidence asked for.
    Missed,
    /// These runs cannot tell.
    Open,
}

/// What a verdict rests on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Evidence {
    /// The goal held in so many of so many runs.
    Held {
        /// Runs in which it held (count).
        held: u32,
        /// Runs made (count).
        runs: u32,
    },
    /// The mean over the runs.
    Mean {
        /// The metric over the runs that define it.
        estimate: Estimate,
        /// Runs made (count).
        runs: u32,
    },
}

/// One goal at one place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OfGoal {
    /// What the runs say.
    pub verdict: Verdict,
    /// What that rests on.
    pub evidence: Evidence,
    /// Where it is open: about how many runs would tell. `None` where no number can be named.
    pub needed: Option<u32>,
}

impl OfGoal {
    /// How far on the good side of `goal` it lies, as a share of the runs or of the goal's value;
    /// negative on the bad side.
    pub(super) fn margin(&self, goal: &Goal) -> f64 {
        match (self.evidence, goal.judged) {
            (Evidence::Held { held, runs }, Judged::InRuns(share)) => {
                f64::from(held) / f64::from(runs.max(1)) - share
            }
            (Evidence::Mean { estimate, .. }, _) => {
                let scale = if goal.value.abs() > 0.0 { goal.value.abs() } else { 1.0 };
                let mean = estimate.value.map(|spread| goal.margin(spread.mean) / scale);
                mean.unwrap_or(f64::NEG_INFINITY)
            }
            (Evidence::Held { .. }, Judged::OnAverage) => f64::NEG_INFINITY,
        }
    }
}

/// All goals at one place.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement {
    /// The place among the candidates.
    pub place: usize,
    /// The goals, in their order.
    pub goals: Vec<OfGoal>,
}

impl Judgement {
    /// What all goals together come to.
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.goals.iter().any(|goal| goal.verdict == verdict);
        match (any(Verdict::Missed), any(Verdict::Open)) {
            (true, _) => Verdict::Missed,
            (false, true) => Verdict::Open,
            (false, false) => Verdict::Met,
        }
    }
}

/// All goals at `place`.
pub(super) fn judge<S: Simulate>(
    cells: &mut Cells<'_, S>,
    question: &Question<'_>,
    place: usize,
) -> Result<Judgement, S::Fault> {
    let numbered = question.goals.iter().enumerate();
    let goals: Result<Vec<OfGoal>, S::Fault> =
        numbered.map(|goal| judge_goal(cells, question, goal, place)).collect();
    Ok(Judgement { place, goals: goals? })
}

/// One goal at `place`.
pub(super) fn judge_goal<S: Simulate>(
    cells: &mut Cells<'_, S>,
    question: &Question<'_>,
    (number, goal): (usize, &Goal),
    place: usize,
) -> Result<OfGoal, S::Fault> {
    match goal.judged {
        Judged::InRuns(share) => {
            let runs = question.runs;
            cells.want((0..runs).map(|run| (place, run)))?;
            let held = (0..runs).filter(|run| goal.holds(cells.value(place, *run, number)));
            let held = u32::try_from(held.count()).expect("no more than the runs");
            Ok(by_share(held, runs, share, question.confidence))
        }
        Judged::OnAverage => by_mean(cells, question, (number, goal), place),
    }
}

fn by_share(held: u32, runs: u32, share: f64, confidence: f64) -> OfGoal {
    let allowed = failures_allowed(runs, share, confidence);
    let verdict = if allowed.is_some_and(|allowed| runs - held <= allowed) {
        Verdict::Met
    } else if upper(held, runs, confidence) < share {
        Verdict::Missed
    } else {
        Verdict::Open
    };
    let observed = f64::from(held) / f64::from(runs.max(1));
    let needed = trials_needed(observed, share, confidence).filter(|needed| *needed > runs);
    OfGoal { verdict, evidence: Evidence::Held { held, runs }, needed }
}

/// The numbers of runs after which a mean is looked at: 20, 40, 80, … and `most`.
fn looks(most: u32) -> Vec<u32> {
    let doubled = std::iter::successors(Some(FIRST), |runs| runs.checked_mul(2));
    doubled.take_while(|runs| *runs < most).chain([most]).collect()
}

/// By the mean of as many runs as it takes: at each look the interval either lies on one side of
/// the goal or more runs are made. Each look has its share of the error that the confidence leaves
/// (Bonferroni), so that looking often costs nothing but width.
fn by_mean<S: Simulate>(
    cells: &mut Cells<'_, S>,
    question: &Question<'_>,
    (number, goal): (usize, &Goal),
    place: usize,
) -> Result<OfGoal, S::Fault> {
    let looks = looks(question.most);
    let error = (1.0 - question.confidence) / looks.len() as f64;
    let mut last = None;
    for runs in looks {
        let more = runs < question.most;
        cells.want((0..runs).map(|run| (place, run)))?;
        let estimate = estimate((0..runs).map(|run| cells.value(place, run, number)));
        let (verdict, needed) = of_mean(goal, &estimate, runs, (error, more));
        let found = OfGoal { verdict, evidence: Evidence::Mean { estimate, runs }, needed };
        if verdict != Verdict::Open {
            return Ok(found);
        }
        last = Some(found);
    }
    Ok(last.expect("there is at least one look"))
}

/// The verdict of one look with this one-sided error, and how many runs would tell where it is open.
/// Where `more` runs may be made a look is careful about runs that are skewed or that all agree.
fn of_mean(
    goal: &Goal,
    estimate: &Estimate,
    runs: u32,
    (error, more): (f64, bool),
) -> (Verdict, Option<u32>) {
    // A mean over those runs that got so far says nothing of the others.
    let whole = estimate.value.filter(|_| estimate.runs == runs);
    let Some(spread) = whole else { return (Verdict::Missed, None) };
    let margin = goal.margin(spread.mean);
    let width = spread.deviation.map_or(f64::INFINITY, |s| match s > 0.0 {
        true => half_width(s, runs, 1.0 - 2.0 * error),
        false if more && runs < ALIKE => f64::INFINITY,
        false => 0.0,
    });
    let width = if more && spread.skewed { SKEWED * width } else { width };
    if margin - width >= 0.0 {
        return (Verdict::Met, None);
    }
    if margin + width < 0.0 {
        return (Verdict::Missed, None);
    }
    let ratio = width / margin.abs();
    let needed = libm::ceil(f64::from(runs) * ratio * ratio);
    (Verdict::Open, (needed <= NEEDED_MAX).then_some(needed as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_double_up_to_the_cap() {
        assert_eq!(looks(2_000), [20, 40, 80, 160, 320, 640, 1_280, 2_000]);
        assert_eq!(looks(40), [20, 40]);
        assert_eq!(looks(7), [7]);
    }

    #[test]
    fn shares_are_judged_by_clopper_and_pearson() {
        let of = |held, runs| by_share(held, runs, 0.95, 0.95);
        assert_eq!(of(326, 336).verdict, Verdict::Met);
        assert_eq!((of(325, 336).verdict, of(325, 336).needed.is_some()), (Verdict::Open, true));
        assert_eq!((of(319, 336).verdict, of(319, 336).needed), (Verdict::Open, None));
        assert_eq!(of(310, 336).verdict, Verdict::Missed);
        assert_eq!(of(58, 58).needed, Some(59));
    }

    #[test]
    fn means_are_judged_by_their_interval() {
        let goal = Goal::parse("availability >= 0.5 on average").unwrap();
        let of = |low: f64| {
            let values: Vec<_> = (0..20).map(|run| Some(low + 0.01 * f64::from(run))).collect();
            of_mean(&goal, &estimate(values), 20, (0.05, false))
        };
        assert_eq!((of(0.45).0, of(0.35).0), (Verdict::Met, Verdict::Missed));
        let (verdict, needed) = of(0.4);
        assert_eq!(verdict, Verdict::Open);
        assert!(needed.is_some_and(|needed| needed > 20), "{needed:?}");
        // One run of twenty far below: too skewed for its interval, unless no more can be made.
        let skewed = estimate((0..20).map(|run| Some(if run == 7 { 0.1 } else { 0.55 })));
        assert_eq!(of_mean(&goal, &skewed, 20, (0.2, false)).0, Verdict::Met);
        assert_eq!(of_mean(&goal, &skewed, 20, (0.2, true)).0, Verdict::Open);
        let equal = estimate([Some(0.5); 20]);
        assert_eq!(of_mean(&goal, &equal, 20, (0.05, false)).0, Verdict::Met);
        assert_eq!(of_mean(&goal, &equal, 20, (0.05, true)).0, Verdict::Open, "too few to agree");
        let partly = estimate([Some(1.0), None]);
        assert_eq!(of_mean(&goal, &partly, 2, (0.05, false)).0, Verdict::Missed);
    }
}
