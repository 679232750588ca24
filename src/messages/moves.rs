//! What becomes true of moves between servers: their turn, and what live migrations send.

use crate::{
    fleet::{
        ids::{Instance, Task},
        precopies::{PreCopyEnd, RoundsEnd},
    },
    kernel::{column::Id, time::Span},
};

/// Something of one move that has become true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MoveFact {
    /// The task that moves.
    pub task: Id<Task>,
    /// The instance that it moves.
    pub instance: Id<Instance>,
    /// What.
    pub what: MoveWhat,
}

/// What has become true of a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MoveWhat {
    /// It waits for its turn.
    Waits,
    /// It has waited, and its turn has come.
    TurnCame {
        /// How long it waited (µs).
        waited: Span,
    },
    /// A round of its copy was sent.
    RoundSent {
        /// Its number, from 1.
        round: u32,
        /// How much (bytes).
        bytes: u64,
        /// How long that took (µs).
        took: Span,
        /// What the guest wrote meanwhile (bytes).
        dirtied: u64,
        /// By how much the guest was slowed down meanwhile (percent).
        throttle: u8,
    },
    /// Its rounds have ended.
    RoundsEnded {
        /// Why.
        end: RoundsEnd,
        /// What is left to be sent (bytes).
        left: u64,
    },
    /// The instance goes on ahead of its memory: post-copy.
    WentAhead,
    /// What was left when its rounds ended is sent.
    RestSent {
        /// How much (bytes).
        bytes: u64,
        /// Whether the instance ran meanwhile, and waited for its memory: post-copy.
        ahead: bool,
        /// How long that took (µs).
        took: Span,
    },
    /// The local disks of an instance that is migrated cold are copied.
    DisksSent {
        /// How much (bytes).
        bytes: u64,
        /// How long that took (µs).
        took: Span,
    },
    /// What was on its way is cut off.
    Cut {
        /// What of it was sent (bytes).
        bytes: u64,
        /// How long that took (µs).
        took: Span,
        /// By how much the guest was slowed down meanwhile (percent).
        throttle: u8,
    },
    /// It is over.
    Ended {
        /// How.
        end: PreCopyEnd,
        /// Everything that it sent (bytes).
        bytes: u64,
        /// Its rounds (count).
        rounds: u32,
    },
}
