//! What scaling groups are asked for, and what becomes true of them.

pub use crate::fleet::groups::{Followed, Trigger};
use crate::{
    fleet::{
        groups::Counts,
        ids::{Instance, Member, Refresh, ScalingGroup, Script},
        members::Identity,
        refreshes::{Detail, Order},
        scaling::{HookResult, Processes},
    },
    kernel::column::Id,
    lifecycle::{
        member::MemberState,
        refresh::{RefreshStatus, RefreshStep},
    },
};

/// A command to a scaling group that is there, about members and tasks that are there. What names
/// something unknown is refused before it becomes a command.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ScalingCommand {
    /// `StartInstanceRefresh`: its parameters are the script's.
    Start {
        /// The group.
        group: Id<ScalingGroup>,
        /// Whose parameters say what.
        script: Id<Script>,
    },
    /// `SuspendInstanceRefresh`, `ResumeInstanceRefresh`, `CancelInstanceRefresh` and
    /// `RollbackInstanceRefresh`, by the step that they ask for.
    Control {
        /// The group.
        group: Id<ScalingGroup>,
        /// The task; `None`: the group's active one.
        refresh: Option<Id<Refresh>>,
        /// What is asked for: Suspend, Resume, Cancel or Rollback.
        step: RefreshStep,
    },
    /// `EnableScalingGroup`, `DisableScalingGroup`.
    Enable {
        /// The group.
        group: Id<ScalingGroup>,
        /// Whether it is to be active.
        active: bool,
    },
    /// `ModifyScalingGroup`: sizes, and the configuration (which needs no refresh).
    Modify {
        /// The group.
        group: Id<ScalingGroup>,
        /// `MinSize`, `MaxSize`, `DesiredCapacity`, as far as given (capacity units).
        sizes: [Option<u32>; 3],
        /// `ActiveScalingConfigurationId`, or what the launch template amounts to.
        active: Option<Identity>,
        /// What that follows, if it is a launch template's Default or Latest version.
        follows: Option<Followed>,
    },
    /// `ScaleWithAdjustment`, `ExecuteScalingRule`.
    Scale {
        /// The group.
        group: Id<ScalingGroup>,
        /// How.
        by: Adjustment,
        /// The hooks that do not hold whom it brings or removes (`LifecycleHookContext`, bits by
        /// place in the group).
        hooks_off: u8,
    },
    /// `SuspendProcesses`, `ResumeProcesses`.
    Processes {
        /// The group.
        group: Id<ScalingGroup>,
        /// Which.
        which: Processes,
        /// Whether they are to be suspended.
        suspend: bool,
    },
    /// `AttachInstances` of one instance.
    Attach {
        /// The group.
        group: Id<ScalingGroup>,
        /// The instance, which is in no group.
        instance: Id<Instance>,
        /// `Entrusted`.
        entrusted: bool,
    },
    /// An operation on one member.
    Member {
        /// The group.
        group: Id<ScalingGroup>,
        /// The member.
        member: Id<Member>,
        /// Which.
        order: MemberOrder,
    },
}

/// An operation on one member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberOrder {
    /// `DetachInstances`: it leaves the group and lives on; `DecreaseDesiredCapacity`.
    Detach {
        /// Whether the desired capacity falls with it.
        decrease: bool,
    },
    /// `RemoveInstances`: `RemovePolicy` recycle keeps it where the group's policy does too;
    /// `DecreaseDesiredCapacity`.
    Remove {
        /// Whether it is to be kept if possible.
        recycle: bool,
        /// The hooks that do not hold it (`LifecycleHookContext`, bits by place in the group).
        hooks_off: u8,
        /// Whether the desired capacity falls with it.
        decrease: bool,
    },
    /// `EnterStandby`.
    EnterStandby,
    /// `ExitStandby`.
    ExitStandby,
    /// `SetInstancesProtection`.
    Protect(bool),
    /// `SetInstanceHealth`: whether it is Healthy.
    SetHealth(bool),
    /// `CompleteLifecycleAction`.
    CompleteHook {
        /// The place of the hook among its group's; `None`: the one that holds the member.
        hook: Option<u8>,
        /// With what.
        result: HookResult,
    },
    /// `RecordLifecycleActionHeartbeat`.
    Heartbeat {
        /// The hook, likewise.
        hook: Option<u8>,
        /// How much from now on (s), if given.
        seconds: Option<u32>,
    },
}

/// `AdjustmentType` with its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Adjustment {
    /// `QuantityChangeInCapacity` (capacity units).
    Change(i32),
    /// `PercentChangeInCapacity` (percent), and `MinAdjustmentMagnitude` (capacity units).
    Percent(i32, u32),
    /// `TotalCapacity` (capacity units).
    Total(u32),
}

/// How a scaling activity stands (spec/refresh-and-migration.md 1.9).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ActivityStatus {
    /// All of it was done.
    Successful,
    /// Part of it was done.
    Warning,
    /// None of it could be done.
    Failed,
    /// It would change nothing, or may not be.
    Rejected,
    /// Some launch or removal of it is under way.
    InProgress,
}

impl ActivityStatus {
    /// Every status with which one may end.
    pub const ALL: &'static [Self] =
        &[Self::Successful, Self::Warning, Self::Failed, Self::Rejected];

    /// Its name in the cloud's API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Successful => "Successful",
            Self::Warning => "Warning",
            Self::Failed => "Failed",
            Self::Rejected => "Rejected",
            Self::InProgress => "InProgress",
        }
    }
}

/// Something that has become true of a scaling group.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ScalingFact {
    /// A group's size, or what it consists of, changed.
    Counted {
        /// The group.
        group: Id<ScalingGroup>,
        /// Its desired capacity (capacity units).
        desired: u32,
        /// What it consists of (capacity units).
        counts: Counts,
    },
    /// A member changed its state; `from` is `None` for a new one.
    MemberMoved {
        /// The member.
        member: Id<Member>,
        /// Its group.
        group: Id<ScalingGroup>,
        /// Its instance, as long as there is one.
        instance: Option<Id<Instance>>,
        /// The state it left.
        from: Option<MemberState>,
        /// The state it entered.
        to: MemberState,
        /// The refresh that it comes or goes for.
        refresh: Option<Id<Refresh>>,
    },
    /// The image of a member makes it fail from now on: nobody has found that yet.
    MemberFails {
        /// The member.
        member: Id<Member>,
        /// Its group.
        group: Id<ScalingGroup>,
        /// Its instance, as long as there is one.
        instance: Option<Id<Instance>>,
    },
    /// The health check came to another verdict on a member.
    MemberJudged {
        /// The member.
        member: Id<Member>,
        /// Its group.
        group: Id<ScalingGroup>,
        /// Its instance, as long as there is one.
        instance: Option<Id<Instance>>,
        /// Whether it is Healthy now.
        healthy: bool,
    },
    /// A launch of a group found no room, or failed.
    LaunchFailed {
        /// The group.
        group: Id<ScalingGroup>,
        /// The refresh that it was for.
        refresh: Option<Id<Refresh>>,
    },
    /// A scaling activity began, is over, or both at once.
    Activity {
        /// The group.
        group: Id<ScalingGroup>,
        /// How many there were before it in this group.
        number: u32,
        /// Why.
        trigger: Trigger,
        /// The refresh that it belongs to (`InstanceRefreshTaskId`).
        refresh: Option<Id<Refresh>>,
        /// Launches under way, in the end those that came into service (count).
        launched: u32,
        /// Removals under way, in the end those that have left (count).
        removed: u32,
        /// InProgress at its begin; then how it went.
        status: ActivityStatus,
    },
    /// The system suspends a group whose activities have failed for too long, or no longer.
    SystemSuspended {
        /// The group.
        group: Id<ScalingGroup>,
        /// Whether it is suspended from now on.
        suspended: bool,
    },
    /// A refresh is created, or changed its status.
    RefreshMoved {
        /// The refresh.
        refresh: Id<Refresh>,
        /// Its group.
        group: Id<ScalingGroup>,
        /// The status it left; `None`: it is new.
        from: Option<RefreshStatus>,
        /// The status it entered.
        to: RefreshStatus,
        /// What is wrong, where it failed.
        detail: Detail,
    },
    /// A refresh began a batch.
    BatchBegan {
        /// The refresh.
        refresh: Id<Refresh>,
        /// Replacements whose old member goes first (count).
        terminate_first: u32,
        /// Replacements whose new member comes first (count).
        launch_first: u32,
        /// Whether it goes beyond the bounds, because else nothing would ever move.
        forced: bool,
    },
    /// A replacement began.
    Replacing {
        /// The refresh.
        refresh: Id<Refresh>,
        /// Who is replaced.
        old: Id<Member>,
        /// Which goes first.
        order: Order,
    },
    /// A replacement's new member is ready.
    Replaced {
        /// The refresh.
        refresh: Id<Refresh>,
        /// Who is new.
        new: Id<Member>,
        /// `FinishedUpdateCapacity` now, or what a rollback has replaced (capacity units).
        finished: u32,
        /// `TotalNeedUpdateCapacity` now (capacity units).
        total: u32,
    },
    /// A new instance of a refresh failed before it was ready.
    ReplacementFailed {
        /// The refresh.
        refresh: Id<Refresh>,
        /// Who failed.
        new: Id<Member>,
    },
    /// A refresh reached a checkpoint.
    CheckpointReached {
        /// The refresh.
        refresh: Id<Refresh>,
        /// The highest that was reached at once (percent).
        percent: u32,
    },
    /// A refresh took more than it should have: healthy ones fell below the bound by its own doing.
    FloorBroken {
        /// The refresh.
        refresh: Id<Refresh>,
        /// How many it was below (capacity units).
        missing: u32,
    },
}
