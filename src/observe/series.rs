//! Values over time, on a fixed grid, for plots: what the metrics of a whole run say, said cell by
//! cell. The warm-up is shown too.
//!
//! Reading order: `grid` (the cells), `track` (what is followed over them), one file a family of
//! series, `fold` (many runs together). A series is called as the metric that it spells out, where
//! there is one.

use super::Observer;
use crate::{fleet::Fleet, kernel::time::Instant, messages::fact::Fact, scenario::Scenario};

pub mod fold;
pub mod grid;
pub mod track;

mod events;
mod groups;
mod load;
mod moves;
mod service;

use events::Events;
use fold::RunSeries;
use grid::Grid;
use groups::Groups;
use load::Load;
use moves::Moves;
use service::Service;
use track::Cell;

/// One series as users know it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SeriesName {
    /// Stable, lower case, dotted.
    pub name: &'static str,
    /// What parts it from others of its name (a cause, a kind, a group); empty for most.
    pub label: String,
    /// Unit of its values.
    pub unit: &'static str,
}

impl SeriesName {
    fn plain(name: &'static str, unit: &'static str) -> Self {
        Self { name, label: String::new(), unit }
    }

    fn of(name: &'static str, label: &str, unit: &'static str) -> Self {
        Self { name, label: label.to_owned(), unit }
    }
}

/// What a family says in the end: series, each with its cells.
type Told = Vec<(SeriesName, Vec<Option<Cell>>)>;

/// Follows one run.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    scenario: &'a Scenario,
    grid: Grid,
    service: Service,
    load: Load,
    moves: Moves,
    events: Events,
    groups: Groups<'a>,
}

impl<'a> Series<'a> {
    /// Nothing has happened yet.
    pub fn new(scenario: &'a Scenario) -> Self {
        let grid = Grid::new(scenario.begin, scenario.end);
        Self {
            scenario,
            grid,
            service: Service::new(&grid),
            load: Load::new(&grid, scenario),
            moves: Moves::new(&grid, scenario),
            events: Events::new(&grid),
            groups: Groups::new(&grid, scenario),
        }
    }

    /// The run is over: its series, in an order that is the same for every run of the scenario.
    pub fn finish(mut self) -> RunSeries {
        let (grid, end) = (self.grid, self.scenario.end);
        let mut told = self.service.tell(&grid, end);
        told.extend(self.load.tell(&grid, end));
        told.extend(self.moves.tell(&grid, end));
        told.extend(self.events.tell(&grid, end));
        told.extend(self.groups.tell(&grid, end));
        RunSeries { grid, told }
    }
}

impl Observer for Series<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        let grid = &self.grid;
        self.service.see(grid, now, fact);
        self.load.see(grid, now, fact, &self.scenario.layout);
        self.moves.see(grid, now, fact);
        self.events.see(grid, now, fact);
        self.groups.see(grid, now, fact, fleet);
    }
}

/// `counts`, one a cell.
fn counted(counts: &[u64]) -> Vec<Option<Cell>> {
    counts.iter().map(|count| Some(Cell::of(*count as f64))).collect()
}
