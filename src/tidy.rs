//! The rules that no lint holds, held by tests: floors, sizes, banned words.
//!
//! The table of floors is the one of `ARCHITECTURE.md`: a module imports only what it lists.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What each module of the library may import of the crate.
const FLOORS: &[(&str, &[&str])] = &[
    ("kernel", &["kernel"]),
    ("lifecycle", &["lifecycle"]),
    ("fleet", &["fleet", "kernel", "lifecycle"]),
    ("messages", &["messages", "fleet", "kernel", "lifecycle"]),
    ("policy", &["policy", "messages", "fleet", "kernel", "lifecycle"]),
    ("scenario", &["scenario", "policy", "messages", "fleet", "kernel", "lifecycle"]),
    ("processes", &["processes", "scenario", "policy", "messages", "fleet", "kernel", "lifecycle"]),
    ("observe", &["observe", "scenario", "messages", "fleet", "kernel", "lifecycle"]),
    (
        "simulation",
        &["observe", "processes", "scenario", "policy", "messages", "fleet", "kernel", "lifecycle"],
    ),
    ("experiment", &["experiment", "simulation", "observe", "scenario", "kernel"]),
    ("report", &["report", "experiment", "observe", "scenario", "fleet", "kernel"]),
];

/// Names of the fleet's parts that messages may carry: ids and small values, never the fleet.
const IN_MESSAGES: &[&str] = &["ids", "cause", "tasks", "instances"];

/// Longest file (lines), its tests left out.
const FILE: usize = 500;

/// Longest function (lines).
const FUNCTION: usize = 70;

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(&root).unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    // Files that are tests as a whole hold to the rules of tests.
    let declared: String = found.iter().map(|(_, text)| text.as_str()).collect();
    found.retain(|(path, _)| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        !declared.contains(&format!("#[cfg(test)]\nmod {name};"))
    });
    found
}

/// The part of a file before its tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

/// First path segments after `crate::` in the `use` items of a text, one level of braces deep.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if !rest.starts_with('{') {
            let word = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_');
            found.push(word.collect());
            continue;
        }
        let (mut depth, mut word) = (0, String::new());
        for c in rest.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                c if c.is_alphanumeric() || c == '_' => {
                    if depth == 1 {
                        word.push(c);
                    }
                    continue;
                }
                _ => {}
            }
            if !word.is_empty() {
                found.push(std::mem::take(&mut word));
            }
            if depth == 0 {
                break;
            }
        }
    }
    found.retain(|word| word.chars().next().is_some_and(char::is_lowercase));
    found
}

#[test]
fn modules_import_only_downwards() {
    let modules: Vec<&str> = FLOORS.iter().map(|(module, _)| *module).collect();
    for (path, text) in sources() {
        let first = path.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        let Some((module, allowed)) = FLOORS.iter().find(|(module, _)| *module == first) else {
            assert!(["lib", "tidy", "bin"].contains(&first), "{first} stands on no floor");
            continue;
        };
        for import in imports(without_tests(&text)) {
            let known = modules.contains(&import.as_str());
            let may = allowed.contains(&import.as_str());
            assert!(!known || may, "{}: {module} may not import {import}", path.display());
        }
    }
}

#[test]
fn messages_carry_ids_and_small_values_only() {
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("messages")) {
        for part in ["arrivals", "capacity", "repairs", "servers", "waiting", "layout", "Fleet"] {
            assert!(!IN_MESSAGES.contains(&part));
            let imported = text.lines().any(|line| line.trim().starts_with(&format!("{part}::")));
            assert!(!imported, "{}: messages carry no {part}", path.display());
        }
    }
}

#[test]
fn processes_call_only_those_before_them() {
    let list =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/processes/mod.rs"))
            .unwrap();
    let order: Vec<&str> =
        list.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    for (path, text) in sources() {
        let Ok(file) = path.strip_prefix("processes") else { continue };
        let name = file.to_str().unwrap().trim_end_matches(".rs");
        let Some(place) = order.iter().position(|module| *module == name) else { continue };
        for later in &order[place + 1..] {
            let called = without_tests(&text).contains(&format!("{later}::"))
                && !text.contains(&format!("fleet::{later}"))
                && !text.contains(&format!("{later}::{{self"));
            let imported = imports_of_super(&text).iter().any(|word| word == later);
            assert!(!(called && imported), "{name} calls {later}, which stands after it");
        }
    }
}

fn imports_of_super(text: &str) -> Vec<String> {
    let Some(at) = text.find("use super::") else { return Vec::new() };
    let until = text[at..].find(';').map_or(text.len(), |end| at + end);
    text[at..until]
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn files_and_functions_are_short() {
    for (path, text) in sources() {
        let code = without_tests(&text);
        let lines = code.lines().count();
        assert!(lines <= FILE, "{}: {lines} lines are two ideas", path.display());
        let mut begun: Option<(usize, usize, String)> = None;
        for (number, line) in code.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let is_head = line.trim_start().split("fn ").next().is_some_and(|before| {
                ["", "pub ", "const ", "pub const ", "pub(super) ", "pub(crate) "].contains(&before)
            }) && line.contains("fn ");
            if is_head && begun.is_none() {
                begun = Some((number, indent, line.trim().to_owned()));
            }
            if let Some((from, depth, head)) = &begun
                && indent == *depth
                && line.trim_end().ends_with('}')
            {
                let length = number - from + 1;
                assert!(length <= FUNCTION, "{}: {head}: {length} lines", path.display());
                begun = None;
            }
        }
    }
}

#[test]
fn banned_words_stay_out() {
    let banned = [
        ("println!", "below `bin` nothing prints", true),
        ("eprintln!", "below `bin` nothing prints", true),
        ("std::fs", "files live in `bin`", true),
        ("SystemTime", "the wall clock lives in `bin`", true),
        (concat!("TO", "DO"), "an issue or nothing", false),
        (concat!("FIX", "ME"), "an issue or nothing", false),
    ];
    for (path, text) in sources() {
        if path == Path::new("tidy.rs") {
            continue;
        }
        let in_bin = path.starts_with("bin");
        for (word, why, allowed_in_bin) in banned {
            let found = without_tests(&text).contains(word) && !(in_bin && allowed_in_bin);
            assert!(!found, "{}: `{word}`: {why}", path.display());
        }
    }
}

#[test]
fn every_machine_is_documented() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lifecycle");
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("lifecycle")) {
        if text.contains("lifecycle! {") && !text.contains("macro_rules! lifecycle") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let document = folder.join("documented").join(format!("{name}.md"));
            assert!(document.exists(), "{} has no documented table", path.display());
            assert!(text.contains("holds_against"), "{} is held against nothing", path.display());
        }
    }
}
