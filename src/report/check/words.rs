//! The words of every form: how a gate's numbers and its verdict are told.

use super::{Compared, Report};
use crate::{
    experiment::{
        baseline::Pairing,
        verdict::{Ground, Judged, Verdict},
    },
    observe::gates::{Limit, Margin},
    report::{VERSION, number, number::Ruler, text::counted},
};

/// The verdict in capitals.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Inconclusive => "INCONCLUSIVE",
        Verdict::Fail => "FAIL",
    }
}

/// A gate's numbers, ready to print.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cells {
    /// Mean of the baseline, with its unit; empty where there is none.
    pub baseline: String,
    /// Mean now, with its limits where it is judged by itself.
    pub now: String,
    /// Change of the mean, with its limits where that is judged.
    pub change: String,
    /// What is demanded.
    pub demanded: String,
}

/// The numbers of `gate`.
pub fn cells(gate: &Judged) -> Cells {
    let definition = gate.target.column.definition;
    let means = [gate.baseline, gate.now].into_iter().flatten();
    let size = means.fold(0.0, |size: f64, mean| size.max(mean.abs()));
    let size = if size > 0.0 { size } else { gate.demanded };
    let width = gate.limits.map_or(0.0, |(lower, upper)| (upper - lower) / 2.0);
    let ruler = Ruler::new(definition.unit, size, width);
    let tail = ruler.tail();
    let plain = |mean: Option<f64>| {
        mean.map(|mean| format!("{}{tail}", ruler.show(mean))).unwrap_or_default()
    };
    let is_relative = gate.target.limit.is_relative();
    let limits = |show: &dyn Fn(f64) -> String| match gate.limits.filter(|_| width > 0.0) {
        Some((lower, upper)) => format!(" ({} to {})", show(lower), show(upper)),
        None => String::new(),
    };
    let mut cells = Cells {
        baseline: plain(gate.baseline),
        now: plain(gate.now),
        change: gate.change.map(|change| ruler.signed(change)).unwrap_or_default(),
        demanded: demanded(gate, &ruler),
    };
    match is_relative {
        true => cells.change.push_str(&limits(&|value| ruler.signed(value))),
        false => cells.now.push_str(&limits(&|value| ruler.show(value))),
    }
    cells
}

fn demanded(gate: &Judged, ruler: &Ruler<'_>) -> String {
    let tail = ruler.tail();
    match gate.target.limit {
        Limit::AtLeast(least) => format!("at least {}{tail}", ruler.exactly(least)),
        Limit::AtMost(most) => format!("at most {}{tail}", ruler.exactly(most)),
        Limit::Worse { by, more_is_worse } => {
            let sign = match (gate.demanded > 0.0, more_is_worse) {
                (false, _) => "",
                (true, true) => "+",
                (true, false) => "-",
            };
            let amount = format!("{sign}{}{tail}", ruler.stated(gate.demanded));
            match by {
                Margin::Share(share) => format!("{amount} ({} %)", number::free(share * 100.0)),
                Margin::Amount(_) => amount,
            }
        }
    }
}

/// Why the verdict is what it is, and what else is to be known: plain sentences without a full
/// stop.
pub fn reasons(gate: &Judged) -> Vec<String> {
    let mut told = Vec::new();
    let is_relative = gate.target.limit.is_relative();
    match gate.ground {
        Ground::Unchanged if is_relative => {
            told.push("every run took the same course: no difference".to_owned());
        }
        Ground::Unchanged => {
            told.push("runs are too few to tell, but every one took the same course".to_owned());
        }
        Ground::Equal => told.push("it is the same in every run".to_owned()),
        Ground::TooFew => told.push(format!(
            "{} of it: too few to tell",
            match gate.runs {
                0 => "no run says anything".to_owned(),
                1 => "one run says anything".to_owned(),
                runs => format!("{runs} runs say anything"),
            }
        )),
        Ground::Sparse { signs, .. } => told.push(match gate.differing.filter(|_| is_relative) {
            Some(differing) => format!(
                "only {differing} of {} differ (sign test p = {}): limits are those of how many do \
                 and of how far",
                counted(u64::from(gate.runs), "run"),
                number::free(libm::round(signs * 1e4) / 1e4),
            ),
            None => {
                "most runs say exactly the same: limits are those of how many do not and of how \
                     far"
                .to_owned()
            }
        }),
        Ground::Constant | Ground::Student => {}
        Ground::Welch => told.push("runs are not paired: Welch's t".to_owned()),
    }
    if gate.skewed {
        told.push(
            "runs are so skewed that limits may be passed more often than they say".to_owned(),
        );
    }
    if gate.left_out > 0 {
        let runs = counted(u64::from(gate.left_out), "run");
        told.push(format!("{runs} left out: it is defined there only before or only now"));
    }
    if gate.verdict == Verdict::Inconclusive && gate.ground != Ground::TooFew {
        told.push(match gate.needed {
            Some(runs) => format!("about {} would tell", counted(u64::from(runs), "run")),
            None => {
                "no reasonable number of runs would tell: it lies too near to the limit".to_owned()
            }
        });
    }
    told
}

/// What is to be known of the whole check of a scenario: plain sentences without a full stop.
pub fn notes(report: &Report) -> Vec<String> {
    let mut told = Vec::new();
    let runs = u64::from(report.about.runs);
    match &report.baseline {
        None => told.push("without a baseline: no gate needs one".to_owned()),
        Some(compared) => {
            told.extend(course(report, runs));
            if compared.pairing == Pairing::Unpaired {
                told.push(format!(
                    "not paired: the baseline's seed is {}; it takes more runs to tell the same",
                    compared.seed
                ));
            }
            told.extend(others(report, compared));
        }
    }
    told
}

fn course(report: &Report, runs: u64) -> Option<String> {
    let same = u64::from(report.checked.same_course?);
    let changed = report.checked.metrics_changed.unwrap_or(0);
    Some(match same == runs && changed == 0 {
        true => format!(
            "every run took the same course as the baseline's; all of {} are equal",
            counted(u64::from(report.checked.metrics), "metric")
        ),
        false => format!(
            "{} of {} took the same course as the baseline's; {} of {} differ",
            number::free(same as f64),
            counted(runs, "run"),
            changed,
            counted(u64::from(report.checked.metrics), "metric"),
        ),
    })
}

fn others(report: &Report, compared: &Compared) -> Vec<String> {
    let mut told = Vec::new();
    if compared.digest != report.about.digest {
        told.push("the scenario itself has changed since the baseline".to_owned());
    }
    if compared.version != VERSION {
        told.push(format!(
            "the baseline is of fleetsim {}, this is {VERSION}: what differs may be the program",
            compared.version
        ));
    }
    told
}

/// How sure verdicts are, in one sentence.
pub fn closing(reports: &[Report]) -> String {
    let mut alphas: Vec<f64> =
        reports.iter().flat_map(|r| &r.checked.gates).map(|gate| gate.target.alpha).collect();
    alphas.sort_by(f64::total_cmp);
    alphas.dedup_by(|a, b| a.to_bits() == b.to_bits());
    match alphas.as_slice() {
        [alpha] => format!(
            "In brackets: limits that the truth passes with {} at most on either side.",
            percent(*alpha)
        ),
        _ => "In brackets: limits that the truth passes with each gate's alpha at most on either side."
            .to_owned(),
    }
}

fn percent(share: f64) -> String {
    format!("{} %", number::free(libm::round(share * 1e6) / 1e4))
}
