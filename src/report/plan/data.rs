//! A plan as programs read it.

use super::{Planned, verdict};
use crate::{
    experiment::{
        bounds::wilson,
        estimate::LEVEL,
        plan::{
            Method, Status,
            goal::{Goal, Judged},
            judge::Evidence,
        },
    },
    report::{csv, json as object},
};
use serde_json::{Value, json};

/// What `plan --format csv` prints: one row a value and goal.
pub fn csv(planned: &Planned<'_>) -> String {
    let mut sheet = csv::Sheet::new([
        "value",
        "goal",
        "metric",
        "relation",
        "wanted",
        "judged",
        "share",
        "runs",
        "held",
        "low",
        "high",
        "mean",
        "half_width",
        "level",
        "verdict",
        "answer",
    ]);
    let number = |value: Option<f64>| {
        value.map_or(String::new(), |value| serde_json::Value::from(value + 0.0).to_string())
    };
    for shown in planned.shown() {
        let (goal, name) = &planned.goals[shown.goal];
        let (judged, share) = judged(goal);
        let [runs, held, low, high, mean, half_width] = evidence(&shown.of.evidence);
        sheet.row([
            csv::guarded(&planned.at(shown.place)),
            (shown.goal + 1).to_string(),
            csv::guarded(name),
            goal.relation.name().to_owned(),
            number(Some(goal.value)),
            judged.to_owned(),
            number(share),
            number(runs),
            number(held),
            number(low),
            number(high),
            number(mean),
            number(half_width),
            LEVEL.to_string(),
            verdict(shown.of.verdict).to_owned(),
            (planned.plan.place == Some(shown.place)).to_string(),
        ]);
    }
    sheet.finish()
}

/// How a goal is judged, and in which share of runs it must hold.
fn judged(goal: &Goal) -> (&'static str, Option<f64>) {
    match goal.judged {
        Judged::InRuns(share) => ("in-runs", Some(share)),
        Judged::OnAverage => ("on-average", None),
    }
}

/// Runs, runs in which the goal held, the interval, and the mean with its half-width.
fn evidence(evidence: &Evidence) -> [Option<f64>; 6] {
    match *evidence {
        Evidence::Held { held, runs } => {
            let (low, high) = wilson(held, runs, LEVEL);
            let [runs, held] = [runs, held].map(|count| Some(f64::from(count)));
            [runs, held, Some(low), Some(high), None, None]
        }
        Evidence::Mean { estimate, runs } => {
            let mean = estimate.value.map(|spread| spread.mean);
            let width = estimate.value.and_then(|spread| spread.half_width);
            let end = |sign: f64| mean.zip(width).map(|(mean, width)| mean + sign * width);
            [Some(f64::from(runs)), None, end(-1.0), end(1.0), mean, width]
        }
    }
}

/// A goal on the metric `name`, as an object.
fn wanted(goal: &Goal, name: &str) -> Value {
    let (judged, share) = judged(goal);
    json!({
        "metric": name,
        "unit": goal.selector.definition().unit,
        "relation": goal.relation.name(),
        "wanted": goal.value,
        "judged": judged,
        "share": share,
    })
}

/// The object of `plan --format json`; with `command` where it is given.
pub fn json(planned: &Planned<'_>, command: Option<&str>) -> String {
    let (about, plan) = (&planned.about, planned.plan);
    let at = |place: Option<usize>| place.map(|place| (planned.value)(place));
    let goals = planned.goals.iter().map(|(goal, name)| wanted(goal, name));
    let values = planned.shown().into_iter().map(|shown| {
        let [runs, held, low, high, mean, half_width] = evidence(&shown.of.evidence);
        let count = |count: Option<f64>| count.map(|count| count as u64);
        json!({
            "value": (planned.value)(shown.place),
            "goal": shown.goal + 1,
            "runs": count(runs),
            "held": count(held),
            "low": low,
            "high": high,
            "mean": mean,
            "half_width": half_width,
            "level": LEVEL,
            "verdict": verdict(shown.of.verdict),
        })
    });
    let told = [vec![planned.answer()], planned.remarks()].concat();
    let mut object = json!({
        "kind": "plan",
        "scenario": about.scenario,
        "question": about.question,
        "digest": about.digest,
        "version": about.version,
        "rng_scheme": about.rng_scheme,
        "seed": about.seed,
        "path": planned.path,
        "range": planned.range,
        "candidates": planned.candidates,
        "direction": planned.direction(),
        "confidence": planned.confidence,
        "runs": Some(planned.runs).filter(|runs| *runs > 0),
        "max_runs": planned.most,
        "goals": goals.collect::<Vec<_>>(),
        "status": match plan.status {
            Status::Found => "found",
            Status::Missed => "missed",
            Status::Inconclusive => "inconclusive",
        },
        "told": told,
        "answer": at(plan.place),
        "between": planned.ends(),
        "best": at(plan.best),
        "opposed_goals": plan.opposed.iter().map(|goal| goal + 1).collect::<Vec<_>>(),
        "runs_needed": plan.needed,
        "method": match plan.method {
            Method::Monotone => "monotone",
            Method::Neighbours => "neighbours",
            Method::Scanned => "scanned",
        },
        "wavering_runs": plan.wavering,
        "simulated": plan.simulated,
        "values": values.collect::<Vec<_>>(),
    });
    if let (Some(command), Value::Object(object)) = (command, &mut object) {
        object.insert("command".to_owned(), Value::from(command));
    }
    object::pretty(&object)
}

/// One run of one value, for `runs.csv`.
pub struct PlannedRun<'a> {
    /// Place of the value.
    pub place: usize,
    /// Number of the run.
    pub run: u32,
    /// Its fingerprint.
    pub fingerprint: &'a str,
    /// What the goals' metrics are in it, in the order of the goals.
    pub values: &'a [Option<f64>],
}

/// Every run that was simulated, one row each: `runs.csv`.
pub fn runs<'a>(planned: &Planned<'_>, rows: impl Iterator<Item = PlannedRun<'a>>) -> String {
    let names = planned.goals.iter().map(|(_, name)| name.clone());
    let first = [planned.path.to_owned(), "run".to_owned(), "fingerprint".to_owned()];
    let mut sheet = csv::Sheet::new(first.into_iter().chain(names));
    for row in rows {
        let first =
            [csv::guarded(&planned.at(row.place)), row.run.to_string(), row.fingerprint.to_owned()];
        let values = row.values.iter().map(|value| {
            value.map_or(String::new(), |value| serde_json::Value::from(value + 0.0).to_string())
        });
        sheet.row(first.into_iter().chain(values));
    }
    sheet.finish()
}
