//! The check as a plain table: a row a gate, for spreadsheets and data frames.

use super::{
    Check,
    words::{ERROR, word},
};
use crate::report::csv::{Sheet, guarded};

/// What is told of a gate.
const COLUMNS: [&str; 16] = [
    "scenario",
    "gate",
    "metric",
    "unit",
    "verdict",
    "baseline",
    "now",
    "change",
    "lower",
    "upper",
    "alpha",
    "demand",
    "limit",
    "runs",
    "differing",
    "runs_needed",
];

/// One row a gate, and one a scenario that could not be judged: what `check --format csv` prints.
pub fn rows(check: &Check<'_>) -> String {
    let mut table = Sheet::new(COLUMNS);
    for report in check.reports {
        for gate in &report.checked.gates {
            let number = |value: Option<f64>| crate::report::csv::number(value);
            let count = |value: Option<u32>| value.map(|n| n.to_string()).unwrap_or_default();
            table.row([
                guarded(&report.about.scenario),
                guarded(&gate.target.label),
                guarded(&gate.target.column.name),
                gate.target.column.definition.unit.to_owned(),
                word(gate.verdict).to_owned(),
                number(gate.baseline),
                number(gate.now),
                number(gate.change),
                number(gate.limits.map(|limits| limits.0)),
                number(gate.limits.map(|limits| limits.1)),
                number(Some(gate.target.alpha)),
                super::json::demand(gate).to_owned(),
                number(Some(gate.demanded)),
                gate.runs.to_string(),
                count(gate.differing),
                count(gate.needed),
            ]);
        }
    }
    for of in check.unjudged {
        let mut cells = vec![String::new(); COLUMNS.len()];
        (cells[0], cells[4]) = (guarded(&of.scenario), ERROR.to_owned());
        table.row(cells);
    }
    table.finish()
}
