//! Campaigns: planned work of the operator on many servers.

pub use crate::policy::maintenance::CampaignOrder;
use crate::{
    fleet::{
        care::MaintenanceWindow,
        ids::{Rack, ServerModel, Zone},
        layout::ServerSpec,
    },
    kernel::{
        column::Id,
        distribution::Distribution,
        time::{Instant, Span},
    },
    lifecycle::system_event::EventType,
};
use std::num::NonZeroU32;

/// A campaign.
#[derive(Clone, Debug)]
pub struct CampaignSpec {
    /// Name, unique among campaigns.
    pub name: String,
    /// Which servers it works on.
    pub servers: Selector,
    /// The event that each of their instances gets.
    pub event: EventType,
    /// When it begins.
    pub start: Instant,
    /// Notice of its events; `None`: as `event.lead` says.
    pub lead: Option<Distribution>,
    /// Whether running instances without local disks are first tried to be migrated live.
    pub live_migration: bool,
    /// Whether a restart takes instances without local disks off the server.
    pub moves_instances: bool,
    /// Hours of the day in which servers are taken up; `None`: at any time. The file states them in
    /// UTC; here they are in UTC+8, as [`MaintenanceWindow::first_from`] counts.
    pub window: Option<MaintenanceWindow>,
    /// Least time between two servers taken up; zero: none.
    pub pace: Span,
    /// Most servers under way at once, all together, in one rack, in one zone.
    pub at_once: AtOnce,
    /// The order in which servers are taken up.
    pub order: CampaignOrder,
    /// Once so many of its events have failed, or been withdrawn, no more servers are taken up.
    pub stop_after_failures: Option<NonZeroU32>,
}

/// Which servers: those that fit all that is given.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    /// Of one of these models; empty: any.
    pub models: Vec<Id<ServerModel>>,
    /// In one of these zones; empty: any.
    pub zones: Vec<Id<Zone>>,
    /// In one of these racks; empty: any.
    pub racks: Vec<Id<Rack>>,
    /// Of those, the first so many in the campaign's order; `None`: all.
    pub most: Option<NonZeroU32>,
}

impl Selector {
    /// Whether `server` fits all that is given, [`Self::most`] apart.
    pub fn fits(&self, server: &ServerSpec) -> bool {
        (self.models.is_empty() || self.models.contains(&server.model))
            && (self.zones.is_empty() || self.zones.contains(&server.zone))
            && (self.racks.is_empty() || self.racks.contains(&server.rack))
    }
}

/// Most servers under way at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct AtOnce {
    /// All together.
    pub servers: Option<NonZeroU32>,
    /// In one rack.
    pub per_rack: Option<NonZeroU32>,
    /// In one zone.
    pub per_zone: Option<NonZeroU32>,
    /// Of the servers that hold instances of one spread group.
    pub per_group: Option<NonZeroU32>,
}
