//! Files that a scenario names: asked for here, opened by whoever calls.

use std::{collections::BTreeMap, io::Read};

/// A file that a scenario names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileRequest {
    /// Path of the file: already joined with the folder of the file that names it, `.` and `..`
    /// taken out; relative paths count from the working directory.
    pub path: String,
    /// Who names it.
    pub given_by: GivenBy,
}

/// Who names a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GivenBy {
    /// A scenario file: its files stay inside the scenario's folder.
    Scenario,
    /// An option of the command line: the user may name any file.
    CommandLine,
}

/// Opens the files that a scenario names.
pub trait Files {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// Why it cannot be opened, as the end of the sentence "cannot open ...:"; a folder, a device
    /// or a link out of the scenario's folder is refused here too.
    fn open(&self, request: &FileRequest) -> Result<Box<dyn Read>, String>;

    /// Whether a scenario may name this file although it lies outside of the scenario's folder.
    fn allows_outside(&self, path: &str) -> bool {
        let _ = path;
        false
    }
}

/// Files kept in memory, for tests and for programs that make scenarios.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    /// Contents by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl InMemory {
    /// These files.
    pub fn new<const N: usize>(files: [(&str, &str); N]) -> Self {
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        Self { files: files.into_iter().collect() }
    }
}

impl Files for InMemory {
    fn open(&self, request: &FileRequest) -> Result<Box<dyn Read>, String> {
        let bytes = self.files.get(&request.path).ok_or("no such file")?;
        Ok(Box::new(std::io::Cursor::new(bytes.clone())))
    }
}

/// The folder part of a path, empty for a bare name.
pub(super) fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| if slash == 0 { "/" } else { &path[..slash] })
}

/// `path` as seen from `folder`, with `.` and `..` taken out as far as the text allows.
pub(super) fn joined(folder: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
    let absolute = path.starts_with('/') || folder.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            _ => parts.push(part),
        }
    }
    let relative = parts.join("/");
    if absolute { format!("/{relative}") } else { relative }
}

/// Whether `path` lies in `folder` or below; both already [`joined`].
pub(super) fn lies_in(folder: &str, path: &str) -> bool {
    if folder.is_empty() {
        return !path.starts_with('/') && !path.starts_with("../") && path != "..";
    }
    if folder.split('/').all(|part| part == "..") {
        // The folder is a parent of the working directory: only deeper `..` lead out of it.
        let rest = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        return rest.is_some_and(|rest| !rest.starts_with("../"));
    }
    let folder = folder.strip_suffix('/').unwrap_or(folder);
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_without_dots() {
        assert_eq!(joined("a/b", "../c.toml"), "a/c.toml");
        assert_eq!(joined("", "./c.toml"), "c.toml");
        assert_eq!(joined("a", "../../c"), "../c");
        assert_eq!(joined("a", "/etc/../c"), "/c");
        assert_eq!(joined("../x", "y/../z"), "../x/z");
    }

    #[test]
    fn what_leaves_the_folder_is_told() {
        assert!(lies_in("a", "a/b/c"));
        assert!(!lies_in("a", "ab/c"));
        assert!(!lies_in("a", "c"));
        assert!(lies_in("", "c") && !lies_in("", "../c") && !lies_in("", "/c"));
        assert!(lies_in("..", "../c") && !lies_in("..", "../../c"));
        assert!(lies_in("/", "/c"));
    }
}
