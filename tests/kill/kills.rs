//! Processes that are ended in the midst of a sweep.

use super::*;
use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::Stdio,
};

/// Runs of each point.
const RUNS: u64 = 25;

fn sweep<'a>(more: &[&'a str]) -> Vec<&'a str> {
    both(&both(&SWEEP, &["--runs", "25", "--threads", "2", "--quiet"]), more)
}

/// The results of the sweep that nobody disturbs.
fn undisturbed(room: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    answer(room, &sweep(&["--out", "whole"])).says(0, &[]);
    results(&room.join("whole"))
}

/// Holds that the ledger has every run once: none lost, none doubled.
#[track_caller]
fn every_run_once(out: &Path) {
    let mut found = finished(out);
    found.sort_unstable();
    let wanted: Vec<(u64, u64)> =
        (0..4).flat_map(|point| (0..RUNS).map(move |run| (point, run))).collect();
    assert_eq!(found, wanted);
}

#[test]
fn killed_at_any_moment_a_sweep_goes_on_to_the_same_bytes() {
    let room = room();
    let room = room.path();
    let wanted = undisturbed(room);
    let whole = length(&room.join("whole"));
    let (mut chosen, mut in_its_midst) = (Chosen(6), 0);
    for _ in 0..20 {
        let out = room.join("killed");
        // From before the folder is there to when all but the results is written.
        let at = chosen.below(whole + whole / 10);
        let more = Duration::from_micros(chosen.below(4_000));
        let mut child = begin(room, &sweep(&["--out", "killed"]));
        wait_until(&mut child, || length(&out) >= at.min(whole));
        pause(more);
        child.kill().expect("it is our child");
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert!([0, -9].contains(&ended.code), "{ended:?}");
        let before = finished(&out);
        in_its_midst += u64::from(ended.code == -9 && !before.is_empty());

        answer(room, &sweep(&["--out", "killed", "--resume"])).says(0, &[]);
        are_the_same(&out, &wanted);
        every_run_once(&out);
        assert_eq!(finished(&out)[..before.len()], before, "what was finished stays as it was");
        fs::remove_dir_all(&out).unwrap();
    }
    assert!(in_its_midst >= 10, "only {in_its_midst} of 20 were in the midst of the sweep");
}

#[test]
fn killed_again_and_again_a_sweep_comes_to_its_end() {
    let room = room();
    let room = room.path();
    let wanted = undisturbed(room);
    let out = room.join("killed");
    let mut chosen = Chosen(7);
    // Each time it gets at least one line further.
    for _ in 0..20 {
        let there = length(&out);
        let mut child = begin(room, &sweep(&["--out", "killed", "--resume"]));
        wait_until(&mut child, || length(&out) > there);
        pause(Duration::from_micros(chosen.below(3_000)));
        child.kill().expect("it is our child");
        child.wait().unwrap();
    }
    answer(room, &sweep(&["--out", "killed", "--resume"])).says(0, &[]);
    are_the_same(&out, &wanted);
    every_run_once(&out);
}

#[test]
fn what_is_finished_is_not_done_again() {
    let room = room();
    let room = room.path();
    let wanted = undisturbed(room);
    let out = room.join("whole");
    let ledger = fs::read(out.join("ledger.jsonl")).unwrap();
    // All of it is there: nothing is added.
    answer(room, &sweep(&["--out", "whole", "--resume"])).says(0, &[]);
    are_the_same(&out, &wanted);
    assert!(fs::read(out.join("ledger.jsonl")).unwrap() == ledger, "the ledger is as it was");
    // The tables are gone, the ledger is not: they are drawn up again from it.
    for file in wanted.keys() {
        fs::remove_file(out.join(file)).unwrap();
    }
    answer(room, &sweep(&["--out", "whole", "--resume"])).says(0, &[]);
    are_the_same(&out, &wanted);
    assert!(fs::read(out.join("ledger.jsonl")).unwrap() == ledger, "the ledger is as it was");
    // An empty folder, and none at all, are beginnings.
    fs::create_dir(room.join("empty")).unwrap();
    for out in ["empty", "none"] {
        answer(room, &sweep(&["--out", out, "--resume"])).says(0, &[]);
        are_the_same(&room.join(out), &wanted);
    }
}

#[test]
fn interruption_keeps_what_is_finished() {
    let room = room();
    let room = room.path();
    let wanted = undisturbed(room);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let out = room.join(signal);
        let mut child = begin(room, &sweep(&["--out", signal]));
        let under_way = wait_until(&mut child, || finished(&out).len() >= 5);
        assert!(under_way, "the sweep takes long enough");
        send(&child, signal);
        let ended = Ended::from(child.wait_with_output().unwrap());
        ended.says(code, &["stopping", " of 100 runs are done and kept", "--resume"]);
        let names: Vec<PathBuf> = files(&out).into_keys().collect();
        assert!(
            names.iter().all(|name| name == Path::new("ledger.jsonl")),
            "half of something stays behind: {names:?}"
        );
        let before = finished(&out);
        assert!(before.len() >= 5);
        answer(room, &sweep(&["--out", signal, "--resume"])).says(0, &[]);
        assert_eq!(finished(&out)[..before.len()], before);
        are_the_same(&out, &wanted);
        every_run_once(&out);
    }
}

#[test]
fn a_second_interruption_waits_for_nothing() {
    let room = room();
    let room = room.path();
    // A run that takes minutes.
    let long =
        ["--set", "scenario.horizon=360000d", "--set", "server_models.m.crash.rate=2000/year"];
    let mut child = begin(room, &sweep(&both(&long, &["--out", "long"])));
    let ledger = room.join("long/ledger.jsonl");
    assert!(wait_until(&mut child, || ledger.exists()), "it is long");
    // From the ledger's first line to the first run it takes no time to speak of.
    pause(Duration::from_millis(300));
    send(&child, "INT");
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut word = String::new();
    stderr.read_line(&mut word).unwrap();
    assert!(word.contains("once more stops at once"), "{word}");
    send(&child, "INT");
    word.clear();
    stderr.read_to_string(&mut word).unwrap();
    assert_eq!((child.wait().unwrap().code(), word.as_str()), (Some(130), "interrupted\n"));
    assert_eq!(files(&room.join("long")).len(), 1, "its ledger is all that is there");
}

#[test]
fn a_reader_of_stdout_who_goes_away_is_no_failure() {
    let room = room();
    let room = room.path();
    let wanted = undisturbed(room);
    // A pipe whose reader is gone from the beginning, and one who reads a line.
    let mut command = fleetsim(room, &sweep(&["--out", "closed"]));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut faults = String::new();
    child.stderr.take().unwrap().read_to_string(&mut faults).unwrap();
    assert_eq!((child.wait().unwrap().code(), faults.as_str()), (Some(0), ""));
    are_the_same(&room.join("closed"), &wanted);
    let line = "\"$0\" \"$@\"; echo $? >code";
    let first = shell(room, &format!("( {line} ) | head -n 1"), &sweep(&["--out", "head"]));
    first.says(0, &[]);
    assert_eq!(fs::read_to_string(room.join("code")).unwrap(), "0\n");
    are_the_same(&room.join("head"), &wanted);
}

#[test]
fn a_full_stdout_is_told_and_the_results_are_safe() {
    let room = room();
    let room = room.path();
    let wanted = undisturbed(room);
    let full = shell(room, "exec \"$0\" \"$@\" >/dev/full", &sweep(&["--out", "full"]));
    full.says(4, &["error: cannot write to standard output"]);
    are_the_same(&room.join("full"), &wanted);
}
