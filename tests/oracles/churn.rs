//! The churn: a placement workload whose decisions seven other simulators made one by one alike.
//!
//! It goes the way of any user's trace: written as CSV, read back, placed by first fit.

use fleetsim::{
    fleet::Fleet,
    kernel::time::Instant,
    messages::fact::Fact,
    observe::{Observer, placements::Placements},
    scenario::{InMemory, Scenario},
    simulation,
};
use std::fmt::Write;

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

    /// An exponential variate.
    fn exponential(&mut self, mean: f64) -> f64 {
        let u = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        -libm::log(1.0 - u) * mean
    }
}

/// One row of the table: what is asked, and what comes of it.
struct Churn {
    servers: u32,
    requests: u32,
    load: f64,
    seed: u64,
    placed: u64,
    most: Option<u64>,
    sum_of_servers: u64,
    end_s: Option<f64>,
}

impl Churn {
    fn trace(&self) -> String {
        let mut bits = SplitMix(self.seed);
        let gap = 3.75 * 3_600.0 / (self.load * 64.0 * f64::from(self.servers));
        let mut text = String::from("arrival_s,lifetime_s,vcpus,memory_gib\n");
        let mut arrival = 0.0;
        for _ in 0..self.requests {
            arrival += bits.exponential(gap);
            let life = bits.exponential(3_600.0);
            let vcpus = 1_u32 << (bits.next() >> 62);
            writeln!(text, "{arrival:.6},{life:.6},{vcpus},{}", 4 * vcpus)
                .expect("a string takes any text");
        }
        text
    }

    fn scenario(&self) -> Scenario {
        let text = format!(
            r#"
[scenario]
name = "churn"
horizon = "30h"
[server_models.m]
vcpus = 64
memory = "256GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = {}
zones = ["z"]
[workload]
trace = "churn.csv"
trace_format = "generic"
[settings]
instance = {{ pending = "0s", starting = "0s" }}
guest = {{ crash_rate = "never" }}
"#,
            self.servers
        );
        let files = InMemory::new([("churn.csv", &self.trace())]);
        Scenario::parse("scenario.toml", text.as_bytes(), &[], &files)
            .unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn holds(&self) {
        let mut both = (Placements::default(), Count::default());
        simulation::run(&self.scenario(), 0, &mut both);
        let (placements, count) = both;
        assert_eq!(placements.rows.len() as u64, self.placed, "placed");
        assert_eq!(count.rejected, u64::from(self.requests) - self.placed, "rejected");
        let sum: u64 = placements.rows.iter().map(|row| row.server.index() as u64).sum();
        assert_eq!(sum, self.sum_of_servers, "sum of the chosen servers' indexes");
        if let Some(most) = self.most {
            assert_eq!(count.most, most, "peak at once");
        }
        if let Some(end) = self.end_s {
            let gap = (count.last.seconds() - end).abs();
            assert!(gap < 0.000_6, "the last leaves at {}, {gap} s off", count.last);
        }
        assert_eq!(count.now, 0, "all have left");
    }
}

/// What is there at once, what is refused, when the last has left.
#[derive(Default)]
struct Count {
    now: u64,
    most: u64,
    rejected: u64,
    last: Instant,
}

impl Observer for Count {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        match fact {
            Fact::Placed { .. } => {
                self.now += 1;
                self.most = self.most.max(self.now);
            }
            Fact::Vacated { .. } => {
                self.now -= 1;
                self.last = now;
            }
            Fact::NoRoom { .. } => self.rejected += 1,
            _ => {}
        }
    }
}

#[test]
fn churn_on_100_servers() {
    let churn = Churn {
        servers: 100,
        requests: 10_000,
        load: 0.7,
        seed: 42,
        placed: 10_000,
        most: Some(1_265),
        sum_of_servers: 225_885,
        end_s: Some(74_957.586),
    };
    churn.holds();
}

#[test]
fn churn_on_100_servers_that_are_too_few() {
    let churn = Churn {
        servers: 100,
        requests: 10_000,
        load: 1.3,
        seed: 42,
        placed: 9_105,
        most: Some(2_005),
        sum_of_servers: 302_026,
        end_s: Some(61_900.835),
    };
    churn.holds();
}

#[test]
fn churn_on_1_000_servers() {
    let churn = Churn {
        servers: 1_000,
        requests: 10_000,
        load: 0.7,
        seed: 42,
        placed: 10_000,
        most: Some(6_845),
        sum_of_servers: 1_504_472,
        end_s: Some(49_496.923),
    };
    churn.holds();
}

#[test]
fn churn_on_1_000_servers_for_long() {
    let churn = Churn {
        servers: 1_000,
        requests: 100_000,
        load: 0.7,
        seed: 42,
        placed: 100_000,
        most: Some(12_082),
        sum_of_servers: 21_575_876,
        end_s: Some(58_514.974),
    };
    churn.holds();
}

#[test]
fn churn_on_10_000_servers() {
    let churn = Churn {
        servers: 10_000,
        requests: 20_000,
        load: 0.7,
        seed: 42,
        placed: 20_000,
        most: None,
        sum_of_servers: 10_013_037,
        end_s: None,
    };
    churn.holds();
}
