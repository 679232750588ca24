//! Stops, restarts and starts of an instance.

use super::turn::Turn;
use crate::{fleet::ids::Instance, kernel::column::Id};

/// The stop of `instance`, which was to leave it off or to restart it, is over.
pub fn halted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// The graceful stop of `instance` has taken as long as it may.
pub fn stop_timed_out(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// The system restarts `instance`, which runs.
pub fn system_reboot(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// The system stops `instance`, which runs.
pub fn system_stop(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}
