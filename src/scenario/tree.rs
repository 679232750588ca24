//! One tree for TOML, JSON and `--set`: every value knows its place.

use super::fault::{Place, SourceId};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// Deepest nesting that a scenario may have; bounds every recursion over trees.
pub const DEEPEST: usize = 64;

/// A value and its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// Where it is written.
    pub at: Place,
    /// What it is.
    pub value: Value,
}

/// What may be written.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i128),
    /// A number with a fraction or exponent; may be NaN or infinite.
    Float(f64),
    /// True or false.
    Switch(bool),
    /// A date without quotes, as TOML has them.
    Date(String),
    /// Something that no key takes: `null`.
    Other(&'static str),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

/// A table: keys in the order in which they were written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Table {
    /// The entries; no key occurs twice.
    pub entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is written.
    pub key_at: Place,
    /// The value.
    pub node: Node,
}

impl Node {
    /// A node.
    pub fn new(source: SourceId, span: Range<usize>, value: Value) -> Self {
        Self { at: Place { source, span }, value }
    }

    /// The table, if it is one.
    pub fn table(&self) -> Option<&Table> {
        if let Value::Table(table) = &self.value { Some(table) } else { None }
    }

    /// The elements, if it is a list.
    pub fn list(&self) -> Option<&[Self]> {
        if let Value::List(list) = &self.value { Some(list) } else { None }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The text of a date, with quotes or without, if it is a text or a date.
    pub fn date(&self) -> Option<&str> {
        if let Value::Date(text) = &self.value { Some(text) } else { self.text() }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Integer(n) => Some(*n as f64),
            Value::Float(x) => Some(*x),
            Value::Text(_)
            | Value::Switch(_)
            | Value::Date(_)
            | Value::Other(_)
            | Value::List(_)
            | Value::Table(_) => None,
        }
    }

    /// What it is, for a message: `the number 36`, `a table`.
    pub fn described(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("the text {:?}", shortened(text)),
            Value::Integer(n) => format!("the number {n}"),
            Value::Float(x) => format!("the number {x:?}"),
            Value::Switch(on) => format!("{on}"),
            Value::Date(_) => "a date".to_owned(),
            Value::Other(what) => format!("a {what}"),
            Value::List(list) => format!("a list of {}", list.len()),
            Value::Table(_) => "a table".to_owned(),
        }
    }

    /// Makes the single values at `faulty` places unreadable: what has been told as a fault must not
    /// make a second one where it is used. Calls itself as deep as values are nested.
    pub fn blank(&mut self, faulty: &BTreeSet<(SourceId, usize, usize)>) {
        let place = (self.at.source, self.at.span.start, self.at.span.end);
        match &mut self.value {
            Value::List(list) => list.iter_mut().for_each(|node| node.blank(faulty)),
            Value::Table(table) => {
                table.entries.iter_mut().for_each(|entry| entry.node.blank(faulty));
            }
            value @ (Value::Text(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Switch(_)
            | Value::Date(_)
            | Value::Other(_)) => {
                if faulty.contains(&place) {
                    *value = Value::Other("faulty value");
                }
            }
        }
    }

    /// This over `under`: tables are joined key by key, lists of tables one behind the other
    /// (those of `under` first), anything else replaces what lies under it.
    pub fn over(self, under: Self) -> Self {
        let at = self.at;
        let value = match (self.value, under.value) {
            (Value::Table(over), Value::Table(under)) => Value::Table(over.over(under)),
            (Value::List(over), Value::List(mut under))
                if is_list_of_tables(&over) && is_list_of_tables(&under) =>
            {
                under.extend(over);
                Value::List(under)
            }
            (over, _) => over,
        };
        Self { at, value }
    }
}

impl Table {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entry of `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entries in order of their keys: what has no order in the file has this one in a run.
    pub fn sorted(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        entries
    }

    fn over(self, mut under: Self) -> Self {
        let places: BTreeMap<String, usize> =
            under.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
        for entry in self.entries {
            match places.get(&entry.key) {
                Some(index) => {
                    let there = under.entries[*index].clone();
                    under.entries[*index] = Entry { node: entry.node.over(there.node), ..entry };
                }
                None => under.entries.push(entry),
            }
        }
        under
    }
}

fn is_list_of_tables(list: &[Node]) -> bool {
    !list.is_empty() && list.iter().all(|node| node.table().is_some())
}

/// At most 60 characters of a text that goes into a message.
pub fn shortened(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    text.chars().take(57).chain("...".chars()).collect()
}
