//! The tables of a scenario in reading order, with what there is to say of each key.

use crate::scenario::{
    defaults::{self, sources, where_there_is_one},
    fault::SourceId,
    keys::FILE,
    schema::{Choice, Key, Kind, Shape, Tagged},
    told,
    tree::Node,
};
use std::collections::BTreeMap;

/// A table and its keys.
pub struct Section {
    /// Its path: `server_models.NAME.crash`; of a form of several, with that (`scripts do=...`).
    pub path: String,
    /// Whether it is an element of a list.
    is_element: bool,
    /// What the table is.
    pub doc: &'static str,
    /// Its keys.
    pub rows: Vec<Row>,
    /// Keys that exclude each other.
    pub choices: Vec<&'static Choice>,
}

/// A key and what there is to say of it.
#[derive(PartialEq)]
pub struct Row {
    /// The key.
    pub name: &'static str,
    /// What it takes.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// Its default as TOML.
    pub default: Option<String>,
    /// Where the default comes from.
    pub source: &'static str,
    /// What it means.
    doc: &'static str,
    /// The words that it takes, each with its meaning.
    words: Vec<(&'static str, &'static str)>,
}

impl Row {
    /// What it means, and what each word does that it takes.
    pub fn meaning(&self) -> String {
        let mut text = self.doc.to_owned();
        for (index, (word, doc)) in self.words.iter().enumerate() {
            text += if index == 0 { " " } else { "; " };
            text += &format!("`{word}`: {doc}");
        }
        text
    }
}

impl Section {
    /// Whether any of its keys has a default.
    pub fn has_defaults(&self) -> bool {
        self.rows.iter().any(|row| row.default.is_some())
    }

    /// Whether it has the keys of `other`, and defaults.
    pub fn completes(&self, other: &Self) -> bool {
        let keys = |of: &Self| of.rows.iter().map(|row| (row.name, row.doc)).collect::<Vec<_>>();
        self.has_defaults() && self.doc == other.doc && keys(self) == keys(other)
    }

    /// As a scenario writes its head: `[[servers]]`.
    pub fn heading(&self) -> String {
        let (path, form) = match self.path.split_once(' ') {
            Some((path, form)) => (path, format!(" with {form}")),
            None => (self.path.as_str(), String::new()),
        };
        match self.is_element {
            true => format!("`[[{path}]]`{form}"),
            false => format!("`[{path}]`{form}"),
        }
    }
}

/// Every table of the file.
pub fn sections() -> Vec<Section> {
    let defaults = defaults::tree(SourceId(0));
    let mut walk = Walk { found: Vec::new(), sources: sources() };
    for key in FILE.keys {
        let default = defaults.table().and_then(|table| table.get(key.name));
        walk.kind(&key.kind, &Place::new(key.name), default);
    }
    walk.found
}

/// Where a table stands.
#[derive(Clone)]
struct Place {
    /// As the reader sees it: `server_models.NAME.crash`.
    path: String,
    /// As its defaults are found: `server_models.crash`.
    plain: String,
    is_element: bool,
}

impl Place {
    fn new(name: &str) -> Self {
        Self { path: name.to_owned(), plain: name.to_owned(), is_element: false }
    }

    fn under(&self, key: &str) -> Self {
        let path = self.path.split(' ').next().unwrap_or_default();
        Self {
            path: format!("{path}.{key}"),
            plain: format!("{}.{key}", self.plain),
            is_element: false,
        }
    }
}

struct Walk {
    found: Vec<Section>,
    sources: BTreeMap<String, &'static str>,
}

impl Walk {
    /// The tables of `kind` at `place`. Calls itself as deep as kinds are nested.
    fn kind(&mut self, kind: &'static Kind, place: &Place, default: Option<&Node>) {
        match kind {
            Kind::Table(shape) => self.shape(shape, place, default, &[]),
            Kind::Tagged(forms) => self.tagged(forms, place, default),
            Kind::Map(kind) => {
                let place = Place { path: format!("{}.NAME", place.path), ..place.clone() };
                let every = default.and_then(Node::table).and_then(|table| table.get("*"));
                self.kind(kind, &place, every);
            }
            Kind::List(kind, _) => {
                let pattern = default.and_then(Node::list).and_then(<[Node]>::first);
                self.kind(kind, &Place { is_element: true, ..place.clone() }, pattern);
            }
            Kind::Either(kinds) => {
                kinds.iter().for_each(|kind| self.kind(kind, place, default));
            }
            Kind::Text
            | Kind::Name
            | Kind::File
            | Kind::Switch
            | Kind::Count { .. }
            | Kind::Whole
            | Kind::Percent
            | Kind::Amount
            | Kind::Number { .. }
            | Kind::Span
            | Kind::Size
            | Kind::Bandwidth
            | Kind::Probability
            | Kind::Share
            | Kind::Percentage
            | Kind::Date
            | Kind::Moment
            | Kind::TimeOfDay
            | Kind::Rate
            | Kind::Law
            | Kind::Word(_)
            | Kind::Pairs(..) => {}
        }
    }

    /// A table of its own for what all forms share, then one for each form.
    fn tagged(&mut self, forms: &'static Tagged, place: &Place, default: Option<&Node>) {
        let is_shared = |key: &Key| {
            forms
                .forms
                .iter()
                .all(|(_, form)| form.key(key.name).is_some_and(|of| of.doc == key.doc))
        };
        let Some((_, first)) = forms.forms.first() else { return };
        let shared: Vec<&str> =
            first.keys.iter().filter(|key| is_shared(key)).map(|key| key.name).collect();
        let rest: Vec<&str> =
            first.keys.iter().map(|key| key.name).filter(|key| !shared.contains(key)).collect();
        self.shape(first, place, default, &rest);
        if let Some(section) = self.found.iter_mut().rfind(|of| of.path == place.path) {
            section.doc = forms.doc;
        }
        for (name, shape) in forms.forms {
            let path = format!("{} {} = {name:?}", place.path, forms.tag);
            self.shape(shape, &Place { path, ..place.clone() }, default, &shared);
        }
    }

    fn shape(
        &mut self,
        shape: &'static Shape,
        place: &Place,
        default: Option<&Node>,
        left_out: &[&str],
    ) {
        let default = default.map(|default| where_there_is_one(default).unwrap_or(default));
        let keys = || shape.keys.iter().filter(|key| !left_out.contains(&key.name));
        let of = |key: &Key| default.and_then(Node::table).and_then(|table| table.get(key.name));
        let rows = keys().map(|key| self.row(key, place, of(key))).collect();
        let choices = shape.choices.iter();
        let choices = choices.filter(|choice| !left_out.contains(&choice.keys[0])).collect();
        let (path, is_element) = (place.path.clone(), place.is_element);
        let section = Section { path, is_element, doc: shape.doc, rows, choices };
        // Forms of one list may hold the same table.
        let is_new = |of: &Section| of.path != section.path || of.rows != section.rows;
        if self.found.iter().all(is_new) {
            self.found.push(section);
        }
        for key in keys() {
            self.kind(&key.kind, &place.under(key.name), of(key));
        }
    }

    fn row(&self, key: &'static Key, place: &Place, default: Option<&Node>) -> Row {
        let default = default.and_then(|default| told::default_of(&key.kind, default));
        // A table on one line names its source behind itself.
        let path = format!("{}.{}", place.plain, key.name);
        let source = self.sources.get(&path).or_else(|| self.sources.get(&place.plain));
        Row {
            name: key.name,
            kind: told::phrase(&key.kind),
            required: key.required,
            default,
            source: source.copied().unwrap_or_default(),
            doc: key.doc,
            words: words(&key.kind),
        }
    }
}

/// The words that a value of `kind` may be.
fn words(kind: &'static Kind) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    let kinds = if let Kind::Either(kinds) = kind { *kinds } else { std::slice::from_ref(kind) };
    for kind in kinds {
        if let Kind::Word(words) | Kind::List(Kind::Word(words), _) = kind {
            found.extend_from_slice(words);
        }
    }
    found
}
