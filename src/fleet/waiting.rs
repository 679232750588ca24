//! Instances that wait for room: one queue for all who want the same, so that a pass asks in each only
//! as often as there is room for it.

use crate::{
    fleet::{
        ids::{Instance, Server, Shape, Zone},
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

/// What one who waits wants.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Wanted {
    /// What it needs.
    pub shape: Id<Shape>,
    /// The zone that it needs it in, if it must be in one: a recovery, since its disks are there.
    pub zone: Option<Id<Zone>>,
}

/// One who waits, as the head of its queue.
type Head = (Turn, Wanted, Id<Instance>);

/// The queues.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    queues: BTreeMap<Wanted, BTreeMap<Turn, Id<Instance>>>,
    places: BTreeMap<Id<Instance>, (Wanted, Turn)>,
    /// Servers with more room than at the last pass; whoever waits fits on no other.
    freed: Vec<Id<Server>>,
    /// Those who joined since the last pass and were not asked yet.
    newcomers: VecDeque<Id<Instance>>,
    /// What they want.
    new_wishes: BTreeSet<Wanted>,
    /// Kept between passes, so that none allocates.
    heads: BinaryHeap<Reverse<Head>>,
}

/// A pass under way: the heads of the queues that may still get room.
#[derive(Debug)]
pub struct Offer {
    heads: BinaryHeap<Reverse<Head>>,
}

impl Waiting {
    /// Puts `instance`, which wants room, into its queue.
    ///
    /// # Panics
    /// If it waits already.
    pub fn join(&mut self, instance: Id<Instance>, wanted: Wanted, turn: Turn) {
        let before = self.places.insert(instance, (wanted, turn));
        assert!(before.is_none(), "an instance waits once");
        self.queues.entry(wanted).or_default().insert(turn, instance);
    }

    /// Notes that `instance`, which has just joined, was not asked yet: the next pass tells whether
    /// there was room for it when it came.
    ///
    /// # Panics
    /// If it does not wait.
    pub fn newcomer(&mut self, instance: Id<Instance>) {
        let (wanted, _) = self.places[&instance];
        self.new_wishes.insert(wanted);
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
        let Some((wanted, turn)) = self.places.remove(&instance) else { return false };
        let queue = self.queues.get_mut(&wanted).expect("a waiting instance is in its queue");
        queue.remove(&turn);
        if queue.is_empty() {
            self.queues.remove(&wanted);
        }
        true
    }

    /// The launches that wait for room, and the shapes that they ask for.
    pub fn launches(&self) -> impl Iterator<Item = (Id<Instance>, Id<Shape>)> {
        let launches = self.places.iter().filter(|(_, (_, turn))| turn.is_launch);
        launches.map(|(instance, (wanted, _))| (*instance, wanted.shape))
    }

    /// Notes that `server` has more room than before.
    pub fn room_freed(&mut self, server: Id<Server>) {
        if self.freed.last() != Some(&server) {
            self.freed.push(server);
        }
    }

    /// The servers with more room than at the last pass; some may stand there twice.
    pub fn freed(&self) -> &[Id<Server>] {
        &self.freed
    }

    /// Whether one who wants this may find it: on a server that was freed since the
    /// last pass, or anywhere if it has not been asked yet.
    pub fn may_fit(&self, wanted: Wanted, fits: impl Fn(Id<Server>) -> bool) -> bool {
        self.new_wishes.contains(&wanted) || self.freed.iter().any(|server| fits(*server))
    }

    /// Begins a pass: everybody may be asked.
    pub fn offer(&mut self) -> Offer {
        let mut heads = std::mem::take(&mut self.heads);
        heads.clear();
        for (wanted, queue) in &self.queues {
            if let Some((turn, instance)) = queue.first_key_value() {
                heads.push(Reverse((*turn, *wanted, *instance)));
            }
        }
        Offer { heads }
    }

    /// The one whose turn it is. The answer is given by [`Self::accepted`] or [`Self::refused`].
    pub fn next(&self, offer: &mut Offer) -> Option<(Id<Instance>, Wanted, Turn)> {
        let Reverse((turn, wanted, instance)) = offer.heads.pop()?;
        Some((instance, wanted, turn))
    }

    /// The one asked last has got room and left the queue: the next who wants the same is asked in turn.
    pub fn accepted(&self, offer: &mut Offer, wanted: Wanted) {
        let head = self.queues.get(&wanted).and_then(BTreeMap::first_key_value);
        if let Some((turn, instance)) = head {
            offer.heads.push(Reverse((*turn, wanted, *instance)));
        }
    }

    /// The one asked last, whose place was `turn`, has got none. Where `leaves_room`, a limit of its
    /// own kept it out, and the next who wants the same is asked; else nobody of them is.
    pub fn refused(&self, offer: &mut Offer, wanted: Wanted, turn: Turn, leaves_room: bool) {
        if !leaves_room {
            return;
        }
        let later = (Bound::Excluded(turn), Bound::Unbounded);
        let next = self.queues.get(&wanted).and_then(|queue| queue.range(later).next());
        if let Some((turn, instance)) = next {
            offer.heads.push(Reverse((*turn, wanted, *instance)));
        }
    }

    /// Ends a pass.
    pub fn offered(&mut self, offer: Offer) {
        self.heads = offer.heads;
        self.freed.clear();
        self.new_wishes.clear();
    }

    /// Whether anybody waits who would take what is `wanted`: room for this shape in that zone.
    pub fn anybody_for(&self, wanted: Wanted) -> bool {
        let anywhere = Wanted { zone: None, ..wanted };
        self.queues.contains_key(&wanted) || self.queues.contains_key(&anywhere)
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
