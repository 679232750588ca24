//! Keys of how people behave: policies.

use super::kinds::{NO_CHOICE, UNLIMITED};
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
            "maintenance",
            Kind::Table(&MAINTENANCE),
            "What the operator does about servers at risk.",
        ),
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

static MAINTENANCE: Shape = Shape {
    doc: "What the operator does about servers at risk.",
    keys: &[
        may(
            "live_migration",
            Kind::Switch,
            "Whether running instances without local disks are moved silently where that is possible, before any event is published.",
        ),
        may(
            "live_at_once",
            Kind::Either(&[UNLIMITED, Kind::Count { least: 1, most: 1_000_000_000 }]),
            "Most live migrations off one server at once [count].",
        ),
        may(
            "on_risk",
            Kind::Word(&[
                ("act", "as documented: live migration, else an event"),
                ("ignore", "nothing is done, and the risk may turn into a crash"),
            ]),
            "What is done about a prediction.",
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
