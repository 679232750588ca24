//! Cold migration as the second cloud does it, told as facts.

use crate::{checked, risks, story::told};

/// A shared server, and hosts on servers with two nodes of 12 vCPUs each. Everybody is stopped after
/// a minute; then come `scripts`.
fn fleet(instances: &str, scripts: &str) -> String {
    format!(
        r#"
[scenario]
name = "cold"
horizon = "3d"
[server_models.m]
vcpus = 24
memory = "96GiB"
numa_nodes = 2
crash = "never"
risk = "never"
[[servers]]
model = "m"
count = 2
zones = ["z"]
[[servers]]
model = "m"
count = 2
zones = ["z"]
dedicated = true
[[dedicated_hosts]]
name = "one"
model = "m"
zone = "z"
[[dedicated_hosts]]
name = "two"
model = "m"
zone = "z"
[instance_types.big]
vcpus = 8
memory = "16GiB"
numa_nodes = 1
[instance_types.small]
vcpus = 4
memory = "16GiB"
numa_nodes = 1
[settings]
cloud = "huawei"
instance = {{ pending = "3s", starting = "40s", stopping = "10s" }}
guest = {{ crash_rate = "never" }}
{instances}
{scripts}
"#
    )
}

const TWO_EACH: &str = "[[workload.instances]]\nname = \"big\"\ntype = \"big\"\ncount = 2\n\
    [[workload.instances]]\nname = \"small\"\ntype = \"small\"\ncount = 2\n";

fn stop(all: &[&str]) -> String {
    let one = |name: &&str| {
        format!("[[scripts]]\nat = \"1min\"\ndo = \"StopInstance\"\nInstanceId = \"{name}\"\n")
    };
    all.iter().map(one).collect()
}

fn migrate(minute: usize, name: &str, to: &str) -> String {
    format!(
        "[[scripts]]\nat = \"{minute}min\"\ndo = \"MigrateServer\"\nserver_id = \"{name}\"\n\
         migrate = {to}\n"
    )
}

#[test]
fn to_a_host_and_back() {
    let one = "[[workload.instances]]\nname = \"web\"\ntype = \"big\"\ncount = 1\n";
    let scripts = stop(&["web[0]"])
        + &migrate(2, "web[0]", "{ dedicated_host_id = \"one\" }")
        + &migrate(4, "web[0]", "\"null\"");
    insta::assert_snapshot!(told(&fleet(one, &scripts)), @r#"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 00:01:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping
    0d 00:01:10  i0 Stopping -> Stopped
    0d 00:02:00  MigrateServer of i0; cold of i0; Job { job: 0, instance: Instance#0, to: Init, error: None }; Moved { task: Task#0, instance: Instance#0, to: PreMigrating }
    0d 00:02:01  Job { job: 0, instance: Instance#0, to: Running, error: None }
    0d 00:02:06  i0 reserves s2; Moved { task: Task#0, instance: Instance#0, to: Migrating }
    0d 00:02:16  Moved { task: Task#0, instance: Instance#0, to: PostMigrating }
    0d 00:02:26  Moved { task: Task#0, instance: Instance#0, to: Finished }; i0 reserves s2 no more; i0 off s0; i0 on s2 by cold; i0 reserves s0; Moved { task: Task#0, instance: Instance#0, to: Confirming }
    0d 00:02:31  Moved { task: Task#0, instance: Instance#0, to: Confirmed }; i0 reserves s0 no more; Job { job: 0, instance: Instance#0, to: Success, error: None }; cold of i0 Finished
    0d 00:04:00  MigrateServer of i0; cold of i0; Job { job: 1, instance: Instance#0, to: Init, error: None }; Moved { task: Task#0, instance: Instance#0, to: PreMigrating }
    0d 00:04:01  Job { job: 1, instance: Instance#0, to: Running, error: None }
    0d 00:04:06  i0 reserves s0; Moved { task: Task#0, instance: Instance#0, to: Migrating }
    0d 00:04:16  Moved { task: Task#0, instance: Instance#0, to: PostMigrating }
    0d 00:04:26  Moved { task: Task#0, instance: Instance#0, to: Finished }; i0 reserves s0 no more; i0 off s2; i0 on s0 by cold; i0 reserves s2; Moved { task: Task#0, instance: Instance#0, to: Confirming }
    0d 00:04:31  Moved { task: Task#0, instance: Instance#0, to: Confirmed }; i0 reserves s2 no more; Job { job: 1, instance: Instance#0, to: Success, error: None }; cold of i0 Finished
    "#);
}

#[test]
fn the_big_ones_first_or_one_stays_behind() {
    // Spec R 4.5: smalls packed on the first node leave eight vCPUs there, the first big one takes
    // them; or not, where order leaves them four on each node.
    let all = ["big[0]", "big[1]", "small[0]", "small[1]"];
    let moved = |order: [usize; 4]| {
        let to = "{ dedicated_host_id = \"one\" }";
        let moves = order.iter().enumerate().map(|(place, of)| migrate(2 + place, all[*of], to));
        let text = fleet(TWO_EACH, &(stop(&all) + &moves.collect::<String>()));
        let outcome = checked::run(&checked::scenario(&text), 0, &mut ());
        ["Finished", "Failed"].map(|status| checked::value(&outcome, "tasks", &["cold", status]))
    };
    assert_eq!(moved([0, 1, 2, 3]).map(|count| count as u32), [4, 0]);
    assert_eq!(moved([2, 3, 0, 1]).map(|count| count as u32), [3, 1]);
}

#[test]
fn requests_that_are_wrong_are_refused_by_the_second_clouds_codes() {
    let one = "[[workload.instances]]\nname = \"web\"\ntype = \"big\"\ncount = 1\n";
    let host = "{ dedicated_host_id = \"one\" }";
    let table = [
        ("do = \"MigrateServer\"\nserver_id = \"web[0]\"\n".to_owned(), "Ecs.0005"),
        ("do = \"MigrateServer\"\nserver_id = \"web[0]\"\nmigrate = {}\n".to_owned(), "Ecs.0005"),
        (format!("do = \"MigrateServer\"\nmigrate = {host}\n"), "Ecs.0005"),
        (format!("do = \"MigrateServer\"\nserver_id = \"i-1\"\nmigrate = {host}\n"), "Ecs.0114"),
        (format!("do = \"MigrateServer\"\nserver_id = \"web[0]\"\nmigrate = {host}\n"), "Ecs.0100"),
        ("do = \"ShowJob\"\njob_id = \"#0\"\n".to_owned(), "Ecs.0114"),
        ("do = \"ShowJob\"\n".to_owned(), "Ecs.0005"),
    ];
    for (command, code) in table {
        let text = fleet(one, &format!("[[scripts]]\nat = \"2min\"\n{command}"));
        let outcome = checked::run(&checked::scenario(&text), 0, &mut ());
        assert!((checked::value(&outcome, "refusals", &[code]) - 1.0).abs() < 1e-9, "{command}");
    }
}

#[test]
fn a_record_is_gone_a_day_after_its_end() {
    let one = "[[workload.instances]]\nname = \"web\"\ntype = \"big\"\ncount = 1\n";
    let ask = |at: &str| {
        format!("[[scripts]]\nat = \"{at}\"\ndo = \"ShowJob\"\njob_id = \"of web[0]\"\n")
    };
    let asked = |at: &str| {
        let scripts =
            stop(&["web[0]"]) + &migrate(2, "web[0]", "{ dedicated_host_id = \"one\" }") + &ask(at);
        let scenario = checked::scenario(&fleet(one, &scripts));
        let outcome = checked::run(&scenario, 0, &mut ());
        checked::value(&outcome, "refusals", &["Ecs.0114"]) as u32
    };
    // It ends 31 s after it began.
    assert_eq!(["2min10s", "24h2min30s", "24h2min31s"].map(asked), [0, 0, 1]);
}

/// What is copied counts, over a network or not, and what was copied when the source failed too.
#[test]
fn local_disks_that_are_copied_are_bytes_of_migrations() {
    let one = "[[workload.instances]]\nname = \"web\"\ntype = \"stored\"\ncount = 1\n\
               [instance_types.stored]\nvcpus = 4\nmemory = \"16GiB\"\nlocal_storage = \"100GB\"\n";
    let script = stop(&["web[0]"]) + &migrate(2, "web[0]", "{ dedicated_host_id = \"one\" }");
    let text = fleet(one, &script)
        .replace("numa_nodes = 2\n", "numa_nodes = 2\nlocal_storage = \"1TB\"\n")
        .replace(
            "cloud = \"huawei\"",
            "cloud = \"huawei\"\nmigration = { max_cluster = 9 }\n\
             coldmig = { local_disk_policy = \"copy\", copy_rate = \"1GB/s\" }",
        );
    let sent = |text: &str| {
        let outcome = checked::run(&checked::scenario(text), 0, &mut ());
        let value = |name: &str, labels: &[&str]| checked::value(&outcome, name, labels);
        (value("migration.bytes", &[]) / 1e9, value("tasks", &["cold", "Finished"]))
    };
    assert_eq!(sent(&text), (100.0, 1.0));
    let network = format!("{text}[network]\n");
    assert_eq!(sent(&network), (100.0, 1.0));
    // It is detached 16 s after the second minute; the source fails 24 s later.
    let fails = "life = \"160s\", restarts_itself = 0, repair = \"30d\"";
    let (shared, kept) = text.split_once("[[servers]]").unwrap();
    let frail = shared
        .replace("[server_models.m]", "[server_models.f]")
        .replace("crash = \"never\"", &format!("nic_rate = \"8Gbit/s\"\ncrash = {{ {fails} }}"));
    let (_, frail) = frail.split_once("[server_models.f]").unwrap();
    let frail = format!(
        "{shared}[server_models.f]{frail}[[servers]]{}",
        kept.replacen("model = \"m\"", "model = \"f\"", 1)
    );
    assert_eq!(sent(&frail), (24.0, 0.0));
    assert_eq!(sent(&format!("{frail}[network]\n")), (24.0, 0.0));
}

#[test]
fn hosts_take_nobody_who_may_be_interrupted() {
    let one = "[[workload.instances]]\nname = \"web\"\ntype = \"big\"\ncount = 1\n\
               SpotStrategy = \"SpotAsPriceGo\"\n\
               [[spot.markets]]\ntype = \"big\"\non_demand = 0.4\nprice = 0.1\n";
    let script = stop(&["web[0]"]) + &migrate(2, "web[0]", "{ dedicated_host_id = \"one\" }");
    let text = told(&fleet(one, &script));
    assert!(text.contains("to: Fail, error: Some(TypeNotTaken)"), "{text}");
}

/// A server that must be emptied after five hours, a safe one, and an instance that is stopped by
/// then; where the second cloud's rules hold.
fn at_risk(settings: &str) -> String {
    let stopped = "[[workload.instances]]\nname = \"web\"\ntype = \"cloud\"\ncount = 1\n\
        [[scripts]]\nat = \"1h\"\ndo = \"StopInstance\"\nInstanceId = \"web[0]\"\n";
    risks::fleet(risks::MUST_LEAVE, stopped)
        .replace("[settings]", &format!("[settings]\ncloud = \"huawei\"\n{settings}"))
}

#[test]
fn the_operator_migrates_the_stopped_cold() {
    insta::assert_snapshot!(told(&at_risk("")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping
    0d 01:00:10  i0 Stopping -> Stopped
    0d 05:00:00  s0 at risk; cold of i0; Moved { task: Task#0, instance: Instance#0, to: PreMigrating }
    0d 05:00:06  i0 reserves s1; Moved { task: Task#0, instance: Instance#0, to: Migrating }
    0d 05:00:16  Moved { task: Task#0, instance: Instance#0, to: PostMigrating }
    0d 05:00:26  Moved { task: Task#0, instance: Instance#0, to: Finished }; i0 reserves s1 no more; i0 off s0; i0 on s1 by cold; i0 reserves s0; Moved { task: Task#0, instance: Instance#0, to: Confirming }
    0d 05:00:31  Moved { task: Task#0, instance: Instance#0, to: Confirmed }; i0 reserves s0 no more; cold of i0 Finished; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    1d 01:00:31  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    1d 06:00:31  s0 at risk; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    ");
}

#[test]
fn what_cannot_be_confirmed_stays_and_is_told_of() {
    // A second after it failed, where it took no time; its event then tries once more.
    let no_time = "coldmig = { api = \"0s\", claim = \"0s\", detach = \"0s\", attach = \"0s\", \
                   confirm = \"0s\", confirm_fail_p = 1 }";
    insta::assert_snapshot!(told(&at_risk(no_time)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping
    0d 01:00:10  i0 Stopping -> Stopped
    0d 05:00:00  s0 at risk; cold of i0; Moved { task: Task#0, instance: Instance#0, to: PreMigrating }; i0 reserves s1; Moved { task: Task#0, instance: Instance#0, to: Migrating }; Moved { task: Task#0, instance: Instance#0, to: PostMigrating }; Moved { task: Task#0, instance: Instance#0, to: Finished }; i0 reserves s1 no more; i0 off s0; i0 on s1 by cold; i0 reserves s0; Moved { task: Task#0, instance: Instance#0, to: Confirming }; Moved { task: Task#0, instance: Instance#0, to: Reverting }; i0 reserves s0 no more; i0 off s1; i0 on s0 by cold-revert; Moved { task: Task#0, instance: Instance#0, to: Reverted }; cold of i0 Failed
    0d 05:00:01  e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:01
    1d 05:00:01  e0 Scheduled -> Executing; cold of i0; Moved { task: Task#0, instance: Instance#0, to: PreMigrating }; i0 reserves s1; Moved { task: Task#0, instance: Instance#0, to: Migrating }; Moved { task: Task#0, instance: Instance#0, to: PostMigrating }; Moved { task: Task#0, instance: Instance#0, to: Finished }; i0 reserves s1 no more; i0 off s0; i0 on s1 by cold; i0 reserves s0; Moved { task: Task#0, instance: Instance#0, to: Confirming }; Moved { task: Task#0, instance: Instance#0, to: Reverting }; i0 reserves s0 no more; i0 off s1; i0 on s0 by cold-revert; Moved { task: Task#0, instance: Instance#0, to: Reverted }; cold of i0 Failed; e0 Executing -> Executed
    1d 05:00:02  e0 SystemMaintenance.Reboot of i0 Scheduled for 2d 05:00:02
    ");
}

#[test]
fn an_event_that_came_due_during_a_migration_is_executed_after_it() {
    // It is due 12 s after MigrateServer, whose confirmation fails: the event was held until then.
    let one = "[[workload.instances]]\nname = \"web\"\ntype = \"big\"\ncount = 1\n\
        [[events]]\nat = \"1min30s\"\ntype = \"SystemMaintenance.Reboot\"\ninstance = \"web[0]\"\n\
        lead = \"42s\"\n";
    let scripts = stop(&["web[0]"]) + &migrate(2, "web[0]", "{ dedicated_host_id = \"one\" }");
    let text =
        fleet(one, &scripts).replace("[settings]", "[settings]\ncoldmig = { confirm_fail_p = 1 }");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 00:01:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping
    0d 00:01:10  i0 Stopping -> Stopped
    0d 00:01:30  e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 00:02:12
    0d 00:02:00  MigrateServer of i0; cold of i0; Job { job: 0, instance: Instance#0, to: Init, error: None }; Moved { task: Task#0, instance: Instance#0, to: PreMigrating }
    0d 00:02:01  Job { job: 0, instance: Instance#0, to: Running, error: None }
    0d 00:02:06  i0 reserves s2; Moved { task: Task#0, instance: Instance#0, to: Migrating }
    0d 00:02:16  Moved { task: Task#0, instance: Instance#0, to: PostMigrating }
    0d 00:02:26  Moved { task: Task#0, instance: Instance#0, to: Finished }; i0 reserves s2 no more; i0 off s0; i0 on s2 by cold; i0 reserves s0; Moved { task: Task#0, instance: Instance#0, to: Confirming }
    0d 00:02:31  Moved { task: Task#0, instance: Instance#0, to: Reverting }; i0 reserves s0 no more; i0 off s2; i0 on s0 by cold-revert; Moved { task: Task#0, instance: Instance#0, to: Reverted }; Job { job: 0, instance: Instance#0, to: Fail, error: Some(NotConfirmed) }; cold of i0 Failed; e0 Scheduled -> Executing; e0 Executing -> Executed
    ");
}
