//! What users get wrong, and how they are told.

use super::{answer, fleetsim, names};
use assert_cmd::Command;
use insta::assert_snapshot;
use std::fs;

/// What a scenario with this text is told, run with these options.
fn told(text: &[u8], options: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("a.toml"), text).expect("the folder takes a file");
    let arguments = [&["run", "a.toml", "--out", "results"], options].concat();
    let (code, text, faults) = answer(&arguments, folder.path());
    assert_eq!((code, text.as_str()), (2, ""), "{faults}");
    assert_eq!(names(folder.path()), ["a.toml"], "nothing is made for a run that cannot be");
    faults
}

#[test]
fn wrong_options_are_told_on_stderr_with_code_2() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["run"][..],
        &["run", "a.toml", "--rns", "3"],
        &["run", "a.toml", "--runs", "0"],
        &["run", "a.toml", "--runs", "-1"],
        &["run", "a.toml", "--seed", "1.5"],
        &["run", "a.toml", "--threads", "0"],
        &["run", "a.toml", "--format", "xml"],
        &["run", "a.toml", "--run", "3"],
        &["simulate"],
        &["completions", "tcsh"],
    ] {
        let (code, text, faults) = answer(arguments, folder.path());
        assert_eq!((code, text.as_str()), (2, ""), "{arguments:?}");
        assert!(faults.starts_with("error: "), "{arguments:?}: {faults}");
    }
    let (_, _, faults) = answer(&["run", "a.toml", "--rns", "3"], folder.path());
    assert_snapshot!(faults, @r"
        error: unexpected argument '--rns' found

          tip: a similar argument exists: '--runs'

        Usage: fleetsim run --runs <N> <SCENARIO>

        For more information, try '--help'.
        ");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn scenarios_that_cannot_be_read_are_told_with_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let told = |path: &str| {
        let (code, text, faults) = answer(&["run", path, "--out", "results"], folder.path());
        assert_eq!((code, text.as_str()), (2, ""));
        faults
    };
    assert_snapshot!(told("missing.toml"), @r"error: cannot read scenario missing.toml: no such file");
    assert_snapshot!(told("."), @r"error: cannot read scenario .: it is a folder, not a file");
    assert_snapshot!(told("a\u{1b}[2J.toml"), @r"error: cannot read scenario a\u{1b}[2J.toml: no such file");
    assert!(names(folder.path()).is_empty(), "nothing is made for a run that cannot be");
}

#[test]
#[cfg(unix)]
fn a_pipe_in_place_of_a_scenario_does_not_hang() {
    let folder = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("p.toml")).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: this machine makes no pipes");
        return;
    }
    let (code, _, faults) = answer(&["run", "p.toml"], folder.path());
    assert_eq!(code, 2);
    assert_snapshot!(faults, @r"error: cannot read scenario p.toml: it is not a regular file (a pipe, socket or device)");
}

#[test]
fn colour_is_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let coloured = |command: &mut Command| {
        let output = command.current_dir(folder.path()).output().unwrap();
        String::from_utf8(output.stderr).unwrap().contains('\u{1b}')
    };
    let run = ["run", "missing.toml"];
    let always = ["run", "missing.toml", "--color", "always"];
    let never = ["run", "missing.toml", "--color", "never"];
    assert!(!coloured(&mut fleetsim(&run)), "a pipe is plain");
    assert!(coloured(&mut fleetsim(&always)));
    assert!(!coloured(fleetsim(&never).env("CLICOLOR_FORCE", "1")));
    assert!(!coloured(fleetsim(&run).env("NO_COLOR", "1")));
}

#[test]
fn all_faults_are_told_at_once_with_their_places() {
    let text = b"[scenario]
name = \"bad\"
horizn = \"365d\"
horizon = \"36\"

[[servers]]
model = \"nope\"
count = -3
zones = [\"a\"]
";
    assert_snapshot!(told(text, &["--set", "scenario.seed=x"]), @r#"
    error[missing-key]: `server_models` is missing
     --> a.toml:1:1
      |
    1 | [scenario]
      | ^
      |
      = help: Kinds of servers, by name. It is a table of names

    error[unknown-key]: `scenario` has the unknown key `horizn`
     --> a.toml:3:1
      |
    3 | horizn = "365d"
      | ^^^^^^
      |
      = help: did you mean `horizon`? (known: name, question, horizon, warm_up, clock_start, start, region, seed, runs, reference_type, levels_at)

    error[quantity]: `scenario.horizon`: "36" has no unit
     --> a.toml:4:11
      |
    4 | horizon = "36"
      |           ^^^^
      |
      = help: a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"

    error[range]: `servers[0].count` is -3
     --> a.toml:8:9
      |
    8 | count = -3
      |         ^^
      |
      = help: it is at least 0

    error[wrong-type]: `scenario.seed` takes a whole number, not the text "x"
     --> --set:1:15
      |
    1 | scenario.seed=x
      |               ^
      |
      = help: it is a whole number, at least 0, without quotes

    5 faults in a.toml
    "#);
}

#[test]
fn names_cannot_drive_the_terminal() {
    let faults = told(b"[scenario]\nname = \"a\"\n\"x\\u001b[2J\" = 1\n", &[]);
    assert!(!faults.contains('\u{1b}'), "{faults:?}");
}

#[test]
fn texts_that_are_no_scenario_are_told() {
    assert_snapshot!(told(b"", &[]), @r"
        error[empty]: the file is empty
         --> a.toml:1:1
          |
        1 |
          | ^
          |
          = help: `fleetsim init` writes an example

        1 fault in a.toml
        ");
    assert_snapshot!(told(b"[scenario]\nname = \"\xff\"\n", &[]), @r#"
        error[not-utf-8]: byte 19 of the file is not UTF-8
         --> a.toml:2:9
          |
        2 | name = "
          |         ^
          |
          = help: save the file as UTF-8

        1 fault in a.toml
        "#);
    assert_snapshot!(told(b"[scenario\n", &[]), @r"
        error[syntax]: unclosed table, expected `]`
         --> a.toml:1:10
          |
        1 | [scenario
          |          ^

        1 fault in a.toml
        ");
}

#[test]
fn faulty_rows_are_shown_where_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[scenario]\nname = \"a\"\nhorizon = \"1d\"\n[server_models.m]\nvcpus = 8\n\
                memory = \"8GiB\"\n[[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"z\"]\n\
                [workload]\ntrace = \"t.csv\"\n";
    fs::write(folder.path().join("a.toml"), text).unwrap();
    let rows = "arrival_s,vcpus,memory_gib\n0,1,1\n\n1,x,1\n2,1,1\n3,1,1\n-4,1,1\n";
    fs::write(folder.path().join("t.csv"), rows).unwrap();
    let (code, _, faults) = answer(&["validate", "a.toml"], folder.path());
    assert_eq!(code, 2);
    assert_snapshot!(faults, @r#"
    error[trace]: trace `t.csv`: 2 faults in its lines
      --> t.csv:4:3
       |
     4 | 1,x,1
       |   ^ vcpus: is not a number
    ...
     7 | -4,1,1
       | -- arrival_s: is negative
       |
      ::: a.toml:12:9
       |
    12 | trace = "t.csv"
       |         ------- named here
       |
       = help: arrival_s: seconds from 0 to 1,000 years, such as 300 or 12.5; vcpus: a whole number from 0 to 4294967295

    1 fault in a.toml
    "#);
}
