//! What the cloud checks before it begins an operation on an instance, in the documented order:
//! what no retry can change comes before what may pass (spec/events.md 1.2, 3.4, 4.5, 5.1 to 5.5;
//! spec/corrections.md 3, 4, 8). Changes nothing.
//!
//! A server's failure that nobody has noticed yet, and the recovery from it, are another operation
//! in progress: whatever needs the instance is refused with IncorrectInstanceStatus. Cloud disks
//! are not modelled: where a scenario wants DiskError, chance says that one is between states.

use super::{cold_migration, hosting, turn::Turn};
use crate::{
    fleet::{
        care::{ActionOnMaintenance, LockReason},
        chance::Chance,
        cold_migrations::Goal,
        ids::{Instance, SystemEvent},
        instances::Recovering,
        layout::{DiskFlow, TypeSpec},
        system_events::EventRow,
        tasks::TaskKind,
    },
    kernel::{column::Id, time::Instant},
    lifecycle::{
        instance::InstanceState,
        local_disk::DiskState,
        system_event::{EventStatus, EventType},
    },
    messages::{
        operation::Operation,
        refusal::{Refusal, require},
    },
};

/// Whether an operation may begin.
type Admission = Result<(), Refusal>;

/// DeleteInstance: in Stopped, and by `force` in Running too, whatever locks it has.
pub fn delete(turn: &Turn<'_>, instance: Id<Instance>, force: bool) -> Admission {
    let state = turn.fleet.instances[instance].state;
    let may = state == InstanceState::Stopped || (force && state == InstanceState::Running);
    require(may && !is_busy(turn, instance), Refusal::IncorrectInstanceStatus)
}

/// StartInstance, as far as the instance itself goes; room is looked for afterwards.
pub fn start(turn: &Turn<'_>, instance: Id<Instance>) -> Admission {
    is_not_locked(turn, instance)?;
    is_idle_in(turn, instance, InstanceState::Stopped)
}

/// StopInstance; `confirmed` is its ConfirmStop, which only a type whose stop loses local data needs.
pub fn stop(turn: &Turn<'_>, instance: Id<Instance>, confirmed: bool) -> Admission {
    is_not_locked(turn, instance)?;
    let loses = type_of(turn, instance).stop_loses_local_data;
    require(confirmed || !loses, Refusal::StopNotConfirmed)?;
    is_idle_in(turn, instance, InstanceState::Running)
}

/// RebootInstance.
pub fn reboot(turn: &Turn<'_>, instance: Id<Instance>) -> Admission {
    is_not_locked(turn, instance)?;
    is_idle_in(turn, instance, InstanceState::Running)
}

/// Whether the cloud whose rules hold has `operation` at all. (Of a script the scenario would not be
/// taken; owners' policies know one cloud.)
pub fn is_offered(turn: &Turn<'_>, operation: Operation) -> Admission {
    let other = operation.only_of().filter(|cloud| *cloud != turn.scenario.settings.cloud);
    require(other.is_none(), Refusal::OtherCloud)
}

/// RedeployInstance (spec/events.md 4.5).
pub fn redeploy(turn: &Turn<'_>, instance: Id<Instance>) -> Admission {
    is_not_locked(turn, instance)?;
    require(hosting::of(turn, instance).is_none(), Refusal::OnDedicatedHost)?;
    let row = &turn.fleet.instances[instance];
    let is_stable = matches!(row.state, InstanceState::Running | InstanceState::Stopped);
    let is_recycled = turn.fleet.care[instance].locks.has(LockReason::Recycling); // S51
    let recovers = row.recovery != Recovering::No && !waits_for_its_server(turn, instance);
    let may = is_stable && !is_recycled && !recovers && !is_busy(turn, instance);
    require(may, Refusal::IncorrectInstanceStatus)?;
    let [disk_error, internal_error] = injected_errors(turn, instance);
    require(!disk_error, Refusal::DiskError)?;
    let answers = |row: &EventRow| answers_redeploy(turn, instance, row) || is_gap(turn, row);
    let mut events = turn.fleet.events.of(instance);
    require(events.any(|(_, row)| answers(row)), Refusal::NoMaintenanceEvents)?;
    require(!internal_error, Refusal::InternalError)
}

/// Whether this RedeployInstance meets DiskError and InternalError: causes that are not modelled,
/// drawn by the number of the request.
fn injected_errors(turn: &Turn<'_>, instance: Id<Instance>) -> [bool; 2] {
    let settings = &turn.scenario.settings.redeploy;
    let probabilities = [settings.disk_error_p, settings.internal_error_p];
    if probabilities.iter().all(|probability| *probability <= 0.0) {
        return [false; 2];
    }
    let entity = turn.fleet.instances[instance].name.entity();
    let number = turn.fleet.care[instance].redeploy_requests;
    let mut draws = turn.chance(Chance::RedeployErrors, entity, number);
    probabilities.map(|probability| draws.happens(probability))
}

/// MigrateServer of the second cloud (spec/refresh-and-migration.md 4.3); whether there is room is
/// found by its job.
pub fn migrate(turn: &Turn<'_>, instance: Id<Instance>, goal: Goal) -> Admission {
    let row = &turn.fleet.instances[instance];
    let locks = turn.fleet.care[instance].locks;
    let binding = [LockReason::Security, LockReason::Financial, LockReason::Refunded];
    let is_locked = binding.into_iter().any(|reason| locks.has(reason));
    require(!is_locked, Refusal::ServerLocked)?;
    let may_run = turn.scenario.settings.cold.allow_running;
    let is_suited =
        row.state == InstanceState::Stopped || (may_run && row.state == InstanceState::Running);
    require(is_suited, Refusal::ServerNotStopped)?;
    let host = hosting::host_of(turn, instance);
    let is_there = matches!(goal, Goal::Host(to) if host == Some(to));
    require(!is_there, Refusal::SameHost)?;
    let pays_per_use = type_of(turn, instance).pay_as_you_go;
    let may_pay = pays_per_use || !turn.scenario.settings.cold.require_pay_per_use;
    require(may_pay, Refusal::NotPayPerUse)?;
    require(!cold_migration::is_barred(turn, instance), Refusal::HardwareBound)?;
    let is_on_pool = host.is_none() && goal == Goal::Pool;
    require(!is_on_pool && row.server.is_some(), Refusal::BadMigration)?;
    let is_free = row.recovery == Recovering::No && !is_busy(turn, instance);
    require(is_free, Refusal::ServerBusy)
}

/// AcceptInquiredSystemEvent (spec/events.md 3.4). A security lock refuses this answer too (2.19).
pub fn accept(turn: &Turn<'_>, event: Id<SystemEvent>) -> Admission {
    let row = &turn.fleet.events[event];
    let settings = &turn.scenario.settings.event;
    require(row.status == EventStatus::Inquiring, Refusal::NoInquiringEvent)?;
    let is_taken = settings.accept_types.as_ref().is_none_or(|types| types.contains(&row.kind));
    require(is_taken, Refusal::AcceptNotSupported)?;
    is_not_locked(turn, row.instance)?;
    require(!is_busy(turn, row.instance), Refusal::OperationConflict)?;
    let instance = &turn.fleet.instances[row.instance];
    let is_stable = matches!(instance.state, InstanceState::Running | InstanceState::Stopped);
    require(is_stable, Refusal::IncorrectInstanceStatus)?;
    let waits = row.kind == EventType::FailureRedeploy;
    let recovers = instance.recovery != Recovering::No && !waits;
    if !row.kind.is_of_disk_flow() {
        return require(!recovers, Refusal::IncorrectInstanceStatus);
    }
    let works = turn.fleet.has_working_server(turn.layout(), row.instance);
    require(!recovers && works, Refusal::InstanceStatusNotSupported)?;
    disk_suits(turn, row)
}

/// ModifySystemEventAttribute (S36): the limits are not published, so that what cannot be put off
/// is not found, and what is put off too far has an invalid parameter.
pub fn reschedule(turn: &Turn<'_>, of: (Id<Instance>, Id<SystemEvent>), to: Instant) -> Admission {
    let row = &turn.fleet.events[of.1];
    let is_planned = row.kind.is_maintenance() && row.status == EventStatus::Scheduled;
    let first = row.initial_not_before.filter(|_| is_planned && row.instance == of.0);
    let first = first.ok_or(Refusal::EventNotFound)?;
    require(!row.held, Refusal::OperationConflict)?;
    require(to > turn.now, Refusal::NotBeforePassed)?;
    let latest = first.saturating_add(turn.scenario.settings.reschedule_max_shift);
    require(to <= latest, Refusal::InvalidParameter)
}

/// ModifyInstanceAttribute with CreditSpecification: of burstable instances, in Running only
/// (spec/events.md 7.1).
pub fn credit_mode(turn: &Turn<'_>, instance: Id<Instance>) -> Admission {
    is_not_locked(turn, instance)?;
    require(turn.fleet.burstables.of(instance).is_some(), Refusal::InvalidParameter)?;
    is_idle_in(turn, instance, InstanceState::Running)
}

/// ModifyInstanceMaintenanceAttributes: AutoRedeploy is for what is bound to its server (S33).
pub fn set_action(
    turn: &Turn<'_>,
    instance: Id<Instance>,
    action: Option<ActionOnMaintenance>,
) -> Admission {
    let is_bound = turn.layout().is_bound(turn.fleet.instances[instance].template);
    let may = is_bound || action != Some(ActionOnMaintenance::AutoRedeploy);
    require(may, Refusal::InvalidParameter)
}

/// CreateSimulatedSystemEvents for one instance (spec/events.md 5.5).
pub fn simulate(turn: &Turn<'_>, kind: EventType, not_before: Instant) -> Admission {
    require(kind.may_be_simulated(), Refusal::InvalidParameter)?;
    require(not_before > turn.now, Refusal::NotBeforePassed)?;
    let most = turn.scenario.settings.simulated_max_active;
    require(turn.fleet.events.simulated() < most, Refusal::SimulatedEventLimitExceeded)
}

/// CancelSimulatedSystemEvents for one event.
pub fn cancel_simulated(turn: &Turn<'_>, event: Id<SystemEvent>) -> Admission {
    require(turn.fleet.events[event].simulated, Refusal::NotSimulated)
}

fn is_not_locked(turn: &Turn<'_>, instance: Id<Instance>) -> Admission {
    let locks = turn.fleet.care[instance].locks;
    require(!locks.has(LockReason::Security), Refusal::LockedForSecurity)?;
    let unpaid = [LockReason::Financial, LockReason::Refunded];
    let is_unpaid = unpaid.into_iter().any(|reason| locks.has(reason));
    require(!is_unpaid, Refusal::ExpiredOrInArrears)
}

/// Whether `instance` is in `state` and nothing is in progress on it.
fn is_idle_in(turn: &Turn<'_>, instance: Id<Instance>, state: InstanceState) -> Admission {
    let row = &turn.fleet.instances[instance];
    let is_free = row.recovery == Recovering::No && !is_busy(turn, instance);
    require(row.state == state && is_free, Refusal::IncorrectInstanceStatus)
}

/// Whether a task moves `instance`. A silent live migration yields to every operation.
fn is_busy(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let task = turn.fleet.instances[instance].task;
    task.is_some_and(|task| match turn.fleet.tasks[task].kind {
        TaskKind::Failover | TaskKind::Redeploy | TaskKind::ColdMigration => true,
        TaskKind::LiveMigration => false,
    })
}

/// Whether `instance` waits for its own failed server, and an event allows its owner not to: the
/// exception of spec/corrections.md 3, and SystemFailure.Redeploy.
fn waits_for_its_server(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let mut events = turn.fleet.events.of(instance);
    let is_failure = |row: &EventRow| {
        matches!(row.kind, EventType::FailureReboot | EventType::FailureRedeploy)
            && answers_redeploy(turn, instance, row)
    };
    turn.fleet.instances[instance].recovery == Recovering::ForServer
        && events.any(|(_, row)| is_failure(row))
}

/// Whether RedeployInstance answers this event of `instance` (spec/events.md 4.4).
fn answers_redeploy(turn: &Turn<'_>, instance: Id<Instance>, row: &EventRow) -> bool {
    let is_bound = turn.layout().is_bound(turn.fleet.instances[instance].template);
    let allow_stop = turn.scenario.settings.redeploy.allow_stop_event;
    !row.simulated && row.kind.redeploy_answers(row.status, is_bound, allow_stop)
}

/// Whether this is the alert of a disk that only a redeployment, or the operator in his own time,
/// brings back: isolated and not yet replaced, or of a family without isolation.
fn is_gap(turn: &Turn<'_>, row: &EventRow) -> bool {
    if row.kind != EventType::DiskErrorDetected || row.simulated {
        return false;
    }
    let has_no_flow = type_of(turn, row.instance).disk_flow == DiskFlow::NoIsolation;
    has_no_flow || row.bay.is_some_and(|bay| turn.fleet.disks[bay].state == DiskState::Isolated)
}

/// Whether the disk of an inquiry is one for which its job can be done.
fn disk_suits(turn: &Turn<'_>, row: &EventRow) -> Admission {
    let (flow, needed) = match row.kind {
        EventType::RebootAndIsolateErrorDisk | EventType::IsolateErrorDisk => {
            ([DiskFlow::Replace, DiskFlow::IsolateOnly], DiskState::Damaged)
        }
        EventType::RebootAndReInitErrorDisk | EventType::ReInitErrorDisk => {
            ([DiskFlow::Replace; 2], DiskState::Replaced)
        }
        EventType::MaintenanceReboot
        | EventType::MaintenanceStop
        | EventType::MaintenanceRedeploy
        | EventType::CleanInactiveDisks
        | EventType::FailureReboot
        | EventType::FailureStop
        | EventType::FailureRedeploy
        | EventType::FailureDelete
        | EventType::InstanceFailureReboot
        | EventType::DiskErrorDetected
        | EventType::DiskStalled
        | EventType::ExpirationStop
        | EventType::ExpirationDelete
        | EventType::UnbalancedStop
        | EventType::UnbalancedDelete => return Ok(()),
    };
    let is_of_family = flow.contains(&type_of(turn, row.instance).disk_flow);
    let bay = row.bay.filter(|_| is_of_family).ok_or(Refusal::DiskCategoryNotSupported)?;
    require(turn.fleet.disks[bay].state == needed, Refusal::DiskStatusNotSupported)
}

fn type_of<'a>(turn: &Turn<'a>, instance: Id<Instance>) -> &'a TypeSpec {
    let layout = turn.layout();
    &layout.types[layout.templates[turn.fleet.instances[instance].template].instance_type]
}
