//! One process a results folder: a lock that dies with whoever holds it, so that no stale one is
//! ever in the way.

use crate::{exit::Failure, files::why, output::pending};
use fleetsim::report::plain;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

/// The file that is locked.
pub const LOCK: &str = "lock";

/// How often a lock is tried for that its last holder takes away at that very moment.
const TRIES: usize = 100;

/// The most that is read of what the holder says of itself (bytes).
const TOLD_MAX: u64 = 200;

/// How the name of a holder begins.
const HOLDER: &str = "process ";

/// A folder that nobody else writes to until this is dropped.
#[derive(Debug)]
pub struct Lock {
    /// Held locked; the lock ends with it.
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Locks `folder`, which exists.
    ///
    /// # Errors
    /// Somebody else is at work in it, who is named; or it cannot be written.
    pub fn take(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(LOCK);
        let cannot = |error: io::Error| Failure::cannot_write(&path, why(&error));
        for _ in 0..TRIES {
            // Held from before the file is there until it is known, so that whoever ends the process
            // takes it away.
            let mut list = pending();
            if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
                return Err(Failure::cannot_write(&path, "it is no file of ours; take it away"));
            }
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create(true).truncate(false);
            let mut file = options.open(&path).map_err(cannot)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(taken(folder, &mut file)),
                // Where files cannot be locked at all, nobody is kept from anything.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(cannot(error)),
            }
            // Whoever held it may have taken the file away between opening and locking.
            if is_there(&file, &path) {
                if !is_ours(&mut file) {
                    let why = "it is no lock of ours; take it away, or name another folder";
                    return Err(Failure::cannot_write(&path, why));
                }
                list.push(path.clone());
                drop(list);
                let mut lock = Self { file, path: path.clone() };
                lock.tell().map_err(cannot)?;
                return Ok(lock);
            }
        }
        Err(Failure::cannot_write(&path, "others keep taking it away"))
    }

    /// Says in the file who holds it.
    fn tell(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(who().as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Still locked, so nobody else's is taken away. One that stays is in nobody's way.
        let _ = fs::remove_file(&self.path);
        pending().retain(|path| *path != self.path);
    }
}

/// Whether what stands in the file is what a holder told, or nothing yet.
fn is_ours(file: &mut File) -> bool {
    let mut told = Vec::new();
    let read = file.take(TOLD_MAX + 1).read_to_end(&mut told).is_ok();
    read && told.len() as u64 <= TOLD_MAX
        && (told.is_empty() || told.starts_with(HOLDER.as_bytes()))
}

/// Who holds a lock, as told to those who find it held.
fn who() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = match host.trim() {
        "" => String::new(),
        host => format!(" on {host}"),
    };
    format!("{HOLDER}{}{host}", std::process::id())
}

fn taken(folder: &Path, file: &mut File) -> Failure {
    let mut told = String::new();
    // One who has just locked it may not have said yet who he is.
    let _ = file.take(TOLD_MAX).read_to_string(&mut told);
    let who = match told.trim() {
        "" => "another process".to_owned(),
        who => format!("another fleetsim ({})", plain(who)),
    };
    let why = format!("{who} is at work there; wait for it, end it, or name another folder");
    Failure::cannot_write(folder, why)
}

/// Whether `file` is what stands at `path`.
#[cfg(unix)]
fn is_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(ours), Ok(there)) = (file.metadata(), fs::metadata(path)) else { return false };
    (ours.dev(), ours.ino()) == (there.dev(), there.ino())
}

/// Elsewhere a file that is open cannot be taken away.
#[cfg(not(unix))]
fn is_there(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let Err(Failure::Output(told)) = Lock::take(folder.path()) else { panic!("it is held") };
        assert!(told.contains(&format!("(process {}", std::process::id())), "{told}");
        assert!(told.contains("is at work there; wait for it"), "{told}");
        drop(first);
        assert!(!folder.path().join(LOCK).exists());
        Lock::take(folder.path()).unwrap();
    }

    #[test]
    fn what_a_dead_process_left_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LOCK), "process 1 and a longer name than ours").unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(LOCK)).unwrap(), who());
        drop(lock);
    }

    /// Somebody's file that happens to have the name of a lock stays as it is, behind a link too.
    #[test]
    fn what_is_not_ours_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (path, dear) = (folder.path().join(LOCK), folder.path().join("dear.txt"));
        fs::write(&path, "three keys, one spare").unwrap();
        let Err(Failure::Output(told)) = Lock::take(folder.path()) else { panic!("not ours") };
        assert!(told.contains("it is no lock of ours"), "{told}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "three keys, one spare");
        #[cfg(unix)]
        {
            fs::write(&dear, "").unwrap();
            fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(&dear, &path).unwrap();
            assert!(Lock::take(folder.path()).is_err());
            assert_eq!(fs::read_to_string(&dear).unwrap(), "");
        }
    }
}
