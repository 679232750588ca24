//! Instance refreshes of scaling groups: what is healthy, counted and physically there against the
//! bounds that hold meanwhile.

use super::parts::{OverTime, least, length, moment, most, ranges, slug, when};
use crate::report::{
    chart::{Along, Figure, Form, Line, Scale},
    folder::run::{Cell, Ran, Series},
    number,
};

/// Time shown before and after a refresh, as a share of the time that it takes.
const MARGIN: f64 = 0.1;

/// One chart a group that is refreshed.
pub fn figures(ran: &Ran) -> Vec<Figure> {
    let mut found: Vec<Figure> = Vec::new();
    for active in ran.series_of("refresh.active") {
        let Some(mut figure) = figure(ran, active) else { continue };
        let same = found.iter().filter(|other| other.name == figure.name).count();
        if same > 0 || figure.name == "refresh-" {
            figure.name = format!("{}-{}", figure.name.trim_end_matches('-'), found.len() + 1);
        }
        found.push(figure);
    }
    found
}

/// What is known of one group.
struct Group<'a> {
    serving: &'a Series,
    counted: &'a Series,
    physical: &'a Series,
    least: &'a Series,
    most: &'a Series,
}

impl<'a> Group<'a> {
    fn of(ran: &'a Ran, label: &str) -> Option<Self> {
        let of = |name| ran.series_of(name).find(|series| series.label == label);
        Some(Self {
            serving: of("group.serving")?,
            counted: of("group.counted")?,
            physical: of("group.physical")?,
            least: of("refresh.min_healthy")?,
            most: of("refresh.max_healthy")?,
        })
    }
}

fn figure(ran: &Ran, active: &Series) -> Option<Figure> {
    let window = window(ran, active)?;
    let label = &active.label;
    let group = Group::of(ran, label)?;
    let bound = |name: &str, series: &Series| {
        let mut line = ranges(name, series);
        line.points.iter_mut().for_each(|spot| spot.between = None);
        line
    };
    let lines = [
        ranges("healthy", group.serving),
        ranges("counted", group.counted),
        ranges("physical", group.physical),
        bound("bound: least healthy", group.least),
        bound("bound: most counted", group.most),
    ];
    let lines = lines.map(|line| Line {
        points: line.points.into_iter().filter(|spot| within(window, spot.x)).collect(),
        ..line
    });
    let paused = ran.series_of("refresh.paused").find(|series| series.label == *label);
    let shaded = paused.map(|series| pauses(series, window)).unwrap_or_default();
    let told = if shaded.is_empty() { "" } else { " It is paused in the shaded times." };
    let over_time = OverTime {
        name: format!("refresh-{}", slug(label)),
        title: format!(
            "Refresh of {label}: capacity against its bounds (mean, and range over runs)"
        ),
        caption: caption(&group, active, window),
        y: Along::new("capacity units", Scale::Plain),
        lines: lines.into(),
        form: Form::FromZero,
    };
    Some(over_time.shaded(shaded, told))
}

/// From when to when a refresh is active in any run, with a margin.
fn window(ran: &Ran, active: &Series) -> Option<(f64, f64)> {
    let is_active = |cell: &&Cell| cell.value.is_some_and(|value| value.high > 0.0);
    let first = active.cells.iter().find(is_active)?;
    let last = active.cells.iter().rev().find(is_active)?;
    let margin = ((last.to - first.from) * MARGIN).max(2.0 * length(first));
    Some(((first.from - margin).max(ran.begins), (last.to + margin).min(ran.ends)))
}

fn within((from, to): (f64, f64), x: f64) -> bool {
    from <= x && x <= to
}

/// Where it is paused in at least half of the runs, most of the time.
fn pauses(paused: &Series, window: (f64, f64)) -> Vec<(f64, f64)> {
    let mut found: Vec<(f64, f64)> = Vec::new();
    let cells =
        paused.cells.iter().filter(|cell| cell.value.is_some_and(|value| value.mean >= 0.5));
    for cell in cells.filter(|cell| within(window, f64::midpoint(cell.from, cell.to))) {
        match found.last_mut() {
            Some(last) if last.1 >= cell.from => last.1 = cell.to,
            Some(_) | None => found.push((cell.from, cell.to)),
        }
    }
    found
}

fn caption(group: &Group<'_>, active: &Series, window: (f64, f64)) -> String {
    // What counts is what holds while a refresh is active.
    let during = |series: &Series| {
        let cells = series.cells.iter().zip(&active.cells);
        let cells = cells.filter(|(_, active)| active.value.is_some_and(|value| value.high > 0.0));
        Series { cells: cells.map(|(cell, _)| *cell).collect(), ..series.clone() }
    };
    let (serving, counted) = (during(group.serving), during(group.counted));
    let lowest = least(&serving, |_, value| value.low);
    let highest = most(&counted, |_, value| value.high);
    let bounds =
        [least(group.least, |_, value| value.low), most(group.most, |_, value| value.high)];
    let [floor, ceiling] = bounds.map(|bound| {
        bound.map(|(_, at)| format!(" (bound {})", number::free(at))).unwrap_or_default()
    });
    let mut words = vec![format!(
        "Refreshes are active between {} and {}.",
        moment(window.0),
        moment(window.1)
    )];
    if let Some((cell, low)) = lowest {
        words.push(format!(
            "Healthy capacity was lowest {}: {}{floor}.",
            when(cell),
            number::free(low)
        ));
    }
    if let Some((cell, high)) = highest {
        words.push(format!(
            "Counted capacity was highest {}: {}{ceiling}.",
            when(cell),
            number::free(high)
        ));
    }
    words.push("Bands reach from the lowest to the highest value in any run.".to_owned());
    words.join(" ")
}
