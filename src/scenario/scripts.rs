//! Commands and system events that a scenario states at given times.

use crate::{
    fleet::{
        care::{LockReason, MaintenanceWindow, StoppedMode},
        cold_migrations::Goal,
        credits::CreditMode,
        dedicated_hosts::{Affinity, HostAction},
        ids::{Customer, DedicatedHost, InstanceType, Template},
        instances::InstanceName,
        layout::ActionOnMaintenance,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::system_event::{EventStatus, EventType},
    messages::{operation::Operation, refusal::Refusal},
    scenario::scaling::ScalingParameters,
};

/// A command given at a given time.
#[derive(Clone, Debug)]
pub struct Script {
    /// What the scenario calls it: its name, or `script[2]` by its place in the file.
    pub label: String,
    /// When.
    pub at: Instant,
    /// What.
    pub operation: Operation,
    /// Its parameters, under the cloud's names.
    pub parameters: Parameters,
}

/// Parameters of operations. Those that an operation does not know are faults of the scenario;
/// those that are missing, or have values that the cloud does not take, are refused when the
/// command is given.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    /// `InstanceId`, `InstanceIds`: names as in the scenario.
    pub instances: Vec<InstanceHandle>,
    /// `EventId`, `EventIds`.
    pub events: Vec<EventHandle>,
    /// `TaskId`, `TaskIds`.
    pub tasks: Vec<TaskHandle>,
    /// `RegionId`.
    pub region: Option<String>,
    /// `ForceStop`.
    pub force_stop: Option<bool>,
    /// `Force` of DeleteInstance.
    pub force: Option<bool>,
    /// `StoppedMode`.
    pub stopped_mode: Option<StoppedMode>,
    /// `ConfirmStop`.
    pub confirm_stop: Option<bool>,
    /// `InitLocalDisk`.
    pub init_local_disk: Option<bool>,
    /// `DryRun`.
    pub dry_run: Option<bool>,
    /// `NotBefore`.
    pub not_before: Option<Instant>,
    /// `EventType`: any text, as the cloud is to judge it.
    pub event_type: Option<String>,
    /// `TriggerRealOps`.
    pub trigger_real_ops: Option<bool>,
    /// `ActionOnMaintenance`.
    pub action: Option<ActionOnMaintenance>,
    /// `MaintenanceWindow.1`.
    pub window: Option<WindowWritten>,
    /// `NotifyOnMaintenance`.
    pub notify: Option<bool>,
    /// What RunInstances and CreateInstance create: `InstanceType`, `ZoneId` and the owner.
    pub template: Option<Id<Template>>,
    /// Why the cloud refuses the spot parameters of what is to be created, where it does.
    pub refused: Option<Refusal>,
    /// `Amount`.
    pub amount: Option<u32>,
    /// `StartTime` and `EndTime` of DescribeTasks: when a task began.
    pub began: [Option<Instant>; 2],
    /// `NotBefore.Start` and `NotBefore.End` of DescribeInstanceHistoryEvents: when an event runs.
    pub planned: [Option<Instant>; 2],
    /// `EventPublishTime.Start` and `EventPublishTime.End` of the same: when it was published.
    pub published: [Option<Instant>; 2],
    /// `TaskStatus`, `EventCycleStatus` and their like, which only narrow what a Describe shows.
    pub filters: Vec<(String, String)>,
    /// `migrate` of MigrateServer: where to; `None` where it is missing or names nothing.
    pub migrate: Option<Goal>,
    /// `LockReason` of a lock that the cloud sets or lifts.
    pub lock: Option<LockReason>,
    /// `CreditSpecification` of ModifyInstanceAttribute.
    pub credit_specification: Option<CreditMode>,
    /// Owner of what is created, where it is not its template's.
    pub customer: Option<Id<Customer>>,
    /// Parameters of the operations on dedicated hosts.
    pub hosts: HostParameters,
    /// Parameters of the operations on scaling groups.
    pub scaling: ScalingParameters,
}

/// Parameters of operations on dedicated hosts.
#[derive(Clone, Debug, Default)]
pub struct HostParameters {
    /// `DedicatedHostId`, `DedicatedHostIds`: `None` in it for a name that no host has.
    pub hosts: Vec<Option<Id<DedicatedHost>>>,
    /// Whether `MigrationType` is `live` or `LiveMigrationFirst`.
    pub live: bool,
    /// Whether `Tenancy` is given as `default`.
    pub leaves_hosts: bool,
    /// `Affinity`.
    pub affinity: Option<Affinity>,
    /// `InstanceType`.
    pub instance_type: Option<Id<InstanceType>>,
    /// `AutoPlacement`.
    pub auto_placement: Option<bool>,
    /// `ActionOnMaintenance`.
    pub action: Option<HostAction>,
    /// `CpuOverCommitRatio` (hundredths).
    pub over_commit: Option<u32>,
}

/// A maintenance window as written, which the cloud is to judge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WindowWritten {
    /// `StartTime`, `EndTime` in seconds of the day, where given.
    pub times: [Option<u32>; 2],
    /// The window that they amount to, if the cloud takes it.
    pub window: Option<MaintenanceWindow>,
}

/// The instances that commands and recorded events name, in order and each once: what a run has
/// to find by name ([`crate::scenario::Scenario::watched`]).
pub fn watched<'a>(
    scripts: impl IntoIterator<Item = &'a Script>,
    recorded: impl IntoIterator<Item = &'a RecordedEvent>,
    interruptions: impl IntoIterator<Item = &'a StatedInterruption>,
) -> Vec<InstanceName> {
    let of_scripts = scripts.into_iter().flat_map(|script| script.parameters.named());
    let mut names: Vec<_> = of_scripts.collect();
    names.extend(recorded.into_iter().map(|event| event.instance));
    names.extend(interruptions.into_iter().map(|interruption| interruption.instance));
    names.sort_unstable();
    names.dedup();
    names
}

impl Parameters {
    /// Every instance that is named, directly or as the one of an event or task.
    fn named(&self) -> Vec<InstanceName> {
        let of_events = self.events.iter().filter_map(|event| match event {
            EventHandle::NewestOf(_, instance) => Some(instance),
            EventHandle::Number(_) | EventHandle::Unknown(_) => None,
        });
        let of_tasks = self.tasks.iter().filter_map(|task| match task {
            TaskHandle::NewestOf(instance) => Some(instance),
            TaskHandle::Number(_) | TaskHandle::Unknown(_) => None,
        });
        let all = self.instances.iter().chain(of_events).chain(of_tasks);
        let name = |handle: &InstanceHandle| match handle {
            InstanceHandle::Named(name) => Some(*name),
            InstanceHandle::Unknown(_) => None,
        };
        all.filter_map(name).collect()
    }
}

/// How a script names an instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InstanceHandle {
    /// One of the scenario.
    Named(InstanceName),
    /// A name that no instance ever has.
    Unknown(String),
}

/// How a script names an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EventHandle {
    /// The newest open event of a type on an instance: `"SystemMaintenance.Reboot of web[0]"`.
    NewestOf(EventType, InstanceHandle),
    /// By the number of its publication in the run: `"#17"`.
    Number(u64),
    /// Anything else: no event has this id.
    Unknown(String),
}

/// How a script names a task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TaskHandle {
    /// The newest task of an instance, under way or ended: `"newest of web[0]"`.
    NewestOf(InstanceHandle),
    /// By the number of its beginning in the run: `"#3"`.
    Number(u64),
    /// Anything else.
    Unknown(String),
}

/// A system event that happens at a given time, whatever the laws say.
#[derive(Clone, Debug)]
pub struct RecordedEvent {
    /// When it is published.
    pub at: Instant,
    /// What.
    pub kind: EventType,
    /// The status that it is published in; `None`: as its type begins.
    pub status: Option<EventStatus>,
    /// The instance.
    pub instance: InstanceName,
    /// Which of the instance's local disks, from 0, for events of disks.
    pub disk: u32,
    /// `notBefore`, as time after the publication; `None`: as the law says.
    pub lead: Option<Span>,
}

/// An interruption that happens at a given time, whatever the market says.
#[derive(Clone, Copy, Debug)]
pub struct StatedInterruption {
    /// When it is told.
    pub at: Instant,
    /// The instance.
    pub instance: InstanceName,
}
