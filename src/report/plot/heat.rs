//! A value over two parameters: one cell a pair, darker where it is larger.

use super::{
    axis::Axis,
    canvas::{self, Area, LETTERS},
    palette::{self, INK},
};
use crate::report::chart::Heat;
use plotters::{
    element::{Rectangle, Text},
    style::{
        Color as _, IntoFont as _, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// Room for the labels: at the left, at the right, above, below (px).
const ROOM: [i32; 4] = [150, 24, 12, 64];

impl Heat {
    /// The picture, with `title` above it.
    pub(super) fn svg(&self, title: &str) -> String {
        canvas::picture(title, &[], |area| self.draw(area))
    }

    fn draw(&self, area: &Area<'_>) -> Result<(), String> {
        let values = || self.cells.iter().flatten().flatten().copied();
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let axis = Axis::new(self.value.scale, low.min(high), high.max(low), false);
        let (width, height) = area.dim_in_pixel();
        let (width, height) = (width as i32 - ROOM[0] - ROOM[1], height as i32 - ROOM[2] - ROOM[3]);
        let (columns, rows) = (self.x.1.len().max(1) as i32, self.y.1.len().max(1) as i32);
        let style = || {
            TextStyle::from(("sans-serif", LETTERS - 2).into_font())
                .color(&INK)
                .pos(Pos::new(HPos::Center, VPos::Center))
        };
        let text = |what: String, at: (i32, i32), style: TextStyle<'static>| {
            area.draw(&Text::new(what, at, style)).map_err(|error| error.to_string())
        };
        let left = |column: i32| ROOM[0] + width * column / columns;
        let foot = |row: i32| ROOM[2] + height - height * row / rows;
        for (row, cells) in (0..).zip(&self.cells) {
            for (column, value) in (0..).zip(cells) {
                let corners = [(left(column), foot(row + 1)), (left(column + 1), foot(row))];
                let Some(value) = *value else { continue };
                let part = if high > low { (value - low) / (high - low) } else { 0.5 };
                let cell = Rectangle::new(corners, palette::ramp(part).filled());
                area.draw(&cell).map_err(|error| error.to_string())?;
            }
        }
        let every = |count: i32, most: i32| (count + most - 1) / most;
        for (column, name) in (0..).zip(&self.x.1) {
            if column % every(columns, 12) == 0 {
                let middle = (left(column) + left(column + 1)) / 2;
                text(name.clone(), (middle, foot(0) + 14), style())?;
            }
        }
        for (row, name) in (0..).zip(&self.y.1) {
            if row % every(rows, 16) == 0 {
                let at = (ROOM[0] - 8, (foot(row) + foot(row + 1)) / 2);
                text(name.clone(), at, style().pos(Pos::new(HPos::Right, VPos::Center)))?;
            }
        }
        text(self.x.0.clone(), (ROOM[0] + width / 2, foot(0) + 42), style())?;
        let told = |value: f64| format!("{} {}", axis.label(value), axis.unit);
        let key = format!("{}: pale {}, dark {}", self.value.what, told(low), told(high));
        let corner = style().pos(Pos::new(HPos::Left, VPos::Center));
        text(key, (12, foot(0) + 42), corner)
    }
}
