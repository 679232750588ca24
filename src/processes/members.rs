//! Members of a scaling group: how they come (spec/refresh-and-migration.md 1.2); how they go is
//! `leaving`'s.
//!
//! Path in: launched (where there is room) → Pending → (its instance is Running) → [`Pending:Wait`,
//! its hooks] → (the group's `attach`) → InService → (warm-up) → warm. Who was kept Stopped is
//! started first. Moves: members and their instances.

pub use super::{
    leaving::{Leaving, remove},
    membership::tell,
    reimage::begin as reimage,
};

use super::{
    checkups, holds, launch,
    membership::{self, alter, entity_of, spec_of, step},
    power,
    scaling_activity::{self, Reason},
    turn::Turn,
    warm_up,
};
use crate::{
    fleet::{
        activities::Part,
        chance::Chance,
        groups::{News, Trigger},
        ids::{Instance, InstanceType, Member, Refresh, Replacement, ScalingGroup, Server, Zone},
        members::{Identity, MemberRow},
        scaling::{Balance, Creation, HookResult, Offer, StartingMembers},
    },
    kernel::{
        column::Id,
        stamp::Stamp,
        time::{Instant, Span},
    },
    lifecycle::member::{MemberState, MemberStep},
    messages::{fact::Fact, occurrence::Occurrence, scaling::ScalingFact},
};

/// What a launch is for.
#[derive(Clone, Copy, Debug)]
pub struct Launch {
    /// What it is launched from.
    pub identity: Identity,
    /// The zone that it must go to, if any.
    pub zone: Option<Id<Zone>>,
    /// How long it warms up.
    pub warm_up: Span,
    /// The refresh that it comes for, if any.
    pub refresh: Option<Id<Refresh>>,
    /// The replacement whose new member it is, if any.
    pub replacement: Option<Id<Replacement>>,
    /// Why it is launched.
    pub reason: Reason,
    /// The most that it may count (capacity units).
    pub most: u32,
}

/// Why a launch came to nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoLaunch {
    /// There is no room; there would be none for another one either.
    NoRoom,
    /// Chance said so.
    Failed,
}

/// When who is not in service is warm.
const NEVER: Instant = Instant::from_micros(u64::MAX);

/// The members that `group` has when a run begins; those for whom there is no room are not there.
pub fn present(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    for starting in &turn.layout().scaling_groups[group].members {
        for _ in 0..starting.count {
            is_present(turn, group, starting);
        }
    }
}

fn is_present(turn: &mut Turn<'_>, group: Id<ScalingGroup>, starting: &StartingMembers) {
    let identity = Identity::of(starting.configuration);
    let number = taken_up(turn, group);
    let Some((offer, server)) = place(turn, group, (identity, None, u32::MAX)) else {
        return failed(turn, group, None);
    };
    let name = turn.scenario.launched_by(group, number);
    let instance = launch::created(turn, name, offer.template, Span::NEVER);
    launch::present_on(turn, instance, server);
    let (created, row) = (turn.now, newcomer(group, number, identity));
    let row = MemberRow {
        instance: Some(instance),
        state: starting.state,
        creation: starting.creation,
        weight: offer.weight,
        vcpu_price: vcpu_price(turn, offer.instance_type),
        zone: Some(offer.zone),
        warm: true,
        warm_at: created,
        ready: true,
        created,
        ..row
    };
    let member = membership::enters(turn, row, None);
    will_expire(turn, member);
}

/// `group` launches a member; `None` where there is no room or the launch fails, which is a fact.
pub fn launch(turn: &mut Turn<'_>, group: Id<ScalingGroup>, what: Launch) -> Option<Id<Member>> {
    try_launch(turn, group, what).ok()
}

/// As [`launch()`].
///
/// # Errors
/// Why it came to nothing, which is a fact too.
pub fn try_launch(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    what: Launch,
) -> Result<Id<Member>, NoLaunch> {
    if let Some(member) = starts_a_kept_one(turn, group, &what) {
        return Ok(member);
    }
    // Else, where nothing takes any time, there would be no end to it.
    let falls_through = turn.fleet.groups[group].fell_through == Some(turn.now);
    if falls_through || is_unlucky(turn, group, what.identity) {
        failed(turn, group, what.refresh);
        scaling_activity::fails(turn, group, what.reason);
        return Err(NoLaunch::Failed);
    }
    let Some((offer, server)) = place(turn, group, (what.identity, what.zone, what.most)) else {
        failed(turn, group, what.refresh);
        scaling_activity::fails(turn, group, what.reason);
        return Err(NoLaunch::NoRoom);
    };
    let number = taken_up(turn, group);
    let name = turn.scenario.launched_by(group, number);
    let instance = launch::created(turn, name, offer.template, Span::NEVER);
    let row = MemberRow {
        instance: Some(instance),
        weight: offer.weight,
        vcpu_price: vcpu_price(turn, offer.instance_type),
        hooks_off: if what.refresh.is_some() { 0 } else { turn.fleet.groups[group].hooks_off },
        zone: Some(offer.zone),
        warm_up: what.warm_up,
        replacement: what.replacement,
        created: turn.now,
        ..newcomer(group, number, what.identity)
    };
    let member = membership::enters(turn, row, what.refresh);
    scaling_activity::begins(turn, member, Part::Launch, what.reason);
    launch::placed(turn, instance, server, Span::ZERO);
    will_expire(turn, member);
    if what.replacement.is_none() {
        tell(turn, group, News::Joined(member));
    }
    Ok(member)
}

/// `instance`, which is Running and in no group, is taken into `group` by hand.
pub fn attach(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    instance: Id<Instance>,
    entrusted: bool,
) {
    let (layout, identity) = (turn.layout(), turn.fleet.groups[group].identity);
    let spec = &layout.scaling_groups[group];
    let server = turn.fleet.instances[instance].server;
    let of_template = turn.fleet.instances[instance].template;
    let row = MemberRow {
        instance: Some(instance),
        creation: if entrusted { Creation::Entrusted } else { Creation::Attached },
        weight: weight_of(turn, group, instance),
        vcpu_price: vcpu_price(turn, layout.templates[of_template].instance_type),
        zone: server.map(|server| layout.servers[server].zone),
        warm_up: spec.warm_up,
        created: turn.now,
        ..newcomer(group, taken_up(turn, group), identity)
    };
    let member = membership::enters(turn, row, None);
    scaling_activity::begins(turn, member, Part::Launch, Reason::of(Trigger::Api));
    if entrusted {
        will_expire(turn, member);
    }
    attaches(turn, member);
}

/// What a vCPU of this type costs (millionths of the scenario's currency an hour).
fn vcpu_price(turn: &Turn<'_>, instance_type: Id<InstanceType>) -> u64 {
    turn.layout().types[instance_type].vcpu_price.unwrap_or(0)
}

/// What `instance` would count as in `group` (capacity units): as others of its type do.
pub fn weight_of(turn: &Turn<'_>, group: Id<ScalingGroup>, instance: Id<Instance>) -> u16 {
    let layout = turn.layout();
    let of_type = layout.templates[turn.fleet.instances[instance].template].instance_type;
    let configuration = turn.fleet.groups[group].identity.configuration;
    let offers = &layout.scaling_groups[group].offers[configuration];
    offers.iter().find(|offer| offer.instance_type == of_type).map_or(1, |offer| offer.weight)
}

/// The instance of `member`, which is coming, changed: once it runs, it is held, or attached.
pub fn sees(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members[member];
    let Some(instance) = row.instance.filter(|_| row.is_coming() && !row.attaching) else {
        return;
    };
    if !checkups::runs(turn, instance) || turn.fleet.members.is_held(member) {
        return;
    }
    let is_new = row.state == MemberState::Pending && row.creation == Creation::AutoCreated;
    if !(is_new && holds::begin(turn, member, false, None)) {
        attaches(turn, member);
    }
}

/// Nothing holds `member` (any more), and its instance ran when that was found: it is attached.
pub fn attaches(turn: &mut Turn<'_>, member: Id<Member>) {
    let (law, entity) = (&spec_of(turn, member).attach, entity_of(turn, member));
    let visit = turn.fleet.members[member].turns[0];
    let span = turn.length(law, Chance::MemberAttach, entity, u32::from(visit));
    if span.is_zero() {
        return joins(turn, member);
    }
    let row = turn.fleet.members.row_mut(member);
    row.attaching = true;
    let stamp = row.stamp;
    turn.after(span, Occurrence::MemberJoins { member, stamp });
}

/// `member` is attached: it comes into service, unless its instance has failed meanwhile.
pub fn joins(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members.row_mut(member);
    row.attaching = false;
    if !row.instance.is_some_and(|instance| checkups::runs(turn, instance)) {
        return; // It is attached when it runs again, or given up before.
    }
    turn.fleet.members.row_mut(member).hooks_off = 0;
    step(turn, member, MemberStep::Join, None);
    warm_up::begin(turn, member);
}

/// A hook put `member` back into service.
pub fn put_back(turn: &mut Turn<'_>, member: Id<Member>) {
    let spec = spec_of(turn, member);
    let (group, until) = (
        turn.fleet.members[member].group,
        turn.now.saturating_add(spec.launch_retry.max(Span::from_seconds(1))),
    );
    let row = turn.fleet.members.row_mut(member);
    (row.spared_until, row.hooks_off) = (until, 0);
    if std::mem::take(&mut row.decreased) {
        // The removal came to nothing, and so did what was to come with it.
        let weight = u32::from(row.weight);
        let books = turn.fleet.groups.row_mut(group);
        books.desired = (books.desired + weight).min(books.size[1]);
    }
    step(turn, member, MemberStep::PutBack, None);
    tell(turn, group, News::PutBack(member));
    checkups::begins_anew(turn, member);
    if !turn.fleet.members[member].healthy {
        checkups::is_judged_at(turn, member, until);
    }
}

/// SetInstancesProtection: `member`, InService or Protected, is protected or no longer.
pub fn protect(turn: &mut Turn<'_>, member: Id<Member>, protect: bool) {
    let by = if protect { MemberStep::Protect } else { MemberStep::Unprotect };
    withdraws(turn, member, (MemberState::Protected, protect), by);
}

/// EnterStandby or ExitStandby of `member`, InService or Standby.
pub fn stand_by(turn: &mut Turn<'_>, member: Id<Member>, enter: bool) {
    let by = if enter { MemberStep::StandBy } else { MemberStep::Return };
    withdraws(turn, member, (MemberState::Standby, enter), by);
}

/// `member` enters a state in which the group does not touch it, or leaves it, unless it has done so.
fn withdraws(
    turn: &mut Turn<'_>,
    member: Id<Member>,
    (state, enters): (MemberState, bool),
    by: MemberStep,
) {
    let row = turn.fleet.members[member];
    if (row.state == state) == enters {
        return;
    }
    step(turn, member, by, None);
    checkups::begins_anew(turn, member);
    if !enters && row.condemned {
        checkups::is_judged_at(turn, member, turn.now);
    }
    let news = if enters { News::Taken(member) } else { News::Returned(member) };
    tell(turn, row.group, news);
}

/// A scale-out of `group` starts the oldest of those that it keeps, if there is room for it.
fn starts_a_kept_one(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    what: &Launch,
) -> Option<Id<Member>> {
    let (_, member) = *turn.fleet.groups[group].stopped.first()?;
    let row = turn.fleet.members[member];
    let fits = u32::from(row.weight) <= what.most;
    let instance =
        row.instance.filter(|_| fits && what.zone.is_none_or(|_| what.zone == row.zone))?;
    let is_off = turn.fleet.instances[instance].state
        == crate::lifecycle::instance::InstanceState::Stopped
        && turn.fleet.instances[instance].task.is_none();
    if !is_off {
        return None;
    }
    let target = power::place_to_start(turn, instance).ok()?;
    alter(turn, member, |row| {
        row.turns[0] = row.turns[0].saturating_add(1);
        row.warm_up = what.warm_up;
    });
    scaling_activity::begins(turn, member, Part::Launch, what.reason);
    step(turn, member, MemberStep::Restart, what.refresh);
    power::start(turn, instance, target, false);
    Some(member)
}

/// The number of the next member of `group`.
fn taken_up(turn: &mut Turn<'_>, group: Id<ScalingGroup>) -> u32 {
    let row = turn.fleet.groups.row_mut(group);
    row.launches += 1;
    row.launches - 1
}

/// A member that is Pending and has no instance yet.
fn newcomer(group: Id<ScalingGroup>, number: u32, identity: Identity) -> MemberRow {
    MemberRow {
        group,
        number,
        instance: None,
        state: MemberState::Pending,
        creation: Creation::AutoCreated,
        identity,
        weight: 1,
        vcpu_price: 0,
        hooks_off: 0,
        zone: None,
        created: Instant::ZERO,
        healthy: true,
        condemned: false,
        ill_since: None,
        failing: false,
        fails_at: None,
        warm: false,
        warm_up: Span::ZERO,
        warm_at: NEVER,
        ready: false,
        reimaging: false,
        attaching: false,
        judged_at: [NEVER; 2],
        expected: [None; 2],
        spared_until: Instant::ZERO,
        turns: [0; 2],
        serves: false,
        replacement: None,
        activity: None,
        hook_result: HookResult::Continue,
        detach_only: false,
        keep: false,
        decreased: false,
        detached: false,
        seen_pending: false,
        stamp: Stamp::default(),
        birth: Stamp::default(),
    }
}

/// Where `group` can launch from `identity` now: the first of its offers for which there is room;
/// a balanced group asks the zone with the fewest of its members first, and, if it is to stay
/// balanced, no other.
fn place(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    (identity, zone, most): (Identity, Option<Id<Zone>>, u32),
) -> Option<(Offer, Id<Server>)> {
    let spec = &turn.layout().scaling_groups[group];
    let all = &spec.offers[identity.configuration];
    let offers = || all.iter().filter(|offer| u32::from(offer.weight) <= most);
    let taken =
        |offer: &Offer| launch::place_for(turn, offer.template).map(|server| (*offer, server));
    let Some(balance) = spec.balance.filter(|_| zone.is_none()) else {
        let may = |offer: &&Offer| zone.is_none_or(|zone| offer.zone == zone);
        return offers().filter(may).find_map(taken);
    };
    let in_zone = &turn.fleet.groups[group].in_zone;
    let mut zones: Vec<usize> = (0..spec.zones.len()).collect();
    zones.sort_by_key(|place| in_zone[*place]);
    if balance == Balance::Only {
        // Every zone that has the fewest is as good as the first of them.
        let fewest = zones.first().map_or(0, |place| in_zone[*place]);
        zones.retain(|place| in_zone[*place] == fewest);
    }
    zones
        .into_iter()
        .find_map(|place| offers().filter(|offer| offer.zone == spec.zones[place]).find_map(taken))
}

/// Whether chance lets the next launch of `group` fail although there may be room.
fn is_unlucky(turn: &mut Turn<'_>, group: Id<ScalingGroup>, identity: Identity) -> bool {
    let row = turn.fleet.groups.row_mut(group);
    row.tries += 1;
    let number = row.tries - 1;
    let probability = turn.layout().configurations[identity.configuration].launch_fail_p;
    let mut draws = turn.chance(Chance::GroupLaunch, group.index() as u64, number);
    probability > 0.0 && draws.happens(probability)
}

fn failed(turn: &mut Turn<'_>, group: Id<ScalingGroup>, refresh: Option<Id<Refresh>>) {
    turn.state(Fact::Scaling(ScalingFact::LaunchFailed { group, refresh }));
}

/// `member` lives as long as its group allows.
fn will_expire(turn: &mut Turn<'_>, member: Id<Member>) {
    if let Some(life) = spec_of(turn, member).max_life {
        let birth = turn.fleet.members[member].birth;
        turn.after(life, Occurrence::MemberExpires { member, birth });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::scaling::{ImageSpec, Reclaim, RemovalPolicy},
        kernel::distribution::Distribution,
        lifecycle::{
            instance::InstanceState,
            member::MemberState::{Gone, InService, Pending, Removing, Stopped},
        },
        messages::{
            refusal::Refusal,
            scaling::{Adjustment, MemberOrder, ScalingCommand},
        },
        processes::stage::Stage,
    };

    const G: Id<ScalingGroup> = Id::new(0);
    const OTHER: Id<Instance> = Id::new(0);

    const fn attach(entrusted: bool) -> ScalingCommand {
        ScalingCommand::Attach { group: G, instance: OTHER, entrusted }
    }

    const fn order(member: usize, order: MemberOrder) -> ScalingCommand {
        ScalingCommand::Member { group: G, member: Id::new(member), order }
    }

    const fn total(total: u32) -> ScalingCommand {
        ScalingCommand::Scale { group: G, hooks_off: 0, by: Adjustment::Total(total) }
    }

    #[test]
    fn an_instance_is_taken_in_by_hand_and_let_go_alive() {
        let mut stage = Stage::with_group(2, |_| {});
        stage.asks(attach(false)).unwrap();
        assert_eq!(stage.asks(attach(false)), Err(Refusal::AlreadyAMember));
        stage.until(67);
        assert_eq!((stage.sizes(), stage.fleet.groups[G].desired), ([3, 3, 3], 3));
        assert_eq!(stage.member_states(2), [(0, Pending), (7, InService)]);
        // It came last; the others leave first, and it is only let go.
        stage.asks(total(0)).unwrap();
        stage.until(100);
        assert_eq!(stage.sizes(), [0, 0, 0]);
        let row = stage.fleet.instances[OTHER];
        assert_eq!((row.state, row.in_group), (InstanceState::Running, false));
        assert!(row.owing && row.served);
    }

    #[test]
    fn an_entrusted_one_is_released_but_not_when_it_is_detached() {
        for (how, ends) in [
            (
                MemberOrder::Remove { hooks_off: 0, recycle: false, decrease: true },
                InstanceState::Released,
            ),
            (MemberOrder::Detach { decrease: true }, InstanceState::Running),
        ] {
            let mut stage = Stage::with_group(2, |_| {});
            stage.asks(attach(true)).unwrap();
            stage.until(100);
            stage.asks(order(2, how)).unwrap();
            assert_eq!(stage.asks(order(2, how)), Err(Refusal::MemberStatus));
            stage.until(200);
            assert_eq!(stage.sizes(), [2, 2, 2]);
            assert_eq!(stage.fleet.instances[OTHER].state, ends);
        }
    }

    #[test]
    fn the_bounds_of_a_group_hold_for_what_is_done_by_hand() {
        let mut stage = Stage::with_group(2, |spec| spec.size = [2, 2]);
        assert_eq!(stage.asks(attach(false)), Err(Refusal::AboveMaxSize));
        let remove =
            |decrease| order(0, MemberOrder::Remove { hooks_off: 0, recycle: false, decrease });
        assert_eq!(stage.asks(remove(true)), Err(Refusal::BelowMinSize));
        stage.asks(remove(false)).unwrap();
        stage.until(200);
        assert_eq!(stage.sizes(), [2, 2, 2], "another one came for it");
    }

    #[test]
    fn an_economical_group_keeps_those_who_leave_and_takes_them_first() {
        let mut stage = Stage::with_group(3, |spec| spec.kind.reclaim = Reclaim::Recycle);
        stage.asks(total(1)).unwrap();
        stage.until(100);
        assert_eq!(stage.sizes(), [3, 1, 3], "who is kept is counted");
        assert_eq!(stage.member_states(0), [(0, InService), (0, Removing), (30, Stopped)]);
        stage.asks(total(3)).unwrap();
        stage.until(300);
        assert_eq!(stage.sizes(), [3, 3, 3]);
        // Its instance boots; there is nothing to prepare.
        assert_eq!(stage.member_states(0)[3..], [(100, Pending), (147, InService)]);
        assert_eq!(stage.fleet.members.present().count(), 3, "nobody is new");
        stage.asks(total(2)).unwrap();
        stage.until(400);
        let kept = stage.fleet.groups[G].stopped.first().expect("one is kept").1;
        let remove = MemberOrder::Remove { hooks_off: 0, recycle: true, decrease: false };
        stage.asks(order(kept.index(), remove)).unwrap();
        stage.until(500);
        assert_eq!(stage.sizes(), [2, 2, 2], "removed by name, who is kept is released");
    }

    #[test]
    fn a_stop_is_forced_where_the_group_says_so() {
        let slow = Distribution::Fixed(Span::from_seconds(200));
        let mut gone = Vec::new();
        for change in [0, 1, 2] {
            let mut stage = Stage::with_group(1, |spec| match change {
                0 => {}
                1 => spec.stop_timeout = Some(Span::from_seconds(30)),
                _ => spec.kind.reclaim = Reclaim::ForceRelease,
            });
            stage.scenario.settings.instance_stopping = slow.clone();
            stage.asks(total(0)).unwrap();
            stage.until(400);
            let states = stage.member_states(0);
            assert_eq!(states.last().map(|(_, state)| *state), Some(Gone));
            gone.push(states[2].0);
        }
        let forced = {
            let stage = Stage::with_group(1, |_| {});
            stage.scenario.settings.instance_forced_stop.micros() / 1_000_000
        };
        assert_eq!(gone, [220, 50 + forced, 20 + forced]);
    }

    #[test]
    fn the_newest_leave_first_where_the_policy_says_so() {
        let newest = vec![RemovalPolicy::NewestInstance];
        let mut stage = Stage::with_group(4, |spec| spec.removal = newest);
        stage.asks(total(2)).unwrap();
        stage.until(100);
        let left: Vec<_> = stage.fleet.members.present().map(|(id, _)| id.index()).collect();
        assert_eq!(left, [0, 1]);
    }

    #[test]
    fn launches_fail_by_chance_although_there_is_room() {
        let mut stage = Stage::with_group(1, |_| {});
        let first = Id::new(0);
        let before = Stage::with_group(1, |_| {}).scenario.layout.configurations[first].clone();
        assert!(before.launch_fail_p <= 0.0);
        let ids = stage.scenario.layout.configurations.ids();
        ids.iter().for_each(|id| stage.scenario.layout.configurations[id].launch_fail_p = 1.0);
        stage.asks(total(3)).unwrap();
        stage.until(30);
        stage.scenario.layout.configurations[first].launch_fail_p = 0.0;
        stage.until(300);
        assert_eq!(stage.sizes(), [3, 3, 3]);
        let activities: Vec<_> = stage.activities().iter().map(|of| (of.0, of.1)).collect();
        assert_eq!(activities, [(0, 0), (110, 2)], "the second try lasts as long as its launches");
    }

    #[test]
    fn who_is_re_imaged_is_counted_and_warms_up_again() {
        let mut stage = Stage::with_group(2, |_| {});
        let bad = ImageSpec {
            name: "bad".to_owned(),
            unhealthy_p: 1.0,
            unhealthy_after: Distribution::Fixed(Span::ZERO),
        };
        let bad = stage.scenario.layout.images.push(bad);
        let identity = Identity { revision: 1, ..stage.fleet.groups[G].identity };
        let law = Distribution::Fixed(Span::from_seconds(120));
        let rebuild = (&law, Span::from_seconds(60));
        stage.does(|turn| reimage(turn, Id::new(0), identity, rebuild));
        assert_eq!(stage.sizes(), [2, 1, 2]);
        stage.until(219);
        assert_eq!(stage.sizes(), [2, 1, 2]);
        stage.until(220);
        assert_eq!(stage.sizes(), [2, 2, 2], "120 s, a boot of 40 s, and 60 s");
        let identity = Identity { revision: 2, image: Some(bad), ..identity };
        stage.does(|turn| reimage(turn, Id::new(0), identity, rebuild));
        stage.until(220 + 160 + 30);
        let states = stage.member_states(0);
        assert_eq!(states, [(0, InService), (410, Removing)], "its new image is bad");
    }
}
