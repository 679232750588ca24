//! How the fleet is used, what is out of order, and which system events are open.

use super::parts::{
    OverTime, POSITIVE, estimate, highest_stack, largest, least, left_out, means, most,
    plain_means, ranges, when,
};
use crate::report::{
    chart::{Along, Figure, Form, Line, Scale},
    folder::run::{Cell, Ran, Series, Value},
    number,
};

/// System events that are open, by status.
pub fn events(ran: &Ran) -> Option<Figure> {
    let (all, left) = largest(ran, "events.open");
    let lines: Vec<Line> =
        all.iter().map(|series| plain_means(&series.label, series, |_| 1.0)).collect();
    let (cell, highest) = highest_stack(&all, &lines)?;
    let each = all.iter().filter_map(|series| {
        let (_, high) = most(series, |_, value| value.high)?;
        Some(format!("{} {}", series.label, number::free(high)))
    });
    let caption = format!(
        "Most were open {}: {} on average over the runs. The most at any moment of any run: {}.{}",
        when(cell),
        number::brief(highest),
        each.collect::<Vec<_>>().join(", "),
        left_out(left)
    );
    let over_time = OverTime {
        name: "events".to_owned(),
        title: "Open system events, by status (mean)".to_owned(),
        caption,
        y: Along::new("events", Scale::Plain),
        lines,
        form: Form::Stacked,
    };
    Some(over_time.figure(ran))
}

/// What share of the fleet is held by instances.
pub fn utilisation(ran: &Ran) -> Option<Figure> {
    let (all, _) = largest(ran, "utilisation");
    let named = |label: &str| match label {
        "vcpu" => "vCPUs".to_owned(),
        "gpu" => "GPUs".to_owned(),
        other => other.to_owned(),
    };
    let lines: Vec<Line> = all
        .iter()
        .map(|series| means(&named(&series.label), series, (0.0, 1.0), |_| 1.0))
        .collect();
    let told = all.iter().filter_map(|series| {
        let (_, high) = most(series, |_, value| value.high)?;
        let mean = ran.metric("utilisation", &[&series.label]).and_then(|metric| metric.mean)?;
        let (mean, high) = (number::percent(mean), number::percent(high));
        Some(format!("{} {mean} on average and {high} at most", named(&series.label)))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return None;
    }
    let over_time = OverTime {
        name: "use".to_owned(),
        title: "Share of the fleet that instances hold".to_owned(),
        caption: format!("Held by instances: {}.", told.join("; ")),
        y: Along::new("share held", Scale::Ratio),
        lines,
        form: Form::FromZero,
    };
    Some(over_time.figure(ran))
}

/// How many instances are placed, where that changes.
pub fn instances(ran: &Ran) -> Option<Figure> {
    let series = ran.one_series("instances.placed").filter(|series| !series.is_zero())?;
    let (fewest_cell, fewest) = least(series, |_, value| value.low)?;
    let (most_cell, highest) = most(series, |_, value| value.high)?;
    if fewest >= highest {
        return None;
    }
    let mean = ran.metric("instances.placed.mean", &[]).and_then(estimate);
    let mean = mean.map(|mean| format!("{mean} on average; ")).unwrap_or_default();
    let caption = format!(
        "Instances with a place on a server: {mean}at any moment of any run fewest {}, {}, and most \
         {}, {}. The band reaches from the lowest to the highest.",
        when(fewest_cell),
        number::free(fewest),
        when(most_cell),
        number::free(highest)
    );
    let over_time = OverTime {
        name: "instances".to_owned(),
        title: "Instances placed (mean, and range over the runs)".to_owned(),
        caption,
        y: Along::new("instances", Scale::Plain),
        lines: vec![ranges("instances", series)],
        form: Form::FromZero,
    };
    Some(over_time.figure(ran))
}

/// Servers that cannot serve, and those of them that wait for a repair crew.
pub fn servers(ran: &Ran) -> Option<Figure> {
    let available = ran.one_series("servers.available")?;
    let all = ran.servers as f64;
    let missing = |value: Value| Value {
        mean: all - value.mean,
        low: all - value.high,
        high: all - value.low,
        ..value
    };
    let turned = |cell: &Cell| Cell { value: cell.value.map(missing), ..*cell };
    let out = Series { cells: available.cells.iter().map(turned).collect(), ..available.clone() };
    if out.is_zero() {
        return None;
    }
    let (cell, highest) = most(&out, |_, value| value.high)?;
    let (_, mean) = most(&out, |_, value| value.mean)?;
    let waiting = ran.one_series("repair.queue").filter(|series| !series.is_zero());
    let waits = waiting.and_then(|series| most(series, |_, value| value.high));
    let waits = match waits {
        Some((cell, most)) => {
            format!(" At most {} waited for a repair crew, {}.", number::free(most), when(cell))
        }
        None => " None ever waited for a repair crew.".to_owned(),
    };
    let lines = [("not able to serve", Some(&out)), ("waiting for a repair crew", waiting)];
    let lines = lines
        .into_iter()
        .filter_map(|(name, series)| Some(means(name, series?, POSITIVE, |_| 1.0)));
    let caption = format!(
        "Of {} servers at most {} could not serve at one moment of a run, {}; on average over the \
         runs never more than {}.{waits}",
        number::free(all),
        number::free(highest),
        when(cell),
        number::brief(mean)
    );
    let over_time = OverTime {
        name: "servers".to_owned(),
        title: "Servers that cannot serve (mean)".to_owned(),
        caption,
        y: Along::new("servers", Scale::Plain),
        lines: lines.collect(),
        form: Form::FromZero,
    };
    Some(over_time.figure(ran))
}
