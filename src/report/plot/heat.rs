//! A value over two parameters: one cell a pair, darker where it is larger.

use super::{
    axis::{self, Axis},
    canvas::{self, Anchor, EDGE, LETTERS, Pen, WIDTH},
    letters::{shortened, width},
    palette::{self, GRID, ON_DARK, ON_PALE},
};
use crate::report::chart::{Figure, Heat};

/// Room below the cells: labels, name of the axis, key (px).
const BELOW: f64 = 62.0;

/// Room above the cells for the key of colours (px).
const KEY: f64 = 44.0;

/// From which part of the ramp on pale letters stand out more than dark ones.
const DARK: f64 = 0.6;

/// Steps of the key.
const STEPS: usize = 40;

/// The most room for names at the left (px).
const NAMES_MOST: f64 = 190.0;

impl Heat {
    /// The picture of `figure`, whose chart this is.
    pub(super) fn svg(&self, figure: &Figure) -> String {
        let cells = (self.y.1.len() as f64 * 34.0).clamp(180.0, 360.0);
        let height = KEY + cells + BELOW;
        canvas::picture(figure, &[], height, |pen, above| self.draw(pen, (above, cells)))
    }

    fn draw(&self, pen: &mut Pen<'_>, (above, high): (f64, f64)) {
        let ends = self.ends();
        self.key(pen, above + 14.0, ends);
        let widest =
            |names: &[String]| names.iter().map(|name| width(name, LETTERS)).fold(0.0, f64::max);
        let names = widest(&self.y.1).min(NAMES_MOST);
        let (left, right) = (EDGE + 26.0 + names + 10.0, WIDTH - EDGE - 10.0);
        let (top, foot) = (above + KEY, above + KEY + high);
        let (columns, rows) = (self.x.1.len().max(1), self.y.1.len().max(1));
        let (wide, tall) = ((right - left) / columns as f64, high / rows as f64);
        let at =
            |column: usize, row: usize| (left + wide * column as f64, foot - tall * row as f64);
        for (row, cells) in self.cells.iter().enumerate() {
            for (column, value) in cells.iter().enumerate() {
                let corners = [at(column, row), at(column + 1, row + 1)];
                self.cell(pen, corners, *value, ends);
            }
        }
        // As many names as find room.
        let every = |count: f64, room: f64, each: f64| libm::ceil(count * each / room).max(1.0);
        let across = every(columns as f64, right - left, widest(&self.x.1).min(140.0) + 12.0);
        for (column, name) in self.x.1.iter().enumerate().step_by(across as usize) {
            let name = shortened(name, LETTERS, (wide * across - 8.0).max(40.0));
            let half = width(&name, LETTERS) / 2.0;
            let middle = (left + wide * (column as f64 + 0.5)).min(WIDTH - 4.0 - half);
            pen.text(&name, (middle, foot + 17.0), Anchor::Middle);
        }
        let up = every(rows as f64, high, 26.0);
        for (row, name) in self.y.1.iter().enumerate().step_by(up as usize) {
            let name = shortened(name, LETTERS, NAMES_MOST);
            pen.text(&name, (left - 8.0, foot - tall * (row as f64 + 0.5)), Anchor::Ends);
        }
        let name = shortened(&self.x.0, LETTERS, right - left);
        pen.text(&name, ((left + right) / 2.0, foot + 44.0), Anchor::Middle);
        let name = shortened(&self.y.0, LETTERS, high + 40.0);
        pen.text(&name, (EDGE + 10.0, (top + foot) / 2.0), Anchor::Turned);
    }

    fn ends(&self) -> (f64, f64) {
        super::plane::ends(self.cells.iter().flatten().flatten().copied())
    }

    /// How dark `value` is: 0 to 1.
    fn part(value: f64, (low, high): (f64, f64)) -> f64 {
        if high > low { (value - low) / (high - low) } else { 0.5 }
    }

    /// One cell, with its value where that finds room.
    fn cell(
        &self,
        pen: &mut Pen<'_>,
        corners: [(f64, f64); 2],
        value: Option<f64>,
        ends: (f64, f64),
    ) {
        let [(left, foot), (right, top)] = corners;
        let Some(value) = value else {
            pen.path(&[(left, foot), (right, top)], GRID, 1.5);
            return;
        };
        let part = Self::part(value, ends);
        // A hair of paper parts cells that are large enough for it.
        let by = if right - left > 12.0 { 1.0 } else { 0.0 };
        let inside = [(left + by, top + by), (right - by, foot - by)];
        pen.filled(inside, palette::ramp(part), 1.0);
        let text = self.told(value, ends);
        if width(&text, LETTERS) + 6.0 <= right - left && foot - top >= 24.0 {
            let colour = if part > DARK { ON_DARK } else { ON_PALE };
            let middle = ((left + right) / 2.0, (top + foot) / 2.0);
            pen.written(&text, middle, Anchor::Middle, (LETTERS, colour));
        }
    }

    /// `value` with the digits that tell the cells apart.
    fn told(&self, value: f64, (low, high): (f64, f64)) -> String {
        match high > low {
            true => Axis::new(&self.value, low, high, false).finer(value),
            false => axis::alone(self.value.scale, value),
        }
    }

    /// The key: what is shown, and from which value to which the colours go.
    fn key(&self, pen: &mut Pen<'_>, y: f64, ends: (f64, f64)) {
        let axis = Axis::new(&self.value, ends.0, ends.1, false);
        let [low, high] = [ends.0, ends.1].map(|value| match ends.1 > ends.0 {
            true => axis.finer(value),
            false => axis::alone(self.value.scale, value),
        });
        let name = shortened(&axis.name, LETTERS, 300.0);
        let mut x = EDGE;
        for text in [&name, &low] {
            pen.text(text, (x, y), Anchor::Begins);
            x += width(text, LETTERS) + 14.0;
        }
        for step in 0..STEPS {
            let from = x + 4.0 * step as f64;
            let part = (step as f64 + 0.5) / STEPS as f64;
            pen.filled([(from, y - 8.0), (from + 5.0, y + 8.0)], palette::ramp(part), 1.0);
        }
        pen.text(&high, (x + 4.0 * STEPS as f64 + 14.0, y), Anchor::Begins);
    }
}
