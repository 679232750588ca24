//! The flow of a damaged local disk: error, inquiry, isolation, replacement, re-initialisation.

use super::turn::Turn;
use crate::{
    fleet::ids::{Bay, SystemEvent},
    kernel::column::Id,
    messages::refusal::Refusal,
};

/// The damage of the disk in `bay` is detected.
pub fn detected(turn: &mut Turn<'_>, bay: Id<Bay>) {
    _ = (turn, bay);
}

/// The operator has put a new disk into `bay`.
pub fn replaced(turn: &mut Turn<'_>, bay: Id<Bay>) {
    _ = (turn, bay);
}

/// The owner accepts `event`, which is about a disk.
pub fn accept(turn: &mut Turn<'_>, event: Id<SystemEvent>) -> Result<(), Refusal> {
    _ = (turn, event);
    Ok(())
}

/// The online job of `event` is over.
pub fn job_ends(turn: &mut Turn<'_>, event: Id<SystemEvent>) {
    _ = (turn, event);
}
