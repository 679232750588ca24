//! The ledger: what is free on each server, and how many of whose instances it holds.

use crate::{
    fleet::{
        capacity::{Index, Request},
        ids::{Application, Server, ServerModel, SpreadGroup, Zone},
        layout::{Layout, Resources, ZoneSpec},
        numa::{self, NodeRoom, Nodes},
    },
    kernel::column::{Column, Id, IdRange},
};
use rustc_hash::FxHashMap;

/// Instances that are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Family {
    /// All instances.
    Whole,
    /// Those of one group.
    Group(Id<SpreadGroup>),
    /// Those of one application.
    Application(Id<Application>),
}

impl Family {
    /// The family that `request` is spread over.
    pub const fn spread_of(request: &Request) -> Self {
        match (request.group, request.application) {
            (Some(group), _) => Self::Group(group),
            (None, Some(application)) => Self::Application(application),
            (None, None) => Self::Whole,
        }
    }

    /// The families other than the whole in which an instance of `request` is counted.
    pub fn named_of(request: &Request) -> impl Iterator<Item = Self> {
        let group = request.group.map(Self::Group);
        group.into_iter().chain(request.application.map(Self::Application))
    }
}

/// Room on every server, and who is there. 64 bytes a server, an entry of 16 bytes for each pair of
/// server and counted family and, where any shape asks for NUMA nodes, 16 bytes a node.
#[derive(Clone, Debug)]
pub struct Room {
    servers: Column<Server, Row>,
    /// The servers of each zone: zones are built one after the other.
    zones: Column<Zone, IdRange<Server>>,
    /// What is free on the nodes, server by server; empty where no shape asks for nodes.
    nodes: Vec<NodeRoom>,
    /// Instances of a family on a server; looked up, never iterated. Applications with a limit
    /// are counted; to spread, every family is.
    together: FxHashMap<(Id<Server>, Family), u32>,
    counts_all: bool,
}

/// All that a placement asks of one server, in one line of cache: what costs here is to fetch it.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Row {
    free: Resources,
    held: u32,
    zone: Id<Zone>,
    model: Id<ServerModel>,
    /// Where its nodes begin, and how many there are; 0 where no shape asks for nodes.
    first_node: u32,
    nodes: u8,
    is_open: bool,
}

const _: () = assert!(size_of::<Row>() == 64);

impl Room {
    /// Every server empty and open.
    pub fn new(layout: &Layout, index: Index) -> Self {
        let looks_at_nodes = layout.shapes.iter().any(|shape| !shape.nodes.is_empty());
        let mut nodes = Vec::new();
        let rows = layout.servers.iter().map(|spec| {
            let model = &layout.models[spec.model];
            let count = if looks_at_nodes { model.numa_nodes.get() as usize } else { 0 };
            let first_node = nodes.len() as u32;
            nodes.extend(std::iter::repeat_n(model.node(), count));
            Row {
                free: model.capacity,
                held: 0,
                zone: spec.zone,
                model: spec.model,
                first_node,
                nodes: count as u8,
                is_open: true,
            }
        });
        Self {
            servers: rows.collect(),
            zones: layout.zones.iter().map(|zone| servers_of(layout, zone)).collect(),
            nodes,
            together: FxHashMap::default(),
            counts_all: index == Index::BySpread || !layout.groups.is_empty(),
        }
    }

    /// The zones, each with its servers.
    pub fn zones(&self) -> impl Iterator<Item = (Id<Zone>, IdRange<Server>)> {
        self.zones.entries().map(|(zone, servers)| (zone, *servers))
    }

    /// The servers among which those of `request` are: of its zone, or all.
    pub fn range(&self, request: &Request) -> IdRange<Server> {
        request.zone.map_or(self.servers.ids(), |zone| self.zones[zone])
    }

    /// What the server has when it is empty.
    #[inline]
    pub fn empty<'a>(&self, layout: &'a Layout, server: Id<Server>) -> &'a Resources {
        &layout.models[self.servers[server].model].capacity
    }

    /// Where it stands and what it is.
    #[inline]
    pub fn place(&self, server: Id<Server>) -> (Id<Zone>, Id<ServerModel>) {
        let row = &self.servers[server];
        (row.zone, row.model)
    }

    pub fn free(&self, server: Id<Server>) -> &Resources {
        &self.servers[server].free
    }

    pub fn set_free(&mut self, server: Id<Server>, free: Resources) {
        self.servers[server].free = free;
    }

    /// What is free on its nodes; nothing where no shape asks for nodes.
    #[inline]
    pub fn nodes(&self, server: Id<Server>) -> &[NodeRoom] {
        let row = &self.servers[server];
        &self.nodes[row.first_node as usize..][..usize::from(row.nodes)]
    }

    /// Takes each of `parts` off its node.
    pub fn sit(&mut self, server: Id<Server>, parts: &[NodeRoom], nodes: Nodes) {
        let first = self.servers[server].first_node as usize;
        for (part, node) in parts.iter().zip(nodes.each()) {
            let free = &mut self.nodes[first + node];
            *free = free.minus(part).expect("who sits on a node fits there");
        }
    }

    /// Gives each of `parts` back to its node, which sells so many vCPUs `beyond` what it has.
    pub fn rise(
        &mut self,
        layout: &Layout,
        (server, beyond): (Id<Server>, u32),
        parts: &[NodeRoom],
        nodes: Nodes,
    ) {
        let row = &self.servers[server];
        let (first, mut empty) = (row.first_node as usize, layout.models[row.model].node());
        empty.vcpus += beyond / u32::from(row.nodes.max(1));
        for (part, node) in parts.iter().zip(nodes.each()) {
            let free = &mut self.nodes[first + node];
            *free = free.plus(part);
            assert!(empty.covers(free), "who rises from a node sat there");
        }
    }

    /// The nodes of `server` share that it sells so many vCPUs beyond what it has, no longer those
    /// `before`; says whether that is enough for who sits there, else nothing is changed.
    pub fn sells(&mut self, server: Id<Server>, before: u32, vcpus: u32) -> bool {
        let row = &self.servers[server];
        let (first, count) = (row.first_node as usize, u32::from(row.nodes));
        let of = &mut self.nodes[first..][..count as usize];
        let [less, more] = [before, vcpus].map(|all| all / count.max(1));
        if of.iter().any(|node| node.vcpus + more < less) {
            return false;
        }
        of.iter_mut().for_each(|node| node.vcpus = node.vcpus + more - less);
        true
    }

    pub fn held(&self, server: Id<Server>) -> u32 {
        self.servers[server].held
    }

    pub fn is_open(&self, server: Id<Server>) -> bool {
        self.servers[server].is_open
    }

    pub fn set_open(&mut self, server: Id<Server>, open: bool) {
        self.servers[server].is_open = open;
    }

    /// Instances of `family` on `server`. Zero for a family that is not counted.
    pub fn together(&self, server: Id<Server>, family: Family) -> u32 {
        match family {
            Family::Whole => self.servers[server].held,
            Family::Group(_) | Family::Application(_) => {
                self.together.get(&(server, family)).copied().unwrap_or(0)
            }
        }
    }

    /// Counts an instance of `request` in.
    pub fn join(&mut self, layout: &Layout, server: Id<Server>, request: &Request) {
        self.servers[server].held += 1;
        for family in Family::named_of(request) {
            if self.is_counted(layout, family) {
                *self.together.entry((server, family)).or_insert(0) += 1;
            }
        }
    }

    /// Counts an instance of `request` out.
    pub fn part(&mut self, layout: &Layout, server: Id<Server>, request: &Request) {
        assert!(self.servers[server].held > 0, "a server that releases holds something");
        self.servers[server].held -= 1;
        for family in Family::named_of(request) {
            if self.is_counted(layout, family) {
                let count = self
                    .together
                    .get_mut(&(server, family))
                    .expect("what leaves its family was counted in it");
                *count -= 1;
                if *count == 0 {
                    self.together.remove(&(server, family));
                }
            }
        }
    }

    fn is_counted(&self, layout: &Layout, family: Family) -> bool {
        self.counts_all
            || match family {
                Family::Application(application) => {
                    layout.applications[application].per_server_limit.is_some()
                }
                Family::Whole | Family::Group(_) => false,
            }
    }

    /// Whether `server` is open and has room for `request`, all constraints together.
    #[inline]
    pub fn accepts(&self, layout: &Layout, server: Id<Server>, request: &Request) -> bool {
        self.servers[server].is_open && self.has_room(layout, server, request)
    }

    /// Whether `server`, open or not, has room for `request`, all constraints together.
    #[inline]
    pub fn has_room(&self, layout: &Layout, server: Id<Server>, request: &Request) -> bool {
        let shape = &layout.shapes[request.shape];
        let row = &self.servers[server];
        request.exclude != Some(server)
            && row.free.covers(&shape.demand)
            && (shape.nodes.is_empty() || numa::fits(self.nodes(server), &shape.nodes))
            && request.may_stand_in(shape, row.zone)
            && shape.model.is_none_or(|model| row.model == model)
            && request.application.is_none_or(|application| {
                layout.applications[application].per_server_limit.is_none_or(|limit| {
                    self.together(server, Family::Application(application)) < limit.get()
                })
            })
    }
}

/// From the first to the last server of `zone`.
fn servers_of(layout: &Layout, zone: &ZoneSpec) -> IdRange<Server> {
    let mut servers = zone.racks.iter().flat_map(|rack| layout.racks[rack].servers.iter());
    servers.next().map_or(IdRange::new(0, 0), |first| {
        let last = servers.next_back().unwrap_or(first);
        IdRange::new(first.index(), last.index() + 1)
    })
}
