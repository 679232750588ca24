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
}

/// How a refusal shows: HTTP status, code, message.
type Shown = (u16, &'static str, &'static str);

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
    ];

    /// HTTP status, documented code and the API's literal message (empty where none is published).
    const fn shown(self) -> Shown {
        const STATUS: &str = "The current status of the resource does not support this operation.";
        match self {
            Self::MissingParameter => (400, "MissingParameter", ""),
            Self::InvalidParameter => (400, "InvalidParameter", ""),
            Self::InstanceNotFound => (
                404,
                "InvalidInstanceId.NotFound",
                "The InstanceId provided does not exist in our records.",
            ),
            Self::LockedForSecurity => (
                403,
                "InstanceLockedForSecurity",
                "The specified operation is denied as your instance is locked for security reasons.",
            ),
            Self::ExpiredOrInArrears => (
                403,
                "InstanceExpiredOrInArrears",
                "The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode).",
            ),
            Self::OnDedicatedHost => {
                (403, "InvalidOperation.RedeployInstance", "Can not redeploy vm on dedicated host")
            }
            Self::IncorrectInstanceStatus => (403, "IncorrectInstanceStatus", STATUS),
            Self::DiskError => (403, "DiskError", "IncorrectDiskStatus."),
            Self::NoMaintenanceEvents => (
                403,
                "InvalidOperation.RedeployInstance",
                "There are no maintenance events found on the instance",
            ),
            Self::InternalError => (
                500,
                "InternalError",
                "The request processing has failed due to some unknown error.",
            ),
            Self::NoStock => (403, "OperationDenied.NoStock", ""),
            Self::StopNotConfirmed => (403, "InstanceType.ParameterMismatch", ""),
            Self::DryRun => (400, "DryRunOperation", ""),
            Self::NoInquiringEvent => (404, "InvalidEventId.NoInquiringEventFound", ""),
            Self::AcceptNotSupported => (403, "OperationDenied.AcceptNotSupported", ""),
            Self::OperationConflict => (403, "OperationConflict", ""),
            Self::InstanceStatusNotSupported => {
                (403, "OperationFail.InstanceStatusNotSupported", "")
            }
            Self::DiskCategoryNotSupported => (403, "OperationFail.DiskCategoryNotSupported", ""),
            Self::DiskStatusNotSupported => (403, "OperationFail.DiskStatusNotSupported", ""),
            Self::OnlineIsolateFail => (403, "SwitchToOffline.OnlineIsolateFail", ""),
            Self::OnlineReinitFail => (403, "SwitchToOffline.OnlineReinitFail", ""),
            Self::NotBeforePassed => (403, "InvalidNotBefore.Passed", ""),
            Self::EventNotFound => (403, "InvalidEventId.NotFound", ""),
            Self::SimulatedEventLimitExceeded => (403, "SimulatedEventLimitExceeded", ""),
            Self::InstanceIdLimitExceeded => (403, "InstanceIdLimitExceeded", ""),
            Self::EventIdLimitExceeded => (400, "EventIdLimitExceeded", ""),
            Self::NotSimulated => (403, "CannotCancelSystemEvent.NotSimulated", ""),
            Self::TaskNotFound => (400, "InvalidTaskId.NotFound", ""),
            Self::TaskActionNotSupported => (403, "InvalidTaskId.TaskActionNotSupport", ""),
            Self::IncorrectTaskStatus => (403, "InvalidTaskId.IncorrectTaskStatus", ""),
            Self::RegionNotFound => (400, "InvalidRegionId.NotFound", ""),
            Self::TimeEndBeforeStart => (400, "InvalidParameter.TimeEndBeforeStart", ""),
        }
    }

    /// The documented error code.
    pub const fn code(self) -> &'static str {
        self.shown().1
    }

    /// The HTTP status that `operation` answers with (the documents differ by operation for
    /// missing and invalid parameters: spec/events.md 5.3 and 5.5).
    pub const fn http(self, operation: super::command::Operation) -> u16 {
        use super::command::Operation as Op;
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
    use crate::messages::command::Operation;

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
            assert!([400, 403, 404, 500].contains(&http), "{code}: {http}");
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
            "OperationDenied.SpotPriceLowerThanPublicPrice",
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
            for operation in Operation::ALL {
                let http = refusal.http(*operation);
                if http != refusal.shown().0 {
                    exceptions.push((*refusal, *operation, http));
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
