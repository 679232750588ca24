//! fleetsim: a deterministic discrete-event simulator of a cloud's server fleet.
//!
//! The modules stand in the order in which they may be read: each imports only from those above
//! it (`tidy` holds this). See `ARCHITECTURE.md` for the picture.

// Tests pick what they look for; the product answers for every variant.
#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

pub mod kernel;

pub mod lifecycle;

pub mod fleet;

pub mod messages;

pub mod policy;

pub mod scenario;

pub mod processes;

pub mod observe;

pub mod simulation;

pub mod experiment;

pub mod report;

#[cfg(test)]
mod same_chance;

#[cfg(test)]
mod tidy;
