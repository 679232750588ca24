//! Losses: local data, what guests had not written yet, and the local disks themselves.

use super::{gauges::Level, sheet::Sheet};
use crate::{
    fleet::ids::Bay,
    kernel::{column::Id, time::Instant},
    lifecycle::local_disk::DiskState,
    messages::fact::Fact,
    scenario::Scenario,
};

/// Bits of a number that survive in the mantissa of a double, sums over runs included.
const DIGEST_BITS: u32 = 48;

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
    first_failures: u64,
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
            first_failures: 0,
        }
    }

    /// Takes note of a fact.
    #[inline]
    pub fn see(&mut self, now: Instant, fact: &Fact) {
        let counts = now >= self.from;
        match *fact {
            Fact::DataLost { bytes, .. } => {
                self.data_losses += u64::from(counts);
                self.data_lost += if counts { u128::from(bytes) } else { 0 };
            }
            Fact::DirtyLost(_) => self.dirty += u64::from(counts),
            Fact::DiskMoved { bay, number, from, to, .. } => {
                if from == DiskState::Healthy {
                    self.damaged.add(now, 1);
                    self.disks_failed += u64::from(counts);
                    if number == 0 {
                        self.first_failures = self.first_failures.wrapping_add(failure(bay, now));
                    }
                } else if to == DiskState::Healthy {
                    self.damaged.take(now, 1);
                }
            }
            Fact::Requested { .. }
            | Fact::NoRoom { .. }
            | Fact::Placed { .. }
            | Fact::Vacated { .. }
            | Fact::InstanceMoved { .. }
            | Fact::OwingBegan(_)
            | Fact::OwingEnded(_)
            | Fact::ServiceBegan(_)
            | Fact::ServiceEnded { .. }
            | Fact::Reserved { .. }
            | Fact::Unreserved { .. }
            | Fact::EventPublished { .. }
            | Fact::EventMoved { .. }
            | Fact::EventRescheduled { .. }
            | Fact::OwnerPlans { .. }
            | Fact::Commanded { .. }
            | Fact::ServerAtRisk { .. }
            | Fact::CampaignMoved { .. }
            | Fact::CampaignEnded { .. }
            | Fact::ServerMoved { .. }
            | Fact::ServerAvailable { .. }
            | Fact::RackMoved { .. }
            | Fact::RepairAwaited(_)
            | Fact::RepairBegan { .. }
            | Fact::RepairEnded(_)
            | Fact::TaskBegan { .. }
            | Fact::TaskEnded { .. }
            | Fact::Scaling(_) => {}
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
        let digest = self.first_failures & ((1 << DIGEST_BITS) - 1);
        sheet.write("chance.first_disk_failures", Some(digest as f64));
    }
}

/// One failure as a number whose bits all depend on bay and instant. Failures are summed, so that
/// their order does not count.
fn failure(bay: Id<Bay>, at: Instant) -> u64 {
    let mut mixed = (bay.index() as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ at.micros();
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
    }
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_failures_apart_and_forgets_their_order() {
        let of = |bay: usize, at: u64| failure(Id::new(bay), Instant::from_micros(at));
        assert_eq!(of(0, 5).wrapping_add(of(1, 9)), of(1, 9).wrapping_add(of(0, 5)));
        assert_ne!(of(0, 5).wrapping_add(of(1, 9)), of(0, 9).wrapping_add(of(1, 5)));
        assert_ne!(of(0, 5) & 0xffff, of(0, 6) & 0xffff);
    }
}
