//! The course of a run, told so that two of them can be laid side by side in memory that does not
//! grow with the run: fingerprints after every so many facts, then the facts between two of them,
//! then one fact in words.

use super::{
    Observer,
    fingerprint::Fingerprint,
    story::{Story, Subject},
};
use crate::{fleet::Fleet, kernel::time::Instant, messages::fact::Fact, scenario::Scenario};
use std::ops::Range;

/// Steps of a ladder; where there would be more every second is taken out.
pub const STEPS_MAX: usize = 1 << 14;

/// Fingerprints of a run's course after every so many facts.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// That of all facts so far.
    fingerprint: Fingerprint,
    facts_a_step: u64,
    facts: u64,
    steps: Vec<Fingerprint>,
}

impl Default for Ladder {
    fn default() -> Self {
        let fingerprint = Fingerprint::default();
        Self { fingerprint, facts_a_step: 1, facts: 0, steps: Vec::new() }
    }
}

impl Ladder {
    /// Among which numbers (from 0) the first fact lies in which the courses part, or the end of
    /// one of them; `None`: they are the same.
    pub fn first_apart(&mut self, other: &mut Self) -> Option<Range<u64>> {
        let step = self.facts_a_step.max(other.facts_a_step);
        self.coarsen_to(step);
        other.coarsen_to(step);
        let agree = self.steps.iter().zip(&other.steps).take_while(|(a, b)| a == b).count();
        let is_same = self.facts == other.facts && self.fingerprint == other.fingerprint;
        let from = agree as u64 * step;
        (!is_same).then_some(from..from + step)
    }

    /// Takes every second step out.
    fn coarsen(&mut self) {
        let mut place = 0;
        self.steps.retain(|_| {
            place += 1;
            place % 2 == 0
        });
        self.facts_a_step *= 2;
    }

    fn coarsen_to(&mut self, facts_a_step: u64) {
        while self.facts_a_step < facts_a_step {
            self.coarsen();
        }
    }
}

impl Observer for Ladder {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        self.fingerprint.see(now, fact);
        self.facts += 1;
        if self.facts.is_multiple_of(self.facts_a_step) {
            self.steps.push(self.fingerprint);
            if self.steps.len() == STEPS_MAX {
                self.coarsen();
            }
        }
    }
}

/// Some facts of a run, by number, each with its instant and a fingerprint of its own.
#[derive(Clone, Debug)]
pub struct Window {
    numbers: Range<u64>,
    seen: u64,
    /// The facts.
    pub facts: Vec<(Instant, Fingerprint)>,
}

impl Window {
    /// Those of these numbers, from 0.
    pub fn new(numbers: Range<u64>) -> Self {
        Self { numbers, seen: 0, facts: Vec::new() }
    }
}

impl Observer for Window {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if self.numbers.contains(&self.seen) {
            let mut fingerprint = Fingerprint::default();
            fingerprint.see(now, fact);
            self.facts.push((now, fingerprint));
        }
        self.seen += 1;
    }
}

/// One fact of a run in words.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    story: Story<'a>,
    number: u64,
    seen: u64,
    /// The words; `None` where there is no such fact, or none that stories tell.
    pub text: Option<String>,
}

impl<'a> Told<'a> {
    /// Fact number `number`, from 0, of run number `run`.
    pub fn new(scenario: &'a Scenario, run: u32, number: u64) -> Self {
        let window = (scenario.begin, scenario.end);
        let story = Story::new(scenario, run, Subject::Run, window);
        Self { story, number, seen: 0, text: None }
    }
}

impl Observer for Told<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        if self.seen <= self.number {
            // What was told before is of no use, and would grow with the run.
            self.story.entries.clear();
            self.story.see(now, fact, fleet);
        }
        if self.seen == self.number {
            self.text = self.story.entries.last().map(|entry| entry.text.clone());
        }
        self.seen += 1;
    }
}
