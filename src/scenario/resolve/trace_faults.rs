//! What is wrong with a trace as faults of the scenario: they point at the lines of the trace.

use crate::scenario::{
    fault::{Fault, Place},
    files::GivenBy,
    load::Sources,
    traces::TraceFault,
};
use std::collections::BTreeSet;

/// The farthest line that is shown: the text that is shown has as many lines, nearly all empty, so
/// that lines keep their numbers. What lies farther is told in words alone.
const FARTHEST: u64 = 200_000;

/// Most lines that one message lists.
const MOST_LISTED: usize = 20;

/// The faults of `what` (a trace, a load) in the file `path`, named at `place`: those whose line can be shown are one fault.
pub fn told(
    (what, path, place): (&str, &str, &Place),
    faults: Vec<TraceFault>,
    sources: &mut Sources,
) -> Vec<Fault> {
    let is_shown = |fault: &TraceFault| !fault.text.is_empty() && fault.line <= FARTHEST;
    let (mut shown, others): (Vec<_>, Vec<_>) = faults.into_iter().partition(is_shown);
    shown.sort_by_key(|fault| fault.line);
    let mut all = Vec::new();
    if let [first, ..] = shown.as_slice() {
        let message = match shown.len() {
            1 => format!("{what} `{path}`: {first}"),
            many => format!("{what} `{path}`: {many} faults in its lines"),
        };
        all.push(of_lines((path, message), &shown, sources).label(place, "named here"));
    }
    for fault in others {
        if let (Some(first), 0, None) = (all.first_mut(), fault.line, &fault.help) {
            first.message += &format!("; {}", fault.message);
            continue;
        }
        let told = Fault::at(place, "trace", format!("{what} `{path}`: {fault}"));
        all.push(match fault.help {
            Some(help) => told.help(help),
            None => told,
        });
    }
    all
}

/// One fault for faulty lines in order.
fn of_lines((path, message): (&str, String), shown: &[TraceFault], sources: &mut Sources) -> Fault {
    let (mut text, mut line, mut begin) = (String::new(), 0, 0);
    let mut spans = Vec::new();
    for fault in shown {
        if fault.line > line {
            // The first line has no line feed before it.
            let feeds = fault.line - line.max(1);
            text.extend(std::iter::repeat_n('\n', feeds as usize));
            (line, begin) = (fault.line, text.len());
            text += &fault.text;
            spans.push(begin + fault.span.start..begin + fault.span.end);
        } else {
            spans.push(begin..begin); // One snippet a line is enough.
        }
    }
    let source = sources.add(path, text, GivenBy::CommandLine);
    let mut told = Fault { code: "trace", message, labels: Vec::new(), help: None };
    let mut helps = BTreeSet::new();
    for (fault, span) in shown.iter().zip(spans) {
        let column = fault.column.as_ref().map_or(String::new(), |column| format!("{column}: "));
        let said =
            if shown.len() > 1 { format!("{column}{}", fault.message) } else { String::new() };
        told = told.label(&Place { source, span }, said);
        helps.extend(fault.help.as_ref().map(|help| format!("{column}{help}")));
    }
    match (shown.len(), &shown[0].help) {
        (1, Some(help)) => told.help(help.clone()),
        (1, None) => told,
        _ => told.help(Vec::from_iter(helps).join("; ")),
    }
}

/// Rows of a trace that cannot be for the same reason: the first in words, the others by line.
#[derive(Debug, Default)]
pub struct Alike {
    first: Option<(String, String)>,
    lines: BTreeSet<u64>,
}

impl Alike {
    /// Adds what first stands on `line`: what is wrong with it, and what would be right.
    pub fn push(&mut self, line: u64, message: String, help: String) {
        if self.lines.first().is_none_or(|first| line < *first) {
            self.first = Some((format!("line {line}: {message}"), help));
        }
        self.lines.insert(line);
    }

    /// Message and help for all; `None` if there is nothing wrong.
    pub fn finish(self) -> Option<(String, String)> {
        let (message, mut help) = self.first?;
        let others: Vec<u64> = self.lines.into_iter().skip(1).collect();
        if !others.is_empty() {
            let listed: Vec<String> =
                others.iter().take(MOST_LISTED - 1).map(ToString::to_string).collect();
            let lines = if others.len() == 1 { "line" } else { "lines" };
            let separator = if help.is_empty() { "" } else { "; " };
            help += &format!("{separator}the same is wrong from {lines} {}", listed.join(", "));
            if others.len() > listed.len() {
                help += &format!(" and {} more on", others.len() - listed.len());
            }
        }
        Some((message, help))
    }
}
