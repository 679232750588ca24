//! Scaling groups in the scenario file: every broken scenario is told where it is wrong, and the
//! guide's example runs.

use super::{
    answer,
    bad_input::{told, with},
};
use insta::assert_snapshot;
use std::fs;

/// A type, an image, two configurations and a launch template.
const PARTS: &str = r#"[instance_types.t]
vcpus = 1
memory = "1GiB"
[images.good]
[configurations.v1]
type = "t"
image = "good"
[launch_templates.lt]
versions = [{ type = "t" }, { at = "2h", type = "t" }]
"#;

/// What a scenario with this group is told.
fn group(text: &str) -> String {
    told(&with(&format!("{PARTS}[[groups]]\nname = \"web\"\n{text}\n")))
}

/// What a scenario with a right group that also says this is told.
fn also(text: &str) -> String {
    group(&format!("min_size = 0\nmax_size = 4\nconfiguration = \"v1\"\n{text}"))
}

#[test]
fn sizes_are_in_order_and_within_the_quota() {
    assert_snapshot!(group("min_size = 5\nmax_size = 4\nconfiguration = \"v1\""), @"");
    assert_snapshot!(also("desired = 5"), @"");
    assert_snapshot!(group("min_size = 0\nmax_size = 2001\nconfiguration = \"v1\""), @"");
    assert_snapshot!(also("members = [{ count = 3 }, { count = 2, state = \"Standby\" }]"), @"");
    assert_snapshot!(also("desired = -1"), @"");
}

#[test]
fn what_a_group_launches_is_there() {
    assert_snapshot!(group("min_size = 0\nmax_size = 4"), @"");
    assert_snapshot!(group("min_size = 0\nmax_size = 4\nconfiguration = \"v2\""), @"");
    assert_snapshot!(group("min_size = 0\nmax_size = 4\nlaunch_template = \"lx\""), @"");
    let version = |number| {
        format!(
            "min_size = 0\nmax_size = 4\nlaunch_template = \"lt\"\nlaunch_template_version = {number}"
        )
    };
    assert_snapshot!(group(&version(2)), @"");
    assert_snapshot!(also("members = [{ count = 1, configuration = \"lt:3\" }]"), @"");
    assert_snapshot!(also("zones = [\"y\", \"z\", \"z\"]"), @"");
}

#[test]
fn configurations_name_what_is_there() {
    let parts = |more: &str| told(&with(&format!("{PARTS}{more}")));
    assert_snapshot!(parts("[configurations.v2]\nimage = \"bad\"\ntype = \"t\""), @"");
    assert_snapshot!(parts("[configurations.v2]\ntypes = [\"t\", { type = \"u\", weight = 2 }, \"t\"]"), @"");
    assert_snapshot!(parts("[configurations.v2]\nimage = \"good\""), @"");
    assert_snapshot!(parts("[launch_templates.l2]\nversions = [{ type = \"t\", at = \"2h\" }, { type = \"t\", at = \"1h\" }]\ndefault_version = [[\"0s\", 1], [\"3h\", 3]]"), @"");
    assert_snapshot!(parts("[launch_templates.l2]\nversions = []"), @"");
}

#[test]
fn hooks_are_few_and_within_their_range() {
    let hook =
        |more: &str| format!("{{ name = \"h\", lifecycle_transition = \"SCALE_IN\"{more} }}");
    assert_snapshot!(also(&format!("hooks = [{}]", hook(", heartbeat_timeout = \"10s\""))), @"");
    assert_snapshot!(also(&format!("hooks = [{}, {}]", hook(""), hook(""))), @"");
    let many: Vec<String> =
        (0..7).map(|n| hook("").replace("\"h\"", &format!("\"h{n}\""))).collect();
    assert_snapshot!(also(&format!("hooks = [{}]", many.join(", "))), @"");
    assert_snapshot!(also("hooks = [{ name = \"h\", lifecycle_transition = \"IN\", default_result = \"ROLLBACK\" }]"), @"");
}

#[test]
fn lengths_of_time_keep_their_documented_ranges() {
    assert_snapshot!(also("cooldown = \"86401s\""), @"");
    assert_snapshot!(also("stop_timeout = \"20s\"\nmax_instance_lifetime = \"2h\""), @"");
    assert_snapshot!(also("stop_timeout = \"30s\"\nmax_instance_lifetime = \"2d\"\nscaling_policy = \"recycle\""), @"");
    assert_snapshot!(also("attach = \"never\"\nlaunch_retry = \"0s\""), @"");
}

#[test]
fn schedules_and_demands_are_in_order() {
    assert_snapshot!(also("schedule = [{ at = \"1h\" }, { at = \"2h\", min_size = 4, max_size = 2 }, { at = \"2h\", every = \"0s\", desired = 1 }]"), @"");
    assert_snapshot!(also("target = { demand = [[\"1h\", 5], [\"0s\", 6]], per_unit = 1, period = \"30min\" }"), @"");
    assert_snapshot!(also("target = { demand = \"demand.csv\", per_unit = 0 }"), @"");
}

#[test]
fn refreshes_keep_within_their_bounds() {
    assert_snapshot!(also("refresh = { min_pct = 101, max_pct = 90 }"), @"");
    assert_snapshot!(also("refresh = { min_pct = 80, max_surge = 1 }"), @"");
    assert_snapshot!(also("refresh = { max_surge = 0, max_unavailable = \"0%\" }"), @"");
    assert_snapshot!(also("refresh = { max_surge = true }"), @"");
    assert_snapshot!(also("refresh = { preset = \"azure\", max_surge = true }"), @"");
    assert_snapshot!(also("refresh = { preset = \"k8s\", max_unavailable = \"2.5%\" }"), @"");
    assert_snapshot!(also("refresh = { no_progress_timeout = \"0s\", launch_retry = \"0s\" }"), @"");
}

#[test]
fn names_of_groups_are_their_own() {
    let right = "[[groups]]\nname = \"web\"\nmin_size = 0\nmax_size = 4\nconfiguration = \"v1\"\n";
    let text = format!(
        "{PARTS}{right}{right}[[scripts]]\nname = \"web\"\nat = \"1h\"\ndo = \"RunInstances\"\nInstanceType = \"t\"\n"
    );
    assert_snapshot!(told(&with(&text)), @"");
    assert_snapshot!(also("[[scripts]]\nat = \"1h\"\ndo = \"RebootInstance\"\nInstanceId = \"wep#0\""), @"");
}

/// What a script gets wrong in its form is a fault; what only the cloud can judge is not.
#[test]
fn scripts_are_judged_by_the_cloud_and_read_by_us() {
    let start = |more: &str| {
        also(&format!(
            "[[scripts]]\nat = \"1h\"\ndo = \"StartInstanceRefresh\"\nScalingGroupId = \"web\"\n{more}"
        ))
    };
    assert_snapshot!(start("MinHealthy = 80\nSkipMatching = \"yes\""), @"");
    assert_snapshot!(start("group = \"web\"\nCheckpoints = [20, \"50%\"]"), @"");
    assert_snapshot!(start("DesiredConfiguration = { ImageID = \"good\" }\nMaxHealthyPercentage = 1.5"), @"");
}

/// The example of the guide is a scenario that runs.
#[test]
fn the_example_of_the_guide_runs() {
    let guide = include_str!("../../docs/groups.md");
    let (_, rest) = guide.split_once("```toml\n").expect("there is an example");
    let (example, _) = rest.split_once("```").expect("it ends");
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("a.toml"), example).expect("the folder takes a file");
    let (code, text, faults) = answer(&["validate", "a.toml"], folder.path());
    assert_eq!(code, 0, "{faults}");
    assert!(text.contains("scaling groups"), "{text}");
    let (code, text, faults) = answer(&["run", "a.toml"], folder.path());
    assert_eq!(code, 0, "{faults}");
    assert!(text.contains("Successful"), "{text}");
}
