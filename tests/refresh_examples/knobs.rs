//! The settings of refreshes, one at a time (spec/refresh-and-migration.md 3.11 and 7): what each
//! changes of a refresh whose course is known. Launches take 180 s (L), the warm-up 60 s (W),
//! removals 90 s (X); every number here is worked out by hand from the rules.

use crate::watched::{Group, Watched, run};
use fleetsim::{
    fleet::{Fleet, refreshes::Detail},
    lifecycle::refresh::RefreshStatus,
};

const ESS: [u32; 2] = [80, 120];

/// Batches; lowest healthy, highest counted and physical; seconds.
type Row = (&'static str, [u32; 3], u32);

/// Runs the scenario `text`, whose refresh is to go as `row` says and to end as `end` says: its
/// status, and what of it was done.
#[track_caller]
fn goes(what: &str, text: &str, row: Row, end: (RefreshStatus, [u32; 2])) -> (Watched, Fleet) {
    let (watched, fleet) = run(text, 0);
    let found = (watched.compressed(), watched.extremes, watched.makespan());
    let wanted = (row.0.to_owned(), row.1, f64::from(row.2));
    assert_eq!(found, wanted, "{what}: {:?}\n{:?}", watched.statuses, watched.course);
    assert_eq!((watched.status(), watched.done), end, "{what}: {:?}", watched.statuses);
    (watched, fleet)
}

/// A refresh that replaces everybody whom it has to.
#[track_caller]
fn succeeds(what: &str, group: &Group, row: Row, need: u32) -> (Watched, Fleet) {
    goes(what, &group.text(), row, (RefreshStatus::Successful, [need; 2]))
}

/// With one rule.
fn ruled(bounds: [u32; 2], rule: &str) -> Group {
    Group::of(10, bounds).rule(rule)
}

/// When its status became `status` [s].
fn times(watched: &Watched, status: RefreshStatus) -> Vec<f64> {
    let all = watched.statuses.iter().filter(|(_, of)| *of == status);
    all.map(|(at, _)| *at).collect()
}

/// Why the first task of a run ended as it did.
fn detail(fleet: &Fleet) -> Detail {
    fleet.refreshes.entries().next().expect("there was a refresh").1.detail
}

/// How many members are on what the first task wanted, and on what was there before it.
fn on_target_and_original(fleet: &Fleet) -> [usize; 2] {
    let (_, task) = fleet.refreshes.entries().next().expect("there was a refresh");
    let on = |identity| fleet.members.present().filter(|(_, row)| row.identity == identity).count();
    [on(task.target), on(task.original)]
}

#[test]
fn waits_between_batches_and_at_the_end() {
    for (rule, row) in [
        // 990 without any of these.
        ("bake = \"10min\"", ("T2+L2×2 L2", [8, 12, 14], 990 + 600)),
        ("pause_between_batches = \"100s\"", ("T2+L2×2 L2", [8, 12, 14], 990 + 2 * 100)),
        ("min_ready = \"30s\"", ("T2+L2×2 L2", [8, 12, 14], 3 * (990 / 3 + 30))),
        ("start_delay = \"45s\"", ("T2+L2×2 L2", [8, 12, 14], 990 + 45)),
    ] {
        succeeds(rule, &ruled(ESS, rule), row, 10);
    }
    // Where new ones need no room, a batch lasts L + W, and its last removal ends before that.
    let paused = ruled([50, 100], "pause_between_batches = \"100s\"");
    succeeds("pause", &paused, ("T5×2", [5, 10, 15], 240 + 100 + 240), 10);
}

#[test]
fn batches_are_cut_by_number_and_by_rate() {
    // Of three, two are extra and one is missing; the last one is extra.
    let three = ("T1+L2×3 L1", [9, 12, 13], 4 * 330);
    succeeds("max_batch", &ruled(ESS, "max_batch = 3"), three, 10);
    // Three in ten minutes: at 0, 600, 1200, 1800 s.
    let rate = "max_replacements_per_window = { count = 3, window = \"10min\" }";
    succeeds(rate, &ruled(ESS, rate), ("T1+L2×3 L1", [9, 12, 13], 1800 + 330), 10);
    // Five: four at 0, one at 330, four at 660 as those of 0 count no more, the last at 990.
    let rate = "max_replacements_per_window = { count = 5, window = \"10min\" }";
    let row = ("T2+L2 L1 T2+L2 L1", [8, 12, 14], 1320);
    succeeds(rate, &ruled(ESS, rate), row, 10);
    // A window longer than the time without progress that is allowed: waiting is no standstill.
    let rate = "max_replacements_per_window = { count = 4, window = \"3h\" }";
    let row = ("T2+L2×2 L2", [8, 12, 14], 2 * 10_800 + 330);
    succeeds(rate, &ruled(ESS, rate), row, 10);
}

#[test]
fn batches_begin_within_the_window_only() {
    // The run begins at 01:50 in UTC+8: ten minutes before the window, or before its end.
    let at = |window: &str| {
        let group = ruled(ESS, &format!("maintenance_window = {window}"));
        let begin = "horizon = \"5d\"\nstart = \"2026-03-01T17:50:00Z\"";
        group.text().replace("horizon = \"5d\"", begin)
    };
    let end = (RefreshStatus::Successful, [10; 2]);
    let before = at("{ from = 2, hours = 1 }");
    goes("before", &before, ("T2+L2×2 L2", [8, 12, 14], 600 + 990), end);
    // Batches begin at 0 and 330 s; that of 330 s ends at 660, when the window has been shut.
    let within = at("{ from = 1, hours = 1 }");
    let next_day = 600 + 23 * 3_600;
    goes("within", &within, ("T2+L2×2 L2", [8, 12, 14], next_day + 330), end);
}

/// Ten members in two batches, whose successors all fail the health check.
fn bad(rule: &str, after: &str) -> Group {
    let mut group =
        ruled([50, 100], rule).with("health_check_types = [\"ECS\", \"LOAD_BALANCER\"]");
    group.target = "image = \"worse\"".into();
    group.rest = format!("[images.worse]\nunhealthy_p = 1.0\nunhealthy_after = \"{after}\"\n");
    group
}

#[test]
fn too_many_new_ones_that_fail_end_a_refresh() {
    // In service at 180 s, found unhealthy 30 s later: the second of five is one too many.
    let group = bad("max_failed_pct = 20", "0s");
    let end = (RefreshStatus::Failed, [0, 10]);
    let (_, fleet) = goes("never ready", &group.text(), ("T5", [5, 10, 15], 210), end);
    assert_eq!((detail(&fleet), on_target_and_original(&fleet)), (Detail::TooManyFailed, [0, 10]));
    // Ready at 240 s, unhealthy at 280, found at 310: those who count already are counted.
    let group = bad("max_failed_pct = 20", "100s");
    let end = (RefreshStatus::Failed, [5, 10]);
    let (_, fleet) = goes("ready before", &group.text(), ("T5×2", [0, 10, 15], 310), end);
    assert_eq!((detail(&fleet), on_target_and_original(&fleet)), (Detail::TooManyFailed, [0, 10]));
}

#[test]
fn the_share_that_failed_is_of_the_whole_batch_however_late_its_launches_are() {
    // Of a batch of four, two are launched at 0 s; the others only once the old ones are gone, which
    // takes 300 s to detach and 30 s to stop: at 330 s. A new one is in service 180 s after its
    // launch, found bad 30 s later, and launched again at once:
    //
    // found | failed | launched    | of the batch, or of those launched
    // 210 s | 2      | 2           | 2 of 4 = 50 %: those to be launched at 330 s count already
    // 420 s | 4      | 2 + 2 + 2   | 4 of 6 = 66.7 %: here and below more are launched than begun
    // 540 s | 6      | 6 + 2       | 6 of 8 = 75 %
    // 630 s | 8      | 8 + 2       | 8 of 10 = 80 %
    //
    // (More than the share has to fail.) The two old ones that leave are counted no more, so that
    // ten are until 330 s, then twelve. What fails leaves for 330 s too: physical are ten and two, two
    // more from 210 s, at 330 s two for two, two more at 420 s; at 540 s two for two.
    let staggered = |percent: u32| {
        let rule = format!("max_failed_pct = {percent}, terminate_mode = \"sequential\"");
        let mut group = Group { start: Group::of(10, ESS).start, ..bad(&rule, "0s") };
        group.laws[1] = "attach = \"120s\"\ndetach = \"300s\"".into();
        group
    };
    for (percent, physical, counted, seconds) in [
        (0, 12, 10, 210),
        (49, 12, 10, 210),
        (50, 14, 12, 420),
        (66, 14, 12, 420),
        (67, 16, 12, 540),
        (74, 16, 12, 540),
        (75, 16, 12, 630),
        (79, 16, 12, 630),
    ] {
        let row = ("T2+L2", [8, counted, physical], seconds);
        let end = (RefreshStatus::Failed, [0, 10]);
        let what = format!("{percent} %");
        let (_, fleet) = goes(&what, &staggered(percent).text(), row, end);
        assert_eq!(detail(&fleet), Detail::TooManyFailed, "{what}");
        assert_eq!(on_target_and_original(&fleet), [0, 10], "{what}");
    }
}

#[test]
fn it_is_told_when_an_image_begins_to_fail_and_when_that_is_found() {
    // In service at 180 s; found 30 s after it began.
    let (watched, _) = run(&bad("max_failed_pct = 20", "100s").text(), 0);
    assert_eq!(watched.images_fail, [280.0; 5]);
    let (watched, _) = run(&bad("max_failed_pct = 20", "0s").text(), 0);
    assert_eq!(watched.images_fail, [180.0; 5]);
}

#[test]
fn a_smaller_new_one_replaces_an_old_one_only_once_others_make_up_for_it() {
    let lighter = |group: Group| Group { weights: [2, 1], ..group };
    // Room for 10 units: 5 pairs, each of which needs the old one's 2. At 240 s 25 are healthy: two
    // old ones go, and for the other three the group launches what is missing (5 units), ready at
    // 480. 21 + 5 are counted then and 4 leave; at the end of the batch 6 do.
    let row = ("L5×2", [20, 26, 30], 2 * 570);
    let (watched, _) = succeeds("100/150", &lighter(Group::of(20, [100, 150])), row, 20);
    assert_eq!(watched.floors_broken, 0);
    // One at a time, and beyond the bounds, it is the same: 2 + 1, then 2 + 2 are there.
    let row = ("L1!", [2, 4, 4], 240 + 240 + 90);
    let (watched, _) = succeeds("forced", &lighter(Group::of(2, [100, 100])), row, 2);
    assert_eq!(watched.floors_broken, 0);
}

#[test]
fn a_new_one_that_somebody_releases_is_launched_again() {
    // 240 s from 100 s on: the first batch takes 100 s longer.
    let released = |rule: &str| {
        let group = if rule.is_empty() { Group::of(10, ESS) } else { ruled(ESS, rule) };
        group.at(100, "DeleteInstance", "InstanceId = \"g#12\"\nForce = true")
    };
    let (watched, _) = succeeds("again", &released(""), ("T2+L2×2 L2", [8, 12, 14], 1090), 10);
    assert_eq!(watched.replaced, Vec::from_iter(0..10), "nobody twice");
    let end = (RefreshStatus::Failed, [0, 10]);
    let once = released("max_attempts_per_slot = 1").text();
    let (_, fleet) = goes("once", &once, ("T2+L2", [8, 12, 14], 100), end);
    assert_eq!(detail(&fleet), Detail::TooManyAttempts);
}

#[test]
fn a_sliding_window_does_not_wait_for_those_who_leave_even_one_at_a_time() {
    // Finished is closed: 10(L + W) + X, as the makespan of 3.9 has it. The old one leaves beside
    // the next launch.
    let rule = "pacing = \"sliding\"";
    let one = Group::of(10, [100, 100]).rule(rule);
    succeeds(rule, &one, ("L1!×10", [10, 11, 12], 2490), 10);
    // Where those who leave count against the ceiling, they are in motion.
    let rule = "pacing = \"sliding\", ceiling_counts_removing = true";
    let one = Group::of(10, [100, 100]).rule(rule);
    succeeds(rule, &one, ("L1!×10", [10, 11, 11], 3300), 10);
}

#[test]
fn the_floor_is_looked_at_whenever_a_refresh_takes_somebody() {
    // A hook puts the first old one back; it leaves again 60 s later, for the same forced batch.
    let hook = "hooks = [{ name = \"h\", lifecycle_transition = \"SCALE_IN\", heartbeat_timeout = \"30s\" }]";
    let group = Group::of(2, [100, 100]).rule("zero_budget_mode = \"terminate_first\"").with(hook);
    let back = "group = \"g\"\nInstanceId = \"g#0\"\nLifecycleActionResult = \"ROLLBACK\"";
    let group = group.at(10, "CompleteLifecycleAction", back);
    let (watched, _) = run(&group.text(), 0);
    assert_eq!((watched.compressed().as_str(), watched.floors_broken), ("T1!×2", 3));
    assert_eq!(watched.extremes[0], 1);
}

#[test]
fn what_would_fail_may_be_rolled_back_instead() {
    // At 210 s five slots are empty: they are filled by what was there, which takes L + W.
    let group = bad("max_failed_pct = 20, auto_rollback = true", "0s");
    let end = (RefreshStatus::RollbackSuccessful, [0, 0]);
    let row = ("T5", [5, 10, 15], 210 + 240);
    let (watched, fleet) = goes("rolled back", &group.text(), row, end);
    assert_eq!(times(&watched, RefreshStatus::RollbackInProgress), [210.0]);
    assert_eq!(on_target_and_original(&fleet), [0, 10]);
}

/// Four members whose successors cannot be launched.
fn unlaunchable(rule: &str) -> Group {
    let mut group = Group::of(4, [75, 100]).rule(rule);
    group.target = "launch_fail_p = 1.0".into();
    group
}

#[test]
fn slots_are_tried_so_often() {
    // At 0, 60 and 120 s.
    for (rule, seconds) in [
        ("max_attempts_per_slot = 3", 120),
        ("max_attempts_per_slot = 3, launch_retry = \"20s\"", 40),
        ("max_attempts_per_slot = 1", 0),
    ] {
        let end = (RefreshStatus::Failed, [0, 4]);
        let row = ("T1", [3, 4, 4], seconds);
        let (_, fleet) = goes(rule, &unlaunchable(rule).text(), row, end);
        assert_eq!(detail(&fleet), Detail::TooManyAttempts);
    }
}

/// Eight members in service, and two in this state.
fn bystanders(state: &str, rule: &str) -> Group {
    ruled(ESS, rule).members(&format!("{{ count = 8 }}, {{ count = 2, state = \"{state}\" }}"))
}

#[test]
fn protected_and_standby_members_may_be_replaced() {
    let protected = bystanders("Protected", "protected_policy = \"refresh\"");
    let (watched, _) = succeeds("Protected", &protected, ("T2+L2×2 L2", [8, 12, 14], 990), 10);
    assert_eq!(watched.replaced, Vec::from_iter(0..10));
    // Who serves nothing goes first, and costs nothing: two of them and two as surge.
    let standby = bystanders("Standby", "standby_policy = \"refresh\"");
    let (watched, _) = succeeds("Standby", &standby, ("T2+L2×2 L2", [8, 12, 14], 990), 10);
    assert_eq!(watched.replaced, [8, 9, 0, 1, 2, 3, 4, 5, 6, 7]);
    // In order of age they come last: beside the last two that are extra.
    let standby = bystanders("Standby", "standby_policy = \"refresh\", victim_order = \"oldest\"");
    let (watched, _) = succeeds("oldest", &standby, ("L2×3 T2+L2", [8, 12, 14], 1320), 10);
    assert_eq!(watched.replaced, Vec::from_iter(0..10));
}

#[test]
fn protected_and_standby_members_may_be_waited_for() {
    let wait = "protected_policy = { wait = \"10min\" }";
    let end = (RefreshStatus::Failed, [8, 10]);
    let row = ("T2+L2×2", [8, 12, 14], 660 + 600);
    let (_, fleet) = goes(wait, &bystanders("Protected", wait).text(), row, end);
    assert_eq!(detail(&fleet), Detail::TimedOut);
    let parameters = "group = \"g\"\nInstanceIds = [\"g#8\", \"g#9\"]\n";
    let free = format!("{parameters}ProtectedFromScaleIn = false");
    let group = bystanders("Protected", wait).at(700, "SetInstancesProtection", &free);
    succeeds(wait, &group, ("T2+L2×2 L2", [8, 12, 14], 700 + 330), 10);
    let wait = "standby_policy = { wait = \"10min\" }";
    let end = (RefreshStatus::Failed, [8, 10]);
    let row = ("L2×4", [8, 12, 12], 1320 + 600);
    goes(wait, &bystanders("Standby", wait).text(), row, end);
    let group = bystanders("Standby", wait).at(1400, "ExitStandby", parameters);
    succeeds(wait, &group, ("L2×5", [8, 12, 12], 1400 + 330), 10);
}

#[test]
fn what_ends_a_task_is_not_forgotten_for_what_happens_beside_it() {
    // All four of the first batch fail at once; the second try of each is its last.
    let mut group = ruled(ESS, "max_attempts_per_slot = 2")
        .with("health_check_types = [\"ECS\", \"LOAD_BALANCER\"]");
    group.target = "image = \"worse\"".into();
    group.rest = "[images.worse]\nunhealthy_p = 1.0\n".into();
    let (watched, fleet) = run(&group.text(), 0);
    let found = (watched.status(), detail(&fleet));
    assert_eq!(found, (RefreshStatus::Failed, Detail::TooManyAttempts));
}

#[test]
fn a_failed_refresh_may_be_rolled_back_by_a_task_of_its_own() {
    // The second batch cannot begin at 240 s: nothing is finished for ten minutes.
    let scale_out = "group = \"g\"\nProcesses = [\"ScaleOut\"]";
    let group = ruled([50, 100], "rollback_after_failed = true, no_progress_timeout = \"10min\"")
        .at(230, "SuspendProcesses", scale_out)
        .at(900, "ResumeProcesses", scale_out)
        .at(1000, "RollbackInstanceRefresh", "group = \"g\"\nInstanceRefreshTaskId = \"roll\"");
    let end = (RefreshStatus::Failed, [5, 10]);
    let (watched, fleet) = run(&group.text(), 0);
    assert_eq!((watched.status(), watched.done, watched.makespan()), (end.0, end.1, 840.0));
    let (_, back) = fleet.refreshes.entries().nth(1).expect("the rollback is a task");
    assert_eq!((back.status, back.rolled_back), (RefreshStatus::RollbackSuccessful, [5, 5]));
    let ended = back.ended.expect("it is over").seconds();
    assert_eq!([back.began.seconds(), ended].map(|at| at as u32), [1000, 1240]);
    assert_eq!(on_target_and_original(&fleet), [0, 10]);
}

#[test]
fn a_pause_may_leave_what_is_under_way_as_it_is() {
    // Those four come at 240 s, but the two old ones that they are for leave at 1000 only.
    let group = ruled(ESS, "pause_inflight = \"hold\"")
        .at(100, "SuspendInstanceRefresh", "group = \"g\"")
        .at(1000, "ResumeInstanceRefresh", "group = \"g\"");
    let (watched, _) = succeeds("hold", &group, ("T2+L2×2 L2", [8, 12, 14], 1090 + 660), 10);
    let before = watched.course.iter().rev().find(|(at, _)| *at < 1000.0);
    assert_eq!(before.map(|(_, course)| course[..3].to_vec()), Some(vec![12, 12, 12]));
}

#[test]
fn a_cancelled_refresh_may_let_go_of_what_is_under_way() {
    let cancel = |rule: &str| ruled(ESS, rule).at(100, "CancelInstanceRefresh", "group = \"g\"");
    let group = cancel("cancel_wait_inflight = false");
    let (watched, fleet) = run(&group.text(), 0);
    assert_eq!((watched.status(), watched.makespan()), (RefreshStatus::Cancelled, 100.0));
    assert_eq!(watched.done, [0, 10]);
    // The group is left with two too many, of which the removal policy takes the oldest.
    assert_eq!(on_target_and_original(&fleet), [4, 6]);
    // Else the four are completed, unless that takes longer than it may: ready at 240 s, too late.
    let (watched, fleet) = run(&cancel("cancel_timeout = \"100s\"").text(), 0);
    assert_eq!((watched.status(), watched.makespan()), (RefreshStatus::Cancelled, 200.0));
    assert_eq!((watched.done, on_target_and_original(&fleet)), ([0, 10], [4, 6]));
}

#[test]
fn a_moving_version_is_resolved_at_each_launch_or_once() {
    let latest = |rule: &str| {
        let mut group = ruled(ESS, rule)
            .wanting("LaunchTemplateId = \"lt\", LaunchTemplateVersion = \"Latest\"");
        group.rest = "[[launch_templates.lt.versions]]\ntype = \"other\"\n\
                      [[launch_templates.lt.versions]]\ntype = \"other\"\nat = \"300s\"\n"
            .into();
        group
    };
    let on_each = |fleet: &Fleet| {
        let identities = &fleet.groups.entries().next().expect("there is a group").1.identities;
        let on =
            |identity| fleet.members.present().filter(|(_, row)| row.identity == identity).count();
        identities
            .iter()
            .map(|identity| on(*identity))
            .filter(|count| *count > 0)
            .collect::<Vec<_>>()
    };
    let row = ("T2+L2×2 L2", [8, 12, 14], 990);
    let (_, fleet) = succeeds("each", &latest("resolve_latest = \"per_launch\""), row, 10);
    assert_eq!(on_each(&fleet), [4, 6]);
    let (_, fleet) = succeeds("once", &latest("resolve_latest = \"at_start\""), row, 10);
    assert_eq!(on_each(&fleet), [10]);
}

/// Four members in zone b, whose room they fill but for four small ones, then four in zone a.
fn in_two_zones(rule: &str) -> Group {
    let mut group = Group::of(8, [50, 100]).rule(rule).with("zones = [\"b\", \"a\"]");
    (group.zones, group.servers, group.vcpus) = ("\"a\", \"b\"", Some(2), [15, 1]);
    group
}

#[test]
fn victims_are_picked_in_the_order_that_is_asked_for() {
    for (order, replaced) in [
        ("unhealthy_then_oldest", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("oldest", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("newest", [7, 6, 5, 4, 3, 2, 1, 0]),
        ("one_zone_at_a_time", [4, 5, 6, 7, 0, 1, 2, 3]),
        ("zone_round_robin", [4, 0, 5, 1, 6, 2, 7, 3]),
    ] {
        let group = in_two_zones(&format!("victim_order = \"{order}\""));
        let (watched, _) = succeeds(order, &group, ("T4×2", [4, 8, 12], 480), 8);
        assert_eq!(watched.replaced, replaced, "{order}");
    }
    // The emptiest server comes first: members are on two servers in turn.
    let mut group = Group::of(8, [50, 100]).rule("victim_order = \"host_grouped\"");
    (group.servers, group.vcpus) = (Some(2), [15, 1]);
    group.rest = "[policies]\nplacement = \"most-free\"\n".into();
    let (watched, _) = succeeds("host_grouped", &group, ("T4×2", [4, 8, 12], 480), 8);
    assert_eq!(watched.replaced, [0, 2, 4, 6, 1, 3, 5, 7]);
}

#[test]
fn new_members_may_have_to_go_where_the_old_ones_were() {
    for (rule, in_each) in
        [("replace_in_same_zone = true", [4, 4]), ("replace_in_same_zone = false", [0, 8])]
    {
        let (_, fleet) = succeeds(rule, &in_two_zones(rule), ("T4×2", [4, 8, 12], 480), 8);
        let count = |zone: usize| {
            let there = |row: &fleetsim::fleet::members::MemberRow| {
                row.zone.is_some_and(|of| of.index() == zone)
            };
            fleet.members.present().filter(|(_, row)| there(row)).count()
        };
        assert_eq!([count(0), count(1)], in_each, "{rule}");
    }
}

#[test]
fn who_was_refreshed_and_dies_may_count_no_more() {
    // The first new one dies at 400 s. What the group launches for it is ready at 670.
    let dies = |rule: &str| {
        let stop = "InstanceId = \"g#10\"\nForceStop = true";
        ruled(ESS, rule).at(400, "StopInstance", stop)
    };
    let row = ("T2+L2×2 L2", [7, 12, 14], 990);
    succeeds("stays counted", &dies("finished_monotonic = true"), row, 10);
    succeeds("counts no more", &dies("finished_monotonic = false"), row, 9);
}

#[test]
fn who_leaves_may_count_as_finished() {
    let dies = ruled(ESS, "leave_counts_as = \"finished\"");
    let dies = dies.at(100, "StopInstance", "InstanceId = \"g#8\"\nForceStop = true");
    succeeds("D1", &dies, ("T2+L2 T1+L2 L2", [7, 12, 14], 990), 10);
}

#[test]
fn a_refresh_for_nobody_may_be_successful_at_once() {
    let group = ruled(ESS, "empty_refresh = \"success\"")
        .members("{ count = 10, configuration = \"new\" }");
    let (watched, fleet) = succeeds("empty", &group, ("", [10, 10, 10], 0), 0);
    let row = fleet.groups.entries().next().expect("there is a group").1;
    let task = fleet.refreshes.entries().next().expect("there was a refresh").1;
    assert_eq!(row.identity, task.target, "what it wanted is active");
    assert_eq!(watched.statuses.len(), 3, "{:?}", watched.statuses);
}

#[test]
fn a_checkpoint_may_pause_again_after_a_scale_out() {
    // Of 10 five are new at 240 s: a pause until 840. Four more come at 830: of 14 five are new.
    let total = "group = \"g\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = 14";
    let group = |rule: &str| {
        let group = ruled([50, 100], rule).checkpoints(&[50, 100], 10);
        group.at(830, "ScaleWithAdjustment", total)
    };
    let latched = group("checkpoint_latch = true");
    let (watched, _) = succeeds("once", &latched, ("T5 T3 T2", [5, 14, 17], 1320), 10);
    assert_eq!(watched.checkpoints, [(240.0, 50), (1320.0, 100)]);
    // Two more are needed for half of them; another pause until 1680.
    let again = group("checkpoint_latch = false");
    let (watched, _) = succeeds("again", &again, ("T5 T2 T3", [5, 14, 17], 1920), 10);
    assert_eq!(watched.checkpoints, [(240.0, 50), (1080.0, 50), (1920.0, 100)]);
}

#[test]
fn the_largest_size_may_be_a_ceiling() {
    let group = |rule: &str, most: u32| {
        ruled(ESS, rule).text().replace("max_size = 2000", &format!("max_size = {most}"))
    };
    let end = (RefreshStatus::Successful, [10; 2]);
    let held = "surge_may_exceed_max_size = false";
    goes(held, &group(held, 11), ("T2+L1×3 L1", [8, 11, 13], 1320), end);
    goes(held, &group(held, 10), ("T2×5", [8, 10, 12], 1200), end);
    // Where nothing else can move, one goes first rather than that the group gets too large.
    let strict = ruled([100, 150], held).text().replace("max_size = 2000", "max_size = 10");
    goes(held, &strict, ("T1!×10", [9, 10, 11], 2400), end);
    let free = "surge_may_exceed_max_size = true";
    goes(free, &group(free, 10), ("T2+L2×2 L2", [8, 12, 14], 990), end);
}

#[test]
fn those_on_standby_may_be_left_out_of_the_base() {
    // As E22, but of eight: the bounds are 7 and 9, beside those two.
    let rule = "percent_base = \"without_standby\"";
    let group = bystanders("Standby", rule);
    succeeds(rule, &group, ("T1+L1×4", [7, 11, 12], 1320), 8);
}

#[test]
fn those_who_leave_may_count_against_the_ceiling() {
    // As V1, but two old ones are leaving at 240 s and at 480 s: two may go, and none may come.
    let rule = "pacing = \"sliding\", ceiling_counts_removing = true";
    succeeds(rule, &ruled(ESS, rule), ("T2+L2 T2 L2 T2", [8, 12, 14], 720), 10);
}

#[test]
fn without_a_desired_capacity_the_bounds_are_shares_of_the_size_at_the_start() {
    let text = |group: Group| {
        let group = group.members("{ count = 10 }");
        group.text().replace("desired = 10", "desired = \"off\"")
    };
    let end = (RefreshStatus::Successful, [10; 2]);
    let whole = text(Group::of(10, ESS));
    goes("E1", &whole, ("T2+L2×2 L2", [8, 12, 14], 990), end);
    // Who dies at 100 s is not missed: of 10 nine are there, one may go and three may be extra.
    let stop = "InstanceId = \"g#8\"\nForceStop = true";
    let dies = text(Group::of(10, ESS).at(100, "StopInstance", stop));
    let end = (RefreshStatus::Successful, [9; 2]);
    let (watched, _) = goes("D1", &dies, ("T2+L2 T1+L3 L1", [7, 12, 14], 990), end);
    assert_eq!(watched.last.map(|(counts, _)| counts.counted), Some(9));
    // A change of the size counts: as D2.
    let total = "group = \"g\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = 14";
    let grows = text(Group::of(10, ESS).at(100, "ScaleWithAdjustment", total));
    let end = (RefreshStatus::Successful, [10; 2]);
    goes("D2", &grows, ("T2+L2 L2 T2+L2", [8, 16, 18], 990), end);
}
