//! What the operator has under way on servers, and how far each campaign has come.

use crate::{
    fleet::{
        ids::{Campaign, Server},
        system_events::Origin,
    },
    kernel::column::{Column, Id},
};
use std::ops::Index;

/// The work on one server.
#[derive(Clone, Copy, Debug, Default)]
pub struct WorkRow {
    /// Why the operator works on it; `None` where it does not.
    pub origin: Option<Origin>,
    /// Events tied to it that are open, and live migrations off it (count).
    pub open: u32,
    /// Whether a restart of its instances cures the risk (else it must be emptied).
    pub curable: bool,
    /// Whether the server is at risk.
    pub at_risk: bool,
    /// Risks so far (count) -- the ordinal of their draws.
    pub risks: u32,
}

/// How far one campaign has come.
#[derive(Clone, Debug, Default)]
pub struct CampaignRow {
    /// Its servers in the order in which they are taken up, fixed when it begins.
    pub order: Vec<Id<Server>>,
    /// How many of them were taken up (count).
    pub taken: usize,
    /// How many of them are done (count).
    pub done: usize,
    /// Those that are under way.
    pub under_way: Vec<Id<Server>>,
    /// Events that ended Failed or Canceled, and migrations that failed (count).
    pub failures: u32,
    /// Whether its stop rule has ended it.
    pub stopped: bool,
}

/// The tables.
#[derive(Clone, Debug)]
pub struct Works {
    rows: Column<Server, WorkRow>,
    /// The campaigns of the scenario.
    pub campaigns: Column<Campaign, CampaignRow>,
    /// Servers on which the operator works (count).
    pub under_way: u32,
}

impl Works {
    /// No work on any of `servers` servers; `campaigns` campaigns that have not begun.
    pub fn new(servers: usize, campaigns: usize) -> Self {
        Self {
            rows: Column::filled(WorkRow::default(), servers),
            campaigns: Column::filled(CampaignRow::default(), campaigns),
            under_way: 0,
        }
    }

    /// The row of `server`.
    pub fn row_mut(&mut self, server: Id<Server>) -> &mut WorkRow {
        &mut self.rows[server]
    }
}

impl Index<Id<Server>> for Works {
    type Output = WorkRow;
    fn index(&self, server: Id<Server>) -> &WorkRow {
        &self.rows[server]
    }
}
