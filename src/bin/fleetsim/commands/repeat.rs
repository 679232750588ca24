//! The command that makes the same numbers again, in one spelling: results that are equal show the
//! same command, however theirs was typed.

use super::{Loaded, load, quoted};
use crate::args::Changes;
use std::{num::NonZeroU32, path::Path};

/// `run` of the scenario at `path`: scenario, seed, runs, and those values that differ from the
/// file; not how many threads did it or where the results went.
pub fn run(path: &Path, changes: &Changes, loaded: &Loaded, runs: NonZeroU32) -> String {
    let head = format!(
        "fleetsim run {} --seed {} --runs {runs}",
        quoted(&path.to_string_lossy()),
        loaded.scenario.seed
    );
    [vec![head], changed(path, changes, loaded)].concat().join(" ")
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
            other.digest == wanted.digest && other.question == wanted.question
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
