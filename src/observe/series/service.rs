//! Availability, downtime by cause, interruptions.

use super::{
    SeriesName, Told, counted,
    grid::Grid,
    track::{Cell, LevelTrack},
};
use crate::{
    fleet::{cause::Cause, ids::Instance},
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    messages::fact::Fact,
};

/// What is known of one instance.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    owes: bool,
    down_by: Option<Cause>,
}

/// Follows the service of the whole fleet.
#[derive(Clone, Debug)]
pub struct Service {
    rows: Column<Instance, Row>,
    owed: LevelTrack,
    /// Instances that owe service and are down, by cause.
    down: Vec<LevelTrack>,
    interruptions: Vec<u64>,
}

impl Service {
    /// Nothing is owed yet.
    pub fn new(grid: &Grid) -> Self {
        let level = LevelTrack::new(grid, 0);
        Self {
            rows: Column::default(),
            owed: level.clone(),
            down: vec![level; Cause::MODELLED.len()],
            interruptions: vec![0; grid.cells()],
        }
    }

    /// Takes note of a fact.
    pub fn see(&mut self, grid: &Grid, now: Instant, fact: &Fact) {
        if let Fact::Requested { instance, .. } = *fact {
            if instance.index() == self.rows.len() {
                self.rows.push(Row::default());
            } else {
                self.rows[instance] = Row::default();
            }
        } else if let Fact::OwingBegan(instance) = *fact {
            self.rows[instance].owes = true;
            self.owed.add(grid, now, 1);
        } else if let Fact::OwingEnded(instance) = *fact {
            self.comes_up(grid, now, instance);
            if std::mem::take(&mut self.rows[instance].owes) {
                self.owed.take(grid, now, 1);
            }
        } else if let Fact::ServiceBegan(instance) = *fact {
            self.comes_up(grid, now, instance);
        } else if let Fact::ServiceEnded { instance, cause } = *fact {
            self.comes_up(grid, now, instance);
            self.rows[instance].down_by = Some(cause);
            self.down[place(cause)].add(grid, now, 1);
            self.interruptions[grid.cell_of(now)] += 1;
        }
    }

    fn comes_up(&mut self, grid: &Grid, now: Instant, instance: Id<Instance>) {
        if let Some(cause) = self.rows[instance].down_by.take() {
            self.down[place(cause)].take(grid, now, 1);
        }
    }

    /// The run is over.
    pub fn tell(&mut self, grid: &Grid, end: Instant) -> Told {
        self.owed.advance(grid, end);
        self.down.iter_mut().for_each(|level| level.advance(grid, end));
        let mut down = vec![0_u128; grid.cells()];
        for level in &self.down {
            down.iter_mut().zip(level.areas()).for_each(|(sum, area)| *sum += area);
        }
        let shares = self.owed.areas().iter().zip(&down);
        let availability = shares
            .map(|(owed, down)| {
                let served = (*owed > 0).then(|| owed.saturating_sub(*down))?;
                Some(Cell::of(served as f64 / *owed as f64))
            })
            .collect();
        let mut told = vec![
            (SeriesName::plain("availability", "ratio"), availability),
            (SeriesName::plain("interruptions", "count"), counted(&self.interruptions)),
        ];
        for (cause, level) in Cause::MODELLED.iter().zip(&self.down) {
            let seconds = |area: &u128| Some(Cell::of(*area as f64 / 1e6));
            let cells = level.areas().iter().map(seconds).collect();
            told.push((SeriesName::of("downtime", cause.name(), "instance-s"), cells));
        }
        told
    }
}

/// The place of `cause` among those that are modelled.
fn place(cause: Cause) -> usize {
    let place = Cause::MODELLED.iter().position(|other| *other == cause);
    place.expect("every cause that comes about is modelled")
}
