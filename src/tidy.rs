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
const IN_MESSAGES: &[&str] = &[
    "ids",
    "care",
    "cause",
    "cold_migrations",
    "credits",
    "dedicated_hosts",
    "drains",
    "groups",
    "instances",
    "spot",
    "members",
    "precopies",
    "refreshes",
    "scaling",
    "system_events",
    "tasks",
    "transfers",
];

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

/// Every path that begins with `start` (`crate::`, `super::`) in a text, its segments after
/// `start`, groups in braces taken apart: `crate::{a::{b, c}, d::E}` gives `a::b`, `a::c`, `d::E`.
fn paths(text: &str, start: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(start) {
        // `super::super::x` is no path from `super::`, and `my_crate::x` none from `crate::`.
        let before = text[..at].chars().next_back();
        if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
            take_path(&text[at + start.len()..], &[], &mut found);
        }
    }
    found
}

/// Adds the paths at the beginning of `text` to `found`, each behind `prefix`, and says how many
/// bytes they take. As deep as the braces of a `use`.
fn take_path(text: &str, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let (mut path, mut at) = (prefix.to_vec(), 0);
    loop {
        let word: String =
            text[at..].chars().take_while(|c| c.is_alphanumeric() || "_*".contains(*c)).collect();
        at += word.len();
        if !word.is_empty() {
            path.push(word);
        }
        if !text[at..].starts_with('{') {
            match text[at..].strip_prefix("::") {
                Some(_) => at += 2,
                None => break,
            }
            continue;
        }
        at += 1;
        while let Some(next) = text[at..].chars().next() {
            match next {
                '}' => return at + 1,
                ',' => at += 1,
                next if next.is_whitespace() => at += next.len_utf8(),
                next => at += take_path(&text[at..], &path, found).max(next.len_utf8()),
            }
        }
        return at;
    }
    if path.len() > prefix.len() {
        found.push(path);
    }
    at
}

/// First segments of the paths after `crate::`: the modules, as their names begin small.
fn imports(text: &str) -> Vec<String> {
    let firsts = paths(text, "crate::").into_iter().filter_map(|path| path.into_iter().next());
    firsts.filter(|word| word.starts_with(char::is_lowercase)).collect()
}

#[test]
fn paths_are_found_however_deep_they_stand() {
    let shown = |text, start| paths(text, start).iter().map(|p| p.join("::")).collect::<Vec<_>>();
    let text = "use crate::{\n    a::{b::{C, self}, d},\n    e::F,\n};\nuse crate::g;\n\
                fn f(x: &mut crate::h::I) { super::super::j(); my_crate::k(); super::l::m(1) }\n\
                use super::{n, o::*};";
    let all = ["a::b::C", "a::b::self", "a::d", "e::F", "g", "h::I"];
    assert_eq!(shown(text, "crate::"), all);
    assert_eq!(shown(text, "super::"), ["super::j", "l::m", "n", "o::*"]);
    assert_eq!(imports(text), ["a", "a", "a", "e", "g", "h"]);
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

/// What a message of this text carries of the fleet and may not.
fn carried_of_the_fleet(text: &str) -> Vec<String> {
    let of_fleet = paths(text, "crate::").into_iter().filter(|path| path[0] == "fleet");
    let may = |path: &Vec<String>| path.len() > 2 && IN_MESSAGES.contains(&path[1].as_str());
    of_fleet.filter(|path| !may(path)).map(|path| path.join("::")).collect()
}

#[test]
fn messages_carry_ids_and_small_values_only() {
    let texts = sources();
    let messages: Vec<_> = texts.iter().filter(|(path, _)| path.starts_with("messages")).collect();
    assert!(messages.len() > 1, "they are found");
    for (path, text) in messages {
        let carried = carried_of_the_fleet(without_tests(text));
        assert!(carried.is_empty(), "{}: messages carry no {carried:?}", path.display());
    }
}

#[test]
fn messages_that_carry_the_fleet_are_found() {
    let good = "use crate::{fleet::{cause::Cause, ids::{Rack, Server}}, kernel::column::Id};";
    assert!(carried_of_the_fleet(good).is_empty());
    let fact = "use crate::{\n    fleet::{\n        ids::{Rack, Server},\n        servers::Row,\n    },\n};";
    assert_eq!(carried_of_the_fleet(fact), ["fleet::servers::Row"]);
    for (bad, carried) in [
        ("use crate::fleet::Fleet;", "fleet::Fleet"),
        ("use crate::fleet::{Fleet, ids::Server};", "fleet::Fleet"),
        ("use crate::fleet;", "fleet"),
        ("use crate::fleet::*;", "fleet::*"),
        ("fn f(fleet: &crate::fleet::layout::Layout) {}", "fleet::layout::Layout"),
        // A module under another name would carry all that is in it, whatever it is.
        ("use crate::fleet::{tasks};", "fleet::tasks"),
    ] {
        assert_eq!(carried_of_the_fleet(bad), [carried], "{bad}");
    }
}

/// The processes that a text names, by `super::` or by the whole path.
fn processes_named(text: &str) -> Vec<String> {
    let beside = paths(text, "super::").into_iter();
    let whole = paths(text, "crate::").into_iter();
    let whole = whole.filter(|path| path[0] == "processes").map(|path| path[1..].to_vec());
    beside.chain(whole).filter_map(|path| path.into_iter().next()).collect()
}

/// Those of `order` that stand after `name` and that `text` names; `*` would name them all.
fn later_ones<'a>(text: &str, name: &str, order: &[&'a str]) -> Vec<&'a str> {
    let place = order.iter().position(|module| *module == name).expect("a process has a place");
    let named = processes_named(text);
    let named_all = named.iter().any(|word| word == "*");
    let is_named = |later: &str| named_all || named.iter().any(|word| word == later);
    order[place + 1..].iter().copied().filter(|later| is_named(later)).collect()
}

#[test]
fn processes_call_only_those_before_them() {
    let texts = sources();
    let of = |file: &str| texts.iter().find(|(path, _)| path == &Path::new("processes").join(file));
    let (_, list) = of("mod.rs").expect("the list of processes is there");
    let order: Vec<&str> =
        list.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    for name in &order {
        let (_, text) = of(&format!("{name}.rs")).expect("a process has a file");
        let later = later_ones(without_tests(text), name, &order);
        assert!(later.is_empty(), "{name} names {later:?}, which stand after it");
    }
    let files = texts.iter().filter(|(path, _)| path.starts_with("processes")).count();
    assert_eq!(files, order.len() + 1, "every file stands in the list");
}

#[test]
fn processes_that_call_later_ones_are_found() {
    let order = ["turn", "service", "loss", "boot"];
    let later = |text: &str| later_ones(text, "service", &order);
    assert!(later("use super::turn::Turn;\nuse crate::fleet::loss;").is_empty());
    assert_eq!(later("use super::turn::Turn;\nuse super::{boot};"), ["boot"]);
    assert_eq!(later("use super::{turn::Turn, loss::{self, lose}};"), ["loss"]);
    assert_eq!(later("fn f() { super::loss::lose(); }"), ["loss"]);
    assert_eq!(later("use crate::{fleet::Fleet, processes::boot};"), ["boot"]);
    assert_eq!(later("use crate::processes::{turn::Turn, boot::begin as service};"), ["boot"]);
    assert_eq!(later("use super::*;"), ["loss", "boot"]);
}

#[test]
fn files_and_functions_are_short() {
    for (path, text) in sources() {
        let code = without_tests(&text);
        let lines = code.lines().count();
        assert!(lines <= FILE, "{}: {lines} lines are two ideas", path.display());
        let mut begun: Option<(usize, usize, String)> = None;
        // A list of alternatives is one line of thought, however many lines it takes: a match that
        // must name every variant is not long for that. Nor is the table that sends each occurrence
        // to its handler, a row an occurrence.
        let listed = |from: usize, to: usize| {
            let is_row = |line: &&str| {
                let line = line.trim();
                line.starts_with("| ") || line.starts_with("Occurrence::") && line.ends_with(',')
            };
            code.lines().skip(from).take(to - from).filter(is_row).count()
        };
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
                let length = number - from + 1 - listed(*from, number);
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
