//! The points of a sweep, every one of them read and found right before any is run.

use super::{
    super::{Loaded, load, quoted, repeat::changed},
    clamped,
    results::Show,
};
use crate::{
    args::{Changes, Sweep},
    bug::{self, Known},
    exit::Failure,
    ledger::{Header, MetricName, PointEntry},
};
use fleetsim::{
    experiment::replicate::{hand_out, threads_for},
    kernel::streams::RNG_SCHEME,
    observe::{catalogue::Metric, metrics::Metrics},
    report::{VERSION, json, number, plain},
    scenario::{
        Faults, Scenario, summary,
        vary::{Axes, Point},
    },
};
use std::{
    collections::BTreeSet,
    num::NonZeroUsize,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Faulty points that are shown; more would say the same.
const FAULTY_MAX: usize = 3;

/// A sweep, ready to be run.
pub struct Study<'a> {
    /// What is written of it.
    pub header: Header,
    /// The points.
    pub points: Vec<Point>,
    /// Every file that was read.
    pub inputs: Vec<PathBuf>,
    /// Threads of use.
    pub threads: NonZeroUsize,
    /// Metrics that are told more of.
    pub show: Show,
    options: &'a Sweep,
    /// The most memory that one run needs (bytes).
    memory: u64,
}

/// What is kept of a point once it was read.
struct Facts {
    name: String,
    question: String,
    digest: String,
    seed: u64,
    runs: u32,
    remarks: Vec<String>,
    metrics: Arc<[Metric]>,
    inputs: Vec<PathBuf>,
    memory: u64,
}

impl<'a> Study<'a> {
    /// Reads every point of `axes`.
    ///
    /// # Errors
    /// What is wrong with the first points that are, each named with its values.
    pub fn read(options: &'a Sweep, axes: &Axes, shard: (u32, u32)) -> Result<Self, Failure> {
        let points = points(options, axes)?;
        let threads = threads_for(clamped(points.len() as u64), options.sampling.threads);
        let facts = facts(options, &points, threads)?;
        refuse_idle(options, axes, &points)?;
        let first = &facts[0];
        let seed = options.sampling.seed.unwrap_or(first.seed);
        let runs = options.sampling.runs.map_or(first.runs, |runs| runs.get());
        let (metrics, numbers) = lists(&facts);
        let entries: Vec<PointEntry> = points
            .iter()
            .zip(facts.iter().zip(numbers))
            .map(|(point, (facts, metrics))| PointEntry {
                values: point.values.iter().map(|(_, value)| value.clone()).collect(),
                digest: facts.digest.clone(),
                metrics,
            })
            .collect();
        let paths: Vec<String> = axes.paths().into_iter().map(str::to_owned).collect();
        let digest = blake3::hash(json::line(&(&paths, &entries)).as_bytes()).to_hex().to_string();
        let mut header = Header {
            ledger: crate::ledger::FORM,
            version: VERSION.to_owned(),
            rng_scheme: RNG_SCHEME,
            scenario: first.name.clone(),
            question: first.question.clone(),
            digest,
            seed,
            runs,
            vary: axes.axes().iter().map(|axis| axis.text().to_owned()).collect(),
            sample: options.sample.map(|sample| sample.to_string()),
            shard,
            command: String::new(),
            shown: Vec::new(),
            remarks: first.remarks.clone(),
            paths,
            metrics,
            points: entries,
        };
        header.command = command(options, &header);
        let show = Show::choose(&options.metric, &header)?;
        header.shown = show.names();
        let threads = threads_for(clamped(header.units()), options.sampling.threads);
        let memory = facts.iter().map(|facts| facts.memory).max().unwrap_or(0);
        // Most points read the same files.
        let inputs: BTreeSet<PathBuf> = facts.into_iter().flat_map(|facts| facts.inputs).collect();
        let inputs = inputs.into_iter().collect();
        Ok(Self { header, points, inputs, threads, show, options, memory })
    }

    /// The scenario of point number `point`, read again.
    ///
    /// # Errors
    /// It cannot be read, or has changed since the sweep began.
    pub fn scenario(&self, point: u32) -> Result<Scenario, Failure> {
        let mut loaded = read(self.options, &self.points[point as usize])?;
        if loaded.scenario.digest != self.header.points[point as usize].digest {
            return Err(Failure::Fault(format!(
                "the scenario has changed since the sweep began, at {}; what was run before is kept",
                self.header.point_named(point)
            )));
        }
        loaded.scenario.seed = self.header.seed;
        Ok(loaded.scenario)
    }

    /// From here on a bug names `scenario`, that of point number `point`.
    pub fn known(&self, point: u32, scenario: &Scenario) -> Known {
        let changes = changes(self.options, &self.points[point as usize]);
        bug::simulates(scenario, &self.options.scenario, &changes)
    }

    /// Refuses what does not fit into `available` bytes; a machine that does not tell how much it has
    /// is trusted. Beside the runs under way only their places in the ledger are held.
    ///
    /// # Errors
    /// It needs more.
    pub fn check_memory(&self, available: Option<u64>) -> Result<(), Failure> {
        let index = self.header.units() as f64 * size_of::<u64>() as f64;
        let needed = self.memory as f64 * self.threads.get() as f64 + index;
        let bytes = |bytes: f64| number::amount(bytes, "B");
        match available.map(|available| available as f64).filter(|available| needed > *available) {
            Some(available) => Err(Failure::Memory(format!(
                "{} runs on {} threads need about {} of memory ({} a run under way), and {} are \
                 available; fewer --threads or --runs need less",
                number::free(self.header.units() as f64),
                number::free(self.threads.get() as f64),
                bytes(needed),
                bytes(self.memory as f64),
                bytes(available),
            ))),
            None => Ok(()),
        }
    }
}

/// The points that were asked for.
fn points(options: &Sweep, axes: &Axes) -> Result<Vec<Point>, Failure> {
    let Some(sample) = options.sample else { return axes.grid().map_err(Failure::Fault) };
    let count = sample.points.get() as usize;
    let of_seed = |seed| axes.sample(count, seed).map_err(Failure::Fault);
    match options.sampling.seed {
        Some(seed) => of_seed(seed),
        // The scenario itself may be right only with values for what is varied: any will do to
        // learn its seed.
        None => of_seed(read(options, &of_seed(0)?[0])?.scenario.seed),
    }
}

/// Refuses an axis of which no value changes the scenario: something else sets the same, and its
/// points would be the same studies twice. Asked at the first point.
fn refuse_idle(options: &Sweep, axes: &Axes, points: &[Point]) -> Result<(), Failure> {
    for axis in axes.axes() {
        let paths = axis.paths();
        let of = |point: &Point| -> Vec<String> {
            let values = point.values.iter();
            let own = values.filter(|(path, _)| paths.contains(path));
            own.map(|(_, value)| value.clone()).collect()
        };
        // As far from the first as the axis goes: neighbours may round to the same.
        let Some(other) = points.iter().rfind(|point| of(point) != of(&points[0])) else {
            continue;
        };
        let moved = |(path, value): &(String, String)| {
            let theirs = other.values.iter().find(|(name, _)| name == path && paths.contains(name));
            (path.clone(), theirs.map_or(value, |(_, value)| value).clone())
        };
        let moved = Point { values: points[0].values.iter().map(moved).collect() };
        // A pair that is wrong together tells nothing.
        let (Ok(first), Ok(second)) = (read(options, &points[0]), read(options, &moved)) else {
            continue;
        };
        if first.scenario.digest == second.scenario.digest {
            return Err(Failure::Fault(format!(
                "--vary {}: it changes nothing, at {} and at {} the scenario is the same; does \
                 another --vary or the scenario itself set the same?",
                plain(axis.text()),
                plain(&points[0].label()),
                plain(&moved.label())
            )));
        }
    }
    Ok(())
}

/// The scenario as it is at `point`.
fn read(options: &Sweep, point: &Point) -> Result<Loaded, Failure> {
    load(&options.scenario, &changes(options, point))
}

/// What is changed at `point`.
fn changes(options: &Sweep, point: &Point) -> Changes {
    let sets = options.changes.sets.iter().cloned().chain(point.sets()).collect();
    Changes { sets, allow_path: options.changes.allow_path }
}

/// What is to be known of each point, in order.
fn facts(options: &Sweep, points: &[Point], threads: NonZeroUsize) -> Result<Vec<Facts>, Failure> {
    let next = AtomicUsize::new(0);
    let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|place| *place < points.len());
    let mut found: Vec<Option<Facts>> = points.iter().map(|_| None).collect();
    let mut faulty: Vec<(usize, Faults)> = Vec::new();
    let mut failed: Option<(usize, Failure)> = None;
    let one = |place: &usize| read(options, &points[*place]).map(Facts::of);
    // Points are given out in order, so that when one is found wrong all before it are under way.
    let mut sink = |place: usize, read: Result<Facts, Failure>| {
        match read {
            Ok(facts) => found[place] = Some(facts),
            Err(Failure::Scenario(_, faults)) => faulty.push((place, faults)),
            Err(other) if failed.as_ref().is_none_or(|(first, _)| place < *first) => {
                failed = Some((place, other));
            }
            Err(_) => {}
        }
        if faulty.len() >= FAULTY_MAX || failed.is_some() {
            next.store(points.len(), Ordering::Relaxed);
        }
        ControlFlow::Continue(())
    };
    hand_out(threads, &take, &one, &mut sink);
    if let Some((_, failure)) = failed {
        return Err(failure);
    }
    if !faulty.is_empty() {
        return Err(Failure::Points(told(options, points, faulty)));
    }
    Ok(found.into_iter().flatten().collect())
}

/// The first faulty points, without those that have the faults of one before.
fn told(
    options: &Sweep,
    points: &[Point],
    mut faulty: Vec<(usize, Faults)>,
) -> Vec<(String, Faults)> {
    faulty.sort_by_key(|(place, _)| *place);
    let mut told: Vec<(String, Faults)> = Vec::new();
    for (place, faults) in faulty.into_iter().take(FAULTY_MAX) {
        if told.iter().all(|(_, other)| other.list != faults.list) {
            let name = options.scenario.to_string_lossy();
            told.push((format!("{name} at point {place} ({})", points[place].label()), faults));
        }
    }
    told
}

impl Facts {
    fn of(loaded: Loaded) -> Self {
        let scenario = &loaded.scenario;
        Self {
            name: scenario.name.clone(),
            question: scenario.question.clone(),
            digest: scenario.digest.clone(),
            seed: scenario.seed,
            runs: scenario.runs.get(),
            remarks: scenario.remarks.clone(),
            metrics: Metrics::list(scenario),
            memory: summary(scenario).expected_memory,
            inputs: loaded.inputs,
        }
    }
}

/// The different lists of metrics, and which of them each point has.
fn lists(facts: &[Facts]) -> (Vec<Vec<MetricName>>, Vec<usize>) {
    let mut lists: Vec<&Arc<[Metric]>> = Vec::new();
    let mut numbers = Vec::new();
    for facts in facts {
        let place = lists.iter().position(|list| **list == facts.metrics);
        numbers.push(place.unwrap_or(lists.len()));
        if place.is_none() {
            lists.push(&facts.metrics);
        }
    }
    let named = |metric: &Metric| MetricName {
        name: metric.definition.name.to_owned(),
        labels: metric.labels.clone(),
    };
    (lists.into_iter().map(|list| list.iter().map(named).collect()).collect(), numbers)
}

/// The command that makes the same runs again: not how many threads or shards did it. Where the
/// results went is not told either, only that they must go somewhere; and what is told more of is
/// added where the results are made.
fn command(options: &Sweep, header: &Header) -> String {
    let (path, changes) = (&options.scenario, &options.changes);
    let mut words = vec![format!("fleetsim sweep {}", quoted(&path.to_string_lossy()))];
    words.extend(header.vary.iter().map(|axis| format!("--vary {}", quoted(axis))));
    words.extend(header.sample.iter().map(|sample| format!("--sample {sample}")));
    words.push(format!("--seed {} --runs {}", header.seed, header.runs));
    words.extend(settings(path, changes));
    words.push("--out DIR".to_owned());
    words.join(" ")
}

/// The `--set`s that matter; all of them where the scenario is right only at its points.
fn settings(path: &Path, changes: &Changes) -> Vec<String> {
    match load(path, changes) {
        Ok(loaded) => changed(path, changes, &loaded),
        Err(_) => {
            let sets = changes.sets.iter().map(|set| format!("--set {}", quoted(set)));
            sets.chain(changes.allow_path.then(|| "--allow-path".to_owned())).collect()
        }
    }
}
