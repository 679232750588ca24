//! Who takes part in an instance refresh, and what its launches use
//! (spec/refresh-and-migration.md 2.6, 3.6, 3.7; spec/corrections.md 24, 25, 28).
//!
//! Path: at the start those in service are enlisted, or are on the target already → who leaves, or
//! is protected, is struck off; who comes is a newcomer. Moves: the books of a refresh.

use super::turn::Turn;
use crate::{
    fleet::{
        ids::{Member, Refresh, ScalingGroup},
        members::Identity,
        refreshes::{Came, Detail, Needy, Newcomer, Rank, RefreshRow},
        scaling::Creation,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{member::MemberState, refresh::RefreshStatus},
    messages::{fact::Fact, scaling::ScalingFact},
    policy::refresh::{Bounds, Bystander, RefreshRules, VictimOrder},
    scenario::{RefreshRequest, Scenario, VersionWritten},
};

/// The rules of `refresh`.
pub fn rules_of<'a>(turn: &Turn<'a>, refresh: Id<Refresh>) -> &'a RefreshRules {
    &turn.scenario.refresh_rules[turn.fleet.refreshes[refresh].group]
}

/// What started `refresh`.
pub fn request_of<'a>(turn: &Turn<'a>, refresh: Id<Refresh>) -> &'a RefreshRequest {
    request(turn.scenario, &turn.fleet.refreshes[refresh])
}

fn request<'a>(scenario: &'a Scenario, row: &RefreshRow) -> &'a RefreshRequest {
    &scenario.scripts[row.script].parameters.scaling.request
}

/// What bounds the size of the group of `refresh`.
pub fn bounds_of(turn: &Turn<'_>, refresh: Id<Refresh>) -> Bounds {
    let request = request_of(turn, refresh);
    rules_of(turn, refresh).bounds.asked(request.min, request.max)
}

/// What those bounds are shares of (`percent_base`; capacity units).
pub fn base_of(turn: &Turn<'_>, refresh: Id<Refresh>) -> u32 {
    let group = &turn.fleet.groups[turn.fleet.refreshes[refresh].group];
    let is_aside = rules_of(turn, refresh).without_standby;
    group.desired.saturating_sub(if is_aside { group.counts.standby } else { 0 })
}

/// Whether what `request` asks for could be taken back: it says itself what it wants, and wants no
/// version that may be another one tomorrow.
pub fn is_reversible(request: &RefreshRequest) -> bool {
    let is_fixed = request.image.is_some() || request.configuration.is_some();
    is_fixed || matches!(request.version, Some(VersionWritten::Number(_)))
}

/// Whether `request` says what is to be launched.
pub const fn says_what(request: &RefreshRequest) -> bool {
    request.image.is_some() || request.configuration.is_some() || request.template.is_some()
}

/// Whether a template's version that `request` asks for is another one at another time.
pub const fn is_moving(request: &RefreshRequest) -> bool {
    request.template.is_some() && !matches!(request.version, Some(VersionWritten::Number(_)))
}

/// The template's version that `request` stands for at `now`, as a configuration.
pub fn version_at(scenario: &Scenario, request: &RefreshRequest, now: Instant) -> Option<Identity> {
    let crate::scenario::Handle::Known(template) = request.template.as_ref()? else { return None };
    let template = &scenario.layout.launch_templates[*template];
    let version = match request.version {
        Some(VersionWritten::Number(number)) => number,
        Some(VersionWritten::Latest) => template.latest(now),
        Some(VersionWritten::Default) | None => template.default(now),
        Some(VersionWritten::Unknown(_)) => return None,
    };
    if version == 0 || version > template.latest(now) {
        return None;
    }
    request.versions.get(version as usize - 1).copied().map(Identity::of)
}

/// `group` launches from `identity` from now on.
pub fn launches_from(turn: &mut Turn<'_>, group: Id<ScalingGroup>, identity: Identity) {
    let row = turn.fleet.groups.row_mut(group);
    row.launches_from = identity;
    if !row.identities.contains(&identity) {
        row.identities.push(identity);
    }
}

/// The members of `row`'s group, in the order in which they came.
pub fn members_of(turn: &Turn<'_>, group: Id<ScalingGroup>) -> Vec<Id<Member>> {
    let all = turn.fleet.members.present().filter(|(_, row)| row.group == group);
    let mut found: Vec<_> = all.map(|(member, row)| (row.number, member)).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, member)| member).collect()
}

/// Enlists in `row` whoever takes part from the start.
pub fn gather(turn: &Turn<'_>, row: &mut RefreshRow) {
    let rules = &turn.scenario.refresh_rules[row.group];
    let skips = request(turn.scenario, row).skip_matching.unwrap_or(rules.skip_matching);
    for member in members_of(turn, row.group) {
        let of = &turn.fleet.members[member];
        if of.creation != Creation::AutoCreated {
            continue;
        }
        let Some(stand) = stand(rules, of.state) else { continue };
        if skips && of.identity == row.target {
            if of.state == MemberState::InService {
                let came = Came::Matched;
                row.arrives(member, Newcomer { weight: of.weight, ready: of.warm, came });
            }
            continue;
        }
        enlists(turn, row, member, stand);
        row.total += u32::from(of.weight);
    }
}

/// How a member stands to a refresh that would replace it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stand {
    /// It may be replaced.
    Ready,
    /// It is waited for.
    Awaited,
}

/// How a member in `state` stands; `None`: it is no business of a refresh.
const fn stand(rules: &RefreshRules, state: MemberState) -> Option<Stand> {
    let policy = match state {
        MemberState::InService => return Some(Stand::Ready),
        MemberState::Protected => rules.protected,
        MemberState::Standby => rules.standby,
        MemberState::Pending
        | MemberState::PendingWait
        | MemberState::RemovingWait
        | MemberState::Removing
        | MemberState::Stopped
        | MemberState::Gone => return None,
    };
    match policy {
        Bystander::Ignore => None,
        Bystander::Refresh => Some(Stand::Ready),
        Bystander::Wait(_) => Some(Stand::Awaited),
    }
}

/// Whether `member` may be replaced as it stands.
pub fn may_be_replaced(turn: &Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) -> bool {
    let state = turn.fleet.members[member].state;
    stand(rules_of(turn, refresh), state) == Some(Stand::Ready)
}

/// The longest wait for somebody who is Protected or Standby.
pub fn longest_wait(rules: &RefreshRules) -> Span {
    let of = |policy| match policy {
        Bystander::Wait(span) => span,
        Bystander::Ignore | Bystander::Refresh => Span::ZERO,
    };
    of(rules.protected).max(of(rules.standby))
}

fn enlists(turn: &Turn<'_>, row: &mut RefreshRow, member: Id<Member>, stand: Stand) {
    let of = &turn.fleet.members[member];
    if stand == Stand::Awaited {
        row.waited_for.insert(member, of.weight);
        return;
    }
    let free = !of.healthy || of.state == MemberState::Standby;
    let rank = match row.places.get(&member) {
        // Only its health may have changed: it keeps its place among its like.
        Some(rank) => rank_anew(turn, row.group, *rank, free),
        None => rank(turn, row, member, free),
    };
    row.enlist(member, Needy { rank, weight: of.weight, free });
}

/// The place of `member` in the order in which members are replaced.
fn rank(turn: &Turn<'_>, row: &mut RefreshRow, member: Id<Member>, free: bool) -> Rank {
    let of = &turn.fleet.members[member];
    let (created, number) = (of.created.micros(), u64::from(of.number));
    let zone = of.zone.map_or(0, |zone| zone.index() + 1);
    match turn.scenario.refresh_rules[row.group].victims {
        VictimOrder::UnhealthyThenOldest => [u64::from(!free), created, number, 0],
        VictimOrder::Oldest => [0, created, number, 0],
        VictimOrder::Newest => [0, !created, !number, 0],
        VictimOrder::ZoneRoundRobin => {
            if row.zones.len() <= zone {
                row.zones.resize(zone + 1, 0);
            }
            row.zones[zone] += 1;
            [row.zones[zone], zone as u64, created, number]
        }
        VictimOrder::OneZoneAtATime => [zone as u64, created, number, 0],
        VictimOrder::HostGrouped => {
            let server = of.instance.and_then(|instance| turn.fleet.instances[instance].server);
            let server = server.map_or(u64::MAX, |server| server.index() as u64);
            [server, created, number, 0]
        }
    }
}

fn rank_anew(turn: &Turn<'_>, group: Id<ScalingGroup>, rank: Rank, free: bool) -> Rank {
    match turn.scenario.refresh_rules[group].victims {
        VictimOrder::UnhealthyThenOldest => [u64::from(!free), rank[1], rank[2], rank[3]],
        VictimOrder::Oldest
        | VictimOrder::Newest
        | VictimOrder::ZoneRoundRobin
        | VictimOrder::OneZoneAtATime
        | VictimOrder::HostGrouped => rank,
    }
}

/// `member` has to be replaced by `refresh`, in which it has no part yet.
pub fn joins_need(turn: &mut Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) {
    with_row(turn, refresh, |turn, row| {
        if let Some(stand) = stand(rules_in(turn, row), turn.fleet.members[member].state) {
            enlists(turn, row, member, stand);
        }
    });
}

/// `member`, which had left the task because somebody else removed it, was put back into service by
/// a hook: it has to be replaced after all.
pub fn returns(turn: &mut Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) {
    with_row(turn, refresh, |turn, row| {
        let of = &turn.fleet.members[member];
        let takes_part = of.creation == Creation::AutoCreated && of.identity != row.target;
        let is_known = row.places.contains_key(&member) || row.waited_for.contains_key(&member);
        let is_forward = row.status != RefreshStatus::RollbackInProgress;
        // Who never had a part in the task is ignored to its end (2.6).
        if !row.left.remove(&member) {
            return;
        }
        let Some(stand) = stand(rules_in(turn, row), of.state) else { return };
        if !takes_part || is_known || !is_forward {
            return;
        }
        let weight = u32::from(of.weight);
        if rules_in(turn, row).leaving_counts_as_finished {
            row.finished -= weight.min(row.finished);
        } else {
            row.total += weight;
        }
        enlists(turn, row, member, stand);
    });
}

/// Something happened to `member`, which may have to be replaced and is not in flight: its place is
/// what it has to be now. Who is not available any more leaves the task.
pub fn looks(turn: &mut Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) {
    with_row(turn, refresh, |turn, row| {
        let waited = row.waited_for.contains_key(&member);
        if !waited && !row.places.contains_key(&member) {
            return;
        }
        match stand(rules_in(turn, row), turn.fleet.members[member].state) {
            Some(Stand::Ready) => {
                row.waited_for.remove(&member);
                enlists(turn, row, member, Stand::Ready);
            }
            Some(Stand::Awaited) => {
                row.strike(member);
                enlists(turn, row, member, Stand::Awaited);
            }
            None => {
                let struck = row.strike(member).map(|needy| needy.weight);
                let weight = row.waited_for.remove(&member).or(struck).unwrap_or(0);
                row.left.insert(member);
                leaves(rules_in(turn, row), row, weight);
            }
        }
    });
}

/// Somebody of `weight` who had to be replaced leaves the task (`leave_counts_as`).
pub fn leaves(rules: &RefreshRules, row: &mut RefreshRow, weight: u16) {
    let weight = u32::from(weight);
    let is_back = row.status == RefreshStatus::RollbackInProgress;
    match (is_back, rules.leaving_counts_as_finished) {
        (true, true) => row.rolled_back[0] += weight,
        (true, false) => row.rolled_back[1] -= weight,
        (false, true) => row.finished += weight,
        (false, false) => row.total -= weight,
    }
}

/// A new member was found unhealthy, before it was ready or after: too many of those are fatal.
pub fn failed(turn: &mut Turn<'_>, refresh: Id<Refresh>, new: Id<Member>) {
    let weight = u32::from(turn.fleet.members[new].weight);
    turn.state(Fact::Scaling(ScalingFact::ReplacementFailed { refresh, new }));
    let rules = rules_of(turn, refresh);
    let row = turn.fleet.refreshes.row_mut(refresh);
    row.launched[1] += weight;
    if row.fatal {
        return; // What ends the task is known already.
    }
    row.detail = Detail::Unhealthy;
    let [launched, failed] = row.launched.map(u64::from);
    // The whole of a batch that has begun counts, whichever of it is launched first.
    let launched = launched.max(u64::from(row.begun));
    if rules.max_failed.is_some_and(|most| failed * 100 > launched * u64::from(most)) {
        (row.detail, row.fatal) = (Detail::TooManyFailed, true);
    }
}

/// A newcomer is not there any more.
pub fn newcomer_lost(turn: &mut Turn<'_>, refresh: Id<Refresh>, member: Id<Member>) {
    let monotonic = rules_of(turn, refresh).finished_monotonic;
    let row = turn.fleet.refreshes.row_mut(refresh);
    let Some(new) = row.is_lost(member) else { return };
    if new.came == Came::Replaced && !monotonic {
        // Whoever the group launches instead takes part as one that it launched.
        let weight = u32::from(new.weight);
        row.finished -= weight.min(row.finished);
        row.total -= weight.min(row.total);
    }
}

fn rules_in<'a>(turn: &Turn<'a>, row: &RefreshRow) -> &'a RefreshRules {
    &turn.scenario.refresh_rules[row.group]
}

/// Works on the row of `refresh` while the rest of the fleet is looked at.
fn with_row(
    turn: &mut Turn<'_>,
    refresh: Id<Refresh>,
    work: impl FnOnce(&Turn<'_>, &mut RefreshRow),
) {
    let mut row = turn.fleet.refreshes.take(refresh);
    work(turn, &mut row);
    turn.fleet.refreshes.give_back(refresh, row);
}
