//! The invariants of the network, checked from scratch: for tests, after every turn.

use super::{LinkState, Standing, TransferRow, Transfers};
use crate::{
    fleet::ids::{Link, Transfer},
    kernel::column::Id,
};

impl Transfers {
    /// Checks every invariant of the network between two changes; costs a walk over everything.
    ///
    /// # Panics
    /// Where one does not hold: no link carries more than its capacity, each carries what its
    /// transfers have; every transfer has its cap, or passes a saturated link on which nobody has
    /// more; nobody has sent more than was given; each is due when its rate says.
    pub fn audit(&self) {
        for link in self.links.ids() {
            self.audit_link(link);
        }
        let mut sending = 0;
        for (transfer, row) in self.under_way() {
            for (step, link) in row.path.iter_steps() {
                let place = row.places[step] as usize;
                assert_eq!(self.links.rows[link].transfers[place], transfer, "on {link:?}");
            }
            assert_eq!(row.rate, self.limit(transfer), "the rate of {transfer:?}");
            let is_free = row.cap == Some(row.rate);
            let bound = row.path.iter().any(|link| self.binds(link, row));
            assert!(is_free || bound, "{transfer:?} could have more: {row:?}");
            assert!(row.left <= u128::from(row.given) * super::MICRO, "{transfer:?}: {row:?}");
            assert_eq!(row.before, None, "{transfer:?} is settled");
            if row.standing == Standing::Sending {
                let due = self.queue.get_priority(&transfer).map(|due| due.0.0);
                assert_eq!(due, row.sent_at(row.since), "{transfer:?} is due: {row:?}");
                sending += usize::from(due.is_some());
            } else {
                assert_eq!(row.left, 0, "{transfer:?} is sent");
            }
        }
        assert_eq!(self.queue.len(), sending, "who has ended is due no more");
    }

    fn audit_link(&self, link: Id<Link>) {
        let row = &self.links.rows[link];
        let has = |transfer: &Id<Transfer>| self.rows[*transfer].rate;
        let load: u64 = row.transfers.iter().map(has).sum();
        assert_eq!(load, row.load, "the load of {link:?}");
        assert!(load <= row.capacity, "{link:?} carries {load} of {}", row.capacity);
        assert!(!row.touched, "{link:?} is settled");
    }

    /// Whether `link` binds the transfer `row`: nobody has more there, and there is not a byte per
    /// second more for each who has as much.
    fn binds(&self, link: Id<Link>, row: &TransferRow) -> bool {
        let LinkState { load, capacity, is_saturated } = self.links.state(link);
        let rates = self.links.rows[link].transfers.iter().map(|other| self.rows[*other].rate);
        let largest = rates.clone().max().unwrap_or(0);
        let equals = rates.filter(|rate| *rate == largest).count() as u64;
        is_saturated && row.rate == largest && load + equals > capacity
    }
}
