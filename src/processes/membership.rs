//! The books of scaling groups: how their members stand, and what that adds up to
//! (spec/refresh-and-migration.md 3.3).
//!
//! Path: a member enters, changes, or steps → what it adds to its group's counts is booked → the
//! facts, and the group's pass at the end of the instant. Moves: members, and the counts and lists
//! of their groups; nothing else writes those.

use super::{scaling_activity, turn::Turn};
use crate::{
    fleet::{
        activities::Part,
        groups::{Counts, GroupRow, News},
        ids::{Member, Refresh, ScalingGroup},
        members::MemberRow,
        scaling::{Processes, RemovalPolicy, ScalingGroupSpec},
    },
    kernel::column::Id,
    lifecycle::member::{MemberState, MemberStep},
    messages::{fact::Fact, occurrence::Occurrence, scaling::ScalingFact},
};

/// A new member; its instance, if it has one, is the group's from now on.
pub fn enters(turn: &mut Turn<'_>, row: MemberRow, refresh: Option<Id<Refresh>>) -> Id<Member> {
    let member = turn.fleet.members.create(row);
    if let Some(instance) = row.instance {
        turn.fleet.instances.row_mut(instance).in_group = true;
    }
    moved(turn, member, None, refresh);
    booked(turn, member, None);
    member
}

/// Changes of `member` what is neither its state nor its instance.
pub fn alter(turn: &mut Turn<'_>, member: Id<Member>, change: impl FnOnce(&mut MemberRow)) {
    let before = turn.fleet.members[member];
    change(turn.fleet.members.row_mut(member));
    booked(turn, member, Some(before));
}

/// Moves `member` by one step of its machine, for `refresh` or for the replacement that it is of.
pub fn step(
    turn: &mut Turn<'_>,
    member: Id<Member>,
    step: MemberStep,
    refresh: Option<Id<Refresh>>,
) {
    let before = turn.fleet.members[member];
    turn.fleet.members.step(member, step);
    moved(turn, member, Some(before.state), refresh);
    booked(turn, member, Some(before));
    match turn.fleet.members[member].state {
        MemberState::InService if before.is_coming() => {
            scaling_activity::is_over(turn, member, Part::Launch, true);
        }
        MemberState::InService if before.state == MemberState::RemovingWait => {
            scaling_activity::is_over(turn, member, Part::Removal, false);
        }
        MemberState::Gone | MemberState::Stopped => {
            scaling_activity::is_over(turn, member, Part::Removal, true);
        }
        MemberState::InService
        | MemberState::Pending
        | MemberState::PendingWait
        | MemberState::Protected
        | MemberState::Standby
        | MemberState::RemovingWait
        | MemberState::Removing => {}
    }
}

/// The instance of `member` may have changed: whether it serves is booked anew.
pub fn recount(turn: &mut Turn<'_>, member: Id<Member>) {
    alter(turn, member, |_| {});
}

/// Puts what happened into the news of the member's group, which are read at the end of the instant.
pub fn tell(turn: &mut Turn<'_>, group: Id<ScalingGroup>, news: News) {
    turn.fleet.groups.row_mut(group).news.push(news);
    turn.agenda.pass(Occurrence::GroupPlans(group));
}

/// What never changes of the group of `member`.
pub fn spec_of<'a>(turn: &Turn<'a>, member: Id<Member>) -> &'a ScalingGroupSpec {
    &turn.layout().scaling_groups[turn.fleet.members[member].group]
}

/// The suspended processes of the group of `member`.
pub fn suspended_of(turn: &Turn<'_>, member: Id<Member>) -> Processes {
    turn.fleet.groups[turn.fleet.members[member].group].suspended
}

/// The name under which draws about `member` are addressed.
pub fn entity_of(turn: &Turn<'_>, member: Id<Member>) -> u64 {
    let row = &turn.fleet.members[member];
    turn.scenario.launched_by(row.group, row.number).entity()
}

/// The refresh that `member` is replaced or launched by, if any.
pub fn refresh_of(turn: &Turn<'_>, member: Id<Member>) -> Option<Id<Refresh>> {
    let replacement = turn.fleet.members[member].replacement?;
    Some(turn.fleet.refreshes.replacement(replacement).refresh)
}

/// States the size of `group` and what it consists of.
pub fn tell_size(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    let row = &turn.fleet.groups[group];
    let (desired, counts) = (row.desired, row.counts);
    turn.state(Fact::Scaling(ScalingFact::Counted { group, desired, counts }));
}

fn moved(
    turn: &mut Turn<'_>,
    member: Id<Member>,
    from: Option<MemberState>,
    refresh: Option<Id<Refresh>>,
) {
    let refresh = refresh.or_else(|| refresh_of(turn, member));
    let MemberRow { group, instance, state: to, .. } = turn.fleet.members[member];
    turn.state(Fact::Scaling(ScalingFact::MemberMoved {
        member,
        group,
        instance,
        from,
        to,
        refresh,
    }));
}

/// Books the difference between what `member` was and what it is.
fn booked(turn: &mut Turn<'_>, member: Id<Member>, before: Option<MemberRow>) {
    let row = &turn.fleet.members[member];
    let in_service = matches!(row.state, MemberState::InService | MemberState::Protected);
    let is_served = row.instance.is_some_and(|instance| turn.fleet.instances[instance].served);
    let serves = in_service && row.warm && is_served && !row.failing;
    let becomes_ready = !row.ready && in_service && row.warm && row.healthy;
    let group = row.group;
    let row = turn.fleet.members.row_mut(member);
    row.serves = serves;
    row.ready |= becomes_ready;
    let after = *row;
    let spec = &turn.layout().scaling_groups[group];
    let books = turn.fleet.groups.row_mut(group);
    let is_listed_as_before =
        |before: &MemberRow| before.state == after.state && before.identity == after.identity;
    if !before.as_ref().is_some_and(is_listed_as_before) {
        if let Some(before) = &before {
            struck(books, spec, member, before);
        }
        listed(books, spec, member, &after);
    }
    let was = before.as_ref().map_or(Counts::default(), MemberRow::counts);
    let is = after.counts();
    books.counts = books.counts.plus(is).minus(was);
    if becomes_ready {
        tell(turn, group, News::Ready(member));
    }
    if was != is {
        tell_size(turn, group);
    }
    if was != is || before.is_none_or(|before| before.state != after.state) {
        turn.agenda.pass(Occurrence::GroupPlans(group));
    }
}

/// Takes `member` off the lists of its group.
fn struck(books: &mut GroupRow, spec: &ScalingGroupSpec, member: Id<Member>, row: &MemberRow) {
    if row.state == MemberState::InService {
        let rank = rank(books, spec, row);
        books.removable.remove(&(list_of(spec, row), rank, member));
    } else if row.state == MemberState::Stopped {
        books.stopped.remove(&(row.number, member));
    }
    if let Some(place) = place_of_zone(spec, row) {
        books.in_zone[place] -= 1;
    }
}

/// Puts `member` on the lists of its group where it belongs.
fn listed(books: &mut GroupRow, spec: &ScalingGroupSpec, member: Id<Member>, row: &MemberRow) {
    if !books.identities.contains(&row.identity) {
        books.identities.push(row.identity);
    }
    if row.state == MemberState::InService {
        let rank = rank(books, spec, row);
        books.removable.insert((list_of(spec, row), rank, member));
    } else if row.state == MemberState::Stopped {
        books.stopped.insert((row.number, member));
    }
    if let Some(place) = place_of_zone(spec, row) {
        books.in_zone[place] += 1;
    }
}

/// The place of the zone in which `row` is counted, among its group's.
fn place_of_zone(spec: &ScalingGroupSpec, row: &MemberRow) -> Option<usize> {
    let zone = row.zone.filter(|_| row.counts().counted > 0)?;
    spec.zones.iter().position(|of| *of == zone)
}

/// The list of those who may be removed that `row` is on: its zone's, in a group that is to be
/// balanced.
fn list_of(spec: &ScalingGroupSpec, row: &MemberRow) -> u32 {
    if spec.balance.is_none() {
        return 0;
    }
    let place = spec.zones.iter().position(|zone| row.zone == Some(*zone));
    place.unwrap_or(spec.zones.len()) as u32
}

/// Who leaves first: the dearest where its group goes by price, then by the removal policies, then
/// the one that came first.
fn rank(books: &GroupRow, spec: &ScalingGroupSpec, row: &MemberRow) -> [u64; 4] {
    let number = u64::from(row.number);
    let mut rank = [number; 4];
    rank[0] = if spec.by_price { u64::MAX - row.vcpu_price } else { 0 };
    for (place, policy) in spec.removal.iter().take(3).enumerate() {
        rank[place + 1] = match policy {
            RemovalPolicy::OldestInstance => number,
            RemovalPolicy::NewestInstance => u64::MAX - number,
            RemovalPolicy::OldestScalingConfiguration => {
                let used = books.identities.iter().position(|of| *of == row.identity);
                used.unwrap_or(usize::MAX) as u64
            }
        };
    }
    rank
}
