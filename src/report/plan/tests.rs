//! A plan where more is not always better, as people read it.

use super::{Planned, markdown, text};
use crate::{
    experiment::plan::{Method, Question, Simulate, Status, goal::Goal, plan},
    report::{look::Look, made_up},
};
use insta::assert_snapshot;

/// From 45 on a value is enough; below it each run has a few values that are, and others that are not.
struct Rugged;

impl Simulate for Rugged {
    type Fault = String;

    fn simulate(&mut self, cells: &[(usize, u32)]) -> Result<Vec<Vec<Option<f64>>>, String> {
        let value = |(place, run): &(usize, u32)| {
            let more = (place * 7 + *run as usize * 13) % 11;
            vec![Some(if place + more >= 45 { 0.9999 } else { 0.99 })]
        };
        Ok(cells.iter().map(value).collect())
    }
}

#[test]
fn a_plan_that_was_scanned_says_so_and_shows_where() {
    let goals = ["availability >= 99.9% in 90% of runs"].map(|text| Goal::parse(text).unwrap());
    let question = Question { goals: &goals, places: 200, confidence: 0.95, runs: 167, most: 167 };
    let found = plan(&question, &mut Rugged).unwrap();
    assert_eq!((found.status, found.method), (Status::Found, Method::Scanned));
    let planned = Planned {
        about: made_up::results(2).about,
        path: "servers[spare].count",
        range: "0..199".to_owned(),
        candidates: 200,
        largest: false,
        goals: goals.iter().map(|goal| (goal, "availability".to_owned())).collect(),
        confidence: 0.95,
        runs: 167,
        most: 167,
        plan: &found,
        value: &|place| place.to_string(),
    };
    assert_snapshot!(text(&planned, &Look::PIPED), @r"
    made-up · does the table read well?
    60 servers (2 zones, 6 racks) · 1,240 instances at start · 365d · 2 runs, seed 1

    servers[spare].count = 45 is the smallest value in 0..199 that meets the goal
    with 95 % confidence.

    goal 1  availability >= 99.9% in 90 % of runs

    value  runs say                                     verdict
    0      held in 0 of 29: 0.0 % (0.0 to 11.7 %)       missed
    26     held in 0 of 29: 0.0 % (0.0 to 11.7 %)       missed
    42     held in 122 of 167: 73.1 % (65.9 to 79.2 %)  missed
    43     held in 137 of 167: 82.0 % (75.5 to 87.1 %)  missed
    44     held in 151 of 167: 90.4 % (85.0 to 94.0 %)  not shown
    45     held in 36 of 36: 100.0 % (90.4 to 100.0 %)  met (answer)
    46     held in 36 of 36: 100.0 % (90.4 to 100.0 %)  met
    47     held in 36 of 36: 100.0 % (90.4 to 100.0 %)  met
    48     held in 36 of 36: 100.0 % (90.4 to 100.0 %)  met
    74     held in 75 of 75: 100.0 % (95.1 to 100.0 %)  met
    105    held in 75 of 75: 100.0 % (95.1 to 100.0 %)  met
    136    held in 75 of 75: 100.0 % (95.1 to 100.0 %)  met
    167    held in 75 of 75: 100.0 % (95.1 to 100.0 %)  met
    199    held in 75 of 75: 100.0 % (95.1 to 100.0 %)  met

    … and 27 more values judged: --format csv shows all.
    Not monotone: in 121 of 167 runs the goal held at some value and failed at an
    easier one. So values were judged each by itself, from the largest down for as
    long as the goal is met.
    3,478 runs were simulated, none twice; all 200 values in full: 33,400.
    ± and brackets are 95 % intervals over the runs at one value.
    ");
    assert_snapshot!(markdown(&planned), @r"
    ## made-up

    does the table read well?

    **servers\[spare\].count = 45 is the smallest value in 0..199 that meets the goal with 95 % confidence.**

    1. `availability >= 99.9% in 90 % of runs`

    | value | runs say | verdict |
    |---|---|---|
    | 0 | held in 0 of 29: 0.0 % (0.0 to 11.7 %) | missed |
    | 26 | held in 0 of 29: 0.0 % (0.0 to 11.7 %) | missed |
    | 42 | held in 122 of 167: 73.1 % (65.9 to 79.2 %) | missed |
    | 43 | held in 137 of 167: 82.0 % (75.5 to 87.1 %) | missed |
    | 44 | held in 151 of 167: 90.4 % (85.0 to 94.0 %) | not shown |
    | 45 | held in 36 of 36: 100.0 % (90.4 to 100.0 %) | met (answer) |
    | 46 | held in 36 of 36: 100.0 % (90.4 to 100.0 %) | met |
    | 47 | held in 36 of 36: 100.0 % (90.4 to 100.0 %) | met |
    | 48 | held in 36 of 36: 100.0 % (90.4 to 100.0 %) | met |
    | 74 | held in 75 of 75: 100.0 % (95.1 to 100.0 %) | met |
    | 105 | held in 75 of 75: 100.0 % (95.1 to 100.0 %) | met |
    | 136 | held in 75 of 75: 100.0 % (95.1 to 100.0 %) | met |
    | 167 | held in 75 of 75: 100.0 % (95.1 to 100.0 %) | met |
    | 199 | held in 75 of 75: 100.0 % (95.1 to 100.0 %) | met |

    … and 27 more values judged: --format csv shows all.
    Not monotone: in 121 of 167 runs the goal held at some value and failed at an easier one. So values were judged each by itself, from the largest down for as long as the goal is met.
    3,478 runs were simulated, none twice; all 200 values in full: 33,400.

    ± and brackets are 95 % intervals. fleetsim 0.0.0, seed 1, scenario digest `00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff`.
    ");
}
