//! Every random thing of the model and its address, on one page.
//!
//! An address is (purpose, physical entity, ordinal). No policy can change it: entities are
//! servers, racks, sources of arrivals and instances under the name they arrived with, never
//! something that a policy creates; an ordinal counts what happened to that entity alone.

use crate::kernel::streams::{Draws, Streams};

/// What is drawn. The number is part of the address: numbers are never reused or changed, or every
/// published result would change with them (bump `RNG_SCHEME` then).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum Chance {
    /// Operating time of a server's hardware until it crashes · (server, number of the life).
    ServerLife = 1,
    /// Age of a server's hardware when the run starts · (server, 0).
    ServerAge = 2,
    /// Whether a crashed server restarts by itself · (server, number of the crash).
    ServerRestartsItself = 3,
    /// Time that it takes to do so · (server, number of the crash).
    ServerRestart = 4,
    /// Length of a repair · (server, number of the crash).
    ServerRepair = 5,
    /// Time until a server's crash is noticed · (server, number of the crash).
    ServerDetect = 6,
    /// Time until the next outage of a rack · (rack, number of the outage).
    RackLife = 7,
    /// Length of an outage of a rack · (rack, number of the outage).
    RackRepair = 8,
    /// Time until an outage of a rack is noticed · (rack, number of the outage).
    RackDetect = 9,
    /// Running time of a guest until it crashes · (instance, number of the boot that went well).
    GuestLife = 10,
    /// Time until a guest's crash is noticed · (instance, number of the boot that went well).
    GuestDetect = 11,
    /// Length of an instance's preparation · (instance, 0).
    InstancePending = 12,
    /// Length of a boot, then whether it fails · (instance, number of the boot).
    InstanceBoot = 13,
    /// Time until an owner starts a stopped instance again · (instance, number of the attempt).
    OwnerRestart = 14,
    /// How long an instance lives · (instance, 0).
    InstanceLife = 15,
    /// Time to the next batch, its size, what it holds, then how long that lives where all of it
    /// lives equally long · (source, number of the batch).
    ArrivalBatch = 16,
    /// What one member of a mixed batch is · (instance, 0).
    ArrivalMember = 17,
}

impl Chance {
    /// The draws at the address (this purpose, `entity`, `ordinal`).
    #[inline]
    pub fn of(self, streams: &Streams, entity: u64, ordinal: u32) -> Draws {
        streams.at(self as u16, entity, ordinal)
    }
}
