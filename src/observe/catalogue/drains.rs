//! Metrics of drains, one by one.

use super::{
    Better::{Higher, Lower},
    Definition, labelled,
};

/// In the order in which reports show them.
pub(super) const DRAINS: &[Definition] = &[
    labelled(
        ("drain.duration", &["name"]),
        "s",
        Lower,
        "from a drain's first plan until the last of its servers was empty or given up; nothing where some were left. Metrics of a drain are about all of it, the warm-up included",
    ),
    labelled(("drain.emptied", &["name"]), "count", Higher, "servers that it emptied"),
    labelled(
        ("drain.given_up", &["name"]),
        "count",
        Lower,
        "servers that it gave up because somebody could not leave",
    ),
    labelled(
        ("drain.moves", &["name"]),
        "count",
        Lower,
        "moves that it began, those that failed included",
    ),
    labelled(
        ("drain.moves_per_server", &["name"]),
        "count",
        Lower,
        "the same for each server that it emptied; nothing where it emptied none",
    ),
    labelled(("drain.plans", &["name"]), "count", Lower, "plans that it made, the first included"),
    labelled(
        ("drain.barred", &["name", "why"]),
        "count",
        Lower,
        "instances that could not leave at some time, for this reason",
    ),
];
