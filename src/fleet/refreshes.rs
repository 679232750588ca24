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
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Index,
};

/// The place of a member in the order in which a refresh picks: whether it is healthy (unhealthy
/// ones first, where the order says so), then the victim order's own keys, then its number.
pub type Rank = [u64; 4];

/// Somebody who has to be replaced and is not in flight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Needy {
    /// Its place among the others.
    pub rank: Rank,
    /// Its size (capacity units).
    pub weight: u16,
    /// Whether it serves nothing, so that it may go at once.
    pub free: bool,
}

/// How a member came to be on the target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Came {
    /// It was there, and matched.
    Matched,
    /// The group launched it meanwhile.
    Launched,
    /// A replacement brought it.
    Replaced,
}

/// A member that is on the target of a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Newcomer {
    /// Its size (capacity units).
    pub weight: u16,
    /// Whether it has been ready.
    pub ready: bool,
    /// How it came.
    pub came: Came,
}

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
    /// Too large a share of the group was unhealthy.
    TooManyUnhealthy,
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
    /// The failed task that it takes back, if it was begun for that.
    pub takes_back: Option<Id<Refresh>>,
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
    /// Those who have to be replaced and are not in flight, the next first -- changed only by
    /// [`Self::enlist`] and [`Self::strike`].
    pub need: BTreeMap<(Rank, Id<Member>), Needy>,
    /// The place of each of them.
    pub places: BTreeMap<Id<Member>, Rank>,
    /// How many of `need` serve nothing (capacity units).
    pub need_free: u32,
    /// Those who have to be replaced, but are Protected or Standby and are waited for, with their
    /// sizes (capacity units).
    pub waited_for: BTreeMap<Id<Member>, u16>,
    /// Those who had to be replaced and left the task because somebody else removes them, as long as
    /// they are there: a hook may put them back.
    pub left: BTreeSet<Id<Member>>,
    /// How many of each zone were enlisted so far (count): for the order that takes zones in turn.
    pub zones: Vec<u64>,
    /// `TotalNeedUpdateCapacity` (capacity units).
    pub total: u32,
    /// `FinishedUpdateCapacity` (capacity units).
    pub finished: u32,
    /// What a rollback has replaced so far, and has to replace in all (capacity units).
    pub rolled_back: [u32; 2],
    /// Members on the target -- changed only by [`Self::arrives`], [`Self::is_ready`] and
    /// [`Self::is_lost`].
    pub newcomers: BTreeMap<Id<Member>, Newcomer>,
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
    /// Whether it is to fail: something fatal happened, as `detail` says.
    pub fatal: bool,
    /// Replacements not closed (count), those not finished among them (count); fills of a rollback
    /// are neither.
    pub open: [u32; 2],
    /// Replacements not finished (capacity units).
    pub unfinished: u32,
    /// Open replacements that only fill what a rollback found empty (count).
    pub fills: u32,
    /// What open replacements add to their group, and will add: the sums of
    /// [`ReplacementRow::share`].
    pub shares: Share,
    /// Open replacements whose old member is due to leave, and whose group cannot spare it yet.
    pub held_back: BTreeSet<Id<Replacement>>,
    /// Batches so far (count), forced ones among them (count).
    pub batches: [u32; 2],
    /// Whether the last batch is not known to be over.
    pub batch_open: bool,
    /// New instances launched (capacity units), and those that failed.
    pub launched: [u32; 2],
    /// Replacements begun (capacity units): what is launched, or is going to be.
    pub begun: u32,
    /// When each of the last replacements began, for the rate limit: instants with counts.
    pub recent: Vec<(Instant, u32)>,
    /// When it bakes until, if it does.
    pub bakes_until: Option<Instant>,
    /// The earliest time of the next batch, because of the pause between batches.
    pub not_before: Option<Instant>,
    /// Since when it has been waiting because its own rules say so.
    pub waits_since: Option<Instant>,
    /// When it is to be looked at again: what is pending for that.
    pub wakes: Vec<Instant>,
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

/// What a replacement adds to its group beyond the one member that it stands for (capacity units).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Share {
    /// What its members are beyond its slot.
    pub extra: u32,
    /// What of its slot is empty: a launch makes up for it.
    pub owed: u32,
    /// What a launch that has come to nothing so far will be beyond its slot.
    pub awaited: u32,
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
    /// Whether it only fills what a rollback found empty.
    pub fills: bool,
    /// Whether another try is pending.
    pub retries: bool,
    /// Whether it was begun beyond the bounds.
    pub forced: bool,
    /// Whether a hook has put its old member back.
    pub was_put_back: bool,
    /// What of it stands in its task's `shares`.
    pub share: Share,
    /// The size of its newest launch, which may be of another type (capacity units).
    pub new_weight: u16,
    /// Raised when it changes: timers of an older one are void.
    pub stamp: Stamp,
    /// Whether it is over and its row may be recycled.
    pub closed: bool,
}

impl RefreshRow {
    /// A new task of `group` that begins at `now`, for which nobody is enlisted yet.
    pub fn new(
        group: Id<ScalingGroup>,
        script: Id<Script>,
        now: Instant,
        [original, target]: [Identity; 2],
    ) -> Self {
        Self {
            group,
            script,
            takes_back: None,
            status: RefreshStatus::Pending,
            began: now,
            ended: None,
            target,
            original,
            need: BTreeMap::new(),
            places: BTreeMap::new(),
            need_free: 0,
            waited_for: BTreeMap::new(),
            left: BTreeSet::new(),
            zones: Vec::new(),
            total: 0,
            finished: 0,
            rolled_back: [0; 2],
            newcomers: BTreeMap::new(),
            other_new: [0; 2],
            passed: 0,
            last_progress: now,
            since: now,
            paused: Span::ZERO,
            detail: Detail::None,
            fatal: false,
            open: [0; 2],
            unfinished: 0,
            fills: 0,
            shares: Share::default(),
            held_back: BTreeSet::new(),
            batches: [0; 2],
            batch_open: false,
            launched: [0; 2],
            begun: 0,
            recent: Vec::new(),
            bakes_until: None,
            not_before: None,
            waits_since: None,
            wakes: Vec::new(),
            stamp: Stamp::default(),
        }
    }

    /// `member` has to be replaced, at its place; if it has one already, it changes its place.
    pub fn enlist(&mut self, member: Id<Member>, needy: Needy) {
        self.strike(member);
        self.places.insert(member, needy.rank);
        self.need.insert((needy.rank, member), needy);
        if needy.free {
            self.need_free += u32::from(needy.weight);
        }
    }

    /// `member` has not to be replaced any more, or is in flight; says what it was.
    pub fn strike(&mut self, member: Id<Member>) -> Option<Needy> {
        let rank = self.places.remove(&member)?;
        let needy = self.need.remove(&(rank, member)).expect("who has a place is in need");
        if needy.free {
            self.need_free -= u32::from(needy.weight);
        }
        Some(needy)
    }

    /// `member` is on the target from now on.
    pub fn arrives(&mut self, member: Id<Member>, new: Newcomer) {
        self.is_lost(member);
        self.newcomers.insert(member, new);
        self.count_other(new, u32::wrapping_add);
    }

    /// `member` is ready; says whether that is news.
    pub fn is_ready(&mut self, member: Id<Member>) -> bool {
        let Some(new) = self.newcomers.get(&member).copied().filter(|new| !new.ready) else {
            return false;
        };
        self.arrives(member, Newcomer { ready: true, ..new });
        true
    }

    /// `member` is not there any more; says what it was.
    pub fn is_lost(&mut self, member: Id<Member>) -> Option<Newcomer> {
        let new = self.newcomers.remove(&member)?;
        self.count_other(new, u32::wrapping_sub);
        Some(new)
    }

    fn count_other(&mut self, new: Newcomer, with: fn(u32, u32) -> u32) {
        if new.came != Came::Replaced {
            let weight = u32::from(new.weight);
            self.other_new[0] = with(self.other_new[0], weight);
            if new.ready {
                self.other_new[1] = with(self.other_new[1], weight);
            }
        }
    }

    /// `FinishedUpdateCapacity` and the other participants that are on the target and ready
    /// (capacity units).
    pub const fn new_capacity(&self) -> u32 {
        self.finished + self.other_new[1]
    }

    /// What one replacement adds changes from `from` to `to`.
    pub const fn shares(&mut self, from: Share, to: Share) {
        let sum = &mut self.shares;
        sum.extra = sum.extra + to.extra - from.extra;
        sum.owed = sum.owed + to.owed - from.owed;
        sum.awaited = sum.awaited + to.awaited - from.awaited;
    }
}

impl ReplacementRow {
    /// What it adds to its group where its old and its new member are counted or not.
    ///
    /// Until it is finished the slot is the old one's; then it is the new one's, and an old one that
    /// is left is extra. A new one that is smaller leaves no part of its slot empty: the group makes
    /// up for the rest at once, as for anything that it misses.
    pub fn share(&self, [old, new]: [bool; 2]) -> Share {
        let [weight, new_weight] = [self.weight, self.new_weight].map(u32::from);
        let none = Share::default();
        match (self.finished, old, new) {
            (true, true, _) => Share { extra: weight, ..none },
            // Whoever is finished is the group's: if it dies, the group makes up for it.
            (true, false, _) => none,
            (false, true, true) => Share { extra: new_weight, ..none },
            (false, true, false) => match self.order {
                Order::LaunchFirst => Share { awaited: weight, ..none },
                Order::TerminateFirst => none,
            },
            (false, false, true) => Share { extra: new_weight.saturating_sub(weight), ..none },
            (false, false, false) => Share { owed: weight, ..none },
        }
    }
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

    /// The row of `refresh`, to be worked on beside the rest of the fleet until it is given back.
    pub fn take(&mut self, refresh: Id<Refresh>) -> RefreshRow {
        let row = &mut self.rows[refresh];
        let stand_in =
            RefreshRow::new(row.group, row.script, row.began, [row.original, row.target]);
        std::mem::replace(row, stand_in)
    }

    /// Gives the row of `refresh` back.
    pub fn give_back(&mut self, refresh: Id<Refresh>, row: RefreshRow) {
        self.rows[refresh] = row;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> RefreshRow {
        let identity = Identity::of(Id::new(0));
        RefreshRow::new(Id::new(0), Id::new(0), Instant::ZERO, [identity; 2])
    }

    #[test]
    fn the_next_victim_is_the_one_of_the_lowest_rank() {
        let (mut row, [a, b, c]) = (row(), [2, 1, 0].map(Id::new));
        for (member, created) in [(a, 1), (b, 2), (c, 3)] {
            row.enlist(member, Needy { rank: [1, created, 0, 0], weight: 2, free: false });
        }
        row.enlist(c, Needy { rank: [0, 3, 0, 0], weight: 2, free: true });
        let order: Vec<_> = row.need.keys().map(|(_, member)| *member).collect();
        assert_eq!((order, row.need_free), (vec![c, a, b], 2));
        assert!(row.strike(c).is_some() && row.strike(c).is_none());
        assert_eq!((row.need.len(), row.places.len(), row.need_free), (2, 2, 0));
    }

    #[test]
    fn participants_that_no_replacement_brought_are_counted_as_they_come_and_go() {
        let (mut row, member) = (row(), Id::new(0));
        row.arrives(member, Newcomer { weight: 3, ready: false, came: Came::Launched });
        assert_eq!(row.other_new, [3, 0]);
        assert!(row.is_ready(member) && !row.is_ready(member));
        assert_eq!((row.other_new, row.new_capacity()), ([3, 3], 3));
        row.arrives(Id::new(1), Newcomer { weight: 1, ready: true, came: Came::Replaced });
        assert_eq!(row.other_new, [3, 3]);
        assert!(row.is_lost(member).is_some() && row.is_lost(member).is_none());
        assert_eq!(row.other_new, [0, 0]);
    }

    #[test]
    fn shares_of_replacements_add_up() {
        let mut row = row();
        let none = Share::default();
        let [two, one] = [Share { extra: 2, ..none }, Share { owed: 1, ..none }];
        row.shares(none, two);
        row.shares(none, one);
        assert_eq!(row.shares, Share { extra: 2, owed: 1, awaited: 0 });
        row.shares(two, none);
        row.shares(one, Share { awaited: 3, ..none });
        assert_eq!(row.shares, Share { extra: 0, owed: 0, awaited: 3 });
    }

    #[test]
    fn the_share_of_a_replacement_is_what_it_is_beyond_its_slot() {
        let of = |finished, new_weight, counted| {
            let row = ReplacementRow {
                refresh: Id::new(0),
                order: Order::LaunchFirst,
                old: None,
                new: None,
                weight: 2,
                attempts: 0,
                finished,
                fills: false,
                retries: false,
                forced: false,
                was_put_back: false,
                share: Share::default(),
                new_weight,
                stamp: Stamp::default(),
                closed: false,
            };
            let Share { extra, owed, awaited } = row.share(counted);
            [extra, owed, awaited]
        };
        // As large as the old one: both are one too many, none is one too few (corrections 26).
        assert_eq!(of(false, 2, [true, true]), [2, 0, 0]);
        assert_eq!(of(false, 2, [true, false]), [0, 0, 2]);
        assert_eq!(of(false, 2, [false, true]), [0, 0, 0]);
        assert_eq!(of(false, 2, [false, false]), [0, 2, 0]);
        assert_eq!(of(true, 2, [true, true]), [2, 0, 0]);
        // Smaller: once it is finished, the group is to be whole without the old one.
        assert_eq!(of(false, 1, [true, true]), [1, 0, 0]);
        assert_eq!(of(false, 1, [false, true]), [0, 0, 0]);
        assert_eq!(of(true, 1, [true, true]), [2, 0, 0]);
        // Larger: nobody has to make way for it before it is finished.
        assert_eq!(of(false, 3, [false, true]), [1, 0, 0]);
        assert_eq!(of(true, 3, [false, true]), [0, 0, 0]);
    }
}
