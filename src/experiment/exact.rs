//! Exact tests that need no law of the runs: the sign test and sign-flip permutations.

use crate::kernel::{special::beta_i, streams::Streams};

/// The most values whose signs are all tried; above, as many flips as [`FLIPS`] are drawn.
const ALL_SIGNS_MAX: usize = 24;

/// Flips drawn where there are too many to try them all.
const FLIPS: u32 = 1 << 12;

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

/// How often the sum of `values`, each given a sign by a fair coin, is at least as far from zero
/// as it is (two-sided): a test that their law is symmetric about zero. Exact for up to 24 values;
/// above, of 4,096 flips drawn from a fixed seed, those that are there counted in.
pub fn permutation(values: &[f64]) -> f64 {
    let sum: f64 = values.iter().sum();
    let size: f64 = values.iter().map(|value| value.abs()).sum();
    // Sums of the same values in another order may differ in their last bits.
    let far = sum.abs() - 1e-12 * size;
    match values.len() <= ALL_SIGNS_MAX {
        true => all_signs(values, far),
        false => some_signs(values, far),
    }
}

/// The share of all signs that carry the sum of `values` to `far` from zero or further. The sums of
/// one half are sorted, so that each sum of the other finds its partners by two searches.
fn all_signs(values: &[f64], far: f64) -> f64 {
    let (low, high) = values.split_at(values.len() / 2);
    let (low, mut high) = (signed_sums(low), signed_sums(high));
    high.sort_by(f64::total_cmp);
    let beyond: usize = low
        .iter()
        .map(|sum| {
            let above = high.len() - high.partition_point(|other| sum + other < far);
            let below = high.partition_point(|other| sum + other <= -far);
            // Where `far` is nothing every sum is as far, on one side or the other.
            (above + below).min(high.len())
        })
        .sum();
    beyond as f64 / (low.len() as f64 * high.len() as f64)
}

/// The sums of `values` under every choice of signs.
fn signed_sums(values: &[f64]) -> Vec<f64> {
    values.iter().fold(vec![0.0], |sums, value| {
        sums.iter().flat_map(|sum| [sum + value, sum - value]).collect()
    })
}

fn some_signs(values: &[f64], far: f64) -> f64 {
    let streams = Streams::new(0, 0);
    let beyond = (0..FLIPS).filter(|flip| {
        let mut draws = streams.at(0, 0, *flip);
        let mut sum = 0.0;
        for values in values.chunks(64) {
            let bits = draws.bits();
            for (place, value) in values.iter().enumerate() {
                sum += if bits >> place & 1 == 1 { *value } else { -value };
            }
        }
        sum.abs() >= far
    });
    (beyond.count() as f64 + 1.0) / (f64::from(FLIPS) + 1.0)
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

    /// Every choice of signs, one by one.
    fn by_hand(values: &[f64]) -> f64 {
        let sum: f64 = values.iter().sum();
        let all = 1_u32 << values.len();
        let beyond = (0..all).filter(|signs| {
            let flipped = values.iter().enumerate();
            let flipped = flipped.map(|(i, v)| if signs >> i & 1 == 1 { *v } else { -v });
            flipped.sum::<f64>().abs() >= sum.abs() - 1e-9
        });
        beyond.count() as f64 / f64::from(all)
    }

    #[test]
    fn permutations_are_all_tried() {
        let cases: [&[f64]; 5] = [
            &[1.0, 2.0, 3.0],
            &[-1.0, 2.5, 0.5, 4.0, -3.0, 1.25, 1.25],
            &[1.0, -1.0],
            &[0.1, 0.2, 0.3, -0.1, 0.7, 0.4, 0.9, 1.1, -0.2, 0.35],
            &[5.0],
        ];
        for values in cases {
            assert!((permutation(values) - by_hand(values)).abs() < 1e-15, "{values:?}");
        }
        assert!((permutation(&[1.0, 2.0, 3.0]) - 0.25).abs() < 1e-15, "2 of 8 reach 6");
        assert!((permutation(&[1.0; 10]) - 2.0 / 1_024.0).abs() < 1e-15);
    }

    /// With 40 equal values the sum is a binomial's: the drawn share lies within 5 standard errors
    /// of it, and the draws are fixed.
    #[test]
    fn too_many_to_try_are_drawn() {
        let mut values = [1.0; 40];
        values[..13].fill(-1.0);
        let wanted = sign_test(13, 27);
        let error = (wanted / f64::from(FLIPS)).sqrt();
        assert!((permutation(&values) - wanted).abs() < 5.0 * error);
        assert!(permutation(&[1.0; 40]) > 0.0, "never nothing");
    }
}
