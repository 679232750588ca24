//! A plane with two axes: the grid, what is written at it, and levels to look at.

use super::{
    axis::Axis,
    canvas::{Anchor, EDGE, LETTERS, Pen, Place, WIDTH},
    letters::{shortened, width},
    palette::{GRID, INK},
};
use crate::report::chart::{Level, Scale};

/// Height of a plane with all that is written at it (px).
pub const HEIGHT: f64 = 400.0;

/// Room below it, for labels and name of the axis (px).
const BELOW: f64 = 62.0;

/// A plane on a picture.
pub struct Plane {
    /// What lies along the bottom.
    pub x: Axis,
    /// What lies upwards.
    pub y: Axis,
    left: f64,
    right: f64,
    top: f64,
    foot: f64,
    /// What has been written, as boxes, so that nothing is written upon it.
    taken: Vec<[Place; 2]>,
}

impl Plane {
    /// The plane of both axes, from `above` (px) down.
    pub fn new(x: Axis, y: Axis, above: f64) -> Self {
        let widest = y.ticks.iter().map(|(_, label)| width(label, LETTERS)).fold(0.0, f64::max);
        let left = EDGE + 26.0 + widest + 8.0;
        let (right, top, foot) = (WIDTH - EDGE - 16.0, above + 10.0, above + HEIGHT - BELOW);
        Self { x, y, left, right, top, foot, taken: Vec::new() }
    }

    /// Where a value of both axes lies.
    pub fn at(&self, x: f64, y: f64) -> Place {
        let across = self.left + (self.right - self.left) * self.x.position(x);
        (across, self.foot - (self.foot - self.top) * self.y.position(y))
    }

    /// The grid with its ticks and the names of the axes.
    pub fn draw(&self, pen: &mut Pen<'_>) {
        for (value, label) in &self.y.ticks {
            let (_, y) = self.at(self.x.low, *value);
            pen.path(&[(self.left, y), (self.right, y)], GRID, 1.2);
            pen.text(label, (self.left - 8.0, y), Anchor::Ends);
        }
        let mut free = f64::NEG_INFINITY;
        for (value, label) in &self.x.ticks {
            let (x, _) = self.at(*value, self.y.low);
            pen.path(&[(x, self.foot), (x, self.foot + 6.0)], INK, 1.2);
            let half = width(label, LETTERS) / 2.0;
            let middle = x.min(WIDTH - 4.0 - half);
            if middle - half >= free {
                pen.text(label, (middle, self.foot + 20.0), Anchor::Middle);
                free = middle + half + 8.0;
            }
        }
        self.foot(pen);
        if self.y.low < 0.0 && self.y.high > 0.0 {
            pen.path(&[self.at(self.x.low, 0.0), self.at(self.x.high, 0.0)], INK, 1.2);
        }
        let middle = (self.left + self.right) / 2.0;
        let name = shortened(&self.x.name, LETTERS, self.right - self.left);
        pen.text(&name, (middle, self.foot + 46.0), Anchor::Middle);
        let name = shortened(&self.y.name, LETTERS, self.foot - self.top + 40.0);
        let at = (EDGE + 10.0, (self.top + self.foot) / 2.0);
        pen.text(&name, at, Anchor::Turned);
    }

    /// The line along the bottom: again after what has been drawn upon it.
    pub fn foot(&self, pen: &mut Pen<'_>) {
        pen.path(&[(self.left, self.foot), (self.right, self.foot)], INK, 1.2);
    }

    /// A level with its name, written where the fewest of `others` lie.
    pub fn level(&mut self, pen: &mut Pen<'_>, level: &Level, others: &[Place]) {
        let [from, to] = [self.at(self.x.low, level.at), self.at(self.x.high, level.at)];
        pen.path(&[from, to], INK, 2.0);
        let name = shortened(&level.name, LETTERS, self.right - self.left - 12.0);
        let wide = width(&name, LETTERS);
        // Within the plane: above it stands the title, and below it the ticks.
        let inside = |side: &f64| (self.top..=self.foot).contains(&(from.1 + side * 26.0));
        let sides = [-1.0, 1.0].into_iter().filter(inside);
        let places = sides.flat_map(|side| {
            [from.0 + 6.0, to.0 - wide - 4.0, (from.0 + to.0 - wide) / 2.0]
                .map(|x| (x, from.1 + side * 14.0))
        });
        self.write(pen, &name, places.collect(), others);
    }

    /// A place along the bottom with its name, written where the fewest of `others` lie.
    pub fn upright(&mut self, pen: &mut Pen<'_>, level: &Level, others: &[Place]) {
        let [from, to] = [self.at(level.at, self.y.low), self.at(level.at, self.y.high)];
        pen.path(&[from, to], INK, 2.0);
        let name = shortened(&level.name, LETTERS, self.right - self.left - 12.0);
        let wide = width(&name, LETTERS);
        let sides = [from.0 + 8.0, from.0 - wide - 8.0];
        let inside = |x: &f64| *x >= self.left && x + wide <= self.right;
        let heights = [self.foot - 16.0, self.top + 14.0, (self.top + self.foot) / 2.0];
        let places: Vec<Place> = heights
            .into_iter()
            .flat_map(|y| sides.into_iter().filter(inside).map(move |x| (x, y)))
            .collect();
        self.write(pen, &name, places, others);
    }

    fn write(&mut self, pen: &mut Pen<'_>, name: &str, places: Vec<Place>, others: &[Place]) {
        let wide = width(name, LETTERS);
        let around = |(x, y): Place| [(x, y - 12.0), (x + wide, y + 12.0)];
        let hidden = |place: &Place| {
            let [from, to] = around(*place);
            let within = |(x, y): &&Place| {
                *x > from.0 - 8.0 && *x < to.0 + 8.0 && *y > from.1 - 8.0 && *y < to.1 + 8.0
            };
            let meets =
                |[a, b]: &&[Place; 2]| a.0 < to.0 && from.0 < b.0 && a.1 < to.1 && from.1 < b.1;
            let upon = self.taken.iter().filter(meets).count();
            others.iter().filter(within).count() + 1_000 * upon
        };
        if let Some(best) = places.into_iter().min_by_key(hidden) {
            self.taken.push(around(best));
            pen.text(name, best, Anchor::Begins);
        }
    }
}

/// `heights`, which hold `values` and their intervals, brought within what can be: an interval that is
/// computed reaches below zero or beyond the whole where no value does.
pub fn within(
    scale: Scale,
    mut values: impl Iterator<Item = f64> + Clone,
    heights: Vec<f64>,
) -> Vec<f64> {
    let low = if values.clone().all(|value| value >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
    let is_share = scale == Scale::Ratio && values.all(|value| value <= 1.0);
    let high = if is_share { 1.0 } else { f64::INFINITY };
    heights.into_iter().map(|height| height.clamp(low, high)).collect()
}

/// The lowest and the highest of `values`; zero and one where there is none.
pub fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let both =
        values.filter(|value| value.is_finite()).fold(None, |ends: Option<(f64, f64)>, value| {
            Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
        });
    both.unwrap_or((0.0, 1.0))
}
