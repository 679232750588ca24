//! Credits against demand that comes and goes: a fluid queue with a finite buffer (O17).
//!
//! The exact cases of credits (O16) need no run: they stand beside the model, in `fleet/credits.rs`.

use crate::{
    given::O17A,
    support::{Watcher, scenario, watch},
    verdicts::Verdicts,
};
use fleetsim::{
    fleet::{
        Fleet,
        credits::{Balance, CREDIT, Pace},
    },
    kernel::time::Instant,
    messages::{credits::CreditFact, fact::Fact},
    observe::Observer,
    scenario::Scenario,
};

/// Two vCPUs that earn 0.4 credits a minute and use 2 when they are busy; the instance is there when
/// the run begins, with an empty bucket, and warms up for some 30 rounds of its demand.
const BUCKET: &str = r#"
[scenario]
name = "bucket"
warm_up = "4000min"
horizon = "204000min"
seed = 17
[server_models.m]
vcpus = 2
memory = "1GiB"
risk = "never"
crash = "never"
[[servers]]
model = "m"
count = 1
zones = ["z"]
[loads.bursts]
on_off = { on = "100%", on_for = "{mean_on_min}min", off_for = "{mean_off_min}min" }
[instance_types.t]
vcpus = 2
memory = "1GiB"
burst = { baseline = "20%", max_balance = {cap}, initial = 0 }
load = "bursts"
[[workload.instances]]
type = "t"
count = 1
"#;

/// The balance of the only instance over time, which is linear between facts.
struct Balances {
    from: Instant,
    last: Option<(Instant, Balance, Pace)>,
    /// Credits over time, and time (credit-µs, µs).
    area: f64,
    time: f64,
    /// Time in which it is asked for something (µs).
    busy: f64,
}

impl Balances {
    fn new(scenario: &Scenario) -> Self {
        Self { from: scenario.measure_from, last: None, area: 0.0, time: 0.0, busy: 0.0 }
    }

    fn goes_on(&mut self, now: Instant) {
        let Some((since, balance, pace)) = self.last else { return };
        if since < self.from {
            return;
        }
        let span = now.since(since).micros() as f64;
        let rise = pace.earned as f64 - pace.delivered as f64 - pace.discarded as f64;
        self.area += span * (balance.level as f64 + rise * span / 2.0) / CREDIT as f64;
        self.time += span;
        self.busy += if pace.demand > 0 { span } else { 0.0 };
    }
}

impl Observer for Balances {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        let Fact::Credits(CreditFact::Flows { instance, pace }) = *fact else { return };
        self.goes_on(now);
        let burstable = fleet.burstables.of(instance).expect("it is burstable");
        self.last = Some((now, fleet.burstables[burstable].balance, pace));
    }
}

impl Watcher for Balances {
    fn finish(&mut self, end: Instant) {
        self.goes_on(end);
    }
}

#[test]
fn o17_credits_against_bursts() {
    let case = &O17A;
    let scenario = scenario(case, BUCKET);
    let runs = case.param("replications") as u32;
    let study = watch(&scenario, runs, Balances::new);
    let horizon_s = case.param("horizon_min") * 60.0;
    let share = |name| study.values(name).iter().map(|time| time / horizon_s).collect::<Vec<_>>();
    let mut verdicts = Verdicts::of(case.id);
    verdicts.t("throttled", &share("credits.throttled"), case.expected("P_throttled"));
    verdicts.t("full and idle", &share("credits.full"), case.expected("P_full"));
    verdicts.t("on", &study.seen(|seen| seen.busy / seen.time), case.expected("P_on"));
    verdicts.t("balance", &study.seen(|seen| seen.area / seen.time), case.expected("mean_balance"));
    verdicts.end();
}

/// The metrics' own books: what was earned and overdrawn is what was delivered and discarded, and
/// what is left of it.
#[test]
fn o17_no_credit_is_lost_in_the_metrics() {
    let scenario = scenario(&O17A, BUCKET);
    let study = watch(&scenario, 4, |_| ());
    let metric = |name| study.values(name);
    let (earned, delivered) = (metric("credits.earned"), metric("credits.delivered"));
    let (discarded, demanded) = (metric("credits.discarded"), metric("credits.demanded"));
    let missing = metric("credits.demand.missing");
    for run in 0..4 {
        let left = earned[run] - delivered[run] - discarded[run];
        let cap = O17A.param("cap");
        assert!((-cap..=cap).contains(&left), "{left}: what is left now less what was at first");
        let undone = (demanded[run] - delivered[run]) * 60.0;
        assert!((undone - missing[run]).abs() < 1e-6 * undone, "{undone} for {}", missing[run]);
    }
}
