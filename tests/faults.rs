//! Bad input: what the user reads. Each snapshot holds every fault of one scenario.

use fleetsim::scenario::{FileRequest, Files, InMemory, Scenario};
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
    insta::assert_snapshot!(spoilt("horizon =", "horizn ="), @"");
    insta::assert_snapshot!(spoilt("[[servers]]", "[[server]]"), @"");
    insta::assert_snapshot!(spoilt("exponential", "exponentail"), @"");
}

#[test]
fn all_faults_are_told_at_once() {
    let text = GOOD
        .replace("\"32GiB\"", "\"32Gib\"")
        .replace("count = 4", "count = 0\ncolour = \"red\"")
        .replace("\"7/h\"", "7")
        .replace("type = \"t\"\ncount", "type = \"T2\"\ncount");
    insta::assert_snapshot!(faults(&text), @"");
}

#[test]
fn syntax_faults_are_told_together() {
    insta::assert_snapshot!(faults("[scenario]\nname = \n[servers\nx = \"a\ny = 1\n"), @"");
    let json = InMemory::default();
    let text = "{\"scenario\": {\"name\": \"x\", \"name\": \"y\",}";
    let faults = Scenario::parse("x.json", text.as_bytes(), &[], &json).unwrap_err();
    insta::assert_snapshot!(faults.to_string(), @"");
}

#[test]
fn wrong_units() {
    insta::assert_snapshot!(spoilt("\"30d\"", "30"), @"");
    insta::assert_snapshot!(spoilt("\"30d\"", "\"30 days\""), @"");
    insta::assert_snapshot!(spoilt("\"30d\"", "\"30GiB\""), @"");
    insta::assert_snapshot!(spoilt("\"8GiB\"", "\"8\""), @"");
    insta::assert_snapshot!(spoilt("\"7/h\"", "\"7\""), @"");
    insta::assert_snapshot!(spoilt("\"1h\"", "60"), @"");
}

#[test]
fn negative_undefined_and_overflowing_values() {
    insta::assert_snapshot!(spoilt("\"30d\"", "\"-30d\""), @"");
    insta::assert_snapshot!(spoilt("count = 4", "count = -4"), @"");
    insta::assert_snapshot!(spoilt("count = 4", "count = nan"), @"");
    insta::assert_snapshot!(spoilt("count = 4", "count = inf"), @"");
    insta::assert_snapshot!(spoilt("count = 4", "count = 4.5"), @"");
    insta::assert_snapshot!(spoilt("\"30d\"", "nan"), @"");
    insta::assert_snapshot!(spoilt("\"30d\"", "1e400"), @"");
    insta::assert_snapshot!(spoilt("\"30d\"", "\"99999999999999999999d\""), @"");
    insta::assert_snapshot!(spoilt("\"30d\"", "\"400000d\""), @"");
    insta::assert_snapshot!(spoilt("count = 4", "count = 99999999999999999999999999999999999999999"), @"");
    insta::assert_snapshot!(spoilt("\"32GiB\"", "\"99999999PiB\""), @"");
}

#[test]
fn times_of_the_experiment() {
    insta::assert_snapshot!(spoilt("\"30d\"", "\"0s\""), @"");
    insta::assert_snapshot!(spoilt("\"30d\"", "\"30d\"\nwarm_up = \"30d\""), @"");
    insta::assert_snapshot!(spoilt("\"30d\"", "\"30d\"\nlevels_at = [\"12h\", \"31d\"]"), @"");
}

#[test]
fn fleets_that_cannot_be() {
    insta::assert_snapshot!(spoilt("count = 4", "count = 0"), @"");
    insta::assert_snapshot!(spoilt("count = 3", "count = 1_000_000_000"), @"");
    insta::assert_snapshot!(spoilt("count = 4", "count = 1_000_000_000"), @"");
    insta::assert_snapshot!(spoilt("vcpus = 2", "vcpus = 16"), @"");
    insta::assert_snapshot!(spoilt("[\"a\", \"b\"]", "[\"a\", \"b\"]\nracks_per_zone = 1000000000000"), @"");
    insta::assert_snapshot!(spoilt("vcpus = 8", "vcpus = 8\nnuma_nodes = 3"), @"");
    insta::assert_snapshot!(spoilt("\"7/h\"", "\"1000000000/s\""), @"");
    insta::assert_snapshot!(spoilt("rate = \"7/h\"", "gap = \"0s\""), @"");
}

#[test]
fn names() {
    insta::assert_snapshot!(spoilt("[\"a\", \"b\"]", "[\"a\", \"a\"]"), @"");
    insta::assert_snapshot!(spoilt("model = \"m\"", "model = \"n\""), @"");
    insta::assert_snapshot!(spoilt("count = 3", "count = 3\nzone = \"c\"\ncustomer = \"me\""), @"");
    insta::assert_snapshot!(spoilt("\"small\"", "\"=cmd()\""), @"");
    let twice =
        format!("{GOOD}\n[[workload.arrivals]]\nname = \"jobs\"\nrate = \"1/h\"\ntype = \"t\"\n");
    insta::assert_snapshot!(faults(&twice), @"");
    insta::assert_snapshot!(faults(&GOOD.replace("[instance_types.t]", "[instance_types.t]\nvcpus = 1")), @"");
}

#[test]
fn laws_and_probabilities() {
    insta::assert_snapshot!(spoilt("{ exponential = { mean = \"1h\" } }", "\"2h..1h\""), @"");
    let crash = |text: &str| spoilt("[[servers]]", &format!("crash = {text}\n[[servers]]"));
    insta::assert_snapshot!(crash("{ rate = \"3%/year\", afr = \"3%\" }"), @"");
    insta::assert_snapshot!(crash("{ afr = \"100%\", restarts_itself = 1.5 }"), @"");
    insta::assert_snapshot!(crash("\"nevr\""), @"");
    insta::assert_snapshot!(crash("{ life = \"0s\" }"), @"");
    insta::assert_snapshot!(crash("{ life = { weibull = { shape = 1.5 } } }"), @"");
}

#[test]
fn words() {
    let policies = |text: &str| faults(&format!("{GOOD}\n[policies]\n{text}\n"));
    insta::assert_snapshot!(policies("placement = \"frist-fit\""), @"");
    insta::assert_snapshot!(policies("repair.crews = \"many\""), @"");
    insta::assert_snapshot!(policies("repair = 3"), @"");
}

#[test]
fn bytes_that_are_no_scenario() {
    let none = InMemory::default();
    insta::assert_snapshot!(parse(b"", &[], &none).unwrap_err(), @"");
    insta::assert_snapshot!(parse(b"\xef\xbb\xbf \r\n", &[], &none).unwrap_err(), @"");
    insta::assert_snapshot!(parse(b"[scenario]\nname = \"\xff\"", &[], &none).unwrap_err(), @"");
    insta::assert_snapshot!(parse("[".repeat(100_000).as_bytes(), &[], &none).unwrap_err(), @"");
    insta::assert_snapshot!(parse(&vec![b'#'; 17 << 20], &[], &none).unwrap_err(), @"");
}

#[test]
fn byte_order_marks_and_line_ends_are_accepted_with_the_same_digest() {
    let none = InMemory::default();
    let plain = parse(GOOD.as_bytes(), &[], &none).unwrap();
    let other = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    let other = parse(other.as_bytes(), &[], &none).unwrap();
    assert_eq!(plain.digest, other.digest);
    let changed = parse(GOOD.as_bytes(), &["servers[all].count=5"], &none).unwrap();
    assert_ne!(plain.digest, changed.digest);
    let same = ["servers[0].count=4", "scenario.runs=7", "scenario.seed=2"];
    assert_eq!(plain.digest, parse(GOOD.as_bytes(), &same, &none).unwrap().digest);
}

#[test]
fn includes() {
    let text = |include: &str| format!("include = {include}\n{GOOD}");
    let read = |include: &str, files: InMemory| parse(text(include).as_bytes(), &[], &files);
    insta::assert_snapshot!(read("[\"fleet.toml\"]", InMemory::default()).unwrap_err(), @"");
    insta::assert_snapshot!(read("\"../fleet.toml\"", InMemory::default()).unwrap_err(), @"");
    insta::assert_snapshot!(read("[3]", InMemory::default()).unwrap_err(), @"");
    let circle =
        [("x/a.toml", "include = \"b/b.toml\""), ("x/b/b.toml", "include = [\"../a.toml\"]")];
    insta::assert_snapshot!(read("\"a.toml\"", InMemory::new(circle)).unwrap_err(), @"");
    let itself = InMemory::new([("x/scenario.toml", "")]);
    insta::assert_snapshot!(read("\"scenario.toml\"", itself).unwrap_err(), @"");
    let faulty = InMemory::new([("x/fleet.toml", "\n[policies]\nplacment = \"spread\"\n")]);
    insta::assert_snapshot!(read("\"fleet.toml\"", faulty).unwrap_err(), @"");
}

#[test]
fn options() {
    insta::assert_snapshot!(set("scenario.seed"), @"");
    insta::assert_snapshot!(set("scenario.sed=3"), @"");
    insta::assert_snapshot!(set("servers[every].count=3"), @"");
    insta::assert_snapshot!(set("scenario.horizon=30"), @"");
    insta::assert_snapshot!(set("include=x.toml"), @"");
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
    let with = |trace: &str, files: &dyn Files| {
        let text = format!("{GOOD}\n[workload]\ntrace = \"t.csv\"\n");
        let text = text.replace("[[workload", "[[ignored").replace("\n[workload]", "\n[workload]");
        let text = text.split("[[ignored").next().unwrap().to_owned()
            + "\n[workload]\ntrace = \"t.csv\"\n"
            + trace;
        parse(text.as_bytes(), &[], files).unwrap_err()
    };
    let file = |rows: &str| InMemory::new([("x/t.csv", rows)]);
    insta::assert_snapshot!(with("", &InMemory::default()), @"");
    insta::assert_snapshot!(with("", &Folder), @"");
    insta::assert_snapshot!(with("", &file("arrival_s,vcpus,memory_gib\n0,1,1\n5,x,1\n")), @"");
    insta::assert_snapshot!(with("", &file("arrival_s,vcpus,memory_gib\n0,9,1\n0,1,64\n")), @"");
    insta::assert_snapshot!(
        with("trace_life = \"1h\"", &file("arrival_s,vcpus,memory_gib,lifetime_s\n0,1,1,1\n")), @"");
    insta::assert_snapshot!(
        with("", &file("arrival_s,vcpus,memory_gib,zone,type\n0,1,1,c,x\n0,1,1,a,t\n")), @"");
    let mut cut = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    cut.extend([0x4b, 0x2c]);
    let mut files = InMemory::default();
    files.files.insert("x/t.csv".into(), cut);
    insta::assert_snapshot!(with("", &files), @"");
    let early = GOOD.replace("\"30d\"", "\"30d\"\nclock_start = \"1h\"");
    let early =
        early.split("[[workload").next().unwrap().to_owned() + "[workload]\ntrace = \"t.csv\"\n";
    let files = file("arrival_s,vcpus,memory_gib\n0,1,1\n7200,1,1\n");
    insta::assert_snapshot!(parse(early.as_bytes(), &[], &files).unwrap_err(), @"");
    let option = ["workload.trace_format=azure-v1"];
    insta::assert_snapshot!(
        parse(GOOD.as_bytes(), &option, &InMemory::default()).unwrap_err(), @"");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A scenario with a piece cut out, doubled or replaced is read or refused, never worse, and
    /// faults can always be shown.
    #[test]
    fn spoilt_scenarios_never_panic(
        from in 0_usize..2_500,
        length in 0_usize..40,
        insert in prop_oneof![
            Just(String::new()), Just("[".into()), Just("}".into()), Just("\"".into()),
            Just("nan".into()), Just("-1".into()), Just("1e308".into()), Just("0".into()),
            Just("18446744073709551615".into()), Just("\"9999999999d\"".into()), "\\PC{0,8}",
        ],
        json in proptest::bool::ANY,
    ) {
        let text = include_str!("../scenarios/quickstart.toml");
        let mut bytes = text.as_bytes()[1_500..].to_vec();
        let from = from.min(bytes.len());
        let end = (from + length).min(bytes.len());
        bytes.splice(from..end, insert.bytes());
        let name = if json { "x.json" } else { "x.toml" };
        if let Err(faults) = Scenario::parse(name, &bytes, &[], &InMemory::default()) {
            prop_assert!(!faults.list.is_empty());
            prop_assert!(!faults.to_string().is_empty());
        }
    }

    /// Options of any form are read or refused.
    #[test]
    fn odd_options_never_panic(option in "[a-z\\[\\].\"'=0-9]{0,30}|\\PC{0,20}") {
        let _ = Scenario::parse("x.toml", GOOD.as_bytes(), &[option], &InMemory::default());
    }
}
