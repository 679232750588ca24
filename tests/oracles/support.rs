//! Scenarios of a few lines, their runs, and what is watched in them.

use crate::given::Case;
use fleetsim::{
    fleet::{Fleet, ids::Server},
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    messages::fact::Fact,
    observe::{Observer, catalogue::Metric, gauges::Level, metrics::Metrics, outcome::Outcome},
    scenario::{InMemory, Scenario},
    simulation,
};
use std::sync::Arc;

/// Instances come at once.
const AT_ONCE: &str = r#"instance = { pending = "0s", starting = "0s" }"#;

/// Nothing else in the modelled cloud takes time by itself, and guests do not crash.
const NO_DELAYS: &str = r#"
recover = { detect = "0s" }
guest = { crash_rate = "never" }
"#;

/// The scenario of a case: `text` with the case's parameters put in for `{name}`, without delays.
pub fn scenario(case: &Case, text: &str) -> Scenario {
    scenario_with(case, text, AT_ONCE)
}

/// The same, whose instances come and go as `instance` says: settings.instance.
pub fn scenario_with(case: &Case, text: &str, instance: &str) -> Scenario {
    let text = format!("{}\n[settings]\n{instance}{NO_DELAYS}", case.fill(text));
    Scenario::parse("oracle.toml", text.as_bytes(), &[], &InMemory::default())
        .unwrap_or_else(|faults| panic!("{}: {faults}", case.id))
}

/// The same with one text replaced by another.
pub fn varied(case: &Case, text: &str, (from, to): (&str, &str)) -> Scenario {
    assert!(text.contains(from), "{}: `{from}` is there to be replaced", case.id);
    scenario(case, &text.replace(from, to))
}

/// All runs of a scenario, measured, each with what its own observer saw.
pub struct Study<O> {
    /// What the values are.
    metrics: Arc<[Metric]>,
    /// The runs.
    outcomes: Vec<Outcome>,
    /// What was seen besides.
    pub seen: Vec<O>,
}

/// Runs `scenario` so many times with the standard metrics.
pub fn study(scenario: &Scenario, runs: u32) -> Study<()> {
    watch(scenario, runs, |_| ())
}

/// The same with an observer of one's own in each run, told of the end.
pub fn watch<O: Watcher>(
    scenario: &Scenario,
    runs: u32,
    observer: impl Fn(&Scenario) -> O,
) -> Study<O> {
    let metrics = Metrics::list(scenario);
    let one = |number| {
        let mut both = (Metrics::new(scenario), observer(scenario));
        simulation::run(scenario, number, &mut both);
        both.1.finish(scenario.end);
        (both.0.finish(number, Arc::clone(&metrics)), both.1)
    };
    let (outcomes, seen) = (0..runs).map(one).unzip();
    Study { metrics, outcomes, seen }
}

impl<O> Study<O> {
    /// The values of a metric without labels, one a run.
    pub fn values(&self, name: &str) -> Vec<f64> {
        self.labelled(name, &[])
    }

    /// The values of a metric with these labels, one a run.
    pub fn labelled(&self, name: &str, labels: &[&str]) -> Vec<f64> {
        let is_it = |metric: &Metric| metric.definition.name == name && metric.labels == labels;
        let place = self.metrics.iter().position(is_it);
        let place = place.unwrap_or_else(|| panic!("there is no {name}{labels:?}"));
        let value = |outcome: &Outcome| outcome.values[place].expect("the run has a value");
        self.outcomes.iter().map(value).collect()
    }

    /// What each run's observer has to say.
    pub fn seen(&self, what: impl Fn(&O) -> f64) -> Vec<f64> {
        self.seen.iter().map(what).collect()
    }
}

/// An observer that is told of the end of the run.
pub trait Watcher: Observer {
    /// The run has come to its end.
    fn finish(&mut self, end: Instant) {
        let _ = end;
    }
}

impl Watcher for () {}

/// How long the number of instances that hold room was at or above a bound.
pub struct Crowd {
    placed: u64,
    bound: u64,
    at_bound: Level,
}

impl Crowd {
    /// Watches for `bound` instances or more.
    pub fn new(scenario: &Scenario, bound: u64) -> Self {
        let at_bound = Level::new(0, scenario.begin, scenario.measure_from);
        Self { placed: 0, bound, at_bound }
    }

    /// The share of time.
    pub fn share(&self) -> f64 {
        self.at_bound.mean().expect("time has passed")
    }
}

impl Observer for Crowd {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        match fact {
            Fact::Placed { .. } => self.placed += 1,
            Fact::Vacated { .. } => self.placed -= 1,
            _ => return,
        }
        self.at_bound.set(now, u64::from(self.placed >= self.bound));
    }
}

impl Watcher for Crowd {
    fn finish(&mut self, end: Instant) {
        self.at_bound.advance(end);
    }
}

/// When each server was able to serve, and when it first was not.
pub struct Each {
    servers: Column<Server, Level>,
    /// When each first failed, by id.
    pub first_failures: Vec<Option<Instant>>,
}

impl Each {
    /// Watches every server.
    pub fn new(scenario: &Scenario) -> Self {
        let count = scenario.layout.servers.len();
        let up = Level::new(1, scenario.begin, scenario.measure_from);
        Self { servers: Column::filled(up, count), first_failures: vec![None; count] }
    }

    /// The availability of each server.
    pub fn availabilities(&self) -> Vec<f64> {
        self.servers.iter().map(|level| level.mean().expect("time has passed")).collect()
    }

    /// When the first of all failed [h].
    pub fn first_failure_h(&self) -> f64 {
        let first = self.first_failures.iter().flatten().min();
        first.expect("one fails within the run").seconds() / 3_600.0
    }
}

impl Observer for Each {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::ServerAvailable { server, available } = *fact {
            self.servers[server].set(now, u64::from(available));
            if !available {
                self.first_failures[server.index()].get_or_insert(now);
            }
        }
    }
}

impl Watcher for Each {
    fn finish(&mut self, end: Instant) {
        let ids: Vec<Id<Server>> = self.servers.ids().iter().collect();
        ids.into_iter().for_each(|server| self.servers[server].advance(end));
    }
}

/// How many instances are served at once, and when there were first fewer than needed.
pub struct Served {
    served: u64,
    needed: u64,
    has_begun: bool,
    short_at: Option<Instant>,
}

impl Served {
    /// Watches for fewer than `needed`.
    pub const fn new(needed: u64) -> Self {
        Self { served: 0, needed, has_begun: false, short_at: None }
    }

    /// When there were first fewer than needed, after there were enough [h].
    pub fn short_at_h(&self) -> f64 {
        self.short_at.expect("it happens within the run").seconds() / 3_600.0
    }
}

impl Observer for Served {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        match fact {
            Fact::ServiceBegan(_) => self.served += 1,
            Fact::ServiceEnded { .. } => self.served -= 1,
            _ => return,
        }
        self.has_begun |= self.served >= self.needed;
        if self.has_begun && self.served < self.needed {
            self.short_at.get_or_insert(now);
        }
    }
}

impl Watcher for Served {}
