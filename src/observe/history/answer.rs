//! The answer to a query of the scenario, from its parameters.

use super::{
    EventsPage, EventsQuery, History, HostsPage, InstancesPage, InstancesQuery, JobShown,
    RefreshesPage, RefreshesQuery, TasksPage, TasksQuery,
};
use crate::{
    fleet::instances::InstanceName,
    kernel::time::Instant,
    lifecycle::system_event::{EventStatus, EventType},
    messages::{
        operation::{GroupOperation, Operation},
        refusal::Refusal,
    },
    scenario::{EventHandle, InstanceHandle, Parameters, TaskHandle},
};
use serde::Serialize;

/// What a query answers.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// DescribeTasks.
    Tasks(TasksPage),
    /// DescribeInstanceHistoryEvents.
    Events(EventsPage),
    /// DescribeInstancesFullStatus.
    Instances(InstancesPage),
    /// DescribeInstanceRefreshes.
    Refreshes(RefreshesPage),
    /// ShowJob.
    Job(JobShown),
    /// DescribeDedicatedHosts.
    Hosts(HostsPage),
}

impl History<'_> {
    /// What `operation` with `parameters` answers at `now`; `None` where it is no query.
    ///
    /// # Errors
    /// The cloud's refusal.
    pub fn answer(
        &self,
        now: Instant,
        operation: Operation,
        parameters: &Parameters,
    ) -> Option<Result<Answer, Refusal>> {
        let asked = Asked { history: self, parameters };
        match operation {
            Operation::DescribeTasks => {
                Some(self.describe_tasks(&asked.tasks()).map(Answer::Tasks))
            }
            Operation::DescribeInstanceHistoryEvents => {
                Some(self.describe_events(now, &asked.events()).map(Answer::Events))
            }
            Operation::DescribeInstancesFullStatus => {
                Some(self.describe_instances(&asked.instances()).map(Answer::Instances))
            }
            Operation::ShowJob => Some(asked.job(now).map(Answer::Job)),
            Operation::Group(GroupOperation::DescribeInstanceRefreshes) => {
                Some(self.describe_refreshes(&asked.refreshes()).map(Answer::Refreshes))
            }
            Operation::DescribeDedicatedHosts => {
                let named = &parameters.hosts.hosts;
                Some(Ok(Answer::Hosts(self.describe_hosts(named))))
            }
            Operation::ModifyInstanceDeployment
            | Operation::RedeployDedicatedHost
            | Operation::ModifyDedicatedHostAttribute
            | Operation::RunInstances
            | Operation::CreateInstance
            | Operation::DeleteInstance
            | Operation::StartInstance
            | Operation::StopInstance
            | Operation::RebootInstance
            | Operation::RedeployInstance
            | Operation::MigrateServer
            | Operation::AcceptInquiredSystemEvent
            | Operation::ModifySystemEventAttribute
            | Operation::ModifyInstanceAttribute
            | Operation::ModifyInstanceMaintenanceAttributes
            | Operation::CreateSimulatedSystemEvents
            | Operation::CancelSimulatedSystemEvents
            | Operation::CancelTask
            | Operation::LockInstance
            | Operation::UnlockInstance
            | Operation::Group(_)
            | Operation::Member(_) => None,
        }
    }
}

/// A name that no instance ever has: its source does not exist.
const NOBODY: InstanceName = InstanceName::arrived(1 << 20, 0);

/// The parameters of a query.
struct Asked<'a> {
    history: &'a History<'a>,
    parameters: &'a Parameters,
}

impl Asked<'_> {
    fn tasks(&self) -> TasksQuery {
        TasksQuery {
            tasks: self.parameters.tasks.iter().map(|handle| self.task(handle)).collect(),
            action: self.text("TaskAction"),
            status: self.text("TaskStatus"),
            instances: self.named(),
            created: self.parameters.began,
            page: self.number("PageNumber").unwrap_or(0),
            page_size: self.number("PageSize").unwrap_or(0),
        }
    }

    fn events(&self) -> EventsQuery {
        let instances = self.named();
        EventsQuery {
            // Scripts name instances in one way: what they name are the resources.
            instance: None,
            resources: instances,
            events: self.parameters.events.iter().map(|handle| self.event(handle)).collect(),
            status: self.all("EventCycleStatus", status_of).first().copied(),
            statuses: self.all("InstanceEventCycleStatus", status_of),
            kind: self.kind(),
            kinds: self.all("InstanceEventType", EventType::parse),
            not_before: self.parameters.planned,
            published: self.parameters.published,
            max_results: self.number("MaxResults"),
            next: self.number("NextToken").unwrap_or(0),
        }
    }

    fn instances(&self) -> InstancesQuery {
        InstancesQuery {
            instances: self.named(),
            events: self.parameters.events.iter().map(|handle| self.event(handle)).collect(),
            kind: self.kind(),
            status: self.text("Status"),
            health: self.text("HealthStatus"),
            page: self.number("PageNumber").unwrap_or(0),
            page_size: self.number("PageSize").unwrap_or(0),
        }
    }

    fn refreshes(&self) -> RefreshesQuery {
        let of = &self.parameters.scaling;
        RefreshesQuery {
            group: of.group.clone(),
            refreshes: of.refreshes.clone(),
            max_results: of.max_results,
            next: of.page.flatten().unwrap_or(0),
        }
    }

    /// The job that is asked for.
    fn job(&self, now: Instant) -> Result<JobShown, Refusal> {
        let number = match self.parameters.tasks.first() {
            Some(TaskHandle::Number(number)) => Some(*number),
            Some(TaskHandle::NewestOf(instance)) => self.history.newest_job(name_of(instance)),
            Some(TaskHandle::Unknown(_)) | None => None,
        };
        let shown = number.and_then(|number| self.history.show_job(now, number));
        shown.ok_or(Refusal::ServerNotFound)
    }

    fn named(&self) -> Vec<InstanceName> {
        self.parameters.instances.iter().map(name_of).collect()
    }

    fn kind(&self) -> Option<EventType> {
        let written = self.parameters.event_type.as_deref().and_then(EventType::parse);
        written.or_else(|| self.all("EventType", EventType::parse).first().copied())
    }

    /// The number of an event; one that no event has where there is none.
    fn event(&self, handle: &EventHandle) -> u64 {
        match handle {
            EventHandle::Number(number) => *number,
            EventHandle::NewestOf(kind, instance) => {
                let name = name_of(instance);
                let mut newest = self.history.events.iter().rev();
                let found = newest.find(|event| event.kind == *kind && event.instance == name);
                found.map_or(u64::MAX, |event| event.number)
            }
            EventHandle::Unknown(_) => u64::MAX,
        }
    }

    /// The number of a task; one that no task has where there is none.
    fn task(&self, handle: &TaskHandle) -> u64 {
        match handle {
            TaskHandle::Number(number) => *number,
            TaskHandle::NewestOf(instance) => {
                let name = name_of(instance);
                let found = self.history.tasks.iter().rev().find(|task| task.instance == name);
                found.map_or(u64::MAX, |task| task.number)
            }
            TaskHandle::Unknown(_) => u64::MAX,
        }
    }

    fn texts<'b>(&'b self, key: &'b str) -> impl Iterator<Item = &'b str> {
        let filters = self.parameters.filters.iter();
        filters.filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn text(&self, key: &str) -> Option<String> {
        self.texts(key).next().map(str::to_owned)
    }

    fn number(&self, key: &str) -> Option<usize> {
        self.texts(key).next()?.parse().ok()
    }

    fn all<T>(&self, key: &str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        self.texts(key).filter_map(read).collect()
    }
}

fn name_of(handle: &InstanceHandle) -> InstanceName {
    match handle {
        InstanceHandle::Named(name) => *name,
        InstanceHandle::Unknown(_) => NOBODY,
    }
}

fn status_of(name: &str) -> Option<EventStatus> {
    EventStatus::ALL.iter().copied().find(|status| status.name() == name)
}
