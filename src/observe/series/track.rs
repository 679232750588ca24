//! What is followed over the cells of a grid: a level, or a count.

use super::grid::Grid;
use crate::kernel::time::Instant;

/// A whole number that changes over time, and may be absent for a while: its area in each cell, and
/// between what it lay there.
#[derive(Clone, Debug)]
pub struct LevelTrack {
    value: u64,
    is_there: bool,
    since: Instant,
    /// µs·units.
    areas: Vec<u128>,
    /// How long it was there (µs).
    lasted: Vec<u64>,
    /// The lowest and highest value that lasted some time.
    bounds: Vec<Option<(u64, u64)>>,
}

impl LevelTrack {
    /// A level of `value` from the begin of `grid` on.
    pub fn new(grid: &Grid, value: u64) -> Self {
        let cells = grid.cells();
        Self {
            value,
            is_there: true,
            since: grid.begins(0),
            areas: vec![0; cells],
            lasted: vec![0; cells],
            bounds: vec![None; cells],
        }
    }

    /// One that is absent until it is set.
    pub fn absent(grid: &Grid) -> Self {
        Self { is_there: false, ..Self::new(grid, 0) }
    }

    /// The value at this moment.
    pub const fn value(&self) -> u64 {
        self.value
    }

    /// The level becomes `value` at `now`.
    #[inline]
    pub fn set(&mut self, grid: &Grid, now: Instant, value: u64) {
        if value != self.value || !self.is_there {
            self.advance(grid, now);
            self.value = value;
            self.is_there = true;
        }
    }

    /// From `now` on there is no level, until one is set.
    pub fn leave(&mut self, grid: &Grid, now: Instant) {
        self.advance(grid, now);
        self.is_there = false;
    }

    /// The level rises by `amount` at `now`.
    #[inline]
    pub fn add(&mut self, grid: &Grid, now: Instant, amount: u64) {
        self.set(grid, now, self.value + amount);
    }

    /// The level falls by `amount` at `now`.
    ///
    /// # Panics
    /// If it would fall below zero.
    #[inline]
    pub fn take(&mut self, grid: &Grid, now: Instant, amount: u64) {
        let value = self.value.checked_sub(amount).expect("a level stays at or above zero");
        self.set(grid, now, value);
    }

    /// Counts the time up to `now`, cell by cell.
    pub fn advance(&mut self, grid: &Grid, now: Instant) {
        if !self.is_there {
            self.since = self.since.max(now);
            return;
        }
        while self.since < now {
            let cell = grid.cell_of(self.since);
            let until = grid.begins(cell + 1).min(now);
            let lasted = until.since(self.since).micros();
            self.areas[cell] += u128::from(self.value) * u128::from(lasted);
            self.lasted[cell] += lasted;
            let value = self.value;
            let bounds = self.bounds[cell].get_or_insert((value, value));
            *bounds = (bounds.0.min(value), bounds.1.max(value));
            self.since = until;
        }
    }

    /// Its area in each cell (µs·units).
    pub fn areas(&self) -> &[u128] {
        &self.areas
    }

    /// Its mean, lowest and highest value in each cell, as long as it was there, once the run is over.
    pub fn cells(&self) -> Vec<Option<Cell>> {
        let areas = self.areas.iter().zip(&self.lasted).zip(&self.bounds);
        areas
            .map(|((area, lasted), bounds)| {
                let (low, high) = (*bounds)?;
                let mean = *area as f64 / *lasted as f64;
                Some(Cell { value: mean, low: low as f64, high: high as f64 })
            })
            .collect()
    }
}

/// What one run says of one cell.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cell {
    /// Its value: a mean over the cell's time, a count or a ratio.
    pub value: f64,
    /// The lowest value at any moment of it; the value itself where it is not a level's.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

impl Cell {
    /// A value that is the same at every moment of the cell.
    pub const fn of(value: f64) -> Self {
        Self { value, low: value, high: value }
    }

    /// The same cell in another unit; `change` keeps the order of values.
    #[must_use]
    pub fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self { value: change(self.value), low: change(self.low), high: change(self.high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::time::Span;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO.saturating_add(Span::from_seconds(seconds))
    }

    #[test]
    fn a_level_is_told_cell_by_cell() {
        // 480 s: cells of 2 s.
        let grid = Grid::new(at(0), at(480));
        let mut level = LevelTrack::new(&grid, 3);
        level.add(&grid, at(1), 4);
        level.take(&grid, at(5), 7);
        // A value that lasts no time leaves no trace but is followed.
        level.add(&grid, at(5), 100);
        level.take(&grid, at(5), 99);
        level.advance(&grid, at(480));
        let cells = level.cells();
        assert_eq!(cells.len(), 240);
        assert_eq!(cells[0], Some(Cell { value: 5.0, low: 3.0, high: 7.0 }));
        assert_eq!(cells[1], Some(Cell::of(7.0)));
        assert_eq!(cells[2], Some(Cell { value: 4.0, low: 1.0, high: 7.0 }));
        assert!(cells[3..].iter().all(|cell| *cell == Some(Cell::of(1.0))));
        let area: u128 = level.areas().iter().sum();
        assert_eq!(area, (3 + 4 * 7 + 475) * 1_000_000);
    }

    #[test]
    fn a_level_that_was_not_there_all_the_time_is_told_of_the_time_it_was() {
        let grid = Grid::new(at(0), at(480));
        let mut level = LevelTrack::absent(&grid);
        level.set(&grid, at(3), 0);
        level.set(&grid, at(5), 8);
        level.leave(&grid, at(7));
        level.leave(&grid, at(8));
        level.set(&grid, at(20), 8);
        level.leave(&grid, at(20));
        level.advance(&grid, at(480));
        let cells = level.cells();
        assert_eq!(cells[..2], [None, Some(Cell::of(0.0))]);
        assert_eq!(cells[2], Some(Cell { value: 4.0, low: 0.0, high: 8.0 }));
        assert_eq!(cells[3], Some(Cell::of(8.0)));
        assert!(cells[4..].iter().all(Option::is_none), "what lasts no time says nothing");
    }
}
