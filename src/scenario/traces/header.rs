//! The header: which column stands where.

use super::{
    TraceFormat,
    fault::{TraceFault, shown},
    lines::Lines,
};

/// Most column names that one message lists.
const LISTED: usize = 30;

/// What a format does with a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Need {
    /// It must be there.
    Required,
    /// It may be there.
    Optional,
    /// It may be there, and is passed over.
    Ignored,
}

/// A column of a format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ColumnSpec {
    /// Its name in the header, exactly.
    pub name: &'static str,
    /// Whether it must be there.
    pub need: Need,
}

impl ColumnSpec {
    /// A column that must be there.
    pub(super) const fn required(name: &'static str) -> Self {
        Self { name, need: Need::Required }
    }

    /// A column that may be there.
    pub(super) const fn optional(name: &'static str) -> Self {
        Self { name, need: Need::Optional }
    }

    /// A column that is passed over.
    pub(super) const fn ignored(name: &'static str) -> Self {
        Self { name, need: Need::Ignored }
    }
}

/// Where the columns of a format stand in a file.
pub(super) struct Columns {
    line: u64,
    listed: String,
    places: Vec<(&'static str, usize)>,
}

impl Columns {
    /// The field of an optional column.
    pub(super) fn optional(&self, name: &str) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
    }

    /// The field of a required column.
    pub(super) fn required(&self, name: &str) -> usize {
        self.optional(name).expect("the header was refused where a required column is missing")
    }

    /// A fault of the header.
    pub(super) fn fault(&self, message: impl Into<String>) -> TraceFault {
        TraceFault::of_line(self.line, message, &self.listed)
    }
}

/// Finds the columns of a format in the header, on which `lines` stands, split.
pub(super) fn find(lines: &Lines<'_>, format: TraceFormat) -> Result<Columns, Vec<TraceFault>> {
    let specs = format.columns();
    let header: Vec<String> = (0..lines.fields()).map(|field| lines.text(field)).collect();
    let known = |name: &str| specs.iter().find(|spec| spec.name == name);
    if !header.iter().any(|name| known(name).is_some()) {
        return Err(vec![not_a_header(lines, format, &header)]);
    }
    let listed = format!("the columns here are {}", list(header.iter().map(String::as_str)));
    let mut columns = Columns { line: lines.number(), listed, places: Vec::new() };
    let mut faults = Vec::new();
    for (field, name) in header.iter().enumerate() {
        let Some(spec) = known(name) else {
            faults.push(unknown(lines.number(), name, format));
            continue;
        };
        if columns.optional(spec.name).is_some() {
            faults.push(TraceFault {
                column: Some(spec.name.to_owned()),
                ..*lines.broken("the column is there twice", "each column once, in any order")
            });
        }
        columns.places.push((spec.name, field));
    }
    for spec in specs {
        if spec.need == Need::Required && columns.optional(spec.name).is_none() {
            faults.push(columns.fault(format!("column `{}` is missing", spec.name)));
        }
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}

/// Column names in one text.
fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names = names.map(|name| format!("`{}`", shown(name.as_bytes())));
    let mut text = names.by_ref().take(LISTED).collect::<Vec<_>>().join(", ");
    let more = names.count();
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// The fault of a first line that names no column of the format.
fn not_a_header(lines: &Lines<'_>, format: TraceFormat, header: &[String]) -> TraceFault {
    let fits = |other: &TraceFormat| {
        let mut required = other.columns().iter().filter(|spec| spec.need == Need::Required);
        required.all(|spec| header.iter().any(|name| name == spec.name))
    };
    let message = format!("the first line names no column of the format `{}`", format.name());
    let other = TraceFormat::ALL.iter().map(|(other, _)| *other).find(fits);
    let help = match other {
        Some(other) => format!("its columns are those of the format `{}`", other.name()),
        None => format!(
            "a trace begins with a header; this format's columns are {}",
            list(format.columns().iter().map(|spec| spec.name))
        ),
    };
    *lines.broken(&message, &help)
}

/// The fault of a column that the format does not have.
fn unknown(line: u64, name: &str, format: TraceFormat) -> TraceFault {
    // Long names are near to nothing, and comparing them would take long.
    let short: String = name.chars().take(64).collect();
    let near = |known: &&ColumnSpec| strsim::jaro_winkler(&short, known.name);
    let nearest = format.columns().iter().max_by(|a, b| near(a).total_cmp(&near(b)));
    let help = match nearest {
        Some(spec) if near(&spec) > 0.7 => format!("did you mean `{}`?", spec.name),
        _ => {
            let names = list(format.columns().iter().map(|spec| spec.name));
            format!("the columns of this format are {names}")
        }
    };
    let message = format!("unknown column `{}`", shown(name.as_bytes()));
    TraceFault::of_line(line, message, &help)
}
