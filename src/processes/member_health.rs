//! The health check of a scaling group (spec/refresh-and-migration.md 1.7).
//!
//! Path: something happens to a member's instance (`checkups`) → (`health_check_interval`) → still
//! in trouble: Unhealthy → removed; the group restores its size. A member that has lived as long as
//! its group allows is removed too. Moves: members' health, members.

use super::{
    checkups, leaving,
    members::{self, Leaving, tell},
    membership::{alter, spec_of, suspended_of},
    reimage, scaling_activity,
    turn::Turn,
};
use crate::{
    fleet::{
        groups::News,
        ids::{Member, ScalingGroup},
        scaling::Process,
    },
    kernel::{column::Id, time::Span},
    lifecycle::member::MemberState,
    messages::{
        occurrence::Occurrence,
        scaling::{ActivityStatus, Trigger},
    },
};

/// Something happened to the instance of `member`: where it stands, and what that means.
pub fn seen(turn: &mut Turn<'_>, member: Id<Member>) {
    turn.fleet.members.row_mut(member).seen_pending = false;
    members::sees(turn, member);
    reimage::sees(turn, member);
    leaving::sees(turn, member);
    checkups::sees(turn, member);
}

/// The image of `member` makes it fail from now on.
pub fn fails(turn: &mut Turn<'_>, member: Id<Member>) {
    let now = turn.now;
    // One that was kept Stopped meanwhile came anew, with a luck of its own.
    alter(turn, member, |row| row.failing |= row.fails_at == Some(now));
    checkups::sees(turn, member);
}

/// The health check comes to its verdict on `member`.
pub fn judged(turn: &mut Turn<'_>, member: Id<Member>) {
    let (now, interval) = (turn.now, spec_of(turn, member).health.interval);
    let row = turn.fleet.members.row_mut(member);
    if row.judged_at.is_some_and(|due| due <= now) {
        row.judged_at = None;
    }
    let row = *row;
    let is_due = row.ill_since.is_some_and(|since| since.saturating_add(interval) <= now);
    if row.is_coming() && is_due {
        checkups::is_found(turn, member, false);
        return given_up(turn, member);
    }
    if row.state != MemberState::InService {
        return;
    }
    if is_due && !suspended_of(turn, member).has(Process::HealthCheck) {
        checkups::is_found(turn, member, false);
    }
    replaced_if_unhealthy(turn, member);
}

/// `member` has lived as long as its group allows; where it cannot be removed now, that is tried
/// again.
pub fn expires(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members[member];
    let is_alone = row.replacement.is_none() && turn.fleet.groups[row.group].active;
    let is_free = row.state == MemberState::InService && is_alone;
    if is_free && !suspended_of(turn, member).has(Process::ScaleIn) {
        let how = Leaving { detach_only: false, keep: false, refresh: None };
        leaving::take_away(turn, member, how);
        is_removed(turn, row.group);
    } else if row.is_taken_up() || row.is_coming() || row.state == MemberState::RemovingWait {
        let again = spec_of(turn, member).launch_retry.max(Span::from_seconds(1));
        turn.after(again, Occurrence::MemberExpires { member, birth: row.birth });
    }
}

/// SetInstanceHealth.
pub fn set(turn: &mut Turn<'_>, member: Id<Member>, healthy: bool) {
    checkups::is_found(turn, member, healthy);
    replaced_if_unhealthy(turn, member);
}

/// Processes of `group` go on: what could not be done about its members' health is done.
pub fn goes_on(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    let all = turn.fleet.members.present().filter(|(_, row)| row.group == group);
    let ill = all.filter(|(_, row)| row.ill_since.is_some() || !row.healthy);
    let mut ill: Vec<_> = ill.map(|(member, row)| (row.number, member)).collect();
    ill.sort_unstable();
    for (_, member) in ill {
        checkups::sees(turn, member);
        judged(turn, member);
    }
}

/// `member`, in service, is removed if it was found unhealthy and may be removed.
fn replaced_if_unhealthy(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members[member];
    let may =
        !suspended_of(turn, member).has(Process::ScaleIn) && turn.fleet.groups[row.group].active;
    if row.state == MemberState::InService && !row.healthy && row.spared_until <= turn.now && may {
        given_up(turn, member);
    }
}

/// `member` is of no use: whoever counted on it is told, and it is removed.
fn given_up(turn: &mut Turn<'_>, member: Id<Member>) {
    let group = turn.fleet.members[member].group;
    tell(turn, group, News::Lost(member));
    members::remove(turn, member, Leaving { detach_only: false, keep: false, refresh: None });
    is_removed(turn, group);
}

fn is_removed(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    scaling_activity::states(turn, group, Trigger::Ess, ([0, 1], ActivityStatus::Successful));
}
