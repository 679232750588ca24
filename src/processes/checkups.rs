//! What the health check of a scaling group would find on a member
//! (spec/refresh-and-migration.md 1.7).
//!
//! Path: trouble → (`health_check_interval`) → the verdict (`member_health`); or it is over before
//! that. A member is warm once its warm-up is over and there is no trouble. Protected members are
//! not looked at, nor are those on standby; launches are, whatever the group's checks: one that
//! breaks comes to nothing. Moves: members.

use super::{
    membership::{self, alter},
    turn::Turn,
};
use crate::{
    fleet::{
        ids::{Instance, Member},
        instances::Recovering,
        scaling::Process,
    },
    kernel::{column::Id, time::Instant},
    lifecycle::{instance::InstanceState, member::MemberState},
    messages::{fact::Fact, occurrence::Occurrence, scaling::ScalingFact},
};

/// Looks at `member`: trouble begins, or is over; it is warm, or serves, or does so no more.
pub fn sees(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members[member];
    let trouble = is_in_trouble(turn, member);
    let since = if trouble { row.ill_since.or(Some(turn.now)) } else { None };
    if since != row.ill_since {
        turn.fleet.members.row_mut(member).ill_since = since;
        if let Some(since) = since {
            let due = since.saturating_add(membership::spec_of(turn, member).health.interval);
            is_judged_at(turn, member, due);
        }
    }
    let is_warm = row.is_taken_up() && row.warm_at <= turn.now && since.is_none();
    alter(turn, member, |row| row.warm |= is_warm);
    let checks = !membership::suspended_of(turn, member).has(Process::HealthCheck);
    let is_doubtful = !row.healthy && !row.condemned && checks;
    if row.state == MemberState::InService && is_doubtful && !trouble {
        is_found(turn, member, true);
    }
}

/// What is there to be found on `member` is looked for anew: nobody looked at it until now.
pub fn begins_anew(turn: &mut Turn<'_>, member: Id<Member>) {
    turn.fleet.members.row_mut(member).ill_since = None;
    sees(turn, member);
}

/// The health check looks at `member` again at `due`, unless it does so before: then it says when
/// next.
pub fn is_judged_at(turn: &mut Turn<'_>, member: Id<Member>, due: Instant) {
    let due = due.max(turn.now);
    let row = turn.fleet.members.row_mut(member);
    let [first, second] = row.judged_at;
    if first.min(second) > due {
        row.judged_at = [due, first.min(second)];
        let birth = row.birth;
        turn.agenda.at(due, Occurrence::MemberJudged { member, birth });
    }
}

/// Nothing is pending any more for the present instant.
pub fn is_looked_at(turn: &mut Turn<'_>, member: Id<Member>) {
    let now = turn.now;
    let row = turn.fleet.members.row_mut(member);
    for at in row.judged_at.iter_mut().filter(|at| **at <= now) {
        *at = Instant::from_micros(u64::MAX);
    }
}

/// The health check, or an operation, comes to another verdict on `member`.
pub fn is_found(turn: &mut Turn<'_>, member: Id<Member>, healthy: bool) {
    let row = turn.fleet.members[member];
    if row.healthy == healthy {
        return;
    }
    let (group, instance) = (row.group, row.instance);
    turn.state(Fact::Scaling(ScalingFact::MemberJudged { member, group, instance, healthy }));
    alter(turn, member, |row| row.healthy = healthy);
}

/// Whether `instance` is in normal operation.
pub fn runs(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    row.state == InstanceState::Running && row.served
}

/// Whether the health check would find `member` unhealthy.
fn is_in_trouble(turn: &Turn<'_>, member: Id<Member>) -> bool {
    let row = &turn.fleet.members[member];
    let Some(instance) = row.instance else { return false };
    match row.state {
        MemberState::Pending | MemberState::PendingWait => is_broken(turn, instance),
        MemberState::InService if row.reimaging => cannot_come_back(turn, instance),
        MemberState::InService => {
            let health = &membership::spec_of(turn, member).health;
            let by_state = health.by_state && !shows_running(turn, instance);
            by_state || health.by_service && (row.failing || !runs(turn, instance))
        }
        MemberState::Protected
        | MemberState::Standby
        | MemberState::RemovingWait
        | MemberState::Removing
        | MemberState::Stopped
        | MemberState::Gone => false,
    }
}

/// Whether `instance`, which is being rebuilt, will not run again by that.
fn cannot_come_back(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    row.state == InstanceState::Stopped || row.recovery != Recovering::No
}

/// Whether the cloud says that `instance` is Running, and knows of no failure of its server.
fn shows_running(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    let is_known_to_be_lost = match row.recovery {
        Recovering::No | Recovering::Unnoticed => false,
        Recovering::ForServer | Recovering::ForRoom => true,
    };
    row.state == InstanceState::Running && !is_known_to_be_lost
}

/// Whether the launch of `instance` has broken: its server or its guest failed, or its boot.
fn is_broken(turn: &Turn<'_>, instance: Id<Instance>) -> bool {
    let row = &turn.fleet.instances[instance];
    match row.state {
        InstanceState::Pending | InstanceState::Starting => row.recovery != Recovering::No,
        InstanceState::Running => !row.served,
        InstanceState::Stopping | InstanceState::Stopped | InstanceState::Released => true,
    }
}
