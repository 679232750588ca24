//! The owner: learns of events, makes a plan, and carries it out.

use super::{owner, perform, turn::Turn};
use crate::{
    fleet::ids::{Instance, SystemEvent},
    kernel::column::Id,
    messages::command::{Actor, Command},
};

/// The owner learns of `event`, or of its new status.
pub fn noticed(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    _ = (turn, event);
}

/// The owner does what it plans about `event`.
pub fn acts(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    _ = (turn, event);
}

/// The owner starts `instance`, which a failure has stopped; refused, it tries again later.
pub fn starts(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let command = Command::StartInstance { instance, init_local_disk: false, dry_run: false };
    if perform::perform(turn, Actor::Owner, command).is_err() {
        owner::learns_of_stop(turn, instance);
    }
}
