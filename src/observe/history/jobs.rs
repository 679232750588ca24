//! ShowJob of the second cloud (spec/refresh-and-migration.md 4.2).

use super::History;
use crate::{
    fleet::{cold_migrations::JobError, ids::Instance, instances::InstanceName},
    kernel::{column::Id, time::Instant},
    lifecycle::{Attribute, job::JobStatus},
    messages::cold::ColdFact,
};
use serde::Serialize;

/// The type of a job that migrates; the cloud has published none.
const MIGRATE: &str = "migrateServer";

/// One job.
#[derive(Clone, Copy, Debug)]
pub(super) struct JobRecord {
    instance: InstanceName,
    status: JobStatus,
    began: Instant,
    ended: Option<Instant>,
    error: Option<JobError>,
}

/// What ShowJob answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct JobShown {
    /// `INIT`, `RUNNING`, `SUCCESS` or `FAIL`.
    pub status: &'static str,
    /// What it is about.
    pub entities: Entities,
    /// Its id.
    pub job_id: String,
    /// What it does.
    pub job_type: &'static str,
    /// When it began.
    pub begin_time: String,
    /// When it ended; nothing until then.
    pub end_time: Option<String>,
    /// Of one that failed, why.
    pub error_code: Option<&'static str>,
    /// The same in words.
    pub fail_reason: Option<&'static str>,
}

/// What a job is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Entities {
    /// The server.
    pub server_id: String,
}

impl History<'_> {
    pub(super) fn see_job(&mut self, now: Instant, fact: &ColdFact) {
        let ColdFact::Job { job, instance, to, error } = *fact else { return };
        if to == JobStatus::Init {
            let record = self.job_record(now, instance);
            self.jobs.push(record);
        }
        let record = &mut self.jobs[job as usize];
        (record.status, record.error) = (to, error);
        record.ended = (to.attribute() == Attribute::Final).then_some(now);
    }

    fn job_record(&self, now: Instant, instance: Id<Instance>) -> JobRecord {
        let (instance, status) = (self.name(instance), JobStatus::Init);
        JobRecord { instance, status, began: now, ended: None, error: None }
    }

    /// The number of the newest job on the instance of this name.
    pub(super) fn newest_job(&self, name: InstanceName) -> Option<u64> {
        let found = self.jobs.iter().rposition(|record| record.instance == name)?;
        Some(found as u64)
    }

    /// Answers ShowJob; `None` where there is no such job, or its record was deleted.
    pub fn show_job(&self, now: Instant, number: u64) -> Option<JobShown> {
        let record = self.jobs.get(usize::try_from(number).ok()?)?;
        let ttl = self.scenario.settings.cold.job_ttl;
        if record.ended.is_some_and(|ended| ended.saturating_add(ttl) <= now) {
            return None;
        }
        Some(JobShown {
            status: record.status.word(),
            entities: Entities { server_id: self.instance_id(record.instance) },
            job_id: self.ids.job(number),
            job_type: MIGRATE,
            begin_time: self.milliseconds(record.began),
            end_time: record.ended.map(|at| self.milliseconds(at)),
            error_code: record.error.map(JobError::code),
            fail_reason: record.error.map(JobError::reason),
        })
    }

    /// `2026-01-01T00:00:00.000Z`: what is below a millisecond is cut off.
    fn milliseconds(&self, at: Instant) -> String {
        let micros = self.scenario.epoch.saturating_add_unsigned(at.micros());
        let date = self.date(at);
        let seconds = date.strip_suffix('Z').unwrap_or(&date);
        format!("{seconds}.{:03}Z", micros.rem_euclid(1_000_000) / 1_000)
    }
}
