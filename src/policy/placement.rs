//! Where an instance goes.
//!
//! A placement policy is a rule that names one server of those with room, from what is free and
//! who is where, never from history. [`Index`] states the rules in full; the ledger keeps the
//! index of the policy that the scenario names, so that no rule scans the servers.

use crate::{
    fleet::{
        capacity::{Capacity, Index, Order, Request},
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
    /// `best-fit`: the server that has the least room left.
    BestFit,
    /// `worst-fit`: the server that has the most room.
    WorstFit,
    /// `most-free`: the server whose scarcest resource is the least used.
    MostFree,
    /// `spread`: the zone, then the rack, then the server with the fewest instances of the group.
    Spread,
}

/// A policy's row in the table: its name in scenarios, its rule in a line, its index.
struct Row(Placement, &'static str, &'static str, Index);

/// One row a policy; a new policy is a new row (and, if its rule is new, a new index).
const TABLE: [Row; 5] = [
    Row(
        Placement::FirstFit,
        "first-fit",
        "the server with the lowest id of those with room",
        Index::ById,
    ),
    Row(
        Placement::BestFit,
        "best-fit",
        "the fewest free GPUs, then the fewest free vCPUs, then the least free memory",
        Index::ByRoom(Order::LeastRoom),
    ),
    Row(
        Placement::WorstFit,
        "worst-fit",
        "the most free vCPUs, then the most free memory; servers with GPUs last, unless asked for",
        Index::ByRoom(Order::MostRoom),
    ),
    Row(
        Placement::MostFree,
        "most-free",
        "the largest free share of vCPUs or memory, whichever is scarcer; GPUs as in worst-fit",
        Index::ByRoom(Order::LargestShare),
    ),
    Row(
        Placement::Spread,
        "spread",
        "the zone, then the rack, then the server with the fewest instances of the same group",
        Index::BySpread,
    ),
];

impl Placement {
    /// Every policy, in the order of the documentation.
    pub const ALL: [Self; TABLE.len()] = {
        let mut all = [Self::FirstFit; TABLE.len()];
        let mut row = 0;
        while row < TABLE.len() {
            all[row] = TABLE[row].0;
            row += 1;
        }
        all
    };

    /// The policy that a scenario calls `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// What a scenario calls it.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Its rule in one line: which of the servers with room is chosen; ties go to the lowest id.
    pub fn description(self) -> &'static str {
        self.row().2
    }

    /// The index that finds its server; a run's [`Capacity`] is made with it.
    pub fn index(self) -> Index {
        self.row().3
    }

    /// The server chosen for `request`, or `None` where there is no room. An instance of a named
    /// group is spread, whatever the policy: that is what a group is for. Takes a scan over all
    /// servers if `capacity` keeps the index of another policy.
    pub fn choose(
        self,
        layout: &Layout,
        capacity: &Capacity,
        request: &Request,
    ) -> Option<Id<Server>> {
        capacity.find(layout, request, self.index_for(request))
    }

    fn index_for(self, request: &Request) -> Index {
        if request.group.is_some() { Index::BySpread } else { self.index() }
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.0 == self).expect("every policy has a row in the table")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_found_by_its_name_and_has_an_index_of_its_own() {
        for (place, policy) in Placement::ALL.into_iter().enumerate() {
            assert_eq!(Placement::from_name(policy.name()), Some(policy));
            assert_eq!(Placement::ALL.iter().position(|other| *other == policy), Some(place));
            let same = Placement::ALL.iter().filter(|other| other.index() == policy.index());
            assert_eq!(same.count(), 1);
            assert!(!policy.description().is_empty());
        }
        assert_eq!(Placement::from_name("first fit"), None);
    }

    #[test]
    fn the_table_has_every_variant() {
        for policy in [
            Placement::FirstFit,
            Placement::BestFit,
            Placement::WorstFit,
            Placement::MostFree,
            Placement::Spread,
        ] {
            assert!(Placement::ALL.contains(&policy));
        }
    }
}
