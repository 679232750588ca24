//! Alibaba GPU-disaggregated inference instances of 2025: many resources, limits per server, and
//! instances that are there before the trace begins.

use super::{
    cells::{Flaw, Row},
    header::{ColumnSpec, Columns},
    lines::Lines,
    templates::{Ask, Templates},
};
use crate::{
    fleet::layout::Resources,
    kernel::time::{Instant, Span},
};

/// The columns, those of the published file that say nothing new among them.
pub(super) const COLUMNS: &[ColumnSpec] = &[
    ColumnSpec::ignored("instance_sn"),
    ColumnSpec::required("role"),
    ColumnSpec::required("app_name"),
    ColumnSpec::required("cpu_request"),
    ColumnSpec::ignored("cpu_limit"),
    ColumnSpec::required("gpu_request"),
    ColumnSpec::ignored("gpu_limit"),
    ColumnSpec::required("rdma_request"),
    ColumnSpec::ignored("rdma_limit"),
    ColumnSpec::required("memory_request"),
    ColumnSpec::ignored("memory_limit"),
    ColumnSpec::required("disk_request"),
    ColumnSpec::ignored("disk_limit"),
    ColumnSpec::required("max_instance_per_node"),
    ColumnSpec::required("creation_time"),
    ColumnSpec::ignored("scheduled_time"),
    ColumnSpec::required("deletion_time"),
];

/// Where the columns stand.
pub(super) struct AlibabaDlrm {
    role: usize,
    app_name: usize,
    cpu: usize,
    gpu: usize,
    rdma: usize,
    memory: usize,
    disk: usize,
    max_per_node: usize,
    creation: usize,
    deletion: usize,
}

impl AlibabaDlrm {
    /// Takes the columns that were found.
    pub(super) fn new(columns: &Columns) -> Self {
        Self {
            role: columns.required("role"),
            app_name: columns.required("app_name"),
            cpu: columns.required("cpu_request"),
            gpu: columns.required("gpu_request"),
            rdma: columns.required("rdma_request"),
            memory: columns.required("memory_request"),
            disk: columns.required("disk_request"),
            max_per_node: columns.required("max_instance_per_node"),
            creation: columns.required("creation_time"),
            deletion: columns.required("deletion_time"),
        }
    }

    /// Reads a row.
    pub(super) fn row(&self, line: &Lines<'_>, templates: &mut Templates) -> Result<Row, Flaw> {
        let (arrival, life) = self.stay(line)?;
        let role = line.field(self.role);
        if role != b"CN" && role != b"HN" {
            return Err(Flaw::of_field(self.role, "is neither CN nor HN", "CN or HN"));
        }
        let app = line.name(self.app_name)?;
        if app.is_empty() {
            return Err(Flaw::of_field(self.app_name, "is empty", "the name of the service"));
        }
        let demand = Resources {
            vcpus: line.count(self.cpu)?,
            gpus: line.count(self.gpu)?,
            nic_percent: line.count(self.rdma)?,
            memory: line.bytes_in(self.memory, 1 << 30)?,
            local_storage: line.bytes_in(self.disk, 1 << 30)?,
            local_disks: 0,
        };
        let per_server_limit = self.limit(line)?;
        let ask = Ask {
            demand,
            type_name: templates.name(role),
            // The limit is on instances of the same app and role.
            application: templates.name(&[app, b"/", role].concat()),
            per_server_limit,
            ..Ask::default()
        };
        Ok(Row { arrival, life, template: templates.number(&ask) })
    }

    /// When the instance comes (`None`: it is there at the start) and how long it stays.
    fn stay(&self, line: &Lines<'_>) -> Result<(Option<Instant>, Span), Flaw> {
        let arrival = match line.is_empty(self.creation) {
            true => None,
            false => Some(line.instant(self.creation)?),
        };
        if line.is_empty(self.deletion) {
            return Ok((arrival, Span::NEVER));
        }
        let (begin, end) = (arrival.unwrap_or(Instant::ZERO), line.instant(self.deletion)?);
        if end < begin {
            let help = "at or after creation_time, or empty";
            return Err(Flaw::of_field(self.deletion, "is before creation_time", help));
        }
        Ok((arrival, end.since(begin)))
    }

    /// At most this many of the app and role on one server.
    fn limit(&self, line: &Lines<'_>) -> Result<Option<u32>, Flaw> {
        if line.field(self.max_per_node) == b"-1" {
            return Ok(None);
        }
        match line.count(self.max_per_node) {
            Ok(limit) if limit > 0 => Ok(Some(limit)),
            Ok(_) | Err(_) => {
                let message = "is no limit";
                Err(Flaw::of_field(self.max_per_node, message, "at least 1, or -1 for no limit"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::traces::{RawTemplate, TraceFormat, TraceOptions, read};
    use crate::{fleet::layout::Resources, kernel::time::Span};

    const TEXT: &str = "instance_sn,role,app_name,cpu_request,gpu_request,rdma_request,\
                        memory_request,disk_request,disk_limit,max_instance_per_node,\
                        creation_time,scheduled_time,deletion_time\n\
                        i0,HN,a,12,1,25,120.0,640.0,800.0,8,,,\n\
                        i1,CN,a,64,0,1,320.0,680.0,800.0,-1,9.0,11.0,10.5\n\
                        i2,HN,a,12,1,25,120.0,640.0,800.0,8,,,7.0\n\
                        i3,HN,a,12,1,25,120.0,640.0,800.0,8,5.0,5.0,5.0\n";

    #[test]
    fn rows_are_at_start_or_arrive_when_created() {
        let options = TraceOptions::new(TraceFormat::AlibabaDlrm);
        let trace = read("a.csv", &mut TEXT.as_bytes(), &options).expect("good");
        let starting: Vec<_> = trace.at_start.iter().map(|row| (row.row, row.life)).collect();
        assert_eq!(starting, [(0, Span::NEVER), (2, Span::from_seconds(7))]);
        let arriving: Vec<_> =
            trace.arrivals.iter().map(|row| (row.row, row.arrival.micros(), row.life)).collect();
        let second = Span::from_micros(1_500_000);
        assert_eq!(arriving, [(3, 5_000_000, Span::ZERO), (1, 9_000_000, second)]);
        let gpu = RawTemplate {
            type_name: Some("HN".to_owned()),
            demand: Resources {
                vcpus: 12,
                gpus: 1,
                nic_percent: 25,
                memory: 120 << 30,
                local_storage: 640 << 30,
                local_disks: 0,
            },
            application: Some("a/HN".to_owned()),
            per_server_limit: Some(8),
            ..RawTemplate::default()
        };
        assert_eq!(trace.templates.len(), 2);
        assert_eq!(trace.templates[0], gpu);
        assert_eq!(trace.templates[1].per_server_limit, None);
        assert_eq!(trace.templates[1].application.as_deref(), Some("a/CN"));
    }
}
