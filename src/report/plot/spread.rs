//! Where the values of many runs lie: for each name its runs as points, and above them a box from the
//! first to the third quarter with a line at the median, and whiskers that hold nine of ten.

use super::{
    axis::{self, Axis},
    canvas::{self, Pen},
    palette::{self, INK},
    plane::ends,
    rowed::{self, Rowed},
};
use crate::report::chart::{Figure, Spread};

/// The most points drawn of a name; of more, as many quantiles are.
const POINTS_MOST: usize = 300;

/// Heights at which points lie, so that near ones do not hide each other (px): a pattern, as chance has
/// no place in a picture.
const HEIGHTS: [f64; 5] = [0.0, 6.0, -4.0, 3.0, -7.0];

impl Spread {
    /// The picture of `figure`, whose chart this is.
    pub(super) fn svg(&self, figure: &Figure) -> String {
        let height = rowed::height(self.rows.len(), 2.0, &[]);
        canvas::picture(figure, &[], height, |pen, above| self.draw(pen, above))
    }

    fn draw(&self, pen: &mut Pen<'_>, above: f64) {
        let (low, high) = ends(self.rows.iter().flat_map(|row| row.values.iter().copied()));
        let axis = Axis::new(&self.x, low, high, true);
        let sorted: Vec<Vec<f64>> = self
            .rows
            .iter()
            .map(|row| {
                let mut values = row.values.clone();
                values.sort_by(f64::total_cmp);
                values
            })
            .collect();
        let told = |values: &Vec<f64>| {
            let median = quantile(values, 0.5).map(|value| axis::alone(self.x.scale, value));
            median.map_or_else(|| "no run".to_owned(), |median| format!("median {median}"))
        };
        let rows: Vec<(String, String)> = self
            .rows
            .iter()
            .zip(&sorted)
            .map(|(row, values)| (row.name.clone(), told(values)))
            .collect();
        let rowed = Rowed::draw(pen, axis, &rows, &[], (above, 2.0));
        for (place, values) in sorted.iter().enumerate() {
            row(pen, &rowed, place, values);
        }
    }
}

fn row(pen: &mut Pen<'_>, rowed: &Rowed, place: usize, values: &[f64]) {
    let colour = palette::series(place);
    let count = values.len().min(POINTS_MOST);
    for point in 0..count {
        let value = values[(2 * point + 1) * values.len() / (2 * count)];
        let (x, y) = rowed.at(value, place);
        pen.dot((x, y + 14.0 + HEIGHTS[point % HEIGHTS.len()]), 3.2, colour, 0.5);
    }
    let at = |share: f64| quantile(values, share).map(|value| rowed.at(value, place));
    let ends = [0.05, 0.25, 0.5, 0.75, 0.95].map(at);
    let [Some((low, y)), Some((first, _)), Some((median, _)), Some((third, _)), Some((high, _))] =
        ends
    else {
        return;
    };
    let y = y - 14.0;
    pen.path(&[(low, y), (high, y)], colour, 2.0);
    for x in [low, high] {
        pen.path(&[(x, y - 5.0), (x, y + 5.0)], colour, 2.0);
    }
    pen.filled([(first, y - 9.0), (third, y + 9.0)], colour, 1.0);
    pen.path(&[(median, y - 12.0), (median, y + 12.0)], INK, 3.0);
}

/// The quantile `share` (0 to 1) of sorted `values`: the value below or at which as many lie.
pub(super) fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let place = libm::ceil(share * values.len() as f64).max(1.0) as usize - 1;
    values.get(place.min(values.len().checked_sub(1)?)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Along, Chart, Scale, Values};

    #[test]
    fn quantiles_are_values() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let found = [0.0, 0.05, 0.5, 0.75, 0.95, 1.0].map(|share| quantile(&values, share));
        assert_eq!(found, [1.0, 1.0, 5.0, 8.0, 10.0, 10.0].map(Some));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn every_run_is_a_point_as_long_as_they_can_be_told_apart() {
        let circles = |runs: u32| {
            let values = |by: f64| (0..runs).map(|run| f64::from(run % 17) + by).collect();
            let row = |name: &str, by| Values { name: name.to_owned(), values: values(by) };
            let chart = Spread {
                x: Along::new("downtime", Scale::Time),
                rows: vec![row("A", 0.0), row("B <b>", 3.0), row("none", 0.0)],
            };
            let figure = Figure {
                name: "spread".to_owned(),
                title: "Downtime".to_owned(),
                caption: String::new(),
                chart: Chart::Spread(chart),
            };
            let svg = crate::report::plot::svg(&figure);
            assert!(svg.contains("B &lt;b&gt;"));
            svg.matches("<circle").count()
        };
        assert_eq!([0, 1, 50, 5_000].map(circles), [0, 3, 150, 3 * POINTS_MOST]);
    }
}
