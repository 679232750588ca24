//! Arrivals by trace.

use super::{Clock, build::Build};
use crate::scenario::{load::Loader, model::ArrivalSource, view::View};

/// The trace that the workload names.
pub fn replay(
    _view: View<'_>,
    _clock: &Clock,
    _build: &mut Build,
    _loader: &mut Loader<'_>,
    _inputs: &mut Vec<String>,
) -> Option<ArrivalSource> {
    None
}
