//! The operations on scaling groups and their members: admitted, or refused, then begun.
//!
//! Documented behaviour: spec/refresh-and-migration.md 1 and 2. Moves: what the operations move.

use super::{refresh, turn::Turn};
use crate::messages::{refusal::Refusal, scaling::ScalingCommand};

/// `command` is begun, or refused.
///
/// # Errors
/// The cloud's refusal.
pub fn perform(turn: &mut Turn<'_>, command: ScalingCommand) -> Result<(), Refusal> {
    match command {
        ScalingCommand::Start { group, script } => refresh::start(turn, group, script),
        ScalingCommand::Control { group, refresh: task, step } => {
            refresh::control(turn, group, task, step)
        }
        ScalingCommand::Enable { .. }
        | ScalingCommand::Modify { .. }
        | ScalingCommand::Scale { .. }
        | ScalingCommand::Processes { .. }
        | ScalingCommand::Attach { .. }
        | ScalingCommand::Member { .. } => Ok(()),
    }
}
