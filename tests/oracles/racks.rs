//! Failure domains: two replicas in one rack, or in two (O20).

use crate::{
    given::O20A,
    support::{study, varied},
    verdicts::{ALPHA, Verdicts, mean},
};

const REPLICAS: &str = r#"
[scenario]
name = "replicas"
warm_up = "500h"
horizon = "40500h"
seed = 61
[server_models.m]
vcpus = 1
memory = "1GiB"
risk = "never"
[server_models.m.crash]
life = { exponential = { mean = "{server_mtbf_mttr_h.0}h" } }
restarts_itself = 0
repair = { exponential = { mean = "{server_mtbf_mttr_h.1}h" } }
[[servers]]
model = "m"
count = {replicas}
zones = ["z"]
racks_per_zone = RACKS
[servers.rack_outage]
life = { exponential = { mean = "{rack_mtbf_mttr_h.0}h" } }
repair = { exponential = { mean = "{rack_mtbf_mttr_h.1}h" } }
[instance_types.whole]
vcpus = 1
memory = "1GiB"
[[workload.instances]]
type = "whole"
count = {replicas}
app = "service"
[applications.service]
needed = [1]
[policies]
recovery = "in-place"
"#;

#[test]
fn o20a_one_rack_or_two() {
    let mut verdicts = Verdicts::of(O20A.id);
    let [same, spread] = [("1", "same_rack"), ("2", "spread")].map(|(racks, expected)| {
        let study = study(&varied(&O20A, REPLICAS, ("RACKS", racks)), 64);
        let single = study.values("availability");
        verdicts.t(&format!("single, {expected}"), &single, O20A.expected("single"));
        let available = study.labelled("service.available", &["service", "1"]);
        verdicts.t(expected, &available, O20A.expected(expected));
        available
    });
    // The ratio of the unavailabilities, tested without its bias.
    let ratio = O20A.expected("ratio_of_unavailability");
    let excess = |(same, spread): (&f64, &f64)| (1.0 - same) - ratio * (1.0 - spread);
    let excess: Vec<f64> = same.iter().zip(&spread).map(excess).collect();
    verdicts.t("beyond the ratio", &excess, 0.0);
    let wins = same.iter().zip(&spread).filter(|(same, spread)| spread > same).count();
    println!("{} spread is better in {wins} of {} runs", O20A.id, same.len());
    assert!(mean(&spread) > mean(&same));
    // Sign test: 64 of 64 at even odds has a probability of 5e-20.
    assert!(libm::pow(0.5, wins as f64) < ALPHA && wins * 10 >= same.len() * 9);
    verdicts.end();
}
