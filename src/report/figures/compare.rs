//! The charts of a comparison.

use crate::report::{chart::Figure, folder::compare::Compared};

/// The charts of a comparison.
pub fn figures(_study: &Compared) -> Vec<Figure> {
    Vec::new()
}
