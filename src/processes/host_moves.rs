//! A dedicated host is given another server, and its status follows what happens to the one that
//! it has (spec/events.md 9.1, 9.2, 2.5, S42).
//!
//! Path of a move: its server fails, must be repaired, or its owner asks → (no idle server of its
//! model in its zone: it waits) → Redeploying → (`ddh.prepare`) → its instances follow: those that
//! failed are restarted there, those that run are restarted on the way (or migrated live first, if
//! its owner wants that), those that are Stopped just go → Available. Its name and its instances'
//! stay; its machine id changes. Path without one: TempUnavailable → its server works again →
//! Available. Hosts with local disks are never moved by themselves: one that is down for good is
//! dead until a support ticket (`ddh.ticket`) gives it another server without its data, or its own
//! is repaired after all. Moves: hosts, and instances on them.
//!
//! **Departs**: "irreparable" is a crash that does not restart by itself; an instance that runs
//! takes its room on the new server when its guest begins to stop, not when it has stopped.

use super::{events, hosting, live_migration, loss, power, recovery, room, settle, turn::Turn};
use crate::{
    fleet::{
        chance::Chance,
        dedicated_hosts::{HostAction, MoveFor},
        ids::{DedicatedHost, Instance, Server},
        instances::Recovering,
        servers::DownBy,
        tasks::TaskKind,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{
        dedicated_host::{HostState, HostStep},
        instance::InstanceState,
        server::ServerState,
    },
    messages::{
        fact::{Fact, Reason},
        hosts::HostFact,
        occurrence::Occurrence,
    },
};
use std::cmp::Reverse;

/// Something happened to `host`, its server or who is on it.
pub fn tended(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    let row = turn.fleet.dedicated.row_mut(host);
    row.asked = false;
    let (status, server) = (row.status, row.server);
    let is_able = loss::is_able(turn, server);
    match status {
        // That the server is down is not known before it is noticed.
        HostState::Available | HostState::UnderAssessment if is_able => assessed(turn, host),
        HostState::Available | HostState::UnderAssessment | HostState::Redeploying => {}
        HostState::TempUnavailable if is_able => returned(turn, host),
        HostState::TempUnavailable => is_down(turn, host),
        HostState::PermanentFailure => {
            if is_able && turn.scenario.settings.event.cancel_failure_redeploy_on_repair {
                returned(turn, host);
            }
        }
    }
    if turn.fleet.dedicated.is_leaving(host) {
        everybody_follows(turn, host);
    }
}

/// Pass: those who wait for an idle server are asked in turn.
pub fn spares_offered(turn: &mut Turn<'_>) {
    let waiting: Vec<Id<DedicatedHost>> = turn.fleet.dedicated.waiting().collect();
    for host in waiting {
        if let Some(server) = spare_for(turn, host) {
            let moves_for = turn.fleet.dedicated[host].moves_for;
            begins(turn, (host, server), moves_for.unwrap_or(MoveFor::Failure));
        }
    }
}

/// The server that was prepared for `host` is ready.
pub fn prepared(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    let row = &turn.fleet.dedicated[host];
    let target = row.target.expect("a server was being prepared");
    if is_usable(turn, target) {
        carried(turn, host);
        return;
    }
    turn.fleet.dedicated.unprepare(host);
    hosting::spare_found(turn);
    match spare_for(turn, host) {
        Some(server) => prepares(turn, host, server),
        None => falls_back(turn, host),
    }
}

/// The support ticket about `host` is done: it gets another server, or its own where none is idle
/// and that works again; local data is lost (spec/events.md 9.2).
pub fn ticket_ends(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    match spare_for(turn, host) {
        Some(server) => begins(turn, (host, server), MoveFor::Ticket),
        None => waits(turn, host, MoveFor::Ticket),
    }
}

/// The restart of `instance` that the system is about to execute because of a risk: where its
/// dedicated host is to leave the server for good and may do so by itself, it does that instead, and
/// the restart is a part of it. Says whether so.
pub fn repairs_instead(turn: &mut Turn<'_>, instance: Id<Instance>) -> bool {
    let Some(host) = hosting::host_of(turn, instance) else { return false };
    let row = turn.fleet.dedicated[host];
    if row.status == HostState::Redeploying && row.target.is_some() {
        return true; // It is being done.
    }
    begins_repair(turn, host)
}

/// `server` must be emptied, and everybody on it was told of that and has restarted, which takes
/// nobody off his host: says whether its host leaves it, as far as it may do so by itself.
pub fn leaves(turn: &mut Turn<'_>, server: Id<Server>) -> bool {
    let Some(host) = turn.fleet.dedicated.on(server) else { return false };
    let row = &turn.fleet.dedicated[host];
    let is_leaving = row.server != server || row.target.is_some();
    is_leaving || begins_repair(turn, host)
}

/// The server of `host` must be repaired: the host moves if that may be, and says so.
fn begins_repair(turn: &mut Turn<'_>, host: Id<DedicatedHost>) -> bool {
    let row = turn.fleet.dedicated[host];
    let work = &turn.fleet.works[row.server];
    let must_leave = work.at_risk && !work.curable && row.status == HostState::UnderAssessment;
    if !must_leave || row.action != HostAction::Migrate || is_local(turn, host) {
        return false;
    }
    let Some(server) = spare_for(turn, host) else { return false };
    begins(turn, (host, server), MoveFor::Repair);
    true
}

/// An idle server for `host`, the first in order, if there is one.
pub fn spare_for(turn: &Turn<'_>, host: Id<DedicatedHost>) -> Option<Id<Server>> {
    let mut idle = turn.fleet.dedicated.idle_for(turn.layout(), host);
    idle.find(|server| is_usable(turn, *server))
}

/// Whether a host may be put on `server`: it works, nobody works on it, and nobody is there.
fn is_usable(turn: &Turn<'_>, server: Id<Server>) -> bool {
    let work = &turn.fleet.works[server];
    let is_free = !work.at_risk && !work.closed && work.origin.is_none();
    is_free && loss::is_able(turn, server) && turn.fleet.capacity.held(server) == 0
}

/// `host` moves to `server`, which is idle.
pub fn begins(
    turn: &mut Turn<'_>,
    (host, server): (Id<DedicatedHost>, Id<Server>),
    moves_for: MoveFor,
) {
    turn.fleet.dedicated.waits_no_more(host);
    turn.fleet.dedicated.row_mut(host).moves_for = Some(moves_for);
    hosting::step(turn, host, HostStep::Redeploy);
    prepares(turn, host, server);
}

fn prepares(turn: &mut Turn<'_>, host: Id<DedicatedHost>, server: Id<Server>) {
    turn.fleet.dedicated.prepare(host, server);
    let row = turn.fleet.dedicated[host];
    let law = &turn.scenario.settings.ddh.prepare;
    let span = turn.length(law, Chance::HostPrepare, host.index() as u64, row.moves);
    turn.after(span, Occurrence::HostPrepared { host, stamp: row.stamp });
}

/// No server is left that could take `host`: it stays where it is.
fn falls_back(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    let row = turn.fleet.dedicated[host];
    if loss::is_able(turn, row.server) {
        hosting::step(turn, host, HostStep::FallBack);
        turn.fleet.dedicated.row_mut(host).moves_for = None;
        assessed(turn, host);
        if turn.fleet.works[row.server].origin.is_some() {
            events::tend(turn, row.server); // Who was to leave it with his host is still there.
        }
        return;
    }
    hosting::step(turn, host, HostStep::GoDown);
    waits(turn, host, row.moves_for.unwrap_or(MoveFor::Failure));
}

/// `host` waits for an idle server.
fn waits(turn: &mut Turn<'_>, host: Id<DedicatedHost>, moves_for: MoveFor) {
    turn.fleet.dedicated.row_mut(host).moves_for = Some(moves_for);
    let now = turn.now;
    if turn.fleet.dedicated.waits(host, now) {
        turn.state(Fact::Host(HostFact::Waits(host)));
    }
}

/// Whether `host` has local disks, so that it is not moved by itself.
pub fn is_local(turn: &Turn<'_>, host: Id<DedicatedHost>) -> bool {
    let layout = turn.layout();
    layout.models[layout.dedicated_hosts[host].model].capacity.is_local()
}

/// `host`, whose server works, is at risk or is not.
fn assessed(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    let row = &turn.fleet.dedicated[host];
    let at_risk = turn.fleet.works[row.server].at_risk;
    if at_risk && row.status == HostState::Available {
        hosting::step(turn, host, HostStep::RiskFound);
    } else if !at_risk && row.status == HostState::UnderAssessment {
        hosting::step(turn, host, HostStep::RiskOver);
    }
}

/// The server of `host`, which was down, works again.
fn returned(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    turn.fleet.dedicated.waits_no_more(host);
    turn.fleet.dedicated.row_mut(host).moves_for = None;
    hosting::step(turn, host, HostStep::Return);
    assessed(turn, host);
    brings_back(turn, host);
}

/// `host` is known to be down: it moves, waits for its server, or is dead (spec/events.md 9.2).
fn is_down(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    let row = turn.fleet.dedicated[host];
    if row.waits_since.is_some() {
        return;
    }
    let is_lost = is_irreparable(turn, row.server);
    if is_local(turn, host) {
        if is_lost {
            dies(turn, host);
        }
        return;
    }
    if row.action == HostAction::Stop && !is_lost {
        return;
    }
    match spare_for(turn, host) {
        Some(server) => begins(turn, (host, server), MoveFor::Failure),
        None => waits(turn, host, MoveFor::Failure),
    }
}

/// Nothing more happens to `host` by itself.
fn dies(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    hosting::step(turn, host, HostStep::GiveUp);
    let row = turn.fleet.dedicated[host];
    if let Some(law) = &turn.scenario.settings.ddh.ticket {
        let span = turn.length(law, Chance::HostTicket, host.index() as u64, row.moves);
        turn.after(span, Occurrence::HostTicketEnds { host, stamp: row.stamp });
    }
}

/// Whether the hardware of `server` crashed and does not come back without a repair.
pub fn is_irreparable(turn: &Turn<'_>, server: Id<Server>) -> bool {
    let row = &turn.fleet.servers[server];
    let is_broken = matches!(row.state, ServerState::Broken | ServerState::InRepair);
    is_broken && row.down_by != DownBy::Operator
}

/// `host` is carried by the server that was prepared from now on, and its instances follow.
fn carried(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    let from = turn.fleet.dedicated.carry(host);
    let row = turn.fleet.dedicated[host];
    let layout = turn.layout();
    let vcpus = row.vcpus_beyond(layout);
    let fits = turn.fleet.capacity.set_beyond(layout, row.server, vcpus);
    assert!(fits, "an empty server may sell any number of vCPUs");
    turn.fleet.dedicated.room_changed(row.server, turn.fleet.capacity.free(row.server));
    let moves_for = row.moves_for.unwrap_or(MoveFor::Failure);
    turn.state(Fact::Host(HostFact::Carried { host, from, to: row.server, moves_for }));
    everybody_follows(turn, host);
    // What could not be migrated live is restarted, once that is known.
    if moves_for == MoveFor::OwnerLive && turn.fleet.dedicated[host].moves_for.is_some() {
        turn.fleet.dedicated.row_mut(host).moves_for = Some(MoveFor::Owner);
    }
}

/// Whoever is still on a server that `host` is leaving follows it, if its own server works.
fn everybody_follows(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    let servers: Vec<Id<Server>> = turn.fleet.dedicated.leaving(host).collect();
    for server in servers {
        let instances = loss::instances_in_order(turn, server);
        let mut kept: Vec<Id<Instance>> = instances.clone();
        loss::done_with(turn, instances);
        // The big ones first, by name where they are equal: so all find their socket again.
        kept.sort_by_key(|of| {
            let demand = turn.layout().demand(turn.fleet.instances[*of].template);
            Reverse((demand.vcpus, demand.memory))
        });
        for instance in kept {
            if loss::is_able(turn, turn.fleet.dedicated[host].server) {
                follows(turn, host, instance);
            }
        }
        if turn.fleet.capacity.held(server) == 0 {
            turn.fleet.capacity.set_beyond(turn.layout(), server, 0);
            turn.fleet.dedicated.has_left(host, server);
            hosting::spare_found(turn);
        }
    }
    let is_complete = !turn.fleet.dedicated.is_leaving(host);
    if is_complete && turn.fleet.dedicated[host].status == HostState::Redeploying {
        turn.fleet.dedicated.row_mut(host).moves_for = None;
        hosting::step(turn, host, HostStep::Restored);
        assessed(turn, host);
        brings_back(turn, host);
    }
}

/// `instance` goes to the server that carries its host now.
fn follows(turn: &mut Turn<'_>, host: Id<DedicatedHost>, instance: Id<Instance>) {
    let HostRowNow { server, moves_for } = now_of(turn, host);
    let request = room::request_of(turn, instance);
    if is_moved_already(turn, instance, server) {
        return;
    }
    let row = &turn.fleet.instances[instance];
    let (state, has_failed) = (row.state, row.recovery != Recovering::No);
    let may_go_live = moves_for == MoveFor::OwnerLive && row.served;
    if !turn.fleet.capacity.has_room(turn.layout(), server, &request) {
        return; // Its room is in pieces there; it is asked again when that changes.
    }
    if has_failed && state != InstanceState::Stopped {
        recovery::moves_with_host(turn, instance, server);
        return;
    }
    match state {
        InstanceState::Stopped => {
            if moves_for == MoveFor::Ticket {
                room::lose_local_data(turn, instance);
            }
            transfers(turn, instance, server, Reason::StoppedMove);
            settle::left_server(turn, instance, settle::By::System);
        }
        InstanceState::Running if may_go_live => {
            live_migration::begin_to(turn, instance, server);
        }
        InstanceState::Running => {
            power::system_reboot(turn, instance);
            transfers(turn, instance, server, Reason::RebootMove);
        }
        InstanceState::Pending | InstanceState::Starting | InstanceState::Stopping => {
            transfers(turn, instance, server, Reason::RebootMove);
        }
        InstanceState::Released => unreachable!("a server holds no released instance"),
    }
}

/// Whether a task moves `instance` which is left to do so: live to `server`, or wherever the second
/// cloud takes it. A live migration to any other server is given up.
fn is_moved_already(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) -> bool {
    let Some(task) = turn.fleet.instances[instance].task else { return false };
    let row = &turn.fleet.tasks[task];
    match row.kind {
        TaskKind::Failover => false,
        TaskKind::LiveMigration if row.target.is_some_and(|target| target.server == server) => true,
        TaskKind::LiveMigration => {
            live_migration::abort(turn, instance);
            turn.fleet.instances[instance].task.is_some()
        }
        TaskKind::Redeploy | TaskKind::ColdMigration => true,
    }
}

/// What of a host is looked at while its instances follow.
struct HostRowNow {
    server: Id<Server>,
    moves_for: MoveFor,
}

fn now_of(turn: &Turn<'_>, host: Id<DedicatedHost>) -> HostRowNow {
    let row = &turn.fleet.dedicated[host];
    HostRowNow { server: row.server, moves_for: row.moves_for.unwrap_or(MoveFor::Failure) }
}

/// `instance` has its room on `server` from now on.
fn transfers(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>, reason: Reason) {
    room::give_back(turn, instance);
    room::take(turn, instance, server, (reason, Span::ZERO));
}

/// Those that were stopped because `host` failed for good are started again.
fn brings_back(turn: &mut Turn<'_>, host: Id<DedicatedHost>) {
    for instance in turn.fleet.dedicated.take_to_restart(host) {
        recovery::brought_back(turn, instance);
    }
}
