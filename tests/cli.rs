//! The binary as a user runs it: help, exit codes, messages, files.

use assert_cmd::Command;
use insta::assert_snapshot;
use std::{fs, path::Path};

/// The command, unaware of the terminal and settings of whoever runs the tests.
fn fleetsim(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("fleetsim").expect("the binary is built with the tests");
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    command.args(arguments);
    command
}

/// What a command answers: exit code, stdout, stderr.
fn answer(arguments: &[&str], folder: &Path) -> (i32, String, String) {
    let output = fleetsim(arguments).current_dir(folder).output().expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what it prints is text");
    (output.status.code().expect("no signal ends it"), text(output.stdout), text(output.stderr))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn help(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (code, text, faults) = answer(arguments, folder.path());
    assert_eq!((code, faults.as_str()), (0, ""));
    assert!(text.lines().all(|line| line.chars().count() <= 100));
    text
}

#[test]
fn help_of_the_whole() {
    assert_snapshot!(help(&["--help"]), @r"
        A deterministic discrete-event simulator of a cloud's server fleet: availability, failures, repair
        and migration load, with honest error bars

        Usage: fleetsim [OPTIONS] <COMMAND>

        Commands:
          run          Simulate a scenario many times and show what happened, with intervals
          validate     Read scenarios and show what they amount to; run nothing
          init         Write a commented example scenario into the working directory
          metrics      List every metric with its unit and exact definition
          schema       Print the JSON Schema of the scenario file, for editors
          completions  Print a script that completes commands and options in a shell

        Options:
          -h, --help
                  Print help (see a summary with '-h')

          -V, --version
                  Print version

        Common options:
              --format <FORMAT>
                  Form of the tables on standard output

                  Possible values:
                  - human:    For people
                  - json:     For programs
                  - csv:      For spreadsheets and data frames
                  - markdown: For issues and pull requests
                  
                  [default: human]

          -q, --quiet
                  Print results and faults only: no progress, no remarks

              --color <COLOR>
                  When to use colour; NO_COLOR is obeyed

                  Possible values:
                  - auto:   On a terminal
                  - always: Even into a file or pipe
                  - never:  Not at all
                  
                  [default: auto]

        Start with: fleetsim init && fleetsim run quickstart.toml

        Exit codes:
          0    done
          1    a gate or goal was missed (reserved)
          2    a fault in what was named: an option, a scenario, an input file
          3    inconclusive: more runs are needed (reserved)
          4    writing results failed
          6    the machine refused memory (reserved)
          101  a bug of fleetsim; the message says how to repeat it
          130  interrupted; nothing is half written
        ");
}

#[test]
fn help_of_run() {
    assert_snapshot!(help(&["run", "--help"]), @r#"
        Simulate a scenario many times and show what happened, with intervals

        Usage: fleetsim run [OPTIONS] <SCENARIO>

        Arguments:
          <SCENARIO>
                  The scenario file (TOML or JSON)

        Options:
              --runs <N>
                  How many runs [default: as the scenario says]

              --seed <S>
                  Seed of all chance [default: as the scenario says]

              --threads <T>
                  Threads to use; no number depends on it [default: all cores]

              --set <PATH=VALUE>
                  Set a value of the scenario; may be repeated

              --allow-path
                  Let the scenario name files outside of its folder

              --out <DIR>
                  Write summary.json, runs.csv and manifest.json into this folder, which must be new, empty,
                  or hold nothing but these files of an earlier run

              --placements <FILE>
                  Write which server each instance was put on, in one run, as CSV

              --run <K>
                  The run that --placements is about, counted from 0 [default: 0]

          -h, --help
                  Print help (see a summary with '-h')

        Common options:
              --format <FORMAT>
                  Form of the tables on standard output

                  Possible values:
                  - human:    For people
                  - json:     For programs
                  - csv:      For spreadsheets and data frames
                  - markdown: For issues and pull requests
                  
                  [default: human]

          -q, --quiet
                  Print results and faults only: no progress, no remarks

              --color <COLOR>
                  When to use colour; NO_COLOR is obeyed

                  Possible values:
                  - auto:   On a terminal
                  - always: Even into a file or pipe
                  - never:  Not at all
                  
                  [default: auto]

        Examples:
          fleetsim run quickstart.toml
          fleetsim run quickstart.toml --runs 200 --seed 7
          fleetsim run quickstart.toml --set policies.repair.crews=2
          fleetsim run quickstart.toml --out results/quickstart
          fleetsim run quickstart.toml --format json | jq '.metrics[] | select(.name == "availability")'
          fleetsim run quickstart.toml --placements placements.csv --run 3
        "#);
}

#[test]
fn help_of_validate() {
    assert_snapshot!(help(&["validate", "-h"]), @r"
        Read scenarios and show what they amount to; run nothing

        Usage: fleetsim validate [OPTIONS] <SCENARIO>...

        Arguments:
          <SCENARIO>...  The scenario files

        Options:
              --set <PATH=VALUE>  Set a value of the scenario; may be repeated
              --allow-path        Let the scenario name files outside of its folder
          -h, --help              Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results and faults only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim validate quickstart.toml
          fleetsim validate scenarios/*.toml --format json
        ");
}

#[test]
fn help_of_init() {
    assert_snapshot!(help(&["init", "-h"]), @r"
        Write a commented example scenario into the working directory

        Usage: fleetsim init [OPTIONS] [NAME]

        Arguments:
          [NAME]  Which example [default: quickstart]

        Options:
              --list   List the examples; write nothing
              --force  Replace the file if it is there
          -h, --help   Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results and faults only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim init
          fleetsim init --list
          fleetsim init quickstart --force
        ");
}

#[test]
fn help_of_metrics() {
    assert_snapshot!(help(&["metrics", "-h"]), @r"
        List every metric with its unit and exact definition

        Usage: fleetsim metrics [OPTIONS]

        Options:
          -h, --help  Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results and faults only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim metrics
          fleetsim metrics --format markdown > METRICS.md
        ");
}

#[test]
fn help_of_schema() {
    assert_snapshot!(help(&["schema", "-h"]), @r"
        Print the JSON Schema of the scenario file, for editors

        Usage: fleetsim schema [OPTIONS]

        Options:
          -h, --help  Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results and faults only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim schema > scenario.schema.json
          (a scenario whose first line is `#:schema ./scenario.schema.json` is then completed by editors)
        ");
}

#[test]
fn help_of_completions() {
    assert_snapshot!(help(&["completions", "-h"]), @r"
        Print a script that completes commands and options in a shell

        Usage: fleetsim completions [OPTIONS] <SHELL>

        Arguments:
          <SHELL>  The shell [possible values: bash, elvish, fish, powershell, zsh]

        Options:
          -h, --help  Print help (see more with '--help')

        Common options:
              --format <FORMAT>  Form of the tables on standard output [default: human] [possible values:
                                 human, json, csv, markdown]
          -q, --quiet            Print results and faults only: no progress, no remarks
              --color <COLOR>    When to use colour; NO_COLOR is obeyed [default: auto] [possible values:
                                 auto, always, never]

        Examples:
          fleetsim completions bash > ~/.local/share/bash-completion/completions/fleetsim
          fleetsim completions zsh > ~/.zfunc/_fleetsim
          fleetsim completions fish > ~/.config/fish/completions/fleetsim.fish
        ");
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
    assert_eq!(note, "wrote quickstart.toml; next: fleetsim run quickstart.toml\n");
    assert_eq!(names(folder.path()), ["quickstart.toml"]);
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
        1 | / [scenario]
        2 | | name = "bad"
        3 | | horizn = "365d"
        4 | | horizon = "36"
        ... |
        8 | | count = -3
        9 | | zones = ["a"]
          | |______________^
          |
          = help: Kinds of servers, by name. It is a table of names

        error[unknown-key]: `scenario` has the unknown key `horizn`
         --> a.toml:3:1
          |
        3 | horizn = "365d"
          | ^^^^^^
          |
          = help: did you mean `horizon`? (known: name, question, horizon, warm_up, clock_start, seed, runs, levels_at)

        error[quantity]: `scenario.horizon`: "36" has no unit
         --> a.toml:4:11
          |
        4 | horizon = "36"
          |           ^^^^
          |
          = help: a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"

        error[no-servers]: there are no servers
         --> a.toml:6:1
          |
        6 | [[servers]]
          | ^^^^^^^^^^^
          |
          = help: give [[servers]] a count of at least 1

        error[unknown-name]: there is no server model `nope`
         --> a.toml:7:9
          |
        7 | model = "nope"
          |         ^^^^^^
          |
          = help: there is none

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

        7 faults in a.toml
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
