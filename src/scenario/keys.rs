//! Every key of the scenario file.

use super::schema::{Choice, Key, Kind, Shape, may, must};

const ANY_COUNT: Kind = Kind::Count { least: 0, most: i64::MAX as u64 };
const SOME: Kind = Kind::Count { least: 1, most: i64::MAX as u64 };
const SMALL: Kind = Kind::Count { least: 0, most: 1_000_000 };
const NAMES: Kind = Kind::List(&Kind::Name, 1);
const WEIGHT: Kind = Kind::Number { least: 0.0, most: 1e12 };
const NEVER: Kind = Kind::Word(&[("never", "it never happens")]);
const ON_MAINTENANCE: Kind = Kind::Word(&[
    ("AutoRecover", "bring it back without losing local data (the documented default)"),
    ("Stop", "leave it stopped"),
    ("AutoRedeploy", "bring it back elsewhere at once, even if its local data is lost"),
]);
const NO_CHOICE: &[Choice] = &[];

/// The whole file.
pub static FILE: Shape = Shape {
    doc: "A fleetsim scenario: what the fleet is, what happens to it, how people and the operator \
          react. Every quantity has its unit in the text.",
    keys: &[
        may(
            "$schema",
            Kind::Text,
            "The JSON Schema that an editor checks a JSON scenario with; not read.",
        ),
        may(
            "include",
            Kind::Either(&[Kind::File, Kind::List(&Kind::File, 1)]),
            "Files that are joined underneath this one, relative to it: tables key by key, lists of \
             tables one behind the other; where both say something, this file wins.",
        ),
        must("scenario", Kind::Table(&SCENARIO), "The experiment."),
        must("server_models", Kind::Map(&Kind::Table(&SERVER_MODEL)), "Kinds of servers, by name."),
        must(
            "servers",
            Kind::List(&Kind::Table(&SERVERS), 1),
            "The servers, in groups of equal ones.",
        ),
        may(
            "instance_types",
            Kind::Map(&Kind::Table(&INSTANCE_TYPE)),
            "Instance types as they are sold, by name.",
        ),
        may("workload", Kind::Table(&WORKLOAD), "What is there at the start and what arrives."),
        may("applications", Kind::Map(&Kind::Table(&APPLICATION)), "Applications, by name."),
        may("policies", Kind::Table(&POLICIES), "Who decides what, and how."),
        may(
            "settings",
            Kind::Table(&SETTINGS),
            "Properties of the modelled cloud, by their own names.",
        ),
    ],
    choices: NO_CHOICE,
};

static SCENARIO: Shape = Shape {
    doc: "The experiment.",
    keys: &[
        must("name", Kind::Name, "Name of the scenario, shown in every result."),
        may("question", Kind::Text, "The question that it asks, in one line."),
        must(
            "horizon",
            Kind::Span,
            "How long a run lasts, from its beginning; at most 1,000 years.",
        ),
        may(
            "warm_up",
            Kind::Span,
            "Time at the beginning of a run that is left out of all results.",
        ),
        may(
            "clock_start",
            Kind::Span,
            "Where the clock stands when a run begins, so that replays report times of their trace.",
        ),
        may("seed", Kind::Count { least: 0, most: u64::MAX }, "Seed of all chance."),
        may(
            "runs",
            Kind::Count { least: 1, most: 1_000_000 },
            "How many runs, unless the command says otherwise.",
        ),
        may(
            "levels_at",
            Kind::List(&Kind::Span, 0),
            "Instants at which levels are reported, counted from the zero of the clock.",
        ),
    ],
    choices: NO_CHOICE,
};

static SERVER_MODEL: Shape = Shape {
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
            Kind::Count { least: 1, most: 1_024 },
            "NUMA nodes [count]; must divide vcpus.",
        ),
        may("gpus", SMALL, "Graphics processors [count]."),
        may(
            "nics",
            Kind::Count { least: 0, most: 10_000 },
            "Network cards [count]; instances take percents of one.",
        ),
        may("local_disks", Kind::Table(&MODEL_DISKS), "Whole local disks."),
        may("local_storage", Kind::Size, "Local storage that is sold by size."),
        may(
            "crash",
            Kind::Either(&[NEVER, Kind::Table(&CRASH)]),
            "How servers crash and come back; without it, by the defaults below.",
        ),
    ],
    choices: NO_CHOICE,
};

static MODEL_DISKS: Shape = Shape {
    doc: "Whole local disks of a server.",
    keys: &[
        must("count", SMALL, "Disks on one server [count]."),
        must("size", Kind::Size, "Size of one disk."),
    ],
    choices: NO_CHOICE,
};

static CRASH: Shape = Shape {
    doc: "How servers of a model crash and come back.",
    keys: &[
        may("rate", Kind::Rate, "Crashes per operating time: a constant hazard."),
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

static SERVERS: Shape = Shape {
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

static INSTANCE_TYPE: Shape = Shape {
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
            "action_on_maintenance",
            ON_MAINTENANCE,
            "What happens to its instances when their server fails, unless they say so themselves.",
        ),
    ],
    choices: NO_CHOICE,
};

static WORKLOAD: Shape = Shape {
    doc: "What is there at the start and what arrives.",
    keys: &[
        may(
            "when_full",
            Kind::Either(&[
                Kind::Word(&[("reject", "the creation fails")]),
                Kind::Table(&WHEN_FULL),
            ]),
            "What happens to a request that finds no room.",
        ),
        may(
            "life_from",
            Kind::Word(&[
                ("arrival", "from the arrival (the default where there is a trace)"),
                ("running", "from the first Running (the default where there is none)"),
            ]),
            "From where lives count.",
        ),
        may(
            "instances",
            Kind::List(&Kind::Table(&INSTANCES), 0),
            "Instances that are Running when a run begins.",
        ),
        may("arrivals", Kind::List(&Kind::Table(&ARRIVALS), 0), "Arrivals by law."),
        may(
            "trace",
            Kind::File,
            "A file of recorded arrivals, plain or gz; relative to the scenario, or to the working directory when set by an option.",
        ),
        may(
            "trace_format",
            Kind::Word(&[
                (
                    "generic",
                    "CSV: arrival, lifetime, vcpus, memory; optional type, group, app, zone",
                ),
                ("azure-v1", "the Azure trace of 2017 as kept with this project's data"),
                ("alibaba-dlrm", "the Alibaba DLRM trace of 2025 as kept with this project's data"),
            ]),
            "Format of the trace.",
        ),
        may(
            "trace_lifetime",
            Kind::Word(&[
                ("upper", "the upper bound of the published bin"),
                ("middle", "the middle of the published bin"),
                ("lower", "the lower bound of the published bin"),
            ]),
            "Which length a published lifetime bin stands for.",
        ),
        may("trace_life", Kind::Law, "How long instances live, where the trace does not say."),
        may(
            "on_bad_row",
            Kind::Word(&[
                ("fail", "a bad row is a fault of the scenario"),
                ("skip", "bad rows are left out and counted"),
            ]),
            "What happens to a row that cannot be read.",
        ),
        may("trace_customer", Kind::Name, "Owner of the trace's instances."),
        may(
            "trace_action_on_maintenance",
            ON_MAINTENANCE,
            "What happens to the trace's instances when their server fails; without it, as their type says, or AutoRecover.",
        ),
        may(
            "trace_server_model",
            Kind::Name,
            "The only server model that the trace's instances may run on.",
        ),
    ],
    choices: NO_CHOICE,
};

static WHEN_FULL: Shape = Shape {
    doc: "Waiting for room.",
    keys: &[must("wait", Kind::Span, "How long a request waits at most.")],
    choices: NO_CHOICE,
};

const APP: Key = may("app", Kind::Name, "The application that they serve.");
const GROUP: Key = may("group", Kind::Name, "The group that they are spread with.");
const ZONE: Key = may("zone", Kind::Name, "The zone that they must be in.");
const CUSTOMER: Key = may("customer", Kind::Name, "Their owner.");
const ACTION: Key = may(
    "action_on_maintenance",
    ON_MAINTENANCE,
    "What happens to them when their server fails; without it, as their type says.",
);
const LIFE: Key = may("life", Kind::Law, "How long each lives; without it, to the end.");

static INSTANCES: Shape = Shape {
    doc: "Equal instances that are Running when a run begins.",
    keys: &[
        may("name", Kind::Name, "Name of the entry: only a handle for paths."),
        must("type", Kind::Name, "Their type."),
        must("count", ANY_COUNT, "How many."),
        LIFE,
        APP,
        GROUP,
        ZONE,
        CUSTOMER,
        ACTION,
    ],
    choices: NO_CHOICE,
};

static ARRIVALS: Shape = Shape {
    doc: "A stream of arrivals.",
    keys: &[
        must("name", Kind::Name, "Name of the stream, unique."),
        may("rate", Kind::Rate, "Batches per time: arrivals without memory (Poisson)."),
        may("gap", Kind::Law, "Time from one batch to the next."),
        may("type", Kind::Name, "Type of all its instances."),
        may("types", Kind::Map(&WEIGHT), "Types by their weights, which need not add up to 1."),
        LIFE,
        may(
            "batch",
            Kind::Either(&[Kind::Count { least: 1, most: 1_000_000 }, Kind::Table(&BATCH)]),
            "Instances in one batch.",
        ),
        may("same_type_in_batch", Kind::Switch, "Whether all instances of a batch have one type."),
        may(
            "day_profile",
            Kind::List(&WEIGHT, 1),
            "How the pace changes over a day: one factor for each equal part of the day, scaled to \
             mean 1; the day begins at the zero of the clock.",
        ),
        APP,
        GROUP,
        ZONE,
        CUSTOMER,
        ACTION,
    ],
    choices: &[
        Choice { keys: &["rate", "gap"], required: true },
        Choice { keys: &["type", "types"], required: true },
    ],
};

static BATCH: Shape = Shape {
    doc: "Random sizes of batches.",
    keys: &[must(
        "sizes",
        Kind::Pairs(&WEIGHT, &Kind::Count { least: 1, most: 1_000_000 }),
        "Pairs of weight and size; the weights need not add up to 1.",
    )],
    choices: NO_CHOICE,
};

static APPLICATION: Shape = Shape {
    doc: "An application: instances that serve together.",
    keys: &[
        may(
            "per_server_limit",
            Kind::Count { least: 1, most: 1_000_000 },
            "At most this many of its instances on one server; without it, no limit.",
        ),
        may(
            "needed",
            Kind::List(&Kind::Count { least: 1, most: 1_000_000_000 }, 0),
            "Numbers of served instances for which `service.available` is measured.",
        ),
    ],
    choices: NO_CHOICE,
};

static POLICIES: Shape = Shape {
    doc: "Who decides what, and how.",
    keys: &[
        may(
            "placement",
            Kind::Word(&[
                ("first-fit", "the server with the lowest id that has room"),
                ("best-fit", "the server that is left with the least room"),
                ("worst-fit", "the server that has the most room"),
                ("most-free", "the server whose scarcest resource is the least used"),
                ("spread", "the zone, then the rack, with the fewest instances of the same group"),
            ]),
            "Where instances go.",
        ),
        may(
            "recovery",
            Kind::Word(&[
                (
                    "failover",
                    "as documented: cloud-disk instances move, those with local disks wait",
                ),
                ("in-place", "every instance waits for its own server"),
            ]),
            "Where instances of a failed server go.",
        ),
        may("repair", Kind::Table(&REPAIR), "Who repairs servers."),
        may(
            "customers",
            Kind::Map(&Kind::Table(&CUSTOMER_POLICY)),
            "Kinds of owners, by name; `default` owns what names no other.",
        ),
    ],
    choices: NO_CHOICE,
};

static REPAIR: Shape = Shape {
    doc: "Who repairs servers.",
    keys: &[
        may(
            "crews",
            Kind::Either(&[
                Kind::Word(&[("unlimited", "as many as needed")]),
                Kind::Count { least: 1, most: 1_000_000_000 },
            ]),
            "Repair crews; each works on one server at a time.",
        ),
        may(
            "order",
            Kind::Word(&[
                ("first-come", "in order of failure"),
                ("shortest-first", "the repair that will take the shortest time first"),
                ("most-instances-first", "the server that holds the most instances first"),
            ]),
            "In what order crews take up repairs.",
        ),
    ],
    choices: NO_CHOICE,
};

static CUSTOMER_POLICY: Shape = Shape {
    doc: "A kind of owner.",
    keys: &[may(
        "restart_after",
        Kind::Law,
        "Time from the stop of an instance by a failure to its owner's StartInstance.",
    )],
    choices: NO_CHOICE,
};

static SETTINGS: Shape = Shape {
    doc: "Properties of the modelled cloud.",
    keys: &[
        may("instance", Kind::Table(&INSTANCE_SETTINGS), "Life of an instance."),
        may("recover", Kind::Table(&RECOVER_SETTINGS), "Recovery from failures."),
        may("guest", Kind::Table(&GUEST_SETTINGS), "Guests: what runs inside an instance."),
        may("create", Kind::Table(&CREATE_SETTINGS), "Creation of instances."),
        may("host", Kind::Table(&HOST_SETTINGS), "Servers."),
    ],
    choices: NO_CHOICE,
};

static INSTANCE_SETTINGS: Shape = Shape {
    doc: "Life of an instance.",
    keys: &[
        may("pending", Kind::Law, "Time in Pending."),
        may("starting", Kind::Law, "Time of a boot."),
        may("stopping", Kind::Law, "Time of a graceful stop."),
        may("boot_fail_p", Kind::Probability, "Probability that a boot fails."),
    ],
    choices: NO_CHOICE,
};

static RECOVER_SETTINGS: Shape = Shape {
    doc: "Recovery from failures.",
    keys: &[may("detect", Kind::Law, "Time until a crashed server or guest is noticed.")],
    choices: NO_CHOICE,
};

static GUEST_SETTINGS: Shape = Shape {
    doc: "Guests: what runs inside an instance.",
    keys: &[may(
        "crash_rate",
        Kind::Either(&[NEVER, Kind::Rate]),
        "Crashes of a guest per running time.",
    )],
    choices: NO_CHOICE,
};

static CREATE_SETTINGS: Shape = Shape {
    doc: "Creation of instances.",
    keys: &[may("release_after", Kind::Span, "Time until a failed creation is released.")],
    choices: NO_CHOICE,
};

static HOST_SETTINGS: Shape = Shape {
    doc: "Servers.",
    keys: &[may("idle_wears", Kind::Switch, "Whether a server that holds no instance ages.")],
    choices: NO_CHOICE,
};
