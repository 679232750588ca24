//! How far each live migration has come that copies memory while its instance runs.

use crate::{
    fleet::ids::{Server, Task, Transfer},
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
};

/// How far a pre-copy has come: what its rules look at (spec/refresh-and-migration.md 5.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Memory to send (bytes).
    pub memory: u64,
    /// Memory of the round under way; once the instance pauses, of what is left (bytes).
    pub volume: u64,
    /// Rounds sent (count).
    pub rounds: u32,
    /// What they sent together (bytes).
    pub sent: u64,
    /// By how much the guest is slowed down (percent of its speed).
    pub throttle: u8,
    /// Rounds in a row in which the guest wrote more than half of what was sent (count, at most 2).
    pub busy_rounds: u8,
}

/// Why the rounds of a pre-copy ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RoundsEnd {
    /// What is left can be sent within the pause that is aimed at.
    Converged,
    /// There were as many rounds as there may be.
    RoundLimit,
    /// More was sent than may be.
    SentLimit,
    /// A round was no smaller than the one before.
    NoShrink,
    /// The copy took longer than it may.
    TimedOut,
}

impl RoundsEnd {
    /// The name that a trace shows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::RoundLimit => "round-limit",
            Self::SentLimit => "sent-limit",
            Self::NoShrink => "no-shrink",
            Self::TimedOut => "timed-out",
        }
    }
}

/// How a live migration by pre-copy ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PreCopyEnd {
    /// The instance runs on its new server.
    Done,
    /// Its rounds did not converge, and the rules say to give up.
    NotConverging,
    /// It failed for a reason of its own, by `livemig.success_p`.
    CopyFailed,
    /// Its source failed.
    SourceFailed,
    /// Its target failed.
    TargetFailed,
    /// The network lost it.
    NetworkLost,
    /// The instance was to do something else.
    GivenUp,
}

impl PreCopyEnd {
    /// Every end.
    pub const ALL: &'static [Self] = &[
        Self::Done,
        Self::NotConverging,
        Self::CopyFailed,
        Self::SourceFailed,
        Self::TargetFailed,
        Self::NetworkLost,
        Self::GivenUp,
    ];

    /// The name that metrics show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotConverging => "not-converging",
            Self::CopyFailed => "copy-failed",
            Self::SourceFailed => "source-failed",
            Self::TargetFailed => "target-failed",
            Self::NetworkLost => "network-lost",
            Self::GivenUp => "given-up",
        }
    }
}

/// What a pre-copy is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phase {
    /// Nothing: the task is no live migration by pre-copy.
    #[default]
    None,
    /// It waits until it may begin.
    Waiting,
    /// It is set up.
    SettingUp,
    /// A round is under way.
    Round,
    /// The instance pauses, and what is left is sent.
    Rest,
    /// All is sent; the instance is about to go on.
    Resuming,
    /// The instance pauses before it goes on ahead of its memory.
    Switching,
    /// The instance runs on its new server, and its memory follows.
    PostCopy,
}

/// One live migration by pre-copy.
#[derive(Clone, Copy, Debug, Default)]
pub struct PreCopyRow {
    /// What it is doing.
    pub phase: Phase,
    /// The server that it leaves.
    pub source: Option<Id<Server>>,
    /// How far it has come.
    pub progress: Progress,
    /// When it began to be set up.
    pub began: Instant,
    /// When the round under way, the pause or the post-copy began.
    pub since: Instant,
    /// What is on its way.
    pub transfer: Option<Id<Transfer>>,
    /// Everything that it sent (bytes); what is on its way counts once it is sent.
    pub bytes: u64,
    /// Alarms of it that are pending (count).
    pub alarms: u8,
    /// The row of the utilisation data that its instance follows, where there is such data.
    pub series: u32,
}

/// The table: a row for each task, also for those that are something else.
#[derive(Clone, Debug, Default)]
pub struct PreCopies {
    rows: Column<Task, PreCopyRow>,
}

impl PreCopies {
    /// The row of `task`; it is made if there was none yet.
    pub fn row_mut(&mut self, task: Id<Task>) -> &mut PreCopyRow {
        while self.rows.len() <= task.index() {
            self.rows.push(PreCopyRow::default());
        }
        &mut self.rows[task]
    }

    /// The row of `task`, if it is a live migration by pre-copy.
    pub fn get(&self, task: Id<Task>) -> Option<&PreCopyRow> {
        self.rows.get(task).filter(|row| row.phase != Phase::None)
    }

    /// `task` is over: gives its last row.
    pub fn end(&mut self, task: Id<Task>) -> Option<PreCopyRow> {
        let row = self.get(task).copied();
        if row.is_some() {
            self.rows[task] = PreCopyRow::default();
        }
        row
    }
}
