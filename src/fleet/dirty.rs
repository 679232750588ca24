//! How fast guests write to their memory: what a live migration has to send again
//! (spec/refresh-and-migration.md 5.1).

use crate::{
    fleet::{ids::Utilisation, utilisation::Recorded},
    kernel::{
        column::{Column, Id},
        time::{Instant, MICROS_PER_SECOND},
    },
};

/// How fast the guests of a type write to their memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DirtyLaw {
    /// `rate`: what a guest writes; where it follows a load, what it writes at 100 % (B/s).
    pub rate: u64,
    /// `working_set`: the part of its memory that it writes to (bytes); `None`: all of it.
    pub working_set: Option<u64>,
    /// `touched`: the part of its memory that is to be sent at all (percent): pages that were never
    /// touched are not.
    pub touched: u32,
    /// `utilisation`: the recorded load that it follows; `None`: none.
    pub load: Option<Id<Utilisation>>,
}

impl DirtyLaw {
    /// What a guest of `memory` bytes has to send at least once (bytes, at least 1).
    pub fn to_send(&self, memory: u64) -> u64 {
        (u128::from(memory) * u128::from(self.touched)).div_ceil(100).max(1) as u64
    }

    /// What a guest with `to_send` bytes to send writes between two instants (bytes, a begun one
    /// counts), slowed down by `throttle` percent: no more than its working set. Of recorded
    /// utilisation it follows the row number `row`.
    pub fn dirtied(
        &self,
        (all, row): (&Column<Utilisation, Recorded>, u32),
        to_send: u64,
        (from, to): (Instant, Instant),
        throttle: u8,
    ) -> u64 {
        let percent_micros = match self.load {
            None => 100 * u128::from(to.since(from).micros()),
            Some(load) => all[load].area(row as usize, from, to),
        };
        let speed = u128::from(100 - throttle.min(100));
        let scale = 100 * 100 * u128::from(MICROS_PER_SECOND);
        let written = (u128::from(self.rate) * speed * percent_micros).div_ceil(scale);
        let most = self.working_set.unwrap_or(u64::MAX).min(to_send);
        u64::try_from(written).map_or(most, |written| written.min(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::Span;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Span::from_seconds(seconds)
    }

    const LAW: DirtyLaw = DirtyLaw { rate: 1_000, working_set: None, touched: 100, load: None };

    #[test]
    fn a_constant_rate_is_bounded_by_the_working_set() {
        let loads = Column::default();
        let dirtied = |law: &DirtyLaw, seconds: u64, throttle| {
            law.dirtied((&loads, 0), 50_000, (at(5), at(5 + seconds)), throttle)
        };
        assert_eq!((dirtied(&LAW, 7, 0), dirtied(&LAW, 7, 30)), (7_000, 4_900));
        assert_eq!(dirtied(&LAW, 51, 0), 50_000, "no more than all of it");
        let small = DirtyLaw { working_set: Some(3_000), ..LAW };
        assert_eq!((dirtied(&small, 2, 0), dirtied(&small, 7, 0)), (2_000, 3_000));
        let begun = (at(0), Instant::from_micros(1));
        assert_eq!(LAW.dirtied((&loads, 0), 50_000, begun, 0), 1, "a byte that was begun is dirty");
        assert_eq!(LAW.dirtied((&loads, 0), 50_000, (at(0), at(0)), 0), 0);
    }

    #[test]
    fn a_guest_follows_its_recorded_day() {
        let mut day = [10; 288];
        (day[0], day[1], day[287]) = (50, 0, 100);
        let (percents, step) = ([[0; 288], day].concat(), Span::from_seconds(300));
        let mut loads = Column::default();
        let load = loads.push(Recorded { percents, width: 288, step });
        let law = DirtyLaw { load: Some(load), ..LAW };
        let dirtied = |from, to| law.dirtied((&loads, 1), u64::MAX, (at(from), at(to)), 0);
        assert_eq!(dirtied(0, 300), 150_000);
        assert_eq!(dirtied(200, 700), 100 * 500 + 100 * 100);
        assert_eq!(dirtied(86_400 - 10, 86_400 + 10), 10 * 1_000 + 10 * 500, "over midnight");
        let whole: u64 = day.iter().map(|load| u64::from(*load) * 10 * 300).sum();
        assert_eq!(dirtied(17, 17 + 3 * 86_400), 3 * whole);
        assert_eq!(law.dirtied((&loads, 0), u64::MAX, (at(0), at(9_000)), 0), 0, "an idle day");
    }

    #[test]
    fn pages_that_were_never_touched_are_not_sent() {
        let law = DirtyLaw { touched: 60, ..LAW };
        assert_eq!((law.to_send(1_000), LAW.to_send(1_000), law.to_send(0)), (600, 1_000, 1));
    }
}
