//! The cloud's notifications: the published samples reproduced, ours read back.
//!
//! The samples stand in pages beside the repository; where they are not there, their tests say so
//! and hold nothing, unless `FLEETSIM_TRACES=1` makes that a failure.

use fleetsim::{
    fleet::{Fleet, ids::SystemEvent, instances::InstanceName, system_events::Origin},
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{
        instance::InstanceState,
        system_event::{EventStatus, EventType},
    },
    messages::{
        credits::CreditFact,
        fact::Fact,
        hosts::{HostFact, LiveStatus},
    },
    observe::{Observer, cloud_ids::CloudIds, notifications::Notifications},
    scenario::{
        InMemory, NotifySettings, Scenario,
        notifications::{
            Content, CreditMode, Moment, Notification, Operator, PartOptions, Recording,
            event_name, part, read, write,
        },
    },
    simulation,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The English and the Japanese page.
const PAGES: [&str; 2] =
    ["002_instance-event-notifications.en.txt", "004_instance-event-notifications.ja.txt"];

/// The text of a page; or says that it is not there.
fn page(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds").join(name);
    let text = fs::read_to_string(&path).ok();
    if text.is_none() {
        assert!(
            std::env::var_os("FLEETSIM_TRACES").is_none_or(|value| value != "1"),
            "there is no {}, and FLEETSIM_TRACES=1 says that it is there",
            path.display()
        );
        println!("skipped: there is no {}", path.display());
    }
    text
}

/// The JSON objects in a text, each in one spelling.
fn samples(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(next) = text[from..].find('{') {
        let mut values =
            serde_json::Deserializer::from_str(&text[from + next..]).into_iter::<Value>();
        let value = values.next().expect("something begins").expect("the samples are JSON");
        from += next + values.byte_offset();
        found.push(value);
    }
    found
}

fn settings() -> NotifySettings {
    NotifySettings {
        legacy_ver: false,
        avoided_name_quirk: false,
        finish_time_in_executing: false,
        cms_levels: false,
        user_id: "1690700000000030".into(),
    }
}

fn written(notification: &Notification, settings: &NotifySettings) -> String {
    let mut line = String::new();
    write(notification, settings, &mut line);
    line
}

/// Keys keep their order in values, so equal texts are equal in keys, order and values.
#[test]
fn the_published_samples_are_written_as_they_were_read() {
    let with_quirk = NotifySettings { avoided_name_quirk: true, ..settings() };
    for name in PAGES {
        let Some(text) = page(name) else { continue };
        let recording = read(name, text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"));
        let samples = samples(&text);
        assert_eq!((samples.len(), recording.notifications.len()), (9, 9), "{name}");
        for (sample, read) in samples.iter().zip(&recording.notifications) {
            assert_eq!(written(read, &with_quirk), sample.to_string());
            let mut corrected = sample.clone();
            if let Content::Event(told) = &read.content
                && told.status == EventStatus::Avoided
            {
                assert_eq!(told.before, Some(EventStatus::Scheduled), "the sample's slip");
                corrected["name"] = "Instance:SystemMaintenance.Reboot:Avoided".into();
            }
            assert_eq!(written(read, &settings()), corrected.to_string());
        }
    }
}

#[test]
fn the_settings_that_the_documents_leave_open_change_what_they_say() {
    let Some(text) = page(PAGES[0]) else { return };
    let recording = read(PAGES[0], text.as_bytes()).unwrap();
    let cms = NotifySettings { cms_levels: true, legacy_ver: true, ..settings() };
    let warned: Vec<String> = recording
        .notifications
        .iter()
        .filter(|one| written(one, &cms).contains("\"level\":\"WARN\""))
        .map(|one| one.content.name().into_owned())
        .collect();
    let both =
        ["Instance:PreemptibleInstanceInterruption", "Instance:BurstablePerformanceRestricted"];
    assert_eq!(warned, both);
    assert!(
        written(&recording.notifications[0], &cms).starts_with("{\"ver\":\"1.0\",\"id\":\"2256")
    );
}

/// The names of the Japanese page's appendix, translated words and all, are those of 6.6 that
/// it lists.
#[test]
fn the_names_of_the_translated_appendix_are_understood() {
    let Some(text) = page(PAGES[1]) else { return };
    let appendix = &text[text.find("付録: インスタンス関連のO&Mイベントの通知\n").unwrap()..];
    let mut found: Vec<String> = Vec::new();
    for line in appendix.lines().filter(|line| line.contains('•')) {
        let begins = ["Instance:", "instance:", "インスタンス:"];
        let begin = begins.iter().filter_map(|word| line.rfind(word)).max().expect("a name");
        let name = &line[begin..];
        let line = format!(
            r#"{{"name": "{name}", "eventTime": "20190409T121826.922+0800", "content":
            {{"eventId": "e-1", "instanceId": "i-1", "publishTime": "2019-04-09T04:18:26Z"}}}}"#
        );
        let recording = read("x", line.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"));
        found.push(recording.notifications[0].content.name().into_owned());
    }
    use EventStatus::{Avoided, Canceled, Executed, Executing, Failed, Inquiring, Scheduled};
    let ends = [Executing, Executed, Avoided, Canceled];
    let inquired = [&[Inquiring][..], &ends].concat();
    let documented: [(EventType, Vec<EventStatus>); 8] = [
        (EventType::MaintenanceReboot, [&[Scheduled][..], &ends, &[Failed]].concat()),
        (EventType::FailureReboot, vec![Executing, Executed]),
        (EventType::InstanceFailureReboot, vec![Executing, Executed]),
        (EventType::MaintenanceRedeploy, [&[Scheduled][..], &ends].concat()),
        (EventType::FailureRedeploy, [&[Scheduled][..], &ends].concat()),
        (EventType::RebootAndIsolateErrorDisk, inquired.clone()),
        (EventType::RebootAndReInitErrorDisk, inquired),
        (EventType::FailureDelete, vec![Executing, Executed, Avoided]),
    ];
    let names = |(kind, statuses): &(EventType, Vec<EventStatus>)| {
        statuses.iter().map(|status| event_name(*kind, *status)).collect::<Vec<_>>()
    };
    assert_eq!(found, documented.iter().flat_map(names).collect::<Vec<_>>());
}

/// Both display names and impacts are those of the appendix.
#[test]
fn display_names_are_those_of_the_appendix() {
    let Some(text) = page(PAGES[0]) else { return };
    let appendix = &text[text.find("Impact | Event type and code").unwrap()..];
    let mut rows = 0;
    for row in appendix.lines().skip(1).filter(|row| row.contains(" | ")) {
        let kind = EventType::ALL.iter().rev().find(|kind| row.contains(kind.code())).unwrap();
        let begins = format!("{} | {}", kind.impact(), kind.display_name());
        assert!(row.starts_with(&begins), "{row}\n{begins}");
        rows += 1;
    }
    assert_eq!(rows, 8);
}

#[test]
fn the_guide_lists_every_event_and_its_statuses() {
    let guide = include_str!("../docs/notifications.md");
    for kind in EventType::ALL {
        let statuses = EventStatus::ALL.iter().filter(|status| kind.may_be(**status));
        let statuses: Vec<&str> = statuses.map(|status| status.name()).collect();
        let (code, name, impact) = (kind.code(), kind.display_name(), kind.impact());
        let row = format!("| `{code}` | {name} | {impact} | {} |\n", statuses.join(", "));
        assert!(guide.contains(&row), "{row}");
    }
}

/// The three samples of a live migration between dedicated hosts, from the facts that they tell: the
/// same keys in the same order, and the same values but for ids; and read back.
#[test]
fn live_migrations_between_hosts_are_told_as_the_samples_are() {
    let text = scenario(
        "[scenario]\nname = \"x\"\nhorizon = \"30d\"\nstart = \"2018-06-08T00:00:00Z\"\n\
         [[servers]]\nmodel = \"m\"\ncount = 2\nzones = [\"z\"]\ndedicated = true\n\
         [[dedicated_hosts]]\nname = \"h\"\nmodel = \"m\"\nzone = \"z\"\ncount = 2\n",
    );
    let began = Instant::from_micros(((3_600 + 25 * 60 + 37) * 1_000 + 922) * 1_000);
    let ends = began + Span::from_seconds(8);
    let fact = |status| {
        Fact::Host(HostFact::LiveMigration {
            instance: Id::new(0),
            source: Id::new(0),
            destination: Id::new(1),
            began,
            status,
        })
    };
    let name = InstanceName::at_start(0);
    let requested = Fact::Requested { instance: Id::new(0), name, template: Id::new(0) };
    let lines = told(
        &text,
        &[
            (Instant::ZERO, requested),
            (began, fact(LiveStatus::Started)),
            (ends, fact(LiveStatus::Accomplished)),
            (ends, fact(LiveStatus::Failed)),
        ],
    );
    let recording = read("x", lines.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"));
    let statuses: Vec<&str> = recording
        .notifications
        .iter()
        .filter_map(|one| match &one.content {
            Content::LiveMigration(told) => Some(told.status.word()),
            _ => None,
        })
        .collect();
    assert_eq!(statuses, ["started", "accomplished", "failed"]);
    let rewritten: Vec<String> =
        recording.notifications.iter().map(|one| written(one, &settings())).collect();
    assert_eq!(lines.lines().collect::<Vec<_>>(), rewritten, "read back and written again");
    let Some(page) = page(PAGES[0]) else { return };
    let of_family = |value: &Value| value["name"] == "Instance:LiveMigrationAcrossDDH";
    let samples: Vec<Value> = samples(&page).into_iter().filter(of_family).collect();
    assert_eq!(samples.len(), 3);
    let of_ours = lines.lines().filter(|line| line.contains("LiveMigrationAcrossDDH"));
    for (sample, line) in samples.iter().zip(of_ours) {
        let mut ours: Value = serde_json::from_str(line).unwrap();
        for key in ["id", "resourceId", "userId", "instanceName"] {
            ours[key] = sample[key].clone();
        }
        for key in ["instanceId", "sourceDedicatedHostId", "destinationDedicatedHostId"] {
            let id = ours["content"][key].as_str().expect("an id").to_owned();
            let begins = if key == "instanceId" { "i-bp1" } else { "dh-bp1" };
            assert!(id.starts_with(begins), "{id}");
            ours["content"][key] = sample["content"][key].clone();
        }
        assert_eq!(ours.to_string(), sample.to_string());
    }
}

#[test]
fn the_samples_become_a_part_of_a_scenario() {
    for name in PAGES {
        let Some(text) = page(name) else { continue };
        let recording = read(name, text.as_bytes()).unwrap();
        let text = part(&recording, &options()).unwrap();
        insta::allow_duplicates!(insta::assert_snapshot!(text, @r#"
        # Recorded system events, read from events.jsonl.
        # Include this file in a scenario that says what the servers are.
        #
        # Told beside the first notifications of events, and not replayed:
        #        1  Instance:BurstablePerformanceRestricted
        #        3  Instance:LiveMigrationAcrossDDH
        #        1  Instance:PerformanceModeChange
        #        1  StateChange Running
        #        1  SystemMaintenance.Reboot Avoided

        # The last event is published 4h 18min after the start.
        [scenario]
        start = "2019-04-09T00:00:00Z"

        # The preemptible ones, whose type needs a market (spot.markets):
        #   imported-spot[0] is i-bp1ecr********5go2go
        [[workload.instances]]
        name = "imported-spot"
        type = "t"
        count = 1
        SpotStrategy = "SpotAsPriceGo"

        [[spot.interruptions]]
        at = "2019-04-09T04:18:26.922Z"
        instance = "imported-spot[0]"

        [[events]]
        at = "2019-04-09T04:18:26.922Z"
        type = "SystemMaintenance.Reboot"
        instance = "imported-spot[0]"
        status = "Scheduled"
        not_before = "2019-04-12T01:01:01Z"
        "#));
    }
}

/// The names of spec/events.md 2.18: known, not modelled, counted, and in the guide.
#[test]
fn reserved_names_are_read_and_counted() {
    let with_status = [
        "Instance:SystemMaintenance.StopAndRepair",
        "Instance:SystemUpgrade.Migrate",
        "Instance:SystemFailure.HostOfflineAndRepair",
        "Instance:SecurityPunish.Locked",
        "Instance:SecurityPunish.WebsiteBanned",
        "Instance:SystemMaintenance.PerformanceImpact",
    ];
    let plain = [
        "Instance:Security.TpmAlert",
        "Instance:SurplusCreditIncurCharge",
        "Disk:DiskOperationCompleted",
        "Disk:ConvertToPostpaidCompleted",
        "Disk:OverduePaymentRelease",
        "Snapshot:CreateSnapshotCompleted",
    ];
    let guide = include_str!("../docs/notifications.md");
    let mut names: Vec<String> = Vec::new();
    for name in with_status {
        assert!(guide.contains(&format!("`{name}:STATUS`")), "{name}");
        names.extend(["Executing", "Executed"].map(|status| format!("{name}:{status}")));
    }
    for name in plain {
        assert!(guide.contains(&format!("`{name}`")), "{name}");
        names.push(name.to_owned());
    }
    let line = |name: &String| {
        format!(
            "{{\"name\": \"{name}\", \"eventTime\": \"20190409T121826.922+0800\", \
             \"content\": {{\"eventId\": \"e-1\", \"instanceId\": \"i-1\"}}}}\n"
        )
    };
    let lines: String = names.iter().flat_map(|name| [line(name), line(name)]).collect();
    let recording = read("x", lines.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(recording.notifications.len(), 2 * names.len());
    let text = part(&recording, &options()).unwrap();
    for name in &names {
        assert!(text.contains(&format!("#        2  {name}\n")), "{name}\n{text}");
    }
    assert!(text.ends_with("there is nothing to replay.\n"), "{text}");
}

fn options() -> PartOptions {
    PartOptions { start: None, instance_type: "t".into(), from: "events.jsonl".into() }
}

/// A fleet in which nothing fails, and what `text` adds to it.
fn scenario(text: &str) -> Scenario {
    scenario_with("\"never\"", text)
}

/// A fleet whose disks fail so, and what `text` adds to it.
fn scenario_with(failure: &str, text: &str) -> Scenario {
    let all = format!(
        r#"
[server_models.m]
vcpus = 8
memory = "32GiB"
local_disks = {{ count = 4, size = "100GiB", failure = {failure} }}
[[servers]]
model = "m"
count = 8
zones = ["z"]
[instance_types.t]
vcpus = 2
memory = "8GiB"
local_disks = 1
[settings]
instance = {{ pending = "3s", starting = "40s" }}
guest = {{ crash_rate = "never" }}
{text}"#
    );
    Scenario::parse("x.toml", all.as_bytes(), &[], &InMemory::default())
        .unwrap_or_else(|faults| panic!("{faults}"))
}

const HEAD: &str = "[scenario]\nname = \"x\"\nhorizon = \"30d\"\n";

/// What the notifications of these facts are, in a fleet in which nothing else happens.
fn told(scenario: &Scenario, facts: &[(Instant, Fact)]) -> String {
    let fleet: Fleet = simulation::run(scenario, 0, &mut ());
    let mut observer = Notifications::new(scenario, 0, String::new());
    observer.turn_ended(Instant::ZERO, &fleet);
    for (at, fact) in facts {
        observer.see(*at, fact, &fleet);
    }
    observer.into_inner()
}

/// The moment, on the clock of a scenario that begins at `epoch`.
fn clock(scenario: &Scenario, moment: Moment) -> Instant {
    Instant::from_micros(
        u64::try_from(moment.0 - scenario.epoch).expect("no event comes before the run"),
    )
}

fn published(kind: EventType, status: EventStatus, not_before: Option<Instant>) -> Fact {
    Fact::EventPublished {
        event: Id::new(0),
        number: 0,
        kind,
        status,
        simulated: false,
        instance: Id::new(0),
        bay: None,
        origin: Origin::Simulated,
        not_before,
    }
}

fn moved(kind: EventType, from: EventStatus, to: EventStatus, started: Instant) -> Fact {
    let (event, instance) = (Id::<SystemEvent>::new(0), Id::new(0));
    Fact::EventMoved { event, kind, instance, from, to, started: Some(started) }
}

fn requested() -> Fact {
    Fact::Requested {
        instance: Id::new(0),
        name: InstanceName::arrived(0, 7),
        template: Id::new(0),
    }
}

/// The values of a notification without its ids, in their order.
fn without_ids(sample: &Value) -> Vec<(String, Value)> {
    let ids = ["id", "resourceId", "userId", "eventId", "instanceId"];
    let members = sample
        .as_object()
        .expect("a sample is an object")
        .iter()
        .filter(|(key, _)| key.as_str() != "content");
    let content = sample["content"].as_object().expect("so is its content").iter();
    let hidden = |(key, value): (&String, &Value)| {
        let value = if ids.contains(&key.as_str()) { Value::Null } else { value.clone() };
        (key.clone(), value)
    };
    members.chain(content).map(hidden).collect()
}

/// The two Reboot samples come out of the facts of a run that took the same course: the name of the
/// second with its slip where the quirk is wanted, else with the true status.
#[test]
fn a_run_that_goes_like_the_samples_tells_the_samples() {
    let Some(text) = page(PAGES[0]) else { return };
    let samples: Vec<Value> = samples(&text).into_iter().take(2).collect();
    let kind = EventType::MaintenanceReboot;
    for quirk in [false, true] {
        let mut scenario =
            scenario(&format!("notify = {{ avoided_name_quirk = {quirk} }}\n{HEAD}"));
        scenario.epoch = Moment::parse("2019-04-01T00:00:00Z").unwrap().0;
        let at = |text| clock(&scenario, Moment::parse(text).unwrap());
        let (first, answer) = (at("20190409T121826.922+0800"), at("20190410T160101.922+0800"));
        let not_before = Some(at("2019-04-12T01:01:01Z"));
        let (scheduled, avoided) = (EventStatus::Scheduled, EventStatus::Avoided);
        let facts = [
            (Instant::ZERO, requested()),
            (first, published(kind, scheduled, not_before)),
            (answer, moved(kind, scheduled, avoided, answer)),
        ];
        let text = told(&scenario, &facts);
        let ours: Vec<Value> =
            text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(without_ids(&ours[0]), without_ids(&samples[0]));
        let mut sample = samples[1].clone();
        if !quirk {
            sample["name"] = event_name(kind, avoided).into();
        }
        assert_eq!(without_ids(&ours[1]), without_ids(&sample));
    }
}

/// The samples about burstable instances come out of the facts of such a run too, and are read back.
/// The sample's hour has nothing to do with its eventTime.
#[test]
fn a_run_with_credits_tells_the_samples() {
    let Some(text) = page(PAGES[0]) else { return };
    let samples = samples(&text);
    let named =
        |name: &str| samples.iter().find(|sample| sample["name"] == name).expect("it is there");
    let mut scenario = scenario(HEAD);
    scenario.epoch = Moment::parse("2019-04-01T00:00:00Z").unwrap().0;
    let at = clock(&scenario, Moment::parse("20190409T121826.922+0800").unwrap());
    let hour = Moment::parse("2019-11-11T11:00Z").unwrap().0 / 3_600_000_000;
    let instance = Id::new(0);
    let (mode, operator) = (CreditMode::Unlimited, Operator::System);
    let facts = [
        (Instant::ZERO, requested()),
        (at, Fact::Credits(CreditFact::ModeChanged { instance, mode, operator })),
        (at, Fact::Credits(CreditFact::Restricted { instance, hour })),
    ];
    let text = told(&scenario, &facts);
    let ours: Vec<Value> =
        text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    let names = ["Instance:PerformanceModeChange", "Instance:BurstablePerformanceRestricted"];
    for (ours, name) in ours.iter().zip(names) {
        assert_eq!(without_ids(ours), without_ids(named(name)), "{name}");
    }
    let recording = read("x", text.as_bytes()).unwrap();
    assert!(matches!(
        recording.notifications[1].content,
        Content::ModeChange { mode: CreditMode::Unlimited, operator: Operator::System, .. }
    ));
    let Content::Restricted { from, to, .. } = recording.notifications[2].content else {
        panic!("it is read back as what it is");
    };
    assert_eq!((from.0, to.0), (hour * 3_600_000_000, (hour + 1) * 3_600_000_000));
}

/// The published sample of a disk's end is named as its begin (spec/events.md C19).
#[test]
fn the_end_of_an_alert_is_named_as_the_sample_only_with_the_quirk() {
    let bay = Id::new(2);
    for (kind, quirk, ends) in [
        (EventType::DiskErrorDetected, false, "Disk:ErrorDetected:Executed"),
        (EventType::DiskErrorDetected, true, "Disk:ErrorDetected:Executing"),
        (EventType::DiskStalled, false, "Disk:Stalled:Executed"),
        (EventType::DiskStalled, true, "Disk:Stalled:Executing"),
    ] {
        let scenario = scenario(&format!("notify = {{ avoided_name_quirk = {quirk} }}\n{HEAD}"));
        let begins = Fact::EventPublished {
            event: Id::new(0),
            number: 0,
            kind,
            status: EventStatus::Executing,
            simulated: false,
            instance: Id::new(0),
            bay: (kind == EventType::DiskErrorDetected).then_some(bay),
            origin: Origin::Disk { bay, number: 0 },
            not_before: None,
        };
        let over = moved(kind, EventStatus::Executing, EventStatus::Executed, Instant::ZERO);
        let later = Instant::ZERO + Span::from_seconds(120);
        let facts = [(Instant::ZERO, requested()), (Instant::ZERO, begins), (later, over)];
        let text = told(&scenario, &facts);
        let lines: Vec<Value> =
            text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
        let [first, last] = lines.as_slice() else { panic!("a begin and an end: {text}") };
        assert_eq!(first["name"], event_name(kind, EventStatus::Executing));
        assert_eq!(last["name"], ends);
        assert!(last["content"]["executeFinishTime"].is_string(), "it says by itself that it ends");
        let recording = read("x", text.as_bytes()).unwrap();
        let Content::Disk(told) = &recording.notifications[2].content else { panic!("{text}") };
        assert_eq!(told.status(), EventStatus::Executed, "and is read back as the end");
    }
}

#[test]
fn every_family_of_a_run_has_its_documented_content() {
    let scenario = scenario(&format!("notify = {{ finish_time_in_executing = true }}\n{HEAD}"));
    let at = |seconds: u64| Instant::ZERO + Span::from_micros(seconds * 1_000_000 + 999_999);
    let crash = EventType::FailureReboot;
    let state = |from, to| Fact::InstanceMoved { instance: Id::new(0), from, to };
    let disk = Fact::EventPublished {
        event: Id::new(0),
        number: 1,
        kind: EventType::DiskErrorDetected,
        status: EventStatus::Executing,
        simulated: false,
        instance: Id::new(0),
        bay: Some(Id::new(2)),
        origin: Origin::Disk { bay: Id::new(2), number: 0 },
        not_before: None,
    };
    let text = told(
        &scenario,
        &[
            (at(0), requested()),
            (at(3), state(InstanceState::Pending, InstanceState::Starting)),
            (at(43), state(InstanceState::Starting, InstanceState::Running)),
            (at(60), published(crash, EventStatus::Executing, None)),
            (at(90), moved(crash, EventStatus::Executing, EventStatus::Executed, at(60))),
            (at(3_600), disk),
            (
                at(7_200),
                moved(
                    EventType::DiskErrorDetected,
                    EventStatus::Executing,
                    EventStatus::Executed,
                    at(3_600),
                ),
            ),
            (at(7_300), published(crash, EventStatus::Executing, None)),
            (at(7_310), moved(crash, EventStatus::Executing, EventStatus::Failed, at(7_300))),
            (at(8_000), state(InstanceState::Running, InstanceState::Released)),
        ],
    );
    insta::assert_snapshot!("every_family", text);
}

/// What is there when a run begins is not created in it; what fails to be there is.
#[test]
fn nothing_is_told_of_what_is_there_already() {
    let text = "[[workload.instances]]\nname = \"web\"\ntype = \"t\"\ncount = 33\n";
    let scenario = scenario(&format!("{HEAD}{text}"));
    let mut observer = Notifications::new(&scenario, 0, String::new());
    simulation::run(&scenario, 0, &mut observer);
    let text = observer.into_inner();
    let recording = read("x", text.as_bytes()).unwrap();
    let states: Vec<String> = recording
        .notifications
        .iter()
        .filter_map(|one| match &one.content {
            Content::StateChange { state, .. } => Some(state.word().to_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(states, ["Created", "Stopped", "Deleted"], "32 of the 33 have room");
    let last = CloudIds::new(&scenario, 0).instance(InstanceName::at_start(32)).to_string();
    assert!(recording.notifications.iter().all(|one| one.content.instance() == Some(&last)));
}

/// The events of a run as they are published: type, instance, when, and notBefore where
/// notifications tell it.
#[derive(Default)]
struct Published {
    names: Vec<InstanceName>,
    events: Vec<(Instant, EventType, InstanceName, Option<Instant>)>,
}

impl Observer for Published {
    fn see(&mut self, now: Instant, fact: &Fact, _fleet: &Fleet) {
        match *fact {
            Fact::Requested { instance, name, .. } => {
                self.names.resize(self.names.len().max(instance.index() + 1), name);
                self.names[instance.index()] = name;
            }
            Fact::EventPublished { kind, instance, not_before, .. }
                if kind != EventType::FailureDelete =>
            {
                let not_before = not_before.filter(|_| kind.is_maintenance());
                self.events.push((now, kind, self.names[instance.index()], not_before));
            }
            _ => {}
        }
    }
}

/// The moment, cut off at so many microseconds.
fn cut(at: Instant, micros: u64) -> Instant {
    Instant::from_micros(at.micros() / micros * micros)
}

/// A run's events are read back from its notifications, to the millisecond of their publication and
/// the second of notBefore, as they are printed.
#[test]
fn the_events_of_a_run_are_read_back() {
    let text = r#"
[scenario]
name = "x"
horizon = "30d"
start = "2026-01-01T00:00:00Z"
[[workload.instances]]
name = "web"
type = "t"
count = 24
[[workload.arrivals]]
name = "jobs"
rate = "1/h"
type = "t"
life = "3h"
[server_models.m.crash]
rate = "30/year"
restarts_itself = 0.5
restart = "3min"
repair = "2h"
"#;
    let text = format!("{text}{}", EVENTS.join(""));
    let scenario = scenario_with("{ rate = \"6/year\" }", &text);
    let mut published = Published::default();
    let mut lines = Notifications::new(&scenario, 3, String::new());
    simulation::run(&scenario, 3, &mut (&mut published, &mut lines));
    let lines = lines.into_inner();
    let recording = read("x", lines.as_bytes()).unwrap();
    let again: String =
        recording.notifications.iter().map(|one| written(one, &settings()) + "\n").collect();
    assert_eq!(again, lines, "what is read is written as it was");
    let kinds: BTreeSet<EventType> = published.events.iter().map(|(_, kind, ..)| *kind).collect();
    assert!(kinds.len() >= 5, "there are events of many types to be read back: {kinds:?}");
    held_against(&scenario, &recording, &published);
}

/// Some of every kind that may be stated.
const EVENTS: [&str; 3] = [
    "[[events]]\nat = \"1d\"\ntype = \"SystemMaintenance.Reboot\"\ninstance = \"web[3]\"\n",
    "[[events]]\nat = \"2d\"\ntype = \"InstanceFailure.Reboot\"\ninstance = \"web[4]\"\n",
    "[[events]]\nat = \"3d\"\ntype = \"SystemMaintenance.IsolateErrorDisk\"\ninstance = \"web[5]\"\n",
];

/// Includes the recording in a scenario, and compares what that is to publish with what was.
fn held_against(original: &Scenario, recording: &Recording, published: &Published) {
    let options = PartOptions { start: Some(Moment(original.epoch)), ..options() };
    let text = part(recording, &options).expect("the recording is read");
    let head = "[scenario]\nname = \"again\"\nhorizon = \"30d\"\n";
    let mut files = InMemory::default();
    files.files.insert("recorded.toml".into(), text.clone().into_bytes());
    let whole = format!(
        "include = \"recorded.toml\"\n{head}[server_models.m]\nvcpus = 8\nmemory = \"32GiB\"\n\
         local_disks = {{ count = 4, size = \"100GiB\" }}\n\
         [[servers]]\nmodel = \"m\"\ncount = 99\nzones = [\"z\"]\n\
         [instance_types.t]\nvcpus = 2\nmemory = \"8GiB\"\nlocal_disks = 1\n"
    );
    let replay = Scenario::parse("again.toml", whole.as_bytes(), &[], &files)
        .unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    assert_eq!(replay.epoch, original.epoch);
    let mut names = BTreeMap::new();
    let mut expected = Vec::new();
    for (at, kind, name, not_before) in &published.events {
        let next = names.len();
        let number = *names.entry(*name).or_insert(next);
        let not_before = not_before.map(|at| cut(at, 1_000_000));
        expected.push((cut(*at, 1_000), *kind, number as u64, not_before));
    }
    let read: Vec<_> = replay
        .recorded
        .iter()
        .map(|event| {
            let not_before = event.lead.map(|lead| event.at + lead);
            (event.at, event.kind, event.instance.number(), not_before)
        })
        .collect();
    assert_eq!(read, expected, "{text}");
}
