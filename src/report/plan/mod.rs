//! The answer of `plan` in every form: the value, what it rests on, and its neighbours.
//!
//! Here what is shown; `told` makes its sentences, `page` what people read, `data` what programs do.

mod data;

mod page;

mod told;

#[cfg(test)]
mod tests;

pub use data::{PlannedRun, csv, json, runs};
pub use page::{markdown, text};

use super::{About, plain};
use crate::{
    experiment::plan::{
        Plan,
        goal::Goal,
        judge::{OfGoal, Verdict},
    },
    observe::catalogue::Definition,
};

/// A plan with all that is shown of it.
pub struct Planned<'a> {
    /// What was simulated; its runs are those of all values together.
    pub about: About,
    /// Path of the value that was looked for.
    pub path: &'a str,
    /// The range as typed: `0..20`.
    pub range: String,
    /// Candidates in it (count).
    pub candidates: u64,
    /// Whether the largest value was looked for, rather than the smallest.
    pub largest: bool,
    /// The goals, each with the name of its metric in one spelling.
    pub goals: Vec<(&'a Goal, String)>,
    /// Probability with which the answer is enough.
    pub confidence: f64,
    /// Runs by which goals are judged that must hold in a share of runs (count).
    pub runs: u32,
    /// The most runs by which a mean is judged (count).
    pub most: u32,
    /// What was found.
    pub plan: &'a Plan,
    /// The value at a place, as `--set` takes it.
    pub value: &'a dyn Fn(usize) -> String,
}

/// The values and verdicts of one goal at one value, as tables show them.
struct Shown {
    place: usize,
    goal: usize,
    of: OfGoal,
}

impl Planned<'_> {
    fn shown(&self) -> Vec<Shown> {
        let judgements = self.plan.judgements.iter();
        let all = judgements.flat_map(|judgement| {
            let goals = judgement.goals.iter().enumerate();
            goals.map(|(goal, of)| Shown { place: judgement.place, goal, of: *of })
        });
        let mut all: Vec<Shown> = all.collect();
        if self.largest {
            // Places run from the easy end; tables run upwards.
            all.sort_by_key(|shown| (std::cmp::Reverse(shown.place), shown.goal));
        }
        all
    }

    fn at(&self, place: usize) -> String {
        plain(&(self.value)(place))
    }

    fn definition(&self, goal: usize) -> &'static Definition {
        self.goals[goal].0.selector.definition()
    }

    fn direction(&self) -> &'static str {
        if self.largest { "largest" } else { "smallest" }
    }

    fn noun(&self) -> &'static str {
        if self.goals.len() == 1 { "the goal" } else { "all goals" }
    }

    /// The values between which the true answer lies, upwards.
    fn ends(&self) -> Option<[Option<String>; 2]> {
        let (low, high) = self.plan.between?;
        let ends = [low, high].map(|place| place.map(|place| self.at(place)));
        let [low, high] = ends;
        Some(if self.largest { [high, low] } else { [low, high] })
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::Open => "not shown",
    }
}
