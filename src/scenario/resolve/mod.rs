//! From the checked tree to the scenario: names become ids, faults of meaning are collected.
//!
//! Reading order: `memory` (what bounds a run), `build` (names and ids), `clock`, `servers`, `network`,
//! `spot` (terms), `markets`,
//! `policies`, `settings`, `loads` (and credits), `utilisation`, `moves`, `workload`, `trace_faults`, `remarks`, `replay`,
//! `configurations` (what groups launch), `demand` (what they follow), `refresh` (how they are
//! refreshed), `group_words`, `groups`, `handles` (how instances are called), `group_scripts`, `scripts`, `plans` (campaigns, events), `gates`, `whole` (all of them, in order).

mod memory;

mod build;

mod clock;

mod servers;

mod spot;

mod markets;

mod network;

mod dedicated;

mod policies;

mod settings;

mod utilisation;

mod moves;

mod loads;

mod workload;

mod trace_faults;

mod remarks;

mod replay;

mod configurations;

mod demand;

mod refresh;

mod group_words;

mod groups;

mod handles;

mod group_scripts;

mod scripts;

mod plans;

mod gates;

mod whole;

pub use memory::{
    BASE_BYTES, BAY_BYTES, INSTANCE_BYTES, LINK_BYTES, MEMBER_BYTES, ROW_BYTES, SERVER_BYTES,
};
pub use whole::resolve;
