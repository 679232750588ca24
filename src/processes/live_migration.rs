//! A live migration: to another server while the instance runs.

use super::turn::Turn;
use crate::{
    fleet::ids::{Instance, Task},
    kernel::column::Id,
};

/// The memory is copied: the instance pauses.
pub fn blackout_begins(turn: &mut Turn<'_>, task: Id<Task>) {
    _ = (turn, task);
}

/// The migration is over.
pub fn ends(turn: &mut Turn<'_>, task: Id<Task>) {
    _ = (turn, task);
}

/// The instance of `task` has lost its server.
pub fn broken(turn: &mut Turn<'_>, task: Id<Task>) {
    _ = (turn, task);
}

/// `instance` is to do something else: its migration, if one is under way, is given up.
pub fn abort(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}
