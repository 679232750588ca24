//! Commands that print or write something known: init, validate, metrics, schema,
//! completions, man; and
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
fn the_schema_s_reference_is_a_page_and_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let (code, page, _) = answer(&["schema", "--format", "markdown"], folder.path());
    assert!(code == 0 && page.contains("\n## `[[servers]]`\n"), "{page:.99}");
    let (code, table, _) = answer(&["schema", "--format", "csv"], folder.path());
    assert!(code == 0 && table.starts_with("table,key,type,default,source,meaning\n"));
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let of_afr =
        |row: &csv::StringRecord| &row[0] == "server_models.NAME.crash" && &row[1] == "afr";
    let row = rows.records().map(Result::unwrap).find(of_afr).expect("it has a row");
    assert_eq!((&row[3], row[4].split(':').next()), ("\"3%\"", Some("spec host.crash_afr")));
}

/// What `text` is as a page, and what is wrong with it, where `man` or `mandoc` is there to say.
fn paged(text: &str) -> Option<(String, String)> {
    use std::{io::Write as _, process};
    let viewers: [&[&str]; 2] = [&["man", "--warnings", "-l", "-"], &["mandoc", "-T", "lint"]];
    let viewer = viewers.iter().find(|words| {
        let asked = process::Command::new(words[0]).arg("-V").output();
        asked.is_ok_and(|output| output.status.success())
    })?;
    let mut command = process::Command::new(viewer[0]);
    command.args(&viewer[1..]).env("MANWIDTH", "80").env("LC_ALL", "C.UTF-8");
    let pipes = [process::Stdio::piped(), process::Stdio::piped(), process::Stdio::piped()];
    let [stdin, stdout, stderr] = pipes;
    let mut child = command.stdin(stdin).stdout(stdout).stderr(stderr).spawn().ok()?;
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(text.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((told(&output.stdout), told(&output.stderr)))
}

#[test]
fn every_command_has_a_well_formed_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let (code, whole, _) = answer(&["man"], folder.path());
    assert_eq!(code, 0);
    for section in
        ["NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "EXIT STATUS", "FILES", "ENVIRONMENT"]
    {
        let head = [format!(".SH {section}\n"), format!(".SH \"{section}\"\n")];
        assert!(head.iter().any(|head| whole.contains(head)), "no {section}: {whole}");
    }
    let pages = answer(&["man", "--format", "markdown"], folder.path()).1;
    let names = pages.lines().filter_map(|line| line.strip_prefix("## fleetsim "));
    let mut pages = vec![whole];
    for name in names {
        let (code, page, _) = answer(&["man", name], folder.path());
        let example = format!("fleetsim {name}").replace('-', "\\-");
        assert_eq!(code, 0, "{name}");
        assert!(page.contains("EXAMPLES") && page.contains(&example), "{name}: {page}");
        pages.push(page);
    }
    assert!(pages.len() > 14, "{} pages", pages.len());
    for page in &pages {
        let Some((_, wrong)) = paged(page) else {
            eprintln!("skipped: neither man nor mandoc is here to judge the pages");
            return;
        };
        assert_eq!(wrong, "", "{page}");
    }
    let (code, _, faults) = answer(&["man", "walk"], folder.path());
    assert!(
        code == 2 && faults.contains("there is no command walk; known: run, sweep"),
        "{faults}"
    );
    let (code, _, faults) = answer(&["man", "--format", "csv"], folder.path());
    assert!(code == 2 && faults.contains("--format markdown"), "{faults}");
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
