//! How many runs a verdict takes: so many that what lies a given distance from its limit is told
//! from it nearly always, though how much runs differ is itself only estimated.

use crate::kernel::special::{normal_quantile, student_quantile};

/// How often a verdict is reached with the number of runs asked for, where the truth lies as far
/// from the limit as was assumed.
pub const POWER: f64 = 0.95;

/// More runs than this are not asked for.
pub const RUNS_MAX: f64 = 1e6;

/// The runs that tell a mean from a limit at `distance` from it, where runs differ by `deviation`,
/// which is known with `freedom` degrees of freedom; with verdicts that are wrong with probability
/// `alpha` (one-sided). `None`: more than [`RUNS_MAX`].
///
/// With n = c² deviation² / distance² the limit of Student's t is passed with probability
/// [`POWER`] where c is that quantile of a noncentral t with `freedom` degrees of freedom whose
/// noncentrality is the critical value: what is short of runs when the deviation comes out too low
/// is thereby made good. Its quantile is that of the usual normal approximation (Abramowitz and
/// Stegun 26.7.10).
pub fn runs(deviation: f64, freedom: f64, distance: f64, alpha: f64) -> Option<u32> {
    if deviation <= 0.0 {
        return Some(2);
    }
    let mut runs = f64::INFINITY;
    // The critical value depends on the runs, weakly: three rounds settle it.
    for _ in 0..3 {
        let critical = match runs.is_finite() {
            true => student_quantile(1.0 - alpha, (runs - 1.0).max(1.0)),
            false => normal_quantile(1.0 - alpha),
        };
        let steps = multiple(critical, freedom) * deviation / distance;
        runs = libm::ceil(steps * steps).max(2.0);
        if runs > RUNS_MAX || runs.is_nan() {
            return None;
        }
    }
    Some(runs as u32)
}

/// The smallest number of runs for which `holds`, which is false first and then true; endless where
/// that is more than are ever asked for.
pub(super) fn first(holds: &dyn Fn(u32) -> bool) -> f64 {
    let (mut few, mut enough) = (1, 2);
    while !holds(enough) {
        (few, enough) = (enough, 2 * enough);
        if f64::from(few) > RUNS_MAX {
            return f64::INFINITY;
        }
    }
    while enough - few > 1 {
        let middle = few + (enough - few) / 2;
        if holds(middle) {
            enough = middle;
        } else {
            few = middle;
        }
    }
    f64::from(enough)
}

/// c of [`runs`]: how many standard errors must lie between truth and limit.
pub(super) fn multiple(critical: f64, freedom: f64) -> f64 {
    // Below three degrees the approximation breaks down; what it says there is plenty.
    let freedom = freedom.max(3.0);
    let z = normal_quantile(POWER);
    let shrink = 1.0 - 0.25 / freedom;
    let blur = z * z / (2.0 * freedom);
    let root = shrink * shrink * z * z + blur * (critical * critical - z * z);
    (shrink * critical + libm::sqrt(root.max(0.0))) / (shrink * shrink - blur)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a deviation that is known, n = ((1.645 + 1.645) / 0.5)² = 43.3 by the formula of
    /// normal values; Student's t takes a few more (spec trust 2.1 tables 45 for the same).
    #[test]
    fn with_a_known_deviation_it_is_the_textbook_number() {
        let known = runs(1.0, 1e9, 0.5, 0.05).unwrap();
        assert!((44..=46).contains(&known), "{known}");
        let hundredth = runs(1.0, 1e9, 0.05, 0.05).unwrap();
        assert!((4_325..=4_340).contains(&hundredth), "{hundredth}");
    }

    #[test]
    fn what_is_less_known_takes_more() {
        let numbers = [9.0, 19.0, 99.0, 1e9].map(|freedom| runs(1.0, freedom, 0.2, 0.05).unwrap());
        assert!(numbers.is_sorted_by(|more, fewer| more > fewer), "{numbers:?}");
        assert!(f64::from(numbers[1]) < 1.4 * f64::from(numbers[3]), "{numbers:?}");
    }

    #[test]
    fn the_first_that_holds_is_found() {
        for wanted in [2, 3, 59, 60, 4_096, 999_999] {
            assert_eq!(first(&|runs| runs >= wanted).to_bits(), f64::from(wanted).to_bits());
        }
        assert!(first(&|_| false).is_infinite());
    }

    #[test]
    fn what_takes_too_many_is_not_asked_for() {
        assert_eq!(runs(1.0, 50.0, 1e-9, 0.05), None);
        assert_eq!(runs(1.0, 50.0, 0.0, 0.05), None);
        assert_eq!(runs(0.0, 50.0, 0.0, 0.05), Some(2));
        assert!(runs(1.0, 1.0, 1.0, 0.05).is_some());
    }
}
