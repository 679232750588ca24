//! A drain: the operator empties servers.
//!
//! Path: its servers are closed, all at once, so that nobody is moved to where he must leave again →
//! a plan says who goes where, and in which sequence → each on a server that is taken up is ready,
//! and in the sequence of the plan those who are set out, as far as limits allow: who runs by live
//! migration, a Stopped one by cold migration → its server is empty, worked on, and takes instances
//! again; or is given up, because somebody stays for longer than there is patience. The plan is
//! remade when a place in it is lost, and when a move has failed. Who cannot be moved otherwise gets
//! an event, where the scenario says so. Moves: the drains' rows; which servers take part when is
//! `campaigns`'s.
//!
//! Source of what a drain is asked for: spec/refresh-and-migration.md 6 #12, #13, #15.

pub use super::drain_plans::spec;
use super::{
    cold_migration,
    drain_plans::{Way, again, bar, is_plan_due, place, plans, takes_off, way},
    events, live_migration, loss, risk,
    turn::Turn,
};
use crate::{
    fleet::{
        drains::{Counts, DrainBar, Leaving, Place},
        ids::{Campaign, Instance, ScalingGroup, Server, Task},
        system_events::Origin,
        works::Pending,
    },
    kernel::column::Id,
    lifecycle::system_event::EventType,
    messages::{drain::DrainFact, fact::Fact, occurrence::Occurrence},
    scenario::DrainSpec,
};

/// What is to be done about an instance now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Nothing more.
    Done,
    /// It waits, until the time that is written down or until it is asked again.
    Waits,
    /// It gets an event of this type.
    Publish(EventType),
}

/// How one whose turn it is has fared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fared {
    /// It has set out.
    SetOut,
    /// It is passed over, and with it all who count the same: others of its group are under way.
    PassedOver,
    /// It is not ready after all; its server is looked at.
    NotReady,
    /// There is a new plan, and another one may be the first.
    Replanned,
}

/// The servers of `campaign`, if it is a drain, are closed before the first of them is taken up, and
/// its plan is made.
pub fn begins(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    let row = &mut turn.fleet.works.campaigns[campaign];
    if row.ended || row.order.is_empty() || row.drain.is_planned {
        return;
    }
    let Some(spec) = spec(turn, campaign) else { return };
    let order = turn.fleet.works.campaigns[campaign].order.clone();
    for server in order {
        takes_up(turn, campaign, server);
    }
    let link = spec.bandwidth.map(|rate| turn.fleet.transfers.add_limit(rate));
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    (row.is_planned, row.link) = (true, link);
    plans(turn, campaign);
}

/// `campaign` is to empty `server`, which it keeps closed until that is done, or given up.
fn takes_up(turn: &mut Turn<'_>, campaign: Id<Campaign>, server: Id<Server>) {
    let is_new = turn.fleet.works.campaigns[campaign].drain.keeps.insert(server);
    let work = turn.fleet.works.row_mut(server);
    work.closed = true;
    work.drains += u32::from(is_new);
    turn.fleet.capacity.set_open(turn.layout(), server, false);
}

/// `campaign` does not keep `server` closed any more; others may.
fn lets_go(turn: &mut Turn<'_>, campaign: Id<Campaign>, server: Id<Server>) {
    let was_kept = turn.fleet.works.campaigns[campaign].drain.keeps.remove(&server);
    turn.fleet.works.row_mut(server).drains -= u32::from(was_kept);
}

/// Moves off `server` may be over, and make room for others.
pub fn looked_at(turn: &mut Turn<'_>, campaign: Id<Campaign>, server: Id<Server>) {
    let tasks = &turn.fleet.tasks;
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    row.settle(server, |leaving| {
        let (task, stamp) = leaving.task;
        tasks[task].stamp != stamp
    });
    if row.has_ready() {
        turn.agenda.pass(Occurrence::CampaignPlans(campaign));
    }
}

/// Pass: those who are ready set out, in the sequence of the plan, as far as limits allow; and if
/// `campaign` was stopped by its rule, it keeps no server closed that it will not come to.
pub fn goes_on(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    if spec(turn, campaign).is_none() {
        return;
    }
    stops(turn, campaign);
    let mut after = None;
    while !is_full(turn, campaign) {
        let row = &turn.fleet.works.campaigns[campaign].drain;
        let Some((next @ (_, server, instance), _)) = row.next_ready(after) else { return };
        match whose_turn_it_is(turn, campaign, next) {
            Fared::SetOut => {}
            Fared::PassedOver => {
                // It may count otherwise than when it was found ready.
                let counts = serves_in(turn, instance);
                let row = &mut turn.fleet.works.campaigns[campaign].drain;
                row.is_ready((server, instance), counts);
                after = Some((next, counts));
            }
            Fared::Replanned => after = None,
            Fared::NotReady => {
                turn.fleet.works.campaigns[campaign].drain.is_not_ready(server, instance);
                events::tend(turn, server);
            }
        }
    }
}

/// Says what is to be done about an instance on `server` that `campaign` drains. Who can be moved is
/// ready, and sets out when its turn comes.
pub fn attend(
    turn: &mut Turn<'_>,
    (campaign, server): (Id<Campaign>, Id<Server>),
    what: &mut Pending,
) -> Act {
    let Some(spec) = spec(turn, campaign) else { return Act::Done };
    if turn.fleet.works.campaigns[campaign].drain.hopeless.contains(&server) {
        return Act::Done;
    }
    let instance = what.instance;
    debug_assert_eq!(turn.fleet.instances[instance].name, what.name, "who has left is not asked");
    if way(turn, instance).is_none() {
        return stays(turn, (campaign, server), what, DrainBar::Busy);
    }
    if let Some(why) = bar(turn, campaign, what) {
        return stays(turn, (campaign, server), what, why);
    }
    let row = &turn.fleet.works.campaigns[campaign].drain;
    if let Some(why) = row.barred.get(&instance).copied()
        && row.planned_at.is_some_and(|at| turn.now < again(at, spec))
    {
        return stays(turn, (campaign, server), what, why);
    }
    if !may_spare(turn, spec, instance) && !is_ours(turn, campaign, instance) {
        if others_are_away(turn, instance) {
            what.stuck = None; // That is another drain's doing, and passes.
        }
        return stays(turn, (campaign, server), what, DrainBar::Group);
    }
    let counts = serves_in(turn, instance);
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    if row.target(instance).is_some() {
        what.stuck = None;
    }
    row.is_ready((server, instance), counts);
    turn.agenda.pass(Occurrence::CampaignPlans(campaign));
    Act::Waits
}

/// Nothing is left to do about any instance on `server`; says whether the drain of it is over.
pub fn is_over(turn: &mut Turn<'_>, campaign: Id<Campaign>, server: Id<Server>) -> bool {
    let Some(spec) = spec(turn, campaign) else { return true };
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    if row.empty.contains(&server) {
        return false;
    }
    let left = turn.fleet.capacity.held(server);
    let is_rented = turn.fleet.dedicated.on(server).is_some();
    if left == 0 && !is_rented {
        turn.state(Fact::Drain(DrainFact::Emptied { campaign, server }));
        if let Some(work) = spec.work {
            turn.fleet.works.campaigns[campaign].drain.empty.insert(server);
            turn.after(work, Occurrence::DrainedReturns(server));
            return false;
        }
        return true;
    }
    // No drain moves a rented host, which its owner may fill at any time: patience would not help.
    if left > 0 && !row.hopeless.contains(&server) {
        asks_who_is_there(turn, server, spec);
        return false;
    }
    turn.state(Fact::Drain(DrainFact::GivenUp { campaign, server, left }));
    turn.fleet.works.campaigns[campaign].failures += 1;
    lets_go(turn, campaign, server);
    true
}

/// The work on `server`, which was emptied, is done; says whose campaign is done with it. That it takes
/// instances again is told where nothing else keeps it from that.
pub fn returns(turn: &mut Turn<'_>, server: Id<Server>) -> Option<Id<Campaign>> {
    let campaign = turn.fleet.works[server].origin.and_then(Origin::campaign)?;
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    if !row.empty.remove(&server) {
        return None;
    }
    lets_go(turn, campaign, server);
    let work = &turn.fleet.works[server];
    if !work.is_drained() && !work.at_risk && loss::is_able(turn, server) {
        turn.state(Fact::Drain(DrainFact::Returned { campaign, server }));
    }
    Some(campaign)
}

/// Who is on `server` although nothing is to be done about him: he has come meanwhile, has come back,
/// or stays after his event. If nobody is, somebody is expected, or holds room for the way back.
fn asks_who_is_there(turn: &mut Turn<'_>, server: Id<Server>, spec: &DrainSpec) {
    let now = turn.now;
    let all = loss::everybody_on(turn, server);
    if all.is_empty() {
        events::tend_at(turn, server, again(now, spec));
    } else {
        turn.fleet.works.pending.entry(server).or_default().extend(all);
        events::tend(turn, server);
    }
}

/// If the rule of `campaign` has stopped it, the servers that it has not taken up are not closed on
/// its account any more.
fn stops(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    let row = &mut turn.fleet.works.campaigns[campaign];
    let is_stopped = row.drain.is_planned && row.ended && row.taken < row.order.len();
    if !is_stopped || std::mem::replace(&mut row.drain.is_stopped, true) {
        return;
    }
    let parked = row.parked.values().flatten().copied();
    let mut places: Vec<usize> = parked.chain(row.seen..row.order.len()).collect();
    places.sort_unstable();
    for place in places {
        let server = turn.fleet.works.campaigns[campaign].order[place];
        lets_go(turn, campaign, server);
        let work = &turn.fleet.works[server];
        if work.origin.is_none() && !work.at_risk {
            risk::reopens(turn, server);
        } else if work.origin.is_none() {
            events::tend(turn, server);
        }
    }
}

/// One who is ready sets out, if it still can.
fn whose_turn_it_is(
    turn: &mut Turn<'_>,
    campaign: Id<Campaign>,
    (_, server, instance): Place,
) -> Fared {
    let Some(spec) = spec(turn, campaign) else { return Fared::NotReady };
    let pending = turn.fleet.works.pending.get(&server).into_iter().flatten();
    let mut about_it = pending.filter(|what| what.instance == instance);
    let Some(what) = about_it.next().copied() else { return Fared::NotReady };
    let row = &turn.fleet.instances[instance];
    let is_there = row.name == what.name && row.server == Some(server);
    let by_us = turn.fleet.works[server].origin.and_then(Origin::campaign) == Some(campaign);
    let may = is_there && by_us && what.at <= turn.now && loss::is_able(turn, server);
    let is_hopeless = turn.fleet.works.campaigns[campaign].drain.hopeless.contains(&server);
    let Some(way) = way(turn, instance).filter(|_| may && !is_hopeless) else {
        return Fared::NotReady;
    };
    if bar(turn, campaign, &what).is_some() {
        return Fared::NotReady;
    }
    if !may_spare(turn, spec, instance) {
        let is_ours = is_ours(turn, campaign, instance);
        return if is_ours { Fared::PassedOver } else { Fared::NotReady };
    }
    match place(turn, campaign, instance) {
        Some(target) if sets_out(turn, campaign, (server, target), (way, what)) => Fared::SetOut,
        Some(_) => Fared::NotReady,
        None if is_plan_due(turn, campaign, spec, instance) => {
            plans(turn, campaign);
            Fared::Replanned
        }
        None => Fared::NotReady,
    }
}

/// An instance sets out for its target; says whether it could.
fn sets_out(
    turn: &mut Turn<'_>,
    campaign: Id<Campaign>,
    (from, to): (Id<Server>, Id<Server>),
    (way, what): (Way, Pending),
) -> bool {
    let instance = what.instance;
    let group = serves_in(turn, instance);
    let Some(task) = begins_move(turn, instance, to, way) else { return false };
    live_migration::was_tried(turn, instance, what.tries);
    let leaving = Leaving { task: (task, turn.fleet.tasks[task].stamp), group };
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    row.sets_out((from, instance), leaving);
    if let Some(list) = turn.fleet.works.pending.get_mut(&from) {
        list.retain(|of| of.instance != instance);
    }
    turn.state(Fact::Drain(DrainFact::SetsOut { campaign, instance, from, to }));
    true
}

fn begins_move(
    turn: &mut Turn<'_>,
    instance: Id<Instance>,
    to: Id<Server>,
    way: Way,
) -> Option<Id<Task>> {
    match way {
        Way::Live => Some(live_migration::begin_to(turn, instance, to)),
        Way::Cold if !cold_migration::begin(turn, instance, Some(to)) => None,
        Way::Cold => turn.fleet.instances[instance].task,
    }
}

/// An instance that cannot leave: it gets an event, or waits for as long as the drain has patience.
/// Who is only busy, or not to be spared, is told of when that is over.
fn stays(
    turn: &mut Turn<'_>,
    (campaign, server): (Id<Campaign>, Id<Server>),
    what: &mut Pending,
    why: DrainBar,
) -> Act {
    let Some(spec) = spec(turn, campaign) else { return Act::Done };
    let (now, instance) = (turn.now, what.instance);
    let passes = matches!(why, DrainBar::Busy | DrainBar::Group);
    let until = what.stuck.get_or_insert(now).saturating_add(spec.patience);
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    if (!passes || until <= now) && row.barred.insert(instance, why) != Some(why) {
        turn.state(Fact::Drain(DrainFact::Barred { campaign, instance, server, why }));
    }
    // What would take nobody away would be for nothing.
    let is_told = spec.event.is_some_and(|event| takes_off(turn, campaign, instance, event));
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    if let Some(event) = spec.event
        && !passes
        && is_told
        && row.told.insert((server, what.name))
    {
        row.is_not_ready(server, instance);
        *what = Pending::new(instance, what.name, now); // It is asked again when its event is over.
        return Act::Publish(event);
    }
    if until <= now {
        row.hopeless.insert(server);
        events::tend(turn, server); // Nothing is to be done about the others either.
        return Act::Done;
    }
    what.at = again(now, spec).min(until);
    Act::Waits
}

/// Whether as many moves are under way as may be.
fn is_full(turn: &Turn<'_>, campaign: Id<Campaign>) -> bool {
    let most = spec(turn, campaign).and_then(|spec| spec.moves);
    let row = &turn.fleet.works.campaigns[campaign].drain;
    most.is_some_and(|most| row.moving() >= most.get() as usize)
}

/// The group in which `instance` serves, and what it counts there (capacity units).
fn serves_in(turn: &Turn<'_>, instance: Id<Instance>) -> Counts {
    if !turn.fleet.instances[instance].in_group {
        return None;
    }
    let member = &turn.fleet.members[turn.fleet.members.of(instance)?];
    member.serves.then_some((member.group, u32::from(member.weight)))
}

/// What drains have under way of `group` (capacity units): a group does not care whose they are.
fn moving_of(turn: &Turn<'_>, group: Id<ScalingGroup>) -> u32 {
    turn.fleet.works.campaigns.iter().map(|row| row.drain.moving_of(group)).sum()
}

/// Whether `campaign` has others of the group of `instance` under way: it is looked at again when
/// they are done.
fn is_ours(turn: &Turn<'_>, campaign: Id<Campaign>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.works.campaigns[campaign].drain;
    serves_in(turn, instance).is_some_and(|(group, _)| row.moving_of(group) > 0)
}

/// Whether any drain has others of the group of `instance` under way.
fn others_are_away(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    serves_in(turn, instance).is_some_and(|(group, _)| moving_of(turn, group) > 0)
}

/// Whether enough of the group of `instance`, if it serves in one, serve for it to be moved.
fn may_spare(turn: &Turn<'_>, spec: &DrainSpec, instance: Id<Instance>) -> bool {
    let Some((group, weight)) = serves_in(turn, instance) else { return true };
    let row = &turn.fleet.groups[group];
    let away = moving_of(turn, group) + weight;
    let serving = u64::from(row.counts.serving.saturating_sub(away));
    serving * 100 >= u64::from(spec.min_healthy) * u64::from(row.desired)
}
