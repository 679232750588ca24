//! Mean, variance and skewness of numbers, summed in the order in which they come: whoever asks for
//! them anywhere gets the same bits.
//!
//! [`Moments::of`] is for numbers that are held. Numbers that are too many to be held go by twice,
//! once through a [`FirstPass`] and once through the [`SecondPass`] that it becomes; those that go by
//! only once through [`OnePass`], whose last digits may be others.

/// What numbers say together, in their unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// How many there are.
    pub count: u32,
    /// Their mean.
    pub mean: f64,
    /// Sample variance; 0 below two numbers, and exactly 0 where all are equal.
    pub variance: f64,
    /// Skewness g1; `None` where all are equal, or lie too near to each other for their cubes.
    pub skewness: Option<f64>,
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
}

impl Moments {
    /// Those of `values`; `None` where there are none.
    pub fn of(values: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let mut first = FirstPass::default();
        values.clone().for_each(|value| first.add(value));
        let mut second = first.second();
        values.for_each(|value| second.add(value));
        second.moments()
    }

    /// Whether the numbers are so skewed (n < 25 g1², Cochran's rule; spec trust 2.3) that an
    /// interval by Student's t about their mean covers less often than it says.
    pub fn is_skewed(&self) -> bool {
        self.skewness.is_some_and(|g1| f64::from(self.count) < 25.0 * g1 * g1)
    }
}

/// Numbers as they go by for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct FirstPass {
    count: u32,
    sum: f64,
    ends: Option<(f64, f64)>,
}

impl FirstPass {
    /// Takes the next number.
    ///
    /// # Panics
    /// If there are more than 32 bits can count.
    pub fn add(&mut self, value: f64) {
        self.count = self.count.checked_add(1).expect("numbers are counted in 32 bits");
        self.sum += value;
        let (min, max) = self.ends.unwrap_or((value, value));
        self.ends = Some((f64::min(min, value), f64::max(max, value)));
    }

    /// Ready for the same numbers once more, in the same order.
    pub fn second(self) -> SecondPass {
        let mean = self.ends.map_or(0.0, |(min, max)| match min >= max {
            // Rounding may not blur what is equal; and no mean is a negative zero.
            true => min + 0.0,
            // Rounding may carry a mean a hair past the numbers that it lies between.
            false => (self.sum / f64::from(self.count)).clamp(min, max),
        });
        SecondPass { first: self, mean, squares: 0.0, cubes: 0.0 }
    }
}

/// Numbers as they go by for the second time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SecondPass {
    first: FirstPass,
    mean: f64,
    squares: f64,
    cubes: f64,
}

impl SecondPass {
    /// Takes the next number.
    pub fn add(&mut self, value: f64) {
        let off = value - self.mean;
        self.squares += off * off;
        self.cubes += off * off * off;
    }

    /// What they say together; `None` where there were none.
    pub fn moments(&self) -> Option<Moments> {
        let (count, mean) = (self.first.count, self.mean);
        let (min, max) = self.first.ends?;
        if min >= max {
            return Some(Moments { count, mean, variance: 0.0, skewness: None, min, max });
        }
        let n = f64::from(count);
        let spread = self.squares / n;
        let skewness = (self.cubes / n) / (spread * libm::sqrt(spread));
        let skewness = Some(skewness).filter(|skewness| skewness.is_finite());
        Some(Moments { count, mean, variance: self.squares / (n - 1.0), skewness, min, max })
    }
}

/// Numbers that go by only once, and are not held (Welford's recurrence).
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct OnePass {
    count: u32,
    mean: f64,
    squares: f64,
}

impl OnePass {
    /// Takes the next number.
    ///
    /// # Panics
    /// If there are more than 32 bits can count.
    pub fn add(&mut self, value: f64) {
        self.count = self.count.checked_add(1).expect("numbers are counted in 32 bits");
        let off = value - self.mean;
        self.mean += off / f64::from(self.count);
        self.squares += off * (value - self.mean);
    }

    /// How many there were.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Their mean; 0 where there were none.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Sample standard deviation; `None` below two numbers.
    pub fn deviation(&self) -> Option<f64> {
        (self.count > 1).then(|| libm::sqrt(self.squares / f64::from(self.count - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Streams;
    use statrs::statistics::Statistics;

    fn near(ours: f64, theirs: f64) {
        assert!((ours - theirs).abs() <= 1e-12 * theirs.abs(), "{ours} against {theirs}");
    }

    /// Skewed numbers far from zero: what a careless sum of squares would lose.
    fn numbers() -> Vec<f64> {
        let streams = Streams::new(20_261_123, 0);
        let number = |of| 1e6 - libm::log1p(-streams.at(1, of, 0).unit());
        (0..500).map(number).collect()
    }

    #[test]
    fn moments_agree_with_the_oracle_by_either_way() {
        let numbers = numbers();
        let moments = Moments::of(numbers.iter().copied()).expect("there are numbers");
        near(moments.mean, numbers.iter().mean());
        let variance = numbers.iter().variance();
        assert!((moments.variance - variance).abs() < 1e-9 * variance);
        let ends = (numbers.as_slice().min(), numbers.as_slice().max());
        assert_eq!((moments.min, moments.max), ends);
        // The third moment of an exponential law is 2, and its estimate lies below in most samples.
        let g1 = moments.skewness.expect("they differ");
        assert!((1.0..3.0).contains(&g1) && !moments.is_skewed(), "{g1} of 500");
        assert!(Moments::of(numbers[..20].iter().copied()).expect("some").is_skewed());
        let mut one_pass = OnePass::default();
        numbers.iter().for_each(|number| one_pass.add(*number));
        near(one_pass.mean(), moments.mean);
        let deviation = one_pass.deviation().expect("there are two and more");
        assert!((deviation - libm::sqrt(variance)).abs() < 1e-9 * deviation);
        assert_eq!(one_pass.count(), moments.count);
    }

    #[test]
    fn a_worked_example_by_hand() {
        // 0, 0, 3: mean 1; squares 1 + 1 + 4; cubes -1 - 1 + 8; g1 = 2 / 2^1.5.
        let moments = Moments::of([0.0, 0.0, 3.0].into_iter()).expect("there are numbers");
        assert_eq!((moments.count, moments.mean, moments.variance), (3, 1.0, 3.0));
        near(moments.skewness.expect("they differ"), 1.0 / libm::sqrt(2.0));
        assert!(moments.is_skewed(), "3 < 25 / 2");
    }

    #[test]
    fn what_is_equal_is_exact_and_nothing_says_nothing() {
        let equal = Moments::of([0.1; 30].into_iter()).expect("there are numbers");
        assert_eq!((equal.mean.to_bits(), equal.variance), (0.1_f64.to_bits(), 0.0));
        assert_eq!((equal.skewness, equal.is_skewed()), (None, false));
        let zero = Moments::of([-0.0, 0.0].into_iter()).expect("there are numbers");
        assert_eq!(zero.mean.to_bits(), 0.0_f64.to_bits(), "no negative zero");
        assert_eq!(Moments::of(std::iter::empty()), None);
        assert_eq!((OnePass::default().mean(), OnePass::default().deviation()), (0.0, None));
        let near = Moments::of([0.0, 1e-200].into_iter()).expect("there are numbers");
        assert_eq!(near.skewness, None, "their cubes are nothing");
    }
}
