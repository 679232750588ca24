//! The numbers of one run.

use super::catalogue::Metric;
use std::sync::Arc;

/// The numbers of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Number of the run, from 0.
    pub run: u32,
    /// What the values are, in the same order; shared by all runs of a scenario.
    pub metrics: Arc<[Metric]>,
    /// The values; `None` where the run has nothing to say (no instance ever owed service, say).
    pub values: Vec<Option<f64>>,
    /// The run's [`super::fingerprint::Fingerprint`], 32 hex digits: two runs with equal ones took
    /// the same course.
    pub fingerprint: String,
}
