//! The binary as a user runs it: help, exit codes, messages, files.

mod bad_input;
mod check;
mod churn;
mod compare;
mod events;
mod faults;
mod groups;
mod help;
mod lists;
mod owners;
mod plan;
mod precision;
mod report;
mod run;
mod sweep;
mod trace;

use assert_cmd::Command;
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
