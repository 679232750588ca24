//! Recorded notifications: JSON lines, objects one behind the other, an array of them, or a text
//! with such objects in it, as the cloud's pages are.
//!
//! Real recordings and published samples are read with their quirks: where a name and the content
//! disagree, the content is right (C19).

use super::{
    Notification,
    fields::{Fields, Wrong},
    understand::notification,
};
use crate::scenario::fault::{Fault, Faults, Place, SourceId, SourceText};
use serde_json::{Map, Value};
use std::ops::Range;

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recording {
    /// The notifications, in the order of the file.
    pub notifications: Vec<Notification>,
    /// Objects in a text that are no notifications (count).
    pub others: usize,
}

/// Reads the file called `name` with these bytes.
///
/// # Errors
/// Everything that is wrong with it, with its places.
pub fn read(name: &str, bytes: &[u8]) -> Result<Recording, Faults> {
    let mut faults = Vec::new();
    let (text, bad) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let good = &bytes[..error.valid_up_to()];
            let text = std::str::from_utf8(good).expect("bytes up to the first fault are UTF-8");
            (text, Some(error.valid_up_to()))
        }
    };
    let mut recording = Recording::default();
    match bad {
        Some(offset) => {
            let message = format!("byte {offset} of the file is not UTF-8");
            faults.push(at(offset..offset, "not-utf-8", message).help("save the file as UTF-8"));
        }
        None => objects(text, &mut recording, &mut faults),
    }
    if faults.is_empty() && recording.notifications.is_empty() {
        let message = "the file holds no notifications";
        let help = "a notification is a JSON object with `name`, `eventTime` and `content`";
        faults.push(at(0..0, "empty", message).help(help));
    }
    if faults.is_empty() {
        return Ok(recording);
    }
    let source = SourceText { name: name.to_owned(), text: text.to_owned() };
    Err(Faults::new(vec![source], faults))
}

/// A fault at these bytes of the file.
fn at(span: Range<usize>, code: &'static str, message: impl Into<String>) -> Fault {
    Fault::at(&Place { source: SourceId(0), span }, code, message)
}

/// Goes through the objects of a text. One that begins as JSON is JSON throughout; in any other,
/// objects begin with a brace and a quotation mark.
fn objects(text: &str, recording: &mut Recording, faults: &mut Vec<Fault>) {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let is_json = start.starts_with(['{', '[']);
    let mut from = text.len() - start.len();
    while let Some(next) = text[from..].find('{') {
        if is_json && let Some(stray) = stray(text, from..from + next) {
            let message = "this is no notification";
            faults.push(at(stray, "stray", message).help("a notification is a JSON object"));
        }
        let begin = from + next;
        if !is_json && !text[begin + 1..].trim_start().starts_with('"') {
            from = begin + 1;
            continue;
        }
        let mut values = serde_json::Deserializer::from_str(&text[begin..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(Value::Object(object))) => {
                from = begin + values.byte_offset();
                take(&object, (text, begin..from), is_json, (recording, faults));
            }
            Some(Err(error)) => {
                let offset = begin + offset(&text[begin..], error.line(), error.column());
                faults.push(at(offset..offset, "not-json", told(&error)));
                // The next line that begins an object is read for what else is wrong.
                let after = text[begin + 1..].find("\n{");
                from = after.map_or(text.len(), |after| begin + 1 + after + 1);
            }
            Some(Ok(_)) | None => from = begin + 1,
        }
    }
    if is_json && let Some(stray) = stray(text, from..text.len()) {
        faults.push(at(stray, "stray", "this is no notification"));
    }
}

/// Where between objects something stands that is neither blank nor belongs to a list.
fn stray(text: &str, between: Range<usize>) -> Option<Range<usize>> {
    let belongs = |c: char| c.is_whitespace() || ",[]\u{feff}".contains(c);
    let first = text[between.clone()].find(|c| !belongs(c))?;
    let begin = between.start + first;
    let rest = &text[begin..between.end];
    Some(begin..begin + rest.find('\n').unwrap_or(rest.len()))
}

/// What a reader of JSON found wrong, without its own words for the place.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    format!("this is not JSON: {what}")
}

/// The byte at a line and column, both from 1, of a text.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut offset = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Adds the notification that `object` is. In a text an object may be anything.
fn take(
    object: &Map<String, Value>,
    (text, span): (&str, Range<usize>),
    is_json: bool,
    (recording, faults): (&mut Recording, &mut Vec<Fault>),
) {
    let fields = Fields::of(object);
    if !is_json && fields.get("name").is_none() && fields.get("content").is_none() {
        recording.others += 1;
        return;
    }
    match notification(fields) {
        Ok(notification) => recording.notifications.push(notification),
        Err(Wrong { key, message, help }) => {
            let quoted = format!("\"{key}\"");
            let place = text[span.clone()].find(&quoted).map(|found| span.start + found);
            let place = place.map_or(span.start..span.start + 1, |from| from..from + quoted.len());
            faults.push(at(place, "notification", message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = r#"{"name": "Instance:StateChange", "eventTime": "20190409T121826.922+0800",
        "content": {"resourceId": "i-1", "state": "Running"}}"#;

    fn faults(text: &str) -> String {
        read("x.jsonl", text.as_bytes()).expect_err("it is wrong").to_string()
    }

    fn count(text: &str) -> usize {
        read("x.jsonl", text.as_bytes()).unwrap().notifications.len()
    }

    #[test]
    fn lines_arrays_and_texts_hold_notifications() {
        assert_eq!(count(&format!("{STATE}\n{STATE}\n")), 2);
        assert_eq!(count(&format!("\u{feff}{STATE}{STATE}")), 2);
        assert_eq!(count(&format!("[{STATE},\n{STATE}]")), 2);
        assert_eq!(count(&format!("A sample {{of one}}: {STATE} and then {STATE}.")), 2);
        let text = format!("See {{\"x\": 1}} and {STATE}");
        assert_eq!(read("x", text.as_bytes()).unwrap().others, 1);
    }

    #[test]
    fn faults_have_their_lines() {
        assert_eq!(
            faults(&format!("{STATE}\n{{\"name\": }}\n{STATE}\nx\n{{\"name\": 1}}\n")),
            "x.jsonl:3:10: this is not JSON: expected value\n\
             x.jsonl:6:1: this is no notification\n    a notification is a JSON object\n\
             x.jsonl:7:2: `name` is not a text\n    put it in quotation marks"
        );
        assert!(faults("").starts_with("x.jsonl:1:1: the file holds no notifications"));
        assert!(faults("[]").contains("holds no notifications"));
        assert!(faults("[1, 2]").contains("x.jsonl:1:2: this is no notification"));
        assert!(faults(&STATE[..60]).contains("this is not JSON: EOF while parsing"));
        let bad = read("x", b"{\"name\": \"\xff\"}").expect_err("it is not UTF-8");
        assert_eq!(
            bad.to_string(),
            "x:1:11: byte 10 of the file is not UTF-8\n    save the file as UTF-8"
        );
    }

    #[test]
    fn values_that_are_not_understood_are_told_where_they_stand() {
        let with = |from: &str, to: &str| faults(&STATE.replace(from, to));
        assert!(with("Running", "Resting").starts_with(
            "x.jsonl:2:42: `state` has the unknown value `Resting`\n    known: Created, "
        ));
        assert!(
            with("20190409T", "yesterday T").contains("1:34: `eventTime` is no time: `yesterday T")
        );
        assert!(with("i-1", "i-1\\u001b[0m").contains("`resourceId` is no id"));
        assert!(with("\"content\"", "\"contents\"").contains("without an object `content`"));
        assert!(with("\"eventTime\"", "\"time\"").contains("a notification without `eventTime`"));
    }
}
