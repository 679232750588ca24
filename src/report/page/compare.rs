//! The page of a comparison.

use super::{
    Asked, Page, Section, Tone,
    charts::Drawn,
    table::{Cell, Table},
    within,
};
use crate::report::{number, plain};
use serde::Deserialize;

#[derive(Deserialize)]
struct Summary {
    level: f64,
    candidates: Vec<Candidate>,
    comparisons: Vec<Comparison>,
}

#[derive(Deserialize)]
struct Candidate {
    candidate: String,
    label: String,
    scenario: String,
    #[serde(default)]
    question: String,
    digest: String,
    #[serde(default)]
    remarks: Vec<String>,
}

#[derive(Deserialize)]
struct Comparison {
    candidate: String,
    baseline: String,
    identical: bool,
    first_divergence: Option<Divergence>,
    metrics: Vec<Metric>,
}

#[derive(Deserialize)]
struct Divergence {
    run: u64,
    at: String,
    instead: Vec<String>,
    trace: Vec<String>,
}

#[derive(Deserialize)]
struct Metric {
    metric: String,
    unit: String,
    baseline: Option<f64>,
    mean: Option<f64>,
    difference: Option<f64>,
    half_width: Option<f64>,
    relative: Option<f64>,
    p_holm: Option<f64>,
    verdict: String,
}

/// The page of the comparison that `summary` tells, whose charts are `figures`.
pub fn page(summary: &str, figures: Vec<Drawn>) -> Result<Page, serde_json::Error> {
    let read: Summary = serde_json::from_str(summary)?;
    let asked: Asked = serde_json::from_str(summary)?;
    let first = read.candidates.first();
    let answer = read.comparisons.iter().map(|one| answer(one, &read)).collect();
    let mut sections = vec![Section {
        id: "charts".to_owned(),
        title: "Differences".to_owned(),
        text: vec![format!(
            "Pairs of runs meet the same failures. ± is a {} interval of the mean difference; p is \
             corrected for all that is tested here.",
            number::percent(read.level)
        )],
        figures,
        tables: read.comparisons.iter().map(metrics).collect(),
    }];
    sections.extend(partings(&read.comparisons));
    let digests: Vec<(String, &str)> = read
        .candidates
        .iter()
        .map(|one| (format!("Digest of {}", one.candidate), one.digest.as_str()))
        .collect();
    let digests: Vec<(&str, &str)> =
        digests.iter().map(|(name, digest)| (name.as_str(), *digest)).collect();
    let mut remarks: Vec<String> = read
        .candidates
        .iter()
        .map(|one| format!("{} is {}", one.candidate, within(&one.label)))
        .collect();
    for remark in read.candidates.iter().flat_map(|one| &one.remarks) {
        let remark = plain(remark);
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    Ok(Page {
        title: first.map_or_else(String::new, |one| plain(&one.scenario)),
        question: first.map_or_else(String::new, |one| plain(&one.question)),
        answer,
        about: format!("{} in pairs, seed {}.", asked.runs(), asked.seed),
        remarks,
        sections,
        facts: asked.facts(&digests),
        ..Page::new("compare", &asked)
    })
}

/// Which is better, by how much, how surely.
fn answer(one: &Comparison, read: &Summary) -> String {
    let label = |letter: &str| {
        let found = read.candidates.iter().find(|candidate| candidate.candidate == letter);
        found.map_or_else(String::new, |found| format!(" ({})", within(&found.label)))
    };
    let who = format!("{}{}", plain(&one.candidate), label(&one.candidate));
    let whom = plain(&one.baseline);
    if one.identical {
        return format!("{who} takes the same course as {whom} in every run: nothing differs.");
    }
    let of = |verdict: &str| -> Vec<&Metric> {
        one.metrics.iter().filter(|metric| metric.verdict == verdict).collect()
    };
    let part = |verdict: &str| {
        let (first, rest) = of(verdict).split_first().map(|(first, rest)| (*first, rest.len()))?;
        let others = match rest {
            0 => String::new(),
            1 => ", and in one more".to_owned(),
            rest => format!(", and in {rest} more"),
        };
        Some(format!("{verdict} in {}{others}", difference_of(first)))
    };
    // First what the first metric says: availability leads the list.
    let is_worse = one.metrics.iter().find_map(|metric| match metric.verdict.as_str() {
        "better" => Some(false),
        "worse" => Some(true),
        _ => None,
    });
    let order = match is_worse {
        Some(true) => ["worse", "better", "more", "less"],
        Some(false) | None => ["better", "worse", "more", "less"],
    };
    let parts: Vec<String> = order.into_iter().filter_map(part).collect();
    let unclear = of("unclear").len();
    if parts.is_empty() {
        return format!(
            "No difference between {who} and {whom} is shown in any of {unclear} metrics."
        );
    }
    let unclear = match unclear {
        0 => String::new(),
        1 => "; no difference is shown in one other metric".to_owned(),
        unclear => format!("; no difference is shown in {unclear} other metrics"),
    };
    format!("{who} against {whom}: {}{unclear}.", parts.join("; "))
}

/// `availability by -0.0000081 ± 0.0000048 (p 0.020)`.
fn difference_of(metric: &Metric) -> String {
    let surely = metric.p_holm.map(|p| format!(" (p {})", probability(p))).unwrap_or_default();
    format!("{} by {}{surely}", within(&metric.metric), difference(metric))
}

fn difference(metric: &Metric) -> String {
    let Some(difference) = metric.difference else { return "–".to_owned() };
    let shown = super::with_width(difference, metric.half_width, &metric.unit, size(metric));
    if difference > 0.0 { format!("+{shown}") } else { shown }
}

/// The largest of a metric's numbers, by which all of them get their unit.
fn size(metric: &Metric) -> f64 {
    let all = [metric.baseline, metric.mean, metric.difference, metric.half_width];
    all.into_iter().flatten().map(f64::abs).fold(0.0, f64::max)
}

fn probability(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { number::rough(p) }
}

fn metrics(one: &Comparison) -> Table {
    let (candidate, baseline) = (&one.candidate, &one.baseline);
    let heads = [
        "Metric",
        "Verdict",
        &format!("#{candidate} − {baseline}"),
        "#Relative",
        "#p",
        &format!("#{baseline}"),
        &format!("#{candidate}"),
    ];
    let mut table = Table::new(format!("{candidate} against {baseline}"), &heads);
    table.rows = one
        .metrics
        .iter()
        .map(|metric| {
            let tone = match metric.verdict.as_str() {
                "better" => Tone::Good,
                "worse" => Tone::Bad,
                _ => Tone::Plain,
            };
            let words = match metric.verdict.as_str() {
                "unclear" => "none shown",
                "untold" => "not defined",
                other => other,
            };
            let size = size(metric);
            let amount = |value| {
                Cell::number_if_any(value, |value| super::amount(value, &metric.unit, size))
            };
            let relative = |value: f64| {
                format!("{value:+.3e}").parse::<f64>().map_or_else(
                    |_| String::new(),
                    |value| format!("{} %", number::free(value * 100.0)),
                )
            };
            vec![
                Cell::words(&metric.metric),
                Cell::words(words).in_tone(tone),
                Cell::number_if_any(metric.difference, |_| difference(metric)),
                Cell::number_if_any(metric.relative, relative),
                Cell::number_if_any(metric.p_holm, probability),
                amount(metric.baseline),
                amount(metric.mean),
            ]
        })
        .collect();
    table
}

/// Where courses part, with the commands that show it.
fn partings(comparisons: &[Comparison]) -> Option<Section> {
    let parts = comparisons.iter().filter_map(|one| {
        let parts = one.first_divergence.as_ref()?;
        let [first, second] = parts.instead.as_slice() else { return None };
        let (whom, who) = (plain(&one.baseline), plain(&one.candidate));
        let what = format!(
            "{whom} and {who} part in run {} at {}: in {whom}, {}; in {who}, {}.",
            parts.run,
            plain(&parts.at),
            within(first),
            within(second)
        );
        let commands = parts.trace.iter().map(|command| format!("See it: {}", plain(command)));
        Some([what].into_iter().chain(commands).collect::<Vec<String>>())
    });
    let text: Vec<String> = parts.flatten().collect();
    (!text.is_empty()).then(|| Section {
        id: "parting".to_owned(),
        title: "Where they part".to_owned(),
        text,
        figures: Vec::new(),
        tables: Vec::new(),
    })
}
