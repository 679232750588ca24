//! The future event list: what is going to happen, in order of time and of law 7.
//!
//! # Order
//! Entries come in order of time. Those of one instant come in **rounds**, a round in the order
//! of `O`; what is scheduled for the instant under way belongs to its next round, so that a cause
//! precedes its effect. When no round of the instant has anything left, its **passes** come, the
//! smallest first, at most one pending of each value; what a pass schedules for the instant opens
//! new rounds before the next pass. There are no sequence numbers: the order is a function of what
//! is pending, not of the history that led there. Hence the same occurrence twice in one round is
//! a bug (asserted in debug builds); alarms that were set again differ by their stamps.
//!
//! # Cost
//! Entries lie in a monotone radix-64 [wheel](wheel), whose next slot, once it is small or of one
//! instant, is sorted into the **run**, from whose end turns are served. An entry is moved a few
//! times between slots, always in streams, and never looked at otherwise: FIGURES.
//! Memory: 16 bytes a pending entry of an 8-byte `O`, half a byte of bookkeeping, half a chunk
//! (512 bytes) for each occupied slot (at most 704, mostly under 200), and spare chunks up to as
//! many as are in use. In the steady state nothing is allocated.
//!
//! # Cancelling
//! There is none: an alarm carries the stamp of the state in which it was set, and falls flat when
//! that has passed. Whoever lets an alarm fall flat says so ([`Agenda::abandon`]); when such stale
//! entries outnumber the live, one sweep drops them all, which costs each abandoned alarm a
//! constant share. Without it long timers that are often set again would pile up.
//!
//! # Rejected
//! A binary heap (a chain of cache misses an operation beyond some 30,000 entries), an indexed
//! heap and `priority-queue` (exact cancelling, for a further index to miss on), a ladder queue
//! (half the speed at a million), a calendar queue (collapses where near and far times mix), a
//! wheel of linked lists (a miss a hop), a wheel that hands every entry down to its last digit
//! (most slots hold a few entries by then, and sorting those is cheaper).

mod wheel;

use super::time::Instant;
use std::{cmp::Reverse, collections::VecDeque};
use wheel::{Entry, Wheel};

/// A run that has grown to this many entries takes no more: its later ones go back to the wheel.
const RUN_LONGEST: usize = 64;
/// Room that the run and the rounds keep when a larger burst is over [entries].
const ROOM_KEPT: usize = 1 << 14;
/// Room that the rounds have from the start [entries]: what several effects at once need, so that
/// a steady run never asks for more.
const ROUND_AT_FIRST: usize = 1_024;
/// Fewer stale entries than this are never worth a sweep.
const STALE_LEAST: usize = 4_096;

/// What is going to happen, in order of time, from `begin` to just before `end`.
///
/// An iterator that may go on after it has ended: schedule something, and there is a next.
#[derive(Debug)]
pub struct Agenda<O> {
    /// The instant of the turn under way.
    now: Instant,
    /// What lies here or later never enters.
    end: Instant,
    /// Entries up to `run_end`, the latest first: the rest of the first round is at its end.
    run: Vec<Entry<O>>,
    /// The wheel has nothing up to here; never before `now`.
    run_end: Instant,
    /// Everything later.
    wheel: Wheel<O>,
    /// The second or a later round of this instant, the greatest first.
    round: Vec<O>,
    /// The round after it, in no order.
    next_round: Vec<O>,
    /// The second phase of this instant, the smallest first.
    passes: VecDeque<O>,
    /// Entries in the run and the wheel.
    later: usize,
    /// Entries in the rounds and passes.
    here: usize,
    /// Entries of which it was said that they are stale.
    stale: usize,
    /// Entries given out at this instant.
    turns: u32,
}

impl<O: Copy + Ord> Agenda<O> {
    /// An empty agenda of a run from `begin` to just before `end`.
    pub fn new(begin: Instant, end: Instant) -> Self {
        Self {
            now: begin,
            end,
            run: Vec::new(),
            run_end: begin,
            wheel: Wheel::new(),
            round: Vec::with_capacity(ROUND_AT_FIRST),
            next_round: Vec::with_capacity(ROUND_AT_FIRST),
            passes: VecDeque::new(),
            later: 0,
            here: 0,
            stale: 0,
            turns: 0,
        }
    }

    /// The instant of the turn under way.
    #[inline]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// How many entries were given out at this instant: the run loop's guard against occurrences
    /// that bring about each other without end.
    #[inline]
    pub const fn turns_this_instant(&self) -> u32 {
        self.turns
    }

    /// Schedules `what`; for the current instant, in its next round. At or past the run's end it
    /// never enters.
    ///
    /// # Panics
    /// If `when` has passed: time never runs back. In debug builds also, sooner or later, if the
    /// same occurrence is scheduled twice in one round.
    #[inline]
    pub fn at(&mut self, when: Instant, what: O) {
        assert!(when >= self.now, "time never runs back");
        if when >= self.end {
            return;
        }
        if when > self.run_end {
            self.later += 1;
            self.wheel.push(self.now, (when, what));
        } else if when > self.now {
            self.at_soon((when, what));
        } else {
            self.here += 1;
            self.next_round.push(what);
        }
    }

    /// Schedules an entry within the run.
    #[inline(never)]
    fn at_soon(&mut self, entry: Entry<O>) {
        self.later += 1;
        if self.run.len() >= RUN_LONGEST {
            self.shorten_run();
            self.wheel.push(self.now, entry);
            return;
        }
        let place = self.run.partition_point(|pending| *pending > entry);
        debug_assert!(self.run.get(place) != Some(&entry), "the same occurrence, scheduled twice");
        self.run.insert(place, entry);
    }

    /// Gives the run's entries of later instants back to the wheel.
    #[cold]
    fn shorten_run(&mut self) {
        let later = self.run.partition_point(|(when, _)| *when > self.now);
        for entry in self.run.drain(..later) {
            self.wheel.push(self.now, entry);
        }
        self.run_end = self.now;
    }

    /// Schedules `what` in the second phase of the current instant; nothing happens if an equal
    /// one is pending there. Cheap when passes come in order, a binary search and a move if not.
    pub fn pass(&mut self, what: O) {
        if self.now >= self.end {
            return;
        }
        if let Err(place) = self.passes.binary_search(&what) {
            self.passes.insert(place, what);
            self.here += 1;
        }
    }

    /// How many entries are pending, passes and stale ones included.
    #[inline]
    pub const fn len(&self) -> usize {
        self.later + self.here
    }

    /// Whether nothing is pending.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One pending entry has become stale. (An alarm past the run's end is not pending, but
    /// counting it does no harm: sweeps still cost a constant share an abandoned alarm.)
    #[inline]
    pub const fn abandon(&mut self) {
        self.stale += 1;
    }

    /// One entry that was given out was stale.
    #[inline]
    pub const fn met_stale(&mut self) {
        self.stale = self.stale.saturating_sub(1);
    }

    /// Whether stale entries outnumber the live, and are enough for a sweep to pay.
    #[inline]
    pub const fn needs_sweep(&self) -> bool {
        self.stale >= STALE_LEAST && self.stale > self.len() / 2
    }

    /// Drops every pending entry that is not live, passes included.
    #[cold]
    pub fn sweep(&mut self, is_live: impl Fn(&O) -> bool) {
        self.run.retain(|(_, what)| is_live(what));
        self.round.retain(&is_live);
        self.next_round.retain(&is_live);
        self.passes.retain(&is_live);
        self.later = self.run.len() + self.wheel.retain(&is_live);
        self.here = self.round.len() + self.next_round.len() + self.passes.len();
        self.stale = 0;
    }

    /// Takes the wheel's next slot as the new run, once the old one is at its end; `None` where
    /// nothing is pending.
    #[inline(never)]
    fn take_run(&mut self) -> Option<()> {
        // All of them are empty here: the instant is over.
        let rooms = [self.run.capacity(), self.round.capacity(), self.next_round.capacity()];
        if rooms.iter().any(|room| *room > ROOM_KEPT) {
            self.trim();
        }
        self.run_end = self.wheel.take_next(&mut self.run)?;
        if self.run.len() > 1 {
            sort_run(&mut self.run);
            debug_assert!(is_strict(&self.run), "the same occurrence, scheduled twice");
        }
        Some(())
    }

    /// Gives the memory of a large burst back.
    #[cold]
    fn trim(&mut self) {
        self.run.shrink_to(ROOM_KEPT);
        self.round.shrink_to(ROOM_KEPT);
        self.next_round.shrink_to(ROOM_KEPT);
        self.passes.shrink_to(ROOM_KEPT);
    }

    /// The next entry of this instant, while later rounds or passes of it are pending.
    #[inline(never)]
    fn next_here(&mut self) -> Option<O> {
        if let Some((_, what)) = self.run.pop_if(|(when, _)| *when == self.now) {
            self.later -= 1;
            return Some(what);
        }
        self.here -= 1;
        if self.round.is_empty() && !self.next_round.is_empty() {
            std::mem::swap(&mut self.round, &mut self.next_round);
            self.round.sort_unstable_by(|a, b| b.cmp(a));
            debug_assert!(is_strict(&self.round), "the same occurrence, scheduled twice");
        }
        self.round.pop().or_else(|| self.passes.pop_front())
    }
}

impl<O: Copy + Ord> Iterator for Agenda<O> {
    type Item = (Instant, O);

    /// Takes the next entry and moves the current instant to its own; `None` where nothing is
    /// pending.
    #[inline]
    fn next(&mut self) -> Option<(Instant, O)> {
        if self.here > 0 {
            self.turns = self.turns.saturating_add(1);
            return self.next_here().map(|what| (self.now, what));
        }
        if self.run.is_empty() {
            self.take_run()?;
        }
        let (when, what) = self.run.pop()?;
        self.later -= 1;
        self.turns = if when == self.now { self.turns.saturating_add(1) } else { 1 };
        self.now = when;
        Some((when, what))
    }
}

/// Sorts a run, the latest first. By time alone at first, which takes no branch a comparison; ties
/// are few, or everything is one, which the first sort finds at once.
fn sort_run<O: Copy + Ord>(run: &mut [Entry<O>]) {
    run.sort_unstable_by_key(|(when, _)| Reverse(*when));
    for instant in run.chunk_by_mut(|(a, _), (b, _)| a == b) {
        if instant.len() > 1 {
            instant.sort_unstable_by_key(|(_, what)| Reverse(*what));
        }
    }
}

/// Whether the entries fall from each to the next.
fn is_strict<T: Ord>(entries: &[T]) -> bool {
    entries.windows(2).all(|pair| pair[0] > pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn micros(t: u64) -> Instant {
        Instant::from_micros(t)
    }

    fn agenda(end: u64) -> Agenda<u64> {
        Agenda::new(Instant::ZERO, micros(end))
    }

    /// The law as it is worded, on sorted sets.
    #[derive(Default)]
    struct Oracle {
        now: u64,
        later: BTreeSet<(u64, u64)>,
        round: BTreeSet<u64>,
        next_round: BTreeSet<u64>,
        passes: BTreeSet<u64>,
    }

    impl Oracle {
        fn next(&mut self) -> Option<(u64, u64)> {
            if self.round.is_empty() {
                std::mem::swap(&mut self.round, &mut self.next_round);
            }
            if let Some(what) = self.round.pop_first().or_else(|| self.passes.pop_first()) {
                return Some((self.now, what));
            }
            self.now = self.later.first()?.0;
            while self.later.first().is_some_and(|(when, _)| *when == self.now) {
                self.round.extend(self.later.pop_first().map(|(_, what)| what));
            }
            self.round.pop_first().map(|what| (self.now, what))
        }

        fn len(&self) -> usize {
            self.later.len() + self.round.len() + self.next_round.len() + self.passes.len()
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        /// So many occurrences, from `delay` on, `gap` apart.
        At {
            delay: u64,
            gap: u64,
            count: u64,
            rank: u64,
        },
        Pass(u64),
        Next(usize),
        Sweep(u64),
    }

    const END: u64 = u64::MAX / 2;

    fn delay() -> impl Strategy<Value = u64> {
        prop_oneof![
            2 => Just(0_u64),
            2 => 0..8_u64,
            4 => (0..62_u32, any::<u64>()).prop_map(|(bits, random)| random & ((1 << bits) - 1)),
            2 => (0..6_u64).prop_map(|minutes| minutes * 60_000_000),
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        let gap = prop_oneof![Just(0_u64), Just(1), 0..100_000_u64];
        let count = prop_oneof![4 => 1..4_u64, 1 => 1..300_u64];
        prop_oneof![
            8 => (delay(), gap, count, 0..4_u64)
                .prop_map(|(delay, gap, count, rank)| Step::At { delay, gap, count, rank }),
            2 => (0..6_u64).prop_map(Step::Pass),
            8 => prop_oneof![3 => 1..5_usize, 1 => 1..600_usize].prop_map(Step::Next),
            1 => (2..5_u64).prop_map(Step::Sweep),
        ]
    }

    fn check(steps: Vec<Step>) {
        let (mut ours, mut oracle) = (agenda(END), Oracle::default());
        // Each occurrence is another one, and random in order: its rank, then its number.
        let mut number = 0;
        for step in steps {
            match step {
                Step::At { delay, gap, count, rank } => {
                    for place in 0..count {
                        number += 1;
                        let what = (rank + number % 3) << 40 | (number ^ 0b1010);
                        let when = oracle.now.saturating_add(delay).saturating_add(place * gap);
                        ours.at(micros(when), what);
                        if when == oracle.now {
                            oracle.next_round.insert(what);
                        } else if when < END {
                            oracle.later.insert((when, what));
                        }
                    }
                }
                Step::Pass(what) => {
                    ours.pass(what);
                    oracle.passes.insert(what);
                }
                Step::Next(count) => {
                    for _ in 0..count {
                        let expected = oracle.next();
                        assert_eq!(ours.next().map(|(t, what)| (t.micros(), what)), expected);
                        assert_eq!(ours.now().micros(), oracle.now);
                    }
                }
                Step::Sweep(modulus) => {
                    ours.sweep(|what| what % modulus != 1);
                    oracle.later.retain(|(_, what)| what % modulus != 1);
                    for set in [&mut oracle.round, &mut oracle.next_round, &mut oracle.passes] {
                        set.retain(|what| what % modulus != 1);
                    }
                }
            }
            assert_eq!(ours.len(), oracle.len());
        }
        while let Some(expected) = oracle.next() {
            assert_eq!(ours.next().map(|(t, what)| (t.micros(), what)), Some(expected));
        }
        assert!(ours.next().is_none() && ours.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn the_agenda_is_a_sorted_list(steps in prop::collection::vec(step(), 1..60)) {
            check(steps);
        }
    }

    #[test]
    fn causes_precede_effects_and_passes_come_last() {
        let mut agenda = agenda(100);
        for what in [30, 10, 20] {
            agenda.at(micros(7), what);
        }
        agenda.at(micros(8), 1);
        let mut seen = vec![];
        while let Some((now, what)) = agenda.next() {
            seen.push((now.micros(), what, agenda.turns_this_instant()));
            match what {
                10 => {
                    agenda.at(now, 5);
                    agenda.pass(91);
                    agenda.pass(90);
                    agenda.pass(90);
                }
                90 => {
                    agenda.at(now, 40);
                    agenda.pass(89);
                }
                _ => {}
            }
        }
        let expected = [10, 20, 30, 5, 90, 40, 89, 91].into_iter().zip(1..);
        let mut expected: Vec<_> = expected.map(|(what, turn)| (7, what, turn)).collect();
        expected.push((8, 1, 1));
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_first_instant_has_rounds_like_any_other() {
        let mut agenda = Agenda::new(micros(5), micros(10));
        agenda.pass(1);
        agenda.at(micros(5), 3);
        agenda.at(micros(5), 2);
        assert_eq!(agenda.by_ref().map(|(_, what)| what).collect::<Vec<_>>(), [2, 3, 1]);
        assert_eq!((agenda.now(), agenda.turns_this_instant()), (micros(5), 3));
    }

    #[test]
    fn what_lies_past_the_end_never_enters() {
        let mut agenda = agenda(10);
        agenda.at(micros(10), 1);
        agenda.at(micros(u64::MAX), 2);
        assert!(agenda.is_empty());
        agenda.at(micros(9), 3);
        assert_eq!(agenda.next(), Some((micros(9), 3)));
        let mut empty = Agenda::new(Instant::ZERO, Instant::ZERO);
        empty.at(Instant::ZERO, 1);
        empty.pass(2);
        assert_eq!(empty.next(), None);
    }

    #[test]
    #[should_panic(expected = "time never runs back")]
    fn nothing_is_scheduled_in_the_past() {
        let mut agenda = agenda(10);
        agenda.at(micros(5), 1);
        agenda.next();
        agenda.at(micros(4), 1);
    }

    #[test]
    #[cfg(debug_assertions)]
    fn the_same_occurrence_twice_in_a_round_is_a_bug() {
        // The rounds of a later instant, of the current one, and of an instant within the run.
        let cases: [fn(&mut Agenda<u64>); 3] = [
            |agenda| (0..2).for_each(|_| agenda.at(micros(70), 1)),
            |agenda| (0..2).for_each(|_| agenda.at(micros(0), 1)),
            |agenda| {
                agenda.at(micros(100), 1);
                agenda.next();
                (0..2).for_each(|_| agenda.at(micros(101), 1));
            },
        ];
        for case in cases {
            let twice = std::panic::catch_unwind(|| {
                let mut agenda = agenda(1_000);
                case(&mut agenda);
                agenda.count()
            });
            assert!(twice.is_err());
        }
    }

    #[test]
    fn stale_alarms_are_swept_once_they_outnumber_the_live() {
        let mut agenda = agenda(END);
        let mut stamp = 0;
        let mut most = 0;
        for turn in 0..200_000_u64 {
            if turn > 0 {
                agenda.abandon();
            }
            stamp = turn;
            agenda.at(micros(1_000_000_000 + turn), stamp);
            if agenda.needs_sweep() {
                agenda.sweep(|set| *set == stamp);
                assert_eq!(agenda.len(), 1);
            }
            most = most.max(agenda.len());
        }
        assert!(most <= STALE_LEAST + 1, "{most} pending");
        let (_, last) = agenda.by_ref().last().expect("the live one is there");
        assert_eq!(last, stamp);
        // Met one by one, stale entries count no more.
        (0..STALE_LEAST).for_each(|_| agenda.abandon());
        assert!(agenda.needs_sweep());
        (0..=STALE_LEAST).for_each(|_| agenda.met_stale());
        assert!(!agenda.needs_sweep());
    }

    #[test]
    fn memory_follows_what_is_pending() {
        let mut agenda = agenda(END);
        let room = |agenda: &Agenda<u64>| {
            let rounds = agenda.round.capacity() + agenda.next_round.capacity();
            agenda.wheel.capacity() + agenda.run.capacity() + rounds
        };
        for what in 0..300_000_u64 {
            agenda.at(micros(1 + what * 7_919), what);
            agenda.at(micros(1), (what + 1) << 32);
        }
        assert!(room(&agenda) < 700_000, "{} entries of room", room(&agenda));
        // Half is of one instant; it passes through the run and a later round.
        for _ in 0..300_000 {
            let (now, what) = agenda.next().expect("600,000 are pending");
            agenda.at(now, what | 1);
        }
        while agenda.len() > 1_000 {
            agenda.next();
        }
        // Steady turns: as many come as go.
        let mut most = 0;
        for turn in 0..100_000 {
            let (now, what) = agenda.next().expect("1,000 are pending");
            agenda.at(micros(now.micros() + 1 + what % 1_000_003 * 3_600), what);
            most = if turn < 10_000 { 0 } else { most.max(room(&agenda)) };
        }
        assert!(most < 100_000, "{most} entries of room for 1,000 pending");
    }
}
