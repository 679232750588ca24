//! What is wrong with the value of an option, shown under what was typed.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::ops::Range;

/// Options whose values have parts that may be wrong each.
const OPTIONS: [&str; 5] = ["--vary", "--goal", "--with", "--metric", "--until-precision"];

/// A message about the value of an option, taken apart.
#[derive(PartialEq, Eq, Debug)]
struct Told<'a> {
    option: &'a str,
    typed: &'a str,
    why: &'a str,
    help: Option<&'a str>,
}

/// `message` as it is shown where it is about the value of an option: ``--vary `TYPED`: WHY; HELP``
/// or ``--goal: `TYPED` WHY; HELP``.
pub fn rendered(message: &str) -> Option<String> {
    let told = apart(message)?;
    let title = Level::ERROR.primary_title(told.why).id("option");
    let annotation = AnnotationKind::Primary.span(place(&told));
    let snippet = Snippet::source(told.typed).path(told.option).annotation(annotation);
    let group = Group::with_title(title).element(snippet);
    let group = match told.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    };
    Some(Renderer::styled().render(&[group]))
}

fn apart(message: &str) -> Option<Told<'_>> {
    let option = OPTIONS.into_iter().find(|option| message.starts_with(option))?;
    let rest = &message[option.len()..];
    let rest = rest.strip_prefix(" `").or_else(|| rest.strip_prefix(": `"))?;
    let (typed, rest) = rest.split_once('`')?;
    let rest = rest.strip_prefix(':').unwrap_or(rest).strip_prefix(' ')?;
    let is_one_line = !typed.is_empty() && !message.contains('\n');
    // A second sentence says what would be right.
    let (why, help) = match rest.split_once("; ") {
        Some((why, help)) => (why, Some(help)),
        None => (rest, None),
    };
    is_one_line.then_some(Told { option, typed, why, help })
}

/// Where in what was typed that is which the message quotes first; all of it where that is not plain.
fn place(told: &Told<'_>) -> Range<usize> {
    let all = 0..told.typed.len();
    let Some(part) = told.why.split('`').nth(1) else { return all };
    if part.is_empty() {
        // Something is missing, most likely at the end.
        return told.typed.len()..told.typed.len();
    }
    let is_word = |at: &usize| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        edge(told.typed[..*at].chars().next_back())
            && edge(told.typed[at + part.len()..].chars().next())
            || !part.starts_with(|c: char| c.is_alphanumeric())
    };
    let mut found = told.typed.match_indices(part).map(|(at, _)| at).filter(is_word);
    match (found.next(), found.next()) {
        (Some(at), None) => at..at + part.len(),
        (None, _) | (Some(_), Some(_)) => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(message: &str) -> (&str, &str) {
        let told = apart(message).expect("it is about an option");
        (told.why, &told.typed[place(&told)])
    }

    #[test]
    fn the_part_that_is_wrong_is_marked() {
        assert_eq!(
            marked("--vary `a.b=1..x:1`: `x` is no number; write path=a,b,c"),
            ("`x` is no number", "x")
        );
        assert_eq!(
            marked("--goal: `up >= 1 mostly` has `1 mostly` for a value, but no; a goal is"),
            ("has `1 mostly` for a value, but no", "1 mostly")
        );
        // What stands there twice is not guessed at, and what is missing has a place at the end.
        assert_eq!(marked("--vary `a=1,x,x`: `x` is no number").1, "a=1,x,x");
        assert_eq!(marked("--vary `a=1..`: `` is no number").1, "");
        assert_eq!(marked("--with `a.bc`: `a.bc` lacks a `=`; write").1, "a.bc");
    }

    #[test]
    fn other_messages_stay_as_they_are() {
        for message in
            ["--vary: too many", "cannot read `x`: no", "--run 7: there is none", "--vary ``: x"]
        {
            assert_eq!(apart(message), None, "{message}");
        }
    }
}
