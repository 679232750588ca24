//! Dedicated hosts: servers that one owner rents whole (spec/events.md 9).
//!
//! A host is a name that stays while the server under it may change. Beside the hosts this file
//! keeps who has a place on one ([`Hosted`]), and the servers kept for hosts: each carries a host,
//! or is idle and may take one up. Such servers are closed to ordinary placement; room on them is
//! claimed explicitly.

use crate::{
    fleet::{
        ids::{
            Customer, DedicatedHost, Instance, InstanceType, Server, ServerModel, Template, Zone,
        },
        layout::{Layout, Resources},
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::Instant,
    },
    lifecycle::dedicated_host::{HostState, HostStep},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    ops::Index,
};

/// A dedicated host as the scenario states it.
#[derive(Clone, Debug)]
pub struct DedicatedHostSpec {
    /// Name, unique among dedicated hosts: what scenarios call it.
    pub name: String,
    /// The model of the servers that may carry it.
    pub model: Id<ServerModel>,
    /// Where it is.
    pub zone: Id<Zone>,
    /// The server that carries it when a run begins.
    pub server: Id<Server>,
    /// Whose instances may be on it; `None`: everybody's.
    pub owner: Option<Id<Customer>>,
    /// The instance types that it takes; `None`: all that fit.
    pub types: Option<BTreeSet<Id<InstanceType>>>,
    /// Whether it is paid in advance; else as it goes.
    pub is_subscription: bool,
    /// When its subscription ends; `None`: not within any run.
    pub ends: Option<Instant>,
    /// `AutoPlacement` when a run begins: whether it is in the pool for those who name no host.
    pub auto_placement: bool,
    /// `ActionOnMaintenance` when a run begins.
    pub action: HostAction,
    /// `CpuOverCommitRatio` when a run begins (hundredths, 100 to 500).
    pub over_commit: u32,
}

/// `ActionOnMaintenance` of a dedicated host: what happens when its server fails or must be
/// repaired (spec/events.md 9.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HostAction {
    /// The host moves to another server; instances that are not Stopped are restarted.
    Migrate,
    /// Instances are stopped; if the server cannot come back by itself, the host moves and they are
    /// restarted.
    Stop,
}

impl HostAction {
    /// Its name in the cloud's API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Migrate => "Migrate",
            Self::Stop => "Stop",
        }
    }
}

/// `Affinity` of an instance on a dedicated host (spec/events.md 1.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Affinity {
    /// `default`: after an economical stop the same host first, else another of the pool.
    Default,
    /// `host`: the same host, or it does not start.
    Host,
}

impl Affinity {
    /// Its name in the cloud's API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Host => "host",
        }
    }
}

/// The place of an instance with `Tenancy` host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hosted {
    /// The host that it is on, or is to be on; `None`: any of the pool, as long as it has not been
    /// on one.
    pub host: Option<Id<DedicatedHost>>,
    /// How it is bound to that host.
    pub affinity: Affinity,
}

/// Why a host is to be on another server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MoveFor {
    /// Its server is down.
    Failure,
    /// Its server must be repaired.
    Repair,
    /// Its owner asked for it (RedeployDedicatedHost), with instances Stopped.
    Owner,
    /// Its owner asked for it with LiveMigrationFirst.
    OwnerLive,
    /// A support ticket; local data is lost.
    Ticket,
}

/// One dedicated host.
#[derive(Clone, Copy, Debug)]
pub struct HostRow {
    /// Its status -- changed only by [`DedicatedHosts::step`].
    pub status: HostState,
    /// Raised whenever an alarm of this host becomes void.
    pub stamp: Stamp,
    /// The server that carries it: the machine that its machine id names.
    pub server: Id<Server>,
    /// The server that is being prepared for it.
    pub target: Option<Id<Server>>,
    /// `AutoPlacement`.
    pub auto_placement: bool,
    /// `ActionOnMaintenance`.
    pub action: HostAction,
    /// `CpuOverCommitRatio` (hundredths).
    pub over_commit: u32,
    /// How often it was given another server (count) -- the ordinal of its draws.
    pub moves: u32,
    /// vCPUs (count) and memory (bytes) that are free on its server, as its place in the order of
    /// free room says.
    free: (u32, u64),
    /// Why it is to be on another server, where it is.
    pub moves_for: Option<MoveFor>,
    /// Since when it waits for a server to be idle, where it does.
    pub waits_since: Option<Instant>,
    /// Whether an occurrence is pending at this instant that looks at it.
    pub asked: bool,
}

impl HostRow {
    /// vCPUs that its server sells beyond what it has (count), rounded down: available vCPUs are
    /// those of the server times the ratio.
    pub fn vcpus_beyond(&self, layout: &Layout) -> u32 {
        let vcpus = u64::from(layout.capacity(self.server).vcpus);
        u32::try_from(vcpus * u64::from(self.over_commit - 100) / 100).unwrap_or(u32::MAX)
    }
}

/// A server that is kept for hosts.
#[derive(Clone, Copy, Debug)]
struct Kept {
    model: Id<ServerModel>,
    zone: Id<Zone>,
    /// The host that it carries, is left by or prepared for.
    host: Option<Id<DedicatedHost>>,
}

/// A host by its free room: the most vCPUs first, then the most memory, then the lowest id.
type ByRoom = (Reverse<(u32, u64)>, Id<DedicatedHost>);

/// The same, zone by zone.
type InZone = (Id<Zone>, Reverse<(u32, u64)>, Id<DedicatedHost>);

/// The tables.
#[derive(Clone, Debug)]
pub struct DedicatedHosts {
    rows: Column<DedicatedHost, HostRow>,
    /// The servers kept for hosts.
    kept: BTreeMap<Id<Server>, Kept>,
    /// Those of them that carry none, are left by none and prepared for none.
    idle: BTreeSet<(Id<ServerModel>, Id<Zone>, Id<Server>)>,
    /// Servers that carried a host before, as long as instances of it are still there.
    leaving: BTreeMap<Id<DedicatedHost>, BTreeSet<Id<Server>>>,
    /// Hosts that wait for a server to be idle, the longest first.
    waiting: BTreeSet<(Instant, Id<DedicatedHost>)>,
    /// The hosts by free room: most vCPUs first, then most memory, then the lowest id.
    by_room: BTreeSet<ByRoom>,
    /// The same, zone by zone: few look for one in any zone.
    in_zone: BTreeSet<InZone>,
    /// Who has a place on a host, once he was given one or was moved there; `None`: he left for the
    /// shared servers.
    hosted: BTreeMap<Id<Instance>, Option<Hosted>>,
    /// Those of a host that failed with it and are to be started when it is restored.
    to_restart: BTreeMap<Id<DedicatedHost>, BTreeSet<Id<Instance>>>,
}

impl DedicatedHosts {
    /// The hosts of `layout` when a run begins: all Available.
    pub fn new(layout: &Layout) -> Self {
        let rows = layout.dedicated_hosts.iter().map(|spec| HostRow {
            status: HostState::Available,
            stamp: Stamp::default(),
            server: spec.server,
            target: None,
            auto_placement: spec.auto_placement,
            action: spec.action,
            over_commit: spec.over_commit,
            moves: 0,
            free: (0, 0),
            moves_for: None,
            waits_since: None,
            asked: false,
        });
        let hosts = &layout.dedicated_hosts;
        let mut hosts = Self {
            rows: rows.collect(),
            kept: BTreeMap::new(),
            idle: BTreeSet::new(),
            leaving: BTreeMap::new(),
            waiting: BTreeSet::new(),
            by_room: layout.dedicated_hosts.ids().iter().map(|of| (Reverse((0, 0)), of)).collect(),
            in_zone: hosts.entries().map(|(of, spec)| (spec.zone, Reverse((0, 0)), of)).collect(),
            hosted: BTreeMap::new(),
            to_restart: BTreeMap::new(),
        };
        for server in &layout.dedicated_servers {
            let spec = &layout.servers[*server];
            let kept = Kept { model: spec.model, zone: spec.zone, host: None };
            hosts.kept.insert(*server, kept);
            hosts.idle.insert((spec.model, spec.zone, *server));
        }
        for (host, spec) in layout.dedicated_hosts.entries() {
            hosts.assign(host, spec.server);
        }
        hosts
    }

    /// `server`, which is idle, is there for `host` from now on.
    ///
    /// # Panics
    /// If it is not idle.
    fn assign(&mut self, host: Id<DedicatedHost>, server: Id<Server>) {
        let kept = self.kept.get_mut(&server).expect("only a server kept for hosts is for one");
        kept.host = Some(host);
        let was_idle = self.idle.remove(&(kept.model, kept.zone, server));
        assert!(was_idle, "a server that is there for a host was idle");
    }

    /// `server` is there for no host any more.
    fn set_idle(&mut self, server: Id<Server>) {
        let kept = self.kept.get_mut(&server).expect("only a server kept for hosts is idle");
        kept.host = None;
        self.idle.insert((kept.model, kept.zone, server));
    }

    /// Whether servers are kept for hosts at all.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether `server` is kept for hosts, so that ordinary placement passes it over.
    #[inline]
    pub fn keeps(&self, server: Id<Server>) -> bool {
        !self.kept.is_empty() && self.kept.contains_key(&server)
    }

    /// The host that `server` carries, is being left by, or is prepared for.
    #[inline]
    pub fn on(&self, server: Id<Server>) -> Option<Id<DedicatedHost>> {
        if self.kept.is_empty() { None } else { self.kept.get(&server)?.host }
    }

    /// The servers kept for hosts, in order, with the host of each.
    pub fn kept(&self) -> impl Iterator<Item = (Id<Server>, Option<Id<DedicatedHost>>)> {
        self.kept.iter().map(|(server, kept)| (*server, kept.host))
    }

    /// The idle servers that `host` could be carried by, as far as model and zone go, in order.
    pub fn idle_for(
        &self,
        layout: &Layout,
        host: Id<DedicatedHost>,
    ) -> impl Iterator<Item = Id<Server>> {
        let spec = &layout.dedicated_hosts[host];
        let first = (spec.model, spec.zone, Id::new(0));
        let of = move |place: &&(Id<ServerModel>, Id<Zone>, Id<Server>)| {
            (place.0, place.1) == (first.0, first.1)
        };
        self.idle.range(first..).take_while(of).map(|place| place.2)
    }

    /// The servers that `host` is leaving, in order.
    pub fn leaving(&self, host: Id<DedicatedHost>) -> impl Iterator<Item = Id<Server>> {
        self.leaving.get(&host).into_iter().flatten().copied()
    }

    /// Whether instances of `host` are still on servers that it is leaving.
    pub fn is_leaving(&self, host: Id<DedicatedHost>) -> bool {
        self.leaving.contains_key(&host)
    }

    /// `host` waits from `now` on for a server to be idle, if it does not already; says whether it
    /// is new among those who wait.
    pub fn waits(&mut self, host: Id<DedicatedHost>, now: Instant) -> bool {
        let row = &mut self.rows[host];
        if row.waits_since.is_some() {
            return false;
        }
        row.waits_since = Some(now);
        self.waiting.insert((now, host))
    }

    /// `host` does not wait any more.
    pub fn waits_no_more(&mut self, host: Id<DedicatedHost>) {
        if let Some(since) = self.rows[host].waits_since.take() {
            self.waiting.remove(&(since, host));
        }
    }

    /// Those who wait for a server to be idle, the longest first.
    pub fn waiting(&self) -> impl Iterator<Item = Id<DedicatedHost>> {
        self.waiting.iter().map(|(_, host)| *host)
    }

    /// Whether any host waits for a server to be idle.
    pub fn anybody_waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Moves a host by one step of its machine and raises its stamp; says the status it left.
    ///
    /// # Panics
    /// If the machine has no such arc: a bug of ours.
    pub fn step(&mut self, host: Id<DedicatedHost>, step: HostStep) -> HostState {
        let row = &mut self.rows[host];
        let from = row.status;
        row.status = from.after(step).unwrap_or_else(|| panic!("{from} has no arc by {step:?}"));
        row.stamp.raise();
        from
    }

    /// The row of `host`, for what is neither status nor server.
    pub fn row_mut(&mut self, host: Id<DedicatedHost>) -> &mut HostRow {
        &mut self.rows[host]
    }

    /// `server`, which is idle, is prepared for `host`.
    ///
    /// # Panics
    /// If it is not idle, or another one is prepared already.
    pub fn prepare(&mut self, host: Id<DedicatedHost>, server: Id<Server>) {
        self.assign(host, server);
        let target = &mut self.rows[host].target;
        assert!(target.is_none(), "one server is prepared at a time");
        *target = Some(server);
    }

    /// The server that is being prepared for `host`, if any, is idle again; says which.
    pub fn unprepare(&mut self, host: Id<DedicatedHost>) -> Option<Id<Server>> {
        let server = self.rows[host].target.take()?;
        self.set_idle(server);
        Some(server)
    }

    /// `host` is carried by the server that was prepared from now on, and leaves the one before,
    /// which is told.
    ///
    /// # Panics
    /// If none was prepared.
    pub fn carry(&mut self, host: Id<DedicatedHost>) -> Id<Server> {
        let row = &mut self.rows[host];
        let target = row.target.take().expect("a server was prepared");
        let before = std::mem::replace(&mut row.server, target);
        row.moves += 1;
        self.leaving.entry(host).or_default().insert(before);
        before
    }

    /// Nobody of `host` is on `server` any more, which it was leaving: that one is idle.
    pub fn has_left(&mut self, host: Id<DedicatedHost>, server: Id<Server>) {
        let servers = self.leaving.get_mut(&host).expect("a host leaves what it left");
        assert!(servers.remove(&server), "a host leaves a server once");
        if servers.is_empty() {
            self.leaving.remove(&host);
        }
        self.set_idle(server);
    }

    /// So much is free on `server` now: the host that it carries, if it does, has its place among the
    /// others by that.
    pub fn room_changed(&mut self, server: Id<Server>, free: &Resources) {
        let Some(&Kept { zone, host: Some(host), .. }) = self.kept.get(&server) else { return };
        let row = &mut self.rows[host];
        if row.server == server {
            self.by_room.remove(&(Reverse(row.free), host));
            self.in_zone.remove(&(zone, Reverse(row.free), host));
            row.free = (free.vcpus, free.memory);
            self.by_room.insert((Reverse(row.free), host));
            self.in_zone.insert((zone, Reverse(row.free), host));
        }
    }

    /// Whether `host`, which is in `zone`, has its place among the others by so much free room.
    pub fn is_ranked(&self, (host, zone): (Id<DedicatedHost>, Id<Zone>), free: &Resources) -> bool {
        let place = (free.vcpus, free.memory);
        self.rows[host].free == place
            && self.by_room.contains(&(Reverse(place), host))
            && self.in_zone.contains(&(zone, Reverse(place), host))
            && self.by_room.len() == self.in_zone.len()
    }

    /// The hosts by free room, of one zone or of all: most vCPUs first, then most memory, then the
    /// lowest id; up to the last with so many `vcpus`.
    pub fn by_room(
        &self,
        zone: Option<Id<Zone>>,
        vcpus: u32,
    ) -> impl Iterator<Item = Id<DedicatedHost>> {
        let in_zone = zone.into_iter().flat_map(move |zone| {
            let most = (zone, Reverse((u32::MAX, u64::MAX)), Id::new(0));
            let of_zone = self.in_zone.range(most..).take_while(move |place| place.0 == zone);
            of_zone.map(|(_, room, host)| (*room, *host))
        });
        let anywhere = zone.is_none().then(|| self.by_room.iter().copied());
        let all = in_zone.chain(anywhere.into_iter().flatten());
        all.take_while(move |(Reverse((free, _)), _)| *free >= vcpus).map(|(_, host)| host)
    }

    /// The place of `instance` among the hosts, if it has one: what it was given in the run, else
    /// what its `template` says.
    #[inline]
    pub fn of(
        &self,
        layout: &Layout,
        instance: Id<Instance>,
        template: Id<Template>,
    ) -> Option<Hosted> {
        if self.kept.is_empty() {
            return None;
        }
        let given = self.hosted.get(&instance).copied();
        given.unwrap_or_else(|| layout.templates[template].hosted)
    }

    /// `instance` has this place from now on.
    pub fn place(&mut self, instance: Id<Instance>, hosted: Hosted) {
        self.hosted.insert(instance, Some(hosted));
    }

    /// `instance` has left the hosts for the shared servers.
    pub fn leave(&mut self, instance: Id<Instance>) {
        self.hosted.insert(instance, None);
    }

    /// `instance` is no more.
    #[inline]
    pub fn forget(&mut self, instance: Id<Instance>) {
        if !self.kept.is_empty() {
            self.hosted.remove(&instance);
            self.to_restart.values_mut().for_each(|list| _ = list.remove(&instance));
        }
    }

    /// `instance`, which failed with `host`, is to be started when that is restored.
    pub fn restarts(&mut self, host: Id<DedicatedHost>, instance: Id<Instance>) {
        self.to_restart.entry(host).or_default().insert(instance);
    }

    /// Those of `host` that are to be started now that it is restored.
    pub fn take_to_restart(&mut self, host: Id<DedicatedHost>) -> BTreeSet<Id<Instance>> {
        self.to_restart.remove(&host).unwrap_or_default()
    }

    /// Every host with its row, in order.
    pub fn entries(&self) -> impl Iterator<Item = (Id<DedicatedHost>, &HostRow)> {
        self.rows.entries()
    }
}

impl Index<Id<DedicatedHost>> for DedicatedHosts {
    type Output = HostRow;
    fn index(&self, host: Id<DedicatedHost>) -> &HostRow {
        &self.rows[host]
    }
}
