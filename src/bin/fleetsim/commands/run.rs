//! `run`: simulates a scenario many times and shows what happened.

use super::{load, manifest::manifest, memory::check_memory, precision, repeat};
use crate::{
    args::{Common, Format, Run},
    bug, clock, drawn,
    exit::{Exit, Failure, note},
    files,
    output::{self, Contents, Folder, MANIFEST, RUN_FILES, Target, real},
    progress::{Progress, Quiet},
    terminal,
};
use fleetsim::{
    experiment::{
        replicate::{follow, replicate, threads_for},
        stopping::Rule,
    },
    observe::{
        names,
        notifications::{self, Notifications},
        placements::Placements,
    },
    report::{About, Results, csv, json, markdown, plain, series, text},
    scenario::Scenario,
    simulation,
};
use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};

/// Reads, finds places for the results, simulates, writes, prints: in this order, so that what can
/// fail fails before work is done, and results are safe before a reader of stdout may go away.
pub fn run(options: &Run, common: &Common) -> Result<Exit, Failure> {
    let began = clock::now();
    let mut loaded = load(&options.scenario, &options.changes)?;
    if let Some(seed) = options.sampling.seed {
        loaded.scenario.seed = seed;
    }
    let scenario = &loaded.scenario;
    bug::simulates(&scenario.digest, scenario.seed);
    let rule = precision::rule(options, scenario)?;
    let asked = options.sampling.runs.unwrap_or(scenario.runs);
    let runs = rule.as_ref().map_or(asked, |rule| rule.most);
    let threads = threads_for(runs, options.sampling.threads);
    check_run(rule.as_ref().map_or(runs.get(), Rule::surely), options.run)?;
    let places = Places::check(options, &loaded.inputs)?;
    check_memory(scenario, runs, threads, files::memory_available())?;
    let prepared = places.prepare()?;
    let results = match &rule {
        Some(rule) => precision::simulate(scenario, rule, options, common.quiet()),
        None => simulate(scenario, runs, options, common.quiet()),
    };
    if let Some(folder) = prepared.folder {
        let manifest = manifest(&results.about, threads.get(), [began, clock::now()]);
        let how_many = rule.as_ref().map_or_else(|| format!("--runs {runs}"), precision::repeated);
        let command = repeat::run(&options.scenario, &options.changes, &loaded, &how_many);
        folder.write(&files_of(&results, &command, manifest))?;
    }
    let number = options.run.unwrap_or(0);
    if let Some(target) = prepared.placements {
        target.write(&placements(scenario, number))?;
    }
    if let Some(target) = prepared.events {
        target.write_in_parts(|parts| {
            simulation::run(scenario, number, &mut Notifications::new(scenario, number, parts));
        })?;
    }
    output::print(&shown(&results, common.format))?;
    for path in options.out.iter().chain(&options.placements).chain(&options.events) {
        if common.quiet() == Quiet::No {
            note(&format!("wrote {}", plain(&path.to_string_lossy())));
        }
    }
    Ok(Exit::Done)
}

/// Refuses a run that is none of the `runs` that are surely made.
fn check_run(runs: u32, run: Option<u32>) -> Result<(), Failure> {
    match run.filter(|run| *run >= runs) {
        Some(run) => {
            let last = runs - 1;
            Err(Failure::Fault(format!("--run {run}: there is none; runs are 0 to {last}")))
        }
        None => Ok(()),
    }
}

/// Where files are to be written, found to overwrite nothing that matters.
struct Places<'a> {
    options: &'a Run,
    taken: Vec<PathBuf>,
}

impl<'a> Places<'a> {
    /// Refuses to write over `inputs`, over what `--out` writes, and over files that are not ours;
    /// makes nothing.
    fn check(options: &'a Run, inputs: &[PathBuf]) -> Result<Self, Failure> {
        let names = RUN_FILES.map(|name| options.out.iter().map(move |out| out.join(name)));
        let results: Vec<PathBuf> = names.into_iter().flatten().collect();
        for path in &results {
            if real(path).is_some_and(|real| inputs.contains(&real)) {
                let path = plain(&path.to_string_lossy());
                let why = "the scenario is read from it; name another folder for --out";
                return Err(Failure::Fault(format!("cannot write {path}: {why}")));
            }
        }
        let places = Self { options, taken: [inputs, results.as_slice()].concat() };
        places.each_file(Target::check)?;
        Ok(places)
    }

    /// Makes the folder, and finds all places fit for writing.
    fn prepare(&self) -> Result<Prepared, Failure> {
        let out = self.options.out.as_deref();
        let is_new = |path: &&Path| path != &Path::new("") && !path.exists();
        let made: Vec<&Path> =
            out.iter().flat_map(|out| out.ancestors().take_while(is_new)).collect();
        let prepared = self.all();
        if prepared.is_err() {
            // What was made for nothing, and is still empty, goes again.
            let _ = made.into_iter().try_for_each(std::fs::remove_dir);
        }
        prepared
    }

    fn all(&self) -> Result<Prepared, Failure> {
        let prepare = |out| Folder::prepare(out, &RUN_FILES);
        let folder = self.options.out.as_deref().map(prepare).transpose()?;
        // The folder may only now be there to be compared with.
        let [placements, events] = self.each_file(Target::replacing)?;
        Ok(Prepared { folder, placements, events })
    }

    /// Does `what` with the files of `--placements` and `--events`, where they are given, with what
    /// each holds and what it may not be.
    fn each_file<T>(
        &self,
        what: impl Fn(&Path, Contents<'_>, &[PathBuf]) -> Result<T, Failure>,
    ) -> Result<[Option<T>; 2], Failure> {
        let first = format!("{}\n", csv::PLACEMENTS.join(","));
        let begins = |start: &str| start.starts_with(&first);
        let telling = first.len() as u64;
        let placements = Contents { what: "placements", telling, is_ours: &begins };
        let is_ours = &notifications::is_ours;
        let events = Contents { what: "notifications", telling: notifications::TELLING, is_ours };
        let mut taken = self.taken();
        let Run { placements: placements_at, events: events_at, .. } = self.options;
        let first = placements_at.as_deref().map(|path| what(path, placements, &taken));
        let first = first.transpose()?;
        taken.extend(
            placements_at.iter().flat_map(|path| real(path).into_iter().chain([path.clone()])),
        );
        let second = events_at.as_deref().map(|path| what(path, events, &taken)).transpose()?;
        Ok([first, second])
    }

    /// The files that may not be written, as typed and with every link resolved.
    fn taken(&self) -> Vec<PathBuf> {
        let resolved = self.taken.iter().filter_map(|path| real(path));
        resolved.chain(self.taken.iter().cloned()).collect()
    }
}

/// Places found fit for writing, where they are asked for.
struct Prepared {
    folder: Option<Folder>,
    placements: Option<Target>,
    events: Option<Target>,
}

fn simulate(scenario: &Scenario, runs: NonZeroU32, options: &Run, quiet: Quiet) -> Results {
    let progress = Progress::new(runs.get(), quiet);
    let (threads, on_done) = (options.sampling.threads, |_run| progress.done());
    // Following series takes time, which only who looks at them is asked for.
    let (outcomes, series) = match options.is_drawn() {
        true => follow(scenario, runs, threads, &on_done),
        false => (replicate(scenario, runs, threads, &on_done), None),
    };
    Results { series, ..Results::new(About::new(scenario, runs.get()), outcomes) }
}

/// The files of a folder of results: what was found, what is drawn of it, and the `manifest`.
fn files_of(results: &Results, command: &str, manifest: String) -> Vec<(String, String)> {
    let told = results.series.as_ref().map(series::csv).unwrap_or_default();
    let data = [json::results(results, Some(command)), csv::runs(results), told];
    let names = RUN_FILES.into_iter().map(str::to_owned);
    let mut files: Vec<(String, String)> = names.zip(data).collect();
    let drawn = drawn::drawn(&files).expect("what was just written is as it should be");
    files.extend(drawn);
    files.push((MANIFEST.to_owned(), manifest));
    files
}

fn shown(results: &Results, format: Format) -> String {
    match format {
        Format::Human => text::results_for(results, &terminal::look()),
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
        instance: names::instance(row.name, scenario),
        instance_type: &layout.types[layout.templates[row.template].instance_type].name,
        server: layout.server_name(row.server),
        server_index: row.server.index(),
        reason: row.reason.name(),
    }))
}
