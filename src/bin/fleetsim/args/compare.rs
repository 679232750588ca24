//! Options of `compare`.

use super::{Changes, runs, seed, threads};
use std::{
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
};

/// Options of `compare`.
#[derive(clap::Args, Debug)]
pub struct Compare {
    /// The scenario files; the first is the baseline. One is enough with --vary or --with
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<PathBuf>,
    /// Compare one scenario with itself under these values, the first of them the baseline: a,b,c
    /// or lo..hi:step; linked: 'p,q=(1,2),(3,4)'; several make a grid
    #[arg(long, value_name = "PATH=VALUES", conflicts_with = "with")]
    pub vary: Vec<String>,
    /// Compare one scenario as it is with itself under this change; may be repeated, each a
    /// candidate
    #[arg(long, value_name = "PATH=VALUE,...")]
    pub with: Vec<String>,
    /// A metric to compare, as tables name it, such as downtime or downtime{spot}; `all`: every one;
    /// may be repeated [default: a short list, as far as the candidates differ in it]
    #[arg(long, value_name = "NAME")]
    pub metric: Vec<String>,
    /// How many runs of each candidate
    #[arg(long, value_name = "N", default_value = "50", allow_negative_numbers = true)]
    #[arg(value_parser = runs)]
    pub runs: NonZeroU32,
    /// Seed of all chance, for all candidates [default: as the first scenario says]
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = seed)]
    pub seed: Option<u64>,
    /// Threads to use; no number depends on it [default: all cores]
    #[arg(long, value_name = "T", allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<NonZeroUsize>,
    /// What to change in all of them.
    #[command(flatten)]
    pub changes: Changes,
    /// Write summary.json, runs.csv, manifest.json, report.html and plots/ into this folder, which
    /// must be new, empty, or hold nothing but these files of an earlier run
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What `compare --help` shows at its end.
pub const EXAMPLES: &str = "\
Examples:
  fleetsim compare quickstart.toml --with policies.repair.crews=4
  fleetsim compare quickstart.toml --vary policies.placement=spread,best-fit,worst-fit
  fleetsim compare quickstart.toml --with policies.repair.crews=4 --metric all --format csv
  fleetsim compare before.toml after.toml --runs 200 --metric downtime --out results/before-after";
