//! Members that are re-imaged where they are (spec/refresh-and-migration.md 3.4, `strategy =
//! in_place`).
//!
//! Path: in service → it serves nothing, its instance is being rebuilt (`reimage`) → (boot) → it
//! runs → (warm-up) → ready. Meanwhile it stays a member in service that is not warm, and no health
//! check minds that it does not run, unless its server fails or its boot does. Moves: members and
//! their instances.

use super::{
    checkups, members,
    membership::{self, alter},
    power,
    turn::Turn,
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
    let is_free = row.instance.is_some_and(|instance| {
        let of = &turn.fleet.instances[instance];
        let runs = of.state == InstanceState::Running && of.served;
        runs && of.task.is_none() && of.recovery == Recovering::No
    });
    in_service && is_free
}

/// `member`, for which that is possible, is rebuilt from `identity`, which takes a time of the given
/// law; once it runs again it warms up.
pub fn begin(
    turn: &mut Turn<'_>,
    member: Id<Member>,
    identity: Identity,
    (law, warm_up): (&Distribution, Span),
) {
    alter(turn, member, |row| {
        row.identity = identity;
        row.reimaging = true;
        (row.warm, row.ready, row.healthy) = (false, false, true);
        (row.warm_up, row.warm_at) = (warm_up, Instant::ZERO.saturating_add(Span::NEVER));
        (row.ill_since, row.failing, row.fails_at) = (None, false, None);
        row.turns[0] = row.turns[0].saturating_add(1);
    });
    let visit = turn.fleet.members[member].turns[0];
    let entity = membership::entity_of(turn, member);
    let span = turn.length(law, Chance::MemberReimage, entity, u32::from(visit));
    if let Some(instance) = turn.fleet.members[member].instance {
        power::rebuild(turn, instance, span);
    }
}

/// The instance of `member` changed: if it was being rebuilt and runs again, `member` warms up.
pub fn sees(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = &turn.fleet.members[member];
    let runs = row.instance.is_some_and(|instance| checkups::runs(turn, instance));
    if row.reimaging && runs {
        alter(turn, member, |row| row.reimaging = false);
        members::begins_to_warm(turn, member);
        checkups::begins_anew(turn, member);
        membership::recount(turn, member);
    }
}
