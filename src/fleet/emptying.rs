//! Servers that must be emptied because of a risk and are not yet: who waits there to leave them, who
//! was told or tried how often, and what room is promised to whom.

use crate::{
    fleet::{
        ids::{Application, Instance, Server},
        instances::InstanceName,
        numa::Nodes,
        waiting::Wanted,
    },
    kernel::{column::Id, time::Instant},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

/// The place of one who has nowhere to go among those who want the same: since when that is known,
/// then his name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Since when.
    pub since: Instant,
    /// His name: another one in the row means that he is gone.
    pub name: InstanceName,
    /// Who.
    pub instance: Id<Instance>,
    /// The server that he is to leave.
    pub server: Id<Server>,
    /// The application whose per-server limit may keep him out where there is room, if any.
    pub application: Option<Id<Application>>,
}

/// Those of one application who want the same, in turn: a limit that keeps one out keeps all of them out.
type Alike = BTreeMap<Option<Id<Application>>, BTreeSet<Place>>;

/// Room that one is to get by an event that is planned for him, as long as nobody else takes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Promise {
    /// The server that he is to leave.
    pub from: Id<Server>,
    /// The nodes of the room, while it is claimed for him to see what is left for others.
    pub held: Option<Nodes>,
}

/// What was done so far to take one off his server, for the present risk.
#[derive(Clone, Copy, Default, Debug)]
struct Effort {
    told: u32,
    moves: u32,
    /// Who he is, if he found no room at the operator's present look.
    missed: Option<Id<Instance>>,
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub struct Emptying {
    /// Servers at risk that must be emptied and are not, though everybody was told: the work on them
    /// has rested.
    pub stuck: BTreeSet<Id<Server>>,
    efforts: BTreeMap<(Id<Server>, InstanceName), Effort>,
    /// Those who have nowhere to go, by what they want, on servers that nobody works on.
    queues: BTreeMap<Wanted, Alike>,
    /// The same by server.
    on: BTreeMap<Id<Server>, Vec<(Wanted, Place)>>,
    /// What is promised on which server.
    promises: BTreeMap<(Id<Server>, Id<Instance>), Promise>,
    /// Where who has a promise.
    promised: BTreeMap<Id<Instance>, Id<Server>>,
    /// Promises whose room is claimed now; kept between looks, so that none allocates.
    pub held: Vec<(Id<Server>, Id<Instance>)>,
}

impl Emptying {
    /// How often the instance of this name was told of the present risk of `server` (count).
    pub fn told(&self, server: Id<Server>, name: InstanceName) -> u32 {
        self.efforts.get(&(server, name)).map_or(0, |effort| effort.told)
    }

    /// The instance of this name is told of the present risk of `server`.
    pub fn tells(&mut self, server: Id<Server>, name: InstanceName) {
        self.efforts.entry((server, name)).or_default().told += 1;
    }

    /// A move of the instance of this name off `server` begins, without an event.
    pub fn tries(&mut self, server: Id<Server>, name: InstanceName) {
        self.efforts.entry((server, name)).or_default().moves += 1;
    }

    /// `instance`, of this name, finds no room at the present look at `server`.
    pub fn misses(&mut self, server: Id<Server>, (instance, name): (Id<Instance>, InstanceName)) {
        self.efforts.entry((server, name)).or_default().missed = Some(instance);
    }

    /// How often the instance of this name was told, or moved, for the present risk of `server`
    /// (count): who has cost most comes last.
    pub fn effort(&self, server: Id<Server>, name: InstanceName) -> u32 {
        self.efforts.get(&(server, name)).map_or(0, |effort| effort.told + effort.moves)
    }

    /// Whether the instance of this name found no room at the present look at `server`, while for
    /// another one there more was done than for it.
    pub fn came_too_late(&self, server: Id<Server>, name: InstanceName) -> bool {
        let of = self.efforts.get(&(server, name));
        let is_missed = of.is_some_and(|effort| effort.missed.is_some());
        let own = self.effort(server, name);
        is_missed && self.on_server(server).any(|(_, effort)| effort.told + effort.moves > own)
    }

    /// Those who found no room at the present look at `server`, and for whom less was done than for
    /// the instance of this name.
    pub fn before(
        &self,
        server: Id<Server>,
        name: InstanceName,
    ) -> impl Iterator<Item = (Id<Instance>, InstanceName)> {
        let own = self.effort(server, name);
        let less = self.on_server(server).filter(move |of| of.1.told + of.1.moves < own);
        less.filter_map(|(name, effort)| Some((effort.missed?, name)))
    }

    fn on_server(&self, server: Id<Server>) -> impl Iterator<Item = (InstanceName, &Effort)> {
        let all = self.efforts.range((server, InstanceName::at_start(0))..);
        all.take_while(move |((of, _), _)| *of == server).map(|((_, name), effort)| (*name, effort))
    }

    /// A new look at `server` begins: nobody there waits for room, or has missed any.
    pub fn looks_at(&mut self, server: Id<Server>) {
        self.called(server);
        let all = self.efforts.range_mut((server, InstanceName::at_start(0))..);
        for (_, effort) in all.take_while(|((of, _), _)| *of == server) {
            effort.missed = None;
        }
    }

    /// The risk of `server` is over: nobody on it waits for room for its sake, or was told of it.
    pub fn forgets_risk(&mut self, server: Id<Server>) {
        self.stuck.remove(&server);
        self.called(server);
        let first = (server, InstanceName::at_start(0));
        while let Some((&key, _)) = self.efforts.range(first..).next()
            && key.0 == server
        {
            self.efforts.remove(&key);
        }
    }

    /// One has nowhere to go, and wants this.
    pub fn waits(&mut self, wanted: Wanted, place: Place) {
        let alike = self.queues.entry(wanted).or_default();
        alike.entry(place.application).or_default().insert(place);
        self.on.entry(place.server).or_default().push((wanted, place));
    }

    /// Nobody on `server` waits any more; says who did.
    pub fn called(&mut self, server: Id<Server>) -> Vec<(Wanted, Place)> {
        let all = self.on.remove(&server).unwrap_or_default();
        for (wanted, place) in &all {
            let Some(alike) = self.queues.get_mut(wanted) else { continue };
            let Some(queue) = alike.get_mut(&place.application) else { continue };
            queue.remove(place);
            if queue.is_empty() {
                alike.remove(&place.application);
            }
            if alike.is_empty() {
                self.queues.remove(wanted);
            }
        }
        all
    }

    /// Whether nobody waits for room.
    pub fn nobody_waits(&self) -> bool {
        self.queues.is_empty()
    }

    /// The first thing after `last` that anybody waits for.
    pub fn wanted_after(&self, last: Option<Wanted>) -> Option<Wanted> {
        let from = last.map_or(Bound::Unbounded, Bound::Excluded);
        self.queues.range((from, Bound::Unbounded)).next().map(|(wanted, _)| *wanted)
    }

    /// The first of each application of those who want this.
    pub fn heads(&self, wanted: Wanted) -> impl Iterator<Item = Place> {
        let alike = self.queues.get(&wanted).into_iter().flatten();
        alike.filter_map(|(_, queue)| queue.first().copied())
    }

    /// Whether who has this `place` waits for what is wanted.
    pub fn holds_place(&self, wanted: Wanted, place: &Place) -> bool {
        self.alike(wanted, place).is_some_and(|queue| queue.contains(place))
    }

    /// The first after `last` of those of its application who want this.
    pub fn next(&self, wanted: Wanted, last: &Place) -> Option<Place> {
        let later = (Bound::Excluded(*last), Bound::Unbounded);
        self.alike(wanted, last)?.range(later).next().copied()
    }

    fn alike(&self, wanted: Wanted, place: &Place) -> Option<&BTreeSet<Place>> {
        self.queues.get(&wanted)?.get(&place.application)
    }

    /// Room on `to` is promised to `instance`, which is to leave `from`, and no other room.
    pub fn promises(&mut self, instance: Id<Instance>, from: Id<Server>, to: Id<Server>) {
        self.takes_back(instance);
        self.promised.insert(instance, to);
        self.promises.insert((to, instance), Promise { from, held: None });
    }

    /// Nothing is promised to `instance` any more; says where something was.
    pub fn takes_back(&mut self, instance: Id<Instance>) -> Option<Id<Server>> {
        let to = self.promised.remove(&instance)?;
        self.promises.remove(&(to, instance));
        Some(to)
    }

    /// The first promise on `server` after that to `last`.
    pub fn promise_after(
        &self,
        server: Id<Server>,
        last: Option<Id<Instance>>,
    ) -> Option<(Id<Instance>, Promise)> {
        let from = match last {
            Some(last) => Bound::Excluded((server, last)),
            None => Bound::Included((server, Id::new(0))),
        };
        let ((of, instance), promise) = self.promises.range((from, Bound::Unbounded)).next()?;
        (*of == server).then_some((*instance, *promise))
    }

    /// What is promised to `instance` on `server` is claimed on these nodes.
    pub fn holds(&mut self, server: Id<Server>, instance: Id<Instance>, nodes: Nodes) {
        if let Some(promise) = self.promises.get_mut(&(server, instance)) {
            promise.held = Some(nodes);
            self.held.push((server, instance));
        }
    }

    /// One promise whose room was claimed and is to be given back: where, to whom, on which nodes.
    pub fn lets_go(&mut self) -> Option<(Id<Server>, Id<Instance>, Nodes)> {
        let (server, instance) = self.held.pop()?;
        let nodes = self.promises.get_mut(&(server, instance))?.held.take()?;
        Some((server, instance, nodes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fleet::ids::Zone, kernel::time::Span};

    const SERVER: Id<Server> = Id::new(3);

    fn place(server: usize, number: u64, since: u64) -> Place {
        Place {
            since: Instant::ZERO + Span::from_seconds(since),
            name: InstanceName::at_start(number),
            instance: Id::new(number as usize),
            server: Id::new(server),
            application: None,
        }
    }

    #[test]
    fn who_waits_longest_is_asked_first_and_servers_are_called_as_a_whole() {
        let wanted = Wanted { shape: Id::new(0), zone: Some(Id::<Zone>::new(0)) };
        let mut table = Emptying::default();
        for of in [place(3, 1, 9), place(4, 2, 5), place(3, 7, 9), place(4, 3, 7)] {
            table.waits(wanted, of);
        }
        assert_eq!(table.wanted_after(None), Some(wanted));
        assert_eq!(table.wanted_after(Some(wanted)), None);
        let other = Place { application: Some(Id::new(1)), ..place(4, 9, 1) };
        table.waits(wanted, other);
        assert!(table.heads(wanted).eq([place(4, 2, 5), other]));
        assert_eq!(table.next(wanted, &place(4, 2, 5)), Some(place(4, 3, 7)));
        assert_eq!(table.next(wanted, &other), None);
        assert_eq!(table.called(Id::new(4)).len(), 3);
        assert!(!table.holds_place(wanted, &other) && table.holds_place(wanted, &place(3, 1, 9)));
        assert!(table.heads(wanted).eq([place(3, 1, 9)]));
        table.looks_at(SERVER);
        assert!(table.nobody_waits());
    }

    #[test]
    fn who_missed_room_comes_before_whom_more_was_done_for() {
        let name = InstanceName::at_start;
        let mut table = Emptying::default();
        table.tells(SERVER, name(1));
        table.tries(SERVER, name(1));
        table.tells(SERVER, name(2));
        assert!(!table.came_too_late(SERVER, name(2)), "it found room");
        table.misses(SERVER, (Id::new(2), name(2)));
        assert!(table.came_too_late(SERVER, name(2)));
        assert!(table.before(SERVER, name(1)).eq([(Id::new(2), name(2))]));
        assert_eq!(table.before(SERVER, name(2)).count(), 0);
        table.tells(Id::new(4), name(5));
        table.forgets_risk(SERVER);
        assert_eq!([table.told(SERVER, name(1)), table.told(Id::new(4), name(5))], [0, 1]);
    }

    #[test]
    fn one_has_one_promise() {
        let mut table = Emptying::default();
        table.promises(Id::new(1), SERVER, Id::new(8));
        table.promises(Id::new(1), SERVER, Id::new(9));
        assert_eq!(table.promise_after(Id::new(8), None), None);
        let promise = Promise { from: SERVER, held: None };
        assert_eq!(table.promise_after(Id::new(9), None), Some((Id::new(1), promise)));
        assert_eq!(table.promise_after(Id::new(9), Some(Id::new(1))), None);
        assert_eq!(table.takes_back(Id::new(1)), Some(Id::new(9)));
        assert_eq!(table.takes_back(Id::new(1)), None);
    }
}
