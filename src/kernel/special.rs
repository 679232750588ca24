//! Special functions over `libm`, so that every machine computes the same bits: the normal
//! quantile, the incomplete gamma and beta functions, and Student's t.

use std::f64::consts::{PI, SQRT_2};

// Coefficients of AS 241, numerator then denominator: near the middle, towards the tails, far out.
const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_545,
    ],
];
const NEAR: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];
const FAR: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_9,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_7e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

/// Probability that a standard normal value is at most `x`.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

/// The standard normal value that is not exceeded with probability `p` in (0, 1): algorithm
/// AS 241 (Wichura 1988), relative error about 1e-16.
pub fn normal_quantile(p: f64) -> f64 {
    let ratio = |[above, below]: &[[f64; 8]; 2], x: f64| {
        let polynomial = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, a| sum * x + a);
        polynomial(above) / polynomial(below)
    };
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(&CENTRE, 0.180_625 - q * q);
    }
    let tail = libm::sqrt(-libm::log(if q < 0.0 { p } else { 1.0 - p }));
    let size = if tail <= 5.0 { ratio(&NEAR, tail - 1.6) } else { ratio(&FAR, tail - 5.0) };
    if q < 0.0 { -size } else { size }
}

/// The regularised lower incomplete gamma function P(a, x), for a > 0 and x >= 0: series below
/// a + 1, Lentz's continued fraction above (Abramowitz and Stegun 6.5).
pub fn gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x.is_infinite() {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        for _ in 0..10_000 {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return (sum * front).min(1.0);
    }
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / tiny, 1.0 / b);
    let mut fraction = d;
    for i in 1..10_000 {
        let an = -f64::from(i) * (f64::from(i) - a);
        b += 2.0;
        d = 1.0 / keep_off_zero(an * d + b, tiny);
        c = keep_off_zero(b + an / c, tiny);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    (1.0 - front * fraction).max(0.0)
}

/// The regularised incomplete beta function I_x(a, b), by its continued fraction
/// (Abramowitz and Stegun 26.5.8).
pub fn beta_i(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b)
            + a * libm::log(x)
            + b * libm::log1p(-x),
    );
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - x) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let tiny = 1e-300;
    let mut c = 1.0;
    let mut d = 1.0 / keep_off_zero(1.0 - (a + b) * x / (a + 1.0), tiny);
    let mut fraction = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep_off_zero(1.0 + even * d, tiny);
        c = keep_off_zero(1.0 + even / c, tiny);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep_off_zero(1.0 + odd * d, tiny);
        c = keep_off_zero(1.0 + odd / c, tiny);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

fn keep_off_zero(x: f64, tiny: f64) -> f64 {
    if x.abs() < tiny { tiny } else { x }
}

/// Probability that Student's t with `freedom` degrees is at most `t`.
pub fn student_cdf(t: f64, freedom: f64) -> f64 {
    let tail = 0.5 * beta_i(freedom / 2.0, 0.5, freedom / (freedom + t * t));
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// The value that Student's t with `freedom` degrees does not exceed with probability `p` in
/// (0, 1): bisection of [`student_cdf`] down to the last bit that matters.
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    if (freedom - 1.0).abs() < 1e-12 {
        return libm::tan(PI * (p - 0.5));
    }
    if p < 0.5 {
        return -student_quantile(1.0 - p, freedom);
    }
    let (mut low, mut high) = (0.0, 1.0);
    while student_cdf(high, freedom) < p && high < 1e300 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if student_cdf(middle, freedom) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Beta, ContinuousCDF, Gamma, Normal, StudentsT};

    fn near(ours: f64, theirs: f64, tolerance: f64) {
        let scale = theirs.abs().max(1e-12);
        assert!((ours - theirs).abs() / scale < tolerance, "{ours} against {theirs}");
    }

    #[test]
    fn normal_quantiles_agree_with_the_oracle() {
        let oracle = Normal::new(0.0, 1.0).unwrap();
        for p in [1e-12, 1e-5, 0.025, 0.3, 0.5 + 1e-9, 0.8, 0.975, 1.0 - 1e-9] {
            near(normal_quantile(p), oracle.inverse_cdf(p), 1e-7);
            near(normal_cdf(normal_quantile(p)), p, 1e-12);
        }
        near(normal_quantile(0.975), 1.959_963_984_540_054, 1e-14);
    }

    #[test]
    fn incomplete_gamma_and_beta_agree_with_the_oracle() {
        for a in [0.3, 0.6667, 1.0, 4.5, 80.0] {
            for x in [0.01, 0.5, 1.0, 5.0, 90.0] {
                near(gamma_p(a, x), Gamma::new(a, 1.0).unwrap().cdf(x), 1e-10);
            }
            for x in [0.01, 0.3, 0.9] {
                near(beta_i(a, 2.5, x), Beta::new(a, 2.5).unwrap().cdf(x), 1e-10);
            }
        }
    }

    #[test]
    fn student_quantiles_agree_with_the_oracle() {
        for freedom in [1.0, 2.0, 9.0, 29.0, 499.0] {
            let oracle = StudentsT::new(0.0, 1.0, freedom).unwrap();
            for p in [0.025, 0.6, 0.975, 0.99995] {
                near(student_quantile(p, freedom), oracle.inverse_cdf(p), 1e-6);
            }
        }
        near(student_quantile(0.975, 29.0), 2.045_229_642_132_703, 1e-9);
    }
}
