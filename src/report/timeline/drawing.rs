//! The picture as SVG. It follows the reader's light or dark scheme; no colour says what words do not
//! say too.

use super::{
    OURS, Timeline,
    rows::{Placed, Row, WIDTH, is_strong},
    ticks::ticks,
};
use crate::{
    kernel::time::Instant,
    observe::story::standing::Tone,
    report::{plain, plot::palette::series},
};
use plotters::style::RGBColor;

/// Width of the picture, and of what stands at the left of the bars (px).
const WHOLE: f64 = 960.0;
const LEFT: f64 = 184.0;

/// Where the rows begin, how high each is, and its bar (px).
const TOP: f64 = 108.0;
const ROW: f64 = 34.0;
const BAR: f64 = 24.0;

/// Below the rows (px).
const FOOT: f64 = 40.0;

/// The longest name at the left, and the longest title (letters).
const NAME_MAX: usize = 19;
const TITLE_MAX: usize = 92;

/// How everything looks, but for the colours of bars.
const STYLE: &str = "<style>\
.fleetsim-timeline text{fill:#24292f;font:16px system-ui,sans-serif}\
.fleetsim-timeline .t{font-size:19px;font-weight:600}\
.fleetsim-timeline .p{fill:#57606a}\
.fleetsim-timeline .b{font-size:15px}\
.fleetsim-timeline .on{fill:#000}.fleetsim-timeline .deep{fill:#fff}\
.fleetsim-timeline .paper{fill:#fff}\
.fleetsim-timeline line{stroke:#d8dee4}\
@media (prefers-color-scheme:dark){\
.fleetsim-timeline text{fill:#e6edf3}.fleetsim-timeline .p{fill:#9da7b1}\
.fleetsim-timeline .on{fill:#000}.fleetsim-timeline .deep{fill:#fff}\
.fleetsim-timeline .paper{fill:#0d1117}\
.fleetsim-timeline line{stroke:#373e47}}\
</style>";

/// The tones in the order of the legend, each with its words.
const LEGEND: [(Tone, &str); 6] = [
    (Tone::Good, "as it should be"),
    (Tone::Bad, "trouble"),
    (Tone::Work, "at work"),
    (Tone::Waits, "waiting"),
    (Tone::Rest, "at rest"),
    (Tone::Place, "place"),
];

/// The colour of a tone, and how much of it there is.
fn colour(tone: Tone) -> (RGBColor, f64) {
    match tone {
        Tone::Good => (series(2), 0.38),
        Tone::Bad => (series(1), 1.0),
        Tone::Work => (series(0), 1.0),
        Tone::Waits => (series(5), 1.0),
        Tone::Place => (series(4), 0.38),
        Tone::Rest | Tone::Over => (series(3), 0.30),
    }
}

fn filled(tone: Tone) -> String {
    let (colour, share) = colour(tone);
    let hex = format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2);
    match share < 1.0 {
        true => format!("fill=\"{hex}\" fill-opacity=\"{share}\""),
        false => format!("fill=\"{hex}\""),
    }
}

/// The picture of `rows`.
pub(super) fn svg(timeline: &Timeline<'_>, rows: &[Row], extent: (Instant, Instant)) -> String {
    let height = TOP + ROW * rows.len() as f64 + FOOT;
    let title = plain(&timeline.title());
    let (from, to) = extent;
    let below =
        format!("run {}, {} to {}: {}", timeline.run, clock(from), clock(to), to.since(from));
    let told: Vec<String> = std::iter::once(below.clone())
        .chain(rows.iter().map(|row| plain(&row.told)).filter(|told| !told.is_empty()))
        .collect();
    let mut svg = format!(
        "{OURS}xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WHOLE} {height}\" \
         width=\"{WHOLE}\" height=\"{height}\" role=\"img\" aria-label=\"{0}\">\n\
         <title>{0}</title>\n<desc>{1}</desc>\n{STYLE}\n\
         <rect class=\"paper\" width=\"{WHOLE}\" height=\"{height}\"/>\n",
        escaped(&title),
        escaped(&told.join(". ")),
    );
    text(&mut svg, (12.0, 28.0), "t", &shortened(&title, TITLE_MAX));
    text(&mut svg, (12.0, 52.0), "p", &below);
    legend(&mut svg, rows);
    axis(&mut svg, rows.len(), extent);
    for (at, row) in rows.iter().enumerate() {
        let top = TOP + ROW * at as f64;
        text(&mut svg, (12.0, top + 18.0), "", &shortened(&plain(&row.name), NAME_MAX));
        // What matters goes above what does not, and what is written above all.
        for strong in [false, true] {
            let bars = row.bars.iter().filter(|bar| is_strong(bar.tone) == strong);
            bars.for_each(|bar| rectangle(&mut svg, bar, top));
        }
        row.bars.iter().for_each(|bar| written(&mut svg, bar, top));
    }
    svg.push_str("</svg>\n");
    svg
}

/// An instant to the second.
fn clock(at: Instant) -> Instant {
    Instant::from_micros(at.micros() - at.micros() % 1_000_000)
}

fn text(svg: &mut String, (x, y): (f64, f64), class: &str, text: &str) {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    svg.push_str(&format!("<text x=\"{x:.1}\" y=\"{y:.1}\"{class}>{}</text>\n", escaped(text)));
}

fn legend(svg: &mut String, rows: &[Row]) {
    let is_used = |tone: Tone| rows.iter().flat_map(|row| &row.bars).any(|bar| bar.tone == tone);
    let mut x = 12.0;
    for (tone, words) in LEGEND.into_iter().filter(|(tone, _)| is_used(*tone)) {
        let fill = filled(tone);
        svg.push_str(&format!("<rect x=\"{x:.1}\" y=\"66\" width=\"18\" height=\"14\" {fill}/>\n"));
        text(svg, (x + 24.0, 79.0), "", words);
        x += 24.0 + words.len() as f64 * 8.6 + 20.0;
    }
}

/// The grid of time and what is written below it.
fn axis(svg: &mut String, rows: usize, extent: (Instant, Instant)) {
    let bottom = TOP + ROW * rows as f64;
    let length = extent.1.since(extent.0).micros() as f64;
    let mut free = 0.0;
    for tick in ticks(extent) {
        let x = LEFT + tick.at.since(extent.0).micros() as f64 / length * WIDTH;
        svg.push_str(&format!(
            "<line x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\"/>\n",
            TOP - 6.0
        ));
        let width = tick.text.chars().count() as f64 * 8.6;
        let left = (x - width / 2.0).min(WHOLE - width - 4.0);
        // Marks too close to each other are not all named.
        if left >= free {
            text(svg, (left, bottom + 24.0), "p", &tick.text);
            free = left + width + 10.0;
        }
    }
}

fn rectangle(svg: &mut String, bar: &Placed, top: f64) {
    let (left, width) = bar.at;
    // A hair of paper parts bars of one colour that follow each other.
    let width = if width > 4.0 { width - 1.0 } else { width };
    svg.push_str(&format!(
        "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR}\" {}>\
         <title>{}</title></rect>\n",
        LEFT + left,
        filled(bar.tone),
        escaped(&plain(&bar.told))
    ));
}

fn written(svg: &mut String, bar: &Placed, top: f64) {
    let Some(label) = &bar.label else { return };
    let class = match (label.inside && is_strong(bar.tone), bar.tone) {
        (true, Tone::Work) => "b deep",
        (true, _) => "b on",
        (false, _) => "b",
    };
    text(svg, (LEFT + label.at, top + 17.0), class, &plain(&label.text));
}

fn shortened(text: &str, most: usize) -> String {
    match text.chars().count() <= most {
        true => text.to_owned(),
        false => text.chars().take(most - 1).chain(['…']).collect(),
    }
}

/// `text` as it may stand in XML and HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
