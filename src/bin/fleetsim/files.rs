//! Reading: regular files only, and for files that a scenario names none outside of its folder
//! unless the user allows it.

use flate2::read::MultiGzDecoder;
use fleetsim::{
    report::number,
    scenario::{FileRequest, Files, GivenBy},
};
use std::{
    cell::{Cell, RefCell},
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The largest scenario file (bytes): far above what anybody writes, far below what hurts.
const SCENARIO_MAX: u64 = 64 << 20;

/// The largest recording (bytes): it is held in memory.
const RECORDING_MAX: u64 = 1 << 30;

/// The largest file of results (bytes): it is held in memory.
const RESULT_MAX: u64 = 4 << 30;

/// The largest file that a scenario names, as it lies on disk (bytes).
const INPUT_MAX: u64 = 64 << 30;

/// The files of the machine as one scenario may see them.
pub struct OnDisk {
    /// The scenario's folder, every link resolved; `None` where it cannot be told.
    folder: Option<PathBuf>,
    outside: Outside,
    /// The files opened, every link resolved.
    opened: RefCell<Vec<PathBuf>>,
    /// Whether anything was read that only [`Outside::Allowed`] allows.
    went_outside: Cell<bool>,
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
        let (opened, went_outside) = (RefCell::default(), Cell::new(false));
        Self { folder: fs::canonicalize(folder).ok(), outside, opened, went_outside }
    }

    /// The files that were opened, every link resolved.
    pub fn opened(&self) -> Vec<PathBuf> {
        self.opened.borrow().clone()
    }

    /// Whether the scenario was right only because it may name files outside of its folder.
    pub fn went_outside(&self) -> bool {
        self.went_outside.get()
    }
}

impl Files for OnDisk {
    fn open(&self, request: &FileRequest) -> Result<Box<dyn Read>, String> {
        let path = Path::new(&request.path);
        let file = open(path, INPUT_MAX)?;
        let real = fs::canonicalize(path).map_err(|error| why(&error))?;
        // The text of the path was checked before; a link may still lead out.
        let inside = self.folder.as_ref().is_some_and(|folder| real.starts_with(folder));
        if request.given_by == GivenBy::Scenario && !inside {
            if self.outside == Outside::Refused {
                return Err(
                    "it lies outside of the scenario's folder (--allow-path allows it)".to_owned()
                );
            }
            self.went_outside.set(true);
        }
        self.opened.borrow_mut().push(real);
        Ok(Box::new(file))
    }

    fn allows_outside(&self, _path: &str) -> bool {
        let allowed = self.outside == Outside::Allowed;
        self.went_outside.set(self.went_outside.get() || allowed);
        allowed
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

/// The text of a file of results.
///
/// # Errors
/// Why it cannot be read, as the end of a sentence.
pub fn read_result(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = open(path, RESULT_MAX)?.read_to_string(&mut text);
    read.map(|_| text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => "it is not text".to_owned(),
        _ => why(&error),
    })
}

/// The bytes of a recording; one that is compressed with gzip as it was before.
///
/// # Errors
/// Why it cannot be read, as the end of a sentence.
pub fn read_recording(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    open(path, RECORDING_MAX)?.read_to_end(&mut bytes).map_err(|error| why(&error))?;
    unpacked(bytes)
}

/// As [`read_recording`], of what comes in at standard input.
///
/// # Errors
/// Why it cannot be read, as the end of a sentence.
pub fn read_piped() -> Result<Vec<u8>, String> {
    at_most(io::stdin().lock()).and_then(unpacked)
}

/// `bytes`, decompressed if they are compressed.
fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    match bytes.starts_with(&[0x1f, 0x8b]) {
        true => at_most(MultiGzDecoder::new(bytes.as_slice())),
        false => Ok(bytes),
    }
}

/// All that `source` gives, if that is no more than is read of a recording.
fn at_most(source: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    source.take(RECORDING_MAX + 1).read_to_end(&mut bytes).map_err(|error| why(&error))?;
    if bytes.len() as u64 > RECORDING_MAX {
        let most = number::free(RECORDING_MAX as f64);
        return Err(format!("it holds more than the {most} bytes that are read at most"));
    }
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
        return Err(format!(
            "it holds {} bytes, and at most {} are read",
            number::free(length as f64),
            number::free(most as f64)
        ));
    }
    Ok(file.take(most))
}

/// Memory that the machine could give to a process now (bytes); `None` where it does not tell.
pub fn memory_available() -> Option<u64> {
    available_in(&fs::read_to_string("/proc/meminfo").ok()?)
}

/// The figure in the text of `/proc/meminfo`.
fn available_in(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1_024)
}

/// An I/O error as the end of a sentence.
pub fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotADirectory => "a part of its path is not a folder".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder, not a file".to_owned(),
        io::ErrorKind::StorageFull => "no space left".to_owned(),
        io::ErrorKind::QuotaExceeded => "the quota is used up".to_owned(),
        io::ErrorKind::FileTooLarge => "files may not grow that large here".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        _ if cfg!(unix) && error.raw_os_error() == Some(EIO) => "the disk failed".to_owned(),
        _ => error.to_string(),
    }
}

/// What every Unix calls a device that failed (std has no word for it).
const EIO: i32 = 5;

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
    fn a_recording_may_be_compressed() {
        use flate2::{Compression, write::GzEncoder};
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("events.jsonl.gz");
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"{}\n").unwrap();
        let packed = packed.finish().unwrap();
        fs::write(&file, [&packed[..], &packed].concat()).unwrap();
        assert_eq!(read_recording(&file).unwrap(), b"{}\n{}\n");
        fs::write(&file, &packed[..packed.len() - 3]).unwrap();
        assert!(read_recording(&file).is_err(), "a file that is cut off");
    }

    #[test]
    fn available_memory_is_read_where_it_is_told() {
        let text = "MemTotal:       32 kB\nMemFree: 1 kB\nMemAvailable:   24187332 kB\n";
        assert_eq!(available_in(text), Some(24_187_332 * 1_024));
        assert_eq!(available_in("MemTotal: 32 kB\n"), None);
        assert_eq!(available_in("MemAvailable: many kB\n"), None);
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
        assert!(!allowed.went_outside());
        assert!(allowed.open(&ask(&link, GivenBy::Scenario)).is_ok());
        assert!(allowed.went_outside());
        assert_eq!(allowed.opened(), [fs::canonicalize(&outer).unwrap()]);
    }
}
