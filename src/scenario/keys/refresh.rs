//! Keys of how instance refreshes go, named as in spec/refresh-and-migration.md 3.11 and 7.

use super::kinds::{NEVER, NO_CHOICE, SOME, UNLIMITED};
use crate::scenario::schema::{Choice, Kind, Shape, may, must};

/// A number, or a share.
const SURGE: Kind = Kind::Either(&[
    Kind::Switch,
    Kind::Count { least: 0, most: 10_000_000 },
    Kind::Word(&[("zones", "as many as the group has zones")]),
    Kind::Percent,
]);

const UNAVAILABLE: Kind = Kind::Either(&[
    Kind::Count { least: 0, most: 10_000_000 },
    Kind::Word(&[("zones", "as many as the group has zones")]),
    Kind::Percent,
]);

const ROUNDING: Kind = Kind::Word(&[("floor", "down"), ("ceil", "up")]);

const FIRST: Kind = Kind::Word(&[
    ("launch_first", "a new member comes first, one more than the bounds allow"),
    ("terminate_first", "an old member goes first, one more than the bounds allow"),
    (
        "by_ceiling",
        "launch_first where a request says MaxHealthyPercentage or max_pct is above 100, else terminate_first",
    ),
]);

const BYSTANDER: Kind = Kind::Either(&[
    Kind::Word(&[("ignore", "they are left alone"), ("refresh", "they are replaced all the same")]),
    Kind::Table(&WAIT),
]);

static WAIT: Shape = Shape {
    doc: "The refresh waits for them, and then fails.",
    keys: &[must("wait", Kind::Span, "How long it waits at most.")],
    choices: NO_CHOICE,
};

static RATE: Shape = Shape {
    doc: "A limit of replacements in a time.",
    keys: &[
        must("count", SOME, "Most replacements begun [count]."),
        must("window", Kind::Span, "The time in which they count."),
    ],
    choices: NO_CHOICE,
};

static WINDOW: Shape = Shape {
    doc: "A window: the same whole hours of every day, in UTC+8.",
    keys: &[
        must("from", Kind::Count { least: 0, most: 23 }, "The hour at which it begins."),
        must("hours", Kind::Count { least: 1, most: 23 }, "How long it lasts [hours]."),
    ],
    choices: NO_CHOICE,
};

pub(super) static REFRESH: Shape = Shape {
    doc: "How instance refreshes go. What a request says itself (the percentages, SkipMatching) wins.",
    keys: &[
        may(
            "preset",
            PRESET,
            "Another controller's behaviour: docs/groups.md lists what each preset sets. It is laid under the keys written beside it and over everything else.",
        ),
        may(
            "min_pct",
            Kind::Count { least: 0, most: 100 },
            "MinHealthyPercentage, where a request says nothing [percent of the group's capacity, rounded up].",
        ),
        may(
            "max_pct",
            Kind::Count { least: 100, most: 200 },
            "MaxHealthyPercentage, where a request says nothing [percent of the group's capacity, rounded as max_rounding says].",
        ),
        may(
            "max_unavailable",
            UNAVAILABLE,
            "How many may be missing, instead of min_pct: a number [capacity units], \"25%\", or \"zones\".",
        ),
        may(
            "max_surge",
            SURGE,
            "How many may be extra, instead of max_pct: a number [capacity units], \"25%\", or \"zones\"; beside max_batch_percent, whether new ones come first: true or false.",
        ),
        may("unavailable_rounding", ROUNDING, "How a percentage of max_unavailable is rounded."),
        may("surge_rounding", ROUNDING, "How a percentage of max_surge is rounded."),
        may(
            "max_batch_percent",
            Kind::Count { least: 1, most: 100 },
            "Batches of this share of the group instead of the percentages [percent, rounded down, at least one].",
        ),
        may(
            "percent_base",
            Kind::Word(&[
                ("desired", "the desired capacity"),
                (
                    "without_standby",
                    "the desired capacity without those on Standby, who then count nowhere",
                ),
            ]),
            "What the bounds are shares of.",
        ),
        may("skip_matching", Kind::Switch, "SkipMatching, where a request says nothing."),
        may("max_rounding", ROUNDING, "How the ceiling is rounded."),
        may(
            "ceiling_counts_removing",
            Kind::Switch,
            "Whether those who leave count against the ceiling.",
        ),
        may(
            "max_difference",
            Kind::Either(&[UNLIMITED, Kind::Count { least: 0, most: 200 }]),
            "Most that the two percentages of a request may differ by [percentage points].",
        ),
        may(
            "pacing",
            Kind::Word(&[
                ("batch", "the next batch waits until the last one is closed"),
                ("sliding", "whatever the bounds allow is done at once"),
            ]),
            "How one replacement follows another. In a sliding window nobody waits for those who leave, as with wait_for_release = false.",
        ),
        may(
            "wait_for_release",
            Kind::Switch,
            "Whether a replacement is closed only once the old member is gone.",
        ),
        may(
            "order",
            Kind::Word(&[
                (
                    "surge_first",
                    "new members come before old ones go, as far as the ceiling allows",
                ),
                ("terminate_first", "old members go as far as the floor allows"),
            ]),
            "Which share of the room is used first.",
        ),
        may(
            "budget_use",
            Kind::Word(&[
                ("both", "both shares of the room are used"),
                ("surge_only_if_any", "nothing healthy goes first where anything may be extra"),
            ]),
            "Which shares of the room are used.",
        ),
        may(
            "terminate_mode",
            Kind::Word(&[
                ("simultaneous", "the new member is launched as the old one begins to leave"),
                ("sequential", "the new member is launched once the old one is gone"),
            ]),
            "When the new member of a replacement is launched whose old one goes first.",
        ),
        may("zero_budget_mode", FIRST, "What happens where the bounds leave no room at all."),
        may(
            "strategy",
            Kind::Word(&[
                ("replace", "new instances replace old ones"),
                ("in_place", "instances are re-imaged where they are; nothing is ever extra"),
            ]),
            "How members are renewed.",
        ),
        may("reimage", Kind::Law, "How long it takes to re-image an instance."),
        may(
            "victim_order",
            Kind::Word(&[
                ("unhealthy_then_oldest", "unhealthy ones, then the oldest"),
                ("oldest", "the oldest"),
                ("newest", "the newest"),
                ("zone_round_robin", "of one zone after the other in turn, the oldest of each"),
                ("one_zone_at_a_time", "one zone wholly, then the next"),
                ("host_grouped", "server by server"),
            ]),
            "Who is replaced first.",
        ),
        may(
            "instance_warmup",
            Kind::Span,
            "Time from InService until a new member counts as healthy.",
        ),
        may(
            "min_ready",
            Kind::Span,
            "Time that a new member must have been healthy after its warm-up.",
        ),
        may(
            "max_batch",
            Kind::Either(&[UNLIMITED, SOME]),
            "Most replacements in one batch [count].",
        ),
        may("pause_between_batches", Kind::Span, "Time from the end of one batch to the next."),
        may("bake", Kind::Span, "Time from the last replacement to success."),
        may("start_delay", Kind::Span, "Time from the request to InProgress."),
        may("launch_retry", Kind::Span, "Time between two tries of a launch that found no room."),
        may(
            "max_attempts_per_slot",
            Kind::Either(&[UNLIMITED, Kind::Count { least: 1, most: 60_000 }]),
            "Launches of one replacement before the task fails [count].",
        ),
        may(
            "max_failed_pct",
            Kind::Either(&[UNLIMITED, Kind::Count { least: 0, most: 100 }]),
            "Share of the new instances that may fail before the task fails [percent of all those launched and begun so far, the whole of a batch from its start]. As in Azure a small first batch counts as it is: of one instance one is 100 percent, which is what a canary is for; begin with a checkpoint that is worth more where one random crash is not to end the task.",
        ),
        may(
            "max_unhealthy_pct",
            Kind::Either(&[UNLIMITED, Kind::Count { least: 0, most: 100 }]),
            "Share of the group that may be missing or unhealthy, and not on its way, when a batch begins, before the task fails [percent].",
        ),
        may(
            "auto_rollback",
            Kind::Switch,
            "Whether a task that would fail is rolled back instead.",
        ),
        may(
            "no_progress_timeout",
            Kind::Either(&[NEVER, Kind::Span]),
            "Longest time without a finished replacement before the task fails.",
        ),
        may(
            "total_timeout",
            Kind::Either(&[NEVER, Kind::Span]),
            "Longest time that a task takes before it fails.",
        ),
        may(
            "max_replacements_per_window",
            Kind::Either(&[UNLIMITED, Kind::Table(&RATE)]),
            "Most replacements begun within a time.",
        ),
        may(
            "maintenance_window",
            Kind::Either(&[Kind::Word(&[("always", "at any time")]), Kind::Table(&WINDOW)]),
            "When batches may begin.",
        ),
        may(
            "checkpoint_base",
            Kind::Word(&[
                ("participants", "those who take part in the refresh"),
                ("group", "the whole group: those who are ignored can keep it from 100 percent"),
            ]),
            "What checkpoints are percentages of.",
        ),
        may("checkpoint_latch", Kind::Switch, "Whether a checkpoint pauses at most once."),
        may("pause_at_final_checkpoint", Kind::Switch, "Whether the checkpoint 100 pauses too."),
        may(
            "pause_inflight",
            Kind::Word(&[
                ("complete", "they are completed"),
                (
                    "hold",
                    "launches under way come into service, but nothing is launched and no old member leaves until the task goes on",
                ),
            ]),
            "What happens in a pause to replacements under way.",
        ),
        may(
            "cancel_wait_inflight",
            Kind::Switch,
            "Whether a cancelled task completes what is under way.",
        ),
        may("cancel_timeout", Kind::Span, "How long it does so at most."),
        may(
            "rollback_inflight",
            INFLIGHT,
            "What happens in a rollback to new members that are not warm yet.",
        ),
        may("rollback_after_failed", Kind::Switch, "Whether a failed task may be rolled back."),
        may(
            "empty_refresh",
            Kind::Word(&[("error", "it is refused"), ("success", "it is successful at once")]),
            "What becomes of a refresh that has nothing to do.",
        ),
        may(
            "resolve_latest",
            Kind::Word(&[
                ("per_launch", "at each launch, also of the group by itself"),
                (
                    "at_start",
                    "once: when the task starts, the run begins, or the group is modified",
                ),
            ]),
            "When the versions Default and Latest are resolved.",
        ),
        may(
            "image_with_config",
            Kind::Word(&[
                ("accept", "that configuration with that image"),
                ("refuse", "it is refused"),
            ]),
            "What becomes of a request with both ImageId and ScalingConfigurationId.",
        ),
        may(
            "surge_may_exceed_max_size",
            Kind::Switch,
            "Whether a refresh may make the group larger than max_size. Where it may not and nothing else can move, an old member goes first, whatever zero_budget_mode says.",
        ),
        may(
            "leave_counts_as",
            Kind::Word(&[
                ("drop", "they need no refresh any more"),
                ("finished", "they count as refreshed"),
            ]),
            "What becomes of members that leave for another reason before they are replaced.",
        ),
        may(
            "finished_monotonic",
            Kind::Switch,
            "Whether a new member that dies later stays counted as refreshed.",
        ),
        may(
            "protected_policy",
            BYSTANDER,
            "What happens about Protected members: \"ignore\", \"refresh\" or { wait = \"1h\" }.",
        ),
        may("standby_policy", BYSTANDER, "What happens about Standby members, likewise."),
        may(
            "replace_in_same_zone",
            Kind::Switch,
            "Whether a new member goes to its old one's zone.",
        ),
        may("allow_eci", Kind::Switch, "Whether groups of type ECI are refreshed too."),
        may("client_token_ttl", Kind::Span, "How long a ClientToken is remembered."),
        may(
            "refresh_blocks_manual_scaling",
            Kind::Switch,
            "Whether members are added and removed by hand only while no refresh is active.",
        ),
    ],
    choices: &[
        rivals(&["min_pct", "max_unavailable"]),
        rivals(&["min_pct", "max_surge"]),
        rivals(&["min_pct", "max_batch_percent"]),
        rivals(&["max_pct", "max_unavailable"]),
        rivals(&["max_pct", "max_surge"]),
        rivals(&["max_pct", "max_batch_percent"]),
        rivals(&["max_unavailable", "max_batch_percent"]),
    ],
};

const fn rivals(keys: &'static [&'static str]) -> Choice {
    Choice { keys, required: false }
}

const INFLIGHT: Kind =
    Kind::Word(&[("complete", "they are completed"), ("abort", "they are given up")]);

const PRESET: Kind = Kind::Word(&[
    ("ess", "the modelled cloud: every default, also over what settings.refresh says"),
    (
        "aws",
        "AWS Auto Scaling: min_pct 90, max_pct 100, max_difference 100, zero_budget_mode by_ceiling, skip_matching false, victim_order oldest, wait_for_release false, checkpoint_latch false, empty_refresh success, protected_policy and standby_policy wait 1h, no_progress_timeout 1h, total_timeout 14d",
    ),
    (
        "gce",
        "GCE managed instance groups: max_unavailable and max_surge zones, both rounded up, pacing sliding, wait_for_release false, empty_refresh success, no time limits",
    ),
    (
        "kubernetes",
        "a Kubernetes Deployment: max_unavailable 25% rounded down, max_surge 25% rounded up, zero_budget_mode terminate_first, pacing sliding, wait_for_release false, empty_refresh success, no time limits",
    ),
    (
        "azure",
        "Azure VM scale sets: max_batch_percent 20, max_surge false, strategy in_place (with max_surge = true write replace), victim_order one_zone_at_a_time, max_failed_pct 20, max_unhealthy_pct 20, empty_refresh success, no time limits",
    ),
]);
