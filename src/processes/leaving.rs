//! How members leave a scaling group (spec/refresh-and-migration.md 1.2, 1.4).
//!
//! Path: removed → [`Removing:Wait`, its hooks] → Removing: it owes no service any more → (the
//! group's `detach`) → its instance is stopped → released, or kept Stopped, or let go as it is.
//! What is not Running when its turn to be stopped comes is released as soon as it may be. Moves:
//! members and their instances.

use super::{
    holds, live_migration,
    membership::{self, alter, entity_of, spec_of, step, tell},
    power, release,
    scaling_activity::{self, Reason},
    service,
    turn::Turn,
};
use crate::{
    fleet::{
        activities::Part,
        care::{StopFor, StoppedMode},
        chance::Chance,
        groups::News,
        ids::{Instance, Member, Refresh},
        instances::Recovering,
        scaling::Reclaim,
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{
        instance::InstanceState,
        member::{MemberState, MemberStep},
    },
    messages::occurrence::Occurrence,
};

/// How a member leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaving {
    /// Whether it is only let go, whatever its creation (DetachInstances).
    pub detach_only: bool,
    /// Whether it is kept, Stopped, where its group keeps those who leave.
    pub keep: bool,
    /// Why it leaves.
    pub reason: Reason,
}

/// `member` begins to leave, unless it is leaving already. Nobody is told: who removes it for a
/// refresh knows; others call [`take_away`].
pub fn remove(turn: &mut Turn<'_>, member: Id<Member>, how: Leaving) {
    let row = turn.fleet.members[member];
    if !(row.is_taken_up() || row.is_coming() || row.state == MemberState::Stopped) {
        return;
    }
    if row.is_coming() {
        scaling_activity::is_over(turn, member, Part::Launch, false);
    }
    scaling_activity::begins(turn, member, Part::Removal, how.reason);
    let keeps = turn.layout().scaling_groups[row.group].kind.reclaim.keeps();
    turn.fleet.members.let_go(member);
    alter(turn, member, |row| {
        row.detach_only = how.detach_only;
        row.keep = how.keep && keeps && row.is_ended() && row.state != MemberState::Stopped;
        (row.attaching, row.ill_since, row.detached) = (false, None, false);
        (row.reimaging, row.decreased) = (false, false);
        row.turns[1] = row.turns[1].saturating_add(1);
    });
    let is_held = row.is_taken_up() && !how.detach_only;
    if !(is_held && holds::begin(turn, member, true, how.reason.refresh)) {
        leaves_service(turn, member, how.reason.refresh);
    }
}

/// `member` begins to leave, and whoever counted on it is told.
pub fn take_away(turn: &mut Turn<'_>, member: Id<Member>, how: Leaving) {
    let group = turn.fleet.members[member].group;
    tell(turn, group, News::Taken(member));
    remove(turn, member, how);
}

/// Nothing holds `member` (any more): it leaves service for good.
pub fn leaves_service(turn: &mut Turn<'_>, member: Id<Member>, refresh: Option<Id<Refresh>>) {
    let row = turn.fleet.members[member];
    step(turn, member, MemberStep::Remove, refresh);
    if let Some(instance) = row.instance.filter(|_| row.is_ended()) {
        service::give_up(turn, instance);
    }
    if row.is_coming() && row.created == turn.now {
        turn.fleet.groups.row_mut(row.group).fell_through = Some(turn.now);
    }
    if row.is_coming() || row.state == MemberState::Stopped {
        return detached(turn, member); // It is not in service: there is nothing to detach.
    }
    let (law, entity) = (&spec_of(turn, member).detach, entity_of(turn, member));
    let span = turn.length(law, Chance::MemberDetach, entity, u32::from(row.turns[1]));
    if span.is_zero() {
        return detached(turn, member);
    }
    let stamp = turn.fleet.members[member].stamp;
    turn.after(span, Occurrence::MemberDetached { member, stamp });
}

/// `member` is out of service: its instance is stopped, or let go.
pub fn detached(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members.row_mut(member);
    row.detached = true;
    let row = *row;
    let Some(instance) = row.instance else { return }; // It is released at this very instant.
    if !row.is_ended() {
        turn.fleet.instances.row_mut(instance).in_group = false;
        turn.fleet.members.unlink(member);
        return gone(turn, member);
    }
    live_migration::abort(turn, instance);
    let works = turn.fleet.instances[instance].recovery == Recovering::No
        && turn.fleet.instances[instance].task.is_none();
    match turn.fleet.instances[instance].state {
        InstanceState::Running if works => stops(turn, member, instance),
        InstanceState::Stopped if works && row.keep => kept(turn, member),
        // A stop that ends in Stopped ends well for who is to be kept.
        InstanceState::Stopping if row.keep && turn.fleet.care[instance].stop == StopFor::Stop => {}
        InstanceState::Pending
        | InstanceState::Starting
        | InstanceState::Running
        | InstanceState::Stopping
        | InstanceState::Stopped => released(turn, member, instance),
        InstanceState::Released => {}
    }
}

/// The instance of `member`, which is leaving, changed: if it is to be kept and is off, it is kept;
/// if its server has failed, it is released without waiting for that.
pub fn sees(turn: &mut Turn<'_>, member: Id<Member>) {
    let row = turn.fleet.members[member];
    let (Some(instance), MemberState::Removing) = (row.instance, row.state) else { return };
    if !(row.detached && row.keep) {
        if row.detached && turn.fleet.instances[instance].recovery != Recovering::No {
            released(turn, member, instance);
        }
        return;
    }
    match turn.fleet.instances[instance].state {
        InstanceState::Stopped => kept(turn, member),
        InstanceState::Stopping => {}
        InstanceState::Pending
        | InstanceState::Starting
        | InstanceState::Running
        | InstanceState::Released => released(turn, member, instance),
    }
}

/// The stop of the instance of `member` has taken as long as its group allows.
pub fn stop_timed_out(turn: &mut Turn<'_>, member: Id<Member>) {
    let Some(instance) = turn.fleet.members[member].instance else { return };
    let is_ours = turn.fleet.care[instance].stop == StopFor::Stop;
    if is_ours && turn.fleet.instances[instance].state == InstanceState::Stopping {
        power::stop_forced(turn, instance);
    }
}

/// The instance of `member` is released, by its group or by somebody else.
pub fn left(turn: &mut Turn<'_>, member: Id<Member>) {
    turn.fleet.members.let_go(member);
    if turn.fleet.members[member].is_coming() {
        scaling_activity::is_over(turn, member, Part::Launch, false);
    }
    if turn.fleet.members[member].state != MemberState::Removing {
        step(turn, member, MemberStep::Remove, None);
    }
    gone(turn, member);
}

fn gone(turn: &mut Turn<'_>, member: Id<Member>) {
    let group = turn.fleet.members[member].group;
    step(turn, member, MemberStep::Leave, None);
    tell(turn, group, News::Gone(member));
    turn.fleet.groups.row_mut(group).gone.push(member);
}

/// `instance`, which runs and which nothing moves, is stopped for good, or to be kept.
fn stops(turn: &mut Turn<'_>, member: Id<Member>, instance: Id<Instance>) {
    let (row, spec) = (turn.fleet.members[member], spec_of(turn, member));
    let asked = if row.keep { StoppedMode::StopCharging } else { StoppedMode::KeepCharging };
    let mode = power::mode_of(turn, instance, Some(asked));
    let force = spec.kind.reclaim.forces();
    power::stop(turn, instance, power::Stop { mode, force, for_its_own_sake: true });
    if row.keep {
        return;
    }
    turn.fleet.instances.row_mut(instance).departing = true;
    if spec.kind.reclaim == Reclaim::Release
        && let Some(limit) = spec.stop_timeout
    {
        let stamp = turn.fleet.members[member].stamp;
        turn.after(limit, Occurrence::MemberStopTimedOut { member, stamp });
    }
}

/// `instance` is released now, or in its next stable state.
fn released(turn: &mut Turn<'_>, member: Id<Member>, instance: Id<Instance>) {
    turn.fleet.members.row_mut(member).keep = false;
    release::departs_at_once(turn, instance);
}

/// The instance of `member` is off: it is kept until a scale-out takes it again.
fn kept(turn: &mut Turn<'_>, member: Id<Member>) {
    alter(turn, member, |row| {
        (row.warm, row.ready, row.healthy) = (false, false, true);
        row.condemned = false;
        (row.failing, row.detached, row.keep) = (false, false, false);
        row.fails_at = None;
        row.warm_at = Instant::ZERO.saturating_add(Span::NEVER);
    });
    step(turn, member, MemberStep::Keep, None);
    membership::recount(turn, member);
}
