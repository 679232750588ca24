//! How lifecycle hooks end (spec/refresh-and-migration.md 1.6).
//!
//! Path: hooks hold a member (`holds`) → each ends by its timeout, by the user's automation, or by
//! CompleteLifecycleAction → the last one has ended, or one that refuses a removal → the member
//! goes on, or back. Moves: members.

use super::{
    holds, leaving,
    members::{self, tell},
    scaling_activity::Reason,
    turn::Turn,
};
use crate::{
    fleet::{
        groups::{News, Trigger},
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
    hold.alarms.retain(|alarm| *alarm > now); // This one has rung.
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

/// CompleteLifecycleAction: a hook that holds `member` ends with `result`.
pub fn complete(turn: &mut Turn<'_>, member: Id<Member>, hook: u8, result: HookResult) {
    if let Some(hold) = turn.fleet.members.hold_mut(member) {
        hold.hooks.retain(|held_by| held_by.hook != hook);
        has_ended(turn, member, result);
    }
}

/// RecordLifecycleActionHeartbeat: the timeout of a hook that holds `member` begins anew, `seconds`
/// long, or as long as the hook says.
pub fn heartbeat(turn: &mut Turn<'_>, member: Id<Member>, hook: u8, seconds: Option<u32>) {
    let (now, hooks) = (turn.now, &super::membership::spec_of(turn, member).hooks);
    let Some(hold) = turn.fleet.members.hold_mut(member) else { return };
    for held_by in hold.hooks.iter_mut().filter(|held_by| held_by.hook == hook) {
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
            let how = leaving::Leaving {
                detach_only: false,
                keep: false,
                reason: Reason::of(Trigger::Ess),
            };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fleet::{cause::Cause, ids::ScalingGroup},
        kernel::distribution::Distribution,
        lifecycle::member::MemberState::{
            Gone, InService, Pending, PendingWait, Removing, RemovingWait,
        },
        messages::{
            refusal::Refusal,
            scaling::{Adjustment, MemberOrder, ScalingCommand},
        },
        processes::stage::Stage,
    };

    const G: Id<ScalingGroup> = Id::new(0);

    const fn total(total: u32) -> ScalingCommand {
        ScalingCommand::Scale { group: G, hooks_off: 0, by: Adjustment::Total(total) }
    }

    const fn order(member: usize, order: MemberOrder) -> ScalingCommand {
        ScalingCommand::Member { group: G, member: Id::new(member), order }
    }

    /// A hook with a timeout of 100 s that means `default`, and an automation that is done after so
    /// many seconds and says `result`.
    fn hook(
        on_scale_in: bool,
        (default_result, result): (HookResult, HookResult),
        completes: Option<u64>,
    ) -> HookSpec {
        HookSpec {
            name: "h".to_owned(),
            on_scale_in,
            heartbeat: Span::from_seconds(100),
            default_result,
            completes: completes.map(|after| Distribution::Fixed(Span::from_seconds(after))),
            result,
        }
    }

    const GOES_ON: (HookResult, HookResult) = (HookResult::Abandon, HookResult::Continue);

    #[test]
    fn a_new_one_waits_for_the_last_of_its_hooks() {
        let hooks = vec![hook(false, GOES_ON, Some(10)), hook(false, GOES_ON, Some(25))];
        let mut stage = Stage::with_group(1, |spec| spec.hooks = hooks);
        stage.asks(total(2)).unwrap();
        stage.until(200);
        // 43 s to be Running, 25 s of hooks, 7 s to be attached.
        let states = [(0, Pending), (43, PendingWait), (75, InService)];
        assert_eq!(stage.member_states(1), states);
        stage.asks(total(0)).unwrap();
        stage.until(300);
        assert_eq!(
            stage.member_states(0)[1..],
            [(200, Removing), (230, Gone)],
            "not on the way out"
        );
    }

    #[test]
    fn a_new_one_that_is_abandoned_is_released_and_another_comes() {
        let too_late = hook(false, GOES_ON, Some(101));
        let mut stage = Stage::with_group(1, |spec| spec.hooks = vec![too_late]);
        stage.asks(total(2)).unwrap();
        stage.until(160);
        let states = [(0, Pending), (43, PendingWait), (143, Removing), (153, Gone)];
        assert_eq!(stage.member_states(1), states, "its timeout means ABANDON");
        assert_eq!(stage.member_states(2), [(143, Pending)]);
    }

    #[test]
    fn a_removal_that_a_hook_refuses_is_tried_again_later() {
        let refuses = (HookResult::Continue, HookResult::RollBack);
        let long = hook(true, GOES_ON, Some(90));
        let hooks = vec![hook(true, refuses, Some(20)), long];
        let mut stage = Stage::with_group(1, |spec| spec.hooks = hooks);
        stage.asks(total(0)).unwrap();
        stage.until(25);
        assert_eq!(stage.sizes(), [1, 1, 1], "the others end with it");
        stage.until(85);
        let states = [(0, RemovingWait), (20, InService), (80, RemovingWait)];
        assert_eq!(stage.member_states(0)[1..], states);
        let abandon = |hook| MemberOrder::CompleteHook { hook, result: HookResult::Abandon };
        assert_eq!(stage.asks(order(0, abandon(None))), Err(Refusal::MissingParameter), "which?");
        assert_eq!(stage.asks(order(0, abandon(Some(2)))), Err(Refusal::NoLifecycleAction));
        stage.asks(order(0, abandon(Some(1)))).unwrap();
        stage.until(200);
        assert_eq!(stage.sizes(), [0, 0, 0]);
        assert_eq!(stage.member_states(0)[4..], [(85, Removing), (115, Gone)]);
    }

    #[test]
    fn hooks_are_completed_one_by_one_and_the_last_lets_go() {
        let never = || hook(true, (HookResult::Continue, HookResult::Continue), None);
        let mut stage = Stage::with_group(1, |spec| spec.hooks = vec![never(), never()]);
        let goes_on = |hook| MemberOrder::CompleteHook { hook, result: HookResult::Continue };
        stage.asks(total(0)).unwrap();
        stage.until(10);
        stage.asks(order(0, goes_on(Some(1)))).unwrap();
        let beat = MemberOrder::Heartbeat { hook: Some(1), seconds: None };
        assert_eq!(stage.asks(order(0, beat)), Err(Refusal::NoLifecycleAction), "it has ended");
        stage.until(20);
        assert_eq!(stage.member_states(0).len(), 2, "the other one holds it");
        stage.asks(order(0, goes_on(None))).unwrap();
        stage.until(100);
        assert_eq!(stage.member_states(0)[2..], [(20, Removing), (50, Gone)]);
    }

    #[test]
    fn heartbeats_move_the_timeout_both_ways() {
        let never = hook(true, (HookResult::Continue, HookResult::Continue), None);
        let mut stage = Stage::with_group(1, |spec| spec.hooks = vec![never]);
        let beat = |seconds| order(0, MemberOrder::Heartbeat { hook: None, seconds });
        assert_eq!(stage.asks(beat(None)), Err(Refusal::NoLifecycleAction));
        stage.asks(total(0)).unwrap();
        stage.until(80);
        stage.asks(beat(None)).unwrap();
        assert_eq!(stage.asks(beat(Some(29))), Err(Refusal::InvalidParameter));
        stage.until(150);
        assert_eq!(stage.sizes(), [0, 0, 1]);
        stage.asks(beat(Some(600))).unwrap();
        stage.until(200);
        stage.asks(beat(Some(30))).unwrap();
        stage.until(300);
        let states = [(0, RemovingWait), (230, Removing), (260, Gone)];
        assert_eq!(stage.member_states(0)[1..], states);
    }

    #[test]
    fn an_unhealthy_one_that_a_hook_puts_back_is_not_removed_over_and_over_at_once() {
        let refuses = (HookResult::Continue, HookResult::RollBack);
        let at_once = hook(true, refuses, Some(0));
        let mut stage = Stage::with_group(1, |spec| spec.hooks = vec![at_once]);
        let of_member = Id::new(1);
        stage.does(|turn| super::super::service::end(turn, of_member, Cause::GuestFailure));
        stage.until(160);
        let times: Vec<u64> = stage.member_states(0).iter().map(|(at, _)| *at).collect();
        assert_eq!(times, [0, 30, 30, 90, 90, 150, 150]);
    }
}
