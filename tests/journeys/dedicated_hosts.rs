//! Dedicated hosts: what becomes of them and of who is on them when their server fails, is at risk,
//! or their owner moves something.

use crate::{risks::STEADY, story::told};

/// Servers kept for hosts, some of which carry one; `crash` and `risk` are those of their model.
fn fleet(hosts: &str, [crash, risk]: [&str; 2], rest: &str) -> String {
    format!(
        r#"
[scenario]
name = "hosts"
horizon = "4h"
[server_models.m]
vcpus = 8
memory = "32GiB"
crash = {crash}
risk = {risk}
[server_models.disks]
vcpus = 8
memory = "32GiB"
local_disks = {{ count = 2, size = "1000GiB", failure = "never" }}
crash = {crash}
risk = {risk}
[instance_types.cloud]
vcpus = 4
memory = "16GiB"
[instance_types.small]
vcpus = 2
memory = "8GiB"
[policies.customers.default]
restart_after = "1h"
{hosts}
{rest}
{STEADY}
ddh = {{ prepare = "60s", ticket = "30min", live_fail_p = 0 }}
host = {{ idle_wears = false }}
"#
    )
}

/// So many servers of model `m`, kept for the hosts that `hosts` states.
fn kept(count: u32, hosts: &str) -> String {
    format!(
        "[[servers]]\nmodel = \"m\"\ncount = {count}\nzones = [\"z\"]\ndedicated = true\n{hosts}"
    )
}

const ONE: &str = "[[dedicated_hosts]]\nname = \"one\"\nmodel = \"m\"\nzone = \"z\"\n";
const TWO: &str = "[[dedicated_hosts]]\nname = \"two\"\nmodel = \"m\"\nzone = \"z\"\n";
const STOP: &str = "action_on_maintenance = \"Stop\"\n";

const NEVER: &str = "\"never\"";
const HARD: &str = "{ life = \"2h\", restarts_itself = 0, repair = \"9h\" }";
const SOFT: &str = "{ life = \"2h\", restarts_itself = 1, restart = \"3min\" }";

/// Instances on the host called `one`.
const ON_ONE: &str = "[[workload.instances]]\nname = \"db\"\ntype = \"cloud\"\ncount = 2\n\
                      dedicated_host = \"one\"\n";

/// A command at a time.
fn script(at: &str, operation: &str, parameters: &str) -> String {
    format!("[[scripts]]\nat = \"{at}\"\ndo = \"{operation}\"\n{parameters}\n")
}

/// Stops number 1 of the instances on `one` after an hour.
fn one_is_stopped() -> String {
    script("1h", "StopInstance", "InstanceId = \"db[1]\"")
}

#[test]
fn under_migrate_a_host_moves_and_who_ran_is_restarted() {
    let text = fleet(&kept(2, ONE), [HARD, NEVER], &format!("{ON_ONE}{}", one_is_stopped()));
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 01:00:00  StopInstance of i1; i1 owes no more; i1 Running -> Stopping
    0d 01:00:10  i1 Stopping -> Stopped
    0d 02:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 02:00:30  h0 Available -> TempUnavailable; e0 SystemFailure.Reboot of i0 Executing; h0 TempUnavailable -> Redeploying
    0d 02:01:30  h0 from s0 to s1; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting; i1 off s0; i1 on s1 by stopped-move; h0 Redeploying -> Available
    0d 02:02:10  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served
    ");
}

#[test]
fn a_host_without_an_idle_server_waits_for_its_own() {
    let text = fleet(&kept(1, ONE), [HARD, NEVER], ON_ONE);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 02:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; i1 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 02:00:30  h0 Available -> TempUnavailable; e0 SystemFailure.Reboot of i0 Executing; e1 SystemFailure.Reboot of i1 Executing; h0 waits for a server
    ");
}

#[test]
fn under_migrate_a_crash_that_passes_moves_the_host_too() {
    let text = fleet(&kept(2, ONE), [SOFT, NEVER], ON_ONE);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 02:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure; i1 down by server-failure
    0d 02:00:30  h0 Available -> TempUnavailable; e0 SystemFailure.Reboot of i0 Executing; e1 SystemFailure.Reboot of i1 Executing; h0 TempUnavailable -> Redeploying
    0d 02:01:30  h0 from s0 to s1; failover of i0; i0 off s0; i0 on s1 by failover; i0 Running -> Starting; failover of i1; i1 off s0; i1 on s1 by failover; i1 Running -> Starting; h0 Redeploying -> Available
    0d 02:02:10  i0 Starting -> Running; failover of i0 Finished; e0 Executing -> Executed; i0 served; i1 Starting -> Running; failover of i1 Finished; e1 Executing -> Executed; i1 served
    0d 02:03:00  s0 Restarting -> Up; s0 works
    ");
}

#[test]
fn under_stop_who_ran_is_stopped_and_the_host_waits_for_its_server() {
    let text = fleet(&kept(2, &format!("{ONE}{STOP}")), [SOFT, NEVER], ON_ONE);
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 02:00:00  s0 Up -> Restarting; s0 fails; i0 down by server-failure; i1 down by server-failure
    0d 02:00:30  h0 Available -> TempUnavailable; e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed; e0 SystemFailure.Stop of i1 Executing; i1 Running -> Stopped; e0 Executing -> Executed
    0d 02:03:00  s0 Restarting -> Up; s0 works; h0 TempUnavailable -> Available
    0d 03:00:30  StartInstance of i0; i0 Stopped -> Starting; StartInstance of i1; i1 Stopped -> Starting
    0d 03:01:10  i0 Starting -> Running; i0 served; i1 Starting -> Running; i1 served
    ");
}

#[test]
fn under_stop_a_host_that_is_lost_moves_and_starts_them() {
    let text = fleet(
        &kept(2, &format!("{ONE}{STOP}")),
        [HARD, NEVER],
        &format!("{ON_ONE}{}", one_is_stopped()),
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 01:00:00  StopInstance of i1; i1 owes no more; i1 Running -> Stopping
    0d 01:00:10  i1 Stopping -> Stopped
    0d 02:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 02:00:30  h0 Available -> TempUnavailable; e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed; h0 TempUnavailable -> Redeploying
    0d 02:01:30  h0 from s0 to s1; i0 off s0; i0 on s1 by stopped-move; i1 off s0; i1 on s1 by stopped-move; h0 Redeploying -> Available; i0 Stopped -> Starting
    0d 02:02:10  i0 Starting -> Running; i0 served
    ");
}

/// A host with local disks, and a spare of its model.
const LOCAL: &str = "[instance_types.local]\nvcpus = 4\nmemory = \"16GiB\"\nlocal_disks = 1\n\
    [[servers]]\nmodel = \"disks\"\ncount = 2\nzones = [\"z\"]\ndedicated = true\n\
    [[dedicated_hosts]]\nname = \"one\"\nmodel = \"disks\"\nzone = \"z\"\n";

#[test]
fn a_lost_host_with_local_disks_is_dead_until_a_ticket_is_done() {
    let on_one = ON_ONE.replace("cloud", "local").replace("count = 2", "count = 1");
    insta::assert_snapshot!(told(&fleet(LOCAL, [HARD, NEVER], &on_one)), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 02:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 02:00:30  h0 Available -> TempUnavailable; e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed; h0 TempUnavailable -> PermanentFailure
    0d 02:30:30  h0 PermanentFailure -> Redeploying
    0d 02:31:30  h0 from s0 to s1; i0 loses 1073741824000 B; i0 off s0; i0 on s1 by stopped-move; h0 Redeploying -> Available
    0d 03:00:30  StartInstance of i0; i0 Stopped -> Starting
    0d 03:01:10  i0 Starting -> Running; i0 served
    ");
}

#[test]
fn a_dead_host_comes_back_with_its_data_where_its_server_is_repaired_first() {
    let on_one = ON_ONE.replace("cloud", "local").replace("count = 2", "count = 1");
    let text =
        fleet(LOCAL, [HARD, NEVER], &on_one).replace("repair = \"9h\"", "repair = \"20min\"");
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 02:00:00  s0 Up -> Broken; s0 fails; i0 down by server-failure; s0 awaits a crew; s0 repair begins; s0 Broken -> InRepair
    0d 02:00:30  h0 Available -> TempUnavailable; e0 SystemFailure.Stop of i0 Executing; i0 Running -> Stopped; e0 Executing -> Executed; h0 TempUnavailable -> PermanentFailure
    0d 02:20:00  s0 repair ends; s0 InRepair -> Up; s0 works; h0 PermanentFailure -> Available
    0d 03:00:30  StartInstance of i0; i0 Stopped -> Starting
    0d 03:01:10  i0 Starting -> Running; i0 served
    ");
}

/// A risk that lasts until the server is repaired, at a time by chance; and one after two hours that
/// a restart cures.
const RISK: &str = "{ life = \"1h..9h\", curable = 0, crash_p = 0, repair = \"9h\" }";
const CURABLE: &str = "{ life = \"2h\", curable = 1, crash_p = 0 }";

/// One host, whose server comes to be at risk.
fn risky(risk: &str, more: &str) -> String {
    fleet(&kept(1, ONE), [NEVER, risk], &format!("{ON_ONE}{more}"))
        .replace("lead = \"24h\"", "lead = \"30min\"")
}

/// Another host, and an idle server, of a model that is never at risk.
const SAFE: &str = "[server_models.safe]\nvcpus = 8\nmemory = \"32GiB\"\ncrash = \"never\"\nrisk = \"never\"\n\
    [[servers]]\nmodel = \"safe\"\ncount = 2\nzones = [\"z\"]\ndedicated = true\n\
    [[dedicated_hosts]]\nname = \"two\"\nmodel = \"safe\"\nzone = \"z\"\n";

#[test]
fn at_risk_who_runs_goes_to_another_host_and_the_rest_is_told() {
    let pinned = "[[workload.instances]]\ntype = \"small\"\ncount = 1\ndedicated_host = \"two\"\n";
    insta::assert_snapshot!(told(&risky(CURABLE, &format!("{SAFE}{pinned}"))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served; i2 is asked for; i2 on s1 by at-start; i2 Pending -> Starting; i2 Starting -> Running; i2 owes; i2 served
    0d 02:00:00  s0 at risk; h0 Available -> UnderAssessment; live of i0; i0 reserves s1; i0 from h0 to h1 Started; e0 SystemMaintenance.Reboot of i1 Scheduled for 0d 02:30:00
    0d 02:00:19.900000  i0 down by migration
    0d 02:00:20  i0 from h0 to h1 Accomplished; i0 reserves s1 no more; i0 off s0; i0 on s1 by live; i0 served; live of i0 Finished
    0d 02:30:00  e0 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance
    0d 02:30:10  i1 Stopping -> Starting
    0d 02:30:50  i1 Starting -> Running; e0 Executing -> Executed; i1 served; s0 at risk no more; h0 UnderAssessment -> Available
    ");
}

#[test]
fn who_is_bound_to_a_host_at_risk_is_restarted_there() {
    let text = risky(CURABLE, SAFE).replace(
        "\ndedicated_host = \"one\"\n",
        "\ndedicated_host = \"one\"\naffinity = \"host\"\n",
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 02:00:00  s0 at risk; h0 Available -> UnderAssessment; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 02:30:00; e1 SystemMaintenance.Reboot of i1 Scheduled for 0d 02:30:00
    0d 02:30:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance; e1 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance
    0d 02:30:10  i0 Stopping -> Starting; i1 Stopping -> Starting
    0d 02:30:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served; s0 at risk no more; h0 UnderAssessment -> Available
    ");
}

/// As `text`, with an idle server, of a seed in which only the server that carries the host comes to
/// be at risk, at 01:41:29.
fn with_spare(text: &str) -> String {
    text.replace("count = 1\nzones", "count = 2\nzones").replace("horizon", "seed = 6\nhorizon")
}

#[test]
fn a_server_at_risk_that_must_be_repaired_is_left_as_a_whole() {
    insta::assert_snapshot!(told(&with_spare(&risky(RISK, ""))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 01:41:29.010086  s0 at risk; h0 Available -> UnderAssessment; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 02:11:29.010086; e1 SystemMaintenance.Reboot of i1 Scheduled for 0d 02:11:29.010086
    0d 02:11:29.010086  e0 Scheduled -> Executing; h0 UnderAssessment -> Redeploying; e1 Scheduled -> Executing
    0d 02:12:29.010086  h0 from s0 to s1; i0 Running -> Stopping; i0 down by maintenance; i0 off s0; i0 on s1 by reboot-move; i1 Running -> Stopping; i1 down by maintenance; i1 off s0; i1 on s1 by reboot-move; h0 Redeploying -> Available
    0d 02:12:39.010086  i0 Stopping -> Starting; i1 Stopping -> Starting
    0d 02:13:19.010086  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served; s0 Up -> Offline; s0 fails; s0 awaits a crew; s0 repair begins; s0 Offline -> InRepair
    ");
}

/// Who restarts by himself is not taken off his host, so that the risk is not over with that.
#[test]
fn restarts_by_owners_do_not_keep_a_host_on_a_server_that_must_be_repaired() {
    let owner = "[policies.customers.default]\nscheduled_event = \"reboot\"\n";
    let moves = with_spare(&risky(RISK, "")).replace("[policies.customers.default]\n", owner);
    let told_of = |text: &str| told(&text.replace("horizon = \"4h\"", "horizon = \"9d\""));
    let reboots = |story: &str| story.matches("SystemMaintenance.Reboot of").count();
    let story = told_of(&moves);
    for line in ["e0 Scheduled -> Avoided", "e1 Scheduled -> Avoided", "h0 from s0 to s1"] {
        assert!(story.contains(line), "{line}:\n{story}");
    }
    assert!(story.contains("s0 Up -> Offline; s0 fails; s0 awaits a crew"), "{story}");
    // Where it may not leave by itself, everybody is told once.
    let stops = moves.replace(ONE, &format!("{ONE}{STOP}"));
    let alone = moves.replace("count = 2\nzones", "count = 1\nzones");
    for stays in [stops, alone] {
        let story = told_of(&stays);
        assert_eq!(reboots(&story), 2, "{story}");
        assert_eq!(story.matches("UnderAssessment").count(), 1, "{story}");
    }
}

#[test]
fn an_owner_moves_a_stopped_instance_between_hosts_and_it_is_started() {
    let moves = script(
        "2h",
        "ModifyInstanceDeployment",
        "InstanceId = \"db[1]\"\nDedicatedHostId = \"two\"\nInstanceType = \"small\"\nAffinity = \"host\"",
    );
    let text = fleet(
        &kept(2, &format!("{ONE}{TWO}")),
        [NEVER, NEVER],
        &format!("{ON_ONE}{}{moves}", one_is_stopped()),
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 01:00:00  StopInstance of i1; i1 owes no more; i1 Running -> Stopping
    0d 01:00:10  i1 Stopping -> Stopped
    0d 02:00:00  ModifyInstanceDeployment of i1; i1 off s0; i1 is of template 1; i1 on s1 by reboot-move; i1 owes; i1 down by customer-action; i1 Stopped -> Starting
    0d 02:00:40  i1 Starting -> Running; i1 served
    ");
}

#[test]
fn an_owner_moves_a_running_instance_between_hosts() {
    let moves = script(
        "2h",
        "ModifyInstanceDeployment",
        "InstanceId = \"db[1]\"\nDedicatedHostId = \"two\"\nMigrationType = \"live\"",
    );
    let text = fleet(&kept(2, &format!("{ONE}{TWO}")), [NEVER, NEVER], &format!("{ON_ONE}{moves}"));
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 02:00:00  ModifyInstanceDeployment of i1; live of i1; i1 reserves s1; i1 from h0 to h1 Started
    0d 02:00:19.900000  i1 down by migration
    0d 02:00:20  i1 from h0 to h1 Accomplished; i1 reserves s1 no more; i1 off s0; i1 on s1 by live; i1 served; live of i1 Finished
    ");
    let fails = text.replace("live_fail_p = 0", "live_fail_p = 1");
    insta::assert_snapshot!(told(&fails), @r#"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 02:00:00  ModifyInstanceDeployment of i1; live of i1; i1 reserves s1; i1 from h0 to h1 Started
    0d 02:00:19.900000  i1 from h0 to h1 Failed; i1 reserves s1 no more; live of i1 Failed
    "#);
}

#[test]
fn a_shared_instance_goes_to_the_host_with_the_most_room() {
    let shared = "[[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"z\"]\n\
        [[workload.instances]]\nname = \"web\"\ntype = \"small\"\ncount = 1\n";
    let moves = script("1h", "StopInstance", "InstanceId = \"web[0]\"")
        + &script("2h", "ModifyInstanceDeployment", "InstanceId = \"web[0]\"\nTenancy = \"host\"")
        + &script("3h", "RedeployInstance", "InstanceId = \"web[0]\"");
    let text = fleet(
        &kept(2, &format!("{ONE}{TWO}")),
        [NEVER, NEVER],
        &format!("{shared}{}{moves}", ON_ONE.replace("count = 2", "count = 1")),
    );
    insta::assert_snapshot!(told(&text), @r"
    0d 00:00:00  i0 is asked for; i0 on s2 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 01:00:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping
    0d 01:00:10  i0 Stopping -> Stopped
    0d 02:00:00  ModifyInstanceDeployment of i0; i0 off s2; i0 on s1 by reboot-move; i0 owes; i0 down by customer-action; i0 Stopped -> Starting
    0d 02:00:40  i0 Starting -> Running; i0 served
    0d 03:00:00  RedeployInstance of i0 refused: InvalidOperation.RedeployInstance
    ");
}

/// An owner asks for another server of a host that is at risk.
fn redeployed(kind: &str, more: &str) -> String {
    let which = format!("DedicatedHostId = \"one\"{kind}");
    let redeploy = script("1h50min", "RedeployDedicatedHost", &which);
    let risk = "{ life = \"1h..9h\", curable = 1, crash_p = 0 }";
    let text = risky(risk, &format!("{redeploy}{more}"));
    with_spare(
        &text.replace(
            "dedicated_host = \"one\"\n",
            "dedicated_host = \"one\"\naffinity = \"host\"\n",
        ),
    )
}

#[test]
fn an_owner_redeploys_a_host_at_risk() {
    let stop =
        |which: &str| script("1h45min", "StopInstance", &format!("InstanceId = \"db[{which}]\""));
    insta::assert_snapshot!(told(&redeployed("", &(stop("0") + &stop("1")))), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 01:41:29.010086  s0 at risk; h0 Available -> UnderAssessment; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 02:11:29.010086; e1 SystemMaintenance.Reboot of i1 Scheduled for 0d 02:11:29.010086
    0d 01:45:00  StopInstance of i0; i0 owes no more; i0 Running -> Stopping; StopInstance of i1; i1 owes no more; i1 Running -> Stopping
    0d 01:45:10  i0 Stopping -> Stopped; i1 Stopping -> Stopped
    0d 01:50:00  RedeployDedicatedHost; h0 UnderAssessment -> Redeploying
    0d 01:51:00  h0 from s0 to s1; i0 off s0; i0 on s1 by stopped-move; e0 Scheduled -> Canceled; i1 off s0; i1 on s1 by stopped-move; e1 Scheduled -> Canceled; h0 Redeploying -> Available; s0 at risk no more
    ");
}

#[test]
fn an_owner_redeploys_a_host_at_risk_and_who_runs_is_migrated_live() {
    let live = redeployed("\nMigrationType = \"LiveMigrationFirst\"", "");
    insta::assert_snapshot!(told(&live), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 01:41:29.010086  s0 at risk; h0 Available -> UnderAssessment; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 02:11:29.010086; e1 SystemMaintenance.Reboot of i1 Scheduled for 0d 02:11:29.010086
    0d 01:50:00  RedeployDedicatedHost; h0 UnderAssessment -> Redeploying
    0d 01:51:00  h0 from s0 to s1; live of i0; i0 reserves s1; live of i1; i1 reserves s1
    0d 01:51:19.900000  i0 down by migration; i1 down by migration
    0d 01:51:20  i0 reserves s1 no more; i0 off s0; i0 on s1 by live; i0 served; live of i0 Finished; e0 Scheduled -> Canceled; i1 reserves s1 no more; i1 off s0; i1 on s1 by live; i1 served; live of i1 Finished; e1 Scheduled -> Canceled; h0 Redeploying -> Available; s0 at risk no more
    ");
    let fails = live.replace("live_fail_p = 0", "live_fail_p = 1");
    insta::assert_snapshot!(told(&fails), @r#"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served; i1 is asked for; i1 on s0 by at-start; i1 Pending -> Starting; i1 Starting -> Running; i1 owes; i1 served
    0d 01:41:29.010086  s0 at risk; h0 Available -> UnderAssessment; e0 SystemMaintenance.Reboot of i0 Scheduled for 0d 02:11:29.010086; e1 SystemMaintenance.Reboot of i1 Scheduled for 0d 02:11:29.010086
    0d 01:50:00  RedeployDedicatedHost; h0 UnderAssessment -> Redeploying
    0d 01:51:00  h0 from s0 to s1; live of i0; i0 reserves s1; live of i1; i1 reserves s1
    0d 01:51:19.900000  i0 reserves s1 no more; live of i0 Failed; i1 reserves s1 no more; live of i1 Failed; i0 Running -> Stopping; i0 down by maintenance; i0 off s0; i0 on s1 by reboot-move; i1 Running -> Stopping; i1 down by maintenance; i1 off s0; i1 on s1 by reboot-move; h0 Redeploying -> Available
    0d 01:51:29.900000  i0 Stopping -> Starting; i1 Stopping -> Starting
    0d 01:52:09.900000  i0 Starting -> Running; e0 Scheduled -> Canceled; i0 served; i1 Starting -> Running; e1 Scheduled -> Canceled; i1 served; s0 at risk no more
    "#);
}

/// A host that its owner must leave takes who names it all the same; he is told as the others were,
/// and none is told twice.
#[test]
fn newcomers_to_a_host_at_risk_are_told_of_it() {
    let risk = "{ life = \"1h\", curable = CURABLE, crash_p = 0, repair = \"9h\" }";
    let comes = script("2h", "RunInstances", "InstanceType = \"small\"\nDedicatedHostId = \"one\"");
    let one = ON_ONE.replace("count = 2", "count = 1");
    let text = |curable: &str| {
        let risk = risk.replace("CURABLE", curable);
        fleet(&kept(1, &format!("{ONE}{STOP}")), [NEVER, &risk], &format!("{one}{comes}"))
            .replace("horizon = \"4h\"", "horizon = \"75h\"")
    };
    insta::assert_snapshot!(told(&text("0")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  s0 at risk; h0 Available -> UnderAssessment; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 01:00:00
    0d 02:00:00  RunInstances; i1 is asked for; i1 on s0; e1 SystemMaintenance.Reboot of i1 Scheduled for 1d 02:00:00
    0d 02:00:03  i1 Pending -> Starting
    0d 02:00:43  i1 Starting -> Running; i1 owes; i1 served
    1d 01:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 01:00:10  i0 Stopping -> Starting
    1d 01:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served
    1d 02:00:00  e1 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance
    1d 02:00:10  i1 Stopping -> Starting
    1d 02:00:50  i1 Starting -> Running; e1 Executing -> Executed; i1 served; s0 cannot be emptied: 2 stay
    ");
    // Who has just started has had the restart that the others are told of.
    insta::assert_snapshot!(told(&text("1")), @r"
    0d 00:00:00  i0 is asked for; i0 on s0 by at-start; i0 Pending -> Starting; i0 Starting -> Running; i0 owes; i0 served
    0d 01:00:00  s0 at risk; h0 Available -> UnderAssessment; e0 SystemMaintenance.Reboot of i0 Scheduled for 1d 01:00:00
    0d 02:00:00  RunInstances; i1 is asked for; i1 on s0
    0d 02:00:03  i1 Pending -> Starting
    0d 02:00:43  i1 Starting -> Running; i1 owes; i1 served
    1d 01:00:00  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance
    1d 01:00:10  i0 Stopping -> Starting
    1d 01:00:50  i0 Starting -> Running; e0 Executing -> Executed; i0 served; s0 at risk no more; h0 UnderAssessment -> Available
    1d 02:00:50  s0 at risk; h0 Available -> UnderAssessment; e0 SystemMaintenance.Reboot of i0 Scheduled for 2d 02:00:50; e1 SystemMaintenance.Reboot of i1 Scheduled for 2d 02:00:50
    2d 02:00:50  e0 Scheduled -> Executing; i0 Running -> Stopping; i0 down by maintenance; e1 Scheduled -> Executing; i1 Running -> Stopping; i1 down by maintenance
    2d 02:01:00  i0 Stopping -> Starting; i1 Stopping -> Starting
    2d 02:01:40  i0 Starting -> Running; e0 Executing -> Executed; i0 served; i1 Starting -> Running; e1 Executing -> Executed; i1 served; s0 at risk no more; h0 UnderAssessment -> Available
    2d 03:01:40  s0 at risk; h0 Available -> UnderAssessment; e1 SystemMaintenance.Reboot of i0 Scheduled for 3d 03:01:40; e0 SystemMaintenance.Reboot of i1 Scheduled for 3d 03:01:40
    ");
}
