//! Values by name, each with its interval: what several candidates say, or what parts a whole.

use super::{
    axis::Axis,
    canvas::{self, Area, LETTERS},
    palette::{self, GRID, INK},
};
use crate::report::chart::Bars;
use plotters::{
    chart::ChartBuilder,
    element::{Circle, PathElement, Rectangle, Text},
    style::{
        Color as _, IntoFont as _, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// The most letters of a row's name.
const NAME_MOST: usize = 34;

impl Bars {
    /// The picture, with `title` above it.
    pub(super) fn svg(&self, title: &str) -> String {
        canvas::picture(title, &[], |area| self.draw(area))
    }

    fn draw(&self, area: &Area<'_>) -> Result<(), String> {
        let values = self.rows.iter().flat_map(|row| {
            let (low, high) = row.between.unzip();
            [Some(row.value), low, high].into_iter().flatten()
        });
        let (low, high) = values
            .chain([0.0])
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let x = Axis::new(self.x.scale, low, high, true);
        let rows = self.rows.len().max(1) as f64;
        let text = TextStyle::from(("sans-serif", LETTERS).into_font()).color(&INK);
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .margin_right(24)
            .x_label_area_size(56)
            .y_label_area_size(300)
            .build_cartesian_2d(x.low..x.high, rows..0.0)
            .map_err(|error| error.to_string())?;
        let name = match x.unit.is_empty() {
            true => self.x.what.clone(),
            false => format!("{} ({})", self.x.what, x.unit),
        };
        chart
            .configure_mesh()
            .disable_y_mesh()
            .y_labels(0)
            .x_desc(name)
            .x_labels(x.ticks.len().max(2))
            .x_label_formatter(&|value| x.label(*value))
            .axis_style(INK)
            .bold_line_style(GRID)
            .light_line_style(GRID.mix(0.0))
            .label_style(text.clone())
            .axis_desc_style(text.clone())
            .draw()
            .map_err(|error| error.to_string())?;
        let zero = PathElement::new([(0.0, 0.0), (0.0, rows)], INK.stroke_width(1));
        chart.draw_series([zero]).map_err(|error| error.to_string())?;
        let named = text.pos(Pos::new(HPos::Right, VPos::Center));
        for (place, row) in self.rows.iter().enumerate() {
            let (top, middle, foot) = (place as f64 + 0.2, place as f64 + 0.5, place as f64 + 0.8);
            let colour = palette::series(0);
            if self.points {
                let point = Circle::new((row.value, middle), 5, colour.filled());
                chart.draw_series([point]).map_err(|error| error.to_string())?;
            } else {
                let bar = Rectangle::new([(0.0, top), (row.value, foot)], colour.filled());
                chart.draw_series([bar]).map_err(|error| error.to_string())?;
            }
            if let Some((low, high)) = row.between {
                let line = PathElement::new([(low, middle), (high, middle)], INK.stroke_width(2));
                chart.draw_series([line]).map_err(|error| error.to_string())?;
            }
            let (_, y) = chart.backend_coord(&(x.low, middle));
            let (left, _) = chart.backend_coord(&(x.low, middle));
            let (ax, ay) = area.get_base_pixel();
            let text = Text::new(shortened(&row.name), (left - ax - 10, y - ay), named.clone());
            area.draw(&text).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// `name`, cut in the middle where it is too long: both its ends tell most.
fn shortened(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= NAME_MOST {
        return name.to_owned();
    }
    let half = NAME_MOST / 2 - 1;
    let (head, tail) = (&letters[..half], &letters[letters.len() - half..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Along, Bar, Scale};

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
            let svg = chart.svg("Downtime by cause");
            assert!(!svg.contains("<b>") && svg.contains("&lt;b&gt;"), "{svg}");
            assert!(svg.contains('…') && !svg.contains(&"x".repeat(40)));
        }
    }
}
