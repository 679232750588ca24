//! Markets of preemptible instances: how price and stock go, who is in, and when a check is needed.
//!
//! Path of a market: nobody is in it, and nobody looks → an instance joins: its price and stock are
//! followed from change to change → somebody may have to go: a check is set for the next multiple
//! of `spot.check_period` (what it does is in `spot`) → nobody is in it any more. No check is made
//! that could change nothing: between two changes of a market the same instances are exposed, and
//! the next one to be is known. Documented behaviour: spec/events.md 8. Moves: markets.

use super::turn::Turn;
use crate::{
    fleet::{
        care::StoppedMode,
        chance::Chance,
        ids::{Instance, Market, Template},
        layout::Resources,
        markets::{Place, Quote, SpotRow, highest_bid},
        spot::{MarketSpec, Price, PriceLaw, PriceSteps, Stock, StockLaw},
    },
    kernel::{
        column::Id,
        special::normal_quantile,
        time::{Instant, Span},
    },
    lifecycle::instance::InstanceState,
    messages::{
        fact::Fact,
        occurrence::Occurrence,
        refusal::{Refusal, require},
        spot::SpotFact,
    },
};

/// Later than every run.
const NEVER: Instant = Instant::from_micros(u64::MAX);

/// How `market` stands now: the same whoever looks, and whenever somebody looked before.
pub fn quote(turn: &Turn<'_>, market: Id<Market>) -> Quote {
    let known = turn.fleet.markets[market].quote;
    let mut quote = known.unwrap_or_else(|| at_begin(turn, market));
    while quote.price_until <= turn.now {
        price_changes(turn, market, &mut quote);
    }
    while quote.stock_until <= turn.now {
        stock_changes(turn, market, &mut quote);
    }
    quote
}

/// As [`quote`]; that it has changed since somebody looked is a fact.
pub fn look(turn: &mut Turn<'_>, market: Id<Market>) -> Quote {
    let before = turn.fleet.markets[market].quote;
    let now = quote(turn, market);
    let shown = |quote: Quote| (quote.price, quote.stock);
    if before.map(shown) != Some(shown(now)) {
        let (price, stock) = shown(now);
        turn.state(Fact::Spot(SpotFact::MarketMoved { market, price, stock }));
    }
    turn.fleet.markets.row_mut(market).quote = Some(now);
    now
}

/// All markets are looked at, so that whoever asks often needs not follow them from far back.
pub fn look_at_all(turn: &mut Turn<'_>) {
    for market in turn.layout().markets.ids().iter() {
        look(turn, market);
    }
}

/// Price or stock of `market` changes.
pub fn changes(turn: &mut Turn<'_>, market: Id<Market>) {
    turn.fleet.markets.row_mut(market).awaits_change = false;
    look(turn, market);
    presses(turn, market, turn.now);
    awaits_change(turn, market);
}

/// Whether the market of `template`, if it has one, takes a new instance now.
pub fn takes(turn: &Turn<'_>, template: Id<Template>) -> bool {
    let Some(terms) = turn.layout().templates[template].spot else { return true };
    let quote = quote(turn, terms.market);
    let taken = turn.fleet.markets[terms.market].taken();
    let bid = highest_bid(&terms, &turn.layout().markets[terms.market]);
    bid >= quote.price && quote.stock.covers(taken.saturating_add(1))
}

/// RunInstances and CreateInstance: whether the bid of `template`, if it states one, is high enough.
///
/// # Errors
/// `InvalidSpotPriceLimit.LowerThanPublicPrice`.
pub fn admits(turn: &mut Turn<'_>, template: Id<Template>) -> Result<(), Refusal> {
    let Some(terms) = turn.layout().templates[template].spot else { return Ok(()) };
    let price = look(turn, terms.market).price;
    let bid = highest_bid(&terms, &turn.layout().markets[terms.market]);
    require(bid >= price, Refusal::SpotPriceLimitTooLow)
}

/// StartInstance of `instance`, as far as its market goes: who kept the room is sure of it within
/// the protection period; else the bid and the stock must do, and who gave the room up always needs
/// stock (spec/events.md 8).
///
/// # Errors
/// SpotPriceLowerThanPublicPrice and NoStock.
pub fn may_start(turn: &mut Turn<'_>, instance: Id<Instance>) -> Result<(), Refusal> {
    let Some(row) = turn.fleet.markets.of(instance).copied() else { return Ok(()) };
    let keeps_room = turn.fleet.care[instance].stopped_mode != StoppedMode::StopCharging;
    let is_protected = turn.now < row.protected_until;
    if keeps_room && is_protected {
        return Ok(());
    }
    let quote = look(turn, row.market);
    require(is_protected || row.place.bid >= quote.price, Refusal::SpotPriceTooLow)?;
    let taken = turn.fleet.markets[row.market].taken() + u32::from(!row.counts);
    require(quote.stock.covers(taken), Refusal::NoStock)
}

/// `instance` gets room: if it is preemptible, it is in its market from now on.
#[inline]
pub fn joins(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if !turn.fleet.markets.is_empty() {
        joins_one(turn, instance);
    }
}

#[cold]
fn joins_one(turn: &mut Turn<'_>, instance: Id<Instance>) {
    let row = turn.fleet.instances[instance];
    let Some(terms) = turn.layout().templates[row.template].spot else { return };
    let market = terms.market;
    look(turn, market);
    let bid = highest_bid(&terms, &turn.layout().markets[market]);
    let lot = turn.chance(Chance::SpotLot, row.name.entity(), 0).bits();
    let protection =
        if terms.protected { turn.scenario.settings.spot.protection } else { Span::ZERO };
    let new = SpotRow {
        market,
        place: Place { bid, lot, name: row.name, instance },
        protected_until: turn.now.saturating_add(protection),
        counts: false,
        is_recycled: false,
    };
    turn.fleet.markets.join(instance, new);
    presses(turn, market, turn.now);
    awaits_change(turn, market);
}

/// `instance` gives its room up and may come back.
#[inline]
pub fn leaves(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if !turn.fleet.markets.is_empty() {
        turn.fleet.markets.leave(instance);
    }
}

/// `instance` is no more.
#[inline]
pub fn forgets(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if !turn.fleet.markets.is_empty() {
        turn.fleet.markets.forget(instance);
    }
}

/// `instance` starts: it is exposed again.
pub fn starts(turn: &mut Turn<'_>, instance: Id<Instance>) {
    if let Some(row) = turn.fleet.markets.of(instance).copied() {
        joins(turn, instance);
        presses(turn, row.market, turn.now);
    }
}

/// A launch that pays as it goes waits for room: markets that live on what is left may have to give
/// some back.
pub fn room_is_awaited(turn: &mut Turn<'_>, template: Id<Template>) {
    let layout = turn.layout();
    if layout.markets.is_empty() || layout.templates[template].spot.is_some() {
        return;
    }
    for (market, spec) in layout.markets.entries() {
        if matches!(spec.stock, StockLaw::Room) {
            presses(turn, market, turn.now);
        }
    }
}

/// Sets a check of `market` at the first time from `from` on at which somebody may have to go.
pub fn presses(turn: &mut Turn<'_>, market: Id<Market>, from: Instant) {
    let Some(exposed) = first_exposed(turn, market) else { return };
    let at = next_check(turn, exposed.max(from));
    let row = turn.fleet.markets.row_mut(market);
    if at >= turn.scenario.end || row.check.is_some_and(|check| check <= at) {
        return;
    }
    let replaces = row.check.replace(at).is_some();
    row.check_stamp.raise();
    let stamp = row.check_stamp;
    if replaces {
        turn.agenda.abandon();
    }
    turn.agenda.at(at, Occurrence::MarketChecked { market, stamp });
}

/// What launches that pay as they go and wait for room lack beyond what is being taken back for
/// them; `None`: nothing.
pub fn room_lacking(turn: &Turn<'_>) -> Option<Resources> {
    let layout = turn.layout();
    let mut lacks = Resources::default();
    for (instance, shape) in turn.fleet.waiting.launches() {
        let template = turn.fleet.instances[instance].template;
        if layout.templates[template].spot.is_none() {
            lacks = lacks.plus(&layout.shapes[shape].demand);
        }
    }
    for instance in turn.fleet.markets.recycling() {
        lacks = less(&lacks, layout.demand(turn.fleet.instances[instance].template));
    }
    (lacks != Resources::default()).then_some(lacks)
}

/// What of `lacks` is left when `given` is there.
pub const fn less(lacks: &Resources, given: &Resources) -> Resources {
    Resources {
        vcpus: lacks.vcpus.saturating_sub(given.vcpus),
        gpus: lacks.gpus.saturating_sub(given.gpus),
        local_disks: lacks.local_disks.saturating_sub(given.local_disks),
        nic_percent: lacks.nic_percent.saturating_sub(given.nic_percent),
        memory: lacks.memory.saturating_sub(given.memory),
        local_storage: lacks.local_storage.saturating_sub(given.local_storage),
    }
}

/// Whether `market` lives on the room that is left.
pub fn lives_on_room(turn: &Turn<'_>, market: Id<Market>) -> bool {
    matches!(turn.layout().markets[market].stock, StockLaw::Room)
}

/// When the first of those who would have to go, as `market` stands, may be taken back; `None`:
/// nobody would.
fn first_exposed(turn: &Turn<'_>, market: Id<Market>) -> Option<Instant> {
    let row = &turn.fleet.markets[market];
    let quote = row.quote?;
    let is_short = quote.stock.excess(row.taken()) > 0
        || (lives_on_room(turn, market) && room_lacking(turn).is_some());
    let mut first = None;
    for place in row.in_order() {
        if !is_short && place.bid >= quote.price {
            break; // Nobody behind bids less.
        }
        if turn.fleet.instances[place.instance].state == InstanceState::Stopped {
            continue; // It has no need to go; it may not be able to start.
        }
        let until = turn.fleet.markets.of(place.instance)?.protected_until;
        if until <= turn.now {
            return Some(turn.now);
        }
        first = Some(first.map_or(until, |first: Instant| first.min(until)));
    }
    first
}

/// The first time for checks from `from` on.
fn next_check(turn: &Turn<'_>, from: Instant) -> Instant {
    let period = turn.scenario.settings.spot.check_period.micros();
    let number = from.micros().div_ceil(period);
    Instant::from_micros(number.saturating_mul(period))
}

/// Follows `market` as long as anybody is in it, or is being taken back.
fn awaits_change(turn: &mut Turn<'_>, market: Id<Market>) {
    let row = &turn.fleet.markets[market];
    let Some(quote) = row.quote.filter(|_| !row.awaits_change) else { return };
    let is_of = |instance| turn.fleet.markets.of(instance).is_some_and(|of| of.market == market);
    if row.taken() == 0 && !turn.fleet.markets.recycling().any(is_of) {
        return;
    }
    let at = quote.price_until.min(quote.stock_until);
    if at >= turn.scenario.end {
        return;
    }
    let row = turn.fleet.markets.row_mut(market);
    row.awaits_change = true;
    turn.agenda.at(at, Occurrence::MarketChanges(market));
}

/// How `market` stands when a run begins.
fn at_begin(turn: &Turn<'_>, market: Id<Market>) -> Quote {
    let (spec, begin) = (&turn.layout().markets[market], turn.scenario.begin);
    let mut quote = Quote {
        price: Price::default(),
        level: 0.0,
        price_steps: 0,
        price_until: NEVER,
        stock: Stock::Unlimited,
        stock_steps: 0,
        stock_until: NEVER,
    };
    match &spec.price {
        PriceLaw::Fixed(price) => quote.price = *price,
        PriceLaw::Steps(law) => {
            quote.price = law.mean;
            quote.level = libm::log(law.mean.amount());
            quote.price_until = begin.saturating_add(price_gap(turn, market, law, 0));
        }
        PriceLaw::Series(points) => {
            (quote.price, quote.price_steps, quote.price_until) = in_series(points, begin);
        }
    }
    match &spec.stock {
        StockLaw::Fixed(stock) => quote.stock = *stock,
        StockLaw::Room => {}
        StockLaw::OnOff { .. } => {
            quote.stock_until = begin.saturating_add(stock_gap(turn, market, spec, 0));
        }
        StockLaw::Series(points) => {
            (quote.stock, quote.stock_steps, quote.stock_until) = in_series(points, begin);
        }
    }
    quote
}

/// The value of a series at `now`, its number, and when the next follows.
fn in_series<T: Copy>(points: &[(Instant, T)], now: Instant) -> (T, u32, Instant) {
    let place = points.partition_point(|(at, _)| *at <= now).saturating_sub(1);
    let until = points.get(place + 1).map_or(NEVER, |(at, _)| *at);
    (points[place].1, place as u32, until)
}

fn price_changes(turn: &Turn<'_>, market: Id<Market>, quote: &mut Quote) {
    match &turn.layout().markets[market].price {
        PriceLaw::Fixed(_) => quote.price_until = NEVER,
        PriceLaw::Series(points) => {
            (quote.price, quote.price_steps, quote.price_until) =
                in_series(points, quote.price_until);
        }
        PriceLaw::Steps(law) => {
            let mut draws = price_draws(turn, market, quote.price_steps);
            let _gap = draws.unit(); // The first draw at the address was the time until now.
            let mean = libm::log(law.mean.amount());
            let random = law.noise * normal_quantile(draws.unit());
            quote.level = mean + (quote.level - mean) * (1.0 - law.pull) + random;
            let price = Price::nearest(libm::exp(quote.level.min(libm::log(Price::MOST))));
            quote.price = price.clamp(law.least, law.most);
            // What is cut off is not remembered, or the price would stick to its bounds.
            if quote.price != price && quote.price.millionths() > 0 {
                quote.level = libm::log(quote.price.amount());
            }
            quote.price_steps += 1;
            let gap = price_gap(turn, market, law, quote.price_steps);
            quote.price_until = quote.price_until.saturating_add(gap);
        }
    }
}

fn stock_changes(turn: &Turn<'_>, market: Id<Market>, quote: &mut Quote) {
    let spec = &turn.layout().markets[market];
    match &spec.stock {
        StockLaw::Fixed(_) | StockLaw::Room => quote.stock_until = NEVER,
        StockLaw::Series(points) => {
            (quote.stock, quote.stock_steps, quote.stock_until) =
                in_series(points, quote.stock_until);
        }
        StockLaw::OnOff { .. } => {
            quote.stock_steps += 1;
            let is_on = quote.stock_steps.is_multiple_of(2);
            quote.stock = if is_on { Stock::Unlimited } else { Stock::Of(0) };
            let gap = stock_gap(turn, market, spec, quote.stock_steps);
            quote.stock_until = quote.stock_until.saturating_add(gap);
        }
    }
}

fn price_draws(turn: &Turn<'_>, market: Id<Market>, step: u32) -> crate::kernel::streams::Draws {
    turn.chance(Chance::MarketPrice, market.index() as u64, step)
}

fn price_gap(turn: &Turn<'_>, market: Id<Market>, law: &PriceSteps, step: u32) -> Span {
    law.gap.quantile(price_draws(turn, market, step).unit())
}

/// How long the stock stays as its change number `step` has left it.
fn stock_gap(turn: &Turn<'_>, market: Id<Market>, spec: &MarketSpec, step: u32) -> Span {
    let StockLaw::OnOff { on, off } = &spec.stock else { return Span::NEVER };
    let law = if step.is_multiple_of(2) { on } else { off };
    turn.length(law, Chance::MarketStock, market.index() as u64, step)
}
