//! Losses and occupancy: arrivals, lives, placement, rejection, statistics over time (O01, O02, O04).

use crate::{
    given::{Case, O01A, O01B, O02A, O04A, O04B},
    support::{Crowd, Study, scenario, study, varied, watch},
    verdicts::{Verdicts, mean, variance},
};
use fleetsim::{observe::placements::Placements, simulation};

/// Quick profile: a quarter of the horizon, half the replications.
const ERLANG_A: &str = r#"
[scenario]
name = "erlang-b-a"
warm_up = "10h"
horizon = "1260h"
seed = 11
[server_models.m]
vcpus = {slots}
memory = "1TiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types.unit]
vcpus = 1
memory = "1GiB"
[[workload.arrivals]]
name = "requests"
type = "unit"
rate = "{lambda_per_h}/h"
life = { exponential = { mean = "{mean_life_h}h" } }
"#;

/// The same on ten servers with lives that are all alike: the blocking knows only their mean.
const ERLANG_B: &str = r#"
[scenario]
name = "erlang-b-b"
warm_up = "240h"
horizon = "5240h"
seed = 12
[server_models.m]
vcpus = 10
memory = "1TiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 10
zones = ["z"]
[instance_types.unit]
vcpus = 1
memory = "1GiB"
[[workload.arrivals]]
name = "requests"
type = "unit"
rate = "{lambda_per_h}/h"
life = "{mean_life_h}h"
[policies]
placement = "first-fit"
"#;

/// The full profile.
const TWO_SIZES: &str = r#"
[scenario]
name = "kaufman-roberts"
warm_up = "10h"
horizon = "5010h"
seed = 13
[server_models.m]
vcpus = {units}
memory = "1TiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types.small]
vcpus = {sizes.0}
memory = "1GiB"
[instance_types.large]
vcpus = {sizes.1}
memory = "1GiB"
[[workload.arrivals]]
name = "small"
type = "small"
rate = "{lambda_per_h.0}/h"
life = { exponential = { mean = "{mean_life_h}h" } }
[[workload.arrivals]]
name = "large"
type = "large"
rate = "{lambda_per_h.1}/h"
life = { exponential = { mean = "{mean_life_h}h" } }
"#;

/// Measured after ten mean lives, over the given horizon; the level is read once on the way up and
/// once at the end, where runs are independent of each other.
const ENDLESS: &str = r#"
[scenario]
name = "endless-room"
warm_up = "240h"
horizon = "1240h"
levels_at = ["{transient_time_h}h", "1200h"]
seed = 14
[server_models.m]
vcpus = 100000
memory = "1TiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types.unit]
vcpus = 1
memory = "1MiB"
[[workload.arrivals]]
name = "requests"
type = "unit"
rate = "{lambda_per_h}/h"
life = { exponential = { mean = "{mean_life_h}h" } }
"#;

/// Squares around the mean that is known: unlike the variance around each run's own mean, their
/// average has no bias.
fn spread_around<O>(study: &Study<O>, expected: f64) -> Vec<f64> {
    let means = study.values("instances.placed.mean");
    let variances = study.values("instances.placed.var");
    let around = |(mean, variance): (&f64, &f64)| variance + (mean - expected) * (mean - expected);
    means.iter().zip(&variances).map(around).collect()
}

fn erlang_b(case: &Case, text: &str) {
    let scenario = scenario(case, text);
    let slots = case.param("slots");
    let study = watch(&scenario, 32, |scenario| Crowd::new(scenario, slots as u64));
    let mut verdicts = Verdicts::of(case.id);
    let calls = study.labelled("placement.blocking", &["all"]);
    let times = study.seen(Crowd::share);
    let gaps: Vec<f64> = calls.iter().zip(&times).map(|(call, time)| call - time).collect();
    verdicts.t("call congestion", &calls, case.expected("blocking"));
    verdicts.t("time congestion", &times, case.expected("blocking"));
    verdicts.t("their difference", &gaps, 0.0);
    let mean_occupied = case.expected("mean_occupied");
    verdicts.t("occupied", &study.values("instances.placed.mean"), mean_occupied);
    let spread = spread_around(&study, mean_occupied);
    verdicts.t("variance", &spread, case.expected("var_occupied"));
    let utilisation = study.labelled("utilisation", &["vcpu"]);
    verdicts.t("utilisation", &utilisation, case.expected("utilisation"));
    verdicts.end();
}

#[test]
fn o01a_erlang_b_with_exponential_lives() {
    erlang_b(&O01A, ERLANG_A);
}

#[test]
fn o01b_erlang_b_with_equal_lives() {
    erlang_b(&O01B, ERLANG_B);
}

#[test]
fn o01_every_policy_accepts_the_same_unit_requests() {
    let accepted = |policy: &str| {
        let scenario = varied(&O01B, ERLANG_B, ("first-fit", policy));
        let mut placements = Placements::default();
        simulation::run(&scenario, 0, &mut placements);
        let rows: Vec<_> = placements.rows.iter().map(|row| (row.at, row.name)).collect();
        let servers: Vec<_> = placements.rows.iter().map(|row| row.server).collect();
        (rows, servers)
    };
    let (first, _) = accepted("first-fit");
    assert!(first.len() > 10_000, "{} are accepted", first.len());
    for policy in ["best-fit", "worst-fit", "most-free", "spread"] {
        let (rows, _) = accepted(policy);
        assert!(rows == first, "{policy} accepts the requests that first-fit accepts");
    }
    assert_ne!(accepted("worst-fit").1, accepted("first-fit").1, "they choose different servers");
}

#[test]
fn o02a_two_sizes_on_one_server() {
    let study = study(&scenario(&O02A, TWO_SIZES), 64);
    let mut verdicts = Verdicts::of(O02A.id);
    for (name, expected) in [("small", "blocking_size_1"), ("large", "blocking_size_4")] {
        let blocking = study.labelled("placement.blocking", &[name]);
        verdicts.t(expected, &blocking, O02A.expected(expected));
    }
    let used = study.values("vcpu.allocated.mean");
    verdicts.t("used", &used, O02A.expected("mean_used_units"));
    verdicts.end();
}

/// The occupancy of endless room; gives the verdicts and the means over time.
fn endless(case: &Case, law: &str) -> (Verdicts, Vec<f64>) {
    let scenario = varied(case, ENDLESS, ("{ exponential = { mean = \"{mean_life_h}h\" } }", law));
    let bound = case.expected("p99_occupancy") as u64 + 1;
    let study = watch(&scenario, 64, |scenario| Crowd::new(scenario, bound));
    let mut verdicts = Verdicts::of(case.id);
    let means = study.values("instances.placed.mean");
    let expected = case.expected("mean_occupancy");
    verdicts.t("mean", &means, expected);
    verdicts.t("variance", &spread_around(&study, expected), case.expected("var_occupancy"));
    verdicts.t("above p99", &study.seen(Crowd::share), case.expected("P_occ_gt_p99"));
    let level = |hours: f64| {
        let at = (hours * 3_600.0).to_string();
        study.labelled("instances.placed.level", &[&at])
    };
    let early = level(case.param("transient_time_h"));
    let sum = early.iter().sum::<f64>();
    let expected_early = case.expected("mean_at_half_life_from_empty");
    verdicts.poisson("on the way up", sum as u64, expected_early * early.len() as f64);
    let late = level(1_200.0);
    verdicts.poisson("late", late.iter().sum::<f64>() as u64, expected * late.len() as f64);
    let freedom = late.len() as f64 - 1.0;
    verdicts.chi_square("dispersion", freedom * variance(&late) / expected, freedom);
    (verdicts, means)
}

#[test]
fn o04a_endless_room_with_exponential_lives() {
    let law = "{ exponential = { mean = \"{mean_life_h}h\" } }";
    let (mut verdicts, means) = endless(&O04A, law);
    // The measured time is the given horizon and begins, up to e^-10, in equilibrium.
    let sd = O04A.expected("exact_sd_of_time_average_over_T_stationary_start");
    let se = sd / (means.len() as f64).sqrt();
    verdicts.z("mean, exact s.d.", (mean(&means), O04A.expected("mean_occupancy")), se);
    verdicts.end();
}

#[test]
fn o04b_endless_room_with_uniform_lives() {
    let (verdicts, _) = endless(&O04B, "\"0h..16h\"");
    verdicts.end();
}
