//! The table of transfers: what is under way on the network, at which rates, and when each is sent.
//!
//! Links share their capacity max-min fairly (spec/refresh-and-migration.md 5.5): no transfer could
//! have more without taking from one that has no more than it. Reading order: `links` (what there
//! is, and which way a transfer goes), this file (transfers, what they have sent, when they are
//! done), `shares` (how rates follow from the set of transfers), `audit` (what holds always).
//!
//! # Units
//! Rates are whole bytes per second, which is micro-bytes per microsecond; what is left of a transfer
//! is counted in micro-bytes. So a transfer that goes on loses no fraction of a byte, however often
//! its rate changes: the only roundings are that of equal shares (down to a whole byte per second: a
//! link of n transfers leaves less than n bytes per second unused) and that of the instant at which a
//! transfer is sent (up to a whole microsecond).

mod audit;

mod links;

#[cfg(test)]
mod proofs;

mod shares;

pub use links::{LinkKind, LinkPlace, LinkState, Links, Path};

use crate::{
    fleet::{
        ids::{Link, Server, Task, Transfer},
        layout::Layout,
    },
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
};
use links::LONGEST_PATH;
use priority_queue::PriorityQueue;
use rustc_hash::FxHasher;
use shares::Scratch;
use std::{cmp::Reverse, hash::BuildHasherDefault, ops::Index};

/// Micro-bytes in a byte.
const MICRO: u128 = 1_000_000;

/// When a transfer is sent: by instant, then by its row, so that the order is total.
type Due = Reverse<(Instant, Id<Transfer>)>;

/// How a row of the table stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    /// It is under way.
    Sending,
    /// All its bytes are sent; its owner has not said yet what comes next. It keeps its links.
    Sent,
    /// The row is free.
    Over,
}

/// One transfer.
#[derive(Clone, Copy, Debug)]
pub struct TransferRow {
    /// Whose it is.
    pub task: Id<Task>,
    /// The most that its owner lets it have (B/s).
    pub cap: Option<u64>,
    /// What it has now (B/s).
    pub rate: u64,
    /// What it was given to send so far (B).
    pub given: u64,
    /// What was left of that at `since` (micro-bytes).
    left: u128,
    /// When `left` was counted.
    since: Instant,
    standing: Standing,
    path: Path,
    /// Its place in the list of each link of its path.
    places: [u32; LONGEST_PATH],
    /// The rate it had before the change that is being settled, while it is among those changed.
    before: Option<u64>,
}

/// What is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct NewTransfer {
    /// Whose it is.
    pub task: Id<Task>,
    /// The links it goes over; at least one.
    pub path: Path,
    /// How much (B).
    pub bytes: u64,
    /// The most that it may have (B/s); `None`: what the links give.
    pub cap: Option<u64>,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Transfers {
    links: Links,
    rows: Column<Transfer, TransferRow>,
    free: Vec<Id<Transfer>>,
    /// When each that gets anything is sent, the earliest first.
    queue: PriorityQueue<Id<Transfer>, Due, BuildHasherDefault<FxHasher>>,
    scratch: Scratch,
    alarm: Alarm,
    begun: u64,
}

/// The one alarm of the table: when the earliest transfer is sent.
#[derive(Clone, Copy, Debug, Default)]
struct Alarm {
    /// Its number: those of smaller numbers are void.
    number: u32,
    /// For when it is set; `None`: it is not.
    at: Option<Instant>,
    /// Whether it rings at this moment.
    rings: bool,
}

/// What is to be done about the alarm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rearmed {
    /// Whether an alarm that is pending has become void.
    pub voids: bool,
    /// The alarm to be set: when, and its number.
    pub sets: Option<(Instant, u32)>,
}

impl Transfers {
    /// The network of `layout`, empty; without one there are no links.
    pub fn new(layout: &Layout) -> Self {
        Self { links: Links::of(layout), ..Self::default() }
    }

    /// A network of links of these capacities (B/s), wherever they may lead: for what knows its paths
    /// by itself.
    pub fn of_links(capacities: &[u64]) -> Self {
        Self { links: Links::with(capacities), ..Self::default() }
    }

    /// The links that what goes from `from` to `to` passes.
    ///
    /// # Panics
    /// If both are the same server, or there is no network.
    pub fn path(layout: &Layout, from: Id<Server>, to: Id<Server>) -> Path {
        Links::path(layout, from, to)
    }

    /// Adds a limit to what all have together whose path is [`Path::within`] it (B/s): they share it as
    /// they share a link.
    pub fn add_limit(&mut self, rate: u64) -> Id<Link> {
        self.links.add_limit(rate)
    }

    /// The links.
    pub const fn links(&self) -> &Links {
        &self.links
    }

    /// Begins to send at `now`; the others are re-planned.
    ///
    /// # Panics
    /// If the path is empty.
    pub fn begin(&mut self, now: Instant, new: &NewTransfer) -> Id<Transfer> {
        assert!(new.path.iter().next().is_some(), "a transfer goes over a link at least");
        let row = TransferRow {
            task: new.task,
            cap: new.cap,
            rate: 0,
            given: new.bytes,
            left: u128::from(new.bytes) * MICRO,
            since: now,
            standing: Standing::Sending,
            path: new.path,
            places: [0; LONGEST_PATH],
            before: None,
        };
        self.begun += 1;
        let transfer = match self.free.pop() {
            Some(transfer) => {
                self.rows[transfer] = row;
                transfer
            }
            None => self.rows.push(row),
        };
        for (step, link) in row.path.iter_steps() {
            self.rows[transfer].places[step] = self.links.join(link, transfer);
        }
        self.planned(now, transfer);
        transfer
    }

    /// `transfer`, all of which is sent, goes on with `bytes` more; nobody is re-planned.
    ///
    /// # Panics
    /// If it is not sent: only what has ended can go on.
    pub fn refill(&mut self, now: Instant, transfer: Id<Transfer>, bytes: u64) {
        let row = &mut self.rows[transfer];
        assert!(row.standing == Standing::Sent, "what is refilled is empty");
        row.standing = Standing::Sending;
        row.given = row.given.checked_add(bytes).expect("no task sends 2^64 bytes");
        (row.left, row.since) = (u128::from(bytes) * MICRO, now);
        self.requeue(now, transfer);
    }

    /// `transfer` leaves its links at `now`, sent or not; the others are re-planned. Says how much was
    /// sent (whole bytes).
    ///
    /// # Panics
    /// If it has ended before.
    pub fn end(&mut self, now: Instant, transfer: Id<Transfer>) -> u64 {
        self.advance(now, transfer);
        let row = &mut self.rows[transfer];
        assert!(row.standing != Standing::Over, "a transfer ends once");
        row.standing = Standing::Over;
        let (sent, path) = (row.sent(), row.path);
        let (rate, places) = (row.rate, row.places);
        for (step, link) in path.iter_steps() {
            let place = places[step];
            if let Some(moved) = self.links.leave(link, place, rate) {
                let row = &mut self.rows[moved];
                row.places[row.path.step(link)] = place;
            }
        }
        self.queue.remove(&transfer);
        self.free.push(transfer);
        self.settle(now, path);
        sent
    }

    /// `transfer` may have at most `cap` from now on; all are re-planned.
    pub fn recap(&mut self, now: Instant, transfer: Id<Transfer>, cap: Option<u64>) {
        self.rows[transfer].cap = cap;
        self.planned(now, transfer);
    }

    /// What is left to be sent of `transfer` at `now` (B), a begun byte included.
    pub fn left(&self, now: Instant, transfer: Id<Transfer>) -> u64 {
        self.rows[transfer].left_at(now).div_ceil(MICRO) as u64
    }

    /// The earliest transfer that is sent by `now`; its owner must refill or end it. `None`: there is
    /// no other.
    pub fn next_sent(&mut self, now: Instant) -> Option<Id<Transfer>> {
        let (transfer, Reverse((at, _))) = self.queue.peek()?;
        let (transfer, at) = (*transfer, *at);
        if at > now {
            return None;
        }
        self.queue.pop();
        self.advance(now, transfer);
        let row = &mut self.rows[transfer];
        debug_assert!(row.left == 0, "who is due has sent everything");
        row.standing = Standing::Sent;
        Some(transfer)
    }

    /// When the earliest transfer is sent; `None`: none gets anything.
    pub fn earliest(&self) -> Option<Instant> {
        self.queue.peek().map(|(_, Reverse((at, _)))| *at)
    }

    /// The number of the alarm that is not void.
    pub const fn alarm(&self) -> u32 {
        self.alarm.number
    }

    /// The alarm rings: it is set again when all that is sent by now is settled.
    pub const fn rings(&mut self) {
        (self.alarm.at, self.alarm.rings) = (None, true);
    }

    /// All that is sent by now is settled.
    pub const fn rang(&mut self) {
        self.alarm.rings = false;
    }

    /// What is to be done so that the alarm rings when the earliest transfer is sent.
    ///
    /// # Panics
    /// After 2^32 alarms.
    pub fn rearm(&mut self) -> Rearmed {
        let earliest = self.earliest();
        if self.alarm.rings || earliest == self.alarm.at {
            return Rearmed { voids: false, sets: None };
        }
        let voids = self.alarm.at.is_some();
        self.alarm.number =
            self.alarm.number.checked_add(1).expect("a run sets fewer than 2^32 alarms");
        self.alarm.at = earliest;
        Rearmed { voids, sets: earliest.map(|at| (at, self.alarm.number)) }
    }

    /// Takes one of the links whose load has changed since it was taken last.
    pub fn next_changed(&mut self) -> Option<Id<Link>> {
        self.links.next_changed()
    }

    /// Every transfer under way, in order of row.
    pub fn under_way(&self) -> impl Iterator<Item = (Id<Transfer>, &TransferRow)> {
        self.rows.entries().filter(|(_, row)| row.standing != Standing::Over)
    }

    /// Transfers begun so far (count).
    pub const fn begun(&self) -> u64 {
        self.begun
    }

    /// The rate of `transfer` is what its cap and its links give; whoever that concerns is
    /// re-planned.
    fn planned(&mut self, now: Instant, transfer: Id<Transfer>) {
        let (rate, path) = (self.limit(transfer), self.rows[transfer].path);
        self.set_rate(now, transfer, rate);
        self.settle(now, path);
        if self.queue.get(&transfer).is_none() {
            self.requeue(now, transfer); // It may have nothing to send, and gets nothing.
        }
    }

    /// Counts what `transfer` has sent up to `now`.
    fn advance(&mut self, now: Instant, transfer: Id<Transfer>) {
        let row = &mut self.rows[transfer];
        (row.left, row.since) = (row.left_at(now), now);
    }

    /// Where `transfer` stands in the queue follows from its rate and what is left of it at `now`.
    fn requeue(&mut self, now: Instant, transfer: Id<Transfer>) {
        let row = &self.rows[transfer];
        if row.standing != Standing::Sending {
            return; // Its owner is asked, or has ended it.
        }
        match row.sent_at(now) {
            Some(at) => {
                self.queue.push(transfer, Reverse((at, transfer)));
            }
            None => {
                self.queue.remove(&transfer);
            }
        }
    }
}

impl TransferRow {
    /// What is left at `now` (micro-bytes).
    fn left_at(&self, now: Instant) -> u128 {
        let sent = u128::from(self.rate) * u128::from(now.since(self.since).micros());
        self.left.saturating_sub(sent)
    }

    /// What was sent at `since`, whole bytes (B).
    fn sent(&self) -> u64 {
        self.given - self.left.div_ceil(MICRO) as u64
    }

    /// When all of it is sent, at the rate that it has from `now` on, at which `left` was counted;
    /// `None` where it gets nothing, or so little that no clock can tell.
    fn sent_at(&self, now: Instant) -> Option<Instant> {
        if self.left == 0 {
            return Some(now);
        }
        let micros = self.left.div_ceil(u128::from(self.rate).max(1));
        let micros = u64::try_from(micros).ok().filter(|_| self.rate > 0)?;
        self.since.checked_add(Span::from_micros(micros))
    }
}

impl Index<Id<Transfer>> for Transfers {
    type Output = TransferRow;
    fn index(&self, transfer: Id<Transfer>) -> &TransferRow {
        &self.rows[transfer]
    }
}
