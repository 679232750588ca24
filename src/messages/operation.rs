//! The operations of the cloud that the simulator knows: those on one thing, those on scaling groups
//! and those on members of groups; and which cloud has which.

/// Whose rules hold for moves that owners ask for (`settings.cloud`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cloud {
    /// `alibaba`: the first.
    First,
    /// `huawei`: the second.
    Second,
}

impl Cloud {
    /// Its word in scenarios.
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "alibaba",
            Self::Second => "huawei",
        }
    }
}

/// An operation of the cloud.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Creates and starts instances.
    RunInstances,
    /// Creates one instance, Stopped.
    CreateInstance,
    /// Releases an instance.
    DeleteInstance,
    /// Starts a stopped instance.
    StartInstance,
    /// Stops an instance.
    StopInstance,
    /// Restarts an instance.
    RebootInstance,
    /// Restarts an instance on another server.
    RedeployInstance,
    /// Moves a stopped instance between dedicated hosts, or between one and the shared servers.
    MigrateServer,
    /// Tells of a job.
    ShowJob,
    /// Authorises what an event asks for.
    AcceptInquiredSystemEvent,
    /// Moves the planned time of an event.
    ModifySystemEventAttribute,
    /// Changes the mode of a burstable instance.
    ModifyInstanceAttribute,
    /// Changes what happens to instances under maintenance.
    ModifyInstanceMaintenanceAttributes,
    /// Makes events that only look real.
    CreateSimulatedSystemEvents,
    /// Cancels simulated events.
    CancelSimulatedSystemEvents,
    /// Cancels a task.
    CancelTask,
    /// Lists tasks.
    DescribeTasks,
    /// Lists ended events.
    DescribeInstanceHistoryEvents,
    /// Lists instances with their health and open events.
    DescribeInstancesFullStatus,
    /// One on a scaling group, or on its refreshes.
    Group(GroupOperation),
    /// One on members of a scaling group.
    Member(MemberOperation),
    /// Sets a lock on an instance; an act of the cloud.
    LockInstance,
    /// Lifts it; an act of the cloud.
    UnlockInstance,
    /// Moves an instance to, or between, dedicated hosts.
    ModifyInstanceDeployment,
    /// Gives a dedicated host at risk another server.
    RedeployDedicatedHost,
    /// Changes attributes of a dedicated host.
    ModifyDedicatedHostAttribute,
    /// Lists dedicated hosts.
    DescribeDedicatedHosts,
}

/// An operation on a scaling group, or on its refreshes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupOperation {
    /// Replaces the instances of a scaling group, step by step.
    StartInstanceRefresh,
    /// Pauses a refresh.
    SuspendInstanceRefresh,
    /// Lets a paused refresh go on.
    ResumeInstanceRefresh,
    /// Ends a refresh; what is replaced stays so.
    CancelInstanceRefresh,
    /// Takes a refresh back.
    RollbackInstanceRefresh,
    /// Lists refreshes.
    DescribeInstanceRefreshes,
    /// Makes a scaling group active.
    EnableScalingGroup,
    /// Makes a scaling group inactive.
    DisableScalingGroup,
    /// Changes the size or the configuration of a scaling group.
    ModifyScalingGroup,
    /// Changes the desired capacity of a scaling group.
    ScaleWithAdjustment,
    /// Changes the desired capacity of a scaling group by a rule.
    ExecuteScalingRule,
    /// Suspends processes of a scaling group.
    SuspendProcesses,
    /// Resumes processes of a scaling group.
    ResumeProcesses,
    /// Takes instances into a scaling group.
    AttachInstances,
}

/// An operation on members of a scaling group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberOperation {
    /// Lets members leave their scaling group and live on.
    DetachInstances,
    /// Removes members of a scaling group.
    RemoveInstances,
    /// Takes members out of service.
    EnterStandby,
    /// Takes members back into service.
    ExitStandby,
    /// Protects members, or no longer.
    SetInstancesProtection,
    /// Says whether a member is healthy.
    SetInstanceHealth,
    /// Ends the hook that holds a member.
    CompleteLifecycleAction,
    /// Gives the hook that holds a member more time.
    RecordLifecycleActionHeartbeat,
}

/// Every operation with its name, which is the cloud's; of an act of the cloud, ours. Its place is its
/// number.
const TABLE: [(Operation, &str, Option<Cloud>); 47] = {
    use GroupOperation as Group;
    use MemberOperation as Member;
    use Operation as Op;
    const BOTH: Option<Cloud> = None;
    const FIRST: Option<Cloud> = Some(Cloud::First);
    const SECOND: Option<Cloud> = Some(Cloud::Second);
    [
        (Op::RunInstances, "RunInstances", BOTH),
        (Op::CreateInstance, "CreateInstance", BOTH),
        (Op::DeleteInstance, "DeleteInstance", BOTH),
        (Op::StartInstance, "StartInstance", BOTH),
        (Op::StopInstance, "StopInstance", BOTH),
        (Op::RebootInstance, "RebootInstance", BOTH),
        (Op::RedeployInstance, "RedeployInstance", FIRST),
        (Op::MigrateServer, "MigrateServer", SECOND),
        (Op::ShowJob, "ShowJob", SECOND),
        (Op::AcceptInquiredSystemEvent, "AcceptInquiredSystemEvent", BOTH),
        (Op::ModifySystemEventAttribute, "ModifySystemEventAttribute", BOTH),
        (Op::ModifyInstanceAttribute, "ModifyInstanceAttribute", BOTH),
        (Op::ModifyInstanceMaintenanceAttributes, "ModifyInstanceMaintenanceAttributes", BOTH),
        (Op::CreateSimulatedSystemEvents, "CreateSimulatedSystemEvents", BOTH),
        (Op::CancelSimulatedSystemEvents, "CancelSimulatedSystemEvents", BOTH),
        (Op::CancelTask, "CancelTask", FIRST),
        (Op::DescribeTasks, "DescribeTasks", FIRST),
        (Op::DescribeInstanceHistoryEvents, "DescribeInstanceHistoryEvents", BOTH),
        (Op::DescribeInstancesFullStatus, "DescribeInstancesFullStatus", BOTH),
        (Op::Group(Group::StartInstanceRefresh), "StartInstanceRefresh", BOTH),
        (Op::Group(Group::SuspendInstanceRefresh), "SuspendInstanceRefresh", BOTH),
        (Op::Group(Group::ResumeInstanceRefresh), "ResumeInstanceRefresh", BOTH),
        (Op::Group(Group::CancelInstanceRefresh), "CancelInstanceRefresh", BOTH),
        (Op::Group(Group::RollbackInstanceRefresh), "RollbackInstanceRefresh", BOTH),
        (Op::Group(Group::DescribeInstanceRefreshes), "DescribeInstanceRefreshes", BOTH),
        (Op::Group(Group::EnableScalingGroup), "EnableScalingGroup", BOTH),
        (Op::Group(Group::DisableScalingGroup), "DisableScalingGroup", BOTH),
        (Op::Group(Group::ModifyScalingGroup), "ModifyScalingGroup", BOTH),
        (Op::Group(Group::ScaleWithAdjustment), "ScaleWithAdjustment", BOTH),
        (Op::Group(Group::ExecuteScalingRule), "ExecuteScalingRule", BOTH),
        (Op::Group(Group::SuspendProcesses), "SuspendProcesses", BOTH),
        (Op::Group(Group::ResumeProcesses), "ResumeProcesses", BOTH),
        (Op::Group(Group::AttachInstances), "AttachInstances", BOTH),
        (Op::Member(Member::DetachInstances), "DetachInstances", BOTH),
        (Op::Member(Member::RemoveInstances), "RemoveInstances", BOTH),
        (Op::Member(Member::EnterStandby), "EnterStandby", BOTH),
        (Op::Member(Member::ExitStandby), "ExitStandby", BOTH),
        (Op::Member(Member::SetInstancesProtection), "SetInstancesProtection", BOTH),
        (Op::Member(Member::SetInstanceHealth), "SetInstanceHealth", BOTH),
        (Op::Member(Member::CompleteLifecycleAction), "CompleteLifecycleAction", BOTH),
        (
            Op::Member(Member::RecordLifecycleActionHeartbeat),
            "RecordLifecycleActionHeartbeat",
            BOTH,
        ),
        (Op::LockInstance, "LockInstance", BOTH),
        (Op::UnlockInstance, "UnlockInstance", BOTH),
        (Op::ModifyInstanceDeployment, "ModifyInstanceDeployment", FIRST),
        (Op::RedeployDedicatedHost, "RedeployDedicatedHost", FIRST),
        (Op::ModifyDedicatedHostAttribute, "ModifyDedicatedHostAttribute", FIRST),
        (Op::DescribeDedicatedHosts, "DescribeDedicatedHosts", BOTH),
    ]
};

impl Operation {
    /// How many there are (count).
    pub const COUNT: usize = TABLE.len();

    /// Every operation, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.into_iter().map(|(operation, _, _)| operation)
    }

    /// The operation of this name.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.into_iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// Its number, below [`Operation::COUNT`].
    pub fn number(self) -> usize {
        TABLE.iter().position(|row| row.0 == self).expect("the table has every operation")
    }

    /// The cloud that alone has it; `None`: it stands for an operation of both, whatever that is
    /// called in the second one. One cloud's alone are the operations by which owners move instances
    /// and hosts, and those that tell of these moves (spec/refresh-and-migration.md 4.1, 4.2, 4.6;
    /// spec/events.md 4.6, 9.3). Instances, maintenance, its events and scaling groups are there
    /// under either.
    pub fn only_of(self) -> Option<Cloud> {
        TABLE[self.number()].2
    }

    /// Whether it is the cloud's own act, not an operation of its API: scripts may state it, and it
    /// is not counted among commands.
    pub const fn is_act_of_cloud(self) -> bool {
        matches!(self, Self::LockInstance | Self::UnlockInstance)
    }

    /// Its name in the cloud's API; of an act of the cloud, ours.
    pub fn name(self) -> &'static str {
        TABLE[self.number()].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_one_place_and_one_name() {
        for (place, operation) in Operation::all().enumerate() {
            assert_eq!(operation.number(), place);
            assert_eq!(Operation::named(operation.name()), Some(operation));
            let variant = format!("{operation:?}");
            let name = variant.trim_end_matches(')').rsplit('(').next().unwrap();
            assert_eq!(operation.name(), name, "a name is that of the variant");
        }
        // Each nested enum's last variant stands in the table: none is missing at its end.
        let last = [
            Operation::Group(GroupOperation::AttachInstances),
            Operation::Member(MemberOperation::RecordLifecycleActionHeartbeat),
            Operation::DescribeDedicatedHosts,
        ];
        assert!(last.iter().all(|last| Operation::all().any(|operation| operation == *last)));
    }
}
