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
//! Failure brings back the state before the call, whatever has become of the source: who was
//! Running is that again as far as the API knows, and down if its server is; a crashed instance
//! waits for its server as before, and its owner may call again.
//!
//! **Departs**: where the source came back while the task ran, a redeployment that fails leaves the
//! instance Starting, and its boot on the source begins with that.

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
    power::stop_given_up(turn, instance);
    loss::settle_task(turn, instance, TaskStep::Fail);
    power::runs_on(turn, instance);
}

/// A phase of the redeployment of `instance` is over: it has a target, or is ready to boot there.
pub fn switched(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let task = task_of(turn, instance);
    if turn.fleet.tasks[task].target.is_some() {
        boots(turn, instance, task);
        return;
    }
    let Some(server) = room::elsewhere(turn, instance) else {
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
    let was_running = row.prior == InstanceState::Running;
    if was_running && loss::may_lie_down(turn, instance) {
        turn.step(instance, InstanceStep::Booted); // In name only, as before (S18).
    } else if was_running && row.recovery == Recovering::No {
        boot::succeeded(turn, instance); // It ends the task Failed: the boot is for a rollback.
        return;
    }
    if !was_running {
        turn.step(instance, InstanceStep::BootFails);
    } else if turn.fleet.instances[instance].state != InstanceState::Running
        && !turn.fleet.has_working_server(turn.layout(), instance)
    {
        is_running_again(turn, instance);
    } // Else recovery boots it from where it is.
    ends_failed(turn, instance, row.recovery);
}

/// The redeployment that the system executes on `instance` has taken as long as it may: it goes
/// back from where it is.
pub fn given_up(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let Some(task) = turn.fleet.instances[instance].task else { return };
    let row = &turn.fleet.tasks[task];
    let starts = turn.fleet.instances[instance].state == InstanceState::Starting;
    let goes_back = starts && turn.fleet.care[instance].boot == BootFor::Rollback;
    if row.kind == TaskKind::Redeploy && row.by_system && !goes_back {
        turn.void_alarm(instance);
        turn.fleet.care.row_mut(instance).stop = StopFor::Nothing;
        fails(turn, instance, task);
    }
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
    } else {
        is_running_again(turn, instance); // L28: as if it had crashed while it was Running.
    }
    let care = turn.fleet.care.row_mut(instance);
    (care.stop, care.boot) = (StopFor::Nothing, BootFor::Recovery);
    loss::settle_task(turn, instance, TaskStep::Fail);
    is_left(turn, instance);
}

/// `instance`, whose server is down, was Running before its redeployment: so the API says again.
fn is_running_again(turn: &mut Turn<'_>, instance: Id<Instance>) {
    match turn.fleet.instances[instance].state {
        InstanceState::Stopping => turn.step(instance, InstanceStep::StopTimesOut),
        InstanceState::Starting => turn.step(instance, InstanceStep::Booted),
        state @ (InstanceState::Pending
        | InstanceState::Running
        | InstanceState::Stopped
        | InstanceState::Released) => panic!("an instance in {state} is not being redeployed"),
    }
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
            is_left(turn, instance);
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
        // L29: there is nothing left to go back to. Of who ran, that is a failure to be told.
        if state != InstanceState::Stopped {
            turn.step(instance, InstanceStep::Fail);
        }
        room::lose_local_data(turn, instance);
        let ran = row.prior == InstanceState::Running;
        ends_failed(turn, instance, if ran { Recovering::Unnoticed } else { row.recovery });
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
    is_left(turn, instance);
}

/// Nothing moves `instance` any more: it is released if its life is over; if it is Stopped now and
/// nothing will bring it back, it is its owner's to start.
fn is_left(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if release::if_due(turn, instance) {
        return;
    }
    let row = &turn.fleet.instances[instance];
    let is_off = row.state == InstanceState::Stopped;
    if is_off && row.owing && row.recovery == Recovering::No && !row.alarm_pending {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{
            care::ActionOnMaintenance,
            cause::Cause,
            ids::{Server, SystemEvent},
        },
        lifecycle::{
            local_disk::DiskStep,
            server::ServerStep,
            system_event::{EventStatus, EventType},
            task::TaskStatus,
        },
        messages::command::Command,
        processes::stage::Stage,
        scenario::Scenario,
    };
    use InstanceState::{Running, Starting, Stopped, Stopping};

    const I: Id<Instance> = Id::new(0);
    const SOURCE: Id<Server> = Id::new(0);
    const TARGET: Id<Server> = Id::new(1);

    fn stage(change: impl FnOnce(&mut Scenario)) -> Stage {
        Stage::new("[[workload.instances]]\ntype = \"local\"\ncount = 1\n", change)
    }

    fn announced(stage: &mut Stage) -> Id<SystemEvent> {
        let planned = (EventType::MaintenanceRedeploy, EventStatus::Scheduled);
        stage.publishes(planned, I, None, Some(86_400))
    }

    fn stops(stage: &mut Stage) {
        let stop = Command::StopInstance {
            instance: I,
            mode: None,
            force: false,
            confirm: true,
            dry_run: false,
        };
        stage.gives(stop).unwrap();
        stage.until(10);
        assert_eq!(stage.fleet.instances[I].state, Stopped);
    }

    fn redeploys(stage: &mut Stage) {
        stage.gives(Command::RedeployInstance { instance: I, force: false }).unwrap();
    }

    /// How the one task ended, and when (s).
    fn end(stage: &Stage) -> Option<(u64, TaskStatus)> {
        stage.told.iter().find_map(|(at, fact)| {
            let Fact::TaskEnded { status, .. } = fact else { return None };
            Some((at.micros() / 1_000_000, *status))
        })
    }

    fn loses_data(stage: &Stage) -> bool {
        stage.told.iter().any(|(_, fact)| matches!(fact, Fact::DataLost { .. }))
    }

    #[test]
    fn a_running_instance_is_running_elsewhere_in_the_end() {
        let mut stage = stage(|_| {});
        announced(&mut stage);
        redeploys(&mut stage);
        stage.until(60);
        assert_eq!(stage.fleet.instances[I].server, Some(SOURCE), "room on both until the end");
        assert_eq!(stage.fleet.capacity.held(TARGET), 1);
        stage.until(200);
        // 10 s to stop, 1 s to find a server, 60 s to switch, 40 s to boot.
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (71, Starting), (111, Running)]);
        assert_eq!(end(&stage), Some((111, TaskStatus::Finished)));
        assert_eq!(stage.fleet.instances[I].server, Some(TARGET));
        assert_eq!(stage.fleet.capacity.held(SOURCE), 0);
        let statuses = stage.statuses(EventType::MaintenanceRedeploy);
        assert_eq!(statuses[1], (111, EventStatus::Avoided));
        let last: Vec<_> = stage.told.iter().filter(|(at, _)| at.micros() == 111_000_000).collect();
        let order = |is: fn(&Fact) -> bool| last.iter().position(|(_, fact)| is(fact));
        let placed = order(|fact| matches!(fact, Fact::Placed { .. }));
        let lost = order(|fact| matches!(fact, Fact::DataLost { bytes: 2_147_483_648_000, .. }));
        let moved = order(|fact| matches!(fact, Fact::InstanceMoved { .. }));
        let ended = order(|fact| matches!(fact, Fact::TaskEnded { .. }));
        let closed = order(|fact| matches!(fact, Fact::EventMoved { .. }));
        let all = [lost, placed, moved, ended, closed];
        assert!(all.iter().all(Option::is_some) && all.is_sorted(), "{all:?}");
    }

    #[test]
    fn a_stopped_instance_is_running_in_the_end_too() {
        let mut stage = stage(|_| {});
        stops(&mut stage);
        announced(&mut stage);
        redeploys(&mut stage);
        stage.until(200);
        assert_eq!(stage.states(I)[4..], [(10, Starting), (111, Running)], "L12");
        assert_eq!(end(&stage), Some((111, TaskStatus::Finished)));
    }

    #[test]
    fn what_the_system_moves_while_it_is_stopped_stays_so() {
        let mut stage = stage(|_| {});
        stops(&mut stage);
        stage.does(|turn| begin(turn, I, false, true));
        stage.until(200);
        assert_eq!(stage.states(I).len(), 4, "L31: no change of state");
        assert_eq!(stage.fleet.instances[I].server, Some(TARGET));
        assert_eq!(end(&stage), Some((71, TaskStatus::Finished)));
        assert!(loses_data(&stage));
    }

    #[test]
    fn one_that_fails_leaves_everything_as_it_was() {
        for (target_crashes, fail_p) in [(false, 1.0), (true, 0.0)] {
            let mut stage = stage(|scenario| scenario.settings.redeploy.fail_p = fail_p);
            let event = announced(&mut stage);
            redeploys(&mut stage);
            stage.until(100);
            if target_crashes {
                stage.rack_of(TARGET, false); // L30, though it is back before the boot is over.
                stage.until(105);
                stage.rack_of(TARGET, true);
            }
            stage.until(300);
            let states = [(0, Stopping), (71, Starting), (141, Running)];
            assert_eq!(stage.states(I)[2..], states, "L13");
            assert_eq!(end(&stage), Some((141, TaskStatus::Failed)));
            assert_eq!(stage.fleet.instances[I].server, Some(SOURCE));
            assert_eq!(stage.fleet.capacity.held(TARGET), 0);
            assert!(!loses_data(&stage), "S5");
            assert!(stage.fleet.instances[I].served);
            assert_eq!(stage.fleet.events[event].status, EventStatus::Scheduled, "4.3");
        }
    }

    #[test]
    fn without_room_elsewhere_it_goes_back_at_once() {
        let mut stage = stage(|_| {});
        announced(&mut stage);
        stage.rack_of(TARGET, false);
        redeploys(&mut stage);
        stage.until(300);
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (11, Starting), (41, Running)]);
        assert_eq!(end(&stage), Some((41, TaskStatus::Failed)));
    }

    /// T6 of the worked traces.
    #[test]
    fn t6_one_that_fails_from_stopped_ends_stopped() {
        let mut stage = stage(|_| {});
        stops(&mut stage);
        stage.rack_of(SOURCE, false);
        stage.rack_of(TARGET, false);
        stage.fleet.instances.row_mut(I).recovery = Recovering::ForServer;
        let inquiry = (EventType::FailureRedeploy, EventStatus::Inquiring);
        let event = stage.publishes(inquiry, I, None, None);
        redeploys(&mut stage);
        stage.until(300);
        assert_eq!(stage.states(I)[4..], [(10, Starting), (41, Stopped)], "L14");
        assert_eq!(end(&stage), Some((41, TaskStatus::Failed)));
        assert_eq!(stage.fleet.events[event].status, EventStatus::Inquiring);
        assert_eq!(stage.fleet.instances[I].recovery, Recovering::ForServer, "it waits as before");
    }

    #[test]
    fn one_that_takes_too_long_ends_with_its_event() {
        // 10 s to stop, 1 s to find a server, 60 s to switch, 40 s to boot.
        for (limit, off, on) in [(5, 65, 95), (10, 70, 100), (30, 90, 120), (100, 131, 190)] {
            let mut stage = stage(|scenario| {
                scenario.settings.event.exec_limit = Span::from_seconds(limit);
            });
            let planned = (EventType::MaintenanceRedeploy, EventStatus::Scheduled);
            stage.publishes(planned, I, None, Some(60));
            stage.until(200);
            assert_eq!(stage.states(I)[2..], [(60, Stopping), (off, Starting), (on, Running)]);
            assert_eq!(end(&stage), Some((on, TaskStatus::Failed)), "within {limit} s");
            let canceled = stage.statuses(EventType::MaintenanceRedeploy)[2];
            assert_eq!(canceled, (60 + limit, EventStatus::Canceled), "S12");
            assert_eq!(stage.fleet.instances[I].server, Some(SOURCE));
            assert_eq!(stage.fleet.capacity.held(TARGET), 0);
            assert!(stage.fleet.instances[I].served && !loses_data(&stage));
        }
    }

    #[test]
    fn one_of_a_stopped_instance_that_takes_too_long_ends_with_its_event() {
        let mut stage = stage(|scenario| {
            scenario.settings.event.exec_limit = Span::from_seconds(30);
        });
        stops(&mut stage);
        let planned = (EventType::MaintenanceRedeploy, EventStatus::Scheduled);
        stage.publishes(planned, I, None, Some(60));
        stage.until(300);
        assert_eq!(stage.states(I).len(), 4, "it stays Stopped");
        assert_eq!(end(&stage), Some((100, TaskStatus::Failed)));
        let canceled = stage.statuses(EventType::MaintenanceRedeploy)[2];
        assert_eq!(canceled, (100, EventStatus::Canceled));
        assert_eq!(stage.fleet.instances[I].server, Some(SOURCE));
    }

    #[test]
    fn a_guest_that_does_not_stop_goes_on_running() {
        let mut stage = stage(|scenario| {
            scenario.settings.instance_stopping =
                crate::kernel::distribution::Distribution::Fixed(Span::from_seconds(300));
        });
        announced(&mut stage);
        redeploys(&mut stage);
        stage.until(239);
        assert!(!stage.fleet.instances[I].served);
        stage.until(300);
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (240, Running)], "L27");
        assert_eq!(end(&stage), Some((240, TaskStatus::Failed)));
        assert!(stage.fleet.instances[I].served);
        // By force it is off within a second, and what the guest had not written is lost.
        stage.gives(Command::RedeployInstance { instance: I, force: true }).unwrap();
        stage.until(302);
        assert!(stage.told.iter().any(|(_, fact)| matches!(fact, Fact::DirtyLost(_))));
        stage.until(500);
        assert_eq!(stage.fleet.instances[I].server, Some(TARGET));
    }

    #[test]
    fn a_source_that_is_lost_leaves_nothing_to_go_back_to() {
        for (fail_p, state, status) in
            [(0.0, Running, TaskStatus::Finished), (1.0, Stopped, TaskStatus::Failed)]
        {
            let mut stage = stage(|scenario| scenario.settings.redeploy.fail_p = fail_p);
            announced(&mut stage);
            redeploys(&mut stage);
            stage.until(60);
            stage.rack_of(SOURCE, false);
            stage.until(300);
            assert_eq!(stage.fleet.instances[I].state, state, "L29");
            assert_eq!(end(&stage), Some((111, status)));
            assert!(loses_data(&stage));
            let told = [(111, EventStatus::Executing), (111, EventStatus::Executed)];
            let told = if state == Stopped { &told[..] } else { &[] };
            assert_eq!(stage.statuses(EventType::FailureStop), told, "why it is Stopped");
        }
    }

    #[test]
    fn who_is_left_on_a_broken_server_is_told_and_may_be_moved_again() {
        for (action, status) in [
            (ActionOnMaintenance::AutoRecover, EventStatus::Inquiring),
            (ActionOnMaintenance::AutoRedeploy, EventStatus::Scheduled),
        ] {
            let mut stage = stage(|scenario| scenario.settings.redeploy.fail_p = 1.0);
            stage.fleet.care.row_mut(I).action = action;
            announced(&mut stage);
            redeploys(&mut stage);
            stage.until(60);
            stage.does(|turn| {
                turn.fleet.servers.step(SOURCE, ServerStep::CrashHard);
                loss::lost(turn, SOURCE, Cause::ServerFailure);
            });
            stage.until(120);
            assert_eq!(stage.states(I)[2..], [(0, Stopping), (71, Starting), (111, Stopped)]);
            let withdrawn = stage.statuses(EventType::MaintenanceRedeploy);
            assert_eq!(withdrawn[1], (111, EventStatus::Canceled));
            assert_eq!(stage.statuses(EventType::FailureRedeploy), [(111, status)], "L29, 2.5");
            stage.scenario.settings.redeploy.fail_p = 0.0;
            redeploys(&mut stage);
            stage.until(300);
            assert_eq!(stage.fleet.instances[I].state, Running);
            let answered = stage.statuses(EventType::FailureRedeploy);
            assert_eq!(answered[1], (221, EventStatus::Avoided));
        }
    }

    #[test]
    fn a_source_that_is_lost_before_there_is_a_target_breaks_it_off() {
        let mut stage = stage(|_| {});
        announced(&mut stage);
        redeploys(&mut stage);
        stage.until(5);
        stage.rack_of(SOURCE, false);
        stage.until(6);
        assert_eq!(end(&stage), Some((5, TaskStatus::Failed)));
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (5, Running)], "4.1: as before the call");
        assert_ne!(
            stage.fleet.instances[I].recovery,
            Recovering::No,
            "it recovers as from a crash"
        );
        assert_eq!(stage.fleet.capacity.held(TARGET), 0);
    }

    /// T5 of the worked traces, from the isolation on.
    #[test]
    fn t5_a_redeployment_in_the_gap_ends_the_flow_of_the_disk() {
        let mut stage = stage(|_| {});
        let bay = Id::new(0);
        for step in [DiskStep::Damage, DiskStep::Isolate] {
            stage.fleet.disks.step(bay, step);
        }
        stage.fleet.disks.row_mut(bay).holder = Some(I);
        let alert = (EventType::DiskErrorDetected, EventStatus::Executing);
        stage.publishes(alert, I, Some(bay), None);
        redeploys(&mut stage);
        stage.until(10 * 86_400);
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (71, Starting), (111, Running)]);
        assert_eq!(end(&stage), Some((111, TaskStatus::Finished)));
        assert!(loses_data(&stage));
        let ended = stage.statuses(EventType::DiskErrorDetected);
        assert_eq!(ended, [(0, EventStatus::Executing), (111, EventStatus::Executed)]);
        for kind in [EventType::ReInitErrorDisk, EventType::RebootAndReInitErrorDisk] {
            assert!(stage.statuses(kind).is_empty(), "no {} is ever published", kind.code());
        }
    }

    #[test]
    fn who_waits_for_a_crashed_server_need_not_wait() {
        let mut stage = stage(|_| {});
        stage.rack_of(SOURCE, false);
        stage.fleet.instances.row_mut(I).recovery = Recovering::ForServer;
        let crash = (EventType::FailureReboot, EventStatus::Executing);
        stage.publishes(crash, I, None, None);
        redeploys(&mut stage);
        stage.until(300);
        // There is no guest to stop: 1 s to find a server, 60 s to switch, 40 s to boot.
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (61, Starting), (101, Running)]);
        let statuses = stage.statuses(EventType::FailureReboot);
        assert_eq!(statuses[1], (101, EventStatus::Executed), "S17");
    }

    /// As before its RedeployInstance: crashed, and nowhere to go.
    fn crashed_without_refuge() -> Stage {
        let mut stage = stage(|_| {});
        stage.rack_of(SOURCE, false);
        stage.fleet.instances.row_mut(I).recovery = Recovering::ForServer;
        let crash = (EventType::FailureReboot, EventStatus::Executing);
        stage.publishes(crash, I, None, None);
        stage.rack_of(TARGET, false);
        redeploys(&mut stage);
        stage
    }

    #[test]
    fn a_crashed_instance_that_goes_nowhere_is_as_before_and_may_be_moved_later() {
        let mut stage = crashed_without_refuge();
        stage.until(100);
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (1, Starting), (31, Running)], "L13");
        assert_eq!(end(&stage), Some((31, TaskStatus::Failed)));
        let row = &stage.fleet.instances[I];
        assert!(!row.served && row.recovery == Recovering::ForServer, "it waits as before");
        assert_eq!(stage.statuses(EventType::FailureReboot).len(), 1, "4.3");
        stage.rack_of(TARGET, true);
        redeploys(&mut stage);
        stage.until(300);
        assert_eq!(stage.states(I)[5..], [(100, Stopping), (161, Starting), (201, Running)]);
        assert_eq!(stage.fleet.instances[I].server, Some(TARGET));
        assert!(stage.fleet.instances[I].served);
    }

    #[test]
    fn where_its_server_is_back_by_then_it_boots_there() {
        let mut stage = crashed_without_refuge();
        stage.until(20);
        stage.rack_of(SOURCE, true);
        stage.until(100);
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (1, Starting), (71, Running)]);
        assert_eq!(end(&stage), Some((31, TaskStatus::Failed)));
        assert!(stage.fleet.instances[I].served);
        assert_eq!(stage.statuses(EventType::FailureReboot)[1], (71, EventStatus::Executed));
    }

    #[test]
    fn released_while_it_is_moved_it_gives_all_room_back() {
        let mut stage = stage(|_| {});
        stops(&mut stage);
        stage.does(|turn| begin(turn, I, false, true));
        stage.until(30);
        assert_eq!(stage.fleet.capacity.held(TARGET), 1);
        stage.does(|turn| release::departs(turn, I));
        assert_eq!(stage.fleet.capacity.held(TARGET) + stage.fleet.capacity.held(SOURCE), 0);
        assert_eq!(end(&stage), Some((30, TaskStatus::Failed)));
        stage.until(300);
        assert_eq!(stage.fleet.instances[I].state, InstanceState::Released);
    }
}
