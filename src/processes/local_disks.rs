//! The flow of a damaged local disk: error, inquiry, isolation, replacement, re-initialisation.
//!
//! Path, online: detected → inquiry → (accepted) → `disk.online_isolation` → isolated →
//! `disk.replace` → inquiry → (accepted) → `disk.online_reinit` → ready and empty. Offline: each job
//! waits, once it is accepted, for its owner to restart the instance (see `disks::restarted`);
//! accepting never restarts it. What the family cannot do is left out of the path: families without
//! isolation have the alert alone, isolate-only ones no replacement. An online job ends on a server
//! that works: at the end of one that does not, it waits, and is done from its beginning once the
//! server is back. Disks of one instance go their ways independently (S26). Documented behaviour: spec/events.md 2.14, 2.15, 3.1 to 3.4; S22 to
//! S27. Moves: bays and events.

use super::{disks, events, loss, turn::Turn};
use crate::{
    fleet::{
        ids::{Bay, Instance, Server, SystemEvent},
        layout::DiskFlow,
        system_events::{EventRow, NewEvent, Origin},
    },
    kernel::{column::Id, stamp::Stamp},
    lifecycle::{
        local_disk::{DiskState, DiskStep},
        system_event::{EventStatus, EventStep, EventType},
    },
    messages::{occurrence::Occurrence, refusal::Refusal},
};

/// The damage of the disk in `bay` is detected: its holder is told, or the operator replaces it.
pub fn detected(turn: &mut Turn<'_>, bay: Id<Bay>) {
    turn.fleet.disks.row_mut(bay).noticing = false;
    let row = turn.fleet.disks[bay];
    if row.detected || row.state != DiskState::Damaged {
        return;
    }
    let Some(instance) = row.holder else {
        turn.fleet.disks.row_mut(bay).detected = true;
        disks::await_replacement(turn, bay);
        return;
    };
    if turn.fleet.instances[instance].server != Some(turn.layout().bays[bay]) {
        return; // It is only reserved: it is detected once it is in use (see `disks::hold`).
    }
    turn.fleet.disks.row_mut(bay).detected = true;
    publish(turn, (EventType::DiskErrorDetected, EventStatus::Executing), instance, bay);
    match disks::flow(turn, instance) {
        DiskFlow::Replace | DiskFlow::IsolateOnly => {
            let kind = match row.online {
                true => EventType::IsolateErrorDisk,
                false => EventType::RebootAndIsolateErrorDisk,
            };
            publish(turn, (kind, EventStatus::Inquiring), instance, bay);
        }
        DiskFlow::NoIsolation => {}
    }
}

/// The operator has put a new disk into `bay`.
///
/// # Panics
/// If its disk is not to be replaced: a bug of ours.
pub fn replaced(turn: &mut Turn<'_>, bay: Id<Bay>) {
    let row = turn.fleet.disks[bay];
    match (row.state, row.holder) {
        (DiskState::Damaged, None) => disks::swapped(turn, bay),
        (DiskState::Isolated, Some(instance)) => {
            disks::step(turn, bay, DiskStep::Replace);
            let kind = match row.online {
                true => EventType::ReInitErrorDisk,
                false => EventType::RebootAndReInitErrorDisk,
            };
            publish(turn, (kind, EventStatus::Inquiring), instance, bay);
        }
        (state, holder) => panic!("a disk in {state}, held by {holder:?}, is not replaced"),
    }
}

/// The owner accepts `event`, which is about a disk and may be accepted (see `admission`).
///
/// # Errors
/// A failed online job is a refusal, though the event goes on offline then.
pub fn accept(turn: &mut Turn<'_>, event: Id<SystemEvent>) -> Result<(), Refusal> {
    let row = turn.fleet.events[event];
    let bay = row.bay.expect("an event that is accepted about a disk names it");
    let isolates = disks::isolates(row.kind);
    events::step(turn, event, EventStep::Accept);
    if !is_online(row.kind) {
        disks::step(turn, bay, authorization(isolates));
        return Ok(());
    }
    let fate = disks::fate(turn, bay);
    let fails = if isolates { fate.isolation_fails } else { fate.reinit_fails };
    if fails {
        return Err(goes_offline(turn, event, bay));
    }
    job_begins(turn, event);
    Ok(())
}

/// The online job of `event` is over, and well, if its server works; else it has come to nothing,
/// and waits for the server.
pub fn job_ends(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events[event];
    let bay = row.bay.expect("the job of an event on a disk has a disk");
    if !loss::is_able(turn, turn.layout().bays[bay]) {
        turn.fleet.events.row_mut(event).awaits_server = true;
        return;
    }
    match (disks::isolates(row.kind), turn.fleet.disks[bay].state) {
        (true, DiskState::Damaged) => disks::isolated(turn, bay),
        (false, DiskState::Replaced) => disks::step(turn, bay, DiskStep::ReInit),
        // InitLocalDisk has done it another way meanwhile.
        (true | false, _) => {
            events::step(turn, event, EventStep::Withdraw);
            return;
        }
    }
    disks::jobs_done(turn, row.instance);
}

/// `server` works again: online jobs on its disks that came to nothing meanwhile begin anew.
pub fn server_returned(turn: &mut Turn<'_>, server: Id<Server>) {
    if !loss::is_able(turn, server) {
        return; // It failed again within the instant.
    }
    for bay in turn.layout().servers[server].bays.iter() {
        let Some(instance) = turn.fleet.disks[bay].holder else { continue };
        let waits = |row: &EventRow| row.awaits_server && row.bay == Some(bay);
        let found = turn.fleet.events.of(instance).find(|(_, row)| waits(row));
        if let Some((event, _)) = found {
            turn.fleet.events.row_mut(event).awaits_server = false;
            job_begins(turn, event);
        }
    }
}

/// The online job of `event` takes its time from now on.
fn job_begins(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let settings = &turn.scenario.settings.disk;
    let isolates = disks::isolates(turn.fleet.events[event].kind);
    let span = if isolates { settings.online_isolation } else { settings.online_reinit };
    let at = turn.now.saturating_add(span);
    events::alarm(turn, event, at, job_over);
}

/// The online job of `event`, just accepted, has failed: an offline one takes its place (S23).
fn goes_offline(turn: &mut Turn<'_>, event: Id<SystemEvent>, bay: Id<Bay>) -> Refusal {
    let row = events::step(turn, event, EventStep::Fail);
    turn.fleet.disks.row_mut(bay).online = false;
    let isolates = disks::isolates(row.kind);
    let (kind, refusal) = match isolates {
        true => (EventType::RebootAndIsolateErrorDisk, Refusal::OnlineIsolateFail),
        false => (EventType::RebootAndReInitErrorDisk, Refusal::OnlineReinitFail),
    };
    let status = turn.scenario.settings.disk.switch_initial_status;
    publish(turn, (kind, status), row.instance, bay);
    if status == EventStatus::Executing {
        disks::step(turn, bay, authorization(isolates));
    }
    refusal
}

const fn authorization(isolates: bool) -> DiskStep {
    if isolates { DiskStep::AuthorizeIsolation } else { DiskStep::AuthorizeReInit }
}

const fn is_online(kind: EventType) -> bool {
    matches!(kind, EventType::IsolateErrorDisk | EventType::ReInitErrorDisk)
}

fn job_over(event: Id<SystemEvent>, stamp: Stamp) -> Occurrence {
    Occurrence::EventJobEnds { event, stamp }
}

/// Publishes an event about the disk in `bay` of `instance`.
fn publish(
    turn: &mut Turn<'_>,
    (kind, status): (EventType, EventStatus),
    instance: Id<Instance>,
    bay: Id<Bay>,
) {
    let number = turn.fleet.disks[bay].number;
    let new = NewEvent {
        kind,
        status,
        simulated: None,
        instance,
        bay: Some(bay),
        origin: Origin::Disk { bay, number },
        not_before: None,
    };
    events::publish(turn, new);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{messages::command::Command, processes::stage::Stage};

    const I: Id<Instance> = Id::new(0);
    const BAY: Id<Bay> = Id::new(0);

    #[test]
    fn an_online_job_waits_for_its_server() {
        let kind = EventType::IsolateErrorDisk;
        // Down at the end of the job, it is done anew from when the server is back.
        for (back, done) in [(100, 160), (40, 60)] {
            let one = "[[workload.instances]]\ntype = \"local\"\ncount = 1\n";
            let mut stage = Stage::new(one, |scenario| {
                let types = scenario.layout.types.ids();
                types.iter().for_each(|id| scenario.layout.types[id].disk_flow = DiskFlow::Replace);
            });
            stage.fleet.disks.step(BAY, DiskStep::Damage);
            stage.fleet.disks.row_mut(BAY).holder = Some(I);
            let alert = (EventType::DiskErrorDetected, EventStatus::Executing);
            stage.publishes(alert, I, Some(BAY), None);
            let event = stage.publishes((kind, EventStatus::Inquiring), I, Some(BAY), None);
            stage.gives(Command::AcceptInquiredSystemEvent { event }).unwrap();
            let server = stage.fleet.instances[I].server.unwrap();
            stage.until(30);
            stage.rack_of(server, false);
            stage.until(back);
            assert_eq!(stage.fleet.disks[BAY].state, DiskState::Damaged);
            stage.rack_of(server, true);
            stage.until(300);
            let executed = (done, EventStatus::Executed);
            assert_eq!(stage.statuses(kind)[1..], [(0, EventStatus::Executing), executed]);
            assert_eq!(stage.fleet.disks[BAY].state, DiskState::Isolated);
            assert_eq!(stage.statuses(EventType::DiskErrorDetected).len(), 1);
        }
    }
}
