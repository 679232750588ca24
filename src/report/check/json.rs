//! The check as one JSON object, and its runs as a table: what `check --out` keeps.

use super::{Check, Report, Unjudged, words, words::word};
use crate::{
    experiment::{
        baseline::Pairing,
        verdict::{Ground, Judged},
    },
    kernel::streams::RNG_SCHEME,
    observe::{gates::Limit, outcome::Outcome, select},
    report::{VERSION, csv, json::pretty},
};
use serde_json::{Map, Value, json};

/// The files of a results folder of `check`; the manifest comes last, so that a folder with a
/// manifest is whole.
pub const FILES: [&str; 3] = ["summary.json", "runs.csv", "manifest.json"];

/// The object, ending in a newline.
pub fn json(check: &Check<'_>) -> String {
    let mut object = json!({
        "kind": "check",
        "version": VERSION,
        "rng_scheme": RNG_SCHEME,
        "verdict": check.word(),
        "scenarios": check.reports.iter().map(scenario).collect::<Vec<_>>(),
    });
    if !check.unjudged.is_empty() {
        object["unjudged"] = check.unjudged.iter().map(unjudged).collect();
    }
    pretty(&object)
}

fn unjudged(of: &Unjudged) -> Value {
    json!({ "scenario": of.scenario, "file": of.path, "why": of.why })
}

fn scenario(report: &Report) -> Value {
    let (about, checked) = (&report.about, &report.checked);
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("scenario", json!(about.scenario));
    put("digest", json!(about.digest));
    put("seed", json!(about.seed));
    put("runs", json!(about.runs));
    put("command", json!(report.command));
    put("verdict", json!(word(checked.verdict())));
    if let Some(compared) = &report.baseline {
        put(
            "baseline",
            json!({
                "digest": compared.digest,
                "version": compared.version,
                "seed": compared.seed,
                "runs": compared.outcomes.len(),
                "paired": compared.pairing == Pairing::Paired,
            }),
        );
    }
    put("same_course", json!(checked.same_course));
    put("metrics", json!(checked.metrics));
    put("metrics_changed", json!(checked.metrics_changed));
    put("notes", json!(words::notes(report)));
    put("gates", checked.gates.iter().map(gate).collect());
    Value::Object(object)
}

fn gate(gate: &Judged) -> Value {
    let signs = match gate.ground {
        Ground::Sparse { signs } => Some(signs),
        Ground::Unchanged
        | Ground::Equal
        | Ground::TooFew
        | Ground::Constant
        | Ground::Student
        | Ground::Welch
        | Ground::Undefined => None,
    };
    json!({
        "gate": gate.target.label,
        "metric": gate.target.column.name,
        "unit": gate.target.column.definition.unit,
        "verdict": word(gate.verdict),
        "ground": ground(gate),
        "demand": demand(gate),
        "limit": gate.demanded,
        "alpha": gate.target.alpha,
        "baseline": gate.baseline,
        "now": gate.now,
        "change": gate.change,
        "lower": gate.limits.map(|limits| limits.0),
        "upper": gate.limits.map(|limits| limits.1),
        "runs": gate.runs,
        "left_out": gate.left_out,
        "differing": gate.differing,
        "sign_p": signs,
        "skewed": gate.skewed,
        "undefined": gate.undefined,
        "unseen_share": gate.unseen.map(|unseen| unseen.share),
        "unseen_size": gate.unseen.map(|unseen| unseen.size),
        "runs_needed": gate.needed,
        "told": words::reasons(gate),
    })
}

/// The key of what a gate demands.
pub(super) fn demand(gate: &Judged) -> &'static str {
    match gate.target.limit {
        Limit::AtLeast(_) => "at_least",
        Limit::AtMost(_) => "at_most",
        Limit::Worse { .. } => "worse_by_at_most",
    }
}

fn ground(gate: &Judged) -> &'static str {
    match gate.ground {
        Ground::Unchanged => "unchanged",
        Ground::Equal => "equal",
        Ground::TooFew => "too-few",
        Ground::Constant => "constant",
        Ground::Student => "student",
        Ground::Sparse { .. } => "sparse",
        Ground::Welch => "welch",
        Ground::Undefined => "undefined",
    }
}

/// One row a run of each side of each scenario, a column a metric that any of them has.
pub fn runs(check: &Check<'_>) -> String {
    let mut columns: Vec<String> = Vec::new();
    let sides = || check.reports.iter().flat_map(sides);
    for (_, _, outcomes) in sides() {
        let metrics = outcomes.first().map_or(&[][..], |outcome| &outcome.metrics);
        for name in metrics.iter().map(select::name) {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
    }
    let first = ["scenario", "candidate", "run", "fingerprint"].map(str::to_owned);
    let mut table = csv::Sheet::new(first.into_iter().chain(columns.iter().cloned()));
    for (scenario, side, outcomes) in sides() {
        let metrics = outcomes.first().map_or(&[][..], |outcome| &outcome.metrics);
        let names: Vec<String> = metrics.iter().map(select::name).collect();
        let places: Vec<Option<usize>> =
            columns.iter().map(|column| names.iter().position(|name| name == column)).collect();
        for outcome in outcomes {
            let first = [
                csv::guarded(scenario),
                side.to_owned(),
                outcome.run.to_string(),
                outcome.fingerprint.clone(),
            ];
            let value =
                |place: &Option<usize>| csv::number(place.and_then(|at| outcome.values[at]));
            table.row(first.into_iter().chain(places.iter().map(value)));
        }
    }
    table.finish()
}

/// The sides of `report`: scenario, which side, its runs.
fn sides(report: &Report) -> impl Iterator<Item = (&str, &'static str, &[Outcome])> {
    let name = report.about.scenario.as_str();
    let before = report.baseline.iter();
    let before = before.map(move |compared| (name, "baseline", compared.outcomes.as_slice()));
    before.chain([(name, "now", report.outcomes.as_slice())])
}
