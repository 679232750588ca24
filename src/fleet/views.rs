//! What those who decide can see: values, read off the fleet, of what that actor could know.
//!
//! A policy gets a view and nothing else, so one that looks where it cannot does not compile: an
//! owner's view has no server in it, no risk, no law and nobody else's instances.

use crate::{
    fleet::{
        Fleet,
        care::MaintenanceWindow,
        ids::SystemEvent,
        layout::{DiskFlow, Layout},
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{
        instance::InstanceState,
        local_disk::DiskState,
        system_event::{EventStatus, EventType},
    },
};

/// What an owner knows of one of its instances and of one open event on it: from notifications,
/// from the Describe operations, and from the API's pages.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CustomerView {
    /// The time.
    pub now: Instant,
    /// The instance's API state.
    pub state: InstanceState,
    /// Whether the instance has local disks, or room on local storage.
    pub has_local_disks: bool,
    /// Whether damaged disks of its family are isolated; else only a redeployment helps.
    pub disks_are_isolated: bool,
    /// The instance's maintenance window, if it has one.
    pub window: Option<MaintenanceWindow>,
    /// What the event is.
    pub kind: EventType,
    /// How it stands.
    pub status: EventStatus,
    /// When it will run by itself, if it has a planned time.
    pub not_before: Option<Instant>,
    /// How the disk that it is about shows, if it is about one.
    pub disk: Option<DiskState>,
    /// What the owner knows of the cloud as such.
    pub cloud: CloudView,
}

/// What everybody knows of the cloud.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CloudView {
    /// The date and time at which the clock's zero lies (microseconds since
    /// 1970-01-01T00:00:00Z).
    pub epoch: i64,
    /// Whether a redeployment answers SystemMaintenance.Stop (spec `redeploy.allow_stop_event`).
    pub redeploy_answers_stop: bool,
}

impl CustomerView {
    /// What the owner of its instance knows of `event`, which is open, now.
    pub fn of(
        (layout, fleet): (&Layout, &Fleet),
        event: Id<SystemEvent>,
        now: Instant,
        cloud: CloudView,
    ) -> Self {
        let row = &fleet.events[event];
        let instance = &fleet.instances[row.instance];
        let demand = layout.demand(instance.template);
        let of = layout.templates[instance.template].instance_type;
        Self {
            now,
            state: instance.state,
            has_local_disks: demand.local_disks > 0 || demand.local_storage > 0,
            disks_are_isolated: layout.types[of].disk_flow != DiskFlow::NoIsolation,
            window: fleet.care[row.instance].window,
            kind: row.kind,
            status: row.status,
            not_before: row.not_before,
            disk: row.bay.map(|bay| fleet.disks[bay].state),
            cloud,
        }
    }

    /// So long from now.
    pub const fn after(&self, span: Span) -> Instant {
        self.now.saturating_add(span)
    }

    /// So long before the event's planned time; now where that has passed or there is none.
    pub fn before_planned_time(&self, span: Span) -> Instant {
        let planned = self.not_before.map_or(0, |at| at.micros().saturating_sub(span.micros()));
        self.now.max(Instant::from_micros(planned))
    }

    /// The next time within the instance's maintenance window; now where it has none.
    pub fn in_window(&self) -> Instant {
        self.window.map_or(self.now, |window| window.first_from(self.cloud.epoch, self.now))
    }
}
