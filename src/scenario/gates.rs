//! What `check` demands of a scenario: no part of what happens in a run, and of no digest.

use super::{
    fault::{Fault, Faults, Label, Place, SourceText},
    quantity::Amount,
};
use std::num::NonZeroU32;

/// The gates of a scenario, and how they are checked.
#[derive(Clone, Debug)]
pub struct Gates {
    /// The gates, in order of the file.
    pub list: Vec<Gate>,
    /// `check.runs`: runs of a baseline, unless the command says otherwise (count).
    pub runs: NonZeroU32,
    /// The texts that the scenario was read from, where there are gates: what is wrong with a
    /// metric is found by who knows metrics, and told with its place.
    pub(super) sources: Vec<SourceText>,
}

/// One gate.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The metric, as it is written.
    pub metric: String,
    /// What is demanded of it.
    pub demand: Demand,
    /// How often its verdict may be wrong where the truth lies just at the limit (one-sided).
    pub alpha: f64,
    /// Where the metric is written.
    pub(super) metric_at: Place,
    /// Where the demand is written.
    pub(super) demand_at: Place,
}

/// What a gate demands of the mean over runs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Demand {
    /// It is no lower than this.
    AtLeast(Amount),
    /// It is no higher than this.
    AtMost(Amount),
    /// It is not worse than the baseline's by more than this.
    WorseByAtMost(Amount),
}

impl Demand {
    /// Its key in a scenario.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::AtLeast(_) => "at_least",
            Self::AtMost(_) => "at_most",
            Self::WorseByAtMost(_) => "worse_by_at_most",
        }
    }

    /// How much it states.
    pub const fn amount(&self) -> Amount {
        match self {
            Self::AtLeast(amount) | Self::AtMost(amount) | Self::WorseByAtMost(amount) => *amount,
        }
    }
}

impl Gate {
    /// A fault of the metric that it names.
    pub fn metric_fault(&self, code: &'static str, message: String, help: String) -> Fault {
        Fault::at(&self.metric_at, code, message).help(help)
    }

    /// A fault of what it demands.
    pub fn demand_fault(&self, code: &'static str, message: String, help: String) -> Fault {
        Fault::at(&self.demand_at, code, message).help(help)
    }

    /// Where its metric is written.
    pub fn label(&self) -> Label {
        let Place { source, span } = self.metric_at.clone();
        Label { source, span, text: String::new() }
    }

    fn meaning(&self) -> (Option<&str>, &str, Demand, u64) {
        (self.name.as_deref(), &self.metric, self.demand, self.alpha.to_bits())
    }
}

impl Gates {
    /// `list` as the faults of the scenario that has these gates.
    ///
    /// # Panics
    /// If `list` is empty.
    pub fn faults(&self, list: Vec<Fault>) -> Faults {
        Faults::new(self.sources.clone(), list)
    }

    /// In which text `gate` names its metric, and on which line of it, from 1.
    pub fn line_of(&self, gate: &Gate) -> (String, usize) {
        let nowhere = Faults { sources: self.sources.clone(), list: Vec::new() };
        let label = gate.label();
        let (name, line, _) = nowhere.position(&label);
        (name.to_owned(), line)
    }

    /// Whether both demand the same, wherever that is written.
    pub fn demand_the_same(&self, other: &Self) -> bool {
        self.runs == other.runs
            && self.list.iter().map(Gate::meaning).eq(other.list.iter().map(Gate::meaning))
    }
}
