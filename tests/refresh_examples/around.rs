//! What a group does around its refresh: whom it trims, what it launches afterwards, and its scaling
//! activities (spec/refresh-and-migration.md 1.3, 1.9 and 3.7; spec/corrections.md 24). Launches
//! take 180 s (L), the warm-up 60 s (W), removals 90 s (X).

use crate::watched::{Group, run};
use fleetsim::{fleet::Fleet, kernel::column::Id, lifecycle::refresh::RefreshStatus};

const ESS: [u32; 2] = [80, 120];

/// With a scaling to `total` at `seconds`.
fn scaled(group: Group, seconds: u32, total: u32) -> Group {
    let to =
        format!("group = \"g\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = {total}");
    group.at(seconds, "ScaleWithAdjustment", &to)
}

/// The refusals of an operation, in order of time.
fn answers(group: &Group, operation: &str) -> Vec<Option<&'static str>> {
    let (watched, _) = run(&group.text(), 0);
    let of = watched.answers.iter().filter(|(_, name, _)| *name == operation);
    of.map(|(_, _, code)| *code).collect()
}

#[test]
fn nobody_healthy_is_trimmed_for_a_launch_that_is_not_ready() {
    // The pair of g#2 is given up at 100 s: its new one is too many from 240 s on.
    let protect = "group = \"g\"\nInstanceId = \"g#2\"\nProtectedFromScaleIn = true";
    let protects = Group::of(10, ESS).at(100, "SetInstancesProtection", protect);
    let (watched, _) = run(&protects.text(), 0);
    assert_eq!((watched.extremes, watched.status()), ([8, 12, 14], RefreshStatus::Successful));
    assert_eq!(watched.done, [8, 8], "it is left out, and one old one was trimmed");
    // The one that stands by is nobody's doing but its user's.
    let stands_by = "group = \"g\"\nInstanceId = \"g#0\"";
    let withdrawn = Group::of(10, [100, 120]).at(100, "EnterStandby", stands_by);
    let (watched, _) = run(&withdrawn.text(), 0);
    assert_eq!((watched.extremes[0], watched.status()), (9, RefreshStatus::Successful));
    // Let go of, the four new ones are too many once they are ready.
    let cancelled = Group::of(10, ESS).rule("cancel_wait_inflight = false").at(
        100,
        "CancelInstanceRefresh",
        "group = \"g\"",
    );
    for (until, counts) in [("200s", [12, 8]), ("250s", [10, 10])] {
        let text = cancelled.text().replace("horizon = \"5d\"", &format!("horizon = \"{until}\""));
        let (_, fleet) = run(&text, 0);
        let of = fleet.groups[Id::new(0)].counts;
        assert_eq!([of.counted, of.healthy], counts, "at {until}");
    }
    // 6 of 10 are wanted: two healthy ones can go at once, the others once the new ones are ready.
    let (watched, _) = run(&scaled(Group::of(10, ESS), 100, 6).text(), 0);
    assert_eq!((watched.extremes[0], watched.status()), (5, RefreshStatus::Successful));
}

#[test]
fn without_an_expected_number_a_scale_in_waits_for_those_who_come_and_is_not_forgotten() {
    let off = |group: Group| {
        let text = group.members("{ count = 10 }").text();
        text.replace("desired = 10", "desired = \"off\"").replace("\"5d\"", "\"600s\"")
    };
    // Four come from 100 s to 280 s; at 120 s nine are wanted. (Without a refresh to speak of.)
    let group = scaled(Group::of(10, ESS).wanting(""), 100, 14);
    let resized = group.at(120, "ModifyScalingGroup", "group = \"g\"\nMaxSize = 9");
    let (_, fleet) = run(&off(resized), 0);
    let of = fleet.groups[Id::new(0)].counts;
    assert_eq!([of.counted, of.healthy], [9, 9]);
}

/// A launch template whose second version comes at 2 h, and is the default from then on.
const TEMPLATE: &str = "[launch_templates.lt]\n\
    versions = [{ type = \"small\" }, { type = \"other\", at = \"2h\" }]\n\
    default_version = [[\"0s\", 1], [\"2h\", 2]]\n";

/// How many members are on what the group launches in the end.
fn on_active(fleet: &Fleet) -> usize {
    let identity = fleet.groups[Id::new(0)].identity;
    fleet.members.present().filter(|(_, row)| row.identity == identity).count()
}

#[test]
fn default_and_latest_are_always_what_they_are_now() {
    let with = |mut group: Group| {
        group.rest += TEMPLATE;
        group
    };
    let scales = |group: Group| scaled(group, 3 * 3600, 12);
    // A refresh made it the active configuration.
    for version in ["\"Latest\"", "\"Default\""] {
        let of = format!("LaunchTemplateId = \"lt\", LaunchTemplateVersion = {version}");
        let group = scales(with(Group::of(10, ESS)).wanting(&of));
        assert_eq!(on_active(&run(&group.text(), 0).1), 2, "{version}");
        let frozen = group.rule("resolve_latest = \"at_start\"");
        assert_eq!(on_active(&run(&frozen.text(), 0).1), 12, "{version}, unless it is not to move");
    }
    let fixed = "LaunchTemplateId = \"lt\", LaunchTemplateVersion = 1";
    let group = scales(with(Group::of(10, ESS)).wanting(fixed));
    assert_eq!(on_active(&run(&group.text(), 0).1), 12, "a number stays");
    // ModifyScalingGroup did.
    let modify = "group = \"g\"\nLaunchTemplateId = \"lt\"\nLaunchTemplateVersion = \"Latest\"";
    let group = with(Group::of(10, ESS)).wanting("").at(100, "ModifyScalingGroup", modify);
    assert_eq!(on_active(&run(&scales(group).text(), 0).1), 2);
    // The group says so itself; a refresh then finds that all are to be replaced.
    for own in ["", "launch_template_version = \"Latest\"\n"] {
        let group = scales(with(Group::of(10, ESS)).wanting(""));
        let start = "group = \"g\"";
        let group = group.at(3600, "StartInstanceRefresh", start);
        let text = |group: &Group| {
            let template = format!("launch_template = \"lt\"\n{own}");
            group.text().replace("configuration = \"old\"\n", &template)
        };
        assert_eq!(on_active(&run(&text(&group), 0).1), 2, "{own}");
        let group = group.at(4 * 3600, "StartInstanceRefresh", start);
        let (watched, fleet) = run(&text(&group), 0);
        let nobody = Some("InvalidInstance.NoInstanceNeedBeRefreshed");
        let of = watched.answers.iter().filter(|(_, name, _)| *name == "StartInstanceRefresh");
        let codes: Vec<_> = of.map(|(_, _, code)| *code).collect();
        assert_eq!(codes, [nobody, nobody, None]);
        assert_eq!(on_active(&fleet), 12, "{own}");
    }
}

#[test]
fn an_activity_whose_launches_all_fail_has_failed() {
    // There is room for ten: the two that are launched with the removals find none before 90 s.
    let mut group = Group::of(10, [80, 100]);
    (group.vcpus, group.servers) = ([6, 6], Some(1));
    let (watched, _) = run(&group.text(), 0);
    let begin = [
        (0.0, [0, 2], "InProgress"),
        (60.0, [0, 0], "Failed"),
        (90.0, [0, 2], "Failed"),
        (120.0, [2, 0], "InProgress"),
        (300.0, [2, 0], "Successful"),
    ];
    assert_eq!(watched.activities[..5], begin);
    let (watched, _) = run(&Group::of(10, ESS).text(), 0);
    let begin = [
        (0.0, [4, 2], "InProgress"),
        (180.0, [4, 2], "Successful"),
        (240.0, [0, 2], "InProgress"),
        (330.0, [0, 2], "Successful"),
    ];
    assert_eq!(watched.activities[..4], begin, "E1");
}

#[test]
fn some_orders_are_taken_only_while_no_activity_is_in_progress() {
    let busy = Some("ScalingActivityInProgress");
    // From 100 s to 280 s four are launched; the refresh's own activities do not count.
    let group = scaled(scaled(scaled(Group::of(10, ESS), 100, 14), 110, 16), 290, 15);
    assert_eq!(answers(&group, "ScaleWithAdjustment"), [None, busy, None]);
    let attaches = "[[workload.instances]]\nname = \"x\"\ntype = \"small\"\ncount = 2\n";
    for (operation, member) in [
        ("AttachInstances", "x[0]"),
        ("DetachInstances", "g#9"),
        ("RemoveInstances", "g#9"),
        ("ExecuteScalingRule", ""),
    ] {
        let parameters = match operation {
            "ExecuteScalingRule" => {
                "group = \"g\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = 9".into()
            }
            _ => format!("group = \"g\"\nInstanceIds = [\"{member}\"]"),
        };
        let group = scaled(Group::of(10, ESS), 100, 14).at(120, operation, &parameters);
        let mut group = group.at(300, operation, &parameters);
        group.rest += attaches;
        assert_eq!(answers(&group, operation), [busy, None], "{operation}");
    }
    // Several at once are one activity.
    let two = "group = \"g\"\nInstanceIds = [\"x[0]\", \"x[1]\"]";
    let mut group = Group::of(10, ESS).wanting("").at(100, "AttachInstances", two);
    group.rest += attaches;
    let (watched, _) = run(&group.text(), 0);
    let begin = [(100.0, [2, 0], "InProgress"), (220.0, [2, 0], "Successful")];
    assert_eq!(watched.activities, begin);
}

#[test]
fn a_balanced_group_shrinks_where_it_is_largest() {
    let spread = |policy: &str| {
        let mut group = Group::of(7, ESS).wanting("").with(policy);
        group.zones = "\"a\", \"b\", \"c\"";
        let (_, fleet) = run(&scaled(group, 3600, 4).text(), 0);
        let zones = fleet.members.present().filter_map(|(_, row)| row.zone);
        let mut in_zones = [0; 3];
        zones.for_each(|zone| in_zones[zone.index()] += 1);
        in_zones
    };
    assert_eq!(spread("multi_az_policy = \"BALANCE\""), [2, 1, 1]);
    let newest = "removal_policies = [\"NewestInstance\"]\nmulti_az_policy = \"BALANCE\"";
    assert_eq!(spread(newest), [2, 1, 1]);
    assert_eq!(spread("multi_az_policy = \"PRIORITY\""), [4, 0, 0]);
}

#[test]
fn an_edit_of_the_largest_size_holds_for_members_that_weigh_several_units() {
    let mut group = Group::of(8, ESS).wanting("");
    group.weights = [2, 2];
    let edit = "group = \"g\"\nMaxSize = 7\nDesiredCapacity = 7";
    let group = group.at(3600, "ModifyScalingGroup", edit);
    let (watched, fleet) = run(&group.text(), 0);
    assert_eq!(fleet.groups[Id::new(0)].counts.counted, 6, "and no fourth of two units comes");
    assert_eq!(watched.activities.len(), 2, "one removal: {:?}", watched.activities);
}
