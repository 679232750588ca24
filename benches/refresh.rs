//! What an instance refresh costs.
//!
//! `plan`: sizing and splitting one batch of 10 in groups of 1,000, 10,000 and 100,000 members whose
//! victims stand in order, as a task keeps them. The time must not grow with the group.
//!
//! `batch`: one batch of 10 of a refresh under way, in the engine itself: reading what happened,
//! planning, ten launches, their warm-ups, ten removals. Taken from the first batch of a run to its
//! last, so that putting up the group is no part of it. The time must not grow with the group, but
//! for what a larger fleet costs the caches.
//!
//! `whole`: a run in which a group of 100,000 is refreshed within 99 and 101 percent, beside the
//! same run without the refresh; one element is one member.

use criterion::{
    BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::{Measurement, WallTime},
};
use fleetsim::{
    fleet::{
        Fleet,
        ids::Member,
        refreshes::{Needy, Rank},
    },
    kernel::{column::Id, time::Instant},
    messages::{fact::Fact, scaling::ScalingFact},
    observe::Observer,
    policy::{
        batch::{Standing, Victim, next},
        refresh::{Bounds, RefreshRules},
    },
    scenario::{InMemory, Scenario},
    simulation::run,
};
use std::{collections::BTreeMap, hint::black_box, time::Duration};

/// The members of the large group.
const LARGE: u32 = 100_000;

/// The replacements of a batch that is planned.
const BATCH: u32 = 10;

/// The members of a task who have to be replaced, the next first.
type Need = BTreeMap<(Rank, Id<Member>), Needy>;

/// A group of 100,000 and what refreshes it.
const GROUP: &str = r#"
[scenario]
name = "refresh"
horizon = "1d"
[settings]
ess = { max_size = 200_000 }
guest = { crash_rate = "never" }
[server_models.m]
vcpus = 64
memory = "256GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1_700
zones = ["z"]
[instance_types.small]
vcpus = 1
memory = "4GiB"
[configurations.old]
type = "small"
[configurations.new]
type = "small"
[[groups]]
name = "g"
min_size = 0
max_size = 200_000
desired = 100_000
configuration = "old"
refresh = { instance_warmup = "60s" }
"#;

/// The command that starts it.
const START: &str = r#"
[[scripts]]
at = "1h"
do = "StartInstanceRefresh"
group = "g"
DesiredConfiguration = { ScalingConfigurationId = "new" }
MinHealthyPercentage = 99
MaxHealthyPercentage = 101
"#;

fn scenario(text: &str) -> Scenario {
    let parsed = Scenario::parse("refresh.toml", text.as_bytes(), &[], &InMemory::default());
    parsed.unwrap_or_else(|faults| panic!("{faults}"))
}

/// So many healthy members, the oldest first.
fn need(size: u32) -> Need {
    let needy = |number: u32| {
        let rank = [1, 0, u64::from(number), 0];
        let row = Needy { rank, weight: 1, free: false };
        ((rank, Id::new(number as usize)), row)
    };
    (0..size).map(needy).collect()
}

/// Plans the first batch of a whole group as a task does.
fn plans(rules: &RefreshRules, need: &Need, size: u32) -> usize {
    let standing = Standing {
        base: size,
        max_size: None,
        healthy: size,
        counted: size,
        free: 0,
        in_motion: false,
        room: None,
        most: Some(BATCH),
        max_is_asked: false,
    };
    let victims = need.iter().map(|((_, member), needy)| Victim {
        who: *member,
        weight: needy.weight,
        successor: needy.weight,
        free: needy.free,
    });
    let bounds = Bounds::Percentages { min: 99, max: 101 };
    next(rules, bounds, black_box(&standing), victims).map_or(0, |batch| batch.picks.len())
}

fn plan(criterion: &mut Criterion) {
    let scenario = scenario(GROUP);
    let rules = &scenario.refresh_rules[Id::new(0)];
    let mut group = criterion.benchmark_group("plan");
    group.throughput(Throughput::Elements(u64::from(BATCH)));
    for size in [1_000, 10_000, LARGE] {
        let need = need(size);
        assert_eq!(plans(rules, &need, size), BATCH as usize, "the batch is a full one");
        group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, size| {
            bencher.iter(|| plans(rules, black_box(&need), *size));
        });
    }
    group.finish();
}

/// Reads the clock whenever a batch has begun.
#[derive(Default)]
struct Stopwatch {
    /// When the first batch had begun, and how long it was from then to the latest.
    first: Option<<WallTime as Measurement>::Intermediate>,
    lasted: Duration,
    /// Batches after the first (count).
    batches: u32,
}

impl Observer for Stopwatch {
    fn see(&mut self, _now: Instant, fact: &Fact, _fleet: &Fleet) {
        let Fact::Scaling(ScalingFact::BatchBegan { .. }) = fact else { return };
        match self.first {
            None => self.first = Some(WallTime.start()),
            Some(first) => {
                self.lasted = WallTime.end(first);
                self.batches += 1;
            }
        }
    }
}

/// A group of `size` whose refresh goes on in batches of 10, about ninety of them before its run
/// ends.
fn in_small_batches(size: u32) -> Scenario {
    let group = GROUP
        .replace("horizon = \"1d\"", "horizon = \"10h\"")
        .replace("desired = 100_000", &format!("desired = {size}"))
        .replace("warmup = \"60s\"", &format!("warmup = \"60s\", max_batch = {BATCH}"));
    let start = START.replace("= 99", "= 90").replace("= 101", "= 110");
    scenario(&format!("{group}{start}"))
}

fn batch(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("batch");
    group.throughput(Throughput::Elements(u64::from(BATCH))).sample_size(10);
    for size in [1_000, 10_000, LARGE] {
        let scenario = in_small_batches(size);
        group.bench_with_input(
            BenchmarkId::from_parameter(size),
            &scenario,
            |bencher, scenario| {
                bencher.iter_custom(|times| {
                    let mut sum = Duration::ZERO;
                    for _ in 0..times {
                        let mut watch = Stopwatch::default();
                        run(black_box(scenario), 0, &mut watch);
                        assert!(watch.batches > 50, "the refresh is under way");
                        sum += watch.lasted / watch.batches;
                    }
                    sum
                });
            },
        );
    }
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let [quiet, refreshed] = [GROUP.to_owned(), format!("{GROUP}{START}")].map(|of| scenario(&of));
    let mut group = criterion.benchmark_group("whole");
    group.throughput(Throughput::Elements(u64::from(LARGE))).sample_size(10);
    group.measurement_time(Duration::from_secs(10));
    for (name, scenario) in [("without", &quiet), ("refresh", &refreshed)] {
        group.bench_function(name, |bencher| bencher.iter(|| run(black_box(scenario), 0, &mut ())));
    }
    group.finish();
}

criterion_group!(benches, plan, batch, whole);
criterion_main!(benches);
