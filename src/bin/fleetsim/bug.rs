//! When we erred: a panic tells that it is our bug, where it happened, and how to repeat it.
//! Other runs end with it, since their numbers would be of no use.

use crate::{args::Changes, commands::quoted};
use fleetsim::{
    experiment::replicate::{Running, running},
    report::VERSION,
    scenario::Scenario,
};
use std::{
    io::Write as _,
    panic::PanicHookInfo,
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The exit code of a bug, which is also Rust's own for a panic.
const CODE: i32 = 101;

/// Whether a panic has been told: the runs of other threads often fail for the same reason.
static TOLD: AtomicBool = AtomicBool::new(false);

/// The scenarios that are simulated: the candidates of a comparison, the points of a sweep that are
/// under way.
static SIMULATED: Mutex<List> = Mutex::new(List { next: 0, list: Vec::new() });

struct List {
    /// Number of the next one.
    next: u64,
    list: Vec<(u64, Simulated)>,
}

/// A scenario, and how its runs are made again.
#[derive(Clone, Debug)]
struct Simulated {
    digest: String,
    seed: u64,
    /// `fleetsim run a.toml --set x=1 --seed 7`.
    command: String,
}

/// A scenario that bugs are told of as long as this lives.
#[must_use = "a bug names the scenario only as long as this lives"]
#[derive(Debug)]
pub struct Known(u64);

impl Drop for Known {
    fn drop(&mut self) {
        simulated().list.retain(|(number, _)| *number != self.0);
    }
}

/// From here on a bug names `scenario`, which is the one at `path` with `changes` made to it.
pub fn simulates(scenario: &Scenario, path: &Path, changes: &Changes) -> Known {
    let sets = changes.sets.iter().map(|set| format!(" --set {}", quoted(set)));
    let sets = sets.chain(changes.allow_path.then(|| " --allow-path".to_owned()));
    let (path, sets) = (quoted(&path.to_string_lossy()), sets.collect::<String>());
    let command = format!("fleetsim run {path}{sets} --seed {}", scenario.seed);
    let digest = scenario.digest.clone();
    let mut simulated = simulated();
    let number = simulated.next;
    simulated.next += 1;
    simulated.list.push((number, Simulated { digest, seed: scenario.seed, command }));
    Known(number)
}

/// The list is whole at any time, even where a thread died while it held it.
fn simulated() -> MutexGuard<'static, List> {
    SIMULATED.lock().unwrap_or_else(PoisonError::into_inner)
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
    told(&what, running().as_ref(), &known(), &command.join(" "))
}

/// What is simulated. Where this thread holds the list itself nothing is known: waiting for it would
/// never end.
fn known() -> Vec<Simulated> {
    match SIMULATED.try_lock() {
        Ok(simulated) => simulated.list.iter().map(|(_, one)| one.clone()).collect(),
        Err(_) => Vec::new(),
    }
}

/// The message: what happened, where in which experiment, and what to do about it. `typed` is the
/// whole command; a run in the middle of which it happened is repeated without the others.
fn told(what: &str, running: Option<&Running>, known: &[Simulated], typed: &str) -> String {
    let one = match running {
        Some(running) => known.iter().find(|one| one.digest == running.digest),
        None => known.last(),
    };
    let run = running.map(|running| format!("\n  in run {} of: {typed}", running.run));
    let scenario = one.map(|one| format!("\n  scenario digest {}, seed {}", one.digest, one.seed));
    let command = match (one, running) {
        // Runs cannot be had one by one: those before it come with it.
        (Some(one), Some(running)) => {
            format!("{} --runs {}", one.command, u64::from(running.run) + 1)
        }
        (None, _) | (Some(_), None) => typed.to_owned(),
    };
    format!(
        "bug: {what}{}{}\n  this is a bug in fleetsim {VERSION}, not in what you asked for; please \
         report it\n  to repeat it: {command}",
        run.unwrap_or_default(),
        scenario.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleetsim::{experiment::replicate::as_run, scenario::InMemory};

    const TEXT: &str = r#"
        scenario = { name = "x", horizon = "1d", seed = 7 }
        servers = [{ model = "m", count = 2, zones = ["z"] }]
        server_models.m = { vcpus = 4, memory = "16GiB" }
    "#;

    fn scenario(sets: &[String]) -> Scenario {
        let read = Scenario::parse("a.toml", TEXT.as_bytes(), sets, &InMemory::default());
        read.unwrap_or_else(|faults| panic!("{faults}"))
    }

    #[test]
    fn a_bug_is_told_with_all_that_is_known() {
        let one = Simulated {
            digest: "0f3a".to_owned(),
            seed: 7,
            command: "fleetsim run a.toml --seed 7".to_owned(),
        };
        let running = Running { digest: "0f3a".to_owned(), run: 2 };
        let whole = told("a < b (x.rs:3)", Some(&running), &[one], "fleetsim check a.toml");
        let lines: Vec<&str> = whole.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "bug: a < b (x.rs:3)",
                "  in run 2 of: fleetsim check a.toml",
                "  scenario digest 0f3a, seed 7"
            ]
        );
        assert!(lines[3].contains(VERSION));
        assert_eq!(lines[4..], ["  to repeat it: fleetsim run a.toml --seed 7 --runs 3"]);
        let bare = told("a", None, &[], "fleetsim");
        assert_eq!(bare.lines().count(), 3, "what is not known is left out");
        assert!(bare.ends_with("to repeat it: fleetsim"), "{bare}");
    }

    /// The candidate that a thread is in the middle of is the one that the line repeats.
    #[test]
    fn the_run_that_fails_is_the_one_that_is_repeated() {
        let changes = |sets: &[&str]| Changes {
            sets: sets.iter().map(|set| (*set).to_owned()).collect(),
            allow_path: true,
        };
        let candidates = [
            changes(&["servers[0].count=3"]),
            changes(&["servers[0].count=3", "scenario.question=it's so", "servers[0].count=4"]),
        ];
        let scenarios = candidates.each_ref().map(|changes| scenario(&changes.sets));
        let path = Path::new("my fleet.toml");
        let both: Vec<Known> = scenarios
            .iter()
            .zip(&candidates)
            .map(|(scenario, changes)| simulates(scenario, path, changes))
            .collect();
        let line = |scenario: &Scenario| {
            let text = as_run(&scenario.digest, 5, || {
                told("a", running().as_ref(), &known(), "fleetsim compare ...")
            });
            text.lines().last().expect("it says something").to_owned()
        };
        assert_eq!(
            line(&scenarios[0]),
            "  to repeat it: fleetsim run 'my fleet.toml' --set 'servers[0].count=3' --allow-path \
             --seed 7 --runs 6"
        );
        assert_eq!(
            line(&scenarios[1]),
            "  to repeat it: fleetsim run 'my fleet.toml' --set 'servers[0].count=3' \
             --set 'scenario.question=it'\\''s so' --set 'servers[0].count=4' --allow-path \
             --seed 7 --runs 6"
        );
        drop(both);
        let over = line(&scenarios[1]);
        assert_eq!(over, "  to repeat it: fleetsim compare ...", "nothing is known any more");
    }
}
