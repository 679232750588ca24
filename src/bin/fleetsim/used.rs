//! What a folder was used for: results of one command never take the place of another's.

use crate::{exit::Failure, ledger::LEDGER};
use fleetsim::report::plain;
use serde::Deserialize;
use std::{fs::File, io::BufReader, path::Path};

/// Files of results beside `summary.json`, which is written before them.
const RESULTS: [&str; 5] = ["runs.csv", "points.csv", "series.csv", "worst.json", "manifest.json"];

/// Refuses the folder at `path` where it holds results that were not written by `command`: whoever names
/// it means another one, or does not know what it holds.
///
/// # Errors
/// It holds results of something else.
pub fn refuse_others(path: &Path, command: &str) -> Result<(), Failure> {
    let holds = |name: &str| path.join(name).exists();
    let is_sweep = holds(LEDGER);
    let holds = match kind(&path.join("summary.json")) {
        Some(kind) if kind == command => return Ok(()),
        Some(kind) => format!("the results of `fleetsim {}`", plain(&kind)),
        None if holds("summary.json") => "a summary.json that is not fleetsim's".to_owned(),
        None if is_sweep && command == "sweep" => return Ok(()),
        None if is_sweep => "a sweep that is not finished".to_owned(),
        None => match RESULTS.into_iter().find(|name| holds(name)) {
            Some(name) => format!("a file {name} without the summary.json of fleetsim's results"),
            None => return Ok(()),
        },
    };
    let path = plain(&path.to_string_lossy());
    Err(Failure::Fault(format!("{path} holds {holds}; name a new or empty folder for --out")))
}

/// What the summary at `path` says that it is of.
fn kind(path: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Summary {
        kind: Option<String>,
        digest: Option<String>,
    }
    let file = BufReader::new(File::open(path).ok()?);
    let summary: Summary = serde_json::from_reader(file).ok()?;
    // A run's says so by what it holds.
    summary.kind.or_else(|| summary.digest.map(|_| "run".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_the_same_command_may_write_again() {
        let folder = tempfile::tempdir().unwrap();
        let told = |command: &str| match refuse_others(folder.path(), command) {
            Ok(()) => String::new(),
            Err(Failure::Fault(told)) => told,
            Err(_) => panic!("a fault"),
        };
        assert_eq!(told("sweep"), "");
        for (text, good, holds) in [
            (r#"{"kind":"sweep"}"#, "sweep", "the results of `fleetsim sweep`"),
            (r#"{"scenario":"x","digest":"ab"}"#, "run", "the results of `fleetsim run`"),
            (r#"{"mine":1}"#, "", "a summary.json that is not fleetsim's"),
            ("thesis", "", "a summary.json that is not fleetsim's"),
        ] {
            fs::write(folder.path().join("summary.json"), text).unwrap();
            for command in ["run", "sweep", "compare", "check", "plan"] {
                let told = told(command);
                assert_eq!(told.is_empty(), command == good, "{text}: {told}");
                assert!(told.is_empty() || told.contains(holds), "{told}");
            }
        }
    }

    #[test]
    fn what_somebody_else_keeps_there_is_left_alone() {
        for name in RESULTS {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(name), "mine").unwrap();
            assert!(refuse_others(folder.path(), "sweep").is_err(), "{name}");
            assert!(refuse_others(folder.path(), "run").is_err(), "{name}");
        }
        // A sweep that was stopped goes on, and nothing else takes its place.
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LEDGER), "").unwrap();
        fs::write(folder.path().join("manifest.json"), "").unwrap();
        assert!(refuse_others(folder.path(), "sweep").is_ok());
        assert!(refuse_others(folder.path(), "run").is_err());
    }
}
