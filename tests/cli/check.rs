//! `check`: baselines, verdicts, exit codes and reports, on a small fleet whose servers crash.

use super::{answer, names, pictures};
use serde_json::Value;
use std::{fs, path::Path};

/// Twelve servers that crash often; owners restart what lies down after `restart_after`.
const FLEET: &str = r#"
[scenario]
name = "small"
horizon = "60d"
seed = 3
runs = 4

[check]
runs = 60

[server_models.m]
vcpus = 8
memory = "32GiB"
crash = { rate = "4/year", restarts_itself = 0.5, repair = "10h..14h" }
risk = "never"

[[servers]]
model = "m"
count = 12
zones = ["a"]

[instance_types.t]
vcpus = 4
memory = "8GiB"

[[workload.instances]]
type = "t"
count = 20

[policies]
recovery = "in-place"

[settings.guest]
crash_rate = "never"

[[gates]]
metric = "downtime"
worse_by_at_most = "20%"

[[gates]]
name = "promise"
metric = "availability"
at_least = "90%"
"#;

fn fleet() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("small.toml"), FLEET).expect("it is ours");
    folder
}

fn check(folder: &Path, options: &[&str]) -> (i32, String, String) {
    answer(&[&["check", "small.toml", "--quiet"], options].concat(), folder)
}

fn updated() -> tempfile::TempDir {
    let folder = fleet();
    let (code, text, faults) = check(folder.path(), &["--update"]);
    assert_eq!(code, 0, "{faults}");
    assert!(text.contains("in results/baselines"), "{text}");
    folder
}

/// Repairs take twice as long: downtime doubles, nearly.
const WORSE: [&str; 2] = ["--set", r#"server_models.m.crash.repair="20h..28h""#];

#[test]
fn what_is_unchanged_passes_with_zeros_everywhere() {
    let folder = updated();
    let (code, text, faults) = check(folder.path(), &["--format", "json"]);
    assert_eq!((code, faults.as_str()), (0, ""), "{text}");
    let object: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&object["kind"], &object["verdict"]), (&"check".into(), &"PASS".into()));
    let scenario = &object["scenarios"][0];
    assert_eq!((&scenario["same_course"], &scenario["metrics_changed"]), (&60.into(), &0.into()));
    let gate = &scenario["gates"][0];
    assert_eq!((&gate["ground"], &gate["change"]), (&"unchanged".into(), &0.0.into()));
    // What does not matter to a run does not matter here: names, gates, threads.
    let same = [
        &["--set", r#"scenario.question="what?""#][..],
        &["--set", r#"gates[0].worse_by_at_most="0%""#],
        &["--threads", "1"],
        &["--runs", "5"],
    ];
    for options in same {
        let (code, text, faults) = check(folder.path(), options);
        assert_eq!(code, 0, "{faults}{text}");
        assert!(text.contains("every run took the same course: no difference"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn a_baseline_is_made_again_byte_for_byte() {
    let folder = updated();
    let path = folder.path().join("results/baselines/small.json");
    let first = fs::read_to_string(&path).unwrap();
    let (_, text, _) = check(folder.path(), &["--update", "--threads", "2"]);
    assert!(text.contains("unchanged"), "{text}");
    assert_eq!(fs::read_to_string(&path).unwrap(), first);
    assert_eq!(names(path.parent().unwrap()), ["small.json"]);
    let object: Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&object["runs"], &object["seed"]), (&60.into(), &3.into()));
    assert_eq!(object["command"], "fleetsim check small.toml --update --seed 3 --runs 60");
    let (_, text, _) = check(folder.path(), &[&WORSE[..], &["--update"]].concat());
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("of 60 runs take another course"), "{text}");
}

#[test]
fn what_is_worse_fails_and_every_report_says_so() {
    let folder = updated();
    let reports = [
        "--report",
        "junit=check.xml",
        "--report",
        "markdown=check.md",
        "--report",
        "github",
        "--out",
        "out",
    ];
    let (code, text, faults) = check(folder.path(), &[&WORSE[..], &reports].concat());
    assert_eq!(code, 1, "{faults}{text}");
    assert!(text.starts_with("FAIL: small · 60 runs, seed 3\n"), "{text}");
    assert!(text.contains("the scenario itself has changed"), "{text}");
    assert!(text.contains("::error file=small.toml,line=37,title=FAIL downtime"), "{text}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let xml = read("check.xml");
    assert!(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\""), "{xml}");
    assert!(xml.contains("<failure type=\"FAIL\" message=\"downtime: "), "{xml}");
    let page = read("check.md");
    assert!(page.starts_with("## fleetsim check: FAIL\n"), "{page}");
    assert!(page.contains("| downtime | "), "{page}");
    let out = folder.path().join("out");
    assert_eq!(names(&out), ["manifest.json", "plots", "report.html", "runs.csv", "summary.json"]);
    assert_eq!(read("out/runs.csv").lines().count(), 1 + 60 + 60);
    let drawn = pictures(&out);
    assert_eq!(drawn[0].0, "check-small.svg");
    assert!(drawn[0].1.contains("1 passed, 1 failed, 0 cannot be told from 60 runs"), "{drawn:?}");
    // Again into the same places, with the same bytes.
    let before = (read("out/summary.json"), read("out/runs.csv"));
    let (code, ..) = check(folder.path(), &[&WORSE[..], &reports].concat());
    assert_eq!((code, before), (1, (read("out/summary.json"), read("out/runs.csv"))));
    let summary: Value = serde_json::from_str(&read("out/summary.json")).unwrap();
    let command = summary["scenarios"][0]["command"].as_str().unwrap();
    assert!(command.starts_with("fleetsim check small.toml --seed 3 --runs 60 --set"), "{command}");
}

/// The whole way of a user: a gate that few runs cannot tell from its limit asks for runs; with
/// these a worsening of about twice the margin is found, and no worsening passes.
#[test]
fn the_runs_that_are_asked_for_tell() {
    let folder = fleet();
    // Downtime nearly doubles: half of that is allowed.
    let margin = ["--set", r#"gates[0].worse_by_at_most="45%""#];
    let run = |more: &[&str]| check(folder.path(), &[&margin[..], more].concat());
    assert_eq!(run(&["--update", "--runs", "2"]).0, 0);
    let (code, text, faults) = run(&[&WORSE[..], &["--format", "json"]].concat());
    assert_eq!(code, 3, "{faults}{text}");
    let object: Value = serde_json::from_str(&text).unwrap();
    let needed = object["scenarios"][0]["gates"][0]["runs_needed"].as_u64().unwrap();
    assert!((5..2_000).contains(&needed), "{text}");
    let needed = needed.to_string();
    assert_eq!(run(&["--update", "--runs", &needed]).0, 0);
    assert_eq!(run(&WORSE).0, 1);
    assert_eq!(run(&["--set", r#"server_models.m.crash.repair="10h..14h1min""#]).0, 0);
}

#[test]
fn a_missing_baseline_silences_no_other_scenario() {
    let folder = fleet();
    assert_eq!(check(folder.path(), &["--update"]).0, 0);
    let new = FLEET.replace("name = \"small\"", "name = \"new\"");
    fs::write(folder.path().join("new.toml"), new).unwrap();
    let reports = ["--report", "junit=j.xml", "--report", "markdown=m.md", "--out", "o"];
    let options = [&["new.toml"], &WORSE[..], &reports].concat();
    let (code, text, faults) = check(folder.path(), &options);
    assert_eq!(code, 2, "{faults}");
    assert!(faults.contains("there is no baseline results/baselines/new.json"), "{faults}");
    assert!(text.starts_with("FAIL: small"), "{text}");
    assert!(text.contains("ERROR: 2 scenarios, 0 passed, 0 inconclusive, 1 failed, 1 not judged"));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let xml = read("j.xml");
    assert!(xml.contains("<testsuite name=\"small\"") && xml.contains("<testsuite name=\"new\""));
    assert!(read("m.md").contains("Not judged: there is no baseline"), "{}", read("m.md"));
    let summary: Value = serde_json::from_str(&read("o/summary.json")).unwrap();
    assert_eq!(
        (&summary["verdict"], &summary["unjudged"][0]["file"]),
        (&"ERROR".into(), &"new.toml".into())
    );
    assert!(read("o/report.html").contains("could not be judged"));
    assert_eq!(answer(&["report", "o"], folder.path()).0, 0);
    // Nor does a file that cannot be read.
    fs::write(folder.path().join("broken.toml"), "[scenario]\nhorizn = 1").unwrap();
    let options = ["broken.toml", "--report", "junit=j.xml"];
    let (code, text, faults) = check(folder.path(), &options);
    assert_eq!(code, 2);
    assert!(text.starts_with("PASS: small") && text.contains("1 not judged"), "{text}");
    assert!(faults.contains("did you mean `horizon`?"), "{faults}");
    assert!(read("j.xml").contains("it cannot be read: "));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = fleet();
    let told = |options: &[&str]| {
        let (code, text, faults) = check(folder.path(), options);
        assert_eq!((code, text.as_str()), (2, ""), "{faults}");
        faults.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(
        told(&[])
            .contains("make it from the state to compare with: fleetsim check small.toml --update")
    );
    assert_eq!(check(folder.path(), &["--update"]).0, 0);
    let other_seed = told(&["--seed", "4"]);
    assert!(other_seed.contains("its seed is 3, that of the scenario 4"), "{other_seed}");
    assert!(other_seed.contains("by --unpaired"), "{other_seed}");
    assert!(told(&["--runs", "80"]).contains("it holds 60 runs, and 80 are asked for"));
    assert!(told(&["--set", "scenario.horizon=50d"]).contains("its runs last"));
    assert!(
        told(&["--report", "html=x"]).contains("junit=FILE, markdown=FILE or github is wanted")
    );
    assert!(told(&["--report", "github", "--format", "json"]).contains("github=FILE"));
    assert!(told(&["--report", "junit=small.toml"]).contains("the scenario is read from it"));
    assert!(told(&["small.toml"]).contains("have the same baseline"));
    assert!(
        told(&["--set", r#"gates[0].metric="downtme""#])
            .contains("there is no metric `downtme`; the nearest are downtime")
    );
    let path = folder.path().join("results/baselines/small.json");
    let good = fs::read_to_string(&path).unwrap();
    for (bad, why) in [
        (good.replace("\"format\": 1", "\"format\": 9"), "it has format 9"),
        (good.replace("\"runs\": 60", "\"runs\": 61"), "it says that it holds 61 runs"),
        (
            good.replace("\"scenario\": \"small\"", "\"scenario\": \"tall\""),
            "it is of the scenario tall",
        ),
        (
            good.replace("\"rng_scheme\": 2", "\"rng_scheme\": 7"),
            "its chance was drawn by scheme 7",
        ),
        (good[..good.len() / 2].to_owned(), "it is no baseline"),
        (String::new(), "it is no baseline"),
        ("{\"kind\": \"run\", \"format\": 1}".to_owned(), "not a baseline"),
    ] {
        fs::write(&path, bad).unwrap();
        assert!(told(&[]).contains(why), "{why}");
    }
    fs::write(&path, "my thesis").unwrap();
    assert!(told(&["--update"]).contains("is not a baseline file of an earlier run"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "my thesis");
}

/// What cannot be meant: shares above 1, and numbers that are none.
#[test]
fn demands_that_nothing_can_meet_are_refused() {
    let folder = fleet();
    let told = |gate: &str| {
        let (code, text, faults) = check(folder.path(), &["--update", "--set", gate]);
        assert_eq!((code, text.as_str()), (2, ""), "{gate}: {faults}");
        assert!(faults.lines().all(|line| line.len() < 200), "{faults}");
        faults
    };
    assert!(told("gates[1].at_least=99.9").contains("did you mean \"99.9%\"?"));
    assert!(told("gates[1].at_least=990").contains("above 1, which no share is"));
    assert!(told("gates[1].at_least=nan").contains("which is no quantity"));
    assert!(told("gates[1].at_least=-1").contains("it lies between 0 and"));
}

/// Fewer runs than the scenario asks for are judged where the baseline holds no more, and told.
#[test]
fn a_baseline_of_fewer_runs_than_are_asked_for_is_told() {
    let folder = updated();
    let (code, text, faults) = check(folder.path(), &["--set", "check.runs=80"]);
    assert_eq!((code, faults.as_str()), (0, ""), "{text}");
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = "the scenario asks for 80 runs (check.runs), and the baseline holds 60: make it anew";
    assert!(told.contains(why), "{text}");
    let (_, text, _) = check(folder.path(), &["--set", "check.runs=80", "--runs", "60"]);
    assert!(!text.contains("check.runs"), "these were asked for: {text}");
}

#[test]
fn another_seed_is_compared_without_pairs_and_says_so() {
    let folder = updated();
    let (code, text, faults) = check(folder.path(), &["--unpaired", "--seed", "4", "--runs", "30"]);
    assert!(code == 0 || code == 3, "{faults}{text}");
    assert!(text.contains("not paired: the baseline's seed is 3"), "{text}");
    assert!(text.contains("runs are not paired: Welch's t"), "{text}");
    // More runs of one side are not enough: the baseline must hold more too, and that is told.
    let unpaired = || {
        check(
            folder.path(),
            &[&WORSE[..], &["--unpaired", "--seed", "4", "--runs", "200"]].concat(),
        )
    };
    let (code, text, _) = unpaired();
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code != 3 || told.contains("make the baseline with as many (--update"), "{text}");
    assert_eq!(check(folder.path(), &["--update", "--runs", "200"]).0, 0);
    let (code, text, _) = unpaired();
    assert_eq!(code, 1, "{text}");
}

#[test]
fn the_worst_of_several_scenarios_is_the_answer() {
    let folder = fleet();
    let path = folder.path();
    let other = FLEET
        .replace("\"small\"", "\"strict\"")
        .replace("at_least = \"90%\"", "at_least = \"99.999%\"");
    let strict =
        other.replace("[[gates]]\nmetric = \"downtime\"\nworse_by_at_most = \"20%\"\n", "");
    fs::write(path.join("strict.toml"), &strict).unwrap();
    let both = ["check", "small.toml", "strict.toml", "--quiet"];
    assert_eq!(answer(&[&both[..], &["--update"]].concat(), path).0, 0);
    assert_eq!(names(&path.join("results/baselines")), ["small.json", "strict.json"]);
    let (code, text, faults) = answer(&both, path);
    assert_eq!(code, 1, "{faults}{text}");
    assert!(text.ends_with("FAIL: 2 scenarios, 1 passed, 0 inconclusive, 1 failed\n"), "{text}");
    // No gate of the strict one needs a baseline.
    fs::remove_dir_all(path.join("results")).unwrap();
    let (code, text, _) = answer(&["check", "strict.toml", "--quiet"], path);
    assert_eq!(code, 1);
    assert!(text.contains("without a baseline: no gate needs one"), "{text}");
    let without = strict.split("[[gates]]").next().unwrap();
    fs::write(path.join("strict.toml"), without).unwrap();
    let (code, _, faults) = answer(&["check", "strict.toml"], path);
    assert_eq!(code, 2);
    assert!(faults.contains("strict.toml has no [[gates]]"), "{faults}");
}
