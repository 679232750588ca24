//! What instances hold, and how many servers are able to serve.

use super::{
    SeriesName, Told,
    grid::Grid,
    track::{Cell, LevelTrack},
};
use crate::{
    fleet::{
        ids::{Instance, Template},
        layout::Layout,
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    messages::{fact::Fact, hosts::HostFact},
    scenario::Scenario,
};

/// Follows what is held of the fleet.
#[derive(Clone, Debug)]
pub struct Load {
    templates: Column<Instance, Id<Template>>,
    placed: LevelTrack,
    vcpus: LevelTrack,
    memory: LevelTrack,
    gpus: LevelTrack,
    /// vCPUs, memory and GPUs of all servers together.
    capacity: [u128; 3],
    available: LevelTrack,
    queue: LevelTrack,
}

impl Load {
    /// Nothing is held yet; every server is able to serve.
    pub fn new(grid: &Grid, scenario: &Scenario) -> Self {
        let none = LevelTrack::new(grid, 0);
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
            templates: Column::default(),
            placed: none.clone(),
            vcpus: none.clone(),
            memory: none.clone(),
            gpus: none.clone(),
            capacity: layout.servers.ids().iter().fold([0; 3], whole),
            available: LevelTrack::new(grid, scenario.layout.servers.len() as u64),
            queue: none,
        }
    }

    /// Takes note of a fact.
    pub fn see(&mut self, grid: &Grid, now: Instant, fact: &Fact, layout: &Layout) {
        if let Fact::Requested { instance, template, .. } = *fact {
            if instance.index() == self.templates.len() {
                self.templates.push(template);
            } else {
                self.templates[instance] = template;
            }
        } else if let Fact::Host(HostFact::Retyped { instance, template }) = *fact {
            self.templates[instance] = template;
        } else if let Fact::Placed { instance, .. } = *fact {
            self.placed.add(grid, now, 1);
            self.takes(grid, now, instance, layout);
        } else if let Fact::Vacated { instance, .. } = *fact {
            self.placed.take(grid, now, 1);
            self.gives(grid, now, instance, layout);
        } else if let Fact::Reserved { instance, .. } = *fact {
            self.takes(grid, now, instance, layout);
        } else if let Fact::Unreserved { instance, .. } = *fact {
            self.gives(grid, now, instance, layout);
        } else if let Fact::ServerAvailable { available: true, .. } = *fact {
            self.available.add(grid, now, 1);
        } else if let Fact::ServerAvailable { available: false, .. } = *fact {
            self.available.take(grid, now, 1);
        } else if let Fact::RepairAwaited(_) = *fact {
            self.queue.add(grid, now, 1);
        } else if let Fact::RepairBegan { .. } = *fact {
            self.queue.take(grid, now, 1);
        }
    }

    fn takes(&mut self, grid: &Grid, now: Instant, instance: Id<Instance>, layout: &Layout) {
        let demand = layout.demand(self.templates[instance]);
        self.vcpus.add(grid, now, u64::from(demand.vcpus));
        self.memory.add(grid, now, demand.memory);
        self.gpus.add(grid, now, u64::from(demand.gpus));
    }

    fn gives(&mut self, grid: &Grid, now: Instant, instance: Id<Instance>, layout: &Layout) {
        let demand = layout.demand(self.templates[instance]);
        self.vcpus.take(grid, now, u64::from(demand.vcpus));
        self.memory.take(grid, now, demand.memory);
        self.gpus.take(grid, now, u64::from(demand.gpus));
    }

    /// The run is over.
    pub fn tell(&mut self, grid: &Grid, end: Instant) -> Told {
        let levels = [
            ("instances.placed", "count", &mut self.placed),
            ("vcpu.allocated", "vCPU", &mut self.vcpus),
            ("memory.allocated", "B", &mut self.memory),
            ("servers.available", "count", &mut self.available),
            ("repair.queue", "count", &mut self.queue),
        ];
        let levels = levels.into_iter().map(|(name, unit, level)| {
            level.advance(grid, end);
            (SeriesName::plain(name, unit), level.cells())
        });
        let mut told: Told = levels.collect();
        self.gpus.advance(grid, end);
        let [vcpus, memory, gpus] = self.capacity;
        let shares = [
            ("vcpu", &self.vcpus, vcpus),
            ("memory", &self.memory, memory),
            ("gpu", &self.gpus, gpus),
        ];
        for (resource, level, capacity) in shares.into_iter().filter(|(.., whole)| *whole > 0) {
            let share = |cell: Cell| cell.map(|value| value / capacity as f64);
            let cells = level.cells().into_iter().map(|cell| cell.map(share)).collect();
            told.push((SeriesName::of("utilisation", resource, "ratio"), cells));
        }
        told
    }
}
