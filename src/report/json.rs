//! The results as one JSON object: a promise to programs, changed only by adding.

use super::{Results, folder::Kind, precision};
use crate::{
    experiment::{estimate::LEVEL, stopping::Stopped},
    observe::catalogue::Metric,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The object, as programs read it.
#[derive(Serialize)]
struct Object<'a> {
    kind: &'static str,
    scenario: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    question: &'a str,
    digest: &'a str,
    version: &'a str,
    rng_scheme: u32,
    seed: u64,
    runs: u32,
    begins_s: f64,
    measured_from_s: f64,
    ends_s: f64,
    zones: usize,
    racks: usize,
    servers: usize,
    instances: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    remarks: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    precision_reached: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopping: Option<Value>,
    metrics: Vec<Row<'a>>,
}

/// One metric over the runs; what is not defined is `null`.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    labels: Map<String, Value>,
    unit: &'a str,
    mean: Value,
    half_width: Value,
    level: f64,
    min: Value,
    max: Value,
}

/// The object of `run --format json`, ending in a newline. `command` repeats the runs; where it is
/// given it stands in the object too.
pub fn results(results: &Results, command: Option<&str>) -> String {
    let about = &results.about;
    let rows = results.rows.iter();
    let metrics = rows.map(|row| {
        let value = row.estimate.value;
        Row {
            name: row.metric.definition.name,
            labels: labels(&row.metric),
            unit: row.metric.definition.unit,
            mean: number(value.map(|value| value.mean)),
            half_width: number(value.and_then(|value| value.half_width)),
            level: LEVEL,
            min: number(value.map(|value| value.min)),
            max: number(value.map(|value| value.max)),
        }
    });
    pretty(&Object {
        kind: Kind::Run.name(),
        scenario: &about.scenario,
        question: &about.question,
        digest: &about.digest,
        version: about.version,
        rng_scheme: about.rng_scheme,
        seed: about.seed,
        runs: about.runs,
        begins_s: about.begins.seconds(),
        measured_from_s: about.measured_from.seconds(),
        ends_s: (about.begins + about.horizon).seconds(),
        zones: about.zones,
        racks: about.racks,
        servers: about.servers,
        instances: about.instances,
        command,
        remarks: &about.remarks,
        precision_reached: results.stopped.as_ref().map(Stopped::is_reached),
        stopping: results.stopped.as_ref().map(precision::object),
        metrics: metrics.collect(),
    })
}

/// `value` with indentation and a newline at its end.
pub fn pretty(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value);
    format!("{}\n", text.expect("results hold text keys and finite numbers only"))
}

/// `value` on one line.
pub fn line(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value);
    format!("{}\n", text.expect("results hold text keys and finite numbers only"))
}

pub(super) fn labels(metric: &Metric) -> Map<String, Value> {
    let names = metric.definition.labels.iter();
    let pairs = names.zip(&metric.labels);
    pairs.map(|(name, label)| ((*name).to_owned(), json!(label))).collect()
}

/// JSON has no infinities and no undefined numbers: both are `null`.
pub(super) fn number(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| json!(value + 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::made_up;
    use insta::assert_snapshot;

    #[test]
    fn the_object_holds_what_it_promises() {
        let text = results(&made_up::results(2), Some("fleetsim run made-up.toml --seed 1"));
        assert_snapshot!(text, @r#"
        {
          "kind": "run",
          "scenario": "made-up",
          "question": "does the table read well?",
          "digest": "00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff",
          "version": "0.0.0",
          "rng_scheme": 1,
          "seed": 1,
          "runs": 2,
          "begins_s": 0.0,
          "measured_from_s": 0.0,
          "ends_s": 31536000.0,
          "zones": 2,
          "racks": 6,
          "servers": 60,
          "instances": 1240,
          "command": "fleetsim run made-up.toml --seed 1",
          "metrics": [
            {
              "name": "availability",
              "labels": {},
              "unit": "ratio",
              "mean": 0.9995,
              "half_width": 0.0012706204736173295,
              "level": 0.95,
              "min": 0.9994000000000001,
              "max": 0.9996
            },
            {
              "name": "downtime",
              "labels": {
                "cause": "server-failure"
              },
              "unit": "instance-s",
              "mean": 90617.25,
              "half_width": 7842.904873403831,
              "level": 0.95,
              "min": 90000.0,
              "max": 91234.5
            },
            {
              "name": "downtime",
              "labels": {
                "cause": "guest-failure"
              },
              "unit": "instance-s",
              "mean": 3950.0,
              "half_width": 635.3102368087348,
              "level": 0.95,
              "min": 3900.0,
              "max": 4000.0
            },
            {
              "name": "downtime",
              "labels": {
                "cause": "spot"
              },
              "unit": "instance-s",
              "mean": 0.0,
              "half_width": 0.0,
              "level": 0.95,
              "min": 0.0,
              "max": 0.0
            },
            {
              "name": "placement.blocking",
              "labels": {
                "type": "=evil,\"type\""
              },
              "unit": "ratio",
              "mean": 0.25,
              "half_width": 0.0,
              "level": 0.95,
              "min": 0.25,
              "max": 0.25
            },
            {
              "name": "memory.allocated.max",
              "labels": {},
              "unit": "B",
              "mean": 126341026414592.0,
              "half_width": 0.0,
              "level": 0.95,
              "min": 126341026414592.0,
              "max": 126341026414592.0
            },
            {
              "name": "memory.allocated.max_at",
              "labels": {},
              "unit": "s",
              "mean": 1047845.0,
              "half_width": 0.0,
              "level": 0.95,
              "min": 1047845.0,
              "max": 1047845.0
            },
            {
              "name": "launch.wait.p99",
              "labels": {},
              "unit": "s",
              "mean": null,
              "half_width": null,
              "level": 0.95,
              "min": null,
              "max": null
            },
            {
              "name": "migrations",
              "labels": {
                "kind": "redeploy"
              },
              "unit": "count",
              "mean": 0.0,
              "half_width": 0.0,
              "level": 0.95,
              "min": 0.0,
              "max": 0.0
            },
            {
              "name": "migrations",
              "labels": {
                "kind": "failover"
              },
              "unit": "count",
              "mean": 8.5,
              "half_width": 6.353102368087349,
              "level": 0.95,
              "min": 8.0,
              "max": 9.0
            },
            {
              "name": "engine.occurrences",
              "labels": {},
              "unit": "count",
              "mean": 9013.0,
              "half_width": 76.23722841704816,
              "level": 0.95,
              "min": 9007.0,
              "max": 9019.0
            },
            {
              "name": "gpu.allocated.mean",
              "labels": {},
              "unit": "count",
              "mean": 3.0,
              "half_width": 0.0,
              "level": 0.95,
              "min": 3.0,
              "max": 3.0
            },
            {
              "name": "repair.wait.mean",
              "labels": {},
              "unit": "s",
              "mean": 0.0,
              "half_width": 0.0,
              "level": 0.95,
              "min": 0.0,
              "max": 0.0
            },
            {
              "name": "repair.wait.p95",
              "labels": {},
              "unit": "s",
              "mean": 0.0,
              "half_width": 0.0,
              "level": 0.95,
              "min": 0.0,
              "max": 0.0
            },
            {
              "name": "instances.placed.level",
              "labels": {
                "at": "36000"
              },
              "unit": "count",
              "mean": 1200.5,
              "half_width": 6.353102368087349,
              "level": 0.95,
              "min": 1200.0,
              "max": 1201.0
            },
            {
              "name": "tasks",
              "labels": {
                "kind": "failover",
                "status": "Finished"
              },
              "unit": "count",
              "mean": 8.5,
              "half_width": 6.353102368087349,
              "level": 0.95,
              "min": 8.0,
              "max": 9.0
            },
            {
              "name": "migrations.concurrent.max",
              "labels": {},
              "unit": "count",
              "mean": 2.0,
              "half_width": 0.0,
              "level": 0.95,
              "min": 2.0,
              "max": 2.0
            },
            {
              "name": "migrations.per_hour.max",
              "labels": {},
              "unit": "1/h",
              "mean": 2.0,
              "half_width": 0.0,
              "level": 0.95,
              "min": 2.0,
              "max": 2.0
            }
          ]
        }
        "#);
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["metrics"][0]["mean"], json!(0.9995));
    }

    #[test]
    fn remarks_stand_in_the_object_where_there_are_some() {
        let mut made_up = made_up::results(1);
        assert!(!results(&made_up, None).contains("remarks"));
        made_up.about.remarks = vec!["take care".to_owned()];
        let read: Value = serde_json::from_str(&results(&made_up, None)).unwrap();
        assert_eq!(read["remarks"], json!(["take care"]));
    }

    #[test]
    fn one_run_has_no_width() {
        let text = results(&made_up::results(1), None);
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["metrics"][0]["half_width"], Value::Null);
        assert_eq!(read["runs"], json!(1));
        assert!(!text.contains("-0.0") && !text.contains("command"));
    }
}
