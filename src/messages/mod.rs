//! The things that move: what time brings in, what actors ask for, what the cloud answers, and what
//! has become true.
//!
//! Reading order: `occurrence` (the only way into a turn), `operation`, `command` and `refusal` (a question and
//! the cloud's "no"), `scaling` (the same for scaling groups), `moves`, `network`, `credits` and `spot`
//! (what becomes true of them), `fact` (the only way out).

pub mod occurrence;

pub mod operation;

pub mod command;

pub mod refusal;

pub mod scaling;

pub mod moves;

pub mod credits;

pub mod spot;

pub mod drain;

pub mod network;

pub mod cold;

pub mod hosts;

pub mod fact;
