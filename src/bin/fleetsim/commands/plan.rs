//! `plan`: how much is needed? Looks for the value of a parameter that meets goals.

use super::{
    load, load_one,
    manifest::manifest,
    memory::{check_kept, check_memory},
    quoted, repeat,
};
use crate::{
    args::{Changes, Common, Format, Plan},
    bug::{self, Known},
    clock, drawn,
    exit::{Exit, Failure, note},
    files,
    output::{self, Folder, RESULT_FILES},
    progress::{Progress, Quiet},
    terminal,
    used::refuse_others,
};
use fleetsim::{
    experiment::{
        plan::{
            Plan as Answer, Question, RUNS_MAX, Simulate, Status, goal::Goal, goal::Judged,
            plan as answer, runs_for,
        },
        replicate::{OneRun, replicate_each, threads_for},
        stopping::MOST,
    },
    observe::{catalogue::Metric, metrics::Metrics, select::Column},
    report::{
        About, number, plain,
        plan::{self as shown, Planned, PlannedRun},
    },
    scenario::{Scenario, vary::Range},
};
use std::{
    collections::BTreeMap,
    num::{NonZeroU32, NonZeroUsize},
    sync::Arc,
};

/// Runs made at once, so that no more of them hold all their metrics.
const AT_ONCE: usize = 4_096;

/// Reads, finds a place for the results, searches, writes, prints.
pub fn plan(options: &Plan, common: &Common) -> Result<Exit, Failure> {
    let began = clock::now();
    let loaded = load(&options.scenario, &options.changes)?;
    let seed = options.sampling.seed.unwrap_or(loaded.scenario.seed);
    let range = Range::parse(&options.vary).map_err(Failure::Fault)?;
    let goals = goals(options)?;
    let (runs, most) = runs_of(options, &goals)?;
    let places = usize::try_from(range.count())
        .map_err(|_| Failure::Fault(format!("--vary {}: too many values", options.vary)))?;
    // A bisection of all values, in as many runs as goals in a share of them take.
    let kept = f64::from(runs) * (2.0 + libm::log2(places as f64));
    check_kept(kept, goals.len(), files::memory_available())?;
    let progress = Progress::new(0_u64, common.quiet());
    let mut bench = Bench {
        options,
        range: &range,
        goals: &goals,
        seed,
        progress,
        candidates: BTreeMap::new(),
        rows: BTreeMap::new(),
    };
    // What is wrong with a candidate is mostly wrong at an end of the range, and so told before
    // anything is simulated.
    bench.candidate(0)?;
    bench.candidate(places - 1)?;
    let folder = folder(options, &loaded.inputs)?;
    let confidence = options.confidence;
    let question = Question { goals: &goals, places, confidence, runs, most: most.get() };
    let found = answer(&question, &mut bench)?;
    bench.progress.clear();
    let value = |place: usize| bench.value(place);
    let planned = planned(&bench, &loaded.scenario, (&question, &found), &value);
    if let Some(folder) = folder {
        let command = command(options, &loaded, seed);
        let threads = threads_for(most, options.sampling.threads).get();
        let data = [
            ("summary.json", shown::json(&planned, Some(&command))),
            ("runs.csv", shown::runs(&planned, bench.rows())),
        ];
        let manifest = manifest(&planned.about, threads, [began, clock::now()]);
        folder.write(&drawn::with_drawn(data, manifest))?;
    }
    output::print(&match common.format {
        Format::Human => shown::text(&planned, &terminal::look()),
        Format::Json => shown::json(&planned, None),
        Format::Csv => shown::csv(&planned),
        Format::Markdown => shown::markdown(&planned),
    })?;
    if let (Some(out), Quiet::No) = (&options.out, common.quiet()) {
        note(&format!("wrote {}", plain(&out.to_string_lossy())));
    }
    Ok(match found.status {
        Status::Found => Exit::Done,
        Status::Missed => Exit::Missed,
        Status::Inconclusive => Exit::Inconclusive,
    })
}

/// What was found, with all that is shown of it.
fn planned<'a>(
    bench: &'a Bench<'_>,
    scenario: &Scenario,
    (question, found): (&Question<'_>, &'a Answer),
    value: &'a dyn Fn(usize) -> String,
) -> Planned<'a> {
    let runs = u32::try_from(found.simulated).unwrap_or(u32::MAX);
    let mut about = About::new(scenario, runs);
    about.seed = bench.seed;
    let first = bench.candidates.values().next().expect("a candidate was read");
    let names = first.columns.iter().map(|column| column.name.clone());
    Planned {
        about,
        path: bench.range.path(),
        range: ranged(&bench.options.vary),
        candidates: bench.range.count(),
        largest: bench.options.largest,
        goals: bench.goals.iter().zip(names).collect(),
        confidence: question.confidence,
        runs: question.runs,
        most: question.most,
        plan: found,
        value,
    }
}

fn goals(options: &Plan) -> Result<Vec<Goal>, Failure> {
    let goal = |text: &String| {
        Goal::parse(text).map_err(|why| {
            // What is wrong with the metric alone does not say where it stands.
            let says_where = why.starts_with(&format!("`{}`", text.trim()));
            let whose = if says_where { ":".to_owned() } else { format!(" `{}`:", text.trim()) };
            Failure::Fault(format!("--goal{whose} {}", plain(&why)))
        })
    };
    options.goals.iter().map(goal).collect()
}

/// Runs for goals judged run by run, and the most for means.
fn runs_of(options: &Plan, goals: &[Goal]) -> Result<(u32, NonZeroU32), Failure> {
    let most = NonZeroU32::new(MOST).expect("some runs");
    let asked = options.sampling.runs;
    let shares = goals.iter().filter_map(|goal| match goal.judged {
        Judged::InRuns(share) => Some((share, runs_for(share, options.confidence))),
        Judged::OnAverage => None,
    });
    let needs: Result<Vec<(u32, u32)>, Failure> = shares
        .map(|(share, runs)| {
            runs.map_err(|fewest| {
                Failure::Fault(format!(
                    "--goal: that it holds in {}% of runs is shown by {} runs a value at least, and \
                     {} are the most that are made",
                    libm::round(share * 1e12) / 1e10,
                    number::free(f64::from(fewest)),
                    number::free(f64::from(RUNS_MAX)),
                ))
            })
        })
        .collect();
    let needs = needs?;
    let fewest = needs.iter().map(|(fewest, _)| *fewest).max().unwrap_or(0);
    let advised = needs.iter().map(|(_, advised)| *advised).max().unwrap_or(0);
    match asked {
        Some(asked) if asked.get() > RUNS_MAX => Err(Failure::Fault(format!(
            "--runs {asked}: {} a value are the most that are made",
            number::free(f64::from(RUNS_MAX))
        ))),
        Some(asked) if asked.get() < fewest => Err(Failure::Fault(format!(
            "--runs {asked}: a goal in such a share of runs, with such confidence, is never shown \
             by fewer than {fewest} runs; {advised} are advised"
        ))),
        Some(asked) => Ok((if needs.is_empty() { 0 } else { asked.get() }, asked)),
        None => Ok((advised, most)),
    }
}

/// The folder for the results, which is none that the scenario is read from.
fn folder(options: &Plan, inputs: &[std::path::PathBuf]) -> Result<Option<Folder>, Failure> {
    let Some(out) = options.out.as_deref() else { return Ok(None) };
    Folder::check(out, &RESULT_FILES, inputs)?;
    refuse_others(out, "plan")?;
    Folder::prepare(out, &RESULT_FILES).map(Some)
}

/// `0..20` of `path=0..20`.
fn ranged(typed: &str) -> String {
    typed.rsplit_once('=').map_or(typed, |(_, range)| range).trim().to_owned()
}

/// The command that finds the same answer, in one spelling.
fn command(options: &Plan, loaded: &super::Loaded, seed: u64) -> String {
    let mut words = vec![format!(
        "fleetsim plan {} --vary {}",
        quoted(&options.scenario.to_string_lossy()),
        quoted(options.vary.trim())
    )];
    words.extend(options.goals.iter().map(|goal| format!("--goal {}", quoted(goal.trim()))));
    words.push(format!("--confidence {}", options.confidence));
    words.extend(options.largest.then(|| "--largest".to_owned()));
    words.extend(options.sampling.runs.map(|runs| format!("--runs {runs}")));
    words.push(format!("--seed {seed}"));
    words.extend(repeat::changed(&options.scenario, &options.changes, loaded));
    words.join(" ")
}

/// One value of the parameter, as a scenario.
struct Candidate {
    scenario: Scenario,
    metrics: Arc<[Metric]>,
    /// The metric of each goal.
    columns: Vec<Column>,
    _known: Known,
}

/// One run, as `runs.csv` tells it.
struct Row {
    fingerprint: String,
    values: Vec<Option<f64>>,
}

/// Makes scenarios of values, and runs them.
struct Bench<'a> {
    options: &'a Plan,
    range: &'a Range,
    goals: &'a [Goal],
    seed: u64,
    progress: Progress,
    candidates: BTreeMap<usize, Candidate>,
    rows: BTreeMap<(usize, u32), Row>,
}

impl Bench<'_> {
    /// Number of the candidate at `place`: goals become easier from place to place.
    fn number(&self, place: usize) -> u64 {
        let place = place as u64;
        if self.options.largest { self.range.count() - 1 - place } else { place }
    }

    fn value(&self, place: usize) -> String {
        self.range.value(self.number(place))
    }

    /// The scenario at `place`, read once.
    fn candidate(&mut self, place: usize) -> Result<&Candidate, Failure> {
        if !self.candidates.contains_key(&place) {
            let set = self.range.set(self.number(place));
            let Changes { sets, allow_path } = &self.options.changes;
            let sets = sets.iter().cloned().chain([set.clone()]).collect();
            let changes = Changes { sets, allow_path: *allow_path };
            let mut scenario = load_one(&self.options.scenario, &changes, &set)?.scenario;
            scenario.seed = self.seed;
            let runs = NonZeroU32::new(MOST).expect("some runs");
            let threads = threads_for(runs, self.options.sampling.threads);
            check_memory(&scenario, runs, threads, files::memory_available())?;
            let metrics = Metrics::list(&scenario);
            let found = self.goals.iter().map(|goal| goal.selector.find(&metrics));
            let columns: Result<Vec<Column>, String> = found.collect();
            let columns =
                columns.map_err(|why| Failure::Fault(format!("--goal, with {set}: {why}")))?;
            let _known = bug::simulates(&scenario, &self.options.scenario, &changes);
            self.candidates.insert(place, Candidate { scenario, metrics, columns, _known });
        }
        Ok(self.candidates.get(&place).expect("it was read above"))
    }

    fn rows(&self) -> impl Iterator<Item = PlannedRun<'_>> {
        // By value upwards, then by run.
        let mut places: Vec<usize> = self.rows.keys().map(|(place, _)| *place).collect();
        places.dedup();
        places.sort_by_key(|place| self.number(*place));
        places.into_iter().flat_map(|place| {
            self.rows.range((place, 0)..=(place, u32::MAX)).map(|((place, run), row)| PlannedRun {
                place: *place,
                run: *run,
                fingerprint: &row.fingerprint,
                values: &row.values,
            })
        })
    }
}

impl Simulate for Bench<'_> {
    type Fault = Failure;

    fn simulate(&mut self, cells: &[(usize, u32)]) -> Result<Vec<Vec<Option<f64>>>, Failure> {
        for (place, _) in cells {
            self.candidate(*place)?;
        }
        check_kept(cells.len() as f64, self.goals.len(), files::memory_available())?;
        self.progress.more(cells.len());
        let mut values = Vec::new();
        for cells in cells.chunks(AT_ONCE) {
            values.extend(self.made(cells));
        }
        Ok(values)
    }
}

impl Bench<'_> {
    /// The goals' metrics in `cells`, whose candidates were read.
    fn made(&mut self, cells: &[(usize, u32)]) -> Vec<Vec<Option<f64>>> {
        let of = |place: usize| self.candidates.get(&place).expect("it was read above");
        let wanted: Vec<OneRun<'_>> = cells
            .iter()
            .map(|(place, run)| {
                let Candidate { scenario, metrics, .. } = of(*place);
                OneRun { scenario, metrics, run: *run }
            })
            .collect();
        let threads: Option<NonZeroUsize> = self.options.sampling.threads;
        let outcomes = replicate_each(&wanted, threads, &|_run| self.progress.done());
        let mut values = Vec::new();
        let mut rows = Vec::new();
        for (cell, outcome) in cells.iter().zip(outcomes) {
            let columns = of(cell.0).columns.iter();
            let of_goals: Vec<_> = columns.map(|column| column.value(&outcome.values)).collect();
            values.push(of_goals.clone());
            rows.push((*cell, Row { fingerprint: outcome.fingerprint, values: of_goals }));
        }
        self.rows.extend(rows);
        values
    }
}
