//! What is shown: values in, text out. No files, no clock, no colour; the same results give the
//! same bytes.
//!
//! [`Results`] is what every form is made from: [`text`] for people, [`json`], [`csv`] and
//! [`markdown`] for programs and pages, [`catalogue`] for the list of metrics, [`table`] for other
//! lists, [`story`] for what became true in one run, [`compare`] for candidates beside a baseline,
//! [`check`] for verdicts and baselines. [`number`] chooses units and digits. What is drawn is drawn from
//! what a [`folder`] of results says: [`figures`] are charts as data ([`chart`]), [`plot`] makes
//! pictures of them.

pub mod catalogue;

pub mod chart;

pub mod check;

pub mod compare;

pub mod csv;

pub mod figures;

pub mod folder;

pub mod json;

mod line;

pub mod look;

pub mod plan;

pub mod page;

mod precision;

pub mod markdown;

pub mod number;

pub mod plot;

pub mod series;

pub mod story;

mod shown;

mod spark;

pub mod sweep;

pub mod table;

pub mod text;

pub mod timeline;

pub mod worst;

use crate::{
    experiment::{
        estimate::{self, Row},
        stopping::Stopped,
    },
    kernel::{
        streams::RNG_SCHEME,
        time::{Instant, Span},
    },
    observe::{outcome::Outcome, series::fold::FoldedSeries},
    scenario::{Scenario, summary},
};

/// The version of this program, as results cite it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The results of a scenario's runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// What was run.
    pub about: About,
    /// The runs, in order.
    pub outcomes: Vec<Outcome>,
    /// Every metric over the runs, in the order of the catalogue.
    pub rows: Vec<Row>,
    /// Where a wanted precision decided how many runs were made.
    pub stopped: Option<Stopped>,
    /// What the runs say over time, where that was followed.
    pub series: Option<FoldedSeries>,
}

/// What was run: enough to cite a number and to make it again.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Name of the scenario.
    pub scenario: String,
    /// The question that it asks; may be empty.
    pub question: String,
    /// Digest of the resolved scenario and its input files, hex.
    pub digest: String,
    /// Version of the program.
    pub version: &'static str,
    /// The scheme by which chance was drawn.
    pub rng_scheme: u32,
    /// Seed of all chance.
    pub seed: u64,
    /// Runs made (count).
    pub runs: u32,
    /// Where the clock stands when a run begins.
    pub begins: Instant,
    /// From when on metrics are measured: the end of the warm-up.
    pub measured_from: Instant,
    /// How long a run lasts, warm-up included.
    pub horizon: Span,
    /// Servers (count).
    pub servers: usize,
    /// Zones (count).
    pub zones: usize,
    /// Racks (count).
    pub racks: usize,
    /// Instances that are there when a run begins (count).
    pub instances: u64,
    /// GPUs of all servers together (count).
    pub gpus: u64,
    /// What a reader should know of how the scenario was taken.
    pub remarks: Vec<String>,
}

impl About {
    /// What `runs` runs of `scenario` are about.
    pub fn new(scenario: &Scenario, runs: u32) -> Self {
        let at_start = scenario.workload.at_start.iter();
        Self {
            scenario: scenario.name.clone(),
            question: scenario.question.clone(),
            digest: scenario.digest.clone(),
            version: VERSION,
            rng_scheme: RNG_SCHEME,
            seed: scenario.seed,
            runs,
            begins: scenario.begin,
            measured_from: scenario.measure_from,
            horizon: scenario.end.since(scenario.begin),
            servers: scenario.layout.servers.len(),
            zones: scenario.layout.zones.len(),
            racks: scenario.layout.racks.len(),
            instances: at_start.map(|starting| u64::from(starting.count)).sum(),
            gpus: summary(scenario).capacity.gpus,
            remarks: scenario.remarks.clone(),
        }
    }
}

impl Results {
    /// The results of `outcomes`, which are the runs described by `about`, in order.
    pub fn new(about: About, outcomes: Vec<Outcome>) -> Self {
        let rows = estimate::summarise(&outcomes);
        Self { about, outcomes, rows, stopped: None, series: None }
    }
}

/// Keys that say nothing without what they are of.
const BARE: [&str; 6] = ["count", "servers", "rate", "size", "mean", "vcpus"];

/// The last part of a path, which mostly says enough: `crews`, `at_once.servers`.
fn short_path(path: &str) -> &str {
    let path = path.trim();
    let Some((before, last)) = path.rsplit_once('.') else { return path };
    match BARE.contains(&last) {
        true => &path[before.rfind('.').map_or(0, |at| at + 1)..],
        false => last,
    }
}

/// `name` with its control and direction-changing characters written out, so that a name taken
/// from a file cannot drive a terminal or reorder a line.
pub fn plain(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for character in name.chars() {
        let turns = matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || turns {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod made_up;
