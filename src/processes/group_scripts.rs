//! Commands of the scenario to scaling groups: what their parameters name is looked up.
//!
//! Documented behaviour: spec/refresh-and-migration.md 2. Moves: nothing.

use super::turn::Turn;
use crate::{
    messages::{command::Command, refusal::Refusal},
    scenario::Script,
};

/// What `script` amounts to: a command for each thing that it names, none for a query.
///
/// # Errors
/// The refusal of the whole, where it names what is not there.
pub fn commands(turn: &Turn<'_>, script: &Script) -> Result<Vec<Command>, Refusal> {
    _ = (turn, script);
    Ok(Vec::new())
}
