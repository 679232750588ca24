//! The check as people read it.

use super::{
    Check, Report,
    words::{self, word},
};
use crate::{
    experiment::verdict::{Judged, Verdict},
    report::{
        look::{Look, Paint},
        plain,
        text::{counted, wrapped_at},
    },
};

/// Columns before what is told of a gate: as wide as the longest verdict.
const INDENT: &str = "                ";

/// The verdicts on all scenarios, each with its gates, and what they come to. Why a scenario could not
/// be judged is a fault, and told as such.
pub fn text(check: &Check<'_>, look: &Look) -> String {
    let reports = check.reports;
    let mut text: String = reports.iter().map(|report| scenario(report, look) + "\n").collect();
    if !reports.is_empty() {
        text.push_str(&wrapped_at(&words::closing(reports), "", look.columns()));
    }
    let scenarios = reports.len() + check.unjudged.len();
    if scenarios > 1 {
        let count = |wanted: Verdict| {
            reports.iter().filter(|report| report.checked.verdict() == wanted).count()
        };
        text.push_str(&format!(
            "{}: {}, {} passed, {} inconclusive, {} failed{}\n",
            look.painted(check.verdict().map_or(Paint::Bad, paint), check.word()),
            counted(scenarios as u64, "scenario"),
            count(Verdict::Pass),
            count(Verdict::Inconclusive),
            count(Verdict::Fail),
            match check.unjudged.len() {
                0 => String::new(),
                count => format!(", {count} not judged"),
            },
        ));
    }
    text
}

const fn paint(verdict: Verdict) -> Paint {
    match verdict {
        Verdict::Pass => Paint::Good,
        Verdict::Inconclusive => Paint::Unsure,
        Verdict::Fail => Paint::Bad,
    }
}

/// `text` in the colour of `verdict`.
fn judged(verdict: Verdict, text: &str, look: &Look) -> String {
    look.painted(paint(verdict), text)
}

fn scenario(report: &Report, look: &Look) -> String {
    let about = &report.about;
    let verdict = report.checked.verdict();
    let first = wrapped_at(
        &format!(
            "{}: {} · {}, seed {}",
            word(verdict),
            plain(&about.scenario),
            counted(u64::from(about.runs), "run"),
            about.seed
        ),
        "",
        look.columns(),
    );
    let mut text = match first.strip_prefix(word(verdict)) {
        Some(rest) => judged(verdict, word(verdict), look) + rest,
        None => first,
    };
    for note in words::notes(report) {
        text.push_str(&wrapped_at(&note, "  ", look.columns()));
    }
    report.checked.gates.iter().for_each(|one| text.push_str(&gate(one, look)));
    text
}

fn gate(gate: &Judged, look: &Look) -> String {
    let cells = words::cells(gate);
    let verdict = judged(gate.verdict, &format!("{:<14}", word(gate.verdict)), look);
    let mut text = format!("  {verdict}{}\n", plain(&gate.target.label));
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
    text.push_str(&wrapped_at(&parts.join(", "), INDENT, look.columns()));
    for reason in words::reasons(gate) {
        text.push_str(&wrapped_at(&reason, INDENT, look.columns()));
    }
    text
}
