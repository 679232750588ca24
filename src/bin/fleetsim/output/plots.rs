//! The pictures in a folder of results: those of an earlier command are replaced and, where they are
//! drawn no more, taken away; what is not ours is left alone.

use super::{Pending, UNDER_WAY};
use crate::{exit::Failure, files::why};
use fleetsim::report::{page, plain, plot};
use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

/// The folder of pictures in a folder of results.
pub const PLOTS: &str = "plots";

/// Whether the file at `path` is a page that an earlier command drew.
pub fn is_our_page(path: &Path) -> bool {
    let mut start = vec![0; page::BEGINS.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == page::BEGINS.as_bytes()
}

/// What lies in the folder of pictures.
#[derive(Debug, Default)]
pub struct Plots {
    /// Pictures of an earlier command.
    ours: Vec<PathBuf>,
    /// What commands that were killed while they wrote left behind.
    left: Vec<PathBuf>,
    /// What is not ours.
    foreign: Vec<PathBuf>,
}

impl Plots {
    /// What lies in the folder of pictures of the folder of results at `path`, if there is any.
    ///
    /// # Errors
    /// It is no folder of its own, or cannot be read.
    pub fn of(path: &Path) -> Result<Self, Failure> {
        let folder = path.join(PLOTS);
        let cannot = |error: io::Error| Failure::cannot_write(&folder, why(&error));
        let mut found = Self::default();
        match fs::symlink_metadata(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(cannot(error)),
            Ok(there) if there.is_dir() => {}
            Ok(there) => {
                let what = if there.is_symlink() { "a link" } else { "not a folder" };
                let why = format!("it is {what}; move it away, or name another folder");
                return Err(Failure::cannot_write(&folder, why));
            }
        }
        for entry in fs::read_dir(&folder).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            let kind = match is_file {
                true if name.starts_with('.') && name.contains(UNDER_WAY) => &mut found.left,
                true if name.ends_with(".svg") && is_ours(&entry.path()) => &mut found.ours,
                true | false => &mut found.foreign,
            };
            kind.push(entry.path());
        }
        Ok(found)
    }

    /// Finds the folder of pictures of the folder of results at `path` fit for being written again.
    ///
    /// # Errors
    /// It holds what is not ours, or cannot be written.
    pub fn prepare(path: &Path) -> Result<(), Failure> {
        let found = Self::of(path)?;
        if let Some(foreign) = found.foreign.first() {
            let name = foreign.strip_prefix(path).unwrap_or(foreign).to_string_lossy();
            let why = format!(
                "it holds {}, which is not a picture of an earlier run; move it away, or name \
                 another folder",
                plain(&name)
            );
            return Err(Failure::cannot_write(path, why));
        }
        match path.join(PLOTS).exists() {
            true => Pending::new(&path.join(PLOTS).join("probe")).map(drop),
            false => Ok(()),
        }
    }

    /// What is to be taken away when these `names` (paths in the folder of results at `path`) have
    /// been written.
    ///
    /// # Errors
    /// One of them would replace what is not ours.
    pub fn stale<'a>(
        self,
        path: &Path,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<PathBuf>, Failure> {
        let new: Vec<PathBuf> = names.map(|name| path.join(name)).collect();
        if let Some(taken) = self.foreign.iter().find(|foreign| new.contains(foreign)) {
            let why = "it is there, and is not a picture of ours; move it away";
            return Err(Failure::cannot_write(taken, why));
        }
        let ours = self.ours.into_iter().filter(|ours| !new.contains(ours));
        Ok(ours.chain(self.left).collect())
    }
}

/// Whether the file at `path` is a picture that we drew.
fn is_ours(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(plot::TELLING).read_to_end(&mut start));
    read.is_ok() && plot::is_ours(&String::from_utf8_lossy(&start))
}
