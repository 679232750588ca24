//! Instances that wait for room: one queue a shape, so that a pass asks for each shape only as
//! often as there is room for it.

use crate::{
    fleet::{
        ids::{Instance, Shape},
        instances::InstanceName,
    },
    kernel::{column::Id, time::Instant},
};
use std::collections::BTreeMap;

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

/// The queues.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    queues: BTreeMap<Id<Shape>, BTreeMap<Turn, Id<Instance>>>,
    places: BTreeMap<Id<Instance>, (Id<Shape>, Turn)>,
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

    /// The one whose turn it is, among those that come after the last one asked of their shape:
    /// `asked` says, for a shape, the last turn that was asked in this pass.
    pub fn next(
        &self,
        asked: impl Fn(Id<Shape>) -> Asked,
    ) -> Option<(Id<Instance>, Id<Shape>, Turn)> {
        let head = |(shape, queue): (&Id<Shape>, &BTreeMap<Turn, Id<Instance>>)| {
            let (turn, instance) = match asked(*shape) {
                Asked::NotYet => queue.first_key_value(),
                Asked::UpTo(turn) => queue
                    .range((std::ops::Bound::Excluded(turn), std::ops::Bound::Unbounded))
                    .next(),
                Asked::Full => None,
            }?;
            Some((*instance, *shape, *turn))
        };
        self.queues.iter().filter_map(head).min_by_key(|(.., turn)| *turn)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.places.len()
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

/// How far a pass has come with the queue of one shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// Nobody of it was asked.
    NotYet,
    /// Those up to this turn were asked and stay, bound by a limit of their own.
    UpTo(Turn),
    /// There is no room for the shape at all.
    Full,
}
