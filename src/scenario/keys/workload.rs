//! Keys of what is there at the start and what arrives.

use super::{
    dedicated::{AFFINITY, HOST, TENANCY},
    kinds::{ANY_COUNT, CREDIT_MODE, NO_CHOICE, ON_MAINTENANCE, WEIGHT},
    spot::{BEHAVIOR, DURATION, LIMIT, STRATEGY},
};
use crate::scenario::schema::{Choice, Key, Kind, Shape, may, must};

pub(super) static WORKLOAD: Shape = Shape {
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
                (
                    "azure-v1",
                    "the published Azure requests of 2017, as docs/traces.md describes them",
                ),
                (
                    "alibaba-dlrm",
                    "the published Alibaba instances of 2025, as docs/traces.md describes them",
                ),
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
        may(
            "trace_life",
            Kind::Law,
            "How long instances live, where the trace does not say; it counts from where workload.life_from says: from the arrival, where there is a trace.",
        ),
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

const GROUP: Key = may(
    "group",
    Kind::Name,
    "The group that they are spread with: to the zone, then the rack, then the server that holds the fewest of it, whatever the placement policy.",
);

const ZONE: Key = may("zone", Kind::Name, "The zone that they must be in.");

const CUSTOMER: Key = may("customer", Kind::Name, "Their owner.");

const ACTION: Key = may(
    "action_on_maintenance",
    ON_MAINTENANCE,
    "What happens to them when their server fails; without it, as their type says.",
);

const LIFE: Key = may(
    "life",
    Kind::Law,
    "How long each lives; without it, to the end. It counts from where workload.life_from says: from the first Running, where there is no trace.",
);

const CREDITS: Key = may(
    "credit_specification",
    CREDIT_MODE,
    "Mode of those that are burstable; without it, as their type says.",
);

const LOAD: Key = may(
    "load",
    Kind::Name,
    "What those that are burstable are asked to do: one of [loads]; without it, as their type says.",
);

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
        CREDITS,
        LOAD,
        STRATEGY,
        LIMIT,
        DURATION,
        BEHAVIOR,
        TENANCY,
        HOST,
        AFFINITY,
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
            "same_life_in_batch",
            Kind::Switch,
            "Whether all instances of a batch live equally long.",
        ),
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
        CREDITS,
        LOAD,
        STRATEGY,
        LIMIT,
        DURATION,
        BEHAVIOR,
        TENANCY,
        HOST,
        AFFINITY,
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

pub(super) static APPLICATION: Shape = Shape {
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
