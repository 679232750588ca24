//! A launch, from the request to Running (spec/events.md 1.2 L1 and L3; 2.13).
//!
//! Path: requested → placed → Pending → (`instance.pending`) → Starting → (boot) → Running; or no
//! room: rejected, Stopped and released after `create.release_after`; or it waits for room, at most
//! as long as the workload says. Moves: instances, the queue for room.

use super::{boot, burst, events, hosting, markets, owner, release, room, terms, turn::Turn};
use crate::{
    fleet::{
        capacity::Request,
        chance::Chance,
        ids::{Instance, Server, Template},
        instances::{InstanceName, Recovering},
        system_events::{NewEvent, Origin},
        waiting::{self, Wanted},
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{
        instance::{InstanceState, InstanceStep},
        system_event::{EventStatus, EventType},
    },
    messages::{
        fact::{Fact, Reason},
        occurrence::Occurrence,
        spot::SpotFact,
    },
    scenario::{LifeFrom, WhenFull},
};

/// An instance is asked for now.
#[inline]
pub fn requested(turn: &mut Turn<'_>, name: InstanceName, template: Id<Template>, life: Span) {
    let instance = created(turn, name, template, life);
    seeks_room(turn, instance);
}

/// As [`requested`], by CreateInstance: once prepared it is Stopped (L2).
pub fn requested_stopped(
    turn: &mut Turn<'_>,
    name: InstanceName,
    template: Id<Template>,
    life: Span,
) {
    let instance = created(turn, name, template, life);
    turn.fleet.care.row_mut(instance).waits_for_start = true;
    seeks_room(turn, instance);
}

#[inline]
fn seeks_room(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if is_refused(turn, instance, Reason::Launch) {
        return creation_fails(turn, instance);
    }
    let is_hosted = hosting::of(turn, instance).is_some();
    if !turn.fleet.waiting.is_empty() && !is_hosted {
        // Room that is freed at this instant goes to those who wait already: it joins them, and the
        // pass at the end of the instant offers what there is to all in turn.
        joins(turn, instance);
        turn.fleet.waiting.newcomer(instance);
        turn.agenda.pass(Occurrence::RoomOffered);
        return;
    }
    match room::find(turn, instance, Reason::Launch) {
        Some(server) => placed(turn, instance, server, Span::ZERO),
        // Nobody waits for room on dedicated hosts: what is there is the owner's to arrange.
        None if is_hosted || turn.scenario.workload.when_full == WhenFull::Reject => {
            creation_fails(turn, instance);
        }
        None => {
            joins(turn, instance);
            found_no_room(turn, instance);
        }
    }
}

/// Whether `instance` is to be preemptible and its market does not take it: then there is no stock
/// for it, whatever room there is, and none to wait for.
fn is_refused(turn: &mut Turn<'_>, instance: Id<Instance>, reason: Reason) -> bool {
    let template = turn.fleet.instances[instance].template;
    let terms = turn.scenario.layout.templates[template].spot;
    let Some(terms) = terms.filter(|_| !markets::takes(turn, template)) else { return false };
    turn.state(Fact::Spot(SpotFact::Refused { instance, market: terms.market }));
    turn.state(Fact::NoRoom { instance, reason });
    true
}

/// `instance` joins the queue for room.
fn joins(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances.row_mut(instance);
    row.recovery = Recovering::ForRoom;
    let shape = turn.scenario.layout.templates[row.template].shape;
    let place = waiting::Turn { is_launch: true, since: turn.now, name: row.name };
    turn.fleet.waiting.join(instance, Wanted { shape, zone: None }, place);
}

/// `instance`, which has joined the queue, found no room when it arrived: it is rejected, or waits
/// as long as the workload says.
pub fn found_no_room(turn: &mut Turn<'_>, instance: Id<Instance>) {
    match turn.scenario.workload.when_full {
        WhenFull::Reject => given_up(turn, instance),
        WhenFull::Wait(limit) => {
            let row = &turn.fleet.instances[instance];
            let (stamp, template) = (row.stamp, row.template);
            turn.set_alarm(instance, limit, Occurrence::LaunchGivenUp { stamp, instance });
            markets::room_is_awaited(turn, template);
        }
    }
}

/// An instance that is there, and Running, when the run begins.
pub fn present(turn: &mut Turn<'_>, name: InstanceName, template: Id<Template>, life: Span) {
    let instance = created(turn, name, template, life);
    if is_refused(turn, instance, Reason::AtStart) {
        return creation_fails(turn, instance);
    }
    match room::find(turn, instance, Reason::AtStart) {
        Some(server) => present_on(turn, instance, server),
        None => creation_fails(turn, instance),
    }
}

/// `instance`, which has just been created, is on `server`, and Running, when the run begins.
pub fn present_on(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    markets::joins(turn, instance);
    room::take(turn, instance, server, (Reason::AtStart, Span::ZERO));
    turn.step(instance, InstanceStep::Boot);
    turn.fleet.instances.row_mut(instance).boots += 1;
    boot::succeeded(turn, instance);
}

/// A launch has room on `server`, for which it waited so long.
#[inline]
pub fn placed(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>, waited: Span) {
    markets::joins(turn, instance);
    room::take(turn, instance, server, (Reason::Launch, waited));
    let row = &turn.fleet.instances[instance];
    let (entity, stamp) = (row.name.entity(), row.stamp);
    let law = &turn.scenario.settings.instance_pending;
    let span = turn.length(law, Chance::InstancePending, entity, 0);
    if span.is_zero() {
        prepared(turn, instance);
    } else {
        turn.set_alarm(instance, span, Occurrence::Prepared { stamp, instance });
    }
}

/// The preparation of `instance` is over: it boots, or waits to be started.
#[inline]
pub fn prepared(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if turn.fleet.care.prepared(instance) {
        turn.step(instance, InstanceStep::Create);
        release::if_due(turn, instance);
        return;
    }
    turn.step(instance, InstanceStep::Boot);
    if boot::begin(turn, instance) == Some(boot::Ended::Failed) {
        owner::after_failed_boot(turn, instance);
    }
}

/// `instance` has waited for room as long as it may.
pub fn given_up(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.waiting.leave(instance);
    turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
    creation_fails(turn, instance);
}

/// There is no room for `instance`.
fn creation_fails(turn: &mut Turn<'_>, instance: Id<Instance>) {
    given_up_by_system(turn, instance, Origin::Creation);
}

/// `instance`, in a state in which it may fail, is told to have failed for good: it is shown
/// Stopped for a while and then released (spec/events.md 2.13).
pub fn given_up_by_system(turn: &mut Turn<'_>, instance: Id<Instance>, origin: Origin) {
    let (kind, status) = (EventType::FailureDelete, EventStatus::Executing);
    let new =
        NewEvent { kind, status, simulated: None, instance, bay: None, origin, not_before: None };
    events::publish(turn, new);
    let is_new = turn.fleet.instances[instance].state == InstanceState::Pending;
    let step = if is_new { InstanceStep::CreationFails } else { InstanceStep::Fail };
    turn.step(instance, step);
    if release::if_due(turn, instance) {
        return;
    }
    let span = turn.scenario.settings.create_release_after;
    if span.is_zero() {
        release::by_system(turn, instance);
        return;
    }
    let stamp = turn.fleet.instances[instance].stamp;
    turn.set_alarm(instance, span, Occurrence::CreationReleased { stamp, instance });
}

/// Where an instance of `template` could be launched now, if anywhere; room that is freed now goes
/// to those who wait already.
pub fn place_for(turn: &Turn<'_>, template: Id<Template>) -> Option<Id<Server>> {
    let born = &turn.layout().templates[template];
    let request = Request::of(born);
    if let Some(hosted) = born.hosted.filter(|_| !turn.fleet.dedicated.is_empty()) {
        return hosting::at_launch(turn, (template, hosted), &request);
    }
    if !markets::takes(turn, template) {
        return None;
    }
    let (layout, policy) = (turn.layout(), turn.scenario.policies.placement);
    let found = policy.choose(layout, &turn.fleet.capacity, &request)?;
    let wanted = Wanted { shape: born.shape, zone: Some(layout.servers[found].zone) };
    (!turn.fleet.waiting.anybody_for(wanted)).then_some(found)
}

/// A new instance, Pending, that has no place yet.
pub fn created(
    turn: &mut Turn<'_>,
    name: InstanceName,
    template: Id<Template>,
    life: Span,
) -> Id<Instance> {
    let instance = turn.fleet.instances.create(name, template);
    let action = turn.scenario.layout.templates[template].on_maintenance;
    let window = turn.owner_of(instance).window;
    turn.fleet.care.begin(instance, action, window);
    turn.state(Fact::Requested { instance, name, template });
    burst::begin(turn, instance);
    terms::begin(turn, instance);
    if life.is_never() {
        return instance;
    }
    let row = turn.fleet.instances.row_mut(instance);
    match turn.scenario.workload.life_from {
        LifeFrom::Arrival => {
            row.life_counts = true;
            row.departs = turn.now.saturating_add(life);
            let (birth, departs) = (row.birth, row.departs);
            turn.agenda.at(departs, Occurrence::Departs { birth, instance });
        }
        LifeFrom::Running => row.departs = Instant::from_micros(life.micros()),
    }
    instance
}
