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
    /// A gate or goal was missed.
    Missed,
    /// A fault in what the user named: an option, a scenario, an input file.
    Fault,
    /// More runs are needed to tell.
    Inconclusive,
    /// Writing results failed.
    Output,
    /// The machine has not the memory that is needed.
    Memory,
}

impl Exit {
    /// The code that the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Missed => 1,
            Self::Fault => 2,
            Self::Inconclusive => 3,
            Self::Output => 4,
            Self::Memory => 6,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// All codes, as `--help` tells them.
pub const CODES: &str = "\
Exit codes:
  0    done
  1    a gate or goal was missed
  2    a fault in what was named: an option, a scenario, an input file
  3    inconclusive: more runs are needed
  4    writing results failed
  6    the machine has not the memory that is needed
  101  a bug of fleetsim; the message says how to repeat it
  130  interrupted; nothing is half written
  143  ended by SIGTERM; nothing is half written";

/// Why a command could not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Something that the user named is not as it should be.
    Fault(String),
    /// What is wrong with the scenario of this name.
    Scenario(String, Faults),
    /// Results could not be written.
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

    /// Tells the user on stderr, and which code to end with.
    pub fn tell(&self) -> Exit {
        let (text, exit) = match self {
            Self::Fault(message) => (faults::bare(message), Exit::Fault),
            Self::Scenario(name, list) => (faults::render(name, list), Exit::Fault),
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
        let missed = [Exit::Done, Exit::Missed, Exit::Fault, Exit::Inconclusive];
        for exit in missed.into_iter().chain([Exit::Output, Exit::Memory]) {
            assert!(CODES.contains(&format!("\n  {:<5}", exit.code())), "{exit:?}");
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let closed = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(closed.tell(), Exit::Done);
    }
}
