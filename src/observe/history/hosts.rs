//! DescribeDedicatedHosts (spec/events.md 9.1, 9.2).

use super::History;
use crate::{
    fleet::{
        Fleet,
        ids::{DedicatedHost, Instance},
    },
    kernel::column::Id,
    observe::names,
};
use serde::Serialize;

/// Bytes of a GiB.
const GIB: u64 = 1 << 30;

/// What DescribeDedicatedHosts answers.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HostsPage {
    /// How many fit the query (count).
    pub total_count: usize,
    /// The hosts.
    pub dedicated_hosts: HostSet,
}

/// The list, as the API wraps it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HostSet {
    /// The hosts, in order of the scenario.
    pub dedicated_host: Vec<HostShown>,
}

/// One dedicated host.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HostShown {
    /// Its id.
    pub dedicated_host_id: String,
    /// What the scenario calls it.
    pub dedicated_host_name: String,
    /// The server that carries it: another one after it moved.
    pub machine_id: String,
    /// Its status.
    pub status: &'static str,
    /// `on` or `off`.
    pub auto_placement: &'static str,
    /// `Migrate` or `Stop`.
    pub action_on_maintenance: &'static str,
    /// vCPUs sold for each that is there.
    pub cpu_over_commit_ratio: f64,
    /// Its zone.
    pub zone_id: String,
    /// `PostPaid` or `PrePaid`.
    pub charge_type: &'static str,
    /// What it has and what of it is free.
    pub capacity: HostCapacity,
    /// The instances on it.
    pub instances: HostInstances,
}

/// What a host has and what of it is free.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HostCapacity {
    /// vCPUs that it sells (count).
    pub total_vcpus: u32,
    /// Of those, free (count).
    pub available_vcpus: u32,
    /// Memory (GiB).
    pub total_memory: f64,
    /// Of that, free (GiB).
    pub available_memory: f64,
}

/// The list of instances, as the API wraps it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HostInstances {
    /// The instances, in order of their names.
    pub instance: Vec<HostInstance>,
}

/// An instance on a host.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HostInstance {
    /// Its id.
    pub instance_id: String,
    /// What the scenario calls it.
    pub instance_name: String,
}

impl History<'_> {
    /// Keeps how the hosts stand, for a query that is asked now.
    pub(super) fn see_hosts(&mut self, fleet: &Fleet) {
        self.hosts = fleet.dedicated.entries().map(|(host, _)| self.shown(host, fleet)).collect();
    }

    /// Answers DescribeDedicatedHosts about the hosts that are named (`None` in it for a name that
    /// no host has), or about all.
    pub(super) fn describe_hosts(&self, named: &[Option<Id<DedicatedHost>>]) -> HostsPage {
        let is_wanted = |place: usize| named.is_empty() || named.contains(&Some(Id::new(place)));
        let wanted = self.hosts.iter().enumerate().filter(|(place, _)| is_wanted(*place));
        let dedicated_host: Vec<HostShown> = wanted.map(|(_, host)| host.clone()).collect();
        HostsPage { total_count: dedicated_host.len(), dedicated_hosts: HostSet { dedicated_host } }
    }

    fn shown(&self, host: Id<DedicatedHost>, fleet: &Fleet) -> HostShown {
        let layout = &self.scenario.layout;
        let (spec, row) = (&layout.dedicated_hosts[host], &fleet.dedicated[host]);
        let whole = fleet.capacity.whole(layout, row.server);
        let free = fleet.capacity.free(row.server);
        let mut instances: Vec<Id<Instance>> =
            fleet.instances.on(&fleet.servers, row.server).collect();
        instances.sort_unstable_by_key(|instance| fleet.instances[*instance].name);
        let one = |instance: &Id<Instance>| {
            let name = fleet.instances[*instance].name;
            let instance_name = names::instance(name, self.scenario);
            HostInstance { instance_id: self.instance_id(name), instance_name }
        };
        HostShown {
            dedicated_host_id: self.ids.dedicated_host(host).to_string(),
            dedicated_host_name: spec.name.clone(),
            machine_id: layout.server_name(row.server),
            status: row.status.name(),
            auto_placement: if row.auto_placement { "on" } else { "off" },
            action_on_maintenance: row.action.name(),
            cpu_over_commit_ratio: f64::from(row.over_commit) / 100.0,
            zone_id: layout.zones[spec.zone].name.clone(),
            charge_type: if spec.is_subscription { "PrePaid" } else { "PostPaid" },
            capacity: HostCapacity {
                total_vcpus: whole.vcpus,
                available_vcpus: free.vcpus,
                total_memory: whole.memory as f64 / GIB as f64,
                available_memory: free.memory as f64 / GIB as f64,
            },
            instances: HostInstances { instance: instances.iter().map(one).collect() },
        }
    }
}
