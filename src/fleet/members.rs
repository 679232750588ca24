//! The table of members of scaling groups. Rows of those who have left are recycled; the numbers
//! of their launches are not.

use crate::{
    fleet::{
        ids::{Configuration, Image, Instance, Member, Replacement, ScalingGroup, Zone},
        scaling::{Creation, HookResult},
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::Instant,
    },
    lifecycle::member::{MemberState, MemberStep},
};
use std::ops::Index;

/// What a member was launched from: compared as a whole, never field by field of what it stands for
/// (spec/refresh-and-migration.md 2.6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Identity {
    /// The configuration.
    pub configuration: Id<Configuration>,
    /// Raised by each refresh of the image alone.
    pub revision: u16,
    /// The image, where it is not the configuration's.
    pub image: Option<Id<Image>>,
}

impl Identity {
    /// A configuration as it is.
    pub const fn of(configuration: Id<Configuration>) -> Self {
        Self { configuration, revision: 0, image: None }
    }
}

/// One member.
#[derive(Clone, Copy, Debug)]
pub struct MemberRow {
    /// The group.
    pub group: Id<ScalingGroup>,
    /// How many the group had launched or taken up before it: orders members, addresses draws.
    pub number: u32,
    /// Its instance; `None` once that is released.
    pub instance: Option<Id<Instance>>,
    /// How it stands -- changed only by [`Members::step`].
    pub state: MemberState,
    /// How it came into the group.
    pub creation: Creation,
    /// What it was launched from.
    pub identity: Identity,
    /// `WeightedCapacity` (capacity units).
    pub weight: u16,
    /// The zone that it was launched into.
    pub zone: Option<Id<Zone>>,
    /// When it was created.
    pub created: Instant,
    /// `HealthStatus` as the group has found it: whether it is Healthy.
    pub healthy: bool,
    /// Since when the health check would find trouble; `None`: it would find none.
    pub ill_since: Option<Instant>,
    /// Whether its image makes it fail the health check, by now.
    pub failing: bool,
    /// `WarmupState`: whether it needs no warm-up (any more).
    pub warm: bool,
    /// Whether it serves as far as anybody could know: in service, warm, and truly healthy.
    pub serves: bool,
    /// The replacement that it is the old or the new one of.
    pub replacement: Option<Id<Replacement>>,
    /// Hooks that hold it, by their places in the group's list (bits).
    pub hooks: u8,
    /// The worst result of the hooks that have ended.
    pub hook_result: HookResult,
    /// Whether it is only detached when it leaves, whatever its creation.
    pub detach_only: bool,
    /// Whether it is kept, stopped, when it leaves (recycle modes).
    pub keep: bool,
    /// Whether an occurrence that looks at it is pending.
    pub seen_pending: bool,
    /// Raised by each change of state: alarms of an older one are void.
    pub stamp: Stamp,
    /// Raised only when the row is recycled.
    pub birth: Stamp,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Members {
    rows: Column<Member, MemberRow>,
    free: Vec<Id<Member>>,
    /// The member that an instance is, by the instance's place; as long as any group's.
    of: Vec<Option<Id<Member>>>,
}

impl Members {
    /// The member that `instance` is, if it is one.
    #[inline]
    pub fn of(&self, instance: Id<Instance>) -> Option<Id<Member>> {
        self.of.get(instance.index()).copied().flatten()
    }

    /// A new member.
    pub fn create(&mut self, row: MemberRow) -> Id<Member> {
        let instance = row.instance;
        let member = match self.free.pop() {
            None => self.rows.push(row),
            Some(member) => {
                let old = self.rows[member];
                self.rows[member] = MemberRow { stamp: old.stamp, birth: old.birth, ..row };
                member
            }
        };
        if let Some(instance) = instance {
            self.link(member, instance);
        }
        member
    }

    /// `instance` is `member` from now on.
    pub fn link(&mut self, member: Id<Member>, instance: Id<Instance>) {
        let place = instance.index();
        if self.of.len() <= place {
            self.of.resize(place + 1, None);
        }
        self.of[place] = Some(member);
        self.rows[member].instance = Some(instance);
    }

    /// `member` has no instance any more.
    pub fn unlink(&mut self, member: Id<Member>) {
        if let Some(instance) = self.rows[member].instance.take() {
            self.of[instance.index()] = None;
        }
    }

    /// Moves a member by one step of its machine and raises its stamp; says the state it left.
    ///
    /// # Panics
    /// If the machine has no such arc: admission was checked before, so this is a bug of ours.
    pub fn step(&mut self, member: Id<Member>, step: MemberStep) -> MemberState {
        let row = &mut self.rows[member];
        let from = row.state;
        row.state = from.after(step).unwrap_or_else(|| panic!("{from} has no arc by {step:?}"));
        row.stamp.raise();
        if row.state == MemberState::Gone {
            assert!(row.instance.is_none(), "who is gone has no instance in the group");
            row.birth.raise();
            if !row.stamp.is_worn() && !row.birth.is_worn() {
                self.free.push(member);
            }
        }
        from
    }

    /// The row of `member`, for what is neither state nor instance.
    pub fn row_mut(&mut self, member: Id<Member>) -> &mut MemberRow {
        &mut self.rows[member]
    }

    /// Every member that has not left, in order of row.
    pub fn present(&self) -> impl Iterator<Item = (Id<Member>, &MemberRow)> {
        self.rows.entries().filter(|(_, row)| row.state != MemberState::Gone)
    }
}

impl Index<Id<Member>> for Members {
    type Output = MemberRow;
    #[inline]
    fn index(&self, member: Id<Member>) -> &MemberRow {
        &self.rows[member]
    }
}
