//! What the folder of a plan says.

use super::texts::{Object, Texts};
use std::collections::BTreeMap;

/// A plan, as its folder tells it.
#[derive(Clone, PartialEq, Debug)]
pub struct Planned {
    /// Name of the scenario.
    pub scenario: String,
    /// The question that it asks; may be empty.
    pub question: String,
    /// Digest of the scenario, hex.
    pub digest: String,
    /// Version of the program.
    pub version: String,
    /// Seed of all chance.
    pub seed: u64,
    /// The command that finds the same answer.
    pub command: String,
    /// Path of the value that was looked for.
    pub path: String,
    /// The range, as typed.
    pub range: String,
    /// Values in it (count).
    pub candidates: u64,
    /// `smallest` or `largest`.
    pub direction: String,
    /// Probability with which the answer is enough.
    pub confidence: f64,
    /// Runs by which goals are judged that must hold in a share of runs (count); `None`: there are
    /// none such.
    pub runs: Option<u64>,
    /// The goals.
    pub goals: Vec<Goal>,
    /// `found`, `missed` or `inconclusive`.
    pub status: String,
    /// The answer, or the first value that is surely enough.
    pub answer: Option<String>,
    /// The value that came nearest, where none is enough.
    pub best: Option<String>,
    /// About how many runs a value would tell, where these do not.
    pub runs_needed: Option<u64>,
    /// Runs simulated (count).
    pub simulated: u64,
    /// The values that were judged, upwards, once a goal.
    pub values: Vec<Judged>,
    /// Runs that were simulated at each value that was looked at (count), as `runs.csv` has them.
    pub looked: Vec<(String, u64)>,
}

/// One goal.
#[derive(Clone, PartialEq, Debug)]
pub struct Goal {
    /// The metric, with labels.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// `>=` and its like.
    pub relation: String,
    /// The value to be reached, in the metric's unit.
    pub wanted: f64,
    /// The share of runs in which it must hold; `None`: on average.
    pub share: Option<f64>,
}

/// What is said of a goal at a value.
#[derive(Clone, PartialEq, Debug)]
pub struct Judged {
    /// The value.
    pub value: String,
    /// Which goal, counted from 0.
    pub goal: usize,
    /// Runs (count).
    pub runs: u64,
    /// Runs in which it held (count); `None` where it is judged on average.
    pub held: Option<u64>,
    /// Mean over runs; `None` where it is judged run by run, or no run defines it.
    pub mean: Option<f64>,
    /// Where the true share or mean lies.
    pub between: Option<(f64, f64)>,
    /// `met`, `missed` or `not shown`.
    pub verdict: String,
}

impl Planned {
    /// What `texts` say.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(texts: Texts<'_>) -> Result<Self, String> {
        let summary = texts.object("summary.json")?;
        let whole = |key: &str| summary.get(key).and_then(serde_json::Value::as_u64);
        let text = |key: &str| summary.get(key).and_then(|text| text.as_str()).map(str::to_owned);
        let goals = summary.objects("goals")?.iter().map(goal).collect::<Result<Vec<_>, _>>()?;
        let values = summary.objects("values")?;
        let values = values.iter().map(|row| judged(row, goals.len()));
        Ok(Self {
            scenario: summary.text("scenario")?,
            question: summary.text_or_empty("question"),
            digest: summary.text("digest")?,
            version: summary.text("version")?,
            seed: summary.whole("seed")?,
            command: summary.text("command")?,
            path: summary.text("path")?,
            range: summary.text("range")?,
            candidates: summary.whole("candidates")?,
            direction: summary.text("direction")?,
            confidence: summary.number("confidence")?,
            runs: whole("runs"),
            status: summary.text("status")?,
            answer: text("answer"),
            best: text("best"),
            runs_needed: whole("runs_needed"),
            simulated: summary.whole("simulated")?,
            values: values.collect::<Result<_, String>>()?,
            goals,
            looked: looked(texts)?,
        })
    }
}

fn goal(row: &Object) -> Result<Goal, String> {
    Ok(Goal {
        metric: row.text("metric")?,
        unit: row.text_or_empty("unit"),
        relation: row.text("relation")?,
        wanted: row.number("wanted")?,
        share: row.number_if_any("share"),
    })
}

fn judged(row: &Object, goals: usize) -> Result<Judged, String> {
    let goal = (row.whole("goal")? as usize).checked_sub(1).filter(|goal| *goal < goals);
    Ok(Judged {
        value: row.text("value")?,
        goal: goal.ok_or_else(|| row.wrong("goal", "one of the goals"))?,
        runs: row.whole("runs")?,
        held: row.get("held").and_then(serde_json::Value::as_u64),
        mean: row.number_if_any("mean"),
        between: row.number_if_any("low").zip(row.number_if_any("high")),
        verdict: row.text("verdict")?,
    })
}

/// Runs that were simulated at each value, in the order of the file.
fn looked(texts: Texts<'_>) -> Result<Vec<(String, u64)>, String> {
    let columns = texts.columns("runs.csv")?;
    let path = columns.first().cloned().unwrap_or_default();
    let mut counts: Vec<(String, u64)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    texts.rows("runs.csv", |row| {
        let value = row.name(&path)?;
        let place = *places.entry(value.clone()).or_insert(counts.len());
        match counts.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
        Ok(())
    })?;
    Ok(counts)
}
