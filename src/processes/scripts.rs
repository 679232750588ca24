//! Commands of the scenario, given at given times.

use super::turn::Turn;
use crate::{fleet::ids::Script, kernel::column::Id};

/// Awaits every one of them.
pub fn prime(turn: &mut Turn<'_>) {
    _ = (turn,);
}

/// One of them is given.
pub fn runs(turn: &mut Turn<'_>, script: Id<Script>) {
    _ = (turn, script);
}
