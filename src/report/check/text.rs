//! The check as people read it, at most [`WIDTH`] columns wide.

use super::{
    Report, verdict,
    words::{self, word},
};
use crate::{
    experiment::verdict::{Judged, Verdict},
    report::{
        plain,
        text::{counted, wrapped},
    },
};

/// Columns before what is told of a gate: as wide as the longest verdict.
const INDENT: &str = "                ";

/// The verdicts on all scenarios, each with its gates, and what they come to.
pub fn text(reports: &[Report]) -> String {
    let mut text: String = reports.iter().map(|report| scenario(report) + "\n").collect();
    text.push_str(&wrapped(&words::closing(reports), ""));
    if reports.len() > 1 {
        let count = |wanted: Verdict| {
            reports.iter().filter(|report| report.checked.verdict() == wanted).count()
        };
        text.push_str(&format!(
            "{}: {}, {} passed, {} inconclusive, {} failed\n",
            word(verdict(reports)),
            counted(reports.len() as u64, "scenario"),
            count(Verdict::Pass),
            count(Verdict::Inconclusive),
            count(Verdict::Fail),
        ));
    }
    text
}

fn scenario(report: &Report) -> String {
    let about = &report.about;
    let mut text = wrapped(
        &format!(
            "{}: {} · {}, seed {}",
            word(report.checked.verdict()),
            plain(&about.scenario),
            counted(u64::from(about.runs), "run"),
            about.seed
        ),
        "",
    );
    for note in words::notes(report) {
        text.push_str(&wrapped(&note, "  "));
    }
    report.checked.gates.iter().for_each(|one| text.push_str(&gate(one)));
    text
}

fn gate(gate: &Judged) -> String {
    let cells = words::cells(gate);
    let verdict = word(gate.verdict);
    let mut text = format!("  {verdict:<14}{}\n", plain(&gate.target.label));
    let mut parts = Vec::new();
    // Without a name of its own a gate is called by its metric.
    if !gate.target.label.starts_with(&gate.target.column.name) {
        parts.push(plain(&gate.target.column.name));
    }
    parts.push(match (cells.baseline.is_empty(), cells.now.is_empty()) {
        (_, true) => "nothing is said of it".to_owned(),
        (true, false) => cells.now,
        (false, false) => format!("{} → {}", cells.baseline, cells.now),
    });
    if !cells.change.is_empty() {
        parts.push(format!("change {}", cells.change));
    }
    let demanded = match gate.target.limit.is_relative() {
        true => format!("allowed {}", cells.demanded),
        false => format!("demanded {}", cells.demanded),
    };
    parts.push(demanded);
    text.push_str(&wrapped(&parts.join(", "), INDENT));
    for reason in words::reasons(gate) {
        text.push_str(&wrapped(&reason, INDENT));
    }
    text
}
