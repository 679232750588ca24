//! Charts as SVG: a picture is a text, the same bytes for the same numbers on every machine.
//!
//! Reading order: [`palette`] (colours that everybody tells apart, in light and dark), `axis` (ticks
//! that read well), `canvas` (title, legend and style of every picture), then one file a form of
//! chart: `lines`, `bars`, `heat`.
//!
//! Text has no font of its own: whoever shows the picture chooses one. Colours of text and grid
//! follow the reader's light or dark scheme.

use super::chart::{Chart, Figure};

mod axis;

mod bars;

mod canvas;

mod heat;

mod lines;

pub mod palette;

/// The most that must be read of a file for [`is_ours`] (bytes).
pub const TELLING: u64 = 256;

/// Whether a file that begins so is a picture that [`svg`] made.
pub fn is_ours(start: &str) -> bool {
    start.starts_with("<svg ") && start.contains(canvas::OURS)
}

/// `figure` as a picture.
pub fn svg(figure: &Figure) -> String {
    match &figure.chart {
        Chart::Lines(lines) => lines.svg(&figure.title),
        Chart::Bars(bars) => bars.svg(&figure.title),
        Chart::Heat(heat) => heat.svg(&figure.title),
    }
}
