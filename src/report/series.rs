//! Series over time as a table: what `run --out` keeps for plots and data frames.

use super::csv::{Sheet, guarded, number};
use crate::{
    experiment::estimate::{LEVEL, half_width},
    observe::series::fold::{Folded, FoldedSeries},
};

/// One row a cell of a series, in the order of time. Mean and interval are over runs; low and high
/// are the lowest and the highest value at any moment of the cell in any run. Cells of which no run
/// says anything are empty.
pub fn csv(series: &FoldedSeries) -> String {
    let mut table = Sheet::new([
        "series",
        "label",
        "unit",
        "from_s",
        "to_s",
        "runs",
        "mean",
        "half_width",
        "level",
        "low",
        "high",
    ]);
    let grid = &series.grid;
    let seconds = |cell: usize| number(Some(grid.begins(cell).seconds()));
    for (name, cells) in &series.series {
        for (place, cell) in cells.iter().enumerate() {
            let told = Some(cell).filter(|cell| cell.runs > 0);
            table.row([
                name.name.to_owned(),
                guarded(&name.label),
                name.unit.to_owned(),
                seconds(place),
                seconds(place + 1),
                cell.runs.to_string(),
                number(told.map(|cell| cell.mean)),
                number(told.and_then(width)),
                LEVEL.to_string(),
                number(told.map(|cell| cell.low)),
                number(told.map(|cell| cell.high)),
            ]);
        }
    }
    table.finish()
}

/// Half the width of the interval about the mean of `cell`.
fn width(cell: &Folded) -> Option<f64> {
    cell.deviation().map(|deviation| half_width(deviation, cell.runs, LEVEL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::time::{Instant, Span},
        observe::series::{SeriesName, fold::RunSeries, grid::Grid, track::Cell},
    };
    use insta::assert_snapshot;

    #[test]
    fn cells_have_a_row_each() {
        let begin = Instant::ZERO.saturating_add(Span::from_seconds(86_400));
        let grid = Grid::new(begin, begin.saturating_add(Span::from_seconds(2)));
        let name =
            SeriesName { name: "group.serving", label: "=web".to_owned(), unit: "capacity units" };
        let run = |value: f64| {
            let cell = Cell { value, low: value - 1.0, high: value + 1.0 };
            RunSeries { grid, told: vec![(name.clone(), vec![Some(cell), None])] }
        };
        let mut folded = FoldedSeries::first(&run(4.0));
        folded.add(&run(5.0));
        assert_snapshot!(csv(&folded), @r"
        series,label,unit,from_s,to_s,runs,mean,half_width,level,low,high
        group.serving,'=web,capacity units,86400.0,86401.0,2,4.5,6.353102368087349,0.95,3.0,6.0
        group.serving,'=web,capacity units,86401.0,86402.0,0,,,0.95,,
        ");
    }
}
