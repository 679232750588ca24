//! Closed forms and other simulators' decisions that whole runs must reproduce.
//!
//! Each case is a scenario of a few lines, run through the public library and compared with values
//! that are known exactly (`given.rs`, one constant a value, held against the shared file where
//! that is present). Each value is tested two-sidedly at a significance of 1e-4; seeds are fixed,
//! so a test either holds for good or fails for good. Runs are fewer or shorter than the full
//! profile of the shared file ("quick profile"): what a test can see is told by the standard
//! errors that it prints (`--nocapture`).

mod availability;
mod burst;
mod churn;
mod coverage;
mod given;
mod lives;
mod losses;
mod precopy;
mod racks;
mod refreshes;
mod repair_queues;
mod retries;
mod spares;
mod spot;
mod support;
mod transfers;
mod verdicts;
