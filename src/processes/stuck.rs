//! Servers at risk that must be emptied, and that somebody cannot leave.
//!
//! A restart does not cure such a risk, so that one which moves nobody is for nothing. Path: everybody
//! is told once → who is still there, and could still not leave, is not told again: nothing is under
//! way on the server any more, it is *stuck* → it stays closed, but takes no slot of
//! `maint.max_concurrent_hosts`, and other work may be done on it → it is looked at again when there is
//! room on another server, when somebody has come or left, and every `event.republish_delay`.
//!
//! **Departs**: spec/events.md 2.5 has no word for what follows a restart that moved nobody. Moves: who
//! was told of which risk.

use super::{events, loss, room, turn::Turn};
use crate::{
    fleet::{
        ids::{Instance, Server},
        instances::InstanceName,
        system_events::{EventRow, Origin},
        works::Nowhere,
    },
    kernel::{column::Id, time::Span},
    lifecycle::system_event::EventType,
    messages::fact::Fact,
};

/// Notes that `instance`, on a server that the operator works on because of `origin`, is about to be
/// told by an event of `kind`, if it is not for nothing; says whether it is to be told.
pub fn tells(
    turn: &mut Turn<'_>,
    (instance, origin): (Id<Instance>, Origin),
    kind: EventType,
) -> bool {
    let Some(server) = emptied(turn, origin) else { return true };
    if was_told(turn, instance, server) && !may_help(turn, instance, kind) {
        return false;
    }
    let name = turn.fleet.instances[instance].name;
    turn.fleet.works.tells(server, name);
    true
}

/// Whether `instance` was told of the present risk of `server`, which must be emptied.
pub fn was_told(turn: &Turn<'_>, instance: Id<Instance>, server: Id<Server>) -> bool {
    turn.fleet.works.told(server, turn.fleet.instances[instance].name) > 0
}

/// Whether the job of an event, whose time has come, would do to its instance for nothing what an
/// earlier one has done for nothing.
pub fn is_for_nothing(turn: &mut Turn<'_>, row: &EventRow) -> bool {
    let Some(server) = emptied(turn, row.origin) else { return false };
    let name = turn.fleet.instances[row.instance].name;
    turn.fleet.works.told(server, name) > 1 && !may_help(turn, row.instance, row.kind)
}

/// Nothing is under way on `server`, where somebody is left. That is told once a risk.
pub fn rests(turn: &mut Turn<'_>, server: Id<Server>) {
    let mut who = Vec::new();
    if turn.fleet.dedicated.on(server).is_none() {
        let instances = loss::instances_in_order(turn, server);
        for instance in &instances {
            if room::elsewhere(turn, *instance).is_none() {
                who.push((*instance, turn.fleet.instances[*instance].name));
            }
        }
        loss::done_with(turn, instances);
    }
    if who.is_empty() {
        turn.fleet.works.for_room.remove(&server);
    } else {
        turn.fleet.works.for_room.insert(server, Nowhere { since: turn.now, who });
    }
    if turn.fleet.works.stuck.insert(server) {
        let left = turn.fleet.capacity.held(server);
        turn.state(Fact::ServerStuck { server, left });
    }
}

/// Room was freed: the operator looks at servers on which somebody had nowhere to go, and has now. Not
/// at once where it has just looked, since it may be a move off the server that was given up.
pub fn room_offered(turn: &mut Turn<'_>) {
    let waiting = std::mem::take(&mut turn.fleet.works.for_room);
    for (server, nowhere) in &waiting {
        let is_let_be = turn.fleet.works[*server].origin.is_none();
        if is_let_be && nowhere.who.iter().any(|of| may_leave(turn, *of, *server)) {
            let pause = if nowhere.since == turn.now { Span::from_seconds(1) } else { Span::ZERO };
            events::tend_at(turn, *server, turn.now.saturating_add(pause));
        }
    }
    turn.fleet.works.for_room = waiting;
}

/// Whether `instance` on `server`, which had nowhere to go, may have now.
fn may_leave(
    turn: &mut Turn<'_>,
    (instance, name): (Id<Instance>, InstanceName),
    server: Id<Server>,
) -> bool {
    let row = &turn.fleet.instances[instance];
    if row.name != name || row.server != Some(server) {
        return false;
    }
    let wanted = room::wanted_by(turn, instance);
    let may_fit = turn.fleet.waiting.may_fit(wanted, |freed| room::fits(turn, wanted, freed));
    may_fit && room::elsewhere(turn, instance).is_some()
}

/// The server that must be emptied because of `origin`, if that is why something is done.
fn emptied(turn: &Turn<'_>, origin: Origin) -> Option<Id<Server>> {
    let Origin::Risk { server, .. } = origin else { return None };
    turn.fleet.works[server].must_be_emptied().then_some(server)
}

/// Whether an event of `kind` would take `instance` off its server if it were executed now. What is on
/// a dedicated host leaves with that.
fn may_help(turn: &mut Turn<'_>, instance: Id<Instance>, kind: EventType) -> bool {
    let row = &turn.fleet.instances[instance];
    let is_hosted = row.server.is_some_and(|server| turn.fleet.dedicated.on(server).is_some());
    let is_bound = turn.layout().is_bound(row.template);
    let restarts_move = turn.scenario.settings.event.reboot_moves_cloud_only && !is_bound;
    let moves = kind == EventType::MaintenanceRedeploy
        || kind == EventType::MaintenanceReboot && restarts_move;
    !is_hosted && moves && room::elsewhere(turn, instance).is_some()
}
