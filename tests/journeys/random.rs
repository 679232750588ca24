//! Many small random scenarios, each under every check.
//!
//! Seeds are fixed: a failure names the one that repeats it.

use crate::checked;
use std::fmt::Write;

/// SplitMix64, for choices.
pub struct Choices {
    pub state: u64,
    /// Whether all lengths are fixed, multiples of ten minutes, so that much happens at once.
    pub on_a_grid: bool,
}

impl Choices {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[(self.next() >> 32) as usize % of.len()]
    }

    /// One of the first, or on a grid one of the second.
    pub fn law<T: Copy>(&mut self, of: &[T], on_a_grid: &[T]) -> T {
        let of = if self.on_a_grid { on_a_grid } else { of };
        self.one(of)
    }
}

const MEMORYLESS: &str = "{ exponential = { mean = \"4h\" } }";

fn servers(choose: &mut Choices, text: &mut String) {
    for name in ["m", "n"] {
        let fixed = ["life = \"1h\"", "life = \"2h\"", "life = \"170min\""];
        let random = [
            "life = { exponential = { mean = \"3h\" } }",
            "life = { exponential = { mean = \"20h\" } }",
            "life = { weibull = { shape = 1.5, scale = \"8h\" } }",
            "life = \"2h\"",
            "rate = \"1/day\"",
        ];
        let life = choose.law(&random, &fixed);
        let old_or_new = choose.one(&["new", "old"]);
        let crash = format!(
            "{{ {life}, restarts_itself = {}, restart = \"{}\", repair = {}, \
             repair_restores = \"{}\", age_at_start = \"{}\" }}",
            choose.one(&["0", "0.5", "1"]),
            choose.law(&["0s", "10s", "2min..4min", "1h"], &["0s", "10min"]),
            choose.law(
                &["\"0s\"", "\"20s\"", "\"30min..8h\"", "\"never\"", MEMORYLESS],
                &["\"0s\"", "\"10min\"", "\"1h\""],
            ),
            if fixed.contains(&life) { "new" } else { old_or_new },
            choose.one(&["new", "stationary"]),
        );
        let crash = if choose.one(&[0, 1, 1, 1]) == 0 { "\"never\"".to_owned() } else { crash };
        let random = [
            "\"never\"",
            "{ rate = \"2/day\", repair = \"10s..2h\" }",
            "{ life = \"2h\", repair = \"5min\" }",
        ];
        let fixed = [
            "\"never\"",
            "{ life = \"1h\", repair = \"10min\" }",
            "{ life = \"110min\", repair = \"1h\" }",
            "{ life = \"2h\", repair = \"0s\" }",
        ];
        let outage = choose.law(&random, &fixed);
        let risk = risk(choose);
        let random = ["\"never\"", "{ rate = \"3/day\" }", "{ life = \"1h..30h\" }"];
        let fixed = ["\"never\"", "{ life = \"1h\" }", "{ life = \"10min\" }"];
        let broken = choose.law(&random, &fixed);
        let text = write!(
            text,
            r#"
[server_models.{name}]
vcpus = 4
memory = "16GiB"
numa_nodes = 2
local_disks = {{ count = 2, size = "1TB", failure = {broken} }}
local_storage = "1TB"
crash = {crash}
risk = {risk}
[[servers]]
model = "{name}"
{}
rack_outage = {outage}
"#,
            choose.one(&[
                "count = 1\nzones = [\"a\"]",
                "count = 2\nzones = [\"a\"]",
                "count = 2\nzones = [\"a\", \"b\"]",
                "count = 3\nzones = [\"a\"]\nracks_per_zone = 2",
            ]),
        );
        text.expect("a string takes any text");
    }
}

/// How risks of servers are predicted.
fn risk(choose: &mut Choices) -> String {
    let random = ["rate = \"2/day\"", "life = \"1h..20h\"", "life = \"2h\""];
    let life = choose.law(&random, &["life = \"1h\"", "life = \"110min\""]);
    let risk = format!(
        "{{ {life}, curable = {}, crash_p = {}, crash_after = {}, repair = {} }}",
        choose.one(&["0", "0.5", "1"]),
        choose.one(&["0", "0.5", "1"]),
        choose.law(&["\"0s\"", "\"10s\"", "\"5s..10h\""], &["\"0s\"", "\"10min\"", "\"1h\""]),
        choose.law(&["\"0s\"", "\"10min..8h\""], &["\"0s\"", "\"10min\"", "\"1h\""]),
    );
    if choose.one(&[true, false]) { risk } else { "\"never\"".to_owned() }
}

fn types(choose: &mut Choices, text: &mut String) {
    // Every other scenario looks at NUMA nodes; no choice is taken for it, so all others stay.
    let [one, two] = match choose.state.count_ones() % 2 {
        0 => ["numa_nodes = 1\n", "numa_nodes = 2\nnuma_vcpus = [1, 2]\n"],
        _ => ["", ""],
    };
    for (name, vcpus, disks) in [
        ("small", 1, one),
        ("large", 3, two),
        ("disk", 2, "local_disks = 1\ndisk_flow = \"replace\"\n"),
        ("store", 1, "local_storage = \"200GB\"\n"),
    ] {
        let action = choose.one(&["AutoRecover", "Stop", "AutoRedeploy"]);
        let written = write!(
            text,
            "[instance_types.{name}]\nvcpus = {vcpus}\nmemory = \"1GiB\"\n{disks}\
             action_on_maintenance = \"{action}\"\n"
        );
        written.expect("a string takes any text");
    }
}

fn workload(choose: &mut Choices, text: &mut String) {
    let written = write!(
        text,
        r#"
[workload]
when_full = {}
life_from = "{}"
[[workload.instances]]
name = "first"
type = "{}"
count = {}
customer = "other"
{}
[[workload.instances]]
name = "second"
type = "{}"
count = {}
life = "1h..2d"
[[workload.arrivals]]
name = "jobs"
{}
types = {{ small = 2, large = 1, disk = 1, store = 1 }}
batch = {{ sizes = [[0.8, 1], [0.2, 3]] }}
same_type_in_batch = false
life = {}
{}
[[workload.arrivals]]
name = "clockwork"
gap = "1h"
type = "large"
life = "{}"
[applications.app]
per_server_limit = {}
needed = [1, 2]
"#,
        choose.one(&["\"reject\"", "{ wait = \"5min\" }", "{ wait = \"1d\" }"]),
        choose.one(&["arrival", "running"]),
        choose.one(&["small", "large", "disk", "store"]),
        choose.one(&[1, 3, 6]),
        choose.one(&[
            "app = \"app\"",
            "group = \"g\"",
            "app = \"app\"\ngroup = \"g\"",
            "zone = \"a\"",
            ""
        ]),
        choose.one(&["small", "large", "disk", "store"]),
        choose.one(&[1, 1, 4]),
        choose.law(
            &["rate = \"0.2/h\"", "rate = \"1/h\"", "rate = \"4/h\""],
            &["gap = \"10min\"", "gap = \"50min\""],
        ),
        choose.law(&[MEMORYLESS, "\"0s..2min\"", "\"6h\""], &["\"0s\"", "\"10min\"", "\"2h\""]),
        choose.one(&["app = \"app\"", "group = \"g\"", ""]),
        choose.law(&["1h", "0s", "30s", "3h"], &["1h", "0s", "10min", "3h"]),
        choose.one(&[1, 2]),
    );
    written.expect("a string takes any text");
}

fn rules(choose: &mut Choices, text: &mut String) {
    let written = write!(
        text,
        r#"
[policies]
placement = "{}"
recovery = "{}"
[policies.repair]
crews = {}
order = "{}"
[policies.customers.default]
restart_after = "{}"
scheduled_event = "{}"
inquiry = "{}"
[settings]
instance = {{ pending = "{}", starting = "{}", boot_fail_p = {}, stopping = "{}" }}
recover = {{ detect = "{}" }}
guest = {{ crash_rate = "{}" }}
create = {{ release_after = "{}" }}
host = {{ idle_wears = {} }}
disk = {{ detect = "{}", replace = "{}" }}
"#,
        choose.one(&["first-fit", "best-fit", "worst-fit", "most-free", "spread"]),
        choose.one(&["failover", "failover", "in-place"]),
        choose.one(&["1", "2", "\"unlimited\""]),
        choose.one(&["first-come", "shortest-first", "most-instances-first"]),
        choose.law(&["1min", "10min", "1h", "never"], &["10min", "1h", "never"]),
        choose.one(&["wait", "wait", "reboot", "redeploy", "stop"]),
        choose.one(&["wait", "accept", "redeploy", "reboot"]),
        choose.law(&["0s", "3s", "5min"], &["0s", "10min"]),
        choose.law(&["0s", "20s..60s", "20min"], &["0s", "10min"]),
        choose.one(&["0", "0", "0.3"]),
        choose.law(&["0s", "5s..30s", "10min"], &["0s", "10min"]),
        choose.law(&["0s", "10s..60s", "20min"], &["0s", "10min"]),
        choose.law(&["never", "0.5/day", "1/h"], &["never"]),
        choose.law(&["0s", "300s"], &["0s", "10min"]),
        choose.one(&["true", "false"]),
        choose.law(&["0s", "60s"], &["0s", "10min"]),
        choose.law(&["0s", "1h..20h"], &["0s", "10min", "1h"]),
    );
    written.expect("a string takes any text");
}

/// What the operator plans, and how it goes.
fn operator(choose: &mut Choices, text: &mut String) {
    let written = write!(
        text,
        r#"
[policies.maintenance]
live_migration = {}
live_at_once = {}
on_risk = "{}"
[settings.event]
lead = "{}"
cancel_p = {}
start_inquiring_p = {}
exec_limit = "{}"
republish_delay = "{}"
reboot_moves_cloud_only = {}
allow_undocumented_failed = {}
hold_during_task = {}
[settings.livemig]
success_p = {}
duration = "{}"
blackout = "{}"
[settings.redeploy]
switch = "{}"
fail_p = {}
[settings.maint]
max_concurrent_hosts = {}
"#,
        choose.one(&["true", "true", "false"]),
        choose.one(&["1", "\"unlimited\""]),
        choose.one(&["act", "act", "act", "ignore"]),
        choose.law(&["0s", "1h..3h", "10s"], &["0s", "10min", "1h"]),
        choose.one(&["0", "0.3"]),
        choose.one(&["0", "0.3"]),
        choose.law(&["600s", "1min"], &["10min"]),
        choose.law(&["24h", "10min", "3h"], &["10min", "1h"]),
        choose.one(&["true", "false"]),
        choose.one(&["true", "false"]),
        choose.one(&["true", "false"]),
        choose.one(&["1", "0.5", "0"]),
        choose.law(&["0s", "5s..60s", "20min"], &["0s", "10min"]),
        choose.law(&["0s", "100ms", "10s..2min"], &["0s", "10min"]),
        choose.law(&["0s", "30s..120s", "20min"], &["0s", "10min"]),
        choose.one(&["0", "0.3"]),
        choose.one(&["1", "\"unlimited\"", "\"unlimited\""]),
    );
    written.expect("a string takes any text");
    for number in 0..choose.one(&[0, 1, 3]) {
        let written = write!(
            text,
            r#"
[[campaigns]]
name = "campaign{number}"
event = "SystemMaintenance.{}"
start = "{}"
live_migration = {}
moves_instances = {}
order = "{}"
rate = "{}"
stop_after_failures = {}
at_once = {}
{}
"#,
            choose.one(&["Reboot", "Stop", "Redeploy"]),
            choose.law(&["0s", "3h", "10h"], &["0s", "1h", "2h"]),
            choose.one(&["true", "false"]),
            choose.one(&["true", "false"]),
            choose.one(&["rack-by-rack", "spread", "random", "emptiest-first", "fullest-first"]),
            choose.one(&["unlimited", "1/h"]),
            choose.one(&["\"never\"", "1", "3"]),
            choose.one(&[
                "{}",
                "{ servers = 1 }",
                "{ per_rack = 1 }",
                "{ per_zone = 1, per_group = 1 }"
            ]),
            choose.one(&["", "window = { from = 2, hours = 5 }", "servers = { most = 2 }"]),
        );
        written.expect("a string takes any text");
    }
}

/// What owners do about their disks, more settings, and commands of the scenario.
fn owners(choose: &mut Choices, text: &mut String) {
    let written = write!(
        text,
        r#"
[policies.customers.other]
scheduled_event = "redeploy"
inquiry = "{}"
disk_error = "{}"
answer_after = "{}"
isolated = "{}"
outage = "{}"
outage_after = "{}"
reboot_after = "{}"
force_stop = {}
restart_after = "{}"
retry = {{ after = "{}", times = 3 }}
[settings.enable]
clean_inactive = {}
[settings.failure_redeploy]
instance_state = "{}"
[settings.graceful_timeout_action]
user = "{}"
system = "{}"
"#,
        choose.one(&["wait", "accept", "redeploy"]),
        choose.one(&["wait", "accept", "accept", "redeploy"]),
        choose.law(&["0s", "10s", "1h..5h"], &["0s", "10min"]),
        choose.one(&["wait", "redeploy"]),
        choose.one(&["wait", "redeploy"]),
        choose.law(&["0s", "30s", "1h"], &["0s", "10min"]),
        choose.law(&["0s", "30s", "3h", "never"], &["0s", "10min", "1h"]),
        choose.one(&["true", "false"]),
        choose.law(&["1min", "1h"], &["10min", "1h"]),
        choose.law(&["0s", "5min"], &["10min"]),
        choose.one(&["true", "false"]),
        choose.one(&["Stopped", "Running"]),
        choose.one(&["fail", "power-off"]),
        choose.one(&["fail", "power-off"]),
    );
    written.expect("a string takes any text");
    for (table, more) in [
        ("instance = {", more_of_instances(choose)),
        ("disk = {", more_of_disks(choose)),
        ("[settings.event]\n", more_of_events(choose)),
        ("[settings.redeploy]\n", more_of_redeployments(choose)),
    ] {
        *text = text.replacen(&format!("\n{table}"), &format!("\n{table}{more}"), 1);
    }
}

fn more_of_instances(choose: &mut Choices) -> String {
    let economical = choose.one(&["true", "false"]);
    let timeout = choose.law(&["240s", "10s"], &["10min"]);
    format!(" economical = {economical}, guest_shutdown_timeout = \"{timeout}\",")
}

fn more_of_redeployments(choose: &mut Choices) -> String {
    let [disk, internal] = [(); 2].map(|()| choose.one(&["0", "0.3"]));
    format!("disk_error_p = {disk}\ninternal_error_p = {internal}\n")
}

fn more_of_disks(choose: &mut Choices) -> String {
    let [isolation, reinit, hang] = [(); 3].map(|()| choose.one(&["0", "0.5"]));
    format!(
        " online_isolation_p = {}, online_isolation_fail_p = {isolation}, \
         online_reinit_fail_p = {reinit}, no_nofail_boot_hang_p = {hang}, \
         initlocaldisk_closes = {}, switch_initial_status = \"{}\",",
        choose.one(&["0", "0.5", "1"]),
        choose.one(&["true", "false"]),
        choose.one(&["Executing", "Inquiring"]),
    )
}

fn more_of_events(choose: &mut Choices) -> String {
    format!(
        "accept_goes_to_scheduled = {}\nstop_start_answers = {}\nreboot_mitigates_p = {}\n",
        choose.one(&["[]", "[\"SystemMaintenance.Reboot\", \"SystemFailure.Redeploy\"]"]),
        choose.one(&["true", "false"]),
        choose.one(&["1", "0.5", "0"]),
    )
}

/// Commands of the scenario.
fn scripts(choose: &mut Choices, text: &mut String) {
    for _ in 0..choose.one(&[0, 4, 12]) {
        let at = choose.law(
            &["30min", "100min", "5h", "9h", "9h30s", "13h", "13h1min", "20h"],
            &["10min", "1h", "2h", "3h", "4h", "10h", "20h"],
        );
        let command = choose.one(&[
            "do = \"StopInstance\"",
            "do = \"StopInstance\"\nForceStop = true\nStoppedMode = \"StopCharging\"",
            "do = \"StartInstance\"",
            "do = \"StartInstance\"\nInitLocalDisk = true",
            "do = \"RebootInstance\"",
            "do = \"RedeployInstance\"",
            "do = \"RedeployInstance\"\nForceStop = true",
            "do = \"DeleteInstance\"\nForce = true",
            "do = \"CreateSimulatedSystemEvents\"\nEventType = \"SystemMaintenance.Reboot\"\n\
             NotBefore = \"14h\"\nTriggerRealOps = true",
            "do = \"CreateSimulatedSystemEvents\"\nEventType = \"SystemFailure.Redeploy\"\n\
             NotBefore = \"12h\"\nTriggerRealOps = true",
        ]);
        let of = choose.one(&["first[0]", "second[0]"]);
        writeln!(text, "[[scripts]]\nat = \"{at}\"\n{command}\nInstanceId = \"{of}\"")
            .expect("a string takes any text");
    }
}

/// The scenario of this seed.
pub fn scenario(seed: u64) -> String {
    let mut choose = Choices { state: seed, on_a_grid: seed % 2 == 1 };
    let mut text = format!(
        "[scenario]\nname = \"random\"\nhorizon = \"{}\"\nwarm_up = \"{}\"\nseed = {seed}\n",
        choose.one(&["1d", "4d"]),
        choose.one(&["0s", "7h"]),
    );
    servers(&mut choose, &mut text);
    types(&mut choose, &mut text);
    workload(&mut choose, &mut text);
    rules(&mut choose, &mut text);
    operator(&mut choose, &mut text);
    owners(&mut choose, &mut text);
    scripts(&mut choose, &mut text);
    text
}

/// Runs the scenarios of these seeds.
fn all_hold(seeds: impl Iterator<Item = u64>) {
    let mut failovers = 0.0;
    for seed in seeds {
        let text = scenario(seed);
        let parsed = checked::scenario(&text);
        let held = std::panic::catch_unwind(|| checked::run(&parsed, 0, &mut ()));
        let Ok(outcome) = held else { panic!("the scenario of seed {seed} fails:\n{text}") };
        failovers += checked::value(&outcome, "migrations", &["failover"]);
    }
    assert!(failovers > 0.0, "something happens");
}

#[test]
fn random_scenarios_hold() {
    all_hold((0..100).step_by(2));
}

#[test]
fn more_random_scenarios_hold() {
    all_hold(0..200);
}

#[test]
fn yet_more_random_scenarios_hold() {
    all_hold(200..400);
}
