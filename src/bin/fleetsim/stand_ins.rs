//! STAND-IN, to be deleted when the engine is merged: placements (`fleetsim::observe::placements`).

use fleetsim::{kernel::time::Instant, scenario::Scenario};

/// Stands for `observe::placements::PlacementRow`.
pub struct PlacementRow {
    /// When.
    pub at: Instant,
    /// Number of the instance.
    pub instance: u32,
    /// Its type.
    pub instance_type: String,
    /// Name of the server.
    pub server: String,
    /// Number of the server.
    pub server_index: u32,
    /// Why it was placed.
    pub reason: &'static str,
}

/// Stands for `observe::placements::collect`: one row, at the beginning.
pub fn collect(scenario: &Scenario, run: u32) -> Vec<PlacementRow> {
    let (instance_type, server) = (String::new(), String::new());
    let (at, instance, server_index) = (scenario.begin, run, 0);
    vec![PlacementRow { at, instance, instance_type, server, server_index, reason: "arrival" }]
}
