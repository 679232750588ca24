//! Repair crews as a queue: waiting, order, general lengths of repair (O05, O06).
//!
//! The queue's customers are servers that crash. A fleet of `n` servers fails a little more slowly
//! while some are down: the rate of failures is low by a share L/n, where L are down on average,
//! which the fleets below keep far under the standard errors.

use crate::{
    given::{Case, O05A, O06A, O06B},
    support::{Watcher, scenario, watch},
    verdicts::{Verdicts, mean},
};
use fleetsim::{
    fleet::Fleet,
    kernel::time::{Instant, Span},
    messages::fact::Fact,
    observe::Observer,
    scenario::Scenario,
};

/// Quick profile: a quarter of the horizon.
const QUEUE: &str = r#"
[scenario]
name = "repair-queue"
warm_up = "1250h"
horizon = "6250h"
seed = 21
[server_models.m]
vcpus = 1
memory = "1GiB"
risk = "never"
[server_models.m.crash]
rate = "RATE/h"
restarts_itself = 0
repair = LAW
[[servers]]
model = "m"
count = SERVERS
zones = ["z"]
[policies.repair]
crews = CREWS
"#;

/// The waits for a crew, in order of the repairs begun.
struct Waits {
    from: Instant,
    waits: Vec<Span>,
}

impl Observer for Waits {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::RepairBegan { waited, .. } = *fact
            && now >= self.from
        {
            self.waits.push(waited);
        }
    }
}

impl Watcher for Waits {}

impl Waits {
    fn share_above(&self, hours: f64) -> f64 {
        let above = self.waits.iter().filter(|wait| wait.hours() > hours).count();
        above as f64 / self.waits.len() as f64
    }

    fn mean_s(&self) -> f64 {
        self.waits.iter().map(|wait| wait.seconds()).sum::<f64>() / self.waits.len() as f64
    }

    fn p95_s(&self) -> f64 {
        let mut sorted = self.waits.clone();
        sorted.sort_unstable();
        sorted[(sorted.len() * 95).div_ceil(100) - 1].seconds()
    }
}

fn queue(case: &Case, servers: u32, law: &str, crews: u32) -> Scenario {
    let rate = case.param("lambda_per_h") / f64::from(servers);
    let text = QUEUE
        .replace("RATE", &format!("{rate:.9}"))
        .replace("LAW", law)
        .replace("SERVERS", &servers.to_string())
        .replace("CREWS", &crews.to_string());
    scenario(case, &text)
}

fn hours(values: &[f64]) -> Vec<f64> {
    values.iter().map(|seconds| seconds / 3_600.0).collect()
}

#[test]
fn o05a_crews_are_workers_with_one_queue() {
    // L = 6.2, so the rate is low by 1.6e-4; the mean queue by 0.002, its standard error is 0.03.
    let law = "{ exponential = { mean = \"{mean_service_h}h\" } }";
    let scenario = queue(&O05A, 40_000, law, O05A.param("workers") as u32);
    let from = scenario.measure_from;
    let study = watch(&scenario, 64, |_| Waits { from, waits: Vec::new() });
    let mut verdicts = Verdicts::of(O05A.id);
    verdicts.t("queue", &study.values("repair.queue.mean"), O05A.expected("mean_queue"));
    verdicts.t("waited", &study.values("repair.wait.share"), O05A.expected("P_wait"));
    let waits = study.values("repair.wait.mean");
    verdicts.t("mean wait", &hours(&waits), O05A.expected("mean_wait_h"));
    // A run's own 95th percentile has a bias; the share above the expected one has none.
    let p95 = O05A.expected("wait_p95_h");
    verdicts.t("beyond p95", &study.seen(|waits| waits.share_above(p95)), 0.05);
    let load = O05A.param("lambda_per_h") * O05A.param("mean_service_h");
    verdicts.t("crews at work", &study.values("servers.in_repair.mean"), load);
    verdicts.end();
    for (measured, counted) in [
        (waits, study.seen(Waits::mean_s)),
        (study.values("repair.wait.p95"), study.seen(Waits::p95_s)),
        (study.values("repair.wait.share"), study.seen(|waits| waits.share_above(0.0))),
    ] {
        let gaps = measured.iter().zip(&counted).map(|(a, b)| (a - b).abs() / b);
        assert!(gaps.fold(0.0, f64::max) < 1e-9, "the metrics are those of the waits");
    }
}

fn single_crew(case: &Case, law: &str) {
    let scenario = queue(case, 20_000, law, 1);
    let study = watch(&scenario, 64, |_| ());
    let mut verdicts = Verdicts::of(case.id);
    let waits = hours(&study.values("repair.wait.mean"));
    verdicts.t("mean wait", &waits, case.expected("mean_wait_h"));
    verdicts.t("queue", &study.values("repair.queue.mean"), case.expected("mean_in_queue"));
    verdicts.t("crew at work", &study.values("servers.in_repair.mean"), case.expected("rho"));
    assert!(mean(&study.values("repair.queue.max")) > 2.0, "there is a queue");
    verdicts.end();
}

#[test]
fn o06a_one_crew_and_equal_repairs() {
    // L = 1.5 of 20,000: the rate is low by 8e-5, the wait by 3e-4 h.
    single_crew(&O06A, "\"{mean_service_h}h\"");
}

#[test]
fn o06b_one_crew_and_lognormal_repairs() {
    // L = 2.1 of 20,000: the rate is low by 1e-4, the wait by 3e-4 h.
    single_crew(&O06B, "{ lognormal = { mean = \"{mean_service_h}h\", cv = {cv} } }");
}
