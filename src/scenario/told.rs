//! What a key takes, in words, and values as a scenario writes them: for the schema's descriptions
//! and the reference.

use super::{
    schema::Kind,
    tree::{Node, Value},
};

/// Of more words than these a list says only how many there are.
const FEW: usize = 6;

/// What a value of `kind` is: `length of time, as in "36h"`. Calls itself as deep as kinds are nested.
pub fn phrase(kind: &Kind) -> String {
    let plain = match kind {
        Kind::Text => "text",
        Kind::Name => "name",
        Kind::File => "path of a file",
        Kind::Switch => "true or false",
        Kind::Count { least, most } => return count(*least, *most),
        Kind::Whole => "whole number, also below zero",
        Kind::Percent => "whole percentage, as in \"60%\"",
        Kind::Amount => "number in the metric's unit, or text with a unit, as in \"5%\" or \"2h\"",
        Kind::Number { least, most } => return number(*least, *most),
        Kind::Span => "length of time, as in \"36h\"",
        Kind::Size => "size, as in \"384GiB\"",
        Kind::Bandwidth => "bandwidth, as in \"25Gbit/s\"",
        Kind::Probability => "probability: 0 to 1, or as in \"60%\"",
        Kind::Share => "share: 0 to 1, or as in \"60%\"",
        Kind::Percentage => "percentage, as in \"3%\"",
        Kind::Date => "date in UTC, as in \"2026-01-01T00:00:00Z\"",
        Kind::Moment => {
            "point of time: a length from the zero of the clock, as in \"2d\", or a date"
        }
        Kind::TimeOfDay => "time of day, as in \"02:00:00\"",
        Kind::Rate => "rate, as in \"2/year\"",
        Kind::Law => "law of lengths of time, as in \"20s..60s\"",
        Kind::Word(words) => return these(words),
        Kind::Table(_) | Kind::Tagged(_) => "table",
        Kind::Map(kind) => return format!("table of names, each with a {}", phrase(kind)),
        Kind::List(kind, _) => return format!("list, each a {}", phrase(kind)),
        Kind::Pairs(first, second) => {
            return format!("list of pairs [{}, {}]", phrase(first), phrase(second));
        }
        Kind::Either(kinds) => {
            return kinds.iter().map(phrase).collect::<Vec<_>>().join("; or ");
        }
    };
    plain.to_owned()
}

fn count(least: u64, most: u64) -> String {
    match most {
        1_000_000.. if least == 0 => "whole number".to_owned(),
        1_000_000.. => format!("whole number, at least {least}"),
        _ => format!("whole number, {least} to {most}"),
    }
}

fn number(least: f64, most: f64) -> String {
    // Bounds that only keep sums finite tell nobody anything.
    match most >= 1e6 {
        true if least <= 0.0 => "number, not below zero".to_owned(),
        true => format!("number, at least {least}"),
        false => format!("number, {least} to {most}"),
    }
}

fn these(words: &[(&str, &str)]) -> String {
    if words.len() > FEW {
        return format!("one of {} words", words.len());
    }
    words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(" or ")
}

/// `node` as TOML writes it on one line; `None` if it holds patterns, which are for names that a
/// scenario gives. Calls itself as deep as the node is nested.
pub fn written(node: &Node) -> Option<String> {
    Some(match &node.value {
        Value::Text(text) | Value::Date(text) => format!("{text:?}"),
        Value::Integer(n) => n.to_string(),
        Value::Float(x) => format!("{x:?}"),
        Value::Switch(on) => on.to_string(),
        Value::Other(_) => return None,
        Value::List(list) => {
            format!("[{}]", list.iter().map(written).collect::<Option<Vec<_>>>()?.join(", "))
        }
        Value::Table(table) => {
            let entry = |(key, node): (&str, &Node)| match key {
                "*" => None,
                _ => Some(format!("{key} = {}", written(node)?)),
            };
            let entries = table.entries.iter().map(|of| entry((of.key.as_str(), &of.node)));
            let entries = entries.collect::<Option<Vec<_>>>()?;
            if entries.is_empty() {
                return None;
            }
            format!("{{ {} }}", entries.join(", "))
        }
    })
}

/// What the schema and the reference show of `default` for a key of `kind`: nothing where tables
/// of their own show it key by key.
pub fn default_of(kind: &Kind, default: &Node) -> Option<String> {
    let is_table = default.table().is_some();
    let is_list = default.list().is_some();
    let shows_its_own = match kind {
        Kind::Table(_) | Kind::Tagged(_) | Kind::Map(_) => true,
        Kind::List(of, _) => is_list && matches!(of, Kind::Table(_) | Kind::Tagged(_)),
        Kind::Either(kinds) => is_table && kinds.iter().any(|kind| matches!(kind, Kind::Table(_))),
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
        | Kind::Pairs(..) => false,
    };
    if shows_its_own { None } else { written(default) }
}
