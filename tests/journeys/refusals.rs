//! Commands that are refused as they are read, before any instance is looked at.

use crate::{operations::fleet, story::told};

/// How the cloud answers one command.
fn answer(command: &str) -> String {
    let story = told(&fleet(&format!("[[scripts]]\nat = \"1h\"\n{command}\n")));
    let line = story.lines().find(|line| line.starts_with("0d 01:00:00"));
    line.expect("every command is a fact").trim_start_matches("0d 01:00:00  ").to_owned()
}

/// `id` a hundred and one times.
fn many(id: &str) -> String {
    format!("[{}]", vec![format!("\"{id}\""); 101].join(", "))
}

#[test]
fn what_is_missing_or_wrong_is_refused() {
    let simulate = "do = \"CreateSimulatedSystemEvents\"";
    let (kind, to, one) =
        ("EventType = \"SystemMaintenance.Stop\"", "NotBefore = \"2h\"", "InstanceId = \"web[0]\"");
    let attributes = "do = \"ModifyInstanceMaintenanceAttributes\"";
    let reschedule = "do = \"ModifySystemEventAttribute\"";
    let mode = "do = \"ModifyInstanceAttribute\"";
    let table = [
        ("do = \"RunInstances\"".to_owned(), "MissingParameter"),
        ("do = \"CreateInstance\"".to_owned(), "MissingParameter"),
        (
            "do = \"RunInstances\"\nInstanceType = \"cloud\"\nAmount = 0".to_owned(),
            "InvalidParameter",
        ),
        (
            "do = \"RunInstances\"\nInstanceType = \"cloud\"\nAmount = 101".to_owned(),
            "InvalidParameter",
        ),
        ("do = \"RebootInstance\"".to_owned(), "MissingParameter"),
        (
            "do = \"RebootInstance\"\nInstanceId = \"i-none\"".to_owned(),
            "InvalidInstanceId.NotFound",
        ),
        ("do = \"RedeployInstance\"".to_owned(), "MissingParameter"),
        (
            "do = \"RedeployInstance\"\nInstanceId = \"i-none\"".to_owned(),
            "InvalidInstanceId.NotFound",
        ),
        (
            format!("do = \"StopInstance\"\nRegionId = \"nowhere\"\n{one}"),
            "InvalidRegionId.NotFound",
        ),
        ("do = \"AcceptInquiredSystemEvent\"".to_owned(), "MissingParameter"),
        (
            "do = \"AcceptInquiredSystemEvent\"\nEventId = \"e-none\"".to_owned(),
            "InvalidEventId.NoInquiringEventFound",
        ),
        (format!("{reschedule}\n{one}"), "MissingParameter"),
        (format!("{reschedule}\n{one}\n{to}\nEventId = \"#7\""), "InvalidEventId.NotFound"),
        (format!("{attributes}\n{one}"), "MissingParameter"),
        (format!("{attributes}\nActionOnMaintenance = \"Stop\""), "MissingParameter"),
        (
            format!("{attributes}\n{one}\nActionOnMaintenance = \"AutoRedeploy\""),
            "InvalidParameter",
        ),
        (
            format!(
                "{attributes}\n{one}\nMaintenanceWindow = {{ StartTime = \"02:30:00\", EndTime = \"04:00:00\" }}"
            ),
            "InvalidParameter",
        ),
        (
            format!("{attributes}\nNotifyOnMaintenance = true\nInstanceId = {}", many("web[0]")),
            "InstanceIdLimitExceeded",
        ),
        (format!("{mode}\nCreditSpecification = \"Unlimited\""), "MissingParameter"),
        (format!("{mode}\n{one}"), "MissingParameter"),
        (
            format!("{mode}\nInstanceId = \"i-none\"\nCreditSpecification = \"Unlimited\""),
            "InvalidInstanceId.NotFound",
        ),
        (format!("{mode}\n{one}\nCreditSpecification = \"Unlimited\""), "InvalidParameter"),
        (format!("{simulate}\n{kind}\n{to}"), "MissingParameter"),
        (format!("{simulate}\n{kind}\n{one}"), "MissingParameter"),
        (format!("{simulate}\n{one}\n{to}"), "MissingParameter"),
        (
            format!("{simulate}\nEventType = \"SystemFailure.Delete\"\n{one}\n{to}"),
            "InvalidParameter",
        ),
        (format!("{simulate}\n{kind}\n{one}\nNotBefore = \"1h\""), "InvalidNotBefore.Passed"),
        (
            format!("{simulate}\n{kind}\n{to}\nInstanceId = \"i-none\""),
            "InvalidInstanceId.NotFound",
        ),
        (
            format!("{simulate}\n{kind}\n{to}\nInstanceId = {}", many("web[0]")),
            "InstanceIdLimitExceeded",
        ),
        ("do = \"CancelSimulatedSystemEvents\"".to_owned(), "MissingParameter"),
        (
            "do = \"CancelSimulatedSystemEvents\"\nEventId = \"#0\"".to_owned(),
            "InvalidEventId.NotFound",
        ),
        (
            format!("do = \"CancelSimulatedSystemEvents\"\nEventId = {}", many("#0")),
            "EventIdLimitExceeded",
        ),
        ("do = \"CancelTask\"".to_owned(), "MissingParameter"),
        ("do = \"CancelTask\"\nTaskId = \"t-none\"".to_owned(), "InvalidTaskId.NotFound"),
        ("do = \"CancelTask\"\nTaskId = \"of web[0]\"".to_owned(), "InvalidTaskId.NotFound"),
        (
            "do = \"DescribeTasks\"\nStartTime = \"2h\"\nEndTime = \"1h\"".to_owned(),
            "InvalidParameter.TimeEndBeforeStart",
        ),
        (
            "do = \"DescribeInstanceHistoryEvents\"\nNotBefore.Start = \"2h\"\nNotBefore.End = \"1h\""
                .to_owned(),
            "InvalidParameter.TimeEndBeforeStart",
        ),
        (
            "do = \"DescribeInstanceHistoryEvents\"\nEventPublishTime = { Start = \"2h\", End = \"1h\" }"
                .to_owned(),
            "InvalidParameter.TimeEndBeforeStart",
        ),
    ];
    for (command, code) in table {
        let told = answer(&command);
        assert!(told.ends_with(&format!("refused: {code}")), "{command}\n{told}");
    }
}

#[test]
fn what_is_asked_only_to_be_told_changes_nothing() {
    for query in ["DescribeTasks", "DescribeInstanceHistoryEvents", "DescribeInstancesFullStatus"] {
        assert_eq!(answer(&format!("do = \"{query}\"")), query);
    }
}
