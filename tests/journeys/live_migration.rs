//! Live migrations off a server at risk: silent, given up, and what then follows.

use crate::{
    checked,
    risks::{MUST_LEAVE, fleet, one},
    story::told,
};

/// The story of instances on a server at risk, with something different.
fn with(instances: &str, changes: &[(&str, &str)]) -> String {
    let mut text = fleet(MUST_LEAVE, instances).replace("horizon = \"34h\"", "horizon = \"30h\"");
    for (usual, different) in changes {
        assert!(text.contains(usual), "{usual}");
        text = text.replace(usual, different);
    }
    told(&text)
}

/// A safe server that crashes ten seconds after the risk has arisen.
const TARGET_CRASHES: (&str, &str) = (
    "crash = \"never\"\nrisk = \"never\"",
    "crash = { life = \"5h10s\", restarts_itself = 0, repair = \"40h\" }\nrisk = \"never\"",
);

/// The pause begins five seconds after the migration.
const LONG_PAUSE: (&str, &str) = ("blackout = \"100ms\"", "blackout = \"15s\"");

#[test]
fn the_copy_fails_and_an_event_is_published() {
    let fails = ("success_p = 1", "success_p = 0");
    insta::assert_snapshot!(with(&one("cloud"), &[fails]), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; live of i0; i0 reserves s1
    0d 05:00:19.900000  i0 reserves s1 no more; live of i0 Failed; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:19.900000
    1d 05:00:19.900000  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 05:00:29.900000  i0 off s0; i0 on s1 by reboot-move; i0 Stopping -> Starting
    1d 05:01:09.900000  i0 Starting -> Running; e0 Executing -> Executed; i0 served; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    ");
}

#[test]
fn there_is_no_room_and_an_event_is_published() {
    let full = format!("{}[[workload.instances]]\ntype = \"large\"\ncount = 1\n", one("cloud"));
    let large = (
        "[instance_types.local]",
        "[instance_types.large]\nvcpus = 8\nmemory = \"32GiB\"\n[instance_types.local]",
    );
    insta::assert_snapshot!(with(&full, &[large]), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s1 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00
    1d 05:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 05:00:10  i0 Stopping -> Starting
    1d 05:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; s0 cannot be emptied: 1 stay
    ");
}

#[test]
fn one_after_the_other() {
    let two = "[[workload.instances]]\ntype = \"cloud\"\ncount = 2\n\
               [policies.maintenance]\nlive_at_once = 1\n";
    insta::assert_snapshot!(with(two, &[]), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 05:00:00  s0 at risk; live of i0; i0 reserves s1
    0d 05:00:19.900000  i0 down by migration
    0d 05:00:20  i0 reserves s1 no more; i0 off s0; i0 on s1 by live; i0 served; live of i0 Finished; live of i1; i1 reserves s1
    0d 05:00:39.900000  i1 down by migration
    0d 05:00:40  i1 reserves s1 no more; i1 off s0; i1 on s1 by live; i1 served; live of i1 Finished; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    1d 01:00:40  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    ");
}

#[test]
fn the_source_crashes() {
    let crashes = ("crash_p = 0", "crash_p = 1, crash_after = \"10s\"");
    insta::assert_snapshot!(with(&one("cloud"), &[crashes]), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; live of i0; i0 reserves s1
    0d 05:00:10  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; i0 reserves s1 no more; live of i0 Failed; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:40  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting
    0d 05:01:20  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    1d 01:00:10  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    ");
}

#[test]
fn the_source_crashes_during_the_pause() {
    let crashes = ("crash_p = 0", "crash_p = 1, crash_after = \"10s\"");
    insta::assert_snapshot!(with(&one("cloud"), &[crashes, LONG_PAUSE]), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; live of i0; i0 reserves s1
    0d 05:00:05  i0 down by migration
    0d 05:00:10  s0 Up -> Broken; s0 fails; s0 awaits a crew; i0 reserves s1 no more; live of i0 Failed; s0 repair begins; s0 Broken -> InRepair
    0d 05:00:40  e0 SystemFailure.Reboot of i0 Executing; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting
    0d 05:01:20  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    1d 01:00:10  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    ");
}

#[test]
fn the_target_crashes() {
    insta::assert_snapshot!(with(&one("cloud"), &[TARGET_CRASHES]), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; live of i0; i0 reserves s1
    0d 05:00:10  s1 Up -> Broken; s1 fails; s1 awaits a crew; s1 repair begins; s1 Broken -> InRepair
    0d 05:00:19.900000  i0 reserves s1 no more; live of i0 Failed; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:19.900000
    1d 05:00:19.900000  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 05:00:29.900000  i0 Stopping -> Starting
    1d 05:01:09.900000  i0 Starting -> Running; e0 Executing -> Executed; i0 served; s0 cannot be emptied: 1 stay
    ");
}

#[test]
fn the_target_crashes_during_the_pause() {
    insta::assert_snapshot!(with(&one("cloud"), &[TARGET_CRASHES, LONG_PAUSE]), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; live of i0; i0 reserves s1
    0d 05:00:05  i0 down by migration
    0d 05:00:10  s1 Up -> Broken; s1 fails; s1 awaits a crew; s1 repair begins; s1 Broken -> InRepair
    0d 05:00:20  i0 reserves s1 no more; i0 served; live of i0 Failed; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:20
    1d 05:00:20  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 05:00:30  i0 Stopping -> Starting
    1d 05:01:10  i0 Starting -> Running; e0 Executing -> Executed; i0 served; s0 cannot be emptied: 1 stay
    ");
}

#[test]
fn the_instance_is_released_meanwhile() {
    let life = ("count = 1\n\n", "count = 1\nlife = \"5h10s\"\n\n");
    insta::assert_snapshot!(with(&one("cloud"), &[life]), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; live of i0; i0 reserves s1
    0d 05:00:10  i0 reserves s1 no more; live of i0 Failed; i0 owes no more; i0 off s0; i0 Running -> Released; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    1d 01:00:10  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    ");
}

#[test]
fn the_instance_is_released_during_the_pause() {
    let life = ("count = 1\n\n", "count = 1\nlife = \"5h10s\"\n\n");
    insta::assert_snapshot!(with(&one("cloud"), &[life, LONG_PAUSE]), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; live of i0; i0 reserves s1
    0d 05:00:05  i0 down by migration
    0d 05:00:10  i0 reserves s1 no more; i0 served; live of i0 Failed; i0 owes no more; i0 off s0; i0 Running -> Released; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    1d 01:00:10  s0 repair ends; s0 InRepair -> Up; s0 works; s0 at risk no more
    ");
}

#[test]
fn nobody_is_migrated_live_to_another_zone() {
    let far = fleet(MUST_LEAVE, &one("cloud")).replace("horizon = \"34h\"", "horizon = \"6h\"");
    let (before, strong) = far.split_once("model = \"strong\"").unwrap();
    let far = format!("{before}model = \"strong\"{}", strong.replacen("\"z\"", "\"far\"", 1));
    insta::assert_snapshot!(told(&far), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 05:00:00  s0 at risk; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 05:00:00
    ");
}

/// A pause is what a live migration makes of its instance; what a crash makes of it is not.
#[test]
fn a_crash_in_the_pause_is_no_longer_a_pause() {
    let text = fleet(MUST_LEAVE, &one("cloud"));
    let pauses = |crash: &str| {
        let text = text.replace(LONG_PAUSE.0, LONG_PAUSE.1).replace("crash_p = 0", crash);
        let outcome = checked::run(&checked::scenario(&text), 0, &mut ());
        let of = |name: &str, labels: &[&str]| checked::value(&outcome, name, labels);
        (of("migration.blackout.p99", &[]), of("downtime", &["migration"]))
    };
    let (pause, down) = pauses("crash_p = 0");
    assert!((pause - 15.0).abs() < 1e-9 && (down - 15.0).abs() < 1e-9, "{pause} {down}");
    // It is down from 5:00:05 on; its server crashes 5 s later, which is noticed 30 s later.
    let (pause, down) = pauses("crash_p = 1, crash_after = \"10s\"");
    assert!(pause.abs() < 1e-9 && (down - 75.0).abs() < 1e-9, "{pause} {down}");
}
