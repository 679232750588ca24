//! Metrics of instance refreshes, one by one.

use super::{
    Better::{Higher, Lower, Neither},
    Definition, labelled,
};

/// In the order in which reports show them.
pub(super) const REFRESHES: &[Definition] = &[
    labelled(
        ("refresh.duration", &["refresh"]),
        "s",
        Lower,
        "from the start of an instance refresh to its end; nothing where it did not end. Metrics of a refresh are about all of it, the warm-up included; it is named by the command that starts it; \"NAME (rollback)\" is the task that takes it back after it has failed, where that is allowed",
    ),
    labelled(("refresh.paused", &["refresh"]), "s", Neither, "time in Paused and CheckpointPause"),
    labelled(
        ("refresh.healthy.min", &["refresh"]),
        "count",
        Higher,
        "the least serving capacity of its group from its start to its end that lasted some time",
    ),
    labelled(
        ("refresh.total.max", &["refresh"]),
        "count",
        Lower,
        "the most capacity counted by its group meanwhile",
    ),
    labelled(
        ("refresh.physical.max", &["refresh"]),
        "count",
        Lower,
        "the same with those who leave",
    ),
    labelled(
        ("refresh.missing", &["refresh"]),
        "unit-s",
        Lower,
        "desired capacity of its group that did not serve meanwhile, over time",
    ),
    labelled(("refresh.batches", &["refresh"]), "count", Neither, "batches that it began"),
    labelled(
        ("refresh.batches.forced", &["refresh"]),
        "count",
        Lower,
        "batches beyond the bounds, because within them nothing could move",
    ),
    labelled(
        ("refresh.replaced", &["refresh"]),
        "count",
        Neither,
        "replacements whose new instance became ready, those of a rollback included",
    ),
    labelled(
        ("refresh.failed_instances", &["refresh"]),
        "count",
        Lower,
        "new instances that failed while it was active, before or after they were ready",
    ),
    labelled(
        ("refresh.launch_failures", &["refresh"]),
        "count",
        Lower,
        "its launches that found no room or failed; each new try counts",
    ),
    labelled(
        ("refresh.checkpoints", &["refresh"]),
        "count",
        Neither,
        "checkpoints that it reached; several passed at once count as one, and 100 % counts too",
    ),
    labelled(
        ("refresh.floor_broken", &["refresh"]),
        "count",
        Lower,
        "times that it brought its group below the MinHealthy bound by its own doing",
    ),
    labelled(
        ("refresh.status", &["refresh", "status"]),
        "ratio",
        Neither,
        "1 if it had this status in the end, else 0; over runs: the share of runs; not-started: its command was refused, or never came",
    ),
];
