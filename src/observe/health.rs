//! Health: servers and racks, crashes, repairs, spares.

use super::{
    gauges::{Lengths, Level},
    sheet::Sheet,
};
use crate::{
    fleet::{ids::Server, layout::Layout},
    kernel::{column::Column, time::Instant},
    lifecycle::server::ServerState,
    messages::fact::Fact,
    scenario::Scenario,
};

/// The health of the whole fleet.
#[derive(Clone, Debug)]
pub struct Health {
    from: Instant,
    end: Instant,
    servers: Column<Server, ServerLoad>,
    available: Level,
    spare: Level,
    in_repair: Level,
    queue: Level,
    waits: Lengths,
    crashes: u64,
    outages: u64,
}

#[derive(Clone, Copy, Debug)]
struct ServerLoad {
    held: u32,
    available: bool,
}

impl Health {
    /// Everything is up and empty.
    pub fn new(scenario: &Scenario) -> Self {
        let count = scenario.layout.servers.len();
        let level = |value| Level::new(value, scenario.begin, scenario.measure_from).lasting();
        Self {
            from: scenario.measure_from,
            end: scenario.end,
            servers: Column::filled(ServerLoad { held: 0, available: true }, count),
            available: level(count as u64),
            spare: level(count as u64),
            in_repair: level(0),
            queue: level(0),
            waits: Lengths::default(),
            crashes: 0,
            outages: 0,
        }
    }

    /// Takes note of a fact.
    #[inline]
    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts are measured here")]
    pub fn see(&mut self, now: Instant, fact: &Fact, _layout: &Layout) {
        match *fact {
            Fact::Placed { server, .. } => {
                let row = &mut self.servers[server];
                row.held += 1;
                if row.held == 1 && row.available {
                    self.spare.take(now, 1);
                }
            }
            Fact::Vacated { server, .. } => {
                let row = &mut self.servers[server];
                row.held -= 1;
                if row.held == 0 && row.available {
                    self.spare.add(now, 1);
                }
            }
            Fact::ServerAvailable { server, available } => {
                let row = &mut self.servers[server];
                row.available = available;
                let is_empty = u64::from(row.held == 0);
                if available {
                    self.available.add(now, 1);
                    self.spare.add(now, is_empty);
                } else {
                    self.available.take(now, 1);
                    self.spare.take(now, is_empty);
                }
            }
            // Who is taken offline by the operator has not crashed.
            Fact::ServerMoved { to: ServerState::Restarting | ServerState::Broken, .. } => {
                self.crashes += u64::from(now >= self.from);
            }
            Fact::RackMoved { up, .. } => self.outages += u64::from(!up && now >= self.from),
            Fact::RepairAwaited(_) => self.queue.add(now, 1),
            Fact::RepairBegan { waited, .. } => {
                self.queue.take(now, 1);
                self.in_repair.add(now, 1);
                if now >= self.from {
                    self.waits.count(waited);
                }
            }
            Fact::RepairEnded(_) => self.in_repair.take(now, 1),
            _ => {}
        }
    }

    /// The level that is read at named instants, with the name of its readings.
    pub fn readable(&mut self) -> (&'static str, &mut Level) {
        ("servers.available.level", &mut self.available)
    }

    /// The run is over.
    pub fn finish(&mut self) {
        for level in [&mut self.available, &mut self.spare, &mut self.in_repair, &mut self.queue] {
            level.advance(self.end);
        }
    }

    /// Writes the metrics down.
    pub fn write(&mut self, sheet: &mut Sheet) {
        sheet.write("servers.crashes", Some(self.crashes as f64));
        sheet.write("racks.outages", Some(self.outages as f64));
        sheet.write("servers.available.mean", self.available.mean());
        sheet.write("servers.available.min", Some(self.available.least() as f64));
        sheet.write("servers.spare.mean", self.spare.mean());
        sheet.write("servers.spare.min", Some(self.spare.least() as f64));
        sheet.write("servers.in_repair.mean", self.in_repair.mean());
        sheet.write_most("servers.in_repair", &self.in_repair);
        sheet.write("repair.queue.mean", self.queue.mean());
        sheet.write_most("repair.queue", &self.queue);
        sheet.write("repair.wait.share", self.waits.share_above_zero());
        sheet.write("repair.wait.mean", self.waits.mean());
        sheet.write("repair.wait.p95", self.waits.quantile(0.95));
    }
}
