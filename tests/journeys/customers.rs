//! Owners answer events: at once, later, just before, in their window, not at all; and again.

use crate::{checked, story::told};
use fleetsim::{
    fleet::{Fleet, ids::Instance, system_events::Plan},
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    messages::fact::Fact,
    observe::Observer,
};

/// `servers` servers with an instance on the first; a campaign tells it `event`, 68 h 42 min 35 s
/// ahead; its owner is of this kind.
fn planned(event: &str, servers: u32, action: &str, owner: &str) -> String {
    format!(
        r#"
[scenario]
name = "story"
start = "2019-04-09T00:00:00Z"
horizon = "4d"
[server_models.m]
vcpus = 4
memory = "16GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = {servers}
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
action_on_maintenance = "{action}"
[[workload.instances]]
name = "web"
type = "t"
count = 1
[[campaigns]]
name = "patch"
event = "{event}"
start = "2019-04-09T04:18:26Z"
lead = "68h42min35s"
live_migration = false
servers = {{ most = 1 }}
[policies.customers.default]
{owner}
[settings]
instance = {{ pending = "3s", starting = "30s", stopping = "11s" }}
redeploy = {{ switch = "60s", fail_p = 0 }}
event = {{ cancel_p = 0 }}
window = {{ align = false }}
guest = {{ crash_rate = "never" }}
"#
    )
}

fn restarts(owner: &str) -> String {
    told(&planned("SystemMaintenance.Reboot", 2, "AutoRecover", owner))
}

/// T1: published at 04:18:26, restarted by its owner at 08:00:20 of the next day, Avoided at
/// 08:01:01.
#[test]
fn the_owner_restarts_it_in_time() {
    let owner = "scheduled_event = \"reboot\"\nscheduled_when = { after = \"27h41min54s\" }";
    insta::assert_snapshot!(restarts(owner), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 04:18:26  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 3d 01:01:01; the owner plans Reboot for e0 at 1d 08:00:20
    1d 08:00:20  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    1d 08:00:31  i0 off s0; i0 on s1 by reboot-move; i0 Stopping -> Starting
    1d 08:01:01  i0 Starting -> Running; e0 Scheduled -> Avoided; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

#[test]
fn the_owner_waits() {
    insta::assert_snapshot!(restarts(""), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 04:18:26  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 3d 01:01:01
    3d 01:01:01  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    3d 01:01:12  i0 off s0; i0 on s1 by reboot-move; i0 Stopping -> Starting
    3d 01:01:42  i0 Starting -> Running; e0 Executing -> Executed; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

#[test]
fn the_owner_restarts_it_just_before() {
    let owner = "scheduled_event = \"reboot\"\nscheduled_when = { before = \"2h\" }";
    insta::assert_snapshot!(restarts(owner), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 04:18:26  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 3d 01:01:01; the owner plans Reboot for e0 at 2d 23:01:01
    2d 23:01:01  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    2d 23:01:12  i0 off s0; i0 on s1 by reboot-move; i0 Stopping -> Starting
    2d 23:01:42  i0 Starting -> Running; e0 Scheduled -> Avoided; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

/// 22 o'clock in UTC+8 is 14:00 in UTC.
#[test]
fn the_owner_restarts_it_in_its_window() {
    let owner = "scheduled_event = \"reboot\"\nscheduled_when = \"in-window\"\n\
                 maintenance_window = { from = 22, hours = 4 }";
    insta::assert_snapshot!(restarts(owner), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 04:18:26  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 3d 01:01:01; the owner plans Reboot for e0 at 0d 14:00:00
    0d 14:00:00  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 14:00:11  i0 off s0; i0 on s1 by reboot-move; i0 Stopping -> Starting
    0d 14:00:41  i0 Starting -> Running; e0 Scheduled -> Avoided; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

#[test]
fn the_owner_has_it_redeployed_at_once() {
    insta::assert_snapshot!(restarts("scheduled_event = \"redeploy\""), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 04:18:26  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 3d 01:01:01; the owner plans Redeploy for e0 at 0d 04:18:26; RedeployInstance of i0; redeploy of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 04:18:38  i0 reserves s1
    0d 04:19:38  i0 Stopping -> Starting
    0d 04:20:08  i0 reserves s1 no more; i0 off s0; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e0 Scheduled -> Avoided; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

/// The first command comes while the instance is restarting for another reason: it is refused, and
/// given again as the owner's `retry` says.
#[test]
fn a_refused_owner_tries_again() {
    let owner = "scheduled_event = \"redeploy\"\nretry = { after = \"7min\", times = 2 }";
    let mut text = planned("SystemMaintenance.Redeploy", 2, "AutoRecover", owner);
    text.push_str(
        "[[scripts]]\nat = \"2019-04-09T04:18:10Z\"\ndo = \"RebootInstance\"\nInstanceId = \"web[0]\"\n",
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 04:18:10  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 04:18:21  i0 Stopping -> Starting
    0d 04:18:26  the campaign takes up s0; e0 SystemMaintenance.Redeploy of i0 Scheduled for 3d 01:01:01; the owner plans Redeploy for e0 at 0d 04:18:26; RedeployInstance of i0 refused: IncorrectInstanceStatus; the owner plans Redeploy for e0 at 0d 04:25:26
    0d 04:18:51  i0 Starting -> Running; i0 served
    0d 04:25:26  RedeployInstance of i0; redeploy of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 04:25:38  i0 reserves s1
    0d 04:26:38  i0 Stopping -> Starting
    0d 04:27:08  i0 reserves s1 no more; i0 off s0; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e0 Scheduled -> Avoided; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

/// There is no other server: each redeployment fails, the event stays as it is, and the owner gives
/// up after so many.
#[test]
fn an_owner_whose_command_is_of_no_use_gives_up() {
    let owner = "scheduled_event = \"redeploy\"\nretry = { after = \"1h\", times = 1 }";
    let text = planned("SystemMaintenance.Reboot", 1, "AutoRecover", owner);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 04:18:26  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 3d 01:01:01; the owner plans Redeploy for e0 at 0d 04:18:26; RedeployInstance of i0; redeploy of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 04:18:38  i0 finds no room for its redeploy; i0 Stopping -> Starting
    0d 04:19:08  i0 Starting -> Running; redeploy of i0 Failed; i0 served; the owner plans Redeploy for e0 at 0d 05:19:08
    0d 05:19:08  RedeployInstance of i0; redeploy of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 05:19:20  i0 finds no room for its redeploy; i0 Stopping -> Starting
    0d 05:19:50  i0 Starting -> Running; redeploy of i0 Failed; i0 served
    3d 01:01:01  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    3d 01:01:12  i0 Stopping -> Starting
    3d 01:01:42  i0 Starting -> Running; e0 Executing -> Executed; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

/// A restart that does not help is tried again twelve hours later at the soonest (spec 2.6).
#[test]
fn a_restart_that_does_not_help_is_not_tried_again_soon() {
    let owner = "scheduled_event = \"reboot\"\nretry = { after = \"1h\", times = 1 }";
    let text = planned("SystemMaintenance.Reboot", 1, "AutoRecover", owner);
    let text = text.replace("cancel_p = 0", "cancel_p = 0, reboot_mitigates_p = 0");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 04:18:26  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 3d 01:01:01; the owner plans Reboot for e0 at 0d 04:18:26; RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 04:18:37  i0 Stopping -> Starting
    0d 04:19:07  i0 Starting -> Running; i0 served; the owner plans Reboot for e0 at 0d 16:19:07
    0d 16:19:07  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 16:19:18  i0 Stopping -> Starting
    0d 16:19:48  i0 Starting -> Running; i0 served
    3d 01:01:01  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    3d 01:01:12  i0 Stopping -> Starting
    3d 01:01:42  i0 Starting -> Running; e0 Executing -> Executed; i0 served; the campaign is done with s0; the campaign is complete
    ");
}

/// S15: stopped by its owner, who starts it again after a time.
#[test]
fn the_owner_stops_it_before_the_system_does() {
    let owner = "scheduled_event = \"stop\"\nscheduled_when = { before = \"10min\" }\n\
                 force_stop = true\nrestart_after = \"20min\"";
    let text = planned("SystemMaintenance.Stop", 2, "Stop", owner);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 04:18:26  the campaign takes up s0; e0 SystemMaintenance.Stop of i0 Scheduled for 3d 01:01:01; the owner plans Stop for e0 at 3d 00:51:01
    3d 00:51:01  StopInstance of i0; i0 Running -> Stopping; i0 down by customer-action; i0 loses what it had not written
    3d 00:51:02  i0 Stopping -> Stopped; e0 Scheduled -> Avoided; the campaign is done with s0; the campaign is complete
    3d 01:11:02  StartInstance of i0; i0 Stopped -> Starting
    3d 01:11:32  i0 Starting -> Running; i0 served
    ");
}

/// An instance with two local disks, of which one is damaged after an hour.
fn damaged(family: &str, owner: &str) -> String {
    told(&format!(
        r#"
[scenario]
name = "story"
horizon = "30h"
[server_models.m]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 2, size = "1TB", failure = "never" }}
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 2
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
local_disks = 2
family = "{family}"
[[workload.instances]]
name = "store"
type = "t"
count = 1
[[events]]
at = "1h"
type = "ErrorDetected"
instance = "store[0]"
[policies.customers.default]
{owner}
[settings]
instance = {{ pending = "3s", starting = "30s", stopping = "11s" }}
redeploy = {{ switch = "60s", fail_p = 0 }}
disk = {{ online_isolation_p = 0, replace = "20h" }}
guest = {{ crash_rate = "never" }}
"#
    ))
}

/// T4: two acceptances, two restarts, and the disk is back, empty.
#[test]
fn the_owner_accepts_what_its_disk_needs_and_restarts() {
    let owner = "disk_error = \"accept\"\nanswer_after = \"2h\"\nreboot_after = \"30min\"";
    insta::assert_snapshot!(damaged("d2", owner), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  d0 Healthy -> Damaged; i0 loses 1000000000000 B; e0 ErrorDetected of i0 Executing; e1 SystemMaintenance.RebootAndIsolateErrorDisk of i0 Inquiring; the owner plans Accept for e1 at 0d 03:00:00
    0d 03:00:00  AcceptInquiredSystemEvent of i0; e1 Inquiring -> Executing; d0 Damaged -> IsolationAuthorized; the owner plans Reboot for e1 at 0d 03:30:00
    0d 03:30:00  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 03:30:11  i0 Stopping -> Starting
    0d 03:30:41  i0 Starting -> Running; d0 IsolationAuthorized -> Isolated; e1 Executing -> Executed; i0 served
    0d 23:30:41  d0 Isolated -> Replaced; e1 SystemMaintenance.RebootAndReInitErrorDisk of i0 Inquiring; the owner plans Accept for e1 at 1d 01:30:41
    1d 01:30:41  AcceptInquiredSystemEvent of i0; e1 Inquiring -> Executing; d0 Replaced -> ReInitAuthorized; the owner plans Reboot for e1 at 1d 02:00:41
    1d 02:00:41  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    1d 02:00:52  i0 Stopping -> Starting
    1d 02:01:22  i0 Starting -> Running; d0 ReInitAuthorized -> Healthy; e1 Executing -> Executed; e0 Executing -> Executed; i0 served
    ");
}

/// T5: redeployed in the gap.
#[test]
fn the_owner_leaves_once_the_disk_is_isolated() {
    let owner = "disk_error = \"accept\"\nanswer_after = \"2h\"\nreboot_after = \"30min\"\n\
                 isolated = \"redeploy\"\nisolated_after = \"5h\"";
    insta::assert_snapshot!(damaged("d2", owner), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  d0 Healthy -> Damaged; i0 loses 1000000000000 B; e0 ErrorDetected of i0 Executing; e1 SystemMaintenance.RebootAndIsolateErrorDisk of i0 Inquiring; the owner plans Accept for e1 at 0d 03:00:00
    0d 03:00:00  AcceptInquiredSystemEvent of i0; e1 Inquiring -> Executing; d0 Damaged -> IsolationAuthorized; the owner plans Reboot for e1 at 0d 03:30:00
    0d 03:30:00  RebootInstance of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 03:30:11  i0 Stopping -> Starting
    0d 03:30:41  i0 Starting -> Running; d0 IsolationAuthorized -> Isolated; e1 Executing -> Executed; i0 served; the owner plans Redeploy for e0 at 0d 08:30:41
    0d 08:30:41  RedeployInstance of i0; redeploy of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 08:30:53  i0 reserves s1
    0d 08:31:53  i0 Stopping -> Starting
    0d 08:32:23  i0 loses 1000000000000 B; i0 reserves s1 no more; i0 off s0; d0 Isolated -> Damaged; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e0 Executing -> Executed; i0 served
    1d 04:32:23  d0 Damaged -> Healthy
    ");
}

#[test]
fn the_owner_leaves_when_the_disk_is_damaged() {
    insta::assert_snapshot!(damaged("d2", "disk_error = \"redeploy\""), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  d0 Healthy -> Damaged; i0 loses 1000000000000 B; e0 ErrorDetected of i0 Executing; e1 SystemMaintenance.RebootAndIsolateErrorDisk of i0 Inquiring; the owner plans Redeploy for e1 at 0d 02:00:00
    0d 02:00:00  RedeployInstance of i0; redeploy of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 02:00:12  i0 reserves s1
    0d 02:01:12  i0 Stopping -> Starting
    0d 02:01:42  i0 loses 1000000000000 B; i0 reserves s1 no more; i0 off s0; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e1 Inquiring -> Avoided; e0 Executing -> Executed; i0 served
    0d 22:01:42  d0 Damaged -> Healthy
    ");
}

#[test]
fn the_owner_of_a_family_without_isolation_leaves_too() {
    insta::assert_snapshot!(damaged("i1", "disk_error = \"redeploy\""), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  d0 Healthy -> Damaged; i0 loses 1000000000000 B; e0 ErrorDetected of i0 Executing; the owner plans Redeploy for e0 at 0d 02:00:00
    0d 02:00:00  RedeployInstance of i0; redeploy of i0; i0 Running -> Stopping; i0 down by customer-action
    0d 02:00:12  i0 reserves s1
    0d 02:01:12  i0 Stopping -> Starting
    0d 02:01:42  i0 loses 1000000000000 B; i0 reserves s1 no more; i0 off s0; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e0 Executing -> Executed; i0 served
    0d 22:01:42  d0 Damaged -> Healthy
    ");
}

/// Reads which plan each instance's owner made first, and when.
#[derive(Default)]
struct Plans {
    made: Vec<(Id<Instance>, Plan, Instant)>,
}

impl Observer for Plans {
    fn see(&mut self, _now: Instant, fact: &Fact, _fleet: &Fleet) {
        if let Fact::OwnerPlans { instance, plan, at, .. } = *fact
            && self.made.iter().all(|(of, _, _)| *of != instance)
        {
            self.made.push((instance, plan, at));
        }
    }
}

/// 800 instances whose owners are told of a restart.
fn many(owners: &str) -> Plans {
    let text = format!(
        r#"
[scenario]
name = "many"
horizon = "1h"
seed = 5
[server_models.m]
vcpus = 400
memory = "400GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 2
zones = ["z"]
[instance_types.t]
vcpus = 1
memory = "1GiB"
[[workload.instances]]
type = "t"
count = 800
[[campaigns]]
name = "patch"
event = "SystemMaintenance.Reboot"
start = "10min"
live_migration = false
{owners}
[settings]
guest = {{ crash_rate = "never" }}
"#
    );
    let mut plans = Plans::default();
    checked::run(&checked::scenario(&text), 0, &mut plans);
    plans
}

/// Pearson's chi-square with two degrees of freedom stays below 13.82 with probability 0.999.
#[test]
fn the_kinds_of_a_mix_have_their_shares() {
    let plans = many(
        r#"
[policies.customers.default]
mix = { waiting = 1, restarting = 2, leaving = 1 }
[policies.customers.waiting]
[policies.customers.restarting]
scheduled_event = "reboot"
scheduled_when = { after = "10d" }
[policies.customers.leaving]
scheduled_event = "redeploy"
scheduled_when = { after = "10d" }
"#,
    );
    let of = |plan| plans.made.iter().filter(|(_, made, _)| *made == plan).count();
    let (reboot, redeploy) = (of(Plan::Reboot), of(Plan::Redeploy));
    assert_eq!(reboot + redeploy, plans.made.len());
    let found = [800 - plans.made.len(), reboot, redeploy];
    let chi_square: f64 = found
        .into_iter()
        .zip([200.0, 400.0, 200.0])
        .map(|(found, expected)| (found as f64 - expected) * (found as f64 - expected) / expected)
        .sum();
    assert!(chi_square < 13.82, "{found:?} are not 1 to 2 to 1: {chi_square}");
}

/// Whatever an owner does about an event, it does it after the same time under the same law.
#[test]
fn two_policies_meet_the_same_delays() {
    let with = |answer: &str| {
        many(&format!(
            "[policies.customers.default]\nscheduled_event = \"{answer}\"\n\
             scheduled_when = {{ after = \"2d..9d\" }}\n"
        ))
    };
    let (reboot, redeploy) = (with("reboot").made, with("redeploy").made);
    assert_eq!(reboot.len(), 800);
    let times = |made: &[(Id<Instance>, Plan, Instant)]| -> Vec<(usize, Instant)> {
        let mut times: Vec<_> = made.iter().map(|(of, _, at)| (of.index(), *at)).collect();
        times.sort_unstable();
        times
    };
    assert_eq!(times(&reboot), times(&redeploy));
    let first = times(&reboot)[0].1;
    assert!(first > Instant::ZERO + Span::from_seconds(2 * 86_400));
}
