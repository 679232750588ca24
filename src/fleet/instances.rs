//! The table of instances. Rows of released instances are recycled; names are not.

use crate::{
    fleet::{
        cause::Cause,
        ids::{Instance, Server, Task, Template},
        numa::Nodes,
        servers::Servers,
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::Instant,
    },
    lifecycle::instance::{InstanceState, InstanceStep},
};
use std::{collections::BTreeMap, ops::Index};

/// Where an instance comes from. Each kind counts its sources by itself, so that one script more or
/// less changes no draw of a group's members.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum InstanceSource {
    /// The arrivals of this number in the workload.
    Arrivals(usize),
    /// The script of this number.
    Script(usize),
    /// The scaling group of this number.
    Group(usize),
    /// Owners who create an instance in place of an interrupted one.
    StandIns,
}

impl InstanceSource {
    /// Sources of one kind before their numbers run out.
    const OF_A_KIND: u64 = 1 << 22;

    const fn number(self) -> u64 {
        let (kind, place) = match self {
            Self::Arrivals(place) => (0, place),
            Self::Script(place) => (1, place),
            Self::Group(place) => (2, place),
            Self::StandIns => (3, 0),
        };
        assert!((place as u64) < Self::OF_A_KIND, "a scenario has fewer than 2^22 of a kind");
        kind * Self::OF_A_KIND + place as u64
    }

    const fn numbered(number: u64) -> Self {
        let place = (number % Self::OF_A_KIND) as usize;
        match number / Self::OF_A_KIND {
            0 => Self::Arrivals(place),
            1 => Self::Script(place),
            2 => Self::Group(place),
            _ => Self::StandIns,
        }
    }
}

/// What an instance is called: its source and the number of its arrival there. No policy changes
/// it, so draws are addressed by it and results are ordered by it: those that are there at the start
/// first, then by [`InstanceSource`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InstanceName(u64);

/// Arrivals of one source before its numbers run out.
const ARRIVALS_PER_SOURCE: u64 = 1 << 40;

impl InstanceName {
    /// The instance number `number` among those that are there at the start.
    pub const fn at_start(number: u64) -> Self {
        Self(number)
    }

    /// The arrival number `number` of source number `source` of the workload.
    ///
    /// # Panics
    /// As [`InstanceName::of`].
    pub const fn arrived(source: usize, number: u64) -> Self {
        Self::of(InstanceSource::Arrivals(source), number)
    }

    /// The instance number `number` of `source`.
    ///
    /// # Panics
    /// If there are 2^40 instances of it or more, or 2^22 sources of its kind.
    pub const fn of(source: InstanceSource, number: u64) -> Self {
        assert!(number < ARRIVALS_PER_SOURCE, "a source brings fewer than 2^40 instances");
        Self((source.number() + 1) * ARRIVALS_PER_SOURCE + number)
    }

    /// The number under which draws are addressed.
    pub const fn entity(self) -> u64 {
        self.0
    }

    /// Its source; `None` for one that is there at the start.
    pub const fn source(self) -> Option<InstanceSource> {
        match (self.0 / ARRIVALS_PER_SOURCE).checked_sub(1) {
            Some(number) => Some(InstanceSource::numbered(number)),
            None => None,
        }
    }

    /// The number of its arrival within its source.
    pub const fn number(self) -> u64 {
        self.0 % ARRIVALS_PER_SOURCE
    }
}

/// One instance: at most 64 bytes.
#[derive(Clone, Copy, Debug)]
pub struct InstanceRow {
    /// What it is called.
    pub name: InstanceName,
    /// When its life is over; past every run's end for one that lives on.
    pub departs: Instant,
    /// The server whose room it holds, if any.
    pub server: Option<Id<Server>>,
    /// The next instance on the same server.
    next: Option<Id<Instance>>,
    /// The one before it on the same server.
    previous: Option<Id<Instance>>,
    /// What it was born with.
    pub template: Id<Template>,
    /// The task that moves it, if any.
    pub task: Option<Id<Task>>,
    /// Boots so far (count) -- the ordinal of its draws.
    pub boots: u32,
    /// Boots so far that went well (count) -- the ordinal of its guest's draws.
    pub guests: u32,
    /// Raised by each change of state and each release: alarms of an older one are void.
    pub stamp: Stamp,
    /// Raised only when the row is recycled: the alarm of its departure carries it.
    pub birth: Stamp,
    /// API state -- changed only by [`Instances::step`].
    pub state: InstanceState,
    /// Why it is down: the first cause of the unserved interval under way.
    pub down_by: Option<Cause>,
    /// Whether it is served: Running, and its server and guest work.
    pub served: bool,
    /// Whether it owes service: from its first Running until its owner stops or releases it.
    pub owing: bool,
    /// Whether it has ever owed service.
    pub owed_before: bool,
    /// Whether its life is over and it waits for its next stable state.
    pub departing: bool,
    /// Whether `departs` is a point of time; until then it holds the length of a life that counts
    /// from the first Running.
    pub life_counts: bool,
    /// Whether it has data on its server's local disks: from its first boot there.
    pub has_local_data: bool,
    /// Whether an alarm that carries `stamp` is pending.
    pub alarm_pending: bool,
    /// Whether it is a member of a scaling group.
    pub in_group: bool,
    /// Attempts of its owner to start it again (count) -- the ordinal of the owner's draws.
    pub owner_attempts: u16,
    /// What is to become of it once its server works again, or once there is room elsewhere.
    pub recovery: Recovering,
}

const _: () = assert!(size_of::<InstanceRow>() <= 64, "an instance takes at most 64 bytes");

/// Where an instance stands after its server failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recovering {
    /// It is not recovering.
    No,
    /// Its server failed and nobody has noticed yet.
    Unnoticed,
    /// It waits for its own server.
    ForServer,
    /// It waits for room anywhere, or for its own server, whichever comes first.
    ForRoom,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Instances {
    rows: Column<Instance, InstanceRow>,
    free: Vec<Id<Instance>>,
    /// The NUMA nodes on which instances sit, by row; rows behind its end float.
    nodes: Vec<Nodes>,
    /// Where the instances are that the scenario mentions by name: few, or none.
    watched: BTreeMap<InstanceName, Option<Id<Instance>>>,
}

impl Instances {
    /// An empty table with room for `capacity` instances before it grows.
    pub fn with_capacity(capacity: usize) -> Self {
        let mut rows = Column::default();
        rows.reserve(capacity);
        Self { rows, free: Vec::with_capacity(capacity), ..Self::default() }
    }

    /// From now on the instances of these names are found by [`Self::named`].
    pub fn watch(&mut self, names: &[InstanceName]) {
        self.watched = names.iter().map(|name| (*name, None)).collect();
    }

    /// The instance of a watched name, as long as it is there.
    pub fn named(&self, name: InstanceName) -> Option<Id<Instance>> {
        self.watched.get(&name).copied().flatten()
    }

    fn note(&mut self, name: InstanceName, instance: Option<Id<Instance>>) {
        if let Some(place) = self.watched.get_mut(&name) {
            *place = instance;
        }
    }

    /// A new instance in Pending, without a server; it recycles a row where one is free.
    pub fn create(&mut self, name: InstanceName, template: Id<Template>) -> Id<Instance> {
        let fresh = InstanceRow {
            name,
            departs: Instant::from_micros(u64::MAX),
            server: None,
            next: None,
            previous: None,
            template,
            task: None,
            boots: 0,
            guests: 0,
            stamp: Stamp::default(),
            birth: Stamp::default(),
            state: InstanceState::Pending,
            down_by: None,
            served: false,
            owing: false,
            owed_before: false,
            departing: false,
            life_counts: false,
            has_local_data: false,
            alarm_pending: false,
            in_group: false,
            owner_attempts: 0,
            recovery: Recovering::No,
        };
        let instance = match self.free.pop() {
            None => self.rows.push(fresh),
            Some(instance) => {
                let old = self.rows[instance];
                debug_assert!(old.state == InstanceState::Released, "only released are recycled");
                self.rows[instance] = InstanceRow { stamp: old.stamp, birth: old.birth, ..fresh };
                instance
            }
        };
        if !self.watched.is_empty() {
            self.note(name, Some(instance));
        }
        instance
    }

    /// Moves an instance by one step of its machine and raises its stamp; says the state it left.
    /// Released instances give their row back.
    ///
    /// # Panics
    /// If the machine has no such arc: admission was checked before, so this is a bug of ours.
    pub fn step(&mut self, instance: Id<Instance>, step: InstanceStep) -> InstanceState {
        let row = &mut self.rows[instance];
        let from = row.state;
        row.state = from.after(step).unwrap_or_else(|| panic!("{from} has no arc by {step:?}"));
        row.stamp.raise();
        if row.state == InstanceState::Released {
            assert!(row.server.is_none(), "a released instance holds no room");
            row.birth.raise();
            let name = row.name;
            // A stamp must never come round under a pending alarm: a worn row is retired.
            if !row.stamp.is_worn() && !row.birth.is_worn() {
                self.free.push(instance);
            }
            if !self.watched.is_empty() {
                self.note(name, None);
            }
        }
        from
    }

    /// The row of `instance`, for what is not state, server or place in its server's list.
    pub fn row_mut(&mut self, instance: Id<Instance>) -> &mut InstanceRow {
        &mut self.rows[instance]
    }

    /// Puts `instance` on `server`, first in its list.
    ///
    /// # Panics
    /// If it is on a server: no instance is on two.
    pub fn put_on(&mut self, servers: &mut Servers, instance: Id<Instance>, server: Id<Server>) {
        assert!(self.rows[instance].server.is_none(), "no instance is on two servers");
        let next = servers[server].first_instance;
        if let Some(next) = next {
            self.rows[next].previous = Some(instance);
        }
        let row = &mut self.rows[instance];
        (row.server, row.next, row.previous) = (Some(server), next, None);
        servers.row_mut(server).first_instance = Some(instance);
    }

    /// Takes `instance` off its server and says which that was.
    ///
    /// # Panics
    /// If it is on none.
    pub fn take_off(&mut self, servers: &mut Servers, instance: Id<Instance>) -> Id<Server> {
        let row = &mut self.rows[instance];
        let server = row.server.take().expect("only an instance on a server is taken off one");
        let (next, previous) = (row.next.take(), row.previous.take());
        if let Some(next) = next {
            self.rows[next].previous = previous;
        }
        match previous {
            Some(previous) => self.rows[previous].next = next,
            None => servers.row_mut(server).first_instance = next,
        }
        server
    }

    /// The NUMA nodes of its server on which `instance` sits.
    #[inline]
    pub fn nodes(&self, instance: Id<Instance>) -> Nodes {
        self.nodes.get(instance.index()).copied().unwrap_or(Nodes::NONE)
    }

    /// `instance` sits on these NUMA nodes of its server, or floats. 4 bytes a row, once any sits.
    #[inline]
    pub fn seat(&mut self, instance: Id<Instance>, nodes: Nodes) {
        if self.nodes.len() <= instance.index() {
            if nodes.is_none() {
                return;
            }
            self.nodes.resize(self.rows.len(), Nodes::NONE);
        }
        self.nodes[instance.index()] = nodes;
    }

    /// The instances on `server`, latest first.
    pub fn on(&self, servers: &Servers, server: Id<Server>) -> impl Iterator<Item = Id<Instance>> {
        std::iter::successors(servers[server].first_instance, |at| self.rows[*at].next)
    }

    /// Rows in use or waiting to be recycled (count).
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Every instance that is not released, in order of row.
    pub fn present(&self) -> impl Iterator<Item = (Id<Instance>, &InstanceRow)> {
        self.rows.entries().filter(|(_, row)| row.state != InstanceState::Released)
    }
}

impl Index<Id<Instance>> for Instances {
    type Output = InstanceRow;
    #[inline]
    fn index(&self, instance: Id<Instance>) -> &InstanceRow {
        &self.rows[instance]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_recycled_until_it_is_worn() {
        let mut instances = Instances::default();
        let mut lives = 0_u32;
        while instances.rows.len() < 2 {
            let instance = instances.create(InstanceName::at_start(0), Id::new(0));
            instances.step(instance, InstanceStep::CreationFails);
            instances.step(instance, InstanceStep::Release);
            lives += 1;
        }
        assert_eq!(lives, (1 << 22) + 1, "two changes a life use up half of 2^24 stamps");
    }

    #[test]
    fn names_say_where_they_come_from() {
        assert_eq!(InstanceName::at_start(7).source(), None);
        let name = InstanceName::arrived(3, 9);
        assert_eq!((name.source(), name.number()), (Some(InstanceSource::Arrivals(3)), 9));
        let sources = [
            InstanceSource::Arrivals(0),
            InstanceSource::Script(2),
            InstanceSource::Group(0),
            InstanceSource::Group(1),
            InstanceSource::StandIns,
        ];
        let names = sources.map(|source| InstanceName::of(source, 5));
        assert_eq!(names.map(InstanceName::source), sources.map(Some));
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn a_watched_name_is_found_while_its_instance_is_there() {
        let (watched, other) = (InstanceName::at_start(1), InstanceName::at_start(2));
        let mut instances = Instances::default();
        instances.watch(&[watched]);
        assert_eq!(instances.named(watched), None);
        let one = instances.create(watched, Id::new(0));
        instances.create(other, Id::new(0));
        assert_eq!((instances.named(watched), instances.named(other)), (Some(one), None));
        instances.step(one, InstanceStep::CreationFails);
        instances.step(one, InstanceStep::Release);
        assert_eq!(instances.named(watched), None);
    }
}
