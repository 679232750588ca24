//! A steady turn allocates nothing: once a region has seen its days, the tables have their size and
//! turns only move what is in them. The standard metrics watch: they keep one number for each
//! instance that was down, for exact quantiles, and that list grows by doubling; they ask for
//! nothing else.
//!
//! One test alone in its process, so that no other thread allocates meanwhile.

use fleetsim::{
    fleet::{
        Fleet,
        transfers::{NewTransfer, Path, Transfers},
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    messages::fact::Fact,
    observe::{Observer, metrics::Metrics},
    scenario::{InMemory, Scenario},
    simulation::run,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Calls of the allocator so far that asked for memory.
fn asked() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// Counts what each turn asks of the allocator, by day, and what the standard metrics ask for
/// apart; allocates nothing itself.
struct Count<'a> {
    metrics: Metrics<'a>,
    begin: Instant,
    before: usize,
    turns: [u64; DAYS],
    asked: [usize; DAYS],
    asked_by_metrics: [usize; DAYS],
    last: Option<Instant>,
}

const DAYS: usize = 15;
/// How often lists of the metrics may double in the steady days, which are some three times as
/// long as those before.
const DOUBLINGS: usize = 4;
/// The first days: the tables grow to the size that they keep.
const STEADY_FROM: usize = 4;

impl<'a> Count<'a> {
    fn day(&self, now: Instant) -> usize {
        (now.since(self.begin).micros() / Span::from_seconds(86_400).micros()) as usize
    }

    /// Lets the metrics watch; what they ask for is none of the turn's.
    fn watch(&mut self, now: Instant, see: impl FnOnce(&mut Metrics<'a>)) {
        let before = asked();
        see(&mut self.metrics);
        let by_metrics = asked() - before;
        let day = self.day(now);
        self.asked_by_metrics[day] += by_metrics;
        self.before += by_metrics;
    }
}

impl Observer for Count<'_> {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        self.watch(now, |metrics| metrics.see(now, fact, fleet));
    }

    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        self.watch(now, |metrics| metrics.turn_ended(now, fleet));
        let day = self.day(now);
        let asked = asked();
        self.turns[day] += 1;
        self.asked[day] += asked - self.before;
        if asked > self.before {
            self.last = Some(now);
        }
        self.before = asked;
    }
}

/// How often the turns of the steady days of a region ask for memory, and how often the metrics.
fn asked_when_steady(options: &[String]) -> [usize; 2] {
    let path = format!("{}/scenarios/general-purpose-region.toml", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).expect("the scenario is in the repository");
    // In one zone, so that whoever loses its server finds room: who waits for it stands in a queue,
    // which grows and shrinks.
    let one_zone = "servers[all].zones=[\"a\"]".to_owned();
    let mut sets = vec![format!("scenario.horizon={DAYS}d"), one_zone];
    sets.extend_from_slice(options);
    let scenario = Scenario::parse("region.toml", &bytes, &sets, &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}"));
    let mut count = Count {
        metrics: Metrics::new(&scenario),
        begin: scenario.begin,
        before: asked(),
        turns: [0; DAYS],
        asked: [0; DAYS],
        asked_by_metrics: [0; DAYS],
        last: None,
    };
    run(&scenario, 0, &mut count);
    println!(
        "{options:?}: by day {:?}, metrics {:?}, in {:?} turns, last {:?}",
        count.asked, count.asked_by_metrics, count.turns, count.last
    );
    assert!(count.turns[STEADY_FROM..].iter().all(|turns| *turns > 10_000), "days are busy");
    [count.asked, count.asked_by_metrics].map(|asked| asked[STEADY_FROM..].iter().sum())
}

/// How often transfers ask for memory that begin and end in the same rhythm, once they have done so
/// a few times: 200 at once over 40 links.
fn asked_by_transfers() -> usize {
    let mut table = Transfers::of_links(&[1_000_000; 40]);
    let mut there = std::collections::VecDeque::with_capacity(256);
    let mut change = |number: usize| {
        let now = Instant::from_micros(number as u64);
        let place = number % 1_000;
        let path = Path::over(&[Id::new(place * 7 % 20), Id::new(20 + (place * 13 + 1) % 20)]);
        let cap = place.is_multiple_of(3).then_some(place as u64 * 100);
        let new = NewTransfer { task: Id::new(0), path, bytes: 1 << 30, cap };
        there.push_back(table.begin(now, &new));
        if there.len() > 200 {
            table.end(now, there.pop_front().expect("there are many"));
        }
        while table.next_changed().is_some() {}
    };
    (0..5_000).for_each(&mut change);
    let before = asked();
    (5_000..20_000).for_each(&mut change);
    asked() - before
}

/// With crashes that are so frequent that the first days have seen several, and without any: the
/// first crash of all fills the tables of tasks and of recoveries for the first time.
#[test]
fn steady_turns_allocate_nothing() {
    assert_eq!(asked_by_transfers(), 0, "transfers come and go in the room that they have");
    for placement in ["first-fit", "best-fit", "worst-fit", "most-free", "spread"] {
        for crash in ["crash=never", "crash.rate=20/year"] {
            let options = [
                format!("policies.placement={placement}"),
                format!("server_models.general.{crash}"),
            ];
            let [turns, metrics] = asked_when_steady(&options);
            assert_eq!(turns, 0, "{options:?}");
            assert!(metrics <= DOUBLINGS, "{options:?}: the metrics ask {metrics} times");
        }
    }
}
