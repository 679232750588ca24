//! Charts as data: what is drawn, said once for pictures ([`plot`](super::plot)) and for pages that
//! zoom. A figure says in words what it shows, for those who cannot see it.

use serde::Serialize;

/// A chart with its place among the others of a report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Figure {
    /// What its file is called (`availability` for `plots/availability.svg`), and its anchor on a
    /// page: lower case, digits and hyphens.
    pub name: String,
    /// What it shows, in a few words, with the unit where no axis tells it.
    pub title: String,
    /// What a reader should see in it: a sentence with the numbers that matter. It stands below the
    /// chart, and for it where it cannot be seen.
    pub caption: String,
    /// What is drawn.
    pub chart: Chart,
}

/// What is drawn.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Chart {
    /// Values along an axis, most of all over time.
    Lines(Lines),
    /// Values by name.
    Bars(Bars),
    /// A value over two parameters.
    Heat(Heat),
    /// Single points, each with what is said of it.
    Dots(Dots),
    /// Differences by name, each with its interval and in words.
    Rows(Rows),
    /// Where the values of many runs lie, by name.
    Spread(Spread),
}

/// How the values of an axis are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// Simulated time (s), told in the unit that suits the whole.
    Time,
    /// Shares (1 is the whole), told in percent.
    Ratio,
    /// Bytes, told with binary multiples.
    Bytes,
    /// Anything else, as it is.
    Plain,
}

impl Scale {
    /// The scale that suits a `unit` of the catalogue.
    pub fn of_unit(unit: &str) -> Self {
        match unit {
            "s" => Self::Time,
            "ratio" => Self::Ratio,
            "B" => Self::Bytes,
            _ => Self::Plain,
        }
    }
}

/// What lies along an axis, and how it is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Along {
    /// In words.
    pub what: String,
    /// How its values are told.
    pub scale: Scale,
    /// Whether equal ratios are equally far apart, rather than equal differences. Only where all
    /// values are above zero.
    pub log: bool,
}

impl Along {
    /// An axis of `what`.
    pub fn new(what: impl Into<String>, scale: Scale) -> Self {
        Self { what: what.into(), scale, log: false }
    }

    /// The same with equal ratios equally far apart, where `log` is true.
    #[must_use]
    pub fn logarithmic(self, log: bool) -> Self {
        Self { log, ..self }
    }
}

/// Values along an axis: lines with intervals, bounds and pauses, or areas stacked upon each other.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Lines {
    /// What lies along the bottom.
    pub x: Along,
    /// What is shown.
    pub y: Along,
    /// The lines, the first drawn first.
    pub lines: Vec<Line>,
    /// Levels to look at: goals, bounds.
    pub levels: Vec<Level>,
    /// Stretches of the x axis to shade, from and to: pauses.
    pub shaded: Vec<(f64, f64)>,
    /// How lines lie.
    pub form: Form,
}

/// How the lines of a chart lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Each for itself.
    Apart,
    /// Each for itself, on an axis that begins at zero.
    FromZero,
    /// Each upon those before it, as areas: for parts of a whole.
    Stacked,
}

/// One line: a name, and where it lies.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Line {
    /// Its name in the legend.
    pub name: String,
    /// Where it lies, by ascending x; gaps part it.
    pub points: Vec<Spot>,
}

/// One point of a line.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Spot {
    /// Where along the axis.
    pub x: f64,
    /// The value; `None` makes a gap.
    pub y: Option<f64>,
    /// Where the true value lies, or the lowest and the highest.
    pub between: Option<(f64, f64)>,
}

/// A level to look at.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Level {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub at: f64,
}

/// Values by name, one row each: what several candidates say, or what parts a whole.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Bars {
    /// What lies along the bottom.
    pub x: Along,
    /// The rows, from above.
    pub rows: Vec<Bar>,
    /// Whether rows are points with intervals, as differences are, instead of bars from zero.
    pub points: bool,
}

/// One row of bars.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Where the true value lies.
    pub between: Option<(f64, f64)>,
}

/// A value over two parameters: one cell a pair, darker where it is larger.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Heat {
    /// What lies along the bottom, and its values in order.
    pub x: (String, Vec<String>),
    /// What lies along the left, and its values in order, from below.
    pub y: (String, Vec<String>),
    /// What the cells hold, and how it is told.
    pub value: Along,
    /// The values, row by row from below; `None` where there is none.
    pub cells: Vec<Vec<Option<f64>>>,
}

/// Single points on a plane, in groups: values that were tried, the points of a sample.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Dots {
    /// What lies along the bottom.
    pub x: Along,
    /// What is shown.
    pub y: Along,
    /// The points, those of one group marked alike.
    pub groups: Vec<Group>,
    /// A line through or among them, such as means; empty: none.
    pub line: Line,
    /// Levels to look at, across: goals.
    pub levels: Vec<Level>,
    /// Places along the bottom to look at: the answer.
    pub uprights: Vec<Level>,
}

/// Points that are marked alike.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Group {
    /// Their name in the legend.
    pub name: String,
    /// How they are marked.
    pub mark: Mark,
    /// Where they lie.
    pub spots: Vec<Spot>,
}

/// What is said of a point: it has a form of its own beside its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Nothing: a filled circle.
    Plain,
    /// Good, better, met: a filled circle.
    Good,
    /// Bad, worse, missed: a cross.
    Bad,
    /// It cannot be told: a hollow circle.
    Open,
}

/// Values by name, one row each, with an interval, a verdict, and words of their own: rows whose
/// units differ, brought to one scale.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Rows {
    /// What lies along the bottom.
    pub x: Along,
    /// The rows, from above.
    pub rows: Vec<Row>,
    /// What the marks mean, in the order of the legend.
    pub marks: Vec<(Mark, String)>,
    /// Places along the bottom to look at: no difference, a limit.
    pub uprights: Vec<Level>,
    /// The stretch that is shown; what lies beyond is marked by an arrow. `None`: all.
    pub window: Option<(f64, f64)>,
}

/// One row.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its value on the common scale; `None`: there is none.
    pub value: Option<f64>,
    /// Where the true value lies; an end that is not finite is open.
    pub between: Option<(f64, f64)>,
    /// The verdict.
    pub mark: Mark,
    /// The value in its own unit, in words.
    pub told: String,
}

/// Where the values of many runs lie: for each name all its values.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Spread {
    /// What lies along the bottom.
    pub x: Along,
    /// The rows, from above.
    pub rows: Vec<Values>,
}

/// The values of one name.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Values {
    /// Its name.
    pub name: String,
    /// Its values, one a run; any order.
    pub values: Vec<f64>,
}
