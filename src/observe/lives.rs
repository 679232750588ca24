//! Lives: a digest over the failures that no policy can change, which says whether two runs met the
//! same ones.
//!
//! Policies change which disk of a bay, or which crash of a server, a run gets to. What every run
//! gets to is the first failure of each: so these are digested, with their instants and with all
//! that is drawn about them. That later ones have equal draws too is held by a test.

use super::sheet::Sheet;
use crate::{
    fleet::ids::{Bay, Server},
    kernel::{
        column::{Column, Id},
        streams::Streams,
        time::{Instant, Span},
    },
    lifecycle::{local_disk::DiskState, server::ServerState},
    messages::fact::Fact,
    scenario::{CrashFate, DiskFate, Scenario},
};

/// Bits of a number that survive in the mantissa of a double, sums over runs included.
const DIGEST_BITS: u32 = 48;

/// The first failures of one run.
#[derive(Clone, Debug)]
pub struct Lives {
    /// When the first disk of each bay broke.
    disks: Column<Bay, Option<Instant>>,
    /// What was first in the life of each server.
    servers: Column<Server, First>,
    /// Whether crashes are digested: where a server wears in use alone, placement changes them.
    counts_crashes: bool,
    disk_failures: u64,
    crashes: u64,
}

/// What was first in the life of a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum First {
    /// Nothing yet.
    Nothing,
    /// A risk was predicted: what is done about it may put a crash off.
    Risk,
    /// It crashed then.
    Crash(Instant),
}

impl Lives {
    /// Nothing has failed yet.
    pub fn new(scenario: &Scenario) -> Self {
        let layout = &scenario.layout;
        Self {
            disks: Column::filled(None, layout.bays.len()),
            servers: Column::filled(First::Nothing, layout.servers.len()),
            counts_crashes: scenario.settings.host_idle_wears,
            disk_failures: 0,
            crashes: 0,
        }
    }

    /// Takes note of a fact.
    #[inline]
    pub fn see(&mut self, now: Instant, fact: &Fact) {
        if let Fact::DiskMoved { bay, number: 0, from: DiskState::Healthy, .. } = *fact {
            self.disks[bay] = Some(now);
        } else if let Fact::ServerAtRisk { server, at_risk: true } = *fact {
            self.is_first(server, First::Risk);
        } else if let Fact::ServerMoved { server, from: ServerState::Up, .. } = *fact {
            self.is_first(server, First::Crash(now));
        }
    }

    fn is_first(&mut self, server: Id<Server>, what: First) {
        let first = &mut self.servers[server];
        if *first == First::Nothing {
            *first = what;
        }
    }

    /// The run number `run` is over: what was drawn about its first failures is looked up.
    pub fn finish(&mut self, scenario: &Scenario, run: u32) {
        let streams = Streams::new(scenario.seed, run);
        for (bay, failed) in self.disks.entries() {
            if let Some(at) = *failed {
                let failure = of_disk(bay, at, &scenario.disk_fate(&streams, bay, 0));
                self.disk_failures = self.disk_failures.wrapping_add(failure);
            }
        }
        for (server, first) in self.servers.entries().filter(|_| self.counts_crashes) {
            if let First::Crash(at) = *first
                && let Some(fate) = scenario.crash_fate(&streams, server, 0)
            {
                self.crashes = self.crashes.wrapping_add(of_crash(server, at, &fate));
            }
        }
    }

    /// Writes the metrics down.
    pub fn write(&self, sheet: &mut Sheet) {
        let shown = |digest: u64| Some((digest & ((1 << DIGEST_BITS) - 1)) as f64);
        sheet.write("chance.first_disk_failures", shown(self.disk_failures));
        sheet.write("chance.first_crashes", shown(self.crashes));
    }
}

/// The first failure in a bay as a number: where, when, its kind, the lengths of what follows. The
/// numbers are summed, so that the order of failures does not count.
fn of_disk(bay: Id<Bay>, at: Instant, fate: &DiskFate) -> u64 {
    let DiskFate { life, online, isolation_fails, reinit_fails, hangs, detect, replace } = *fate;
    let kind = [online, isolation_fails, reinit_fails, hangs];
    let kind = kind.iter().fold(0, |bits, bit| bits << 1 | u64::from(*bit));
    mixed([bay.index() as u64, at.micros(), kind, life.micros(), detect.micros(), replace.micros()])
}

/// As `of_disk`, of the first crash of a server.
fn of_crash(server: Id<Server>, at: Instant, fate: &CrashFate) -> u64 {
    let CrashFate { restart, detect, repair } = *fate;
    let (soft, restart) = (u64::from(restart.is_some()), restart.map_or(0, Span::micros));
    mixed([server.index() as u64, at.micros(), soft, restart, detect.micros(), repair.micros()])
}

/// A number all bits of which depend on all of `words`.
fn mixed<const N: usize>(words: [u64; N]) -> u64 {
    words.into_iter().fold(0x9e37_79b9_7f4a_7c15, |digest, word| {
        let mut mixed = (digest ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(factor);
        }
        mixed ^ (mixed >> 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_failures_apart_and_forgets_their_order() {
        let fate = |replace| DiskFate {
            life: Span::from_seconds(5),
            online: true,
            isolation_fails: false,
            reinit_fails: false,
            hangs: false,
            detect: Span::ZERO,
            replace: Span::from_seconds(replace),
        };
        let of = |bay, at, fate: &DiskFate| of_disk(Id::new(bay), Instant::from_micros(at), fate);
        let sum = |one: u64, other: u64| one.wrapping_add(other);
        let usual = fate(7);
        assert_eq!(
            sum(of(0, 5, &usual), of(1, 9, &usual)),
            sum(of(1, 9, &usual), of(0, 5, &usual))
        );
        assert_ne!(
            sum(of(0, 5, &usual), of(1, 9, &usual)),
            sum(of(0, 9, &usual), of(1, 5, &usual))
        );
        assert_ne!(of(0, 5, &usual) & 0xffff, of(0, 6, &usual) & 0xffff);
        assert_ne!(of(0, 5, &usual), of(0, 5, &fate(8)), "the repair counts");
        let offline = DiskFate { online: false, ..usual };
        assert_ne!(of(0, 5, &usual), of(0, 5, &offline), "the kind of damage counts");
    }
}
