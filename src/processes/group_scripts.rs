//! Commands of the scenario to scaling groups: what their parameters name is looked up.
//!
//! Path: the region is right (`scripts`) → what must be given is → what is named is there → a
//! command for each thing that is named. Whether it may be done now is judged afterwards
//! (`group_commands`, `refresh_admission`). Documented behaviour: spec/refresh-and-migration.md 1
//! and 2. Moves: nothing.

use super::{participants, turn::Turn};
use crate::{
    fleet::{
        ids::{Instance, Member, Refresh, ScalingGroup, Script as ScriptId},
        members::Identity,
        scaling::HookResult,
    },
    kernel::column::Id,
    lifecycle::refresh::RefreshStep,
    messages::{
        command::Command,
        operation::{GroupOperation, MemberOperation, Operation},
        refusal::{Refusal, require},
        scaling::{Followed, MemberOrder, ScalingCommand},
    },
    scenario::{Handle, InstanceHandle, Parameters, RefreshHandle, ScalingParameters},
};

/// Most instances that one call may name.
const MOST_INSTANCES: usize = 20;

/// Most refreshes that one query may name.
const MOST_REFRESHES: usize = 20;

/// Most refreshes that a page of a query shows.
const LARGEST_PAGE: u32 = 50;

/// What `script`, an `operation` on a group, amounts to: a command for each thing that it names, none
/// for a query.
///
/// # Errors
/// The refusal of the whole, where it names what is not there.
pub fn on_group(
    turn: &Turn<'_>,
    script: Id<ScriptId>,
    operation: GroupOperation,
) -> Result<Vec<Command>, Refusal> {
    use GroupOperation as Asks;
    let asked = Asked { turn, script, of: &turn.scenario.scripts[script].parameters };
    let commands = match operation {
        Asks::StartInstanceRefresh => vec![ScalingCommand::Start { group: asked.group()?, script }],
        Asks::SuspendInstanceRefresh => asked.control(RefreshStep::Suspend)?,
        Asks::ResumeInstanceRefresh => asked.control(RefreshStep::Resume)?,
        Asks::CancelInstanceRefresh => asked.control(RefreshStep::Cancel)?,
        Asks::RollbackInstanceRefresh => asked.control(RefreshStep::Rollback)?,
        Asks::DescribeInstanceRefreshes => {
            asked.query()?;
            Vec::new()
        }
        Asks::EnableScalingGroup => {
            vec![ScalingCommand::Enable { group: asked.group()?, active: true }]
        }
        Asks::DisableScalingGroup => {
            vec![ScalingCommand::Enable { group: asked.group()?, active: false }]
        }
        Asks::ModifyScalingGroup => vec![asked.modification()?],
        Asks::ScaleWithAdjustment | Asks::ExecuteScalingRule => {
            let group = asked.group()?;
            let by = asked.scaling().adjustment.ok_or(Refusal::MissingParameter)?;
            vec![ScalingCommand::Scale { group, by, hooks_off: asked.hooks_off(group)? }]
        }
        Asks::SuspendProcesses => vec![asked.processes(true)?],
        Asks::ResumeProcesses => vec![asked.processes(false)?],
        Asks::AttachInstances => asked.attachments()?,
    };
    in_turn(turn, Operation::Group(operation), commands)
}

/// What `script`, an `operation` on members, amounts to: a command for each that it names.
///
/// # Errors
/// The refusal of the whole, where it names what is not there.
pub fn on_members(
    turn: &Turn<'_>,
    script: Id<ScriptId>,
    operation: MemberOperation,
) -> Result<Vec<Command>, Refusal> {
    let asked = Asked { turn, script, of: &turn.scenario.scripts[script].parameters };
    in_turn(turn, Operation::Member(operation), asked.orders(operation)?)
}

/// `commands` of `operation`, unless the cloud does not take them now.
fn in_turn(
    turn: &Turn<'_>,
    operation: Operation,
    commands: Vec<ScalingCommand>,
) -> Result<Vec<Command>, Refusal> {
    if demands_rest(operation) {
        commands.iter().try_for_each(|command| is_at_rest(turn, command))?;
    }
    Ok(commands.into_iter().map(|command| Command::Scaling(operation, command)).collect())
}

/// Whether the cloud takes `operation` only while no scaling activity is in progress
/// (spec/refresh-and-migration.md 1.9).
const fn demands_rest(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Group(GroupOperation::AttachInstances)
            | Operation::Member(MemberOperation::DetachInstances)
            | Operation::Member(MemberOperation::RemoveInstances)
            | Operation::Group(GroupOperation::ExecuteScalingRule)
            | Operation::Group(GroupOperation::ScaleWithAdjustment)
    )
}

/// Whether no scaling activity of the group of `command` is in progress; those of refreshes do not
/// count (spec/refresh-and-migration.md 7, 29). That a group is Inactive is told before.
fn is_at_rest(turn: &Turn<'_>, command: &ScalingCommand) -> Result<(), Refusal> {
    let (ScalingCommand::Attach { group, .. }
    | ScalingCommand::Scale { group, .. }
    | ScalingCommand::Member { group, .. }) = *command
    else {
        return Ok(());
    };
    let row = &turn.fleet.groups[group];
    require(!row.active || row.under_way == 0, Refusal::ActivityInProgress)
}

/// A call and its parameters.
#[derive(Clone, Copy)]
struct Asked<'a, 't> {
    turn: &'a Turn<'t>,
    script: Id<ScriptId>,
    of: &'a Parameters,
}

impl Asked<'_, '_> {
    fn scaling(&self) -> &ScalingParameters {
        &self.of.scaling
    }

    /// The group, which must be named and there.
    fn group(&self) -> Result<Id<ScalingGroup>, Refusal> {
        self.group_if_named()?.ok_or(Refusal::MissingParameter)
    }

    fn group_if_named(&self) -> Result<Option<Id<ScalingGroup>>, Refusal> {
        match &self.scaling().group {
            None => Ok(None),
            Some(Handle::Known(group)) => Ok(Some(*group)),
            Some(Handle::Unknown(_)) => Err(Refusal::GroupNotFound),
        }
    }

    /// Suspend, Resume, Cancel, Rollback; without a task the group's active one is meant.
    fn control(&self, step: RefreshStep) -> Result<Vec<ScalingCommand>, Refusal> {
        let group = self.group()?;
        let refresh = match self.scaling().refreshes.first() {
            None => None,
            Some(handle) => {
                let found = self.refresh(handle).ok_or(Refusal::RefreshNotFound)?;
                let is_its = self.turn.fleet.refreshes[found].group == group;
                require(is_its, Refusal::RefreshNotFound)?;
                Some(found)
            }
        };
        Ok(vec![ScalingCommand::Control { group, refresh, step }])
    }

    /// The task that is named. A command that repeated the request of another with its ClientToken
    /// was answered with that one's task.
    fn refresh(&self, handle: &RefreshHandle) -> Option<Id<Refresh>> {
        let turn = self.turn;
        let tasks = || turn.fleet.refreshes.entries();
        match handle {
            RefreshHandle::Number(number) => {
                tasks().map(|(task, _)| task).find(|task| task.index() as u64 == *number)
            }
            RefreshHandle::Of(label) => {
                let scripts = &turn.scenario.scripts;
                let own = tasks().find(|(_, row)| scripts[row.script].label == *label);
                let same = || {
                    let asked = turn.scenario.asked_with_token(label);
                    let (_, request) = asked.filter(|(at, _)| *at <= turn.now)?;
                    let asked = |script: Id<ScriptId>| &scripts[script].parameters.scaling.request;
                    tasks().find(|(_, row)| asked(row.script) == request)
                };
                own.or_else(same).map(|(task, _)| task)
            }
            RefreshHandle::Unknown(_) => None,
        }
    }

    /// What DescribeInstanceRefreshes is refused for (spec/refresh-and-migration.md 2.3).
    fn query(&self) -> Result<(), Refusal> {
        let asked = self.scaling();
        let names_any = asked.group.is_some() || !asked.refreshes.is_empty();
        require(names_any, Refusal::MissingParameter)?;
        require(asked.refreshes.len() <= MOST_REFRESHES, Refusal::InvalidParameter)?;
        let page = asked.max_results.is_none_or(|most| (1..=LARGEST_PAGE).contains(&most));
        require(page && asked.page != Some(None), Refusal::InvalidParameter)?;
        self.group_if_named().map(|_| ())
    }

    fn modification(&self) -> Result<ScalingCommand, Refusal> {
        let (turn, asked) = (self.turn, self.scaling());
        let group = self.group()?;
        let quota = turn.scenario.settings.ess_max_size;
        let fits = asked.sizes[1].is_none_or(|most| most <= quota);
        require(fits, Refusal::InvalidParameter)?;
        let of_template = asked.request.template.is_some();
        require(!(of_template && asked.active.is_some()), Refusal::ParameterConflict)?;
        require(asked.request.overrides != Some(false), Refusal::InvalidParameter)?;
        let now = turn.fleet.groups[group].identity;
        let active = match &asked.active {
            None if of_template => {
                let found = participants::version_at(turn.scenario, &asked.request, turn.now);
                Some(found.ok_or(Refusal::LaunchTemplateNotFound)?)
            }
            None => None,
            Some(Handle::Known(same)) if now.configuration == *same => Some(now),
            Some(Handle::Known(other)) => Some(Identity::of(*other)),
            Some(Handle::Unknown(_)) => return Err(Refusal::ConfigurationNotFound),
        };
        let names_any = active.is_some() || asked.sizes.iter().any(Option::is_some);
        require(names_any, Refusal::MissingParameter)?;
        let is_moving = of_template && participants::is_moving(&asked.request);
        let follows = is_moving.then_some(Followed::Asked(self.script));
        Ok(ScalingCommand::Modify { group, sizes: asked.sizes, active, follows })
    }

    fn processes(&self, suspend: bool) -> Result<ScalingCommand, Refusal> {
        let (group, which) = (self.group()?, self.scaling().processes);
        require(which.0 != 0, Refusal::MissingParameter)?;
        Ok(ScalingCommand::Processes { group, which, suspend })
    }

    /// The hooks of `group` that are not asked (bits by place): all, or those that are named
    /// (LifecycleHookContext).
    fn hooks_off(&self, group: Id<ScalingGroup>) -> Result<u8, Refusal> {
        let hooks = &self.turn.layout().scaling_groups[group].hooks;
        let of = &self.scaling().hooks;
        let mut off = if of.disable { u8::MAX } else { 0 };
        for name in &of.ignored {
            let place = hooks.iter().position(|hook| hook.name == *name);
            off |= 1_u8 << place.ok_or(Refusal::InvalidParameter)?;
        }
        Ok(off)
    }

    fn attachments(&self) -> Result<Vec<ScalingCommand>, Refusal> {
        let group = self.group()?;
        let entrusted = self.scaling().entrusted.unwrap_or(false);
        let instances = self.instances()?.into_iter();
        Ok(instances
            .map(|instance| ScalingCommand::Attach { group, instance, entrusted })
            .collect())
    }

    /// An operation on each of the members that are named.
    fn orders(&self, operation: MemberOperation) -> Result<Vec<ScalingCommand>, Refusal> {
        use MemberOperation as Asks;
        let asked = self.scaling();
        let decrease = asked.decrease.unwrap_or(true);
        let in_group = || self.group().map(Some);
        let (group, order) = match operation {
            Asks::DetachInstances => (in_group()?, MemberOrder::Detach { decrease }),
            Asks::RemoveInstances => {
                let recycle = asked.recycle.unwrap_or(true);
                let group = self.group()?;
                let hooks_off = self.hooks_off(group)?;
                (Some(group), MemberOrder::Remove { recycle, hooks_off, decrease })
            }
            Asks::EnterStandby => (in_group()?, MemberOrder::EnterStandby),
            Asks::ExitStandby => (in_group()?, MemberOrder::ExitStandby),
            Asks::SetInstancesProtection => {
                let group = in_group()?;
                (group, MemberOrder::Protect(asked.protected.ok_or(Refusal::MissingParameter)?))
            }
            // These three know their group by the instance; it may be named all the same.
            Asks::SetInstanceHealth => {
                let group = self.group_if_named()?;
                let written = asked.healthy.ok_or(Refusal::MissingParameter)?;
                (group, MemberOrder::SetHealth(written.ok_or(Refusal::InvalidParameter)?))
            }
            Asks::CompleteLifecycleAction => {
                let result = asked.result.unwrap_or(HookResult::Continue);
                (self.group_if_named()?, MemberOrder::CompleteHook { hook: None, result })
            }
            Asks::RecordLifecycleActionHeartbeat => {
                let order = MemberOrder::Heartbeat { hook: None, seconds: asked.heartbeat };
                (self.group_if_named()?, order)
            }
        };
        let command = |instance| {
            let (group, member) = self.member(group, instance)?;
            let order = self.with_hook(group, order)?;
            Ok(ScalingCommand::Member { group, member, order })
        };
        self.instances()?.into_iter().map(command).collect()
    }

    /// `order` with the hook that is named, if it takes one and one is.
    fn with_hook(
        &self,
        group: Id<ScalingGroup>,
        order: MemberOrder,
    ) -> Result<MemberOrder, Refusal> {
        let Some(name) = &self.scaling().hook else { return Ok(order) };
        let hooks = &self.turn.layout().scaling_groups[group].hooks;
        let place = hooks.iter().position(|hook| hook.name == *name);
        let hook = Some(place.ok_or(Refusal::NoLifecycleAction)? as u8);
        Ok(match order {
            MemberOrder::CompleteHook { result, .. } => MemberOrder::CompleteHook { hook, result },
            MemberOrder::Heartbeat { seconds, .. } => MemberOrder::Heartbeat { hook, seconds },
            MemberOrder::Detach { .. }
            | MemberOrder::Remove { .. }
            | MemberOrder::EnterStandby
            | MemberOrder::ExitStandby
            | MemberOrder::Protect(_)
            | MemberOrder::SetHealth(_) => order,
        })
    }

    /// The member that `instance` is: of `group`, if that is named.
    fn member(
        &self,
        group: Option<Id<ScalingGroup>>,
        instance: Id<Instance>,
    ) -> Result<(Id<ScalingGroup>, Id<Member>), Refusal> {
        let member = self.turn.fleet.members.of(instance).ok_or(Refusal::NotAMember)?;
        let its = self.turn.fleet.members[member].group;
        require(group.is_none_or(|group| group == its), Refusal::NotAMember)?;
        Ok((its, member))
    }

    /// The instances that are named: at least one, not too many, all of them there, each once.
    fn instances(&self) -> Result<Vec<Id<Instance>>, Refusal> {
        let named = &self.of.instances;
        require(!named.is_empty(), Refusal::MissingParameter)?;
        require(named.len() <= MOST_INSTANCES, Refusal::InstanceIdLimitExceeded)?;
        let mut found: Vec<Id<Instance>> = Vec::with_capacity(named.len());
        for handle in named {
            let instance = match handle {
                InstanceHandle::Named(name) => self.turn.fleet.instances.named(*name),
                InstanceHandle::Unknown(_) => None,
            };
            let instance = instance.ok_or(Refusal::InstanceNotFound)?;
            if !found.contains(&instance) {
                found.push(instance);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{messages::fact::Fact, processes::stage::Stage};

    const GROUPS: &str = "[configurations]\nc = { type = \"cloud\" }\nd = { type = \"cloud\" }\n\
        [[groups]]\nname = \"web\"\nmin_size = 0\nmax_size = 9\ndesired = 2\nconfiguration = \"c\"\n\
        [[groups]]\nname = \"api\"\nmin_size = 0\nmax_size = 9\nconfiguration = \"c\"\n\
        [[workload.instances]]\nname = \"one\"\ntype = \"cloud\"\ncount = 1\n";

    /// What each of these commands, given a second after the other, is refused for.
    fn refused(scripts: &[(&str, &str)]) -> Vec<Option<Refusal>> {
        let script = |(place, (operation, parameters)): (usize, &(&str, &str))| {
            let at = place + 1;
            format!(
                "[[scripts]]\nname = \"s{place}\"\nat = \"{at}s\"\ndo = \"{operation}\"\n{parameters}\n"
            )
        };
        let scripts: String = scripts.iter().enumerate().map(script).collect();
        let mut stage = Stage::new(&format!("{GROUPS}{scripts}"), |_| {});
        stage.until(60);
        let answers = stage.told.iter().filter_map(|(_, fact)| {
            let Fact::Commanded { refusal, .. } = *fact else { return None };
            Some(refusal)
        });
        answers.collect()
    }

    fn one(operation: &str, parameters: &str) -> Option<Refusal> {
        refused(&[(operation, parameters)])[0]
    }

    #[test]
    fn what_is_missing_comes_before_what_is_not_there() {
        let cancel = |parameters: &str| one("CancelInstanceRefresh", parameters);
        assert_eq!(cancel("RegionId = \"x\"\ngroup = \"wep\""), Some(Refusal::RegionNotFound));
        assert_eq!(cancel(""), Some(Refusal::MissingParameter));
        assert_eq!(cancel("group = \"wep\""), Some(Refusal::GroupNotFound));
        let task = |task: &str| format!("group = \"web\"\nInstanceRefreshTaskId = \"{task}\"");
        for unknown in ["#0", "s0", "ir-1"] {
            assert_eq!(cancel(&task(unknown)), Some(Refusal::RefreshNotFound), "{unknown}");
        }
        assert_eq!(one("ScaleWithAdjustment", "group = \"web\""), Some(Refusal::MissingParameter));
        assert_eq!(one("SuspendProcesses", "group = \"web\""), Some(Refusal::MissingParameter));
        assert_eq!(one("ModifyScalingGroup", "group = \"web\""), Some(Refusal::MissingParameter));
        let modify =
            |parameters: &str| one("ModifyScalingGroup", &format!("group = \"web\"\n{parameters}"));
        assert_eq!(modify("MaxSize = 2001"), Some(Refusal::InvalidParameter));
        assert_eq!(
            modify("ActiveScalingConfigurationId = \"e\""),
            Some(Refusal::ConfigurationNotFound)
        );
        assert_eq!(modify("LaunchTemplateId = \"e\""), Some(Refusal::LaunchTemplateNotFound));
        assert_eq!(modify("MaxSize = 12\nActiveScalingConfigurationId = \"d\""), None);
    }

    #[test]
    fn a_task_is_found_by_its_script_by_its_number_and_by_its_token() {
        let start = "group = \"web\"\nSkipMatching = false\nClientToken = \"t\"";
        let of = |group: &str, task: &str| {
            format!("group = \"{group}\"\nInstanceRefreshTaskId = \"{task}\"")
        };
        let all = [
            ("StartInstanceRefresh", start.to_owned()),
            ("StartInstanceRefresh", start.to_owned()),
            ("SuspendInstanceRefresh", of("web", "s0")),
            ("ResumeInstanceRefresh", of("web", "#0")),
            ("SuspendInstanceRefresh", of("web", "s1")),
            ("ResumeInstanceRefresh", of("api", "s0")),
            ("ResumeInstanceRefresh", "group = \"web\"".to_owned()),
        ];
        let all: Vec<(&str, &str)> = all.iter().map(|(what, how)| (*what, how.as_str())).collect();
        let none = [None; 5];
        let answers = refused(&all);
        assert_eq!(answers[..5], none);
        assert_eq!(answers[5..], [Some(Refusal::RefreshNotFound), None]);
    }

    #[test]
    fn members_are_found_by_their_group_and_number() {
        let stand =
            |parameters: &str| one("EnterStandby", &format!("group = \"web\"\n{parameters}"));
        assert_eq!(stand(""), Some(Refusal::MissingParameter));
        assert_eq!(stand("InstanceIds = [\"web#7\"]"), Some(Refusal::InstanceNotFound));
        assert_eq!(stand("InstanceIds = [\"web#0\", \"one[0]\"]"), Some(Refusal::NotAMember));
        let many = vec!["\"web#0\""; 21].join(", ");
        let many = format!("InstanceIds = [{many}]");
        assert_eq!(stand(&many), Some(Refusal::InstanceIdLimitExceeded));
        let twice =
            [("EnterStandby", "group = \"web\"\nInstanceIds = [\"web#0\", \"web#0\", \"web#1\"]")];
        assert_eq!(refused(&twice), [None, None], "each once");
        let other = "group = \"api\"\nInstanceIds = \"web#0\"";
        assert_eq!(one("EnterStandby", other), Some(Refusal::NotAMember));
        let health = |parameters: &str| {
            one("SetInstanceHealth", &format!("InstanceId = \"web#0\"\n{parameters}"))
        };
        assert_eq!(health(""), Some(Refusal::MissingParameter));
        assert_eq!(health("HealthStatus = \"Ill\""), Some(Refusal::InvalidParameter));
        assert_eq!(health("HealthStatus = \"Unhealthy\""), None);
        assert_eq!(
            health("group = \"api\"\nHealthStatus = \"Unhealthy\""),
            Some(Refusal::NotAMember)
        );
        let attach = |what: &str| {
            one("AttachInstances", &format!("group = \"web\"\nInstanceIds = \"{what}\""))
        };
        assert_eq!(attach("one[0]"), None);
        assert_eq!(attach("web#0"), Some(Refusal::AlreadyAMember));
    }

    #[test]
    fn queries_name_a_group_or_tasks_and_ask_for_pages_that_there_are() {
        let ask = |parameters: &str| one("DescribeInstanceRefreshes", parameters);
        assert_eq!(ask(""), Some(Refusal::MissingParameter));
        assert_eq!(ask("group = \"web\"\nMaxResults = 0"), Some(Refusal::InvalidParameter));
        assert_eq!(ask("group = \"web\"\nMaxResults = 51"), Some(Refusal::InvalidParameter));
        assert_eq!(ask("group = \"web\"\nNextToken = \"zzz\""), Some(Refusal::InvalidParameter));
        assert_eq!(ask("group = \"web\"\nNextToken = \"\""), None, "the first page");
        let many = vec!["\"#0\""; 21].join(", ");
        let many = format!("InstanceRefreshTaskIds = [{many}]");
        assert_eq!(ask(&many), Some(Refusal::InvalidParameter));
        assert_eq!(ask("group = \"wep\""), Some(Refusal::GroupNotFound));
        assert_eq!(ask("group = \"web\"\nMaxResults = 50"), None);
        assert_eq!(ask("InstanceRefreshTaskIds = \"#0\""), None);
    }
}
