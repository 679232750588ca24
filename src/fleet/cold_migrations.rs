//! Cold migrations under way, and the jobs of the second cloud that owners ask about
//! (spec/refresh-and-migration.md 4.2, 4.4).

use crate::{
    fleet::{
        ids::{DedicatedHost, Server, Task, Transfer},
        instances::InstanceName,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{
        Attribute,
        job::{JobStatus, JobStep},
        migration::{MigrationStatus, MigrationStep},
    },
};
use std::collections::{BTreeMap, VecDeque};

/// Where a cold migration is to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Goal {
    /// To this dedicated host.
    Host(Id<DedicatedHost>),
    /// Off its dedicated host, to the shared servers.
    Pool,
    /// To this server: the operator's choice.
    Server(Id<Server>),
    /// To where placement says: the operator's, too.
    Anywhere,
}

/// Why a job failed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum JobError {
    /// No room on the destination.
    NoRoom,
    /// Room enough in all, but not on its NUMA nodes.
    NoNode,
    /// Room, but the limit of its application keeps it out.
    Affinity,
    /// The destination is out of service.
    HostUnavailable,
    /// The destination does not take its type, or is another owner's.
    TypeNotTaken,
    /// The destination is in another zone.
    OtherZone,
    /// The source failed.
    SourceFailed,
    /// The destination failed on the way.
    TargetFailed,
    /// The change could not be confirmed, and was taken back.
    NotConfirmed,
    /// The server was released meanwhile.
    Released,
}

impl JobError {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::NoRoom,
        Self::NoNode,
        Self::Affinity,
        Self::HostUnavailable,
        Self::TypeNotTaken,
        Self::OtherZone,
        Self::SourceFailed,
        Self::TargetFailed,
        Self::NotConfirmed,
        Self::Released,
    ];

    /// The documented error code: 0319 for room, 0209 for the confirmation, 0221 for all else that
    /// makes a migration fail.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoRoom | Self::NoNode => "Ecs.0319",
            Self::NotConfirmed => "Ecs.0209",
            Self::Affinity
            | Self::HostUnavailable
            | Self::TypeNotTaken
            | Self::OtherZone
            | Self::SourceFailed
            | Self::TargetFailed => "Ecs.0221",
            Self::Released => "Ecs.0114",
        }
    }

    /// `fail_reason`; only that of NUMA is given, the others are ours.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NoRoom => "insufficient resources",
            Self::NoNode => "NUMA single-node capacity",
            Self::Affinity => "server group policy",
            Self::HostUnavailable => "destination host unavailable",
            Self::TypeNotTaken => "flavor not supported by the destination host",
            Self::OtherZone => "destination host in another availability zone",
            Self::SourceFailed => "source host failed",
            Self::TargetFailed => "destination host failed",
            Self::NotConfirmed => "confirm failed, reverted",
            Self::Released => "server deleted",
        }
    }
}

/// What a cold migration is at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Accepted.
    Accepted,
    /// This destination is to claim the room.
    Claims(Id<Server>),
    /// It has, and waits for its turn.
    Queues,
    /// Its guest is shut down: it was Running.
    ShutsDown,
    /// Disks, volumes and ports are detached.
    Detaches,
    /// Local disks are copied.
    Copies,
    /// Disks, volumes and ports are attached.
    Attaches,
    /// It waits for the verdict.
    Waits,
    /// The source is cleaned.
    Confirms,
}

/// One cold migration under way.
#[derive(Clone, Copy, Debug)]
pub struct ColdRow {
    /// Where it is to go.
    pub goal: Goal,
    /// Its native record -- changed only by [`ColdMigrations::step`].
    pub status: MigrationStatus,
    /// What it is at.
    pub phase: Phase,
    /// Whether it runs, and is to run again in the end.
    pub runs: bool,
    /// Destinations tried so far (count).
    pub attempts: u32,
    /// While its local disks are copied: since when, and how much (B).
    pub copies: Option<(Instant, u64)>,
    /// What it sends, while it does.
    pub transfer: Option<Id<Transfer>>,
    /// The server that it leaves because the operator empties it, if that is why it moves.
    pub off: Option<Id<Server>>,
    /// The number of the job that its owner was given, if an owner asked.
    pub job: Option<u64>,
    /// Why it fails, once that is known.
    pub error: Option<JobError>,
}

/// One job.
#[derive(Clone, Copy, Debug)]
pub struct JobRow {
    /// The instance.
    pub instance: InstanceName,
    /// Its status -- changed only by [`ColdMigrations::step_job`].
    pub status: JobStatus,
    /// When it began.
    pub began: Instant,
    /// When it ended.
    pub ended: Option<Instant>,
    /// Why it failed, where it did.
    pub error: Option<JobError>,
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub struct ColdMigrations {
    rows: BTreeMap<Id<Task>, ColdRow>,
    /// The jobs from number `first_job` on; those before are deleted.
    jobs: VecDeque<JobRow>,
    first_job: u64,
}

impl ColdMigrations {
    /// `task` begins to move its instance, which `runs` or does not, to `goal`, for an owner's job
    /// where there is one.
    pub fn begin(&mut self, task: Id<Task>, goal: Goal, runs: bool, job: Option<u64>) {
        let row = ColdRow {
            goal,
            status: MigrationStatus::PreMigrating,
            phase: Phase::Accepted,
            runs,
            attempts: 0,
            copies: None,
            transfer: None,
            off: None,
            job,
            error: None,
        };
        let before = self.rows.insert(task, row);
        assert!(before.is_none(), "a task moves once");
    }

    /// The migration of `task`.
    ///
    /// # Panics
    /// If it is over.
    pub fn row(&self, task: Id<Task>) -> &ColdRow {
        &self.rows[&task]
    }

    /// The same, for what is not its status.
    ///
    /// # Panics
    /// If it is over.
    pub fn row_mut(&mut self, task: Id<Task>) -> &mut ColdRow {
        self.rows.get_mut(&task).expect("a cold migration under way has its row")
    }

    /// Moves the record of `task` by one step; says what it is then.
    ///
    /// # Panics
    /// If the machine has no such arc: a bug of ours.
    pub fn step(&mut self, task: Id<Task>, step: MigrationStep) -> MigrationStatus {
        let row = self.row_mut(task);
        let from = row.status;
        row.status = from.after(step).unwrap_or_else(|| panic!("{from} has no arc by {step:?}"));
        row.status
    }

    /// The migration of `task` is over; says how it stood.
    pub fn end(&mut self, task: Id<Task>) -> Option<ColdRow> {
        self.rows.remove(&task)
    }

    /// Every migration under way, in order of its task's row.
    pub fn under_way(&self) -> impl Iterator<Item = (Id<Task>, &ColdRow)> {
        self.rows.iter().map(|(task, row)| (*task, row))
    }

    /// A new job about `instance`, being initialised; says its number. Records whose life `ttl` is
    /// over are deleted.
    pub fn new_job(&mut self, now: Instant, instance: InstanceName, ttl: Span) -> u64 {
        while self.jobs.front().is_some_and(|row| is_deleted(row, now, ttl)) {
            self.jobs.pop_front();
            self.first_job += 1;
        }
        let (status, ended, error) = (JobStatus::Init, None, None);
        self.jobs.push_back(JobRow { instance, status, began: now, ended, error });
        self.first_job + self.jobs.len() as u64 - 1
    }

    /// Moves a job by one step; says what it is then.
    ///
    /// # Panics
    /// If it has ended.
    pub fn step_job(
        &mut self,
        now: Instant,
        job: u64,
        step: JobStep,
        error: Option<JobError>,
    ) -> JobStatus {
        let row = &mut self.jobs[(job - self.first_job) as usize];
        let from = row.status;
        row.status = from.after(step).unwrap_or_else(|| panic!("{from} has no arc by {step:?}"));
        if row.status.attribute() == Attribute::Final {
            (row.ended, row.error) = (Some(now), error);
        }
        row.status
    }

    /// The job of this number, as long as there is a record of it.
    pub fn job(&self, now: Instant, number: u64, ttl: Span) -> Option<&JobRow> {
        let place = usize::try_from(number.checked_sub(self.first_job)?).ok()?;
        self.jobs.get(place).filter(|row| !is_deleted(row, now, ttl))
    }

    /// The number of the newest job about `instance` of which there is a record.
    pub fn newest_of(&self, now: Instant, instance: InstanceName, ttl: Span) -> Option<u64> {
        let mut newest = self.jobs.iter().enumerate().rev();
        let found =
            newest.find(|(_, row)| row.instance == instance && !is_deleted(row, now, ttl))?;
        Some(self.first_job + found.0 as u64)
    }
}

fn is_deleted(row: &JobRow, now: Instant, ttl: Span) -> bool {
    row.ended.is_some_and(|ended| ended.saturating_add(ttl) <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_deleted_a_while_after_their_end() {
        let at = |seconds| Instant::ZERO + Span::from_seconds(seconds);
        let (ttl, name) = (Span::from_seconds(100), InstanceName::at_start(7));
        let mut table = ColdMigrations::default();
        let first = table.new_job(at(0), name, ttl);
        let second = table.new_job(at(1), name, ttl);
        for job in [first, second] {
            table.step_job(at(1), job, JobStep::Begin, None);
        }
        table.step_job(at(10), first, JobStep::Give, Some(JobError::NoNode));
        assert_eq!(table.job(at(109), first, ttl).unwrap().error, Some(JobError::NoNode));
        assert!(table.job(at(110), first, ttl).is_none());
        assert_eq!(table.newest_of(at(500), name, ttl), Some(second), "it is under way");
        let third = table.new_job(at(500), name, ttl);
        assert_eq!((first, second, third), (0, 1, 2));
        assert!(table.job(at(500), first, ttl).is_none() && table.job(at(500), 9, ttl).is_none());
        assert_eq!(table.jobs.len(), 2);
    }

    #[test]
    fn every_reason_has_a_code_of_the_table() {
        for error in JobError::ALL {
            let codes = ["Ecs.0114", "Ecs.0209", "Ecs.0221", "Ecs.0319"];
            assert!(codes.contains(&error.code()) && !error.reason().is_empty());
        }
    }
}
