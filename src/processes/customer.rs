//! The owner: learns of events, makes a plan, and carries it out.

use super::turn::Turn;
use crate::{
    fleet::ids::{Instance, SystemEvent},
    kernel::column::Id,
};

/// The owner learns of `event`, or of its new status.
pub fn noticed(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    _ = (turn, event);
}

/// The owner does what it plans about `event`.
pub fn acts(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    _ = (turn, event);
}

/// The owner starts `instance`, which a failure has stopped.
pub fn starts(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}
