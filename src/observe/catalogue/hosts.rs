//! The metrics of dedicated hosts; there are none where no server is kept for any.

use super::{
    Better::{Higher, Lower, Neither},
    Definition, labelled, plain,
};

/// They are written in this order.
pub(super) const HOSTS: &[Definition] = &[
    labelled(
        ("dedicated.utilisation", &["resource"]),
        "ratio",
        Neither,
        "of what the dedicated hosts have, the share that is held, over time: vCPUs with what they sell beyond what is there, memory; what a host that moves holds counts where it is",
    ),
    labelled(
        ("dedicated.time", &["status"]),
        "host-s",
        Neither,
        "time that dedicated hosts are in this status, all together",
    ),
    plain(
        "dedicated.moves",
        "count",
        Lower,
        "times that a dedicated host got another server: its machine id changed",
    ),
    plain(
        "dedicated.waits",
        "count",
        Lower,
        "times that a dedicated host was to get another server and none of its model was idle in its zone",
    ),
    plain(
        "dedicated.spare.mean",
        "count",
        Neither,
        "servers kept for dedicated hosts that are idle and able to serve",
    ),
    plain("dedicated.spare.min", "count", Higher, "the fewest of them"),
    labelled(
        ("dedicated.live", &["status"]),
        "count",
        Neither,
        "live migrations between dedicated hosts that ended so",
    ),
];
