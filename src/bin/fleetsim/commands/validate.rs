//! `validate`: reads scenarios and shows what they amount to.

use super::read;
use crate::{
    args::{Common, Format, Validate},
    exit::{Exit, Failure},
    output,
};
use fleetsim::{
    report::{
        About, json,
        number::{amount, rough},
        plain,
        table::Table,
        text::heading,
    },
    scenario::{Scenario, Summary, summary},
};
use serde_json::{Value, json};

/// Reads all scenarios, so that the faults of every one are told, and shows those that are right.
pub fn validate(options: &Validate, common: &Common) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    let mut scenarios = Vec::new();
    for path in &options.scenarios {
        match read(path, &options.changes) {
            Ok(scenario) => scenarios.push(scenario),
            Err(failure) => exit = failure.tell(),
        }
    }
    output::print(&match common.format {
        Format::Human => scenarios.iter().map(text).collect::<Vec<_>>().join("\n"),
        Format::Json => json::pretty(&scenarios.iter().map(object).collect::<Vec<_>>()),
        Format::Csv => table(&scenarios).csv(),
        Format::Markdown => table(&scenarios).markdown(),
    })?;
    Ok(exit)
}

/// For people.
fn text(scenario: &Scenario) -> String {
    let mut text = heading(&About::new(scenario, scenario.runs.get()));
    let expected = summary(scenario);
    let capacity = &expected.capacity;
    let mut line = |what: &str, value: String| text.push_str(&format!("  {what:<20} {value}\n"));
    let mut room = vec![amount(capacity.vcpus as f64, "vCPU")];
    room.push(format!("{} memory", amount(capacity.memory as f64, "B")));
    for (count, what) in [(capacity.gpus, "GPUs"), (capacity.local_disks, "local disks")] {
        if count > 0 {
            room.push(amount(count as f64, what));
        }
    }
    line("room", room.join(", "));
    // What (nearly) never happens needs no line.
    let mut a_run = |what: &str, count: f64| {
        if count >= 0.005 {
            line(what, format!("about {} a run", rough(count)));
        }
    };
    a_run("arrivals", expected.expected_arrivals);
    a_run("failures", expected.expected_failures);
    a_run("disk failures", expected.expected_disk_failures);
    a_run("risks", expected.expected_risks);
    a_run("occurrences", expected.expected_occurrences);
    for (what, value) in plans(&expected) {
        line(what, value);
    }
    let (mean, most) =
        (rough(expected.expected_instances), rough(expected.expected_most_instances));
    if most != "0" {
        line("instances at once", format!("about {mean} on average, {most} at most"));
    }
    line("memory needed", format!("about {} for one run", rough_size(expected.expected_memory)));
    line("time needed", rough_duration(expected.expected_seconds * f64::from(scenario.runs.get())));
    line("digest", scenario.digest.clone());
    for remark in &scenario.remarks {
        text.push_str(&format!("  remark: {}\n", plain(remark)));
    }
    text
}

/// What is planned, as far as anything is.
fn plans(summary: &Summary) -> Vec<(&'static str, String)> {
    let mut plans = Vec::new();
    if summary.groups > 0 {
        let members = amount(summary.members_at_start as f64, "members");
        plans.push(("scaling groups", format!("{} with {members}", summary.groups)));
    }
    if summary.campaigns > 0 {
        let servers = amount(summary.campaign_servers as f64, "servers");
        plans.push(("campaigns", format!("{} on {servers}", summary.campaigns)));
    }
    for (what, count) in [("scripts", summary.scripts), ("events", summary.recorded_events)] {
        if count > 0 {
            plans.push((what, format!("{count} at given times")));
        }
    }
    plans
}

/// A size of which only two digits matter.
fn rough_size(bytes: u64) -> String {
    let (unit, name) = if bytes < 1 << 30 { (1 << 20, "MiB") } else { (1 << 30, "GiB") };
    format!("{} {name}", rough(bytes as f64 / f64::from(unit)))
}

/// The time that all runs take, of which the order of magnitude is known.
fn rough_duration(seconds: f64) -> String {
    let what = match seconds {
        s if s < 1.0 => "less than a second".to_owned(),
        s if s < 120.0 => format!("about {s:.0} s"),
        s if s < 7_200.0 => format!("about {:.0} min", s / 60.0),
        s => format!("about {} h", rough(s / 3_600.0)),
    };
    format!("{what} for all runs on one core, very roughly")
}

/// For programs.
fn object(scenario: &Scenario) -> Value {
    let summary = summary(scenario);
    json!({
        "scenario": scenario.name,
        "digest": scenario.digest,
        "seed": scenario.seed,
        "runs": scenario.runs,
        "horizon_s": scenario.end.since(scenario.begin).seconds(),
        "zones": summary.zones,
        "racks": summary.racks,
        "servers": summary.servers,
        "vcpus": summary.capacity.vcpus,
        "memory": summary.capacity.memory as f64,
        "gpus": summary.capacity.gpus,
        "local_disks": summary.capacity.local_disks,
        "instances_at_start": summary.instances_at_start,
        "expected_arrivals": summary.expected_arrivals,
        "expected_instances": summary.expected_instances,
        "expected_most_instances": summary.expected_most_instances,
        "expected_seconds": summary.expected_seconds,
        "remarks": scenario.remarks,
        "expected_failures": summary.expected_failures,
        "expected_disk_failures": summary.expected_disk_failures,
        "expected_risks": summary.expected_risks,
        "groups": summary.groups,
        "members_at_start": summary.members_at_start,
        "campaigns": summary.campaigns,
        "campaign_servers": summary.campaign_servers,
        "scripts": summary.scripts,
        "recorded_events": summary.recorded_events,
        "expected_occurrences": summary.expected_occurrences,
        "expected_memory": summary.expected_memory,
    })
}

/// For data frames and pages: the object's values, one a row.
fn table(scenarios: &[Scenario]) -> Table {
    let mut table = Table::new(["scenario", "what", "value"]);
    for scenario in scenarios {
        let object = object(scenario);
        for (what, value) in object.as_object().into_iter().flatten().skip(1) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            table.row([scenario.name.clone(), what.clone(), value]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_have_two_digits() {
        assert_eq!(rough_size(17_234_567), "16 MiB");
        assert_eq!(rough_size(3 << 30), "3 GiB");
        assert!(rough_duration(0.3).starts_with("less than a second for all runs"));
        assert!(rough_duration(12.7).starts_with("about 13 s"));
        assert!(rough_duration(600.0).starts_with("about 10 min"));
        assert!(rough_duration(86_400.0).starts_with("about 24 h"));
    }
}
