//! The operations on scaling groups and their members: admitted, or refused, then begun.
//!
//! Documented behaviour: spec/refresh-and-migration.md 1 and 2. What a group's Inactive state and
//! suspended processes refuse is not published in full: an Inactive group takes no order that
//! scales it; a suspended ScaleOut refuses what would bring members, ScaleIn what would end them.
//! Moves: what the operations move.

use super::{
    autoscaling, hooks,
    leaving::{self, Leaving},
    member_health, members, refresh, scaling,
    scaling_activity::{self, Reason},
    turn::Turn,
};
use crate::{
    fleet::{
        ids::{Instance, Member, ScalingGroup},
        instances::Recovering,
        members::Identity,
        scaling::{Process, Processes},
    },
    kernel::column::Id,
    lifecycle::{instance::InstanceState, member::MemberState},
    messages::{
        occurrence::Occurrence,
        refusal::{Refusal, require},
        scaling::{Adjustment, Followed, MemberOrder, ScalingCommand, Trigger},
    },
};

/// Whether an operation may begin, or has begun.
type Answer = Result<(), Refusal>;

/// The range of a heartbeat (s).
const HEARTBEAT: std::ops::RangeInclusive<u32> = 30..=21_600;

/// `command` is begun, or refused.
///
/// # Errors
/// The cloud's refusal.
pub fn perform(turn: &mut Turn<'_>, command: ScalingCommand) -> Result<(), Refusal> {
    match command {
        ScalingCommand::Start { group, script } => refresh::start(turn, group, script),
        ScalingCommand::Control { group, refresh: task, step } => {
            refresh::control(turn, group, task, step)
        }
        ScalingCommand::Enable { group, active } => enables(turn, group, active),
        ScalingCommand::Modify { group, sizes, active, follows } => {
            modifies(turn, group, sizes, active.map(|active| (active, follows)))
        }
        ScalingCommand::Scale { group, by, hooks_off } => scales(turn, group, by, hooks_off),
        ScalingCommand::Processes { group, which, suspend } => {
            suspends(turn, group, which, suspend);
            Ok(())
        }
        ScalingCommand::Attach { group, instance, entrusted } => {
            attaches(turn, group, instance, entrusted)
        }
        ScalingCommand::Member { group, member, order } => orders(turn, group, member, order),
    }
}

/// EnableScalingGroup, DisableScalingGroup.
fn enables(turn: &mut Turn<'_>, group: Id<ScalingGroup>, active: bool) -> Answer {
    let row = turn.fleet.groups.row_mut(group);
    require(row.active != active, Refusal::GroupInactive)?;
    row.active = active;
    if active {
        goes_on(turn, group);
    }
    Ok(())
}

/// ModifyScalingGroup. The configuration is a running refresh's business as long as there is one.
fn modifies(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    sizes: [Option<u32>; 3],
    active: Option<(Identity, Option<Followed>)>,
) -> Answer {
    let row = &turn.fleet.groups[group];
    let [min, max] = [sizes[0].unwrap_or(row.size[0]), sizes[1].unwrap_or(row.size[1])];
    let fits = sizes[2].is_none_or(|desired| (min..=max).contains(&desired));
    require(min <= max && fits, Refusal::InvalidParameter)?;
    if let Some((identity, follows)) = active {
        require(row.refresh.is_none(), Refusal::RefreshInProgress)?;
        let offers = turn.layout().scaling_groups[group].offers.get(identity.configuration);
        let is_usable = offers.is_some_and(|offers| !offers.is_empty());
        require(is_usable, Refusal::ConfigurationNotFound)?;
        let row = turn.fleet.groups.row_mut(group);
        (row.identity, row.launches_from, row.follows) = (identity, identity, follows);
        if !row.identities.contains(&identity) {
            row.identities.push(identity);
        }
    }
    let row = turn.fleet.groups.row_mut(group);
    row.restores |= sizes[2].is_some();
    // An edit is a new chance for what could not be done before.
    row.retries_at = None;
    scaling_activity::is_edited(turn, group);
    autoscaling::has_sizes(turn, group, sizes, Trigger::Api);
    turn.agenda.pass(Occurrence::GroupPlans(group));
    Ok(())
}

/// ScaleWithAdjustment, ExecuteScalingRule: clipped to the group's sizes, and rejected where nothing
/// changes.
fn scales(turn: &mut Turn<'_>, group: Id<ScalingGroup>, by: Adjustment, hooks_off: u8) -> Answer {
    takes_orders(turn, group)?;
    let (base, row) = (scaling::base(turn, group), &turn.fleet.groups[group]);
    let [min, max] = row.size;
    let wanted = adjusted(base, by).min(max).max(min);
    let answer = if wanted == base {
        Err(Refusal::NothingChanges)
    } else {
        let process = if wanted > base { Process::ScaleOut } else { Process::ScaleIn };
        require(!row.stops(process), Refusal::ProcessSuspended)
    };
    match answer {
        Ok(()) => {
            scaling::resize(turn, group, wanted, Trigger::Api);
            turn.fleet.groups.row_mut(group).hooks_off = hooks_off;
        }
        Err(_) => {
            scaling_activity::rejected(turn, group, Reason::of(Trigger::Api));
        }
    }
    answer
}

/// `base` after an adjustment; a share of it is cut to whole units, but is at least one, and at
/// least as many as asked for (capacity units).
fn adjusted(base: u32, by: Adjustment) -> u32 {
    let change = match by {
        Adjustment::Total(total) => return total,
        Adjustment::Change(change) => i64::from(change),
        Adjustment::Percent(0, _) => 0,
        Adjustment::Percent(percent, least) => {
            let size = u64::from(base) * u64::from(percent.unsigned_abs()) / 100;
            let size = i64::try_from(size.max(1).max(u64::from(least))).unwrap_or(i64::MAX);
            if percent < 0 { -size } else { size }
        }
    };
    let sum = i64::from(base).saturating_add(change).max(0);
    u32::try_from(sum).unwrap_or(u32::MAX)
}

/// SuspendProcesses, ResumeProcesses.
fn suspends(turn: &mut Turn<'_>, group: Id<ScalingGroup>, which: Processes, suspend: bool) {
    let row = turn.fleet.groups.row_mut(group);
    row.suspended = if suspend { row.suspended.with(which) } else { row.suspended.without(which) };
    if !suspend {
        goes_on(turn, group);
    }
}

/// What `group` could not do until now is done.
fn goes_on(turn: &mut Turn<'_>, group: Id<ScalingGroup>) {
    member_health::goes_on(turn, group);
    turn.agenda.pass(Occurrence::GroupPlans(group));
}

/// AttachInstances of one instance: the desired capacity grows with it.
fn attaches(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    instance: Id<Instance>,
    entrusted: bool,
) -> Answer {
    takes_orders(turn, group)?;
    let row = &turn.fleet.instances[instance];
    require(!row.in_group, Refusal::AlreadyAMember)?;
    let is_free = row.recovery == Recovering::No && row.task.is_none() && !row.departing;
    let may = row.state == InstanceState::Running && is_free;
    require(may, Refusal::IncorrectInstanceStatus)?;
    let books = &turn.fleet.groups[group];
    require(!books.stops(Process::ScaleOut), Refusal::ProcessSuspended)?;
    let weight = u32::from(members::weight_of(turn, group, instance));
    let size = scaling::base(turn, group).saturating_add(weight);
    require(size <= books.size[1], Refusal::AboveMaxSize)?;
    scaling::follows(turn, group, i64::from(weight));
    members::attach(turn, group, instance, entrusted);
    Ok(())
}

/// An operation on one member.
fn orders(
    turn: &mut Turn<'_>,
    group: Id<ScalingGroup>,
    member: Id<Member>,
    order: MemberOrder,
) -> Answer {
    let row = turn.fleet.members[member];
    require(row.group == group && row.state != MemberState::Gone, Refusal::NotAMember)?;
    let is_in =
        |states: &[MemberState]| require(states.contains(&row.state), Refusal::MemberStatus);
    match order {
        MemberOrder::Detach { decrease } => {
            let how = Leaving { detach_only: true, keep: false, reason: Reason::of(Trigger::Api) };
            removes(turn, member, (how, decrease))?;
        }
        MemberOrder::Remove { recycle, hooks_off, decrease } => {
            let before = turn.fleet.members[member].hooks_off;
            turn.fleet.members.row_mut(member).hooks_off = hooks_off;
            let how =
                Leaving { detach_only: false, keep: recycle, reason: Reason::of(Trigger::Api) };
            let answer = removes(turn, member, (how, decrease));
            if answer.is_err() {
                turn.fleet.members.row_mut(member).hooks_off = before;
            }
            answer?;
        }
        MemberOrder::EnterStandby => {
            takes_orders(turn, group)?;
            is_in(&[MemberState::InService])?;
            members::stand_by(turn, member, true);
        }
        MemberOrder::ExitStandby => {
            takes_orders(turn, group)?;
            is_in(&[MemberState::Standby])?;
            members::stand_by(turn, member, false);
        }
        MemberOrder::Protect(protect) => {
            is_in(&[MemberState::InService, MemberState::Protected])?;
            members::protect(turn, member, protect);
        }
        MemberOrder::SetHealth(healthy) => {
            is_in(&[MemberState::InService])?;
            member_health::set(turn, member, healthy);
        }
        MemberOrder::CompleteHook { hook, result } => {
            let hook = hook_of(turn, member, hook)?;
            hooks::complete(turn, member, hook, result);
        }
        MemberOrder::Heartbeat { hook, seconds } => {
            let hook = hook_of(turn, member, hook)?;
            let fits = seconds.is_none_or(|seconds| HEARTBEAT.contains(&seconds));
            require(fits, Refusal::InvalidParameter)?;
            hooks::heartbeat(turn, member, hook, seconds);
        }
    }
    Ok(())
}

/// DetachInstances, RemoveInstances of one member; the desired capacity falls with it if asked for.
fn removes(turn: &mut Turn<'_>, member: Id<Member>, (how, decrease): (Leaving, bool)) -> Answer {
    let row = turn.fleet.members[member];
    takes_orders(turn, row.group)?;
    let may = row.is_taken_up() || row.state == MemberState::Stopped;
    require(may, Refusal::MemberStatus)?;
    let books = &turn.fleet.groups[row.group];
    let is_suspended = books.suspended.has(Process::ScaleIn) && !how.detach_only;
    require(!is_suspended, Refusal::ProcessSuspended)?;
    // Who is kept Stopped is nobody whom the desired capacity counts.
    let weight = if row.state == MemberState::Stopped { 0 } else { u32::from(row.weight) };
    let falls = decrease && weight > 0;
    if falls {
        let left = scaling::base(turn, row.group).checked_sub(weight);
        let stays = left.is_some_and(|left| left >= books.size[0]);
        require(stays, Refusal::BelowMinSize)?;
        scaling::follows(turn, row.group, -i64::from(weight));
    }
    leaving::take_away(turn, member, how);
    turn.fleet.members.row_mut(member).decreased = falls;
    Ok(())
}

/// The hook that holds `member` and is meant: it has to be named where several do.
fn hook_of(turn: &Turn<'_>, member: Id<Member>, named: Option<u8>) -> Result<u8, Refusal> {
    let held_by = turn.fleet.members.held_by(member);
    match named {
        Some(named) => {
            let holds = held_by.iter().any(|by| by.hook == named);
            require(holds, Refusal::NoLifecycleAction).map(|()| named)
        }
        None => {
            require(held_by.len() <= 1, Refusal::MissingParameter)?;
            held_by.first().map(|by| by.hook).ok_or(Refusal::NoLifecycleAction)
        }
    }
}

/// Whether `group` is scaled by hand now.
fn takes_orders(turn: &Turn<'_>, group: Id<ScalingGroup>) -> Answer {
    let row = &turn.fleet.groups[group];
    require(row.active, Refusal::GroupInactive)?;
    let spec = &turn.layout().scaling_groups[group];
    let is_blocked = spec.refresh_blocks_manual_scaling && row.refresh.is_some();
    require(!is_blocked, Refusal::ActivityInProgress)
}
