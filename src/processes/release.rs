//! The end of an instance's life (spec/events.md 1.2 L9, L10, L19).
//!
//! Path: its life is over → (its next stable state) → its events end → released. Who releases it
//! decides how SystemFailure.Delete ends (spec/corrections.md 2). Moves: instances, their events,
//! tasks and room.

use super::{burst, events, loss, markets, room, service, turn::Turn};
use crate::{
    fleet::{care::StopFor, ids::Instance, instances::Recovering},
    kernel::column::Id,
    lifecycle::{instance::InstanceStep, system_event::Resource, task::TaskStep},
};

/// The life of `instance` is over: it is released now, or in its next stable state.
pub fn departs(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.instances.row_mut(instance).departing = true;
    if_due(turn, instance);
}

/// Releases `instance` if its life is over and its state is stable; says whether it did.
#[inline]
pub fn if_due(turn: &mut Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    let due = row.departing && row.state.may_be_released();
    if due {
        now(turn, instance);
    }
    due
}

/// As [`departs`], for an instance whose server may have failed while it changed its state: nobody
/// waits for that to go on (L28).
pub fn departs_at_once(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = &turn.fleet.instances[instance];
    let is_lost = row.recovery != Recovering::No && row.task.is_none();
    if is_lost && !row.state.may_be_released() {
        turn.fleet.care.row_mut(instance).stop = StopFor::Nothing;
        turn.step(instance, InstanceStep::Fail);
    }
    departs(turn, instance);
}

/// Its owner releases `instance`, which is in a stable state.
pub fn now(turn: &mut Turn<'_>, instance: Id<Instance>) {
    end_events(turn, instance, true);
    gone(turn, instance);
}

/// The system releases `instance`, which is in a stable state: its creation failed.
pub fn by_system(turn: &mut Turn<'_>, instance: Id<Instance>) {
    end_events(turn, instance, false);
    gone(turn, instance);
}

/// Ends all events of `instance`, the alerts of its disks last (spec/corrections.md 5).
fn end_events(turn: &mut Turn<'_>, instance: Id<Instance>, by_owner: bool) {
    if turn.fleet.events.of(instance).next().is_none() {
        return; // As for nearly all: that much is worth asking first.
    }
    for resource in [Resource::Instance, Resource::Disk] {
        events::step_all(turn, instance, |row| {
            (row.kind.resource() == resource).then(|| events::step_of_release(row, by_owner))
        });
    }
}

fn gone(turn: &mut Turn<'_>, instance: Id<Instance>) {
    service::give_up(turn, instance);
    if let Some(task) = turn.fleet.instances[instance].task {
        room::unreserve(turn, task);
    }
    loss::settle_task(turn, instance, TaskStep::Fail);
    let row = turn.fleet.instances.row_mut(instance);
    row.recovery = Recovering::No;
    let holds_room = row.server.is_some();
    // A life that was to end later leaves the alarm of its end behind.
    let leaves_alarm = row.life_counts && row.departs > turn.now && row.departs < turn.scenario.end;
    if leaves_alarm {
        turn.agenda.abandon();
    }
    if turn.fleet.terms.end(instance) {
        turn.agenda.abandon();
    }
    burst::end(turn, instance);
    turn.fleet.waiting.leave(instance);
    markets::forgets(turn, instance);
    if holds_room {
        room::give_back(turn, instance);
    }
    turn.fleet.dedicated.forget(instance);
    turn.step(instance, InstanceStep::Release);
}
