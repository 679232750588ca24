//! The files of a sweep, line by line.

use super::{
    super::{
        csv::{Sheet, column, guarded, number},
        json,
    },
    Chosen, Difference, Swept,
};
use crate::{
    experiment::{
        effects::Effect,
        estimate::{Estimate, LEVEL},
        paired::Method,
    },
    observe::catalogue::{CATALOGUE, Metric},
};
use serde_json::{Map, Value, json};

/// The statistics of a metric in a row of a point, behind the mean.
const STATISTICS: [&str; 6] = ["mean", "half_width", "deviation", "min", "max", "runs"];

/// The metrics of all points as columns of one table.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    metrics: Vec<Metric>,
    /// For each list of metrics, where each column stands in it.
    places: Vec<Vec<Option<usize>>>,
}

impl Columns {
    /// The columns of what was swept: in the order of its only list; in that of the catalogue where
    /// points measure different things.
    pub fn of(swept: &Swept) -> Self {
        let mut metrics: Vec<Metric> = Vec::new();
        for list in &swept.lists {
            let new: Vec<Metric> =
                list.iter().filter(|metric| !metrics.contains(metric)).cloned().collect();
            metrics.extend(new);
        }
        if swept.lists.len() > 1 {
            metrics.sort_by_key(|metric| CATALOGUE.iter().position(|d| d == metric.definition));
        }
        let place = |list: &[Metric]| {
            metrics.iter().map(|metric| list.iter().position(|other| other == metric)).collect()
        };
        let places = swept.lists.iter().map(|list| place(list)).collect();
        Self { metrics, places }
    }

    fn of_list<'a, T>(
        &'a self,
        list: usize,
        values: &'a [T],
    ) -> impl Iterator<Item = Option<&'a T>> {
        self.places[list].iter().map(|place| values.get((*place)?))
    }
}

/// The first line of `points.csv`: a column a path, and one a metric and statistic.
pub fn points_header(swept: &Swept, columns: &Columns) -> String {
    let statistics = columns.metrics.iter().flat_map(|metric| {
        STATISTICS.map(|statistic| guarded(&format!("{}:{statistic}", column(metric))))
    });
    let first = std::iter::once("point".to_owned());
    line(first.chain(paths(swept)).chain(statistics))
}

/// The line of point number `point`; `estimates` are in the order of its list of metrics. An empty
/// cell is undefined there, or not measured.
pub fn points_row(
    swept: &Swept,
    columns: &Columns,
    point: usize,
    estimates: &[Estimate],
) -> String {
    let cells = columns.of_list(swept.points[point].list, estimates).flat_map(|estimate| {
        let value = estimate.and_then(|estimate| estimate.value);
        [
            number(value.map(|value| value.mean)),
            number(value.and_then(|value| value.half_width)),
            number(value.and_then(|value| value.deviation)),
            number(value.map(|value| value.min)),
            number(value.map(|value| value.max)),
            estimate.map(|estimate| estimate.runs.to_string()).unwrap_or_default(),
        ]
    });
    line(std::iter::once(point.to_string()).chain(values(swept, point)).chain(cells))
}

/// The first line of `runs.csv`: a column a path and a metric.
pub fn runs_header(swept: &Swept, columns: &Columns) -> String {
    let first = ["point", "run"].map(str::to_owned).into_iter();
    let metrics = columns.metrics.iter().map(|metric| guarded(&column(metric)));
    line(first.chain(paths(swept)).chain(["fingerprint".to_owned()]).chain(metrics))
}

/// The line of run number `run` of a point, whose values are in the order of its metrics.
pub fn runs_row(
    swept: &Swept,
    columns: &Columns,
    (point, run): (usize, u32),
    (fingerprint, numbers): (&str, &[Option<f64>]),
) -> String {
    let cells = columns.of_list(swept.points[point].list, numbers);
    let cells = cells.map(|value| number(value.copied().flatten()));
    let first = [point.to_string(), run.to_string()].into_iter();
    line(first.chain(values(swept, point)).chain([fingerprint.to_owned()]).chain(cells))
}

fn paths(swept: &Swept) -> impl Iterator<Item = String> {
    swept.paths.iter().map(|path| guarded(path))
}

fn values(swept: &Swept, point: usize) -> impl Iterator<Item = String> {
    // What is a number stays one, with a sign or without.
    let cell = |value: &String| match value.parse::<f64>() {
        Ok(_) => value.clone(),
        Err(_) => guarded(value),
    };
    swept.points[point].values.iter().map(cell)
}

fn line(cells: impl Iterator<Item = String>) -> String {
    Sheet::new(cells).finish()
}

/// The begin of `summary.json`, up to its points.
pub fn json_head(swept: &Swept) -> String {
    let object = json!({
        "kind": "sweep",
        "scenario": swept.scenario,
        "question": swept.question,
        "digest": swept.digest,
        "version": swept.version,
        "rng_scheme": swept.rng_scheme,
        "seed": swept.seed,
        "runs": swept.runs,
        "level": LEVEL,
        "command": swept.command,
        "remarks": swept.remarks,
        "vary": swept.vary,
        "sample": swept.sample,
        "paths": swept.paths,
    });
    let text = json::pretty(&object);
    let open = text.strip_suffix("\n}\n").expect("what was printed is an object");
    format!("{open},\n  \"points\": [\n")
}

/// The line of point number `point`; `estimates` are in the order of its list of metrics.
pub fn json_point(swept: &Swept, point: usize, estimates: &[Estimate]) -> String {
    let SweptValues { values, digest, list } = of_point(swept, point);
    let metrics = list.iter().zip(estimates).map(|(metric, estimate)| {
        let value = estimate.value;
        json!({
            "name": metric.definition.name,
            "labels": json::labels(metric),
            "unit": metric.definition.unit,
            "mean": json::number(value.map(|value| value.mean)),
            "half_width": json::number(value.and_then(|value| value.half_width)),
            "deviation": json::number(value.and_then(|value| value.deviation)),
            "min": json::number(value.map(|value| value.min)),
            "max": json::number(value.map(|value| value.max)),
            "runs": estimate.runs,
        })
    });
    let metrics: Vec<Value> = metrics.collect();
    let object = json!({ "point": point, "values": values, "digest": digest, "metrics": metrics });
    let last = point + 1 == swept.points.len();
    format!("    {}{}\n", json::line(&object).trim_end(), if last { "" } else { "," })
}

struct SweptValues<'a> {
    values: Map<String, Value>,
    digest: &'a str,
    list: &'a [Metric],
}

fn of_point(swept: &Swept, point: usize) -> SweptValues<'_> {
    let of = &swept.points[point];
    let pairs = swept.paths.iter().cloned().zip(of.values.iter().map(|value| json!(value)));
    SweptValues { values: pairs.collect(), digest: &of.digest, list: &swept.lists[of.list] }
}

/// The end of `summary.json`: what is told of the metrics that were chosen.
pub fn json_tail(swept: &Swept, chosen: &[Chosen]) -> String {
    let list = |name: &str, lines: Vec<Value>| {
        let lines: Vec<String> =
            lines.iter().map(|value| format!("    {}", json::line(value).trim_end())).collect();
        match lines.is_empty() {
            true => format!("  \"{name}\": []"),
            false => format!("  \"{name}\": [\n{}\n  ]", lines.join(",\n")),
        }
    };
    let means = chosen.iter().flat_map(|chosen| {
        let points = chosen.estimates.iter().enumerate();
        points.map(|(point, estimate)| json_mean(chosen, point, estimate))
    });
    let differences = chosen.iter().flat_map(|chosen| {
        let points = chosen.differences.iter().enumerate();
        points.map(|(place, difference)| json_difference(chosen, place + 1, difference))
    });
    let effects = chosen.iter().flat_map(|chosen| {
        chosen.effects.effects.iter().map(|effect| json_effect(swept, chosen, effect))
    });
    let lists = [
        list("means", means.collect()),
        list("differences", differences.collect()),
        list("effects", effects.collect()),
    ];
    format!("  ],\n{}\n}}\n", lists.join(",\n"))
}

fn json_mean(chosen: &Chosen, point: usize, estimate: &Estimate) -> Value {
    let value = estimate.value;
    json!({
        "metric": chosen.name,
        "unit": chosen.definition.unit,
        "point": point,
        "mean": json::number(value.map(|value| value.mean)),
        "half_width": json::number(value.and_then(|value| value.half_width)),
        "min": json::number(value.map(|value| value.min)),
        "max": json::number(value.map(|value| value.max)),
        "runs": estimate.runs,
    })
}

fn json_difference(chosen: &Chosen, point: usize, difference: &Difference) -> Value {
    let paired = &difference.paired;
    json!({
        "metric": chosen.name,
        "unit": chosen.definition.unit,
        "point": point,
        "against": 0,
        "runs": paired.runs,
        "difference": json::number(paired.difference),
        "half_width": json::number(paired.limits.map(|limits| limits.half_width(LEVEL))),
        "p": json::number(paired.p),
        "p_adjusted": json::number(difference.adjusted),
        "method": method(paired.method),
        "zeros": paired.zeros,
        "variance_ratio": json::number(paired.variance_ratio),
        "skewed": paired.skewed,
    })
}

fn method(method: Method) -> &'static str {
    match method {
        Method::TooFew => "none",
        Method::Identical => "identical",
        Method::Constant => "constant",
        Method::Student => "student",
        Method::Sparse { .. } => "sparse",
        Method::McNemar => "mcnemar",
    }
}

fn json_effect(swept: &Swept, chosen: &Chosen, effect: &Effect) -> Value {
    let levels: Vec<Value> = effect
        .levels
        .iter()
        .map(|level| {
            json!({
                "value": level.label,
                "points": level.points,
                "mean": json::number(Some(level.mean)),
            })
        })
        .collect();
    json!({
        "metric": chosen.name,
        "unit": chosen.definition.unit,
        "axis": swept.vary[effect.axis],
        "range": json::number(Some(effect.range)),
        "levels": levels,
        "coefficient": json::number(effect.coefficient),
        "explained": json::number(chosen.effects.explained),
    })
}
