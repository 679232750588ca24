//! Moves between servers that are under way or wait for their turn.
//!
//! Each source has a queue of its own, first come, first served; its head may begin when the source
//! has a way out, its target a way in, and the fleet a slot. Where sources compete for slots of the
//! fleet, the one with the fewest moves under way comes first, then the one that asked first: no
//! source takes all slots while others wait (spec/refresh-and-migration.md 5.5). Ways in to one target
//! are given in order of asking.

use crate::{
    fleet::ids::{Server, Task},
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// How many moves may be under way at once; `None`: no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MoveLimits {
    /// Off one server.
    pub outbound: Option<u32>,
    /// To one server.
    pub inbound: Option<u32>,
    /// In the whole fleet.
    pub cluster: Option<u32>,
}

/// Whether `count` leaves room for one more.
const fn has_room(count: u32, limit: Option<u32>) -> bool {
    match limit {
        Some(most) => count < most,
        None => true,
    }
}

/// One move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Move {
    from: Id<Server>,
    to: Id<Server>,
    /// When it asked.
    asked: Instant,
    /// The number of those that asked before it.
    ticket: u64,
    waits: bool,
}

/// Where the head of a queue stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// Its source has no way out.
    Source,
    /// Its target has no way in.
    Target(Id<Server>),
    /// It may begin as soon as the fleet has a slot: moves under way off its source then (count).
    Ready(u32),
}

/// A source whose head stands somewhere.
#[derive(Clone, Copy, Debug)]
struct Head {
    ticket: u64,
    place: Place,
}

/// The moves.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    of: Column<Task, Option<Move>>,
    /// Moves under way in the whole fleet (count).
    under_way: u32,
    outbound: BTreeMap<Id<Server>, u32>,
    inbound: BTreeMap<Id<Server>, u32>,
    /// Moves under way by each server that they touch.
    touching: BTreeSet<(Id<Server>, Id<Task>)>,
    /// Those that wait, by source, in order.
    queues: BTreeMap<(Id<Server>, u64), Id<Task>>,
    /// Where the head of each queue stands.
    heads: BTreeMap<Id<Server>, Head>,
    /// Heads whose target has no way in.
    by_target: BTreeSet<(Id<Server>, u64, Id<Server>)>,
    /// Heads that only want a slot.
    ready: BTreeSet<(u32, u64, Id<Server>)>,
    asked: u64,
}

impl Moves {
    /// `task` is to move something from one server to another; says whether it may begin now. Else
    /// it waits, and [`Self::next`] will name it.
    ///
    /// # Panics
    /// If it has asked already.
    pub fn ask(
        &mut self,
        limits: &MoveLimits,
        task: Id<Task>,
        (from, to): (Id<Server>, Id<Server>),
        now: Instant,
    ) -> bool {
        while self.of.len() <= task.index() {
            self.of.push(None);
        }
        assert!(self.of[task].is_none(), "a move asks once");
        let ticket = self.asked;
        self.asked += 1;
        self.of[task] = Some(Move { from, to, asked: now, ticket, waits: true });
        self.queues.insert((from, ticket), task);
        self.place(limits, from);
        self.next(limits).is_some_and(|(next, _)| next == task)
    }

    /// `task`, if it has asked, is over, or waits no more; others may begin instead: see
    /// [`Self::next`].
    pub fn leave(&mut self, limits: &MoveLimits, task: Id<Task>) {
        let Some(gone) = self.of.get(task).copied().flatten() else { return };
        self.of[task] = None;
        if gone.waits {
            self.queues.remove(&(gone.from, gone.ticket));
        } else {
            self.under_way -= 1;
            less(&mut self.outbound, gone.from);
            less(&mut self.inbound, gone.to);
            for server in [gone.from, gone.to] {
                self.touching.remove(&(server, task));
            }
        }
        self.place(limits, gone.from);
        self.wake(limits, gone.to);
    }

    /// Whether `task` waits for its turn.
    pub fn waits(&self, task: Id<Task>) -> bool {
        self.of.get(task).copied().flatten().is_some_and(|of| of.waits)
    }

    /// Moves under way in the whole fleet (count).
    pub const fn under_way(&self) -> u32 {
        self.under_way
    }

    /// Moves that wait (count).
    pub fn waiting(&self) -> usize {
        self.queues.len()
    }

    /// The moves under way from or to `server`, in order of row.
    pub fn touching(&self, server: Id<Server>) -> impl Iterator<Item = Id<Task>> {
        let all = (server, Id::new(0))..=(server, Id::new(u32::MAX as usize - 1));
        self.touching.range(all).map(|(_, task)| *task)
    }

    /// The next that may begin, which is under way from now on, and when it asked.
    pub fn next(&mut self, limits: &MoveLimits) -> Option<(Id<Task>, Instant)> {
        while has_room(self.under_way, limits.cluster) {
            let (_, ticket, from) = *self.ready.first()?;
            let task = self.queues[&(from, ticket)];
            let of = self.of[task].as_mut().expect("who waits has asked");
            if !has_room(count(&self.inbound, of.to), limits.inbound) {
                self.place(limits, from); // Others took the last way in meanwhile.
                continue;
            }
            of.waits = false;
            let (to, asked) = (of.to, of.asked);
            self.queues.remove(&(from, ticket));
            self.under_way += 1;
            *self.outbound.entry(from).or_default() += 1;
            *self.inbound.entry(to).or_default() += 1;
            self.touching.insert((from, task));
            self.touching.insert((to, task));
            self.place(limits, from);
            self.wake(limits, to);
            return Some((task, asked));
        }
        None
    }

    /// Puts the head of the queue of `from` where it stands now.
    fn place(&mut self, limits: &MoveLimits, from: Id<Server>) {
        let before = self.heads.remove(&from);
        if let Some(Head { ticket, place }) = before {
            match place {
                Place::Source => {}
                Place::Target(to) => _ = self.by_target.remove(&(to, ticket, from)),
                Place::Ready(out) => _ = self.ready.remove(&(out, ticket, from)),
            }
        }
        let own = (from, 0)..=(from, u64::MAX);
        if let Some((&(_, ticket), &task)) = self.queues.range(own).next() {
            let to = self.of[task].expect("who waits has asked").to;
            let out = count(&self.outbound, from);
            let place = if !has_room(out, limits.outbound) {
                Place::Source
            } else if !has_room(count(&self.inbound, to), limits.inbound) {
                Place::Target(to)
            } else {
                Place::Ready(out)
            };
            match place {
                Place::Source => {}
                Place::Target(to) => _ = self.by_target.insert((to, ticket, from)),
                Place::Ready(out) => _ = self.ready.insert((out, ticket, from)),
            }
            self.heads.insert(from, Head { ticket, place });
        }
    }

    /// The first head that waits for a way in to `to` looks again, if there is one.
    fn wake(&mut self, limits: &MoveLimits, to: Id<Server>) {
        if !has_room(count(&self.inbound, to), limits.inbound) {
            return;
        }
        let own = (to, 0, Id::new(0))..=(to, u64::MAX, Id::new(u32::MAX as usize - 1));
        if let Some(&(_, _, from)) = self.by_target.range(own).next() {
            self.place(limits, from);
        }
    }
}

fn count(counts: &BTreeMap<Id<Server>, u32>, server: Id<Server>) -> u32 {
    counts.get(&server).copied().unwrap_or(0)
}

fn less(counts: &mut BTreeMap<Id<Server>, u32>, server: Id<Server>) {
    let count = counts.get_mut(&server).expect("who is under way counts");
    *count -= 1;
    if *count == 0 {
        counts.remove(&server);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(outbound: u32, inbound: u32, cluster: u32) -> MoveLimits {
        let some = |limit| (limit > 0).then_some(limit);
        MoveLimits { outbound: some(outbound), inbound: some(inbound), cluster: some(cluster) }
    }

    /// Asks for moves from one server to another, in order of task; says which begin at once.
    fn asked(moves: &mut Moves, limits: &MoveLimits, ways: &[(usize, usize)]) -> Vec<usize> {
        let begins = |(task, (from, to)): (usize, &(usize, usize))| {
            let way = (Id::new(*from), Id::new(*to));
            moves.ask(limits, Id::new(task), way, Instant::ZERO).then_some(task)
        };
        ways.iter().enumerate().filter_map(begins).collect()
    }

    /// `task` is over; says who begins instead.
    fn left(moves: &mut Moves, limits: &MoveLimits, task: usize) -> Vec<usize> {
        moves.leave(limits, Id::new(task));
        std::iter::from_fn(|| moves.next(limits).map(|(task, _)| task.index())).collect()
    }

    #[test]
    fn a_source_is_served_in_order() {
        let (mut moves, limits) = (Moves::default(), limits(1, 2, 0));
        assert_eq!(asked(&mut moves, &limits, &[(0, 8), (0, 9), (0, 8), (1, 8), (2, 8)]), [0, 3]);
        assert_eq!((moves.under_way(), moves.waiting()), (2, 3));
        assert!(moves.waits(Id::new(4)), "server 8 has no way in");
        assert_eq!(left(&mut moves, &limits, 0), [1, 4]);
        assert_eq!(
            left(&mut moves, &limits, 1),
            [0_usize; 0],
            "the way in was given to another source"
        );
        assert_eq!(left(&mut moves, &limits, 4), [2]);
        assert_eq!(moves.touching(Id::new(8)).map(Id::index).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(left(&mut moves, &limits, 2), [0_usize; 0]);
        assert_eq!(left(&mut moves, &limits, 3), [0_usize; 0]);
        assert_eq!((moves.under_way(), moves.waiting()), (0, 0));
    }

    #[test]
    fn one_source_does_not_fill_the_fleet_while_others_wait() {
        let (mut moves, limits) = (Moves::default(), limits(0, 0, 4));
        let ways = [(0, 9), (0, 9), (0, 9), (0, 9), (0, 9), (0, 9), (1, 9), (1, 9), (2, 9)];
        assert_eq!(asked(&mut moves, &limits, &ways), [0, 1, 2, 3]);
        assert_eq!(left(&mut moves, &limits, 0), [6], "server 1 has none under way");
        assert_eq!(left(&mut moves, &limits, 1), [8], "nor has server 2");
        assert_eq!(left(&mut moves, &limits, 2), [4], "one each: who asked first");
        assert_eq!(left(&mut moves, &limits, 6), [7], "server 0 has two under way");
    }

    #[test]
    fn who_waits_may_give_up() {
        let (mut moves, limits) = (Moves::default(), limits(1, 1, 1));
        assert_eq!(asked(&mut moves, &limits, &[(0, 9), (1, 9), (2, 9)]), [0]);
        assert_eq!(left(&mut moves, &limits, 1), [0_usize; 0]);
        assert_eq!(left(&mut moves, &limits, 0), [2]);
        assert_eq!(left(&mut moves, &limits, 7), [0_usize; 0], "somebody who never asked");
    }

    /// Whoever could begin by the rules, the first of them; from scratch.
    fn could_begin(moves: &Moves, limits: &MoveLimits) -> Option<Id<Task>> {
        let heads = (0..6).filter_map(|from| {
            let own = (Id::new(from), 0)..=(Id::new(from), u64::MAX);
            moves.queues.range(own).next().map(|(&(from, ticket), task)| (from, ticket, *task))
        });
        let able = heads.filter(|&(from, _, task)| {
            let to = moves.of[task].expect("it has asked").to;
            has_room(count(&moves.outbound, from), limits.outbound)
                && has_room(count(&moves.inbound, to), limits.inbound)
                && has_room(moves.under_way, limits.cluster)
        });
        able.min_by_key(|&(from, ticket, _)| (count(&moves.outbound, from), ticket))
            .map(|(_, _, task)| task)
    }

    #[test]
    fn nobody_waits_who_could_begin() {
        let mut state = 1_u64;
        let mut draw = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % most) as usize
        };
        for limits in [limits(1, 2, 5), limits(2, 1, 0), limits(0, 2, 3), limits(2, 2, 0)] {
            let (mut moves, mut there) = (Moves::default(), Vec::new());
            for task in 0..3_000 {
                if there.len() < 20 && draw(2) == 0 {
                    let (from, to) = (draw(6), 6 + draw(3));
                    there.push(task);
                    let way = (Id::new(from), Id::new(to));
                    moves.ask(&limits, Id::new(task), way, Instant::ZERO);
                } else if !there.is_empty() {
                    let gone = there.swap_remove(draw(there.len() as u64));
                    moves.leave(&limits, Id::new(gone));
                    loop {
                        let expected = could_begin(&moves, &limits);
                        assert_eq!(moves.next(&limits).is_some(), expected.is_some());
                        if expected.is_none() {
                            break;
                        }
                    }
                }
                assert_eq!(could_begin(&moves, &limits), None);
                assert_eq!(moves.under_way as usize + moves.waiting(), there.len());
                let over = |counts: &BTreeMap<_, u32>, most: Option<u32>| {
                    counts.values().any(|count| most.is_some_and(|most| *count > most))
                };
                assert!(
                    !over(&moves.outbound, limits.outbound)
                        && !over(&moves.inbound, limits.inbound)
                );
            }
        }
    }
}
