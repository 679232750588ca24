//! Campaigns: which servers are under way, and when.

use crate::{risks::STEADY, story::told};
use std::fmt::Write;

/// Six servers in three racks of two zones, each with one instance of the group `g`.
fn fleet(rest: &str, campaign: &str) -> String {
    format!(
        r#"
[scenario]
name = "campaigns"
horizon = "40h"
[server_models.m]
vcpus = 4
memory = "16GiB"
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 4
zones = ["a"]
racks_per_zone = 2
[[servers]]
model = "m"
count = 2
zones = ["b"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
[[workload.instances]]
type = "t"
count = 6
{rest}
[[campaigns]]
name = "c"
event = "SystemMaintenance.Reboot"
start = "1h"
lead = "2h"
live_migration = false
moves_instances = false
{campaign}
{STEADY}
"#
    )
}

/// What the campaign does, without the rest of the story.
fn course(rest: &str, campaign: &str) -> String {
    let mut course = String::new();
    for line in told(&fleet(rest, campaign)).lines() {
        let (now, facts) = line.split_once("  ").expect("a line has an instant");
        let of_campaign = |fact: &&str| fact.starts_with("the campaign") || fact.contains("Failed");
        let facts: Vec<_> = facts.split("; ").filter(of_campaign).collect();
        if !facts.is_empty() {
            let facts = facts.join("; ").replace("the campaign ", "");
            writeln!(course, "{now}  {facts}").expect("a string takes any text");
        }
    }
    course
}

#[test]
fn without_limits_all_are_taken_up_at_once() {
    insta::assert_snapshot!(course("", ""), @r"
    0d 01:00:00  takes up s0; takes up s1; takes up s2; takes up s3; takes up s4; takes up s5
    0d 03:00:50  is done with s0; is done with s1; is done with s2; is done with s3; is done with s4; is done with s5; is complete
    ");
}

#[test]
fn two_at_a_time() {
    insta::assert_snapshot!(course("", "at_once = { servers = 2 }"), @r"
    0d 01:00:00  takes up s0; takes up s1
    0d 03:00:50  is done with s0; is done with s1; takes up s2; takes up s3
    0d 05:01:40  is done with s2; is done with s3; takes up s4; takes up s5
    0d 07:02:30  is done with s4; is done with s5; is complete
    ");
}

#[test]
fn one_in_a_rack() {
    insta::assert_snapshot!(course("", "at_once = { per_rack = 1 }"), @r"
    0d 01:00:00  takes up s0; takes up s2; takes up s4
    0d 03:00:50  is done with s0; is done with s2; is done with s4; takes up s1; takes up s3; takes up s5
    0d 05:01:40  is done with s1; is done with s3; is done with s5; is complete
    ");
}

#[test]
fn one_in_a_zone() {
    insta::assert_snapshot!(course("", "at_once = { per_zone = 1 }\norder = \"spread\""), @r"
    0d 01:00:00  takes up s0; takes up s4
    0d 03:00:50  is done with s0; is done with s4; takes up s2; takes up s5
    0d 05:01:40  is done with s2; is done with s5; takes up s1
    0d 07:02:30  is done with s1; takes up s3
    0d 09:03:20  is done with s3; is complete
    ");
}

#[test]
fn one_of_a_group() {
    let group = "group = \"g\"\n";
    insta::assert_snapshot!(course(group, "at_once = { per_group = 1 }"), @r"
    0d 01:00:00  takes up s0
    0d 03:00:50  is done with s0; takes up s1
    0d 05:01:40  is done with s1; takes up s2
    0d 07:02:30  is done with s2; takes up s3
    0d 09:03:20  is done with s3; takes up s4
    0d 11:04:10  is done with s4; takes up s5
    0d 13:05:00  is done with s5; is complete
    ");
}

#[test]
fn a_pace_and_a_window() {
    let slow = "rate = \"0.5/h\"\nwindow = { from = 2, hours = 4 }";
    insta::assert_snapshot!(course("", slow), @r"
    0d 02:00:00  takes up s0
    0d 04:00:00  takes up s1
    0d 04:00:50  is done with s0
    0d 06:00:50  is done with s1
    1d 02:00:00  takes up s2
    1d 04:00:00  takes up s3
    1d 04:00:50  is done with s2
    1d 06:00:50  is done with s3
    ");
}

#[test]
fn some_servers_in_an_order() {
    let some = "servers = { zones = [\"a\"], most = 3 }\norder = \"random\"";
    insta::assert_snapshot!(course("", some), @r"
    0d 01:00:00  takes up s3; takes up s2; takes up s0
    0d 03:00:50  is done with s0; is done with s2; is done with s3; is complete
    ");
}

#[test]
fn the_stop_rule_ends_it() {
    let text = fleet("", "at_once = { servers = 1 }\nstop_after_failures = 2");
    let text = text
        .replace("starting = \"40s\"", "starting = \"15min\"")
        .replace("cancel_p = 0", "cancel_p = 0, republish_delay = \"20min\"");
    let story = told(&text);
    let course: Vec<_> =
        story.lines().filter(|line| line.contains("campaign") || line.contains("Failed")).collect();
    insta::assert_snapshot!(course.join("\n"), @r"
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 03:00:00
    0d 03:10:00  e0 Executing -> Failed; the campaign is done with s0; the campaign takes up s1; e0 SystemMaintenance.Reboot of i1 Scheduled for 0d 05:10:00
    0d 05:20:00  e0 Executing -> Failed; the campaign is done with s1; the campaign is stopped
    ");
}

#[test]
fn no_more_servers_than_the_operator_works_on() {
    let settings = "[settings]\nmaint = { max_concurrent_hosts = 4 }";
    let text = fleet("", "").replace("[settings]", settings);
    let story = told(&text);
    let course: Vec<_> = story.lines().filter(|line| line.contains("campaign")).collect();
    insta::assert_snapshot!(course.join("\n"), @r"
    0d 01:00:00  the campaign takes up s0; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 03:00:00; the campaign takes up s1; e1 SystemMaintenance.Reboot of i1 Scheduled for 0d 03:00:00; the campaign takes up s2; e2 SystemMaintenance.Reboot of i2 Scheduled for 0d 03:00:00; the campaign takes up s3; e3 SystemMaintenance.Reboot of i3 Scheduled for 0d 03:00:00
    0d 03:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served; i2 Starting -> Running; e2 Executing -> Executed; i2 served; i3 Starting -> Running; e3 Executing -> Executed; i3 served; the campaign is done with s0; the campaign is done with s1; the campaign is done with s2; the campaign is done with s3; the campaign takes up s4; e3 SystemMaintenance.Reboot of i4 Scheduled for 0d 05:00:50; the campaign takes up s5; e2 SystemMaintenance.Reboot of i5 Scheduled for 0d 05:00:50
    0d 05:01:40  i4 Starting -> Running; e3 Executing -> Executed; i4 served; i5 Starting -> Running; e2 Executing -> Executed; i5 served; the campaign is done with s4; the campaign is done with s5; the campaign is complete
    ");
}

#[test]
fn empty_servers_are_done_at_once() {
    let text = fleet("", "servers = { zones = [\"b\"] }").replace("count = 6", "count = 4");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s1 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s2 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served; i3 is asked for; i3 on s3 by at-start; i3 Pending -> Starting; i3 Starting -> Running; i3 owes; i3 served
    0d 01:00:00  the campaign takes up s4; the campaign is done with s4; the campaign takes up s5; the campaign is done with s5; the campaign is complete
    ");
}
