//! A baseline as a file: JSON with a line for each metric, so that what has changed is seen where a
//! file is compared with its older self. A metric that is the same in all runs takes one number.

use crate::{
    experiment::baseline::Baseline,
    observe::{
        catalogue::{self, Metric},
        outcome::Outcome,
    },
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use std::sync::Arc;

/// How the file is laid out; a program reads what it knows.
pub const FORMAT: u32 = 1;

/// What every such file begins with, by which one of ours is known.
pub const BEGINNING: &str = "{\n\"kind\": \"baseline\",";

/// The file, ending in a newline; equal baselines give equal bytes.
pub fn text(baseline: &Baseline) -> String {
    let fingerprints: Vec<&str> =
        baseline.outcomes.iter().map(|outcome| outcome.fingerprint.as_str()).collect();
    let heads = [
        ("format", json!(FORMAT)),
        ("scenario", json!(baseline.scenario)),
        ("digest", json!(baseline.digest)),
        ("version", json!(baseline.version)),
        ("rng_scheme", json!(baseline.rng_scheme)),
        ("seed", json!(baseline.seed)),
        ("clock_us", json!(baseline.clock)),
        ("command", json!(baseline.command)),
        ("runs", json!(baseline.runs())),
        ("fingerprints", json!(fingerprints)),
    ];
    let heads: String = heads.iter().map(|(key, value)| format!("\"{key}\": {value},\n")).collect();
    let metrics = baseline.outcomes.first().map_or(&[][..], |outcome| &outcome.metrics);
    let lines: Vec<String> =
        metrics.iter().enumerate().map(|(place, metric)| line(baseline, place, metric)).collect();
    format!("{BEGINNING}\n{heads}\"metrics\": [\n{}\n]\n}}\n", lines.join(",\n"))
}

fn line(baseline: &Baseline, place: usize, metric: &Metric) -> String {
    let number = |value: Option<f64>| value.map_or(Value::Null, |value| json!(value + 0.0));
    let values: Vec<Value> =
        baseline.outcomes.iter().map(|outcome| number(outcome.values[place])).collect();
    let (first, is_one) = (&values[0], values.iter().all(|value| *value == values[0]));
    let (key, values) = match is_one {
        true => ("all", first.clone()),
        false => ("each", Value::from(values)),
    };
    let name = json!(metric.definition.name);
    match metric.labels.is_empty() {
        true => format!("{{\"name\": {name}, \"{key}\": {values}}}"),
        false => {
            format!(
                "{{\"name\": {name}, \"labels\": {}, \"{key}\": {values}}}",
                json!(metric.labels)
            )
        }
    }
}

/// The file as programs read it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "format")]
    _format: IgnoredAny,
    scenario: String,
    digest: String,
    version: String,
    rng_scheme: u32,
    seed: u64,
    clock_us: [u64; 3],
    command: String,
    runs: u32,
    fingerprints: Vec<String>,
    metrics: Vec<Line>,
}

/// One metric.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default, deserialize_with = "given")]
    all: Option<Option<f64>>,
    each: Option<Vec<Option<f64>>>,
}

/// What is there, though it may be `null`.
fn given<'a, D: serde::Deserializer<'a>>(from: D) -> Result<Option<Option<f64>>, D::Error> {
    Option::<f64>::deserialize(from).map(Some)
}

/// The baseline that `text` holds. Metrics that this program does not know are left out.
///
/// # Errors
/// Why it is none, as the end of a sentence.
pub fn parse(text: &str) -> Result<Baseline, String> {
    #[derive(Deserialize)]
    struct Head {
        kind: String,
        format: u32,
    }
    let broken = |error: serde_json::Error| format!("it is no baseline: {error}");
    let head: Head = serde_json::from_str(text).map_err(broken)?;
    if head.kind != "baseline" {
        return Err(format!("it is a {:?}, not a baseline", head.kind));
    }
    if head.format != FORMAT {
        return Err(format!("it has format {}; this program reads {FORMAT}", head.format));
    }
    let file: File = serde_json::from_str(text).map_err(broken)?;
    let runs = file.runs as usize;
    if runs == 0 || file.fingerprints.len() != runs {
        let has = file.fingerprints.len();
        return Err(format!("it says that it holds {runs} runs, and has {has} fingerprints"));
    }
    let (mut metrics, mut columns) = (Vec::new(), Vec::new());
    for line in file.metrics {
        let values = match (line.all, line.each) {
            (Some(value), None) => vec![value; runs],
            (None, Some(values)) if values.len() == runs => values,
            (Some(_) | None, _) => {
                return Err(format!("its metric {:?} has not {runs} values", line.name));
            }
        };
        let definition = catalogue::find(&line.name);
        let definition = definition.filter(|found| found.labels.len() == line.labels.len());
        if let Some(definition) = definition {
            metrics.push(Metric { definition, labels: line.labels });
            columns.push(values);
        }
    }
    let metrics: Arc<[Metric]> = metrics.into();
    let outcome = |(run, fingerprint): (usize, String)| Outcome {
        run: run as u32,
        metrics: metrics.clone(),
        values: columns.iter().map(|values| values[run]).collect(),
        fingerprint,
    };
    Ok(Baseline {
        scenario: file.scenario,
        digest: file.digest,
        version: file.version,
        rng_scheme: file.rng_scheme,
        seed: file.seed,
        clock: file.clock_us,
        command: file.command,
        outcomes: file.fingerprints.into_iter().enumerate().map(outcome).collect(),
    })
}
