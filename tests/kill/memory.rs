//! How much memory a sweep needs does not depend on how many runs it makes.

use super::*;

/// A sweep of two points with `runs` runs each, none of which takes any time, in `limit` bytes of
/// address space (KiB).
fn sweep(room: &Path, runs: u32, limit: u64) -> Ended {
    let script = format!(
        "ulimit -v {limit}; exec \"$0\" sweep tiny.toml --set scenario.horizon=1s --runs {runs} \
         --threads 1 --quiet --vary policies.repair.crews=1,2 --out out-{runs}-{limit}"
    );
    shell(room, &script, &[])
}

#[test]
fn twenty_thousand_runs_need_no_more_memory_than_two_hundred() {
    let room = room();
    let room = room.path();
    // How much is just enough for two hundred, to a MiB.
    let (mut few, mut enough) = (1_024, 1_024 * 1_024);
    sweep(room, 100, enough).says(0, &[]);
    while enough - few > 1_024 {
        let middle = few + (enough - few) / 2;
        match sweep(room, 100, middle).code {
            0 => enough = middle,
            _ => few = middle,
        }
    }
    // A hundred times as many runs: their values alone would be far more than what is added here.
    let more = 4 * 1_024;
    let values = 20_000 * metrics(room) * 8;
    assert!(values > 4 * more * 1_024, "{values} bytes of values would show");
    sweep(room, 10_000, enough + more).says(0, &[]);
    let out = room.join(format!("out-10000-{}", enough + more));
    assert_eq!(finished(&out).len(), 20_000);
}

/// How many values a run of the scenario has: the columns of its table.
fn metrics(room: &Path) -> u64 {
    answer(room, &["run", "tiny.toml", "--runs", "1", "--out", "one"]).says(0, &[]);
    let table = fs::read_to_string(room.join("one/runs.csv"))
        .expect("files of the test can be read and written");
    table.lines().next().expect("a table has a header").split(',').count() as u64
}
