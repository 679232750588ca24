//! A run under every check that we have.

use fleetsim::{
    fleet::{
        Fleet,
        capacity::Request,
        ids::{Instance, Member},
        instances::{InstanceRow, Recovering},
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::{Instant, Span},
    },
    lifecycle::{
        Attribute,
        instance::InstanceState,
        member::MemberState,
        system_event::{EventStatus, EventType},
    },
    messages::{fact::Fact, scaling::ScalingFact},
    observe::{Observer, audit::Audit, metrics::Metrics, outcome::Outcome},
    scenario::{InMemory, Scenario},
    simulation,
};
use std::{collections::BTreeMap, sync::Arc};

/// Reads a scenario that is known to be good.
pub fn scenario(text: &str) -> Scenario {
    Scenario::parse("story.toml", text.as_bytes(), &[], &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// Runs `scenario` with `observer`, audited; checks everything that must hold of any run. Gives
/// the outcome.
pub fn run(scenario: &Scenario, number: u32, observer: &mut impl Observer) -> Outcome {
    let metrics = Metrics::list(scenario);
    let mut measured = Metrics::new(scenario);
    let allowed = scenario.settings.event.allow_undocumented_failed;
    let facts = Audit::new(&scenario.layout).with_undocumented_failures(allowed);
    let mut audit = (facts, Watch::new(scenario));
    let all = &mut (&mut measured, (&mut audit, observer));
    let watched = simulation::run(scenario, number, all);
    let outcome = measured.finish(number, Arc::clone(&metrics));
    audit.1.agrees(scenario, &outcome);

    let unwatched = simulation::run(scenario, number, &mut ());
    let same = format!("{watched:?}") == format!("{unwatched:?}");
    assert!(same, "whether somebody looks changes nothing");
    let again = simulation::measure(scenario, number, &metrics);
    assert_eq!(again.fingerprint, outcome.fingerprint, "equal runs take the same course");
    assert_eq!(again, outcome, "equal runs have the same numbers");
    outcome
}

/// The value of a metric, zero where the run has none.
pub fn value(outcome: &Outcome, name: &str, labels: &[&str]) -> f64 {
    let mut metrics = outcome.metrics.iter().zip(&outcome.values);
    let found =
        metrics.find(|(metric, _)| metric.definition.name == name && metric.labels == labels);
    found.unwrap_or_else(|| panic!("there is no {name}{labels:?}")).1.unwrap_or(0.0)
}

/// Sees that nobody is forgotten, and keeps the account of service by itself.
struct Watch<'a> {
    scenario: &'a Scenario,
    accounts: Column<Instance, Account>,
    total: Account,
    /// Who seemed to be forgotten at the end of a turn, and when that was first so.
    doubtful: Vec<(Id<Instance>, Stamp, Instant)>,
    /// Since when each task is under way.
    tasks: Vec<(Id<Instance>, Instant)>,
    /// Since when each member of a scaling group is in the transitory state that it is in.
    members: BTreeMap<Id<Member>, (MemberState, Instant)>,
}

/// Time owed and served by one instance [µs].
#[derive(Clone, Copy, Default)]
struct Account {
    owes_since: Option<Instant>,
    served_since: Option<Instant>,
    owed: u64,
    served: u64,
}

/// No law of these scenarios lets an instance prepare, boot, stop or move, or a crash go unnoticed, for
/// longer.
const LONGEST_STEP: Span = Span::from_seconds(7_200);

/// No member of a scaling group takes longer to come or to leave: hooks, attaching, and what is under
/// way on its instance.
const LONGEST_WAY: Span = Span::from_seconds(6 * 7_200);

impl<'a> Watch<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            accounts: Column::default(),
            total: Account::default(),
            doubtful: Vec::new(),
            tasks: Vec::new(),
            members: BTreeMap::new(),
        }
    }

    fn account(&mut self, instance: Id<Instance>) -> &mut Account {
        if instance.index() == self.accounts.len() {
            self.accounts.push(Account::default());
        }
        &mut self.accounts[instance]
    }

    fn measured(&self, from: Option<Instant>, to: Instant) -> u64 {
        let from = from.unwrap_or(to).max(self.scenario.measure_from);
        if to > from { to.since(from).micros() } else { 0 }
    }

    fn service_ends(&mut self, instance: Id<Instance>, now: Instant) {
        let since = self.account(instance).served_since.take();
        self.total.served += self.measured(since, now);
    }

    fn owing_ends(&mut self, instance: Id<Instance>, now: Instant) {
        self.service_ends(instance, now);
        let since = self.account(instance).owes_since.take();
        self.total.owed += self.measured(since, now);
    }

    /// Whether `instance` will not be heard of again unless something else happens to it.
    fn seems_forgotten(&self, fleet: &Fleet, instance: Id<Instance>, row: &InstanceRow) -> bool {
        let scenario = self.scenario;
        let is_able = fleet.has_working_server(&scenario.layout, instance);
        match row.recovery {
            Recovering::Unnoticed | Recovering::ForServer => is_able,
            Recovering::ForRoom => {
                let template = &scenario.layout.templates[row.template];
                let (layout, policy) = (&scenario.layout, scenario.policies.placement);
                // Who was somewhere waits for room in that zone.
                let zone = row.server.map(|server| layout.servers[server].zone);
                let request = Request::of(template).within(zone);
                let found = policy.choose(layout, &fleet.capacity, &request);
                is_able || found.is_some()
            }
            Recovering::No => match row.state {
                InstanceState::Pending | InstanceState::Starting | InstanceState::Stopping => {
                    !row.alarm_pending
                }
                // A live migration's pause ends with its task.
                InstanceState::Running => {
                    let is_idle = !row.served && !row.alarm_pending && row.task.is_none();
                    let leaves_group = fleet.members.of(instance).filter(|_| row.in_group);
                    // Taken out of service, it is stopped by an alarm of its member.
                    let is_leaving =
                        leaves_group.is_some_and(|of| fleet.members[of].is_discharged());
                    is_idle && !is_leaving && !is_owners_to_answer(fleet, instance)
                }
                InstanceState::Stopped => !row.alarm_pending && row.departing,
                InstanceState::Released => false,
            },
        }
    }

    /// Checks the run's end, and the metrics against the account kept here.
    fn agrees(mut self, scenario: &Scenario, outcome: &Outcome) {
        let instances: Vec<_> = self.accounts.ids().iter().collect();
        instances.into_iter().for_each(|instance| self.owing_ends(instance, scenario.end));
        let micros = |name, labels: &[&str]| (value(outcome, name, labels) * 1e6).round() as u64;
        let (owed, served) = (micros("service.owed", &[]), micros("service.served", &[]));
        assert_eq!((owed, served), (self.total.owed, self.total.served), "owed and served");
        let causes = outcome.metrics.iter().filter(|of| of.definition.name == "downtime");
        let down: u64 = causes.map(|cause| micros("downtime", &[&cause.labels[0]])).sum();
        assert_eq!(owed, served + down, "owed is served or down by a cause, to the microsecond");
        for (instance, since) in &self.tasks {
            let age = scenario.end.since(*since);
            assert!(age <= LONGEST_STEP, "the task of {instance:?} has not ended for {age}");
        }
    }
}

/// Whether the instance is Running in name only, until its owner or the time decides about its data
/// (S18).
fn is_owners_to_answer(fleet: &Fleet, instance: Id<Instance>) -> bool {
    let mut events = fleet.events.of(instance);
    events.any(|(_, row)| row.kind == EventType::FailureRedeploy && !row.simulated)
}

impl Observer for Watch<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        match *fact {
            Fact::Requested { instance, .. } => *self.account(instance) = Account::default(),
            Fact::OwingBegan(instance) => self.account(instance).owes_since = Some(now),
            Fact::OwingEnded(instance) => self.owing_ends(instance, now),
            Fact::ServiceBegan(instance) => {
                let account = self.account(instance);
                assert!(account.owes_since.is_some() && account.served_since.is_none());
                account.served_since = Some(now);
            }
            Fact::ServiceEnded { instance, .. } => self.service_ends(instance, now),
            Fact::TaskBegan { instance, .. } => self.tasks.push((instance, now)),
            Fact::TaskEnded { instance, .. } => {
                let place = self.tasks.iter().position(|(of, _)| *of == instance);
                let (_, since) = self.tasks.remove(place.expect("only what began ends"));
                assert!(now.since(since) <= LONGEST_STEP, "a task ends in time");
            }
            Fact::Scaling(ScalingFact::MemberMoved { member, to, .. }) => {
                if to.attribute() == Attribute::Transitory {
                    self.members.insert(member, (to, now));
                } else {
                    self.members.remove(&member);
                }
            }
            _ => {}
        }
    }

    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        // Near the end what is due may lie past it.
        if now.saturating_add(LONGEST_STEP) > self.scenario.end {
            return;
        }
        for (member, (state, since)) in &self.members {
            let age = now.since(*since);
            assert!(age <= LONGEST_WAY, "at {now} {member:?} is {state} for {age}");
        }
        let mut still = Vec::new();
        for (instance, row) in fleet.instances.present() {
            if !self.seems_forgotten(fleet, instance, row) {
                continue;
            }
            let was = |(of, stamp, _): &&(_, Stamp, _)| (*of, *stamp) == (instance, row.stamp);
            let since = self.doubtful.iter().find(was).map_or(now, |(.., since)| *since);
            assert!(since == now, "at {now} {instance:?} is forgotten since {since}: {row:?}");
            still.push((instance, row.stamp, since));
        }
        self.doubtful = still;
        for (event, row) in fleet.events.open() {
            let due = row.not_before.is_some_and(|at| at < self.scenario.end);
            let waits = row.status == EventStatus::Scheduled && due && !row.held;
            assert!(!waits || row.alarms > 0, "at {now} {event:?} will never run: {row:?}");
        }
    }
}
