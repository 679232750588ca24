//! What the system does when a maintenance event is executed.

use super::{recovery, turn::Turn};
use crate::{
    fleet::ids::{Instance, SystemEvent},
    kernel::column::Id,
    lifecycle::system_event::EventType,
    messages::refusal::Refusal,
};

/// The planned time of `event` is reached.
pub fn due(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    if turn.fleet.events[event].kind == EventType::FailureRedeploy {
        recovery::executes(turn, event);
    }
}

/// The system withdraws `event`.
pub fn withdrawn(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    _ = (turn, event);
}

/// The owner accepts `event`, which is not about a disk.
pub fn accept(turn: &mut Turn<'_>, event: Id<SystemEvent>) -> Result<(), Refusal> {
    if turn.fleet.events[event].kind == EventType::FailureRedeploy {
        recovery::executes(turn, event);
    }
    Ok(())
}

/// The system has stopped `instance`.
pub fn stopped(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// A redeployment of `instance` has ended: what was held until then is done.
pub fn task_ended(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}
