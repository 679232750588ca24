//! The table of tasks: asynchronous jobs that move instances. Rows of ended tasks are recycled.

use crate::{
    fleet::ids::{Instance, Task},
    kernel::column::{Column, Id},
    lifecycle::task::{TaskStatus, TaskStep},
};
use std::ops::Index;

/// What a task does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TaskKind {
    /// Brings an instance of a failed server back on another one.
    Failover,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Failover];

    /// The name that metrics show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failover => "failover",
        }
    }
}

/// One task.
#[derive(Clone, Copy, Debug)]
pub struct TaskRow {
    /// What it does.
    pub kind: TaskKind,
    /// The instance that it moves.
    pub instance: Id<Instance>,
    /// How it stands -- changed only by [`Tasks::end`].
    pub status: TaskStatus,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    rows: Column<Task, TaskRow>,
    free: Vec<Id<Task>>,
}

impl Tasks {
    /// A new task, Processing.
    pub fn begin(&mut self, kind: TaskKind, instance: Id<Instance>) -> Id<Task> {
        let row = TaskRow { kind, instance, status: TaskStatus::Processing };
        let Some(task) = self.free.pop() else { return self.rows.push(row) };
        self.rows[task] = row;
        task
    }

    /// Ends a task; its row may be used again.
    ///
    /// # Panics
    /// If it has ended: every task ends once.
    pub fn end(&mut self, task: Id<Task>, step: TaskStep) -> TaskRow {
        let row = &mut self.rows[task];
        row.status = row
            .status
            .after(step)
            .unwrap_or_else(|| panic!("{} has no arc by {step:?}", row.status));
        self.free.push(task);
        *row
    }

    /// Every task under way, in order of row.
    pub fn under_way(&self) -> impl Iterator<Item = (Id<Task>, &TaskRow)> {
        self.rows.entries().filter(|(_, row)| row.status == TaskStatus::Processing)
    }
}

impl Index<Id<Task>> for Tasks {
    type Output = TaskRow;
    fn index(&self, task: Id<Task>) -> &TaskRow {
        &self.rows[task]
    }
}
