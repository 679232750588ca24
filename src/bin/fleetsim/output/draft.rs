//! Files that are written bit by bit.

use super::{Pending, why_not};
use crate::exit::Failure;
use std::{
    io::{self, Write as _},
    path::Path,
};

/// A file under way that is written bit by bit: for texts too long to be held.
pub struct Draft {
    pending: Pending,
    /// What waits to be written.
    text: String,
    /// All that was added so far (bytes).
    length: usize,
}

impl Draft {
    /// Text that is written at once (bytes).
    const AT_ONCE: usize = 1 << 16;

    /// The file that is to be called `meant`.
    pub(super) fn of(meant: &Path) -> Result<Self, Failure> {
        Ok(Self { pending: Pending::new(meant)?, text: String::new(), length: 0 })
    }

    /// Adds `text` at the end.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, text: &str) -> Result<(), Failure> {
        self.text.push_str(text);
        self.length += text.len();
        if self.text.len() >= Self::AT_ONCE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let written = self.pending.file.write_all(self.text.as_bytes());
        written.map_err(|error| self.failure(&error))?;
        self.text.clear();
        Ok(())
    }

    fn failure(&self, error: &io::Error) -> Failure {
        Failure::cannot_write(&self.pending.meant, why_not(error, self.length))
    }

    /// Brings all of `drafts` to the disk, and only then gives them their names, one after the other.
    ///
    /// # Errors
    /// One cannot be written.
    pub fn keep(mut drafts: Vec<Self>) -> Result<(), Failure> {
        for draft in &mut drafts {
            draft.flush()?;
            draft.pending.file.sync_all().map_err(|error| draft.failure(&error))?;
        }
        drafts.into_iter().try_for_each(|draft| draft.pending.keep())
    }
}
