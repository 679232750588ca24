//! How long does the longest outage of a year last, and does a second repair crew shorten it?
//! fleetsim as a library: a scenario from text, a measure of one's own, runs, an estimate.

use fleetsim::{
    experiment::{estimate, replicate::replicate},
    fleet::{Fleet, ids::Instance},
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    messages::fact::Fact,
    observe::Observer,
    scenario::{InMemory, Scenario},
    simulation,
};
use std::collections::BTreeMap;

/// Forty instances that wait for their own server to be repaired.
const SCENARIO: &str = r#"
[scenario]
name = "ten-servers"
horizon = "365d"
runs = 50

[server_models.general]
vcpus = 64
memory = "256GiB"
crash = { rate = "4/year", restarts_itself = "50%", repair = "1d..7d" }

[[servers]]
model = "general"
count = 10
zones = ["a"]

[instance_types.small]
vcpus = 4
memory = "16GiB"

[[workload.instances]]
type = "small"
count = 40

[policies]
placement = "spread"
recovery = "in-place"

[policies.repair]
crews = 1
"#;

/// A measure of one's own: it is told what becomes true, and keeps what it needs.
#[derive(Default)]
struct Longest {
    down_since: BTreeMap<Id<Instance>, Instant>,
    outage: Option<Span>,
}

impl Observer for Longest {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::ServiceEnded { instance, .. } = fact {
            self.down_since.insert(*instance, now);
        } else if let Fact::ServiceBegan(instance) = fact
            && let Some(since) = self.down_since.remove(instance)
        {
            self.outage = self.outage.max(Some(now.since(since)));
        }
    }
}

/// The scenario with so many repair crews.
fn with_crews(crews: u32) -> Scenario {
    let sets = [format!("policies.repair.crews={crews}")];
    let read = Scenario::parse("fleet.toml", SCENARIO.as_bytes(), &sets, &InMemory::default());
    read.expect("the scenario above has no faults")
}

/// What comes out, a line each.
pub fn told() -> String {
    let mut text = String::new();
    for crews in [1, 2] {
        let scenario = with_crews(crews);
        // The standard metrics, over all cores; the numbers do not depend on how many there are.
        let outcomes = replicate(&scenario, scenario.runs, None, &|_run| {});
        let rows = estimate::summarise(&outcomes);
        let row = rows.iter().find(|row| row.metric.definition.name == "availability");
        let availability = row.and_then(|row| row.estimate.value).expect("every run defines it");
        text += &format!(
            "{crews} crews: availability {:.5} ± {:.5}\n",
            availability.mean,
            availability.half_width.unwrap_or_default()
        );
        // Our own: run k of both scenarios meets the same crashes.
        let longest = (0..scenario.runs.get()).map(|run| {
            let mut observer = Longest::default();
            simulation::run(&scenario, run, &mut observer);
            observer.outage.map(Span::hours)
        });
        let longest = estimate::estimate(longest).value.expect("there are crashes in every run");
        text += &format!(
            "         longest outage {:.1} ± {:.1} h, in the worst run {:.1} h\n",
            longest.mean,
            longest.half_width.unwrap_or_default(),
            longest.max
        );
    }
    text
}

fn main() {
    print!("{}", told());
}
