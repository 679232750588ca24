//! The charts of a sweep.

use crate::report::{chart::Figure, folder::sweep::Swept};

/// The charts of a sweep.
pub fn figures(_study: &Swept) -> Vec<Figure> {
    Vec::new()
}
