//! The grid of a series: the run's time in cells of equal, round length.

use crate::kernel::time::{Instant, Span};

/// The most cells of most series: as many as a plot shows apart.
const MOST_CELLS: u64 = 240;

/// The most cells where a plot shows a part of the run only.
const MOST_OF_PARTS: u64 = 720;

/// The most cells of all that are cut finer, together.
const MOST_TOGETHER: u64 = 2_880;

/// Lengths that people read at a glance (s): from these the shortest is taken that needs at most
/// as many cells as wanted.
const ROUND: [u64; 22] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 1_209_600, 2_419_200,
];

/// A run's time in cells: all of one length but the last, which ends with the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grid {
    begin: Instant,
    end: Instant,
    cell: Span,
}

impl Grid {
    /// The grid of the time from `begin` to `end`. A run of less than four minutes has cells of a
    /// second; one of many years has cells of a multiple of four weeks.
    pub fn new(begin: Instant, end: Instant) -> Self {
        Self::of_at_most(MOST_CELLS, begin, end)
    }

    /// A finer one, for `series` of which plots show a part of the run only: the fewer they are, the
    /// finer.
    pub fn finer(series: usize, begin: Instant, end: Instant) -> Self {
        let most = MOST_TOGETHER / (series as u64).max(1);
        Self::of_at_most(most.clamp(MOST_CELLS, MOST_OF_PARTS), begin, end)
    }

    fn of_at_most(cells: u64, begin: Instant, end: Instant) -> Self {
        let lasts = end.since(begin).micros();
        let fits = |seconds: &u64| lasts.div_ceil(seconds * 1_000_000) <= cells;
        let longest = ROUND[ROUND.len() - 1];
        let seconds = ROUND
            .into_iter()
            .find(fits)
            .unwrap_or_else(|| longest * lasts.div_ceil(cells * longest * 1_000_000));
        Self { begin, end, cell: Span::from_seconds(seconds) }
    }

    /// How many cells there are (count).
    pub fn cells(&self) -> usize {
        self.lasts().div_ceil(self.cell.micros()) as usize
    }

    /// When cell number `cell` begins; the number after the last says when the run ends.
    pub fn begins(&self, cell: usize) -> Instant {
        self.begin.saturating_add(self.until(cell))
    }

    /// How long cell number `cell` lasts (µs).
    pub fn length(&self, cell: usize) -> Span {
        self.until(cell + 1).saturating_sub(self.until(cell))
    }

    /// The cell that `now` lies in: what happens as one ends belongs to the next, and what happens
    /// as the run ends to the last.
    pub fn cell_of(&self, now: Instant) -> usize {
        let cell = now.since(self.begin).micros() / self.cell.micros();
        (cell as usize).min(self.cells().saturating_sub(1))
    }

    fn until(&self, cell: usize) -> Span {
        Span::from_micros((cell as u64 * self.cell.micros()).min(self.lasts()))
    }

    fn lasts(&self) -> u64 {
        self.end.since(self.begin).micros()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(seconds: u64) -> Grid {
        let begin = Instant::from_micros(7_000_000);
        Grid::new(begin, begin.saturating_add(Span::from_seconds(seconds)))
    }

    #[test]
    fn cells_are_round_and_few() {
        for (lasts, cells, cell) in [
            (1, 1, 1),
            (240, 240, 1),
            (241, 121, 2),
            (86_400, 144, 600),
            (365 * 86_400, 183, 172_800),
            (100 * 365 * 86_400, 218, 6 * 2_419_200),
        ] {
            let grid = grid(lasts);
            assert_eq!((grid.cells(), grid.cell), (cells, Span::from_seconds(cell)), "{lasts} s");
        }
    }

    #[test]
    fn few_series_are_cut_finer() {
        let end = Instant::ZERO.saturating_add(Span::from_seconds(43_200));
        let seconds = |series| Grid::finer(series, Instant::ZERO, end).cell;
        let found = [0, 1, 4, 6, 12, 16].map(seconds);
        assert_eq!(found, [60, 60, 60, 120, 300, 300].map(Span::from_seconds));
        assert_eq!(Grid::new(Instant::ZERO, end).cell, Span::from_seconds(300));
    }

    #[test]
    fn cells_tile_the_run() {
        for lasts in [1, 59, 241, 100_001, 31_536_000] {
            let grid = grid(lasts);
            let whole: u64 = (0..grid.cells()).map(|cell| grid.length(cell).micros()).sum();
            assert_eq!(whole, lasts * 1_000_000);
            assert_eq!(grid.begins(grid.cells()), grid.end);
            for cell in 0..grid.cells() {
                assert_eq!(grid.cell_of(grid.begins(cell)), cell);
                let last = grid.begins(cell + 1).micros() - 1;
                assert_eq!(grid.cell_of(Instant::from_micros(last)), cell);
            }
            assert_eq!(grid.cell_of(grid.end), grid.cells() - 1);
        }
    }
}
