//! The results as tables for spreadsheets and data frames: comma separated, quoted as RFC 4180
//! says, lines ended by a newline.

use super::{Results, plain};
use crate::{
    experiment::estimate::LEVEL,
    kernel::time::{Instant, MICROS_PER_SECOND},
    observe::{catalogue::Metric, select},
};

/// One row a metric: what `run --format csv` prints.
pub fn summary(results: &Results) -> String {
    let mut table = Sheet::new([
        "metric",
        "labels",
        "unit",
        "mean",
        "half_width",
        "level",
        "min",
        "max",
        "deviation",
        "runs_defined",
    ]);
    for row in &results.rows {
        let value = row.estimate.value;
        table.row([
            row.metric.definition.name.to_owned(),
            guarded(&labels(&row.metric)),
            row.metric.definition.unit.to_owned(),
            number(value.map(|value| value.mean)),
            number(value.and_then(|value| value.half_width)),
            LEVEL.to_string(),
            number(value.map(|value| value.min)),
            number(value.map(|value| value.max)),
            number(value.and_then(|value| value.deviation)),
            row.estimate.runs.to_string(),
        ]);
    }
    table.finish()
}

/// One row a run, a column a metric (`downtime{cause=spot}`); an empty cell is undefined. The
/// fingerprint tells whether two runs took the same course.
pub fn runs(results: &Results) -> String {
    let columns = results.rows.iter().map(|row| column(&row.metric));
    let first = ["run".to_owned(), "fingerprint".to_owned()];
    let mut table = Sheet::new(first.into_iter().chain(columns));
    for outcome in &results.outcomes {
        let first = [outcome.run.to_string(), outcome.fingerprint.clone()];
        table.row(first.into_iter().chain(outcome.values.iter().map(|value| number(*value))));
    }
    table.finish()
}

/// The header of [`placements`], by which a file of ours is known.
pub const PLACEMENTS: [&str; 6] = ["at_s", "instance", "type", "server", "server_index", "reason"];

/// One placement of an instance on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// When.
    pub at: Instant,
    /// Name of the instance.
    pub instance: String,
    /// Its type.
    pub instance_type: &'a str,
    /// Name of the server.
    pub server: String,
    /// Number of the server, from 0 in order of the scenario.
    pub server_index: usize,
    /// Why it was placed.
    pub reason: &'a str,
}

/// One row a placement, in the order given: what `run --placements` writes.
pub fn placements<'a>(rows: impl IntoIterator<Item = Placed<'a>>) -> String {
    let mut table = Sheet::new(PLACEMENTS);
    for row in rows {
        table.row([
            seconds(row.at),
            guarded(&row.instance),
            guarded(row.instance_type),
            guarded(&row.server),
            row.server_index.to_string(),
            row.reason.to_owned(),
        ]);
    }
    table.finish()
}

/// A text cell that no spreadsheet takes for a formula: one that begins like a formula gets a
/// leading apostrophe, as OWASP advises.
pub fn guarded(text: &str) -> String {
    let text = plain(text);
    match text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text,
    }
}

/// A metric with its labels as one word: `downtime{cause=spot}`.
pub fn column(metric: &Metric) -> String {
    select::name(metric)
}

/// `cause=spot,type=x`, as in the metric's name.
fn labels(metric: &Metric) -> String {
    let name = select::name(metric);
    let inside = name.strip_prefix(metric.definition.name).unwrap_or_default();
    inside.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default().to_owned()
}

/// The shortest text that reads back as the same number.
pub(super) fn number(value: Option<f64>) -> String {
    match value {
        // Adding zero leaves no negative zero.
        Some(value) => serde_json::Value::from(value + 0.0).to_string(),
        None => String::new(),
    }
}

/// Seconds with as many decimals as there are.
fn seconds(at: Instant) -> String {
    let (whole, micros) = (at.micros() / MICROS_PER_SECOND, at.micros() % MICROS_PER_SECOND);
    match micros {
        0 => whole.to_string(),
        _ => format!("{whole}.{}", format!("{micros:06}").trim_end_matches('0')),
    }
}

/// A table under way, in memory.
pub(super) struct Sheet {
    writer: ::csv::Writer<Vec<u8>>,
}

impl Sheet {
    pub(super) fn new<S: AsRef<[u8]>>(header: impl IntoIterator<Item = S>) -> Self {
        let mut sheet = Self { writer: ::csv::Writer::from_writer(Vec::new()) };
        sheet.row(header);
        sheet
    }

    pub(super) fn row<S: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.writer.write_record(cells).expect("rows are of one length and memory takes them");
    }

    pub(super) fn finish(self) -> String {
        let bytes = self.writer.into_inner().expect("memory takes all that is written");
        String::from_utf8(bytes).expect("text cells make text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use insta::assert_snapshot;

    #[test]
    fn the_summary_has_one_row_a_metric() {
        assert_snapshot!(summary(&made_up::results(2)), @r#"
        metric,labels,unit,mean,half_width,level,min,max,deviation,runs_defined
        availability,,ratio,0.9995,0.0012706204736173295,0.95,0.9994000000000001,0.9996,0.00014142135623729392,2
        downtime,cause=server-failure,instance-s,90617.25,7842.904873403831,0.95,90000.0,91234.5,872.9233213747929,2
        downtime,cause=guest-failure,instance-s,3950.0,635.3102368087348,0.95,3900.0,4000.0,70.71067811865476,2
        downtime,cause=spot,instance-s,0.0,0.0,0.95,0.0,0.0,0.0,2
        placement.blocking,"type=""=evil,\""type\""""",ratio,0.25,0.0,0.95,0.25,0.25,0.0,2
        memory.allocated.max,,B,126341026414592.0,0.0,0.95,126341026414592.0,126341026414592.0,0.0,2
        memory.allocated.max_at,,s,1047845.0,0.0,0.95,1047845.0,1047845.0,0.0,2
        launch.wait.p99,,s,,,0.95,,,,0
        migrations,kind=redeploy,count,0.0,0.0,0.95,0.0,0.0,0.0,2
        migrations,kind=failover,count,8.5,6.353102368087349,0.95,8.0,9.0,0.7071067811865476,2
        engine.occurrences,,count,9013.0,76.23722841704816,0.95,9007.0,9019.0,8.48528137423857,2
        gpu.allocated.mean,,count,3.0,0.0,0.95,3.0,3.0,0.0,2
        repair.wait.mean,,s,0.0,0.0,0.95,0.0,0.0,0.0,2
        repair.wait.p95,,s,0.0,0.0,0.95,0.0,0.0,0.0,2
        instances.placed.level,at=36000,count,1200.5,6.353102368087349,0.95,1200.0,1201.0,0.7071067811865476,2
        tasks,"kind=failover,status=Finished",count,8.5,6.353102368087349,0.95,8.0,9.0,0.7071067811865476,2
        migrations.concurrent.max,,count,2.0,0.0,0.95,2.0,2.0,0.0,2
        migrations.per_hour.max,,1/h,2.0,0.0,0.95,2.0,2.0,0.0,2
        "#);
    }

    #[test]
    fn runs_have_one_row_each() {
        assert_snapshot!(runs(&made_up::results(2)), @r#"
        run,fingerprint,availability,downtime{cause=server-failure},downtime{cause=guest-failure},downtime{cause=spot},"placement.blocking{type=""=evil,\""type\""""}",memory.allocated.max,memory.allocated.max_at,launch.wait.p99,migrations{kind=redeploy},migrations{kind=failover},engine.occurrences,gpu.allocated.mean,repair.wait.mean,repair.wait.p95,instances.placed.level{at=36000},"tasks{kind=failover,status=Finished}",migrations.concurrent.max,migrations.per_hour.max
        0,00000000000000000000000000000000,0.9996,90000.0,4000.0,0.0,0.25,126341026414592.0,1047845.0,,0.0,8.0,9007.0,3.0,0.0,0.0,1200.0,8.0,2.0,2.0
        1,00000000000000000000000000000001,0.9994000000000001,91234.5,3900.0,0.0,0.25,126341026414592.0,1047845.0,,0.0,9.0,9019.0,3.0,0.0,0.0,1201.0,9.0,2.0,2.0
        "#);
    }

    #[test]
    fn placements_keep_time_exactly_and_names_harmless() {
        let row = |micros: u64, server: &'static str| Placed {
            at: Instant::from_micros(micros),
            instance: "7".to_owned(),
            instance_type: "=HYPERLINK(\"x\")",
            server: server.to_owned(),
            server_index: 3,
            reason: "arrival",
        };
        let rows = [row(0, "a-1"), row(1_500_000, "a,\"b\""), row(12_000_001, "@a\u{1b}[2J")];
        assert_snapshot!(placements(rows), @r#"
        at_s,instance,type,server,server_index,reason
        0,7,"'=HYPERLINK(""x"")",a-1,3,arrival
        1.5,7,"'=HYPERLINK(""x"")","a,""b""",3,arrival
        12.000001,7,"'=HYPERLINK(""x"")",'@a\u{1b}[2J,3,arrival
        "#);
    }
}
