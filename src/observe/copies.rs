//! What moves send, how live migrations by pre-copy end, and who waits for a turn. Measured only where
//! a scenario has a network or limits.

use super::{
    gauges::{Lengths, Level},
    sheet::Sheet,
};
use crate::{
    fleet::{ids::Task, moves::MoveLimits, precopies::PreCopyEnd},
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
    messages::{
        fact::Fact,
        moves::{MoveFact, MoveWhat},
    },
    scenario::Scenario,
};

/// What moves send, and how they end.
#[derive(Clone, Debug)]
pub struct Copies {
    is_on: bool,
    from: Instant,
    end: Instant,
    bytes: u64,
    ends: Vec<u64>,
    /// Rounds of those that ended Done: how many, together, most.
    rounds: [u64; 3],
    waiting: Level,
    waits: Column<Task, bool>,
    turns: Lengths,
    /// Time for which guests were slowed down: by auto-converge (µs · percent), and while they ran
    /// ahead of their memory (µs).
    slowed: [u128; 2],
}

impl Copies {
    /// Nothing was sent yet.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            is_on: Self::are_measured(scenario),
            from: scenario.measure_from,
            end: scenario.end,
            bytes: 0,
            ends: vec![0; PreCopyEnd::ALL.len()],
            rounds: [0; 3],
            waiting: Level::new(0, scenario.begin, scenario.measure_from).lasting(),
            waits: Column::default(),
            turns: Lengths::default(),
            slowed: [0; 2],
        }
    }

    /// Whether `scenario` has a network or limits of moves.
    pub fn are_measured(scenario: &Scenario) -> bool {
        let has_limits = scenario.settings.migration != MoveLimits::default();
        scenario.layout.network.is_some() || has_limits
    }

    /// Takes note of a fact.
    #[inline]
    pub fn see(&mut self, now: Instant, fact: &Fact) {
        if let Fact::Move(fact) = fact {
            self.moved(now, fact);
        } else if let Fact::TaskEnded { task, .. } = *fact {
            self.waits_no_more(now, task);
        }
    }

    fn moved(&mut self, now: Instant, fact: &MoveFact) {
        let counts = now >= self.from;
        match fact.what {
            MoveWhat::Waits => {
                while self.waits.len() <= fact.task.index() {
                    self.waits.push(false);
                }
                self.waits[fact.task] = true;
                self.waiting.add(now, 1);
            }
            MoveWhat::TurnCame { waited } => {
                self.waits_no_more(now, fact.task);
                if counts {
                    self.turns.count(waited);
                }
            }
            MoveWhat::RoundSent { bytes, took, throttle, .. }
            | MoveWhat::Cut { bytes, took, throttle } => {
                if counts {
                    self.bytes += bytes;
                    self.slowed[0] += u128::from(took.micros()) * u128::from(throttle);
                }
            }
            MoveWhat::RestSent { bytes, ahead, took } => {
                if counts {
                    self.bytes += bytes;
                    let took = if ahead { took } else { Span::ZERO };
                    self.slowed[1] += u128::from(took.micros());
                }
            }
            MoveWhat::DisksSent { bytes, .. } => self.bytes += if counts { bytes } else { 0 },
            MoveWhat::Ended { end, rounds, .. } => {
                if counts {
                    self.ends[end as usize] += 1;
                    if end == PreCopyEnd::Done {
                        let [count, sum, most] = self.rounds;
                        let rounds = u64::from(rounds);
                        self.rounds = [count + 1, sum + rounds, most.max(rounds)];
                    }
                }
            }
            MoveWhat::RoundsEnded { .. } | MoveWhat::WentAhead => {}
        }
    }

    fn waits_no_more(&mut self, now: Instant, task: Id<Task>) {
        if self.waits.get(task).is_some_and(|waits| *waits) {
            self.waits[task] = false;
            self.waiting.take(now, 1);
        }
    }

    /// The run is over.
    pub fn finish(&mut self) {
        self.waiting.advance(self.end);
    }

    /// Writes the metrics down.
    pub fn write(&mut self, sheet: &mut Sheet) {
        if !self.is_on {
            return;
        }
        sheet.write("migration.bytes", Some(self.bytes as f64));
        let [count, sum, most] = self.rounds;
        let mean = (count > 0).then(|| sum as f64 / count as f64);
        sheet.write("migration.rounds.mean", mean);
        sheet.write("migration.rounds.max", (count > 0).then_some(most as f64));
        for (end, count) in PreCopyEnd::ALL.iter().zip(&self.ends) {
            sheet.write_labelled("migration.ended", &[end.name()], Some(*count as f64));
        }
        for (by, slowed) in [
            ("auto-converge", self.slowed[0] as f64 / 1e8),
            ("post-copy", self.slowed[1] as f64 / 1e6),
        ] {
            sheet.write_labelled("migration.slowed", &[by], Some(slowed));
        }
        sheet.write("migration.turn.p50", self.turns.quantile(0.5));
        sheet.write("migration.turn.p99", self.turns.quantile(0.99));
        sheet.write_most("migration.waiting", &self.waiting);
    }
}
