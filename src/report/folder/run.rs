//! What the folder of `run` says.

use super::texts::{Object, Texts};
use crate::observe::catalogue::{CATALOGUE, Definition};

/// The runs of one scenario, as their folder tells them.
#[derive(Clone, PartialEq, Debug)]
pub struct Ran {
    /// Name of the scenario.
    pub scenario: String,
    /// The question that it asks; may be empty.
    pub question: String,
    /// Digest of the resolved scenario and its input files, hex.
    pub digest: String,
    /// Version of the program.
    pub version: String,
    /// Seed of all chance.
    pub seed: u64,
    /// Runs made (count).
    pub runs: u64,
    /// The command that makes them again.
    pub command: String,
    /// What a reader should know of how the scenario was taken.
    pub remarks: Vec<String>,
    /// When a run begins (s on its clock).
    pub begins: f64,
    /// From when on metrics are measured, the end of the warm-up (s on the clock).
    pub measured_from: f64,
    /// When a run ends (s on its clock).
    pub ends: f64,
    /// Servers of the fleet (count).
    pub servers: u64,
    /// All metrics, in the order of the catalogue.
    pub metrics: Vec<Metric>,
    /// What each run says of the metrics of [`OVER_RUNS`].
    pub over_runs: Vec<OverRuns>,
    /// What all runs say over time.
    pub series: Vec<Series>,
}

/// The metrics whose single runs are read: those whose distribution over runs is shown.
pub const OVER_RUNS: [&str; 4] = [
    "availability",
    "availability.instance.min",
    "interruptions.per_instance_year",
    "migrations.per_hour.max",
];

/// One metric over the runs.
#[derive(Clone, PartialEq, Debug)]
pub struct Metric {
    /// Its name, without labels.
    pub name: String,
    /// Its labels, by name.
    pub labels: Vec<(String, String)>,
    /// Its unit.
    pub unit: String,
    /// Mean over runs; `None` where no run defines it.
    pub mean: Option<f64>,
    /// Half the width of the interval; `None` below two runs.
    pub half_width: Option<f64>,
    /// The lowest run.
    pub min: Option<f64>,
    /// The highest run.
    pub max: Option<f64>,
}

impl Metric {
    fn read(row: &Object) -> Result<Self, String> {
        Ok(Self {
            name: row.text("name")?,
            labels: row.object("labels")?.labels(),
            unit: row.text_or_empty("unit"),
            mean: row.number_if_any("mean"),
            half_width: row.number_if_any("half_width"),
            min: row.number_if_any("min"),
            max: row.number_if_any("max"),
        })
    }

    /// What the catalogue says of it; `None` where a later version dropped it.
    pub fn definition(&self) -> Option<&'static Definition> {
        CATALOGUE.iter().find(|definition| definition.name == self.name)
    }
}

/// What each run says of one metric.
#[derive(Clone, PartialEq, Debug)]
pub struct OverRuns {
    /// Its name.
    pub name: String,
    /// One value a run, in order; `None` where a run does not define it.
    pub values: Vec<Option<f64>>,
}

/// One series over time, all runs together.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// Its name: that of a metric, where there is one that says the same of the whole run.
    pub name: String,
    /// What parts it from others of its name; empty for most.
    pub label: String,
    /// Its unit.
    pub unit: String,
    /// Its cells in the order of time.
    pub cells: Vec<Cell>,
}

impl Series {
    /// Whether all that it says, at any moment of any run, is zero, or it says nothing.
    pub fn is_zero(&self) -> bool {
        let ends =
            |cell: &Cell| cell.value.is_none_or(|value| value.low >= 0.0 && value.high <= 0.0);
        self.cells.iter().all(ends)
    }
}

/// One cell of a series.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cell {
    /// When it begins (s on the clock).
    pub from: f64,
    /// When it ends.
    pub to: f64,
    /// Runs that say something of it (count).
    pub runs: u64,
    /// What they say.
    pub value: Option<Value>,
}

/// What runs say of one cell.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Value {
    /// Mean over runs of the cell's value: the mean of a level over the cell's time, a count, a
    /// ratio.
    pub mean: f64,
    /// Half the width of its interval; `None` below two runs.
    pub half_width: Option<f64>,
    /// The lowest value at any moment of the cell in any run.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

impl Ran {
    /// What `texts` say.
    ///
    /// # Errors
    /// Which file says what it should not.
    pub fn read(texts: Texts<'_>) -> Result<Self, String> {
        let summary = texts.object("summary.json")?;
        let metrics = summary.objects("metrics")?;
        Ok(Self {
            scenario: summary.text("scenario")?,
            question: summary.text_or_empty("question"),
            digest: summary.text("digest")?,
            version: summary.text("version")?,
            seed: summary.whole("seed")?,
            runs: summary.whole("runs")?,
            command: summary.text("command")?,
            remarks: summary.texts("remarks"),
            begins: summary.number("begins_s")?,
            measured_from: summary.number("measured_from_s")?,
            ends: summary.number("ends_s")?,
            servers: summary.whole("servers")?,
            metrics: metrics.iter().map(Metric::read).collect::<Result<_, String>>()?,
            over_runs: over_runs(texts)?,
            series: series(texts)?,
        })
    }

    /// The series called `name`, in their order.
    pub fn series_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Series> {
        self.series.iter().filter(move |series| series.name == name)
    }

    /// The only series called `name`.
    pub fn one_series(&self, name: &str) -> Option<&Series> {
        self.series.iter().find(|series| series.name == name)
    }

    /// The metric called `name` that has these values of its labels, in the catalogue's order.
    pub fn metric(&self, name: &str, labels: &[&str]) -> Option<&Metric> {
        self.metrics.iter().find(|metric| {
            let own = metric.labels.iter().map(|(_, value)| value.as_str());
            metric.name == name && own.eq(labels.iter().copied())
        })
    }
}

fn over_runs(texts: Texts<'_>) -> Result<Vec<OverRuns>, String> {
    let columns = texts.columns("runs.csv")?;
    let places = OVER_RUNS
        .iter()
        .filter_map(|name| Some((*name, columns.iter().position(|column| column == name)?)));
    let places: Vec<(&str, usize)> = places.collect();
    let column =
        |(name, _): &(&str, usize)| OverRuns { name: (*name).to_owned(), values: Vec::new() };
    let mut found: Vec<OverRuns> = places.iter().map(column).collect();
    texts.rows("runs.csv", |row| {
        for ((_, place), column) in places.iter().zip(&mut found) {
            column.values.push(row.number_at(*place)?);
        }
        Ok(())
    })?;
    Ok(found)
}

fn series(texts: Texts<'_>) -> Result<Vec<Series>, String> {
    let mut found: Vec<Series> = Vec::new();
    texts.rows("series.csv", |row| {
        let (name, label) = (row.name("series")?, row.name("label")?);
        let is_new = found.last().is_none_or(|last| last.name != name || last.label != label);
        if is_new {
            let unit = row.cell("unit")?.to_owned();
            found.push(Series { name, label, unit, cells: Vec::new() });
        }
        let value = row.number_if_any("mean")?;
        let value = value.map(|mean| -> Result<Value, String> {
            let half_width = row.number_if_any("half_width")?;
            Ok(Value { mean, half_width, low: row.number("low")?, high: row.number("high")? })
        });
        let (from, to, runs) = (row.number("from_s")?, row.number("to_s")?, row.number("runs")?);
        let cell = Cell { from, to, runs: runs as u64, value: value.transpose()? };
        if let Some(last) = found.last_mut() {
            last.cells.push(cell);
        }
        Ok(())
    })?;
    Ok(found)
}
