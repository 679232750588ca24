//! JSON → tree: a small reader, because serde_json keeps no places.

use super::{
    fault::{Fault, Place, SourceId},
    tree::{DEEPEST, Entry, Node, Table, Value, shortened},
};
use std::collections::BTreeMap;

/// Reads `text`; the first fault of syntax ends the reading, faults that do not stop it (a key
/// given twice, a number out of range) are all added.
pub fn read(source: SourceId, text: &str, faults: &mut Vec<Fault>) -> Node {
    let mut reader = Reader { source, text, at: 0, faults };
    let read = reader.value(0).and_then(|node| {
        reader.blanks();
        if reader.at < text.len() {
            return Err(reader.wrong("the object has ended; nothing may follow it"));
        }
        Ok(node)
    });
    match read {
        Ok(node) => node,
        Err(fault) => {
            faults.push(fault);
            Node::new(source, 0..text.len(), Value::Table(Table::default()))
        }
    }
}

struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    at: usize,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    fn wrong(&self, message: &str) -> Fault {
        let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        let place = Place { source: self.source, span: self.at..self.at + length };
        Fault::at(&place, "syntax", message)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Skips `byte` and the blanks before it, if it is what comes next.
    fn take(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        self.blanks();
        let start = self.at;
        if depth > DEEPEST {
            return Err(self.wrong(&format!("values are nested more than {DEEPEST} deep")));
        }
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') if !self.text[self.at..].starts_with("-Inf") => {
                self.number()?
            }
            _ => self.word()?,
        };
        Ok(Node::new(self.source, start..self.at, value))
    }

    fn object(&mut self, depth: usize) -> Result<Value, Fault> {
        self.at += 1;
        let mut table = Table::default();
        let mut seen = BTreeMap::new();
        if self.take(b'}') {
            return Ok(Value::Table(table));
        }
        loop {
            self.blanks();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key in double quotes is missing here"));
            }
            let key = self.string()?;
            let key_at = Place { source: self.source, span: start..self.at };
            if !self.take(b':') {
                return Err(self.wrong("a `:` is missing between key and value"));
            }
            let node = self.value(depth + 1)?;
            if let Some(first) = seen.get(&key) {
                let message = format!("the key `{}` is given twice", shortened(&key));
                let fault = Fault::at(&key_at, "duplicate-key", message);
                self.faults.push(fault.label(first, "first here"));
            } else {
                seen.insert(key.clone(), key_at.clone());
                table.entries.push(Entry { key, key_at, node });
            }
            if self.take(b',') {
                continue;
            }
            if self.take(b'}') {
                return Ok(Value::Table(table));
            }
            return Err(self.wrong("a `,` or `}` is missing here"));
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Fault> {
        self.at += 1;
        let mut list = Vec::new();
        if self.take(b']') {
            return Ok(Value::List(list));
        }
        loop {
            list.push(self.value(depth + 1)?);
            if self.take(b',') {
                continue;
            }
            if self.take(b']') {
                return Ok(Value::List(list));
            }
            return Err(self.wrong("a `,` or `]` is missing here"));
        }
    }

    /// A text: its end is found here, what its escapes mean is left to serde_json.
    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(b'\n') | None => {
                    self.at = start;
                    return Err(self.wrong("this text has no closing double quote"));
                }
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_str(&self.text[start..self.at]).map_err(|_| {
            let place = Place { source: self.source, span: start..self.at };
            Fault::at(&place, "syntax", "this text has an escape or a character that JSON forbids")
        })
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        let place = Place { source: self.source, span: start..self.at };
        if serde_json::from_str::<serde_json::Number>(text).is_err() {
            let wrong = if text.parse::<f64>().is_ok_and(f64::is_infinite) {
                Fault::at(&place, "overflow", format!("the number {text} is too large"))
            } else {
                Fault::at(&place, "syntax", format!("`{text}` is no number"))
            };
            self.faults.push(wrong);
            return Ok(Value::Integer(0));
        }
        Ok(match text.parse::<i128>() {
            Ok(n) => Value::Integer(n),
            Err(_) => Value::Float(text.parse().unwrap_or(f64::NAN)),
        })
    }

    fn word(&mut self) -> Result<Value, Fault> {
        for (word, value) in [
            ("true", Value::Switch(true)),
            ("false", Value::Switch(false)),
            ("null", Value::Other("null")),
        ] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        let word = self.text[self.at..].split(|c: char| !c.is_alphanumeric() && c != '-');
        let word = word.into_iter().next().unwrap_or_default();
        let mut fault = match word {
            "" => return Err(self.wrong("a value is missing here")),
            "NaN" | "nan" | "Infinity" | "-Infinity" | "inf" => {
                self.wrong(&format!("`{word}` is no value: JSON has neither NaN nor Infinity"))
            }
            word => self
                .wrong(&format!("`{}` is no value", shortened(word)))
                .help("text stands in double quotes; words without are true and false"),
        };
        fault.labels[0].span.end = self.at + word.len();
        Err(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        read(SourceId(0), text, &mut faults);
        faults.into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn values_keep_their_places() {
        let mut faults = Vec::new();
        let node = read(SourceId(0), r#" {"a": {"b": [1, 2.5, "x\n", true]}}"#, &mut faults);
        assert!(faults.is_empty());
        let list = node.table().unwrap().get("a").unwrap().table().unwrap().get("b").unwrap();
        assert_eq!(list.at.span, 13..34);
        assert_eq!(list.list().unwrap()[2].value, Value::Text("x\n".into()));
    }

    #[test]
    fn faults_say_what_is_missing() {
        assert_eq!(faults(r#"{"a": 1, "a": 2}"#), ["the key `a` is given twice"]);
        assert_eq!(faults(r#"{"a" 1}"#), ["a `:` is missing between key and value"]);
        assert_eq!(faults(r#"{"a": "x"#), ["this text has no closing double quote"]);
        assert_eq!(faults(r#"{"a": "x\"#), ["this text has no closing double quote"]);
        assert_eq!(faults(r#"{"a": 1e400}"#), ["the number 1e400 is too large"]);
        assert_eq!(faults("{} x"), ["the object has ended; nothing may follow it"]);
        assert_eq!(faults(&"[".repeat(100_000)), ["values are nested more than 64 deep"]);
    }
}
