//! A drain: the operator empties servers.
//!
//! Path: its servers are closed, all at once, so that nobody is moved to where he must leave again →
//! a plan says who goes where → each instance sets out as its limits allow: one that runs by live
//! migration, a Stopped one by cold migration → its server is empty, worked on, and takes instances
//! again; or is given up, because somebody cannot leave. The plan is remade when a place in it is
//! lost. Who cannot be moved otherwise gets an event, where the scenario says so. Moves: the drains'
//! rows; which servers take part when is `campaigns`'s.
//!
//! Source of what a drain is asked for: spec/refresh-and-migration.md 6 #12, #13, #15.

use super::{cold_migration, events, hosting, live_migration, loss, room, turn::Turn};
use crate::{
    fleet::{
        drains::{DrainBar, DrainRow},
        ids::{Campaign, Instance, ScalingGroup, Server},
        instances::Recovering,
        system_events::Origin,
        works::Pending,
    },
    kernel::{column::Id, time::Instant},
    lifecycle::{instance::InstanceState, system_event::EventType},
    messages::{drain::DrainFact, fact::Fact, occurrence::Occurrence},
    policy::drain::{Drain, Leaver},
    scenario::{Aim, DrainSpec},
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

/// How an instance can be moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Live,
    Cold,
}

/// How `campaign` drains its servers, if it does.
pub fn spec<'a>(turn: &Turn<'a>, campaign: Id<Campaign>) -> Option<&'a DrainSpec> {
    match &turn.scenario.campaigns[campaign].aim {
        Aim::Event(_) => None,
        Aim::Drain(spec) => Some(spec),
    }
}

/// The servers of `campaign`, if it is a drain, are closed before the first of them is taken up, and
/// its plan is made.
pub fn begins(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    let row = &mut turn.fleet.works.campaigns[campaign];
    if row.ended || row.order.is_empty() || row.drain.is_planned {
        return;
    }
    if spec(turn, campaign).is_none() {
        return;
    }
    let order = turn.fleet.works.campaigns[campaign].order.clone();
    for server in order {
        let work = turn.fleet.works.row_mut(server);
        (work.closed, work.drained) = (true, true);
        turn.fleet.capacity.set_open(turn.layout(), server, false);
    }
    turn.fleet.works.campaigns[campaign].drain.is_planned = true;
    plans(turn, campaign);
}

/// Those whose moves off `server` are over make room for others.
pub fn looked_at(turn: &mut Turn<'_>, campaign: Id<Campaign>, server: Id<Server>) {
    let instances = &turn.fleet.instances;
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    row.settle(server, |who| {
        let of = &instances[who];
        of.task.is_none() || of.server != Some(server)
    });
}

/// What was due on a server is begun: if more may be under way, one who waits elsewhere is next.
pub fn passes_on(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    if is_full(turn, campaign) {
        return;
    }
    if let Some(next) = turn.fleet.works.campaigns[campaign].drain.waiting.pop_first() {
        events::tend(turn, next);
    }
}

/// Says what is to be done about an instance on `server` that `campaign` drains, and moves it if it
/// can be moved now.
pub fn attend(
    turn: &mut Turn<'_>,
    (campaign, server): (Id<Campaign>, Id<Server>),
    what: &mut Pending,
) -> Act {
    let Some(spec) = spec(turn, campaign) else { return Act::Done };
    let row = &turn.fleet.instances[what.instance];
    let (state, served, name) = (row.state, row.served, row.name);
    let is_busy = row.task.is_some() || row.recovery != Recovering::No;
    debug_assert_eq!(name, what.name, "who has left is not asked about");
    let way = match state {
        _ if is_busy => return later(turn, spec, what),
        InstanceState::Running if !served => return later(turn, spec, what),
        InstanceState::Running => Way::Live,
        InstanceState::Stopped => Way::Cold,
        InstanceState::Pending
        | InstanceState::Starting
        | InstanceState::Stopping
        | InstanceState::Released => return later(turn, spec, what),
    };
    let bar = if what.tried { Some(DrainBar::Failed) } else { bar(turn, campaign, what.instance) };
    if let Some(why) = bar {
        return stays(turn, (campaign, server), what, why);
    }
    if is_full(turn, campaign) {
        turn.fleet.works.campaigns[campaign].drain.waiting.insert(server);
        return Act::Waits;
    }
    let group = group_of(turn, what.instance);
    if group.is_some_and(|group| !may_spare(turn, (campaign, spec), group)) {
        return later(turn, spec, what);
    }
    match place(turn, campaign, what.instance) {
        Err(why) => stays(turn, (campaign, server), what, why),
        Ok(target) => {
            let told = (campaign, what.instance, server, target);
            sets_out(turn, told, (way, group), what.tries)
        }
    }
}

/// Nothing is left to do about any instance on `server`; says whether the drain of it is over.
pub fn is_over(turn: &mut Turn<'_>, campaign: Id<Campaign>, server: Id<Server>) -> bool {
    let Some(spec) = spec(turn, campaign) else { return true };
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    if row.empty.contains(&server) {
        return false;
    }
    row.stuck.remove(&server);
    row.waiting.remove(&server);
    let left = turn.fleet.capacity.held(server);
    if left > 0 {
        turn.state(Fact::Drain(DrainFact::GivenUp { campaign, server, left }));
        turn.fleet.works.campaigns[campaign].failures += 1;
        turn.fleet.works.row_mut(server).drained = false;
        return true;
    }
    turn.state(Fact::Drain(DrainFact::Emptied { campaign, server }));
    if let Some(work) = spec.work {
        turn.fleet.works.campaigns[campaign].drain.empty.insert(server);
        turn.after(work, Occurrence::DrainedReturns(server));
        return false;
    }
    true
}

/// The work on `server`, which was emptied, is done; says whose campaign is done with it.
pub fn returns(turn: &mut Turn<'_>, server: Id<Server>) -> Option<Id<Campaign>> {
    let campaign = turn.fleet.works[server].origin.and_then(Origin::campaign)?;
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    if !row.empty.remove(&server) {
        return None;
    }
    turn.fleet.works.row_mut(server).drained = false;
    turn.state(Fact::Drain(DrainFact::Returned { campaign, server }));
    Some(campaign)
}

/// An instance sets out for `target`.
fn sets_out(
    turn: &mut Turn<'_>,
    (campaign, instance, from, to): (Id<Campaign>, Id<Instance>, Id<Server>, Id<Server>),
    (way, group): (Way, Option<Id<ScalingGroup>>),
    tries: u32,
) -> Act {
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    row.targets.remove(&instance);
    row.barred.remove(&instance);
    if row.barred.is_empty() {
        row.stuck.remove(&from);
    }
    row.sets_out((from, instance), group);
    turn.state(Fact::Drain(DrainFact::SetsOut { campaign, instance, from, to }));
    match way {
        Way::Live => {
            live_migration::begin_to(turn, instance, to);
            live_migration::was_tried(turn, instance, tries);
        }
        Way::Cold => {
            let begun = cold_migration::begin(turn, instance, Some(to));
            debug_assert!(
                begun,
                "a Stopped instance that nothing bars is moved where there is room"
            );
        }
    }
    Act::Done
}

/// Why `instance` cannot be moved at all.
fn bar(turn: &Turn<'_>, campaign: Id<Campaign>, instance: Id<Instance>) -> Option<DrainBar> {
    let row = &turn.fleet.instances[instance];
    let is_rented = hosting::of(turn, instance).is_some();
    if is_rented || turn.layout().is_bound(row.template) {
        return Some(DrainBar::Hardware);
    }
    match row.state {
        InstanceState::Stopped if cold_migration::is_barred(turn, instance) => {
            Some(DrainBar::Hardware)
        }
        InstanceState::Running if !turn.scenario.campaigns[campaign].live_migration => {
            Some(DrainBar::NoWay)
        }
        InstanceState::Running
        | InstanceState::Stopped
        | InstanceState::Pending
        | InstanceState::Starting
        | InstanceState::Stopping
        | InstanceState::Released => None,
    }
}

/// Where `instance` goes: as planned, if that server still has room for it; else by a new plan.
fn place(
    turn: &mut Turn<'_>,
    campaign: Id<Campaign>,
    instance: Id<Instance>,
) -> Result<Id<Server>, DrainBar> {
    if let Some(target) = planned(turn, campaign, instance) {
        return Ok(target);
    }
    if may_plan(turn, campaign, instance) {
        plans(turn, campaign);
    }
    let found = planned(turn, campaign, instance);
    let row = &turn.fleet.works.campaigns[campaign].drain;
    found.ok_or_else(|| row.barred.get(&instance).copied().unwrap_or(DrainBar::NoRoom))
}

/// Whether a new plan may help: at once where a place in the last one is lost, and else a while
/// after it; never twice in an instant.
fn may_plan(turn: &Turn<'_>, campaign: Id<Campaign>, instance: Id<Instance>) -> bool {
    let Some(spec) = spec(turn, campaign) else { return false };
    let row = &turn.fleet.works.campaigns[campaign].drain;
    let is_lost = row.targets.contains_key(&instance);
    row.planned_at
        .is_none_or(|at| if is_lost { at < turn.now } else { again(at, spec) <= turn.now })
}

/// The server that the plan names for `instance`, if it can take it now.
fn planned(turn: &Turn<'_>, campaign: Id<Campaign>, instance: Id<Instance>) -> Option<Id<Server>> {
    let target = *turn.fleet.works.campaigns[campaign].drain.targets.get(&instance)?;
    let (request, capacity) = (room::request_of(turn, instance), &turn.fleet.capacity);
    let takes = loss::is_able(turn, target)
        && capacity.is_open(target)
        && capacity.has_room(turn.layout(), target, &request);
    takes.then_some(target)
}

/// Makes the plan of `campaign` for everybody who is still to leave.
fn plans(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    let Some(spec) = spec(turn, campaign) else { return };
    let mut leavers = Vec::new();
    for server in &turn.fleet.works.campaigns[campaign].order {
        if !turn.fleet.works[*server].drained {
            continue;
        }
        for instance in turn.fleet.instances.on(&turn.fleet.servers, *server) {
            leavers.extend(leaver(turn, campaign, (instance, *server)));
        }
    }
    leavers.sort_by_key(|of| turn.fleet.instances[of.instance].name);
    let layout = turn.layout();
    let (placement, capacity) = (turn.scenario.policies.placement, turn.fleet.capacity.clone());
    let plan = Drain { layout, placement, capacity }.plan(spec.order, leavers);
    let (moves, barred) = (plan.moves.len() as u32, plan.barred.len() as u32);
    turn.state(Fact::Drain(DrainFact::Planned { campaign, moves, barred }));
    let now = turn.now;
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    row.planned_at = Some(now);
    row.targets = plan.moves.into_iter().collect();
    let before = std::mem::replace(&mut row.barred, plan.barred.iter().copied().collect());
    for (instance, why) in plan.barred {
        if before.get(&instance) != Some(&why) {
            let server = turn.fleet.instances[instance].server.expect("who is to leave is there");
            turn.state(Fact::Drain(DrainFact::Barred { campaign, instance, server, why }));
        }
    }
}

/// What the plan looks at of an instance; `None`: it is on its way.
fn leaver(
    turn: &Turn<'_>,
    campaign: Id<Campaign>,
    (instance, server): (Id<Instance>, Id<Server>),
) -> Option<Leaver> {
    if turn.fleet.instances[instance].task.is_some() {
        return None;
    }
    let request = room::request_of(turn, instance);
    let barred = bar(turn, campaign, instance);
    Some(Leaver { instance, server, request, zone: None, barred })
}

/// An instance that cannot leave: it gets an event, or waits for as long as the drain has patience.
fn stays(
    turn: &mut Turn<'_>,
    (campaign, server): (Id<Campaign>, Id<Server>),
    what: &mut Pending,
    why: DrainBar,
) -> Act {
    let Some(spec) = spec(turn, campaign) else { return Act::Done };
    let now = turn.now;
    let instance = what.instance;
    let row: &mut DrainRow = &mut turn.fleet.works.campaigns[campaign].drain;
    if row.barred.insert(instance, why) != Some(why) {
        turn.state(Fact::Drain(DrainFact::Barred { campaign, instance, server, why }));
    }
    if let Some(event) = spec.event {
        return Act::Publish(event);
    }
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    let since = *row.stuck.entry(server).or_insert(now);
    let until = since.saturating_add(spec.patience);
    if until <= now {
        return Act::Done;
    }
    what.at = again(now, spec).min(until);
    Act::Waits
}

/// It is asked about again a while later.
fn later(turn: &Turn<'_>, spec: &DrainSpec, what: &mut Pending) -> Act {
    what.at = again(turn.now, spec);
    Act::Waits
}

fn again(now: Instant, spec: &DrainSpec) -> Instant {
    now.saturating_add(spec.retry)
}

/// Whether as many moves are under way as may be.
fn is_full(turn: &Turn<'_>, campaign: Id<Campaign>) -> bool {
    let most = spec(turn, campaign).and_then(|spec| spec.moves);
    let row = &turn.fleet.works.campaigns[campaign].drain;
    most.is_some_and(|most| row.moving() >= most.get() as usize)
}

/// The group of which `instance` is a member in service.
fn group_of(turn: &Turn<'_>, instance: Id<Instance>) -> Option<Id<ScalingGroup>> {
    if !turn.fleet.instances[instance].in_group {
        return None;
    }
    turn.fleet.members.of(instance).map(|member| turn.fleet.members[member].group)
}

/// Whether enough of `group` serve for another member to be moved.
fn may_spare(
    turn: &Turn<'_>,
    (campaign, spec): (Id<Campaign>, &DrainSpec),
    group: Id<ScalingGroup>,
) -> bool {
    let row = &turn.fleet.groups[group];
    let moving = turn.fleet.works.campaigns[campaign].drain.moving_of(group) + 1;
    let serving = u64::from(row.counts.serving.saturating_sub(moving));
    serving * 100 >= u64::from(spec.min_healthy) * u64::from(row.desired)
}
