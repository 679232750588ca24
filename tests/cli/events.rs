//! Notifications of a run as a file, and recorded ones as a part of a scenario.

use super::{answer, names};
use std::{fs, path::Path};

/// A fleet in which nothing fails.
const FLEET: &str = r#"
[scenario]
name = "fleet"
horizon = "30d"
start = "2026-01-01T00:00:00Z"
seed = 4
runs = 5
[server_models.m]
vcpus = 16
memory = "64GiB"
[[servers]]
model = "m"
count = 6
zones = ["z"]
[instance_types.t]
vcpus = 2
memory = "8GiB"
[settings.guest]
crash_rate = "never"
"#;

/// Instances, crashes of servers, and an event that is stated.
const LIFE: &str = r#"
[server_models.m.crash]
rate = "20/year"
restarts_itself = 0.5
restart = "3min"
repair = "2h"
[[workload.instances]]
name = "web"
type = "t"
count = 20
[[events]]
at = "2d"
type = "SystemMaintenance.Reboot"
instance = "web[3]"
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("fleet.toml"), format!("{FLEET}{LIFE}")).expect("it is writable");
    folder
}

fn run(folder: &Path, options: &[&str]) -> (i32, String, String) {
    answer(&[&["run", "fleet.toml", "--quiet"], options].concat(), folder)
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("it was written")
}

/// Words of all values under a key of JSON lines.
fn values<'a>(lines: &'a str, key: &str) -> Vec<&'a str> {
    let start = format!("\"{key}\":\"");
    lines.split(&start).skip(1).map(|rest| &rest[..rest.find('"').expect("a text ends")]).collect()
}

#[test]
fn a_run_is_written_and_replaces_only_what_a_run_wrote() {
    let folder = folder();
    let path = folder.path();
    assert_eq!(run(path, &["--events", "a.jsonl", "--run", "2"]).0, 0);
    assert_eq!(run(path, &["--events", "b.jsonl", "--run", "2", "--threads", "1"]).0, 0);
    let lines = read(path, "a.jsonl");
    assert_eq!(lines, read(path, "b.jsonl"), "the same bytes, however it is run");
    assert!(lines.lines().count() > 20, "{lines}");
    assert!(lines.contains("\"name\":\"Instance:SystemMaintenance.Reboot:Scheduled\""), "{lines}");
    assert_eq!(run(path, &["--events", "b.jsonl", "--run", "3"]).0, 0);
    assert_ne!(lines, read(path, "b.jsonl"), "another run, over a file of ours");
    // A recording of the cloud's own begins alike, but its ids are of another version.
    let line = lines.lines().next().unwrap();
    let first = line.replace(values(line, "id")[0], "2256A988-0B26-4E2B-820A-8A0580D0B8E5");
    for (name, text) in [("real.jsonl", first.as_str()), ("notes.txt", "mine\n")] {
        fs::write(path.join(name), text).unwrap();
        let (code, _, faults) = run(path, &["--events", name, "--runs", "1000000"]);
        assert_eq!(code, 2, "{faults}");
        assert!(faults.contains("it is there, and is not a notifications file"), "{faults}");
        assert_eq!(read(path, name), text);
    }
    fs::write(path.join("empty"), "").unwrap();
    assert_eq!(run(path, &["--events", "empty"]).0, 0);
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_anything_is_run() {
    let folder = folder();
    let long = ["--runs", "1000000", "--events"];
    let told = |options: &[&str], code| {
        let (ended, text, faults) = run(folder.path(), &[&long[..], options].concat());
        assert_eq!((ended, text.as_str()), (code, ""), "{faults}");
        faults
    };
    assert!(told(&["fleet.toml"], 2).contains("the scenario is read from it"));
    assert!(told(&["-"], 2).contains("notifications go to a file, not to standard output"));
    assert!(told(&["none/e.jsonl"], 4).contains("its folder does not exist"));
    let both = told(&["x", "--placements", "x"], 2);
    assert!(both.contains("another option writes to it"), "{both}");
    let (code, _, faults) = run(folder.path(), &["--run", "1"]);
    assert_eq!(code, 2);
    assert!(faults.contains("--events <FILE>"), "{faults}");
    assert_eq!(names(folder.path()), ["fleet.toml"]);
}

#[test]
fn what_a_run_wrote_is_replayed_by_a_scenario_that_includes_it() {
    let folder = folder();
    let path = folder.path();
    assert_eq!(run(path, &["--events", "events.jsonl"]).0, 0);
    let import = ["import", "notifications", "events.jsonl", "--type", "t"];
    let start = ["--start", "2026-01-01T00:00:00Z"];
    let (code, part, faults) = answer(&[&import[..], &start].concat(), path);
    assert_eq!(code, 0, "{faults}");
    fs::write(path.join("recorded.toml"), &part).unwrap();
    let again = format!("include = \"recorded.toml\"\n{FLEET}");
    fs::write(path.join("again.toml"), again).unwrap();
    let options = ["run", "again.toml", "--quiet", "--events", "again.jsonl"];
    let (code, _, faults) = answer(&options, path);
    assert_eq!(code, 0, "{faults}");
    let reboots = |name: &str| {
        let lines = read(path, name);
        let of = |line: &&str| line.contains("Reboot:Scheduled");
        let line = lines.lines().find(of).expect("it was stated").to_owned();
        ["publishTime", "notBefore"].map(|key| values(&line, key)[0].to_owned())
    };
    assert_eq!(reboots("events.jsonl"), reboots("again.jsonl"));
}

#[test]
fn what_is_no_recording_is_told_with_its_line() {
    let folder = folder();
    let path = folder.path();
    let good = r#"{"name":"Instance:StateChange","eventTime":"20190409T121826.922+0800","content":{"resourceId":"i-1","state":"Running"}}"#;
    fs::write(path.join("bad.jsonl"), format!("{good}\n{{\"name\":\n")).unwrap();
    fs::write(path.join("good.jsonl"), good).unwrap();
    let told = |arguments: &[&str]| {
        let (code, text, faults) = answer(&[&["import"], arguments].concat(), path);
        assert_eq!((code, text.as_str()), (2, ""), "{faults}");
        faults
    };
    let faults = told(&["notifications", "bad.jsonl"]);
    assert!(faults.contains("this is not JSON") && faults.contains("bad.jsonl:2:"), "{faults}");
    assert!(told(&["notifications", "none"]).contains("cannot read none: no such file"));
    assert!(told(&["notifications", "good.jsonl", "--start", "soon"]).contains("--start soon: "));
    assert!(told(&["diary", "good.jsonl"]).contains("notifications"));
    let (code, text, faults) = answer(&["import", "notifications", "good.jsonl"], path);
    assert_eq!(code, 0, "{faults}");
    assert!(text.ends_with("there is nothing to replay.\n"), "{text}");
}

/// What was made for nothing goes again.
#[test]
fn a_folder_that_is_also_a_file_is_not_left_behind() {
    let folder = folder();
    for (out, events) in [("x", "x"), ("a/b/c", "a/b/c"), ("x", "x/y/z.jsonl")] {
        let (code, text, faults) = run(folder.path(), &["--out", out, "--events", events]);
        assert_ne!(code, 0, "{faults}");
        assert_eq!(text, "");
        assert_eq!(names(folder.path()), ["fleet.toml"], "{out} {events}");
    }
}

#[test]
fn a_recording_comes_from_a_pipe_or_compressed() {
    use std::io::Write;
    let folder = folder();
    let at = folder.path();
    assert_eq!(run(at, &["--runs", "1", "--events", "e.jsonl"]).0, 0);
    let plain = answer(&["import", "notifications", "e.jsonl"], at);
    assert_eq!(plain.0, 0, "{}", plain.2);
    let sent = fs::read(at.join("e.jsonl")).unwrap();
    let fast = flate2::Compression::fast();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), fast);
    packed.write_all(&sent).unwrap();
    let packed = packed.finish().unwrap();
    fs::write(at.join("e.jsonl.gz"), &packed).unwrap();
    let unpacked = answer(&["import", "notifications", "e.jsonl.gz"], at);
    assert_eq!(unpacked.1, plain.1.replace("e.jsonl", "e.jsonl.gz"));
    for bytes in [sent, packed] {
        let mut command = super::fleetsim(&["import", "notifications", "-"]);
        let output = command.current_dir(at).write_stdin(bytes).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, plain.1.replace("e.jsonl", "standard input"));
    }
    for format in ["json", "csv", "markdown"] {
        let (code, text, faults) =
            answer(&["import", "notifications", "e.jsonl", "--format", format], at);
        assert_eq!((code, text.as_str()), (2, ""));
        assert!(faults.contains("a part of a scenario is printed as TOML"), "{faults}");
    }
}
