//! The page of a scenario's runs.

use super::{
    Asked, Page, Section,
    charts::Drawn,
    shown,
    table::{Cell, Table},
    within, worst,
};
use crate::{
    experiment::estimate::Spread,
    report::{
        folder::{
            run::{Metric, Ran},
            texts::Texts,
        },
        number, plain,
    },
};

/// Causes of downtime that the answer names.
const CAUSES: usize = 3;

/// Campaigns and refreshes that the answer names.
const UNDERTAKINGS: usize = 3;

/// The page of `ran`, which is what `texts` say, and whose charts are `figures`.
pub fn page(texts: Texts<'_>, ran: &Ran, figures: Vec<Drawn>) -> Result<Page, String> {
    let asked = serde_json::from_str(texts.get("summary.json")?);
    let asked: Asked = asked.map_err(|error| super::wrong(&error))?;
    // A folder of an earlier version has none.
    let worst = texts.get("worst.json").ok().map(worst::part).transpose();
    let charts = Section {
        id: "charts".to_owned(),
        title: "Over time and over runs".to_owned(),
        text: vec![bands(ran)],
        figures,
        tables: Vec::new(),
    };
    Ok(Page {
        title: plain(&ran.scenario),
        question: plain(&ran.question),
        answer: answer(ran),
        about: about(ran),
        remarks: ran.remarks.iter().map(|remark| plain(remark)).collect(),
        sections: vec![charts, metrics(ran)],
        worst: worst.map_err(|error| format!("worst.json is not as `run` writes it: {error}"))?,
        facts: asked.facts(&[("Scenario digest", &ran.digest)]),
        ..Page::new("run", &asked)
    })
}

fn runs(ran: &Ran) -> String {
    match ran.runs {
        1 => "1 run".to_owned(),
        runs => format!("{} runs", number::free(runs as f64)),
    }
}

fn about(ran: &Ran) -> String {
    let lasts = number::amount(ran.ends - ran.begins, "s");
    let warm_up = ran.measured_from - ran.begins;
    let warm_up = match warm_up > 0.0 {
        true => format!("; the first {} of a run are not measured", number::amount(warm_up, "s")),
        false => String::new(),
    };
    format!("{} of {lasts} each, seed {}{warm_up}.", runs(ran), ran.seed)
}

fn bands(ran: &Ran) -> String {
    let bands = match ran.runs {
        1 => "One run alone tells nothing of how much runs differ.",
        _ => {
            "A band is the 95 % interval of the mean over runs; where a title says so, it is the \
             range over all runs."
        }
    };
    format!("{bands} Drag across a chart to zoom into it; double-click to see all of it again.")
}

/// The answer from the numbers.
fn answer(ran: &Ran) -> Vec<String> {
    let Some(spread) = ran.metric("availability", &[]).and_then(spread_of) else {
        return vec!["No instance owed service, so there is no availability to tell.".to_owned()];
    };
    let shown = number::show_in(&spread, 0.01, "%");
    let over = match (spread.half_width, shown.range.is_empty()) {
        (Some(_), false) => {
            format!(" over {} (95 % interval); single runs lie from {} %", runs(ran), shown.range)
        }
        (Some(_), true) => format!(" in each of {}", runs(ran)),
        (None, _) => " in one run, which says nothing of how much runs differ".to_owned(),
    };
    let mut sentences = vec![format!("{} available{over}.", shown.value)];
    sentences.extend(undertakings(ran));
    sentences.push(downtime(ran));
    let mean = |name: &str| ran.metric(name, &[]).and_then(spread_of).filter(|of| of.mean > 0.0);
    if let Some(failed) = mean("placement.failed") {
        let shown = number::show(&failed, "count").value;
        sentences.push(format!("{shown} requests a run found no room."));
    }
    sentences
}

/// How long campaigns and instance refreshes take, and how many serve meanwhile.
fn undertakings(ran: &Ran) -> Vec<String> {
    let lasting =
        |metric: &&Metric| matches!(metric.name.as_str(), "campaign.duration" | "refresh.duration");
    let told = |metric: &Metric| {
        let name = metric.labels.first()?.1.as_str();
        let what = if metric.name.starts_with("campaign") { "Campaign" } else { "Refresh" };
        let who = format!("{what} {}", within(name));
        let Some(spread) = spread_of(metric) else {
            return Some(format!("{who} ends in no run."));
        };
        let of = |metric: &str, labels: &[&str]| ran.metric(metric, labels).and_then(spread_of);
        let served = of("refresh.healthy.min", &[name]).map_or_else(String::new, |healthy| {
            format!("; at the least {} serve", number::amount(healthy.min, "count"))
        });
        let succeeds = of("refresh.status", &[name, "Successful"]).filter(|of| of.mean < 1.0);
        let succeeds = succeeds.map_or_else(String::new, |of| {
            format!("; it succeeds in {} of runs", number::percent(of.mean))
        });
        let lasts = shown(&spread, &metric.unit, spread.mean);
        Some(format!("{who} takes {lasts}{served}{succeeds}."))
    };
    ran.metrics.iter().filter(lasting).take(UNDERTAKINGS).filter_map(told).collect()
}

/// What takes instances down, in words.
fn downtime(ran: &Ran) -> String {
    let named = |metric: &&Metric| metric.name == "downtime";
    let mut causes: Vec<(&str, f64)> = (ran.metrics.iter().filter(named))
        .filter_map(|metric| Some((metric.labels.first()?.1.as_str(), metric.mean?)))
        .filter(|(_, mean)| *mean > 0.0)
        .collect();
    let all: f64 = causes.iter().map(|(_, mean)| mean).sum();
    if causes.is_empty() {
        return "No instance was down at any time.".to_owned();
    }
    causes.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let told = |(cause, mean): &(&str, f64)| {
        format!("{} ({})", within(cause), number::percent(mean / all))
    };
    let shown: Vec<String> = causes.iter().take(CAUSES).map(told).collect();
    let rate = ran.metric("interruptions.per_instance_year", &[]).and_then(|metric| metric.mean);
    let rate = rate.map_or_else(String::new, |rate| {
        format!(" An instance is interrupted {} times a year.", number::rough(rate))
    });
    let hours = number::brief(all / 3_600.0);
    format!("{hours} instance-hours a run are lost: {}.{rate}", shown.join(", "))
}

/// What runs say of `metric`; `None` where none defines it.
fn spread_of(metric: &Metric) -> Option<Spread> {
    let mean = metric.mean?;
    Some(Spread {
        mean,
        deviation: None,
        half_width: metric.half_width,
        min: metric.min.unwrap_or(mean),
        max: metric.max.unwrap_or(mean),
        skewed: false,
    })
}

/// The table of all metrics, and of those that are zero.
fn metrics(ran: &Ran) -> Section {
    let heads = ["Metric", "#Mean", "#Lowest run", "#Highest run"];
    let mut table = Table::new("Every metric", &heads);
    table.note = match ran.runs {
        1 => "one run".to_owned(),
        _ => format!("± is a 95 % interval over {}", runs(ran)),
    };
    let mut zeros = Table::new("", &["Metric"]);
    // A digest says which chance runs met, and has no mean.
    for metric in ran.metrics.iter().filter(|metric| metric.unit != "digest") {
        let name = Cell::words(&called(metric));
        match spread_of(metric) {
            Some(spread) if spread.min.abs() > 0.0 || spread.max.abs() > 0.0 => {
                let shown = shown(&spread, &metric.unit, spread.mean);
                let end =
                    |end: f64| Cell::number(super::amount(end, &metric.unit, spread.mean), end);
                let mean = Cell::number(shown, spread.mean);
                table.rows.push(vec![name, mean, end(spread.min), end(spread.max)]);
            }
            Some(_) | None => zeros.rows.push(vec![name]),
        }
    }
    zeros.title = format!("Zero in every run, or not defined: {} metrics", zeros.rows.len());
    zeros.folded = true;
    Section {
        id: "metrics".to_owned(),
        title: "Metrics".to_owned(),
        text: vec!["What each metric means: fleetsim metrics.".to_owned()],
        figures: Vec::new(),
        tables: [table, zeros].into_iter().filter(|table| !table.rows.is_empty()).collect(),
    }
}

/// `metric` with its labels as one word: `downtime{cause=spot}`.
fn called(metric: &Metric) -> String {
    let labels: Vec<String> =
        metric.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    match labels.is_empty() {
        true => metric.name.clone(),
        false => format!("{}{{{}}}", metric.name, labels.join(",")),
    }
}
