//! The generic format: a CSV with its units in the column names.

use super::{
    cells::{Flaw, Row},
    fault::TraceFault,
    header::{ColumnSpec, Columns},
    lines::Lines,
    templates::{Ask, Templates},
};
use crate::{fleet::layout::Resources, kernel::time::Span};

/// The ways to state memory, and how many bytes one unit of each is; a file uses exactly one.
const MEMORY: [(&str, u64); 3] =
    [("memory_gib", 1 << 30), ("memory_mib", 1 << 20), ("memory_bytes", 1)];

/// The columns.
pub(super) const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::required("arrival_s"),
    ColumnSpec::required("vcpus"),
    ColumnSpec::optional("memory_gib"),
    ColumnSpec::optional("memory_mib"),
    ColumnSpec::optional("memory_bytes"),
    ColumnSpec::optional("lifetime_s"),
    ColumnSpec::optional("gpus"),
    ColumnSpec::optional("type"),
    ColumnSpec::optional("app"),
    ColumnSpec::optional("per_server_limit"),
    ColumnSpec::optional("group"),
    ColumnSpec::optional("zone"),
];

/// Where the columns stand.
pub(super) struct Generic {
    arrival: usize,
    vcpus: usize,
    memory: usize,
    memory_unit: u64,
    lifetime: Option<usize>,
    gpus: Option<usize>,
    type_name: Option<usize>,
    application: Option<usize>,
    per_server_limit: Option<usize>,
    group: Option<usize>,
    zone: Option<usize>,
}

impl Generic {
    /// Takes the columns that were found.
    pub(super) fn new(columns: &Columns) -> Result<Self, Vec<TraceFault>> {
        let present: Vec<(usize, u64)> = MEMORY
            .iter()
            .filter_map(|(name, unit)| Some((columns.optional(name)?, *unit)))
            .collect();
        let [(memory, memory_unit)] = present[..] else {
            let problem = if present.is_empty() { "is missing" } else { "is stated twice" };
            let message = format!(
                "memory {problem}: one of `memory_gib`, `memory_mib`, `memory_bytes` states it"
            );
            return Err(vec![columns.fault(message)]);
        };
        if columns.optional("per_server_limit").is_some() && columns.optional("app").is_none() {
            let message = "column `per_server_limit` limits the instances of an app, but column \
                           `app` is missing";
            return Err(vec![columns.fault(message)]);
        }
        Ok(Self {
            arrival: columns.required("arrival_s"),
            vcpus: columns.required("vcpus"),
            memory,
            memory_unit,
            lifetime: columns.optional("lifetime_s"),
            gpus: columns.optional("gpus"),
            type_name: columns.optional("type"),
            application: columns.optional("app"),
            per_server_limit: columns.optional("per_server_limit"),
            group: columns.optional("group"),
            zone: columns.optional("zone"),
        })
    }

    /// Whether the file tells lifetimes.
    pub(super) fn has_lives(&self) -> bool {
        self.lifetime.is_some()
    }

    /// Reads a row.
    pub(super) fn row(&self, line: &Lines<'_>, templates: &mut Templates) -> Result<Row, Flaw> {
        let filled = |field: Option<usize>| field.filter(|field| !line.is_empty(*field));
        let name = |field: Option<usize>| field.map_or(Ok(&b""[..]), |field| line.name(field));
        let arrival = filled(Some(self.arrival)).map(|field| line.instant(field)).transpose()?;
        let life = filled(self.lifetime).map_or(Ok(Span::NEVER), |field| line.span(field))?;
        let demand = Resources {
            vcpus: line.count(self.vcpus)?,
            gpus: filled(self.gpus).map_or(Ok(0), |field| line.count(field))?,
            memory: line.bytes_in(self.memory, self.memory_unit)?,
            ..Resources::default()
        };
        if demand == Resources::default() {
            let message = "the instance takes no vCPU, no memory and no GPU";
            return Err(Flaw::of_row(message, "an instance takes something"));
        }
        // All is checked before a name is kept: what bad rows say takes no memory.
        let [type_name, application, group, zone] =
            [name(self.type_name)?, name(self.application)?, name(self.group)?, name(self.zone)?];
        let ask = Ask {
            demand,
            per_server_limit: self.limit(line, application)?,
            type_name: templates.name(type_name),
            application: templates.name(application),
            group: templates.name(group),
            zone: templates.name(zone),
        };
        Ok(Row { arrival, life, template: templates.number(&ask) })
    }

    /// At most this many of the application on one server.
    fn limit(&self, line: &Lines<'_>, application: &[u8]) -> Result<Option<u32>, Flaw> {
        let Some(field) = self.per_server_limit.filter(|field| !line.is_empty(*field)) else {
            return Ok(None);
        };
        let limit = line.count(field)?;
        if limit == 0 {
            let help = "at least 1, or empty for no limit";
            return Err(Flaw::of_field(field, "lets no server hold the instance", help));
        }
        if application.is_empty() {
            let help = "the limit is on instances of one app: name it, or leave this empty";
            return Err(Flaw::of_field(field, "limits no app", help));
        }
        Ok(Some(limit))
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::traces::{RawTemplate, RawTrace, TraceFormat, TraceOptions, read};
    use crate::{fleet::layout::Resources, kernel::time::Span};

    fn good(text: &str) -> RawTrace {
        let options = TraceOptions::new(TraceFormat::Generic);
        read("t.csv", &mut text.as_bytes(), &options).expect("the trace is good")
    }

    #[test]
    fn all_columns_in_any_order_with_quotes_bom_and_crlf() {
        let trace = good(
            "\u{feff}zone,vcpus,memory_mib,gpus,app,per_server_limit,group,type,lifetime_s,arrival_s\r\n\
             z1, 4 ,512.5,1,shop,2,g1,\"m,4\",60,0.0000014\r\n\
             \r\n\
             ,2,1024,,,,,,,\r\n",
        );
        let first = RawTemplate {
            type_name: Some("m,4".to_owned()),
            demand: Resources { vcpus: 4, gpus: 1, memory: 537_395_200, ..Resources::default() },
            application: Some("shop".to_owned()),
            per_server_limit: Some(2),
            group: Some("g1".to_owned()),
            zone: Some("z1".to_owned()),
        };
        let second = RawTemplate {
            demand: Resources { vcpus: 2, memory: 1 << 30, ..Resources::default() },
            ..RawTemplate::default()
        };
        assert_eq!(trace.templates, [first, second]);
        assert_eq!(trace.arrivals.len(), 1);
        assert_eq!(trace.arrivals[0].arrival.micros(), 1);
        assert_eq!(trace.arrivals[0].life, Span::from_seconds(60));
        assert_eq!(trace.at_start.len(), 1);
        assert_eq!((trace.at_start[0].life, trace.at_start[0].row), (Span::NEVER, 1));
        assert!(trace.has_lives);
        assert_eq!((trace.rows, trace.skipped), (2, 0));
    }

    #[test]
    fn rows_are_sorted_by_time_and_ties_keep_the_order_of_the_file() {
        let trace = good("arrival_s,vcpus,memory_gib\n5,1,1\n3,2,1\n5,1,1\n3,1,1\n0,1,1");
        let order: Vec<u32> = trace.arrivals.iter().map(|row| row.row).collect();
        assert_eq!(order, [4, 1, 3, 0, 2]);
        assert_eq!(trace.first.map(|at| at.micros()), Some(0));
        assert_eq!(trace.last.map(|at| at.micros()), Some(5_000_000));
        assert!(!trace.has_lives);
        assert_eq!(trace.templates.len(), 2);
        assert!(trace.arrivals.iter().all(|row| row.life.is_never()));
    }

    #[test]
    fn the_digest_is_of_the_stored_bytes() {
        let text = "arrival_s,vcpus,memory_bytes\n5,1,1\n";
        assert_eq!(good(text).digest, blake3::hash(text.as_bytes()).to_hex().to_string());
    }
}
