//! The page of a sweep.

use super::{
    Asked, Page, Section,
    charts::Drawn,
    table::{Cell, Table},
    within,
};
use crate::report::{
    folder::sweep::{Axis, Swept},
    number, plain,
};
use serde::Deserialize;

/// What is read of the summary beside its points.
#[derive(Deserialize)]
struct Summary {
    #[serde(default)]
    differences: Vec<Difference>,
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

/// The page of the sweep that `swept` and its `summary` tell, whose charts are `figures`.
pub fn page(summary: &str, swept: &Swept, figures: Vec<Drawn>) -> Result<Page, serde_json::Error> {
    let asked: Asked = serde_json::from_str(summary)?;
    let read: Summary = serde_json::from_str(summary)?;
    let text = "Bands and ± are 95 % intervals, each for itself. Drag across a chart with lines to zoom \
                into it; double-click to see all of it again.";
    let charts = Section {
        id: "charts".to_owned(),
        title: "Over what was varied".to_owned(),
        text: vec![text.to_owned()],
        figures,
        tables: Vec::new(),
    };
    let tables = [table(swept), effects(swept), differences(&read)];
    let numbers = Section {
        id: "points".to_owned(),
        title: "Points".to_owned(),
        text: vec!["Every metric of every point: points.csv.".to_owned()],
        figures: Vec::new(),
        tables: tables.into_iter().filter(|table| !table.rows.is_empty()).collect(),
    };
    let points = swept.points.len();
    Ok(Page {
        title: plain(&swept.scenario),
        question: plain(&swept.question),
        answer: answer(swept),
        about: format!("{points} points, {} each, seed {}.", asked.runs(), asked.seed),
        remarks: swept.remarks.iter().map(|remark| plain(remark)).collect(),
        sections: vec![charts, numbers],
        facts: asked.facts(&[("Digest of the sweep", &swept.digest)]),
        ..Page::new("sweep", &asked)
    })
}

/// Where each metric is highest and lowest, and what moves it most.
fn answer(swept: &Swept) -> Vec<String> {
    let told = swept.told.iter().map(|told| {
        let (name, unit) = (within(&told.metric), told.unit.as_str());
        let known = told.means.iter().enumerate();
        let known = known.filter_map(|(point, mean)| Some((mean.mean?, mean.half_width, point)));
        let known: Vec<(f64, Option<f64>, usize)> = known.collect();
        let (Some(lowest), Some(highest)) = (
            known.iter().min_by(|(a, ..), (b, ..)| a.total_cmp(b)),
            // The first of equals, as for the lowest.
            known.iter().rev().max_by(|(a, ..), (b, ..)| a.total_cmp(b)),
        ) else {
            return format!("No point says anything of {name}.");
        };
        if highest.0.total_cmp(&lowest.0).is_eq() {
            return format!(
                "{name} is {} at every point.",
                super::amount(lowest.0, unit, lowest.0)
            );
        }
        let at = |(value, width, point): &(f64, Option<f64>, usize)| {
            let value = super::with_width(*value, *width, unit, *value);
            format!("{value} at {}", where_is(swept, *point))
        };
        let most = told.effects.first().filter(|most| swept.axes.len() > 1 && most.range > 0.0);
        let most = most.and_then(|most| swept.axes.get(most.axis));
        let most = most.map(|axis| format!(" {} moves it most.", within(&axis.name)));
        format!("{name} runs from {} to {}.{}", at(lowest), at(highest), most.unwrap_or_default())
    });
    told.collect()
}

fn where_is(swept: &Swept, point: usize) -> String {
    let pairs = swept.axes.iter().zip(values(swept, point));
    let pairs: Vec<String> =
        pairs.map(|(axis, value)| format!("{} = {}", within(&axis.name), within(value))).collect();
    pairs.join(", ")
}

/// The values of a point, in the order of axes.
fn values(swept: &Swept, point: usize) -> impl Iterator<Item = &str> {
    let places = swept.axes.iter().zip(&swept.points[point]);
    places.map(|(axis, place)| axis.values.get(*place).map_or("", String::as_str))
}

fn table(swept: &Swept) -> Table {
    let head = |axis: &Axis| match axis.numbers {
        Some(_) => format!("#{}", axis.name),
        None => axis.name.clone(),
    };
    let heads = ["#Point".to_owned()].into_iter().chain(swept.axes.iter().map(head));
    let heads = heads.chain(swept.told.iter().map(|told| format!("#{}", told.metric)));
    let heads: Vec<String> = heads.collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Table::new("Every point", &heads);
    table.rows = (0..swept.points.len()).map(|point| row(swept, point)).collect();
    table
}

fn row(swept: &Swept, point: usize) -> Vec<Cell> {
    let places = swept.axes.iter().zip(&swept.points[point]);
    let varied = places.zip(values(swept, point)).map(|((axis, place), value)| {
        match axis.numbers.as_ref().and_then(|(numbers, _)| numbers.get(*place)) {
            Some(number) => Cell::number(plain(value), *number),
            None => Cell::words(value),
        }
    });
    let means = swept.told.iter().map(|told| {
        let mean = told.means.get(point).copied().unwrap_or_default();
        Cell::number_if_any(mean.mean, |value| {
            super::with_width(value, mean.half_width, &told.unit, value)
        })
    });
    let number = Cell::number(number::free(point as f64), point as f64);
    [number].into_iter().chain(varied).chain(means).collect()
}

fn effects(swept: &Swept) -> Table {
    let heads =
        ["Metric", "Axis", "#Range of means", "Lowest mean at", "Highest mean at", "#Slope"];
    let mut table = Table::new("What moves each metric", &heads);
    let all = swept.told.iter().flat_map(|told| told.effects.iter().map(move |one| (told, one)));
    table.rows = all
        .map(|(told, effect)| {
            let lowest = effect.levels.iter().min_by(|a, b| a.mean.total_cmp(&b.mean));
            let highest = effect.levels.iter().max_by(|a, b| a.mean.total_cmp(&b.mean));
            let [lowest, highest] = [lowest, highest]
                .map(|level| Cell::words(level.map_or("–", |level| level.value.as_str())));
            let axis = swept.axes.get(effect.axis).map_or("–", |axis| axis.name.as_str());
            let range = super::amount(effect.range, &told.unit, effect.range);
            let slope = Cell::number_if_any(effect.coefficient, |slope| format!("{slope:+.2}"));
            let names =
                [Cell::words(&told.metric), Cell::words(axis), Cell::number(range, effect.range)];
            names.into_iter().chain([lowest, highest, slope]).collect()
        })
        .collect();
    table
}

fn differences(read: &Summary) -> Table {
    let heads = ["Metric", "#Point", "#Against", "#Difference", "#p"];
    let mut table = Table::new("Differences to the first point", &heads);
    table.note = "the same runs under the same chance; p is adjusted for all".to_owned();
    table.folded = true;
    table.rows = read
        .differences
        .iter()
        .map(|one| {
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
        })
        .collect();
    table
}
