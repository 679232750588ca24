//! How the command ends: the documented exit codes, and failures on the way to them.

use crate::faults;
use fleetsim::{report::plain, scenario::Faults};
use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

/// The documented exit codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Done.
    Done,
    /// A fault in what the user named: an option, a scenario, an input file.
    Fault,
    /// Writing results failed, or reading a results folder.
    Output,
    /// The machine has not the memory that is needed.
    Memory,
    /// Stopped by Ctrl-C, with what was finished kept.
    Interrupted,
    /// Stopped by SIGTERM, with what was finished kept.
    Terminated,
}

impl Exit {
    /// The code that the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Fault => 2,
            Self::Output => 4,
            Self::Memory => 6,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// All codes, as `--help` tells them; those of commands to come are reserved.
pub const CODES: &str = "\
Exit codes:
  0    done
  1    a gate or goal was missed (reserved)
  2    a fault in what was named: an option, a scenario, an input file
  3    inconclusive: more runs are needed (reserved)
  4    writing results failed, or reading a results folder
  6    the machine has not the memory that is needed
  101  a bug of fleetsim; the message says how to repeat it
  130  interrupted; nothing is half written, and a sweep keeps its finished runs
  143  ended by SIGTERM; the same";

/// Why a command could not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Something that the user named is not as it should be.
    Fault(String),
    /// What is wrong with the scenario of this name.
    Scenario(String, Faults),
    /// What is wrong with the scenario at some points of a sweep, each with its name.
    Points(Vec<(String, Faults)>),
    /// Results could not be written, or not be read.
    Output(String),
    /// There is not enough memory.
    Memory(String),
    /// Whoever reads our output has closed it: they have seen enough.
    Closed,
}

impl Failure {
    /// `path` could not be written.
    pub fn cannot_write(path: &Path, why: impl std::fmt::Display) -> Self {
        Self::Output(format!("cannot write {}: {why}", plain(&path.to_string_lossy())))
    }

    /// Results at `path` could not be read.
    pub fn cannot_read(path: &Path, why: impl std::fmt::Display) -> Self {
        Self::Output(format!("cannot read {}: {why}", plain(&path.to_string_lossy())))
    }

    /// Tells the user on stderr, and which code to end with.
    pub fn tell(&self) -> Exit {
        let (text, exit) = match self {
            Self::Fault(message) => (faults::bare(message), Exit::Fault),
            Self::Scenario(name, list) => (faults::render(name, list), Exit::Fault),
            Self::Points(points) => {
                let rendered = points.iter().map(|(name, list)| faults::render(name, list));
                (rendered.collect::<Vec<_>>().join("\n"), Exit::Fault)
            }
            Self::Output(message) => (faults::bare(message), Exit::Output),
            Self::Memory(message) => (faults::bare(message), Exit::Memory),
            Self::Closed => return Exit::Done,
        };
        note(&text);
        exit
    }
}

/// Writes `text` to stderr, in colour where that is wanted. Where stderr is closed nobody is left
/// to be told, so that failing is ignored.
pub fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", text.trim_end());
}

impl From<io::Error> for Failure {
    /// A failure of stdout.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Output(format!("cannot write to standard output: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_the_codes_in_use() {
        let sorts = [Exit::Done, Exit::Fault, Exit::Output, Exit::Memory];
        for exit in sorts.into_iter().chain([Exit::Interrupted, Exit::Terminated]) {
            assert!(CODES.contains(&format!("\n  {:<5}", exit.code())), "{exit:?}");
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let closed = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(closed.tell(), Exit::Done);
    }
}
