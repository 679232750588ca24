//! Many small random fleets that are drained while servers fail and owners do what they like, each
//! under every check: nobody is stuck, nobody is in two places, every drain ends.
//!
//! Seeds are fixed: a failure names the one that repeats it.

use crate::{checked, random::Choices};
use fleetsim::{
    fleet::Fleet,
    kernel::time::Instant,
    messages::{drain::DrainFact, fact::Fact},
    observe::Observer,
};
use std::fmt::Write;

const TEXT: &str = "a string takes any text";

fn servers(choose: &mut Choices, text: &mut String) {
    for name in ["m", "n"] {
        let life = choose.law(
            &["life = { exponential = { mean = \"9h\" } }", "life = \"3h\"", "rate = \"1/day\""],
            &["life = \"1h\"", "life = \"2h\"", "life = \"70min\""],
        );
        let crash = format!(
            "{{ {life}, restarts_itself = {}, restart = \"10min\", repair = {} }}",
            choose.one(&["0", "0.5", "1"]),
            choose.law(&["\"20s\"", "\"30min..3h\""], &["\"0s\"", "\"10min\"", "\"1h\""]),
        );
        let crash = if choose.one(&[0, 1]) == 0 { "\"never\"".to_owned() } else { crash };
        let risk = choose.one(&[
            "\"never\"",
            "\"never\"",
            "{ life = \"1h..9h\", curable = 1, crash_p = 0.5, crash_after = \"1h\", repair = \"1h\" }",
            // Seldom enough that the slots of `max_concurrent_hosts` are not taken by risks alone.
            "{ life = \"9h..30h\", curable = 0.5, crash_p = 0.5, crash_after = \"1h\", repair = \"1h\" }",
            "{ life = \"9h..30h\", curable = 0, crash_p = 0, repair = \"1h\" }",
        ]);
        let outage = choose.law(
            &["\"never\"", "{ rate = \"2/day\", repair = \"10s..1h\" }"],
            &["\"never\"", "{ life = \"2h\", repair = \"10min\" }"],
        );
        write!(
            text,
            "[server_models.{name}]\nvcpus = 8\nmemory = \"32GiB\"\nnuma_nodes = {}\ngpus = 1\n\
             local_disks = {{ count = 2, size = \"1GiB\" }}\ncrash = {crash}\nrisk = {risk}\n\
             [[servers]]\nmodel = \"{name}\"\ncount = {}\nzones = [\"a\"]\nracks_per_zone = 2\n\
             rack_outage = {outage}\n",
            choose.one(&["1", "2"]),
            choose.one(&["2", "4", "6"]),
        )
        .expect(TEXT);
    }
    if choose.one(&[true, false]) {
        text.push_str(
            "[[servers]]\nmodel = \"m\"\ncount = 2\nzones = [\"a\"]\ndedicated = true\n\
             [[dedicated_hosts]]\nname = \"one\"\nmodel = \"m\"\nzone = \"a\"\n\
             [[workload.instances]]\nname = \"h\"\ntype = \"small\"\ncount = 2\n\
             dedicated_host = \"one\"\n",
        );
    }
}

fn workload(choose: &mut Choices, text: &mut String) {
    for (name, vcpus, more) in [
        ("small", 1, ""),
        ("one", 3, "numa_nodes = 1\n"),
        ("two", 4, "numa_nodes = 2\n"),
        ("disk", 1, "local_disks = 1\n"),
        ("gpu", 2, "gpus = 1\n"),
    ] {
        // Models of one node know no two.
        let more = if more.contains("= 2") && !text.contains("numa_nodes = 2") { "" } else { more };
        write!(text, "[instance_types.{name}]\nvcpus = {vcpus}\nmemory = \"{vcpus}GiB\"\n{more}")
            .expect(TEXT);
    }
    for (name, kind) in [("x", "small"), ("y", "one"), ("z", "two"), ("d", "disk"), ("g", "gpu")] {
        write!(
            text,
            "[[workload.instances]]\nname = \"{name}\"\ntype = \"{kind}\"\ncount = {}\n{}{}",
            choose.one(&[1, 2, 3]),
            choose.one(&["", "", "life = \"2h..20h\"\n"]),
            choose.one(&["", "group = \"g\"\n", "app = \"app\"\n"]),
        )
        .expect(TEXT);
    }
    write!(
        text,
        "[[workload.arrivals]]\nname = \"jobs\"\nrate = \"{}\"\ntypes = {{ small = 2, one = 1 }}\n\
         life = \"1h..9h\"\n[applications.app]\nper_server_limit = 2\n\
         [policies]\nplacement = \"{}\"\nrecovery = \"{}\"\n\
         [policies.customers.default]\nrestart_after = \"{}\"\nscheduled_event = \"{}\"\n",
        choose.one(&["0.2/h", "1/h"]),
        choose.one(&["first-fit", "best-fit", "worst-fit", "most-free", "spread"]),
        choose.one(&["failover", "in-place"]),
        choose.one(&["10min", "1h", "never"]),
        choose.one(&["wait", "reboot", "redeploy", "stop"]),
    )
    .expect(TEXT);
}

fn scripts(choose: &mut Choices, text: &mut String) {
    for _ in 0..choose.one(&[0, 10, 25]) {
        let at = choose.law(
            &["59min", "61min", "62min", "2h", "130min", "3h", "200min", "5h", "7h"],
            &["1h", "2h", "3h", "70min"],
        );
        let instance = choose.one(&["x[0]", "y[0]", "z[0]", "d[0]", "g[0]"]);
        let (what, more) = choose.one(&[
            ("StopInstance", ""),
            ("StopInstance", "StoppedMode = \"StopCharging\"\n"),
            ("StopInstance", "ForceStop = true\n"),
            ("StartInstance", ""),
            ("StartInstance", ""),
            ("RebootInstance", ""),
            ("RedeployInstance", "ForceStop = true\n"),
            ("DeleteInstance", "Force = true\n"),
        ]);
        write!(
            text,
            "[[scripts]]\nat = \"{at}\"\ndo = \"{what}\"\nInstanceId = \"{instance}\"\n{more}"
        )
        .expect(TEXT);
    }
}

fn drains(choose: &mut Choices, text: &mut String) {
    let network = text.contains("[network]");
    for number in 0..choose.one(&[1, 1, 2, 3]) {
        let bandwidth = choose.one(&["", ", bandwidth = \"2Gbit/s\""]);
        write!(
            text,
            "[[campaigns]]\nname = \"c{number}\"\nstart = \"{}\"\nlive_migration = {}\n\
             moves_instances = {}\norder = \"{}\"\nat_once = {}\nstop_after_failures = {}\n{}{}\
             drain = {{ order = \"{}\", moves = {}, retry = \"{}\", patience = \"{}\", work = {}, \
             min_healthy = {}{} }}\n",
            choose.law(&["1h", "1h", "2h"], &["1h", "2h"]),
            choose.one(&["true", "true", "true", "false"]),
            choose.one(&["true", "false"]),
            choose.one(&["rack-by-rack", "emptiest-first", "random"]),
            choose.one(&["{}", "{ servers = 1 }", "{ per_rack = 1 }"]),
            choose.one(&["\"never\"", "\"never\"", "1"]),
            choose.one(&["servers = { racks = [\"a-r1\"] }\n", "servers = { models = [\"m\"] }\n"]),
            choose.one(&[
                "",
                "",
                "event = \"SystemMaintenance.Redeploy\"\n",
                "event = \"SystemMaintenance.Stop\"\n",
                "event = \"SystemMaintenance.Reboot\"\n",
            ]),
            choose.one(&["largest-first", "smallest-first", "fewest-moves", "bin-packing"]),
            choose.one(&["1", "2", "\"unlimited\""]),
            choose.law(&["1s", "5min", "40min"], &["10min"]),
            choose.law(&["0s", "20min", "2h"], &["10min", "1h"]),
            choose.one(&["\"for-good\"", "\"0s\"", "\"1h\""]),
            choose.one(&["0", "60", "100"]),
            if network { bandwidth } else { "" },
        )
        .expect(TEXT);
    }
    if choose.one(&[true, false]) {
        text.push_str(
            "[configurations.web]\ntype = \"small\"\n[[groups]]\nname = \"g\"\n\
             configuration = \"web\"\nmin_size = 0\nmax_size = 5\ndesired = 3\n",
        );
    }
}

fn scenario(choose: &mut Choices) -> String {
    let mut text = String::from("[scenario]\nname = \"random\"\nhorizon = \"3d\"\n");
    text.push_str(choose.one(&["", "[network]\n", "[network]\nrack_uplink = \"10Gbit/s\"\n"]));
    servers(choose, &mut text);
    workload(choose, &mut text);
    scripts(choose, &mut text);
    drains(choose, &mut text);
    write!(
        text,
        "[settings]\nmaint = {{ max_concurrent_hosts = {} }}\nevent = {{ lead = \"{}\", cancel_p = {}, republish_delay = \"1h\" }}\n\
         livemig = {{ success_p = {}, attempts = {}, retry_after = \"{}\"{} }}\n\
         coldmig = {{ local_disk_policy = \"{}\", confirm_fail_p = {} }}\n\
         migration = {{ max_outbound_per_host = {} }}\nredeploy = {{ fail_p = {} }}\n",
        choose.one(&["3", "4", "\"unlimited\"", "\"unlimited\""]),
        choose.law(&["0s", "1h..3h"], &["10min", "1h"]),
        choose.one(&["0", "0.3"]),
        choose.one(&["1", "0.5", "0"]),
        choose.one(&["1", "3"]),
        choose.law(&["0s", "1min"], &["10min"]),
        choose.one(&["", ", not_converging = \"post-copy\"", ", not_converging = \"abort\""]),
        choose.one(&["forbid", "copy", "wipe"]),
        choose.one(&["0", "0.5"]),
        choose.one(&["1", "\"unlimited\""]),
        choose.one(&["0", "0.3"]),
    )
    .expect(TEXT);
    text
}

/// Which drains have ended, and what happened.
#[derive(Default)]
struct Seen {
    begun: usize,
    ended: usize,
    departures: usize,
    emptied: usize,
    given_up: usize,
    returned: usize,
}

impl Observer for Seen {
    fn see(&mut self, _now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::Drain(fact) = *fact {
            match fact {
                DrainFact::Planned { .. } | DrainFact::Barred { .. } => {}
                DrainFact::SetsOut { .. } => self.departures += 1,
                DrainFact::Emptied { .. } => self.emptied += 1,
                DrainFact::GivenUp { .. } => self.given_up += 1,
                DrainFact::Returned { .. } => self.returned += 1,
            }
        } else if let Fact::CampaignEnded { .. } = *fact {
            self.ended += 1;
        }
    }

    fn turn_ended(&mut self, _now: Instant, fleet: &Fleet) {
        self.begun = fleet.works.campaigns.iter().filter(|row| row.begun).count();
    }
}

#[test]
fn random_drains_stand_every_check_and_end() {
    let wanted: u64 = 300;
    let (mut all, mut failed) = (Seen::default(), Vec::new());
    for seed in 0..wanted {
        let mut choose = Choices { state: seed, on_a_grid: seed % 3 == 0 };
        let text = scenario(&mut choose);
        let ran = std::panic::catch_unwind(|| {
            let mut seen = Seen::default();
            checked::run(&checked::scenario(&text), 0, &mut seen);
            assert_eq!(seen.begun, seen.ended, "every drain ends");
            seen
        });
        let Ok(seen) = ran else {
            failed.push((seed, text));
            continue;
        };
        all.begun += seen.begun;
        all.departures += seen.departures;
        all.emptied += seen.emptied;
        all.given_up += seen.given_up;
        all.returned += seen.returned;
    }
    let seeds: Vec<u64> = failed.iter().map(|(seed, _)| *seed).collect();
    assert!(seeds.is_empty(), "seeds {seeds:?}, the first:\n{}", failed[0].1);
    assert!(all.begun >= wanted as usize && all.departures > 300, "moves happen");
    assert!(all.emptied > 100 && all.given_up > 100 && all.returned > 30, "in every way");
}
