//! The verdict on one gate: whether runs show that a limit is held, that it is missed, or neither.
//!
//! A gate is judged by how far each run lies beyond what it demands: a metric beyond its limit, or a
//! change beyond what is allowed, where what is allowed of a share of the baseline is a share of the
//! same run's. The mean of these has two limits, each of which the true mean passes with probability
//! `alpha` at most ([`super::mean`]). The gate is shown to be held where the worse of the two is, and
//! shown to be missed where even the better one is not; else more runs are needed. So of both errors
//! none is made more often than with `alpha`, wherever the truth lies (spec trust 2.1:
//! non-inferiority). Gates are not corrected for one another: that all pass although one must not is
//! as rare as for that one alone.
//!
//! A run in which the metric is not defined has no place in a mean. Where some lack it now, nothing
//! is shown to be held; where significantly more do than did before, that is a miss.

use super::{
    bounds, exact,
    mean::{self, Beyond, Kind, Known, Side, Unseen},
    needed,
    paired::{self, Unpaired},
    worsening::{Allowed, weighed},
};
use crate::observe::gates::{Limit, Margin, Target};
use std::f64::consts::SQRT_2;

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
    /// Every run says the same as its partner, or nothing as it does: what is seen in no run.
    Equal,
    /// Too few runs say anything.
    TooFew,
    /// Every run says the same (of a change: the same change).
    Constant,
    /// Student's t limits, of paired differences or of the runs alone.
    Student,
    /// Most runs say exactly the same: limits of how many do not, and by how much
    /// ([`super::mean`]). With the p-value of the signs (two-sided).
    Sparse {
        /// p-value of the exact sign test of those that differ.
        signs: f64,
    },
    /// Welch's t limits, of runs that share no chance.
    Welch,
    /// Runs that do not define the metric now.
    Undefined,
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
    /// the change where worsening is judged, else of the mean now. `None` where all runs say the
    /// same.
    pub limits: Option<(f64, f64)>,
    /// What is demanded: the most that the mean may worsen, or the limit of the mean.
    pub demanded: f64,
    /// Runs (pairs of runs) that say something (count).
    pub runs: u32,
    /// Runs that say something of which the partner says nothing (count).
    pub left_out: u32,
    /// Runs that do not define the metric now, though their partners do or a limit is set (count).
    pub undefined: u32,
    /// Pairs that differ (count); `None` where runs are not paired.
    pub differing: Option<u32>,
    /// Whether what is judged is so skewed (n < 25 g1²) that its limits were set further off.
    pub skewed: bool,
    /// What was assumed, where all runs or nearly all say the same.
    pub unseen: Option<Unseen>,
    /// Of an inconclusive verdict, the runs that would tell; `None`: no reasonable number.
    pub needed: Option<u32>,
    /// Whether the baseline holds fewer runs than are needed and is not paired with them: then both
    /// must be made anew.
    pub needs_baseline: bool,
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
            undefined: 0,
            differing: None,
            skewed: false,
            unseen: None,
            needed: None,
            needs_baseline: false,
        }
    }

    fn passed(mut self, ground: Ground) -> Self {
        (self.verdict, self.ground) = (Verdict::Pass, ground);
        (self.limits, self.needed) = (self.limits.filter(|_| ground != Ground::Equal), None);
        self.unseen = self.unseen.filter(|_| ground != Ground::Unchanged);
        self
    }

    /// With the verdict of `beyond`, whose limits are in the metric's own direction after `shown`.
    fn settled(mut self, beyond: &Beyond, shown: &dyn Fn(f64) -> f64) -> Self {
        self.verdict = match beyond.side() {
            Side::Within => Verdict::Pass,
            Side::Open => Verdict::Inconclusive,
            Side::Beyond => Verdict::Fail,
        };
        let (one, other) = (shown(beyond.limits.0), shown(beyond.limits.1));
        let limits = (one.min(other), one.max(other));
        self.limits = (beyond.kind != Kind::Equal).then_some(limits);
        (self.skewed, self.unseen) = (beyond.skewed, beyond.unseen);
        if self.verdict == Verdict::Inconclusive {
            let margin = match self.target.limit {
                Limit::Worse { .. } => self.demanded,
                Limit::AtLeast(_) | Limit::AtMost(_) => 0.0,
            };
            self.needed = beyond.needed(margin).map(rounded);
        }
        self
    }

    /// Heeding that in `lost` runs the metric was defined before and is not now, and in `found` the
    /// other way round; `same`: nothing has changed, so that what lacks it is no news.
    fn heeding_undefined(mut self, [lost, found]: [u32; 2], same: bool) -> Self {
        // One-sided: how often a fair coin would take so many of them away.
        let p = bounds::at_most(found, lost + found, 0.5);
        if lost > found && p <= self.target.alpha {
            (self.verdict, self.ground) = (Verdict::Fail, Ground::Undefined);
        } else if self.undefined > 0 && self.verdict != Verdict::Fail && !same {
            (self.verdict, self.ground) = (Verdict::Inconclusive, Ground::Undefined);
        } else {
            return self;
        }
        self.needed = None;
        self
    }
}

/// What `now` says of the gate `target`, against `before`.
///
/// # Panics
/// If the gate needs a baseline and there is none: that is a fault of the user, to be told before.
pub fn judge(target: &Target, before: Before<'_>, now: &Values) -> Judged {
    match (target.limit, before) {
        (Limit::AtLeast(limit), before) => level(target, (limit, true), before, now),
        (Limit::AtMost(limit), before) => level(target, (limit, false), before, now),
        (Limit::Worse { by, more_is_worse }, Before::Paired { values, same_course }) => {
            let allowed = Allowed { by, more_is_worse };
            change(target, allowed, (values, same_course), now)
        }
        (Limit::Worse { by, more_is_worse }, Before::Unpaired(values)) => {
            unpaired(target, Allowed { by, more_is_worse }, values, now)
        }
        (Limit::Worse { .. }, Before::Nothing) => panic!("a change needs a baseline"),
    }
}

/// A worsening, run by run.
fn change(
    target: &Target,
    allowed: Allowed,
    (before, same_course): (&Values, bool),
    now: &Values,
) -> Judged {
    let told = paired::compare(target.column.definition, before, now);
    let mut judged = Judged::new(target, now);
    (judged.baseline, judged.now, judged.change) = (told.baseline, told.candidate, told.difference);
    (judged.runs, judged.left_out) = (told.runs, told.unpaired);
    judged.differing = Some(told.above + told.below);
    judged.demanded = allowed.by.of(told.baseline.or(mean(before)).unwrap_or(0.0));
    let is_equal = before == now;
    if is_equal && (same_course || told.runs == 0) {
        judged.change = Some(0.0);
        return judged.passed(if same_course { Ground::Unchanged } else { Ground::Equal });
    }
    let moved @ [lost, _] = [counted(before, now), counted(now, before)];
    judged.undefined = lost;
    if let Some(beyond) = weighed(target, allowed, &pairs(before, now)) {
        let demanded = judged.demanded;
        judged = judged.settled(&beyond, &|limit| allowed.worse(limit + demanded));
        judged.ground = match beyond.kind {
            Kind::Dense => Ground::Student,
            Kind::Equal if judged.differing == Some(0) => Ground::Equal,
            Kind::Equal => Ground::Constant,
            Kind::Few | Kind::Sparse => {
                Ground::Sparse { signs: exact::sign_test(told.above, told.below) }
            }
        };
    }
    judged.heeding_undefined(moved, false)
}

/// A worsening between runs that share no chance.
fn unpaired(target: &Target, allowed: Allowed, before: &Values, now: &Values) -> Judged {
    let mut judged = Judged::new(target, now);
    judged.baseline = mean(before);
    let baseline = judged.baseline.unwrap_or(0.0);
    judged.demanded = allowed.by.of(baseline);
    judged.undefined = missing(now);
    judged.change = judged.now.zip(judged.baseline).map(|(now, before)| now - before);
    // Worse by more than a share of what was is beyond what was and that share.
    let scaled = |value: f64| allowed.worse(value) + allowed.of(value, baseline);
    let [amount, share] = match allowed.by {
        Margin::Amount(amount) => [amount, 0.0],
        Margin::Share(_) => [0.0, 1.0],
    };
    let said = |values: &Values, of: &dyn Fn(f64) -> f64| -> Vec<Option<f64>> {
        values.iter().map(|value| value.map(of)).collect()
    };
    let was = said(before, &|value| if share > 0.0 { scaled(value) } else { allowed.worse(value) });
    let is = said(now, &|value| allowed.worse(value) - amount);
    let Some(told) = paired::welch(&was, &is) else { return judged };
    judged.runs = told.runs[0].min(told.runs[1]);
    let Some(apart) = Apart::of(target, &told, [&was, &is]) else { return judged };
    judged.ground = Ground::Welch;
    judged.skewed = apart.sides.iter().any(|side| side.skewed);
    let demanded = judged.demanded;
    let [one, other] = apart.limits.map(|limit| allowed.worse(limit + demanded));
    judged.limits = Some((one.min(other), one.max(other)));
    judged.verdict = apart.verdict();
    if judged.verdict == Verdict::Inconclusive {
        judged.needed = apart.needed(judged.demanded).map(rounded);
        judged.needs_baseline = judged.needed.is_some_and(|needed| needed > told.runs[0]);
    }
    // No more of them lack it than did.
    let share = |values: &Values| f64::from(missing(values)) / values.len().max(1) as f64;
    let is_no_news = share(now) <= share(before);
    judged.heeding_undefined([0, 0], is_no_news)
}

/// Two sets of runs that share no chance, each as far from the limit as the other's mean puts it.
struct Apart<'a> {
    told: &'a Unpaired,
    sides: [Beyond; 2],
    limits: [f64; 2],
    /// Whether the limits are Welch's.
    is_plain: bool,
    alpha: f64,
}

impl<'a> Apart<'a> {
    fn of(target: &Target, told: &'a Unpaired, values: [&Values; 2]) -> Option<Self> {
        let Unpaired { means, limits, .. } = told;
        let known = Known::of_change(target.column.definition, target.alpha);
        let side = |of: usize, other: usize| {
            let off: Vec<f64> =
                values[of].iter().flatten().map(|value| value - means[other]).collect();
            Beyond::of(&off, &known)
        };
        let sides = [side(0, 1)?, side(1, 0)?];
        let is_plain = sides.iter().all(|side| side.kind == Kind::Dense && !side.skewed);
        let level = 1.0 - target.alpha;
        let limits = match is_plain {
            true => [limits.lower(level), limits.upper(level)],
            false => {
                let [before, now] = sides.each_ref().map(|side| side.limits);
                let off = means[1] - means[0];
                // Each side's limits are about its own distance, which is that of both. Both err at
                // once as seldom as alpha says where distances add up as errors do, by their squares
                // (Zou and Donner 2008).
                let both = |one: f64, other: f64| libm::sqrt(one * one + other * other);
                [off - both(off - now.0, before.1 + off), off + both(now.1 - off, -off - before.0)]
            }
        };
        Some(Self { told, sides, limits, is_plain, alpha: target.alpha })
    }

    fn verdict(&self) -> Verdict {
        let at_limit = self.sides.iter().all(Beyond::is_at_limit);
        let [lower, upper] = self.limits;
        let too_few =
            f64::from(self.told.runs[0].min(self.told.runs[1])) < mean::fewest(self.alpha);
        match at_limit {
            true if self.sides.iter().all(|side| side.side() == Side::Within) => Verdict::Pass,
            true => Verdict::Inconclusive,
            // What comes in one of twenty runs may not be among so few.
            false if too_few => Verdict::Inconclusive,
            false if upper <= 0.0 => Verdict::Pass,
            false if lower > 0.0 => Verdict::Fail,
            false => Verdict::Inconclusive,
        }
    }

    /// The runs of each that would tell: as if both were made anew, with as many.
    fn needed(&self, margin: f64) -> Option<u32> {
        let Unpaired { variances, limits, .. } = self.told;
        let deviation = libm::sqrt(variances[0] + variances[1]);
        let fewest = self.told.runs[0].min(self.told.runs[1]);
        let by = |distance: f64| {
            let plain = needed::runs(deviation, limits.freedom, distance, self.alpha)?;
            // Where each side has limits of its own they share the distance.
            let sides = self.sides.iter().filter(|_| !self.is_plain);
            let sides = sides.filter_map(|side| side.needed(distance / SQRT_2)).max();
            Some(plain.max(sides.unwrap_or(0))).filter(|runs| *runs > fewest)
        };
        let fewest = libm::ceil(mean::fewest(self.alpha)) as u32;
        if (self.limits[1] <= 0.0 || self.limits[0] > 0.0)
            && fewest > self.told.runs[0].min(self.told.runs[1])
        {
            return Some(fewest);
        }
        let found = by(margin.max(limits.centre.abs() / 2.0)).or_else(|| by(limits.centre.abs()));
        found.map(|runs| runs.max(fewest))
    }
}

/// A mean against a `limit` of its own, below which it must not lie (`more`), or above.
fn level(target: &Target, (limit, more): (f64, bool), before: Before<'_>, now: &Values) -> Judged {
    let mut judged = Judged::new(target, now);
    let (mut same_course, mut moved) = (false, [0, 0]);
    match before {
        Before::Nothing => {}
        Before::Paired { values, same_course: same } => {
            let told = paired::compare(target.column.definition, values, now);
            (judged.baseline, judged.change) = (told.baseline, told.difference);
            (judged.left_out, judged.differing) = (told.unpaired, Some(told.above + told.below));
            moved = [counted(values, now), counted(now, values)];
            same_course = same && values == now;
        }
        Before::Unpaired(values) => {
            judged.baseline = mean(values);
            judged.change = judged.now.zip(judged.baseline).map(|(now, before)| now - before);
        }
    }
    (judged.demanded, judged.undefined) = (limit, missing(now));
    let beyond = |value: &f64| if more { limit - value } else { value - limit };
    let values: Vec<f64> = now.iter().flatten().map(beyond).map(|off| off + 0.0).collect();
    judged.runs = u32::try_from(values.len()).expect("runs are counted in 32 bits");
    let known = Known::of_level(target.column.definition, (limit, more), target.alpha);
    if let Some(beyond) = Beyond::of(&values, &known) {
        judged = judged.settled(&beyond, &|off| if more { limit - off } else { limit + off });
        judged.ground = match beyond.kind {
            Kind::Dense => Ground::Student,
            Kind::Equal => Ground::Constant,
            Kind::Few | Kind::Sparse => Ground::Sparse { signs: 1.0 },
        };
    }
    let judged = judged.heeding_undefined(moved, same_course);
    match same_course && judged.verdict == Verdict::Inconclusive {
        // What runs could not tell of the baseline they cannot tell of what is the same.
        true => judged.passed(Ground::Unchanged),
        false => judged,
    }
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

/// The runs in which both say something.
fn pairs(before: &Values, now: &Values) -> Vec<(f64, f64)> {
    before.iter().zip(now).filter_map(|(before, now)| before.zip(*now)).collect()
}

/// Runs in which `one` says something and `other` nothing (count).
fn counted(one: &Values, other: &Values) -> u32 {
    let pairs = one.iter().zip(other).filter(|(one, other)| one.is_some() && other.is_none());
    u32::try_from(pairs.count()).expect("runs are counted in 32 bits")
}

/// Runs in which nothing is said (count).
fn missing(values: &Values) -> u32 {
    let missing = values.iter().filter(|value| value.is_none()).count();
    u32::try_from(missing).expect("runs are counted in 32 bits")
}

/// The mean of those that say something.
fn mean(values: &Values) -> Option<f64> {
    super::estimate::estimate(values.iter().copied()).value.map(|spread| spread.mean)
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
        let judged = judge(&worse(0.0), before, &values);
        assert_eq!((judged.verdict, judged.ground), (Verdict::Inconclusive, Ground::Equal));
        assert_eq!((judged.needed, judged.change), (Some(60), Some(0.0)), "3 runs tell little");
        let many = some(&(0..60).map(f64::from).collect::<Vec<_>>());
        let before = Before::Paired { values: &many, same_course: false };
        let judged = judge(&worse(0.0), before, &many);
        assert_eq!((judged.verdict, judged.ground), (Verdict::Pass, Ground::Equal));
        assert!(judged.unseen.is_some_and(|unseen| unseen.share < 0.05), "it is told");
        // The same course, measured otherwise: numbers are believed, not fingerprints.
        let other = some(&(0..60).map(|run| 2.0 + f64::from(run) * 1.01).collect::<Vec<_>>());
        let before = Before::Paired { values: &many, same_course: true };
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
        let before: Vec<f64> =
            [10.0, 12.0, 11.0, 13.0, 9.0, 10.5].into_iter().cycle().take(60).collect();
        let by = |change: f64| {
            before
                .iter()
                .zip([0.1, -0.1, 0.2, -0.2, 0.05, -0.05].into_iter().cycle())
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
        let judged = paired(&worse(1.0), &before, &by(0.99));
        assert!(judged.needed > Some(60), "{judged:?}");
        let (lower, upper) = judged.limits.unwrap();
        assert!(lower < 1.0 && upper > 1.0);
    }

    #[test]
    fn limits_of_a_mean_need_no_baseline() {
        let now: Vec<f64> =
            [0.99, 0.991, 0.992, 0.989, 0.99].into_iter().cycle().take(60).collect();
        let now = some(&now);
        let of = |limit| judge(&target(limit), Before::Nothing, &now);
        assert_eq!(of(Limit::AtLeast(0.98)).verdict, Verdict::Pass);
        assert_eq!(of(Limit::AtLeast(0.9905)).verdict, Verdict::Inconclusive);
        assert_eq!(of(Limit::AtLeast(0.995)).verdict, Verdict::Fail);
        assert_eq!(of(Limit::AtMost(0.98)).verdict, Verdict::Fail);
        let few = judge(&target(Limit::AtLeast(0.98)), Before::Nothing, &now[..10]);
        assert_eq!((few.verdict, few.needed), (Verdict::Inconclusive, Some(60)), "it may be rare");
        let exact = |limit| judge(&target(limit), Before::Nothing, &some(&[1.0; 60]));
        let judged = exact(Limit::AtLeast(1.0));
        assert_eq!((judged.verdict, judged.ground), (Verdict::Pass, Ground::Constant));
        assert_eq!(exact(Limit::AtMost(0.5)).verdict, Verdict::Fail);
        assert_eq!(exact(Limit::AtMost(0.99)).verdict, Verdict::Inconclusive, "5 % may be 0");
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
        assert!(matches!(judged.ground, Ground::Sparse { .. }), "{judged:?}");
        assert_eq!(judged.differing, Some(2));
        assert!(judged.needed > Some(40));
        let judged = paired(&worse(2.0), &before, &now);
        assert_eq!(
            (judged.verdict, judged.needed),
            (Verdict::Inconclusive, Some(400)),
            "20 of them"
        );
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
        assert_eq!((judged.verdict, judged.ground), (Verdict::Inconclusive, Ground::Welch));
        assert_eq!(judged.needed, Some(60), "so few may miss what is rare");
        let many = [before.repeat(10), now.repeat(12)];
        let judged = judge(&worse(2.0), Before::Unpaired(&many[0]), &many[1]);
        assert_eq!((judged.verdict, judged.ground), (Verdict::Fail, Ground::Welch));
        assert_eq!(judged.differing, None);
        let same = judge(&worse(0.5), Before::Unpaired(&before), &before);
        assert_eq!(same.verdict, Verdict::Inconclusive, "pairs would have known");
        assert!(same.needed > Some(6));
    }

    #[test]
    fn none_in_many_runs_passes_and_one_fails_a_limit_of_zero() {
        let of =
            |values: &[f64]| judge(&target(Limit::AtMost(0.0)), Before::Nothing, &some(values));
        let few = of(&[0.0; 2]);
        assert_eq!((few.verdict, few.needed), (Verdict::Inconclusive, Some(60)));
        let none = of(&[0.0; 100]);
        assert_eq!((none.verdict, none.limits), (Verdict::Pass, None));
        let unseen = none.unseen.expect("it is told");
        assert!((unseen.share - 0.0295).abs() < 1e-4 && unseen.size <= 0.0, "{unseen:?}");
        let mut one = [0.0; 100];
        one[9] = 1.0;
        assert_eq!(of(&one).verdict, Verdict::Fail, "no mean of what is never below 0 is 0 then");
        // A limit just above zero is one of a mean, and takes runs: 3 / n of them three times as
        // much as one.
        let above = judge(&target(Limit::AtMost(0.001)), Before::Nothing, &some(&[0.0; 100]));
        assert_eq!((above.verdict, above.needed), (Verdict::Inconclusive, Some(9_000)));
        let better = judge(&target(Limit::AtMost(1.0)), Before::Nothing, &some(&[0.0; 60]));
        assert_eq!(better.verdict, Verdict::Pass);
    }

    #[test]
    fn runs_that_no_longer_define_it_are_no_pass() {
        let before: Vec<Option<f64>> = (0..60).map(|run| Some(10.0 + f64::from(run % 7))).collect();
        let lacking = |runs: usize| -> Vec<Option<f64>> {
            let mut now = before.clone();
            now[..runs].fill(None);
            now
        };
        let level = target(Limit::AtMost(50.0));
        let against = Before::Paired { values: &before, same_course: false };
        for (gate, lost) in [(&level, 1), (&worse(20.0), 1), (&level, 4), (&worse(20.0), 4)] {
            let judged = judge(gate, against, &lacking(lost));
            let told = (judged.verdict, judged.ground, judged.undefined, judged.needed);
            let open = (Verdict::Inconclusive, Ground::Undefined, lost as u32, None);
            assert_eq!(told, open, "{lost} of 60 may be chance");
        }
        // 1 / 2^5 is below 5 %: more of them than chance would take.
        for gate in [&level, &worse(20.0)] {
            let judged = judge(gate, against, &lacking(5));
            assert_eq!((judged.verdict, judged.ground), (Verdict::Fail, Ground::Undefined));
        }
        let nothing = Before::Nothing;
        assert_eq!(judge(&level, nothing, &before).verdict, Verdict::Pass);
        assert_eq!(judge(&level, nothing, &lacking(1)).verdict, Verdict::Inconclusive);
        let unpaired = Before::Unpaired(&before);
        assert_eq!(judge(&worse(20.0), unpaired, &before).verdict, Verdict::Pass);
        assert_eq!(judge(&worse(20.0), unpaired, &lacking(1)).verdict, Verdict::Inconclusive);
        // What lacked it before is no news, and what defines it now is none to the worse.
        let same = lacking(3);
        let unchanged = Before::Paired { values: &same, same_course: true };
        assert_eq!(judge(&level, unchanged, &same).verdict, Verdict::Pass);
        let found =
            judge(&worse(20.0), Before::Paired { values: &same, same_course: false }, &before);
        assert_eq!((found.verdict, found.left_out), (Verdict::Inconclusive, 3), "57 equal ones");
        assert_eq!(found.ground, Ground::Equal);
    }

    #[test]
    fn what_is_asked_for_without_pairs_is_of_both_sides() {
        let drawn = |seed: u64, runs: u32| -> Vec<Option<f64>> {
            let streams = Streams::new(seed, 0);
            (0..runs)
                .map(|run| {
                    Some(50.0 + 10.0 * normal_quantile(streams.at(1, u64::from(run), 0).unit()))
                })
                .collect()
        };
        let before = drawn(1, 20);
        let of = |before: &[Option<f64>], runs: u32| {
            judge(&worse(1.0), Before::Unpaired(before), &drawn(2, runs))
        };
        let few = of(&before, 20);
        let needed = few.needed.expect("a number is told");
        assert!((300..6_000).contains(&needed) && few.needs_baseline, "{few:?}");
        // More runs of one side only never tell; as many of both do.
        let wide = of(&before, 20_000);
        assert!(wide.verdict == Verdict::Inconclusive && wide.needs_baseline, "{wide:?}");
        let judged = of(&drawn(1, needed), needed);
        assert_eq!(judged.verdict, Verdict::Pass);
    }

    /// A law of changes, from three numbers that are even on (0, 1).
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

    /// One run in twenty changes: by an exponential value. Mean 0.05.
    fn one_in_twenty([u, v, _]: [f64; 3]) -> f64 {
        if v < 0.05 { -libm::log(u) } else { 0.0 }
    }

    /// One run in fifty changes: by a lognormal value with a long tail (skewness 33). Mean 0.0616.
    fn one_in_fifty([u, v, _]: [f64; 3]) -> f64 {
        if v < 0.02 { libm::exp(1.5 * normal_quantile(u)) } else { 0.0 }
    }

    /// One run in five changes, for better or worse alike. Mean 0.
    fn either_way([u, v, w]: [f64; 3]) -> f64 {
        let size = if v < 0.2 { -libm::log(u) } else { 0.0 };
        if w < 0.5 { size } else { -size }
    }

    /// Studies of a change that is made again and again.
    struct Studies {
        /// How many.
        count: u32,
        /// Runs of each at first.
        runs: u32,
        /// The metric.
        metric: &'static str,
        /// What is allowed.
        by: Margin,
        /// The baseline, by a number that is even on (0, 1).
        before: fn(f64) -> f64,
        /// The change, and what is added to it.
        law: (Law, f64),
    }

    /// What came of [`Studies`]: shares of them.
    #[derive(Debug)]
    struct Shares {
        pass: f64,
        fail: f64,
        /// Those in which more runs were asked for at first.
        asked: f64,
    }

    impl Studies {
        fn new(by: f64, law: Law, mean: f64) -> Self {
            let by = Margin::Amount(by);
            let (metric, before) = ("migrations", |u| 50.0 + 20.0 * u);
            Self { count: 1_000, runs: 20, metric, by, before, law: (law, mean) }
        }

        /// The same, where so much is allowed.
        fn by(self, by: Margin) -> Self {
            Self { by, ..self }
        }

        /// One look at so many runs of study number `study`.
        fn look(&self, study: u32, runs: u32) -> Judged {
            let streams = Streams::new(20_261_122, study);
            let unit = |run: u32, of: u32| streams.at(1, u64::from(run), of).unit();
            let pair = |run: u32| {
                let before = (self.before)(unit(run, 0));
                let change = (self.law.0)([unit(run, 1), unit(run, 2), unit(run, 3)]);
                (before, before + change + self.law.1)
            };
            let pairs: Vec<(f64, f64)> = (0..runs).map(pair).collect();
            let target = target_of(self.metric, Limit::Worse { by: self.by, more_is_worse: true });
            let mut judged = Judged::new(&target, &[]);
            let mean = pairs.iter().map(|(before, _)| before).sum::<f64>() / f64::from(runs);
            judged.demanded = self.by.of(mean);
            let allowed = Allowed { by: self.by, more_is_worse: true };
            let beyond = weighed(&target, allowed, &pairs).expect("there are two runs and more");
            judged.settled(&beyond, &|limit| limit)
        }

        /// The verdicts after so many `looks` at most.
        fn shares(&self, looks: u32) -> Shares {
            let shares = told(self.count, (self.runs, looks), |study, runs| self.look(study, runs));
            println!("{:?} {} runs, {looks} looks: {shares:?}", self.by, self.runs);
            shares
        }
    }

    /// The verdicts of so many studies by `look` (study, runs) after so many looks at most, the first
    /// at so many runs, each other at as many as the last asked for.
    fn told(count: u32, (runs, looks): (u32, u32), look: impl Fn(u32, u32) -> Judged) -> Shares {
        let [mut pass, mut fail, mut asked] = [0_u32; 3];
        for study in 0..count {
            let mut told = look(study, runs);
            asked += u32::from(told.needed.is_some());
            for _ in 1..looks {
                let Some(runs) = told.needed else { break };
                told = look(study, runs);
            }
            pass += u32::from(told.verdict == Verdict::Pass);
            fail += u32::from(told.verdict == Verdict::Fail);
        }
        let share = |of| f64::from(of) / f64::from(count);
        Shares { pass: share(pass), fail: share(fail), asked: share(asked) }
    }

    /// The gate sleeps and cries wolf no more often than it says, with as many runs as it asks for.
    /// 2,000 studies each with fixed seeds: a program whose true share were 1.5 % worse than is
    /// asserted would fail here with probability 99.8 % (standard error at 95 %: 0.49 %).
    #[test]
    fn twice_the_margin_fails_95_times_in_100_and_no_worsening_passes() {
        for law in [normal as Law, even] {
            let of = |mean| Studies { count: 2_000, ..Studies::new(1.0, law, mean) }.shares(2);
            let worse = of(2.0);
            assert!(worse.fail >= 0.95 && worse.pass <= 0.001 && worse.asked > 0.2, "{worse:?}");
            let none = of(0.0);
            assert!(none.pass >= 0.95 && none.fail <= 0.001, "{none:?}");
        }
    }

    /// Skewed changes too: where t is not to be trusted its limit is set further off.
    #[test]
    fn skewed_changes_are_told_from_the_margin_too() {
        let of = |mean| Studies::new(1.0, skewed, mean).shares(3);
        let (worse, none) = (of(2.0), of(0.0));
        assert!(worse.fail >= 0.95 && worse.pass <= 0.01, "{worse:?}");
        assert!(none.pass >= 0.95 && none.fail <= 0.01, "{none:?}");
    }

    /// Where most runs do not change at all: as many looks as it takes, each at what the last one
    /// asked for. Twice the margin fails, and what changes nothing, or for better and worse alike,
    /// does not. 200 studies each: a share of 95 % has a standard error of 1.5 %.
    #[test]
    fn rare_changes_of_twice_the_margin_fail_95_times_in_100() {
        for (law, mean) in [(one_in_twenty as Law, 0.05), (one_in_fifty, 0.061_604)] {
            for runs in [20, 40] {
                let studies = Studies { count: 200, runs, ..Studies::new(mean / 2.0, law, 0.0) };
                let worse = studies.shares(8);
                assert!(worse.fail >= 0.95, "{worse:?}");
            }
        }
        // No run changes, though all took another course.
        let none = Studies::new(0.025, |_| 0.0, 0.0).shares(2);
        assert!(none.pass >= 0.95 && none.fail <= 0.0, "{none:?}");
        let either = Studies { count: 300, ..Studies::new(0.1, either_way, 0.0) }.shares(8);
        assert!(either.pass >= 0.95 && either.fail <= 0.05, "{either:?}");
    }

    /// A percentage is one of the baseline's true mean, which is only estimated: from runs that
    /// differ by 40 %, with changes that differ by a twentieth, a fifth and three fifths of the mean.
    /// Where the change is exactly what is allowed each error comes in 5 % of looks at most (2,000
    /// studies, standard error 0.49 %: 3.89 of them are allowed); where it is twice that, or nothing,
    /// the runs that are asked for tell.
    #[test]
    fn percentages_of_an_uncertain_baseline_keep_their_word() {
        let wide: [Law; 3] = [
            |[u, _, _]| 0.5 * normal_quantile(u),
            |[u, _, _]| 2.0 * normal_quantile(u),
            |[u, _, _]| 6.0 * normal_quantile(u),
        ];
        for law in wide {
            let of = |mean: f64, count: u32, looks: u32| {
                let before = |u| (10.0 + 4.0 * normal_quantile(u)).max(0.0);
                let by = Margin::Share(0.1);
                Studies { count, runs: 40, before, ..Studies::new(0.0, law, mean) }
                    .by(by)
                    .shares(looks)
            };
            // The mean of what is cut off at zero: 10.008.
            let at = of(1.0008, 2_000, 1);
            assert!(at.pass <= 0.069 && at.fail <= 0.069, "{at:?}");
            let (worse, none) = (of(2.0016, 300, 3), of(0.0, 300, 3));
            assert!(worse.fail >= 0.95 && worse.pass <= 0.01, "{worse:?}");
            assert!(none.pass >= 0.95 && none.fail <= 0.01, "{none:?}");
        }
    }

    /// A percentage where most runs do not change and the baseline does: what is allowed must not
    /// hide how few of the changes were seen.
    #[test]
    fn percentages_of_rare_changes_keep_their_word() {
        // One in twenty changes by 200 of 50: a mean of 10, where 5 are allowed.
        let law: Law = |changes| 200.0 * one_in_twenty(changes);
        let before = |u: f64| 50.0 + 10.0 * (u - 0.5);
        let of = |law: Law, share: f64, count: u32, looks: u32| {
            let by = Margin::Share(share);
            Studies { count, runs: 40, before, ..Studies::new(0.0, law, 0.0) }.by(by).shares(looks)
        };
        let worse = of(law, 0.1, 300, 8);
        assert!(worse.fail >= 0.95, "{worse:?}");
        let at = of(law, 0.2, 1_000, 1);
        assert!(at.pass <= 0.05 && at.fail <= 0.05, "{at:?}");
        let none = of(|_| 0.0, 0.1, 300, 2);
        assert!(none.pass >= 1.0, "{none:?}");
    }

    /// A percentage of what is zero in most runs: one more in one run of fifty, or in the second law
    /// another hour of downtime in one of two hundred, where half as much is allowed. In few runs there
    /// is often none of it, and it does not pass for all that, nor with twice as wide a margin: in 5 % of
    /// looks at most, as often as the baseline's runs are all 0, so that nothing is allowed and nothing
    /// comes (500 studies, standard error 0.97 %: 3.89 are allowed). What is asked for tells.
    #[test]
    fn percentages_of_what_is_mostly_zero_keep_their_word() {
        let counts = |u: f64| match u {
            ..0.6 => 0.0,
            0.6..0.9 => 1.0,
            _ => 2.0,
        };
        let hours = |u: f64| if u < 0.05 { 3_600.0 } else { 0.0 };
        type Case = (&'static str, fn(f64) -> f64, Law, f64);
        let cases: [Case; 2] = [
            ("migrations", counts, |[_, v, _]| f64::from(u8::from(v < 0.02)), 0.02),
            ("downtime", hours, |[u, v, _]| if v < 0.005 { 7_200.0 * u } else { 0.0 }, 0.05),
        ];
        for (metric, before, law, share) in cases {
            let of = |law: Law, share: f64, count: u32, looks: (u32, u32)| {
                let studies =
                    Studies { count, runs: looks.0, metric, before, ..Studies::new(0.0, law, 0.0) };
                studies.by(Margin::Share(share)).shares(looks.1)
            };
            for runs in [20, 60, 100, 400] {
                let (twice, at) =
                    (of(law, share, 500, (runs, 1)), of(law, 2.0 * share, 500, (runs, 1)));
                let most = 0.05 + 3.89 * 0.0097;
                assert!(twice.pass <= most, "{runs}: {twice:?}");
                assert!(at.pass <= most && at.fail <= most, "{runs}: {at:?}");
            }
            let (worse, none) = (of(law, share, 60, (60, 8)), of(|_| 0.0, share, 60, (60, 8)));
            assert!(worse.fail >= 0.95, "{worse:?}");
            assert!(none.pass >= 0.95 && none.fail <= 0.0, "{none:?}");
        }
    }

    /// A percentage of baselines that differ by 40, 70 and 140 % of their mean, where nothing changes:
    /// 60 runs pass, or ask for so many that do; where one in twenty changes by so much that it is
    /// twice what is allowed, what is asked for fails.
    #[test]
    fn percentages_ask_for_runs_that_tell() {
        let baselines: [fn(f64) -> f64; 3] = [
            |u| (10.0 + 4.0 * normal_quantile(u)).max(0.0),
            |u| 10.0 * libm::exp(0.632 * normal_quantile(u) - 0.2),
            |u| 10.0 * libm::exp(1.042 * normal_quantile(u) - 0.543),
        ];
        for before in baselines {
            let of = |law: Law, looks: (u32, u32)| {
                let studies =
                    Studies { count: 200, runs: looks.0, before, ..Studies::new(0.0, law, 0.0) };
                studies.by(Margin::Share(0.1)).shares(looks.1)
            };
            let none = of(|_| 0.0, (20, 3));
            assert!(none.pass >= 0.95 && none.fail <= 0.0, "{none:?}");
            let worse = of(|changes| 40.0 * one_in_twenty(changes), (60, 8));
            assert!(worse.fail >= 0.95, "{worse:?}");
        }
    }

    /// One run of five differs: by one less, but in one of sixteen of them by a whole cluster more; and
    /// the other way round. Means that are the same do not fail, those at the margin err in 5 % of looks
    /// at most (500 studies, standard error 0.97 %: 3.89 are allowed), and twice the margin fails with
    /// what is asked for.
    #[test]
    fn clusters_among_rare_changes_are_heeded() {
        fn clusters([u, v, _]: [f64; 3], more: f64, else_by: f64) -> f64 {
            match (v < 0.2, u < 0.0625) {
                (false, _) => 0.0,
                (true, false) => else_by,
                (true, true) => more,
            }
        }
        // Means of 0, 0.1, 0.2, and 0 again.
        let laws: [Law; 4] = [
            |us| clusters(us, 15.0, -1.0),
            |us| clusters(us, 23.0, -1.0),
            |us| clusters(us, 31.0, -1.0),
            |us| clusters(us, -15.0, 1.0),
        ];
        let most = 0.05 + 3.89 * 0.0097;
        for runs in [20, 60, 100, 300] {
            let of = |law| Studies { count: 500, runs, ..Studies::new(0.1, law, 0.0) }.shares(1);
            let [none, at, twice, back] = laws.map(of);
            assert!(none.fail <= most && back.fail <= most, "{runs}: {none:?} {back:?}");
            assert!(at.pass <= most && at.fail <= most, "{runs}: {at:?}");
            assert!(twice.pass <= most, "{runs}: {twice:?}");
        }
        let of = |law| Studies { count: 100, runs: 60, ..Studies::new(0.1, law, 0.0) }.shares(8);
        let (twice, back) = (of(laws[2]), of(laws[3]));
        assert!(twice.fail >= 0.95 && back.pass >= 0.95, "{twice:?} {back:?}");
    }

    /// Where the truth lies just at the margin, both errors are as rare as alpha for one look each;
    /// who looks a second time, with the runs asked for, errs with twice that at most.
    #[test]
    fn at_the_margin_neither_verdict_comes_more_often_than_it_may() {
        let at = Studies { count: 2_000, ..Studies::new(1.0, normal, 1.0) };
        let (one, two) = (at.shares(1), at.shares(2));
        assert!(one.pass <= 0.06 && one.fail <= 0.06, "{one:?}");
        assert!(two.pass <= 0.1 && two.fail <= 0.1, "{two:?}");
        assert!(two.pass >= 0.03 && two.fail >= 0.03, "it is no idle rule: {two:?}");
        for (law, mean) in [(one_in_twenty as Law, 0.05), (one_in_fifty, 0.061_604)] {
            let one = Studies { runs: 40, ..Studies::new(mean, law, 0.0) }.shares(1);
            assert!(one.pass <= 0.05 && one.fail <= 0.05, "{one:?}");
        }
    }

    /// Values of a metric that runs have by the law of three even numbers, after `before`.
    fn drawn(
        seed: u64,
        study: u32,
        runs: u32,
        value: impl Fn([f64; 3]) -> f64,
    ) -> Vec<Option<f64>> {
        let streams = Streams::new(seed, study);
        let unit = |run: u32, of: u32| streams.at(1, u64::from(run), of).unit();
        (0..runs).map(|run| Some(value([unit(run, 0), unit(run, 1), unit(run, 2)]))).collect()
    }

    fn exponential([u, _, _]: [f64; 3]) -> f64 {
        -libm::log(u)
    }

    fn lognormal([u, _, _]: [f64; 3]) -> f64 {
        libm::exp(normal_quantile(u))
    }

    /// One run in five is otherwise: by an exponential value. Mean 0.2.
    fn one_in_five([u, v, _]: [f64; 3]) -> f64 {
        if v < 0.2 { -libm::log(u) } else { 0.0 }
    }

    /// Runs that share no chance: a metric doubles, where that is just what is allowed, as an amount
    /// and as a percentage, from sides of as many runs and of others. Each error comes in 5 % of looks
    /// at most: 1,000 studies each (standard error 0.69 %: 3.89 of them are allowed).
    #[test]
    fn without_pairs_neither_verdict_comes_more_often_than_it_may() {
        let laws: [(Law, f64); 4] = [
            (|us| 10.0 + normal(us), 10.0),
            (exponential, 1.0),
            (lognormal, 1.648_721_270_700_128),
            (one_in_five, 0.2),
        ];
        for (place, (law, mean)) in laws.into_iter().enumerate() {
            for by in [Margin::Amount(mean), Margin::Share(1.0)] {
                for (runs, held) in [(20, 20), (40, 40), (100, 20)] {
                    let gate = target(Limit::Worse { by, more_is_worse: true });
                    let shares = told(1_000, (runs, 1), |study, runs| {
                        let seed = 20_261_300 + 10 * place as u64;
                        let before = drawn(seed, study, held, law);
                        let now = drawn(seed + 1, study, runs, |us| 2.0 * law(us));
                        judge(&gate, Before::Unpaired(&before), &now)
                    });
                    println!("law {place}, {by:?}, {runs} after {held} runs: {shares:?}");
                    let most = 0.05 + 3.89 * 0.0069;
                    assert!(
                        shares.pass <= most && shares.fail <= most,
                        "{place} {by:?} {shares:?}"
                    );
                }
            }
        }
    }

    /// The same with twice of what is allowed, and with no change at all, where both sides are made
    /// anew with the runs asked for. 200 studies each: a share of 95 % has a standard error of 1.5 %.
    #[test]
    fn without_pairs_the_runs_asked_for_tell() {
        let laws: [(Law, f64); 3] =
            [(|us| 10.0 + normal(us), 10.0), (exponential, 1.0), (one_in_five, 0.2)];
        for (place, (law, mean)) in laws.into_iter().enumerate() {
            for by in [Margin::Amount(mean), Margin::Share(1.0)] {
                let gate = target(Limit::Worse { by, more_is_worse: true });
                let of = |times: f64| {
                    let shares = told(200, (20, 6), |study, runs| {
                        let seed = 20_261_400 + 10 * place as u64;
                        let before = drawn(seed, study, runs, law);
                        let now = drawn(seed + 1, study, runs, |us| times * law(us));
                        judge(&gate, Before::Unpaired(&before), &now)
                    });
                    println!("law {place}, {by:?}, {times} times: {shares:?}");
                    shares
                };
                let (worse, none) = (of(3.0), of(1.0));
                assert!(worse.fail >= 0.95 && worse.pass <= 0.01, "{place} {by:?} {worse:?}");
                assert!(none.pass >= 0.95 && none.fail <= 0.01, "{place} {by:?} {none:?}");
            }
        }
    }

    fn target_of(metric: &str, limit: Limit) -> Target {
        let definition = catalogue::find(metric).expect("it is in the catalogue");
        let column = Column { name: metric.to_owned(), definition, places: vec![0] };
        Target { column, selector: Selector::parse(metric).unwrap(), ..target(limit) }
    }

    /// A share that is 1 in four of five runs, and a count that is 0 in 99 of 100, beside limits of
    /// their own: at the limit each error comes in 5 % of looks at most (1,000 studies, standard error
    /// 0.69 %); where as much again is missing, or comes, the runs asked for tell it (200 studies).
    #[test]
    fn limits_of_shares_and_counts_keep_their_word() {
        let share: Law = |us| 1.0 - 0.001 * one_in_five(us);
        // 1.2 in one of a hundred runs: 0.012.
        let count: Law = |[u, v, _]| match (v < 0.01, u < 0.2) {
            (true, true) => 2.0,
            (true, false) => 1.0,
            (false, _) => 0.0,
        };
        let of = |gate: &Target, law: Law, studies: u32, looks: (u32, u32)| {
            let shares = told(studies, looks, |study, runs| {
                judge(gate, Before::Nothing, &drawn(20_261_500, study, runs, law))
            });
            println!("{} {:?}, {looks:?}: {shares:?}", gate.column.name, gate.limit);
            shares
        };
        let cases = [
            ("availability", share, [0.9998, 0.9999, 0.9996].map(Limit::AtLeast)),
            ("placement.failed", count, [0.012, 0.006, 0.024].map(Limit::AtMost)),
        ];
        for (metric, law, limits) in cases {
            let [at, missed, held] = limits.map(|limit| target_of(metric, limit));
            for runs in [20, 60, 300] {
                let at = of(&at, law, 1_000, (runs, 1));
                assert!(at.pass <= 0.05 + 3.89 * 0.0069 && at.fail <= 0.077, "{at:?}");
            }
            let (missed, held) = (of(&missed, law, 200, (20, 8)), of(&held, law, 200, (20, 8)));
            assert!(missed.fail >= 0.95, "{missed:?}");
            assert!(held.pass >= 0.95 && held.fail <= 0.01, "{held:?}");
        }
        // Twelve times of what is allowed, in few runs and in many.
        let tight = target_of("placement.failed", Limit::AtMost(0.001));
        for runs in [20, 100] {
            let first = of(&tight, count, 1_000, (runs, 1));
            assert!(first.pass <= 0.0 && first.fail <= 0.05, "{first:?}");
        }
    }
}
