//! The standard observer: every metric of the catalogue, measured together.

use super::{
    Observer, catalogue::Metric, fingerprint::Fingerprint, health::Health, load::Load,
    losses::Losses, moves::Moves, outcome::Outcome, service::Service, sheet::Sheet, upkeep::Upkeep,
};
use crate::{
    fleet::Fleet,
    kernel::time::{Instant, Span},
    messages::fact::Fact,
    scenario::Scenario,
};
use std::sync::Arc;

/// Measures one run.
#[derive(Clone, Debug)]
pub struct Metrics<'a> {
    scenario: &'a Scenario,
    service: Service,
    load: Load,
    moves: Moves,
    losses: Losses,
    upkeep: Upkeep,
    health: Health,
    fingerprint: Fingerprint,
    readings_taken: usize,
    /// Turns, with the one that sets the run up.
    turns: u64,
}

impl<'a> Metrics<'a> {
    /// Nothing is measured yet.
    pub fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            service: Service::new(scenario),
            load: Load::new(scenario),
            moves: Moves::new(scenario),
            losses: Losses::new(scenario),
            upkeep: Upkeep::new(scenario),
            health: Health::new(scenario),
            fingerprint: Fingerprint::default(),
            readings_taken: 0,
            turns: 0,
        }
    }

    /// What a run of `scenario` measures, in order: the same for each of its runs.
    pub fn list(scenario: &Scenario) -> Arc<[Metric]> {
        Metrics::new(scenario).written().metrics.into()
    }

    /// The run number `run` is over: its numbers. `metrics` is the scenario's [`Metrics::list`].
    ///
    /// # Panics
    /// If `metrics` is another scenario's list.
    pub fn finish(mut self, run: u32, metrics: Arc<[Metric]>) -> Outcome {
        let fingerprint = self.fingerprint.to_string();
        let sheet = self.written();
        assert!(sheet.metrics[..] == metrics[..], "every run of a scenario measures the same");
        Outcome { run, metrics, values: sheet.values, fingerprint }
    }

    fn written(&mut self) -> Sheet {
        // All that happens happens before the end, so every instant that is left can be read.
        self.read_up_to(self.scenario.end.saturating_add(Span::from_micros(1)));
        self.service.finish();
        self.load.finish();
        self.moves.finish();
        self.losses.finish();
        self.upkeep.finish();
        self.health.finish();
        let mut sheet = Sheet::default();
        self.service.write(&mut sheet);
        self.load.write(&mut sheet, &self.scenario.layout);
        self.moves.write(&mut sheet);
        self.losses.write_data(&mut sheet);
        self.health.write(&mut sheet);
        self.upkeep.write_risks(&mut sheet);
        self.losses.write_disks(&mut sheet);
        self.upkeep.write(&mut sheet);
        self.write_readings(&mut sheet);
        sheet.write("engine.occurrences", Some(self.turns.saturating_sub(1) as f64));
        sheet
    }

    /// Reads the levels at the named instants before `now`: what they are after all turns of each.
    #[inline]
    fn read_up_to(&mut self, now: Instant) {
        while let Some(at) = self.scenario.levels_at.get(self.readings_taken) {
            if *at >= now {
                return;
            }
            self.readings_taken += 1;
            for (_, level) in self.load.readable() {
                level.read();
            }
            self.health.readable().1.read();
        }
    }

    fn write_readings(&mut self, sheet: &mut Sheet) {
        let (name, level) = self.health.readable();
        let health = (name, level.readings().to_vec());
        let load = self.load.readable().map(|(name, level)| (name, level.readings().to_vec()));
        for (name, readings) in load.into_iter().chain([health]) {
            for (at, value) in self.scenario.levels_at.iter().zip(readings) {
                let label = at.seconds().to_string();
                sheet.write_labelled(name, &[&label], Some(value as f64));
            }
        }
    }
}

impl Observer for Metrics<'_> {
    #[inline]
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        self.read_up_to(now);
        let layout = &self.scenario.layout;
        self.service.see(now, fact, layout);
        self.load.see(now, fact, layout);
        self.moves.see(now, fact);
        self.losses.see(now, fact);
        self.upkeep.see(now, fact);
        self.health.see(now, fact, layout);
        self.fingerprint.see(now, fact);
    }

    #[inline]
    fn turn_ended(&mut self, _now: Instant, _fleet: &Fleet) {
        self.turns += 1;
    }
}
