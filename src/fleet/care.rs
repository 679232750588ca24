//! What the cloud keeps of an instance for its maintenance, beside its row: attributes, locks, and
//! what a stop or boot under way is for.

use crate::{
    fleet::{ids::Instance, system_events::Origin},
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
};
use std::ops::Index;

/// The maintenance attribute of an instance (spec/events.md 2.5, 5.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActionOnMaintenance {
    /// Bring it back without losing local data (the documented default).
    AutoRecover,
    /// Leave it stopped.
    Stop,
    /// Bring it back elsewhere, even if its local data is lost (only with local disks or SGX).
    AutoRedeploy,
}

/// What is kept of one instance.
#[derive(Clone, Copy, Debug)]
pub struct CareRow {
    /// Its maintenance attribute; at first its template's, then what
    /// ModifyInstanceMaintenanceAttributes made of it.
    pub action: ActionOnMaintenance,
    /// Its own maintenance window, if it has one.
    pub window: Option<MaintenanceWindow>,
    /// NotifyOnMaintenance: stored, without effect (S35).
    pub notify: bool,
    /// Locks on its operations.
    pub locks: Locks,
    /// Whether CreateInstance made it: once prepared it waits for StartInstance (L2).
    pub waits_for_start: bool,
    /// Whether its owner wants it back that was stopped for unpaid bills, once they are paid.
    pub wanted_back: bool,
    /// How it was stopped.
    pub stopped_mode: StoppedMode,
    /// What the stop under way is for.
    pub stop: StopFor,
    /// What the boot under way is for.
    pub boot: BootFor,
    /// System events published in the run when its last stop, or its last start from Stopped, began
    /// (count) -- what was published later, a restart under way does not answer.
    pub known_events: u64,
    /// Stops begun so far (count) -- the ordinal of their draws.
    pub stops: u32,
    /// Redeployments begun so far (count) -- the ordinal of their draws.
    pub redeploys: u32,
    /// Redeployments asked for so far, refused ones too (count) -- the ordinal of their errors.
    pub redeploy_requests: u32,
    /// Live migrations begun so far (count) -- the ordinal of their draws.
    pub migrations: u32,
    /// The work because of which something was planned for it last.
    pub planned_for: Option<Origin>,
    /// How often something was planned for it because of that work (count) -- one more than the
    /// ordinal of the last plan's draws.
    pub plans: u32,
    /// When the maintenance event published last will run; for `plan_window.min_interval`.
    pub last_not_before: Option<Instant>,
}

/// A maintenance window of an instance: whole hours of the day in UTC+8 (spec/events.md 5.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaintenanceWindow {
    /// The hour at which it begins (0 to 23).
    pub from: u8,
    /// How long it lasts (hours, 1 to 23).
    pub hours: u8,
}

impl MaintenanceWindow {
    /// The first instant from `at` on that lies inside the window, where the clock's zero is
    /// `epoch` (microseconds since 1970-01-01T00:00:00Z).
    pub fn first_from(self, epoch: i64, at: Instant) -> Instant {
        const HOUR: i64 = 3_600_000_000;
        let local = epoch + at.micros() as i64 + 8 * HOUR;
        let of_day = local.rem_euclid(24 * HOUR);
        let since_begin = (of_day - i64::from(self.from) * HOUR).rem_euclid(24 * HOUR);
        if since_begin < i64::from(self.hours) * HOUR {
            return at;
        }
        at.saturating_add(Span::from_micros((24 * HOUR - since_begin) as u64))
    }
}

/// Locks on an instance's operations (spec/events.md 1.1, `OperationLocks`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Locks(u8);

/// Why operations are locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum LockReason {
    /// `financial`: expired or in arrears.
    Financial = 1,
    /// `security`.
    Security = 2,
    /// `Recycling`: a preemptible instance about to be taken back.
    Recycling = 4,
    /// `dedicatedhostfinancial`.
    DedicatedHostFinancial = 8,
    /// `refunded`.
    Refunded = 16,
}

impl LockReason {
    /// The reason with this documented name; the samples begin that of preemptible instances with
    /// a capital (C2).
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "financial" => Some(Self::Financial),
            "security" => Some(Self::Security),
            "recycling" | "Recycling" => Some(Self::Recycling),
            "dedicatedhostfinancial" => Some(Self::DedicatedHostFinancial),
            "refunded" => Some(Self::Refunded),
            _ => None,
        }
    }
}

impl Locks {
    /// Whether there is a lock for this reason.
    pub const fn has(self, reason: LockReason) -> bool {
        self.0 & reason as u8 != 0
    }

    /// Sets or lifts the lock for this reason.
    pub const fn set(&mut self, reason: LockReason, on: bool) {
        if on {
            self.0 |= reason as u8;
        } else {
            self.0 &= !(reason as u8);
        }
    }
}

/// `StoppedMode` of an instance (spec/events.md 1.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StoppedMode {
    /// `KeepCharging`: it keeps its room.
    KeepCharging,
    /// `StopCharging`: it gave its room up.
    StopCharging,
    /// `Not-applicable`: it asked for StopCharging and is not eligible.
    NotApplicable,
}

/// What a stop under way is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopFor {
    /// None is under way.
    Nothing,
    /// StopInstance, or the guest shut itself down: it ends Stopped.
    Stop,
    /// RebootInstance: it goes on to Starting.
    Reboot,
    /// RedeployInstance: it goes on to another server.
    Redeploy,
    /// SystemMaintenance.Stop, executed by the system: it ends Stopped.
    SystemStop,
    /// The instance is expired or in arrears: it ends Stopped and locked.
    Billing,
    /// SystemMaintenance.Reboot, executed by the system.
    SystemReboot,
    /// A Redeploy event, executed by the system.
    SystemRedeploy,
    /// Its scaling group re-images it: it goes on to Starting.
    Rebuild,
}

/// What a boot under way is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BootFor {
    /// The first boot, or StartInstance.
    Start,
    /// RebootInstance.
    Reboot,
    /// SystemMaintenance.Reboot, executed by the system.
    SystemReboot,
    /// A redeployment asked for by the owner.
    Redeploy,
    /// A redeployment executed by the system.
    SystemRedeploy,
    /// A redeployment failed: back where it was.
    Rollback,
    /// Its server or its guest crashed.
    Recovery,
}

/// The table: one row for each row of instances.
#[derive(Clone, Debug, Default)]
pub struct Care {
    rows: Column<Instance, CareRow>,
}

impl Care {
    /// `instance` is new, or its row is used again.
    pub fn begin(&mut self, instance: Id<Instance>, action: ActionOnMaintenance) {
        let row = CareRow {
            action,
            window: None,
            notify: false,
            locks: Locks::default(),
            waits_for_start: false,
            wanted_back: false,
            stopped_mode: StoppedMode::KeepCharging,
            stop: StopFor::Nothing,
            boot: BootFor::Start,
            known_events: 0,
            stops: 0,
            redeploys: 0,
            redeploy_requests: 0,
            migrations: 0,
            planned_for: None,
            plans: 0,
            last_not_before: None,
        };
        if instance.index() == self.rows.len() {
            self.rows.push(row);
        } else {
            self.rows[instance] = row;
        }
    }

    /// The row of `instance`.
    pub fn row_mut(&mut self, instance: Id<Instance>) -> &mut CareRow {
        &mut self.rows[instance]
    }
}

impl Index<Id<Instance>> for Care {
    type Output = CareRow;
    fn index(&self, instance: Id<Instance>) -> &CareRow {
        &self.rows[instance]
    }
}
