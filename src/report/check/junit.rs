//! The check as JUnit XML: a suite a scenario, a case a gate. A gate that fails is a failure; one
//! that is inconclusive is an error, since nothing was shown.

use super::{
    Check, Report, Unjudged,
    words::{self, word},
};
use crate::{
    experiment::verdict::{Judged, Verdict},
    report::plain,
};

/// The document.
pub fn junit(check: &Check<'_>) -> String {
    let gates: Vec<&Judged> = check.reports.iter().flat_map(|r| &r.checked.gates).collect();
    let suites = check.reports.iter().map(suite).chain(check.unjudged.iter().map(unjudged));
    let suites: String = suites.collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"fleetsim check\" {}>\n{suites}</testsuites>\n",
        counts(&gates, check.unjudged.len())
    )
}

/// How many cases there are, with as many that could not be judged.
fn counts(gates: &[&Judged], unjudged: usize) -> String {
    let of = |wanted: Verdict| gates.iter().filter(|gate| gate.verdict == wanted).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\"",
        gates.len() + unjudged,
        of(Verdict::Fail),
        of(Verdict::Inconclusive) + unjudged
    )
}

fn suite(report: &Report) -> String {
    let gates: Vec<&Judged> = report.checked.gates.iter().collect();
    let name = escaped(&report.about.scenario);
    let cases: String = gates.iter().map(|gate| case(gate, report)).collect();
    format!(
        "  <testsuite name=\"{name}\" {} skipped=\"0\">\n{cases}  </testsuite>\n",
        counts(&gates, 0)
    )
}

/// A suite of one case, which is an error.
fn unjudged(of: &Unjudged) -> String {
    let (name, why) = (escaped(&of.scenario), escaped(&of.why));
    format!(
        "  <testsuite name=\"{name}\" {} skipped=\"0\">\n    <testcase classname=\"{name}\" \
         name=\"can be judged\">\n      <error type=\"{}\" message=\"{why}\"></error>\n    </testcase>\n  \
         </testsuite>\n",
        counts(&[], 1),
        words::ERROR,
    )
}

fn case(gate: &Judged, report: &Report) -> String {
    let head = format!(
        "    <testcase classname=\"{}\" name=\"{}\"",
        escaped(&report.about.scenario),
        escaped(&gate.target.label)
    );
    let kind = match gate.verdict {
        Verdict::Pass => return format!("{head}/>\n"),
        Verdict::Inconclusive => "error",
        Verdict::Fail => "failure",
    };
    let body: Vec<String> = words::reasons(gate).iter().map(|line| escaped(line)).collect();
    format!(
        "{head}>\n      <{kind} type=\"{}\" message=\"{}\">{}</{kind}>\n    </testcase>\n",
        word(gate.verdict),
        escaped(&summary(gate)),
        body.join("\n"),
    )
}

/// The numbers of `gate` on one line.
pub(super) fn summary(gate: &Judged) -> String {
    let cells = words::cells(gate);
    let now = match cells.baseline.is_empty() {
        true => cells.now,
        false => format!("{} -> {}", cells.baseline, cells.now),
    };
    let change = match cells.change.is_empty() {
        true => String::new(),
        false => format!(", change {}", cells.change),
    };
    let verb = if gate.target.limit.is_relative() { "allowed" } else { "demanded" };
    format!("{}: {now}{change}, {verb} {}", gate.target.column.name, cells.demanded)
}

/// `text` for an attribute or a text of XML: what XML does not allow is written out.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in plain(text).chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => shown.extend(character.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown
}
