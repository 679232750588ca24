//! Unpaid bills: subscriptions that end, an account in arrears (spec/events.md 2.16, C13, 1.2 L18
//! and L19; behind `settings.billing`).
//!
//! Path: announced (Scheduled) → paid in time, and Avoided; or due → (the next stable state) →
//! Stopping → Stopped and locked, and Executed → its release announced → paid, and Avoided: the
//! lock is lifted, and the owner starts it again; or due, and released. Its room and its local disks
//! stay its own until then. What happens while the account is in arrears to what is created then
//! is not modelled. Moves: instances, their locks, events, terms.

use super::{
    burst, events, live_migration, loss, owner, power, release, service, terms, turn::Turn,
};
use crate::{
    fleet::{
        care::{LockReason, StopFor, StoppedMode},
        cause::Cause,
        ids::{Arrears, Instance, Recorded, SystemEvent},
        instances::Recovering,
        system_events::{EventRow, NewEvent, Origin},
        tasks::TaskKind,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{
        instance::InstanceState,
        system_event::{EventStatus, EventStep, EventType},
    },
    messages::occurrence::Occurrence,
    scenario::RecordedEvent,
};

/// Awaits the times at which the account is in arrears: what is paid before it would be announced
/// is never heard of.
pub fn prime(turn: &mut Turn<'_>) {
    let billing = &turn.scenario.settings.billing;
    if !billing.enabled {
        return;
    }
    let notice = billing.arrears_notice.micros();
    let before_notice = billing.arrears_stop_after.micros().saturating_sub(notice);
    let silent = Span::from_micros(before_notice);
    for (arrears, at) in billing.arrears.entries() {
        if billing.arrears_paid_after.is_some_and(|paid| paid < silent) {
            continue;
        }
        turn.agenda.at(at.saturating_add(silent), Occurrence::ArrearsAnnounced(arrears));
        if let Some(paid) = billing.arrears_paid_after {
            turn.agenda.at(at.saturating_add(paid), Occurrence::ArrearsPaid(arrears));
        }
    }
}

/// The end of the subscription of `instance` is near.
pub fn term_announced(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.terms.take_pending(instance);
    let Some(term) = turn.fleet.terms.of(instance) else { return };
    let origin = Origin::Subscription(term.number);
    announces(turn, instance, EventType::ExpirationStop, (origin, term.stop));
}

/// What the account has not paid will be stopped soon.
pub fn arrears_announced(turn: &mut Turn<'_>, arrears: Id<Arrears>) {
    let billing = &turn.scenario.settings.billing;
    let stop = billing.arrears[arrears].saturating_add(billing.arrears_stop_after);
    let origin = Origin::Arrears(arrears.index() as u32);
    let instances = present(turn);
    for instance in &instances {
        if terms::is_paid_as_it_goes(turn, *instance) {
            announces(turn, *instance, EventType::UnbalancedStop, (origin, stop));
        }
    }
    loss::done_with(turn, instances);
}

/// The account has paid.
pub fn arrears_paid(turn: &mut Turn<'_>) {
    let instances = present(turn);
    for instance in &instances {
        let answered = events::step_all(turn, *instance, |row| {
            let is_that =
                matches!(row.kind, EventType::UnbalancedStop | EventType::UnbalancedDelete);
            is_that.then(|| step_of_payment(row))
        });
        if answered > 0 {
            paid(turn, *instance);
        }
    }
    loss::done_with(turn, instances);
}

/// The owner renews the subscription that `event` is about.
pub fn renewed(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let step = step_of_payment(&turn.fleet.events[event]);
    let row = events::step(turn, event, step);
    terms::renewed(turn, row.instance);
    paid(turn, row.instance);
}

/// How an event ends that is paid for: too late while the stop is under way.
fn step_of_payment(row: &EventRow) -> EventStep {
    if row.started.is_some() { EventStep::Elapse } else { EventStep::Answer }
}

/// An event of the scenario is announced. A release follows by itself from a stop that was
/// recorded before it.
pub fn recorded(turn: &mut Turn<'_>, instance: Id<Instance>, recorded: Id<Recorded>) {
    let event = &turn.scenario.recorded[recorded];
    let stops = turn.scenario.recorded.iter().take(recorded.index());
    let mut stops = stops.filter(|other| other.instance == event.instance);
    let is_stop = |other: &RecordedEvent| {
        matches!(other.kind, EventType::ExpirationStop | EventType::UnbalancedStop)
    };
    if event.kind.is_billing_release() && stops.any(is_stop) {
        return;
    }
    let billing = &turn.scenario.settings.billing;
    let usual = if event.kind.is_billing_release() {
        billing.release_after
    } else if event.kind == EventType::ExpirationStop {
        billing.expiration_notice
    } else {
        billing.arrears_notice
    };
    let at = turn.now.saturating_add(event.lead.unwrap_or(usual));
    announces(turn, instance, event.kind, (Origin::Recorded(recorded), at));
}

/// The planned time of `event` is reached, or what held it back is over.
pub fn due(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events.row_mut(event);
    row.resumes = false;
    row.held = true;
    let row = *row;
    if !is_settled(turn, row.instance) {
        return; // The next stable state brings it here again.
    }
    live_migration::abort(turn, row.instance);
    if row.kind.is_billing_release() {
        release::by_system(turn, row.instance);
    } else if turn.fleet.instances[row.instance].state == InstanceState::Running {
        turn.fleet.events.row_mut(event).started = Some(turn.now);
        begins_to_stop(turn, &row);
    } else {
        has_stopped(turn, event, &row);
    }
}

/// `instance` has stopped because it is unpaid; what was paid meanwhile is its owner's to start.
pub fn stopped(turn: &mut Turn<'_>, instance: Id<Instance>) {
    power::has_stopped(turn, instance);
    if !release::if_due(turn, instance) && turn.fleet.instances[instance].owing {
        owner::learns_of_stop(turn, instance);
    }
}

/// Announces a stop or a release of `instance` at `not_before`; not twice, and not of what could
/// not be created.
fn announces(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    kind: EventType,
    (origin, not_before): (Origin, Instant),
) {
    let is_told = |row: &EventRow| row.kind.is_billing() || row.kind == EventType::FailureDelete;
    if turn.fleet.events.of(instance).any(|(_, row)| is_told(row)) {
        return;
    }
    let not_before = Some(not_before.max(turn.now));
    let status = EventStatus::Scheduled;
    let new = NewEvent { kind, status, simulated: None, instance, bay: None, origin, not_before };
    events::publish(turn, new);
}

fn begins_to_stop(turn: &mut Turn<'_>, row: &EventRow) {
    let instance = row.instance;
    locks(turn, row);
    turn.fleet.care.row_mut(instance).stopped_mode = StoppedMode::KeepCharging;
    power::begin_stop(turn, instance, StopFor::Billing, false);
}

/// The instance of an event is unusable from now on: nothing is owed for what is not paid.
fn locks(turn: &mut Turn<'_>, row: &EventRow) {
    let instance = row.instance;
    let is_wanted = turn.fleet.instances[instance].owing;
    let care = turn.fleet.care.row_mut(instance);
    care.locks.set(LockReason::Financial, true);
    care.wanted_back = is_wanted;
    service::give_up(turn, instance);
    burst::unpaid(turn, instance, row.kind == EventType::ExpirationStop);
}

/// The instance of `event`, which was to be stopped, is Stopped.
fn has_stopped(turn: &mut Turn<'_>, event: Id<SystemEvent>, row: &EventRow) {
    let instance = row.instance;
    let failed = |row: &EventRow| row.kind == EventType::FailureDelete;
    let was_never_there = turn.fleet.events.of(instance).any(|(_, row)| failed(row));
    if !was_never_there && !turn.fleet.care[instance].locks.has(LockReason::Financial) {
        turn.void_alarm(instance); // Its owner was going to start it.
        locks(turn, row);
    }
    events::step(turn, event, EventStep::Elapse);
    if was_never_there {
        return;
    }
    let is_expired = row.kind == EventType::ExpirationStop;
    let release =
        if is_expired { EventType::ExpirationDelete } else { EventType::UnbalancedDelete };
    let at = turn.now.saturating_add(turn.scenario.settings.billing.release_after);
    announces(turn, instance, release, (row.origin, at));
}

/// The bill of `instance` is paid: if it is locked, it is no more.
fn paid(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let care = turn.fleet.care.row_mut(instance);
    if !care.locks.has(LockReason::Financial) {
        return;
    }
    let is_wanted = std::mem::take(&mut care.wanted_back);
    care.locks.set(LockReason::Financial, false);
    burst::paid(turn, instance);
    if !is_wanted {
        return;
    }
    service::resume(turn, instance, Cause::CustomerAction);
    let row = &turn.fleet.instances[instance];
    let is_off = row.state == InstanceState::Stopped && !row.alarm_pending;
    if is_off && is_settled(turn, instance) {
        owner::learns_of_stop(turn, instance);
    }
}

/// All that is there, by name, so that no history decides who comes first. To be given back with
/// [`loss::done_with`].
fn present(turn: &mut Turn<'_>) -> Vec<Id<Instance>> {
    let mut list = std::mem::take(turn.scratch);
    list.clear();
    list.extend(turn.fleet.instances.present().map(|(instance, _)| instance));
    list.sort_unstable_by_key(|instance| turn.fleet.instances[*instance].name);
    list
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
