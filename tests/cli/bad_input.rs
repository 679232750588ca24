//! Every kind of bad input that a user may bring, through the binary: what is told, with exit code
//! 2, nothing on stdout, and nothing made or changed.

use super::{answer, names};
use flate2::{Compression, write::GzEncoder};
use insta::assert_snapshot;
use std::{fs, io::Write as _};
use tempfile::TempDir;

/// A scenario that nothing is wrong with.
const SCENARIO: &str = r#"[scenario]
name = "a"
horizon = "1d"
[server_models.m]
vcpus = 8
memory = "8GiB"
[[servers]]
model = "m"
count = 1
zones = ["z"]
"#;

/// What makes it one with a trace.
const TRACE: &str = "[workload]\ntrace = \"t.csv\"\n";

const HEADER: &str = "arrival_s,vcpus,memory_gib\n";

/// The scenario with something wrong in it.
fn spoilt(from: &str, to: &str) -> String {
    assert_eq!(SCENARIO.matches(from).count(), 1, "{from} is there once");
    SCENARIO.replace(from, to)
}

/// The scenario with something below it.
pub fn with(more: &str) -> String {
    format!("{SCENARIO}{more}")
}

fn folder_of(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("the folder takes a file");
    }
    folder
}

/// Every file of the folder with its bytes; `None` for a folder within it.
fn all_of(folder: &TempDir) -> Vec<(String, Option<Vec<u8>>)> {
    let read = |name: String| {
        let bytes = fs::read(folder.path().join(&name)).ok();
        (name, bytes)
    };
    names(folder.path()).into_iter().map(read).collect()
}

/// What the run of `a.toml` in this folder is told, with and without files to write.
fn told_in(folder: &TempDir) -> String {
    let before = all_of(folder);
    let options: [&[&str]; 2] = [&[], &["--out", "results", "--placements", "placements.csv"]];
    let told = options.map(|options| {
        let arguments = [&["run", "a.toml"], options].concat();
        let (code, text, faults) = answer(&arguments, folder.path());
        assert_eq!((code, text.as_str()), (2, ""), "{faults}");
        assert!(all_of(folder) == before, "nothing is made or changed");
        faults
    });
    assert_eq!(told[0], told[1]);
    told[0].clone()
}

fn told_of(files: &[(&str, &[u8])]) -> String {
    told_in(&folder_of(files))
}

pub fn told(text: &str) -> String {
    told_of(&[("a.toml", text.as_bytes())])
}

fn told_of_trace(trace: &[u8]) -> String {
    told_of(&[("a.toml", with(TRACE).as_bytes()), ("t.csv", trace)])
}

#[test]
fn unknown_keys_are_told_with_the_nearest_known() {
    assert_snapshot!(told(&spoilt("name =", "nam =")), @r#"
    error[missing-key]: `scenario.name` is missing
     --> a.toml:1:1
      |
    1 | [scenario]
      | ^^^^^^^^^^
      |
      = help: Name of the scenario, shown in every result. It is a name

    error[unknown-key]: `scenario` has the unknown key `nam`
     --> a.toml:2:1
      |
    2 | nam = "a"
      | ^^^
      |
      = help: did you mean `name`? (known: name, question, horizon, warm_up, clock_start, start, region, seed, runs, reference_type, levels_at)

    2 faults in a.toml
    "#);
    assert_snapshot!(told(&spoilt("vcpus = 8", "vcpu = 8")), @r#"
    error[missing-key]: `server_models.m.vcpus` is missing
     --> a.toml:4:1
      |
    4 | [server_models.m]
      | ^^^^^^^^^^^^^^^^^
      |
      = help: Virtual CPUs that instances may take [count]. It is a whole number

    error[unknown-key]: `server_models.m` has the unknown key `vcpu`
     --> a.toml:5:1
      |
    5 | vcpu = 8
      | ^^^^
      |
      = help: did you mean `vcpus`? (known: vcpus, memory, numa_nodes, gpus, nics, nic_rate, local_disks, local_storage, crash, risk, host_type)

    2 faults in a.toml
    "#);
    assert_snapshot!(told(&spoilt("zones =", "zone =")), @r#"
    error[missing-key]: `servers[0].zones` is missing
     --> a.toml:7:1
      |
    7 | [[servers]]
      | ^^^^^^^^^^^
      |
      = help: Zones between which they are split as evenly as possible. It is a list, each a name

    error[unknown-key]: `servers[0]` has the unknown key `zone`
      --> a.toml:10:1
       |
    10 | zone = ["z"]
       | ^^^^
       |
       = help: did you mean `zones`? (known: name, model, count, zones, racks_per_zone, rack_outage, dedicated)

    2 faults in a.toml
    "#);
}

#[test]
fn units_of_another_kind_are_told() {
    assert_snapshot!(told(&spoilt("\"1d\"", "\"1GiB\"")), @r#"
        error[quantity]: `scenario.horizon`: "1GiB" has the unknown unit of time `GiB`
         --> a.toml:3:11
          |
        3 | horizon = "1GiB"
          |           ^^^^^^
          |
          = help: a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"

        1 fault in a.toml
    "#);
    assert_snapshot!(told(&spoilt("\"8GiB\"", "\"8min\"")), @r#"
        error[quantity]: `server_models.m.memory`: "8min" has the unknown unit of size `min`
         --> a.toml:6:10
          |
        6 | memory = "8min"
          |          ^^^^^^
          |
          = help: a size has the unit B, kB, MB, GB, TB, PB (powers of 1,000) or KiB, MiB, GiB, TiB, PiB (powers of 1,024), as in "384GiB" or "7.68TB"

        1 fault in a.toml
    "#);
}

#[test]
fn negative_values_are_told() {
    assert_snapshot!(told(&spoilt("\"1d\"", "\"-1d\"")), @r#"
        error[quantity]: `scenario.horizon`: "-1d" is negative
         --> a.toml:3:11
          |
        3 | horizon = "-1d"
          |           ^^^^^
          |
          = help: a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"

        1 fault in a.toml
    "#);
    assert_snapshot!(told(&spoilt("count = 1", "count = -1")), @r#"
        error[range]: `servers[0].count` is -1
         --> a.toml:9:9
          |
        9 | count = -1
          |         ^^
          |
          = help: it is at least 0

        1 fault in a.toml
    "#);
}

#[test]
fn values_that_are_no_number_are_told() {
    assert_snapshot!(told(&spoilt("[[servers]]", "crash.rate = nan\n[[servers]]")), @r#"
        error[not-finite]: `server_models.m.crash.rate` is the number NaN, which is no quantity
         --> a.toml:7:14
          |
        7 | crash.rate = nan
          |              ^^^
          |
          = help: a rate is a number, with % or not, per s, min, h, day, week or year, as in "7/h" or "2%/year"; or "never"

        1 fault in a.toml
    "#);
    assert_snapshot!(told(&spoilt("[[servers]]", "crash.rate = \"NaN/year\"\n[[servers]]")), @r#"
        error[quantity]: `server_models.m.crash.rate`: "NaN/year" is no number with a unit
         --> a.toml:7:14
          |
        7 | crash.rate = "NaN/year"
          |              ^^^^^^^^^^
          |
          = help: a rate is a number, with % or not, per s, min, h, day, week or year, as in "7/h" or "2%/year"; or "never"

        1 fault in a.toml
    "#);
}

#[test]
fn values_that_no_number_can_hold_are_told() {
    assert_snapshot!(told(&spoilt("8GiB", "99999999999999TiB")), @r#"
        error[quantity]: `server_models.m.memory`: "99999999999999TiB" is more than 1 EiB
         --> a.toml:6:10
          |
        6 | memory = "99999999999999TiB"
          |          ^^^^^^^^^^^^^^^^^^^
          |
          = help: a size has the unit B, kB, MB, GB, TB, PB (powers of 1,000) or KiB, MiB, GiB, TiB, PiB (powers of 1,024), as in "384GiB" or "7.68TB"

        1 fault in a.toml
    "#);
    assert_snapshot!(told(&spoilt("\"1d\"", "\"99999999999999999999w\"")), @r#"
        error[quantity]: `scenario.horizon`: "99999999999999999999w" has more than 18 digits
         --> a.toml:3:11
          |
        3 | horizon = "99999999999999999999w"
          |           ^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"

        1 fault in a.toml
    "#);
    assert_snapshot!(told(&spoilt("vcpus = 8", "vcpus = 99999999999999999999")), @r#"
        error[range]: `server_models.m.vcpus` is 99999999999999999999
         --> a.toml:5:9
          |
        5 | vcpus = 99999999999999999999
          |         ^^^^^^^^^^^^^^^^^^^^
          |
          = help: it is at most 1000000

        1 fault in a.toml
    "#);
}

#[test]
fn a_billion_instances_are_refused_with_the_memory_they_would_need() {
    let instances = "[instance_types.i]\nvcpus = 1\nmemory = \"1GiB\"\n\
                     [[workload.instances]]\ntype = \"i\"\ncount = 1_000_000_000\n";
    assert_snapshot!(told(&with(instances)), @r#"
        error[too-large]: 1000000000 instances need about 239 GiB of memory, the scenario 239 GiB, and one run may take 8 GiB
          --> a.toml:16:9
           |
        16 | count = 1_000_000_000
           |         ^^^^^^^^^^^^^
           |
           = help: the limit is fleetsim's own, whatever this machine has, so that a slip of a digit cannot fill it: simulate a part of the fleet

        1 fault in a.toml
    "#);
}

#[test]
fn a_billion_servers_are_refused_with_the_memory_they_would_need() {
    assert_snapshot!(told(&spoilt("count = 1", "count = 1_000_000_000")), @r#"
        error[too-large]: 1000000000 servers need about 150 GiB of memory, the scenario 150 GiB, and one run may take 8 GiB
         --> a.toml:9:9
          |
        9 | count = 1_000_000_000
          |         ^^^^^^^^^^^^^
          |
          = help: the limit is fleetsim's own, whatever this machine has, so that a slip of a digit cannot fill it: simulate a part of the fleet

        1 fault in a.toml
    "#);
}

#[test]
fn zero_servers_are_told() {
    assert_snapshot!(told(&spoilt("count = 1", "count = 0")), @r#"
        error[no-servers]: there are no servers: the only entry of `servers` has the count 0
         --> a.toml:9:9
          |
        9 | count = 0
          |         ^
          |
          = help: give a count of at least 1

        1 fault in a.toml
    "#);
}

#[test]
fn a_horizon_of_zero_is_told() {
    assert_snapshot!(told(&spoilt("\"1d\"", "\"0s\"")), @r#"
        error[range]: `scenario.horizon` is zero
         --> a.toml:3:11
          |
        3 | horizon = "0s"
          |           ^^^^
          |
          = help: a run lasts some time, as in "365d"

        1 fault in a.toml
    "#);
}

#[test]
fn duplicate_names_are_told() {
    assert_snapshot!(told(&spoilt("[\"z\"]", "[\"z\", \"z\"]")), @r#"
        error[duplicate]: the zone `z` is named twice
          --> a.toml:10:15
           |
        10 | zones = ["z", "z"]
           |               ^^^
           |
           = help: name each zone once

        1 fault in a.toml
    "#);
    let stream = "[[workload.arrivals]]\nname = \"s\"\ntype = \"i\"\ngap = \"1h\"\n";
    let kind = "[instance_types.i]\nvcpus = 1\nmemory = \"1GiB\"\n";
    assert_snapshot!(told(&with(&format!("{kind}{stream}{stream}"))), @r#"
        error[duplicate]: two entries of `workload.arrivals` have the name `s`
          --> a.toml:19:8
           |
        15 | name = "s"
           |        --- the other one
        ...
        19 | name = "s"
           |        ^^^
           |
           = help: give each its own name

        1 fault in a.toml
    "#);
    let entry = "[[servers]]\nname = \"all\"\nmodel = \"m\"\ncount = 1\nzones = [\"y\"]\n";
    assert_snapshot!(told(&with(&format!("{entry}{entry}"))), @r#"
        error[duplicate]: two entries of `servers` have the name `all`
          --> a.toml:17:8
           |
        12 | name = "all"
           |        ----- the other one
        ...
        17 | name = "all"
           |        ^^^^^
           |
           = help: give each its own name

        1 fault in a.toml
    "#);
    assert_snapshot!(told(&with("[server_models.m]\n")), @r#"
        error[duplicate-key]: the key `m` is given twice
          --> a.toml:11:16
           |
        11 | [server_models.m]
           |                ^

        1 fault in a.toml
    "#);
}

#[test]
fn cycles_of_includes_are_told() {
    let a = [b"include = [\"b.toml\"]\n", SCENARIO.as_bytes()].concat();
    let b = b"include = [\"a.toml\"]\n";
    assert_snapshot!(told_of(&[("a.toml", &a), ("b.toml", b)]), @r#"
        error[include-cycle]: includes run in a circle: a.toml -> b.toml -> a.toml
         --> b.toml:1:12
          |
        1 | include = ["a.toml"]
          |            ^^^^^^^^

        1 fault in a.toml
    "#);
    let own = [b"include = [\"a.toml\"]\n", SCENARIO.as_bytes()].concat();
    assert_snapshot!(told_of(&[("a.toml", &own)]), @r#"
        error[include-cycle]: includes run in a circle: a.toml -> a.toml
         --> a.toml:1:12
          |
        1 | include = ["a.toml"]
          |            ^^^^^^^^

        1 fault in a.toml
    "#);
}

#[test]
fn scenarios_that_are_no_text_are_told() {
    assert_snapshot!(told_of(&[("a.toml", b"[scenario]\nname = \"\xff\"\n")]), @r#"
        error[not-utf-8]: byte 19 of the file is not UTF-8
         --> a.toml:2:9
          |
        2 | name = "
          |         ^
          |
          = help: save the file as UTF-8

        1 fault in a.toml
    "#);
    assert_snapshot!(told_of(&[("a.toml", b"")]), @r#"
        error[empty]: the file is empty
         --> a.toml:1:1
          |
        1 |
          | ^
          |
          = help: `fleetsim init` writes an example

        1 fault in a.toml
    "#);
    assert_snapshot!(told_of(&[("b.toml", SCENARIO.as_bytes())]), @"error: cannot read scenario a.toml: no such file");
}

#[test]
fn traces_that_cannot_be_read_are_told() {
    assert_snapshot!(told(&with(TRACE)), @r#"
        error[cannot-open]: cannot open the trace `t.csv`: no such file
          --> a.toml:12:9
           |
        12 | trace = "t.csv"
           |         ^^^^^^^

        1 fault in a.toml
    "#);
    assert_snapshot!(told_of_trace(b""), @r#"
        error[trace]: trace `t.csv`: the file is empty
          --> a.toml:12:9
           |
        12 | trace = "t.csv"
           |         ^^^^^^^
           |
           = help: a trace begins with a header line that names its columns

        1 fault in a.toml
    "#);
    assert_snapshot!(told_of_trace(b"arrival_s,vcpus,memory_gib\n"), @r#"
        error[trace]: trace `t.csv`: the trace holds no rows
          --> a.toml:12:9
           |
        12 | trace = "t.csv"
           |         ^^^^^^^
           |
           = help: below the header, one line an instance

        1 fault in a.toml
    "#);
    assert_snapshot!(told_of_trace(b"arrival_s,vcpus,memory_gib\n0,\xff,1\n"), @r#"
        error[trace]: trace `t.csv`: line 2: not UTF-8 at byte 29 of the text
          --> a.toml:12:9
           |
        12 | trace = "t.csv"
           |         ^^^^^^^
           |
           = help: save the trace as UTF-8

        1 fault in a.toml
    "#);
    let whole = [HEADER.as_bytes(), &b"0,1,1\n".repeat(1_000)].concat();
    let mut gz = GzEncoder::new(Vec::new(), Compression::none());
    gz.write_all(&whole).unwrap();
    let gz = gz.finish().unwrap();
    assert_snapshot!(told_of_trace(&gz[..3_000]), @r#"
        error[trace]: trace `t.csv`: line 494: the gzip data end too early
          --> a.toml:12:9
           |
        12 | trace = "t.csv"
           |         ^^^^^^^
           |
           = help: the file was cut off: fetch it again

        1 fault in a.toml
    "#);
    assert_snapshot!(told_of_trace(&gz[..gz.len() - 4]), @r#"
        error[trace]: trace `t.csv`: line 1001: the gzip data end too early
          --> a.toml:12:9
           |
        12 | trace = "t.csv"
           |         ^^^^^^^
           |
           = help: the file was cut off: fetch it again

        1 fault in a.toml
    "#);
}

#[test]
fn a_trace_that_is_a_folder_is_told() {
    let folder = folder_of(&[("a.toml", with(TRACE).as_bytes())]);
    fs::create_dir(folder.path().join("t.csv")).unwrap();
    assert_snapshot!(told_in(&folder), @r#"
        error[cannot-open]: cannot open the trace `t.csv`: it is a folder, not a file
          --> a.toml:12:9
           |
        12 | trace = "t.csv"
           |         ^^^^^^^

        1 fault in a.toml
    "#);
}

/// What a run of these files prints as JSON.
fn accepted(scenario: &[u8], trace: &[u8]) -> String {
    let folder = folder_of(&[("a.toml", scenario), ("t.csv", trace)]);
    let arguments = ["run", "a.toml", "--runs", "1", "--format", "json"];
    let (code, text, faults) = answer(&arguments, folder.path());
    assert_eq!((code, faults.as_str()), (0, ""));
    text
}

#[test]
fn byte_order_marks_and_windows_line_ends_are_accepted() {
    let scenario = with(TRACE);
    let trace = format!("{HEADER}0,1,1\n5,2,1\n");
    let plain = accepted(scenario.as_bytes(), trace.as_bytes());
    assert!(plain.contains("instances.placed.max"), "{plain}");
    let marked = |text: &str| format!("\u{feff}{text}");
    let windows = |text: &str| text.replace('\n', "\r\n");
    for change in [&marked as &dyn Fn(&str) -> String, &windows, &|text| marked(&windows(text))] {
        assert_eq!(accepted(change(&scenario).as_bytes(), trace.as_bytes()), plain);
        let (theirs, ours) = (accepted(scenario.as_bytes(), change(&trace).as_bytes()), &plain);
        assert_eq!(without_digest(&theirs), without_digest(ours));
    }
}

/// All lines but the digest, which covers the bytes of a trace.
fn without_digest(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.contains("\"digest\"")).collect()
}

#[test]
fn plans_that_cannot_be_are_told() {
    assert_snapshot!(told(&spoilt("\"1d\"", "\"1d\"\nstart = 2026-01-01")), @r#"
    error[quantity]: `scenario.start`: "2026-01-01" is no date with its time of day
     --> a.toml:4:9
      |
    4 | start = 2026-01-01
      |         ^^^^^^^^^^
      |
      = help: a date with its time of day is written in UTC, with Z at its end, as in "2026-01-01T00:00:00Z"

    1 fault in a.toml
    "#);
    assert_snapshot!(told(&with(
        "[[scripts]]\nat = \"1h\"\ndo = \"RedeployInstance\"\nInstanceId = \"web[0]\"\nForceStp = true\n"
    )), @r#"
    error[unknown-name]: `scripts[0].InstanceId`: "web[0]" names no instance: no entry of `workload.instances` has the name `web`
      --> a.toml:14:14
       |
    14 | InstanceId = "web[0]"
       |              ^^^^^^^^
       |
       = help: give the entry a name

    error[unknown-key]: `scripts[0]` (RedeployInstance) has the unknown key `ForceStp`
      --> a.toml:15:1
       |
    15 | ForceStp = true
       | ^^^^^^^^
       |
       = help: did you mean `ForceStop`? (known: at, do, name, RegionId, InstanceId, ForceStop)

    2 faults in a.toml
    "#);
    assert_snapshot!(told(&with(
        "[[campaigns]]\nname = \"c\"\nevent = \"Reboot\"\nstart = \"1h\"\nservers = { zones = [\"y\"] }\n"
    )), @r#"
    error[unknown-value]: `campaigns[c].event` has the unknown value "Reboot"
      --> a.toml:13:9
       |
    13 | event = "Reboot"
       |         ^^^^^^^^
       |
       = help: known: SystemMaintenance.Reboot, SystemMaintenance.Stop, SystemMaintenance.Redeploy

    error[unknown-name]: there is no zone `y`
      --> a.toml:15:22
       |
    15 | servers = { zones = ["y"] }
       |                      ^^^
       |
       = help: did you mean `z`? (known: z)

    2 faults in a.toml
    "#);
    assert_snapshot!(told(&with(
        "[[events]]\nat = \"1h\"\ntype = \"SystemFailure.Reboot\"\ninstance = \"web\"\nlead = 7\n"
    )), @r#"
    error[unknown-name]: `events[0].instance`: "web" names no instance
      --> a.toml:14:12
       |
    14 | instance = "web"
       |            ^^^^^
       |
       = help: an instance is called "web[3]" (number 3 of the entry `web` of workload.instances), "jobs#17" (arrival 17 of the stream `jobs`), "trace#17" (data row 17 of the trace) or "script[2]#0" (the first that `scripts[2]` creates), or "api#0" (member 0 of the scaling group `api`); all count from 0

    error[no-unit]: `events[0].lead` is the number 7 without a unit
      --> a.toml:15:8
       |
    15 | lead = 7
       |        ^
       |
       = help: a length of time has units w, d, h, min, s, ms or us, as in "36h", "1d12h" or "250ms"

    2 faults in a.toml
    "#);
}
