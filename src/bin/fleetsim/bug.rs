//! When we erred: a panic tells that it is our bug, where it happened, and how to repeat it.
//! Other runs end with it, since their numbers would be of no use.

use crate::commands::quoted;
use fleetsim::{experiment::replicate::running, report::VERSION};
use std::{
    io::Write as _,
    panic::PanicHookInfo,
    sync::atomic::{AtomicBool, Ordering},
};

/// The exit code of a bug, which is also Rust's own for a panic.
const CODE: i32 = 101;

/// Whether a panic has been told: the runs of other threads often fail for the same reason.
static TOLD: AtomicBool = AtomicBool::new(false);

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
    let run = running().map(|run| format!("\n  in run {run}"));
    let typed = std::env::args_os().skip(1).map(|word| quoted(&word.to_string_lossy()));
    let command: Vec<String> = std::iter::once("fleetsim".to_owned()).chain(typed).collect();
    format!(
        "bug: {what}{}{}\n  this is a bug in fleetsim {VERSION}, not in what you asked for; please report it\n  \
         to repeat it: {}",
        place.unwrap_or_default(),
        run.unwrap_or_default(),
        command.join(" ")
    )
}
