//! What each index finds, defined by looking at every server.

use crate::{
    fleet::{
        capacity::{
            Index, Order, Request,
            room::{Family, Room},
        },
        ids::{Rack, Server, Zone},
        layout::{Layout, Resources},
    },
    kernel::column::{Column, Id},
};
use std::cmp::Ordering;

/// The server that `index` puts first of those that accept `request`.
pub fn scan(layout: &Layout, room: &Room, request: &Request, index: Index) -> Option<Id<Server>> {
    let demand = &layout.shapes[request.shape].demand;
    let mut fitting =
        layout.servers.ids().iter().filter(|server| room.accepts(layout, *server, request));
    match index {
        Index::ById => fitting.next(),
        Index::ByRoom(order) => fitting.min_by(|one, other| {
            let of = |server| (room.free(server), layout.capacity(server));
            order.compare(demand, of(*one), of(*other)).then(one.cmp(other))
        }),
        Index::BySpread => {
            let family = Family::spread_of(request);
            let mut in_zone: Column<Zone, u64> = Column::filled(0, layout.zones.len());
            let mut in_rack: Column<Rack, u64> = Column::filled(0, layout.racks.len());
            for (server, spec) in layout.servers.entries() {
                let count = u64::from(room.together(server, family));
                in_zone[spec.zone] += count;
                in_rack[spec.rack] += count;
            }
            fitting.min_by_key(|server| {
                let spec = &layout.servers[*server];
                let here = room.together(*server, family);
                (in_zone[spec.zone], spec.zone, in_rack[spec.rack], spec.rack, here, *server)
            })
        }
    }
}

impl Order {
    /// How two servers, each by its free room and its empty room, stand to each other for
    /// `demand`; what is equal is ordered by id.
    pub fn compare(
        self,
        demand: &Resources,
        one: (&Resources, &Resources),
        other: (&Resources, &Resources),
    ) -> Ordering {
        let gpus = one.0.gpus.cmp(&other.0.gpus);
        let gpus = if self.takes_most_gpus(demand) { gpus.reverse() } else { gpus };
        gpus.then_with(|| self.compare_room(one, other))
    }

    /// Whether the most free GPUs come first for `demand`, not the fewest.
    pub const fn takes_most_gpus(self, demand: &Resources) -> bool {
        match self {
            Self::LeastRoom => false,
            Self::MostRoom | Self::LargestShare => demand.gpus > 0,
        }
    }

    /// The part of [`compare`](Self::compare) after the GPUs, which does not depend on a demand.
    #[inline]
    pub fn compare_room(
        self,
        (one, one_empty): (&Resources, &Resources),
        (other, other_empty): (&Resources, &Resources),
    ) -> Ordering {
        let room = (one.vcpus, one.memory).cmp(&(other.vcpus, other.memory));
        match self {
            Self::LeastRoom => room,
            Self::MostRoom => room.reverse(),
            Self::LargestShare => {
                let (one, other) =
                    (Share::scarcest(one, one_empty), Share::scarcest(other, other_empty));
                one.cmp(&other).then(room).reverse()
            }
        }
    }
}

/// A share of a whole, compared exactly.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    part: u64,
    whole: u64,
}

impl Share {
    /// The smaller of the free shares of vCPUs and memory.
    #[inline]
    pub fn scarcest(free: &Resources, empty: &Resources) -> Self {
        Self::of(free.vcpus.into(), empty.vcpus.into()).min(Self::of(free.memory, empty.memory))
    }

    /// `part` of `whole`; all of it where there is no whole.
    #[inline]
    pub const fn of(part: u64, whole: u64) -> Self {
        if whole == 0 { Self { part: 1, whole: 1 } } else { Self { part, whole } }
    }
}

impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Share {}
impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Share {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let cross = |part: u64, whole: u64| u128::from(part) * u128::from(whole);
        cross(self.part, other.whole).cmp(&cross(other.part, self.whole))
    }
}
