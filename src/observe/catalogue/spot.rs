//! Metrics of preemptible instances, for scenarios that have markets.

use super::{
    Better::{Higher, Lower, Neither},
    Definition, labelled, plain,
};

/// In the order in which reports show them.
pub(super) const SPOT: &[Definition] = &[
    plain(
        "spot.interrupted",
        "count",
        Lower,
        "preemptible instances that were told that they are going to be taken back; of scenarios with markets, as all metrics of this family. Money is in the scenario's one currency",
    ),
    labelled(
        ("spot.interruptions", &["why"]),
        "count",
        Lower,
        "the same by reason; price: the market price was above the bid; stock: there was too little stock; room: a launch that pays as it goes waited for room",
    ),
    labelled(
        ("spot.instance_hours", &["market"]),
        "h",
        Neither,
        "time for which preemptible instances held room; markets are called by type, or type@zone",
    ),
    labelled(
        ("spot.cost", &["market"]),
        "money",
        Lower,
        "what preemptible instances cost while they held room: in the first hour from their first placing the price of that time, later the market price; exact sums of price times time, to the microsecond",
    ),
    labelled(
        ("spot.cost.pay_as_you_go", &["market"]),
        "money",
        Neither,
        "what the same instance-hours would have cost pay-as-you-go",
    ),
    labelled(
        ("spot.saved", &["market"]),
        "ratio",
        Higher,
        "1 - spot.cost / spot.cost.pay_as_you_go",
    ),
    labelled(("spot.reclaimed", &["market"]), "count", Lower, "spot.interrupted by market"),
    labelled(
        ("spot.refused", &["market"]),
        "count",
        Lower,
        "preemptible instances asked for that the market did not take: too low a bid, or no stock; launches of scaling groups are group.launch_failures",
    ),
    labelled(
        ("spot.base.instance_hours", &["market"]),
        "h",
        Neither,
        "time for which pay-as-you-go instances of types with a market held room",
    ),
    labelled(
        ("spot.base.cost", &["market"]),
        "money",
        Lower,
        "what those cost; with spot.cost, what the fleet costs",
    ),
    plain(
        "spot.lifetime.mean",
        "s",
        Higher,
        "time from taking room to the notification of an interruption, moves in between included, mean over those interrupted",
    ),
    plain("spot.lifetime.p50", "s", Higher, "the same, median"),
    plain("spot.lifetime.p05", "s", Higher, "the same, 5th percentile"),
];
