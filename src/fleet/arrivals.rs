//! How far each source of arrivals has come.

use crate::{
    fleet::ids::Source,
    kernel::column::{Column, Id},
};
use std::ops::{Index, IndexMut};

/// One source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceRow {
    /// Batches so far (law), or rows so far (trace) (count).
    pub taken: u64,
    /// Instances so far (count): the next one's number.
    pub instances: u64,
    /// Where the source's own clock stands (µs): it runs at the pace of the day's profile.
    pub pace_clock: u64,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    rows: Column<Source, SourceRow>,
}

impl Arrivals {
    /// `count` sources at their beginning.
    pub fn new(count: usize) -> Self {
        Self { rows: Column::filled(SourceRow::default(), count) }
    }
}

impl Index<Id<Source>> for Arrivals {
    type Output = SourceRow;
    fn index(&self, source: Id<Source>) -> &SourceRow {
        &self.rows[source]
    }
}
impl IndexMut<Id<Source>> for Arrivals {
    fn index_mut(&mut self, source: Id<Source>) -> &mut SourceRow {
        &mut self.rows[source]
    }
}
