//! The one place that knows every process: an occurrence goes to its handler.

use super::{
    alarms, arrivals, autoscaling, billing, boot, burst, cold_migration, customer, disks, hooks,
    host_moves, jobs, launch, leaving, live_migration, local_disks, markets, member_health,
    members, operator, owner, power, precopy, recorded, recovery, redeploy, refresh, release,
    repair, replacement, risk, scaling, scaling_activity, scripts, simulated, spot, transfers,
    turn::Turn, warm_up, wear,
};
use crate::{
    fleet::{
        Fleet,
        care::{BootFor, StopFor},
        ids::{Instance, Member, Refresh, ScalingGroup, Server, SystemEvent, Task},
        tasks::TaskKind,
    },
    kernel::{column::Id, stamp::Stamp},
    lifecycle::{instance::InstanceState, server::ServerState, system_event::EventType},
    messages::occurrence::Occurrence,
    scenario::TimeoutAction,
};

/// Sets a run up: what is there at its beginning, and what will happen first. `between` is called
/// after each instance, so that whoever wants the facts so far may take them: those of a large
/// region together would fill more memory than the region.
pub fn prime(turn: &mut Turn<'_>, between: impl FnMut(&mut Turn<'_>)) {
    wear::prime(turn);
    disks::prime(turn);
    risk::prime(turn);
    billing::prime(turn);
    arrivals::prime(turn, between);
    scaling::prime(turn);
    autoscaling::prime(turn);
    recorded::prime(turn);
    spot::prime(turn);
    operator::prime(turn);
    scripts::prime(turn);
}

/// Whether `what` still means anything: its entity has not moved on since it was scheduled.
#[inline]
pub fn is_live(fleet: &Fleet, what: &Occurrence) -> bool {
    let current = |instance: Id<Instance>, stamp: Stamp| fleet.instances[instance].stamp == stamp;
    let open = |event: Id<SystemEvent>, stamp: Stamp| fleet.events[event].stamp == stamp;
    let under_way = |task: Id<Task>, stamp: Stamp| fleet.tasks[task].stamp == stamp;
    let belongs = |member: Id<Member>, birth: Stamp| fleet.members[member].birth == birth;
    let stands = |member: Id<Member>, stamp: Stamp| fleet.members[member].stamp == stamp;
    let goes_on = |refresh: Id<Refresh>, stamp: Stamp| fleet.refreshes[refresh].stamp == stamp;
    match *what {
        Occurrence::MemberLeft { birth, member }
        | Occurrence::MemberSeen { birth, member }
        | Occurrence::MemberWarm { birth, member }
        | Occurrence::MemberFails { birth, member }
        | Occurrence::MemberJudged { birth, member }
        | Occurrence::MemberExpires { birth, member } => belongs(member, birth),
        Occurrence::MemberJoins { stamp, member }
        | Occurrence::MemberDetached { stamp, member }
        | Occurrence::MemberStopTimedOut { stamp, member }
        | Occurrence::HookEnds { stamp, member } => stands(member, stamp),
        Occurrence::ReplacementRetried { stamp, replacement } => {
            fleet.refreshes.replacement(replacement).stamp == stamp
        }
        Occurrence::RefreshPauseEnds { stamp, refresh }
        | Occurrence::RefreshTimesOut { stamp, refresh }
        | Occurrence::RefreshContinues { stamp, refresh } => goes_on(refresh, stamp),
        Occurrence::MarketChecked { stamp, market } => fleet.markets[market].check_stamp == stamp,
        Occurrence::Departs { birth, instance }
        | Occurrence::SpotTaken { birth, instance }
        | Occurrence::TermAnnounced { birth, instance }
        | Occurrence::EventRepublished { birth, instance } => {
            fleet.instances[instance].birth == birth
        }
        Occurrence::CreationReleased { stamp, instance }
        | Occurrence::Prepared { stamp, instance }
        | Occurrence::Booted { stamp, instance }
        | Occurrence::GuestCrashes { stamp, instance }
        | Occurrence::GuestLossNoticed { stamp, instance }
        | Occurrence::LaunchGivenUp { stamp, instance }
        | Occurrence::Halted { stamp, instance }
        | Occurrence::StopTimedOut { stamp, instance }
        | Occurrence::Switched { stamp, instance }
        | Occurrence::RolledBack { stamp, instance }
        | Occurrence::OwnerStarts { stamp, instance } => current(instance, stamp),
        Occurrence::EventJobEnds { stamp, event }
        | Occurrence::EventWithdrawn { stamp, event }
        | Occurrence::EventDue { stamp, event }
        | Occurrence::OwnerNoticed { stamp, event }
        | Occurrence::OwnerActs { stamp, event } => open(event, stamp),
        Occurrence::TransferEnds(number) => fleet.transfers.alarm() == number,
        Occurrence::BlackoutBegins { stamp, task }
        | Occurrence::MigrationEnds { stamp, task }
        | Occurrence::ColdPhaseEnds { stamp, task }
        | Occurrence::MigrationGoesOn { stamp, task }
        | Occurrence::MigrationLost { stamp, task }
        | Occurrence::MigrationTimesOut { stamp, task }
        | Occurrence::MoveBegins { stamp, task }
        | Occurrence::TaskBroken { stamp, task } => under_way(task, stamp),
        Occurrence::LoadChanges { stamp, burstable }
        | Occurrence::CreditThreshold { stamp, burstable } => {
            fleet.burstables[burstable].stamp == stamp
        }
        Occurrence::DiskFails { bay, turns }
        | Occurrence::DiskReplaced { bay, turns }
        | Occurrence::DiskLossNoticed { bay, turns } => fleet.disks[bay].turns == turns,
        Occurrence::RiskCrashes { server, risk } => {
            let work = &fleet.works[server];
            work.at_risk && work.risks as u16 == risk
        }
        Occurrence::ServerCrashes { stamp, server } => fleet.servers[server].stamp == stamp,
        Occurrence::ServerLossNoticed { crash, server } => {
            let row = &fleet.servers[server];
            row.state != ServerState::Up && (row.crashes - 1) as u16 == crash
        }
        Occurrence::RackLossNoticed { outage, rack } => {
            !fleet.racks.is_up(rack) && (fleet.racks.outages(rack) - 1) as u16 == outage
        }
        Occurrence::HostPrepared { stamp, host } | Occurrence::HostTicketEnds { stamp, host } => {
            fleet.dedicated[host].stamp == stamp
        }
        Occurrence::DrainedReturns(_)
        | Occurrence::ServerRestarted(_)
        | Occurrence::ServerRepaired(_)
        | Occurrence::RackRepaired(_)
        | Occurrence::ServerReturned(_)
        | Occurrence::RackFails(_)
        | Occurrence::RiskArises(_)
        | Occurrence::HostTended(_)
        | Occurrence::SparesOffered
        | Occurrence::ServerTended(_)
        | Occurrence::MarketChanges(_)
        | Occurrence::InterruptionHappens(_)
        | Occurrence::RecordedHappens(_)
        | Occurrence::ArrearsAnnounced(_)
        | Occurrence::ArrearsPaid(_)
        | Occurrence::ScriptRuns(_)
        | Occurrence::Arrives(_)
        | Occurrence::CampaignContinues(_)
        | Occurrence::CampaignPlans(_)
        | Occurrence::CrewsDispatched
        | Occurrence::RoomOffered
        | Occurrence::GroupRetries(_)
        | Occurrence::GroupScheduled(_)
        | Occurrence::GroupMetered(_)
        | Occurrence::GroupPlans(_) => true,
    }
}

/// `what`, which is live, happens.
#[inline]
pub fn happen(turn: &mut Turn<'_>, what: Occurrence) {
    alarms::rings(turn, &what);
    match what {
        Occurrence::Departs { instance, .. } => {
            live_migration::abort(turn, instance);
            release::departs(turn, instance);
        }
        Occurrence::CreationReleased { instance, .. } => release::by_system(turn, instance),
        Occurrence::Prepared { instance, .. } => launch::prepared(turn, instance),
        Occurrence::Booted { instance, .. } => booted(turn, instance),
        Occurrence::Halted { instance, .. } => halted(turn, instance),
        Occurrence::StopTimedOut { instance, .. } => stop_timed_out(turn, instance),
        Occurrence::Switched { instance, .. } => redeployed(turn, instance, redeploy::switched),
        Occurrence::RolledBack { instance, .. } => {
            redeployed(turn, instance, redeploy::rolled_back);
        }
        Occurrence::SpotTaken { instance, .. } => {
            live_migration::abort(turn, instance);
            spot::taken(turn, instance);
        }
        Occurrence::TransferEnds(_) => transfers_end(turn),
        Occurrence::BlackoutBegins { task, .. } => live_migration::blackout_begins(turn, task),
        Occurrence::MigrationEnds { task, .. } => live_migration::ends(turn, task),
        Occurrence::ColdPhaseEnds { task, .. } => cold_migration::phase_ends(turn, task),
        Occurrence::MigrationGoesOn { task, .. } => precopy::goes_on(turn, task),
        Occurrence::MigrationLost { task, .. } => precopy::network_loses(turn, task),
        Occurrence::MigrationTimesOut { task, .. } => precopy::times_out(turn, task),
        Occurrence::MoveBegins { task, .. } => move_begins(turn, task),
        Occurrence::TaskBroken { task, .. } => broken(turn, task),
        Occurrence::DrainedReturns(server) => operator::drained_returns(turn, server),
        Occurrence::ServerRestarted(server) => wear::server_works(turn, server),
        Occurrence::ServerRepaired(server) => repair::ended(turn, server),
        Occurrence::RackRepaired(rack) => wear::rack_repaired(turn, rack),
        Occurrence::ServerReturned(server) => {
            recovery::server_returned(turn, server);
            local_disks::server_returned(turn, server);
        }
        Occurrence::EventJobEnds { event, .. } => job_ends(turn, event),
        Occurrence::DiskReplaced { bay, .. } => local_disks::replaced(turn, bay),
        Occurrence::ServerCrashes { server, .. } => {
            wear::server_crashes(turn, server);
            awaits_repair(turn, server);
        }
        Occurrence::RiskCrashes { server, .. } => {
            risk::crashes(turn, server);
            awaits_repair(turn, server);
        }
        Occurrence::RackFails(rack) => wear::rack_fails(turn, rack),
        Occurrence::GuestCrashes { instance, .. } => {
            live_migration::abort(turn, instance);
            wear::guest_crashes(turn, instance);
        }
        Occurrence::DiskFails { bay, .. } => disks::fails(turn, bay),
        Occurrence::RiskArises(server) => risk::arises(turn, server),
        Occurrence::LoadChanges { burstable, .. }
        | Occurrence::CreditThreshold { burstable, .. } => burst::rings(turn, burstable),
        Occurrence::ServerLossNoticed { server, .. } => recovery::server_loss_noticed(turn, server),
        Occurrence::RackLossNoticed { rack, .. } => recovery::rack_loss_noticed(turn, rack),
        Occurrence::GuestLossNoticed { instance, .. } => {
            recovery::guest_loss_noticed(turn, instance);
        }
        Occurrence::DiskLossNoticed { bay, .. } => local_disks::detected(turn, bay),
        Occurrence::LaunchGivenUp { instance, .. } => launch::given_up(turn, instance),
        Occurrence::MarketChanges(market) => markets::changes(turn, market),
        Occurrence::MarketChecked { market, .. } => spot::checked(turn, market),
        Occurrence::InterruptionHappens(id) => spot::recorded(turn, id),
        Occurrence::RecordedHappens(id) => recorded::happens(turn, id),
        Occurrence::EventWithdrawn { event, .. } => jobs::withdrawn(turn, event),
        Occurrence::EventDue { event, .. } => due(turn, event),
        Occurrence::EventRepublished { instance, .. } => jobs::republished(turn, instance),
        Occurrence::TermAnnounced { instance, .. } => billing::term_announced(turn, instance),
        Occurrence::ArrearsAnnounced(arrears) => billing::arrears_announced(turn, arrears),
        Occurrence::ArrearsPaid(_) => billing::arrears_paid(turn),
        Occurrence::HostPrepared { host, .. } => host_moves::prepared(turn, host),
        Occurrence::HostTicketEnds { host, .. } => host_moves::ticket_ends(turn, host),
        Occurrence::HostTended(host) => host_moves::tended(turn, host),
        Occurrence::SparesOffered => host_moves::spares_offered(turn),
        Occurrence::ServerTended(server) => operator::tended(turn, server),
        Occurrence::ScriptRuns(script) => scripts::runs(turn, script),
        Occurrence::OwnerNoticed { event, .. } => customer::noticed(turn, event),
        Occurrence::OwnerActs { event, .. } => customer::acts(turn, event),
        Occurrence::OwnerStarts { instance, .. } => customer::starts(turn, instance),
        Occurrence::Arrives(source) => arrivals::arrive(turn, source),
        Occurrence::CampaignContinues(campaign) => operator::campaign_continues(turn, campaign),
        Occurrence::CrewsDispatched => repair::crews_dispatched(turn),
        Occurrence::RoomOffered => recovery::room_offered(turn),
        Occurrence::CampaignPlans(campaign) => operator::campaign_plans(turn, campaign),
        Occurrence::MemberLeft { member, .. } => leaving::left(turn, member),
        Occurrence::MemberSeen { member, .. } => member_health::seen(turn, member),
        Occurrence::MemberJoins { member, .. } => members::joins(turn, member),
        Occurrence::MemberWarm { member, .. } => warm_up::ends(turn, member),
        Occurrence::MemberFails { member, .. } => member_health::fails(turn, member),
        Occurrence::MemberJudged { member, .. } => member_health::judged(turn, member),
        Occurrence::MemberDetached { member, .. } => leaving::detached(turn, member),
        Occurrence::MemberStopTimedOut { member, .. } => leaving::stop_timed_out(turn, member),
        Occurrence::MemberExpires { member, .. } => member_health::expires(turn, member),
        Occurrence::HookEnds { member, .. } => hooks::ends(turn, member),
        Occurrence::ReplacementRetried { replacement, .. } => {
            replacement::retried(turn, replacement);
        }
        Occurrence::RefreshPauseEnds { refresh, .. } => refresh::pause_ends(turn, refresh),
        Occurrence::RefreshTimesOut { refresh, .. } => refresh::times_out(turn, refresh),
        Occurrence::RefreshContinues { refresh, .. } => refresh::continues(turn, refresh),
        Occurrence::GroupRetries(group) => scaling::retries(turn, group),
        Occurrence::GroupScheduled(group) => autoscaling::scheduled(turn, group),
        Occurrence::GroupMetered(group) => autoscaling::metered(turn, group),
        Occurrence::GroupPlans(group) => group_plans(turn, group),
    }
}

/// The pass of `group`: what has happened is read, its size restored, its refresh goes on. A refresh
/// that has failed is over before its group launches anybody.
fn group_plans(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    markets::look_at_all(turn); // What is launched now asks them one by one.
    refresh::reads_news(turn, group);
    refresh::ends_if_fatal(turn, group);
    scaling::reconcile(turn, group);
    refresh::plans(turn, group);
    scaling_activity::tell(turn, group);
}

/// What is sent by now goes on or ends, as its owner says.
fn transfers_end(turn: &mut Turn<'_>) {
    transfers::rings(turn);
    while let Some((transfer, task)) = transfers::next_sent(turn) {
        match turn.fleet.tasks[task].kind {
            TaskKind::LiveMigration => live_migration::sent(turn, task, transfer),
            TaskKind::ColdMigration => cold_migration::sent(turn, task, transfer),
            // Neither sends anything; were it otherwise, what is sent would be all.
            TaskKind::Failover | TaskKind::Redeploy => _ = transfers::end(turn, transfer),
        }
    }
    transfers::rang(turn);
}

/// A server that has crashed for good joins the queue for a crew.
fn awaits_repair(turn: &mut Turn<'_>, server: Id<Server>) {
    if turn.fleet.servers[server].state == ServerState::Broken {
        repair::awaited(turn, server);
    }
}

/// The stop of `instance` has taken as long as it may: it is given up, or ends by a power-off (S30).
fn stop_timed_out(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let what_for = turn.fleet.care[instance].stop;
    let timeout = turn.scenario.settings.graceful_timeout;
    let action = match what_for {
        StopFor::Nothing
        | StopFor::Stop
        | StopFor::Reboot
        | StopFor::Billing
        | StopFor::Spot
        | StopFor::Rebuild => TimeoutAction::PowerOff,
        StopFor::Redeploy => timeout.user,
        StopFor::SystemStop | StopFor::SystemReboot | StopFor::SystemRedeploy => timeout.system,
    };
    let is_redeployment = matches!(what_for, StopFor::Redeploy | StopFor::SystemRedeploy);
    match action {
        TimeoutAction::PowerOff => power::stop_timed_out(turn, instance),
        TimeoutAction::Fail if is_redeployment => {
            redeployed(turn, instance, redeploy::stop_timed_out);
        }
        TimeoutAction::Fail => jobs::stop_timed_out(turn, instance),
    }
}

/// The planned time of `event` is reached.
fn due(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    if turn.fleet.events[event].simulated {
        simulated::due(turn, event);
        return;
    }
    if turn.fleet.events[event].kind.is_billing() {
        billing::due(turn, event);
        return;
    }
    let instance = turn.fleet.events[event].instance;
    let tasks = &turn.fleet.tasks;
    let task = turn.fleet.instances[instance].task;
    let is_redeployed = task.is_some_and(|task| tasks[task].kind == TaskKind::Redeploy);
    jobs::due(turn, event);
    if is_redeployed {
        after_redeployment(turn, instance); // What takes too long goes back, and may be over at once.
    }
}

/// The boot of `instance` is over.
fn booted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    match turn.fleet.care[instance].boot {
        BootFor::Redeploy | BootFor::SystemRedeploy => {
            redeployed(turn, instance, redeploy::booted);
        }
        BootFor::Start
        | BootFor::Reboot
        | BootFor::SystemReboot
        | BootFor::Rollback
        | BootFor::Recovery => {
            if boot::ended(turn, instance) == boot::Ended::Failed {
                owner::after_failed_boot(turn, instance);
            }
        }
    }
    owner_sees(turn, instance);
}

/// A redeployment of `instance` goes on by `step`, and may end with that.
fn redeployed(turn: &mut Turn<'_>, instance: Id<Instance>, step: fn(&mut Turn<'_>, Id<Instance>)) {
    step(turn, instance);
    after_redeployment(turn, instance);
}

/// Where the redeployment of `instance` has ended, what was held until then is done.
fn after_redeployment(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if turn.fleet.instances[instance].task.is_none() {
        owner_sees(turn, instance);
        recovery::redeployment_ended(turn, instance);
        jobs::task_ended(turn, instance);
    }
}

/// The stop of `instance` is over.
fn halted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    match turn.fleet.care[instance].stop {
        StopFor::Redeploy | StopFor::SystemRedeploy => redeploy::stopped(turn, instance),
        StopFor::SystemStop => jobs::stopped(turn, instance),
        StopFor::Billing => billing::stopped(turn, instance),
        StopFor::Spot => spot::stopped(turn, instance),
        StopFor::Nothing
        | StopFor::Stop
        | StopFor::Reboot
        | StopFor::SystemReboot
        | StopFor::Rebuild => {
            power::halted(turn, instance);
            owner_sees(turn, instance);
            cold_migration::stopped(turn, instance);
        }
    }
}

/// The job of `event`, which needs no restart, is over.
fn job_ends(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    if turn.fleet.events[event].kind == EventType::DiskStalled {
        recorded::stall_ends(turn, event);
    } else {
        local_disks::job_ends(turn, event);
    }
}

/// Where what `instance` went through is over, its owner sees whether that was of use.
fn owner_sees(turn: &mut Turn<'_>, instance: Id<Instance>) {
    match turn.fleet.instances[instance].state {
        InstanceState::Running | InstanceState::Stopped => customer::command_ended(turn, instance),
        InstanceState::Pending
        | InstanceState::Starting
        | InstanceState::Stopping
        | InstanceState::Released => {}
    }
}

/// The turn of the move of `task` has come.
fn move_begins(turn: &mut Turn<'_>, task: Id<Task>) {
    match turn.fleet.tasks[task].kind {
        TaskKind::LiveMigration => live_migration::its_turn_comes(turn, task),
        TaskKind::ColdMigration => cold_migration::phase_ends(turn, task),
        TaskKind::Redeploy | TaskKind::Failover => {} // They wait for nobody.
    }
}

/// The instance that `task` moves has lost its server.
fn broken(turn: &mut Turn<'_>, task: Id<Task>) {
    turn.fleet.tasks.row_mut(task).breaks = false;
    match turn.fleet.tasks[task].kind {
        TaskKind::Redeploy => {
            let instance = turn.fleet.tasks[task].instance;
            redeploy::broken(turn, task);
            after_redeployment(turn, instance);
        }
        TaskKind::LiveMigration => live_migration::broken(turn, task),
        TaskKind::ColdMigration => cold_migration::broken(turn, task),
        TaskKind::Failover => {} // It is settled where its server is lost.
    }
}
