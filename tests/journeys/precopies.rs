//! Live migrations over a network, in a fleet where everything fails.

use crate::{
    checked::{run, scenario, value},
    story::told,
};
use fleetsim::fleet::precopies::PreCopyEnd;

/// Servers that are at risk often, and crash, and lose their racks; guests that write fast or slow.
const TROUBLED: &str = r#"
[scenario]
name = "troubled"
horizon = "4d"
[network]
rack_uplink = "2Gbit/s"
spine = "4Gbit/s"
[server_models.m]
vcpus = 16
memory = "128GiB"
nic_rate = "1Gbit/s"
crash = { rate = "0.3/day", restarts_itself = 0.6, repair = "1h..4h" }
risk = { rate = "2/day", curable = 0.3, crash_p = 0.5, crash_after = "1min..30min", repair = "1h..4h" }
[[servers]]
model = "m"
count = 24
zones = ["a", "b"]
racks_per_zone = 4
rack_outage = { rate = "0.3/day", repair = "10min..1h" }
[instance_types.calm]
vcpus = 2
memory = "8GiB"
dirty = { rate = "20MiB/s", touched = "80%" }
[instance_types.busy]
vcpus = 4
memory = "16GiB"
dirty = { rate = "300MiB/s", working_set = "6GiB" }
[[workload.instances]]
type = "calm"
count = 40
life = { exponential = { mean = "2d" } }
[[workload.arrivals]]
name = "jobs"
rate = "6/h"
types = { calm = 1, busy = 1 }
life = { exponential = { mean = "8h" } }
[settings.guest]
crash_rate = "0.5/day"
[settings.event]
lead = "1h..6h"
"#;

/// How often migrations ended in each way, over some runs.
fn ends(settings: &str, runs: u32) -> Vec<f64> {
    let scenario = scenario(&format!("{TROUBLED}{settings}"));
    let mut ends = vec![0.0; PreCopyEnd::ALL.len()];
    for number in 0..runs {
        let outcome = run(&scenario, number, &mut ());
        for (sum, end) in ends.iter_mut().zip(PreCopyEnd::ALL) {
            *sum += value(&outcome, "migration.ended", &[end.name()]);
        }
        assert!(value(&outcome, "migration.bytes", &[]) > 0.0);
        let most = value(&outcome, "migration.rounds.max", &[]);
        assert!(most <= 30.0, "{most} rounds");
    }
    ends
}

#[test]
fn everything_that_ends_a_migration_happens() {
    let variants = [
        "[settings.livemig]\nnetwork_loss = \"20/h\"\n",
        "[settings.livemig]\nnot_converging = \"abort\"\ntimeout_per_gib = \"20s\"\n\
         attempts = 3\nretry_after = \"30s\"\nsetup = \"2s\"\n",
        "[settings.livemig]\nnot_converging = \"post-copy\"\nmax_rounds = 3\nresume = \"1s\"\n\
         network_loss = \"20/h\"\n[settings.migration]\nmax_cluster = 3\n",
        "[settings.livemig]\nauto_converge = true\nstop_on_no_shrink = true\nmax_sent = \"300%\"\n\
         bandwidth = \"64MiB/s\"\n[settings.migration]\nmax_outbound_per_host = 1\n\
         max_inbound_per_host = 1\n",
    ];
    let mut all = vec![0.0; PreCopyEnd::ALL.len()];
    for settings in variants {
        for (sum, count) in all.iter_mut().zip(ends(settings, 3)) {
            *sum += count;
        }
    }
    for (end, count) in PreCopyEnd::ALL.iter().zip(all) {
        assert!(count > 0.0, "{}: {count}", end.name());
    }
}

#[test]
fn limits_hold_without_a_network_too() {
    let drawn = TROUBLED.replace("[network]\nrack_uplink = \"2Gbit/s\"\nspine = \"4Gbit/s\"\n", "");
    let limited = format!("{drawn}[settings.migration]\nmax_cluster = 1\n");
    let outcome = run(&scenario(&limited), 0, &mut ());
    assert!(value(&outcome, "migration.waiting.max", &[]) > 0.0);
    assert!(value(&outcome, "migration.turn.p99", &[]) > 0.0);
    assert!(value(&outcome, "migrations", &["live"]) > 0.0);
}

#[test]
fn routine_migration_off_a_risky_server_goes_by_rounds() {
    let risky = TROUBLED
        .replace(
            "crash = { rate = \"0.3/day\", restarts_itself = 0.6, repair = \"1h..4h\" }",
            "crash = \"never\"",
        )
        .replace(
            "rate = \"2/day\", curable = 0.3, crash_p = 0.5",
            "life = \"1d\", curable = 0, crash_p = 0",
        )
        .replace("rack_outage = { rate = \"0.3/day\", repair = \"10min..1h\" }", "")
        .replace("count = 24", "count = 1")
        .replace("zones = [\"a\", \"b\"]\nracks_per_zone = 4", "zones = [\"a\"]")
        .replace("count = 40\nlife = { exponential = { mean = \"2d\" } }", "count = 1")
        .replace("horizon = \"4d\"", "horizon = \"26h\"")
        .replace("crash_rate = \"0.5/day\"", "crash_rate = \"never\"");
    let (before, after) = risky.split_once("[[workload.arrivals]]").unwrap();
    let (_, after) = after.split_once("[settings.event]").unwrap();
    let safe = "[server_models.safe]\nvcpus = 16\nmemory = \"128GiB\"\ncrash = \"never\"\n\
                risk = \"never\"\n[[servers]]\nmodel = \"safe\"\ncount = 1\nzones = [\"a\"]\n";
    let text = format!("{before}{safe}[settings.event]{after}[settings.livemig]\nsuccess_p = 1\n");
    let told = told(&text);
    // 80 % of 8 GiB at 125 MB/s take 54.975581 s, in which 20 MiB are written each second.
    for line in [
        "i0 round 1 sent 6871947674, wrote 1152921518",
        "i0 round 2 sent 1152921518",
        "i0 converged, ",
        "i0 rest sent ",
        "i0 copy done: ",
        "live of i0 Finished",
    ] {
        assert!(told.contains(line), "{line} is not in:\n{told}");
    }
    assert!(!told.contains("SystemMaintenance"), "it is silent");
}
