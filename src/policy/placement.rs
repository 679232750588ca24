//! Where an instance goes.
use crate::{
    fleet::{
        capacity::{Capacity, Request},
        ids::Server,
        layout::Layout,
    },
    kernel::column::Id,
};

/// The placement policies, by their names in a scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placement {
    /// `first-fit`: the server with the lowest id that has room.
    FirstFit,
    /// `best-fit`: the server that is left with the least room.
    BestFit,
    /// `worst-fit`: the server that has the most room.
    WorstFit,
    /// `most-free`: the server whose scarcest resource is the least used.
    MostFree,
    /// `spread`: the zone, then the rack, with the fewest instances of the same group.
    Spread,
}

impl Placement {
    /// The server chosen for `request`, or `None` where there is no room.
    pub fn choose(
        self,
        layout: &Layout,
        capacity: &Capacity,
        request: &Request,
    ) -> Option<Id<Server>> {
        capacity.first_fit(layout, request)
    }
}
