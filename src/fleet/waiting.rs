//! Instances that wait for room: one queue a shape, so that a pass asks for each shape only as
//! often as there is room for it.

use crate::{
    fleet::{
        ids::{Instance, Server, Shape},
        instances::InstanceName,
    },
    kernel::{column::Id, time::Instant},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque},
    ops::Bound,
};

/// The place of an instance in the queue: recoveries before launches, then since when it waits,
/// then its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Turn {
    /// Whether it is a launch; recoveries go first.
    pub is_launch: bool,
    /// Since when it waits.
    pub since: Instant,
    /// Its name.
    pub name: InstanceName,
}

/// One who waits, as the head of the queue of its shape.
type Head = (Turn, Id<Shape>, Id<Instance>);

/// The queues.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    queues: BTreeMap<Id<Shape>, BTreeMap<Turn, Id<Instance>>>,
    places: BTreeMap<Id<Instance>, (Id<Shape>, Turn)>,
    /// Servers with more room than at the last pass; whoever waits fits on no other.
    freed: Vec<Id<Server>>,
    /// Those who joined since the last pass and were not asked yet.
    newcomers: VecDeque<Id<Instance>>,
    /// The shapes that they ask for.
    new_shapes: BTreeSet<Id<Shape>>,
    /// Kept between passes, so that none allocates.
    heads: BinaryHeap<Reverse<Head>>,
}

/// A pass under way: the heads of the queues that may still get room.
#[derive(Debug)]
pub struct Offer {
    heads: BinaryHeap<Reverse<Head>>,
}

impl Waiting {
    /// Puts `instance`, which needs room for `shape`, into the queue.
    ///
    /// # Panics
    /// If it waits already.
    pub fn join(&mut self, instance: Id<Instance>, shape: Id<Shape>, turn: Turn) {
        let before = self.places.insert(instance, (shape, turn));
        assert!(before.is_none(), "an instance waits once");
        self.queues.entry(shape).or_default().insert(turn, instance);
    }

    /// Notes that `instance`, which has just joined, was not asked yet: the next pass tells whether
    /// there was room for it when it came.
    ///
    /// # Panics
    /// If it does not wait.
    pub fn newcomer(&mut self, instance: Id<Instance>) {
        let (shape, _) = self.places[&instance];
        self.new_shapes.insert(shape);
        self.newcomers.push_back(instance);
    }

    /// Takes out the first of those who came since the last pass and still wait; says its place too.
    pub fn next_newcomer(&mut self) -> Option<(Id<Instance>, Turn)> {
        while let Some(instance) = self.newcomers.pop_front() {
            if let Some((_, turn)) = self.places.get(&instance) {
                return Some((instance, *turn));
            }
        }
        None
    }

    /// Takes `instance` out of the queue, where it is in it; says whether it was.
    pub fn leave(&mut self, instance: Id<Instance>) -> bool {
        let Some((shape, turn)) = self.places.remove(&instance) else { return false };
        let queue = self.queues.get_mut(&shape).expect("a waiting instance is in its queue");
        queue.remove(&turn);
        if queue.is_empty() {
            self.queues.remove(&shape);
        }
        true
    }

    /// The launches that wait for room, and the shapes that they ask for.
    pub fn launches(&self) -> impl Iterator<Item = (Id<Instance>, Id<Shape>)> {
        let launches = self.places.iter().filter(|(_, (_, turn))| turn.is_launch);
        launches.map(|(instance, (shape, _))| (*instance, *shape))
    }

    /// Notes that `server` has more room than before.
    pub fn room_freed(&mut self, server: Id<Server>) {
        if self.freed.last() != Some(&server) {
            self.freed.push(server);
        }
    }

    /// Whether one who needs room for `shape` may find some: on a server that was freed since the
    /// last pass, or anywhere if it has not been asked yet.
    pub fn may_fit(&self, shape: Id<Shape>, fits: impl Fn(Id<Server>) -> bool) -> bool {
        self.new_shapes.contains(&shape) || self.freed.iter().any(|server| fits(*server))
    }

    /// Begins a pass: everybody may be asked.
    pub fn offer(&mut self) -> Offer {
        let mut heads = std::mem::take(&mut self.heads);
        heads.clear();
        for (shape, queue) in &self.queues {
            if let Some((turn, instance)) = queue.first_key_value() {
                heads.push(Reverse((*turn, *shape, *instance)));
            }
        }
        Offer { heads }
    }

    /// The one whose turn it is. The answer is given by [`Self::accepted`] or [`Self::refused`].
    pub fn next(&self, offer: &mut Offer) -> Option<(Id<Instance>, Id<Shape>, Turn)> {
        let Reverse((turn, shape, instance)) = offer.heads.pop()?;
        Some((instance, shape, turn))
    }

    /// The one asked last has got room and left the queue: the next of its shape is asked in turn.
    pub fn accepted(&self, offer: &mut Offer, shape: Id<Shape>) {
        let head = self.queues.get(&shape).and_then(BTreeMap::first_key_value);
        if let Some((turn, instance)) = head {
            offer.heads.push(Reverse((*turn, shape, *instance)));
        }
    }

    /// The one asked last, whose place was `turn`, has got none. Where `leaves_room`, a limit of its
    /// own kept it out, and the next of its shape is asked; else nobody of the shape is.
    pub fn refused(&self, offer: &mut Offer, shape: Id<Shape>, turn: Turn, leaves_room: bool) {
        if !leaves_room {
            return;
        }
        let later = (Bound::Excluded(turn), Bound::Unbounded);
        let next = self.queues.get(&shape).and_then(|queue| queue.range(later).next());
        if let Some((turn, instance)) = next {
            offer.heads.push(Reverse((*turn, shape, *instance)));
        }
    }

    /// Ends a pass.
    pub fn offered(&mut self, offer: Offer) {
        self.heads = offer.heads;
        self.freed.clear();
        self.new_shapes.clear();
    }

    /// Whether anybody waits for room for `shape`.
    pub fn anybody_for(&self, shape: Id<Shape>) -> bool {
        self.queues.contains_key(&shape)
    }

    /// Everybody who waits, by row.
    pub fn everybody(&self) -> impl Iterator<Item = Id<Instance>> {
        self.places.keys().copied()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether `instance` waits.
    pub fn holds(&self, instance: Id<Instance>) -> bool {
        self.places.contains_key(&instance)
    }
}
