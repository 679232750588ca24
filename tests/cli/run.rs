//! `run` on the shipped quickstart: results, files, and that they do not depend on the machine.

use super::{answer, names};
use insta::assert_snapshot;
use serde_json::Value;
use std::{fs, path::Path};

/// What a run writes into its folder.
const WRITTEN: [&str; 7] = [
    "manifest.json",
    "plots",
    "report.html",
    "runs.csv",
    "series.csv",
    "summary.json",
    "worst.json",
];

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
    assert!(text.contains("\n± is a 95 % interval over 30 runs.\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn json_is_the_object_that_is_promised() {
    let folder = quickstart();
    let text = run(folder.path(), &["--format", "json", "--runs", "3", "--seed", "9"]);
    let object: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&String> = object.as_object().unwrap().keys().collect();
    let what = ["kind", "scenario", "question", "digest", "version", "rng_scheme", "seed", "runs"];
    let when = ["begins_s", "measured_from_s", "ends_s"];
    let fleet = ["zones", "racks", "servers", "instances", "metrics"];
    assert_eq!(keys, [&what[..], &when, &fleet].concat());
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
        assert_eq!(names(&out), WRITTEN);
        let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
        seen.push(vec![text, read("summary.json"), read("runs.csv"), read("series.csv")]);
        let plots = names(&out.join("plots"));
        assert!(plots.len() > 4, "{plots:?}");
        seen[place].extend(plots.iter().map(|name| read(&format!("plots/{name}"))));
        seen[place].extend(plots);
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
    let long = ["run", "quickstart.toml", "--runs", "1000000"];
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
fn numbers_out_of_range_are_told_the_range() {
    let folder = quickstart();
    let told = |option: &str, value: &str| {
        let arguments = ["run", "quickstart.toml", option, value];
        let (code, text, faults) = answer(&arguments, folder.path());
        assert_eq!((code, text.as_str()), (2, ""), "{faults}");
        faults
    };
    for value in ["0", "1e3", "-1", "4294967295"] {
        let faults = told("--runs", value);
        assert!(faults.contains("a whole number from 1 to 10000000 is wanted"), "{faults}");
    }
    assert!(told("--threads", "0").contains("a whole number from 1 to 65535 is wanted"));
    let faults = told("--seed", "-1");
    assert!(faults.contains("a whole number from 0 to 18446744073709551615"), "{faults}");
    let one = ["run", "quickstart.toml", "--placements", "p.csv", "--runs", "30", "--run", "30"];
    let (code, _, faults) = answer(&one, folder.path());
    assert_eq!(code, 2);
    assert_eq!(faults, "error: --run 30: there is none; runs are 0 to 29\n");
    assert_eq!(names(folder.path()), ["quickstart.toml", "scenario.schema.json"]);
}

#[test]
fn values_that_are_set_to_what_they_are_leave_no_trace() {
    let folder = quickstart();
    let summary = |out: &str, options: &[&str]| {
        run(folder.path(), &[&["--runs", "2", "--out", out], options].concat());
        fs::read_to_string(folder.path().join(out).join("summary.json")).unwrap()
    };
    let set = |value| ["--set", value];
    let plain = summary("a", &[]);
    let same = [set("scenario.seed=1"), set("policies.repair.crews=2"), set("scenario.runs=9")];
    assert_eq!(summary("b", &same.concat()), plain);
    assert_eq!(summary("c", &["--allow-path"]), plain);
    let seed = summary("d", &["--seed", "7"]);
    assert_eq!(summary("e", &set("scenario.seed=7")), seed);
    let sets = ["policies.repair.crews=1", "scenario.horizon=100d"].map(set);
    let one = summary("f", &sets.concat());
    assert_eq!(summary("g", &[sets[1], sets[0]].concat()), one);
    let late = [set("scenario.horizon=9d"), sets[1], sets[0]].concat();
    assert_eq!(summary("h", &late), one, "the last of several counts");
    assert!(one.contains("--set policies.repair.crews=1 --set scenario.horizon=100d"), "{one}");
}

#[test]
fn no_input_and_no_file_of_others_is_written_over() {
    let folder = quickstart();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let scenario = read("quickstart.toml");
    fs::write(folder.path().join("notes.csv"), "at_s,mine\n").unwrap();
    let told = |out: &[&str], file: &str| {
        let start = ["run", "quickstart.toml", "--runs", "1000000", "--placements", file];
        let (code, text, faults) = answer(&[&start[..], out].concat(), folder.path());
        assert_eq!((code, text.as_str()), (2, ""), "{faults}");
        faults
    };
    assert_snapshot!(told(&[], "quickstart.toml"), @"error: cannot write quickstart.toml: the scenario is read from it, or another option writes to it");
    assert_snapshot!(told(&[], "notes.csv"), @"error: cannot write notes.csv: it is there, and is not a placements file of an earlier run");
    assert_snapshot!(told(&[], "-"), @"error: cannot write -: placements go to a file, not to standard output (./- is a file)");
    told(&["--out", "r"], "r/runs.csv");
    assert!(!folder.path().join("r").exists(), "nothing is made for a run that cannot be");
    told(&["--out", "r"], "./r/runs.csv");
    // Scenarios may be called anything, even as a file of results is.
    fs::create_dir(folder.path().join("s")).unwrap();
    fs::write(folder.path().join("s/summary.json"), &scenario).unwrap();
    let (code, _, faults) = answer(&["run", "s/summary.json", "--out", "s"], folder.path());
    assert_eq!(code, 2, "{faults}");
    assert_eq!((read("quickstart.toml"), read("notes.csv")), (scenario, "at_s,mine\n".to_owned()));
}

#[test]
#[cfg(unix)]
fn a_link_to_an_input_is_that_input() {
    let folder = quickstart();
    std::os::unix::fs::symlink("quickstart.toml", folder.path().join("link.csv")).unwrap();
    let arguments = ["run", "quickstart.toml", "--placements", "link.csv"];
    assert_eq!(answer(&arguments, folder.path()).0, 2);
}

#[test]
#[cfg(target_os = "linux")]
fn what_does_not_fit_into_memory_is_not_begun() {
    let folder = quickstart();
    // A million servers 65,535 times over: some 17 TB.
    let many = ["--set", "servers[0].count=1000000"];
    let options = ["--threads", "65535", "--runs", "65535", "--out", "r"];
    let arguments = [&["run", "quickstart.toml"], &many[..], &options].concat();
    let (code, text, faults) = answer(&arguments, folder.path());
    assert_eq!((code, text.as_str()), (6, ""), "{faults}");
    assert!(faults.starts_with("error: 65,535 runs on 65,535 threads need about "), "{faults}");
    assert!(faults.contains(" TiB of memory (") && faults.contains(" are available"), "{faults}");
    assert!(!folder.path().join("r").exists());
}

/// A run of hours, under way: it has made its folder.
#[cfg(target_os = "linux")]
fn under_way(folder: &Path) -> std::process::Child {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("fleetsim"));
    command.args(["run", "quickstart.toml", "--runs", "1000000", "--out", "r"]);
    command.current_dir(folder).stderr(std::process::Stdio::piped());
    let child = command.stdout(std::process::Stdio::null()).spawn().expect("the binary starts");
    while !folder.join("r").exists() {
        std::thread::yield_now();
    }
    child
}

#[test]
#[cfg(target_os = "linux")]
fn interruption_is_an_exit_code_and_leaves_nothing_half_written() {
    for (signal, code, word) in [("INT", 130, "interrupted\n"), ("TERM", 143, "ended by SIGTERM\n")]
    {
        let folder = quickstart();
        let child = under_way(folder.path());
        let kill = std::process::Command::new("sh")
            .args(["-c", &format!("kill -{signal} {}", child.id())])
            .status();
        assert!(kill.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), word);
        assert!(names(&folder.path().join("r")).is_empty());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_may_not_grow_is_told_with_code_4() {
    let folder = quickstart();
    let mut command = std::process::Command::new("sh");
    // One block of 512 or 1,024 bytes, less than any summary.
    command.args(["-c", "ulimit -f 1; exec \"$0\" run quickstart.toml --runs 2 --out r"]);
    command.arg(assert_cmd::cargo::cargo_bin("fleetsim")).current_dir(folder.path());
    let output = command.output().unwrap();
    let faults = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{faults}");
    assert!(
        faults.starts_with(
            "error: cannot write r/summary.json: files may not grow that large here; it needs "
        ),
        "{faults}"
    );
    assert!(names(&folder.path().join("r")).is_empty());
}

#[test]
fn placements_are_rows_in_order_of_time() {
    let folder = quickstart();
    let options = ["--runs", "4", "--out", "r", "--placements", "r/placements.csv", "--run", "3"];
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
    assert_eq!(names(&out), WRITTEN);
}
