//! What may follow what: every state machine of the model, as a table.
//!
//! Reading order: `machine` (how a table is written), then one file a machine. Each restates its
//! documented table in `documented/*.md`, which is its rustdoc and its test's fixture alike.
//! Deliberately not here: the fleet. A machine knows states and steps, not instances or servers.

#[macro_use]
mod machine;

pub use machine::Attribute;

pub mod instance;

pub mod server;

pub mod dedicated_host;

pub mod task;

pub mod job;

pub mod migration;

pub mod system_event;

pub mod local_disk;

pub mod member;

pub mod refresh;
