//! Moves of instances, and the links that they use.

use super::parts::{
    OverTime, highest_stack, largest, left_out, length, most, parts, per, plain_means, ranges, when,
};
use crate::report::{
    chart::{Along, Figure, Form, Line, Scale},
    folder::run::{Cell, Ran},
    number,
};

/// How many instances were moved, by kind.
pub fn migrations(ran: &Ran) -> Option<Figure> {
    let (all, left) = largest(ran, "migrations");
    let (time, name) = per(ran);
    let rate = |cell: &Cell| time / length(cell);
    let lines: Vec<Line> =
        all.iter().map(|series| plain_means(&series.label, series, rate)).collect();
    let (cell, highest) = highest_stack(&all, &lines)?;
    let kinds = ran.metrics.iter().filter(|metric| metric.name == "migrations");
    let kinds = parts(kinds, number::brief);
    let moved = if kinds.is_empty() { String::new() } else { format!("Moves in a run: {kinds}. ") };
    let peak = ran.metric("migrations.per_hour.max", &[]).and_then(|metric| metric.max);
    let peak = peak.map(|peak| format!(" No run had more than {} in an hour.", number::free(peak)));
    let caption = format!(
        "{moved}Most came {}: {} a {name}, on average over the runs.{}{}",
        when(cell),
        number::brief(highest),
        peak.unwrap_or_default(),
        left_out(left)
    );
    let over_time = OverTime {
        name: "migrations".to_owned(),
        title: format!("Instances moved per {name}, by kind (mean)"),
        caption,
        y: Along::new(format!("moves per {name}"), Scale::Plain),
        lines,
        form: Form::Stacked,
    };
    Some(over_time.figure(ran))
}

/// How many moves were under way at once.
pub fn under_way(ran: &Ran) -> Option<Figure> {
    let series = ran.one_series("migrations.concurrent").filter(|series| !series.is_zero())?;
    let (cell, highest) = most(series, |_, value| value.high)?;
    let (busiest, mean) = most(series, |_, value| value.mean)?;
    let caption = format!(
        "At most {} were under way at once, {}; the mean was highest {}, at {}. The band reaches from \
         the lowest to the highest value at any moment of any run.",
        number::free(highest),
        when(cell),
        when(busiest),
        number::brief(mean)
    );
    let over_time = OverTime {
        name: "migrations-under-way".to_owned(),
        title: "Moves under way at once (mean, and range over the runs)".to_owned(),
        caption,
        y: Along::new("moves", Scale::Plain),
        lines: vec![ranges("moves under way", series)],
        form: Form::FromZero,
    };
    Some(over_time.figure(ran))
}

/// What share of the links was used.
pub fn links(ran: &Ran) -> Option<Figure> {
    let (all, _) = largest(ran, "link.busy");
    let named = |label: &str| match label {
        "nic" => "network cards".to_owned(),
        "uplink" => "uplinks of racks".to_owned(),
        other => other.to_owned(),
    };
    let lines: Vec<Line> = all.iter().map(|series| ranges(&named(&series.label), series)).collect();
    let told = all.iter().filter_map(|series| {
        let (cell, highest) = most(series, |_, value| value.high)?;
        let name = named(&series.label);
        Some(format!("{name} {} {}", number::percent(highest), when(cell)))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return None;
    }
    let caption = format!(
        "The most that the links of each kind together carried at any moment of any run: {}. Bands \
         reach from the lowest to the highest.",
        told.join("; ")
    );
    let over_time = OverTime {
        name: "links".to_owned(),
        title: "Use of the network, all links of a kind together (mean, and range over the runs)"
            .to_owned(),
        caption,
        y: Along::new("share of capacity", Scale::Ratio),
        lines,
        form: Form::FromZero,
    };
    Some(over_time.figure(ran))
}
