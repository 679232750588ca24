//! DescribeInstancesFullStatus (spec/events.md 5.6, 1.1).

use super::{
    Coded, History, InstanceRecord,
    events::{Event, is_open, is_pending},
};
use crate::{
    fleet::instances::InstanceName,
    lifecycle::{
        instance::InstanceState,
        system_event::{EventStatus, EventType},
    },
    messages::refusal::Refusal,
};
use serde::Serialize;

/// What DescribeInstancesFullStatus is asked.
#[derive(Clone, Debug, Default)]
pub struct InstancesQuery {
    /// `InstanceId.N`, at most 100; empty: all.
    pub instances: Vec<InstanceName>,
    /// `EventId.N`, by number, at most 100: only instances with one of these pending; empty: all.
    pub events: Vec<u64>,
    /// `EventType`: only instances with a pending event of this type.
    pub kind: Option<EventType>,
    /// `Status`: only instances in this state, by name.
    pub status: Option<String>,
    /// `HealthStatus`: only instances of this health, by name.
    pub health: Option<String>,
    /// `PageNumber`, from 1; 0 stands for 1.
    pub page: usize,
    /// `PageSize`, at most 100; 0 stands for 10.
    pub page_size: usize,
}

/// What DescribeInstancesFullStatus answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstancesPage {
    /// How many fit the query (count).
    pub total_count: usize,
    /// The page, from 1.
    pub page_number: usize,
    /// Instances of a page (count).
    pub page_size: usize,
    /// The instances of this page, by name.
    pub instance_full_status_set: StatusSet,
}

/// The list, as the API wraps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatusSet {
    /// The instances.
    pub instance_full_status_type: Vec<FullStatus>,
}

/// One instance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FullStatus {
    /// Its id.
    pub instance_id: String,
    /// Its API state.
    pub status: Coded,
    /// Its health.
    pub health_status: Coded,
    /// Its Scheduled and Inquiring events.
    pub scheduled_system_event_set: ScheduledSet,
}

/// The list, as the API wraps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduledSet {
    /// The events, newest first.
    pub scheduled_system_event_type: Vec<Event>,
}

impl History<'_> {
    /// Answers DescribeInstancesFullStatus.
    ///
    /// # Errors
    /// More than 100 instances or events named: InstanceIdLimitExceeded, EventIdLimitExceeded.
    pub fn describe_instances(&self, query: &InstancesQuery) -> Result<InstancesPage, Refusal> {
        if query.instances.len() > super::IDS_MAX {
            return Err(Refusal::InstanceIdLimitExceeded);
        }
        if query.events.len() > super::IDS_MAX {
            return Err(Refusal::EventIdLimitExceeded);
        }
        let there = self.instances.iter().flatten();
        let mut found: Vec<&InstanceRecord> =
            there.filter(|record| self.is_asked_for(record, query)).collect();
        found.sort_unstable_by_key(|record| record.name);
        let page_number = query.page.max(1);
        let page_size = if query.page_size == 0 { 10 } else { query.page_size.min(100) };
        let shown = found.iter().skip((page_number - 1).saturating_mul(page_size)).take(page_size);
        let shown = shown.map(|record| FullStatus {
            instance_id: self.instance_id(record.name),
            status: Coded { code: None, name: record.status() },
            health_status: self.health(record),
            scheduled_system_event_set: ScheduledSet {
                scheduled_system_event_type: self.pending(record.name, query),
            },
        });
        let instance_full_status_type = shown.collect();
        Ok(InstancesPage {
            total_count: found.len(),
            page_number,
            page_size,
            instance_full_status_set: StatusSet { instance_full_status_type },
        })
    }

    fn is_asked_for(&self, record: &InstanceRecord, query: &InstancesQuery) -> bool {
        let by_event = !query.events.is_empty() || query.kind.is_some();
        let status = query.status.as_deref();
        let health = query.health.as_deref();
        record.state != InstanceState::Released
            && (query.instances.is_empty() || query.instances.contains(&record.name))
            && status.is_none_or(|status| status == record.status())
            && health.is_none_or(|health| health == self.health(record).name)
            && (!by_event || !self.pending(record.name, query).is_empty())
    }

    /// The Scheduled and Inquiring events of an instance that `query` asks for, newest first.
    fn pending(&self, name: InstanceName, query: &InstancesQuery) -> Vec<Event> {
        let events = self.events.iter().rev().filter(|event| {
            event.instance == name
                && is_pending(event)
                && (query.events.is_empty() || query.events.contains(&event.number))
                && query.kind.is_none_or(|kind| kind == event.kind)
        });
        events.map(|event| self.event(event)).collect()
    }

    /// The health of an instance, by the first rule that fits: it owes service and is not served;
    /// a maintenance job on it is in progress; it is being created or booted; maintenance of it is
    /// planned; it is off; all is well. The documents name the values, not these rules.
    fn health(&self, record: &InstanceRecord) -> Coded {
        let has = |status: EventStatus| {
            let of = |event: &&super::EventRecord| event.instance == record.name && is_open(event);
            let mut open = self.events.iter().filter(of);
            open.any(|event| event.status == status && event.kind.is_maintenance())
        };
        let (code, name) = match record.state {
            _ if record.owes && !record.served => (Some(128), "Impaired"),
            _ if has(EventStatus::Executing) => (None, "Maintaining"),
            InstanceState::Pending | InstanceState::Starting => (None, "Initializing"),
            _ if has(EventStatus::Scheduled) || has(EventStatus::Inquiring) => {
                (Some(64), "Warning")
            }
            InstanceState::Stopped | InstanceState::Stopping | InstanceState::Released => {
                (None, "NotApplicable")
            }
            InstanceState::Running => (Some(0), "Ok"),
        };
        Coded { code, name }
    }
}
