//! Load: what instances ask for and hold, what finds no room, what moves.

use super::{
    gauges::{Lengths, Level},
    sheet::Sheet,
};
use crate::{
    fleet::{
        ids::{Instance, InstanceType, Template},
        layout::Layout,
        tasks::TaskKind,
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::task::TaskStatus,
    messages::fact::{Fact, Reason},
    scenario::Scenario,
};

/// An hour (µs).
const HOUR: u64 = 3_600_000_000;

/// Types are shown one by one up to this many; a trace may hold any number of sizes.
pub const TYPES_SHOWN: usize = 64;

/// The load of the whole fleet.
#[derive(Clone, Debug)]
pub struct Load {
    from: Instant,
    end: Instant,
    templates: Column<Instance, Id<Template>>,
    placed: Level,
    vcpus: Level,
    memory: Level,
    gpus: Level,
    capacity: [u128; 3],
    requests: Column<InstanceType, Requests>,
    no_room: u64,
    launch_waits: Lengths,
    failovers: u64,
    moving: Level,
    hour: u64,
    failovers_this_hour: u64,
    /// The most in one hour, and the number of that hour on the clock.
    busiest_hour: (u64, u64),
    tasks: Vec<[u64; 2]>,
    data_losses: u64,
    data_lost: u128,
}

#[derive(Clone, Copy, Debug, Default)]
struct Requests {
    arrived: u64,
    refused: u64,
}

impl Load {
    /// Nothing is held yet.
    pub fn new(scenario: &Scenario) -> Self {
        let level = || Level::new(0, scenario.begin, scenario.measure_from);
        let layout = &scenario.layout;
        let whole = |[vcpus, memory, gpus]: [u128; 3], server| {
            let one = layout.capacity(server);
            [
                vcpus + u128::from(one.vcpus),
                memory + u128::from(one.memory),
                gpus + u128::from(one.gpus),
            ]
        };
        Self {
            from: scenario.measure_from,
            end: scenario.end,
            templates: Column::default(),
            placed: level().with_variance(),
            vcpus: level(),
            memory: level(),
            gpus: level(),
            capacity: layout.servers.ids().iter().fold([0; 3], whole),
            requests: Column::filled(Requests::default(), layout.types.len()),
            no_room: 0,
            launch_waits: Lengths::default(),
            failovers: 0,
            moving: level().lasting(),
            hour: 0,
            failovers_this_hour: 0,
            busiest_hour: (0, 0),
            tasks: vec![[0; 2]; TaskKind::ALL.len()],
            data_losses: 0,
            data_lost: 0,
        }
    }

    /// Takes note of a fact.
    #[inline]
    pub fn see(&mut self, now: Instant, fact: &Fact, layout: &Layout) {
        let counts = now >= self.from;
        match *fact {
            Fact::Requested { instance, template, .. } => {
                if instance.index() == self.templates.len() {
                    self.templates.push(template);
                } else {
                    self.templates[instance] = template;
                }
                let of = layout.templates[template].instance_type;
                self.requests[of].arrived += u64::from(counts);
            }
            Fact::NoRoom { instance, reason } => {
                self.no_room += u64::from(counts);
                let of = layout.templates[self.templates[instance]].instance_type;
                let is_request = matches!(reason, Reason::Launch | Reason::AtStart);
                self.requests[of].refused += u64::from(counts && is_request);
            }
            Fact::Placed { instance, reason, waited, .. } => {
                self.placed.add(now, 1);
                self.takes(now, instance, layout);
                if reason == Reason::Launch && counts {
                    self.launch_waits.count(waited);
                }
                if reason == Reason::Failover && counts {
                    self.failed_over(now);
                }
            }
            Fact::Vacated { instance, .. } => {
                self.placed.take(now, 1);
                self.gives(now, instance, layout);
            }
            Fact::Reserved { instance, .. } => self.takes(now, instance, layout),
            Fact::Unreserved { instance, .. } => self.gives(now, instance, layout),
            Fact::TaskBegan { .. } => self.moving.add(now, 1),
            Fact::TaskEnded { kind, status, .. } => {
                self.moving.take(now, 1);
                let ended = usize::from(status == TaskStatus::Failed);
                self.tasks[kind as usize][ended] += u64::from(counts);
            }
            Fact::DataLost { bytes, .. } => {
                self.data_losses += u64::from(counts);
                self.data_lost += if counts { u128::from(bytes) } else { 0 };
            }
            Fact::DirtyLost(_)
            | Fact::EventPublished { .. }
            | Fact::EventMoved { .. }
            | Fact::EventRescheduled { .. }
            | Fact::OwnerPlans { .. }
            | Fact::Commanded { .. }
            | Fact::DiskMoved { .. }
            | Fact::ServerAtRisk { .. }
            | Fact::CampaignMoved { .. }
            | Fact::CampaignEnded { .. }
            | Fact::InstanceMoved { .. }
            | Fact::OwingBegan(_)
            | Fact::OwingEnded(_)
            | Fact::ServiceBegan(_)
            | Fact::ServiceEnded { .. }
            | Fact::ServerMoved { .. }
            | Fact::ServerAvailable { .. }
            | Fact::RackMoved { .. }
            | Fact::RepairAwaited(_)
            | Fact::RepairBegan { .. }
            | Fact::RepairEnded(_) => {}
        }
    }

    /// The levels that are read at named instants, with the names of their readings.
    pub fn readable(&mut self) -> [(&'static str, &mut Level); 3] {
        [
            ("instances.placed.level", &mut self.placed),
            ("vcpu.allocated.level", &mut self.vcpus),
            ("memory.allocated.level", &mut self.memory),
        ]
    }

    /// The run is over.
    pub fn finish(&mut self) {
        let levels =
            [&mut self.placed, &mut self.vcpus, &mut self.memory, &mut self.gpus, &mut self.moving];
        for level in levels {
            level.advance(self.end);
        }
    }

    /// Writes the metrics down.
    pub fn write(&mut self, sheet: &mut Sheet, layout: &Layout) {
        self.write_held(sheet);
        self.write_requests(sheet, layout);
        sheet.write("placement.failed", Some(self.no_room as f64));
        sheet.write("launch.wait.p50", self.launch_waits.quantile(0.5));
        sheet.write("launch.wait.p99", self.launch_waits.quantile(0.99));
        sheet.write_labelled("migrations", &["failover"], Some(self.failovers as f64));
        sheet.write_most("migrations.concurrent", &self.moving);
        let this_hour = (self.failovers_this_hour, self.hour);
        let (most, hour) =
            if this_hour.0 > self.busiest_hour.0 { this_hour } else { self.busiest_hour };
        sheet.write("migrations.per_hour.max", Some(most as f64));
        let began = (most > 0).then(|| (hour * HOUR) as f64 / 1e6);
        sheet.write("migrations.per_hour.max_at", began);
        for kind in TaskKind::ALL {
            for (ended, status) in [TaskStatus::Finished, TaskStatus::Failed].iter().enumerate() {
                let count = self.tasks[*kind as usize][ended] as f64;
                sheet.write_labelled("tasks", &[kind.name(), status.name()], Some(count));
            }
        }
        sheet.write("data_loss.instances", Some(self.data_losses as f64));
        sheet.write("data_loss.bytes", Some(self.data_lost as f64));
    }

    fn write_held(&self, sheet: &mut Sheet) {
        let held = [
            ("instances.placed", &self.placed),
            ("vcpu.allocated", &self.vcpus),
            ("memory.allocated", &self.memory),
            ("gpu.allocated", &self.gpus),
        ];
        for (name, level) in held {
            sheet.write(&format!("{name}.mean"), level.mean());
            sheet.write_most(name, level);
        }
        sheet.write("instances.placed.var", self.placed.variance());
        let [vcpus, memory, gpus] = self.capacity;
        let whole = [
            ("vcpu", &self.vcpus, vcpus),
            ("memory", &self.memory, memory),
            ("gpu", &self.gpus, gpus),
        ];
        for (name, level, capacity) in whole {
            let share = level.mean().filter(|_| capacity > 0).map(|mean| mean / capacity as f64);
            sheet.write_labelled("utilisation", &[name], share);
        }
    }

    fn write_requests(&self, sheet: &mut Sheet, layout: &Layout) {
        let mut all = Requests::default();
        for requests in &self.requests {
            all.arrived += requests.arrived;
            all.refused += requests.refused;
        }
        let shown = layout.types.entries().take(if layout.types.len() <= TYPES_SHOWN {
            TYPES_SHOWN
        } else {
            0
        });
        let rows: Vec<(&str, Requests)> = std::iter::once(("all", all))
            .chain(shown.map(|(id, of)| (of.name.as_str(), self.requests[id])))
            .collect();
        for (name, requests) in &rows {
            sheet.write_labelled("arrivals", &[name], Some(requests.arrived as f64));
        }
        for (name, requests) in &rows {
            let share =
                (requests.arrived > 0).then(|| requests.refused as f64 / requests.arrived as f64);
            sheet.write_labelled("placement.blocking", &[name], share);
        }
    }

    /// Room of `instance` is taken.
    fn takes(&mut self, now: Instant, instance: Id<Instance>, layout: &Layout) {
        let demand = layout.demand(self.templates[instance]);
        self.vcpus.add(now, u64::from(demand.vcpus));
        self.memory.add(now, demand.memory);
        if demand.gpus > 0 {
            self.gpus.add(now, u64::from(demand.gpus));
        }
    }

    /// Room of `instance` is given back.
    fn gives(&mut self, now: Instant, instance: Id<Instance>, layout: &Layout) {
        let demand = layout.demand(self.templates[instance]);
        self.vcpus.take(now, u64::from(demand.vcpus));
        self.memory.take(now, demand.memory);
        if demand.gpus > 0 {
            self.gpus.take(now, u64::from(demand.gpus));
        }
    }

    fn failed_over(&mut self, now: Instant) {
        self.failovers += 1;
        let hour = now.micros() / HOUR;
        if hour != self.hour {
            if self.failovers_this_hour > self.busiest_hour.0 {
                self.busiest_hour = (self.failovers_this_hour, self.hour);
            }
            (self.hour, self.failovers_this_hour) = (hour, 0);
        }
        self.failovers_this_hour += 1;
    }
}
