//! A member is re-imaged where it is (spec/refresh-and-migration.md 3.4, in place).
//!
//! Path: in service, and warm no more → (its instance is Stopping while its disk is replaced) →
//! Starting → (boot) → Running → (warm-up) → warm. It is counted throughout, and holds its room.
//! One that cannot be restarted, or fails meanwhile, is found unhealthy. Moves: members and their
//! instances.

use super::{
    checkups, live_migration,
    membership::{alter, entity_of},
    power,
    turn::Turn,
    warm_up,
};
use crate::{
    fleet::{chance::Chance, ids::Member, instances::Recovering, members::Identity},
    kernel::{
        column::Id,
        distribution::Distribution,
        time::{Instant, Span},
    },
    lifecycle::{instance::InstanceState, member::MemberState},
};

/// Whether `member` can be re-imaged now: it is in service, and its instance runs and is not moved
/// by anybody.
pub fn is_possible(turn: &Turn<'_>, member: Id<Member>) -> bool {
    let row = &turn.fleet.members[member];
    let in_service = matches!(row.state, MemberState::InService | MemberState::Protected);
    in_service
        && row.instance.is_some_and(|instance| checkups::runs(turn, instance))
        && row.instance.is_some_and(|instance| {
            let of = &turn.fleet.instances[instance];
            of.task.is_none() && of.recovery == Recovering::No
        })
}

/// `member`, in service, is re-imaged: it serves nothing until its instance has been rebuilt from
/// `identity`, which takes a time of this law, has booted, and is warm again.
pub fn begin(
    turn: &mut Turn<'_>,
    member: Id<Member>,
    identity: Identity,
    (law, warm_up): (&Distribution, Span),
) {
    alter(turn, member, |row| {
        (row.identity, row.warm_up) = (identity, warm_up);
        (row.warm, row.ready, row.healthy) = (false, false, true);
        (row.failing, row.fails_at, row.reimaging) = (false, None, true);
        row.warm_at = Instant::from_micros(u64::MAX);
        row.turns[0] = row.turns[0].saturating_add(1);
    });
    let row = turn.fleet.members[member];
    if let Some(instance) = row.instance {
        live_migration::abort(turn, instance);
        let of = &turn.fleet.instances[instance];
        let is_free = of.recovery == Recovering::No && of.task.is_none();
        if of.state == InstanceState::Running && is_free {
            let (entity, visit) = (entity_of(turn, member), u32::from(row.turns[0]));
            let span = turn.length(law, Chance::MemberReimage, entity, visit);
            power::rebuild(turn, instance, span);
        }
    }
    checkups::begins_anew(turn, member);
}

/// The instance of `member` changed: if it runs again, the member warms up.
pub fn sees(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members[member];
    let runs = row.instance.is_some_and(|instance| checkups::runs(turn, instance));
    if row.reimaging && row.is_taken_up() && runs {
        turn.fleet.members.row_mut(member).reimaging = false;
        warm_up::begin(turn, member);
    }
}
