//! What gates demand, in the metrics' own terms: the columns that they name among those that a
//! scenario measures, and the limits in their units.

use super::{
    catalogue::{Better, Metric},
    select::{Column, Selector},
};
use crate::scenario::{Amount, Demand, Fault, Faults, Gate, Scenario};

/// Seconds of the year that rates count by.
const YEAR: f64 = 365.0 * 86_400.0;

/// A gate that names a metric of its scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    /// What it is called: its name, or what it demands.
    pub label: String,
    /// Which metric, among those that the scenario measures.
    pub column: Column,
    /// The metric as the gate names it.
    pub selector: Selector,
    /// What is demanded of its mean over runs.
    pub limit: Limit,
    /// How often the verdict may be wrong where the truth lies just at the limit (one-sided).
    pub alpha: f64,
}

/// A limit of a mean over runs, in the metric's unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Limit {
    /// It is no lower.
    AtLeast(f64),
    /// It is no higher.
    AtMost(f64),
    /// It is not worse than the baseline's by more.
    Worse {
        /// How much more.
        by: Margin,
        /// Whether more is worse; else less is.
        more_is_worse: bool,
    },
}

/// How much worse a mean may be.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Margin {
    /// So much of the baseline's mean.
    Share(f64),
    /// So much, in the metric's unit.
    Amount(f64),
}

impl Margin {
    /// How much that is where the baseline's mean is `baseline`; in the metric's unit.
    pub fn of(self, baseline: f64) -> f64 {
        match self {
            Self::Share(share) => share * baseline.abs(),
            Self::Amount(amount) => amount,
        }
    }
}

impl Limit {
    /// Whether it needs a baseline.
    pub const fn is_relative(&self) -> bool {
        match self {
            Self::AtLeast(_) | Self::AtMost(_) => false,
            Self::Worse { .. } => true,
        }
    }
}

/// The gates of `scenario`, which measures `metrics`, in order of the file.
///
/// # Errors
/// Everything that is wrong with them: metrics that it does not measure, amounts in other units.
pub fn targets(scenario: &Scenario, metrics: &[Metric]) -> Result<Vec<Target>, Faults> {
    let (mut targets, mut faults) = (Vec::new(), Vec::new());
    for gate in &scenario.gates.list {
        match target(gate, metrics) {
            Ok(target) => targets.push(target),
            Err(fault) => faults.push(fault),
        }
    }
    match faults.is_empty() {
        true => Ok(targets),
        false => Err(scenario.gates.faults(faults)),
    }
}

fn target(gate: &Gate, metrics: &[Metric]) -> Result<Target, Fault> {
    let wrong = |why: String| {
        let help = "`fleetsim metrics` lists every metric".to_owned();
        gate.metric_fault("unknown-metric", why, help)
    };
    let selector = Selector::parse(&gate.metric).map_err(wrong)?;
    let column = selector.find(metrics).map_err(wrong)?;
    let label = match &gate.name {
        Some(name) => name.clone(),
        None => format!("{} {}", column.name, gate.demand.key()),
    };
    let limit = limit(gate, &column)?;
    Ok(Target { label, column, selector, limit, alpha: gate.alpha })
}

fn limit(gate: &Gate, column: &Column) -> Result<Limit, Fault> {
    let unit = column.definition.unit;
    let amount = |amount: Amount| {
        in_unit(amount, unit).and_then(no_more_than_all(unit)).map_err(|(why, help)| {
            let message = format!("`{}` of `{}` {why}", gate.demand.key(), column.name);
            gate.demand_fault("unit", message, help)
        })
    };
    match gate.demand {
        Demand::AtLeast(least) => Ok(Limit::AtLeast(amount(least)?)),
        Demand::AtMost(most) => Ok(Limit::AtMost(amount(most)?)),
        Demand::WorseByAtMost(by) => {
            let by = match by {
                Amount::Share(share) => Margin::Share(share),
                Amount::Plain(_) | Amount::Time(_) | Amount::Size(_) | Amount::Rate(_) => {
                    Margin::Amount(amount(by)?)
                }
            };
            let more_is_worse = match column.definition.better {
                Better::Lower => true,
                Better::Higher => false,
                Better::Neither => {
                    let message = format!("`{}` is neither better nor worse", column.name);
                    let help = "it only describes: demand at_least or at_most of it".to_owned();
                    return Err(gate.metric_fault("no-direction", message, help));
                }
            };
            Ok(Limit::Worse { by, more_is_worse })
        }
    }
}

/// Refuses a share above 1, which nothing can be.
fn no_more_than_all(unit: &str) -> impl Fn(f64) -> Result<f64, (String, String)> {
    let is_share = unit == "ratio";
    move |value| match is_share && value > 1.0 {
        true if value <= 100.0 => Err((
            format!("is {value}, and no share is above 1"),
            format!("did you mean \"{value}%\"?"),
        )),
        true => {
            Err(("is above 1, which no share is".to_owned(), "write it as in 0.9995".to_owned()))
        }
        false => Ok(value),
    }
}

/// `amount` in `unit`; why it cannot be told in it, and what would be right.
fn in_unit(amount: Amount, unit: &'static str) -> Result<f64, (String, String)> {
    let times = unit == "s" || unit == "h" || unit.ends_with("-s");
    let example = match unit {
        "ratio" => "0.9995 or \"99.95%\"",
        "B" => "\"3TiB\"",
        "1/year" | "1/h" => "\"2/year\"",
        _ if times => "\"2h\"",
        _ => "a number",
    };
    let is_bare = !times && !matches!(unit, "B" | "1/year" | "1/h");
    match amount {
        Amount::Plain(number) if is_bare || number <= 0.0 => Ok(number + 0.0),
        Amount::Share(share) if unit == "ratio" => Ok(share),
        Amount::Time(seconds) if unit == "h" => Ok(seconds / 3_600.0),
        Amount::Time(seconds) if times => Ok(seconds),
        Amount::Size(bytes) if unit == "B" => Ok(bytes),
        Amount::Rate(rate) if unit == "1/year" => Ok(rate * YEAR),
        Amount::Rate(rate) if unit == "1/h" => Ok(rate * 3_600.0),
        Amount::Plain(_) => Err(("has no unit".to_owned(), format!("write it as in {example}"))),
        Amount::Share(_) | Amount::Time(_) | Amount::Size(_) | Amount::Rate(_) => {
            let help = format!("the metric's unit is {unit}: write it as in {example}");
            Err(("has another unit than the metric".to_owned(), help))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observe::metrics::Metrics, scenario::InMemory};

    const SMALL: &str = r#"
        scenario = { name = "x", horizon = "2d" }
        servers = [{ model = "m", count = 2, zones = ["z"] }]
        server_models.m = { vcpus = 4, memory = "16GiB" }
        instance_types.t = { vcpus = 1, memory = "1GiB" }
        workload.instances = [{ type = "t", count = 1 }]
    "#;

    fn found(gates: &str) -> Result<Vec<Target>, String> {
        let text = format!("{SMALL}\ngates = [{gates}]\n");
        let read = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
        let scenario = read.unwrap_or_else(|faults| panic!("{faults}"));
        targets(&scenario, &Metrics::list(&scenario)).map_err(|faults| faults.to_string())
    }

    #[test]
    fn amounts_become_numbers_in_the_unit_of_the_metric() {
        let targets = found(
            "{ metric = \"availability\", at_least = \"99.95%\" },
             { metric = \"downtime{cause=refresh}\", at_most = \"2h\", name = \"refresh\", alpha = 0.01 },
             { metric = \"interruptions.per_instance_year\", at_most = \"2/year\" },
             { metric = \"migrations\", worse_by_at_most = \"5%\" },
             { metric = \"availability\", worse_by_at_most = 0.001 },
             { metric = \"data_loss.bytes\", at_most = 0 }",
        );
        let targets = targets.unwrap();
        let limits: Vec<Limit> = targets.iter().map(|target| target.limit).collect();
        assert_eq!(limits[0], Limit::AtLeast(0.9995));
        assert_eq!(limits[1], Limit::AtMost(7_200.0));
        let Limit::AtMost(rate) = limits[2] else { panic!("at most") };
        assert!((rate - 2.0).abs() < 1e-12);
        assert_eq!(limits[3], Limit::Worse { by: Margin::Share(0.05), more_is_worse: true });
        assert_eq!(limits[4], Limit::Worse { by: Margin::Amount(0.001), more_is_worse: false });
        assert_eq!(limits[5], Limit::AtMost(0.0));
        assert_eq!((targets[1].label.as_str(), targets[1].alpha), ("refresh", 0.01));
        assert_eq!(
            (targets[3].label.as_str(), targets[3].alpha),
            ("migrations worse_by_at_most", 0.05)
        );
        assert!(targets[3].column.places.len() > 1, "the total over kinds");
        assert!((Margin::Share(0.05).of(40.0) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_place() {
        let wrong = found(
            "{ metric = \"availabilty\", at_least = 0.9 },
             { metric = \"launch.wait.p99\", at_most = 60 },
             { metric = \"migrations\", at_most = \"2h\" },
             { metric = \"arrivals\", worse_by_at_most = \"5%\" },
             { metric = \"availability\", at_least = 99.9 }",
        )
        .unwrap_err();
        assert!(wrong.contains("`at_least` of `availability` is 99.9, and no share"), "{wrong}");
        assert!(wrong.contains("did you mean \"99.9%\"?"), "{wrong}");
        assert!(wrong.starts_with("x.toml:8:"), "{wrong}");
        assert!(wrong.contains(": there is no metric `availabilty`; the nearest"), "{wrong}");
        assert!(wrong.contains("`at_most` of `launch.wait.p99` has no unit"), "{wrong}");
        assert!(
            wrong.contains(
                "
x.toml:9:"
            ),
            "{wrong}"
        );
        assert!(wrong.contains("write it as in \"2h\""), "{wrong}");
        assert!(wrong.contains("`at_most` of `migrations` has another unit"), "{wrong}");
        assert!(wrong.contains("`arrivals{type=all}` is neither better nor worse"), "{wrong}");
    }
}
