//! What is there and never changes in a run: zones, racks, servers, instance types, templates.
//!
//! A layout belongs to the scenario and is shared by reference between all runs on all threads.

pub use crate::fleet::care::ActionOnMaintenance;
use crate::{
    fleet::credits::{BornWith, CreditRules},
    fleet::dedicated_hosts::{DedicatedHostSpec, Hosted},
    fleet::dirty::DirtyLaw,
    fleet::ids::Utilisation,
    fleet::ids::{
        Application, Bay, Configuration, Customer, DedicatedHost, Image, InstanceType,
        LaunchTemplate, Load, Market, Rack, ScalingGroup, Server, ServerModel, Shape, SpreadGroup,
        Template, Zone,
    },
    fleet::loads::LoadSpec,
    fleet::numa::{self, NodeOrder, NodeRoom},
    fleet::owners::CustomerSpec,
    fleet::scaling::{ConfigurationSpec, ImageSpec, LaunchTemplateSpec, ScalingGroupSpec},
    fleet::spot::{MarketSpec, SpotTerms},
    fleet::utilisation::Recorded,
    kernel::{
        column::{Column, Id, IdRange},
        distribution::Distribution,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

/// Amounts of what a server has and an instance takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Resources {
    /// Virtual CPUs (count).
    pub vcpus: u32,
    /// Graphics processors (count).
    pub gpus: u32,
    /// Whole local disks (count).
    pub local_disks: u32,
    /// Share of network cards (percent of one card).
    pub nic_percent: u32,
    /// Memory (bytes).
    pub memory: u64,
    /// Room on local storage that is sold by size (bytes).
    pub local_storage: u64,
}

impl Resources {
    /// Whether all of `demand` fits into this.
    #[inline]
    pub const fn covers(&self, demand: &Self) -> bool {
        self.vcpus >= demand.vcpus
            && self.memory >= demand.memory
            && self.gpus >= demand.gpus
            && self.local_disks >= demand.local_disks
            && self.nic_percent >= demand.nic_percent
            && self.local_storage >= demand.local_storage
    }

    /// What is left when `demand` is taken, or `None` if it does not fit.
    #[inline]
    pub const fn minus(&self, demand: &Self) -> Option<Self> {
        if !self.covers(demand) {
            return None;
        }
        Some(Self {
            vcpus: self.vcpus - demand.vcpus,
            gpus: self.gpus - demand.gpus,
            local_disks: self.local_disks - demand.local_disks,
            nic_percent: self.nic_percent - demand.nic_percent,
            memory: self.memory - demand.memory,
            local_storage: self.local_storage - demand.local_storage,
        })
    }

    /// Whether any of it is on local disks.
    pub const fn is_local(&self) -> bool {
        self.local_disks > 0 || self.local_storage > 0
    }

    /// Both together.
    #[inline]
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            vcpus: self.vcpus + other.vcpus,
            gpus: self.gpus + other.gpus,
            local_disks: self.local_disks + other.local_disks,
            nic_percent: self.nic_percent + other.nic_percent,
            memory: self.memory + other.memory,
            local_storage: self.local_storage + other.local_storage,
        }
    }
}

/// Everything that is there.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The zones.
    pub zones: Column<Zone, ZoneSpec>,
    /// The racks, zone by zone.
    pub racks: Column<Rack, RackSpec>,
    /// The server models.
    pub models: Column<ServerModel, ModelSpec>,
    /// The servers, rack by rack: a rack's servers are neighbours.
    pub servers: Column<Server, ServerSpec>,
    /// The network between the servers; `None`: it is not modelled, and nothing is sent.
    pub network: Option<NetworkSpec>,
    /// The bays of the servers, server by server.
    pub bays: Column<Bay, Id<Server>>,
    /// The instance types, as named in the scenario or made from a trace's sizes.
    pub types: Column<InstanceType, TypeSpec>,
    /// Recorded utilisation, which loads and guests follow.
    pub utilisations: Column<Utilisation, Recorded>,
    /// Every different thing that a placement may ask for.
    pub shapes: Column<Shape, ShapeSpec>,
    /// What burstable instances may be asked to do.
    pub loads: Column<Load, LoadSpec>,
    /// The applications.
    pub applications: Column<Application, ApplicationSpec>,
    /// The spread groups.
    pub groups: Column<SpreadGroup, GroupSpec>,
    /// The kinds of owner.
    pub customers: Column<Customer, CustomerSpec>,
    /// What arriving instances are born with.
    pub templates: Column<Template, TemplateSpec>,
    /// The markets of preemptible instances.
    pub markets: Column<Market, MarketSpec>,
    /// The images.
    pub images: Column<Image, ImageSpec>,
    /// The scaling configurations, and the versions of launch templates.
    pub configurations: Column<Configuration, ConfigurationSpec>,
    /// The launch templates.
    pub launch_templates: Column<LaunchTemplate, LaunchTemplateSpec>,
    /// The dedicated hosts.
    pub dedicated_hosts: Column<DedicatedHost, DedicatedHostSpec>,
    /// The servers that carry dedicated hosts or are kept idle for them: no others are placed there.
    pub dedicated_servers: BTreeSet<Id<Server>>,
    /// The models whose dedicated hosts may sell more vCPUs than there are: types g6s, c6s and r6s
    /// (spec/events.md 9.2).
    pub over_committing: BTreeSet<Id<ServerModel>>,
    /// What an instance of a template becomes when ModifyInstanceDeployment gives it another type.
    pub retyped: BTreeMap<(Id<Template>, Id<InstanceType>), Id<Template>>,
    /// The scaling groups.
    pub scaling_groups: Column<ScalingGroup, ScalingGroupSpec>,
    /// In what order the NUMA nodes of a server are tried.
    pub node_order: NodeOrder,
}

/// A zone.
#[derive(Clone, Debug)]
pub struct ZoneSpec {
    /// Name, unique among zones.
    pub name: String,
    /// Its racks.
    pub racks: IdRange<Rack>,
}

/// A rack.
#[derive(Clone, Debug)]
pub struct RackSpec {
    /// Name, unique among racks.
    pub name: String,
    /// The zone it stands in.
    pub zone: Id<Zone>,
    /// Its servers.
    pub servers: IdRange<Server>,
    /// When the whole rack goes down and for how long; `None`: never.
    pub outage: Option<OutageLaw>,
}

/// The outages of a rack: how long it is up, how long it is down.
#[derive(Clone, Debug)]
pub struct OutageLaw {
    /// Time from the end of one outage (or from the start) to the next.
    pub life: Distribution,
    /// Length of an outage.
    pub repair: Distribution,
}

/// The network between the servers, as far as migration may use it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NetworkSpec {
    /// Rate of each rack's uplink, in each direction (B/s); `None`: it binds nobody.
    pub rack_uplink: Option<u64>,
    /// Rate of the spine that joins all racks of all zones (B/s); `None`: it binds nobody.
    pub spine: Option<u64>,
    /// The share of every link that migration may use (percent).
    pub share: u32,
}

/// A server model.
#[derive(Clone, Debug)]
pub struct ModelSpec {
    /// Name, unique among models.
    pub name: String,
    /// Room on one empty server.
    pub capacity: Resources,
    /// NUMA nodes (count), between which vCPUs and memory are shared evenly; what of the memory they
    /// do not divide belongs to none. At most [`numa::MOST_NODES`].
    pub numa_nodes: NonZeroU32,
    /// Rate of its network card, in each direction (B/s).
    pub nic_rate: u64,
    /// Size of one local disk (bytes); 0 where the model has none.
    pub local_disk_bytes: u64,
    /// How long one of its local disks works (calendar time since it was ready); `None`: for ever.
    pub disk_life: Option<Distribution>,
    /// How its servers crash and come back; `None`: they never crash.
    pub crash: Option<CrashLaw>,
    /// How risks of its servers are predicted; `None`: never.
    pub risk: Option<RiskLaw>,
}

impl ModelSpec {
    /// Room on one NUMA node of an empty server.
    pub const fn node(&self) -> NodeRoom {
        let nodes = self.numa_nodes.get();
        NodeRoom { vcpus: self.capacity.vcpus / nodes, memory: self.capacity.memory / nodes as u64 }
    }

    /// Whether an empty server has room for what takes `demand`, and this of `nodes`.
    pub fn holds(&self, demand: &Resources, nodes: &[NodeRoom]) -> bool {
        let count = (self.numa_nodes.get() as usize).min(numa::MOST_NODES);
        self.capacity.covers(demand) && numa::fits(&[self.node(); numa::MOST_NODES][..count], nodes)
    }
}

/// Predicted risks of servers (spec/events.md 2.5).
#[derive(Clone, Debug)]
pub struct RiskLaw {
    /// Calendar time from the end of one risk (or from the start) to the next.
    pub life: Distribution,
    /// Probability that a restart of its instances cures it; else the server must be emptied.
    pub curable: f64,
    /// Probability that it turns into a crash unless it is cured before.
    pub crashes: f64,
    /// Time from the prediction to that crash.
    pub crash_after: Distribution,
    /// Time that a repair takes once the server is empty and a crew works on it.
    pub repair: Distribution,
}

/// How servers of a model crash and come back.
#[derive(Clone, Debug)]
pub struct CrashLaw {
    /// Operating time from one crash (or from new) to the next.
    pub life: Distribution,
    /// Age of a server's hardware when the run starts.
    pub age_at_start: AgeAtStart,
    /// Probability that a crashed server restarts by itself (spec: `host.crash_self_restart_p`).
    pub restarts_itself: f64,
    /// Time that a server takes to restart by itself (spec: `host.reboot`).
    pub restart: Distribution,
    /// Time that a repair takes once a crew works on it (spec: `host.repair`).
    pub repair: Distribution,
    /// What a repair does to the hardware's age.
    pub repair_restores: Restores,
}

/// Age of hardware when the run starts.
#[derive(Clone, Debug)]
pub enum AgeAtStart {
    /// Brand new.
    New,
    /// Drawn from a law, per server.
    Law(Distribution),
    /// As found at a random time of a process that has run for ever.
    Stationary,
}

/// What a repair does to the age of the hardware.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restores {
    /// As good as new: the next life starts at age zero.
    New,
    /// As bad as old (minimal repair): the next life goes on from the age reached.
    Old,
}

/// A server.
#[derive(Clone, Copy, Debug)]
pub struct ServerSpec {
    /// What it is.
    pub model: Id<ServerModel>,
    /// Where it stands.
    pub rack: Id<Rack>,
    /// The zone of its rack, kept here because placement asks for it often.
    pub zone: Id<Zone>,
    /// Its bays.
    pub bays: IdRange<Bay>,
}

/// An instance type.
#[derive(Clone, Debug)]
pub struct TypeSpec {
    /// Name, unique among types.
    pub name: String,
    /// What one instance takes.
    pub demand: Resources,
    /// What it takes of each NUMA node that it asks for; empty: it floats.
    pub nodes: Vec<NodeRoom>,
    /// What is done about a damaged local disk of its instances.
    pub disk_flow: DiskFlow,
    /// Whether it uses encrypted computing, which binds its instances to their server.
    pub sgx: bool,
    /// Whether a stop loses its local data (legacy family i1, spec/events.md 1.5).
    pub stop_loses_local_data: bool,
    /// Whether its instances are on the classic network: those are neither stopped economically nor
    /// moved between dedicated hosts (spec/events.md 1.4, 9.3).
    pub is_classic: bool,
    /// Whether its instances are paid as they go, so that they may be stopped economically.
    pub pay_as_you_go: bool,
    /// How fast its guests write to their memory.
    pub dirty: DirtyLaw,
    /// How its CPU credits go, if it is burstable.
    pub credits: Option<CreditRules>,
    /// Price of one of its vCPUs for an hour (millionths of the scenario's currency), if it has one.
    pub vcpu_price: Option<u64>,
}

/// What is done about a damaged local disk, by family (spec/events.md 3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiskFlow {
    /// Isolated, replaced and re-initialised (d1 to d3, i4).
    Replace,
    /// Isolated, never replaced: only a redeployment brings the size back (i2, i3).
    IsolateOnly,
    /// No event: the owner redeploys, or starts with InitLocalDisk (i1, gn5 and others).
    NoIsolation,
}

/// What one placement asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeSpec {
    /// What it takes.
    pub demand: Resources,
    /// The zone it must be in, if it says so.
    pub zone: Option<Id<Zone>>,
    /// The server model it must be on, if it says so.
    pub model: Option<Id<ServerModel>>,
    /// What it takes of each NUMA node that it asks for; empty: it floats.
    pub nodes: Vec<NodeRoom>,
}

/// An application.
#[derive(Clone, Debug)]
pub struct ApplicationSpec {
    /// Name, unique among applications.
    pub name: String,
    /// At most this many of its instances on one server; `None`: no limit.
    pub per_server_limit: Option<NonZeroU32>,
    /// Numbers of served instances that count as the application being available
    /// (`service.available{app,k}` is measured for each).
    pub needed: Vec<u32>,
}

/// A spread group.
#[derive(Clone, Debug)]
pub struct GroupSpec {
    /// Name, unique among groups.
    pub name: String,
}

/// Everything that an arriving instance is born with.
#[derive(Clone, Debug)]
pub struct TemplateSpec {
    /// The type that is sold.
    pub instance_type: Id<InstanceType>,
    /// What placement looks for.
    pub shape: Id<Shape>,
    /// The application it serves, if any.
    pub application: Option<Id<Application>>,
    /// The group it is spread with, if any.
    pub group: Option<Id<SpreadGroup>>,
    /// Its owner.
    pub customer: Id<Customer>,
    /// What happens to it when its server fails.
    pub on_maintenance: ActionOnMaintenance,
    /// Its mode and load, where its type is burstable.
    pub credits: Option<BornWith>,
    /// On which terms it is preemptible, if it is.
    pub spot: Option<SpotTerms>,
    /// The same without those terms: what takes the place of one that is interrupted.
    pub stand_in: Option<Id<Template>>,
    /// Where among the dedicated hosts it lives; `None`: on shared servers.
    pub hosted: Option<Hosted>,
}

impl Layout {
    /// Room on an empty `server`.
    pub fn capacity(&self, server: Id<Server>) -> &Resources {
        &self.models[self.servers[server].model].capacity
    }

    /// Whether instances of `template` are bound to their server's hardware: by local disks, local
    /// storage or encrypted computing.
    pub fn is_bound(&self, template: Id<Template>) -> bool {
        let demand = self.demand(template);
        let of = self.templates[template].instance_type;
        demand.local_disks > 0 || demand.local_storage > 0 || self.types[of].sgx
    }

    /// What an instance of `template` takes.
    pub fn demand(&self, template: Id<Template>) -> &Resources {
        &self.shapes[self.templates[template].shape].demand
    }

    /// A server's name: its rack's name and its place in it.
    pub fn server_name(&self, server: Id<Server>) -> String {
        let rack = &self.racks[self.servers[server].rack];
        let first = rack.servers.iter().next().map_or(0, Id::index);
        format!("{}-{}", rack.name, server.index() - first)
    }
}
