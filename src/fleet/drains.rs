//! How far the drains have come: where everybody is to go, who cannot, who is on his way.

use crate::{
    fleet::ids::{Instance, ScalingGroup, Server},
    kernel::{column::Id, time::Instant},
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
}

impl DrainBar {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::NoRoom, Self::NoNode, Self::Hardware, Self::NoWay, Self::Failed, Self::WithOthers];

    /// The name that metrics and stories show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoRoom => "no-room",
            Self::NoNode => "no-numa-node",
            Self::Hardware => "hardware",
            Self::NoWay => "no-way",
            Self::Failed => "failed",
            Self::WithOthers => "with-others",
        }
    }
}

/// A server that is left, and who leaves it.
type OnItsWay = (Id<Server>, Id<Instance>);

/// How far the drain of one campaign has come.
#[derive(Clone, Debug, Default)]
pub struct DrainRow {
    /// Whether its servers are closed and its first plan is made.
    pub is_planned: bool,
    /// When it was planned last.
    pub planned_at: Option<Instant>,
    /// Where each instance is to go, as planned last.
    pub targets: BTreeMap<Id<Instance>, Id<Server>>,
    /// Who cannot leave, and why, as told last.
    pub barred: BTreeMap<Id<Instance>, DrainBar>,
    /// Who is on his way off which server, with the group that he is a member of.
    under_way: BTreeMap<OnItsWay, Option<Id<ScalingGroup>>>,
    /// How many members of each group are (count).
    of_groups: BTreeMap<Id<ScalingGroup>, u32>,
    /// Servers with somebody who waits until fewer are under way.
    pub waiting: BTreeSet<Id<Server>>,
    /// Since when somebody on a server cannot leave it.
    pub stuck: BTreeMap<Id<Server>, Instant>,
    /// Empty servers on which the operator works.
    pub empty: BTreeSet<Id<Server>>,
}

impl DrainRow {
    /// How many moves are under way (count).
    pub fn moving(&self) -> usize {
        self.under_way.len()
    }

    /// How many members of `group` are under way (count).
    pub fn moving_of(&self, group: Id<ScalingGroup>) -> u32 {
        self.of_groups.get(&group).copied().unwrap_or(0)
    }

    /// `instance`, a member of `group` if of any, is on its way off `server`.
    pub fn sets_out(&mut self, (server, instance): OnItsWay, group: Option<Id<ScalingGroup>>) {
        self.under_way.insert((server, instance), group);
        if let Some(group) = group {
            *self.of_groups.entry(group).or_insert(0) += 1;
        }
    }

    /// Forgets those on their way off `server` for whom `is_over` says so.
    pub fn settle(&mut self, server: Id<Server>, mut is_over: impl FnMut(Id<Instance>) -> bool) {
        let from = (server, Id::new(0));
        let of_server = self.under_way.range(from..).take_while(|((of, _), _)| *of == server);
        let over: Vec<_> =
            of_server.filter(|((_, who), _)| is_over(*who)).map(|(key, of)| (*key, *of)).collect();
        for (key, group) in over {
            self.under_way.remove(&key);
            if let Some(count) = group.and_then(|group| self.of_groups.get_mut(&group)) {
                *count -= 1;
            }
        }
    }
}
