//! Many small random scenarios of the second cloud: cold migrations amid failures, stops, starts,
//! releases and maintenance, each under every check.
//!
//! Seeds are fixed: a failure names the one that repeats it.

use crate::{checked, random::Choices};
use fleetsim::{
    fleet::{
        Fleet,
        ids::{Instance, Server},
    },
    kernel::{
        column::Id,
        time::{Instant, Span},
    },
    lifecycle::{Attribute, job::JobStatus},
    messages::{
        cold::ColdFact,
        fact::{Fact, Reason},
    },
    observe::Observer,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

/// Shared servers and two dedicated hosts, with a spare one; instances on both, and commands at
/// random times.
fn scenario(choose: &mut Choices) -> String {
    let mut text = String::from("[scenario]\nname = \"random\"\nhorizon = \"2d\"\n");
    servers(choose, &mut text);
    workload(choose, &mut text);
    scripts(choose, &mut text);
    plans(choose, &mut text);
    settings(choose, &mut text);
    text
}

fn servers(choose: &mut Choices, text: &mut String) {
    write!(
        text,
        "[server_models.m]\nvcpus = 8\nmemory = \"32GiB\"\nnuma_nodes = {}\n\
         local_disks = {{ count = 2, size = \"1GiB\" }}\n\
         crash = {{ life = {}, restarts_itself = {}, restart = \"3min\", repair = {} }}\n\
         risk = {{ life = {}, curable = {}, crash_p = {}, crash_after = \"1h..9h\", repair = \"2h\" }}\n",
        choose.one(&["1", "2"]),
        choose.one(&["{ exponential = { mean = \"9h\" } }", "\"7h\"", "\"3h..90h\""]),
        choose.one(&["0", "0.5", "1"]),
        choose.one(&["\"20min\"", "\"1h..9h\""]),
        choose.one(&["\"2h..20h\"", "{ exponential = { mean = \"9h\" } }", "\"30h\""]),
        choose.one(&["0", "0", "0.5"]),
        choose.one(&["0", "0.5", "1"]),
    )
    .expect("a string takes any text");
    for (count, more) in [
        (
            choose.one(&["2", "3"]),
            choose.one(&["", "rack_outage = { rate = \"2/day\", repair = \"10s..2h\" }\n"]),
        ),
        (choose.one(&["2", "3"]), "dedicated = true\n"),
    ] {
        write!(text, "[[servers]]\nmodel = \"m\"\ncount = {count}\nzones = [\"z\"]\n{more}")
            .expect("a string takes any text");
    }
    for name in ["one", "two"] {
        let takes = choose.one(&["", "", "instance_types = [\"a\"]\n"]);
        write!(
            text,
            "[[dedicated_hosts]]\nname = \"{name}\"\nmodel = \"m\"\nzone = \"z\"\n{takes}"
        )
        .expect("a string takes any text");
    }
}

fn workload(choose: &mut Choices, text: &mut String) {
    write!(
        text,
        "[instance_types.a]\nvcpus = 2\nmemory = \"8GiB\"\n\
         [instance_types.b]\nvcpus = 4\nmemory = \"12GiB\"\nnuma_nodes = 1\n\
         [instance_types.l]\nvcpus = 1\nmemory = \"2GiB\"\nlocal_disks = 1\n\
         [[workload.instances]]\nname = \"x\"\ntype = \"a\"\ncount = 2\ndedicated_host = \"one\"\n{}\
         [[workload.instances]]\nname = \"s\"\ntype = \"a\"\ncount = 3\n{}\
         [[workload.instances]]\nname = \"b\"\ntype = \"b\"\ncount = 1\n\
         [[workload.instances]]\nname = \"l\"\ntype = \"l\"\ncount = 1\n\
         [[workload.arrivals]]\nname = \"jobs\"\nrate = \"1/h\"\ntype = \"a\"\nlife = \"1h..9h\"\n\
         [applications.app]\nper_server_limit = 1\n\
         [policies.customers.default]\nrestart_after = \"{}\"\nscheduled_event = \"{}\"\n",
        choose.one(&["", "life = \"2h..60h\"\n", "app = \"app\"\n"]),
        choose.one(&["", "life = \"2h..60h\"\n", "app = \"app\"\n"]),
        choose.one(&["1h", "10min", "never"]),
        choose.one(&["wait", "reboot", "redeploy", "stop"]),
    )
    .expect("a string takes any text");
}

fn scripts(choose: &mut Choices, text: &mut String) {
    for half_hour in 1..90_u32 {
        let instance =
            choose.one(&["x[0]", "x[0]", "x[1]", "s[0]", "s[0]", "s[1]", "s[2]", "b[0]", "l[0]"]);
        let (which, server) =
            (format!("InstanceId = \"{instance}\"\n"), format!("server_id = \"{instance}\"\n"));
        let to = |host| format!("{server}migrate = {{ dedicated_host_id = \"{host}\" }}\n");
        let (operation, parameters) = match choose.one(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) {
            0..=3 => ("StopInstance", which),
            4 => ("StopInstance", format!("{which}StoppedMode = \"StopCharging\"\n")),
            5 => ("StartInstance", which),
            6 => ("RebootInstance", which),
            7 => ("MigrateServer", to("one")),
            8 => ("MigrateServer", to("two")),
            9 => ("MigrateServer", format!("{server}migrate = \"null\"\n")),
            10 => ("ShowJob", format!("job_id = \"of {instance}\"\n")),
            _ if half_hour > 60 => ("DeleteInstance", format!("{which}Force = true\n")),
            _ => ("MigrateServer", to("two")),
        };
        let minutes = half_hour * 30;
        write!(text, "[[scripts]]\nat = \"{minutes}min\"\ndo = \"{operation}\"\n{parameters}")
            .expect("a string takes any text");
        // Something else about the same instance while its migration may be under way.
        if operation == "MigrateServer" {
            let then = choose.one(&["", "StartInstance", "MigrateServer", "DeleteInstance"]);
            let late = half_hour > 60 || then != "DeleteInstance";
            let parameters = if then == "MigrateServer" {
                to("one")
            } else {
                format!("InstanceId = \"{instance}\"\n")
            };
            if !then.is_empty() && late {
                let seconds = minutes * 60 + choose.one(&[0, 1, 20, 40]);
                write!(text, "[[scripts]]\nat = \"{seconds}s\"\ndo = \"{then}\"\n{parameters}")
                    .expect("a string takes any text");
            }
        }
    }
}

/// What the operator plans.
fn plans(choose: &mut Choices, text: &mut String) {
    write!(
        text,
        "[policies.maintenance]\nlive_migration = {}\non_risk = \"{}\"\n",
        choose.one(&["true", "false"]),
        choose.one(&["act", "act", "ignore"]),
    )
    .expect("a string takes any text");
    let campaign = choose.one(&[
        "",
        "event = \"SystemMaintenance.Reboot\"\n",
        "event = \"SystemMaintenance.Redeploy\"\n",
        "drain = { patience = \"2h\" }\n",
        "drain = { patience = \"1h\" }\nevent = \"SystemMaintenance.Reboot\"\n",
    ]);
    if !campaign.is_empty() {
        write!(
            text,
            "[[campaigns]]\nname = \"c\"\nstart = \"{}\"\nservers = {{ most = 2 }}\n{campaign}",
            choose.one(&["1h", "10h", "20h"]),
        )
        .expect("a string takes any text");
    }
}

fn settings(choose: &mut Choices, text: &mut String) {
    let span = |choose: &mut Choices| choose.one(&["0s", "10s", "10s", "2min"]);
    let [api, claim, detach, attach, auto_confirm, confirm] = [(); 6].map(|()| span(choose));
    write!(
        text,
        "[settings]\ncloud = \"huawei\"\n\
         instance = {{ pending = \"{}\", starting = \"40s\", stopping = \"{}\", boot_fail_p = {} }}\n\
         guest = {{ crash_rate = \"{}\" }}\n\
         event = {{ lead = \"{}\", cancel_p = {}, republish_delay = \"{}\", hold_during_task = {} }}\n\
         coldmig = {{ api = \"{api}\", claim = \"{claim}\", detach = \"{detach}\", \
         attach = \"{attach}\", auto_confirm = \"{auto_confirm}\", confirm = \"{confirm}\", \
         confirm_fail_p = {}, max_attempts = {}, local_disk_policy = \"{}\", allow_running = {} }}\n\
         migration = {{ max_cluster = {} }}\n",
        choose.one(&["0s", "3s"]),
        choose.one(&["0s", "10s"]),
        choose.one(&["0", "0.3"]),
        choose.one(&["never", "1/day"]),
        choose.one(&["0s", "1h", "2h..5h"]),
        choose.one(&["0", "0.3"]),
        choose.one(&["1min", "1h", "24h"]),
        choose.one(&["true", "false"]),
        choose.one(&["0", "0", "0.3", "1"]),
        choose.one(&["1", "3"]),
        choose.one(&["forbid", "copy", "wipe"]),
        choose.one(&["true", "false"]),
        choose.one(&["\"unlimited\"", "1"]),
    )
    .expect("a string takes any text");
    text.push_str(choose.one(&["", "[network]\n"]));
}

/// No job of these scenarios takes longer: six phases of two minutes, three destinations, and turns.
const LONGEST_JOB: Span = Span::from_seconds(7_200);

/// Follows jobs to their ends, and instances from place to place.
#[derive(Default)]
struct Course {
    /// Jobs that have not ended, and since when.
    open: BTreeMap<u64, (JobStatus, Instant)>,
    /// How jobs ended: with which code.
    ended: BTreeSet<&'static str>,
    /// Arrivals for an owner's job, and of the operator's own.
    arrivals: [u32; 2],
    places: BTreeMap<Id<Instance>, Id<Server>>,
}

impl Course {
    fn job(&mut self, now: Instant, (job, to): (u64, JobStatus), code: Option<&'static str>) {
        let from = self.open.remove(&job).map(|(status, _)| status);
        match to {
            JobStatus::Init => assert_eq!(from, None, "job {job} begins once"),
            JobStatus::Running => assert_eq!(from, Some(JobStatus::Init), "job {job}"),
            JobStatus::Success => assert_eq!(from, Some(JobStatus::Running), "job {job}"),
            JobStatus::Fail => assert!(from.is_some(), "job {job} ends once"),
        }
        assert_eq!(code.is_some(), to == JobStatus::Fail, "job {job} says why it failed");
        if to.attribute() == Attribute::Final {
            self.ended.insert(code.unwrap_or("SUCCESS"));
        } else {
            self.open.insert(job, (to, now));
        }
    }
}

impl Observer for Course {
    fn see(&mut self, now: Instant, fact: &Fact, fleet: &Fleet) {
        if let Fact::Cold(ColdFact::Job { job, to, error, .. }) = *fact {
            self.job(now, (job, to), error.map(|error| error.code()));
        } else if let Fact::Placed { instance, server, reason, .. } = *fact {
            let before = self.places.insert(instance, server);
            assert_eq!(before, None, "at {now} {instance:?} is on two servers");
            assert_ne!(reason, Reason::StoppedMove, "nobody is moved at once but with a host");
            if reason == Reason::ColdMigration {
                let task = fleet.instances[instance].task;
                let by_system = task.is_some_and(|task| fleet.tasks[task].by_system);
                self.arrivals[usize::from(by_system)] += 1;
            }
        } else if let Fact::Vacated { instance, server } = *fact {
            assert_eq!(self.places.remove(&instance), Some(server));
        }
    }

    fn turn_ended(&mut self, now: Instant, fleet: &Fleet) {
        for (job, (status, since)) in &self.open {
            assert!(
                now.since(*since) <= LONGEST_JOB,
                "at {now} job {job} is {status} since {since}"
            );
        }
        let under_way = fleet.cold.under_way().count();
        assert!(self.open.len() <= under_way, "every job that is open has a task");
        let mut there = BTreeMap::new();
        for (server, _) in fleet.servers.entries() {
            for instance in fleet.instances.on(&fleet.servers, server) {
                assert_eq!(there.insert(instance, server), None, "at {now} {instance:?} is twice");
            }
        }
        assert_eq!(there, self.places, "at {now}");
    }
}

#[test]
fn random_cold_migrations_stand_every_check() {
    let (mut ended, mut arrivals) = (BTreeSet::new(), [0; 2]);
    for seed in 0..300 {
        let mut choose = Choices { state: seed, on_a_grid: false };
        let text = scenario(&mut choose);
        let seen = std::panic::catch_unwind(|| {
            let mut course = Course::default();
            checked::run(&checked::scenario(&text), 0, &mut course);
            course
        });
        let Ok(mut course) = seen else { panic!("seed {seed}:\n{text}") };
        ended.append(&mut course.ended);
        arrivals = [0, 1].map(|by| arrivals[by] + course.arrivals[by]);
    }
    let all = ["Ecs.0114", "Ecs.0209", "Ecs.0221", "Ecs.0319", "SUCCESS"];
    assert_eq!(Vec::from_iter(ended), all, "jobs end in every way");
    assert!(arrivals.iter().all(|count| *count > 100), "{arrivals:?}");
}
