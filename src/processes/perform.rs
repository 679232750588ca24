//! The answers to commands: one exhaustive match from a command to the process that begins it.
//!
//! Path: given → admitted, or refused (`admission`) → begun; a silent live migration yields. That it
//! was given, and how it was answered, is a fact that comes before what follows from it. Documented
//! behaviour: spec/events.md 1.2, 3.4, 4 and 5. Moves: what the operations move.

use super::{
    admission, burst, cold_migration, events, group_commands, host_commands, jobs, launch,
    live_migration, local_disks, markets, power, redeploy, release, simulated, turn::Turn,
};
use crate::{
    fleet::{
        care::{ActionOnMaintenance, MaintenanceWindow, StoppedMode},
        ids::{Instance, Script, SystemEvent, Template},
        instances::InstanceName,
    },
    kernel::{column::Id, time::Span},
    messages::{
        command::{Actor, Command},
        fact::Fact,
        hosts::HostCommand,
        refusal::Refusal,
        scaling::ScalingCommand,
    },
};

/// `actor` gives `command`: it is begun, or refused; either is a fact.
///
/// # Errors
/// The cloud's refusal, which is a result in the simulated world.
pub fn perform(turn: &mut Turn<'_>, actor: Actor, command: Command) -> Result<(), Refusal> {
    let (place, instance) = (turn.facts.len(), instance_of(turn, &command));
    let operation = command.operation();
    let offered = admission::is_offered(turn, operation);
    let answer = offered.and_then(|()| answer(turn, actor, command));
    let refusal = answer.err();
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
        | Command::MigrateServer { instance, .. }
        | Command::ModifySystemEventAttribute { instance, .. }
        | Command::ModifyInstanceAttribute { instance, .. }
        | Command::ModifyInstanceMaintenanceAttributes { instance, .. }
        | Command::CreateSimulatedSystemEvents { instance, .. }
        | Command::LockInstance { instance, .. } => Some(instance),
        Command::AcceptInquiredSystemEvent { event }
        | Command::CancelSimulatedSystemEvents { event } => Some(turn.fleet.events[event].instance),
        Command::CancelTask { task } => Some(turn.fleet.tasks[task].instance),
        Command::Scaling(_, ScalingCommand::Member { member, .. }) => {
            turn.fleet.members[member].instance
        }
        Command::Scaling(_, ScalingCommand::Attach { instance, .. }) => Some(instance),
        Command::Scaling(
            _,
            ScalingCommand::Start { .. }
            | ScalingCommand::Control { .. }
            | ScalingCommand::Enable { .. }
            | ScalingCommand::Modify { .. }
            | ScalingCommand::Scale { .. }
            | ScalingCommand::Processes { .. },
        )
        | Command::Host(HostCommand::Redeploy { .. } | HostCommand::Modify { .. }) => None,
        Command::Host(HostCommand::Deploy(deployment)) => Some(deployment.instance),
    }
}

fn answer(turn: &mut Turn<'_>, actor: Actor, command: Command) -> Result<(), Refusal> {
    match command {
        Command::RunInstances { template, amount } => {
            creates(turn, actor, template, (amount, launch::requested))?;
        }
        Command::CreateInstance { template } => {
            creates(turn, actor, template, (1, launch::requested_stopped))?;
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
            stops(turn, actor, instance, (mode, force));
        }
        Command::RebootInstance { instance, force, dry_run } => {
            admission::reboot(turn, instance)?;
            only_if(!dry_run)?;
            live_migration::abort(turn, instance);
            power::reboot(turn, instance, force);
        }
        Command::RedeployInstance { instance, force } => return redeploys(turn, instance, force),
        Command::MigrateServer { instance, goal } => {
            admission::migrate(turn, instance, goal)?;
            live_migration::abort(turn, instance);
            cold_migration::requested(turn, instance, goal);
        }
        Command::AcceptInquiredSystemEvent { event } => return accepts(turn, event),
        Command::ModifySystemEventAttribute { instance, event, not_before } => {
            admission::reschedule(turn, (instance, event), not_before)?;
            events::reschedule(turn, event, not_before);
        }
        Command::ModifyInstanceAttribute { instance, mode } => {
            admission::credit_mode(turn, instance)?;
            burst::set_mode(turn, instance, mode);
        }
        Command::ModifyInstanceMaintenanceAttributes { instance, action, window, notify } => {
            admission::set_action(turn, instance, action)?;
            maintains(turn, instance, (action, window, notify));
        }
        Command::CreateSimulatedSystemEvents { instance, kind, not_before, real_ops } => {
            admission::simulate(turn, kind, not_before)?;
            simulated::create(turn, instance, kind, (not_before, real_ops));
        }
        Command::CancelSimulatedSystemEvents { event } => {
            admission::cancel_simulated(turn, event)?;
            simulated::cancel(turn, event);
        }
        Command::LockInstance { instance, reason, on } => {
            turn.fleet.care.row_mut(instance).locks.set(reason, on);
        }
        // Only tasks on images and disks are canceled (spec/events.md 4.6).
        Command::CancelTask { .. } => return Err(Refusal::TaskActionNotSupported),
        Command::Host(command) => return host_commands::perform(turn, command),
        Command::Scaling(_, command) => return group_commands::perform(turn, command),
    }
    Ok(())
}

/// `instance` is redeployed, if that is admitted; the request counts either way.
fn redeploys(turn: &mut Turn<'_>, instance: Id<Instance>, force: bool) -> Result<(), Refusal> {
    let admitted = admission::redeploy(turn, instance);
    turn.fleet.care.row_mut(instance).redeploy_requests += 1;
    admitted?;
    live_migration::abort(turn, instance);
    redeploy::begin(turn, instance, force, false);
    Ok(())
}

/// `instance` is stopped for `actor`.
fn stops(
    turn: &mut Turn<'_>,
    actor: Actor,
    instance: Id<Instance>,
    (mode, force): (Option<StoppedMode>, bool),
) {
    live_migration::abort(turn, instance);
    let mode = power::mode_of(turn, instance, mode);
    let for_its_own_sake = matches!(actor, Actor::Script(_));
    power::stop(turn, instance, power::Stop { mode, force, for_its_own_sake });
}

/// The maintenance attributes of `instance` that are given are set.
fn maintains(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    (action, window, notify): (
        Option<ActionOnMaintenance>,
        Option<MaintenanceWindow>,
        Option<bool>,
    ),
) {
    let care = turn.fleet.care.row_mut(instance);
    care.action = action.unwrap_or(care.action);
    care.window = window.or(care.window);
    care.notify = notify.unwrap_or(care.notify);
}

/// How an instance is asked for.
type Creation = fn(&mut Turn<'_>, InstanceName, Id<Template>, Span);

/// New instances under names that no policy changes: the number of the command, and their own.
fn creates(
    turn: &mut Turn<'_>,
    actor: Actor,
    template: Id<Template>,
    (amount, by): (u32, Creation),
) -> Result<(), Refusal> {
    markets::admits(turn, template)?;
    let script: Id<Script> = match actor {
        Actor::Script(script) => script,
        Actor::Owner => panic!("owners create nothing: only commands of the scenario do"),
    };
    for number in 0..amount {
        let name = turn.scenario.created_by(script, u64::from(number));
        by(turn, name, template, Span::NEVER);
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use crate::{
        fleet::{
            care::{ActionOnMaintenance, LockReason, StoppedMode},
            ids::{Bay, Instance, SystemEvent},
            instances::Recovering,
            layout::DiskFlow,
        },
        kernel::{
            column::Id,
            time::{Instant, Span},
        },
        lifecycle::{
            instance::InstanceState,
            local_disk::{DiskState, DiskStep},
            system_event::{EventStatus, EventType},
        },
        messages::{command::Command, refusal::Refusal},
        processes::stage::Stage,
    };

    const I: Id<Instance> = Id::new(0);
    const INQUIRING: EventStatus = EventStatus::Inquiring;
    const SCHEDULED: EventStatus = EventStatus::Scheduled;

    const fn redeploy() -> Command {
        Command::RedeployInstance { instance: I, force: false }
    }

    const fn start() -> Command {
        Command::StartInstance { instance: I, init_local_disk: false, dry_run: false }
    }

    const fn reboot() -> Command {
        Command::RebootInstance { instance: I, force: false, dry_run: false }
    }

    const fn stop(mode: Option<StoppedMode>) -> Command {
        Command::StopInstance { instance: I, mode, force: false, confirm: false, dry_run: false }
    }

    const fn accept(event: Id<SystemEvent>) -> Command {
        Command::AcceptInquiredSystemEvent { event }
    }

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Span::from_seconds(seconds)
    }

    fn local(change: impl FnOnce(&mut crate::scenario::Scenario)) -> Stage {
        Stage::new("[[workload.instances]]\ntype = \"local\"\ncount = 1\n", |scenario| {
            let types = scenario.layout.types.ids();
            types.iter().for_each(|id| scenario.layout.types[id].disk_flow = DiskFlow::Replace);
            change(scenario);
        })
    }

    /// Damages the disk in `bay` and takes it so far through its flow.
    fn breaks(stage: &mut Stage, bay: Id<Bay>, steps: &[DiskStep]) {
        steps.iter().for_each(|step| _ = stage.fleet.disks.step(bay, *step));
    }

    #[test]
    fn locks_come_before_everything_transient() {
        let mut stage = Stage::new(
            "[[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"z\"]\ndedicated = true\n\
             [[dedicated_hosts]]\nname = \"h\"\nmodel = \"m\"\nzone = \"z\"\n\
             [[workload.instances]]\ntype = \"cloud\"\ncount = 1\ndedicated_host = \"h\"\n",
            |_| {},
        );
        // T8: on a dedicated host, Starting, locked for security and for arrears.
        stage.gives(reboot()).unwrap();
        stage.until(15);
        assert_eq!(stage.fleet.instances[I].state, InstanceState::Starting);
        stage.locks(I, LockReason::Security, true);
        stage.locks(I, LockReason::Financial, true);
        let all = [redeploy(), start(), stop(None), reboot()];
        for command in all {
            assert_eq!(stage.gives(command), Err(Refusal::LockedForSecurity));
        }
        stage.locks(I, LockReason::Security, false);
        for command in all {
            assert_eq!(stage.gives(command), Err(Refusal::ExpiredOrInArrears));
        }
        stage.locks(I, LockReason::Financial, false);
        assert_eq!(stage.gives(redeploy()), Err(Refusal::OnDedicatedHost));
        for command in [start(), stop(None), reboot()] {
            assert_eq!(stage.gives(command), Err(Refusal::IncorrectInstanceStatus));
        }
        // Under a security lock an instance may still be deleted.
        stage.until(60);
        stage.locks(I, LockReason::Security, true);
        let delete = |force| Command::DeleteInstance { instance: I, force };
        assert_eq!(stage.gives(delete(false)), Err(Refusal::IncorrectInstanceStatus));
        assert_eq!(stage.gives(delete(true)), Ok(()));
    }

    #[test]
    fn a_redeployment_needs_an_event_that_is_real() {
        let mut stage = Stage::with_one("cloud");
        assert_eq!(stage.gives(redeploy()), Err(Refusal::NoMaintenanceEvents));
        // T8: only simulated events.
        let simulated = Command::CreateSimulatedSystemEvents {
            instance: I,
            kind: EventType::MaintenanceReboot,
            not_before: at(900),
            real_ops: false,
        };
        assert_eq!(stage.gives(simulated), Ok(()));
        assert_eq!(stage.gives(redeploy()), Err(Refusal::NoMaintenanceEvents));
        // SystemMaintenance.Stop is not among the answerable types, unless a setting says so.
        stage.publishes((EventType::MaintenanceStop, SCHEDULED), I, None, Some(3_600));
        assert_eq!(stage.gives(redeploy()), Err(Refusal::NoMaintenanceEvents));
        stage.publishes((EventType::MaintenanceReboot, SCHEDULED), I, None, Some(3_600));
        // T8: in a transitory state the status is what is wrong, whatever the events.
        stage.gives(reboot()).unwrap();
        assert_eq!(stage.gives(redeploy()), Err(Refusal::IncorrectInstanceStatus));
        stage.until(60);
        stage.publishes((EventType::MaintenanceReboot, SCHEDULED), I, None, Some(3_600));
        stage.locks(I, LockReason::Recycling, true);
        assert_eq!(stage.gives(redeploy()), Err(Refusal::IncorrectInstanceStatus), "S51");
        stage.locks(I, LockReason::Recycling, false);
        assert_eq!(stage.gives(redeploy()), Ok(()));
        assert_eq!(stage.gives(redeploy()), Err(Refusal::IncorrectInstanceStatus), "one at a time");
    }

    #[test]
    fn injected_errors_have_their_places_in_the_order() {
        let mut stage = Stage::with_one("cloud");
        let redeployments = &mut stage.scenario.settings.redeploy;
        (redeployments.disk_error_p, redeployments.internal_error_p) = (1.0, 1.0);
        stage.gives(reboot()).unwrap();
        assert_eq!(stage.gives(redeploy()), Err(Refusal::IncorrectInstanceStatus));
        stage.until(60);
        assert_eq!(stage.gives(redeploy()), Err(Refusal::DiskError), "before it looks for events");
        stage.scenario.settings.redeploy.disk_error_p = 0.0;
        assert_eq!(stage.gives(redeploy()), Err(Refusal::NoMaintenanceEvents));
        stage.publishes((EventType::MaintenanceReboot, SCHEDULED), I, None, Some(3_600));
        assert_eq!(stage.gives(redeploy()), Err(Refusal::InternalError), "after all else");
        // Each request has a draw of its own: one that is tried again gets through in the end.
        stage.scenario.settings.redeploy.internal_error_p = 0.5;
        let refused = (0..64).take_while(|_| stage.gives(redeploy()).is_err()).count();
        assert!(refused < 64, "64 requests fail with probability 2^-64");
        assert_eq!(stage.fleet.care[I].redeploy_requests as usize, 4 + refused + 1);
    }

    #[test]
    fn a_redeployment_is_open_in_the_gap_and_not_while_a_disk_waits_for_its_reboot() {
        let mut stage = local(|_| {});
        let bay = Id::new(0);
        stage.fleet.disks.row_mut(bay).holder = Some(I);
        breaks(&mut stage, bay, &[DiskStep::Damage]);
        stage.publishes((EventType::DiskErrorDetected, EventStatus::Executing), I, Some(bay), None);
        assert_eq!(stage.gives(redeploy()), Err(Refusal::NoMaintenanceEvents), "damaged");
        breaks(&mut stage, bay, &[DiskStep::AuthorizeIsolation]);
        let executing = (EventType::RebootAndIsolateErrorDisk, EventStatus::Executing);
        stage.publishes(executing, I, Some(bay), None);
        assert_eq!(stage.gives(redeploy()), Err(Refusal::NoMaintenanceEvents), "authorised");
        breaks(&mut stage, bay, &[DiskStep::Isolate]);
        assert_eq!(stage.gives(redeploy()), Ok(()), "isolated");
    }

    #[test]
    fn without_a_disk_flow_the_alert_alone_permits_a_redeployment() {
        let mut stage = local(|scenario| {
            let types = scenario.layout.types.ids();
            types.iter().for_each(|id| scenario.layout.types[id].disk_flow = DiskFlow::NoIsolation);
        });
        let alert = (EventType::DiskErrorDetected, EventStatus::Executing);
        stage.publishes(alert, I, Some(Id::new(0)), None);
        assert_eq!(stage.gives(redeploy()), Ok(()));
    }

    #[test]
    fn who_waits_for_a_failed_server_may_only_be_redeployed() {
        for (kind, of_type, expected) in [
            (EventType::FailureReboot, "local", Ok(())),
            (EventType::FailureReboot, "cloud", Err(Refusal::IncorrectInstanceStatus)),
            (EventType::FailureStop, "local", Err(Refusal::IncorrectInstanceStatus)),
        ] {
            let mut stage = Stage::with_one(of_type);
            stage.fleet.instances.row_mut(I).recovery = Recovering::ForServer;
            stage.publishes((kind, EventStatus::Executing), I, None, None);
            for command in [reboot(), stop(None), start()] {
                assert_eq!(stage.gives(command), Err(Refusal::IncorrectInstanceStatus));
            }
            assert_eq!(stage.gives(redeploy()), expected, "{}", kind.code());
        }
    }

    #[test]
    fn inquiries_are_accepted_in_the_documented_order() {
        let mut stage = local(|scenario| {
            scenario.settings.event.accept_types = Some(vec![
                EventType::MaintenanceReboot,
                EventType::IsolateErrorDisk,
                EventType::ReInitErrorDisk,
            ]);
        });
        let bay = Id::new(0);
        let scheduled =
            stage.publishes((EventType::MaintenanceReboot, SCHEDULED), I, None, Some(9_000));
        assert_eq!(stage.gives(accept(scheduled)), Err(Refusal::NoInquiringEvent));
        let refused = stage.publishes((EventType::MaintenanceRedeploy, INQUIRING), I, None, None);
        assert_eq!(stage.gives(accept(refused)), Err(Refusal::AcceptNotSupported));
        let reinit = stage.publishes((EventType::ReInitErrorDisk, INQUIRING), I, Some(bay), None);
        assert_eq!(stage.gives(accept(reinit)), Err(Refusal::DiskStatusNotSupported));
        let of_no_disk = stage.publishes((EventType::IsolateErrorDisk, INQUIRING), I, None, None);
        assert_eq!(stage.gives(accept(of_no_disk)), Err(Refusal::DiskCategoryNotSupported));
        stage.fleet.instances.row_mut(I).recovery = Recovering::ForServer;
        assert_eq!(stage.gives(accept(reinit)), Err(Refusal::InstanceStatusNotSupported));
        stage.fleet.instances.row_mut(I).recovery = Recovering::No;
        stage.gives(reboot()).unwrap();
        assert_eq!(stage.gives(accept(reinit)), Err(Refusal::IncorrectInstanceStatus));
        stage.until(60);
        stage.locks(I, LockReason::Security, true);
        assert_eq!(stage.gives(accept(reinit)), Err(Refusal::LockedForSecurity));
        stage.locks(I, LockReason::Security, false);
        stage.gives(redeploy()).unwrap();
        assert_eq!(stage.gives(accept(reinit)), Err(Refusal::OperationConflict));
        assert_eq!(stage.gives(accept(refused)), Err(Refusal::AcceptNotSupported), "comes first");
    }

    #[test]
    fn families_without_replacement_have_no_job_to_accept() {
        let mut stage = local(|scenario| {
            let types = scenario.layout.types.ids();
            types.iter().for_each(|id| scenario.layout.types[id].disk_flow = DiskFlow::IsolateOnly);
        });
        let bay = Id::new(0);
        breaks(&mut stage, bay, &[DiskStep::Damage, DiskStep::Isolate, DiskStep::Replace]);
        assert_eq!(stage.fleet.disks[bay].state, DiskState::Replaced);
        let reinit = stage.publishes((EventType::ReInitErrorDisk, INQUIRING), I, Some(bay), None);
        assert_eq!(stage.gives(accept(reinit)), Err(Refusal::DiskCategoryNotSupported));
    }

    #[test]
    fn starts_are_refused_where_the_server_is_bad_or_full() {
        // S16: bound to a server that does not work.
        for (of_type, expected) in
            [("local", Refusal::IncorrectInstanceStatus), ("cloud", Refusal::NoStock)]
        {
            let mut stage = Stage::with_one(of_type);
            stage.gives(stop(None)).unwrap();
            stage.until(10);
            assert_eq!(stage.fleet.instances[I].state, InstanceState::Stopped);
            [0, 1].into_iter().for_each(|server| stage.rack_of(Id::new(server), false));
            assert_eq!(stage.gives(start()), Err(expected));
            assert!(stage.fleet.instances[I].owing, "owing goes on whether or not it succeeds");
        }
    }

    #[test]
    fn a_legacy_type_is_stopped_only_when_that_is_confirmed() {
        let mut stage = local(|scenario| {
            let types = scenario.layout.types.ids();
            types.iter().for_each(|id| scenario.layout.types[id].stop_loses_local_data = true);
        });
        assert_eq!(stage.gives(stop(None)), Err(Refusal::StopNotConfirmed));
        let confirmed = |dry_run| Command::StopInstance {
            instance: I,
            mode: None,
            force: false,
            confirm: true,
            dry_run,
        };
        assert_eq!(stage.gives(confirmed(true)), Err(Refusal::DryRun));
        assert_eq!(stage.fleet.instances[I].state, InstanceState::Running, "nothing was done");
        assert_eq!(stage.gives(confirmed(false)), Ok(()));
        stage.until(10);
        assert!(!stage.fleet.instances[I].has_local_data);
    }

    #[test]
    fn dry_runs_say_that_all_is_well_and_do_nothing() {
        let mut stage = Stage::with_one("cloud");
        let dry = Command::RebootInstance { instance: I, force: true, dry_run: true };
        assert_eq!(stage.gives(dry), Err(Refusal::DryRun));
        assert_eq!(stage.states(I).len(), 2, "Starting and Running, from the beginning");
        stage.gives(stop(None)).unwrap();
        assert_eq!(
            stage.gives(dry),
            Err(Refusal::IncorrectInstanceStatus),
            "the state comes first"
        );
        stage.until(10);
        let dry = Command::StartInstance { instance: I, init_local_disk: false, dry_run: true };
        assert_eq!(stage.gives(dry), Err(Refusal::DryRun));
        assert_eq!(stage.fleet.instances[I].state, InstanceState::Stopped);
    }

    #[test]
    fn maintenance_attributes_suit_the_instance() {
        let set = |action| Command::ModifyInstanceMaintenanceAttributes {
            instance: I,
            action: Some(action),
            window: None,
            notify: Some(true),
        };
        let mut cloud = Stage::with_one("cloud");
        let refused = cloud.gives(set(ActionOnMaintenance::AutoRedeploy));
        assert_eq!(refused, Err(Refusal::InvalidParameter), "S33");
        assert!(!cloud.fleet.care[I].notify);
        assert_eq!(cloud.gives(set(ActionOnMaintenance::Stop)), Ok(()));
        assert_eq!(cloud.fleet.care[I].action, ActionOnMaintenance::Stop);
        let mut local = Stage::with_one("local");
        assert_eq!(local.gives(set(ActionOnMaintenance::AutoRedeploy)), Ok(()));
    }

    #[test]
    fn planned_times_are_moved_within_their_limits() {
        let mut stage = Stage::with_one("cloud");
        let event =
            stage.publishes((EventType::MaintenanceReboot, SCHEDULED), I, None, Some(86_400));
        let to = |seconds| Command::ModifySystemEventAttribute {
            instance: I,
            event,
            not_before: at(seconds),
        };
        stage.until(100);
        assert_eq!(stage.gives(to(100)), Err(Refusal::NotBeforePassed));
        assert_eq!(stage.gives(to(3 * 86_400 + 1)), Err(Refusal::InvalidParameter), "S36");
        assert_eq!(stage.gives(to(3 * 86_400)), Ok(()));
        assert_eq!(stage.gives(to(200)), Ok(()));
        stage.until(201);
        assert_eq!(stage.statuses(EventType::MaintenanceReboot)[1], (200, EventStatus::Executing));
        assert_eq!(stage.gives(to(300)), Err(Refusal::EventNotFound), "not Scheduled any more");
    }

    #[test]
    fn simulated_events_take_their_own_course() {
        let mut stage = Stage::with_one("cloud");
        let simulate = |kind, seconds, real_ops| Command::CreateSimulatedSystemEvents {
            instance: I,
            kind,
            not_before: at(seconds),
            real_ops,
        };
        stage.until(50);
        let passed = stage.gives(simulate(EventType::MaintenanceStop, 50, false));
        assert_eq!(passed, Err(Refusal::NotBeforePassed));
        let unknown = stage.gives(simulate(EventType::FailureDelete, 60, false));
        assert_eq!(unknown, Err(Refusal::InvalidParameter));
        stage.gives(simulate(EventType::MaintenanceStop, 60, false)).unwrap();
        stage.gives(simulate(EventType::FailureReboot, 70, true)).unwrap();
        stage.gives(simulate(EventType::FailureStop, 80, false)).unwrap();
        let canceled = stage.fleet.events.of(I).next().expect("the newest").0;
        stage.gives(Command::CancelSimulatedSystemEvents { event: canceled }).unwrap();
        let real = stage.publishes((EventType::MaintenanceReboot, INQUIRING), I, None, None);
        let refused = stage.gives(Command::CancelSimulatedSystemEvents { event: real });
        assert_eq!(refused, Err(Refusal::NotSimulated));
        stage.until(200);
        use EventStatus::{Canceled, Executed, Executing, Scheduled};
        let of = |kind| stage.statuses(kind);
        assert_eq!(of(EventType::MaintenanceStop), [(50, Scheduled), (60, Executed)]);
        assert_eq!(of(EventType::FailureReboot), [(50, Executing), (70, Executed)]);
        assert_eq!(of(EventType::FailureStop), [(50, Executing), (50, Canceled)]);
        let restarted = [
            (70, InstanceState::Stopping),
            (80, InstanceState::Starting),
            (120, InstanceState::Running),
        ];
        assert_eq!(
            stage.states(I)[2..],
            restarted,
            "TriggerRealOps restarts it, the others nothing"
        );
    }

    #[test]
    fn no_more_simulated_events_than_the_limit() {
        let mut stage =
            Stage::new("[[workload.instances]]\ntype = \"cloud\"\ncount = 1\n", |scenario| {
                scenario.settings.simulated_max_active = 1;
            });
        let simulate = Command::CreateSimulatedSystemEvents {
            instance: I,
            kind: EventType::MaintenanceStop,
            not_before: at(60),
            real_ops: false,
        };
        assert_eq!(stage.gives(simulate), Ok(()));
        assert_eq!(stage.gives(simulate), Err(Refusal::SimulatedEventLimitExceeded));
    }

    #[test]
    fn a_redeployment_is_not_canceled() {
        let mut stage = Stage::with_one("cloud");
        stage.publishes((EventType::MaintenanceReboot, SCHEDULED), I, None, Some(3_600));
        stage.gives(redeploy()).unwrap();
        let task = stage.fleet.instances[I].task.expect("a redeployment is a task");
        let refused = stage.gives(Command::CancelTask { task });
        assert_eq!(refused, Err(Refusal::TaskActionNotSupported));
    }
}
