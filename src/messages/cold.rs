//! What becomes true of cold migrations and their jobs.

use crate::{
    fleet::{
        cold_migrations::JobError,
        ids::{Instance, Task},
    },
    kernel::column::Id,
    lifecycle::{job::JobStatus, migration::MigrationStatus},
};

/// Something about a cold migration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColdFact {
    /// Its native record shows another status.
    Moved {
        /// Whose it is.
        task: Id<Task>,
        /// The instance that it moves.
        instance: Id<Instance>,
        /// The status that it has now.
        to: MigrationStatus,
    },
    /// The job that an owner was given has another status, or has just begun.
    Job {
        /// The number of jobs that began before it: its name for ever.
        job: u64,
        /// The instance.
        instance: Id<Instance>,
        /// The status that it has now.
        to: JobStatus,
        /// Why it failed, where it did.
        error: Option<JobError>,
    },
}
