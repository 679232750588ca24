//! A live migration: to another server while the instance runs.
//!
//! Path: room reserved → memory copied → blackout → the instance goes on on its new server; or
//! given up: the copy failed, a server failed, or the instance is to do something else. Silent: no
//! event, no change of state (spec/events.md 1.2 L22, 2.1). Duration, success and blackout are
//! drawn from spec/events.md 12. Moves: tasks, room, service, and what the operator has open on the
//! server that is left.

use super::{
    events, loss, room, service,
    settle::{self, By},
    transfers,
    turn::Turn,
};
use crate::{
    fleet::{
        cause::Cause,
        chance::Chance,
        ids::{Instance, Server, Task, Transfer},
        instances::Recovering,
        tasks::TaskKind,
        works::Pending,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{instance::InstanceState, task::TaskStep},
    messages::{fact::Reason, occurrence::Occurrence},
};

/// Begins to migrate `instance`, which runs on a server under work; says whether there is room for
/// it elsewhere.
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>) -> bool {
    let source = turn.fleet.instances[instance].server.expect("who runs has a server");
    let Some(target) = room::elsewhere(turn, instance) else { return false };
    turn.fleet.care.row_mut(instance).migrations += 1;
    let task = turn.begin_task(TaskKind::LiveMigration, instance, true);
    room::reserve(turn, task, target);
    let work = turn.fleet.works.row_mut(source);
    (work.open, work.migrating) = (work.open + 1, work.migrating + 1);
    let course = course(turn, instance);
    let stamp = turn.fleet.tasks[task].stamp;
    let copied = course.duration.saturating_sub(course.blackout);
    turn.after(copied, Occurrence::BlackoutBegins { task, stamp });
    true
}

/// The memory is copied: the instance pauses, unless the migration has failed.
pub fn blackout_begins(turn: &mut Turn<'_>, task: Id<Task>) {
    let instance = turn.fleet.tasks[task].instance;
    let course = course(turn, instance);
    if !course.succeeds || server_failed(turn, task) {
        given_up(turn, task, true);
        return;
    }
    service::end(turn, instance, Cause::Migration);
    let stamp = turn.fleet.tasks[task].stamp;
    turn.after(course.blackout, Occurrence::MigrationEnds { task, stamp });
}

/// All that `task` has to send is sent.
pub fn sent(turn: &mut Turn<'_>, task: Id<Task>, transfer: Id<Transfer>) {
    debug_assert!(turn.fleet.transfers[transfer].task == task, "a task is told of its transfer");
    transfers::end(turn, transfer);
}

/// The blackout is over: the instance goes on on its new server.
pub fn ends(turn: &mut Turn<'_>, task: Id<Task>) {
    if server_failed(turn, task) {
        given_up(turn, task, true);
        return;
    }
    let instance = turn.fleet.tasks[task].instance;
    let source = turn.fleet.instances[instance].server.expect("who runs has a server");
    room::commit(turn, task, Reason::LiveMigration);
    resumes(turn, instance);
    loss::settle_task(turn, instance, TaskStep::Finish);
    settle::left_server(turn, instance, By::System);
    piece_done(turn, source);
}

/// The instance of `task` has lost its server.
pub fn broken(turn: &mut Turn<'_>, task: Id<Task>) {
    given_up(turn, task, true);
}

/// `instance` is to do something else: its migration, if one is under way, is given up.
pub fn abort(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let Some(task) = turn.fleet.instances[instance].task else { return };
    if turn.fleet.tasks[task].kind == TaskKind::LiveMigration {
        given_up(turn, task, false);
    }
}

/// The migration ends where it began; if it `failed`, no other is tried.
fn given_up(turn: &mut Turn<'_>, task: Id<Task>, failed: bool) {
    let instance = turn.fleet.tasks[task].instance;
    room::unreserve(turn, task);
    resumes(turn, instance);
    loss::settle_task(turn, instance, TaskStep::Fail);
    let row = &turn.fleet.instances[instance];
    let (name, source) = (row.name, row.server.expect("who was to leave a server is on it"));
    if let Some(origin) = turn.fleet.works[source].origin {
        if failed {
            events::campaign_failed(turn, origin);
        }
        let at = turn.now;
        events::later(turn, source, Pending { instance, name, at, tried: failed });
    }
    piece_done(turn, source);
}

/// An instance that paused goes on, if its server works and has not failed meanwhile.
fn resumes(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = &turn.fleet.instances[instance];
    let pauses = !row.served && row.down_by == Some(Cause::Migration);
    if pauses
        && row.state == InstanceState::Running
        && row.recovery == Recovering::No
        && turn.fleet.has_working_server(turn.layout(), instance)
    {
        service::begin(turn, instance);
    }
}

/// The operator looks at the server after every migration: another one may begin.
fn piece_done(turn: &mut Turn<'_>, source: Id<Server>) {
    turn.fleet.works.row_mut(source).migrating -= 1;
    events::piece_done(turn, source);
    events::tend(turn, source);
}

/// Whether the target has failed meanwhile, or the source has at this very instant.
fn server_failed(turn: &Turn<'_>, task: Id<Task>) -> bool {
    let instance = turn.fleet.tasks[task].instance;
    let source_failed = turn.fleet.instances[instance].recovery != Recovering::No;
    source_failed || room::target_failed(turn, task)
}

/// How a migration goes.
struct Course {
    duration: Span,
    succeeds: bool,
    blackout: Span,
}

fn course(turn: &Turn<'_>, instance: Id<Instance>) -> Course {
    let live = &turn.scenario.settings.live;
    let number = turn.fleet.care[instance].migrations - 1;
    let name = turn.fleet.instances[instance].name;
    let mut draws = turn.chance(Chance::LiveMigration, name.entity(), number);
    Course {
        duration: live.duration.draw(&mut draws),
        succeeds: draws.happens(live.success_p),
        blackout: live.blackout.draw(&mut draws),
    }
}
