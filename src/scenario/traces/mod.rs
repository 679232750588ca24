//! Readers of instance traces: who arrives when, asks for what, and lives how long.
//!
//! A trace is read once, whole, in one pass, before any run, so that no run can fail on it. The
//! readers know columns and units and nothing of layouts: they return names and amounts, every
//! distinct combination once ([`RawTemplate`]), and whoever resolves the scenario gives them ids.
//! `docs/traces.md` tells users what each format holds.
//!
//! The way of a byte: `lines` undoes gzip and cuts lines into fields, `header` finds the
//! columns, a format's file turns fields into a row with the words of `cells`, and `templates`
//! keeps each combination once.

mod lines;

mod cells;

mod header;

mod templates;

mod generic;

mod azure_v1;

mod alibaba_dlrm;

mod loads;

mod fault;

#[cfg(test)]
mod published;

#[cfg(test)]
mod refused;

pub use fault::TraceFault;
pub use loads::{RawLoads, read_loads};

use self::{
    alibaba_dlrm::AlibabaDlrm,
    azure_v1::AzureV1,
    cells::{Flaw, Row},
    fault::Faults,
    generic::Generic,
    header::ColumnSpec,
    lines::{Lines, Raw},
    templates::Templates,
};
use crate::{
    fleet::layout::Resources,
    kernel::time::{Instant, Span},
};
use std::io::Read;

/// A trace format that can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TraceFormat {
    /// The documented CSV of this product, units in the column names.
    Generic,
    /// Azure VM requests of 2017, processed: sizes, batches, and lifetimes in bins.
    AzureV1,
    /// Alibaba GPU-disaggregated inference instances of 2025.
    AlibabaDlrm,
}

impl TraceFormat {
    /// Every format and its name in a scenario.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Generic, "generic"),
        (Self::AzureV1, "azure-v1"),
        (Self::AlibabaDlrm, "alibaba-dlrm"),
    ];

    /// The format of that name, or `None` if there is none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == name).map(|(format, _)| *format)
    }

    /// Its name in a scenario.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(format, _)| *format == self);
        found.expect("every format stands in the table").1
    }

    /// Its columns.
    fn columns(self) -> &'static [ColumnSpec] {
        match self {
            Self::Generic => generic::COLUMNS,
            Self::AzureV1 => azure_v1::COLUMNS,
            Self::AlibabaDlrm => alibaba_dlrm::COLUMNS,
        }
    }
}

/// Which point of a published lifetime bin counts as the lifetime.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LifePoint {
    /// The shortest lifetime of the bin.
    Lower,
    /// Half way between, rounded down to a whole microsecond.
    Middle,
    /// The longest lifetime of the bin.
    #[default]
    Upper,
}

/// What happens to a row that cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnBadRow {
    /// The whole trace is refused.
    #[default]
    Fail,
    /// The row is left out and counted.
    Skip,
}

/// How a trace is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceOptions {
    /// What the file holds.
    pub format: TraceFormat,
    /// Which point of a lifetime bin counts; of no concern to formats without bins.
    pub life_point: LifePoint,
    /// What happens to a row that cannot be read.
    pub on_bad_row: OnBadRow,
    /// The most that is read after decompression (bytes); a longer trace is refused.
    pub max_bytes: u64,
    /// The most data rows that are read; a longer trace is refused. A row takes 24 bytes.
    pub max_rows: u32,
    /// How many faults are told in full; the others are only counted.
    pub max_faults: usize,
}

impl TraceOptions {
    /// The usual options for a format: upper bin bound, bad rows refused, at most 8 GiB and 100
    /// million rows (2.4 GB of memory), 20 faults told.
    pub fn new(format: TraceFormat) -> Self {
        Self {
            format,
            life_point: LifePoint::default(),
            on_bad_row: OnBadRow::default(),
            max_bytes: 8 << 30,
            max_rows: 100_000_000,
            max_faults: 20,
        }
    }
}

/// A trace, as read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawTrace {
    /// Rows that are there when the trace begins, in order of the file.
    pub at_start: Vec<RawRow>,
    /// Rows that arrive, by time; rows of one instant in order of the file.
    pub arrivals: Vec<RawRow>,
    /// Every distinct combination that the kept rows ask for, in order of first appearance.
    pub templates: Vec<RawTemplate>,
    /// Data rows in the file, kept or skipped.
    pub rows: u64,
    /// Rows left out because they could not be read.
    pub skipped: u64,
    /// What is wrong with the first row that is left out.
    pub first_skipped: Option<TraceFault>,
    /// The line on which each of the templates stands first.
    pub first_lines: Vec<u64>,
    /// The line of the first arrival; 0 if nothing arrives.
    pub first_arrival_line: u64,
    /// Whether the file tells lifetimes; if not, every life is [`Span::NEVER`].
    pub has_lives: bool,
    /// The first arrival; `None` if nothing arrives.
    pub first: Option<Instant>,
    /// The last arrival; `None` if nothing arrives.
    pub last: Option<Instant>,
    /// BLAKE3 of the file's bytes as stored (compressed, if they are), lower-case hex.
    pub digest: String,
}

/// One row of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RawRow {
    /// When it arrives; the clock's zero for rows at start.
    pub arrival: Instant,
    /// How long it lives from then; [`Span::NEVER`]: to the end.
    pub life: Span,
    /// What it asks for: a place in [`RawTrace::templates`].
    pub template: u32,
    /// Its place among the data rows of the file, from 0, skipped rows counted.
    pub row: u32,
}

// A trace of a million rows must fit a laptop's cache budget: 24 bytes a row.
const _: () = assert!(size_of::<RawRow>() == 24);

/// What rows of a trace ask for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawTemplate {
    /// Name of the instance type, if the trace tells one.
    pub type_name: Option<String>,
    /// What one instance takes.
    pub demand: Resources,
    /// The application it serves.
    pub application: Option<String>,
    /// At most this many instances of the application on one server, at least 1.
    pub per_server_limit: Option<u32>,
    /// The group that is spread.
    pub group: Option<String>,
    /// The zone it must be in.
    pub zone: Option<String>,
}

/// Reads a trace whole.
///
/// `file_name` is only told in faults: whether the bytes are compressed is seen from the bytes.
///
/// # Errors
/// Every fault found, in order of the file, at most [`TraceOptions::max_faults`] of them and one
/// that counts the rest. Faults of the header and of the file as a whole are errors even where bad
/// rows are skipped.
pub fn read(
    file_name: &str,
    bytes: &mut dyn Read,
    options: &TraceOptions,
) -> Result<RawTrace, Vec<TraceFault>> {
    let mut faults = Faults::new(file_name, options.max_faults);
    let mut raw = Raw::new(bytes);
    let trace = match raw.open() {
        Ok(mut source) => {
            let mut lines = Lines::new(source.as_mut(), options.max_bytes);
            read_lines(&mut lines, options, &mut faults)
        }
        Err(broken) => {
            faults.push(*broken);
            None
        }
    };
    match (trace, faults.finish()) {
        (Some(mut trace), faults) if faults.is_empty() => {
            trace.digest = raw.digest();
            Ok(trace)
        }
        (_, faults) => Err(faults),
    }
}

/// A format with its columns found in the header.
enum Reader {
    Generic(Generic),
    AzureV1(AzureV1),
    AlibabaDlrm(AlibabaDlrm),
}

impl Reader {
    /// Finds the columns in the header, on which `lines` stands.
    fn open(lines: &Lines<'_>, options: &TraceOptions) -> Result<Self, Vec<TraceFault>> {
        let columns = header::find(lines, options.format)?;
        Ok(match options.format {
            TraceFormat::Generic => Self::Generic(Generic::new(&columns)?),
            TraceFormat::AzureV1 => Self::AzureV1(AzureV1::new(&columns, options.life_point)?),
            TraceFormat::AlibabaDlrm => Self::AlibabaDlrm(AlibabaDlrm::new(&columns)),
        })
    }

    fn has_lives(&self) -> bool {
        match self {
            Self::Generic(format) => format.has_lives(),
            Self::AzureV1(format) => format.has_lives(),
            Self::AlibabaDlrm(_) => true,
        }
    }

    /// Reads the row on which `lines` stands.
    fn row(&self, lines: &Lines<'_>, templates: &mut Templates) -> Result<Row, Flaw> {
        match self {
            Self::Generic(format) => format.row(lines, templates),
            Self::AzureV1(format) => format.row(lines, templates),
            Self::AlibabaDlrm(format) => format.row(lines, templates),
        }
    }
}

/// Reads header and rows; `None` if a fault forbids it, which then stands in `faults`.
fn read_lines(
    lines: &mut Lines<'_>,
    options: &TraceOptions,
    faults: &mut Faults,
) -> Option<RawTrace> {
    let (reader, header) = match open_header(lines, options) {
        Ok(opened) => opened,
        Err(found) => {
            found.into_iter().for_each(|fault| faults.push(fault));
            return None;
        }
    };
    let mut templates = Templates::default();
    let mut trace = RawTrace { has_lives: reader.has_lives(), ..RawTrace::default() };
    loop {
        match lines.advance() {
            Ok(true) => {}
            Ok(false) => break,
            Err(broken) => {
                faults.push(*broken);
                return None;
            }
        }
        let number = match u32::try_from(trace.rows) {
            Ok(number) if number < options.max_rows => number,
            Ok(_) | Err(_) => {
                faults.push(too_many_rows(options.max_rows));
                return None;
            }
        };
        trace.rows += 1;
        let row = lines.split(header.len()).and_then(|()| reader.row(lines, &mut templates));
        if templates.are_too_many() {
            faults.push(*lines.broken(templates::TOO_MANY, "round sizes, or give fewer names"));
            return None;
        }
        match (row, options.on_bad_row) {
            (Ok(row), _) => {
                keep(&mut trace, &row, (number, lines.number()));
            }
            (Err(flaw), OnBadRow::Fail) => faults.push_row(|| lines.fault(&flaw, &header)),
            (Err(flaw), OnBadRow::Skip) => {
                trace.skipped += 1;
                trace.first_skipped.get_or_insert_with(|| lines.fault(&flaw, &header));
            }
        }
    }
    if trace.rows == 0 {
        faults.push(TraceFault::of_file(
            "the trace holds no rows",
            "below the header, one line an instance",
        ));
    } else if trace.skipped == trace.rows
        && let Some(first) = trace.first_skipped.take()
    {
        faults.push(TraceFault::of_file("every row is bad, so skipping them leaves none", ""));
        faults.push(first);
    }
    trace.templates = templates.finish();
    trace.arrivals.sort_by_key(|row| row.arrival);
    trace.first = trace.arrivals.first().map(|row| row.arrival);
    trace.last = trace.arrivals.last().map(|row| row.arrival);
    Some(trace)
}

/// Reads the header: the format's reader, and the names of the columns as the file gives them.
fn open_header(
    lines: &mut Lines<'_>,
    options: &TraceOptions,
) -> Result<(Reader, Vec<String>), Vec<TraceFault>> {
    match lines.advance() {
        Ok(true) => {}
        Ok(false) => {
            return Err(vec![TraceFault::of_file(
                "the file is empty",
                "a trace begins with a header line that names its columns",
            )]);
        }
        Err(broken) => return Err(vec![*broken]),
    }
    if let Err(flaw) = lines.split_header() {
        return Err(vec![lines.fault(&flaw, &[])]);
    }
    let shown = |faults: Vec<_>| faults.into_iter().map(|fault| lines.with_text(fault)).collect();
    let reader =
        Reader::open(lines, options).map_err(|faults| -> Vec<TraceFault> { shown(faults) })?;
    let names = (0..lines.fields()).map(|field| lines.text(field)).collect();
    Ok((reader, names))
}

/// The fault of a trace that is too long, with the memory that it would take.
fn too_many_rows(most: u32) -> TraceFault {
    let bytes = u64::from(most) * size_of::<RawRow>() as u64;
    let message = format!("the trace has more than {most} rows, which alone take {bytes} bytes");
    TraceFault::of_file(message, "give a part of the trace")
}

/// Puts a row where it belongs; `number` counts it among the rows, `line` among the lines.
fn keep(trace: &mut RawTrace, row: &Row, (number, line): (u32, u64)) {
    if row.template as usize == trace.first_lines.len() {
        trace.first_lines.push(line);
    }
    if row.arrival.is_some_and(|arrival| trace.first.is_none_or(|first| arrival < first)) {
        (trace.first, trace.first_arrival_line) = (row.arrival, line);
    }
    let kept = RawRow {
        arrival: row.arrival.unwrap_or(Instant::ZERO),
        life: row.life,
        template: row.template,
        row: number,
    };
    match row.arrival {
        Some(_) => trace.arrivals.push(kept),
        None => trace.at_start.push(kept),
    }
}
