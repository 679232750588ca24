//! `run`: simulates a scenario many times and shows what happened.

use super::{Loaded, load, manifest::manifest, memory::check_memory, precision, quoted, repeat};
use crate::{
    args::{Common, Format, Run},
    bug, clock, drawn,
    exit::{Exit, Failure, note},
    files,
    output::{self, Contents, Folder, MANIFEST, RUN_FILES, Target, real},
    progress::{Progress, Quiet},
    terminal,
    used::refuse_others,
};
use fleetsim::{
    experiment::{
        replicate::{follow, replicate, threads_for},
        stopping::Rule,
        worst,
    },
    observe::{
        names,
        notifications::{self, Notifications},
        placements::Placements,
    },
    report::{self, About, Results, csv, json, markdown, page, plain, series, text},
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
    let _known = bug::simulates(scenario, &options.scenario, &options.changes);
    let rule = precision::rule(options, scenario)?;
    let asked = options.sampling.runs.unwrap_or(scenario.runs);
    let runs = rule.as_ref().map_or(asked, |rule| rule.most);
    let threads = threads_for(runs, options.sampling.threads);
    check_run(rule.as_ref().map_or(runs.get(), Rule::surely), options.run)?;
    let places = Places::check(options, &loaded.inputs)?;
    check_memory(scenario, runs, threads, files::memory_available())?;
    let prepared = places.prepare()?;
    let mut results = match &rule {
        Some(rule) => precision::simulate(scenario, rule, options, common),
        None => simulate(scenario, runs, options, common),
    };
    if options.is_drawn() {
        let how_many = rule.as_ref().map_or_else(|| format!("--runs {runs}"), precision::repeated);
        let mut files = files_of(&results, options, &loaded, &how_many);
        if let Some(target) = prepared.html {
            let page = files.iter().find(|(name, _)| name == page::FILE);
            target.write(page.map_or("", |(_, text)| text))?;
        }
        if let Some(folder) = prepared.folder {
            let manifest = manifest(&results.about, threads.get(), [began, clock::now()]);
            files.push((MANIFEST.to_owned(), manifest));
            folder.write(&files)?;
        }
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
    if !terminal::is_watched() {
        results.series = None; // A pipe gets the same with and without --out.
    }
    output::print(&shown(&results, common.format))?;
    let written = options.out.iter().chain(&options.html);
    for path in written.chain(&options.placements).chain(&options.events) {
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
        let names = RUN_FILES.into_iter().chain([page::FILE]);
        let results: Vec<PathBuf> =
            names.flat_map(|name| options.out.iter().map(move |out| out.join(name))).collect();
        if let Some(out) = &options.out {
            Folder::check(out, &RUN_FILES, inputs)?;
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
        let prepare = |out| {
            refuse_others(out, "run")?;
            Folder::prepare(out, &RUN_FILES)
        };
        let folder = self.options.out.as_deref().map(prepare).transpose()?;
        // The folder may only now be there to be compared with.
        let [html, placements, events] = self.each_file(Target::replacing)?;
        Ok(Prepared { folder, html, placements, events })
    }

    /// Does `what` with the files of `--html`, `--placements` and `--events`, where they are given,
    /// with what each holds and what it may not be.
    fn each_file<T>(
        &self,
        what: impl Fn(&Path, Contents<'_>, &[PathBuf]) -> Result<T, Failure>,
    ) -> Result<[Option<T>; 3], Failure> {
        let first = format!("{}\n", csv::PLACEMENTS.join(","));
        let begins = |start: &str| start.starts_with(&first);
        let telling = first.len() as u64;
        let placements = Contents { what: "placements", telling, is_ours: &begins };
        let is_ours = &notifications::is_ours;
        let events = Contents { what: "notifications", telling: notifications::TELLING, is_ours };
        let report = |start: &str| start.starts_with(page::BEGINS);
        let telling = page::BEGINS.len() as u64;
        let html = Contents { what: "report", telling, is_ours: &report };
        let mut taken = self.taken();
        let mut each = |path: &Option<PathBuf>, contents| {
            let done = path.as_deref().map(|path| what(path, contents, &taken)).transpose()?;
            taken.extend(path.iter().flat_map(|path| real(path).into_iter().chain([path.clone()])));
            Ok::<_, Failure>(done)
        };
        let Run { html: html_at, placements: placements_at, events: events_at, .. } = self.options;
        Ok([each(html_at, html)?, each(placements_at, placements)?, each(events_at, events)?])
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
    html: Option<Target>,
    placements: Option<Target>,
    events: Option<Target>,
}

fn simulate(scenario: &Scenario, runs: NonZeroU32, options: &Run, common: &Common) -> Results {
    let progress = Progress::new(runs.get(), common.quiet());
    let format = common.format;
    let (threads, on_done) = (options.sampling.threads, |_run| progress.done());
    let (outcomes, series) = match options.followed(format) {
        Some(scope) => follow(scenario, runs, threads, scope, &on_done),
        None => (replicate(scenario, runs, threads, &on_done), None),
    };
    Results { series, ..Results::new(About::new(scenario, runs.get()), outcomes) }
}

/// The files of a folder of results but its manifest: what was found, and what is drawn of it.
fn files_of(
    results: &Results,
    options: &Run,
    loaded: &Loaded,
    how_many: &str,
) -> Vec<(String, String)> {
    let (path, changed) = repeat::of(&options.scenario, &options.changes, loaded);
    let seed = loaded.scenario.seed;
    let command = repeat::spelled("run", &path, &[format!("--seed {seed} {how_many}")], &changed);
    let trace = |run: u32, words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let words = [vec![format!("--seed {seed} --run {run}")], words].concat();
        repeat::spelled("trace", &path, &words, &changed)
    };
    let found = worst::worst(&loaded.scenario, &results.outcomes);
    let worst = report::worst::file(&loaded.scenario, found.as_ref(), &trace);
    let told = results.series.as_ref().map(series::csv).unwrap_or_default();
    let data = [json::results(results, Some(&command)), csv::runs(results), told, worst];
    let names = RUN_FILES.into_iter().map(str::to_owned);
    let mut files: Vec<(String, String)> = names.zip(data).collect();
    let drawn = drawn::drawn(&files).expect("what was just written is as it should be");
    files.extend(drawn);
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
