//! Charts on a page: a picture that stands for itself, the numbers of those that zoom, and tables of
//! those that do not.

use super::{
    Tone,
    table::{Cell, Head, Table},
};
use crate::report::{
    chart::{
        Along, Bars, Chart, Dots, Figure, Form, Heat, Level, Line, Lines, Mark, Rows, Scale, Spread,
    },
    number, plain,
    plot::{self, palette},
};
use serde::Serialize;

/// A chart as the page shows it before any script runs.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Drawn {
    /// Its anchor.
    name: String,
    /// What it shows.
    title: String,
    /// What a reader should see in it.
    caption: String,
    /// The picture.
    svg: String,
    /// Its place among those that zoom.
    place: Option<usize>,
    /// Its numbers, where it does not zoom.
    table: Option<Table>,
}

/// The charts that zoom, as the script reads them.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Charts {
    /// The colours of lines, in turn.
    colours: Vec<String>,
    /// The charts.
    charts: Vec<Zoomed>,
}

/// A chart that zooms: its lines as columns over one list of places.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Zoomed {
    x: Along,
    y: Along,
    form: Form,
    xs: Vec<f64>,
    lines: Vec<Column>,
    levels: Vec<Level>,
    shaded: Vec<(f64, f64)>,
}

/// A line as a column.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Column {
    name: String,
    y: Vec<Option<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<Vec<Option<f64>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<Vec<Option<f64>>>,
}

impl Default for Charts {
    fn default() -> Self {
        let colour = |colour: &plotters::style::RGBColor| {
            format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2)
        };
        Self { colours: palette::SERIES.iter().map(colour).collect(), charts: Vec::new() }
    }
}

impl Charts {
    /// `figure` as the page shows it; its numbers are kept where it zooms.
    pub fn take(&mut self, figure: &Figure) -> Drawn {
        let title = plain(&figure.title);
        let (place, table) = match &figure.chart {
            Chart::Lines(lines) => {
                self.charts.push(zoomed(lines));
                (Some(self.charts.len() - 1), None)
            }
            Chart::Bars(bars) => (None, Some(of_bars(&title, bars))),
            Chart::Heat(heat) => (None, Some(of_heat(&title, heat))),
            Chart::Dots(dots) => (None, Some(of_dots(&title, dots))),
            Chart::Rows(rows) => (None, Some(of_rows(&title, rows))),
            Chart::Spread(spread) => (None, Some(of_spread(&title, spread))),
        };
        let caption = plain(&figure.caption);
        Drawn { name: figure.name.clone(), title, caption, svg: picture(figure), place, table }
    }
}

/// The picture of `figure`, to stand in a page: its style is the page's, and no letter in it does
/// anything but stand there.
fn picture(figure: &Figure) -> String {
    let svg = plot::svg(figure).replace(palette::STYLE.trim(), "");
    svg.lines().map(|line| plain(line) + "\n").collect()
}

fn zoomed(lines: &Lines) -> Zoomed {
    let mut xs: Vec<f64> =
        lines.lines.iter().flat_map(|line| line.points.iter().map(|spot| spot.x)).collect();
    xs.sort_by(f64::total_cmp);
    xs.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let levels = lines.levels.iter();
    Zoomed {
        x: named(&lines.x),
        y: named(&lines.y),
        form: lines.form,
        lines: lines.lines.iter().map(|line| column(line, &xs)).collect(),
        levels: levels.map(|level| Level { name: plain(&level.name), at: level.at }).collect(),
        shaded: lines.shaded.clone(),
        xs,
    }
}

fn named(along: &Along) -> Along {
    Along { what: plain(&along.what), ..along.clone() }
}

fn column(line: &Line, xs: &[f64]) -> Column {
    let mut spots = line.points.iter().peekable();
    let found: Vec<_> =
        xs.iter().map(|x| spots.next_if(|spot| spot.x.total_cmp(x).is_eq())).collect();
    let between = found.iter().any(|spot| spot.is_some_and(|spot| spot.between.is_some()));
    let edge = |of: fn((f64, f64)) -> f64| {
        let edge = found.iter().map(|spot| spot.and_then(|spot| spot.between).map(of));
        between.then(|| edge.collect())
    };
    Column {
        name: plain(&line.name),
        y: found.iter().map(|spot| spot.and_then(|spot| spot.y)).collect(),
        low: edge(|(low, _)| low),
        high: edge(|(_, high)| high),
    }
}

fn of_bars(title: &str, bars: &Bars) -> Table {
    let tell = |value: f64| told(bars.x.scale, value);
    let what = format!("#{}", bars.x.what);
    let mut table = Table::new(title, &["Name", &what, "#From", "#To"]);
    table.folded = true;
    table.rows = bars
        .rows
        .iter()
        .map(|row| {
            let (low, high) = row.between.unzip();
            let ends = [low, high].map(|end| Cell::number_if_any(end, tell));
            let [low, high] = ends;
            vec![Cell::words(&row.name), Cell::number(tell(row.value), row.value), low, high]
        })
        .collect();
    if bars.rows.iter().all(|row| row.between.is_none()) {
        table.heads.truncate(2);
        table.rows.iter_mut().for_each(|row| row.truncate(2));
    }
    table
}

fn of_heat(title: &str, heat: &Heat) -> Table {
    let mut table = Table::new(title, &[&format!("{} \\ {}", heat.y.0, heat.x.0)]);
    table.folded = true;
    table.heads.extend(heat.x.1.iter().map(|name| Head { name: plain(name), number: true }));
    // From below, as the picture has it, is from the end.
    table.rows = heat
        .y
        .1
        .iter()
        .zip(&heat.cells)
        .rev()
        .map(|(name, cells)| {
            let cells = cells
                .iter()
                .map(|cell| Cell::number_if_any(*cell, |value| told(heat.value.scale, value)));
            [Cell::words(name)].into_iter().chain(cells).collect()
        })
        .collect();
    table
}

fn of_dots(title: &str, dots: &Dots) -> Table {
    let (x, y) = (format!("#{}", dots.x.what), format!("#{}", dots.y.what));
    let mut table = Table::new(title, &["Group", &x, &y, "#From", "#To"]);
    table.folded = true;
    for group in &dots.groups {
        for spot in &group.spots {
            let tell = |value: f64| told(dots.y.scale, value);
            let (low, high) = spot.between.unzip();
            let ends = [spot.y, low, high].map(|value| Cell::number_if_any(value, tell));
            let first =
                [Cell::words(&group.name), Cell::number(told(dots.x.scale, spot.x), spot.x)];
            table.rows.push(first.into_iter().chain(ends).collect());
        }
    }
    table
}

fn of_rows(title: &str, rows: &Rows) -> Table {
    let mut table = Table::new(title, &["Name", &format!("#{}", rows.x.what), "In words"]);
    table.folded = true;
    table.rows = rows
        .rows
        .iter()
        .map(|row| {
            let tone = match row.mark {
                Mark::Good => Tone::Good,
                Mark::Bad => Tone::Bad,
                Mark::Plain | Mark::Open => Tone::Plain,
            };
            vec![
                Cell::words(&row.name),
                Cell::number_if_any(row.value, |value| told(rows.x.scale, value)),
                Cell::words(&row.told).in_tone(tone),
            ]
        })
        .collect();
    table
}

/// Five numbers a row: all values are in `runs.csv`.
fn of_spread(title: &str, spread: &Spread) -> Table {
    let heads = ["Name", "#Lowest", "#Lower quarter", "#Middle", "#Upper quarter", "#Highest"];
    let mut table = Table::new(title, &heads);
    table.folded = true;
    table.rows = spread
        .rows
        .iter()
        .map(|row| {
            let mut values = row.values.clone();
            values.sort_by(f64::total_cmp);
            // The value below which, or at which, this share of them lies.
            let at = |share: f64| {
                let place = libm::ceil(share * values.len() as f64) as usize;
                values.get(place.saturating_sub(1)).copied()
            };
            let shares = [0.0, 0.25, 0.5, 0.75, 1.0];
            let cells = shares
                .map(|share| Cell::number_if_any(at(share), |value| told(spread.x.scale, value)));
            [Cell::words(&row.name)].into_iter().chain(cells).collect()
        })
        .collect();
    table
}

/// A value alone, as charts tell it.
pub fn told(scale: Scale, value: f64) -> String {
    match scale {
        Scale::Time => number::amount(value, "s"),
        Scale::Bytes => number::amount(value, "B"),
        Scale::Plain => number::free(value),
        Scale::Ratio => percent(value),
    }
}

/// A share in percent, with three digits of what is missing where little is.
pub fn percent(share: f64) -> String {
    let missing = 1.0 - share;
    if !(1e-15..0.1).contains(&missing) {
        let short = format!("{:.3e}", share * 100.0).parse().unwrap_or(share * 100.0);
        return format!("{} %", number::free(short));
    }
    let digits = 2 - libm::floor(libm::log10(missing * 100.0)) as i32;
    let decimals = digits.clamp(0, 12) as usize;
    format!("{:.decimals$} %", share * 100.0)
}
