//! How a live migration ends: the instance goes on on its new server, or where it was; or, once it
//! runs ahead of its memory, it dies with what is lost.
//!
//! Moves: tasks, room, service, turns of moves, and what the operator has open on the server that is
//! left.

use super::{
    events, hosting, loss, moves, room, service,
    settle::{self, By},
    transfers,
    turn::Turn,
    wear,
};
use crate::{
    fleet::{
        cause::Cause,
        chance::Chance,
        ids::{Instance, Server, Task},
        instances::Recovering,
        precopies::{Phase, PreCopyEnd},
        works::Pending,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{instance::InstanceState, task::TaskStep},
    messages::{
        fact::{Fact, Reason},
        hosts::{HostFact, LiveStatus},
        moves::MoveWhat,
    },
};

/// The instance goes on on its new server.
pub fn done(turn: &mut Turn<'_>, task: Id<Task>) {
    let instance = turn.fleet.tasks[task].instance;
    let source = turn.fleet.instances[instance].server.expect("who runs has a server");
    tell(turn, task, LiveStatus::Accomplished);
    sends_no_more(turn, task, PreCopyEnd::Done);
    room::commit(turn, task, Reason::LiveMigration);
    resumes(turn, instance);
    loss::settle_task(turn, instance, TaskStep::Finish);
    settle::left_server(turn, instance, By::System);
    piece_done(turn, source);
}

/// The migration ends where it began, or, once the instance runs ahead of its memory, where that
/// leaves it. If it has failed, another one is tried as often as the settings say.
pub fn given_up(turn: &mut Turn<'_>, task: Id<Task>, end: PreCopyEnd) {
    if is_ahead(turn, task) {
        ahead_ends(turn, task, end);
        return;
    }
    let row = turn.fleet.tasks[task];
    tell(turn, task, LiveStatus::Failed);
    sends_no_more(turn, task, end);
    room::unreserve(turn, task);
    resumes(turn, row.instance);
    loss::settle_task(turn, row.instance, TaskStep::Fail);
    let instance = &turn.fleet.instances[row.instance];
    let source = instance.server.expect("who was to leave a server is on it");
    let what = Pending { tries: row.tries, ..Pending::new(row.instance, instance.name, turn.now) };
    settles_what_next(turn, source, what, end);
    piece_done(turn, source);
    hosting::server_changed(turn, source);
}

/// A migration between dedicated hosts is told (spec/events.md 1.2 L22, 9.4).
pub fn tell(turn: &mut Turn<'_>, task: Id<Task>, status: LiveStatus) {
    if turn.fleet.dedicated.is_empty() {
        return;
    }
    let row = turn.fleet.tasks[task];
    let here = hosting::host_of(turn, row.instance);
    let other = row.target.and_then(|target| turn.fleet.dedicated.on(target.server));
    // Who runs ahead of its memory is there already, and its task holds the room that it left.
    let [source, destination] = if is_ahead(turn, task) { [other, here] } else { [here, other] };
    if let (Some(source), Some(destination)) = (source, destination)
        && source != destination
    {
        let (instance, began) = (row.instance, row.began);
        let told = HostFact::LiveMigration { instance, source, destination, began, status };
        turn.state(Fact::Host(told));
    }
}

/// What the operator, if it works on `source`, does next about an instance that stays there.
fn settles_what_next(turn: &mut Turn<'_>, source: Id<Server>, mut what: Pending, end: PreCopyEnd) {
    let Some(origin) = turn.fleet.works[source].origin else { return };
    if end != PreCopyEnd::GivenUp {
        let live = &turn.scenario.settings.live;
        what.tries += 1;
        what.tried = what.tries >= live.attempts;
        if what.tried {
            events::campaign_failed(turn, origin);
        } else {
            what.at = turn.now.saturating_add(live.pause_after(what.tries));
        }
    }
    events::later(turn, source, what);
}

/// All memory has followed its instance, or it is of no use any more.
pub fn ahead_ends(turn: &mut Turn<'_>, task: Id<Task>, end: PreCopyEnd) {
    let instance = turn.fleet.tasks[task].instance;
    let row = turn.fleet.precopies.get(task).expect("who runs ahead is copied");
    let source = row.source.expect("who is copied has left a server");
    // Whatever it is to do instead, it has come where it was to go.
    let (end, step) = match end {
        PreCopyEnd::Done | PreCopyEnd::GivenUp => (PreCopyEnd::Done, TaskStep::Finish),
        PreCopyEnd::NotConverging
        | PreCopyEnd::CopyFailed
        | PreCopyEnd::SourceFailed
        | PreCopyEnd::TargetFailed
        | PreCopyEnd::NetworkLost => (end, TaskStep::Fail),
    };
    tell(
        turn,
        task,
        match step {
            TaskStep::Finish => LiveStatus::Accomplished,
            TaskStep::Fail => LiveStatus::Failed,
        },
    );
    sends_no_more(turn, task, end);
    room::unreserve(turn, task);
    match step {
        TaskStep::Finish => resumes(turn, instance),
        TaskStep::Fail => guest_dies(turn, instance),
    }
    loss::settle_task(turn, instance, step);
    piece_done(turn, source);
}

/// An instance that paused goes on, if its server works and has not failed meanwhile.
pub fn resumes(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = &turn.fleet.instances[instance];
    let pauses = !row.served && row.down_by == Some(Cause::Migration);
    if pauses && is_there(turn, instance) {
        service::begin(turn, instance);
    }
}

/// How the migration of `task` has failed by now, if its source or its target has: the target
/// meanwhile, the source at this very instant. Once the instance runs ahead of its memory, room is
/// reserved on the source.
pub fn failure(turn: &Turn<'_>, task: Id<Task>) -> Option<PreCopyEnd> {
    let instance = turn.fleet.tasks[task].instance;
    let own_failed = turn.fleet.instances[instance].recovery != Recovering::No;
    let other_failed = room::target_failed(turn, task);
    match is_ahead(turn, task) {
        false if own_failed => Some(PreCopyEnd::SourceFailed),
        true if own_failed => Some(PreCopyEnd::TargetFailed),
        false if other_failed => Some(PreCopyEnd::TargetFailed),
        true if other_failed => Some(PreCopyEnd::SourceFailed),
        false | true => None,
    }
}

/// Whether the instance of `task` runs ahead of its memory.
fn is_ahead(turn: &Turn<'_>, task: Id<Task>) -> bool {
    let row = turn.fleet.precopies.get(task);
    row.is_some_and(|row| matches!(row.phase, Phase::Switching | Phase::PostCopy))
}

/// Memory that it needs is lost: its guest crashes, unless its server has failed anyway.
fn guest_dies(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if is_there(turn, instance) {
        turn.void_alarm(instance);
        let row = turn.fleet.instances.row_mut(instance);
        row.guests = row.guests.max(1); // Where guests never crash by themselves none is counted.
        wear::guest_crashes(turn, instance);
    }
}

/// Whether `instance` is Running on a server that has not failed.
fn is_there(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    row.state == InstanceState::Running
        && row.recovery == Recovering::No
        && turn.fleet.has_working_server(turn.layout(), instance)
}

/// `task` leaves the network, and others may move instead.
fn sends_no_more(turn: &mut Turn<'_>, task: Id<Task>, end: PreCopyEnd) {
    if let Some(row) = turn.fleet.precopies.end(task) {
        for _ in 0..row.alarms {
            turn.agenda.abandon();
        }
        let mut bytes = row.bytes;
        if let Some(transfer) = row.transfer {
            let sent = row.progress.volume - transfers::left(turn, transfer);
            transfers::cancel(turn, transfer);
            let (took, throttle) = (turn.now.since(row.since), row.progress.throttle);
            moves::says(turn, task, MoveWhat::Cut { bytes: sent, took, throttle });
            bytes += sent;
        }
        let rounds = row.progress.rounds;
        moves::says(turn, task, MoveWhat::Ended { end, bytes, rounds });
    }
    moves::leave(turn, task);
}

/// The operator looks at the server after every migration: another one may begin.
fn piece_done(turn: &mut Turn<'_>, source: Id<Server>) {
    turn.fleet.works.row_mut(source).migrating -= 1;
    events::piece_done(turn, source);
    events::tend(turn, source);
}

/// What is drawn of a migration: how it goes where it is not modelled how it comes about.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    /// How long it takes.
    pub duration: Span,
    /// Whether it succeeds.
    pub succeeds: bool,
    /// The pause at its end.
    pub blackout: Span,
}

/// How the migration of `instance` that is under way goes.
pub fn course(turn: &Turn<'_>, instance: Id<Instance>) -> Course {
    let live = &turn.scenario.settings.live;
    let success_p = match hosting::host_of(turn, instance) {
        Some(_) => 1.0 - turn.scenario.settings.ddh.live_fail_p,
        None => live.success_p,
    };
    let number = turn.fleet.care[instance].migrations - 1;
    let name = turn.fleet.instances[instance].name;
    let mut draws = turn.chance(Chance::LiveMigration, name.entity(), number);
    Course {
        duration: live.duration.draw(&mut draws),
        succeeds: draws.happens(success_p),
        blackout: live.blackout.draw(&mut draws),
    }
}
