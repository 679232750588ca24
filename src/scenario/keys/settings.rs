//! Keys of the modelled cloud's own settings, named as in its specification.

use super::{
    burst,
    dedicated::DDH,
    kinds::{ALL, EVENT_TYPE, NEVER, NO_CHOICE},
    moves::{LIVEMIG, MIGRATION},
    refresh::REFRESH,
    second_cloud::COLDMIG,
    spot::SETTINGS_OF_SPOT,
};
use crate::scenario::schema::{Kind, Shape, may};

pub(super) static SETTINGS: Shape = Shape {
    doc: "Properties of the modelled cloud.",
    keys: &[
        may(
            "cloud",
            Kind::Word(&[
                (
                    "alibaba",
                    "the first cloud: RedeployInstance and its like, no MigrateServer, no ShowJob",
                ),
                (
                    "huawei",
                    "the second cloud: MigrateServer and ShowJob, no RedeployInstance and its like (docs/operations.md lists them)",
                ),
            ]),
            "Whose rules hold for moves that owners ask for.",
        ),
        may("instance", Kind::Table(&INSTANCE), "Life of an instance."),
        may("recover", Kind::Table(&RECOVER), "Recovery from failures."),
        may("guest", Kind::Table(&GUEST), "Guests: what runs inside an instance."),
        may("reboot", Kind::Table(&REBOOT), "Restarts of an instance."),
        may("event", Kind::Table(&EVENT), "System events."),
        may(
            "failure_redeploy",
            Kind::Table(&FAILURE_REDEPLOY),
            "Instances that failed with their local data at stake.",
        ),
        may(
            "graceful_timeout_action",
            Kind::Table(&GRACEFUL_TIMEOUT),
            "What follows where a graceful stop takes instance.guest_shutdown_timeout.",
        ),
        may("redeploy", Kind::Table(&REDEPLOY), "How redeployments go."),
        may("disk", Kind::Table(&DISK), "Local disks."),
        may("coldmig", Kind::Table(&COLDMIG), "Cold migrations."),
        may("livemig", Kind::Table(&LIVEMIG), "Live migration."),
        may("migration", Kind::Table(&MIGRATION), "Moves between servers, live or cold."),
        may("ddh", Kind::Table(&DDH), "Dedicated hosts."),
        may("window", Kind::Table(&WINDOW), "Maintenance windows of instances."),
        may("plan_window", Kind::Table(&PLAN_WINDOW), "Planning of maintenance events."),
        may(
            "reschedule",
            Kind::Table(&RESCHEDULE),
            "How far ModifySystemEventAttribute may move a planned time.",
        ),
        may("simulated", Kind::Table(&SIMULATED), "Simulated events."),
        may("maint", Kind::Table(&MAINT), "How much maintenance goes on at once."),
        may("enable", Kind::Table(&ENABLE), "What the documents leave optional."),
        may("create", Kind::Table(&CREATE), "Creation of instances."),
        may("host", Kind::Table(&HOST), "How servers age."),
        may("billing", Kind::Table(&BILLING), "Unpaid bills and what follows from them."),
        may("burst", Kind::Table(&burst::SETTINGS), "Burstable instances."),
        may("spot", Kind::Table(&SETTINGS_OF_SPOT), "Preemptible instances."),
        may("notify", Kind::Table(&NOTIFY), "What notifications look like."),
        may("ess", Kind::Table(&ESS), "Scaling groups."),
        may("refresh", Kind::Table(&REFRESH), "Instance refreshes of all groups."),
    ],
    choices: NO_CHOICE,
};

static INSTANCE: Shape = Shape {
    doc: "Life of an instance.",
    keys: &[
        may("pending", Kind::Law, "Time in Pending."),
        may("starting", Kind::Law, "Time of a boot."),
        may("boot_fail_p", Kind::Probability, "Probability that a boot fails."),
        may("stopping", Kind::Law, "Time of a graceful stop."),
        may("forced_stop", Kind::Span, "Time of a power-off."),
        may(
            "guest_shutdown_timeout",
            Kind::Span,
            "A graceful stop takes no longer: then a StopInstance or RebootInstance powers off, and graceful_timeout_action says what redeployments and maintenance do.",
        ),
        may(
            "economical",
            Kind::Switch,
            "Whether StopInstance without a StoppedMode stops economically whoever is eligible (the account's switch).",
        ),
    ],
    choices: NO_CHOICE,
};

static RECOVER: Shape = Shape {
    doc: "Recovery from failures.",
    keys: &[
        may("detect", Kind::Law, "Time until a crashed server or guest is noticed."),
        may(
            "emit_stopping",
            Kind::Switch,
            "Whether the recovery of an instance that was Running is told as Stopping, Starting, Running instead of Starting, Running. Only notifications differ: its API state is Running until the recovery begins, and then Starting.",
        ),
    ],
    choices: NO_CHOICE,
};

static REBOOT: Shape = Shape {
    doc: "Restarts of an instance.",
    keys: &[may(
        "emit_stopping",
        Kind::Switch,
        "Whether a restart, by its owner or by planned maintenance, is told as Stopping, Starting, Running instead of Starting, Running. Only notifications differ: its API state is Stopping until its guest has stopped.",
    )],
    choices: NO_CHOICE,
};

static FAILURE_REDEPLOY: Shape = Shape {
    doc: "Instances that failed with their local data at stake.",
    keys: &[may(
        "instance_state",
        Kind::Word(&[
            ("Stopped", "it is shown as what it is: off"),
            ("Running", "it keeps the state that it had, though nothing runs"),
        ]),
        "API state of an instance that was Running while its SystemFailure.Redeploy waits. It is not served either way; a redeployment that fails brings it back to this state.",
    )],
    choices: NO_CHOICE,
};

static GRACEFUL_TIMEOUT: Shape = Shape {
    doc: "What follows where a graceful stop takes instance.guest_shutdown_timeout.",
    keys: &[
        may("user", TIMEOUT_ACTION, "A RedeployInstance without ForceStop."),
        may("system", TIMEOUT_ACTION, "Maintenance that the system executes."),
    ],
    choices: NO_CHOICE,
};

const TIMEOUT_ACTION: Kind = Kind::Word(&[
    ("power-off", "the instance is powered off, and what its guest had not written is lost"),
    ("fail", "the stop is given up: the instance is Running again, and what it was for has failed"),
]);

static GUEST: Shape = Shape {
    doc: "Guests: what runs inside an instance.",
    keys: &[may(
        "crash_rate",
        Kind::Either(&[NEVER, Kind::Rate]),
        "Crashes of a guest per running time.",
    )],
    choices: NO_CHOICE,
};

static EVENT: Shape = Shape {
    doc: "System events.",
    keys: &[
        may(
            "lead",
            Kind::Law,
            "Time from the publication of a maintenance event to its notBefore.",
        ),
        may("exec_limit", Kind::Span, "Most time that the execution of a repair-type event takes."),
        may(
            "reboot_mitigates_p",
            Kind::Probability,
            "Probability that a reboot by the owner answers the event.",
        ),
        may(
            "reboot_retry_gap",
            Kind::Span,
            "After a reboot that did not help, another helps only after this time.",
        ),
        may(
            "failure_redeploy_lead",
            Kind::Span,
            "Under AutoRedeploy: time from the notice that its server does not restart by itself until an instance with local data is brought back elsewhere and the data is lost, unless the server works again by then.",
        ),
        may(
            "republish_delay",
            Kind::Span,
            "Time until an event whose execution failed is published anew: a second or more.",
        ),
        may(
            "cancel_p",
            Kind::Probability,
            "Probability that a Scheduled event is withdrawn, at a uniform time of its notice.",
        ),
        may(
            "hold_during_task",
            Kind::Switch,
            "Whether an execution that falls due during a redeployment waits for its end.",
        ),
        may(
            "accept_goes_to_scheduled",
            Kind::List(&EVENT_TYPE, 0),
            "Event types that go to Scheduled when they are accepted, instead of Executing.",
        ),
        may(
            "accept_types",
            Kind::Either(&[ALL, Kind::List(&EVENT_TYPE, 0)]),
            "Event types that AcceptInquiredSystemEvent takes.",
        ),
        may(
            "reboot_moves_cloud_only",
            Kind::Switch,
            "Whether a restart that answers an event takes an instance without local disks to another server.",
        ),
        may(
            "cancel_failure_redeploy_on_repair",
            Kind::Switch,
            "Whether an instance whose SystemFailure.Redeploy waits returns with its data when its server is repaired.",
        ),
        may(
            "start_inquiring_p",
            Kind::Probability,
            "Probability that a Reboot or Redeploy maintenance event begins as an inquiry.",
        ),
        may(
            "stop_start_answers",
            Kind::Switch,
            "Whether a standard stop and start answers a Reboot event (an economical stop does anyway).",
        ),
        may(
            "allow_undocumented_failed",
            Kind::Switch,
            "Whether events of types without the status Failed may end so; else they end Canceled and are published anew.",
        ),
    ],
    choices: NO_CHOICE,
};

static REDEPLOY: Shape = Shape {
    doc: "How redeployments go.",
    keys: &[
        may("placement", Kind::Span, "Time to find a server."),
        may("switch", Kind::Law, "Time to move cloud disks and make blank local ones."),
        may("rollback", Kind::Span, "Time to resume on the original server after a failure."),
        may("fail_p", Kind::Probability, "Probability that a redeployment fails."),
        may(
            "allow_stop_event",
            Kind::Switch,
            "Whether RedeployInstance answers SystemMaintenance.Stop, which the API's own table omits.",
        ),
        may(
            "close_failure_reboot_as",
            Kind::Word(&[
                ("Executed", "its job was done another way"),
                ("Failed", "its job was not done"),
            ]),
            "How SystemFailure.Reboot ends when the owner redeploys.",
        ),
        may(
            "disk_error_p",
            Kind::Probability,
            "Probability that a RedeployInstance finds a cloud disk between states, and is refused with DiskError; cloud disks themselves are not modelled.",
        ),
        may(
            "internal_error_p",
            Kind::Probability,
            "Probability that a RedeployInstance which passes every other check is refused with InternalError.",
        ),
    ],
    choices: NO_CHOICE,
};

static DISK: Shape = Shape {
    doc: "Local disks.",
    keys: &[
        may("detect", Kind::Law, "Time until the damage of a local disk is detected."),
        may("replace", Kind::Law, "Time that the operator takes to replace a disk."),
        may("online_isolation", Kind::Span, "Time of an online isolation."),
        may("online_reinit", Kind::Span, "Time of an online re-initialisation."),
        may(
            "online_isolation_p",
            Kind::Probability,
            "Probability that damage can be isolated online, for families that support it.",
        ),
        may(
            "online_isolation_fail_p",
            Kind::Probability,
            "Probability that an online isolation fails and goes on offline.",
        ),
        may(
            "online_reinit_fail_p",
            Kind::Probability,
            "Probability that an online re-initialisation fails and goes on offline.",
        ),
        may(
            "initlocaldisk_closes",
            Kind::Switch,
            "Whether StartInstance with InitLocalDisk closes disk events.",
        ),
        may(
            "no_nofail_boot_hang_p",
            Kind::Probability,
            "Probability that the boot of an authorised offline job fails, because the guest waits for the damaged disk.",
        ),
        may(
            "switch_initial_status",
            Kind::Word(&[
                ("Executing", "the authorisation carries over"),
                ("Inquiring", "the owner is asked again"),
            ]),
            "Status in which the offline event is published when an online job has failed.",
        ),
    ],
    choices: NO_CHOICE,
};

static WINDOW: Shape = Shape {
    doc: "Maintenance windows of instances.",
    keys: &[may(
        "align",
        Kind::Switch,
        "Whether notBefore is moved into the instance's maintenance window.",
    )],
    choices: NO_CHOICE,
};

static PLAN_WINDOW: Shape = Shape {
    doc: "Planning of maintenance events.",
    keys: &[may(
        "min_interval",
        Kind::Span,
        "Least time between the planned times of two maintenance events of one instance.",
    )],
    choices: NO_CHOICE,
};

static RESCHEDULE: Shape = Shape {
    doc: "How far ModifySystemEventAttribute may move a planned time.",
    keys: &[may("max_shift", Kind::Span, "How far behind its first value notBefore may be moved.")],
    choices: NO_CHOICE,
};

static SIMULATED: Shape = Shape {
    doc: "Simulated events.",
    keys: &[may(
        "max_active",
        Kind::Count { least: 0, most: 1_000_000 },
        "Most simulated events that are open at once [count].",
    )],
    choices: NO_CHOICE,
};

static MAINT: Shape = Shape {
    doc: "How much maintenance goes on at once.",
    keys: &[may(
        "max_concurrent_hosts",
        Kind::Either(&[
            Kind::Word(&[("unlimited", "no limit")]),
            Kind::Count { least: 1, most: 1_000_000_000 },
        ]),
        "Most servers that the operator works on at once.",
    )],
    choices: NO_CHOICE,
};

static ENABLE: Shape = Shape {
    doc: "What the documents leave optional.",
    keys: &[may(
        "clean_inactive",
        Kind::Switch,
        "Whether CleanInactiveDisks is asked for after a redeployment has left disks behind.",
    )],
    choices: NO_CHOICE,
};

static CREATE: Shape = Shape {
    doc: "Creation of instances.",
    keys: &[
        may("release_after", Kind::Span, "Time until a failed creation is released."),
        may(
            "failed_emits",
            Kind::List(
                &Kind::Word(&[
                    ("Created", "it was asked for"),
                    ("Stopped", "it failed"),
                    ("Deleted", "it is released"),
                ]),
                0,
            ),
            "States of a failed creation that are told. Without Created, an instance that waits for room is told to be Created once it has room. Only notifications differ.",
        ),
    ],
    choices: NO_CHOICE,
};

static HOST: Shape = Shape {
    doc: "How servers age.",
    keys: &[may("idle_wears", Kind::Switch, "Whether a server that holds no instance ages.")],
    choices: NO_CHOICE,
};

static ESS: Shape = Shape {
    doc: "Scaling groups.",
    keys: &[
        may(
            "max_size",
            Kind::Count { least: 0, most: 10_000_000 },
            "The quota of MaxSize [capacity units].",
        ),
        may(
            "suspend_after",
            Kind::Either(&[NEVER, Kind::Span]),
            "How long every scaling activity of a group must have failed until the system suspends it (SystemSuspended): it launches nobody until it, or its configuration, is edited.",
        ),
    ],
    choices: NO_CHOICE,
};

static BILLING: Shape = Shape {
    doc: "Unpaid bills and what follows from them.",
    keys: &[
        may(
            "enabled",
            Kind::Switch,
            "Whether subscriptions end and accounts fall into arrears; else the other keys have no effect but on events that [[events]] names.",
        ),
        may(
            "term",
            Kind::Law,
            "Length of a term of an instance type whose charge is subscription; the first begins with the instance.",
        ),
        may(
            "expiration_notice",
            Kind::Span,
            "Time from the announcement of InstanceExpiration.Stop to the stop.",
        ),
        may(
            "stop_within",
            Kind::Law,
            "Time from 00:00 (UTC+8) of the day on which a term ends to the stop, which does not come before that end; 15d..16d where automatic renewal is on and fails.",
        ),
        may(
            "arrears",
            Kind::List(&Kind::Moment, 0),
            "When the account, which owns all that is paid as it goes, falls into arrears: on the clock, or dates.",
        ),
        may("arrears_stop_after", Kind::Span, "Time from then until what is not paid is stopped."),
        may(
            "arrears_notice",
            Kind::Span,
            "Time from the announcement of AccountUnbalanced.Stop to the stop.",
        ),
        may(
            "arrears_paid_after",
            Kind::Either(&[NEVER, Kind::Span]),
            "Time from the beginning of arrears until they are paid.",
        ),
        may("release_after", Kind::Span, "Time from such a stop until the instance is released."),
    ],
    choices: NO_CHOICE,
};

static NOTIFY: Shape = Shape {
    doc: "What notifications look like.",
    keys: &[
        may(
            "legacy_ver",
            Kind::Switch,
            "Whether notifications carry `ver`, as those of 2019 to 2021 did.",
        ),
        may(
            "avoided_name_quirk",
            Kind::Switch,
            "Whether the name of an Avoided event, and of the end of a disk's alert, shows the status before, as the published samples do.",
        ),
        may(
            "finish_time_in_executing",
            Kind::Switch,
            "Whether executeFinishTime is there in Executing, though it is not known yet.",
        ),
        may(
            "levels",
            Kind::Word(&[
                ("sample", "as the published samples show them"),
                ("cms", "as the monitoring service lists them"),
            ]),
            "Which levels notifications carry where the documents differ.",
        ),
        may("user_id", Kind::Text, "The account that notifications name: 16 digits."),
    ],
    choices: NO_CHOICE,
};
