//! Bad input: what the user reads. Each snapshot holds every fault of one scenario.

use fleetsim::{
    messages::operation::{Cloud, Operation},
    scenario::{FileRequest, Files, InMemory, Scenario},
};
use proptest::prelude::*;

/// A scenario without faults, to be spoilt.
const GOOD: &str = r#"
[scenario]
name = "small"
horizon = "30d"

[server_models.m]
vcpus = 8
memory = "32GiB"

[[servers]]
name = "all"
model = "m"
count = 4
zones = ["a", "b"]

[instance_types.t]
vcpus = 2
memory = "8GiB"

[[workload.instances]]
type = "t"
count = 3

[[workload.arrivals]]
name = "jobs"
rate = "7/h"
type = "t"
life = { exponential = { mean = "1h" } }
"#;

fn parse(bytes: &[u8], sets: &[&str], files: &dyn Files) -> Result<Scenario, String> {
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    Scenario::parse("x/scenario.toml", bytes, &sets, files).map_err(|faults| faults.to_string())
}

/// The faults of the good scenario with `from` replaced by `to`.
fn spoilt(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "`{from}` stands in the good scenario once");
    faults(&GOOD.replace(from, to))
}

fn faults(text: &str) -> String {
    parse(text.as_bytes(), &[], &InMemory::default()).expect_err("the scenario is faulty")
}

fn set(option: &str) -> String {
    parse(GOOD.as_bytes(), &[option], &InMemory::default()).expect_err("the option is faulty")
}

#[test]
fn the_good_scenario_is_good() {
    parse(GOOD.as_bytes(), &[], &InMemory::default()).unwrap();
}

#[test]
fn unknown_keys_name_the_nearest() {
    insta::assert_snapshot!(spoilt("horizon =", "horizn ="), @r"
    x/scenario.toml:2:1: `scenario.horizon` is missing
        How long a run lasts, from its beginning; at most 1,000 years. It is a length of time
    x/scenario.toml:4:1: `scenario` has the unknown key `horizn`
        did you mean `horizon`? (known: name, question, horizon, warm_up, clock_start, start, region, seed, runs, reference_type, levels_at)
    ");
    insta::assert_snapshot!(spoilt("[[servers]]", "[[server]]"), @r#"
    x/scenario.toml:1:1: `servers` is missing
        The servers, in groups of equal ones. It is a list, each a table with name, model, count, zones
    x/scenario.toml:10:3: a scenario has the unknown key `server`
        did you mean `servers`? (23 are known)
    "#);
    insta::assert_snapshot!(spoilt("exponential", "exponentail"), @r#"
    x/scenario.toml:28:10: `workload.arrivals[jobs].life` has the unknown law `exponentail`
        did you mean `exponential`? (known: exponential, weibull, lognormal, empirical)
    "#);
}

#[test]
fn all_faults_are_told_at_once() {
    let text = GOOD
        .replace("\"32GiB\"", "\"32Gib\"")
        .replace("count = 4", "count = 0\ncolour = \"red\"")
        .replace("\"7/h\"", "7")
        .replace("type = \"t\"\ncount", "type = \"T2\"\ncount");
    insta::assert_snapshot!(faults(&text), @r#"
    x/scenario.toml:8:10: `server_models.m.memory`: "32Gib" has the unknown unit of size `Gib`
        a size has the unit B, kB, MB, GB, TB, PB (powers of 1,000) or KiB, MiB, GiB, TiB, PiB (powers of 1,024), as in "384GiB" or "7.68TB"
    x/scenario.toml:13:9: there are no servers: the only entry of `servers` has the count 0
        give a count of at least 1
    x/scenario.toml:14:1: `servers[all]` has the unknown key `colour`
        known: name, model, count, zones, racks_per_zone, rack_outage, dedicated
    x/scenario.toml:22:8: there is no instance type `T2`
        did you mean `t`? (known: t)
    x/scenario.toml:27:8: `workload.arrivals[jobs].rate` is the number 7 without a unit
        a rate is a number, with % or not, per s, min, h, day, week or year, as in "7/h" or "2%/year"; or "never"
    "#);
}

#[test]
fn syntax_faults_are_told_together() {
    insta::assert_snapshot!(faults("[scenario]\nname = \n[servers\nx = \"a\ny = 1\n"), @r#"
    x/scenario.toml:2:8: string values must be quoted, expected literal string
    x/scenario.toml:3:9: unclosed table, expected `]`
    "#);
    let json = InMemory::default();
    let text = "{\"scenario\": {\"name\": \"x\", \"name\": \"y\",}";
    let faults = Scenario::parse("x.json", text.as_bytes(), &[], &json).unwrap_err();
    insta::assert_snapshot!(faults.to_string(), @r#"
    x.json:1:28: the key `name` is given twice
        x.json:1:15: first here
    x.json:1:40: a key in double quotes is missing here
    "#);
}

#[test]
fn wrong_units() {
    insta::assert_snapshot!(spoilt("\"30d\"", "30"), @r#"
    x/scenario.toml:4:11: `scenario.horizon` is the number 30 without a unit
        a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"
    "#);
    insta::assert_snapshot!(spoilt("\"30d\"", "\"30 days\""), @r#"
    x/scenario.toml:4:11: `scenario.horizon`: "30 days" has the unknown unit of time `days`
        a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"
    "#);
    insta::assert_snapshot!(spoilt("\"30d\"", "\"30GiB\""), @r#"
    x/scenario.toml:4:11: `scenario.horizon`: "30GiB" has the unknown unit of time `GiB`
        a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"
    "#);
    insta::assert_snapshot!(spoilt("\"8GiB\"", "\"8\""), @r#"
    x/scenario.toml:18:10: `instance_types.t.memory`: "8" has no unit
        a size has the unit B, kB, MB, GB, TB, PB (powers of 1,000) or KiB, MiB, GiB, TiB, PiB (powers of 1,024), as in "384GiB" or "7.68TB"
    "#);
    insta::assert_snapshot!(spoilt("\"7/h\"", "\"7\""), @r#"
    x/scenario.toml:26:8: `workload.arrivals[jobs].rate`: "7" does not say per what time
        a rate is a number, with % or not, per s, min, h, day, week or year, as in "7/h" or "2%/year"; or "never"
    "#);
    insta::assert_snapshot!(spoilt("\"1h\"", "60"), @r#"
    x/scenario.toml:28:33: `workload.arrivals[jobs].life` has the number 60 where a text with a unit belongs
        a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"
    "#);
}

#[test]
fn negative_undefined_and_overflowing_values() {
    insta::assert_snapshot!(spoilt("\"30d\"", "\"-30d\""), @r#"
    x/scenario.toml:4:11: `scenario.horizon`: "-30d" is negative
        a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"
    "#);
    insta::assert_snapshot!(spoilt("count = 4", "count = -4"), @r#"
    x/scenario.toml:13:9: `servers[all].count` is -4
        it is at least 0
    "#);
    insta::assert_snapshot!(spoilt("count = 4", "count = nan"), @r#"
    x/scenario.toml:13:9: `servers[all].count` is the number NaN, which is no quantity
        it is a whole number, at least 0
    "#);
    insta::assert_snapshot!(spoilt("count = 4", "count = inf"), @r#"
    x/scenario.toml:13:9: `servers[all].count` is the number inf, which is no quantity
        it is a whole number, at least 0
    "#);
    insta::assert_snapshot!(spoilt("count = 4", "count = 4.5"), @r#"
    x/scenario.toml:13:9: `servers[all].count` takes a whole number, not the number 4.5
        it is a whole number, at least 0
    "#);
    insta::assert_snapshot!(spoilt("\"30d\"", "nan"), @r#"
    x/scenario.toml:4:11: `scenario.horizon` is the number NaN, which is no quantity
        a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"
    "#);
    insta::assert_snapshot!(spoilt("\"30d\"", "1e400"), @"x/scenario.toml:4:11: the number 1e400 is too large");
    insta::assert_snapshot!(spoilt("\"30d\"", "\"99999999999999999999d\""), @r#"
    x/scenario.toml:4:11: `scenario.horizon`: "99999999999999999999d" has more than 18 digits
        a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"
    "#);
    insta::assert_snapshot!(spoilt("\"30d\"", "\"400000d\""), @r#"
    x/scenario.toml:4:11: the run would end after 400000d
        the clock runs for at most 1,000 years
    "#);
    insta::assert_snapshot!(spoilt("count = 4", "count = 99999999999999999999999999999999999999999"), @"x/scenario.toml:13:9: the number 99999999999999999999999999999999999999999 is too large");
    insta::assert_snapshot!(spoilt("\"32GiB\"", "\"99999999PiB\""), @r#"
    x/scenario.toml:8:10: `server_models.m.memory`: "99999999PiB" is more than 1 EiB
        a size has the unit B, kB, MB, GB, TB, PB (powers of 1,000) or KiB, MiB, GiB, TiB, PiB (powers of 1,024), as in "384GiB" or "7.68TB"
    "#);
}

#[test]
fn times_of_the_experiment() {
    insta::assert_snapshot!(spoilt("\"30d\"", "\"0s\""), @r#"
    x/scenario.toml:4:11: `scenario.horizon` is zero
        a run lasts some time, as in "365d"
    "#);
    insta::assert_snapshot!(spoilt("\"30d\"", "\"30d\"\nwarm_up = \"30d\""), @r#"
    x/scenario.toml:5:11: `scenario.warm_up` is 30d, and the run lasts 30d
        the warm-up is shorter than the horizon
    "#);
    insta::assert_snapshot!(spoilt("\"30d\"", "\"30d\"\nlevels_at = [\"12h\", \"31d\"]"), @r#"
    x/scenario.toml:5:21: `scenario.levels_at` names 31d, when there is no run
        name instants of the clock from the beginning to the end
    "#);
}

#[test]
fn fleets_that_cannot_be() {
    insta::assert_snapshot!(spoilt("count = 4", "count = 0"), @r#"
    x/scenario.toml:13:9: there are no servers: the only entry of `servers` has the count 0
        give a count of at least 1
    "#);
    insta::assert_snapshot!(spoilt("count = 3", "count = 1_000_000_000"), @r#"
    x/scenario.toml:22:9: 1000000000 instances need about 239 GiB of memory, the scenario 239 GiB, and one run may take 8 GiB
        the limit is fleetsim's own, whatever this machine has, so that a slip of a digit cannot fill it: simulate a part of the fleet
    "#);
    insta::assert_snapshot!(spoilt("count = 4", "count = 1_000_000_000"), @r#"
    x/scenario.toml:13:9: 1000000000 servers need about 150 GiB of memory, the scenario 150 GiB, and one run may take 8 GiB
        the limit is fleetsim's own, whatever this machine has, so that a slip of a digit cannot fill it: simulate a part of the fleet
    "#);
    insta::assert_snapshot!(spoilt("vcpus = 2", "vcpus = 16"), @r#"
    x/scenario.toml:16:1: no server is large enough for the type `t`
        it takes 16 vCPUs; a server has at most 8
    "#);
    insta::assert_snapshot!(spoilt("[\"a\", \"b\"]", "[\"a\", \"b\"]\nracks_per_zone = 1000000000000"), @r#"
    x/scenario.toml:15:18: 1000000000000 racks a zone are more than the 4 servers fill
        a rack holds a server at least
    "#);
    insta::assert_snapshot!(spoilt("vcpus = 8", "vcpus = 8\nnuma_nodes = 3"), @r#"
    x/scenario.toml:8:14: `m` has 8 vCPUs on 3 NUMA nodes
        each node has the same number: numa_nodes must divide vcpus
    "#);
    insta::assert_snapshot!(spoilt("vcpus = 8", "vcpus = 8\nnuma_nodes = 16"), @r"
    x/scenario.toml:8:14: `server_models.m.numa_nodes` is 16
        it is at most 8
    ");
    insta::assert_snapshot!(spoilt("vcpus = 2", "vcpus = 3\nnuma_nodes = 2"), @r"
    x/scenario.toml:18:14: 3 vCPUs of `t` are no 2 even parts
        say with `numa_vcpus` what it takes of each node
    ");
    insta::assert_snapshot!(spoilt("vcpus = 2", "vcpus = 2\nnuma_nodes = 2"), @r"
    x/scenario.toml:16:1: no server is large enough for the type `t`
        in all it would fit, but not in 2 parts on as many NUMA nodes
    ");
    insta::assert_snapshot!(spoilt("vcpus = 2", "vcpus = 2\nnuma_vcpus = [1, 1]"), @r"
    x/scenario.toml:18:14: `t` says what it takes of each NUMA node, but not how many
        add numa_nodes, or leave this out
    ");
    let parts = "vcpus = 2\nnuma_nodes = 1\nnuma_vcpus = [1, 1]\nnuma_memory = [\"1GiB\"]";
    insta::assert_snapshot!(spoilt("vcpus = 2", parts), @r"
    x/scenario.toml:19:14: `numa_vcpus` of `t` is 2 vCPUs in all (parts: 2)
        one part for each NUMA node (nodes: 1), 2 in all
    x/scenario.toml:20:15: `numa_memory` of `t` is 1073741824 bytes in all (parts: 1)
        one part for each NUMA node (nodes: 1), 8589934592 in all
    ");
    insta::assert_snapshot!(spoilt("\"30d\"", "\"30d\"\nreference_type = \"u\""), @r"
    x/scenario.toml:5:18: there is no instance type `u`
        did you mean `t`? (known: t)
    ");
    insta::assert_snapshot!(spoilt("\"7/h\"", "\"1000000000/s\""), @r#"
    x/scenario.toml:26:8: about 2592000000000000 batches would arrive in a run
        at most 4,294,967,295 may
    "#);
    insta::assert_snapshot!(spoilt("rate = \"7/h\"", "gap = \"0s\""), @r#"
    x/scenario.toml:26:7: batches would follow each other without end
        at most 4,294,967,295 may
    "#);
}

/// A value that is faulty makes one fault and none where it is used.
#[test]
fn faulty_values_are_told_once() {
    let levels = GOOD.replace("\"30d\"", "\"30d\"\nwarm_up = \"7d\"\nlevels_at = [\"20d\"]");
    let options = [
        "scenario.horizon=-3d",
        "scenario.horizon=365",
        "scenario.horizon=nan",
        "scenario.horizon=0s",
        "scenario.clock_start=7",
        "server_models.m.vcpus=nan",
        "server_models.m.vcpus=0",
        "server_models.m.memory=0",
        "server_models.m.gpus=-1",
        "instance_types.t.vcpus=-1",
        "workload.instances[0].count=1000000000000000000000",
        "workload.instances[0].type='a b'",
        "workload.arrivals[jobs].rate=7",
        "workload.arrivals[jobs].types={nope=1}",
        "workload.arrivals[jobs].types={t=-1}",
        "workload.arrivals[jobs].types={}",
        "workload.arrivals[jobs].batch.sizes=[[1, 0]]",
        "workload.arrivals[jobs].batch.sizes=[]",
        "workload.arrivals[jobs].day_profile=[-1, 0]",
        "workload.arrivals[jobs].day_profile=[]",
        "servers[all].zones=[]",
        "servers[all].zones=a",
        "servers[all].count=-1",
        "servers[all].count=0",
        "servers[all].model=n",
        "servers[all].racks_per_zone=0",
        "servers.count=3",
        "servers=[]",
        "servers=3",
        "server_models=3",
        "instance_types=3",
        "policies.customers=3",
    ];
    let typed = levels.replace("type = \"t\"\nlife", "life");
    for option in options {
        let text = if option.contains(".types=") { &typed } else { &levels };
        let faults =
            Scenario::parse("x.toml", text.as_bytes(), &[option.into()], &InMemory::default());
        let faults = faults.expect_err(option);
        assert_eq!(faults.list.len(), 1, "{option}: {faults}");
    }
}

#[test]
fn missing_keys_are_missing_in_the_users_file() {
    let bare = "[server_models.m]\nvcpus = 8\n[[servers]]\nmodel = \"m\"\n";
    insta::assert_snapshot!(faults(bare), @r#"
    x/scenario.toml:1:1: `server_models.m.memory` is missing
        Memory that instances may take. It is a size
    x/scenario.toml:1:1: `scenario.name` is missing
        Name of the scenario, shown in every result. It is a name
    x/scenario.toml:1:1: `scenario.horizon` is missing
        How long a run lasts, from its beginning; at most 1,000 years. It is a length of time
    x/scenario.toml:3:1: `servers[0].count` is missing
        How many, in all zones together. It is a whole number
    x/scenario.toml:3:1: `servers[0].zones` is missing
        Zones between which they are split as evenly as possible. It is a list, each a name
    "#);
    let faults = Scenario::parse("x.toml", b"[policies]\n", &[], &InMemory::default()).unwrap_err();
    for label in faults.list.iter().flat_map(|fault| &fault.labels) {
        assert_eq!(faults.position(label).0, "x.toml");
    }
}

#[test]
fn wrong_numbers_are_told_what_is_right() {
    insta::assert_snapshot!(set("policies.repair.crews=1.5"), @r#"
    --set policies.repair.crews=1.5: `policies.repair.crews` takes a whole number, not the number 1.5
        it is a whole number from 1 to 1000000000
    "#);
    insta::assert_snapshot!(set("scenario.runs=many"), @r#"
    --set scenario.runs=many: `scenario.runs` takes a whole number, not the text "many"
        it is a whole number from 1 to 1000000, without quotes
    "#);
    insta::assert_snapshot!(set("scenario.runs='7'"), @r#"
    --set scenario.runs='7': `scenario.runs` takes a whole number, not the text "7"
        it is a whole number from 1 to 1000000, without quotes
    "#);
    insta::assert_snapshot!(set("scenario.seed=nan"), @r#"
    --set scenario.seed=nan: `scenario.seed` is the number NaN, which is no quantity
        it is a whole number, at least 0
    "#);
    insta::assert_snapshot!(set("servers[all].count=1.5"), @r#"
    --set servers[all].count=1.5: `servers[all].count` takes a whole number, not the number 1.5
        it is a whole number, at least 0
    "#);
    insta::assert_snapshot!(set("server_models.m.crash.restarts_itself=-0.0"), @r#"
    --set server_models.m.crash.restarts_itself=-0.0: `server_models.m.crash.restarts_itself` is -0
        it lies between 0 and 1
    "#);
    insta::assert_snapshot!(set("workload.arrivals[jobs].rate='1e9/s'"), @r#"
    --set workload.arrivals[jobs].rate='1e9/s': `workload.arrivals[jobs].rate`: "1e9/s" has an exponent, which is not read: write out all digits
        a rate is a number, with % or not, per s, min, h, day, week or year, as in "7/h" or "2%/year"; or "never"
    "#);
    insta::assert_snapshot!(set("server_models.m.memory=1e400GiB"), @r#"
    --set server_models.m.memory=1e400GiB: `server_models.m.memory`: "1e400GiB" has an exponent, which is not read: write out all digits
        a size has the unit B, kB, MB, GB, TB, PB (powers of 1,000) or KiB, MiB, GiB, TiB, PiB (powers of 1,024), as in "384GiB" or "7.68TB"
    "#);
    insta::assert_snapshot!(set("scenario.horizon=1e3s"), @r#"
    --set scenario.horizon=1e3s: `scenario.horizon`: "1e3s" has an exponent, which is not read: write out all digits
        a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"
    "#);
    let sets = ["server_models.m.crash.rate=never", "workload.arrivals[jobs].rate=never"];
    parse(GOOD.as_bytes(), &sets, &InMemory::default()).unwrap();
}

#[test]
fn words_without_quotes() {
    insta::assert_snapshot!(spoilt("\"small\"", "foo"), @r#"
    x/scenario.toml:3:8: `foo` is no value
        text stands in double quotes; words without are true and false
    "#);
    insta::assert_snapshot!(spoilt("\"small\"", "true-ish"), @r#"
    x/scenario.toml:3:8: `true-ish` is no value
        text stands in double quotes; words without are true and false
    "#);
    let json = |text: &str| {
        let faults = Scenario::parse("x.json", text.as_bytes(), &[], &InMemory::default());
        faults.unwrap_err().to_string()
    };
    insta::assert_snapshot!(json("{\"a\": NaN}"), @"x.json:1:7: `NaN` is no value: JSON has neither NaN nor Infinity");
    insta::assert_snapshot!(json("{\"a\": -Infinity}"), @"x.json:1:7: `-Infinity` is no value: JSON has neither NaN nor Infinity");
    insta::assert_snapshot!(json("{\"a\": foo}"), @r#"
    x.json:1:7: `foo` is no value
        text stands in double quotes; words without are true and false
    "#);
    insta::assert_snapshot!(json("{\"a\": }"), @"x.json:1:7: a value is missing here");
}

#[test]
fn the_name_of_all_types_together_is_reserved() {
    let text = GOOD.replace("[instance_types.t]", "[instance_types.all]");
    insta::assert_snapshot!(faults(&text.replace("\"t\"", "\"all\"")), @r#"
    x/scenario.toml:16:17: no instance type may have the name `all`
        `all` stands for all types together in the results: give the type another name
    "#);
}

#[test]
fn names() {
    insta::assert_snapshot!(spoilt("[\"a\", \"b\"]", "[\"a\", \"a\"]"), @r#"
    x/scenario.toml:14:15: the zone `a` is named twice
        name each zone once
    "#);
    insta::assert_snapshot!(spoilt("model = \"m\"", "model = \"n\""), @r#"
    x/scenario.toml:12:9: there is no server model `n`
        did you mean `m`? (known: m)
    "#);
    insta::assert_snapshot!(spoilt("count = 3", "count = 3\nzone = \"c\"\ncustomer = \"me\""), @r#"
    x/scenario.toml:23:8: there is no zone `c`
        did you mean `a`? (known: a, b)
    x/scenario.toml:24:12: there is no customer `me`
        known: default
    "#);
    insta::assert_snapshot!(spoilt("\"small\"", "\"=cmd()\""), @r#"
    x/scenario.toml:3:8: `scenario.name` has the name "=cmd()"
        a name is made of letters, digits and . _ : / - and begins with a letter or digit
    "#);
    let twice =
        format!("{GOOD}\n[[workload.arrivals]]\nname = \"jobs\"\nrate = \"1/h\"\ntype = \"t\"\n");
    insta::assert_snapshot!(faults(&twice), @r#"
    x/scenario.toml:31:8: two entries of `workload.arrivals` have the name `jobs`
        x/scenario.toml:25:8: the other one
        give each its own name
    "#);
    insta::assert_snapshot!(faults(&GOOD.replace("[instance_types.t]", "[instance_types.t]\nvcpus = 1")), @"x/scenario.toml:18:1: the key `vcpus` is given twice");
}

#[test]
fn laws_and_probabilities() {
    insta::assert_snapshot!(spoilt("{ exponential = { mean = \"1h\" } }", "\"2h..1h\""), @r#"
    x/scenario.toml:28:8: `workload.arrivals[jobs].life` runs from 2h down to 1h
        write the shorter length first
    "#);
    let crash = |text: &str| spoilt("[[servers]]", &format!("crash = {text}\n[[servers]]"));
    insta::assert_snapshot!(crash("{ rate = \"3%/year\", afr = \"3%\" }"), @r#"
    x/scenario.toml:10:29: `server_models.m.crash` has both `rate` and `afr`
        x/scenario.toml:10:11: the other one
        give one of rate, afr, life
    "#);
    insta::assert_snapshot!(crash("{ afr = \"100%\", restarts_itself = 1.5 }"), @r#"
    x/scenario.toml:10:17: `server_models.m.crash.afr`: "100%" is certain within a year
        a first-year probability is a percentage below 100 %, as in "3%"
    x/scenario.toml:10:43: `server_models.m.crash.restarts_itself` is 1.5
        it lies between 0 and 1
    "#);
    insta::assert_snapshot!(crash("\"nevr\""), @r#"
    x/scenario.toml:10:9: `server_models.m.crash` has the unknown value "nevr"
        it takes "never", or a table with rate, afr, life, restarts_itself
    "#);
    insta::assert_snapshot!(crash("{ life = \"0s\" }"), @r#"
    x/scenario.toml:10:18: what is to fail lives 0 s on average
        a life is at least one second on average
    "#);
    insta::assert_snapshot!(crash("{ life = { weibull = { shape = 1.5 } } }"), @r#"
    x/scenario.toml:10:30: `server_models.m.crash.life` has a law without the parameters it needs
        it takes shape and scale, or shape and mean, or shape and afr, or shape and annual_rate
    "#);
}

#[test]
fn words() {
    let policies = |text: &str| faults(&format!("{GOOD}\n[policies]\n{text}\n"));
    insta::assert_snapshot!(policies("placement = \"frist-fit\""), @r#"
    x/scenario.toml:31:13: `policies.placement` has the unknown value "frist-fit"
        did you mean `first-fit`? (known: first-fit, best-fit, worst-fit, most-free, spread)
    "#);
    insta::assert_snapshot!(policies("repair.crews = \"many\""), @r#"
    x/scenario.toml:31:16: `policies.repair.crews` has the unknown value "many"
        it takes "unlimited", or a whole number
    "#);
    insta::assert_snapshot!(policies("repair = 3"), @"
    x/scenario.toml:31:10: `policies.repair` takes a table, not the number 3
        its keys: crews, order
    ");
}

#[test]
fn bytes_that_are_no_scenario() {
    let none = InMemory::default();
    insta::assert_snapshot!(parse(b"", &[], &none).unwrap_err(), @r#"
    x/scenario.toml:1:1: the file is empty
        `fleetsim init` writes an example
    "#);
    insta::assert_snapshot!(parse(b"\xef\xbb\xbf \r\n", &[], &none).unwrap_err(), @r#"
    x/scenario.toml:1:1: the file is empty
        `fleetsim init` writes an example
    "#);
    insta::assert_snapshot!(parse(b"[scenario]\nname = \"\xff\"", &[], &none).unwrap_err(), @r#"
    x/scenario.toml:2:9: byte 19 of the file is not UTF-8
        save the file as UTF-8
    "#);
    insta::assert_snapshot!(parse("[".repeat(100_000).as_bytes(), &[], &none).unwrap_err(), @"x/scenario.toml:1:3: unquoted keys cannot be empty, expected letters, numbers, `-`, `_`");
    insta::assert_snapshot!(parse(&vec![b'#'; 17 << 20], &[], &none).unwrap_err(), @"x/scenario.toml:1:1: the file is larger than 16 MiB");
}

#[test]
fn deep_nesting_is_refused() {
    let keys = vec!["a"; 100_000].join(".");
    let files = InMemory::default();
    assert!(parse(format!("{keys} = 1").as_bytes(), &[], &files).is_err());
    assert!(parse(format!("[{keys}]").as_bytes(), &[], &files).is_err());
    assert!(parse(GOOD.as_bytes(), &[&format!("{keys}=1")], &files).is_err());
    assert!(parse(GOOD.as_bytes(), &[&format!("a={}", "[".repeat(100_000))], &files).is_err());
}

#[test]
fn includes() {
    let text = |include: &str| format!("include = {include}\n{GOOD}");
    let read = |include: &str, files: InMemory| parse(text(include).as_bytes(), &[], &files);
    insta::assert_snapshot!(read("[\"fleet.toml\"]", InMemory::default()).unwrap_err(), @"x/scenario.toml:1:12: cannot open `x/fleet.toml`: no such file");
    insta::assert_snapshot!(read("[\".\"]", InMemory::default()).unwrap_err(), @r#"
    x/scenario.toml:1:12: cannot open `.`: it is a folder, not a file
        name a file
    "#);
    insta::assert_snapshot!(read("\"../fleet.toml\"", InMemory::default()).unwrap_err(), @r#"
    x/scenario.toml:1:11: the file `fleet.toml` lies outside of the scenario's folder
        put it beside the scenario, name it by --set, or allow it with --allow-path
    "#);
    insta::assert_snapshot!(read("[3]", InMemory::default()).unwrap_err(), @r#"
    x/scenario.toml:1:12: `include` takes names of files, not the number 3
        write include = ["fleet.toml"]
    "#);
    let circle =
        [("x/a.toml", "include = \"b/b.toml\""), ("x/b/b.toml", "include = [\"../a.toml\"]")];
    insta::assert_snapshot!(read("\"a.toml\"", InMemory::new(circle)).unwrap_err(), @"x/b/b.toml:1:12: includes run in a circle: x/scenario.toml -> x/a.toml -> x/b/b.toml -> x/a.toml");
    let itself = InMemory::new([("x/scenario.toml", "")]);
    insta::assert_snapshot!(read("\"scenario.toml\"", itself).unwrap_err(), @"x/scenario.toml:1:11: includes run in a circle: x/scenario.toml -> x/scenario.toml");
    let faulty = InMemory::new([("x/fleet.toml", "\n[policies]\nplacment = \"spread\"\n")]);
    insta::assert_snapshot!(read("\"fleet.toml\"", faulty).unwrap_err(), @r"
    x/fleet.toml:3:1: `policies` has the unknown key `placment`
        did you mean `placement`? (known: placement, numa_order, recovery, repair, maintenance, customers)
    ");
}

#[test]
fn options() {
    insta::assert_snapshot!(set("scenario.seed"), @r#"
    --set scenario.seed: `scenario.seed`: a `=` is missing
        write --set path=value, as in --set scenario.seed=7 or --set 'servers[0].count=9'
    "#);
    insta::assert_snapshot!(set("scenario.sed=3"), @r"
    --set scenario.sed=3: `scenario` has the unknown key `sed`
        did you mean `seed`? (known: name, question, horizon, warm_up, clock_start, start, region, seed, runs, reference_type, levels_at)
    ");
    insta::assert_snapshot!(set("servers[every].count=3"), @r#"
    --set servers[every].count=3: the list has no element `every`
        it has 1 element, counted from 0; known: all
    "#);
    insta::assert_snapshot!(set("servers[9].count=1"), @r#"
    --set servers[9].count=1: the list has no element `9`
        it has 1 element, counted from 0; by name: all
    "#);
    insta::assert_snapshot!(set("servers.count=1"), @r#"
    --set servers.count=1: `count` is a key of a table, but there stands a list
        pick an element of the list first, as in [0] or [all]
    "#);
    insta::assert_snapshot!(set("scenario.horizon=30"), @r#"
    --set scenario.horizon=30: `scenario.horizon` is the number 30 without a unit
        a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"
    "#);
    insta::assert_snapshot!(set("include=x.toml"), @"--set include=x.toml: `include` cannot be set by an option");
}

/// A file that is opened but cannot be read.
struct Folder;

impl Files for Folder {
    fn open(&self, request: &FileRequest) -> Result<Box<dyn std::io::Read>, String> {
        Err(format!("{} is a folder", request.path))
    }
}

#[test]
fn traces() {
    let fleet = GOOD.split("[[workload").next().unwrap();
    let with = |keys: &str, files: &dyn Files| {
        let text = format!("{fleet}[workload]\ntrace = \"t.csv\"\n{keys}\n");
        parse(text.as_bytes(), &[], files).unwrap_err()
    };
    let file = |rows: &str| InMemory::new([("x/t.csv", rows)]);
    insta::assert_snapshot!(with("", &InMemory::default()), @"x/scenario.toml:21:9: cannot open the trace `x/t.csv`: no such file");
    insta::assert_snapshot!(with("", &Folder), @"x/scenario.toml:21:9: cannot open the trace `x/t.csv`: x/t.csv is a folder");
    insta::assert_snapshot!(with("", &file("arrival_s,vcpus,memory_gib\n0,1,1\n5,x,1\n")), @r#"
    x/t.csv:3:3: trace `x/t.csv`: line 3, column vcpus, value `x`: is not a number
        a whole number from 0 to 4294967295
    "#);
    let many = format!("arrival_s,vcpus,memory_gib\n\n1,x,1\n{}\"2\",x,1\n", "1,1,-1\n".repeat(30));
    insta::assert_snapshot!(with("", &file(&many)), @r#"
    x/t.csv:3:3: trace `x/t.csv`: 20 faults in its lines; there are at least 12 more faults
        x/t.csv:3:3: vcpus: is not a number
        x/t.csv:4:5: memory_gib: is negative
        x/t.csv:5:5: memory_gib: is negative
        x/t.csv:6:5: memory_gib: is negative
        x/t.csv:7:5: memory_gib: is negative
        x/t.csv:8:5: memory_gib: is negative
        x/t.csv:9:5: memory_gib: is negative
        x/t.csv:10:5: memory_gib: is negative
        x/t.csv:11:5: memory_gib: is negative
        x/t.csv:12:5: memory_gib: is negative
        x/t.csv:13:5: memory_gib: is negative
        x/t.csv:14:5: memory_gib: is negative
        x/t.csv:15:5: memory_gib: is negative
        x/t.csv:16:5: memory_gib: is negative
        x/t.csv:17:5: memory_gib: is negative
        x/t.csv:18:5: memory_gib: is negative
        x/t.csv:19:5: memory_gib: is negative
        x/t.csv:20:5: memory_gib: is negative
        x/t.csv:21:5: memory_gib: is negative
        x/t.csv:22:5: memory_gib: is negative
        memory_gib: an amount from 0 to 1 PiB, such as 4 or 1.75; vcpus: a whole number from 0 to 4294967295
    "#);
    insta::assert_snapshot!(with("", &file("arrival,vcpu,memory_gib\n1,1,1\n")), @r#"
    x/t.csv:1:1: trace `x/t.csv`: 4 faults in its lines
        x/t.csv:1:1: unknown column `arrival`
        x/t.csv:1:1: unknown column `vcpu`
        x/t.csv:1:1: column `arrival_s` is missing
        x/t.csv:1:1: column `vcpus` is missing
        did you mean `arrival_s`?; did you mean `vcpus`?; the columns here are `arrival`, `vcpu`, `memory_gib`
    "#);
    insta::assert_snapshot!(with("", &file("arrival_s,vcpus,memory_gib,type\n1,1,1,all\n")), @r#"
    x/scenario.toml:21:9: trace `x/t.csv`: line 2: no instance type may have the name `all`
        `all` stands for all types together in the results: give the type another name
    "#);
    let unknown = "trace_format = \"azure\"";
    insta::assert_snapshot!(with(unknown, &file("arrival_s,vcpus,mem_gb\n0,1,1\n")), @r#"
    x/scenario.toml:22:16: `workload.trace_format` has the unknown value "azure"
        known: generic, azure-v1, alibaba-dlrm
    "#);
    insta::assert_snapshot!(with("", &file("arrival_s,vcpus,memory_gib\n0,9,1\n0,1,64\n")), @r#"
    x/scenario.toml:21:9: trace `x/t.csv`: line 2: asks for 9c-1GiB, which no server could ever hold
        the same is wrong from line 3
    "#);
    insta::assert_snapshot!(
        with("trace_life = \"1h\"", &file("arrival_s,vcpus,memory_gib,lifetime_s\n0,1,1,1\n")), @r#"
    x/scenario.toml:22:14: the trace `x/t.csv` tells lifetimes itself
        leave out `trace_life`
    "#);
    insta::assert_snapshot!(
        with("", &file("arrival_s,vcpus,memory_gib,zone,type\n0,1,1,c,x\n0,1,1,a,t\n")), @r#"
    x/scenario.toml:21:9: trace `x/t.csv`: line 3: the type `t` has 1c-1GiB, the scenario has it with 2c-8GiB
        name one of them otherwise
    x/scenario.toml:21:9: trace `x/t.csv`: line 2: there is no zone `c`
        did you mean `a`? (known: a, b)
    "#);
    let mut cut = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    cut.extend([0x4b, 0x2c]);
    let mut files = InMemory::default();
    files.files.insert("x/t.csv".into(), cut);
    insta::assert_snapshot!(with("", &files), @r#"
    x/scenario.toml:21:9: trace `x/t.csv`: line 1: the gzip data end too early
        the file was cut off: fetch it again
    "#);
    let early = fleet.replace("\"30d\"", "\"30d\"\nclock_start = \"1h\"");
    let early = early + "[workload]\ntrace = \"t.csv\"\n";
    let files = file("arrival_s,vcpus,memory_gib\n0,1,1\n7200,1,1\n");
    insta::assert_snapshot!(parse(early.as_bytes(), &[], &files).unwrap_err(), @r#"
    x/scenario.toml:22:9: trace `x/t.csv`: line 2: arrives at 0d 00:00:00, before the clock starts at 0d 01:00:00; 1 of 2 rows do
        set `scenario.clock_start` to the first arrival or before
    "#);
    let option = ["workload.trace_format=azure-v1"];
    insta::assert_snapshot!(
        parse(GOOD.as_bytes(), &option, &InMemory::default()).unwrap_err(), @r#"
    --set workload.trace_format=azure-v1: `workload.trace` is missing, but `workload.trace_format` is given
        name the file: trace = "FILE", or --set workload.trace=FILE
    "#);
}

/// What is no fault but most likely not meant is told as remarks.
#[test]
fn remarks() {
    let fleet = GOOD.split("[[workload").next().unwrap();
    let of = |rows: &str, more: &str| {
        let text = format!("{fleet}[workload]\ntrace = \"t.csv\"\n{more}\n");
        let files = InMemory::new([("x/t.csv", rows)]);
        parse(text.as_bytes(), &[], &files).unwrap().remarks.join("\n")
    };
    let skip = "on_bad_row = \"skip\"";
    insta::assert_snapshot!(of("arrival_s,vcpus,memory_gib\n0,1,x\n0,1,1\n", skip), @"workload.trace: 1 of 2 rows is skipped; the first: line 2, column memory_gib, value `x`: is not a number");
    insta::assert_snapshot!(of("arrival_s,vcpus,memory_gib\n2592000,1,1\n", ""), @"workload.trace: 0 of 1 rows arrive within the run, which ends at 30d 00:00:00; the first arrives at 30d 00:00:00");
    insta::assert_snapshot!(of("arrival_s,vcpus,memory_gib\n0,1,1\n3e0,1,1\n,1,1\n9999999,1,1\n", skip), @r#"
    workload.trace: 1 of 4 rows is skipped; the first: line 3, column arrival_s, value `3e0`: is not a number
    workload.trace: 1 of 2 arriving rows arrive within the run, which ends at 30d 00:00:00; the first arrives at 0d 00:00:00
    "#);
    let limits =
        "arrival_s,vcpus,memory_gib,app,per_server_limit\n0,1,1,w,4\n1,1,1,w,2\n2,1,1,v,3\n";
    insta::assert_snapshot!(of(limits, "[applications.w]\nneeded = [2, 3]\n"), @r#"
    workload.trace: rows of one application state different limits per server, of which the lowest holds for all its instances: `w` states 2 and 4, and 2 holds
    applications.w.needed: 3 instances of `w` never serve at once: there are 2 in the whole run
    "#);
    assert_eq!(of(limits, "[applications.w]\nper_server_limit = 3\n"), "");
    let app = format!(
        "{}app = \"w\"\n[applications.w]\nneeded = [3, 4]\n",
        GOOD.split("[[workload.arr").next().unwrap()
    );
    let read = |text: &str| parse(text.as_bytes(), &[], &InMemory::default()).unwrap().remarks;
    insta::assert_snapshot!(read(&app).join("\n"), @"applications.w.needed: 4 instances of `w` never serve at once: there are 3 in the whole run");
    assert!(read(&format!("{GOOD}app = \"w\"\n[applications.w]\nneeded = [1000]\n")).is_empty());
    assert!(read(GOOD).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A scenario with a piece cut out, doubled or replaced is read or refused, never worse, and
    /// faults can always be shown.
    #[test]
    fn spoilt_scenarios_never_panic(
        from in 0_usize..4_500,
        length in 0_usize..40,
        insert in prop_oneof![
            Just(String::new()), Just("[".into()), Just("}".into()), Just("\"".into()),
            Just("nan".into()), Just("-1".into()), Just("1e308".into()), Just("0".into()),
            Just("18446744073709551615".into()), Just("\"9999999999d\"".into()), "\\PC{0,8}",
        ],
        json in proptest::bool::ANY,
    ) {
        let text = include_str!("../scenarios/quickstart.toml");
        let begin = text.find("\n[scenario]").unwrap();
        let mut bytes = text.as_bytes()[begin..].to_vec();
        let from = from.min(bytes.len());
        let end = (from + length).min(bytes.len());
        bytes.splice(from..end, insert.bytes());
        let name = if json { "x.json" } else { "x.toml" };
        if let Err(faults) = Scenario::parse(name, &bytes, &[], &InMemory::default()) {
            prop_assert!(!faults.list.is_empty());
            prop_assert!(!faults.to_string().is_empty());
            for label in faults.list.iter().flat_map(|fault| &fault.labels) {
                let text = &faults.sources[label.source.index()].text;
                prop_assert!(text.get(label.span.clone()).is_some(), "{label:?}");
            }
        }
    }

    /// Options of any form are read or refused.
    #[test]
    fn odd_options_never_panic(option in "[a-z\\[\\].\"'=0-9]{0,30}|\\PC{0,20}") {
        let _ = Scenario::parse("x.toml", GOOD.as_bytes(), &[option], &InMemory::default());
    }
}

#[test]
fn a_law_with_a_longest_life_is_not_repaired_to_old() {
    let law = |life: &str| {
        GOOD.replace(
            "memory = \"32GiB\"",
            &format!(
                "memory = \"32GiB\"\ncrash = {{ life = {life}, repair_restores = \"old\", repair = \"1h\" }}"
            ),
        )
    };
    for bounded in ["\"2h\"", "\"1h..3h\"", "{ empirical = [[0.5, \"1h\"], [1.0, \"9h\"]] }"] {
        let told = parse(law(bounded).as_bytes(), &[], &InMemory::new([])).unwrap_err();
        assert!(told.contains("`repair_restores` is \"old\""), "{told}");
    }
    let endless = law("{ weibull = { shape = 1.5, scale = \"900h\" } }");
    assert!(parse(endless.as_bytes(), &[], &InMemory::new([])).is_ok());
}

/// The faults of the good scenario with something below it.
fn with(more: &str) -> String {
    let named = GOOD.replace("type = \"t\"\ncount = 3", "name = \"web\"\ntype = \"t\"\ncount = 3");
    faults(&format!("{named}{more}"))
}

#[test]
fn dates_that_there_are_not() {
    let far = "\"30d\"\nstart = \"9999-12-20T00:00:00Z\"";
    insta::assert_snapshot!(spoilt("\"30d\"", far), @r"
    x/scenario.toml:5:9: the run would end at 10000-01-19T00:00:00Z
        dates have years of four digits: begin earlier, or end sooner
    ");
    let bills =
        "[settings.billing]\narrears = [\"2025-12-31T00:00:00Z\"]\narrears_notice = \"16d\"\n";
    insta::assert_snapshot!(with(bills), @r#"
    x/scenario.toml:31:12: `settings.billing.arrears[0]` is "2025-12-31T00:00:00Z", before the run begins
        the run begins at 2026-01-01T00:00:00Z, as `scenario.start` says
    x/scenario.toml:32:18: `settings.billing.arrears_notice` is 16d, and the stop comes after 15d
        it is at most as long as arrears_stop_after
    "#);
    insta::assert_snapshot!(set("scenario.start=2026-02-29T00:00:00Z"), @r#"
    --set scenario.start=2026-02-29T00:00:00Z: `scenario.start`: "2026-02-29T00:00:00Z" names day 29 of a month that has 28
        a date with its time of day is written in UTC, with Z at its end, as in "2026-01-01T00:00:00Z"
    "#);
    insta::assert_snapshot!(set("scenario.start='2026-02-29T00:00:00Z'"), @r#"
    --set scenario.start='2026-02-29T00:00:00Z': `scenario.start`: "2026-02-29T00:00:00Z" names day 29 of a month that has 28
        a date with its time of day is written in UTC, with Z at its end, as in "2026-01-01T00:00:00Z"
    "#);
    insta::assert_snapshot!(set("scenario.start=2026-01-01"), @r#"
    --set scenario.start=2026-01-01: `scenario.start`: "2026-01-01" is no date with its time of day
        a date with its time of day is written in UTC, with Z at its end, as in "2026-01-01T00:00:00Z"
    "#);
    insta::assert_snapshot!(set("scenario.start='2026-01-01T00:00:00+08:00'"), @r#"
    --set scenario.start='2026-01-01T00:00:00+08:00': `scenario.start`: "2026-01-01T00:00:00+08:00" has no Z at its end
        a date with its time of day is written in UTC, with Z at its end, as in "2026-01-01T00:00:00Z"
    "#);
    insta::assert_snapshot!(set("scenario.start=2d"), @r#"
    --set scenario.start=2d: `scenario.start`: "2d" is no date with its time of day
        a date with its time of day is written in UTC, with Z at its end, as in "2026-01-01T00:00:00Z"
    "#);
    insta::assert_snapshot!(set("scenario.start=7"), @r#"
    --set scenario.start=7: `scenario.start` is the number 7 without a unit
        a date with its time of day is written in UTC, with Z at its end, as in "2026-01-01T00:00:00Z"
    "#);
    insta::assert_snapshot!(set("scenario.region=7"), @r#"
    --set scenario.region=7: `scenario.region` takes a name, not the number 7
    "#);
}

#[test]
fn risks_and_what_the_operator_does_about_them() {
    let risk = |text: &str| spoilt("[[servers]]", &format!("risk = {text}\n[[servers]]"));
    insta::assert_snapshot!(risk("\"nevr\""), @r#"
    x/scenario.toml:10:8: `server_models.m.risk` has the unknown value "nevr"
        it takes "never", or a table with rate, afr, life, curable
    "#);
    insta::assert_snapshot!(risk("{ afr = \"5%\", rate = \"1/year\" }"), @r#"
    x/scenario.toml:10:10: `server_models.m.risk` has both `rate` and `afr`
        x/scenario.toml:10:22: the other one
        give one of rate, afr, life
    "#);
    insta::assert_snapshot!(risk("{ curable = 1.5, crash_p = \"half\", crash = 1 }"), @r#"
    x/scenario.toml:10:20: `server_models.m.risk.curable` is 1.5
        it lies between 0 and 1
    x/scenario.toml:10:35: `server_models.m.risk.crash_p`: "half" is no number with a unit
        a probability is a number from 0 to 1, or a text as in "60%"
    x/scenario.toml:10:43: `server_models.m.risk` has the unknown key `crash`
        did you mean `crash_p`? (known: rate, afr, life, curable, crash_p, crash_after, repair)
    "#);
    insta::assert_snapshot!(risk("{ rate = \"70/s\" }"), @r#"
    x/scenario.toml:10:17: what is to fail lives 0.014285714285714285 s on average
        a life is at least one second on average
    "#);
    insta::assert_snapshot!(with("[policies.maintenance]\nlive_migration = \"yes\"\nlive_at_once = 0\non_risk = \"wait\"\n"), @r#"
    x/scenario.toml:31:18: `policies.maintenance.live_migration` takes true or false, not the text "yes"
    x/scenario.toml:32:16: `policies.maintenance.live_at_once` is 0
        it is at least 1
    x/scenario.toml:33:11: `policies.maintenance.on_risk` has the unknown value "wait"
        did you mean `act`? (known: act, ignore)
    "#);
}

#[test]
fn networks_that_cannot_be() {
    let network = |keys: &str| with(&format!("[network]\n{keys}"));
    insta::assert_snapshot!(network("rack_uplink = \"40Gb/s\"\nspine = \"1Tbit\"\n"), @r#"
    x/scenario.toml:31:15: `network.rack_uplink`: "40Gb/s" has the unknown unit of bandwidth `Gb`
        it takes "unlimited", or a bandwidth, as in "25Gbit/s"
    x/scenario.toml:32:9: `network.spine`: "1Tbit" does not say per second
        it takes "unlimited", or a bandwidth, as in "25Gbit/s"
    "#);
    insta::assert_snapshot!(network("rack_uplink = 40\nspine = \"20TB/s\"\n"), @r#"
    x/scenario.toml:31:15: `network.rack_uplink` takes "unlimited", or a bandwidth, as in "25Gbit/s", not the number 40
    x/scenario.toml:32:9: `network.spine`: "20TB/s" is more than 10 TB/s
        it takes "unlimited", or a bandwidth, as in "25Gbit/s"
    "#);
    insta::assert_snapshot!(network("spine = \"1kB/s\"\nmigration_share = \"0%\"\n"), @r"
    x/scenario.toml:31:9: `network.spine` is 1000 B/s
        a link carries at least 1MB/s
    x/scenario.toml:32:19: `network.migration_share` is 0 %
        it lies between 1% and 100%
    ");
    insta::assert_snapshot!(network("migration_share = \"101%\"\nuplink = \"1Tbit/s\"\n"), @r"
    x/scenario.toml:31:19: `network.migration_share` is 101 %
        it lies between 1% and 100%
    x/scenario.toml:32:1: `network` has the unknown key `uplink`
        did you mean `spine`? (known: rack_uplink, spine, migration_share)
    ");
    let card = spoilt("memory = \"32GiB\"", "memory = \"32GiB\"\nnic_rate = \"100kbit/s\"");
    insta::assert_snapshot!(card, @r"
    x/scenario.toml:9:12: `server_models.m.nic_rate` is 12500 B/s
        a link carries at least 1MB/s
    ");
}

#[test]
fn migrations_that_cannot_be() {
    let live = |keys: &str| with(&format!("[settings.livemig]\n{keys}"));
    insta::assert_snapshot!(live("model = \"pre-copy\"\n"), @r#"
    x/scenario.toml:31:9: `settings.livemig.model` is "pre-copy", and there is no `[network]`
        add a [network] over which memory is sent, or take "drawn"
    "#);
    insta::assert_snapshot!(live("downtime = \"1s\"\nstop_bytes = \"1MiB\"\n"), @r"
    x/scenario.toml:32:1: `settings.livemig` has both `downtime` and `stop_bytes`
        x/scenario.toml:31:1: the other one
        give one of downtime, stop_bytes
    ");
    insta::assert_snapshot!(live("attempts = 0\nretry_factor = 0\nmax_rounds = 0\n"), @r#"
    x/scenario.toml:31:12: `settings.livemig.attempts` is 0
        it is at least 1
    x/scenario.toml:32:16: `settings.livemig.retry_factor` is 0
        it is at least 1
    x/scenario.toml:33:14: `settings.livemig.max_rounds` is 0
        it is at least 1
    "#);
    insta::assert_snapshot!(live("timeout_per_gib = \"0s\"\n[network]\n"), @r#"
    x/scenario.toml:31:19: `settings.livemig.timeout_per_gib` is no time at all
        say "never" where there is to be no limit
    "#);
    insta::assert_snapshot!(live("not_converging = \"postcopy\"\n"), @r#"
    x/scenario.toml:31:18: `settings.livemig.not_converging` has the unknown value "postcopy"
        did you mean `post-copy`? (known: force-complete, abort, post-copy)
    "#);
    insta::assert_snapshot!(with("[settings.migration]\nmax_cluster = 0\n"), @r"
    x/scenario.toml:31:15: `settings.migration.max_cluster` is 0
        it is at least 1
    ");
    let dirty = |law: &str| spoilt("vcpus = 2", &format!("vcpus = 2\ndirty = {{ {law} }}"));
    insta::assert_snapshot!(dirty("rate = \"7MiB\", touched = \"0%\""), @r#"
    x/scenario.toml:18:18: `instance_types.t.dirty.rate`: "7MiB" does not say per second
        a bandwidth is a number of bit, kbit, Mbit, Gbit or Tbit (powers of 1,000), or of the units of a size, per second, as in "25Gbit/s" or "128MiB/s"
    x/scenario.toml:18:36: `t` touches 0 % of its memory
        it lies between 1% and 100%
    "#);
    insta::assert_snapshot!(dirty("touched = \"0%\""), @r#"
    x/scenario.toml:18:21: `t` touches 0 % of its memory
        it lies between 1% and 100%
    "#);
    insta::assert_snapshot!(dirty("utilisation = \"u.csv\""), @r"
    x/scenario.toml:18:25: cannot open the utilisation `x/u.csv`: no such file
        such a file is a recorded series, as docs/burstable.md describes it
    ");
    let text = GOOD.replace("vcpus = 2", "vcpus = 2\ndirty = { utilisation = \"u.csv\" }");
    let wrong = |series: &'static str| {
        let file = InMemory::new([("x/u.csv", series)]);
        parse(text.as_bytes(), &[], &file).expect_err("it is no such file")
    };
    insta::assert_snapshot!(wrong("day,vm\n"), @r"
    x/scenario.toml:18:25: utilisation `x/u.csv`: line 1: there is no column u0
        the first line names the columns: u0, u1, ... in order of time, and any others before them
    ");
    insta::assert_snapshot!(wrong("u0,u1\n1,2\n"), @r"
    x/scenario.toml:18:25: a row of the utilisation has 2 values
        a row is a day: u0 to u287, one value for every 300 s from midnight on
    ");
    assert!(wrong("u0,u1\n1,200\n").contains("this is no whole percent"));
}

#[test]
fn campaigns_that_cannot_be() {
    let campaign = |text: &str| {
        with(&format!(
            "[[campaigns]]\nname = \"c\"\nevent = \"SystemMaintenance.Reboot\"\nstart = \"1d\"\n{text}"
        ))
    };
    insta::assert_snapshot!(with("[[campaigns]]\nrat = \"1/day\"\nevent = \"SystemMaintenance.Reebot\"\n"), @r#"
    x/scenario.toml:30:1: `campaigns[0].name` is missing
        Name of the campaign, unique. It is a name
    x/scenario.toml:30:1: `campaigns[0].start` is missing
        When it begins: on the clock ("2d"), or a date. It is a point of time
    x/scenario.toml:31:1: `campaigns[0]` has the unknown key `rat`
        did you mean `rate`? (known: name, event, drain, servers, start, lead, live_migration, moves_instances, window, rate, at_once, order, stop_after_failures)
    x/scenario.toml:32:9: `campaigns[0].event` has the unknown value "SystemMaintenance.Reebot"
        did you mean `SystemMaintenance.Reboot`? (known: SystemMaintenance.Reboot, SystemMaintenance.Stop, SystemMaintenance.Redeploy)
    "#);
    insta::assert_snapshot!(campaign("servers = { models = [\"n\"], zones = [\"c\"], racks = [\"a-r2\"], most = 0 }\n"), @r#"
    x/scenario.toml:34:23: there is no server model `n`
        did you mean `m`? (known: m)
    x/scenario.toml:34:38: there is no zone `c`
        did you mean `a`? (known: a, b)
    x/scenario.toml:34:53: there is no rack `a-r2`
        did you mean `a-r1`? (known: a-r1, b-r1)
    x/scenario.toml:34:69: `campaigns[c].servers.most` is 0
        it is at least 1
    "#);
    insta::assert_snapshot!(campaign("servers = { zones = [\"a\"], racks = [\"b-r1\"] }\n"), @r#"
    x/scenario.toml:34:11: `campaigns[c].servers` picks no server
        servers fit if all that is given holds: model, zone and rack
    "#);
    insta::assert_snapshot!(campaign("rate = \"never\"\nlead = \"never\"\norder = \"any\"\n"), @r#"
    x/scenario.toml:34:8: `campaigns[c].rate` is "never"
        give a rate above zero, as in "20/day"
    x/scenario.toml:35:8: `campaigns[c].lead` is "never"
        its events would never run: give a length, as in "24h..48h"
    x/scenario.toml:36:9: `campaigns[c].order` has the unknown value "any"
        known: rack-by-rack, spread, random, emptiest-first, fullest-first
    "#);
    insta::assert_snapshot!(campaign("window = { from = 24, hours = 24 }\nat_once = { per_rack = 0, racks = 1 }\n"), @r#"
    x/scenario.toml:34:19: `campaigns[c].window.from` is 24
        it is at most 23
    x/scenario.toml:34:31: `campaigns[c].window.hours` is 24
        it is at most 23
    x/scenario.toml:35:24: `campaigns[c].at_once.per_rack` is 0
        it is at least 1
    x/scenario.toml:35:27: `campaigns[c].at_once` has the unknown key `racks`
        known: servers, per_rack, per_zone, per_group
    "#);
    insta::assert_snapshot!(campaign("stop_after_failures = -1\nmoves_instances = 1\n[[campaigns]]\nname = \"c\"\nevent = \"SystemMaintenance.Stop\"\nstart = \"2025-12-31T23:59:59Z\"\n"), @r#"
    x/scenario.toml:34:23: `campaigns[0].stop_after_failures` is -1
        it is at least 1
    x/scenario.toml:35:19: `campaigns[0].moves_instances` takes true or false, not the number 1
    x/scenario.toml:37:8: two entries of `campaigns` have the name `c`
        x/scenario.toml:31:8: the other one
        give each its own name
    x/scenario.toml:39:9: `campaigns[c].start` is "2025-12-31T23:59:59Z", before the run begins
        the run begins at 2026-01-01T00:00:00Z, as `scenario.start` says
    "#);
}

#[test]
fn commands_that_no_operation_takes() {
    let script = |text: &str| with(&format!("[[scripts]]\nat = \"1d\"\n{text}"));
    insta::assert_snapshot!(with("[[scripts]]\nInstanceId = \"web[0]\"\n"), @r#"
    x/scenario.toml:30:1: `scripts[0].do` is missing
        known: RunInstances, CreateInstance, DeleteInstance, StartInstance, StopInstance, RebootInstance, RedeployInstance, MigrateServer, ShowJob, AcceptInquiredSystemEvent, ModifySystemEventAttribute, ModifyInstanceAttribute, ModifyInstanceMaintenanceAttributes, CreateSimulatedSystemEvents, CreateSimulatedSystemEvent, CancelSimulatedSystemEvents, CancelTask, DescribeTasks, DescribeInstanceHistoryEvents, DescribeInstancesFullStatus, ModifyInstanceDeployment, RedeployDedicatedHost, ModifyDedicatedHostAttribute, DescribeDedicatedHosts, LockInstance, UnlockInstance, StartInstanceRefresh, SuspendInstanceRefresh, ResumeInstanceRefresh, CancelInstanceRefresh, RollbackInstanceRefresh, DescribeInstanceRefreshes, EnableScalingGroup, DisableScalingGroup, ModifyScalingGroup, ScaleWithAdjustment, ExecuteScalingRule, SuspendProcesses, ResumeProcesses, AttachInstances, DetachInstances, RemoveInstances, EnterStandby, ExitStandby, SetInstancesProtection, SetInstanceHealth, CompleteLifecycleAction, RecordLifecycleActionHeartbeat
    "#);
    insta::assert_snapshot!(script("do = \"RedeployInstances\"\n"), @r#"
    x/scenario.toml:32:6: `scripts[0].do` has the unknown value "RedeployInstances"
        did you mean `RedeployInstance`? (known: RunInstances, CreateInstance, DeleteInstance, StartInstance, StopInstance, RebootInstance, RedeployInstance, MigrateServer, ShowJob, AcceptInquiredSystemEvent, ModifySystemEventAttribute, ModifyInstanceAttribute, ModifyInstanceMaintenanceAttributes, CreateSimulatedSystemEvents, CreateSimulatedSystemEvent, CancelSimulatedSystemEvents, CancelTask, DescribeTasks, DescribeInstanceHistoryEvents, DescribeInstancesFullStatus, ModifyInstanceDeployment, RedeployDedicatedHost, ModifyDedicatedHostAttribute, DescribeDedicatedHosts, LockInstance, UnlockInstance, StartInstanceRefresh, SuspendInstanceRefresh, ResumeInstanceRefresh, CancelInstanceRefresh, RollbackInstanceRefresh, DescribeInstanceRefreshes, EnableScalingGroup, DisableScalingGroup, ModifyScalingGroup, ScaleWithAdjustment, ExecuteScalingRule, SuspendProcesses, ResumeProcesses, AttachInstances, DetachInstances, RemoveInstances, EnterStandby, ExitStandby, SetInstancesProtection, SetInstanceHealth, CompleteLifecycleAction, RecordLifecycleActionHeartbeat)
    "#);
    insta::assert_snapshot!(script("do = 7\n"), @r#"
    x/scenario.toml:32:6: `scripts[0].do` takes a word, not the number 7
        known: RunInstances, CreateInstance, DeleteInstance, StartInstance, StopInstance, RebootInstance, RedeployInstance, MigrateServer, ShowJob, AcceptInquiredSystemEvent, ModifySystemEventAttribute, ModifyInstanceAttribute, ModifyInstanceMaintenanceAttributes, CreateSimulatedSystemEvents, CreateSimulatedSystemEvent, CancelSimulatedSystemEvents, CancelTask, DescribeTasks, DescribeInstanceHistoryEvents, DescribeInstancesFullStatus, ModifyInstanceDeployment, RedeployDedicatedHost, ModifyDedicatedHostAttribute, DescribeDedicatedHosts, LockInstance, UnlockInstance, StartInstanceRefresh, SuspendInstanceRefresh, ResumeInstanceRefresh, CancelInstanceRefresh, RollbackInstanceRefresh, DescribeInstanceRefreshes, EnableScalingGroup, DisableScalingGroup, ModifyScalingGroup, ScaleWithAdjustment, ExecuteScalingRule, SuspendProcesses, ResumeProcesses, AttachInstances, DetachInstances, RemoveInstances, EnterStandby, ExitStandby, SetInstancesProtection, SetInstanceHealth, CompleteLifecycleAction, RecordLifecycleActionHeartbeat
    "#);
    insta::assert_snapshot!(script("do = \"RedeployInstance\"\nInstanceId = \"web[0]\"\nDryRun = true\nForceStp = true\n"), @r#"
    x/scenario.toml:34:1: `scripts[0]` (RedeployInstance) has the unknown key `DryRun`
        known: at, do, name, RegionId, InstanceId, ForceStop
    x/scenario.toml:35:1: `scripts[0]` (RedeployInstance) has the unknown key `ForceStp`
        did you mean `ForceStop`? (known: at, do, name, RegionId, InstanceId, ForceStop)
    "#);
    insta::assert_snapshot!(script("do = \"StopInstance\"\nInstanceId = 7\nForceStop = \"yes\"\nStoppedMode = \"Stop\"\n"), @r#"
    x/scenario.toml:33:14: `scripts[0].InstanceId` takes a text, not the number 7
    x/scenario.toml:34:13: `scripts[0].ForceStop` takes true or false, not the text "yes"
    x/scenario.toml:35:15: `scripts[0].StoppedMode` has the unknown value "Stop"
        known: KeepCharging, StopCharging
    "#);
    insta::assert_snapshot!(script("do = \"LockInstance\"\nInstanceId = \"web[0]\"\nLockReason = \"securty\"\n"), @r#"
    x/scenario.toml:34:14: `scripts[0].LockReason` has the unknown value "securty"
        did you mean `security`? (known: security, financial, refunded, recycling, Recycling, dedicatedhostfinancial)
    "#);
    insta::assert_snapshot!(script("do = \"RunInstances\"\nInstanceType = \"u\"\nZoneId = \"c\"\nAmount = -1\ncustomer = \"me\"\n"), @r#"
    x/scenario.toml:33:16: there is no instance type `u`
        did you mean `t`? (known: t)
    x/scenario.toml:34:10: there is no zone `c`
        did you mean `a`? (known: a, b)
    x/scenario.toml:35:10: `scripts[0].Amount` is -1
        it is at least 0
    x/scenario.toml:36:12: there is no customer `me`
        known: default
    "#);
    insta::assert_snapshot!(script("do = \"ModifySystemEventAttribute\"\nEventId = \"SystemMaintenance.Rebot of web[0]\"\nNotBefore = \"tomorrow\"\n"), @r#"
    x/scenario.toml:33:11: `scripts[0].EventId`: there is no event type `SystemMaintenance.Rebot`
        did you mean `SystemMaintenance.Reboot`? (19 are known)
    x/scenario.toml:34:13: `scripts[0].NotBefore`: "tomorrow" is no number with a unit
        a point of time is a length from the zero of the clock, as in "2d" or "36h", or a date in UTC, as in "2026-01-01T00:00:00Z"
    "#);
    insta::assert_snapshot!(script("do = \"ModifyInstanceMaintenanceAttributes\"\nMaintenanceWindow = { StartTime = \"2 am\", EndTime = \"25:00:00\" }\nActionOnMaintenance = \"Wait\"\n"), @r#"
    x/scenario.toml:33:35: `scripts[0].MaintenanceWindow.StartTime`: "2 am" is no time of day
        a time of day is written as hours, minutes and seconds, as in "02:00:00"
    x/scenario.toml:33:53: `scripts[0].MaintenanceWindow.EndTime`: "25:00:00" is a time of day that there is not
        a time of day is written as hours, minutes and seconds, as in "02:00:00"
    x/scenario.toml:34:23: `scripts[0].ActionOnMaintenance` has the unknown value "Wait"
        known: AutoRecover, Stop, AutoRedeploy
    "#);
    insta::assert_snapshot!(with("[[scripts]]\nat = \"-1d\"\ndo = \"CancelTask\"\n[[scripts]]\nname = \"jobs\"\nat = \"2025-06-01T00:00:00Z\"\ndo = \"CancelTask\"\n"), @r#"
    x/scenario.toml:31:6: `scripts[0].at`: "-1d" is negative
        a point of time is a length from the zero of the clock, as in "2d" or "36h", or a date in UTC, as in "2026-01-01T00:00:00Z"
    x/scenario.toml:34:8: a script and a source of arrivals are both called `jobs`
        give the script another name: `NAME#0` names what it creates
    x/scenario.toml:35:6: `scripts[jobs].at` is "2025-06-01T00:00:00Z", before the run begins
        the run begins at 2026-01-01T00:00:00Z, as `scenario.start` says
    "#);
    let late = GOOD.replace("\"30d\"", "\"30d\"\nclock_start = \"2d\"");
    insta::assert_snapshot!(faults(&format!("{late}[[scripts]]\nat = \"1d\"\ndo = \"CancelTask\"\n")), @r#"
    x/scenario.toml:31:6: `scripts[0].at` is "1d", before the run begins
        it counts from the zero of the clock, which stands at 2d 00:00:00 when the run begins
    "#);
}

#[test]
fn names_of_no_instance() {
    let of = |name: &str| {
        with(&format!(
            "[[scripts]]\nname = \"s\"\nat = \"1d\"\ndo = \"RebootInstance\"\nInstanceId = \"{name}\"\n"
        ))
    };
    insta::assert_snapshot!(of("web"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "web" names no instance
        an instance is called "web[3]" (number 3 of the entry `web` of workload.instances), "jobs#17" (arrival 17 of the stream `jobs`), "trace#17" (data row 17 of the trace) or "script[2]#0" (the first that `scripts[2]` creates), or "api#0" (member 0 of the scaling group `api`); all count from 0
    "#);
    insta::assert_snapshot!(of("wbe[0]"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "wbe[0]" names no instance: no entry of `workload.instances` has the name `wbe`
        did you mean `web`? (known: web)
    "#);
    insta::assert_snapshot!(of("web[3]"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "web[3]" names no instance: `web` has 3
        they are counted from 0
    "#);
    insta::assert_snapshot!(of("web[x]"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "web[x]" names no instance
        an instance is called "web[3]" (number 3 of the entry `web` of workload.instances), "jobs#17" (arrival 17 of the stream `jobs`), "trace#17" (data row 17 of the trace) or "script[2]#0" (the first that `scripts[2]` creates), or "api#0" (member 0 of the scaling group `api`); all count from 0
    "#);
    insta::assert_snapshot!(of("job#1"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "job#1" names no instance: no stream, trace, script or group is called `job`
        did you mean `jobs`? (known: jobs, s); scripts also by place: script[0]
    "#);
    insta::assert_snapshot!(of("jobs#-1"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "jobs#-1" names no instance
        an instance is called "web[3]" (number 3 of the entry `web` of workload.instances), "jobs#17" (arrival 17 of the stream `jobs`), "trace#17" (data row 17 of the trace) or "script[2]#0" (the first that `scripts[2]` creates), or "api#0" (member 0 of the scaling group `api`); all count from 0
    "#);
    insta::assert_snapshot!(of("trace#1"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "trace#1" names no instance: no stream, trace, script or group is called `trace`
        known: jobs, s; scripts also by place: script[0]
    "#);
    insta::assert_snapshot!(of("script[0]#0"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "script[0]#0" names no instance: `script[0]` creates none
        only RunInstances and CreateInstance create instances
    "#);
    insta::assert_snapshot!(of("s#0"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "s#0" names no instance: `s` creates none
        only RunInstances and CreateInstance create instances
    "#);
    insta::assert_snapshot!(of("script[1]#0"), @r#"
    x/scenario.toml:34:14: `scripts[s].InstanceId`: "script[1]#0" names no instance: no stream, trace, script or group is called `script[1]`
        known: jobs, s; scripts also by place: script[0]
    "#);
    let unnamed = format!(
        "{GOOD}[[scripts]]\nat = \"1d\"\ndo = \"RebootInstance\"\nInstanceId = \"web[0]\"\n"
    );
    insta::assert_snapshot!(faults(&unnamed), @r#"
    x/scenario.toml:32:14: `scripts[0].InstanceId`: "web[0]" names no instance: no entry of `workload.instances` has the name `web`
        give the entry a name
    "#);
    let created = "[[scripts]]\nat = \"1d\"\ndo = \"RunInstances\"\nInstanceType = \"t\"\n\
                   [[scripts]]\nat = \"2d\"\ndo = \"CancelTask\"\nTaskId = \"of script[0]#1\"\n";
    insta::assert_snapshot!(with(created), @r#"
    x/scenario.toml:37:10: `scripts[1].TaskId`: "script[0]#1" names no instance: `script[0]` creates 1
        they are counted from 0
    "#);
}

#[test]
fn what_the_cloud_would_refuse_is_no_fault() {
    let scripts = "[[scripts]]\nat = \"1d\"\ndo = \"RedeployInstance\"\n\
                   [[scripts]]\nat = \"1d\"\ndo = \"RebootInstance\"\nInstanceId = \"i-bp1\"\n\
                   [[scripts]]\nat = \"1d\"\ndo = \"RunInstances\"\nAmount = 0\nRegionId = \"mars\"\n\
                   [[scripts]]\nat = \"1d\"\ndo = \"CreateSimulatedSystemEvents\"\nEventType = \"x\"\n\
                   NotBefore = \"1999-01-01T00:00:00Z\"\n\
                   [[scripts]]\nat = \"1d\"\ndo = \"AcceptInquiredSystemEvent\"\nEventId = \"e-1\"\n";
    let scenario = parse(format!("{GOOD}{scripts}").as_bytes(), &[], &InMemory::default());
    assert_eq!(scenario.unwrap().scripts.len(), 5);
}

#[test]
fn events_that_cannot_happen() {
    let event = |text: &str| with(&format!("[[events]]\nat = \"1d\"\n{text}"));
    let reboot = "type = \"SystemMaintenance.Reboot\"\ninstance = \"web[0]\"\n";
    insta::assert_snapshot!(event("kind = \"Reboot\"\n"), @r#"
    x/scenario.toml:30:1: `events[0].type` is missing
        What it is. It is "SystemMaintenance.Reboot" or "SystemMaintenance.Stop" or "SystemMaintenance.Redeploy" or "SystemMaintenance.RebootAndIsolateErrorDisk" or "SystemMaintenance.RebootAndReInitErrorDisk" or "SystemMaintenance.IsolateErrorDisk" or "SystemMaintenance.ReInitErrorDisk" or "SystemMaintenance.CleanInactiveDisks" or "SystemFailure.Reboot" or "SystemFailure.Stop" or "SystemFailure.Redeploy" or "SystemFailure.Delete" or "InstanceFailure.Reboot" or "ErrorDetected" or "Stalled" or "InstanceExpiration.Stop" or "InstanceExpiration.Delete" or "AccountUnbalanced.Stop" or "AccountUnbalanced.Delete"
    x/scenario.toml:30:1: `events[0].instance` is missing
        The instance: "web[3]" (number 3 of the entry web of workload.instances), "jobs#17" (arrival 17 of the stream jobs), "trace#17" (data row 17 of the trace), "script[2]#0" (the first that scripts[2] creates); all count from 0. It is a text
    x/scenario.toml:32:1: `events[0]` has the unknown key `kind`
        known: at, type, instance, disk, status, lead, not_before
    "#);
    insta::assert_snapshot!(event("type = \"SystemMaintenance.Rebot\"\ninstance = \"i-bp1\"\n"), @r#"
    x/scenario.toml:32:8: `events[0].type` has the unknown value "SystemMaintenance.Rebot"
        did you mean `SystemMaintenance.Reboot`? (19 are known)
    "#);
    insta::assert_snapshot!(event("type = \"SystemFailure.Reboot\"\ninstance = \"i-bp1\"\nlead = \"1h\"\n"), @r#"
    x/scenario.toml:33:12: `events[0].instance`: no instance of the scenario has an id of the cloud
        call it as the scenario does, as in "web[3]", "jobs#17" or "trace#17"
    x/scenario.toml:34:8: `events[0]`: only an event that is Scheduled has a notBefore
        leave it out
    "#);
    insta::assert_snapshot!(event("type = \"SystemFailure.Delete\"\ninstance = \"web[0]\"\n"), @r"
    x/scenario.toml:32:8: `events[0].type`: SystemFailure.Delete is about a creation that failed
        name one that an instance can have: SystemMaintenance.Reboot, SystemMaintenance.Stop, SystemMaintenance.Redeploy, SystemMaintenance.RebootAndIsolateErrorDisk, SystemMaintenance.RebootAndReInitErrorDisk, SystemMaintenance.IsolateErrorDisk, SystemMaintenance.ReInitErrorDisk, SystemMaintenance.CleanInactiveDisks, SystemFailure.Reboot, SystemFailure.Stop, SystemFailure.Redeploy, InstanceFailure.Reboot, ErrorDetected, Stalled, InstanceExpiration.Stop, InstanceExpiration.Delete, AccountUnbalanced.Stop, AccountUnbalanced.Delete
    ");
    insta::assert_snapshot!(event("type = \"SystemMaintenance.CleanInactiveDisks\"\ninstance = \"web[0]\"\n"), @r#"
    x/scenario.toml:32:8: `events[0].type`: events of this type are switched off
        set settings.enable.clean_inactive = true, or leave it out
    "#);
    insta::assert_snapshot!(event("type = \"SystemMaintenance.Stop\"\nstatus = \"Inquiring\"\ninstance = \"web[9]\"\n"), @r#"
    x/scenario.toml:33:10: `events[0].status`: SystemMaintenance.Stop is never published Inquiring
        known: Scheduled
    x/scenario.toml:34:12: `events[0].instance`: "web[9]" names no instance: `web` has 3
        they are counted from 0
    "#);
    insta::assert_snapshot!(event(&format!("{reboot}status = \"Avoided\"\ndisk = -1\n")), @r#"
    x/scenario.toml:34:10: `events[0].status` has the unknown value "Avoided"
        known: Inquiring, Scheduled, Executing
    x/scenario.toml:35:8: `events[0].disk` is -1
        it is at least 0
    "#);
    insta::assert_snapshot!(event(&format!("{reboot}lead = \"1h\"\nnot_before = \"2d\"\n")), @r#"
    x/scenario.toml:35:1: `events[0]` has both `lead` and `not_before`
        x/scenario.toml:34:1: the other one
        give one of lead, not_before
    "#);
    insta::assert_snapshot!(event(&format!("{reboot}not_before = \"2h\"\n")), @r#"
    x/scenario.toml:34:14: `events[0].not_before` lies before the event is published
        name a time after `at`, or a `lead`
    "#);
    insta::assert_snapshot!(event("type = \"ErrorDetected\"\ninstance = \"web[0]\"\n"), @r#"
    x/scenario.toml:33:12: `events[0]`: ErrorDetected is about a local disk, and this instance has none
        name an instance whose type has `local_disks`
    "#);
    insta::assert_snapshot!(event("type = \"SystemMaintenance.IsolateErrorDisk\"\ninstance = \"jobs#3\"\n"), @r#"
    x/scenario.toml:33:12: `events[0]`: SystemMaintenance.IsolateErrorDisk is about a local disk, and this instance has none
        name an instance whose type has `local_disks`
    "#);
    insta::assert_snapshot!(with("[[events]]\nat = 7\ntype = \"Stalled\"\ninstance = \"web[0]\"\n"), @r#"
    x/scenario.toml:31:6: `events[0].at` is the number 7 without a unit
        a point of time is a length from the zero of the clock, as in "2d" or "36h", or a date in UTC, as in "2026-01-01T00:00:00Z"
    "#);
}

/// Operations of one cloud alone.
const OF_ONE: [(Operation, Cloud); 8] = [
    (Operation::RedeployInstance, Cloud::First),
    (Operation::CancelTask, Cloud::First),
    (Operation::DescribeTasks, Cloud::First),
    (Operation::ModifyInstanceDeployment, Cloud::First),
    (Operation::RedeployDedicatedHost, Cloud::First),
    (Operation::ModifyDedicatedHostAttribute, Cloud::First),
    (Operation::MigrateServer, Cloud::Second),
    (Operation::ShowJob, Cloud::Second),
];

#[test]
fn an_operation_of_the_other_cloud_is_a_fault() {
    let docs = std::fs::read_to_string("docs/operations.md").expect("the page is there");
    let page = docs.split("\n## ").find(|part| part.starts_with("Which cloud has what"));
    let page = page.expect("the page says which cloud has what");
    for operation in Operation::all() {
        let name = operation.name();
        let alone = OF_ONE.iter().find(|(of, _)| *of == operation).map(|(_, cloud)| *cloud);
        for (cloud, word) in [(Cloud::First, "alibaba"), (Cloud::Second, "huawei")] {
            let text = format!(
                "{GOOD}\n[settings]\ncloud = \"{word}\"\n[[scripts]]\nat = \"1h\"\ndo = \"{name}\"\n"
            );
            let told = parse(text.as_bytes(), &[], &InMemory::default()).err().unwrap_or_default();
            let refused = told.contains(&format!("the cloud has no operation `{name}`"));
            assert_eq!(
                refused,
                alone.is_some_and(|other| other != cloud),
                "{name}, {word}: {told}"
            );
            if refused {
                let other = if cloud == Cloud::First { "huawei" } else { "alibaba" };
                assert!(told.contains(&format!("settings.cloud = \"{other}\"")), "{told}");
            }
        }
        let row = page
            .lines()
            .find(|line| line.contains(&format!("{name},")) || line.contains(&format!("{name} ")));
        let place = match alone {
            Some(Cloud::First) => "| `alibaba` alone |",
            Some(Cloud::Second) => "| `huawei` alone |",
            None => "| both |",
        };
        assert!(row.is_some_and(|row| row.starts_with(place)), "{name} stands in {row:?}");
    }
}
