//! The rules of pre-copy: after each round, another one, the pause, or something else
//! (spec/refresh-and-migration.md 5.1, 5.2; spec/corrections.md 37).
//!
//! All of it in whole numbers: bytes, bytes per second, microseconds. A time to send is rounded up,
//! and so is what a guest writes: a byte that was begun is dirty. Comparisons are exact.

use crate::{
    fleet::precopies::{Progress, RoundsEnd},
    kernel::time::{MICROS_PER_SECOND, Span},
};

/// A GiB (bytes).
const GIB: u64 = 1 << 30;

/// When and how the rounds of live migrations end (`settings.livemig`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PreCopyRules {
    /// What must be left for the pause to begin.
    pub stop: StopAt,
    /// How the pause that is aimed at grows while the copy goes on; `None`: it is what `stop` says
    /// from the beginning.
    pub ladder: Option<Ladder>,
    /// `max_rounds`: most rounds; `None`: no limit.
    pub max_rounds: Option<u32>,
    /// `max_sent`: most that the rounds send (percent of the memory); `None`: no limit.
    pub max_sent: Option<u32>,
    /// `stop_on_no_shrink`: whether a round that is no smaller than the one before ends them.
    pub stop_on_no_shrink: bool,
    /// `auto_converge`: whether the guest is slowed down where it writes too fast.
    pub auto_converge: bool,
    /// `not_converging`: what follows where the rounds end before they have converged.
    pub otherwise: NotConverging,
    /// `timeout_per_gib`: how long the copy may take for each GiB of memory; `None`: for ever.
    pub timeout_per_gib: Option<Span>,
}

/// What must be left for the pause to begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopAt {
    /// As much as can be sent in this time at the present rate.
    Downtime(Span),
    /// So many bytes.
    Bytes(u64),
}

/// How the pause that is aimed at grows in steps, as Nova's does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ladder {
    /// Steps (count, at least 1).
    pub steps: u32,
    /// Time between two steps for each GiB of memory.
    pub delay_per_gib: Span,
}

/// What follows where rounds do not converge (spec 5.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotConverging {
    /// The copy is given up; the instance stays where it is.
    Abort,
    /// The instance pauses until the rest is sent.
    ForceComplete,
    /// The instance goes on at once on its new server, and the rest follows.
    PostCopy,
}

/// What comes after a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Another round.
    Round,
    /// The pause.
    Pause(RoundsEnd),
    /// The instance goes on ahead of its memory.
    PostCopy(RoundsEnd),
    /// The end: the instance stays where it is.
    Abort(RoundsEnd),
}

/// A round that was just sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Round {
    /// What the guest wrote meanwhile (bytes).
    pub dirtied: u64,
    /// How long it took.
    pub took: Span,
    /// The rate at which the migration may send now (bytes/s).
    pub rate: u64,
    /// Time since the copy began.
    pub elapsed: Span,
}

impl Round {
    /// Whether it was so short that it may leave as much as it has sent for no other reason than that
    /// times and volumes are whole: without a limit of rounds there would be no end to such ones.
    fn is_tiny(&self) -> bool {
        self.took <= Span::from_micros(1_000)
    }
}

/// Time to send `bytes` at `rate` bytes per second, rounded up; never, if the rate is zero.
pub fn time_to_send(bytes: u64, rate: u64) -> Span {
    let micros = u128::from(bytes) * u128::from(MICROS_PER_SECOND);
    match micros.checked_div(u128::from(rate)) {
        None if bytes == 0 => Span::ZERO,
        None => Span::NEVER,
        Some(_) => {
            let up = micros.div_ceil(u128::from(rate));
            u64::try_from(up).map_or(Span::NEVER, Span::from_micros)
        }
    }
}

impl PreCopyRules {
    /// `progress` with a round more, and what comes next: `progress.volume` is then that of the
    /// next round, or of what is left.
    pub fn after(&self, progress: &Progress, round: Round) -> (Progress, Next) {
        let before = progress.volume;
        let mut after = Progress {
            rounds: progress.rounds + 1,
            sent: progress.sent.saturating_add(before),
            volume: round.dirtied,
            ..*progress
        };
        if self.fits_pause(&after, round) {
            return (after, Next::Pause(RoundsEnd::Converged));
        }
        if self.max_rounds.is_some_and(|most| after.rounds >= most) {
            return (after, self.forced(RoundsEnd::RoundLimit));
        }
        let limit = |pct: u32| u128::from(after.memory) * u128::from(pct);
        if self.max_sent.is_some_and(|pct| u128::from(after.sent) * 100 > limit(pct)) {
            return (after, self.forced(RoundsEnd::SentLimit));
        }
        // What a guest that can still be slowed down writes may shrink yet.
        let is_last_resort = !self.slows_down() || after.throttle == Self::MOST_THROTTLE;
        let may_stop = self.stop_on_no_shrink || (self.max_rounds.is_none() && round.is_tiny());
        if may_stop && is_last_resort && round.dirtied >= before {
            return (after, self.forced(RoundsEnd::NoShrink));
        }
        if self.slows_down() {
            throttle(&mut after, before);
        }
        (after, Next::Round)
    }

    /// Most that a guest is slowed down (percent): QEMU's limit.
    pub const MOST_THROTTLE: u8 = 99;

    /// The copy has taken as long as it may, in the middle of a round of which `left` bytes are not
    /// sent and in which the guest has written `dirtied` so far: what is left by then, and what
    /// comes next.
    pub fn timed_out(&self, progress: &Progress, left: u64, dirtied: u64) -> (Progress, Next) {
        let sent = progress.sent.saturating_add(progress.volume - left);
        let volume = left.saturating_add(dirtied).min(progress.memory);
        (Progress { sent, volume, ..*progress }, self.forced(RoundsEnd::TimedOut))
    }

    /// How long the copy of `memory` bytes may take; Nova counts at least 2 GiB.
    pub fn timeout(&self, memory: u64) -> Option<Span> {
        self.timeout_per_gib.map(|per_gib| per_gib_of(per_gib, memory.max(2 * GIB)))
    }

    /// The pause that is aimed at once the copy of `memory` bytes has gone on for `elapsed`.
    pub fn downtime(&self, aim: Span, memory: u64, elapsed: Span) -> Span {
        let Some(Ladder { steps, delay_per_gib }) = self.ladder else { return aim };
        let delay = per_gib_of(delay_per_gib, memory);
        let step = elapsed.micros().checked_div(delay.micros()).unwrap_or(u64::MAX);
        rung(aim, steps, u32::try_from(step).unwrap_or(u32::MAX))
    }

    fn fits_pause(&self, after: &Progress, round: Round) -> bool {
        match self.stop {
            StopAt::Bytes(most) => after.volume <= most,
            StopAt::Downtime(aim) => {
                let aim = self.downtime(aim, after.memory, round.elapsed);
                let can_send = u128::from(round.rate) * u128::from(aim.micros());
                u128::from(after.volume) * u128::from(MICROS_PER_SECOND) <= can_send
            }
        }
    }

    /// Nova turns auto-converge off where post-copy is on.
    fn slows_down(&self) -> bool {
        self.auto_converge && self.otherwise != NotConverging::PostCopy
    }

    const fn forced(&self, end: RoundsEnd) -> Next {
        match self.otherwise {
            NotConverging::Abort => Next::Abort(end),
            NotConverging::ForceComplete => Next::Pause(end),
            NotConverging::PostCopy => Next::PostCopy(end),
        }
    }
}

/// Slows the guest down (QEMU): by 20 % once it has written more than half of what was sent in two
/// rounds in a row, and by 10 % more in each such round that follows.
fn throttle(after: &mut Progress, sent: u64) {
    if after.volume <= sent / 2 {
        after.busy_rounds = 0;
        return;
    }
    after.busy_rounds = (after.busy_rounds + 1).min(2);
    if after.busy_rounds == 2 {
        after.throttle = match after.throttle {
            0 => 20,
            slower => (slower + 10).min(PreCopyRules::MOST_THROTTLE),
        };
    }
}

/// The pause of step `step` of a ladder of `steps` that ends at `aim`, in whole milliseconds rounded
/// down: `int(base + offset * step)` with `base = aim / steps`, `offset = (aim - base) / steps`.
fn rung(aim: Span, steps: u32, step: u32) -> Span {
    let (steps, aim) = (u128::from(steps.max(1)), u128::from(aim.micros()));
    let step = u128::from(step).min(steps);
    let micros = (aim * steps + (aim * steps - aim) * step) / (steps * steps);
    Span::from_micros((micros / 1_000 * 1_000) as u64)
}

/// `per_gib` for each GiB of `memory`, rounded up to the microsecond.
fn per_gib_of(per_gib: Span, memory: u64) -> Span {
    let micros = (u128::from(per_gib.micros()) * u128::from(memory)).div_ceil(u128::from(GIB));
    u64::try_from(micros).map_or(Span::NEVER, Span::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// A guest that writes `rate` bytes a second into `working_set` bytes, on a link of its own.
    struct Guest {
        memory: u64,
        link: u64,
        rate: u64,
        working_set: u64,
    }

    /// What a whole migration came to.
    #[derive(Debug, PartialEq)]
    struct Course {
        rounds: u32,
        total: Span,
        downtime: Span,
        data: u64,
        throttle: u8,
        end: RoundsEnd,
    }

    const RULES: PreCopyRules = PreCopyRules {
        stop: StopAt::Downtime(Span::from_micros(300_000)),
        ladder: None,
        max_rounds: Some(30),
        max_sent: None,
        stop_on_no_shrink: false,
        auto_converge: false,
        otherwise: NotConverging::ForceComplete,
        timeout_per_gib: None,
    };

    /// The end of the rounds, and what had come by then.
    fn rounds(rules: &PreCopyRules, guest: &Guest) -> (Progress, Next, Span) {
        let memory = guest.memory;
        let mut progress = Progress { memory, volume: memory, ..Progress::default() };
        let mut elapsed = Span::ZERO;
        loop {
            let took = time_to_send(progress.volume, guest.link);
            elapsed = elapsed.saturating_add(took);
            let speed = u128::from(100 - progress.throttle);
            let written = u128::from(guest.rate) * speed * u128::from(took.micros());
            let dirtied = (written.div_ceil(100_000_000) as u64).min(guest.working_set);
            let round = Round { dirtied, took, rate: guest.link, elapsed };
            let (after, next) = rules.after(&progress, round);
            progress = after;
            if next != Next::Round {
                return (progress, next, elapsed);
            }
        }
    }

    fn course(rules: &PreCopyRules, guest: &Guest, resume: u64) -> Course {
        let (progress, next, elapsed) = rounds(rules, guest);
        let Next::Pause(end) = next else { panic!("{next:?}") };
        let rest = time_to_send(progress.volume, guest.link);
        let downtime = rest.saturating_add(Span::from_micros(resume));
        Course {
            rounds: progress.rounds,
            total: elapsed.saturating_add(downtime),
            downtime,
            data: progress.sent + progress.volume,
            throttle: progress.throttle,
            end,
        }
    }

    fn row(memory: u64, link: u64, rate_mib: u64) -> Guest {
        Guest { memory: memory * GIB, link, rate: rate_mib * MIB, working_set: memory * GIB }
    }

    /// Whether `value` is what is published, to the digits that are published.
    fn holds(name: &str, value: f64, published: f64, half_digit: f64) {
        assert!((value - published).abs() <= half_digit, "{name}: {value} is not {published}");
    }

    #[test]
    fn the_worked_numbers_of_the_specification() {
        const FAST: u64 = 1_250_000_000;
        const SLOW: u64 = 125_000_000;
        let strict = PreCopyRules { stop_on_no_shrink: true, ..RULES };
        let slowed = PreCopyRules { auto_converge: true, ..RULES };
        let small = Guest { working_set: GIB, ..row(16, 128 * MIB, 200) };
        let endless = Guest { working_set: u64::MAX, ..row(16, 128 * MIB, 200) };
        use RoundsEnd::{Converged, NoShrink, RoundLimit};
        let table = [
            ("L1", RULES, row(8, FAST, 100), (2, 7.517, 68.4, 8_937), Converged),
            ("L2", RULES, row(8, SLOW, 10), (3, 75.028, 60.6, 8_942), Converged),
            ("L3", RULES, row(64, FAST, 500), (6, 94.496, 319.3, 112_624), Converged),
            ("L4", RULES, row(4, FAST, 1), (1, 3.459, 22.9, 4_099), Converged),
            ("L5", RULES, row(16, SLOW, 100), (30, 849.265, 726.0, 101_238), RoundLimit),
            ("L6", strict, endless, (1, 328.02, 200_020.0, 41_984), NoShrink),
            (
                "L6 as corrected",
                strict,
                row(16, 128 * MIB, 200),
                (1, 256.02, 128_020.0, 32_768),
                NoShrink,
            ),
            ("L7", strict, small, (2, 144.02, 8_020.0, 18_432), NoShrink),
            ("L8", slowed, row(16, 128 * MIB, 200), (14, 963.807, 311.4, 123_365), Converged),
        ];
        for (name, rules, guest, (rounds, total, downtime, data), end) in table {
            let course = course(&rules, &guest, 20_000);
            assert_eq!((course.rounds, course.end), (rounds, end), "{name}: {course:?}");
            holds(name, course.total.seconds(), total, 0.0006);
            holds(name, course.downtime.seconds() * 1e3, downtime, 0.06);
            holds(name, course.data as f64 / MIB as f64, data as f64, 0.51);
            assert_eq!(course.throttle, if name == "L8" { 70 } else { 0 }, "{name}");
        }
    }

    #[test]
    fn what_does_not_converge_ends_as_the_rules_say() {
        let guest = row(16, 125_000_000, 200);
        let xen = PreCopyRules { max_sent: Some(300), ..RULES };
        let (progress, next, _) = rounds(&xen, &guest);
        assert_eq!((progress.rounds, next), (4, Next::Pause(RoundsEnd::SentLimit)));
        let abort = PreCopyRules { otherwise: NotConverging::Abort, ..xen };
        assert_eq!(rounds(&abort, &guest).1, Next::Abort(RoundsEnd::SentLimit));
        let ahead =
            PreCopyRules { otherwise: NotConverging::PostCopy, auto_converge: true, ..RULES };
        let (progress, next, _) = rounds(&ahead, &guest);
        assert_eq!(next, Next::PostCopy(RoundsEnd::RoundLimit));
        assert_eq!(progress.throttle, 0, "post-copy turns auto-converge off");
        let last = PreCopyRules { stop_on_no_shrink: true, auto_converge: true, ..RULES };
        let fast = Guest { rate: 1 << 50, ..row(16, 125_000_000, 1) };
        let (progress, next, _) = rounds(&last, &fast);
        assert_eq!((progress.throttle, next), (99, Next::Pause(RoundsEnd::NoShrink)));
    }

    #[test]
    fn rounds_without_a_limit_end_where_they_cannot_shrink() {
        let endless = PreCopyRules { stop: StopAt::Bytes(0), max_rounds: None, ..RULES };
        // At nine tenths of the rate nine bytes in nine microseconds are left over and over.
        for rate in [1, 100_000, 900_000, 999_000] {
            let guest = Guest { memory: GIB, link: 1_000_000, rate, working_set: GIB };
            let (progress, next, _) = rounds(&endless, &guest);
            assert_eq!(next, Next::Pause(RoundsEnd::NoShrink), "{rate}");
            assert!(progress.volume <= 1_000, "{rate}: {progress:?}");
        }
        let five = PreCopyRules { max_rounds: Some(5), ..endless };
        let guest = Guest { memory: 100, link: 1_000_000, rate: 1_000_000, working_set: 100 };
        let (progress, next, _) = rounds(&five, &guest);
        assert_eq!((progress.rounds, next), (5, Next::Pause(RoundsEnd::RoundLimit)), "it is set");
    }

    #[test]
    fn a_copy_that_takes_too_long_is_cut_in_the_middle_of_a_round() {
        let rules = PreCopyRules {
            timeout_per_gib: Some(Span::from_seconds(800)),
            otherwise: NotConverging::Abort,
            ..RULES
        };
        assert_eq!(rules.timeout(8 * GIB), Some(Span::from_seconds(6_400)));
        assert_eq!(rules.timeout(GIB), Some(Span::from_seconds(1_600)), "at least 2 GiB count");
        assert_eq!(RULES.timeout(GIB), None);
        let progress =
            Progress { memory: 100, volume: 80, rounds: 1, sent: 100, ..Progress::default() };
        let (after, next) = rules.timed_out(&progress, 30, 60);
        assert_eq!(next, Next::Abort(RoundsEnd::TimedOut));
        assert_eq!((after.sent, after.volume), (150, 90));
        let (after, _) = rules.timed_out(&progress, 30, 100);
        assert_eq!(after.volume, 100, "no more than there is");
    }

    #[test]
    fn the_ladder_of_nova() {
        let ladder = |delay| Some(Ladder { steps: 10, delay_per_gib: Span::from_seconds(delay) });
        let at = |delay, gib: u64, aim: u64, seconds| {
            let rules = PreCopyRules { ladder: ladder(delay), ..RULES };
            let aim = Span::from_micros(aim * 1_000);
            rules.downtime(aim, gib * GIB, Span::from_seconds(seconds)).micros() / 1_000
        };
        let usual = [(0, 50), (599, 50), (600, 95), (1_200, 140), (6_000, 500), (90_000, 500)];
        for (seconds, milliseconds) in usual {
            assert_eq!(at(75, 8, 500, seconds), milliseconds, "at {seconds} s");
        }
        // The check value of Nova's own documentation.
        let steps: Vec<u64> = (0..=10).map(|step| at(30, 3, 400, 90 * step)).collect();
        assert_eq!(steps, [40, 76, 112, 148, 184, 220, 256, 292, 328, 364, 400]);
    }
}
