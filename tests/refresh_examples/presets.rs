//! Other controllers' rules (spec/refresh-and-migration.md 3.10): how each preset rounds, and what
//! it moves first, in groups of 1, 2, 3, 4 and 10. Launches take 180 s (L), the warm-up 60 s (W),
//! removals 90 s (X); every number here is worked out by hand from the rules.

use crate::watched::{Group, Watched, run};
use fleetsim::{
    fleet::refreshes::Detail,
    lifecycle::refresh::RefreshStatus,
    scenario::{InMemory, Scenario},
};

/// Members; batches; lowest healthy, highest counted and physical; seconds.
type Row = (u32, &'static str, [u32; 3], u32);

/// A group of so many under a preset, whose request says nothing itself.
fn under(preset: &str, size: u32) -> Group {
    let mut group = Group::of(size, [0, 100]).rule(&format!("preset = \"{preset}\""));
    group.start = String::new();
    group
}

#[track_caller]
fn goes(group: &Group, (size, batches, extremes, seconds): Row) -> Watched {
    let (watched, _) = run(&group.text(), 0);
    let found = (watched.compressed(), watched.extremes, watched.makespan());
    let wanted = (batches.to_owned(), extremes, f64::from(seconds));
    assert_eq!(found, wanted, "{size} under{}: {:?}", group.refresh, watched.course);
    assert_eq!((watched.status(), watched.done), (RefreshStatus::Successful, [size; 2]));
    watched
}

#[test]
fn aws_rounds_the_floor_up_and_moves_one_where_there_is_no_room() {
    for row in [
        // 90 % of 4 are 4: nothing may go and nothing may be extra, so one goes.
        (1, "T1!", [0, 1, 2], 240),
        (2, "T1!×2", [1, 2, 3], 480),
        (3, "T1!×3", [2, 3, 4], 720),
        (4, "T1!×4", [3, 4, 5], 960),
        (10, "T1×10", [9, 10, 11], 2400),
    ] {
        goes(&under("aws", row.0), row);
    }
    // With an explicit maximum one comes first. The next begins while the last old one leaves.
    for row in [
        (1, "L1!", [1, 2, 2], 330),
        (2, "L1!×2", [2, 3, 4], 570),
        (3, "L1!×3", [3, 4, 5], 810),
        (4, "L1!×4", [4, 5, 6], 1050),
        // 90 % and 110 % of 10 leave room for one of each kind.
        (10, "T1+L1×5", [9, 11, 13], 5 * 240 + 90),
    ] {
        let explicit = under("aws", row.0)
            .rule("max_pct = 110, min_pct = 90")
            .rule("zero_budget_mode = \"launch_first\"");
        goes(&explicit, row);
    }
    // The preset does so by itself where a maximum above 100 is written, or the request says one.
    let written = under("aws", 3).rule("max_pct = 110, min_pct = 90");
    goes(&written, (3, "L1!×3", [3, 4, 5], 810));
    let mut asked = under("aws", 10);
    asked.start = "MinHealthyPercentage = 100\nMaxHealthyPercentage = 100\n".into();
    goes(&asked, (10, "L1!×10", [10, 11, 12], 10 * 240 + 90));
    let (watched, _) =
        run(&under("aws", 3).members("{ count = 3, configuration = \"new\" }").text(), 0);
    assert_eq!(watched.done, [3, 3], "those who match are replaced too");
}

#[test]
fn gce_moves_as_many_as_it_has_zones() {
    for row in [
        (1, "L1", [1, 2, 2], 330),
        (2, "T1+L1", [1, 3, 4], 330),
        (3, "T1+L1 L1", [2, 4, 5], 570),
        (4, "T1+L1×2", [3, 5, 7], 570),
        (10, "T1+L1×5", [9, 11, 13], 5 * 240 + 90),
    ] {
        goes(&under("gce", row.0), row);
    }
    for row in [
        (1, "L1", [1, 2, 2], 330),
        (2, "L2", [2, 4, 4], 330),
        (3, "T1+L2", [2, 5, 6], 330),
        (4, "T2+L2", [2, 6, 8], 330),
        (10, "T2+L2×2 L2", [8, 12, 16], 3 * 240 + 90),
    ] {
        let mut group = under("gce", row.0).with("zones = [\"a\", \"b\"]");
        group.zones = "\"a\", \"b\"";
        goes(&group, row);
    }
    // Shares of a group are rounded up, both of them: 12 % of 10 are 2.
    let shares = under("gce", 10).rule("max_surge = \"12%\", max_unavailable = \"12%\"");
    goes(&shares, (10, "T2+L2×2 L2", [8, 12, 16], 810));
}

#[test]
fn kubernetes_rounds_surge_up_and_what_is_unavailable_down() {
    for row in [
        (1, "L1", [1, 2, 2], 330),
        (2, "L1×2", [2, 3, 4], 570),
        (3, "L1×3", [3, 4, 5], 810),
        (4, "T1+L1×2", [3, 5, 7], 570),
        (10, "T2+L3×2", [8, 13, 18], 570),
    ] {
        goes(&under("kubernetes", row.0), row);
    }
}

#[test]
fn kubernetes_takes_one_down_where_both_shares_come_to_nothing() {
    for row in [
        (1, "T1", [0, 1, 2], 240),
        (2, "T1×2", [1, 2, 3], 480),
        (3, "T1×3", [2, 3, 4], 720),
        (4, "T1×4", [3, 4, 5], 960),
        (10, "T2×5", [8, 10, 12], 1200),
    ] {
        goes(&under("kubernetes", row.0).rule("max_surge = 0"), row);
    }
    // What a request says itself is a percentage of each kind: no room, and one goes first.
    let mut strict = under("kubernetes", 3);
    strict.start = "MinHealthyPercentage = 100\nMaxHealthyPercentage = 100\n".into();
    goes(&strict, (3, "T1!×3", [2, 3, 4], 720));
}

#[test]
fn that_nothing_may_be_missing_and_nothing_extra_is_a_fault() {
    for preset in ["kubernetes", "gce"] {
        let group = under(preset, 3).rule("max_surge = 0, max_unavailable = 0");
        let parsed = Scenario::parse("no.toml", group.text().as_bytes(), &[], &InMemory::default());
        let Err(faults) = parsed else { panic!("{preset} refuses that") };
        let faults = faults.to_string();
        assert!(faults.contains("nothing may be missing and nothing extra"), "{faults}");
    }
}

#[test]
fn azure_rebuilds_a_fifth_at_a_time_where_they_are() {
    // 120 s to re-image, 40 s to boot, the warm-up: 220 s. Nothing is ever extra.
    for row in [
        (1, "T1", [0, 1, 1], 220),
        (2, "T1×2", [1, 2, 2], 440),
        (3, "T1×3", [2, 3, 3], 660),
        (4, "T1×4", [3, 4, 4], 880),
        (10, "T2×5", [8, 10, 10], 1100),
    ] {
        goes(&under("azure", row.0), row);
    }
    // Another way to say it displaces the preset's.
    let three = under("azure", 10).rule("max_unavailable = 3");
    goes(&three, (10, "T3×3 T1", [7, 10, 10], 880));
    // With surge as many come first.
    for row in
        [(1, "L1", [1, 2, 2], 330), (4, "L1×4", [4, 5, 5], 1320), (10, "L2×5", [10, 12, 12], 1650)]
    {
        let surge = under("azure", row.0).rule("max_surge = true, strategy = \"replace\"");
        goes(&surge, row);
    }
}

#[test]
fn azure_ends_where_more_than_a_fifth_of_the_upgraded_fail() {
    // Both of the first two fail once they run again, which is found 30 s later.
    let mut group = under("azure", 10).with("health_check_types = [\"ECS\", \"LOAD_BALANCER\"]");
    group.target = "image = \"worse\"".into();
    group.rest = "[images.worse]\nunhealthy_p = 1.0\n".into();
    let (watched, _) = run(&group.text(), 0);
    let found = (watched.compressed(), watched.status(), watched.makespan(), watched.done);
    assert_eq!(found, ("T2".into(), RefreshStatus::Failed, 190.0, [0, 10]));
}

#[test]
fn azure_ends_before_a_batch_where_more_than_a_fifth_are_missing() {
    // Three of the others die at 100 s, and launches fail: at 220 s the next batch would begin.
    let mut group = under("azure", 10);
    group.target = "launch_fail_p = 1.0".into();
    for old in 7..10 {
        let stop = format!("InstanceId = \"g#{old}\"\nForceStop = true");
        group = group.at(100, "StopInstance", &stop);
    }
    let (watched, fleet) = run(&group.text(), 0);
    let found = (watched.compressed(), watched.status(), watched.makespan());
    assert_eq!(found, ("T2".into(), RefreshStatus::Failed, 220.0));
    let (_, task) = fleet.refreshes.entries().next().expect("there is one");
    assert_eq!(task.detail, Detail::TooManyUnhealthy);
}

#[test]
fn the_cloud_itself_is_the_default() {
    let ess = run(&under("ess", 10).text(), 0).0;
    goes(&under("ess", 10), (10, "T2+L2×2 L2", [8, 12, 14], 990));
    let mut usual = Group::of(10, [80, 120]);
    usual.start = String::new();
    assert_eq!(ess.course, run(&usual.text(), 0).0.course);
}
