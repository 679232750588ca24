//! The replacement of one member (spec/refresh-and-migration.md 3.4, 3.7).
//!
//! Path, terminate first: the old one leaves, and its successor is launched at once (or once the
//! old one is gone) → ready → finished → (the old one is gone) → closed. Path, launch first: the
//! new one is launched → ready → the old one leaves, finished → gone → closed. A launch that finds
//! no room is tried again after `launch_retry`; a new one that fails is launched again. Moves:
//! replacements, members.

use super::turn::Turn;
use crate::{
    fleet::{
        ids::{Member, Refresh, Replacement},
        refreshes::Order,
    },
    kernel::column::Id,
};

/// The replacement of `old` begins.
pub fn begin(turn: &mut Turn<'_>, refresh: Id<Refresh>, old: Id<Member>, order: Order) {
    _ = (turn, refresh, old, order);
}

/// A launch of `replacement` is tried again.
pub fn retried(turn: &mut Turn<'_>, replacement: Id<Replacement>) {
    _ = (turn, replacement);
}
