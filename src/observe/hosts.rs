//! Dedicated hosts: how much of them is used, how long they are in each status, how often they move,
//! and how many idle servers are left for them.

use super::{gauges::Level, sheet::Sheet};
use crate::{
    fleet::{
        Fleet,
        ids::{DedicatedHost, Server},
        layout::{Layout, Resources},
    },
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::dedicated_host::HostState,
    messages::{
        fact::Fact,
        hosts::{HostFact, LiveStatus},
    },
    scenario::Scenario,
};
use std::collections::BTreeMap;

/// The dedicated hosts of one run; nothing, where the scenario keeps no servers for any.
#[derive(Clone, Debug)]
pub struct Hosts(Option<Box<Counts>>);

#[derive(Clone, Debug)]
struct Counts {
    from: Instant,
    end: Instant,
    /// The status of each host, and since when it has it.
    statuses: Column<DedicatedHost, (HostState, Instant)>,
    /// Time in each status (µs).
    times: [u128; HostState::ALL.len()],
    /// What is held on each server that is kept for hosts: vCPUs and memory.
    held: BTreeMap<Id<Server>, [u64; 2]>,
    /// Of all hosts together: vCPUs and memory that are held, and that they have.
    used: [Level; 2],
    whole: [Level; 2],
    spare: Level,
    moves: u64,
    waits: u64,
    /// Live migrations between hosts that were accomplished, and that failed.
    live: [u64; 2],
}

impl Hosts {
    /// Nothing has happened yet.
    pub fn new(scenario: &Scenario) -> Self {
        let layout = &scenario.layout;
        if layout.dedicated_servers.is_empty() {
            return Self(None);
        }
        let level = |value| Level::new(value, scenario.begin, scenario.measure_from).lasting();
        let whole = layout.dedicated_hosts.iter().fold([0; 2], |[vcpus, memory], spec| {
            let of = &layout.models[spec.model].capacity;
            let sold = u64::from(of.vcpus) * u64::from(spec.over_commit) / 100;
            [vcpus + sold, memory + of.memory]
        });
        let idle = layout.dedicated_servers.len() - layout.dedicated_hosts.len();
        let statuses =
            layout.dedicated_hosts.iter().map(|_| (HostState::Available, scenario.begin));
        Self(Some(Box::new(Counts {
            from: scenario.measure_from,
            end: scenario.end,
            statuses: statuses.collect(),
            times: [0; HostState::ALL.len()],
            held: layout.dedicated_servers.iter().map(|server| (*server, [0; 2])).collect(),
            used: [level(0), level(0)],
            whole: whole.map(level),
            spare: level(idle as u64),
            moves: 0,
            waits: 0,
            live: [0; 2],
        })))
    }

    /// Takes note of a fact.
    #[inline]
    pub fn see(&mut self, now: Instant, fact: &Fact, layout: &Layout, fleet: &Fleet) {
        if let Some(counts) = &mut self.0 {
            counts.see(now, fact, (layout, fleet));
        }
    }

    /// The run is over.
    pub fn finish(&mut self) {
        if let Some(counts) = &mut self.0 {
            counts.finish();
        }
    }

    /// Writes the metrics down.
    pub fn write(&self, sheet: &mut Sheet) {
        if let Some(counts) = &self.0 {
            counts.write(sheet);
        }
    }
}

impl Counts {
    fn see(&mut self, now: Instant, fact: &Fact, (layout, fleet): (&Layout, &Fleet)) {
        if let Fact::Placed { server, .. }
        | Fact::Vacated { server, .. }
        | Fact::Reserved { server, .. }
        | Fact::Unreserved { server, .. } = *fact
        {
            self.room_changed(now, server, (layout, fleet));
        }
        if let Fact::ServerAvailable { server, .. } = *fact
            && self.held.contains_key(&server)
        {
            self.spares_changed(now, (layout, fleet));
        }
        if let Fact::Host(fact) = fact {
            self.see_host(now, fact, (layout, fleet));
        }
    }

    fn see_host(&mut self, now: Instant, fact: &HostFact, of: (&Layout, &Fleet)) {
        let counts = u64::from(now >= self.from);
        match *fact {
            HostFact::Moved { host, from, to } => {
                let (status, since) = self.statuses[host];
                assert_eq!(status, from, "{host:?} leaves the status that it had");
                self.passes(status, since, now);
                self.statuses[host] = (to, now);
                self.spares_changed(now, of);
            }
            HostFact::Carried { .. } => {
                self.moves += counts;
                self.spares_changed(now, of);
            }
            HostFact::Waits(_) => self.waits += counts,
            HostFact::Modified(_) => self.whole_changed(now, of),
            HostFact::LiveMigration { status, .. } => match status {
                LiveStatus::Started => {}
                LiveStatus::Accomplished => self.live[0] += counts,
                LiveStatus::Failed => self.live[1] += counts,
            },
            HostFact::Retyped { .. } => {}
        }
    }

    /// A host had `status` from `since` to `now`.
    fn passes(&mut self, status: HostState, since: Instant, now: Instant) {
        let since = since.max(self.from);
        if now > since {
            self.times[status as usize] += u128::from(now.since(since).micros());
        }
    }

    /// Somebody came to `server` or left it: what the fleet is after the turn tells how much.
    fn room_changed(
        &mut self,
        now: Instant,
        server: Id<Server>,
        (layout, fleet): (&Layout, &Fleet),
    ) {
        let Some(before) = self.held.get_mut(&server) else { return };
        let (whole, free) = (fleet.capacity.whole(layout, server), fleet.capacity.free(server));
        let held = amounts(&whole.minus(free).expect("no more is free than there is"));
        let before = std::mem::replace(before, held);
        for (place, level) in self.used.iter_mut().enumerate() {
            level.add(now, held[place]);
            level.take(now, before[place]);
        }
    }

    fn whole_changed(&mut self, now: Instant, (layout, fleet): (&Layout, &Fleet)) {
        let mut sum = [0; 2];
        for (_, row) in fleet.dedicated.entries() {
            let of = amounts(&fleet.capacity.whole(layout, row.server));
            sum = [sum[0] + of[0], sum[1] + of[1]];
        }
        self.whole.iter_mut().zip(sum).for_each(|(level, whole)| level.set(now, whole));
    }

    fn spares_changed(&mut self, now: Instant, (layout, fleet): (&Layout, &Fleet)) {
        let idle = fleet.dedicated.kept().filter(|(_, host)| host.is_none());
        let able = idle.filter(|(server, _)| fleet.is_able(layout, *server)).count();
        self.spare.set(now, able as u64);
    }

    fn finish(&mut self) {
        let end = self.end;
        for host in self.statuses.ids().iter() {
            let (status, since) = self.statuses[host];
            self.passes(status, since, end);
        }
        let levels = self.used.iter_mut().chain(&mut self.whole).chain([&mut self.spare]);
        levels.for_each(|level| level.advance(end));
    }

    fn write(&self, sheet: &mut Sheet) {
        for (place, resource) in ["vcpu", "memory"].into_iter().enumerate() {
            let (used, whole) = (self.used[place].area(), self.whole[place].area());
            let share = (whole > 0).then(|| used as f64 / whole as f64);
            sheet.write_labelled("dedicated.utilisation", &[resource], share);
        }
        for status in HostState::ALL {
            let time = self.times[*status as usize] as f64 / 1e6;
            sheet.write_labelled("dedicated.time", &[status.name()], Some(time));
        }
        sheet.write("dedicated.moves", Some(self.moves as f64));
        sheet.write("dedicated.waits", Some(self.waits as f64));
        sheet.write("dedicated.spare.mean", self.spare.mean());
        sheet.write("dedicated.spare.min", Some(self.spare.least() as f64));
        for (place, status) in ["accomplished", "failed"].into_iter().enumerate() {
            sheet.write_labelled("dedicated.live", &[status], Some(self.live[place] as f64));
        }
    }
}

/// vCPUs and memory.
fn amounts(of: &Resources) -> [u64; 2] {
    [u64::from(of.vcpus), of.memory]
}
