//! What the cloud's queries can tell of a run: the tasks, the system events and the instances that
//! there are and were (spec/events.md 4.6, 5.6).
//!
//! [`History`] collects; [`History::describe_tasks`], [`History::describe_events`],
//! [`History::describe_instances`] and [`History::describe_refreshes`] answer, with the documented
//! filters, precedences and limits, in the documented field names.

mod answer;
mod events;
mod hosts;
mod instances;
mod jobs;
mod refreshes;
mod tasks;

pub use self::{
    answer::Answer,
    events::{EventsPage, EventsQuery},
    hosts::{HostCapacity, HostInstance, HostInstances, HostSet, HostShown, HostsPage},
    instances::{InstancesPage, InstancesQuery},
    jobs::{Entities, JobShown},
    refreshes::{RefreshTask, RefreshesPage, RefreshesQuery},
    tasks::{TasksPage, TasksQuery},
};

use super::{Observer, cloud_ids::CloudIds, names};
use crate::{
    fleet::{
        Fleet,
        ids::{Bay, Instance, SystemEvent, Task},
        instances::InstanceName,
        layout::DiskFlow,
        system_events::Origin,
        tasks::TaskKind,
    },
    kernel::{
        calendar::Civil,
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::{
        Attribute,
        instance::InstanceState,
        system_event::{EventStatus, EventType},
        task::TaskStatus,
    },
    messages::{fact::Fact, operation::Operation},
    scenario::Scenario,
};
use serde::Serialize;

/// Ids that a query may name (count).
pub const IDS_MAX: usize = 100;

/// A value with the number that the API gives beside its name, where one is published.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Coded {
    /// The published number; `None` where none is (S6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// The name.
    pub name: &'static str,
}

/// One task that its owner asked for.
#[derive(Clone, Copy, Debug)]
struct TaskRecord {
    number: u64,
    instance: InstanceName,
    status: TaskStatus,
    began: Instant,
    ended: Option<Instant>,
}

/// One system event.
#[derive(Clone, Copy, Debug)]
struct EventRecord {
    number: u64,
    kind: EventType,
    status: EventStatus,
    simulated: bool,
    instance: InstanceName,
    bay: Option<(Id<Bay>, u32)>,
    /// Which of the instance's local disks that is, and whether its like are isolated only.
    disk: Option<(usize, bool)>,
    origin: Origin,
    published: Instant,
    not_before: Option<Instant>,
    initial_not_before: Option<Instant>,
    finished: Option<Instant>,
}

/// One instance that is there.
#[derive(Clone, Copy, Debug)]
struct InstanceRecord {
    name: InstanceName,
    state: InstanceState,
    owes: bool,
    served: bool,
    /// Whether a cold migration is under way: the second cloud shows that as a status.
    resizes: bool,
}

impl InstanceRecord {
    /// The status as it is displayed.
    const fn status(&self) -> &'static str {
        if self.resizes { "Resizing" } else { self.state.name() }
    }
}

/// Collects what queries can tell.
#[derive(Clone, Debug)]
pub struct History<'a> {
    scenario: &'a Scenario,
    ids: CloudIds,
    tasks: Vec<TaskRecord>,
    events: Vec<EventRecord>,
    refreshes: Vec<refreshes::RefreshRecord>,
    jobs: Vec<jobs::JobRecord>,
    /// The dedicated hosts when they were asked for last.
    hosts: Vec<hosts::HostShown>,
    instances: Column<Instance, Option<InstanceRecord>>,
    /// Places of the tasks and events under way, by row.
    tasks_at: Column<Task, usize>,
    events_at: Column<SystemEvent, usize>,
}

impl<'a> History<'a> {
    /// Nothing has happened yet in run number `run`.
    pub fn new(scenario: &'a Scenario, run: u32) -> Self {
        Self {
            scenario,
            ids: CloudIds::new(scenario, run),
            tasks: Vec::new(),
            events: Vec::new(),
            refreshes: Vec::new(),
            jobs: Vec::new(),
            hosts: Vec::new(),
            instances: Column::default(),
            tasks_at: Column::default(),
            events_at: Column::default(),
        }
    }

    fn name(&self, instance: Id<Instance>) -> InstanceName {
        self.instances[instance]
            .expect("an instance is asked for before anything happens to it")
            .name
    }

    fn instance_id(&self, name: InstanceName) -> String {
        self.ids.instance(name).to_string()
    }

    fn event_id(&self, number: u64) -> String {
        self.ids.event(number).to_string()
    }

    fn task_id(&self, number: u64) -> String {
        self.ids.task(number).to_string()
    }

    /// `2026-01-01T00:00:00Z`: what is below a second is cut off.
    fn date(&self, at: Instant) -> String {
        Civil::at(self.scenario.epoch.saturating_add_unsigned(at.micros())).to_string()
    }

    /// `2026-01-01T00:00Z`: what is below a minute is cut off.
    fn minute(&self, at: Instant) -> String {
        let date = self.date(at);
        format!("{}Z", &date[..date.len() - ":00Z".len()])
    }

    fn see_instance(&mut self, fact: &Fact) {
        let mut change = |instance: Id<Instance>, to: &dyn Fn(&mut InstanceRecord)| {
            if let Some(record) = &mut self.instances[instance] {
                to(record);
            }
        };
        if let Fact::InstanceMoved { instance, to, .. } = *fact {
            change(instance, &|record| record.state = to);
        }
        if let Fact::OwingBegan(instance) = *fact {
            change(instance, &|record| record.owes = true);
        }
        if let Fact::OwingEnded(instance) = *fact {
            change(instance, &|record| (record.owes, record.served) = (false, false));
        }
        if let Fact::ServiceBegan(instance) = *fact {
            change(instance, &|record| record.served = true);
        }
        if let Fact::ServiceEnded { instance, .. } = *fact {
            change(instance, &|record| record.served = false);
        }
        let is_cold = |kind| kind == TaskKind::ColdMigration;
        if let Fact::TaskBegan { instance, kind, .. } = *fact {
            change(instance, &|record| record.resizes = is_cold(kind));
        }
        if let Fact::TaskEnded { instance, .. } = *fact {
            change(instance, &|record| record.resizes = false);
        }
        if let Fact::Requested { instance, name, .. } = *fact {
            let (state, [owes, served, resizes]) = (InstanceState::Pending, [false; 3]);
            let record = Some(InstanceRecord { name, state, owes, served, resizes });
            while self.instances.len() <= instance.index() {
                self.instances.push(None);
            }
            self.instances[instance] = record;
        }
    }

    fn disk(&self, fleet: &Fleet, instance: Id<Instance>, bay: Id<Bay>) -> (usize, bool) {
        let layout = &self.scenario.layout;
        let of = layout.templates[fleet.instances[instance].template].instance_type;
        let is_isolated_only = layout.types[of].disk_flow == DiskFlow::IsolateOnly;
        (names::place_of_disk(layout, fleet, instance, bay), is_isolated_only)
    }

    fn see_event(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        if let Fact::EventPublished { event, number, kind, status, .. } = *fact
            && let Fact::EventPublished { simulated, instance, bay, origin, not_before, .. } = *fact
        {
            while self.events_at.len() <= event.index() {
                self.events_at.push(0);
            }
            self.events_at[event] = self.events.len();
            self.events.push(EventRecord {
                number,
                kind,
                status,
                simulated,
                instance: self.name(instance),
                bay: bay.map(|bay| (bay, fleet.disks[bay].number)),
                disk: bay.map(|bay| self.disk(fleet, instance, bay)),
                origin,
                published: now,
                not_before,
                initial_not_before: not_before,
                finished: None,
            });
        }
        if let Fact::EventMoved { event, to, .. } = *fact {
            let record = &mut self.events[self.events_at[event]];
            record.status = to;
            record.finished = (to.attribute() == Attribute::Final).then_some(now);
        }
        if let Fact::EventRescheduled { event, not_before, .. } = *fact {
            self.events[self.events_at[event]].not_before = Some(not_before);
        }
    }

    fn see_task(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        if let Fact::TaskBegan { task, number, kind: TaskKind::Redeploy, instance } = *fact
            && !fleet.tasks[task].by_system
        {
            while self.tasks_at.len() <= task.index() {
                self.tasks_at.push(usize::MAX);
            }
            self.tasks_at[task] = self.tasks.len();
            let (instance, status) = (self.name(instance), TaskStatus::Processing);
            self.tasks.push(TaskRecord { number, instance, status, began: now, ended: None });
        }
        if let Fact::TaskEnded { task, kind: TaskKind::Redeploy, status, .. } = *fact
            && let Some(place) = self.tasks_at.get(task).copied()
            && let Some(record) = self.tasks.get_mut(place)
            && record.ended.is_none()
        {
            (record.status, record.ended) = (status, Some(now));
        }
    }
}

impl Observer for History<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        self.see_instance(fact);
        self.see_event(now, fact, fleet);
        self.see_task(now, fact, fleet);
        if let Fact::Cold(fact) = fact {
            self.see_job(now, fact);
        }
        if let Fact::Commanded { operation: Operation::DescribeDedicatedHosts, .. } = fact {
            self.see_hosts(fleet);
        }
        if let Fact::Scaling(fact) = fact {
            self.see_refresh(fact, fleet);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{Sources, capacity::Index, layout::Layout},
        kernel::time::Span,
        messages::refusal::Refusal,
        scenario::{EventHandle, InMemory, InstanceHandle, Parameters},
    };

    const TEXT: &str = r#"
        scenario = { name = "x", horizon = "90d" }
        servers = [{ model = "m", count = 1, zones = ["z"] }]
        server_models.m = { vcpus = 4, memory = "16GiB" }
        instance_types.t = { vcpus = 1, memory = "4GiB" }
        workload.instances = [{ type = "t", count = 2 }]
    "#;

    fn scenario() -> Scenario {
        Scenario::parse("x.toml", TEXT.as_bytes(), &[], &InMemory::default())
            .unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn hours(hours: u64) -> Instant {
        Instant::ZERO + Span::from_seconds(hours * 3_600 + 59)
    }

    /// A history of `facts`, each with its hour, of instances start-0 and start-1.
    fn told<'a>(scenario: &'a Scenario, facts: &[(u64, Fact)]) -> History<'a> {
        let sources = Sources { arrivals: 0, campaigns: 0 };
        let mut fleet = Fleet::new(&Layout::default(), Index::ById, sources, Instant::ZERO);
        for _ in 0..3 {
            let kind = (TaskKind::Redeploy, false);
            fleet.tasks.begin(Instant::ZERO, kind, Id::new(0), InstanceState::Running);
        }
        let mut history = History::new(scenario, 0);
        for number in 0..2 {
            let (instance, name) = (Id::new(number), InstanceName::at_start(number as u64));
            let fact = Fact::Requested { instance, name, template: Id::new(0) };
            history.see(Instant::ZERO, &fact, &fleet);
        }
        facts.iter().for_each(|(at, fact)| history.see(hours(*at), fact, &fleet));
        history
    }

    fn published(event: usize, kind: EventType, status: EventStatus, instance: usize) -> Fact {
        Fact::EventPublished {
            event: Id::new(event),
            number: event as u64,
            kind,
            status,
            simulated: false,
            instance: Id::new(instance),
            bay: None,
            origin: Origin::Recorded(Id::new(0)),
            not_before: (status == EventStatus::Scheduled).then(|| hours(40)),
        }
    }

    fn moved(event: usize, kind: EventType, to: EventStatus) -> Fact {
        let (event, instance, from) = (Id::new(event), Id::new(0), EventStatus::Scheduled);
        Fact::EventMoved { event, kind, instance, from, to, started: None }
    }

    const REBOOT: EventType = EventType::MaintenanceReboot;

    /// Event 0 of start-0 ended Avoided after an hour, event 1 of start-1 is Scheduled, event 2 of
    /// start-0 waits, event 3 is about a disk.
    fn events(scenario: &Scenario) -> History<'_> {
        told(
            scenario,
            &[
                (1, published(0, REBOOT, EventStatus::Scheduled, 0)),
                (2, moved(0, REBOOT, EventStatus::Avoided)),
                (3, published(1, EventType::MaintenanceStop, EventStatus::Scheduled, 1)),
                (4, published(2, EventType::IsolateErrorDisk, EventStatus::Inquiring, 0)),
                (4, published(3, EventType::DiskErrorDetected, EventStatus::Executing, 0)),
            ],
        )
    }

    fn ids(history: &History<'_>, now: u64, query: EventsQuery) -> Vec<usize> {
        let page = history.describe_events(hours(now), &query).expect("it is answered");
        let found = page.instance_system_event_set.instance_system_event_type;
        let ids = (0..4).map(|number| history.event_id(number)).collect::<Vec<_>>();
        let place = |id: &String| ids.iter().position(|other| other == id).expect("it is known");
        found.iter().map(|event| place(&event.event_id)).collect()
    }

    #[test]
    fn history_tells_of_ended_events_unless_it_is_asked_otherwise() {
        let scenario = scenario();
        let history = events(&scenario);
        assert_eq!(ids(&history, 5, EventsQuery::default()), [0]);
        let all = EventStatus::ALL.to_vec();
        let every = EventsQuery { statuses: all, ..EventsQuery::default() };
        assert_eq!(ids(&history, 5, every.clone()), [2, 1, 0], "newest first, no disk's");
        let month = 30 * 24;
        assert_eq!(ids(&history, 2 + month, every.clone()), [2, 1, 0]);
        assert_eq!(ids(&history, 3 + month, every), [2, 1], "the open ones without limit");
    }

    #[test]
    fn the_plural_filters_win() {
        let scenario = scenario();
        let history = events(&scenario);
        let usual = EventsQuery { statuses: EventStatus::ALL.to_vec(), ..EventsQuery::default() };
        let one = EventsQuery {
            status: Some(EventStatus::Scheduled),
            statuses: vec![EventStatus::Inquiring],
            ..EventsQuery::default()
        };
        assert_eq!(ids(&history, 5, one.clone()), [2]);
        assert_eq!(ids(&history, 5, EventsQuery { statuses: Vec::new(), ..one }), [1]);
        let kinds = EventsQuery {
            kind: Some(EventType::MaintenanceStop),
            kinds: vec![REBOOT],
            ..usual.clone()
        };
        assert_eq!(ids(&history, 5, kinds.clone()), [0]);
        assert_eq!(ids(&history, 5, EventsQuery { kinds: Vec::new(), ..kinds }), [1]);
        let of = EventsQuery {
            instance: Some(InstanceName::at_start(0)),
            resources: vec![InstanceName::at_start(1)],
            ..usual.clone()
        };
        assert_eq!(ids(&history, 5, of.clone()), [1]);
        assert_eq!(ids(&history, 5, EventsQuery { resources: Vec::new(), ..of }), [2, 0]);
        let named = EventsQuery { events: vec![1, 7], ..usual.clone() };
        assert_eq!(ids(&history, 5, named), [1]);
        let planned = EventsQuery { not_before: [Some(hours(39)), None], ..usual.clone() };
        assert_eq!(ids(&history, 5, planned), [1, 0], "what has no planned time is in no period");
        let published = EventsQuery { published: [Some(hours(3)), Some(hours(3))], ..usual };
        assert_eq!(ids(&history, 5, published), [1]);
    }

    #[test]
    fn limits_clamp_and_refuse() {
        let scenario = scenario();
        let many: Vec<(u64, Fact)> =
            (0..25).map(|event| (1, published(event, REBOOT, EventStatus::Scheduled, 0))).collect();
        let history = told(&scenario, &many);
        let ask = |max_results, next| {
            let statuses = EventStatus::ALL.to_vec();
            let query = EventsQuery { statuses, max_results, next, ..EventsQuery::default() };
            let page = history.describe_events(hours(5), &query).unwrap();
            let shown = page.instance_system_event_set.instance_system_event_type.len();
            (page.total_count, page.max_results, shown, page.next_token)
        };
        assert_eq!(ask(None, 0), (25, 10, 10, Some("10".to_owned())));
        assert_eq!(ask(Some(1), 20), (25, 10, 5, None));
        assert_eq!(ask(Some(1_000), 0), (25, 100, 25, None));
        let refused = |query| history.describe_events(hours(5), &query).unwrap_err();
        let events = EventsQuery { events: vec![0; 101], ..EventsQuery::default() };
        assert_eq!(refused(events), Refusal::EventIdLimitExceeded);
        let backwards = [Some(hours(2)), Some(hours(1))];
        let times = EventsQuery { published: backwards, ..EventsQuery::default() };
        assert_eq!(refused(times), Refusal::TimeEndBeforeStart);
    }

    fn tasks(scenario: &Scenario) -> History<'_> {
        let began = |task: usize, instance: usize| Fact::TaskBegan {
            task: Id::new(task),
            number: task as u64,
            kind: TaskKind::Redeploy,
            instance: Id::new(instance),
        };
        let ended = |task: usize, status| Fact::TaskEnded {
            task: Id::new(task),
            kind: TaskKind::Redeploy,
            instance: Id::new(0),
            status,
        };
        told(
            scenario,
            &[
                (1, began(0, 0)),
                (2, ended(0, TaskStatus::Failed)),
                (3, began(1, 1)),
                (4, began(2, 0)),
                (5, ended(2, TaskStatus::Finished)),
            ],
        )
    }

    #[test]
    fn tasks_are_told_to_the_minute_and_filtered() {
        let scenario = scenario();
        let history = tasks(&scenario);
        let page = history.describe_tasks(&TasksQuery::default()).unwrap();
        assert_eq!((page.total_count, page.page_number, page.page_size), (3, 1, 10));
        let [newest, _, oldest] = page.task_set.task.as_slice() else { panic!("three") };
        assert_eq!(newest.task_status, "Finished");
        let minute = oldest.creation_time.split_once('T').unwrap().1;
        assert_eq!(minute, "01:00Z", "what is below a minute is cut off");
        let count = |query: TasksQuery| {
            let page = history.describe_tasks(&query).unwrap();
            (page.total_count, page.task_set.task.len())
        };
        let usual = TasksQuery::default;
        let status = |status: &str| TasksQuery { status: Some(status.to_owned()), ..usual() };
        assert_eq!(count(status("Processing")), (1, 1));
        assert_eq!(count(status("Waiting")), (3, 3), "other values filter nothing");
        let action = |action: &str| TasksQuery { action: Some(action.to_owned()), ..usual() };
        assert_eq!(count(action("RedeployInstance")), (3, 3));
        assert_eq!(count(action("ImportImage")), (0, 0));
        let of = TasksQuery { instances: vec![InstanceName::at_start(1)], ..usual() };
        assert_eq!(count(of), (1, 1));
        assert_eq!(count(TasksQuery { tasks: vec![0, 9], ..usual() }), (1, 1));
        assert_eq!(count(TasksQuery { page: 2, page_size: 2, ..usual() }), (3, 1));
        let created = [Some(hours(3)), Some(hours(4))];
        assert_eq!(count(TasksQuery { created, ..usual() }), (2, 2));
        let refused = |query| history.describe_tasks(&query).unwrap_err();
        assert_eq!(
            refused(TasksQuery { tasks: vec![0; 101], ..usual() }),
            Refusal::InvalidParameter
        );
        let created = [Some(hours(4)), Some(hours(3))];
        assert_eq!(refused(TasksQuery { created, ..usual() }), Refusal::TimeEndBeforeStart);
    }

    #[test]
    fn instances_tell_health_and_what_awaits_them() {
        let scenario = scenario();
        let history = events(&scenario);
        let page = history.describe_instances(&InstancesQuery::default()).unwrap();
        let found: Vec<_> = page
            .instance_full_status_set
            .instance_full_status_type
            .iter()
            .map(|of| {
                let events = &of.scheduled_system_event_set.scheduled_system_event_type;
                (of.status.name, of.health_status.name, events.len())
            })
            .collect();
        assert_eq!(found, [("Pending", "Initializing", 1), ("Pending", "Initializing", 1)]);
        let running = |instance: usize| Fact::InstanceMoved {
            instance: Id::new(instance),
            from: InstanceState::Starting,
            to: InstanceState::Running,
        };
        let cause = crate::fleet::cause::Cause::ServerFailure;
        let history = told(
            &scenario,
            &[
                (1, running(0)),
                (1, running(1)),
                (1, Fact::OwingBegan(Id::new(1))),
                (1, Fact::ServiceEnded { instance: Id::new(1), cause }),
            ],
        );
        let health = |health: &str| {
            let query =
                InstancesQuery { health: Some(health.to_owned()), ..InstancesQuery::default() };
            history.describe_instances(&query).unwrap().total_count
        };
        assert_eq!((health("Ok"), health("Impaired"), health("Warning")), (1, 1, 0));
    }

    #[test]
    fn scripts_are_answered_by_their_parameters() {
        let scenario = scenario();
        let history = events(&scenario);
        let of = |operation, parameters: &Parameters| {
            let answer = history.answer(hours(5), operation, parameters)?;
            Some(serde_json::to_value(answer.unwrap()).unwrap())
        };
        assert!(of(Operation::RebootInstance, &Parameters::default()).is_none());
        let first = InstanceHandle::Named(InstanceName::at_start(0));
        let parameters = Parameters {
            events: vec![EventHandle::NewestOf(REBOOT, first.clone())],
            instances: vec![first],
            published: [Some(Instant::ZERO), None],
            filters: vec![("MaxResults".to_owned(), "100".to_owned())],
            ..Parameters::default()
        };
        let answer = of(Operation::DescribeInstanceHistoryEvents, &parameters).unwrap();
        let event = &answer["InstanceSystemEventSet"]["InstanceSystemEventType"][0];
        assert_eq!(
            event["EventType"],
            serde_json::json!({"Code": 1, "Name": "SystemMaintenance.Reboot"})
        );
        assert_eq!(event["EventCycleStatus"], serde_json::json!({"Code": 8, "Name": "Avoided"}));
        assert_eq!((&answer["TotalCount"], &answer["MaxResults"]), (&1.into(), &100.into()));
        let later = Parameters { published: [Some(hours(80)), None], ..parameters.clone() };
        let answer = of(Operation::DescribeInstanceHistoryEvents, &later).unwrap();
        assert_eq!(answer["TotalCount"], 0);
        let unplanned = Parameters { planned: [None, Some(Instant::ZERO)], ..parameters.clone() };
        let answer = of(Operation::DescribeInstanceHistoryEvents, &unplanned).unwrap();
        assert_eq!(answer["TotalCount"], 0);
        let nobody = Parameters {
            instances: vec![InstanceHandle::Unknown("x".to_owned())],
            ..Parameters::default()
        };
        let answer = of(Operation::DescribeInstancesFullStatus, &nobody).unwrap();
        assert_eq!(answer["TotalCount"], 0);
    }
}
