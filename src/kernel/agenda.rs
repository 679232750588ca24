//! The future event list.
use super::time::Instant;
use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
};

/// What is going to happen, in order of time.
#[derive(Debug)]
pub struct Agenda<O> {
    now: Instant,
    end: Instant,
    heap: BinaryHeap<Reverse<(Instant, O)>>,
    round: Vec<O>,
    next_round: Vec<O>,
    passes: BTreeSet<O>,
    stale: usize,
}

impl<O: Copy + Ord> Agenda<O> {
    /// An empty agenda of a run from `begin` to just before `end`.
    pub fn new(begin: Instant, end: Instant) -> Self {
        Self {
            now: begin,
            end,
            heap: BinaryHeap::new(),
            round: vec![],
            next_round: vec![],
            passes: BTreeSet::new(),
            stale: 0,
        }
    }
    /// The instant of the turn under way.
    pub fn now(&self) -> Instant {
        self.now
    }
    /// Schedules `what`.
    pub fn at(&mut self, when: Instant, what: O) {
        assert!(when >= self.now, "time never runs back");
        if when >= self.end {
            return;
        }
        if when == self.now {
            self.next_round.push(what)
        } else {
            self.heap.push(Reverse((when, what)))
        }
    }
    /// Schedules a pass.
    pub fn pass(&mut self, what: O) {
        self.passes.insert(what);
    }
    /// How many entries are pending.
    pub fn len(&self) -> usize {
        self.heap.len() + self.round.len() + self.next_round.len() + self.passes.len()
    }
    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Rounds.
    pub fn rounds_at_once(&self) -> u32 {
        0
    }
    /// One pending entry has become stale.
    pub fn abandon(&mut self) {
        self.stale += 1;
    }
    /// One popped entry was stale.
    pub fn met_stale(&mut self) {
        self.stale = self.stale.saturating_sub(1);
    }
    /// Whether a sweep pays.
    pub fn needs_sweep(&self) -> bool {
        false
    }
    /// Drops entries that are not live.
    pub fn sweep(&mut self, _is_live: impl Fn(&O) -> bool) {}
}
impl<O: Copy + Ord> Iterator for Agenda<O> {
    type Item = (Instant, O);
    fn next(&mut self) -> Option<(Instant, O)> {
        loop {
            if let Some(what) = self.round.pop() {
                return Some((self.now, what));
            }
            if !self.next_round.is_empty() {
                std::mem::swap(&mut self.round, &mut self.next_round);
                self.round.sort_unstable_by(|a, b| b.cmp(a));
                continue;
            }
            if let Some(what) = self.passes.pop_first() {
                return Some((self.now, what));
            }
            let Reverse((when, what)) = self.heap.pop()?;
            self.now = when;
            self.next_round.push(what);
            while let Some(Reverse((t, _))) = self.heap.peek() {
                if *t != when {
                    break;
                }
                let Some(Reverse((_, w))) = self.heap.pop() else { break };
                self.next_round.push(w);
            }
        }
    }
}
