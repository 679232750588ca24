//! Commands that print or write something known: init, validate, metrics, schema, completions; and
//! a stdout that fails.

use super::{answer, names};
use insta::assert_snapshot;
use std::fs;

#[test]
#[cfg(target_os = "linux")]
fn a_full_stdout_is_told_with_code_4() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["metrics"][..], &["schema"], &["completions", "bash"], &["--help"]] {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("fleetsim"));
        command.args(arguments).current_dir(folder.path());
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        let faults = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        assert!(faults.starts_with("error: cannot write to standard output"), "{faults}");
    }
}

#[test]
#[cfg(unix)]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("fleetsim"));
    let output = command.arg("metrics").stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn init_writes_an_example_once() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text, note) = answer(&["init"], folder.path());
    assert_eq!((code, text.as_str()), (0, ""));
    assert_snapshot!(note, @r"
    wrote scenario.schema.json, by which editors complete quickstart.toml
    wrote quickstart.toml; next: fleetsim run quickstart.toml
    ");
    assert_eq!(names(folder.path()), ["quickstart.toml", "scenario.schema.json"]);
    let example = fs::read_to_string(folder.path().join("quickstart.toml")).unwrap();
    assert!(example.starts_with("#:schema ./scenario.schema.json\n"));
    assert!(example.contains("fleetsim run quickstart.toml"), "its comments name this file");
    assert!(!example.contains("scenarios/"));
    let schema = folder.path().join("scenario.schema.json");
    assert_eq!(fs::read_to_string(&schema).unwrap(), answer(&["schema"], folder.path()).1);
    fs::write(&schema, "my own").unwrap();
    fs::write(folder.path().join("quickstart.toml"), "mine").unwrap();
    let (code, _, faults) = answer(&["init"], folder.path());
    assert_eq!(code, 2);
    assert_snapshot!(faults, @r"error: quickstart.toml is already there (--force replaces it)");
    let mine = fs::read_to_string(folder.path().join("quickstart.toml")).unwrap();
    assert_eq!(mine, "mine");
    let (code, _, note) = answer(&["init", "--force", "--quiet"], folder.path());
    assert_eq!((code, note.as_str()), (0, ""));
    let example = fs::read_to_string(folder.path().join("quickstart.toml")).unwrap();
    assert!(example.contains("[scenario]"));
    assert_eq!(fs::read_to_string(&schema).unwrap(), "my own", "a schema that is there stays");
    let (code, _, faults) = answer(&["init", "quikstart"], folder.path());
    assert_eq!(code, 2);
    assert!(faults.contains("there is no example quikstart; known: quickstart"), "{faults}");
}

#[test]
fn lists_come_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    for list in [&["metrics"][..], &["init", "--list"]] {
        for format in ["human", "json", "csv", "markdown"] {
            let arguments = [list, &["--format", format]].concat();
            let (code, text, faults) = answer(&arguments, folder.path());
            assert_eq!((code, faults.as_str()), (0, ""), "{arguments:?}");
            assert!(text.ends_with('\n'), "{arguments:?}");
            if format == "json" {
                let read: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert!(read.as_array().is_some_and(|list| !list.is_empty()));
            }
        }
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn the_list_of_examples_is_whole_and_fits() {
    let folder = tempfile::tempdir().unwrap();
    let (_, text, _) = answer(&["init", "--list"], folder.path());
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.join(" ");
    assert!(words.contains("and what takes them down?") && !words.contains('…'), "{text}");
}

#[test]
fn a_command_whose_letters_changed_places_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    for (typed, meant) in [("rnu", "run"), ("iint", "init"), ("validat", "validate")] {
        let (code, _, faults) = answer(&[typed, "quickstart.toml"], folder.path());
        assert_eq!(code, 2);
        assert!(faults.contains(&format!("'{meant}'")), "{faults}");
    }
    let (_, _, faults) = answer(&["simulate"], folder.path());
    assert!(!faults.contains("tip:"), "{faults}");
}

#[test]
fn the_schema_is_json() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text, _) = answer(&["schema"], folder.path());
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, 0);
    assert!(schema.is_object());
}

#[test]
fn completions_know_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (code, text, _) = answer(&["completions", shell], folder.path());
        assert_eq!(code, 0, "{shell}");
        assert!(text.contains("placements"), "{shell}");
    }
}

#[test]
fn validate_tells_every_scenario() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(answer(&["init", "--quiet"], folder.path()).0, 0);
    fs::write(folder.path().join("bad.toml"), "").unwrap();
    let both = ["validate", "bad.toml", "quickstart.toml"];
    let (code, text, faults) = answer(&both, folder.path());
    assert_eq!(code, 2);
    assert!(text.starts_with("quickstart · "), "{text}");
    assert!(faults.contains("1 fault in bad.toml"), "{faults}");
    for format in ["json", "csv", "markdown"] {
        let one = ["validate", "quickstart.toml", "--format", format];
        let (code, text, _) = answer(&one, folder.path());
        assert_eq!(code, 0);
        assert!(text.contains("expected_failures"), "{text}");
    }
}
