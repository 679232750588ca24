//! Room: an instance takes room on a server, or gives it back.
//!
//! Moves: capacity, the servers' lists of instances, and, through `wear`, which servers wear.

use super::{events, turn::Turn, wear};
use crate::{
    fleet::{
        capacity::Request,
        ids::{Instance, Server, Task},
        tasks::Reservation,
    },
    kernel::{column::Id, time::Span},
    lifecycle::server::ServerState,
    messages::{
        fact::{Fact, Reason},
        occurrence::Occurrence,
    },
    scenario::RepairOrder,
};

/// What placement is asked for `instance`.
pub fn request_of(turn: &Turn<'_>, instance: Id<Instance>) -> Request {
    let template = &turn.layout().templates[turn.fleet.instances[instance].template];
    Request {
        shape: template.shape,
        application: template.application,
        group: template.group,
        exclude: None,
    }
}

/// The server that the scenario's policy chooses for `instance`, if one has room. Where none has,
/// that is a fact too.
#[inline]
pub fn find(turn: &mut Turn<'_>, instance: Id<Instance>, reason: Reason) -> Option<Id<Server>> {
    let request = request_of(turn, instance);
    let policy = turn.scenario.policies.placement;
    let found = policy.choose(turn.layout(), &turn.fleet.capacity, &request);
    if found.is_none() {
        turn.state(Fact::NoRoom { instance, reason });
    }
    found
}

/// The server that the policy chooses for `instance`, which is to leave the one it is on: the room
/// that it holds there does not count as its group's presence.
pub fn elsewhere(turn: &mut Turn<'_>, instance: Id<Instance>) -> Option<Id<Server>> {
    let request = request_of(turn, instance);
    let (layout, policy) = (turn.layout(), turn.scenario.policies.placement);
    let left = turn.fleet.instances[instance].server;
    let capacity = &mut turn.fleet.capacity;
    if let Some(server) = left {
        capacity.release(layout, server, &request);
    }
    let found = policy.choose(layout, capacity, &Request { exclude: left, ..request });
    if let Some(server) = left {
        capacity.claim(layout, server, &request);
    }
    found
}

/// `instance` takes room on `server`.
#[inline]
pub fn take(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    server: Id<Server>,
    (reason, waited): (Reason, Span),
) {
    let request = request_of(turn, instance);
    turn.fleet.capacity.claim(&turn.scenario.layout, server, &request);
    let fleet = &mut *turn.fleet;
    fleet.instances.put_on(&mut fleet.servers, instance, server);
    if !turn.scenario.settings.host_idle_wears && turn.fleet.capacity.held(server) == 1 {
        wear::load_changed(turn, server);
    }
    turn.state(Fact::Placed { instance, server, reason, waited });
}

/// `instance` gives its room back.
#[inline]
pub fn give_back(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let request = request_of(turn, instance);
    let fleet = &mut *turn.fleet;
    let server = fleet.instances.take_off(&mut fleet.servers, instance);
    turn.fleet.capacity.release(&turn.scenario.layout, server, &request);
    turn.state(Fact::Vacated { instance, server });
    let held = turn.fleet.capacity.held(server);
    if !turn.scenario.settings.host_idle_wears && held == 0 {
        wear::load_changed(turn, server);
    }
    if turn.fleet.servers[server].state == ServerState::Broken {
        rerank(turn, server, held);
    }
    concerns_operator(turn, server);
    if turn.fleet.capacity.is_open(server) && !turn.fleet.waiting.is_empty() {
        turn.fleet.waiting.room_freed(server);
        turn.agenda.pass(Occurrence::RoomOffered);
    }
}

/// The operator, if nothing of its work on `server` is under way, looks at it again: somebody came
/// or went.
fn concerns_operator(turn: &mut Turn<'_>, server: Id<Server>) {
    if turn.fleet.works.under_way == 0 {
        return;
    }
    let work = &turn.fleet.works[server];
    if work.origin.is_some() && work.open == 0 {
        events::tend(turn, server);
    }
}

/// Room for the instance of `task` is kept for it on `server`.
pub fn reserve(turn: &mut Turn<'_>, task: Id<Task>, server: Id<Server>) {
    let instance = turn.fleet.tasks[task].instance;
    let request = request_of(turn, instance);
    turn.fleet.capacity.claim(&turn.scenario.layout, server, &request);
    let failures = failures(turn, server);
    turn.fleet.tasks.row_mut(task).target = Some(Reservation { server, failures });
    turn.state(Fact::Reserved { instance, server });
}

/// The room that `task` keeps, if it does, is given back.
pub fn unreserve(turn: &mut Turn<'_>, task: Id<Task>) {
    let instance = turn.fleet.tasks[task].instance;
    let Some(target) = turn.fleet.tasks.row_mut(task).target.take() else { return };
    let (server, request) = (target.server, request_of(turn, instance));
    turn.fleet.capacity.release(&turn.scenario.layout, server, &request);
    turn.state(Fact::Unreserved { instance, server });
    concerns_operator(turn, server);
}

/// The instance of `task` leaves its server for the one where room is kept for it.
pub fn commit(turn: &mut Turn<'_>, task: Id<Task>, reason: Reason) {
    let row = turn.fleet.tasks[task];
    let target = row.target.expect("only what was reserved is committed");
    unreserve(turn, task);
    give_back(turn, row.instance);
    take(turn, row.instance, target.server, (reason, Span::ZERO));
}

/// Crashes of `server` and outages of its rack so far (count).
pub fn failures(turn: &Turn<'_>, server: Id<Server>) -> u32 {
    let rack = turn.layout().servers[server].rack;
    turn.fleet.servers[server].crashes + turn.fleet.racks.outages(rack)
}

/// How urgent the repair of a server that holds `held` instances is: smaller is taken up first.
pub fn urgency(turn: &Turn<'_>, server: Id<Server>, held: u32) -> u64 {
    match turn.scenario.policies.repair_order {
        RepairOrder::FirstCome => 0,
        RepairOrder::ShortestFirst => wear::repair_length(turn, server).micros(),
        RepairOrder::MostInstancesFirst => u64::MAX - u64::from(held),
    }
}

fn rerank(turn: &mut Turn<'_>, server: Id<Server>, held: u32) {
    if turn.scenario.policies.repair_order == RepairOrder::MostInstancesFirst {
        let urgency = urgency(turn, server, held);
        turn.fleet.repairs.rerank(server, urgency);
    }
}
