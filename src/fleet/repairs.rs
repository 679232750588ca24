//! The repair queue: broken servers that wait for a crew, and the crews that are at work.

use crate::{
    fleet::ids::Server,
    kernel::{column::Id, time::Instant},
};
use priority_queue::PriorityQueue;
use rustc_hash::FxHasher;
use std::{cmp::Reverse, hash::BuildHasherDefault};

/// The rank of a server in the queue: what the policy asks first, then since when it waits, then
/// its id, so that the order is total.
type Rank = (u64, Instant, Id<Server>);

/// The queue and the crews.
#[derive(Clone, Debug, Default)]
pub struct Repairs {
    queue: PriorityQueue<Id<Server>, Reverse<Rank>, BuildHasherDefault<FxHasher>>,
    crews_at_work: u32,
}

impl Repairs {
    /// Puts `server` into the queue; the smallest `urgency` is taken up first.
    pub fn join(&mut self, server: Id<Server>, urgency: u64, since: Instant) {
        self.queue.push(server, Reverse((urgency, since, server)));
    }

    /// Changes the urgency of `server` in place, where it waits.
    pub fn rerank(&mut self, server: Id<Server>, urgency: u64) {
        self.queue.change_priority_by(&server, |Reverse(rank)| rank.0 = urgency);
    }

    /// A crew takes up the most urgent server, if one waits.
    pub fn take_up(&mut self) -> Option<Id<Server>> {
        let (server, _) = self.queue.pop()?;
        self.crews_at_work += 1;
        Some(server)
    }

    /// A crew is done.
    ///
    /// # Panics
    /// If no crew is at work.
    pub fn crew_done(&mut self) {
        self.crews_at_work = self.crews_at_work.checked_sub(1).expect("a crew that is done worked");
    }

    /// Servers that wait (count).
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Crews at work (count).
    pub const fn crews_at_work(&self) -> u32 {
        self.crews_at_work
    }
}
