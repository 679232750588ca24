//! Keys of moves between servers: limits, live migration, how fast guests write.

use super::kinds::{NEVER, NO_CHOICE, OFF, UNLIMITED};
use crate::scenario::schema::{Choice, Kind, Shape, may};

const LIMIT: Kind = Kind::Either(&[UNLIMITED, Kind::Count { least: 1, most: 1_000_000_000 }]);

pub(super) static MIGRATION: Shape = Shape {
    doc: "How many moves between servers, live or cold, are under way at once; others wait for their turn and keep the room that they have reserved.",
    keys: &[
        may(
            "max_outbound_per_host",
            LIMIT,
            "Most moves under way off one server; without it 2 where there is a [network], else no limit.",
        ),
        may(
            "max_inbound_per_host",
            LIMIT,
            "Most moves under way to one server; without it 2 where there is a [network], else no limit.",
        ),
        may(
            "max_cluster",
            LIMIT,
            "Most moves under way in the whole fleet. Servers that compete for them come in order of their moves under way, the fewest first.",
        ),
    ],
    choices: NO_CHOICE,
};

pub(super) static LIVEMIG: Shape = Shape {
    doc: "Live migration.",
    keys: &[
        may(
            "model",
            Kind::Word(&[
                (
                    "pre-copy",
                    "memory is sent round by round over the [network], which there must be",
                ),
                ("drawn", "duration and blackout are drawn, whatever the memory and the network"),
            ]),
            "How a live migration goes; without it pre-copy where there is a [network], else drawn.",
        ),
        may(
            "success_p",
            Kind::Probability,
            "Probability that a live migration succeeds, whatever else happens to it; by pre-copy, what fails does so when the target is to take over.",
        ),
        may("duration", Kind::Law, "Time of a live migration that is drawn."),
        may("blackout", Kind::Law, "Pause of the instance at the end of one that is drawn."),
        may(
            "attempts",
            Kind::Count { least: 1, most: 1_000 },
            "How often the operator tries to migrate an instance that stays where it was because a migration failed [count].",
        ),
        may("retry_after", Kind::Span, "Pause after the first attempt that failed."),
        may(
            "retry_factor",
            Kind::Count { least: 1, most: 100 },
            "How many times as long each further pause is as the one before.",
        ),
        may("setup", Kind::Span, "Pre-copy: time until the first round begins."),
        may("resume", Kind::Span, "Pre-copy: time from the last byte until the instance goes on."),
        may(
            "downtime",
            Kind::Span,
            "Pre-copy: the rounds have converged once what is left can be sent in this time at the present rate.",
        ),
        may(
            "stop_bytes",
            Kind::Size,
            "Pre-copy: the rounds have converged once no more than this is left.",
        ),
        may(
            "downtime_steps",
            Kind::Either(&[OFF, Kind::Count { least: 1, most: 1_000 }]),
            "Pre-copy: the downtime that is aimed at begins at this fraction of `downtime` and rises to it in so many equal steps.",
        ),
        may(
            "downtime_delay_per_gib",
            Kind::Span,
            "Pre-copy: time between two of these steps for each GiB of memory.",
        ),
        may(
            "max_rounds",
            Kind::Either(&[UNLIMITED, Kind::Count { least: 1, most: 1_000_000 }]),
            "Pre-copy: after so many rounds that have not converged, not_converging says what follows; if unlimited, after one of at most a millisecond that leaves as much as it has sent.",
        ),
        may(
            "max_sent",
            Kind::Either(&[UNLIMITED, Kind::Percent]),
            "Pre-copy: the same after the rounds have sent more than this share of the memory, as in 300%.",
        ),
        may(
            "timeout_per_gib",
            Kind::Either(&[NEVER, Kind::Span]),
            "Pre-copy: the same after this time, more than none, for each GiB of memory, at least 2 GiB, in the middle of a round too.",
        ),
        may(
            "stop_on_no_shrink",
            Kind::Switch,
            "Pre-copy: whether the same follows once a round leaves as much to be sent as it has sent.",
        ),
        may(
            "not_converging",
            Kind::Word(&[
                ("force-complete", "the instance pauses until all is sent"),
                ("abort", "the migration fails, and the instance stays where it is"),
                (
                    "post-copy",
                    "the instance goes on at once on its new server and its memory follows; its guest dies if that is lost",
                ),
            ]),
            "Pre-copy: what follows where the rounds do not converge.",
        ),
        may(
            "auto_converge",
            Kind::Switch,
            "Pre-copy: whether a guest that writes more than half of what is sent, in two rounds in a row, is slowed down by 20 %, then by 10 % more each time, up to 99 %. Of no effect with post-copy.",
        ),
        may(
            "bandwidth",
            Kind::Either(&[UNLIMITED, Kind::Bandwidth]),
            "Pre-copy: most that one migration sends, however free the network is.",
        ),
        may(
            "network_loss",
            Kind::Either(&[NEVER, Kind::Rate]),
            "Pre-copy: losses of a migration by the network, per time that it is under way.",
        ),
    ],
    choices: &[Choice { keys: &["downtime", "stop_bytes"], required: false }],
};

pub(super) static DIRTY: Shape = Shape {
    doc: "How fast the guests of a type write to their memory.",
    keys: &[
        may(
            "rate",
            Kind::Bandwidth,
            "What a guest writes; with utilisation, what it writes at 100 %.",
        ),
        may(
            "working_set",
            Kind::Size,
            "The part of its memory that it writes to; without it, all.",
        ),
        may(
            "touched",
            Kind::Percent,
            "The part of its memory that was ever touched and is to be sent, from 1% to 100%.",
        ),
        may(
            "utilisation",
            Kind::File,
            "A file of recorded utilisation that guests follow: lines of day,vm,u0,...,u287, in whole percent every 300 s from midnight of the clock on. Each instance follows one of the lines, day after day.",
        ),
    ],
    choices: NO_CHOICE,
};
