//! Recovery of the instances of a failed server, rack or guest.
//!
//! Path: failed → (`recover.detect`) → noticed → moved to another server, or waiting for room, or
//! waiting for its own server → Starting → (boot) → Running. Documented behaviour: spec/events.md
//! 1.2 L15 to L17 and L24, 2.5, 2.9 to 2.12; spec/corrections.md L25, L28 and 10 ("whichever server
//! is ready first"). Moves: instances, tasks, the queue for room.
//!
//! **Departs**: the events and notifications that the cloud would publish are not here yet, and an
//! instance with local data on an irreparable server waits for the repair (S19), since nobody
//! answers its inquiry yet.

use super::{boot, disks, launch, loss, owner, release, room, turn::Turn};
use crate::{
    fleet::{
        capacity::Request,
        ids::{Instance, Rack, Server, Shape},
        instances::Recovering,
        layout::ActionOnMaintenance,
        tasks::TaskKind,
        waiting,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{
        instance::{InstanceState, InstanceStep},
        server::ServerState,
    },
    messages::{
        fact::{Fact, Reason},
        occurrence::Occurrence,
    },
    scenario::Recovery,
};

/// The crash of `server` is noticed.
pub fn server_loss_noticed(turn: &mut Turn<'_>, server: Id<Server>) {
    let instances = loss::instances_in_order(turn, server);
    for instance in &instances {
        let row = &turn.fleet.instances[*instance];
        // Who waits for this server, because its rack was noticed to be down first, is asked again:
        // the server may turn out to be broken for good.
        let waits = row.recovery == Recovering::ForServer && row.state != InstanceState::Stopped;
        if row.recovery == Recovering::Unnoticed || waits {
            noticed(turn, *instance, server);
        }
    }
    loss::done_with(turn, instances);
}

/// The outage of `rack` is noticed.
pub fn rack_loss_noticed(turn: &mut Turn<'_>, rack: Id<Rack>) {
    for server in turn.layout().racks[rack].servers.iter() {
        server_loss_noticed(turn, server);
    }
}

/// The crash of the guest of `instance` is noticed: it is restarted where it is (L25).
pub fn guest_loss_noticed(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.step(instance, InstanceStep::Recover);
    boots(turn, instance);
}

/// `server` works again: whoever on it waits for it, or for any room, goes on here.
pub fn server_returned(turn: &mut Turn<'_>, server: Id<Server>) {
    if !loss::is_able(turn, server) {
        return; // It failed again within the instant; its next return brings another occurrence.
    }
    let instances = loss::instances_in_order(turn, server);
    for instance in &instances {
        let row = turn.fleet.instances.row_mut(*instance);
        match std::mem::replace(&mut row.recovery, Recovering::No) {
            Recovering::No => {}
            Recovering::Unnoticed if stops(turn, *instance) => stopped_by_failure(turn, *instance),
            Recovering::ForRoom => {
                turn.fleet.waiting.leave(*instance);
                restarts(turn, *instance);
            }
            Recovering::Unnoticed | Recovering::ForServer => restarts(turn, *instance),
        }
    }
    loss::done_with(turn, instances);
}

/// The notice of `instance`, whose local data is given up, has run out: it is moved.
pub fn redeploy_due(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if turn.fleet.has_working_server(turn.layout(), instance) {
        return; // Its server came back at this very instant: it restarts there, its data kept.
    }
    move_or_wait(turn, instance);
}

/// Pass: those who wait for room are asked in turn, as long as there may be room for them.
pub fn room_offered(turn: &mut Turn<'_>) {
    let mut offer = turn.fleet.waiting.offer();
    while let Some((instance, shape, place)) = turn.fleet.waiting.next(&mut offer) {
        let may_fit = turn.fleet.waiting.may_fit(shape, |server| fits(turn, shape, server));
        let found = if may_fit { room::elsewhere(turn, instance) } else { None };
        let Some(server) = found else {
            let leaves_room = may_fit && is_limited(turn, instance) && has_room(turn, shape);
            turn.fleet.waiting.refused(&mut offer, shape, place, leaves_room);
            continue;
        };
        turn.fleet.waiting.leave(instance);
        turn.fleet.waiting.accepted(&mut offer, shape);
        turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
        let waited = turn.now.since(place.since);
        if place.is_launch {
            turn.void_alarm(instance);
            launch::placed(turn, instance, server, waited);
        } else {
            moves(turn, instance, server, waited);
        }
    }
    turn.fleet.waiting.offered(offer);
    while let Some((instance, place)) = turn.fleet.waiting.next_newcomer() {
        let reason = if place.is_launch { Reason::Launch } else { Reason::Failover };
        turn.state(Fact::NoRoom { instance, reason });
        if place.is_launch {
            launch::found_no_room(turn, instance);
        }
    }
}

fn fits(turn: &Turn<'_>, shape: Id<Shape>, server: Id<Server>) -> bool {
    turn.fleet.capacity.free(server).covers(&turn.layout().shapes[shape].demand)
}

/// Whether more than room binds `instance`: a limit of its application.
fn is_limited(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    room::request_of(turn, instance).application.is_some()
}

/// Whether there is room for `shape`, without regard to limits.
fn has_room(turn: &Turn<'_>, shape: Id<Shape>) -> bool {
    let request = Request { shape, application: None, group: None, exclude: None };
    let policy = turn.scenario.policies.placement;
    policy.choose(turn.layout(), &turn.fleet.capacity, &request).is_some()
}

/// The failure of its server is noticed for one instance.
fn noticed(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    let template = &turn.layout().templates[turn.fleet.instances[instance].template];
    turn.fleet.instances.row_mut(instance).recovery = Recovering::ForServer;
    if template.on_maintenance == ActionOnMaintenance::Stop {
        turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
        stopped_by_failure(turn, instance);
        return;
    }
    if turn.scenario.policies.recovery == Recovery::InPlace {
        return;
    }
    if !turn.layout().is_bound(turn.fleet.instances[instance].template) {
        move_or_wait(turn, instance);
        return;
    }
    let restarts_itself = match turn.fleet.servers[server].state {
        ServerState::Restarting | ServerState::Up => true,
        ServerState::Broken | ServerState::Offline | ServerState::InRepair => false,
    };
    if restarts_itself {
        return;
    }
    turn.step(instance, InstanceStep::Fail);
    if release::if_due(turn, instance) {
        return;
    }
    if template.on_maintenance == ActionOnMaintenance::AutoRedeploy {
        let stamp = turn.fleet.instances[instance].stamp;
        turn.set_alarm(
            instance,
            turn.scenario.settings.event.failure_redeploy_lead,
            Occurrence::RedeployDue { stamp, instance },
        );
    }
}

/// `instance` goes to another server at once, or waits until one has room.
fn move_or_wait(turn: &mut Turn<'_>, instance: Id<Instance>) {
    // Recoveries that wait already come first; the queue's order says so.
    let is_first = turn.fleet.waiting.is_empty();
    let found = if is_first { room::elsewhere(turn, instance) } else { None };
    if let Some(server) = found {
        turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
        moves(turn, instance, server, Span::ZERO);
        return;
    }
    let row = turn.fleet.instances.row_mut(instance);
    row.recovery = Recovering::ForRoom;
    let place = waiting::Turn { is_launch: false, since: turn.now, name: row.name };
    let shape = turn.layout().templates[turn.fleet.instances[instance].template].shape;
    turn.fleet.waiting.join(instance, shape, place);
    if is_first {
        turn.state(Fact::NoRoom { instance, reason: Reason::Failover });
    } else {
        turn.fleet.waiting.newcomer(instance);
        turn.agenda.pass(Occurrence::RoomOffered);
    }
}

/// `instance` leaves its failed server for `server` and boots there.
fn moves(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>, waited: Span) {
    turn.begin_task(TaskKind::Failover, instance, true);
    disks::lose_data(turn, instance);
    room::give_back(turn, instance);
    disks::close(turn, instance, disks::ClosedBy::System);
    room::take(turn, instance, server, (Reason::Failover, waited));
    restarts(turn, instance);
}

/// `instance` is brought back on the server where it is, from whatever state it is in.
fn restarts(turn: &mut Turn<'_>, instance: Id<Instance>) {
    match turn.fleet.instances[instance].state {
        InstanceState::Running => turn.step(instance, InstanceStep::Recover),
        InstanceState::Stopped => turn.step(instance, InstanceStep::Start),
        InstanceState::Pending => turn.step(instance, InstanceStep::Boot),
        InstanceState::Starting => {} // Its boot broke off; it begins anew.
        state @ (InstanceState::Stopping | InstanceState::Released) => {
            panic!("an instance in {state} does not recover")
        }
    }
    boots(turn, instance);
}

fn boots(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if boot::begin(turn, instance) == Some(boot::Ended::Failed) {
        owner::after_failed_boot(turn, instance);
    }
}

fn stops(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let template = turn.fleet.instances[instance].template;
    turn.layout().templates[template].on_maintenance == ActionOnMaintenance::Stop
}

/// L16: the failure leaves `instance` Stopped; its owner may start it again.
fn stopped_by_failure(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.step(instance, InstanceStep::Fail);
    if !release::if_due(turn, instance) {
        owner::learns_of_stop(turn, instance);
    }
}
