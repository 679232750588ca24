//! The charts of a plan.

use crate::report::{chart::Figure, folder::plan::Planned};

/// The charts of a plan.
pub fn figures(_study: &Planned) -> Vec<Figure> {
    Vec::new()
}
