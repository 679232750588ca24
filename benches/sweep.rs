//! What a second thread is worth: independent runs on two threads against one.
//!
//! `machine`: a loop of plain arithmetic, which shares nothing: what this machine's second core gives
//! at best. `runs`: runs of the quickstart through `replicate`. `sweep`: the same runs as a sweep by
//! the command itself, its start, its ledger and its tables included.
//!
//! The two are measured in turns, one-two-two-one, so that a machine that slows down meanwhile slows
//! both; a line tells the ratio of the medians, and the least and the largest ratio of a turn. It must
//! be at least 1.9 on a quiet machine of two cores. Without `--bench` (as tests start it) each is done
//! once, for a moment.
#![expect(clippy::disallowed_types, reason = "a bench measures real time")]

use fleetsim::{
    experiment::replicate::replicate,
    scenario::{InMemory, Scenario},
};
use std::{
    hint::black_box,
    num::{NonZeroU32, NonZeroUsize},
    process::Command,
    time::{Duration, Instant},
};

/// What the ratio must be at least.
const WANTED: f64 = 1.9;

/// How much is measured: turns, and runs in each.
struct Amount {
    turns: usize,
    runs: u32,
}

fn timed(work: impl FnOnce()) -> Duration {
    let from = Instant::now();
    work();
    from.elapsed()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Measures `work`, which is given the number of threads, and prints a line.
fn compare(name: &str, amount: &Amount, work: impl Fn(usize)) {
    let seconds = |threads| timed(|| work(threads)).as_secs_f64();
    // Once for nothing: pages and caches are then warm.
    seconds(2);
    let turns: Vec<[f64; 2]> = (0..amount.turns)
        .map(|_| {
            let (first, second) = (seconds(1), seconds(2));
            let (third, fourth) = (seconds(2), seconds(1));
            [first + fourth, second + third]
        })
        .collect();
    let ratios: Vec<f64> = turns.iter().map(|[one, two]| one / two).collect();
    let [one, two] = [0, 1].map(|which| median(turns.iter().map(|turn| turn[which]).collect()));
    let ratio = one / two;
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = ratios.iter().copied().fold(0.0, f64::max);
    println!(
        "{name:<8} one thread {:>8.1} ms, two {:>8.1} ms: {ratio:.3} times ({least:.3} to {largest:.3}){}",
        one * 500.0,
        two * 500.0,
        if ratio < WANTED { ", less than 1.9" } else { "" }
    );
}

/// Steps of a generator that nothing else sees, shared out among `threads`.
fn machine(threads: usize, steps: u64) {
    let part = steps / threads as u64;
    let work =
        || (0..part).fold(1_u64, |x, _| black_box(x.wrapping_mul(0x5851_f42d_4c95_7f2d) + 1));
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| black_box(work()));
        }
        black_box(work());
    });
}

/// The sweep of as many runs by the command, into a folder that is gone again.
fn sweep(threads: usize, runs: u32) {
    let room = tempfile::tempdir().expect("a folder for the bench");
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quickstart.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleetsim"));
    command.args(["sweep", scenario, "--vary", "policies.repair.crews=1,2,3,4", "--quiet"]);
    command.args(["--runs", &(runs / 4).to_string(), "--threads", &threads.to_string()]);
    let output = command.args(["--out", "out"]).current_dir(room.path()).output();
    let output = output.expect("the command starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn main() {
    let amount = match std::env::args().any(|word| word == "--bench") {
        // Seconds of work, beside which what a start costs is small.
        true => Amount { turns: 5, runs: 2_000 },
        false => Amount { turns: 1, runs: 4 },
    };
    let text = include_bytes!("../scenarios/quickstart.toml");
    let parsed = Scenario::parse("quickstart.toml", text, &[], &InMemory::default());
    let scenario = parsed.unwrap_or_else(|faults| panic!("{faults}"));
    let runs = NonZeroU32::new(amount.runs).expect("some runs");
    compare("machine", &amount, |threads| machine(threads, u64::from(amount.runs) * 1_000_000));
    compare("runs", &amount, |threads| {
        black_box(replicate(&scenario, runs, NonZeroUsize::new(threads), &|_run| ()));
    });
    compare("sweep", &amount, |threads| sweep(threads, amount.runs));
}
