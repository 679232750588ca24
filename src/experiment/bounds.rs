//! What a number of runs says of a share, whatever the law of the runs: Clopper and Pearson for
//! decisions, Wilson for display, and the order statistics that bound a quantile (Wilks 1941).
//! Counts are of runs; shares and confidences lie in (0, 1). All of them rest on the binomial law,
//! whose sums are incomplete beta functions.

use crate::kernel::special::{beta_i, normal_quantile};

/// Halvings after which a bisection of [0, 1] has found every bit.
const HALVINGS: u32 = 120;

/// The most runs that [`trials_needed`] looks among.
const TRIALS_MAX: u32 = 10_000_000;

/// Probability that at most `most` of `trials` succeed, each with probability `share`.
pub fn at_most(most: u32, trials: u32, share: f64) -> f64 {
    match most < trials {
        true => beta_i(f64::from(trials - most), f64::from(most) + 1.0, 1.0 - share),
        false => 1.0,
    }
}

/// The share that is exceeded with at least this confidence, when `held` of `trials` succeeded:
/// the lower limit of Clopper and Pearson, one-sided.
pub fn lower(held: u32, trials: u32, confidence: f64) -> f64 {
    match held.min(trials) {
        0 => 0.0,
        // Below it, as many successes or more are rarer than the error allowed.
        held => share_where(&|share| 1.0 - at_most(held - 1, trials, share) > 1.0 - confidence),
    }
}

/// The share that is not reached with at least this confidence, when `held` of `trials` succeeded:
/// the upper limit of Clopper and Pearson, one-sided. It is 1 where nothing failed.
pub fn upper(held: u32, trials: u32, confidence: f64) -> f64 {
    match held < trials {
        true => share_where(&|share| at_most(held, trials, share) < 1.0 - confidence),
        false => 1.0,
    }
}

/// The upper limit where nothing succeeded: 1 - (1 - confidence)^(1 / trials), about 3 / trials at
/// 95 %, and never zero. 1 without trials.
pub fn upper_of_none(trials: u32, confidence: f64) -> f64 {
    match trials {
        0 => 1.0,
        trials => -libm::expm1(libm::log(1.0 - confidence) / f64::from(trials)),
    }
}

/// The two-sided interval of Clopper and Pearson, tails shared evenly: for decisions, since it
/// covers at least as often as `level` says.
pub fn clopper_pearson(held: u32, trials: u32, level: f64) -> (f64, f64) {
    let side = 0.5 + level / 2.0;
    (lower(held, trials, side), upper(held, trials, side))
}

/// Wilson's interval (1927): for display, since it is as wide as `level` says on average. All of
/// [0, 1] without trials.
pub fn wilson(held: u32, trials: u32, level: f64) -> (f64, f64) {
    if trials == 0 {
        return (0.0, 1.0);
    }
    let n = f64::from(trials);
    let (share, z) = (f64::from(held) / n, normal_quantile(0.5 + level / 2.0));
    let scale = 1.0 + z * z / n;
    let centre = (share + z * z / (2.0 * n)) / scale;
    let width = z * libm::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)) / scale;
    let low = if held == 0 { 0.0 } else { (centre - width).max(0.0) };
    let high = if held >= trials { 1.0 } else { (centre + width).min(1.0) };
    (low, high)
}

/// The smallest rank k (from 1) of which the k-th smallest of `trials` values is, with at least
/// this confidence, no lower than the quantile at `share`: the smallest k with
/// P(Bin(trials, share) <= k - 1) >= confidence. `None` where even the largest value is not enough.
pub fn tolerance_rank(trials: u32, share: f64, confidence: f64) -> Option<u32> {
    let below = first(trials, &|count| at_most(count, trials, share) >= confidence);
    (below < trials).then_some(below + 1)
}

/// How many of `trials` may fail so that a share of at least `share` is shown to succeed with this
/// confidence; `None` where none may and that is not enough. The other face of
/// [`tolerance_rank`], and of [`lower`].
pub fn failures_allowed(trials: u32, share: f64, confidence: f64) -> Option<u32> {
    tolerance_rank(trials, share, confidence).map(|rank| trials - rank)
}

/// Ranks (from 1) between which the quantile at `share` lies with at least `level`, tails shared
/// evenly; `None` for a side on which there are too few values to tell.
pub fn rank_interval(trials: u32, share: f64, level: f64) -> (Option<u32>, Option<u32>) {
    let tail = (1.0 - level) / 2.0;
    let low = first(trials, &|count| at_most(count, trials, share) > tail);
    let high = first(trials, &|count| at_most(count, trials, share) >= 1.0 - tail) + 1;
    ((low >= 1).then_some(low), (high <= trials).then_some(high))
}

/// The fewest runs of which a share `observed` that succeeds shows that at least `share` does;
/// `None` where no number would, or more than ten million.
pub fn trials_needed(observed: f64, share: f64, confidence: f64) -> Option<u32> {
    if observed <= share {
        return None;
    }
    let shows = |trials: u32| {
        let fail = libm::ceil((1.0 - observed) * f64::from(trials) - 1e-9) as u32;
        failures_allowed(trials, share, confidence).is_some_and(|allowed| fail <= allowed)
    };
    // Rounding makes it true and false by turns near the border: what is found is enough, and no
    // smaller number among those halved is.
    let mut enough = 1;
    while !shows(enough) {
        enough = enough.checked_mul(2).filter(|trials| *trials <= TRIALS_MAX)?;
    }
    let mut few = enough / 2;
    while enough - few > 1 {
        let middle = few + (enough - few) / 2;
        if shows(middle) {
            enough = middle;
        } else {
            few = middle;
        }
    }
    Some(enough)
}

/// The smallest count in 0..=trials for which `holds`, which is false first, then true, and true at
/// `trials`.
fn first(trials: u32, holds: &dyn Fn(u32) -> bool) -> u32 {
    let (mut from, mut to) = (0, trials);
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(middle) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    to
}

/// The smallest share for which `holds`, which is false first and then true.
fn share_where(holds: &dyn Fn(f64) -> bool) -> f64 {
    let (mut from, mut to) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (from + to);
        if holds(middle) {
            to = middle;
        } else {
            from = middle;
        }
    }
    0.5 * (from + to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Streams;
    use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF};

    fn near(ours: f64, theirs: f64, tolerance: f64) {
        assert!((ours - theirs).abs() <= tolerance, "{ours} against {theirs}");
    }

    #[test]
    fn sums_of_the_binomial_law_agree_with_the_oracle() {
        for (trials, share) in [(1, 0.5), (59, 0.95), (336, 0.95), (2_000, 0.01)] {
            let law = Binomial::new(share, u64::from(trials)).unwrap();
            for most in [0, trials / 3, trials - 1, trials] {
                near(at_most(most, trials, share), law.cdf(u64::from(most)), 1e-11);
            }
        }
    }

    #[test]
    fn limits_of_clopper_and_pearson_are_quantiles_of_beta_laws() {
        for (held, trials) in [(1, 20), (19, 20), (325, 336), (500, 1_000)] {
            let (x, n) = (f64::from(held), f64::from(trials));
            let low = Beta::new(x, n - x + 1.0).unwrap();
            let high = Beta::new(x + 1.0, n - x).unwrap();
            near(low.cdf(lower(held, trials, 0.95)), 0.05, 1e-9);
            near(high.cdf(upper(held, trials, 0.95)), 0.95, 1e-9);
            let both = clopper_pearson(held, trials, 0.95);
            assert_eq!(both, (lower(held, trials, 0.975), upper(held, trials, 0.975)));
        }
        // Tabulated: 8 of 10 at 95 %.
        let (low, high) = clopper_pearson(8, 10, 0.95);
        near(low, 0.443_904_5, 1e-7);
        near(high, 0.974_789_3, 1e-7);
    }

    #[test]
    fn nothing_seen_is_not_nothing() {
        assert_eq!((lower(0, 30, 0.95), upper(30, 30, 0.95)), (0.0, 1.0));
        for trials in [1, 30, 336] {
            let exact = 1.0 - libm::pow(0.05, 1.0 / f64::from(trials));
            near(upper_of_none(trials, 0.95), exact, 1e-12);
            near(upper(0, trials, 0.95), exact, 1e-12);
            near(lower(trials, trials, 0.95), 1.0 - exact, 1e-12);
        }
        near(upper_of_none(1_000, 0.95), 3.0 / 1_000.0, 1e-5);
        let nothing = (upper_of_none(0, 0.95), lower(0, 0, 0.95), upper(0, 0, 0.95));
        assert_eq!(nothing, (1.0, 0.0, 1.0));
    }

    #[test]
    fn wilson_is_the_root_of_its_equation() {
        for (held, trials) in [(1, 20), (8, 10), (325, 336)] {
            let (low, high) = wilson(held, trials, 0.95);
            let (n, share) = (f64::from(trials), f64::from(held) / f64::from(trials));
            for p in [low, high] {
                near((share - p).abs(), 1.959_963_984_540_054 * (p * (1.0 - p) / n).sqrt(), 1e-12);
            }
        }
        assert_eq!((wilson(0, 9, 0.95).0, wilson(9, 9, 0.95).1), (0.0, 1.0));
        assert_eq!(wilson(0, 0, 0.95), (0.0, 1.0));
    }

    #[test]
    fn ranks_are_those_of_the_tables() {
        assert_eq!(tolerance_rank(58, 0.95, 0.95), None);
        // From so many runs on one more may be left out at the top: the largest, the second, …
        let from = [59, 93, 124, 153, 181, 208];
        for (place, trials) in from.into_iter().enumerate() {
            let largest = place as u32;
            assert_eq!(failures_allowed(trials, 0.95, 0.95), Some(largest), "{trials}");
            assert_eq!(failures_allowed(trials - 1, 0.95, 0.95), largest.checked_sub(1));
        }
        assert_eq!(tolerance_rank(336, 0.95, 0.95), Some(326), "the 11th largest of 336");
        for (trials, share) in [(59, 0.95), (100, 0.9), (336, 0.95), (1_000, 0.99)] {
            let law = Binomial::new(share, u64::from(trials)).unwrap();
            let rank = u64::from(tolerance_rank(trials, share, 0.95).unwrap());
            assert!(law.cdf(rank - 1) >= 0.95 && law.cdf(rank - 2) < 0.95, "{trials}");
        }
    }

    /// The figures of a design for 95 % at 95 %: a value whose true share is 98 % is accepted with
    /// 59 runs in 30 cases of 100, with 336 in 92.
    #[test]
    fn more_runs_accept_more_of_what_is_good() {
        for (trials, accepted) in [(59, 0.30), (124, 0.55), (208, 0.76), (336, 0.92)] {
            let allowed = failures_allowed(trials, 0.95, 0.95).unwrap();
            near(at_most(allowed, trials, 0.02), accepted, 0.006);
        }
    }

    #[test]
    fn two_sides_open_where_there_are_too_few() {
        assert_eq!(rank_interval(59, 0.95, 0.95), (Some(52), None));
        assert_eq!(rank_interval(71, 0.95, 0.95).1, None);
        assert_eq!(rank_interval(72, 0.95, 0.95).1, Some(72));
        assert_eq!(rank_interval(20, 0.05, 0.95), (None, Some(4)));
    }

    /// A decision by the lower limit and one by the rank are one decision.
    #[test]
    fn the_rank_and_the_limit_agree() {
        for trials in [59, 100, 336] {
            let allowed = failures_allowed(trials, 0.95, 0.95).unwrap();
            assert!(lower(trials - allowed, trials, 0.95) >= 0.95);
            assert!(lower(trials - allowed - 1, trials, 0.95) < 0.95);
        }
    }

    #[test]
    fn runs_needed_are_enough() {
        for observed in [1.0, 0.99, 0.97, 0.96] {
            let trials = trials_needed(observed, 0.95, 0.95).unwrap();
            let held = (observed * f64::from(trials) + 1e-9).floor() as u32;
            assert!(lower(held, trials, 0.95) >= 0.95, "{observed}: {held} of {trials}");
        }
        assert_eq!(trials_needed(1.0, 0.95, 0.95), Some(59));
        assert_eq!(trials_needed(0.95, 0.95, 0.95), None);
        assert_eq!(trials_needed(0.950_001, 0.95, 0.95), None, "more than anybody can run");
    }

    /// A law by inversion, its quantile at 95 %, and whether it has no ties (1, else 0).
    type Law = (fn(f64) -> f64, f64, f64);

    /// Wilks's bound over laws of whole and of real values: 4,000 studies of 336 values each. The
    /// true chance to lie at or above the 95 % quantile is P(Bin(336, .95) <= 325) = 0.9513 for a
    /// continuous law and higher for one with ties; its standard error here is 0.0034. The test
    /// allows 3.89 of them, so that a right program fails with probability 1e-4 a law when the
    /// seed changes, and never with this one.
    #[test]
    fn the_bound_covers_the_quantile_as_often_as_it_says() {
        let (studies, size) = (4_000_u32, 336_u32);
        let rank = tolerance_rank(size, 0.95, 0.95).unwrap() as usize;
        // Each law with its quantile at 95 %: uniform, exponential, geometric with p = 1/2 (whose
        // 5th value has 1 - 2^-5 = 0.969 at or below it), and one that is nearly always zero.
        let laws: [Law; 4] = [
            (|u| u, 0.95, 1.0),
            (|u| -libm::log(1.0 - u), -libm::log(0.05), 1.0),
            (|u| libm::ceil(-libm::log2(1.0 - u)), 5.0, 0.0),
            (|u| if u < 0.94 { 0.0 } else { 100.0 * (u - 0.94) }, 1.0, 1.0),
        ];
        for (law, (of, quantile, exact)) in laws.into_iter().enumerate() {
            let covered = (0..studies).filter(|study| {
                let streams = Streams::new(20_261_130 + law as u64, *study);
                let mut values: Vec<f64> =
                    (0..u64::from(size)).map(|run| of(streams.at(1, run, 0).unit())).collect();
                values.sort_by(f64::total_cmp);
                values[rank - 1] >= quantile
            });
            let share = covered.count() as f64 / f64::from(studies);
            let says = at_most(rank as u32 - 1, size, 0.95);
            assert!(share >= says - 3.89 * 0.003_4, "law {law}: {share}");
            // A continuous law is not covered more often either.
            assert!(exact < 0.5 || share <= says + 3.89 * 0.003_4, "law {law}: {share}");
        }
    }
}
