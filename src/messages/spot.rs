//! What has become true of preemptible instances.

use crate::{
    fleet::{
        ids::{Instance, Market},
        spot::{Interruption, Price, Stock},
    },
    kernel::{column::Id, time::Instant},
};

/// Something that has become true of a preemptible instance, or of a market.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum SpotFact {
    /// A market stands so from now on, as far as anybody looks.
    MarketMoved {
        /// The market.
        market: Id<Market>,
        /// The price.
        price: Price,
        /// The stock.
        stock: Stock,
    },
    /// A market did not take a new instance.
    Refused {
        /// The instance.
        instance: Id<Instance>,
        /// The market.
        market: Id<Market>,
    },
    /// An instance is told that it will be taken back.
    Interrupted {
        /// The instance.
        instance: Id<Instance>,
        /// Its market.
        market: Id<Market>,
        /// Why.
        why: Why,
        /// What will be done to it.
        interruption: Interruption,
        /// When: what the guest reads as its termination time.
        at: Instant,
    },
    /// An instance is taken back: it is released now, or begins to stop.
    TakenBack {
        /// The instance.
        instance: Id<Instance>,
        /// Its market.
        market: Id<Market>,
        /// What is done to it.
        interruption: Interruption,
    },
}

/// Why an instance is interrupted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Why {
    /// The market price is higher than its bid.
    Price,
    /// There is not enough stock of its type.
    Stock,
    /// Somebody who pays as they go waits for room.
    Room,
}

impl Why {
    /// Every reason.
    pub const ALL: &'static [Self] = &[Self::Price, Self::Stock, Self::Room];

    /// The name that metrics show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Stock => "stock",
            Self::Room => "room",
        }
    }
}
