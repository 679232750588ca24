//! What may be typed: commands and options, each with its help.

mod check;
mod compare;
mod plan;
mod report;
mod sweep;

pub use check::{Check, Form, Wanted as CheckReport};
pub use compare::Compare;
pub use plan::Plan;
pub use report::Report;
pub use sweep::{Merge, Shard, Sweep};

use crate::{exit::CODES, progress::Quiet, terminal};
use clap::{ArgGroup, Parser, Subcommand, ValueEnum};
use fleetsim::{experiment::stopping::FEWEST, observe::series::Scope};
use std::{
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    ops::RangeInclusive,
    path::PathBuf,
};

/// The most runs: their numbers are all held until the end.
const RUNS_MAX: u32 = 10_000_000;

/// The most threads that may be asked for.
const THREADS_MAX: u32 = 65_535;

/// How available is a fleet of servers, and why is it not? A deterministic simulator.
#[derive(Parser, Debug)]
#[command(
    name = "fleetsim",
    version,
    about,
    after_help = "Start with: fleetsim init && fleetsim run quickstart.toml",
    after_long_help = format!("Start with: fleetsim init && fleetsim run quickstart.toml\n\n{CODES}"),
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Args {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Form of the tables on standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Print results, faults and warnings only: no progress, no remarks
    #[arg(long, short, global = true)]
    quiet: bool,
    /// When to use colour; NO_COLOR is obeyed
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
}

impl Common {
    /// Whether `--quiet` was given.
    pub fn quiet(&self) -> Quiet {
        if self.quiet { Quiet::Yes } else { Quiet::No }
    }
}

/// Form of the tables on stdout.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// For spreadsheets and data frames
    Csv,
    /// For issues and pull requests
    Markdown,
}

/// When to use colour.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// On a terminal
    Auto,
    /// Even into a file or pipe
    Always,
    /// Not at all
    Never,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Simulate a scenario many times and show what happened, with intervals
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Run every combination of varied values, on one machine or many; can be stopped and resumed
    #[command(after_help = sweep::SWEEP_EXAMPLES)]
    Sweep(Sweep),
    /// Join the shards of a sweep to what the whole sweep would have written
    #[command(after_help = sweep::MERGE_EXAMPLES)]
    Merge(Merge),
    /// Say whether one scenario is better than another, run by run on the same failures
    #[command(after_help = compare::EXAMPLES)]
    Compare(Compare),
    /// Find the smallest or largest value of a parameter that meets goals with stated confidence
    #[command(after_help = plan::EXAMPLES)]
    #[command(mut_arg("runs", |runs| runs.help(plan::RUNS_HELP)))]
    Plan(Plan),
    /// Tell the story of one run, or of one instance, server, disk, event or task in it
    #[command(after_help = TRACE_EXAMPLES)]
    Trace(Trace),
    /// Judge whether a change makes scenarios worse than their baselines, or misses their gates
    #[command(after_help = check::EXAMPLES)]
    Check(Check),
    /// Draw the plots of a finished command again, from the files of its folder
    #[command(after_help = report::EXAMPLES)]
    Report(Report),
    /// Read scenarios and show what they amount to; run nothing
    #[command(after_help = VALIDATE_EXAMPLES)]
    Validate(Validate),
    /// Write a commented example scenario, and the schema beside it, into the working directory
    #[command(after_help = INIT_EXAMPLES)]
    Init(Init),
    /// Turn a recording into a part of a scenario, on standard output
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(Import),
    /// List every metric with its unit and exact definition
    #[command(after_help = METRICS_EXAMPLES)]
    Metrics,
    /// Print the JSON Schema of the scenario file; with --format markdown a reference
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema,
    /// Print a script that completes commands and options in a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Print a manual page, or with --format markdown the help of every command
    #[command(after_help = MAN_EXAMPLES)]
    Man(Man),
}

/// Options of `run`.
#[derive(clap::Args, Debug)]
#[command(group(ArgGroup::new("of_one_run").args(["placements", "events"]).multiple(true)))]
pub struct Run {
    /// The scenario file (TOML or JSON)
    pub scenario: PathBuf,
    /// How many runs, of which chance, on how many threads.
    #[command(flatten)]
    pub sampling: Sampling,
    /// Instead of --runs: as many as it takes to know the mean of METRIC to 5 %; may be repeated
    #[arg(long, value_name = "METRIC=5%", conflicts_with = "runs")]
    pub until_precision: Vec<String>,
    /// With --until-precision: the most runs [default: 2000]
    #[arg(long, value_name = "N", requires = "until_precision", allow_negative_numbers = true)]
    #[arg(value_parser = most_runs)]
    pub max_runs: Option<NonZeroU32>,
    /// What to change in the scenario.
    #[command(flatten)]
    pub changes: Changes,
    /// Write summary.json, runs.csv, series.csv, worst.json, manifest.json, report.html and plots/ into
    /// this folder, which must be new, empty, or hold nothing but these of an earlier run
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write the report: one page with charts and tables that needs no network; replaces only a file
    /// that an earlier run wrote
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write which server each instance was put on, in one run, as CSV; replaces only a
    /// file that an earlier run wrote
    #[arg(long, value_name = "FILE")]
    pub placements: Option<PathBuf>,
    /// Write the notifications that the cloud would send, in one run, as JSON lines; replaces only
    /// a file that an earlier run wrote
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// The run that --placements and --events are about, counted from 0 [default: 0]
    #[arg(long, value_name = "K", requires = "of_one_run", allow_negative_numbers = true)]
    #[arg(value_parser = run_number)]
    pub run: Option<u32>,
}

impl Run {
    /// Whether what happens over time is drawn.
    pub const fn is_drawn(&self) -> bool {
        self.out.is_some() || self.html.is_some()
    }

    /// What is followed over time: following takes time, which only who looks at it is asked for.
    pub fn followed(&self, format: Format) -> Option<Scope> {
        let is_seen = format == Format::Human && terminal::is_watched();
        match (self.is_drawn(), is_seen) {
            (true, _) => Some(Scope::All),
            (false, true) => Some(Scope::Service),
            (false, false) => None,
        }
    }
}

/// Options of `trace`.
#[derive(clap::Args, Debug)]
pub struct Trace {
    /// The scenario file (TOML or JSON)
    pub scenario: PathBuf,
    /// The run, counted from 0; may lie past the runs of the scenario
    #[arg(long, value_name = "K", default_value = "0", allow_negative_numbers = true)]
    #[arg(value_parser = run_number)]
    pub run: u32,
    /// Seed of all chance [default: as the scenario says]
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = seed)]
    pub seed: Option<u64>,
    /// Whose story.
    #[command(flatten)]
    pub whose: Whose,
    /// From here on the clock, as in 71d4h [default: the begin of the run]
    #[arg(long, value_name = "T")]
    pub from: Option<String>,
    /// Up to here on the clock [default: the end of the run]
    #[arg(long, value_name = "T")]
    pub to: Option<String>,
    /// How the text is put together
    #[arg(long, value_enum, default_value_t = TracedBy::Part)]
    pub by: TracedBy,
    /// Draw the story of one thing into this file, as a picture (.svg) or a page (.html); replaces
    /// only a file that an earlier run drew
    #[arg(long, value_name = "FILE")]
    pub timeline: Option<PathBuf>,
    /// What to change in the scenario.
    #[command(flatten)]
    pub changes: Changes,
}

/// How a story is put together.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum TracedBy {
    /// A part for each time in which something was the matter, under a heading
    Part,
    /// One list in order of time
    Time,
}

/// Whose story `trace` tells; nobody's is everybody's.
#[derive(clap::Args, Debug)]
#[group(multiple = false)]
pub struct Whose {
    /// An instance, named as `run --placements` names it (start-7, 17, 1-17), as the scenario does
    /// (web[0], jobs#17), or by its id in notifications (i-…)
    #[arg(long, value_name = "NAME")]
    pub instance: Option<String>,
    /// A server, named as `run --placements` names it
    #[arg(long, value_name = "NAME")]
    pub server: Option<String>,
    /// A local disk: its server and the number of its bay there, from 0; or its id (d-…)
    #[arg(long, value_name = "SERVER/NUMBER")]
    pub disk: Option<String>,
    /// A system event, by the number that stories show, or by its id (e-…)
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = event)]
    pub event: Option<Numbered>,
    /// A task, by the number that stories show, or by its id (t-…)
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = task)]
    pub task: Option<Numbered>,
    /// A dedicated host, by its name
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    /// A scaling group, by its name
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// An instance refresh, by the command that starts it: its name, or script[2] by its place
    #[arg(long, value_name = "NAME")]
    pub refresh: Option<String>,
}

/// What a run numbers, as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Numbered {
    /// By its number in the run.
    Number(u64),
    /// By its id as the cloud shows it.
    Id(String),
}

impl fmt::Display for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Id(id) => id.fmt(f),
        }
    }
}

/// A whole number of `range` as typed: digits alone.
fn whole(typed: &str, range: RangeInclusive<u64>) -> Result<u64, String> {
    let digits = !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { typed.parse().ok() } else { None };
    number.filter(|number| range.contains(number)).ok_or_else(|| {
        format!("a whole number from {} to {} is wanted", range.start(), range.end())
    })
}

fn runs(typed: &str) -> Result<NonZeroU32, String> {
    let runs = whole(typed, 1..=u64::from(RUNS_MAX))?;
    Ok(u32::try_from(runs).ok().and_then(NonZeroU32::new).expect("the range was checked"))
}

fn most_runs(typed: &str) -> Result<NonZeroU32, String> {
    let runs = whole(typed, u64::from(FEWEST)..=u64::from(RUNS_MAX))?;
    Ok(u32::try_from(runs).ok().and_then(NonZeroU32::new).expect("the range was checked"))
}

fn event(typed: &str) -> Result<Numbered, String> {
    numbered(typed, "e-")
}

fn task(typed: &str) -> Result<Numbered, String> {
    numbered(typed, "t-")
}

fn numbered(typed: &str, prefix: &str) -> Result<Numbered, String> {
    match typed.starts_with(prefix) {
        true => Ok(Numbered::Id(typed.to_owned())),
        false => whole(typed, 0..=u64::MAX).map(Numbered::Number),
    }
}

fn seed(typed: &str) -> Result<u64, String> {
    whole(typed, 0..=u64::MAX)
}

fn threads(typed: &str) -> Result<NonZeroUsize, String> {
    let threads = whole(typed, 1..=u64::from(THREADS_MAX))?;
    Ok(usize::try_from(threads).ok().and_then(NonZeroUsize::new).expect("the range was checked"))
}

fn run_number(typed: &str) -> Result<u32, String> {
    let run = whole(typed, 0..=u64::from(RUNS_MAX - 1))?;
    Ok(u32::try_from(run).expect("the range was checked"))
}

/// How many runs, of which chance, on how many threads: what every command takes that simulates
/// more than one run.
#[derive(clap::Args, Debug)]
pub struct Sampling {
    /// How many runs [default: as the scenario says]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = runs)]
    pub runs: Option<NonZeroU32>,
    /// Seed of all chance [default: as the scenario says]
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = seed)]
    pub seed: Option<u64>,
    /// Threads to use; no number depends on it [default: all cores]
    #[arg(long, value_name = "T", allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<NonZeroUsize>,
}

/// What to change in a scenario, and what it may read.
#[derive(clap::Args, Debug)]
pub struct Changes {
    /// Set a value of the scenario; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
    /// Let the scenario name files outside of its folder
    #[arg(long)]
    pub allow_path: bool,
}

/// Options of `validate`.
#[derive(clap::Args, Debug)]
pub struct Validate {
    /// The scenario files
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<PathBuf>,
    /// What to change in the scenarios.
    #[command(flatten)]
    pub changes: Changes,
}

/// Options of `init`.
#[derive(clap::Args, Debug)]
pub struct Init {
    /// Which example
    #[arg(default_value = "quickstart")]
    pub name: String,
    /// List the examples; write nothing
    #[arg(long)]
    pub list: bool,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
}

/// Options of `import`.
#[derive(clap::Args, Debug)]
pub struct Import {
    /// What the file holds
    #[arg(value_enum, value_name = "FORMAT")]
    pub recording: Recorded,
    /// The file, which may be compressed with gzip; - is standard input
    pub file: PathBuf,
    /// Where the clock's zero lies, as 2026-01-31T00:00:00Z [default: midnight before the first
    /// event]
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// Instance type of the instances
    #[arg(long = "type", value_name = "NAME", default_value = "imported")]
    pub instance_type: String,
}

/// What `import` reads.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recorded {
    /// The cloud's notifications: JSON lines, a JSON array, or a text with such objects in it
    Notifications,
}

/// Options of `completions`.
#[derive(clap::Args, Debug)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(clap::Args, Debug)]
pub struct Man {
    /// The command that the page is about [default: all of fleetsim]
    pub command: Option<String>,
}

const RUN_EXAMPLES: &str = "\
Examples:
  fleetsim run quickstart.toml
  fleetsim run quickstart.toml --runs 200 --seed 7
  fleetsim run quickstart.toml --until-precision 'interruptions.per_instance_year=2%'
  fleetsim run quickstart.toml --set policies.repair.crews=2
  fleetsim run quickstart.toml --out results/quickstart
  fleetsim run quickstart.toml --html quickstart.html
  fleetsim run quickstart.toml --format json | jq '.metrics[] | select(.name == \"availability\")'
  fleetsim run quickstart.toml --placements placements.csv --run 3
  fleetsim run quickstart.toml --events events.jsonl --run 3";

const TRACE_EXAMPLES: &str = "\
Examples:
  fleetsim trace quickstart.toml --instance start-7
  fleetsim trace quickstart.toml --run 3 --server a-r1-4 --from 71d4h --to 72d
  fleetsim trace quickstart.toml --instance start-7 --timeline start-7.svg
  fleetsim trace quickstart.toml --by time --from 276d13h --to 276d14h
  fleetsim trace quickstart.toml --format json | jq 'select(.what == \"Commanded\")'";

const VALIDATE_EXAMPLES: &str = "\
Examples:
  fleetsim validate quickstart.toml
  fleetsim validate scenarios/*.toml --format json";

const INIT_EXAMPLES: &str = "\
Examples:
  fleetsim init
  fleetsim init --list
  fleetsim init quickstart --force";

const IMPORT_EXAMPLES: &str = "\
Examples:
  fleetsim import notifications events.jsonl > recorded.toml
  fleetsim import notifications events.jsonl --type ecs.d2s.5xlarge > recorded.toml
  zcat events-*.jsonl.gz | fleetsim import notifications - > recorded.toml
  (a scenario with `include = \"recorded.toml\"` then replays what was recorded)";

const METRICS_EXAMPLES: &str = "\
Examples:
  fleetsim metrics
  fleetsim metrics --format markdown > METRICS.md";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  fleetsim schema > scenario.schema.json
  fleetsim schema --format markdown > REFERENCE.md
  (a scenario whose first line is `#:schema ./scenario.schema.json` is then completed by editors)";

const MAN_EXAMPLES: &str = "\
Examples:
  fleetsim man | man -l -
  fleetsim man run > ~/.local/share/man/man1/fleetsim-run.1
  fleetsim man --format markdown > COMMANDS.md";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  fleetsim completions bash > ~/.local/share/bash-completion/completions/fleetsim
  fleetsim completions zsh > ~/.zfunc/_fleetsim
  fleetsim completions fish > ~/.config/fish/completions/fleetsim.fish";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn whole_numbers_are_digits_in_their_range() {
        assert_eq!(runs("30").map(NonZeroU32::get), Ok(30));
        assert_eq!(seed("18446744073709551615"), Ok(u64::MAX));
        for wrong in ["0", "1e3", "-1", "", "+1", "10000001", "99999999999999999999"] {
            let told = runs(wrong).unwrap_err();
            assert_eq!(told, "a whole number from 1 to 10000000 is wanted", "{wrong}");
        }
    }

    #[test]
    fn every_command_has_examples() {
        for command in Args::command().get_subcommands() {
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let line = format!("fleetsim {}", command.get_name());
            assert!(examples.contains(&line), "{line}");
        }
    }
}
