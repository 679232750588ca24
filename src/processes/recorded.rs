//! System events of the scenario, which happen whatever the laws say.

use super::turn::Turn;
use crate::{fleet::ids::Recorded, kernel::column::Id};

/// Awaits every one of them.
pub fn prime(turn: &mut Turn<'_>) {
    _ = (turn,);
}

/// One of them happens.
pub fn happens(turn: &mut Turn<'_>, recorded: Id<Recorded>) {
    _ = (turn, recorded);
}
