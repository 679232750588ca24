//! What is: the only mutable state of a run, and the layout it stands on.
//!
//! Reading order: `ids`, `layout` (never changes), `chance` (every random thing and its address),
//! then one file a table. Each table is changed only through its own file. Last `views`: what of
//! all this those who decide may see.
//! Deliberately not here: the passing of time. The fleet stores instants and reads no clock.

pub mod ids;

pub mod owners;

pub mod scaling;

pub mod dirty;
pub mod utilisation;

pub mod numa;

pub mod layout;

pub mod chance;

pub mod cause;

pub mod capacity;

pub mod servers;

pub mod racks;

pub mod instances;

pub mod care;

pub mod terms;

pub mod credits;

pub mod loads;

pub mod burstables;

pub mod spot;

pub mod markets;

pub mod dedicated_hosts;

pub mod disks;

pub mod system_events;

pub mod tasks;

pub mod moves;

pub mod precopies;

pub mod transfers;

pub mod cold_migrations;

pub mod drains;

pub mod waiting;

pub mod emptying;

pub mod works;

pub mod repairs;

pub mod arrivals;

pub mod members;

pub mod groups;

pub mod activities;

pub mod refreshes;

pub mod audit;

pub mod views;

use crate::{
    fleet::{
        activities::Activities,
        arrivals::Arrivals,
        burstables::Burstables,
        capacity::{Capacity, Index},
        care::Care,
        cold_migrations::ColdMigrations,
        dedicated_hosts::DedicatedHosts,
        disks::Disks,
        groups::Groups,
        ids::{Instance, Server},
        instances::Instances,
        layout::Layout,
        markets::Markets,
        members::Members,
        moves::Moves,
        precopies::PreCopies,
        racks::Racks,
        refreshes::Refreshes,
        repairs::Repairs,
        servers::Servers,
        system_events::SystemEvents,
        tasks::Tasks,
        terms::Terms,
        transfers::Transfers,
        waiting::Waiting,
        works::Works,
    },
    kernel::{column::Id, time::Instant},
};

/// How many there are of what a scenario brings beside its layout (counts).
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    /// Sources of arrivals.
    pub arrivals: usize,
    /// Campaigns.
    pub campaigns: usize,
}

/// All that is and can change in a run.
#[derive(Debug)]
pub struct Fleet {
    /// Health of the servers, and which instances each holds.
    pub servers: Servers,
    /// Health of the racks.
    pub racks: Racks,
    /// The instances.
    pub instances: Instances,
    /// What is kept of each instance for its maintenance.
    pub care: Care,
    /// The terms of subscriptions.
    pub terms: Terms,
    /// The burstable instances.
    pub burstables: Burstables,
    /// The markets of preemptible instances.
    pub markets: Markets,
    /// The dedicated hosts, and who has a place on one.
    pub dedicated: DedicatedHosts,
    /// The local disks.
    pub disks: Disks,
    /// The open system events.
    pub events: SystemEvents,
    /// What the operator has under way.
    pub works: Works,
    /// The asynchronous jobs.
    pub tasks: Tasks,
    /// Moves between servers, under way or waiting for their turn.
    pub moves: Moves,
    /// How far each live migration by pre-copy has come.
    pub precopies: PreCopies,
    /// What is under way on the network.
    pub transfers: Transfers,
    /// The cold migrations under way, and their jobs.
    pub cold: ColdMigrations,
    /// Room on the servers.
    pub capacity: Capacity,
    /// Servers that wait for a repair crew.
    pub repairs: Repairs,
    /// Instances that wait for room.
    pub waiting: Waiting,
    /// How far each source of arrivals has come.
    pub arrivals: Arrivals,
    /// The scaling groups.
    pub groups: Groups,
    /// Their members.
    pub members: Members,
    /// Their scaling activities that are not over.
    pub activities: Activities,
    /// Their instance refresh tasks.
    pub refreshes: Refreshes,
}

impl Fleet {
    /// Whether `instance` could be served where it is: it has a server that works in a rack that
    /// works.
    pub fn has_working_server(&self, layout: &Layout, instance: Id<Instance>) -> bool {
        self.instances[instance].server.is_some_and(|server| self.is_able(layout, server))
    }

    /// Whether `server` works, and its rack too.
    pub fn is_able(&self, layout: &Layout, server: Id<Server>) -> bool {
        self.servers.is_up(server) && self.racks.is_up(layout.servers[server].rack)
    }
}

impl Fleet {
    /// The fleet of `layout` when a run begins: everything up and empty; `index` is the
    /// one that the scenario's placement policy asks.
    pub fn new(layout: &Layout, index: Index, sources: Sources, begin: Instant) -> Self {
        let mut dedicated = DedicatedHosts::new(layout);
        let mut capacity = Capacity::new(layout, index);
        for server in &layout.dedicated_servers {
            capacity.set_open(layout, *server, false);
        }
        for host in layout.dedicated_hosts.ids().iter() {
            let server = dedicated[host].server;
            let fits = capacity.set_beyond(layout, server, dedicated[host].vcpus_beyond(layout));
            assert!(fits, "an empty server may sell any number of vCPUs");
            dedicated.room_changed(server, capacity.free(server));
        }
        Self {
            servers: Servers::new(layout.servers.len(), begin),
            racks: Racks::new(layout.racks.len()),
            instances: Instances::default(),
            care: Care::default(),
            terms: Terms::default(),
            burstables: Burstables::default(),
            markets: Markets::new(layout),
            dedicated,
            disks: Disks::new(layout.bays.len()),
            events: SystemEvents::default(),
            works: Works::new(layout.servers.len(), sources.campaigns),
            tasks: Tasks::default(),
            cold: ColdMigrations::default(),
            moves: Moves::default(),
            precopies: PreCopies::default(),
            transfers: Transfers::new(layout),
            capacity,
            repairs: Repairs::default(),
            waiting: Waiting::default(),
            arrivals: Arrivals::new(sources.arrivals),
            groups: Groups::new(layout),
            members: Members::default(),
            activities: Activities::default(),
            refreshes: Refreshes::default(),
        }
    }
}
