//! The health check of a scaling group (spec/refresh-and-migration.md 1.7).
//!
//! Path: something happens to a member's instance → (`health_check_interval`) → still in trouble:
//! Unhealthy → removed; the group restores its size. Moves: members' health, members.

use super::turn::Turn;
use crate::{fleet::ids::Member, kernel::column::Id};

/// Something happened to the instance of `member`: where it stands, and what that means.
pub fn seen(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// The image of `member` makes it fail from now on.
pub fn fails(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// The health check comes to its verdict on `member`.
pub fn judged(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// `member` has lived as long as its group allows.
pub fn expires(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// SetInstanceHealth.
pub fn set(turn: &mut Turn<'_>, member: Id<Member>, healthy: bool) {
    _ = (turn, member, healthy);
}
