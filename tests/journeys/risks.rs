//! Servers at risk: cured, emptied and repaired, or crashed.

use crate::{checked, story::told};
use fleetsim::{fleet::Fleet, kernel::time::Instant, messages::fact::Fact, observe::Observer};

/// Steps of fixed length; migrations that succeed; events that nobody withdraws.
pub const STEADY: &str = r#"
[settings]
instance = { pending = "3s", starting = "40s", stopping = "10s" }
recover = { detect = "30s" }
guest = { crash_rate = "never" }
event = { lead = "24h", cancel_p = 0 }
redeploy = { placement = "1s", switch = "60s", rollback = "30s", fail_p = 0 }
livemig = { success_p = 1, duration = "20s", blackout = "100ms" }
"#;

/// One server that comes to be at risk after five hours, as `risk` says, and a safe one.
fn fleet(risk: &str, rest: &str) -> String {
    format!(
        r#"
[scenario]
name = "risks"
horizon = "4d"
[server_models.weak]
vcpus = 8
memory = "32GiB"
local_disks = {{ count = 2, size = "1000GiB" }}
crash = "never"
risk = {{ life = "5h", {risk} }}
[server_models.strong]
vcpus = 8
memory = "32GiB"
local_disks = {{ count = 2, size = "1000GiB" }}
crash = "never"
risk = "never"
[[servers]]
model = "weak"
count = 1
zones = ["z"]
[[servers]]
model = "strong"
count = 1
zones = ["z"]
[instance_types.cloud]
vcpus = 4
memory = "16GiB"
[instance_types.local]
vcpus = 4
memory = "16GiB"
local_disks = 1
{rest}
{STEADY}
"#
    )
}

const MUST_LEAVE: &str = "curable = 0, crash_p = 0, repair = \"20h\"";
const CURABLE: &str = "curable = 1, crash_p = 0";

fn one(of: &str) -> String {
    format!("[[workload.instances]]\ntype = \"{of}\"\ncount = 1\n")
}

#[test]
fn the_server_is_emptied_silently_and_repaired() {
    insta::assert_snapshot!(told(&fleet(MUST_LEAVE, &one("cloud"))), @"");
}

#[test]
fn a_restart_cures_the_risk() {
    insta::assert_snapshot!(told(&fleet(CURABLE, &one("local"))), @"");
}

#[test]
fn local_data_is_lost_when_the_server_must_be_emptied() {
    insta::assert_snapshot!(told(&fleet(MUST_LEAVE, &one("local"))), @"");
}

#[test]
fn without_live_migration_the_restart_moves_the_instance() {
    let policy = "[policies.maintenance]\nlive_migration = false\n";
    let text = fleet(MUST_LEAVE, &format!("{}{policy}", one("cloud")));
    insta::assert_snapshot!(told(&text), @"");
}

#[test]
fn an_instance_that_is_to_stop_stays_where_its_disks_are() {
    let stops = "[instance_types.local]\naction_on_maintenance = \"Stop\"";
    let text = fleet(MUST_LEAVE, &one("local")).replace("[instance_types.local]", stops);
    let text = text.replace("[settings]", "[policies.customers.default]\nrestart_after = \"1h\"\n[settings]");
    insta::assert_snapshot!(told(&text), @"");
}

#[test]
fn the_risk_comes_true_first() {
    let risk = "curable = 1, crash_p = 1, crash_after = \"3h\"";
    let text = fleet(risk, &one("local"));
    insta::assert_snapshot!(told(&text), @"");
}

#[test]
fn the_operator_ignores_predictions() {
    let risk = "curable = 1, crash_p = 1, crash_after = \"30h\"";
    let text = fleet(risk, &format!("{}[policies.maintenance]\non_risk = \"ignore\"\n", one("cloud")));
    insta::assert_snapshot!(told(&text), @"");
}

#[test]
fn one_server_is_worked_on_at_a_time() {
    let text = fleet(CURABLE, &one("local")).replace("count = 1\nzones", "count = 2\nzones");
    let text = text.replace("type = \"local\"\ncount = 1", "type = \"local\"\ncount = 4");
    let text = text.replace("[settings]", "[settings]\nmaint = { max_concurrent_hosts = 1 }");
    insta::assert_snapshot!(told(&text), @"");
}

/// Counts risks.
#[derive(Default)]
struct Count {
    risks: u64,
}

impl Observer for Count {
    fn see(&mut self, _now: Instant, fact: &Fact, _fleet: &Fleet) {
        self.risks += u64::from(matches!(fact, Fact::ServerAtRisk { at_risk: true, .. }));
    }
}

/// On empty servers a curable risk is over as it arises, so that risks are a Poisson process: with
/// 200 servers, 2 a year each, over a quarter of a year, 100 are expected. At a significance of
/// 0.1 % the sum over 20 runs, 2,000 expected, lies within 3.29 standard deviations of 44.7.
#[test]
fn risks_come_at_their_rate() {
    let text = r#"
[scenario]
name = "poisson"
horizon = "2190h"
seed = 5
[server_models.m]
vcpus = 8
memory = "32GiB"
crash = "never"
risk = { rate = "2/year", curable = 1, crash_p = 0 }
[[servers]]
model = "m"
count = 200
zones = ["z"]
"#;
    let scenario = checked::scenario(text);
    let mut count = Count::default();
    for run in 0..20 {
        fleetsim::simulation::run(&scenario, run, &mut count);
    }
    let off = (count.risks as f64 - 2_000.0).abs();
    assert!(off < 3.29 * 2_000_f64.sqrt(), "{} risks", count.risks);
}
