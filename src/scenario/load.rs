//! From bytes to one tree: the scenario's own file, the files it includes, the options.

use super::{
    fault::{Fault, OPTION, Place, SourceId, SourceText},
    files::{FileRequest, Files, GivenBy, folder, joined, lies_in},
    from_json, from_toml, set,
    tree::{Node, Table, Value},
};
use std::io::Read;

/// Largest scenario file (bytes).
pub const LARGEST_FILE: usize = 16 << 20;

/// Deepest chain of includes.
const DEEPEST_CHAIN: usize = 16;

/// Most files that a scenario may include, counted as often as they are read.
const MOST_FILES: usize = 256;

/// The texts that a scenario is read from, and who gave each.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The texts, by [`SourceId`].
    pub texts: Vec<SourceText>,
    given_by: Vec<GivenBy>,
}

impl Sources {
    /// Adds a text.
    pub fn add(&mut self, name: &str, text: String, given_by: GivenBy) -> SourceId {
        self.texts.push(SourceText { name: name.to_owned(), text });
        self.given_by.push(given_by);
        SourceId(self.texts.len() as u32 - 1)
    }

    /// Whether a text was written by the user: the defaults, which are the first text, were not.
    pub fn is_written(&self, source: SourceId) -> bool {
        source.index() > 0
    }

    /// Asks for the file `written` so at `place` of a scenario in `root`.
    ///
    /// # Errors
    /// A path that names no file or leaves the folder of the scenario without leave.
    pub fn request(
        &self,
        (place, written): (&Place, &str),
        root: &str,
        files: &dyn Files,
    ) -> Result<FileRequest, Fault> {
        let given_by = self.given_by[place.source.index()];
        let path = match given_by {
            GivenBy::CommandLine => written.to_owned(),
            GivenBy::Scenario => joined(folder(&self.texts[place.source.index()].name), written),
        };
        if path.is_empty() || path == root {
            let message = format!("cannot open `{written}`: it is a folder, not a file");
            return Err(Fault::at(place, "cannot-open", message).help("name a file"));
        }
        if given_by == GivenBy::Scenario && !lies_in(root, &path) && !files.allows_outside(&path) {
            let message = format!("the file `{path}` lies outside of the scenario's folder");
            return Err(Fault::at(place, "outside", message).help(
                "put it beside the scenario, name it by --set, or allow it with --allow-path",
            ));
        }
        Ok(FileRequest { path, given_by })
    }
}

/// Reads a scenario's file, what it includes and the options into one tree.
pub struct Loader<'a> {
    /// Opens files.
    pub files: &'a dyn Files,
    /// Every text read so far.
    pub sources: Sources,
    /// Everything wrong so far.
    pub faults: Vec<Fault>,
    /// The folder of the scenario.
    pub root: String,
    read: usize,
}

impl<'a> Loader<'a> {
    /// A loader for the scenario called `name`.
    pub fn new(name: &str, files: &'a dyn Files) -> Self {
        let root = joined(folder(name), "");
        Self { files, sources: Sources::default(), faults: Vec::new(), root, read: 0 }
    }

    /// The tree of the scenario `name` with these bytes, and of all that it includes.
    pub fn scenario(&mut self, name: &str, bytes: &[u8]) -> Node {
        self.part(name, bytes, &mut vec![joined("", name)])
    }

    /// Sets what the options say.
    pub fn set(&mut self, root: &mut Node, options: &[String]) {
        for option in options {
            let source = self.sources.add(OPTION, option.clone(), GivenBy::CommandLine);
            if let Err(fault) = set::apply(root, source, option) {
                self.faults.push(fault);
            }
        }
        if let Some(entry) = root.table().and_then(|table| table.entry("include")) {
            let message = "`include` cannot be set by an option";
            self.faults.push(Fault::at(&entry.key_at, "option", message));
        }
    }

    /// One file with what it includes underneath. Calls itself at most as deep as a chain of
    /// includes may be.
    fn part(&mut self, name: &str, bytes: &[u8], chain: &mut Vec<String>) -> Node {
        let (source, complete) = self.text(name, bytes);
        let text = self.sources.texts[source.index()].text.clone();
        if !complete {
            return Node::new(source, 0..0, Value::Table(Table::default()));
        }
        let json = name.ends_with(".json") || (!name.ends_with(".toml") && text.starts_with('{'));
        let mut node = if json {
            from_json::read(source, &text, &mut self.faults)
        } else {
            from_toml::read(source, &text, &mut self.faults)
        };
        let Value::Table(table) = &mut node.value else {
            let message = format!("a scenario is a table, not {}", node.described());
            self.faults.push(Fault::at(&node.at, "wrong-type", message));
            return Node::new(source, 0..0, Value::Table(Table::default()));
        };
        let Some(index) = table.entries.iter().position(|entry| entry.key == "include") else {
            return node;
        };
        let include = table.entries.remove(index).node;
        let mut under: Option<Node> = None;
        for file in include.list().unwrap_or(std::slice::from_ref(&include)) {
            if let Some(part) = self.included(file, chain) {
                under = Some(match under {
                    Some(under) => part.over(under),
                    None => part,
                });
            }
        }
        match under {
            Some(under) => node.over(under),
            None => node,
        }
    }

    fn included(&mut self, file: &Node, chain: &mut Vec<String>) -> Option<Node> {
        let request = match file.text() {
            Some(path) => self.sources.request((&file.at, path), &self.root, self.files),
            None => Err(Fault::at(
                &file.at,
                "wrong-type",
                format!("`include` takes names of files, not {}", file.described()),
            )
            .help("write include = [\"fleet.toml\"]")),
        };
        match request.and_then(|request| self.bytes(&request, file, chain)) {
            Ok((name, bytes)) => {
                chain.push(name.clone());
                let node = self.part(&name, &bytes, chain);
                chain.pop();
                Some(node)
            }
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }

    fn bytes(
        &mut self,
        request: &FileRequest,
        file: &Node,
        chain: &[String],
    ) -> Result<(String, Vec<u8>), Fault> {
        let path = &request.path;
        if chain.contains(path) {
            let circle = format!("{} -> {path}", chain.join(" -> "));
            let message = format!("includes run in a circle: {circle}");
            return Err(Fault::at(&file.at, "include-cycle", message));
        }
        self.read += 1;
        if chain.len() > DEEPEST_CHAIN || self.read > MOST_FILES {
            let message = format!(
                "too many includes: at most {DEEPEST_CHAIN} in a chain and {MOST_FILES} in all"
            );
            return Err(Fault::at(&file.at, "include-depth", message));
        }
        let cannot = |why: String| {
            Fault::at(&file.at, "cannot-open", format!("cannot open `{path}`: {why}"))
        };
        let mut bytes = Vec::new();
        let reader = self.files.open(request).map_err(cannot)?;
        reader
            .take(LARGEST_FILE as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| cannot(error.to_string()))?;
        Ok((path.clone(), bytes))
    }

    /// Adds the text of a file, without byte order mark and with bare line feeds; says whether
    /// it can be read further.
    fn text(&mut self, name: &str, bytes: &[u8]) -> (SourceId, bool) {
        let start = Place { source: SourceId(self.sources.texts.len() as u32), span: 0..0 };
        if bytes.len() > LARGEST_FILE {
            let message = format!("the file is larger than {} MiB", LARGEST_FILE >> 20);
            self.faults.push(Fault::at(&start, "too-large", message));
            return (self.sources.add(name, String::new(), GivenBy::Scenario), false);
        }
        let (text, good) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, true),
            Err(error) => {
                let offset = error.valid_up_to();
                let text = std::str::from_utf8(&bytes[..offset])
                    .expect("bytes up to the first fault are UTF-8");
                let at = normal(text).len();
                let place = Place { source: start.source, span: at..at };
                let message = format!("byte {offset} of the file is not UTF-8");
                let help = "save the file as UTF-8";
                self.faults.push(Fault::at(&place, "not-utf-8", message).help(help));
                (text, false)
            }
        };
        let text = normal(text);
        let empty = good && text.trim().is_empty();
        if empty {
            let help = "`fleetsim init` writes an example";
            self.faults.push(Fault::at(&start, "empty", "the file is empty").help(help));
        }
        (self.sources.add(name, text, GivenBy::Scenario), good && !empty)
    }
}

fn normal(text: &str) -> String {
    text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n")
}
