//! What the charts of real runs say.

use super::*;
use crate::{
    experiment::replicate::follow,
    observe::series::Scope,
    report::{
        About, Results,
        chart::{Chart, Lines},
        csv,
        folder::Study,
        json, number, plot, series,
    },
    scenario::{InMemory, Scenario},
};
use std::num::NonZeroU32;

fn ran(text: &str, runs: u32) -> Ran {
    let read = Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default());
    let scenario = read.unwrap_or_else(|faults| panic!("{faults}"));
    let runs = NonZeroU32::new(runs).unwrap();
    let (outcomes, told) = follow(&scenario, runs, None, Scope::All, &|_| ());
    let results = Results::new(About::new(&scenario, runs.get()), outcomes);
    let files = [
        ("summary.json", json::results(&results, Some("fleetsim run x.toml"))),
        ("runs.csv", csv::runs(&results)),
        ("series.csv", series::csv(&told.unwrap())),
    ];
    let files: Vec<(String, String)> =
        files.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    match Study::read(&files) {
        Ok(Study::Run(ran)) => ran,
        other => panic!("{other:?}"),
    }
}

/// Servers that crash or not, so many a year.
fn crashing(rate: &str) -> String {
    format!(
        r#"
        scenario = {{ name = "x", question = "how?", horizon = "100d", warm_up = "20d", seed = 5 }}
        servers = [{{ model = "m", count = 12, zones = ["z"] }}]
        server_models.m = {{ vcpus = 8, memory = "32GiB", crash = {{ rate = "{rate}" }} }}
        instance_types.t = {{ vcpus = 2, memory = "8GiB" }}
        workload.instances = [{{ type = "t", count = 20 }}]
        settings.guest.crash_rate = "never"
        "#
    )
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(format!("scenarios/{name}.toml")).expect("it is shipped")
}

fn named(figures: &[Figure]) -> Vec<&str> {
    figures.iter().map(|figure| figure.name.as_str()).collect()
}

fn lines(figure: &Figure) -> &Lines {
    match &figure.chart {
        Chart::Lines(lines) => lines,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_never_happens_is_no_chart_and_full_availability_is_told() {
    let ran = ran(&crashing("0%/year"), 6);
    let figures = figures(&ran);
    assert_eq!(named(&figures), ["availability", "use"]);
    assert!(
        figures[0].caption.starts_with("All service that was owed was served, at every moment"),
        "{}",
        figures[0].caption
    );
}

#[test]
fn captions_name_the_numbers_of_the_summary_and_the_worst_time() {
    let ran = ran(&crashing("900%/year"), 6);
    let figures = figures(&ran);
    let all = ["availability", "downtime", "interruptions", "migrations", "migrations-under-way"];
    let rest = ["use", "servers"];
    let found = named(&figures);
    assert!(all.iter().chain(&rest).all(|name| found.contains(name)), "{found:?}");
    let caption = &figures[0].caption;
    let metric = ran.metric("availability", &[]).unwrap();
    let mean = parts::estimate(metric).unwrap();
    assert!(caption.starts_with(&format!("{mean} of the service")), "{caption}");
    assert!(caption.ends_with("The shaded time is the warm-up, of which metrics say nothing."));
    assert_eq!(lines(&figures[0]).shaded, [(0.0, 20.0 * 86_400.0)]);
    // What the caption calls lowest is the lowest point of the line.
    let points = lines(&figures[0]).lines[0].points.iter().filter_map(|spot| spot.y);
    let lowest = points.fold(1.0, f64::min);
    assert!(caption.contains(&format!(", at {};", number::free(lowest))), "{caption}");
    let spread = figures.iter().find(|figure| figure.name == "runs-availability").unwrap();
    let column = &ran.over_runs[0].values;
    let worst = column.iter().flatten().copied().fold(1.0, f64::min);
    let run = column.iter().position(|value| *value == Some(worst)).unwrap();
    let told = format!("The lowest, {}, is run {run};", number::free(worst));
    assert!(spread.caption.contains(&told), "{}", spread.caption);
}

#[test]
fn a_refresh_is_shown_against_its_bounds() {
    let text = shipped("rolling-refresh");
    let ran = ran(&text, 3);
    let figures = figures(&ran);
    let refreshes: Vec<&Figure> =
        figures.iter().filter(|figure| figure.name.starts_with("refresh-")).collect();
    assert!(!refreshes.is_empty(), "{:?}", named(&figures));
    for figure in refreshes {
        let [healthy, counted, _, floor, ceiling] = lines(figure).lines.as_slice() else {
            panic!("five lines: {figure:?}");
        };
        let between = |line: &crate::report::chart::Line| -> Vec<(f64, f64)> {
            line.points.iter().filter_map(|spot| spot.between).collect()
        };
        assert!(floor.points.iter().any(|spot| spot.y.is_some()), "bounds hold meanwhile");
        for (bound, above) in [(floor, between(healthy)), (ceiling, between(counted))] {
            assert_eq!(bound.points.len(), above.len());
        }
        // A refresh keeps to its ceiling; the floor may be broken by failures.
        for (spot, (_, high)) in ceiling.points.iter().zip(between(counted)) {
            assert!(spot.y.is_none_or(|at| high <= at + 1e-9), "{spot:?}, {high}");
        }
        assert!(figure.caption.contains("Healthy capacity was lowest"), "{}", figure.caption);
        assert!(figure.caption.contains("(bound "), "{}", figure.caption);
    }
}

#[test]
fn names_of_users_are_harmless_in_names_of_files_and_told_apart() {
    let text = shipped("rolling-refresh");
    let mut ran = ran(&text, 2);
    let of_groups = |series: &crate::report::folder::run::Series| {
        series.name.starts_with("group.") || series.name.starts_with("refresh.")
    };
    let first = ran.series_of("refresh.active").next().unwrap().label.clone();
    let group: Vec<_> = ran
        .series
        .iter()
        .filter(|series| of_groups(series) && series.label == first)
        .cloned()
        .collect();
    ran.series.retain(|series| !of_groups(series));
    for label in ["../<b>", "b", "שלום", "שם", "WEB one", &"x".repeat(300)] {
        let renamed = group.iter().cloned();
        ran.series.extend(renamed.map(|mut series| {
            label.clone_into(&mut series.label);
            series
        }));
    }
    let figures = figures(&ran);
    let names: Vec<&str> =
        named(&figures).into_iter().filter(|name| name.starts_with("refresh")).collect();
    let long = format!("refresh-{}", "x".repeat(40));
    let all = ["refresh-b", "refresh-b-2", "refresh-3", "refresh-4", "refresh-web-one", &long];
    assert_eq!(names, all);
    for figure in figures {
        let svg = plot::svg(&figure);
        assert!(plot::is_ours(&svg[..200]) && !svg.contains("<b>"), "{}", figure.name);
    }
}

#[test]
fn times_are_told_in_the_units_that_they_have() {
    let told = [0.0, 30.0, 5_400.0, 86_400.0, 12.0 * 86_400.0 + 4.0 * 3_600.0].map(parts::moment);
    assert_eq!(told, ["0", "30s", "1h 30min", "1d", "12d 4h"]);
}
