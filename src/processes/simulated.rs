//! Events that only look real: CreateSimulatedSystemEvents and CancelSimulatedSystemEvents
//! (spec/events.md 5.5; S37).
//!
//! Path: Scheduled (planned maintenance) or Executing (failures) → `notBefore` → Executed; or
//! Canceled by the owner, or Avoided by its restart. Nothing happens to the instance, unless it was
//! asked for (`TriggerRealOps`): then, at `notBefore`, what the event announces. Moves: events, and
//! what the announced operation moves.

use super::{events, live_migration, power, redeploy, turn::Turn};
use crate::{
    fleet::{
        ids::{Instance, SystemEvent},
        instances::Recovering,
        system_events::{NewEvent, Origin},
    },
    kernel::{column::Id, time::Instant},
    lifecycle::{
        instance::InstanceState,
        system_event::{EventStatus, EventStep, EventType},
    },
};

/// Publishes a simulated event of `instance`, which does what it announces if it has `real_ops`.
pub fn create(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    kind: EventType,
    (not_before, real_ops): (Instant, bool),
) {
    let planned = kind.is_maintenance();
    let status = if planned { EventStatus::Scheduled } else { EventStatus::Executing };
    events::publish(
        turn,
        NewEvent {
            kind,
            status,
            simulated: Some(real_ops),
            instance,
            bay: None,
            origin: Origin::Simulated,
            not_before: Some(not_before),
        },
    );
}

/// The owner cancels `event`, which is simulated.
pub fn cancel(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    events::step(turn, event, EventStep::Withdraw);
}

/// The planned time of `event`, which is simulated, is reached.
pub fn due(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events[event];
    let step = if row.kind.is_maintenance() { EventStep::Elapse } else { EventStep::Finish };
    events::step(turn, event, step);
    if row.real_ops {
        operates(turn, row.instance, row.kind);
    }
}

/// What an event of `kind` announces happens to `instance`, if it is Running and nothing else is
/// under way on it.
fn operates(turn: &mut Turn<'_>, instance: Id<Instance>, kind: EventType) {
    live_migration::abort(turn, instance);
    let row = &turn.fleet.instances[instance];
    let is_free = row.state == InstanceState::Running && row.recovery == Recovering::No;
    if !is_free || row.task.is_some() {
        return;
    }
    match kind {
        EventType::MaintenanceReboot
        | EventType::FailureReboot
        | EventType::InstanceFailureReboot => power::system_reboot(turn, instance),
        EventType::MaintenanceStop | EventType::FailureStop => power::system_stop(turn, instance),
        EventType::MaintenanceRedeploy | EventType::FailureRedeploy => {
            redeploy::begin(turn, instance, false, true);
        }
        EventType::RebootAndIsolateErrorDisk
        | EventType::RebootAndReInitErrorDisk
        | EventType::IsolateErrorDisk
        | EventType::ReInitErrorDisk
        | EventType::CleanInactiveDisks
        | EventType::FailureDelete
        | EventType::DiskErrorDetected
        | EventType::DiskStalled
        | EventType::ExpirationStop
        | EventType::ExpirationDelete
        | EventType::UnbalancedStop
        | EventType::UnbalancedDelete => {} // Not among the types that are simulated.
    }
}
