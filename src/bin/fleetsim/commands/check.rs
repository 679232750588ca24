//! `check`: whether what scenarios demand of their runs holds, against baselines; and makes these.

mod against;

mod reports;

mod update;

use self::{against::Found, reports::Places};
use super::{Loaded, load, memory::check_memory, repeat};
use crate::{
    args::{Check, Common, Format},
    bug, clock,
    exit::{Exit, Failure},
    files, output,
    progress::Progress,
    terminal,
};
use fleetsim::{
    experiment::{
        baseline::Pairing,
        check::{Against, check as judge},
        replicate::{replicate, threads_for},
        verdict::Verdict,
    },
    observe::{
        gates::{Target, targets},
        metrics::Metrics,
    },
    report::{
        About,
        check::{self as shown, Unjudged},
        plain,
    },
};
use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    path::{Path, PathBuf},
};

/// Reads everything, finds places for what is to be written, simulates, judges, writes, prints: in
/// this order, so that what can fail fails before work is done. A scenario that cannot be read, or whose
/// baseline is missing or of no use, is told as such, and silences no other.
pub fn check(options: &Check, common: &Common) -> Result<Exit, Failure> {
    let began = clock::now();
    let (cases, unread) = read(options);
    if let Some(exit) = told(&unread).filter(|_| options.update) {
        return Ok(exit);
    }
    refuse_same_baseline(&cases)?;
    if options.update {
        return update::update(options, common, &cases);
    }
    let files = options.scenarios.iter().filter_map(|path| output::real(path));
    let inputs = files.chain(cases.iter().flat_map(|case| case.loaded.inputs.clone()));
    let inputs: Vec<PathBuf> = inputs.collect();
    let (cases, mut unjudged) = against::find(options, cases);
    for found in &cases {
        fits(options, &found.case, found.runs)?;
    }
    let inputs: Vec<PathBuf> =
        inputs.into_iter().chain(cases.iter().filter_map(Found::file)).collect();
    let places = Places::prepare(options, common.format, &inputs)?;
    let mut done = Vec::new();
    for found in &cases {
        match one(options, common, found) {
            Ok(report) => done.push(report),
            Err(of) => unjudged.push(of),
        }
    }
    let without = unjudged.clone();
    unjudged.extend(unread.into_iter().map(|(path, failure)| unreadable(path, &failure)));
    let done = shown::Check { reports: &done, unjudged: &unjudged };
    places.write(&done, began, threads(options, &cases))?;
    output::print(&match common.format {
        Format::Human => shown::text(&done, &terminal::look()),
        Format::Json => shown::json(&done),
        Format::Csv => shown::rows(&done),
        Format::Markdown => shown::markdown(&done),
    })?;
    places.print(&done)?;
    places.tell(common.quiet());
    for of in &without {
        Failure::Fault(of.why.clone()).tell();
    }
    Ok(match done.verdict() {
        Some(Verdict::Pass) => Exit::Done,
        Some(Verdict::Inconclusive) => Exit::Inconclusive,
        Some(Verdict::Fail) => Exit::Missed,
        None => Exit::Fault,
    })
}

/// A scenario with its gates.
struct Case<'a> {
    path: &'a Path,
    loaded: Loaded,
    targets: Vec<Target>,
}

/// A file with what is wrong with it.
type Unread<'a> = (&'a Path, Failure);

/// Every scenario that can be read and judged; and the others.
fn read(options: &Check) -> (Vec<Case<'_>>, Vec<Unread<'_>>) {
    let (mut cases, mut unread) = (Vec::new(), Vec::new());
    for path in &options.scenarios {
        match case(path, options) {
            Ok(case) => cases.push(case),
            Err(failure) => unread.push((path.as_path(), failure)),
        }
    }
    (cases, unread)
}

/// The file at `path`, which holds no scenario that could be judged.
fn unreadable(path: &Path, failure: &Failure) -> Unjudged {
    let path = path.to_string_lossy().into_owned();
    let why = match failure {
        Failure::Scenario(_, faults) => {
            let more = match faults.list.len() {
                0 | 1 => String::new(),
                count => format!(" (the first of {count} faults)"),
            };
            let first = faults.list.first().map_or("", |fault| fault.message.as_str());
            format!("it cannot be read: {first}{more}")
        }
        Failure::Fault(why) | Failure::Output(why) | Failure::Memory(why) => why.clone(),
        Failure::Points(_) | Failure::Closed => "it cannot be read".to_owned(),
    };
    Unjudged { scenario: path.clone(), path, why }
}

/// Refuses scenarios that would share a baseline.
fn refuse_same_baseline(cases: &[Case<'_>]) -> Result<(), Failure> {
    let mut names: BTreeMap<String, &Path> = BTreeMap::new();
    for case in cases {
        let name = against::file_name(&case.loaded.scenario);
        if let Some(other) = names.insert(name, case.path) {
            let [one, other] = [other, case.path].map(|path| plain(&path.to_string_lossy()));
            let name = plain(&case.loaded.scenario.name);
            let why = format!("{one} and {other} have the same baseline: both are called {name}");
            return Err(Failure::Fault(why));
        }
    }
    Ok(())
}

fn case<'a>(path: &'a Path, options: &Check) -> Result<Case<'a>, Failure> {
    let mut loaded = load(path, &options.changes)?;
    if let Some(seed) = options.sampling.seed {
        loaded.scenario.seed = seed;
    }
    let scenario = &loaded.scenario;
    let metrics = Metrics::list(scenario);
    let faults = |faults| Failure::Scenario(path.to_string_lossy().into_owned(), faults);
    let targets = targets(scenario, &metrics).map_err(faults)?;
    if targets.is_empty() && !options.update {
        let path = plain(&path.to_string_lossy());
        let why = format!("{path} has no [[gates]]: nothing is demanded that could be checked");
        return Err(Failure::Fault(why));
    }
    Ok(Case { path, loaded, targets })
}

/// Tells all that is wrong, and the code of the first.
fn told(unread: &[Unread<'_>]) -> Option<Exit> {
    let exits: Vec<Exit> = unread.iter().map(|(_, failure)| failure.tell()).collect();
    exits.into_iter().next()
}

/// Refuses what does not fit into the machine.
fn fits(options: &Check, case: &Case<'_>, runs: NonZeroU32) -> Result<(), Failure> {
    let threads = threads_for(runs, options.sampling.threads);
    check_memory(&case.loaded.scenario, runs, threads, files::memory_available())
}

/// The most threads that any of `cases` uses.
fn threads(options: &Check, cases: &[Found<'_>]) -> usize {
    let each = cases.iter().map(|found| threads_for(found.runs, options.sampling.threads).get());
    each.max().unwrap_or(1)
}

/// Runs one scenario and judges its gates; or why it cannot.
fn one(options: &Check, common: &Common, found: &Found<'_>) -> Result<shown::Report, Unjudged> {
    let (case, scenario) = (&found.case, &found.case.loaded.scenario);
    let _known = bug::simulates(scenario, case.path, &options.changes);
    let progress = Progress::new(found.runs.get(), common.quiet());
    let now = replicate(scenario, found.runs, options.sampling.threads, &|_run| progress.done());
    drop(progress);
    let pairing = if options.unpaired { Pairing::Unpaired } else { Pairing::Paired };
    let against = found.baseline.as_ref().map(|baseline| Against { baseline, pairing });
    let checked = judge(&case.targets, against, &now)
        .map_err(|why| against::unjudged(case, found.cannot_compare(&why)))?;
    let baseline = found.baseline.as_ref().map(|baseline| shown::Compared {
        digest: baseline.digest.clone(),
        version: baseline.version.clone(),
        seed: baseline.seed,
        pairing,
        outcomes: match pairing {
            Pairing::Paired => baseline.outcomes[..now.len()].to_vec(),
            Pairing::Unpaired => baseline.outcomes.clone(),
        },
    });
    let path = case.path.to_string_lossy().into_owned();
    let line = |gate| {
        let (name, line) = scenario.gates.line_of(gate);
        (name == path).then_some(line)
    };
    Ok(shown::Report {
        about: About::new(scenario, found.runs.get()),
        lines: scenario.gates.list.iter().map(line).collect(),
        command: command(
            options,
            case,
            found.runs,
            if options.unpaired { " --unpaired" } else { "" },
        ),
        path,
        baseline,
        wanted: found.wanted,
        checked,
        outcomes: now,
    })
}

/// The command that does the same for one scenario, in one spelling.
fn command(options: &Check, case: &Case<'_>, runs: NonZeroU32, what: &str) -> String {
    let head = format!(
        "fleetsim check {}{what} --seed {} --runs {runs}",
        super::quoted(&case.path.to_string_lossy()),
        case.loaded.scenario.seed,
    );
    [vec![head], repeat::changed(case.path, &options.changes, &case.loaded)].concat().join(" ")
}

/// `path` as it is told.
fn named(path: &Path) -> String {
    plain(&path.to_string_lossy())
}

/// The file of the baseline of `case`.
fn file_of(options: &Check, case: &Case<'_>) -> PathBuf {
    options.baseline.join(against::file_name(&case.loaded.scenario))
}
