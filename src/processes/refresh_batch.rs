//! The next batch of an instance refresh (spec/refresh-and-migration.md 3.2 to 3.6).
//!
//! Path: the group's pass → the checkpoint test → what the rules allow now → replacements begin.
//! Moves: refreshes, replacements.

use super::turn::Turn;
use crate::{fleet::ids::Refresh, kernel::column::Id};

/// The checkpoint test, then the next batch of `refresh`, if it is time for one.
pub fn plan(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    _ = (turn, refresh);
}
