//! A cold migration: to another server while the instance is Stopped, as the second cloud does it
//! (spec/refresh-and-migration.md 4.1 to 4.5).
//!
//! Path: accepted (`coldmig.api`) → a destination is chosen, and claims the room after
//! `coldmig.claim`; where it has none by then, another one is tried, `coldmig.max_attempts` in all →
//! (its turn comes) →
//! detached (`coldmig.detach`) → local disks copied → attached (`coldmig.attach`): it is on the
//! destination, and the source holds room for the way back → `coldmig.auto_confirm` → confirmed
//! (`coldmig.confirm`): the source is free. It stays Stopped; with `coldmig.allow_running` one that runs
//! is shut down when its turn has come, and started again in the end. Before it arrives, a failure of either
//! side leaves it where it was; after, it is taken back, which takes no time. Moves: tasks, room,
//! the records of the migration.
//!
//! **Departs**: where the native steps leave a server in ERROR for its operator to repair, it is
//! back where it was here, since nothing was lost; who ran is started after the confirmation, not
//! before it; swap space is not modelled.

use super::{
    cold_jobs, disks, hosting, loss, moves, owner, power, release, room,
    settle::{self, By},
    transfers,
    turn::Turn,
};
use crate::{
    fleet::{
        capacity::Request,
        care::StoppedMode,
        chance::Chance,
        cold_migrations::{Goal, JobError, Phase},
        ids::{DedicatedHost, Instance, Server, Task, Transfer},
        instances::Recovering,
        tasks::TaskKind,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{
        dedicated_host::HostState, instance::InstanceState, migration::MigrationStep,
        task::TaskStep,
    },
    messages::{fact::Reason, moves::MoveWhat, occurrence::Occurrence},
    scenario::LocalDiskPolicy,
};

/// What a phase that is over leads to.
enum Next {
    /// The next one, which takes so long.
    After(Phase, Span),
    /// The next one, which somebody else ends: its turn comes, or all is sent.
    Waits,
    /// Nothing: the migration is over.
    Over,
}

/// The operator begins to migrate `instance`, which is Stopped, to the server `to`, or to where
/// placement says; says whether it could: whether nothing else is under way on it and there is room.
/// It may fail later all the same.
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>, to: Option<Id<Server>>) -> bool {
    let row = &turn.fleet.instances[instance];
    let is_free = row.task.is_none() && row.recovery == Recovering::No && !row.alarm_pending;
    let goal = to.map_or(Goal::Anywhere, Goal::Server);
    let may = row.state == InstanceState::Stopped && row.server.is_some() && is_free;
    if !may || is_barred(turn, instance) || destination(turn, instance, goal).is_err() {
        return false;
    }
    starts(turn, instance, goal, false);
    true
}

/// The owner of `instance` has asked for it to be migrated to `goal`.
pub fn requested(turn: &mut Turn<'_>, instance: Id<Instance>, goal: Goal) {
    starts(turn, instance, goal, true);
}

/// Whether the hardware of `instance` keeps it where it is: GPUs, local disks that may not move.
pub fn is_barred(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let demand = turn.layout().demand(turn.fleet.instances[instance].template);
    let forbids = turn.scenario.settings.cold.local_disks == LocalDiskPolicy::Forbid;
    demand.gpus > 0 || (demand.is_local() && forbids)
}

fn starts(turn: &mut Turn<'_>, instance: Id<Instance>, goal: Goal, by_owner: bool) {
    if turn.fleet.instances[instance].state == InstanceState::Stopped {
        turn.void_alarm(instance); // Its owner may have been about to start it.
    }
    let task = turn.begin_task(TaskKind::ColdMigration, instance, !by_owner);
    turn.fleet.care.row_mut(instance).migrations += 1;
    cold_jobs::open(turn, task, goal, by_owner);
    let api = turn.scenario.settings.cold.api;
    goes_on(turn, task, Next::After(Phase::Accepted, api));
}

/// A phase of the migration of `task` is over; or it waited, and its turn has come.
pub fn phase_ends(turn: &mut Turn<'_>, task: Id<Task>) {
    let next = ended(turn, task);
    goes_on(turn, task, next);
}

/// All that `task` has to send is sent.
pub fn sent(turn: &mut Turn<'_>, task: Id<Task>, transfer: Id<Transfer>) {
    transfers::end(turn, transfer);
    turn.fleet.cold.row_mut(task).transfer = None;
    phase_ends(turn, task);
}

/// The instance of `task` has lost its server.
pub fn broken(turn: &mut Turn<'_>, task: Id<Task>) {
    if turn.fleet.cold.row(task).status.has_arrived() {
        reverts(turn, task);
    } else {
        fails(turn, task, JobError::SourceFailed);
    }
}

/// Phases that take no time follow each other at once; there are seven, and few attempts.
fn goes_on(turn: &mut Turn<'_>, task: Id<Task>, first: Next) {
    let mut next = first;
    while let Next::After(phase, span) = next {
        turn.fleet.cold.row_mut(task).phase = phase;
        if !span.is_zero() {
            let stamp = turn.fleet.tasks[task].stamp;
            turn.after(span, Occurrence::ColdPhaseEnds { task, stamp });
            return;
        }
        next = ended(turn, task);
    }
}

/// What the phase that `task` was at, which is over, leads to.
fn ended(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    let cold = &turn.scenario.settings.cold;
    match turn.fleet.cold.row(task).phase {
        Phase::Accepted => {
            cold_jobs::taken_up(turn, task);
            looks_for_destination(turn, task)
        }
        Phase::Claims(server) => claims(turn, task, server),
        Phase::Queues => its_turn_comes(turn, task),
        Phase::ShutsDown => Next::After(Phase::Detaches, cold.detach),
        Phase::Detaches => detached(turn, task),
        Phase::Copies => leaves(turn, task),
        Phase::Attaches => {
            if room::target_failed(turn, task) {
                return fails(turn, task, JobError::TargetFailed);
            }
            cold_jobs::step(turn, task, MigrationStep::Arrive);
            room::change_sides(turn, task, Reason::ColdMigration);
            Next::After(Phase::Waits, cold.auto_confirm)
        }
        Phase::Waits => {
            cold_jobs::step(turn, task, MigrationStep::Confirm);
            Next::After(Phase::Confirms, cold.confirm)
        }
        Phase::Confirms if confirm_fails(turn, task) => reverts(turn, task),
        Phase::Confirms => confirmed(turn, task),
    }
}

/// The scheduler chooses a destination, which has not claimed anything yet.
fn looks_for_destination(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    let instance = turn.fleet.tasks[task].instance;
    if !turn.fleet.has_working_server(turn.layout(), instance) {
        return fails(turn, task, JobError::SourceFailed);
    }
    match destination(turn, instance, turn.fleet.cold.row(task).goal) {
        Ok(server) => {
            turn.fleet.cold.row_mut(task).attempts += 1;
            Next::After(Phase::Claims(server), turn.scenario.settings.cold.claim)
        }
        Err(error) => fails(turn, task, error),
    }
}

/// The destination claims the room that it was chosen for: others may have been faster.
fn claims(turn: &mut Turn<'_>, task: Id<Task>, server: Id<Server>) -> Next {
    let instance = turn.fleet.tasks[task].instance;
    let found = match turn.fleet.cold.row(task).goal {
        // It may be on another server by now.
        Goal::Host(host) => on_host(turn, instance, host, &room::request_of(turn, instance)),
        Goal::Pool | Goal::Server(_) | Goal::Anywhere => still_takes(turn, instance, server),
    };
    let attempts = turn.fleet.cold.row(task).attempts;
    match found {
        Ok(server) => claimed(turn, task, server),
        Err(_) if attempts < turn.scenario.settings.cold.max_attempts => {
            looks_for_destination(turn, task)
        }
        Err(error) => fails(turn, task, error),
    }
}

/// `server`, which was chosen for `instance`, if it can take it now.
fn still_takes(
    turn: &Turn<'_>,
    instance: Id<Instance>,
    server: Id<Server>,
) -> Result<Id<Server>, JobError> {
    let request = room::request_of(turn, instance);
    if !turn.fleet.is_able(turn.layout(), server) {
        Err(JobError::HostUnavailable)
    } else if turn.fleet.capacity.has_room(turn.layout(), server, &request) {
        Ok(server)
    } else {
        Err(lack_on(turn, server, &request))
    }
}

/// The room on `server` is claimed for `task`, which waits for its turn.
fn claimed(turn: &mut Turn<'_>, task: Id<Task>, server: Id<Server>) -> Next {
    let instance = turn.fleet.tasks[task].instance;
    room::reserve(turn, task, server);
    let source = turn.fleet.instances[instance].server.expect("who is migrated has a server");
    if moves::ask(turn, task, source, server) {
        return its_turn_comes(turn, task);
    }
    turn.fleet.cold.row_mut(task).phase = Phase::Queues;
    Next::Waits
}

/// It may begin to leave the source.
fn its_turn_comes(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    if room::target_failed(turn, task) {
        return fails(turn, task, JobError::TargetFailed);
    }
    let instance = turn.fleet.tasks[task].instance;
    match turn.fleet.instances[instance].state {
        InstanceState::Stopped => {
            cold_jobs::step(turn, task, MigrationStep::Move);
            Next::After(Phase::Detaches, turn.scenario.settings.cold.detach)
        }
        InstanceState::Running if turn.fleet.instances[instance].served => {
            cold_jobs::step(turn, task, MigrationStep::Move);
            let mode = StoppedMode::KeepCharging;
            let how = power::Stop { mode, force: false, for_its_own_sake: false };
            turn.fleet.cold.row_mut(task).phase = Phase::ShutsDown;
            power::stop(turn, instance, how);
            Next::Waits
        }
        // Its guest or its server has failed meanwhile.
        InstanceState::Running
        | InstanceState::Pending
        | InstanceState::Starting
        | InstanceState::Stopping
        | InstanceState::Released => fails(turn, task, JobError::SourceFailed),
    }
}

/// `instance` has stopped: if it was shut down to be migrated, that goes on.
pub fn stopped(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = &turn.fleet.instances[instance];
    let Some(task) = row.task.filter(|_| row.state == InstanceState::Stopped) else { return };
    let is_cold = turn.fleet.tasks[task].kind == TaskKind::ColdMigration;
    if is_cold && turn.fleet.cold.row(task).phase == Phase::ShutsDown {
        turn.void_alarm(instance); // Whoever starts it again: it is the migration.
        phase_ends(turn, task);
    }
}

/// Everything is detached: local disks are copied, if they are to be.
fn detached(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    if room::target_failed(turn, task) {
        return fails(turn, task, JobError::TargetFailed);
    }
    let bytes = copied(turn, turn.fleet.tasks[task].instance);
    if bytes == 0 {
        return leaves(turn, task);
    }
    turn.fleet.cold.row_mut(task).copies = Some((turn.now, bytes));
    if !transfers::is_there(turn) {
        let rate = turn.scenario.settings.cold.copy_rate;
        let micros = u128::from(bytes) * 1_000_000;
        let micros = micros.div_ceil(u128::from(rate.get()));
        let span = Span::from_micros(u64::try_from(micros).unwrap_or(u64::MAX));
        return Next::After(Phase::Copies, span);
    }
    let instance = turn.fleet.tasks[task].instance;
    let source = turn.fleet.instances[instance].server.expect("who is migrated has a server");
    let target = turn.fleet.tasks[task].target.expect("the destination has claimed its room");
    let transfer = transfers::begin(turn, task, (source, target.server), bytes, None);
    let row = turn.fleet.cold.row_mut(task);
    (row.phase, row.transfer) = (Phase::Copies, Some(transfer));
    Next::Waits
}

/// The source is done.
fn leaves(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    if let Some((since, bytes)) = turn.fleet.cold.row_mut(task).copies.take() {
        moves::says(turn, task, MoveWhat::DisksSent { bytes, took: turn.now.since(since) });
    }
    if room::target_failed(turn, task) {
        return fails(turn, task, JobError::TargetFailed);
    }
    cold_jobs::step(turn, task, MigrationStep::Leave);
    Next::After(Phase::Attaches, turn.scenario.settings.cold.attach)
}

/// The source is clean: the instance is on its destination alone.
fn confirmed(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    let (instance, ran) = (turn.fleet.tasks[task].instance, turn.fleet.cold.row(task).runs);
    let source = turn.fleet.tasks[task].target.map(|source| source.server);
    cold_jobs::step(turn, task, MigrationStep::Settle);
    if turn.scenario.settings.cold.local_disks == LocalDiskPolicy::Wipe {
        room::lose_local_data(turn, instance);
    }
    room::unreserve(turn, task);
    loss::settle_task(turn, instance, TaskStep::Finish);
    settle::left_server(turn, instance, By::System);
    disks::left_behind(turn, instance, source);
    is_left(turn, instance, ran);
    Next::Over
}

/// The migration of `task` has failed before it arrived: nothing has moved.
fn fails(turn: &mut Turn<'_>, task: Id<Task>, error: JobError) -> Next {
    let (instance, ran) = (turn.fleet.tasks[task].instance, turn.fleet.cold.row(task).runs);
    turn.fleet.cold.row_mut(task).error = Some(error);
    cold_jobs::step(turn, task, MigrationStep::Break);
    room::unreserve(turn, task);
    loss::settle_task(turn, instance, TaskStep::Fail);
    is_left(turn, instance, ran);
    Next::Over
}

/// The instance of `task` has arrived, and is taken back to the source, which held room for it.
fn reverts(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    let (instance, ran) = (turn.fleet.tasks[task].instance, turn.fleet.cold.row(task).runs);
    turn.fleet.cold.row_mut(task).error = Some(JobError::NotConfirmed);
    cold_jobs::step(turn, task, MigrationStep::Revert);
    room::commit(turn, task, Reason::ColdRevert);
    cold_jobs::step(turn, task, MigrationStep::Settle);
    loss::settle_task(turn, instance, TaskStep::Fail);
    is_left(turn, instance, ran);
    Next::Over
}

/// Nothing moves `instance` any more: it is released if its life is over; what was held until now is
/// done; it is started again if it ran; if its owner waits for it and nothing else will bring it back,
/// it is its owner's to start.
fn is_left(turn: &mut Turn<'_>, instance: Id<Instance>, ran: bool) {
    if release::if_due(turn, instance) {
        return;
    }
    turn.resume_held(instance);
    let row = &turn.fleet.instances[instance];
    let is_off = row.state == InstanceState::Stopped && !row.alarm_pending;
    if !is_off || row.recovery != Recovering::No {
        return;
    }
    if ran && row.owing && turn.fleet.has_working_server(turn.layout(), instance) {
        power::start(turn, instance, None, false);
    } else if row.owing {
        owner::learns_of_stop(turn, instance);
    }
}

/// What is copied of `instance` from server to server (B): its local disks.
fn copied(turn: &Turn<'_>, instance: Id<Instance>) -> u64 {
    let row = &turn.fleet.instances[instance];
    if turn.scenario.settings.cold.local_disks != LocalDiskPolicy::Copy || !row.has_local_data {
        return 0;
    }
    let (layout, demand) = (turn.layout(), turn.layout().demand(row.template));
    let disk =
        row.server.map_or(0, |server| layout.models[layout.servers[server].model].local_disk_bytes);
    u64::from(demand.local_disks) * disk + demand.local_storage
}

/// Whether the confirmation of `task` fails (`coldmig.confirm_fail_p`).
fn confirm_fails(turn: &Turn<'_>, task: Id<Task>) -> bool {
    let probability = turn.scenario.settings.cold.confirm_fail_p;
    let instance = turn.fleet.tasks[task].instance;
    let number = turn.fleet.care[instance].migrations - 1;
    let name = turn.fleet.instances[instance].name;
    probability > 0.0
        && turn.chance(Chance::ColdConfirm, name.entity(), number).happens(probability)
}

/// The server to which `instance` may go for `goal`, as far as is known now.
fn destination(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    goal: Goal,
) -> Result<Id<Server>, JobError> {
    let request = room::request_of(turn, instance);
    let source = turn.fleet.instances[instance].server.expect("who is migrated has a server");
    match goal {
        Goal::Host(host) => on_host(turn, instance, host, &request),
        Goal::Pool => {
            let (layout, capacity) = (turn.layout(), &turn.fleet.capacity);
            let request = request.off(source).within(Some(layout.servers[source].zone));
            let found = turn.scenario.policies.placement.choose(layout, capacity, &request);
            found.ok_or_else(|| lack_in_zone(turn, source, &request))
        }
        Goal::Server(server) if server == source => Err(JobError::HostUnavailable),
        Goal::Server(server) => still_takes(turn, instance, server),
        Goal::Anywhere => {
            let found = room::elsewhere(turn, instance);
            found.ok_or_else(|| lack_in_zone(turn, source, &request))
        }
    }
}

/// The server of `host`, if that is in the zone of `instance`, in service, takes its type and has
/// room.
fn on_host(
    turn: &Turn<'_>,
    instance: Id<Instance>,
    host: Id<DedicatedHost>,
    request: &Request,
) -> Result<Id<Server>, JobError> {
    let (row, of) = (&turn.fleet.dedicated[host], &turn.fleet.instances[instance]);
    let layout = turn.layout();
    let is_able = turn.fleet.is_able(layout, row.server);
    let here = of.server.map(|server| layout.servers[server].zone);
    if row.status != HostState::Available || !is_able {
        Err(JobError::HostUnavailable)
    } else if here != Some(layout.dedicated_hosts[host].zone) {
        Err(JobError::OtherZone)
    } else if layout.templates[of.template].spot.is_some()
        || !hosting::is_open_to(turn, host, of.template)
    {
        Err(JobError::TypeNotTaken) // Hosts take no preemptible ones either (spec/events.md 8).
    } else if !hosting::fits(turn, host, request) {
        Err(lack_on(turn, row.server, request))
    } else {
        Ok(row.server)
    }
}

/// What `server` lacks for `request`.
fn lack_on(turn: &Turn<'_>, server: Id<Server>, request: &Request) -> JobError {
    let layout = turn.layout();
    let (capacity, shape) = (&turn.fleet.capacity, &layout.shapes[request.shape]);
    if shape.model.is_some_and(|model| model != layout.servers[server].model) {
        JobError::TypeNotTaken
    } else if !capacity.free(server).covers(&shape.demand) {
        JobError::NoRoom
    } else if !capacity.fits(layout, server, request.shape) {
        JobError::NoNode
    } else {
        JobError::Affinity
    }
}

/// What all servers that may be chosen in the zone of `source` lack for `request`: the least of it.
/// Asked only when there was no room, so that a look at every one of them does no harm.
fn lack_in_zone(turn: &Turn<'_>, source: Id<Server>, request: &Request) -> JobError {
    let layout = turn.layout();
    let zone = layout.servers[source].zone;
    let racks = layout.zones[zone].racks;
    let servers = racks.iter().flat_map(|rack| layout.racks[rack].servers.iter());
    let shape = &layout.shapes[request.shape];
    let takes = |server: &Id<Server>| {
        shape.zone.is_none_or(|zone| layout.servers[*server].zone == zone)
            && shape.model.is_none_or(|model| layout.servers[*server].model == model)
    };
    let others = servers.filter(|server| *server != source).filter(takes);
    let open = others.filter(|server| turn.fleet.capacity.is_open(*server));
    let lacks = open.map(|server| lack_on(turn, server, request));
    lacks.max().unwrap_or(JobError::NoRoom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{
            care::LockReason,
            cold_migrations::JobRow,
            layout::{ShapeSpec, TemplateSpec},
        },
        lifecycle::{
            dedicated_host::HostStep,
            job::JobStatus,
            migration::MigrationStatus::{
                self, Confirmed, Confirming, Error, Finished, Migrating, PostMigrating,
                PreMigrating, Reverted, Reverting,
            },
            server::ServerStep,
        },
        messages::{
            cold::ColdFact,
            command::{Actor, Command},
            fact::Fact,
            operation::Cloud,
            refusal::Refusal,
        },
        processes::{perform, stage::Stage},
        scenario::Scenario,
    };

    const I: Id<Instance> = Id::new(0);
    const ONE: Goal = Goal::Host(Id::new(0));
    const TWO: Goal = Goal::Host(Id::new(1));

    /// Servers 0 and 1 are shared, 2 and 3 carry the hosts one and two, with room for two each.
    const HOSTS: &str = "[[servers]]\nmodel = \"m\"\ncount = 2\nzones = [\"z\"]\ndedicated = true\n\
        [[dedicated_hosts]]\nname = \"one\"\nmodel = \"m\"\nzone = \"z\"\n\
        [[dedicated_hosts]]\nname = \"two\"\nmodel = \"m\"\nzone = \"z\"\n";

    /// Instance 0 as `first` says, Stopped from 10 s on; then `more`.
    fn stage(first: &str, more: &str, change: impl FnOnce(&mut Scenario)) -> Stage {
        let text = format!("{HOSTS}[[workload.instances]]\n{first}count = 1\n{more}");
        let mut stage = Stage::new(&text, |scenario| {
            scenario.settings.cloud = Cloud::Second;
            change(scenario);
        });
        stops(&mut stage, I);
        stage.until(20);
        assert_eq!(stage.fleet.instances[I].state, InstanceState::Stopped);
        stage
    }

    /// It is on the first host.
    fn on_host(change: impl FnOnce(&mut Scenario)) -> Stage {
        stage("type = \"cloud\"\ndedicated_host = \"one\"\n", "", change)
    }

    /// It is on the first shared server.
    fn on_pool(more: &str, change: impl FnOnce(&mut Scenario)) -> Stage {
        stage("type = \"cloud\"\n", more, change)
    }

    /// Its owner wants it to stay off.
    fn stops(stage: &mut Stage, instance: Id<Instance>) {
        let (mode, force, confirm, dry_run) = (None, false, true, false);
        let stop = Command::StopInstance { instance, mode, force, confirm, dry_run };
        let actor = Actor::Script(Id::new(0));
        stage.does(|turn| perform::perform(turn, actor, stop)).unwrap();
    }

    fn migrates(stage: &mut Stage, goal: Goal) -> Result<(), Refusal> {
        stage.gives(Command::MigrateServer { instance: I, goal })
    }

    /// The statuses of the native record, and when.
    fn course(stage: &Stage) -> Vec<(u64, MigrationStatus)> {
        let moved = |(at, fact): &(_, Fact)| match *fact {
            Fact::Cold(ColdFact::Moved { to, .. }) => Some((seconds(*at), to)),
            _ => None,
        };
        stage.told.iter().filter_map(moved).collect()
    }

    fn seconds(at: crate::kernel::time::Instant) -> u64 {
        at.micros() / 1_000_000
    }

    /// The newest job.
    fn job(stage: &Stage) -> JobRow {
        let newest = stage.told.iter().rev().find_map(|(_, fact)| match *fact {
            Fact::Cold(ColdFact::Job { job, .. }) => Some(job),
            _ => None,
        });
        let now = crate::kernel::time::Instant::ZERO;
        *stage.fleet.cold.job(now, newest.expect("there was one"), Span::NEVER).unwrap()
    }

    fn server(stage: &Stage) -> Option<usize> {
        stage.fleet.instances[I].server.map(Id::index)
    }

    fn held(stage: &Stage) -> [u32; 4] {
        [0, 1, 2, 3].map(|server| stage.fleet.capacity.held(Id::new(server)))
    }

    /// What the job asked for now ends with, and that it leaves the instance where it was.
    fn fails_with(stage: &mut Stage, goal: Goal) -> JobError {
        let (here, states) = (server(stage), stage.states(I).len());
        migrates(stage, goal).unwrap();
        stage.until(1_000);
        assert_eq!(job(stage).status, JobStatus::Fail);
        assert_eq!(server(stage), here, "it is where it was");
        assert_eq!(stage.states(I).len(), states, "and Stopped as before");
        assert_eq!(stage.fleet.instances[I].task, None);
        job(stage).error.expect("a job that failed says why")
    }

    #[test]
    fn off_its_host_it_goes_step_by_step_and_stays_stopped() {
        let mut stage = on_host(|_| {});
        let states = stage.states(I).len();
        assert_eq!(migrates(&mut stage, Goal::Pool), Ok(()));
        assert_eq!(job(&stage).status, JobStatus::Init, "accepted is not done");
        stage.until(25);
        assert_eq!(job(&stage).status, JobStatus::Running);
        assert_eq!(held(&stage), [0, 0, 1, 0], "a destination is chosen, not claimed");
        stage.until(50);
        assert_eq!((server(&stage), held(&stage)), (Some(0), [1, 0, 1, 0]), "both until confirm");
        stage.until(100);
        // 1 s for the API, 5 to claim, 10 to detach, 10 to attach, 5 to confirm.
        let expected = [
            (20, PreMigrating),
            (26, Migrating),
            (36, PostMigrating),
            (46, Finished),
            (46, Confirming),
            (51, Confirmed),
        ];
        assert_eq!(course(&stage), expected);
        assert_eq!((server(&stage), held(&stage)), (Some(0), [1, 0, 0, 0]));
        assert_eq!(job(&stage).status, JobStatus::Success);
        assert_eq!((seconds(job(&stage).began), job(&stage).ended.map(seconds)), (20, Some(51)));
        assert_eq!(stage.states(I).len(), states, "it is Stopped all the while");
        assert_eq!(stage.does(|turn| hosting::of(turn, I)), None, "it lives on shared servers now");
        let start = Command::StartInstance { instance: I, init_local_disk: false, dry_run: false };
        assert_eq!(stage.gives(start), Ok(()));
    }

    #[test]
    fn the_matrix_of_hosts_and_pool() {
        let mut pool = on_pool("", |_| {});
        assert_eq!(migrates(&mut pool, Goal::Pool), Err(Refusal::BadMigration), "row 42");
        assert_eq!(migrates(&mut pool, ONE), Ok(()));
        pool.until(100);
        assert_eq!((server(&pool), held(&pool)), (Some(2), [0, 0, 1, 0]));
        assert_eq!(migrates(&mut pool, ONE), Err(Refusal::SameHost));
        assert_eq!(migrates(&mut pool, TWO), Ok(()));
        pool.until(200);
        assert_eq!((server(&pool), held(&pool)), (Some(3), [0, 0, 0, 1]));
        assert_eq!(pool.does(|turn| hosting::host_of(turn, I)), Some(Id::new(1)));
    }

    #[test]
    fn it_is_refused_in_the_documented_order() {
        let gpus = |scenario: &mut Scenario| {
            let first = scenario.layout.templates.ids().iter().next().unwrap();
            let (shape, of) = {
                let template = &scenario.layout.templates[first];
                (template.shape, template.instance_type)
            };
            scenario.layout.types[of].pay_as_you_go = false;
            scenario.settings.cold.require_pay_per_use = true;
            scenario.layout.shapes[shape].demand.local_storage = 1;
            for model in scenario.layout.models.ids().iter() {
                scenario.layout.models[model].capacity.local_storage = 10;
            }
        };
        let mut stage = on_pool("", gpus);
        let start = Command::StartInstance { instance: I, init_local_disk: false, dry_run: false };
        stage.gives(start).unwrap();
        stage.locks(I, LockReason::Financial, true);
        assert_eq!(migrates(&mut stage, Goal::Pool), Err(Refusal::ServerLocked));
        stage.locks(I, LockReason::Financial, false);
        assert_eq!(migrates(&mut stage, Goal::Pool), Err(Refusal::ServerNotStopped));
        stage.until(100);
        stops(&mut stage, I);
        assert_eq!(migrates(&mut stage, Goal::Pool), Err(Refusal::ServerNotStopped), "not yet");
        stage.until(200);
        assert_eq!(migrates(&mut stage, Goal::Pool), Err(Refusal::NotPayPerUse));
        stage.scenario.settings.cold.require_pay_per_use = false;
        assert_eq!(migrates(&mut stage, Goal::Pool), Err(Refusal::HardwareBound));
        stage.scenario.settings.cold.local_disks = LocalDiskPolicy::Wipe;
        assert_eq!(migrates(&mut stage, Goal::Pool), Err(Refusal::BadMigration));
        assert_eq!(migrates(&mut stage, ONE), Ok(()));
        assert_eq!(migrates(&mut stage, TWO), Err(Refusal::ServerBusy));
        assert_eq!(stage.gives(start), Err(Refusal::IncorrectInstanceStatus));
        let delete = Command::DeleteInstance { instance: I, force: true };
        assert_eq!(stage.gives(delete), Err(Refusal::IncorrectInstanceStatus));
        let redeploy = Command::RedeployInstance { instance: I, force: true };
        assert_eq!(stage.gives(redeploy), Err(Refusal::OtherCloud));
        stage.until(300);
        assert_eq!(migrates(&mut stage, ONE), Err(Refusal::SameHost), "before the hardware");
    }

    #[test]
    fn gpus_keep_a_server_where_it_is_whatever_is_done_about_disks() {
        let mut stage = on_host(|scenario| {
            scenario.settings.cold.local_disks = LocalDiskPolicy::Copy;
            let shapes = scenario.layout.shapes.ids();
            shapes.iter().for_each(|shape| scenario.layout.shapes[shape].demand.gpus = 1);
            let models = scenario.layout.models.ids();
            models.iter().for_each(|model| scenario.layout.models[model].capacity.gpus = 9);
        });
        assert_eq!(migrates(&mut stage, Goal::Pool), Err(Refusal::HardwareBound));
        assert!(!stage.does(|turn| begin(turn, I, None)));
    }

    #[test]
    fn what_the_destination_lacks_is_found_by_the_job() {
        let full =
            "[[workload.instances]]\ntype = \"cloud\"\ncount = 2\ndedicated_host = \"one\"\n";
        let error = fails_with(&mut on_pool(full, |_| {}), ONE);
        assert_eq!((error, error.code()), (JobError::NoRoom, "Ecs.0319"));

        let down = |stage: &mut Stage| {
            stage.fleet.dedicated.step(Id::new(0), HostStep::GoDown);
        };
        let mut stage = on_pool("", |_| {});
        down(&mut stage);
        let error = fails_with(&mut stage, ONE);
        assert_eq!((error, error.code()), (JobError::HostUnavailable, "Ecs.0221"));

        let others = |scenario: &mut Scenario| {
            scenario.layout.dedicated_hosts[Id::new(0)].types = Some(Default::default());
        };
        assert_eq!(fails_with(&mut on_pool("", others), ONE), JobError::TypeNotTaken);

        // The host has room and takes its type, but is of another model than that asks for.
        let model_of_its_own = |scenario: &mut Scenario| {
            let layout = &mut scenario.layout;
            let other = layout.models.push(layout.models[Id::new(0)].clone());
            let template = layout.templates.ids().iter().next().unwrap();
            let shape = ShapeSpec {
                model: Some(other),
                ..layout.shapes[layout.templates[template].shape].clone()
            };
            layout.servers[Id::new(0)].model = other;
            layout.templates[template].shape = layout.shapes.push(shape);
        };
        let error = fails_with(&mut on_pool("", model_of_its_own), ONE);
        assert_eq!((error, error.code()), (JobError::TypeNotTaken, "Ecs.0221"));

        let limit = "[applications.a]\nper_server_limit = 1\n\
                     [[workload.instances]]\ntype = \"cloud\"\ncount = 1\n\
                     dedicated_host = \"one\"\napp = \"a\"\n";
        let first = "type = \"cloud\"\napp = \"a\"\n";
        let error = fails_with(&mut stage_of(first, limit), ONE);
        assert_eq!((error, error.code()), (JobError::Affinity, "Ecs.0221"));

        // The shared servers have room, but are of another model.
        let mut stage = on_host(|_| {});
        let layout = &mut stage.scenario.layout;
        let model = layout.models.ids().iter().next().unwrap();
        let other = layout.models.push(layout.models[model].clone());
        let shapes = layout.shapes.ids();
        shapes.iter().for_each(|shape| layout.shapes[shape].model = Some(other));
        assert_eq!(fails_with(&mut stage, Goal::Pool), JobError::NoRoom);

        let mut stage = on_pool("", |_| {});
        stage.rack_of(Id::new(0), false);
        assert_eq!(fails_with(&mut stage, ONE), JobError::SourceFailed, "nobody is up there");
        assert_eq!(course(&stage).last().unwrap().1, Error);
    }

    fn stage_of(first: &str, more: &str) -> Stage {
        stage(first, more, |_| {})
    }

    #[test]
    fn a_host_in_another_zone_is_none() {
        let more = "[[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"y\"]\ndedicated = true\n\
                    [[dedicated_hosts]]\nname = \"far\"\nmodel = \"m\"\nzone = \"y\"\n";
        let error = fails_with(&mut on_pool(more, |_| {}), Goal::Host(Id::new(2)));
        assert_eq!(error, JobError::OtherZone);
    }

    #[test]
    fn one_node_must_have_all_of_the_room() {
        // Two nodes with 4 vCPUs each, of which 2 are taken: 4 are free in all, and none has them.
        let numa = |kind: &str, nodes: &str, vcpus: u32| {
            format!(
                "[instance_types.{kind}]\nvcpus = {vcpus}\nmemory = \"8GiB\"\nnuma_nodes = {nodes}\n"
            )
        };
        let types = numa("one_node", "1", 4) + &numa("two_nodes", "2", 4) + &numa("wide", "2", 4);
        let wide = "[[workload.instances]]\ntype = \"wide\"\ncount = 1\ndedicated_host = \"one\"\n";
        let text = format!(
            "[server_models.n]\nvcpus = 8\nmemory = \"32GiB\"\nnuma_nodes = 2\ncrash = \"never\"\n{types}{wide}"
        );
        let staged = |first: &str| {
            let text = format!(
                "[[servers]]\nmodel = \"n\"\ncount = 1\nzones = [\"z\"]\n\
                 [[servers]]\nmodel = \"n\"\ncount = 1\nzones = [\"z\"]\ndedicated = true\n\
                 [[dedicated_hosts]]\nname = \"one\"\nmodel = \"n\"\nzone = \"z\"\n\
                 [[workload.instances]]\ntype = \"{first}\"\ncount = 1\n{text}"
            );
            let mut stage = Stage::new(&text, |scenario| {
                scenario.settings.cloud = Cloud::Second;
                // The rule of one socket is the first cloud's.
                let layout = &mut scenario.layout;
                for template in layout.templates.ids().iter() {
                    let TemplateSpec { shape, instance_type, .. } = layout.templates[template];
                    let nodes = layout.types[instance_type].nodes.clone();
                    let own = ShapeSpec { nodes, ..layout.shapes[shape].clone() };
                    layout.templates[template].shape = layout.shapes.push(own);
                }
            });
            stops(&mut stage, I);
            stage.until(20);
            stage
        };
        let mut stage = staged("one_node");
        let error = fails_with(&mut stage, ONE);
        assert_eq!((error.code(), error.reason()), ("Ecs.0319", "NUMA single-node capacity"));
        let mut stage = staged("two_nodes");
        migrates(&mut stage, ONE).unwrap();
        stage.until(100);
        assert_eq!(job(&stage).status, JobStatus::Success);
    }

    #[test]
    fn another_destination_is_tried_where_one_was_taken_meanwhile() {
        // Both shared servers have room when the first is chosen; then it is filled.
        for (attempts, expected) in [(3, Some(1)), (1, None)] {
            let mut stage = on_host(|scenario| scenario.settings.cold.max_attempts = attempts);
            migrates(&mut stage, Goal::Pool).unwrap();
            stage.until(22);
            let template = stage.fleet.instances[I].template;
            let mut born = stage.scenario.layout.templates[template].clone();
            born.hosted = None;
            let born = stage.scenario.layout.templates.push(born);
            stage.does(|turn| {
                let run = Command::RunInstances { template: born, amount: 2 };
                perform::perform(turn, Actor::Script(Id::new(0)), run).unwrap();
            });
            stage.until(100);
            match expected {
                Some(server) => {
                    assert_eq!(stage.fleet.instances[I].server, Some(Id::new(server)));
                    assert_eq!(job(&stage).ended.map(seconds), Some(56), "5 s more to claim");
                }
                None => assert_eq!(job(&stage).error, Some(JobError::NoRoom)),
            }
        }
    }

    /// A host that is on another server by the time it claims the room is gone to there, and one that is
    /// out of service is not gone to.
    #[test]
    fn the_host_is_asked_again_when_it_claims() {
        let spare = "[[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"z\"]\ndedicated = true\n";
        for is_down in [false, true] {
            let claim = |scenario: &mut Scenario| {
                scenario.settings.cold.claim = Span::from_seconds(100);
            };
            let mut stage = on_pool(spare, claim);
            migrates(&mut stage, ONE).unwrap();
            stage.until(30);
            stage.does(|turn| {
                let host = Id::new(0);
                turn.fleet.dedicated.prepare(host, Id::new(4));
                let before = turn.fleet.dedicated.carry(host);
                turn.fleet.dedicated.has_left(host, before);
                if is_down {
                    turn.fleet.dedicated.step(host, HostStep::GoDown);
                }
            });
            stage.until(500);
            let expected = if is_down {
                (JobStatus::Fail, Some(JobError::HostUnavailable), Some(0))
            } else {
                (JobStatus::Success, None, Some(4))
            };
            assert_eq!((job(&stage).status, job(&stage).error, server(&stage)), expected);
        }
    }

    #[test]
    fn whatever_fails_leaves_it_where_it_was() {
        // What fails, when, and what the job then says.
        let table = [
            (2, 30, JobError::SourceFailed, 30),
            (0, 30, JobError::TargetFailed, 36),
            (0, 40, JobError::TargetFailed, 46),
            (0, 48, JobError::NotConfirmed, 48),
        ];
        for (fails, at, error, ends) in table {
            let mut stage = on_host(|_| {});
            migrates(&mut stage, Goal::Pool).unwrap();
            stage.until(at);
            stage.rack_of(Id::new(fails), false);
            stage.until(200);
            assert_eq!(job(&stage).error, Some(error), "{fails} at {at} s");
            assert_eq!(job(&stage).ended.map(seconds), Some(ends));
            assert_eq!((server(&stage), held(&stage)), (Some(2), [0, 0, 1, 0]));
            let hosted = stage.does(|turn| hosting::of(turn, I)).unwrap();
            assert_eq!(hosted.host, Some(Id::new(0)), "its place is there again");
            let last = if error == JobError::NotConfirmed { Reverted } else { Error };
            assert_eq!(course(&stage).last().unwrap().1, last);
        }
        // The source may fail once it has arrived: nothing is needed of it any more.
        let mut stage = on_host(|_| {});
        migrates(&mut stage, Goal::Pool).unwrap();
        stage.until(48);
        stage.rack_of(Id::new(2), false);
        stage.until(200);
        assert_eq!((job(&stage).status, server(&stage)), (JobStatus::Success, Some(0)));
    }

    #[test]
    fn a_confirmation_that_fails_takes_it_back() {
        let mut stage = on_host(|scenario| {
            scenario.settings.cold.confirm_fail_p = 1.0;
            scenario.settings.cold.auto_confirm = Span::from_seconds(100);
        });
        let error = fails_with(&mut stage, Goal::Pool);
        assert_eq!((error, error.code()), (JobError::NotConfirmed, "Ecs.0209"));
        let last = [(146, Confirming), (151, Reverting), (151, Reverted)];
        assert_eq!(course(&stage)[4..], last);
        assert_eq!(held(&stage), [0, 0, 1, 0]);
    }

    #[test]
    fn released_meanwhile_it_gives_all_room_back() {
        for at in [22, 30, 48] {
            let mut stage = on_host(|_| {});
            migrates(&mut stage, Goal::Pool).unwrap();
            stage.until(at);
            stage.does(|turn| release::departs(turn, I));
            assert_eq!(held(&stage), [0; 4], "at {at} s");
            assert_eq!(job(&stage).error.map(JobError::code), Some("Ecs.0114"));
            assert!(stage.fleet.cold.under_way().next().is_none());
            stage.until(200);
        }
    }

    /// With 2 × 1000 GiB of local disks on a shared server.
    fn with_disks(policy: LocalDiskPolicy, more: &str) -> Stage {
        let mut stage = stage("type = \"local\"\n", more, |scenario| {
            scenario.settings.cold.local_disks = policy;
        });
        migrates(&mut stage, ONE).unwrap();
        stage
    }

    fn data_lost(stage: &Stage) -> bool {
        stage.told.iter().any(|(_, fact)| matches!(fact, Fact::DataLost { .. }))
    }

    #[test]
    fn local_disks_are_copied_or_wiped() {
        let mut wiped = with_disks(LocalDiskPolicy::Wipe, "");
        wiped.until(100);
        assert_eq!((job(&wiped).ended.map(seconds), server(&wiped)), (Some(51), Some(2)));
        assert!(data_lost(&wiped) && !wiped.fleet.instances[I].has_local_data);

        let mut copied = with_disks(LocalDiskPolicy::Copy, "");
        copied.until(10_000);
        // 2,147,483,648,000 B at 1.25 GB/s take 1,717.9869184 s.
        assert_eq!(job(&copied).ended.map(seconds), Some(1_768));
        assert_eq!((server(&copied), held(&copied)), (Some(2), [0, 0, 1, 0]));
        assert!(!data_lost(&copied) && copied.fleet.instances[I].has_local_data);
    }

    #[test]
    fn local_disks_are_copied_over_the_network() {
        let network = "[network]\n";
        let mut stage = with_disks(LocalDiskPolicy::Copy, network);
        stage.until(40);
        assert_eq!(stage.fleet.transfers.under_way().count(), 1);
        stage.until(10_000);
        assert_eq!((job(&stage).status, server(&stage)), (JobStatus::Success, Some(2)));
        let sent = stage.told.iter().any(|(_, fact)| {
            let all = 2_147_483_648_000;
            matches!(fact, Fact::Network(crate::messages::network::NetworkFact::TransferEnded {
                bytes, is_complete: true, .. }) if *bytes == all)
        });
        assert!(sent, "all of it went over the links");
        // What is given up on the way sends no more.
        let mut stage = with_disks(LocalDiskPolicy::Copy, network);
        stage.until(40);
        stage.rack_of(Id::new(0), false);
        stage.until(41);
        assert_eq!(stage.fleet.transfers.under_way().count(), 0);
        assert_eq!(job(&stage).error, Some(JobError::SourceFailed));
        assert!(!data_lost(&stage));
    }

    #[test]
    fn the_operator_moves_the_stopped_without_a_job() {
        let mut stage = on_pool("", |_| {});
        assert!(stage.does(|turn| begin(turn, I, None)));
        assert!(!stage.does(|turn| begin(turn, I, None)), "one at a time");
        stage.until(100);
        assert_eq!((server(&stage), held(&stage)), (Some(1), [0, 1, 0, 0]));
        assert!(
            !stage.told.iter().any(|(_, fact)| matches!(fact, Fact::Cold(ColdFact::Job { .. })))
        );
        assert!(!stage.does(|turn| begin(turn, I, Some(Id::new(1)))), "it is there");
        assert!(stage.does(|turn| begin(turn, I, Some(Id::new(0)))));
        stage.until(200);
        assert_eq!(server(&stage), Some(0));
        stage.does(|turn| {
            turn.fleet.servers.step(Id::new(1), ServerStep::CrashHard);
            loss::lost(turn, Id::new(1), crate::fleet::cause::Cause::ServerFailure);
        });
        assert!(!stage.does(|turn| begin(turn, I, None)), "there is no other");
    }

    #[test]
    fn where_running_servers_may_move_they_are_shut_down_and_started_again() {
        for (fails, ends) in [(false, Some(0)), (true, Some(2))] {
            let text = format!(
                "{HOSTS}[[workload.instances]]\ntype = \"cloud\"\ncount = 1\n\
                 dedicated_host = \"one\"\n"
            );
            let mut stage = Stage::new(&text, |scenario| scenario.settings.cloud = Cloud::Second);
            stage.until(20);
            assert_eq!(migrates(&mut stage, Goal::Pool), Err(Refusal::ServerNotStopped));
            stage.scenario.settings.cold.allow_running = true;
            assert_eq!(migrates(&mut stage, Goal::Pool), Ok(()));
            stage.until(25);
            assert!(stage.fleet.instances[I].served, "it runs until its turn has come");
            stage.until(50);
            if fails {
                stage.rack_of(Id::new(0), false);
            }
            stage.until(300);
            use InstanceState::{Running, Starting, Stopped, Stopping};
            // Shut down from 26 to 36 s; moved by 61 s, or given up at 56 s; 40 s to boot.
            let end = if fails { 56 } else { 61 };
            let states = [(26, Stopping), (36, Stopped), (end, Starting), (end + 40, Running)];
            assert_eq!(stage.states(I)[2..], states);
            assert!(stage.fleet.instances[I].served);
            assert_eq!(server(&stage), ends);
        }
    }
}
