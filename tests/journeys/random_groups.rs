//! The random scenarios with scaling groups in them, under every check.

use crate::{
    checked,
    random::{self, Choices},
};
use std::fmt::Write;

/// Two groups, on the servers of a random scenario.
fn groups(choose: &mut Choices, text: &mut String) {
    let written = write!(
        text,
        r#"
[images.good]
[images.bad]
unhealthy_p = {}
unhealthy_after = "{}"
[configurations.first]
types = ["small", {{ type = "large", weight = {} }}]
image = "good"
customer = "{}"
{}
[configurations.second]
type = "disk"
image = "bad"
launch_fail_p = {}
"#,
        choose.one(&["0", "0.4", "1"]),
        choose.law(&["0s", "20min", "1h..9h"], &["0s", "10min", "1h"]),
        choose.one(&[1, 2, 3]),
        choose.one(&["default", "other"]),
        choose.one(&["", "app = \"app\"", "spread = \"g\""]),
        choose.one(&["0", "0.3", "1"]),
    );
    written.expect("a string takes any text");
    group(choose, text, "one", "first");
    let other = choose.one(&["first", "second"]);
    group(choose, text, "two", other);
}

fn group(choose: &mut Choices, text: &mut String, name: &str, configuration: &str) {
    let written = write!(
        text,
        r#"
[[groups]]
name = "{name}"
configuration = "{configuration}"
min_size = {}
max_size = 9
{}
attach = "{}"
detach = "{}"
warm_up = "{}"
removal_policies = {}
health_check_types = {}
health_check_interval = "{}"
launch_retry = "{}"
multi_az_policy = "{}"
{}
members = [{{ count = {} }}, {{ count = {}, state = "{}", creation = "{}" }}]
"#,
        choose.one(&[0, 1, 3]),
        choose.one(&["", "desired = 3", "desired = 4", "desired = 6"]),
        choose.law(&["0s", "7s", "10s..20min"], &["0s", "10min"]),
        choose.law(&["0s", "20s", "10s..20min"], &["0s", "10min"]),
        choose.law(&["0s", "60s", "30min"], &["0s", "10min"]),
        choose.one(&[
            "[\"OldestInstance\"]",
            "[\"NewestInstance\"]",
            "[\"OldestScalingConfiguration\", \"NewestInstance\"]"
        ]),
        choose.one(&["[\"ECS\"]", "\"NONE\"", "[\"ECS\", \"LOAD_BALANCER\"]"]),
        choose.law(&["1s", "30s", "20min"], &["10min"]),
        choose.law(&["60s", "10min"], &["10min"]),
        choose.one(&["PRIORITY", "BALANCE"]),
        choose.one(&[
            "scaling_policy = \"release\"",
            "stop_timeout = \"30s\"",
            "scaling_policy = \"forcerelease\"\nmax_instance_lifetime = \"24h\"",
            "refresh = { strategy = \"in_place\" }",
            "refresh = { pacing = \"sliding\" }",
            "refresh = { terminate_mode = \"sequential\" }",
            "scaling_policy = \"recycle\"",
            "scaling_policy = \"forcerecycle\""
        ]),
        choose.one(&[0, 2, 4]),
        choose.one(&[0, 1]),
        choose.one(&["InService", "Protected", "Standby"]),
        choose.one(&["AutoCreated", "Attached", "Entrusted"]),
    );
    written.expect("a string takes any text");
    if choose.one(&[true, false]) {
        let every = choose.law(&["60s", "17min"], &["10min", "1h"]);
        let demand = "[[\"0s\", 5], [\"4h\", 70], [\"9h\", 0]]";
        writeln!(
            text,
            "target = {{ demand = {demand}, period = \"10h\", per_unit = 10, every = \"{every}\" }}"
        )
        .expect("a string takes any text");
    }
    for number in 0..choose.one(&[0, 0, 1, 3]) {
        hook(choose, text, number);
    }
}

fn hook(choose: &mut Choices, text: &mut String, number: u32) {
    let written = write!(
        text,
        r#"
[[groups.hooks]]
name = "hook{number}"
lifecycle_transition = "{}"
heartbeat_timeout = "{}"
default_result = "{}"
completes = "{}"
result = "{}"
"#,
        choose.one(&["SCALE_OUT", "SCALE_IN"]),
        choose.law(&["30s", "600s"], &["10min", "1h"]),
        choose.one(&["CONTINUE", "ABANDON"]),
        choose.law(&["0s", "5s..20min", "never"], &["0s", "10min", "never"]),
        choose.one(&["CONTINUE", "CONTINUE", "ABANDON", "ROLLBACK"]),
    );
    written.expect("a string takes any text");
}

/// What is asked of the groups and of their members.
fn commands(choose: &mut Choices, text: &mut String) {
    for _ in 0..choose.one(&[4, 12, 40]) {
        let at = choose.law(
            &["30min", "100min", "5h", "9h", "9h30s", "9h40s", "13h", "13h1min", "20h"],
            &["10min", "1h", "70min", "2h", "3h", "4h", "10h", "20h"],
        );
        let group = choose.one(&["one", "two"]);
        let member = choose.one(&[0, 1, 2, 3, 4, 5, 6, 7, 9, 12]);
        let members = format!("InstanceId = \"{group}#{member}\"");
        let command = choose.one(&[
            "do = \"ScaleWithAdjustment\"\nAdjustmentType = \"QuantityChangeInCapacity\"\nAdjustmentValue = 2",
            "do = \"ScaleWithAdjustment\"\nAdjustmentType = \"PercentChangeInCapacity\"\nAdjustmentValue = -40",
            "do = \"ScaleWithAdjustment\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = 5",
            "do = \"ModifyScalingGroup\"\nDesiredCapacity = 4",
            "do = \"ModifyScalingGroup\"\nMinSize = 2\nMaxSize = 6",
            "do = \"ModifyScalingGroup\"\nActiveScalingConfigurationId = \"first\"",
            "do = \"EnableScalingGroup\"",
            "do = \"DisableScalingGroup\"",
            "do = \"SuspendProcesses\"\nProcesses = [\"ScaleIn\", \"HealthCheck\"]",
            "do = \"SuspendProcesses\"\nProcesses = \"ScaleOut\"",
            "do = \"ResumeProcesses\"\nProcesses = [\"ScaleIn\", \"HealthCheck\", \"ScaleOut\"]",
        ]);
        let order = choose.one(&[
            "do = \"DetachInstances\"\nDecreaseDesiredCapacity = false",
            "do = \"DetachInstances\"",
            "do = \"RemoveInstances\"\nRemovePolicy = \"recycle\"",
            "do = \"RemoveInstances\"\nRemovePolicy = \"release\"\nDecreaseDesiredCapacity = false",
            "do = \"EnterStandby\"",
            "do = \"ExitStandby\"",
            "do = \"SetInstancesProtection\"\nProtectedFromScaleIn = true",
            "do = \"SetInstancesProtection\"\nProtectedFromScaleIn = false",
            "do = \"SetInstanceHealth\"\nHealthStatus = \"Unhealthy\"",
            "do = \"CompleteLifecycleAction\"",
            "do = \"CompleteLifecycleAction\"\nLifecycleActionResult = \"ROLLBACK\"",
            "do = \"RecordLifecycleActionHeartbeat\"\nheartbeatTimeout = 300",
        ]);
        let of_owner = choose.one(&[
            "do = \"StopInstance\"",
            "do = \"StopInstance\"\nForceStop = true",
            "do = \"StartInstance\"",
            "do = \"RebootInstance\"",
            "do = \"RedeployInstance\"",
            "do = \"DeleteInstance\"\nForce = true",
        ]);
        let refresh = choose.one(&[
            "do = \"StartInstanceRefresh\"\nDesiredConfiguration = { ScalingConfigurationId = \"first\" }\n\
             SkipMatching = false",
            "do = \"StartInstanceRefresh\"\nDesiredConfiguration = { ImageId = \"bad\" }\n\
             Checkpoints = [50, 100]",
            "do = \"StartInstanceRefresh\"\nDesiredConfiguration = { ImageId = \"good\" }\n\
             MinHealthyPercentage = 50\nMaxHealthyPercentage = 150",
            "do = \"SuspendInstanceRefresh\"",
            "do = \"ResumeInstanceRefresh\"",
            "do = \"CancelInstanceRefresh\"",
            "do = \"RollbackInstanceRefresh\"",
        ]);
        let what = match choose.one(&[0, 0, 1, 1, 1, 2, 3, 4, 4]) {
            4 => format!("{refresh}\nScalingGroupId = \"{group}\""),
            0 => format!("{command}\nScalingGroupId = \"{group}\""),
            1 => format!("{order}\nScalingGroupId = \"{group}\"\n{members}"),
            2 => format!("{of_owner}\n{members}"),
            _ => format!(
                "do = \"AttachInstances\"\nScalingGroupId = \"{group}\"\nInstanceId = \"first[0]\"\n\
                 Entrusted = {}",
                choose.one(&["true", "false"])
            ),
        };
        writeln!(text, "[[scripts]]\nat = \"{at}\"\n{what}").expect("a string takes any text");
    }
}

fn scenario(seed: u64) -> String {
    let mut choose = Choices { state: seed ^ 0x6772_6f75_7073, on_a_grid: seed % 2 == 1 };
    let mut text = random::scenario(seed);
    groups(&mut choose, &mut text);
    commands(&mut choose, &mut text);
    text
}

/// Runs the scenarios of these seeds.
fn all_hold(seeds: impl Iterator<Item = u64>) {
    let mut failed = Vec::new();
    for seed in seeds {
        let parsed = checked::scenario(&scenario(seed));
        let held = std::panic::catch_unwind(|| checked::run(&parsed, 0, &mut ()));
        if held.is_err() {
            failed.push(seed);
        }
    }
    if let Some(first) = failed.first() {
        panic!("the scenarios of seeds {failed:?} fail, the first one:\n{}", scenario(*first));
    }
}

#[test]
fn random_groups_hold() {
    all_hold(0..100);
}

#[test]
fn more_random_groups_hold() {
    all_hold(100..300);
}
