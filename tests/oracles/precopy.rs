//! Live migration by pre-copy of a guest that writes at a constant rate (O13), over a network of its
//! own.

use crate::{
    given::{O13A, O13B},
    support::scenario,
};
use fleetsim::{
    fleet::{Fleet, cause::Cause},
    kernel::time::Instant,
    messages::{
        fact::Fact,
        moves::{MoveFact, MoveWhat},
    },
    observe::Observer,
    simulation,
};

/// One guest that leaves its server at 1 h.
const ONE: &str = r#"
[scenario]
name = "pre-copy"
horizon = "2h"
[network]
[server_models.m]
vcpus = 4
memory = "{memory_MiB}MiB"
nic_rate = "{bandwidth_MiB_s}MiB/s"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 2
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "{memory_MiB}MiB"
dirty = { rate = "{dirty_MiB_s}MiB/s" }
[[workload.instances]]
type = "t"
count = 1
[[campaigns]]
name = "c"
event = "SystemMaintenance.Reboot"
servers = { most = 1 }
start = "1h"
[settings.livemig]
success_p = 1
resume = "0s"
stop_bytes = "{stop_threshold_MiB}MiB"
max_rounds = {max_rounds}
"#;

/// What is to be seen of the migration.
#[derive(Default)]
struct Watched {
    began: Option<Instant>,
    /// How long it took, and for how long of that the guest paused (s).
    total: f64,
    paused_at: Option<Instant>,
    downtime: f64,
    rounds: u32,
    bytes: u64,
}

impl Observer for Watched {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        let since = |from: Option<Instant>| from.map_or(0.0, |from| now.since(from).seconds());
        if let Fact::TaskBegan { .. } = fact {
            self.began = Some(now);
        } else if let Fact::TaskEnded { .. } = fact {
            self.total = since(self.began);
        } else if let Fact::ServiceEnded { cause: Cause::Migration, .. } = fact {
            self.paused_at = Some(now);
        } else if let Fact::ServiceBegan(_) = fact {
            self.downtime = since(self.paused_at);
        } else if let Fact::Move(MoveFact { what: MoveWhat::Ended { bytes, rounds, .. }, .. }) =
            *fact
        {
            (self.bytes, self.rounds) = (bytes, rounds);
        }
    }
}

/// Times are six digits of the case, or whole microseconds a round; bytes likewise.
#[test]
fn rounds_shrink_by_the_ratio_of_the_rates() {
    for case in [&O13A, &O13B] {
        let scenario = scenario(case, ONE);
        let mut watched = Watched::default();
        simulation::run(&scenario, 0, &mut watched);
        assert_eq!(watched.rounds, case.expected("rounds") as u32, "{}", case.id);
        let ticks = 2.0 * case.expected("rounds") * 1e-6;
        let sent = watched.bytes as f64 / f64::from(1 << 20);
        for (what, found, tick) in [
            ("total_s", watched.total, ticks),
            ("downtime_s", watched.downtime, ticks),
            ("sent_MiB", sent, ticks * case.param("dirty_MiB_s")),
        ] {
            let expected = case.expected(what);
            let allowed = tick + 5e-6 * expected;
            let off = (found - expected).abs();
            assert!(off <= allowed, "{} {what}: {found} for {expected}", case.id);
        }
    }
}
