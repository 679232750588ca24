//! What the charts of runs share: lines out of series, and words for times and numbers.

use crate::{
    experiment::estimate::Spread,
    report::{
        chart::{Along, Chart, Figure, Form, Line, Lines, Scale, Spot},
        folder::run::{Cell, Metric, Ran, Series, Value},
        number,
    },
};

/// A chart over time.
pub struct OverTime {
    /// What its file is called.
    pub name: String,
    /// What it shows.
    pub title: String,
    /// What a reader should see in it.
    pub caption: String,
    /// What is shown.
    pub y: Along,
    /// The lines.
    pub lines: Vec<Line>,
    /// How they lie.
    pub form: Form,
}

impl OverTime {
    /// The figure, with the warm-up of `ran` shaded.
    pub fn figure(self, ran: &Ran) -> Figure {
        let warm_up = (ran.measured_from > ran.begins).then_some((ran.begins, ran.measured_from));
        let told = if warm_up.is_some() {
            " The shaded time is the warm-up, of which metrics say nothing."
        } else {
            ""
        };
        self.shaded(warm_up.into_iter().collect(), told)
    }

    /// The figure with these stretches shaded, which `told` explains.
    pub fn shaded(self, shaded: Vec<(f64, f64)>, told: &str) -> Figure {
        Figure {
            name: self.name,
            title: self.title,
            caption: format!("{}{told}", self.caption),
            chart: Chart::Lines(Lines {
                x: Along::new("time", Scale::Time),
                y: self.y,
                lines: self.lines,
                levels: Vec::new(),
                shaded,
                form: self.form,
            }),
        }
    }
}

/// The middle of `cell` (s on the clock).
pub fn middle(cell: &Cell) -> f64 {
    f64::midpoint(cell.from, cell.to)
}

/// The means of `series` with their intervals, which end where no value lies (`ends`); each taken
/// times what `factor` says of its cell.
pub fn means(name: &str, series: &Series, ends: (f64, f64), factor: impl Fn(&Cell) -> f64) -> Line {
    let spot = |cell: &Cell| {
        let factor = factor(cell);
        let between = cell.value.and_then(|value| {
            let width = value.half_width?;
            let end = |end: f64| (end * factor).clamp(ends.0, ends.1);
            Some((end(value.mean - width), end(value.mean + width)))
        });
        Spot { x: middle(cell), y: cell.value.map(|value| value.mean * factor), between }
    };
    Line { name: name.to_owned(), points: series.cells.iter().map(spot).collect() }
}

/// What is zero or more.
pub const POSITIVE: (f64, f64) = (0.0, f64::INFINITY);

/// The means of `series`, each between the lowest and the highest value at any moment of any run.
pub fn ranges(name: &str, series: &Series) -> Line {
    let spot = |cell: &Cell| Spot {
        x: middle(cell),
        y: cell.value.map(|value| value.mean),
        between: cell.value.map(|value| (value.low, value.high)),
    };
    Line { name: name.to_owned(), points: series.cells.iter().map(spot).collect() }
}

/// The means of `series` alone, each times what `factor` says of its cell: for stacks.
pub fn plain_means(name: &str, series: &Series, factor: impl Fn(&Cell) -> f64) -> Line {
    let mut line = means(name, series, POSITIVE, factor);
    line.points.iter_mut().for_each(|spot| spot.between = None);
    line
}

/// The first cell of `series` in which what `of` says is largest, with what it says.
pub fn most(series: &Series, of: impl Fn(&Cell, &Value) -> f64) -> Option<(&Cell, f64)> {
    let told = series.cells.iter().filter_map(|cell| Some((cell, of(cell, &cell.value?))));
    told.fold(None, |most: Option<(&Cell, f64)>, (cell, value)| match most {
        Some((_, other)) if other >= value => most,
        Some(_) | None => Some((cell, value)),
    })
}

/// The same of the smallest.
pub fn least(series: &Series, of: impl Fn(&Cell, &Value) -> f64) -> Option<(&Cell, f64)> {
    most(series, |cell, value| -of(cell, value)).map(|(cell, value)| (cell, -value))
}

/// The cell in which the sum of `lines` is largest: where it begins and ends, and the sum.
pub fn highest_stack<'a>(all: &'a [&'a Series], lines: &[Line]) -> Option<(&'a Cell, f64)> {
    let cells = &all.first()?.cells;
    let sum = |place: usize| {
        let of = |line: &Line| line.points.get(place).and_then(|spot| spot.y).unwrap_or(0.0);
        lines.iter().map(of).sum::<f64>()
    };
    cells.iter().enumerate().fold(None, |most: Option<(&Cell, f64)>, (place, cell)| {
        let sum = sum(place);
        match most {
            Some((_, other)) if other >= sum => most,
            Some(_) | None => Some((cell, sum)),
        }
    })
}

/// How long a cell lasts (s).
pub fn length(cell: &Cell) -> f64 {
    cell.to - cell.from
}

/// In what counts of `ran` are told: how long it lasts (s), and its name.
pub fn per(ran: &Ran) -> (f64, &'static str) {
    let cell = ran.series.first().and_then(|series| series.cells.first()).map_or(0.0, length);
    if cell >= 21_600.0 { (86_400.0, "day") } else { (3_600.0, "hour") }
}

/// A point of time: `12d 4h`, `30min`.
pub fn moment(seconds: f64) -> String {
    let mut rest = libm::round(seconds).max(0.0) as u64;
    let mut words = Vec::new();
    for (unit, name) in [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")] {
        if rest >= unit {
            words.push(format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    if words.is_empty() { "0".to_owned() } else { words.join(" ") }
}

/// When `cell` is: `from 12d to 12d 4h`.
pub fn when(cell: &Cell) -> String {
    format!("from {} to {}", moment(cell.from), moment(cell.to))
}

/// What runs say of `metric`, with its interval: `0.9997 ± 0.0002`.
pub fn estimate(metric: &Metric) -> Option<String> {
    let spread = Spread {
        mean: metric.mean?,
        deviation: None,
        half_width: metric.half_width,
        min: metric.min?,
        max: metric.max?,
        skewed: false,
    };
    Some(number::show(&spread, &metric.unit).value)
}

/// The parts of a whole that `metrics` are, the largest first, as `redeploy 38.9, failover 2.4`; at
/// most four of them, and none that is zero.
pub fn parts<'a>(
    metrics: impl Iterator<Item = &'a Metric>,
    told: impl Fn(f64) -> String,
) -> String {
    let named = metrics.filter_map(|metric| {
        let (_, label) = metric.labels.first()?;
        Some((label.as_str(), metric.mean?)).filter(|(_, mean)| *mean > 0.0)
    });
    let mut named: Vec<(&str, f64)> = named.collect();
    named.sort_by(|a, b| b.1.total_cmp(&a.1));
    let words: Vec<String> =
        named.iter().take(4).map(|(name, mean)| format!("{name} {}", told(*mean))).collect();
    let tail = if named.len() > 4 { ", …" } else { "" };
    format!("{}{tail}", words.join(", "))
}

/// The series called `name` that say anything, the largest first; of many the last ones are left
/// out, and counted.
pub fn largest<'a>(ran: &'a Ran, name: &'a str) -> (Vec<&'a Series>, usize) {
    /// As many as there are colours that everybody tells apart.
    const MOST: usize = 7;
    let mut all: Vec<(&Series, f64)> = ran
        .series_of(name)
        .filter(|series| !series.is_zero())
        .map(|series| {
            let means = series.cells.iter().filter_map(|cell| Some(cell.value?.mean));
            (series, means.sum())
        })
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let left = all.len().saturating_sub(MOST);
    (all.into_iter().take(MOST).map(|(series, _)| series).collect(), left)
}

/// What is said where `left` parts of a whole are not drawn.
pub fn left_out(left: usize) -> String {
    match left {
        0 => String::new(),
        _ => format!(" The {left} smallest are not drawn."),
    }
}

/// `name`, which users chose, as a part of the name of a file: small letters, digits and hyphens.
pub fn slug(name: &str) -> String {
    let small = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    let small: String = small.take(40).collect::<String>().to_ascii_lowercase();
    let words: Vec<&str> = small.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}
