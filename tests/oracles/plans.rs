//! `plan` finds the smallest number of spare servers where theory knows it: judged by the long run
//! (O11) and period by period (O23). Through the command, on scenario files.

use crate::given::{Case, O11A, O11B, O23A, O23B};
use serde_json::Value;
use std::{fs, path::Path, process::Command};

/// `required` instances as large as a server, on so many servers; the spares stand behind them and
/// do not wear while they are idle.
const SPARES: &str = r#"
[scenario]
name = "spares"
warm_up = "WARM_UPh"
horizon = "HORIZONh"
seed = SEED
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
count = {required}
zones = ["z"]
[[servers]]
name = "spare"
model = "m"
count = 0
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
[settings]
instance = { pending = "0s", starting = "0s" }
recover = { detect = "0s" }
guest = { crash_rate = "never" }
host = { idle_wears = false }
"#;

/// What `plan` answers with `goal` over 0 to `most` spares.
fn plan(case: &Case, (warm_up, hours, seed): (u32, u32, u32), goal: &str, most: u32) -> Value {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let times = [("WARM_UP", warm_up), ("HORIZON", warm_up + hours), ("SEED", seed)];
    let put = |text: String, (name, value): &(&str, u32)| text.replace(name, &value.to_string());
    let text = times.iter().fold(case.fill(SPARES), put);
    fs::write(folder.path().join("spares.toml"), text).expect("the scenario is written");
    let (code, answer) = ask(folder.path(), goal, most);
    assert!(code == 0 || code == 3, "{}: exit code {code}", case.id);
    assert_eq!(answer["status"], if code == 0 { "found" } else { "inconclusive" });
    println!("{} seed {seed}: {} of {}", case.id, answer["answer"], answer["values"]);
    answer
}

fn ask(folder: &Path, goal: &str, most: u32) -> (i32, Value) {
    let vary = format!("servers[spare].count=0..{most}");
    let output = Command::new(env!("CARGO_BIN_EXE_fleetsim"))
        .args(["plan", "spares.toml", "--vary", &vary, "--goal", goal, "--format", "json"])
        .current_dir(folder)
        .output()
        .expect("the binary starts");
    let faults = String::from_utf8_lossy(&output.stderr);
    let answer = serde_json::from_slice(&output.stdout);
    let answer = answer.unwrap_or_else(|why| panic!("{why}: {faults}"));
    (output.status.code().expect("no signal ends it"), answer)
}

fn spares(answer: &Value) -> u32 {
    answer["answer"].as_str().expect("there is an answer").parse().expect("a number of spares")
}

fn whole(number: f64) -> u32 {
    number as u32
}

fn list(answer: &Value) -> &[Value] {
    answer["values"].as_array().expect("the values that were run")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// The share of time at the answer and at one less lies at least three standard errors of 80 runs
/// from the target, and the plan goes on until its interval (95 % together over eight looks) lies on
/// one side: it errs in at most 5 of 100 seeds on either side. This seed is fixed.
fn long_run(case: &Case, hours: u32, most: u32) {
    let required = case.param("required");
    let target = case.param("target");
    let goal = format!("service.available{{service,{required}}} >= {target} on average");
    let answer = plan(case, (500, hours, 41), &goal, most);
    assert_eq!(answer["status"], "found");
    assert_eq!(answer["method"], "monotone");
    assert_eq!(spares(&answer), whole(case.expected("smallest_spares_for_target")));
    for value in list(&answer) {
        let spares = text(&value["value"]);
        let theory = case.expected(&format!("table_S_P.{spares}.1"));
        let mean = number(&value["mean"]);
        // A 95 % interval doubled: the mean lies within four standard errors (6e-5 a value).
        let width = 2.0 * number(&value["half_width"]);
        assert!((mean - theory).abs() < width, "{}: {spares} spares: {mean}", case.id);
    }
}

#[test]
fn o11a_the_smallest_share_of_time() {
    long_run(&O11A, 2_000, 12);
}

#[test]
fn o11b_the_smallest_share_of_time() {
    long_run(&O11B, 1_500, 16);
}

fn period(case: &Case, seed: u32, most: u32) -> Value {
    let goal = format!("service.outages{{service,{}}} <= 0 in 95% of runs", case.param("required"));
    plan(case, (0, case.param("period_h") as u32, seed), &goal, most)
}

/// One seed, whole: with 336 runs theory has the plan answer 8 in 76 of 100 seeds, 9 in 21 and 7 in
/// 3.
#[test]
fn o23a_the_smallest_in_a_period() {
    let answer = period(&O23A, 41, 15);
    assert_eq!(spares(&answer), whole(O23A.expected("smallest_spares")));
    assert_eq!((&answer["status"], &answer["method"]), (&"found".into(), &"monotone".into()));
    let between = answer["between"].as_array().expect("an interval");
    let end = |place: usize| between[place].as_str().unwrap().parse::<u32>().unwrap();
    assert!(end(0) <= 8 && end(1) >= 8 && end(1) - end(0) <= 4, "{between:?}");
    held_as_theory_says(&O23A, &answer);
}

#[test]
fn o23b_the_smallest_in_a_period() {
    let answer = period(&O23B, 41, 15);
    assert_eq!(spares(&answer), whole(O23B.expected("smallest_spares")));
    held_as_theory_says(&O23B, &answer);
}

/// The runs that held, at the answer and its neighbours, are binomial with the share that theory
/// gives: within 3.89 standard errors (1e-4 a value).
fn held_as_theory_says(case: &Case, answer: &Value) {
    let values = list(answer);
    assert_eq!(values.len(), 3, "the answer and its neighbours");
    for value in values {
        let spares = text(&value["value"]);
        let share = case.expected(&format!("table_S_P.{spares}.1"));
        let (held, runs) = (number(&value["held"]), number(&value["runs"]));
        assert_eq!(whole(runs), 336);
        let off = (held - runs * share).abs() / (runs * share * (1.0 - share)).sqrt();
        assert!(off < 3.89, "{}: {spares} spares: {held} of {runs}, {off}", case.id);
    }
}

/// Six other seeds. 7 spares are accepted where at most 10 of 336 runs fail, which at their true
/// share of 94.7 % has a probability of 3.1 %: more than three answers of six too small have one of
/// 1e-5. 8 or 9 are the answer with 96.8 %: fewer than three of six have one of 2e-5.
#[test]
fn o23a_other_seeds() {
    let answers: Vec<u32> = (0..6).map(|seed| spares(&period(&O23A, 100 + seed, 15))).collect();
    println!("{answers:?}");
    let enough = answers.iter().filter(|spares| **spares >= 8).count();
    let near = answers.iter().filter(|spares| (8..=9).contains(*spares)).count();
    assert!(enough >= 3 && near >= 3, "{answers:?}");
}
