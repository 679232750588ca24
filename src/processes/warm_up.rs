//! A member comes into service, anew or for the first time: what its image makes of it, and its
//! warm-up (spec/refresh-and-migration.md 1.2, 1.7).
//!
//! Path: in service → (warm-up, and no trouble) → warm; or its image makes it fail at once, or after
//! a while. Moves: members.

use super::{
    checkups,
    membership::{alter, entity_of},
    turn::Turn,
};
use crate::{
    fleet::{chance::Chance, ids::Member, members::MemberRow, scaling::Creation},
    kernel::{column::Id, time::Span},
    messages::{fact::Fact, occurrence::Occurrence, scaling::ScalingFact},
};

/// `member`, in service, begins to warm up.
pub fn begin(turn: &mut Turn<'_>, member: Id<Member>) {
    let (now, fails) = (turn.now, failure_of(turn, member));
    alter(turn, member, |row| {
        row.warm_at = now.saturating_add(row.warm_up);
        row.failing = fails.is_some_and(Span::is_zero);
        row.fails_at = fails.map(|after| now.saturating_add(after));
    });
    if turn.fleet.members[member].failing {
        tells_failure(turn, member);
    }
    checkups::begins_anew(turn, member);
    let row = turn.fleet.members.row_mut(member);
    let birth = row.birth;
    // Who was kept Stopped, and comes again at the same instant, is expected already.
    let warm_at = Some(row.warm_at).filter(|_| !row.warm_up.is_zero());
    let fails_at = row.fails_at.filter(|_| !row.failing);
    let expected = std::mem::replace(&mut row.expected, [warm_at, fails_at]);
    if let Some(at) = warm_at.filter(|at| expected[0] != Some(*at)) {
        turn.agenda.at(at, Occurrence::MemberWarm { member, birth });
    }
    if let Some(at) = fails_at.filter(|at| expected[1] != Some(*at)) {
        turn.agenda.at(at, Occurrence::MemberFails { member, birth });
    }
}

/// The image of `member` makes it fail from now on.
pub fn tells_failure(turn: &mut Turn<'_>, member: Id<Member>) {
    let MemberRow { group, instance, .. } = turn.fleet.members[member];
    turn.state(Fact::Scaling(ScalingFact::MemberFails { member, group, instance }));
}

/// The warm-up of `member` is over.
pub fn ends(turn: &mut Turn<'_>, member: Id<Member>) {
    checkups::sees(turn, member);
}

/// After which time in service the image of `member` makes it fail, if it does.
fn failure_of(turn: &Turn<'_>, member: Id<Member>) -> Option<Span> {
    let row = &turn.fleet.members[member];
    if row.creation != Creation::AutoCreated {
        return None;
    }
    let (layout, identity) = (turn.layout(), row.identity);
    let own = identity.image.or(layout.configurations[identity.configuration].image);
    let image = &layout.images[own?];
    let (entity, visit) = (entity_of(turn, member), u32::from(row.turns[0]));
    let mut draws = turn.chance(Chance::MemberImage, entity, visit);
    let fails = image.unhealthy_p > 0.0 && draws.happens(image.unhealthy_p);
    fails.then(|| image.unhealthy_after.draw(&mut draws))
}
