//! What does not fit into the machine is refused before work begins.

use crate::exit::Failure;
use fleetsim::{
    observe::metrics::Metrics,
    report::number,
    scenario::{Scenario, summary},
};
use std::num::{NonZeroU32, NonZeroUsize};

/// What a run that `plan` keeps takes beside its goals' values: its fingerprint and its places in two
/// trees, with what lies free between them (bytes; measured by what 120,000 runs more took: 622 a run
/// with one goal).
const KEPT: f64 = 590.0;

/// Refuses what does not fit into `available` bytes of memory; a machine that does not tell how
/// much it has is trusted.
pub fn check_memory(
    scenario: &Scenario,
    runs: NonZeroU32,
    threads: NonZeroUsize,
    available: Option<u64>,
) -> Result<(), Failure> {
    let one = summary(scenario).expected_memory as f64;
    let values = f64::from(runs.get()) * Metrics::list(scenario).len() as f64;
    let needed = one * threads.get() as f64 + values * size_of::<Option<f64>>() as f64;
    let bytes = |bytes: f64| number::amount(bytes, "B");
    match available.map(|available| available as f64).filter(|available| needed > *available) {
        Some(available) => Err(Failure::Memory(format!(
            "{} runs on {} threads need about {} of memory ({} a run under way), and {} are \
             available; fewer --threads or --runs need less",
            number::free(f64::from(runs.get())),
            number::free(threads.get() as f64),
            bytes(needed),
            bytes(one),
            bytes(available),
        ))),
        None => Ok(()),
    }
}

/// Refuses to keep so many more `runs`, with the values of so many `goals` each, where they do not fit
/// into `available` bytes.
pub fn check_kept(runs: f64, goals: usize, available: Option<u64>) -> Result<(), Failure> {
    // Twice: for the search, and for `runs.csv`.
    let values = 2.0 * (goals * size_of::<Option<f64>>()) as f64;
    let needed = runs * (KEPT + values);
    match available.map(|available| available as f64).filter(|available| needed > *available) {
        Some(available) => Err(Failure::Memory(format!(
            "about {} runs are kept beside each other, in {} of memory, and {} are available; fewer \
             --runs, a smaller share of runs or a shorter range need less",
            number::free(runs),
            number::amount(needed, "B"),
            number::amount(available, "B"),
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_do_not_fit_are_refused_with_their_number() {
        assert!(check_kept(1e6, 1, Some(1 << 30)).is_ok());
        assert!(check_kept(1e12, 1, None).is_ok(), "who does not tell is trusted");
        let Err(Failure::Memory(why)) = check_kept(1e7, 2, Some(1 << 30)) else {
            panic!("it takes more than 1 GiB")
        };
        assert!(why.starts_with("about 10,000,000 runs") && why.contains("--runs"), "{why}");
    }
}
