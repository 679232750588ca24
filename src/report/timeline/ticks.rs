//! Where the axis of time is marked, and what is written there.

use crate::kernel::time::Instant;

/// The most marks.
const MOST: u64 = 6;

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Distances between marks that are read at a glance (µs), where they are shorter than ten days.
const STEPS: [u64; 22] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
    20 * DAY,
];

/// A mark of the axis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Tick {
    pub(super) at: Instant,
    pub(super) text: String,
}

/// The marks between two instants.
pub(super) fn ticks((from, to): (Instant, Instant)) -> Vec<Tick> {
    let length = to.since(from).micros();
    let suits = |step: &u64| length / step <= MOST;
    let step = STEPS.into_iter().find(suits).unwrap_or_else(|| {
        let powers = (0..12).flat_map(|power| [1, 2, 5].map(|n| n * 10_u64.pow(power)));
        powers.map(|days| days * DAY).find(suits).unwrap_or(u64::MAX)
    });
    let first = from.micros().div_ceil(step);
    let marks = (first..=to.micros() / step).map(|mark| Instant::from_micros(mark * step));
    let mut day = None;
    let mut ticks = Vec::new();
    for at in marks {
        let own = at.micros() / DAY;
        let clock = at.to_string();
        let (date, time) = clock.split_once(' ').unwrap_or((clock.as_str(), ""));
        let time = if step < MINUTE { time } else { time.get(..5).unwrap_or(time) };
        let text = match (step % DAY == 0, day == Some(own)) {
            (true, _) => date.to_owned(),
            (false, true) => time.to_owned(),
            (false, false) => format!("{date} {time}"),
        };
        day = Some(own);
        ticks.push(Tick { at, text });
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(from: u64, to: u64) -> String {
        let ticks = ticks((Instant::from_micros(from), Instant::from_micros(to)));
        ticks.into_iter().map(|tick| tick.text).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn marks_are_round_and_say_the_day_once() {
        assert_eq!(shown(0, 365 * DAY), "0d | 100d | 200d | 300d");
        assert_eq!(
            shown(276 * DAY + 13 * HOUR, 276 * DAY + 15 * HOUR),
            "276d 13:00 | 13:30 | 14:00 | 14:30 | 15:00"
        );
        assert_eq!(
            shown(DAY - 10 * SECOND, DAY + 20 * SECOND),
            "0d 23:59:50 | 23:59:55 | 1d 00:00:00 | 00:00:05 | 00:00:10 | 00:00:15 | 00:00:20"
        );
        assert_eq!(shown(0, SECOND), "0d 00:00:00 | 00:00:01");
    }
}
