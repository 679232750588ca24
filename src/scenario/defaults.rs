//! The defaults: a scenario of patterns that is laid under every scenario.

use super::{
    check::has_form,
    fault::{Fault, Place, SourceId},
    from_toml,
    keys::FILE,
    schema::{Kind, Shape},
    tree::{Entry, Node, Table, Value},
};
use std::collections::BTreeMap;

/// The defaults as they are documented.
pub const TEXT: &str = include_str!("defaults.toml");

/// The entry of a table of names that is laid under all others.
const EVERY: &str = "*";

/// The whole file as a kind.
pub const WHOLE: Kind = Kind::Table(&FILE);

/// The tree of the defaults, as text `source`.
///
/// # Panics
/// If the defaults are no TOML: they are part of the program and tested.
pub fn tree(source: SourceId) -> Node {
    let mut faults: Vec<Fault> = Vec::new();
    let tree = from_toml::read(source, TEXT, &mut faults);
    assert!(faults.is_empty(), "the defaults are TOML");
    tree
}

/// Where each default comes from: by its path without patterns (`server_models.crash.afr`), what
/// stands behind it in the file. What stands behind a table on one line is for all that is in it.
pub fn sources() -> BTreeMap<String, &'static str> {
    let (mut found, mut section) = (BTreeMap::new(), String::new());
    for line in TEXT.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            let path = line.split(']').next().unwrap_or_default().trim_start_matches('[');
            section = path.replace(".\"*\"", "") + ".";
        } else if let Some((key, rest)) = line.split_once(" = ")
            && !line.starts_with('#')
        {
            let source = rest.split_once("# ").map_or("", |(_, source)| source.trim());
            found.insert(format!("{section}{key}"), source);
        }
    }
    found
}

/// `node` with `default` laid under it, as far as its form is right. Calls itself as deep as
/// kinds are nested.
pub fn lay_under(kind: &Kind, node: Node, default: &Node) -> Node {
    let at = node.at.clone();
    let value = match (kind, node.value) {
        (Kind::Table(shape), Value::Table(table)) => {
            Value::Table(under_table(shape, (table, &at), default))
        }
        (Kind::Tagged(kinds), Value::Table(table)) => Value::Table(match kinds.form_of(&table) {
            Some(shape) => under_table(shape, (table, &at), default),
            None => table,
        }),
        (Kind::Map(kind), Value::Table(table)) => Value::Table(under_map(kind, table, default)),
        (Kind::List(kind, _), Value::List(list))
            if matches!(kind, Kind::Table(_) | Kind::Tagged(_)) =>
        {
            let pattern = default.list().and_then(|list| list.first());
            let under = |node| match pattern {
                Some(pattern) => lay_under(kind, node, pattern),
                None => node,
            };
            Value::List(list.into_iter().map(under).collect())
        }
        (Kind::Either(kinds), value) => {
            let node = Node { at, value };
            let fits = |kind: &&Kind| {
                has_form(kind, &node) && matches!(kind, Kind::Table(_) | Kind::List(..))
            };
            return match kinds.iter().find(fits) {
                Some(kind) => lay_under(kind, node, default),
                None => node,
            };
        }
        (_, value) => value,
    };
    Node { at, value }
}

/// The default that is laid under a table only where a scenario has it: its one entry is for every
/// such table.
pub fn where_there_is_one(default: &Node) -> Option<&Node> {
    default.table().filter(|table| table.entries.len() == 1).and_then(|table| table.get(EVERY))
}

/// The table that stands at `at` with its defaults.
fn under_table(shape: &Shape, (mut table, at): (Table, &Place), default: &Node) -> Table {
    let default = where_there_is_one(default).unwrap_or(default);
    let Some(defaults) = default.table() else { return table };
    for key in shape.keys {
        let Some(default) = defaults.entry(key.name) else { continue };
        if let Some(index) = table.entries.iter().position(|entry| entry.key == key.name) {
            let entry = table.entries[index].clone();
            let node = lay_under(&key.kind, entry.node, &default.node);
            table.entries[index] = Entry { node, ..entry };
        } else if shape.rivals(key.name).all(|rival| table.get(rival).is_none())
            && let Some(node) = concrete(&key.kind, &default.node, at)
        {
            table.entries.push(Entry { node, ..default.clone() });
        }
    }
    table
}

fn under_map(kind: &Kind, mut table: Table, default: &Node) -> Table {
    let Some(defaults) = default.table() else { return table };
    for entry in defaults.entries.iter().filter(|entry| entry.key != EVERY) {
        if table.get(&entry.key).is_none() {
            table.entries.push(entry.clone());
        }
    }
    let Some(every) = defaults.get(EVERY) else { return table };
    let under = |entry: Entry| Entry { node: lay_under(kind, entry.node.clone(), every), ..entry };
    Table { entries: table.entries.into_iter().map(under).collect() }
}

/// What a default amounts to where nothing is written: patterns amount to nothing. A table that is
/// made so stands `at` the table that holds it, in the user's own file: there a key that it lacks
/// is missing.
fn concrete(kind: &Kind, default: &Node, at: &Place) -> Option<Node> {
    let table = Node { at: at.clone(), value: Value::Table(Table::default()) };
    match kind {
        Kind::Table(_) if where_there_is_one(default).is_some() => None,
        Kind::Table(_) => Some(lay_under(kind, table, default)),
        Kind::Map(_) => {
            let node = lay_under(kind, table, default);
            node.table().is_some_and(|table| !table.entries.is_empty()).then_some(node)
        }
        Kind::List(Kind::Table(_) | Kind::Tagged(_), _) | Kind::Tagged(_) => None,
        Kind::Text
        | Kind::Name
        | Kind::File
        | Kind::Switch
        | Kind::Count { .. }
        | Kind::Whole
        | Kind::Percent
        | Kind::Amount
        | Kind::Number { .. }
        | Kind::Span
        | Kind::Size
        | Kind::Bandwidth
        | Kind::Probability
        | Kind::Share
        | Kind::Percentage
        | Kind::Date
        | Kind::Moment
        | Kind::TimeOfDay
        | Kind::Rate
        | Kind::Law
        | Kind::Word(_)
        | Kind::List(..)
        | Kind::Pairs(..)
        | Kind::Either(_) => Some(default.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::check::check;

    /// Every default is right by itself: patterns are checked as if they were written.
    #[test]
    fn defaults_are_right() {
        fn right(kind: &Kind, node: &Node, path: &str) {
            match (kind, &node.value) {
                (Kind::Table(_), _) if where_there_is_one(node).is_some() => {
                    right(kind, where_there_is_one(node).unwrap(), path);
                }
                (Kind::Table(shape), Value::Table(table)) => {
                    for entry in &table.entries {
                        let key = shape.key(&entry.key);
                        let key = key.unwrap_or_else(|| panic!("{path}.{} is no key", entry.key));
                        right(&key.kind, &entry.node, &format!("{path}.{}", entry.key));
                    }
                }
                (Kind::Tagged(kinds), Value::Table(table)) => {
                    for entry in &table.entries {
                        let keys = kinds.forms.iter().filter_map(|(_, form)| form.key(&entry.key));
                        assert!(keys.clone().count() > 0, "{path}.{} is no key", entry.key);
                        keys.for_each(|key| right(&key.kind, &entry.node, key.name));
                    }
                }
                (Kind::Map(kind), Value::Table(table)) => {
                    table.entries.iter().for_each(|entry| right(kind, &entry.node, &entry.key));
                }
                (Kind::List(kind, _), Value::List(list)) => {
                    list.iter().for_each(|node| right(kind, node, path));
                }
                (Kind::Either(kinds), Value::Table(_)) => {
                    let table = kinds.iter().find(|kind| matches!(kind, Kind::Table(_)));
                    right(table.expect("a form for a table"), node, path);
                }
                (kind, _) => {
                    let mut faults = Vec::new();
                    check(kind, node, path, &mut faults);
                    assert!(faults.is_empty(), "{faults:?}");
                }
            }
        }
        right(&WHOLE, &tree(SourceId(0)), "");
    }

    #[test]
    fn every_default_names_its_source() {
        let sources = sources();
        assert!(sources.len() > 250, "{} were found", sources.len());
        for (path, source) in sources {
            let known = ["spec", "choice", "documented", "the documented", "as "];
            assert!(known.iter().any(|word| source.starts_with(word)), "{path}: {source:?}");
        }
    }

    #[test]
    fn what_is_written_wins_and_excludes_its_rivals() {
        let text = "[server_models.m]\ncrash = { rate = \"1/year\" }\n[server_models.n]\n\
                    crash = \"never\"\n";
        let written = from_toml::read(SourceId(1), text, &mut Vec::new());
        let node = lay_under(&WHOLE, written, &tree(SourceId(0)));
        let models = node.table().unwrap().get("server_models").unwrap().table().unwrap();
        let crash = models.get("m").unwrap().table().unwrap().get("crash").unwrap();
        let keys: Vec<&str> =
            crash.table().unwrap().entries.iter().map(|entry| entry.key.as_str()).collect();
        let expected =
            ["rate", "restarts_itself", "restart", "repair", "repair_restores", "age_at_start"];
        assert_eq!(keys, expected);
        let crash = models.get("n").unwrap().table().unwrap().get("crash").unwrap();
        assert_eq!(crash.text(), Some("never"));
        let policies = node.table().unwrap().get("policies").unwrap().table().unwrap();
        assert!(policies.get("customers").unwrap().table().unwrap().get("default").is_some());
    }
}
