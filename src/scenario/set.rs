//! `--set path=value`: dotted keys with quoting, elements of lists by `[n]` or `[name]`.

use super::{
    fault::{Fault, Place, SourceId, known_names},
    from_toml,
    tree::{DEEPEST, Entry, Node, Table, Value, shortened},
};
use std::ops::Range;

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Into a table.
    Key(String),
    /// Into a list: by number from 0, or by the `name` of an element.
    Element(String),
}

/// Sets what `text` (the whole of `path=value`) says.
///
/// # Errors
/// A path that cannot be read, or that names an element that is not there.
pub fn apply(root: &mut Node, source: SourceId, text: &str) -> Result<(), Fault> {
    let (path, value_at) = steps(text).map_err(|(wrong, span)| {
        let place = Place { source, span };
        Fault::at(&place, "option", format!("`{}`: {wrong}", shortened(text))).help(
            "write --set path=value, as in --set scenario.seed=7 or --set 'servers[0].count=9'",
        )
    })?;
    let value = value(source, text, value_at);
    let mut node = root;
    for (step, span) in path {
        let place = Place { source, span };
        node = match step {
            Step::Key(key) => child(node, key, &place)?,
            Step::Element(selector) => element(node, &selector, &place)?,
        };
    }
    *node = value;
    Ok(())
}

/// The steps of `path`, alone.
///
/// # Errors
/// Why it is no path.
pub fn path(path: &str) -> Result<Vec<Step>, String> {
    let text = format!("{path}=");
    match steps(&text).map_err(|(wrong, _)| wrong)? {
        (steps, end) if end == text.len() => Ok(steps.into_iter().map(|(step, _)| step).collect()),
        _ => Err("`=` may not stand in a path".to_owned()),
    }
}

/// A step, and where it stands in what was typed.
type Placed = (Step, Range<usize>);

/// The path, and where the value begins; else what is wrong, and where.
fn steps(text: &str) -> Result<(Vec<Placed>, usize), (String, Range<usize>)> {
    let mut steps: Vec<Placed> = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let wrong = |why: &str| (why.to_owned(), at..text.len());
        let first = rest.chars().next().ok_or_else(|| wrong("a `=` is missing"))?;
        let (step, length) = match first {
            '[' if !steps.is_empty() => {
                let end = rest.find(']').ok_or_else(|| wrong("a `]` is missing"))?;
                let selector = rest[1..end].trim_matches(['"', '\'']).to_owned();
                (Step::Element(selector), end + 1)
            }
            '"' | '\'' => {
                let end =
                    rest[1..].find(first).ok_or_else(|| wrong("a closing quote is missing"))?;
                (Step::Key(rest[1..=end].to_owned()), end + 2)
            }
            _ => {
                let bare = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
                let end = rest.find(|c| !bare(c)).unwrap_or(rest.len());
                if end == 0 {
                    return Err(("a key is missing".to_owned(), at..at + first.len_utf8()));
                }
                (Step::Key(rest[..end].to_owned()), end)
            }
        };
        steps.push((step, at..at + length));
        if steps.len() >= DEEPEST {
            return Err((format!("the path has more than {DEEPEST} steps"), 0..text.len()));
        }
        at += length;
        match text[at..].chars().next() {
            Some('=') => return Ok((steps, at + 1)),
            Some('.') => at += 1,
            Some('[') => {}
            Some(other) => {
                let why = format!("`{other}` may not stand in a path");
                return Err((why, at..at + other.len_utf8()));
            }
            None => return Err(("a `=` is missing".to_owned(), at..at)),
        }
    }
}

/// The value that begins at byte `from` of `text`: read as TOML, else as the text itself.
fn value(source: SourceId, text: &str, from: usize) -> Node {
    const KEY: &str = "v = ";
    let written = &text[from..];
    let mut faults = Vec::new();
    let line = format!("{KEY}{written}");
    let read = from_toml::read(source, &line, &mut faults);
    let mut entries = read.table().map_or(&[][..], |table| &table.entries).iter();
    if let (true, Some(entry), None) = (faults.is_empty(), entries.next(), entries.next()) {
        let mut node = entry.node.clone();
        shift(&mut node, from, KEY.len());
        return node;
    }
    Node::new(source, from..text.len(), Value::Text(written.to_owned()))
}

/// Moves all places of a value from the line it was read in to the option it was given in.
fn shift(node: &mut Node, from: usize, key: usize) {
    let moved = |place: &mut Place| {
        place.span = place.span.start + from - key..place.span.end + from - key;
    };
    moved(&mut node.at);
    match &mut node.value {
        Value::List(list) => list.iter_mut().for_each(|node| shift(node, from, key)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                moved(&mut entry.key_at);
                shift(&mut entry.node, from, key);
            }
        }
        Value::Text(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Switch(_)
        | Value::Date(_)
        | Value::Other(_) => {}
    }
}

/// The value of `key`, made where there is none; what is a single value becomes a table.
fn child<'a>(node: &'a mut Node, key: String, place: &Place) -> Result<&'a mut Node, Fault> {
    if let Some(list) = node.list() {
        let named = list.first().and_then(name_of).map(|name| format!(" or [{name}]"));
        let message = format!("`{}` is a key of a table, but there stands a list", shortened(&key));
        let named = named.unwrap_or_default();
        let help = format!("pick an element of the list first, as in [0]{named}");
        return Err(Fault::at(place, "option", message).help(help));
    }
    if node.table().is_none() {
        *node = Node { at: place.clone(), value: Value::Table(Table::default()) };
    }
    let Value::Table(table) = &mut node.value else {
        unreachable!("what was no table has just become one");
    };
    let index = table.entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        let node = Node { at: place.clone(), value: Value::Table(Table::default()) };
        table.entries.push(Entry { key, key_at: place.clone(), node });
        table.entries.len() - 1
    });
    Ok(&mut table.entries[index].node)
}

/// The name of an element of a list.
pub fn name_of(node: &Node) -> Option<String> {
    Some(node.table()?.get("name")?.text()?.to_owned())
}

fn element<'a>(node: &'a mut Node, selector: &str, place: &Place) -> Result<&'a mut Node, Fault> {
    let Value::List(list) = &mut node.value else {
        let message = format!("`[{selector}]` picks from a list, but there is none");
        return Err(Fault::at(place, "option", message));
    };
    let index = match selector.parse::<usize>() {
        Ok(index) => Some(index).filter(|index| *index < list.len()),
        Err(_) => list.iter().position(|node| name_of(node).as_deref() == Some(selector)),
    };
    match index {
        Some(index) => Ok(&mut list[index]),
        None => {
            let names: Vec<String> = list.iter().filter_map(name_of).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let message = format!("the list has no element `{selector}`");
            let elements = if list.len() == 1 { "element" } else { "elements" };
            let by_name = match (selector.parse::<usize>(), names.is_empty()) {
                (_, true) => String::new(),
                (Ok(_), false) => format!("; by name: {}", names.join(", ")),
                (Err(_), false) => format!("; {}", known_names(selector, &names)),
            };
            let help = format!("it has {} {elements}, counted from 0{by_name}", list.len());
            Err(Fault::at(place, "option", message).help(help))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(base: &str, option: &str) -> Result<Node, String> {
        let mut root = from_toml::read(SourceId(0), base, &mut Vec::new());
        apply(&mut root, SourceId(1), option).map(|()| root).map_err(|fault| fault.message)
    }

    fn get(node: &Node, path: &[&str]) -> Value {
        let mut node = node.clone();
        for key in path {
            node = node.table().unwrap().get(key).unwrap().clone();
        }
        node.value
    }

    #[test]
    fn values_are_toml_or_else_text() {
        let root = set("", "a.b=36h").unwrap();
        assert_eq!(get(&root, &["a", "b"]), Value::Text("36h".into()));
        let root = set("", "a.\"x.y\"=7").unwrap();
        assert_eq!(get(&root, &["a", "x.y"]), Value::Integer(7));
        let root = set("a = \"never\"", "a.b = \"x\"");
        assert_eq!(root.unwrap_err(), "`a.b = \"x\"`: ` ` may not stand in a path");
        let root = set("a = \"never\"", "a.b=\"x=y\"").unwrap();
        assert_eq!(get(&root, &["a", "b"]), Value::Text("x=y".into()));
        let root = set("", "a=1\nb=2").unwrap();
        assert_eq!(get(&root, &["a"]), Value::Text("1\nb=2".into()));
    }

    #[test]
    fn elements_are_picked_by_number_or_name() {
        let base = "[[s]]\nname = \"x\"\n[[s]]\nname = \"y\"\n";
        for option in ["s[1].n=3", "s[y].n=3", "s[\"y\"].n=3"] {
            let root = set(base, option).unwrap();
            let Value::List(list) = get(&root, &["s"]) else { panic!("a list") };
            assert_eq!(get(&list[1], &["n"]), Value::Integer(3));
        }
        assert_eq!(set(base, "s[z].n=3").unwrap_err(), "the list has no element `z`");
        assert_eq!(set(base, "s[2].n=3").unwrap_err(), "the list has no element `2`");
        assert_eq!(set("", "s[0]=1").unwrap_err(), "`[0]` picks from a list, but there is none");
    }

    #[test]
    fn places_point_into_the_option() {
        let root = set("", "a.b=[1, 22]").unwrap();
        let list = root.table().unwrap().get("a").unwrap().table().unwrap().get("b").unwrap();
        assert_eq!(list.list().unwrap()[1].at.span, 8..10);
    }

    #[test]
    fn broken_paths_are_faults() {
        for option in ["", "=1", "a", "a.", "a..b=1", "a[1=2", "[0]=1", "\"a=1"] {
            assert!(set("", option).is_err(), "{option}");
        }
    }
}
