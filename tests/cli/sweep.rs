//! `sweep` and `merge`: the files they promise, the same bytes however they came about, and what is
//! refused.

use super::{answer, fleetsim, names, pictures};
use serde_json::Value;
use std::{fs, path::Path};

/// Two zones whose servers crash every other day, for a month: enough to differ, soon simulated.
const SMALL: &str = r#"
[scenario]
name = "small"
question = "does it sweep?"
horizon = "30d"
runs = 3
seed = 5

[server_models.m]
vcpus = 8
memory = "32GiB"
crash = { rate = "150/year", restarts_itself = 0.5, repair = "4h..1d" }

[[servers]]
name = "all"
model = "m"
count = 4
zones = ["a", "b"]

[instance_types.t]
vcpus = 2
memory = "8GiB"

[[workload.instances]]
type = "t"
count = 6
"#;

/// The axes of most tests: six points.
const AXES: [&str; 4] =
    ["--vary", "servers[all].count=4..6:1", "--vary", "policies.repair.crews=1,2"];

/// Files that are made from the ledger.
const MADE: [&str; 4] = ["points.csv", "runs.csv", "summary.json", "report.html"];

/// A folder with the small scenario in it.
fn small() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("small.toml"), SMALL).expect("a file of ours");
    folder
}

/// `sweep small.toml` over the axes of most tests with these options.
fn sweep(folder: &Path, options: &[&str]) -> (i32, String, String) {
    answer(&[&["sweep", "small.toml"], &AXES[..], options].concat(), folder)
}

/// The same, which must succeed.
fn swept(folder: &Path, options: &[&str]) -> String {
    let (code, text, faults) = sweep(folder, options);
    assert_eq!(code, 0, "{faults}");
    text
}

/// What is made from the ledger, the pictures too.
fn made(folder: &Path) -> Vec<String> {
    let read = |name: &&str| fs::read_to_string(folder.join(name)).expect("it was made");
    let pictures = pictures(folder).into_iter().map(|(name, text)| format!("{name}: {text}"));
    MADE.iter().map(read).chain(pictures).collect()
}

fn ledger(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("ledger.jsonl")).expect("a sweep has one")
}

/// Where each line of a ledger begins, and where the last one ends.
fn begins(ledger: &[u8]) -> Vec<usize> {
    let ends = ledger.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).collect()
}

#[test]
fn a_sweep_writes_what_it_promises() {
    let folder = small();
    let text = swept(folder.path(), &["--out", "s"]);
    let out = folder.path().join("s");
    let all = "ledger.jsonl manifest.json plots points.csv report.html runs.csv summary.json";
    assert_eq!(names(&out).join(" "), all);
    assert_eq!(
        names(&out.join("plots")),
        ["availability-servers-all-count-crews.svg", "migrations-servers-all-count-crews.svg"]
    );
    assert!(text.starts_with("small · does it sweep?\n6 points (grid) · 3 runs each, seed 5\n"));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("\nmain effects on availability"), "{text}");
    let [points, runs, summary] = <[String; 3]>::try_from(made(&out)[..3].to_vec()).unwrap();
    let rows = |text: &str| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    let start = "point,servers[all].count,policies.repair.crews,availability:mean,";
    assert!(points.starts_with(start), "{points}");
    let values: Vec<String> = rows(&points).iter().map(|row| row[..3].join(" ")).collect();
    assert_eq!(values, ["0 4 1", "1 4 2", "2 5 1", "3 5 2", "4 6 1", "5 6 2"]);
    let start = "point,run,servers[all].count,policies.repair.crews,fingerprint,availability,";
    assert!(runs.starts_with(start), "{runs}");
    let keys: Vec<String> = rows(&runs).iter().map(|row| row[..2].join(" ")).collect();
    let wanted = (0..6).flat_map(|point| (0..3).map(move |run| format!("{point} {run}")));
    assert_eq!(keys, wanted.collect::<Vec<_>>());
    let object: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(object["kind"], "sweep");
    assert_eq!(object["points"].as_array().unwrap().len(), 6);
    assert_eq!(object["differences"].as_array().unwrap().len(), 10, "five points, two metrics");
    assert_eq!(object["effects"].as_array().unwrap().len(), 4, "two axes, two metrics");
    // A point of a sweep is the scenario with its settings, and has its numbers.
    let set = ["--set", "servers[all].count=5", "--set", "policies.repair.crews=2"];
    let arguments = [&["run", "small.toml", "--format", "json"], &set[..]].concat();
    let (code, alone, faults) = answer(&arguments, folder.path());
    assert_eq!(code, 0, "{faults}");
    let alone: Value = serde_json::from_str(&alone).unwrap();
    let point = &object["points"][3];
    assert_eq!(point["digest"], alone["digest"]);
    let metrics = alone["metrics"].as_array().unwrap();
    for (place, metric) in metrics.iter().enumerate() {
        for key in ["name", "labels", "mean", "half_width", "min", "max"] {
            assert_eq!(point["metrics"][place][key], metric[key], "{key} of {metric}");
        }
    }
}

#[test]
fn every_format_tells_it() {
    let folder = small();
    for (format, start) in [
        ("json", "{\n  \"kind\": \"sweep\","),
        ("csv", "point,servers[all].count,"),
        ("markdown", "## small\n\ndoes it sweep?\n"),
    ] {
        let text = swept(folder.path(), &["--out", format, "--format", format, "--runs", "2"]);
        assert!(text.starts_with(start), "{text}");
    }
    let printed = swept(folder.path(), &["--out", "again", "--format", "csv", "--runs", "2"]);
    assert_eq!(printed, made(&folder.path().join("csv"))[0]);
}

#[test]
fn the_command_inside_makes_the_same_bytes_again() {
    let folder = small();
    swept(folder.path(), &["--out", "a", "--seed", "9", "--set", "scenario.horizon=20d"]);
    let first = made(&folder.path().join("a"));
    let object: Value = serde_json::from_str(&first[2]).unwrap();
    let command = object["command"].as_str().unwrap();
    assert_eq!(
        command,
        "fleetsim sweep small.toml --vary 'servers[all].count=4..6:1' \
         --vary policies.repair.crews=1,2 --seed 9 --runs 3 --set scenario.horizon=20d --out DIR"
    );
    let words: Vec<String> =
        command.split(' ').skip(1).map(|word| word.replace('\'', "")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (code, _, faults) = answer(&words, folder.path());
    assert_eq!(code, 0, "{faults}");
    assert_eq!(made(&folder.path().join("DIR")), first);
    // What is told more of may be asked for later: then the command says so.
    let again = [&words[..], &["--resume", "--metric", "downtime"]].concat();
    assert_eq!(answer(&again, folder.path()).0, 0);
    let told = made(&folder.path().join("DIR"));
    assert!(told[2].contains("--out DIR --metric downtime"), "{}", told[2]);
    let words = [&words[..words.len() - 1], &["fresh", "--metric", "downtime"]].concat();
    assert_eq!(answer(&words, folder.path()).0, 0);
    assert_eq!(made(&folder.path().join("fresh")), told);
}

#[test]
fn folders_of_other_results_are_refused() {
    let folder = small();
    let (code, _, faults) = answer(&["run", "small.toml", "--out", "r"], folder.path());
    assert_eq!(code, 0, "{faults}");
    swept(folder.path(), &["--out", "s"]);
    let held = |name: &str| fs::read(folder.path().join(name).join("summary.json")).unwrap();
    let before = [held("r"), held("s")];
    for (words, told) in [
        (
            &["sweep", "small.toml", AXES[2], AXES[3], "--out", "r"][..],
            "r holds the results of `fleetsim run`",
        ),
        (&["merge", "s", "--out", "r"], "r holds the results of `fleetsim run`"),
        (&["run", "small.toml", "--out", "s"], "s holds the results of `fleetsim sweep`"),
    ] {
        let (code, text, faults) = answer(words, folder.path());
        assert_eq!((code, text.as_str()), (2, ""), "{faults}");
        assert!(faults.contains(told), "{faults}");
    }
    assert_eq!([held("r"), held("s")], before);
    fs::remove_file(folder.path().join("s/ledger.jsonl")).unwrap();
    let (code, _, faults) = sweep(folder.path(), &["--out", "s", "--resume"]);
    assert_eq!(code, 2, "{faults}");
    assert!(faults.contains("s holds results without the ledger"), "{faults}");
}

#[test]
fn an_axis_that_changes_nothing_is_refused() {
    let folder = small();
    let twice = ["sweep", "small.toml", "--vary", "servers[0].count=8,9", "--out", "s"];
    let again = ["--vary", "servers[all].count=4,5"];
    let (code, text, faults) = answer(&[&twice[..], &again].concat(), folder.path());
    assert_eq!((code, text.as_str()), (2, ""), "{faults}");
    assert!(faults.contains("--vary servers[0].count=8,9: it changes nothing"), "{faults}");
    assert!(!folder.path().join("s").exists());
}

#[test]
fn threads_change_no_byte() {
    let folder = small();
    let of = |threads: &str| {
        let text = swept(folder.path(), &["--out", threads, "--threads", threads]);
        (text, made(&folder.path().join(threads)))
    };
    let alone = of("1");
    assert_eq!(of("2"), alone);
    assert_eq!(of("7"), alone);
}

#[test]
fn any_number_of_shards_merges_to_the_bytes_of_the_whole() {
    let folder = small();
    let whole = swept(folder.path(), &["--out", "whole"]);
    let bytes = made(&folder.path().join("whole"));
    let mut mixed: Vec<String> = Vec::new();
    for parts in 1..=5 {
        let outs: Vec<String> = (0..parts).map(|part| format!("{part}of{parts}")).collect();
        let mut done = 0;
        for (part, out) in outs.iter().enumerate() {
            let shard = format!("{part}/{parts}");
            swept(folder.path(), &["--out", out, "--shard", &shard, "--quiet"]);
            let lines = begins(&ledger(&folder.path().join(out))).len() - 2;
            assert!((18 / parts..=18 / parts + 1).contains(&lines), "{lines} of 18 in {out}");
            done += lines;
        }
        assert_eq!(done, 18);
        let out = format!("merged{parts}");
        // In no particular order.
        let shards = outs.iter().rev().map(String::as_str);
        let arguments: Vec<&str> =
            ["merge"].into_iter().chain(shards).chain(["--out", &out]).collect();
        let (code, text, faults) = answer(&arguments, folder.path());
        assert_eq!(code, 0, "{faults}");
        assert_eq!(text, whole);
        assert_eq!(made(&folder.path().join(&out)), bytes, "{parts} shards");
        mixed.extend([outs[0].clone(), out]);
    }
    // Runs that several hold are the same, and do no harm.
    let arguments: Vec<&str> = ["merge"]
        .into_iter()
        .chain(mixed.iter().map(String::as_str))
        .chain(["--out", "mixed"])
        .collect();
    assert_eq!(answer(&arguments, folder.path()).0, 0);
    assert_eq!(made(&folder.path().join("mixed")), bytes);
}

#[test]
fn missing_shards_are_named() {
    let folder = small();
    for part in ["0", "2", "5"] {
        swept(folder.path(), &["--out", part, "--shard", &format!("{part}/6")]);
    }
    let (code, text, faults) = answer(&["merge", "0", "2", "5", "--out", "m"], folder.path());
    assert_eq!((code, text.as_str()), (4, ""));
    assert!(faults.contains("9 of 18 runs are missing, at points 0-5; they belong to"), "{faults}");
    assert!(faults.contains("shards 1,3-4 of 6: run these"), "{faults}");
    assert!(!folder.path().join("m").exists(), "nothing is begun");
    let (code, _, faults) = answer(&["merge", "0", "none", "--out", "m"], folder.path());
    assert_eq!(code, 4);
    assert!(faults.contains("cannot read none/ledger.jsonl: there is none, or"), "{faults}");
}

#[test]
fn what_does_not_belong_together_is_not_merged() {
    let folder = small();
    swept(folder.path(), &["--out", "a", "--shard", "0/2"]);
    for (options, told) in [
        (&["--seed", "6"][..], "seed: 5 there, 6 now"),
        (&["--runs", "4"], "runs: 3 there, 4 now"),
        (&["--vary", "scenario.warm_up=0s,1d"], "--vary: "),
        (&["--set", "scenario.horizon=31d"], "what the scenario says, at point 0 ("),
    ] {
        let out = options[1].replace(['=', ','], "-");
        swept(folder.path(), &[options, &["--out", &out, "--shard", "1/2"]].concat());
        let (code, text, faults) = answer(&["merge", "a", &out, "--out", "m"], folder.path());
        assert_eq!((code, text.as_str()), (2, ""), "{faults}");
        assert!(faults.contains("is of another sweep than a/ledger.jsonl ("), "{faults}");
        assert!(faults.contains(told), "{faults}");
    }
    let (code, _, faults) = answer(&["merge", "a", "--out", "a"], folder.path());
    assert_eq!(code, 2);
    assert!(faults.contains("a holds a sweep already; name a new or empty folder"), "{faults}");
}

#[test]
fn a_ledger_cut_anywhere_is_gone_on_with_to_the_same_bytes() {
    let folder = small();
    // One point and two runs: three lines.
    let one = ["sweep", "small.toml", "--vary", "policies.repair.crews=2", "--runs", "2"];
    let run = |out: &str, more: &[&str]| {
        let (code, text, faults) =
            answer(&[&one[..], &["--out", out], more].concat(), folder.path());
        assert_eq!(code, 0, "{faults}");
        (text, faults)
    };
    let (text, _) = run("whole", &["--threads", "1"]);
    let out = folder.path().join("whole");
    let (whole, bytes) = (ledger(&out), made(&out));
    let ends = begins(&whole);
    assert_eq!(ends.len(), 4, "three lines");
    // Every end of a line with its neighbours, and places all along.
    let near = ends.iter().flat_map(|end| [end.saturating_sub(1), *end, end + 1, end + 40]);
    let along = (0..8).map(|place| place * whole.len() / 8);
    for length in near.chain(along).filter(|length| *length <= whole.len()) {
        let cut = folder.path().join("cut");
        fs::create_dir(&cut).unwrap();
        fs::write(cut.join("ledger.jsonl"), &whole[..length]).unwrap();
        let (again, notes) = run("cut", &["--resume", "--threads", "1"]);
        assert_eq!((again, made(&cut)), (text.clone(), bytes.clone()), "{length} bytes");
        assert_eq!(ledger(&cut), whole, "{length} bytes");
        let torn = length > ends[1] && !ends.contains(&length);
        assert_eq!(notes.contains("is torn"), torn, "{length} bytes: {notes}");
        fs::remove_dir_all(&cut).unwrap();
    }
}

#[test]
fn nothing_there_is_begun_afresh_and_a_finished_sweep_is_left_as_it_is() {
    let folder = small();
    fs::create_dir(folder.path().join("empty")).unwrap();
    let text = swept(folder.path(), &["--out", "absent", "--resume"]);
    assert_eq!(swept(folder.path(), &["--out", "empty", "--resume"]), text);
    let before = ledger(&folder.path().join("empty"));
    let bytes = made(&folder.path().join("empty"));
    fs::remove_file(folder.path().join("empty/summary.json")).unwrap();
    assert_eq!(swept(folder.path(), &["--out", "empty", "--resume"]), text);
    assert_eq!(ledger(&folder.path().join("empty")), before);
    assert_eq!(made(&folder.path().join("empty")), bytes);
}

#[test]
fn a_damaged_line_is_told_and_its_run_done_again() {
    let folder = small();
    let text = swept(folder.path(), &["--out", "s", "--threads", "1"]);
    let out = folder.path().join("s");
    let (mut damaged, bytes) = (ledger(&out), made(&out));
    let line = begins(&damaged)[4];
    damaged[line + 100] ^= 4;
    fs::write(out.join("ledger.jsonl"), &damaged).unwrap();
    let (code, again, notes) = sweep(folder.path(), &["--out", "s", "--resume"]);
    assert_eq!((code, again), (0, text));
    let told = format!("s/ledger.jsonl: line 5 (at byte {line}) is damaged; its run counts as");
    assert!(notes.contains(&told), "{notes}");
    assert!(notes.contains("17 of 18 runs are done already"), "{notes}");
    assert_eq!(made(&out), bytes);
    // A first line that is damaged leaves nothing to go on with.
    damaged[100] ^= 4;
    fs::write(out.join("ledger.jsonl"), &damaged).unwrap();
    let (code, _, notes) = sweep(folder.path(), &["--out", "s", "--resume"]);
    assert_eq!(code, 4);
    assert!(notes.contains("cannot read s/ledger.jsonl: its first line"), "{notes}");
}

#[test]
fn a_run_that_stands_twice_must_be_the_same() {
    let folder = small();
    let text = swept(folder.path(), &["--out", "s", "--threads", "1"]);
    let out = folder.path().join("s");
    let whole = ledger(&out);
    let places = begins(&whole);
    let twice = [&whole[..], &whole[places[1]..places[2]]].concat();
    fs::write(out.join("ledger.jsonl"), &twice).unwrap();
    assert_eq!(swept(folder.path(), &["--out", "s", "--resume"]), text);
    // Another result for the same run, with a checksum that fits.
    let line = std::str::from_utf8(&whole[places[1]..places[2] - 1]).unwrap();
    let changed = line[26..].replace("\"values\":[", "\"values\":[0.5,");
    let sum = &blake3::hash(changed.as_bytes()).to_hex()[..16];
    let other = format!("{{\"sum\":\"{sum}\",{changed}\n");
    fs::write(out.join("ledger.jsonl"), [&whole[..], other.as_bytes()].concat()).unwrap();
    let (code, _, faults) = sweep(folder.path(), &["--out", "s", "--resume"]);
    assert_eq!(code, 4);
    let told = "holds run 0 of point 0 (servers[all].count=4, policies.repair.crews=1) again";
    assert!(faults.contains(told), "{faults}");
}

#[test]
fn a_used_folder_is_refused_and_another_sweep_is_not_gone_on_with() {
    let folder = small();
    swept(folder.path(), &["--out", "s"]);
    let (code, text, faults) = sweep(folder.path(), &["--out", "s"]);
    assert_eq!((code, text.as_str()), (2, ""));
    assert!(faults.contains("s holds a sweep already; --resume goes on with it"), "{faults}");
    let before = ledger(&folder.path().join("s"));
    for (options, told) in [
        (&["--seed", "6"][..], "(seed: 5 there, 6 now)"),
        (&["--runs", "4"], "(runs: 3 there, 4 now)"),
        (&["--vary", "scenario.warm_up=0s,1d"], "(--vary: "),
        (&["--shard", "0/2"], "(--shard: 0/1 there, 0/2 now)"),
        (&["--sample", "lhs:4"], "--sample: none there, lhs:4 now"),
        (&["--set", "scenario.horizon=31d"], "(what the scenario says, at point 0 ("),
    ] {
        let (code, _, faults) =
            sweep(folder.path(), &[&["--out", "s", "--resume"], options].concat());
        assert_eq!(code, 2, "{faults}");
        assert!(faults.contains("s holds another sweep, which cannot be gone on with"), "{faults}");
        assert!(faults.contains(told), "{faults}");
    }
    assert_eq!(ledger(&folder.path().join("s")), before);
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/thesis.tex"), "x").unwrap();
    let (code, _, faults) = sweep(folder.path(), &["--out", "mine", "--resume"]);
    assert_eq!(code, 4);
    assert!(faults.contains("it holds thesis.tex, which is not a result"), "{faults}");
    assert_eq!(names(&folder.path().join("mine")), ["thesis.tex"]);
}

#[test]
fn two_at_once_are_one_too_many() {
    let folder = small();
    fs::create_dir(folder.path().join("s")).unwrap();
    let lock = fs::File::create(folder.path().join("s/lock")).unwrap();
    lock.lock().unwrap();
    std::io::Write::write_all(&mut &lock, b"process 4711 on there").unwrap();
    let (code, text, faults) = sweep(folder.path(), &["--out", "s", "--resume"]);
    assert_eq!((code, text.as_str()), (4, ""));
    let told = "cannot write s: another fleetsim (process 4711 on there) is at work there";
    assert!(faults.contains(told), "{faults}");
    drop(lock);
    // What is left of a process that is gone is in nobody's way.
    swept(folder.path(), &["--out", "s", "--resume"]);
    assert!(!folder.path().join("s/lock").exists());
}

#[test]
fn what_cannot_be_compared_is_not() {
    let folder = small();
    for (more, told) in [
        (&["--vary", "scenario.horizon=10d,20d"][..], "differ for that alone"),
        (&["--vary", "servers[all].count=4..9", "--sample", "lhs:3"], "each for itself"),
    ] {
        let arguments =
            [&["sweep", "small.toml", "--format", "markdown", "--out", told], more].concat();
        let (code, text, faults) = answer(&arguments, folder.path());
        assert_eq!(code, 0, "{faults}");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!text.contains("difference to point 0") && text.contains(told), "{text}");
        let summary = std::fs::read_to_string(folder.path().join(told).join("summary.json"));
        let summary: serde_json::Value = serde_json::from_str(&summary.unwrap()).unwrap();
        assert_eq!(summary["differences"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn faults_name_the_point_and_nothing_is_run() {
    let folder = small();
    let vary = ["--vary", "servers[all].count=4,x,5"];
    let arguments = [&["sweep", "small.toml"], &vary[..], &["--out", "s"]].concat();
    let (code, text, faults) = answer(&arguments, folder.path());
    assert_eq!((code, text.as_str()), (2, ""));
    assert!(faults.contains("small.toml at point 1 (servers[all].count=x)"), "{faults}");
    assert!(!folder.path().join("s").exists());
    for (axis, told) in [
        ("servers[all].count=4..6", "a grid needs steps"),
        ("servers[all].count=4,4", "`4` stands in it twice"),
        ("scenario.seed=1,2", "it is given by --seed"),
        ("servers[none].count=1,2", "the list has no element `none`"),
    ] {
        let arguments = ["sweep", "small.toml", "--vary", axis, "--out", "s"];
        let (code, _, faults) = answer(&arguments, folder.path());
        assert_eq!(code, 2, "{faults}");
        assert!(faults.contains(told), "{faults}");
    }
    let (code, _, faults) = sweep(folder.path(), &["--out", "s", "--metric", "availabilty"]);
    assert_eq!(code, 2);
    assert!(faults.contains("--> --metric:1:1"), "{faults}");
    assert!(faults.contains("the nearest are availability, "), "{faults}");
    // The scenario's own file is no place for results.
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/runs.csv"), SMALL).unwrap();
    let arguments = ["sweep", "in/runs.csv", "--vary", "policies.repair.crews=1", "--out", "in"];
    let (code, _, faults) = answer(&arguments, folder.path());
    assert_eq!(code, 2, "{faults}");
    assert!(faults.contains("in holds a file runs.csv"), "{faults}");
    assert_eq!(fs::read_to_string(folder.path().join("in/runs.csv")).unwrap(), SMALL);
}

#[test]
fn a_sample_is_swept_and_told_by_its_axes() {
    let folder = small();
    let axes = ["--vary", "server_models.m.crash.restarts_itself=0.0..1.0", "--vary"];
    let axes = [&axes[..], &["policies.repair.crews=1..4", "--sample", "lhs:10"]].concat();
    let sweep = |options: &[&str]| {
        let arguments = [&["sweep", "small.toml"], &axes[..], options].concat();
        let (code, text, faults) = answer(&arguments, folder.path());
        assert_eq!(code, 0, "{faults}");
        text
    };
    let text = sweep(&["--out", "a", "--runs", "5"]);
    assert!(text.contains("10 points (lhs:10) · 5 runs each, seed 5\n"), "{text}");
    assert!(text.contains("main effects on availability (a linear fit tells "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let summary = made(&folder.path().join("a"))[2].clone();
    let object: Value = serde_json::from_str(&summary).unwrap();
    let drawn = pictures(&folder.path().join("a"));
    let names: Vec<&str> = drawn.iter().map(|(name, _)| name.as_str()).collect();
    let each = ["crews", "effects", "restarts-itself"];
    let wanted = ["availability", "migrations"].map(|m| each.map(|axis| format!("{m}-{axis}.svg")));
    assert_eq!(names, wanted.concat());
    // Every point is in every chart of an axis, beside the means along it.
    let (points, means) = (10, [4, 5]);
    for (picture, means) in [(&drawn[0].1, means[0]), (&drawn[2].1, means[1])] {
        // The legend has one of each.
        assert_eq!(picture.matches("<circle").count(), points + means + 1, "{picture}");
    }
    let effects = object["effects"].as_array().unwrap();
    let slope = |axis: usize| {
        effects.iter().find_map(|effect| {
            let of = effect["metric"] == "availability" && effect["axis"] == axes[2 * axis + 1];
            of.then(|| effect["coefficient"].as_f64().unwrap())
        })
    };
    assert!(slope(0).unwrap() > 0.5, "who restarts by himself is back sooner: {summary}");
    let other = sweep(&["--out", "b", "--runs", "5", "--seed", "6"]);
    assert_ne!(other, text);
}

#[test]
fn a_job_array_says_which_shard() {
    let folder = small();
    let arguments = [&["sweep", "small.toml"], &AXES[..], &["--out", "s", "--shard", "auto/3"]];
    let run = |set: &[(&str, &str)]| {
        let mut command = fleetsim(&arguments.concat());
        command.current_dir(folder.path());
        for name in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "PARALLEL_SEQ"] {
            command.env_remove(name);
        }
        command.envs(set.iter().copied());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = run(&[]);
    assert_eq!(code, Some(2));
    assert!(told.contains("none of FLEETSIM_SHARD, SLURM_ARRAY_TASK_ID"), "{told}");
    let (code, told) = run(&[("SLURM_ARRAY_TASK_ID", "3")]);
    assert_eq!(code, Some(2));
    assert!(told.contains("the array must count from 0 to 2"), "{told}");
    let (code, told) = run(&[("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_ARRAY_TASK_MIN", "2")]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("shard 2/3, as SLURM_ARRAY_TASK_ID says"), "{told}");
    let out = folder.path().join("s");
    assert_eq!(names(&out), ["ledger.jsonl", "manifest.json"], "estimates of a part mislead");
}

/// A sweep of hours, under way: its ledger holds runs.
#[cfg(target_os = "linux")]
fn under_way(folder: &Path) -> std::process::Child {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("fleetsim"));
    command.args(["sweep", "small.toml"]).args(AXES).args(["--runs", "100000", "--out", "s"]);
    command.current_dir(folder).stderr(std::process::Stdio::piped());
    let child = command.stdout(std::process::Stdio::null()).spawn().expect("the binary starts");
    let lines = || fs::read(folder.join("s/ledger.jsonl")).map_or(0, |text| begins(&text).len());
    while lines() < 5 {
        std::thread::yield_now();
    }
    child
}

#[test]
#[cfg(target_os = "linux")]
fn a_stop_keeps_what_is_finished() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let folder = small();
        let child = under_way(folder.path());
        let kill = std::process::Command::new("sh")
            .args(["-c", &format!("kill -{signal} {}", child.id())])
            .status();
        assert!(kill.unwrap().success());
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(told.contains("stopping after the runs under way"), "{told}");
        assert!(told.contains("runs are done and kept; the same command with --resume"), "{told}");
        let out = folder.path().join("s");
        assert_eq!(names(&out), ["ledger.jsonl"]);
        let whole = ledger(&out);
        assert_eq!(whole.last(), Some(&b'\n'), "no line is torn");
    }
}
