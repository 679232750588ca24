//! Real traces, replayed: what the fleet holds is what the trace says, to the last digit.
//!
//! The traces are not part of the repository; where their folder is absent, these tests say so and
//! check nothing, unless `FLEETSIM_TRACES=1` makes that a failure.

use fleetsim::{
    fleet::Fleet,
    kernel::time::Instant,
    messages::fact::Fact,
    observe::{
        Observer,
        catalogue::Metric,
        metrics::Metrics,
        outcome::Outcome,
        placements::{Placement, Placements},
    },
    policy::placement::Placement as Policy,
    scenario::{FileRequest, Files, Scenario},
    simulation::{measure, run},
};
use std::{
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
};

const GIB: f64 = 1_073_741_824.0;
const AZURE: &str = "azure-v1-2017/azure-v1-dev.csv.gz";
const ALIBABA: &str = "alibaba-dlrm-2025/alibaba-dlrm-2025.csv.gz";

/// Opens files from the disk, as a user's command does.
struct Disk;

impl Files for Disk {
    fn open(&self, request: &FileRequest) -> Result<Box<dyn Read>, String> {
        let file = File::open(&request.path).map_err(|error| error.to_string())?;
        Ok(Box::new(file))
    }
}

/// The trace, unless the folder of traces is absent.
fn trace(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        assert!(
            std::env::var_os("FLEETSIM_TRACES").is_none_or(|value| value != "1"),
            "there is no {}, and FLEETSIM_TRACES=1 says that it is there",
            path.display()
        );
        println!("skipped: there is no {}", path.display());
        return None;
    }
    Some(path)
}

/// The scenario of this name with the trace at `path` and further options.
fn replay(name: &str, path: &Path, options: &[&str]) -> Result<Scenario, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name);
    let bytes = std::fs::read(&file).expect("the scenario is in the repository");
    let mut sets = vec![format!("workload.trace='{}'", path.display())];
    sets.extend(options.iter().map(ToString::to_string));
    Scenario::parse(&file.display().to_string(), &bytes, &sets, &Disk)
        .map_err(|faults| faults.to_string())
}

fn measured(scenario: &Scenario) -> Outcome {
    measure(scenario, 0, &Metrics::list(scenario))
}

/// The value of a metric, labels in brackets: `instances.placed.level{2000000}`.
fn value(outcome: &Outcome, name: &str) -> f64 {
    let shown = |(metric, value): (&Metric, &Option<f64>)| {
        let labels = metric.labels.join(",");
        let whole = if labels.is_empty() {
            metric.definition.name.to_owned()
        } else {
            format!("{}{{{labels}}}", metric.definition.name)
        };
        (whole == name).then_some(*value)
    };
    let found = outcome.metrics.iter().zip(&outcome.values).find_map(shown);
    found.flatten().unwrap_or_else(|| panic!("the run says nothing of {name}"))
}

/// Every metric is exactly what is expected.
#[track_caller]
fn check(outcome: &Outcome, expected: &[(&str, f64)]) {
    let was: Vec<(&str, f64)> =
        expected.iter().map(|(name, _)| (*name, value(outcome, name))).collect();
    assert_eq!(was, expected);
}

const AZURE_PEAKS: [(&str, f64); 7] = [
    ("instances.placed.max", 21_236.0),
    ("instances.placed.max_at", 2_054_700.0),
    ("vcpu.allocated.max", 48_041.0),
    ("vcpu.allocated.max_at", 2_048_700.0),
    ("memory.allocated.max", 126_341_026_414_592.0),
    ("memory.allocated.max_at", 2_099_100.0),
    ("placement.failed", 0.0),
];

/// The reference replay of the trace's own description; the levels were counted from the file by
/// another program.
#[test]
fn azure_2017_is_held_to_the_last_digit() {
    let Some(path) = trace(AZURE) else { return };
    let levels = "scenario.levels_at=['1800000s', '1900200s', '2000000s', '2099999s']";
    let scenario = replay("azure-2017-replay.toml", &path, &[levels]).unwrap();
    let mut observer = (Metrics::new(&scenario), Placements::default());
    run(&scenario, 0, &mut observer);
    let (metrics, placements) = observer;
    let outcome = metrics.finish(0, Metrics::list(&scenario));
    check(&outcome, &AZURE_PEAKS);
    check(
        &outcome,
        &[
            ("instances.placed.level{1800000}", 298.0),
            ("vcpu.allocated.level{1800000}", 502.0),
            ("memory.allocated.level{1800000}", 933_618_515_968.0),
            ("instances.placed.level{1900200}", 9_497.0),
            ("vcpu.allocated.level{1900200}", 17_349.0),
            ("memory.allocated.level{1900200}", 35_738_959_740_928.0),
            ("instances.placed.level{2000000}", 11_282.0),
            ("vcpu.allocated.level{2000000}", 25_594.0),
            ("memory.allocated.level{2000000}", 55_789_746_126_848.0),
            ("instances.placed.level{2099999}", 16_108.0),
            ("vcpu.allocated.level{2099999}", 43_850.0),
            ("memory.allocated.level{2099999}", 124_900_601_757_696.0),
            ("instances.placed.mean", 11_578.687),
            ("vcpu.allocated.mean", 25_683.887),
            ("availability", 1.0),
        ],
    );
    assert_eq!(placements.rows.len(), 259_159);
    check(&outcome, &[("arrivals{all}", 259_159.0)]);
    let in_order = |pair: &[Placement]| {
        let number = |placement: &Placement| (placement.at, placement.name.entity());
        number(&pair[0]) < number(&pair[1])
    };
    assert!(placements.rows.windows(2).all(in_order), "in order of time, then of the file");
}

/// Where there is room for all, where instances go changes nothing of how many are held.
#[test]
fn every_placement_policy_holds_the_same() {
    let Some(path) = trace(AZURE) else { return };
    for policy in ["first-fit", "best-fit", "worst-fit", "most-free", "spread"] {
        assert!(Policy::from_name(policy).is_some(), "{policy}");
        let option = format!("policies.placement={policy}");
        let scenario = replay("azure-2017-replay.toml", &path, &[&option]).unwrap();
        check(&measured(&scenario), &AZURE_PEAKS);
    }
}

#[test]
fn alibaba_2025_is_held_to_the_last_digit() {
    let Some(path) = trace(ALIBABA) else { return };
    let levels = "scenario.levels_at=['0s', '1000000s', '2677540s']";
    for policy in ["first-fit", "best-fit", "worst-fit", "most-free", "spread"] {
        let option = format!("policies.placement={policy}");
        let scenario = replay("alibaba-2025-replay.toml", &path, &[levels, &option]).unwrap();
        let outcome = measured(&scenario);
        check(
            &outcome,
            &[
                ("instances.placed.max", 8_984.0),
                ("vcpu.allocated.max", 422_420.0),
                ("memory.allocated.max", 2_158_882.0 * GIB),
                ("gpu.allocated.max", 3_414.0),
                ("instances.placed.max_at", 2_631_395.0),
                ("gpu.allocated.max_at", 2_223_591.0),
                ("placement.failed", 0.0),
                ("instances.placed.level{0}", 7_280.0),
                ("vcpu.allocated.level{0}", 312_662.0),
                ("memory.allocated.level{0}", 1_607_193.0 * GIB),
                ("instances.placed.level{1000000}", 7_571.0),
                ("vcpu.allocated.level{1000000}", 335_058.0),
                ("memory.allocated.level{1000000}", 1_720_006.0 * GIB),
                ("instances.placed.level{2677540}", 8_879.0),
                ("vcpu.allocated.level{2677540}", 417_960.0),
            ],
        );
        check(&outcome, &[("arrivals{all}", 23_871.0)]);
    }
}

/// No server ever holds more instances of one application and role than the arriving one allows.
#[test]
fn alibaba_s_limits_per_server_hold() {
    let Some(path) = trace(ALIBABA) else { return };
    let scenario = replay("alibaba-2025-replay.toml", &path, &[]).unwrap();
    let mut limits = Limits { scenario: &scenario, checked: 0 };
    run(&scenario, 0, &mut limits);
    assert!(limits.checked > 10_000, "{} placements have a limit", limits.checked);
}

/// Counts, at each placement, what the server holds of the same application.
struct Limits<'a> {
    scenario: &'a Scenario,
    checked: u64,
}

impl Observer for Limits<'_> {
    fn see(&mut self, _now: Instant, fact: &Fact, fleet: &Fleet) {
        let Fact::Placed { instance, server, .. } = *fact else { return };
        let layout = &self.scenario.layout;
        let application = layout.templates[fleet.instances[instance].template].application;
        let limit = application.and_then(|id| layout.applications[id].per_server_limit);
        let Some(limit) = limit else { return };
        self.checked += 1;
        let same = fleet.instances.on(&fleet.servers, server).filter(|other| {
            layout.templates[fleet.instances[*other].template].application == application
        });
        assert!(same.count() <= limit.get() as usize, "{instance:?} on {server:?}");
    }
}

/// What is wrong with a file is told; nothing panics.
#[test]
fn a_bad_trace_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let faults = |path: &Path| {
        let read = replay("azure-2017-replay.toml", path, &[]);
        read.err().unwrap_or_else(|| panic!("{} is no trace", path.display()))
    };
    let told = faults(folder.path());
    assert!(told.contains("directory") || told.contains("folder"), "{told}");
    let missing = faults(&folder.path().join("absent.csv"));
    assert!(missing.contains("cannot open"), "{missing}");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        File::create(&path).unwrap().write_all(bytes).unwrap();
        path
    };
    let header = "arrival_s,batch_id,vcpus,mem_gb,dur_bin,dur_lo_s,dur_hi_s,censored\n";
    let empty = faults(&write("empty.csv", b""));
    assert!(empty.contains("empty") || empty.contains("header"), "{empty}");
    let bare = faults(&write("bare.csv", header.as_bytes()));
    assert!(bare.contains("no rows"), "{bare}");
    let row = format!("{header}300,0,1,-2,13,3900,7200,0\n");
    let negative = faults(&write("negative.csv", row.as_bytes()));
    assert!(negative.contains("mem_gb") && negative.contains("-2"), "{negative}");
    let early = format!("{header}300,0,1,2,13,3900,7200,0\n");
    let early = replay("azure-2017-replay.toml", &write("early.csv", early.as_bytes()), &[]);
    let early = early.expect_err("it arrives before the clock's start");
    assert!(early.contains("1,800,000") || early.contains("before"), "{early}");
    let nul = faults(&write("nul.csv", b"arrival_s\0"));
    assert!(nul.contains("NUL"), "{nul}");
    if let Some(path) = trace(AZURE) {
        let whole = std::fs::read(path).unwrap();
        for length in [11, 1_000, whole.len() / 2, whole.len() - 1] {
            let told = faults(&write("truncated.csv.gz", &whole[..length]));
            assert!(told.contains("truncated") || told.contains("gzip"), "{length}: {told}");
        }
    }
}
