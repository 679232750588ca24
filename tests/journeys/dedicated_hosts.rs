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
    insta::assert_snapshot!(told(&text), @"");
}

#[test]
fn a_host_without_an_idle_server_waits_for_its_own() {
    let text = fleet(&kept(1, ONE), [HARD, NEVER], ON_ONE);
    insta::assert_snapshot!(told(&text), @"");
}

#[test]
fn under_migrate_a_crash_that_passes_moves_the_host_too() {
    let text = fleet(&kept(2, ONE), [SOFT, NEVER], ON_ONE);
    insta::assert_snapshot!(told(&text), @"");
}

#[test]
fn under_stop_who_ran_is_stopped_and_the_host_waits_for_its_server() {
    let text = fleet(&kept(2, &format!("{ONE}{STOP}")), [SOFT, NEVER], ON_ONE);
    insta::assert_snapshot!(told(&text), @"");
}

#[test]
fn under_stop_a_host_that_is_lost_moves_and_starts_them() {
    let text = fleet(
        &kept(2, &format!("{ONE}{STOP}")),
        [HARD, NEVER],
        &format!("{ON_ONE}{}", one_is_stopped()),
    );
    insta::assert_snapshot!(told(&text), @"");
}

/// A host with local disks, and a spare of its model.
const LOCAL: &str = "[instance_types.local]\nvcpus = 4\nmemory = \"16GiB\"\nlocal_disks = 1\n\
    [[servers]]\nmodel = \"disks\"\ncount = 2\nzones = [\"z\"]\ndedicated = true\n\
    [[dedicated_hosts]]\nname = \"one\"\nmodel = \"disks\"\nzone = \"z\"\n";

#[test]
fn a_lost_host_with_local_disks_is_dead_until_a_ticket_is_done() {
    let on_one = ON_ONE.replace("cloud", "local").replace("count = 2", "count = 1");
    insta::assert_snapshot!(told(&fleet(LOCAL, [HARD, NEVER], &on_one)), @"");
}

#[test]
fn a_dead_host_comes_back_with_its_data_where_its_server_is_repaired_first() {
    let on_one = ON_ONE.replace("cloud", "local").replace("count = 2", "count = 1");
    let text =
        fleet(LOCAL, [HARD, NEVER], &on_one).replace("repair = \"9h\"", "repair = \"20min\"");
    insta::assert_snapshot!(told(&text), @"");
}

/// A risk after two hours, on the server that has the first host alone: it lasts.
const RISK: &str = "{ life = \"1h..9h\", curable = 0, crash_p = 0, repair = \"9h\" }";
const CURABLE: &str = "{ life = \"2h\", curable = 1, crash_p = 0 }";

/// Servers of a model of its own that are never at risk, kept for hosts of that model.
fn risky(risk: &str, more: &str) -> String {
    fleet(&kept(1, ONE), [NEVER, risk], &format!("{ON_ONE}{more}"))
        .replace("lead = \"24h\"", "lead = \"30min\"")
}

/// Another host, of a model that is never at risk; more servers of the first model are idle, and
/// safe because they come from a model of the same room.
const SAFE: &str = "[server_models.safe]\nvcpus = 8\nmemory = \"32GiB\"\ncrash = \"never\"\nrisk = \"never\"\n\
    [[servers]]\nmodel = \"safe\"\ncount = 2\nzones = [\"z\"]\ndedicated = true\n\
    [[dedicated_hosts]]\nname = \"two\"\nmodel = \"safe\"\nzone = \"z\"\n";

#[test]
fn at_risk_who_runs_goes_to_another_host_and_the_rest_is_told() {
    let pinned = "[[workload.instances]]\ntype = \"small\"\ncount = 1\ndedicated_host = \"two\"\n";
    insta::assert_snapshot!(told(&risky(CURABLE, &format!("{SAFE}{pinned}"))), @"");
}

#[test]
fn who_is_bound_to_a_host_at_risk_is_restarted_there() {
    let text = risky(CURABLE, SAFE).replace(
        "\ndedicated_host = \"one\"\n",
        "\ndedicated_host = \"one\"\naffinity = \"host\"\n",
    );
    insta::assert_snapshot!(told(&text), @"");
}

/// As `text`, with an idle server, of a seed in which only the server that carries the host comes to
/// be at risk, at 01:41:29.
fn with_spare(text: &str) -> String {
    text.replace("count = 1\nzones", "count = 2\nzones").replace("horizon", "seed = 6\nhorizon")
}

#[test]
fn a_server_at_risk_that_must_be_repaired_is_left_as_a_whole() {
    insta::assert_snapshot!(told(&with_spare(&risky(RISK, ""))), @"");
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
    insta::assert_snapshot!(told(&text), @"");
}

#[test]
fn an_owner_moves_a_running_instance_between_hosts() {
    let moves = script(
        "2h",
        "ModifyInstanceDeployment",
        "InstanceId = \"db[1]\"\nDedicatedHostId = \"two\"\nMigrationType = \"live\"",
    );
    let text = fleet(&kept(2, &format!("{ONE}{TWO}")), [NEVER, NEVER], &format!("{ON_ONE}{moves}"));
    insta::assert_snapshot!(told(&text), @"");
    let fails = text.replace("live_fail_p = 0", "live_fail_p = 1");
    insta::assert_snapshot!(told(&fails), @"");
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
    insta::assert_snapshot!(told(&text), @"");
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
    insta::assert_snapshot!(told(&redeployed("", &(stop("0") + &stop("1")))), @"");
}

#[test]
fn an_owner_redeploys_a_host_at_risk_and_who_runs_is_migrated_live() {
    let live = redeployed("\nMigrationType = \"LiveMigrationFirst\"", "");
    insta::assert_snapshot!(told(&live), @"");
    let fails = live.replace("live_fail_p = 0", "live_fail_p = 1");
    insta::assert_snapshot!(told(&fails), @"");
}
