//! The charts of a scenario's runs.

use crate::report::{
    chart::{Along, Chart, Figure, Form, Line, Lines, Scale, Spot},
    folder::run::{Cell, Ran, Series},
};

/// The charts of a scenario's runs.
pub fn figures(ran: &Ran) -> Vec<Figure> {
    [availability(ran)].into_iter().flatten().collect()
}

fn availability(ran: &Ran) -> Option<Figure> {
    let series = ran.one_series("availability")?;
    Some(Figure {
        name: "availability".to_owned(),
        title: "Availability over time".to_owned(),
        caption: "Share of owed service time that was served.".to_owned(),
        chart: Chart::Lines(Lines {
            x: Along::new("time", Scale::Time),
            y: Along::new("availability", Scale::Ratio),
            lines: vec![line(series)],
            levels: Vec::new(),
            shaded: Vec::new(),
            form: Form::Apart,
        }),
    })
}

fn line(series: &Series) -> Line {
    let spot = |cell: &Cell| Spot {
        x: f64::midpoint(cell.from, cell.to),
        y: cell.value.map(|value| value.mean),
        between: cell.value.and_then(|value| {
            let width = value.half_width?;
            Some((value.mean - width, value.mean + width))
        }),
    };
    Line { name: series.name.clone(), points: series.cells.iter().map(spot).collect() }
}
