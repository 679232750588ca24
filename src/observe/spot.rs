//! Preemptible instances: what they cost, how often they are interrupted, how long they live.
//!
//! Every price is constant between two facts, so each market keeps the integral of its price over
//! time, and what an instance pays behind its first hour is the difference of two of its values:
//! a change of price costs the same however many instances are there. All sums are whole numbers
//! (millionths of the currency an hour, times microseconds).

use super::{gauges::Lengths, select::ALL, sheet::Sheet};
use crate::{
    fleet::{
        ids::{Instance, Market, Template},
        layout::Layout,
        spot::Price,
    },
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
    messages::{
        fact::Fact,
        spot::{SpotFact, Why},
    },
    scenario::Scenario,
};
use std::collections::BTreeSet;

/// For so long an instance pays the price of the time at which it bid (spec/events.md 8).
const FIRST_HOUR: Span = Span::from_seconds(3_600);

/// What one instance is billed by.
#[derive(Clone, Copy, Debug)]
struct Bill {
    /// The market of its type, if it has one.
    market: Option<Id<Market>>,
    /// Whether it is preemptible.
    is_spot: bool,
    /// When it was placed first, and the price then.
    bid: Option<(Instant, Price)>,
    /// Since when it holds room on its server.
    since: Option<Instant>,
    /// Since when it has held room without a break: what only moves goes on to live.
    lives: Instant,
    /// When it gave its room up last.
    left: Option<Instant>,
    /// What the integral of the market price was when it began to pay it, if it does.
    mark: Option<u128>,
}

/// What is added up of one market.
#[derive(Clone, Debug)]
struct Ledger {
    name: String,
    on_demand: Price,
    price: Price,
    /// Up to when the integral is known.
    since: Instant,
    /// Price times time, measured (millionths an hour times µs).
    integral: u128,
    /// Who is in the first hour, and when that ends.
    first_hours: BTreeSet<(Instant, Id<Instance>)>,
    cost: u128,
    held: u128,
    base_held: u128,
    interrupted: u64,
    refused: u64,
}

/// What the whole fleet pays.
#[derive(Clone, Debug)]
pub struct Spot {
    from: Instant,
    end: Instant,
    /// The market of each template's type, and whether the template is preemptible.
    of: Column<Template, (Option<Id<Market>>, bool)>,
    markets: Column<Market, Ledger>,
    bills: Column<Instance, Bill>,
    why: [u64; Why::ALL.len()],
    lives: Lengths,
}

impl Spot {
    /// Nothing is paid yet.
    pub fn new(scenario: &Scenario) -> Self {
        let layout = &scenario.layout;
        let mut markets = Column::default();
        for spec in layout.markets.iter() {
            markets.push(Ledger {
                name: spec.name.clone(),
                on_demand: spec.on_demand,
                price: Price::default(),
                since: scenario.measure_from,
                integral: 0,
                first_hours: BTreeSet::new(),
                cost: 0,
                held: 0,
                base_held: 0,
                interrupted: 0,
                refused: 0,
            });
        }
        let mut of = Column::default();
        for (template, spec) in layout.templates.entries() {
            of.push((market_of(layout, template), spec.spot.is_some()));
        }
        Self {
            from: scenario.measure_from,
            end: scenario.end,
            of,
            markets,
            bills: Column::default(),
            why: [0; Why::ALL.len()],
            lives: Lengths::default(),
        }
    }

    /// Takes note of a fact.
    #[inline]
    pub fn see(&mut self, now: Instant, fact: &Fact) {
        if !self.markets.is_empty() {
            self.sees(now, fact);
        }
    }

    fn sees(&mut self, now: Instant, fact: &Fact) {
        if let Fact::Requested { instance, template, .. } = *fact {
            let (market, is_spot) = self.of[template];
            let (bid, since, mark) = (None, None, None);
            let bill = Bill { market, is_spot, bid, since, lives: now, left: None, mark };
            if instance.index() == self.bills.len() {
                self.bills.push(bill);
            } else {
                self.bills[instance] = bill;
            }
        } else if let Fact::Placed { instance, .. } = *fact {
            self.begins(now, instance);
        } else if let Fact::Vacated { instance, .. } = *fact {
            self.ends(now, instance);
        } else if let Fact::Spot(fact) = *fact {
            self.spot(now, fact);
        }
    }

    fn spot(&mut self, now: Instant, fact: SpotFact) {
        let counts = u64::from(now >= self.from);
        match fact {
            SpotFact::MarketMoved { market, price, .. } => self.price_moves(now, market, price),
            SpotFact::Refused { market, .. } => self.markets[market].refused += counts,
            SpotFact::Interrupted { instance, market, why, .. } => {
                self.why[why as usize] += counts;
                self.markets[market].interrupted += counts;
                let bill = &self.bills[instance];
                if bill.since.is_some() && now >= self.from {
                    self.lives.count(now.since(bill.lives));
                }
            }
            SpotFact::TakenBack { .. } => {}
        }
    }

    /// The first hours that have ended by `now` are behind those who were in them; then the price
    /// changes.
    fn price_moves(&mut self, now: Instant, market: Id<Market>, price: Price) {
        while let Some((until, instance)) = self.markets[market].first_hours.first().copied() {
            if until > now {
                break;
            }
            self.markets[market].first_hours.remove(&(until, instance));
            self.bills[instance].mark = Some(self.markets[market].integral_at(until));
        }
        let ledger = &mut self.markets[market];
        ledger.integral = ledger.integral_at(now);
        ledger.since = ledger.since.max(now);
        ledger.price = price;
    }

    fn begins(&mut self, now: Instant, instance: Id<Instance>) {
        let bill = &mut self.bills[instance];
        bill.since = Some(now);
        if bill.left != Some(now) {
            bill.lives = now; // Else it has only moved.
        }
        let Some(market) = bill.market.filter(|_| bill.is_spot) else { return };
        let ledger = &mut self.markets[market];
        let (at, _) = *bill.bid.get_or_insert((now, ledger.price));
        let until = at.saturating_add(FIRST_HOUR);
        if until > now {
            bill.mark = None;
            ledger.first_hours.insert((until, instance));
        } else {
            bill.mark = Some(ledger.integral_at(now));
        }
    }

    fn ends(&mut self, now: Instant, instance: Id<Instance>) {
        let bill = self.bills[instance];
        let (Some(market), Some(since)) = (bill.market, bill.since) else { return };
        (self.bills[instance].since, self.bills[instance].left) = (None, Some(now));
        let ledger = &mut self.markets[market];
        let held = measured(self.from, since, now);
        let Some((at, price)) = bill.bid else {
            ledger.base_held += held;
            return;
        };
        ledger.held += held;
        let until = at.saturating_add(FIRST_HOUR);
        ledger.first_hours.remove(&(until, instance));
        let mark = bill.mark.or_else(|| (until <= now).then(|| ledger.integral_at(until)));
        let first = measured(self.from, since, until.min(now));
        let later = mark.map_or(0, |mark| ledger.integral_at(now) - mark);
        ledger.cost += u128::from(price.millionths()) * first + later;
    }

    /// The run is over: closes what is open.
    pub fn finish(&mut self) {
        if self.markets.is_empty() {
            return;
        }
        for instance in self.bills.ids().iter() {
            self.ends(self.end, instance);
        }
    }

    /// Writes the metrics down, where there are markets.
    pub fn write(&mut self, sheet: &mut Sheet) {
        if self.markets.is_empty() {
            return;
        }
        let total: u64 = self.why.iter().sum();
        sheet.write("spot.interrupted", Some(total as f64));
        for (why, count) in Why::ALL.iter().zip(self.why) {
            sheet.write_labelled("spot.interruptions", &[why.name()], Some(count as f64));
        }
        let mut every = Row::default();
        let rows: Vec<(String, Row)> = self
            .markets
            .iter()
            .map(|ledger| {
                let row = ledger.row();
                every.add(&row);
                (ledger.name.clone(), row)
            })
            .collect();
        for (name, value) in VALUES {
            sheet.write_labelled(name, &[ALL], value(&every));
            for (market, row) in &rows {
                sheet.write_labelled(name, &[market], value(row));
            }
        }
        sheet.write("spot.lifetime.mean", self.lives.mean());
        sheet.write("spot.lifetime.p50", self.lives.quantile(0.5));
        sheet.write("spot.lifetime.p05", self.lives.quantile(0.05));
    }
}

impl Ledger {
    /// The integral of the price up to `at`, which lies behind its last change.
    fn integral_at(&self, at: Instant) -> u128 {
        let more = if at > self.since { at.since(self.since).micros() } else { 0 };
        self.integral + u128::from(self.price.millionths()) * u128::from(more)
    }

    fn row(&self) -> Row {
        let on_demand = u128::from(self.on_demand.millionths());
        Row {
            held: self.held,
            cost: self.cost,
            instead: self.held * on_demand,
            base_held: self.base_held,
            base_cost: self.base_held * on_demand,
            interrupted: self.interrupted,
            refused: self.refused,
        }
    }
}

/// Sums of one market, or of all.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    held: u128,
    cost: u128,
    instead: u128,
    base_held: u128,
    base_cost: u128,
    interrupted: u64,
    refused: u64,
}

impl Row {
    const fn add(&mut self, other: &Self) {
        self.held += other.held;
        self.cost += other.cost;
        self.instead += other.instead;
        self.base_held += other.base_held;
        self.base_cost += other.base_cost;
        self.interrupted += other.interrupted;
        self.refused += other.refused;
    }
}

/// What a metric shows of a row.
type Value = fn(&Row) -> Option<f64>;

/// The metrics of each market and of all together.
const VALUES: [(&str, Value); 8] = [
    ("spot.instance_hours", |row| Some(hours(row.held))),
    ("spot.cost", |row| Some(money(row.cost))),
    ("spot.cost.pay_as_you_go", |row| Some(money(row.instead))),
    ("spot.saved", |row| (row.instead > 0).then(|| 1.0 - row.cost as f64 / row.instead as f64)),
    ("spot.reclaimed", |row| Some(row.interrupted as f64)),
    ("spot.refused", |row| Some(row.refused as f64)),
    ("spot.base.instance_hours", |row| Some(hours(row.base_held))),
    ("spot.base.cost", |row| Some(money(row.base_cost))),
];

/// Microseconds in an hour.
const HOUR: f64 = 3.6e9;

fn hours(micros: u128) -> f64 {
    micros as f64 / HOUR
}

fn money(millionths_hours: u128) -> f64 {
    millionths_hours as f64 / HOUR / 1e6
}

/// How much of the time from `since` to `to` is measured, which is from `from` on (µs).
fn measured(from: Instant, since: Instant, to: Instant) -> u128 {
    let since = since.max(from);
    if to > since { u128::from(to.since(since).micros()) } else { 0 }
}

/// The market whose price an instance of `template` is compared with: its own, else that of its
/// type in its zone, else the first of its type.
fn market_of(layout: &Layout, template: Id<Template>) -> Option<Id<Market>> {
    let spec = &layout.templates[template];
    if let Some(terms) = spec.spot {
        return Some(terms.market);
    }
    let zone = layout.shapes[spec.shape].zone;
    let of_type = || {
        let all = layout.markets.entries();
        all.filter(|(_, market)| market.instance_type == spec.instance_type)
    };
    let here = of_type().find(|(_, market)| market.zone.is_some() && market.zone == zone);
    here.or_else(|| of_type().next()).map(|(market, _)| market)
}
