//! `compare`: says whether one scenario is better than another, run by run on the same chance.

use super::{Loaded, load_one, memory::check_memory, quoted, repeat};
use crate::{
    args::{Changes, Common, Compare, Format},
    bug, clock, drawn,
    exit::{Exit, Failure, note},
    files,
    output::{self, Folder, RESULT_FILES},
    progress::{Progress, Quiet},
    terminal,
    used::refuse_others,
};
use fleetsim::{
    experiment::{
        comparison::{self, Chosen},
        divergence::{self, Divergence},
        replicate::{replicate, threads_for},
    },
    observe::{catalogue::Metric, metrics::Metrics, outcome::Outcome, select::Selector},
    report::{
        About,
        compare::{self as shown, Candidate, Compared},
        json, plain,
    },
    scenario::{
        Scenario,
        vary::{Axes, Point},
    },
};
use serde_json::json;
use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};

/// The most candidates: their numbers are all held, and a comparison with more is a sweep.
const CANDIDATES_MAX: usize = 100;

/// Reads, checks that the candidates can be compared, simulates, writes, prints: in this order, so
/// that what can fail fails before work is done.
pub fn compare(options: &Compare, common: &Common) -> Result<Exit, Failure> {
    let began = clock::now();
    let mut sides = read(options)?;
    let seed = options.seed.unwrap_or(sides[0].loaded.scenario.seed);
    let notes = made_alike(&mut sides, options.seed)?;
    let lists: Vec<_> = sides.iter().map(|side| Metrics::list(&side.loaded.scenario)).collect();
    let lists: Vec<&[Metric]> = lists.iter().map(|list| &list[..]).collect();
    let chosen = choose(options, &sides, &lists)?;
    check_room(options, &sides)?;
    let folder = prepare(options, &sides)?;
    let outcomes = simulate(&sides, options, common.quiet());
    let compared = tell(&sides, options, chosen, notes, outcomes);
    if let Some(folder) = folder {
        let of_each: Vec<Vec<String>> =
            compared.candidates.iter().map(|candidate| candidate.options.clone()).collect();
        let command = repeat::compare(options, seed, &of_each);
        let summary = shown::object(&compared, Some(&command));
        let manifest = manifest(&compared, options, [began, clock::now()]);
        let data = [("summary.json", summary), ("runs.csv", shown::runs(&compared))];
        folder.write(&drawn::with_drawn(data, manifest))?;
    }
    output::print(&match common.format {
        Format::Human => shown::table(&compared, &terminal::look()),
        Format::Json => shown::object(&compared, None),
        Format::Csv => shown::summary(&compared),
        Format::Markdown => shown::page(&compared),
    })?;
    if let (Some(out), Quiet::No) = (&options.out, common.quiet()) {
        note(&format!("wrote {}", plain(&out.to_string_lossy())));
    }
    Ok(Exit::Done)
}

/// One of those that are compared, before it is run.
struct Side {
    path: PathBuf,
    changes: Changes,
    label: String,
    loaded: Loaded,
}

impl Side {
    fn read(path: &Path, common: &Changes, point: &Point, label: &str) -> Result<Self, Failure> {
        let sets = [common.sets.clone(), point.sets()].concat();
        let changes = Changes { sets, allow_path: common.allow_path };
        let loaded = load_one(path, &changes, &point.label())?;
        Ok(Self { path: path.to_owned(), changes, label: label.to_owned(), loaded })
    }

    fn scenario(&self) -> &Scenario {
        &self.loaded.scenario
    }

    fn file(&self) -> String {
        plain(&self.path.to_string_lossy())
    }
}

/// The candidates, at least two, the baseline first.
fn read(options: &Compare) -> Result<Vec<Side>, Failure> {
    let fault = |why: &str| Err(Failure::Fault(why.to_owned()));
    let is_one = options.scenarios.len() == 1;
    let is_changed = !options.vary.is_empty() || !options.with.is_empty();
    match (is_one, is_changed) {
        (true, true) => {}
        (true, false) => {
            return fault(
                "there is nothing to compare it with: name a second scenario, or what to change \
                 by --with PATH=VALUE or --vary PATH=VALUE,VALUE",
            );
        }
        (false, true) => {
            return fault(
                "--vary and --with are of one scenario; several are compared as they are",
            );
        }
        (false, false) => return files(options),
    }
    let (path, common) = (&options.scenarios[0], &options.changes);
    let points = match options.vary.is_empty() {
        true => changes(&options.with)?,
        false => Axes::parse(&options.vary).and_then(|axes| axes.grid()).map_err(Failure::Fault)?,
    };
    match points.len() {
        0 | 1 => return fault("--vary names one value, and there is nothing to compare it with"),
        2..=CANDIDATES_MAX => {}
        many => {
            let why =
                format!("{many} candidates are too many; at most {CANDIDATES_MAX} are compared");
            return fault(&format!("{why} (fleetsim sweep takes more)"));
        }
    }
    let side = |point: &Point| {
        let label = if point.values.is_empty() { "as the file says".into() } else { point.label() };
        Side::read(path, common, point, &label)
    };
    points.iter().map(side).collect()
}

/// No change, and then each of `with`.
fn changes(with: &[String]) -> Result<Vec<Point>, Failure> {
    let none = Point { values: Vec::new() };
    let each = with
        .iter()
        .map(|typed| Point::parse(typed).map_err(|why| Failure::Fault(format!("--with {why}"))));
    std::iter::once(Ok(none)).chain(each).collect()
}

/// The scenarios as they are, called by their names where those tell them apart.
fn files(options: &Compare) -> Result<Vec<Side>, Failure> {
    if options.scenarios.len() > CANDIDATES_MAX {
        let why = format!("at most {CANDIDATES_MAX} scenarios are compared");
        return Err(Failure::Fault(why));
    }
    let nothing = Point { values: Vec::new() };
    let read = |path: &PathBuf| Side::read(path, &options.changes, &nothing, "");
    let mut sides: Vec<Side> = options.scenarios.iter().map(read).collect::<Result<_, _>>()?;
    let names: Vec<String> = sides.iter().map(|side| side.scenario().name.clone()).collect();
    for (side, name) in sides.iter_mut().zip(&names) {
        let is_alone = names.iter().filter(|other| *other == name).count() == 1;
        let path = side.path.to_string_lossy();
        side.label = if is_alone { format!("{name} ({path})") } else { path.into_owned() };
    }
    Ok(sides)
}

/// Gives all the seed that is asked for, or that of the first; notes of what was set aside.
///
/// # Errors
/// They do not last equally long, or are not measured from the same time on.
fn made_alike(sides: &mut [Side], seed: Option<u64>) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    let Some((first, others)) = sides.split_first_mut() else { return Ok(notes) };
    let first_file = first.file();
    let base = &mut first.loaded.scenario;
    base.seed = seed.unwrap_or(base.seed);
    for side in others {
        let (file, label) = (side.file(), plain(&side.label));
        let other = &mut side.loaded.scenario;
        let differs = [
            ("horizon", base.end.since(base.begin), other.end.since(other.begin)),
            ("warm-up", base.measure_from.since(base.begin), other.measure_from.since(other.begin)),
        ];
        if let Some((what, one, two)) = differs.into_iter().find(|(_, one, two)| one != two) {
            return Err(Failure::Fault(format!(
                "{label} cannot be compared with the baseline: its {what} is {two}, and the \
                 baseline's is {one}; numbers of runs that last or are measured unequally long \
                 differ for that alone"
            )));
        }
        if seed.is_none() && other.seed != base.seed {
            notes.push(format!(
                "seed {} of {file} is set aside: pairs of runs share the seed of {first_file}, {}",
                other.seed, base.seed
            ));
        }
        other.seed = base.seed;
        if other.begin != base.begin || other.epoch != base.epoch {
            notes.push(format!("{label} begins at another date than the baseline"));
        }
    }
    Ok(notes)
}

/// The metrics that are asked for.
fn choose(options: &Compare, sides: &[Side], lists: &[&[Metric]]) -> Result<Vec<Chosen>, Failure> {
    if options.metric.is_empty() {
        return Ok(comparison::usual(lists));
    }
    if options.metric.iter().any(|name| name == "all") {
        return Ok(comparison::all(lists));
    }
    let selectors: Vec<Selector> = options
        .metric
        .iter()
        .map(|typed| {
            Selector::parse(typed).map_err(|why| {
                let typed = plain(typed);
                Failure::Fault(format!("--metric `{typed}`: {}", plain(&why)))
            })
        })
        .collect::<Result<_, Failure>>()?;
    comparison::named(&selectors, lists).map_err(|(place, why)| {
        Failure::Fault(format!("--metric, of {}: {}", plain(&sides[place].label), plain(&why)))
    })
}

/// Refuses what does not fit into memory: the numbers of all candidates, and one of them under way
/// on every thread.
fn check_room(options: &Compare, sides: &[Side]) -> Result<(), Failure> {
    let count = NonZeroU32::try_from(sides.len() as u32).unwrap_or(NonZeroU32::MIN);
    let threads = threads_for(options.runs, options.threads);
    let all = options.runs.saturating_mul(count);
    let available = files::memory_available();
    sides.iter().try_for_each(|side| check_memory(side.scenario(), all, threads, available))
}

/// The folder for the results, none of which is read by a scenario.
fn prepare(options: &Compare, sides: &[Side]) -> Result<Option<Folder>, Failure> {
    let Some(out) = &options.out else { return Ok(None) };
    let inputs: Vec<PathBuf> = sides.iter().flat_map(|side| side.loaded.inputs.clone()).collect();
    Folder::check(out, &RESULT_FILES, &inputs)?;
    refuse_others(out, "compare")?;
    Folder::prepare(out, &RESULT_FILES).map(Some)
}

/// The runs of all candidates, and where each one's course parts from that of the first.
fn simulate(
    sides: &[Side],
    options: &Compare,
    quiet: Quiet,
) -> (Vec<Vec<Outcome>>, Vec<Option<Divergence>>) {
    let count = u32::try_from(sides.len()).unwrap_or(u32::MAX);
    let progress = Progress::new(options.runs.get().saturating_mul(count), quiet);
    let runs_of = |side: &Side| {
        let scenario = side.scenario();
        let _known = bug::simulates(scenario, &side.path, &side.changes);
        replicate(scenario, options.runs, options.threads, &|_run| progress.done())
    };
    let outcomes: Vec<Vec<Outcome>> = sides.iter().map(runs_of).collect();
    let parts = |(side, other): (&Side, &Vec<Outcome>)| {
        let mut pairs = outcomes[0].iter().zip(other);
        let apart = pairs.find(|(a, b)| a.fingerprint != b.fingerprint)?.0.run;
        divergence::first(sides[0].scenario(), side.scenario(), apart)
    };
    let divergences = sides.iter().zip(&outcomes).skip(1).map(parts).collect();
    (outcomes, divergences)
}

fn tell(
    sides: &[Side],
    options: &Compare,
    chosen: Vec<Chosen>,
    notes: Vec<String>,
    (outcomes, divergences): (Vec<Vec<Outcome>>, Vec<Option<Divergence>>),
) -> Compared {
    let comparison = comparison::compare(&outcomes, &chosen);
    let candidate = |(side, outcomes): (&Side, Vec<Outcome>)| Candidate {
        about: About::new(side.scenario(), options.runs.get()),
        label: side.label.clone(),
        file: quoted(&side.path.to_string_lossy()),
        options: repeat::changed(&side.path, &side.changes, &side.loaded),
        outcomes,
    };
    let is_all = options.metric.iter().any(|name| name == "all");
    Compared {
        candidates: sides.iter().zip(outcomes).map(candidate).collect(),
        chosen,
        is_named: !options.metric.is_empty() && !is_all,
        comparison,
        divergences,
        notes,
    }
}

/// What is known about how the results came about: the only file in which two equal comparisons
/// differ.
fn manifest(compared: &Compared, options: &Compare, [began, ended]: [(u64, u32); 2]) -> String {
    let about = compared.candidates.first().map(|candidate| &candidate.about);
    let digests: Vec<&str> =
        compared.candidates.iter().map(|candidate| candidate.about.digest.as_str()).collect();
    let argv: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    json::pretty(&json!({
        "kind": "compare",
        "version": about.map(|about| about.version),
        "rng_scheme": about.map(|about| about.rng_scheme),
        "digests": digests,
        "seed": about.map(|about| about.seed),
        "runs": options.runs,
        "argv": argv,
        "began": clock::rfc3339(began),
        "ended": clock::rfc3339(ended),
        "machine": {
            "threads": threads_for(options.runs, options.threads).get(),
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        },
    }))
}
