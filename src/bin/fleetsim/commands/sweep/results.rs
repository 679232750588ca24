//! The files of a sweep, made from its ledger alone: whoever makes them from the same runs makes the
//! same bytes, in whatever order and by how many processes the runs were done.
//!
//! Runs are read twice, point by point, and never held: only the metrics that are told more of are,
//! for one point at a time and for the first.

use super::super::quoted;
use crate::{
    args::Format,
    clock, drawn,
    exit::Failure,
    ledger::{Header, Index, Reader, RunLine},
    output::{self, Draft, Folder},
    terminal,
};
use fleetsim::{
    experiment::{
        effects::{AxisValues, Design, effects},
        estimate::{Estimate, counted, estimate},
        paired,
    },
    kernel::moments::{FirstPass, SecondPass},
    observe::{
        catalogue::{Better, Definition, Metric},
        select::{Column, Selector},
    },
    report::{
        folder::sweep::thinned,
        json,
        sweep::{self, Chosen, Columns, Difference, Swept, SweptPoint},
    },
    scenario::vary::{Axes, magnitude},
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// What is told more of where nothing was asked for.
const SHOWN: [&str; 2] = ["availability", "migrations"];

/// The metrics that are told more of.
pub struct Show {
    metrics: Vec<Shown>,
}

struct Shown {
    /// As it was named.
    text: String,
    definition: &'static Definition,
    name: String,
    /// Where it stands in each list of metrics; `None` where points do not measure it.
    columns: Vec<Option<Column>>,
}

impl Show {
    /// The metrics named `texts`, among those of `header`; usual ones where none is named.
    ///
    /// # Errors
    /// There is no such metric, or no point measures it.
    pub fn choose(texts: &[String], header: &Header) -> Result<Self, Failure> {
        let lists = lists(header)?;
        let fault = |text: &str, why: String| Failure::Fault(format!("--metric `{text}`: {why}"));
        if !texts.is_empty() {
            let shown = |text: &String| Shown::of(text, &lists).map_err(|why| fault(text, why));
            return Ok(Self { metrics: texts.iter().map(shown).collect::<Result<_, Failure>>()? });
        }
        let usual: Vec<Shown> =
            SHOWN.iter().filter_map(|text| Shown::of(text, &lists).ok()).collect();
        if !usual.is_empty() {
            return Ok(Self { metrics: usual });
        }
        let all = lists.iter().flat_map(|list| list.iter());
        let tells = |metric: &&Metric| metric.definition.better != Better::Neither;
        let first = all.filter(tells).find_map(|m| Shown::of(m.definition.name, &lists).ok());
        Ok(Self { metrics: first.into_iter().collect() })
    }

    /// Their names, as they can be asked for again.
    pub fn names(&self) -> Vec<String> {
        self.metrics.iter().map(|shown| shown.text.clone()).collect()
    }
}

impl Shown {
    fn of(text: &str, lists: &[Arc<[Metric]>]) -> Result<Self, String> {
        let selector = Selector::parse(text)?;
        let found: Vec<_> = lists.iter().map(|list| selector.find(list)).collect();
        let name = match found.iter().find_map(|found| found.as_ref().ok()) {
            Some(column) => column.name.clone(),
            None => return Err(found.into_iter().find_map(Result::err).unwrap_or_default()),
        };
        let columns = found.into_iter().map(Result::ok).collect();
        Ok(Self { text: text.to_owned(), definition: selector.definition(), name, columns })
    }
}

fn lists(header: &Header) -> Result<Vec<Arc<[Metric]>>, Failure> {
    header.lists().map_err(|name| {
        Failure::Output(format!("the ledger holds the metric `{name}`, which is not known here"))
    })
}

/// All runs of a sweep, where they are noted, and what is made of them.
pub struct Results<'a> {
    /// What the sweep is.
    pub header: &'a Header,
    /// Where its runs are: all of them.
    pub index: &'a Index,
    /// The ledgers.
    pub reader: Reader,
}

/// Files that are written but not yet in place, and what is printed of them.
pub struct Made {
    /// In the order in which they take their names.
    drafts: Vec<Draft>,
    /// Pictures of an earlier sweep, to be taken away.
    stale: Vec<PathBuf>,
    swept: Swept,
    chosen: Vec<Chosen>,
}

impl Made {
    /// One more file, put in place after the others.
    pub fn and(&mut self, draft: Draft) {
        self.drafts.push(draft);
    }

    /// Puts all files in place.
    ///
    /// # Errors
    /// One cannot be written.
    pub fn keep(&mut self) -> Result<(), Failure> {
        output::take_away(&self.stale)?;
        Draft::keep(std::mem::take(&mut self.drafts))
    }

    /// Prints what was kept in `folder`.
    ///
    /// # Errors
    /// As [`output::print`].
    pub fn print(&self, folder: &Path, format: Format) -> Result<(), Failure> {
        match format {
            Format::Human => {
                output::print(&sweep::text(&self.swept, &self.chosen, &terminal::look()))
            }
            Format::Markdown => output::print(&sweep::markdown(&self.swept, &self.chosen)),
            Format::Json => output::print_file(&folder.join("summary.json")),
            Format::Csv => output::print_file(&folder.join("points.csv")),
        }
    }
}

/// What was told of the metrics that are shown, point by point.
struct Told {
    metric: &'static Definition,
    estimates: Vec<Estimate>,
    pairs: Vec<paired::Paired>,
    /// The first point's values, one a run; `None`: points are not compared with it.
    first: Option<Vec<Option<f64>>>,
}

/// Whether points are compared with the first: not those of a sample, of which the first is any, and
/// not runs that last or are measured unequally long, which differ for that alone.
fn are_compared(swept: &Swept) -> bool {
    swept.sample.is_none() && !swept.paths.iter().any(|path| sweep::is_of_length(path))
}

impl Results<'_> {
    /// Writes summary.json, points.csv and runs.csv of all runs, and what is drawn of them, under
    /// temporary names.
    ///
    /// # Errors
    /// A ledger cannot be read, or a file cannot be written.
    pub fn write(&mut self, folder: &Folder, show: &Show) -> Result<Made, Failure> {
        let swept = swept(self.header)?;
        let columns = Columns::of(&swept);
        let mut thin = sweep::json_head(&swept);
        let [mut summary, mut points, mut runs] =
            [folder.draft("summary.json")?, folder.draft("points.csv")?, folder.draft("runs.csv")?];
        summary.add(&thin)?;
        points.add(&sweep::points_header(&swept, &columns))?;
        runs.add(&sweep::runs_header(&swept, &columns))?;
        let told = show.metrics.iter().map(|shown| Told::nothing(&swept, shown.definition));
        let mut told: Vec<Told> = told.collect();
        for point in 0..swept.points.len() {
            let mut values: Vec<Vec<Option<f64>>> =
                show.metrics.iter().map(|_| Vec::new()).collect();
            let estimates = self.point(&swept, point, &mut |run| {
                for (values, shown) in values.iter_mut().zip(&show.metrics) {
                    let column = shown.columns[swept.points[point].list].as_ref();
                    values.push(column.and_then(|column| column.value(&run.values)));
                }
                let numbers = (run.fingerprint.as_str(), run.values.as_slice());
                runs.add(&sweep::runs_row(&swept, &columns, (point, run.run), numbers))
            })?;
            points.add(&sweep::points_row(&swept, &columns, point, &estimates))?;
            let line = sweep::json_point(&swept, point, &estimates);
            summary.add(&line)?;
            thin.push_str(&thinned(&line));
            told.iter_mut().zip(values).for_each(|(told, values)| told.add(values));
        }
        let chosen = chosen(&swept, show, told)?;
        let tail = sweep::json_tail(&swept, &chosen);
        summary.add(&tail)?;
        thin.push_str(&tail);
        let drawn = drawn::drawn(&[("summary.json".to_owned(), thin)]);
        let drawn = drawn.expect("what was just written is as it should be");
        let (pictures, stale) = folder.drafts(&drawn)?;
        let drafts = [summary, points, runs].into_iter().chain(pictures).collect();
        Ok(Made { drafts, stale, swept, chosen })
    }

    /// Reads the runs of a point twice; `on_run` gets each of them once, in order.
    fn point(
        &mut self,
        swept: &Swept,
        point: usize,
        on_run: &mut dyn FnMut(&RunLine) -> Result<(), Failure>,
    ) -> Result<Vec<Estimate>, Failure> {
        let measured = swept.lists[swept.points[point].list].len();
        let mut first = vec![FirstPass::default(); measured];
        for run in 0..self.header.runs {
            let run = self.run(point, run, measured)?;
            let values = run.values.iter().map(|value| counted(*value));
            let both = first.iter_mut().zip(values);
            both.for_each(|(pass, value)| value.into_iter().for_each(|value| pass.add(value)));
            on_run(&run)?;
        }
        let mut second: Vec<SecondPass> = first.into_iter().map(FirstPass::second).collect();
        for run in 0..self.header.runs {
            let run = self.run(point, run, measured)?;
            let values = run.values.iter().map(|value| counted(*value));
            let both = second.iter_mut().zip(values);
            both.for_each(|(pass, value)| value.into_iter().for_each(|value| pass.add(value)));
        }
        Ok(second.iter().map(|pass| Estimate::from(pass.moments())).collect())
    }

    fn run(&mut self, point: usize, run: u32, measured: usize) -> Result<RunLine, Failure> {
        let unit = self.index.unit(point as u32, run);
        let place = self.index.get(unit).expect("results are made where no run is missing");
        let line = self.reader.run(place)?;
        match line.values.len() == measured {
            true => Ok(line),
            false => Err(Failure::Output(format!(
                "the ledger's run {run} of {} has {} values, and {measured} are measured",
                self.header.point_named(point as u32),
                line.values.len()
            ))),
        }
    }
}

impl Told {
    fn nothing(swept: &Swept, metric: &'static Definition) -> Self {
        let first = are_compared(swept).then(Vec::new);
        Self { metric, estimates: Vec::new(), pairs: Vec::new(), first }
    }

    /// Takes the values of the next point, one a run.
    fn add(&mut self, values: Vec<Option<f64>>) {
        self.estimates.push(estimate(values.iter().copied()));
        match &mut self.first {
            Some(first) if self.estimates.len() == 1 => *first = values,
            Some(first) => self.pairs.push(paired::compare(self.metric, first, &values)),
            None => {}
        }
    }
}

/// What is told of the metrics that are shown: the p-values of all comparisons are adjusted together.
fn chosen(swept: &Swept, show: &Show, told: Vec<Told>) -> Result<Vec<Chosen>, Failure> {
    let all: Vec<f64> =
        told.iter().flat_map(|told| &told.pairs).filter_map(|paired| paired.p).collect();
    let mut adjusted = paired::holm(&all).into_iter();
    let axes = axes(swept)?;
    let design = if swept.sample.is_some() { Design::Sample } else { Design::Grid };
    let chosen = show.metrics.iter().zip(told).map(|(shown, told)| {
        let means: Vec<Option<f64>> =
            told.estimates.iter().map(|e| e.value.map(|value| value.mean)).collect();
        let difference = |paired: paired::Paired| {
            let adjusted = paired.p.and_then(|_| adjusted.next());
            Difference { paired, adjusted }
        };
        Chosen {
            name: shown.name.clone(),
            definition: shown.definition,
            estimates: told.estimates,
            differences: told.pairs.into_iter().map(difference).collect(),
            effects: effects(design, &axes, &means),
        }
    });
    Ok(chosen.collect())
}

/// The values of each axis, point by point.
fn axes(swept: &Swept) -> Result<Vec<AxisValues>, Failure> {
    let axes = Axes::parse(&swept.vary).map_err(Failure::Output)?;
    let mut place = 0;
    let of = |axis: &fleetsim::scenario::vary::Axis| {
        let places = place..place + axis.paths().len();
        place = places.end;
        let labels: Vec<String> =
            swept.points.iter().map(|point| point.values[places.clone()].join(", ")).collect();
        let numbers: Option<Vec<(f64, String)>> = match places.len() {
            1 => labels.iter().map(|label| magnitude(label)).collect(),
            _ => None,
        };
        let one_unit =
            |numbers: &Vec<(f64, String)>| numbers.windows(2).all(|pair| pair[0].1 == pair[1].1);
        let numbers = numbers.filter(one_unit);
        let numbers =
            numbers.map(|numbers| numbers.into_iter().map(|(number, _)| number).collect());
        AxisValues { name: axis.paths().join(", "), labels, numbers }
    };
    Ok(axes.axes().iter().map(of).collect())
}

/// What reports show of `header`.
fn swept(header: &Header) -> Result<Swept, Failure> {
    let point = |entry: &crate::ledger::PointEntry| SweptPoint {
        values: entry.values.clone(),
        digest: entry.digest.clone(),
        list: entry.metrics,
    };
    Ok(Swept {
        scenario: header.scenario.clone(),
        question: header.question.clone(),
        digest: header.digest.clone(),
        version: header.version.clone(),
        rng_scheme: header.rng_scheme,
        seed: header.seed,
        runs: header.runs,
        vary: header.vary.clone(),
        sample: header.sample.clone(),
        paths: header.paths.clone(),
        points: header.points.iter().map(point).collect(),
        lists: lists(header)?,
        command: command(header),
        remarks: header.remarks.clone(),
    })
}

/// The command that makes the same results again; what is told more of unasked need not be named.
fn command(header: &Header) -> String {
    let is_usual = header.shown.iter().all(|name| SHOWN.contains(&name.as_str()));
    let named = header.shown.iter().filter(|_| !is_usual);
    let named = named.map(|name| format!(" --metric {}", quoted(name)));
    format!("{}{}", header.command, named.collect::<String>())
}

/// What is known about how the results came about: together with the ledger the only file in which
/// two equal sweeps differ. `threads` is how many there were, where there were any.
pub fn manifest(
    header: &Header,
    threads: Option<usize>,
    [began, ended]: [(u64, u32); 2],
) -> String {
    let argv: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    json::pretty(&json!({
        "kind": "sweep",
        "version": header.version,
        "rng_scheme": header.rng_scheme,
        "scenario": header.scenario,
        "digest": header.digest,
        "seed": header.seed,
        "runs": header.runs,
        "points": header.points.len(),
        "shard": format!("{}/{}", header.shard.0, header.shard.1),
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
