//! The size of a scaling group (spec/refresh-and-migration.md 1.1, 1.5, 1.8, 1.9; 3.7 reconcile).
//!
//! Path: an order, the schedule, or the target rule changes the desired capacity → the group's pass
//! launches what is missing and removes what is too much, as far as its processes are not
//! suspended; what found no room is tried again. Moves: groups, members.
//!
//! A group whose expected-number feature is off (spec/corrections.md 29) goes to the size that
//! somebody scaled it to, and from then on restores only its MinSize and MaxSize: its desired
//! capacity follows what it consists of, but not during a refresh.

use super::{
    leaving::{self, Leaving},
    members::{self, Launch, NoLaunch},
    membership::tell_size,
    scaling_activity::Reason,
    turn::Turn,
};
use crate::{
    fleet::{
        groups::Trigger,
        ids::{Member, ScalingGroup},
        refreshes::Share,
        scaling::Process,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    messages::occurrence::Occurrence,
};

/// Puts up every group.
pub fn prime(turn: &mut Turn<'_>) {
    for group in turn.layout().scaling_groups.ids().iter() {
        members::present(turn, group);
        let row = turn.fleet.groups.row_mut(group);
        if !row.restores {
            row.desired = row.counts.active();
        }
        tell_size(turn, group);
        turn.agenda.pass(Occurrence::GroupPlans(group));
    }
}

/// The desired capacity of `group` becomes `desired`, clipped to its sizes (capacity units).
pub fn resize(turn: &mut Turn<'_>, group: Id<ScalingGroup>, desired: u32, trigger: Trigger) {
    let row = turn.fleet.groups.row_mut(group);
    let [min, max] = row.size;
    row.desired = desired.min(max).max(min);
    row.trigger = trigger;
    row.settling = !row.restores;
    row.retries_at = None; // What is asked for now is tried now.
    row.hooks_off = 0;
    tell_size(turn, group);
    turn.agenda.pass(Occurrence::GroupPlans(group));
}

/// Somebody came into `group`, or left it, by hand: its desired capacity changes with it, so that
/// nobody else has to leave or come (capacity units).
pub fn follows(turn: &mut Turn<'_>, group: Id<ScalingGroup>, change: i64) {
    let row = turn.fleet.groups.row_mut(group);
    let desired = (i64::from(row.desired) + change).max(0);
    row.desired = u32::try_from(desired).unwrap_or(u32::MAX);
    tell_size(turn, group);
}

/// What a scaling of `group` starts from (capacity units).
pub fn base(turn: &Turn<'_>, group: Id<ScalingGroup>) -> u32 {
    let row = &turn.fleet.groups[group];
    if row.restores || row.settling { row.desired } else { without_refresh(turn, group) }
}

/// The pass of `group`: T == D + open replacements of which both are counted - those of which none
/// is (spec/corrections.md 26).
pub fn reconcile(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    while let Some(member) = turn.fleet.groups.row_mut(group).gone.pop() {
        turn.fleet.members.recycle(member);
    }
    if !turn.fleet.groups[group].active {
        return;
    }
    let stops = |turn: &Turn<'_>, process| turn.fleet.groups[group].stops(process);
    let (goal, has) = (goal(turn, group), turn.fleet.groups[group].counts.active());
    let before = turn.fleet.groups[group].activities;
    let mut is_done = true;
    if has < goal && !stops(turn, Process::ScaleOut) {
        is_done = grows(turn, group, goal);
    } else if has > goal && !stops(turn, Process::ScaleIn) {
        is_done = shrinks(turn, group, goal);
    }
    settles(turn, group, is_done);
    let row = turn.fleet.groups.row_mut(group);
    if is_done {
        row.hooks_off = 0; // That scaling is done.
    }
    if row.activities > before {
        row.trigger = Trigger::Ess; // What was asked for is under way.
    }
}

/// Launches of `group` that found no room are tried again.
pub fn retries(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    let now = turn.now;
    let row = turn.fleet.groups.row_mut(group);
    row.wakes.retain(|at| *at > now);
    row.retries_at = row.retries_at.filter(|at| *at > now);
    turn.agenda.pass(Occurrence::GroupPlans(group));
}

/// What open replacements of the active refresh of `group` add to it.
fn shares(turn: &Turn<'_>, group: Id<ScalingGroup>) -> Share {
    let active = turn.fleet.groups[group].refresh;
    active.map_or_else(Share::default, |refresh| turn.fleet.refreshes[refresh].shares)
}

/// What `group` would consist of if no replacement were under way (capacity units).
fn without_refresh(turn: &Turn<'_>, group: Id<ScalingGroup>) -> u32 {
    let Share { extra, owed, .. } = shares(turn, group);
    (turn.fleet.groups[group].counts.active() + owed).saturating_sub(extra)
}

/// How many of `group` are wanted (capacity units).
fn wanted(turn: &Turn<'_>, group: Id<ScalingGroup>) -> u32 {
    let row = &turn.fleet.groups[group];
    if row.restores || row.settling {
        row.desired
    } else {
        let [min, max] = row.size;
        without_refresh(turn, group).min(max).max(min)
    }
}

/// What `group` should consist of now (capacity units).
fn goal(turn: &Turn<'_>, group: Id<ScalingGroup>) -> u32 {
    let Share { extra, owed, .. } = shares(turn, group);
    (wanted(turn, group) + extra).saturating_sub(owed)
}

/// A group without an expected number has reached the size that it was scaled to, and keeps track
/// of what it consists of.
fn settles(turn: &mut Turn<'_>, group: Id<ScalingGroup>, all_done: bool) {
    let has = without_refresh(turn, group);
    let row = turn.fleet.groups.row_mut(group);
    if row.restores {
        return;
    }
    let suspended = row.system_suspended || row.suspended != Default::default();
    let waits = row.retries_at.is_some() || suspended;
    row.settling &= has != row.desired && (!all_done || waits);
    if !row.settling && row.refresh.is_none() && row.desired != has {
        row.desired = has;
        tell_size(turn, group);
    }
}

/// Launches what is missing, slot by slot; what fails is tried again after `launch_retry`. Says
/// whether nothing failed.
fn grows(turn: &mut Turn<'_>, group: Id<ScalingGroup>, goal: u32) -> bool {
    if turn.fleet.groups[group].retries_at.is_some_and(|at| at > turn.now) {
        return true;
    }
    let (what, limit) = (next_launch(turn, group), limit(turn, group));
    let mut failed = 0;
    loop {
        let has = turn.fleet.groups[group].counts.active() + failed;
        let what = Launch { most: limit.saturating_sub(has), ..what };
        if has >= goal || !fits_any(turn, group, &what) {
            break;
        }
        match members::try_launch(turn, group, what) {
            Ok(_) => {}
            Err(NoLaunch::Failed) => failed += 1,
            Err(NoLaunch::NoRoom) => {
                failed += 1;
                break;
            }
        }
    }
    if failed > 0 {
        let retry = turn.layout().scaling_groups[group].launch_retry;
        let at = turn.now.saturating_add(retry.max(Span::from_micros(1)));
        turn.fleet.groups.row_mut(group).retries_at = Some(at);
        wakes(turn, group, at);
    }
    failed == 0
}

/// Whether anything that `group` could launch is as small as `what` may be: of members that weigh
/// several units none is launched that would exceed MaxSize.
fn fits_any(turn: &Turn<'_>, group: Id<ScalingGroup>, what: &Launch) -> bool {
    let offers = &turn.layout().scaling_groups[group].offers[what.identity.configuration];
    offers.is_empty() || offers.iter().any(|offer| u32::from(offer.weight) <= what.most)
}

/// The most that `group` may consist of now: MaxSize, and what its refresh adds (capacity units).
fn limit(turn: &Turn<'_>, group: Id<ScalingGroup>) -> u32 {
    let Share { extra, owed, .. } = shares(turn, group);
    (turn.fleet.groups[group].size[1] + extra).saturating_sub(owed)
}

/// A launch of `group` on its own: during a refresh it warms up as that one's do.
fn next_launch(turn: &Turn<'_>, group: Id<ScalingGroup>) -> Launch {
    let row = &turn.fleet.groups[group];
    let warm_up = match row.refresh {
        Some(_) => turn.scenario.refresh_rules[group].warms(),
        None => turn.layout().scaling_groups[group].warm_up,
    };
    Launch {
        identity: row.launches_from,
        zone: None,
        warm_up,
        refresh: row.refresh,
        replacement: None,
        reason: Reason::of(row.trigger),
        most: u32::MAX,
    }
}

/// `group` is looked at again at `at`.
fn wakes(turn: &mut Turn<'_>, group: Id<ScalingGroup>, at: Instant) {
    let row = turn.fleet.groups.row_mut(group);
    if !row.wakes.contains(&at) {
        row.wakes.push(at);
        turn.agenda.at(at, Occurrence::GroupRetries(group));
    }
}

/// Removes what is too much, as the removal policies say. Says whether nobody leaves later.
fn shrinks(turn: &mut Turn<'_>, group: Id<ScalingGroup>, goal: u32) -> bool {
    let mut goal = goal;
    let reason = Reason::of(turn.fleet.groups[group].trigger);
    let how = Leaving { detach_only: false, keep: true, reason };
    while let Some(excess) = turn.fleet.groups[group].counts.active().checked_sub(goal + 1) {
        let too_many = TooMany::new(turn, group, excess + 1);
        let Some(member) = victim(turn, group, too_many) else { return true };
        if !is_dispensable(turn, member, too_many) {
            return false;
        }
        let row = turn.fleet.members[member];
        if let Some(other) = counted_partner(turn, member) {
            // Of a pair both are counted and one is wanted: who wants none removes both.
            let pair =
                row.replacement.map(|pair| turn.fleet.refreshes.replacement(pair).share.extra);
            goal = goal.saturating_sub(pair.unwrap_or(0));
            leaving::take_away(turn, other, how);
        }
        let off = turn.fleet.groups[group].hooks_off;
        turn.fleet.members.row_mut(member).hooks_off = off;
        leaving::take_away(turn, member, how);
    }
    true
}

/// What a group has too much (capacity units).
#[derive(Clone, Copy, Debug)]
struct TooMany {
    /// More than it wants.
    unwanted: u32,
    /// More than MaxSize.
    forbidden: u32,
}

impl TooMany {
    fn new(turn: &Turn<'_>, group: Id<ScalingGroup>, unwanted: u32) -> Self {
        let has = turn.fleet.groups[group].counts.active();
        Self { unwanted, forbidden: has.saturating_sub(limit(turn, group)) }
    }
}

/// Whether `member` may leave because its group has `too_many`. Who is healthy stays as long as
/// those who are too many are launches that are not ready, or not even begun: else fewer would
/// serve than are wanted, although enough are there.
fn is_dispensable(turn: &Turn<'_>, member: Id<Member>, too_many: TooMany) -> bool {
    let row = &turn.fleet.members[member];
    let weight = row.counts().healthy;
    let counts = &turn.fleet.groups[row.group].counts;
    let enough_stay = counts.healthy >= wanted(turn, row.group) + weight;
    let to_come = counts.coming + shares(turn, row.group).owed;
    weight == 0
        || enough_stay
        || too_many.unwanted >= to_come + weight
        || too_many.forbidden > to_come
}

/// Who leaves next, if that leaves no less than is wanted, or more than MaxSize are there: nobody of
/// an open replacement if there is another, then one of a pair of which both are counted.
fn victim(turn: &mut Turn<'_>, group: Id<ScalingGroup>, too_many: TooMany) -> Option<Id<Member>> {
    let (now, members) = (turn.now, &turn.fleet.members);
    let row = &turn.fleet.groups[group];
    let zones = fullest_first(turn, group);
    let in_order = || zones.iter().flat_map(|zone| row.removable_in(*zone));
    let spared = |member: Id<Member>| members[member].spared_until > now;
    let is_free = |member: &Id<Member>| members[*member].replacement.is_none() && !spared(*member);
    let free = in_order().find(is_free);
    let paired = || {
        let is_pair =
            |member: &Id<Member>| counted_partner(turn, *member).is_some() && !spared(*member);
        in_order().find(is_pair)
    };
    let found = free.or_else(paired).or_else(|| in_order().find(|member| !spared(*member)));
    if found.is_none() {
        let later = in_order().map(|member| members[member].spared_until).min();
        if let Some(at) = later {
            wakes(turn, group, at);
        }
        return None;
    }
    let is_small = |member: &Id<Member>| u32::from(members[*member].weight) <= too_many.unwanted;
    found.filter(|member| is_small(member) || too_many.forbidden > 0)
}

/// The lists of members that may be removed, of `group` by zone if it is to be balanced: the
/// fullest zone first, of equal ones the last (spec/refresh-and-migration.md 1.3, 1.5).
fn fullest_first(turn: &Turn<'_>, group: Id<ScalingGroup>) -> Vec<u32> {
    let spec = &turn.layout().scaling_groups[group];
    if spec.balance.is_none() {
        return vec![0];
    }
    let in_zone = &turn.fleet.groups[group].in_zone;
    let mut zones: Vec<u32> = (0..=in_zone.len() as u32).rev().collect();
    // Behind the last are those who are in none of its zones.
    zones.sort_by_key(|zone| std::cmp::Reverse(in_zone.get(*zone as usize)));
    zones
}

/// The other member of the open replacement that `member` is of, if both are counted.
fn counted_partner(turn: &Turn<'_>, member: Id<Member>) -> Option<Id<Member>> {
    let members = &turn.fleet.members;
    let row = turn.fleet.refreshes.replacement(members[member].replacement?);
    let (old, new) = (row.old?, row.new?);
    let other = if old == member { new } else { old };
    let is_counted = |member: Id<Member>| members[member].counts().counted > 0;
    (is_counted(member) && is_counted(other)).then_some(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::scaling::Processes,
        lifecycle::{
            instance::InstanceState,
            member::MemberState::{Gone, InService, Pending, Removing},
        },
        messages::{
            refusal::Refusal,
            scaling::{ActivityStatus, Adjustment, MemberOrder, ScalingCommand},
        },
        processes::stage::Stage,
    };

    const G: Id<ScalingGroup> = Id::new(0);

    const fn scale(by: Adjustment) -> ScalingCommand {
        ScalingCommand::Scale { group: G, hooks_off: 0, by }
    }

    const fn modify(sizes: [Option<u32>; 3]) -> ScalingCommand {
        ScalingCommand::Modify { group: G, sizes, active: None, follows: None }
    }

    const fn order(member: usize, order: MemberOrder) -> ScalingCommand {
        ScalingCommand::Member { group: G, member: Id::new(member), order }
    }

    const fn suspend(process: Process, suspend: bool) -> ScalingCommand {
        ScalingCommand::Processes { group: G, which: Processes(process as u8), suspend }
    }

    #[test]
    fn a_group_grows_and_shrinks_as_it_is_asked_to() {
        let mut stage = Stage::with_group(3, |_| {});
        assert_eq!(stage.sizes(), [3, 3, 3]);
        stage.asks(scale(Adjustment::Change(2))).unwrap();
        stage.until(10);
        assert_eq!(stage.sizes(), [5, 3, 5]);
        stage.until(109);
        assert_eq!(stage.sizes(), [5, 3, 5], "in service and not warm");
        stage.until(110);
        assert_eq!(stage.sizes(), [5, 5, 5]);
        assert_eq!(stage.member_states(3), [(0, Pending), (50, InService)]);
        stage.asks(scale(Adjustment::Percent(-60, 0))).unwrap();
        stage.until(111);
        assert_eq!(stage.sizes(), [2, 2, 5]);
        stage.until(140);
        assert_eq!(stage.sizes(), [2, 2, 2]);
        for oldest in 0..3 {
            let states = stage.member_states(oldest);
            assert_eq!(states, [(0, InService), (110, Removing), (140, Gone)]);
        }
        let done = ActivityStatus::Successful;
        assert_eq!(stage.activities(), [(50, 2, 0, done), (140, 0, 3, done)], "when they end");
    }

    #[test]
    fn sizes_bound_what_is_asked_for_and_edits_of_them_restore_the_group() {
        let mut stage = Stage::with_group(3, |spec| spec.size = [2, 4]);
        stage.asks(scale(Adjustment::Total(50))).unwrap();
        stage.until(200);
        assert_eq!(stage.sizes(), [4, 4, 4], "clipped to MaxSize");
        assert_eq!(stage.asks(scale(Adjustment::Change(1))), Err(Refusal::NothingChanges));
        assert_eq!(stage.activities()[1], (200, 0, 0, ActivityStatus::Rejected));
        stage.asks(modify([None, Some(3), None])).unwrap();
        stage.until(300);
        assert_eq!(stage.sizes(), [3, 3, 3], "MaxSize");
        stage.asks(modify([Some(6), Some(8), None])).unwrap();
        stage.until(500);
        assert_eq!(stage.sizes(), [6, 6, 6], "MinSize");
        let backwards = modify([Some(6), Some(5), None]);
        assert_eq!(stage.asks(backwards), Err(Refusal::InvalidParameter));
        assert_eq!(stage.asks(modify([None, None, Some(9)])), Err(Refusal::InvalidParameter));
    }

    #[test]
    fn without_an_expected_number_only_the_bounds_are_restored() {
        let mut stage = Stage::with_group(3, |spec| {
            (spec.desired, spec.size) = (None, [2, 10]);
        });
        let remove = |member| {
            order(member, MemberOrder::Remove { hooks_off: 0, recycle: false, decrease: false })
        };
        stage.asks(remove(0)).unwrap();
        stage.until(100);
        assert_eq!(stage.sizes(), [2, 2, 2], "nobody misses it");
        assert_eq!(stage.fleet.groups[G].desired, 2);
        stage.asks(remove(1)).unwrap();
        stage.until(300);
        assert_eq!(stage.sizes(), [2, 2, 2], "below MinSize one is launched");
        stage.asks(scale(Adjustment::Change(2))).unwrap();
        stage.until(500);
        assert_eq!(stage.sizes(), [4, 4, 4]);
    }

    #[test]
    fn what_finds_no_room_is_tried_again() {
        let mut stage = Stage::with_group(3, |_| {});
        stage.asks(scale(Adjustment::Total(20))).unwrap();
        stage.until(130);
        assert_eq!(stage.sizes(), [19, 19, 19], "ten servers with room for two, one of them taken");
        let failed = ActivityStatus::Failed;
        let all = [(50, 16, 0, ActivityStatus::Warning), (60, 0, 0, failed), (120, 0, 0, failed)];
        assert_eq!(stage.activities(), all);
        let other = Id::new(0);
        stage.does(|turn| crate::processes::release::departs(turn, other));
        stage.until(300);
        assert_eq!(stage.sizes(), [20, 20, 20]);
    }

    #[test]
    fn suspended_processes_wait() {
        let mut stage = Stage::with_group(3, |_| {});
        stage.asks(suspend(Process::ScaleOut, true)).unwrap();
        let grows = scale(Adjustment::Change(1));
        assert_eq!(stage.asks(grows), Err(Refusal::ProcessSuspended));
        stage.asks(modify([None, None, Some(5)])).unwrap();
        stage.until(200);
        assert_eq!(stage.sizes(), [3, 3, 3]);
        stage.asks(suspend(Process::ScaleOut, false)).unwrap();
        stage.until(400);
        assert_eq!(stage.sizes(), [5, 5, 5]);
        stage.asks(suspend(Process::ScaleIn, true)).unwrap();
        stage.asks(modify([None, None, Some(2)])).unwrap();
        let remove = MemberOrder::Remove { hooks_off: 0, recycle: false, decrease: true };
        assert_eq!(stage.asks(order(0, remove)), Err(Refusal::ProcessSuspended));
        stage.until(600);
        assert_eq!(stage.sizes(), [5, 5, 5]);
        stage.asks(suspend(Process::ScaleIn, false)).unwrap();
        stage.until(700);
        assert_eq!(stage.sizes(), [2, 2, 2]);
    }

    #[test]
    fn those_who_are_protected_or_stand_by_are_left_alone_and_an_inactive_group_does_nothing() {
        let mut stage = Stage::with_group(4, |_| {});
        stage.asks(order(0, MemberOrder::Protect(true))).unwrap();
        stage.asks(order(1, MemberOrder::EnterStandby)).unwrap();
        assert_eq!(stage.sizes(), [4, 3, 4], "who stands by does not serve");
        stage.asks(ScalingCommand::Enable { group: G, active: false }).unwrap();
        let shrinks = scale(Adjustment::Total(0));
        assert_eq!(stage.asks(shrinks), Err(Refusal::GroupInactive));
        stage.asks(modify([None, None, Some(0)])).unwrap();
        stage.until(100);
        assert_eq!(stage.sizes(), [4, 3, 4]);
        stage.asks(ScalingCommand::Enable { group: G, active: true }).unwrap();
        stage.until(200);
        assert_eq!(stage.sizes(), [2, 1, 2]);
        assert_eq!(stage.asks(order(1, MemberOrder::EnterStandby)), Err(Refusal::MemberStatus));
        stage.asks(order(1, MemberOrder::ExitStandby)).unwrap();
        stage.until(300);
        assert_eq!(stage.sizes(), [1, 1, 1], "who comes back is too much");
        let states = stage.states(Id::new(1));
        assert_eq!(states.last(), Some(&(0, InstanceState::Running)), "the protected one");
    }
}
