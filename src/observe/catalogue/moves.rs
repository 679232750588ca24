//! Metrics of what moves send, and of who waits for a turn.

use super::{
    Better::{Lower, Neither},
    Definition, labelled, plain,
};

/// They are there where a scenario has a network or limits of moves.
pub(super) const MOVES: [Definition; 14] = [
    plain(
        "migration.bytes",
        "B",
        Lower,
        "what moves have sent, those that failed included: memory, and local disks of cold migrations; it counts when a round, a rest, or all disks are sent or cut off",
    ),
    plain(
        "migration.rounds.mean",
        "count",
        Lower,
        "rounds before the pause of live migrations by pre-copy that succeeded, mean",
    ),
    plain("migration.rounds.max", "count", Lower, "the most of them"),
    labelled(
        ("migration.ended", &["end"]),
        "count",
        Neither,
        "live migrations by pre-copy that ended, by end; not-converging: given up because their rounds did not converge; copy-failed: by livemig.success_p; given-up: the instance was to do something else; one that succeeded by post-copy is done",
    ),
    labelled(
        ("migration.slowed", &["by"]),
        "instance-s",
        Lower,
        "time for which migrations slowed guests down; auto-converge: the time lost, in rounds that were sent or cut off; post-copy: the time in which a guest ran ahead of its memory, once that has come",
    ),
    plain(
        "migration.turn.p50",
        "s",
        Lower,
        "time for which moves waited for their turn, of those that waited, median",
    ),
    plain("migration.turn.p99", "s", Lower, "the same, 99th percentile"),
    plain(
        "migration.waiting.max",
        "count",
        Lower,
        "the most moves that waited for their turn at once",
    ),
    plain("migration.waiting.max_at", "s", Neither, "when that was first so, on the clock"),
    labelled(
        ("migration.kind.duration.p50", &["kind"]),
        "s",
        Lower,
        "migration.duration.p50 by kind of move: from the begin, or from when its turn came, to the end of those that succeeded",
    ),
    labelled(("migration.kind.duration.p99", &["kind"]), "s", Lower, "the same, 99th percentile"),
    labelled(("migration.kind.duration.max", &["kind"]), "s", Lower, "the same, the longest"),
    plain("migration.blackout.max", "s", Lower, "the longest pause of a live migration"),
    plain(
        "migration.blackout.total",
        "instance-s",
        Lower,
        "all pauses of live migrations together",
    ),
];
