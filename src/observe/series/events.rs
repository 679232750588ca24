//! System events that are open, by status.

use super::{SeriesName, Told, grid::Grid, track::LevelTrack};
use crate::{
    kernel::time::Instant,
    lifecycle::{Attribute, system_event::EventStatus},
    messages::fact::Fact,
};

/// Follows the events of the whole fleet, simulated ones with them.
#[derive(Clone, Debug)]
pub struct Events {
    /// By status; those of final ones stay empty.
    open: Vec<LevelTrack>,
}

impl Events {
    /// There is none yet.
    pub fn new(grid: &Grid) -> Self {
        Self { open: vec![LevelTrack::new(grid, 0); EventStatus::ALL.len()] }
    }

    /// Takes note of a fact.
    pub fn see(&mut self, grid: &Grid, now: Instant, fact: &Fact) {
        if let Fact::EventPublished { status, .. } = *fact {
            self.enters(grid, now, status);
        } else if let Fact::EventMoved { from, to, .. } = *fact {
            if is_open(from) {
                self.open[from as usize].take(grid, now, 1);
            }
            self.enters(grid, now, to);
        }
    }

    fn enters(&mut self, grid: &Grid, now: Instant, status: EventStatus) {
        if is_open(status) {
            self.open[status as usize].add(grid, now, 1);
        }
    }

    /// The run is over.
    pub fn tell(&mut self, grid: &Grid, end: Instant) -> Told {
        let open = EventStatus::ALL.iter().filter(|status| is_open(**status));
        open.map(|status| {
            let level = &mut self.open[*status as usize];
            level.advance(grid, end);
            (SeriesName::of("events.open", status.name(), "count"), level.cells())
        })
        .collect()
    }
}

fn is_open(status: EventStatus) -> bool {
    status.attribute() != Attribute::Final
}
