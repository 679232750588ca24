//! Reading: regular files only, and for files that a scenario names none outside of its folder
//! unless the user allows it.

use fleetsim::scenario::{FileRequest, Files, GivenBy};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The largest scenario file (bytes): far above what anybody writes, far below what hurts.
const SCENARIO_MAX: u64 = 64 << 20;

/// The largest file that a scenario names, as it lies on disk (bytes).
const INPUT_MAX: u64 = 64 << 30;

/// The files of the machine as one scenario may see them.
pub struct OnDisk {
    /// The scenario's folder, every link resolved; `None` where it cannot be told.
    folder: Option<PathBuf>,
    outside: Outside,
}

/// Whether a scenario may name files outside of its folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outside {
    /// `--allow-path` was given.
    Allowed,
    /// It was not.
    Refused,
}

impl OnDisk {
    /// The files that the scenario at `path` may see.
    pub fn beside(path: &Path, outside: Outside) -> Self {
        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        };
        Self { folder: fs::canonicalize(folder).ok(), outside }
    }
}

impl Files for OnDisk {
    fn open(&self, request: &FileRequest) -> Result<Box<dyn Read>, String> {
        let path = Path::new(&request.path);
        let file = open(path, INPUT_MAX)?;
        if request.given_by == GivenBy::Scenario && self.outside == Outside::Refused {
            // The text of the path was checked before; a link may still lead out.
            let real = fs::canonicalize(path).map_err(|error| why(&error))?;
            let inside = self.folder.as_ref().is_some_and(|folder| real.starts_with(folder));
            if !inside {
                return Err(
                    "it lies outside of the scenario's folder (--allow-path allows it)".to_owned()
                );
            }
        }
        Ok(Box::new(file))
    }

    fn allows_outside(&self, _path: &str) -> bool {
        self.outside == Outside::Allowed
    }
}

/// The bytes of the scenario file at `path`.
///
/// # Errors
/// Why it cannot be read, as the end of a sentence.
pub fn read_scenario(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    open(path, SCENARIO_MAX)?.read_to_end(&mut bytes).map_err(|error| why(&error))?;
    Ok(bytes)
}

/// Opens a regular file of at most `most` bytes, and reads no more of it even if it grows.
fn open(path: &Path, most: u64) -> Result<io::Take<File>, String> {
    // Asked before opening: opening a pipe would wait for whoever writes to it.
    let before = fs::metadata(path).map_err(|error| why(&error))?;
    if before.is_dir() {
        return Err("it is a folder, not a file".to_owned());
    }
    if !before.is_file() {
        return Err("it is not a regular file (a pipe, socket or device)".to_owned());
    }
    let file = File::open(path).map_err(|error| why(&error))?;
    let length = file.metadata().map_err(|error| why(&error))?.len();
    if length > most {
        return Err(format!("it holds {length} bytes, and at most {most} are read"));
    }
    Ok(file.take(most))
}

/// An I/O error as the end of a sentence.
pub fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotADirectory => "a part of its path is not a folder".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        io::ErrorKind::StorageFull => "no space left".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(path: &Path, given_by: GivenBy) -> FileRequest {
        FileRequest { path: path.to_string_lossy().into_owned(), given_by }
    }

    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_scenario(folder.path()).unwrap_err(), "it is a folder, not a file");
        assert_eq!(read_scenario(&folder.path().join("none")).unwrap_err(), "no such file");
        let file = folder.path().join("a");
        fs::write(&file, "x").unwrap();
        assert_eq!(read_scenario(&file).unwrap(), b"x");
        assert_eq!(
            read_scenario(&file.join("b")).unwrap_err(),
            "a part of its path is not a folder"
        );
        if cfg!(unix) {
            let refused = read_scenario(Path::new("/dev/zero")).unwrap_err();
            assert!(refused.starts_with("it is not a regular file"));
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_scenario_stays_in_its_folder_even_through_links() {
        let folder = tempfile::tempdir().unwrap();
        let (inner, outer) = (folder.path().join("inner"), folder.path().join("outer.csv"));
        fs::create_dir(&inner).unwrap();
        fs::write(&outer, "x").unwrap();
        fs::write(inner.join("own.csv"), "x").unwrap();
        std::os::unix::fs::symlink(&outer, inner.join("link.csv")).unwrap();
        let scenario = inner.join("a.toml");
        let refused = OnDisk::beside(&scenario, Outside::Refused);
        let allowed = OnDisk::beside(&scenario, Outside::Allowed);
        let link = inner.join("link.csv");
        assert!(refused.open(&ask(&inner.join("own.csv"), GivenBy::Scenario)).is_ok());
        assert!(refused.open(&ask(&link, GivenBy::Scenario)).is_err());
        assert!(refused.open(&ask(&outer, GivenBy::Scenario)).is_err());
        assert!(refused.open(&ask(&outer, GivenBy::CommandLine)).is_ok());
        assert!(allowed.open(&ask(&link, GivenBy::Scenario)).is_ok());
    }
}
