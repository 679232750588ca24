//! Whether a goal is met at one place: shown to be, shown not to be, or open.

use super::{
    Question, Simulate,
    cells::Cells,
    goal::{Goal, Judged},
};
use crate::experiment::{
    bounds::{at_most, failures_allowed, trials_needed, upper},
    estimate::{Estimate, estimate},
    mean::{Beyond, Known, Side},
    stopping::FIRST,
};

/// The most runs by which a mean is judged that is told and decides nothing.
const GLANCE: u32 = 160;

/// Rounds in which a number of runs and its looks settle.
const ROUNDS: u32 = 4;

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
        self.verdict_of(0..self.goals.len())
    }

    /// What the goals of these numbers come to.
    pub(super) fn verdict_of(&self, numbers: impl Iterator<Item = usize>) -> Verdict {
        let verdicts: Vec<Verdict> = numbers.map(|number| self.goals[number].verdict).collect();
        let any = |verdict| verdicts.contains(&verdict);
        match (any(Verdict::Missed), any(Verdict::Open)) {
            (true, _) => Verdict::Missed,
            (false, true) => Verdict::Open,
            (false, false) => Verdict::Met,
        }
    }
}

/// By how many runs a goal is judged that must hold in a share of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Look {
    /// By all that were asked for.
    Full,
    /// By fewer where they already show it ([`early`]), else by all: as sure, and cheaper where a
    /// goal is met with ease.
    Early,
    /// By the fewest that could show it: for what is told and decides nothing.
    Glance,
}

/// All goals at `place`.
pub(super) fn judge<S: Simulate>(
    cells: &mut Cells<'_, S>,
    question: &Question<'_>,
    (place, look): (usize, Look),
) -> Result<Judgement, S::Fault> {
    let numbered = question.goals.iter().enumerate();
    let goals: Result<Vec<OfGoal>, S::Fault> =
        numbered.map(|goal| judge_goal(cells, question, goal, (place, look))).collect();
    Ok(Judgement { place, goals: goals? })
}

/// One goal at `place`.
pub(super) fn judge_goal<S: Simulate>(
    cells: &mut Cells<'_, S>,
    question: &Question<'_>,
    (number, goal): (usize, &Goal),
    (place, look): (usize, Look),
) -> Result<OfGoal, S::Fault> {
    let share = match goal.judged {
        Judged::InRuns(share) => share,
        Judged::OnAverage => {
            let most = if look == Look::Glance { GLANCE.min(question.most) } else { question.most };
            return by_mean(cells, &Question { most, ..*question }, (number, goal), place);
        }
    };
    let Question { runs, confidence, .. } = *question;
    let mut held = |runs: u32| -> Result<u32, S::Fault> {
        cells.want((0..runs).map(|run| (place, run)))?;
        let held = (0..runs).filter(|run| goal.holds(cells.value(place, *run, number)));
        Ok(u32::try_from(held.count()).expect("no more than the runs"))
    };
    match look {
        Look::Full => {}
        Look::Early => {
            if let Some(few) = early(runs, share, confidence)
                && held(few)? == few
            {
                let evidence = Evidence::Held { held: few, runs: few };
                return Ok(OfGoal { verdict: Verdict::Met, evidence, needed: None });
            }
        }
        Look::Glance => {
            let few = fewest(share, confidence).min(runs);
            return Ok(by_share(held(few)?, few, share, confidence));
        }
    }
    Ok(by_share(held(runs)?, runs, share, confidence))
}

/// The fewest runs that show a share: as many as all succeed in with a probability of at most what
/// `confidence` leaves, were the share no higher.
pub(super) fn fewest(share: f64, confidence: f64) -> u32 {
    let runs = libm::ceil(libm::log(1.0 - confidence) / libm::log(share));
    // A share so near to one is refused before; whatever it is, no number is larger.
    if runs < f64::from(u32::MAX) { runs as u32 } else { u32::MAX }
}

/// The fewest runs such that none that fails among them may stand for all `runs`: a share that is not
/// higher than `share` passes them, or else all, with a probability of at most what `confidence`
/// leaves. The test of all runs leaves some of that, since failures are whole numbers. `None` where
/// that is too little.
fn early(runs: u32, share: f64, confidence: f64) -> Option<u32> {
    let allowed = failures_allowed(runs, share, confidence)?;
    let fails = 1.0 - share;
    let left = (1.0 - confidence) - at_most(allowed, runs, fails);
    // All of the first hold, and still more of the others fail than may.
    let wrong = |few: u32| {
        let others = 1.0 - at_most(allowed, runs - few, fails);
        libm::exp(f64::from(few) * libm::log(share)) * others
    };
    (fewest(share, confidence)..runs).find(|few| wrong(*few) <= left)
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

/// By the mean of as many runs as it takes: at each look the mean is either shown to lie on one side
/// of the goal or more runs are made. Each look has its share of the error that the confidence
/// leaves (Bonferroni), so that looking often costs nothing but width; and so has each place at which
/// a search may look on its way ([`Question::steps`]).
fn by_mean<S: Simulate>(
    cells: &mut Cells<'_, S>,
    question: &Question<'_>,
    (number, goal): (usize, &Goal),
    place: usize,
) -> Result<OfGoal, S::Fault> {
    let looks = looks(question.most);
    let error = (1.0 - question.confidence) / (looks.len() as f64 * question.steps());
    let mut last = None;
    for runs in looks {
        cells.want((0..runs).map(|run| (place, run)))?;
        let values: Vec<Option<f64>> =
            (0..runs).map(|run| cells.value(place, run, number)).collect();
        let (verdict, open) = of_mean(goal, &values, error);
        // Only what no more looks follow asks for more runs.
        let open = open.filter(|_| runs == question.most);
        let needed = open.and_then(|open| open.needed(0.0));
        let needed = needed.and_then(|needed| with_more_looks(question, goal, &values, needed));
        let evidence = Evidence::Mean { estimate: estimate(values.iter().copied()), runs };
        let found = OfGoal { verdict, evidence, needed };
        if verdict != Verdict::Open {
            return Ok(found);
        }
        last = Some(found);
    }
    Ok(last.expect("there is at least one look"))
}

/// As `needed`, heeding that more runs are looked at more often, which leaves less of the error for each
/// look.
fn with_more_looks(
    question: &Question<'_>,
    goal: &Goal,
    values: &[Option<f64>],
    mut needed: u32,
) -> Option<u32> {
    for _ in 0..ROUNDS {
        let looks = looks(needed.max(question.most)).len();
        let error = (1.0 - question.confidence) / (looks as f64 * question.steps());
        let more = of_mean(goal, values, error).1?.needed(0.0)?;
        if more <= needed {
            break;
        }
        needed = more;
    }
    Some(needed)
}

/// The verdict of one look with this one-sided error, and what it stands on where it is open.
fn of_mean(goal: &Goal, values: &[Option<f64>], error: f64) -> (Verdict, Option<Beyond>) {
    // A mean over those runs that got so far says nothing of the others.
    let whole: Option<Vec<f64>> = values.iter().copied().collect();
    let Some(whole) = whole else { return (Verdict::Missed, None) };
    let off: Vec<f64> = whole.iter().map(|value| -goal.margin(*value) + 0.0).collect();
    let sides = (goal.value, goal.relation.wants_more());
    let known = Known::of_level(goal.selector.definition(), sides, error);
    let Some(beyond) = Beyond::of(&off, &known) else { return (Verdict::Open, None) };
    // Runs that all are at a value which must be passed are not beyond it.
    let is_short = goal.relation.is_strict() && beyond.is_at_limit();
    match beyond.side() {
        Side::Within if is_short => (Verdict::Missed, None),
        Side::Within => (Verdict::Met, None),
        Side::Beyond => (Verdict::Missed, None),
        Side::Open => (Verdict::Open, Some(beyond)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Streams;

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

    /// The exact probability that a share at the limit passes either look, by stepping through all
    /// counts of failures.
    #[test]
    fn an_early_look_leaves_the_confidence_as_it_is() {
        for (runs, share, first) in [(336, 0.95, 139), (181, 0.95, 113), (93, 0.95, 91)] {
            let passes = |few: u32| {
                let allowed = failures_allowed(runs, share, 0.95).unwrap() as usize;
                let mut of_failures = vec![0.0; runs as usize + 1];
                of_failures[0] = 1.0;
                let mut early = 0.0;
                for run in 1..=runs {
                    for failures in (0..run as usize).rev() {
                        of_failures[failures + 1] += of_failures[failures] * (1.0 - share);
                        of_failures[failures] *= share;
                    }
                    if run == few {
                        early = std::mem::take(&mut of_failures[0]);
                    }
                }
                early + of_failures[..=allowed].iter().sum::<f64>()
            };
            assert_eq!(early(runs, share, 0.95), Some(first));
            assert!(passes(first) <= 0.05 && passes(first - 1) > 0.05, "{runs}: {}", passes(first));
        }
        assert_eq!(early(59, 0.95, 0.95), None, "59 runs have nothing to spare");
        assert_eq!(
            [(0.95, 0.95), (0.9, 0.95), (0.99, 0.95)].map(|(s, c)| fewest(s, c)),
            [59, 29, 299]
        );
    }

    #[test]
    fn means_are_judged_by_their_limits() {
        let asks = |(verdict, open): (Verdict, Option<Beyond>)| {
            (verdict, open.and_then(|open| open.needed(0.0)))
        };
        let goal = Goal::parse("availability >= 0.5 on average").unwrap();
        let of = |low: f64| {
            let value = |run: u32| Some(low + 0.01 * f64::from(run % 20));
            of_mean(&goal, &(0..80).map(value).collect::<Vec<_>>(), 0.05)
        };
        assert_eq!((of(0.45).0, of(0.35).0), (Verdict::Met, Verdict::Missed));
        let (verdict, needed) = asks(of(0.4));
        assert_eq!(verdict, Verdict::Open);
        assert!(needed.is_some_and(|needed| needed > 80), "{needed:?}");
        let few: Vec<_> = (0..20).map(|run| Some(0.51 + 0.001 * f64::from(run))).collect();
        assert_eq!(
            asks(of_mean(&goal, &few, 0.05)),
            (Verdict::Open, Some(59)),
            "one in 20 may be 0"
        );
        // One run of twenty far below: too few to tell how far.
        let skewed: Vec<_> = (0..20).map(|run| Some(if run == 7 { 0.1 } else { 0.55 })).collect();
        assert_eq!(of_mean(&goal, &skewed, 0.2).0, Verdict::Open);
        let equal = |runs: usize| of_mean(&goal, &vec![Some(0.5); runs], 0.05);
        assert_eq!(asks(equal(20)), (Verdict::Open, Some(59)), "too few to agree");
        assert_eq!(equal(59).0, Verdict::Met);
        let above = Goal::parse("availability > 0.5 on average").unwrap();
        assert_eq!(of_mean(&above, &[Some(0.5); 59], 0.05).0, Verdict::Missed);
        assert_eq!(of_mean(&goal, &[Some(1.0), None], 0.05).0, Verdict::Missed);
    }

    /// A count that is nearly always zero: 2 runs of 100 fail, 1.2 times each on average. Equal runs
    /// are taken for "at most 0.001" only after so many that it would have shown; never at all in 400
    /// studies of up to 2,000 runs. What is ten times as far from the goal is met.
    #[test]
    fn rare_failures_are_not_taken_for_none() {
        let goal = |text: &str| Goal::parse(text).unwrap();
        let (tight, loose) = (
            goal("placement.failed <= 0.001 on average"),
            goal("placement.failed <= 1 on average"),
        );
        let mut met = [0; 2];
        for study in 0..400 {
            let streams = Streams::new(20_261_190, study);
            let unit = |run, of| streams.at(1, run, of).unit();
            let value = |run| match unit(run, 0) < 0.01 {
                true => Some(if unit(run, 1) < 0.2 { 2.0 } else { 1.0 }),
                false => Some(0.0),
            };
            let values: Vec<Option<f64>> = (0..2_000).map(value).collect();
            for (place, goal) in [&tight, &loose].into_iter().enumerate() {
                let looks = looks(2_000);
                let error = 0.05 / looks.len() as f64;
                let mut looks =
                    looks.into_iter().map(|runs| of_mean(goal, &values[..runs as usize], error).0);
                met[place] += u32::from(
                    looks.find(|verdict| *verdict != Verdict::Open) == Some(Verdict::Met),
                );
            }
        }
        assert_eq!(met, [0, 400]);
    }

    /// Noise around a tenth of the goal, and in 3 % of runs an outage so long that the mean is more
    /// than twice the goal: seldom is it met, at whichever look, though no outage is among 20 runs in
    /// half of 400 studies. The first look that may say so has 160 runs: 0.97^160 = 0.8 %.
    #[test]
    fn rare_outages_behind_noise_are_not_taken_for_none() {
        let goal = Goal::parse("downtime <= 200000 on average").unwrap();
        let (studies, mut met, mut missed, mut clean) = (400, 0, 0, 0);
        for study in 0..studies {
            let streams = Streams::new(20_261_191, study);
            let unit = |run, of| streams.at(1, run, of).unit();
            let value = |run| {
                let outage = if unit(run, 0) < 0.03 { 14.4e6 } else { 0.0 };
                Some(14_400.0 * unit(run, 1) + outage)
            };
            let values: Vec<Option<f64>> = (0..2_000).map(value).collect();
            clean += u32::from(values[..20].iter().all(|value| *value < Some(1e6)));
            let looks = looks(2_000);
            let error = 0.05 / (2.0 * looks.len() as f64);
            let told =
                looks.into_iter().map(|runs| of_mean(&goal, &values[..runs as usize], error).0);
            match told.into_iter().find(|verdict| *verdict != Verdict::Open) {
                Some(Verdict::Met) => met += 1,
                Some(Verdict::Missed) => missed += 1,
                Some(Verdict::Open) | None => {}
            }
        }
        println!("{met} met, {missed} missed, {clean} without an outage among 20");
        assert!(met <= 12 && missed >= 350 && clean > 150, "{met} {missed} {clean}");
    }
}
