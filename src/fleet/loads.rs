//! What burstable instances are asked to do over time: laws, and recorded series.
//!
//! A load goes on whether or not its instance runs: it is what others want of it, and depends on
//! nothing that a policy decides. Utilisation is of all vCPUs together, in steps of 0.01 %.

use crate::{
    fleet::{credits::WHOLE, ids::Utilisation, utilisation::Recorded},
    kernel::{
        column::{Column, Id},
        distribution::Distribution,
        streams::Draws,
        time::{Instant, Span},
    },
};

/// A day.
const DAY: u64 = 86_400_000_000;

/// Past the end of every run.
const NEVER: Instant = Instant::from_micros(u64::MAX);

/// A load: its name, and how it goes.
#[derive(Clone, Debug)]
pub struct LoadSpec {
    /// Name, unique among loads.
    pub name: String,
    /// How it goes.
    pub law: LoadLaw,
}

/// How a load goes.
#[derive(Clone, Debug)]
pub enum LoadLaw {
    /// Always the same.
    Constant(u32),
    /// On and off by turns, for lengths without memory; found as after a long time.
    OnOff {
        /// Utilisation when off, and when on.
        levels: [u32; 2],
        /// Mean length of being off, and of being on.
        means: [Span; 2],
    },
    /// Steps from when the instance is first Running.
    Steps {
        /// From when on, counted from there, and how much; the first from zero on, rising.
        steps: Vec<(Span, u32)>,
        /// After which they begin anew; `None`: the last one holds on.
        period: Option<Span>,
    },
    /// Equal parts of each day of the clock.
    Day(Vec<u32>),
    /// Recorded rows, of which an instance follows one.
    Recorded {
        /// The recording.
        of: Id<Utilisation>,
        /// Whether an instance follows another row each time that a row is over; else its row repeats.
        is_redrawn: bool,
    },
}

/// Where the load of one instance stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoadNow {
    /// Utilisation [0.01 %].
    pub level: u32,
    /// Until when.
    pub until: Instant,
    /// How often it has changed by chance before -- the ordinal of its draws.
    pub number: u32,
    /// When it began.
    pub begun: Instant,
}

impl LoadNow {
    /// Nothing is asked for, ever.
    pub const IDLE: Self = Self { level: 0, until: NEVER, number: 0, begun: NEVER };
}

impl LoadLaw {
    /// The load of an instance from `now` on. `all` is what is recorded; `draws` gives the draws of an
    /// ordinal.
    pub fn begins(
        &self,
        all: &Column<Utilisation, Recorded>,
        now: Instant,
        draws: impl Fn(u32) -> Draws,
    ) -> LoadNow {
        let at = LoadNow { level: 0, until: now, number: 0, begun: now };
        if let Self::OnOff { levels, means } = self {
            let mut draws = draws(0);
            let [off, on] = means.map(|mean| mean.seconds());
            let is_on = usize::from(draws.happens(on / (off + on)));
            let until = now.saturating_add(stay(means[is_on], &mut draws));
            return LoadNow { level: levels[is_on], until, ..at };
        }
        self.goes_on(all, at, now, draws)
    }

    /// The load at `now`, where it was `load` last; at or after its end.
    pub fn goes_on(
        &self,
        all: &Column<Utilisation, Recorded>,
        load: LoadNow,
        now: Instant,
        draws: impl Fn(u32) -> Draws,
    ) -> LoadNow {
        match self {
            Self::Constant(level) => LoadNow { level: *level, until: NEVER, ..load },
            Self::OnOff { levels, means } => {
                let mut load = load;
                // Each round draws one length, of which there are as many as the run has room for.
                while load.until <= now {
                    load.number += 1;
                    let is_on = usize::from(load.level != levels[1]);
                    let length = stay(means[is_on], &mut draws(load.number));
                    let until = load.until.saturating_add(length);
                    load = LoadNow { level: levels[is_on], until, ..load };
                }
                load
            }
            Self::Steps { steps, period } => in_steps(steps, *period, (load, now)),
            Self::Day(levels) => {
                let parts = levels.len() as u64;
                let (day, within) = (now.micros() / DAY, now.micros() % DAY);
                let part = within * parts / DAY;
                let ends = ((part + 1) * DAY).div_ceil(parts);
                let until = Instant::from_micros(day * DAY + ends);
                LoadNow { level: levels[part as usize], until, ..load }
            }
            Self::Recorded { of, is_redrawn } => {
                let rows = &all[*of];
                let number = if *is_redrawn { rows.round(now) as u32 } else { 0 };
                let row = draws(number).below(rows.rows() as u64) as usize;
                let (percent, until) = rows.at(row, now);
                let level = u32::from(percent) * (WHOLE / 100);
                LoadNow { level, until, number, ..load }
            }
        }
    }
}

/// One stay on or off: at least a microsecond.
fn stay(mean: Span, draws: &mut Draws) -> Span {
    let law = Distribution::Exponential { mean: mean.seconds() };
    law.draw(draws).max(Span::from_micros(1))
}

fn in_steps(
    steps: &[(Span, u32)],
    period: Option<Span>,
    (load, now): (LoadNow, Instant),
) -> LoadNow {
    let passed = now.since(load.begun);
    let rounds = period.map_or(0, |period| passed.micros() / period.micros());
    let round = Span::from_micros(period.map_or(0, |period| period.micros() * rounds));
    let within = passed.saturating_sub(round);
    let next = steps.partition_point(|(from, _)| *from <= within);
    let level = steps[..next].last().map_or(0, |(_, level)| *level);
    let begin = load.begun.saturating_add(round);
    let until = match (steps.get(next), period) {
        (Some((from, _)), _) => begin.saturating_add(*from),
        (None, Some(period)) => begin.saturating_add(period),
        (None, None) => NEVER,
    };
    LoadNow { level, until, ..load }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::streams::Streams;

    const fn at(seconds: u64) -> Instant {
        Instant::from_micros(seconds * 1_000_000)
    }

    /// When the load changes, and to what, up to `end`.
    fn course(law: &LoadLaw, begin: Instant, end: Instant) -> Vec<(u64, u32)> {
        course_of(&Column::default(), law, begin, end)
    }

    fn course_of(
        all: &Column<Utilisation, Recorded>,
        law: &LoadLaw,
        begin: Instant,
        end: Instant,
    ) -> Vec<(u64, u32)> {
        let streams = Streams::new(1, 0);
        let draws = |number| streams.at(46, 3, number);
        let mut load = law.begins(all, begin, draws);
        let mut told = vec![(begin.micros() / 1_000_000, load.level)];
        while load.until < end {
            assert!(load.until > begin);
            let now = load.until;
            load = law.goes_on(all, load, now, draws);
            assert!(load.until > now, "time goes on");
            told.push((now.micros() / 1_000_000, load.level));
        }
        told
    }

    #[test]
    fn steps_count_from_the_beginning_and_repeat() {
        let steps = vec![(Span::ZERO, 10), (Span::from_seconds(30), 20)];
        let once = LoadLaw::Steps { steps: steps.clone(), period: None };
        assert_eq!(course(&once, at(100), at(1_000)), [(100, 10), (130, 20)]);
        let round = LoadLaw::Steps { steps, period: Some(Span::from_seconds(50)) };
        assert_eq!(course(&round, at(100), at(200)), [(100, 10), (130, 20), (150, 10), (180, 20)]);
    }

    #[test]
    fn a_day_counts_from_the_zero_of_the_clock() {
        let law = LoadLaw::Day(vec![1, 2, 3]);
        let day = 86_400;
        let expected = [(30_000, 2), (2 * day / 3, 3), (day, 1), (day + day / 3, 2)];
        assert_eq!(course(&law, at(30_000), at(day + 30_000)), expected);
    }

    #[test]
    fn rows_repeat_or_change_and_equal_values_are_one() {
        let percents = vec![1, 1, 2, 30, 30, 30];
        let mut all = Column::default();
        let of = all.push(Recorded { percents, width: 3, step: Span::from_seconds(10) });
        let followed =
            |is_redrawn| course_of(&all, &LoadLaw::Recorded { of, is_redrawn }, at(10), at(60));
        let own = followed(false);
        let first = [(10, 100), (20, 200), (30, 100), (50, 200)];
        let second = [(10, 3_000), (30, 3_000)];
        assert!(own == first || own == second, "{own:?}");
        let levels = followed(true);
        assert!(levels.iter().all(|(_, level)| [100, 200, 3_000].contains(level)));
    }

    #[test]
    fn on_and_off_take_turns_for_their_mean_lengths() {
        let means = [Span::from_seconds(100), Span::from_seconds(30)];
        let law = LoadLaw::OnOff { levels: [0, 9_000], means };
        let told = course(&law, at(0), at(1_000_000));
        assert!(told.windows(2).all(|pair| pair[0].1 != pair[1].1));
        // 7,692 pairs of stays on average, with a standard deviation of some 70.
        assert!((14_800..16_000).contains(&told.len()), "{}", told.len());
    }

    #[test]
    fn a_load_that_was_not_looked_at_for_long_is_where_it_would_be() {
        let means = [Span::from_seconds(100), Span::from_seconds(30)];
        let streams = Streams::new(1, 0);
        let draws = |number| streams.at(46, 3, number);
        let law = LoadLaw::OnOff { levels: [0, 9_000], means };
        let none = Column::default();
        let begin = law.begins(&none, at(0), draws);
        let mut step_by_step = begin;
        while step_by_step.until <= at(100_000) {
            step_by_step = law.goes_on(&none, step_by_step, step_by_step.until, draws);
        }
        assert_eq!(law.goes_on(&none, begin, at(100_000), draws), step_by_step);
    }
}
