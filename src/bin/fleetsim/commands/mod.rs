//! What each command does; one file a command, and here what they share.

mod check;
mod compare;
mod completions;
mod import;
mod init;
mod man;
mod manifest;
mod memory;
mod merge;
mod metrics;
mod plan;
mod precision;
mod repeat;
mod report;
mod run;
mod schema;
mod sweep;
mod trace;
mod validate;

use crate::{
    args::{Args, Changes, Colour, Command},
    exit::{Exit, Failure},
    files::{self, OnDisk, Outside},
    output::real,
};
use fleetsim::{
    observe::{gates, metrics::Metrics},
    report::plain,
    scenario::Scenario,
};
use std::path::{Path, PathBuf};

/// Does what was asked.
pub fn perform(args: &Args) -> Result<Exit, Failure> {
    let colour = match args.common.color {
        Colour::Auto => anstream::ColorChoice::Auto,
        Colour::Always => anstream::ColorChoice::Always,
        Colour::Never => anstream::ColorChoice::Never,
    };
    colour.write_global();
    let common = &args.common;
    match &args.command {
        Command::Run(options) => run::run(options, common),
        Command::Sweep(options) => sweep::sweep(options, common),
        Command::Merge(options) => merge::merge(options, common),
        Command::Compare(options) => compare::compare(options, common),
        Command::Plan(options) => plan::plan(options, common),
        Command::Trace(options) => trace::trace(options, common),
        Command::Check(options) => check::check(options, common),
        Command::Report(options) => report::report(options, common),
        Command::Validate(options) => validate::validate(options, common),
        Command::Init(options) => init::init(options, common),
        Command::Import(options) => import::import(options, common),
        Command::Metrics => metrics::metrics(common),
        Command::Schema => schema::schema(common),
        Command::Completions(options) => completions::completions(options),
        Command::Man(options) => man::man(options, common),
    }
}

/// The scenario at `path` with `changes` made to it.
fn read(path: &Path, changes: &Changes) -> Result<Scenario, Failure> {
    load(path, changes).map(|loaded| loaded.scenario)
}

/// A scenario, and what reading it touched.
struct Loaded {
    scenario: Scenario,
    /// Every file that was read, every link resolved: none of them may be written.
    inputs: Vec<PathBuf>,
    /// Whether `--allow-path` was needed.
    went_outside: bool,
}

fn load(path: &Path, changes: &Changes) -> Result<Loaded, Failure> {
    let name = path.to_string_lossy();
    let bytes = files::read_scenario(path)
        .map_err(|why| Failure::Fault(format!("cannot read scenario {}: {why}", plain(&name))))?;
    let outside = if changes.allow_path { Outside::Allowed } else { Outside::Refused };
    let files = OnDisk::beside(path, outside);
    let scenario = Scenario::parse(&name, &bytes, &changes.sets, &files)
        .map_err(|faults| Failure::Scenario(name.clone().into_owned(), faults))?;
    // A gate that demands something of an unknown metric is told whatever is done.
    gates::targets(&scenario, &Metrics::list(&scenario))
        .map_err(|faults| Failure::Scenario(name.into_owned(), faults))?;
    let mut inputs = files.opened();
    inputs.extend(real(path));
    Ok(Loaded { scenario, inputs, went_outside: files.went_outside() })
}

/// [`load`] of one of several candidates: where it is faulty the fault says which, by `what` it is
/// changed. One may lack what a gate of the file demands of all: the group that it names, or the
/// part of the fleet that a metric measures.
fn load_one(path: &Path, changes: &Changes, what: &str) -> Result<Loaded, Failure> {
    let mut loaded = load(path, changes);
    if let (Err(Failure::Scenario(name, _)), false) = (&mut loaded, what.is_empty()) {
        name.push_str(&format!(" with {what}"));
    }
    loaded
}

/// `word` as a shell takes it for one word.
pub fn quoted(word: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "._:/=@%+,-".contains(c);
    match !word.is_empty() && word.chars().all(harmless) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("a.b=1h..2h"), "a.b=1h..2h");
        assert_eq!(quoted("a[0].b=it's"), r"'a[0].b=it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
