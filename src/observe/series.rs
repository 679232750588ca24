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
    /// `None` where only service is followed.
    rest: Option<Rest<'a>>,
}

/// How much of a run is followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Every series.
    All,
    /// Availability, interruptions and downtime: what a table shows in a line, and far cheaper.
    Service,
}

/// All but service.
#[derive(Clone, Debug)]
struct Rest<'a> {
    load: Load,
    moves: Moves,
    events: Events,
    groups: Groups<'a>,
}

impl<'a> Series<'a> {
    /// Nothing has happened yet.
    pub fn new(scenario: &'a Scenario) -> Self {
        Self::of(scenario, Scope::All)
    }

    /// The same for as much as `scope` says.
    pub fn of(scenario: &'a Scenario, scope: Scope) -> Self {
        let grid = Grid::new(scenario.begin, scenario.end);
        let rest = (scope == Scope::All).then(|| Rest {
            load: Load::new(&grid, scenario),
            moves: Moves::new(&grid, scenario),
            events: Events::new(&grid),
            groups: Groups::new(&grid, scenario),
        });
        Self { scenario, grid, service: Service::new(&grid), rest }
    }

    /// The run is over: its series, in an order that is the same for every run of the scenario.
    pub fn finish(mut self) -> RunSeries {
        let (grid, end) = (self.grid, self.scenario.end);
        let mut told = self.service.tell(&grid, end);
        if let Some(rest) = &mut self.rest {
            told.extend(rest.load.tell(&grid, end));
            told.extend(rest.moves.tell(&grid, end));
            told.extend(rest.events.tell(&grid, end));
            told.extend(rest.groups.tell(&grid, end));
        }
        RunSeries { grid, told }
    }
}

impl Observer for Series<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        let grid = &self.grid;
        self.service.see(grid, now, fact);
        if let Some(rest) = &mut self.rest {
            rest.load.see(grid, now, fact, &self.scenario.layout);
            rest.moves.see(grid, now, fact);
            rest.events.see(grid, now, fact);
            rest.groups.see(grid, now, fact, fleet);
        }
    }
}

/// `counts`, one a cell.
fn counted(counts: &[u64]) -> Vec<Option<Cell>> {
    counts.iter().map(|count| Some(Cell::of(*count as f64))).collect()
}
