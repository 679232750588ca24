//! The plan of a drain: who is to leave, what keeps him, where he goes, and when that is planned anew.
//!
//! What is decided is `policy::drain`'s; here is what it looks at, and what becomes of the answer.
//! Moves: the plans of drains (spec/refresh-and-migration.md 6 #12, #15).

use super::{hosting, loss, room, turn::Turn};
use crate::{
    fleet::{
        drains::DrainBar,
        ids::{Campaign, Instance, Server},
        instances::Recovering,
        system_events::Origin,
        works::Pending,
    },
    kernel::{column::Id, time::Instant},
    lifecycle::{instance::InstanceState, system_event::EventType},
    messages::{drain::DrainFact, fact::Fact},
    policy::drain::{Drain, Leaver, Reasons},
    scenario::{Aim, DrainSpec, LocalDiskPolicy},
};

/// How an instance can be moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// While it runs.
    Live,
    /// While it is Stopped.
    Cold,
}

/// How `campaign` drains its servers, if it does.
pub fn spec<'a>(turn: &Turn<'a>, campaign: Id<Campaign>) -> Option<&'a DrainSpec> {
    match &turn.scenario.campaigns[campaign].aim {
        Aim::Event(_) => None,
        Aim::Drain(spec) => Some(spec),
    }
}

/// How `instance` can be moved now; `None`: something else is under way on it.
pub fn way(turn: &Turn<'_>, instance: Id<Instance>) -> Option<Way> {
    let row = &turn.fleet.instances[instance];
    if row.task.is_some() || row.recovery != Recovering::No {
        return None;
    }
    match row.state {
        InstanceState::Running if row.served => Some(Way::Live),
        // Its owner may be about to start it.
        InstanceState::Stopped if !row.alarm_pending => Some(Way::Cold),
        InstanceState::Running
        | InstanceState::Stopped
        | InstanceState::Pending
        | InstanceState::Starting
        | InstanceState::Stopping
        | InstanceState::Released => None,
    }
}

/// Why the instance that `what` is about cannot be moved, wherever there may be room.
pub fn bar(turn: &Turn<'_>, campaign: Id<Campaign>, what: &Pending) -> Option<DrainBar> {
    // Where an event came to nothing, no move of its own has failed.
    if what.tried && what.tries > 0 {
        return Some(DrainBar::Failed);
    }
    own_bar(turn, campaign, what.instance)
}

/// The same, as far as the instance itself is the reason.
fn own_bar(turn: &Turn<'_>, campaign: Id<Campaign>, instance: Id<Instance>) -> Option<DrainBar> {
    let row = &turn.fleet.instances[instance];
    if is_kept(turn, instance, row.state == InstanceState::Stopped) {
        return Some(DrainBar::Hardware);
    }
    let may_live = turn.scenario.campaigns[campaign].live_migration;
    (row.state == InstanceState::Running && !may_live).then_some(DrainBar::NoWay)
}

/// Whether its hardware keeps `instance` where it is: while it runs, or while it is Stopped.
fn is_kept(turn: &Turn<'_>, instance: Id<Instance>, is_off: bool) -> bool {
    let template = turn.fleet.instances[instance].template;
    let (layout, demand) = (turn.layout(), turn.layout().demand(template));
    // What is copied when it is Stopped moves then; nobody wipes an owner's disks to empty a server.
    let copies = turn.scenario.settings.cold.local_disks == LocalDiskPolicy::Copy;
    let keeps = layout.is_bound(template) && !(is_off && copies && demand.is_local());
    keeps || demand.gpus > 0 || hosting::of(turn, instance).is_some()
}

/// Whether an event of type `event` because of `campaign` takes `instance` off its server, where there
/// is room elsewhere: a redeployment everybody, a restart who is not bound, a stop who can be moved once
/// he is Stopped; and none who lives on a dedicated host, who leaves only with that.
pub fn takes_off(
    turn: &Turn<'_>,
    campaign: Id<Campaign>,
    instance: Id<Instance>,
    event: EventType,
) -> bool {
    if hosting::of(turn, instance).is_some() {
        return false;
    }
    let row = &turn.fleet.instances[instance];
    if event == EventType::MaintenanceReboot {
        return turn.scenario.settings.event.reboot_moves_cloud_only
            && turn.scenario.campaigns[campaign].moves_instances
            && !turn.layout().is_bound(row.template);
    }
    if event == EventType::MaintenanceStop {
        return row.state != InstanceState::Stopped && !is_kept(turn, instance, true);
    }
    event == EventType::MaintenanceRedeploy
}

/// The server that the plan names for `instance`, if it can take it now.
pub fn place(
    turn: &Turn<'_>,
    campaign: Id<Campaign>,
    instance: Id<Instance>,
) -> Option<Id<Server>> {
    let target = turn.fleet.works.campaigns[campaign].drain.target(instance)?;
    let (request, capacity) = (room::request_of(turn, instance), &turn.fleet.capacity);
    let takes = loss::is_able(turn, target)
        && capacity.is_open(target)
        && capacity.has_room(turn.layout(), target, &request);
    takes.then_some(target)
}

/// Whether there is to be a new plan for the sake of `instance`, which has no place: at once where the
/// last one gave it one that is lost, or does not know it; else a while after it.
pub fn is_plan_due(
    turn: &Turn<'_>,
    campaign: Id<Campaign>,
    spec: &DrainSpec,
    instance: Id<Instance>,
) -> bool {
    let row = &turn.fleet.works.campaigns[campaign].drain;
    let is_known = row.target(instance).is_none() && row.barred.contains_key(&instance);
    !is_known || row.planned_at.is_none_or(|at| again(at, spec) <= turn.now)
}

/// Makes the plan of `campaign` for everybody who is still to leave.
pub fn plans(turn: &mut Turn<'_>, campaign: Id<Campaign>) {
    let Some(spec) = spec(turn, campaign) else { return };
    let mut leavers = Vec::new();
    for server in &turn.fleet.works.campaigns[campaign].order {
        let work = &turn.fleet.works[*server];
        let is_given_up = turn.fleet.works.campaigns[campaign].drain.hopeless.contains(server);
        let is_worked_on = work.origin.and_then(Origin::campaign) == Some(campaign);
        let is_kept = turn.fleet.works.campaigns[campaign].drain.keeps.contains(server);
        if is_given_up || !(is_kept || is_worked_on) {
            continue;
        }
        for instance in turn.fleet.instances.on(&turn.fleet.servers, *server) {
            leavers.extend(leaver(turn, campaign, (instance, *server)));
        }
    }
    leavers.sort_by_key(|of| turn.fleet.instances[of.instance].name);
    let drain = Drain {
        layout: turn.layout(),
        placement: turn.scenario.policies.placement,
        capacity: spec.order.copy_of(&turn.fleet.capacity, turn.layout()),
        others_leave: spec.event.is_some(),
        reasons: Reasons::default(),
    };
    let plan = drain.plan(spec.order, leavers);
    let (moves, barred) = (plan.moves.len() as u32, plan.barred.len() as u32);
    turn.state(Fact::Drain(DrainFact::Planned { campaign, moves, barred }));
    let row = &mut turn.fleet.works.campaigns[campaign].drain;
    let before = row.takes_plan(turn.now, &plan.moves, &plan.barred);
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
    let row = &turn.fleet.instances[instance];
    if row.task.is_some() {
        return None;
    }
    let pending = turn.fleet.works.pending.get(&server).into_iter().flatten();
    let mut about_it = pending.filter(|of| of.instance == instance && of.name == row.name);
    let barred = match about_it.next() {
        Some(what) => bar(turn, campaign, what),
        None => own_bar(turn, campaign, instance),
    };
    // What moves takes its cloud disks along, which are of its zone (S28).
    let zone = Some(turn.layout().servers[server].zone);
    let request = room::request_of(turn, instance).within(zone);
    let nodes = turn.fleet.instances.nodes(instance);
    Some(Leaver { instance, server, nodes, request, barred })
}

/// When what was looked at `now` is looked at again.
pub fn again(now: Instant, spec: &DrainSpec) -> Instant {
    now.saturating_add(spec.retry)
}
