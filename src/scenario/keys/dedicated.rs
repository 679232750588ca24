//! Keys of dedicated hosts, and of who lives on them.

use super::{
    kinds::{NO_CHOICE, SOME},
    scripts::{AT, DO, INSTANCE, NAME, REGION, TEXTS},
};
use crate::scenario::schema::{Key, Kind, Shape, may, must};

/// Types of dedicated hosts that a server model may be of.
pub(super) const HOST_TYPE: Kind = Kind::Word(&[
    ("g6", "104 vCPUs, 384 GiB"),
    ("c6", "104 vCPUs, 192 GiB"),
    ("r6", "104 vCPUs, 768 GiB"),
    ("g5", "84 vCPUs, 336 GiB"),
    ("c5", "86 vCPUs, 172 GiB"),
    ("r5", "86 vCPUs, 688 GiB"),
    ("g5ne", "72 vCPUs, 288 GiB"),
    ("g5se", "70 vCPUs, 336 GiB"),
    ("i2", "80 vCPUs, 640 GiB, ten local SSDs of 1788 GiB"),
    ("v5", "336 vCPUs (oversold), 672 GiB"),
    ("g6s", "may sell more vCPUs than it has; its size is to be given"),
    ("c6s", "may sell more vCPUs than it has; its size is to be given"),
    ("r6s", "may sell more vCPUs than it has; its size is to be given"),
]);

const ON_OFF: Kind = Kind::Word(&[
    ("on", "in the pool for instances that name no host"),
    ("off", "only for instances that name it"),
]);

/// `Tenancy` of instances.
pub(super) const TENANCY: Key = may(
    "tenancy",
    Kind::Word(&[("default", "on shared servers"), ("host", "on dedicated hosts")]),
    "Where they live; without it, as `dedicated_host` here or of their type says.",
);

/// `Affinity` of instances.
pub(super) const AFFINITY: Key = may(
    "affinity",
    Kind::Word(&[
        ("default", "after an economical stop the same host first, else another of the pool"),
        ("host", "the same host, or it does not start"),
    ]),
    "How they are bound to their dedicated host.",
);

/// `DedicatedHostId` of instances.
pub(super) const HOST: Key = may(
    "dedicated_host",
    Kind::Name,
    "The dedicated host that they are on; without it, the one of the pool with the most free vCPUs.",
);

/// `Tenancy` in a command that creates instances.
pub(super) const TENANCY_OF: Key = Key { name: "Tenancy", ..TENANCY };

/// `DedicatedHostId` in a command that creates instances.
pub(super) const HOST_OF: Key = Key { name: "DedicatedHostId", ..HOST };

/// `Affinity` in a command that creates instances.
pub(super) const AFFINITY_OF: Key = Key { name: "Affinity", ..AFFINITY };

pub(super) static DEDICATED_HOST: Shape = Shape {
    doc: "Dedicated hosts that are alike: servers that one owner rents whole.",
    keys: &[
        must(
            "name",
            Kind::Name,
            "Name, unique; of several hosts, the name and a number: `db-1`, `db-2`.",
        ),
        must("model", Kind::Name, "Model of the servers that carry them."),
        must("zone", Kind::Name, "Zone that they are in."),
        may("count", SOME, "How many."),
        may(
            "customer",
            Kind::Name,
            "Their owner: only its instances may be on them; without it, everybody's.",
        ),
        may(
            "instance_types",
            Kind::List(&Kind::Name, 1),
            "The instance types that they take; without it, all that fit.",
        ),
        may("auto_placement", ON_OFF, "AutoPlacement."),
        may(
            "action_on_maintenance",
            Kind::Word(&[
                ("Migrate", "the host moves to another server, and its instances are restarted"),
                (
                    "Stop",
                    "its instances are stopped; if its server does not come back by itself, the host moves and they are restarted",
                ),
            ]),
            "ActionOnMaintenance: what happens when the server fails or must be repaired; without it, Migrate, or Stop where the model has local disks.",
        ),
        may(
            "charge",
            Kind::Word(&[
                ("pay-as-you-go", "they are paid as they go"),
                ("subscription", "they are paid in advance"),
            ]),
            "How they are paid.",
        ),
        may(
            "term",
            Kind::Span,
            "How long their subscription lasts from the beginning of a run; without it, longer than any run.",
        ),
        may(
            "cpu_over_commit_ratio",
            Kind::Number { least: 1.0, most: 5.0 },
            "CpuOverCommitRatio: vCPUs sold for each that is there; only models of host_type g6s, c6s and r6s.",
        ),
    ],
    choices: NO_CHOICE,
};

const WHICH: Key =
    may("DedicatedHostId", Kind::Text, "The dedicated host: its name, or any other text.");

pub(super) static DEPLOY: Shape = Shape {
    doc: "Moves an instance to, or between, dedicated hosts.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        INSTANCE,
        WHICH,
        may(
            "MigrationType",
            Kind::Word(&[
                ("reboot", "the instance is Stopped, and started afterwards (the default)"),
                ("live", "the instance goes on running"),
            ]),
            "How.",
        ),
        TENANCY_OF,
        AFFINITY_OF,
        may("InstanceType", Kind::Name, "The type that the instance gets."),
        may("Force", Kind::Switch, "About deployment sets, which are not modelled: of no effect."),
    ],
    choices: NO_CHOICE,
};

pub(super) static REDEPLOY_HOST: Shape = Shape {
    doc: "Gives a dedicated host at risk another server.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        WHICH,
        may(
            "MigrationType",
            Kind::Word(&[
                ("reboot", "all its instances are Stopped (the default)"),
                (
                    "LiveMigrationFirst",
                    "those that run are migrated live, or restarted where that fails",
                ),
            ]),
            "How.",
        ),
    ],
    choices: NO_CHOICE,
};

pub(super) static MODIFY_HOST: Shape = Shape {
    doc: "Changes attributes of a dedicated host.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        WHICH,
        may("AutoPlacement", ON_OFF, "Whether it is in the pool."),
        may(
            "ActionOnMaintenance",
            Kind::Word(&[("Migrate", "the host moves"), ("Stop", "its instances are stopped")]),
            "What happens when its server fails or must be repaired.",
        ),
        may(
            "CpuOverCommitRatio",
            Kind::Number { least: 0.0, most: 1_000.0 },
            "vCPUs sold for each that is there.",
        ),
    ],
    choices: NO_CHOICE,
};

pub(super) static DESCRIBE_HOSTS: Shape = Shape {
    doc: "Lists dedicated hosts.",
    keys: &[AT, DO, NAME, REGION, may("DedicatedHostIds", TEXTS, "Only these.")],
    choices: NO_CHOICE,
};

pub(super) static DDH: Shape = Shape {
    doc: "Dedicated hosts.",
    keys: &[
        may("prepare", Kind::Law, "Time until another server is ready for a host that moves."),
        may(
            "ticket",
            Kind::Law,
            "Time until a host with local disks that is dead for good is given another server, its local data lost; \"never\": it stays dead until its own server is repaired.",
        ),
        may(
            "live_fail_p",
            Kind::Probability,
            "Probability that a live migration between hosts fails.",
        ),
    ],
    choices: NO_CHOICE,
};
