//! A cold migration: to another server while the instance is Stopped, as the second cloud does it
//! (spec/refresh-and-migration.md 4.1 to 4.5).
//!
//! Path: accepted (`coldmig.api`) → a destination is chosen, and claims the room after
//! `coldmig.claim`; where it has none by then, another one is tried, `coldmig.max_attempts` in all →
//! (its turn comes) →
//! detached (`coldmig.detach`) → local disks copied → attached (`coldmig.attach`): it is on the
//! destination, and the source holds room for the way back → `coldmig.auto_confirm` → confirmed
//! (`coldmig.confirm`): the source is free. It stays Stopped. Before it arrives, a failure of either
//! side leaves it where it was; after, it is taken back, which takes no time. Moves: tasks, room,
//! the records of the migration.
//!
//! **Departs**: where the native steps leave a server in ERROR for its operator to repair, it is
//! back where it was here, since nothing was lost; swap space is not modelled.

use super::{
    cold_jobs, disks, hosting, loss, moves, owner, release, room,
    settle::{self, By},
    transfers,
    turn::Turn,
};
use crate::{
    fleet::{
        capacity::Request,
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
    messages::{fact::Reason, occurrence::Occurrence},
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
    turn.void_alarm(instance);
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
    let request = room::request_of(turn, instance);
    let may = turn.fleet.is_able(turn.layout(), server)
        && turn.fleet.capacity.has_room(turn.layout(), server, &request);
    if may {
        room::reserve(turn, task, server);
        let source = turn.fleet.instances[instance].server.expect("who is migrated has a server");
        if moves::ask(turn, task, source, server) {
            return its_turn_comes(turn, task);
        }
        turn.fleet.cold.row_mut(task).phase = Phase::Queues;
        return Next::Waits;
    }
    if turn.fleet.cold.row(task).attempts < turn.scenario.settings.cold.max_attempts {
        return looks_for_destination(turn, task);
    }
    let is_able = turn.fleet.is_able(turn.layout(), server);
    let error = if is_able { lack_on(turn, server, &request) } else { JobError::HostUnavailable };
    fails(turn, task, error)
}

/// It may begin to leave the source.
fn its_turn_comes(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    if room::target_failed(turn, task) {
        return fails(turn, task, JobError::TargetFailed);
    }
    cold_jobs::step(turn, task, MigrationStep::Move);
    Next::After(Phase::Detaches, turn.scenario.settings.cold.detach)
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
    if room::target_failed(turn, task) {
        return fails(turn, task, JobError::TargetFailed);
    }
    cold_jobs::step(turn, task, MigrationStep::Leave);
    Next::After(Phase::Attaches, turn.scenario.settings.cold.attach)
}

/// The source is clean: the instance is on its destination alone.
fn confirmed(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    let instance = turn.fleet.tasks[task].instance;
    let source = turn.fleet.tasks[task].target.map(|source| source.server);
    cold_jobs::step(turn, task, MigrationStep::Settle);
    if turn.scenario.settings.cold.local_disks == LocalDiskPolicy::Wipe {
        room::lose_local_data(turn, instance);
    }
    room::unreserve(turn, task);
    loss::settle_task(turn, instance, TaskStep::Finish);
    settle::left_server(turn, instance, By::System);
    disks::left_behind(turn, instance, source);
    is_left(turn, instance);
    Next::Over
}

/// The migration of `task` has failed before it arrived: nothing has moved.
fn fails(turn: &mut Turn<'_>, task: Id<Task>, error: JobError) -> Next {
    let instance = turn.fleet.tasks[task].instance;
    turn.fleet.cold.row_mut(task).error = Some(error);
    cold_jobs::step(turn, task, MigrationStep::Break);
    room::unreserve(turn, task);
    loss::settle_task(turn, instance, TaskStep::Fail);
    is_left(turn, instance);
    Next::Over
}

/// The instance of `task` has arrived, and is taken back to the source, which held room for it.
fn reverts(turn: &mut Turn<'_>, task: Id<Task>) -> Next {
    let instance = turn.fleet.tasks[task].instance;
    turn.fleet.cold.row_mut(task).error = Some(JobError::NotConfirmed);
    cold_jobs::step(turn, task, MigrationStep::Revert);
    room::commit(turn, task, Reason::ColdRevert);
    cold_jobs::step(turn, task, MigrationStep::Settle);
    loss::settle_task(turn, instance, TaskStep::Fail);
    is_left(turn, instance);
    Next::Over
}

/// Nothing moves `instance` any more: it is released if its life is over; if its owner waits for it
/// and nothing else will bring it back, it is its owner's to start.
fn is_left(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if release::if_due(turn, instance) {
        return;
    }
    let row = &turn.fleet.instances[instance];
    if row.owing && row.recovery == Recovering::No && !row.alarm_pending {
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
            let request = Request { exclude: Some(source), ..request };
            let (layout, capacity) = (turn.layout(), &turn.fleet.capacity);
            let zone = layout.servers[source].zone;
            let policy = turn.scenario.policies.placement;
            let found = policy.choose_in(layout, capacity, &request, zone);
            found.ok_or_else(|| lack_in_zone(turn, source, &request))
        }
        Goal::Server(server) => {
            let has_room = turn.fleet.capacity.has_room(turn.layout(), server, &request);
            if server == source || !turn.fleet.is_able(turn.layout(), server) {
                Err(JobError::HostUnavailable)
            } else if has_room {
                Ok(server)
            } else {
                Err(lack_on(turn, server, &request))
            }
        }
        Goal::Anywhere => {
            let found = room::elsewhere_in_zone(turn, instance);
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
    } else if !hosting::is_for(turn, host, of.template) {
        Err(JobError::TypeNotTaken)
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
    if !capacity.free(server).covers(&shape.demand) {
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
    let others = servers.filter(|server| *server != source);
    let open = others.filter(|server| turn.fleet.capacity.is_open(*server));
    let lacks = open.map(|server| lack_on(turn, server, request));
    lacks.max().unwrap_or(JobError::NoRoom)
}
