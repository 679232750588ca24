//! What every chart shares: a pen, a picture of a size that stays legible at half of it, its title,
//! its legend, and the last touch that makes it follow the reader's scheme.

use super::{
    letters::{printable, shortened, width, wrapped},
    palette::{self, INK},
};
use crate::report::chart::{Figure, Mark};
use plotters::{
    backend::{DrawingBackend as _, SVGBackend},
    style::{
        Color as _, FontStyle, FontTransform, IntoFont as _, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// Width of a picture (px).
pub const WIDTH: f64 = 800.0;

/// Height of letters (px).
pub const LETTERS: f64 = 17.0;

/// Height of the title's letters (px).
const LARGE: f64 = 19.0;

/// How much wider bold letters are.
const BOLD: f64 = 1.14;

/// Height of a line of the legend (px).
const LINE: f64 = 26.0;

/// By what pictures of ours are known.
pub const OURS: &str = " class=\"fleetsim-plot\"";

/// Room at the edges (px).
pub const EDGE: f64 = 14.0;

/// Parts of a pixel in which lines are laid: the drawing backend knows whole numbers only.
const PARTS: f64 = 10.0;

/// How wide all of the legend's names may be (px).
const NAME_MOST: f64 = 330.0;

/// A place on the picture (px from the left, px from above).
pub type Place = (f64, f64);

/// How a text stands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Anchor {
    /// It begins at its place.
    Begins,
    /// Its middle is there.
    Middle,
    /// It ends there.
    Ends,
    /// It is turned to the left, and its middle is there.
    Turned,
}

/// What draws. It fails only where a text does not take what is drawn, which is never.
pub struct Pen<'a> {
    backend: SVGBackend<'a>,
}

fn whole(at: f64) -> i32 {
    libm::round(at * PARTS) as i32
}

fn pair((x, y): Place) -> (i32, i32) {
    (whole(x), whole(y))
}

const DRAWN: &str = "drawing into a text cannot fail";

impl Pen<'_> {
    /// A line through `places`, of some `width` (px).
    pub fn path(&mut self, places: &[Place], colour: RGBColor, width: f64) {
        let style: ShapeStyle = colour.stroke_width(whole(width).max(1) as u32);
        match *places {
            [] | [_] => {}
            [from, to] => self.backend.draw_line(pair(from), pair(to), &style).expect(DRAWN),
            _ => {
                let places = places.iter().copied().map(pair);
                self.backend.draw_path(places, &style).expect(DRAWN);
            }
        }
    }

    /// The area inside of `places`, through which `alpha` (0 to 1) of it is seen.
    pub fn area(&mut self, places: &[Place], colour: RGBColor, alpha: f64) {
        let places = places.iter().copied().map(pair);
        self.backend.fill_polygon(places, &colour.mix(alpha).filled()).expect(DRAWN);
    }

    /// A box between two corners.
    pub fn filled(&mut self, [from, to]: [Place; 2], colour: RGBColor, alpha: f64) {
        let (from, to) = (pair(from), pair(to));
        let corners = [(from.0.min(to.0), from.1.min(to.1)), (from.0.max(to.0), from.1.max(to.1))];
        let style = colour.mix(alpha).filled();
        self.backend.draw_rect(corners[0], corners[1], &style, true).expect(DRAWN);
    }

    /// A filled circle.
    pub fn dot(&mut self, at: Place, radius: f64, colour: RGBColor, alpha: f64) {
        let style = colour.mix(alpha).filled();
        self.backend.draw_circle(pair(at), whole(radius) as u32, &style, true).expect(DRAWN);
    }

    /// A point that says what is said of it.
    pub fn mark(&mut self, at: Place, mark: Mark, colour: RGBColor) {
        let (x, y) = at;
        match mark {
            Mark::Plain | Mark::Good => self.dot(at, 6.0, colour, 1.0),
            Mark::Bad => {
                for by in [6.0, -6.0] {
                    self.path(&[(x - 6.0, y - by), (x + 6.0, y + by)], colour, 3.5);
                }
            }
            Mark::Open => {
                self.dot(at, 6.5, colour, 1.0);
                self.dot(at, 4.0, palette::PAPER, 1.0);
            }
        }
    }

    /// `text` in ordinary letters.
    pub fn text(&mut self, text: &str, at: Place, anchor: Anchor) {
        self.written(text, at, anchor, (LETTERS, INK));
    }

    /// `text` in letters of some size and colour.
    pub fn written(&mut self, text: &str, at: Place, anchor: Anchor, style: (f64, RGBColor)) {
        let (size, colour) = style;
        let across = match anchor {
            Anchor::Begins => HPos::Left,
            Anchor::Middle | Anchor::Turned => HPos::Center,
            Anchor::Ends => HPos::Right,
        };
        let bold = if size > LETTERS { FontStyle::Bold } else { FontStyle::Normal };
        // The backend divides by this.
        let font = ("sans-serif", size * PARTS * 1.24, bold).into_font();
        let font = match anchor {
            Anchor::Turned => font.transform(FontTransform::Rotate270),
            Anchor::Begins | Anchor::Middle | Anchor::Ends => font,
        };
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(across, VPos::Center));
        let text = printable(text);
        self.backend.draw_text(&text, &style, pair(at)).expect(DRAWN);
    }
}

/// One entry of a legend.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// What it says.
    pub name: String,
    /// In which colour that is drawn.
    pub colour: RGBColor,
    /// How it is marked; `None`: it is a line or an area.
    pub mark: Option<Mark>,
}

impl Entry {
    /// A line or an area called `name`.
    pub fn line(name: &str, colour: RGBColor) -> Self {
        Self { name: name.to_owned(), colour, mark: None }
    }
}

/// The picture of `figure`: its title, its legend, and below them `height` px that `draw` fills from
/// the place that it is told (px from above).
pub fn picture(
    figure: &Figure,
    legend: &[Entry],
    height: f64,
    draw: impl FnOnce(&mut Pen<'_>, f64),
) -> String {
    let mut svg = String::new();
    let title = wrapped(&figure.title, LARGE * BOLD, WIDTH - 2.0 * EDGE, 2);
    let lines = laid(legend);
    let above = EDGE + LINE * (title.len() + lines.len()) as f64 + 4.0;
    let size = (WIDTH, libm::ceil(above + height));
    {
        let whole = (whole(size.0) as u32, whole(size.1) as u32);
        let mut pen = Pen { backend: SVGBackend::with_string(&mut svg, whole) };
        let corners = [(0.0, 0.0), size];
        pen.filled(corners, palette::PAPER, 1.0);
        let mut y = EDGE + LINE / 2.0;
        for line in title {
            pen.written(&line, (EDGE, y), Anchor::Begins, (LARGE, INK));
            y += LINE;
        }
        for line in lines {
            for (x, entry, name) in line {
                match entry.mark {
                    Some(mark) => pen.mark((x + 8.0, y), mark, entry.colour),
                    None => pen.filled([(x, y - 5.0), (x + 18.0, y + 5.0)], entry.colour, 1.0),
                }
                pen.text(&name, (x + 25.0, y), Anchor::Begins);
            }
            y += LINE;
        }
        draw(&mut pen, above);
        pen.backend.present().expect(DRAWN);
    }
    touched_up(&svg, figure, size)
}

/// The lines of a legend, as many entries to each as fit: where it stands, what it is, its name.
fn laid(legend: &[Entry]) -> Vec<Vec<(f64, &Entry, String)>> {
    let mut lines: Vec<Vec<(f64, &Entry, String)>> = Vec::new();
    let mut x = WIDTH;
    for entry in legend {
        let name = shortened(&entry.name, LETTERS, NAME_MOST);
        let room = 25.0 + width(&name, LETTERS);
        if x + room > WIDTH - EDGE {
            lines.push(Vec::new());
            x = EDGE;
        }
        if let Some(line) = lines.last_mut() {
            line.push((x, entry, name));
        }
        x += room + 22.0;
    }
    lines
}

/// `svg` with words for those who cannot see it, and with colours that follow the reader's scheme.
fn touched_up(svg: &str, figure: &Figure, (width, height): (f64, f64)) -> String {
    let (_, rest) = svg.split_once('>').unwrap_or(("", svg));
    // What all elements say is said once: nothing is outlined, and nothing is seen through.
    let rest = rest.replace(" opacity=\"1\"", "").replace(" stroke=\"none\"", "");
    let rest = rest.replace(" stroke-width=\"1\"/>", "/>");
    let rest = rest.replace(" font-family=\"sans-serif\"", "").replace(" \"/>", "\"/>");
    let [title, caption] = [&figure.title, &figure.caption].map(|text| escaped(&printable(text)));
    let (w, h) = (width * PARTS, height * PARTS);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\"{OURS} role=\"img\" \
         width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {w} {h}\" \
         aria-label=\"{title}\">\n<title>{title}</title>\n<desc>{caption}</desc>\n{}{rest}",
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
