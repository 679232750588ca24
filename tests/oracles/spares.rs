//! Spare servers that do not wear while they are idle, and repair crews (O11).

use crate::{
    given::{Case, O11A, O11B},
    support::{Study, study, varied},
    verdicts::{Verdicts, mean},
};

/// Instances as large as a server, which move at once when theirs fails.
const SPARES: &str = r#"
[scenario]
name = "spares"
warm_up = "1000h"
horizon = "HORIZONh"
seed = 41
[server_models.m]
vcpus = 1
memory = "1GiB"
risk = "never"
[server_models.m.crash]
life = { exponential = { mean = "{mtbf_h}h" } }
restarts_itself = 0
repair = { exponential = { mean = "{mttr_h}h" } }
[[servers]]
model = "m"
count = SERVERS
zones = ["z"]
[instance_types.whole]
vcpus = 1
memory = "1GiB"
[[workload.instances]]
type = "whole"
count = {required}
app = "service"
[applications.service]
needed = [{required}]
[policies.repair]
crews = {crews}
[settings.host]
idle_wears = false
"#;

fn with_spares(case: &Case, spares: u32, hours: u32, runs: u32) -> Study<()> {
    let servers = case.param("required") as u32 + spares;
    let text = SPARES.replace("HORIZON", &(hours + 1_000).to_string());
    let mut scenario = varied(case, &text, ("SERVERS", &servers.to_string()));
    scenario.settings.host_idle_wears = false;
    study(&scenario, runs)
}

fn full(case: &Case, study: &Study<()>) -> Vec<f64> {
    let required = case.param("required").to_string();
    study.labelled("service.available", &["service", &required])
}

fn spares(case: &Case, hours: u32, runs: u32) {
    let spares = case.param("spares");
    let study = with_spares(case, spares as u32, hours, runs);
    let mut verdicts = Verdicts::of(case.id);
    let required = case.param("required");
    verdicts.t("full capacity", &full(case, &study), case.expected("P_full_capacity"));
    let served = study.values("service.served");
    let operating: Vec<f64> = served.iter().map(|s| s / 3_600.0 / f64::from(hours)).collect();
    verdicts.t("operating", &operating, case.expected("mean_operating"));
    let available = study.values("servers.available.mean");
    let failed: Vec<f64> = available.iter().map(|up| required + spares - up).collect();
    verdicts.t("failed", &failed, case.expected("mean_failed"));
    let busy = study.values("servers.in_repair.mean");
    let busy: Vec<f64> = busy.iter().map(|busy| busy / case.param("crews")).collect();
    verdicts.t("crews at work", &busy, case.expected("crew_utilisation"));
    verdicts.end();
}

#[test]
fn o11a_two_spares() {
    spares(&O11A, 25_000, 64);
}

#[test]
fn o11b_six_spares() {
    spares(&O11B, 12_500, 32);
}

#[test]
fn o11a_the_smallest_number_of_spares() {
    let mut verdicts = Verdicts::of(O11A.id);
    let mut smallest = None;
    for spares in 0..6 {
        let full = full(&O11A, &with_spares(&O11A, spares, 12_500, 32));
        let expected = O11A.expected(&format!("table_S_P.{spares}.1"));
        verdicts.t(&format!("{spares} spares"), &full, expected);
        if mean(&full) >= O11A.param("target") {
            smallest = smallest.or(Some(spares));
        }
    }
    assert_eq!(smallest, Some(O11A.expected("smallest_spares_for_target") as u32));
    verdicts.end();
}

#[test]
fn o11b_other_numbers_of_spares() {
    let mut verdicts = Verdicts::of(O11B.id);
    for spares in [0, 3, 9] {
        let full = full(&O11B, &with_spares(&O11B, spares, 6_000, 32));
        let expected = O11B.expected(&format!("table_S_P.{spares}.1"));
        verdicts.t(&format!("{spares} spares"), &full, expected);
    }
    verdicts.end();
}
