//! The churn through the binary: the file of `--placements` shows the decisions that seven other
//! simulators made alike (the recipe stands in the oracles' `churn.rs`, too).

use super::{answer, names};
use std::{fmt::Write as _, fs};

/// SplitMix64: the recipe's random bits.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        let u = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        -libm::log(1.0 - u) * mean
    }
}

const SERVERS: f64 = 100.0;
const REQUESTS: usize = 10_000;
const SEED: u64 = 42;

const SCENARIO: &str = r#"[scenario]
name = "churn"
horizon = "30h"
[server_models.m]
vcpus = 64
memory = "256GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 100
zones = ["z"]
[workload]
trace = "churn.csv"
trace_format = "generic"
[settings]
instance = { pending = "0s", starting = "0s" }
guest = { crash_rate = "never" }
"#;

/// The trace of churn at this load, and what it shows of each row: when it comes.
fn trace(load: f64) -> (String, Vec<f64>) {
    let mut bits = SplitMix(SEED);
    let gap = 3.75 * 3_600.0 / (load * 64.0 * SERVERS);
    let mut text = String::from("arrival_s,lifetime_s,vcpus,memory_gib\n");
    let (mut arrivals, mut arrival) = (Vec::new(), 0.0);
    for _ in 0..REQUESTS {
        arrival += bits.exponential(gap);
        let life = bits.exponential(3_600.0);
        let vcpus = 1_u32 << (bits.next() >> 62);
        writeln!(text, "{arrival:.6},{life:.6},{vcpus},{}", 4 * vcpus)
            .expect("a string takes any text");
        arrivals.push(arrival);
    }
    (text, arrivals)
}

/// The churn at this load puts so many instances on servers whose indexes have this sum.
fn holds(load: f64, placed: usize, sum_of_servers: u64) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (trace, arrivals) = trace(load);
    fs::write(folder.path().join("churn.csv"), trace).expect("the folder takes a file");
    fs::write(folder.path().join("a.toml"), SCENARIO).expect("the folder takes a file");
    let arguments = ["run", "a.toml", "--placements", "p.csv", "--runs", "1", "--quiet"];
    let (code, _, faults) = answer(&arguments, folder.path());
    assert_eq!((code, faults.as_str()), (0, ""));
    assert_eq!(names(folder.path()), ["a.toml", "churn.csv", "p.csv"]);
    let mut reader = csv::Reader::from_path(folder.path().join("p.csv")).expect("it is there");
    let columns = reader.headers().expect("it begins with its columns").clone();
    let column = |name: &str| columns.iter().position(|column| column == name).expect(name);
    let [at_s, instance, server, reason] =
        ["at_s", "instance", "server_index", "reason"].map(column);
    let (mut rows, mut sum, mut before) = (0, 0, (0.0, 0));
    for row in reader.records() {
        let row = row.expect("it is a table");
        assert_eq!(&row[reason], "launch");
        let at: f64 = row[at_s].parse().expect("a time");
        let number: usize = row[instance].parse().expect("a row of the trace");
        assert!((at - arrivals[number]).abs() < 0.000_001, "{number} is put up when it comes");
        assert!(before <= (at, number), "{number} stands in order of time");
        before = (at, number);
        rows += 1;
        sum += row[server].parse::<u64>().expect("an index");
    }
    assert_eq!((rows, sum), (placed, sum_of_servers));
}

#[test]
fn placements_are_those_of_seven_other_simulators() {
    holds(0.7, 10_000, 225_885);
}

#[test]
fn placements_are_theirs_where_servers_are_too_few() {
    holds(1.3, 9_105, 302_026);
}
