//! The published traces, read whole and replayed without any fleet: what their READMEs state.

use super::{LifePoint, OnBadRow, RawTrace, TraceFormat, TraceOptions, read};
use crate::{
    fleet::layout::Resources,
    kernel::time::{Instant, Span},
};
use std::{fs::File, path::Path};

/// Reads a published trace, or says that it is not there, which `FLEETSIM_TRACES=1` makes a failure.
fn published(file: &str, options: &TraceOptions) -> Option<RawTrace> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(file);
    let Ok(mut bytes) = File::open(&path) else {
        assert!(
            std::env::var_os("FLEETSIM_TRACES").is_none_or(|value| value != "1"),
            "there is no {}, and FLEETSIM_TRACES=1 says that it is there",
            path.display()
        );
        println!("skipped: there is no {}", path.display());
        return None;
    };
    Some(read(file, &mut bytes, options).expect("a published trace can be read"))
}

/// The sum of what all rows ask for, each row once.
fn asked(trace: &RawTrace) -> Load {
    let mut load = Load::default();
    for row in trace.at_start.iter().chain(&trace.arrivals) {
        load.add(&trace.templates[row.template as usize].demand);
    }
    load
}

/// What is there at once.
#[derive(Clone, Copy, Default)]
struct Load {
    instances: u64,
    vcpus: u64,
    gpus: u64,
    memory: u64,
    storage: u64,
}

impl Load {
    fn add(&mut self, demand: &Resources) {
        self.instances += 1;
        self.vcpus += u64::from(demand.vcpus);
        self.gpus += u64::from(demand.gpus);
        self.memory += demand.memory;
        self.storage += demand.local_storage;
    }

    fn remove(&mut self, demand: &Resources) {
        self.instances -= 1;
        self.vcpus -= u64::from(demand.vcpus);
        self.gpus -= u64::from(demand.gpus);
        self.memory -= demand.memory;
        self.storage -= demand.local_storage;
    }

    fn amounts(&self) -> [u64; 5] {
        [self.instances, self.vcpus, self.memory, self.gpus, self.storage]
    }
}

/// The largest amounts at once and when each was first reached (s). At one instant go first the
/// departures of earlier instances, then the arrivals, then the departures of those that live 0 s.
fn peaks(trace: &RawTrace) -> [(u64, u64); 5] {
    let mut steps = Vec::new();
    for row in trace.at_start.iter().chain(&trace.arrivals) {
        let starts = row.arrival == Instant::ZERO && trace.at_start.contains_row(row.row);
        let rank = if starts { 0 } else { 2 };
        steps.push((row.arrival, rank, row.template));
        if !row.life.is_never() {
            let rank = if row.life.is_zero() { 3 } else { 1 };
            steps.push((row.arrival + row.life, rank, row.template));
        }
    }
    steps.sort();
    let mut load = Load::default();
    let mut peaks = [(0, 0); 5];
    for (at, rank, template) in steps {
        let demand = &trace.templates[template as usize].demand;
        match rank {
            0 | 2 => load.add(demand),
            _ => load.remove(demand),
        }
        for (peak, amount) in peaks.iter_mut().zip(load.amounts()) {
            if amount > peak.0 {
                *peak = (amount, at.micros() / 1_000_000);
            }
        }
    }
    peaks
}

/// Whether a row is among those in order of the file.
trait ContainsRow {
    fn contains_row(&self, row: u32) -> bool;
}

impl ContainsRow for Vec<super::RawRow> {
    fn contains_row(&self, row: u32) -> bool {
        self.binary_search_by_key(&row, |own| own.row).is_ok()
    }
}

#[test]
fn azure_dev_gives_the_reference_replay() {
    let options = TraceOptions::new(TraceFormat::AzureV1);
    let Some(trace) = published("azure-v1-2017/azure-v1-dev.csv.gz", &options) else { return };
    assert_eq!((trace.rows, trace.skipped, trace.at_start.len()), (259_159, 0, 0));
    assert_eq!(trace.templates.len(), 16);
    assert_eq!(trace.first.map(Instant::micros), Some(1_800_000_000_000));
    assert_eq!(trace.last.map(Instant::micros), Some(2_099_700_000_000));
    let asked = asked(&trace);
    assert_eq!(asked.vcpus, 557_907);
    // 1,034,613.75 GiB.
    assert_eq!(asked.memory, 4_138_455 * (1 << 28));
    let [instances, vcpus, memory, _, _] = peaks(&trace);
    assert_eq!(instances, (21_236, 2_054_700));
    assert_eq!(vcpus, (48_041, 2_048_700));
    assert_eq!(memory, (126_341_026_414_592, 2_099_100));
    let endless = trace.arrivals.iter().filter(|row| row.life.is_never()).count();
    let zero = trace.arrivals.iter().filter(|row| row.life.is_zero()).count();
    assert_eq!((endless, zero), (14_317, 7_029));
    // The data set's README counts those that end at the file's end among those after it.
    let end = Instant::from_micros(2_100_000_000_000);
    let late =
        trace.arrivals.iter().filter(|row| !row.life.is_never() && row.arrival + row.life >= end);
    assert_eq!(late.count(), 1_791);
}

#[test]
fn azure_lives_lie_between_the_bounds_of_their_bins() {
    let lives = [LifePoint::Lower, LifePoint::Middle, LifePoint::Upper].map(|life_point| {
        let options = TraceOptions { life_point, ..TraceOptions::new(TraceFormat::AzureV1) };
        let trace = published("azure-v1-2017/azure-v1-dev.csv.gz", &options)?;
        Some(trace.arrivals.iter().map(|row| row.life).collect::<Vec<Span>>())
    });
    let [Some(lower), Some(middle), Some(upper)] = lives else { return };
    let rising = |row: usize| lower[row] <= middle[row] && middle[row] <= upper[row];
    assert!((0..lower.len()).all(rising));
    assert!(lower < upper);
}

#[test]
fn azure_train_has_arrivals_only() {
    let options = TraceOptions::new(TraceFormat::AzureV1);
    let file = "azure-v1-2017/azure-v1-train-arrivals.csv.gz";
    let Some(trace) = published(file, &options) else { return };
    assert_eq!((trace.rows, trace.has_lives), (1_200_998, false));
    assert_eq!(trace.first.map(Instant::micros), Some(300_000_000));
    assert_eq!(trace.last.map(Instant::micros), Some(1_799_700_000_000));
}

#[test]
fn alibaba_gives_the_reference_peaks() {
    // Skipping must find nothing to skip: the README's quirks are no faults.
    let on_bad_row = OnBadRow::Skip;
    let options = TraceOptions { on_bad_row, ..TraceOptions::new(TraceFormat::AlibabaDlrm) };
    let file = "alibaba-dlrm-2025/alibaba-dlrm-2025.csv.gz";
    let Some(trace) = published(file, &options) else { return };
    assert_eq!((trace.rows, trace.skipped), (23_871, 0));
    assert_eq!((trace.at_start.len(), trace.arrivals.len()), (7_280, 16_591));
    let all = || trace.at_start.iter().chain(&trace.arrivals);
    assert_eq!(all().filter(|row| !row.life.is_never()).count(), 14_993);
    assert_eq!(trace.at_start.iter().filter(|row| row.life.is_never()).count(), 4_677);
    assert_eq!(trace.templates.len(), 495);
    let peak = peaks(&trace).map(|(amount, _)| amount);
    assert_eq!(peak, [8_984, 422_420, 2_158_882 << 30, 3_414, 2_897_960 << 30]);
    let mut start = Load::default();
    for row in &trace.at_start {
        start.add(&trace.templates[row.template as usize].demand);
    }
    let start = start.amounts();
    assert_eq!(start, [7_280, 312_662, 1_607_193 << 30, 3_123, 2_330_432 << 30]);
}
