//! The metrics of burstable instances; there are none where no type is burstable.

use super::{
    Better::{Higher, Lower, Neither},
    Definition, labelled, plain,
};

/// They are written in this order.
pub(super) const CREDITS: &[Definition] = &[
    plain(
        "credits.throttled",
        "instance-s",
        Lower,
        "time for which burstable instances were served slower than their load demands, summed over instances",
    ),
    plain("credits.throttled.max", "count", Lower, "the most that were at once"),
    plain("credits.throttled.max_at", "s", Neither, "when that was first so, on the clock"),
    plain(
        "credits.full",
        "instance-s",
        Neither,
        "time for which earnings were discarded because as many credits as may had accrued",
    ),
    plain(
        "credits.demand.missing",
        "vCPU-s",
        Lower,
        "vCPU time that loads demanded of served instances and that was not delivered",
    ),
    plain("credits.demanded", "credit", Neither, "credits that loads demanded of served instances"),
    plain("credits.delivered", "credit", Higher, "credits that instances used"),
    plain("credits.earned", "credit", Neither, "credits earned; initial ones are not"),
    plain("credits.discarded", "credit", Neither, "earnings that were discarded"),
    plain("credits.overdrawn", "credit", Lower, "credits used beyond all advance"),
    plain(
        "credits.charged",
        "credit",
        Lower,
        "advances not yet paid back that were charged when an instance left Unlimited",
    ),
    plain(
        "credits.cost",
        "USD",
        Lower,
        "what overdrawn and charged credits cost, at settings.burst.overdraft_price",
    ),
    plain(
        "credits.restricted",
        "count",
        Lower,
        "notices of hours in which a Standard instance was held to its baseline (BurstablePerformanceRestricted)",
    ),
    labelled(
        ("credits.mode_changes", &["operator"]),
        "count",
        Neither,
        "changes of mode (PerformanceModeChange), by who made them",
    ),
    labelled(
        ("credits.instances", &["type"]),
        "count",
        Neither,
        "burstable instances that were served at some time; types are shown one by one up to 64",
    ),
    labelled(
        ("credits.ran_out", &["type"]),
        "count",
        Lower,
        "those of them that were held to their baseline at some time, for want of credits",
    ),
    labelled(
        ("credits.throttled.share", &["type"]),
        "ratio",
        Lower,
        "time throttled / time served of burstable instances",
    ),
];
