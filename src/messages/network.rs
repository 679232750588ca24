//! What becomes true of the network.

pub use crate::fleet::transfers::LinkState;
use crate::{
    fleet::ids::{Instance, Link, Server, Task, Transfer},
    kernel::column::Id,
};

/// Something about the network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NetworkFact {
    /// Something is being sent from now on.
    TransferBegan {
        /// What.
        transfer: Id<Transfer>,
        /// Whose it is.
        task: Id<Task>,
        /// The instance that it moves.
        instance: Id<Instance>,
        /// From where.
        from: Id<Server>,
        /// To where.
        to: Id<Server>,
        /// How much (B).
        bytes: u64,
    },
    /// All of a transfer was sent, and its owner goes on with more.
    TransferRefilled {
        /// Which.
        transfer: Id<Transfer>,
        /// Whose it is.
        task: Id<Task>,
        /// The instance that it moves.
        instance: Id<Instance>,
        /// How much more (B).
        bytes: u64,
    },
    /// A transfer has left the network.
    TransferEnded {
        /// Which.
        transfer: Id<Transfer>,
        /// Whose it was.
        task: Id<Task>,
        /// The instance that it moves.
        instance: Id<Instance>,
        /// How much was sent in all (B, whole ones).
        bytes: u64,
        /// Whether that is everything it was given.
        is_complete: bool,
    },
    /// A link carries another load, or became saturated, or is not any more.
    LinkChanged {
        /// Which.
        link: Id<Link>,
        /// How it stands now.
        state: LinkState,
    },
}
