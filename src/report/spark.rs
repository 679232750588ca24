//! Availability over time in a line of the table: a small picture, or words where the place cannot
//! show one.

use super::{Results, look::Look, number};
use crate::{
    kernel::time::Instant,
    observe::series::{
        fold::{Folded, FoldedSeries},
        grid::Grid,
    },
};

/// The line's name; it stands below `availability`.
const NAME: &str = "  over time";

/// The blocks, from the lowest value to the highest.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The most blocks: more are not told apart.
const MOST: usize = 100;

/// A cell that says something: its number, and the mean over the runs.
type Said = (usize, f64);

/// The line; `None` where nothing was followed, or nothing ever changes.
pub(super) fn availability(results: &Results, look: &Look) -> Option<String> {
    let series = results.series.as_ref()?;
    let cells = measured(series, results.about.measured_from)?;
    let said: Vec<Said> = cells
        .iter()
        .filter(|(_, cell)| cell.runs > 0)
        .map(|(place, cell)| (*place, cell.mean))
        .collect();
    let lowest = said.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let highest = said.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
    if lowest.1 >= highest.1 {
        return None;
    }
    let told = format!("lowest {}", when(&series.grid, lowest));
    if !look.blocks() {
        return Some(format!("{NAME}: {told}, highest {}\n", when(&series.grid, highest)));
    }
    let taken = NAME.chars().count() + told.chars().count() + 4;
    let room = look.columns().saturating_sub(taken).clamp(1, MOST);
    let drawn = blocks(&cells, room, (lowest.1, highest.1));
    Some(format!("{NAME}  {drawn}  {told}\n"))
}

/// The cells of availability that lie behind the warm-up.
fn measured(series: &FoldedSeries, from: Instant) -> Option<Vec<(usize, &Folded)>> {
    let (_, cells) = series.series.iter().find(|(name, _)| name.name == "availability")?;
    let cells = cells.iter().enumerate();
    Some(cells.filter(|(place, _)| series.grid.begins(*place) >= from).collect())
}

/// `0.99871 (2d from 71d)`: a value, and the cell that says it.
fn when(grid: &Grid, (place, value): Said) -> String {
    let clock = grid.begins(place).to_string();
    let clock = clock.strip_suffix(":00").unwrap_or(&clock);
    let clock = clock.strip_suffix(" 00:00").unwrap_or(clock);
    format!("{} ({} from {clock})", number::free(rounded(value)), grid.length(place))
}

/// `value` with three digits of what is missing to one: a mean of runs without its interval is not
/// worth more.
fn rounded(value: f64) -> f64 {
    let missing = 1.0 - value;
    1.0 - format!("{missing:.2e}").parse().unwrap_or(missing)
}

/// As many blocks as there are cells, and at most `room`; where one stands for several, it shows the
/// lowest of them. A blank says nothing.
fn blocks(cells: &[(usize, &Folded)], room: usize, (low, high): (f64, f64)) -> String {
    let count = cells.len().min(room);
    let of = |block: usize| {
        let (from, to) = (block * cells.len() / count, (block + 1) * cells.len() / count);
        let said = cells[from..to].iter().filter(|(_, cell)| cell.runs > 0);
        let lowest = said.map(|(_, cell)| cell.mean).min_by(f64::total_cmp);
        lowest.map_or(' ', |value| {
            let part = (value - low) / (high - low) * (BLOCKS.len() - 1) as f64;
            BLOCKS[(libm::round(part) as usize).min(BLOCKS.len() - 1)]
        })
    };
    (0..count).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::time::Span,
        observe::series::{SeriesName, fold::RunSeries, track::Cell},
        report::made_up,
    };

    /// Results of a run of 183 cells (2 d each) that dips in cell 40, with nothing said in cell 2.
    fn results() -> Results {
        let end = Instant::ZERO + Span::from_seconds(365 * 86_400);
        let grid = Grid::new(Instant::ZERO, end);
        let cells = (0..grid.cells()).map(|cell| match cell {
            2 => None,
            40 => Some(Cell::of(0.987_6)),
            cell => Some(Cell::of(if cell % 2 == 0 { 0.999_9 } else { 1.0 })),
        });
        let name = SeriesName { name: "availability", label: String::new(), unit: "ratio" };
        let run = RunSeries { grid, told: vec![(name, cells.collect())] };
        Results { series: Some(FoldedSeries::first(&run)), ..made_up::results(1) }
    }

    #[test]
    fn the_line_fills_the_width_and_shows_the_dip() {
        let results = results();
        for columns in [60, 80, 120, 160] {
            let line = availability(&results, &Look::terminal(columns, false, true)).unwrap();
            assert!(line.trim_end().chars().count() <= columns, "{line}");
            assert!(line.ends_with("  lowest 0.9876 (2d from 80d)\n"), "{line}");
            assert_eq!(line.matches('▁').count(), 1, "{line}");
        }
        let at_80 = availability(&results, &Look::PIPED).unwrap();
        assert_eq!(at_80.trim_end().chars().count(), 80, "{at_80}");
    }

    #[test]
    fn a_place_without_blocks_is_told_in_words() {
        let told = availability(&results(), &Look::terminal(80, false, false)).unwrap();
        assert_eq!(told, "  over time: lowest 0.9876 (2d from 80d), highest 1 (2d from 362d)\n");
    }

    #[test]
    fn a_warm_up_and_what_never_changes_are_left_out() {
        let mut warmed = results();
        warmed.about.measured_from = Instant::ZERO + Span::from_seconds(100 * 86_400);
        let line = availability(&warmed, &Look::PIPED).unwrap();
        assert!(line.contains("lowest 0.9999"), "{line}");
        warmed.about.measured_from = Instant::ZERO + Span::from_seconds(363 * 86_400);
        assert_eq!(availability(&warmed, &Look::PIPED), None);
        assert_eq!(availability(&made_up::results(1), &Look::PIPED), None);
    }
}
