//! The words of every form: how a gate's numbers and its verdict are told.

use super::{Compared, Report};
use crate::{
    experiment::{
        baseline::Pairing,
        bounds::upper_of_none,
        estimate::LEVEL,
        verdict::{Ground, Judged, Verdict},
    },
    observe::gates::{Limit, Margin},
    report::{VERSION, number, number::Ruler, text::counted},
};

/// What stands for a verdict where there is none.
pub const ERROR: &str = "ERROR";

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
    let mut told: Vec<String> = stands_on(gate).into_iter().chain(unseen(gate)).collect();
    if gate.skewed {
        told.push(
            "skewed: the limit on the side of the longer tail is set twice as far off".to_owned(),
        );
    }
    told.extend(undefined(gate));
    if gate.verdict == Verdict::Inconclusive {
        told.extend(needed(gate));
    }
    told
}

/// What the verdict stands on.
fn stands_on(gate: &Judged) -> Option<String> {
    let is_relative = gate.target.limit.is_relative();
    Some(match gate.ground {
        Ground::Unchanged if is_relative => {
            "every run took the same course: no difference".to_owned()
        }
        Ground::Unchanged => "runs cannot tell, but every one took the same course".to_owned(),
        Ground::Equal if gate.runs == 0 => "it is defined in no run, as before".to_owned(),
        Ground::TooFew => format!(
            "{} of it: too few to tell",
            match gate.runs {
                0 => "no run says anything".to_owned(),
                1 => "one run says anything".to_owned(),
                runs => format!("{runs} runs say anything"),
            }
        ),
        Ground::Sparse { signs } => match gate.differing.filter(|_| is_relative) {
            Some(differing) => format!(
                "only {differing} of {} differ (sign test p = {}){LIMITS}",
                counted(u64::from(gate.runs), "run"),
                number::free(libm::round(signs * 1e4) / 1e4),
            ),
            None => format!("most runs say exactly the same{LIMITS}"),
        },
        Ground::Welch => "runs are not paired: Welch's t".to_owned(),
        Ground::Equal | Ground::Constant | Ground::Student | Ground::Undefined => return None,
    })
}

/// What limits are of where most runs are the same.
const LIMITS: &str = ": limits are those of how many do, of how far, and of what so few may miss";

/// What no run shows, and what was assumed of it.
fn unseen(gate: &Judged) -> Option<String> {
    let unseen = gate.unseen?;
    let runs = counted(u64::from(gate.runs), "run");
    let (share, sure) = (number::percent(unseen.share), percent(1.0 - gate.target.alpha));
    let seen = match (gate.ground, gate.target.limit) {
        (Ground::Student, _) => format!("{runs} may miss what comes rarely"),
        (Ground::Sparse { .. } | Ground::Undefined, _) => "too few to tell how far".to_owned(),
        (_, Limit::Worse { .. }) => format!("the same in all of {runs}"),
        (_, Limit::AtMost(most)) if most <= 0.0 && gate.now == Some(0.0) => {
            format!("none in {runs}")
        }
        (_, Limit::AtMost(_) | Limit::AtLeast(_)) => format!("exactly that in all of {runs}"),
    };
    let size = match unseen.size > 0.0 {
        true => {
            let unit = gate.target.column.definition.unit;
            let ruler = Ruler::new(unit, unseen.size, unseen.size / 10.0);
            let size = format!("{}{}", ruler.stated(unseen.size), ruler.tail());
            format!(", which are taken to be off by {size} at most on average")
        }
        false => String::new(),
    };
    Some(format!("{seen}; up to {share} of all runs may be otherwise (at {sure}){size}"))
}

/// Which runs lack it.
fn undefined(gate: &Judged) -> Option<String> {
    let runs = |runs: u32| counted(u64::from(runs), "run");
    match (gate.undefined, gate.left_out) {
        (0, 0) => None,
        (0, left_out) => {
            Some(format!("{} left out: it was not defined there before", runs(left_out)))
        }
        (undefined, _) if gate.ground == Ground::Unchanged => {
            Some(format!("{} do not define it, as before", runs(undefined)))
        }
        (undefined, _) => Some(match gate.verdict {
            Verdict::Fail if gate.ground == Ground::Undefined => {
                format!("{} do not define it now, and did before", runs(undefined))
            }
            Verdict::Pass | Verdict::Inconclusive | Verdict::Fail => {
                format!(
                    "{} do not define it now: nothing tells what it would be there",
                    runs(undefined)
                )
            }
        }),
    }
}

/// How many runs would tell.
fn needed(gate: &Judged) -> Option<String> {
    let runs = gate.needed.map(|runs| counted(u64::from(runs), "run"));
    match (runs, gate.ground) {
        (Some(runs), _) if gate.needs_baseline => Some(format!(
            "about {runs} of each side would tell: make the baseline with as many \
             (--update --runs {})",
            gate.needed.unwrap_or_default()
        )),
        (Some(runs), _) => Some(format!("about {runs} would tell")),
        (None, Ground::TooFew | Ground::Undefined) => None,
        (None, _) => Some("more runs than a million would be needed to tell".to_owned()),
    }
}

/// What is to be known of the whole check of a scenario: plain sentences without a full stop.
pub fn notes(report: &Report) -> Vec<String> {
    let mut told = Vec::new();
    let runs = u64::from(report.about.runs);
    match &report.baseline {
        None => told.push("without a baseline: no gate needs one".to_owned()),
        Some(compared) => {
            told.extend(course(report, runs));
            told.extend(fewer(report));
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
        told.push(format!(
            "the scenario itself has changed since the baseline{}",
            course_missed(report)
        ));
    }
    if compared.version != VERSION {
        told.push(format!(
            "the baseline is of fleetsim {}, this is {VERSION}: what differs may be the program",
            compared.version
        ));
    }
    told
}

/// What runs that all took the same course leave open, where the scenario is another.
fn course_missed(report: &Report) -> String {
    let runs = report.about.runs;
    match report.checked.same_course == Some(runs) {
        true => format!(
            "; none of {} shows it, and up to {} of all runs may be otherwise (at {})",
            counted(u64::from(runs), "run"),
            number::percent(upper_of_none(runs, LEVEL)),
            percent(LEVEL)
        ),
        false => String::new(),
    }
}

/// Whether fewer runs are judged than the scenario asks for.
fn fewer(report: &Report) -> Option<String> {
    let wanted = report.wanted?;
    Some(format!(
        "the scenario asks for {} (check.runs), and the baseline holds {}: make it anew",
        counted(u64::from(wanted), "run"),
        number::free(f64::from(report.about.runs)),
    ))
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
