//! Tables that sort: each cell knows what it shows and, where it is a number, which.

use super::Tone;
use crate::report::plain;
use serde::Serialize;

/// A table of a page.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Table {
    /// What it holds.
    pub title: String,
    /// What a reader should know of its numbers; may be empty.
    pub note: String,
    /// The heads of its columns.
    pub heads: Vec<Head>,
    /// Its rows; the first cell of each names it.
    pub rows: Vec<Vec<Cell>>,
    /// Whether it is shown only to those who ask.
    pub folded: bool,
    /// Whether a narrow page shows each row as a card, a line a cell: for few rows of many columns.
    pub cards: bool,
}

/// The head of a column.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Head {
    /// What the column holds.
    pub name: String,
    /// Whether it holds numbers, which stand at the right.
    pub number: bool,
}

/// A cell.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Cell {
    /// What is shown.
    pub text: String,
    /// What stands below it in small letters; may be empty.
    pub more: String,
    /// The exact number, as files tell it, where it is one.
    pub value: Option<String>,
    /// How it is coloured.
    pub tone: Tone,
}

impl Cell {
    /// A cell of words or names.
    pub fn words(text: &str) -> Self {
        Self { text: plain(text), more: String::new(), value: None, tone: Tone::Plain }
    }

    /// A cell that shows `value` as `text`.
    pub fn number(text: String, value: f64) -> Self {
        // As JSON files write it.
        let exact = serde_json::Value::from(value).to_string();
        Self { text, more: String::new(), value: Some(exact), tone: Tone::Plain }
    }

    /// A cell that shows `value`, if there is one, as `tell` says.
    pub fn number_if_any(value: Option<f64>, tell: impl FnOnce(f64) -> String) -> Self {
        match value {
            Some(value) => Self::number(tell(value), value),
            None => Self::words("–"),
        }
    }

    /// The same with `more` below it.
    pub fn with_more(self, more: &str) -> Self {
        Self { more: plain(more), ..self }
    }

    /// The same in the colour of `tone`.
    pub fn in_tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

impl Table {
    /// A table with these columns, of which those whose name begins with `#` hold numbers.
    pub fn new(title: impl Into<String>, heads: &[&str]) -> Self {
        let head = |name: &&str| Head {
            name: plain(name.trim_start_matches('#')),
            number: name.starts_with('#'),
        };
        Self {
            title: plain(&title.into()),
            note: String::new(),
            heads: heads.iter().map(head).collect(),
            rows: Vec::new(),
            folded: false,
            cards: false,
        }
    }
}
