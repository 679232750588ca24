//! The baselines that scenarios are checked against: found, read, and fit to be compared with.

use super::{super::repeat, Case, file_of, named};
use crate::{args::Check, files};
use fleetsim::{
    experiment::baseline::{Baseline, Incomparable, Pairing},
    kernel::{streams::RNG_SCHEME, time::Span},
    report::{
        check::{Unjudged, parse_baseline},
        plain,
    },
    scenario::Scenario,
};
use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};

/// A scenario with what it is checked against, and with how many runs.
pub struct Found<'a> {
    pub case: Case<'a>,
    pub baseline: Option<Baseline>,
    pub runs: NonZeroU32,
    /// Runs that the scenario asks for, where the baseline holds fewer and no number was asked for.
    pub wanted: Option<u32>,
    file: PathBuf,
    update: String,
}

impl Found<'_> {
    /// The file that the baseline was read from, every link resolved.
    pub fn file(&self) -> Option<PathBuf> {
        self.baseline.as_ref().and_then(|_| crate::output::real(&self.file))
    }

    /// Why the baseline is of no use: a sentence, with what to do.
    pub fn cannot_compare(&self, why: &str) -> String {
        cannot_compare(&self.file, why, &self.update)
    }
}

fn cannot_compare(file: &Path, why: &str, update: &str) -> String {
    format!(
        "cannot compare with the baseline {}: {why}; make it anew from the state to compare with: \
         {update}",
        named(file)
    )
}

/// The name of the file that the baseline of `scenario` is kept in: its own, where a folder would
/// be named or a system takes no colon.
pub fn file_name(scenario: &Scenario) -> String {
    format!("{}.json", scenario.name.replace(['/', ':'], "-"))
}

/// The baseline of each of `cases`; and those that cannot be judged for want of one.
pub fn find<'a>(options: &Check, cases: Vec<Case<'a>>) -> (Vec<Found<'a>>, Vec<Unjudged>) {
    let (mut found, mut without) = (Vec::new(), Vec::new());
    for case in cases {
        let (file, update) = (file_of(options, &case), update_command(options, &case, None));
        match against(options, &case, (&file, &update)) {
            Ok((baseline, runs, wanted)) => {
                found.push(Found { case, baseline, runs, wanted, file, update });
            }
            Err(why) => without.push(unjudged(&case, why)),
        }
    }
    (found, without)
}

/// `case`, which cannot be judged.
pub fn unjudged(case: &Case<'_>, why: String) -> Unjudged {
    let path = case.path.to_string_lossy().into_owned();
    Unjudged { scenario: case.loaded.scenario.name.clone(), path, why }
}

/// The baseline of `case`, if it needs one or there is one; runs, and those that are lacking.
fn against(
    options: &Check,
    case: &Case<'_>,
    (file, update): (&Path, &str),
) -> Result<(Option<Baseline>, NonZeroU32, Option<u32>), String> {
    let scenario = &case.loaded.scenario;
    let needs_one = case.targets.iter().any(|target| target.limit.is_relative());
    let usual = options.sampling.runs.unwrap_or(scenario.gates.runs);
    if !needs_one && !file.exists() {
        return Ok((None, usual, None));
    }
    let baseline = read(file, update)?;
    let pairing = if options.unpaired { Pairing::Unpaired } else { Pairing::Paired };
    let told = |why: Incomparable| {
        let seed = matches!(why, Incomparable::Seed(_));
        let mut told = cannot_compare(file, &why_not(&why, scenario), update);
        if seed {
            told.push_str("; or compare without pairs, by --unpaired");
        }
        told
    };
    baseline.fits(scenario, pairing).map_err(told)?;
    let held = NonZeroU32::new(baseline.runs()).unwrap_or(NonZeroU32::MIN);
    let asked = options.sampling.runs.unwrap_or(held);
    if pairing == Pairing::Paired && asked > held {
        let why = format!("it holds {held} runs, and {asked} are asked for");
        let update = update_command(options, case, Some(asked));
        return Err(cannot_compare(file, &why, &update));
    }
    let is_asked = options.sampling.runs.is_some();
    let wanted = (!is_asked && usual > held).then_some(usual.get());
    Ok((Some(baseline), asked, wanted))
}

fn read(file: &Path, update: &str) -> Result<Baseline, String> {
    let what = named(file);
    if !file.exists() {
        return Err(format!(
            "there is no baseline {what}; make it from the state to compare with: {update}"
        ));
    }
    let cannot = |why: String| format!("cannot read the baseline {what}: {why}");
    let bytes = files::read_scenario(file).map_err(cannot)?;
    let text = String::from_utf8(bytes).map_err(|_| cannot("it is no text".to_owned()))?;
    parse_baseline(&text).map_err(|why| cannot(plain(&why)))
}

/// The end of the sentence that tells why.
fn why_not(why: &Incomparable, scenario: &Scenario) -> String {
    match why {
        Incomparable::Scenario(name) => format!("it is of the scenario {}", plain(name)),
        Incomparable::Clock([then, now]) => {
            let length = |[begin, _, end]: &[u64; 3]| Span::from_micros(end - begin);
            let left = |[begin, from, _]: &[u64; 3]| Span::from_micros(from - begin);
            match length(then) == length(now) && left(then) == left(now) {
                true => "its clock began at another time".to_owned(),
                false => format!(
                    "its runs last {} with a warm-up of {}, those of the scenario {} with one of {}",
                    length(then),
                    left(then),
                    length(now),
                    left(now)
                ),
            }
        }
        Incomparable::Seed(seed) => {
            format!("its seed is {seed}, that of the scenario {}", scenario.seed)
        }
        Incomparable::Scheme(scheme) => {
            format!("its chance was drawn by scheme {scheme}, this program draws by {RNG_SCHEME}")
        }
    }
}

/// The command that makes the baseline of `case`, with so many runs.
fn update_command(options: &Check, case: &Case<'_>, runs: Option<NonZeroU32>) -> String {
    let mut words =
        format!("fleetsim check {} --update", super::super::quoted(&case.path.to_string_lossy()));
    if options.baseline != Path::new("results/baselines") {
        let folder = super::super::quoted(&options.baseline.to_string_lossy());
        words.push_str(&format!(" --baseline {folder}"));
    }
    if let Some(runs) = runs {
        words.push_str(&format!(" --runs {runs}"));
    }
    if let Some(seed) = options.sampling.seed {
        words.push_str(&format!(" --seed {seed}"));
    }
    for change in repeat::changed(case.path, &options.changes, &case.loaded) {
        words.push_str(&format!(" {change}"));
    }
    words
}
