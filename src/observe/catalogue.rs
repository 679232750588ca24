//! Every metric's name, unit, better direction and exact definition: those that every scenario has
//! here, those of a part of the fleet in a file of its family.

mod credits;
mod drains;
mod groups;
mod hosts;
mod moves;
mod network;
mod refreshes;
mod spot;

/// Which way a metric is better.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither: it describes.
    Neither,
}

/// One metric as users know it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Definition {
    /// Stable, lower case, dotted; statistics within a run are part of it.
    pub name: &'static str,
    /// Names of its labels, in order; empty for most.
    pub labels: &'static [&'static str],
    /// Unit, such as `ratio`, `s`, `B`, `count`, `1/year`.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
    /// Exactly what is measured.
    pub definition: &'static str,
}

impl Definition {
    /// The ends between which every value of the metric lies, in its unit.
    pub fn ends(&self) -> (f64, f64) {
        let most = if self.unit == "ratio" { 1.0 } else { f64::INFINITY };
        // Preemptible instances may have cost more than others would have.
        let least = if self.name == "spot.saved" { f64::NEG_INFINITY } else { 0.0 };
        (least, most)
    }

    /// Whether it counts what happens or is there, in whole numbers.
    pub fn is_a_count(&self) -> bool {
        self.unit == "count" && !self.name.ends_with(".mean")
    }

    /// Whether it is 0 or 1 in every run there could be.
    pub fn is_yes_or_no(&self) -> bool {
        self.name == "refresh.status"
    }
}

/// One column of results: a metric with its labels filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Metric {
    /// The metric.
    pub definition: &'static Definition,
    /// Values of its labels, in the definition's order; empty for most.
    pub labels: Vec<String>,
}

/// The metric of this name, if there is one.
pub fn find(name: &str) -> Option<&'static Definition> {
    CATALOGUE.iter().find(|definition| definition.name == name)
}

const fn plain(
    name: &'static str,
    unit: &'static str,
    better: Better,
    definition: &'static str,
) -> Definition {
    Definition { name, labels: &[], unit, better, definition }
}

const fn labelled(
    (name, labels): (&'static str, &'static [&'static str]),
    unit: &'static str,
    better: Better,
    definition: &'static str,
) -> Definition {
    Definition { name, labels, unit, better, definition }
}

use Better::{Higher, Lower, Neither};

/// The families of metrics, in the order in which reports show them.
const FAMILIES: &[&[Definition]] = &[
    GENERAL,
    groups::GROUPS,
    refreshes::REFRESHES,
    &moves::MOVES,
    credits::CREDITS,
    spot::SPOT,
    drains::DRAINS,
    network::NETWORK,
    hosts::HOSTS,
    LAST,
];

/// The catalogue, in the order in which reports show it. All of it counts from the end of the
/// warm-up; times named `max_at` are the clock's (a trace's own seconds in a replay).
pub const CATALOGUE: &[Definition] = &joined::<{ counted(FAMILIES) }>(FAMILIES);

const fn counted(families: &[&[Definition]]) -> usize {
    let (mut family, mut count) = (0, 0);
    while family < families.len() {
        count += families[family].len();
        family += 1;
    }
    count
}

/// All families, one behind the other.
const fn joined<const COUNT: usize>(families: &[&[Definition]]) -> [Definition; COUNT] {
    let mut all = [LAST[0]; COUNT];
    let (mut family, mut count) = (0, 0);
    while family < families.len() {
        let (of, mut place) = (families[family], 0);
        while place < of.len() {
            all[count] = of[place];
            (count, place) = (count + 1, place + 1);
        }
        family += 1;
    }
    all
}

const GENERAL: &[Definition] = &[
    plain(
        "availability",
        "ratio",
        Higher,
        "served instance-time / owed instance-time, over the whole fleet; served: Running, with its server, rack and guest working; owed: from an instance's first Running until its owner releases it",
    ),
    plain(
        "availability.instance.p01",
        "ratio",
        Higher,
        "the availability that the worst 1 % of the instances that owed at least an hour do not exceed",
    ),
    plain("availability.instance.p50", "ratio", Higher, "the same for half of the instances"),
    plain("availability.instance.min", "ratio", Higher, "the same for the worst instance"),
    plain("service.owed", "instance-s", Neither, "owed instance-time"),
    plain("service.served", "instance-s", Neither, "owed instance-time that was served"),
    labelled(
        ("downtime", &["cause"]),
        "instance-s",
        Lower,
        "owed and not served, by the first cause of each unserved interval; owed = served + the sum over all causes, to the microsecond",
    ),
    labelled(
        ("interruptions", &["cause"]),
        "count",
        Lower,
        "unserved intervals of owed time that began, by first cause; one that lasts no time counts too",
    ),
    plain(
        "interruptions.per_instance_year",
        "1/year",
        Lower,
        "interruptions of all causes / owed instance-years of 365 days",
    ),
    labelled(
        ("service.available", &["app", "k"]),
        "ratio",
        Higher,
        "share of time with at least k served instances of the application",
    ),
    labelled(
        ("service.outages", &["app", "k"]),
        "count",
        Lower,
        "intervals of more than no time with fewer than k served instances, after there were enough",
    ),
    plain(
        "instances.placed.mean",
        "count",
        Neither,
        "instances that hold room at once, mean over time",
    ),
    plain("instances.placed.max", "count", Neither, "the most instances that held room at once"),
    plain("instances.placed.max_at", "s", Neither, "when that was first so, on the clock"),
    plain(
        "vcpu.allocated.mean",
        "vCPU",
        Neither,
        "vCPUs held by instances at once, mean over time",
    ),
    plain("vcpu.allocated.max", "vCPU", Neither, "the most vCPUs held at once"),
    plain("vcpu.allocated.max_at", "s", Neither, "when that was first so, on the clock"),
    plain(
        "memory.allocated.mean",
        "B",
        Neither,
        "memory held by instances at once, mean over time",
    ),
    plain("memory.allocated.max", "B", Neither, "the most memory held at once"),
    plain("memory.allocated.max_at", "s", Neither, "when that was first so, on the clock"),
    plain("gpu.allocated.mean", "count", Neither, "GPUs held by instances at once, mean over time"),
    plain("gpu.allocated.max", "count", Neither, "the most GPUs held at once"),
    plain("gpu.allocated.max_at", "s", Neither, "when that was first so, on the clock"),
    plain(
        "instances.placed.var",
        "count^2",
        Neither,
        "variance over time of the instances that hold room",
    ),
    labelled(
        ("utilisation", &["resource"]),
        "ratio",
        Neither,
        "mean over time of what instances hold / what all servers have, working or not",
    ),
    labelled(
        ("stranded", &["resource"]),
        "ratio",
        Lower,
        "mean over time of what is free on servers able to serve but without room for one more instance of the reference type (scenario.reference_type, or the smallest sold) / what all servers have",
    ),
    labelled(("stranded.max", &["resource"]), "ratio", Lower, "the most that was so at once"),
    labelled(
        ("stranded.by_nodes", &["resource"]),
        "ratio",
        Lower,
        "the part of stranded on servers whose totals would do: only their NUMA nodes stand in the way",
    ),
    labelled(
        ("arrivals", &["type"]),
        "count",
        Neither,
        "instances asked for, those at the start included; types are shown one by one up to 64",
    ),
    labelled(
        ("placement.blocking", &["type"]),
        "ratio",
        Lower,
        "share of the instances asked for that found no room when they arrived",
    ),
    plain(
        "placement.failed",
        "count",
        Lower,
        "times that room was looked for and not found: launches, failovers and restarts; launches of scaling groups that find no room are group.launch_failures",
    ),
    plain("launch.wait.p50", "s", Lower, "waiting for room of launches that found some, median"),
    plain("launch.wait.p99", "s", Lower, "the same, 99th percentile"),
    labelled(
        ("migrations", &["kind"]),
        "count",
        Lower,
        "instances moved to another server; failover: because theirs failed; redeploy: by RedeployInstance or a Redeploy event; live: while they run; cold: by a cold migration, those taken back included; reboot-move: at a restart that answers an event",
    ),
    plain(
        "migrations.concurrent.max",
        "count",
        Lower,
        "the most moves under way at once, as tasks",
    ),
    plain("migrations.concurrent.max_at", "s", Neither, "when that was first so, on the clock"),
    plain(
        "migrations.per_hour.max",
        "1/h",
        Lower,
        "the most moves that took their new place in one hour of the clock",
    ),
    plain("migrations.per_hour.max_at", "s", Neither, "when that hour began, on the clock"),
    plain(
        "migration.duration.p50",
        "s",
        Lower,
        "time from the begin to the end of redeployments, live and cold migrations that succeeded, median (how long a failover takes is told by downtime)",
    ),
    plain("migration.duration.p99", "s", Lower, "the same, 99th percentile"),
    plain(
        "migration.blackout.p50",
        "s",
        Lower,
        "time for which live migrations paused their instance, median",
    ),
    plain("migration.blackout.p99", "s", Lower, "the same, 99th percentile"),
    labelled(
        ("tasks", &["kind", "status"]),
        "count",
        Neither,
        "asynchronous tasks that ended, by end",
    ),
    plain("data_loss.instances", "count", Lower, "times that an instance lost its local data"),
    plain("data_loss.bytes", "B", Lower, "local data lost, by the size of the disks"),
    plain(
        "data_loss.dirty",
        "count",
        Lower,
        "forced stops and crashes that lost what the guest had not written yet",
    ),
    plain("servers.crashes", "count", Lower, "crashes of servers' own hardware or software"),
    plain("racks.outages", "count", Lower, "outages of whole racks"),
    plain(
        "servers.available.mean",
        "count",
        Higher,
        "servers able to serve (they and their rack work), mean over time",
    ),
    plain("servers.available.min", "count", Higher, "the fewest servers able to serve"),
    plain(
        "servers.spare.mean",
        "count",
        Neither,
        "servers able to serve that hold no instance, mean over time",
    ),
    plain("servers.spare.min", "count", Higher, "the fewest such servers"),
    plain(
        "servers.in_repair.mean",
        "count",
        Lower,
        "servers on which a crew works, mean over time",
    ),
    plain("servers.in_repair.max", "count", Lower, "the most such servers"),
    plain("servers.in_repair.max_at", "s", Neither, "when that was first so, on the clock"),
    plain(
        "repair.queue.mean",
        "count",
        Lower,
        "broken servers that wait for a crew, mean over time",
    ),
    plain("repair.queue.max", "count", Lower, "the most such servers"),
    plain("repair.queue.max_at", "s", Neither, "when that was first so, on the clock"),
    plain("repair.wait.share", "ratio", Lower, "share of the repairs begun that waited for a crew"),
    plain("repair.wait.mean", "s", Lower, "wait for a crew of the repairs begun, mean"),
    plain("repair.wait.p95", "s", Lower, "the same, 95th percentile"),
    plain(
        "servers.at_risk.mean",
        "count",
        Lower,
        "servers with a predicted risk that is not cured, mean over time",
    ),
    plain("servers.at_risk.max", "count", Lower, "the most such servers"),
    plain("servers.at_risk.max_at", "s", Neither, "when that was first so, on the clock"),
    plain("disks.failed", "count", Lower, "local disks that broke"),
    plain(
        "disks.damaged.mean",
        "count",
        Lower,
        "bays whose disk is damaged, isolated or not yet ready again, mean over time",
    ),
    plain("disks.damaged.max", "count", Lower, "the most such bays"),
    plain("disks.damaged.max_at", "s", Neither, "when that was first so, on the clock"),
    plain(
        "chance.first_disk_failures",
        "digest",
        Neither,
        "a number of 48 bits over each bay's first failure in the whole run: instant, and what is drawn about it (life, kind of damage, lengths of detection and replacement); equal under every policy, because chance is addressed",
    ),
    plain(
        "chance.first_crashes",
        "digest",
        Neither,
        "the same over each server's first crash, if no risk of it was predicted before: instant, whether it restarts by itself, lengths of restart, detection and repair; zero where idle servers do not wear",
    ),
    labelled(
        ("events.published", &["type"]),
        "count",
        Neither,
        "system events published, simulated ones included",
    ),
    labelled(
        ("events", &["type", "status"]),
        "count",
        Neither,
        "system events that entered the status, those published in it included",
    ),
    labelled(
        ("event.time", &["type", "status"]),
        "s",
        Neither,
        "time that system events spent in a status that they left, mean",
    ),
    plain(
        "inquiry.wait",
        "s",
        Lower,
        "time that events of all types waited in Inquiring until they left it, mean",
    ),
    labelled(
        ("commands", &["operation"]),
        "count",
        Neither,
        "operations asked for by owners and scripts, those refused included",
    ),
    labelled(("refusals", &["code"]), "count", Lower, "commands refused, by documented error code"),
    labelled(
        ("campaign.servers", &["name"]),
        "count",
        Higher,
        "servers that the campaign is done with",
    ),
    labelled(
        ("campaign.duration", &["name"]),
        "s",
        Lower,
        "time from the campaign's start to its end, complete or stopped; nothing where it did not end",
    ),
];

const LAST: &[Definition] = &[
    labelled(
        ("instances.placed.level", &["at"]),
        "count",
        Neither,
        "instances that hold room at a named instant of the clock, after all that happens then",
    ),
    labelled(("vcpu.allocated.level", &["at"]), "vCPU", Neither, "vCPUs held then"),
    labelled(("memory.allocated.level", &["at"]), "B", Neither, "memory held then"),
    labelled(("servers.available.level", &["at"]), "count", Higher, "servers able to serve then"),
    plain(
        "engine.occurrences",
        "count",
        Neither,
        "turns handled: never a time, for speed is not a result",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_lower_case_and_dotted() {
        let names: BTreeSet<_> = CATALOGUE.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), CATALOGUE.len());
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c);
        assert!(names.iter().all(|name| name.chars().all(plain)));
    }
}
