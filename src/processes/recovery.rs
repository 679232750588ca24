//! Recovery of the instances of a failed server, rack or guest.
//!
//! Path: failed → (`recover.detect`) → noticed: planned work is withdrawn, a failure event is
//! published → moved to another server, or waiting for room, or waiting for its own server →
//! Starting → (boot) → Running, the event Executed. Or Stopped: for good (action Stop), or until
//! its SystemFailure.Redeploy is answered, executed, or needless because the server is repaired.
//! Documented behaviour: spec/events.md 1.2 L15 to L17 and L24, 2.5, 2.9 to 2.12, 2.19, S4, S8, S18,
//! S19; spec/corrections.md L25, L28 and 10 ("whichever server is ready first"). Moves: instances,
//! events, tasks, the queue for room.
//!
//! **Departs**: a crash withdraws what is planned on the server (Reboot, Stop, Redeploy), not what
//! is asked about a damaged disk, which is as damaged as before.

use super::{
    boot, disks, events, hosting, launch, live_migration, loss, owner, release, room, settle,
    stuck, turn::Turn,
};
use crate::{
    fleet::{
        capacity::Request,
        care::{ActionOnMaintenance, BootFor, StopFor},
        dedicated_hosts::HostAction,
        ids::{Instance, Rack, Server, SystemEvent},
        instances::Recovering,
        servers::DownBy,
        system_events::{EventRow, NewEvent, Origin},
        tasks::TaskKind,
        waiting::{self, Wanted},
    },
    kernel::{column::Id, time::Span},
    lifecycle::{
        instance::{InstanceState, InstanceStep},
        server::ServerState,
        system_event::{EventStatus, EventStep, EventType},
    },
    messages::{
        fact::{Fact, Reason},
        occurrence::Occurrence,
    },
    scenario::Recovery,
};

/// The crash of `server` is noticed.
pub fn server_loss_noticed(turn: &mut Turn<'_>, server: Id<Server>) {
    hosting::down(turn, server);
    let instances = loss::instances_in_order(turn, server);
    for instance in &instances {
        if is_redeployed(turn, *instance) {
            continue; // L29: it leaves this server anyway.
        }
        planned_work_ends(turn, *instance);
        let row = &turn.fleet.instances[*instance];
        // Who waits for this server, because its rack was noticed to be down first, is asked again:
        // the server may turn out to be broken for good.
        let is_down = row.state == InstanceState::Stopped || loss::lies_down(turn, *instance);
        let waits = row.recovery == Recovering::ForServer && !is_down;
        if row.recovery == Recovering::Unnoticed || waits {
            noticed(turn, *instance, server);
            turn.concerns_group(*instance);
        }
    }
    loss::done_with(turn, instances);
}

/// The outage of `rack` is noticed.
pub fn rack_loss_noticed(turn: &mut Turn<'_>, rack: Id<Rack>) {
    for server in turn.layout().racks[rack].servers.iter() {
        server_loss_noticed(turn, server);
    }
}

/// The crash of the guest of `instance` is noticed: it is restarted where it is (L25).
pub fn guest_loss_noticed(turn: &mut Turn<'_>, instance: Id<Instance>) {
    live_migration::abort(turn, instance);
    let origin = Origin::Guest(turn.fleet.instances[instance].guests - 1);
    restarted_in_place(turn, instance, EventType::InstanceFailureReboot, origin);
}

/// `instance`, whose server works, failed: that is told by an event of `kind`, and it is restarted.
pub fn restarted_in_place(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    kind: EventType,
    origin: Origin,
) {
    published(turn, instance, (kind, EventStatus::Executing), origin);
    restarts(turn, instance);
}

/// `server` works again: whoever on it waits for it, or for any room, goes on here.
pub fn server_returned(turn: &mut Turn<'_>, server: Id<Server>) {
    if !loss::is_able(turn, server) {
        return; // It failed again within the instant; its next return brings another occurrence.
    }
    let instances = loss::instances_in_order(turn, server);
    for instance in &instances {
        if !is_redeployed(turn, *instance) {
            returned(turn, *instance, server);
        }
    }
    loss::done_with(turn, instances);
}

/// A redeployment of `instance` has ended: the only place that sees to what its server has gone
/// through meanwhile, which passed the instance by. Where the task failed and the server came back,
/// the instance goes on there; where the server was lost, that is told now.
pub fn redeployment_ended(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let Some(server) = turn.fleet.instances[instance].server else { return };
    if loss::is_able(turn, server) {
        returned(turn, instance, server);
        return;
    }
    planned_work_ends(turn, instance);
    let row = &turn.fleet.instances[instance];
    if row.state == InstanceState::Stopped && row.recovery == Recovering::Unnoticed {
        stranded(turn, instance, server);
    }
}

/// L29: `instance` ran until its redeployment; it is Stopped now on `server`, which is down, its
/// local data lost. Of the failure events that find an instance Stopped, the fault chooses as it
/// does elsewhere (spec/events.md 2.5): one that could come back soon only elsewhere is asked about,
/// or moved; any other is its owner's to start.
fn stranded(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    let origin = crash_of(turn, server);
    let is_to_stop = turn.fleet.care[instance].action == ActionOnMaintenance::Stop;
    if is_to_stop || !comes_back_elsewhere(turn, instance, server) {
        stopped_by_failure(turn, instance, origin);
        return;
    }
    turn.fleet.instances.row_mut(instance).recovery = Recovering::ForServer;
    data_at_stake(turn, instance, origin, notice_of(turn, instance));
}

/// `event`, a SystemFailure.Redeploy, falls due or is accepted: the instance, its local data given
/// up, is brought back elsewhere. Moves the event to Executing where that was not done yet.
pub fn executes(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    let row = turn.fleet.events[event];
    let instance = row.instance;
    match row.status {
        EventStatus::Scheduled => _ = events::step(turn, event, EventStep::Due),
        EventStatus::Inquiring => _ = events::step(turn, event, EventStep::Accept),
        EventStatus::Executing => {}
        EventStatus::Executed
        | EventStatus::Avoided
        | EventStatus::Canceled
        | EventStatus::Failed => unreachable!("an event that has ended is not executed"),
    }
    let row = &turn.fleet.instances[instance];
    let (state, waits) = (row.state, row.recovery == Recovering::ForServer);
    if state != InstanceState::Stopped && !loss::lies_down(turn, instance) {
        events::step(turn, event, EventStep::Withdraw); // Its owner has it running again.
        return;
    }
    let returns = turn.scenario.settings.event.cancel_failure_redeploy_on_repair;
    if waits && returns && turn.fleet.has_working_server(turn.layout(), instance) {
        return; // Its server came back at this very instant: it restarts there, its data kept.
    }
    move_or_wait(turn, instance);
}

/// Pass: those who wait for room are asked in turn, as long as there may be room for them.
pub fn room_offered(turn: &mut Turn<'_>) {
    let mut offer = turn.fleet.waiting.offer();
    while let Some((instance, wanted, place)) = turn.fleet.waiting.next(&mut offer) {
        let may_fit = turn.fleet.waiting.may_fit(wanted, |server| room::fits(turn, wanted, server));
        let found = if may_fit { room::elsewhere(turn, instance) } else { None };
        let Some(server) = found else {
            let leaves_room = may_fit && is_limited(turn, instance) && has_room(turn, wanted);
            turn.fleet.waiting.refused(&mut offer, wanted, place, leaves_room);
            continue;
        };
        turn.fleet.waiting.leave(instance);
        turn.fleet.waiting.accepted(&mut offer, wanted);
        turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
        let waited = turn.now.since(place.since);
        if place.is_launch {
            turn.void_alarm(instance);
            launch::placed(turn, instance, server, waited);
        } else {
            moves(turn, instance, server, waited);
        }
    }
    let _looks = stuck::room_offered(turn);
    turn.fleet.waiting.offered(offer);
    while let Some((instance, place)) = turn.fleet.waiting.next_newcomer() {
        let reason = if place.is_launch { Reason::Launch } else { Reason::Failover };
        turn.state(Fact::NoRoom { instance, reason });
        if place.is_launch {
            launch::found_no_room(turn, instance);
        }
    }
}

/// Whether more than room binds `instance`: a limit of its application.
fn is_limited(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    room::request_of(turn, instance).application.is_some()
}

/// Whether there is what is wanted, without regard to limits.
fn has_room(turn: &Turn<'_>, Wanted { shape, zone }: Wanted) -> bool {
    let request = Request::for_shape(shape).within(zone);
    let policy = turn.scenario.policies.placement;
    policy.choose(turn.layout(), &turn.fleet.capacity, &request).is_some()
}

/// The failure of its server is noticed for one instance.
fn noticed(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    if let Some(action) = hosting::action_of(turn, instance) {
        noticed_on_host(turn, instance, (server, action));
        return;
    }
    if turn.fleet.care[instance].action == ActionOnMaintenance::Stop {
        stopped_by_failure(turn, instance, crash_of(turn, server));
        return;
    }
    turn.fleet.instances.row_mut(instance).recovery = Recovering::ForServer;
    if comes_back_elsewhere(turn, instance, server) {
        data_at_stake(turn, instance, crash_of(turn, server), notice_of(turn, instance));
        return;
    }
    reboot_announced(turn, instance, server);
    let moves = turn.scenario.policies.recovery == Recovery::Failover;
    let is_bound = turn.layout().is_bound(turn.fleet.instances[instance].template);
    if moves && !is_bound {
        move_or_wait(turn, instance);
    }
}

/// The same on a dedicated host, whose attribute says what is done (spec/events.md 2.5, 9.2): what
/// becomes of the host itself is decided apart.
fn noticed_on_host(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    (server, action): (Id<Server>, HostAction),
) {
    match action {
        HostAction::Migrate => {
            turn.fleet.instances.row_mut(instance).recovery = Recovering::ForServer;
            reboot_announced(turn, instance, server);
        }
        HostAction::Stop => {
            let is_bound = turn.layout().is_bound(turn.fleet.instances[instance].template);
            let runs = turn.fleet.instances[instance].state != InstanceState::Stopped;
            // One that is moved is restarted where it goes; local disks are not moved.
            if let Some(host) = hosting::host_of(turn, instance)
                && runs
                && !is_bound
                && !restarts_itself(turn, server)
            {
                turn.fleet.dedicated.restarts(host, instance);
            }
            stopped_by_failure(turn, instance, crash_of(turn, server));
        }
    }
}

/// `instance`, which failed with its dedicated host, is restarted on `server`, which carries that
/// now.
pub fn moves_with_host(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    turn.fleet.waiting.leave(instance);
    turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
    moves(turn, instance, server, Span::ZERO);
}

/// `instance`, which was stopped because its dedicated host failed, is started again where that is
/// now, unless its owner has been faster or wants it no more.
pub fn brought_back(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = &turn.fleet.instances[instance];
    let is_free = row.state == InstanceState::Stopped && row.task.is_none() && row.owing;
    if is_free && turn.fleet.has_working_server(turn.layout(), instance) {
        restarts(turn, instance);
    }
}

/// Whether the failure of its server is to leave `instance` Stopped.
fn is_to_stop(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    match hosting::action_of(turn, instance) {
        Some(action) => action == HostAction::Stop,
        None => turn.fleet.care[instance].action == ActionOnMaintenance::Stop,
    }
}

/// Whether `instance`, bound to `server`, could come back soon on another server only.
fn comes_back_elsewhere(turn: &Turn<'_>, instance: Id<Instance>, server: Id<Server>) -> bool {
    let moves = turn.scenario.policies.recovery == Recovery::Failover;
    let is_bound = turn.layout().is_bound(turn.fleet.instances[instance].template);
    moves && is_bound && !restarts_itself(turn, server)
}

/// Whether the hardware of `server` works, or will without a repair.
fn restarts_itself(turn: &Turn<'_>, server: Id<Server>) -> bool {
    match turn.fleet.servers[server].state {
        ServerState::Restarting | ServerState::Up => true,
        ServerState::Broken | ServerState::Offline | ServerState::InRepair => false,
    }
}

/// `server` is back for `instance`, which is on it.
fn returned(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    let lies_down = loss::lies_down(turn, instance);
    let row = turn.fleet.instances.row_mut(instance);
    let is_down = row.state == InstanceState::Stopped || lies_down;
    match std::mem::replace(&mut row.recovery, Recovering::No) {
        Recovering::No => {}
        Recovering::Unnoticed => {
            planned_work_ends(turn, instance);
            if is_to_stop(turn, instance) {
                stopped_by_failure(turn, instance, crash_of(turn, server));
            } else {
                reboot_announced(turn, instance, server);
                restarts(turn, instance);
            }
        }
        Recovering::ForRoom => {
            turn.fleet.waiting.leave(instance);
            redeployment_is_needless(turn, instance);
            restarts(turn, instance);
        }
        Recovering::ForServer if !is_down => restarts(turn, instance),
        Recovering::ForServer => {
            if turn.scenario.settings.event.cancel_failure_redeploy_on_repair {
                redeployment_is_needless(turn, instance);
                restarts(turn, instance);
            }
        }
    }
}

/// 2.19: what was planned on the server that has failed is withdrawn.
pub fn planned_work_ends(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let is_planned = |row: &EventRow| row.kind.is_planned_on_server() && !row.simulated;
    events::step_all(turn, instance, |row| {
        let step = match settle::is_under_way(row) {
            true => settle::step_of_failure(row), // Its job was under way, and has failed.
            false => EventStep::Withdraw,
        };
        is_planned(row).then_some(step)
    });
}

/// S19: the server of `instance` works again, its data still there.
fn redeployment_is_needless(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let is_that = |row: &EventRow| row.kind == EventType::FailureRedeploy && !row.simulated;
    events::step_all(turn, instance, |row| is_that(row).then_some(EventStep::Withdraw));
}

/// What an earlier failure began to bring `instance` back has come to nothing.
fn earlier_attempts_end(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let is_one = |row: &EventRow| row.kind.is_recovery() && !row.simulated;
    events::step_all(turn, instance, |row| is_one(row).then(|| settle::step_of_failure(row)));
}

/// The crash of `server`, or the outage of its rack, that lasts now.
fn crash_of(turn: &Turn<'_>, server: Id<Server>) -> Origin {
    let rack = turn.layout().servers[server].rack;
    let (row, outages) = (&turn.fleet.servers[server], turn.fleet.racks.outages(rack));
    // Crashes that acting on a prediction avoids have numbers of their own, so that they shift no
    // other's.
    let number = match row.down_by {
        DownBy::Risk => (1 << 27) + turn.fleet.works[server].risks + outages,
        DownBy::Wear | DownBy::Operator => row.lives + outages,
    };
    Origin::Crash { server, number }
}

/// A failure event without a planned time is published.
fn published(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    (kind, status): (EventType, EventStatus),
    origin: Origin,
) -> Id<SystemEvent> {
    let new =
        NewEvent { kind, status, simulated: None, instance, bay: None, origin, not_before: None };
    events::publish(turn, new)
}

/// L15: `instance` will be restarted; told once, whatever else happens before it is Running.
fn reboot_announced(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>) {
    let is_that = |row: &EventRow| row.kind == EventType::FailureReboot && !row.simulated;
    let is_told = turn.fleet.events.of(instance).any(|(_, row)| is_that(row));
    if !is_told {
        let kind = (EventType::FailureReboot, EventStatus::Executing);
        published(turn, instance, kind, crash_of(turn, server));
    }
}

/// How long before it is moved without its local data the owner of `instance` is told; `None` where
/// the owner is asked (spec/events.md 2.11).
pub fn notice_of(turn: &Turn<'_>, instance: Id<Instance>) -> Option<Span> {
    let gives_data_up = turn.fleet.care[instance].action == ActionOnMaintenance::AutoRedeploy;
    gives_data_up.then_some(turn.scenario.settings.event.failure_redeploy_lead)
}

/// L24: `instance` could come back soon only without its local data. It is Stopped (or, by S18,
/// Running in name only), and moved after a `notice`, or its owner is asked.
pub fn data_at_stake(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    origin: Origin,
    notice: Option<Span>,
) {
    earlier_attempts_end(turn, instance);
    let not_before = notice.map(|notice| turn.now.saturating_add(notice));
    let status = if notice.is_some() { EventStatus::Scheduled } else { EventStatus::Inquiring };
    let kind = EventType::FailureRedeploy;
    events::publish(
        turn,
        NewEvent { kind, status, simulated: None, instance, bay: None, origin, not_before },
    );
    if loss::lies_down(turn, instance) {
        turn.fleet.care.row_mut(instance).stop = StopFor::Nothing;
    } else {
        is_off(turn, instance);
    }
    release::if_due(turn, instance);
}

/// `instance` is Stopped from now on, if it was not before.
fn is_off(turn: &mut Turn<'_>, instance: Id<Instance>) {
    turn.fleet.care.row_mut(instance).stop = StopFor::Nothing;
    if turn.fleet.instances[instance].state != InstanceState::Stopped {
        turn.step(instance, InstanceStep::Fail);
    }
}

/// L16: the failure leaves `instance` Stopped; its owner may start it again.
pub fn stopped_by_failure(turn: &mut Turn<'_>, instance: Id<Instance>, origin: Origin) {
    earlier_attempts_end(turn, instance);
    turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
    let event = published(turn, instance, (EventType::FailureStop, EventStatus::Executing), origin);
    is_off(turn, instance);
    events::step(turn, event, EventStep::Finish);
    if !release::if_due(turn, instance) {
        owner::learns_of_stop(turn, instance);
    }
}

fn is_redeployed(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let task = turn.fleet.instances[instance].task;
    task.is_some_and(|task| turn.fleet.tasks[task].kind == TaskKind::Redeploy)
}

/// `instance` goes to another server at once, or waits until one has room.
fn move_or_wait(turn: &mut Turn<'_>, instance: Id<Instance>) {
    // Recoveries that wait already come first; the queue's order says so.
    let is_first = turn.fleet.waiting.is_empty();
    let found = if is_first { room::elsewhere(turn, instance) } else { None };
    if let Some(server) = found {
        turn.fleet.instances.row_mut(instance).recovery = Recovering::No;
        moves(turn, instance, server, Span::ZERO);
        return;
    }
    let row = turn.fleet.instances.row_mut(instance);
    row.recovery = Recovering::ForRoom;
    let place = waiting::Turn { is_launch: false, since: turn.now, name: row.name };
    let wanted = room::wanted_by(turn, instance);
    turn.fleet.waiting.join(instance, wanted, place);
    if is_first {
        turn.state(Fact::NoRoom { instance, reason: Reason::Failover });
    } else {
        turn.fleet.waiting.newcomer(instance);
        turn.agenda.pass(Occurrence::RoomOffered);
    }
}

/// `instance` leaves its failed server for `server` and boots there.
fn moves(turn: &mut Turn<'_>, instance: Id<Instance>, server: Id<Server>, waited: Span) {
    turn.begin_task(TaskKind::Failover, instance, true);
    disks::lose_data(turn, instance);
    room::give_back(turn, instance);
    disks::close(turn, instance, disks::ClosedBy::System);
    room::take(turn, instance, server, (Reason::Failover, waited));
    restarts(turn, instance);
}

/// `instance` is brought back on the server where it is, from whatever state it is in.
fn restarts(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let care = turn.fleet.care.row_mut(instance);
    (care.stop, care.boot) = (StopFor::Nothing, BootFor::Recovery);
    match turn.fleet.instances[instance].state {
        InstanceState::Running => turn.step(instance, InstanceStep::Recover),
        InstanceState::Stopped => turn.step(instance, InstanceStep::Start),
        InstanceState::Pending | InstanceState::Stopping => turn.step(instance, InstanceStep::Boot),
        InstanceState::Starting => {} // Its boot broke off; it begins anew.
        InstanceState::Released => panic!("an instance that is gone does not recover"),
    }
    if boot::begin(turn, instance) == Some(boot::Ended::Failed) {
        owner::after_failed_boot(turn, instance);
    }
}
