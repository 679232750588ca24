//! A redeployment: to another server, with a restart (spec/events.md 4.1 to 4.3; S5, S28 to S30;
//! spec/corrections.md L27, L29 to L31).
//!
//! Path from Running: Stopping → (stop) → (`redeploy.placement`) → room reserved elsewhere →
//! (`redeploy.switch`) → Starting → (boot) → Running on the target, all local data lost. Path from
//! Stopped: Starting at once, then the same; executed by the system it stays Stopped throughout,
//! unless only its server's failure had stopped it. Until the boot is over the instance holds room
//! on both servers, so that it can always go back: without a target, when the target fails, or when
//! chance says so, it is back where it was, and in its state, after `redeploy.rollback`. Moves:
//! instances, their care, tasks and room.
//!
//! **Departs**: where the source was down from the beginning, or failed and came back while the
//! task ran, a redeployment that fails hands the instance back to whatever it waited for before.

use super::{boot, disks, loss, owner, power, release, room, settle, turn::Turn};
use crate::{
    fleet::{
        care::{BootFor, StopFor},
        chance::Chance,
        ids::{Instance, Server, Task},
        instances::Recovering,
        tasks::TaskKind,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{
        instance::{InstanceState, InstanceStep},
        task::TaskStep,
    },
    messages::{
        fact::{Fact, Reason},
        occurrence::Occurrence,
    },
};

/// A redeployment of `instance`, which is Running or Stopped and has no task, begins: asked for by
/// the owner, by a power-off if it is to `force` it, or executed `by_system`.
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>, force: bool, by_system: bool) {
    let task = turn.begin_task(TaskKind::Redeploy, instance, by_system);
    turn.fleet.care.row_mut(instance).redeploys += 1;
    let row = turn.fleet.instances.row_mut(instance);
    let (state, recovery) = (row.state, std::mem::replace(&mut row.recovery, Recovering::No));
    turn.fleet.tasks.row_mut(task).recovery = recovery;
    let stop = if by_system { StopFor::SystemRedeploy } else { StopFor::Redeploy };
    match state {
        InstanceState::Running if turn.fleet.has_working_server(turn.layout(), instance) => {
            power::begin_stop(turn, instance, stop, force);
        }
        InstanceState::Running => {
            // There is no guest left to stop.
            turn.fleet.care.row_mut(instance).stop = stop;
            turn.step(instance, InstanceStep::Stop);
            let stamp = turn.fleet.instances[instance].stamp;
            turn.set_alarm(instance, Span::ZERO, Occurrence::Halted { stamp, instance });
        }
        InstanceState::Stopped => {
            if stays_stopped(turn, task) {
                turn.void_alarm(instance);
            } else {
                turn.step(instance, InstanceStep::Start);
            }
            await_phase(turn, instance, turn.scenario.settings.redeploy.placement);
        }
        InstanceState::Pending
        | InstanceState::Starting
        | InstanceState::Stopping
        | InstanceState::Released => panic!("an instance in {state} is not redeployed"),
    }
}

/// `instance` has stopped for its redeployment.
pub fn stopped(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.care.row_mut(instance).stop = StopFor::Nothing;
    await_phase(turn, instance, turn.scenario.settings.redeploy.placement);
}

/// The graceful stop of `instance` for its redeployment has taken as long as it may (L27).
pub fn stop_timed_out(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.care.row_mut(instance).stop = StopFor::Nothing;
    turn.step(instance, InstanceStep::StopTimesOut);
    loss::settle_task(turn, instance, TaskStep::Fail);
    boot::resumed(turn, instance);
}

/// A phase of the redeployment of `instance` is over: it has a target, or is ready to boot there.
pub fn switched(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let task = task_of(turn, instance);
    if turn.fleet.tasks[task].target.is_some() {
        boots(turn, instance, task);
        return;
    }
    let Some(server) = room::elsewhere_in_zone(turn, instance) else {
        turn.state(Fact::NoRoom { instance, reason: Reason::Redeploy });
        fails(turn, instance, task);
        return;
    };
    room::reserve(turn, task, server);
    let (entity, ordinal) = address(turn, instance);
    let law = &turn.scenario.settings.redeploy.switch;
    let span = turn.length(law, Chance::Redeploy, entity, ordinal);
    await_phase(turn, instance, span);
}

/// The boot of `instance` on its new server is over.
pub fn booted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let task = task_of(turn, instance);
    if has_failed(turn, instance, task) || boot::fails(turn, instance) {
        fails(turn, instance, task);
        return;
    }
    let left = arrives(turn, instance, task);
    boot::succeeded(turn, instance);
    disks::left_behind(turn, instance, left);
}

/// `instance` is back where it was.
pub fn rolled_back(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let task = task_of(turn, instance);
    let row = turn.fleet.tasks[task];
    if row.prior == InstanceState::Running && row.recovery == Recovering::No {
        boot::succeeded(turn, instance); // It ends the task Failed: the boot is for a rollback.
        return;
    }
    if row.prior == InstanceState::Stopped {
        turn.step(instance, InstanceStep::BootFails);
    }
    ends_failed(turn, instance, row.recovery);
}

/// The instance of `task` has lost its server before the target was reserved.
pub fn broken(turn: &mut Turn<'_>, task: Id<Task>) {
    let row = turn.fleet.tasks[task];
    let instance = row.instance;
    let was_stopped = row.prior == InstanceState::Stopped;
    turn.void_alarm(instance);
    if was_stopped {
        // L17: it stays Stopped, and waits for its server if it did before.
        if turn.fleet.instances[instance].state == InstanceState::Starting {
            turn.step(instance, InstanceStep::Fail);
        }
        turn.fleet.instances.row_mut(instance).recovery = row.recovery;
    }
    loss::settle_task(turn, instance, TaskStep::Fail);
    left_stopped(turn, instance);
}

/// Everything is on the target but the boot.
fn boots(turn: &mut Turn<'_>, instance: Id<Instance>, task: Id<Task>) {
    let by_system = turn.fleet.tasks[task].by_system;
    let boot = if by_system { BootFor::SystemRedeploy } else { BootFor::Redeploy };
    turn.fleet.care.row_mut(instance).boot = boot;
    match turn.fleet.instances[instance].state {
        InstanceState::Stopped => {
            if has_failed(turn, instance, task) {
                fails(turn, instance, task);
                return;
            }
            let left = arrives(turn, instance, task);
            loss::settle_task(turn, instance, TaskStep::Finish);
            settle::booted(turn, instance);
            disks::left_behind(turn, instance, left);
            left_stopped(turn, instance);
        }
        InstanceState::Stopping => {
            turn.step(instance, InstanceStep::Boot);
            boot::begin(turn, instance);
        }
        InstanceState::Starting => {
            boot::begin(turn, instance);
        }
        state @ (InstanceState::Pending | InstanceState::Running | InstanceState::Released) => {
            panic!("an instance in {state} is not being redeployed")
        }
    }
}

/// `instance` is on the target from now on, and its local data is left behind; says where.
fn arrives(turn: &mut Turn<'_>, instance: Id<Instance>, task: Id<Task>) -> Option<Id<Server>> {
    let left = turn.fleet.instances[instance].server;
    room::lose_local_data(turn, instance);
    room::commit(turn, task, Reason::Redeploy);
    left
}

/// The redeployment of `instance` cannot be completed: it goes back.
fn fails(turn: &mut Turn<'_>, instance: Id<Instance>, task: Id<Task>) {
    room::unreserve(turn, task);
    let row = turn.fleet.tasks[task];
    let state = turn.fleet.instances[instance].state;
    if row.source_lost && !turn.fleet.has_working_server(turn.layout(), instance) {
        // L29: there is nothing left to go back to.
        if state != InstanceState::Stopped {
            turn.step(instance, InstanceStep::Fail);
        }
        room::lose_local_data(turn, instance);
        ends_failed(turn, instance, row.recovery);
        return;
    }
    if state == InstanceState::Stopped {
        ends_failed(turn, instance, row.recovery);
        return;
    }
    turn.fleet.care.row_mut(instance).boot = BootFor::Rollback;
    if state == InstanceState::Stopping {
        turn.step(instance, InstanceStep::Boot);
    }
    let stamp = turn.fleet.instances[instance].stamp;
    let span = turn.scenario.settings.redeploy.rollback;
    turn.set_alarm(instance, span, Occurrence::RolledBack { stamp, instance });
}

/// The task that moves `instance` has failed, and `instance` waits again for what it waited for
/// before: where its server came back meanwhile, recovery brings it back.
fn ends_failed(turn: &mut Turn<'_>, instance: Id<Instance>, recovery: Recovering) {
    loss::settle_task(turn, instance, TaskStep::Fail);
    turn.fleet.care.row_mut(instance).boot = BootFor::Recovery;
    turn.fleet.instances.row_mut(instance).recovery = recovery;
    left_stopped(turn, instance);
}

/// `instance`, if it is Stopped now and nothing will bring it back, is its owner's to start.
fn left_stopped(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = &turn.fleet.instances[instance];
    if row.state != InstanceState::Stopped || release::if_due(turn, instance) {
        return;
    }
    let row = &turn.fleet.instances[instance];
    if row.owing && row.recovery == Recovering::No && !row.alarm_pending {
        owner::learns_of_stop(turn, instance);
    }
}

/// Whether the redeployment of `instance` has failed by now: its target did, or chance says so
/// (`redeploy.fail_p`, drawn after the time of the switch).
fn has_failed(turn: &Turn<'_>, instance: Id<Instance>, task: Id<Task>) -> bool {
    let probability = turn.scenario.settings.redeploy.fail_p;
    let (entity, ordinal) = address(turn, instance);
    let mut draws = turn.chance(Chance::Redeploy, entity, ordinal);
    let _switch = draws.unit();
    room::target_failed(turn, task) || (probability > 0.0 && draws.happens(probability))
}

/// Whether the instance of `task` is Stopped all the while: the system redeploys what its owner
/// had stopped (L31).
fn stays_stopped(turn: &Turn<'_>, task: Id<Task>) -> bool {
    let row = &turn.fleet.tasks[task];
    row.by_system && row.prior == InstanceState::Stopped && row.recovery == Recovering::No
}

fn await_phase(turn: &mut Turn<'_>, instance: Id<Instance>, span: Span) {
    let stamp = turn.fleet.instances[instance].stamp;
    turn.set_alarm(instance, span, Occurrence::Switched { stamp, instance });
}

/// Under which its redeployment under way is drawn.
fn address(turn: &Turn<'_>, instance: Id<Instance>) -> (u64, u32) {
    let ordinal = turn.fleet.care[instance].redeploys - 1;
    (turn.fleet.instances[instance].name.entity(), ordinal)
}

fn task_of(turn: &Turn<'_>, instance: Id<Instance>) -> Id<Task> {
    turn.fleet.instances[instance].task.expect("a redeployment under way is a task")
}
