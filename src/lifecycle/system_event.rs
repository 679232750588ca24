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
#[doc = include_str!("documented/event_types.md")]
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
    /// `InstanceExpiration.Stop` (spec 2.16; behind a setting, as the three that follow).
    ExpirationStop,
    /// `InstanceExpiration.Delete`.
    ExpirationDelete,
    /// `AccountUnbalanced.Stop`.
    UnbalancedStop,
    /// `AccountUnbalanced.Delete`.
    UnbalancedDelete,
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
        Self::ExpirationStop,
        Self::ExpirationDelete,
        Self::UnbalancedStop,
        Self::UnbalancedDelete,
    ];

    /// The statuses of spec/events.md 2.4 and 2.16: Inquiring, Scheduled, Executing, Executed, Avoided,
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
        statuses(b"-x-xx--"),
        statuses(b"-x-xx--"),
        statuses(b"-x-xx--"),
        statuses(b"-x-xx--"),
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
            Self::ExpirationStop => "InstanceExpiration.Stop",
            Self::ExpirationDelete => "InstanceExpiration.Delete",
            Self::UnbalancedStop => "AccountUnbalanced.Stop",
            Self::UnbalancedDelete => "AccountUnbalanced.Delete",
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
            Self::ExpirationStop => "Instance stop due to expiration",
            Self::ExpirationDelete => "Instance release due to expiration",
            Self::UnbalancedStop => "Instance stop due to overdue payments",
            Self::UnbalancedDelete => "Instance release due to overdue payments",
        }
    }

    /// What its events do to the instance, as the same appendix tells it.
    pub const fn impact(self) -> &'static str {
        match self {
            Self::MaintenanceReboot => "The instance is restarted.",
            Self::MaintenanceStop | Self::ExpirationStop | Self::UnbalancedStop => {
                "The instance is stopped."
            }
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
            Self::FailureDelete | Self::ExpirationDelete | Self::UnbalancedDelete => {
                "The instance is released."
            }
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
            | Self::InstanceFailureReboot
            | Self::ExpirationStop
            | Self::ExpirationDelete
            | Self::UnbalancedStop
            | Self::UnbalancedDelete => Resource::Instance,
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

    /// Whether it is about money: a subscription's end, or an account in arrears (spec 2.16).
    pub const fn is_billing(self) -> bool {
        (self as u8) >= (Self::ExpirationStop as u8)
    }

    /// Whether its job is the release that follows a stop for unpaid bills.
    pub const fn is_billing_release(self) -> bool {
        matches!(self, Self::ExpirationDelete | Self::UnbalancedDelete)
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

    /// The statuses that events of this type may be published in, the usual one first
    /// (spec/events.md 2.4, spec/corrections.md 1).
    pub const fn published_in(self) -> &'static [EventStatus] {
        use EventStatus::{Executing, Inquiring, Scheduled};
        match self {
            Self::MaintenanceReboot | Self::MaintenanceRedeploy | Self::FailureRedeploy => {
                &[Scheduled, Inquiring]
            }
            Self::MaintenanceStop
            | Self::ExpirationStop
            | Self::ExpirationDelete
            | Self::UnbalancedStop
            | Self::UnbalancedDelete => &[Scheduled],
            Self::RebootAndIsolateErrorDisk | Self::RebootAndReInitErrorDisk => {
                &[Inquiring, Executing]
            }
            Self::IsolateErrorDisk | Self::ReInitErrorDisk | Self::CleanInactiveDisks => {
                &[Inquiring]
            }
            Self::FailureReboot
            | Self::FailureStop
            | Self::FailureDelete
            | Self::InstanceFailureReboot
            | Self::DiskErrorDetected
            | Self::DiskStalled => &[Executing],
        }
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
            // What is due is done without a status in between (spec 2.16).
            (EventStatus::Scheduled, EventStep::Elapse) => self.is_billing(),
            _ => true,
        }
    }

    const fn has_simulated(self, status: EventStatus, step: EventStep) -> bool {
        if !self.may_be_simulated() {
            return false;
        }
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

    /// Whether an event of this type may be published in `status`.
    pub const fn may_begin(self, simulated: bool, status: EventStatus) -> bool {
        if simulated {
            let begins =
                if self.is_maintenance() { EventStatus::Scheduled } else { EventStatus::Executing };
            return self.may_be_simulated() && status as u8 == begins as u8;
        }
        match status {
            EventStatus::Inquiring | EventStatus::Scheduled => self.may_be(status),
            // An online job that must go on offline carries its authorisation over (S23); else
            // only what is unexpected begins with its execution.
            EventStatus::Executing => matches!(
                self,
                Self::RebootAndIsolateErrorDisk
                    | Self::RebootAndReInitErrorDisk
                    | Self::FailureReboot
                    | Self::FailureStop
                    | Self::FailureDelete
                    | Self::InstanceFailureReboot
                    | Self::DiskErrorDetected
                    | Self::DiskStalled
            ),
            EventStatus::Executed
            | EventStatus::Avoided
            | EventStatus::Canceled
            | EventStatus::Failed => false,
        }
    }

    /// The type with this code, if there is one.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The types that a redeployment asked for by the owner may answer, and the statuses in which
    /// it does (spec/events.md 4.4, completed by spec/corrections.md 1 and 8).
    const REDEPLOY_ANSWERS: &'static [(Self, &'static [EventStatus])] = {
        use EventStatus::{Executing, Inquiring, Scheduled};
        &[
            (Self::MaintenanceReboot, &[Inquiring, Scheduled]),
            (Self::MaintenanceRedeploy, &[Inquiring, Scheduled]),
            (Self::RebootAndIsolateErrorDisk, &[Inquiring]),
            (Self::RebootAndReInitErrorDisk, &[Inquiring]),
            (Self::IsolateErrorDisk, &[Inquiring]),
            (Self::ReInitErrorDisk, &[Inquiring]),
            (Self::FailureRedeploy, &[Inquiring, Scheduled]),
            (Self::FailureReboot, &[Executing]),
            (Self::MaintenanceStop, &[Scheduled]),
        ]
    };

    /// Whether RedeployInstance answers an event of this type in `status`. An instance that is not
    /// bound to its server's hardware (`is_bound`) cannot stop waiting for it
    /// (SystemFailure.Reboot); SystemMaintenance.Stop is answered where `allow_stop` says so.
    pub fn redeploy_answers(self, status: EventStatus, is_bound: bool, allow_stop: bool) -> bool {
        let mut rows = Self::REDEPLOY_ANSWERS.iter();
        let is_row = rows.any(|(kind, statuses)| *kind == self && statuses.contains(&status));
        is_row
            && (is_bound || self != Self::FailureReboot)
            && (allow_stop || self != Self::MaintenanceStop)
    }

    /// Whether its events tell of a failure whose job is to bring the instance back.
    pub const fn is_recovery(self) -> bool {
        matches!(self, Self::FailureReboot | Self::FailureRedeploy | Self::InstanceFailureReboot)
    }

    /// Whether its events plan work on the whole server: they lose their sense once the instance
    /// has left it, or once it has failed.
    pub const fn is_planned_on_server(self) -> bool {
        matches!(self, Self::MaintenanceReboot | Self::MaintenanceStop | Self::MaintenanceRedeploy)
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

    /// Rows of the tables with so many columns.
    fn rows(document: &str, columns: usize) -> Vec<Vec<&str>> {
        let cells = |line| str::trim_matches(line, '|').split('|').map(str::trim).collect();
        let lines =
            document.lines().filter(|line| line.starts_with('|') && !line.starts_with("|-"));
        let rows: Vec<Vec<&str>> = lines.map(cells).collect();
        rows.into_iter().filter(|row| row.len() == columns && row[0] != "type").collect()
    }

    const TYPES: &str = include_str!("documented/event_types.md");

    #[test]
    fn types_may_be_in_the_documented_statuses() {
        let documented = rows(TYPES, 3);
        assert_eq!(documented.len(), EventType::ALL.len());
        for (kind, row) in EventType::ALL.iter().zip(documented) {
            assert_eq!(row[0], kind.code());
            for status in EventStatus::ALL {
                let listed = |cell: &str| cell.split(' ').any(|name| name == status.name());
                assert_eq!(kind.may_be(*status), listed(row[1]), "{} {status}", kind.code());
                let begins = kind.may_begin(false, *status);
                assert_eq!(begins, listed(row[2]), "{} begins in {status}", kind.code());
            }
        }
    }

    #[test]
    fn exactly_the_documented_edges_are_there() {
        let documented = rows(TYPES, 5);
        let mut found = 0;
        for kind in EventType::ALL {
            for (simulated, nature) in [(false, "real"), (true, "simulated")] {
                for status in EventStatus::ALL {
                    for step in EventStep::ALL {
                        let to = kind.after(simulated, *status, *step);
                        let step_name = format!("{step:?}");
                        let is_edge = |row: &&Vec<&str>| {
                            row[0] == kind.code()
                                && row[1] == status.name()
                                && row[2] == step_name
                                && row[4] == nature
                        };
                        let edge = documented.iter().find(is_edge).map(|row| row[3]);
                        let name = to.map(EventStatus::name);
                        assert_eq!(name, edge, "{nature} {} {status} {step:?}", kind.code());
                        found += usize::from(to.is_some());
                    }
                }
            }
        }
        assert_eq!(found, documented.len(), "each documented edge once");
    }

    #[test]
    fn the_matrix_is_that_of_the_specification() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/spec/events.md");
        let Ok(spec) = std::fs::read_to_string(path) else {
            eprintln!("skipped: the specification is not beside this checkout");
            return;
        };
        let (_, matrix) = spec.split_once("### 2.4").expect("the specification has part 2.4");
        let mut compared = 0;
        for row in rows(matrix.split_once("### 2.5").expect("and part 2.5").0, 9) {
            let code = row[0].trim_start_matches("Disk ").split(' ').next().unwrap_or_default();
            let Some(kind) = EventType::parse(code) else { continue };
            for (status, cell) in EventStatus::ALL.iter().zip(&row[1..8]) {
                assert_eq!(kind.may_be(*status), cell.starts_with('●'), "{code} {status}");
            }
            compared += 1;
        }
        let with_rows = EventType::ALL.iter().filter(|kind| !kind.is_billing());
        assert_eq!(compared, with_rows.count(), "billing has a table of its own");
    }

    /// The rows of spec/events.md 4.4: type, statuses in which RedeployInstance is accepted.
    const ROWS: &str = "\
SystemMaintenance.Reboot | Inquiring, Scheduled
SystemMaintenance.Redeploy | Inquiring, Scheduled
SystemMaintenance.RebootAndIsolateErrorDisk | Inquiring
SystemMaintenance.RebootAndReInitErrorDisk | Inquiring
SystemMaintenance.IsolateErrorDisk | Inquiring
SystemMaintenance.ReInitErrorDisk | Inquiring
SystemFailure.Redeploy | Inquiring, Scheduled
SystemFailure.Reboot | Executing
SystemMaintenance.Stop | Scheduled";

    #[test]
    fn a_redeployment_answers_the_documented_events() {
        let rows: Vec<(&str, Vec<&str>)> = ROWS
            .lines()
            .map(|line| line.split_once(" | ").expect("a row has two columns"))
            .map(|(kind, statuses)| (kind, statuses.split(", ").collect()))
            .collect();
        for kind in EventType::ALL {
            for status in EventStatus::ALL {
                let is_row = |(code, statuses): &(&str, Vec<&str>)| {
                    *code == kind.code() && statuses.contains(&status.name())
                };
                let is_row = rows.iter().any(is_row);
                assert_eq!(kind.redeploy_answers(*status, true, true), is_row, "{kind:?} {status}");
                let unbound = is_row && *kind != EventType::FailureReboot;
                assert_eq!(kind.redeploy_answers(*status, false, true), unbound, "{kind:?}");
                let no_stop = is_row && *kind != EventType::MaintenanceStop;
                assert_eq!(kind.redeploy_answers(*status, true, false), no_stop, "{kind:?}");
                assert!(!is_row || kind.may_be(*status), "{kind:?} may be {status}");
            }
        }
    }
}
