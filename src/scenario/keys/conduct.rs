//! Keys of how the cloud and its people behave: policies and settings.

use super::kinds::{NEVER, NO_CHOICE};
use crate::scenario::schema::{Kind, Shape, may};

pub(super) static POLICIES: Shape = Shape {
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
                    "as documented: instances without local data move to another server at once; those with local data wait for their own, or leave it under AutoRedeploy",
                ),
                ("in-place", "every instance waits for its own server, also under AutoRedeploy"),
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

pub(super) static SETTINGS: Shape = Shape {
    doc: "Properties of the modelled cloud.",
    keys: &[
        may("instance", Kind::Table(&INSTANCE_SETTINGS), "Life of an instance."),
        may("recover", Kind::Table(&RECOVER_SETTINGS), "Recovery from failures."),
        may("guest", Kind::Table(&GUEST_SETTINGS), "Guests: what runs inside an instance."),
        may("event", Kind::Table(&EVENT_SETTINGS), "What the cloud does of its own accord."),
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

static EVENT_SETTINGS: Shape = Shape {
    doc: "What the cloud does of its own accord.",
    keys: &[may(
        "failure_redeploy_lead",
        Kind::Span,
        "Under AutoRedeploy: time from the notice that its server does not restart by itself until an instance with local data is brought back elsewhere and the data is lost, unless the server works again by then.",
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
