//! Differences by name, brought to one scale, each with its interval, its verdict and words.

use super::{
    axis::Axis,
    canvas::{self, Entry, Pen},
    palette,
    plane::ends,
    rowed::{self, Rowed},
};
use crate::report::chart::{Figure, Mark, Row, Rows};

impl Rows {
    /// The picture of `figure`, whose chart this is.
    pub(super) fn svg(&self, figure: &Figure) -> String {
        let height = rowed::height(self.rows.len(), 1.0, &self.uprights);
        canvas::picture(figure, &self.legend(), height, |pen, above| self.draw(pen, above))
    }

    /// What the marks mean, where there are several.
    fn legend(&self) -> Vec<Entry> {
        let entry = |(mark, name): (Mark, &String)| Entry {
            name: name.clone(),
            colour: palette::verdict(mark),
            mark: Some(mark),
        };
        let has = |mark: Mark| self.rows.iter().any(|row| row.mark == mark);
        let told = self.marks.iter().filter(|(mark, _)| has(*mark));
        told.map(|(mark, name)| entry((*mark, name))).collect()
    }

    fn draw(&self, pen: &mut Pen<'_>, above: f64) {
        let values = self.rows.iter().flat_map(|row| {
            let (low, high) = row.between.unzip();
            [row.value, low, high].into_iter().flatten()
        });
        let marked = self.uprights.iter().map(|level| level.at);
        let (low, high) = ends(values.chain(marked));
        let (low, high) = match self.window {
            Some((from, to)) => (low.max(from), high.min(to)),
            None => (low, high),
        };
        let axis = Axis::new(&self.x, low, high, true);
        let rows: Vec<(String, String)> =
            self.rows.iter().map(|row| (row.name.clone(), row.told.clone())).collect();
        let rowed = Rowed::draw(pen, axis, &rows, &self.uprights, (above, 1.0));
        for (place, row) in self.rows.iter().enumerate() {
            drawn(pen, &rowed, place, row);
        }
    }
}

/// One row: its interval, and its point, or an arrow to where it would be.
fn drawn(pen: &mut Pen<'_>, rowed: &Rowed, place: usize, row: &Row) {
    let (from, to) = (rowed.axis.low, rowed.axis.high);
    let colour = palette::verdict(row.mark);
    if let Some((low, high)) = row.between {
        let ends = [low, high].map(|end| rowed.at(end.clamp(from, to), place));
        pen.path(&ends, colour, 2.4);
        for (end, (x, y)) in [low, high].into_iter().zip(ends) {
            if (from..=to).contains(&end) {
                pen.path(&[(x, y - 5.0), (x, y + 5.0)], colour, 2.4);
            }
        }
    }
    let Some(value) = row.value else { return };
    let (x, y) = rowed.at(value.clamp(from, to), place);
    let side = match value {
        value if value > to => 1.0,
        value if value < from => -1.0,
        _ => return pen.mark((x, y), row.mark, colour),
    };
    let head = [(x, y), (x - side * 14.0, y - 8.0), (x - side * 14.0, y + 8.0)];
    pen.area(&head, colour, 1.0);
}
