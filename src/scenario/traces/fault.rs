//! What is wrong with a trace, and where.

use std::{fmt, ops::Range};

/// Longest value that is shown whole [characters].
const SHOWN: usize = 60;

/// One thing that is wrong with a trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TraceFault {
    /// The file, as the caller named it.
    pub file: String,
    /// Line of the file, from 1, the header counted; 0: the file as a whole.
    pub line: u64,
    /// Name of the column, if it is one cell that is wrong.
    pub column: Option<String>,
    /// What stands there, shortened, control characters escaped.
    pub value: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// The line as it may be shown: shortened, control characters escaped; empty where it is not.
    pub text: String,
    /// Where in [`Self::text`] the fault is (bytes).
    pub span: Range<usize>,
}

impl fmt::Display for TraceFault {
    /// `line 17, column arrival_s, value ``x``: is not a number`, without file name and help.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if self.line > 0 {
            write!(f, "line {}", self.line)?;
            separator = ", ";
        }
        if let Some(column) = &self.column {
            write!(f, "{separator}column {column}")?;
            separator = ", ";
        }
        if let Some(value) = &self.value {
            write!(f, "{separator}value `{value}`")?;
            separator = ", ";
        }
        let colon = if separator.is_empty() { "" } else { ": " };
        write!(f, "{colon}{}", self.message)
    }
}

impl std::error::Error for TraceFault {}

impl TraceFault {
    /// A fault of the file as a whole.
    pub(super) fn of_file(message: impl Into<String>, help: &str) -> Self {
        Self::of_line(0, message, help)
    }

    /// A fault of a line as a whole.
    pub(super) fn of_line(line: u64, message: impl Into<String>, help: &str) -> Self {
        Self {
            file: String::new(),
            line,
            column: None,
            value: None,
            message: message.into(),
            help: (!help.is_empty()).then(|| help.to_owned()),
            text: String::new(),
            span: 0..0,
        }
    }
}

/// Text of the file as it may be shown: one line, short, nothing that moves a cursor.
pub(super) fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(8 * SHOWN)]);
    let mut shown = String::new();
    for (place, character) in text.chars().enumerate() {
        if place == SHOWN {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Faults as they are found: the first ones whole, the rest counted.
pub(super) struct Faults {
    file: String,
    most: usize,
    told: Vec<TraceFault>,
    untold: u64,
}

impl Faults {
    /// None yet; at most `most` (but always one) will be told.
    pub(super) fn new(file: &str, most: usize) -> Self {
        Self { file: file.to_owned(), most: most.max(1), told: Vec::new(), untold: 0 }
    }

    /// Adds a fault.
    pub(super) fn push(&mut self, fault: TraceFault) {
        self.push_row(|| fault);
    }

    /// Adds a fault that is put into words only if it will be told.
    pub(super) fn push_row(&mut self, fault: impl FnOnce() -> TraceFault) {
        if self.told.len() < self.most {
            self.told.push(TraceFault { file: self.file.clone(), ..fault() });
        } else {
            self.untold += 1;
        }
    }

    /// All that are told, and one that counts the others.
    pub(super) fn finish(mut self) -> Vec<TraceFault> {
        if self.untold > 0 {
            let message = match self.untold {
                1 => "there is at least 1 more fault".to_owned(),
                more => format!("there are at least {more} more faults"),
            };
            let rest = TraceFault::of_file(message, "");
            self.told.push(TraceFault { file: self.file, ..rest });
        }
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_short_and_without_control_characters() {
        assert_eq!(shown(b"\x1b[2Jx\t"), "\\u{1b}[2Jx\\t");
        let long = "é".repeat(2_000);
        assert_eq!(shown(long.as_bytes()).chars().count(), SHOWN + 1);
    }

    #[test]
    fn faults_beyond_the_most_are_counted() {
        let mut faults = Faults::new("t.csv", 2);
        for line in 1..=5 {
            faults.push(TraceFault::of_line(line, "bad", "good"));
        }
        let told: Vec<String> = faults.finish().iter().map(ToString::to_string).collect();
        assert_eq!(told, ["line 1: bad", "line 2: bad", "there are at least 3 more faults"]);
    }
}
