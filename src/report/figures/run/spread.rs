//! How runs differ: each run as a point.

use crate::{
    observe::catalogue::CATALOGUE,
    report::{
        chart::{Along, Chart, Figure, Scale, Spread, Values},
        folder::run::{OverRuns, Ran},
        number,
    },
};

/// Fewer runs are a list of numbers, not a distribution.
const FEWEST: usize = 5;

/// One chart a metric that differs between runs.
pub fn figures(ran: &Ran) -> Vec<Figure> {
    ran.over_runs.iter().filter_map(figure).collect()
}

/// How a metric is called, and how its chart.
fn named(metric: &str) -> (&'static str, &'static str) {
    match metric {
        "availability" => ("availability", "runs-availability"),
        "availability.instance.min" => {
            ("availability of the worst instance", "runs-worst-instance")
        }
        "interruptions.per_instance_year" => {
            ("interruptions per instance-year", "runs-interruptions")
        }
        _ => ("most moves in an hour", "runs-migrations-per-hour"),
    }
}

fn figure(column: &OverRuns) -> Option<Figure> {
    let known = column.values.iter().enumerate();
    let mut sorted: Vec<(usize, f64)> =
        known.filter_map(|(run, value)| Some((run, (*value)?))).collect();
    // Among equal ones the first run comes first.
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (lowest, highest) = (sorted.first()?, sorted.last()?);
    if sorted.len() < FEWEST || lowest.1 >= highest.1 {
        return None;
    }
    let at = |share: f64| {
        let place = libm::ceil(share * sorted.len() as f64).max(1.0) as usize - 1;
        number::free(sorted[place.min(sorted.len() - 1)].1)
    };
    let (what, name) = named(&column.name);
    let unit = CATALOGUE.iter().find(|definition| definition.name == column.name)?.unit;
    let caption = format!(
        "Each point is a run; the box holds half of the {} runs, from {} to {}, and the whiskers nine \
         of ten. The lowest, {}, is run {}; the highest, {}, is run {}.",
        sorted.len(),
        at(0.25),
        at(0.75),
        number::free(lowest.1),
        lowest.0,
        number::free(highest.1),
        highest.0
    );
    Some(Figure {
        name: name.to_owned(),
        title: format!("How runs differ: {what}"),
        caption,
        chart: Chart::Spread(Spread {
            x: Along::new(what, Scale::of_unit(unit)),
            rows: vec![Values {
                name: "all runs".to_owned(),
                values: sorted.into_iter().map(|(_, value)| value).collect(),
            }],
        }),
    })
}
