//! Keys of what is there: server models, servers, racks, instance types.

use super::{
    burst::BURST,
    dedicated::HOST_TYPE,
    kinds::{
        ANY_COUNT, CREDIT_MODE, NAMES, NEVER, NO_CHOICE, ON_MAINTENANCE, SMALL, SOME, UNLIMITED,
    },
    moves::DIRTY,
    spot::{BEHAVIOR, DURATION, LIMIT, STRATEGY},
};
use crate::{
    fleet::numa::MOST_NODES,
    scenario::schema::{Choice, Kind, Shape, may, must},
};

pub(super) static SERVER_MODEL: Shape = Shape {
    doc: "A kind of server.",
    keys: &[
        must(
            "vcpus",
            Kind::Count { least: 1, most: 1_000_000 },
            "Virtual CPUs that instances may take [count].",
        ),
        must("memory", Kind::Size, "Memory that instances may take."),
        may(
            "numa_nodes",
            NODES,
            "NUMA nodes between which vCPUs and memory are shared evenly [count]; must divide vcpus. They matter to instance types with numa_nodes.",
        ),
        may("gpus", SMALL, "Graphics processors [count]."),
        may(
            "nics",
            Kind::Count { least: 0, most: 10_000 },
            "Network cards [count]; instances take percents of one.",
        ),
        may(
            "nic_rate",
            Kind::Bandwidth,
            "Rate of the server's network, in each direction, where there is a [network].",
        ),
        may("local_disks", Kind::Table(&MODEL_DISKS), "Whole local disks."),
        may("local_storage", Kind::Size, "Local storage that is sold by size."),
        may(
            "crash",
            Kind::Either(&[NEVER, Kind::Table(&CRASH)]),
            "How servers crash and come back; without it, by the defaults below.",
        ),
        may(
            "risk",
            Kind::Either(&[NEVER, Kind::Table(&RISK)]),
            "How risks of servers are predicted; without it, by the defaults below.",
        ),
        may(
            "host_type",
            HOST_TYPE,
            "The documented type of dedicated hosts that its servers are made for: it says what the model does not say itself.",
        ),
    ],
    choices: NO_CHOICE,
};

static MODEL_DISKS: Shape = Shape {
    doc: "Whole local disks of a server.",
    keys: &[
        must("count", SMALL, "Disks on one server [count]."),
        must("size", Kind::Size, "Size of one disk."),
        may(
            "medium",
            Kind::Word(&[("hdd", "magnetic (the default)"), ("ssd", "flash")]),
            "What the disks are.",
        ),
        may(
            "failure",
            Kind::Either(&[NEVER, Kind::Table(&DISK_FAILURE)]),
            "When a disk fails; without it, with an AFR by medium: 1.57% (hdd) or 1.0% (ssd).",
        ),
    ],
    choices: NO_CHOICE,
};

static DISK_FAILURE: Shape = Shape {
    doc: "How long local disks work, by the calendar, from when they are ready; all are new when a run begins.",
    keys: &[
        may("rate", Kind::Rate, "Failures of one disk per time: a constant hazard."),
        may(
            "afr",
            Kind::Percentage,
            "Probability that a disk fails in its first year (8,760 h): a constant hazard.",
        ),
        may("life", Kind::Law, "Time from when a disk is ready until it fails."),
    ],
    choices: &[Choice { keys: &["rate", "afr", "life"], required: true }],
};

static CRASH: Shape = Shape {
    doc: "How servers of a model crash and come back.",
    keys: &[
        may(
            "rate",
            Kind::Rate,
            "Crashes per operating time, which stands still while the server is down: a constant hazard.",
        ),
        may(
            "afr",
            Kind::Percentage,
            "Probability of a crash in the first year (8,760 h): a constant hazard.",
        ),
        may("life", Kind::Law, "Operating time from one crash, or from new, to the next."),
        may(
            "restarts_itself",
            Kind::Probability,
            "Probability that a crashed server restarts by itself.",
        ),
        may("restart", Kind::Law, "How long a server takes to restart by itself."),
        may("repair", Kind::Law, "How long a repair takes once a crew works on it."),
        may(
            "repair_restores",
            Kind::Word(&[
                ("new", "as good as new: the next life starts at age zero"),
                ("old", "as bad as old: the next life goes on from the age reached"),
            ]),
            "What a repair does to the age of the hardware.",
        ),
        may(
            "age_at_start",
            Kind::Either(&[
                Kind::Word(&[
                    ("new", "brand new"),
                    ("stationary", "as found at a random time of a process that has run for ever"),
                ]),
                Kind::Law,
            ]),
            "Age of the hardware when a run begins: new, stationary, or a law.",
        ),
    ],
    choices: &[Choice { keys: &["rate", "afr", "life"], required: true }],
};

static RISK: Shape = Shape {
    doc: "How risks of servers are predicted, and what becomes of them.",
    keys: &[
        may("rate", Kind::Rate, "Risks per time without one: a constant hazard."),
        may(
            "afr",
            Kind::Percentage,
            "Probability of a risk in the first year (8,760 h): a constant hazard.",
        ),
        may(
            "life",
            Kind::Law,
            "Calendar time from the end of one risk, or from the start, to the next.",
        ),
        may(
            "curable",
            Kind::Probability,
            "Probability that a restart cures the server; else it must be emptied and repaired.",
        ),
        may(
            "crash_p",
            Kind::Probability,
            "Probability that the risk turns into a crash, unless it is cured before.",
        ),
        may("crash_after", Kind::Law, "Time from the prediction to that crash."),
        may(
            "repair",
            Kind::Law,
            "How long a repair takes once the server is empty and a crew works on it.",
        ),
    ],
    choices: &[Choice { keys: &["rate", "afr", "life"], required: true }],
};

pub(super) static SERVERS: Shape = Shape {
    doc: "A group of equal servers.",
    keys: &[
        may("name", Kind::Name, "Name of the group: only a handle for paths."),
        must("model", Kind::Name, "Model of the servers."),
        must("count", ANY_COUNT, "How many, in all zones together."),
        must("zones", NAMES, "Zones between which they are split as evenly as possible."),
        may(
            "racks_per_zone",
            SOME,
            "Racks in each zone between which they are split as evenly as possible.",
        ),
        may(
            "rack_outage",
            Kind::Either(&[NEVER, Kind::Table(&RACK_OUTAGE)]),
            "When a whole rack goes down: all its servers are down while it is.",
        ),
        may(
            "dedicated",
            Kind::Switch,
            "Whether they are kept for dedicated hosts, those that carry one and those that stand idle for them: no other instances are placed there.",
        ),
    ],
    choices: NO_CHOICE,
};

pub(super) static NETWORK: Shape = Shape {
    doc: "The network on which migrations send their data; without this table sending is not modelled. Each server has its nic_rate out and in, each rack its uplink up and down, and one spine joins all racks, also those of different zones.",
    keys: &[
        may(
            "rack_uplink",
            Kind::Either(&[UNLIMITED, Kind::Bandwidth]),
            "Rate of each rack's uplink, in each direction; inside a rack only the servers' own rates bind.",
        ),
        may(
            "spine",
            Kind::Either(&[UNLIMITED, Kind::Bandwidth]),
            "Rate of the spine, which all that leaves a rack shares.",
        ),
        may(
            "migration_share",
            Kind::Percent,
            "Share of every link that migration may use, from 1% to 100%.",
        ),
    ],
    choices: NO_CHOICE,
};

static RACK_OUTAGE: Shape = Shape {
    doc: "The outages of a rack.",
    keys: &[
        may("life", Kind::Law, "Time from the end of one outage, or from the start, to the next."),
        may("rate", Kind::Rate, "Outages per time in which the rack is up: a constant hazard."),
        must("repair", Kind::Law, "Length of an outage."),
    ],
    choices: &[Choice { keys: &["life", "rate"], required: true }],
};

/// Up to as many NUMA nodes as a server may have.
const NODES: Kind = Kind::Count { least: 1, most: MOST_NODES as u64 };

pub(super) static INSTANCE_TYPE: Shape = Shape {
    doc: "An instance type as it is sold.",
    keys: &[
        must("vcpus", SMALL, "Virtual CPUs [count]."),
        must("memory", Kind::Size, "Memory."),
        may("gpus", SMALL, "Graphics processors [count]."),
        may("nic_percent", SMALL, "Share of network cards [percent of one card]."),
        may("local_disks", SMALL, "Whole local disks [count]."),
        may("local_storage", Kind::Size, "Local storage that is sold by size."),
        may("server_model", Kind::Name, "The only server model that it may run on."),
        may(
            "numa_nodes",
            NODES,
            "NUMA nodes that it takes [count]: 1 for a type that must not span nodes. vCPUs and memory are split evenly between them, unless the next two keys say otherwise. Without it its instances float: only the server's totals matter, and they take no room of any node.",
        ),
        may(
            "numa_vcpus",
            Kind::List(&SMALL, 1),
            "vCPUs on each of its NUMA nodes [count], together vcpus.",
        ),
        may(
            "numa_memory",
            Kind::List(&Kind::Size, 1),
            "Memory on each of its NUMA nodes, together memory.",
        ),
        may(
            "family",
            Kind::Name,
            "Its family, as in \"d2\", which says what is done about its damaged local disks: d1, d2, d3 and i4 have them isolated and replaced, i2 and i3 isolated only, others neither; i1 also loses its local data when it is stopped. Without it, the family that a name like \"ecs.d2.6xlarge\" shows.",
        ),
        may(
            "disk_flow",
            Kind::Word(&[
                ("replace", "isolated, replaced and re-initialised, online where possible"),
                ("isolate-only", "isolated, never replaced while the instance is there"),
                ("none", "neither: its owner redeploys, or starts with InitLocalDisk"),
            ]),
            "What is done about its damaged local disks, whatever its family.",
        ),
        may(
            "sgx",
            Kind::Switch,
            "Whether it uses encrypted computing, which binds its instances to their server.",
        ),
        may(
            "charge",
            Kind::Word(&[
                ("pay-as-you-go", "its instances may be stopped economically"),
                ("subscription", "its instances are paid in advance"),
            ]),
            "How its instances are paid.",
        ),
        may(
            "price",
            Kind::Number { least: 0.0, most: 1e9 },
            "Price of an hour, in a currency of your own: what scaling groups go by that launch the cheapest type first [currency/h].",
        ),
        may(
            "action_on_maintenance",
            ON_MAINTENANCE,
            "What happens to its instances when their server fails, unless they say so themselves.",
        ),
        may(
            "dirty",
            Kind::Table(&DIRTY),
            "How fast its guests write to their memory, which live migration by pre-copy has to send again.",
        ),
        may(
            "burst",
            Kind::Either(&[Kind::Name, Kind::Table(&BURST)]),
            "How its CPU credits go, if it is burstable: as those of a published type (\"ecs.t6-c1m1.large\"), or as a table says; \"never\": it is not. Without it, a type that has the name of a published one is as that.",
        ),
        may(
            "credit_specification",
            CREDIT_MODE,
            "Of a burstable type: the mode of its instances, unless they say so themselves.",
        ),
        may(
            "load",
            Kind::Name,
            "Of a burstable type: what its instances are asked to do, one of [loads], unless they say so themselves; without any, nothing.",
        ),
        may(
            "dedicated_host",
            Kind::Switch,
            "Whether its instances live on dedicated hosts, unless their entry says otherwise; then spot settings are ignored.",
        ),
        may(
            "network",
            Kind::Word(&[
                ("vpc", "a network of its owner's"),
                (
                    "classic",
                    "the common one: its instances are not stopped economically, and not moved by ModifyInstanceDeployment",
                ),
            ]),
            "The network that its instances are on.",
        ),
        STRATEGY,
        LIMIT,
        DURATION,
        BEHAVIOR,
    ],
    choices: NO_CHOICE,
};
