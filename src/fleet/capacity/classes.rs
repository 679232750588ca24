//! For each shape the set of servers that have room for it: first fit, and what spread builds on.

use crate::{
    fleet::{
        capacity::{Order, Request, bits::BitTree, nodes::NodeClasses, room::Room},
        ids::{Server, ServerModel, Shape, Zone},
        layout::{Layout, Resources, ShapeSpec},
    },
    kernel::column::{Column, Id, IdRange},
};
use std::collections::BTreeMap;

/// At most this many sets of servers are kept: more shapes share sets. Bounds memory (33 bytes a
/// server) and the work of a change.
pub const MAX_CLASSES: usize = 256;

pub const WORDS: usize = MAX_CLASSES / 64;

/// Some of the classes, one bit each.
pub type Mask = [u64; WORDS];

const DIMENSIONS: usize = 6;

/// Shapes that share one set of servers, and what any of them asks for at least.
#[derive(Clone, Debug)]
pub struct Class {
    pub floor: ShapeSpec,
    servers: BitTree,
    count: usize,
}

/// The open servers that have room for each class of shapes.
///
/// Up to [`MAX_CLASSES`] shapes have a class each; beyond, a class is what several similar shapes
/// ask for at least, and those found are candidates that the caller's check may refuse. A change
/// of a server's room finds the classes that it touches by one look-up a resource, not by trying
/// all.
#[derive(Clone, Debug)]
pub struct Classes {
    class_of: Column<Shape, u16>,
    classes: Vec<Class>,
    /// For each resource that any class asks for: which classes an amount is enough for.
    steps: Vec<(usize, Steps)>,
    /// Where any class asks for NUMA nodes.
    nodes: Option<NodeClasses>,
    /// Which classes a zone and a model may serve, zone by zone.
    allowed: Vec<Mask>,
    models: usize,
}

/// Which classes an amount of one resource is enough for: a rising step at each amount asked for.
#[derive(Clone, Debug)]
pub struct Steps {
    amounts: Vec<u64>,
    /// One more than amounts: enough for the classes of the first `k` amounts.
    enough: Vec<Mask>,
}

impl Classes {
    /// The classes of the layout's shapes, with no server in them.
    pub fn new(layout: &Layout) -> Self {
        let groups = group(layout.shapes.as_slice());
        let mut class_of = Column::filled(0, layout.shapes.len());
        let mut classes = Vec::with_capacity(groups.len());
        for (number, members) in groups.iter().enumerate() {
            for member in members {
                class_of[Id::new(*member)] = number as u16;
            }
            let floor = floor(members.iter().map(|member| &layout.shapes[Id::new(*member)]));
            classes.push(Class { floor, servers: BitTree::new(layout.servers.len()), count: 0 });
        }
        let steps_in = |dimension: usize| {
            (dimension, Steps::new(&classes, |class| amounts(&class.floor.demand)[dimension]))
        };
        let steps = (0..DIMENSIONS).map(steps_in).filter(|(_, steps)| steps.any_asks());
        let (zones, models) = (layout.zones.len(), layout.models.len());
        let mut allowed = Vec::with_capacity(zones * models);
        for zone in layout.zones.ids().iter() {
            for model in layout.models.ids().iter() {
                allowed.push(mask(&classes, |class| may_serve(&class.floor, zone, model)));
            }
        }
        let nodes = NodeClasses::new(&classes);
        Self { class_of, steps: steps.collect(), nodes, classes, allowed, models }
    }

    /// Adds an open server.
    pub fn enter(&mut self, room: &Room, server: Id<Server>) {
        let after = self.served(room, server);
        self.flip(server, [0; WORDS], after);
    }

    /// Takes a server out.
    pub fn leave(&mut self, room: &Room, server: Id<Server>) {
        let before = self.served(room, server);
        self.flip(server, before, [0; WORDS]);
    }

    /// The free room of an open server has changed; `before` it was served as said.
    pub fn change(&mut self, room: &Room, server: Id<Server>, before: Mask) {
        let after = self.served(room, server);
        self.flip(server, before, after);
    }

    /// The lowest of `servers` that accepts `request`.
    pub fn first_in(
        &self,
        layout: &Layout,
        room: &Room,
        request: &Request,
        servers: IdRange<Server>,
    ) -> Option<Id<Server>> {
        let set = &self.classes[usize::from(self.class_of[request.shape])].servers;
        let mut from = servers.iter().next()?.index();
        // Each step takes a higher server, so there are at most as many as servers.
        while let Some(server) = set.first_from(from).map(Id::new) {
            if !servers.contains(server) {
                return None;
            }
            if room.accepts(layout, server, request) {
                return Some(server);
            }
            from = server.index() + 1;
        }
        None
    }

    /// How many open servers may have room for `shape`, before limits; none are left out.
    pub fn count(&self, shape: Id<Shape>) -> usize {
        self.classes[usize::from(self.class_of[shape])].count
    }

    /// The first in `order` of all servers that accept `request`, each looked at.
    pub fn first_by(
        &self,
        layout: &Layout,
        room: &Room,
        request: &Request,
        order: Order,
    ) -> Option<Id<Server>> {
        let demand = &layout.shapes[request.shape].demand;
        let of = |server| (room.free(server), room.empty(layout, server));
        let mut best = None;
        let mut rest = room.range(request);
        let end = rest.end();
        // Each step leaves fewer servers.
        while let Some(server) = self.first_in(layout, room, request, rest) {
            // Ids rise, so what is equal stays behind.
            if best.is_none_or(|old| order.compare(demand, of(server), of(old)).is_lt()) {
                best = Some(server);
            }
            rest = IdRange::new(server.index() + 1, end);
        }
        best
    }

    /// The classes that what is free on `server` is enough for.
    #[inline]
    pub fn served(&self, room: &Room, server: Id<Server>) -> Mask {
        let (zone, model) = room.place(server);
        let mut mask = self.allowed[zone.index() * self.models + model.index()];
        let amounts = amounts(room.free(server));
        for (dimension, steps) in &self.steps {
            for (word, other) in mask.iter_mut().zip(steps.enough(amounts[*dimension])) {
                *word &= other;
            }
        }
        if let Some(nodes) = &self.nodes {
            nodes.restrict(&mut mask, &self.classes, room.nodes(server));
        }
        mask
    }

    fn flip(&mut self, server: Id<Server>, before: Mask, after: Mask) {
        for (word, (before, after)) in before.into_iter().zip(after).enumerate() {
            let mut changed = before ^ after;
            while changed != 0 {
                let bit = changed.trailing_zeros() as usize;
                changed &= changed - 1;
                let class = &mut self.classes[word * 64 + bit];
                if after >> bit & 1 == 1 {
                    class.servers.insert(server.index());
                    class.count += 1;
                } else {
                    class.servers.remove(server.index());
                    class.count -= 1;
                }
            }
        }
    }
}

impl Steps {
    /// The steps of what each class has `asked` for.
    pub fn new(classes: &[Class], asked: impl Fn(&Class) -> u64) -> Self {
        let mut amounts: Vec<u64> = classes.iter().map(&asked).collect();
        amounts.sort_unstable();
        amounts.dedup();
        let mut enough = vec![[0; WORDS]];
        for amount in &amounts {
            enough.push(mask(classes, |class| asked(class) <= *amount));
        }
        Self { amounts, enough }
    }

    /// Whether any class asks for something.
    fn any_asks(&self) -> bool {
        self.amounts.last().is_some_and(|most| *most > 0)
    }

    /// The classes that `amount` is enough for.
    #[inline]
    pub fn enough(&self, amount: u64) -> &Mask {
        &self.enough[self.amounts.partition_point(|asked| *asked <= amount)]
    }
}

/// The classes for which `holds` does.
pub fn mask(classes: &[Class], holds: impl Fn(&Class) -> bool) -> Mask {
    let mut mask = [0; WORDS];
    for (number, class) in classes.iter().enumerate() {
        mask[number / 64] |= u64::from(holds(class)) << (number % 64);
    }
    mask
}

fn may_serve(shape: &ShapeSpec, zone: Id<Zone>, model: Id<ServerModel>) -> bool {
    shape.zone.is_none_or(|asked| asked == zone) && shape.model.is_none_or(|asked| asked == model)
}

const fn amounts(of: &Resources) -> [u64; DIMENSIONS] {
    [
        of.vcpus as u64,
        of.memory,
        of.gpus as u64,
        of.local_disks as u64,
        of.local_storage,
        of.nic_percent as u64,
    ]
}

/// What each of `shapes` asks for at least.
fn floor<'a>(mut shapes: impl Iterator<Item = &'a ShapeSpec>) -> ShapeSpec {
    let mut floor = shapes.next().expect("a class has a shape").clone();
    for shape in shapes {
        floor.zone = floor.zone.filter(|zone| shape.zone == Some(*zone));
        floor.model = floor.model.filter(|model| shape.model == Some(*model));
        if floor.nodes.len() == shape.nodes.len() {
            for (least, part) in floor.nodes.iter_mut().zip(&shape.nodes) {
                *least = least.least(part);
            }
        } else {
            floor.nodes.clear(); // One that floats, or sits otherwise: nodes keep nobody out.
        }
        let (least, demand) = (&mut floor.demand, &shape.demand);
        least.vcpus = least.vcpus.min(demand.vcpus);
        least.memory = least.memory.min(demand.memory);
        least.gpus = least.gpus.min(demand.gpus);
        least.local_disks = least.local_disks.min(demand.local_disks);
        least.local_storage = least.local_storage.min(demand.local_storage);
        least.nic_percent = least.nic_percent.min(demand.nic_percent);
    }
    floor
}

/// The shapes in at most [`MAX_CLASSES`] groups: one each if they are few enough, else those of
/// one zone, model and number of NUMA nodes, halved where the members that differ the most are.
fn group(shapes: &[ShapeSpec]) -> Vec<Vec<usize>> {
    if shapes.len() <= MAX_CLASSES {
        return (0..shapes.len()).map(|shape| vec![shape]).collect();
    }
    let mut places: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (number, shape) in shapes.iter().enumerate() {
        places.entry((shape.zone, shape.model, shape.nodes.len())).or_default().push(number);
    }
    let mut groups: Vec<Vec<usize>> = places.into_values().collect();
    if groups.len() > MAX_CLASSES / 2 {
        groups = vec![(0..shapes.len()).collect()];
    }
    let mut most = [1; DIMENSIONS];
    for shape in shapes {
        for (most, amount) in most.iter_mut().zip(amounts(&shape.demand)) {
            *most = amount.max(*most);
        }
    }
    let mut splits: Vec<Split> = groups.iter().map(|g| Split::of(shapes, g, &most)).collect();
    while groups.len() < MAX_CLASSES {
        let worst = (0..groups.len())
            .max_by_key(|group| (splits[*group].weight, std::cmp::Reverse(*group)))
            .expect("there are shapes, so there is a group");
        let Split { weight, dimension, middle } = splits[worst];
        if weight == 0 {
            break;
        }
        let (low, high): (Vec<usize>, Vec<usize>) = groups[worst]
            .iter()
            .partition(|shape| amounts(&shapes[**shape].demand)[dimension] <= middle);
        splits[worst] = Split::of(shapes, &low, &most);
        splits.push(Split::of(shapes, &high, &most));
        groups[worst] = low;
        groups.push(high);
    }
    groups
}

/// Where a group of shapes is best halved.
#[derive(Clone, Copy)]
struct Split {
    /// How much it is worth; 0: its members are all alike.
    weight: u128,
    dimension: usize,
    /// Members up to this amount go to the lower half.
    middle: u64,
}

impl Split {
    /// The halving of `members` in the resource in which they differ the most, as a part of the
    /// most that any shape asks for.
    fn of(shapes: &[ShapeSpec], members: &[usize], most: &[u64; DIMENSIONS]) -> Self {
        let mut best = Self { weight: 0, dimension: 0, middle: 0 };
        for (dimension, most) in most.iter().enumerate() {
            let amounts = members.iter().map(|shape| amounts(&shapes[*shape].demand)[dimension]);
            let (low, high) = amounts
                .fold((u64::MAX, 0), |(low, high), amount| (low.min(amount), high.max(amount)));
            if low >= high {
                continue;
            }
            let part = u128::from(high - low) * 1_000_000 / u128::from(*most);
            let weight = part.max(1) * members.len() as u128;
            if weight > best.weight {
                best = Self { weight, dimension, middle: low + (high - low) / 2 };
            }
        }
        best
    }
}
