//! The tables of spec/refresh-and-migration.md 3.9, row by row.

use crate::watched::{Group, Watched, run};
use fleetsim::lifecycle::refresh::RefreshStatus;

/// What a row of a table says: batches, lowest healthy, highest counted and physical, seconds.
type Row = (&'static str, [u32; 3], u32);

fn check(name: &str, group: &Group, row: Row, (status, done): (RefreshStatus, [u32; 2])) {
    let (watched, _) = run(&group.text(), 0);
    let found = (
        watched.compressed(),
        watched.extremes,
        watched.makespan(),
        watched.status(),
        watched.done,
    );
    let (batches, extremes, seconds) = row;
    let wanted = (batches.to_string(), extremes, f64::from(seconds), status, done);
    assert_eq!(found, wanted, "{name}: {:?}\n{:?}", watched.statuses, watched.course);
}

/// A refresh that nothing disturbs replaces everybody whom it has to.
fn succeeds(name: &str, group: &Group, row: Row, need: u32) {
    check(name, group, row, (RefreshStatus::Successful, [need; 2]));
}

#[test]
fn undisturbed_refreshes_without_checkpoints() {
    let of = Group::of;
    for (name, group, row) in [
        ("E1", of(10, [80, 120]), ("T2+L2×2 L2", [8, 12, 14], 990)),
        ("E2", of(10, [90, 100]), ("T1×10", [9, 10, 11], 2400)),
        ("E3", of(10, [100, 100]), ("L1!×10", [10, 11, 11], 3300)),
        ("E4", of(10, [100, 150]), ("L5×2", [10, 15, 15], 660)),
        ("E5", of(10, [100, 200]), ("L10", [10, 20, 20], 330)),
        ("E6", of(10, [0, 100]), ("T10", [0, 10, 20], 240)),
        ("E7", of(10, [50, 100]), ("T5×2", [5, 10, 15], 480)),
        ("E8", of(1, [80, 120]), ("L1!", [1, 2, 2], 330)),
        ("E9", of(2, [80, 120]), ("L1!×2", [2, 3, 3], 660)),
        ("E10", of(3, [80, 120]), ("L1!×3", [3, 4, 4], 990)),
        ("E11", of(3, [50, 100]), ("T1×3", [2, 3, 4], 720)),
        ("E12", of(1, [0, 100]), ("T1", [0, 1, 2], 240)),
        ("E13", of(5, [80, 120]), ("T1+L1×2 L1", [4, 6, 7], 990)),
        ("E14", of(7, [80, 120]), ("T1+L1×3 L1", [6, 8, 9], 1320)),
        ("E15", of(6, [67, 150]), ("T1+L3 L2", [5, 9, 10], 660)),
        ("E25", of(1000, [99, 101]), ("T10+L10×50", [990, 1010, 1020], 16500)),
    ] {
        succeeds(name, &group, row, group.size);
    }
}

#[test]
fn undisturbed_refreshes_with_checkpoints() {
    let of = Group::of;
    let thirds = of(9, [100, 134]).checkpoints(&[33, 66, 100], 10);
    for (name, group, row) in [
        (
            "E16",
            of(10, [80, 100]).checkpoints(&[20, 50, 100], 15),
            ("T2×2 T1 T2×2 T1", [8, 10, 12], 3240),
        ),
        (
            "E17",
            of(10, [80, 120]).checkpoints(&[20, 50, 100], 15),
            ("L2 T1+L2 T2+L2 L1", [8, 12, 14], 2940),
        ),
        (
            "E18",
            of(100, [90, 110]).checkpoints(&[10, 50, 100], 10),
            ("L10 T10+L10×4 L10", [90, 110, 120], 3000),
        ),
        ("E19", of(2, [50, 100]).checkpoints(&[10, 40, 100], 10), ("T1×2", [1, 2, 3], 1080)),
        ("E21", thirds, ("L3×3", [9, 12, 12], 2010)),
        (
            "E24",
            of(20, [90, 110]).checkpoints(&[1, 100], 10),
            ("L1 T2+L2×4 T1+L2", [18, 22, 24], 2490),
        ),
    ] {
        succeeds(name, &group, row, group.size);
    }
}

#[test]
fn members_that_match_or_are_left_alone() {
    let mixed = Group::of(10, [80, 120])
        .members(r#"{ count = 4, configuration = "new" }, { count = 6 }"#)
        .checkpoints(&[20, 50, 100], 10);
    succeeds("E20", &mixed, ("L1 T2+L2 L1", [8, 12, 14], 1500), 6);
    let standby =
        Group::of(10, [80, 120]).members(r#"{ count = 8 }, { count = 2, state = "Standby" }"#);
    succeeds("E22", &standby, ("L2×4", [8, 12, 12], 1320), 8);
    let protected =
        Group::of(10, [80, 120]).members(r#"{ count = 8 }, { count = 2, state = "Protected" }"#);
    succeeds("E23", &protected, ("T2+L2×2", [8, 12, 14], 660), 8);
}

#[test]
fn variants_with_one_setting_changed() {
    let of = Group::of;
    let ess = || of(10, [80, 120]);
    for (name, group, row) in [
        ("V1", ess().rule(r#"pacing = "sliding""#), ("T2+L2×2 L2", [8, 12, 16], 810)),
        ("V2", ess().rule(r#"budget_use = "surge_only_if_any""#), ("L2×5", [10, 12, 12], 1650)),
        ("V3", ess().rule(r#"order = "terminate_first""#), ("T2+L2×2 T2", [8, 12, 14], 900)),
        (
            "V4",
            of(10, [80, 100]).rule(r#"terminate_mode = "sequential""#),
            ("T2×5", [8, 10, 10], 1650),
        ),
        (
            "V5",
            of(10, [100, 100]).rule(r#"zero_budget_mode = "terminate_first""#),
            ("T1!×10", [9, 10, 11], 2400),
        ),
        ("V6", of(3, [80, 120]).rule(r#"max_rounding = "ceil""#), ("L1×3", [3, 4, 4], 990)),
        (
            "V7",
            ess().checkpoints(&[100], 60).rule("pause_at_final_checkpoint = true"),
            ("T2+L2×2 L2", [8, 12, 14], 4500),
        ),
    ] {
        succeeds(name, &group, row, group.size);
    }
}

#[test]
fn a_member_that_dies_unpicked_is_replaced_by_the_group() {
    let dies =
        Group::of(10, [80, 120]).at(100, "StopInstance", "InstanceId = \"g#8\"\nForceStop = true");
    succeeds("D1", &dies, ("T2+L2 T1+L2 L2", [7, 12, 14], 990), 9);
}

#[test]
fn a_scale_out_during_a_refresh_uses_the_target_and_moves_the_bounds() {
    let total = "group = \"g\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = 14";
    let grows = Group::of(10, [80, 120]).at(100, "ScaleWithAdjustment", total);
    succeeds("D2", &grows, ("T2+L2 L2 T2+L2", [8, 16, 18], 990), 10);
}

#[test]
fn refreshes_are_suspended_and_cancelled() {
    let of = || Group::of(10, [80, 120]);
    let suspended = of().at(100, "SuspendInstanceRefresh", "group = \"g\"").at(
        1000,
        "ResumeInstanceRefresh",
        "group = \"g\"",
    );
    succeeds("D3", &suspended, ("T2+L2×2 L2", [8, 12, 14], 1660), 10);
    let cancelled = of().at(100, "CancelInstanceRefresh", "group = \"g\"");
    let end = (RefreshStatus::Cancelled, [4, 10]);
    check("D4", &cancelled, ("T2+L2", [8, 12, 14], 330), end);
}

#[test]
fn refreshes_are_rolled_back() {
    let mid_batch = Group::of(10, [80, 120]).at(400, "RollbackInstanceRefresh", "group = \"g\"");
    let end = (RefreshStatus::RollbackSuccessful, [4, 4]);
    check("D5", &mid_batch, ("T2+L2×2 L2×2", [8, 12, 18], 1060), end);
    let in_pause = Group::of(10, [80, 120]).checkpoints(&[20, 100], 30).at(
        600,
        "RollbackInstanceRefresh",
        "group = \"g\"",
    );
    let end = (RefreshStatus::RollbackSuccessful, [2, 2]);
    check("D6", &in_pause, ("L2×2", [10, 12, 12], 930), end);
}

/// Four members whose successors fit only one server, which somebody else holds.
fn without_room() -> Group {
    let mut group = Group::of(4, [75, 100]);
    group.vcpus = [1, 100];
    group.rest = r#"
[server_models.big]
vcpus = 1000
memory = "1024GiB"
crash = "never"
[[servers]]
model = "big"
count = 1
zones = ["z"]
[instance_types.filler]
vcpus = 1000
memory = "1GiB"
[[workload.instances]]
type = "filler"
count = 1
name = "filler"
"#
    .into();
    group
}

#[test]
fn launches_are_tried_again_until_there_is_room() {
    let later =
        without_room().at(590, "DeleteInstance", "InstanceId = \"filler[0]\"\nForce = true");
    succeeds("D7", &later, ("T1×4", [3, 4, 5], 1560), 4);
}

#[test]
fn a_refresh_that_never_finds_room_fails_and_its_group_restores_itself() {
    let group = without_room();
    check("D8", &group, ("T1", [3, 4, 4], 3600), (RefreshStatus::Failed, [0, 4]));
    let (watched, fleet) = run(&group.text(), 0);
    let (counts, open) = watched.last.expect("there was a refresh");
    assert_eq!((counts.healthy, counts.counted, open), (4, 4, [0, 0]), "the old configuration");
    let (_, task) = fleet.refreshes.entries().next().expect("there was a refresh");
    assert_eq!(task.detail, fleetsim::fleet::refreshes::Detail::NoCapacity);
    let (_, row) = fleet.groups.entries().next().expect("there is a group");
    assert_eq!((row.identity, row.launches_from), (task.original, task.original));
}

#[test]
fn the_target_is_active_from_the_instant_of_success_on() {
    let total = "group = \"g\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = 12";
    let grows = Group::of(10, [80, 120]).at(2000, "ScaleWithAdjustment", total);
    let (watched, fleet) = run(&grows.text(), 0);
    assert_eq!(watched.status(), RefreshStatus::Successful);
    let (_, task) = fleet.refreshes.entries().next().expect("there was a refresh");
    let on_target = fleet.members.present().filter(|(_, row)| row.identity == task.target);
    assert_eq!(on_target.count(), 12);
}

#[test]
fn the_traces_of_the_disturbances() {
    let at = |watched: &Watched, seconds: f64| {
        let before = watched.course.iter().rev().find(|(when, _)| *when <= seconds);
        let [healthy, counted, physical, ..] = before.expect("it had begun").1;
        [healthy, counted, physical]
    };
    let dies =
        Group::of(10, [80, 120]).at(100, "StopInstance", "InstanceId = \"g#8\"\nForceStop = true");
    let (watched, _) = run(&dies.text(), 0);
    for (seconds, wanted) in [(0.0, [8, 12, 14]), (100.0, [7, 12, 12])] {
        assert_eq!(at(&watched, seconds), wanted, "D1 at {seconds}: {:?}", watched.course);
    }
    assert_eq!(at(&watched, 329.0)[0], 9, "D1: the health replacement is not warm until 370");
}
