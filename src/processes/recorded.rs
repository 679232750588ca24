//! System events of the scenario, which happen whatever the laws say.
//!
//! Path: its time comes → the instance that it names is there → what it announces happens to it,
//! and it is published. From then on it is like any other: planned work runs at its time, a failure
//! is recovered from, a damaged disk goes its way. Where the instance is not there, or not in a state
//! in which that can happen to it, nothing does. Kinds: spec/events.md 2.5 to 2.15.
//!
//! **Departs**: a failure of this kind is one of the instance alone: its server, of which the record
//! says nothing, goes on working. SystemFailure.Reboot therefore restarts the instance where it is.

use super::{
    billing, disks, events, launch, live_migration, local_disks, recovery, service, turn::Turn,
};
use crate::{
    fleet::{
        cause::Cause,
        ids::{Bay, Instance, Recorded, SystemEvent},
        system_events::{NewEvent, Origin},
    },
    kernel::{column::Id, time::Span},
    lifecycle::{
        instance::InstanceState,
        local_disk::DiskState,
        system_event::{EventStatus, EventStep, EventType},
    },
    messages::occurrence::Occurrence,
    scenario::RecordedEvent,
};

/// How long a cloud disk stalls, as in the published sample (spec/events.md 2.14).
const STALL: Span = Span::from_seconds(120);

/// Awaits every one of them.
pub fn prime(turn: &mut Turn<'_>) {
    for recorded in turn.scenario.recorded.ids().iter() {
        let at = turn.scenario.recorded[recorded].at;
        turn.agenda.at(at, Occurrence::RecordedHappens(recorded));
    }
}

/// One of them happens.
pub fn happens(turn: &mut Turn<'_>, recorded: Id<Recorded>) {
    let event = &turn.scenario.recorded[recorded];
    let Some(instance) = turn.fleet.instances.named(event.instance) else { return };
    match event.kind {
        EventType::MaintenanceReboot
        | EventType::MaintenanceStop
        | EventType::MaintenanceRedeploy => planned(turn, instance, recorded),
        EventType::FailureReboot
        | EventType::FailureStop
        | EventType::FailureRedeploy
        | EventType::FailureDelete
        | EventType::InstanceFailureReboot => fails(turn, instance, recorded),
        EventType::DiskErrorDetected
        | EventType::RebootAndIsolateErrorDisk
        | EventType::IsolateErrorDisk => disk_breaks(turn, instance, recorded),
        EventType::RebootAndReInitErrorDisk | EventType::ReInitErrorDisk => {
            disk_is_replaced(turn, instance, event);
        }
        EventType::CleanInactiveDisks => {
            plain(turn, instance, recorded, EventStatus::Inquiring);
        }
        EventType::ExpirationStop
        | EventType::ExpirationDelete
        | EventType::UnbalancedStop
        | EventType::UnbalancedDelete => billing::recorded(turn, instance, recorded),
        EventType::DiskStalled => {
            let event = plain(turn, instance, recorded, EventStatus::Executing);
            let over = turn.now.saturating_add(STALL);
            events::alarm(turn, event, over, |event, stamp| Occurrence::EventJobEnds {
                event,
                stamp,
            });
        }
    }
}

/// A cloud disk works well again.
pub fn stall_ends(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    events::step(turn, event, EventStep::Finish);
}

/// Planned work is announced. What was recorded while it was under way already begins at once.
fn planned(turn: &mut Turn<'_>, instance: Id<Instance>, recorded: Id<Recorded>) {
    let (event, origin) = (&turn.scenario.recorded[recorded], Origin::Recorded(recorded));
    let may_inquire = event.kind.may_be(EventStatus::Inquiring);
    let (status, not_before) = match event.status {
        Some(EventStatus::Inquiring) if may_inquire => (EventStatus::Inquiring, None),
        Some(EventStatus::Executing) => (EventStatus::Scheduled, Some(turn.now)),
        None
        | Some(
            EventStatus::Inquiring
            | EventStatus::Scheduled
            | EventStatus::Executed
            | EventStatus::Avoided
            | EventStatus::Canceled
            | EventStatus::Failed,
        ) => {
            let law = &turn.scenario.settings.event.lead;
            let at = match event.lead {
                Some(lead) => turn.now.saturating_add(lead),
                None => events::planned_time(turn, instance, origin, law),
            };
            (EventStatus::Scheduled, Some(at))
        }
    };
    let kind = event.kind;
    let new = NewEvent { kind, status, simulated: None, instance, bay: None, origin, not_before };
    events::publish(turn, new);
}

/// The instance fails, if it is Running and in service.
fn fails(turn: &mut Turn<'_>, instance: Id<Instance>, recorded: Id<Recorded>) {
    let (event, origin) = (&turn.scenario.recorded[recorded], Origin::Recorded(recorded));
    let row = &turn.fleet.instances[instance];
    if row.state != InstanceState::Running || !row.served {
        return;
    }
    live_migration::abort(turn, instance);
    turn.void_alarm(instance);
    let is_guest = event.kind == EventType::InstanceFailureReboot;
    let cause = if is_guest { Cause::GuestFailure } else { Cause::ServerFailure };
    service::end(turn, instance, cause);
    if !is_guest {
        recovery::planned_work_ends(turn, instance);
    }
    match event.kind {
        EventType::FailureStop => recovery::stopped_by_failure(turn, instance, origin),
        EventType::FailureRedeploy => {
            let notice = notice_of(turn, instance, event);
            recovery::data_at_stake(turn, instance, origin, notice);
        }
        EventType::FailureDelete => {
            service::give_up(turn, instance);
            launch::given_up_by_system(turn, instance, origin);
        }
        EventType::FailureReboot | EventType::InstanceFailureReboot => {
            recovery::restarted_in_place(turn, instance, event.kind, origin);
        }
        EventType::MaintenanceReboot
        | EventType::MaintenanceStop
        | EventType::MaintenanceRedeploy
        | EventType::RebootAndIsolateErrorDisk
        | EventType::RebootAndReInitErrorDisk
        | EventType::IsolateErrorDisk
        | EventType::ReInitErrorDisk
        | EventType::CleanInactiveDisks
        | EventType::DiskErrorDetected
        | EventType::DiskStalled
        | EventType::ExpirationStop
        | EventType::ExpirationDelete
        | EventType::UnbalancedStop
        | EventType::UnbalancedDelete => unreachable!("no failure of an instance"),
    }
}

/// The notice of a recorded SystemFailure.Redeploy; `None` where its owner is asked.
fn notice_of(turn: &Turn<'_>, instance: Id<Instance>, event: &RecordedEvent) -> Option<Span> {
    let usual = recovery::notice_of(turn, instance);
    let least = turn.scenario.settings.event.failure_redeploy_lead;
    match event.status {
        None => usual,
        Some(EventStatus::Inquiring) => None,
        Some(
            EventStatus::Scheduled
            | EventStatus::Executing
            | EventStatus::Executed
            | EventStatus::Avoided
            | EventStatus::Canceled
            | EventStatus::Failed,
        ) => Some(event.lead.unwrap_or(least)),
    }
}

/// The disk breaks and that is detected at once; its alert and its inquiry are published together,
/// so that the record of the second changes nothing.
fn disk_breaks(turn: &mut Turn<'_>, instance: Id<Instance>, recorded: Id<Recorded>) {
    let event = &turn.scenario.recorded[recorded];
    let Some(bay) = bay_of(turn, instance, event) else { return };
    if turn.fleet.disks[bay].state != DiskState::Healthy {
        return;
    }
    disks::fails(turn, bay);
    if let Some(online) = asks_online(turn, recorded) {
        turn.fleet.disks.row_mut(bay).online = online;
    }
    local_disks::detected(turn, bay);
}

/// Whether the record says that the disk can be isolated online: this record, or the one of the
/// inquiry that was published at the same instant.
fn asks_online(turn: &Turn<'_>, recorded: Id<Recorded>) -> Option<bool> {
    let events = &turn.scenario.recorded;
    let first = &events[recorded];
    let rest = (recorded.index()..events.len()).map(|index| &events[Id::new(index)]);
    let mut same = rest
        .take_while(|event| event.at == first.at)
        .filter(|event| event.instance == first.instance && event.disk == first.disk);
    same.find_map(|event| match event.kind {
        EventType::IsolateErrorDisk => Some(true),
        EventType::RebootAndIsolateErrorDisk => Some(false),
        EventType::MaintenanceReboot
        | EventType::MaintenanceStop
        | EventType::MaintenanceRedeploy
        | EventType::RebootAndReInitErrorDisk
        | EventType::ReInitErrorDisk
        | EventType::CleanInactiveDisks
        | EventType::FailureReboot
        | EventType::FailureStop
        | EventType::FailureRedeploy
        | EventType::FailureDelete
        | EventType::InstanceFailureReboot
        | EventType::DiskErrorDetected
        | EventType::DiskStalled
        | EventType::ExpirationStop
        | EventType::ExpirationDelete
        | EventType::UnbalancedStop
        | EventType::UnbalancedDelete => None,
    })
}

/// The isolated disk has been replaced: its owner is asked for its return.
fn disk_is_replaced(turn: &mut Turn<'_>, instance: Id<Instance>, event: &RecordedEvent) {
    let Some(bay) = bay_of(turn, instance, event) else { return };
    if turn.fleet.disks[bay].state == DiskState::Isolated {
        turn.fleet.disks.row_mut(bay).online = event.kind == EventType::ReInitErrorDisk;
        local_disks::replaced(turn, bay);
    }
}

fn bay_of(turn: &Turn<'_>, instance: Id<Instance>, event: &RecordedEvent) -> Option<Id<Bay>> {
    let server = turn.fleet.instances[instance].server?;
    let bays = turn.layout().servers[server].bays;
    turn.fleet.disks.held(bays, instance).nth(event.disk as usize)
}

/// Publishes an event that does nothing by itself.
fn plain(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    recorded: Id<Recorded>,
    status: EventStatus,
) -> Id<SystemEvent> {
    let kind = turn.scenario.recorded[recorded].kind;
    let origin = Origin::Recorded(recorded);
    let new =
        NewEvent { kind, status, simulated: None, instance, bay: None, origin, not_before: None };
    events::publish(turn, new)
}
