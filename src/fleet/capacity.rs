//! Free room by server, and the indexes that find it without scanning.
//!
//! [`Capacity`] keeps one ledger of room and exactly one index: that of the
//! placement rule it serves. What each rule chooses is defined by a scan over all servers
//! (`rules.rs`), which the tests hold against the indexes; history never matters, only the room,
//! the counts and the ids. Reading order: `room.rs` (what is free), `rules.rs` (what is chosen),
//! `bits.rs`, `nodes.rs` and `classes.rs` (first fit), `spread.rs` (spread), `trees.rs`, `grid.rs`
//! and `cells.rs` (by free room).
//!
//! Memory of each server: 64 bytes for the ledger (and 16 a NUMA node, if any shape asks for nodes)
//! and 8 for [`Index::ByRoom`]; for [`Index::ById`] and [`Index::BySpread`] (and [`Index::ByRoom`], if
//! any shape asks for local disks, local storage, network or nodes) 0.13 for each distinct shape, at
//! most 33. Claims, releases and searches allocate
//! nothing, except when counts of limited applications, or of anything to spread, outgrow their
//! tables.
//!
//! The cells of free room see totals only: where servers with enough in all but not on their nodes
//! are many, and more than 256 others have room, a search by free room passes them one by one.
//!
//! Not here: who holds which claim (its nodes are kept where the claim is), and the choice of a
//! dedicated host; servers that carry one are closed, and may sell more vCPUs than they have.

mod bits;
mod cells;
mod classes;
mod finder;
mod grid;
mod nodes;
#[cfg(test)]
mod proofs;
mod room;
mod rules;
mod spread;
mod trees;

use crate::{
    fleet::{
        ids::{Application, Server, Shape, SpreadGroup, Zone},
        layout::{Layout, Resources, ShapeSpec, TemplateSpec},
        numa::{self, NodeRoom, Nodes},
    },
    kernel::column::Id,
};
use std::collections::BTreeMap;

use classes::Classes;
use finder::{Finder, asks_for_more};
use room::Room;
use spread::Spread;

/// What a placement is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// What it takes and where it may be.
    pub shape: Id<Shape>,
    /// The application whose per-server limit binds it, if any.
    pub application: Option<Id<Application>>,
    /// The group it is spread with, if any.
    pub group: Option<Id<SpreadGroup>>,
    /// The zone that it must stay in, whatever its shape says, if any.
    pub zone: Option<Id<Zone>>,
    /// A server that must not be chosen (the source of a move), if any.
    pub exclude: Option<Id<Server>>,
}

impl Request {
    /// Anywhere that `shape` may be.
    pub const fn for_shape(shape: Id<Shape>) -> Self {
        Self { shape, application: None, group: None, zone: None, exclude: None }
    }

    /// What an instance of `template` asks for, wherever that may be.
    pub const fn of(template: &TemplateSpec) -> Self {
        let TemplateSpec { shape, application, group, .. } = *template;
        Self { application, group, ..Self::for_shape(shape) }
    }

    /// As this, in `zone` alone, if it must be in one.
    pub const fn within(self, zone: Option<Id<Zone>>) -> Self {
        Self { zone, ..self }
    }

    /// Whether it may stand in `zone`, being of this `shape`.
    #[inline]
    fn may_stand_in(&self, shape: &ShapeSpec, zone: Id<Zone>) -> bool {
        [self.zone, shape.zone].into_iter().flatten().all(|asked| asked == zone)
    }

    /// As this, but not on `server`.
    pub const fn off(self, server: Id<Server>) -> Self {
        Self { exclude: Some(server), ..self }
    }
}

/// Which of the servers with room is found first, and so which index is kept.
///
/// A server has room for a request if it is open, is not the excluded one, stands in the zones that
/// the request and its shape ask for, is of the model that the shape asks for, covers the demand in every resource, has NUMA nodes with
/// room for each part where the shape asks for nodes, and holds fewer instances of the application
/// than its limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Index {
    /// The lowest id.
    ById,
    /// The first in an order of free room.
    ByRoom(Order),
    /// The zone with the fewest instances of the request's group, of those with room in them; in
    /// it the rack with the fewest, of those with room; in it the server with the fewest, of those
    /// with room; ties by the lowest id each time. A request without a group counts instances of
    /// its application; without both, all instances. An instance counts in its group, in its
    /// application and in the whole, on closed servers too.
    BySpread,
}

/// An order of servers by their free room. What is tied at last is ordered by id, the lowest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Fewest free GPUs first, then fewest free vCPUs, then least free memory.
    LeastRoom,
    /// Fewest free GPUs first (most, if the request takes GPUs), then most free vCPUs, then most
    /// free memory.
    MostRoom,
    /// Fewest free GPUs first (most, if the request takes GPUs), then the largest free share of
    /// the scarcer of vCPUs and memory, then most free vCPUs, then most free memory. A share is
    /// free room over the empty server's, compared exactly; of what a model has none of, all is
    /// free.
    LargestShare,
}

/// Room on every server.
#[derive(Clone, Debug)]
pub struct Capacity {
    room: Room,
    finder: Finder,
    /// What spreads named groups, where the layout has any and the one index does not do so itself.
    groups: Option<Box<(Classes, Spread)>>,
    /// vCPUs that servers of dedicated hosts sell beyond what they have (count).
    beyond: BTreeMap<Id<Server>, u32>,
}

/// Up to this many servers with room are compared one by one, sooner than looked for in cells
/// most of which may lack what the cells do not see. The tests' fleets are small, and see both ways.
const FEW: usize = if cfg!(test) { 3 } else { 256 };

/// What becomes of the NUMA nodes of a server whose free room changes.
#[derive(Clone, Copy)]
enum Seats {
    Taken(Nodes),
    Given(Nodes),
}

impl Capacity {
    /// Every server of `layout`, empty and open, to be searched by `index`.
    pub fn new(layout: &Layout, index: Index) -> Self {
        let room = Room::new(layout, index);
        let finder = Finder::new(layout, index);
        let spreads_groups = !layout.groups.is_empty() && index != Index::BySpread;
        let groups = spreads_groups.then(|| Box::new((Classes::new(layout), Spread::new(layout))));
        let mut capacity = Self { room, finder, groups, beyond: BTreeMap::new() };
        for server in layout.servers.ids().iter() {
            capacity.enter(layout, server);
        }
        capacity
    }

    /// The same ledger, searched by an `order` of free room, whose index is built once: for who
    /// searches many times.
    #[must_use]
    pub fn searched_by(&self, layout: &Layout, order: Order) -> Self {
        let index = Index::ByRoom(order);
        if self.index() == index {
            return self.clone();
        }
        let mut finder = Finder::new(layout, index);
        for server in layout.servers.ids().iter().filter(|server| self.is_open(*server)) {
            finder.enter(layout, &self.room, server);
        }
        let groups = match &self.finder {
            // What spreads everybody spreads groups, too.
            Finder::Spread(classes, spread) if !layout.groups.is_empty() => {
                Some(Box::new((classes.clone(), spread.clone())))
            }
            Finder::Spread(..) | Finder::Classes(_) | Finder::Cells(..) => self.groups.clone(),
        };
        Self { room: self.room.clone(), finder, groups, beyond: self.beyond.clone() }
    }

    /// Which index is kept.
    pub fn index(&self) -> Index {
        match &self.finder {
            Finder::Classes(_) => Index::ById,
            Finder::Cells(cells, _) => Index::ByRoom(cells.order()),
            Finder::Spread(..) => Index::BySpread,
        }
    }

    /// Free room on `server`, whether it is open or not.
    pub fn free(&self, server: Id<Server>) -> &Resources {
        self.room.free(server)
    }

    /// How many claims `server` holds.
    pub fn held(&self, server: Id<Server>) -> u32 {
        self.room.held(server)
    }

    /// Whether placement may choose `server`.
    pub fn is_open(&self, server: Id<Server>) -> bool {
        self.room.is_open(server)
    }

    /// Lets placement choose `server`, or not. Claims and releases work on a closed server too.
    pub fn set_open(&mut self, layout: &Layout, server: Id<Server>, open: bool) {
        if self.room.is_open(server) == open {
            return;
        }
        if open {
            self.room.set_open(server, true);
            self.enter(layout, server);
        } else {
            self.leave(layout, server);
            self.room.set_open(server, false);
        }
    }

    /// What is free on the NUMA nodes of `server`; nothing where no shape asks for nodes.
    pub fn nodes(&self, server: Id<Server>) -> &[NodeRoom] {
        self.room.nodes(server)
    }

    /// Whether what is free on `server`, open or not, is enough for `shape`, whatever its other
    /// constraints say.
    pub fn fits(&self, layout: &Layout, server: Id<Server>, shape: Id<Shape>) -> bool {
        let shape = &layout.shapes[shape];
        self.covers(server, &shape.demand, &shape.nodes)
    }

    /// Whether what is free on `server`, open or not, is enough for `demand` and these `parts` on
    /// NUMA nodes. Nodes that no shape asks for are not kept, and keep nobody out.
    pub fn covers(&self, server: Id<Server>, demand: &Resources, parts: &[NodeRoom]) -> bool {
        let nodes = self.room.nodes(server);
        self.room.free(server).covers(demand) && (nodes.is_empty() || numa::fits(nodes, parts))
    }

    /// Takes the room of `request` on `server`, whatever its other constraints say; says on which
    /// NUMA nodes it sits, which its release must be told.
    ///
    /// # Panics
    /// If the demand does not fit into what is free on `server`.
    pub fn claim(&mut self, layout: &Layout, server: Id<Server>, request: &Request) -> Nodes {
        let parts = &layout.shapes[request.shape].nodes;
        let nodes = numa::choose(self.room.nodes(server), parts, layout.node_order);
        let nodes = nodes.expect("a claim fits the nodes of its server");
        self.claim_on(layout, server, request, nodes);
        nodes
    }

    /// As [`claim`](Self::claim), on these `nodes`: to take back what was just released.
    ///
    /// # Panics
    /// If the demand does not fit into what is free on `server` and on the nodes.
    pub fn claim_on(
        &mut self,
        layout: &Layout,
        server: Id<Server>,
        request: &Request,
        nodes: Nodes,
    ) {
        let free = self
            .room
            .free(server)
            .minus(&layout.shapes[request.shape].demand)
            .expect("a claim fits its server");
        self.reckon(layout, server, free, Some((request.shape, Seats::Taken(nodes))));
        self.room.join(layout, server, request);
        if let Some(spread) = self.spread_mut() {
            spread.join(layout, server, request);
        }
    }

    /// Gives the room of `request` on `server` and on these `nodes` of it back.
    ///
    /// # Panics
    /// If `server` does not hold such a claim, as far as it can be told.
    pub fn release(
        &mut self,
        layout: &Layout,
        server: Id<Server>,
        request: &Request,
        nodes: Nodes,
    ) {
        let free = self.room.free(server).plus(&layout.shapes[request.shape].demand);
        assert!(self.whole(layout, server).covers(&free), "what is released was claimed");
        self.reckon(layout, server, free, Some((request.shape, Seats::Given(nodes))));
        self.room.part(layout, server, request);
        if let Some(spread) = self.spread_mut() {
            spread.part(layout, server, request);
        }
    }

    /// Room on `server` when it is empty, with what it sells beyond what it has.
    pub fn whole(&self, layout: &Layout, server: Id<Server>) -> Resources {
        let mut whole = *self.room.empty(layout, server);
        whole.vcpus += self.beyond.get(&server).copied().unwrap_or(0);
        whole
    }

    /// `server`, which is closed, sells so many vCPUs beyond what it has from now on; says whether
    /// that is enough for what is claimed there already, else nothing is changed.
    ///
    /// # Panics
    /// If it is open: the indexes look at what servers have.
    pub fn set_beyond(&mut self, layout: &Layout, server: Id<Server>, vcpus: u32) -> bool {
        assert!(!self.room.is_open(server), "only closed servers sell what they do not have");
        let mut free = *self.room.free(server);
        let before = self.beyond.get(&server).copied().unwrap_or(0);
        let Some(left) = (free.vcpus + vcpus).checked_sub(before) else { return false };
        if !self.room.sells(server, before, vcpus) {
            return false;
        }
        free.vcpus = left;
        self.reckon(layout, server, free, None);
        if vcpus == 0 {
            self.beyond.remove(&server)
        } else {
            self.beyond.insert(server, vcpus)
        };
        true
    }

    /// Whether `server` has room for `request`, all constraints together, whether it is open or not.
    pub fn has_room(&self, layout: &Layout, server: Id<Server>, request: &Request) -> bool {
        self.room.has_room(layout, server, request)
    }

    /// A free local disk of `server` breaks: nobody may claim it.
    ///
    /// # Panics
    /// If none is free.
    pub fn withhold_disk(&mut self, layout: &Layout, server: Id<Server>) {
        let mut free = *self.room.free(server);
        assert!(free.local_disks > 0, "a disk that is withheld was free");
        free.local_disks -= 1;
        self.reckon(layout, server, free, None);
    }

    /// A local disk of `server` that was withheld works again, and is free.
    ///
    /// # Panics
    /// If all its disks are free already.
    pub fn restore_disk(&mut self, layout: &Layout, server: Id<Server>) {
        let mut free = *self.room.free(server);
        free.local_disks += 1;
        assert!(self.whole(layout, server).covers(&free), "the disk was withheld");
        self.reckon(layout, server, free, None);
    }

    fn spread_mut(&mut self) -> Option<&mut Spread> {
        match (&mut self.finder, &mut self.groups) {
            (Finder::Spread(_, spread), _) => Some(spread),
            (Finder::Classes(_) | Finder::Cells(..), Some(groups)) => Some(&mut groups.1),
            (Finder::Classes(_) | Finder::Cells(..), None) => None,
        }
    }

    /// The server that `index` puts first of those with room for `request`, or `None` where there
    /// is no room. By the index that is kept this takes no scan; by any other it does.
    pub fn find(&self, layout: &Layout, request: &Request, index: Index) -> Option<Id<Server>> {
        if index != self.index() {
            return match &self.groups {
                Some(groups) if index == Index::BySpread => {
                    groups.1.find(layout, &self.room, &groups.0, request)
                }
                Some(_) | None => self.scan(layout, request, index),
            };
        }
        match &self.finder {
            Finder::Classes(classes) => {
                classes.first_in(layout, &self.room, request, self.room.range(request))
            }
            Finder::Cells(cells, Some(classes))
                if asks_for_more(&layout.shapes[request.shape])
                    && classes.count(request.shape) <= FEW =>
            {
                classes.first_by(layout, &self.room, request, cells.order())
            }
            Finder::Cells(cells, _) => cells.find(layout, &self.room, request),
            Finder::Spread(classes, spread) => spread.find(layout, &self.room, classes, request),
        }
    }

    /// What [`find`](Self::find) answers, by its definition: a look at every server.
    pub fn scan(&self, layout: &Layout, request: &Request, index: Index) -> Option<Id<Server>> {
        rules::scan(layout, &self.room, request, index)
    }

    /// Puts the free room of `server` right, in the ledger and in the index.
    fn reckon(
        &mut self,
        layout: &Layout,
        server: Id<Server>,
        free: Resources,
        seats: Option<(Id<Shape>, Seats)>,
    ) {
        if !self.room.is_open(server) {
            self.room.set_free(server, free);
            self.seat(layout, server, seats);
            return;
        }
        let before = |classes: &Classes, room: &Room| classes.served(room, server);
        let of_groups = self.groups.as_ref().map(|groups| before(&groups.0, &self.room));
        let of_finder = self.finder.classes().map(|classes| before(classes, &self.room));
        match &mut self.finder {
            Finder::Classes(_) | Finder::Spread(..) => self.room.set_free(server, free),
            Finder::Cells(cells, _) => cells.change(layout, &mut self.room, server, free),
        }
        self.seat(layout, server, seats);
        if let (Some(groups), Some(before)) = (&mut self.groups, of_groups) {
            groups.0.change(&self.room, server, before);
        }
        if let (Some(classes), Some(before)) = (self.finder.classes_mut(), of_finder) {
            classes.change(&self.room, server, before);
        }
    }

    /// Puts the NUMA nodes of `server` right.
    fn seat(&mut self, layout: &Layout, server: Id<Server>, seats: Option<(Id<Shape>, Seats)>) {
        let Some((shape, seats)) = seats else { return };
        let parts = &layout.shapes[shape].nodes;
        match seats {
            Seats::Taken(nodes) => self.room.sit(server, parts, nodes),
            Seats::Given(nodes) => {
                let beyond = self.beyond.get(&server).copied().unwrap_or(0);
                self.room.rise(layout, (server, beyond), parts, nodes);
            }
        }
    }

    /// Makes an open `server` known to the index.
    fn enter(&mut self, layout: &Layout, server: Id<Server>) {
        if let Some(groups) = &mut self.groups {
            groups.0.enter(&self.room, server);
        }
        self.finder.enter(layout, &self.room, server);
    }

    /// Makes the index forget an open `server`.
    fn leave(&mut self, layout: &Layout, server: Id<Server>) {
        if let Some(groups) = &mut self.groups {
            groups.0.leave(&self.room, server);
        }
        self.finder.leave(layout, &self.room, server);
    }
}
