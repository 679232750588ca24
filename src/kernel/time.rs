//! Simulated time: points ([`Instant`]) and lengths ([`Span`]), in whole microseconds.
//!
//! Integer time is what makes two runs equal on any machine; microseconds are what the modelled
//! clouds' own records resolve. Arithmetic is checked: a run's end is bounded when the scenario is
//! read ([`Span::LONGEST`]), so an overflow here is a bug of ours.

use std::fmt;

/// Microseconds in a second.
pub const MICROS_PER_SECOND: u64 = 1_000_000;

/// A point of simulated time: microseconds since the clock's zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(u64);

/// A length of simulated time: microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(u64);

impl Instant {
    /// The clock's zero.
    pub const ZERO: Self = Self(0);

    /// The point `micros` microseconds after the clock's zero.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the clock's zero.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Seconds since the clock's zero; exact below 2^53 microseconds (285 years).
    pub fn seconds(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// The length from `earlier` to here.
    ///
    /// # Panics
    /// If `earlier` is later: time never runs back.
    pub const fn since(self, earlier: Self) -> Span {
        assert!(self.0 >= earlier.0, "time never runs back");
        Span(self.0 - earlier.0)
    }

    /// The point `span` later, or `None` where no such point can be told.
    pub const fn checked_add(self, span: Span) -> Option<Self> {
        match self.0.checked_add(span.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// The point `span` later; a point that cannot be told becomes the last one, which lies past
    /// the end of every run.
    pub const fn saturating_add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl std::ops::Add<Span> for Instant {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        self.checked_add(span).expect("the end of a run is bounded when the scenario is read")
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// The longest length a law can give; a life of this length never ends.
    pub const NEVER: Self = Self(u64::MAX);

    /// The longest horizon a scenario may have: 1,000 years.
    pub const LONGEST: Self = Self(1_000 * 8_766 * 3_600 * MICROS_PER_SECOND);

    /// A length of `micros` microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A length of `seconds` whole seconds.
    ///
    /// # Panics
    /// If the length does not fit 64 bits of microseconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.checked_mul(MICROS_PER_SECOND).expect("the length fits 64 bits"))
    }

    /// The whole microsecond nearest to `seconds`; negative and undefined lengths are zero, and
    /// lengths past the longest are [`Span::NEVER`].
    pub fn from_seconds_f64(seconds: f64) -> Self {
        let micros = seconds * MICROS_PER_SECOND as f64;
        if micros.is_nan() || micros <= 0.0 {
            return Self::ZERO;
        }
        if micros >= 9.0e18 {
            return Self::NEVER;
        }
        Self((micros + 0.5) as u64)
    }

    /// Microseconds.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Seconds; exact below 2^53 microseconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// Hours.
    pub fn hours(self) -> f64 {
        self.seconds() / 3_600.0
    }

    /// Whether no time passes.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether this is [`Span::NEVER`].
    pub const fn is_never(self) -> bool {
        self.0 == u64::MAX
    }

    /// This much shorter by `other`, never below zero.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// This much longer by `other`; [`Span::NEVER`] where that cannot be told.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Instant {
    /// `12d 03:04:05`, with the fraction of a second where there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.0 / MICROS_PER_SECOND, self.0 % MICROS_PER_SECOND);
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60);
        write!(f, "{days}d {hours:02}:{minutes:02}:{seconds:02}")?;
        if micros > 0 {
            write!(f, ".{micros:06}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Span {
    /// The two largest units that are not zero: `12d 3h`, `45s`, `250ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_never() {
            return write!(f, "never");
        }
        const UNITS: [(u64, &str); 6] = [
            (86_400_000_000, "d"),
            (3_600_000_000, "h"),
            (60_000_000, "min"),
            (1_000_000, "s"),
            (1_000, "ms"),
            (1, "us"),
        ];
        let Some(first) = UNITS.iter().position(|(size, _)| self.0 >= *size) else {
            return write!(f, "0s");
        };
        let (size, unit) = UNITS[first];
        write!(f, "{}{unit}", self.0 / size)?;
        if let Some((next, unit)) = UNITS.get(first + 1) {
            let rest = self.0 % size / next;
            if rest > 0 {
                write!(f, " {rest}{unit}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_shown_as_days_and_clock() {
        let at = Instant::ZERO + Span::from_seconds(12 * 86_400 + 3 * 3_600 + 4 * 60 + 5);
        assert_eq!(at.to_string(), "12d 03:04:05");
        assert_eq!((at + Span::from_micros(7)).to_string(), "12d 03:04:05.000007");
    }

    #[test]
    fn spans_are_shown_in_their_two_largest_units() {
        assert_eq!(Span::from_seconds(90_000).to_string(), "1d 1h");
        assert_eq!(Span::from_micros(250_000).to_string(), "250ms");
        assert_eq!(Span::ZERO.to_string(), "0s");
        assert_eq!(Span::NEVER.to_string(), "never");
    }

    #[test]
    fn undefined_lengths_become_zero_and_endless_ones_never() {
        assert_eq!(Span::from_seconds_f64(f64::NAN), Span::ZERO);
        assert_eq!(Span::from_seconds_f64(-1.0), Span::ZERO);
        assert_eq!(Span::from_seconds_f64(f64::INFINITY), Span::NEVER);
        assert_eq!(Span::from_seconds_f64(1.5).micros(), 1_500_000);
    }

    #[test]
    #[should_panic(expected = "time never runs back")]
    fn time_never_runs_back() {
        let _ = Instant::ZERO.since(Instant::from_micros(1));
    }
}
