//! The network: what was sent is what was given, no link carries more than it can, and the loads
//! that are told are the true ones.

use crate::{
    fleet::{
        Fleet,
        ids::{Link, Transfer},
    },
    kernel::column::Id,
    messages::network::{LinkState, NetworkFact},
};
use std::collections::BTreeMap;

/// What was told of the network.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// The transfers under way, and what each was given (B).
    given: BTreeMap<Id<Transfer>, u64>,
    links: BTreeMap<Id<Link>, LinkState>,
}

impl Sent {
    pub(super) fn see(&mut self, fact: &NetworkFact) {
        match *fact {
            NetworkFact::TransferBegan { transfer, bytes, .. } => {
                let before = self.given.insert(transfer, bytes);
                assert_eq!(before, None, "{transfer:?} begins once");
            }
            NetworkFact::TransferRefilled { transfer, bytes, .. } => {
                *self.given.get_mut(&transfer).expect("what is refilled has begun") += bytes;
            }
            NetworkFact::TransferEnded { transfer, bytes, is_complete, .. } => {
                let given = self.given.remove(&transfer).expect("what ends has begun");
                assert!(bytes <= given, "{transfer:?} sends no more than it was given");
                assert_eq!(is_complete, bytes == given, "{transfer:?} is complete");
            }
            NetworkFact::LinkChanged { link, state } => {
                assert!(state.load <= state.capacity, "{link:?} carries {state:?}");
                let before = self.links.insert(link, state);
                assert_ne!(before, Some(state), "{link:?} is told of when it changes");
            }
        }
    }

    pub(super) fn turn_ended(&self, fleet: &Fleet) {
        let under_way = fleet.transfers.under_way().map(|(transfer, row)| (transfer, row.given));
        assert!(under_way.eq(self.given.iter().map(|(of, given)| (*of, *given))), "what is sent");
        for (link, told) in &self.links {
            assert_eq!(fleet.transfers.links().state(*link), *told, "the load of {link:?} is told");
        }
    }
}
