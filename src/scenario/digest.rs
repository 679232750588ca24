//! The digest of a scenario: what it says, not how it is written.
//!
//! It covers the merged tree (defaults included, keys sorted) and the bytes of input files. Left
//! out are `question`, `seed` and `runs`, which stand beside the digest in every result, the
//! path of a trace, whose content counts instead, and what `check` demands, which changes no run. Comments, order of keys, line ends and the way
//! a scenario is split into files do not matter; order in lists does.

use super::tree::{Node, Table, Value};

/// Where the digest's input says what.
const LEFT_OUT: [&str; 7] = [
    "/scenario/question",
    "/scenario/seed",
    "/scenario/runs",
    "/workload/trace",
    "/gates",
    "/check",
    "/$schema",
];

/// BLAKE3 in lower-case hex over `tree` and the digests of input files, in their order.
pub fn digest(tree: &Node, inputs: &[String]) -> String {
    let mut hasher = blake3::Hasher::new();
    write(tree, "", &mut hasher);
    for input in inputs {
        text('f', input, &mut hasher);
    }
    hasher.finalize().to_hex().to_string()
}

/// Every value begins with a letter for its type and every length is written, so that no two
/// different trees give the same bytes.
fn write(node: &Node, path: &str, hasher: &mut blake3::Hasher) {
    match &node.value {
        Value::Text(written) | Value::Date(written) => text('t', written, hasher),
        Value::Integer(n) => text('n', &n.to_string(), hasher),
        Value::Float(x) if x.fract().abs() < f64::MIN_POSITIVE && x.abs() < 1e15 => {
            text('n', &(*x as i64).to_string(), hasher);
        }
        Value::Float(x) => text('x', &x.to_string(), hasher),
        Value::Switch(on) => text('b', if *on { "1" } else { "0" }, hasher),
        Value::Other(what) => text('o', what, hasher),
        Value::List(list) => {
            text('l', &list.len().to_string(), hasher);
            list.iter().for_each(|node| write(node, path, hasher));
        }
        Value::Table(table) => write_table(table, path, hasher),
    }
}

fn write_table(table: &Table, path: &str, hasher: &mut blake3::Hasher) {
    let entries = table.sorted();
    let inside = |key: &str| format!("{path}/{key}");
    let kept: Vec<_> = entries
        .into_iter()
        .filter(|entry| !LEFT_OUT.contains(&inside(&entry.key).as_str()))
        .collect();
    text('d', &kept.len().to_string(), hasher);
    for entry in kept {
        text('k', &entry.key, hasher);
        write(&entry.node, &inside(&entry.key), hasher);
    }
}

fn text(kind: char, text: &str, hasher: &mut blake3::Hasher) {
    hasher.update(format!("{kind}{}:{text}", text.len()).as_bytes());
}
