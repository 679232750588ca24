//! Availability, downtime, interruptions.

use super::parts::{
    OverTime, POSITIVE, estimate, highest_stack, largest, least, left_out, length, means, most,
    parts, per, plain_means, when,
};
use crate::report::{
    chart::{Along, Figure, Form, Line, Scale},
    folder::run::Ran,
    number,
};

/// The share of owed service that was served.
pub fn availability(ran: &Ran) -> Option<Figure> {
    let series = ran.one_series("availability")?;
    let (cell, lowest) = least(series, |_, value| value.mean)?;
    let (worst_cell, worst) = least(series, |_, value| value.low)?;
    let whole = ran.metric("availability", &[]).and_then(estimate);
    let whole = whole.map(|whole| format!("{whole} of the service that was owed was served. "));
    let caption = if worst >= 1.0 {
        "All service that was owed was served, at every moment of every run.".to_owned()
    } else {
        let whole = whole.unwrap_or_default();
        format!(
            "{whole}On average over the runs it was lowest {}, at {}; in a single run {}, at {}. The \
             band holds the mean with 95 % confidence.",
            when(cell),
            number::free(lowest),
            when(worst_cell),
            number::free(worst)
        )
    };
    let over_time = OverTime {
        name: "availability".to_owned(),
        title: "Availability over time".to_owned(),
        caption,
        y: Along::new("availability", Scale::Ratio),
        lines: vec![means("availability", series, (0.0, 1.0), |_| 1.0)],
        form: Form::Apart,
    };
    Some(over_time.figure(ran))
}

/// Instances that were down, by the first cause.
pub fn downtime(ran: &Ran) -> Option<Figure> {
    let (all, left) = largest(ran, "downtime");
    // Instance-seconds in a time are instances down, on average over that time.
    let line = |series: &&crate::report::folder::run::Series| {
        plain_means(&series.label, series, |cell| 1.0 / length(cell))
    };
    let lines: Vec<Line> = all.iter().map(line).collect();
    let (cell, highest) = highest_stack(&all, &lines)?;
    let whole = || ran.metrics.iter().filter(|metric| metric.name == "downtime");
    let sum: f64 = whole().filter_map(|metric| metric.mean).sum();
    let shares = parts(whole(), |mean| number::percent(mean / sum));
    let measured = match sum > 0.0 {
        true => format!(
            "In a run instances were down for {} instance-hours together: {shares}. ",
            number::brief(sum / 3_600.0)
        ),
        false => String::new(),
    };
    let caption = format!(
        "{measured}Most were down {}: {} at once, on average over that time and the runs.{}",
        when(cell),
        number::brief(highest),
        left_out(left)
    );
    let over_time = OverTime {
        name: "downtime".to_owned(),
        title: "Instances that are down, by the first cause (mean)".to_owned(),
        caption,
        y: Along::new("instances down", Scale::Plain),
        lines,
        form: Form::Stacked,
    };
    Some(over_time.figure(ran))
}

/// How often instances were interrupted.
pub fn interruptions(ran: &Ran) -> Option<Figure> {
    let series = ran.one_series("interruptions").filter(|series| !series.is_zero())?;
    let (time, name) = per(ran);
    let rate = |cell: &crate::report::folder::run::Cell| time / length(cell);
    let (cell, highest) = most(series, |cell, value| value.mean * rate(cell))?;
    let whole = ran.metric("interruptions.per_instance_year", &[]).and_then(estimate);
    let whole = whole.map(|whole| {
        let times = whole.trim_end_matches(" 1/year");
        format!("An instance is interrupted {times} times a year. ")
    });
    let caption = format!(
        "{}Most interruptions came {}: {} a {name} in the whole fleet, on average over the runs.",
        whole.unwrap_or_default(),
        when(cell),
        number::brief(highest)
    );
    let over_time = OverTime {
        name: "interruptions".to_owned(),
        title: format!("Interruptions per {name}, all instances together"),
        caption,
        y: Along::new(format!("interruptions per {name}"), Scale::Plain),
        lines: vec![means("interruptions", series, POSITIVE, rate)],
        form: Form::FromZero,
    };
    Some(over_time.figure(ran))
}
