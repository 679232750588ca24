//! The table of servers: the health of their hardware, its age, and whom each holds.

use crate::{
    fleet::ids::{Instance, Server},
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::{Instant, Span},
    },
    lifecycle::server::{ServerState, ServerStep},
};
use std::ops::Index;

/// One server.
#[derive(Clone, Debug)]
pub struct ServerRow {
    /// Health of its hardware -- changed only by [`Servers::step`].
    pub state: ServerState,
    /// Raised whenever a pending alarm of this server becomes void.
    pub stamp: Stamp,
    /// Crashes so far, of whatever cause (count): by it a crash is told from the next one.
    pub crashes: u32,
    /// Lives that have ended by wear so far (count) -- the ordinal of the life's draws and of those
    /// about the crash that ends it.
    pub lives: u32,
    /// Why it is down, or was when it was down last.
    pub down_by: DownBy,
    /// Operating time of the life under way, from the age it began with, until the crash (µs).
    pub life: Span,
    /// Operating time of that life already used (µs), up to `wears_since`.
    pub used: Span,
    /// Age of the hardware at which that life began (µs); zero unless repairs leave it old.
    pub age: Span,
    /// Since when it wears; `None` while it does not.
    pub wears_since: Option<Instant>,
    /// When it went down, for the wait for a crew.
    pub down_since: Instant,
    /// The first of the instances that it holds.
    pub first_instance: Option<Id<Instance>>,
}

/// Why a server is down: where the draws about its way back are found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DownBy {
    /// Its life ended.
    Wear,
    /// A predicted risk turned into a crash.
    Risk,
    /// The operator took it offline because of a predicted risk.
    Operator,
}

/// The table.
#[derive(Clone, Debug)]
pub struct Servers {
    rows: Column<Server, ServerRow>,
}

impl Servers {
    /// `count` servers, up and new.
    pub fn new(count: usize, begin: Instant) -> Self {
        let row = ServerRow {
            state: ServerState::Up,
            stamp: Stamp::default(),
            crashes: 0,
            lives: 0,
            down_by: DownBy::Wear,
            life: Span::NEVER,
            used: Span::ZERO,
            age: Span::ZERO,
            wears_since: None,
            down_since: begin,
            first_instance: None,
        };
        Self { rows: Column::filled(row, count) }
    }

    /// Whether its own hardware works (its rack may still be down).
    pub fn is_up(&self, server: Id<Server>) -> bool {
        self.rows[server].state == ServerState::Up
    }

    /// Moves a server by one step of its machine and raises its stamp.
    ///
    /// # Panics
    /// If the machine has no such arc: a bug of ours.
    pub fn step(&mut self, server: Id<Server>, step: ServerStep) -> ServerState {
        let row = &mut self.rows[server];
        let next = row.state.after(step);
        row.state = next.unwrap_or_else(|| panic!("{} has no arc by {step:?}", row.state));
        row.stamp.raise();
        row.state
    }

    /// The row of `server`, for the process that wears it.
    pub fn row_mut(&mut self, server: Id<Server>) -> &mut ServerRow {
        &mut self.rows[server]
    }

    /// Every server with its row, in order.
    pub fn entries(&self) -> impl Iterator<Item = (Id<Server>, &ServerRow)> {
        self.rows.entries()
    }
}

impl Index<Id<Server>> for Servers {
    type Output = ServerRow;
    fn index(&self, server: Id<Server>) -> &ServerRow {
        &self.rows[server]
    }
}
