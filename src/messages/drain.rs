//! What becomes true of drains.

pub use crate::fleet::drains::DrainBar;
use crate::{
    fleet::ids::{Campaign, Instance, Server},
    kernel::column::Id,
};

/// Something about the drain of a campaign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DrainFact {
    /// It is planned who goes where, for the first time or anew.
    Planned {
        /// Whose plan.
        campaign: Id<Campaign>,
        /// Who has a place to go to (count).
        moves: u32,
        /// Who cannot leave (count).
        barred: u32,
    },
    /// An instance cannot leave its server for now.
    Barred {
        /// Whose drain.
        campaign: Id<Campaign>,
        /// Who.
        instance: Id<Instance>,
        /// Where it is.
        server: Id<Server>,
        /// Why.
        why: DrainBar,
    },
    /// An instance sets out.
    SetsOut {
        /// Whose drain.
        campaign: Id<Campaign>,
        /// Who.
        instance: Id<Instance>,
        /// From where.
        from: Id<Server>,
        /// To where.
        to: Id<Server>,
    },
    /// A server is empty.
    Emptied {
        /// Whose drain.
        campaign: Id<Campaign>,
        /// Which.
        server: Id<Server>,
    },
    /// A server is given up: somebody stays, and it takes instances again.
    GivenUp {
        /// Whose drain.
        campaign: Id<Campaign>,
        /// Which.
        server: Id<Server>,
        /// How many stay (count).
        left: u32,
    },
    /// The work on an empty server is done, and it takes instances again: no risk, no failure and no
    /// other drain keeps it from that.
    Returned {
        /// Whose drain.
        campaign: Id<Campaign>,
        /// Which.
        server: Id<Server>,
    },
}

impl DrainFact {
    /// Whose drain it is about.
    pub const fn campaign(&self) -> Id<Campaign> {
        match *self {
            Self::Planned { campaign, .. }
            | Self::Barred { campaign, .. }
            | Self::SetsOut { campaign, .. }
            | Self::Emptied { campaign, .. }
            | Self::GivenUp { campaign, .. }
            | Self::Returned { campaign, .. } => campaign,
        }
    }
}
