//! In what order servers are emptied, and where their instances go: the plan of a drain.
//!
//! A plan is made before anything moves, on a copy of the ledger of room with every server of the
//! drain closed, so that nobody is moved twice; it says who goes where, and who cannot and why. It
//! is remade from what is left when a target is lost or its room is taken. Pure: values in, a plan
//! out.
//!
//! Sources: spec/refresh-and-migration.md 4.5 (big ones first, because of NUMA nodes), 6 #15 (say
//! before it starts which servers cannot be emptied).

use super::placement::Placement;
use crate::{
    fleet::{
        capacity::{Capacity, Index, Order, Request},
        drains::DrainBar,
        ids::{Instance, Server, Zone},
        layout::Layout,
        numa::Nodes,
    },
    kernel::column::Id,
};
use std::cmp::Reverse;

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
}

/// An instance that is to leave its server.
#[derive(Clone, Copy, Debug)]
pub struct Leaver {
    /// Which.
    pub instance: Id<Instance>,
    /// Where it is.
    pub server: Id<Server>,
    /// What it takes.
    pub request: Request,
    /// The zone that it must stay in, if it must.
    pub zone: Option<Id<Zone>>,
    /// Why it cannot leave, wherever there may be room.
    pub barred: Option<DrainBar>,
}

/// What is planned.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DrainPlan {
    /// Who goes where, in order.
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
    /// A copy of the ledger of room, in which the servers of the drain, and all others that may take
    /// nobody, are closed.
    pub capacity: Capacity,
}

impl Drain<'_> {
    /// The plan for `leavers`, who stand server by server, in any order.
    pub fn plan(mut self, order: DrainOrder, mut leavers: Vec<Leaver>) -> DrainPlan {
        let mut plan = DrainPlan::default();
        match order {
            DrainOrder::LargestFirst => {
                leavers.sort_by_key(|of| (Reverse(self.size(of)), of.server, of.instance));
                self.one_by_one(&leavers, &mut plan, Self::placed);
            }
            DrainOrder::SmallestFirst => {
                leavers.sort_by_key(|of| (self.size(of), of.server, of.instance));
                self.one_by_one(&leavers, &mut plan, Self::placed);
            }
            DrainOrder::BinPacking => {
                leavers.sort_by_key(|of| (Reverse(self.share(of)), of.server, of.instance));
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
    /// many, the one whose largest instance is the smallest.
    fn server_by_server(&mut self, mut leavers: Vec<Leaver>, plan: &mut DrainPlan) {
        leavers.sort_by_key(|of| (of.server, Reverse(self.size(of)), of.instance));
        let mut servers: Vec<&[Leaver]> =
            leavers.chunk_by(|one, other| one.server == other.server).collect();
        servers.sort_by_key(|all| (all.len(), self.size(&all[0]), all[0].server));
        for all in servers {
            let mut placed = Vec::new();
            let mut bar = None;
            for leaver in all {
                match self.finds(leaver, Self::placed) {
                    Ok((target, nodes)) => placed.push((leaver, target, nodes)),
                    Err(why) => {
                        bar = Some((leaver.instance, why));
                        break;
                    }
                }
            }
            let Some((who, why)) = bar else {
                plan.moves.extend(placed.iter().map(|(of, target, _)| (of.instance, *target)));
                continue;
            };
            for (of, target, nodes) in placed {
                self.capacity.release(self.layout, target, &of.request, nodes);
            }
            let reason = |of: &Leaver| match of.barred {
                _ if of.instance == who => why,
                Some(own) => own,
                None => DrainBar::WithOthers,
            };
            plan.barred.extend(all.iter().map(|of| (of.instance, reason(of))));
        }
    }

    /// The server that takes `leaver`, whose room is claimed there; or why none does.
    fn finds(
        &mut self,
        leaver: &Leaver,
        find: fn(&Self, &Leaver) -> Option<Id<Server>>,
    ) -> Result<(Id<Server>, Nodes), DrainBar> {
        if let Some(bar) = leaver.barred {
            return Err(bar);
        }
        let Some(target) = find(self, leaver) else { return Err(self.why_none(leaver)) };
        let nodes = self.capacity.claim(self.layout, target, &leaver.request);
        Ok((target, nodes))
    }

    fn placed(&self, leaver: &Leaver) -> Option<Id<Server>> {
        let (placement, request) = (self.placement, away(leaver));
        match leaver.zone {
            Some(zone) => placement.choose_in(self.layout, &self.capacity, &request, zone),
            None => placement.choose(self.layout, &self.capacity, &request),
        }
    }

    fn packed(&self, leaver: &Leaver) -> Option<Id<Server>> {
        let (index, request) = (Index::ByRoom(Order::LeastRoom), away(leaver));
        match leaver.zone {
            Some(zone) => self.capacity.find_in(self.layout, &request, index, zone),
            None => self.capacity.find(self.layout, &request, index),
        }
    }

    /// Why no server takes `leaver`: all servers that may take somebody are looked at.
    fn why_none(&self, leaver: &Leaver) -> DrainBar {
        let (layout, shape) = (self.layout, &self.layout.shapes[leaver.request.shape]);
        let has_room_in_all = |server: Id<Server>| {
            let spec = &layout.servers[server];
            self.capacity.is_open(server)
                && leaver.zone.is_none_or(|zone| spec.zone == zone)
                && self.capacity.free(server).covers(&shape.demand)
                && !self.capacity.fits(layout, server, leaver.request.shape)
        };
        let by_nodes = !shape.nodes.is_empty() && layout.servers.ids().iter().any(has_room_in_all);
        if by_nodes { DrainBar::NoNode } else { DrainBar::NoRoom }
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
    Request { exclude: Some(leaver.server), ..leaver.request }
}
