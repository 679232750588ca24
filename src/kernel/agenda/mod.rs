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
//! Entries lie in a monotone radix-64 wheel, whose next slot, once it is small or of one instant,
//! is sorted into the **run**, from whose end turns are served. An entry is moved a few times
//! between slots, always in streams. At a million pending, taking an entry and scheduling one was
//! 14 to 15 times faster than with std's binary heap under exponential delays and 7 to 11 times
//! under bimodal ones (two runs of `benches/agenda.rs` on a loaded 2-core machine: 93 and 54 ns in
//! the calmer one); at a thousand 1.3 to 2.1 times.
//!
//! Memory: 16 bytes a pending entry of an 8-byte `O`, a quarter of a byte of bookkeeping, the room
//! left in one chunk (2 KiB) for each occupied slot (at most 704 of them, mostly under 200), and
//! spare chunks, at most as many as are in use and 64 more. In the steady state nothing is
//! allocated, except for bursts of more than 16,384 entries an instant.
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
//! (some four times slower at a million), a calendar queue (collapses where near and far times mix), a
//! wheel of linked lists (a miss a hop), a wheel that hands every entry down to its last digit
//! (most slots hold a few entries by then, and sorting those is cheaper).

mod wheel;

use super::time::Instant;
use std::{cmp::Reverse, collections::VecDeque, fmt::Debug};
use wheel::{Entry, Wheel};

/// A run that has grown to this many entries takes no more: its later ones go back to the wheel.
const RUN_LONGEST: usize = 192;
/// Room that the run and the rounds keep when a larger burst is over (entries).
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

impl<O: Copy + Ord + Debug> Agenda<O> {
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
            debug_assert!(is_strict(&self.round), "the same occurrence twice: {:?}", self.round);
        }
        self.round.pop().or_else(|| self.passes.pop_front())
    }
}

impl<O: Copy + Ord + Debug> Iterator for Agenda<O> {
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
mod tests;
