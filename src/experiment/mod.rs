//! Many runs of a scenario, and what they say together. Pure over the run: the same runs give the
//! same bits, however many threads did the work.
//!
//! Read [`replicate`] first (it makes the outcomes), then [`estimate`] (it folds them), [`paired`] (it
//! compares two scenarios' runs) and [`effects`] (what of a sweep's axes matters).
//!
//! *Not here*: how a run goes (`simulation`), what is shown (`report`), files and clocks (`bin`).

pub mod effects;

pub mod estimate;

pub mod exact;

pub mod paired;

pub mod replicate;
