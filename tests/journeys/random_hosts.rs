//! Many small random scenarios of dedicated hosts, each under every check.
//!
//! Seeds are fixed: a failure names the one that repeats it.

use crate::{checked, random::Choices};
use std::fmt::Write;

/// Two models of servers kept for hosts, one with local disks; hosts of both, instances on them, and
/// commands at random times.
fn scenario(choose: &mut Choices) -> String {
    let mut text = String::from("[scenario]\nname = \"random\"\nhorizon = \"2d\"\n");
    for (name, more) in [("m", ""), ("d", "local_disks = { count = 4, size = \"1GiB\" }\n")] {
        let life = choose.one(&["{ exponential = { mean = \"6h\" } }", "\"5h\"", "\"3h..30h\""]);
        let itself = choose.one(&["0", "0.5", "1"]);
        let repair = choose.one(&["\"20min\"", "\"1h..9h\"", "\"never\""]);
        let risk = choose.one(&["\"2h..20h\"", "{ exponential = { mean = \"9h\" } }"]);
        let curable = choose.one(&["0", "0.5", "1"]);
        let crash_p = choose.one(&["0", "0.5", "1"]);
        let nodes = choose.one(&["1", "2"]);
        write!(
            text,
            "[server_models.{name}]\nvcpus = 8\nmemory = \"32GiB\"\nnuma_nodes = {nodes}\n{more}\
             crash = {{ life = {life}, restarts_itself = {itself}, restart = \"3min\", \
             repair = {repair} }}\n\
             risk = {{ life = {risk}, curable = {curable}, crash_p = {crash_p}, \
             crash_after = \"1h..9h\", repair = \"2h\" }}\n"
        )
        .expect("a string takes any text");
    }
    let [hosts, spares] = [choose.one(&["1", "2", "3"]), choose.one(&["0", "1", "2"])];
    for (model, name) in [("m", "one"), ("d", "disk")] {
        let policy = choose.one(&["", "action_on_maintenance = \"Stop\"\n"]);
        let pool = choose.one(&["on", "on", "off"]);
        for (count, spare) in [(hosts, false), (spares, true)] {
            if count != "0" {
                write!(
                    text,
                    "[[servers]]\nmodel = \"{model}\"\ncount = {count}\nzones = [\"z\"]\n\
                     dedicated = true\n"
                )
                .expect("a string takes any text");
            }
            if !spare {
                write!(
                    text,
                    "[[dedicated_hosts]]\nname = \"{name}\"\nmodel = \"{model}\"\nzone = \"z\"\n\
                     count = {count}\nauto_placement = \"{pool}\"\n{policy}"
                )
                .expect("a string takes any text");
            }
        }
    }
    text.push_str("[[servers]]\nmodel = \"m\"\ncount = 2\nzones = [\"z\"]\n");
    workload(choose, &mut text);
    let first = if hosts == "1" { "one" } else { "one-1" };
    let last = if hosts == "1" { "one".to_owned() } else { format!("one-{hosts}") };
    scripts(choose, &mut text, [first, &last]);
    settings(choose, &mut text);
    text
}

fn workload(choose: &mut Choices, text: &mut String) {
    let affinity = choose.one(&["default", "host"]);
    let life = choose.one(&["", "life = \"2h..60h\"\n"]);
    write!(
        text,
        "[instance_types.a]\nvcpus = 2\nmemory = \"8GiB\"\n\
         [instance_types.b]\nvcpus = 4\nmemory = \"12GiB\"\n\
         [instance_types.l]\nvcpus = 2\nmemory = \"8GiB\"\nlocal_disks = 1\nserver_model = \"d\"\n\
         [[workload.instances]]\nname = \"x\"\ntype = \"a\"\ncount = 3\ntenancy = \"host\"\n\
         affinity = \"{affinity}\"\n{life}\
         [[workload.instances]]\nname = \"y\"\ntype = \"b\"\ncount = 2\ntenancy = \"host\"\n\
         [[workload.instances]]\nname = \"l\"\ntype = \"l\"\ncount = 2\ntenancy = \"host\"\n\
         [[workload.instances]]\nname = \"s\"\ntype = \"a\"\ncount = 2\n\
         [policies.customers.default]\nrestart_after = \"1h\"\nscheduled_event = \"{}\"\n",
        choose.one(&["wait", "reboot", "redeploy"])
    )
    .expect("a string takes any text");
}

fn scripts(choose: &mut Choices, text: &mut String, hosts: [&str; 2]) {
    for hour in 1..40 {
        let instance =
            choose.one(&["x[0]", "x[1]", "x[2]", "y[0]", "y[1]", "l[0]", "s[0]", "s[1]"]);
        let host = choose.one(&hosts);
        let which = format!("InstanceId = \"{instance}\"\n");
        let on = format!("DedicatedHostId = \"{host}\"\n");
        let (operation, parameters) = match choose.one(&[0, 1, 2, 3, 4, 5, 6, 7, 8]) {
            0 | 1 => ("StopInstance", format!("{which}StoppedMode = \"StopCharging\"\n")),
            2 => ("StopInstance", which),
            3 => ("StartInstance", which),
            4 => ("ModifyInstanceDeployment", format!("{which}{on}")),
            5 => ("ModifyInstanceDeployment", format!("{which}{on}MigrationType = \"live\"\n")),
            6 => ("RedeployDedicatedHost", format!("{on}MigrationType = \"LiveMigrationFirst\"\n")),
            7 => ("ModifyDedicatedHostAttribute", format!("{on}AutoPlacement = \"on\"\n")),
            _ => ("ModifyInstanceDeployment", format!("{which}{on}InstanceType = \"b\"\n")),
        };
        write!(text, "[[scripts]]\nat = \"{hour}h\"\ndo = \"{operation}\"\n{parameters}")
            .expect("a string takes any text");
    }
}

fn settings(choose: &mut Choices, text: &mut String) {
    write!(
        text,
        "[settings]\nevent = {{ lead = \"{}\" }}\n\
         ddh = {{ prepare = \"{}\", ticket = \"{}\", live_fail_p = {} }}\n\
         livemig = {{ duration = \"{}\" }}\n",
        choose.one(&["1h", "2h..5h", "24h"]),
        choose.one(&["0s", "60s", "1min..10min"]),
        choose.one(&["never", "2h", "1h..9h"]),
        choose.one(&["0", "0.5", "1"]),
        choose.one(&["20s", "5s..60s", "20min"]),
    )
    .expect("a string takes any text");
}

#[test]
fn random_hosts_stand_every_check() {
    let wanted: u64 = 150;
    for seed in 0..wanted {
        let mut choose = Choices { state: seed, on_a_grid: false };
        let text = scenario(&mut choose);
        let seen = std::panic::catch_unwind(|| {
            checked::run(&checked::scenario(&text), 0, &mut ());
        });
        assert!(seen.is_ok(), "seed {seed}:\n{text}");
    }
}
