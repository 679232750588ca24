//! Scaling activities: what a group does at once, for whom, and how it went
//! (spec/refresh-and-migration.md 1.9).
//!
//! Path: launches and removals that a group begins at one instant for one reason are one activity
//! → InProgress, told at the end of the instant → the last of them is over → Successful, Warning
//! or Failed. A launch that is tried again later is another activity. Moves: activities.

use super::turn::Turn;
use crate::{
    fleet::{
        activities::{ActivityRow, Part},
        ids::{Activity, Member, Refresh, ScalingGroup},
    },
    kernel::column::Id,
    messages::{
        fact::Fact,
        scaling::{ActivityStatus, ScalingFact, Trigger},
    },
};

/// Why a group launches or removes somebody: what starts it, and the refresh that it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reason {
    /// What starts it.
    pub trigger: Trigger,
    /// The refresh that it belongs to, if any.
    pub refresh: Option<Id<Refresh>>,
}

impl Reason {
    /// It belongs to no refresh.
    pub const fn of(trigger: Trigger) -> Self {
        Self { trigger, refresh: None }
    }

    /// It belongs to `refresh`.
    pub const fn refresh(refresh: Id<Refresh>) -> Self {
        Self { trigger: Trigger::Refresh, refresh: Some(refresh) }
    }
}

/// `member` begins to come, or to leave.
pub fn begins(turn: &mut Turn<'_>, member: Id<Member>, part: Part, reason: Reason) {
    let group = turn.fleet.members[member].group;
    let activity = present(turn, group, reason);
    let row = &mut turn.fleet.activities[activity];
    row.tried[part as usize] += 1;
    row.open += 1;
    turn.fleet.members.row_mut(member).activity = Some(activity);
}

/// A launch of `group` came to nothing at once.
pub fn fails(turn: &mut Turn<'_>, group: Id<ScalingGroup>, reason: Reason) {
    let activity = present(turn, group, reason);
    let row = &mut turn.fleet.activities[activity];
    row.tried[0] += 1;
    row.failed[0] += 1;
}

/// What `member` was under way for is over, if it was; `well`: it has come, or has left.
pub fn is_over(turn: &mut Turn<'_>, member: Id<Member>, part: Part, well: bool) {
    let Some(activity) = turn.fleet.members.row_mut(member).activity.take() else { return };
    let row = &mut turn.fleet.activities[activity];
    row.failed[part as usize] += u32::from(!well);
    row.open -= 1;
    if row.open == 0 && row.told {
        ends(turn, activity);
    }
}

/// What `group` began at this instant is told.
pub fn tell(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    while let Some(activity) = turn.fleet.groups.row_mut(group).beginning.pop_front() {
        turn.fleet.activities[activity].told = true;
        if turn.fleet.activities[activity].open == 0 {
            ends(turn, activity);
        } else {
            states(turn, activity, ActivityStatus::InProgress);
        }
    }
}

/// An order to scale `group` would change nothing, or may not be.
pub fn rejected(turn: &mut Turn<'_>, group: Id<ScalingGroup>, reason: Reason) {
    let activity = new(turn, group, reason);
    states(turn, activity, ActivityStatus::Rejected);
    turn.fleet.activities.end(activity);
}

/// The activity of `group` that began at this instant for `reason`, or a new one.
fn present(turn: &mut Turn<'_>, group: Id<ScalingGroup>, reason: Reason) -> Id<Activity> {
    let fleet = &turn.fleet;
    let is_it = |activity: &&Id<Activity>| {
        let row = &fleet.activities[**activity];
        (row.trigger, row.refresh, row.began) == (reason.trigger, reason.refresh, turn.now)
    };
    if let Some(activity) = fleet.groups[group].beginning.iter().find(is_it) {
        return *activity;
    }
    let activity = new(turn, group, reason);
    let books = turn.fleet.groups.row_mut(group);
    books.beginning.push_back(activity);
    books.under_way += u32::from(reason.trigger != Trigger::Refresh);
    activity
}

fn new(turn: &mut Turn<'_>, group: Id<ScalingGroup>, reason: Reason) -> Id<Activity> {
    let books = turn.fleet.groups.row_mut(group);
    let number = books.activities;
    books.activities += 1;
    let Reason { trigger, refresh } = reason;
    let (tried, failed, began) = ([0; 2], [0; 2], turn.now);
    let row =
        ActivityRow { group, number, trigger, refresh, began, tried, failed, open: 0, told: false };
    turn.fleet.activities.begin(row)
}

fn ends(turn: &mut Turn<'_>, activity: Id<Activity>) {
    let row = turn.fleet.activities[activity];
    states(turn, activity, outcome(&row));
    let books = turn.fleet.groups.row_mut(row.group);
    books.under_way -= u32::from(row.trigger != Trigger::Refresh);
    turn.fleet.activities.end(activity);
}

/// Failed if none of its launches came to something, or, where it had none, none of its removals;
/// Warning if some did not.
const fn outcome(row: &ActivityRow) -> ActivityStatus {
    let part = if row.tried[0] > 0 { Part::Launch } else { Part::Removal } as usize;
    if row.failed[0] + row.failed[1] == 0 {
        ActivityStatus::Successful
    } else if row.failed[part] == row.tried[part] {
        ActivityStatus::Failed
    } else {
        ActivityStatus::Warning
    }
}

fn states(turn: &mut Turn<'_>, activity: Id<Activity>, status: ActivityStatus) {
    let row = turn.fleet.activities[activity];
    let [launched, removed] = [0, 1].map(|part| row.tried[part] - row.failed[part]);
    turn.state(Fact::Scaling(ScalingFact::Activity {
        group: row.group,
        number: row.number,
        trigger: row.trigger,
        refresh: row.refresh,
        launched,
        removed,
        status,
    }));
}
