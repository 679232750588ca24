//! Lives that wear out: first failures, lives of given age, repairs that restore nothing (O19).

use crate::{
    given::O19A,
    support::{Each, scenario, study, varied, watch},
    verdicts::{Verdicts, mean},
};

/// The full profile.
const WORN: &str = r#"
[scenario]
name = "worn"
horizon = "{T_h}h"
seed = 51
[server_models.m]
vcpus = 1
memory = "1GiB"
risk = "never"
[server_models.m.crash]
life = { weibull = { shape = {shape}, scale = "{scale_h}h" } }
restarts_itself = 0
repair = "never"
repair_restores = "new"
age_at_start = "new"
[[servers]]
model = "m"
count = {disks}
zones = ["z"]
"#;

/// The probability of a life longer than `hours`.
fn survives(hours: f64) -> f64 {
    libm::exp(-libm::pow(hours / O19A.param("scale_h"), O19A.param("shape")))
}

#[test]
fn o19a_first_failures_and_failures_by_a_time() {
    let runs = O19A.param("replications");
    let study = watch(&scenario(&O19A, WORN), runs as u32, Each::new);
    let mut verdicts = Verdicts::of(O19A.id);
    let failed = study.values("servers.crashes").iter().sum::<f64>() as u64;
    let (servers, hours) = (O19A.param("disks"), O19A.param("T_h"));
    let expected = O19A.expected("expected_failed_by_T_no_repair");
    verdicts.binomial("failed", (failed, (servers * runs) as u64), expected / servers);
    let se = O19A.expected("sd_failed") / runs.sqrt();
    verdicts.z("failed a run", (failed as f64 / runs, expected), se);
    // The first of n Weibull lives is Weibull too; its squared coefficient of variation is
    // G(1 + 2/shape) / G(1 + 1/shape)^2 - 1.
    let shape = O19A.param("shape");
    let gamma = libm::tgamma(1.0 + 1.0 / shape);
    let cv = (libm::tgamma(1.0 + 2.0 / shape) / (gamma * gamma) - 1.0).sqrt();
    let expected = O19A.expected("mean_first_failure_h");
    let first = study.seen(Each::first_failure_h);
    verdicts.z("first failure", (mean(&first), expected), cv * expected / runs.sqrt());
    // Every failure by then, each at its place in the law of those that fail by then.
    let by_then = 1.0 - survives(hours);
    let places = study.seen.iter().flat_map(|each| each.first_failures.iter().flatten());
    let places = places.map(|at| (1.0 - survives(at.seconds() / 3_600.0)) / by_then).collect();
    verdicts.uniform("lives by then", places);
    verdicts.end();
}

#[test]
fn o19a_whole_lives_follow_the_law() {
    let long = varied(&O19A, WORN, ("\"{T_h}h\"", "\"300000d\""));
    let study = watch(&long, 100, Each::new);
    let lives = study.seen.iter().flat_map(|each| &each.first_failures);
    let place = |at: &Option<_>| {
        let at: fleetsim::kernel::time::Instant = at.expect("every server fails in the end");
        1.0 - survives(at.seconds() / 3_600.0)
    };
    let mut verdicts = Verdicts::of(O19A.id);
    verdicts.uniform("lives", lives.map(place).collect());
    verdicts.end();
}

#[test]
fn o19a_lives_of_given_age() {
    let aged = varied(&O19A, WORN, ("age_at_start = \"new\"", "age_at_start = \"40000h\""));
    let study = study(&aged, 100);
    let failed = study.values("servers.crashes").iter().sum::<f64>() as u64;
    let p = 1.0 - survives(40_000.0 + O19A.param("T_h")) / survives(40_000.0);
    let mut verdicts = Verdicts::of(O19A.id);
    verdicts.binomial("failed at 40,000 h", (failed, 100 * O19A.param("disks") as u64), p);
    verdicts.end();
}

#[test]
fn o19a_repairs_that_restore_nothing() {
    let text = WORN.replace("repair = \"never\"", "repair = \"0s\"");
    let minimal = varied(&O19A, &text, ("restores = \"new\"", "restores = \"old\""));
    let runs = O19A.param("replications");
    let study = study(&minimal, runs as u32);
    let repairs = study.values("servers.crashes").iter().sum::<f64>() as u64;
    let mut verdicts = Verdicts::of(O19A.id);
    let expected = O19A.expected("expected_minimal_repairs_by_T");
    verdicts.poisson("minimal repairs", repairs, expected * runs);
    verdicts.end();
}
