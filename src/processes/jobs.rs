//! What the system does when a planned or accepted event is executed.
//!
//! Path: `notBefore` is reached, or the owner accepts → (held: a task or a change of state of the
//! instance is under way, S9) → Executing → the job: restart, stop or redeployment → Executed; or
//! Failed, or Canceled and published anew later (S12). What a restart or a redeployment settles
//! when it is over is `settle`'s. Documented behaviour: spec/events.md 2.6 to 2.8, 2.11, 4.3, 5.5;
//! spec/corrections.md 6, L31. Moves: events and instances.
//! Not here: simulated events.

use super::{
    events, host_moves, hosting, live_migration, loss, owner, power, recovery, redeploy, release,
    settle::{self, By},
    stopped_move::{self, Moved},
    stuck,
    turn::Turn,
};
use crate::{
    fleet::{
        ids::{Instance, SystemEvent},
        instances::Recovering,
        system_events::{EventRow, NewEvent, Origin},
        tasks::TaskKind,
        works::Again,
    },
    kernel::{column::Id, stamp::Stamp, time::Span},
    lifecycle::{
        instance::InstanceState,
        system_event::{EventStatus, EventStep, EventType},
    },
    messages::{fact::Fact, occurrence::Occurrence, refusal::Refusal},
};

/// The planned time of `event` is reached, or what held its job is over, or its job has taken as
/// long as it may.
pub fn due(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events.row_mut(event);
    let is_tried_again = std::mem::take(&mut row.resumes);
    if is_tried_again && row.status == EventStatus::Executing && !row.held {
        return; // Its job has begun meanwhile, with the end of the task that held it.
    }
    goes_on(turn, event);
}

fn goes_on(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events[event];
    match row.status {
        EventStatus::Scheduled => executes(turn, event),
        EventStatus::Executing if row.held => runs(turn, event),
        EventStatus::Executing => took_too_long(turn, event),
        EventStatus::Inquiring
        | EventStatus::Executed
        | EventStatus::Avoided
        | EventStatus::Canceled
        | EventStatus::Failed => {}
    }
}

/// The system withdraws `event`: what it was for is gone (S50).
pub fn withdrawn(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = events::step(turn, event, EventStep::Withdraw);
    events::campaign_failed(turn, row.origin);
}

/// The owner accepts `event`, which is not about a disk.
///
/// # Errors
/// `IncorrectInstanceStatus` while the instance changes its state or a task moves it (S27).
pub fn accept(turn: &mut Turn<'_>, event: Id<SystemEvent>) -> Result<(), Refusal> {
    let row = turn.fleet.events[event];
    if !may_begin(turn, &row) {
        return Err(Refusal::IncorrectInstanceStatus);
    }
    let may_plan = row.kind.after(false, row.status, EventStep::Plan).is_some();
    if may_plan && turn.scenario.settings.event.accept_goes_to_scheduled.contains(&row.kind) {
        let lead = events::lead(turn, row.origin);
        let at = events::planned_time(turn, row.instance, row.origin, lead);
        let planned = turn.fleet.events.row_mut(event);
        (planned.not_before, planned.initial_not_before) = (Some(at), Some(at));
        // First, so that whoever is told that it is Scheduled knows for when.
        turn.state(Fact::EventRescheduled { event, instance: row.instance, not_before: at });
        events::step(turn, event, EventStep::Plan);
        events::alarm(turn, event, at, due_again);
        return Ok(());
    }
    events::step(turn, event, EventStep::Accept);
    // What CleanInactiveDisks asks for is done by the owner's restart.
    if row.kind != EventType::CleanInactiveDisks {
        runs(turn, event);
    }
    Ok(())
}

/// The system has stopped `instance` (spec/events.md 2.7): its owner is to start it.
pub fn stopped(turn: &mut Turn<'_>, instance: Id<Instance>) {
    power::has_stopped(turn, instance);
    events::step_all(turn, instance, |row| {
        let executes = row.kind == EventType::MaintenanceStop && settle::is_under_way(row);
        executes.then_some(EventStep::Finish)
    });
    if !release::if_due(turn, instance) {
        owner::learns_of_stop(turn, instance);
    }
}

/// The graceful stop of `instance`, for maintenance that the system executes, has taken as long as
/// it may and is given up (S30): the job has failed, and the instance runs on.
pub fn stop_timed_out(turn: &mut Turn<'_>, instance: Id<Instance>) {
    power::stop_given_up(turn, instance);
    power::runs_on(turn, instance);
    let open = events::of_instance(turn, instance);
    for event in &open {
        let row = &turn.fleet.events[*event];
        let asks = matches!(row.kind, EventType::MaintenanceReboot | EventType::MaintenanceStop);
        if row.instance == instance && asks && settle::is_under_way(row) && !row.held {
            failed(turn, *event);
        }
    }
    events::done_with(turn, open);
}

/// A redeployment of `instance` has failed: one that executed an event failed for that event; what
/// was held until then is done now.
pub fn task_ended(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let open = events::of_instance(turn, instance);
    let mut next = None;
    for event in &open {
        let row = &turn.fleet.events[*event];
        if row.instance != instance || row.simulated || row.kind.is_billing() {
            continue; // What waits for a stable state is told of it by itself.
        }
        if is_redeployment(row.kind) && row.status == EventStatus::Executing && !row.held {
            failed(turn, *event);
        } else if row.held && next.is_none() {
            next = Some(*event);
        }
    }
    events::done_with(turn, open);
    if let Some(event) = next {
        goes_on(turn, event); // The others, if any, wait for its job.
    }
}

/// An event whose job failed is published anew: one that belongs to no work on a server (S12).
pub fn republished(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let now = turn.now;
    while let Some(again) = turn.fleet.works.take_again(instance, now) {
        published_again(turn, instance, again);
    }
}

fn published_again(turn: &mut Turn<'_>, instance: Id<Instance>, again: Again) {
    let row = &turn.fleet.instances[instance];
    if row.birth != again.birth {
        return; // Its row is another instance's.
    }
    let has_left = row.server != again.server;
    let crashed = matches!(again.origin, Origin::Crash { .. });
    if has_left || crashed && turn.fleet.has_working_server(turn.layout(), instance) {
        return; // It is not needed any more.
    }
    let (status, not_before) = match again.status {
        EventStatus::Inquiring => (EventStatus::Inquiring, None),
        EventStatus::Scheduled
        | EventStatus::Executing
        | EventStatus::Executed
        | EventStatus::Avoided
        | EventStatus::Canceled
        | EventStatus::Failed => {
            let scenario = turn.scenario;
            let settings = &scenario.settings.event;
            let at = if crashed {
                turn.now.saturating_add(settings.failure_redeploy_lead)
            } else {
                events::planned_time(turn, instance, again.origin, &settings.lead)
            };
            (EventStatus::Scheduled, Some(at))
        }
    };
    let (kind, origin) = (again.kind, again.origin);
    events::publish(
        turn,
        NewEvent { kind, status, simulated: None, instance, bay: None, origin, not_before },
    );
}

/// The time of a Scheduled event has come: its job begins, or is held.
fn executes(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events[event];
    if row.kind == EventType::FailureRedeploy && runs_again(turn, row.instance) {
        events::step(turn, event, EventStep::Withdraw); // Its data is not to be given up any more.
    } else if stuck::is_for_nothing(turn, &row) {
        events::step(turn, event, EventStep::Withdraw);
    } else if may_begin(turn, &row) {
        events::step(turn, event, EventStep::Due);
        runs(turn, event);
    } else if turn.scenario.settings.event.hold_during_task {
        turn.fleet.events.row_mut(event).held = true;
    } else {
        events::step(turn, event, EventStep::Due);
        turn.fleet.events.row_mut(event).held = true;
    }
}

/// The job of an Executing event begins, or is held.
fn runs(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events[event];
    let instance = row.instance;
    if !may_begin(turn, &row) {
        turn.fleet.events.row_mut(event).held = true;
        return;
    }
    turn.fleet.events.row_mut(event).held = false;
    live_migration::abort(turn, instance);
    let is_running = turn.fleet.instances[instance].state == InstanceState::Running;
    match row.kind {
        EventType::MaintenanceReboot if is_running => {
            limited(turn, event);
            if !host_moves::repairs_instead(turn, instance) {
                power::system_reboot(turn, instance);
            }
        }
        EventType::MaintenanceReboot => {
            // A migration that has begun is none of the event's: there was nothing to be restarted.
            let moved =
                if leaves_while_stopped(turn, &row) { moved(turn, instance) } else { Moved::No };
            events::step(turn, event, EventStep::Finish);
            if moved == Moved::Now {
                settle::left_server(turn, instance, By::System);
            }
        }
        EventType::MaintenanceStop if is_running => {
            limited(turn, event);
            power::system_stop(turn, instance);
        }
        EventType::MaintenanceRedeploy => {
            limited(turn, event);
            redeploy::begin(turn, instance, false, true);
        }
        EventType::FailureRedeploy => recovery::executes(turn, event),
        EventType::MaintenanceStop
        | EventType::CleanInactiveDisks
        | EventType::RebootAndIsolateErrorDisk
        | EventType::RebootAndReInitErrorDisk
        | EventType::IsolateErrorDisk
        | EventType::ReInitErrorDisk
        | EventType::FailureReboot
        | EventType::FailureStop
        | EventType::FailureDelete
        | EventType::InstanceFailureReboot
        | EventType::DiskErrorDetected
        | EventType::DiskStalled
        | EventType::ExpirationStop
        | EventType::ExpirationDelete
        | EventType::UnbalancedStop
        | EventType::UnbalancedDelete => _ = events::step(turn, event, EventStep::Finish),
    }
}

/// A job takes no longer than `event.exec_limit` (spec/corrections.md 6), or it has failed.
fn limited(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let limit = turn.now.saturating_add(turn.scenario.settings.event.exec_limit);
    events::alarm(turn, event, limit, due_again);
}

/// The job of `event` has taken as long as it may: a redeployment goes back, and its task ends with
/// that. A restart or a stop cannot be taken back: it goes on, though too late for its event.
fn took_too_long(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events[event];
    if row.kind == EventType::MaintenanceRedeploy {
        redeploy::given_up(turn, row.instance);
    }
    if turn.fleet.events[event].stamp == row.stamp {
        failed(turn, event); // Else it ended with the release of its instance.
    }
}

/// The job of `event` has failed: Failed where its type has that status, else Canceled and
/// published anew after `event.republish_delay` (S12).
fn failed(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events[event];
    if row.kind.after(false, row.status, EventStep::Fail).is_some() {
        events::step(turn, event, EventStep::Fail); // Its work on the server goes on from there.
        return;
    }
    if turn.scenario.settings.event.allow_undocumented_failed {
        events::fail_undocumented(turn, event);
    } else {
        // First, so that the work on the server is not done before it is to be done again.
        events::fell_through(turn, row.instance, row.origin);
        events::step(turn, event, EventStep::Withdraw);
    }
    if row.origin.worked_on().is_none() {
        let began_as =
            if row.not_before.is_some() { EventStatus::Scheduled } else { EventStatus::Inquiring };
        let instance = &turn.fleet.instances[row.instance];
        let (birth, server) = (instance.birth, instance.server);
        let (kind, origin) = (row.kind, row.origin);
        let again = Again { kind, origin, status: began_as, server, birth };
        let delay = turn.scenario.settings.event.republish_delay.max(Span::from_seconds(1));
        let at = turn.now.saturating_add(delay);
        if turn.fleet.works.put_again(row.instance, at, again) {
            turn.agenda.at(at, Occurrence::EventRepublished { instance: row.instance, birth });
        }
    }
}

/// Whether the job of an event can begin: nothing else is under way on its instance. A crashed
/// instance whose local data is given up is moved from where it lies.
fn may_begin(turn: &Turn<'_>, row: &EventRow) -> bool {
    if row.kind == EventType::FailureRedeploy {
        let instance = &turn.fleet.instances[row.instance];
        let is_down = instance.state == InstanceState::Stopped;
        return instance.task.is_none() && (is_down || loss::lies_down(turn, row.instance));
    }
    is_settled(turn, row.instance)
}

/// Whether `instance` is in a stable state, and nothing but a live migration moves it.
fn is_settled(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    let is_stable = matches!(row.state, InstanceState::Running | InstanceState::Stopped);
    let moves = row.task.is_some_and(|task| match turn.fleet.tasks[task].kind {
        TaskKind::Failover | TaskKind::Redeploy | TaskKind::ColdMigration => true,
        TaskKind::LiveMigration => false,
    });
    is_stable && !moves && row.recovery == Recovering::No
}

/// Whether `instance`, which a failure had stopped, runs again.
fn runs_again(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    let is_up = matches!(row.state, InstanceState::Running | InstanceState::Starting);
    let is_free = row.task.is_none() && row.recovery == Recovering::No;
    is_up && is_free && !loss::lies_down(turn, instance)
}

const fn is_redeployment(kind: EventType) -> bool {
    matches!(kind, EventType::MaintenanceRedeploy | EventType::FailureRedeploy)
}

/// Whether a Stopped instance goes to another server when its Reboot event is executed (L17).
fn leaves_while_stopped(turn: &Turn<'_>, row: &EventRow) -> bool {
    let is_bound = turn.layout().is_bound(turn.fleet.instances[row.instance].template);
    let campaigns = &turn.scenario.campaigns;
    let leaves = match row.origin.campaign() {
        Some(campaign) => campaigns[campaign].moves_instances,
        None => row.origin.worked_on().is_some(),
    };
    let is_hosted = hosting::of(turn, row.instance).is_some();
    leaves && !is_bound && !is_hosted && turn.scenario.settings.event.reboot_moves_cloud_only
}

/// Says whether it has left, or is about to.
fn moved(turn: &mut Turn<'_>, instance: Id<Instance>) -> Moved {
    if turn.fleet.instances[instance].server.is_none() {
        return Moved::Now; // It was stopped economically.
    }
    stopped_move::begin(turn, instance)
}

fn due_again(event: Id<SystemEvent>, stamp: Stamp) -> Occurrence {
    Occurrence::EventDue { event, stamp }
}
