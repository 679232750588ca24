//! A single file of results, named by an option of its own.

use super::{Pending, TAKEN, real, refused};
use crate::{exit::Failure, files::why};
use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// What a single file of results holds, and how one of ours is told from anybody else's.
#[derive(Clone, Copy)]
pub struct Contents<'a> {
    /// What it holds: `placements`.
    pub what: &'a str,
    /// The most that must be read of a file for `is_ours` (bytes).
    pub telling: u64,
    /// Whether a file that begins so is one that an earlier run wrote.
    pub is_ours: &'a dyn Fn(&str) -> bool,
}

/// A single file to be written later, found fit for writing.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
}

impl Target {
    /// The file at `path`, in a folder that exists.
    ///
    /// # Errors
    /// `path` is a folder or device, or its folder cannot be written.
    pub fn prepare(path: &Path) -> Result<Self, Failure> {
        let path = match fs::canonicalize(path) {
            // A link stays a link: what it leads to is replaced.
            Ok(real) => real,
            Err(_) => path.to_owned(),
        };
        if fs::metadata(&path).is_ok_and(|there| !there.is_file()) {
            return Err(Failure::cannot_write(&path, "it is not a regular file"));
        }
        if path.file_name().is_none() {
            return Err(Failure::cannot_write(&path, "it does not name a file"));
        }
        drop(Pending::new(&path)?);
        Ok(Self { path })
    }

    /// The file at `path`, which must not be there yet, be empty, or hold such `contents` of an
    /// earlier run; and which must be none of `taken`.
    ///
    /// # Errors
    /// [`Failure::Fault`] where it holds something else, else as [`Target::prepare`].
    pub fn replacing(
        path: &Path,
        contents: Contents<'_>,
        taken: &[PathBuf],
    ) -> Result<Self, Failure> {
        Self::check(path, contents, taken)?;
        Self::prepare(path)
    }

    /// What [`Target::replacing`] refuses before it writes anything.
    ///
    /// # Errors
    /// [`Failure::Fault`] where `path` is taken or holds something else.
    pub fn check(path: &Path, contents: Contents<'_>, taken: &[PathBuf]) -> Result<(), Failure> {
        let what = contents.what;
        if path == Path::new("-") {
            let why = format!("{what} go to a file, not to standard output (./- is a file)");
            return Err(refused(path, &why));
        }
        let real = real(path).unwrap_or_else(|| path.to_owned());
        if taken.contains(&real) {
            return Err(refused(path, TAKEN));
        }
        if real.is_file() && !may_be_replaced(&real, contents) {
            let why = format!("it is there, and is not a {what} file of an earlier run");
            return Err(refused(path, &why));
        }
        Ok(())
    }

    /// Writes `text`, whole or not at all.
    ///
    /// # Errors
    /// It cannot be written; what was there before is still there.
    pub fn write(&self, text: &str) -> Result<(), Failure> {
        let mut pending = Pending::new(&self.path)?;
        pending.fill(text)?;
        pending.keep()
    }

    /// Writes what `fill` gives bit by bit, whole or not at all: for texts too long to be held.
    ///
    /// # Errors
    /// As [`Target::write`].
    pub fn write_in_parts(&self, fill: impl FnOnce(&mut Parts<'_>)) -> Result<(), Failure> {
        let pending = Pending::new(&self.path)?;
        let written = {
            let mut parts = Parts { file: io::BufWriter::new(&pending.file), failure: None };
            fill(&mut parts);
            match parts.failure.take() {
                Some(error) => Err(error),
                None => parts.file.flush().and_then(|()| pending.file.sync_all()),
            }
        };
        written.map_err(|error| Failure::cannot_write(&self.path, why(&error)))?;
        pending.keep()
    }
}

/// A file that is written bit by bit. What goes wrong is kept until the end: those who write do
/// not know that they write to a disk.
pub struct Parts<'a> {
    file: io::BufWriter<&'a File>,
    failure: Option<io::Error>,
}

impl std::fmt::Write for Parts<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        if self.failure.is_none() {
            self.failure = self.file.write_all(text.as_bytes()).err();
        }
        Ok(())
    }
}

/// Whether the file at `path` is empty, or holds such `contents` of an earlier run.
fn may_be_replaced(path: &Path, contents: Contents<'_>) -> bool {
    let mut start = Vec::new();
    // More than what tells would tell nothing more, and a file may be large.
    let read =
        File::open(path).and_then(|file| file.take(contents.telling).read_to_end(&mut start));
    // What is cut in the middle of a character is not told by that character.
    read.is_ok() && (start.is_empty() || (contents.is_ours)(&String::from_utf8_lossy(&start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(failure: Failure) -> String {
        match failure {
            Failure::Output(message) => message,
            other => panic!("a failure to write, not {other:?}"),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_long_text_is_written_in_parts_or_not_at_all() {
        use std::fmt::Write as _;
        let root = tempfile::tempdir().unwrap();
        let target = Target::prepare(&root.path().join("x")).unwrap();
        let fill = |parts: &mut Parts<'_>| {
            (0..3).for_each(|number| writeln!(parts, "{number}").unwrap());
        };
        target.write_in_parts(fill).unwrap();
        assert_eq!(fs::read_to_string(root.path().join("x")).unwrap(), "0\n1\n2\n");
        let broken = |parts: &mut Parts<'_>| {
            parts.failure = Some(io::Error::from(io::ErrorKind::StorageFull));
        };
        assert!(message(target.write_in_parts(broken).unwrap_err()).contains("no space left"));
        assert_eq!(fs::read_to_string(root.path().join("x")).unwrap(), "0\n1\n2\n");
        assert_eq!(names(root.path()), ["x"]);
    }

    #[test]
    fn a_target_must_be_a_file_in_a_folder_that_is_there() {
        let root = tempfile::tempdir().unwrap();
        let refused = message(Target::prepare(root.path()).unwrap_err());
        assert!(refused.contains("not a regular file"));
        let refused = message(Target::prepare(&root.path().join("no/x.csv")).unwrap_err());
        assert!(refused.contains("its folder does not exist"), "{refused}");
        let target = Target::prepare(&root.path().join("x.csv")).unwrap();
        assert!(names(root.path()).is_empty(), "nothing is written before there is something");
        target.write("text").unwrap();
        assert_eq!(names(root.path()), ["x.csv"]);
    }
}
