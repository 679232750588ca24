//! Values along an axis, most of all over time: lines with intervals, bounds and pauses, or areas
//! stacked upon each other.

use super::{
    axis::Axis,
    canvas::{self, Entry, Pen, Place},
    palette::{self, BAND, PAPER, SHADE},
    plane::{HEIGHT, Plane, ends, within},
};
use crate::report::chart::{Along, Figure, Form, Lines, Scale, Spot};
use plotters::style::RGBColor;

/// The share of an axis of time below which its first value is the first cell of a run.
const FIRST_CELL: f64 = 0.03;

/// Points of a line up to which each is marked, with its interval as whiskers; more are a curve, with
/// its interval as a band.
const MARKED_MOST: usize = 30;

impl Lines {
    /// The picture of `figure`, whose chart this is.
    pub(super) fn svg(&self, figure: &Figure) -> String {
        let lines = self.lines.iter().enumerate();
        let legend: Vec<Entry> = match self.lines.len() {
            // A single line is what the title says.
            0 | 1 => Vec::new(),
            _ => {
                lines.map(|(place, line)| Entry::line(&line.name, palette::series(place))).collect()
            }
        };
        canvas::picture(figure, &legend, HEIGHT, |pen, above| self.draw(pen, above))
    }

    fn draw(&self, pen: &mut Pen<'_>, above: f64) {
        let (x, y) = self.axes();
        let mut plane = Plane::new(x, y, above);
        self.shade(pen, &plane);
        plane.draw(pen);
        match self.form {
            Form::Stacked => self.stack(pen, &plane),
            Form::Apart | Form::FromZero => self.strokes(pen, &plane),
        }
        let spots = self.lines.iter().flat_map(|line| &line.points);
        let places = spots.filter_map(|spot| Some(plane.at(spot.x, spot.y?)));
        let places: Vec<Place> = places.collect();
        self.levels.iter().for_each(|level| plane.level(pen, level, &places));
    }

    /// Whether points are few enough to be marked.
    fn is_marked(&self) -> bool {
        self.form != Form::Stacked && self.lines.iter().all(|line| line.points.len() <= MARKED_MOST)
    }

    /// Both axes, wide enough for all that is drawn.
    fn axes(&self) -> (Axis, Axis) {
        let spots = || self.lines.iter().flat_map(|line| &line.points);
        let heights: Vec<f64> = match self.form == Form::Stacked {
            true => self.tops().into_iter().flatten().collect(),
            false => spots()
                .flat_map(|spot| {
                    let (low, high) = spot.between.unzip();
                    [spot.y, low, high].into_iter().flatten()
                })
                .chain(self.levels.iter().map(|level| level.at))
                .collect(),
        };
        let zero = (self.form != Form::Apart).then_some(0.0);
        let heights = within(self.y.scale, spots().filter_map(|spot| spot.y), heights);
        let (low, high) = ends(heights.into_iter().chain(zero));
        let across: Vec<f64> = spots().map(|spot| spot.x).collect();
        let x = match self.is_marked() {
            true => Axis::of_values(&self.x, &across).padded(0.03),
            false => {
                let (left, right) = ends(across.into_iter());
                Axis::new(&self.x, begin(&self.x, left, right), right, false)
            }
        };
        (x, Axis::new(&self.y, low, high, true))
    }

    fn shade(&self, pen: &mut Pen<'_>, plane: &Plane) {
        for (from, to) in &self.shaded {
            let [from, to] = [from, to].map(|x| x.clamp(plane.x.low, plane.x.high));
            pen.filled([plane.at(from, plane.y.low), plane.at(to, plane.y.high)], SHADE, 0.25);
        }
    }

    fn strokes(&self, pen: &mut Pen<'_>, plane: &Plane) {
        let is_marked = self.is_marked();
        for (place, line) in self.lines.iter().enumerate() {
            let colour = palette::series(place);
            // Whiskers of several lines stand beside each other.
            let beside = (place as f64 - (self.lines.len() - 1) as f64 / 2.0) * 4.0;
            for run in line.points.split(|spot| spot.y.is_none()) {
                let at = |spot: &Spot| Some(plane.at(spot.x, spot.y?));
                let mut places: Vec<Place> = run.iter().filter_map(at).collect();
                if is_marked {
                    places.iter_mut().for_each(|(x, _)| *x += beside);
                    whiskers(pen, plane, run, (colour, beside));
                } else {
                    band(pen, plane, run, colour);
                }
                pen.path(&places, colour, 2.4);
                if is_marked || places.len() == 1 {
                    for place in places {
                        pen.dot(place, 6.2, PAPER, 1.0);
                        pen.dot(place, 5.0, colour, 1.0);
                    }
                }
            }
        }
    }

    /// Where the top of each line lies when all are stacked; gaps count as nothing.
    fn tops(&self) -> Vec<Vec<f64>> {
        let mut below: Vec<f64> = Vec::new();
        let stack = self.lines.iter().map(|line| {
            below.resize(line.points.len().max(below.len()), 0.0);
            for (top, spot) in below.iter_mut().zip(&line.points) {
                *top += spot.y.unwrap_or(0.0);
            }
            below.clone()
        });
        stack.collect()
    }

    fn stack(&self, pen: &mut Pen<'_>, plane: &Plane) {
        // From the top one down, so that each hides what lies below it.
        for (place, (line, tops)) in self.lines.iter().zip(self.tops()).enumerate().rev() {
            let Some((first, last)) = line.points.first().zip(line.points.last()) else { continue };
            let top: Vec<Place> =
                line.points.iter().zip(tops).map(|(spot, top)| plane.at(spot.x, top)).collect();
            let foot = [plane.at(last.x, 0.0), plane.at(first.x, 0.0)];
            let outline = [top.as_slice(), &foot].concat();
            pen.area(&outline, palette::series(place), 1.0);
            // A line of paper between neighbours, for those to whom their colours are alike; what
            // lies around them all needs none, and would hide what is thin.
            if place + 1 < self.lines.len() {
                pen.path(&top, PAPER, 0.8);
            }
        }
        plane.foot(pen);
    }
}

/// Where an axis begins whose values go from `left` to `right`: cells of time lie at their middles, so
/// that the first of a run is a little after its begin.
fn begin(along: &Along, left: f64, right: f64) -> f64 {
    let is_near = left > 0.0 && left < FIRST_CELL * right;
    if along.scale == Scale::Time && !along.log && is_near { 0.0 } else { left }
}

/// The intervals of a stretch without gaps, as a band.
fn band(pen: &mut Pen<'_>, plane: &Plane, run: &[Spot], colour: RGBColor) {
    let both = || run.iter().filter_map(|spot| Some((spot.x, spot.between?)));
    let shown = |y: f64| y.clamp(plane.y.low, plane.y.high);
    let up = both().map(|(x, (low, _))| plane.at(x, shown(low)));
    let down: Vec<Place> = both().map(|(x, (_, high))| plane.at(x, shown(high))).collect();
    let outline: Vec<Place> = up.chain(down.into_iter().rev()).collect();
    if outline.len() >= 4 {
        pen.area(&outline, colour, BAND);
    }
}

/// The intervals of single points.
pub(super) fn whiskers(
    pen: &mut Pen<'_>,
    plane: &Plane,
    spots: &[Spot],
    (colour, beside): (RGBColor, f64),
) {
    for spot in spots {
        let Some((low, high)) = spot.between else { continue };
        let [low, high] = [low, high].map(|y| y.clamp(plane.y.low, plane.y.high));
        let [(x, foot), (_, top)] = [plane.at(spot.x, low), plane.at(spot.x, high)];
        let x = x + beside;
        pen.path(&[(x, foot), (x, top)], colour, 1.8);
        for y in [foot, top] {
            pen.path(&[(x - 4.0, y), (x + 4.0, y)], colour, 1.8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Chart, Level, Line};

    const HOSTILE: &str = "Repairs <script>alert(\"x\")</script> & more";

    fn spot(x: f64, y: f64) -> Spot {
        Spot { x, y: Some(y), between: Some((y - 1.0, y + 1.0)) }
    }

    fn chart(form: Form) -> Lines {
        let line = |name: &str, by: f64| Line {
            name: name.to_owned(),
            points: (0..50).map(|n| spot(f64::from(n) * 3_600.0, by + f64::from(n % 7))).collect(),
        };
        Lines {
            x: Along::new("time", Scale::Time),
            y: Along::new("servers", Scale::Plain),
            lines: vec![line("waiting", 3.0), line("in repair", 9.0)],
            levels: vec![Level { name: "bound".to_owned(), at: 12.0 }],
            shaded: vec![(36_000.0, 72_000.0)],
            form,
        }
    }

    fn drawn(lines: &Lines) -> String {
        let figure = Figure {
            name: "hostile".to_owned(),
            title: HOSTILE.to_owned(),
            caption: format!("It says {HOSTILE}"),
            chart: Chart::Lines(lines.clone()),
        };
        crate::report::plot::svg(&figure)
    }

    #[test]
    fn pictures_are_the_same_bytes_and_escape_what_users_name() {
        for form in [Form::Apart, Form::FromZero, Form::Stacked] {
            let svg = drawn(&chart(form));
            assert_eq!(svg, drawn(&chart(form)));
            assert!(!svg.contains("<script"), "{svg}");
            assert!(svg.contains("Repairs &lt;script&gt;"), "{svg}");
            assert!(svg.contains("<desc>It says Repairs &lt;script&gt;"), "{svg}");
            assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
        }
    }

    #[test]
    fn gaps_part_a_line() {
        let mut gapped = chart(Form::Apart);
        gapped.lines.truncate(1);
        gapped.levels.clear();
        let count = |svg: &str| svg.matches("<polyline").count();
        let whole = count(&drawn(&gapped));
        gapped.lines[0].points[20].y = None;
        assert_eq!(count(&drawn(&gapped)), whole + 1);
    }

    #[test]
    fn an_axis_of_time_begins_with_the_run() {
        let (x, _) = chart(Form::Apart).axes();
        assert!(x.low.abs() <= 0.0 && x.ticks[0].1 == "0.0", "{x:?}");
        let mut later = chart(Form::Apart);
        later.lines.iter_mut().flat_map(|line| &mut line.points).for_each(|spot| spot.x += 900.0);
        assert!(later.axes().0.low.abs() <= 0.0, "the middle of the first cell");
        later
            .lines
            .iter_mut()
            .flat_map(|line| &mut line.points)
            .for_each(|spot| spot.x += 90_000.0);
        assert!(later.axes().0.low > 90_000.0, "a part of a run");
    }

    #[test]
    fn intervals_do_not_widen_an_axis_beyond_what_can_be() {
        let mut shares = chart(Form::Apart);
        shares.y.scale = Scale::Ratio;
        shares.levels.clear();
        shares.lines.truncate(1);
        let all = |chart: &mut Lines, y: f64| {
            for spot in &mut chart.lines[0].points {
                *spot = Spot { y: Some(y), between: Some((y - 0.5, y + 0.5)), ..*spot };
            }
        };
        all(&mut shares, 0.9);
        let (_, y) = shares.axes();
        assert!((y.high - 1.0).abs() < 1e-9 && y.low < 0.5, "{y:?}");
        all(&mut shares, 0.1);
        assert!(shares.axes().1.low.abs() < 1e-9, "{:?}", shares.axes().1);
        // Shares of more than the whole are what they are, and so are values below zero.
        all(&mut shares, 1.2);
        assert!(shares.axes().1.high >= 1.7);
        all(&mut shares, -0.1);
        assert!(shares.axes().1.low <= -0.6);
    }

    #[test]
    fn stacked_areas_reach_the_sum() {
        let (_, y) = chart(Form::Stacked).axes();
        assert!(y.high >= 3.0 + 9.0 + 12.0 && y.low.abs() < 1e-9, "{y:?}");
    }
}
