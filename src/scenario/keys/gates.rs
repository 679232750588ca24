//! Keys of what `check` demands.

use super::kinds::NO_CHOICE;
use crate::scenario::schema::{Choice, Key, Kind, Shape, may, must};

/// How often a verdict may be wrong: so that a test has any power, below a half.
const ALPHA: Kind = Kind::Number { least: 1e-6, most: 0.4 };

const THIS_ALPHA: Key = may(
    "alpha",
    ALPHA,
    "How often its verdict may be wrong where the truth lies just at the limit (one-sided); without it, check.alpha.",
);

pub(super) static CHECK: Shape = Shape {
    doc: "How `fleetsim check` goes about it. Nothing of it changes a run.",
    keys: &[
        may(
            "runs",
            Kind::Count { least: 2, most: 1_000_000 },
            "How many runs a baseline is made of, unless the command says otherwise: what is checked against it makes the same runs [count].",
        ),
        may(
            "alpha",
            ALPHA,
            "How often the verdict of a gate may be wrong where the truth lies just at its limit (one-sided).",
        ),
    ],
    choices: NO_CHOICE,
};

pub(super) static GATE: Shape = Shape {
    doc: "What `fleetsim check` demands of one metric. Nothing of it changes a run.",
    keys: &[
        may("name", Kind::Name, "Name of the gate, unique; without it, what it demands."),
        must(
            "metric",
            Kind::Text,
            "The metric, as results name it: \"availability\", \"downtime{cause=spot}\"; without its labels, the total over them where they add up.",
        ),
        may(
            "at_least",
            Kind::Amount,
            "The mean over runs is no lower: in the metric's unit (0.9995, \"99.95%\", \"2h\").",
        ),
        may("at_most", Kind::Amount, "The mean over runs is no higher."),
        may(
            "worse_by_at_most",
            Kind::Amount,
            "The mean over runs is not worse than that of the baseline by more: a percentage is one of the baseline's mean (\"5%\"), anything else is in the metric's unit.",
        ),
        THIS_ALPHA,
    ],
    choices: &[Choice { keys: &["at_least", "at_most", "worse_by_at_most"], required: true }],
};
