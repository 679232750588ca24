//! Batches: how alike the instances that arrive together are.

use crate::checked;
use fleetsim::{
    fleet::Fleet, kernel::time::Instant, lifecycle::instance::InstanceState, messages::fact::Fact,
    observe::Observer,
};
use std::collections::BTreeSet;

/// When instances are released.
#[derive(Default)]
struct Ends(Vec<Instant>);

impl Observer for Ends {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        if matches!(fact, Fact::InstanceMoved { to: InstanceState::Released, .. }) {
            self.0.push(now);
        }
    }
}

/// Ten batches of three, which live for random times, counted from their arrival.
fn ends(same_life_in_batch: bool) -> Vec<Instant> {
    let scenario = checked::scenario(&format!(
        r#"
[scenario]
name = "batches"
horizon = "20d"
[server_models.m]
vcpus = 64
memory = "256GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[instance_types.t]
vcpus = 1
memory = "4GiB"
[settings.guest]
crash_rate = "never"
[workload]
life_from = "arrival"
[[workload.arrivals]]
name = "batches"
type = "t"
gap = "47h"
batch = 3
same_life_in_batch = {same_life_in_batch}
life = {{ exponential = {{ mean = "2h" }} }}
"#
    ));
    let mut ends = Ends::default();
    checked::run(&scenario, 0, &mut ends);
    assert_eq!(ends.0.len(), 30);
    ends.0
}

#[test]
fn a_batch_may_end_together() {
    let moments = |same| ends(same).into_iter().collect::<BTreeSet<_>>().len();
    assert_eq!((moments(true), moments(false)), (10, 30));
}
