//! Candidates beside a baseline as people and programs read them: what was compared, what was found
//! of each metric, where the courses part.

mod cells;

mod csv;

mod json;

mod markdown;

mod text;

pub use self::{
    csv::{runs, summary},
    json::object,
    markdown::page,
    text::table,
};

use super::About;
use crate::{
    experiment::{
        comparison::{Against, Chosen, Comparison},
        divergence::Divergence,
    },
    observe::outcome::Outcome,
};

/// One of those that are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What was run.
    pub about: About,
    /// What tells it from the others: its scenario's name, its file, or what was set in it.
    pub label: String,
    /// The scenario file, as it was named.
    pub file: String,
    /// The options that make it what it is, each with its value.
    pub options: Vec<String>,
    /// Its runs, in order.
    pub outcomes: Vec<Outcome>,
}

/// A comparison with all that is shown of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The candidates; the first is the baseline.
    pub candidates: Vec<Candidate>,
    /// The metrics.
    pub chosen: Vec<Chosen>,
    /// Whether they were named one by one, so that each is shown even where it is the same.
    pub is_named: bool,
    /// What was found.
    pub comparison: Comparison,
    /// Where the course of each candidate but the baseline parts from the baseline's.
    pub divergences: Vec<Option<Divergence>>,
    /// What a reader should know of how the candidates were made alike.
    pub notes: Vec<String>,
}

impl Compared {
    /// The candidates but the baseline: its letter, itself, what was found, where it parts.
    fn others(&self) -> impl Iterator<Item = Other<'_>> {
        let found = self.comparison.candidates.iter().zip(&self.divergences);
        let others = self.candidates.iter().enumerate().skip(1).zip(found);
        others.map(|((place, candidate), (against, parts))| Other {
            letter: letter(place),
            candidate,
            against,
            parts: parts.as_ref(),
        })
    }

    /// Pairs of runs (count).
    fn runs(&self) -> u32 {
        self.candidates.first().map_or(0, |candidate| candidate.about.runs)
    }
}

/// A candidate that is not the baseline.
struct Other<'a> {
    letter: String,
    candidate: &'a Candidate,
    against: &'a Against,
    parts: Option<&'a Divergence>,
}

impl Candidate {
    /// The command that tells what becomes true in this candidate where it parts from another.
    fn trace(&self, parts: &Divergence) -> String {
        const SECOND: u64 = 1_000_000;
        let from = parts.at.micros() / SECOND;
        let to = parts.at.micros().div_ceil(SECOND);
        let run = parts.run;
        let (from, to) = (super::shown::duration(from), super::shown::duration(to));
        let file = &self.file;
        let seed = self.about.seed;
        let head =
            format!("fleetsim trace {file} --seed {seed} --run {run} --from {from} --to {to}");
        [vec![head], self.options.clone()].concat().join(" ")
    }
}

/// `A` for the baseline, then `B`, ..., `Z`, `AA`.
fn letter(place: usize) -> String {
    let last = char::from(b'A' + (place % 26) as u8);
    match place / 26 {
        0 => last.to_string(),
        before => format!("{}{last}", letter(before - 1)),
    }
}

#[cfg(test)]
pub(super) mod made_up;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_behind_the_last() {
        let letters = [0, 1, 25, 26, 27, 51, 52, 701, 702].map(letter);
        assert_eq!(letters, ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn the_command_tells_the_second_in_which_they_part() {
        let compared = made_up::compared();
        let parts = compared.divergences[0].clone().unwrap();
        assert_eq!(
            compared.candidates[1].trace(&parts),
            "fleetsim trace made-up.toml --seed 1 --run 2 --from 1d2h3min4s --to 1d2h3min5s --set a.b=2"
        );
    }
}
