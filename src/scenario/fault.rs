//! What the user got wrong, with its place: all faults of a scenario at once.

use std::{fmt, ops::Range};

/// Name of the texts that are options of the command line.
pub(super) const OPTION: &str = "--set";

/// Most faults that are told at once.
const MOST_TOLD: usize = 100;

/// One of the texts that a scenario was read from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SourceId(pub(super) u32);

impl SourceId {
    /// Its place in [`Faults::sources`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A text that a scenario was read from: a file, or an option of the command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceText {
    /// Name as the user knows it.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A place in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Which text.
    pub source: SourceId,
    /// Which bytes of it.
    pub span: Range<usize>,
}

/// A place in a text and what is to be said about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Which text.
    pub source: SourceId,
    /// Which bytes of it.
    pub span: Range<usize>,
    /// What is to be said; may be empty.
    pub text: String,
}

/// One fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Stable name of the kind of fault, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where; the first label is the main one. Empty where no text is to blame.
    pub labels: Vec<Label>,
    /// What would be right.
    pub help: Option<String>,
}

impl Fault {
    /// A fault at a place.
    pub(super) fn at(place: &Place, code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), labels: Vec::new(), help: None }.label(place, "")
    }

    /// The same fault with what would be right.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same fault with one more place.
    pub(super) fn label(mut self, place: &Place, text: impl Into<String>) -> Self {
        let text = text.into();
        self.labels.push(Label { source: place.source, span: place.span.clone(), text });
        self
    }
}

/// Everything that is wrong with a scenario, with the texts that it points into.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faults {
    /// The texts, by [`SourceId`].
    pub sources: Vec<SourceText>,
    /// The faults, in order of their places; never empty.
    pub list: Vec<Fault>,
}

impl Faults {
    /// Orders faults by place; those without a place come last.
    pub(super) fn new(sources: Vec<SourceText>, mut list: Vec<Fault>) -> Self {
        assert!(!list.is_empty(), "faults are only made where something is wrong");
        list.sort_by_key(|fault| {
            fault.labels.first().map_or((1, 0, 0), |label| (0, label.source.0, label.span.start))
        });
        list.dedup();
        if list.len() > MOST_TOLD {
            let more = list.len() - MOST_TOLD;
            list.truncate(MOST_TOLD);
            let message = format!("{more} more faults are not shown");
            list.push(Fault { code: "more", message, labels: Vec::new(), help: None });
        }
        Self { sources, list }
    }

    /// Where a label points: name of the text, line and column, both counted from 1 (columns in
    /// characters).
    pub fn position(&self, label: &Label) -> (&str, usize, usize) {
        let source = &self.sources[label.source.index()];
        let mut start = label.span.start.min(source.text.len());
        while !source.text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &source.text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        (&source.name, line, column)
    }
}

impl fmt::Display for Faults {
    /// A line for each fault, `file:line:col: message` or `--set path=value: message`, and one for
    /// what would be right.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.list.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            if let Some(label) = fault.labels.first() {
                match self.position(label) {
                    (OPTION, ..) => {
                        write!(f, "{OPTION} {}: ", self.sources[label.source.index()].text)?;
                    }
                    (name, line, column) => write!(f, "{name}:{line}:{column}: ")?,
                }
            }
            write!(f, "{}", fault.message)?;
            let first = fault.labels.first().map(|label| label.source);
            let told = |label: &&Label| Some(label.source) == first && !label.text.is_empty();
            for label in fault.labels.iter().filter(told) {
                let (name, line, column) = self.position(label);
                write!(f, "\n    {name}:{line}:{column}: {}", label.text)?;
            }
            if let Some(help) = &fault.help {
                write!(f, "\n    {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The known name that a wrong one most likely stands for: at most a third of it mistyped.
pub(super) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = wrong.chars().count() / 3 + 1;
    known
        .into_iter()
        .map(|name| {
            (strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase()), name)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `help` for a wrong name: the nearest known one, and all of them where they are few.
pub(super) fn known_names(wrong: &str, known: &[&str]) -> String {
    let all = if known.is_empty() {
        "there is none".to_owned()
    } else if known.len() <= 15 {
        format!("known: {}", known.join(", "))
    } else {
        format!("{} are known", known.len())
    };
    match nearest(wrong, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`? ({all})"),
        None => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns_of_characters() {
        let sources =
            vec![SourceText { name: "a.toml".into(), text: "x = 1\ny = \"é\" z".into() }];
        let place = Place { source: SourceId(0), span: 14..15 };
        let faults = Faults::new(sources, vec![Fault::at(&place, "x", "wrong").help("right")]);
        assert_eq!(faults.to_string(), "a.toml:2:8: wrong\n    right");
    }

    #[test]
    fn the_nearest_name_is_close_or_none() {
        assert_eq!(nearest("horizn", ["seed", "horizon"]), Some("horizon"));
        assert_eq!(nearest("colour", ["seed", "horizon"]), None);
    }
}
