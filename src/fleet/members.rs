//! The table of members of scaling groups. Rows of those who have left are recycled; the numbers
//! of their launches are not.

use crate::{
    fleet::{
        groups::Counts,
        ids::{Activity, Configuration, Image, Instance, Member, Replacement, ScalingGroup, Zone},
        scaling::{Creation, HookResult},
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::{Instant, Span},
    },
    lifecycle::member::{MemberState, MemberStep},
};
use std::{collections::BTreeMap, ops::Index};

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
    /// What its vCPU costs (millionths of the scenario's currency an hour).
    pub vcpu_price: u64,
    /// The hooks that do not hold it as it comes or goes (bits by place).
    pub hooks_off: u8,
    /// The zone that it was launched into.
    pub zone: Option<Id<Zone>>,
    /// When it was created.
    pub created: Instant,
    /// `HealthStatus` as the group has found it: whether it is Healthy.
    pub healthy: bool,
    /// Whether somebody said by hand that it is Unhealthy: the health check does not know better.
    pub condemned: bool,
    /// Since when the health check would find trouble; `None`: it would find none.
    pub ill_since: Option<Instant>,
    /// Whether its image makes it fail the health check, by now.
    pub failing: bool,
    /// When that begins, if it will.
    pub fails_at: Option<Instant>,
    /// `WarmupState`: whether it needs no warm-up (any more).
    pub warm: bool,
    /// How long it warms up once it is in service.
    pub warm_up: Span,
    /// When it is warm, once it is in service; until then never.
    pub warm_at: Instant,
    /// Whether it has ever been in service, warm and found healthy at once.
    pub ready: bool,
    /// Whether it is being re-imaged where it is.
    pub reimaging: bool,
    /// Whether it is being attached.
    pub attaching: bool,
    /// When the health check looks at it again: what is pending for that; else never.
    pub judged_at: [Instant; 2],
    /// For when its warm-up and its failure were last expected: what may be pending for that.
    pub expected: [Option<Instant>; 2],
    /// Until when a scale-in leaves it alone, because a hook put it back.
    pub spared_until: Instant,
    /// How often it has come (0 for the first time) and left -- the ordinals of its draws (counts).
    pub turns: [u16; 2],
    /// Whether it serves as far as anybody could know: in service, warm, and truly healthy.
    pub serves: bool,
    /// The replacement that it is the old or the new one of.
    pub replacement: Option<Id<Replacement>>,
    /// The activity that it comes or leaves in, as long as it does.
    pub activity: Option<Id<Activity>>,
    /// The worst result of the hooks that have ended.
    pub hook_result: HookResult,
    /// Whether it is only detached when it leaves, whatever its creation.
    pub detach_only: bool,
    /// Whether it is kept, stopped, when it leaves (recycle modes).
    pub keep: bool,
    /// Whether the desired capacity fell with it.
    pub decreased: bool,
    /// Whether it is out of service, so that its instance is being stopped.
    pub detached: bool,
    /// Whether an occurrence that looks at it is pending.
    pub seen_pending: bool,
    /// Raised by each change of state: alarms of an older one are void.
    pub stamp: Stamp,
    /// Raised only when the row is recycled.
    pub birth: Stamp,
}

impl MemberRow {
    /// What it adds to the counts of its group.
    pub const fn counts(&self) -> Counts {
        let weight = self.weight as u32;
        const fn of(applies: bool, weight: u32) -> u32 {
            if applies { weight } else { 0 }
        }
        let (comes, serves, leaves) = match self.state {
            MemberState::Pending | MemberState::PendingWait => (true, false, false),
            MemberState::InService | MemberState::Protected => (!self.warm, true, false),
            MemberState::Standby | MemberState::Stopped | MemberState::Gone => {
                (false, false, false)
            }
            MemberState::RemovingWait | MemberState::Removing => (false, false, true),
        };
        let is_gone = matches!(self.state, MemberState::Gone);
        Counts {
            counted: of(!leaves && !is_gone, weight),
            healthy: of(serves && self.warm && self.healthy, weight),
            serving: of(self.serves, weight),
            leaving: of(leaves, weight),
            coming: of(comes, weight),
            stopped: of(matches!(self.state, MemberState::Stopped), weight),
            pending: of(matches!(self.state, MemberState::Pending), weight),
            pending_wait: of(matches!(self.state, MemberState::PendingWait), weight),
            protected: of(matches!(self.state, MemberState::Protected), weight),
            standby: of(matches!(self.state, MemberState::Standby), weight),
            removing_wait: of(matches!(self.state, MemberState::RemovingWait), weight),
        }
    }

    /// Whether it is in service, for good or for the time being: what a removal first ends.
    pub const fn is_taken_up(&self) -> bool {
        matches!(self.state, MemberState::InService | MemberState::Protected | MemberState::Standby)
    }

    /// Whether it is on its way in.
    pub const fn is_coming(&self) -> bool {
        matches!(self.state, MemberState::Pending | MemberState::PendingWait)
    }

    /// Whether its group is done with it, for now or for good: nobody else is to start it again.
    pub const fn is_discharged(&self) -> bool {
        matches!(self.state, MemberState::Removing | MemberState::Stopped)
    }

    /// Whether it will be released, or kept, when it leaves: it is the group's own.
    pub const fn is_ended(&self) -> bool {
        !self.detach_only && !matches!(self.creation, Creation::Attached)
    }
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Members {
    rows: Column<Member, MemberRow>,
    free: Vec<Id<Member>>,
    /// The member that an instance is, by the instance's place; as long as any group's.
    of: Vec<Option<Id<Member>>>,
    /// The hooks of those who are held: few, or none.
    holds: BTreeMap<Id<Member>, Hold>,
}

/// The hooks that hold a member.
#[derive(Clone, Debug, Default)]
pub struct Hold {
    /// Those that have not ended.
    pub hooks: Vec<HeldBy>,
    /// When it is looked at again: instants for which an alarm is pending.
    pub alarms: Vec<Instant>,
}

/// A hook that holds a member.
#[derive(Clone, Copy, Debug)]
pub struct HeldBy {
    /// Its place in its group's list.
    pub hook: u8,
    /// When its time is up.
    pub times_out: Instant,
    /// When the user's automation completes it, if it does.
    pub completes: Option<Instant>,
}

impl HeldBy {
    /// When it ends if nobody interferes.
    pub fn ends(&self) -> Instant {
        self.completes.map_or(self.times_out, |completes| completes.min(self.times_out))
    }
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
        }
        from
    }

    /// The row of `member`, who is gone, may be another's: nobody speaks of it any more.
    pub fn recycle(&mut self, member: Id<Member>) {
        let row = &self.rows[member];
        debug_assert!(row.state == MemberState::Gone, "only who is gone is forgotten");
        if !row.stamp.is_worn() && !row.birth.is_worn() {
            self.free.push(member);
        }
    }

    /// `member` is held by these hooks.
    pub fn hold(&mut self, member: Id<Member>, hold: Hold) {
        self.holds.insert(member, hold);
    }

    /// The hooks that hold `member`, if any do.
    pub fn hold_mut(&mut self, member: Id<Member>) -> Option<&mut Hold> {
        self.holds.get_mut(&member)
    }

    /// The hooks that hold `member`.
    pub fn held_by(&self, member: Id<Member>) -> &[HeldBy] {
        self.holds.get(&member).map_or(&[], |hold| &hold.hooks)
    }

    /// Whether hooks hold `member`.
    pub fn is_held(&self, member: Id<Member>) -> bool {
        self.holds.contains_key(&member)
    }

    /// Nothing holds `member` any more.
    pub fn let_go(&mut self, member: Id<Member>) {
        self.holds.remove(&member);
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
