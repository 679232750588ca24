//! Limits of a mean where most values are exactly the same: Student's t errs grossly there, as it
//! takes what is rare for what is not (spec trust 2.3).
//!
//! A mean of values of which most are zero is the share of the others times their mean. The share
//! has limits that are exact (Clopper and Pearson), the others' mean has those of Student's t; each
//! of the four is right but for half of what the product may err (Bonferroni), so the product is
//! right at least as often as it says.

use super::{bounds, needed};
use crate::kernel::special::{normal_quantile, student_quantile};

/// Below so many values that differ no test of signs could tell anything (2/2⁵ > 5 %), and their
/// mean has no limits but their sizes.
const FEW: u32 = 6;

/// Values of which most are zero.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sparse {
    runs: u32,
    others: u32,
    mean: f64,
    deviation: f64,
    largest: f64,
}

impl Sparse {
    /// `values` of which most are zero, one a run.
    pub fn of(values: &[f64]) -> Self {
        let others: Vec<f64> = values.iter().copied().filter(|value| value.abs() > 0.0).collect();
        let count = others.len() as f64;
        let mean = if others.is_empty() { 0.0 } else { others.iter().sum::<f64>() / count };
        let squares: f64 = others.iter().map(|value| (value - mean) * (value - mean)).sum();
        Self {
            runs: u32::try_from(values.len()).expect("runs are counted in 32 bits"),
            others: u32::try_from(others.len()).expect("runs are counted in 32 bits"),
            mean,
            deviation: if count > 1.0 { libm::sqrt(squares / (count - 1.0)) } else { 0.0 },
            largest: others.iter().fold(0.0, |largest, value| value.abs().max(largest)),
        }
    }

    /// The mean of all values.
    pub fn mean(&self) -> f64 {
        self.mean * f64::from(self.others) / f64::from(self.runs.max(1))
    }

    /// What the true mean exceeds, and what exceeds it, each with probability 1 - `alpha`.
    pub fn limits(&self, alpha: f64) -> (f64, f64) {
        let share = [
            bounds::lower(self.others, self.runs, 1.0 - alpha / 2.0),
            bounds::upper(self.others, self.runs, 1.0 - alpha / 2.0),
        ];
        let (low, high) = self.of_others(self.others, alpha / 2.0);
        // The larger share makes a limit wider on its side of zero, the smaller narrower.
        let lower = if low < 0.0 { share[1] * low } else { share[0] * low };
        let upper = if high > 0.0 { share[1] * high } else { share[0] * high };
        (lower, upper)
    }

    /// Limits of the mean of the values that are not zero, were there `others` of them.
    fn of_others(&self, others: u32, alpha: f64) -> (f64, f64) {
        if others < FEW {
            return (-self.largest, self.largest);
        }
        let quantile = student_quantile(1.0 - alpha, f64::from(others - 1));
        let width = quantile * self.deviation / libm::sqrt(f64::from(others));
        (self.mean - width, self.mean + width)
    }

    /// The runs after which limits are likely to be no further than `distance` from the truth on
    /// either side; `None`: more than are asked for.
    pub fn needed(&self, distance: f64, alpha: f64) -> Option<u32> {
        // What else runs may say, where few of them have said anything yet.
        let unsure = needed::multiple(normal_quantile(1.0 - alpha), f64::from(self.others))
            / needed::multiple(normal_quantile(1.0 - alpha), f64::INFINITY);
        let is_enough = |runs: u32| self.reach(runs, alpha) * unsure <= distance;
        let mut enough = self.runs.max(2);
        while !is_enough(enough) {
            enough = enough.checked_mul(2).filter(|runs| f64::from(*runs) <= needed::RUNS_MAX)?;
        }
        let mut few = 1;
        while enough - few > 1 {
            let middle = few + (enough - few) / 2;
            if is_enough(middle) {
                enough = middle;
            } else {
                few = middle;
            }
        }
        Some(enough)
    }

    /// How far limits would reach from the mean after `runs` runs like these, on the side on which
    /// they reach further, with what the mean itself may then be off.
    fn reach(&self, runs: u32, alpha: f64) -> f64 {
        let share = f64::from(self.others) / f64::from(self.runs.max(1));
        let others = libm::round(share * f64::from(runs)) as u32;
        let then = Self { runs, others, ..*self };
        let (lower, upper) = then.limits(alpha);
        let mean = self.mean * share;
        let spread =
            share * (self.deviation * self.deviation + (1.0 - share) * self.mean * self.mean);
        let off = normal_quantile(needed::POWER) * libm::sqrt(spread / f64::from(runs));
        (mean - lower).max(upper - mean) + off
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Streams;

    #[test]
    fn limits_hold_the_mean_and_shrink_with_runs() {
        let values = |runs: u32| -> Vec<f64> {
            (0..runs)
                .map(|run| if run % 10 == 0 { 1.0 + f64::from(run % 3) } else { 0.0 })
                .collect()
        };
        let mut width = f64::INFINITY;
        for runs in [60, 240, 960, 3_840] {
            let sparse = Sparse::of(&values(runs));
            let (lower, upper) = sparse.limits(0.05);
            assert!(lower > 0.0 && lower < sparse.mean() && sparse.mean() < upper, "{sparse:?}");
            assert!(upper - lower < 0.7 * width);
            width = upper - lower;
        }
    }

    #[test]
    fn few_that_differ_say_only_how_large_they_are() {
        let mut values = [0.0; 100];
        values[3] = 2.0;
        values[4] = 2.0;
        let (lower, upper) = Sparse::of(&values).limits(0.05);
        // Clopper and Pearson for 2 of 100 at 97.5 %: 7.04 %.
        assert!((upper - 2.0 * 0.0704).abs() < 1e-3 && (lower + upper).abs() < 1e-12);
        assert_eq!(Sparse::of(&[0.0; 9]).limits(0.05), (0.0, 0.0));
    }

    /// 4,000 studies of 100 runs, of which each says something with probability 0.2: an exponential
    /// value. Each limit may err in 5 %; more than 5 % + 3.89 standard errors (0.34 % each) would
    /// come up with probability 1e-4 when the seed changes, and never with this one.
    #[test]
    fn limits_err_no_more_often_than_they_say() {
        let (studies, runs, share) = (4_000_u32, 100, 0.2);
        let mut wrong = [0_u32; 2];
        for study in 0..studies {
            let streams = Streams::new(20_261_122, study);
            let values: Vec<f64> = (0..runs)
                .map(|run| match streams.at(1, run, 0).unit() < share {
                    true => -libm::log(streams.at(1, run, 1).unit()),
                    false => 0.0,
                })
                .collect();
            let (lower, upper) = Sparse::of(&values).limits(0.05);
            wrong[0] += u32::from(lower > share);
            wrong[1] += u32::from(upper < share);
        }
        let most = 0.05 + 3.89 * 0.003_4;
        assert!(
            wrong.iter().all(|wrong| f64::from(*wrong) <= most * f64::from(studies)),
            "{wrong:?}"
        );
    }
}
