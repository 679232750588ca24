//! `run` on the shipped quickstart: results, files, and that they do not depend on the machine.

use super::{answer, names};
use serde_json::Value;
use std::{fs, path::Path};

/// A folder with the quickstart in it.
fn quickstart() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    assert_eq!(answer(&["init", "--quiet"], folder.path()).0, 0);
    folder
}

/// What `run quickstart.toml` with these options prints.
fn run(folder: &Path, options: &[&str]) -> String {
    let arguments = [&["run", "quickstart.toml"], options].concat();
    let (code, text, faults) = answer(&arguments, folder);
    assert_eq!(code, 0, "{faults}");
    text
}

#[test]
fn the_table_fits_80_columns_and_says_how_sure_it_is() {
    let folder = quickstart();
    let text = run(folder.path(), &[]);
    assert!(text.starts_with("quickstart · "), "{text}");
    assert!(text.contains("availability"), "{text}");
    assert!(text.ends_with("± is a 95 % interval over 30 runs.\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn json_is_the_object_that_is_promised() {
    let folder = quickstart();
    let text = run(folder.path(), &["--format", "json", "--runs", "3", "--seed", "9"]);
    let object: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = object.as_object().unwrap().keys().collect();
    let promised = ["scenario", "digest", "version", "rng_scheme", "seed", "runs", "metrics"];
    assert_eq!(keys, promised);
    assert_eq!((&object["seed"], &object["runs"]), (&Value::from(9), &Value::from(3)));
    let metric = object["metrics"][0].as_object().unwrap();
    let keys: Vec<&String> = metric.keys().collect();
    assert_eq!(keys, ["name", "labels", "unit", "mean", "half_width", "level", "min", "max"]);
    assert_eq!(metric["name"], "availability");
    assert!(!text.contains("-0.0,"), "no negative zero");
}

#[test]
fn the_same_bytes_for_any_threads_and_twice() {
    let folder = quickstart();
    let mut seen: Vec<Vec<String>> = Vec::new();
    for (place, threads) in ["1", "2", "7", "7"].into_iter().enumerate() {
        let out = format!("results/{place}");
        let options = ["--threads", threads, "--out", &out, "--runs", "9"];
        let text = run(folder.path(), &options);
        let out = folder.path().join(&out);
        assert_eq!(names(&out), ["manifest.json", "runs.csv", "summary.json"]);
        let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
        seen.push(vec![text, read("summary.json"), read("runs.csv")]);
    }
    assert!(seen.iter().all(|bytes| *bytes == seen[0]));
    assert_eq!(seen[0][2].lines().count(), 10, "a header and a row a run");
}

#[test]
fn setting_what_is_set_changes_nothing_and_the_command_repeats_the_run() {
    let folder = quickstart();
    let plain = run(folder.path(), &["--format", "json"]);
    let same = run(folder.path(), &["--format", "json", "--set", "scenario.horizon=365d"]);
    assert_eq!(plain, same);
    let options = ["--set", "policies.repair.crews=1", "--seed", "5", "--runs", "4"];
    run(folder.path(), &[&options[..], &["--out", "a"]].concat());
    let summary = fs::read_to_string(folder.path().join("a/summary.json")).unwrap();
    let object: Value = serde_json::from_str(&summary).unwrap();
    let command = object["command"].as_str().unwrap();
    assert_eq!(
        command,
        "fleetsim run quickstart.toml --seed 5 --runs 4 --set policies.repair.crews=1"
    );
    let words: Vec<&str> = command.split(' ').skip(1).chain(["--out", "b"]).collect();
    assert_eq!(answer(&words, folder.path()).0, 0);
    let again = fs::read_to_string(folder.path().join("b/summary.json")).unwrap();
    assert_eq!(summary, again);
}

#[test]
fn a_results_folder_is_checked_before_anything_is_run() {
    let folder = quickstart();
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/thesis.tex"), "x").unwrap();
    // Work that would take hours shows that the check comes first.
    let long = ["run", "quickstart.toml", "--runs", "10000000"];
    for out in ["mine", "mine/thesis.tex", "quickstart.toml/x"] {
        let (code, text, faults) = answer(&[&long[..], &["--out", out]].concat(), folder.path());
        assert_eq!((code, text.as_str()), (4, ""), "{faults}");
        assert!(faults.starts_with(&format!("error: cannot write {out}: ")), "{faults}");
    }
    for file in ["mine", "none/placements.csv"] {
        let arguments = [&long[..], &["--placements", file]].concat();
        let (code, text, faults) = answer(&arguments, folder.path());
        assert_eq!((code, text.as_str()), (4, ""), "{faults}");
    }
    assert_eq!(names(&folder.path().join("mine")), ["thesis.tex"]);
}

#[test]
fn more_runs_than_memory_holds_are_refused() {
    let folder = quickstart();
    let (code, _, faults) =
        answer(&["run", "quickstart.toml", "--runs", "4294967295"], folder.path());
    assert_eq!(code, 2);
    assert_eq!(faults, "error: 4294967295 runs are more than 10000000\n");
}

#[test]
fn placements_are_rows_in_order_of_time() {
    let folder = quickstart();
    let options = ["--runs", "1", "--out", "r", "--placements", "r/placements.csv", "--run", "3"];
    run(folder.path(), &options);
    let text = fs::read_to_string(folder.path().join("r/placements.csv")).unwrap();
    assert!(text.starts_with("at_s,instance,type,server,server_index,reason\n"));
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let times = rows.records().map(|row| row.unwrap()[0].parse::<f64>().unwrap());
    let times: Vec<f64> = times.collect();
    assert!(!times.is_empty() && times.is_sorted());
    run(folder.path(), &options);
    assert_eq!(fs::read_to_string(folder.path().join("r/placements.csv")).unwrap(), text);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_stdout_fails_after_the_results_are_safe() {
    let folder = quickstart();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("fleetsim"));
    command.args(["run", "quickstart.toml", "--runs", "2", "--out", "r"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.current_dir(folder.path()).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let out = folder.path().join("r");
    assert_eq!(names(&out), ["manifest.json", "runs.csv", "summary.json"]);
}
