//! Keys of preemptible instances: their markets, and the terms on which they are created.

use super::kinds::{ANY_COUNT, NO_CHOICE};
use crate::scenario::schema::{Choice, Key, Kind, Shape, may, must};

/// A price: the scenario's currency for an hour.
const PRICE: Kind = Kind::Number { least: 0.0, most: 1e6 };

pub(super) const STRATEGY: Key = may(
    "SpotStrategy",
    Kind::Word(&[
        ("NoSpot", "they are not preemptible"),
        ("SpotWithPriceLimit", "they bid SpotPriceLimit"),
        ("SpotAsPriceGo", "they bid what the market asks, at most the pay-as-you-go price"),
    ]),
    "Whether they are preemptible, and what they bid; without it, as their type says. The type needs a market (spot.markets).",
);

pub(super) const LIMIT: Key = may(
    "SpotPriceLimit",
    PRICE,
    "The highest price that they pay [currency an hour], at most three decimals; for SpotWithPriceLimit alone.",
);

pub(super) const DURATION: Key = may(
    "SpotDuration",
    Kind::Count { least: 0, most: 1 },
    "Protection period [h]: 1, or 0 for none; its length is settings.spot.protection.",
);

pub(super) const BEHAVIOR: Key = may(
    "SpotInterruptionBehavior",
    Kind::Word(&[
        ("Terminate", "they are released"),
        ("Stop", "they are stopped economically; not for types with local disks"),
    ]),
    "What is done to them when they are interrupted.",
);

/// The same as a command states them: what is wrong is the cloud's to refuse.
pub(super) const STRATEGY_ASKED: Key = may(
    "SpotStrategy",
    Kind::Text,
    "NoSpot, SpotWithPriceLimit or SpotAsPriceGo; without it, as the type says.",
);

pub(super) const LIMIT_ASKED: Key = may(
    "SpotPriceLimit",
    Kind::Number { least: -1e6, most: 1e6 },
    "The highest price [currency an hour].",
);

pub(super) const DURATION_ASKED: Key =
    may("SpotDuration", Kind::Whole, "Protection period [h]: 1, or 0 for none.");

pub(super) const BEHAVIOR_ASKED: Key =
    may("SpotInterruptionBehavior", Kind::Text, "Terminate or Stop.");

pub(super) static SPOT: Shape = Shape {
    doc: "The markets of preemptible instances. Money is in one currency throughout, whichever.",
    keys: &[
        may("markets", Kind::List(&Kind::Table(&MARKET), 0), "The markets, one a type and zone."),
        may(
            "interruptions",
            Kind::List(&Kind::Table(&INTERRUPTION), 0),
            "Interruptions that happen at given times, whatever the markets say.",
        ),
    ],
    choices: NO_CHOICE,
};

static MARKET: Shape = Shape {
    doc: "Where one type is sold to who may be interrupted.",
    keys: &[
        may("name", Kind::Name, "Name of the entry: only a handle for paths."),
        must("type", Kind::Name, "The type."),
        may(
            "zone",
            Kind::Name,
            "The zone; without it, all zones together. Preemptible instances of a type with markets by zone must name their zone.",
        ),
        must("on_demand", PRICE, "What the type costs pay-as-you-go [currency an hour]."),
        must(
            "price",
            Kind::Either(&[PRICE, Kind::Table(&PRICE_LAW)]),
            "The market price [currency an hour]: one that never changes, random steps, or a recorded series.",
        ),
        may(
            "stock",
            Kind::Either(&[
                ANY_COUNT,
                Kind::Word(&[
                    ("unlimited", "as many as there is room for"),
                    (
                        "room",
                        "as many as there is room for, until a launch that pays as it goes waits for room (workload.when_full)",
                    ),
                ]),
                Kind::Table(&STOCK_LAW),
            ]),
            "How many preemptible instances there may be [count].",
        ),
    ],
    choices: NO_CHOICE,
};

static PRICE_LAW: Shape = Shape {
    doc: "A price that moves by random steps: its logarithm goes a share of the way back to that of the mean, and a normal step beside.",
    keys: &[
        may("mean", PRICE, "What it is pulled back to, and where it begins [currency an hour]."),
        may("gap", Kind::Law, "Time from one step to the next."),
        may("pull", Kind::Share, "The share of the way back that a step goes."),
        may(
            "noise",
            Kind::Number { least: 0.0, most: 10.0 },
            "Standard deviation of a step, as a logarithm: 0.1 is about 10 %.",
        ),
        may("least", PRICE, "It never falls below this; without it, zero."),
        may("most", PRICE, "It never rises above this; without it, the pay-as-you-go price."),
        may(
            "series",
            Kind::File,
            "A file of a recorded series, in place of all these: see docs/spot.md.",
        ),
        may("of", ANY_COUNT, "Which of the file's series, where it holds several by tick."),
        may("tick", Kind::Span, "Time from one tick to the next, there."),
    ],
    choices: &[Choice { keys: &["mean", "series"], required: true }],
};

static STOCK_LAW: Shape = Shape {
    doc: "A stock that is there for some time, then not, and so on; there when a run begins.",
    keys: &[
        may("on", Kind::Law, "How long it is there."),
        may("off", Kind::Law, "How long it is not."),
        may(
            "series",
            Kind::File,
            "A file of a recorded series, in place of both: see docs/spot.md.",
        ),
        may("of", ANY_COUNT, "Which of the file's series, where it holds several by tick."),
        may("tick", Kind::Span, "Time from one tick to the next, there."),
    ],
    choices: &[Choice { keys: &["on", "series"], required: true }],
};

static INTERRUPTION: Shape = Shape {
    doc: "An interruption at a given time, as for lack of stock.",
    keys: &[
        must("at", Kind::Moment, "When it is told: on the clock (\"2d\"), or a date."),
        must(
            "instance",
            Kind::Text,
            "The instance, as for commands; one that is not preemptible, or being taken back already, is left alone.",
        ),
    ],
    choices: NO_CHOICE,
};

pub(super) static SETTINGS_OF_SPOT: Shape = Shape {
    doc: "Preemptible instances.",
    keys: &[
        may(
            "check_period",
            Kind::Span,
            "Price and stock are checked at multiples of this on the clock.",
        ),
        may("notice", Kind::Span, "Time from the notification of an interruption to the end."),
        may(
            "protection",
            Kind::Span,
            "Length of the protection period, where SpotDuration is 1; it counts from the placing.",
        ),
        may(
            "stop_action_value",
            Kind::Name,
            "`action` of the notification where the instance is stopped: only delete is documented (S41).",
        ),
    ],
    choices: NO_CHOICE,
};
