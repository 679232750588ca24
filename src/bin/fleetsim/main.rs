//! The fleetsim command: files, clock, colour, progress and exit codes live here and nowhere
//! below.
//!
//! Reading order: `args` (what may be typed), `commands` (what each command does), then what they
//! use: `files` (reading), `output` (writing), `faults` (showing what is wrong), `progress`,
//! `clock`, `bug` (when we erred), `exit` (how it all ends).

mod args;
mod bug;
mod clock;
mod commands;
mod exit;
mod faults;
mod files;
mod output;
mod progress;

use clap::Parser as _;
use exit::{Exit, Failure};
use std::{ffi::OsString, process::ExitCode};

fn main() -> ExitCode {
    bug::report_panics();
    let typed: Vec<OsString> = std::env::args_os().collect();
    let done = match args::Args::try_parse_from(&typed) {
        Ok(args) => commands::perform(&args),
        Err(answer) => answered(&answer),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => failure.tell().into(),
    }
}

/// Help and version go to stdout and are a success; what is wrong with the options goes to stderr.
fn answered(answer: &clap::Error) -> Result<Exit, Failure> {
    let text = answer.render();
    match answer.use_stderr() {
        false => output::print(&styled(&text.ansi().to_string())).map(|()| Exit::Done),
        true => {
            // Where even stderr is closed nobody is left to be told.
            let _ = answer.print();
            Ok(Exit::Fault)
        }
    }
}

/// `text` with its colours where stdout shows them.
fn styled(text: &str) -> String {
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    match choice {
        anstream::ColorChoice::Never => anstream::adapter::strip_str(text).to_string(),
        anstream::ColorChoice::Auto
        | anstream::ColorChoice::Always
        | anstream::ColorChoice::AlwaysAnsi => text.to_owned(),
    }
}
