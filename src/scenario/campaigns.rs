//! Campaigns: planned work of the operator on many servers.

pub use crate::policy::{drain::DrainOrder, maintenance::CampaignOrder};
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
    /// What it does about their instances.
    pub aim: Aim,
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

/// What a campaign does about the instances on its servers.
#[derive(Clone, Debug)]
pub enum Aim {
    /// Each gets an event of this type.
    Event(EventType),
    /// Their servers are emptied.
    Drain(DrainSpec),
}

/// How servers are emptied.
#[derive(Clone, Debug)]
pub struct DrainSpec {
    /// Who goes first, and where.
    pub order: DrainOrder,
    /// The event that those get who cannot be moved otherwise; `None`: they stay.
    pub event: Option<EventType>,
    /// Most moves under way at once; `None`: no limit but those of `settings.migration`.
    pub moves: Option<NonZeroU32>,
    /// What its moves may send together (B/s); `None`: what the network gives.
    pub bandwidth: Option<u64>,
    /// Share of a scaling group's desired capacity that must serve, those who are moved not counted,
    /// for another member to be moved (percent).
    pub min_healthy: u32,
    /// Time after which it is tried again to move who found no room, or was doing something else.
    pub retry: Span,
    /// How long a server waits for those who cannot leave it before it is given up.
    pub patience: Span,
    /// How long the operator works on a server that is empty, which then takes instances again;
    /// `None`: it stays closed.
    pub work: Option<Span>,
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
