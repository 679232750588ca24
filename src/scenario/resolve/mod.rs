//! From the checked tree to the scenario: names become ids, faults of meaning are collected.
//!
//! Reading order: `clock` and `memory` (what bounds a run), `build` (names and ids), `servers`,
//! `policies`, `settings`, `workload`, `trace_faults`, `remarks`, `replay`, `whole` (all of them, in order).

mod clock;

mod memory;

mod build;

mod servers;

mod policies;

mod settings;

mod workload;

mod trace_faults;

mod remarks;

mod replay;

mod whole;

pub use memory::{BASE_BYTES, BAY_BYTES, INSTANCE_BYTES, ROW_BYTES, SERVER_BYTES};
pub use whole::resolve;
