//! The worst minutes of the worst run as a file: when they were, who was down and why, what
//! happened, and the commands that print all of it.

use super::{json, plain, shown};
use crate::{
    experiment::worst::Worst,
    kernel::time::Instant,
    observe::{
        names,
        story::Entry,
        worst::{Interruption, Low},
    },
    scenario::Scenario,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Lines of the story, at most.
const LINES: usize = 40;

/// Lines that stand before what is left out, where more would be needed.
const FIRST: usize = 28;

/// Others that a line names where the same happened to many.
const NAMED: usize = 4;

/// Instances that are listed, at most: those that were down longest.
const LISTED: usize = 100;

/// Servers that get a command of their own, at most.
const SERVERS: usize = 3;

/// The text of `worst.json`; `command` gives the command that traces the run of this number with
/// these further words. Without a `worst` run, no run knows an availability.
pub fn file(
    scenario: &Scenario,
    worst: Option<&Worst>,
    command: &dyn Fn(u32, &[String]) -> String,
) -> String {
    let Some(worst) = worst else {
        return json::pretty(&json!({ "run": null, "availability": null }));
    };
    let mut object = json!({ "run": worst.run, "availability": worst.availability });
    if let (Some((low, entries)), Value::Object(object)) = (&worst.low, &mut object) {
        let of_low = of_low(scenario, low);
        object.extend(of_low.into_iter().map(|(key, value)| (key.to_owned(), value)));
        let story = lines(entries)
            .into_iter()
            .map(|(at, text)| json!({ "at_s": seconds(at), "at": clock(at), "text": text }));
        object.insert("story".to_owned(), story.collect());
        object.insert("trace".to_owned(), commands(scenario, worst.run, low, command).into());
    }
    json::pretty(&object)
}

fn of_low(scenario: &Scenario, low: &Low) -> Vec<(&'static str, Value)> {
    let layout = &scenario.layout;
    let mut down: Vec<(&Interruption, f64)> = low
        .interruptions
        .iter()
        .map(|one| (one, one.to.min(low.to).since(one.from.max(low.from)).seconds()))
        .collect();
    down.sort_by(|(a, long), (b, longer)| longer.total_cmp(long).then(a.name.cmp(&b.name)));
    let mut causes = BTreeMap::new();
    for (one, _) in &down {
        *causes.entry(one.cause).or_insert(0_u64) += 1;
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), *cause));
    let causes = causes
        .iter()
        .map(|(cause, count)| json!({ "cause": cause.name(), "interruptions": count }));
    let servers = servers(low).into_iter().map(
        |(server, count)| json!({ "server": layout.server_name(server), "interruptions": count }),
    );
    let listed = down.iter().take(LISTED).map(|(one, lasted)| {
        json!({
            "instance": names::instance(one.name, scenario),
            "cause": one.cause.name(),
            "server": one.server.map(|server| layout.server_name(server)),
            "from_s": seconds(one.from),
            "to_s": seconds(one.to),
            "down_s": lasted,
        })
    });
    vec![
        ("from_s", seconds(low.from)),
        ("to_s", seconds(low.to)),
        ("availability_then", json!(low.availability())),
        ("lost_s", json!(low.lost as f64 / 1e6)),
        ("owed_s", json!(low.owed as f64 / 1e6)),
        ("interruptions", json!(low.interruptions.len())),
        ("causes", causes.collect()),
        ("servers", servers.take(LISTED).collect()),
        ("instances", listed.collect()),
    ]
}

/// The servers on which instances went down, those with most first.
fn servers(low: &Low) -> Vec<(crate::kernel::column::Id<crate::fleet::ids::Server>, usize)> {
    let mut counts = BTreeMap::new();
    for server in low.interruptions.iter().filter_map(|one| one.server) {
        *counts.entry(server).or_insert(0) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(server, count)| (std::cmp::Reverse(*count), *server));
    counts
}

fn commands(
    scenario: &Scenario,
    run: u32,
    low: &Low,
    command: &dyn Fn(u32, &[String]) -> String,
) -> Vec<String> {
    const SECOND: u64 = 1_000_000;
    let from = shown::duration(low.story_from.micros() / SECOND);
    let to = shown::duration(low.to.micros().div_ceil(SECOND));
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let window: Vec<String> = words(&["--from", &from, "--to", &to]);
    let of_server = servers(low).into_iter().take(SERVERS).map(|(server, _)| {
        let name = scenario.layout.server_name(server);
        [words(&["--server", &name]), window.clone()].concat()
    });
    let all = of_server.chain([window.clone()]);
    all.map(|words| command(run, &words)).collect()
}

/// The story in at most [`LINES`] lines: what happens alike to several at once is one of them.
fn lines(entries: &[Entry]) -> Vec<(Instant, String)> {
    let told = together(entries, 1);
    let told = match told.len() > LINES {
        true => together(entries, 60_000_000),
        false => told,
    };
    if told.len() <= LINES {
        return told;
    }
    let last = LINES - 1 - FIRST;
    let (head, rest) = told.split_at(FIRST);
    let (out, tail) = rest.split_at(rest.len() - last);
    let between = (out[0].0, format!("… {} more steps of the same story …", out.len()));
    head.iter().chain([&between]).chain(tail).cloned().collect()
}

/// What happens alike within the same `span` (µs) of the clock, told as one.
fn together(entries: &[Entry], span: u64) -> Vec<(Instant, String)> {
    let mut found: Vec<(u64, String, &Entry, Vec<&str>)> = Vec::new();
    // Where the lines of the time that is being told begin.
    let mut first = 0;
    for entry in entries {
        let time = entry.at.micros() / span;
        if found.get(first).is_some_and(|(told, ..)| *told != time) {
            first = found.len();
        }
        let alike = alike(entry);
        match found[first..].iter_mut().find(|(_, other, ..)| *other == alike) {
            Some((.., names)) => {
                names.extend(entry.instance.as_deref().or(entry.server.as_deref()))
            }
            None => found.push((time, alike, entry, Vec::new())),
        }
    }
    let line = |(_, _, entry, names): &(u64, String, &Entry, Vec<&str>)| {
        (entry.at, format!("{}{}", plain(&entry.text), likewise(entry, names)))
    };
    found.iter().map(line).collect()
}

fn likewise(entry: &Entry, names: &[&str]) -> String {
    let own = entry.instance.as_deref().or(entry.server.as_deref());
    let mut others: Vec<&str> = Vec::new();
    for name in names {
        if Some(*name) != own && !others.contains(name) {
            others.push(name);
        }
    }
    if others.is_empty() {
        return String::new();
    }
    let shown: Vec<String> = others.iter().take(NAMED).map(|name| plain(name)).collect();
    match others.len().saturating_sub(NAMED) {
        0 => format!("; likewise {}", shown.join(", ")),
        more => format!("; likewise {} and {more} more", shown.join(", ")),
    }
}

/// The text of `entry` without the names in it: what happens alike reads alike.
fn alike(entry: &Entry) -> String {
    let names = [&entry.instance, &entry.server, &entry.disk].into_iter().flatten();
    let bare = names.fold(entry.text.clone(), |text, name| text.replace(name.as_str(), "\u{0}"));
    // Numbers of events and tasks, and how long something took, differ and say little here.
    let bare: String = bare.chars().filter(|c| !c.is_ascii_digit()).collect();
    format!("{} {bare}", entry.what)
}

fn clock(at: Instant) -> String {
    let micros = at.micros();
    Instant::from_micros(micros - micros % 1_000_000).to_string()
}

fn seconds(at: Instant) -> Value {
    json!(at.micros() as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: u64, instance: &str, text: &str) -> Entry {
        Entry {
            at: Instant::from_micros(at),
            what: "ServiceEnded",
            instance: Some(instance.to_owned()),
            server: None,
            disk: None,
            event: None,
            task: None,
            group: None,
            refresh: None,
            whose: instance.to_owned(),
            standings: Vec::new(),
            details: Vec::new(),
            text: text.to_owned(),
        }
    }

    fn texts(entries: &[Entry]) -> Vec<String> {
        lines(entries).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn what_happens_alike_at_once_is_one_line() {
        let down: Vec<Entry> = (0..7)
            .map(|n| entry(5, &format!("start-{n}"), &format!("start-{n} is down: rack-failure")))
            .collect();
        let other = entry(6, "start-9", "start-9 is down: rack-failure");
        assert_eq!(
            texts(&[down, vec![other]].concat()),
            [
                "start-0 is down: rack-failure; likewise start-1, start-2, start-3, start-4 and 2 more",
                "start-9 is down: rack-failure",
            ]
        );
    }

    #[test]
    fn a_long_story_keeps_its_begin_and_its_end() {
        let word = |n: u64| (0..n).map(|_| 'x').collect::<String>();
        let entries: Vec<Entry> = (1..=100)
            .map(|n| entry(n * 120_000_000, "web", &format!("web says {}", word(n))))
            .collect();
        let texts = texts(&entries);
        assert_eq!(texts.len(), LINES);
        assert_eq!(texts[FIRST], "… 61 more steps of the same story …");
        assert_eq!((&texts[0], texts[LINES - 1].len()), (&"web says x".to_owned(), 109));
    }

    #[test]
    fn names_cannot_drive_a_terminal() {
        assert_eq!(texts(&[entry(0, "a", "a\u{1b}[2J is down")]), ["a\\u{1b}[2J is down"]);
    }
}
