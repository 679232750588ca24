//! What a story is made of.

use super::standing::Standing;
use crate::kernel::time::{Instant, Span};

/// One thing that became true.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// What, by the name of the fact.
    pub what: &'static str,
    /// The instance that it is about.
    pub instance: Option<String>,
    /// The server.
    pub server: Option<String>,
    /// The disk.
    pub disk: Option<String>,
    /// The number of the event.
    pub event: Option<u64>,
    /// The number of the task.
    pub task: Option<u64>,
    /// The scaling group.
    pub group: Option<String>,
    /// The instance refresh, by the command that started it.
    pub refresh: Option<String>,
    /// Whose part of the story it is: the words with which sentences about it begin.
    pub whose: String,
    /// How things stand from now on.
    pub standings: Vec<Standing>,
    /// What else programs may want, by name.
    pub details: Vec<(&'static str, Detail)>,
    /// All of it in plain words.
    pub text: String,
}

/// A detail of an entry.
#[derive(Clone, PartialEq, Debug)]
pub enum Detail {
    /// A word or sentence.
    Text(String),
    /// A count, or a size (bytes).
    Number(u64),
    /// A length of time.
    Span(Span),
    /// A point of time.
    Instant(Instant),
    /// Yes or no.
    Switch(bool),
    /// An answer of the cloud, as JSON text.
    Json(String),
}
