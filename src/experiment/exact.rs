//! The exact test that needs no law of the runs: of their signs.

use crate::kernel::special::beta_i;

/// How often heads and tails of a fair coin are at least as uneven as `one` against `other`
/// (two-sided): the sign test, and McNemar's where the counts are those of pairs that differ.
/// Without any toss it is 1.
pub fn sign_test(one: u32, other: u32) -> f64 {
    let (fewer, tosses) = (one.min(other), one + other);
    if fewer == tosses - fewer {
        // Both halves hold the middle: together they would be more than all.
        return 1.0;
    }
    // P(at most k of n) = I(n - k, k + 1) at a half.
    let tail = beta_i(f64::from(tosses - fewer), f64::from(fewer) + 1.0, 0.5);
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Binomial, DiscreteCDF};

    #[test]
    fn the_sign_test_agrees_with_the_oracle() {
        for (one, other) in [(0, 5), (2, 9), (9, 2), (11, 40), (30, 31), (0, 1)] {
            let law = Binomial::new(0.5, u64::from(one + other)).unwrap();
            let wanted = (2.0 * law.cdf(u64::from(one.min(other)))).min(1.0);
            let ours = sign_test(one, other);
            assert!((ours - wanted).abs() < 1e-12, "{one}:{other} {ours} {wanted}");
        }
        assert!((sign_test(0, 5) - 0.0625).abs() < 1e-15, "2 / 2^5, by hand");
        assert!(sign_test(4, 4) >= 1.0 && sign_test(0, 0) >= 1.0);
    }
}
