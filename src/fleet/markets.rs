//! The markets of preemptible instances as they stand, and who is in them.

use crate::{
    fleet::{
        ids::{Instance, Market},
        instances::InstanceName,
        layout::Layout,
        spot::{Bid, MarketSpec, Price, SpotTerms, Stock},
    },
    kernel::{
        column::{Column, Id},
        stamp::Stamp,
        time::Instant,
    },
};
use std::{
    collections::{BTreeSet, btree_set},
    ops::Index,
};

/// Price and stock of a market at one time: a pure function of the scenario, the run and that time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quote {
    /// The market price.
    pub price: Price,
    /// Logarithm of the price before its bounds, of prices by random steps.
    pub level: f64,
    /// Steps of the price so far (count) -- the ordinal of their draws.
    pub price_steps: u32,
    /// When the price changes next.
    pub price_until: Instant,
    /// The stock.
    pub stock: Stock,
    /// Steps of the stock so far (count) -- the ordinal of their draws.
    pub stock_steps: u32,
    /// When the stock changes next.
    pub stock_until: Instant,
}

/// The place of an instance in the order of victims: the lowest bid first, equal bids by lot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// What it bids at most.
    pub bid: Price,
    /// Its lot.
    pub lot: u64,
    /// Its name, for equal lots.
    pub name: InstanceName,
    /// The instance.
    pub instance: Id<Instance>,
}

/// A preemptible instance, as far as its market goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpotRow {
    /// Its market.
    pub market: Id<Market>,
    /// Its place in the order of victims, while it has one.
    pub place: Place,
    /// Until then it is not interrupted.
    pub protected_until: Instant,
    /// Whether it counts against the stock: from its placing until it is interrupted, gives its
    /// room up or is released.
    pub counts: bool,
    /// Whether it is being taken back.
    pub is_recycled: bool,
}

/// One market.
#[derive(Clone, Debug)]
pub struct MarketRow {
    /// How it stands, since it was looked at last; `None`: nobody has looked yet.
    pub quote: Option<Quote>,
    /// Whether the alarm of its next change is pending.
    pub awaits_change: bool,
    /// The next check, if one is needed.
    pub check: Option<Instant>,
    /// Raised where the alarm of the check is void.
    pub check_stamp: Stamp,
    /// Those who count against the stock, first victims first.
    queue: BTreeSet<Place>,
}

impl MarketRow {
    /// How many count against the stock.
    pub fn taken(&self) -> u32 {
        self.queue.len() as u32
    }

    /// Those who count against the stock, first victims first.
    pub fn in_order(&self) -> btree_set::Iter<'_, Place> {
        self.queue.iter()
    }
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Markets {
    rows: Column<Market, MarketRow>,
    instances: Column<Instance, Option<SpotRow>>,
    /// Those who are being taken back.
    recycled: BTreeSet<Id<Instance>>,
    /// Instances that owners have created in place of interrupted ones (count).
    pub stand_ins: u64,
}

impl Markets {
    /// The markets of `layout`, at which nobody has looked yet.
    pub fn new(layout: &Layout) -> Self {
        let mut rows = Column::default();
        for _ in layout.markets.iter() {
            rows.push(MarketRow {
                quote: None,
                awaits_change: false,
                check: None,
                check_stamp: Stamp::default(),
                queue: BTreeSet::new(),
            });
        }
        Self { rows, ..Self::default() }
    }

    /// Whether there are no markets.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row of `market`, for what is not its queue.
    pub fn row_mut(&mut self, market: Id<Market>) -> &mut MarketRow {
        &mut self.rows[market]
    }

    /// What is known of `instance`, if it is preemptible and has had room.
    #[inline]
    pub fn of(&self, instance: Id<Instance>) -> Option<&SpotRow> {
        self.instances.get(instance).and_then(Option::as_ref)
    }

    /// `instance`, which has just got room, is in its market: for the first time as `row` says, else
    /// as before.
    pub fn join(&mut self, instance: Id<Instance>, row: SpotRow) {
        while self.instances.len() <= instance.index() {
            self.instances.push(None);
        }
        let row = self.instances[instance].get_or_insert(row);
        if !std::mem::replace(&mut row.counts, true) {
            self.rows[row.market].queue.insert(row.place);
        }
    }

    /// `instance` does not count against the stock any more; says in which market it did.
    pub fn leave(&mut self, instance: Id<Instance>) -> Option<Id<Market>> {
        let row = self.known_mut(instance)?;
        let did = std::mem::take(&mut row.counts);
        let (market, place) = (row.market, row.place);
        self.rows[market].queue.remove(&place);
        did.then_some(market)
    }

    fn known_mut(&mut self, instance: Id<Instance>) -> Option<&mut SpotRow> {
        let is_known = instance.index() < self.instances.len();
        if is_known { self.instances[instance].as_mut() } else { None }
    }

    /// `instance` is being taken back from now on.
    pub fn recycle(&mut self, instance: Id<Instance>) {
        self.leave(instance);
        if let Some(row) = self.known_mut(instance) {
            row.is_recycled = true;
            self.recycled.insert(instance);
        }
    }

    /// `instance` is not being taken back any more.
    pub fn recycled(&mut self, instance: Id<Instance>) {
        if let Some(row) = self.known_mut(instance) {
            row.is_recycled = false;
            self.recycled.remove(&instance);
        }
    }

    /// `instance` is no more.
    pub fn forget(&mut self, instance: Id<Instance>) -> Option<Id<Market>> {
        let market = self.leave(instance);
        self.recycled(instance);
        if instance.index() < self.instances.len() {
            self.instances[instance] = None;
        }
        market
    }

    /// Those who are being taken back.
    pub fn recycling(&self) -> impl Iterator<Item = Id<Instance>> {
        self.recycled.iter().copied()
    }
}

impl Index<Id<Market>> for Markets {
    type Output = MarketRow;

    fn index(&self, market: Id<Market>) -> &MarketRow {
        &self.rows[market]
    }
}

/// What `terms` bid at most in the market of `spec`: who bids what the market asks goes no higher
/// than what pay-as-you-go costs.
pub const fn highest_bid(terms: &SpotTerms, spec: &MarketSpec) -> Price {
    match terms.bid {
        Bid::UpTo(price) => price,
        Bid::AsPriceGoes => spec.on_demand,
    }
}
