//! Laws of random lengths of time, as data, sampled by inversion.
//!
//! One uniform number gives one length, and a changed parameter moves lengths monotonically: that
//! is what keeps paired runs in step. Where a law takes an age, the rest of a life is drawn
//! conditional on having reached it, from the same one number.

use super::{
    special::{gamma_p, normal_cdf, normal_quantile},
    streams::Draws,
    time::Span,
};

/// A law of lengths of time.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always this length; [`Span::NEVER`] for what never ends.
    Fixed(Span),
    /// Evenly between two lengths.
    Uniform {
        /// The shortest.
        low: Span,
        /// The longest.
        high: Span,
    },
    /// Without memory.
    Exponential {
        /// Mean (s), above zero.
        mean: f64,
    },
    /// Weibull: hazard rises with age where the shape is above 1.
    Weibull {
        /// Shape, above zero.
        shape: f64,
        /// Scale (s), above zero: the age that 63.2 % do not survive.
        scale: f64,
    },
    /// Log-normal: the logarithm of the length in seconds is normal.
    LogNormal {
        /// Mean of the logarithm; the median is its exponential.
        mu: f64,
        /// Standard deviation of the logarithm, at least zero.
        sigma: f64,
    },
    /// Quantiles given one by one, linear between them.
    Empirical(Quantiles),
}

/// A piecewise linear quantile function: from zero at probability 0 to the first point, then from
/// point to point; above the last point its length.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    /// (probability, length in seconds): both never fall, probabilities rise strictly in [0, 1].
    points: Vec<(f64, f64)>,
}

impl Quantiles {
    /// The function through these points, or `None` unless probabilities in [0, 1] rise strictly
    /// and lengths (seconds, from zero) never fall.
    pub fn new(points: Vec<(f64, f64)>) -> Option<Self> {
        let ordered = points.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1);
        let bounded =
            points.iter().all(|(p, x)| (0.0..=1.0).contains(p) && x.is_finite() && *x >= 0.0);
        (ordered && bounded && !points.is_empty()).then_some(Self { points })
    }

    /// The straight pieces, each ((probability, length), (probability, length)).
    fn pieces(&self) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + '_ {
        let first =
            self.points.first().copied().filter(|(p, _)| *p > 0.0).map(|to| ((0.0, 0.0), to));
        let last =
            self.points.last().copied().filter(|(p, _)| *p < 1.0).map(|at| (at, (1.0, at.1)));
        first.into_iter().chain(self.points.windows(2).map(|w| (w[0], w[1]))).chain(last)
    }

    fn quantile(&self, u: f64) -> f64 {
        let mut length = self.points[0].1;
        for ((p, x), (q, y)) in self.pieces() {
            if u <= q {
                return x + (y - x) * ((u - p) / (q - p));
            }
            length = y;
        }
        length
    }

    fn cdf(&self, x: f64) -> f64 {
        let mut probability = 0.0;
        for ((p, from), (q, to)) in self.pieces() {
            if x >= to {
                probability = q;
            } else if x > from {
                return p + (q - p) * (x - from) / (to - from);
            }
        }
        probability
    }

    fn mean(&self) -> f64 {
        self.pieces().map(|((p, x), (q, y))| (q - p) * (x + y) / 2.0).sum()
    }
}

impl Distribution {
    /// The exponential law with `rate` events a second.
    pub fn with_rate(rate: f64) -> Self {
        Self::Exponential { mean: 1.0 / rate }
    }

    /// The length that is not exceeded with probability `u` in (0, 1).
    #[inline]
    pub fn quantile(&self, u: f64) -> Span {
        match self {
            Self::Fixed(span) => *span,
            Self::Uniform { low, high } => {
                let width = high.micros() - low.micros();
                Span::from_micros(low.micros() + (width as f64 * u) as u64)
            }
            Self::Exponential { .. }
            | Self::Weibull { .. }
            | Self::LogNormal { .. }
            | Self::Empirical(_) => Span::from_seconds_f64(self.quantile_seconds(u)),
        }
    }

    /// One length, from one uniform number.
    #[inline]
    pub fn draw(&self, draws: &mut Draws) -> Span {
        match self {
            Self::Fixed(span) => *span,
            Self::Uniform { .. }
            | Self::Exponential { .. }
            | Self::Weibull { .. }
            | Self::LogNormal { .. }
            | Self::Empirical(_) => {
                let length = self.quantile(draws.unit());
                #[cfg(test)]
                draws.made(length.micros());
                length
            }
        }
    }

    /// What is left of a length that is known to exceed `age`, from one uniform number.
    pub fn draw_rest(&self, age: Span, draws: &mut Draws) -> Span {
        if age.is_zero() {
            return self.draw(draws);
        }
        if let Self::Fixed(span) = self {
            return if span.is_never() { *span } else { span.saturating_sub(age) };
        }
        let u = draws.unit();
        let age = age.seconds();
        let rest = match self {
            // The closed forms keep their precision where hardly anything survives.
            Self::Exponential { mean } => -mean * libm::log1p(-u),
            Self::Weibull { shape, scale } => {
                let used = libm::pow(age / scale, *shape);
                scale * libm::pow(used - libm::log1p(-u), 1.0 / shape) - age
            }
            Self::Fixed(_) | Self::Uniform { .. } | Self::LogNormal { .. } | Self::Empirical(_) => {
                let lived = self.cdf(age);
                self.quantile_seconds((lived + (1.0 - lived) * u).min(1.0 - 1e-16)) - age
            }
        };
        Span::from_seconds_f64(rest)
    }

    /// The age at a random time of a process that renews itself by this law for ever, from one
    /// uniform number: the inverse of the integrated survival function over its mean.
    pub fn draw_stationary_age(&self, draws: &mut Draws) -> Span {
        let u = draws.unit();
        let mean = self.mean_seconds();
        if !mean.is_finite() || mean <= 0.0 {
            return Span::ZERO;
        }
        let (mut low, mut high) = (0.0, mean);
        while self.lived_below(high) < u * mean && high < mean * 1e12 {
            high *= 2.0;
        }
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if self.lived_below(middle) < u * mean {
                low = middle;
            } else {
                high = middle;
            }
        }
        Span::from_seconds_f64(0.5 * (low + high))
    }

    /// Mean length (s); infinite for what never ends.
    pub fn mean_seconds(&self) -> f64 {
        match self {
            Self::Fixed(span) if span.is_never() => f64::INFINITY,
            Self::Fixed(span) => span.seconds(),
            Self::Uniform { low, high } => 0.5 * (low.seconds() + high.seconds()),
            Self::Exponential { mean } => *mean,
            Self::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Self::Empirical(quantiles) => quantiles.mean(),
        }
    }

    /// Probability that a length is at most `x` seconds.
    pub fn cdf(&self, x: f64) -> f64 {
        match self {
            Self::Fixed(span) => f64::from(u8::from(!span.is_never() && x >= span.seconds())),
            Self::Uniform { low, high } => {
                let (low, high) = (low.seconds(), high.seconds());
                if x >= high { 1.0 } else { ((x - low) / (high - low)).max(0.0) }
            }
            Self::Exponential { mean } => -libm::expm1(-(x.max(0.0)) / mean),
            Self::Weibull { shape, scale } => -libm::expm1(-libm::pow(x.max(0.0) / scale, *shape)),
            Self::LogNormal { mu, sigma } => {
                if x <= 0.0 {
                    0.0
                } else {
                    normal_cdf((libm::log(x) - mu) / sigma.max(1e-300))
                }
            }
            Self::Empirical(quantiles) => quantiles.cdf(x),
        }
    }

    fn quantile_seconds(&self, u: f64) -> f64 {
        match self {
            Self::Fixed(span) => span.seconds(),
            Self::Uniform { low, high } => low.seconds() + (high.seconds() - low.seconds()) * u,
            Self::Exponential { mean } => -mean * libm::log1p(-u),
            Self::Weibull { shape, scale } => scale * libm::pow(-libm::log1p(-u), 1.0 / shape),
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(u)),
            Self::Empirical(quantiles) => quantiles.quantile(u),
        }
    }

    /// Mean of the smaller of a length and `x` seconds: the integral of the survival function.
    fn lived_below(&self, x: f64) -> f64 {
        match self {
            Self::Fixed(span) => span.seconds().min(x),
            Self::Uniform { low, high } => {
                let (low, high) = (low.seconds(), high.seconds());
                let inside = x.clamp(low, high);
                let width = high - low;
                x.min(low)
                    + if width > 0.0 {
                        (inside - low) - (inside - low) * (inside - low) / (2.0 * width)
                    } else {
                        0.0
                    }
            }
            Self::Exponential { mean } => -mean * libm::expm1(-x / mean),
            Self::Weibull { shape, scale } => {
                self.mean_seconds() * gamma_p(1.0 / shape, libm::pow(x / scale, *shape))
            }
            Self::LogNormal { mu, sigma } => {
                let z = (libm::log(x) - mu) / sigma.max(1e-300);
                self.mean_seconds() * normal_cdf(z - sigma) + x * (1.0 - normal_cdf(z))
            }
            Self::Empirical(quantiles) => quantiles
                .pieces()
                .map(|((p, from), (q, to))| {
                    if x >= to {
                        (q - p) * (from + to) / 2.0
                    } else if x <= from {
                        (q - p) * x
                    } else {
                        let share = (x - from) / (to - from);
                        (q - p) * (share * (from + x) / 2.0 + (1.0 - share) * x)
                    }
                })
                .sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Streams;

    fn laws() -> Vec<Distribution> {
        vec![
            Distribution::Uniform { low: Span::from_seconds(100), high: Span::from_seconds(900) },
            Distribution::Exponential { mean: 500.0 },
            Distribution::Weibull { shape: 1.5, scale: 600.0 },
            Distribution::Weibull { shape: 0.7, scale: 400.0 },
            Distribution::LogNormal { mu: 6.0, sigma: 0.8 },
            Distribution::Empirical(
                Quantiles::new(vec![(0.25, 100.0), (0.5, 300.0), (0.9, 2_000.0)]).unwrap(),
            ),
        ]
    }

    /// Kolmogorov-Smirnov on 20,000 draws: sqrt(n) D exceeds 2.23 with probability below 1e-4.
    fn fits(mut lengths: Vec<f64>, cdf: impl Fn(f64) -> f64) {
        lengths.sort_by(f64::total_cmp);
        let n = lengths.len() as f64;
        let mut worst = 0.0_f64;
        for (rank, x) in lengths.iter().enumerate() {
            let f = cdf(*x);
            worst = worst.max((f - rank as f64 / n).abs()).max(((rank + 1) as f64 / n - f).abs());
        }
        assert!(worst * n.sqrt() < 2.23, "Kolmogorov-Smirnov {}", worst * n.sqrt());
    }

    #[test]
    fn draws_follow_their_law() {
        let streams = Streams::new(11, 0);
        for (purpose, law) in laws().iter().enumerate() {
            if matches!(law, Distribution::Empirical(_)) {
                continue; // its distribution has an atom at the last point: see the next test
            }
            let draw = |i| law.draw(&mut streams.at(purpose as u16, i, 0)).seconds();
            fits((0..20_000).map(draw).collect(), |x| law.cdf(x));
        }
    }

    #[test]
    fn quantiles_and_probabilities_invert_each_other() {
        for law in laws() {
            for u in [0.001, 0.1, 0.25, 0.5, 0.77, 0.89] {
                let back = law.cdf(law.quantile(u).seconds());
                assert!((back - u).abs() < 1e-6, "{law:?} at {u}: {back}");
            }
        }
    }

    /// Means of 20,000 draws within 4.4 standard errors (probability 1e-5 a law).
    #[test]
    fn means_are_those_of_the_draws() {
        let streams = Streams::new(12, 0);
        for (purpose, law) in laws().iter().enumerate() {
            let draws: Vec<f64> = (0..20_000)
                .map(|i| law.draw(&mut streams.at(purpose as u16, i, 0)).seconds())
                .collect();
            let mean = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 19_999.0;
            let z = (mean - law.mean_seconds()) / (variance / 20_000.0).sqrt();
            assert!(z.abs() < 4.4, "{law:?}: mean {mean}, z {z}");
        }
    }

    #[test]
    fn the_rest_of_a_life_follows_the_conditional_law() {
        let streams = Streams::new(13, 0);
        let age = Span::from_seconds(250);
        for (purpose, law) in laws().iter().enumerate() {
            if matches!(law, Distribution::Empirical(_)) {
                continue;
            }
            let lived = law.cdf(250.0);
            let rest = |i| law.draw_rest(age, &mut streams.at(purpose as u16, i, 0)).seconds();
            fits((0..20_000).map(rest).collect(), |x| (law.cdf(x + 250.0) - lived) / (1.0 - lived));
        }
    }

    /// The stationary age has density S(x)/mean, so its mean is E[X^2] / (2 E[X]).
    #[test]
    fn stationary_ages_follow_the_renewal_law() {
        let streams = Streams::new(14, 0);
        for (purpose, law) in laws().iter().enumerate() {
            let age = |i| law.draw_stationary_age(&mut streams.at(purpose as u16, i, 0)).seconds();
            fits((0..20_000).map(age).collect(), |x| law.lived_below(x) / law.mean_seconds());
        }
        let fixed = Distribution::Fixed(Span::from_seconds(10));
        let age = fixed.draw_stationary_age(&mut streams.at(99, 0, 0));
        assert!(age <= Span::from_seconds(10));
    }

    #[test]
    fn a_larger_uniform_number_never_gives_a_shorter_length() {
        for law in laws() {
            let lengths: Vec<Span> =
                (1..1_000).map(|i| law.quantile(f64::from(i) / 1_000.0)).collect();
            assert!(lengths.windows(2).all(|w| w[0] <= w[1]), "{law:?}");
        }
    }

    #[test]
    fn quantile_points_must_rise() {
        assert!(Quantiles::new(vec![]).is_none());
        assert!(Quantiles::new(vec![(0.5, 2.0), (0.4, 3.0)]).is_none());
        assert!(Quantiles::new(vec![(0.5, 2.0), (0.6, 1.0)]).is_none());
        assert!(Quantiles::new(vec![(0.5, 2.0), (1.1, 3.0)]).is_none());
    }
}
