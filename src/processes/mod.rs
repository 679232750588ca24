//! How things go: one file a process, each in order of time.
//!
//! The modules stand in the order of their calls: a process may call only those above it. What must
//! travel up is an occurrence at the same instant. Only `happen` calls them all.
//! Deliberately not here: choices (they are `policy`'s) and measuring (facts are all that leaves).

pub mod turn;

pub mod service;

pub mod loss;

pub mod wear;

pub mod room;

pub mod release;

pub mod boot;

pub mod repair;

pub mod owner;

pub mod launch;

pub mod recovery;

pub mod arrivals;

pub mod happen;
