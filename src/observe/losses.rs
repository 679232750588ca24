//! Losses: local data, what guests had not written yet, and the local disks themselves.

use super::{gauges::Level, sheet::Sheet};
use crate::{
    kernel::time::Instant, lifecycle::local_disk::DiskState, messages::fact::Fact,
    scenario::Scenario,
};

/// What the whole fleet loses.
#[derive(Clone, Debug)]
pub struct Losses {
    from: Instant,
    end: Instant,
    data_losses: u64,
    data_lost: u128,
    dirty: u64,
    damaged: Level,
    disks_failed: u64,
}

impl Losses {
    /// Nothing is lost yet.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            from: scenario.measure_from,
            end: scenario.end,
            data_losses: 0,
            data_lost: 0,
            dirty: 0,
            damaged: Level::new(0, scenario.begin, scenario.measure_from).lasting(),
            disks_failed: 0,
        }
    }

    /// Takes note of a fact.
    #[inline]
    pub fn see(&mut self, now: Instant, fact: &Fact) {
        let counts = now >= self.from;
        if let Fact::DataLost { bytes, .. } = *fact {
            self.data_losses += u64::from(counts);
            self.data_lost += if counts { u128::from(bytes) } else { 0 };
        } else if let Fact::DirtyLost(_) = *fact {
            self.dirty += u64::from(counts);
        } else if let Fact::DiskMoved { from, to, .. } = *fact {
            if from == DiskState::Healthy {
                self.damaged.add(now, 1);
                self.disks_failed += u64::from(counts);
            } else if to == DiskState::Healthy {
                self.damaged.take(now, 1);
            }
        }
    }

    /// The run is over.
    pub fn finish(&mut self) {
        self.damaged.advance(self.end);
    }

    /// Writes the metrics of data down.
    pub fn write_data(&self, sheet: &mut Sheet) {
        sheet.write("data_loss.instances", Some(self.data_losses as f64));
        sheet.write("data_loss.bytes", Some(self.data_lost as f64));
        sheet.write("data_loss.dirty", Some(self.dirty as f64));
    }

    /// Writes the metrics of disks down.
    pub fn write_disks(&self, sheet: &mut Sheet) {
        sheet.write("disks.failed", Some(self.disks_failed as f64));
        sheet.write("disks.damaged.mean", self.damaged.mean());
        sheet.write_most("disks.damaged", &self.damaged);
    }
}
