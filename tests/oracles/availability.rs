//! Servers that fail and are repaired, alone and together (O07, O08, O09).

use crate::{
    given::{Case, O07A, O07B, O08A, O09A, O09B},
    support::{Each, Served, scenario, varied, watch},
    verdicts::{Verdicts, mean, variance},
};

/// The full profile.
const MACHINES: &str = r#"
[scenario]
name = "machines"
horizon = "{horizon_h}h"
levels_at = ["{mttr_h}h"]
seed = 31
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
count = {machines}
zones = ["z"]
"#;

/// The full profile behind a warm-up of five mean cycles.
const RENEWALS: &str = r#"
[scenario]
name = "renewals"
warm_up = "2500h"
horizon = "52500h"
seed = 32
[server_models.m]
vcpus = 1
memory = "1GiB"
risk = "never"
[server_models.m.crash]
life = { weibull = { shape = {up.1}, scale = "{up.2}h" } }
restarts_itself = 0
repair = { lognormal = { mean = "{down.1}h", cv = {down.2} } }
[[servers]]
model = "m"
count = {machines}
zones = ["z"]
"#;

/// One instance a server, each waiting for its own; the full profile.
const QUORUM: &str = r#"
[scenario]
name = "quorum"
horizon = "{horizon_h}h"
seed = 33
[server_models.m]
vcpus = 2
memory = "1GiB"
risk = "never"
[server_models.m.crash]
life = { exponential = { mean = "{mtbf_h}h" } }
restarts_itself = 0
repair = { exponential = { mean = "{mttr_h}h" } }
[[servers]]
model = "m"
count = {n}
zones = ["z"]
[instance_types.unit]
vcpus = 1
memory = "1MiB"
[[workload.instances]]
type = "unit"
count = {n}
app = "quorum"
[applications.quorum]
per_server_limit = 1
needed = [{k}]
[policies]
recovery = "in-place"
"#;

fn machines(case: &Case) {
    let scenario = scenario(case, MACHINES);
    assert!((scenario.end.seconds() / 3_600.0 - case.param("horizon_h")).abs() < 1e-9);
    let study = watch(&scenario, case.param("replications") as u32, Each::new);
    let count = case.param("machines");
    let mut verdicts = Verdicts::of(case.id);
    let each: Vec<f64> = study.seen.iter().flat_map(Each::availabilities).collect();
    let sd = case.expected("sd_of_one_machine_availability_over_T");
    let se = sd / (each.len() as f64).sqrt();
    let expected = case.expected("mean_availability_over_T_from_up");
    verdicts.z("availability", (mean(&each), expected), se);
    let measured = mean(&study.values("servers.available.mean")) / count;
    assert!((measured - mean(&each)).abs() < 1e-9, "the metric is the mean over the servers");
    verdicts.ratio("variance", variance(&each) / (sd * sd), (0.9, 1.1));
    let at = (case.param("mttr_h") * 3_600.0).to_string();
    let up = study.labelled("servers.available.level", &[&at]).iter().sum::<f64>() as u64;
    let point = case.expected("point_availability_at_MTTR");
    verdicts.binomial("up after one MTTR", (up, each.len() as u64), point);
    // Counted from new, a run has as many failures as its operating time asks for: A(0..T)/MTBF,
    // which is what the long run has up to a share of 2e-4.
    let years = count * case.param("horizon_h") / 8_760.0;
    let crashes: Vec<f64> =
        study.values("servers.crashes").iter().map(|crashes| crashes / years).collect();
    verdicts.t("failures", &crashes, expected * 8_760.0 / case.param("mtbf_h"));
    let long_run = case.expected("failures_per_machine_year");
    verdicts.ratio("failures, long run", mean(&crashes) / long_run, (0.98, 1.02));
    verdicts.end();
}

#[test]
fn o07a_machines_over_a_year() {
    machines(&O07A);
}

#[test]
fn o07b_machines_over_a_month() {
    machines(&O07B);
}

#[test]
fn o08a_weibull_lives_and_lognormal_repairs() {
    let study = watch(&scenario(&O08A, RENEWALS), O08A.param("replications") as u32, Each::new);
    let mut verdicts = Verdicts::of(O08A.id);
    let each: Vec<f64> = study.seen.iter().flat_map(Each::availabilities).collect();
    let count = each.len() as f64;
    let sd = O08A.expected("asym_sd_over_T");
    let expected = O08A.expected("steady_availability");
    verdicts.z("availability", (mean(&each), expected), sd / count.sqrt());
    verdicts.ratio("variance", variance(&each) / (sd * sd), (0.85, 1.15));
    let crashes = study.values("servers.crashes").iter().sum::<f64>() / count;
    let expected = O08A.expected("failures_per_h") * O08A.param("horizon_h");
    let se = (O08A.expected("asym_var_failures_over_T") / count).sqrt();
    verdicts.z("failures", (crashes, expected), se);
    verdicts.end();
}

fn quorum(case: &Case) {
    let needed = case.param("k") as u64;
    let runs = case.param("replications") as u32;
    let study = watch(&scenario(case, QUORUM), runs, |_| Served::new(needed));
    let mut verdicts = Verdicts::of(case.id);
    let labels = ["quorum", &needed.to_string()];
    let available = study.labelled("service.available", &labels);
    let outages = study.labelled("service.outages", &labels);
    verdicts.t("available", &available, case.expected("system_availability"));
    let hours = case.param("horizon_h");
    let rates: Vec<f64> = outages.iter().map(|outages| outages / hours).collect();
    verdicts.t("outages an hour", &rates, case.expected("system_failures_per_h"));
    // The mean outage is a ratio of two sums: tested by what is down beyond the expected length.
    let mean_outage = case.expected("mean_outage_h");
    let excess = |(share, outages): (&f64, &f64)| (1.0 - share) * hours - mean_outage * outages;
    let excess: Vec<f64> = available.iter().zip(&outages).map(excess).collect();
    verdicts.t("down beyond the mean outage", &excess, 0.0);
    // Times to the first outage are nearly exponential, so that twice their sum is a chi-square.
    let first = study.seen(Served::short_at_h);
    let statistic = 2.0 * first.iter().sum::<f64>() / case.expected("mttf_with_repair_h");
    verdicts.chi_square("first outage", statistic, 2.0 * first.len() as f64);

    let never = "{ exponential = { mean = \"{mttr_h}h\" } }";
    let unrepaired = varied(case, QUORUM, (never, "\"never\""));
    let study = watch(&unrepaired, 256, |_| Served::new(needed));
    let first = study.seen(Served::short_at_h);
    verdicts.t("first outage, no repair", &first, case.expected("mttf_without_repair_h"));
    verdicts.end();
}

#[test]
fn o09a_three_of_five() {
    quorum(&O09A);
}

#[test]
fn o09b_two_of_three() {
    quorum(&O09B);
}
