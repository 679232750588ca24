//! What runs say together: means with Student t intervals, and quantiles with intervals by order
//! statistics. Runs are independent replications; each gives one number a metric.
//!
//! Sums are taken in the order of runs, so that no thread can change a digit; functions come from
//! `libm` through `kernel::special`, so that no machine can.

use super::bounds::rank_interval;
use crate::{
    kernel::{moments::Moments, special::student_quantile},
    observe::{catalogue::Metric, outcome::Outcome},
};

/// The probability with which an interval covers the true mean.
pub const LEVEL: f64 = 0.95;

/// One metric over the runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The metric.
    pub metric: Metric,
    /// What the runs say of it.
    pub estimate: Estimate,
}

/// What runs say of one number.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Estimate {
    /// Runs in which the number is defined (count).
    pub runs: u32,
    /// What could be told from them; `None` where no run defines the number.
    pub value: Option<Spread>,
}

/// A mean and how the runs lie about it; in the unit of the metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// Sample standard deviation; `None` below two runs.
    pub deviation: Option<f64>,
    /// Half the width of the interval at [`LEVEL`]; `None` below two runs.
    pub half_width: Option<f64>,
    /// The lowest run.
    pub min: f64,
    /// The highest run.
    pub max: f64,
    /// Whether the runs are so skewed (n < 25 g1², Cochran's rule) that the interval covers less
    /// often than it says.
    pub skewed: bool,
}

/// Every metric of `outcomes`, which are runs of one scenario in order; empty without runs.
///
/// # Panics
/// If the outcomes are of different scenarios: their metrics differ.
pub fn summarise(outcomes: &[Outcome]) -> Vec<Row> {
    let Some(first) = outcomes.first() else { return Vec::new() };
    for outcome in outcomes {
        assert!(
            outcome.metrics.len() == first.metrics.len()
                && outcome.values.len() == first.metrics.len(),
            "all runs of a scenario measure the same metrics"
        );
    }
    let column = |place: usize| outcomes.iter().map(move |outcome| outcome.values[place]);
    let rows = first.metrics.iter().enumerate();
    rows.map(|(place, metric)| Row { metric: metric.clone(), estimate: estimate(column(place)) })
        .collect()
}

/// The sum over all labels of the metric called `name`, run by run: for metrics whose labels part
/// a whole, such as downtime by cause. A run in which no label is defined has no sum.
pub fn total(outcomes: &[Outcome], name: &str) -> Estimate {
    estimate(outcomes.iter().map(|outcome| {
        let parts = outcome.metrics.iter().zip(&outcome.values);
        let defined = parts.filter(|(metric, _)| metric.definition.name == name);
        defined
            .filter_map(|(_, value)| *value)
            .fold(None, |sum: Option<f64>, part| Some(sum.unwrap_or(0.0) + part))
    }))
}

/// What `values`, one a run in order, say together.
///
/// # Examples
/// ```
/// use fleetsim::experiment::estimate::estimate;
///
/// let said = estimate([Some(1.0), Some(2.0), None, Some(3.0)]);
/// assert_eq!(said.runs, 3);
/// let spread = said.value.expect("three runs define it");
/// assert_eq!((spread.mean, spread.min, spread.max), (2.0, 1.0, 3.0));
/// // Student's t with two degrees of freedom: 4.303 / √3.
/// assert!((spread.half_width.expect("more than one run") - 2.484).abs() < 0.001);
/// ```
///
/// # Panics
/// If a value is infinite or not a number: a run says `None` where it has nothing to say.
pub fn estimate(values: impl IntoIterator<Item = Option<f64>>) -> Estimate {
    let values: Vec<f64> = values.into_iter().filter_map(counted).collect();
    Estimate::from(Moments::of(values.iter().copied()))
}

impl From<Option<Moments>> for Estimate {
    /// What runs with these moments say, each of them [`counted`].
    fn from(moments: Option<Moments>) -> Self {
        let runs = moments.map_or(0, |moments| moments.count);
        Self { runs, value: moments.map(|moments| Spread::from(&moments)) }
    }
}

impl From<&Moments> for Spread {
    fn from(moments: &Moments) -> Self {
        let Moments { count, mean, variance, min, max, .. } = *moments;
        let deviation = (count > 1).then(|| libm::sqrt(variance));
        // Equal runs have no width, and no quantile is needed for that.
        let wide = |deviation| if min < max { half_width(deviation, count, LEVEL) } else { 0.0 };
        let half_width = deviation.map(wide);
        Self { mean, deviation, half_width, min, max, skewed: moments.is_skewed() }
    }
}

/// `value` as it is counted: adding zero turns a negative zero into zero, so that no result ever
/// shows "-0".
///
/// # Panics
/// If it is infinite or not a number.
pub fn counted(value: Option<f64>) -> Option<f64> {
    let value = value? + 0.0;
    assert!(value.is_finite(), "metrics are finite or undefined");
    Some(value)
}

/// Half the width of the interval at `level` about a mean of `runs` runs with this `deviation`: the
/// t interval of which [`Spread::half_width`] is the one at [`LEVEL`]. Infinite below two runs.
pub fn half_width(deviation: f64, runs: u32, level: f64) -> f64 {
    if runs < 2 {
        return f64::INFINITY;
    }
    let n = f64::from(runs);
    student_quantile(0.5 + level / 2.0, n - 1.0) * deviation / libm::sqrt(n)
}

/// A quantile over runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// The smallest run that at least the share asked for does not exceed.
    pub value: f64,
    /// Two runs between which the true quantile lies with at least [`LEVEL`], whatever the law of
    /// the runs; `None` where there are too few runs to tell.
    pub interval: Option<(f64, f64)>,
}

/// The quantile of `values` at `share` in (0, 1); `None` without values.
pub fn quantile(values: &[f64], share: f64) -> Option<Quantile> {
    assert!(share > 0.0 && share < 1.0, "a quantile lies inside");
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let place = (libm::ceil(share * n as f64) as usize).clamp(1, n.max(1));
    let value = *sorted.get(place - 1)?;
    let interval = ranks(n, share).map(|(low, high)| (sorted[low - 1], sorted[high - 1]));
    Some(Quantile { value, interval })
}

/// Ranks (from 1) of the two among `n` sorted values between which the quantile at `share` lies
/// with at least [`LEVEL`], tails shared evenly; `None` where `n` is too small for that.
///
/// The number of values below the true quantile is binomial(n, share).
pub fn ranks(n: usize, share: f64) -> Option<(usize, usize)> {
    let runs = u32::try_from(n).expect("runs are counted in 32 bits");
    let (low, high) = rank_interval(runs, share, LEVEL);
    Some((low? as usize, high? as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::{special::normal_quantile, streams::Streams},
        observe::catalogue::CATALOGUE,
    };
    use statrs::{
        distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT},
        statistics::Statistics,
    };
    use std::sync::Arc;

    fn of(values: &[f64]) -> Estimate {
        estimate(values.iter().copied().map(Some))
    }

    fn near(ours: f64, theirs: f64) {
        assert!((ours - theirs).abs() <= 1e-12 * theirs.abs(), "{ours} against {theirs}");
    }

    #[test]
    fn means_and_widths_agree_with_the_oracle() {
        let values = [3.25, 1.5, 4.0, 1.0, 5.75, 9.5, 2.0];
        let spread = of(&values).value.unwrap();
        near(spread.mean, values.mean());
        near(spread.deviation.unwrap(), values.std_dev());
        let t = StudentsT::new(0.0, 1.0, 6.0).unwrap().inverse_cdf(0.975);
        let width = t * values.std_dev() / 7.0_f64.sqrt();
        assert!((spread.half_width.unwrap() - width).abs() < 1e-6 * width);
        assert_eq!((spread.min, spread.max), (1.0, 9.5));
    }

    #[test]
    fn a_worked_example_by_hand() {
        // 1, 2, 3: mean 2, deviation 1, t(2) = 4.302652730 at 97.5 %, so 4.302652730 / sqrt 3.
        let spread = of(&[1.0, 2.0, 3.0]).value.unwrap();
        near(spread.mean, 2.0);
        near(spread.deviation.unwrap(), 1.0);
        assert!((spread.half_width.unwrap() - 2.484_137_711).abs() < 1e-8);
    }

    #[test]
    fn equal_runs_are_exact_and_one_run_has_no_width() {
        let spread = of(&[0.1; 30]).value.unwrap();
        assert_eq!(spread.mean.to_bits(), 0.1_f64.to_bits());
        assert_eq!((spread.deviation, spread.half_width), (Some(0.0), Some(0.0)));
        let zero = of(&[-0.0, 0.0]).value.unwrap();
        for value in [zero.mean, zero.min, zero.max] {
            assert_eq!(value.to_bits(), 0.0_f64.to_bits(), "no negative zero");
        }
        let one = of(&[7.0]).value.unwrap();
        assert_eq!((one.mean, one.deviation, one.half_width), (7.0, None, None));
    }

    #[test]
    fn undefined_runs_do_not_count() {
        let estimate = estimate([None, Some(1.0), None, Some(3.0)]);
        assert_eq!((estimate.runs, estimate.value.unwrap().mean), (2, 2.0));
        assert_eq!(super::estimate([None, None]), Estimate::default());
    }

    #[test]
    fn skewed_runs_are_told() {
        let mut values = [0.0; 30];
        values[4] = 1.0;
        assert!(of(&values).value.unwrap().skewed, "one run of 30 differs: g1 is above 5");
        let even: Vec<f64> = (0..30).map(f64::from).collect();
        assert!(!of(&even).value.unwrap().skewed);
    }

    /// 4,000 studies of 10 normal runs: the share whose interval covers the true mean lies within
    /// 3.89 standard errors (0.00345 each) of 0.95, so a right program fails with probability
    /// 1e-4 when the seed changes, and never with this one.
    #[test]
    fn intervals_cover_the_mean_as_often_as_they_say() {
        let (studies, size) = (4_000_u32, 10);
        let covered = (0..studies).filter(|study| {
            let streams = Streams::new(20_261_121, *study);
            let runs: Vec<f64> = (0..size)
                .map(|run| 100.0 + 5.0 * normal_quantile(streams.at(1, run, 0).unit()))
                .collect();
            let spread = of(&runs).value.unwrap();
            (spread.mean - 100.0).abs() <= spread.half_width.unwrap()
        });
        let share = covered.count() as f64 / f64::from(studies);
        assert!((share - 0.95).abs() < 3.89 * 0.003_45, "covered {share}");
    }

    #[test]
    fn quantiles_exist_from_the_documented_numbers_of_runs_on() {
        for (share, first) in [(0.9, 36), (0.95, 72), (0.99, 368)] {
            assert_eq!(ranks(first - 1, share), None);
            assert_eq!(ranks(first, share).unwrap().1, first);
        }
        assert_eq!(ranks(5, 0.5), None, "5 runs cannot tell a median: 1 - 2/32 < 0.95");
        assert_eq!(ranks(6, 0.5), Some((1, 6)), "1 - 2/64 = 0.969");
        assert_eq!(ranks(0, 0.5), None);
    }

    #[test]
    fn ranks_are_the_narrowest_that_cover() {
        for (n, share) in [(30, 0.5), (59, 0.25), (100, 0.9), (336, 0.95)] {
            let law = Binomial::new(share, n as u64).unwrap();
            let (low, high) = ranks(n, share).unwrap();
            assert!(law.cdf(low as u64 - 1) <= 0.025 && law.cdf(low as u64) > 0.025);
            assert!(law.cdf(high as u64 - 1) >= 0.975 && law.cdf(high as u64 - 2) < 0.975);
        }
    }

    #[test]
    fn quantiles_are_runs() {
        let values: Vec<f64> = (0..100).rev().map(f64::from).collect();
        let median = quantile(&values, 0.5).unwrap();
        assert_eq!(median, Quantile { value: 49.0, interval: Some((39.0, 60.0)) });
        assert_eq!(quantile(&values, 0.99).unwrap(), Quantile { value: 98.0, interval: None });
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn rows_keep_the_order_of_metrics_and_totals_add_up_labels() {
        let labelled =
            |cause: &str| Metric { definition: &CATALOGUE[0], labels: vec![cause.to_owned()] };
        let metrics: Arc<[Metric]> = Arc::new([labelled("a"), labelled("b")]);
        let outcome = |run: u32, values: [Option<f64>; 2]| Outcome {
            run,
            metrics: metrics.clone(),
            values: values.to_vec(),
            fingerprint: String::new(),
        };
        let outcomes = [
            outcome(0, [Some(1.0), None]),
            outcome(1, [Some(3.0), Some(4.0)]),
            outcome(2, [None, None]),
        ];
        let rows = summarise(&outcomes);
        assert_eq!(rows[0].metric.labels, ["a"]);
        assert_eq!((rows[0].estimate.runs, rows[1].estimate.runs), (2, 1));
        let sum = total(&outcomes, CATALOGUE[0].name);
        assert_eq!((sum.runs, sum.value.unwrap().mean), (2, 4.0));
        assert!(summarise(&[]).is_empty());
    }
}
