//! Metrics of scaling groups.

use super::{
    Better::{Higher, Lower, Neither},
    Definition, labelled,
};

/// In the order in which reports show them.
pub(super) const GROUPS: &[Definition] = &[
    labelled(
        ("availability.group", &["group"]),
        "ratio",
        Higher,
        "of a scaling group: serving capacity, as far as it is desired / desired capacity, over time; serving: InService or Protected, warm, its instance served and its image well",
    ),
    labelled(
        ("group.missing", &["group"]),
        "unit-s",
        Lower,
        "desired capacity that did not serve, over time",
    ),
    labelled(
        ("group.below_min_healthy", &["group"]),
        "s",
        Lower,
        "time with less serving capacity than the MinHealthy bound: of the refresh under way, or else of the group's refresh rules",
    ),
    labelled(
        ("group.size.mean", &["group"]),
        "count",
        Neither,
        "capacity counted by the group (without those who leave), mean over time",
    ),
    labelled(("group.size.max", &["group"]), "count", Neither, "the most of it"),
    labelled(("group.serving.min", &["group"]), "count", Higher, "the least serving capacity"),
    labelled(
        ("group.physical.max", &["group"]),
        "count",
        Lower,
        "the most capacity that took room, those who leave included",
    ),
    labelled(
        ("group.launches", &["group"]),
        "count",
        Neither,
        "launches of members, and stopped ones that were taken back",
    ),
    labelled(("group.removals", &["group"]), "count", Neither, "members that began to leave"),
    labelled(
        ("group.unhealthy", &["group"]),
        "count",
        Lower,
        "verdicts of the health check that a member is Unhealthy",
    ),
    labelled(
        ("group.launch_failures", &["group"]),
        "count",
        Lower,
        "launches that found no room or failed; each new try counts",
    ),
    labelled(
        ("group.in_zone.mean", &["group", "zone"]),
        "count",
        Neither,
        "capacity of the group that took room in the zone, mean over time; of groups with several zones",
    ),
    labelled(
        ("group.in_zone.end", &["group", "zone"]),
        "count",
        Neither,
        "the same at the end: by zone priority a refresh fills the first zone that has room",
    ),
    labelled(
        ("group.in_state.mean", &["group", "state"]),
        "count",
        Neither,
        "capacity of the group in the LifecycleState, mean over time",
    ),
    labelled(
        ("group.activities", &["group", "status"]),
        "count",
        Neither,
        "scaling activities that ended, by how they went",
    ),
];
