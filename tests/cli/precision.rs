//! `run --until-precision`: as many runs as a wanted precision needs.

use super::answer;
use serde_json::Value;
use std::{fs, path::Path};

const METRIC: &str = "interruptions.per_instance_year";

fn quickstart() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    assert_eq!(answer(&["init", "--quiet"], folder.path()).0, 0);
    folder
}

fn run(folder: &Path, options: &[&str]) -> (i32, String, String) {
    answer(
        &[&["run", "quickstart.toml", "--set", "scenario.horizon=60d"], options].concat(),
        folder,
    )
}

fn object(folder: &Path, options: &[&str]) -> Value {
    let (code, text, faults) = run(folder, &[options, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{faults}");
    serde_json::from_str(&text).expect("it is JSON")
}

#[test]
fn it_stops_by_rule_and_says_so() {
    let folder = quickstart();
    let wanted = format!("{METRIC}=10%");
    let shown = object(folder.path(), &["--until-precision", &wanted]);
    let runs = shown["runs"].as_u64().unwrap();
    assert!((20..2_000).contains(&runs) && runs.is_multiple_of(10), "{runs}");
    assert_eq!(shown["precision_reached"], true);
    let stopping = &shown["stopping"];
    assert_eq!((&stopping["max_runs"], &stopping["level"]), (&2_000.into(), &0.95.into()));
    assert_eq!(stopping["looks"].as_u64().unwrap(), (runs - 20) / 10 + 1);
    let target = &stopping["targets"][0];
    assert_eq!((&target["metric"], &target["reached"]), (&METRIC.into(), &true.into()));
    assert!(target["relative"].as_f64().unwrap() <= 0.1 / 1.1);
    // The same runs without the rule give the same metrics.
    let plain = object(folder.path(), &["--runs", &runs.to_string()]);
    assert_eq!(plain["metrics"], shown["metrics"]);
    assert_eq!(plain.get("precision_reached"), None);
    let (_, text, _) = run(folder.path(), &["--until-precision", &wanted]);
    let said = format!("Stopped by rule after {runs} runs: the precision asked for is reached.");
    assert!(text.contains(&said), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn who_gives_up_says_so_and_ends_well() {
    let folder = quickstart();
    let options = ["--until-precision", "downtime{no-capacity}=1%", "--max-runs", "25"];
    let shown = object(folder.path(), &options);
    assert_eq!((&shown["runs"], &shown["precision_reached"]), (&25.into(), &false.into()));
    let (_, text, _) = run(folder.path(), &[&options[..], &["--format", "markdown"]].concat());
    assert!(text.contains("the precision asked for is not reached"), "{text}");
}

#[test]
fn the_same_bytes_for_any_threads_and_by_the_command_in_the_summary() {
    let folder = quickstart();
    let wanted = ["--until-precision", "availability=0.01%", "--until-precision", "downtime = 20%"];
    let mut seen = Vec::new();
    for (place, threads) in ["1", "2", "16"].into_iter().enumerate() {
        let out = format!("out-{place}");
        let options = ["--threads", threads, "--out", &out, "--max-runs", "200"];
        let (code, text, faults) = run(folder.path(), &[&wanted[..], &options[..]].concat());
        assert_eq!(code, 0, "{faults}");
        let read = |name: &str| fs::read_to_string(folder.path().join(&out).join(name)).unwrap();
        seen.push((text, read("summary.json"), read("runs.csv")));
    }
    assert!(seen.iter().all(|one| *one == seen[0]));
    let summary: Value = serde_json::from_str(&seen[0].1).unwrap();
    assert_eq!(summary["stopping"]["level"], 0.975, "two metrics share the error");
    let command = summary["command"].as_str().unwrap();
    let rest =
        "--until-precision availability=0.0001 --until-precision downtime=0.2 --max-runs 200";
    assert!(command.contains(rest), "{command}");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    let (_, text, _) = answer(&words, folder.path());
    assert_eq!(text, seen[0].0);
}

#[test]
fn what_is_wrong_is_refused() {
    let folder = quickstart();
    let refused = |options: &[&str], why: &str| {
        let (code, text, faults) = run(folder.path(), options);
        assert_eq!((code, text.as_str()), (2, ""), "{options:?}: {faults}");
        assert!(faults.contains(why), "{options:?}: {faults}");
    };
    let good = ["--until-precision", "availability=1%"];
    refused(&[&good[..], &["--runs", "30"]].concat(), "cannot be used with");
    refused(&["--max-runs", "30"], "--until-precision");
    refused(&[&good[..], &["--max-runs", "9"]].concat(), "a whole number from 10");
    refused(&[&good[..], &good[..]].concat(), "names availability twice");
    refused(&["--until-precision", "availability"], "it names no precision");
    refused(&["--until-precision", "downtime{cause=spot}"], "it names no precision");
    refused(&["--until-precision", "availability=0%"], "between 0% and 100%");
    refused(&["--until-precision", "availabilty=1%"], "the nearest are availability");
    refused(&["--until-precision", "stranded=1%"], "its parts do not add up");
    refused(&[&good[..], &["--events", "e.jsonl", "--run", "20"]].concat(), "runs are 0 to 19");
}
