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
        table::Table,
        text::heading,
    },
    scenario::{Scenario, summary},
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
    line("arrivals", format!("about {} a run", rough(expected.expected_arrivals)));
    line("instances at once", format!("about {}", rough(expected.expected_instances)));
    line("failures", format!("about {} a run", rough(expected.expected_failures)));
    line("occurrences", format!("about {} a run", rough(expected.expected_occurrences)));
    line("memory needed", format!("about {}", amount(expected.expected_memory as f64, "B")));
    line("digest", scenario.digest.clone());
    text
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
        "expected_failures": summary.expected_failures,
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
