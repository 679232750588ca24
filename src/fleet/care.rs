//! What the cloud keeps of an instance for its maintenance, beside its row: attributes, locks, and
//! what a stop or boot under way is for.

use crate::{
    fleet::{
        ids::{Instance, Zone},
        system_events::Origin,
    },
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
    /// Where it gave its room up, if it did: its cloud disks are in that zone.
    pub zone: Option<Id<Zone>>,
    /// What the stop under way is for.
    pub stop: StopFor,
    /// What the boot under way is for.
    pub boot: BootFor,
    /// System events published in the run when its last stop, or its last start from Stopped, began
    /// (count) -- what was published later, a restart under way does not answer.
    pub known_events: u64,
    /// Whether it stands for every instance of which no more is to be said.
    is_shared: bool,
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
    /// A preemptible instance is taken back: it ends Stopped, without its room.
    Spot,
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

/// The table. Nearly all instances are as they were made, so those of one attribute and window share
/// a row, and only one about which there is more to say gets a row of its own: a region of a million
/// pays four bytes an instance.
#[derive(Clone, Debug, Default)]
pub struct Care {
    rows: Column<CareRow, CareRow>,
    /// The row of each instance.
    of: Column<Instance, Id<CareRow>>,
    /// The rows that are shared: few, as there are few kinds of owners.
    shared: Vec<Id<CareRow>>,
    /// Rows of instances that are gone.
    free: Vec<Id<CareRow>>,
}

impl Care {
    /// `instance` is new, or its row is used again.
    pub fn begin(
        &mut self,
        instance: Id<Instance>,
        action: ActionOnMaintenance,
        window: Option<MaintenanceWindow>,
    ) {
        let row = self.shared_row(action, window);
        if instance.index() == self.of.len() {
            self.of.push(row);
            self.keep_room();
            return;
        }
        let before = std::mem::replace(&mut self.of[instance], row);
        if !self.rows[before].is_shared {
            self.free.push(before);
        }
    }

    /// Asks for room for a row of each instance's own when it asks for more instances, so that no
    /// steady turn does. Room that nothing was ever written to takes no memory.
    #[inline]
    fn keep_room(&mut self) {
        let room = self.of.capacity();
        self.rows.reserve((room + self.shared.len()).saturating_sub(self.rows.len()));
        self.free.reserve(room.saturating_sub(self.free.len()));
    }

    #[inline]
    fn shared_row(
        &mut self,
        action: ActionOnMaintenance,
        window: Option<MaintenanceWindow>,
    ) -> Id<CareRow> {
        let is_that = |row: &CareRow| (row.action, row.window) == (action, window);
        match self.shared.iter().find(|row| is_that(&self.rows[**row])) {
            Some(row) => *row,
            None => self.new_shared_row(action, window),
        }
    }

    #[cold]
    fn new_shared_row(
        &mut self,
        action: ActionOnMaintenance,
        window: Option<MaintenanceWindow>,
    ) -> Id<CareRow> {
        let row = self.rows.push(CareRow {
            action,
            window,
            notify: false,
            locks: Locks::default(),
            waits_for_start: false,
            wanted_back: false,
            stopped_mode: StoppedMode::KeepCharging,
            zone: None,
            stop: StopFor::Nothing,
            boot: BootFor::Start,
            known_events: 0,
            is_shared: true,
            stops: 0,
            redeploys: 0,
            redeploy_requests: 0,
            migrations: 0,
            planned_for: None,
            plans: 0,
            last_not_before: None,
        });
        self.shared.push(row);
        row
    }

    /// The row of `instance`, to be changed: its own from now on. Whoever may have nothing to change
    /// looks first.
    pub fn row_mut(&mut self, instance: Id<Instance>) -> &mut CareRow {
        let row = self.rows[self.of[instance]];
        if row.is_shared {
            let own = CareRow { is_shared: false, ..row };
            self.of[instance] = match self.free.pop() {
                Some(free) => {
                    self.rows[free] = own;
                    free
                }
                None => self.rows.push(own),
            };
        }
        &mut self.rows[self.of[instance]]
    }

    /// The boot of `instance` is over: says what it was for.
    #[inline]
    pub fn boot_over(&mut self, instance: Id<Instance>) -> BootFor {
        let boot = self[instance].boot;
        if boot != BootFor::Start {
            self.row_mut(instance).boot = BootFor::Start;
        }
        boot
    }

    /// `instance` is prepared: says whether it waits to be started.
    #[inline]
    pub fn prepared(&mut self, instance: Id<Instance>) -> bool {
        let waits = self[instance].waits_for_start;
        if waits {
            self.row_mut(instance).waits_for_start = false;
        }
        waits
    }
}

impl Index<Id<Instance>> for Care {
    type Output = CareRow;
    #[inline]
    fn index(&self, instance: Id<Instance>) -> &CareRow {
        &self.rows[self.of[instance]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_of_one_instance_stays_its_own() {
        let action = ActionOnMaintenance::AutoRecover;
        let window = Some(MaintenanceWindow { from: 3, hours: 2 });
        let (first, second, third) = (Id::new(0), Id::new(1), Id::new(2));
        let mut care = Care::default();
        care.begin(first, action, None);
        care.begin(second, action, None);
        care.begin(third, action, window);
        care.row_mut(first).stops += 1;
        care.row_mut(first).stops += 1;
        assert_eq!((care[first].stops, care[second].stops), (2, 0));
        assert_eq!((care[second].window, care[third].window), (None, window));
        assert_eq!(care.rows.len(), 3, "one is its own, two are shared");
        // The next instance of that row begins afresh; the row it had is another's then.
        care.begin(first, action, window);
        assert_eq!((care[first].stops, care[first].window), (0, window));
        care.row_mut(second).redeploys += 1;
        assert_eq!((care[second].redeploys, care[first].redeploys, care.rows.len()), (1, 0, 3));
    }

    #[test]
    fn what_is_over_is_told_once() {
        let instance = Id::new(0);
        let mut care = Care::default();
        care.begin(instance, ActionOnMaintenance::Stop, None);
        assert_eq!((care.boot_over(instance), care.prepared(instance)), (BootFor::Start, false));
        assert!(care[instance].is_shared, "nothing was changed");
        care.row_mut(instance).boot = BootFor::Reboot;
        care.row_mut(instance).waits_for_start = true;
        assert_eq!((care.boot_over(instance), care.prepared(instance)), (BootFor::Reboot, true));
        assert_eq!((care.boot_over(instance), care.prepared(instance)), (BootFor::Start, false));
    }
}
