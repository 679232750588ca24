//! Keys of burstable instances: their types, their loads, their settings.

use super::kinds::NO_CHOICE;
use crate::scenario::schema::{Choice, Kind, Shape, may, must};

/// Most credits of a balance, and most credits that are earned in an hour [credits].
const MOST_CREDITS: f64 = 1_000_000.0;

const CREDITS: Kind = Kind::Number { least: 0.0, most: MOST_CREDITS };

pub(super) static BURST: Shape = Shape {
    doc: "How the CPU credits of a burstable type go. One credit is one vCPU in full use for one minute.",
    keys: &[
        may(
            "baseline",
            Kind::Share,
            "Share of its vCPUs that it earns and is held to, as in \"10%\", in steps of 0.01 %.",
        ),
        may(
            "credits_per_hour",
            CREDITS,
            "The same as credits an hour: vCPUs x baseline x 60; where both are given they must agree.",
        ),
        may(
            "max_balance",
            CREDITS,
            "The most credits that accrue, and the most that are advanced; without it, those of 24 h.",
        ),
        may(
            "initial",
            CREDITS,
            "Initial credits, which are used first; without it, 30 for each vCPU.",
        ),
    ],
    choices: NO_CHOICE,
};

pub(super) static LOAD: Shape = Shape {
    doc: "What an instance is asked to do over time, as a share of all its vCPUs in steps of 0.01 %. It goes on whether or not the instance runs.",
    keys: &[
        may("constant", Kind::Share, "Always the same share."),
        may("on_off", Kind::Table(&ON_OFF), "On and off by turns, for random lengths."),
        may(
            "steps",
            Kind::Pairs(&Kind::Span, &Kind::Share),
            "Pairs of a time and the share from then on; times count from when the instance is first Running, the first is \"0s\".",
        ),
        may(
            "period",
            Kind::Span,
            "Of `steps`: after which time they begin anew; without it, the last share holds on.",
        ),
        may(
            "day",
            Kind::List(&Kind::Share, 1),
            "One share for each equal part of the day; the day begins at the zero of the clock.",
        ),
        may(
            "file",
            Kind::File,
            "A recorded series, plain or gz: CSV whose columns u0, u1, ... are whole percents of consecutive times; each instance follows a row of its own by chance, from the clock's zero on, again and again.",
        ),
        may("step", Kind::Span, "Of `file`: the time that a value holds."),
        may(
            "row",
            Kind::Word(&[
                ("for-life", "an instance keeps its row"),
                ("each-round", "it follows another one each time that a row is over"),
            ]),
            "Of `file`: how long an instance follows one row.",
        ),
    ],
    choices: &[Choice { keys: &["constant", "on_off", "steps", "day", "file"], required: true }],
};

static ON_OFF: Shape = Shape {
    doc: "On and off by turns, each for an exponential length; found as after a long time.",
    keys: &[
        must("on", Kind::Share, "The share when it is on."),
        may("off", Kind::Share, "The share when it is off; 0 where it is left out."),
        must("on_for", Kind::Span, "Mean length of being on."),
        must("off_for", Kind::Span, "Mean length of being off."),
    ],
    choices: NO_CHOICE,
};

pub(super) static SETTINGS: Shape = Shape {
    doc: "Burstable instances.",
    keys: &[
        may(
            "taper",
            Kind::Switch,
            "Whether a Standard instance becomes slower, down to its baseline, while it has less left than 15 minutes of full use; else it falls at once when nothing is left.",
        ),
        may(
            "exhaustion_switches_mode",
            Kind::Switch,
            "Whether the cloud makes an Unlimited instance Standard when its advance credits are used up (C21); else it overdraws.",
        ),
        may(
            "emit_at_end",
            Kind::Switch,
            "Whether BurstablePerformanceRestricted is told at the end of the hour that it is about (S40); else when the instance is first held in it.",
        ),
        may(
            "overdraft_price",
            Kind::Number { least: 0.0, most: 1e6 },
            "Price of an overdrawn credit [USD].",
        ),
    ],
    choices: NO_CHOICE,
};
