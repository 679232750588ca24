//! What is shown of one metric of one candidate, as texts.

use crate::{
    experiment::{
        comparison::{Chosen, Tested, Verdict},
        estimate::LEVEL,
        paired::Method,
    },
    report::number,
};

/// Instance-seconds from which on sums are told in days.
const IN_DAYS: f64 = 1e8;

/// Columns of the longest mean that is told with all the decimals of its difference.
const MEAN_MAX: usize = 10;

/// Decimals from which on a difference is told by its power of ten.
const DECIMALS_MAX: usize = 8;

/// The texts of a metric.
pub(super) struct Cells {
    /// The unit in which they are told; empty for counts and ratios.
    pub unit: String,
    /// Mean of the baseline.
    pub baseline: String,
    /// Mean of the candidate.
    pub candidate: String,
    /// `+0.0031 ± 0.0002`.
    pub difference: String,
    /// `-12 %`; empty where the baseline is zero.
    pub relative: String,
}

impl Cells {
    pub(super) fn of(chosen: &Chosen, tested: &Tested) -> Self {
        let paired = &tested.paired;
        let values = [paired.baseline, paired.candidate].map(|value| value.unwrap_or(0.0));
        let size = values[0].abs().max(values[1].abs());
        let (factor, unit) = match chosen.definition.unit {
            "instance-s" if size >= IN_DAYS => (86_400.0, "instance-d"),
            "instance-s" => (3_600.0, "instance-h"),
            unit => number::scale(unit, size),
        };
        let told = |value: Option<f64>, decimals: usize| {
            let Some(value) = value.map(|value| value / factor) else { return "-".to_owned() };
            let text = number::grouped(value, decimals);
            // A mean has no need of the digits of a tiny difference.
            if text.len() > MEAN_MAX { number::free(value) } else { text }
        };
        let difference = paired.difference.map(|difference| difference / factor);
        let width = paired.limits.map(|limits| limits.half_width(LEVEL) / factor);
        let width = width.filter(|width| *width > 0.0);
        let decimals = decimals(width, difference.unwrap_or(0.0), size / factor);
        let text = difference.map_or_else(
            || "-".to_owned(),
            |difference| {
                let sign = if difference > 0.0 { "+" } else { "" };
                let show = |value: f64| match decimals > DECIMALS_MAX {
                    true => format!("{value:.1e}"),
                    false => number::grouped(value, decimals),
                };
                let width = width.map(|width| format!(" ± {}", show(width)));
                let difference = show(difference);
                format!("{sign}{difference}{}", width.unwrap_or_default())
            },
        );
        Self {
            unit: unit.to_owned(),
            baseline: told(paired.baseline, decimals),
            candidate: told(paired.candidate, decimals),
            difference: text,
            relative: relative(paired.relative()),
        }
    }
}

/// Decimals of a difference: those that its interval leaves standing, or else three digits of it.
fn decimals(width: Option<f64>, difference: f64, size: f64) -> usize {
    match width {
        Some(width) => number::decimals_of_width(width),
        None if difference.abs() > 0.0 => number::decimals_of_width(difference.abs()) + 1,
        None if size.fract() > 0.0 => number::decimals_of_width(size) + 1,
        None => 0,
    }
}

/// A share as a change: `-12 %`, `+0.0090 %`.
pub(super) fn relative(share: Option<f64>) -> String {
    let Some(percent) = share.map(|share| share * 100.0) else { return String::new() };
    if percent.abs() <= 0.0 {
        return "0 %".to_owned();
    }
    let decimals = match percent.abs() {
        size if size >= 9.95 => 0,
        size => number::decimals_of_width(size),
    };
    let sign = if percent > 0.0 { "+" } else { "" };
    format!("{sign}{} %", number::grouped(percent, decimals.min(6)))
}

/// `p 0.012`, `p < 0.001`.
pub(super) fn p_value(p: f64) -> String {
    match p {
        p if p < 0.001 => "p < 0.001".to_owned(),
        p if p > 0.995 => "p 1".to_owned(),
        p => format!("p {}", number::grouped(p, number::decimals_of_width(p))),
    }
}

/// What the test says, in words.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Same => "the same in every run",
        Verdict::Unclear => "no difference shown",
        Verdict::Untold => "too few runs to tell",
        Verdict::Better | Verdict::Worse | Verdict::More | Verdict::Less => verdict.word(),
    }
}

/// How it was tested where that is not by Student's t, and what weakens the test; sentences
/// without their points.
pub(super) fn remarks(tested: &Tested) -> Vec<String> {
    let paired = &tested.paired;
    let (above, below) = (paired.above, paired.below);
    let signs = format!("{above} up, {below} down");
    let mut remarks = Vec::new();
    match paired.method {
        Method::Sparse { signs: by_signs, flips } => {
            let few = match tested.wanted {
                Some((least, runs)) => format!("; {least} must differ to tell: about {runs} runs"),
                None => String::new(),
            };
            remarks.push(format!(
                "most runs are equal, the others are judged: {signs} (signs {}, flips {}){few}",
                p_value(by_signs),
                p_value(flips),
            ));
        }
        Method::McNemar => remarks.push(format!("McNemar's exact test: {signs}")),
        Method::Constant => remarks.push(format!("the same difference in every run: {signs}")),
        Method::TooFew | Method::Identical | Method::Student => {}
    }
    if paired.skewed && paired.limits.is_some() {
        remarks.push("skewed: ± may be too narrow".to_owned());
    }
    if paired.unpaired > 0 {
        let runs = if paired.unpaired == 1 { "run" } else { "runs" };
        remarks.push(format!("undefined in one of both in {} {runs}", paired.unpaired));
    }
    remarks
}

/// How well the pairs go together: `correlation 0.93`, `variance ratio 25`.
pub(super) fn pairing(tested: &Tested) -> Vec<String> {
    let paired = &tested.paired;
    let correlation = paired.correlation.map(|value| format!("correlation {value:.2}"));
    let ratio = paired.variance_ratio.map(|ratio| format!("variance ratio {}", short(ratio)));
    let zeros = (paired.zeros > 0 && paired.zeros < paired.runs)
        .then(|| format!("equal in {} of {} runs", paired.zeros, paired.runs));
    correlation.into_iter().chain(ratio).chain(zeros).collect()
}

/// A ratio with two or three digits: `1.1`, `25`, `1,204`.
pub(super) fn short(ratio: f64) -> String {
    let decimals = usize::from(ratio < 9.95);
    number::grouped(ratio, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experiment::paired,
        observe::{catalogue::CATALOGUE, select::Column},
    };

    #[test]
    fn tiny_differences_leave_the_means_short() {
        let [a, b]: [Vec<Option<f64>>; 2] = [0.0, 1e-11].map(|shift| {
            (0..20)
                .map(|k| Some(0.999_959 + 1e-7 * f64::from(k) + shift * f64::from(k % 3)))
                .collect()
        });
        let paired = paired::compare(&CATALOGUE[0], &a, &b);
        let tested = Tested { adjusted: paired.p, verdict: Verdict::Unclear, paired, wanted: None };
        let column =
            Column { name: "availability".into(), definition: &CATALOGUE[0], places: vec![0] };
        let name = column.name.clone();
        let chosen = Chosen { name, definition: &CATALOGUE[0], columns: vec![column] };
        let cells = Cells::of(&chosen, &tested);
        assert!(cells.baseline.len() <= MEAN_MAX && cells.candidate.len() <= MEAN_MAX);
        assert!(cells.difference.starts_with('+') && cells.difference.contains("e-12"));
    }

    #[test]
    fn changes_and_p_values_are_short() {
        let told = [0.5, -0.123, 0.000_09, 0.0, 12.0].map(|share| relative(Some(share)));
        assert_eq!(told, ["+50 %", "-12 %", "+0.0090 %", "0 %", "+1,200 %"]);
        assert_eq!(relative(None), "");
        let told = [0.000_3, 0.012_34, 0.5, 1.0].map(p_value);
        assert_eq!(told, ["p < 0.001", "p 0.012", "p 0.50", "p 1"]);
        assert_eq!([1.04, 25.3, 1_204.0].map(short), ["1.0", "25", "1,204"]);
    }
}
