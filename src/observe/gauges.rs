//! How anything is measured: levels over time, and samples.
//!
//! Levels are integers and their areas are exact (u128 microsecond-units), so that no order of
//! summing can change a digit.

use crate::kernel::time::{Instant, Span};

/// A whole number that changes over time, measured from one instant on.
#[derive(Clone, Debug)]
pub struct Level {
    value: u64,
    since: Instant,
    from: Instant,
    area: u128,
    /// Area under the square, kept only where the variance is asked for: a square of bytes over a
    /// year is too large for 128 bits.
    square_area: Option<u128>,
    most: u64,
    most_at: Instant,
    least: u64,
    /// The next instant at which the level is to be read, and what was read before.
    readings: Vec<u64>,
    /// Whether the highest and lowest values are those that lasted some time.
    lasting: bool,
}

impl Level {
    /// A level of `value` from the clock's `begin`, measured from `from` on.
    pub fn new(value: u64, begin: Instant, from: Instant) -> Self {
        Self {
            value,
            since: begin,
            from,
            area: 0,
            square_area: None,
            most: value,
            most_at: from,
            least: value,
            readings: Vec::new(),
            lasting: false,
        }
    }

    /// The same level, whose variance is measured too; its values must stay below 2^32.
    pub fn with_variance(self) -> Self {
        Self { square_area: Some(0), ..self }
    }

    /// The same level, whose highest and lowest values are those that lasted some time: for what
    /// may rise and fall within one instant without meaning anything.
    pub fn lasting(self) -> Self {
        Self { lasting: true, ..self }
    }

    /// The value at this moment.
    pub const fn value(&self) -> u64 {
        self.value
    }

    /// The level becomes `value` at `now`.
    #[inline]
    pub fn set(&mut self, now: Instant, value: u64) {
        self.advance(now);
        self.value = value;
        if self.lasting {
            return; // Only values that last some time count: see `advance`.
        }
        if now <= self.from {
            // What the level has at the end of the warm-up is the first value that counts.
            (self.most, self.most_at, self.least) = (value, self.from, value);
            return;
        }
        if value > self.most {
            (self.most, self.most_at) = (value, now);
        }
        self.least = self.least.min(value);
    }

    /// The level rises by `amount` at `now`.
    #[inline]
    pub fn add(&mut self, now: Instant, amount: u64) {
        self.set(now, self.value + amount);
    }

    /// The level falls by `amount` at `now`.
    ///
    /// # Panics
    /// If it would fall below zero.
    #[inline]
    pub fn take(&mut self, now: Instant, amount: u64) {
        let value = self.value.checked_sub(amount).expect("a level stays at or above zero");
        self.set(now, value);
    }

    /// Counts the time up to `now`.
    #[inline]
    pub fn advance(&mut self, now: Instant) {
        let start = self.since.max(self.from);
        if now > start {
            if self.lasting {
                let is_first = self.area == 0 && start == self.from;
                if is_first || self.value > self.most {
                    (self.most, self.most_at) = (self.value, start);
                }
                self.least = if is_first { self.value } else { self.least.min(self.value) };
            }
            let area = u128::from(self.value) * u128::from(now.since(start).micros());
            self.area += area;
            if let Some(square_area) = &mut self.square_area {
                *square_area += area * u128::from(self.value);
            }
        }
        self.since = now;
    }

    /// Notes the value of this moment as the reading of the next named instant.
    pub fn read(&mut self) {
        self.readings.push(self.value);
    }

    /// What was read at the named instants so far, in order.
    pub fn readings(&self) -> &[u64] {
        &self.readings
    }

    /// Mean over the measured time, which has come to its end; `None` if there was none.
    pub fn mean(&self) -> Option<f64> {
        let measured = self.measured()?;
        Some(self.area as f64 / measured)
    }

    /// Variance over the measured time; `None` too where it was not asked for.
    pub fn variance(&self) -> Option<f64> {
        let mean = self.mean()?;
        let square = self.square_area? as f64 / self.measured()?;
        Some((square - mean * mean).max(0.0))
    }

    /// Area under the level (µs·units).
    pub const fn area(&self) -> u128 {
        self.area
    }

    /// The highest value.
    pub const fn most(&self) -> u64 {
        self.most
    }

    /// When it first had its highest value.
    pub const fn most_at(&self) -> Instant {
        self.most_at
    }

    /// The lowest value.
    pub const fn least(&self) -> u64 {
        self.least
    }

    fn measured(&self) -> Option<f64> {
        (self.since > self.from).then(|| self.since.since(self.from).micros() as f64)
    }
}

/// Lengths of time, of which most may be zero: their share above zero, mean and quantiles, exactly.
#[derive(Clone, Debug, Default)]
pub struct Lengths {
    zeros: u64,
    above: Vec<u64>,
}

impl Lengths {
    /// Counts one length.
    #[inline]
    pub fn count(&mut self, length: Span) {
        if length.is_zero() {
            self.zeros += 1;
        } else {
            self.above.push(length.micros());
        }
    }

    /// How many lengths.
    pub const fn len(&self) -> u64 {
        self.zeros + self.above.len() as u64
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Share of lengths above zero; `None` if there is none at all.
    pub fn share_above_zero(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.above.len() as f64 / self.len() as f64)
    }

    /// Mean (s).
    pub fn mean(&self) -> Option<f64> {
        let sum: u128 = self.above.iter().map(|length| u128::from(*length)).sum();
        (!self.is_empty()).then(|| sum as f64 / self.len() as f64 / 1e6)
    }

    /// The smallest length that at least the share `p` of all do not exceed (s).
    pub fn quantile(&mut self, p: f64) -> Option<f64> {
        if self.is_empty() {
            return None;
        }
        self.above.sort_unstable();
        let rank = (libm::ceil(p * self.len() as f64) as u64).clamp(1, self.len());
        let place = rank.checked_sub(self.zeros + 1);
        Some(place.map_or(0.0, |place| self.above[place as usize] as f64 / 1e6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Span::from_seconds(seconds)
    }

    #[test]
    fn a_level_is_weighted_by_time() {
        let mut level = Level::new(0, at(0), at(0)).with_variance();
        level.add(at(2), 4);
        level.add(at(3), 2);
        level.take(at(5), 6);
        level.advance(at(10));
        assert!((level.mean().unwrap() - (4.0 + 12.0) / 10.0).abs() < 1e-12);
        assert!((level.variance().unwrap() - ((16.0 + 72.0) / 10.0 - 1.6 * 1.6)).abs() < 1e-12);
        assert_eq!((level.most(), level.most_at(), level.least()), (6, at(3), 0));
    }

    #[test]
    fn the_warm_up_leaves_nothing_but_its_last_value() {
        let mut level = Level::new(9, at(0), at(10));
        level.take(at(4), 6);
        level.add(at(12), 1);
        level.advance(at(20));
        assert!((level.mean().unwrap() - (6.0 + 32.0) / 10.0).abs() < 1e-12);
        assert_eq!((level.most(), level.most_at(), level.least()), (4, at(12), 3));
    }

    #[test]
    fn quantiles_of_lengths_are_those_of_the_sorted_list() {
        let mut lengths = Lengths::default();
        assert_eq!(lengths.quantile(0.5), None);
        for seconds in [0, 5, 0, 1, 3] {
            lengths.count(Span::from_seconds(seconds));
        }
        let quantiles = [0.2, 0.4, 0.41, 0.8, 1.0].map(|p| lengths.quantile(p).unwrap());
        let expected = [0.0, 0.0, 1.0, 3.0, 5.0];
        assert!(quantiles.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!((lengths.share_above_zero().unwrap() - 0.6).abs() < 1e-12);
        assert!((lengths.mean().unwrap() - 1.8).abs() < 1e-12);
    }
}
