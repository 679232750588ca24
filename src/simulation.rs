//! One run of a scenario: the loop.

use crate::{observe::outcome::Outcome, scenario::Scenario};

/// Runs run number `run` of `scenario` with the standard metrics.
pub fn measure(scenario: &Scenario, run: u32) -> Outcome {
    let _ = (scenario, run);
    unreachable!("replaced when the engine lands")
}
