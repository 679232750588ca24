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
    scaling_activity,
    turn::Turn,
};
use crate::{
    fleet::{
        groups::Trigger,
        ids::{Member, ScalingGroup},
        scaling::Process,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    messages::{occurrence::Occurrence, scaling::ActivityStatus},
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
    let suspended = turn.fleet.groups[group].suspended;
    let (goal, has) = (goal(turn, group), turn.fleet.groups[group].counts.active());
    let mut outcome = Outcome::default();
    if has < goal && !suspended.has(Process::ScaleOut) {
        grows(turn, group, goal, &mut outcome);
    } else if has > goal && !suspended.has(Process::ScaleIn) {
        shrinks(turn, group, goal, &mut outcome);
    }
    settles(turn, group, outcome.failed == 0);
    if outcome.sum() > 0 {
        let row = turn.fleet.groups.row_mut(group);
        let trigger = std::mem::replace(&mut row.trigger, Trigger::Ess);
        let did = [outcome.launched, outcome.removed];
        scaling_activity::states(turn, group, trigger, (did, outcome.status()));
    }
}

/// Launches of `group` that found no room are tried again.
pub fn retries(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    let row = turn.fleet.groups.row_mut(group);
    if row.retries_at == Some(turn.now) {
        row.retries_at = None;
        turn.agenda.pass(Occurrence::GroupPlans(group));
    }
}

/// What a pass did (counts).
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    launched: u32,
    removed: u32,
    failed: u32,
}

impl Outcome {
    const fn sum(self) -> u32 {
        self.launched + self.removed + self.failed
    }

    const fn status(self) -> ActivityStatus {
        match (self.launched + self.removed, self.failed) {
            (_, 0) => ActivityStatus::Successful,
            (0, _) => ActivityStatus::Failed,
            (_, _) => ActivityStatus::Warning,
        }
    }
}

/// Open replacements of the active refresh of `group`: of which both members are counted, and of
/// which none is (capacity units).
fn both_or_none(turn: &Turn<'_>, group: Id<ScalingGroup>) -> [u32; 2] {
    let active = turn.fleet.groups[group].refresh;
    active.map_or([0; 2], |refresh| turn.fleet.refreshes[refresh].both_or_none)
}

/// What `group` would consist of if no replacement were under way (capacity units).
fn without_refresh(turn: &Turn<'_>, group: Id<ScalingGroup>) -> u32 {
    let [both, none] = both_or_none(turn, group);
    (turn.fleet.groups[group].counts.active() + none).saturating_sub(both)
}

/// What `group` should consist of now (capacity units).
fn goal(turn: &Turn<'_>, group: Id<ScalingGroup>) -> u32 {
    let row = &turn.fleet.groups[group];
    let size = if row.restores || row.settling {
        row.desired
    } else {
        let [min, max] = row.size;
        without_refresh(turn, group).min(max).max(min)
    };
    let [both, none] = both_or_none(turn, group);
    (size + both).saturating_sub(none)
}

/// A group without an expected number has reached the size that it was scaled to, and keeps track
/// of what it consists of.
fn settles(turn: &mut Turn<'_>, group: Id<ScalingGroup>, all_done: bool) {
    let has = without_refresh(turn, group);
    let row = turn.fleet.groups.row_mut(group);
    if row.restores {
        return;
    }
    let waits = row.retries_at.is_some() || row.suspended != Default::default();
    row.settling &= has != row.desired && (!all_done || waits);
    if !row.settling && row.refresh.is_none() && row.desired != has {
        row.desired = has;
        tell_size(turn, group);
    }
}

/// Launches what is missing, slot by slot; what fails is tried again after `launch_retry`.
fn grows(turn: &mut Turn<'_>, group: Id<ScalingGroup>, goal: u32, outcome: &mut Outcome) {
    if turn.fleet.groups[group].retries_at.is_some_and(|at| at > turn.now) {
        return;
    }
    let what = next_launch(turn, group);
    while turn.fleet.groups[group].counts.active() + outcome.failed < goal {
        match members::try_launch(turn, group, what) {
            Ok(_) => outcome.launched += 1,
            Err(NoLaunch::Failed) => outcome.failed += 1,
            Err(NoLaunch::NoRoom) => {
                outcome.failed += 1;
                break;
            }
        }
    }
    if outcome.failed > 0 {
        let retry = turn.layout().scaling_groups[group].launch_retry;
        tries_again(turn, group, turn.now.saturating_add(retry.max(Span::from_micros(1))));
    }
}

/// A launch of `group` on its own: during a refresh it warms up as that one's do.
fn next_launch(turn: &Turn<'_>, group: Id<ScalingGroup>) -> Launch {
    let row = &turn.fleet.groups[group];
    let warm_up = match row.refresh {
        Some(_) => turn.scenario.refresh_rules[group].warms(),
        None => turn.layout().scaling_groups[group].warm_up,
    };
    let identity = row.launches_from;
    Launch { identity, zone: None, warm_up, refresh: row.refresh, replacement: None }
}

fn tries_again(turn: &mut Turn<'_>, group: Id<ScalingGroup>, at: Instant) {
    let row = turn.fleet.groups.row_mut(group);
    if row.retries_at.replace(at) != Some(at) {
        turn.agenda.at(at, Occurrence::GroupRetries(group));
    }
}

/// Removes what is too much, as the removal policies say.
fn shrinks(turn: &mut Turn<'_>, group: Id<ScalingGroup>, goal: u32, outcome: &mut Outcome) {
    let mut goal = goal;
    let how = Leaving { detach_only: false, keep: true, refresh: None };
    while let Some(excess) = turn.fleet.groups[group].counts.active().checked_sub(goal + 1) {
        let Some(member) = victim(turn, group, excess + 1) else { return };
        let row = turn.fleet.members[member];
        if let Some(other) = counted_partner(turn, member) {
            // Of a pair both are counted and one is wanted: who wants none removes both.
            goal = goal.saturating_sub(u32::from(row.weight));
            leaving::take_away(turn, other, how);
            outcome.removed += 1;
        }
        leaving::take_away(turn, member, how);
        outcome.removed += 1;
    }
}

/// Who leaves next, if that leaves no less than is wanted: nobody of an open replacement if there
/// is another, then one of a pair of which both are counted.
fn victim(turn: &mut Turn<'_>, group: Id<ScalingGroup>, excess: u32) -> Option<Id<Member>> {
    let (now, members) = (turn.now, &turn.fleet.members);
    let row = &turn.fleet.groups[group];
    let in_order = || row.removable.iter().map(|(_, member)| *member);
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
            tries_again(turn, group, at);
        }
        return None;
    }
    found.filter(|member| u32::from(turn.fleet.members[*member].weight) <= excess)
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
