//! The operations on refreshes: preconditions in their order, tokens, what a request may want, and
//! the table of transitions cell by cell (spec/refresh-and-migration.md 2.1 to 2.7).

use crate::watched::{Group, Watched, run};
use fleetsim::{fleet::Fleet, lifecycle::refresh::RefreshStatus};

const ESS: [u32; 2] = [80, 120];

/// What became of the StartInstanceRefresh of `group` at the beginning.
fn start(group: &Group) -> Option<&'static str> {
    answers(&run(&group.text(), 0).0, "StartInstanceRefresh")[0]
}

/// The refusals of an operation, in order of time.
fn answers(watched: &Watched, operation: &str) -> Vec<Option<&'static str>> {
    let of = watched.answers.iter().filter(|(_, name, _)| *name == operation);
    of.map(|(_, _, code)| *code).collect()
}

#[test]
fn the_first_precondition_that_does_not_hold_refuses() {
    let mut group = Group::of(10, [101, 120])
        .with("enabled = false")
        .with("group_type = \"ECI\"")
        .with("multi_az_policy = \"BALANCE\"")
        .with("capacity_unit = \"vCPU\"")
        .with("scaling_policy = \"recycle\"");
    group.wants =
        "group = \"h\"\nDesiredConfiguration = { ScalingConfigurationId = \"unknown\" }".into();
    let mut codes = Vec::new();
    codes.push(start(&group));
    group.wants = group.wants.replace("\"h\"", "\"g\"");
    codes.push(start(&group));
    for wrong in [
        "enabled = false\n",
        "group_type = \"ECI\"\n",
        "multi_az_policy = \"BALANCE\"\n",
        "capacity_unit = \"vCPU\"\n",
        "scaling_policy = \"recycle\"\n",
    ] {
        group.more = group.more.replace(wrong, "");
        codes.push(start(&group));
    }
    group.start = String::new();
    codes.push(start(&group));
    group.wants = group.wants.replace("unknown", "new");
    codes.push(start(&group));
    let wanted = [
        Some("InvalidScalingGroupId.NotFound"),
        Some("IncorrectScalingGroupStatus"),
        Some("InvalidScalingGroup.TypeNotSupported"),
        Some("InvalidScalingGroup.MultiAZPolicyNotSupported"),
        Some("InvalidScalingGroup.CapacityUnitNotSupported"),
        Some("InvalidScalingGroup.ScalingPolicyNotSupported"),
        Some("InvalidParameter"),
        Some("InvalidScalingConfigurationId.NotFound"),
        None,
    ];
    assert_eq!(codes, wanted);
}

/// A second StartInstanceRefresh after 100 s, with these parameters.
fn second(group: Group, parameters: &str) -> Option<&'static str> {
    let group = group.at(100, "StartInstanceRefresh", &format!("group = \"g\"\n{parameters}"));
    answers(&run(&group.text(), 0).0, "StartInstanceRefresh")[1]
}

#[test]
fn one_task_at_a_time_and_only_for_somebody() {
    let new = "DesiredConfiguration = { ScalingConfigurationId = \"new\" }";
    let other = new.replace("new", "unknown");
    let group = || Group::of(10, ESS);
    assert_eq!(second(group(), new), Some("InstanceRefreshInProgress"));
    assert_eq!(second(group(), ""), Some("InstanceRefreshInProgress"), "before precondition 10");
    assert_eq!(second(group(), &other), Some("InvalidScalingConfigurationId.NotFound"));
    let nobody = Some("InvalidInstance.NoInstanceNeedBeRefreshed");
    let mut empty = group().members("");
    empty.size = 0;
    assert_eq!(start(&empty), nobody, "a group of nobody");
    let ignored = group().members("{ count = 10, creation = \"Attached\" }");
    assert_eq!(start(&ignored), nobody);
    assert_eq!(start(&group().members("{ count = 10, configuration = \"new\" }")), nobody);
    let mut all = group().members("{ count = 10, configuration = \"new\" }");
    all.start += "SkipMatching = false\n";
    let (watched, _) = run(&all.text(), 0);
    assert_eq!((watched.status(), watched.done), (RefreshStatus::Successful, [10, 10]));
    let at_once = ignored.rule("empty_refresh = \"success\"");
    let (watched, _) = run(&at_once.text(), 0);
    assert_eq!((watched.status(), watched.makespan()), (RefreshStatus::Successful, 0.0));
}

#[test]
fn a_group_may_take_no_orders_during_a_refresh() {
    let grows = |group: Group| {
        let more = "group = \"g\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = 12";
        let group = group.at(100, "ScaleWithAdjustment", more);
        answers(&run(&group.text(), 0).0, "ScaleWithAdjustment")
    };
    assert_eq!(grows(Group::of(10, ESS)), [None], "the modelled cloud takes them");
    let blocked = Group::of(10, ESS).rule("refresh_blocks_manual_scaling = true");
    assert_eq!(grows(blocked), [Some("ScalingActivityInProgress")]);
}

#[test]
fn parameters_out_of_range_are_refused() {
    let with = |text: &str| {
        let mut group = Group::of(10, ESS);
        group.start = format!("{text}\n");
        start(&group)
    };
    let token = |length: usize| format!("ClientToken = \"{}\"", "x".repeat(length));
    assert_eq!(with(&token(64)), None);
    for wrong in [
        token(65).as_str(),
        "ClientToken = \"für\"",
        "MinHealthyPercentage = 101",
        "MaxHealthyPercentage = 99",
        "MaxHealthyPercentage = 201",
        "Checkpoints = [100]\nCheckpointPauseTime = 0",
        "Checkpoints = [100]\nCheckpointPauseTime = 2881",
        "Strategy = \"Sprinting\"",
    ] {
        assert_eq!(with(wrong), Some("InvalidParameter"), "{wrong}");
    }
    for wrong in ["[20, 50]", "[50, 20, 100]", "[20, 20, 100]", "[0, 100]", "[101]"] {
        let code = with(&format!("Checkpoints = {wrong}"));
        assert_eq!(code, Some("InvalidCheckpoints"), "{wrong}");
    }
    for right in [
        "MinHealthyPercentage = 0",
        "MinHealthyPercentage = 100\nMaxHealthyPercentage = 100",
        "MaxHealthyPercentage = 200",
        "Checkpoints = [1, 100]\nCheckpointPauseTime = 2880",
        "Strategy = \"Rolling\"",
    ] {
        assert_eq!(with(right), None, "{right}");
    }
    let aws = Group::of(10, [0, 200]).rule("max_difference = 100");
    assert_eq!(start(&aws), Some("InvalidParameter"));
}

/// Images and launch templates beside the usual configurations.
const SOURCES: &str = r#"
[images.next]
[[launch_templates.lt.versions]]
type = "other"
[[launch_templates.lt.versions]]
type = "other"
at = "300s"
"#;

fn wanting(text: &str) -> Group {
    let mut group = Group::of(10, ESS).wanting(text);
    group.rest += SOURCES;
    group
}

#[test]
fn what_a_request_wants_must_be_one_thing() {
    let conflict = Some("InvalidParameter.Conflict");
    for (text, code) in [
        ("ImageId = \"next\"", None),
        ("ImageId = \"next\", ScalingConfigurationId = \"new\"", None),
        ("LaunchTemplateId = \"lt\", LaunchTemplateVersion = 1", None),
        ("LaunchTemplateId = \"lt\"", None),
        (
            "LaunchTemplateId = \"lt\", LaunchTemplateOverrides = [{ InstanceType = \"small\" }]",
            None,
        ),
        ("ImageId = \"next\", LaunchTemplateId = \"lt\"", conflict),
        ("ScalingConfigurationId = \"new\", LaunchTemplateId = \"lt\"", conflict),
        ("LaunchTemplateVersion = 1", conflict),
        ("LaunchTemplateOverrides = [{ InstanceType = \"small\" }]", conflict),
        ("Containers = [{ Name = \"web\" }], ImageId = \"next\"", conflict),
        ("LaunchTemplateId = \"lt\", LaunchTemplateVersion = \"Newest\"", Some("InvalidParameter")),
        ("ImageId = \"unknown\"", Some("InvalidParameter")),
        ("LaunchTemplateId = \"unknown\"", Some("InvalidLaunchTemplate.NotFound")),
        (
            "LaunchTemplateId = \"lt\", LaunchTemplateVersion = 2",
            Some("InvalidLaunchTemplate.NotFound"),
        ),
    ] {
        assert_eq!(start(&wanting(text)), code, "{text}");
    }
    let both = wanting("ImageId = \"next\", ScalingConfigurationId = \"new\"")
        .rule("image_with_config = \"refuse\"");
    assert_eq!(start(&both), conflict);
    let mut containers = wanting("Containers = [{ Name = \"web\" }]");
    let nobody = Some("InvalidInstance.NoInstanceNeedBeRefreshed");
    assert_eq!(start(&containers), nobody, "checked, then ignored");
    containers.start += "SkipMatching = false\n";
    assert_eq!(start(&containers), None);
}

/// How many members are on what the group launches in the end, and the revision of that.
fn on_active(fleet: &Fleet) -> (usize, u16) {
    let (_, group) = fleet.groups.entries().next().expect("there is a group");
    let all = fleet.members.present().filter(|(_, row)| row.identity == group.identity);
    (all.count(), group.identity.revision)
}

#[test]
fn an_image_becomes_a_revision_of_the_active_configuration() {
    let again = "group = \"g\"\nDesiredConfiguration = { ImageId = \"next\" }";
    let group = wanting("ImageId = \"next\"").at(5000, "StartInstanceRefresh", again);
    let (watched, fleet) = run(&group.text(), 0);
    assert_eq!(answers(&watched, "StartInstanceRefresh"), [None, None], "by id, not by content");
    assert_eq!(on_active(&fleet), (10, 2));
    let named = "group = \"g\"\nDesiredConfiguration = { ScalingConfigurationId = \"old\" }";
    let group = wanting("ImageId = \"next\"").at(5000, "StartInstanceRefresh", named);
    let (watched, _) = run(&group.text(), 0);
    let nobody = Some("InvalidInstance.NoInstanceNeedBeRefreshed");
    assert_eq!(
        answers(&watched, "StartInstanceRefresh"),
        [None, nobody],
        "its image is the new one"
    );
}

#[test]
fn a_template_that_moves_is_resolved_at_each_launch_and_not_taken_back() {
    let latest = || wanting("LaunchTemplateId = \"lt\", LaunchTemplateVersion = \"Latest\"");
    let (watched, fleet) = run(&latest().text(), 0);
    assert_eq!(watched.status(), RefreshStatus::Successful);
    let mut identities: Vec<_> = fleet.members.present().map(|(_, row)| row.identity).collect();
    identities.sort();
    identities.dedup();
    assert_eq!(identities.len(), 2, "the second batch uses the new version");
    let (_, fleet) = run(&latest().rule("resolve_latest = \"at_start\"").text(), 0);
    assert_eq!(on_active(&fleet).0, 10);
    let back = latest().at(100, "RollbackInstanceRefresh", "group = \"g\"");
    let (watched, _) = run(&back.text(), 0);
    assert_eq!(answers(&watched, "RollbackInstanceRefresh"), [Some("IrreversibleInstanceRefresh")]);
    let mut same =
        Group::of(10, ESS).wanting("").at(100, "RollbackInstanceRefresh", "group = \"g\"");
    same.start += "SkipMatching = false\n";
    let (watched, _) = run(&same.text(), 0);
    assert_eq!(answers(&watched, "RollbackInstanceRefresh"), [Some("IrreversibleInstanceRefresh")]);
}

#[test]
fn a_token_starts_one_task() {
    let token = |text: &str, more: &str| {
        let mut group = Group::of(10, ESS);
        group.start += "ClientToken = \"once\"\n";
        let parameters = format!("group = \"g\"\n{}\n{more}", group.start);
        let wants = format!("{parameters}DesiredConfiguration = {{ {text} }}");
        group.at(100, "StartInstanceRefresh", &wants)
    };
    let same = "ScalingConfigurationId = \"new\"";
    let (watched, fleet) = run(&token(same, "").text(), 0);
    assert_eq!(answers(&watched, "StartInstanceRefresh"), [None, None], "it precedes condition 9");
    assert_eq!(fleet.refreshes.entries().count(), 1);
    let mismatch = [None, Some("IdempotentParameterMismatch")];
    let (watched, _) = run(&token(same, "SkipMatching = false\n").text(), 0);
    assert_eq!(answers(&watched, "StartInstanceRefresh"), mismatch);
    let late = token(same, "").rule("client_token_ttl = \"100s\"");
    let (watched, _) = run(&late.text(), 0);
    let refused = [None, Some("InstanceRefreshInProgress")];
    assert_eq!(answers(&watched, "StartInstanceRefresh"), refused);
}

/// The operations whose columns the table of transitions has.
const OPERATIONS: [&str; 4] = [
    "SuspendInstanceRefresh",
    "ResumeInstanceRefresh",
    "CancelInstanceRefresh",
    "RollbackInstanceRefresh",
];

/// What each operation makes of a task of `group` at `seconds`, when it stands at `from`.
fn row(group: &Group, from: RefreshStatus, seconds: u32) -> [Option<RefreshStatus>; 4] {
    OPERATIONS.map(|operation| {
        let parameters = "group = \"g\"\nInstanceRefreshTaskId = \"roll\"";
        let group = group.clone().at(seconds, operation, parameters);
        let (watched, _) = run(&group.text(), 0);
        let at = f64::from(seconds);
        let before = watched.statuses.iter().rev().find(|(when, _)| *when < at);
        assert_eq!(before.map(|(_, status)| *status), Some(from), "{:?}", watched.statuses);
        let answer = watched
            .answers
            .iter()
            .find(|(when, name, _)| (*when - at).abs() < 1e-6 && *name == operation);
        let (_, _, code) = answer.expect("it was answered");
        if code.is_some() {
            assert_eq!(*code, Some("IncorrectInstanceRefreshTaskStatus"), "{from}: {operation}");
            return None;
        }
        let after = watched.statuses.iter().find(|(when, _)| (*when - at).abs() < 1e-6);
        Some(after.expect("it changed its status").1)
    })
}

#[test]
fn the_table_of_transitions_cell_by_cell() {
    use RefreshStatus::{
        Cancelled, Cancelling, CheckpointPause, Failed, InProgress, Paused, Pending,
        RollbackFailed, RollbackInProgress, RollbackSuccessful, Successful,
    };
    let of = || Group::of(10, ESS);
    let given = |seconds, what| of().at(seconds, what, "group = \"g\"");
    let stuck = || {
        let mut group = of().rule("no_progress_timeout = \"10min\"");
        group.servers = Some(1);
        group.vcpus = [6, 6];
        group
    };
    let none = [None; 4];
    let [suspended, resumed] = [Some(Paused), Some(InProgress)];
    let [cancelled, back] = [Some(Cancelling), Some(RollbackInProgress)];
    let delayed = of().rule("start_delay = \"10min\"");
    assert_eq!(row(&delayed, Pending, 60), [None, None, Some(Cancelled), None]);
    assert_eq!(row(&of(), InProgress, 100), [suspended, None, cancelled, back]);
    let paused = given(50, OPERATIONS[0]);
    assert_eq!(row(&paused, Paused, 100), [None, resumed, cancelled, back]);
    let at_checkpoint = of().checkpoints(&[20, 100], 30);
    assert_eq!(row(&at_checkpoint, CheckpointPause, 300), [suspended, resumed, cancelled, back]);
    assert_eq!(row(&given(50, OPERATIONS[2]), Cancelling, 100), none);
    assert_eq!(row(&given(400, OPERATIONS[3]), RollbackInProgress, 500), none);
    assert_eq!(row(&of(), Successful, 5000), none);
    assert_eq!(row(&given(50, OPERATIONS[2]), Cancelled, 5000), none);
    assert_eq!(row(&given(400, OPERATIONS[3]), RollbackSuccessful, 5000), none);
    assert_eq!(row(&stuck(), Failed, 5000), none);
    let stuck_back = of()
        .rule("no_progress_timeout = \"10min\"")
        .at(50, "SuspendProcesses", "group = \"g\"\nProcesses = [\"ScaleOut\"]")
        .at(100, OPERATIONS[3], "group = \"g\"");
    assert_eq!(row(&stuck_back, RollbackFailed, 5000), none);
}

#[test]
fn a_pause_ends_by_itself_unless_it_is_suspended() {
    let group = || Group::of(10, ESS).checkpoints(&[20, 100], 10);
    let (watched, _) = run(&group().text(), 0);
    let at = |watched: &Watched, status| {
        watched
            .statuses
            .iter()
            .filter(|(_, of)| *of == status)
            .map(|(at, _)| *at)
            .collect::<Vec<_>>()
    };
    assert_eq!(at(&watched, RefreshStatus::InProgress), [0.0, 840.0]);
    let suspended = group().at(300, OPERATIONS[0], "group = \"g\"");
    let (watched, _) = run(&suspended.text(), 0);
    assert_eq!(watched.status(), RefreshStatus::Paused, "the timer is dropped");
    let early = group().at(300, OPERATIONS[1], "group = \"g\"");
    let (watched, _) = run(&early.text(), 0);
    assert_eq!(at(&watched, RefreshStatus::InProgress), [0.0, 300.0]);
    assert_eq!(watched.checkpoints.len(), 2, "{:?}", watched.checkpoints);
}

#[test]
fn the_clock_of_a_paused_task_stands_still() {
    let paused = Group::of(10, ESS).at(100, OPERATIONS[0], "group = \"g\"").at(
        400_000,
        OPERATIONS[1],
        "group = \"g\"",
    );
    let (watched, _) = run(&paused.text(), 0);
    assert_eq!(watched.status(), RefreshStatus::Successful);
}

#[test]
fn tasks_that_are_not_there_are_not_found() {
    let unknown = "group = \"g\"\nInstanceRefreshTaskId = \"other\"";
    let group =
        Group::of(10, ESS).at(100, OPERATIONS[0], unknown).at(5000, OPERATIONS[2], "group = \"g\"");
    let (watched, _) = run(&group.text(), 0);
    let not_found = [Some("InvalidInstanceRefreshTaskId.NotFound")];
    assert_eq!(answers(&watched, OPERATIONS[0]), not_found);
    assert_eq!(answers(&watched, OPERATIONS[2]), not_found, "none is active");
}
