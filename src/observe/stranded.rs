//! Stranded room: free, but of no use to one more instance of the reference type.

use super::{gauges::Level, sheet::Sheet};
use crate::{
    fleet::{
        Fleet,
        ids::{InstanceType, Server},
        layout::Layout,
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    messages::fact::Fact,
    scenario::Scenario,
};

/// The stranded room of the whole fleet. 24 bytes a server; servers are looked at after the turns
/// in which something happened to their room, and no others are.
#[derive(Clone, Debug)]
pub struct Stranded {
    end: Instant,
    /// `None`: nothing is sold, so nothing is stranded.
    reference: Option<Id<InstanceType>>,
    servers: Column<Server, Lost>,
    touched: Vec<Id<Server>>,
    /// vCPUs and memory.
    all: [Level; 2],
    /// Of both what the totals would be enough for, but no NUMA nodes are.
    by_nodes: [Level; 2],
    capacity: [u128; 2],
}

/// What is stranded on one server.
#[derive(Clone, Copy, Debug, Default)]
struct Lost {
    amounts: [u64; 2],
    by_nodes: bool,
    is_touched: bool,
}

impl Stranded {
    /// Everything is empty.
    pub fn new(scenario: &Scenario) -> Self {
        let layout = &scenario.layout;
        let level = || Level::new(0, scenario.begin, scenario.measure_from).lasting();
        let whole = |[vcpus, memory]: [u128; 2], server| {
            let one = layout.capacity(server);
            [vcpus + u128::from(one.vcpus), memory + u128::from(one.memory)]
        };
        let count = layout.servers.len();
        Self {
            end: scenario.end,
            reference: scenario.reference_type,
            servers: Column::filled(Lost { is_touched: true, ..Lost::default() }, count),
            touched: layout.servers.ids().iter().collect(),
            all: [level(), level()],
            by_nodes: [level(), level()],
            capacity: layout.servers.ids().iter().fold([0; 2], whole),
        }
    }

    /// Takes note of a fact.
    #[inline]
    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts are measured here")]
    pub fn see(&mut self, fact: &Fact, layout: &Layout) {
        let server = match *fact {
            Fact::Placed { server, .. }
            | Fact::Vacated { server, .. }
            | Fact::Reserved { server, .. }
            | Fact::Unreserved { server, .. }
            | Fact::ServerAvailable { server, .. } => server,
            Fact::DiskMoved { bay, .. } => layout.bays[bay],
            _ => return,
        };
        let row = &mut self.servers[server];
        if !row.is_touched {
            row.is_touched = true;
            self.touched.push(server);
        }
    }

    /// The turn is over: what is free now is what it left.
    #[inline]
    pub fn turn_ended(&mut self, now: Instant, fleet: &Fleet, layout: &Layout) {
        if let (Some(reference), false) = (self.reference, self.touched.is_empty()) {
            self.look(now, reference, (fleet, layout));
        }
    }

    fn look(
        &mut self,
        now: Instant,
        reference: Id<InstanceType>,
        (fleet, layout): (&Fleet, &Layout),
    ) {
        let sold = &layout.types[reference];
        for place in 0..self.touched.len() {
            let server = self.touched[place];
            let free = fleet.capacity.free(server);
            let is_usable = fleet.capacity.covers(server, &sold.demand, &sold.nodes);
            let is_lost = !is_usable && fleet.is_able(layout, server);
            let lost = Lost {
                amounts: if is_lost { [u64::from(free.vcpus), free.memory] } else { [0; 2] },
                by_nodes: is_lost && free.covers(&sold.demand),
                is_touched: false,
            };
            let before = std::mem::replace(&mut self.servers[server], lost);
            for resource in 0..2 {
                let (old, new) = (before.amounts[resource], lost.amounts[resource]);
                shift(&mut self.all[resource], now, old, new);
                let of = |lost: &Lost, amount| if lost.by_nodes { amount } else { 0 };
                shift(&mut self.by_nodes[resource], now, of(&before, old), of(&lost, new));
            }
        }
        self.touched.clear();
    }

    /// The run is over.
    pub fn finish(&mut self) {
        for level in self.all.iter_mut().chain(&mut self.by_nodes) {
            level.advance(self.end);
        }
    }

    /// Writes the metrics down.
    pub fn write(&self, sheet: &mut Sheet) {
        let share = |amount: Option<f64>, whole: u128| {
            amount.filter(|_| whole > 0).map(|amount| amount / whole as f64)
        };
        for (resource, name) in ["vcpu", "memory"].into_iter().enumerate() {
            let (level, whole) = (&self.all[resource], self.capacity[resource]);
            let label = [name];
            sheet.write_labelled("stranded", &label, share(level.mean(), whole));
            let most = share(Some(level.most() as f64), whole);
            sheet.write_labelled("stranded.max", &label, most);
            let mean = self.by_nodes[resource].mean();
            sheet.write_labelled("stranded.by_nodes", &label, share(mean, whole));
        }
    }
}

/// A part of `level` becomes `new` instead of `old`.
#[inline]
fn shift(level: &mut Level, now: Instant, old: u64, new: u64) {
    if old != new {
        level.set(now, level.value() - old + new);
    }
}
