//! The story of a run as people and programs read it: in `chapters`, in order of time, or as objects.

mod chapters;

use super::{
    About,
    json::line,
    look::{Look, Paint},
    plain, text,
};
use crate::{
    kernel::{
        calendar::Civil,
        time::{Instant, Span},
    },
    observe::story::{Detail, Entry, standing::Tone},
};
use chapters::Step;
use serde_json::{Map, Value};

/// Columns of the clock: `365d 05:00:00.123`.
const CLOCK: usize = 17;

/// Columns of the time since the line before.
const GAP: usize = 10;

/// How the steps of a story are put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// A part for each time in which something was the matter with somebody, under a heading.
    Part,
    /// One list in order of time.
    Time,
}

/// A story, ready to be told.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What was run.
    pub about: &'a About,
    /// Which run.
    pub run: u32,
    /// Whose story, in words.
    pub whose: &'a str,
    /// What became true, in order.
    pub entries: &'a [Entry],
}

/// The story for people, in order of time: for each instant its time on the clock (cut to
/// milliseconds) and since the one before, then what became true.
pub fn human(about: &About, run: u32, whose: &str, entries: &[Entry]) -> String {
    told(&Told { about, run, whose, entries }, By::Time, &Look::PIPED)
}

/// The story for people, at most as wide as `look` says.
pub fn told(story: &Told<'_>, by: By, look: &Look) -> String {
    let Told { about, run, whose, entries } = story;
    let mut shown = text::heading_at(about, look.columns());
    shown.push_str(&text::wrapped_at(&format!("run {run}, {}", plain(whose)), "", look.columns()));
    if entries.is_empty() {
        shown.push_str("\nnothing\n");
        return shown;
    }
    match by {
        By::Time => {
            shown.push('\n');
            let mut before: Option<Instant> = None;
            for entry in *entries {
                let gap = before.filter(|before| *before < entry.at);
                let gap = gap.map(|before| entry.at.since(before));
                let step = Step { entry, gap, dated: before != Some(entry.at) };
                step_lines(&mut shown, &step, &plain(&entry.text), look);
                before = Some(entry.at);
            }
        }
        By::Part => {
            for chapter in chapters::chapters(entries) {
                shown.push('\n');
                let (whose, what) = (plain(&chapter.heading()), plain(&chapter.told()));
                let between = if what.is_empty() { "" } else { ": " };
                let heading = format!("{whose}{between}{what}");
                let heading = text::wrapped_at(&heading, "", look.columns());
                heading.lines().for_each(|line| shown.push_str(&(look.strong(line) + "\n")));
                for step in &chapter.steps {
                    let words = plain(chapters::without(&step.entry.text, step.entry));
                    step_lines(&mut shown, step, &words, look);
                }
            }
        }
    }
    shown
}

/// Adds a step in so many `words`: its time, the time since the one before, what became true.
fn step_lines(shown: &mut String, step: &Step<'_>, words: &str, look: &Look) {
    let entry = step.entry;
    let indent = " ".repeat(CLOCK + GAP + 4);
    let gap = step.gap.map(gap).unwrap_or_default();
    let head = match step.dated {
        true => look.dim(&format!("{:>CLOCK$}  {gap:>GAP$}  ", clock(entry.at))),
        false => indent.clone(),
    };
    let wrapped = text::wrapped_at(words, &indent, look.columns());
    let words = wrapped.strip_prefix(&indent).unwrap_or(&wrapped);
    let words: String = match chapters::tone(entry) {
        Some(Tone::Bad) => {
            words.lines().map(|line| look.painted(Paint::Bad, line) + "\n").collect()
        }
        Some(Tone::Good) => {
            words.lines().map(|line| look.painted(Paint::Good, line) + "\n").collect()
        }
        Some(Tone::Work | Tone::Waits | Tone::Rest | Tone::Place | Tone::Over) | None => {
            words.to_owned()
        }
    };
    shown.push_str(&(head + &words));
    for (key, detail) in &entry.details {
        if let (&"answer", Detail::Json(answer)) = (key, detail) {
            answer_lines(answer).for_each(|line| shown.push_str(&format!("{indent}{line}\n")));
        }
    }
}

/// An answer of the cloud, a line a field.
fn answer_lines(answer: &str) -> impl Iterator<Item = String> {
    let read: Value = serde_json::from_str(answer).unwrap_or(Value::Null);
    let text = serde_json::to_string_pretty(&read).unwrap_or_default();
    let lines: Vec<String> = text.lines().map(|line| format!("  {}", plain(line))).collect();
    lines.into_iter()
}

/// The instant cut to milliseconds, which are left out where they are zero.
pub(super) fn clock(at: Instant) -> String {
    let micros = at.micros();
    let seconds = Instant::from_micros(micros - micros % 1_000_000);
    match micros % 1_000_000 / 1_000 {
        0 => seconds.to_string(),
        millis => format!("{seconds}.{millis:03}"),
    }
}

fn gap(span: Span) -> String {
    format!("+{span}")
}

/// The story for programs: one object a line. `epoch` is the date of the clock's zero
/// (microseconds since 1970-01-01T00:00:00Z).
pub fn json(epoch: i64, entries: &[Entry]) -> String {
    entries.iter().map(|entry| line(&object(epoch, entry))).collect()
}

fn object(epoch: i64, entry: &Entry) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("at_s", seconds(entry.at.micros()));
    put("time", date(epoch, entry.at));
    put("what", Value::from(entry.what));
    let names = [("instance", &entry.instance), ("server", &entry.server), ("disk", &entry.disk)];
    for (key, name) in names {
        if let Some(name) = name {
            put(key, Value::from(name.as_str()));
        }
    }
    for (key, name) in [("group", &entry.group), ("refresh", &entry.refresh)] {
        if let Some(name) = name {
            put(key, Value::from(name.as_str()));
        }
    }
    for (key, number) in [("event", entry.event), ("task", entry.task)] {
        if let Some(number) = number {
            put(key, Value::from(number));
        }
    }
    for (key, detail) in &entry.details {
        put(key, value(epoch, detail));
    }
    put("text", Value::from(entry.text.as_str()));
    Value::Object(object)
}

fn value(epoch: i64, detail: &Detail) -> Value {
    match detail {
        Detail::Text(text) => Value::from(text.as_str()),
        Detail::Number(number) => Value::from(*number),
        Detail::Span(span) => seconds(span.micros()),
        Detail::Instant(at) => date(epoch, *at),
        Detail::Switch(on) => Value::from(*on),
        Detail::Json(text) => serde_json::from_str(text).unwrap_or(Value::Null),
    }
}

/// Whole seconds as a whole number, others with their fraction.
fn seconds(micros: u64) -> Value {
    match micros % 1_000_000 {
        0 => Value::from(micros / 1_000_000),
        _ => Value::from(micros as f64 / 1e6),
    }
}

fn date(epoch: i64, at: Instant) -> Value {
    let micros = epoch.saturating_add_unsigned(at.micros());
    Value::from(Civil::at(micros).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use insta::assert_snapshot;

    fn entry(at: u64, text: &str) -> Entry {
        Entry {
            at: Instant::from_micros(at),
            what: "InstanceMoved",
            instance: Some("start-3".to_owned()),
            server: None,
            disk: None,
            event: Some(17),
            task: None,
            group: None,
            refresh: None,
            whose: "start-3".to_owned(),
            standings: Vec::new(),
            details: vec![
                ("to", Detail::Text("Running".to_owned())),
                ("after_s", Detail::Span(Span::from_micros(1_500_000))),
                ("not_before", Detail::Instant(Instant::from_micros(90_000_000))),
            ],
            text: text.to_owned(),
        }
    }

    #[test]
    fn people_read_times_gaps_and_words() {
        let entries = [
            entry(3_000_000, "start-3 Pending -> Starting after 3s"),
            entry(
                4_500_789,
                "start-3 Starting -> Running after 1s and a line that is longer than eighty columns are",
            ),
            entry(4_500_789, "start-3 is served"),
            entry(93_784_000_000, "start-3 is down: \u{1b}server-failure"),
        ];
        let about = &made_up::results(1).about;
        let text = human(about, 0, "the story of instance start-3", &entries);
        assert!(text.lines().all(|line| line.chars().count() <= text::WIDTH), "{text}");
        assert_snapshot!(text, @r"
        made-up · does the table read well?
        60 servers (2 zones, 6 racks) · 1,240 instances at start · 365d · 1 run, seed 1
        run 0, the story of instance start-3

              0d 00:00:03              start-3 Pending -> Starting after 3s
          0d 00:00:04.500   +1s 500ms  start-3 Starting -> Running after 1s and a line
                                       that is longer than eighty columns are
                                       start-3 is served
              1d 02:03:04      +1d 2h  start-3 is down: \u{1b}server-failure
        ");
    }

    #[test]
    fn programs_read_objects() {
        let epoch = 1_767_225_600_000_000;
        assert_snapshot!(json(epoch, &[entry(4_500_789, "start-3 is served")]), @r#"
        {"at_s":4.500789,"time":"2026-01-01T00:00:04Z","what":"InstanceMoved","instance":"start-3","event":17,"to":"Running","after_s":1.5,"not_before":"2026-01-01T00:01:30Z","text":"start-3 is served"}
        "#);
    }
}
