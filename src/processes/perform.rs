//! The answers to commands: one exhaustive match from a command to the process that begins it.
//!
//! Path: given → admitted, or refused (`admission`) → begun; a silent live migration yields. That it
//! was given, and how it was answered, is a fact that comes before what follows from it. Documented
//! behaviour: spec/events.md 1.2, 3.4, 4 and 5. Moves: what the operations move.

use super::{
    admission, events, jobs, launch, live_migration, local_disks, power, redeploy, release,
    simulated, turn::Turn,
};
use crate::{
    fleet::{
        ids::{Instance, Script, SystemEvent, Template},
        instances::InstanceName,
    },
    kernel::{column::Id, time::Span},
    messages::{
        command::{Actor, Command},
        fact::Fact,
        refusal::Refusal,
    },
};

/// `actor` gives `command`: it is begun, or refused; either is a fact.
///
/// # Errors
/// The cloud's refusal, which is a result in the simulated world.
pub fn perform(turn: &mut Turn<'_>, actor: Actor, command: Command) -> Result<(), Refusal> {
    let (place, instance) = (turn.facts.len(), instance_of(turn, &command));
    let answer = answer(turn, actor, command);
    let (operation, refusal) = (command.operation(), answer.err());
    // Some refusals are known only when the job has been tried; the command came first all the same.
    turn.facts.insert(place, Fact::Commanded { actor, operation, instance, refusal });
    answer
}

/// The instance that `command` is about.
fn instance_of(turn: &Turn<'_>, command: &Command) -> Option<Id<Instance>> {
    match *command {
        Command::RunInstances { .. } | Command::CreateInstance { .. } => None,
        Command::DeleteInstance { instance, .. }
        | Command::StartInstance { instance, .. }
        | Command::StopInstance { instance, .. }
        | Command::RebootInstance { instance, .. }
        | Command::RedeployInstance { instance, .. }
        | Command::ModifySystemEventAttribute { instance, .. }
        | Command::ModifyInstanceMaintenanceAttributes { instance, .. }
        | Command::CreateSimulatedSystemEvents { instance, .. } => Some(instance),
        Command::AcceptInquiredSystemEvent { event }
        | Command::CancelSimulatedSystemEvents { event } => Some(turn.fleet.events[event].instance),
        Command::CancelTask { task } => Some(turn.fleet.tasks[task].instance),
    }
}

fn answer(turn: &mut Turn<'_>, actor: Actor, command: Command) -> Result<(), Refusal> {
    match command {
        Command::RunInstances { template, amount } => {
            creates(turn, actor, template, (amount, launch::requested));
        }
        Command::CreateInstance { template } => {
            creates(turn, actor, template, (1, launch::requested_stopped));
        }
        Command::DeleteInstance { instance, force } => {
            admission::delete(turn, instance, force)?;
            live_migration::abort(turn, instance);
            release::now(turn, instance);
        }
        Command::StartInstance { instance, init_local_disk, dry_run } => {
            admission::start(turn, instance)?;
            return starts(turn, instance, init_local_disk, dry_run);
        }
        Command::StopInstance { instance, mode, force, confirm, dry_run } => {
            admission::stop(turn, instance, confirm)?;
            only_if(!dry_run)?;
            live_migration::abort(turn, instance);
            let mode = power::mode_of(turn, instance, mode);
            let for_its_own_sake = matches!(actor, Actor::Script(_));
            power::stop(turn, instance, power::Stop { mode, force, for_its_own_sake });
        }
        Command::RebootInstance { instance, force, dry_run } => {
            admission::reboot(turn, instance)?;
            only_if(!dry_run)?;
            live_migration::abort(turn, instance);
            power::reboot(turn, instance, force);
        }
        Command::RedeployInstance { instance, force } => {
            admission::redeploy(turn, instance)?;
            live_migration::abort(turn, instance);
            redeploy::begin(turn, instance, force, false);
        }
        Command::AcceptInquiredSystemEvent { event } => return accepts(turn, event),
        Command::ModifySystemEventAttribute { instance, event, not_before } => {
            admission::reschedule(turn, (instance, event), not_before)?;
            events::reschedule(turn, event, not_before);
        }
        Command::ModifyInstanceMaintenanceAttributes { instance, action, window, notify } => {
            admission::set_action(turn, instance, action)?;
            let care = turn.fleet.care.row_mut(instance);
            care.action = action.unwrap_or(care.action);
            care.window = window.or(care.window);
            care.notify = notify.unwrap_or(care.notify);
        }
        Command::CreateSimulatedSystemEvents { instance, kind, not_before, real_ops } => {
            admission::simulate(turn, kind, not_before)?;
            simulated::create(turn, instance, kind, (not_before, real_ops));
        }
        Command::CancelSimulatedSystemEvents { event } => {
            admission::cancel_simulated(turn, event)?;
            simulated::cancel(turn, event);
        }
        // Only tasks on images and disks are canceled (spec/events.md 4.6).
        Command::CancelTask { .. } => return Err(Refusal::TaskActionNotSupported),
    }
    Ok(())
}

/// How an instance is asked for.
type Creation = fn(&mut Turn<'_>, InstanceName, Id<Template>, Span);

/// New instances under names that no policy changes: the number of the command, and their own.
fn creates(
    turn: &mut Turn<'_>,
    actor: Actor,
    template: Id<Template>,
    (amount, by): (u32, Creation),
) {
    let script: Id<Script> = match actor {
        Actor::Script(script) => script,
        Actor::Owner => panic!("owners create nothing: only commands of the scenario do"),
    };
    for number in 0..amount {
        let name = InstanceName::scripted(script.index(), u64::from(number));
        by(turn, name, template, Span::NEVER);
    }
}

fn starts(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    init_local_disk: bool,
    dry_run: bool,
) -> Result<(), Refusal> {
    let place = power::place_to_start(turn, instance);
    if dry_run {
        return place.and(Err(Refusal::DryRun));
    }
    match place {
        Ok(target) => power::start(turn, instance, target, init_local_disk),
        Err(refusal) => power::start_refused(turn, instance, refusal),
    }
    place.map(|_| ())
}

fn accepts(turn: &mut Turn<'_>, event: Id<SystemEvent>) -> Result<(), Refusal> {
    admission::accept(turn, event)?;
    let row = turn.fleet.events[event];
    if row.kind.is_of_disk_flow() {
        return local_disks::accept(turn, event);
    }
    live_migration::abort(turn, row.instance);
    jobs::accept(turn, event)
}

/// DryRun: everything is in order, and nothing is done.
const fn only_if(earnest: bool) -> Result<(), Refusal> {
    if earnest { Ok(()) } else { Err(Refusal::DryRun) }
}
