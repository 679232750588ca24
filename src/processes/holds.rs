//! Lifecycle hooks take hold of a member (spec/refresh-and-migration.md 1.6).
//!
//! Path: a member comes or leaves → each hook of its group for that way holds it → an alarm for the
//! end of each: the user's automation, or the timeout. How they end is `hooks`'. Moves: members.

use super::{
    membership::{self, entity_of, spec_of},
    turn::Turn,
};
use crate::{
    fleet::{
        chance::Chance,
        ids::{Member, Refresh},
        members::{HeldBy, Hold},
        scaling::HookResult,
    },
    kernel::{column::Id, time::Instant},
    lifecycle::member::MemberStep,
    messages::occurrence::Occurrence,
};

/// `member`, which comes or (`on_scale_in`) leaves, is held by its group's hooks; says whether there
/// are any.
pub fn begin(
    turn: &mut Turn<'_>,
    member: Id<Member>,
    on_scale_in: bool,
    refresh: Option<Id<Refresh>>,
) -> bool {
    let (spec, entity) = (spec_of(turn, member), entity_of(turn, member));
    let row = &turn.fleet.members[member];
    let (visit, off) = (row.turns[usize::from(on_scale_in)], row.hooks_off);
    let is_asked = |place: usize| u32::from(off) >> place & 1 == 0;
    let hooks = spec.hooks.iter().enumerate();
    let hooks = hooks.filter(|(place, hook)| hook.on_scale_in == on_scale_in && is_asked(*place));
    let held_by = hooks.map(|(place, hook)| {
        let ordinal = u32::from(visit) * 16 + u32::from(on_scale_in) * 8 + place as u32;
        let span = |law| turn.length(law, Chance::HookCompletes, entity, ordinal);
        HeldBy {
            hook: place as u8,
            times_out: turn.now.saturating_add(hook.heartbeat),
            completes: hook.completes.as_ref().map(|law| turn.now.saturating_add(span(law))),
        }
    });
    let hold = Hold { hooks: held_by.collect(), alarms: Vec::new() };
    if hold.hooks.is_empty() {
        return false;
    }
    turn.fleet.members.hold(member, hold);
    turn.fleet.members.row_mut(member).hook_result = HookResult::Continue;
    let step = if on_scale_in { MemberStep::HoldRemoval } else { MemberStep::Hold };
    membership::step(turn, member, step, refresh);
    awaits(turn, member);
    true
}

/// Sets an alarm for the next hook of `member` that ends, unless one is set for then.
pub fn awaits(turn: &mut Turn<'_>, member: Id<Member>) {
    let (now, stamp) = (turn.now, turn.fleet.members[member].stamp);
    let Some(hold) = turn.fleet.members.hold_mut(member) else { return };
    let Some(next) = hold.hooks.iter().map(HeldBy::ends).min() else { return };
    let next: Instant = next.max(now);
    if !hold.alarms.contains(&next) {
        hold.alarms.push(next);
        turn.agenda.at(next, Occurrence::HookEnds { member, stamp });
    }
}
