//! The life of a system (O&M) event, and what of it each type may go through.
#![doc = include_str!("documented/system_event.md")]

lifecycle! {
    /// Cycle status of a system event (spec/events.md 2.2).
    machine EventStatus by
    /// What may happen to a system event.
    EventStep {
        /// Waits for the owner's authorisation, without limit.
        Inquiring is Transitory: Accept -> Executing, Plan -> Scheduled, Answer -> Avoided, Withdraw -> Canceled;
        /// Will run by itself at `notBefore` unless it is answered before.
        Scheduled is Transitory: Due -> Executing, Elapse -> Executed, Answer -> Avoided, Withdraw -> Canceled;
        /// Its job is in progress.
        Executing is Transitory: Finish -> Executed, Answer -> Avoided, Withdraw -> Canceled, Fail -> Failed;
        /// Done.
        Executed is Final: ;
        /// The owner answered in time: the default action did not run.
        Avoided is Final: ;
        /// The system withdrew it.
        Canceled is Final: ;
        /// Its job failed.
        Failed is Final: ;
    }
    steps {
        /// The owner accepts the inquiry: the job begins.
        Accept,
        /// The owner accepts the inquiry, and the job is planned for later (S10; off by default).
        Plan,
        /// `notBefore` is reached: the job begins.
        Due,
        /// `notBefore` of a simulated maintenance event is reached: it is over, and nothing was done.
        Elapse,
        /// The owner's own action makes the job needless.
        Answer,
        /// The system withdraws it.
        Withdraw,
        /// The job is done.
        Finish,
        /// The job failed.
        Fail,
    }
}

/// A type of system event (spec/events.md 2.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum EventType {
    /// `SystemMaintenance.Reboot`.
    MaintenanceReboot,
    /// `SystemMaintenance.Stop`.
    MaintenanceStop,
    /// `SystemMaintenance.Redeploy`.
    MaintenanceRedeploy,
    /// `SystemMaintenance.RebootAndIsolateErrorDisk`.
    RebootAndIsolateErrorDisk,
    /// `SystemMaintenance.RebootAndReInitErrorDisk`.
    RebootAndReInitErrorDisk,
    /// `SystemMaintenance.IsolateErrorDisk`.
    IsolateErrorDisk,
    /// `SystemMaintenance.ReInitErrorDisk`.
    ReInitErrorDisk,
    /// `SystemMaintenance.CleanInactiveDisks` (S11; behind a setting).
    CleanInactiveDisks,
    /// `SystemFailure.Reboot`.
    FailureReboot,
    /// `SystemFailure.Stop`.
    FailureStop,
    /// `SystemFailure.Redeploy`.
    FailureRedeploy,
    /// `SystemFailure.Delete`.
    FailureDelete,
    /// `InstanceFailure.Reboot`.
    InstanceFailureReboot,
    /// `ErrorDetected` of a local disk.
    DiskErrorDetected,
    /// `Stalled` of a cloud disk.
    DiskStalled,
}

/// What a type's events are about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resource {
    /// An instance.
    Instance,
    /// A disk.
    Disk,
}

/// The statuses that a type may be in, in the order of [`EventStatus::ALL`].
const fn statuses(letters: &[u8; 7]) -> [bool; 7] {
    let mut row = [false; 7];
    let mut at = 0;
    while at < 7 {
        row[at] = letters[at] == b'x';
        at += 1;
    }
    row
}

impl EventType {
    /// Every type.
    pub const ALL: &'static [Self] = &[
        Self::MaintenanceReboot,
        Self::MaintenanceStop,
        Self::MaintenanceRedeploy,
        Self::RebootAndIsolateErrorDisk,
        Self::RebootAndReInitErrorDisk,
        Self::IsolateErrorDisk,
        Self::ReInitErrorDisk,
        Self::CleanInactiveDisks,
        Self::FailureReboot,
        Self::FailureStop,
        Self::FailureRedeploy,
        Self::FailureDelete,
        Self::InstanceFailureReboot,
        Self::DiskErrorDetected,
        Self::DiskStalled,
    ];

    /// The statuses of spec/events.md 2.4: Inquiring, Scheduled, Executing, Executed, Avoided,
    /// Canceled, Failed.
    const STATUSES: [[bool; 7]; Self::ALL.len()] = [
        statuses(b"xxxxxxx"),
        statuses(b"-xxxxxx"),
        statuses(b"xxxxxx-"),
        statuses(b"x-xxxx-"),
        statuses(b"x-xxxx-"),
        statuses(b"x-xxxxx"),
        statuses(b"x-xxxxx"),
        statuses(b"x-xx-x-"),
        statuses(b"--xx--x"),
        statuses(b"--xx---"),
        statuses(b"xxxxxx-"),
        statuses(b"--xxx--"),
        statuses(b"--xx---"),
        statuses(b"--xx---"),
        statuses(b"--xx---"),
    ];

    /// The event's code, without the resource: `SystemMaintenance.Reboot`, `ErrorDetected`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MaintenanceReboot => "SystemMaintenance.Reboot",
            Self::MaintenanceStop => "SystemMaintenance.Stop",
            Self::MaintenanceRedeploy => "SystemMaintenance.Redeploy",
            Self::RebootAndIsolateErrorDisk => "SystemMaintenance.RebootAndIsolateErrorDisk",
            Self::RebootAndReInitErrorDisk => "SystemMaintenance.RebootAndReInitErrorDisk",
            Self::IsolateErrorDisk => "SystemMaintenance.IsolateErrorDisk",
            Self::ReInitErrorDisk => "SystemMaintenance.ReInitErrorDisk",
            Self::CleanInactiveDisks => "SystemMaintenance.CleanInactiveDisks",
            Self::FailureReboot => "SystemFailure.Reboot",
            Self::FailureStop => "SystemFailure.Stop",
            Self::FailureRedeploy => "SystemFailure.Redeploy",
            Self::FailureDelete => "SystemFailure.Delete",
            Self::InstanceFailureReboot => "InstanceFailure.Reboot",
            Self::DiskErrorDetected => "ErrorDetected",
            Self::DiskStalled => "Stalled",
        }
    }

    /// The name that people read, as the appendix of the notification page gives it; of types that
    /// are not in it, in the same manner (spec/corrections.md 20).
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::MaintenanceReboot => "Instance restart due to system maintenance",
            Self::MaintenanceStop => "Instance stop due to system maintenance",
            Self::MaintenanceRedeploy => "Instance redeployment due to system maintenance",
            Self::RebootAndIsolateErrorDisk => {
                "Instance restart and local disk replacement due to system maintenance"
            }
            Self::RebootAndReInitErrorDisk => {
                "Instance restart and local disk re-initialization due to system maintenance"
            }
            Self::IsolateErrorDisk => "Local disk replacement due to system maintenance",
            Self::ReInitErrorDisk => "Local disk re-initialization due to system maintenance",
            Self::CleanInactiveDisks => "Clearing of inactive disks due to system maintenance",
            Self::FailureReboot => "Instance restart due to system errors",
            Self::FailureStop => "Instance stop due to system errors",
            Self::FailureRedeploy => "Instance redeployment due to system errors",
            Self::FailureDelete => "Automatic instance release due to instance creation failures",
            Self::InstanceFailureReboot => "Instance restart due to instance errors",
            Self::DiskErrorDetected => "Local disk error",
            Self::DiskStalled => "Disk performance severely affected",
        }
    }

    /// What its events do to the instance, as the same appendix tells it.
    pub const fn impact(self) -> &'static str {
        match self {
            Self::MaintenanceReboot => "The instance is restarted.",
            Self::MaintenanceStop => "The instance is stopped.",
            Self::MaintenanceRedeploy | Self::FailureRedeploy => "The instance is redeployed.",
            Self::RebootAndIsolateErrorDisk => {
                "The instance is restarted and the damaged local disk is isolated."
            }
            Self::RebootAndReInitErrorDisk => {
                "The instance is restarted and the damaged local disk is restored."
            }
            Self::IsolateErrorDisk => "The damaged local disk is isolated.",
            Self::ReInitErrorDisk => "The damaged local disk is restored.",
            Self::CleanInactiveDisks => "The instance is restarted and inactive disks are cleared.",
            Self::FailureReboot | Self::InstanceFailureReboot => {
                "The instance is unexpectedly restarted."
            }
            Self::FailureStop => "The instance is unexpectedly stopped.",
            Self::FailureDelete => "The instance is released.",
            Self::DiskErrorDetected => "The local disk cannot be read or written.",
            Self::DiskStalled => "Reads and writes of the cloud disk hang.",
        }
    }

    /// What its events are about.
    pub const fn resource(self) -> Resource {
        match self {
            Self::DiskErrorDetected | Self::DiskStalled => Resource::Disk,
            Self::MaintenanceReboot
            | Self::MaintenanceStop
            | Self::MaintenanceRedeploy
            | Self::RebootAndIsolateErrorDisk
            | Self::RebootAndReInitErrorDisk
            | Self::IsolateErrorDisk
            | Self::ReInitErrorDisk
            | Self::CleanInactiveDisks
            | Self::FailureReboot
            | Self::FailureStop
            | Self::FailureRedeploy
            | Self::FailureDelete
            | Self::InstanceFailureReboot => Resource::Instance,
        }
    }

    /// The resource, as names of notifications begin: `Instance` or `Disk`.
    pub const fn resource_word(self) -> &'static str {
        match self.resource() {
            Resource::Instance => "Instance",
            Resource::Disk => "Disk",
        }
    }

    /// Whether it is planned maintenance (`SystemMaintenance.*`).
    pub const fn is_maintenance(self) -> bool {
        (self as u8) <= (Self::CleanInactiveDisks as u8)
    }

    /// Whether it belongs to the flow of one damaged local disk.
    pub const fn is_of_disk_flow(self) -> bool {
        matches!(
            self,
            Self::RebootAndIsolateErrorDisk
                | Self::RebootAndReInitErrorDisk
                | Self::IsolateErrorDisk
                | Self::ReInitErrorDisk
        )
    }

    /// Whether events of this type may be in `status` (spec/events.md 2.4).
    pub const fn may_be(self, status: EventStatus) -> bool {
        Self::STATUSES[self as usize][status as usize]
    }

    /// The status after `step` from `status`, or `None` where the documents have no such edge for
    /// this type; `simulated` events have their own (spec/events.md 5.5).
    pub const fn after(
        self,
        simulated: bool,
        status: EventStatus,
        step: EventStep,
    ) -> Option<EventStatus> {
        let Some(to) = status.after(step) else { return None };
        let is_documented = if simulated {
            self.has_simulated(status, step)
        } else {
            self.may_be(status) && self.may_be(to) && self.has(status, step)
        };
        if is_documented { Some(to) } else { None }
    }

    /// What the statuses alone do not say of real events (spec/corrections.md 1).
    const fn has(self, status: EventStatus, step: EventStep) -> bool {
        match (status, step) {
            (EventStatus::Executing, EventStep::Answer) => matches!(self, Self::FailureDelete),
            (EventStatus::Scheduled, EventStep::Elapse) => false,
            _ => true,
        }
    }

    const fn has_simulated(self, status: EventStatus, step: EventStep) -> bool {
        match (status, step) {
            (EventStatus::Scheduled, EventStep::Elapse) => self.is_maintenance(),
            (EventStatus::Scheduled, EventStep::Answer) => matches!(self, Self::MaintenanceReboot),
            (EventStatus::Scheduled, EventStep::Withdraw) => self.is_maintenance(),
            (EventStatus::Executing, EventStep::Finish | EventStep::Withdraw) => {
                !self.is_maintenance()
            }
            _ => false,
        }
    }

    /// Whether CreateSimulatedSystemEvents takes this type (spec/events.md 5.5).
    pub const fn may_be_simulated(self) -> bool {
        matches!(
            self,
            Self::MaintenanceReboot
                | Self::MaintenanceStop
                | Self::MaintenanceRedeploy
                | Self::FailureReboot
                | Self::FailureStop
                | Self::FailureRedeploy
                | Self::InstanceFailureReboot
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_documented_one() {
        let machine = as_text!(EventStatus, EventStep);
        let document = include_str!("documented/system_event.md");
        crate::lifecycle::machine::holds_against(document, &machine);
    }
}
