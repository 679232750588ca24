//! Bays: local disks break and are replaced, and who holds which.
//!
//! Path of a disk: ready → (its life) → Damaged → (`disk.detect`) → detected → … → replaced → ready
//! again, as the next disk of its bay. What the owner is asked in between is in `local_disks`; here
//! is what happens to bays whoever asks: they are held, left, broken, and settled when a restart, a
//! change of server or InitLocalDisk ends their flow. A disk ages by the calendar from when it is
//! ready, also in a server that is down; the repair of a server replaces none. A bay that nobody
//! holds and whose disk does not work is withheld from capacity. Documented behaviour:
//! spec/events.md 1.5 and 3.3; S7, S11, S24 to S26, S43, S44. Moves: bays, their capacity, the
//! events about them.

use super::{events, turn::Turn};
use crate::{
    fleet::{
        disks::BayRow,
        ids::{Bay, Instance, Server},
        layout::DiskFlow,
        system_events::{EventRow, NewEvent, Origin},
    },
    kernel::{
        column::{Id, IdRange},
        time::Span,
    },
    lifecycle::{
        instance::InstanceState,
        local_disk::{DiskState, DiskStep},
        system_event::{EventStatus, EventStep, EventType},
    },
    messages::{fact::Fact, occurrence::Occurrence},
    scenario::DiskFate,
};

/// Who ends the flow of disks that an instance has left, or has got back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClosedBy {
    /// Its owner, by RedeployInstance or InitLocalDisk: what still inquires is answered.
    Owner,
    /// The system, or a release: what still inquires is withdrawn.
    System,
}

/// Draws the life of every disk.
pub fn prime(turn: &mut Turn<'_>) {
    for bay in turn.layout().bays.ids().iter() {
        begins_to_live(turn, bay);
    }
}

/// The disk in `bay` breaks: its data is lost. Without effect where it is broken already.
pub fn fails(turn: &mut Turn<'_>, bay: Id<Bay>) {
    if turn.fleet.disks[bay].state != DiskState::Healthy {
        return;
    }
    let fate = fate(turn, bay);
    step(turn, bay, DiskStep::Damage);
    turn.fleet.disks.row_mut(bay).online = fate.online;
    let row = turn.fleet.disks[bay];
    let server = turn.layout().bays[bay];
    match row.holder {
        None => turn.fleet.capacity.withhold_disk(turn.layout(), server),
        Some(instance) => {
            let holder = &turn.fleet.instances[instance];
            if holder.server == Some(server) && holder.has_local_data {
                let model = turn.layout().servers[server].model;
                let bytes = turn.layout().models[model].local_disk_bytes;
                turn.state(Fact::DataLost { instance, bytes });
            }
        }
    }
    await_notice(turn, bay, fate.detect);
}

/// The damage of the disk in `bay` is noticed after `detect`.
fn await_notice(turn: &mut Turn<'_>, bay: Id<Bay>, detect: Span) {
    let row = turn.fleet.disks.row_mut(bay);
    row.noticing = true;
    let turns = row.turns;
    turn.after(detect, Occurrence::DiskLossNoticed { bay, turns });
}

/// `instance` takes up its local disks on `server`, where it has them already if they were reserved
/// for it.
#[inline]
pub fn hold(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    let count = turn.layout().demand(turn.fleet.instances[instance].template).local_disks;
    if count == 0 {
        return;
    }
    let bays = turn.layout().servers[server].bays;
    let is_held = turn.fleet.disks.held(bays, instance).next().is_some();
    if !is_held {
        turn.fleet.disks.hold(bays, instance, count);
        return;
    }
    // What broke while it was reserved is found once it is in use.
    for bay in bays.iter() {
        let row = turn.fleet.disks[bay];
        let is_damaged = row.holder == Some(instance) && row.state == DiskState::Damaged;
        if is_damaged && !row.detected && !row.noticing {
            let detect = fate(turn, bay).detect;
            await_notice(turn, bay, detect);
        }
    }
}

/// `instance` leaves its local disks on `server`, whose room it has given back just now. What did
/// not work is replaced, what was replaced is ready for the next.
#[inline]
pub fn leave(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    if turn.layout().demand(turn.fleet.instances[instance].template).local_disks == 0 {
        return;
    }
    for bay in turn.layout().servers[server].bays.iter() {
        if turn.fleet.disks[bay].holder == Some(instance) {
            left(turn, bay);
        }
    }
}

fn left(turn: &mut Turn<'_>, bay: Id<Bay>) {
    let BayRow { detected, noticing, .. } = turn.fleet.disks[bay];
    match turn.fleet.disks[bay].state {
        DiskState::Healthy | DiskState::Damaged => {}
        DiskState::Isolated => {
            step(turn, bay, DiskStep::Leave);
            turn.agenda.abandon(); // Its replacement begins anew.
        }
        DiskState::IsolationAuthorized | DiskState::Replaced | DiskState::ReInitAuthorized => {
            step(turn, bay, DiskStep::Leave);
        }
    }
    turn.fleet.disks.free(bay);
    if turn.fleet.disks[bay].state == DiskState::Damaged {
        turn.fleet.capacity.withhold_disk(turn.layout(), turn.layout().bays[bay]);
        if detected {
            await_replacement(turn, bay);
        } else if !noticing {
            // It broke while it was only reserved, and nobody has looked at it yet.
            let detect = fate(turn, bay).detect;
            await_notice(turn, bay, detect);
        }
    }
}

/// The operator has put a new disk into `bay`, which nobody holds: it may be claimed again.
pub fn swapped(turn: &mut Turn<'_>, bay: Id<Bay>) {
    step(turn, bay, DiskStep::Swap);
    let server = turn.layout().bays[bay];
    turn.fleet.capacity.restore_disk(turn.layout(), server);
    turn.room_freed(server);
}

/// From now on the operator replaces the disk in `bay`.
pub fn await_replacement(turn: &mut Turn<'_>, bay: Id<Bay>) {
    let (turns, replace) = (turn.fleet.disks[bay].turns, fate(turn, bay).replace);
    turn.after(replace, Occurrence::DiskReplaced { bay, turns });
}

/// The restart of `instance` by its owner is complete: authorised jobs of all its disks are done
/// (S26), and residual disks are cleared (S11). The alerts that end with that are the caller's to
/// end, once all other events have: see [`end_alerts`].
pub fn restarted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    for bay in bays(turn, instance).iter() {
        let row = turn.fleet.disks[bay];
        if row.holder != Some(instance) {
            continue;
        }
        match row.state {
            DiskState::IsolationAuthorized => isolated(turn, bay),
            DiskState::ReInitAuthorized => step(turn, bay, DiskStep::ReInit),
            DiskState::Healthy | DiskState::Damaged | DiskState::Isolated | DiskState::Replaced => {
            }
        }
    }
    end_jobs(turn, instance);
    events::step_all(turn, instance, |row| {
        let is_clearing = row.kind == EventType::CleanInactiveDisks;
        (is_clearing && row.status == EventStatus::Executing).then_some(EventStep::Finish)
    });
}

/// Whether the restart of `instance` hangs at boot, because the guest still looks for a disk that
/// an offline job takes away (S25). The owner then sees to it: no disk makes a boot hang twice.
pub fn hangs(turn: &mut Turn<'_>, instance: Id<Instance>) -> bool {
    if turn.scenario.settings.disk.no_nofail_boot_hang_p <= 0.0 {
        return false;
    }
    let mut hangs = false;
    for bay in bays(turn, instance).iter() {
        let row = turn.fleet.disks[bay];
        let is_restarted_for = row.state == DiskState::IsolationAuthorized;
        if row.holder == Some(instance) && is_restarted_for && !row.hung {
            turn.fleet.disks.row_mut(bay).hung = true;
            hangs |= fate(turn, bay).hangs;
        }
    }
    hangs
}

/// The disk in `bay`, which is damaged, is isolated: the operator replaces it where its holder's
/// family allows that.
pub fn isolated(turn: &mut Turn<'_>, bay: Id<Bay>) {
    step(turn, bay, DiskStep::Isolate);
    let Some(instance) = turn.fleet.disks[bay].holder else { return };
    if flow(turn, instance) == DiskFlow::Replace {
        await_replacement(turn, bay);
    }
    // The alert stays as it is, but its owner may want to leave now (spec/events.md 3.3).
    let is_alert =
        |row: &EventRow| row.kind == EventType::DiskErrorDetected && row.bay == Some(bay);
    let alert = turn.fleet.events.of(instance).find(|(_, row)| is_alert(row));
    if let Some((alert, _)) = alert {
        events::tell_owner(turn, alert);
    }
}

/// What is done about damaged local disks of `instance`, by its family.
pub fn flow(turn: &Turn<'_>, instance: Id<Instance>) -> DiskFlow {
    let template = turn.fleet.instances[instance].template;
    turn.layout().types[turn.layout().templates[template].instance_type].disk_flow
}

/// StartInstance with InitLocalDisk: all local disks of `instance` work again, and are empty (S7).
pub fn init_local_disks(turn: &mut Turn<'_>, instance: Id<Instance>) {
    lose_data(turn, instance);
    for bay in bays(turn, instance).iter() {
        let row = turn.fleet.disks[bay];
        if row.holder == Some(instance) && row.state != DiskState::Healthy {
            if row.state == DiskState::Isolated {
                turn.agenda.abandon(); // Nothing is left to replace.
            }
            step(turn, bay, DiskStep::Restore);
        }
    }
    if turn.scenario.settings.disk.initlocaldisk_closes {
        close(turn, instance, ClosedBy::Owner);
    }
}

/// Local data that `instance` still has where it is gets lost: a disk that broke lost its own
/// before. To be called while it still holds its disks.
pub fn lose_data(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances.row_mut(instance);
    if !std::mem::take(&mut row.has_local_data) {
        return;
    }
    let (template, Some(server)) = (row.template, row.server) else { return };
    let spec = &turn.layout().servers[server];
    let working = turn.fleet.disks.held(spec.bays, instance);
    let working = working.filter(|bay| turn.fleet.disks[*bay].state == DiskState::Healthy);
    let bytes = working.count() as u64 * turn.layout().models[spec.model].local_disk_bytes
        + turn.layout().demand(template).local_storage;
    if bytes > 0 {
        turn.state(Fact::DataLost { instance, bytes });
    }
}

/// Ends the flow of every disk that `instance` holds no more, or that works again: inquiries are
/// answered or withdrawn, authorised jobs canceled (S24), alerts end.
pub fn close(turn: &mut Turn<'_>, instance: Id<Instance>, by: ClosedBy) {
    let of_inquiry = match by {
        ClosedBy::Owner => EventStep::Answer,
        ClosedBy::System => EventStep::Withdraw,
    };
    end_events(turn, instance, |row, turn| match row.status {
        EventStatus::Inquiring if is_over(turn, row) => Some(of_inquiry),
        EventStatus::Executing if is_over(turn, row) => Some(EventStep::Withdraw),
        EventStatus::Inquiring
        | EventStatus::Scheduled
        | EventStatus::Executing
        | EventStatus::Executed
        | EventStatus::Avoided
        | EventStatus::Canceled
        | EventStatus::Failed => None,
    });
    end_alerts(turn, instance);
}

/// Ends the events of the jobs on disks of `instance` that are done, and the alerts of disks that
/// work again.
pub fn jobs_done(turn: &mut Turn<'_>, instance: Id<Instance>) {
    end_jobs(turn, instance);
    end_alerts(turn, instance);
}

/// Ends the events of the jobs on disks of `instance` that are done.
fn end_jobs(turn: &mut Turn<'_>, instance: Id<Instance>) {
    end_events(turn, instance, |row, turn| {
        let disk = &turn.fleet.disks[row.bay?];
        let is_done = disk.holder == Some(row.instance)
            && disk.state
                == if isolates(row.kind) { DiskState::Isolated } else { DiskState::Healthy };
        (is_done && row.status == EventStatus::Executing).then_some(EventStep::Finish)
    });
}

/// Ends the alerts of disks that work, or that `instance` holds no more: the last thing to end in an
/// instant (spec/corrections.md 5: O&M status, then disk alert).
pub fn end_alerts(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let list = events::of_instance(turn, instance);
    for event in &list {
        let row = turn.fleet.events[*event];
        let is_alert = row.kind == EventType::DiskErrorDetected;
        if is_alert && row.status == EventStatus::Executing && is_over(turn, &row) {
            events::step(turn, *event, EventStep::Finish);
        }
    }
    events::done_with(turn, list);
}

/// Moves the events of disk jobs of `instance` by what `by` says.
fn end_events(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    by: impl Fn(&EventRow, &Turn<'_>) -> Option<EventStep>,
) {
    let list = events::of_instance(turn, instance);
    for event in &list {
        let row = turn.fleet.events[*event];
        if row.kind.is_of_disk_flow()
            && let Some(by) = by(&row, turn)
        {
            events::step(turn, *event, by);
        }
    }
    events::done_with(turn, list);
}

/// Whether the disk that an event is about works, or concerns the event's instance no more.
fn is_over(turn: &Turn<'_>, row: &EventRow) -> bool {
    row.bay.is_some_and(|bay| {
        let disk = &turn.fleet.disks[bay];
        disk.holder != Some(row.instance) || disk.state == DiskState::Healthy
    })
}

/// Whether an event of this type is about the isolation of a disk; else about its return.
pub const fn isolates(kind: EventType) -> bool {
    matches!(kind, EventType::IsolateErrorDisk | EventType::RebootAndIsolateErrorDisk)
}

/// The disks of `instance` on `server` were left behind by a redeployment: where that is modelled,
/// its owner is asked to let them be cleared (S11).
pub fn left_behind(turn: &mut Turn<'_>, instance: Id<Instance>, server: Option<Id<Server>>) {
    if !turn.scenario.settings.clean_inactive {
        return;
    }
    let has_disks = turn.layout().demand(turn.fleet.instances[instance].template).local_disks > 0;
    let kind = EventType::CleanInactiveDisks;
    let is_asked = turn.fleet.events.of(instance).any(|(_, row)| row.kind == kind);
    let is_gone = turn.fleet.instances[instance].state == InstanceState::Released;
    let bays = server.map(|server| turn.layout().servers[server].bays);
    let first = bays.and_then(|bays| bays.iter().next());
    let Some(bay) = first.filter(|_| has_disks && !is_asked && !is_gone) else { return };
    let number = turn.fleet.disks[bay].number;
    let new = NewEvent {
        kind,
        status: EventStatus::Inquiring,
        simulated: None,
        instance,
        bay: None,
        origin: Origin::Disk { bay, number },
        not_before: None,
    };
    events::publish(turn, new);
}

/// Moves the disk of a bay by one step and states the fact; one that is ready begins to live.
pub fn step(turn: &mut Turn<'_>, bay: Id<Bay>, step: DiskStep) {
    let from = turn.fleet.disks.step(bay, step);
    let row = turn.fleet.disks[bay];
    let (number, holder) = (row.number, row.holder);
    turn.state(Fact::DiskMoved { bay, number, holder, from, to: row.state });
    if row.state == DiskState::Healthy {
        begins_to_live(turn, bay);
    }
}

/// What is drawn about the disk that is in `bay`.
pub fn fate(turn: &Turn<'_>, bay: Id<Bay>) -> DiskFate {
    turn.scenario.disk_fate(turn.streams, bay, turn.fleet.disks[bay].number)
}

fn begins_to_live(turn: &mut Turn<'_>, bay: Id<Bay>) {
    let row = turn.fleet.disks[bay];
    let life = turn.scenario.disk_life(turn.streams, bay, row.number);
    turn.after(life, Occurrence::DiskFails { bay, turns: row.turns });
}

/// The bays of the server that `instance` is on.
fn bays(turn: &Turn<'_>, instance: Id<Instance>) -> IdRange<Bay> {
    match turn.fleet.instances[instance].server {
        Some(server) => turn.layout().servers[server].bays,
        None => IdRange::new(0, 0),
    }
}
