//! `run`: simulates a scenario many times and shows what happened.

use super::{quoted, read};
use crate::{
    args::{Common, Format, Run},
    clock,
    exit::{Exit, Failure, note},
    output::{self, Folder, RESULT_FILES, Target},
    progress::{Progress, Quiet},
};
use fleetsim::{
    experiment::replicate::{replicate, threads_for},
    fleet::instances::InstanceName,
    observe::placements::Placements,
    report::{About, Results, csv, json, markdown, text},
    scenario::Scenario,
    simulation,
};
use serde_json::json;
use std::num::NonZeroU32;

/// The most runs: their numbers are all held until the end.
const RUNS_MAX: u32 = 10_000_000;

/// Reads, finds places for the results, simulates, writes, prints: in this order, so that what can
/// fail fails before work is done, and results are safe before a reader of stdout may go away.
pub fn run(options: &Run, common: &Common) -> Result<Exit, Failure> {
    let began = clock::now();
    let mut scenario = read(&options.scenario, &options.changes)?;
    if let Some(seed) = options.seed {
        scenario.seed = seed;
    }
    let runs = options.runs.unwrap_or(scenario.runs);
    if runs.get() > RUNS_MAX {
        return Err(Failure::Fault(format!("{runs} runs are more than {RUNS_MAX}")));
    }
    let folder = options.out.as_deref().map(Folder::prepare).transpose()?;
    let target = options.placements.as_deref().map(Target::prepare).transpose()?;
    let results = simulate(&scenario, runs, options, common.quiet());
    let command = command(options, &scenario, runs);
    if let Some(folder) = folder {
        let threads = threads_for(runs, options.threads).get();
        let manifest = manifest(&results.about, threads, [began, clock::now()]);
        let texts = [json::results(&results, Some(&command)), csv::runs(&results), manifest];
        let files: Vec<(&str, String)> = RESULT_FILES.into_iter().zip(texts).collect();
        folder.write(&files)?;
    }
    if let Some(target) = target {
        target.write(&placements(&scenario, options.run.unwrap_or(0)))?;
    }
    output::print(&shown(&results, common.format))?;
    for path in options.out.iter().chain(&options.placements) {
        if common.quiet() == Quiet::No {
            note(&format!("wrote {}", fleetsim::report::plain(&path.to_string_lossy())));
        }
    }
    Ok(Exit::Done)
}

fn simulate(scenario: &Scenario, runs: NonZeroU32, options: &Run, quiet: Quiet) -> Results {
    let progress = Progress::new(runs.get(), quiet);
    let outcomes = replicate(scenario, runs, options.threads, &|_run| progress.done());
    Results::new(About::new(scenario, runs.get()), outcomes)
}

fn shown(results: &Results, format: Format) -> String {
    match format {
        Format::Human => text::results(results),
        Format::Json => json::results(results, None),
        Format::Csv => csv::summary(results),
        Format::Markdown => markdown::results(results),
    }
}

/// Which server each instance was put on in run number `run`.
fn placements(scenario: &Scenario, run: u32) -> String {
    let mut observer = Placements::default();
    simulation::run(scenario, run, &mut observer);
    let layout = &scenario.layout;
    csv::placements(observer.rows.iter().map(|row| csv::Placed {
        at: row.at,
        instance: instance(row.name, scenario.workload.sources.len()),
        instance_type: &layout.types[layout.templates[row.template].instance_type].name,
        server: layout.server_name(row.server),
        server_index: row.server.index(),
        reason: row.reason.name(),
    }))
}

/// `start-7` for the instance number 7 of those that are there when a run begins; `7` for an
/// arrival (of a trace: its data row), with its source in front (`1-7`) where there are several.
fn instance(name: InstanceName, sources: usize) -> String {
    let number = name.number();
    match name.source() {
        None => format!("start-{number}"),
        Some(_) if sources == 1 => number.to_string(),
        Some(source) => format!("{source}-{number}"),
    }
}

/// The command that makes these numbers again: scenario, seed, runs and what differs from the
/// file; not how many threads did it or where the results went.
fn command(options: &Run, scenario: &Scenario, runs: NonZeroU32) -> String {
    let mut words = vec!["fleetsim".to_owned(), "run".to_owned()];
    words.push(quoted(&options.scenario.to_string_lossy()));
    words.extend(["--seed".to_owned(), scenario.seed.to_string()]);
    words.extend(["--runs".to_owned(), runs.to_string()]);
    for set in &options.changes.sets {
        words.extend(["--set".to_owned(), quoted(set)]);
    }
    if options.changes.allow_path {
        words.push("--allow-path".to_owned());
    }
    words.join(" ")
}

/// What is known about how the results came about: the only file in which two equal runs differ.
fn manifest(about: &About, threads: usize, [began, ended]: [(u64, u32); 2]) -> String {
    let argv: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    json::pretty(&json!({
        "version": about.version,
        "rng_scheme": about.rng_scheme,
        "scenario": about.scenario,
        "digest": about.digest,
        "seed": about.seed,
        "runs": about.runs,
        "argv": argv,
        "began": clock::rfc3339(began),
        "ended": clock::rfc3339(ended),
        "machine": {
            "threads": threads,
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_several_sources_have_different_names() {
        assert_eq!(instance(InstanceName::at_start(7), 1), "start-7");
        assert_eq!(instance(InstanceName::arrived(0, 7), 1), "7");
        assert_eq!(instance(InstanceName::arrived(1, 7), 2), "1-7");
    }
}
