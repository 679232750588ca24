//! A server stops, or starts again, to be able to serve: by its own health or its rack's.
//!
//! Path: lost → (noticed: `recovery`) → back → (returned: `recovery`). What every instance on the
//! server meets at that very instant is here; what is done about it comes later. Documented
//! behaviour: spec/events.md 1.2 L15 to L17, spec/corrections.md L28. Moves: instances' service and
//! recovery columns, tasks, and which servers are open.

use super::{events, service, turn::Turn};
use crate::{
    fleet::{
        cause::Cause,
        ids::{Instance, Server},
        instances::Recovering,
        tasks::TaskKind,
    },
    kernel::column::Id,
    lifecycle::{
        instance::{InstanceState, InstanceStep},
        task::TaskStep,
    },
    messages::{fact::Fact, occurrence::Occurrence},
};

/// Whether `server` can serve: it works and so does its rack.
pub fn is_able(turn: &Turn<'_>, server: Id<Server>) -> bool {
    let rack = turn.layout().servers[server].rack;
    turn.fleet.servers.is_up(server) && turn.fleet.racks.is_up(rack)
}

/// `server`, which was able to serve, is not any more.
pub fn lost(turn: &mut Turn<'_>, server: Id<Server>, cause: Cause) {
    turn.fleet.capacity.set_open(turn.layout(), server, false);
    turn.state(Fact::ServerAvailable { server, available: false });
    let instances = instances_in_order(turn, server);
    for instance in &instances {
        service::end(turn, *instance, cause);
        interrupted(turn, *instance);
    }
    done_with(turn, instances);
}

/// `server` is able to serve again; whoever waits for it goes on in the next round.
pub fn back(turn: &mut Turn<'_>, server: Id<Server>) {
    turn.state(Fact::ServerAvailable { server, available: true });
    if turn.fleet.works[server].concerns_operator() {
        events::tend(turn, server);
    }
    if turn.fleet.servers[server].first_instance.is_some() {
        turn.agenda.at(turn.now, Occurrence::ServerReturned(server));
    }
    opens(turn, server);
}

/// `server`, which is able to serve, takes instances again, unless the operator keeps it closed.
pub fn opens(turn: &mut Turn<'_>, server: Id<Server>) {
    if turn.fleet.works[server].closed {
        return;
    }
    turn.fleet.capacity.set_open(turn.layout(), server, true);
    if !turn.fleet.waiting.is_empty() {
        turn.fleet.waiting.room_freed(server);
        turn.agenda.pass(Occurrence::RoomOffered);
    }
}

/// The instances on `server` by name, so that no history decides who comes first. The list is
/// given back with [`done_with`], so that no turn allocates.
pub fn instances_in_order(turn: &mut Turn<'_>, server: Id<Server>) -> Vec<Id<Instance>> {
    let mut list = std::mem::take(turn.scratch);
    list.clear();
    list.extend(turn.fleet.instances.on(&turn.fleet.servers, server));
    list.sort_unstable_by_key(|instance| turn.fleet.instances[*instance].name);
    list
}

/// Gives a list of [`instances_in_order`] back for the next use.
pub fn done_with(turn: &mut Turn<'_>, list: Vec<Id<Instance>>) {
    *turn.scratch = list;
}

/// Whatever was under way on the instance breaks off: its boot, its move, its stop.
fn interrupted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if turn.fleet.instances[instance].state == InstanceState::Stopping {
        turn.step(instance, InstanceStep::Fail);
    }
    if !breaks_later(turn, instance) {
        settle_task(turn, instance, TaskStep::Fail);
    }
    if turn.fleet.instances[instance].state == InstanceState::Stopped {
        return; // L17: an instance that was Stopped stays Stopped, and its alarms with it.
    }
    turn.void_alarm(instance);
    // Who waits for room anywhere goes on waiting: its server was back for an instant only.
    let row = turn.fleet.instances.row_mut(instance);
    if row.recovery != Recovering::ForRoom {
        row.recovery = Recovering::Unnoticed;
    }
}

/// A live migration is given up in the next round, with the room that it holds.
fn breaks_later(turn: &mut Turn<'_>, instance: Id<Instance>) -> bool {
    let Some(task) = turn.fleet.instances[instance].task else { return false };
    let row = &turn.fleet.tasks[task];
    let is_live = row.kind == TaskKind::LiveMigration;
    if is_live {
        let stamp = row.stamp;
        turn.agenda.at(turn.now, Occurrence::TaskBroken { task, stamp });
    }
    is_live
}

/// Ends the task that moves `instance`, if one does.
pub fn settle_task(turn: &mut Turn<'_>, instance: Id<Instance>, step: TaskStep) {
    if let Some(task) = turn.fleet.instances.row_mut(instance).task.take() {
        let row = turn.fleet.tasks.end(task, step);
        turn.state(Fact::TaskEnded { task, kind: row.kind, instance, status: row.status });
    }
}
