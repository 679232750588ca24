//! How far the drains have come: where everybody is to go, who cannot, who is on his way.

use crate::{
    fleet::{
        ids::{Instance, Link, ScalingGroup, Server, Task},
        instances::InstanceName,
    },
    kernel::{column::Id, stamp::Stamp, time::Instant},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

/// Why an instance cannot leave its server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DrainBar {
    /// No server has room for it.
    NoRoom,
    /// Servers have room for it in all, but none on the NUMA nodes that it needs.
    NoNode,
    /// Its hardware keeps it: local disks, GPUs, a rented host.
    Hardware,
    /// Nothing that the drain may do moves an instance in its state.
    NoWay,
    /// Its moves failed as often as they may be tried.
    Failed,
    /// Another one on its server cannot leave, and a server that is half empty is of no use.
    WithOthers,
    /// Its scaling group cannot spare it.
    Group,
    /// It has been doing something else all the time.
    Busy,
}

impl DrainBar {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::NoRoom,
        Self::NoNode,
        Self::Hardware,
        Self::NoWay,
        Self::Failed,
        Self::WithOthers,
        Self::Group,
        Self::Busy,
    ];

    /// The name that metrics and stories show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoRoom => "no-room",
            Self::NoNode => "no-numa-node",
            Self::Hardware => "hardware",
            Self::NoWay => "no-way",
            Self::Failed => "failed",
            Self::WithOthers => "with-others",
            Self::Group => "group",
            Self::Busy => "busy",
        }
    }
}

/// A server that is left, and who leaves it.
pub type OnItsWay = (Id<Server>, Id<Instance>);

/// Somebody who may set out when his turn comes: his place in the sequence, then where he is.
pub type Place = (u32, Id<Server>, Id<Instance>);

/// The scaling group in which somebody serves, if in any, and what he counts there (capacity units).
pub type Counts = Option<(Id<ScalingGroup>, u32)>;

/// The first of those who count the same.
pub type Head = (Place, Counts);

/// One who is on his way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaving {
    /// The task that moves him, and its stamp while it does.
    pub task: (Id<Task>, Stamp),
    /// The scaling group that he serves in, and what he counts there.
    pub group: Counts,
}

/// Who may set out when his turn comes. Those who count the same in the same group can be spared
/// together or not at all, so that only the first of them is looked at.
#[derive(Clone, Debug, Default)]
struct Ready {
    /// In the sequence of the plan; first those whom it does not know.
    lines: BTreeMap<Counts, BTreeSet<Place>>,
    /// The first of each line.
    heads: BTreeSet<Head>,
    /// Where in which line each stands.
    places: BTreeMap<OnItsWay, (u32, Counts)>,
}

impl Ready {
    /// `who` stands in the line of those who count so, at the place of `rank`, and nowhere else.
    fn insert(&mut self, who: OnItsWay, rank: u32, counts: Counts) {
        self.remove(who);
        self.places.insert(who, (rank, counts));
        self.changes(counts, |line| _ = line.insert((rank, who.0, who.1)));
    }

    fn remove(&mut self, who: OnItsWay) {
        if let Some((rank, counts)) = self.places.remove(&who) {
            self.changes(counts, |line| _ = line.remove(&(rank, who.0, who.1)));
        }
    }

    fn changes(&mut self, counts: Counts, how: impl FnOnce(&mut BTreeSet<Place>)) {
        let line = self.lines.entry(counts).or_default();
        let before = line.first().copied();
        how(line);
        let now = line.first().copied();
        if now.is_none() {
            self.lines.remove(&counts);
        }
        if before != now {
            if let Some(place) = before {
                self.heads.remove(&(place, counts));
            }
            self.heads.extend(now.map(|place| (place, counts)));
        }
    }
}

/// How far the drain of one campaign has come.
#[derive(Clone, Debug, Default)]
pub struct DrainRow {
    /// Whether its servers are closed and its first plan is made.
    pub is_planned: bool,
    /// The servers that it keeps closed: until it is done with them, or for good.
    pub keeps: BTreeSet<Id<Server>>,
    /// Whether it was stopped by its rule, and the servers that it will not come to are open again.
    pub is_stopped: bool,
    /// When it was planned last.
    pub planned_at: Option<Instant>,
    /// Where each instance is to go, as planned last, and its place in the sequence (from 1).
    targets: BTreeMap<Id<Instance>, (u32, Id<Server>)>,
    /// Who cannot leave, and why, as told last.
    pub barred: BTreeMap<Id<Instance>, DrainBar>,
    /// Who is on his way off which server.
    under_way: BTreeMap<OnItsWay, Leaving>,
    /// What those of each group count (capacity units).
    of_groups: BTreeMap<Id<ScalingGroup>, u32>,
    /// Who may set out when his turn comes.
    ready: Ready,
    /// Servers that cannot be emptied, because somebody stays longer than there is patience.
    pub hopeless: BTreeSet<Id<Server>>,
    /// Who got an event already: there is no second one.
    pub told: BTreeSet<(Id<Server>, InstanceName)>,
    /// Empty servers on which the operator works.
    pub empty: BTreeSet<Id<Server>>,
    /// The link that all its moves pass, where it has a bandwidth of its own.
    pub link: Option<Id<Link>>,
}

impl DrainRow {
    /// How many moves are under way (count).
    pub fn moving(&self) -> usize {
        self.under_way.len()
    }

    /// What those of `group` who are under way count (capacity units).
    pub fn moving_of(&self, group: Id<ScalingGroup>) -> u32 {
        self.of_groups.get(&group).copied().unwrap_or(0)
    }

    /// The server that the plan names for `instance`.
    pub fn target(&self, instance: Id<Instance>) -> Option<Id<Server>> {
        self.targets.get(&instance).map(|(_, target)| *target)
    }

    /// Takes a new plan: who goes where, in sequence, and who cannot. Gives the reasons of the last.
    pub fn takes_plan(
        &mut self,
        now: Instant,
        moves: &[(Id<Instance>, Id<Server>)],
        barred: &[(Id<Instance>, DrainBar)],
    ) -> BTreeMap<Id<Instance>, DrainBar> {
        self.planned_at = Some(now);
        let ranked = moves.iter().zip(1..);
        self.targets = ranked.map(|((who, to), rank)| (*who, (rank, *to))).collect();
        for (who, (_, counts)) in std::mem::take(&mut self.ready).places {
            self.ready.insert(who, self.rank(who.1), counts);
        }
        std::mem::replace(&mut self.barred, barred.iter().copied().collect())
    }

    /// Who counts so may set out when its turn comes.
    pub fn is_ready(&mut self, who: OnItsWay, counts: Counts) {
        self.ready.insert(who, self.rank(who.1), counts);
    }

    /// `instance` on `server`, if it was ready, is not any more.
    pub fn is_not_ready(&mut self, server: Id<Server>, instance: Id<Instance>) {
        self.ready.remove((server, instance));
    }

    /// Whether anybody is ready.
    pub fn has_ready(&self) -> bool {
        !self.ready.heads.is_empty()
    }

    /// Whose turn comes next `after` another one's, or first of all. With whom is passed over those who
    /// count the same are, too.
    pub fn next_ready(&self, after: Option<Head>) -> Option<Head> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.ready.heads.range((from, Bound::Unbounded)).next().copied()
    }

    /// `instance`, which was ready, is on its way off `server`.
    pub fn sets_out(&mut self, (server, instance): OnItsWay, leaving: Leaving) {
        self.is_not_ready(server, instance);
        self.targets.remove(&instance);
        self.barred.remove(&instance);
        self.under_way.insert((server, instance), leaving);
        if let Some((group, weight)) = leaving.group {
            *self.of_groups.entry(group).or_insert(0) += weight;
        }
    }

    /// Forgets those on their way off `server` of whom `is_over` says that their moves are over.
    pub fn settle(&mut self, server: Id<Server>, mut is_over: impl FnMut(&Leaving) -> bool) {
        let from = (server, Id::new(0));
        let of_server = self.under_way.range(from..).take_while(|((of, _), _)| *of == server);
        let over: Vec<_> = of_server
            .filter(|(_, leaving)| is_over(leaving))
            .map(|(key, leaving)| (*key, leaving.group))
            .collect();
        for (key, group) in over {
            self.under_way.remove(&key);
            let Some((group, weight)) = group else { continue };
            let count = self.of_groups.get_mut(&group).expect("who is under way was counted");
            *count -= weight;
        }
    }

    /// The place of `instance` in the sequence; 0: the plan does not know it.
    fn rank(&self, instance: Id<Instance>) -> u32 {
        self.targets.get(&instance).map_or(0, |(rank, _)| *rank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const G: Counts = Some((Id::new(0), 1));
    const HEAVY: Counts = Some((Id::new(0), 2));

    fn who(place: usize) -> OnItsWay {
        (Id::new(0), Id::new(place))
    }

    /// Who is looked at where everybody is passed over.
    fn looks(row: &DrainRow) -> Vec<(usize, Counts)> {
        let mut seen = Vec::new();
        let mut after = None;
        while let Some(next @ ((_, _, instance), counts)) = row.next_ready(after) {
            seen.push((instance.index(), counts));
            after = Some(next);
        }
        seen
    }

    #[test]
    fn who_counts_the_same_is_passed_over_together() {
        let mut row = DrainRow::default();
        for place in 0..1_000 {
            row.is_ready(who(place), G);
        }
        row.is_ready(who(1_000), HEAVY);
        row.is_ready(who(1_001), None);
        assert_eq!(looks(&row), [(0, G), (1_000, HEAVY), (1_001, None)], "three of a thousand");
        // The plan says who is the first of each, and knows some not at all.
        let all = [1_001, 1_000, 998, 999, 0].map(|place| (Id::new(place), Id::new(7)));
        row.takes_plan(Instant::ZERO, &all, &[]);
        assert_eq!(looks(&row), [(1, G), (1_001, None), (1_000, HEAVY)]);
        for place in 1..998 {
            row.is_not_ready(Id::new(0), Id::new(place));
        }
        assert_eq!(looks(&row), [(1_001, None), (1_000, HEAVY), (998, G)]);
        // Who serves no more stands elsewhere, and nobody stands twice.
        row.is_ready(who(998), None);
        row.is_ready(who(998), None);
        row.is_not_ready(Id::new(0), Id::new(1_001));
        assert_eq!(looks(&row), [(1_000, HEAVY), (998, None), (999, G)]);
        for place in [998, 999, 0] {
            row.is_not_ready(Id::new(0), Id::new(place));
        }
        let leaving = Leaving { task: (Id::new(0), Stamp::default()), group: HEAVY };
        row.sets_out(who(1_000), leaving);
        assert!(!row.has_ready() && row.ready.lines.is_empty());
        assert_eq!(row.moving_of(Id::new(0)), 2);
    }
}
