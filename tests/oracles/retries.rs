//! Live migrations that fail are tried again after pauses that grow (O18).

use crate::{
    given::O18A,
    support::{Watcher, scenario, watch},
    verdicts::Verdicts,
};
use fleetsim::{
    fleet::{Fleet, ids::Instance},
    kernel::{
        column::{Column, Id},
        time::Instant,
    },
    lifecycle::task::TaskStatus,
    messages::fact::Fact,
    observe::Observer,
};

/// Servers that must be emptied after an hour, each with one instance, and as many that are safe.
const RETRIES: &str = r#"
[scenario]
name = "retries"
horizon = "3h"
seed = 18
[server_models.weak]
vcpus = 1
memory = "1GiB"
crash = "never"
risk = { life = "1h", curable = 0, crash_p = 0, repair = "20h" }
[server_models.strong]
vcpus = 1
memory = "1GiB"
crash = "never"
risk = "never"
[[servers]]
model = "weak"
count = 5000
zones = ["z"]
[[servers]]
model = "strong"
count = 5000
zones = ["z"]
[instance_types.t]
vcpus = 1
memory = "1GiB"
[[workload.instances]]
type = "t"
count = 5000
[settings.event]
lead = "24h"
[settings.livemig]
success_p = {success_prob}
duration = "{attempt_min}min"
blackout = "0s"
attempts = {max_attempts}
retry_after = "{backoff_min}min"
retry_factor = {backoff_factor}
"#;

/// What became of each instance: attempts, when the last of them ended, whether it succeeded.
#[derive(Default)]
struct Attempts {
    of: Column<Instance, (u32, Instant, bool)>,
}

impl Attempts {
    fn row(&mut self, instance: Id<Instance>) -> &mut (u32, Instant, bool) {
        while self.of.len() <= instance.index() {
            self.of.push((0, Instant::ZERO, false));
        }
        &mut self.of[instance]
    }
}

impl Observer for Attempts {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::TaskEnded { instance, status, .. } = *fact {
            let row = self.row(instance);
            *row = (row.0 + 1, now, status == TaskStatus::Finished);
        }
    }
}

impl Watcher for Attempts {}

#[test]
fn o18a_attempts_with_pauses_that_grow() {
    let study = watch(&scenario(&O18A, RETRIES), 20, |_| Attempts::default());
    let all: Vec<_> = study.seen.iter().flat_map(|seen| seen.of.iter().copied()).collect();
    let count = all.len() as f64;
    assert!((count - O18A.param("tasks")).abs() < 0.5, "each instance is one task");
    let mut verdicts = Verdicts::of(O18A.id);
    let failed = all.iter().filter(|(.., succeeded)| !succeeded).count();
    verdicts.binomial("failed", (failed as u64, all.len() as u64), O18A.expected("P_fail"));
    let attempts = all.iter().map(|(attempts, ..)| f64::from(*attempts)).sum::<f64>() / count;
    let q: f64 = 1.0 - O18A.param("success_prob");
    // P(1) to P(4): the law of the attempts, cut off at the fourth.
    let law = [1.0 - q, q * (1.0 - q), q * q * (1.0 - q), q * q * q];
    let squares: f64 = law.iter().zip([1.0, 4.0, 9.0, 16.0]).map(|(p, square)| p * square).sum();
    let expected = O18A.expected("mean_attempts");
    let se = ((squares - expected * expected) / count).sqrt();
    verdicts.z("attempts", (attempts, expected), se);
    let minutes = all.iter().map(|(_, at, _)| at.seconds() / 60.0 - 60.0).sum::<f64>() / count;
    let se = O18A.expected("sd_time_min") / count.sqrt();
    verdicts.z("time", (minutes, O18A.expected("mean_time_min")), se);
    verdicts.end();
    let times = all.iter().map(|(_, at, _)| at.micros() / 60_000_000 - 60);
    let allowed = [5, 11, 18, 27]; // 5, 5 + 1 + 5, 5 + 1 + 5 + 2 + 5, ... + 4 + 5 minutes.
    assert!(times.into_iter().all(|minutes| allowed.contains(&minutes)));
}
