//! A part of a scenario in which recorded events happen again.
//!
//! Only the first notification of an event becomes an entry: what came after it (the answer, the
//! end, the states that the instance went through) is what the scenario's own policies are to
//! decide, and is counted in comments.

use super::{
    Content, DiskTold, EventTold, Moment, Notification, Recording, disk_of_device,
    identities::Identities,
};
use crate::{
    kernel::time::Span,
    lifecycle::system_event::{EventStatus, EventType},
};
use std::{collections::BTreeMap, fmt::Write as _};

/// What the entries of instances are called: those that are not preemptible, and those that are.
const ENTRIES: [&str; 2] = ["imported", "imported-spot"];

/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;

/// What a part of a scenario is to be like.
#[derive(Clone, Debug)]
pub struct PartOptions {
    /// Where the clock's zero lies; `None`: at midnight (UTC) before the first event.
    pub start: Option<Moment>,
    /// The instance type of the instances.
    pub instance_type: String,
    /// Name of the file that was read.
    pub from: String,
}

/// The events of `recording` as a part of a scenario, to be included by one that says what the
/// servers are.
///
/// # Errors
/// Why it cannot be made, as a sentence.
pub fn part(recording: &Recording, options: &PartOptions) -> Result<String, String> {
    let mut story = Story::default();
    let mut in_order: Vec<&Notification> = recording.notifications.iter().collect();
    in_order.sort_by_key(|notification| notification.at);
    for notification in in_order {
        story.take(notification);
    }
    story.entries.sort_by_key(|entry| entry.at);
    story.instances_in_order();
    let first = story.first();
    let midnight = |at: Moment| Moment(at.0 - at.0.rem_euclid(DAY));
    let start = options.start.or(first.map(midnight)).unwrap_or(Moment(0));
    if let Some(first) = first.filter(|first| *first < start) {
        return Err(format!(
            "the first event is of {}, before the start {}",
            first.to_second(),
            start.to_second()
        ));
    }
    Ok(story.text(start, options))
}

/// One event, as an entry of the scenario.
#[derive(Clone, Debug)]
struct Entry {
    at: Moment,
    kind: EventType,
    /// Number of the instance among all ids.
    instance: usize,
    /// The status in which it was published, where that was recorded.
    status: Option<EventStatus>,
    not_before: Option<Moment>,
    disk: Option<usize>,
}

/// What a recording amounts to.
#[derive(Debug, Default)]
struct Story {
    instances: Identities,
    events: Identities,
    disks: Identities,
    /// The numbers of the disks that each instance had alerts about, by the instance's.
    alerts: BTreeMap<usize, Vec<usize>>,
    /// Which local disk of its instance the latest alert was about, by the instance's number.
    latest: BTreeMap<usize, usize>,
    /// The events whose first notification has been taken, by their number.
    begun: Vec<bool>,
    entries: Vec<Entry>,
    /// Interruptions of preemptible instances: when, and the number of the instance.
    interruptions: Vec<(Moment, usize)>,
    /// Place of an instance among those that events are about, by its number among all; those that
    /// were interrupted have places of their own.
    places: [BTreeMap<usize, usize>; 2],
    /// How often what else was told (count).
    counts: BTreeMap<String, u64>,
}

impl Story {
    fn take(&mut self, notification: &Notification) {
        let instance = notification.content.instance().map(|id| self.instances.number(id));
        match (&notification.content, instance) {
            (Content::Event(told), Some(instance)) => {
                let is_first = self.is_first(&told.event);
                // Creations fail where there is no room, which is for the scenario to say.
                if is_first && told.kind != EventType::FailureDelete {
                    let about = self.latest.get(&instance).copied();
                    let disk = about.filter(|_| told.kind.is_of_disk_flow());
                    self.entries.push(of_event(told, notification.at, (instance, disk)));
                } else {
                    self.count(&format!("{} {}", told.kind.code(), told.status));
                }
            }
            (Content::Disk(told), Some(instance)) => {
                let disk = self.disk(told, instance);
                if self.is_first(&told.event) {
                    self.entries.push(of_disk(told, notification.at, (instance, disk)));
                } else {
                    self.count(&format!("{} {}", told.kind.code(), told.status()));
                }
            }
            // Each is told once; a second of one instance is of another life.
            (Content::Interruption { .. }, Some(instance)) => {
                self.interruptions.push((notification.at, instance));
            }
            (Content::StateChange { state, .. }, _) => {
                self.count(&format!("StateChange {}", state.word()));
            }
            (
                content @ (Content::Event(_)
                | Content::Disk(_)
                | Content::Interruption { .. }
                | Content::LiveMigration(_)
                | Content::ModeChange { .. }
                | Content::Restricted { .. }
                | Content::Other { .. }),
                _,
            ) => self.count(&content.name()),
        }
    }

    /// Which local disk of its instance an alert is about: as the device says, else in the order in
    /// which the disks of the instance appear.
    fn disk(&mut self, told: &DiskTold, instance: usize) -> usize {
        let number = self.disks.number(&told.disk);
        let seen = self.alerts.entry(instance).or_default();
        let place = seen.iter().position(|disk| *disk == number).unwrap_or_else(|| {
            seen.push(number);
            seen.len() - 1
        });
        let disk = disk_of_device(&told.device).unwrap_or(place);
        self.latest.insert(instance, disk);
        disk
    }

    fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    /// Whether nothing was told of this event before.
    fn is_first(&mut self, event: &str) -> bool {
        let number = self.events.number(event);
        if number == self.begun.len() {
            self.begun.push(false);
        }
        !std::mem::replace(&mut self.begun[number], true)
    }

    /// Numbers the instances that events are about in the order of the events.
    fn instances_in_order(&mut self) {
        for (_, instance) in &self.interruptions {
            let next = self.places[1].len();
            self.places[1].entry(*instance).or_insert(next);
        }
        for entry in &self.entries {
            if !self.places[1].contains_key(&entry.instance) {
                let next = self.places[0].len();
                self.places[0].entry(entry.instance).or_insert(next);
            }
        }
    }

    /// When the first of all begins.
    fn first(&self) -> Option<Moment> {
        let interruption = self.interruptions.first().map(|(at, _)| *at);
        let event = self.entries.first().map(|entry| entry.at);
        event.into_iter().chain(interruption).min()
    }

    /// What the part calls the instance of this number.
    fn handle(&self, number: usize) -> String {
        match self.places[1].get(&number) {
            Some(place) => format!("{}[{place}]", ENTRIES[1]),
            None => format!("{}[{}]", ENTRIES[0], self.places[0][&number]),
        }
    }

    fn text(&self, start: Moment, options: &PartOptions) -> String {
        let mut text = format!("# Recorded system events, read from {}.\n", plain(&options.from));
        text.push_str("# Include this file in a scenario that says what the servers are.\n");
        self.tell_rest(&mut text);
        if self.entries.is_empty() && self.interruptions.is_empty() {
            text.push_str("#\n# No event is in it: there is nothing to replay.\n");
            return text;
        }
        let write = &mut text;
        let last = self.entries.last().map_or(start, |entry| entry.at);
        let last = self.interruptions.last().map_or(last, |(at, _)| last.max(*at));
        let span = Span::from_micros(u64::try_from(last.0 - start.0).unwrap_or(0));
        push(write, format_args!("\n# The last event is published {span} after the start.\n"));
        push(write, format_args!("[scenario]\nstart = \"{}\"\n", start.exact()));
        for preemptible in [false, true] {
            self.write_instances(write, preemptible, options);
        }
        for (at, instance) in &self.interruptions {
            let instance = self.handle(*instance);
            push(write, format_args!("\n[[spot.interruptions]]\nat = \"{}\"\n", at.exact()));
            push(write, format_args!("instance = \"{instance}\"\n"));
        }
        for entry in &self.entries {
            self.write_entry(write, entry);
        }
        text
    }

    /// Comments on what is no entry.
    fn tell_rest(&self, text: &mut String) {
        if self.counts.is_empty() {
            return;
        }
        text.push_str("#\n# Told beside the first notifications of events, and not replayed:\n");
        for (what, count) in &self.counts {
            push(text, format_args!("#   {count:>6}  {}\n", plain(what)));
        }
    }

    fn write_instances(&self, text: &mut String, preemptible: bool, options: &PartOptions) {
        let (entry, places) =
            (ENTRIES[usize::from(preemptible)], &self.places[usize::from(preemptible)]);
        if places.is_empty() {
            return;
        }
        let mut by_place: Vec<(usize, usize)> =
            places.iter().map(|(number, place)| (*place, *number)).collect();
        by_place.sort_unstable();
        text.push_str(match preemptible {
            false => "\n# The instances that the events are about:\n",
            true => "\n# The preemptible ones, whose type needs a market (spot.markets):\n",
        });
        for (place, number) in by_place {
            let id = &self.instances.known()[number];
            push(text, format_args!("#   {entry}[{place}] is {id}\n"));
        }
        let (of_type, count) = (quoted(&options.instance_type), places.len());
        push(
            text,
            format_args!(
                "[[workload.instances]]\nname = \"{entry}\"\ntype = {of_type}\ncount = {count}\n"
            ),
        );
        if preemptible {
            text.push_str("SpotStrategy = \"SpotAsPriceGo\"\n");
        }
    }

    fn write_entry(&self, text: &mut String, entry: &Entry) {
        let instance = self.handle(entry.instance);
        push(text, format_args!("\n[[events]]\nat = \"{}\"\n", entry.at.exact()));
        push(text, format_args!("type = \"{}\"\n", entry.kind.code()));
        push(text, format_args!("instance = \"{instance}\"\n"));
        if let Some(disk) = entry.disk {
            push(text, format_args!("disk = {disk}\n"));
        }
        if let Some(status) = entry.status {
            push(text, format_args!("status = \"{status}\"\n"));
        }
        match entry.not_before {
            Some(not_before) if not_before > entry.at => {
                push(text, format_args!("not_before = \"{}\"\n", not_before.exact()));
            }
            Some(_) => text.push_str("lead = \"0s\"\n"),
            None => {}
        }
    }
}

/// The entry of an O&M event, from the first of its notifications. Where an earlier one is missing
/// nobody knows in which status it was published.
fn of_event(told: &EventTold, at: Moment, (instance, disk): (usize, Option<usize>)) -> Entry {
    let (kind, status) = (told.kind, told.status);
    let is_publication =
        at.whole_second() == told.published && kind.published_in().contains(&status);
    let is_planned =
        kind.published_in().contains(&EventStatus::Scheduled) && status != EventStatus::Inquiring;
    Entry {
        at: if is_publication { at } else { told.published },
        kind,
        instance,
        status: is_publication.then_some(status),
        not_before: told.not_before.filter(|_| is_planned),
        disk,
    }
}

/// The entry of an alert about a disk, which knows its publication by when it began.
fn of_disk(told: &DiskTold, at: Moment, (instance, disk): (usize, usize)) -> Entry {
    let is_publication = at.whole_second() == told.started && told.finished.is_none();
    Entry {
        at: if is_publication { at } else { told.started },
        kind: told.kind,
        instance,
        status: is_publication.then_some(EventStatus::Executing),
        not_before: None,
        disk: Some(disk),
    }
}

fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a string takes any text");
}

/// A text on one line of a comment, whatever is in it.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => push(&mut quoted, format_args!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::notifications::{State, read};

    fn options() -> PartOptions {
        PartOptions { start: None, instance_type: "imported".into(), from: "x.jsonl".into() }
    }

    #[test]
    fn an_event_whose_beginning_was_not_recorded_is_of_its_publication() {
        let line = r#"{"name": "Instance:SystemMaintenance.Reboot:Executing",
            "eventTime": "20190412T090101.000+0800", "content": {"eventId": "e-1",
            "publishTime": "2019-04-09T04:18:26Z", "notBefore": "2019-04-12T01:01:01Z",
            "instanceId": "i-1", "eventType": "SystemMaintenance.Reboot",
            "eventStatus": "Executing", "executeStartTime": "2019-04-12T01:01:01Z"}}"#;
        let recording = read("x.jsonl", line.as_bytes()).unwrap();
        let text = part(&recording, &options()).unwrap();
        assert!(text.contains("at = \"2019-04-09T04:18:26Z\"\n"), "{text}");
        assert!(text.contains("not_before = \"2019-04-12T01:01:01Z\"\n"), "{text}");
        assert!(!text.contains("status"), "{text}");
        let late =
            PartOptions { start: Some(Moment(recording.notifications[0].at.0)), ..options() };
        let refused = part(&recording, &late).unwrap_err();
        assert_eq!(
            refused,
            "the first event is of 2019-04-09T04:18:26Z, before the start 2019-04-12T01:01:01Z"
        );
    }

    #[test]
    fn what_is_no_event_is_counted() {
        let told = |name: &str, state| Notification {
            id: String::new(),
            instance_name: None,
            user: String::new(),
            at: Moment(0),
            region: String::new(),
            content: match state {
                Some(state) => Content::StateChange { instance: "i-1".into(), state },
                None => Content::Other { name: name.into() },
            },
        };
        let notifications = vec![
            told("", Some(State::Running)),
            told("Snapshot:Created\n[evil]", None),
            told("", Some(State::Running)),
        ];
        let recording = Recording { notifications, others: 0 };
        let text = part(&recording, &options()).unwrap();
        assert!(text.contains("#        2  StateChange Running\n"), "{text}");
        assert!(text.contains("#        1  Snapshot:Created [evil]\n"), "{text}");
        assert!(text.ends_with("there is nothing to replay.\n"), "{text}");
    }
}
