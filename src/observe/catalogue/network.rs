//! Metrics of the network, for scenarios that have one.

use super::{
    Better::{Lower, Neither},
    Definition, labelled, plain,
};

/// In the order in which reports show them.
pub(super) const NETWORK: &[Definition] = &[
    plain(
        "transfers",
        "count",
        Neither,
        "transfers over the network that ended; one sends all that one move sends",
    ),
    plain("transfers.cancelled", "count", Lower, "those of them that had not sent all they had"),
    plain("transfers.sent", "B", Lower, "what they sent"),
    plain("transfers.concurrent.max", "count", Lower, "the most transfers under way at once"),
    plain("transfers.concurrent.max_at", "s", Neither, "when that was first so, on the clock"),
    labelled(
        ("link.busy.mean", &["link"]),
        "ratio",
        Lower,
        "what the links of this kind carried / what they had for migration, over time: each server's card out and in (nic), each rack's uplink up and down (uplink), the spine",
    ),
    labelled(
        ("link.busy.max", &["link"]),
        "ratio",
        Lower,
        "the largest share that any one of them carried of what it had, for more than no time",
    ),
    labelled(("link.busy.max_at", &["link"]), "s", Neither, "when that was first so, on the clock"),
    labelled(
        ("link.busiest.mean", &["link"]),
        "ratio",
        Lower,
        "the share that the busiest one of them carried, over time",
    ),
    labelled(
        ("link.saturated", &["link"]),
        "link-s",
        Lower,
        "time for which they bound some transfer: it would else have had more",
    ),
];
