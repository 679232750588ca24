//! What every chart shares: a picture of a size that stays legible at half of it, its title, its
//! legend, and the last touch that makes it follow the reader's scheme.

use super::palette::{self, INK};
use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea as _},
    element::{Rectangle, Text},
    style::{Color as _, IntoFont as _, RGBColor, TextStyle},
};

/// A drawing on its way to becoming text: it fails only where the text does not, which is never.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Width and height of a picture (px).
pub const SIZE: (u32, u32) = (960, 480);

/// Height of letters (px).
pub const LETTERS: i32 = 17;

/// Height of a line of the legend (px).
const LINE: i32 = 24;

/// By what pictures of ours are known.
pub const OURS: &str = " class=\"fleetsim\"";

/// Width of a letter, roughly, for want of a font (px).
const LETTER: i32 = 9;

/// The picture that `draw` draws, with `title` above it and its `legend` below the title: for each
/// series its name and colour.
pub fn picture(
    title: &str,
    legend: &[(String, RGBColor)],
    draw: impl FnOnce(&Area<'_>) -> Result<(), String>,
) -> String {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let drawn = head(&root, title, legend).and_then(|height| {
            let (_, below) = root.split_vertically(height);
            draw(&below)
        });
        let drawn = drawn.and_then(|()| root.present().map_err(|error| error.to_string()));
        drawn.expect("drawing into a text cannot fail");
    }
    touched_up(&svg, title)
}

/// Writes title and legend, as many to a line as fit; how high they are (px).
fn head(root: &Area<'_>, title: &str, legend: &[(String, RGBColor)]) -> Result<i32, String> {
    let style = |size: i32| TextStyle::from(("sans-serif", size).into_font()).color(&INK);
    let large = style(LETTERS + 3);
    root.draw(&Text::new(title.to_owned(), (12, 10), large)).map_err(|error| error.to_string())?;
    let (mut x, mut y) = (12, 12 + LINE);
    for (name, colour) in legend {
        let width = 22 + LETTER * name.chars().count() as i32 + 18;
        if x + width > SIZE.0 as i32 && x > 12 {
            (x, y) = (12, y + LINE);
        }
        let patch = Rectangle::new([(x, y + 4), (x + 16, y + 14)], colour.filled());
        root.draw(&patch).map_err(|error| error.to_string())?;
        let text = Text::new(name.clone(), (x + 22, y + 2), style(LETTERS));
        root.draw(&text).map_err(|error| error.to_string())?;
        x += width;
    }
    Ok(if legend.is_empty() { 12 + LINE } else { y + LINE })
}

/// `svg` with a title for those who cannot see it, and with colours that follow the reader's scheme.
fn touched_up(svg: &str, title: &str) -> String {
    let (open, rest) = svg.split_once('>').unwrap_or((svg, ""));
    let alternative = escaped(title);
    format!(
        "{open}{OURS} role=\"img\" aria-label=\"{alternative}\">\n<title>{alternative}</title>\n{}{rest}",
        palette::STYLE
    )
}

/// `text` as it may stand in XML.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
