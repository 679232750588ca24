//! What time brings: the closed list of everything that can make something happen.
//!
//! The order of the variants is the order within one round of an instant (spec/corrections.md 5,
//! spec/refresh-and-migration.md 3.5): what ends, then what is found working, then what fails, then
//! timers, then requests; passes, which plan for what the instant has left, come last.

use crate::{
    fleet::ids::{Instance, Rack, Server, Source},
    kernel::{column::Id, stamp::Stamp},
};

/// Something that time brings. Eight bytes; ordered by variant, then entity, then stamp.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Occurrence {
    /// An instance's life is over.
    Departs {
        /// Whose life.
        instance: Id<Instance>,
        /// Whose row must not have been recycled since.
        birth: Stamp,
    },
    /// A failed creation is released.
    CreationReleased {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// An instance is prepared.
    Prepared {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A boot is over.
    Booted {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A server that restarts by itself is back.
    ServerRestarted(Id<Server>),
    /// The repair of a server is over.
    ServerRepaired(Id<Server>),
    /// The outage of a rack is over.
    RackRepaired(Id<Rack>),
    /// A server works again, and so does its rack: whoever waits for it can go on.
    ServerReturned(Id<Server>),
    /// A server's hardware crashes.
    ServerCrashes {
        /// Which.
        server: Id<Server>,
        /// The life that it had.
        stamp: Stamp,
    },
    /// A rack goes down.
    RackFails(Id<Rack>),
    /// A guest crashes.
    GuestCrashes {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A server's crash is noticed.
    ServerLossNoticed {
        /// Which.
        server: Id<Server>,
        /// The number of the crash, as long as its effect lasts.
        crash: u16,
    },
    /// A rack's outage is noticed.
    RackLossNoticed {
        /// Which.
        rack: Id<Rack>,
        /// The number of the outage, as long as it lasts.
        outage: u16,
    },
    /// A guest's crash is noticed.
    GuestLossNoticed {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// An instance whose local data is given up is brought back elsewhere.
    RedeployDue {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A launch has waited for room as long as it may.
    LaunchGivenUp {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// An owner starts a stopped instance.
    OwnerStarts {
        /// Which.
        instance: Id<Instance>,
        /// The state it had.
        stamp: Stamp,
    },
    /// A source of arrivals brings what is due.
    Arrives(Id<Source>),
    /// Pass: free crews take up broken servers.
    CrewsDispatched,
    /// Pass: those who wait for room are asked in turn.
    RoomOffered,
}

const _: () = assert!(size_of::<Occurrence>() == 8, "an agenda entry is 16 bytes");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entity_counts_before_the_stamp() {
        let (mut late, mut early) = (Stamp::default(), Stamp::default());
        late.raise();
        early.raise();
        early.raise();
        let first = Occurrence::Booted { instance: Id::new(1), stamp: early };
        let second = Occurrence::Booted { instance: Id::new(2), stamp: late };
        assert!(first < second && first < Occurrence::RoomOffered);
    }
}
