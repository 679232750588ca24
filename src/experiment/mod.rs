//! Many runs of a scenario, and what they say together. Pure over the run: the same runs give the
//! same bits, however many threads did the work.
//!
//! Read [`replicate`] first (it makes the outcomes), then [`estimate`] (it folds them), [`paired`] and
//! [`comparison`] (candidates beside a baseline), [`divergence`] (where courses part), [`effects`]
//! (what of a sweep's axes matters), [`bounds`] (what runs say of a share), [`stopping`] (how many runs
//! are enough), [`plan`] (how much of something is), and [`check`] (whether what is demanded holds): a
//! gate's [`verdict`], by where its [`mean`] lies whatever law runs have, with the runs [`needed`] for
//! one, against a [`baseline`]. [`worst`] tells what happened in the worst run.
//!
//! *Not here*: how a run goes (`simulation`), what is shown (`report`), files and clocks (`bin`).

pub mod baseline;

pub mod bounds;

pub mod check;

pub mod effects;

pub mod estimate;

pub mod exact;

pub mod mean;

pub mod needed;

pub mod paired;

pub mod comparison;

pub mod divergence;
pub mod plan;

pub mod replicate;

pub mod stopping;

pub mod verdict;

mod worsening;

pub mod worst;
