//! The page of a plan.

use super::{
    Asked, Page, Section, Tone,
    charts::Drawn,
    table::{Cell, Table},
};
use crate::report::{number, plain};
use serde::Deserialize;

#[derive(Deserialize)]
struct Summary {
    scenario: String,
    #[serde(default)]
    question: String,
    digest: String,
    path: String,
    status: String,
    answer: Option<String>,
    #[serde(default)]
    told: Vec<String>,
    goals: Vec<Goal>,
    values: Vec<Value>,
}

#[derive(Deserialize)]
struct Goal {
    metric: String,
    unit: String,
    relation: String,
    wanted: f64,
    judged: String,
    share: Option<f64>,
}

#[derive(Deserialize)]
struct Value {
    value: String,
    goal: usize,
    runs: u64,
    held: Option<u64>,
    low: Option<f64>,
    high: Option<f64>,
    mean: Option<f64>,
    half_width: Option<f64>,
    verdict: String,
}

/// The page of the plan that `summary` tells, whose charts are `figures`.
pub fn page(summary: &str, figures: Vec<Drawn>) -> Result<Page, serde_json::Error> {
    let read: Summary = serde_json::from_str(summary)?;
    let asked: Asked = serde_json::from_str(summary)?;
    let is_met = |value: &str| {
        let mut goals = read.values.iter().filter(|row| row.value == value);
        goals.all(|row| row.verdict == "met")
    };
    let (verdict, tone) = match read.status.as_str() {
        "found" => ("FOUND", Tone::Good),
        "missed" if read.values.iter().any(|row| is_met(&row.value)) => ("NO ANSWER", Tone::Bad),
        "missed" => ("NONE MEETS THE GOAL", Tone::Bad),
        _ => ("NOT KNOWN YET", Tone::Open),
    };
    let told = read.told.iter().map(|told| plain(told));
    let goals = read
        .goals
        .iter()
        .enumerate()
        .map(|(place, goal)| format!("Goal {}: {}.", place + 1, in_words(goal)));
    let answer = told.chain(goals).chain(costs(&read)).collect();
    Ok(Page {
        title: plain(&read.scenario),
        question: plain(&read.question),
        verdict: verdict.to_owned(),
        tone,
        answer,
        sections: vec![Section {
            id: "charts".to_owned(),
            title: "The search".to_owned(),
            text: Vec::new(),
            figures,
            tables: vec![values(&read)],
        }],
        facts: asked.facts(&[("Scenario digest", &read.digest)]),
        ..Page::new("plan", &asked)
    })
}

/// `placement.failed <= 0 in 95 % of runs`.
fn in_words(goal: &Goal) -> String {
    let judged = match goal.share {
        Some(share) => format!("in {} of runs", number::percent(share)),
        None => goal.judged.replace('-', " "),
    };
    let wanted = number::amount(goal.wanted, &goal.unit);
    format!("{} {} {wanted} {judged}", plain(&goal.metric), plain(&goal.relation))
}

/// What the answer, and the values beside it, are worth.
fn costs(read: &Summary) -> Vec<String> {
    let Some(answer) = &read.answer else { return Vec::new() };
    let place = read.values.iter().position(|value| value.value == *answer);
    let Some(place) = place else { return Vec::new() };
    let from = read.values[..place].iter().rposition(|value| value.value != *answer);
    let to = read.values[place..].iter().position(|value| value.value != *answer);
    let beside = [from, Some(place), to.map(|on| place + on)];
    let told = beside.into_iter().flatten().filter_map(|place| {
        let value = &read.values[place];
        let says = says(read, value)?;
        Some(format!(
            "{} = {}: {says}, {}",
            plain(&read.path),
            plain(&value.value),
            plain(&value.verdict)
        ))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { Vec::new() } else { vec![format!("{}.", told.join("; "))] }
}

/// What runs say at a value, in words.
fn says(read: &Summary, value: &Value) -> Option<String> {
    let runs = value.runs;
    if let (Some(held), Some(low), Some(high)) = (value.held, value.low, value.high) {
        let share = super::charts::percent(held as f64 / runs.max(1) as f64);
        let [low, high] = [low, high].map(super::charts::percent);
        return Some(format!("held in {held} of {runs} runs ({share}; {low} to {high})"));
    }
    let mean = value.mean?;
    let unit = read.goals.get(value.goal.checked_sub(1)?)?.unit.as_str();
    Some(format!(
        "{} over {runs} runs",
        super::with_width(mean, value.half_width, unit, mean.abs())
    ))
}

fn values(read: &Summary) -> Table {
    let heads = [&format!("#{}", read.path), "#Goal", "Runs say", "#Runs", "Verdict"];
    let mut table = Table::new("Values that were tried", &heads);
    table.rows = read
        .values
        .iter()
        .map(|value| {
            let tone = match value.verdict.as_str() {
                "met" => Tone::Good,
                "missed" => Tone::Bad,
                _ => Tone::Open,
            };
            let own = match value.value.parse::<f64>() {
                Ok(number) => Cell::number(plain(&value.value), number),
                Err(_) => Cell::words(&value.value),
            };
            let answer = read.answer.as_ref() == Some(&value.value);
            let verdict =
                if answer { format!("{} (answer)", value.verdict) } else { value.verdict.clone() };
            vec![
                own,
                Cell::number(value.goal.to_string(), value.goal as f64),
                Cell::words(&says(read, value).unwrap_or_else(|| "–".to_owned())),
                Cell::number(number::free(value.runs as f64), value.runs as f64),
                Cell::words(&verdict).in_tone(tone),
            ]
        })
        .collect();
    table
}
