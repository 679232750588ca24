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
    messages::{hosts::HostCommand, operation::Operation, scaling::ScalingCommand},
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
