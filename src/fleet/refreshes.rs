//! The tables of instance refresh tasks and of the replacements under way.

use crate::{
    fleet::{
        ids::{Member, Refresh, Replacement, ScalingGroup, Script},
        members::Identity,
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::{Instant, Span},
    },
    lifecycle::refresh::{RefreshStatus, RefreshStep},
};
use std::{collections::BTreeSet, ops::Index};

/// The place of a member in the order in which a refresh picks: whether it is healthy (unhealthy
/// ones first, where the order says so), then the victim order's own keys, then its number.
pub type Rank = [u64; 4];

/// Why a refresh ended as it did, or what last went wrong (`Detail`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Detail {
    /// Nothing.
    None,
    /// A launch found no room, or failed.
    NoCapacity,
    /// New instances fail the health check.
    Unhealthy,
    /// A process that it needs is suspended.
    Suspended,
    /// Too many attempts for one slot.
    TooManyAttempts,
    /// Too large a share of the new instances failed.
    TooManyFailed,
    /// It took longer than a task may.
    TimedOut,
}

/// One task.
#[derive(Clone, Debug)]
pub struct RefreshRow {
    /// The group.
    pub group: Id<ScalingGroup>,
    /// The command that started it: its parameters, and its name in results.
    pub script: Id<Script>,
    /// How it stands -- changed only by [`Refreshes::step`].
    pub status: RefreshStatus,
    /// `StartTime`.
    pub began: Instant,
    /// `EndTime`, once it is final.
    pub ended: Option<Instant>,
    /// What it launches.
    pub target: Identity,
    /// What the group launched before: where a rollback leads.
    pub original: Identity,
    /// Those who have to be replaced and are not in flight, the next first.
    pub need: BTreeSet<(Rank, Id<Member>)>,
    /// How many of `need` were found unhealthy (capacity units).
    pub need_unhealthy: u32,
    /// `TotalNeedUpdateCapacity` (capacity units).
    pub total: u32,
    /// `FinishedUpdateCapacity` (capacity units).
    pub finished: u32,
    /// What a rollback has replaced so far (capacity units).
    pub rolled_back: u32,
    /// Participants that are on the target without a replacement: skip-matched ones and launches
    /// of the group (capacity units), and how many of those are warm.
    pub other_new: [u32; 2],
    /// Checkpoints passed (bits, by place).
    pub passed: u128,
    /// When something was last finished, or when the task last went on.
    pub last_progress: Instant,
    /// When its present status began.
    pub since: Instant,
    /// How long it has been paused so far (µs).
    pub paused: Span,
    /// What last went wrong.
    pub detail: Detail,
    /// Replacements not closed (count), those not finished among them (count).
    pub open: [u32; 2],
    /// Open replacements of which both members are counted, and of which none is (capacity units).
    pub both_or_none: [u32; 2],
    /// Batches so far (count), forced ones among them (count).
    pub batches: [u32; 2],
    /// New instances that failed (capacity units).
    pub failed: u32,
    /// When each of the last replacements began, for the rate limit: instants with counts.
    pub recent: Vec<(Instant, u32)>,
    /// When it bakes until, if it does.
    pub bakes_until: Option<Instant>,
    /// The earliest time of the next batch (pause between batches, windows, rate).
    pub not_before: Option<Instant>,
    /// Raised by each change of status: timers of an older one are void.
    pub stamp: Stamp,
}

/// Whether a replacement's old member goes first, or its new one comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// TERMINATE_FIRST.
    TerminateFirst,
    /// LAUNCH_FIRST.
    LaunchFirst,
}

/// The replacement of one member.
#[derive(Clone, Copy, Debug)]
pub struct ReplacementRow {
    /// The task.
    pub refresh: Id<Refresh>,
    /// Which goes first.
    pub order: Order,
    /// The old member, until it has left.
    pub old: Option<Id<Member>>,
    /// The new member, once it is launched.
    pub new: Option<Id<Member>>,
    /// Its size (capacity units).
    pub weight: u16,
    /// Launches tried so far (count) -- the ordinal of their draws.
    pub attempts: u16,
    /// Whether the new one is warm and healthy.
    pub finished: bool,
    /// Raised when it changes: timers of an older one are void.
    pub stamp: Stamp,
    /// Whether it is over and its row may be recycled.
    pub closed: bool,
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub struct Refreshes {
    rows: Column<Refresh, RefreshRow>,
    replacements: Column<Replacement, ReplacementRow>,
    free: Vec<Id<Replacement>>,
}

impl Refreshes {
    /// A new task.
    pub fn begin(&mut self, row: RefreshRow) -> Id<Refresh> {
        self.rows.push(row)
    }

    /// Moves a task by one step of its machine and raises its stamp; says the status it left.
    ///
    /// # Panics
    /// If the machine has no such arc: admission was checked before, so this is a bug of ours.
    pub fn step(&mut self, refresh: Id<Refresh>, step: RefreshStep) -> RefreshStatus {
        let row = &mut self.rows[refresh];
        let from = row.status;
        row.status = from.after(step).unwrap_or_else(|| panic!("{from} has no arc by {step:?}"));
        row.stamp.raise();
        from
    }

    /// The row of `refresh`, for what is not its status.
    pub fn row_mut(&mut self, refresh: Id<Refresh>) -> &mut RefreshRow {
        &mut self.rows[refresh]
    }

    /// Every task so far, in order of its start.
    pub fn entries(&self) -> impl Iterator<Item = (Id<Refresh>, &RefreshRow)> {
        self.rows.entries()
    }

    /// A new replacement.
    pub fn open(&mut self, row: ReplacementRow) -> Id<Replacement> {
        match self.free.pop() {
            None => self.replacements.push(row),
            Some(place) => {
                let stamp = self.replacements[place].stamp;
                self.replacements[place] = ReplacementRow { stamp, ..row };
                place
            }
        }
    }

    /// A replacement is over; its row may be recycled.
    pub fn close(&mut self, replacement: Id<Replacement>) {
        let row = &mut self.replacements[replacement];
        row.closed = true;
        row.stamp.raise();
        if !row.stamp.is_worn() {
            self.free.push(replacement);
        }
    }

    /// The row of a replacement.
    pub fn replacement(&self, replacement: Id<Replacement>) -> &ReplacementRow {
        &self.replacements[replacement]
    }

    /// The row of a replacement, to be changed.
    pub fn replacement_mut(&mut self, replacement: Id<Replacement>) -> &mut ReplacementRow {
        &mut self.replacements[replacement]
    }

    /// The open replacements of `refresh`, in order of row.
    pub fn open_of(
        &self,
        refresh: Id<Refresh>,
    ) -> impl Iterator<Item = (Id<Replacement>, &ReplacementRow)> {
        let all = self.replacements.entries();
        all.filter(move |(_, row)| row.refresh == refresh && !row.closed)
    }
}

impl Index<Id<Refresh>> for Refreshes {
    type Output = RefreshRow;
    fn index(&self, refresh: Id<Refresh>) -> &RefreshRow {
        &self.rows[refresh]
    }
}
