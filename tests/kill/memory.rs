//! How much memory a sweep needs does not depend on how many runs it makes, and that of a merge not
//! on how many shards it joins.

use super::*;

/// How much more a long sweep may hold at its peak than a short one (B): far less than the values of
/// its runs would fill.
const MORE: u64 = 8 << 20;

/// The most memory (B) that a sweep of two points with `runs` runs each, none of which takes any time,
/// was seen to hold.
fn peak_of_sweep(room: &Path, runs: u32) -> u64 {
    let (runs, out) = (runs.to_string(), format!("out-{runs}"));
    let what = ["sweep", "tiny.toml", "--set", "scenario.horizon=1s", "--runs", &runs];
    let how = ["--threads", "1", "--quiet", "--vary", "policies.repair.crews=1,2", "--out", &out];
    peak(room, &both(&what, &how))
}

/// The most memory (B) that the command was seen to hold: the system keeps its peak as long as the
/// process lives.
fn peak(room: &Path, words: &[&str]) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fleetsim"))
        .args(words)
        .current_dir(room)
        .stdout(Stdio::null())
        .spawn()
        .expect("the command is built");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        peak = peak.max(kibibytes.unwrap_or(0_u64) * 1_024);
        if let Some(ended) = child.try_wait().expect("it can be waited for") {
            assert!(ended.success(), "{ended}");
            return peak;
        }
        std::thread::park_timeout(Duration::from_millis(2)); // Nobody wakes this thread before.
    }
}

#[test]
fn twenty_thousand_runs_need_no_more_memory_than_two_hundred() {
    let room = room();
    let room = room.path();
    let values = 20_000 * metrics(room) * 8;
    assert!(values > 4 * MORE, "{values} bytes of values would show");
    let (short, long) = (peak_of_sweep(room, 100), peak_of_sweep(room, 10_000));
    if short == 0 {
        println!("skipped: this system does not tell what a process holds");
        return;
    }
    assert!(long < short + MORE, "{long} bytes at the peak, {short} of a short sweep");
    assert_eq!(finished(&room.join("out-10000")).len(), 20_000);
}

#[test]
fn two_hundred_shards_need_no_more_memory_than_two() {
    let room = room();
    let room = room.path();
    let sweep = ["sweep", "tiny.toml", "--set", "scenario.horizon=1s", "--runs", "1", "--quiet"];
    let points = ["--vary", "policies.repair.crews=1..500:1", "--out", "0"];
    answer(room, &both(&sweep, &points)).says(0, &[]);
    // The first shard has all runs; the others say what the sweep is, and have none.
    let ledger = fs::read_to_string(room.join("0/ledger.jsonl")).unwrap();
    let header = ledger.split_inclusive('\n').next().expect("a ledger has a first line");
    assert!(200 * header.len() as u64 > MORE, "{} bytes of headers would show", header.len());
    let shards: Vec<String> = (0..200).map(|shard| shard.to_string()).collect();
    for shard in &shards[1..] {
        fs::create_dir(room.join(shard)).unwrap();
        fs::write(room.join(shard).join("ledger.jsonl"), header).unwrap();
    }
    let merge = |shards: &[String], out: &str| {
        let shards: Vec<&str> = shards.iter().map(String::as_str).collect();
        peak(room, &both(&both(&["merge"], &shards), &["--quiet", "--out", out]))
    };
    let (few, many) = (merge(&shards[..2], "few"), merge(&shards, "many"));
    if few == 0 {
        println!("skipped: this system does not tell what a process holds");
        return;
    }
    assert!(many < few + MORE, "{many} bytes at the peak, {few} with two shards");
}

/// How many values a run of the scenario has: the columns of its table.
fn metrics(room: &Path) -> u64 {
    answer(room, &["run", "tiny.toml", "--runs", "1", "--out", "one"]).says(0, &[]);
    let table = fs::read_to_string(room.join("one/runs.csv"))
        .expect("files of the test can be read and written");
    table.lines().next().expect("a table has a header").split(',').count() as u64
}
