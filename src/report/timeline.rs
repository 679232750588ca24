//! The picture of one story: how things stood over time, as coloured bars.
//!
//! Reading order: `tracks` (entries of the story become bars), `rows` (bars become rows of a
//! picture), then the picture itself, as SVG ([`svg`]) or as a page with the steps below it
//! ([`page`]).

mod drawing;
mod rows;
mod ticks;
mod tracks;

use super::{About, plain, story::clock};
use crate::{
    kernel::time::{Instant, Span},
    observe::story::Entry,
};
use drawing::escaped;

/// The most that must be read of a file for [`is_ours`] (bytes).
pub const TELLING: u64 = 128;

/// By what pictures of ours are known.
const OURS: &str = "<svg class=\"fleetsim-timeline\" ";

/// How pages of ours begin.
const PAGE: &str = "<!doctype html>\n<!-- fleetsim timeline -->\n";

/// What is to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Timeline<'a> {
    /// What was run.
    pub about: &'a About,
    /// Which run.
    pub run: u32,
    /// Whose story, in words.
    pub whose: &'a str,
    /// The story from the begin of the run: what stands at the picture's left began before it.
    pub entries: &'a [Entry],
    /// Where the picture begins and ends, where that is asked for; else it holds the whole story.
    pub window: (Option<Instant>, Option<Instant>),
}

/// Why there is no picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Undrawn {
    /// Nothing in the story lasts.
    Nothing,
    /// It has so many rows, and so many are the most.
    TooMany(usize, usize),
}

/// Whether a file that begins so is a timeline that an earlier run drew.
pub fn is_ours(start: &str) -> bool {
    start.starts_with(OURS) || start.starts_with(PAGE)
}

/// The picture.
///
/// # Errors
/// There is nothing to draw, or too much.
pub fn svg(timeline: &Timeline<'_>) -> Result<String, Undrawn> {
    let extent = timeline.extent().ok_or(Undrawn::Nothing)?;
    let tracks = tracks::tracks(timeline.entries, extent);
    let rows = rows::rows(tracks, extent)?;
    Ok(drawing::svg(timeline, &rows, extent))
}

/// The picture on a page that also tells the steps in words.
///
/// # Errors
/// There is nothing to draw, or too much.
pub fn page(timeline: &Timeline<'_>) -> Result<String, Undrawn> {
    let picture = svg(timeline)?;
    let title = escaped(&plain(&timeline.title()));
    let mut steps = String::new();
    let mut before: Option<Instant> = None;
    let (from, to) = timeline.extent().ok_or(Undrawn::Nothing)?;
    for entry in timeline.entries.iter().filter(|entry| entry.at >= from && entry.at <= to) {
        let gap = before.filter(|before| *before < entry.at);
        let gap = gap.map(|before| format!("+{}", entry.at.since(before))).unwrap_or_default();
        steps.push_str(&format!(
            "<tr><td>{}</td><td>{gap}</td><td>{}</td></tr>\n",
            clock(entry.at),
            escaped(&plain(&entry.text))
        ));
        before = Some(entry.at);
    }
    Ok(format!(
        "{PAGE}<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{PAGE_STYLE}</style>\n</head>\n<body>\n\
         <div class=\"picture\" tabindex=\"0\">\n{picture}</div>\n\
         <h2>Steps</h2>\n<table>\n<thead><tr><th scope=\"col\">time</th>\
         <th scope=\"col\">since</th><th scope=\"col\">what became true</th></tr>\
         </thead>\n<tbody>\n{steps}</tbody>\n</table>\n</body>\n</html>\n"
    ))
}

/// How the page looks: the picture scrolls where it would be too small to read.
const PAGE_STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:1rem;font:16px/1.4 system-ui,sans-serif;background:#fff;color:#24292f}\
.picture{overflow-x:auto}.picture svg{min-width:760px;width:100%;height:auto;max-width:1400px}\
h2{font-size:1.1rem}table{border-collapse:collapse}\
th,td{text-align:left;vertical-align:top;padding:.15rem .8rem .15rem 0}\
td:nth-child(3){overflow-wrap:anywhere}\
td:nth-child(-n+2){white-space:nowrap;font-variant-numeric:tabular-nums;color:#57606a}\
@media (max-width:600px){tr{display:block;margin-bottom:.5rem}thead{display:none}\
td{display:inline-block}td:nth-child(3){display:block}}\
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}\
td:nth-child(-n+2){color:#9da7b1}}";

impl Timeline<'_> {
    /// What it is the picture of.
    fn title(&self) -> String {
        format!("{}: {}", self.about.scenario, self.whose)
    }

    /// From where to where it goes: as asked for, else all that lasts, with a little room on both
    /// sides. `None` where there is no story.
    fn extent(&self) -> Option<(Instant, Instant)> {
        let (from, to) = self.window;
        let within = |entry: &&Entry| {
            from.is_none_or(|from| entry.at >= from) && to.is_none_or(|to| entry.at <= to)
        };
        let first = self.entries.iter().find(within).map(|entry| entry.at);
        let last = self.entries.iter().rev().find(within).map(|entry| entry.at);
        let left = from.or(first)?;
        let right = to.or(last)?;
        // A picture of an instant shows a second of it.
        let length = right.since(left).max(Span::from_micros(1_000_000));
        let room = Span::from_micros(length.micros() / 25);
        let begin = match from {
            Some(from) => from,
            None => Instant::from_micros(left.micros().saturating_sub(room.micros())),
        };
        let end = if to.is_some() && right > left { right } else { left + length + room };
        Some((begin, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        observe::story::standing::{Aspect, Standing, Tone},
        report::made_up,
    };

    const HOSTILE: &str = "x<script>alert(\"1\")</script>&'\u{202e}";

    fn entry(at: u64, standings: Vec<Standing>) -> Entry {
        Entry {
            at: Instant::from_micros(at * 1_000_000),
            what: "InstanceMoved",
            instance: None,
            server: None,
            disk: None,
            event: None,
            task: None,
            group: None,
            refresh: None,
            whose: "start-3".to_owned(),
            standings,
            details: Vec::new(),
            text: format!("{HOSTILE} at {at}"),
        }
    }

    fn stands(aspect: Aspect, name: &str, state: &str, tone: Tone) -> Standing {
        let (name, state) = (name.to_owned(), state.to_owned());
        Standing { aspect, name, before: None, state, tone }
    }

    fn drawn(entries: &[Entry], window: (Option<u64>, Option<u64>)) -> Result<String, Undrawn> {
        let at = |seconds: Option<u64>| seconds.map(|at| Instant::from_micros(at * 1_000_000));
        let window = (at(window.0), at(window.1));
        let about = &made_up::results(1).about;
        svg(&Timeline { about, run: 0, whose: HOSTILE, entries, window })
    }

    fn story() -> Vec<Entry> {
        let service = |state, tone| stands(Aspect::Service, "start-3", state, tone);
        let event = |state, tone| stands(Aspect::Event, HOSTILE, state, tone);
        vec![
            entry(0, vec![service("served", Tone::Good)]),
            entry(1_000, vec![service("guest-failure", Tone::Bad)]),
            entry(1_040, vec![event("Executing", Tone::Work)]),
            entry(1_100, vec![service("served", Tone::Good), event("Executed", Tone::Over)]),
            entry(2_000, Vec::new()),
        ]
    }

    #[test]
    fn bars_last_as_long_as_what_they_show() {
        let svg = drawn(&story(), (None, None)).unwrap();
        for told in [
            "<title>served, 0d 00:00:00 to 0d 00:16:40, 16min 40s</title>",
            "<title>guest-failure, 0d 00:16:40 to 0d 00:18:20, 1min 40s</title>",
            "Executing, 0d 00:17:20 to 0d 00:18:20, 1min, then Executed</title>",
            // The last one goes on.
            "<title>served, from 0d 00:18:20 on</title>",
        ] {
            assert!(svg.contains(told), "{told}\n{svg}");
        }
        assert_eq!(svg, drawn(&story(), (None, None)).unwrap());
    }

    #[test]
    fn a_window_cuts_bars_and_not_what_they_tell() {
        let svg = drawn(&story(), (Some(1_050), Some(1_060))).unwrap();
        assert!(svg.contains("guest-failure, 0d 00:16:40 to 0d 00:18:20, 1min 40s"), "{svg}");
        assert!(!svg.contains("<title>served"), "{svg}");
    }

    #[test]
    fn names_are_escaped_in_pictures_and_pages() {
        let about = &made_up::results(1).about;
        let entries = story();
        let timeline =
            Timeline { about, run: 0, whose: HOSTILE, entries: &entries, window: (None, None) };
        for text in [svg(&timeline).unwrap(), page(&timeline).unwrap()] {
            assert!(!text.contains("<script") && !text.contains('\u{202e}'), "{text}");
            assert!(text.contains("x&lt;script&gt;alert(&quot;1&quot;)"), "{text}");
            assert!(is_ours(&text));
        }
        assert!(!is_ours("<svg xmlns=\"http://www.w3.org/2000/svg\">"));
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        assert_eq!(drawn(&[], (None, None)), Err(Undrawn::Nothing));
        assert_eq!(drawn(&[entry(3, Vec::new())], (None, None)), Err(Undrawn::Nothing));
        let member = |n: u64| {
            let name = format!("web#{n}");
            entry(n, vec![stands(Aspect::Member, &name, "InService", Tone::Good)])
        };
        let many: Vec<Entry> = (0..200).map(member).collect();
        assert!(matches!(drawn(&many, (None, None)), Err(Undrawn::TooMany(200, _))));
    }

    #[test]
    fn what_was_left_behind_is_not_followed() {
        // Nothing more is heard of a server that the instance has left.
        let entries = [
            entry(0, vec![stands(Aspect::Place, "i", "a-1", Tone::Place)]),
            entry(100, vec![stands(Aspect::Server, "a-1", "Restarting", Tone::Work)]),
            entry(160, vec![stands(Aspect::Place, "i", "a-1", Tone::Over)]),
            entry(160, vec![stands(Aspect::Place, "i", "b-2", Tone::Place)]),
            entry(400, Vec::new()),
        ];
        let svg = drawn(&entries, (None, None)).unwrap();
        assert!(svg.contains("Restarting, 0d 00:01:40 to 0d 00:02:40, 1min"), "{svg}");
        assert!(svg.contains("a-1, 0d 00:00:00 to 0d 00:02:40, 2min 40s"), "{svg}");
        assert!(svg.contains("b-2, from 0d 00:02:40 on"), "{svg}");
    }
}
