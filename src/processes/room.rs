//! Room: an instance takes room on a server, or gives it back; a task reserves room elsewhere.
//!
//! Path of a reservation: reserved (the instance stays where it is, and holds room on both) →
//! committed (it is on the target alone), or given back. Moves: capacity, the servers' lists of
//! instances, the targets of tasks, who holds which local disks, and, through `wear`, which servers
//! wear.

use super::{disks, events, hosting, turn::Turn, wear};
use crate::{
    fleet::{
        capacity::Request,
        ids::{Instance, Server, Task},
        numa::Nodes,
        tasks::Reservation,
        waiting::Wanted,
        works::Pending,
    },
    kernel::{column::Id, time::Span},
    lifecycle::server::ServerState,
    messages::fact::{Fact, Reason},
    scenario::RepairOrder,
};

/// What placement is asked for `instance`.
pub fn request_of(turn: &Turn<'_>, instance: Id<Instance>) -> Request {
    Request::of(&turn.layout().templates[turn.fleet.instances[instance].template])
}

/// What `instance`, which was somewhere, wants where it waits for room.
pub fn wanted_by(turn: &Turn<'_>, instance: Id<Instance>) -> Wanted {
    Wanted { shape: request_of(turn, instance).shape, zone: hosting::zone_of(turn, instance) }
}

/// Whether `server` has what is wanted, and is where and what that must be, without regard to limits.
pub fn fits(turn: &Turn<'_>, Wanted { shape, zone }: Wanted, server: Id<Server>) -> bool {
    let request = Request::for_shape(shape).within(zone);
    turn.fleet.capacity.has_room(turn.layout(), server, &request)
}

/// Claims room on `server` for `instance`, which is elsewhere, to see what would be left; says on which
/// nodes, which [`let_go`] must be told in the same turn.
pub fn hold(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) -> Option<Nodes> {
    let (request, layout) = (request_of(turn, instance), turn.layout());
    let fits = turn.fleet.capacity.has_room(layout, server, &request);
    fits.then(|| turn.fleet.capacity.claim(layout, server, &request))
}

/// Gives back what [`hold`] has claimed.
pub fn let_go(turn: &mut Turn<'_>, instance: Id<Instance>, (server, nodes): (Id<Server>, Nodes)) {
    let request = request_of(turn, instance);
    turn.fleet.capacity.release(&turn.scenario.layout, server, &request, nodes);
}

/// The server that the scenario's policy chooses for `instance`, if one has room. Where none has,
/// that is a fact too.
#[inline]
pub fn find(turn: &mut Turn<'_>, instance: Id<Instance>, reason: Reason) -> Option<Id<Server>> {
    let request = request_of(turn, instance);
    let found = match hosting::of(turn, instance) {
        Some(hosted) => {
            let template = turn.fleet.instances[instance].template;
            hosting::at_launch(turn, (template, hosted), &request)
        }
        None => {
            let policy = turn.scenario.policies.placement;
            policy.choose(turn.layout(), &turn.fleet.capacity, &request)
        }
    };
    if found.is_none() {
        turn.state(Fact::NoRoom { instance, reason });
    }
    found
}

/// The server that the policy chooses for `instance`, which is to leave the one it is on, or has left
/// it: the room that it holds there does not count as its group's presence. It stays in its zone, as
/// its cloud disks and its network do (S28). Who lives on dedicated hosts goes to another one of the
/// pool; or, where it gave its room up, to its own.
pub fn elsewhere(turn: &mut Turn<'_>, instance: Id<Instance>) -> Option<Id<Server>> {
    let request = request_of(turn, instance);
    if let Some(hosted) = hosting::of(turn, instance) {
        return match turn.fleet.instances[instance].server {
            Some(_) => hosting::elsewhere(turn, instance, &request),
            None => hosting::at_start(turn, (instance, hosted), &request),
        };
    }
    let request = request.within(hosting::zone_of(turn, instance));
    let (layout, policy) = (turn.layout(), turn.scenario.policies.placement);
    let capacity = &mut turn.fleet.capacity;
    let Some(left) = turn.fleet.instances[instance].server else {
        return policy.choose(layout, capacity, &request);
    };
    let nodes = turn.fleet.instances.nodes(instance);
    capacity.release(layout, left, &request, nodes);
    let found = policy.choose(layout, capacity, &request.off(left));
    capacity.claim_on(layout, left, &request, nodes);
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
    let nodes = claim(turn, instance, server);
    let fleet = &mut *turn.fleet;
    fleet.instances.put_on(&mut fleet.servers, instance, server);
    fleet.instances.seat(instance, nodes);
    hosting::settled(turn, instance, server);
    turn.state(Fact::Placed { instance, server, reason, waited });
    comes(turn, instance, server, reason);
}

/// `instance` gives its room back.
#[inline]
pub fn give_back(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let fleet = &mut *turn.fleet;
    let server = fleet.instances.take_off(&mut fleet.servers, instance);
    let nodes = fleet.instances.nodes(instance);
    fleet.instances.seat(instance, Nodes::NONE);
    turn.state(Fact::Vacated { instance, server });
    release(turn, instance, (server, nodes));
}

/// `instance`, which is Stopped, gives its room up: what it needs again it finds in its zone.
pub fn give_up(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.care.row_mut(instance).zone = hosting::zone_of(turn, instance);
    give_back(turn, instance);
}

/// `task` reserves room on `server` for its instance, which stays where it is.
///
/// # Panics
/// If it has room reserved: a task has one target at a time.
pub fn reserve(turn: &mut Turn<'_>, task: Id<Task>, server: Id<Server>) {
    let (instance, failures) = (turn.fleet.tasks[task].instance, failures_of(turn, server));
    let nodes = claim(turn, instance, server);
    let target = &mut turn.fleet.tasks.row_mut(task).target;
    assert!(target.is_none(), "a task has one target at a time");
    *target = Some(Reservation { server, nodes, failures });
    turn.state(Fact::Reserved { instance, server });
}

/// `task` gives the room back that it has reserved, if any.
pub fn unreserve(turn: &mut Turn<'_>, task: Id<Task>) {
    let row = turn.fleet.tasks.row_mut(task);
    let instance = row.instance;
    if let Some(Reservation { server, nodes, .. }) = row.target.take() {
        turn.state(Fact::Unreserved { instance, server });
        release(turn, instance, (server, nodes));
    }
}

/// The instance of `task` is on the target from now on; its room on the source, where it has any,
/// is given back.
///
/// # Panics
/// If no room is reserved.
pub fn commit(turn: &mut Turn<'_>, task: Id<Task>, reason: Reason) {
    let row = turn.fleet.tasks.row_mut(task);
    let instance = row.instance;
    let target = row.target.take().expect("only a task with a target commits");
    let server = target.server;
    turn.state(Fact::Unreserved { instance, server });
    if turn.fleet.instances[instance].server.is_some() {
        give_back(turn, instance);
    }
    let fleet = &mut *turn.fleet;
    fleet.instances.put_on(&mut fleet.servers, instance, server);
    fleet.instances.seat(instance, target.nodes);
    disks::hold(turn, instance, server);
    hosting::settled(turn, instance, server);
    turn.state(Fact::Placed { instance, server, reason, waited: Span::ZERO });
    comes(turn, instance, server, reason);
}

/// The instance of `task` is on the target from now on, and its task holds the room on the source.
///
/// # Panics
/// If no room is reserved, or the instance has none.
pub fn change_sides(turn: &mut Turn<'_>, task: Id<Task>, reason: Reason) {
    let row = turn.fleet.tasks.row_mut(task);
    let instance = row.instance;
    let target = row.target.take().expect("only a task with a target changes sides");
    turn.state(Fact::Unreserved { instance, server: target.server });
    let fleet = &mut *turn.fleet;
    let server = fleet.instances.take_off(&mut fleet.servers, instance);
    let nodes = fleet.instances.nodes(instance);
    turn.state(Fact::Vacated { instance, server });
    let fleet = &mut *turn.fleet;
    fleet.instances.put_on(&mut fleet.servers, instance, target.server);
    fleet.instances.seat(instance, target.nodes);
    hosting::settled(turn, instance, target.server);
    turn.state(Fact::Placed { instance, server: target.server, reason, waited: Span::ZERO });
    let failures = failures_of(turn, server);
    turn.fleet.tasks.row_mut(task).target = Some(Reservation { server, nodes, failures });
    turn.state(Fact::Reserved { instance, server });
    if reason == Reason::LiveMigration {
        comes(turn, instance, target.server, reason); // A cold migration may still be taken back.
    }
}

/// Whether the server on which `task` has reserved room has failed since, or is not able to serve.
///
/// # Panics
/// If no room is reserved.
pub fn target_failed(turn: &Turn<'_>, task: Id<Task>) -> bool {
    let target = turn.fleet.tasks[task].target.expect("only a task with a target is asked");
    let is_able = turn.fleet.is_able(turn.layout(), target.server);
    !is_able || failures_of(turn, target.server) != target.failures
}

/// All data on local disks of `instance`, which has some, is lost where it is now.
pub fn lose_local_data(turn: &mut Turn<'_>, instance: Id<Instance>) {
    disks::lose_data(turn, instance);
}

/// Crashes of `server` and outages of its rack so far (count).
fn failures_of(turn: &Turn<'_>, server: Id<Server>) -> u32 {
    let rack = turn.layout().servers[server].rack;
    turn.fleet.servers[server].crashes + turn.fleet.racks.outages(rack)
}

#[inline]
fn claim(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) -> Nodes {
    let request = request_of(turn, instance);
    let nodes = turn.fleet.capacity.claim(&turn.scenario.layout, server, &request);
    if !turn.scenario.settings.host_idle_wears && turn.fleet.capacity.held(server) == 1 {
        wear::load_changed(turn, server);
    }
    turn.fleet.dedicated.room_changed(server, turn.fleet.capacity.free(server));
    disks::hold(turn, instance, server);
    nodes
}

#[inline]
fn release(turn: &mut Turn<'_>, instance: Id<Instance>, (server, nodes): (Id<Server>, Nodes)) {
    let request = request_of(turn, instance);
    turn.fleet.capacity.release(&turn.scenario.layout, server, &request, nodes);
    turn.fleet.dedicated.room_changed(server, turn.fleet.capacity.free(server));
    disks::leave(turn, instance, server);
    let held = turn.fleet.capacity.held(server);
    if !turn.scenario.settings.host_idle_wears && held == 0 {
        wear::load_changed(turn, server);
    }
    if turn.fleet.servers[server].state == ServerState::Broken {
        rerank(turn, server, held);
    }
    concerns_operator(turn, server);
    let dedicated = &turn.fleet.dedicated;
    if dedicated.keeps(server)
        && dedicated.on(server).is_none_or(|host| dedicated[host].server != server)
    {
        hosting::server_changed(turn, server); // Its host is leaving it, or it is idle.
    }
    turn.room_freed(server);
}

/// The operator, if nothing of its work on `server` is under way, looks at it again: somebody came
/// or went.
fn concerns_operator(turn: &mut Turn<'_>, server: Id<Server>) {
    let works = &turn.fleet.works;
    if works.under_way == 0 && works.emptying.stuck.is_empty() {
        return;
    }
    let work = &works[server];
    if work.origin.is_some() && work.open == 0 || works.emptying.stuck.contains(&server) {
        events::tend(turn, server);
    }
}

/// `instance` is on `server` from now on. If that is drained, or must be emptied because of a risk, it
/// is to leave as those are who were there before. Where a restart cures the risk, who has come running
/// is to have his, too; whoever else comes has it just then.
#[inline]
fn comes(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>, reason: Reason) {
    let work = &turn.fleet.works[server];
    if work.is_drained() && work.origin.is_some() {
        events::tend(turn, server);
        return;
    }
    let ran_on = work.is_to_be_cured() && reason == Reason::LiveMigration;
    if !ran_on && !work.must_be_emptied() {
        return;
    }
    if work.origin.is_some() {
        let name = turn.fleet.instances[instance].name;
        events::later(turn, server, Pending::new(instance, name, turn.now));
    }
    events::tend(turn, server);
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
