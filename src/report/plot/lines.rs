//! Values along an axis, most of all over time: lines with intervals, bounds and pauses, or areas
//! stacked upon each other.

use super::{
    axis::Axis,
    canvas::{self, Area, LETTERS},
    palette::{self, GRID, INK, SHADE},
};
use crate::report::chart::{Form, Lines, Spot};
use plotters::{
    chart::{ChartBuilder, ChartContext},
    coord::{cartesian::Cartesian2d, types::RangedCoordf64},
    element::{PathElement, Polygon, Rectangle},
    prelude::SVGBackend,
    series::LineSeries,
    style::{Color as _, IntoFont as _, RGBColor, TextStyle},
};

/// The chart's plane.
type Plane<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

impl Lines {
    /// The picture, with `title` above it.
    pub(super) fn svg(&self, title: &str) -> String {
        let lines = self.lines.iter().enumerate();
        let legend: Vec<(String, RGBColor)> = match self.lines.len() {
            // A single line is what the title says.
            0 | 1 => Vec::new(),
            _ => lines.map(|(place, line)| (line.name.clone(), palette::series(place))).collect(),
        };
        canvas::picture(title, &legend, |area| self.draw(area))
    }

    fn draw(&self, area: &Area<'_>) -> Result<(), String> {
        let (x, y) = self.axes();
        let text = TextStyle::from(("sans-serif", LETTERS).into_font()).color(&INK);
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .x_label_area_size(56)
            .y_label_area_size(96)
            .build_cartesian_2d(x.low..x.high, y.low..y.high)
            .map_err(|error| error.to_string())?;
        let named = |name: &str, unit: &str| match unit.is_empty() {
            true => name.to_owned(),
            false => format!("{name} ({unit})"),
        };
        chart
            .configure_mesh()
            .x_desc(named(&self.x.what, x.unit))
            .y_desc(named(&self.y.what, y.unit))
            .x_labels(x.ticks.len().max(2))
            .y_labels(y.ticks.len().max(2))
            .x_label_formatter(&|value| x.label(*value))
            .y_label_formatter(&|value| y.label(*value))
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(GRID.mix(0.0))
            .label_style(text.clone())
            .axis_desc_style(text)
            .draw()
            .map_err(|error| error.to_string())?;
        self.shade(&mut chart, &y)?;
        match self.form {
            Form::Stacked => self.stack(&mut chart)?,
            Form::Apart | Form::FromZero => self.strokes(&mut chart)?,
        }
        self.mark(&mut chart, &x)
    }

    /// Both axes, wide enough for all that is drawn.
    fn axes(&self) -> (Axis, Axis) {
        let spots = || self.lines.iter().flat_map(|line| &line.points);
        let (left, right) = ends(spots().map(|spot| spot.x));
        let stacked = self.form == Form::Stacked;
        let heights: Vec<f64> = match stacked {
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
        let (low, high) = ends(heights.into_iter().chain(zero));
        (Axis::new(self.x.scale, left, right, false), Axis::new(self.y.scale, low, high, true))
    }

    fn shade(&self, chart: &mut Plane<'_, '_>, y: &Axis) -> Result<(), String> {
        let shades = self.shaded.iter().map(|(from, to)| {
            Rectangle::new([(*from, y.low), (*to, y.high)], SHADE.mix(0.25).filled())
        });
        chart.draw_series(shades).map(drop).map_err(|error| error.to_string())
    }

    fn strokes(&self, chart: &mut Plane<'_, '_>) -> Result<(), String> {
        for (place, line) in self.lines.iter().enumerate() {
            let colour = palette::series(place);
            for run in line.points.split(|spot| spot.y.is_none()) {
                self.band(chart, run, colour)?;
                let points = run.iter().filter_map(|spot| Some((spot.x, spot.y?)));
                chart
                    .draw_series(LineSeries::new(points, colour.stroke_width(2)))
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// The interval of a stretch without gaps.
    fn band(
        &self,
        chart: &mut Plane<'_, '_>,
        run: &[Spot],
        colour: RGBColor,
    ) -> Result<(), String> {
        let both = || run.iter().filter_map(|spot| Some((spot.x, spot.between?)));
        let up = both().map(|(x, (low, _))| (x, low));
        let down: Vec<(f64, f64)> = both().map(|(x, (_, high))| (x, high)).collect();
        let outline: Vec<(f64, f64)> = up.chain(down.into_iter().rev()).collect();
        if outline.len() < 4 {
            return Ok(());
        }
        let band = Polygon::new(outline, colour.mix(0.22).filled());
        chart.draw_series([band]).map(drop).map_err(|error| error.to_string())
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

    fn stack(&self, chart: &mut Plane<'_, '_>) -> Result<(), String> {
        // From the top one down, so that each hides what lies below it.
        for (place, (line, tops)) in self.lines.iter().zip(self.tops()).enumerate().rev() {
            let Some((first, last)) = line.points.first().zip(line.points.last()) else { continue };
            let top = line.points.iter().zip(tops).map(|(spot, top)| (spot.x, top));
            let outline: Vec<(f64, f64)> = top.chain([(last.x, 0.0), (first.x, 0.0)]).collect();
            let area = Polygon::new(outline, palette::series(place).filled());
            chart.draw_series([area]).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// The levels to look at, each with its name at the right.
    fn mark(&self, chart: &mut Plane<'_, '_>, x: &Axis) -> Result<(), String> {
        for level in &self.levels {
            let line =
                PathElement::new([(x.low, level.at), (x.high, level.at)], INK.stroke_width(2));
            chart.draw_series([line]).map_err(|error| error.to_string())?;
            let style = TextStyle::from(("sans-serif", LETTERS).into_font()).color(&INK);
            let (left, top) = chart.backend_coord(&(x.low, level.at));
            let area = chart.plotting_area().strip_coord_spec();
            let (across, down) = area.get_pixel_range();
            let (dx, dy) = (left - across.start + 6, top - down.start - 20);
            area.draw_text(&level.name, &style, (dx, dy)).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// The lowest and the highest of `values`; zero and one where there is none.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let both = values.fold(None, |ends: Option<(f64, f64)>, value| {
        Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    });
    both.unwrap_or((0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Along, Level, Line, Scale};

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

    #[test]
    fn pictures_are_the_same_bytes_and_escape_what_users_name() {
        for form in [Form::Apart, Form::FromZero, Form::Stacked] {
            let svg = chart(form).svg(HOSTILE);
            assert_eq!(svg, chart(form).svg(HOSTILE));
            assert!(!svg.contains("<script"), "{svg}");
            assert!(svg.contains("Repairs &lt;script&gt;"), "{svg}");
            assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
        }
    }

    #[test]
    fn gaps_part_a_line() {
        let mut gapped = chart(Form::Apart);
        gapped.lines.truncate(1);
        gapped.levels.clear();
        let count = |svg: &str| svg.matches("<polyline").count();
        let whole = count(&gapped.svg(HOSTILE));
        gapped.lines[0].points[20].y = None;
        assert_eq!(count(&gapped.svg(HOSTILE)), whole + 1);
    }

    #[test]
    fn stacked_areas_reach_the_sum() {
        let (_, y) = chart(Form::Stacked).axes();
        assert!(y.high >= 3.0 + 9.0 + 12.0 && y.low.abs() < 1e-9, "{y:?}");
    }
}
