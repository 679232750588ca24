//! Scaling groups in the scenario file: every broken scenario is told where it is wrong, and the
//! guide's example runs.

use super::{
    answer,
    bad_input::{told, with},
};
use insta::assert_snapshot;
use serde_json::Value;
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
    assert_snapshot!(group("min_size = 5\nmax_size = 4\nconfiguration = \"v1\""), @r#"
    error[range]: the group `web` has min_size 5 and max_size 4
      --> a.toml:22:12
       |
    22 | min_size = 5
       |            ^
       |
       = help: min_size is at most max_size

    1 fault in a.toml
    "#);
    assert_snapshot!(also("desired = 5"), @r#"
    error[range]: the group `web` has desired 5, and a size from 0 to 4
      --> a.toml:25:11
       |
    25 | desired = 5
       |           ^
       |
       = help: desired lies from min_size to max_size

    1 fault in a.toml
    "#);
    assert_snapshot!(group("min_size = 0\nmax_size = 2001\nconfiguration = \"v1\""), @r#"
    error[range]: the group `web` has max_size 2001, and the quota is 2000
      --> a.toml:23:12
       |
    23 | max_size = 2001
       |            ^^^^
       |
       = help: give less, or raise settings.ess.max_size

    1 fault in a.toml
    "#);
    assert_snapshot!(also("members = [{ count = 3 }, { count = 2, state = \"Standby\" }]"), @r#"
    error[range]: the group `web` begins with 5 capacity units, and its max_size is 4
      --> a.toml:25:11
       |
    25 | members = [{ count = 3 }, { count = 2, state = "Standby" }]
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: give fewer members, or a larger max_size

    1 fault in a.toml
    "#);
    assert_snapshot!(also("desired = -1"), @r#"
    error[range]: `groups[web].desired` is -1
      --> a.toml:25:11
       |
    25 | desired = -1
       |           ^^
       |
       = help: it is at least 0

    1 fault in a.toml
    "#);
}

#[test]
fn what_a_group_launches_is_there() {
    assert_snapshot!(group("min_size = 0\nmax_size = 4"), @r#"
    error[missing-key]: `groups[web]` has none of configuration, launch_template
      --> a.toml:20:1
       |
    20 | [[groups]]
       | ^^^^^^^^^^
       |
       = help: give one of them

    1 fault in a.toml
    "#);
    assert_snapshot!(group("min_size = 0\nmax_size = 4\nconfiguration = \"v2\""), @r#"
    error[unknown-name]: there is no scaling configuration `v2`
      --> a.toml:24:17
       |
    24 | configuration = "v2"
       |                 ^^^^
       |
       = help: did you mean `v1`? (known: v1)

    1 fault in a.toml
    "#);
    assert_snapshot!(group("min_size = 0\nmax_size = 4\nlaunch_template = \"lx\""), @r#"
    error[unknown-name]: there is no launch template `lx`
      --> a.toml:24:19
       |
    24 | launch_template = "lx"
       |                   ^^^^
       |
       = help: did you mean `lt`? (known: lt)

    1 fault in a.toml
    "#);
    let version = |number| {
        format!(
            "min_size = 0\nmax_size = 4\nlaunch_template = \"lt\"\nlaunch_template_version = {number}"
        )
    };
    assert_snapshot!(group(&version(2)), @r#"
    error[range]: the group `web` launches version 2 of `lt`, which is not there when the run begins
      --> a.toml:25:27
       |
    25 | launch_template_version = 2
       |                           ^
       |
       = help: known: 1 to 1

    1 fault in a.toml
    "#);
    assert_snapshot!(also("members = [{ count = 1, configuration = \"lt:3\" }]"), @r#"
    error[unknown-name]: there is no configuration `lt:3`
      --> a.toml:25:41
       |
    25 | members = [{ count = 1, configuration = "lt:3" }]
       |                                         ^^^^^^
       |
       = help: did you mean `lt:1`? (known: lt:1, lt:2, v1)

    1 fault in a.toml
    "#);
    assert_snapshot!(also("zones = [\"y\", \"z\", \"z\"]"), @r#"
    error[unknown-name]: there is no zone `y`
      --> a.toml:25:10
       |
    25 | zones = ["y", "z", "z"]
       |          ^^^
       |
       = help: did you mean `z`? (known: z)

    error[duplicate]: the zone `z` is listed twice
      --> a.toml:25:20
       |
    25 | zones = ["y", "z", "z"]
       |                    ^^^
       |
       = help: name each zone once

    2 faults in a.toml
    "#);
}

#[test]
fn configurations_name_what_is_there() {
    let parts = |more: &str| told(&with(&format!("{PARTS}{more}")));
    assert_snapshot!(parts("[configurations.v2]\nimage = \"bad\"\ntype = \"t\""), @r#"
    error[unknown-name]: there is no image `bad`
      --> a.toml:21:9
       |
    21 | image = "bad"
       |         ^^^^^
       |
       = help: known: good

    1 fault in a.toml
    "#);
    assert_snapshot!(parts("[configurations.v2]\ntypes = [\"t\", { type = \"u\", weight = 2 }, \"t\"]"), @r#"
    error[unknown-name]: there is no instance type `u`
      --> a.toml:21:24
       |
    21 | types = ["t", { type = "u", weight = 2 }, "t"]
       |                        ^^^
       |
       = help: did you mean `t`? (known: t)

    error[duplicate]: the type `t` is listed twice
      --> a.toml:21:43
       |
    21 | types = ["t", { type = "u", weight = 2 }, "t"]
       |                                           ^^^
       |
       = help: name each type once, the preferred one first

    2 faults in a.toml
    "#);
    assert_snapshot!(parts("[configurations.v2]\nimage = \"good\""), @r#"
    error[missing-key]: `configurations.v2` has none of type, types
      --> a.toml:20:1
       |
    20 | [configurations.v2]
       | ^^^^^^^^^^^^^^^^^^^
       |
       = help: give one of them

    1 fault in a.toml
    "#);
    assert_snapshot!(parts("[launch_templates.l2]\nversions = [{ type = \"t\", at = \"2h\" }, { type = \"t\", at = \"1h\" }]\ndefault_version = [[\"0s\", 1], [\"3h\", 3]]"), @r#"
    error[range]: version 2 of the launch template `l2` is older than version 1
      --> a.toml:21:59
       |
    21 | versions = [{ type = "t", at = "2h" }, { type = "t", at = "1h" }]
       |                                                           ^^^^
       |
       = help: put versions in order of time

    error[range]: version 1 of the launch template `l2` is the default before it is there
      --> a.toml:22:27
       |
    22 | default_version = [["0s", 1], ["3h", 3]]
       |                           ^
       |
       = help: let the default change later, or create it earlier

    error[range]: the launch template `l2` has no version 3
      --> a.toml:22:38
       |
    22 | default_version = [["0s", 1], ["3h", 3]]
       |                                      ^
       |
       = help: it has 2, counted from 1

    3 faults in a.toml
    "#);
    assert_snapshot!(parts("[launch_templates.l2]\nversions = []"), @r#"
    error[missing-key]: `launch_templates.l2.versions` is empty
      --> a.toml:21:12
       |
    21 | versions = []
       |            ^^
       |
       = help: give at least one element, or leave the key out where it is not required

    1 fault in a.toml
    "#);
}

#[test]
fn hooks_are_few_and_within_their_range() {
    let hook =
        |more: &str| format!("{{ name = \"h\", lifecycle_transition = \"SCALE_IN\"{more} }}");
    assert_snapshot!(also(&format!("hooks = [{}]", hook(", heartbeat_timeout = \"10s\""))), @r#"
    error[range]: the hook `h` of the group `web` has heartbeat_timeout 10s
      --> a.toml:25:79
       |
    25 | hooks = [{ name = "h", lifecycle_transition = "SCALE_IN", heartbeat_timeout = "10s" }]
       |                                                                               ^^^^^
       |
       = help: it lasts from 30 s to 21600 s

    1 fault in a.toml
    "#);
    assert_snapshot!(also(&format!("hooks = [{}, {}]", hook(""), hook(""))), @r#"
    error[duplicate]: two hooks of the group `web` have the name `h`
      --> a.toml:25:70
       |
    25 | hooks = [{ name = "h", lifecycle_transition = "SCALE_IN" }, { name = "h", lifecycle_transition = "SCALE_IN" }]
       |                                                                      ^^^
       |
       = help: give each its own name

    1 fault in a.toml
    "#);
    let many: Vec<String> =
        (0..7).map(|n| hook("").replace("\"h\"", &format!("\"h{n}\""))).collect();
    assert_snapshot!(also(&format!("hooks = [{}]", many.join(", "))), @r#"
    error[range]: the group `web` has 7 hooks
      --> a.toml:25:9
       |
    25 | ... = [{ name = "h0", lifecycle_transition = "SCALE... = "h6", lifecycle_transition = "SCALE_IN" }]
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: it has at most 6

    1 fault in a.toml
    "#);
    assert_snapshot!(also("hooks = [{ name = \"h\", lifecycle_transition = \"IN\", default_result = \"ROLLBACK\" }]"), @r#"
    error[unknown-value]: `groups[web].hooks[h].lifecycle_transition` has the unknown value "IN"
      --> a.toml:25:47
       |
    25 | hooks = [{ name = "h", lifecycle_transition = "IN", default_result = "ROLLBACK" }]
       |                                               ^^^^
       |
       = help: known: SCALE_OUT, SCALE_IN

    error[unknown-value]: `groups[web].hooks[h].default_result` has the unknown value "ROLLBACK"
      --> a.toml:25:70
       |
    25 | hooks = [{ name = "h", lifecycle_transition = "IN", default_result = "ROLLBACK" }]
       |                                                                      ^^^^^^^^^^
       |
       = help: known: CONTINUE, ABANDON

    2 faults in a.toml
    "#);
}

#[test]
fn lengths_of_time_keep_their_documented_ranges() {
    assert_snapshot!(also("cooldown = \"86401s\""), @r#"
    error[range]: the group `web` has cooldown "86401s"
      --> a.toml:25:12
       |
    25 | cooldown = "86401s"
       |            ^^^^^^^^
       |
       = help: it lasts at most 86400 s

    1 fault in a.toml
    "#);
    assert_snapshot!(also("stop_timeout = \"20s\"\nmax_instance_lifetime = \"2h\""), @r#"
    error[range]: the group `web` has stop_timeout "20s"
      --> a.toml:25:16
       |
    25 | stop_timeout = "20s"
       |                ^^^^^
       |
       = help: it lasts from 30 s to 240 s, or is "off"

    error[range]: the group `web` has max_instance_lifetime "2h"
      --> a.toml:26:25
       |
    26 | max_instance_lifetime = "2h"
       |                         ^^^^
       |
       = help: it lasts at least a day, or is "off"

    2 faults in a.toml
    "#);
    assert_snapshot!(also("stop_timeout = \"30s\"\nmax_instance_lifetime = \"2d\"\nscaling_policy = \"recycle\""), @r#"
    error[conflict]: the group `web` has a stop_timeout, and its scaling_policy is not release
      --> a.toml:25:16
       |
    25 | stop_timeout = "30s"
       |                ^^^^^
       |
       = help: leave it out

    error[conflict]: the group `web` has a max_instance_lifetime, and is of type ECI or keeps stopped instances
      --> a.toml:26:25
       |
    26 | max_instance_lifetime = "2d"
       |                         ^^^^
       |
       = help: leave it out

    2 faults in a.toml
    "#);
    assert_snapshot!(also("attach = \"never\"\nlaunch_retry = \"0s\""), @r#"
    error[range]: the group `web` has attach "never"
      --> a.toml:25:10
       |
    25 | attach = "never"
       |          ^^^^^^^
       |
       = help: give a law of lengths of time, as in "60s"

    error[range]: the group `web` has launch_retry of no time at all
      --> a.toml:26:16
       |
    26 | launch_retry = "0s"
       |                ^^^^
       |
       = help: give a length above zero

    2 faults in a.toml
    "#);
}

#[test]
fn schedules_and_demands_are_in_order() {
    assert_snapshot!(also("schedule = [{ at = \"1h\" }, { at = \"2h\", min_size = 4, max_size = 2 }, { at = \"2h\", every = \"0s\", desired = 1 }]"), @r#"
    error[missing-key]: `groups[web].schedule[0]` changes nothing
      --> a.toml:25:13
       |
    25 | schedule = [{ at = "1h" }, { at = "2h", min_size = 4, max_size = 2 }, { at = "2h", every = "0s", desired = 1 }]
       |             ^^^^^^^^^^^^^
       |
       = help: give min_size, max_size or desired

    error[range]: `groups[web].schedule[1]` has min_size 4 and max_size 2
      --> a.toml:25:52
       |
    25 | schedule = [{ at = "1h" }, { at = "2h", min_size = 4, max_size = 2 }, { at = "2h", every = "0s", desired = 1 }]
       |                                                    ^
       |
       = help: min_size is at most max_size

    error[range]: `groups[web].schedule[2].every` is no time at all
      --> a.toml:25:92
       |
    25 | schedule = [{ at = "1h" }, { at = "2h", min_size = 4, max_size = 2 }, { at = "2h", every = "0s", desired = 1 }]
       |                                                                                            ^^^^
       |
       = help: give a length above zero

    3 faults in a.toml
    "#);
    assert_snapshot!(also("target = { demand = [[\"1h\", 5], [\"0s\", 6]], per_unit = 1, period = \"30min\" }"), @r#"
    error[range]: the points of a demand are not in order
      --> a.toml:25:34
       |
    25 | target = { demand = [["1h", 5], ["0s", 6]], per_unit = 1, period = "30min" }
       |                                  ^^^^
       |
       = help: put them in order of time, each time once

    1 fault in a.toml
    "#);
    assert_snapshot!(also("target = { demand = \"demand.csv\", per_unit = 0 }"), @r#"
    error[cannot-open]: cannot open the demand `demand.csv`: no such file
      --> a.toml:25:21
       |
    25 | target = { demand = "demand.csv", per_unit = 0 }
       |                     ^^^^^^^^^^^^

    error[range]: `groups[web].target.per_unit` is 0
      --> a.toml:25:46
       |
    25 | target = { demand = "demand.csv", per_unit = 0 }
       |                                              ^
       |
       = help: it lies between 0.000000001 and 1000000000000000

    2 faults in a.toml
    "#);
}

#[test]
fn refreshes_keep_within_their_bounds() {
    assert_snapshot!(also("refresh = { min_pct = 101, max_pct = 90 }"), @r#"
    error[range]: `groups[web].refresh.min_pct` is 101
      --> a.toml:25:23
       |
    25 | refresh = { min_pct = 101, max_pct = 90 }
       |                       ^^^
       |
       = help: it is at most 100

    error[range]: `groups[web].refresh.max_pct` is 90
      --> a.toml:25:38
       |
    25 | refresh = { min_pct = 101, max_pct = 90 }
       |                                      ^^
       |
       = help: it is at least 100

    2 faults in a.toml
    "#);
    assert_snapshot!(also("refresh = { min_pct = 80, max_surge = 1 }"), @r#"
    error[conflict]: `groups[web].refresh` has both `min_pct` and `max_surge`
      --> a.toml:25:27
       |
    25 | refresh = { min_pct = 80, max_surge = 1 }
       |             -------       ^^^^^^^^^
       |             |
       |             the other one
       |
       = help: give one of min_pct, max_surge

    1 fault in a.toml
    "#);
    assert_snapshot!(also("refresh = { max_surge = 0, max_unavailable = \"0%\" }"), @r#"
    error[range]: of the group `web` nothing may be missing and nothing extra
      --> a.toml:25:25
       |
    25 | refresh = { max_surge = 0, max_unavailable = "0%" }
       |                         ^
       |
       = help: let one of max_unavailable and max_surge be above zero

    1 fault in a.toml
    "#);
    assert_snapshot!(also("refresh = { max_surge = true }"), @r#"
    error[conflict]: the group `web` has max_surge without a number
      --> a.toml:25:25
       |
    25 | refresh = { max_surge = true }
       |                         ^^^^
       |
       = help: true and false stand beside max_batch_percent: give a number, or "25%"

    1 fault in a.toml
    "#);
    assert_snapshot!(also("refresh = { preset = \"azure\", max_surge = true }"), @r#"
    error[conflict]: the group `web` has both strategy = "in_place" and max_surge
      --> a.toml:25:11
       |
    25 | refresh = { preset = "azure", max_surge = true }
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: nothing is ever extra where instances are re-imaged: strategy = "replace"

    1 fault in a.toml
    "#);
    assert_snapshot!(also("refresh = { preset = \"k8s\", max_unavailable = \"2.5%\" }"), @r#"
    error[unknown-value]: `groups[web].refresh.preset` has the unknown value "k8s"
      --> a.toml:25:22
       |
    25 | refresh = { preset = "k8s", max_unavailable = "2.5%" }
       |                      ^^^^^
       |
       = help: did you mean `ess`? (known: ess, aws, gce, kubernetes, azure)

    error[quantity]: `groups[web].refresh.max_unavailable`: "2.5%" is no whole percentage
      --> a.toml:25:47
       |
    25 | refresh = { preset = "k8s", max_unavailable = "2.5%" }
       |                                               ^^^^^^
       |
       = help: it takes a whole number, or "zones", or a whole percentage

    2 faults in a.toml
    "#);
    assert_snapshot!(also("refresh = { no_progress_timeout = \"0s\", launch_retry = \"0s\" }"), @r#"
    error[range]: `no_progress_timeout` is no time at all
      --> a.toml:25:35
       |
    25 | refresh = { no_progress_timeout = "0s", launch_retry = "0s" }
       |                                   ^^^^
       |
       = help: give a length above zero, or "never"

    error[range]: `launch_retry` is no time at all
      --> a.toml:25:56
       |
    25 | refresh = { no_progress_timeout = "0s", launch_retry = "0s" }
       |                                                        ^^^^
       |
       = help: give a length above zero

    2 faults in a.toml
    "#);
}

#[test]
fn names_of_groups_are_their_own() {
    let right = "[[groups]]\nname = \"web\"\nmin_size = 0\nmax_size = 4\nconfiguration = \"v1\"\n";
    let text = format!(
        "{PARTS}{right}{right}[[scripts]]\nname = \"web\"\nat = \"1h\"\ndo = \"RunInstances\"\nInstanceType = \"t\"\n"
    );
    assert_snapshot!(told(&with(&text)), @r#"
    error[duplicate]: a scaling group and a script are both called `web`
      --> a.toml:21:8
       |
    21 | name = "web"
       |        ^^^^^
       |
       = help: give the group another name: `NAME#0` names its first member

    error[duplicate]: two entries of `groups` have the name `web`
      --> a.toml:26:8
       |
    21 | name = "web"
       |        ----- the other one
    ...
    26 | name = "web"
       |        ^^^^^
       |
       = help: give each its own name

    error[duplicate]: a scaling group and a script are both called `web`
      --> a.toml:26:8
       |
    26 | name = "web"
       |        ^^^^^
       |
       = help: give the group another name: `NAME#0` names its first member

    3 faults in a.toml
    "#);
    assert_snapshot!(also("[[scripts]]\nat = \"1h\"\ndo = \"RebootInstance\"\nInstanceId = \"wep#0\""), @r#"
    error[unknown-name]: `scripts[0].InstanceId`: "wep#0" names no instance: no stream, trace, script or group is called `wep`
      --> a.toml:28:14
       |
    28 | InstanceId = "wep#0"
       |              ^^^^^^^
       |
       = help: did you mean `web`? (known: web); scripts also by place: script[0]

    1 fault in a.toml
    "#);
}

/// What a script gets wrong in its form is a fault; what only the cloud can judge is not.
#[test]
fn scripts_are_judged_by_the_cloud_and_read_by_us() {
    let start = |more: &str| {
        also(&format!(
            "[[scripts]]\nat = \"1h\"\ndo = \"StartInstanceRefresh\"\nScalingGroupId = \"web\"\n{more}"
        ))
    };
    assert_snapshot!(start("MinHealthy = 80\nSkipMatching = \"yes\""), @r#"
    error[unknown-key]: `scripts[0]` (StartInstanceRefresh) has the unknown key `MinHealthy`
      --> a.toml:29:1
       |
    29 | MinHealthy = 80
       | ^^^^^^^^^^
       |
       = help: known: at, do, name, RegionId, ScalingGroupId, group, ClientToken, MinHealthyPercentage, MaxHealthyPercentage, DesiredConfiguration, SkipMatching, Checkpoints, CheckpointPauseTime, Strategy

    error[wrong-type]: `scripts[0].SkipMatching` takes true or false, not the text "yes"
      --> a.toml:30:16
       |
    30 | SkipMatching = "yes"
       |                ^^^^^

    2 faults in a.toml
    "#);
    assert_snapshot!(start("group = \"web\"\nCheckpoints = [20, \"50%\"]"), @r#"
    error[conflict]: `scripts[0]` has both `ScalingGroupId` and `group`
      --> a.toml:29:1
       |
    28 | ScalingGroupId = "web"
       | -------------- the other one
    29 | group = "web"
       | ^^^^^
       |
       = help: give one of ScalingGroupId, group

    error[wrong-type]: `scripts[0].Checkpoints[1]` takes a whole number, or a table with Percentage, not the text "50%"
      --> a.toml:30:20
       |
    30 | Checkpoints = [20, "50%"]
       |                    ^^^^^

    2 faults in a.toml
    "#);
    assert_snapshot!(start("DesiredConfiguration = { ImageID = \"good\" }\nMaxHealthyPercentage = 1.5"), @r#"
    error[unknown-key]: `scripts[0].DesiredConfiguration` has the unknown key `ImageID`
      --> a.toml:29:26
       |
    29 | DesiredConfiguration = { ImageID = "good" }
       |                          ^^^^^^^
       |
       = help: did you mean `ImageId`? (known: ImageId, ScalingConfigurationId, LaunchTemplateId, LaunchTemplateVersion, LaunchTemplateOverrides, Containers)

    error[wrong-type]: `scripts[0].MaxHealthyPercentage` takes a whole number, not the number 1.5
      --> a.toml:30:24
       |
    30 | MaxHealthyPercentage = 1.5
       |                        ^^^
       |
       = help: it is a whole number

    2 faults in a.toml
    "#);
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
    let (code, text, faults) = answer(&["trace", "a.toml", "--format", "json"], folder.path());
    assert_eq!(code, 0, "{faults}");
    let lines = text.lines().map(|line| serde_json::from_str(line).expect("an object a line"));
    let asked = |line: &Value| line["operation"] == "DescribeInstanceRefreshes";
    let answered = lines.into_iter().find(asked).expect("it is asked once");
    let tasks = &answered["answer"]["InstanceRefreshTasks"];
    let id = tasks[0]["InstanceRefreshTaskId"].as_str().expect("it has an id");
    assert!(id.starts_with("ir-bp1") && id.len() == 23, "{id}");
    let fields = ["Status", "StartTime", "TotalNeedUpdateCapacity", "FinishedUpdateCapacity"];
    let fields = fields.map(|field| tasks[0][field].to_string());
    assert_eq!(fields, ["\"Successful\"", "\"2026-01-01T01:00:00Z\"", "10", "10"]);
    let members = |line: Value| line["text"].as_str().is_some_and(|text| text.contains("web#19"));
    let lines = text.lines().map(|line| serde_json::from_str(line).expect("an object a line"));
    assert!(lines.into_iter().any(members), "the last new member is called by its group");
}

/// A folder with the scenario of a group of two, of which the second configuration is another one,
/// and with these tables.
fn scenario_of(rest: &str) -> tempfile::TempDir {
    let more = "[configurations.v2]\ntype = \"t\"\n[images.bad]\nunhealthy_p = 0.5\n\
                [[groups]]\nname = \"web\"\nmin_size = 0\nmax_size = 4\ndesired = 2\n\
                configuration = \"v1\"\n";
    let folder = tempfile::tempdir().expect("a folder for the test");
    let text = with(&format!("{PARTS}{more}{rest}"));
    fs::write(folder.path().join("a.toml"), text).expect("the folder takes a file");
    folder
}

/// A command at a time.
fn script(name: &str, at: &str, what: &str, parameters: &str) -> String {
    format!("[[scripts]]\nname = \"{name}\"\nat = \"{at}\"\ndo = \"{what}\"\n{parameters}\n")
}

const TO_V2: &str = "group = \"web\"\nDesiredConfiguration = { ScalingConfigurationId = \"v2\" }";

/// DescribeInstanceRefreshes tells a task as it was asked for, by each of its names, and how far its
/// rollback has come.
#[test]
fn refreshes_are_told_as_they_were_asked_for() {
    let token = format!("{TO_V2}\nClientToken = \"once\"");
    let of_template = "group = \"web\"\nDesiredConfiguration = { LaunchTemplateId = \"lt\", \
        LaunchTemplateVersion = 1, LaunchTemplateOverrides = [{ InstanceType = \"t\" }] }";
    let contained = "group = \"web\"\nSkipMatching = false\nDesiredConfiguration = { Containers = \
        [{ Name = \"web\", Commands = [\"sleep\"], EnvironmentVars = [{ Key = \"A\", Value = \"b\" }] }] }";
    let describe = "DescribeInstanceRefreshes";
    let folder = scenario_of(
        &[
            script("roll", "1h", "StartInstanceRefresh", &token),
            script("retry", "1h1min", "StartInstanceRefresh", &token),
            script("by-token", "2h", describe, "InstanceRefreshTaskIds = [\"retry\"]"),
            script("third", "3h", "StartInstanceRefresh", of_template),
            script("back", "3h1min", "RollbackInstanceRefresh", "group = \"web\""),
            script("fourth", "6h", "StartInstanceRefresh", contained),
            script("all", "9h", describe, "group = \"web\""),
            script("page", "9h", describe, "group = \"web\"\nNextToken = \"zzz\""),
        ]
        .concat(),
    );
    let (code, text, faults) = answer(&["trace", "a.toml", "--format", "json"], folder.path());
    assert_eq!(code, 0, "{faults}");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let answers: Vec<&Value> = lines.iter().filter(|line| line["operation"] == describe).collect();
    assert_eq!(answers[0]["answer"]["TotalCount"], 1, "{}", answers[0]);
    assert_eq!(answers[2]["code"], "InvalidParameter", "{}", answers[2]);
    let tasks = &answers[1]["answer"]["InstanceRefreshTasks"];
    let container = &tasks[0]["DesiredConfiguration"]["Containers"][0];
    assert_eq!((&container["Name"], &container["Commands"][0]), (&"web".into(), &"sleep".into()));
    let variable = &container["EnvironmentVars"][0];
    assert_eq!((&variable["Key"], &variable["Value"]), (&"A".into(), &"b".into()));
    assert_eq!(tasks[1]["DesiredConfiguration"]["LaunchTemplateOverrides"][0]["InstanceType"], "t");
    assert_eq!(tasks[1]["Status"], "RollbackSuccessful");
    assert_eq!(tasks[1]["RolledBackCapacity"], 0);
    assert_eq!(tasks[2]["RolledBackCapacity"], Value::Null, "it was never rolled back");
}

/// A trace of a refresh that was refused says what for.
#[test]
fn the_refusal_of_a_refresh_is_told_where_its_trace_is_asked_for() {
    let folder = scenario_of(
        &[
            script("roll", "1h", "StartInstanceRefresh", TO_V2),
            script("again", "1h1min", "StartInstanceRefresh", TO_V2),
        ]
        .concat(),
    );
    let (code, _, faults) = answer(&["trace", "a.toml", "--refresh", "again"], folder.path());
    assert_eq!(code, 2, "{faults}");
    assert!(faults.contains("it was refused with InstanceRefreshInProgress"), "{faults}");
}

/// The task that takes a failed one back is measured by itself.
#[test]
fn a_rollback_after_a_failure_has_metrics_of_its_own() {
    let rules = "refresh = { rollback_after_failed = true, no_progress_timeout = \"10min\" }\n";
    let processes = "group = \"web\"\nProcesses = [\"ScaleOut\"]";
    let task = "group = \"web\"\nInstanceRefreshTaskId = \"roll\"";
    let one_by_one = format!("{TO_V2}\nMinHealthyPercentage = 100\nMaxHealthyPercentage = 100");
    let folder = scenario_of(
        &[
            rules.to_owned(),
            script("roll", "1h", "StartInstanceRefresh", &one_by_one),
            script("stop", "1h1min", "SuspendProcesses", processes),
            script("on", "2h", "ResumeProcesses", processes),
            script("back", "3h", "RollbackInstanceRefresh", task),
        ]
        .concat(),
    );
    let (code, text, faults) = answer(&["run", "a.toml", "--format", "csv"], folder.path());
    assert_eq!(code, 0, "{faults}");
    for (task, status) in [("roll", "Failed"), ("roll (rollback)", "RollbackSuccessful")] {
        let row = format!("refresh.status,\"refresh={task},status={status}\",ratio,1.0,");
        assert!(text.contains(&row), "{task} {status}: {text}");
    }
}

/// That nobody looks whether an image is bad is remarked.
#[test]
fn an_image_that_nobody_finds_to_be_bad_is_remarked() {
    let bad = "group = \"web\"\nDesiredConfiguration = { ImageId = \"bad\" }";
    let start = script("roll", "1h", "StartInstanceRefresh", bad);
    let remark = "nobody finds that instances of the image `bad` are unhealthy";
    let (_, text, remarks) = answer(&["validate", "a.toml"], scenario_of(&start).path());
    assert!((text + &remarks).contains(remark), "{remarks}");
    let looks = format!("health_check_types = [\"ECS\", \"LOAD_BALANCER\"]\n{start}");
    let (_, text, remarks) = answer(&["validate", "a.toml"], scenario_of(&looks).path());
    assert!(!(text + &remarks).contains(remark), "somebody does");
}
