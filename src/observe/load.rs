//! Load: what instances ask for and hold, and what finds no room.

use super::{
    gauges::{Lengths, Level},
    select::ALL,
    sheet::Sheet,
};

use crate::{
    fleet::{
        ids::{Instance, InstanceType, Template},
        layout::Layout,
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    messages::{
        fact::{Fact, Reason},
        hosts::HostFact,
    },
    scenario::Scenario,
};

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
        }
    }

    /// Takes note of a fact.
    #[inline]
    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts are measured here")]
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
            }
            Fact::Vacated { instance, .. } => {
                self.placed.take(now, 1);
                self.gives(now, instance, layout);
            }
            Fact::Host(HostFact::Retyped { instance, template }) => {
                self.templates[instance] = template;
            }
            Fact::Reserved { instance, .. } => self.takes(now, instance, layout),
            Fact::Unreserved { instance, .. } => self.gives(now, instance, layout),
            _ => {}
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
        for level in [&mut self.placed, &mut self.vcpus, &mut self.memory, &mut self.gpus] {
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
        let rows: Vec<(&str, Requests)> = std::iter::once((ALL, all))
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
}
