//! What the folder of a check says.

use super::texts::{Object, Texts};

/// A check, as its folder tells it.
#[derive(Clone, PartialEq, Debug)]
pub struct Checked {
    /// Version of the program.
    pub version: String,
    /// The worst verdict: `PASS`, `INCONCLUSIVE` or `FAIL`.
    pub verdict: String,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
}

/// The check of one scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// Its name.
    pub scenario: String,
    /// Its digest, hex.
    pub digest: String,
    /// Seed of all chance.
    pub seed: u64,
    /// Runs (count).
    pub runs: u64,
    /// The command that checks it again.
    pub command: String,
    /// The worst verdict of its gates.
    pub verdict: String,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// Its gates.
    pub gates: Vec<Gate>,
}

/// What is demanded of a metric, and what was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Gate {
    /// What it is called.
    pub name: String,
    /// The metric, with labels.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// `PASS`, `INCONCLUSIVE` or `FAIL`.
    pub verdict: String,
    /// What is demanded: `at_least` or `at_most` of the value, `worse_by_at_most` of the change.
    pub demand: String,
    /// The limit, in the metric's unit; of a change with its sign.
    pub limit: Option<f64>,
    /// Mean of the baseline.
    pub baseline: Option<f64>,
    /// Mean now.
    pub now: Option<f64>,
    /// Now less the baseline.
    pub change: Option<f64>,
    /// Below this lies what is judged, the value or its change, with the error allowed at most.
    pub lower: Option<f64>,
    /// And above this.
    pub upper: Option<f64>,
    /// About how many runs would tell, where these do not.
    pub runs_needed: Option<u64>,
    /// Why it is judged so, in words.
    pub told: Vec<String>,
}

impl Checked {
    /// What `texts` say.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(texts: Texts<'_>) -> Result<Self, String> {
        let summary = texts.object("summary.json")?;
        let scenarios = summary.objects("scenarios")?;
        Ok(Self {
            version: summary.text("version")?,
            verdict: summary.text("verdict")?,
            scenarios: scenarios.iter().map(scenario).collect::<Result<_, String>>()?,
        })
    }
}

fn scenario(row: &Object) -> Result<Scenario, String> {
    let gates = row.objects("gates")?;
    Ok(Scenario {
        scenario: row.text("scenario")?,
        digest: row.text("digest")?,
        seed: row.whole("seed")?,
        runs: row.whole("runs")?,
        command: row.text("command")?,
        verdict: row.text("verdict")?,
        notes: row.texts("notes"),
        gates: gates.iter().map(gate).collect::<Result<_, String>>()?,
    })
}

fn gate(row: &Object) -> Result<Gate, String> {
    Ok(Gate {
        name: row.text("gate")?,
        metric: row.text("metric")?,
        unit: row.text_or_empty("unit"),
        verdict: row.text("verdict")?,
        demand: row.text("demand")?,
        limit: row.number_if_any("limit"),
        baseline: row.number_if_any("baseline"),
        now: row.number_if_any("now"),
        change: row.number_if_any("change"),
        lower: row.number_if_any("lower"),
        upper: row.number_if_any("upper"),
        runs_needed: row.get("runs_needed").and_then(serde_json::Value::as_u64),
        told: row.texts("told"),
    })
}
