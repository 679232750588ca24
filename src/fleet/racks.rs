//! The table of racks: whether each is up.

use crate::{
    fleet::ids::Rack,
    kernel::column::{Column, Id},
};

/// One rack.
#[derive(Clone, Copy, Debug)]
pub struct RackRow {
    /// Whether it is up.
    pub up: bool,
    /// Outages so far (count) -- the ordinal of its draws.
    pub outages: u32,
}

/// The table.
#[derive(Clone, Debug)]
pub struct Racks {
    rows: Column<Rack, RackRow>,
}

impl Racks {
    /// `count` racks, all up.
    pub fn new(count: usize) -> Self {
        Self { rows: Column::filled(RackRow { up: true, outages: 0 }, count) }
    }

    /// Whether `rack` is up.
    pub fn is_up(&self, rack: Id<Rack>) -> bool {
        self.rows[rack].up
    }

    /// Outages of `rack` so far (count).
    pub fn outages(&self, rack: Id<Rack>) -> u32 {
        self.rows[rack].outages
    }

    /// Takes `rack` down.
    ///
    /// # Panics
    /// If it is down: a rack's next outage is drawn when it is up again.
    pub fn fail(&mut self, rack: Id<Rack>) {
        let row = &mut self.rows[rack];
        assert!(row.up, "a rack that is down does not fail");
        *row = RackRow { up: false, outages: row.outages + 1 };
    }

    /// Brings `rack` back.
    ///
    /// # Panics
    /// If it is up.
    pub fn repair(&mut self, rack: Id<Rack>) {
        assert!(!self.rows[rack].up, "a rack that is up is not repaired");
        self.rows[rack].up = true;
    }
}
