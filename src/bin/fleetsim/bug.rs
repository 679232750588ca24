//! When we erred: a panic tells that it is our bug, where it happened, and how to repeat it.
//! Other runs end with it, since their numbers would be of no use.

use crate::commands::quoted;
use fleetsim::{experiment::replicate::running, report::VERSION};
use std::{
    io::Write as _,
    panic::PanicHookInfo,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// The exit code of a bug, which is also Rust's own for a panic.
const CODE: i32 = 101;

/// Whether a panic has been told: the runs of other threads often fail for the same reason.
static TOLD: AtomicBool = AtomicBool::new(false);

/// What is simulated: the scenario's digest and the seed, once they are known.
static SIMULATED: OnceLock<(String, u64)> = OnceLock::new();

/// From here on a bug names the scenario by its digest, with the seed.
pub fn simulates(digest: &str, seed: u64) {
    SIMULATED.get_or_init(|| (digest.to_owned(), seed));
}

/// From here on a panic is told as a bug of ours and ends the process with code 101.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        if !TOLD.swap(true, Ordering::Relaxed) {
            // Where stderr is closed nobody is left to be told; a panic in here would abort.
            let _ = writeln!(std::io::stderr(), "{}", report(info));
            std::process::exit(CODE);
        }
    }));
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let what =
        match (info.payload().downcast_ref::<&str>(), info.payload().downcast_ref::<String>()) {
            (Some(text), _) => text,
            (None, Some(text)) => text.as_str(),
            (None, None) => "no message",
        };
    let place = info.location().map(|at| format!(" ({}:{})", at.file(), at.line()));
    let what = format!("{what}{}", place.unwrap_or_default());
    let typed = std::env::args_os().skip(1).map(|word| quoted(&word.to_string_lossy()));
    let command: Vec<String> = std::iter::once("fleetsim".to_owned()).chain(typed).collect();
    told(&what, running(), SIMULATED.get(), &command.join(" "))
}

/// The message: what happened, where in which experiment, and what to do about it.
fn told(what: &str, run: Option<u32>, simulated: Option<&(String, u64)>, command: &str) -> String {
    let run = run.map(|run| format!("\n  in run {run}")).unwrap_or_default();
    let simulated = simulated
        .map(|(digest, seed)| format!("\n  scenario digest {digest}, seed {seed}"))
        .unwrap_or_default();
    format!(
        "bug: {what}{run}{simulated}\n  this is a bug in fleetsim {VERSION}, not in what you asked \
         for; please report it\n  to repeat it: {command}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_told_with_all_that_repeats_it() {
        let simulated = ("0f3a".to_owned(), 7);
        let whole = told("a < b (x.rs:3)", Some(2), Some(&simulated), "fleetsim run a.toml");
        let lines: Vec<&str> = whole.lines().collect();
        assert_eq!(
            lines[..3],
            ["bug: a < b (x.rs:3)", "  in run 2", "  scenario digest 0f3a, seed 7"]
        );
        assert!(lines[3].contains(VERSION));
        assert_eq!(lines[4..], ["  to repeat it: fleetsim run a.toml"]);
        assert_eq!(
            told("a", None, None, "fleetsim").lines().count(),
            3,
            "what is not known is left out"
        );
    }
}
