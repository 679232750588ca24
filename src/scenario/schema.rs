//! What may be written, as data: one declaration that the check, the defaults and the JSON Schema
//! all follow.

use super::tree::Table;

/// What a value may be.
#[derive(Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// A name: see [`is_name`].
    Name,
    /// The path of a file.
    File,
    /// True or false.
    Switch,
    /// A whole number in a range.
    Count {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A whole number, also below zero: what only the cloud judges.
    Whole,
    /// A whole percentage in text, from 0 % on.
    Percent,
    /// How much of some metric: a number in the metric's own unit, or a text with a unit.
    Amount,
    /// A number in a range.
    Number {
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
    /// A length of time.
    Span,
    /// A size in bytes.
    Size,
    /// A bandwidth in bits or bytes per second.
    Bandwidth,
    /// A probability: a number from 0 to 1 or a percentage.
    Probability,
    /// A share of a whole: a number from 0 to 1 or a percentage.
    Share,
    /// A percentage in text.
    Percentage,
    /// A date with its time of day.
    Date,
    /// A point of time: a length from the zero of the clock, or a date.
    Moment,
    /// A time of day.
    TimeOfDay,
    /// Events per time.
    Rate,
    /// A law of lengths of time.
    Law,
    /// One of some words, each with its meaning.
    Word(&'static [(&'static str, &'static str)]),
    /// A table with these keys.
    Table(&'static Shape),
    /// A table of which one key says what else may be there.
    Tagged(&'static Tagged),
    /// A table whose keys are names and whose values are all alike.
    Map(&'static Kind),
    /// A list of at least so many values, all alike.
    List(&'static Kind, usize),
    /// A list of pairs.
    Pairs(&'static Kind, &'static Kind),
    /// One of several, told apart by what is written.
    Either(&'static [Kind]),
}

/// A table with known keys.
#[derive(Debug)]
pub struct Shape {
    /// What the table is.
    pub doc: &'static str,
    /// Its keys, in the order in which they are documented.
    pub keys: &'static [Key],
    /// Groups of keys of which at most one may be given (or exactly one).
    pub choices: &'static [Choice],
}

/// Tables that one key tells apart.
#[derive(Debug)]
pub struct Tagged {
    /// What they are.
    pub doc: &'static str,
    /// The key, which every one of the tables has.
    pub tag: &'static str,
    /// Its values, each with the table that it stands for.
    pub forms: &'static [(&'static str, &'static Shape)],
}

impl Tagged {
    /// The table that the value `tag` stands for.
    pub fn form(&self, tag: &str) -> Option<&'static Shape> {
        self.forms.iter().find(|(name, _)| *name == tag).map(|(_, shape)| *shape)
    }

    /// The table that `table` says it is.
    pub fn form_of(&self, table: &Table) -> Option<&'static Shape> {
        self.form(table.get(self.tag)?.text()?)
    }
}

/// A key of a table.
#[derive(Debug)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, with its unit.
    pub doc: &'static str,
}

/// Keys that exclude each other.
#[derive(Debug)]
pub struct Choice {
    /// The keys.
    pub keys: &'static [&'static str],
    /// Whether one must be given.
    pub required: bool,
}

/// A key that must be there.
pub const fn must(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: true, doc }
}

/// A key that may be left out.
pub const fn may(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: false, doc }
}

impl Shape {
    /// The key called `name`.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Keys that may not stand beside `name`.
    pub fn rivals(&self, name: &str) -> impl Iterator<Item = &'static str> {
        let choices = self.choices.iter().filter(move |choice| choice.keys.contains(&name));
        choices.flat_map(|choice| choice.keys.iter().copied()).filter(move |key| *key != name)
    }
}

/// Longest name [characters].
pub const LONGEST_NAME: usize = 100;

/// Whether `text` may be a name: ASCII letters, digits and `._:/-`, beginning with a letter or digit, so
/// that a name needs no quoting in tables, files and terminals and starts no spreadsheet formula.
pub fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._:/-".contains(c))
        && text.chars().count() <= LONGEST_NAME
}

/// What a name looks like.
pub const NAME_HELP: &str =
    "a name is made of letters, digits and . _ : / - and begins with a letter or digit";
