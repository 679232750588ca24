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

use super::{boot, launch, loss, owner, release, room, turn::Turn};
use crate::{
    fleet::{
        ids::{Instance, Rack, Server, Shape},
        instances::Recovering,
        layout::ActionOnMaintenance,
        tasks::TaskKind,
        waiting::{self, Asked},
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

/// `event.failure_redeploy_lead`: notice before an instance whose local data is given up is moved
/// (spec/events.md 2.11, 12).
const FAILURE_REDEPLOY_LEAD: Span = Span::from_seconds(600);

/// The crash of `server` is noticed.
pub fn server_loss_noticed(turn: &mut Turn<'_>, server: Id<Server>) {
    let instances = loss::instances_in_order(turn, server);
    for instance in &instances {
        if turn.fleet.instances[*instance].recovery == Recovering::Unnoticed {
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
    move_or_wait(turn, instance);
}

/// Pass: those who wait for room are asked in turn, as long as there is room for anybody.
pub fn room_offered(turn: &mut Turn<'_>) {
    let mut asked: Vec<(Id<Shape>, Asked)> = Vec::new();
    let so_far = |asked: &[(Id<Shape>, Asked)], shape| {
        asked.iter().find(|(of, _)| *of == shape).map_or(Asked::NotYet, |(_, how)| *how)
    };
    while let Some((instance, shape, place)) =
        turn.fleet.waiting.next(|shape| so_far(&asked, shape))
    {
        let request = room::request_of(turn, instance);
        let policy = turn.scenario.policies.placement;
        if let Some(server) = policy.choose(turn.layout(), &turn.fleet.capacity, &request) {
            turn.fleet.waiting.leave(instance);
            turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
            let waited = turn.now.since(place.since);
            if place.is_launch {
                turn.void_alarm(instance);
                launch::placed(turn, instance, server, waited);
            } else {
                moves(turn, instance, server, waited);
            }
            continue;
        }
        // Without an application's limit or a group's spread, whoever wants the same finds none.
        let is_free = request.application.is_none() && request.group.is_none();
        let how = if is_free { Asked::Full } else { Asked::UpTo(place) };
        match asked.iter_mut().find(|(of, _)| *of == shape) {
            Some((_, before)) => *before = how,
            None => asked.push((shape, how)),
        }
    }
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
    if !owner::has_local_data(turn.layout(), turn.fleet, instance) {
        move_or_wait(turn, instance);
        return;
    }
    let restarts_itself = match turn.fleet.servers[server].state {
        ServerState::Restarting | ServerState::Up => true,
        ServerState::Broken | ServerState::InRepair => false,
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
            FAILURE_REDEPLOY_LEAD,
            Occurrence::RedeployDue { stamp, instance },
        );
    }
}

/// `instance` goes to another server at once, or waits until one has room.
fn move_or_wait(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if let Some(server) = room::find(turn, instance, Reason::Failover) {
        turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
        moves(turn, instance, server, Span::ZERO);
        return;
    }
    let row = turn.fleet.instances.row_mut(instance);
    row.recovery = Recovering::ForRoom;
    let place = waiting::Turn { is_launch: false, since: turn.now, name: row.name };
    let shape = turn.layout().templates[turn.fleet.instances[instance].template].shape;
    turn.fleet.waiting.join(instance, shape, place);
}

/// `instance` leaves its failed server for `server` and boots there.
fn moves(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>, waited: Span) {
    let task = turn.fleet.tasks.begin(TaskKind::Failover, instance);
    turn.fleet.instances.row_mut(instance).task = Some(task);
    turn.state(Fact::TaskBegan { kind: TaskKind::Failover, instance });
    lose_local_data(turn, instance);
    room::give_back(turn, instance);
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

fn lose_local_data(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if !owner::has_local_data(turn.layout(), turn.fleet, instance) {
        return;
    }
    let row = &turn.fleet.instances[instance];
    let demand = turn.layout().demand(row.template);
    let server = row.server.expect("an instance that moves leaves a server");
    let model = turn.layout().servers[server].model;
    let disk = turn.layout().models[model].local_disk_bytes;
    let bytes = u64::from(demand.local_disks) * disk + demand.local_storage;
    turn.state(Fact::DataLost { instance, bytes });
}
