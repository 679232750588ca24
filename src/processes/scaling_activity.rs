//! Scaling activities: what a group did at once, for whom, and how it went
//! (spec/refresh-and-migration.md 1.9). One whose activities fail for too long is suspended by the
//! system until it is edited (`SystemSuspended`, 1.1). Moves: the number of a group's activities,
//! and whether the system has suspended it.

use super::turn::Turn;
use crate::{
    fleet::ids::ScalingGroup,
    kernel::column::Id,
    messages::{
        fact::Fact,
        scaling::{ActivityStatus, ScalingFact, Trigger},
    },
};

/// An activity of `group`: launches and removals begun (counts), and how it went.
pub fn states(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    trigger: Trigger,
    ([launched, removed], status): ([u32; 2], ActivityStatus),
) {
    let row = turn.fleet.groups.row_mut(group);
    let number = row.activities;
    row.activities += 1;
    let activity = ScalingFact::Activity { group, number, trigger, launched, removed, status };
    turn.state(Fact::Scaling(activity));
    judges(turn, group, status);
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
        ActivityStatus::Rejected => {}
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
                Some((at.seconds() as u64, suspended))
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
        stage.until(5 * 3_600);
        assert_eq!(suspended(&stage), [(5 * 3_600, true)], "and more");
        let tried = stage.activities().len();
        stage.until(9 * 3_600);
        assert_eq!(stage.activities().len(), tried, "nothing is tried any more");
        assert_eq!(stage.asks(scale(22)), Err(Refusal::ProcessSuspended));
        let edit = ScalingCommand::Modify { group: G, sizes: [None, Some(50), None], active: None };
        stage.asks(edit).unwrap();
        assert_eq!(suspended(&stage).last(), Some(&(9 * 3_600, false)));
        stage.until(9 * 3_600 + 1);
        assert!(stage.activities().len() > tried + 1, "it is tried again");
    }
}
