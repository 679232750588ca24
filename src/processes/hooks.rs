//! How lifecycle hooks end (spec/refresh-and-migration.md 1.6).
//!
//! Path: hooks hold a member (`holds`) → each ends by its timeout, by the user's automation, or by
//! CompleteLifecycleAction → the last one has ended, or one that refuses a removal → the member
//! goes on, or back. Moves: members.

use super::{
    holds, leaving,
    members::{self, tell},
    turn::Turn,
};
use crate::{
    fleet::{
        groups::News,
        ids::Member,
        members::HeldBy,
        scaling::{HookResult, HookSpec},
    },
    kernel::{column::Id, time::Span},
    lifecycle::member::MemberState,
};

/// Hooks that hold `member` and are due end.
pub fn ends(turn: &mut Turn<'_>, member: Id<Member>) {
    let (now, hooks) = (turn.now, &super::membership::spec_of(turn, member).hooks);
    let Some(hold) = turn.fleet.members.hold_mut(member) else { return };
    let mut worst = HookResult::Continue;
    hold.hooks.retain(|held_by| {
        let is_due = held_by.ends() <= now;
        if is_due {
            worst = worse(worst, result_of(held_by, &hooks[usize::from(held_by.hook)]));
        }
        !is_due
    });
    has_ended(turn, member, worst);
}

/// CompleteLifecycleAction: all hooks that hold `member` end with `result`.
pub fn complete(turn: &mut Turn<'_>, member: Id<Member>, result: HookResult) {
    if let Some(hold) = turn.fleet.members.hold_mut(member) {
        hold.hooks.clear();
        has_ended(turn, member, result);
    }
}

/// RecordLifecycleActionHeartbeat: the timeouts of the hooks that hold `member` begin anew, `seconds`
/// long, or as long as each hook says.
pub fn heartbeat(turn: &mut Turn<'_>, member: Id<Member>, seconds: Option<u32>) {
    let (now, hooks) = (turn.now, &super::membership::spec_of(turn, member).hooks);
    let Some(hold) = turn.fleet.members.hold_mut(member) else { return };
    for held_by in &mut hold.hooks {
        let own = hooks[usize::from(held_by.hook)].heartbeat;
        let span = seconds.map_or(own, |seconds| Span::from_seconds(u64::from(seconds)));
        held_by.times_out = now.saturating_add(span);
    }
    holds::awaits(turn, member);
}

/// What a hook that is due ends with: the automation's result if it came in time.
fn result_of(held_by: &HeldBy, hook: &HookSpec) -> HookResult {
    let in_time = held_by.completes.is_some_and(|completes| completes <= held_by.times_out);
    if in_time { hook.result } else { hook.default_result }
}

/// The worse of two: CONTINUE, then ABANDON, then ROLLBACK.
const fn worse(one: HookResult, other: HookResult) -> HookResult {
    match (one, other) {
        (HookResult::RollBack, _) | (_, HookResult::RollBack) => HookResult::RollBack,
        (HookResult::Abandon, _) | (_, HookResult::Abandon) => HookResult::Abandon,
        (HookResult::Continue, HookResult::Continue) => HookResult::Continue,
    }
}

/// Some hooks of `member` have ended, `worst` being the worst result of theirs: unless others hold
/// it all the same, it goes on.
fn has_ended(turn: &mut Turn<'_>, member: Id<Member>, worst: HookResult) {
    let row = turn.fleet.members.row_mut(member);
    row.hook_result = worse(row.hook_result, worst);
    let (state, result) = (row.state, row.hook_result);
    let is_held = turn.fleet.members.hold_mut(member).is_some_and(|hold| !hold.hooks.is_empty());
    // A removal is decided by the first hook that does not let it go on by itself.
    let ends_others = state == MemberState::RemovingWait && result != HookResult::Continue;
    if is_held && !ends_others {
        return holds::awaits(turn, member);
    }
    turn.fleet.members.let_go(member);
    match (state, result) {
        (MemberState::PendingWait, HookResult::Continue) => members::sees(turn, member),
        (MemberState::PendingWait, HookResult::Abandon | HookResult::RollBack) => {
            let group = turn.fleet.members[member].group;
            tell(turn, group, News::Lost(member));
            let how = leaving::Leaving { detach_only: false, keep: false, refresh: None };
            leaving::remove(turn, member, how);
        }
        (MemberState::RemovingWait, HookResult::RollBack) => members::put_back(turn, member),
        (MemberState::RemovingWait, HookResult::Continue | HookResult::Abandon) => {
            leaving::leaves_service(turn, member, None);
        }
        (
            MemberState::Pending
            | MemberState::InService
            | MemberState::Protected
            | MemberState::Standby
            | MemberState::Removing
            | MemberState::Stopped
            | MemberState::Gone,
            _,
        ) => unreachable!("hooks hold nobody who is {state}"),
    }
}
