//! What a boot that is over settles: events, tasks and disks that waited for it.

use super::turn::Turn;
use crate::{fleet::ids::Instance, kernel::column::Id};

/// `instance` has booted.
pub fn booted(turn: &mut Turn<'_>, instance: Id<Instance>) {
    _ = (turn, instance);
}
