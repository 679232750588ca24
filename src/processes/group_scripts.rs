//! Commands of the scenario to scaling groups: what their parameters name is looked up.
//!
//! Documented behaviour: spec/refresh-and-migration.md 2; what names nothing is refused before
//! anything else. Moves: nothing.

use super::turn::Turn;
use crate::{
    fleet::{
        ids::{Instance, Member, Refresh, ScalingGroup, Script as ScriptId},
        members::Identity,
        scaling::Processes,
    },
    kernel::column::Id,
    lifecycle::refresh::RefreshStep,
    messages::{
        command::{Command, Operation},
        refusal::Refusal,
        scaling::{MemberOrder, ScalingCommand},
    },
    scenario::{
        Handle, InstanceHandle, Parameters, RefreshHandle, RefreshRequest, Script, VersionWritten,
    },
};

/// Most instances that one call names.
const MOST_INSTANCES: usize = 20;

/// Most tasks that one query names.
const MOST_TASKS: usize = 20;

/// Most tasks that one page of a query shows.
const MOST_SHOWN: u32 = 50;

/// What a script amounts to: a command for each thing that it names, none for a query.
///
/// # Errors
/// The refusal of the whole, where it names what is not there.
pub fn commands(turn: &Turn<'_>, script: Id<ScriptId>) -> Result<Vec<Command>, Refusal> {
    let given: &Script = &turn.scenario.scripts[script];
    if given.operation == Operation::DescribeInstanceRefreshes {
        return query(given).map(|()| Vec::new());
    }
    let group = group_of(given)?;
    let found = match order(given) {
        Some(order) => {
            let (order, members) = (order?, members(turn, group, &given.parameters)?);
            let give = |member| ScalingCommand::Member { group, member, order };
            members.into_iter().map(give).collect()
        }
        None => of_group(turn, group, script)?,
    };
    let operation = given.operation;
    Ok(found.into_iter().map(|command| Command::Scaling(operation, command)).collect())
}

/// What a script about a group as a whole, or about instances that are no members yet, amounts to.
fn of_group(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    script: Id<ScriptId>,
) -> Result<Vec<ScalingCommand>, Refusal> {
    let given: &Script = &turn.scenario.scripts[script];
    let (operation, of) = (given.operation, &given.parameters.scaling);
    let step = match operation {
        Operation::SuspendInstanceRefresh => Some(RefreshStep::Suspend),
        Operation::ResumeInstanceRefresh => Some(RefreshStep::Resume),
        Operation::CancelInstanceRefresh => Some(RefreshStep::Cancel),
        Operation::RollbackInstanceRefresh => Some(RefreshStep::Rollback),
        _ => None,
    };
    if let Some(step) = step {
        let refresh = of.refreshes.first().map(|handle| task(turn, handle)).transpose()?;
        return Ok(vec![ScalingCommand::Control { group, refresh, step }]);
    }
    Ok(vec![match operation {
        Operation::StartInstanceRefresh => ScalingCommand::Start { group, script },
        Operation::EnableScalingGroup => ScalingCommand::Enable { group, active: true },
        Operation::DisableScalingGroup => ScalingCommand::Enable { group, active: false },
        Operation::ModifyScalingGroup => modify(turn, group, given)?,
        Operation::ScaleWithAdjustment | Operation::ExecuteScalingRule => {
            let by = of.adjustment.ok_or(Refusal::MissingParameter)?;
            ScalingCommand::Scale { group, by }
        }
        Operation::SuspendProcesses | Operation::ResumeProcesses => {
            let which = of.processes;
            require(which != Processes::default(), Refusal::MissingParameter)?;
            let suspend = operation == Operation::SuspendProcesses;
            ScalingCommand::Processes { group, which, suspend }
        }
        Operation::AttachInstances => {
            let entrusted = of.entrusted.unwrap_or(false);
            let attach = |instance| ScalingCommand::Attach { group, instance, entrusted };
            return Ok(instances(turn, &given.parameters)?.into_iter().map(attach).collect());
        }
        _ => panic!("{} is no operation on a scaling group", operation.name()),
    }])
}

fn require(fulfilled: bool, refusal: Refusal) -> Result<(), Refusal> {
    if fulfilled { Ok(()) } else { Err(refusal) }
}

fn group_of(given: &Script) -> Result<Id<ScalingGroup>, Refusal> {
    match given.parameters.scaling.group {
        None => Err(Refusal::MissingParameter),
        Some(Handle::Unknown(_)) => Err(Refusal::GroupNotFound),
        Some(Handle::Known(group)) => Ok(group),
    }
}

/// The refresh that is named.
fn task(turn: &Turn<'_>, handle: &RefreshHandle) -> Result<Id<Refresh>, Refusal> {
    let mut all = turn.fleet.refreshes.entries();
    let found = match handle {
        RefreshHandle::Of(label) => {
            all.filter(|(_, row)| turn.scenario.scripts[row.script].label == *label).last()
        }
        RefreshHandle::Number(number) => all.find(|(refresh, _)| refresh.index() as u64 == *number),
        RefreshHandle::Unknown(_) => None,
    };
    found.map(|(refresh, _)| refresh).ok_or(Refusal::RefreshNotFound)
}

fn modify(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    given: &Script,
) -> Result<ScalingCommand, Refusal> {
    let of = &given.parameters.scaling;
    let named = match of.active {
        None => None,
        Some(Handle::Known(configuration)) => Some(Identity::of(configuration)),
        Some(Handle::Unknown(_)) => return Err(Refusal::ConfigurationNotFound),
    };
    let version = if of.request.template.is_some() {
        Some(version(turn, &of.request).ok_or(Refusal::LaunchTemplateNotFound)?)
    } else {
        None
    };
    require(named.is_none() || version.is_none(), Refusal::ParameterConflict)?;
    let active = named.or(version);
    require(active.is_some() || of.sizes != [None; 3], Refusal::MissingParameter)?;
    Ok(ScalingCommand::Modify { group, sizes: of.sizes, active })
}

/// The version of a launch template that is asked for, as it is now.
fn version(turn: &Turn<'_>, request: &RefreshRequest) -> Option<Identity> {
    if matches!(request.version, Some(VersionWritten::Unknown(_))) {
        return None;
    }
    super::participants::version_at(turn.scenario, request, turn.now)
}

/// What a script asks of members; `None`: it is about something else.
fn order(given: &Script) -> Option<Result<MemberOrder, Refusal>> {
    let of = &given.parameters.scaling;
    let decrease = of.decrease.unwrap_or(true);
    let missing = Refusal::MissingParameter;
    Some(match given.operation {
        Operation::DetachInstances => Ok(MemberOrder::Detach { decrease }),
        Operation::RemoveInstances => {
            Ok(MemberOrder::Remove { recycle: of.recycle.unwrap_or(true), decrease })
        }
        Operation::EnterStandby => Ok(MemberOrder::EnterStandby),
        Operation::ExitStandby => Ok(MemberOrder::ExitStandby),
        Operation::SetInstancesProtection => of.protected.map(MemberOrder::Protect).ok_or(missing),
        Operation::SetInstanceHealth => match of.healthy {
            None => Err(missing),
            Some(None) => Err(Refusal::InvalidParameter),
            Some(Some(healthy)) => Ok(MemberOrder::SetHealth(healthy)),
        },
        Operation::CompleteLifecycleAction => {
            of.result.map(MemberOrder::CompleteHook).ok_or(missing)
        }
        Operation::RecordLifecycleActionHeartbeat => Ok(MemberOrder::Heartbeat(of.heartbeat)),
        _ => return None,
    })
}

/// The instances that are named: at least one, not too many, all of them there.
fn instances(turn: &Turn<'_>, of: &Parameters) -> Result<Vec<Id<Instance>>, Refusal> {
    require(!of.instances.is_empty(), Refusal::MissingParameter)?;
    require(of.instances.len() <= MOST_INSTANCES, Refusal::InvalidParameter)?;
    let found = |handle: &InstanceHandle| match handle {
        InstanceHandle::Named(name) => turn.fleet.instances.named(*name),
        InstanceHandle::Unknown(_) => None,
    };
    let all = of.instances.iter().map(|handle| found(handle).ok_or(Refusal::InstanceNotFound));
    all.collect()
}

/// The members of `group` that are named, as [`instances`].
fn members(
    turn: &Turn<'_>,
    group: Id<ScalingGroup>,
    of: &Parameters,
) -> Result<Vec<Id<Member>>, Refusal> {
    let member = |instance: Id<Instance>| {
        let is_member = turn.fleet.instances[instance].in_group;
        let member = is_member.then(|| turn.fleet.members.of(instance)).flatten();
        let member = member.filter(|member| turn.fleet.members[*member].group == group);
        member.ok_or(Refusal::NotAMember)
    };
    instances(turn, of)?.into_iter().map(member).collect()
}

/// DescribeInstanceRefreshes: at least a group or a task, and not too much of anything.
fn query(given: &Script) -> Result<(), Refusal> {
    let of = &given.parameters.scaling;
    require(of.group.is_some() || !of.refreshes.is_empty(), Refusal::MissingParameter)?;
    if matches!(of.group, Some(Handle::Unknown(_))) {
        return Err(Refusal::GroupNotFound);
    }
    let fits = of.refreshes.len() <= MOST_TASKS
        && of.max_results.is_none_or(|most| (1..=MOST_SHOWN).contains(&most));
    require(fits, Refusal::InvalidParameter)
}
