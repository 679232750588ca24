//! The page of a check.

use super::{
    Asked, Page, Section, Tone,
    charts::Drawn,
    table::{Cell, Table},
    within,
};
use crate::report::{
    figures::words::{changed, told},
    number::{self, Ruler},
    plain,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Summary {
    version: String,
    rng_scheme: u64,
    verdict: String,
    scenarios: Vec<Checked>,
    #[serde(default)]
    unjudged: Vec<Unjudged>,
}

#[derive(Deserialize)]
struct Unjudged {
    scenario: String,
    why: String,
}

#[derive(Deserialize)]
struct Checked {
    scenario: String,
    digest: String,
    seed: u64,
    runs: u64,
    command: String,
    verdict: String,
    #[serde(default)]
    notes: Vec<String>,
    gates: Vec<Gate>,
}

#[derive(Deserialize)]
struct Gate {
    gate: String,
    metric: String,
    unit: String,
    verdict: String,
    demand: String,
    limit: Option<f64>,
    baseline: Option<f64>,
    now: Option<f64>,
    change: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    runs_needed: Option<f64>,
    #[serde(default)]
    told: Vec<String>,
}

/// How a verdict is coloured.
fn tone(verdict: &str) -> Tone {
    match verdict {
        "PASS" => Tone::Good,
        "FAIL" | "ERROR" => Tone::Bad,
        _ => Tone::Open,
    }
}

/// The page of the check that `summary` tells, whose charts are `figures`.
pub fn page(summary: &str, figures: Vec<Drawn>) -> Result<Page, serde_json::Error> {
    let read: Summary = serde_json::from_str(summary)?;
    let commands = read.scenarios.iter().map(|one| plain(&one.command)).collect();
    let asked =
        Asked { version: read.version.clone(), rng_scheme: read.rng_scheme, ..Asked::default() };
    let digests: Vec<(String, String)> = read
        .scenarios
        .iter()
        .map(|one| {
            (format!("Digest of {}", one.scenario), format!("{} (seed {})", one.digest, one.seed))
        })
        .collect();
    let digests: Vec<(&str, &str)> =
        digests.iter().map(|(name, digest)| (name.as_str(), digest.as_str())).collect();
    let title = match read.scenarios.as_slice() {
        [one] => plain(&one.scenario),
        many => format!("{} scenarios", many.len()),
    };
    let facts = asked.facts(&digests).into_iter().filter(|(name, _)| name != "Seed").collect();
    let mut sections = vec![Section {
        id: "gates".to_owned(),
        title: "Gates".to_owned(),
        text: vec![
            "Below what a gate judges, its value now or the change, stand limits that the truth passes \
             with 5 % at most on either side."
                .to_owned(),
        ],
        figures: Vec::new(),
        tables: vec![gates(&read.scenarios)],
    }];
    if !figures.is_empty() {
        sections.push(Section {
            id: "charts".to_owned(),
            title: "Differences".to_owned(),
            text: Vec::new(),
            figures,
            tables: Vec::new(),
        });
    }
    Ok(Page {
        title,
        verdict: plain(&read.verdict),
        tone: tone(&read.verdict),
        answer: answer(&read),
        remarks: notes(&read.scenarios),
        sections,
        commands,
        facts,
        ..Page::new("check", &asked)
    })
}

/// Why, in words: a sentence for what does not pass, or one for all that does.
fn answer(read: &Summary) -> Vec<String> {
    let scenarios = &read.scenarios;
    let gates: usize = scenarios.iter().map(|one| one.gates.len()).sum();
    let not = |(scenario, gate): (&Checked, &Gate)| {
        let needed = gate.runs_needed.map_or_else(String::new, |runs| {
            format!(" About {} runs would tell.", number::free(runs))
        });
        let change = gate.change.map_or_else(String::new, |change| {
            format!(" changed by {}", changed(change, None, &gate.unit))
        });
        let told: Vec<String> = gate.told.iter().map(|told| plain(told)).collect();
        let told = if told.is_empty() { String::new() } else { format!(": {}", told.join("; ")) };
        format!(
            "{} in {}, gate {}: {}{change}{told}.{needed}",
            plain(&gate.verdict),
            within(&scenario.scenario),
            within(&gate.gate),
            within(&gate.metric),
        )
    };
    let all = scenarios.iter().flat_map(|one| one.gates.iter().map(move |gate| (one, gate)));
    let sentences: Vec<String> = all.filter(|(_, gate)| gate.verdict != "PASS").map(not).collect();
    let failed = sentences.len();
    let runs: u64 = scenarios.iter().map(|one| one.runs).sum();
    let count = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    let passed = format!(
        "{} of {} in {} pass, judged by {} runs.",
        gates - failed,
        count(gates, "gate"),
        count(scenarios.len(), "scenario"),
        number::free(runs as f64)
    );
    let unjudged = read
        .unjudged
        .iter()
        .map(|one| format!("{} could not be judged: {}", within(&one.scenario), plain(&one.why)));
    [passed].into_iter().chain(sentences).chain(unjudged).collect()
}

fn notes(scenarios: &[Checked]) -> Vec<String> {
    let notes = scenarios.iter().flat_map(|one| {
        one.notes.iter().map(move |note| format!("{}: {}", within(&one.scenario), plain(note)))
    });
    notes.collect()
}

/// A row a gate. What belongs together stands in one cell, so that all of it is seen at once.
fn gates(scenarios: &[Checked]) -> Table {
    let heads = ["Gate", "Scenario", "Verdict", "#Baseline", "#Now", "#Change", "Demanded"];
    let mut table = Table::new("Every gate", &heads);
    table.cards = true;
    for scenario in scenarios {
        table.rows.extend(scenario.gates.iter().map(|gate| row(scenario, gate)));
    }
    for scenario in scenarios.iter().filter(|one| one.gates.is_empty()) {
        let words = ["no gate", &scenario.scenario, &scenario.verdict].map(Cell::words);
        let rest = (0..4).map(|_| Cell::words("–"));
        table.rows.push(words.into_iter().chain(rest).collect());
    }
    if let [_] = scenarios {
        // The page's title names it.
        table.heads.remove(1);
        table.rows.iter_mut().for_each(|row| drop(row.remove(1)));
    }
    table
}

fn row(scenario: &Checked, gate: &Gate) -> Vec<Cell> {
    let means = [gate.baseline, gate.now].into_iter().flatten();
    let size = means.fold(0.0, |size: f64, mean| size.max(mean.abs()));
    let limits = gate.lower.zip(gate.upper);
    let width = limits.map_or(0.0, |(lower, upper)| (upper - lower) / 2.0);
    let ruler = Ruler::new(&gate.unit, size, width);
    let tail = ruler.tail();
    let is_change = gate.demand == "worse_by_at_most";
    let between = |show: &dyn Fn(f64) -> String| match limits.filter(|_| width > 0.0) {
        Some((lower, upper)) => format!("{} to {}", show(lower), show(upper)),
        None => String::new(),
    };
    let plainly = |value: f64| format!("{}{tail}", ruler.show(value));
    let signed = |value: f64| format!("{}{tail}", ruler.signed(value));
    let now = Cell::number_if_any(gate.now, plainly);
    let change = Cell::number_if_any(gate.change, signed);
    let (now, change) = match is_change {
        true => (now, change.with_more(&between(&|value| ruler.signed(value)))),
        false => (now.with_more(&between(&|value| ruler.show(value))), change),
    };
    // A gate without a name of its own is called by its metric.
    let metric = if gate.gate.contains(&gate.metric) { "" } else { &gate.metric };
    let limit = gate.limit.map_or_else(String::new, |limit| match is_change {
        true => format!("{}{tail}", ruler.stated(limit)),
        false => told(limit, None, &gate.unit),
    });
    vec![
        Cell::words(&gate.gate).with_more(metric),
        Cell::words(&scenario.scenario),
        Cell::words(&gate.verdict).in_tone(tone(&gate.verdict)),
        Cell::number_if_any(gate.baseline, plainly),
        now,
        change,
        Cell::words(&format!("{} {limit}", gate.demand.replace('_', " "))),
    ]
}
