//! A study as one page that works without a network: the question, the answer in words, charts that
//! zoom, tables that sort, and how to make the numbers again.
//!
//! Reading order: `Page` (what a page holds), `table`, then one file a kind of study, each of
//! which says what it holds. `page.html` is the template (it escapes by itself), `page.css` how it
//! looks, `page.js` what a reader can do with it; without scripts the tables and pictures say the
//! same. Charts are drawn by uPlot, whose files and licence are in `uplot/`.
//!
//! A policy in the page's head forbids it to load anything, and to run any script or style but its
//! own: they carry a word that is drawn from all of the page's content, so that nobody who chose a
//! name in it can have known that word.

mod charts;

mod check;

mod compare;

mod plan;

mod run;

mod sweep;

mod table;

mod worst;

use super::{
    chart::Figure,
    folder::{Study, texts::Texts},
    number, plain,
    plot::palette,
};
use crate::experiment::estimate::Spread;
use charts::Drawn;
use minijinja::{
    Environment, context,
    value::{Serde, Value},
};
use serde::{Deserialize, Serialize};
use table::Table;

/// The file that holds the page in a folder of results.
pub const FILE: &str = "report.html";

/// How every page of ours begins, by which it is told from anybody else's.
pub const BEGINS: &str = "<!DOCTYPE html>\n<!-- fleetsim report -->\n";

/// What a page holds.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Page {
    /// What was studied: the scenario's name.
    title: String,
    /// Which command studied it.
    kind: &'static str,
    /// The version of the program that made the results.
    version: String,
    /// The question asked; may be empty.
    question: String,
    /// `PASS`, say; empty for what is no judgement.
    verdict: String,
    /// How the answer is coloured.
    tone: Tone,
    /// The answer, a sentence each.
    answer: Vec<String>,
    /// What was simulated, in a line; may be empty.
    about: String,
    /// What a reader should know of how the scenario was taken.
    remarks: Vec<String>,
    /// Charts and tables.
    sections: Vec<Section>,
    /// The worst minutes, where they are told.
    worst: Option<Worst>,
    /// The commands that make it again.
    commands: Vec<String>,
    /// Seed, version, digests: name and value.
    facts: Vec<(String, String)>,
}

/// How an answer, or the cell of a table, is coloured. Words say the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Tone {
    /// Good news.
    Good,
    /// Bad news.
    Bad,
    /// Not known yet.
    Open,
    /// No judgement.
    #[serde(rename = "")]
    Plain,
}

/// A part of a page.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Section {
    /// Its anchor.
    id: String,
    /// Its heading.
    title: String,
    /// What stands before its charts and tables.
    text: Vec<String>,
    /// Its charts.
    figures: Vec<Drawn>,
    /// Its tables.
    tables: Vec<Table>,
}

/// What happened when service was worst.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Worst {
    /// When it was, and how bad.
    text: Vec<String>,
    /// What happened.
    story: Vec<Moment>,
    /// Who was concerned.
    tables: Vec<Table>,
    /// The commands that print all of it.
    commands: Vec<String>,
}

/// A line of a story.
#[derive(Clone, PartialEq, Debug, Serialize)]
struct Moment {
    /// When, as days and clock.
    at: String,
    /// What.
    text: String,
}

/// What every study was asked: enough to make it again.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    version: String,
    #[serde(default)]
    rng_scheme: u64,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    runs: Option<u64>,
    #[serde(default)]
    command: String,
}

impl Asked {
    /// What is cited: seed and version, with these `digests`.
    fn facts(&self, digests: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = [
            ("Version", format!("fleetsim {}", self.version)),
            ("Seed", self.seed.to_string()),
            ("Scheme of chance", self.rng_scheme.to_string()),
        ];
        let own = own.into_iter().map(|(name, value)| (name.to_owned(), plain(&value)));
        own.chain(digests.iter().map(|(name, value)| (plain(name), plain(value)))).collect()
    }

    /// `30 runs`.
    fn runs(&self) -> String {
        match self.runs {
            Some(1) => "1 run".to_owned(),
            runs => format!("{} runs", number::free(runs.unwrap_or(0) as f64)),
        }
    }
}

impl Page {
    /// The page of what `asked` asked, made by a command of this `kind`, with nothing on it.
    fn new(kind: &'static str, asked: &Asked) -> Self {
        Self {
            title: String::new(),
            kind,
            version: plain(&asked.version),
            question: String::new(),
            verdict: String::new(),
            tone: Tone::Plain,
            answer: Vec::new(),
            about: String::new(),
            remarks: Vec::new(),
            sections: Vec::new(),
            worst: None,
            commands: vec![plain(&asked.command)],
            facts: Vec::new(),
        }
    }
}

/// The page of `study`, which is what `texts` say, and whose charts are `figures`.
///
/// # Errors
/// Which file says what it should not.
pub fn html(texts: Texts<'_>, study: &Study, figures: &[Figure]) -> Result<String, String> {
    let mut charts = charts::Charts::default();
    let drawn: Vec<Drawn> = figures.iter().map(|figure| charts.take(figure)).collect();
    let summary = texts.get("summary.json")?;
    let page = match study {
        Study::Run(ran) => run::page(texts, ran, drawn)?,
        Study::Sweep(swept) => sweep::page(summary, swept, drawn).map_err(|error| wrong(&error))?,
        Study::Compare(_) => compare::page(summary, drawn).map_err(|error| wrong(&error))?,
        Study::Check(_) => check::page(summary, drawn).map_err(|error| wrong(&error))?,
        Study::Plan(_) => plan::page(summary, drawn).map_err(|error| wrong(&error))?,
    };
    Ok(render(&page, &charts))
}

/// What is wrong with a summary.
fn wrong(error: &serde_json::Error) -> String {
    format!("summary.json is not as its command writes it: {error}")
}

/// The text of `page`, whose charts that zoom are `charts`.
fn render(page: &Page, charts: &charts::Charts) -> String {
    let data = in_script(charts);
    let nonce = nonce(page, &data);
    let pictures = palette::STYLE.trim().trim_start_matches("<style>").trim_end_matches("</style>");
    let styles =
        [include_str!("page/uplot/uPlot.min.css"), pictures, include_str!("page/page.css")];
    let rendered = Environment::new().render_named_str(
        "page.html",
        include_str!("page/page.html"),
        context! {
            page => Value::from(Serde(page)),
            data => data,
            nonce => nonce,
            style => styles.join("\n"),
            library => include_str!("page/uplot/uPlot.iife.min.js"),
            licence => include_str!("page/uplot/LICENSE"),
            script => include_str!("page/page.js"),
        },
    );
    rendered.expect("the template names only what it is given")
}

/// The word that scripts and styles of this page carry.
fn nonce(page: &Page, data: &str) -> String {
    let text = serde_json::to_string(page).expect("a page holds text keys and finite numbers only");
    let mut hasher = blake3::Hasher::new();
    hasher.update(text.as_bytes()).update(data.as_bytes());
    hasher.finalize().to_hex().as_str()[..32].to_owned()
}

/// `value` as JSON that may stand in a script: nothing in it ends the script or begins a comment.
fn in_script(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("charts hold text keys and finite numbers only");
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// `name` as it may stand in a sentence: harmless, and from whichever side it is read, the rest of
/// the sentence stays in order.
fn within(name: &str) -> String {
    match name.is_ascii() {
        true => plain(name),
        false => format!("\u{2068}{}\u{2069}", plain(name)),
    }
}

/// `value` with half the width of its interval, in the unit that suits `size`.
fn with_width(value: f64, half_width: Option<f64>, unit: &str, size: f64) -> String {
    let spread =
        Spread { mean: value, deviation: None, half_width, min: value, max: value, skewed: false };
    shown(&spread, unit, size)
}

/// What runs say, in the unit that suits `size`.
fn shown(spread: &Spread, unit: &str, size: f64) -> String {
    match is_hours(unit, size) {
        true => number::show_in(spread, 3_600.0, "instance-h").value,
        false => number::show(spread, unit).value,
    }
}

/// A value alone, in the unit that suits `size`.
fn amount(value: f64, unit: &str, size: f64) -> String {
    match is_hours(unit, size) {
        true => format!("{} instance-h", number::brief(value / 3_600.0)),
        false => number::amount(value, unit),
    }
}

/// Whether this many instance-seconds are told in hours.
fn is_hours(unit: &str, size: f64) -> bool {
    unit == "instance-s" && size.abs() >= 7_200.0
}

#[cfg(test)]
mod tests;
