//! The page of a sweep.

use super::{
    Asked, Page, Section,
    charts::Drawn,
    table::{Cell, Table},
    within,
};
use crate::report::{folder::texts::Texts, number, plain};
use serde::Deserialize;

/// What is read of the summary; its points are read from their table, which is smaller.
#[derive(Deserialize)]
struct Summary {
    scenario: String,
    #[serde(default)]
    question: String,
    digest: String,
    #[serde(default)]
    remarks: Vec<String>,
    paths: Vec<String>,
    #[serde(default)]
    differences: Vec<Difference>,
    #[serde(default)]
    effects: Vec<Effect>,
}

#[derive(Deserialize)]
struct Difference {
    metric: String,
    unit: String,
    point: u64,
    against: u64,
    difference: Option<f64>,
    half_width: Option<f64>,
    p_adjusted: Option<f64>,
}

#[derive(Deserialize)]
struct Effect {
    metric: String,
    unit: String,
    axis: String,
    range: Option<f64>,
    levels: Vec<Level>,
    coefficient: Option<f64>,
}

#[derive(Deserialize)]
struct Level {
    value: String,
    mean: Option<f64>,
}

/// A point with what it says of one metric: value and half the width of its interval.
struct Point {
    number: f64,
    values: Vec<String>,
    says: Vec<(Option<f64>, Option<f64>)>,
}

/// The metrics that the page is about: name and unit.
fn metrics(read: &Summary) -> Vec<(String, String)> {
    let told = read.effects.iter().map(|one| (&one.metric, &one.unit));
    let told = told.chain(read.differences.iter().map(|one| (&one.metric, &one.unit)));
    let mut found: Vec<(String, String)> = Vec::new();
    for (metric, unit) in told {
        if !found.iter().any(|(known, _)| known == metric) {
            found.push((metric.clone(), unit.clone()));
        }
    }
    if found.is_empty() {
        found.push(("availability".to_owned(), "ratio".to_owned()));
    }
    found
}

/// The page of the sweep that `texts` tell, whose charts are `figures`.
pub fn page(texts: Texts<'_>, figures: Vec<Drawn>) -> Result<Page, String> {
    let summary = texts.get("summary.json")?;
    let read: Summary = serde_json::from_str(summary).map_err(|error| super::wrong(&error))?;
    let asked: Asked = serde_json::from_str(summary).map_err(|error| super::wrong(&error))?;
    let metrics = metrics(&read);
    let points = points(texts, &read, &metrics)?;
    let text = "Bands and ± are 95 % intervals, each for itself. Drag across a chart to zoom into it; \
                double-click to see all of it again.";
    let charts = Section {
        id: "charts".to_owned(),
        title: "Over what was varied".to_owned(),
        text: vec![text.to_owned()],
        figures,
        tables: Vec::new(),
    };
    let mut tables = vec![table(&read, &metrics, &points)];
    tables.extend([effects(&read), differences(&read)].into_iter().filter(|one| !one.rows.is_empty()));
    let numbers = Section {
        id: "points".to_owned(),
        title: "Points".to_owned(),
        text: vec!["Every metric of every point: points.csv.".to_owned()],
        figures: Vec::new(),
        tables,
    };
    Ok(Page {
        title: plain(&read.scenario),
        question: plain(&read.question),
        answer: answer(&read, &metrics, &points),
        about: format!("{} points, {} each, seed {}.", points.len(), asked.runs(), asked.seed),
        remarks: read.remarks.iter().map(|remark| plain(remark)).collect(),
        sections: vec![charts, numbers],
        facts: asked.facts(&[("Digest of the sweep", &read.digest)]),
        ..Page::new("sweep", &asked)
    })
}

fn points(
    texts: Texts<'_>,
    read: &Summary,
    metrics: &[(String, String)],
) -> Result<Vec<Point>, String> {
    let columns = texts.columns("points.csv")?;
    let place = |name: &str| columns.iter().position(|column| column == name);
    let wanted: Vec<[Option<usize>; 2]> = metrics.iter().map(|(name, _)| {
        ["mean", "half_width"].map(|statistic| place(&format!("{name}:{statistic}")))
    }).collect();
    let mut points = Vec::new();
    texts.rows("points.csv", |row| {
        let number = |place: Option<usize>| place.map_or(Ok(None), |place| row.number_at(place));
        let says = wanted.iter().map(|[mean, width]| Ok((number(*mean)?, number(*width)?)));
        points.push(Point {
            number: row.number("point")?,
            values: read.paths.iter().enumerate().map(|(path, _)| row.name_at(path + 1)).collect(),
            says: says.collect::<Result<_, String>>()?,
        });
        Ok(())
    })?;
    Ok(points)
}

/// Where each metric is highest and lowest, and what moves it most.
fn answer(read: &Summary, metrics: &[(String, String)], points: &[Point]) -> Vec<String> {
    let told = metrics.iter().enumerate().map(|(place, (name, unit))| {
        let known = points.iter().filter_map(|point| Some((point.says[place].0?, point)));
        let known: Vec<(f64, &Point)> = known.collect();
        let (Some(lowest), Some(highest)) = (
            known.iter().min_by(|(a, _), (b, _)| a.total_cmp(b)),
            known.iter().max_by(|(a, _), (b, _)| a.total_cmp(b)),
        ) else {
            return format!("No point says anything of {}.", within(name));
        };
        if highest.0.total_cmp(&lowest.0).is_eq() {
            let everywhere = number::amount(lowest.0, unit);
            return format!("{} is {everywhere} at every point.", within(name));
        }
        let at = |(value, point): &(f64, &Point)| {
            let width = point.says[place].1;
            let value = super::with_width(*value, width, unit, value.abs());
            format!("{value} at {}", where_is(read, point))
        };
        format!(
            "{} runs from {} to {}.{}",
            within(name),
            at(lowest),
            at(highest),
            moves(read, name)
        )
    });
    told.collect()
}

fn where_is(read: &Summary, point: &Point) -> String {
    let pairs = read.paths.iter().zip(&point.values);
    let pairs: Vec<String> =
        pairs.map(|(path, value)| format!("{} = {}", within(path), within(value))).collect();
    pairs.join(", ")
}

/// What moves `metric` most, where more than one thing is varied.
fn moves(read: &Summary, metric: &str) -> String {
    let of = read.effects.iter().filter(|effect| effect.metric == metric);
    let most = of.max_by(|a, b| a.range.unwrap_or(0.0).total_cmp(&b.range.unwrap_or(0.0)));
    match most {
        Some(most) if read.paths.len() > 1 && most.range.is_some_and(|range| range > 0.0) => {
            format!(" {} moves it most.", within(axis(&most.axis)))
        }
        Some(_) | None => String::new(),
    }
}

/// The path of an axis that is told with its values.
fn axis(told: &str) -> &str {
    told.split_once('=').map_or(told, |(path, _)| path)
}

fn table(read: &Summary, metrics: &[(String, String)], points: &[Point]) -> Table {
    let mut heads = vec!["#Point".to_owned()];
    heads.extend(read.paths.iter().map(|path| format!("#{path}")));
    heads.extend(metrics.iter().map(|(name, _)| format!("#{name}")));
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Table::new("Every point", &heads);
    table.rows = points.iter().map(|point| {
        let values = point.values.iter().map(|value| match value.parse::<f64>() {
            Ok(number) if number.is_finite() => Cell::number(plain(value), number),
            Ok(_) | Err(_) => Cell::words(value),
        });
        let says = point.says.iter().zip(metrics).map(|((mean, width), (_, unit))| {
            Cell::number_if_any(*mean, |mean| super::with_width(mean, *width, unit, mean.abs()))
        });
        let number = Cell::number(number::free(point.number), point.number);
        [number].into_iter().chain(values).chain(says).collect()
    }).collect();
    table
}

fn effects(read: &Summary) -> Table {
    let heads =
        ["Metric", "Axis", "#Range of means", "Lowest mean at", "Highest mean at", "#Slope"];
    let mut table = Table::new("What moves each metric", &heads);
    table.rows = read.effects.iter().map(|effect| {
        let known = || effect.levels.iter().filter_map(|level| Some((level.mean?, level)));
        let at = |level: Option<(f64, &Level)>| {
            Cell::words(level.map_or("–", |(_, level)| level.value.as_str()))
        };
        vec![
            Cell::words(&effect.metric),
            Cell::words(axis(&effect.axis)),
            Cell::number_if_any(effect.range, |range| number::amount(range, &effect.unit)),
            at(known().min_by(|(a, _), (b, _)| a.total_cmp(b))),
            at(known().max_by(|(a, _), (b, _)| a.total_cmp(b))),
            Cell::number_if_any(effect.coefficient, |slope| format!("{slope:+.2}")),
        ]
    }).collect();
    table
}

fn differences(read: &Summary) -> Table {
    let heads = ["Metric", "#Point", "#Against", "#Difference", "#p"];
    let mut table = Table::new("Differences to the first point", &heads);
    table.note = "the same runs under the same chance; p is adjusted for all".to_owned();
    table.folded = true;
    table.rows = read.differences.iter().map(|one| {
        let count = |count: u64| Cell::number(number::free(count as f64), count as f64);
        let difference = Cell::number_if_any(one.difference, |difference| {
            let size = difference.abs().max(one.half_width.unwrap_or(0.0));
            super::with_width(difference, one.half_width, &one.unit, size)
        });
        let p = Cell::number_if_any(one.p_adjusted, |p| match p < 0.001 {
            true => "< 0.001".to_owned(),
            false => number::rough(p),
        });
        vec![Cell::words(&one.metric), count(one.point), count(one.against), difference, p]
    }).collect();
    table
}
