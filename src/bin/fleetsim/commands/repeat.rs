//! The command that makes the same numbers again, in one spelling: results that are equal show the
//! same command, however theirs was typed.

use super::{Loaded, load, quoted};
use crate::args::{Changes, Compare};
use std::path::Path;

/// The file of a scenario as a command names it, and the options without which it would be another
/// one, each with its value.
pub fn of(path: &Path, changes: &Changes, loaded: &Loaded) -> (String, Vec<String>) {
    (quoted(&path.to_string_lossy()), changed(path, changes, loaded))
}

/// `command` of the scenario at `path`, which is as it should be in a shell: with these `words`, and
/// with those values that differ from the file; not how many threads did it or where results went.
pub fn spelled(command: &str, path: &str, words: &[String], changed: &[String]) -> String {
    let head = format!("fleetsim {command} {path}");
    [&[head], words, changed].concat().join(" ")
}

/// `compare` as it was asked for: the scenarios, seed, runs, what is varied and measured, and those
/// of the `common` changes without which some candidate would be another one; `options` are those of
/// each candidate.
pub fn compare(asked: &Compare, seed: u64, options: &[Vec<String>]) -> String {
    let files = asked.scenarios.iter().map(|path| quoted(&path.to_string_lossy()));
    let head = format!("--seed {seed} --runs {}", asked.runs);
    let each = |name: &'static str, values: &[String]| {
        let words: Vec<String> =
            values.iter().map(|value| format!("{name} {}", quoted(value))).collect();
        words
    };
    let is_needed = |set: &String| options.iter().any(|of_one| of_one.contains(set));
    let sets = each("--set", &asked.changes.sets).into_iter().filter(is_needed);
    let outside = "--allow-path".to_owned();
    let outside = is_needed(&outside).then_some(outside);
    let words = ["fleetsim compare".to_owned()].into_iter().chain(files).chain([head]);
    let words = words.chain(each("--vary", &asked.vary)).chain(each("--with", &asked.with));
    let words = words.chain(each("--metric", &asked.metric)).chain(sets).chain(outside);
    words.collect::<Vec<String>>().join(" ")
}

/// The options that make the scenario at `path` what it is, each with its value: those `--set`s
/// without which it would be another one, and leave to read what was read.
pub fn changed(path: &Path, changes: &Changes, loaded: &Loaded) -> Vec<String> {
    let sets = differing(path, changes, loaded);
    let sets = sets.iter().map(|set| format!("--set {}", quoted(set)));
    sets.chain(loaded.went_outside.then(|| "--allow-path".to_owned())).collect()
}

/// The `--set`s without which the scenario would be another one, in the order of their text where
/// their order does not matter. Seed and runs are told by options of their own.
fn differing(path: &Path, changes: &Changes, loaded: &Loaded) -> Vec<String> {
    let same = |sets: &[String]| {
        let allow_path = changes.allow_path;
        let other = load(path, &Changes { sets: sets.to_vec(), allow_path });
        other.is_ok_and(|other| {
            let (other, wanted) = (&other.scenario, &loaded.scenario);
            other.digest == wanted.digest
                && other.question == wanted.question
                && other.gates.demand_the_same(&wanted.gates)
        })
    };
    let mut kept = changes.sets.clone();
    let mut place = 0;
    while place < kept.len() {
        let mut fewer = kept.clone();
        fewer.remove(place);
        if same(&fewer) {
            kept = fewer;
        } else {
            place += 1;
        }
    }
    let mut sorted = kept.clone();
    sorted.sort();
    if sorted != kept && same(&sorted) { sorted } else { kept }
}
