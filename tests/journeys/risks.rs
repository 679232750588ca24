//! Servers at risk: cured, emptied and repaired, or crashed.

use crate::{checked, story::told};
use fleetsim::{fleet::Fleet, kernel::time::Instant, messages::fact::Fact, observe::Observer};

/// Steps of fixed length; migrations that succeed; events that nobody withdraws.
pub const STEADY: &str = r#"
[settings]
instance = { pending = "3s", starting = "40s", stopping = "10s" }
recover = { detect = "30s" }
guest = { crash_rate = "never" }
event = { lead = "24h", cancel_p = 0 }
redeploy = { placement = "1s", switch = "60s", rollback = "30s", fail_p = 0 }
livemig = { success_p = 1, duration = "20s", blackout = "100ms" }
"#;

/// One server that comes to be at risk after five hours, as `risk` says, and a safe one.
pub fn fleet(risk: &str, rest: &str) -> String {
    format!(
        r#"
[scenario]
name = "risks"
horizon = "34h"
[server_models.weak]
vcpus = 8
memory = "32GiB"
local_disks = {{ count = 2, size = "1000GiB" }}
crash = "never"
risk = {{ life = "5h", {risk} }}
[server_models.strong]
vcpus = 8
memory = "32GiB"
local_disks = {{ count = 2, size = "1000GiB" }}
crash = "never"
risk = "never"
[[servers]]
model = "weak"
count = 1
zones = ["z"]
[[servers]]
model = "strong"
count = 1
zones = ["z"]
[instance_types.cloud]
vcpus = 4
memory = "16GiB"
[instance_types.local]
vcpus = 4
memory = "16GiB"
local_disks = 1
{rest}
{STEADY}
"#
    )
}

pub const MUST_LEAVE: &str = "curable = 0, crash_p = 0, repair = \"20h\"";
pub const CURABLE: &str = "curable = 1, crash_p = 0";

/// One instance of this type.
pub fn one(of: &str) -> String {
    format!("[[workload.instances]]\ntype = \"{of}\"\ncount = 1\n")
}

#[test]
fn the_server_is_emptied_silently_and_repaired() {
    insta::assert_snapshot!(told(&fleet(MUST_LEAVE, &one("cloud"))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; live of i0; i0 reserves s1
    0d 05:00:19.900000  i0 down by migration
    0d 05:00:20  i0 reserves s1 no more; i0 off s0; i0 on s1 by live; i0 served; live of i0 Finished; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    1d 01:00:20  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    1d 06:00:20  s0 at risk; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    ");
}

#[test]
fn a_restart_cures_the_risk() {
    insta::assert_snapshot!(told(&fleet(CURABLE, &one("local"))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 05:00:10  i0 Stopping -> Starting
    1d 05:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; s0 at risk no more
    ");
}

#[test]
fn local_data_is_lost_when_the_server_must_be_emptied() {
    insta::assert_snapshot!(told(&fleet(MUST_LEAVE, &one("local"))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Redeploy of i0 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; redeploy of i0; i0 Running -> Stopping; i0 down by maintenance
    1d 05:00:11  i0 reserves s1
    1d 05:01:11  i0 Stopping -> Starting
    1d 05:01:51  i0 loses 1073741824000 B; i0 reserves s1 no more; i0 off s0; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e0 Executing -> Executed; i0 served; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    ");
}

#[test]
fn without_live_migration_the_restart_moves_the_instance() {
    let policy = "[policies.maintenance]\nlive_migration = false\n";
    let text = fleet(MUST_LEAVE, &format!("{}{policy}", one("cloud")));
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 05:00:10  i0 off s0; i0 on s1 by reboot-move; i0 Stopping -> Starting
    1d 05:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    ");
}

#[test]
fn an_instance_that_is_to_stop_stays_where_its_disks_are() {
    let stops = "[instance_types.local]\naction_on_maintenance = \"Stop\"";
    let text = fleet(MUST_LEAVE, &one("local")).replace("[instance_types.local]", stops);
    let text = text
        .replace("[settings]", "[policies.customers.default]\nrestart_after = \"1h\"\n[settings]");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Stop of i0 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 05:00:10  i0 Stopping -> Stopped; e0 Executing -> Executed; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    1d 06:00:10  StartInstance of i0 refused: IncorrectInstanceStatus
    1d 07:00:10  StartInstance of i0 refused: IncorrectInstanceStatus
    1d 08:00:10  StartInstance of i0 refused: IncorrectInstanceStatus
    1d 09:00:10  StartInstance of i0 refused: IncorrectInstanceStatus
    ");
}

#[test]
fn the_risk_comes_true_first() {
    let risk = "curable = 1, crash_p = 1, crash_after = \"3h\"";
    let text = fleet(risk, &one("local"));
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00
    0d 08:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 08:00:30  e0 Scheduled -> Canceled; e0 SystemFailure.Redeploy of i0 Inquiring; i0 Running -> Stopped
    ");
}

#[test]
fn the_operator_ignores_predictions() {
    let risk = "curable = 1, crash_p = 1, crash_after = \"3h\"";
    let text =
        fleet(risk, &format!("{}[policies.maintenance]\non_risk = \"ignore\"\n", one("cloud")));
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk
    0d 08:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 08:00:30  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting
    0d 08:01:10  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn one_server_is_worked_on_at_a_time() {
    let text = fleet(CURABLE, &one("local")).replace("count = 1\nzones", "count = 2\nzones");
    let text = text.replace("type = \"local\"\ncount = 1", "type = \"local\"\ncount = 4");
    let text = text.replace("[settings]", "[settings]\nmaint = { max_concurrent_hosts = 1 }");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s1 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served; i3 is asked for; i3 on s1 by at-start; i3 Pending -> Starting; i3 Starting -> Running; i3 owes; i3 served
    0d 05:00:00  s0 at risk; s1 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00; e1 SystemMaintenance.Reboot of i1 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance; e1 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance
    1d 05:00:10  i0 Stopping -> Starting; i1 Stopping -> Starting
    1d 05:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served; s0 at risk no more; e1 SystemMaintenance.Reboot of i2 Scheduled for 2d 05:00:50; e0 SystemMaintenance.Reboot of i3 Scheduled for 2d 05:00:50
    ");
}

/// A server at risk and a safe one, full of instances of which those on the safe one leave after
/// four days.
fn full(risk: &str, kind: &str, rest: &str) -> String {
    let stay = format!("[[workload.instances]]\ntype = \"{kind}\"\ncount = 2\n");
    let more = format!("{stay}{stay}life = \"96h\"\n{rest}");
    fleet(risk, &more).replace("horizon = \"34h\"", "horizon = \"144h\"")
}

/// A restart that moves nobody cures nothing, and is not repeated: the server stays closed, and is
/// left once there is room.
#[test]
fn who_has_nowhere_to_go_is_restarted_once_and_leaves_when_there_is_room() {
    insta::assert_snapshot!(told(&full(MUST_LEAVE, "cloud", "")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s1 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served; i3 is asked for; i3 on s1 by at-start; i3 Pending -> Starting; i3 Starting -> Running; i3 owes; i3 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00; e1 SystemMaintenance.Reboot of i1 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance; e1 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance
    1d 05:00:10  i0 Stopping -> Starting; i1 Stopping -> Starting
    1d 05:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served; s0 cannot be emptied: 2 stay
    4d 00:00:00  i2 owes no more; i2 off s1; i2 Running -> Released; i3 owes no more; i3 off s1; i3 Running -> Released; live of i0; i0 reserves s1; live of i1; i1 reserves s1
    4d 00:00:19.900000  i0 down by migration; i1 down by migration
    4d 00:00:20  i0 reserves s1 no more; i0 off s0; i0 on s1 by live; i0 served; live of i0 Finished; i1 reserves s1 no more; i1 off s0; i1 on s1 by live; i1 served; live of i1 Finished; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    4d 20:00:20  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    5d 01:00:20  s0 at risk; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    5d 21:00:20  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    ");
}

/// Without live migration they are told again once there is room, and their restart moves them.
#[test]
fn who_cannot_be_migrated_is_told_again_once_there_is_room() {
    let policy = "[policies.maintenance]\nlive_migration = false\n";
    insta::assert_snapshot!(told(&full(MUST_LEAVE, "cloud", policy)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s1 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served; i3 is asked for; i3 on s1 by at-start; i3 Pending -> Starting; i3 Starting -> Running; i3 owes; i3 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00; e1 SystemMaintenance.Reboot of i1 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance; e1 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance
    1d 05:00:10  i0 Stopping -> Starting; i1 Stopping -> Starting
    1d 05:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served; s0 cannot be emptied: 2 stay
    4d 00:00:00  i2 owes no more; i2 off s1; i2 Running -> Released; i3 owes no more; i3 off s1; i3 Running -> Released; e1 SystemMaintenance.Reboot of i0 Scheduled for 5d 00:00:00; e0 SystemMaintenance.Reboot of i1 Scheduled for 5d 00:00:00
    5d 00:00:00  e0 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance; e1 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    5d 00:00:10  i0 off s0; i0 on s1 by reboot-move; i0 Stopping -> Starting; i1 off s0; i1 on s1 by reboot-move; i1 Stopping -> Starting
    5d 00:00:50  i0 Starting -> Running; e1 Executing -> Executed; i0 served; i1 Starting -> Running; e0 Executing -> Executed; i1 served; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    5d 20:00:50  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    ");
}

/// The same where local disks bind them: no redeployment is begun that nothing has room for.
#[test]
fn who_is_bound_is_told_again_once_there_is_room() {
    insta::assert_snapshot!(told(&full(MUST_LEAVE, "local", "")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s1 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served; i3 is asked for; i3 on s1 by at-start; i3 Pending -> Starting; i3 Starting -> Running; i3 owes; i3 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Redeploy of i0 Scheduled for 1d 05:00:00; e1 SystemMaintenance.Redeploy of i1 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; redeploy of i0; i0 Running -> Stopping; i0 down by maintenance; e1 Scheduled -> Executing; redeploy of i1; i1 Running -> Stopping; i1 down by maintenance
    1d 05:00:11  i0 finds no room for its redeploy; i0 Stopping -> Starting; i1 finds no room for its redeploy; i1 Stopping -> Starting
    1d 05:00:41  i0 Starting -> Running; redeploy of i0 Failed; i0 served; e0 Executing -> Canceled; i1 Starting -> Running; redeploy of i1 Failed; i1 served; e1 Executing -> Canceled
    2d 05:00:41  s0 cannot be emptied: 2 stay
    4d 00:00:00  i2 owes no more; i2 off s1; i2 Running -> Released; i3 owes no more; i3 off s1; i3 Running -> Released; e1 SystemMaintenance.Redeploy of i0 Scheduled for 5d 00:00:00; e0 SystemMaintenance.Redeploy of i1 Scheduled for 5d 00:00:00
    5d 00:00:00  e0 Scheduled -> Executing; redeploy of i1; i1 Running -> Stopping; i1 down by maintenance; e1 Scheduled -> Executing; redeploy of i0; i0 Running -> Stopping; i0 down by maintenance
    5d 00:00:11  i0 reserves s1; i1 reserves s1
    5d 00:01:11  i0 Stopping -> Starting; i1 Stopping -> Starting
    5d 00:01:51  i0 loses 1073741824000 B; i0 reserves s1 no more; i0 off s0; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e1 Executing -> Executed; i0 served; i1 loses 1073741824000 B; i1 reserves s1 no more; i1 off s0; i1 on s1 by redeploy; i1 Starting -> Running; redeploy of i1 Finished; e0 Executing -> Executed; i1 served; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    5d 20:01:51  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    ");
}

/// What comes faster takes the room that a restart was planned for: it is withdrawn.
#[test]
fn a_second_restart_without_room_is_withdrawn() {
    let more = "[policies.maintenance]\nlive_migration = false\n[[scripts]]\nat = \"100h\"\n\
                do = \"RunInstances\"\nInstanceType = \"cloud\"\nAmount = 2\n";
    insta::assert_snapshot!(told(&full(MUST_LEAVE, "cloud", more)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s1 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served; i3 is asked for; i3 on s1 by at-start; i3 Pending -> Starting; i3 Starting -> Running; i3 owes; i3 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00; e1 SystemMaintenance.Reboot of i1 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance; e1 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance
    1d 05:00:10  i0 Stopping -> Starting; i1 Stopping -> Starting
    1d 05:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served; s0 cannot be emptied: 2 stay
    4d 00:00:00  i2 owes no more; i2 off s1; i2 Running -> Released; i3 owes no more; i3 off s1; i3 Running -> Released; e1 SystemMaintenance.Reboot of i0 Scheduled for 5d 00:00:00; e0 SystemMaintenance.Reboot of i1 Scheduled for 5d 00:00:00
    4d 04:00:00  RunInstances; i3 is asked for; i3 on s1; i2 is asked for; i2 on s1
    4d 04:00:03  i2 Pending -> Starting; i3 Pending -> Starting
    4d 04:00:43  i2 Starting -> Running; i2 owes; i2 served; i3 Starting -> Running; i3 owes; i3 served
    5d 00:00:00  e0 Scheduled -> Canceled; e1 Scheduled -> Canceled
    ");
}

/// The lines of `text` from `from` on, as they are told.
fn from<'a>(text: &'a str, from: &str) -> &'a str {
    &text[text.find(from).expect("something happens then")..]
}

/// How often each of these is told.
fn counts<const N: usize>(text: &str, of: [&str; N]) -> [usize; N] {
    of.map(|what| text.matches(what).count())
}

/// One slot lets one instance of six on three servers leave: nobody else is told of a restart, and
/// nobody else is restarted.
#[test]
fn a_free_slot_restarts_one_instance_alone() {
    let policy = "[policies.maintenance]\nlive_migration = false\n";
    let stay = |count| format!("[[workload.instances]]\ntype = \"cloud\"\ncount = {count}\n");
    let workload = format!("{}{}life = \"96h\"\n{}{policy}", stay(6), stay(1), stay(1));
    let text = fleet(MUST_LEAVE, &workload).replace("horizon = \"34h\"", "horizon = \"240h\"");
    let text = text.replacen("count = 1\nzones", "count = 3\nzones", 1);
    let told = told(&text);
    let of = ["SystemMaintenance.Reboot of", "Running -> Stopping", "by reboot-move"];
    assert_eq!(counts(&told, of), [7, 7, 1], "{told}");
    assert_eq!(counts(from(&told, "4d 00:00:00  i6 owes no more"), of), [1, 1, 1], "{told}");
}

/// Two were told again, and a launch has taken the room of one: when their time comes, one goes, and
/// the other is not restarted.
#[test]
fn of_two_second_restarts_with_room_for_one_one_is_withdrawn() {
    let more = "[policies.maintenance]\nlive_migration = false\n[[scripts]]\nat = \"100h\"\n\
                do = \"RunInstances\"\nInstanceType = \"cloud\"\nAmount = 1\n";
    let told = told(&full(MUST_LEAVE, "cloud", more));
    let of = ["Scheduled -> Canceled", "Running -> Stopping", "by reboot-move"];
    assert_eq!(counts(from(&told, "5d 00:00:00  "), of), [1, 1, 1], "{told}");
}

/// One whose copy never converges takes the only room first, as its name comes first, and gives it
/// back: the other, who found none then, goes next, and not days later.
#[test]
fn one_that_cannot_be_copied_keeps_no_other_from_leaving() {
    let text = format!(
        r#"
[scenario]
name = "turns"
horizon = "6d"
[network]
rack_uplink = "40Gbit/s"
migration_share = "50%"
[server_models.weak]
vcpus = 16
memory = "64GiB"
nic_rate = "10Gbit/s"
crash = "never"
risk = {{ life = "24h", {MUST_LEAVE} }}
[server_models.strong]
vcpus = 16
memory = "64GiB"
nic_rate = "10Gbit/s"
crash = "never"
risk = "never"
[[servers]]
model = "weak"
count = 1
zones = ["a"]
[[servers]]
model = "strong"
count = 1
zones = ["a"]
[instance_types.dirty]
vcpus = 8
memory = "32GiB"
dirty = {{ rate = "4000MiB/s" }}
[instance_types.calm]
vcpus = 8
memory = "32GiB"
[instance_types.small]
vcpus = 4
memory = "16GiB"
[[workload.instances]]
type = "dirty"
count = 1
[[workload.instances]]
type = "calm"
count = 1
[[workload.instances]]
type = "calm"
count = 1
life = "60h"
[[workload.instances]]
type = "small"
count = 1
[policies]
placement = "first-fit"
[settings]
guest = {{ crash_rate = "never" }}
event = {{ lead = "24h", cancel_p = 0, reboot_moves_cloud_only = false }}
livemig = {{ not_converging = "abort" }}
"#
    );
    let told = told(&text);
    let line = told.lines().find(|line| line.contains("i1 on s1 by live"));
    assert!(line.is_some_and(|line| line.starts_with("2d 12:")), "{told}");
    assert!(counts(&told, ["live of i0; i0 reserves"])[0] < 20, "{told}");
}

/// Who comes running to a server whose risk restarts cure has had none for it: it is told, too.
#[test]
fn who_is_migrated_to_a_server_that_restarts_cure_is_restarted() {
    let more = r#"
[[workload.instances]]
name = "w"
type = "cloud"
count = 2
[[campaigns]]
name = "empty"
start = "290min"
servers = { models = ["strong"] }
drain = { work = "30h" }
[[scripts]]
at = "1h"
do = "RunInstances"
InstanceType = "cloud"
[[scripts]]
at = "2h"
do = "DeleteInstance"
InstanceId = "w[0]"
Force = true
"#;
    let text = fleet(CURABLE, more).replace("duration = \"20s\"", "duration = \"20min\"");
    let told = told(&text);
    let line = told.lines().find(|line| line.contains("i2 on s0 by live")).expect("it comes");
    assert!(line.starts_with("0d 05:10:00"), "{told}");
    assert!(line.contains("SystemMaintenance.Reboot of i2"), "{told}");
}

/// A server that nobody can leave takes no slot, so that others are drained; and a drain of its own
/// says that it cannot be emptied, and why.
#[test]
fn a_stuck_server_keeps_no_drain_waiting() {
    let drain = |model: &str, at: &str| {
        format!(
            "[[campaigns]]\nname = \"{model}\"\nstart = \"{at}\"\n\
             servers = {{ models = [\"{model}\"] }}\n\
             drain = {{ patience = \"2h\", retry = \"1h\" }}\n"
        )
    };
    let drains = drain("strong", "48h") + &drain("weak", "60h");
    let text = full(MUST_LEAVE, "cloud", &drains);
    let text = text.replace("[settings]", "[settings]\nmaint = { max_concurrent_hosts = 1 }");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s1 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served; i3 is asked for; i3 on s1 by at-start; i3 Pending -> Starting; i3 Starting -> Running; i3 owes; i3 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00; e1 SystemMaintenance.Reboot of i1 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance; e1 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance
    1d 05:00:10  i0 Stopping -> Starting; i1 Stopping -> Starting
    1d 05:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served; s0 cannot be emptied: 2 stay
    2d 00:00:00  Planned { campaign: Campaign#0, moves: 0, barred: 2 }; Barred { campaign: Campaign#0, instance: Instance#2, server: Server#1, why: NoRoom }; Barred { campaign: Campaign#0, instance: Instance#3, server: Server#1, why: NoRoom }; the campaign takes up s1
    2d 01:00:00  Planned { campaign: Campaign#0, moves: 0, barred: 2 }
    2d 02:00:00  Planned { campaign: Campaign#0, moves: 0, barred: 2 }; GivenUp { campaign: Campaign#0, server: Server#1, left: 2 }; the campaign is done with s1; the campaign is complete
    2d 12:00:00  Planned { campaign: Campaign#1, moves: 0, barred: 2 }; Barred { campaign: Campaign#1, instance: Instance#0, server: Server#0, why: NoRoom }; Barred { campaign: Campaign#1, instance: Instance#1, server: Server#0, why: NoRoom }; the campaign takes up s0
    2d 13:00:00  Planned { campaign: Campaign#1, moves: 0, barred: 2 }
    2d 14:00:00  Planned { campaign: Campaign#1, moves: 0, barred: 2 }; GivenUp { campaign: Campaign#1, server: Server#0, left: 2 }; the campaign is done with s0; the campaign is complete
    4d 00:00:00  i2 owes no more; i2 off s1; i2 Running -> Released; i3 owes no more; i3 off s1; i3 Running -> Released; live of i0; i0 reserves s1; live of i1; i1 reserves s1
    4d 00:00:19.900000  i0 down by migration; i1 down by migration
    4d 00:00:20  i0 reserves s1 no more; i0 off s0; i0 on s1 by live; i0 served; live of i0 Finished; i1 reserves s1 no more; i1 off s0; i1 on s1 by live; i1 served; live of i1 Finished; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    4d 20:00:20  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    5d 01:00:20  s0 at risk; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    5d 21:00:20  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    ");
}

/// Counts risks.
#[derive(Default)]
struct Count {
    risks: u64,
}

impl Observer for Count {
    fn see(&mut self, _now: Instant, fact: &Fact, _fleet: &Fleet) {
        self.risks += u64::from(matches!(fact, Fact::ServerAtRisk { at_risk: true, .. }));
    }
}

/// On empty servers a curable risk is over as it arises, so that risks are a Poisson process: with
/// 200 servers, 2 a year each, over a quarter of a year, 100 are expected. At a significance of
/// 0.1 % the sum over 20 runs, 2,000 expected, lies within 3.29 standard deviations of 44.7.
#[test]
fn risks_come_at_their_rate() {
    let text = r#"
[scenario]
name = "poisson"
horizon = "2190h"
seed = 5
[server_models.m]
vcpus = 8
memory = "32GiB"
crash = "never"
risk = { rate = "2/year", curable = 1, crash_p = 0 }
[[servers]]
model = "m"
count = 200
zones = ["z"]
"#;
    let scenario = checked::scenario(text);
    let mut count = Count::default();
    for run in 0..20 {
        fleetsim::simulation::run(&scenario, run, &mut count);
    }
    let off = (count.risks as f64 - 2_000.0).abs();
    assert!(off < 3.29 * 2_000_f64.sqrt(), "{} risks", count.risks);
}

/// SGX ties an instance to its server as local disks do, with no data to lose (spec/events.md 2.8,
/// spec/corrections.md 10).
#[test]
fn what_is_bound_by_sgx_is_redeployed_and_loses_no_data() {
    let sgx =
        |text: String| text.replace("[instance_types.cloud]", "[instance_types.cloud]\nsgx = true");
    insta::assert_snapshot!(told(&sgx(fleet(MUST_LEAVE, &one("cloud")))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Redeploy of i0 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; redeploy of i0; i0 Running -> Stopping; i0 down by maintenance
    1d 05:00:11  i0 reserves s1
    1d 05:01:11  i0 Stopping -> Starting
    1d 05:01:51  i0 reserves s1 no more; i0 off s0; i0 on s1 by redeploy; i0 Starting -> Running; redeploy of i0 Finished; e0 Executing -> Executed; i0 served; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    ");
    let crash =
        "crash = { life = \"5h\", restarts_itself = 0, repair = \"2h\" }\nrisk = \"never\"\n";
    let weak = format!("crash = \"never\"\nrisk = {{ life = \"5h\", {MUST_LEAVE} }}\n");
    let broken = sgx(fleet(MUST_LEAVE, &one("cloud"))).replace(&weak, crash);
    insta::assert_snapshot!(told(&broken.replace("34h", "9h")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:30  e0 SystemFailure.Redeploy of i0 Inquiring; i0 Running -> Stopped
    0d 07:00:00  s0 repair ends; s0 InRepair -> Up; s0 works; e0 Inquiring -> Canceled; i0 Stopped -> Starting
    0d 07:00:40  i0 Starting -> Running; i0 served
    ");
}
