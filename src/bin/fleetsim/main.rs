//! The fleetsim command: files, clock, colour, progress and exit codes live here and nowhere
//! below.
//!
//! Reading order: `args` (what may be typed), `commands` (what each command does), then what they
//! use: `files` (reading), `output` (writing), `drawn` (the pictures of a folder), `ledger` and `lock` (the
//! folder of a sweep), `shards` (which part of it), `faults` (showing what is wrong), `progress`,
//! `terminal` (what stdout can show), `clock`, `signals` (when we are interrupted), `bug` (when we erred), `exit` (how it all ends).

mod args;
mod bug;
mod clock;
mod commands;
mod drawn;
mod exit;
mod faults;
mod files;
mod ledger;
mod lock;
mod output;
mod progress;
mod shards;
mod signals;
mod terminal;
mod used;

use clap::{
    CommandFactory as _, Parser as _,
    error::{ContextKind, ContextValue, ErrorKind},
};
use exit::{Exit, Failure};
use std::{ffi::OsString, process::ExitCode};

fn main() -> ExitCode {
    bug::report_panics();
    signals::answer();
    let typed: Vec<OsString> = std::env::args_os().collect();
    let done = match args::Args::try_parse_from(&typed) {
        Ok(args) => commands::perform(&args),
        Err(answer) => answered(&with_nearest_command(answer)),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => failure.tell().into(),
    }
}

/// `answer` with the command that was likely meant, where clap found none like it: letters that
/// changed places make a short word look like another.
fn with_nearest_command(mut answer: clap::Error) -> clap::Error {
    let suggested = answer.get(ContextKind::SuggestedSubcommand).is_some();
    if answer.kind() != ErrorKind::InvalidSubcommand || suggested {
        return answer;
    }
    let Some(ContextValue::String(typed)) = answer.get(ContextKind::InvalidSubcommand) else {
        return answer;
    };
    let far = |name: &str| strsim::damerau_levenshtein(&typed.to_lowercase(), name);
    let commands = args::Args::command();
    let names = commands.get_subcommands().map(|command| command.get_name().to_owned());
    let nearest = names.min_by_key(|name| far(name)).filter(|name| far(name) <= 2);
    if let Some(name) = nearest {
        answer.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![name]));
    }
    answer
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
