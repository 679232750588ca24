//! The records of cold migrations: the native one, and the job that an owner asks about
//! (spec/refresh-and-migration.md 4.2, 4.4).
//!
//! Path of a job: INIT → RUNNING → SUCCESS, or FAIL with a code and a reason → deleted a while after
//! its end. What the migration itself does is `cold_migration`'s; whoever ends its task closes the
//! records here. Moves: the table of cold migrations, what they send.

use super::{events, moves, transfers, turn::Turn};
use crate::{
    fleet::{
        cold_migrations::{Goal, JobError},
        ids::{Instance, Server, Task},
        tasks::TaskRow,
        works::Pending,
    },
    kernel::{
        column::Id,
        time::{MICROS_PER_SECOND, Span},
    },
    lifecycle::{
        instance::InstanceState,
        job::{JobStatus, JobStep},
        migration::{MigrationStatus, MigrationStep},
        task::TaskStep,
    },
    messages::{cold::ColdFact, fact::Fact, moves::MoveWhat},
};

/// The records of `task`, which is to take its instance to `goal`, are opened; for its owner a job
/// too.
pub fn open(turn: &mut Turn<'_>, task: Id<Task>, goal: Goal, by_owner: bool) {
    let instance = turn.fleet.tasks[task].instance;
    let job = by_owner.then(|| {
        let name = turn.fleet.instances[instance].name;
        turn.fleet.cold.new_job(turn.now, name, turn.scenario.settings.cold.job_ttl)
    });
    let runs = turn.fleet.tasks[task].prior == InstanceState::Running;
    turn.fleet.cold.begin(task, goal, runs, job);
    if !by_owner && let Some(off) = turn.fleet.instances[instance].server {
        turn.fleet.cold.row_mut(task).off = Some(off);
        let work = turn.fleet.works.row_mut(off);
        (work.open, work.migrating) = (work.open + 1, work.migrating + 1);
    }
    if let Some(job) = job {
        told(turn, instance, (job, JobStatus::Init, None));
    }
    let to = MigrationStatus::PreMigrating;
    turn.state(Fact::Cold(ColdFact::Moved { task, instance, to }));
}

/// The native record of `task` moves by one step.
pub fn step(turn: &mut Turn<'_>, task: Id<Task>, step: MigrationStep) {
    let instance = turn.fleet.tasks[task].instance;
    let to = turn.fleet.cold.step(task, step);
    turn.state(Fact::Cold(ColdFact::Moved { task, instance, to }));
}

/// The job of `task`, if an owner asked for one, is taken up.
pub fn taken_up(turn: &mut Turn<'_>, task: Id<Task>) {
    if let Some(job) = turn.fleet.cold.row(task).job {
        let instance = turn.fleet.tasks[task].instance;
        let to = turn.fleet.cold.step_job(turn.now, job, JobStep::Begin, None);
        told(turn, instance, (job, to, None));
    }
}

/// `task` ends: what it still sends is sent no more, and its records are closed.
pub fn close(turn: &mut Turn<'_>, task: Id<Task>, how: TaskStep) {
    let instance = turn.fleet.tasks[task].instance;
    let Some(row) = turn.fleet.cold.end(task) else { return };
    moves::leave(turn, task);
    let sent = row.transfer.map(|transfer| transfers::cancel(turn, transfer));
    if let Some((since, all)) = row.copies {
        let took = turn.now.since(since);
        let bytes = sent.unwrap_or_else(|| copied(turn, took).min(all));
        moves::says(turn, task, MoveWhat::Cut { bytes, took, throttle: 0 });
    }
    if let Some(off) = row.off {
        operator_told(turn, task, off, row.error.is_some());
    }
    let Some(job) = row.job else { return };
    let (step, error) = match how {
        TaskStep::Finish => (JobStep::Finish, None),
        TaskStep::Fail => (JobStep::Give, Some(row.error.unwrap_or(JobError::Released))),
    };
    let to = turn.fleet.cold.step_job(turn.now, job, step, error);
    told(turn, instance, (job, to, error));
}

/// What is copied in `span` where there is no network (B, whole ones).
fn copied(turn: &Turn<'_>, span: Span) -> u64 {
    let rate = u128::from(turn.scenario.settings.cold.copy_rate.get());
    let bytes = u128::from(span.micros()) * rate / u128::from(MICROS_PER_SECOND);
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The operator's own migration off a server is over; it goes on with the others there, and tries
/// one that failed again as often as it tries live ones.
fn operator_told(turn: &mut Turn<'_>, task: Id<Task>, off: Id<Server>, failed: bool) {
    let TaskRow { instance, tries, began, .. } = turn.fleet.tasks[task];
    if let (true, Some(origin)) = (failed, turn.fleet.works[off].origin) {
        let (live, tries) = (&turn.scenario.settings.live, tries + 1);
        let (tried, pause) = (tries >= live.attempts, live.pause_after(tries));
        // What took no time is not asked about at once: what fails for good would never end.
        let least = if began == turn.now { Span::from_seconds(1) } else { Span::ZERO };
        let pause = if tried { least } else { pause.max(least) };
        let at = turn.now.saturating_add(pause);
        if tried {
            events::campaign_failed(turn, origin);
        }
        let name = turn.fleet.instances[instance].name;
        events::later(turn, off, Pending { tried, tries, ..Pending::new(instance, name, at) });
    }
    turn.fleet.works.row_mut(off).migrating -= 1;
    events::piece_done(turn, off);
    events::tend(turn, off);
}

fn told(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    (job, to, error): (u64, JobStatus, Option<JobError>),
) {
    turn.state(Fact::Cold(ColdFact::Job { job, instance, to, error }));
}
