//! The cloud's typed "no": a result in the simulated world, never an error of the program.

/// Why a command was refused (spec/events.md 3.4, 4.5, 4.6, 5.1 to 5.6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Refusal {
    /// A parameter that must be given is not.
    MissingParameter,
    /// A parameter has a value that the operation does not take.
    InvalidParameter,
    /// There is no such instance.
    InstanceNotFound,
    /// The instance is locked for security reasons.
    LockedForSecurity,
    /// The instance is expired or in arrears.
    ExpiredOrInArrears,
    /// Instances on dedicated hosts are not redeployed.
    OnDedicatedHost,
    /// The instance is in a state in which this is not possible.
    IncorrectInstanceStatus,
    /// A cloud disk is not in a usable state.
    DiskError,
    /// No event is open that a redeployment answers.
    NoMaintenanceEvents,
    /// Something failed inside the cloud.
    InternalError,
    /// There is no room.
    NoStock,
    /// `SpotStrategy` is no strategy.
    InvalidSpotStrategy,
    /// `SpotPriceLimit` is missing, has more than three decimals, or is below zero.
    InvalidSpotPriceLimit,
    /// The bid is lower than the market price.
    SpotPriceLimitTooLow,
    /// `SpotDuration` is neither 0 nor 1.
    InvalidSpotDuration,
    /// A subscription is not preemptible.
    InvalidSpotPrepaid,
    /// `SpotInterruptionBehavior` is no behaviour.
    InvalidSpotInterruption,
    /// What has local disks is not stopped at an interruption.
    SpotStopWithLocalDisk,
    /// What is on the classic network is not stopped at an interruption.
    SpotStopOnClassic,
    /// The instance's bid is lower than the market price.
    SpotPriceTooLow,
    /// A legacy instance with local disks is to be stopped without ConfirmStop.
    StopNotConfirmed,
    /// DryRun: everything is in order, and nothing was done.
    DryRun,
    /// There is no inquiring event of this id.
    NoInquiringEvent,
    /// Events of this type are not accepted.
    AcceptNotSupported,
    /// Another operation is in progress.
    OperationConflict,
    /// The instance's state does not suit the disk's job.
    InstanceStatusNotSupported,
    /// The disk is no local disk of a family that can do this.
    DiskCategoryNotSupported,
    /// The disk is not in the state that this needs.
    DiskStatusNotSupported,
    /// The online isolation failed: the event goes on offline.
    OnlineIsolateFail,
    /// The online re-initialisation failed: the event goes on offline.
    OnlineReinitFail,
    /// `NotBefore` lies in the past.
    NotBeforePassed,
    /// There is no such event.
    EventNotFound,
    /// Too many simulated events are active.
    SimulatedEventLimitExceeded,
    /// Too many instances are named.
    InstanceIdLimitExceeded,
    /// Too many events are named.
    EventIdLimitExceeded,
    /// Only simulated events can be canceled.
    NotSimulated,
    /// There is no such task.
    TaskNotFound,
    /// Tasks of this kind cannot be canceled.
    TaskActionNotSupported,
    /// The task has ended.
    IncorrectTaskStatus,
    /// The region is another one.
    RegionNotFound,
    /// The end of a period lies before its begin.
    TimeEndBeforeStart,
    /// There is no such scaling group.
    GroupNotFound,
    /// The scaling group is not active.
    GroupInactive,
    /// Only groups of type ECS are refreshed.
    GroupTypeNotSupported,
    /// Only groups that place by zone priority are refreshed.
    MultiAzNotSupported,
    /// Groups that count their capacity in vCPUs are not refreshed.
    CapacityUnitNotSupported,
    /// Groups that keep stopped instances are not refreshed.
    ReclaimNotSupported,
    /// Parameters exclude each other.
    ParameterConflict,
    /// Checkpoints are not ascending, or do not end with 100.
    InvalidCheckpoints,
    /// There is no such scaling configuration.
    ConfigurationNotFound,
    /// There is no such launch template, or no such version.
    LaunchTemplateNotFound,
    /// A refresh of the group is active.
    RefreshInProgress,
    /// No instance needs to be refreshed.
    NothingToRefresh,
    /// There is no such refresh.
    RefreshNotFound,
    /// The refresh is in a status in which this is not possible.
    RefreshStatus,
    /// The refresh cannot be taken back.
    IrreversibleRefresh,
    /// The token was used with other parameters.
    TokenMismatch,
    /// The instance is no member of the group.
    NotAMember,
    /// The instance is a member of a group.
    AlreadyAMember,
    /// The member is in a state in which this is not possible.
    MemberStatus,
    /// The group would become smaller than it may.
    BelowMinSize,
    /// The group would become larger than it may.
    AboveMaxSize,
    /// The process that this needs is suspended.
    ProcessSuspended,
    /// A refresh of the group is active, and the group takes no such order meanwhile.
    ActivityInProgress,
    /// No hook holds the member.
    NoLifecycleAction,
    /// The group is as it is asked to be.
    NothingChanges,
    /// There is no such server, or no record of such a job (second cloud).
    ServerNotFound,
    /// The server is locked (second cloud).
    ServerLocked,
    /// The server is not stopped (second cloud).
    ServerNotStopped,
    /// The server is on that dedicated host already (second cloud).
    SameHost,
    /// The server is paid in advance, and such servers are not migrated (second cloud).
    NotPayPerUse,
    /// Local disks or GPUs keep the server where it is (second cloud).
    HardwareBound,
    /// The request is malformed, or asks for what is not offered (second cloud).
    BadMigration,
    /// Another command is running on the server (second cloud).
    ServerBusy,
    /// The cloud has no such operation: the other one has.
    OtherCloud,
    /// There is no such dedicated host.
    HostNotFound,
    /// The instance is not Stopped.
    UnstoppedInstance,
    /// The dedicated host is in a status in which it takes no instances.
    HostStatusNotSupported,
    /// The subscription of the instance lasts longer than that of the dedicated host.
    ExceedsHostPeriod,
    /// Instances on the classic network are not moved between dedicated hosts.
    NetworkTypeNotSupported,
    /// Instances of this type are not moved so, or not to this host.
    TypeNotSupported,
    /// The instance type that is asked for is none that this move may give.
    TypeValueNotSupported,
    /// Instances do not leave dedicated hosts for shared servers.
    TenancyNotSupported,
    /// An instance that is paid in advance does not go to a host that is paid as it goes.
    PostPaidHost,
    /// The dedicated host is in a status in which it is not redeployed.
    HostStatusMalformed,
    /// Instances on the dedicated host are not Stopped.
    InstancesUnstopped,
}

/// Whether a condition of an operation holds.
///
/// # Errors
/// `refusal`, where it does not.
pub fn require(fulfilled: bool, refusal: Refusal) -> Result<(), Refusal> {
    if fulfilled { Ok(()) } else { Err(refusal) }
}

/// How a refusal shows: HTTP status, code, message.
type Shown = (u16, &'static str, &'static str);

/// How each refusal shows, in their order; the message is empty where none is published.
const TABLE: &[(Refusal, Shown)] = &[
    (Refusal::MissingParameter, (400, "MissingParameter", "")),
    (Refusal::InvalidParameter, (400, "InvalidParameter", "")),
    (
        Refusal::InstanceNotFound,
        (
            404,
            "InvalidInstanceId.NotFound",
            "The InstanceId provided does not exist in our records.",
        ),
    ),
    (
        Refusal::LockedForSecurity,
        (
            403,
            "InstanceLockedForSecurity",
            "The specified operation is denied as your instance is locked for security reasons.",
        ),
    ),
    (
        Refusal::ExpiredOrInArrears,
        (
            403,
            "InstanceExpiredOrInArrears",
            "The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode).",
        ),
    ),
    (
        Refusal::OnDedicatedHost,
        (403, "InvalidOperation.RedeployInstance", "Can not redeploy vm on dedicated host"),
    ),
    (
        Refusal::IncorrectInstanceStatus,
        (
            403,
            "IncorrectInstanceStatus",
            "The current status of the resource does not support this operation.",
        ),
    ),
    (Refusal::DiskError, (403, "DiskError", "IncorrectDiskStatus.")),
    (
        Refusal::NoMaintenanceEvents,
        (
            403,
            "InvalidOperation.RedeployInstance",
            "There are no maintenance events found on the instance",
        ),
    ),
    (
        Refusal::InternalError,
        (500, "InternalError", "The request processing has failed due to some unknown error."),
    ),
    (Refusal::NoStock, (403, "OperationDenied.NoStock", "")),
    (Refusal::InvalidSpotStrategy, (400, "InvalidSpotStrategy", "")),
    (Refusal::InvalidSpotPriceLimit, (400, "InvalidSpotPriceLimit", "")),
    (Refusal::SpotPriceLimitTooLow, (400, "InvalidSpotPriceLimit.LowerThanPublicPrice", "")),
    (Refusal::InvalidSpotDuration, (400, "InvalidSpotDuration", "")),
    (Refusal::InvalidSpotPrepaid, (400, "InvalidSpotPrepaid", "")),
    (Refusal::InvalidSpotInterruption, (400, "InvalidSpotInterruptionBehavior", "")),
    (
        Refusal::SpotStopWithLocalDisk,
        (403, "InvalidSpotInterruptionBehavior.LocalDiskNotSupport", ""),
    ),
    (
        Refusal::SpotStopOnClassic,
        (403, "InvalidSpotInterruptionBehavior.ClassicNetworkNotSupport", ""),
    ),
    (Refusal::SpotPriceTooLow, (403, "OperationDenied.SpotPriceLowerThanPublicPrice", "")),
    (Refusal::StopNotConfirmed, (403, "InstanceType.ParameterMismatch", "")),
    (Refusal::DryRun, (400, "DryRunOperation", "")),
    (Refusal::NoInquiringEvent, (404, "InvalidEventId.NoInquiringEventFound", "")),
    (Refusal::AcceptNotSupported, (403, "OperationDenied.AcceptNotSupported", "")),
    (Refusal::OperationConflict, (403, "OperationConflict", "")),
    (Refusal::InstanceStatusNotSupported, (403, "OperationFail.InstanceStatusNotSupported", "")),
    (Refusal::DiskCategoryNotSupported, (403, "OperationFail.DiskCategoryNotSupported", "")),
    (Refusal::DiskStatusNotSupported, (403, "OperationFail.DiskStatusNotSupported", "")),
    (Refusal::OnlineIsolateFail, (403, "SwitchToOffline.OnlineIsolateFail", "")),
    (Refusal::OnlineReinitFail, (403, "SwitchToOffline.OnlineReinitFail", "")),
    (Refusal::NotBeforePassed, (403, "InvalidNotBefore.Passed", "")),
    (Refusal::EventNotFound, (403, "InvalidEventId.NotFound", "")),
    (Refusal::SimulatedEventLimitExceeded, (403, "SimulatedEventLimitExceeded", "")),
    (Refusal::InstanceIdLimitExceeded, (403, "InstanceIdLimitExceeded", "")),
    (Refusal::EventIdLimitExceeded, (400, "EventIdLimitExceeded", "")),
    (Refusal::NotSimulated, (403, "CannotCancelSystemEvent.NotSimulated", "")),
    (Refusal::TaskNotFound, (400, "InvalidTaskId.NotFound", "")),
    (Refusal::TaskActionNotSupported, (403, "InvalidTaskId.TaskActionNotSupport", "")),
    (Refusal::IncorrectTaskStatus, (403, "InvalidTaskId.IncorrectTaskStatus", "")),
    (Refusal::RegionNotFound, (400, "InvalidRegionId.NotFound", "")),
    (Refusal::TimeEndBeforeStart, (400, "InvalidParameter.TimeEndBeforeStart", "")),
    (Refusal::GroupNotFound, (404, "InvalidScalingGroupId.NotFound", "")),
    (Refusal::GroupInactive, (400, "IncorrectScalingGroupStatus", "")),
    (Refusal::GroupTypeNotSupported, (400, "InvalidScalingGroup.TypeNotSupported", "")),
    (Refusal::MultiAzNotSupported, (400, "InvalidScalingGroup.MultiAZPolicyNotSupported", "")),
    (Refusal::CapacityUnitNotSupported, (400, "InvalidScalingGroup.CapacityUnitNotSupported", "")),
    (Refusal::ReclaimNotSupported, (400, "InvalidScalingGroup.ScalingPolicyNotSupported", "")),
    (Refusal::ParameterConflict, (400, "InvalidParameter.Conflict", "")),
    (Refusal::InvalidCheckpoints, (400, "InvalidCheckpoints", "")),
    (Refusal::ConfigurationNotFound, (404, "InvalidScalingConfigurationId.NotFound", "")),
    (Refusal::LaunchTemplateNotFound, (404, "InvalidLaunchTemplate.NotFound", "")),
    (Refusal::RefreshInProgress, (400, "InstanceRefreshInProgress", "")),
    (Refusal::NothingToRefresh, (400, "InvalidInstance.NoInstanceNeedBeRefreshed", "")),
    (Refusal::RefreshNotFound, (404, "InvalidInstanceRefreshTaskId.NotFound", "")),
    (Refusal::RefreshStatus, (400, "IncorrectInstanceRefreshTaskStatus", "")),
    (Refusal::IrreversibleRefresh, (400, "IrreversibleInstanceRefresh", "")),
    (Refusal::TokenMismatch, (400, "IdempotentParameterMismatch", "")),
    (Refusal::NotAMember, (404, "InvalidInstanceId.NotInScalingGroup", "")),
    (Refusal::AlreadyAMember, (400, "InvalidInstanceId.InUse", "")),
    (Refusal::MemberStatus, (400, "IncorrectLifecycleState", "")),
    (Refusal::BelowMinSize, (400, "IncorrectCapacity.MinSize", "")),
    (Refusal::AboveMaxSize, (400, "IncorrectCapacity.MaxSize", "")),
    (Refusal::ProcessSuspended, (400, "ScalingProcessSuspended", "")),
    (Refusal::ActivityInProgress, (400, "ScalingActivityInProgress", "")),
    (Refusal::NoLifecycleAction, (404, "InvalidLifecycleActionToken.NotFound", "")),
    (Refusal::NothingChanges, (400, "ScalingActivityRejected", "")),
    (Refusal::ServerNotFound, (404, "Ecs.0114", "")),
    (Refusal::ServerLocked, (400, "Ecs.0605", "")),
    (Refusal::ServerNotStopped, (400, "Ecs.0100", "")),
    (Refusal::SameHost, (400, "Ecs.0221", "")),
    (Refusal::NotPayPerUse, (400, "Ecs.0005", "")),
    (Refusal::HardwareBound, (400, "Ecs.0221", "")),
    (Refusal::BadMigration, (400, "Ecs.0005", "")),
    (Refusal::ServerBusy, (501, "Ecs.0603", "")),
    (Refusal::OtherCloud, (404, "InvalidAction.NotFound", "")),
    (Refusal::HostNotFound, (404, "InvalidDedicatedHostId.NotFound", "")),
    (Refusal::UnstoppedInstance, (400, "OperationDenied.UnstoppedInstance", "")),
    (Refusal::HostStatusNotSupported, (400, "InvalidDedicatedHostStatus.NotSupport", "")),
    (Refusal::ExceedsHostPeriod, (400, "InvalidPeriod.ExceededDedicatedHost", "")),
    (Refusal::NetworkTypeNotSupported, (404, "InvalidInstanceNetworkType.NotSupport", "")),
    (Refusal::TypeNotSupported, (404, "InvalidInstanceType.NotSupport", "")),
    (Refusal::TypeValueNotSupported, (400, "InvalidInstanceType.ValueNotSupported", "")),
    (Refusal::TenancyNotSupported, (400, "InvalidParam.Tenancy", "")),
    (Refusal::PostPaidHost, (400, "ChargeTypeViolation.PostPaidDedicatedHost", "")),
    (Refusal::HostStatusMalformed, (400, "InvalidDedicatedHostStatus.Malformed", "")),
    (Refusal::InstancesUnstopped, (400, "InvalidInstanceStatus.Unstopped", "")),
];

const _: () = {
    let mut place = 0;
    while place < TABLE.len() {
        assert!(TABLE[place].0 as usize == place, "the table is in the order of the refusals");
        place += 1;
    }
    assert!(TABLE.len() == Refusal::ALL.len(), "every refusal has a row");
};

impl Refusal {
    /// Every refusal.
    pub const ALL: &'static [Self] = &[
        Self::MissingParameter,
        Self::InvalidParameter,
        Self::InstanceNotFound,
        Self::LockedForSecurity,
        Self::ExpiredOrInArrears,
        Self::OnDedicatedHost,
        Self::IncorrectInstanceStatus,
        Self::DiskError,
        Self::NoMaintenanceEvents,
        Self::InternalError,
        Self::NoStock,
        Self::InvalidSpotStrategy,
        Self::InvalidSpotPriceLimit,
        Self::SpotPriceLimitTooLow,
        Self::InvalidSpotDuration,
        Self::InvalidSpotPrepaid,
        Self::InvalidSpotInterruption,
        Self::SpotStopWithLocalDisk,
        Self::SpotStopOnClassic,
        Self::SpotPriceTooLow,
        Self::StopNotConfirmed,
        Self::DryRun,
        Self::NoInquiringEvent,
        Self::AcceptNotSupported,
        Self::OperationConflict,
        Self::InstanceStatusNotSupported,
        Self::DiskCategoryNotSupported,
        Self::DiskStatusNotSupported,
        Self::OnlineIsolateFail,
        Self::OnlineReinitFail,
        Self::NotBeforePassed,
        Self::EventNotFound,
        Self::SimulatedEventLimitExceeded,
        Self::InstanceIdLimitExceeded,
        Self::EventIdLimitExceeded,
        Self::NotSimulated,
        Self::TaskNotFound,
        Self::TaskActionNotSupported,
        Self::IncorrectTaskStatus,
        Self::RegionNotFound,
        Self::TimeEndBeforeStart,
        Self::GroupNotFound,
        Self::GroupInactive,
        Self::GroupTypeNotSupported,
        Self::MultiAzNotSupported,
        Self::CapacityUnitNotSupported,
        Self::ReclaimNotSupported,
        Self::ParameterConflict,
        Self::InvalidCheckpoints,
        Self::ConfigurationNotFound,
        Self::LaunchTemplateNotFound,
        Self::RefreshInProgress,
        Self::NothingToRefresh,
        Self::RefreshNotFound,
        Self::RefreshStatus,
        Self::IrreversibleRefresh,
        Self::TokenMismatch,
        Self::NotAMember,
        Self::AlreadyAMember,
        Self::MemberStatus,
        Self::BelowMinSize,
        Self::AboveMaxSize,
        Self::ProcessSuspended,
        Self::ActivityInProgress,
        Self::NoLifecycleAction,
        Self::NothingChanges,
        Self::ServerNotFound,
        Self::ServerLocked,
        Self::ServerNotStopped,
        Self::SameHost,
        Self::NotPayPerUse,
        Self::HardwareBound,
        Self::BadMigration,
        Self::ServerBusy,
        Self::OtherCloud,
        Self::HostNotFound,
        Self::UnstoppedInstance,
        Self::HostStatusNotSupported,
        Self::ExceedsHostPeriod,
        Self::NetworkTypeNotSupported,
        Self::TypeNotSupported,
        Self::TypeValueNotSupported,
        Self::TenancyNotSupported,
        Self::PostPaidHost,
        Self::HostStatusMalformed,
        Self::InstancesUnstopped,
    ];

    /// HTTP status, documented code and the API's literal message.
    const fn shown(self) -> Shown {
        TABLE[self as usize].1
    }

    /// The documented error code.
    pub const fn code(self) -> &'static str {
        self.shown().1
    }

    /// The HTTP status that `operation` answers with (the documents differ by operation for
    /// missing and invalid parameters: spec/events.md 5.3 and 5.5).
    pub const fn http(self, operation: super::operation::Operation) -> u16 {
        use super::operation::Operation as Op;
        match (self, operation) {
            (Self::MissingParameter, Op::CreateSimulatedSystemEvents) => 404,
            (
                Self::InvalidParameter,
                Op::CreateSimulatedSystemEvents | Op::ModifyInstanceMaintenanceAttributes,
            ) => 403,
            _ => self.shown().0,
        }
    }

    /// The API's literal message; empty where none is published.
    pub const fn message(self) -> &'static str {
        self.shown().2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::operation::Operation;

    /// The table of codes in the guide.
    fn table() -> &'static str {
        let guide = include_str!("../../docs/operations.md");
        guide.split("## ").find(|part| part.starts_with("Which code")).unwrap()
    }

    /// The rows of the guide whose first column names `code`, written out or as a second ending.
    fn rows(code: &str) -> Vec<&'static str> {
        let ending = code.rfind('.').map_or(code, |dot| &code[dot..]);
        let names = |row: &&str| {
            let cell = row.split('|').nth(1).unwrap_or("");
            cell.split(", ")
                .enumerate()
                .any(|(place, name)| name.trim() == code || (place > 0 && name.trim() == ending))
        };
        table().lines().filter(names).collect()
    }

    #[test]
    fn every_refusal_has_a_status_and_a_code_that_stands_in_the_guide() {
        for refusal in Refusal::ALL {
            let (http, code, _) = refusal.shown();
            assert!([400, 403, 404, 500, 501].contains(&http), "{code}: {http}");
            let rows = rows(code);
            assert_eq!(rows.len(), 1, "{code} has a row of its own");
            let told = rows[0].split('|').nth(2).unwrap();
            assert!(told.contains(&http.to_string()), "{code}: {http}, told as {told}");
        }
    }

    #[test]
    fn the_guide_names_what_nothing_produces() {
        let codes = [
            "InsufficientBalance",
            "InstanceExpired",
            "DiskInArrears",
            "InstanceNotReady",
            "InvalidInstanceId.NotSupport",
            "TooManyDiskEvent.DiskIdRequired",
            "QuotaExceed.ElasticQuota",
            "OperationDenied.NotInWhiteList",
        ];
        for code in codes {
            assert!(Refusal::ALL.iter().all(|refusal| refusal.code() != code), "{code}");
            assert_eq!(rows(code).len(), 1, "{code} has a row of its own");
        }
    }

    /// The table of spec/events.md 4.5, in its order.
    #[test]
    fn a_redeployment_is_refused_in_the_published_words() {
        let published = [
            (
                Refusal::InstanceNotFound,
                404,
                "InvalidInstanceId.NotFound",
                "The InstanceId provided does not exist in our records.",
            ),
            (
                Refusal::LockedForSecurity,
                403,
                "InstanceLockedForSecurity",
                "The specified operation is denied as your instance is locked for security reasons.",
            ),
            (
                Refusal::ExpiredOrInArrears,
                403,
                "InstanceExpiredOrInArrears",
                "The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode).",
            ),
            (
                Refusal::OnDedicatedHost,
                403,
                "InvalidOperation.RedeployInstance",
                "Can not redeploy vm on dedicated host",
            ),
            (
                Refusal::IncorrectInstanceStatus,
                403,
                "IncorrectInstanceStatus",
                "The current status of the resource does not support this operation.",
            ),
            (Refusal::DiskError, 403, "DiskError", "IncorrectDiskStatus."),
            (
                Refusal::NoMaintenanceEvents,
                403,
                "InvalidOperation.RedeployInstance",
                "There are no maintenance events found on the instance",
            ),
            (
                Refusal::InternalError,
                500,
                "InternalError",
                "The request processing has failed due to some unknown error.",
            ),
        ];
        for (refusal, http, code, message) in published {
            let shown =
                (refusal.http(Operation::RedeployInstance), refusal.code(), refusal.message());
            assert_eq!(shown, (http, code, message), "{refusal:?}");
        }
        let worded = Refusal::ALL.iter().filter(|refusal| !refusal.message().is_empty()).count();
        assert_eq!(worded, published.len(), "no other message is published");
    }

    /// Missing parameters are 404 for simulated events (spec/events.md 5.5); invalid ones are 403
    /// there and for the maintenance attributes (5.3).
    #[test]
    fn two_operations_have_statuses_of_their_own() {
        use Operation::{CreateSimulatedSystemEvents, ModifyInstanceMaintenanceAttributes};
        let mut exceptions = Vec::new();
        for refusal in Refusal::ALL {
            for operation in Operation::all() {
                let http = refusal.http(operation);
                if http != refusal.shown().0 {
                    exceptions.push((*refusal, operation, http));
                }
            }
        }
        exceptions.sort_unstable_by_key(|(refusal, operation, _)| (*refusal, operation.name()));
        let documented = [
            (Refusal::MissingParameter, CreateSimulatedSystemEvents, 404),
            (Refusal::InvalidParameter, CreateSimulatedSystemEvents, 403),
            (Refusal::InvalidParameter, ModifyInstanceMaintenanceAttributes, 403),
        ];
        assert_eq!(exceptions, documented);
    }
}
