//! The charts of a check.

use crate::report::{chart::Figure, folder::check::Checked};

/// The charts of a check.
pub fn figures(_study: &Checked) -> Vec<Figure> {
    Vec::new()
}
