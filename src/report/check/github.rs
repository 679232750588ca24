//! The check as annotations of a workflow: a line for each gate that does not pass, and one for each
//! scenario.

use super::{
    Check, Report,
    junit::summary,
    words::{self, word},
};
use crate::{
    experiment::verdict::{Judged, Verdict},
    report::{plain, text::counted},
};

/// The commands that annotate, a line each.
pub fn github(check: &Check<'_>) -> String {
    let mut text = String::new();
    for report in check.reports {
        for (gate, line) in report.checked.gates.iter().zip(&report.lines) {
            text.push_str(&annotation(report, gate, *line));
        }
        let gates = counted(report.checked.gates.len() as u64, "gate");
        let told = format!("{}: {gates}", word(report.checked.verdict()));
        text.push_str(&command("notice", &report.path, None, &report.about.scenario, &told));
    }
    for of in check.unjudged {
        let title = format!("{} {}", words::ERROR, of.scenario);
        text.push_str(&command("error", &of.path, None, &title, &of.why));
    }
    text
}

fn annotation(report: &Report, gate: &Judged, line: Option<usize>) -> String {
    let kind = match gate.verdict {
        Verdict::Pass => return String::new(),
        Verdict::Inconclusive => "warning",
        Verdict::Fail => "error",
    };
    let title = format!("{} {}", word(gate.verdict), gate.target.label);
    let told = [vec![summary(gate)], words::reasons(gate)].concat().join("; ");
    command(kind, &report.path, line, &title, &told)
}

fn command(kind: &str, path: &str, line: Option<usize>, title: &str, message: &str) -> String {
    let line = line.map(|line| format!(",line={line}")).unwrap_or_default();
    format!("::{kind} file={}{line},title={}::{}\n", property(path), property(title), data(message))
}

/// `text` as a message: nothing in it ends the command.
fn data(text: &str) -> String {
    plain(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// `text` as a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
