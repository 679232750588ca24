//! Service: availability, downtime by cause, interruptions, applications.

use super::{gauges::Level, sheet::Sheet};
use crate::{
    fleet::{
        cause::Cause,
        ids::{Application, Instance},
        layout::Layout,
    },
    kernel::{
        column::{Column, Id},
        time::{Instant, Span},
    },
    messages::fact::Fact,
    scenario::Scenario,
};

/// Instances must have owed service this long to count among `availability.instance`.
const LONG_ENOUGH: Span = Span::from_seconds(3_600);

/// A year of 365 days (s), for rates.
const YEAR: f64 = 31_536_000.0;

/// Causes that have a column of their own.
const CAUSES: usize = Cause::Migration as usize + 1;

/// Stands for no instant, in half the room of an option.
const NONE: Instant = Instant::from_micros(u64::MAX);

/// The service that one instance owes and gives.
#[derive(Clone, Copy, Debug)]
struct Record {
    /// -- [`NONE`] where it owes none
    owes_since: Instant,
    /// -- [`NONE`] where it is not down
    down_since: Instant,
    /// How long it was down since it owes service (µs).
    down: u64,
    application: Option<Id<Application>>,
    /// What it is down by, if it is.
    cause: Cause,
    served: bool,
}

const _: () = assert!(size_of::<Record>() <= 32, "two records share a line of the cache");

/// Takes the instant out of its place, if there is one.
#[inline]
fn take(place: &mut Instant) -> Option<Instant> {
    let taken = std::mem::replace(place, NONE);
    (taken != NONE).then_some(taken)
}

/// The service of the whole fleet.
#[derive(Clone, Debug)]
pub struct Service {
    from: Instant,
    end: Instant,
    records: Column<Instance, Record>,
    applications: Column<Application, Served>,
    /// Whether instances may be preemptible: else nothing is said of that cause.
    has_markets: bool,
    owed: u128,
    downtime: [u128; CAUSES],
    interruptions: [u64; CAUSES],
    without_downtime: u64,
    /// Unavailability of instances that had any (parts in 10^12).
    with_downtime: Vec<u64>,
}

/// How many instances of one application are served, and since when too few for each `needed`.
#[derive(Clone, Debug)]
struct Served {
    name: String,
    level: Level,
    needed: Vec<Needed>,
}

#[derive(Clone, Debug)]
struct Needed {
    count: u32,
    enough: Level,
    short_since: Option<Instant>,
    outages: u64,
}

impl Service {
    /// Nothing is owed yet.
    pub fn new(scenario: &Scenario) -> Self {
        let (begin, from) = (scenario.begin, scenario.measure_from);
        let served = |application: &crate::fleet::layout::ApplicationSpec| Served {
            name: application.name.clone(),
            level: Level::new(0, begin, from),
            needed: application
                .needed
                .iter()
                .map(|count| Needed {
                    count: *count,
                    enough: Level::new(0, begin, from),
                    short_since: None,
                    outages: 0,
                })
                .collect(),
        };
        Self {
            from,
            end: scenario.end,
            records: Column::default(),
            applications: scenario.layout.applications.iter().map(served).collect(),
            has_markets: !scenario.layout.markets.is_empty(),
            owed: 0,
            downtime: [0; CAUSES],
            interruptions: [0; CAUSES],
            without_downtime: 0,
            with_downtime: Vec::new(),
        }
    }

    /// Takes note of a fact.
    #[inline]
    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts are measured here")]
    pub fn see(&mut self, now: Instant, fact: &Fact, layout: &Layout) {
        match *fact {
            Fact::Requested { instance, template, .. } => {
                let record = Record {
                    owes_since: NONE,
                    down_since: NONE,
                    down: 0,
                    application: layout.templates[template].application,
                    cause: Cause::NoCapacity,
                    served: false,
                };
                if instance.index() == self.records.len() {
                    self.records.push(record);
                } else {
                    self.records[instance] = record;
                }
            }
            Fact::OwingBegan(instance) => self.records[instance].owes_since = now,
            Fact::OwingEnded(instance) => {
                self.close(instance, now);
                if std::mem::take(&mut self.records[instance].served) {
                    self.count_served(now, instance, false);
                }
            }
            Fact::ServiceBegan(instance) => {
                self.interval_ends(instance, now);
                self.records[instance].served = true;
                self.count_served(now, instance, true);
            }
            Fact::ServiceEnded { instance, cause } => {
                let record = &mut self.records[instance];
                (record.down_since, record.cause) = (now, cause);
                if now >= self.from {
                    self.interruptions[cause as usize] += 1;
                }
                // Service that an owner's start makes owed again is missing without having been there.
                if std::mem::take(&mut self.records[instance].served) {
                    self.count_served(now, instance, false);
                }
            }
            _ => {}
        }
    }

    /// The run is over: closes what is open.
    pub fn finish(&mut self) {
        for instance in self.records.ids().iter() {
            self.close(instance, self.end);
        }
        for served in 0..self.applications.len() {
            let served = &mut self.applications[Id::new(served)];
            served.level.advance(self.end);
            for needed in &mut served.needed {
                needed.enough.advance(self.end);
                if needed.short_since.is_some_and(|since| since < self.end) {
                    needed.outages += 1;
                }
            }
        }
    }

    /// Writes the metrics down.
    pub fn write(&mut self, sheet: &mut Sheet) {
        let down: u128 = self.downtime.iter().sum();
        let owed = self.owed as f64;
        let ratio = (self.owed > 0).then(|| (self.owed - down) as f64 / owed);
        sheet.write("availability", ratio);
        self.with_downtime.sort_unstable_by(|a, b| b.cmp(a));
        for (name, p) in [("p01", 0.01), ("p50", 0.5), ("min", 0.0)] {
            sheet.write(&format!("availability.instance.{name}"), self.quantile(p));
        }
        sheet.write("service.owed", Some(owed / 1e6));
        sheet.write("service.served", Some((self.owed - down) as f64 / 1e6));
        for cause in self.causes() {
            let seconds = self.downtime[*cause as usize] as f64 / 1e6;
            sheet.write_labelled("downtime", &[cause.name()], Some(seconds));
        }
        for cause in self.causes() {
            let count = self.interruptions[*cause as usize] as f64;
            sheet.write_labelled("interruptions", &[cause.name()], Some(count));
        }
        let interruptions = self.interruptions.iter().sum::<u64>() as f64;
        let rate = (self.owed > 0).then(|| interruptions / (owed / 1e6 / YEAR));
        sheet.write("interruptions.per_instance_year", rate);
        for served in &self.applications {
            for needed in &served.needed {
                let labels = [served.name.as_str(), &needed.count.to_string()];
                sheet.write_labelled("service.available", &labels, needed.enough.mean());
                let outages = Some(needed.outages as f64);
                sheet.write_labelled("service.outages", &labels, outages);
            }
        }
    }

    /// The causes that this scenario's processes can bring about.
    fn causes(&self) -> impl Iterator<Item = &'static Cause> + use<> {
        let has_markets = self.has_markets;
        Cause::MODELLED.iter().filter(move |cause| has_markets || **cause != Cause::Spot)
    }

    /// The availability that the share `p` of the instances does not exceed: the worst come first.
    fn quantile(&self, p: f64) -> Option<f64> {
        let count = self.without_downtime + self.with_downtime.len() as u64;
        if count == 0 {
            return None;
        }
        let rank = (libm::ceil(p * count as f64) as u64).clamp(1, count) as usize - 1;
        Some(self.with_downtime.get(rank).map_or(1.0, |parts| 1.0 - *parts as f64 / 1e12))
    }

    fn measured(&self, from: Instant, to: Instant) -> u64 {
        let from = from.max(self.from);
        if to > from { to.since(from).micros() } else { 0 }
    }

    fn interval_ends(&mut self, instance: Id<Instance>, now: Instant) {
        if let Some(since) = take(&mut self.records[instance].down_since) {
            let down = self.measured(since, now);
            let record = &mut self.records[instance];
            record.down += down;
            self.downtime[record.cause as usize] += u128::from(down);
        }
    }

    fn close(&mut self, instance: Id<Instance>, now: Instant) {
        self.interval_ends(instance, now);
        let Some(since) = take(&mut self.records[instance].owes_since) else { return };
        let owed = self.measured(since, now);
        let down = std::mem::take(&mut self.records[instance].down);
        self.owed += u128::from(owed);
        if owed < LONG_ENOUGH.micros() {
            return;
        }
        if down == 0 {
            self.without_downtime += 1;
        } else {
            let parts = u128::from(down) * 1_000_000_000_000 / u128::from(owed);
            self.with_downtime.push(parts as u64);
        }
    }

    fn count_served(&mut self, now: Instant, instance: Id<Instance>, served: bool) {
        let Some(application) = self.records[instance].application else { return };
        let row = &mut self.applications[application];
        if served {
            row.level.add(now, 1);
        } else {
            row.level.take(now, 1);
        }
        let count = row.level.value();
        for needed in &mut row.needed {
            let (was, is) = (needed.enough.value() == 1, count >= u64::from(needed.count));
            if was == is {
                continue;
            }
            needed.enough.set(now, u64::from(is));
            if is {
                // An outage that lasts no time is none.
                let lasted = needed.short_since.take().is_some_and(|since| since < now);
                needed.outages += u64::from(lasted);
            } else if now >= self.from {
                needed.short_since = Some(now);
            }
        }
    }
}
