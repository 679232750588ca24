//! `completions`: a script for a shell.

use crate::{
    args::{Args, Completions},
    exit::{Exit, Failure},
    output,
};
use clap::CommandFactory as _;

/// Prints the script.
pub fn completions(options: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Args::command(), "fleetsim", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
