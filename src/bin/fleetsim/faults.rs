//! What is wrong with a scenario, shown as compilers do: place, the line itself, and what would be
//! right. All faults at once.

mod option;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use fleetsim::{
    report::plain,
    scenario::{Fault, Faults, Label},
};
use std::ops::Range;

/// Faults shown of one scenario; the rest is counted.
const FAULTS_MAX: usize = 100;

/// The faults of the scenario `name`, in colour; whoever writes them takes the colour out where it
/// is not wanted.
pub fn render(name: &str, faults: &Faults) -> String {
    let renderer = Renderer::styled();
    let mut text = String::new();
    for fault in faults.list.iter().take(FAULTS_MAX) {
        text.push_str(&renderer.render(&[group(name, faults, fault)]));
        text.push_str("\n\n");
    }
    let count = faults.list.len();
    if count > FAULTS_MAX {
        text.push_str(&format!("... and {} more\n\n", count - FAULTS_MAX));
    }
    let plural = if count == 1 { "" } else { "s" };
    text.push_str(&format!("{count} fault{plural} in {}\n", plain(name)));
    text
}

/// An error without a place in a file; one in an option is shown there.
pub fn bare(message: &str) -> String {
    if let Some(shown) = option::rendered(message) {
        return shown;
    }
    let title = Level::ERROR.primary_title(message);
    Renderer::styled().render(&[Group::with_title(title)])
}

fn group<'a>(name: &str, faults: &'a Faults, fault: &'a Fault) -> Group<'a> {
    let title = Level::ERROR.primary_title(plain(&fault.message)).id(fault.code);
    let mut group = Group::with_title(title);
    let mut shown = Vec::new();
    for label in &fault.labels {
        if shown.contains(&label.source) {
            continue;
        }
        shown.push(label.source);
        let source = &faults.sources[label.source.index()];
        let same = fault.labels.iter().filter(|other| other.source == label.source);
        let annotations = same.map(|other| annotation(&fault.labels, other, &source.text));
        // At a point of a sweep, what the point's name tells was given by the axes.
        let is_varied =
            source.name == "--set" && name.ends_with(')') && name.contains(&source.text);
        let path = if is_varied { "--vary" } else { source.name.as_str() };
        let snippet = Snippet::source(source.text.as_str()).path(path);
        group = group.element(snippet.annotations(annotations));
    }
    match &fault.help {
        Some(help) => group.element(Level::HELP.message(plain(help))),
        None => group,
    }
}

/// The first label is the main one.
fn annotation<'a>(labels: &[Label], label: &'a Label, text: &str) -> Annotation<'a> {
    let main = labels.first() == Some(label);
    let kind = if main { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = kind.span(inside(&label.span, text));
    match label.text.is_empty() {
        true => annotation,
        false => annotation.label(plain(&label.text)),
    }
}

/// `span` moved onto whole characters of `text`.
fn inside(span: &Range<usize>, text: &str) -> Range<usize> {
    let floor = |at: usize| {
        let at = at.min(text.len());
        (0..=at).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}
