//! Keys of what is planned: the operator's campaigns, and system events at given times.

use super::kinds::{EVENT_TYPE, NAMES, NO_CHOICE, UNLIMITED};
use crate::scenario::schema::{Choice, Kind, Shape, may, must};

/// At least one, or no limit.
const AT_MOST: Kind = Kind::Either(&[UNLIMITED, Kind::Count { least: 1, most: 1_000_000_000 }]);

pub(super) static CAMPAIGN: Shape = Shape {
    doc: "Planned work of the operator on many servers.",
    keys: &[
        must("name", Kind::Name, "Name of the campaign, unique."),
        may(
            "event",
            Kind::Word(&[
                (
                    "SystemMaintenance.Reboot",
                    "the instances restart, each at its own time; that the server itself restarts takes none",
                ),
                ("SystemMaintenance.Stop", "their instances are stopped"),
                ("SystemMaintenance.Redeploy", "they are emptied: local data is lost"),
            ]),
            "The event that each of their running instances gets; of a drain, who cannot be moved otherwise.",
        ),
        may("drain", Kind::Table(&DRAIN), "Its servers are emptied, in this way."),
        may("servers", Kind::Table(&SELECTOR), "Which servers; without it, all."),
        must("start", Kind::Moment, "When it begins: on the clock (\"2d\"), or a date."),
        may(
            "lead",
            Kind::Law,
            "Time from the publication of its events to their notBefore; without it, settings.event.lead.",
        ),
        may(
            "live_migration",
            Kind::Switch,
            "Whether running instances without local disks are first tried to be migrated live.",
        ),
        may(
            "moves_instances",
            Kind::Switch,
            "Whether a restart takes instances without local disks off the server.",
        ),
        may(
            "window",
            Kind::Either(&[
                Kind::Word(&[("always", "at any time of the day")]),
                Kind::Table(&WINDOW),
            ]),
            "Hours of the day in which servers are taken up.",
        ),
        may(
            "rate",
            Kind::Either(&[UNLIMITED, Kind::Rate]),
            "Servers taken up per time, at most: two follow each other at least 1/rate apart.",
        ),
        may("at_once", Kind::Table(&AT_ONCE), "Most servers under way at once."),
        may(
            "order",
            Kind::Word(&[
                ("rack-by-rack", "in order of their place"),
                ("spread", "one rack after the other in turn"),
                ("random", "by chance"),
                ("emptiest-first", "by instances held when the campaign begins, fewest first"),
                ("fullest-first", "by instances held when the campaign begins, most first"),
            ]),
            "In what order servers are taken up.",
        ),
        may(
            "stop_after_failures",
            Kind::Either(&[
                Kind::Word(&[("never", "it goes on whatever fails")]),
                Kind::Count { least: 1, most: 1_000_000_000 },
            ]),
            "After so many of its events have failed or been withdrawn, no more servers are taken up [count].",
        ),
    ],
    choices: NO_CHOICE,
};

static DRAIN: Shape = Shape {
    doc: "How servers are emptied: all of them are closed when the campaign begins, and a plan says who goes where before anybody moves.",
    keys: &[
        may(
            "order",
            Kind::Word(&[
                ("largest-first", "the largest instance first, each to where placement puts it"),
                ("smallest-first", "the smallest first"),
                (
                    "fewest-moves",
                    "server by server, the one with the fewest instances first; who cannot all leave their server stay",
                ),
                (
                    "bin-packing",
                    "by the largest share of a server first, each to the server with the least room that has enough",
                ),
            ]),
            "Who is given a place first, where, and who sets out first.",
        ),
        may(
            "moves",
            AT_MOST,
            "Most moves under way at once; settings.migration limits them too [count].",
        ),
        may(
            "bandwidth",
            Kind::Either(&[UNLIMITED, Kind::Bandwidth]),
            "What all its moves may send over the network together, however free that is.",
        ),
        may(
            "min_healthy",
            Kind::Count { least: 0, most: 100 },
            "Share of a scaling group's desired capacity that must serve, those who are being moved not counted, for another member to be moved [percent].",
        ),
        may(
            "retry",
            Kind::Span,
            "Time after which it is tried again to move who found no room: a second or more.",
        ),
        may(
            "patience",
            Kind::Span,
            "How long a server waits for those who cannot leave it before it is given up and takes instances again.",
        ),
        may(
            "work",
            Kind::Either(&[Kind::Word(&[("for-good", "it stays closed")]), Kind::Span]),
            "How long the operator works on an empty server, which then takes instances again.",
        ),
    ],
    choices: NO_CHOICE,
};

static SELECTOR: Shape = Shape {
    doc: "Which servers: those that fit all that is given.",
    keys: &[
        may("models", NAMES, "Of one of these models; without it, of any."),
        may("zones", NAMES, "In one of these zones; without it, in any."),
        may(
            "racks",
            NAMES,
            "In one of these racks, called by their zone and their number in it from 1 (\"a-r1\"); without it, in any.",
        ),
        may("most", AT_MOST, "Of those, the first so many in the campaign's order [count]."),
    ],
    choices: NO_CHOICE,
};

static WINDOW: Shape = Shape {
    doc: "Hours of the day, in UTC.",
    keys: &[
        must("from", Kind::Count { least: 0, most: 23 }, "The hour at which it begins."),
        must("hours", Kind::Count { least: 1, most: 23 }, "How many hours it lasts [count]."),
    ],
    choices: NO_CHOICE,
};

static AT_ONCE: Shape = Shape {
    doc: "Most servers under way at once.",
    keys: &[
        may("servers", AT_MOST, "All together [count]."),
        may("per_rack", AT_MOST, "In one rack [count]."),
        may("per_zone", AT_MOST, "In one zone [count]."),
        may("per_group", AT_MOST, "Of those that hold instances of one spread group [count]."),
    ],
    choices: NO_CHOICE,
};

pub(super) static RECORDED: Shape = Shape {
    doc: "A system event that happens at a given time, whatever the laws say.",
    keys: &[
        must("at", Kind::Moment, "When it is published: on the clock (\"2d\"), or a date."),
        must("type", EVENT_TYPE, "What it is."),
        must(
            "instance",
            Kind::Text,
            "The instance: \"web[3]\" (number 3 of the entry web of workload.instances), \"jobs#17\" (arrival 17 of the stream jobs), \"trace#17\" (data row 17 of the trace), \"script[2]#0\" (the first that scripts[2] creates); all count from 0.",
        ),
        may(
            "disk",
            Kind::Count { least: 0, most: 1_000_000 },
            "Which of the instance's local disks, from 0, for events about disks.",
        ),
        may(
            "status",
            Kind::Word(&[
                ("Inquiring", "it waits for its owner's authorisation"),
                ("Scheduled", "it runs by itself at notBefore unless it is answered before"),
                ("Executing", "it is under way"),
            ]),
            "The status that it is published in; without it, as its type begins.",
        ),
        may(
            "lead",
            Kind::Span,
            "Time from its publication to its notBefore; without it, as the settings say.",
        ),
        may("not_before", Kind::Moment, "Its notBefore: on the clock, or a date."),
    ],
    choices: &[Choice { keys: &["lead", "not_before"], required: false }],
};
