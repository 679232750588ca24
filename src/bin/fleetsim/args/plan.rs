//! Options of `plan`.

use super::{Changes, Sampling};
use clap::ArgGroup;
use fleetsim::experiment::plan::goal::share_of;
use std::path::PathBuf;

/// What `--runs` means here.
pub const RUNS_HELP: &str = "How many runs a value. A goal that must hold in a share of runs is \
    judged by so many [default: 336 for 95%, else what leaves 10 to fail]; a goal on average by so \
    many at most [default: 2000]";

/// Options of `plan`.
#[derive(clap::Args, Debug)]
#[command(group(ArgGroup::new("direction").args(["smallest", "largest"])))]
pub struct Plan {
    /// The scenario file (TOML or JSON)
    pub scenario: PathBuf,
    /// The value to look for, and where: whole numbers, lengths of time, percentages
    #[arg(long, value_name = "PATH=LO..HI[:STEP]")]
    pub vary: String,
    /// What must be reached: METRIC >= VALUE (or >, <=, <), then `in 95% of runs`, which is meant
    /// where nothing is said, or `on average`; may be repeated, and then all must be
    #[arg(long = "goal", value_name = "GOAL", required = true)]
    pub goals: Vec<String>,
    /// Probability with which the answer is to be enough
    #[arg(long, value_name = "P", default_value = "95%", value_parser = confidence)]
    pub confidence: f64,
    /// Look for the smallest value that is enough: more is better [default]
    #[arg(long)]
    pub smallest: bool,
    /// Look for the largest value that is still good: less is better
    #[arg(long)]
    pub largest: bool,
    /// How many runs, of which chance, on how many threads.
    #[command(flatten)]
    pub sampling: Sampling,
    /// What to change in the scenario.
    #[command(flatten)]
    pub changes: Changes,
    /// Write summary.json, runs.csv, manifest.json, report.html and plots/ into this folder, which
    /// must be new, empty, or hold nothing but these files of an earlier plan
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

fn confidence(typed: &str) -> Result<f64, String> {
    let wanted = || "a probability from 50% to 99.999% is wanted".to_owned();
    let found = share_of(typed).map_err(|_| wanted())?;
    if (0.5..=0.999_99).contains(&found) { Ok(found) } else { Err(wanted()) }
}

/// What stands below the help of `plan`.
pub const EXAMPLES: &str = "\
Examples:
  fleetsim plan spare-capacity.toml --vary 'servers[spare].count=0..20' \\
      --goal 'placement.failed <= 0 in 95% of runs'
  fleetsim plan spare-capacity.toml --vary 'servers[spare].count=0..20' \\
      --goal 'availability >= 99.99% on average' --confidence 99%
  fleetsim plan how-fast-can-we-roll.toml --largest \\
      --vary 'campaigns[hypervisor].at_once.servers=4..80' \\
      --goal 'service.outages{database,710} <= 0 in 95% of runs'

Ends with 0 where the value is found, 1 where none in the range meets the goals, 3 where more runs
are needed to tell.";
