//! Charts as SVG: a picture is a text, the same bytes for the same numbers on every machine.
//!
//! Reading order: [`palette`] (colours that everybody tells apart, in light and dark), `letters` (how
//! wide texts are), `axis` (ticks that read well), `canvas` (a pen; title, legend and style of every
//! picture), `plane` and `rowed` (the two ways in which charts are laid out), then one file a form of
//! chart.
//!
//! Text has no font of its own: whoever shows the picture chooses one. Colours of paper, text and grid
//! follow the reader's light or dark scheme.

use super::chart::{Chart, Figure};

mod axis;

mod bars;

mod canvas;

mod dots;

mod heat;

mod letters;

mod lines;

pub mod palette;

mod plane;

mod rowed;

mod rows;

mod spread;

#[cfg(test)]
mod examples;

/// The most that must be read of a file for [`is_ours`] (bytes).
pub const TELLING: u64 = 256;

/// Whether a file that begins so is a picture that [`svg`] made.
pub fn is_ours(start: &str) -> bool {
    start.starts_with("<svg ") && start.contains(canvas::OURS)
}

/// `figure` as a picture.
pub fn svg(figure: &Figure) -> String {
    match &figure.chart {
        Chart::Lines(lines) => lines.svg(figure),
        Chart::Bars(bars) => bars.svg(figure),
        Chart::Heat(heat) => heat.svg(figure),
        Chart::Dots(dots) => dots.svg(figure),
        Chart::Rows(rows) => rows.svg(figure),
        Chart::Spread(spread) => spread.svg(figure),
    }
}
