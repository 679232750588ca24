//! What a scenario amounts to, before anything is run.

use super::{
    model::{ArrivalSource, Scenario},
    resolve::{INSTANCE_BYTES, ROW_BYTES, SERVER_BYTES},
};
use crate::{
    fleet::layout::Resources,
    kernel::{distribution::Distribution, time::Span},
};

/// What a scenario amounts to. Numbers marked "expected" are rough estimates per run.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    /// Servers (count).
    pub servers: u64,
    /// Racks (count).
    pub racks: u64,
    /// Zones (count).
    pub zones: u64,
    /// Room on all servers together.
    pub capacity: Capacity,
    /// Instances that are there when a run begins (count).
    pub instances_at_start: u64,
    /// Expected arrivals (count).
    pub expected_arrivals: f64,
    /// Expected instances at once, as far as the servers have room (count).
    pub expected_instances: f64,
    /// Expected crashes of servers, outages of racks and crashes of guests (count).
    pub expected_failures: f64,
    /// Expected occurrences that the engine handles (count).
    pub expected_occurrences: f64,
    /// Expected memory of one run with what all runs share (bytes).
    pub expected_memory: u64,
}

/// Room on all servers together: sums may exceed what one server's numbers hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Capacity {
    /// Virtual CPUs (count).
    pub vcpus: u64,
    /// Memory (bytes).
    pub memory: u128,
    /// Graphics processors (count).
    pub gpus: u64,
    /// Whole local disks (count).
    pub local_disks: u64,
}

/// What `scenario` amounts to.
pub fn summary(scenario: &Scenario) -> Summary {
    let layout = &scenario.layout;
    let seconds = scenario.end.since(scenario.begin).seconds();
    let mut capacity = Capacity::default();
    let mut failures = 0.0;
    for server in &layout.servers {
        let model = &layout.models[server.model];
        capacity.add(&model.capacity);
        failures += model.crash.as_ref().map_or(0.0, |crash| times(&crash.life, seconds));
    }
    for rack in &layout.racks {
        failures += rack.outage.as_ref().map_or(0.0, |outage| times(&outage.life, seconds));
    }
    let at_start: u64 = scenario.workload.at_start.iter().map(|entry| u64::from(entry.count)).sum();
    let (mut arrivals, mut instances, mut rows) = (0.0, at_start as f64, 0);
    for source in &scenario.workload.sources {
        let (arriving, at_once, in_memory) = of_source(source, seconds);
        arrivals += arriving;
        instances += at_once;
        rows += in_memory;
    }
    let instances = instances.min(most_instances(scenario, &capacity));
    let guests = &scenario.settings.guest_crash;
    failures += instances * guests.as_ref().map_or(0.0, |law| times(law, seconds));
    let servers = layout.servers.len() as u64;
    Summary {
        servers,
        racks: layout.racks.len() as u64,
        zones: layout.zones.len() as u64,
        capacity,
        instances_at_start: at_start,
        expected_arrivals: arrivals,
        expected_instances: instances,
        expected_failures: failures,
        // An instance arrives, is prepared, boots, and leaves; a failure is noticed and repaired,
        // and what it hit boots again.
        expected_occurrences: 4.0 * arrivals + 4.0 * failures,
        expected_memory: servers * SERVER_BYTES
            + instances as u64 * INSTANCE_BYTES
            + rows * ROW_BYTES,
    }
}

impl Capacity {
    fn add(&mut self, room: &Resources) {
        self.vcpus += u64::from(room.vcpus);
        self.memory += u128::from(room.memory);
        self.gpus += u64::from(room.gpus);
        self.local_disks += u64::from(room.local_disks);
    }
}

/// How often something that lives by `law` ends within `seconds`, roughly: by its long-run rate,
/// or by the probability of the first end where that alone is likely.
fn times(law: &Distribution, seconds: f64) -> f64 {
    let mean = law.mean_seconds();
    if seconds > mean { seconds / mean } else { law.cdf(seconds) }
}

/// Arrivals, instances at once, and rows in memory of a source.
fn of_source(source: &ArrivalSource, seconds: f64) -> (f64, f64, u64) {
    match source {
        ArrivalSource::Law(law) => {
            let mut below = 0.0;
            let mut batch = 0.0;
            for (cumulative, size) in &law.batch {
                batch += (cumulative - below) * f64::from(*size);
                below = *cumulative;
            }
            let arrivals = if law.gap == Distribution::Fixed(Span::NEVER) {
                0.0
            } else {
                seconds / law.gap.mean_seconds() * batch
            };
            let life = law.life.as_ref().map_or(seconds, Distribution::mean_seconds);
            (arrivals, arrivals * (life / seconds).min(1.0), 0)
        }
        ArrivalSource::Trace(rows) => {
            let all = rows.at_start.iter().chain(&rows.arrivals);
            let lived: f64 = all.map(|row| row.life.seconds().min(seconds)).sum();
            let count = rows.at_start.len() + rows.arrivals.len();
            (rows.arrivals.len() as f64, lived / seconds, count as u64)
        }
    }
}

/// The most instances that the servers' vCPUs and memory hold, if all were of the smallest kind.
fn most_instances(scenario: &Scenario, capacity: &Capacity) -> f64 {
    let shapes = &scenario.layout.shapes;
    let share = |all: f64, one: Option<f64>| match one {
        Some(one) if one > 0.0 => all / one,
        Some(_) | None => f64::INFINITY,
    };
    let vcpus = shapes.iter().map(|shape| f64::from(shape.demand.vcpus)).min_by(f64::total_cmp);
    let memory = shapes.iter().map(|shape| shape.demand.memory as f64).min_by(f64::total_cmp);
    share(capacity.vcpus as f64, vcpus).min(share(capacity.memory as f64, memory))
}
