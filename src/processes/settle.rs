//! What a boot that is over settles: events, tasks and disks that waited for it.

use super::turn::Turn;
use crate::{
    fleet::{ids::Instance, system_events::EventRow},
    kernel::column::Id,
    lifecycle::system_event::EventStatus,
};

/// `instance` has booted.
pub fn booted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}

/// Who did what ends an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The owner.
    Owner,
    /// The system.
    System,
}

/// `instance` has left its server.
pub fn left_server(turn: &mut Turn<'_>, instance: Id<Instance>, by: By) {
    _ = (turn, instance, by);
}

/// Whether the job of a real event is under way.
pub fn is_under_way(row: &EventRow) -> bool {
    row.status == EventStatus::Executing && !row.simulated
}
