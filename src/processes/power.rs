//! Stops, restarts and starts of an instance (spec/events.md 1.2 L4 to L6; 1.3; 1.4; 5.1; 5.2).
//!
//! Path of a stop: Running → Stopping → (`instance.stopping`, at most `guest_shutdown_timeout` and
//! then a power-off; or at once `instance.forced_stop`) → Stopped, its room kept or given up. Path
//! of a restart: Stopping → Starting, here or on another server (S14) → (boot) → Running. Path of a
//! start: Stopped → Starting, here or wherever there is room → (boot) → Running. Moves: instances,
//! their care, room, and events that a stop answers.

use super::{
    boot, burst, disks, events, hosting, loss, markets, owner, release, room, service, settle,
    turn::Turn, wear,
};
use crate::{
    fleet::{
        care::{BootFor, StopFor, StoppedMode},
        cause::Cause,
        chance::Chance,
        ids::{Instance, Server},
        system_events::{EventRow, Origin},
    },
    kernel::{column::Id, time::Span},
    lifecycle::{
        instance::InstanceStep,
        server::ServerState,
        system_event::{EventStatus, EventStep, EventType},
    },
    messages::{
        fact::{Fact, Reason},
        occurrence::Occurrence,
        refusal::Refusal,
    },
};

/// A StopInstance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stop {
    /// Whether its room is kept; see [`mode_of`].
    pub mode: StoppedMode,
    /// Whether it is a power-off.
    pub force: bool,
    /// Whether it is wanted for its own sake, so that no service is owed any more; else it answers
    /// an event.
    pub for_its_own_sake: bool,
}

/// How `instance` is stopped when `asked` is asked for: who is not eligible for an economical stop
/// is stopped in the standard way, without an error (C15).
pub fn mode_of(turn: &Turn<'_>, instance: Id<Instance>, asked: Option<StoppedMode>) -> StoppedMode {
    let layout = turn.layout();
    let template = turn.fleet.instances[instance].template;
    let kind = &layout.types[layout.templates[template].instance_type];
    let is_eligible = kind.pay_as_you_go && !kind.is_classic && !layout.is_bound(template);
    match asked {
        None if turn.scenario.settings.economical && is_eligible => StoppedMode::StopCharging,
        Some(StoppedMode::StopCharging) if is_eligible => StoppedMode::StopCharging,
        Some(StoppedMode::StopCharging | StoppedMode::NotApplicable) => StoppedMode::NotApplicable,
        None | Some(StoppedMode::KeepCharging) => StoppedMode::KeepCharging,
    }
}

/// The owner stops `instance`, which is Running.
pub fn stop(turn: &mut Turn<'_>, instance: Id<Instance>, how: Stop) {
    turn.fleet.care.row_mut(instance).stopped_mode = how.mode;
    let was_served = turn.fleet.instances[instance].served;
    if how.for_its_own_sake {
        service::give_up(turn, instance);
    }
    begin_stop(turn, instance, StopFor::Stop, how.force);
    if how.for_its_own_sake && how.force && was_served {
        turn.state(Fact::DirtyLost(instance)); // What is not owed any more was served all the same.
    }
}

/// The owner restarts `instance`, which is Running; by a power-off if it is to `force` it.
pub fn reboot(turn: &mut Turn<'_>, instance: Id<Instance>, force: bool) {
    begin_stop(turn, instance, StopFor::Reboot, force);
}

/// The system restarts `instance`, which is Running. Where it goes, and that the events which ask
/// for it are done, follows by itself.
pub fn system_reboot(turn: &mut Turn<'_>, instance: Id<Instance>) {
    begin_stop(turn, instance, StopFor::SystemReboot, false);
}

/// The system stops `instance`, which is Running; its room is kept.
pub fn system_stop(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.care.row_mut(instance).stopped_mode = StoppedMode::KeepCharging;
    begin_stop(turn, instance, StopFor::SystemStop, false);
}

/// `instance`, which is Running, is restarted after a time in which its system disk is replaced.
pub fn rebuild(turn: &mut Turn<'_>, instance: Id<Instance>, span: Span) {
    leaves_running(turn, instance, StopFor::Rebuild);
    off_after(turn, instance, span);
}

/// `instance`, which is Running, begins to stop.
pub fn begin_stop(turn: &mut Turn<'_>, instance: Id<Instance>, what_for: StopFor, force: bool) {
    let was_served = turn.fleet.instances[instance].served;
    let number = leaves_running(turn, instance, what_for);
    let settings = &turn.scenario.settings;
    if force {
        if was_served {
            turn.state(Fact::DirtyLost(instance));
        }
        off_after(turn, instance, settings.instance_forced_stop);
        return;
    }
    let row = &turn.fleet.instances[instance];
    let (entity, stamp) = (row.name.entity(), row.stamp);
    let span = turn.length(&settings.instance_stopping, Chance::InstanceStop, entity, number);
    let limit = settings.guest_shutdown_timeout;
    if span > limit {
        turn.set_alarm(instance, limit, Occurrence::StopTimedOut { stamp, instance });
    } else {
        off_after(turn, instance, span);
    }
}

/// A stop of `instance` begins; says its number.
fn leaves_running(turn: &mut Turn<'_>, instance: Id<Instance>, what_for: StopFor) -> u32 {
    let known_events = turn.fleet.events.published();
    let care = turn.fleet.care.row_mut(instance);
    (care.stop, care.known_events) = (what_for, known_events);
    care.stops += 1;
    let number = care.stops - 1;
    turn.step(instance, InstanceStep::Stop);
    service::end(turn, instance, cause_of(what_for));
    number
}

/// The stop of `instance`, which was to leave it off or to restart it, is over.
pub fn halted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    match turn.fleet.care[instance].stop {
        StopFor::Stop => stopped_by_owner(turn, instance),
        StopFor::Reboot => restarts(turn, instance, BootFor::Reboot),
        StopFor::SystemReboot => restarts(turn, instance, BootFor::SystemReboot),
        StopFor::Rebuild => restarts(turn, instance, BootFor::Reboot),
        what_for @ (StopFor::Nothing
        | StopFor::Redeploy
        | StopFor::SystemStop
        | StopFor::Billing
        | StopFor::Spot
        | StopFor::SystemRedeploy) => panic!("a stop for {what_for:?} does not end here"),
    }
}

/// The graceful stop of `instance` has taken as long as it may, and it is powered off (S30).
pub fn stop_timed_out(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.state(Fact::DirtyLost(instance));
    off_after(turn, instance, turn.scenario.settings.instance_forced_stop);
}

/// The graceful stop of `instance` has taken as long as it may and is given up: it is Running again
/// (L27).
pub fn stop_given_up(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.care.row_mut(instance).stop = StopFor::Nothing;
    turn.step(instance, InstanceStep::StopTimesOut);
}

/// `instance`, whose stop was given up, goes on as before: served, or as little as it was.
pub fn runs_on(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if turn.fleet.instances[instance].down_by == Some(Cause::GuestFailure) {
        wear::guest_loss_awaited(turn, instance); // Its guest had crashed before.
    } else if !loss::lies_down(turn, instance) {
        boot::resumed(turn, instance);
    }
}

/// `instance` is off from now on: whoever stopped it goes on from here.
pub fn has_stopped(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.care.row_mut(instance).stop = StopFor::Nothing;
    turn.step(instance, InstanceStep::Halt);
    let layout = turn.layout();
    let template = turn.fleet.instances[instance].template;
    if layout.types[layout.templates[template].instance_type].stop_loses_local_data {
        room::lose_local_data(turn, instance);
    }
}

/// Where `instance`, which is Stopped, can be started: `None` where it is.
///
/// # Errors
/// IncorrectInstanceStatus if it is bound to a server that does not work (S16), or has never been
/// anywhere because its creation failed; NoStock if there is no room, or its market has none;
/// SpotPriceLowerThanPublicPrice if it bids less than its market asks.
pub fn place_to_start(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
) -> Result<Option<Id<Server>>, Refusal> {
    markets::may_start(turn, instance)?;
    if turn.fleet.has_working_server(turn.layout(), instance) {
        return Ok(None);
    }
    let row = &turn.fleet.instances[instance];
    let gave_room_up = turn.fleet.care[instance].stopped_mode == StoppedMode::StopCharging;
    let is_nowhere = row.server.is_none() && !gave_room_up;
    if is_nowhere || turn.layout().is_bound(row.template) {
        return Err(Refusal::IncorrectInstanceStatus);
    }
    if hosting::of(turn, instance).is_some() {
        // The host on which it holds room is down; without room, affinity decides (1.4).
        if turn.fleet.instances[instance].server.is_some() {
            return Err(Refusal::IncorrectInstanceStatus);
        }
        return room::elsewhere(turn, instance).map(Some).ok_or(Refusal::NoStock);
    }
    if turn.fleet.waiting.anybody_for(room::wanted_by(turn, instance)) {
        return Err(Refusal::NoStock); // Room that is freed now goes to those who wait already.
    }
    room::elsewhere(turn, instance).map(Some).ok_or(Refusal::NoStock)
}

/// The owner starts `instance`, which is Stopped, on `target` or where it is; its local disks are
/// brought back empty first, if it wants that.
pub fn start(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    target: Option<Id<Server>>,
    init_local_disk: bool,
) {
    if let Some(server) = target {
        if turn.fleet.instances[instance].server.is_some() {
            room::give_back(turn, instance);
        }
        room::take(turn, instance, server, (Reason::Restart, Span::ZERO));
    }
    markets::starts(turn, instance);
    if init_local_disk {
        room::lose_local_data(turn, instance);
        disks::init_local_disks(turn, instance);
    }
    service::resume(turn, instance, Cause::CustomerAction);
    let known_events = turn.fleet.events.published();
    let care = turn.fleet.care.row_mut(instance);
    (care.boot, care.known_events) = (BootFor::Start, known_events);
    turn.step(instance, InstanceStep::Start);
    burst::started(turn, instance);
    boots(turn, instance);
}

/// The owner could not start `instance`: it owes service all the same.
pub fn start_refused(turn: &mut Turn<'_>, instance: Id<Instance>, refusal: Refusal) {
    let cause = if refusal == Refusal::NoStock {
        turn.state(Fact::NoRoom { instance, reason: Reason::Restart });
        Cause::NoCapacity
    } else if refusal == Refusal::SpotPriceTooLow {
        Cause::Spot
    } else {
        let server = turn.fleet.instances[instance].server;
        match server.map(|server| turn.fleet.servers[server].state) {
            None => Cause::NoCapacity,
            Some(ServerState::Up) => Cause::RackFailure,
            Some(ServerState::Offline) => Cause::Maintenance,
            Some(ServerState::Restarting | ServerState::Broken | ServerState::InRepair) => {
                Cause::ServerFailure
            }
        }
    };
    service::resume(turn, instance, cause);
}

/// The owner's stop of `instance` is over.
fn stopped_by_owner(turn: &mut Turn<'_>, instance: Id<Instance>) {
    has_stopped(turn, instance);
    let gives_room_up = turn.fleet.care[instance].stopped_mode == StoppedMode::StopCharging;
    if gives_room_up {
        markets::leaves(turn, instance);
        room::give_up(turn, instance);
        burst::voided(turn, instance);
    }
    // S15: the owner was faster than the system.
    events::step_all(turn, instance, |row: &EventRow| {
        let is_planned = row.kind == EventType::MaintenanceStop && !row.simulated;
        (is_planned && row.status == EventStatus::Scheduled).then_some(EventStep::Answer)
    });
    if gives_room_up {
        settle::left_server(turn, instance, settle::By::Owner);
    }
    if !release::if_due(turn, instance) && turn.fleet.instances[instance].owing {
        owner::learns_of_stop(turn, instance);
    }
}

/// `instance` has stopped and boots again.
fn restarts(turn: &mut Turn<'_>, instance: Id<Instance>, boot: BootFor) {
    let care = turn.fleet.care.row_mut(instance);
    (care.stop, care.boot) = (StopFor::Nothing, boot);
    if let Some(server) = refuge(turn, instance) {
        room::give_back(turn, instance);
        room::take(turn, instance, server, (Reason::RebootMove, Span::ZERO));
    }
    turn.step(instance, InstanceStep::Boot);
    boots(turn, instance);
}

fn boots(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if boot::begin(turn, instance) == Some(boot::Ended::Failed) {
        owner::after_failed_boot(turn, instance);
    }
}

/// The server to which a restart takes `instance` because the one it is on is to be left (S14).
fn refuge(turn: &mut Turn<'_>, instance: Id<Instance>) -> Option<Id<Server>> {
    let row = &turn.fleet.instances[instance];
    let may_move = turn.scenario.settings.event.reboot_moves_cloud_only;
    if hosting::of(turn, instance).is_some() {
        return hosting::follows(turn, instance);
    }
    if !may_move || turn.layout().is_bound(row.template) {
        return None;
    }
    let (campaigns, here) = (&turn.scenario.campaigns, row.server);
    let moves = |origin: Origin| {
        origin.campaign().is_none_or(|campaign| campaigns[campaign].moves_instances)
    };
    let known_events = turn.fleet.care[instance].known_events;
    let asks = |row: &EventRow| {
        let is_here = row.origin.server().is_none_or(|server| here == Some(server));
        let asks = row.kind == EventType::MaintenanceReboot && row.number < known_events;
        asks && !row.simulated && is_here && moves(row.origin)
    };
    let is_asked = turn.fleet.events.of(instance).any(|(_, row)| asks(row));
    if is_asked { room::elsewhere(turn, instance) } else { None }
}

/// The stop of `instance` that is under way has taken as long as somebody else allows: it is powered
/// off, unless that is being done.
pub fn stop_forced(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.void_alarm(instance);
    stop_timed_out(turn, instance);
}

fn off_after(turn: &mut Turn<'_>, instance: Id<Instance>, span: Span) {
    let stamp = turn.fleet.instances[instance].stamp;
    turn.set_alarm(instance, span, Occurrence::Halted { stamp, instance });
}

/// Why an instance that stops for this is not served.
fn cause_of(what_for: StopFor) -> Cause {
    match what_for {
        StopFor::Stop | StopFor::Reboot | StopFor::Redeploy => Cause::CustomerAction,
        StopFor::SystemStop
        | StopFor::SystemReboot
        | StopFor::SystemRedeploy
        | StopFor::Billing => Cause::Maintenance,
        StopFor::Rebuild => Cause::Refresh,
        StopFor::Spot => Cause::Spot,
        StopFor::Nothing => panic!("a stop is for something"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::distribution::Distribution,
        lifecycle::instance::InstanceState::{self, Running, Starting, Stopped, Stopping},
        messages::command::{Actor, Command},
        processes::{perform, stage::Stage},
    };

    const I: Id<Instance> = Id::new(0);
    const HERE: Option<Id<Server>> = Some(Id::new(0));
    const THERE: Option<Id<Server>> = Some(Id::new(1));

    const fn stops(mode: Option<StoppedMode>, force: bool) -> Command {
        Command::StopInstance { instance: I, mode, force, confirm: false, dry_run: false }
    }

    const START: Command =
        Command::StartInstance { instance: I, init_local_disk: false, dry_run: false };

    const REBOOT: Command = Command::RebootInstance { instance: I, force: false, dry_run: false };

    /// A command of the scenario, which is given for its own sake.
    fn scripts(stage: &mut Stage, command: Command) {
        let actor = Actor::Script(Id::new(0));
        stage.does(|turn| perform::perform(turn, actor, command)).unwrap();
    }

    fn down_by(stage: &Stage) -> Vec<Cause> {
        let of = |fact: &Fact| {
            if let Fact::ServiceEnded { cause, .. } = *fact { Some(cause) } else { None }
        };
        stage.told.iter().filter_map(|(_, fact)| of(fact)).collect()
    }

    #[test]
    fn a_restart_shows_no_stopped_in_between() {
        let mut stage = Stage::with_one("cloud");
        stage.gives(REBOOT).unwrap();
        stage.until(100);
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (10, Starting), (50, Running)], "L6");
        assert_eq!(down_by(&stage), [Cause::CustomerAction]);
        assert_eq!(stage.fleet.instances[I].server, HERE, "nothing asks it to leave");
    }

    #[test]
    fn a_restart_that_answers_an_event_leaves_the_server_without_local_disks() {
        for (of_type, then) in [("cloud", THERE), ("local", HERE)] {
            let mut stage = Stage::with_one(of_type);
            let kind = EventType::MaintenanceReboot;
            stage.publishes((kind, EventStatus::Scheduled), I, None, Some(86_400));
            stage.gives(REBOOT).unwrap();
            stage.until(100);
            assert_eq!(stage.fleet.instances[I].server, then, "S14");
            assert_eq!(stage.statuses(kind)[1], (50, EventStatus::Avoided));
        }
    }

    #[test]
    fn a_guest_that_does_not_stop_is_powered_off() {
        let mut stage =
            Stage::new("[[workload.instances]]\ntype = \"cloud\"\ncount = 1\n", |scenario| {
                scenario.settings.instance_stopping = Distribution::Fixed(Span::from_seconds(300));
            });
        stage.gives(stops(None, false)).unwrap();
        stage.until(300);
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (241, Stopped)], "S30");
        assert!(stage.told.iter().any(|(_, fact)| matches!(fact, Fact::DirtyLost(_))));
    }

    #[test]
    fn a_forced_stop_is_a_power_off() {
        let mut stage = Stage::with_one("cloud");
        stage.gives(stops(None, true)).unwrap();
        stage.until(5);
        assert_eq!(stage.states(I)[2..], [(0, Stopping), (1, Stopped)]);
        assert!(stage.told.iter().any(|(_, fact)| matches!(fact, Fact::DirtyLost(_))));
    }

    #[test]
    fn an_economical_stop_gives_the_room_up_and_answers_what_is_tied_to_the_server() {
        let mut stage = Stage::with_one("cloud");
        let kind = EventType::MaintenanceReboot;
        stage.publishes((kind, EventStatus::Scheduled), I, None, Some(86_400));
        stage.gives(stops(Some(StoppedMode::StopCharging), false)).unwrap();
        stage.until(20);
        assert_eq!(stage.fleet.instances[I].server, None);
        assert_eq!(stage.statuses(kind)[1], (10, EventStatus::Avoided), "S32");
        stage.gives(START).unwrap();
        assert!(stage.fleet.instances[I].server.is_some(), "a new placement");
    }

    #[test]
    fn a_standard_stop_keeps_the_room_and_answers_only_a_stop_event() {
        let mut stage = Stage::with_one("cloud");
        let (stop, restart) = (EventType::MaintenanceStop, EventType::MaintenanceReboot);
        stage.publishes((stop, EventStatus::Scheduled), I, None, Some(86_400));
        stage.publishes((restart, EventStatus::Scheduled), I, None, Some(86_400));
        stage.gives(stops(None, false)).unwrap();
        stage.until(20);
        assert_eq!(stage.fleet.instances[I].server, HERE);
        assert_eq!(stage.statuses(stop)[1], (10, EventStatus::Avoided), "S15");
        stage.gives(START).unwrap();
        stage.until(100);
        assert_eq!(stage.statuses(restart).len(), 1, "S32");
    }

    #[test]
    fn who_is_not_eligible_is_stopped_in_the_standard_way() {
        for (of_type, prepaid) in [("local", false), ("cloud", true)] {
            let more = format!("[[workload.instances]]\ntype = \"{of_type}\"\ncount = 1\n");
            let mut stage = Stage::new(&more, |scenario| {
                let types = scenario.layout.types.ids();
                let pays = |id| scenario.layout.types[id].pay_as_you_go = !prepaid;
                types.iter().for_each(pays);
                scenario.settings.economical = true;
            });
            stage.gives(stops(Some(StoppedMode::StopCharging), false)).unwrap();
            stage.until(20);
            assert_eq!(stage.fleet.care[I].stopped_mode, StoppedMode::NotApplicable, "C15");
            assert_eq!(stage.fleet.instances[I].server, HERE);
        }
    }

    #[test]
    fn the_accounts_switch_makes_stops_economical() {
        let mut stage =
            Stage::new("[[workload.instances]]\ntype = \"cloud\"\ncount = 1\n", |scenario| {
                scenario.settings.economical = true;
            });
        stage.gives(stops(None, false)).unwrap();
        stage.until(20);
        assert_eq!(stage.fleet.instances[I].server, None);
    }

    #[test]
    fn a_stop_for_its_own_sake_ends_the_owing_and_a_start_resumes_it() {
        let mut stage = Stage::with_one("cloud");
        scripts(&mut stage, stops(None, false));
        stage.until(86_400);
        assert_eq!(stage.fleet.instances[I].state, Stopped, "nobody starts it unasked");
        assert!(!stage.fleet.instances[I].owing);
        assert!(down_by(&stage).is_empty());
        scripts(&mut stage, START);
        assert!(stage.fleet.instances[I].owing);
        assert_eq!(down_by(&stage), [Cause::CustomerAction]);
        stage.until(86_500);
        assert!(stage.fleet.instances[I].served);
    }

    #[test]
    fn a_start_without_room_makes_the_owing_resume() {
        let mut stage = Stage::with_one("cloud");
        scripts(&mut stage, stops(Some(StoppedMode::StopCharging), false));
        stage.until(20);
        [0, 1].into_iter().for_each(|server| stage.rack_of(Id::new(server), false));
        assert_eq!(stage.gives(START), Err(Refusal::NoStock));
        let row = &stage.fleet.instances[I];
        assert_eq!((row.owing, row.down_by), (true, Some(Cause::NoCapacity)));
    }

    #[test]
    fn the_owner_of_what_it_stopped_to_answer_an_event_starts_it_again() {
        let mut stage = Stage::with_one("cloud");
        stage.gives(stops(None, false)).unwrap();
        stage.until(3_700);
        assert_eq!(stage.states(I)[4..], [(3_610, Starting), (3_650, Running)]);
    }

    #[test]
    fn what_create_instance_makes_waits_for_its_start() {
        let mut stage = Stage::with_one("cloud");
        let template = stage.fleet.instances[I].template;
        scripts(&mut stage, Command::CreateInstance { template });
        let created: Id<Instance> = Id::new(1);
        stage.until(3_600 * 24);
        assert_eq!(stage.states(created), [(3, Stopped)], "L2");
        let start =
            Command::StartInstance { instance: created, init_local_disk: false, dry_run: false };
        scripts(&mut stage, start);
        assert!(!stage.fleet.instances[created].owing, "it has never been Running");
        stage.until(3_600 * 24 + 100);
        assert!(stage.fleet.instances[created].owing);
        scripts(&mut stage, Command::RunInstances { template, amount: 1 });
        let run: Id<Instance> = Id::new(2);
        stage.until(3_600 * 24 + 200);
        assert_eq!(stage.fleet.instances[run].state, InstanceState::Running, "L1");
    }
}
