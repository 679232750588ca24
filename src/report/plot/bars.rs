//! Values by name, each with its interval: what several candidates say, or what parts a whole.

use super::{
    axis::{self, Axis},
    canvas::{self, Pen},
    palette::{self, INK, PAPER},
    plane::ends,
    rowed::{self, Rowed},
};
use crate::report::chart::{Bars, Figure, Level};

impl Bars {
    /// The picture of `figure`, whose chart this is.
    pub(super) fn svg(&self, figure: &Figure) -> String {
        let height = rowed::height(self.rows.len(), 1.0, &[]);
        canvas::picture(figure, &[], height, |pen, above| self.draw(pen, above))
    }

    fn draw(&self, pen: &mut Pen<'_>, above: f64) {
        let values = self.rows.iter().flat_map(|row| {
            let (low, high) = row.between.unzip();
            [Some(row.value), low, high].into_iter().flatten()
        });
        // Bars begin at zero; points only say where they are.
        let zero = (!self.points).then_some(0.0);
        let (low, high) = ends(values.chain(zero));
        let axis = Axis::new(&self.x, low, high, true);
        let told = |value| axis::alone(self.x.scale, value);
        let rows: Vec<(String, String)> =
            self.rows.iter().map(|row| (row.name.clone(), told(row.value))).collect();
        let spans_zero = axis.low <= 0.0 && axis.high >= 0.0;
        let zero = spans_zero.then(|| Level { name: String::new(), at: 0.0 });
        let rowed = Rowed::draw(pen, axis, &rows, zero.as_slice(), (above, 1.0));
        let colour = palette::series(0);
        for (place, row) in self.rows.iter().enumerate() {
            let (x, y) = rowed.at(row.value, place);
            if !self.points {
                let (from, _) = rowed.at(0.0, place);
                pen.filled([(from, y - 9.0), (x, y + 9.0)], colour, 1.0);
            }
            if let Some((low, high)) = row.between {
                let [(low, _), (high, _)] = [low, high].map(|end| rowed.at(end, place));
                let ink = if self.points { colour } else { INK };
                pen.path(&[(low, y), (high, y)], ink, 2.0);
                for x in [low, high] {
                    pen.path(&[(x, y - 5.0), (x, y + 5.0)], ink, 2.0);
                }
            }
            if self.points {
                pen.dot((x, y), 7.2, PAPER, 1.0);
                pen.dot((x, y), 6.0, colour, 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Along, Bar, Chart, Scale};

    #[test]
    fn rows_are_named_and_escaped() {
        let row = |name: &str, value: f64| Bar {
            name: name.to_owned(),
            value,
            between: Some((value - 0.5, value + 0.5)),
        };
        for points in [false, true] {
            let chart = Bars {
                x: Along::new("downtime", Scale::Time),
                rows: vec![row("<b>server</b>", 3.0), row("=cmd", -1.0), row(&"x".repeat(99), 2.0)],
                points,
            };
            let figure = Figure {
                name: "downtime".to_owned(),
                title: "Downtime by cause".to_owned(),
                caption: String::new(),
                chart: Chart::Bars(chart),
            };
            let svg = crate::report::plot::svg(&figure);
            assert!(!svg.contains("<b>") && svg.contains("&lt;b&gt;"), "{svg}");
            assert!(svg.contains('…') && !svg.contains(&"x".repeat(40)));
        }
    }
}
