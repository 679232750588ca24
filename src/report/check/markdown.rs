//! The check as a comment on a pull request.

use super::{
    Check, Report,
    words::{self, word},
};
use crate::{
    experiment::verdict::{Judged, Verdict},
    report::{VERSION, markdown::escaped, text::counted},
};

/// A heading with the worst verdict, then a table a scenario.
pub fn markdown(check: &Check<'_>) -> String {
    let mut text = format!("## fleetsim check: {}\n", check.word());
    for report in check.reports {
        text.push_str(&scenario(report));
    }
    for of in check.unjudged {
        let (name, why) = (escaped(&of.scenario), escaped(&of.why));
        text.push_str(&format!("\n### {} {name}\n\nNot judged: {why}\n", mark(Verdict::Fail)));
    }
    text.push_str(&format!(
        "\n{} PASS: shown to hold; FAIL: shown to be missed; INCONCLUSIVE: more runs are needed. \
         fleetsim {VERSION}.\n",
        words::closing(check.reports)
    ));
    text
}

fn scenario(report: &Report) -> String {
    let about = &report.about;
    let mut text =
        format!("\n### {} {}\n\n", mark(report.checked.verdict()), escaped(&about.scenario));
    let runs = counted(u64::from(about.runs), "run");
    let notes = std::iter::once(format!("{runs}, seed {}", about.seed)).chain(words::notes(report));
    let notes: Vec<String> = notes.map(|note| escaped(&note)).collect();
    text.push_str(&format!("{}.\n\n", notes.join("; ")));
    text.push_str(
        "| metric | baseline | now | change | allowed | verdict |\n|---|---|---|---|---|---|\n",
    );
    for gate in &report.checked.gates {
        text.push_str(&row(gate));
    }
    let told: Vec<String> = report.checked.gates.iter().flat_map(remarks).collect();
    if !told.is_empty() {
        text.push_str(&format!("\n{}", told.concat()));
    }
    text
}

fn row(gate: &Judged) -> String {
    let cells = words::cells(gate);
    let name = match gate.target.label == gate.target.column.name {
        true => escaped(&gate.target.column.name),
        false => match gate.target.label.strip_prefix(&gate.target.column.name) {
            // What a gate without a name demands stands in a column of its own.
            Some(_) => escaped(&gate.target.column.name),
            None => {
                format!("{}: {}", escaped(&gate.target.label), escaped(&gate.target.column.name))
            }
        },
    };
    let cell = |text: &str| escaped(text);
    format!(
        "| {name} | {} | {} | {} | {} | {} {} |\n",
        cell(&cells.baseline),
        cell(&cells.now),
        cell(&cells.change),
        cell(&cells.demanded),
        mark(gate.verdict),
        word(gate.verdict),
    )
}

/// What is to be known of a gate beside its numbers; of one that passes only its warnings.
fn remarks(gate: &Judged) -> Option<String> {
    let is_told = gate.verdict != Verdict::Pass
        || gate.skewed
        || gate.undefined + gate.left_out > 0
        || gate.unseen.is_some();
    let reasons = words::reasons(gate);
    if !is_told || reasons.is_empty() {
        return None;
    }
    Some(format!("- {}: {}.\n", escaped(&gate.target.label), escaped(&reasons.join("; "))))
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✅",
        Verdict::Inconclusive => "❔",
        Verdict::Fail => "❌",
    }
}
