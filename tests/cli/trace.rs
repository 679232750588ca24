//! `trace` on the shipped quickstart: stories of one entity, windows, forms, and names that do not
//! exist.

use super::answer;
use serde_json::Value;
use std::path::Path;

fn quickstart() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    assert_eq!(answer(&["init", "--quiet"], folder.path()).0, 0);
    folder
}

/// What `trace quickstart.toml` with these options prints.
fn trace(folder: &Path, options: &[&str]) -> String {
    let arguments = [&["trace", "quickstart.toml"], options].concat();
    let (code, text, faults) = answer(&arguments, folder);
    assert_eq!(code, 0, "{faults}");
    text
}

/// The objects of `trace --format json`.
fn objects(folder: &Path, options: &[&str]) -> Vec<Value> {
    let text = trace(folder, &[options, &["--format", "json"]].concat());
    text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

#[test]
fn the_story_of_an_instance_is_whole_and_in_order() {
    let folder = quickstart();
    let story = objects(folder.path(), &["--instance", "start-7"]);
    assert_eq!(story[0]["what"], "Requested");
    assert_eq!((&story[0]["instance"], &story[0]["at_s"]), (&"start-7".into(), &0.into()));
    let times: Vec<f64> = story.iter().map(|entry| entry["at_s"].as_f64().unwrap()).collect();
    assert!(times.is_sorted() && times.last().unwrap() > &0.0);
    let other = |entry: &Value| entry.get("instance").is_some_and(|name| name != "start-7");
    assert!(!story.iter().any(other), "it is told of nobody else");
    let ends = story.iter().filter(|entry| entry["what"] == "ServiceEnded").count();
    let begins = story.iter().filter(|entry| entry["what"] == "ServiceBegan").count();
    assert!(ends > 0 && begins == ends + 1, "it comes back as often as it goes down");
}

#[test]
fn the_text_says_the_same_and_fits() {
    let folder = quickstart();
    let text = trace(folder.path(), &["--instance", "start-7"]);
    assert!(text.contains("run 0, the story of instance start-7\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let by_time = trace(folder.path(), &["--instance", "start-7", "--by", "time"]);
    for entry in objects(folder.path(), &["--instance", "start-7"]) {
        let told = entry["text"].as_str().unwrap();
        assert!(words(&by_time).contains(told), "{told}");
        // Under its heading a sentence does not begin with the name.
        let told = told.strip_prefix("start-7 ").unwrap_or(told);
        assert!(words(&text).contains(told), "{told}");
    }
    let twice = trace(folder.path(), &["--instance", "start-7"]);
    assert_eq!(text, twice, "a story is told the same way twice");
}

#[test]
fn a_story_has_a_part_for_each_trouble() {
    let folder = quickstart();
    let options = ["--instance", "start-7", "--from", "276d", "--to", "281d"];
    let text = trace(folder.path(), &options);
    let parts: Vec<&str> = text.split("\n\n").skip(1).collect();
    insta::assert_snapshot!(parts[0], @r#"
    instance start-7: down 1min 15s (guest-failure); event 209
    (InstanceFailure.Reboot) Executed
    276d 13:43:25.649              is down: guest-failure
    276d 13:44:06.935  +41s 285ms  event 209 (InstanceFailure.Reboot) of start-7,
                                   Instance restart due to instance errors, is
                                   published Executing: its guest has crashed
                                   Running -> Starting after 258d 15h
    276d 13:44:41.246  +34s 311ms  Starting -> Running after 34s 311ms
                                   event 209 (InstanceFailure.Reboot) Executing ->
                                   Executed after 34s 311ms
                                   is served again, after 1min 15s down
    "#);
    assert_eq!(parts.len(), 2, "{text}");
    assert!(parts[1].starts_with("instance start-7: down 58s 725ms (server-failure)"), "{text}");
}

#[test]
fn an_event_is_told_to_the_end_of_its_last_instant() {
    let folder = quickstart();
    let story = objects(folder.path(), &["--event", "209"]);
    assert_eq!(story.last().unwrap()["what"], "ServiceBegan");
}

#[test]
fn a_timeline_shows_one_thing_and_overwrites_nothing() {
    let folder = quickstart();
    let at = |name: &str| folder.path().join(name);
    let read = |name: &str| std::fs::read_to_string(at(name)).unwrap();
    let of_instance = ["--instance", "start-7", "--timeline"];
    for name in ["a.svg", "a.html"] {
        let text = trace(folder.path(), &[&of_instance[..], &[name]].concat());
        assert_eq!(text, trace(folder.path(), &of_instance[..2]), "the text is the same");
        let drawn = read(name);
        assert!(drawn.contains("guest-failure, 276d 13:43:25.649213 to "), "{drawn}");
        // What an earlier run drew may be drawn again, to the same bytes.
        trace(folder.path(), &[&of_instance[..], &[name]].concat());
        assert_eq!(read(name), drawn);
    }
    assert!(read("a.html").contains("<td>start-7 is down: guest-failure</td>"));
    // A window shows what began before it.
    let window = ["--from", "276d13h44min", "--to", "276d13h45min"];
    trace(folder.path(), &[&of_instance[..], &["w.svg"], &window].concat());
    assert!(read("w.svg").contains("guest-failure, 276d 13:43:25.649213 to "));
    std::fs::write(at("mine.svg"), "<svg></svg>").unwrap();
    let before = super::names(folder.path());
    for (options, words) in [
        (&["--timeline", "b.svg"][..], "a timeline shows one thing"),
        (&["--server", "a-r1-0", "--timeline", "b.png"], "end its name in .svg or .html"),
        (&["--server", "a-r1-0", "--timeline", "mine.svg"], "is not a timeline file of an earlier"),
        (&["--server", "a-r1-0", "--timeline", "quickstart.toml"], "end its name in .svg"),
        (
            &["--instance", "start-7", "--from", "1us", "--to", "1ms", "--timeline", "no/b.svg"],
            "no",
        ),
        (&["--instance", "nobody", "--timeline", "b.svg"], "there is no instance nobody"),
    ] {
        let arguments = [&["trace", "quickstart.toml"], options].concat();
        let (code, text, faults) = answer(&arguments, folder.path());
        assert!(matches!(code, 2 | 4) && text.is_empty(), "{options:?}: {faults}");
        assert!(faults.contains(words), "{options:?}: {faults}");
    }
    assert_eq!(super::names(folder.path()), before);
    assert_eq!(read("mine.svg"), "<svg></svg>");
}

#[test]
fn a_window_cuts_the_story_and_another_run_tells_another() {
    let folder = quickstart();
    let all = objects(folder.path(), &["--server", "a-r1-0"]);
    let part = objects(folder.path(), &["--server", "a-r1-0", "--from", "1d", "--to", "200d"]);
    let day = 86_400.0;
    let within = |entry: &&Value| {
        let at = entry["at_s"].as_f64().unwrap();
        (day..=200.0 * day).contains(&at)
    };
    assert_eq!(part, all.iter().filter(within).cloned().collect::<Vec<_>>());
    assert!(!part.is_empty() && part.len() < all.len());
    assert_ne!(objects(folder.path(), &["--server", "a-r1-0", "--run", "3"]), all);
    let none = trace(folder.path(), &["--server", "a-r1-0", "--from", "1us", "--to", "2us"]);
    assert!(none.ends_with("\nnothing\n"), "{none}");
}

#[test]
fn a_task_is_told_from_begin_to_end() {
    let folder = quickstart();
    let story = objects(folder.path(), &["--task", "0"]);
    let first = &story[0];
    assert_eq!((&first["what"], &first["task"]), (&"TaskBegan".into(), &0.into()));
    let end = story.iter().position(|entry| entry["what"] == "TaskEnded").expect("it ends");
    assert_eq!(story[end]["task"], 0);
    // What its end brings about belongs to it.
    assert!(story[end..].iter().all(|entry| entry["at_s"] == story[end]["at_s"]), "{story:?}");
    assert!(story.iter().all(|entry| entry["instance"] == first["instance"]));
}

#[test]
fn unknown_names_are_faults_that_help() {
    let folder = quickstart();
    let refused = |options: &[&str]| {
        let arguments = [&["trace", "quickstart.toml"], options].concat();
        let (code, text, faults) = answer(&arguments, folder.path());
        assert_eq!((code, text.as_str()), (2, ""), "{options:?}");
        faults
    };
    for (options, words) in [
        (
            &["--instance", "strat-7"][..],
            "there is no instance strat-7 in run 0; did you mean start-7?",
        ),
        (&["--server", "a-r1-00"], "there is no server a-r1-00; did you mean a-r1-0?"),
        (&["--disk", "a-r1-0/0"], "there is no local disk a-r1-0/0; there is none at all"),
        (&["--event", "99999999"], "there is no event 99999999: "),
        (&["--task", "99999999"], "there is no task 99999999: those of run 0 are 0 to "),
        (&["--from", "5 moons"], "--from: `5 moons` "),
        (&["--from", "2d", "--to", "1d"], "lies behind --to"),
        (&["--format", "csv"], "a story is told as text or as JSON lines"),
        (&["--event", "-1"], "a whole number from 0 to "),
        (&["--event", "1", "--task", "1"], "cannot be used with"),
    ] {
        let faults = refused(options);
        assert!(faults.contains(words), "{options:?}: {faults}");
    }
}

/// Servers with disks that break often, and instances that the scenario names.
const DISKS: &str = r#"
[scenario]
name = "disks"
horizon = "60d"
seed = 5
[server_models.m]
vcpus = 8
memory = "32GiB"
local_disks = { count = 2, size = "1TB", failure = { life = "20d" } }
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 3
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
local_disks = 1
[[workload.instances]]
name = "other"
type = "t"
count = 1
[[workload.instances]]
name = "web"
type = "t"
count = 2
[[workload.arrivals]]
name = "jobs"
rate = "1/day"
type = "t"
life = "1h"
[[scripts]]
at = "30d"
do = "RedeployInstance"
InstanceId = "web[0]"
[[events]]
at = "40d"
type = "Stalled"
instance = "web[1]"
[policies.customers.default]
disk_error = "accept"
[settings]
guest = { crash_rate = "never" }
"#;

#[test]
fn everything_is_found_by_every_name_that_it_has() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    std::fs::write(folder.path().join("disks.toml"), DISKS).unwrap();
    let of = |options: &[&str]| {
        let all = [&["trace", "disks.toml", "--format", "json"], options].concat();
        let (code, text, faults) = answer(&all, folder.path());
        assert_eq!((code, faults.as_str()), (0, ""), "{options:?}");
        assert!(!text.is_empty(), "{options:?}");
        text
    };
    let all = of(&[]);
    let lines: Vec<Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = |what: &str, of: &str| {
        let found = lines.iter().find(|line| line["what"] == what && line[of].is_string());
        found.unwrap_or_else(|| panic!("{what} with {of}")).clone()
    };
    // An instance: by its name, the scenario's handle, and its id.
    let wanted =
        lines.iter().find(|line| line["what"] == "Requested" && line["instance"] == "start-1");
    let id = wanted.unwrap()["instance_id"].as_str().unwrap();
    let story = of(&["--instance", "start-1"]);
    assert_eq!(of(&["--instance", "web[0]"]), story);
    assert_eq!(of(&["--instance", id]), story);
    assert_eq!(of(&["--instance", "jobs#3"]), of(&["--instance", "3"]));
    // An event: by its number and its id.
    let event = first("EventPublished", "event_id");
    let (number, id) = (event["event"].to_string(), event["event_id"].as_str().unwrap());
    assert_eq!(of(&["--event", id]), of(&["--event", &number]));
    // A disk: by its place and the id that notifications show.
    let (code, _, faults) = answer(
        &["run", "disks.toml", "--runs", "1", "--quiet", "--events", "e.jsonl"],
        folder.path(),
    );
    assert_eq!(code, 0, "{faults}");
    let sent = std::fs::read_to_string(folder.path().join("e.jsonl")).unwrap();
    let sent: Vec<Value> = sent.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |name: &str| sent.iter().find(|one| one["name"] == name).unwrap()["content"].clone();
    let disk = first("DiskMoved", "instance")["disk"].as_str().unwrap().to_owned();
    let story = of(&["--disk", &disk]);
    assert!(story.contains("\"what\":\"DiskMoved\"") && story.contains("ErrorDetected"), "{story}");
    let broken = told("Disk:ErrorDetected:Executing");
    assert_eq!(of(&["--disk", broken["diskId"].as_str().unwrap()]), story);
    // A system disk stands for its instance.
    let stalled = told("Disk:Stalled:Executing");
    let story = of(&["--disk", stalled["diskId"].as_str().unwrap()]);
    assert_eq!(story, of(&["--instance", "web[1]"]));
    let nobody = "d-bp100000000000000000";
    for options in [["--disk", nobody], ["--event", "e-none"], ["--task", "t-none"]] {
        let arguments = [&["trace", "disks.toml"], &options[..]].concat();
        let (code, _, faults) = answer(&arguments, folder.path());
        assert_eq!(code, 2);
        assert!(faults.contains("nothing in run 0 has the id"), "{faults}");
    }
}

/// The kinds of facts that stories name, as their sources spell them.
fn kinds() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/observe/story");
    let mut kinds = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let text =
            std::fs::read_to_string(entry.expect("it can be listed").path()).expect("it is text");
        for call in ["of(", "plain(", "amounts("] {
            let after =
                text.split(call).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
            let names = after.filter_map(|rest| rest.split('"').next());
            let is_kind = |name: &&str| {
                name.starts_with(|c: char| c.is_ascii_uppercase())
                    && name.chars().all(|c| c.is_ascii_alphabetic())
            };
            kinds.extend(names.filter(is_kind).map(str::to_owned));
        }
    }
    kinds.sort();
    kinds.dedup();
    kinds
}

#[test]
fn the_page_lists_every_kind_of_fact() {
    let page = include_str!("../../docs/trace.md");
    let kinds = kinds();
    assert!(kinds.len() > 60, "{kinds:?}");
    // How credits flow is told to nobody.
    let untold = kinds.iter().filter(|kind| *kind != "CreditsFlow");
    let missing: Vec<&String> =
        untold.filter(|kind| !page.contains(&format!("`{kind}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
