//! What may be typed behind `sweep` and `merge`.

use super::{Changes, Sampling, whole};
use std::{num::NonZeroU32, path::PathBuf};

/// The most shards.
const SHARDS_MAX: u64 = 1_000_000;

/// Options of `sweep`.
#[derive(clap::Args, Debug)]
pub struct Sweep {
    /// The scenario file (TOML or JSON)
    pub scenario: PathBuf,
    /// Vary a value: path=a,b,c or path=lo..hi:step or path=lo..hi:log:n; repeated, every
    /// combination is run; 'a,b=(90,100),(80,120)' varies two together
    #[arg(long, value_name = "AXIS", required = true)]
    pub vary: Vec<String>,
    /// Run a sample of N points instead of every combination: lhs:N, a Latin hypercube, which also
    /// takes ranges without steps (path=lo..hi, path=lo..hi:log)
    #[arg(long, value_name = "lhs:N", value_parser = sample)]
    pub sample: Option<Sample>,
    /// How many runs of each point, of which chance, on how many threads.
    #[command(flatten)]
    pub sampling: Sampling,
    /// What to change in the scenario at every point.
    #[command(flatten)]
    pub changes: Changes,
    /// Tell more of this metric; may be repeated [default: availability and migrations]
    #[arg(long, value_name = "METRIC")]
    pub metric: Vec<String>,
    /// Write ledger.jsonl, points.csv, runs.csv, summary.json, manifest.json, report.html and
    /// plots/ into this folder, which must be new or empty, unless --resume is given
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Go on with a sweep that was stopped or killed: run only what its ledger lacks
    #[arg(long)]
    pub resume: bool,
    /// Run only part K of N, counted from 0 (`merge` joins the parts); auto takes K from the job
    /// array or indexed job that this runs in
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub shard: Option<Shard>,
}

/// Options of `merge`.
#[derive(clap::Args, Debug)]
pub struct Merge {
    /// The folders of the shards
    #[arg(required = true, value_name = "DIR")]
    pub shards: Vec<PathBuf>,
    /// Write the results of the whole sweep into this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Tell more of this metric; may be repeated [default: as the shards were told]
    #[arg(long, value_name = "METRIC")]
    pub metric: Vec<String>,
}

/// A sample of the points that axes span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// Points of a Latin hypercube (count).
    pub points: NonZeroU32,
}

impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "lhs:{}", self.points)
    }
}

/// A part of a sweep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shard {
    /// Which part, from 0; `None`: the surroundings say it.
    pub part: Option<u32>,
    /// Of how many.
    pub parts: NonZeroU32,
}

fn sample(typed: &str) -> Result<Sample, String> {
    let wanted = "write lhs:N, a Latin hypercube of N points, as in lhs:100";
    let points = typed.strip_prefix("lhs:").ok_or(wanted)?;
    let points = whole(points, 1..=fleetsim::scenario::vary::MOST_POINTS as u64)?;
    let points = u32::try_from(points).ok().and_then(NonZeroU32::new);
    Ok(Sample { points: points.ok_or(wanted)? })
}

fn shard(typed: &str) -> Result<Shard, String> {
    let wanted = "write K/N with K from 0 to N-1, as in 0/10, or auto/N";
    let (part, parts) = typed.split_once('/').ok_or(wanted)?;
    let parts = u32::try_from(whole(parts, 1..=SHARDS_MAX)?).ok().and_then(NonZeroU32::new);
    let parts = parts.ok_or(wanted)?;
    if part == "auto" {
        return Ok(Shard { part: None, parts });
    }
    let number = whole(part, 0..=SHARDS_MAX).map_err(|_| wanted)?;
    match u32::try_from(number).ok().filter(|number| *number < parts.get()) {
        Some(number) => Ok(Shard { part: Some(number), parts }),
        None => Err(format!(
            "there is no part {number} of {parts}: parts are counted from 0 to {}",
            parts.get() - 1
        )),
    }
}

/// Examples of `sweep`.
pub const SWEEP_EXAMPLES: &str = "\
Examples:
  fleetsim sweep quickstart.toml --vary policies.repair.crews=1,2,4 --out crews
  fleetsim sweep quickstart.toml --vary policies.repair.crews=1..4:1 \\
    --vary 'servers[0].count=40..60:10' --runs 100 --out grid
  fleetsim sweep quickstart.toml --vary settings.recover.detect=10s..10min:log \\
    --vary policies.repair.crews=1..4 --sample lhs:50 --out sample
  fleetsim sweep quickstart.toml --vary policies.repair.crews=1,2,4 --out crews --resume
  fleetsim sweep quickstart.toml --vary policies.repair.crews=1,2,4 --resume \\
    --shard auto/10 --out part-$SLURM_ARRAY_TASK_ID";

/// Examples of `merge`.
pub const MERGE_EXAMPLES: &str = "\
Examples:
  fleetsim merge part-0 part-1 part-2 --out whole
  fleetsim merge part-* --out whole --metric 'downtime{cause=server-failure}'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_counted_from_0() {
        let of = |typed: &str| shard(typed).map(|shard| (shard.part, shard.parts.get()));
        assert_eq!(of("0/1"), Ok((Some(0), 1)));
        assert_eq!(of("9/10"), Ok((Some(9), 10)));
        assert_eq!(of("auto/10"), Ok((None, 10)));
        let told = of("10/10").unwrap_err();
        assert_eq!(told, "there is no part 10 of 10: parts are counted from 0 to 9");
        for wrong in ["", "1", "1/0", "-1/3", "a/3", "1/", "/3", "1/2/3", "auto", "1/9999999"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn samples_are_latin_hypercubes() {
        assert_eq!(sample("lhs:7").map(|sample| sample.to_string()), Ok("lhs:7".to_owned()));
        for wrong in ["7", "lhs", "lhs:", "lhs:0", "lhs:-1", "mc:7", "lhs:100001"] {
            assert!(sample(wrong).is_err(), "{wrong}");
        }
    }
}
