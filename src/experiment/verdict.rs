//! The verdict on one gate: whether runs show that a limit is held, that it is missed, or neither.
//!
//! A mean has two limits, each of which the true mean passes with probability `alpha` at most. It
//! is shown to hold what is demanded where the worse of the two does, and shown to miss it where
//! even the better one does not; else more runs are needed. So of both errors none is made more
//! often than with `alpha`, wherever the truth lies (spec trust 2.1: non-inferiority). Gates are not
//! corrected for one another: that all pass although one must not is as rare as for that one alone.

use super::{
    needed,
    paired::{self, Method, Paired, Unpaired},
    sparse::Sparse,
};
use crate::observe::gates::{Limit, Target};

/// What runs say of a gate; the worst is the greatest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// What is demanded is shown to hold.
    Pass,
    /// Neither is shown: more runs are needed.
    Inconclusive,
    /// It is shown to be missed.
    Fail,
}

/// What a verdict stands on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Ground {
    /// Every run took the same course as the baseline's and says the same: no statistics.
    Unchanged,
    /// Every run says the same as its partner, or nothing as it does.
    Equal,
    /// Too few runs say anything.
    TooFew,
    /// Every run says the same (of a change: the same change).
    Constant,
    /// Student's t limits, of paired differences or of the runs alone.
    Student,
    /// Most runs say exactly the same: limits of how many do not, and by how much
    /// ([`Sparse`]). With the p-values of the signs, and of their flips (two-sided).
    Sparse {
        /// p-value of the exact sign test of those that differ.
        signs: f64,
        /// p-value of all flips of their signs; `None` where all are as large.
        flips: Option<f64>,
    },
    /// Welch's t limits, of runs that share no chance.
    Welch,
}

/// A gate with its verdict. Numbers are in the metric's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The gate.
    pub target: Target,
    /// The verdict.
    pub verdict: Verdict,
    /// What it stands on.
    pub ground: Ground,
    /// Mean of the baseline; `None`: there is none, or it says nothing.
    pub baseline: Option<f64>,
    /// Mean now.
    pub now: Option<f64>,
    /// Mean of the changes (now - baseline), run by run where runs are paired.
    pub change: Option<f64>,
    /// The limits of what is judged, each passed by the truth with probability alpha at most: of
    /// the change where worsening is judged, else of the mean now.
    pub limits: Option<(f64, f64)>,
    /// What is demanded: the most that the mean may worsen, or the limit of the mean.
    pub demanded: f64,
    /// Runs (pairs of runs) that say something (count).
    pub runs: u32,
    /// Runs that say something of which the partner says nothing (count).
    pub left_out: u32,
    /// Pairs that differ (count); `None` where runs are not paired.
    pub differing: Option<u32>,
    /// Whether what is judged is so skewed (n < 25 g1²) that limits may be passed more often.
    pub skewed: bool,
    /// Of an inconclusive verdict, the runs that would tell; `None`: no reasonable number.
    pub needed: Option<u32>,
}

/// The numbers of a metric, one a run.
pub type Values = [Option<f64>];

/// What a change may be judged by.
#[derive(Clone, Copy, Debug)]
pub enum Before<'a> {
    /// No baseline.
    Nothing,
    /// The same runs, before.
    Paired {
        /// Their values.
        values: &'a Values,
        /// Whether every run took the same course.
        same_course: bool,
    },
    /// Runs of another chance.
    Unpaired(&'a Values),
}

impl Judged {
    /// Nothing told yet.
    fn new(target: &Target, now: &Values) -> Self {
        Self {
            target: target.clone(),
            verdict: Verdict::Inconclusive,
            ground: Ground::TooFew,
            baseline: None,
            now: mean(now),
            change: None,
            limits: None,
            demanded: 0.0,
            runs: 0,
            left_out: 0,
            differing: None,
            skewed: false,
            needed: None,
        }
    }

    fn passed(mut self, ground: Ground) -> Self {
        (self.verdict, self.ground) = (Verdict::Pass, ground);
        self
    }
}

/// What `now` says of the gate `target`, against `before`.
///
/// # Panics
/// If the gate needs a baseline and there is none: that is a fault of the user, to be told before.
pub fn judge(target: &Target, before: Before<'_>, now: &Values) -> Judged {
    match (target.limit, before) {
        (Limit::AtLeast(_) | Limit::AtMost(_), before) => level(target, before, now),
        (Limit::Worse { .. }, Before::Paired { values, same_course }) => {
            change(target, (values, same_course), now)
        }
        (Limit::Worse { .. }, Before::Unpaired(values)) => unpaired(target, values, now),
        (Limit::Worse { .. }, Before::Nothing) => panic!("a change needs a baseline"),
    }
}

/// A worsening, run by run.
fn change(target: &Target, (before, same_course): (&Values, bool), now: &Values) -> Judged {
    let told = paired::compare(before, now);
    let mut judged = Judged::new(target, now);
    (judged.baseline, judged.now, judged.change) = (told.baseline, told.candidate, told.difference);
    (judged.runs, judged.left_out) = (told.runs, told.unpaired);
    judged.differing = Some(told.above + told.below);
    judged.demanded = demanded(target, told.baseline.or(mean(before)).unwrap_or(0.0));
    let is_equal = before == now;
    if is_equal && same_course {
        judged.change = Some(0.0);
        return judged.passed(Ground::Unchanged);
    }
    if is_equal {
        judged.change = Some(0.0);
        return judged.passed(Ground::Equal);
    }
    let differences: Vec<f64> = pairs(before, now).map(|(a, b)| b - a).collect();
    let sample = Sample { told: &told, values: &differences, at: 0.0 };
    sample.settle(judged, spread_is_known(&told))
}

/// A worsening between runs that share no chance.
fn unpaired(target: &Target, before: &Values, now: &Values) -> Judged {
    let mut judged = Judged::new(target, now);
    judged.baseline = mean(before);
    judged.demanded = demanded(target, judged.baseline.unwrap_or(0.0));
    let Some(told) = paired::welch(before, now) else { return judged };
    let Unpaired { runs, limits, skewed, variances, .. } = told;
    (judged.change, judged.ground, judged.skewed) = (Some(limits.centre), Ground::Welch, skewed);
    judged.runs = runs[0].min(runs[1]);
    let level = 1.0 - target.alpha;
    judged.limits = Some((limits.lower(level), limits.upper(level)));
    let deviation = libm::sqrt(variances[0] + variances[1]);
    concluded(judged, limits.centre, &|distance| {
        needed::runs(deviation, limits.freedom, distance, target.alpha)
    })
}

/// A mean against a limit of its own.
fn level(target: &Target, before: Before<'_>, now: &Values) -> Judged {
    let mut judged = Judged::new(target, now);
    let mut same_course = false;
    match before {
        Before::Nothing => {}
        Before::Paired { values, same_course: same } => {
            let told = paired::compare(values, now);
            (judged.baseline, judged.change) = (told.baseline, told.difference);
            judged.differing = Some(told.above + told.below);
            same_course = same && values == now;
        }
        Before::Unpaired(values) => {
            judged.baseline = mean(values);
            judged.change = judged.now.zip(judged.baseline).map(|(now, before)| now - before);
        }
    }
    judged.demanded = demanded(target, 0.0);
    let said: Vec<f64> = now.iter().copied().flatten().collect();
    let at = usual(&said).unwrap_or(0.0);
    let values: Vec<f64> = said.iter().map(|value| value - at).collect();
    let told = paired::compare(
        &vec![Some(at); said.len()],
        &said.iter().copied().map(Some).collect::<Vec<_>>(),
    );
    judged.runs = told.runs;
    let sample = Sample { told: &told, values: &values, at };
    let mut judged = sample.settle(judged, true);
    if same_course && judged.verdict == Verdict::Inconclusive {
        // What runs could not tell of the baseline they cannot tell of what is the same.
        judged.needed = None;
        return judged.passed(Ground::Unchanged);
    }
    judged
}

/// Values with what is told of them; what is judged is their mean above `at`.
struct Sample<'a> {
    told: &'a Paired,
    values: &'a [f64],
    at: f64,
}

impl Sample<'_> {
    /// `judged` with its limits and verdict. `is_constant`: whether values that are all the same are
    /// no chance.
    fn settle(&self, mut judged: Judged, is_constant: bool) -> Judged {
        let (told, alpha) = (self.told, judged.target.alpha);
        let Some(mean) = told.difference.filter(|_| told.runs > 1) else { return judged };
        let sparse = Sparse::of(self.values);
        let signs = told.p.unwrap_or(1.0);
        let (ground, limits) = match (told.method, told.limits) {
            (Method::Sign { permutation }, _) => {
                (Ground::Sparse { signs, flips: Some(permutation) }, None)
            }
            (Method::McNemar, _) => (Ground::Sparse { signs, flips: None }, None),
            (Method::Constant, _) if !is_constant => (Ground::Sparse { signs, flips: None }, None),
            (Method::Constant | Method::Identical, limits) => (Ground::Constant, limits),
            (Method::Student, limits) => (Ground::Student, limits),
            (Method::TooFew, _) => return judged,
        };
        (judged.ground, judged.skewed) = (ground, told.skewed);
        let level = 1.0 - alpha;
        let (lower, upper) = match limits {
            Some(limits) => (limits.lower(level), limits.upper(level)),
            None => sparse.limits(alpha),
        };
        judged.limits = Some((self.at + lower, self.at + upper));
        let deviation = told.deviation.unwrap_or(0.0);
        let skewness = told.skewness.unwrap_or(0.0);
        concluded(judged, self.at + mean, &|distance| match limits {
            Some(limits) => {
                let runs = needed::runs(deviation, limits.freedom, distance, alpha)?;
                let enough = libm::ceil(25.0 * skewness * skewness).min(needed::RUNS_MAX);
                Some(runs.max(enough as u32))
            }
            None => sparse.needed(distance, alpha),
        })
    }
}

/// `judged`, whose limits are known and whose estimate is `mean`, with its verdict, and with what
/// more runs it takes by `runs_for` a distance between truth and limit.
fn concluded(mut judged: Judged, mean: f64, runs_for: &dyn Fn(f64) -> Option<u32>) -> Judged {
    let Some((lower, upper)) = judged.limits else { return judged };
    let most = judged.demanded;
    // How far what is judged lies beyond what is demanded: estimate, at best, at worst.
    let (off, best, worst) = match judged.target.limit {
        Limit::AtMost(_) => (mean - most, lower - most, upper - most),
        Limit::AtLeast(_) => (most - mean, most - upper, most - lower),
        Limit::Worse { more_is_worse: true, .. } => (mean - most, lower - most, upper - most),
        Limit::Worse { more_is_worse: false, .. } => (-mean - most, -upper - most, -lower - most),
    };
    judged.verdict = match (worst <= 0.0, best > 0.0) {
        (true, _) => Verdict::Pass,
        (false, true) => Verdict::Fail,
        (false, false) => Verdict::Inconclusive,
    };
    if judged.verdict == Verdict::Inconclusive {
        // Enough to tell no worsening from the margin, and twice the margin from it; where there
        // were as many, enough for the distance at which the mean was seen.
        let margin = match judged.target.limit {
            Limit::Worse { .. } if most > 0.0 => most,
            Limit::Worse { .. } | Limit::AtLeast(_) | Limit::AtMost(_) => off.abs(),
        };
        let is_more = |runs: &u32| *runs > judged.runs;
        let enough = runs_for(margin);
        let seen = || runs_for(off.abs()).filter(is_more);
        judged.needed =
            enough.and_then(|runs| Some(runs).filter(is_more).or_else(seen)).map(rounded);
    }
    judged
}

/// `runs` rounded up to a number that is easy to remember.
fn rounded(runs: u32) -> u32 {
    let step = match runs {
        0..100 => 5,
        100..1_000 => 10,
        1_000..10_000 => 100,
        _ => 1_000,
    };
    runs.div_ceil(step) * step
}

/// What the gate demands, where the baseline's mean is `baseline`.
fn demanded(target: &Target, baseline: f64) -> f64 {
    match target.limit {
        Limit::AtLeast(limit) | Limit::AtMost(limit) => limit,
        Limit::Worse { by, .. } => by.of(baseline),
    }
}

/// Whether differences that are all the same can be no chance: one side never changes at all, or
/// there are so many runs that chance would have shown.
fn spread_is_known(told: &Paired) -> bool {
    const MANY: u32 = 6;
    told.correlation.is_none() || told.runs >= MANY
}

/// The runs in which both say something.
fn pairs<'a>(before: &'a Values, now: &'a Values) -> impl Iterator<Item = (f64, f64)> + 'a {
    before.iter().zip(now).filter_map(|(before, now)| before.zip(*now))
}

/// The mean of those that say something.
fn mean(values: &Values) -> Option<f64> {
    super::estimate::estimate(values.iter().copied()).value.map(|spread| spread.mean)
}

/// The value that more than half of `values` have, if there is one.
fn usual(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // What more than half have stands in the middle.
    let middle = *sorted.get(sorted.len() / 2)?;
    let same = sorted.iter().filter(|value| value.to_bits() == middle.to_bits()).count();
    (2 * same > sorted.len()).then_some(middle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::{special::normal_quantile, streams::Streams},
        observe::{
            catalogue,
            gates::Margin,
            select::{Column, Selector},
        },
    };

    fn target(limit: Limit) -> Target {
        let definition = catalogue::find("migrations").unwrap();
        Target {
            label: "moves".to_owned(),
            column: Column { name: "migrations".to_owned(), definition, places: vec![0] },
            selector: Selector::parse("migrations").unwrap(),
            limit,
            alpha: 0.05,
        }
    }

    fn worse(by: f64) -> Target {
        target(Limit::Worse { by: Margin::Amount(by), more_is_worse: true })
    }

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    fn paired(target: &Target, before: &[f64], now: &[f64]) -> Judged {
        let values = &some(before);
        judge(target, Before::Paired { values, same_course: false }, &some(now))
    }

    #[test]
    fn what_is_unchanged_passes_without_statistics() {
        let values = some(&[1.0, 2.0, 40.0]);
        let before = Before::Paired { values: &values, same_course: true };
        let judged = judge(&worse(0.0), before, &values);
        assert_eq!((judged.verdict, judged.ground), (Verdict::Pass, Ground::Unchanged));
        assert_eq!(judged.change.map(f64::to_bits), Some(0.0_f64.to_bits()));
        assert_eq!((judged.limits, judged.differing), (None, Some(0)));
        // Runs that went otherwise and came to the same.
        let before = Before::Paired { values: &values, same_course: false };
        assert_eq!(judge(&worse(0.0), before, &values).ground, Ground::Equal);
        // The same course, measured otherwise: numbers are believed, not fingerprints.
        let other = some(&[2.0, 3.5, 41.0]);
        let before = Before::Paired { values: &values, same_course: true };
        let judged = judge(&worse(0.1), before, &other);
        assert_eq!((judged.verdict, judged.ground), (Verdict::Fail, Ground::Student));
        // What is said by nobody is the same too.
        let nothing = [None, None];
        let before = Before::Paired { values: &nothing, same_course: false };
        assert_eq!(judge(&worse(1.0), before, &nothing).verdict, Verdict::Pass);
        assert_eq!(judge(&worse(1.0), before, &some(&[1.0, 2.0])).verdict, Verdict::Inconclusive);
    }

    #[test]
    fn three_verdicts_by_two_limits() {
        let before = [10.0, 12.0, 11.0, 13.0, 9.0, 10.5];
        let by = |change: f64| {
            before
                .iter()
                .zip([0.1, -0.1, 0.2, -0.2, 0.05, -0.05])
                .map(|(b, e)| b + change + e)
                .collect::<Vec<f64>>()
        };
        let verdict = |change: f64| paired(&worse(1.0), &before, &by(change)).verdict;
        assert_eq!(verdict(0.0), Verdict::Pass);
        assert_eq!(verdict(1.0), Verdict::Inconclusive);
        assert_eq!(verdict(2.0), Verdict::Fail);
        assert_eq!(verdict(-5.0), Verdict::Pass, "better is no fault");
        let fewer_is_worse = target(Limit::Worse { by: Margin::Share(0.1), more_is_worse: false });
        let told = paired(&fewer_is_worse, &before, &by(-3.0));
        assert_eq!((told.verdict, (told.demanded * 1e9).round()), (Verdict::Fail, 1_091_666_667.0));
        assert_eq!(paired(&fewer_is_worse, &before, &by(3.0)).verdict, Verdict::Pass);
        let judged = paired(&worse(1.0), &before, &by(0.9));
        assert!(judged.needed > Some(6), "{judged:?}");
        let (lower, upper) = judged.limits.unwrap();
        assert!(lower < 1.0 && upper > 1.0);
    }

    #[test]
    fn limits_of_a_mean_need_no_baseline() {
        let now = some(&[0.99, 0.991, 0.992, 0.989, 0.99]);
        let of = |limit| judge(&target(limit), Before::Nothing, &now);
        assert_eq!(of(Limit::AtLeast(0.98)).verdict, Verdict::Pass);
        assert_eq!(of(Limit::AtLeast(0.9905)).verdict, Verdict::Inconclusive);
        assert_eq!(of(Limit::AtLeast(0.995)).verdict, Verdict::Fail);
        assert_eq!(of(Limit::AtMost(0.98)).verdict, Verdict::Fail);
        let exact = |limit| judge(&target(limit), Before::Nothing, &some(&[1.0; 9]));
        let judged = exact(Limit::AtLeast(1.0));
        assert_eq!((judged.verdict, judged.ground), (Verdict::Pass, Ground::Constant));
        assert_eq!(exact(Limit::AtMost(0.999)).verdict, Verdict::Fail);
        let one = judge(&target(Limit::AtMost(9.0)), Before::Nothing, &some(&[1.0]));
        assert_eq!((one.verdict, one.ground), (Verdict::Inconclusive, Ground::TooFew));
        // Unchanged runs that cannot tell are no news; unchanged ones that miss are missed.
        let before = Before::Paired { values: &now, same_course: true };
        let of = |limit| judge(&target(limit), before, &now);
        assert_eq!(of(Limit::AtLeast(0.9905)).ground, Ground::Unchanged);
        assert_eq!(of(Limit::AtLeast(0.9905)).verdict, Verdict::Pass);
        assert_eq!(of(Limit::AtLeast(0.995)).verdict, Verdict::Fail);
    }

    #[test]
    fn where_little_differs_t_is_not_asked() {
        let before = [5.0; 40];
        let mut now = before;
        (now[3], now[9]) = (9.0, 6.0);
        let judged = paired(&worse(0.1), &before, &now);
        assert_eq!(judged.verdict, Verdict::Inconclusive);
        assert!(matches!(judged.ground, Ground::Sparse { flips: Some(_), .. }), "{judged:?}");
        assert_eq!(judged.differing, Some(2));
        assert!(judged.needed > Some(40));
        assert_eq!(paired(&worse(2.0), &before, &now).verdict, Verdict::Pass);
        let wide = [1.0; 40];
        let mut rare = wide;
        rare[7] = 0.2;
        let level = judge(&target(Limit::AtLeast(0.99)), Before::Nothing, &some(&rare));
        assert!(
            matches!(level.ground, Ground::Sparse { .. }) && level.verdict == Verdict::Inconclusive
        );
    }

    #[test]
    fn runs_of_another_chance_are_compared_without_pairs() {
        let before = some(&[10.0, 12.0, 11.0, 13.0, 9.0, 10.5]);
        let now = some(&[20.0, 22.0, 21.0, 23.0, 19.0]);
        let judged = judge(&worse(2.0), Before::Unpaired(&before), &now);
        assert_eq!((judged.verdict, judged.ground), (Verdict::Fail, Ground::Welch));
        assert_eq!(judged.differing, None);
        let same = judge(&worse(0.5), Before::Unpaired(&before), &before);
        assert_eq!(same.verdict, Verdict::Inconclusive, "pairs would have known");
        assert!(same.needed > Some(6));
    }

    /// A law of differences, from three numbers that are even on (0, 1): its mean is 0, its
    /// deviation 2.
    type Law = fn([f64; 3]) -> f64;

    fn normal([u, _, _]: [f64; 3]) -> f64 {
        2.0 * normal_quantile(u)
    }

    /// Even between its ends: 4·√3 apart.
    fn even([u, _, _]: [f64; 3]) -> f64 {
        (u - 0.5) * 4.0 * libm::sqrt(3.0)
    }

    /// What failures bring about: exponential (skewness 2), to the worse.
    fn skewed([u, _, _]: [f64; 3]) -> f64 {
        2.0 * (-libm::log(u) - 1.0)
    }

    /// The verdicts of studies whose changes are of `law` about `mean`, the allowed worsening being
    /// 1: of 20 runs, and where these tell nothing of as many as they ask for. The shares of each
    /// verdict, and of studies that a reader had to repeat.
    fn shares(law: Law, mean: f64) -> [f64; 4] {
        const STUDIES: u32 = 4_000;
        let mut counts = [0_u32; 4];
        for study in 0..STUDIES {
            let streams = Streams::new(20_261_122, study);
            let unit = |run: u32, of: u32| streams.at(1, u64::from(run), of).unit();
            let study = |runs: u32| {
                let before: Vec<f64> = (0..runs).map(|run| 50.0 + 20.0 * unit(run, 0)).collect();
                let change = |run: u32| mean + law([unit(run, 1), unit(run, 2), unit(run, 3)]);
                let now: Vec<f64> = (0..).zip(&before).map(|(run, b)| b + change(run)).collect();
                paired(&worse(1.0), &before, &now)
            };
            let mut told = study(20);
            if let Some(runs) = told.needed {
                counts[3] += 1;
                told = study(runs);
            }
            counts[told.verdict as usize] += 1;
        }
        counts.map(|count| f64::from(count) / f64::from(STUDIES))
    }

    /// The gate sleeps and cries wolf no more often than it says, with as many runs as it asks for.
    /// 4,000 studies each with fixed seeds: a program whose true share were 1 % worse than is
    /// asserted would fail here with probability 99.8 % (standard error at 95 %: 0.34 %).
    #[test]
    fn twice_the_margin_fails_95_times_in_100_and_no_worsening_passes() {
        for law in [normal as Law, even] {
            let [pass, _, fail, asked] = shares(law, 2.0);
            assert!(fail >= 0.95 && pass <= 0.001 && asked > 0.2, "{fail} {pass} {asked}");
            let [pass, _, fail, _] = shares(law, 0.0);
            assert!(pass >= 0.95 && fail <= 0.001, "{pass} {fail}");
        }
    }

    /// Skewed changes too: 25 g1² runs are asked for then, so that t limits hold nearly as often.
    #[test]
    fn skewed_changes_are_told_from_the_margin_too() {
        let [pass, _, fail, _] = shares(skewed, 2.0);
        assert!(fail >= 0.95 && pass <= 0.01, "{fail} {pass}");
        let [pass, _, fail, _] = shares(skewed, 0.0);
        assert!(pass >= 0.95 && fail <= 0.01, "{pass} {fail}");
    }

    /// Where the truth lies just at the margin, both errors are as rare as alpha for one look each;
    /// who looks a second time, with the runs asked for, errs with twice that at most.
    #[test]
    fn at_the_margin_neither_verdict_comes_more_often_than_it_may() {
        let [pass, _, fail, _] = shares(normal, 1.0);
        assert!(pass <= 0.1 && fail <= 0.1, "{pass} {fail}");
        assert!(pass >= 0.03 && fail >= 0.03, "it is no idle rule: {pass} {fail}");
    }
}
