//! Scaling activities: what a group did at once, for whom, and how it went
//! (spec/refresh-and-migration.md 1.9). Moves: the number of a group's activities.

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
}
