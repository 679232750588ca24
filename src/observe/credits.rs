//! CPU credits of burstable instances: who runs out, what is done and what is not, what it costs.
//!
//! Rates are summed as levels, whose areas are exact. Nothing is kept, and nothing written, where no
//! type is burstable.

use super::{gauges::Level, load::TYPES_SHOWN, select::ALL, sheet::Sheet};
use crate::{
    fleet::{
        burstables::in_credits,
        credits::{Pace, VCPU},
        ids::{Instance, InstanceType},
    },
    kernel::{
        column::{Column, Id},
        time::{Instant, MICROS_PER_SECOND},
    },
    messages::{
        credits::{CreditFact, Operator},
        fact::Fact,
    },
    scenario::Scenario,
};

/// The credits of the whole fleet.
#[derive(Clone, Debug)]
pub struct Credits<'a> {
    scenario: &'a Scenario,
    seen: Column<Instance, Seen>,
    rates: Rates,
    throttled: Level,
    full: Level,
    types: Column<InstanceType, OfType>,
    charged: u128,
    restricted: u64,
    mode_changes: [u64; 2],
}

/// What flows in the whole fleet [rates of `fleet::credits`].
#[derive(Clone, Debug)]
struct Rates {
    demanded: Level,
    delivered: Level,
    earned: Level,
    discarded: Level,
    overdrawn: Level,
}

/// What is known of an instance.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Whether the instance in this row is burstable: rows are used again.
    is_burstable: bool,
    of: Id<InstanceType>,
    pace: Pace,
    served: bool,
    /// Whether it counts among those that were served, and among those that ran out.
    counted: [bool; 2],
}

/// What is counted of a type.
#[derive(Clone, Debug)]
struct OfType {
    served: Level,
    throttled: Level,
    instances: u64,
    ran_out: u64,
}

impl<'a> Credits<'a> {
    /// Nothing flows yet.
    pub fn new(scenario: &'a Scenario) -> Self {
        let level = || Level::new(0, scenario.begin, scenario.measure_from);
        let of_type = OfType { served: level(), throttled: level(), instances: 0, ran_out: 0 };
        let types = if has_any(scenario) { scenario.layout.types.len() } else { 0 };
        Self {
            scenario,
            seen: Column::default(),
            rates: Rates {
                demanded: level(),
                delivered: level(),
                earned: level(),
                discarded: level(),
                overdrawn: level(),
            },
            throttled: level(),
            full: level(),
            types: Column::filled(of_type, types),
            charged: 0,
            restricted: 0,
            mode_changes: [0; 2],
        }
    }

    /// Takes note of a fact.
    #[inline]
    pub fn see(&mut self, now: Instant, fact: &Fact) {
        if self.types.is_empty() {
            return;
        }
        if let Fact::Credits(fact) = fact {
            self.sees(now, fact);
        } else if let Fact::Requested { instance, .. } = *fact {
            // It is burstable if the next fact says so.
            if self.is_burstable(instance) {
                self.seen[instance].is_burstable = false;
            }
        } else if let Fact::ServiceBegan(instance) = *fact {
            self.serves(now, instance, true);
        } else if let Fact::ServiceEnded { instance, .. } | Fact::OwingEnded(instance) = *fact {
            self.serves(now, instance, false);
        }
    }

    fn sees(&mut self, now: Instant, fact: &CreditFact) {
        let counts = now >= self.scenario.measure_from;
        match *fact {
            CreditFact::Began { instance, of, .. } => {
                let pace = Pace::default();
                let other =
                    Seen { is_burstable: false, of, pace, served: false, counted: [false; 2] };
                while self.seen.len() <= instance.index() {
                    self.seen.push(other);
                }
                self.seen[instance] = Seen { is_burstable: true, ..other };
            }
            CreditFact::Flows { instance, pace } => self.flows(now, instance, pace),
            CreditFact::Charged { amount, .. } if counts => self.charged += u128::from(amount),
            CreditFact::Restricted { .. } => self.restricted += u64::from(counts),
            CreditFact::ModeChanged { operator, .. } => {
                self.mode_changes[operator as usize] += u64::from(counts);
            }
            CreditFact::Charged { .. }
            | CreditFact::Held { .. }
            | CreditFact::Reached { .. }
            | CreditFact::Voided { .. }
            | CreditFact::Granted { .. } => {}
        }
    }

    fn is_burstable(&self, instance: Id<Instance>) -> bool {
        self.seen.get(instance).is_some_and(|seen| seen.is_burstable)
    }

    fn serves(&mut self, now: Instant, instance: Id<Instance>, served: bool) {
        if !self.is_burstable(instance) {
            return;
        }
        self.passes(now, instance);
        let seen = &mut self.seen[instance];
        if seen.served == served {
            return;
        }
        seen.served = served;
        let of = &mut self.types[seen.of].served;
        if served { of.add(now, 1) } else { of.take(now, 1) }
    }

    fn flows(&mut self, now: Instant, instance: Id<Instance>, pace: Pace) {
        self.passes(now, instance);
        let before = std::mem::replace(&mut self.seen[instance].pace, pace);
        let Rates { demanded, delivered, earned, discarded, overdrawn } = &mut self.rates;
        for (level, from, to) in [
            (demanded, before.demand, pace.demand),
            (delivered, before.delivered, pace.delivered),
            (earned, before.earned, pace.earned),
            (discarded, before.discarded, pace.discarded),
            (overdrawn, before.overdrawn, pace.overdrawn),
        ] {
            if from != to {
                level.set(now, level.value() - from + to);
            }
        }
        let of = &mut self.types[self.seen[instance].of];
        for level in [&mut self.throttled, &mut of.throttled] {
            turns(level, now, [before.is_throttled(), pace.is_throttled()]);
        }
        turns(&mut self.full, now, [before.discarded > 0, pace.discarded > 0]);
    }

    /// What went on with `instance` until `now` counts, if any of it was measured.
    fn passes(&mut self, now: Instant, instance: Id<Instance>) {
        let seen = &mut self.seen[instance];
        if now <= self.scenario.measure_from {
            return;
        }
        let of = &mut self.types[seen.of];
        if seen.served && !std::mem::replace(&mut seen.counted[0], true) {
            of.instances += 1;
        }
        if seen.pace.held && !std::mem::replace(&mut seen.counted[1], true) {
            of.ran_out += 1;
        }
    }

    /// The run is over.
    pub fn finish(&mut self) {
        let end = self.scenario.end;
        for instance in self.seen.ids().iter() {
            if self.is_burstable(instance) {
                self.passes(end, instance);
            }
        }
        let Rates { demanded, delivered, earned, discarded, overdrawn } = &mut self.rates;
        for level in [demanded, delivered, earned, discarded, overdrawn] {
            level.advance(end);
        }
        self.throttled.advance(end);
        self.full.advance(end);
        for of in self.types.ids().iter() {
            self.types[of].served.advance(end);
            self.types[of].throttled.advance(end);
        }
    }

    /// Writes the metrics down.
    pub fn write(&self, sheet: &mut Sheet) {
        if self.types.is_empty() {
            return;
        }
        let seconds = |level: &Level| Some(level.area() as f64 / MICROS_PER_SECOND as f64);
        sheet.write("credits.throttled", seconds(&self.throttled));
        sheet.write_most("credits.throttled", &self.throttled);
        sheet.write("credits.full", seconds(&self.full));
        let Rates { demanded, delivered, earned, discarded, overdrawn } = &self.rates;
        let missing = demanded.area() - delivered.area();
        let missing = missing as f64 / (VCPU * MICROS_PER_SECOND) as f64;
        sheet.write("credits.demand.missing", Some(missing));
        for (name, level) in [
            ("credits.demanded", demanded),
            ("credits.delivered", delivered),
            ("credits.earned", earned),
            ("credits.discarded", discarded),
            ("credits.overdrawn", overdrawn),
        ] {
            sheet.write(name, Some(in_credits(level.area())));
        }
        sheet.write("credits.charged", Some(in_credits(self.charged)));
        let owed = in_credits(overdrawn.area() + self.charged);
        let price = self.scenario.settings.burst.overdraft_price;
        sheet.write("credits.cost", Some(owed * price));
        sheet.write("credits.restricted", Some(self.restricted as f64));
        for operator in Operator::ALL {
            let count = self.mode_changes[*operator as usize] as f64;
            sheet.write_labelled("credits.mode_changes", &[operator.word()], Some(count));
        }
        self.write_types(sheet);
    }

    fn write_types(&self, sheet: &mut Sheet) {
        let layout = &self.scenario.layout;
        let shown = layout.types.entries().filter(|(_, of)| of.credits.is_some());
        let mut rows: Vec<(&str, [u64; 2], [u128; 2])> = shown
            .map(|(id, spec)| {
                let of = &self.types[id];
                let areas = [of.throttled.area(), of.served.area()];
                (spec.name.as_str(), [of.instances, of.ran_out], areas)
            })
            .collect();
        let mut all = (ALL, [0; 2], [0; 2]);
        for (_, counts, areas) in &rows {
            for place in 0..2 {
                all.1[place] += counts[place];
                all.2[place] += areas[place];
            }
        }
        rows.truncate(if rows.len() <= TYPES_SHOWN { TYPES_SHOWN } else { 0 });
        rows.insert(0, all);
        for (name, [instances, _], _) in &rows {
            sheet.write_labelled("credits.instances", &[name], Some(*instances as f64));
        }
        for (name, [_, ran_out], _) in &rows {
            sheet.write_labelled("credits.ran_out", &[name], Some(*ran_out as f64));
        }
        for (name, _, [throttled, served]) in &rows {
            let share = (*served > 0).then(|| *throttled as f64 / *served as f64);
            sheet.write_labelled("credits.throttled.share", &[name], share);
        }
    }
}

/// Whether any type is burstable.
fn has_any(scenario: &Scenario) -> bool {
    scenario.layout.types.iter().any(|of| of.credits.is_some())
}

/// One more, or one less, is so from `now` on.
fn turns(level: &mut Level, now: Instant, [was, is]: [bool; 2]) {
    if is && !was {
        level.add(now, 1);
    } else if was && !is {
        level.take(now, 1);
    }
}
