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
mod terminal;
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

/// The pictures in the folder of results `out`, by name, each found to be whole: every element that
/// is opened is closed in its turn, and nothing in it is a script.
fn pictures(out: &Path) -> Vec<(String, String)> {
    let plots = out.join("plots");
    let read = |name: String| {
        let text = fs::read_to_string(plots.join(&name)).expect("a picture is a text");
        is_whole(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(text.len() < 500_000, "{name} has {} bytes", text.len());
        (name, text)
    };
    names(&plots).into_iter().map(read).collect()
}

/// Why `xml` is not well-formed, if it is not.
fn is_whole(xml: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    for part in xml.split('<').skip(1) {
        let (tag, text) = part.split_once('>').ok_or_else(|| format!("<{part} does not end"))?;
        if tag.matches('"').count() % 2 != 0 {
            return Err(format!("a quote is open in <{tag}>"));
        }
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) if open.pop() == Some(name) => {}
            (true, _) => return Err(format!("</{name}> closes what is not open")),
            (false, true) => {}
            (false, false) => open.push(name),
        }
        if name == "script" || text.contains(|c: char| c.is_control() && c != '\n') {
            return Err(format!("after <{tag}>: {text}"));
        }
        let is_known = |rest: &&str| {
            ["amp;", "lt;", "gt;", "quot;", "apos;", "#39;"]
                .iter()
                .any(|name| rest.starts_with(name))
        };
        if let Some(rest) = part.split('&').skip(1).find(|rest| !is_known(rest)) {
            return Err(format!("&{rest} is no character"));
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} are not closed")) }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
