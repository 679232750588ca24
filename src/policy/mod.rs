//! Who decides: pure functions from a view (and draws) to a decision.

pub mod maintenance;

pub mod drain;

pub mod precopy;

pub mod placement;

pub mod customer;

pub mod refresh;

pub mod batch;
