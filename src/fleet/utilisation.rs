//! Recorded utilisation: rows of whole percents over time, of which a burstable instance or a guest
//! follows one.

use crate::kernel::time::{Instant, Span};

/// Recorded rows, which are equally long; each begins with the clock's zero and repeats itself.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Whole percents, row by row.
    pub percents: Vec<u8>,
    /// Values in a row (count), at least 1.
    pub width: usize,
    /// How long a value holds, longer than nothing.
    pub step: Span,
}

impl Recorded {
    /// Rows (count).
    pub fn rows(&self) -> usize {
        self.percents.len() / self.width
    }

    /// How often a row is over by `now` (count).
    pub fn round(&self, now: Instant) -> u64 {
        self.steps(now) / self.width as u64
    }

    /// The value of the row number `row` at `now` (percent), and until when it is the same in this
    /// round.
    pub fn at(&self, row: usize, now: Instant) -> (u8, Instant) {
        let steps = self.steps(now);
        let values = &self.row(row)[(steps % self.width as u64) as usize..];
        let here = values[0];
        let alike = values.iter().take_while(|value| **value == here).count();
        let until = (steps + alike as u64).saturating_mul(self.step.micros());
        (here, Instant::from_micros(until))
    }

    /// Area under the row number `row` between two instants (percent · µs).
    pub fn area(&self, row: usize, from: Instant, to: Instant) -> u128 {
        let (row, step) = (self.row(row), self.step.micros());
        let of = |values: &[u8]| values.iter().map(|value| u128::from(*value)).sum::<u128>();
        let up_to = |at: Instant| {
            let (steps, within) = (at.micros() / step, at.micros() % step);
            let (round, place) = (steps / self.width as u64, (steps % self.width as u64) as usize);
            let whole = of(row) * u128::from(round) + of(&row[..place]);
            whole * u128::from(step) + u128::from(row[place]) * u128::from(within)
        };
        up_to(to) - up_to(from)
    }

    fn row(&self, row: usize) -> &[u8] {
        &self.percents[row * self.width..(row + 1) * self.width]
    }

    fn steps(&self, now: Instant) -> u64 {
        now.micros() / self.step.micros()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Span::from_seconds(seconds)
    }

    #[test]
    fn rows_repeat_and_equal_values_are_one() {
        let percents = vec![1, 1, 2, 30, 30, 30];
        let of = Recorded { percents, width: 3, step: Span::from_seconds(10) };
        assert_eq!(of.rows(), 2);
        assert_eq!([0, 29, 30, 61].map(|seconds| of.round(at(seconds))), [0, 0, 1, 2]);
        assert_eq!(of.at(0, at(5)), (1, at(20)));
        assert_eq!((of.at(0, at(20)), of.at(0, at(45))), ((2, at(30)), (1, at(50))));
        assert_eq!(of.at(1, at(10)), (30, at(30)), "asked again once a round is over");
    }

    #[test]
    fn areas_go_over_the_ends_of_rounds() {
        let of = Recorded { percents: vec![9, 9, 50, 10], width: 2, step: Span::from_seconds(10) };
        let area = |from, to| of.area(1, at(from), at(to)) / 1_000_000;
        assert_eq!((area(0, 10), area(5, 15)), (500, 250 + 50));
        assert_eq!(area(15, 25), 50 + 250, "over the end of a round");
        assert_eq!((area(7, 7 + 60), area(3, 3)), (3 * 600, 0));
    }
}
