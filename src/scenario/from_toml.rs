//! TOML → tree, with all faults of syntax at once.

use super::{
    fault::{Fault, Place, SourceId},
    tree::{DEEPEST, Entry, Node, Table, Value, shortened},
};
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Reads `text`; faults of syntax are added to `faults`.
pub fn read(source: SourceId, text: &str, faults: &mut Vec<Fault>) -> Node {
    let (root, errors) = DeTable::parse_recoverable(text);
    let reader = &mut Reader { source, faults };
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let fault = match error.message() {
            "duplicate key" => {
                let key = shortened(text.get(span.clone()).unwrap_or_default());
                let message = format!("the key `{key}` is given twice");
                Fault::at(&Place { source, span }, "duplicate-key", message)
            }
            message if message.starts_with("invalid boolean") => {
                let place = Place { source, span: word_at(text, span.start) };
                let word = shortened(&text[place.span.clone()]);
                Fault::at(&place, "syntax", format!("`{word}` is no value"))
                    .help("text stands in double quotes; words without are true and false")
            }
            message => {
                let message = message.trim_end_matches('.').replace('\n', ", ");
                Fault::at(&Place { source, span }, "syntax", message)
            }
        };
        reader.faults.push(fault);
    }
    let table = reader.table(root.get_ref(), 0);
    // The whole file as a place is its first line: nobody wants all of it underlined.
    Node::new(source, 0..0, Value::Table(table))
}

/// The whole word that a byte of `text` belongs to.
fn word_at(text: &str, at: usize) -> Range<usize> {
    let is_end = |c: char| !c.is_alphanumeric() && !"_-./".contains(c);
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = text[..at]
        .rfind(is_end)
        .map_or(0, |end| end + text[end..].chars().next().map_or(0, char::len_utf8));
    let end = text[at..].find(is_end).map_or(text.len(), |length| at + length);
    start..end
}

struct Reader<'a> {
    source: SourceId,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    fn node(&mut self, value: &Spanned<DeValue<'_>>, depth: usize) -> Node {
        let span = value.span();
        let place = Place { source: self.source, span: span.clone() };
        if depth > DEEPEST {
            let message = format!("values are nested more than {DEEPEST} deep");
            self.faults.push(Fault::at(&place, "too-deep", message));
            return Node { at: place, value: Value::Other("too deep value") };
        }
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(n) => match i128::from_str_radix(n.as_str(), n.radix()) {
                Ok(n) => Value::Integer(n),
                Err(_) => self.too_large(&place, n.as_str()),
            },
            DeValue::Float(x) => match x.as_str().parse::<f64>() {
                Ok(number) if number.is_infinite() && !x.as_str().contains("inf") => {
                    self.too_large(&place, x.as_str())
                }
                Ok(number) => Value::Float(number),
                Err(_) => Value::Float(f64::NAN),
            },
            DeValue::Boolean(on) => Value::Switch(*on),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            DeValue::Array(list) => {
                Value::List(list.iter().map(|node| self.node(node, depth + 1)).collect())
            }
            DeValue::Table(table) => Value::Table(self.table(table, depth)),
        };
        Node::new(self.source, span, value)
    }

    fn table(&mut self, table: &DeTable<'_>, depth: usize) -> Table {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                key_at: Place { source: self.source, span: key.span() },
                node: self.node(value, depth + 1),
            })
            .collect();
        // The parser keeps its tables by name; the file's own order is that of the places.
        entries.sort_by_key(|entry| entry.key_at.span.start);
        Table { entries }
    }

    fn too_large(&mut self, place: &Place, text: &str) -> Value {
        self.faults.push(Fault::at(place, "overflow", format!("the number {text} is too large")));
        Value::Integer(0)
    }
}
