//! Stories as `trace` tells them: of an event, an instance, a disk, a server; and what queries of the
//! scenario answer.

use crate::{checked, risks::STEADY};
use fleetsim::{
    observe::story::{Detail, Story, Subject},
    report::{About, story::human},
};

/// A planned restart of a server with one instance, which nobody answers.
fn restart() -> String {
    format!(
        r#"
[scenario]
name = "traced"
horizon = "60h"
[server_models.m]
vcpus = 4
memory = "16GiB"
local_disks = {{ count = 1, size = "1000GiB" }}
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 2
zones = ["z"]
[instance_types.t]
vcpus = 4
memory = "16GiB"
local_disks = 1
[[workload.instances]]
type = "t"
count = 1
[policies.customers.default]
restart_after = "never"
[[campaigns]]
name = "firmware"
event = "SystemMaintenance.Reboot"
servers = {{ most = 1 }}
live_migration = false
start = "1h"
{STEADY}
"#
    )
}

/// The story of `subject`, without the lines on the scenario (a first line without indent keeps the
/// indents of the others in a snapshot).
fn traced(text: &str, subject: Subject) -> String {
    let scenario = checked::scenario(text);
    let mut story = Story::new(&scenario, 0, subject, (scenario.begin, scenario.end));
    checked::run(&scenario, 0, &mut story);
    let told = human(&About::new(&scenario, 1), 0, "a story", &story.entries);
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    let (_, told) = told.split_once("run 0, ").expect("the story stands below its head");
    told.to_owned()
}

#[test]
fn an_event_is_told_with_what_its_instance_does() {
    insta::assert_snapshot!(traced(&restart(), Subject::Event(0)), @r#"
    a story

          0d 01:00:00              event 0 (SystemMaintenance.Reboot) of start-0,
                                   Instance restart due to system maintenance, is
                                   published Scheduled, to run at 1d 01:00:00:
                                   campaign firmware works on z-r1-0
          1d 01:00:00         +1d  event 0 (SystemMaintenance.Reboot) Scheduled ->
                                   Executing after 1d
                                   start-0 Running -> Stopping after 1d 1h
                                   start-0 is down: maintenance
          1d 01:00:10        +10s  start-0 Stopping -> Starting after 10s
          1d 01:00:50        +40s  start-0 Starting -> Running after 40s
                                   event 0 (SystemMaintenance.Reboot) Executing ->
                                   Executed after 50s
                                   start-0 is served again, after 50s down
    "#);
}

#[test]
fn a_server_is_told_with_its_campaign() {
    let scenario = checked::scenario(&restart());
    let server = scenario.layout.servers.ids().iter().next().expect("there are two");
    insta::assert_snapshot!(traced(&restart(), Subject::Server(server)), @r"
        a story

              0d 00:00:00              start-0 takes room on z-r1-0 (at-start)
              0d 01:00:00         +1h  campaign firmware takes up server z-r1-0
                                       event 0 (SystemMaintenance.Reboot) of start-0,
                                       Instance restart due to system maintenance, is
                                       published Scheduled, to run at 1d 01:00:00:
                                       campaign firmware works on z-r1-0
              1d 01:00:00         +1d  event 0 (SystemMaintenance.Reboot) Scheduled ->
                                       Executing after 1d
              1d 01:00:50        +50s  event 0 (SystemMaintenance.Reboot) Executing ->
                                       Executed after 50s
                                       campaign firmware is done with server z-r1-0
        ");
}

#[test]
fn an_instance_is_told_from_birth() {
    let all = traced(&restart(), Subject::Run);
    let own = traced(&restart(), Subject::Instance("start-0".to_owned()));
    assert!(own.lines().count() < all.lines().count(), "the campaign's end is nobody's");
    for line in own.lines() {
        let words = line.trim_start();
        assert!(all.contains(words), "all of it is in the whole: {words}");
    }
    assert_eq!(traced(&restart(), Subject::Instance("start-1".to_owned())), "a story\n\nnothing\n");
}

/// What a query answers where a disk of a family that is isolated only has broken: its device, the
/// policy, and pages.
#[test]
fn a_query_tells_the_device_and_the_policy_page_by_page() {
    let event = |at: &str, disk: u32| {
        format!(
            "[[events]]\nat = \"{at}\"\ntype = \"RebootAndIsolateErrorDisk\"\n\
             instance = \"web[0]\"\ndisk = {disk}\n"
        )
    };
    let event = |at, disk| event(at, disk).replace("\"Reboot", "\"SystemMaintenance.Reboot");
    let query = "[[scripts]]\ndo = \"DescribeInstanceHistoryEvents\"\n\
                 EventCycleStatus = \"Inquiring\"\n";
    let text = restart()
        .replace("count = 1, size", "count = 2, size")
        .replace("local_disks = 1", "local_disks = 2\ndisk_flow = \"isolate-only\"")
        .replace("[[workload.instances]]", "[[workload.instances]]\nname = \"web\"")
        + &event("2h", 1)
        + &event("3h", 0)
        + query
        + "at = \"4h\"\nMaxResults = 10\n"
        + query
        + "at = \"4h\"\nEventPublishTime = { Start = \"150min\", End = \"4h\" }\n"
        + query
        + "at = \"4h\"\nNextToken = \"1\"\n"
        + query
        + "at = \"4h\"\nNotBefore.Start = \"0s\"\n";
    let scenario = checked::scenario(&text);
    let window = (scenario.begin, scenario.end);
    let mut story = Story::new(&scenario, 0, Subject::Run, window);
    checked::run(&scenario, 0, &mut story);
    let mut answers = String::new();
    for entry in &story.entries {
        for (key, detail) in &entry.details {
            if let ("answer", Detail::Json(json)) = (*key, detail) {
                let answer: serde_json::Value = serde_json::from_str(json).unwrap();
                let events = answer["InstanceSystemEventSet"]["InstanceSystemEventType"].as_array();
                let told = |event: &serde_json::Value| {
                    let more = &event["ExtendedAttribute"];
                    let kind = event["EventType"]["Name"].as_str().unwrap();
                    format!("{kind} {} {}", more["Device"], more["OnlineRepairPolicy"])
                };
                let told: Vec<String> = events.unwrap().iter().map(told).collect();
                answers += &format!("{} of {}\n", told.join(", "), answer["TotalCount"]);
            }
        }
    }
    insta::assert_snapshot!(answers, @r#"
    SystemMaintenance.RebootAndIsolateErrorDisk "/dev/vdb" "IsolateOnly", SystemMaintenance.RebootAndIsolateErrorDisk "/dev/vdc" "IsolateOnly" of 2
    SystemMaintenance.RebootAndIsolateErrorDisk "/dev/vdb" "IsolateOnly" of 1
    SystemMaintenance.RebootAndIsolateErrorDisk "/dev/vdc" "IsolateOnly" of 2
     of 0
    "#);
}
