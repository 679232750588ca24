//! In what order servers are emptied, and where their instances go: the plan of a drain.
//!
//! A plan is made before anything moves, on a copy of the ledger of room with every server of the
//! drain closed, so that nobody is moved twice; it says who goes where, in which sequence, and who
//! cannot and why. It is remade from what is left when a target is lost or its room is taken. Pure:
//! values in, a plan out.
//!
//! Sources: spec/refresh-and-migration.md 4.5 (big ones first, because of NUMA nodes), 6 #15 (say
//! before it starts which servers cannot be emptied).

#[cfg(test)]
mod proofs;

use super::placement::Placement;
use crate::{
    fleet::{
        capacity::{Capacity, Index, Order, Request},
        drains::DrainBar,
        ids::{Instance, Server, Shape, Zone},
        layout::Layout,
        numa::Nodes,
    },
    kernel::column::Id,
};
use std::{cmp::Reverse, collections::BTreeMap};

/// `campaigns[].drain.order`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DrainOrder {
    /// `largest-first`: the instances of all servers by size, the largest first; each goes where the
    /// scenario's placement puts it.
    LargestFirst,
    /// `smallest-first`: the same the other way round.
    SmallestFirst,
    /// `fewest-moves`: server by server, the one with the fewest instances first, and a server whose
    /// instances cannot all leave keeps them all: each move that is made empties a server.
    FewestMoves,
    /// `bin-packing`: by the largest share that they take of an empty server, the largest first;
    /// each goes to the server with the least room that has enough.
    BinPacking,
}

impl DrainOrder {
    /// Every order.
    pub const ALL: [Self; 4] =
        [Self::LargestFirst, Self::SmallestFirst, Self::FewestMoves, Self::BinPacking];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LargestFirst => "largest-first",
            Self::SmallestFirst => "smallest-first",
            Self::FewestMoves => "fewest-moves",
            Self::BinPacking => "bin-packing",
        }
    }

    /// A copy of a ledger of room on which a plan by this order takes no scans over all servers.
    pub fn copy_of(self, capacity: &Capacity, layout: &Layout) -> Capacity {
        match self {
            Self::BinPacking => capacity.searched_by(layout, Order::LeastRoom),
            Self::LargestFirst | Self::SmallestFirst | Self::FewestMoves => capacity.clone(),
        }
    }
}

/// An instance that is to leave its server.
#[derive(Clone, Copy, Debug)]
pub struct Leaver {
    /// Which.
    pub instance: Id<Instance>,
    /// Where it is.
    pub server: Id<Server>,
    /// The NUMA nodes of it on which it sits.
    pub nodes: Nodes,
    /// What it takes.
    pub request: Request,
    /// Why it cannot leave, wherever there may be room.
    pub barred: Option<DrainBar>,
}

/// What is planned.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DrainPlan {
    /// Who goes where, in the sequence in which they are to set out.
    pub moves: Vec<(Id<Instance>, Id<Server>)>,
    /// Who cannot leave, and why.
    pub barred: Vec<(Id<Instance>, DrainBar)>,
}

/// What a plan looks at.
#[derive(Debug)]
pub struct Drain<'a> {
    /// Everything that is there.
    pub layout: &'a Layout,
    /// Where instances are put.
    pub placement: Placement,
    /// A copy of the ledger of room ([`DrainOrder::copy_of`]), in which the servers of the drain, and
    /// all others that may take nobody, are closed.
    pub capacity: Capacity,
    /// Whether those who have no place to go to leave their server in another way, by an event.
    pub others_leave: bool,
    /// Why some have no place: nothing when the plan begins.
    pub reasons: Reasons,
}

/// What is asked for, and in which zone, if it must be in one.
type Asked = (Id<Shape>, Option<Id<Zone>>);

/// Why whoever asks for the same has no place, as found last: the servers are not looked at for each of
/// them anew.
#[derive(Clone, Debug, Default)]
pub struct Reasons {
    /// A server that has room in all, but not on its nodes; `None`: no server has room.
    known: BTreeMap<Asked, Option<Id<Server>>>,
    /// Whether claims may be undone, so that what is found now may not last.
    is_tentative: bool,
    /// How often all servers were looked at (count).
    pub scans: usize,
}

impl Drain<'_> {
    /// The plan for `leavers`. Who is equal in what `order` looks at comes server by server, and of
    /// one server as given.
    pub fn plan(mut self, order: DrainOrder, leavers: Vec<Leaver>) -> DrainPlan {
        self.plans(order, leavers)
    }

    fn plans(&mut self, order: DrainOrder, mut leavers: Vec<Leaver>) -> DrainPlan {
        let mut plan = DrainPlan::default();
        match order {
            DrainOrder::LargestFirst => {
                leavers.sort_by_key(|of| (Reverse(self.size(of)), of.server));
                self.one_by_one(&leavers, &mut plan, Self::placed);
            }
            DrainOrder::SmallestFirst => {
                leavers.sort_by_key(|of| (self.size(of), of.server));
                self.one_by_one(&leavers, &mut plan, Self::placed);
            }
            DrainOrder::BinPacking => {
                leavers.sort_by_key(|of| (Reverse(self.share(of)), of.server));
                self.one_by_one(&leavers, &mut plan, Self::packed);
            }
            DrainOrder::FewestMoves => self.server_by_server(leavers, &mut plan),
        }
        plan
    }

    fn one_by_one(
        &mut self,
        leavers: &[Leaver],
        plan: &mut DrainPlan,
        find: fn(&Self, &Leaver) -> Option<Id<Server>>,
    ) {
        for leaver in leavers {
            match self.finds(leaver, find) {
                Ok((target, _)) => plan.moves.push((leaver.instance, target)),
                Err(bar) => plan.barred.push((leaver.instance, bar)),
            }
        }
    }

    /// Whole servers or none of their instances, those with the fewest first; of those with equally
    /// many, the one whose largest instance is the smallest. Where the others leave in another way,
    /// whoever has a place goes all the same.
    fn server_by_server(&mut self, mut leavers: Vec<Leaver>, plan: &mut DrainPlan) {
        leavers.sort_by_key(|of| (of.server, Reverse(self.size(of))));
        let mut servers: Vec<&[Leaver]> =
            leavers.chunk_by(|one, other| one.server == other.server).collect();
        servers.sort_by_key(|all| (all.len(), self.size(&all[0]), all[0].server));
        for all in servers {
            if self.others_leave {
                self.one_by_one(all, plan, Self::placed);
            } else {
                self.all_or_none(all, plan);
            }
        }
    }

    /// All instances of one server have a place to go to, or none of them leaves it.
    fn all_or_none(&mut self, all: &[Leaver], plan: &mut DrainPlan) {
        let mut placed = Vec::new();
        for leaver in all {
            self.reasons.is_tentative = !placed.is_empty();
            let found = self.finds(leaver, Self::placed);
            self.reasons.is_tentative = false;
            match found {
                Ok((target, nodes)) => placed.push((leaver, target, nodes)),
                Err(why) => {
                    while let Some((of, target, nodes)) = placed.pop() {
                        self.capacity.release(self.layout, target, &of.request, nodes);
                        self.capacity.claim_on(self.layout, of.server, &of.request, of.nodes);
                    }
                    let reason = |of: &Leaver| match of.barred {
                        _ if of.instance == leaver.instance => why,
                        Some(own) => own,
                        None => DrainBar::WithOthers,
                    };
                    plan.barred.extend(all.iter().map(|of| (of.instance, reason(of))));
                    return;
                }
            }
        }
        plan.moves.extend(placed.iter().map(|(of, target, _)| (of.instance, *target)));
    }

    /// The server that takes `leaver`, whose room is claimed there and given back where it was; or
    /// why none does. What it holds where it is does not count as its group's presence.
    fn finds(
        &mut self,
        leaver: &Leaver,
        find: fn(&Self, &Leaver) -> Option<Id<Server>>,
    ) -> Result<(Id<Server>, Nodes), DrainBar> {
        if let Some(bar) = leaver.barred {
            return Err(bar);
        }
        let (layout, Leaver { server, request, nodes, .. }) = (self.layout, leaver);
        self.capacity.release(layout, *server, request, *nodes);
        let Some(target) = find(self, leaver) else {
            self.capacity.claim_on(layout, *server, request, *nodes);
            return Err(self.why_none(leaver));
        };
        Ok((target, self.capacity.claim(layout, target, request)))
    }

    fn placed(&self, leaver: &Leaver) -> Option<Id<Server>> {
        self.placement.choose(self.layout, &self.capacity, &away(leaver))
    }

    /// Of a spread group, whoever is packed is spread: that is what a group is for.
    fn packed(&self, leaver: &Leaver) -> Option<Id<Server>> {
        if leaver.request.group.is_some() {
            return self.placed(leaver);
        }
        self.capacity.find(self.layout, &away(leaver), Index::ByRoom(Order::LeastRoom))
    }

    /// Why no server takes `leaver`: all servers that may take somebody are looked at, unless it is known
    /// from somebody else. Claims bring no room, so that who had none in all has none; the one server
    /// that had enough may have it no more.
    fn why_none(&mut self, leaver: &Leaver) -> DrainBar {
        let (layout, shape) = (self.layout, &self.layout.shapes[leaver.request.shape]);
        if shape.nodes.is_empty() {
            return DrainBar::NoRoom;
        }
        let has_room_in_all = |server: Id<Server>| {
            let spec = &layout.servers[server];
            self.capacity.is_open(server)
                && leaver.request.zone.is_none_or(|zone| spec.zone == zone)
                && shape.zone.is_none_or(|zone| spec.zone == zone)
                && shape.model.is_none_or(|model| spec.model == model)
                && self.capacity.free(server).covers(&shape.demand)
                && !self.capacity.fits(layout, server, leaver.request.shape)
        };
        let key = (leaver.request.shape, leaver.request.zone);
        let known = self.reasons.known.get(&key).copied();
        let holds = |of: &Option<Id<Server>>| of.is_none_or(&has_room_in_all);
        let found = known.filter(holds).unwrap_or_else(|| {
            self.reasons.scans += 1;
            layout.servers.ids().iter().find(|server| has_room_in_all(*server))
        });
        if !self.reasons.is_tentative {
            self.reasons.known.insert(key, found);
        }
        if found.is_some() { DrainBar::NoNode } else { DrainBar::NoRoom }
    }

    /// How large an instance is: by vCPUs, then by memory.
    fn size(&self, of: &Leaver) -> (u32, u64) {
        let demand = &self.layout.shapes[of.request.shape].demand;
        (demand.vcpus, demand.memory)
    }

    /// The larger of the shares of vCPUs and of memory that it takes of the server that it leaves
    /// (millionths).
    fn share(&self, of: &Leaver) -> u128 {
        let demand = &self.layout.shapes[of.request.shape].demand;
        let whole = &self.layout.models[self.layout.servers[of.server].model].capacity;
        let share = |part: u64, whole: u64| u128::from(part) * 1_000_000 / u128::from(whole.max(1));
        let vcpus = share(u64::from(demand.vcpus), u64::from(whole.vcpus));
        vcpus.max(share(demand.memory, whole.memory))
    }
}

/// What is asked for `leaver`, who does not stay where it is.
const fn away(leaver: &Leaver) -> Request {
    leaver.request.off(leaver.server)
}
