//! The table of scaling groups: what of them changes in a run.

use crate::{
    fleet::{
        ids::{Activity, Member, Refresh, ScalingGroup, Script},
        layout::Layout,
        members::Identity,
        scaling::{Process, Processes},
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::member::MemberState,
};
use std::{
    collections::{BTreeSet, VecDeque},
    ops::Index,
};

/// What has happened to a member, for those whose business it is; read by the group's pass at the
/// end of the instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum News {
    /// It is in service, warm and found healthy, for the first time.
    Ready(Id<Member>),
    /// It was found unhealthy, or its launch came to nothing, and it has begun to leave.
    Lost(Id<Member>),
    /// It has left; its row may be recycled once this is read.
    Gone(Id<Member>),
    /// It is not available to be picked any more: protected, on standby, or removed by somebody
    /// else.
    Taken(Id<Member>),
    /// It may be picked again.
    Returned(Id<Member>),
    /// A hook put it back into service although it was to leave.
    PutBack(Id<Member>),
    /// A member came that no replacement launched: it takes part as a new one.
    Joined(Id<Member>),
}

/// How many capacity units of a group are what; all of it kept by `processes/members`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// `T`: Pending, `Pending:Wait`, InService, Protected, Standby, Stopped.
    pub counted: u32,
    /// `H`: InService or Protected, warm, and found healthy.
    pub healthy: u32,
    /// InService or Protected, warm, and truly healthy.
    pub serving: u32,
    /// Removing and `Removing:Wait`.
    pub leaving: u32,
    /// Pending, `Pending:Wait`, or in service and not warm.
    pub coming: u32,
    /// Stopped and kept (recycle modes): counted, and not what a desired capacity is about.
    pub stopped: u32,
    /// `PendingCapacity`.
    pub pending: u32,
    /// `PendingWaitCapacity`.
    pub pending_wait: u32,
    /// `ProtectedCapacity`.
    pub protected: u32,
    /// `StandbyCapacity`.
    pub standby: u32,
    /// `RemovingWaitCapacity`.
    pub removing_wait: u32,
}

impl Counts {
    /// `F`: all that take room.
    pub const fn physical(&self) -> u32 {
        self.counted + self.leaving
    }

    /// What a desired capacity is about: all that is counted but for those who are kept Stopped.
    pub const fn active(&self) -> u32 {
        self.counted - self.stopped
    }

    /// `ActiveCapacity`: InService.
    pub const fn in_service(&self) -> u32 {
        let others = self.pending + self.pending_wait + self.protected + self.standby;
        self.active() - others
    }

    /// How many are in each of the states in which nobody is without somebody's doing.
    pub const fn in_other_states(&self) -> [(MemberState, u32); 5] {
        [
            (MemberState::PendingWait, self.pending_wait),
            (MemberState::Protected, self.protected),
            (MemberState::Standby, self.standby),
            (MemberState::Stopped, self.stopped),
            (MemberState::RemovingWait, self.removing_wait),
        ]
    }

    /// How many are in each state that is counted in a group.
    pub const fn in_states(&self) -> [(MemberState, u32); 8] {
        let [wait, protected, standby, stopped, removing_wait] = self.in_other_states();
        [
            (MemberState::Pending, self.pending),
            wait,
            (MemberState::InService, self.in_service()),
            protected,
            standby,
            stopped,
            (MemberState::Removing, self.removing()),
            removing_wait,
        ]
    }

    /// `RemovingCapacity`.
    pub const fn removing(&self) -> u32 {
        self.leaving - self.removing_wait
    }

    /// These with `others`.
    #[must_use]
    pub const fn plus(self, others: Self) -> Self {
        Self {
            counted: self.counted + others.counted,
            healthy: self.healthy + others.healthy,
            serving: self.serving + others.serving,
            leaving: self.leaving + others.leaving,
            coming: self.coming + others.coming,
            stopped: self.stopped + others.stopped,
            pending: self.pending + others.pending,
            pending_wait: self.pending_wait + others.pending_wait,
            protected: self.protected + others.protected,
            standby: self.standby + others.standby,
            removing_wait: self.removing_wait + others.removing_wait,
        }
    }

    /// These without `others`, which are among them.
    #[must_use]
    pub const fn minus(self, others: Self) -> Self {
        Self {
            counted: self.counted - others.counted,
            healthy: self.healthy - others.healthy,
            serving: self.serving - others.serving,
            leaving: self.leaving - others.leaving,
            coming: self.coming - others.coming,
            stopped: self.stopped - others.stopped,
            pending: self.pending - others.pending,
            pending_wait: self.pending_wait - others.pending_wait,
            protected: self.protected - others.protected,
            standby: self.standby - others.standby,
            removing_wait: self.removing_wait - others.removing_wait,
        }
    }
}

/// Why a group scales.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Trigger {
    /// An operation (`APIs`).
    Api,
    /// Its schedule, its health check, its desired capacity (`Ess`).
    Ess,
    /// Its target rule (`Cms`).
    Cms,
    /// An instance refresh.
    Refresh,
}

/// What a group follows: Default or Latest of a launch template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Followed {
    /// What its own description says.
    Own,
    /// What a command asked for, by StartInstanceRefresh or ModifyScalingGroup.
    Asked(Id<Script>),
}

/// One group.
#[derive(Clone, Debug)]
pub struct GroupRow {
    /// Whether it is Active, not Inactive.
    pub active: bool,
    /// MinSize, MaxSize (capacity units).
    pub size: [u32; 2],
    /// `D`: the desired capacity, or the base of percentages where that feature is off (capacity
    /// units; spec/corrections.md 29).
    pub desired: u32,
    /// Whether it restores that size by itself (the expected-number feature is on).
    pub restores: bool,
    /// Whether, with that feature off, it is on its way to that size because somebody scaled it.
    pub settling: bool,
    /// The hooks that do not hold whom the present scaling brings or removes (`LifecycleHookContext`,
    /// bits by place).
    pub hooks_off: u8,
    /// Who scaled it since its last activity.
    pub trigger: Trigger,
    /// Its active configuration.
    pub identity: Identity,
    /// The launch template's version that it follows, if that is another one at another time.
    pub follows: Option<Followed>,
    /// What it launches: the active configuration, or the target of its active refresh.
    pub launches_from: Identity,
    /// Identities in the order in which the group came to use them: the older one leaves first.
    pub identities: Vec<Identity>,
    /// Suspended processes.
    pub suspended: Processes,
    /// `SystemSuspended`: whether its activities have failed for so long that it launches nobody any
    /// more, until it is edited.
    pub system_suspended: bool,
    /// Since when every activity that did anything has failed.
    pub failing_since: Option<Instant>,
    /// The counts.
    pub counts: Counts,
    /// Members launched or taken up so far (count) -- the number of the next.
    pub launches: u32,
    /// Launches tried so far (count) -- the ordinal of their draws.
    pub tries: u32,
    /// Members counted in each of its zones (count), for an even spread.
    pub in_zone: Vec<u32>,
    /// The active refresh, if any.
    pub refresh: Option<Id<Refresh>>,
    /// Those who may be removed by a scale-in, the first to leave first: in a group that is to be
    /// balanced by zone (its place among the group's, else 0); then by price where the group goes by
    /// that, by the removal policies' keys, then by number.
    pub removable: BTreeSet<(u32, [u64; 4], Id<Member>)>,
    /// Those who are kept, Stopped (recycle modes), by number.
    pub stopped: BTreeSet<(u32, Id<Member>)>,
    /// What has happened since the last pass.
    pub news: Vec<News>,
    /// Those who have left, and whose rows are recycled once the news of it are read.
    pub gone: Vec<Id<Member>>,
    /// When the target rule last started an activity.
    pub last_scaled: Option<Instant>,
    /// When a launch came to nothing in the very instant in which it began: no other begins then.
    pub fell_through: Option<Instant>,
    /// When a launch that found no room is tried again.
    pub retries_at: Option<Instant>,
    /// When it is looked at again: what is pending for that.
    pub wakes: Vec<Instant>,
    /// Scaling activities begun so far (count).
    pub activities: u32,
    /// Those that began at this instant and are not told yet.
    pub beginning: VecDeque<Id<Activity>>,
    /// Activities that are not over, those of refreshes left out (count).
    pub under_way: u32,
}

impl GroupRow {
    /// Those of a list of [`Self::removable`], the first to leave first.
    pub fn removable_in(&self, zone: u32) -> impl Iterator<Item = Id<Member>> + '_ {
        let first = |zone| (zone, [0; 4], Id::new(0));
        self.removable.range(first(zone)..first(zone + 1)).map(|(_, _, member)| *member)
    }

    /// Whether `process` is suspended: by the group's owner, or, if it launches, by the system.
    pub const fn stops(&self, process: Process) -> bool {
        let by_system = self.system_suspended && matches!(process, Process::ScaleOut);
        by_system || self.suspended.has(process)
    }
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    rows: Column<ScalingGroup, GroupRow>,
}

impl Groups {
    /// The groups of `layout`, empty.
    pub fn new(layout: &Layout) -> Self {
        let mut rows = Column::default();
        for spec in layout.scaling_groups.iter() {
            let identity = Identity::of(spec.active);
            rows.push(GroupRow {
                active: spec.enabled,
                size: spec.size,
                desired: spec.desired.unwrap_or(0),
                restores: spec.desired.is_some(),
                settling: false,
                hooks_off: 0,
                trigger: Trigger::Ess,
                identity,
                follows: spec.follows.map(|_| Followed::Own),
                launches_from: identity,
                identities: vec![identity],
                suspended: spec.suspended,
                system_suspended: false,
                failing_since: None,
                counts: Counts::default(),
                launches: 0,
                tries: 0,
                in_zone: vec![0; spec.zones.len()],
                refresh: None,
                removable: BTreeSet::new(),
                stopped: BTreeSet::new(),
                news: Vec::new(),
                gone: Vec::new(),
                last_scaled: None,
                fell_through: None,
                retries_at: None,
                wakes: Vec::new(),
                activities: 0,
                beginning: VecDeque::new(),
                under_way: 0,
            });
        }
        Self { rows }
    }

    /// The row of `group`.
    pub fn row_mut(&mut self, group: Id<ScalingGroup>) -> &mut GroupRow {
        &mut self.rows[group]
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// Every group, in order.
    pub fn entries(&self) -> impl Iterator<Item = (Id<ScalingGroup>, &GroupRow)> {
        self.rows.entries()
    }
}

impl Index<Id<ScalingGroup>> for Groups {
    type Output = GroupRow;
    fn index(&self, group: Id<ScalingGroup>) -> &GroupRow {
        &self.rows[group]
    }
}
