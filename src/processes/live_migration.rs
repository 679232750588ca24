//! A live migration: to another server while the instance runs.
//!
//! Path: room reserved → (waits for its turn) → memory copied → blackout → the instance goes on on
//! its new server; or given up: the copy failed, a server failed, or the instance is to do something
//! else. Silent: no event, no change of state (spec/events.md 1.2 L22, 2.1). Where the scenario has
//! a network the copy goes round by round (`precopy`); else duration, success and blackout are drawn
//! from spec/events.md 12. Moves: tasks, room, service, and what the operator has open on the server
//! that is left.

use super::{live_end, moves, precopy, room, service, turn::Turn};
use crate::{
    fleet::{
        cause::Cause,
        ids::{Instance, Server, Task, Transfer},
        precopies::PreCopyEnd,
        tasks::TaskKind,
    },
    kernel::column::Id,
    messages::{hosts::LiveStatus, occurrence::Occurrence},
};

/// Begins to migrate `instance`, which runs on a server under work; says whether there is room for
/// it elsewhere in its zone: it keeps its disks and addresses, which are of the zone
/// (spec/refresh-and-migration.md 4.4).
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>) -> bool {
    let Some(target) = room::elsewhere(turn, instance) else { return false };
    begin_to(turn, instance, target);
    true
}

/// Begins to migrate `instance`, which runs and has no task, to `target`, which has room for it.
pub fn begin_to(turn: &mut Turn<'_>, instance: Id<Instance>, target: Id<Server>) -> Id<Task> {
    let source = turn.fleet.instances[instance].server.expect("who runs has a server");
    turn.fleet.care.row_mut(instance).migrations += 1;
    let task = turn.begin_task(TaskKind::LiveMigration, instance, true);
    room::reserve(turn, task, target);
    let work = turn.fleet.works.row_mut(source);
    (work.open, work.migrating) = (work.open + 1, work.migrating + 1);
    live_end::tell(turn, task, LiveStatus::Started);
    if turn.scenario.settings.live.pre_copy.is_some() {
        precopy::waits(turn, task);
    }
    if moves::ask(turn, task, source, target) {
        its_turn_comes(turn, task);
    }
    task
}

/// The migration of `instance` that has just begun was tried `tries` times before and has failed.
pub fn was_tried(turn: &mut Turn<'_>, instance: Id<Instance>, tries: u32) {
    if let Some(task) = turn.fleet.instances[instance].task {
        turn.fleet.tasks.row_mut(task).tries = tries;
    }
}

/// The turn of a migration has come.
pub fn its_turn_comes(turn: &mut Turn<'_>, task: Id<Task>) {
    if let Some(end) = live_end::failure(turn, task) {
        live_end::given_up(turn, task, end);
    } else if turn.scenario.settings.live.pre_copy.is_some() {
        precopy::begins(turn, task);
    } else {
        let course = live_end::course(turn, turn.fleet.tasks[task].instance);
        let stamp = turn.fleet.tasks[task].stamp;
        let copied = course.duration.saturating_sub(course.blackout);
        turn.after(copied, Occurrence::BlackoutBegins { task, stamp });
    }
}

/// The memory is copied: the instance pauses, unless the migration has failed.
pub fn blackout_begins(turn: &mut Turn<'_>, task: Id<Task>) {
    let instance = turn.fleet.tasks[task].instance;
    let course = live_end::course(turn, instance);
    let failed = (!course.succeeds).then_some(PreCopyEnd::CopyFailed);
    if let Some(end) = failed.or_else(|| live_end::failure(turn, task)) {
        live_end::given_up(turn, task, end);
        return;
    }
    service::end(turn, instance, Cause::Migration);
    let stamp = turn.fleet.tasks[task].stamp;
    turn.after(course.blackout, Occurrence::MigrationEnds { task, stamp });
}

/// The blackout is over: the instance goes on on its new server.
pub fn ends(turn: &mut Turn<'_>, task: Id<Task>) {
    match live_end::failure(turn, task) {
        Some(end) => live_end::given_up(turn, task, end),
        None => live_end::done(turn, task),
    }
}

/// What `task` had on its way is sent.
pub fn sent(turn: &mut Turn<'_>, task: Id<Task>, transfer: Id<Transfer>) {
    precopy::sent(turn, task, transfer);
}

/// The instance of `task` has lost its server, or the other one has failed.
pub fn broken(turn: &mut Turn<'_>, task: Id<Task>) {
    let end = live_end::failure(turn, task).unwrap_or(PreCopyEnd::SourceFailed);
    live_end::given_up(turn, task, end);
}

/// `instance` is to do something else: its migration, if one is under way, is given up.
pub fn abort(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let Some(task) = turn.fleet.instances[instance].task else { return };
    if turn.fleet.tasks[task].kind == TaskKind::LiveMigration {
        live_end::given_up(turn, task, PreCopyEnd::GivenUp);
    }
}
