//! `compare`: what it says of the shipped quickstart, its files, and what it refuses.

use super::{answer, names, pictures};
use serde_json::Value;
use std::{fs, path::Path};

/// A folder with the quickstart in it.
fn quickstart() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    assert_eq!(answer(&["init", "--quiet"], folder.path()).0, 0);
    folder
}

/// A short year, so that many runs take no time.
const SHORT: [&str; 4] = ["--set", "scenario.horizon=60d", "--runs", "12"];

/// What `compare quickstart.toml` with these options prints.
fn compare(folder: &Path, options: &[&str]) -> String {
    let arguments = [&["compare", "quickstart.toml"], &SHORT[..], options].concat();
    let (code, text, faults) = answer(&arguments, folder);
    assert_eq!((code, faults.as_str()), (0, ""), "{arguments:?}");
    text
}

fn object(folder: &Path, options: &[&str]) -> Value {
    let text = compare(folder, &[options, &["--format", "json"]].concat());
    serde_json::from_str(&text).expect("it is JSON")
}

fn refused(arguments: &[&str], folder: &Path) -> String {
    let (code, text, faults) = answer(&[&["compare"], arguments].concat(), folder);
    assert_eq!((code, text.as_str()), (2, ""), "{arguments:?}: {faults}");
    faults
}

#[test]
fn the_table_fits_and_says_how_sure_it_is() {
    let folder = quickstart();
    let text = compare(folder.path(), &["--with", "policies.recovery=in-place"]);
    assert!(text.starts_with("quickstart · "), "{text}");
    let fits = |line: &str| line.chars().count() <= 80 || line.contains("fleetsim trace");
    assert!(text.lines().all(fits), "{text}");
    assert!(text.contains("\nA  as the file says (baseline)\nB  policies.recovery=in-place\n"));
    for part in ["B - A", "variance ratio", "correlation", "worse, p", "corrected by Holm for all"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("fleetsim trace quickstart.toml --seed 1 --run 0 --from "), "{text}");
}

/// A gate is demanded of every candidate: one that measures no such thing is a fault, and named.
#[test]
fn a_candidate_without_what_a_gate_names_is_told() {
    let folder = quickstart();
    let gate = r#"gates=[{metric="instances.placed.level{10h}",at_most=1e9}]"#;
    let vary = r#"scenario.levels_at=["10h"],["20h"]"#;
    let compare = ["quickstart.toml", "--set", gate, "--vary", vary];
    let told = refused(&compare, folder.path());
    assert!(told.contains("there is no `instances.placed.level{10h}`; name one of "), "{told}");
    let last = r#"1 fault in quickstart.toml with scenario.levels_at=["20h"]"#;
    assert_eq!(told.trim_end().lines().last(), Some(last), "{told}");
    let first = r#"scenario.levels_at=["10h"]"#;
    let plan = ["plan", "quickstart.toml", "--set", gate, "--set", first];
    let of = ["--vary", "scenario.levels_at[0]=10h..12h", "--goal", "availability >= 0.1"];
    let (code, _, told) = answer(&[&plan[..], &of].concat(), folder.path());
    let last = "1 fault in quickstart.toml with scenario.levels_at[0]=12h";
    assert_eq!((code, told.trim_end().lines().last()), (2, Some(last)), "{told}");
}

#[test]
fn an_identical_candidate_is_exactly_that() {
    let folder = quickstart();
    // More crews than servers, twice.
    let same = ["--vary", "policies.repair.crews=50,60", "--metric", "all"];
    let text = compare(folder.path(), &same);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("B and A: identical trajectories. All 12 runs take the same course"));
    let object = object(folder.path(), &same);
    let one = &object["comparisons"][0];
    assert_eq!((&one["identical"], &one["runs_of_same_course"]), (&true.into(), &12.into()));
    assert_eq!((&one["first_divergence"], &object["tests"]), (&Value::Null, &0.into()));
    let metrics = one["metrics"].as_array().unwrap();
    assert!(metrics.len() > 50);
    for metric in metrics {
        assert_eq!(metric["p"], Value::Null, "{metric}");
        let zero = metric["difference"].as_f64().is_none_or(|d| d.to_bits() == 0);
        assert!(zero, "exactly zero, or undefined: {metric}");
    }
}

#[test]
fn pairs_are_of_the_same_failures_and_the_command_shows_where_they_part() {
    let folder = quickstart();
    let options = [
        "--with",
        "policies.recovery=in-place",
        "--metric",
        "servers.crashes",
        "--metric",
        "availability",
        "--metric",
        "racks.outages",
    ];
    let object = object(folder.path(), &options);
    let one = &object["comparisons"][0];
    let named: Vec<&Value> =
        one["metrics"].as_array().unwrap().iter().map(|m| &m["metric"]).collect();
    assert_eq!(named, ["servers.crashes", "availability", "racks.outages"]);
    assert_eq!(one["metrics"][2]["verdict"], "same", "racks fail alike, whatever crews do");
    assert!(one["metrics"][1]["p_holm"].as_f64() >= one["metrics"][1]["p"].as_f64());
    let parts = &one["first_divergence"];
    for command in parts["trace"].as_array().unwrap() {
        let words: Vec<&str> = command.as_str().unwrap().split(' ').skip(1).collect();
        let (code, told, faults) = answer(&words, folder.path());
        assert_eq!((code, faults.as_str()), (0, ""), "{command}");
        let instead = parts["instead"].as_array().unwrap().iter().filter_map(Value::as_str);
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_told =
            |text: &str| told.contains(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(instead.into_iter().any(is_told), "{told}");
    }
}

#[test]
fn the_same_bytes_for_any_threads_and_a_command_that_repeats_them() {
    let folder = quickstart();
    let run = |threads: &str, out: &str| {
        let options = [
            "--vary",
            "policies.placement=spread,best-fit,worst-fit",
            "--threads",
            threads,
            "--out",
            out,
            "--quiet",
        ];
        let text = compare(folder.path(), &options);
        let out = folder.path().join(out);
        assert_eq!(
            names(&out),
            ["manifest.json", "plots", "report.html", "runs.csv", "summary.json"]
        );
        let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
        (text, read("summary.json"), read("runs.csv"), pictures(&out))
    };
    let first = run("1", "r/1");
    for (threads, out) in [("2", "r/2"), ("7", "r/7"), ("7", "r/7")] {
        assert_eq!(run(threads, out), first, "{threads} threads");
    }
    let summary: Value = serde_json::from_str(&first.1).unwrap();
    assert_eq!((&summary["kind"], &summary["runs"]), (&"compare".into(), &12.into()));
    assert_eq!(summary["candidates"].as_array().unwrap().len(), 3);
    assert_eq!(first.2.lines().count(), 1 + 3 * 12, "a row for each run of each candidate");
    let command = summary["command"].as_str().unwrap();
    assert_eq!(
        command,
        "fleetsim compare quickstart.toml --seed 1 --runs 12 --vary \
         policies.placement=spread,best-fit,worst-fit --set scenario.horizon=60d"
    );
    // Every candidate beside the baseline, and of a metric that differs all of them and their runs.
    let drawn: Vec<&str> = first.3.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["differences-b.svg", "differences-c.svg", "interruptions-differences.svg"] {
        assert!(drawn.contains(&name), "{name} of {drawn:?}");
    }
    let (_, runs) = first.3.iter().find(|(name, _)| name == "interruptions-runs.svg").unwrap();
    assert_eq!(runs.matches("<circle").count(), 3 * 12, "a point for each run of each candidate");
    let words: Vec<&str> = command.split(' ').skip(1).chain(["--out", "r/again"]).collect();
    assert_eq!(answer(&words, folder.path()).0, 0);
    let again = fs::read_to_string(folder.path().join("r/again/summary.json")).unwrap();
    assert_eq!(again, first.1);
}

#[test]
fn every_form_holds_the_same_numbers() {
    let folder = quickstart();
    let options = ["--with", "policies.recovery=in-place", "--metric", "availability"];
    let json = &object(folder.path(), &options)["comparisons"][0]["metrics"][0];
    let csv = compare(folder.path(), &[&options[..], &["--format", "csv"]].concat());
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    for (name, cell) in rows[0].iter().zip(&rows[1]) {
        let key = match *name {
            "candidate" | "label" | "level" | "better_is" => continue,
            name => name,
        };
        let value = match &json[key] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        assert_eq!(value, **cell, "{name}");
    }
    let page = compare(folder.path(), &[&options[..], &["--format", "markdown"]].concat());
    assert!(page.contains("| availability |") && page.contains("### B against A"), "{page}");
}

#[test]
fn two_files_are_compared_and_made_alike() {
    let folder = quickstart();
    let text = fs::read_to_string(folder.path().join("quickstart.toml")).unwrap();
    let other = text.replace("seed = 1 ", "seed = 7 ").replace("crews = 2 ", "crews = 1 ");
    assert_ne!(text, other);
    fs::write(folder.path().join("other.toml"), &other).unwrap();
    let both = [&["compare", "quickstart.toml", "other.toml"], &SHORT[..]].concat();
    let (code, table, faults) = answer(&both, folder.path());
    assert_eq!((code, faults.as_str()), (0, ""));
    let words = table.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("note: seed 7 of other.toml is set aside"), "{table}");
    assert!(table.contains("\nA  quickstart.toml (baseline)\nB  other.toml\n"), "{table}");
    let longer = other.replace("365d", "300d");
    fs::write(folder.path().join("longer.toml"), longer).unwrap();
    let told = refused(&["quickstart.toml", "longer.toml"], folder.path());
    assert!(told.contains("its horizon is 300d, and the baseline's is 365d"), "{told}");
}

#[test]
fn what_cannot_be_compared_is_told() {
    let folder = quickstart();
    let told = |arguments: &[&str]| {
        let told = refused(&[&["quickstart.toml"], arguments].concat(), folder.path());
        told.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(told(&[]).contains("there is nothing to compare it with: name a second scenario"));
    let both = ["--with", "a=1", "--vary", "a=1,2"];
    assert!(told(&both).contains("cannot be used with"));
    assert!(told(&["quickstart.toml", "--with", "a=1"]).contains("are of one scenario"));
    assert!(told(&["--vary", "policies.repair.crews=2"]).contains("names one value"));
    assert!(
        told(&["--vary", "policies.repair.crews=1..200:1"]).contains("200 candidates are too many")
    );
    assert!(told(&["--with", "policies.repair.crews"]).contains("lacks a `=`"));
    assert!(told(&["--with", "policies.repair.crew=1"]).contains("crew"));
    let metric = |name: &str| told(&["--with", "policies.repair.crews=1", "--metric", name]);
    assert!(metric("availabilty").contains("the nearest are availability"));
    assert!(metric("stranded").contains("its parts do not add up"));
    assert!(metric("refresh.duration").contains("as the file says: this scenario has nothing"));
    let out = ["--with", "policies.repair.crews=1", "--out", "."];
    let (code, _, faults) =
        answer(&[&["compare", "quickstart.toml"], &out[..]].concat(), folder.path());
    assert_eq!(code, 4, "{faults}");
    assert!(names(folder.path()).iter().all(|name| !name.contains("under-way")));
}
