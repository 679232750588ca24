//! Scaling groups: how they grow, shrink, and look after their members.

use crate::{risks::STEADY, story::told};

/// Two servers in each of two zones, each with room for two instances, and a group of `size`.
fn fleet(rest: &str, group: &str) -> String {
    format!(
        r#"
[scenario]
name = "groups"
horizon = "12h"
[server_models.m]
vcpus = 8
memory = "32GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 4
zones = ["a", "b"]
[instance_types.cloud]
vcpus = 4
memory = "16GiB"
[configurations.web]
type = "cloud"
{rest}
{STEADY}
[[groups]]
name = "g"
configuration = "web"
min_size = 0
max_size = 9
attach = "7s"
detach = "20s"
warm_up = "60s"
{group}
"#
    )
}

fn script(at: &str, what: &str) -> String {
    format!("[[scripts]]\nat = \"{at}\"\ndo = {what}\n")
}

#[test]
fn a_group_follows_its_schedule() {
    let schedule =
        "desired = 1\nschedule = [{ at = \"1h\", desired = 2 }, { at = \"2h\", max_size = 1 }]";
    insta::assert_snapshot!(told(&fleet("", schedule)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; m0 comes, InService; g0 D=1 T=1 H=1 F=1; g0 D=1 T=1 H=1 F=1
    0d 01:00:00  g0 D=2 T=1 H=1 F=1; i1 is asked for; m1 comes, Pending; g0 D=2 T=2 H=1 F=2; i1 on s0; g0 scales for Ess: +1 -0 InProgress
    0d 01:00:03  i1 Pending -> Starting
    0d 01:00:43  i1 Starting -> Running; i1 owes; i1 served
    0d 01:00:50  m1 Pending -> InService; g0 D=2 T=2 H=1 F=2; g0 scales for Ess: +1 -0 Successful
    0d 01:01:50  g0 D=2 T=2 H=2 F=2
    0d 02:00:00  g0 D=1 T=2 H=2 F=2; m0 InService -> Removing; g0 D=1 T=1 H=1 F=2; i0 owes no more; g0 scales for Ess: +0 -1 InProgress
    0d 02:00:20  i0 Running -> Stopping
    0d 02:00:30  i0 Stopping -> Stopped; i0 off s0; i0 Stopped -> Released; m0 Removing -> Gone; g0 D=1 T=1 H=1 F=1; g0 scales for Ess: +0 -1 Successful
    ");
}

#[test]
fn who_is_in_a_reboot_for_maintenance_is_replaced_unless_the_check_is_patient() {
    let campaign = "[[campaigns]]\nname = \"c\"\nevent = \"SystemMaintenance.Reboot\"\n\
                    servers = { most = 1 }\nlive_migration = false\nstart = \"1h\"\nlead = \"1h\"\n\
                    moves_instances = false\n";
    insta::assert_snapshot!(told(&fleet(campaign, "desired = 1")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; m0 comes, InService; g0 D=1 T=1 H=1 F=1; g0 D=1 T=1 H=1 F=1
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 02:00:00
    0d 02:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance; g0 D=1 T=1 H=1 F=1
    0d 02:00:10  i0 Stopping -> Starting
    0d 02:00:30  m0 is Unhealthy; g0 D=1 T=1 H=0 F=1; m0 InService -> Removing; g0 D=1 T=0 H=0 F=1; i0 owes no more; i1 is asked for; m1 comes, Pending; g0 D=1 T=1 H=0 F=2; i1 on s0; g0 scales for Ess: +1 -1 InProgress
    0d 02:00:33  i1 Pending -> Starting
    0d 02:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 owes; i0 served; i0 owes no more; i0 Running -> Stopping; the campaign is done with s0; the campaign is complete
    0d 02:01:00  i0 Stopping -> Stopped; i0 off s0; i0 Stopped -> Released; m0 Removing -> Gone; g0 D=1 T=1 H=0 F=1
    0d 02:01:13  i1 Starting -> Running; i1 owes; i1 served
    0d 02:01:20  m1 Pending -> InService; g0 D=1 T=1 H=0 F=1; g0 scales for Ess: +1 -1 Successful
    0d 02:02:20  g0 D=1 T=1 H=1 F=1
    ");
    let patient = "desired = 1\nhealth_check_interval = \"51s\"";
    assert!(!told(&fleet(campaign, patient)).contains("Removing"));
}

#[test]
fn a_balanced_group_fills_the_zone_with_the_fewest() {
    let balanced = "desired = 3\nmulti_az_policy = \"BALANCE\"";
    let story = told(&fleet("", balanced));
    let placed = ["i0 on s0 by", "i1 on s2 by", "i2 on s0 by"];
    assert!(placed.iter().all(|place| story.contains(place)), "{story}");
    // By priority the first zone is full before anybody goes to the second.
    let story = told(&fleet("", "desired = 5"));
    let placed = ["i2 on s1 by", "i3 on s1 by", "i4 on s2 by"];
    assert!(placed.iter().all(|place| story.contains(place)), "{story}");
}

/// Two types, the first of which costs more for a vCPU.
const PRICED: &str = "[instance_types.dear]\nvcpus = 4\nmemory = \"8GiB\"\nprice = 0.5\n\
    [instance_types.cheap]\nvcpus = 2\nmemory = \"8GiB\"\nprice = 0.2\n\
    [configurations.two]\ntypes = [\"dear\", \"cheap\"]\n\
    [configurations.one]\ntypes = [\"dear\"]\n";

/// The types of the members of the first group that are there in the end, by their prices for a
/// vCPU (millionths), oldest first.
fn prices(text: &str) -> Vec<u64> {
    let scenario = fleetsim::scenario::Scenario::parse(
        "g.toml",
        text.as_bytes(),
        &[],
        &fleetsim::scenario::InMemory::default(),
    );
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let fleet = fleetsim::simulation::run(&scenario, 0, &mut ());
    let mut members: Vec<_> = fleet.members.present().map(|(_, row)| *row).collect();
    members.sort_by_key(|row| row.number);
    members.iter().map(|row| row.vcpu_price).collect()
}

#[test]
fn a_group_that_goes_by_price_launches_the_cheapest_and_removes_the_dearest() {
    let to = |at: &str, total: u32| {
        script(
            at,
            &format!(
                "\"ScaleWithAdjustment\"\ngroup = \"g\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = {total}"
            ),
        )
    };
    let group = |policy: &str| {
        let group = format!(
            "desired = 2\nmulti_az_policy = \"{policy}\"\n\
             members = [{{ count = 1 }}, {{ count = 1, configuration = \"one\" }}]"
        );
        fleet(PRICED, &group).replace("configuration = \"web\"", "configuration = \"two\"")
    };
    let (dear, cheap) = (125_000, 100_000);
    let optimized = group("COST_OPTIMIZED");
    assert_eq!(prices(&(optimized.clone() + &to("1h", 3))), [cheap, dear, cheap]);
    assert_eq!(prices(&(optimized + &to("1h", 3) + &to("2h", 2))), [cheap, cheap]);
    assert_eq!(prices(&(group("PRIORITY") + &to("1h", 3))), [dear; 3], "as they are listed");
    let composable = "COMPOSABLE\"\nallocation_strategy = \"lowestPrice";
    assert_eq!(prices(&(group(composable) + &to("1h", 3))), [cheap, dear, cheap]);
    assert_eq!(prices(&(group("COMPOSABLE") + &to("1h", 3))), [dear; 3]);
}

#[test]
fn a_group_that_must_be_balanced_does_not_fall_back() {
    // Zone a is full but for one: the third would have to go to it.
    let other =
        "[[workload.instances]]\nname = \"other\"\ntype = \"cloud\"\nzone = \"a\"\ncount = 3\n";
    let balanced =
        |mode: &str| fleet(other, &format!("desired = 3\nmulti_az_policy = \"BALANCE\"\n{mode}"));
    assert_eq!(prices(&balanced("")).len(), 3);
    assert_eq!(prices(&balanced("balance_mode = \"BalancedOnly\"")).len(), 3);
    let balanced = |mode: &str| balanced(mode).replace("desired = 3", "desired = 4");
    assert_eq!(prices(&balanced("")).len(), 4, "zone b takes the rest");
    assert_eq!(prices(&balanced("balance_mode = \"BalancedOnly\"")).len(), 3);
}

#[test]
fn an_operation_may_pass_hooks_by() {
    let hooks = "desired = 1\nhooks = [{ name = \"in\", lifecycle_transition = \"SCALE_OUT\" }, \
                 { name = \"out\", lifecycle_transition = \"SCALE_IN\" }]";
    let scale = |context: &str| {
        let scale = "\"ScaleWithAdjustment\"\ngroup = \"g\"\nAdjustmentType = \"TotalCapacity\"";
        script("1h", &format!("{scale}\nAdjustmentValue = 2\n{context}"))
    };
    let remove = |context: &str| {
        let remove = "\"RemoveInstances\"\ngroup = \"g\"\nInstanceIds = \"g#0\"";
        script("2h", &format!("{remove}\nDecreaseDesiredCapacity = false\n{context}"))
    };
    let held = told(&(fleet("", hooks) + &scale("") + &remove("")));
    assert!(held.contains("m1 Pending -> PendingWait"), "{held}");
    assert!(held.contains("m0 InService -> RemovingWait"), "{held}");
    let off = "LifecycleHookContext = { DisableLifecycleHook = true }";
    let free = told(&(fleet("", hooks) + &scale(off) + &remove(off)));
    assert!(free.contains("m1 Pending -> InService"), "{free}");
    assert!(free.contains("m0 InService -> Removing;"), "{free}");
    assert!(free.contains("m2 Pending -> PendingWait"), "only what the operation brings: {free}");
    let some =
        |name: &str| format!("LifecycleHookContext = {{ IgnoredLifecycleHookIds = [\"{name}\"] }}");
    let other = told(&(fleet("", hooks) + &scale(&some("out")) + &remove(&some("out"))));
    assert!(other.contains("m1 Pending -> PendingWait"), "{other}");
    assert!(other.contains("m0 InService -> Removing;"), "{other}");
    let unknown = told(&(fleet("", hooks) + &scale(&some("drain"))));
    assert!(unknown.contains("ScaleWithAdjustment refused: InvalidParameter"), "{unknown}");
}

#[test]
fn a_full_fleet_is_asked_again_until_there_is_room() {
    let text = fleet(
        "[[workload.instances]]\nname = \"other\"\ntype = \"cloud\"\ncount = 7\nlife = \"90s\"\n",
        "desired = 2\nlaunch_retry = \"60s\"",
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s1 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served; i3 is asked for; i3 on s1 by at-start; i3 Pending -> Starting; i3 Starting -> Running; i3 owes; i3 served; i4 is asked for; i4 on s2 by at-start; i4 Pending -> Starting; i4 Starting -> Running; i4 owes; i4 served; i5 is asked for; i5 on s2 by at-start; i5 Pending -> Starting; i5 Starting -> Running; i5 owes; i5 served; i6 is asked for; i6 on s3 by at-start; i6 Pending -> Starting; i6 Starting -> Running; i6 owes; i6 served; i7 is asked for; i7 on s3 by at-start; i7 Pending -> Starting; i7 Starting -> Running; i7 owes; i7 served; m0 comes, InService; g0 D=2 T=1 H=1 F=1; g0 cannot launch; g0 D=2 T=1 H=1 F=1; g0 cannot launch; g0 scales for Ess: +0 -0 Failed
    0d 00:01:00  g0 cannot launch; g0 scales for Ess: +0 -0 Failed
    0d 00:01:30  i0 owes no more; i0 off s0; i0 Running -> Released; i1 owes no more; i1 off s0; i1 Running -> Released; i2 owes no more; i2 off s1; i2 Running -> Released; i3 owes no more; i3 off s1; i3 Running -> Released; i4 owes no more; i4 off s2; i4 Running -> Released; i5 owes no more; i5 off s2; i5 Running -> Released; i6 owes no more; i6 off s3; i6 Running -> Released
    0d 00:02:00  i6 is asked for; m1 comes, Pending; g0 D=2 T=2 H=1 F=2; i6 on s0; g0 scales for Ess: +1 -0 InProgress
    0d 00:02:03  i6 Pending -> Starting
    0d 00:02:43  i6 Starting -> Running; i6 owes; i6 served
    0d 00:02:50  m1 Pending -> InService; g0 D=2 T=2 H=1 F=2; g0 scales for Ess: +1 -0 Successful
    0d 00:03:50  g0 D=2 T=2 H=2 F=2
    ");
}

#[test]
fn an_economical_group_keeps_a_member_and_its_owner_does_not_start_it() {
    let text = fleet(
        "[policies.customers.default]\nrestart_after = \"1min\"\n",
        "desired = 1\nscaling_policy = \"recycle\"",
    );
    let down = "\"ScaleWithAdjustment\"\nScalingGroupId = \"g\"\nAdjustmentType = \"TotalCapacity\"\nAdjustmentValue = 0";
    let up = down.replace("Value = 0", "Value = 1");
    let text = text + &script("1h", down) + &script("2h", &up);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; m0 comes, InService; g0 D=1 T=1 H=1 F=1; g0 D=1 T=1 H=1 F=1
    0d 01:00:00  ScaleWithAdjustment; g0 D=0 T=1 H=1 F=1; m0 InService -> Removing; g0 D=0 T=0 H=0 F=1; i0 owes no more; g0 scales for Api: +0 -1 InProgress
    0d 01:00:20  i0 Running -> Stopping
    0d 01:00:30  i0 Stopping -> Stopped; i0 off s0; m0 Removing -> Stopped; g0 D=0 T=1 H=0 F=1; g0 scales for Api: +0 -1 Successful
    0d 02:00:00  ScaleWithAdjustment; g0 D=1 T=1 H=0 F=1; m0 Stopped -> Pending; g0 D=1 T=1 H=0 F=1; i0 on s0 by restart; i0 owes; i0 down by customer-action; i0 Stopped -> Starting; g0 scales for Api: +1 -0 InProgress
    0d 02:00:40  i0 Starting -> Running; i0 served
    0d 02:00:47  m0 Pending -> InService; g0 D=1 T=1 H=0 F=1; g0 scales for Api: +1 -0 Successful
    0d 02:01:47  g0 D=1 T=1 H=1 F=1
    ");
}

#[test]
fn operations_on_members_are_refused_as_documented() {
    let member = |at: &str, operation: &str, more: &str| {
        let what = format!("\"{operation}\"\nScalingGroupId = \"g\"\nInstanceId = \"g#0\"\n{more}");
        script(at, &what)
    };
    let text =
        fleet("", "desired = 2\nhooks = [{ name = \"h\", lifecycle_transition = \"SCALE_IN\" }]")
            + &member("1h", "ExitStandby", "")
            + &member("2h", "EnterStandby", "")
            + &member("3h", "SetInstanceHealth", "HealthStatus = \"Unhealthy\"")
            + &member("4h", "CompleteLifecycleAction", "")
            + &member("5h", "RemoveInstances", "")
            + &member("5h", "ExitStandby", "")
            + &member("5h5min", "RecordLifecycleActionHeartbeat", "heartbeatTimeout = 900")
            + &member("5h19min", "CompleteLifecycleAction", "LifecycleActionResult = \"ROLLBACK\"");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; m0 comes, InService; g0 D=2 T=1 H=1 F=1; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; m1 comes, InService; g0 D=2 T=2 H=2 F=2; g0 D=2 T=2 H=2 F=2
    0d 01:00:00  ExitStandby of i0 refused: IncorrectLifecycleState
    0d 02:00:00  EnterStandby of i0; m0 InService -> Standby; g0 D=2 T=2 H=1 F=2
    0d 03:00:00  SetInstanceHealth of i0 refused: IncorrectLifecycleState
    0d 04:00:00  CompleteLifecycleAction of i0 refused: InvalidLifecycleActionToken.NotFound
    0d 05:00:00  RemoveInstances of i0; g0 D=1 T=2 H=1 F=2; m0 Standby -> RemovingWait; g0 D=1 T=1 H=1 F=2; ExitStandby of i0 refused: IncorrectLifecycleState; g0 scales for Api: +0 -1 InProgress
    0d 05:05:00  RecordLifecycleActionHeartbeat of i0
    0d 05:19:00  CompleteLifecycleAction of i0; m0 RemovingWait -> InService; g0 D=2 T=2 H=2 F=2; g0 scales for Api: +0 -0 Failed
    ");
}
