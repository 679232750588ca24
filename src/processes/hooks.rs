//! Lifecycle hooks (spec/refresh-and-migration.md 1.6).
//!
//! Path: `members` holds a member for its group's hooks → each hook ends by its timeout, by the
//! user's automation, or by CompleteLifecycleAction → the member goes on. Moves: members.

use super::turn::Turn;
use crate::{fleet::ids::Member, fleet::scaling::HookResult, kernel::column::Id};

/// Hooks that hold `member` and are due end.
pub fn ends(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// CompleteLifecycleAction: all hooks that hold `member` end with `result`.
pub fn complete(turn: &mut Turn<'_>, member: Id<Member>, result: HookResult) {
    _ = (turn, member, result);
}

/// RecordLifecycleActionHeartbeat: the timeouts of the hooks that hold `member` begin anew, `seconds`
/// long, or as long as each hook says.
pub fn heartbeat(turn: &mut Turn<'_>, member: Id<Member>, seconds: Option<u32>) {
    _ = (turn, member, seconds);
}
