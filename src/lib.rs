//! fleetsim: a deterministic discrete-event simulator of a cloud's server fleet.
//!
//! # In four steps
//!
//! A scenario is text; [`Scenario::parse`](scenario::Scenario::parse) reads it, or tells everything
//! that is wrong with it. [`replicate`](experiment::replicate::replicate) runs it many times,
//! [`summarise`](experiment::estimate::summarise) says what the runs say together, with intervals,
//! and [`report`] shows it:
//!
//! ```
//! use fleetsim::{
//!     experiment::replicate::replicate,
//!     report::{About, Results, text},
//!     scenario::{InMemory, Scenario},
//! };
//!
//! let toml = r#"
//!     [scenario]
//!     name = "ten-servers"
//!     horizon = "90d"
//!     runs = 10
//!
//!     [server_models.general]
//!     vcpus = 64
//!     memory = "256GiB"
//!
//!     [[servers]]
//!     model = "general"
//!     count = 10
//!     zones = ["a"]
//!
//!     [instance_types.small]
//!     vcpus = 4
//!     memory = "16GiB"
//!
//!     [[workload.instances]]
//!     type = "small"
//!     count = 100
//! "#;
//! let scenario = Scenario::parse("ten.toml", toml.as_bytes(), &[], &InMemory::default())?;
//! let outcomes = replicate(&scenario, scenario.runs, None, &|_run| {});
//! let results = Results::new(About::new(&scenario, scenario.runs.get()), outcomes);
//! assert!(text::results(&results).contains("availability"));
//!
//! let row = results.rows.iter().find(|row| row.metric.definition.name == "availability");
//! let availability = row.and_then(|row| row.estimate.value).expect("instances owe service");
//! assert!(availability.mean > 0.999 && availability.mean < 1.0);
//! # Ok::<(), fleetsim::scenario::Faults>(())
//! ```
//!
//! What the standard metrics do not measure, an [`Observer`](observe::Observer) of one's own does:
//! see [`simulation::run`] and `docs/library.md`.
//!
//! # Promises
//!
//! The same scenario, seed and version give the same bits, on any machine and any number of threads.
//! Nothing here opens a file, reads a clock or prints: files that a scenario names are asked for
//! through [`Files`](scenario::Files). Nothing fails but by a bad scenario or a bad option; what the
//! modelled cloud refuses is a result.
//!
//! # Reading order
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
