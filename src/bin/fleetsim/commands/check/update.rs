//! Makes baselines.

use super::{Case, command, file_of, fits, named};
use crate::{
    args::{Check, Common, Format},
    bug,
    exit::{Exit, Failure},
    files,
    output::{self, Contents, Folder, Target},
    progress::Progress,
    terminal,
};
use fleetsim::{
    experiment::{baseline::Baseline, replicate::replicate},
    report::{
        check::{BEGINNING, baseline_text, parse_baseline},
        number,
        table::Table,
        text::counted,
    },
};
use std::num::NonZeroU32;

/// Makes the baseline of each of `cases` from what it does now: each file is replaced whole, once
/// its runs are done.
pub fn update(options: &Check, common: &Common, cases: &[Case<'_>]) -> Result<Exit, Failure> {
    let runs = |case: &Case<'_>| options.sampling.runs.unwrap_or(case.loaded.scenario.gates.runs);
    for case in cases {
        fits(options, case, runs(case))?;
    }
    Folder::make(&options.baseline)?;
    let is_ours = |start: &str| start.starts_with(BEGINNING);
    let contents =
        Contents { what: "baseline", telling: BEGINNING.len() as u64, is_ours: &is_ours };
    let target =
        |case: &Case<'_>| Target::replacing(&file_of(options, case), contents, &case.loaded.inputs);
    let targets: Vec<Target> = cases.iter().map(target).collect::<Result<_, Failure>>()?;
    let mut table = Table::new(["baseline", "scenario", "runs", "what became of it"]);
    // People see the folder once: paths would leave no room for words.
    let mut brief = Table::new(["scenario", "runs", "what became of its baseline"]);
    for (case, target) in cases.iter().zip(&targets) {
        let baseline = made(options, common, case, runs(case));
        let news = news(options, case, &baseline);
        target.write(&baseline_text(&baseline))?;
        let told = [baseline.scenario.clone(), baseline.runs().to_string(), news];
        brief.row(told.clone());
        let [scenario, runs, news] = told;
        table.row([named(&file_of(options, case)), scenario, runs, news]);
    }
    output::print(&match common.format {
        Format::Human => {
            let folder = format!("\nin {}\n", named(&options.baseline));
            brief.text_for(&terminal::look(), &|_, _| None) + &folder
        }
        Format::Json => table.json(),
        Format::Csv => table.csv(),
        Format::Markdown => table.markdown(),
    })?;
    Ok(Exit::Done)
}

fn made(options: &Check, common: &Common, case: &Case<'_>, runs: NonZeroU32) -> Baseline {
    let scenario = &case.loaded.scenario;
    let _known = bug::simulates(scenario, case.path, &options.changes);
    let progress = Progress::new(runs.get(), common.quiet());
    let outcomes = replicate(scenario, runs, options.sampling.threads, &|_run| progress.done());
    Baseline::new(scenario, command(options, case, runs, " --update"), outcomes)
}

/// What becomes of the baseline that is there.
fn news(options: &Check, case: &Case<'_>, baseline: &Baseline) -> String {
    let old = files::read_scenario(&file_of(options, case)).ok();
    let old = old.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(old) = old.filter(|old| !old.is_empty()) else { return "new".to_owned() };
    if old == baseline_text(baseline) {
        return "unchanged".to_owned();
    }
    let Ok(old) = parse_baseline(&old) else { return "replaces one that could not be read".into() };
    let pairs = old.outcomes.iter().zip(&baseline.outcomes);
    let others = pairs.filter(|(old, new)| old.fingerprint != new.fingerprint).count();
    let of = old.runs().min(baseline.runs());
    format!(
        "{} of {} take another course",
        number::free(others as f64),
        counted(u64::from(of), "run")
    )
}
