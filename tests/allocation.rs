//! A steady turn allocates nothing: once a region has seen its days, the tables have their size and
//! turns only move what is in them.
//!
//! One test alone in its process, so that no other thread allocates meanwhile.

use fleetsim::{
    fleet::Fleet,
    kernel::time::{Instant, Span},
    messages::fact::Fact,
    observe::Observer,
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

/// Counts what each turn asks of the allocator, by day; allocates nothing itself.
struct Count {
    begin: Instant,
    before: usize,
    turns: [u64; DAYS],
    asked: [usize; DAYS],
    first_after: Option<Instant>,
}

const DAYS: usize = 15;
/// After these days a region is steady: each kind of peak has been seen.
const STEADY_FROM: usize = 7;

impl Observer for Count {
    fn see(&mut self, _now: Instant, _fact: &Fact, _fleet: &Fleet) {}

    fn turn_ended(&mut self, now: Instant, _fleet: &Fleet) {
        let day = (now.since(self.begin).micros() / Span::from_seconds(86_400).micros()) as usize;
        let asked = asked();
        self.turns[day] += 1;
        self.asked[day] += asked - self.before;
        if asked > self.before && day >= STEADY_FROM {
            self.first_after = self.first_after.or(Some(now));
        }
        self.before = asked;
    }
}

#[test]
fn steady_turns_allocate_nothing() {
    let path = format!("{}/scenarios/general-purpose-region.toml", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    for policy in ["first-fit", "best-fit"] {
        let sets = [format!("policies.placement={policy}"), format!("scenario.horizon={DAYS}d")];
        let scenario = Scenario::parse("region.toml", &bytes, &sets, &InMemory::default()).unwrap();
        let mut count = Count {
            begin: scenario.begin,
            before: asked(),
            turns: [0; DAYS],
            asked: [0; DAYS],
            first_after: None,
        };
        run(&scenario, 0, &mut count);
        println!("{policy}: asked {:?} in {:?} turns", count.asked, count.turns);
        assert!(count.turns[STEADY_FROM..].iter().all(|turns| *turns > 10_000), "days are busy");
        let steady: usize = count.asked[STEADY_FROM..].iter().sum();
        assert_eq!(steady, 0, "{policy}: first at {:?}", count.first_after);
    }
}
