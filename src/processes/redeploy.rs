//! A redeployment: to another server, with a restart.

use super::turn::Turn;
use crate::{
    fleet::ids::{Instance, Task},
    kernel::column::Id,
};

/// `instance` has stopped for its redeployment.
pub fn stopped(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// The graceful stop of `instance` for its redeployment has taken as long as it may (L27).
pub fn stop_timed_out(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// A phase of the redeployment of `instance` is over.
pub fn switched(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// The boot of `instance` on its new server is over.
pub fn booted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// `instance` is back where it was.
pub fn rolled_back(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// The instance of `task` has lost its server before the target was reserved.
pub fn broken(turn: &mut Turn<'_>, task: Id<Task>) {
    _ = (turn, task);
}

/// A redeployment of `instance` begins.
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>, by_system: bool) {
    _ = (turn, instance, by_system);
}
