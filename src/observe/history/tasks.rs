//! DescribeTasks (spec/events.md 4.6).

use super::History;
use crate::{
    fleet::instances::InstanceName, kernel::time::Instant, lifecycle::task::TaskStatus,
    messages::refusal::Refusal,
};
use serde::Serialize;

/// What DescribeTasks is asked.
#[derive(Clone, Debug, Default)]
pub struct TasksQuery {
    /// `TaskIds`: only these, by number; empty: all.
    pub tasks: Vec<u64>,
    /// `TaskAction`: only those of this action; `None`: all.
    pub action: Option<String>,
    /// `TaskStatus`: only these; a value that is none of the three filters nothing.
    pub status: Option<String>,
    /// `ResourceIds`: only those of these instances; empty: all.
    pub instances: Vec<InstanceName>,
    /// `StartTime`, `EndTime`: only those created from the first up to the second.
    pub created: [Option<Instant>; 2],
    /// `PageNumber`, from 1; 0 stands for 1.
    pub page: usize,
    /// `PageSize`, at most 100; 0 stands for 10.
    pub page_size: usize,
}

/// What DescribeTasks answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TasksPage {
    /// How many fit the query (count).
    pub total_count: usize,
    /// The page, from 1.
    pub page_number: usize,
    /// Tasks of a page (count).
    pub page_size: usize,
    /// The tasks of this page, newest first.
    pub task_set: TaskSet,
}

/// The list, as the API wraps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TaskSet {
    /// The tasks.
    pub task: Vec<Task>,
}

/// One task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Task {
    /// Its id.
    pub task_id: String,
    /// What it does: `RedeployInstance`.
    pub task_action: &'static str,
    /// `Processing`, `Finished` or `Failed`.
    pub task_status: &'static str,
    /// Whether CancelTask may cancel it: never (S31).
    pub support_cancel: bool,
    /// When it was created, to the minute.
    pub creation_time: String,
    /// When it ended, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_time: Option<String>,
    /// The instance.
    pub resource_id: String,
}

impl History<'_> {
    /// Answers DescribeTasks.
    ///
    /// # Errors
    /// More than 100 ids: InvalidParameter; an end before its start: TimeEndBeforeStart.
    pub fn describe_tasks(&self, query: &TasksQuery) -> Result<TasksPage, Refusal> {
        if query.tasks.len() > super::IDS_MAX || query.instances.len() > super::IDS_MAX {
            return Err(Refusal::InvalidParameter);
        }
        let [from, to] = query.created;
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(Refusal::TimeEndBeforeStart);
        }
        let status = query.status.as_deref();
        let known = TaskStatus::ALL.iter().find(|known| Some(known.name()) == status);
        let action = query.action.as_deref().is_none_or(|action| action == "RedeployInstance");
        let found = self.tasks.iter().rev().filter(|task| {
            action
                && (query.tasks.is_empty() || query.tasks.contains(&task.number))
                && (query.instances.is_empty() || query.instances.contains(&task.instance))
                && known.is_none_or(|known| *known == task.status)
                && from.is_none_or(|from| task.began >= from)
                && to.is_none_or(|to| task.began <= to)
        });
        let found: Vec<_> = found.collect();
        let page_number = query.page.max(1);
        let page_size = if query.page_size == 0 { 10 } else { query.page_size.min(100) };
        let shown = found.iter().skip((page_number - 1).saturating_mul(page_size)).take(page_size);
        let task = shown.map(|task| Task {
            task_id: self.task_id(task.number),
            task_action: "RedeployInstance",
            task_status: task.status.name(),
            support_cancel: false,
            creation_time: self.minute(task.began),
            finished_time: task.ended.map(|at| self.minute(at)),
            resource_id: self.instance_id(task.instance),
        });
        let task_set = TaskSet { task: task.collect() };
        Ok(TasksPage { total_count: found.len(), page_number, page_size, task_set })
    }
}
