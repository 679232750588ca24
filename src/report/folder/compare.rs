//! What the folder of a comparison says.

use super::texts::{Object, Texts};
use crate::observe::{catalogue::Metric, select::Selector};

/// Metrics whose single runs are read: their distributions are shown (count).
const SPREADS_MOST: usize = 8;

/// A comparison, as its folder tells it.
#[derive(Clone, PartialEq, Debug)]
pub struct Compared {
    /// Version of the program.
    pub version: String,
    /// Seed of all chance.
    pub seed: u64,
    /// Pairs of runs (count).
    pub runs: u64,
    /// Confidence of its intervals.
    pub level: f64,
    /// Tests for which p-values are corrected together (count).
    pub tests: u64,
    /// The command that makes the same numbers again.
    pub command: String,
    /// What a reader should know of how the candidates were made alike.
    pub notes: Vec<String>,
    /// Who is compared; the first is the baseline.
    pub candidates: Vec<Candidate>,
    /// What was found of each candidate but the baseline.
    pub others: Vec<Other>,
    /// What single runs say of the metrics that differ most surely.
    pub over_runs: Vec<OverRuns>,
}

/// One of those that are compared.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// `A`, `B`, …
    pub letter: String,
    /// What tells it from the others.
    pub label: String,
    /// Name of its scenario.
    pub scenario: String,
    /// The question that it asks; may be empty.
    pub question: String,
    /// Digest of its scenario, hex.
    pub digest: String,
    /// What a reader should know of how the scenario was taken.
    pub remarks: Vec<String>,
}

/// A candidate beside the baseline.
#[derive(Clone, PartialEq, Debug)]
pub struct Other {
    /// Its letter.
    pub letter: String,
    /// Whether every run took the course of the baseline's.
    pub identical: bool,
    /// Runs that took the same course (count).
    pub same_course: u64,
    /// The metrics.
    pub metrics: Vec<Difference>,
}

/// A metric of a candidate beside that of the baseline.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    /// Its name with labels.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// `higher`, `lower` or `neither`.
    pub better: String,
    /// Mean of the baseline.
    pub baseline: Option<f64>,
    /// Mean of the candidate.
    pub mean: Option<f64>,
    /// Mean of the pairs' differences.
    pub difference: Option<f64>,
    /// Half the width of its interval.
    pub half_width: Option<f64>,
    /// The difference as a share of the baseline.
    pub relative: Option<f64>,
    /// The p-value, corrected for all tests.
    pub p: Option<f64>,
    /// What is said of it: `better`, `worse`, `more`, `less`, `unclear`, `same` or `untold`.
    pub verdict: String,
    /// Standard deviation of the pairs' differences.
    pub deviation: Option<f64>,
    /// Pairs in which both define it (count).
    pub runs: u64,
}

/// What single runs say of one metric.
#[derive(Clone, PartialEq, Debug)]
pub struct OverRuns {
    /// Its name with labels.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// For each candidate one value a run, in order; `None` where a run does not define it.
    pub values: Vec<Vec<Option<f64>>>,
}

impl Compared {
    /// What `texts` say.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(texts: Texts<'_>) -> Result<Self, String> {
        let summary = texts.object("summary.json")?;
        let each = |key: &str| summary.objects(key);
        let candidates =
            each("candidates")?.iter().map(candidate).collect::<Result<Vec<_>, _>>()?;
        let others = each("comparisons")?.iter().map(other).collect::<Result<Vec<_>, _>>()?;
        let over_runs = over_runs(texts, &candidates, &telling(&others))?;
        Ok(Self {
            version: summary.text("version")?,
            seed: summary.whole("seed")?,
            runs: summary.whole("runs")?,
            level: summary.number("level")?,
            tests: summary.whole("tests")?,
            command: summary.text("command")?,
            notes: summary.texts("notes"),
            candidates,
            others,
            over_runs,
        })
    }
}

fn candidate(row: &Object) -> Result<Candidate, String> {
    Ok(Candidate {
        letter: row.text("candidate")?,
        label: row.text("label")?,
        scenario: row.text("scenario")?,
        question: row.text_or_empty("question"),
        digest: row.text("digest")?,
        remarks: row.texts("remarks"),
    })
}

fn other(row: &Object) -> Result<Other, String> {
    let metrics = row.objects("metrics")?;
    Ok(Other {
        letter: row.text("candidate")?,
        identical: row.get("identical").and_then(serde_json::Value::as_bool).unwrap_or(false),
        same_course: row.whole("runs_of_same_course")?,
        metrics: metrics.iter().map(difference).collect::<Result<_, String>>()?,
    })
}

fn difference(row: &Object) -> Result<Difference, String> {
    Ok(Difference {
        metric: row.text("metric")?,
        unit: row.text_or_empty("unit"),
        better: row.text("better")?,
        baseline: row.number_if_any("baseline"),
        mean: row.number_if_any("mean"),
        difference: row.number_if_any("difference"),
        half_width: row.number_if_any("half_width"),
        relative: row.number_if_any("relative"),
        p: row.number_if_any("p_holm"),
        verdict: row.text("verdict")?,
        deviation: row.number_if_any("deviation"),
        runs: row.whole("runs")?,
    })
}

/// The metrics that differ most surely, with their units, as they stand in the list: those of the
/// smallest p-values among all candidates.
fn telling(others: &[Other]) -> Vec<(String, String)> {
    let mut all: Vec<(&Difference, f64, usize)> = Vec::new();
    for (place, row) in others.iter().flat_map(|other| other.metrics.iter().enumerate()) {
        let differs = !matches!(row.verdict.as_str(), "same" | "untold");
        let p = row.p.unwrap_or(1.0);
        match all.iter_mut().find(|(known, _, _)| known.metric == row.metric) {
            Some((_, least, _)) if differs => *least = least.min(p),
            None if differs => all.push((row, p, place)),
            Some(_) | None => {}
        }
    }
    all.sort_by(|(_, a, x), (_, b, y)| a.total_cmp(b).then(x.cmp(y)));
    all.truncate(SPREADS_MOST);
    all.sort_by_key(|(_, _, place)| *place);
    all.into_iter().map(|(row, _, _)| (row.metric.clone(), row.unit.clone())).collect()
}

/// What single runs say of `metrics`.
fn over_runs(
    texts: Texts<'_>,
    candidates: &[Candidate],
    metrics: &[(String, String)],
) -> Result<Vec<OverRuns>, String> {
    let columns: Vec<(usize, Metric)> = texts
        .columns("runs.csv")?
        .iter()
        .enumerate()
        .filter_map(|(place, name)| Some((place, Selector::parse(name).ok()?.metric()?)))
        .collect();
    let known: Vec<Metric> = columns.iter().map(|(_, metric)| metric.clone()).collect();
    let empty = || candidates.iter().map(|_| Vec::new()).collect();
    let mut found = Vec::new();
    for (name, unit) in metrics {
        // One that a later version names otherwise has no picture.
        let Ok(column) = Selector::parse(name).and_then(|selector| selector.find(&known)) else {
            continue;
        };
        let places: Vec<usize> = column.places.iter().map(|place| columns[*place].0).collect();
        let row = OverRuns { metric: name.clone(), unit: unit.clone(), values: empty() };
        found.push((places, row));
    }
    texts.rows("runs.csv", |row| {
        let letter = row.cell("candidate")?;
        let side = candidates.iter().position(|candidate| candidate.letter == letter);
        let side = side.ok_or_else(|| "runs.csv names another candidate".to_owned())?;
        for (places, row_of) in &mut found {
            let parts = places.iter().map(|place| row.number_at(*place));
            let parts: Vec<Option<f64>> = parts.collect::<Result<_, String>>()?;
            let sum = |sum: Option<f64>, part: f64| Some(sum.unwrap_or(0.0) + part);
            row_of.values[side].push(parts.into_iter().flatten().fold(None, sum));
        }
        Ok(())
    })?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}
