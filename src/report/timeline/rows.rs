//! Which bar goes to which row of the picture, and what is written where.

use super::{
    Undrawn,
    tracks::{Bar, Track},
};
use crate::{
    kernel::time::{Instant, Span},
    observe::story::standing::{Aspect, Tone},
};

/// The most rows of a picture that is still read.
const ROWS_MAX: usize = 80;

/// Width of the part of a picture that holds the bars (px).
pub(super) const WIDTH: f64 = 756.0;

/// Width of a letter in a bar, roughly, for want of a font (px).
pub(super) const LETTER: f64 = 8.4;

/// The narrowest bar (px): nothing that happened is too short to be seen.
const NARROWEST: f64 = 3.0;

/// Blank on each side of what is written (px).
const BLANK: f64 = 5.0;

/// A bar in its place.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Placed {
    /// Left end and width (px).
    pub(super) at: (f64, f64),
    pub(super) tone: Tone,
    /// What is told of it in full.
    pub(super) told: String,
    pub(super) label: Option<Label>,
}

/// What is written at a bar.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Label {
    /// Left end (px).
    pub(super) at: f64,
    pub(super) text: String,
    /// Whether it stands inside of the bar, whose colour it must stand out from.
    pub(super) inside: bool,
}

/// A row of the picture.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Row {
    /// What is written at its left; empty where it belongs to the row above.
    pub(super) name: String,
    /// What it shows, summed up, for who cannot see it; empty where it belongs to the row above.
    pub(super) told: String,
    pub(super) bars: Vec<Placed>,
}

/// The rows of `tracks`.
pub(super) fn rows(tracks: Vec<Track>, extent: (Instant, Instant)) -> Result<Vec<Row>, Undrawn> {
    let mut rows = Vec::new();
    for of_aspect in tracks.chunk_by(|a, b| a.aspect == b.aspect) {
        match of_aspect {
            [one] if !is_always_packed(one.aspect) => rows.push(lane(one, extent)),
            several => rows.extend(packed(several, extent)),
        }
    }
    match rows.len() {
        0 => Err(Undrawn::Nothing),
        many if many > ROWS_MAX => Err(Undrawn::TooMany(many, ROWS_MAX)),
        _ => Ok(rows),
    }
}

/// What a row of `aspect` is called.
const fn called(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Group => "group",
        Aspect::Refresh => "refresh",
        Aspect::Host => "dedicated host",
        Aspect::Carrier => "carried by",
        Aspect::Rack => "rack",
        Aspect::Server => "server",
        Aspect::Risk => "risk",
        Aspect::Repair => "repair",
        Aspect::Campaign => "maintenance",
        Aspect::Disk => "disk",
        Aspect::Service => "service",
        Aspect::Status => "status",
        Aspect::Place => "on server",
        Aspect::Credits => "credits, spot",
        Aspect::Member => "members",
        Aspect::Event => "events",
        Aspect::Task => "tasks",
    }
}

/// Whether there may be many of the kind, each of which lasts for a while only.
const fn is_always_packed(aspect: Aspect) -> bool {
    matches!(aspect, Aspect::Event | Aspect::Task | Aspect::Member)
}

/// Whether it is told how many of the kind stand well: else only trouble is, where there are many.
const fn is_told_when_good(aspect: Aspect) -> bool {
    matches!(aspect, Aspect::Member | Aspect::Place | Aspect::Group)
}

/// Left end and width of `bar` (px).
fn place(bar: &Bar, (from, to): (Instant, Instant)) -> (f64, f64) {
    let length = to.since(from).micros() as f64;
    let x = |at: Instant| {
        let at = at.clamp(from, to);
        at.since(from).micros() as f64 / length * WIDTH
    };
    let left = x(bar.from);
    let width = (bar.to.map_or(WIDTH, x) - left).max(NARROWEST);
    (left.min(WIDTH - width), width)
}

/// All that is known of `bar`.
fn told(bar: &Bar) -> String {
    let then = bar.then.as_ref().map(|then| format!(", then {then}")).unwrap_or_default();
    match bar.to {
        Some(to) => {
            format!("{}, {} to {to}, {}{then}", bar.state, bar.from, to.since(bar.from))
        }
        None => format!("{}, from {} on", bar.state, bar.from),
    }
}

/// What may be written at `bar`, the longest first.
fn labels(bar: &Bar) -> Vec<String> {
    let lasted = bar.to.map(|to| to.since(bar.from)).filter(|lasted| !lasted.is_zero());
    let long = lasted.map(|lasted| format!("{} {lasted}", bar.state));
    long.into_iter().chain([bar.state.clone()]).collect()
}

/// Whether nobody is to overlook it.
pub(super) const fn is_strong(tone: Tone) -> bool {
    match tone {
        Tone::Work | Tone::Waits | Tone::Bad => true,
        Tone::Good | Tone::Rest | Tone::Place | Tone::Over => false,
    }
}

fn room_for(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER + 2.0 * BLANK
}

/// A row of one thing.
fn lane(track: &Track, extent: (Instant, Instant)) -> Row {
    let places: Vec<(f64, f64)> = track.bars.iter().map(|bar| place(bar, extent)).collect();
    // What is written may lie on pale bars, and on nothing else.
    let mut taken: Vec<(f64, f64)> = track
        .bars
        .iter()
        .zip(&places)
        .filter(|(bar, _)| is_strong(bar.tone))
        .map(|(_, (left, width))| (*left, left + width))
        .collect();
    let mut labelled: Vec<Option<Label>> = vec![None; places.len()];
    let strong_first = [true, false];
    for strong in strong_first {
        for (at, bar) in track.bars.iter().enumerate() {
            if is_strong(bar.tone) == strong {
                labelled[at] = label(bar, places[at], &mut taken);
            }
        }
    }
    let bars = track.bars.iter().zip(places).zip(labelled);
    let bars = bars.map(|((bar, at), label)| Placed { at, tone: bar.tone, told: told(bar), label });
    Row {
        name: called(track.aspect).to_owned(),
        told: format!("{} {}: {}", called(track.aspect), track.name, summed_up(&track.bars)),
        bars: bars.collect(),
    }
}

/// What is written at `bar`, and where: inside of it, else beside it; it takes its place.
fn label(bar: &Bar, (left, width): (f64, f64), taken: &mut Vec<(f64, f64)>) -> Option<Label> {
    let is_free = |taken: &[(f64, f64)], from: f64, to: f64| {
        from >= 0.0 && to <= WIDTH && taken.iter().all(|(start, end)| to <= *start || from >= *end)
    };
    for text in labels(bar) {
        let room = room_for(&text);
        if is_strong(bar.tone) {
            if room <= width {
                return Some(Label { at: left + BLANK, text, inside: true });
            }
            let right = left + width;
            let beside = [(right, right + room), (left - room, left)];
            let free = beside.into_iter().find(|(from, to)| is_free(taken, *from, *to));
            if let Some((from, to)) = free {
                taken.push((from, to));
                return Some(Label { at: from + BLANK, text, inside: false });
            }
        } else if room <= width {
            // The first free place along the bar.
            let ends = taken.iter().map(|(_, end)| *end).filter(|end| *end > left);
            let mut starts: Vec<f64> = std::iter::once(left).chain(ends).collect();
            starts.sort_by(f64::total_cmp);
            let fits = |start: &&f64| {
                **start + room <= left + width && is_free(taken, **start, **start + room)
            };
            if let Some(start) = starts.iter().find(fits).copied() {
                taken.push((start, start + room));
                return Some(Label { at: start + BLANK, text, inside: false });
            }
        }
    }
    None
}

/// A row under way: the stretches that are taken, and what stands in them.
type Filled = (Vec<(f64, f64)>, Vec<Placed>);

/// Rows of several things of a kind: each goes to the first row that has room for it and its name.
fn packed(tracks: &[Track], extent: (Instant, Instant)) -> Vec<Row> {
    let Some(first) = tracks.first() else { return Vec::new() };
    let mut rows: Vec<Filled> = Vec::new();
    let mut shown: Vec<Bar> = Vec::new();
    for track in tracks {
        let is_shown = |bar: &&Bar| is_strong(bar.tone) || is_told_when_good(track.aspect);
        let bars: Vec<Bar> = track.bars.iter().filter(is_shown).cloned().collect();
        let Some((room, placed)) = one(track, &bars, extent) else { continue };
        shown.extend(bars);
        let is_free = |taken: &[(f64, f64)]| {
            taken.iter().all(|(start, end)| room.1 <= *start || room.0 >= *end)
        };
        match rows.iter_mut().find(|(taken, _)| is_free(taken)) {
            Some((taken, bars)) => {
                taken.push(room);
                bars.extend(placed);
            }
            None => rows.push((vec![room], placed)),
        }
    }
    let name = called(first.aspect);
    let counted = format!("{name}, {} in all: {}", tracks.len(), summed_up(&shown));
    let rows = rows.into_iter().enumerate().map(|(at, (_, bars))| Row {
        name: if at == 0 { name.to_owned() } else { String::new() },
        told: if at == 0 { counted.clone() } else { String::new() },
        bars,
    });
    rows.collect()
}

/// The bars of one of several things with its name, and the room that they take together.
fn one(
    track: &Track,
    bars: &[Bar],
    extent: (Instant, Instant),
) -> Option<((f64, f64), Vec<Placed>)> {
    let places: Vec<(f64, f64)> = bars.iter().map(|bar| place(bar, extent)).collect();
    let (left, _) = *places.first()?;
    let right = places.last().map(|(left, width)| left + width)?;
    let state = match (bars, track.aspect) {
        // Where it is, is the row's own name.
        (_, Aspect::Place) => String::new(),
        ([.., last], Aspect::Event | Aspect::Task) => {
            last.then.clone().unwrap_or_else(|| last.state.clone())
        }
        ([one], _) => one.state.clone(),
        _ => String::new(),
    };
    let long = format!("{} {state}", track.name).trim_end().to_owned();
    let short = track.name.split(" (").next().unwrap_or_default().to_owned();
    let texts = [long, track.name.clone(), short];
    // Inside of a bar that has room for it, else at the right of all, else at their left.
    let set = |text: &String| {
        let room = room_for(text);
        let inside = places.iter().position(|(_, width)| room <= *width);
        match inside {
            Some(place) => Some((places[place].0, (left, right), inside)),
            None if right + room <= WIDTH => Some((right, (left, right + room), None)),
            None if left - room >= 0.0 => Some((left - room, (left - room, right), None)),
            None => None,
        }
    };
    let set = texts.iter().find_map(|text| Some((text.clone(), set(text)?)));
    let within = set.as_ref().map_or((left, right), |(_, (_, within, _))| *within);
    let mut placed: Vec<Placed> = bars
        .iter()
        .zip(&places)
        .map(|(bar, at)| Placed {
            at: *at,
            tone: bar.tone,
            told: format!("{}: {}", track.name, told(bar)),
            label: None,
        })
        .collect();
    if let Some((text, (at, _, inside))) = set {
        let label = Label { at: at + BLANK, text, inside: inside.is_some() };
        placed[inside.unwrap_or(0)].label = Some(label);
    }
    // A little air to the next one.
    Some(((within.0, within.1 + BLANK), placed))
}

/// How often, and how long in all, it stood in which way.
fn summed_up(bars: &[Bar]) -> String {
    let mut states: Vec<(&str, u32, u64, bool)> = Vec::new();
    for bar in bars {
        let lasted = bar.to.map_or(0, |to| to.since(bar.from).micros());
        match states.iter_mut().find(|(state, ..)| *state == bar.state) {
            Some((_, times, micros, goes_on)) => {
                *times += 1;
                *micros += lasted;
                *goes_on |= bar.to.is_none();
            }
            None => states.push((&bar.state, 1, lasted, bar.to.is_none())),
        }
    }
    let told = states.iter().map(|(state, times, micros, goes_on)| {
        let lasted = Span::from_micros(*micros);
        let times = if *times == 1 { String::new() } else { format!(" {times} times") };
        match (goes_on, micros) {
            (true, 0) => format!("{state}{times} to the end"),
            (true, _) => format!("{state}{times} {lasted} and to the end"),
            (false, _) => format!("{state}{times} {lasted}"),
        }
    });
    told.collect::<Vec<_>>().join("; ")
}
