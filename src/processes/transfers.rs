//! Transfers, as far as this branch needs them until the real ones are merged.

use super::turn::Turn;
use crate::{
    fleet::ids::{Server, Task, Transfer},
    kernel::column::Id,
};

/// Begins a transfer.
pub fn begin(
    turn: &mut Turn<'_>,
    task: Id<Task>,
    (from, to): (Id<Server>, Id<Server>),
    bytes: u64,
    cap: Option<u64>,
) -> Id<Transfer> {
    let _ = (turn, task, from, to, bytes, cap);
    Id::new(0)
}

/// Its present rate (bytes/s).
pub fn rate(turn: &Turn<'_>, transfer: Id<Transfer>) -> u64 {
    let _ = (turn, transfer);
    0
}

/// Cancels it; says what was sent (bytes).
pub fn cancel(turn: &mut Turn<'_>, transfer: Id<Transfer>) -> u64 {
    let _ = (turn, transfer);
    0
}

/// It goes on with more bytes.
pub fn refill(turn: &mut Turn<'_>, transfer: Id<Transfer>, bytes: u64) {
    let _ = (turn, transfer, bytes);
}

/// It leaves the links.
pub fn end(turn: &mut Turn<'_>, transfer: Id<Transfer>) {
    let _ = (turn, transfer);
}
