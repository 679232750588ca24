//! One line of a ledger: JSON, whose first member is a checksum of all that follows it.

use fleetsim::{
    observe::catalogue::{Metric, find},
    report::json,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// The form of ledgers; others are not read.
pub const FORM: u32 = 1;

/// What a line begins with.
const BEGIN: &[u8] = b"{\"sum\":\"";

/// What follows the checksum.
const AFTER: &[u8] = b"\",";

/// Characters of a checksum.
const SUM: usize = 16;

/// The first line: what the sweep is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Header {
    /// The form of the ledger.
    pub ledger: u32,
    /// Version of the program.
    pub version: String,
    /// The scheme by which chance was drawn.
    pub rng_scheme: u32,
    /// Name of the scenario, at the first point.
    pub scenario: String,
    /// The question that it asks, at the first point.
    pub question: String,
    /// Digest of all points: their values, and the digests of their scenarios.
    pub digest: String,
    /// Seed of all chance.
    pub seed: u64,
    /// Runs of each point (count).
    pub runs: u32,
    /// The axes, as typed.
    pub vary: Vec<String>,
    /// The sample that was taken of them (`lhs:50`), or none: a grid.
    pub sample: Option<String>,
    /// Which shard this is, from 0, and of how many.
    pub shard: (u32, u32),
    /// The command that makes the same numbers again.
    pub command: String,
    /// Metrics that are told more of.
    pub shown: Vec<String>,
    /// What a reader should know of how the scenario was taken, at the first point.
    pub remarks: Vec<String>,
    /// Every path that is varied.
    pub paths: Vec<String>,
    /// What is measured: the lists that points have.
    pub metrics: Vec<Vec<MetricName>>,
    /// The points, in order of their number.
    pub points: Vec<PointEntry>,
}

/// A metric in the ledger.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct MetricName {
    /// Name in the catalogue.
    pub name: String,
    /// Values of its labels.
    pub labels: Vec<String>,
}

/// A point in the ledger.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PointEntry {
    /// The value of each path.
    pub values: Vec<String>,
    /// Digest of its scenario.
    pub digest: String,
    /// Which list of metrics it has.
    pub metrics: usize,
}

/// A finished run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunLine {
    /// Number of the point, from 0.
    pub point: u32,
    /// Number of the run, from 0.
    pub run: u32,
    /// Digest of the point's scenario.
    pub digest: String,
    /// Fingerprint of the run's course.
    pub fingerprint: String,
    /// The values, in the order of the point's metrics.
    pub values: Vec<Option<f64>>,
}

/// Whose run a line is; its values are skipped.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Key {
    /// Number of the point.
    pub point: u32,
    /// Number of the run.
    pub run: u32,
    /// Digest of the point's scenario.
    pub digest: String,
}

impl Header {
    /// The line, its end included.
    pub fn written(&self) -> String {
        sealed(self)
    }

    /// The header that `line` holds, if it is a whole one.
    pub fn read(line: &[u8]) -> Option<Self> {
        opened(line)
    }

    /// Runs of all points (count).
    pub fn units(&self) -> u64 {
        self.points.len() as u64 * u64::from(self.runs)
    }

    /// Whether unit number `unit` belongs to this shard: units are dealt out like cards, so that
    /// shards are alike however the work lies along the axes.
    pub fn has(&self, unit: u64) -> bool {
        unit % u64::from(self.shard.1) == u64::from(self.shard.0)
    }

    /// The metrics that points have, list by list; or the first that this version does not know.
    pub fn lists(&self) -> Result<Vec<Arc<[Metric]>>, String> {
        let metric = |named: &MetricName| {
            let definition = find(&named.name).ok_or_else(|| named.name.clone())?;
            match definition.labels.len() == named.labels.len() {
                true => Ok(Metric { definition, labels: named.labels.clone() }),
                false => Err(named.name.clone()),
            }
        };
        self.metrics.iter().map(|list| list.iter().map(metric).collect()).collect()
    }

    /// Point number `point` with its values, as people read it: `point 3 (crews=2)`.
    pub fn point_named(&self, point: u32) -> String {
        let values = &self.points[point as usize].values;
        let pairs = self.paths.iter().zip(values).map(|(path, value)| format!("{path}={value}"));
        format!("point {point} ({})", pairs.collect::<Vec<_>>().join(", "))
    }

    /// In what `self`, which is there, differs from `asked`, each with both sides; nothing where
    /// the runs of one are runs of the other.
    pub fn differences(&self, asked: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut tell = |what: &str, there: String, asked: String| {
            if there != asked {
                found.push(format!("{what}: {there} there, {asked} now"));
            }
        };
        tell("version", self.version.clone(), asked.version.clone());
        tell("rng_scheme", self.rng_scheme.to_string(), asked.rng_scheme.to_string());
        tell("scenario", self.scenario.clone(), asked.scenario.clone());
        tell("seed", self.seed.to_string(), asked.seed.to_string());
        tell("runs", self.runs.to_string(), asked.runs.to_string());
        tell("--vary", self.vary.join(" "), asked.vary.join(" "));
        let sample = |header: &Self| header.sample.clone().unwrap_or_else(|| "none".to_owned());
        tell("--sample", sample(self), sample(asked));
        if found.is_empty() && self.digest != asked.digest {
            let pairs = self.points.iter().zip(&asked.points);
            let place = pairs.clone().position(|(there, asked)| there != asked).unwrap_or(0);
            found.push(format!(
                "what the scenario says, at {} at first",
                asked.point_named(place as u32)
            ));
        }
        found
    }
}

impl RunLine {
    /// The line, its end included.
    pub fn written(&self) -> String {
        sealed(self)
    }

    /// The run that `line` holds, if it is a whole one.
    pub fn read(line: &[u8]) -> Option<Self> {
        opened(line)
    }
}

impl Key {
    /// Whose run `line` is, if it is a whole one.
    pub fn read(line: &[u8]) -> Option<Self> {
        opened(line)
    }
}

/// `value` as a line, with its checksum.
fn sealed(value: &impl Serialize) -> String {
    let text = json::line(value);
    let rest = text.strip_prefix('{').expect("what is written is an object");
    format!("{{\"sum\":\"{}\",{rest}", sum(rest.trim_end().as_bytes()))
}

/// What `line` says, if its checksum fits.
fn opened<T: DeserializeOwned>(line: &[u8]) -> Option<T> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let (told, rest) = line.strip_prefix(BEGIN)?.split_at_checked(SUM)?;
    let rest = rest.strip_prefix(AFTER)?;
    if sum(rest).as_bytes() != told {
        return None;
    }
    serde_json::from_slice(line).ok()
}

fn sum(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..SUM].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> RunLine {
        RunLine {
            point: 3,
            run: 7,
            digest: "00ff".to_owned(),
            fingerprint: "ab".to_owned(),
            values: vec![Some(0.1 + 0.2), None, Some(5e-324), Some(-1.0 / 3.0), Some(1e300)],
        }
    }

    #[test]
    fn a_line_reads_back_bit_by_bit() {
        let line = run().written();
        assert!(line.starts_with("{\"sum\":\"") && line.ends_with("]}\n"), "{line}");
        assert_eq!(RunLine::read(line.as_bytes()), Some(run()));
        let key = Key { point: 3, run: 7, digest: "00ff".to_owned() };
        assert_eq!(Key::read(line.as_bytes()), Some(key));
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), "it is plain JSON");
    }

    #[test]
    fn no_flipped_bit_goes_unnoticed() {
        let line = run().written().into_bytes();
        for byte in 0..line.len() - 1 {
            for bit in 0..8 {
                let mut flipped = line.clone();
                flipped[byte] ^= 1 << bit;
                assert_eq!(RunLine::read(&flipped), None, "bit {bit} of byte {byte}");
            }
        }
    }

    #[test]
    fn no_part_of_a_line_is_a_line() {
        let line = run().written().into_bytes();
        for length in 0..line.len() - 1 {
            assert_eq!(RunLine::read(&line[..length]), None, "{length} bytes");
        }
    }
}
