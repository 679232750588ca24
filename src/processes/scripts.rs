//! Commands of the scenario, given at given times.
//!
//! Path: due → what it names is looked up → refused as a whole (a parameter is missing, or has a
//! value that the operation does not take; too many are named; one of them is not there) → else
//! performed for each in order. Region: the scenario's is meant where none is given. Documented
//! behaviour: spec/events.md 3.4, 4.6, 5.1 to 5.6. Describe operations change nothing: that they
//! were asked is the fact. Moves: what the operations move.

use super::{group_scripts, perform, turn::Turn};
use crate::{
    fleet::{
        ids::{DedicatedHost, Instance, Script as ScriptId, SystemEvent, Task, Template},
        tasks::TaskKind,
    },
    kernel::{column::Id, time::Instant},
    lifecycle::{Attribute, instance::InstanceState, system_event::EventType, task::TaskStatus},
    messages::{
        command::{Actor, Command},
        fact::Fact,
        hosts::{Deployment, HostCommand},
        occurrence::Occurrence,
        operation::Operation,
        refusal::{Refusal, require},
    },
    scenario::{EventHandle, InstanceHandle, Parameters, TaskHandle},
};

/// Most instances, events or tasks that one call may name.
const MOST: usize = 100;

/// Awaits every one of them.
pub fn prime(turn: &mut Turn<'_>) {
    let scenario = turn.scenario;
    for (script, row) in scenario.scripts.entries() {
        turn.agenda.at(row.at.max(turn.now), Occurrence::ScriptRuns(script));
    }
}

/// One of them is given.
pub fn runs(turn: &mut Turn<'_>, script: Id<ScriptId>) {
    let scenario = turn.scenario;
    let given = &scenario.scripts[script];
    let actor = Actor::Script(script);
    let answer = commands(turn, script);
    let of_none =
        |refusal| Fact::Commanded { actor, operation: given.operation, instance: None, refusal };
    match answer {
        Err(refusal) => turn.state(of_none(Some(refusal))),
        Ok(commands) if commands.is_empty() => turn.state(of_none(None)),
        Ok(commands) => {
            for command in commands {
                if still_there(turn, &command) {
                    // A refusal is a result: a fact, counted and shown.
                    _ = perform::perform(turn, actor, command);
                }
            }
        }
    }
}

/// Whether what `command` names is there yet: an earlier command of the same call may have ended
/// the event, where the same one is named twice.
fn still_there(turn: &Turn<'_>, command: &Command) -> bool {
    match *command {
        Command::CancelSimulatedSystemEvents { event } => {
            turn.fleet.events[event].status.attribute() != Attribute::Final
        }
        Command::DeleteInstance { instance, .. } => {
            turn.fleet.instances[instance].state != InstanceState::Released
        }
        Command::Host(_)
        | Command::RunInstances { .. }
        | Command::CreateInstance { .. }
        | Command::StartInstance { .. }
        | Command::StopInstance { .. }
        | Command::RebootInstance { .. }
        | Command::RedeployInstance { .. }
        | Command::MigrateServer { .. }
        | Command::AcceptInquiredSystemEvent { .. }
        | Command::ModifySystemEventAttribute { .. }
        | Command::ModifyInstanceAttribute { .. }
        | Command::ModifyInstanceMaintenanceAttributes { .. }
        | Command::CreateSimulatedSystemEvents { .. }
        | Command::CancelTask { .. }
        | Command::Scaling(..)
        | Command::LockInstance { .. } => true,
    }
}

/// What those whom a command creates are born with.
fn born_of(of: &Parameters) -> Result<Id<Template>, Refusal> {
    of.refused.map_or(Ok(()), Err)?;
    of.template.ok_or(Refusal::MissingParameter)
}

fn credit_mode(turn: &Turn<'_>, of: &Parameters) -> Result<Vec<Command>, Refusal> {
    require(!of.instances.is_empty(), Refusal::MissingParameter)?;
    let mode = of.credit_specification.ok_or(Refusal::MissingParameter)?;
    each(turn, of, |instance| Command::ModifyInstanceAttribute { instance, mode })
}

fn host_redeployment(of: &Parameters) -> Result<Vec<Command>, Refusal> {
    let (host, live_first) = (host(of)?, of.hosts.live);
    Ok(vec![Command::Host(HostCommand::Redeploy { host, live_first })])
}

/// What `script` amounts to: a command for each thing that it names, none for a query.
fn commands(turn: &Turn<'_>, script: Id<ScriptId>) -> Result<Vec<Command>, Refusal> {
    let given = &turn.scenario.scripts[script];
    let of = &given.parameters;
    if of.region.as_ref().is_some_and(|region| *region != turn.scenario.region) {
        return Err(Refusal::RegionNotFound);
    }
    let flag = |given: Option<bool>| given.unwrap_or(false);
    match given.operation {
        Operation::RunInstances => {
            let template = born_of(of)?;
            let amount = of.amount.unwrap_or(1);
            require((1..=MOST as u32).contains(&amount), Refusal::InvalidParameter)?;
            Ok(vec![Command::RunInstances { template, amount }])
        }
        Operation::CreateInstance => {
            born_of(of).map(|template| vec![Command::CreateInstance { template }])
        }
        Operation::DeleteInstance => {
            each(turn, of, |instance| Command::DeleteInstance { instance, force: flag(of.force) })
        }
        Operation::StartInstance => each(turn, of, |instance| Command::StartInstance {
            instance,
            init_local_disk: flag(of.init_local_disk),
            dry_run: flag(of.dry_run),
        }),
        Operation::StopInstance => each(turn, of, |instance| Command::StopInstance {
            instance,
            mode: of.stopped_mode,
            force: flag(of.force_stop),
            confirm: flag(of.confirm_stop),
            dry_run: flag(of.dry_run),
        }),
        Operation::RebootInstance => each(turn, of, |instance| Command::RebootInstance {
            instance,
            force: flag(of.force_stop),
            dry_run: flag(of.dry_run),
        }),
        Operation::RedeployInstance => each(turn, of, |instance| Command::RedeployInstance {
            instance,
            force: flag(of.force_stop),
        }),
        Operation::MigrateServer => migration(turn, of),
        Operation::ShowJob => job(turn, of).map(|()| Vec::new()),
        Operation::AcceptInquiredSystemEvent => {
            let events = events(turn, of, Refusal::NoInquiringEvent)?;
            Ok(events.map(|event| Command::AcceptInquiredSystemEvent { event }).collect())
        }
        Operation::ModifySystemEventAttribute => rescheduling(turn, of),
        Operation::ModifyInstanceAttribute => credit_mode(turn, of),
        Operation::ModifyInstanceMaintenanceAttributes => attributes(turn, of),
        Operation::CreateSimulatedSystemEvents => simulation(turn, of),
        Operation::CancelSimulatedSystemEvents => {
            let events = events(turn, of, Refusal::EventNotFound)?;
            Ok(events.map(|event| Command::CancelSimulatedSystemEvents { event }).collect())
        }
        Operation::CancelTask => {
            let handle = of.tasks.first().ok_or(Refusal::MissingParameter)?;
            Ok(vec![Command::CancelTask { task: task(turn, handle)? }])
        }
        Operation::LockInstance => locking(turn, of, true),
        Operation::UnlockInstance => locking(turn, of, false),
        Operation::ModifyInstanceDeployment => deployment(turn, of),
        Operation::RedeployDedicatedHost => host_redeployment(of),
        Operation::ModifyDedicatedHostAttribute => host_attributes(of),
        Operation::DescribeDedicatedHosts
        | Operation::DescribeTasks
        | Operation::DescribeInstanceHistoryEvents
        | Operation::DescribeInstancesFullStatus => query(of).map(|()| Vec::new()),
        Operation::Group(asked) => group_scripts::on_group(turn, script, asked),
        Operation::Member(asked) => group_scripts::on_members(turn, script, asked),
    }
}

/// MigrateServer: what is wrong with the request comes before what is wrong with the server.
fn migration(turn: &Turn<'_>, of: &Parameters) -> Result<Vec<Command>, Refusal> {
    let goal = of.migrate.ok_or(Refusal::BadMigration)?;
    let handle = of.instances.first().ok_or(Refusal::BadMigration)?;
    let instance = instance(turn, handle).map_err(|_| Refusal::ServerNotFound)?;
    Ok(vec![Command::MigrateServer { instance, goal }])
}

/// ShowJob: whether there is a record of the job.
fn job(turn: &Turn<'_>, of: &Parameters) -> Result<(), Refusal> {
    let (jobs, ttl) = (&turn.fleet.cold, turn.scenario.settings.cold.job_ttl);
    let is_there = match of.tasks.first().ok_or(Refusal::BadMigration)? {
        TaskHandle::Number(number) => jobs.job(turn.now, *number, ttl).is_some(),
        TaskHandle::NewestOf(InstanceHandle::Named(name)) => {
            jobs.newest_of(turn.now, *name, ttl).is_some()
        }
        TaskHandle::NewestOf(InstanceHandle::Unknown(_)) | TaskHandle::Unknown(_) => false,
    };
    require(is_there, Refusal::ServerNotFound)
}

fn locking(turn: &Turn<'_>, of: &Parameters, on: bool) -> Result<Vec<Command>, Refusal> {
    let reason = of.lock.ok_or(Refusal::MissingParameter)?;
    each(turn, of, |instance| Command::LockInstance { instance, reason, on })
}

fn rescheduling(turn: &Turn<'_>, of: &Parameters) -> Result<Vec<Command>, Refusal> {
    let not_before = of.not_before.ok_or(Refusal::MissingParameter)?;
    require(!of.events.is_empty() && !of.instances.is_empty(), Refusal::MissingParameter)?;
    let instance = instances(turn, of)?[0];
    let mut events = events(turn, of, Refusal::EventNotFound)?;
    let event = events.next().ok_or(Refusal::MissingParameter)?;
    Ok(vec![Command::ModifySystemEventAttribute { instance, event, not_before }])
}

fn attributes(turn: &Turn<'_>, of: &Parameters) -> Result<Vec<Command>, Refusal> {
    let is_given = of.action.is_some() || of.window.is_some() || of.notify.is_some();
    require(is_given && !of.instances.is_empty(), Refusal::MissingParameter)?;
    let window = match of.window {
        Some(written) => Some(written.window.ok_or(Refusal::InvalidParameter)?),
        None => None,
    };
    let (action, notify) = (of.action, of.notify);
    each(turn, of, |instance| Command::ModifyInstanceMaintenanceAttributes {
        instance,
        action,
        window,
        notify,
    })
}

fn simulation(turn: &Turn<'_>, of: &Parameters) -> Result<Vec<Command>, Refusal> {
    let kind = of.event_type.as_ref().ok_or(Refusal::MissingParameter)?;
    let not_before = of.not_before.ok_or(Refusal::MissingParameter)?;
    require(!of.instances.is_empty(), Refusal::MissingParameter)?;
    let kind = EventType::parse(kind).filter(|kind| kind.may_be_simulated());
    let kind = kind.ok_or(Refusal::InvalidParameter)?;
    require(not_before > turn.now, Refusal::NotBeforePassed)?;
    let real_ops = of.trigger_real_ops.unwrap_or(false);
    let commands = each(turn, of, |instance| Command::CreateSimulatedSystemEvents {
        instance,
        kind,
        not_before,
        real_ops,
    })?;
    let active = turn.fleet.events.simulated() as usize + commands.len();
    let most = turn.scenario.settings.simulated_max_active as usize;
    require(active <= most, Refusal::SimulatedEventLimitExceeded)?;
    Ok(commands)
}

/// The dedicated host that is named.
fn host(of: &Parameters) -> Result<Id<DedicatedHost>, Refusal> {
    let named = of.hosts.hosts.first().ok_or(Refusal::MissingParameter)?;
    named.ok_or(Refusal::HostNotFound)
}

/// The host is looked for before the instance (spec/events.md 9.3).
fn deployment(turn: &Turn<'_>, of: &Parameters) -> Result<Vec<Command>, Refusal> {
    require(!of.instances.is_empty(), Refusal::MissingParameter)?;
    let asked = &of.hosts;
    let host = match asked.hosts.first() {
        Some(named) => Some(named.ok_or(Refusal::HostNotFound)?),
        None if asked.live => return Err(Refusal::MissingParameter),
        None => None,
    };
    each(turn, of, |instance| {
        Command::Host(HostCommand::Deploy(Deployment {
            instance,
            host,
            live: asked.live,
            leaves_hosts: asked.leaves_hosts,
            affinity: asked.affinity,
            instance_type: asked.instance_type,
        }))
    })
}

fn host_attributes(of: &Parameters) -> Result<Vec<Command>, Refusal> {
    let (host, asked) = (host(of)?, &of.hosts);
    let (auto_placement, action, over_commit) =
        (asked.auto_placement, asked.action, asked.over_commit);
    let is_given = auto_placement.is_some() || action.is_some() || over_commit.is_some();
    require(is_given, Refusal::MissingParameter)?;
    Ok(vec![Command::Host(HostCommand::Modify { host, auto_placement, action, over_commit })])
}

/// What a query is refused for: too much named at once, a period that ends before it begins.
fn query(of: &Parameters) -> Result<(), Refusal> {
    require(of.instances.len() <= MOST, Refusal::InstanceIdLimitExceeded)?;
    require(of.events.len() <= MOST, Refusal::EventIdLimitExceeded)?;
    require(of.tasks.len() <= MOST, Refusal::InvalidParameter)?;
    let ends_before =
        |period: &[Option<Instant>; 2]| matches!(period, [Some(begin), Some(end)] if end < begin);
    let periods = [of.began, of.planned, of.published];
    require(!periods.iter().any(ends_before), Refusal::TimeEndBeforeStart)
}

/// A command for each instance that is named.
fn each(
    turn: &Turn<'_>,
    of: &Parameters,
    command: impl FnMut(Id<Instance>) -> Command,
) -> Result<Vec<Command>, Refusal> {
    Ok(instances(turn, of)?.into_iter().map(command).collect())
}

/// The instances that are named: at least one, not too many, all of them there.
fn instances(turn: &Turn<'_>, of: &Parameters) -> Result<Vec<Id<Instance>>, Refusal> {
    require(!of.instances.is_empty(), Refusal::MissingParameter)?;
    require(of.instances.len() <= MOST, Refusal::InstanceIdLimitExceeded)?;
    of.instances.iter().map(|handle| instance(turn, handle)).collect()
}

fn instance(turn: &Turn<'_>, handle: &InstanceHandle) -> Result<Id<Instance>, Refusal> {
    match handle {
        InstanceHandle::Named(name) => turn.fleet.instances.named(*name),
        InstanceHandle::Unknown(_) => None,
    }
    .ok_or(Refusal::InstanceNotFound)
}

/// The events that are named: at least one, not too many, all of them open, else `unknown`.
fn events(
    turn: &Turn<'_>,
    of: &Parameters,
    unknown: Refusal,
) -> Result<impl Iterator<Item = Id<SystemEvent>>, Refusal> {
    require(!of.events.is_empty(), Refusal::MissingParameter)?;
    require(of.events.len() <= MOST, Refusal::EventIdLimitExceeded)?;
    let found: Option<Vec<_>> = of.events.iter().map(|handle| event(turn, handle)).collect();
    Ok(found.ok_or(unknown)?.into_iter())
}

fn event(turn: &Turn<'_>, handle: &EventHandle) -> Option<Id<SystemEvent>> {
    match handle {
        EventHandle::NewestOf(kind, of) => {
            let instance = instance(turn, of).ok()?;
            let mut events = turn.fleet.events.of(instance);
            events.find(|(_, row)| row.kind == *kind).map(|(event, _)| event)
        }
        EventHandle::Number(number) => {
            let mut events = turn.fleet.events.open();
            events.find(|(_, row)| row.number == *number).map(|(event, _)| event)
        }
        EventHandle::Unknown(_) => None,
    }
}

/// The task under way that is named. Only redeployments are tasks to those who ask; of those that
/// have ended it is only known that they were.
fn task(turn: &Turn<'_>, handle: &TaskHandle) -> Result<Id<Task>, Refusal> {
    let (found, was_there) = match handle {
        TaskHandle::NewestOf(of) => {
            let instance = instance(turn, of).map_err(|_| Refusal::TaskNotFound)?;
            let was_redeployed = turn.fleet.care[instance].redeploys > 0;
            (turn.fleet.instances[instance].task, was_redeployed)
        }
        TaskHandle::Number(number) => {
            let mut under_way = turn.fleet.tasks.under_way();
            let found = under_way.find(|(_, row)| row.number == *number).map(|(task, _)| task);
            (found, found.is_none() && *number < turn.fleet.tasks.begun())
        }
        TaskHandle::Unknown(_) => (None, false),
    };
    let is_shown = |task: &Id<Task>| {
        let row = &turn.fleet.tasks[*task];
        row.kind == TaskKind::Redeploy && row.status == TaskStatus::Processing
    };
    let otherwise = if was_there { Refusal::IncorrectTaskStatus } else { Refusal::TaskNotFound };
    found.filter(is_shown).ok_or(otherwise)
}
