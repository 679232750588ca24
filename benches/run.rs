//! What whole runs cost: the Azure trace replayed, beside loops that only walk its rows; and a
//! region of a million instances by law.
//!
//! `replay/*`: one element is one instance that arrives (259,159). The yardsticks, in the same run:
//! `rows` adds the rows up; `bare` keeps a heap of departures and three sums, which is the least that
//! an event-driven replay can do, and places nothing; `unobserved` is a whole run to which nobody
//! listens; `measured` is the whole run with every metric.
//!
//! `million`: a region with a million instances at once for one hour, in which one in a hundred is
//! replaced; printed first: the memory of the process an instance, and how many turns there are.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fleetsim::{
    kernel::time::Instant,
    observe::metrics::Metrics,
    scenario::{ArrivalSource, FileRequest, Files, InMemory, Scenario, TraceRow},
    simulation::{measure, run},
};
use std::{
    cmp::Reverse, collections::BinaryHeap, fs::File, hint::black_box, io::Read, path::Path,
    time::Duration,
};

const AZURE: &str = "../shared/data/azure-v1-2017/azure-v1-dev.csv.gz";
const MILLION: u64 = 1_000_000;

/// Opens files from the disk.
struct Disk;

impl Files for Disk {
    fn open(&self, request: &FileRequest) -> Result<Box<dyn Read>, String> {
        let file = File::open(&request.path).map_err(|error| error.to_string())?;
        Ok(Box::new(file))
    }
}

/// The replay with this policy, unless the folder of traces is absent.
fn azure(policy: &str) -> Option<Scenario> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let trace = root.join(AZURE);
    if !trace.exists() {
        println!("replay skipped: there is no {}", trace.display());
        return None;
    }
    let name = root.join("tests/scenarios/azure-2017-replay.toml");
    let bytes = std::fs::read(&name).expect("the scenario is in the repository");
    let sets =
        [format!("workload.trace='{}'", trace.display()), format!("policies.placement={policy}")];
    let parsed = Scenario::parse(&name.display().to_string(), &bytes, &sets, &Disk);
    Some(parsed.unwrap_or_else(|faults| panic!("{faults}")))
}

/// The rows of the scenario's trace.
fn rows(scenario: &Scenario) -> &[TraceRow] {
    let sources = &scenario.workload.sources;
    let trace = sources.iter().find_map(|source| match source {
        ArrivalSource::Trace(trace) => Some(&trace.arrivals[..]),
        ArrivalSource::Law(_) => None,
    });
    trace.expect("the scenario has a trace")
}

/// Walks the rows with a sorted list of departures: the most instances, vCPUs and bytes at once.
fn bare(scenario: &Scenario) -> [u64; 3] {
    let mut departures: BinaryHeap<Reverse<(Instant, [u64; 3])>> = BinaryHeap::new();
    let (mut held, mut most) = ([0; 3], [0; 3]);
    for row in rows(scenario) {
        while departures.peek().is_some_and(|Reverse((when, _))| *when <= row.arrival) {
            let gone = departures.pop().map_or([0; 3], |Reverse((_, took))| took);
            held = std::array::from_fn(|each| held[each] - gone[each]);
        }
        let demand = scenario.layout.demand(row.template);
        let took = [1, u64::from(demand.vcpus), demand.memory];
        held = std::array::from_fn(|each| held[each] + took[each]);
        most = std::array::from_fn(|each| held[each].max(most[each]));
        if !row.life.is_never() {
            departures.push(Reverse((row.arrival.saturating_add(row.life), took)));
        }
    }
    most
}

fn replay(criterion: &mut Criterion) {
    let Some(scenario) = azure("first-fit") else { return };
    let metrics = Metrics::list(&scenario);
    let mut group = criterion.benchmark_group("replay");
    group.throughput(Throughput::Elements(rows(&scenario).len() as u64)).sample_size(20);
    group.measurement_time(Duration::from_secs(5));
    group.bench_function("rows", |bencher| {
        let life = |row: &TraceRow| row.life.micros() ^ row.arrival.micros();
        bencher.iter(|| rows(&scenario).iter().map(life).fold(0_u64, u64::wrapping_add));
    });
    group.bench_function("bare", |bencher| bencher.iter(|| bare(black_box(&scenario))));
    group.bench_function("unobserved/first-fit", |bencher| {
        bencher.iter(|| run(black_box(&scenario), 0, &mut ()));
    });
    group.bench_function("measured/first-fit", |bencher| {
        bencher.iter(|| measure(black_box(&scenario), 0, &metrics));
    });
    for policy in ["best-fit", "worst-fit", "most-free", "spread"] {
        let Some(scenario) = azure(policy) else { return };
        group.bench_function(format!("unobserved/{policy}"), |bencher| {
            bencher.iter(|| run(black_box(&scenario), 0, &mut ()));
        });
    }
    group.finish();
}

/// A region of a million instances on 25,000 servers, with everything that befalls them.
const REGION: &str = r#"
[scenario]
name = "million"
horizon = "1h"
[server_models.m]
vcpus = 96
memory = "384GiB"
numa_nodes = 2
crash = { rate = "1/year" }
risk = "never"
[[servers]]
model = "m"
count = 25_000
zones = ["a", "b", "c"]
racks_per_zone = 300
[instance_types.small]
vcpus = 1
memory = "4GiB"
[instance_types.large]
vcpus = 4
memory = "16GiB"
[[workload.instances]]
type = "small"
count = 750_000
life = { exponential = { mean = "100h" } }
[[workload.instances]]
type = "large"
count = 250_000
life = { exponential = { mean = "100h" } }
[[workload.arrivals]]
name = "jobs"
rate = "5000/h"
types = { small = 3, large = 1 }
batch = 2
life = { exponential = { mean = "100h" } }
"#;

/// The most memory that this process has held so far [B], where the system tells.
fn memory_so_far() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1_024)
}

fn million(criterion: &mut Criterion) {
    let parsed = Scenario::parse("million.toml", REGION.as_bytes(), &[], &InMemory::default());
    let scenario = parsed.unwrap_or_else(|faults| panic!("{faults}"));
    let metrics = Metrics::list(&scenario);
    let before = memory_so_far();
    run(&scenario, 0, &mut ());
    let unobserved = memory_so_far();
    let outcome = measure(&scenario, 0, &metrics);
    let measured = memory_so_far();
    if let (Some(before), Some(unobserved), Some(measured)) = (before, unobserved, measured) {
        println!(
            "a million instances: {} B an instance unobserved, {} B measured",
            (unobserved - before) / MILLION,
            (measured - before) / MILLION
        );
    }
    let turns = outcome.values.last().copied().flatten();
    println!("turns: {}", turns.expect("the last metric counts the turns"));
    let mut group = criterion.benchmark_group("million");
    group.throughput(Throughput::Elements(MILLION)).sample_size(10);
    group.measurement_time(Duration::from_secs(10));
    group.bench_function("unobserved", |bencher| {
        bencher.iter(|| run(black_box(&scenario), 0, &mut ()));
    });
    group.bench_function("measured", |bencher| {
        bencher.iter(|| measure(black_box(&scenario), 0, &metrics));
    });
    group.finish();
}

criterion_group!(benches, million, replay);
criterion_main!(benches);
