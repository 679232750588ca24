//! What a boot that is over, or a change of server, settles: the events that waited for it.
//!
//! Path: the instance is Running and its task has ended → its disks' jobs → its events → alerts of
//! its disks (spec/corrections.md 5: the order within one instant). Which events end, and how,
//! follows from what the boot was for: spec/events.md 2.6 to 2.12, 2.19, 4.4, 5.1; S13, S17, S24.
//! Moves: events; through `disks`, the disks of the instance.

use super::{disks, events, turn::Turn};
use crate::{
    fleet::{
        care::BootFor,
        chance::Chance,
        ids::{Instance, Server},
        layout::Layout,
        system_events::EventRow,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::system_event::{EventStatus, EventStep, EventType},
};

/// Who did what ends an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The owner: the event is Avoided.
    Owner,
    /// The system: the event is Canceled.
    System,
}

/// `instance` has booted.
#[inline]
pub fn booted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let boot = turn.fleet.care.boot_over(instance);
    let disks = turn.layout().demand(turn.fleet.instances[instance].template).local_disks;
    if disks > 0 && matches!(boot, BootFor::Start | BootFor::Reboot) {
        disks::restarted(turn, instance);
    }
    if turn.fleet.events.of(instance).next().is_some() {
        closes(turn, instance, boot);
        disks::end_alerts(turn, instance);
    }
}

/// The boot of `instance` failed: what it was to bring about did not happen.
pub fn boot_failed(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let boot = turn.fleet.care.boot_over(instance);
    match boot {
        BootFor::Recovery => {
            events::step_all(turn, instance, |row| {
                (row.kind.is_recovery() && is_under_way(row)).then(|| step_of_failure(row))
            });
        }
        BootFor::SystemReboot => {
            events::step_all(turn, instance, |row| {
                let executes = row.kind == EventType::MaintenanceReboot && is_under_way(row);
                executes.then(|| step_of_failure(row))
            });
        }
        // An owner's restart that failed answers nothing; a redeployment is undone, and its event
        // stands as before.
        BootFor::Start
        | BootFor::Reboot
        | BootFor::Redeploy
        | BootFor::SystemRedeploy
        | BootFor::Rollback => {}
    }
}

/// `instance` has left its server without a boot: a live migration, an economical stop, a move
/// while it is Stopped. Events about that server and its disks lose their sense.
pub fn left_server(turn: &mut Turn<'_>, instance: Id<Instance>, by: By) {
    leaves(turn, instance, by);
    disks::end_alerts(turn, instance);
}

/// How an event whose job could not be done ends: Failed where its type lists that, else Canceled
/// (S12).
pub fn step_of_failure(row: &EventRow) -> EventStep {
    let may = |step: &EventStep| row.kind.after(row.simulated, row.status, *step).is_some();
    let steps = [EventStep::Fail, EventStep::Withdraw, EventStep::Finish];
    steps.into_iter().find(may).unwrap_or(EventStep::Finish)
}

/// Whether the job of a real event is under way.
pub fn is_under_way(row: &EventRow) -> bool {
    row.status == EventStatus::Executing && !row.simulated
}

fn leaves(turn: &mut Turn<'_>, instance: Id<Instance>, by: By) {
    events::step_all(turn, instance, |row| step_of_leaving(row, by));
}

/// As [`leaves`], for an instance that may be where it was: only what is about other servers
/// ends.
fn strayed(turn: &mut Turn<'_>, instance: Id<Instance>, by: By) {
    let (layout, here) = (turn.layout(), turn.fleet.instances[instance].server);
    events::step_all(turn, instance, |row| {
        step_of_leaving(row, by).filter(|_| is_elsewhere(layout, here, row))
    });
}

fn closes(turn: &mut Turn<'_>, instance: Id<Instance>, boot: BootFor) {
    match boot {
        BootFor::Rollback => {}
        BootFor::Start => {
            if turn.scenario.settings.event.stop_start_answers {
                reboot_answers(turn, instance);
            }
            data_is_safe(turn, instance);
            strayed(turn, instance, By::Owner);
        }
        BootFor::Reboot => {
            data_is_safe(turn, instance);
            strayed(turn, instance, By::Owner);
            reboot_answers(turn, instance);
        }
        BootFor::SystemReboot => {
            executed(turn, instance, |row| row.kind == EventType::MaintenanceReboot);
            data_is_safe(turn, instance);
            strayed(turn, instance, By::System);
        }
        BootFor::Recovery => {
            executed(turn, instance, |row| row.kind.is_recovery());
            strayed(turn, instance, By::System);
        }
        BootFor::Redeploy => redeploy_answers(turn, instance),
        BootFor::SystemRedeploy => {
            executed(turn, instance, |row| {
                matches!(row.kind, EventType::MaintenanceRedeploy) || row.kind.is_recovery()
            });
            leaves(turn, instance, By::System);
        }
    }
}

/// `instance` runs again where its data is: nothing is to be given up any more.
fn data_is_safe(turn: &mut Turn<'_>, instance: Id<Instance>) {
    events::step_all(turn, instance, |row| {
        let waits = matches!(row.status, EventStatus::Inquiring | EventStatus::Scheduled);
        let is_that = row.kind == EventType::FailureRedeploy && !row.simulated;
        (is_that && waits).then_some(EventStep::Withdraw)
    });
}

/// The jobs of these events are done.
fn executed(turn: &mut Turn<'_>, instance: Id<Instance>, these: impl Fn(&EventRow) -> bool) {
    events::step_all(turn, instance, |row| {
        (is_under_way(row) && these(row)).then_some(EventStep::Finish)
    });
}

/// An owner's restart answers the events that ask for one and were published before it began, if it
/// helps (spec/events.md 2.6): chance says so, and an earlier one that did not help lies back far
/// enough.
fn reboot_answers(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let known_events = turn.fleet.care[instance].known_events;
    let asks = |row: &EventRow| {
        row.kind == EventType::MaintenanceReboot
            && row.number < known_events
            && matches!(row.status, EventStatus::Scheduled | EventStatus::Inquiring)
    };
    let now = turn.now;
    let gap = turn.scenario.settings.event.reboot_retry_gap;
    let helps = mitigates(turn, instance);
    events::step_all(turn, instance, |row| {
        let is_answered = row.simulated || (helps && is_free(row, now, gap));
        (asks(row) && is_answered).then_some(EventStep::Answer)
    });
    let unanswered = events::of_instance(turn, instance);
    for event in &unanswered {
        let row = turn.fleet.events.row_mut(*event);
        if asks(row) && is_free(row, now, gap) {
            // The event stands as before; its owner may try again once that can help.
            row.rebooted = Some(now);
        }
    }
    events::done_with(turn, unanswered);
}

/// Whether a restart at `now` is not too soon after one that did not help.
fn is_free(row: &EventRow, now: Instant, gap: Span) -> bool {
    row.rebooted.is_none_or(|last| now >= last.saturating_add(gap))
}

fn mitigates(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let probability = turn.scenario.settings.event.reboot_mitigates_p;
    if probability >= 1.0 {
        return true;
    }
    let entity = turn.fleet.instances[instance].name.entity();
    let stop = turn.fleet.care[instance].stops.saturating_sub(1);
    turn.chance(Chance::RebootMitigates, entity, stop).happens(probability)
}

/// The owner's redeployment answers all that it may answer, and ends what was tied to the server
/// that the instance left.
fn redeploy_answers(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let is_bound = turn.layout().is_bound(turn.fleet.instances[instance].template);
    let settings = &turn.scenario.settings.redeploy;
    let close = settings.close_failure_reboot_as;
    events::step_all(turn, instance, |row| {
        if row.simulated {
            return None;
        }
        if !row.kind.redeploy_answers(row.status, is_bound, settings.allow_stop_event) {
            return step_of_leaving(row, By::Owner);
        }
        match row.kind {
            EventType::FailureReboot if close == EventStatus::Failed => Some(EventStep::Fail),
            EventType::FailureReboot => Some(EventStep::Finish),
            EventType::MaintenanceReboot
            | EventType::MaintenanceStop
            | EventType::MaintenanceRedeploy
            | EventType::RebootAndIsolateErrorDisk
            | EventType::RebootAndReInitErrorDisk
            | EventType::IsolateErrorDisk
            | EventType::ReInitErrorDisk
            | EventType::CleanInactiveDisks
            | EventType::FailureStop
            | EventType::FailureRedeploy
            | EventType::FailureDelete
            | EventType::InstanceFailureReboot
            | EventType::DiskErrorDetected
            | EventType::DiskStalled
            | EventType::ExpirationStop
            | EventType::ExpirationDelete
            | EventType::UnbalancedStop
            | EventType::UnbalancedDelete => Some(EventStep::Answer),
        }
    });
}

/// How an event about the server that its instance has left, or about a disk there, ends
/// (spec/events.md 2.19, S24); `None` for one that follows the instance, or whose job is under way
/// elsewhere.
fn step_of_leaving(row: &EventRow, by: By) -> Option<EventStep> {
    if row.simulated {
        return None;
    }
    let is_open = match row.status {
        EventStatus::Inquiring | EventStatus::Scheduled => true,
        // Its job was held and has not begun: there is nothing to do any more.
        EventStatus::Executing if row.held && row.kind.is_planned_on_server() => {
            return Some(EventStep::Withdraw);
        }
        EventStatus::Executing => false,
        EventStatus::Executed
        | EventStatus::Avoided
        | EventStatus::Canceled
        | EventStatus::Failed => return None,
    };
    let answer = if by == By::Owner { EventStep::Answer } else { EventStep::Withdraw };
    match row.kind {
        EventType::MaintenanceReboot
        | EventType::MaintenanceStop
        | EventType::MaintenanceRedeploy
        | EventType::FailureRedeploy => is_open.then_some(answer),
        EventType::RebootAndIsolateErrorDisk
        | EventType::RebootAndReInitErrorDisk
        | EventType::IsolateErrorDisk
        | EventType::ReInitErrorDisk => Some(if is_open { answer } else { EventStep::Withdraw }),
        EventType::CleanInactiveDisks => Some(EventStep::Withdraw),
        EventType::FailureReboot
        | EventType::FailureStop
        | EventType::FailureDelete
        | EventType::InstanceFailureReboot
        | EventType::DiskErrorDetected
        | EventType::DiskStalled
        | EventType::ExpirationStop
        | EventType::ExpirationDelete
        | EventType::UnbalancedStop
        | EventType::UnbalancedDelete => None,
    }
}

/// Whether an event is tied to a server on which its instance, now on `here`, is not.
fn is_elsewhere(layout: &Layout, here: Option<Id<Server>>, row: &EventRow) -> bool {
    let there = row.bay.map(|bay| layout.bays[bay]).or(row.origin.server());
    there.is_some_and(|there| here != Some(there))
}

#[cfg(test)]
mod tests {
    use crate::{
        fleet::{ids::Instance, instances::Recovering},
        kernel::column::Id,
        lifecycle::{
            instance::InstanceState,
            local_disk::DiskStep,
            system_event::{EventStatus, EventType},
        },
        messages::{command::Command, fact::Fact},
        processes::stage::Stage,
    };

    const INSTANCE: Id<Instance> = Id::new(0);
    const PLANNED: (EventType, EventStatus) =
        (EventType::MaintenanceReboot, EventStatus::Scheduled);

    fn reboots(stage: &mut Stage) {
        let command = Command::RebootInstance { instance: INSTANCE, force: false, dry_run: false };
        stage.gives(command).expect("a running instance is restarted");
    }

    #[test]
    fn a_restart_that_did_not_help_may_be_tried_again_after_twelve_hours() {
        let one = "[[workload.instances]]\ntype = \"local\"\ncount = 1\n";
        let mut stage = Stage::new(one, |scenario| {
            scenario.settings.event.reboot_mitigates_p = 0.0;
        });
        let event = stage.publishes(PLANNED, INSTANCE, None, Some(200_000));
        reboots(&mut stage);
        stage.until(100);
        assert_eq!(stage.fleet.events[event].status, EventStatus::Scheduled);
        // From now on a restart helps, but not too soon after the one that did not.
        stage.scenario.settings.event.reboot_mitigates_p = 1.0;
        stage.until(3_600);
        reboots(&mut stage);
        stage.until(3_700);
        assert_eq!(stage.fleet.events[event].status, EventStatus::Scheduled);
        stage.until(50 + 12 * 3_600);
        reboots(&mut stage);
        let end = 100 + 12 * 3_600;
        stage.until(end);
        let avoided = (end, EventStatus::Avoided);
        assert_eq!(stage.statuses(PLANNED.0), [(0, EventStatus::Scheduled), avoided]);
    }

    #[test]
    fn a_restart_that_began_before_it_was_asked_for_answers_nothing() {
        for at in [5, 30] {
            let mut stage = Stage::with_one("cloud");
            reboots(&mut stage);
            stage.until(at);
            stage.publishes(PLANNED, INSTANCE, None, Some(200_000));
            let here = stage.fleet.instances[INSTANCE].server;
            stage.until(100);
            let published = (at, EventStatus::Scheduled);
            assert_eq!(stage.statuses(PLANNED.0), [published], "it asks for another restart");
            assert_eq!(stage.fleet.instances[INSTANCE].server, here);
            reboots(&mut stage);
            stage.until(200);
            let avoided = (150, EventStatus::Avoided);
            assert_eq!(stage.statuses(PLANNED.0), [published, avoided]);
        }
    }

    #[test]
    fn the_alert_of_a_disk_ends_after_every_other_event() {
        let mut stage = Stage::with_one("local");
        let bay = Id::new(0);
        let steps = [
            DiskStep::Damage,
            DiskStep::AuthorizeIsolation,
            DiskStep::Isolate,
            DiskStep::Replace,
            DiskStep::AuthorizeReInit,
        ];
        steps.into_iter().for_each(|step| _ = stage.fleet.disks.step(bay, step));
        stage.fleet.disks.row_mut(bay).holder = Some(INSTANCE);
        for kind in [EventType::DiskErrorDetected, EventType::RebootAndReInitErrorDisk] {
            stage.publishes((kind, EventStatus::Executing), INSTANCE, Some(bay), None);
        }
        stage.publishes(PLANNED, INSTANCE, None, Some(200_000));
        reboots(&mut stage);
        stage.until(50);
        let of = |fact: &Fact| {
            let Fact::EventMoved { kind, to, .. } = *fact else { return None };
            Some((kind, to))
        };
        let ended: Vec<_> = stage.told.iter().filter_map(|(_, fact)| of(fact)).collect();
        let in_order = [
            (EventType::RebootAndReInitErrorDisk, EventStatus::Executed),
            (PLANNED.0, EventStatus::Avoided),
            (EventType::DiskErrorDetected, EventStatus::Executed),
        ];
        assert_eq!(ended, in_order, "spec/corrections.md 5");
    }

    #[test]
    fn a_crash_while_it_stops_for_a_restart_is_as_one_while_it_runs() {
        // L28: it stays Stopping, its event is withdrawn, and it boots once its server is back.
        let mut stage = Stage::with_one("local");
        stage.publishes(PLANNED, INSTANCE, None, Some(200_000));
        stage.until(60);
        reboots(&mut stage);
        let server = stage.fleet.instances[INSTANCE].server.expect("it is on a server");
        stage.until(65);
        stage.rack_of(server, false);
        assert_eq!(stage.fleet.instances[INSTANCE].state, InstanceState::Stopping);
        assert_eq!(stage.fleet.instances[INSTANCE].recovery, Recovering::Unnoticed);
        stage.until(165);
        stage.rack_of(server, true);
        stage.until(300);
        let states = stage.states(INSTANCE);
        let last = &states[states.len() - 3..];
        let restart = [
            (60, InstanceState::Stopping),
            (165, InstanceState::Starting),
            (205, InstanceState::Running),
        ];
        assert_eq!(last, restart);
        let withdrawn = (165, EventStatus::Canceled);
        assert_eq!(stage.statuses(PLANNED.0), [(0, EventStatus::Scheduled), withdrawn]);
        let failure = [(165, EventStatus::Executing), (205, EventStatus::Executed)];
        assert_eq!(stage.statuses(EventType::FailureReboot), failure);
    }

    #[test]
    fn a_crash_while_it_stops_for_good_leaves_it_off() {
        let mut stage = Stage::with_one("local");
        stage.until(60);
        let command = Command::StopInstance {
            instance: INSTANCE,
            mode: None,
            force: false,
            confirm: false,
            dry_run: false,
        };
        stage.gives(command).expect("a running instance is stopped");
        let server = stage.fleet.instances[INSTANCE].server.expect("it is on a server");
        stage.until(65);
        stage.rack_of(server, false);
        stage.until(66);
        assert_eq!(stage.states(INSTANCE).last(), Some(&(65, InstanceState::Stopped)));
        stage.rack_of(server, true);
        stage.until(300);
        assert_eq!(stage.fleet.instances[INSTANCE].state, InstanceState::Stopped);
        assert_eq!(stage.statuses(EventType::FailureReboot), []);
    }
}
