//! System events: what every process that publishes, moves or closes one goes through.
//!
//! Path: published (Inquiring, Scheduled or Executing) → … → Executed, Avoided, Canceled or Failed.
//! What an event does to its instance is not here: see `jobs`, `recovery`, `local_disks`. Each
//! publication and each change of status is told once, and to the instance's owner in the next
//! round. Documented behaviour: spec/events.md 2.3. Moves: the table of events, and what the
//! operator has open on servers.

use super::turn::Turn;
use crate::{
    fleet::{
        chance::{Chance, pair},
        ids::{Instance, Server, SystemEvent},
        system_events::{EventRow, NewEvent, Origin},
        works::Pending,
    },
    kernel::{
        column::Id,
        distribution::Distribution,
        stamp::Stamp,
        time::{Instant, Span},
    },
    lifecycle::{
        Attribute,
        system_event::{EventStatus, EventStep, EventType},
    },
    messages::{fact::Fact, occurrence::Occurrence},
};

/// Publishes an event now. Sets the alarm of its planned time, if it has one, and that of its
/// withdrawal by the system, if chance says so.
pub fn publish(turn: &mut Turn<'_>, new: NewEvent) -> Id<SystemEvent> {
    let event = turn.fleet.events.publish(turn.now, new);
    turn.state(Fact::EventPublished {
        event,
        number: turn.fleet.events[event].number,
        kind: new.kind,
        status: new.status,
        simulated: new.simulated.is_some(),
        instance: new.instance,
        bay: new.bay,
        origin: new.origin,
        not_before: new.not_before,
    });
    if let Some(server) = new.origin.worked_on() {
        turn.fleet.works.row_mut(server).open += 1;
    }
    if let Some(not_before) = new.not_before {
        turn.fleet.events.row_mut(event).round =
            plans(turn, new.instance, new.origin).saturating_sub(1);
        alarm(turn, event, not_before, due);
        if new.simulated.is_none() && new.kind.is_maintenance() {
            turn.fleet.care.row_mut(new.instance).last_not_before = Some(not_before);
            may_be_withdrawn(turn, event);
        }
    }
    tell_owner(turn, event);
    event
}

/// Moves an event by one step; gives the row as it is then. The alarms of the status it leaves
/// are void.
pub fn step(turn: &mut Turn<'_>, event: Id<SystemEvent>, step: EventStep) -> EventRow {
    abandon_alarms(turn, event);
    let from = turn.fleet.events[event].status;
    let row = turn.fleet.events.step(turn.now, event, step);
    moved(turn, event, from, &row);
    row
}

/// Ends an event as Failed whose type has no such status (`event.allow_undocumented_failed`).
pub fn fail_undocumented(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    abandon_alarms(turn, event);
    let from = turn.fleet.events[event].status;
    let row = turn.fleet.events.enter(turn.now, event, EventStatus::Failed);
    moved(turn, event, from, &row);
}

fn moved(turn: &mut Turn<'_>, event: Id<SystemEvent>, from: EventStatus, row: &EventRow) {
    turn.state(Fact::EventMoved {
        event,
        kind: row.kind,
        instance: row.instance,
        from,
        to: row.status,
        started: row.started,
    });
    if row.status.attribute() == Attribute::Final {
        ended(turn, row);
    } else {
        tell_owner(turn, event);
    }
}

/// Moves the planned time of a Scheduled event, and its alarms with it; its owner makes a new
/// plan.
pub fn reschedule(turn: &mut Turn<'_>, event: Id<SystemEvent>, not_before: Instant) {
    abandon_alarms(turn, event);
    let row = turn.fleet.events.row_mut(event);
    row.stamp.raise();
    row.resumes = false;
    row.not_before = Some(not_before);
    let (instance, real) = (row.instance, !row.simulated);
    turn.state(Fact::EventRescheduled { event, instance, not_before });
    alarm(turn, event, not_before, due);
    if real {
        turn.fleet.care.row_mut(instance).last_not_before = Some(not_before);
        may_be_withdrawn(turn, event);
    }
    tell_owner(turn, event);
}

/// Sets an alarm that the next change of the event's status, or of its planned time, will void.
pub fn alarm(
    turn: &mut Turn<'_>,
    event: Id<SystemEvent>,
    at: Instant,
    what: fn(Id<SystemEvent>, Stamp) -> Occurrence,
) {
    let row = turn.fleet.events.row_mut(event);
    row.alarms += u8::from(at < turn.scenario.end);
    turn.agenda.at(at, what(event, row.stamp));
}

/// An alarm of `event` has rung: it is pending no more.
pub fn rang(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    turn.fleet.events.row_mut(event).alarms -= 1;
}

/// The open events of `instance`, in order of publication. The list is given back with
/// [`done_with`], so that no turn allocates.
pub fn of_instance(turn: &mut Turn<'_>, instance: Id<Instance>) -> Vec<Id<SystemEvent>> {
    let mut list = std::mem::take(turn.events);
    list.clear();
    list.extend(turn.fleet.events.of(instance).map(|(event, _)| event));
    list.reverse();
    list
}

/// Gives a list of [`of_instance`] back for the next use.
pub fn done_with(turn: &mut Turn<'_>, list: Vec<Id<SystemEvent>>) {
    *turn.events = list;
}

/// Moves every open event of `instance` that `by` gives a step for by that step, in order of
/// publication; says how many were moved.
pub fn step_all(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    by: impl Fn(&EventRow) -> Option<EventStep>,
) -> usize {
    let events = of_instance(turn, instance);
    let mut moved = 0;
    for event in &events {
        if let Some(by) = by(&turn.fleet.events[*event]) {
            step(turn, *event, by);
            moved += 1;
        }
    }
    done_with(turn, events);
    moved
}

/// The step by which the release of its instance ends an event (spec/corrections.md 2).
pub fn step_of_release(row: &EventRow, by_owner: bool) -> EventStep {
    if row.kind == EventType::FailureDelete && by_owner {
        return EventStep::Answer;
    }
    let may = |step| row.kind.after(row.simulated, row.status, step).is_some();
    let steps = [EventStep::Withdraw, EventStep::Finish];
    // What is about unpaid bills can be nothing but done.
    steps.into_iter().find(|step| may(*step)).unwrap_or(EventStep::Elapse)
}

/// The draws of `what` about an event of `origin` on `instance`.
pub fn address(turn: &Turn<'_>, instance: Id<Instance>, origin: Origin) -> u64 {
    pair(turn.fleet.instances[instance].name.entity(), origin.entity())
}

/// The planned time of a maintenance event of `origin` on `instance`, whose notice is drawn from
/// `lead`: not sooner after its last one than the plan allows, and in its maintenance window
/// (S34). Where something was planned for the same reason before, the notice is another draw.
pub fn planned_time(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    origin: Origin,
    lead: &Distribution,
) -> Instant {
    let round = plans(turn, instance, origin);
    let care = turn.fleet.care.row_mut(instance);
    (care.planned_for, care.plans) = (Some(origin), round + 1);
    let address = address(turn, instance, origin);
    let notice = turn.length(lead, Chance::EventLead, address, round);
    let settings = &turn.scenario.settings;
    let care = &turn.fleet.care[instance];
    let at = turn.now.saturating_add(notice);
    let spaced = care.last_not_before.map(|last| last.saturating_add(settings.plan_min_interval));
    let at = spaced.map_or(at, |spaced| at.max(spaced));
    match care.window.filter(|_| settings.window_align) {
        Some(window) => window.first_from(turn.scenario.epoch, at),
        None => at,
    }
}

/// The law of the notice of an event of `origin`.
pub fn lead<'a>(turn: &Turn<'a>, origin: Origin) -> &'a Distribution {
    let own = origin.campaign().and_then(|of| turn.scenario.campaigns[of].lead.as_ref());
    own.unwrap_or(&turn.scenario.settings.event.lead)
}

/// How often something was planned for `instance` because of `origin` so far. Its own history says
/// so: what fails for others on its server shifts no draw of it.
fn plans(turn: &Turn<'_>, instance: Id<Instance>, origin: Origin) -> u32 {
    let care = &turn.fleet.care[instance];
    if care.planned_for == Some(origin) { care.plans } else { 0 }
}

fn due(event: Id<SystemEvent>, stamp: Stamp) -> Occurrence {
    Occurrence::EventDue { event, stamp }
}

fn withdrawn(event: Id<SystemEvent>, stamp: Stamp) -> Occurrence {
    Occurrence::EventWithdrawn { event, stamp }
}

/// S50: some planned events are withdrawn at a uniform time of their notice. The draws after that
/// of the notice's length at the event's address.
fn may_be_withdrawn(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let probability = turn.scenario.settings.event.cancel_p;
    let row = turn.fleet.events[event];
    let is_planned = row.origin.worked_on().is_some();
    let Some(not_before) = row.not_before.filter(|_| is_planned && probability > 0.0) else {
        return;
    };
    let address = address(turn, row.instance, row.origin);
    let mut draws = turn.chance(Chance::EventLead, address, row.round);
    let _length = draws.unit();
    if draws.happens(probability) {
        let notice = not_before.since(row.published);
        let after = Span::from_micros((draws.unit() * notice.micros() as f64) as u64);
        let at = row.published.saturating_add(after);
        if at > turn.now {
            alarm(turn, event, at, withdrawn);
        }
    }
}

fn abandon_alarms(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    for _ in 0..std::mem::take(&mut turn.fleet.events.row_mut(event).alarms) {
        turn.agenda.abandon();
    }
}

/// The owner learns of an event, or of its new status, in the next round. To be called from
/// elsewhere only where what matters to the owner is not the event's status: a damaged disk, whose
/// alert stays Executing, has been isolated.
pub fn tell_owner(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    if turn.fleet.events[event].simulated {
        return;
    }
    let now = turn.now;
    alarm(turn, event, now, |event, stamp| Occurrence::OwnerNoticed { event, stamp });
}

fn ended(turn: &mut Turn<'_>, row: &EventRow) {
    let Some(server) = row.origin.worked_on() else { return };
    let promised = turn.fleet.works.emptying.takes_back(row.instance);
    if let Some(to) = promised.filter(|to| turn.fleet.instances[row.instance].server != Some(*to)) {
        turn.room_freed(to);
    }
    if row.status == EventStatus::Failed {
        // A risk stays until it is cured; a campaign has done what it could, and counts it.
        match row.origin.campaign() {
            Some(_) => campaign_failed(turn, row.origin),
            None => fell_through(turn, row.instance, row.origin),
        }
    }
    piece_done(turn, server);
}

/// What was to be done about `instance`, because of `origin`, was not done: it is to be done again
/// after `event.republish_delay` (S12), and its campaign counts it.
pub fn fell_through(turn: &mut Turn<'_>, instance: Id<Instance>, origin: Origin) {
    let Some(server) = origin.worked_on() else { return };
    campaign_failed(turn, origin);
    // Not at once, even where the setting says so: what fails for good would never end.
    let delay = turn.scenario.settings.event.republish_delay.max(Span::from_seconds(1));
    let (name, at) = (turn.fleet.instances[instance].name, turn.now.saturating_add(delay));
    later(turn, server, Pending { tried: true, ..Pending::new(instance, name, at) });
}

/// A campaign, if `origin` is one, counts something that failed: its stop rule may end it.
pub fn campaign_failed(turn: &mut Turn<'_>, origin: Origin) {
    if let Some(campaign) = origin.campaign() {
        turn.fleet.works.campaigns[campaign].failures += 1;
        turn.agenda.pass(Occurrence::CampaignPlans(campaign));
    }
}

/// Something is to be done on `server`, on which the operator works: what was to be done about the
/// same instance is not.
pub fn later(turn: &mut Turn<'_>, server: Id<Server>, what: Pending) {
    if turn.fleet.works[server].origin.is_some() {
        let list = turn.fleet.works.pending.entry(server).or_default();
        list.retain(|of| (of.instance, of.name) != (what.instance, what.name));
        list.push(what);
        if turn.fleet.works[server].open == 0 {
            tend(turn, server);
        }
    }
}

/// An event tied to the work on `server`, or a live migration off it, has ended.
pub fn piece_done(turn: &mut Turn<'_>, server: Id<Server>) {
    let work = turn.fleet.works.row_mut(server);
    work.open -= 1;
    if work.open == 0 {
        tend(turn, server);
    }
}

/// The operator looks at `server` in the next round.
pub fn tend(turn: &mut Turn<'_>, server: Id<Server>) {
    if !std::mem::replace(&mut turn.fleet.works.row_mut(server).asked, true) {
        turn.agenda.at(turn.now, Occurrence::ServerTended(server));
    }
}

/// The operator looks at `server` again at `at`. One alarm is enough, the earliest: whoever looks
/// then sees what else is to be done later.
pub fn tend_at(turn: &mut Turn<'_>, server: Id<Server>, at: Instant) {
    if at <= turn.now {
        tend(turn, server); // Whoever else asked for that in this turn asked for the same.
    } else if turn.fleet.works.sets_alarm(server, at) {
        turn.agenda.at(at, Occurrence::ServerTended(server));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::stage::Stage;

    const SERVER: Id<Server> = Id::new(0);
    const RISK: Origin = Origin::Risk { server: SERVER, number: 0 };

    /// The times planned for the second of two instances on a server at risk, three times over,
    /// where the plan of the first fails `failures` times before each.
    fn planned(failures: u32) -> Vec<Instant> {
        let mut stage =
            Stage::new("[[workload.instances]]\ntype = \"cloud\"\ncount = 2\n", |scenario| {
                scenario.settings.plan_min_interval = Span::ZERO;
            });
        let (other, one): (Id<Instance>, Id<Instance>) = (Id::new(0), Id::new(1));
        stage.does(|turn| {
            turn.fleet.works.row_mut(SERVER).origin = Some(RISK);
            let plans = |_| {
                for _ in 0..failures {
                    let lead = lead(turn, RISK);
                    planned_time(turn, other, RISK, lead);
                    fell_through(turn, other, RISK);
                }
                let lead = lead(turn, RISK);
                let at = planned_time(turn, one, RISK, lead);
                fell_through(turn, one, RISK);
                at
            };
            (0..3).map(plans).collect()
        })
    }

    #[test]
    fn what_is_planned_anew_depends_on_no_other_instance() {
        let alone = planned(0);
        assert!(alone[0] != alone[1] && alone[1] != alone[2], "each plan is another draw");
        assert_eq!(planned(1), alone);
        assert_eq!(planned(4), alone);
    }

    #[test]
    fn a_withdrawal_is_drawn_with_the_notice_of_its_own_plan() {
        let mut stage = Stage::with_one("cloud");
        let instance = Id::new(0);
        for round in 0..2 {
            let event = stage.does(|turn| {
                let lead = lead(turn, RISK);
                let not_before = Some(planned_time(turn, instance, RISK, lead));
                let (kind, status) = (EventType::MaintenanceReboot, EventStatus::Scheduled);
                turn.fleet.works.row_mut(SERVER).origin = Some(RISK);
                publish(
                    turn,
                    NewEvent {
                        kind,
                        status,
                        simulated: None,
                        instance,
                        bay: None,
                        origin: RISK,
                        not_before,
                    },
                )
            });
            assert_eq!(stage.fleet.events[event].round, round);
        }
    }
}
