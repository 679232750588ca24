//! How far the drains have come: where everybody is to go, who cannot, who is on his way.

use crate::{
    fleet::{
        ids::{Instance, Link, ScalingGroup, Server, Task},
        instances::InstanceName,
    },
    kernel::{column::Id, stamp::Stamp, time::Instant},
};
use std::collections::{BTreeMap, BTreeSet};

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

/// One who is on his way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaving {
    /// The task that moves him, and its stamp while it does.
    pub task: (Id<Task>, Stamp),
    /// The scaling group that he serves in, and what he counts there (capacity units).
    pub group: Option<(Id<ScalingGroup>, u32)>,
}

/// How far the drain of one campaign has come.
#[derive(Clone, Debug, Default)]
pub struct DrainRow {
    /// Whether its servers are closed and its first plan is made.
    pub is_planned: bool,
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
    /// Who may set out when his turn comes, in the sequence of the plan; first those whom it does not
    /// know.
    ready: BTreeSet<Place>,
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
        let ready = std::mem::take(&mut self.ready);
        self.ready = ready.into_iter().map(|(_, at, who)| (self.rank(who), at, who)).collect();
        std::mem::replace(&mut self.barred, barred.iter().copied().collect())
    }

    /// `instance` on `server` may set out when its turn comes.
    pub fn is_ready(&mut self, server: Id<Server>, instance: Id<Instance>) {
        self.ready.insert((self.rank(instance), server, instance));
    }

    /// `instance` on `server`, if it was ready, is not any more.
    pub fn is_not_ready(&mut self, server: Id<Server>, instance: Id<Instance>) {
        self.ready.remove(&(self.rank(instance), server, instance));
    }

    /// Whether anybody is ready.
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whose turn comes next `after` another one's, or first of all.
    pub fn next_ready(&self, after: Option<Place>) -> Option<Place> {
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        self.ready.range((from, std::ops::Bound::Unbounded)).next().copied()
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
