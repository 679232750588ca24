//! How much memory a sweep needs does not depend on how many runs it makes.

use super::*;

/// What a sweep may take of address space (KiB): twice of what a short one needs, and less than the
/// values of a long one would fill.
const LIMIT: u64 = 48 * 1_024;

/// A sweep of two points with `runs` runs each, none of which takes any time.
fn sweep(room: &Path, runs: u32) -> Ended {
    let script = format!(
        "ulimit -v {LIMIT}; exec \"$0\" sweep tiny.toml --set scenario.horizon=1s --runs {runs} \
         --threads 1 --quiet --vary policies.repair.crews=1,2 --out out-{runs}"
    );
    shell(room, &script, &[])
}

#[test]
fn twenty_thousand_runs_need_no_more_memory_than_two_hundred() {
    let room = room();
    let room = room.path();
    let values = 20_000 * metrics(room) * 8;
    assert!(values > LIMIT * 1_024, "{values} bytes of values would show");
    sweep(room, 100).says(0, &[]);
    sweep(room, 10_000).says(0, &[]);
    assert_eq!(finished(&room.join("out-10000")).len(), 20_000);
}

/// How many values a run of the scenario has: the columns of its table.
fn metrics(room: &Path) -> u64 {
    answer(room, &["run", "tiny.toml", "--runs", "1", "--out", "one"]).says(0, &[]);
    let table = fs::read_to_string(room.join("one/runs.csv"))
        .expect("files of the test can be read and written");
    table.lines().next().expect("a table has a header").split(',').count() as u64
}
