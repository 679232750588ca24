//! `plan` as a user runs it: answers, exit codes, forms, files, and what it refuses.

use super::{answer, names, pictures};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

/// Ten servers full of instances, and spares behind them; a month each run.
const SCENARIO: &str = r#"
[scenario]
name = "small"
question = "how many spares?"
horizon = "30d"
[server_models.m]
vcpus = 1
memory = "1GiB"
risk = "never"
[server_models.m.crash]
life = { exponential = { mean = "500h" } }
restarts_itself = 0
repair = { exponential = { mean = "24h" } }
[[servers]]
name = "sold"
model = "m"
count = 10
zones = ["z"]
[[servers]]
name = "spare"
model = "m"
count = 1
zones = ["z"]
[instance_types.whole]
vcpus = 1
memory = "1GiB"
[[workload.instances]]
type = "whole"
count = 10
[policies.repair]
crews = 2
[settings.guest]
crash_rate = "never"
[settings.host]
idle_wears = false
"#;

const VARY: &str = "servers[spare].count=0..12";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("small.toml"), SCENARIO).expect("the scenario is written");
    folder
}

fn plan(folder: &Path, options: &[&str]) -> (i32, String, String) {
    answer(&[&["plan", "small.toml"], options].concat(), folder)
}

/// The object of `--format json`, and the exit code.
fn object(folder: &Path, options: &[&str]) -> (i32, Value) {
    let (code, text, faults) = plan(folder, &[options, &["--format", "json"]].concat());
    let object = serde_json::from_str(&text);
    (code, object.unwrap_or_else(|why| panic!("{why}: {text}{faults}")))
}

#[test]
fn people_read_the_answer_its_neighbours_and_what_it_cost() {
    let folder = folder();
    let (code, text, faults) =
        plan(folder.path(), &["--vary", VARY, "--goal", "placement.failed <= 0"]);
    assert_eq!((code, faults.as_str()), (0, ""), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.starts_with("small · how many spares?\n"), "{text}");
    let said: String = text.replace('\n', " ");
    let answer = said.split("servers[spare].count = ").nth(1).unwrap();
    let spares: u32 = answer.split(' ').next().unwrap().parse().unwrap();
    let rest = "is the smallest value in 0..12 that meets the goal with 95 % confidence";
    assert!(said.contains(rest), "{text}");
    assert!(said.contains("goal 1  placement.failed <= 0 in 95 % of runs"), "{text}");
    assert!(said.contains("met (answer)") && said.contains("of 336:"), "{text}");
    for neighbour in [spares - 1, spares, spares + 1] {
        assert!(text.lines().any(|line| line.starts_with(&format!("{neighbour} "))), "{text}");
    }
    assert!(said.contains("simulated, none twice; all 13 values in full: 4,368."), "{text}");
}

#[test]
fn programs_get_all_of_it_and_nothing_is_simulated_twice() {
    let folder = folder();
    let mut seen = Vec::new();
    for (place, threads) in ["1", "2", "5", "5"].into_iter().enumerate() {
        let out = format!("results/{place}");
        let goals =
            ["--goal", "placement.failed <= 0", "--goal", "availability >= 99.9% on average"];
        let options = ["--vary", VARY, "--threads", threads, "--out", &out, "--confidence", "90%"];
        let (code, shown) = object(folder.path(), &[&options[..], &goals[..]].concat());
        assert_eq!((code, &shown["status"], &shown["kind"]), (0, &"found".into(), &"plan".into()));
        let out = folder.path().join(&out);
        assert_eq!(
            names(&out),
            ["manifest.json", "plots", "report.html", "runs.csv", "summary.json"]
        );
        let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
        seen.push((shown, read("summary.json"), read("runs.csv"), pictures(&out)));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "for any threads, and twice");
    let (shown, summary, runs, pictures) = &seen[0];
    let drawn: Vec<&str> = pictures.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(drawn, ["goal-1.svg", "goal-2.svg", "search.svg"]);
    let told = format!("answer: {}", shown["answer"].as_str().unwrap());
    assert!(pictures[..2].iter().all(|(_, picture)| picture.contains(&told)), "{told}");
    let mut summary: Value = serde_json::from_str(summary).unwrap();
    let command = summary.as_object_mut().unwrap().remove("command").unwrap();
    assert_eq!(&summary, shown);
    assert!(command.as_str().unwrap().contains("--vary 'servers[spare].count=0..12'"), "{command}");
    let rows: Vec<&str> = runs.lines().collect();
    let header = "servers[spare].count,run,fingerprint,placement.failed,availability";
    assert_eq!(rows[0], header);
    assert_eq!(rows.len() as u64 - 1, shown["simulated"].as_u64().unwrap());
    let key = |row: &str| row.split(',').take(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows.iter().map(|row| key(row)).collect::<BTreeSet<_>>().len(), rows.len());
    // The first run of a value is that of `run` with this value.
    let row = rows.iter().find(|row| row.contains(",0,")).unwrap();
    let value = row.split(',').next().unwrap();
    let set = format!("servers[spare].count={value}");
    let arguments = ["run", "small.toml", "--set", &set, "--runs", "1", "--out", "one", "--quiet"];
    assert_eq!(answer(&arguments, folder.path()).0, 0);
    let one = fs::read_to_string(folder.path().join("one/runs.csv")).unwrap();
    let fingerprint = row.split(',').nth(2).unwrap();
    assert!(one.contains(&format!("\n0,{fingerprint},")), "{fingerprint}");
}

#[test]
fn the_command_in_the_summary_finds_the_same() {
    let folder = folder();
    let first = ["--vary", " servers[spare].count=0..6 ", "--goal", " placement.failed<=0 "];
    let more = ["--out", "a", "--set", "policies.repair.crews=3", "--runs", "59", "--seed", "4"];
    plan(folder.path(), &[first, more[..4].try_into().unwrap()].concat());
    let (_, shown) = object(folder.path(), &[&first[..], &more[..]].concat());
    let summary = fs::read_to_string(folder.path().join("a/summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let command = summary["command"].as_str().unwrap().replace("fleetsim ", "");
    // Words of this command hold no quotes but those around them.
    let words: Vec<String> = command
        .split('\'')
        .enumerate()
        .flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
            _ => vec![part.to_owned()],
        })
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["--format", "json"]).collect();
    let (_, text, faults) = answer(&words, folder.path());
    let again: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{words:?} {faults}"));
    assert_eq!(again, shown);
}

#[test]
fn where_none_is_enough_the_best_is_named_with_code_1() {
    let folder = folder();
    let options = ["--vary", "servers[spare].count=0..2", "--goal", "placement.failed <= 0"];
    let (code, text, _) = plan(folder.path(), &[&options[..], &["--runs", "59"]].concat());
    assert_eq!(code, 1, "{text}");
    let said = text.replace('\n', " ");
    assert!(
        said.contains("No value of servers[spare].count in 0..2 meets the goal; 2 comes nearest."),
        "{text}"
    );
    let (code, shown) = object(folder.path(), &[&options[..], &["--runs", "59"]].concat());
    assert_eq!((code, &shown["status"], &shown["best"]), (1, &"missed".into(), &"2".into()));
    assert_eq!(shown["answer"], Value::Null);
}

#[test]
fn where_the_interval_straddles_the_runs_needed_are_told_with_code_3() {
    let folder = folder();
    let few = ["--vary", VARY, "--runs", "160"];
    // The mean at each number of spares, from which a goal that is hard to tell is made.
    let runs = ["run", "small.toml", "--set", "servers[spare].count=2", "--runs", "400"];
    let (_, text, _) = answer(&[&runs[..], &["--format", "json"]].concat(), folder.path());
    let run: Value = serde_json::from_str(&text).unwrap();
    let mean = run["metrics"][0]["mean"].as_f64().unwrap();
    let goal = format!("availability >= {} on average", mean - 1e-5);
    let (code, shown) = object(folder.path(), &[&few[..], &["--goal", &goal]].concat());
    assert_eq!((code, &shown["status"]), (3, &"inconclusive".into()), "{shown}");
    assert!(shown["answer"].as_str().unwrap().parse::<u32>().unwrap() > 2, "{shown}");
    let (code, text, _) = plan(folder.path(), &[&few[..], &["--goal", &goal]].concat());
    assert_eq!(code, 3);
    let said = text.replace('\n', " ");
    assert!(said.contains("cannot be told: about ") && said.contains("(--runs "), "{text}");
}

#[test]
fn the_largest_value_and_lengths_of_time_are_found_too() {
    let folder = folder();
    let law = "server_models.m.crash.repair=2h..48h:2h";
    let goal = "servers.available.mean >= 10.62 on average";
    let (code, shown) = object(folder.path(), &["--vary", law, "--goal", goal, "--largest"]);
    assert_eq!((code, &shown["direction"]), (0, &"largest".into()), "{shown}");
    // Ten of the eleven wear, each away for r of every 500 + r hours and for the wait for a crew:
    // without that wait 10.62 are there at r = 19.75.
    assert_eq!(shown["answer"], "18h", "{shown}");
    let values = shown["values"].as_array().unwrap();
    let values: Vec<&str> = values.iter().map(|value| value["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["16h", "18h", "20h"], "neighbours, upwards");
}

#[test]
fn a_range_that_is_good_at_the_wrong_end_is_told() {
    let folder = folder();
    let options = ["--vary", "server_models.m.crash.repair=2h..48h:2h", "--runs", "200"];
    let goal = ["--goal", "servers.available.mean >= 10.6 on average"];
    let (code, text, _) = plan(folder.path(), &[&options[..], &goal[..]].concat());
    assert_eq!(code, 0, "{text}");
    let said = text.replace('\n', " ");
    assert!(said.contains("= 2h is the smallest value in 2h..48h:2h"), "{text}");
    let why =
        "Goal 1 asks for the other end: met at 2h, missed at 48h. --largest may be what you want.";
    assert!(said.contains(why), "{text}");
}

#[test]
fn every_form_holds_the_same() {
    let folder = folder();
    let options = ["--vary", VARY, "--goal", "placement.failed <= 0", "--runs", "59"];
    let form = |form: &str| plan(folder.path(), &[&options[..], &["--format", form]].concat()).1;
    let csv = form("csv");
    assert!(csv.starts_with("value,goal,metric,relation,wanted,judged,share,runs,held,low,high,"));
    assert_eq!(csv.lines().filter(|line| line.ends_with(",met,true")).count(), 1, "{csv}");
    let markdown = form("markdown");
    assert!(markdown.starts_with("## small\n\nhow many spares?\n\n**servers"), "{markdown}");
    assert!(markdown.contains("met (answer)"), "{markdown}");
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_simulated() {
    let folder = folder();
    let refused = |options: &[&str], why: &str| {
        let (code, text, faults) = plan(folder.path(), options);
        assert_eq!((code, text.as_str()), (2, ""), "{options:?}: {faults}");
        assert!(faults.contains(why), "{options:?}: {faults}");
    };
    let goal = ["--goal", "placement.failed <= 0"];
    let with = |more: &[&'static str]| [&["--vary", VARY][..], more].concat();
    refused(&goal, "--vary");
    refused(&with(&[]), "--goal");
    refused(&with(&["--goal", "placement.failed"]), "compares nothing");
    refused(&with(&["--goal", "placement.fialed <= 0"]), "the nearest are placement.failed");
    refused(&with(&["--goal", "refresh.duration <= 2h"]), "this scenario has nothing");
    refused(&with(&["--goal", "availability >= 1 in 0% of runs"]), "between 0% and 100%");
    refused(&with(&[goal[0], goal[1], "--confidence", "1"]), "a probability from 50%");
    refused(&with(&[goal[0], goal[1], "--runs", "58"]), "by fewer than 59 runs; 336 are advised");
    refused(&with(&[goal[0], goal[1], "--smallest", "--largest"]), "cannot be used with");
    refused(&[&["--vary", "servers[spare].count=3..3"], &goal[..]].concat(), "upwards");
    refused(&[&["--vary", "servers[none].count=0..3"], &goal[..]].concat(), "no element `none`");
    refused(&[&["--vary", "servers[spare].cuont=0..3"], &goal[..]].concat(), "cuont");
    refused(&[&["--vary", "policies.repair.crews=0..3"], &goal[..]].concat(), "crews");
    // What nothing can be, or what no number of runs would show.
    let wrong = |goal: &'static str, why: &str| refused(&with(&["--goal", goal]), why);
    wrong(
        "placement.failed < 0 on average",
        "can never be met: `placement.failed` is never below 0",
    );
    wrong("placement.failed <= 0 on average", "`placement.failed <= 0 in 99% of runs`");
    wrong("availability >= 99.9", "did you mean 99.9%?");
    wrong("availability > 1 in 90% of runs", "is never above 1");
    wrong(
        "placement.failed <= 0 in 99.999999% of runs",
        "it holds in 99.999999% of runs is shown by",
    );
    wrong("placement.failed <= 0 in 99.999999% of runs", "1,000,000 are the most that are made");
    refused(&with(&[goal[0], goal[1], "--runs", "1000001"]), "--runs 1000001: 1,000,000 a value");
    fs::write(folder.path().join("file"), "").unwrap();
    let (code, _, faults) =
        plan(folder.path(), &with(&[goal[0], goal[1], "--runs", "59", "--out", "file"]));
    assert_eq!(code, 4, "{faults}");
}
