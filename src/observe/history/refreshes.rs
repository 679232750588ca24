//! DescribeInstanceRefreshes (spec/refresh-and-migration.md 2.3).

use super::History;
use crate::{
    fleet::{
        Fleet,
        ids::{Refresh, ScalingGroup, Script},
        refreshes::Detail,
    },
    kernel::{column::Id, time::Instant},
    lifecycle::{Attribute, refresh::RefreshStatus},
    messages::{refusal::Refusal, scaling::ScalingFact},
    scenario::{Container, Handle, RefreshHandle, RefreshRequest, VersionWritten},
};
use serde::Serialize;

/// Refreshes of a page, where nothing is asked for (count).
const USUAL_PAGE: u32 = 10;

/// Most refreshes of a page (count).
const LARGEST_PAGE: u32 = 50;

/// Most refreshes that a query may name (count).
const MOST_NAMED: usize = 20;

/// CheckpointPauseTime, where a request says nothing (minutes).
const USUAL_PAUSE: u32 = 60;

/// One refresh.
#[derive(Clone, Copy, Debug)]
pub(super) struct RefreshRecord {
    group: Id<ScalingGroup>,
    script: Id<Script>,
    status: RefreshStatus,
    began: Instant,
    ended: Option<Instant>,
    total: u32,
    finished: u32,
    /// What a rollback has replaced so far; `None`: it was never rolled back (capacity units).
    rolled_back: Option<u32>,
    detail: Detail,
}

/// What DescribeInstanceRefreshes is asked.
#[derive(Clone, Debug, Default)]
pub struct RefreshesQuery {
    /// `ScalingGroupId`: only those of this group; `None`: of all.
    pub group: Option<Handle<Id<ScalingGroup>>>,
    /// `InstanceRefreshTaskIds`: only these; empty: all.
    pub refreshes: Vec<RefreshHandle>,
    /// `MaxResults`; `None`: 10.
    pub max_results: Option<u32>,
    /// `NextToken`: how many come before this page (count).
    pub next: usize,
}

/// What DescribeInstanceRefreshes answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RefreshesPage {
    /// How many fit the query (count).
    pub total_count: usize,
    /// Tasks of a page (count).
    pub max_results: u32,
    /// Where the next page begins; empty where there is no more.
    pub next_token: String,
    /// The tasks of this page, newest first.
    pub instance_refresh_tasks: Vec<RefreshTask>,
}

/// One task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RefreshTask {
    /// Its id.
    pub instance_refresh_task_id: String,
    /// Its group.
    pub scaling_group_id: String,
    /// The region.
    pub region_id: String,
    /// How it stands.
    pub status: &'static str,
    /// When it was asked for.
    pub start_time: String,
    /// When it ended, once it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// What has to be refreshed (capacity units).
    pub total_need_update_capacity: u32,
    /// What is refreshed (capacity units).
    pub finished_update_capacity: u32,
    /// What its rollback has replaced, once there is one (capacity units); not a field of the
    /// cloud's, whose FinishedUpdateCapacity stands still meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolled_back_capacity: Option<u32>,
    /// The least that must keep serving (percent); absent where the group's rules say it otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_healthy_percentage: Option<u32>,
    /// The most that the group may consist of (percent); absent likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_healthy_percentage: Option<u32>,
    /// Whether who matches already stays.
    pub skip_matching: bool,
    /// What is launched, as asked for.
    pub desired_configuration: DesiredConfiguration,
    /// Where it pauses.
    pub checkpoints: Vec<Checkpoint>,
    /// How long it pauses there (minutes).
    pub checkpoint_pause_time: u32,
    /// `Strategy`, as asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// What is wrong, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'static str>,
}

/// What a task launches, as it was asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DesiredConfiguration {
    /// The image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// The scaling configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling_configuration_id: Option<String>,
    /// The launch template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_template_id: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_template_version: Option<String>,
    /// Instance types instead of the template's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub launch_template_overrides: Vec<Override>,
    /// Containers of an ECI group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<ContainerTold>,
}

/// An instance type instead of the template's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Override {
    /// The type.
    pub instance_type: String,
}

/// A container, as it was asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerTold {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its start commands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// Their arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Its environment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment_vars: Vec<Variable>,
}

/// A variable of a container's environment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Variable {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl From<&Container> for ContainerTold {
    fn from(written: &Container) -> Self {
        let variable = |(key, value): &(Option<String>, Option<String>)| Variable {
            key: key.clone(),
            value: value.clone(),
        };
        Self {
            name: written.name.clone(),
            image: written.image.clone(),
            commands: written.commands.clone(),
            args: written.arguments.clone(),
            environment_vars: written.variables.iter().map(variable).collect(),
        }
    }
}

/// A checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Checkpoint {
    /// Share of new instances (percent).
    pub percentage: u32,
}

impl History<'_> {
    /// Takes note of what becomes of refreshes. Their numbers change with facts about members, too.
    pub(super) fn see_refresh(&mut self, fact: &ScalingFact, fleet: &Fleet) {
        if let ScalingFact::RefreshMoved { refresh, from: None, .. } = *fact {
            assert!(refresh.index() == self.refreshes.len(), "tasks are told in order");
            let row = &fleet.refreshes[refresh];
            self.refreshes.push(RefreshRecord {
                group: row.group,
                script: row.script,
                status: row.status,
                began: row.began,
                ended: None,
                total: 0,
                finished: 0,
                rolled_back: None,
                detail: Detail::None,
            });
        }
        if let ScalingFact::RefreshMoved { refresh, to, detail, .. } = *fact
            && let Some(record) = self.refreshes.get_mut(refresh.index())
        {
            (record.status, record.detail) = (to, detail);
        }
        for (place, record) in self.refreshes.iter_mut().enumerate() {
            if record.ended.is_none() {
                let row = &fleet.refreshes[Id::<Refresh>::new(place)];
                (record.total, record.finished) = (row.total, row.finished);
                let is_back = matches!(
                    record.status,
                    RefreshStatus::RollbackInProgress
                        | RefreshStatus::RollbackSuccessful
                        | RefreshStatus::RollbackFailed
                );
                record.rolled_back = is_back.then_some(row.rolled_back[0]);
                let is_over = record.status.attribute() == Attribute::Final;
                record.ended = row.ended.filter(|_| is_over);
            }
        }
    }

    /// Answers DescribeInstanceRefreshes.
    ///
    /// # Errors
    /// Neither a group nor a task is named: MissingParameter; too many tasks, or a page of no size
    /// or more than 50: InvalidParameter; an unknown group: GroupNotFound.
    pub fn describe_refreshes(&self, query: &RefreshesQuery) -> Result<RefreshesPage, Refusal> {
        if query.group.is_none() && query.refreshes.is_empty() {
            return Err(Refusal::MissingParameter);
        }
        let max_results = query.max_results.unwrap_or(USUAL_PAGE);
        if query.refreshes.len() > MOST_NAMED || !(1..=LARGEST_PAGE).contains(&max_results) {
            return Err(Refusal::InvalidParameter);
        }
        let group = match &query.group {
            Some(Handle::Unknown(_)) => return Err(Refusal::GroupNotFound),
            Some(Handle::Known(group)) => Some(*group),
            None => None,
        };
        let is_named = |place: usize| {
            query.refreshes.iter().any(|handle| match handle {
                RefreshHandle::Number(number) => *number == place as u64,
                RefreshHandle::Of(label) => self.started_by(label) == Some(place),
                RefreshHandle::Unknown(_) => false,
            })
        };
        let found = self.refreshes.iter().enumerate().rev().filter(|(place, record)| {
            group.is_none_or(|group| group == record.group)
                && (query.refreshes.is_empty() || is_named(*place))
        });
        let found: Vec<_> = found.collect();
        let after = query.next.saturating_add(max_results as usize);
        let shown = found.iter().skip(query.next).take(max_results as usize);
        let next_token = if after < found.len() { after.to_string() } else { String::new() };
        Ok(RefreshesPage {
            total_count: found.len(),
            max_results,
            next_token,
            instance_refresh_tasks: shown
                .map(|(place, record)| self.refresh_told(*place as u64, record))
                .collect(),
        })
    }

    /// The place of the task that the command called `label` started; one that repeated the request
    /// of another with its ClientToken was answered with that one's.
    fn started_by(&self, label: &str) -> Option<usize> {
        let scripts = &self.scenario.scripts;
        let mut all = self.refreshes.iter();
        let own = all.position(|record| scripts[record.script].label == label);
        own.or_else(|| {
            let (_, request) = self.scenario.asked_with_token(label)?;
            let asked = |record: &RefreshRecord| &scripts[record.script].parameters.scaling.request;
            self.refreshes.iter().position(|record| asked(record) == request)
        })
    }

    fn refresh_told(&self, number: u64, record: &RefreshRecord) -> RefreshTask {
        let scenario = self.scenario;
        let rules = &scenario.refresh_rules[record.group];
        let request = &scenario.scripts[record.script].parameters.scaling.request;
        let percentages = rules.bounds.asked(request.min, request.max).percentages();
        let checkpoints = request.checkpoints.iter();
        RefreshTask {
            instance_refresh_task_id: self.ids.refresh(number).to_string(),
            scaling_group_id: scenario.layout.scaling_groups[record.group].name.clone(),
            region_id: scenario.region.clone(),
            status: record.status.name(),
            start_time: self.date(record.began),
            end_time: record.ended.map(|at| self.date(at)),
            total_need_update_capacity: record.total,
            finished_update_capacity: record.finished,
            rolled_back_capacity: record.rolled_back,
            min_healthy_percentage: percentages.map(|[min, _]| min),
            max_healthy_percentage: percentages.map(|[_, max]| max),
            skip_matching: request.skip_matching.unwrap_or(rules.skip_matching),
            desired_configuration: self.desired(request),
            checkpoints: checkpoints.map(|percent| Checkpoint { percentage: *percent }).collect(),
            checkpoint_pause_time: request.pause.unwrap_or(USUAL_PAUSE),
            strategy: request.strategy.clone(),
            detail: detail(record),
        }
    }

    fn desired(&self, request: &RefreshRequest) -> DesiredConfiguration {
        let layout = &self.scenario.layout;
        let version = request.version.as_ref().map(|version| match version {
            VersionWritten::Number(number) => number.to_string(),
            VersionWritten::Default => "Default".to_owned(),
            VersionWritten::Latest => "Latest".to_owned(),
            VersionWritten::Unknown(text) => text.clone(),
        });
        DesiredConfiguration {
            image_id: named(request.image.as_ref(), |id| &layout.images[id].name),
            scaling_configuration_id: named(request.configuration.as_ref(), |id| {
                &layout.configurations[id].name
            }),
            launch_template_id: named(request.template.as_ref(), |id| {
                &layout.launch_templates[id].name
            }),
            launch_template_version: version,
            launch_template_overrides: request
                .override_types
                .iter()
                .map(|name| Override { instance_type: name.clone() })
                .collect(),
            containers: request.container_list.iter().map(ContainerTold::from).collect(),
        }
    }
}

/// The name of what `handle` stands for.
fn named<'a, T>(
    handle: Option<&'a Handle<Id<T>>>,
    name: impl Fn(Id<T>) -> &'a String,
) -> Option<String> {
    Some(match handle? {
        Handle::Known(id) => name(*id).clone(),
        Handle::Unknown(text) => text.clone(),
    })
}

/// `Detail`: the reason, only where a task failed.
const fn detail(record: &RefreshRecord) -> Option<&'static str> {
    if !matches!(record.status, RefreshStatus::Failed | RefreshStatus::RollbackFailed) {
        return None;
    }
    match record.detail {
        Detail::None => None,
        Detail::NoCapacity => Some("no capacity for a launch"),
        Detail::Unhealthy => Some("new instances are unhealthy"),
        Detail::Suspended => Some("a process that it needs is suspended"),
        Detail::TooManyAttempts => Some("too many attempts for one instance"),
        Detail::TooManyFailed => Some("too many new instances failed"),
        Detail::TooManyUnhealthy => Some("too many instances of the group are unhealthy"),
        Detail::TimedOut => Some("it took too long"),
    }
}
