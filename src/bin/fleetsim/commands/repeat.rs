//! The command that makes the same numbers again, in one spelling: results that are equal show the
//! same command, however theirs was typed.

use super::{Loaded, load, quoted};
use crate::args::{Changes, Run};
use std::num::NonZeroU32;

/// Scenario, seed, runs, and those values that differ from the file; not how many threads did it
/// or where the results went.
pub fn command(options: &Run, loaded: &Loaded, runs: NonZeroU32) -> String {
    let mut words = vec!["fleetsim".to_owned(), "run".to_owned()];
    words.push(quoted(&options.scenario.to_string_lossy()));
    words.extend(["--seed".to_owned(), loaded.scenario.seed.to_string()]);
    words.extend(["--runs".to_owned(), runs.to_string()]);
    for set in differing(options, loaded) {
        words.extend(["--set".to_owned(), quoted(&set)]);
    }
    if loaded.went_outside {
        words.push("--allow-path".to_owned());
    }
    words.join(" ")
}

/// The `--set`s without which the scenario would be another one, in the order of their text where
/// their order does not matter. Seed and runs are told by options of their own.
fn differing(options: &Run, loaded: &Loaded) -> Vec<String> {
    let same = |sets: &[String]| {
        let allow_path = options.changes.allow_path;
        let other = load(&options.scenario, &Changes { sets: sets.to_vec(), allow_path });
        other.is_ok_and(|other| {
            let (other, wanted) = (&other.scenario, &loaded.scenario);
            other.digest == wanted.digest && other.question == wanted.question
        })
    };
    let mut kept = options.changes.sets.clone();
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
