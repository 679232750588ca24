//! The notifications that the cloud would send, as JSON lines (`run --events`).
//!
//! One on publication of an event and one on each change of its status; one on each change of an
//! instance's state (spec/events.md 6). Nothing is told of instances that are there when a run
//! begins until something happens to them: nobody created them then. A moved `notBefore` is no
//! change of status and not told.

mod hosts;

use super::{
    Observer,
    cloud_ids::{self, CloudIds},
    names,
};
use crate::{
    fleet::{
        Fleet,
        care::StopFor,
        ids::{Bay, Instance, SystemEvent},
        instances::{InstanceName, InstanceSource},
        spot::Interruption,
        system_events::Origin,
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::{
        instance::InstanceState,
        system_event::{EventStatus, EventType, Resource},
    },
    messages::{credits::CreditFact, fact::Fact, hosts::HostFact, spot::SpotFact},
    scenario::{
        Scenario,
        notifications::{Content, DiskTold, EventTold, Moment, Notification, State, device, write},
    },
};
use std::fmt;

/// An hour (µs).
const HOUR: i64 = 3_600_000_000;

/// Turns facts into lines, and writes each to `out` as it becomes true.
#[derive(Debug)]
pub struct Notifications<'a, W> {
    scenario: &'a Scenario,
    ids: CloudIds,
    out: W,
    line: String,
    sent: u64,
    /// Whether the run has begun: what is there before is not created in it.
    has_begun: bool,
    instances: Column<Instance, Known>,
    events: Column<SystemEvent, Published>,
}

/// What is known of an instance.
#[derive(Clone, Copy, Debug)]
struct Known {
    name: InstanceName,
    /// Whether it is being put up, silently, as it was there before the run.
    hidden: bool,
    /// Whether Created is to be told once it has room, and not if it never has (S1).
    waits: bool,
    /// Whether it is told to have failed for good (S1).
    failed: bool,
    /// Whether the Stopping of the restart under way was not told (C5).
    restarts: bool,
}

/// What is kept of an event from its publication on.
#[derive(Clone, Debug)]
struct Published {
    number: u64,
    at: Instant,
    not_before: Option<Instant>,
    /// Id and device of the disk, of events that are about one.
    disk: Option<(String, String)>,
}

impl<'a, W: fmt::Write> Notifications<'a, W> {
    /// The notifications of run number `run` of `scenario`, to be written to `out`, which keeps to
    /// itself what goes wrong there.
    pub fn new(scenario: &'a Scenario, run: u32, out: W) -> Self {
        Self {
            scenario,
            ids: CloudIds::new(scenario, run),
            out,
            line: String::new(),
            sent: 0,
            has_begun: false,
            instances: Column::default(),
            events: Column::default(),
        }
    }

    /// What they were written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn moment(&self, at: Instant) -> Moment {
        Moment(self.scenario.epoch.saturating_add_unsigned(at.micros()))
    }

    fn instance(&self, instance: Id<Instance>) -> String {
        self.ids.instance(self.instances[instance].name).to_string()
    }

    fn send(&mut self, now: Instant, content: Content) {
        self.send_named(now, None, content);
    }

    /// As [`Self::send`], with the name of the instance, which few tell.
    fn send_named(&mut self, now: Instant, instance_name: Option<String>, content: Content) {
        let notification = Notification {
            id: self.ids.notification(self.sent),
            instance_name,
            user: self.scenario.settings.notify.user_id.clone(),
            at: self.moment(now),
            region: self.scenario.region.clone(),
            content,
        };
        self.sent += 1;
        self.line.clear();
        write(&notification, &self.scenario.settings.notify, &mut self.line);
        self.line.push('\n');
        // Whoever is written to remembers its own failure: there is nobody here to be told.
        let _ = self.out.write_str(&self.line);
    }

    fn requested(&mut self, now: Instant, instance: Id<Instance>, name: InstanceName) {
        let waits = self.has_begun && !self.tells_failed(State::Created);
        let hidden = !self.has_begun;
        let known = Known { name, hidden, waits, failed: false, restarts: false };
        if instance.index() == self.instances.len() {
            self.instances.push(known);
        } else {
            self.instances[instance] = known;
        }
        if self.has_begun && !waits {
            self.state(now, instance, State::Created);
        }
    }

    fn placed(&mut self, now: Instant, instance: Id<Instance>) {
        if std::mem::take(&mut self.instances[instance].waits) {
            self.state(now, instance, State::Created);
        }
    }

    /// Whether `state` of a failed creation is told (`create.failed_emits`).
    fn tells_failed(&self, state: State) -> bool {
        self.scenario.settings.create_failed_emits.contains(&state)
    }

    fn moved(
        &mut self,
        now: Instant,
        instance: Id<Instance>,
        (from, to): (InstanceState, InstanceState),
        fleet: &Fleet,
    ) {
        let Some(state) = State::entered(to) else { return };
        if std::mem::take(&mut self.instances[instance].hidden) {
            match state {
                State::Starting => {
                    self.instances[instance].hidden = true;
                    return;
                }
                State::Running => return,
                // There was no room for it: then its creation is told, as it failed.
                State::Created | State::Stopping | State::Stopped | State::Deleted => {
                    if self.tells_failed(State::Created) {
                        self.state(now, instance, State::Created);
                    }
                }
            }
        }
        let settings = &self.scenario.settings;
        let begins_recovery = (from, to) == (InstanceState::Running, InstanceState::Starting);
        if begins_recovery && settings.recover_emits_stopping {
            self.state(now, instance, State::Stopping);
        }
        if !self.is_untold((instance, from), state, fleet) {
            self.state(now, instance, state);
        }
    }

    /// Whether the scenario does not want it told that `instance` has gone on `from` a state to
    /// `state`.
    fn is_untold(
        &mut self,
        (instance, from): (Id<Instance>, InstanceState),
        state: State,
        fleet: &Fleet,
    ) -> bool {
        let tells_failed = self.tells_failed(state);
        let tells_restarts = self.scenario.settings.reboot_emits_stopping;
        let known = &mut self.instances[instance];
        match state {
            State::Created => false,
            State::Starting => {
                known.failed = false;
                false
            }
            // A restart that is given up leaves what was told last.
            State::Running => from == InstanceState::Stopping && known.restarts,
            State::Stopping => {
                known.restarts = !tells_restarts && is_restart(fleet.care[instance].stop);
                known.restarts
            }
            State::Stopped | State::Deleted => known.failed && !tells_failed,
        }
    }

    fn state(&mut self, now: Instant, instance: Id<Instance>, state: State) {
        let instance = self.instance(instance);
        self.send(now, Content::StateChange { instance, state });
    }

    /// What is told of the credits of an instance.
    fn credits(&mut self, now: Instant, fact: &CreditFact) {
        let content = match *fact {
            CreditFact::ModeChanged { instance, mode, operator } => {
                Content::ModeChange { instance: self.instance(instance), mode, operator }
            }
            CreditFact::Restricted { instance, hour } => {
                let at = |hour: i64| Moment(hour.saturating_mul(HOUR));
                let (from, to) = (at(hour), at(hour.saturating_add(1)));
                Content::Restricted { instance: self.instance(instance), from, to }
            }
            CreditFact::Began { .. }
            | CreditFact::Flows { .. }
            | CreditFact::Held { .. }
            | CreditFact::Reached { .. }
            | CreditFact::Charged { .. }
            | CreditFact::Voided { .. }
            | CreditFact::Granted { .. } => return,
        };
        self.send(now, content);
    }

    /// `instance` is told that it will be taken back.
    fn interrupted(&mut self, now: Instant, instance: Id<Instance>, interruption: Interruption) {
        let action = match interruption {
            Interruption::Terminate => "delete".to_owned(),
            Interruption::Stop => self.scenario.settings.spot.stop_action_value.clone(),
        };
        let instance = self.instance(instance);
        self.send(now, Content::Interruption { instance, action });
    }

    /// Keeps what the notifications of an event that is published now will need.
    fn keep(&mut self, event: Id<SystemEvent>, published: Published) {
        if event.index() == self.events.len() {
            self.events.push(published);
        } else {
            self.events[event] = published;
        }
    }

    /// Id and device of the disk that an event is about: that of the instance's local disk in
    /// `bay`, or of its system disk.
    fn disk(
        &self,
        instance: Id<Instance>,
        (bay, origin): (Option<Id<Bay>>, Origin),
        fleet: &Fleet,
    ) -> (String, String) {
        let Some(bay) = bay else {
            let disk = self.ids.system_disk(self.instances[instance].name);
            return (disk.to_string(), "/dev/vda".to_owned());
        };
        let number = match origin {
            Origin::Disk { number, .. } => number,
            Origin::Risk { .. }
            | Origin::Campaign { .. }
            | Origin::Crash { .. }
            | Origin::Guest(_)
            | Origin::Creation
            | Origin::Recorded(_)
            | Origin::Simulated
            | Origin::Subscription(_)
            | Origin::Arrears(_) => fleet.disks[bay].number,
        };
        let place = names::place_of_disk(&self.scenario.layout, fleet, instance, bay);
        (self.ids.local_disk(bay, number).to_string(), device(place))
    }

    /// An event is in a status from `now` on; `before` is the one that it left.
    fn event(
        &mut self,
        now: Instant,
        (event, instance, kind): (Id<SystemEvent>, Id<Instance>, EventType),
        (before, status): (Option<EventStatus>, EventStatus),
        started: Option<Instant>,
    ) {
        let content = match kind.resource() {
            Resource::Instance => {
                self.event_told(now, (event, instance, kind), (before, status), started)
            }
            Resource::Disk => self.disk_told(now, (event, instance, kind), status),
        };
        self.send(now, content);
    }

    fn event_told(
        &self,
        now: Instant,
        (event, instance, kind): (Id<SystemEvent>, Id<Instance>, EventType),
        (before, status): (Option<EventStatus>, EventStatus),
        started: Option<Instant>,
    ) -> Content {
        let published = &self.events[event];
        let (started, finished) = job(now, status, started);
        Content::Event(EventTold {
            event: self.ids.event(published.number).to_string(),
            published: self.moment(published.at),
            // Only maintenance, and what unpaid bills lead to, is planned as far as they tell.
            not_before: published
                .not_before
                .filter(|_| kind.is_maintenance() || kind.is_billing())
                .map(|at| self.moment(at)),
            instance: self.instance(instance),
            kind,
            before,
            status,
            started: started.map(|at| self.moment(at)),
            finished: finished.map(|at| self.moment(at)),
        })
    }

    fn disk_told(
        &self,
        now: Instant,
        (event, instance, kind): (Id<SystemEvent>, Id<Instance>, EventType),
        status: EventStatus,
    ) -> Content {
        let published = &self.events[event];
        let (disk, device) = published.disk.clone().unwrap_or_default();
        Content::Disk(DiskTold {
            event: self.ids.event(published.number).to_string(),
            disk,
            device,
            kind,
            started: self.moment(published.at),
            finished: (status != EventStatus::Executing).then(|| self.moment(now)),
            instance: self.instance(instance),
            instance_name: shown(self.instances[instance].name),
        })
    }
}

/// What a notification tells of when the job of an event began and ended (S39): the start while it
/// is under way, both when it is done, the instant of the change when there was none.
fn job(
    now: Instant,
    status: EventStatus,
    started: Option<Instant>,
) -> (Option<Instant>, Option<Instant>) {
    match status {
        EventStatus::Inquiring | EventStatus::Scheduled | EventStatus::Failed => (None, None),
        EventStatus::Executing => (started.or(Some(now)), None),
        EventStatus::Executed => (started.or(Some(now)), Some(now)),
        EventStatus::Avoided | EventStatus::Canceled => (Some(now), Some(now)),
    }
}

/// Whether a stop is the first half of a restart on the same instance's own behalf (C5): that of a
/// redeployment is told in any case.
const fn is_restart(stop: StopFor) -> bool {
    match stop {
        StopFor::Reboot | StopFor::SystemReboot | StopFor::Rebuild => true,
        StopFor::Nothing
        | StopFor::Stop
        | StopFor::Redeploy
        | StopFor::SystemStop
        | StopFor::Billing
        | StopFor::Spot
        | StopFor::SystemRedeploy => false,
    }
}

/// The name of an instance as notifications show it: its source, and its number there.
fn shown(name: InstanceName) -> String {
    match name.source() {
        None => format!("start-{}", name.number()),
        Some(InstanceSource::Arrivals(source)) => format!("{source}-{}", name.number()),
        Some(InstanceSource::Script(script)) => format!("script{script}-{}", name.number()),
        Some(InstanceSource::Group(group)) => format!("group{group}-{}", name.number()),
        Some(InstanceSource::StandIns) => format!("stand-in-{}", name.number()),
    }
}

/// The most that must be read of a file to know whether it [is ours](is_ours) (bytes).
pub const TELLING: u64 = 80;

/// Whether a file that begins with `start` was written by a [`Notifications`]: one of the cloud's
/// own begins alike but for the id.
pub fn is_ours(start: &str) -> bool {
    let rest = ["{\"id\":\"", "{\"ver\":\"1.0\",\"id\":\""];
    let rest = rest.iter().find_map(|begin| start.strip_prefix(begin));
    let id = rest.and_then(|rest| rest.split_once("\",\"product\":\"ECS\""));
    id.is_some_and(|(id, _)| cloud_ids::is_made(id))
}

impl<W: fmt::Write> Observer for Notifications<'_, W> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        match *fact {
            Fact::Requested { instance, name, .. } => self.requested(now, instance, name),
            Fact::InstanceMoved { instance, from, to } => {
                self.moved(now, instance, (from, to), fleet);
            }
            Fact::Placed { instance, .. } => self.placed(now, instance),
            Fact::EventPublished {
                event,
                number,
                kind,
                status,
                instance,
                bay,
                origin,
                not_before,
                ..
            } => {
                self.instances[instance].failed |= kind == EventType::FailureDelete;
                let is_disk = kind.resource() == Resource::Disk;
                let disk = is_disk.then(|| self.disk(instance, (bay, origin), fleet));
                self.keep(event, Published { number, at: now, not_before, disk });
                self.event(now, (event, instance, kind), (None, status), Some(now));
            }
            Fact::EventMoved { event, kind, instance, from, to, started } => {
                self.event(now, (event, instance, kind), (Some(from), to), started);
            }
            Fact::EventRescheduled { event, not_before, .. } => {
                self.events[event].not_before = Some(not_before);
            }
            Fact::Credits(ref fact) => self.credits(now, fact),
            Fact::Host(HostFact::LiveMigration {
                instance,
                source,
                destination,
                began,
                status,
            }) => {
                self.migration(now, (instance, began), [source, destination], status);
            }
            Fact::NoRoom { .. }
            | Fact::Vacated { .. }
            | Fact::OwingBegan(_)
            | Fact::OwingEnded(_)
            | Fact::ServiceBegan(_)
            | Fact::ServiceEnded { .. }
            | Fact::DataLost { .. }
            | Fact::DirtyLost(_)
            | Fact::Reserved { .. }
            | Fact::Unreserved { .. }
            | Fact::OwnerPlans { .. }
            | Fact::Commanded { .. }
            | Fact::DiskMoved { .. }
            | Fact::ServerAtRisk { .. }
            | Fact::ServerStuck { .. }
            | Fact::CampaignMoved { .. }
            | Fact::CampaignEnded { .. }
            | Fact::ServerMoved { .. }
            | Fact::ServerAvailable { .. }
            | Fact::RackMoved { .. }
            | Fact::RepairAwaited(_)
            | Fact::RepairBegan { .. }
            | Fact::RepairEnded(_)
            | Fact::TaskBegan { .. }
            | Fact::TaskEnded { .. }
            | Fact::Move(_)
            | Fact::Spot(
                SpotFact::MarketMoved { .. }
                | SpotFact::Refused { .. }
                | SpotFact::TakenBack { .. },
            )
            | Fact::Drain(_)
            | Fact::Network(_)
            | Fact::Cold(_)
            | Fact::Host(
                HostFact::Moved { .. }
                | HostFact::Carried { .. }
                | HostFact::Waits(_)
                | HostFact::Modified(_)
                | HostFact::Retyped { .. },
            )
            | Fact::Scaling(_) => {}
            Fact::Spot(SpotFact::Interrupted { instance, interruption, .. }) => {
                self.interrupted(now, instance, interruption);
            }
        }
    }

    fn turn_ended(&mut self, _now: Instant, _fleet: &Fleet) {
        self.has_begun = true;
    }
}
