//! The operator: tends servers at risk and carries out campaigns.
//!
//! Path of the work on a server: taken up → each instance is migrated, moved or told of by an event
//! → all of that is over → (at risk and not curable: emptied, taken offline, repaired) → done. What
//! failed is done again after `event.republish_delay` (S12). One server is worked on for one reason
//! at a time, and no more of them at once than `maint.max_concurrent_hosts`. Documented behaviour:
//! spec/events.md 2.1, 2.5, 2.19. Moves: the works on servers.

use super::{
    campaigns, drains, events, host_moves, hosting, live_migration, loss, repair, risk,
    settle::{self, By},
    stopped_move::{self, Moved},
    stuck,
    turn::Turn,
    wear,
};
use crate::{
    fleet::{
        chance::Chance,
        dedicated_hosts::Affinity,
        ids::{Campaign, Instance, Server},
        instances::Recovering,
        system_events::{NewEvent, Origin},
        works::Pending,
    },
    kernel::{column::Id, time::Span},
    lifecycle::{
        instance::InstanceState,
        system_event::{EventStatus, EventStep, EventType},
    },
    policy::maintenance::{self, About, Measure},
    scenario::{Aim, OnRisk},
};

/// Awaits the begin of every campaign.
pub fn prime(turn: &mut Turn<'_>) {
    campaigns::prime(turn);
}

/// `campaign` begins, or may take up servers again.
pub fn campaign_continues(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    campaigns::continues(turn, campaign);
}

/// Pass: `campaign` takes up as many servers as its limits allow; if it drains them, moves begin.
pub fn campaign_plans(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    drains::begins(turn, campaign);
    while let Some(server) = campaigns::take_next(turn, campaign) {
        // What a drain takes up it keeps closed since it has begun.
        let is_drain = drains::spec(turn, campaign).is_some();
        if !is_drain && turn.scenario.campaigns[campaign].moves_instances {
            turn.fleet.works.row_mut(server).closed = true;
            turn.fleet.capacity.set_open(turn.layout(), server, false);
        }
        begins(turn, server, Origin::Campaign { campaign, server });
    }
    drains::goes_on(turn, campaign);
}

/// There is something to do about `server`.
pub fn tended(turn: &mut Turn<'_>, server: Id<Server>) {
    let now = turn.now;
    // The alarm comes in an instant's first round, what is asked later.
    let rings = turn.fleet.works.rings(server, now);
    let work = turn.fleet.works.row_mut(server);
    if !rings {
        work.asked = false;
    }
    if std::mem::take(&mut work.healed) && work.at_risk {
        healed(turn, server);
    }
    if let Some(campaign) = drain_of(turn, server) {
        drains::looked_at(turn, campaign, server);
    }
    if !loss::is_able(turn, server) {
        return; // It is looked at again when it is back.
    }
    let work = turn.fleet.works[server];
    if work.origin.is_some() {
        goes_on(turn, server);
    } else if work.at_risk && turn.scenario.policies.maintenance.on_risk == OnRisk::Act {
        risk_taken_up(turn, server);
    } else if work.wanted {
        campaigns::go_on(turn, server);
    }
}

/// A server at risk is worked on, or waits until fewer are.
fn risk_taken_up(turn: &mut Turn<'_>, server: Id<Server>) {
    let works = &mut turn.fleet.works;
    let most = turn.scenario.settings.max_concurrent_hosts;
    if most.is_some_and(|most| works.under_way >= most.get()) {
        if !std::mem::replace(&mut works.row_mut(server).waits, true) {
            works.queue.push_back(server);
        }
        return;
    }
    let number = works[server].risks - 1;
    begins(turn, server, Origin::Risk { server, number });
}

/// The work on `server` begins: something is to be done about every instance on it.
fn begins(turn: &mut Turn<'_>, server: Id<Server>, origin: Origin) {
    let work = turn.fleet.works.row_mut(server);
    work.origin = Some(origin);
    turn.fleet.works.under_way += 1;
    let mut all = loss::everybody_on(turn, server);
    let emptying = &mut turn.fleet.works.emptying;
    emptying.looks_at(server);
    all.sort_by_key(|what| emptying.effort(server, what.name)); // By name where that is the same.
    turn.fleet.works.pending.insert(server, all);
    goes_on(turn, server);
}

/// Does on `server` what is due, and says when the work on it is done.
fn goes_on(turn: &mut Turn<'_>, server: Id<Server>) {
    let mut list = turn.fleet.works.pending.remove(&server).unwrap_or_default();
    list.retain_mut(|what| !attended(turn, server, what));
    let later = list.iter().map(|what| what.at).filter(|at| *at > turn.now).min();
    let is_done = list.is_empty();
    if !is_done {
        turn.fleet.works.pending.entry(server).or_default().append(&mut list);
    }
    if let Some(at) = later {
        events::tend_at(turn, server, at);
    } else if is_done && turn.fleet.works[server].open == 0 {
        // What has failed at once is to be done again: whoever wrote it down has asked for a look.
        if !turn.fleet.works.pending.contains_key(&server) {
            comes_to_end(turn, server);
        }
    }
}

/// The campaign that drains `server`, if one does.
fn drain_of(turn: &Turn<'_>, server: Id<Server>) -> Option<Id<Campaign>> {
    let campaign = turn.fleet.works[server].origin.and_then(Origin::campaign)?;
    drains::spec(turn, campaign).map(|_| campaign)
}

/// The work on an empty server is over: it takes instances again.
pub fn drained_returns(turn: &mut Turn<'_>, server: Id<Server>) {
    if let Some(campaign) = drains::returns(turn, server) {
        campaigns::done(turn, campaign, server);
        is_done(turn, server);
    }
}

/// Does what is to be done about an instance, if it is due; says whether nothing is left to do.
fn attended(turn: &mut Turn<'_>, server: Id<Server>, what: &mut Pending) -> bool {
    let origin = turn.fleet.works[server].origin.expect("a server under work has a reason");
    let (instance, row) = (what.instance, &turn.fleet.instances[what.instance]);
    if what.at > turn.now {
        return false;
    }
    let is_gone = row.name != what.name || row.server != Some(server);
    let is_told = turn.fleet.events.of(instance).any(|(_, event)| event.origin == origin);
    let drain = drain_of(turn, server);
    if is_gone || is_told {
        return is_gone || drain.is_none(); // Who stays after his event is to leave a drained server yet.
    }
    if let Some(campaign) = drain {
        return match drains::attend(turn, (campaign, server), what) {
            drains::Act::Done => true,
            drains::Act::Waits => false,
            drains::Act::Publish(kind) => {
                publishes(turn, instance, kind, origin);
                false
            }
        };
    }
    if turn.fleet.dedicated.on(server).is_some() && stuck::was_told(turn, instance, server) {
        return true; // What takes it off its host is not its own.
    }
    let mut about = about(turn, instance, origin);
    about.may_migrate &= !what.tried;
    about.may_move &= !(what.tried && stopped_move::may_fail(turn));
    loop {
        match measure(turn, server, about) {
            Measure::MigrateLive => {
                let most = turn.scenario.policies.maintenance.live_at_once;
                let migrating = turn.fleet.works[server].migrating;
                if most.is_some_and(|most| migrating >= most.get()) {
                    return false;
                }
                if live_migration::begin(turn, instance) {
                    live_migration::was_tried(turn, instance, what.tries);
                    stuck::tries(turn, instance, server);
                    return true;
                }
                stuck::misses(turn, instance, server);
                about.may_migrate = false;
            }
            Measure::MoveStopped => match stopped_move::begin(turn, instance) {
                Moved::No => about.may_move = false,
                Moved::Now => {
                    settle::left_server(turn, instance, By::System);
                    return true;
                }
                Moved::UnderWay => return true,
            },
            Measure::Publish(kind) => {
                if stuck::tells(turn, (instance, origin), kind) {
                    publishes(turn, instance, kind, origin);
                }
                return true;
            }
        }
    }
}

fn measure(turn: &Turn<'_>, server: Id<Server>, about: About) -> Measure {
    let work = &turn.fleet.works[server];
    if turn.fleet.dedicated.on(server).is_some() {
        let event = match work.origin.and_then(Origin::campaign) {
            Some(campaign) => event_of(turn, campaign),
            None => EventType::MaintenanceReboot,
        };
        return maintenance::on_dedicated_host(about, event);
    }
    match work.origin.and_then(Origin::campaign) {
        Some(campaign) => maintenance::in_campaign(about, event_of(turn, campaign)),
        None => maintenance::at_risk(about, work.curable),
    }
}

/// The event that instances on servers of `campaign` get.
///
/// # Panics
/// If it is a drain: that says itself what is done.
fn event_of(turn: &Turn<'_>, campaign: Id<Campaign>) -> EventType {
    match turn.scenario.campaigns[campaign].aim {
        Aim::Event(event) => event,
        Aim::Drain(_) => unreachable!("a drain says itself what is done"),
    }
}

/// What the policy looks at.
fn about(turn: &Turn<'_>, instance: Id<Instance>, origin: Origin) -> About {
    let row = &turn.fleet.instances[instance];
    let is_free = row.task.is_none() && row.recovery == Recovering::No;
    let campaign = origin.campaign().map(|campaign| &turn.scenario.campaigns[campaign]);
    let policy = &turn.scenario.policies.maintenance;
    let is_pinned =
        hosting::of(turn, instance).is_some_and(|hosted| hosted.affinity == Affinity::Host);
    About {
        bound: turn.layout().is_bound(row.template),
        runs: row.state == InstanceState::Running && row.served && is_free,
        stopped: row.state == InstanceState::Stopped && is_free,
        action: turn.fleet.care[instance].action,
        may_migrate: !is_pinned
            && campaign.map_or(policy.live_migration, |spec| spec.live_migration),
        // A campaign tells owners of Stopped instances, too (spec/events.md 13 T2).
        may_move: campaign.is_none(),
    }
}

/// An event tells of what is planned, or asks for leave to do it (S53).
fn publishes(turn: &mut Turn<'_>, instance: Id<Instance>, kind: EventType, origin: Origin) {
    let probability = turn.scenario.settings.event.start_inquiring_p;
    let may_inquire = kind.may_be(EventStatus::Inquiring) && probability > 0.0;
    let inquires = may_inquire && {
        let address = events::address(turn, instance, origin);
        turn.chance(Chance::EventInquires, address, 0).happens(probability)
    };
    let (status, not_before) = if inquires {
        (EventStatus::Inquiring, None)
    } else {
        let lead = events::lead(turn, origin);
        let at = events::planned_time(turn, instance, origin, lead);
        (EventStatus::Scheduled, Some(at))
    };
    let new = NewEvent { kind, status, simulated: None, instance, bay: None, origin, not_before };
    events::publish(turn, new);
}

/// Nothing is left to do about any instance on `server`, as far as it went well.
fn comes_to_end(turn: &mut Turn<'_>, server: Id<Server>) {
    let work = turn.fleet.works[server];
    match work.origin {
        Some(Origin::Risk { .. }) if work.at_risk && work.curable => {
            risk::ends(turn, server);
            is_done(turn, server);
        }
        Some(Origin::Risk { .. }) if work.at_risk => empties(turn, server),
        Some(Origin::Campaign { campaign, .. }) => {
            if drains::is_over(turn, campaign, server) {
                campaigns::done(turn, campaign, server);
                is_done(turn, server);
            }
        }
        Some(_) | None => is_done(turn, server),
    }
}

/// A server that must be emptied is taken offline for repair if nobody needs it any more: whoever
/// is left is Stopped. Else the work on it rests until the others may be able to leave; a dedicated
/// host leaves it as a whole, as soon as it can.
fn empties(turn: &mut Turn<'_>, server: Id<Server>) {
    let fleet = &turn.fleet;
    let (mut here, mut needed) = (0, false);
    for instance in fleet.instances.on(&fleet.servers, server) {
        here += 1;
        let row = &fleet.instances[instance];
        needed |= row.state != InstanceState::Stopped || row.task.is_some();
    }
    if needed {
        if !host_moves::leaves(turn, server) {
            rests(turn, server);
        } // Else it is looked at again when they have left.
    } else if fleet.capacity.held(server) == here {
        wear::taken_offline(turn, server);
        hosting::down(turn, server);
        repair::awaited(turn, server);
    } // Else somebody has room reserved here, and the server is looked at again when he is gone.
}

/// Nothing is under way on `server`, which must be emptied and is not: others may be worked on until
/// it is looked at again.
fn rests(turn: &mut Turn<'_>, server: Id<Server>) {
    turn.fleet.works.row_mut(server).origin = None;
    turn.fleet.works.under_way -= 1;
    let (soon, delay) = (Span::from_seconds(1), turn.scenario.settings.event.republish_delay);
    let pause = if stuck::rests(turn, server) { soon } else { delay.max(soon) };
    events::tend_at(turn, server, turn.now.saturating_add(pause));
    others_may_be_taken_up(turn, server);
}

/// A repair, or a restart, has healed the server: what was still planned is not needed any more.
fn healed(turn: &mut Turn<'_>, server: Id<Server>) {
    risk::ends(turn, server);
    let Some(origin @ Origin::Risk { .. }) = turn.fleet.works[server].origin else {
        campaigns::go_on(turn, server);
        return;
    };
    turn.fleet.works.pending.remove(&server);
    let instances = loss::instances_in_order(turn, server);
    for instance in &instances {
        events::step_all(turn, *instance, |row| {
            let is_planned = matches!(row.status, EventStatus::Inquiring | EventStatus::Scheduled);
            (row.origin == origin && is_planned).then_some(EventStep::Withdraw)
        });
    }
    loss::done_with(turn, instances);
}

/// The work on `server` is done: others may be taken up.
fn is_done(turn: &mut Turn<'_>, server: Id<Server>) {
    turn.fleet.works.row_mut(server).origin = None;
    turn.fleet.works.under_way -= 1;
    if turn.fleet.works[server].at_risk {
        events::tend(turn, server);
    } else {
        risk::reopens(turn, server);
    }
    others_may_be_taken_up(turn, server);
}

/// The operator has time for another server than `server`.
fn others_may_be_taken_up(turn: &mut Turn<'_>, server: Id<Server>) {
    while let Some(next) = turn.fleet.works.queue.pop_front() {
        turn.fleet.works.row_mut(next).waits = false;
        let work = &turn.fleet.works[next];
        if work.at_risk && work.origin.is_none() && loss::is_able(turn, next) {
            events::tend(turn, next);
            break;
        }
    }
    campaigns::go_on(turn, server);
}
