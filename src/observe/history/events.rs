//! DescribeInstanceHistoryEvents (spec/events.md 5.6).

use super::{Coded, EventRecord, History};
use crate::{
    fleet::{instances::InstanceName, system_events::Origin},
    kernel::time::{Instant, Span},
    lifecycle::{
        Attribute,
        system_event::{EventStatus, EventType, Resource},
    },
    messages::refusal::Refusal,
    scenario::notifications::device,
};
use serde::Serialize;

/// How long ended events are told of (C17).
const KEPT: Span = Span::from_seconds(30 * 86_400);

/// Bounds of `MaxResults`; what lies outside is moved to the nearer one.
const RESULTS: (usize, usize) = (10, 100);

/// The statuses that are told of unless others are asked for.
const ENDED: &[EventStatus] =
    &[EventStatus::Executed, EventStatus::Avoided, EventStatus::Canceled, EventStatus::Failed];

/// What DescribeInstanceHistoryEvents is asked.
#[derive(Clone, Debug, Default)]
pub struct EventsQuery {
    /// `InstanceId`.
    pub instance: Option<InstanceName>,
    /// `ResourceId.N`: wins over `InstanceId`.
    pub resources: Vec<InstanceName>,
    /// `EventId.N`, by number, at most 100; empty: all.
    pub events: Vec<u64>,
    /// `EventCycleStatus`.
    pub status: Option<EventStatus>,
    /// `InstanceEventCycleStatus.N`: wins over `EventCycleStatus`.
    pub statuses: Vec<EventStatus>,
    /// `EventType`.
    pub kind: Option<EventType>,
    /// `InstanceEventType.N`: wins over `EventType`.
    pub kinds: Vec<EventType>,
    /// `NotBefore.Start`, `NotBefore.End`.
    pub not_before: [Option<Instant>; 2],
    /// `EventPublishTime.Start`, `EventPublishTime.End`.
    pub published: [Option<Instant>; 2],
    /// `MaxResults`; `None` stands for the least.
    pub max_results: Option<usize>,
    /// `NextToken` of the answer before; 0 for the first.
    pub next: usize,
}

/// What DescribeInstanceHistoryEvents answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventsPage {
    /// How many fit the query (count).
    pub total_count: usize,
    /// The most that one answer holds (count).
    pub max_results: usize,
    /// Where the next answer begins; `None` where there is no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
    /// The events, newest first.
    pub instance_system_event_set: EventSet,
}

/// The list, as the API wraps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EventSet {
    /// The events.
    pub instance_system_event_type: Vec<Event>,
}

/// One event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Event {
    /// Its id.
    pub event_id: String,
    /// Its type.
    pub event_type: Coded,
    /// Its status.
    pub event_cycle_status: Coded,
    /// The instance that it is about.
    pub instance_id: String,
    /// What it is about: `instance`.
    pub resource_type: &'static str,
    /// When it was published.
    pub event_publish_time: String,
    /// When it runs, or was to run, by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_finish_time: Option<String>,
    /// Why it was published.
    pub reason: String,
    /// How bad it is.
    pub impact_level: &'static str,
    /// What else is told of it.
    pub extended_attribute: Extended,
}

/// What else is told of an event.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Extended {
    /// The disk that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_id: Option<String>,
    /// The device as which its instance knows that disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// `IsolateOnly` where a damaged disk of the family is isolated and never brought back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online_repair_policy: Option<&'static str>,
    /// Whether AcceptInquiredSystemEvent takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_accept: Option<&'static str>,
    /// The first value of `NotBefore`, where it was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_not_before: Option<String>,
}

impl History<'_> {
    /// Answers DescribeInstanceHistoryEvents at `now`.
    ///
    /// # Errors
    /// More than 100 events named: EventIdLimitExceeded; an end before its start:
    /// TimeEndBeforeStart.
    pub fn describe_events(
        &self,
        now: Instant,
        query: &EventsQuery,
    ) -> Result<EventsPage, Refusal> {
        if query.events.len() > super::IDS_MAX {
            return Err(Refusal::EventIdLimitExceeded);
        }
        let ends_early =
            |[from, to]: [Option<Instant>; 2]| from.zip(to).is_some_and(|(from, to)| to < from);
        if ends_early(query.not_before) || ends_early(query.published) {
            return Err(Refusal::TimeEndBeforeStart);
        }
        let found = self.events.iter().rev().filter(|event| is_asked_for(event, now, query));
        let found: Vec<_> = found.collect();
        let (least, most) = RESULTS;
        let max_results = query.max_results.unwrap_or(least).clamp(least, most);
        let after = query.next.saturating_add(max_results);
        let shown = found.iter().skip(query.next).take(max_results);
        let instance_system_event_type = shown.map(|event| self.event(event)).collect();
        Ok(EventsPage {
            total_count: found.len(),
            max_results,
            next_token: (after < found.len()).then(|| after.to_string()),
            instance_system_event_set: EventSet { instance_system_event_type },
        })
    }

    pub(super) fn event(&self, event: &EventRecord) -> Event {
        let was_moved = event.initial_not_before != event.not_before;
        let initial = event.initial_not_before.filter(|_| was_moved);
        let settings = &self.scenario.settings.event;
        let is_isolated_only = event.disk.is_some_and(|(_, is_isolated_only)| is_isolated_only);
        let is_isolation = matches!(
            event.kind,
            EventType::RebootAndIsolateErrorDisk | EventType::IsolateErrorDisk
        );
        let inquires = event.status == EventStatus::Inquiring;
        let accepts = settings.accept_types.as_ref().is_none_or(|of| of.contains(&event.kind));
        Event {
            event_id: self.event_id(event.number),
            event_type: Coded { code: type_code(event.kind), name: event.kind.code() },
            event_cycle_status: status(event.status),
            instance_id: self.instance_id(event.instance),
            resource_type: "instance",
            event_publish_time: self.date(event.published),
            not_before: event.not_before.map(|at| self.date(at)),
            event_finish_time: event.finished.map(|at| self.date(at)),
            reason: self.reason(event),
            impact_level: "CRITICAL",
            extended_attribute: Extended {
                disk_id: event
                    .bay
                    .map(|(bay, number)| self.ids.local_disk(bay, number).to_string()),
                device: event.disk.map(|(place, _)| device(place)),
                online_repair_policy: (is_isolation && is_isolated_only).then_some("IsolateOnly"),
                can_accept: inquires.then_some(if accepts { "true" } else { "false" }),
                initial_not_before: initial.map(|at| self.date(at)),
            },
        }
    }

    /// Why an event was published, in a sentence of our own.
    fn reason(&self, event: &EventRecord) -> String {
        let reason = match event.origin {
            _ if event.simulated => "A simulated event.",
            Origin::Risk { .. } => "A risk of the server is predicted.",
            Origin::Campaign { .. } => "The server is to be maintained.",
            Origin::Crash { .. } => "The server has failed.",
            Origin::Disk { .. } => "A local disk is damaged.",
            Origin::Guest(_) => "The guest has crashed.",
            Origin::Creation => "The instance could not be created.",
            Origin::Recorded(_) => "The event is replayed.",
            Origin::Simulated => "A simulated event.",
            Origin::Subscription(_) => "The subscription ends.",
            Origin::Arrears(_) => "The account is in arrears.",
        };
        reason.to_owned()
    }
}

/// Whether `query`, asked at `now`, asks for `event`.
fn is_asked_for(event: &EventRecord, now: Instant, query: &EventsQuery) -> bool {
    let within = |at: Option<Instant>, [from, to]: [Option<Instant>; 2]| match at {
        Some(at) => from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to),
        None => from.is_none() && to.is_none(),
    };
    let is_kept = event.finished.is_none_or(|at| at.saturating_add(KEPT) >= now);
    let of_resource = match (query.resources.as_slice(), query.instance) {
        ([], None) => true,
        ([], Some(instance)) => event.instance == instance,
        (resources, _) => resources.contains(&event.instance),
    };
    let in_status = match (query.statuses.as_slice(), query.status) {
        ([], None) => ENDED.contains(&event.status),
        ([], Some(status)) => event.status == status,
        (statuses, _) => statuses.contains(&event.status),
    };
    let of_kind = match (query.kinds.as_slice(), query.kind) {
        ([], None) => true,
        ([], Some(kind)) => event.kind == kind,
        (kinds, _) => kinds.contains(&event.kind),
    };
    event.kind.resource() == Resource::Instance
        && is_kept
        && of_resource
        && in_status
        && of_kind
        && (query.events.is_empty() || query.events.contains(&event.number))
        && within(event.not_before, query.not_before)
        && within(Some(event.published), query.published)
}

/// A status with its published number (spec/events.md 2.2).
pub(super) fn status(status: EventStatus) -> Coded {
    let code = match status {
        EventStatus::Inquiring => Some(28),
        EventStatus::Scheduled => Some(24),
        EventStatus::Executed => Some(0),
        EventStatus::Avoided => Some(8),
        EventStatus::Executing | EventStatus::Canceled | EventStatus::Failed => None,
    };
    Coded { code, name: status.name() }
}

/// The published number of a type (spec/events.md 2.2).
const fn type_code(kind: EventType) -> Option<u32> {
    match kind {
        EventType::MaintenanceReboot => Some(1),
        EventType::RebootAndIsolateErrorDisk => Some(3),
        EventType::ExpirationStop => Some(34),
        EventType::FailureReboot => Some(65),
        EventType::MaintenanceStop
        | EventType::MaintenanceRedeploy
        | EventType::RebootAndReInitErrorDisk
        | EventType::IsolateErrorDisk
        | EventType::ReInitErrorDisk
        | EventType::CleanInactiveDisks
        | EventType::FailureStop
        | EventType::FailureRedeploy
        | EventType::FailureDelete
        | EventType::InstanceFailureReboot
        | EventType::DiskErrorDetected
        | EventType::DiskStalled
        | EventType::ExpirationDelete
        | EventType::UnbalancedStop
        | EventType::UnbalancedDelete => None,
    }
}

/// Whether an event is still to come for its instance: what DescribeInstancesFullStatus lists.
pub(super) fn is_pending(event: &EventRecord) -> bool {
    event.kind.resource() == Resource::Instance
        && matches!(event.status, EventStatus::Scheduled | EventStatus::Inquiring)
}

/// Whether an event is open.
pub(super) fn is_open(event: &EventRecord) -> bool {
    event.status.attribute() != Attribute::Final
}
