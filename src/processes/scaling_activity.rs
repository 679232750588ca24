//! Scaling activities: what a group does at once, for whom, and how it went
//! (spec/refresh-and-migration.md 1.9).
//!
//! Path: launches and removals that a group begins at one instant for one reason are one activity
//! → InProgress, told at the end of the instant → the last of them is over → Successful, Warning
//! or Failed. A launch that is tried again later is another activity. A group whose activities fail
//! for too long is suspended by the system until it is edited (`SystemSuspended`, 1.1). Moves:
//! activities, and whether the system has suspended a group.

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
    let status = outcome(&row);
    states(turn, activity, status);
    judges(turn, row.group, status);
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

/// `group`, or what it launches, is edited: the system suspends it no more.
pub fn is_edited(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    turn.fleet.groups.row_mut(group).failing_since = None;
    is_suspended(turn, group, false);
}

/// What an activity that ended so means for `group`: all of them have failed for too long, or not.
fn judges(turn: &mut Turn<'_>, group: Id<ScalingGroup>, status: ActivityStatus) {
    let now = turn.now;
    let row = turn.fleet.groups.row_mut(group);
    match status {
        ActivityStatus::Failed => {
            let since = *row.failing_since.get_or_insert(now);
            if now.since(since) > turn.scenario.settings.ess_suspend_after {
                is_suspended(turn, group, true);
            }
        }
        ActivityStatus::Successful | ActivityStatus::Warning => row.failing_since = None,
        // It was never begun.
        ActivityStatus::Rejected | ActivityStatus::InProgress => {}
    }
}

fn is_suspended(turn: &mut Turn<'_>, group: Id<ScalingGroup>, suspended: bool) {
    let row = turn.fleet.groups.row_mut(group);
    if std::mem::replace(&mut row.system_suspended, suspended) != suspended {
        turn.state(Fact::Scaling(ScalingFact::SystemSuspended { group, suspended }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::time::Span,
        messages::{
            refusal::Refusal,
            scaling::{Adjustment, ScalingCommand},
        },
        processes::stage::Stage,
    };

    const G: Id<ScalingGroup> = Id::new(0);
    const HOUR: Span = Span::from_seconds(3_600);

    /// When the system suspended the group, or no longer (s).
    fn suspended(stage: &Stage) -> Vec<(u64, bool)> {
        let told = stage.told.iter().filter_map(|(at, fact)| match *fact {
            Fact::Scaling(ScalingFact::SystemSuspended { suspended, .. }) => {
                Some((at.micros() / 1_000_000, suspended))
            }
            _ => None,
        });
        told.collect()
    }

    #[test]
    fn a_group_that_fails_for_long_is_suspended_until_it_is_edited() {
        let mut stage = Stage::with_group(3, |spec| spec.launch_retry = HOUR);
        assert_eq!(stage.scenario.settings.ess_suspend_after, Span::from_seconds(7 * 86_400));
        stage.scenario.settings.ess_suspend_after = Span::from_seconds(3 * 3_600);
        let total = Adjustment::Total;
        let scale = |to| ScalingCommand::Scale { group: G, hooks_off: 0, by: total(to) };
        stage.asks(scale(20)).unwrap();
        // There is room for 19: that one activity is a Warning, and the next ones fail.
        stage.until(4 * 3_600);
        assert_eq!(suspended(&stage), [], "three hours after the first that failed");
        stage.until(5 * 3_600 + 1);
        assert_eq!(suspended(&stage), [(5 * 3_600, true)], "and more");
        let tried = stage.activities().len();
        stage.until(9 * 3_600);
        assert_eq!(stage.activities().len(), tried, "nothing is tried any more");
        assert_eq!(stage.asks(scale(22)), Err(Refusal::ProcessSuspended));
        let sizes = [None, Some(50), None];
        let edit = ScalingCommand::Modify { group: G, sizes, active: None, follows: None };
        stage.asks(edit).unwrap();
        assert_eq!(suspended(&stage).last(), Some(&(9 * 3_600, false)));
        stage.until(9 * 3_600 + 1);
        assert!(stage.activities().len() > tried + 1, "it is tried again");
    }
}
