//! Risks of servers: predicted, cured, or turned into a crash.

use super::turn::Turn;
use crate::{fleet::ids::Server, kernel::column::Id};

/// Draws the first risk of every server.
pub fn prime(turn: &mut Turn<'_>) {
    _ = (turn,);
}

/// A risk of `server` is predicted.
pub fn arises(turn: &mut Turn<'_>, server: Id<Server>) {
    _ = (turn, server);
}

/// The risk of `server` turns into a crash.
pub fn crashes(turn: &mut Turn<'_>, server: Id<Server>) {
    _ = (turn, server);
}
