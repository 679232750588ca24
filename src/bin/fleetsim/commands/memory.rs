//! What does not fit into the machine is refused before work begins.

use crate::exit::Failure;
use fleetsim::{
    observe::metrics::Metrics,
    report::number,
    scenario::{Scenario, summary},
};
use std::num::{NonZeroU32, NonZeroUsize};

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
