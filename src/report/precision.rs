//! That a wanted precision decided how many runs were made, and whether it was reached.

use super::{number, plain, text::counted};
use crate::experiment::stopping::{EVERY, FIRST, Reached, Stopped};
use serde_json::{Value, json};

/// Sentences for people.
pub(super) fn told(stopped: &Stopped) -> Vec<String> {
    let runs = counted(u64::from(stopped.runs), "run");
    let mut told = vec![match stopped.is_reached() {
        true => format!("Stopped by rule after {runs}: the precision asked for is reached."),
        false => {
            format!("Stopped by --max-runs after {runs}: the precision asked for is not reached.")
        }
    }];
    told.extend(
        stopped
            .targets
            .iter()
            .map(|target| format!("{}: {}", plain(&target.metric), found(target, stopped.level))),
    );
    told.push(format!(
        "Looked at {FIRST} runs and every {EVERY} after; stops where h <= g/(1+g) of the mean{}.",
        match stopped.targets.len() {
            0 | 1 => "",
            _ => ", each metric at the level shown (Bonferroni)",
        }
    ));
    told
}

fn found(target: &Reached, level: f64) -> String {
    let wanted = exact(target.wanted);
    match target.relative() {
        None => format!("not known ({wanted} wanted): it is zero or undefined in the runs made"),
        Some(relative) => format!(
            "known to {} % of its mean at {} ({wanted} wanted{})",
            number::rough(relative * 100.0),
            exact(level),
            if target.reached { "" } else { ", not reached" }
        ),
    }
}

/// A share in percent with at most four digits behind the point.
fn exact(share: f64) -> String {
    format!("{} %", number::free(libm::round(share * 1e6) / 1e4))
}

/// For programs.
pub(super) fn object(stopped: &Stopped) -> Value {
    let targets = stopped.targets.iter().map(|target| {
        json!({
            "metric": target.metric,
            "wanted": target.wanted,
            "relative": target.relative(),
            "half_width": target.half_width,
            "reached": target.reached,
        })
    });
    json!({
        "first_look": FIRST,
        "every": EVERY,
        "max_runs": stopped.most,
        "looks": stopped.looks,
        "level": stopped.level,
        "targets": targets.collect::<Vec<_>>(),
    })
}
