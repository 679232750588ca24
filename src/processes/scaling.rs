//! The size of a scaling group (spec/refresh-and-migration.md 1.1, 1.5, 1.8, 1.9; 3.7 reconcile).
//!
//! Path: an order, the schedule, or the target rule changes the desired capacity → the group's pass
//! launches what is missing and removes what is too much, as far as its processes are not
//! suspended; what found no room is tried again. Moves: groups, members.

use super::turn::Turn;
use crate::{fleet::ids::ScalingGroup, kernel::column::Id, messages::scaling::Trigger};

/// Puts up every group, and awaits its schedule and its target rule.
pub fn prime(turn: &mut Turn<'_>) {
    _ = turn;
}

/// The desired capacity of `group` becomes `desired`, clipped to its sizes (capacity units).
pub fn resize(turn: &mut Turn<'_>, group: Id<ScalingGroup>, desired: u32, trigger: Trigger) {
    _ = (turn, group, desired, trigger);
}

/// The pass of `group`: T == D + open replacements of which both are counted - those of which none
/// is (spec/corrections.md 26).
pub fn reconcile(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    _ = (turn, group);
}

/// Launches of `group` that found no room are tried again.
pub fn retries(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    _ = (turn, group);
}

/// What the schedule of `group` has due happens.
pub fn scheduled(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    _ = (turn, group);
}

/// The target rule of `group` looks at the demand.
pub fn metered(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    _ = (turn, group);
}
