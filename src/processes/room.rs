//! Room: an instance takes room on a server, or gives it back.
//!
//! Moves: capacity, the servers' lists of instances, and, through `wear`, which servers wear.

use super::{disks, turn::Turn, wear};
use crate::{
    fleet::{
        capacity::Request,
        ids::{Instance, Server},
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
    disks::hold(turn, instance, server);
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
    disks::leave(turn, instance, server);
    turn.state(Fact::Vacated { instance, server });
    let held = turn.fleet.capacity.held(server);
    if !turn.scenario.settings.host_idle_wears && held == 0 {
        wear::load_changed(turn, server);
    }
    if turn.fleet.servers[server].state == ServerState::Broken {
        rerank(turn, server, held);
    }
    if turn.fleet.capacity.is_open(server) && !turn.fleet.waiting.is_empty() {
        turn.fleet.waiting.room_freed(server);
        turn.agenda.pass(Occurrence::RoomOffered);
    }
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
