//! Options of `report`.

use std::path::PathBuf;

/// Options of `report`.
#[derive(clap::Args, Debug)]
pub struct Report {
    /// The folder that --out of another command named
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Examples of `report`.
pub const EXAMPLES: &str = "\
Examples:
  fleetsim run quickstart.toml --out results/quickstart
  fleetsim report results/quickstart
  fleetsim report results/quickstart --format json | jq '.[].caption'";
