//! What a check is shown as: for people, for pull requests, for the machines that run it.

mod baseline;

mod github;

mod json;

mod junit;

mod markdown;

mod rows;

mod text;

mod words;

pub use baseline::{BEGINNING, FORMAT, parse as parse_baseline, text as baseline_text};
pub use github::github;
pub use json::{FILES, json, runs};
pub use junit::junit;
pub use markdown::markdown;
pub use rows::rows;
pub use text::text;

use super::About;
use crate::{
    experiment::{baseline::Pairing, check::Checked, verdict::Verdict},
    observe::outcome::Outcome,
};

/// The check of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was run.
    pub about: About,
    /// The scenario's file, as the user named it.
    pub path: String,
    /// The line on which each gate names its metric, from 1; `None`: not in that file.
    pub lines: Vec<Option<usize>>,
    /// What it was compared with.
    pub baseline: Option<Compared>,
    /// The verdicts.
    pub checked: Checked,
    /// The runs, in order.
    pub outcomes: Vec<Outcome>,
    /// The command that checks it again.
    pub command: String,
}

/// The baseline that a scenario was compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Digest of its scenario.
    pub digest: String,
    /// The version of the program that made it.
    pub version: String,
    /// Its seed.
    pub seed: u64,
    /// Whether runs were paired.
    pub pairing: Pairing,
    /// Its runs that were compared with, in order.
    pub outcomes: Vec<Outcome>,
}

/// The worst verdict of all.
pub fn verdict(reports: &[Report]) -> Verdict {
    reports.iter().map(|report| report.checked.verdict()).max().unwrap_or(Verdict::Pass)
}

#[cfg(test)]
pub(super) mod made_up;
