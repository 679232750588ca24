//! What a turn costs the agenda: the hold model (take the next entry, schedule one), beside std's
//! binary heap and the `priority-queue` crate in the same run.
//!
//! Every structure gives the same total order, time and then the occurrence, and starts from the
//! same settled set of pending entries: the ages are stationary, so that the short delays of the
//! bimodal law have already thinned out to their steady share (some 200 of a million). The agenda
//! alone also keeps law 7's rounds. Delays come from a table, so that no draw is measured.
//!
//! `rescheduled`: the bimodal law, and every fourth turn sets the alarm of a random entity again,
//! which is mostly a long one. Agenda and heap leave the old alarm stale and sweep when stale ones
//! outnumber the live; `priority-queue` moves it.

use std::{cmp::Reverse, collections::BinaryHeap, hint::black_box, time::Duration};

use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, criterion_group, criterion_main, measurement::WallTime,
};
use fleetsim::kernel::{
    agenda::Agenda,
    time::{Instant, Span},
};
use priority_queue::PriorityQueue;
use rustc_hash::FxBuildHasher;

/// What stands for the product's occurrence: 8 bytes, a variant, a stamp, an entity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Occurrence {
    /// An alarm that falls flat when its entity has another stamp.
    Alarm { stamp: u16, entity: u32 },
    /// Never scheduled; makes the order compare variants, as the product's does.
    #[expect(dead_code, reason = "the order must not be that of one variant only")]
    Other { entity: u32 },
}

const _: () = assert!(size_of::<(Instant, Occurrence)>() == 16);

/// Pending entries.
const SIZES: [u32; 3] = [1_000, 100_000, 1_000_000];
/// Delays in a table.
const TABLE: usize = 1 << 16;
const MINUTE: f64 = 60e6;
const MONTH: f64 = 30.0 * 86_400e6;

/// Uniform in (0, 1): SplitMix64.
struct Uniform(u64);

impl Uniform {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    fn next(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}

/// A law of delays.
#[derive(Clone, Copy)]
enum Law {
    /// Mean 1,000 s.
    Exponential,
    /// 90 % about a minute, 10 % about 30 days, each within a tenth.
    Bimodal,
    /// A thousand entries an instant, instants a second apart.
    Bursts { pending: u32 },
}

impl Law {
    /// A delay [µs].
    fn delay(self, uniform: &mut Uniform) -> u64 {
        match self {
            Self::Exponential => 1 + (-libm::log(uniform.next()) * 1e9) as u64,
            Self::Bimodal => {
                let about = if uniform.next() < 0.9 { MINUTE } else { MONTH };
                (about * (0.9 + 0.2 * uniform.next())) as u64
            }
            Self::Bursts { pending } => {
                let instants = f64::from(pending) / 1_000.0;
                1_000_000 * (1 + (uniform.next() * (2.0 * instants - 1.0)) as u64)
            }
        }
    }

    /// What is left of the delay of an entry that was found pending [µs].
    fn rest(self, uniform: &mut Uniform) -> u64 {
        match self {
            Self::Exponential | Self::Bursts { .. } => self.delay(uniform),
            Self::Bimodal => {
                let long = 0.1 * MONTH / (0.1 * MONTH + 0.9 * MINUTE);
                let about = if uniform.next() < long { MONTH } else { MINUTE };
                1 + (about * (0.9 + 0.2 * uniform.next()) * uniform.next()) as u64
            }
        }
    }
}

/// Delays and entities, told beforehand.
struct Tables {
    delays: Vec<Span>,
    entities: Vec<u32>,
    at: usize,
}

impl Tables {
    fn new(law: Law, pending: u32) -> Self {
        let mut uniform = Uniform(1);
        Self {
            delays: (0..TABLE).map(|_| Span::from_micros(law.delay(&mut uniform))).collect(),
            entities: (0..TABLE * 16)
                .map(|_| (u64::from(pending) * (uniform.bits() >> 32) >> 32) as u32)
                .collect(),
            at: 0,
        }
    }

    fn delay(&mut self) -> Span {
        self.at = self.at.wrapping_add(1);
        self.delays[self.at % TABLE]
    }

    fn entity(&self) -> u32 {
        self.entities[self.at % (TABLE * 16)]
    }
}

/// What the three structures have in common.
trait Pending {
    fn put(&mut self, when: Instant, what: Occurrence);
    fn take(&mut self) -> (Instant, Occurrence);
    /// Sets the alarm of an entity again; a structure that keeps the stale one says `true`.
    fn again(&mut self, when: Instant, what: Occurrence) -> bool;
    fn met_stale(&mut self);
    fn sweep_if_it_pays(&mut self, stamps: &[u16]);
}

fn is_live(stamps: &[u16], what: &Occurrence) -> bool {
    match *what {
        Occurrence::Alarm { stamp, entity } => stamps[entity as usize] == stamp,
        Occurrence::Other { .. } => true,
    }
}

impl Pending for Agenda<Occurrence> {
    fn put(&mut self, when: Instant, what: Occurrence) {
        self.at(when, what);
    }
    fn take(&mut self) -> (Instant, Occurrence) {
        self.next().expect("one comes for each that goes")
    }
    fn again(&mut self, when: Instant, what: Occurrence) -> bool {
        self.abandon();
        self.at(when, what);
        true
    }
    fn met_stale(&mut self) {
        Agenda::met_stale(self);
    }
    fn sweep_if_it_pays(&mut self, stamps: &[u16]) {
        if self.needs_sweep() {
            self.sweep(|what| is_live(stamps, what));
        }
    }
}

#[derive(Default)]
struct Heap {
    heap: BinaryHeap<Reverse<(Instant, Occurrence)>>,
    stale: usize,
}

impl Pending for Heap {
    fn put(&mut self, when: Instant, what: Occurrence) {
        self.heap.push(Reverse((when, what)));
    }
    fn take(&mut self) -> (Instant, Occurrence) {
        self.heap.pop().expect("one comes for each that goes").0
    }
    fn again(&mut self, when: Instant, what: Occurrence) -> bool {
        self.stale += 1;
        self.put(when, what);
        true
    }
    fn met_stale(&mut self) {
        self.stale -= 1;
    }
    fn sweep_if_it_pays(&mut self, stamps: &[u16]) {
        if self.stale >= 4_096 && self.stale > self.heap.len() / 2 {
            self.heap.retain(|Reverse((_, what))| is_live(stamps, what));
            self.stale = 0;
        }
    }
}

#[derive(Default)]
struct Keyed(PriorityQueue<u32, Reverse<(Instant, Occurrence)>, FxBuildHasher>);

impl Pending for Keyed {
    fn put(&mut self, when: Instant, what: Occurrence) {
        let (Occurrence::Alarm { entity, .. } | Occurrence::Other { entity }) = what;
        self.0.push(entity, Reverse((when, what)));
    }
    fn take(&mut self) -> (Instant, Occurrence) {
        let (_, Reverse(entry)) = self.0.pop().expect("one comes for each that goes");
        entry
    }
    fn again(&mut self, when: Instant, what: Occurrence) -> bool {
        self.put(when, what);
        false
    }
    fn met_stale(&mut self) {}
    fn sweep_if_it_pays(&mut self, _: &[u16]) {}
}

/// Takes the next entry and schedules its entity's next.
#[inline]
fn hold(pending: &mut impl Pending, tables: &mut Tables) -> Instant {
    let (now, what) = pending.take();
    pending.put(now + tables.delay(), what);
    now
}

/// A hold of a live entry; every fourth also sets a random entity's alarm again.
#[inline]
fn hold_and_reschedule(
    pending: &mut impl Pending,
    tables: &mut Tables,
    stamps: &mut [u16],
) -> Instant {
    let (now, what) = loop {
        let (now, what) = pending.take();
        if is_live(stamps, &what) {
            break (now, what);
        }
        pending.met_stale();
    };
    pending.put(now + tables.delay(), what);
    if tables.at.is_multiple_of(4) {
        let entity = tables.entity();
        let stamp = &mut stamps[entity as usize];
        *stamp = stamp.wrapping_add(1);
        let again = Occurrence::Alarm { stamp: *stamp, entity };
        if pending.again(now + Span::from_micros(MONTH as u64 + u64::from(entity)), again) {
            pending.sweep_if_it_pays(stamps);
        }
    }
    now
}

fn settled(mut pending: impl Pending, law: Law, size: u32) -> impl Pending {
    let mut uniform = Uniform(2);
    for entity in 0..size {
        let when = Instant::from_micros(law.rest(&mut uniform));
        pending.put(when, Occurrence::Alarm { stamp: 0, entity });
    }
    pending
}

fn bench_hold(
    group: &mut BenchmarkGroup<'_, WallTime>,
    (name, law, size): (&str, Law, u32),
    empty: impl Pending,
) {
    let mut tables = Tables::new(law, size);
    let mut pending = Some(empty);
    let mut full = None;
    group.bench_function(format!("{name}/{size}"), |bencher| {
        let full =
            full.get_or_insert_with(|| settled(pending.take().expect("filled once"), law, size));
        bencher.iter(|| black_box(hold(full, &mut tables)));
    });
}

fn bench_rescheduled(
    group: &mut BenchmarkGroup<'_, WallTime>,
    (name, size): (&str, u32),
    empty: impl Pending,
) {
    let mut tables = Tables::new(Law::Bimodal, size);
    let mut stamps = vec![0; size as usize];
    let mut pending = Some(empty);
    let mut full = None;
    group.bench_function(format!("{name}/{size}"), |bencher| {
        let full = full.get_or_insert_with(|| {
            settled(pending.take().expect("filled once"), Law::Bimodal, size)
        });
        bencher.iter(|| black_box(hold_and_reschedule(full, &mut tables, &mut stamps)));
    });
}

fn agenda() -> Agenda<Occurrence> {
    Agenda::new(Instant::ZERO, Instant::from_micros(u64::MAX))
}

fn configure(group: &mut BenchmarkGroup<'_, WallTime>) {
    group
        .sample_size(15)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1_200))
        .sampling_mode(SamplingMode::Flat);
}

fn benches(criterion: &mut Criterion) {
    for size in SIZES {
        let laws = [
            ("exponential", Law::Exponential),
            ("bimodal", Law::Bimodal),
            ("bursts", Law::Bursts { pending: size }),
        ];
        for (title, law) in laws {
            let mut group = criterion.benchmark_group(title);
            configure(&mut group);
            bench_hold(&mut group, ("agenda", law, size), agenda());
            bench_hold(&mut group, ("heap", law, size), Heap::default());
            bench_hold(&mut group, ("priority-queue", law, size), Keyed::default());
            group.finish();
        }
        let mut group = criterion.benchmark_group("rescheduled");
        configure(&mut group);
        bench_rescheduled(&mut group, ("agenda", size), agenda());
        bench_rescheduled(&mut group, ("heap", size), Heap::default());
        bench_rescheduled(&mut group, ("priority-queue", size), Keyed::default());
        group.finish();
    }
}

criterion_group!(all, benches);
criterion_main!(all);
