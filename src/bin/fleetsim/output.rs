//! Writing: whole files or none, and a stdout whose failures are not swallowed.

mod draft;
mod plots;
mod target;

pub use draft::Draft;
pub use plots::PLOTS;
pub use target::{Contents, Target};

use crate::{
    exit::Failure,
    files::why,
    lock::{LOCK, Lock},
};
use fleetsim::report::{number, page};
use plots::Plots;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The files that a results folder of `run` may hold, in the order in which they are put in place: the
/// manifest comes last, so that a folder with a manifest is whole.
pub const RUN_FILES: [&str; 5] = ["summary.json", "runs.csv", "series.csv", "worst.json", MANIFEST];

/// The file that says that all others are there.
pub const MANIFEST: &str = "manifest.json";

/// The same of `compare` and `plan`.
pub const RESULT_FILES: [&str; 3] = ["summary.json", "runs.csv", MANIFEST];

/// Files that a results folder may hold beside them, because users put them there by options.
const BESIDE: [&str; 2] = ["placements.csv", "events.jsonl"];

/// Why a file that matters is not written over.
const TAKEN: &str = "the scenario is read from it, or another option writes to it";

/// What stands between a file's name and the process that is writing it.
const UNDER_WAY: &str = ".under-way-";

/// Files under way, so that whoever ends the process can take them away.
static PENDING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// What is under way. A list of paths is whole at any time, even when a thread died while it held it.
pub fn pending() -> MutexGuard<'static, Vec<PathBuf>> {
    PENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes away what is half written, and keeps anybody from beginning more: the process must end
/// right after.
pub fn abandon() {
    let mut list = pending();
    for path in list.drain(..) {
        // One that cannot be removed is swept by the next run into its folder.
        let _ = fs::remove_file(path);
    }
    std::mem::forget(list);
}

/// Prints `text` to stdout, all of it.
///
/// # Errors
/// Stdout is full or broken; [`Failure::Closed`] where its reader has seen enough.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    // What is buffered when the process ends would be lost without a word.
    stdout.flush()?;
    Ok(())
}

/// Prints the file at `path` to stdout, all of it.
///
/// # Errors
/// It cannot be read; else as [`print`].
pub fn print_file(path: &Path) -> Result<(), Failure> {
    let mut file = File::open(path).map_err(|error| Failure::cannot_read(path, why(&error)))?;
    let mut stdout = io::stdout().lock();
    io::copy(&mut file, &mut stdout)?;
    stdout.flush()?;
    Ok(())
}

/// A folder for results, found fit for writing, and nobody else's as long as it is held.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: Lock,
}

impl Folder {
    /// Makes the folder at `path` where it does not exist.
    ///
    /// # Errors
    /// It is no folder, or cannot be made.
    pub fn make(path: &Path) -> Result<(), Failure> {
        fs::create_dir_all(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::cannot_write(path, "it is not a folder"),
            _ => Failure::cannot_write(path, why(&error)),
        })
    }

    /// Refuses the folder at `path` where one of the files `results` is among `taken`, every link
    /// resolved: it is read, or another option writes to it. Makes nothing.
    ///
    /// # Errors
    /// [`Failure::Fault`], which names the file.
    pub fn check(path: &Path, results: &[&str], taken: &[PathBuf]) -> Result<(), Failure> {
        let is_taken = |file: &PathBuf| real(file).is_some_and(|real| taken.contains(&real));
        let names = results.iter().chain([&page::FILE]);
        match names.map(|name| path.join(name)).find(is_taken) {
            Some(file) => Err(refused(&file, &format!("{TAKEN}; name another folder for --out"))),
            None => Ok(()),
        }
    }

    /// The folder at `path`, made where it does not exist, for the files `results` of a command.
    /// Asked for before anything is simulated, so that no work is lost to a wrong path.
    ///
    /// # Errors
    /// It is no folder, holds files that are not ours, another process is at work in it, or it cannot
    /// be written.
    pub fn prepare(path: &Path, results: &[&str]) -> Result<Self, Failure> {
        Self::make(path)?;
        Self::left_behind(path, results)?;
        let folder = Self { path: path.to_owned(), _lock: Lock::take(path)? };
        // Looked for again: what is there now is nobody's any more.
        for left in Self::left_behind(path, results)? {
            let gone = fs::remove_file(left);
            gone.map_err(|error| Failure::cannot_write(path, why(&error)))?;
        }
        drop(Pending::new(&folder.path.join("probe"))?);
        Plots::prepare(path)?;
        Ok(folder)
    }

    /// The folder at `path`, which holds results: to draw them again, whatever else lies there.
    ///
    /// # Errors
    /// Another process is at work in it, or it cannot be written.
    pub fn again(path: &Path) -> Result<Self, Failure> {
        let folder = Self { path: path.to_owned(), _lock: Lock::take(path)? };
        drop(Pending::new(&folder.path.join("probe"))?);
        Plots::of(path)?;
        Ok(folder)
    }

    /// What runs that were killed while they wrote left in the folder at `path`: it is of no use.
    ///
    /// # Errors
    /// The folder holds files that are not ours, or cannot be read.
    fn left_behind(path: &Path, results: &[&str]) -> Result<Vec<PathBuf>, Failure> {
        let cannot = |error: io::Error| Failure::cannot_write(path, why(&error));
        let mut found = Vec::new();
        for entry in fs::read_dir(path).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let left = name.starts_with('.') && name.contains(UNDER_WAY);
            if name == PLOTS {
                Plots::prepare(path)?;
                continue;
            }
            if name == page::FILE && plots::is_our_page(&entry.path()) {
                continue;
            }
            let ours = results.iter().chain(&BESIDE).chain([&LOCK]).any(|ours| *ours == name);
            // One that has gone meanwhile was no folder.
            if !(left || ours) || entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                return Err(Failure::cannot_write(
                    path,
                    format!(
                        "it holds {}, which is not a result of an earlier run; name a new or \
                         empty folder, or one that holds only {}",
                        fleetsim::report::plain(&name),
                        results.join(", ")
                    ),
                ));
            }
            if left {
                found.push(entry.path());
            }
        }
        Ok(found)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file of this folder that is written bit by bit, and takes the name `name` when it is kept.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn draft(&self, name: &str) -> Result<Draft, Failure> {
        Draft::of(&self.path.join(name))
    }

    /// The `files` (name and text), pictures among them, ready to be kept; and pictures of an earlier
    /// command that are to be taken away then.
    ///
    /// # Errors
    /// A file cannot be written, or would replace what is not ours.
    pub fn drafts(
        &self,
        files: &[(String, String)],
    ) -> Result<(Vec<Draft>, Vec<PathBuf>), Failure> {
        let names = || files.iter().map(|(name, _)| name.as_str());
        let stale = Plots::of(&self.path)?.stale(&self.path, names())?;
        self.make_plots(names())?;
        let draft = |(name, text): &(String, String)| {
            let mut draft = self.draft(name)?;
            draft.add(text)?;
            Ok(draft)
        };
        Ok((files.iter().map(draft).collect::<Result<_, Failure>>()?, stale))
    }

    /// Makes the folder of pictures where one of `names` is in it.
    fn make_plots<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
        let plots = self.path.join(PLOTS);
        match names.any(|name| Path::new(name).starts_with(PLOTS)) && !plots.is_dir() {
            true => {
                fs::create_dir(&plots).map_err(|error| Failure::cannot_write(&plots, why(&error)))
            }
            false => Ok(()),
        }
    }

    /// Writes all `files` (name and text), or leaves those that are there as they are: all texts
    /// are on disk before the first takes its name. The manifest, where it is among them, comes
    /// last; pictures that are not among them are taken away.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write<N: AsRef<str>>(&self, files: &[(N, String)]) -> Result<(), Failure> {
        let plots = self.path.join(PLOTS);
        let written = self.write_all(files);
        // Where nothing is drawn, or nothing came of it, no empty folder tells of it; one that holds
        // something is not removed.
        let _ = fs::remove_dir(&plots);
        written
    }

    fn write_all<N: AsRef<str>>(&self, files: &[(N, String)]) -> Result<(), Failure> {
        let names = || files.iter().map(|(name, _)| name.as_ref());
        let stale = Plots::of(&self.path)?.stale(&self.path, names())?;
        self.make_plots(names())?;
        let write = |(name, text): &(N, String)| {
            let mut pending = Pending::new(&self.path.join(name.as_ref()))?;
            pending.fill(text)?;
            Ok(pending)
        };
        let mut pending: Vec<Pending> = files.iter().map(write).collect::<Result<_, Failure>>()?;
        let manifest = names().position(|name| name == MANIFEST);
        if let Some(place) = manifest {
            let last = pending.remove(place);
            pending.push(last);
            self.take_away(MANIFEST)?;
        }
        take_away(&stale)?;
        pending.into_iter().try_for_each(Pending::keep)
    }

    /// Takes away the file `name` of an earlier command, which said that all are there: whoever dies
    /// while the others take their names leaves a folder that says nothing of the kind.
    fn take_away(&self, name: &str) -> Result<(), Failure> {
        let path = self.path.join(name);
        let gone = match fs::remove_file(&path) {
            Ok(()) => reaches_disk(&self.path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        gone.map_err(|error| Failure::cannot_write(&path, why(&error)))
    }
}

/// Takes away the files at `paths`, which are ours and of no use any more.
///
/// # Errors
/// One cannot be removed.
pub fn take_away(paths: &[PathBuf]) -> Result<(), Failure> {
    paths.iter().try_for_each(|path| {
        fs::remove_file(path).map_err(|error| Failure::cannot_write(path, why(&error)))
    })
}

/// What was asked for would write `path`, which must not be.
fn refused(path: &Path, why: &str) -> Failure {
    let shown = fleetsim::report::plain(&path.to_string_lossy());
    Failure::Fault(format!("cannot write {shown}: {why}"))
}

/// `path` with every link resolved; one that is not there yet lies in a folder that is.
pub fn real(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = fs::canonicalize(path) {
        return Some(real);
    }
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        Some(_) | None => Path::new("."),
    };
    Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
}

/// Why `bytes` could not be written, with what was needed where room was lacking.
pub fn why_not(error: &io::Error, bytes: usize) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            format!("{}; it needs {} bytes", why(error), number::free(bytes as f64))
        }
        _ => why(error),
    }
}

/// Brings the names in `folder` to the disk: a new name, or one that is gone, is a change of the
/// folder and not of the file.
fn reaches_disk(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

/// A file under way, beside the place it is meant for; it vanishes unless it is kept.
struct Pending {
    file: File,
    path: PathBuf,
    meant: PathBuf,
}

impl Pending {
    fn new(meant: &Path) -> Result<Self, Failure> {
        let name = meant.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let path = meant.with_file_name(format!(".{name}{UNDER_WAY}{}", std::process::id()));
        // Held from before the file is there until it is known, so that none is missed.
        let mut list = pending();
        let open = OpenOptions::new().write(true).create(true).truncate(true).open(&path);
        let file = open.map_err(|error| {
            let why = match error.kind() {
                io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
                _ => why(&error),
            };
            Failure::cannot_write(meant, why)
        })?;
        list.push(path.clone());
        Ok(Self { file, path, meant: meant.to_owned() })
    }

    /// Brings `text` to the disk.
    fn fill(&mut self, text: &str) -> Result<(), Failure> {
        let filled = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all());
        filled.map_err(|error| Failure::cannot_write(&self.meant, why_not(&error, text.len())))
    }

    /// Takes the name it is meant for.
    fn keep(self) -> Result<(), Failure> {
        let folder = match self.meant.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        };
        let kept = fs::rename(&self.path, &self.meant).and_then(|()| reaches_disk(folder));
        kept.map_err(|error| Failure::cannot_write(&self.meant, why(&error)))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // Kept files have moved away; the others are of no use, and a failure to remove them adds
        // nothing to the failure that is already being told.
        let _ = fs::remove_file(&self.path);
        pending().retain(|path| *path != self.path);
    }
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
    fn a_folder_is_made_filled_and_filled_again() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        for text in ["one", "two"] {
            let folder = Folder::prepare(&path, &RESULT_FILES).unwrap();
            folder.write(&RESULT_FILES.map(|name| (name, text.to_owned()))).unwrap();
            drop(folder);
            assert_eq!(names(&path), ["manifest.json", "runs.csv", "summary.json"]);
            assert_eq!(fs::read_to_string(path.join("runs.csv")).unwrap(), text);
        }
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("thesis.tex"), "x").unwrap();
        let refused = message(Folder::prepare(root.path(), &RESULT_FILES).unwrap_err());
        assert!(refused.contains("it holds thesis.tex, which is not a result"), "{refused}");
        let refused = Folder::prepare(&root.path().join("thesis.tex"), &RESULT_FILES).unwrap_err();
        assert!(message(refused).contains("it is not a folder"));
        assert_eq!(names(root.path()), ["thesis.tex"]);
    }

    #[test]
    fn what_is_read_is_not_written_over() {
        let root = tempfile::tempdir().unwrap();
        let out = root.path().join("out");
        let taken = |name: &str| vec![real(root.path()).unwrap().join(name)];
        Folder::check(&out, &RESULT_FILES, &taken("runs.csv")).unwrap();
        assert!(names(root.path()).is_empty(), "nothing is made");
        fs::create_dir(&out).unwrap();
        let refused = |inputs: &[PathBuf]| match Folder::check(&out, &RESULT_FILES, inputs) {
            Err(Failure::Fault(message)) => message,
            other => panic!("a fault, not {other:?}"),
        };
        let told = refused(&taken("out/runs.csv"));
        assert!(told.contains("runs.csv: the scenario is read from it, or another"), "{told}");
        // By whatever name it is reached.
        #[cfg(unix)]
        {
            fs::write(root.path().join("trace.csv"), "x").unwrap();
            std::os::unix::fs::symlink("../trace.csv", out.join("manifest.json")).unwrap();
            assert!(refused(&taken("trace.csv")).contains("manifest.json: "));
        }
    }

    #[test]
    fn leavings_of_an_interrupted_run_are_swept() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(".runs.csv.under-way-17"), "x").unwrap();
        Folder::prepare(root.path(), &RESULT_FILES).unwrap();
        assert!(names(root.path()).is_empty());
    }

    /// A picture as we draw it.
    fn picture() -> String {
        let start = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fleetsim-plot\">";
        assert!(fleetsim::report::plot::is_ours(start));
        format!("{start}</svg>")
    }

    fn written(path: &Path, names: &[&str]) -> Result<(), Failure> {
        let folder = Folder::prepare(path, &RUN_FILES)?;
        let files: Vec<(&str, String)> = names.iter().map(|name| (*name, picture())).collect();
        folder.write(&files)
    }

    #[test]
    fn pictures_of_an_earlier_run_are_replaced_or_go() {
        let root = tempfile::tempdir().unwrap();
        let plots = root.path().join(PLOTS);
        written(root.path(), &["runs.csv", "plots/a.svg", "plots/b.svg", MANIFEST]).unwrap();
        assert_eq!(names(&plots), ["a.svg", "b.svg"]);
        fs::write(plots.join(".a.svg.under-way-17"), "half").unwrap();
        written(root.path(), &["runs.csv", "plots/b.svg", "plots/c.svg", MANIFEST]).unwrap();
        assert_eq!(names(&plots), ["b.svg", "c.svg"]);
        written(root.path(), &["runs.csv", MANIFEST]).unwrap();
        assert_eq!(names(root.path()), [MANIFEST, "runs.csv"], "an empty folder tells nothing");
    }

    #[test]
    fn what_is_not_our_picture_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let plots = root.path().join(PLOTS);
        written(root.path(), &["plots/a.svg", MANIFEST]).unwrap();
        for (name, text) in [("b.svg", "<svg></svg>"), ("a.txt", "x"), ("c.svg", "")] {
            fs::write(plots.join(name), text).unwrap();
            let refused = message(written(root.path(), &["plots/a.svg"]).unwrap_err());
            assert!(refused.contains(&format!("it holds plots/{name}, which is")), "{refused}");
            let again = Folder::again(root.path()).unwrap();
            again.write(&[("plots/d.svg", picture())]).unwrap();
            assert_eq!(names(&plots), [name, "d.svg"]);
            let taken = [(format!("plots/{name}"), picture())];
            let refused = message(again.write(&taken).unwrap_err());
            assert!(refused.contains("it is there, and is not a picture of ours"), "{refused}");
            assert_eq!(fs::read_to_string(plots.join(name)).unwrap(), text);
            fs::remove_file(plots.join(name)).unwrap();
            drop(again);
            written(root.path(), &["plots/a.svg", MANIFEST]).unwrap();
        }
    }

    #[test]
    fn what_lacks_room_tells_how_much() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(why_not(&full, 12_345), "no space left; it needs 12,345 bytes");
        let other = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(why_not(&other, 12_345), "permission denied");
    }

    #[test]
    fn only_a_file_of_ours_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("x.csv");
        let replacing = |path: &Path, first: &str, taken: &[PathBuf]| {
            let is_ours = |start: &str| start.starts_with(first);
            let contents = Contents { what: "placements", telling: 9, is_ours: &is_ours };
            Target::replacing(path, contents, taken)
        };
        replacing(&path, "a,b\n", &[]).unwrap().write("a,b\n1,2\n").unwrap();
        replacing(&path, "a,b\n", &[]).unwrap();
        let refused =
            |path: &Path, first: &str, taken: &[PathBuf]| match replacing(path, first, taken) {
                Err(Failure::Fault(message)) => message,
                other => panic!("a fault, not {other:?}"),
            };
        assert!(refused(&path, "a\n", &[]).contains("is not a placements file"));
        let taken = [real(&root.path().join("./x.csv")).unwrap()];
        assert!(refused(&path, "a,b\n", &taken).contains("the scenario is read from it"));
        assert!(refused(Path::new("-"), "a,b\n", &[]).contains("not to standard output"));
        assert_eq!(names(root.path()), ["x.csv"]);
    }
}
