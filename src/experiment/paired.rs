//! Two candidates on the same chance: the differences of one metric, run by run, and what they say.
//!
//! Run k of both candidates draws the same failures, so the difference of their numbers is free of
//! what both met alike. [`compare`] reads the differences; [`welch`] is for candidates that share
//! nothing; [`holm`] keeps many comparisons honest. Which test suits which differences is decided
//! here, once (spec trust 2.3): Student's t where most differ; where few do, the limits of those, but
//! no surer than so few can be that nothing is missing among them. Both are of the mean: the sign test,
//! which is of the median, is told beside.

use super::{
    exact::{permutation, sign_test},
    mean::{MANY, RARE, limits_of},
};
use crate::{
    kernel::{
        moments::Moments,
        special::{student_cdf, student_quantile},
    },
    observe::catalogue::Definition,
};

/// Halvings of the level at which limits are told from zero.
const HALVINGS: u32 = 60;

/// A run with the two numbers of a pair: what the baseline says, what the candidate says.
type Pair = (f64, f64);

/// What the paired differences (candidate - baseline) of one metric say; in the metric's unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Paired {
    /// Pairs: runs in which both say something (count).
    pub runs: u32,
    /// Runs in which only one of the two says something (count); they are left out.
    pub unpaired: u32,
    /// Mean of the baseline over the pairs; nothing without pairs, like all that follows.
    pub baseline: Option<f64>,
    /// Mean of the candidate over the pairs.
    pub candidate: Option<f64>,
    /// Mean difference.
    pub difference: Option<f64>,
    /// Sample standard deviation of the differences; `None` below two pairs.
    pub deviation: Option<f64>,
    /// How far both go together over the runs; `None` where one of them never changes.
    pub correlation: Option<f64>,
    /// (variance of the baseline + variance of the candidate) / variance of the differences: how
    /// many times as many runs it would take without pairs. 1: pairing is worth nothing. `None`
    /// where all differences are equal.
    pub variance_ratio: Option<f64>,
    /// Differences that are exactly zero (count).
    pub zeros: u32,
    /// Differences above zero (count).
    pub above: u32,
    /// Differences below zero (count).
    pub below: u32,
    /// Skewness g1 of the differences; `None` where all are equal.
    pub skewness: Option<f64>,
    /// Whether they are so skewed (n < 25 g1², Cochran's rule) that a t interval covers less often
    /// than it says.
    pub skewed: bool,
    /// How the difference was tested.
    pub method: Method,
    /// How often chance alone would bring about a difference as large, were there none
    /// (two-sided); `None` where there is nothing to ask.
    pub p: Option<f64>,
    /// Where the true mean difference lies; `None` where no interval is fit to say it.
    pub limits: Option<Limits>,
}

/// How paired differences are tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// No pair, or one that differs: nothing can be told.
    TooFew,
    /// Every difference is exactly zero: the metric is the same in every run, and no p-value is
    /// due.
    Identical,
    /// Every difference is the same, and not zero: the sign test, and an interval without width.
    Constant,
    /// Student's t.
    Student,
    /// More than half of the differences are exactly zero, and the others are fewer than a hundred or
    /// skewed: the limits of the mean of those others, as gates are judged ([`super::mean`]), and no
    /// interval. It is no surer than 0.95 to the number of the others (twice: either side): so rarely
    /// would what comes in one of twenty of them be missing, and that could turn the mean whatever the
    /// others say. The exact tests beside it may speak where the mean is the same.
    Sparse {
        /// p-value of the sign test.
        signs: f64,
        /// p-value of all flips of the signs: that the law of the differences is symmetric.
        flips: f64,
    },
    /// The metric says yes or no: McNemar's exact test of the pairs that differ, and no interval.
    McNemar,
}

/// A mean that is estimated, with what Student's t needs to say where the true one lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The estimate.
    pub centre: f64,
    /// Its standard error; 0 where it is exact.
    pub error: f64,
    /// Degrees of freedom.
    pub freedom: f64,
}

impl Limits {
    /// Half the width of the two-sided interval that covers the true mean with probability
    /// `level`.
    pub fn half_width(&self, level: f64) -> f64 {
        self.quantile(0.5 + level / 2.0) * self.error
    }

    /// The two-sided interval that covers the true mean with probability `level`.
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let width = self.half_width(level);
        (self.centre - width, self.centre + width)
    }

    /// What the true mean exceeds with probability `level`.
    pub fn lower(&self, level: f64) -> f64 {
        self.centre - self.quantile(level) * self.error
    }

    /// What exceeds the true mean with probability `level`.
    pub fn upper(&self, level: f64) -> f64 {
        self.centre + self.quantile(level) * self.error
    }

    /// How often chance alone would bring the estimate as low, were the true mean `value`
    /// (one-sided): small where the true mean is below `value`.
    pub fn p_below(&self, value: f64) -> f64 {
        student_cdf(self.steps_from(value), self.freedom)
    }

    /// The same for as high: small where the true mean is above `value`.
    pub fn p_above(&self, value: f64) -> f64 {
        student_cdf(-self.steps_from(value), self.freedom)
    }

    /// How often chance alone would carry the estimate as far from `value`, were that the true mean
    /// (two-sided).
    pub fn p_not(&self, value: f64) -> f64 {
        (2.0 * student_cdf(-self.steps_from(value).abs(), self.freedom)).min(1.0)
    }

    /// How many standard errors the estimate lies above `value`; an exact one lies endlessly far
    /// from all but itself.
    fn steps_from(&self, value: f64) -> f64 {
        let off = self.centre - value;
        match self.error > 0.0 {
            true => off / self.error,
            false if off > 0.0 => f64::INFINITY,
            false if off < 0.0 => f64::NEG_INFINITY,
            false => 0.0,
        }
    }

    fn quantile(&self, p: f64) -> f64 {
        match self.error > 0.0 {
            true => student_quantile(p, self.freedom),
            false => 0.0,
        }
    }
}

impl Paired {
    /// The difference as a share of the size of the baseline; `None` where that is zero.
    pub fn relative(&self) -> Option<f64> {
        let (difference, baseline) = (self.difference?, self.baseline?);
        (baseline.abs() > 0.0).then(|| difference / baseline.abs())
    }

    /// Where so few runs differ that whatever they say could be turned by what none of them shows
    /// ([`Method::Sparse`]): how many must differ for a p-value of 0.05 that is corrected for so many
    /// `tests`, and in about how many runs so many do (counts).
    pub fn wanted(&self, tests: usize) -> Option<(u32, u32)> {
        let differ = self.above + self.below;
        let is_sparse = matches!(self.method, Method::Sparse { .. });
        let least = libm::ceil(libm::log(0.025 / tests.max(1) as f64) / libm::log1p(-RARE));
        let runs = libm::ceil(f64::from(self.runs) * least / f64::from(differ) / 10.0) * 10.0;
        (is_sparse && f64::from(differ) < least).then_some((least as u32, runs as u32))
    }

    /// Nothing to compare: `unpaired` runs in which one of both says something.
    fn nothing(unpaired: u32) -> Self {
        Self {
            runs: 0,
            unpaired,
            baseline: None,
            candidate: None,
            difference: None,
            deviation: None,
            correlation: None,
            variance_ratio: None,
            zeros: 0,
            above: 0,
            below: 0,
            skewness: None,
            skewed: false,
            method: Method::TooFew,
            p: None,
            limits: None,
        }
    }
}

/// What `candidate` says against `baseline`: the numbers of the metric so defined, one a run in the
/// same order of runs; `None` where a run has nothing to say.
///
/// # Panics
/// If they have not as many runs.
pub fn compare(metric: &Definition, baseline: &[Option<f64>], candidate: &[Option<f64>]) -> Paired {
    assert_eq!(baseline.len(), candidate.len(), "pairs are of the same runs");
    let both = || baseline.iter().zip(candidate);
    let unpaired = counted(both().filter(|(a, b)| a.is_some() != b.is_some()));
    let pairs: Vec<Pair> = both().filter_map(|(a, b)| a.zip(*b)).collect();
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| (b - a) + 0.0).collect();
    let (Some(a), Some(b), Some(d)) = (
        Moments::of(pairs.iter().map(|(a, _)| *a)),
        Moments::of(pairs.iter().map(|(_, b)| *b)),
        Moments::of(differences.iter().copied()),
    ) else {
        return Paired::nothing(unpaired);
    };
    let n = pairs.len() as f64;
    let limits = Limits { centre: d.mean, error: libm::sqrt(d.variance / n), freedom: n - 1.0 };
    let [above, below] = [
        counted(differences.iter().filter(|d| **d > 0.0)),
        counted(differences.iter().filter(|d| **d < 0.0)),
    ];
    let method = method(metric, &differences, [above, below], &d);
    let (p, limits) = match method {
        Method::TooFew => (None, None),
        Method::Identical => (None, Some(limits)),
        Method::Constant => (Some(sign_test(above, below)), Some(limits)),
        Method::Student => (Some(limits.p_not(0.0)), Some(limits)),
        Method::Sparse { .. } => (Some(p_of_others(&differences)), None),
        Method::McNemar => (Some(sign_test(above, below)), None),
    };
    let runs = counted(&pairs);
    Paired {
        runs,
        unpaired,
        baseline: Some(a.mean),
        candidate: Some(b.mean),
        difference: Some(d.mean),
        deviation: (runs > 1).then(|| libm::sqrt(d.variance)),
        correlation: correlation(&pairs, &a, &b),
        variance_ratio: (d.variance > 0.0).then(|| (a.variance + b.variance) / d.variance),
        zeros: runs - above - below,
        above,
        below,
        skewness: d.skewness,
        skewed: d.is_skewed(),
        method,
        p,
        limits,
    }
}

/// How often chance alone would carry the mean of those of `differences` that are not zero as far from
/// it (two-sided): twice the smallest level at which its limits do not hold zero, and no less than
/// twice the chance that what comes in the share [`RARE`] of them is not among them.
fn p_of_others(differences: &[f64]) -> f64 {
    let others = differences.iter().copied().filter(|d| d.abs() > 0.0);
    let Some(others) = Moments::of(others).filter(|others| others.count > 1) else { return 1.0 };
    let tells = |alpha: f64| {
        let (lower, upper) = limits_of(&others, alpha);
        lower > 0.0 || upper < 0.0
    };
    let (mut no, mut yes) = (0.0, 0.5);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (no + yes);
        if tells(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
    let missed = libm::exp(f64::from(others.count) * libm::log1p(-RARE));
    (2.0 * yes.max(missed)).min(1.0)
}

/// How `differences` of `metric`, of which so many lie above and below zero, are to be tested.
fn method(
    metric: &Definition,
    differences: &[f64],
    [above, below]: [u32; 2],
    moments: &Moments,
) -> Method {
    let pairs = differences.len();
    let differ = above + below;
    let are_sparse = 2 * (differ as usize) < pairs;
    if differ == 0 {
        Method::Identical
    } else if pairs < 2 {
        Method::TooFew
    } else if metric.is_yes_or_no() {
        Method::McNemar
    } else if are_sparse && (differ < MANY || moments.is_skewed()) {
        Method::Sparse { signs: sign_test(above, below), flips: permutation_of(differences) }
    } else if moments.variance > 0.0 {
        Method::Student
    } else {
        Method::Constant
    }
}

/// Flips of the signs of those that are not zero.
fn permutation_of(differences: &[f64]) -> f64 {
    let others: Vec<f64> = differences.iter().copied().filter(|d| d.abs() > 0.0).collect();
    permutation(&others)
}

fn correlation(pairs: &[Pair], a: &Moments, b: &Moments) -> Option<f64> {
    let together: f64 = pairs.iter().map(|(x, y)| (x - a.mean) * (y - b.mean)).sum();
    let size = libm::sqrt(a.variance) * libm::sqrt(b.variance) * (pairs.len() as f64 - 1.0);
    (size > 0.0).then(|| (together / size).clamp(-1.0, 1.0))
}

fn counted<T>(of: impl IntoIterator<Item = T>) -> u32 {
    u32::try_from(of.into_iter().count()).expect("runs are counted in 32 bits")
}

/// What two candidates that share no run say of their difference (b - a): Welch's t, which does not
/// take their variances for equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unpaired {
    /// Runs of each that say something (count).
    pub runs: [u32; 2],
    /// Their means.
    pub means: [f64; 2],
    /// Their sample variances.
    pub variances: [f64; 2],
    /// Whether the runs of one are so skewed (n < 25 g1²) that the interval covers less often than
    /// it says.
    pub skewed: bool,
    /// Where the true difference lies.
    pub limits: Limits,
}

/// Welch's comparison of the runs `b` with the runs `a`; `None` where one has fewer than two runs
/// that say something.
pub fn welch(a: &[Option<f64>], b: &[Option<f64>]) -> Option<Unpaired> {
    let said = |of: &[Option<f64>]| of.iter().copied().flatten().collect::<Vec<f64>>();
    let (a, b) = (said(a), said(b));
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let both = [Moments::of(a.iter().copied())?, Moments::of(b.iter().copied())?];
    let sizes = [a.len() as f64, b.len() as f64];
    let shares = [both[0].variance / sizes[0], both[1].variance / sizes[1]];
    let sum = shares[0] + shares[1];
    let freedom = match sum > 0.0 {
        true => {
            // Shares of the sum, so that no square of a small number vanishes.
            let part = |of: usize| {
                let share = shares[of] / sum;
                share * share / (sizes[of] - 1.0)
            };
            1.0 / (part(0) + part(1))
        }
        false => sizes[0] + sizes[1] - 2.0,
    };
    Some(Unpaired {
        runs: [counted(a), counted(b)],
        means: [both[0].mean, both[1].mean],
        variances: [both[0].variance, both[1].variance],
        skewed: both.iter().any(Moments::is_skewed),
        limits: Limits { centre: both[1].mean - both[0].mean, error: libm::sqrt(sum), freedom },
    })
}

/// `p` with Holm's correction, in the same order: among as many tests, one whose corrected value is
/// below a level is right with all that are, together, but for that probability.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let (mut corrected, mut least) = (vec![1.0; p.len()], 0.0_f64);
    for (place, of) in order.into_iter().enumerate() {
        least = least.max(p[of] * (p.len() - place) as f64).min(1.0);
        corrected[of] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernel::streams::Streams, observe::catalogue};
    use statrs::{
        distribution::{ContinuousCDF, StudentsT},
        statistics::Statistics,
    };

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().copied().map(Some).collect()
    }

    /// A metric that counts.
    fn count() -> &'static Definition {
        catalogue::find("interruptions").expect("it is in the catalogue")
    }

    fn of(a: &[f64], b: &[f64]) -> Paired {
        compare(count(), &some(a), &some(b))
    }

    fn near(ours: impl Into<Option<f64>>, theirs: f64) {
        let ours = ours.into().expect("there is a number");
        assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-9), "{ours} for {theirs}");
    }

    #[test]
    fn a_worked_example_by_hand() {
        // Differences 1, 2, 3: mean 2, deviation 1, error 1/√3; t = 2√3 with 2 degrees:
        // p = 1 - t/√(2 + t²) = 1 - √(12/14).
        let paired = of(&[10.0, 20.0, 30.0], &[11.0, 22.0, 33.0]);
        assert_eq!((paired.runs, paired.zeros, paired.above, paired.below), (3, 0, 3, 0));
        near(paired.baseline, 20.0);
        near(paired.candidate, 22.0);
        near(paired.difference, 2.0);
        near(paired.deviation, 1.0);
        near(paired.relative(), 0.1);
        near(paired.correlation, 1.0);
        near(paired.variance_ratio, 100.0 + 121.0);
        near(paired.p, 1.0 - (12.0_f64 / 14.0).sqrt());
        assert_eq!(paired.method, Method::Student);
        let limits = paired.limits.unwrap();
        assert!((limits.half_width(0.95) - 2.484_137_711).abs() < 1e-8);
        // One-sided at 95 %: t(2) = 2.919985580.
        assert!((limits.upper(0.95) - (2.0 + 2.919_985_580 / 3.0_f64.sqrt())).abs() < 1e-8);
        near(limits.upper(0.95) - 2.0, 2.0 - limits.lower(0.95));
    }

    #[test]
    fn numbers_agree_with_the_oracle() {
        let a = [3.25, 1.5, 4.0, 1.0, 5.75, 9.5, 2.0, 6.5];
        let b = [3.5, 1.25, 5.0, 1.0, 6.5, 8.0, 3.0, 7.75];
        let d: Vec<f64> = b.iter().zip(&a).map(|(b, a)| b - a).collect();
        let paired = of(&a, &b);
        near(paired.difference, (&d).mean());
        near(paired.deviation, (&d).std_dev());
        near(paired.correlation, (&a).covariance(&b) / ((&a).std_dev() * (&b).std_dev()));
        near(paired.variance_ratio, ((&a).variance() + (&b).variance()) / (&d).variance());
        let t = (&d).mean() / ((&d).std_dev() / 8.0_f64.sqrt());
        let law = StudentsT::new(0.0, 1.0, 7.0).unwrap();
        near(paired.p, 2.0 * law.cdf(-t.abs()));
        let limits = paired.limits.unwrap();
        near(limits.p_above(0.25), law.cdf(-(t - 0.25 / limits.error)));
        near(limits.p_below(0.25), 1.0 - limits.p_above(0.25));
        assert_eq!((paired.zeros, paired.above, paired.below), (1, 5, 2));
    }

    #[test]
    fn equal_numbers_are_told_as_such_and_have_no_p_value() {
        let paired = of(&[0.1, 0.7, 0.3], &[0.1, 0.7, 0.3]);
        assert_eq!((paired.method, paired.p), (Method::Identical, None));
        assert_eq!(paired.difference.map(f64::to_bits), Some(0.0_f64.to_bits()), "exactly");
        assert_eq!(paired.limits.map(|limits| limits.interval(0.95)), Some((0.0, 0.0)));
        assert_eq!(paired.variance_ratio, None);
        near(paired.correlation, 1.0);
        let negative = of(&[-0.0, 0.0], &[0.0, -0.0]);
        assert_eq!(negative.difference.map(f64::to_bits), Some(0.0_f64.to_bits()));
    }

    #[test]
    fn mostly_zero_differences_are_tested_by_those_that_are_not() {
        let (mut a, mut b) = ([2.0; 20], [2.0; 20]);
        for (run, value) in b.iter_mut().enumerate().take(6) {
            *value = 3.0 + run as f64;
        }
        a[7] = 5.0;
        let paired = of(&a, &b);
        assert_eq!((paired.zeros, paired.above, paired.below), (13, 6, 1));
        // P(at most 1 of 7) = 8/128, twice.
        let Method::Sparse { signs, flips } = paired.method else { panic!("{:?}", paired.method) };
        near(signs, 0.125);
        // 1 to 6 and -3: 24 - 6, the sums that are as far from zero.
        near(flips, permutation(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, -3.0]));
        assert_eq!(paired.wanted(1), Some((72, 210)), "20 runs, 7 of which differ");
        assert_eq!(paired.wanted(5), Some((104, 300)), "corrected for five tests");
        assert_eq!(paired.limits, None, "no t interval");
        // Seven miss what comes in one of twenty seven times of ten.
        assert_eq!(paired.p, Some(1.0));
        let half = of(&a[..12], &b[..12]);
        assert_eq!((half.zeros, half.method), (5, Method::Student), "half is not most");
        // 80 of 200 that are all alike: 2 · 0.95^80. And 120 of 300 by t.
        let alike = |runs: usize, differ: usize| {
            let b: Vec<f64> = (0..runs).map(|run| f64::from(u8::from(run < differ))).collect();
            of(&vec![0.0; runs], &b)
        };
        near(alike(200, 80).p, 2.0 * libm::pow(0.95, 80.0));
        assert_eq!(alike(200, 20).p.map(|p| p > 0.7), Some(true));
        assert_eq!(alike(300, 120).method, Method::Student);
    }

    /// One study: of `runs` pairs so large a share differs, by the law `change` of an even number.
    fn study(seed: u64, study: u32, (runs, share): (u64, f64), change: fn(f64) -> f64) -> Paired {
        let streams = Streams::new(seed, study);
        let unit = |run, of| streams.at(1, run, of).unit();
        let value = |run| if unit(run, 0) < share { change(unit(run, 1)) } else { 0.0 };
        let candidate: Vec<f64> = (0..runs).map(|run| 20.0 + value(run)).collect();
        of(&vec![20.0; runs as usize], &candidate)
    }

    /// Equal means: one less in 15 of 16 runs that differ, 15 more in the last; the same the other way
    /// round, twice as long a tail, and one with nothing rare. Whatever share of the runs differs, and
    /// however many there are, a difference is called in 5 % of studies at most: 400 studies each, a
    /// standard error of 1.09 %, of which 3.89 are allowed. The sign test, all flips of signs, and
    /// McNemar's where no cluster was seen call it in up to half of them.
    #[test]
    fn rare_clusters_are_no_difference_of_the_mean() {
        let laws: [fn(f64) -> f64; 4] = [
            |u| if u < 0.0625 { 15.0 } else { -1.0 },
            |u| if u < 0.0625 { -15.0 } else { 1.0 },
            |u| if u < 0.05 { 38.0 } else { -2.0 },
            |u| if u < 0.25 { 3.0 } else { -1.0 },
        ];
        let studies = 400;
        let mut by_signs = 0.0_f64;
        for (place, law) in laws.into_iter().enumerate() {
            for (of, size) in
                [(50, 0.2), (100, 0.15), (100, 0.4), (400, 0.3)].into_iter().enumerate()
            {
                let (mut called, mut signs) = (0, 0);
                for number in 0..studies {
                    let seed = 20_261_700 + 10 * place as u64 + of as u64;
                    let paired = study(seed, number, size, law);
                    called += u32::from(paired.p <= Some(0.05) && paired.p.is_some());
                    if let Method::Sparse { signs: p, .. } = paired.method {
                        signs += u32::from(p <= 0.05);
                    }
                }
                let [called, signs] = [called, signs].map(|n| f64::from(n) / f64::from(studies));
                println!("law {place}, {size:?}: called in {called}, by signs in {signs}");
                assert!(called <= 0.05 + 3.89 * 0.0109, "law {place}, {size:?}: {called}");
                by_signs = by_signs.max(signs);
            }
        }
        assert!(by_signs > 0.4, "these laws are a trap: {by_signs}");
    }

    /// And a mean that does differ is found, once enough runs differ: 200 studies each.
    #[test]
    fn rare_differences_are_found_with_enough_runs() {
        for (place, law) in [(|_| 1.0) as fn(f64) -> f64, |u| -libm::log(u)].into_iter().enumerate()
        {
            let found = (0..200).filter(|number| {
                let paired = study(20_261_800 + place as u64, *number, (600, 0.25), law);
                paired.difference > Some(0.0) && paired.p < Some(0.01)
            });
            assert!(found.count() >= 198, "law {place}");
        }
    }

    #[test]
    fn yes_and_no_are_tested_by_the_pairs_that_differ() {
        let a = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0];
        let b = [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0];
        let status = catalogue::find("refresh.status").expect("it is in the catalogue");
        let paired = compare(status, &some(&a), &some(&b));
        assert_eq!((paired.method, paired.limits), (Method::McNemar, None));
        near(paired.p, 0.0625);
        near(paired.difference, 5.0 / 11.0);
        // What counts may say 2 in another run.
        assert!(matches!(of(&a, &b).method, Method::Sparse { .. }));
    }

    #[test]
    fn a_difference_that_never_changes_is_tested_by_its_sign() {
        let paired = of(&[1.0, 2.0, 3.0, 4.0], &[3.0, 4.0, 5.0, 6.0]);
        assert_eq!((paired.method, paired.variance_ratio), (Method::Constant, None));
        near(paired.p, 0.125);
        let limits = paired.limits.unwrap();
        assert_eq!(limits.interval(0.95), (2.0, 2.0));
        let p = (limits.p_above(1.0), limits.p_below(1.0), limits.p_above(2.0));
        assert_eq!(p, (0.0, 1.0, 0.5));
    }

    #[test]
    fn runs_without_a_partner_are_left_out_and_counted() {
        let paired = compare(
            count(),
            &[None, Some(1.0), Some(2.0), None],
            &[Some(3.0), Some(2.0), None, None],
        );
        assert_eq!((paired.runs, paired.unpaired), (1, 2));
        assert_eq!((paired.method, paired.difference), (Method::TooFew, Some(1.0)));
        assert_eq!((paired.p, paired.limits, paired.deviation), (None, None, None));
        let nothing = compare(count(), &[None], &[Some(1.0)]);
        assert_eq!(nothing, Paired::nothing(1));
        assert_eq!(compare(count(), &[], &[]), Paired::nothing(0));
    }

    #[test]
    fn skewed_differences_are_told() {
        let a = [0.0; 30];
        let mut b: Vec<f64> = (1..=30).map(|run| f64::from(run) / 100.0).collect();
        assert!(!of(&a, &b).skewed);
        b[3] = 50.0;
        let skewed = of(&a, &b);
        assert!(skewed.skewed && skewed.skewness > Some(5.0));
        assert_eq!(skewed.method, Method::Student, "it is still shown, with its warning");
    }

    #[test]
    fn welch_agrees_with_a_worked_example() {
        // The textbook's formula by hand: variances 1 and 4 over 3 and 5 runs.
        let (a, b) = ([1.0, 2.0, 3.0], [4.0, 6.0, 6.0, 6.0, 8.0]);
        let told = welch(&some(&a), &some(&b)).unwrap();
        near(told.limits.centre, 4.0);
        near(told.variances[1], 2.0);
        let (x, y) = (1.0_f64 / 3.0, 2.0_f64 / 5.0);
        near(told.limits.error, (x + y).sqrt());
        near(told.limits.freedom, (x + y) * (x + y) / (x * x / 2.0 + y * y / 4.0));
        let law = StudentsT::new(0.0, 1.0, told.limits.freedom).unwrap();
        near(told.limits.p_not(0.0), 2.0 * law.cdf(-4.0 / told.limits.error));
        assert_eq!(welch(&some(&a), &[Some(1.0), None]), None);
        let exact = welch(&some(&[2.0; 3]), &some(&[2.0; 4])).unwrap();
        assert_eq!((exact.limits.error, exact.limits.freedom, exact.skewed), (0.0, 5.0, false));
    }

    #[test]
    fn holm_agrees_with_a_worked_example() {
        // 0.01·4, max(0.02·3, ..), max(0.03·2, ..), 0.5
        assert_eq!(holm(&[0.03, 0.01, 0.5, 0.02]), [0.06, 0.04, 0.5, 0.06]);
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [] as [f64; 0]);
        assert_eq!(holm(&[0.04]), [0.04]);
    }
}
