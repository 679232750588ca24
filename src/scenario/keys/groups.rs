//! Keys of scaling groups, and of what they launch.

use super::dedicated::{AFFINITY, HOST, TENANCY};
use super::{
    kinds::{NO_CHOICE, OFF, ON_MAINTENANCE, SMALL, SOME},
    refresh::REFRESH,
    spot::{BEHAVIOR, DURATION, LIMIT, STRATEGY},
};
use crate::scenario::schema::{Choice, Key, Kind, Shape, may, must};

pub(super) static IMAGE: Shape = Shape {
    doc: "A machine image, as far as the health of what runs from it goes.",
    keys: &[
        may(
            "unhealthy_p",
            Kind::Probability,
            "Probability that an instance of it fails its group's health check.",
        ),
        may(
            "unhealthy_after",
            Kind::Law,
            "How long such an instance seems healthy after it has come into service.",
        ),
    ],
    choices: NO_CHOICE,
};

const TYPE: Key = may("type", Kind::Name, "The instance type.");

const SOME_TYPES: Kind = Kind::List(&Kind::Either(&[Kind::Name, Kind::Table(&WEIGHED)]), 1);

const TYPES: Key = may(
    "types",
    SOME_TYPES,
    "Instance types, the preferred one first; each by its name, or with its weight.",
);

const IMAGE_OF: Key = may("image", Kind::Name, "The image (ImageId), one of [images].");

const FAILS: Key = may(
    "launch_fail_p",
    Kind::Probability,
    "Probability that a launch fails although there is room.",
);

const CUSTOMER: Key = may("customer", Kind::Name, "The owner of what is launched.");

const APP: Key = may("app", Kind::Name, "The application that it serves.");

const SPREAD: Key = may(
    "spread",
    Kind::Name,
    "The group that it is spread with, as `group` in workload.instances.",
);

const ACTION: Key = may(
    "action_on_maintenance",
    ON_MAINTENANCE,
    "What happens to it when its server fails; without it, as its type says.",
);

const COMPENSATE: Key = may(
    "CompensateWithOnDemand",
    Kind::Switch,
    "Whether pay-as-you-go instances are launched where its market takes no preemptible one.",
);

const ONE_TYPE: &[Choice] = &[Choice { keys: &["type", "types"], required: true }];

pub(super) static CONFIGURATION: Shape = Shape {
    doc: "A scaling configuration: what a group launches.",
    keys: &[
        TYPE, TYPES, IMAGE_OF, FAILS, CUSTOMER, APP, SPREAD, ACTION, TENANCY, HOST, AFFINITY,
        STRATEGY, LIMIT, DURATION, BEHAVIOR, COMPENSATE,
    ],
    choices: ONE_TYPE,
};

static WEIGHED: Shape = Shape {
    doc: "An instance type with its weight.",
    keys: &[
        must("type", Kind::Name, "The instance type."),
        may(
            "weight",
            Kind::Count { least: 1, most: 500 },
            "WeightedCapacity: how many units of its group's capacity one instance is [count]; 1 where it is left out.",
        ),
    ],
    choices: NO_CHOICE,
};

pub(super) static LAUNCH_TEMPLATE: Shape = Shape {
    doc: "A launch template.",
    keys: &[
        must(
            "versions",
            Kind::List(&Kind::Table(&VERSION), 1),
            "Its versions: the first is version 1.",
        ),
        may(
            "default_version",
            Kind::Either(&[SOME, Kind::Pairs(&Kind::Moment, &SOME)]),
            "The default version: a number, or pairs of a time and the number that is the default from then on.",
        ),
    ],
    choices: NO_CHOICE,
};

static VERSION: Shape = Shape {
    doc: "A version of a launch template.",
    keys: &[
        may("at", Kind::Moment, "When it is created; without it, it is there from the beginning."),
        TYPE,
        TYPES,
        IMAGE_OF,
        FAILS,
        CUSTOMER,
        APP,
        SPREAD,
        ACTION,
        STRATEGY,
        LIMIT,
        DURATION,
        BEHAVIOR,
        COMPENSATE,
        TENANCY,
        HOST,
        AFFINITY,
    ],
    choices: ONE_TYPE,
};

/// Capacity units, as far as counts of them go.
const UNITS: Kind = Kind::Count { least: 0, most: 10_000_000 };

pub(super) static GROUP: Shape = Shape {
    doc: "A scaling group. Its members are called \"NAME#0\", \"NAME#1\" and so on, in the order in which they come.",
    keys: &[
        must("name", Kind::Name, "Name of the group, unique: its ScalingGroupId."),
        may("enabled", Kind::Switch, "Whether it is Active, not Inactive, when a run begins."),
        must("min_size", UNITS, "MinSize [capacity units]."),
        must("max_size", UNITS, "MaxSize [capacity units], at most settings.ess.max_size."),
        may(
            "desired",
            Kind::Either(&[OFF, UNITS]),
            "DesiredCapacity [capacity units]; left out or \"off\": the expected-number feature is off.",
        ),
        may(
            "zones",
            Kind::List(&Kind::Name, 1),
            "Its zones, the preferred one first; without it, all in the order of `servers`.",
        ),
        may("configuration", Kind::Name, "The scaling configuration that it launches."),
        may("launch_template", Kind::Name, "The launch template that it launches."),
        may(
            "launch_template_version",
            Kind::Either(&[
                Kind::Word(&[
                    ("Default", "the default at each launch"),
                    ("Latest", "the newest at each launch"),
                ]),
                SOME,
            ]),
            "The version of the launch template that it launches.",
        ),
        may(
            "members",
            Kind::List(&Kind::Table(&MEMBERS), 0),
            "What it consists of when a run begins; without it, as many members as make up `desired` (or min_size), of what it launches.",
        ),
        may(
            "attach",
            Kind::Law,
            "Time from Running to InService. With the default settings of instances a launch so takes 180 s on average (3 s Pending, 40 s Starting and this).",
        ),
        may(
            "detach",
            Kind::Law,
            "Time that leaving takes before the instance is stopped. With the default settings of instances a removal so takes 90 s on average (this and 17.5 s Stopping).",
        ),
        may(
            "stop_timeout",
            Kind::Either(&[OFF, Kind::Span]),
            "StopInstanceTimeout, 30 s to 240 s: after this time a stop is forced; \"off\": it takes what it takes.",
        ),
        may("warm_up", Kind::Span, "How long new members warm up outside of refreshes."),
        may(
            "removal_policies",
            Kind::List(&REMOVAL, 1),
            "RemovalPolicies: who leaves first when the group shrinks; the second decides among equals of the first, and so on.",
        ),
        may("hooks", Kind::List(&Kind::Table(&HOOK), 0), "Lifecycle hooks, at most six."),
        may(
            "health_check_types",
            Kind::Either(&[
                Kind::Word(&[("NONE", "nothing is checked")]),
                Kind::List(&HEALTH_CHECK, 1),
            ]),
            "HealthCheckTypes: what the health check looks at.",
        ),
        may("health_check_interval", Kind::Span, "Time from the trouble to the verdict."),
        may(
            "cooldown",
            Kind::Span,
            "DefaultCooldown, up to 86400 s: least time between two activities that the target rule starts.",
        ),
        may(
            "max_instance_lifetime",
            Kind::Either(&[OFF, Kind::Span]),
            "MaxInstanceLifetime, at least a day: who is older is replaced.",
        ),
        may(
            "suspended_processes",
            Kind::List(&PROCESS, 0),
            "Processes that are suspended when a run begins.",
        ),
        may("schedule", Kind::List(&Kind::Table(&SCHEDULED), 0), "Scheduled scaling."),
        may("target", Kind::Table(&TARGET), "A target rule: the group follows a demand."),
        may(
            "launch_retry",
            Kind::Span,
            "Time between two tries of a launch that found no room, outside of refreshes.",
        ),
        may("multi_az_policy", MULTI_AZ, "MultiAZPolicy; only PRIORITY can be refreshed."),
        may(
            "balance_mode",
            Kind::Word(&[
                ("BalancedBestEffort", "another zone, where the one whose turn it is has no room"),
                ("BalancedOnly", "no other zone: the activity does only part of its work"),
            ]),
            "BalanceMode, for BALANCE and for az_balance.",
        ),
        may(
            "allocation_strategy",
            Kind::Word(&[
                ("priority", "types in the order in which they are listed"),
                ("lowestPrice", "the cheapest vCPU first"),
            ]),
            "AllocationStrategy, for COMPOSABLE.",
        ),
        may("az_balance", Kind::Switch, "AzBalance, for COMPOSABLE: evenly over the zones."),
        may(
            "group_type",
            Kind::Word(&[
                ("ECS", "of instances"),
                ("ECI", "of container groups; cannot be refreshed"),
            ]),
            "GroupType.",
        ),
        may(
            "capacity_unit",
            Kind::Word(&[
                ("instance", "instances, or their weights"),
                ("vCPU", "vCPUs; cannot be refreshed"),
            ]),
            "What its capacity is counted in; it is only known, and refused for refreshes.",
        ),
        may(
            "scaling_policy",
            Kind::Word(&[
                ("release", "stopped, then released"),
                ("forcerelease", "powered off, then released"),
                ("recycle", "stopped and kept for the next scale-out; cannot be refreshed"),
                ("forcerecycle", "powered off and kept; cannot be refreshed"),
            ]),
            "ScalingPolicy: what becomes of those who leave.",
        ),
        may(
            "refresh",
            Kind::Table(&REFRESH),
            "How its refreshes go; what it does not say, settings.refresh says.",
        ),
    ],
    choices: &[Choice { keys: &["configuration", "launch_template"], required: true }],
};

static MEMBERS: Shape = Shape {
    doc: "Equal members that are there when a run begins.",
    keys: &[
        must("count", SMALL, "How many."),
        may(
            "state",
            Kind::Word(&[
                ("InService", "in normal service"),
                ("Protected", "serving, and left alone by the group"),
                ("Standby", "out of service, and left alone by the group"),
            ]),
            "Their LifecycleState.",
        ),
        may(
            "creation",
            Kind::Word(&[
                ("AutoCreated", "launched by the group"),
                ("Attached", "added by hand; only detached when they leave"),
                ("Entrusted", "added by hand, their life handed to the group"),
            ]),
            "How they came into the group.",
        ),
        may(
            "configuration",
            Kind::Name,
            "What they were launched from, also a version of a launch template (\"NAME:2\"); without it, what the group launches.",
        ),
    ],
    choices: NO_CHOICE,
};

const REMOVAL: Kind = Kind::Word(&[
    ("OldestInstance", "the oldest"),
    ("NewestInstance", "the newest"),
    (
        "OldestScalingConfiguration",
        "those of the configuration that the group has used longest ago",
    ),
]);

static HOOK: Shape = Shape {
    doc: "A lifecycle hook: it holds members until somebody says that they may go on.",
    keys: &[
        must("name", Kind::Name, "Its name, unique in its group."),
        must(
            "lifecycle_transition",
            Kind::Word(&[
                ("SCALE_OUT", "it holds those who come"),
                ("SCALE_IN", "it holds those who leave"),
            ]),
            "LifecycleTransition.",
        ),
        may("heartbeat_timeout", Kind::Span, "HeartbeatTimeout, 30 s to 21600 s."),
        may(
            "default_result",
            Kind::Word(&[
                ("CONTINUE", "it goes on"),
                ("ABANDON", "who comes is released, who leaves leaves at once"),
            ]),
            "DefaultResult: what the timeout means.",
        ),
        may(
            "completes",
            Kind::Law,
            "Time that the automation of the group's owner takes to complete it; \"never\": only a command does.",
        ),
        may("result", RESULT, "What that automation completes it with."),
    ],
    choices: NO_CHOICE,
};

pub(super) const RESULT: Kind = Kind::Word(&[
    ("CONTINUE", "it goes on"),
    ("ABANDON", "who comes is released, who leaves leaves at once"),
    ("ROLLBACK", "who comes is released, who leaves stays"),
]);

const HEALTH_CHECK: Kind = Kind::Word(&[
    ("ECS", "who is not Running is unhealthy"),
    ("LOAD_BALANCER", "who does not serve is unhealthy, and who fails its image's check"),
]);

pub(super) const PROCESS: Kind = Kind::Word(&[
    ("ScaleIn", "removing members"),
    ("ScaleOut", "launching members"),
    ("HealthCheck", "looking after health"),
    ("AlarmNotification", "following the target rule"),
    ("ScheduledAction", "following the schedule"),
]);

static SCHEDULED: Shape = Shape {
    doc: "Scheduled scaling: at its time the group's sizes become these.",
    keys: &[
        must("at", Kind::Moment, "When first: on the clock, or a date."),
        may("every", Kind::Span, "How often then; without it, once."),
        may("min_size", UNITS, "The new MinSize [capacity units]."),
        may("max_size", UNITS, "The new MaxSize [capacity units]."),
        may("desired", UNITS, "The new DesiredCapacity [capacity units]."),
    ],
    choices: NO_CHOICE,
};

static TARGET: Shape = Shape {
    doc: "A target rule: as many capacity units as the demand needs.",
    keys: &[
        must(
            "demand",
            Kind::Either(&[
                Kind::File,
                Kind::Pairs(&Kind::Moment, &Kind::Number { least: 0.0, most: 1e15 }),
            ]),
            "The demand: pairs of a time and a value, straight between them; or a CSV file with the columns time_s (seconds from the zero of the clock) and demand.",
        ),
        may("period", Kind::Span, "After which time from the zero of the clock it repeats itself."),
        must(
            "per_unit",
            Kind::Number { least: 1e-9, most: 1e15 },
            "Demand that one capacity unit is to serve.",
        ),
        may("every", Kind::Span, "How often it is looked at; without it, every 60 s."),
        may("scale_in", Kind::Switch, "Whether it also scales in; without it, true."),
    ],
    choices: NO_CHOICE,
};

const MULTI_AZ: Kind = Kind::Word(&[
    ("PRIORITY", "the first zone that has room"),
    (
        "COST_OPTIMIZED",
        "the cheapest vCPU first, by the prices of the types; the dearest leaves first",
    ),
    ("BALANCE", "evenly over the zones, as balance_mode says"),
    ("COMPOSABLE", "a mix, as allocation_strategy and az_balance say"),
]);
