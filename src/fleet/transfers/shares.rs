//! How the rates follow from the set of transfers.
//!
//! # What is computed
//! Progressive filling in whole bytes per second: all rates rise together from nothing; a transfer
//! stops where it reaches its cap, and all that are still rising on a link stop where that link
//! cannot give each of them one byte more. Links that stop at the same rate stop together, before
//! anything is counted again; so the rates are a function of the set of transfers, whatever led to
//! it, and of no order of ids: names permute the result, and ties need no rule (the specification
//! orders them by link, then by transfer; here that order changes nothing).
//!
//! The rate at which a link stops is its **level**: the smallest rate r at which
//! `sum of the rates below r + (r + 1) x number of the others > capacity`; a link where there is none
//! binds nobody. The rate of a transfer is the least of its cap and of the levels of its links. There
//! is one set of levels for which both hold: were there two, take the smallest rate at which any
//! transfer differs between them; the link that stops it in the one has equal rates below and
//! equally many others in the other, so it stops there too.
//!
//! # How
//! A change touches the links of one transfer. Touched links are taken in order of the lower of the
//! level that they have and of the one that they ought to have; each takes its new level, its
//! transfers their new rates, and the other links of those whose rates changed are touched. Rates
//! below the level at which this stands are final, as in a shortest-path search: a link is concerned
//! only by links of lower levels. A link that binds nobody and has room to spare is not looked at, so
//! re-planning spreads over saturated links alone, and over those that become or cease to be so; of
//! those only as far as rates really change.
//!
//! # Rejected
//! Filling the whole connected part of the network anew: at a handful of transfers a server the
//! saturated cards of a whole region hang together, and each change costs a walk over all of it.

use super::{
    Transfers,
    links::{LinkRow, Path},
};
use crate::{
    fleet::ids::{Link, Transfer},
    kernel::{column::Id, time::Instant},
};
use std::{cmp::Reverse, collections::BinaryHeap};

/// Lists that are kept between changes so that none is allocated.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// Links to be looked at, not yet in the heap.
    touched: Vec<Id<Link>>,
    /// Links to be looked at, by the level from which on they may change, the lowest first.
    heap: BinaryHeap<Reverse<(u64, Id<Link>)>>,
    /// What the transfers of a link could have elsewhere.
    elsewhere: Vec<u64>,
    /// Transfers whose rates changed.
    changed: Vec<Id<Transfer>>,
    /// Links looked at since the beginning (count): what re-planning costs.
    pub looks: u64,
}

/// A level as a number to compare with: none is above all.
fn height(level: Option<u64>) -> u64 {
    level.unwrap_or(u64::MAX)
}

impl Transfers {
    /// Links looked at since the beginning (count): what re-planning costs, on any machine.
    pub const fn looks(&self) -> u64 {
        self.scratch.looks
    }

    /// Brings levels and rates into accord, after something changed on the links of `path`.
    pub(super) fn settle(&mut self, now: Instant, path: Path) {
        path.iter().for_each(|link| self.touch(link));
        self.look_at_touched(0);
        while let Some(Reverse((from, link))) = self.scratch.heap.pop() {
            let (has, ought) = (self.links.rows[link].level, self.level(link));
            if has == ought {
                continue;
            }
            let begins = height(has).min(height(ought));
            if begins > from {
                self.scratch.heap.push(Reverse((begins, link)));
                continue;
            }
            self.take_level(now, link, ought);
            self.look_at_touched(begins);
        }
        while let Some(transfer) = self.scratch.changed.pop() {
            let row = &mut self.rows[transfer];
            if row.before.take() != Some(row.rate) {
                self.requeue(now, transfer);
            }
        }
    }

    /// The least of the cap of `transfer` and of the levels of its links (B/s).
    pub(super) fn limit(&self, transfer: Id<Transfer>) -> u64 {
        let row = &self.rows[transfer];
        let most = row.path.iter().map(|link| self.links.rows[link].most());
        most.fold(row.cap.unwrap_or(u64::MAX), u64::min)
    }

    /// `transfer` has `rate` from `now` on; its links are touched.
    pub(super) fn set_rate(&mut self, now: Instant, transfer: Id<Transfer>, rate: u64) {
        if self.rows[transfer].rate == rate {
            return;
        }
        self.advance(now, transfer);
        let row = &mut self.rows[transfer];
        let before = std::mem::replace(&mut row.rate, rate);
        if row.before.is_none() {
            row.before = Some(before);
            self.scratch.changed.push(transfer);
        }
        for link in row.path.iter() {
            self.links.reload(link, before, rate);
            self.touch(link);
        }
    }

    fn touch(&mut self, link: Id<Link>) {
        if !std::mem::replace(&mut self.links.rows[link].touched, true) {
            self.scratch.touched.push(link);
        }
    }

    /// Touched links that may bind somebody are looked at from the level `from` on.
    fn look_at_touched(&mut self, from: u64) {
        while let Some(link) = self.scratch.touched.pop() {
            let row = &mut self.links.rows[link];
            row.touched = false;
            if !row.has_slack() {
                self.scratch.heap.push(Reverse((from, link)));
            }
        }
    }

    /// The level that `link` ought to have, as the rates elsewhere stand (B/s).
    fn level(&mut self, link: Id<Link>) -> Option<u64> {
        let row = &self.links.rows[link];
        if row.has_slack() {
            return None;
        }
        let mut elsewhere = std::mem::take(&mut self.scratch.elsewhere);
        elsewhere.clear();
        elsewhere.extend(row.transfers.iter().map(|transfer| self.elsewhere(*transfer, link)));
        let level = level(row, &mut elsewhere);
        self.scratch.elsewhere = elsewhere;
        self.scratch.looks += 1;
        level
    }

    /// What `transfer` would have if it were not for `link` (B/s). Where that is more than the link
    /// carries at all, it may be told as less, but not as less than that.
    fn elsewhere(&self, transfer: Id<Transfer>, link: Id<Link>) -> u64 {
        let row = &self.rows[transfer];
        if row.rate < self.links.rows[link].most() {
            return row.rate; // It is bound elsewhere.
        }
        let others = row.path.iter().filter(|other| *other != link);
        let most = others.map(|other| self.links.rows[other].most());
        most.fold(row.cap.unwrap_or(u64::MAX), u64::min)
    }

    /// `link` takes its new level, and its transfers their new rates.
    fn take_level(&mut self, now: Instant, link: Id<Link>, level: Option<u64>) {
        let row = &mut self.links.rows[link];
        let before = row.most();
        row.level = level;
        let after = row.most();
        let transfers = std::mem::take(&mut row.transfers);
        self.links.has_changed(link);
        for transfer in &transfers {
            let rate = self.rows[*transfer].rate;
            if rate > after {
                self.set_rate(now, *transfer, after);
            } else if rate == before {
                let rate = self.limit(*transfer);
                self.set_rate(now, *transfer, rate);
            }
        }
        self.links.rows[link].transfers = transfers;
    }
}

/// The level of a link whose transfers would have these rates elsewhere.
fn level(row: &LinkRow, elsewhere: &mut Vec<u64>) -> Option<u64> {
    let mut left = row.capacity;
    while !elsewhere.is_empty() {
        let share = left / elsewhere.len() as u64;
        let before = elsewhere.len();
        elsewhere.retain(|rate| {
            if *rate < share {
                left -= rate;
            }
            *rate >= share
        });
        if elsewhere.len() == before {
            return Some(share);
        }
    }
    None
}
