//! The manifest of a results folder.

use crate::clock;
use fleetsim::report::{About, json};
use serde_json::json;

/// What is known about how the results came about: the only file in which two equal runs differ.
pub fn manifest(about: &About, threads: usize, [began, ended]: [(u64, u32); 2]) -> String {
    let argv: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    json::pretty(&json!({
        "version": about.version,
        "rng_scheme": about.rng_scheme,
        "scenario": about.scenario,
        "digest": about.digest,
        "seed": about.seed,
        "runs": about.runs,
        "argv": argv,
        "began": clock::rfc3339(began),
        "ended": clock::rfc3339(ended),
        "machine": {
            "threads": threads,
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        },
    }))
}
