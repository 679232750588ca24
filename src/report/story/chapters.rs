//! A story in parts: one for each time in which something was the matter with somebody, from its
//! first step to the one that settles it.

use crate::{
    kernel::time::{Instant, Span},
    observe::story::{
        Entry,
        standing::{Aspect, Standing, Tone},
    },
};
use std::collections::BTreeMap;

/// The most that a heading tells of one part.
const TOLD_MAX: usize = 3;

/// A step of a part, and the time since the step before of the same one; `None` for its first, and
/// where both are at one instant.
pub(super) struct Step<'a> {
    pub(super) entry: &'a Entry,
    pub(super) gap: Option<Span>,
    /// Whether it is the first of its instant in its part.
    pub(super) dated: bool,
}

/// One part of a story.
pub(super) struct Chapter<'a> {
    /// Whose part it is.
    pub(super) whose: &'a str,
    pub(super) steps: Vec<Step<'a>>,
    /// What is not settled yet.
    open: Vec<(Aspect, &'a str)>,
    /// Whether anything had to be settled.
    is_eventful: bool,
}

impl<'a> Chapter<'a> {
    fn last(&self) -> Option<Instant> {
        self.steps.last().map(|step| step.entry.at)
    }

    /// Whether `entry`, which is about the same one, belongs to this part.
    fn goes_on_with(&self, entry: &Entry) -> bool {
        let opens = entry.standings.iter().any(|standing| standing.tone.is_open());
        !self.open.is_empty() || self.last() == Some(entry.at) || !self.is_eventful && !opens
    }

    /// Whose part it is, as a heading says it.
    pub(super) fn heading(&self) -> String {
        let of_instance =
            self.steps.iter().any(|step| step.entry.instance.as_deref() == Some(self.whose));
        if of_instance { format!("instance {}", self.whose) } else { self.whose.to_owned() }
    }

    fn add(&mut self, entry: &'a Entry, before: Option<Instant>) {
        let dated = self.last() != Some(entry.at);
        let gap = before.filter(|before| *before < entry.at).map(|before| entry.at.since(before));
        self.steps.push(Step { entry, gap, dated });
        for standing in &entry.standings {
            let thing = (standing.aspect, standing.name.as_str());
            // Nothing more is heard of a server that was left.
            let leaves = standing.aspect == Aspect::Place;
            self.open.retain(|open| *open != thing && !(leaves && open.0.is_of_server()));
            if standing.tone.is_open() {
                self.open.push(thing);
                self.is_eventful = true;
            }
        }
    }

    /// What it comes to, in a few words; nothing where nothing had to be settled.
    pub(super) fn told(&self) -> String {
        let mut spells: Vec<Spell<'_>> = Vec::new();
        for step in &self.steps {
            for standing in &step.entry.standings {
                follow(&mut spells, step.entry.at, standing);
            }
        }
        let mut told: Vec<(usize, String)> = outages(&spells)
            .into_iter()
            .map(|(name, told)| (usize::from(name != self.whose), of(self.whose, "", name) + &told))
            .collect();
        told.extend(spells.iter().filter_map(|spell| {
            let rank = rank(spell.aspect)?;
            let is_own = self.whose.ends_with(spell.name) && rank < LAST;
            let rank = if is_own { 0 } else { rank };
            Some((rank, spell.told(self.whose)))
        }));
        // The sort is stable: what ranks alike stays in order of time.
        told.sort_by_key(|(rank, _)| *rank);
        let has_more = told.iter().any(|(rank, _)| *rank < LAST);
        told.retain(|(rank, _)| !has_more || *rank < LAST);
        let more = told.len().saturating_sub(TOLD_MAX);
        let told = told.into_iter().take(TOLD_MAX).map(|(_, told)| told);
        let more = (more > 0).then(|| format!("{more} more"));
        told.chain(more).collect::<Vec<_>>().join("; ")
    }
}

/// The rank of what is told only where there is nothing else to tell.
const LAST: usize = 9;

/// What is told first of a part; `None` of what is never told, or told otherwise.
const fn rank(aspect: Aspect) -> Option<usize> {
    match aspect {
        Aspect::Refresh | Aspect::Disk | Aspect::Server | Aspect::Rack | Aspect::Host => Some(2),
        Aspect::Group | Aspect::Member => Some(3),
        Aspect::Event => Some(4),
        Aspect::Task => Some(5),
        Aspect::Credits | Aspect::Risk | Aspect::Campaign => Some(6),
        Aspect::Repair | Aspect::Status => Some(LAST),
        Aspect::Service | Aspect::Carrier | Aspect::Place => None,
    }
}

/// How long each instance was down, by cause, in order of time.
fn outages<'a>(spells: &[Spell<'a>]) -> Vec<(&'a str, String)> {
    let mut causes: Vec<(&str, &str, u32, Span, bool)> = Vec::new();
    for spell in spells.iter().filter(|spell| spell.aspect == Aspect::Service) {
        let lasted = spell.ended.map(|ended| ended.since(spell.began));
        if lasted.is_some_and(Span::is_zero) {
            continue;
        }
        let is_its = |other: &&mut (&str, &str, u32, Span, bool)| {
            (other.0, other.1) == (spell.name, spell.first)
        };
        let lasts = lasted.is_none();
        let lasted = lasted.unwrap_or(Span::ZERO);
        match causes.iter_mut().find(is_its) {
            Some((_, _, times, all, goes_on)) => {
                *times += 1;
                *all = all.saturating_add(lasted);
                *goes_on |= lasts;
            }
            None => causes.push((spell.name, spell.first, 1, lasted, lasts)),
        }
    }
    let told = causes.into_iter().map(|(name, cause, times, all, goes_on)| {
        let times = if times == 1 { String::new() } else { format!(" {times} times,") };
        let lasted =
            if goes_on { "to the end of what is told".to_owned() } else { all.to_string() };
        (name, format!("down{times} {lasted} ({cause})"))
    });
    told.collect()
}

/// `name` with a `kind` before it, and a blank; nothing under a heading that says whose it is.
fn of(whose: &str, kind: &str, name: &str) -> String {
    if whose.ends_with(name) { String::new() } else { format!("{kind}{name} ") }
}

/// A time in which a thing was not settled.
struct Spell<'a> {
    aspect: Aspect,
    name: &'a str,
    began: Instant,
    first: &'a str,
    last: &'a str,
    ended: Option<Instant>,
}

fn follow<'a>(spells: &mut Vec<Spell<'a>>, at: Instant, standing: &'a Standing) {
    let Standing { aspect, name, state, tone, .. } = standing;
    let is_its = |spell: &&mut Spell<'_>| {
        (spell.aspect, spell.name, spell.ended) == (*aspect, name.as_str(), None)
    };
    match spells.iter_mut().find(is_its) {
        Some(spell) => {
            spell.last = state;
            if !tone.is_open() {
                spell.ended = Some(at);
            }
        }
        None if tone.is_open() => spells.push(Spell {
            aspect: *aspect,
            name,
            began: at,
            first: state,
            last: state,
            ended: None,
        }),
        // It was settled before and still is, or began before the story.
        None => {}
    }
}

impl Spell<'_> {
    /// In words, under a heading that says `whose` they are.
    fn told(&self, whose: &str) -> String {
        let kind = match self.aspect {
            Aspect::Server | Aspect::Risk | Aspect::Repair | Aspect::Campaign => "server ",
            Aspect::Rack => "rack ",
            Aspect::Disk => "disk ",
            Aspect::Host | Aspect::Carrier => "dedicated host ",
            Aspect::Group
            | Aspect::Refresh
            | Aspect::Service
            | Aspect::Status
            | Aspect::Place
            | Aspect::Credits
            | Aspect::Member
            | Aspect::Event
            | Aspect::Task => "",
        };
        let of = of(whose, kind, self.name);
        if matches!(self.aspect, Aspect::Event | Aspect::Task) {
            return format!("{of}{}", self.last);
        }
        let after = match self.ended.map(|ended| ended.since(self.began)) {
            Some(lasted) if lasted.is_zero() => " at once".to_owned(),
            Some(lasted) => format!(" after {lasted}"),
            None => String::new(),
        };
        match self.aspect == Aspect::Refresh || self.first == self.last {
            true => format!("{of}{}{after}", self.last),
            false => format!("{of}{}, {}{after}", self.first, self.last),
        }
    }
}

/// The parts of the story that `entries` tell, in order of their begin.
pub(super) fn chapters(entries: &[Entry]) -> Vec<Chapter<'_>> {
    let mut chapters: Vec<Chapter<'_>> = Vec::new();
    let mut current: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries {
        let whose = entry.whose.as_str();
        let place = current.get(whose).copied();
        let before = place.and_then(|place| chapters[place].last());
        let place = place.filter(|place| chapters[*place].goes_on_with(entry));
        let place = place.unwrap_or_else(|| {
            chapters.push(Chapter {
                whose,
                steps: Vec::new(),
                open: Vec::new(),
                is_eventful: false,
            });
            chapters.len() - 1
        });
        current.insert(whose, place);
        chapters[place].add(entry, before);
    }
    chapters
}

/// `text` without the words under a heading that says `whose` it is.
pub(super) fn without<'a>(text: &'a str, entry: &Entry) -> &'a str {
    let cut = |text: &'a str, name: &str| -> &'a str {
        let rest = text.strip_prefix(name).filter(|rest| !name.is_empty() && !rest.is_empty());
        let rest = rest.and_then(|rest| rest.strip_prefix(": ").or_else(|| rest.strip_prefix(' ')));
        rest.unwrap_or(text)
    };
    let group = entry.group.as_deref().unwrap_or_default();
    let of_group = match entry.whose == group {
        true => text,
        // `web: web#3 is InService` under the heading `web#3`.
        false => text
            .strip_prefix(group)
            .and_then(|rest| rest.strip_prefix(": "))
            .filter(|rest| !group.is_empty() && rest.starts_with(&entry.whose))
            .unwrap_or(text),
    };
    cut(of_group, &entry.whose)
}

/// Whether a word of a step tells of trouble or of its end, for those who see colour.
pub(super) fn tone(entry: &Entry) -> Option<Tone> {
    let tones = entry.standings.iter().filter(|standing| standing.aspect != Aspect::Status);
    tones.map(|standing| standing.tone).find(|tone| matches!(tone, Tone::Bad | Tone::Good))
}
