//! The operator takes a Stopped instance off a server that it works on (spec/events.md 1.2 L17).
//!
//! Path, first cloud: on another server at once. Second cloud: migrated cold
//! (spec/refresh-and-migration.md 4.4), which takes its time, may fail, and holds room on both servers
//! until it is confirmed. Nobody is told. Moves: room, through `cold_migration` tasks.

use super::{cold_migration, room, turn::Turn};
use crate::{
    fleet::ids::Instance,
    kernel::{column::Id, time::Span},
    messages::{fact::Reason, operation::Cloud},
};

/// Whether a Stopped instance is moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moved {
    /// No: nothing has room for it, or something keeps it where it is.
    No,
    /// It is on another server.
    Now,
    /// It is on its way; what it settles there is its migration's to see to.
    UnderWay,
}

/// `instance`, which is Stopped on a server, goes to another one that placement chooses.
pub fn begin(turn: &mut Turn<'_>, instance: Id<Instance>) -> Moved {
    match turn.scenario.settings.cloud {
        Cloud::First => {
            let Some(server) = room::elsewhere(turn, instance) else { return Moved::No };
            room::give_back(turn, instance);
            room::take(turn, instance, server, (Reason::StoppedMove, Span::ZERO));
            Moved::Now
        }
        Cloud::Second => match cold_migration::begin(turn, instance, None) {
            true => Moved::UnderWay,
            false => Moved::No,
        },
    }
}

/// Whether a move that has begun may come to nothing.
pub fn may_fail(turn: &Turn<'_>) -> bool {
    turn.scenario.settings.cloud == Cloud::Second
}
