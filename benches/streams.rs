//! What a draw costs: addressed, beside the next number of a sequential generator.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fleetsim::kernel::{distribution::Distribution, streams::Streams};
use rand::rand_core::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;

/// Draws an iteration, over as many entities.
const DRAWS: u64 = 1_000;

fn draws(criterion: &mut Criterion) {
    let streams = Streams::new(1, 0);
    let mut group = criterion.benchmark_group("draw");
    group.throughput(Throughput::Elements(DRAWS));
    group.bench_function("addressed bits", |bencher| {
        bencher.iter(|| {
            (0..DRAWS).fold(0_u64, |sum, entity| sum ^ streams.at(1, black_box(entity), 3).bits())
        });
    });
    let law = Distribution::Exponential { mean: 1_000.0 };
    group.bench_function("addressed exponential length", |bencher| {
        bencher.iter(|| {
            (0..DRAWS).fold(0_u64, |sum, entity| {
                sum ^ law.draw(&mut streams.at(1, black_box(entity), 3)).micros()
            })
        });
    });
    let mut sequential = ChaCha8Rng::seed_from_u64(1);
    group.bench_function("sequential ChaCha8 bits", |bencher| {
        bencher.iter(|| (0..DRAWS).fold(0_u64, |sum, _| sum ^ sequential.next_u64()));
    });
    group.bench_function("ChaCha8 set to the address", |bencher| {
        let mut generator = ChaCha8Rng::seed_from_u64(1);
        bencher.iter(|| {
            (0..DRAWS).fold(0_u64, |sum, entity| {
                generator.set_word_pos(48);
                generator.set_stream(black_box(entity));
                sum ^ generator.next_u64()
            })
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = draws
}
criterion_main!(benches);
