//! A server stops, or starts again, to be able to serve: by its own health or its rack's.
//!
//! Path: lost → (noticed: `recovery`) → back → (returned: `recovery`). What every instance on the
//! server meets at that very instant is here; what is done about it comes later. Documented
//! behaviour: spec/events.md 1.2 L15 to L17, spec/corrections.md L28 and L29. Moves: instances'
//! service and recovery columns, tasks, and which servers are open.

use super::{cold_jobs, events, hosting, service, turn::Turn};
use crate::{
    fleet::{
        care::StopFor,
        cause::Cause,
        ids::{Instance, Server, Task},
        instances::Recovering,
        system_events::EventRow,
        tasks::TaskKind,
        works::Pending,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{instance::InstanceState, system_event::EventType, task::TaskStep},
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
    copies_break(turn, server);
}

/// Live migrations under way to `server`, or from it ahead of their memory, fail in the next round.
fn copies_break(turn: &mut Turn<'_>, server: Id<Server>) {
    let tasks: Vec<Id<Task>> = turn.fleet.moves.touching(server).collect();
    for task in tasks {
        let row = &turn.fleet.tasks[task];
        let is_elsewhere = turn.fleet.instances[row.instance].server != Some(server);
        if is_elsewhere && turn.fleet.precopies.get(task).is_some() {
            breaks(turn, task);
        }
    }
}

/// `task` fails in the next round, once: with a rack it may lose its source and its target.
fn breaks(turn: &mut Turn<'_>, task: Id<Task>) {
    let row = turn.fleet.tasks.row_mut(task);
    if !std::mem::replace(&mut row.breaks, true) {
        let stamp = row.stamp;
        turn.agenda.at(turn.now, Occurrence::TaskBroken { task, stamp });
    }
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
    hosting::server_changed(turn, server);
    opens(turn, server);
}

/// `server`, which is able to serve, takes instances again, unless the operator keeps it closed.
pub fn opens(turn: &mut Turn<'_>, server: Id<Server>) {
    if turn.fleet.works[server].closed {
        return;
    }
    if turn.fleet.dedicated.keeps(server) {
        if turn.fleet.dedicated.on(server).is_none() {
            hosting::spare_found(turn);
        }
        return;
    }
    turn.fleet.capacity.set_open(turn.layout(), server, true);
    turn.room_freed(server);
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

/// Something is to be done about every instance on `server`, by name.
pub fn everybody_on(turn: &mut Turn<'_>, server: Id<Server>) -> Vec<Pending> {
    let instances = instances_in_order(turn, server);
    let (rows, now) = (&turn.fleet.instances, turn.now);
    let all = instances.iter().map(|of| Pending::new(*of, rows[*of].name, now)).collect();
    done_with(turn, instances);
    all
}

/// Whether `instance` is Running in name only, its local data at stake: so it is shown while its
/// SystemFailure.Redeploy waits, where `failure_redeploy.instance_state` says that (S18).
pub fn lies_down(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    row.state == InstanceState::Running && !row.served && may_lie_down(turn, instance)
}

/// Whether `instance` is to be Running in name only where nothing else is under way on it.
pub fn may_lie_down(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let is_that = |row: &EventRow| row.kind == EventType::FailureRedeploy && !row.simulated;
    turn.scenario.settings.failure_redeploy_state == InstanceState::Running
        && turn.fleet.events.of(instance).any(|(_, row)| is_that(row))
}

/// What was under way on the instance breaks off, or goes on without its server.
fn interrupted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if goes_on_without(turn, instance) {
        return;
    }
    match turn.fleet.instances[instance].state {
        InstanceState::Stopped => return, // L17: it stays Stopped, and its alarms with it.
        InstanceState::Running if lies_down(turn, instance) => {
            let row = turn.fleet.instances.row_mut(instance);
            if row.recovery == Recovering::No {
                row.recovery = Recovering::ForServer; // It cannot even be restarted there.
            }
            return;
        }
        InstanceState::Stopping if stays_off(turn, instance) => {
            turn.void_alarm(instance);
            let stamp = turn.fleet.instances[instance].stamp;
            turn.set_alarm(instance, Span::ZERO, Occurrence::Halted { stamp, instance });
            return; // L28: with its server it has stopped, and stays so.
        }
        InstanceState::Pending if turn.fleet.care[instance].waits_for_start => {
            turn.void_alarm(instance);
            let stamp = turn.fleet.instances[instance].stamp;
            turn.set_alarm(instance, Span::ZERO, Occurrence::Prepared { stamp, instance });
            return; // It would have been Stopped next, and is.
        }
        InstanceState::Pending
        | InstanceState::Starting
        | InstanceState::Running
        | InstanceState::Stopping => {}
        InstanceState::Released => unreachable!("a server holds no released instance"),
    }
    turn.void_alarm(instance);
    // Who waits for room anywhere goes on waiting: its server was back for an instant only.
    let row = turn.fleet.instances.row_mut(instance);
    if row.recovery != Recovering::ForRoom {
        row.recovery = Recovering::Unnoticed;
    }
    turn.concerns_group(instance);
}

/// Whether the task that moves `instance`, if one does, does so in spite of the loss (L29: once it
/// has room on its target). The others fail: at once, or by those who began them in the next round.
fn goes_on_without(turn: &mut Turn<'_>, instance: Id<Instance>) -> bool {
    let Some(task) = turn.fleet.instances[instance].task else { return false };
    let row = turn.fleet.tasks.row_mut(task);
    match (row.kind, row.target) {
        (TaskKind::Redeploy, Some(_)) => {
            row.source_lost = true;
            true
        }
        (TaskKind::Redeploy, None) | (TaskKind::LiveMigration | TaskKind::ColdMigration, _) => {
            breaks(turn, task);
            false
        }
        (TaskKind::Failover, _) => {
            settle_task(turn, instance, TaskStep::Fail);
            false
        }
    }
}

/// Whether the stop under way leaves `instance` off.
fn stays_off(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    match turn.fleet.care[instance].stop {
        StopFor::Stop | StopFor::SystemStop | StopFor::Billing | StopFor::Spot => true,
        // None is under way any more: a redeployment was looking for a server.
        StopFor::Nothing
        | StopFor::Reboot
        | StopFor::Redeploy
        | StopFor::SystemReboot
        | StopFor::SystemRedeploy
        | StopFor::Rebuild => false,
    }
}

/// Ends the task that moves `instance`, if one does.
pub fn settle_task(turn: &mut Turn<'_>, instance: Id<Instance>, step: TaskStep) {
    if let Some(task) = turn.fleet.instances.row_mut(instance).task.take() {
        if turn.fleet.tasks[task].kind == TaskKind::ColdMigration {
            cold_jobs::close(turn, task, step);
        }
        let row = turn.fleet.tasks.end(task, step);
        turn.state(Fact::TaskEnded { task, kind: row.kind, instance, status: row.status });
    }
}
