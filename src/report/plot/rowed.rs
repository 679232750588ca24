//! What all charts by name share: names at the left, an axis along the bottom, words at the right.

use super::{
    axis::Axis,
    canvas::{Anchor, EDGE, LETTERS, Pen, Place, WIDTH},
    letters::{shortened, width},
    palette::{GRID, INK},
};
use crate::report::chart::Level;

/// The most room for names (px).
const NAMES_MOST: f64 = 320.0;

/// The most room for words at the right (px).
const WORDS_MOST: f64 = 250.0;

/// Height of a row (px).
const ROW: f64 = 32.0;

/// Room above the rows, where places along the bottom have their names (px).
const ABOVE: f64 = 26.0;

/// Room below the rows (px).
const BELOW: f64 = 60.0;

/// Rows on a picture.
pub struct Rowed {
    /// What lies along the bottom.
    pub axis: Axis,
    left: f64,
    right: f64,
    top: f64,
    row: f64,
    count: usize,
}

/// Height of `count` rows of `times` the usual height, with all that is written at them (px).
pub fn height(count: usize, times: f64, uprights: &[Level]) -> f64 {
    let above = if uprights.iter().any(|level| !level.name.is_empty()) { ABOVE } else { 6.0 };
    above + ROW * times * count.max(1) as f64 + BELOW
}

impl Rowed {
    /// Draws names, grid, words and `uprights` of rows that lie from `above` (px) down: of each its
    /// name and words.
    pub fn draw(
        pen: &mut Pen<'_>,
        axis: Axis,
        rows: &[(String, String)],
        uprights: &[Level],
        (above, times): (f64, f64),
    ) -> Self {
        let widest = |texts: &mut dyn Iterator<Item = &String>, most: f64| {
            texts.map(|text| width(text, LETTERS)).fold(0.0, f64::max).min(most)
        };
        let names = widest(&mut rows.iter().map(|(name, _)| name), NAMES_MOST);
        let words = widest(&mut rows.iter().map(|(_, words)| words), WORDS_MOST);
        let (left, right) = (EDGE + names + 12.0, WIDTH - EDGE - words - 14.0);
        let top = above + height(rows.len(), times, uprights)
            - BELOW
            - ROW * times * rows.len().max(1) as f64;
        let row = ROW * times;
        let rowed = Self { axis, left, right, top, row, count: rows.len() };
        rowed.frame(pen, uprights);
        for (place, (name, told)) in rows.iter().enumerate() {
            let (_, y) = rowed.at(rowed.axis.low, place);
            let name = shortened(name, LETTERS, NAMES_MOST);
            pen.text(&name, (left - 10.0, y), Anchor::Ends);
            let told = shortened(told, LETTERS, WORDS_MOST);
            pen.text(&told, (right + 14.0, y), Anchor::Begins);
        }
        rowed
    }

    /// Where `value` lies in the middle of row number `place`.
    pub fn at(&self, value: f64, place: usize) -> Place {
        let across = self.left + (self.right - self.left) * self.axis.position(value);
        (across, self.top + self.row * (place as f64 + 0.5))
    }

    fn frame(&self, pen: &mut Pen<'_>, uprights: &[Level]) {
        let foot = self.top + self.row * self.count.max(1) as f64;
        let mut free = f64::NEG_INFINITY;
        for (value, label) in &self.axis.ticks {
            let (x, _) = self.at(*value, 0);
            pen.path(&[(x, self.top), (x, foot)], GRID, 1.2);
            let half = width(label, LETTERS) / 2.0;
            if x - half >= free && x + half <= WIDTH {
                pen.text(label, (x, foot + 18.0), Anchor::Middle);
                free = x + half + 8.0;
            }
        }
        pen.path(&[(self.left, foot), (self.right, foot)], INK, 1.2);
        let middle = (self.left + self.right) / 2.0;
        let half = (width(&self.axis.name, LETTERS) / 2.0).min(WIDTH / 2.0 - EDGE);
        let middle = middle.clamp(EDGE + half, WIDTH - EDGE - half);
        let name = shortened(&self.axis.name, LETTERS, WIDTH - 2.0 * EDGE);
        pen.text(&name, (middle, foot + 43.0), Anchor::Middle);
        let mut free = EDGE;
        for level in uprights {
            let (x, _) = self.at(level.at, 0);
            pen.path(&[(x, self.top - 2.0), (x, foot)], INK, 2.0);
            let half = width(&level.name, LETTERS) / 2.0;
            let middle = x.clamp(EDGE + half, (WIDTH - EDGE - half).max(EDGE + half));
            if middle - half >= free {
                pen.text(&level.name, (middle, self.top - 15.0), Anchor::Middle);
                free = middle + half + 10.0;
            }
        }
    }
}
