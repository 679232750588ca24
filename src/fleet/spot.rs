//! Preemptible instances as a scenario describes them: markets, bids, terms (spec/events.md 8).
//!
//! Money is counted in whole units so that no sum drifts: a price in millionths of the scenario's
//! currency for an hour, a cost as price times microseconds, which is exact.

use crate::{
    fleet::ids::{InstanceType, Market, Zone},
    kernel::{
        column::Id,
        distribution::Distribution,
        time::{Instant, Span},
    },
};

/// A price: millionths of the scenario's currency for an hour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Price(u64);

impl Price {
    /// Largest price that a scenario may state (currency for an hour).
    pub const MOST: f64 = 1e6;

    /// The price of so many millionths of the currency for an hour.
    pub const fn from_millionths(millionths: u64) -> Self {
        Self(millionths)
    }

    /// The price nearest to `amount` (currency for an hour, from zero).
    pub fn nearest(amount: f64) -> Self {
        Self(libm::round(amount * 1e6) as u64)
    }

    /// Millionths of the currency for an hour.
    pub const fn millionths(self) -> u64 {
        self.0
    }

    /// The currency for an hour, for reports.
    pub fn amount(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

/// What an instance bids (`SpotStrategy`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Bid {
    /// `SpotWithPriceLimit`: at most this.
    UpTo(Price),
    /// `SpotAsPriceGo`: what the market asks, at most the pay-as-you-go price.
    AsPriceGoes,
}

/// What is done to an instance that is interrupted (`SpotInterruptionBehavior`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Interruption {
    /// `Terminate`: it is released.
    Terminate,
    /// `Stop`: it is stopped economically.
    Stop,
}

/// On which terms a preemptible instance is created.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SpotTerms {
    /// The market of its type and zone.
    pub market: Id<Market>,
    /// What it bids.
    pub bid: Bid,
    /// `SpotDuration`: whether it has a protection period.
    pub protected: bool,
    /// What is done to it when it is interrupted.
    pub interruption: Interruption,
}

/// How much of a type is left for preemptible instances.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stock {
    /// So many of them (count).
    Of(u32),
    /// As many as there is room for.
    Unlimited,
}

impl Stock {
    /// Whether it is enough for `taken` instances.
    pub const fn covers(self, taken: u32) -> bool {
        match self {
            Self::Of(count) => taken <= count,
            Self::Unlimited => true,
        }
    }

    /// How many of `taken` instances are too many (count).
    pub const fn excess(self, taken: u32) -> u32 {
        match self {
            Self::Of(count) => taken.saturating_sub(count),
            Self::Unlimited => 0,
        }
    }
}

/// A market: where a type is sold to who may be interrupted.
#[derive(Clone, Debug)]
pub struct MarketSpec {
    /// What results call it: the type's name, with `@ZONE` where it is of one zone.
    pub name: String,
    /// The type.
    pub instance_type: Id<InstanceType>,
    /// The zone; `None`: all zones together.
    pub zone: Option<Id<Zone>>,
    /// The pay-as-you-go price.
    pub on_demand: Price,
    /// How the market price goes.
    pub price: PriceLaw,
    /// How the stock goes.
    pub stock: StockLaw,
}

/// How a market price goes: always piecewise constant.
#[derive(Clone, Debug)]
pub enum PriceLaw {
    /// It never changes.
    Fixed(Price),
    /// Random steps that are pulled back to a mean.
    Steps(PriceSteps),
    /// As recorded: (when, from then on), in order; before the first as the first.
    Series(Vec<(Instant, Price)>),
}

/// Random steps of a price: its logarithm is a first-order autoregression.
#[derive(Clone, Debug)]
pub struct PriceSteps {
    /// Time from one step to the next.
    pub gap: Distribution,
    /// The price that it is pulled back to, and where it begins.
    pub mean: Price,
    /// The share of the way back to the mean (as logarithms) that a step goes, 0 to 1.
    pub pull: f64,
    /// Standard deviation of a step's random part, as a logarithm.
    pub noise: f64,
    /// It never falls below this.
    pub least: Price,
    /// It never rises above this.
    pub most: Price,
}

/// How the stock of a market goes.
#[derive(Clone, Debug)]
pub enum StockLaw {
    /// It never changes.
    Fixed(Stock),
    /// Available for a time of one law, then not for a time of the other, and so on; available
    /// when a run begins.
    OnOff {
        /// How long it is available.
        on: Distribution,
        /// How long it is not.
        off: Distribution,
    },
    /// As recorded: (when, from then on), in order; before the first as the first.
    Series(Vec<(Instant, Stock)>),
    /// What the fleet has room for: whoever pays as they go and waits for room takes it from those
    /// who may be interrupted.
    Room,
}

/// `settings.spot`.
#[derive(Clone, Debug)]
pub struct SpotSettings {
    /// `check_period`: price and stock are checked so often, at multiples of it on the clock.
    pub check_period: Span,
    /// `notice`: time from the interruption's notification to the end.
    pub notice: Span,
    /// `protection`: length of the protection period of those who have one.
    pub protection: Span,
    /// `stop_action_value`: `action` of the notification where the instance is stopped (S41).
    pub stop_action_value: String,
}
