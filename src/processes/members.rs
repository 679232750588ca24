//! Members of a scaling group: how they come and how they go (spec/refresh-and-migration.md 1.2).
//!
//! Path in: launched (where there is room) → Pending → (its instance is Running) → [`Pending:Wait`,
//! its hooks] → (the group's `attach`) → InService → (warm-up) → warm. Path out: [`Removing:Wait`,
//! its hooks] → Removing → (the group's `detach`) → its instance is stopped → released, or kept
//! Stopped, or let go. Moves: members, the counts of their groups, and their instances.

use super::turn::Turn;
use crate::{
    fleet::{
        groups::News,
        ids::{Instance, Member, Refresh, Replacement, ScalingGroup, Zone},
        members::Identity,
    },
    kernel::{column::Id, distribution::Distribution, time::Span},
};

/// What a launch is for.
#[derive(Clone, Copy, Debug)]
pub struct Launch {
    /// What it is launched from.
    pub identity: Identity,
    /// The zone that it must go to, if any.
    pub zone: Option<Id<Zone>>,
    /// How long it warms up.
    pub warm_up: Span,
    /// The refresh that it comes for, if any.
    pub refresh: Option<Id<Refresh>>,
    /// The replacement whose new member it is, if any.
    pub replacement: Option<Id<Replacement>>,
}

/// How a member leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaving {
    /// Whether it is only let go, whatever its creation (DetachInstances).
    pub detach_only: bool,
    /// Whether it is kept, Stopped, where its group keeps those who leave.
    pub keep: bool,
    /// The refresh that it goes for, if any.
    pub refresh: Option<Id<Refresh>>,
}

/// The members that `group` has when a run begins.
pub fn present(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    _ = (turn, group);
}

/// `group` launches a member; `None` where there is no room or the launch fails, which is a fact.
pub fn launch(turn: &mut Turn<'_>, group: Id<ScalingGroup>, what: Launch) -> Option<Id<Member>> {
    _ = (turn, group, what);
    None
}

/// `instance`, which is in no group, is taken into `group` by hand.
pub fn attach(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    instance: Id<Instance>,
    entrusted: bool,
) {
    _ = (turn, group, instance, entrusted);
}

/// `member`, in a state from which it may, begins to leave.
pub fn remove(turn: &mut Turn<'_>, member: Id<Member>, how: Leaving) {
    _ = (turn, member, how);
}

/// `member` is attached: it comes into service.
pub fn joins(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// `member` is warm.
pub fn warm(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// `member` is out of service: its instance is stopped, or let go.
pub fn detached(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// The stop of the instance of `member` has taken as long as its group allows.
pub fn stop_timed_out(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// The instance of `member` is released.
pub fn left(turn: &mut Turn<'_>, member: Id<Member>) {
    _ = (turn, member);
}

/// SetInstancesProtection: `member`, InService or Protected, is protected or no longer.
pub fn protect(turn: &mut Turn<'_>, member: Id<Member>, protect: bool) {
    _ = (turn, member, protect);
}

/// EnterStandby or ExitStandby of `member`, InService or Standby.
pub fn stand_by(turn: &mut Turn<'_>, member: Id<Member>, enter: bool) {
    _ = (turn, member, enter);
}

/// Puts what happened into the news of the member's group, which are read at the end of the instant.
pub fn tell(turn: &mut Turn<'_>, group: Id<ScalingGroup>, news: News) {
    _ = (turn, group, news);
}

/// `member`, in service, is re-imaged where it is: it serves nothing until its instance has been
/// rebuilt from `identity`, which takes a time of the given law, has booted, and is warm again.
pub fn reimage(
    turn: &mut Turn<'_>,
    member: Id<Member>,
    identity: Identity,
    (law, warm_up): (&Distribution, Span),
) {
    _ = (turn, member, identity, law, warm_up);
}
