//! What owners and the operator ask the cloud for, under the cloud's own names.

use crate::{
    fleet::{
        care::{ActionOnMaintenance, LockReason, MaintenanceWindow, StoppedMode},
        cold_migrations::Goal,
        credits::CreditMode,
        ids::{Instance, Script, SystemEvent, Task, Template},
    },
    kernel::{column::Id, time::Instant},
    lifecycle::system_event::EventType,
    messages::{hosts::HostCommand, scaling::ScalingCommand},
};

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Actor {
    /// The owner of the instance, by its policy.
    Owner,
    /// A command of the scenario.
    Script(Id<Script>),
}

/// A command whose subjects are there. What names something unknown is refused before it becomes
/// a command.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Command {
    /// `RunInstances`: creates and starts instances.
    RunInstances {
        /// What they are born with.
        template: Id<Template>,
        /// How many (`Amount`).
        amount: u32,
    },
    /// `CreateInstance`: creates one, Stopped.
    CreateInstance {
        /// What it is born with.
        template: Id<Template>,
    },
    /// `DeleteInstance`.
    DeleteInstance {
        /// Which.
        instance: Id<Instance>,
        /// `Force`: also when it is Running.
        force: bool,
    },
    /// `StartInstance`.
    StartInstance {
        /// Which.
        instance: Id<Instance>,
        /// `InitLocalDisk`: bring damaged local disks back, all local data lost.
        init_local_disk: bool,
        /// `DryRun`.
        dry_run: bool,
    },
    /// `StopInstance`.
    StopInstance {
        /// Which.
        instance: Id<Instance>,
        /// `StoppedMode`.
        mode: Option<StoppedMode>,
        /// `ForceStop`.
        force: bool,
        /// `ConfirmStop`.
        confirm: bool,
        /// `DryRun`.
        dry_run: bool,
    },
    /// `RebootInstance`.
    RebootInstance {
        /// Which.
        instance: Id<Instance>,
        /// `ForceStop`.
        force: bool,
        /// `DryRun`.
        dry_run: bool,
    },
    /// `RedeployInstance`.
    RedeployInstance {
        /// Which.
        instance: Id<Instance>,
        /// `ForceStop`.
        force: bool,
    },
    /// `MigrateServer` of the second cloud.
    MigrateServer {
        /// Which.
        instance: Id<Instance>,
        /// `migrate`: a dedicated host, or the shared servers.
        goal: Goal,
    },
    /// `AcceptInquiredSystemEvent`.
    AcceptInquiredSystemEvent {
        /// Which.
        event: Id<SystemEvent>,
    },
    /// `ModifySystemEventAttribute`.
    ModifySystemEventAttribute {
        /// The instance that the caller names.
        instance: Id<Instance>,
        /// Which.
        event: Id<SystemEvent>,
        /// `NotBefore`.
        not_before: Instant,
    },
    /// `ModifyInstanceMaintenanceAttributes` of one instance.
    ModifyInstanceMaintenanceAttributes {
        /// Which.
        instance: Id<Instance>,
        /// `ActionOnMaintenance`, if given.
        action: Option<ActionOnMaintenance>,
        /// `MaintenanceWindow.1`, if given.
        window: Option<MaintenanceWindow>,
        /// `NotifyOnMaintenance`, if given.
        notify: Option<bool>,
    },
    /// `ModifyInstanceAttribute` of one instance, as far as its credits go.
    ModifyInstanceAttribute {
        /// Which.
        instance: Id<Instance>,
        /// `CreditSpecification`.
        mode: CreditMode,
    },
    /// `CreateSimulatedSystemEvents` for one instance.
    CreateSimulatedSystemEvents {
        /// Which.
        instance: Id<Instance>,
        /// `EventType`.
        kind: EventType,
        /// `NotBefore`.
        not_before: Instant,
        /// `TriggerRealOps`.
        real_ops: bool,
    },
    /// `CancelSimulatedSystemEvents` for one event.
    CancelSimulatedSystemEvents {
        /// Which.
        event: Id<SystemEvent>,
    },
    /// `CancelTask`.
    CancelTask {
        /// Which.
        task: Id<Task>,
    },
    /// A command about dedicated hosts.
    Host(HostCommand),
    /// A command to a scaling group.
    Scaling(Operation, ScalingCommand),
    /// The cloud sets or lifts a lock on an instance: nobody asks it for that.
    LockInstance {
        /// Which.
        instance: Id<Instance>,
        /// Why (`OperationLocks[].LockReason`).
        reason: LockReason,
        /// Whether the lock is set; else it is lifted.
        on: bool,
    },
}

/// Whose rules hold for moves that owners ask for (`settings.cloud`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cloud {
    /// `alibaba`: the first.
    First,
    /// `huawei`: the second.
    Second,
}

impl Cloud {
    /// Its word in scenarios.
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "alibaba",
            Self::Second => "huawei",
        }
    }
}

/// The operations of the cloud that the simulator knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Operation {
    /// Creates and starts instances.
    RunInstances,
    /// Creates one instance, Stopped.
    CreateInstance,
    /// Releases an instance.
    DeleteInstance,
    /// Starts a stopped instance.
    StartInstance,
    /// Stops an instance.
    StopInstance,
    /// Restarts an instance.
    RebootInstance,
    /// Restarts an instance on another server.
    RedeployInstance,
    /// Moves a stopped instance between dedicated hosts, or between one and the shared servers.
    MigrateServer,
    /// Tells of a job.
    ShowJob,
    /// Authorises what an event asks for.
    AcceptInquiredSystemEvent,
    /// Moves the planned time of an event.
    ModifySystemEventAttribute,
    /// Changes the mode of a burstable instance.
    ModifyInstanceAttribute,
    /// Changes what happens to instances under maintenance.
    ModifyInstanceMaintenanceAttributes,
    /// Makes events that only look real.
    CreateSimulatedSystemEvents,
    /// Cancels simulated events.
    CancelSimulatedSystemEvents,
    /// Cancels a task.
    CancelTask,
    /// Lists tasks.
    DescribeTasks,
    /// Lists ended events.
    DescribeInstanceHistoryEvents,
    /// Lists instances with their health and open events.
    DescribeInstancesFullStatus,
    /// Replaces the instances of a scaling group, step by step.
    StartInstanceRefresh,
    /// Pauses a refresh.
    SuspendInstanceRefresh,
    /// Lets a paused refresh go on.
    ResumeInstanceRefresh,
    /// Ends a refresh; what is replaced stays so.
    CancelInstanceRefresh,
    /// Takes a refresh back.
    RollbackInstanceRefresh,
    /// Lists refreshes.
    DescribeInstanceRefreshes,
    /// Makes a scaling group active.
    EnableScalingGroup,
    /// Makes a scaling group inactive.
    DisableScalingGroup,
    /// Changes the size or the configuration of a scaling group.
    ModifyScalingGroup,
    /// Changes the desired capacity of a scaling group.
    ScaleWithAdjustment,
    /// Changes the desired capacity of a scaling group by a rule.
    ExecuteScalingRule,
    /// Suspends processes of a scaling group.
    SuspendProcesses,
    /// Resumes processes of a scaling group.
    ResumeProcesses,
    /// Takes instances into a scaling group.
    AttachInstances,
    /// Lets members leave their scaling group and live on.
    DetachInstances,
    /// Removes members of a scaling group.
    RemoveInstances,
    /// Takes members out of service.
    EnterStandby,
    /// Takes members back into service.
    ExitStandby,
    /// Protects members, or no longer.
    SetInstancesProtection,
    /// Says whether a member is healthy.
    SetInstanceHealth,
    /// Ends the hook that holds a member.
    CompleteLifecycleAction,
    /// Gives the hook that holds a member more time.
    RecordLifecycleActionHeartbeat,
    /// Sets a lock on an instance; an act of the cloud.
    LockInstance,
    /// Lifts it; an act of the cloud.
    UnlockInstance,
    /// Moves an instance to, or between, dedicated hosts.
    ModifyInstanceDeployment,
    /// Gives a dedicated host at risk another server.
    RedeployDedicatedHost,
    /// Changes attributes of a dedicated host.
    ModifyDedicatedHostAttribute,
    /// Lists dedicated hosts.
    DescribeDedicatedHosts,
}

impl Operation {
    /// Every operation.
    pub const ALL: &'static [Self] = &[
        Self::RunInstances,
        Self::CreateInstance,
        Self::DeleteInstance,
        Self::StartInstance,
        Self::StopInstance,
        Self::RebootInstance,
        Self::RedeployInstance,
        Self::MigrateServer,
        Self::ShowJob,
        Self::AcceptInquiredSystemEvent,
        Self::ModifySystemEventAttribute,
        Self::ModifyInstanceAttribute,
        Self::ModifyInstanceMaintenanceAttributes,
        Self::CreateSimulatedSystemEvents,
        Self::CancelSimulatedSystemEvents,
        Self::CancelTask,
        Self::DescribeTasks,
        Self::DescribeInstanceHistoryEvents,
        Self::DescribeInstancesFullStatus,
        Self::StartInstanceRefresh,
        Self::SuspendInstanceRefresh,
        Self::ResumeInstanceRefresh,
        Self::CancelInstanceRefresh,
        Self::RollbackInstanceRefresh,
        Self::DescribeInstanceRefreshes,
        Self::EnableScalingGroup,
        Self::DisableScalingGroup,
        Self::ModifyScalingGroup,
        Self::ScaleWithAdjustment,
        Self::ExecuteScalingRule,
        Self::SuspendProcesses,
        Self::ResumeProcesses,
        Self::AttachInstances,
        Self::DetachInstances,
        Self::RemoveInstances,
        Self::EnterStandby,
        Self::ExitStandby,
        Self::SetInstancesProtection,
        Self::SetInstanceHealth,
        Self::CompleteLifecycleAction,
        Self::RecordLifecycleActionHeartbeat,
        Self::LockInstance,
        Self::UnlockInstance,
        Self::ModifyInstanceDeployment,
        Self::RedeployDedicatedHost,
        Self::ModifyDedicatedHostAttribute,
        Self::DescribeDedicatedHosts,
    ];

    /// The cloud that alone has it; `None`: it stands for an operation of both, whatever that is
    /// called in the second one. One cloud's alone are the operations by which owners move instances
    /// and hosts, and those that tell of these moves (spec/refresh-and-migration.md 4.1, 4.2, 4.6;
    /// spec/events.md 4.6, 9.3). Instances, maintenance, its events and scaling groups are there
    /// under either.
    pub const fn only_of(self) -> Option<Cloud> {
        match self {
            Self::RedeployInstance
            | Self::CancelTask
            | Self::DescribeTasks
            | Self::ModifyInstanceDeployment
            | Self::RedeployDedicatedHost
            | Self::ModifyDedicatedHostAttribute => Some(Cloud::First),
            Self::MigrateServer | Self::ShowJob => Some(Cloud::Second),
            Self::RunInstances
            | Self::CreateInstance
            | Self::DeleteInstance
            | Self::StartInstance
            | Self::StopInstance
            | Self::RebootInstance
            | Self::AcceptInquiredSystemEvent
            | Self::ModifySystemEventAttribute
            | Self::ModifyInstanceAttribute
            | Self::ModifyInstanceMaintenanceAttributes
            | Self::CreateSimulatedSystemEvents
            | Self::CancelSimulatedSystemEvents
            | Self::DescribeInstanceHistoryEvents
            | Self::DescribeInstancesFullStatus
            | Self::StartInstanceRefresh
            | Self::SuspendInstanceRefresh
            | Self::ResumeInstanceRefresh
            | Self::CancelInstanceRefresh
            | Self::RollbackInstanceRefresh
            | Self::DescribeInstanceRefreshes
            | Self::EnableScalingGroup
            | Self::DisableScalingGroup
            | Self::ModifyScalingGroup
            | Self::ScaleWithAdjustment
            | Self::ExecuteScalingRule
            | Self::SuspendProcesses
            | Self::ResumeProcesses
            | Self::AttachInstances
            | Self::DetachInstances
            | Self::RemoveInstances
            | Self::EnterStandby
            | Self::ExitStandby
            | Self::SetInstancesProtection
            | Self::SetInstanceHealth
            | Self::CompleteLifecycleAction
            | Self::RecordLifecycleActionHeartbeat
            | Self::LockInstance
            | Self::UnlockInstance
            | Self::DescribeDedicatedHosts => None,
        }
    }

    /// Whether it is the cloud's own act, not an operation of its API: scripts may state it, and it
    /// is not counted among commands.
    pub const fn is_act_of_cloud(self) -> bool {
        matches!(self, Self::LockInstance | Self::UnlockInstance)
    }

    /// Its name in the cloud's API; of an act of the cloud, ours.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RunInstances => "RunInstances",
            Self::CreateInstance => "CreateInstance",
            Self::DeleteInstance => "DeleteInstance",
            Self::StartInstance => "StartInstance",
            Self::StopInstance => "StopInstance",
            Self::RebootInstance => "RebootInstance",
            Self::RedeployInstance => "RedeployInstance",
            Self::MigrateServer => "MigrateServer",
            Self::ShowJob => "ShowJob",
            Self::AcceptInquiredSystemEvent => "AcceptInquiredSystemEvent",
            Self::ModifySystemEventAttribute => "ModifySystemEventAttribute",
            Self::ModifyInstanceAttribute => "ModifyInstanceAttribute",
            Self::ModifyInstanceMaintenanceAttributes => "ModifyInstanceMaintenanceAttributes",
            Self::CreateSimulatedSystemEvents => "CreateSimulatedSystemEvents",
            Self::CancelSimulatedSystemEvents => "CancelSimulatedSystemEvents",
            Self::CancelTask => "CancelTask",
            Self::DescribeTasks => "DescribeTasks",
            Self::DescribeInstanceHistoryEvents => "DescribeInstanceHistoryEvents",
            Self::DescribeInstancesFullStatus => "DescribeInstancesFullStatus",
            Self::StartInstanceRefresh => "StartInstanceRefresh",
            Self::SuspendInstanceRefresh => "SuspendInstanceRefresh",
            Self::ResumeInstanceRefresh => "ResumeInstanceRefresh",
            Self::CancelInstanceRefresh => "CancelInstanceRefresh",
            Self::RollbackInstanceRefresh => "RollbackInstanceRefresh",
            Self::DescribeInstanceRefreshes => "DescribeInstanceRefreshes",
            Self::EnableScalingGroup => "EnableScalingGroup",
            Self::DisableScalingGroup => "DisableScalingGroup",
            Self::ModifyScalingGroup => "ModifyScalingGroup",
            Self::ScaleWithAdjustment => "ScaleWithAdjustment",
            Self::ExecuteScalingRule => "ExecuteScalingRule",
            Self::SuspendProcesses => "SuspendProcesses",
            Self::ResumeProcesses => "ResumeProcesses",
            Self::AttachInstances => "AttachInstances",
            Self::DetachInstances => "DetachInstances",
            Self::RemoveInstances => "RemoveInstances",
            Self::EnterStandby => "EnterStandby",
            Self::ExitStandby => "ExitStandby",
            Self::SetInstancesProtection => "SetInstancesProtection",
            Self::SetInstanceHealth => "SetInstanceHealth",
            Self::CompleteLifecycleAction => "CompleteLifecycleAction",
            Self::RecordLifecycleActionHeartbeat => "RecordLifecycleActionHeartbeat",
            Self::LockInstance => "LockInstance",
            Self::UnlockInstance => "UnlockInstance",
            Self::ModifyInstanceDeployment => "ModifyInstanceDeployment",
            Self::RedeployDedicatedHost => "RedeployDedicatedHost",
            Self::ModifyDedicatedHostAttribute => "ModifyDedicatedHostAttribute",
            Self::DescribeDedicatedHosts => "DescribeDedicatedHosts",
        }
    }
}

impl Command {
    /// The operation that it asks for.
    pub const fn operation(&self) -> Operation {
        match self {
            Self::RunInstances { .. } => Operation::RunInstances,
            Self::CreateInstance { .. } => Operation::CreateInstance,
            Self::DeleteInstance { .. } => Operation::DeleteInstance,
            Self::StartInstance { .. } => Operation::StartInstance,
            Self::StopInstance { .. } => Operation::StopInstance,
            Self::RebootInstance { .. } => Operation::RebootInstance,
            Self::RedeployInstance { .. } => Operation::RedeployInstance,
            Self::MigrateServer { .. } => Operation::MigrateServer,
            Self::AcceptInquiredSystemEvent { .. } => Operation::AcceptInquiredSystemEvent,
            Self::ModifySystemEventAttribute { .. } => Operation::ModifySystemEventAttribute,
            Self::ModifyInstanceAttribute { .. } => Operation::ModifyInstanceAttribute,
            Self::ModifyInstanceMaintenanceAttributes { .. } => {
                Operation::ModifyInstanceMaintenanceAttributes
            }
            Self::CreateSimulatedSystemEvents { .. } => Operation::CreateSimulatedSystemEvents,
            Self::CancelSimulatedSystemEvents { .. } => Operation::CancelSimulatedSystemEvents,
            Self::CancelTask { .. } => Operation::CancelTask,
            Self::Host(HostCommand::Deploy(_)) => Operation::ModifyInstanceDeployment,
            Self::Host(HostCommand::Redeploy { .. }) => Operation::RedeployDedicatedHost,
            Self::Host(HostCommand::Modify { .. }) => Operation::ModifyDedicatedHostAttribute,
            Self::Scaling(operation, _) => *operation,
            Self::LockInstance { on: true, .. } => Operation::LockInstance,
            Self::LockInstance { on: false, .. } => Operation::UnlockInstance,
        }
    }
}
