//! An instance refresh task, from its start to its end (spec/refresh-and-migration.md 2, 3.7, 3.8).
//!
//! Path: StartInstanceRefresh → admitted → Pending → InProgress → batches (`refresh_batch`) → all
//! replaced → (bake) → Successful: the active configuration becomes the target. Suspend, Resume,
//! Cancel, Rollback and timeouts on the way. Moves: refreshes, groups.

use super::turn::Turn;
use crate::{
    fleet::ids::{Refresh, ScalingGroup, Script},
    kernel::column::Id,
    lifecycle::refresh::RefreshStep,
    messages::refusal::Refusal,
};

/// StartInstanceRefresh, with the parameters of `script`.
///
/// # Errors
/// The first precondition that does not hold (spec/refresh-and-migration.md 2.5).
pub fn start(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    script: Id<Script>,
) -> Result<(), Refusal> {
    _ = (turn, group, script);
    Ok(())
}

/// Suspend, Resume, Cancel or Rollback of a task of `group`; `None`: of its active one.
///
/// # Errors
/// The cloud's refusal.
pub fn control(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    refresh: Option<Id<Refresh>>,
    step: RefreshStep,
) -> Result<(), Refusal> {
    _ = (turn, group, refresh, step);
    Ok(())
}

/// What has happened in `group` since the last time is read.
pub fn reads_news(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    turn.fleet.groups.row_mut(group).news.clear();
}

/// The active refresh of `group` goes on, if it has one.
pub fn plans(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    _ = (turn, group);
}

/// The pause of a checkpoint is over.
pub fn pause_ends(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    _ = (turn, refresh);
}

/// `refresh` may have stood still, or gone on, for too long.
pub fn times_out(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    _ = (turn, refresh);
}

/// `refresh` begins, or goes on after a wait.
pub fn continues(turn: &mut Turn<'_>, refresh: Id<Refresh>) {
    _ = (turn, refresh);
}
