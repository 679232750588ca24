//! The charts of a check: how much of what each gate allows is used.

use super::words::{counted, named_apart, slug, told};
use crate::report::{
    chart::{Along, Chart, Figure, Level, Mark, Row, Rows, Scale},
    folder::check::{Checked, Gate, Scenario},
    number::Ruler,
    plain,
};

/// The charts of `checked`.
pub fn figures(checked: &Checked) -> Vec<Figure> {
    named_apart(checked.scenarios.iter().map(scenario).collect())
}

fn scenario(scenario: &Scenario) -> Figure {
    let of = |verdict: &str| scenario.gates.iter().filter(|gate| gate.verdict == verdict).count();
    let [passed, failed, open] = ["PASS", "FAIL", "INCONCLUSIVE"].map(of);
    let missed = scenario.gates.iter().filter(|gate| gate.verdict != "PASS");
    let missed = missed.map(|gate| format!(" {}: {}.", plain(&gate.name), in_words(gate)));
    let caption = format!(
        "{}: {passed} passed, {failed} failed, {open} cannot be told from {}.{} Each gate is drawn by \
         what it allows: nothing used at 0 %, the limit at 100 %.",
        counted(scenario.gates.len() as u64, "gate"),
        counted(scenario.runs, "run"),
        missed.take(4).collect::<String>(),
    );
    let marks = [(Mark::Good, "passed"), (Mark::Bad, "failed"), (Mark::Open, "cannot be told")];
    let level = |name: &str, at: f64| Level { name: name.to_owned(), at };
    Figure {
        name: format!("check-{}", slug(&scenario.scenario)),
        title: format!("{}: {}", scenario.scenario, scenario.verdict),
        caption,
        chart: Chart::Rows(Rows {
            x: Along::new("share of what is allowed that is used", Scale::Ratio),
            rows: scenario.gates.iter().map(row).collect(),
            marks: marks.map(|(mark, name)| (mark, name.to_owned())).to_vec(),
            uprights: vec![level("", 0.0), level("limit", 1.0)],
            window: Some((-1.0, 2.0)),
        }),
    }
}

fn row(gate: &Gate) -> Row {
    let judged = if gate.demand == "worse_by_at_most" { gate.change } else { gate.now };
    let place = |value: f64| gate.limit.map(|limit| share_used(gate, limit, value));
    let ends = gate.lower.and_then(place).zip(gate.upper.and_then(place));
    Row {
        name: gate.name.clone(),
        value: judged.and_then(place),
        between: ends.map(|(a, b)| (a.min(b), a.max(b))),
        mark: match gate.verdict.as_str() {
            "PASS" => Mark::Good,
            "FAIL" => Mark::Bad,
            _ => Mark::Open,
        },
        told: in_words(gate),
    }
}

/// The share of what `gate` allows that `value` uses, where `limit` is its limit: 1 at the limit.
fn share_used(gate: &Gate, limit: f64, value: f64) -> f64 {
    let size = |size: f64| if size.abs() > 0.0 { size.abs() } else { 1.0 };
    match gate.demand.as_str() {
        // A change as a share of the margin; one of zero allows nothing.
        "worse_by_at_most" if limit.abs() > 0.0 => value / limit,
        "worse_by_at_most" => 1.0 + value.abs(),
        "at_most" => 1.0 + (value - limit) / size(limit),
        // What lacks to the whole, where there is one.
        _ if gate.unit == "ratio" && limit < 1.0 => (1.0 - value) / (1.0 - limit),
        _ => 1.0 + (limit - value) / size(limit),
    }
}

/// What was found beside what is demanded: `+0.2 of +288 unit-s`, `37.4, at least 36`.
fn in_words(gate: &Gate) -> String {
    let plainly = |value: f64| told(value, None, &gate.unit);
    let limit = gate.limit.map_or("?".to_owned(), plainly);
    match (gate.demand.as_str(), gate.change, gate.now) {
        ("worse_by_at_most", Some(change), _) => {
            // Three digits of each are enough, and their unit is told once.
            let size = gate.limit.map_or(0.0, f64::abs).max(change.abs());
            let ruler = Ruler::new(&gate.unit, size, 0.0);
            let signed = |value: f64| {
                let sign = if value > 0.0 { "+" } else { "" };
                format!("{sign}{}", ruler.stated(value))
            };
            let limit = gate.limit.map_or("?".to_owned(), signed);
            format!("{} of {limit}{}", signed(change), ruler.tail())
        }
        ("at_most", _, Some(now)) => format!("{}, at most {}", plainly(now), limit),
        (_, _, Some(now)) => format!("{}, at least {}", plainly(now), limit),
        (_, _, None) => "no run says anything".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(demand: &str, unit: &str, limit: f64) -> Gate {
        Gate {
            name: "<gate>".to_owned(),
            metric: "m".to_owned(),
            unit: unit.to_owned(),
            verdict: "FAIL".to_owned(),
            demand: demand.to_owned(),
            limit: Some(limit),
            baseline: Some(10.0),
            now: Some(12.0),
            change: Some(2.0),
            lower: Some(1.0),
            upper: Some(3.0),
            runs_needed: None,
            told: Vec::new(),
        }
    }

    #[test]
    fn the_limit_is_at_the_whole() {
        let used =
            |demand, unit, limit, value| share_used(&gate(demand, unit, limit), limit, value);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
        for (demand, unit, limit) in [
            ("worse_by_at_most", "count", 5.0),
            ("worse_by_at_most", "ratio", -0.01),
            ("at_most", "s", 60.0),
            ("at_most", "count", 0.0),
            ("at_least", "count", 36.0),
            ("at_least", "ratio", 0.999),
        ] {
            near(used(demand, unit, limit, limit), 1.0);
        }
        near(used("worse_by_at_most", "count", 5.0, -1.0), -0.2);
        near(used("worse_by_at_most", "ratio", -0.01, -0.02), 2.0);
        near(used("at_most", "s", 60.0, 30.0), 0.5);
        near(used("at_most", "count", 0.0, 3.0), 4.0);
        near(used("at_least", "ratio", 0.999, 0.9995), 0.5);
        assert!(used("at_least", "count", 36.0, 30.0) > 1.0);
    }

    #[test]
    fn rows_tell_verdict_interval_and_words() {
        let row = row(&gate("worse_by_at_most", "count", -4.0));
        assert_eq!((row.value, row.between), (Some(-0.5), Some((-0.75, -0.25))));
        assert_eq!((row.mark, row.told.as_str()), (Mark::Bad, "+2 of -4"));
        assert_eq!(in_words(&gate("at_most", "s", 60.0)), "12 s, at most 60 s");
        assert_eq!(in_words(&gate("at_least", "count", 36.0)), "12, at least 36");
    }
}
