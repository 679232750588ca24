//! Many runs of a scenario, and what they say together. Pure over the run: the same runs give the
//! same bits, however many threads did the work.
//!
//! Read [`replicate`] first (it makes the outcomes), then [`estimate`] (it folds them), [`bounds`]
//! (what runs say of a share), [`stopping`] (how many runs are enough) and [`plan`] (how much is).
//!
//! *Not here*: how a run goes (`simulation`), what is shown (`report`), files and clocks (`bin`).

pub mod bounds;

pub mod estimate;

pub mod plan;

pub mod replicate;

pub mod stopping;
