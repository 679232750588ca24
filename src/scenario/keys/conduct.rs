//! Keys of how people behave: policies.

use super::kinds::{NO_CHOICE, UNLIMITED, WEIGHT};
use crate::scenario::schema::{Choice, Kind, Shape, may, must};

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
            "numa_order",
            Kind::Word(&[
                ("pack", "the least free memory first, then the fewest free vCPUs"),
                ("spread", "the most free memory first, then the most free vCPUs"),
            ]),
            "In what order the NUMA nodes of a server are tried for a type with numa_nodes.",
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
            "Kinds of owners, and mixes of them, by name; `default` owns what names no other.",
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
    doc: "A kind of owner: what it does about events of its instances. It asks only for what answers the event; about all others it waits.",
    keys: &[
        may(
            "mix",
            Kind::Map(&WEIGHT),
            "Other kinds of owners with their weights, as in { patient = 3, prompt = 1 }: each instance has one of them, by chance. A mix has no other key.",
        ),
        may(
            "restart_after",
            Kind::Law,
            "Time from the stop of an instance by a failure, by maintenance or as an answer to an event to its owner's StartInstance, and from a refusal to the next one.",
        ),
        may(
            "scheduled_event",
            Kind::Word(&[
                WAIT_FOR_IT,
                ("reboot", "RebootInstance, which answers SystemMaintenance.Reboot"),
                (
                    "redeploy",
                    "RedeployInstance, which answers SystemMaintenance.Reboot and .Redeploy and SystemFailure.Redeploy",
                ),
                ("stop", "StopInstance, which answers SystemMaintenance.Stop"),
            ]),
            "What it does about an event that will run by itself (Scheduled).",
        ),
        may(
            "scheduled_when",
            Kind::Either(&[
                Kind::Word(&[
                    ("at-once", "as soon as it is told"),
                    ("in-window", "the next time within maintenance_window"),
                ]),
                Kind::Table(&SCHEDULED_WHEN),
            ]),
            "When it does so.",
        ),
        may(
            "inquiry",
            Kind::Word(&[
                WAIT,
                ("accept", "AcceptInquiredSystemEvent"),
                ("redeploy", "RedeployInstance"),
                ("reboot", "RebootInstance, which answers SystemMaintenance.Reboot"),
            ]),
            "What it does about an event that waits for its word and is not about a disk (Inquiring).",
        ),
        may("inquiry_after", Kind::Law, "Time from being told to doing so."),
        may(
            "disk_error",
            Kind::Word(&[
                WAIT,
                ("accept", "AcceptInquiredSystemEvent, and the reboots that this asks for"),
                (
                    "redeploy",
                    "RedeployInstance: all local data lost; also for families whose disks are not isolated",
                ),
            ]),
            "What it does about events of a damaged or replaced local disk.",
        ),
        may("answer_after", Kind::Law, "Time from being told of these to the answer."),
        may(
            "reboot_after",
            Kind::Law,
            "Time from the acceptance of a disk's job that needs a reboot to that reboot.",
        ),
        may(
            "isolated",
            Kind::Word(&[WAIT, ("redeploy", "RedeployInstance: all local data lost")]),
            "What it does once a damaged disk is isolated, and not yet replaced.",
        ),
        may("isolated_after", Kind::Law, "Time from the isolation to doing so."),
        may(
            "outage",
            Kind::Word(&[WAIT, ("redeploy", "RedeployInstance: all local data lost")]),
            "What it does while a crashed server keeps its local disks (SystemFailure.Reboot).",
        ),
        may("outage_after", Kind::Law, "Time from being told of the crash to doing so."),
        may(
            "renew_after",
            Kind::Law,
            "Time from the announcement that a subscription ends, or that what has expired will be released, to its renewal; too late, it counts anew from the next announcement. See settings.billing.",
        ),
        may(
            "on_interruption",
            Kind::Word(&[
                WAIT,
                (
                    "pay-as-you-go",
                    "it asks at once for another that pays as it goes, for the rest of the life; not where the instance is only stopped, or is a member of a scaling group",
                ),
            ]),
            "What it does when a preemptible instance is to be taken back.",
        ),
        may("force_stop", Kind::Switch, "Whether its stops are power-offs (ForceStop)."),
        may(
            "retry",
            Kind::Either(&[Kind::Word(&[("never", "it does not try again")]), Kind::Table(&RETRY)]),
            "How it tries again where it is refused, or where what it did was of no use.",
        ),
        may(
            "maintenance_window",
            Kind::Table(&WINDOW),
            "The maintenance window that its instances are created with, and that it keeps itself.",
        ),
    ],
    choices: MIX_ALONE,
};

const WAIT: (&str, &str) = ("wait", "nothing");

const WAIT_FOR_IT: (&str, &str) = ("wait", "nothing: it runs by itself");

/// A mix is nothing by itself: no other key stands beside it, written or by default.
const MIX_ALONE: &[Choice] = &[
    beside_mix(&["mix", "restart_after"]),
    beside_mix(&["mix", "scheduled_event"]),
    beside_mix(&["mix", "scheduled_when"]),
    beside_mix(&["mix", "inquiry"]),
    beside_mix(&["mix", "inquiry_after"]),
    beside_mix(&["mix", "disk_error"]),
    beside_mix(&["mix", "answer_after"]),
    beside_mix(&["mix", "reboot_after"]),
    beside_mix(&["mix", "isolated"]),
    beside_mix(&["mix", "isolated_after"]),
    beside_mix(&["mix", "outage"]),
    beside_mix(&["mix", "outage_after"]),
    beside_mix(&["mix", "renew_after"]),
    beside_mix(&["mix", "on_interruption"]),
    beside_mix(&["mix", "force_stop"]),
    beside_mix(&["mix", "retry"]),
    beside_mix(&["mix", "maintenance_window"]),
];

const fn beside_mix(keys: &'static [&'static str]) -> Choice {
    Choice { keys, required: false }
}

static SCHEDULED_WHEN: Shape = Shape {
    doc: "When an owner acts on a planned event.",
    keys: &[
        may("after", Kind::Law, "So long after it is told."),
        may(
            "before",
            Kind::Span,
            "So long before the planned time; at once where that has passed.",
        ),
    ],
    choices: &[Choice { keys: &["after", "before"], required: true }],
};

static RETRY: Shape = Shape {
    doc: "How an owner tries again.",
    keys: &[
        may("after", Kind::Law, "Time to the next attempt, at least a second."),
        may("times", Kind::Count { least: 1, most: 60_000 }, "Most further attempts [count]."),
    ],
    choices: NO_CHOICE,
};

static WINDOW: Shape = Shape {
    doc: "A maintenance window: the same whole hours of every day, in UTC+8.",
    keys: &[
        must("from", Kind::Count { least: 0, most: 23 }, "The hour at which it begins."),
        must("hours", Kind::Count { least: 1, most: 23 }, "How long it lasts [hours]."),
    ],
    choices: NO_CHOICE,
};
