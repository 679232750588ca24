//! The table of tasks: asynchronous jobs that move instances. Rows of ended tasks are recycled;
//! their numbers are not.

use crate::{
    fleet::{
        ids::{Instance, Server, Task},
        instances::Recovering,
        numa::Nodes,
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::Instant,
    },
    lifecycle::{
        instance::InstanceState,
        task::{TaskStatus, TaskStep},
    },
};
use std::ops::Index;

/// What a task does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TaskKind {
    /// Brings an instance of a failed server back on another one.
    Failover,
    /// RedeployInstance, or a Redeploy event executed by the system.
    Redeploy,
    /// Moves a running instance without a stop.
    LiveMigration,
    /// Moves a stopped instance.
    ColdMigration,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Failover, Self::Redeploy, Self::LiveMigration, Self::ColdMigration];

    /// The name that metrics show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failover => "failover",
            Self::Redeploy => "redeploy",
            Self::LiveMigration => "live",
            Self::ColdMigration => "cold",
        }
    }
}

/// Room that a task holds on the server that it takes its instance to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reservation {
    /// The server.
    pub server: Id<Server>,
    /// The NUMA nodes of it on which the room is.
    pub nodes: Nodes,
    /// The crashes and outages that it had seen then (count): another number means that it failed
    /// since.
    pub failures: u32,
}

/// One task.
#[derive(Clone, Copy, Debug)]
pub struct TaskRow {
    /// How many tasks began before it in this run: its name for ever.
    pub number: u64,
    /// What it does.
    pub kind: TaskKind,
    /// The instance that it moves.
    pub instance: Id<Instance>,
    /// How it stands -- changed only by [`Tasks::end`].
    pub status: TaskStatus,
    /// When it began.
    pub began: Instant,
    /// The state that its instance was in before.
    pub prior: InstanceState,
    /// What its instance was waiting for when a redeployment took it over: what it waits for again
    /// if the task fails.
    pub recovery: Recovering,
    /// Whether the system began it, not the owner.
    pub by_system: bool,
    /// Whether the source failed after the target was reserved (L29).
    pub source_lost: bool,
    /// Whether it is about to fail because a server did: its source and its target may at once.
    pub breaks: bool,
    /// How often the same was tried before it and failed (count).
    pub tries: u32,
    /// Room on the target, once there is one.
    pub target: Option<Reservation>,
    /// Raised when it ends: alarms of an older one are void.
    pub stamp: Stamp,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    rows: Column<Task, TaskRow>,
    free: Vec<Id<Task>>,
    begun: u64,
}

impl Tasks {
    /// A new task of a kind, begun by the system or not, Processing; it finds its instance in
    /// `prior`.
    pub fn begin(
        &mut self,
        now: Instant,
        (kind, by_system): (TaskKind, bool),
        instance: Id<Instance>,
        prior: InstanceState,
    ) -> Id<Task> {
        let mut row = TaskRow {
            number: self.begun,
            kind,
            instance,
            status: TaskStatus::Processing,
            began: now,
            prior,
            recovery: Recovering::No,
            by_system,
            source_lost: false,
            breaks: false,
            tries: 0,
            target: None,
            stamp: Stamp::default(),
        };
        self.begun += 1;
        let Some(task) = self.free.pop() else { return self.rows.push(row) };
        row.stamp = self.rows[task].stamp;
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
        row.stamp.raise();
        if !row.stamp.is_worn() {
            self.free.push(task);
        }
        *row
    }

    /// The row of a task, for what is not its status.
    pub fn row_mut(&mut self, task: Id<Task>) -> &mut TaskRow {
        &mut self.rows[task]
    }

    /// Every task under way, in order of row.
    pub fn under_way(&self) -> impl Iterator<Item = (Id<Task>, &TaskRow)> {
        self.rows.entries().filter(|(_, row)| row.status == TaskStatus::Processing)
    }

    /// Tasks begun so far (count).
    pub const fn begun(&self) -> u64 {
        self.begun
    }
}

impl Index<Id<Task>> for Tasks {
    type Output = TaskRow;
    fn index(&self, task: Id<Task>) -> &TaskRow {
        &self.rows[task]
    }
}
