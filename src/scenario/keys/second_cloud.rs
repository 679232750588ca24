//! Keys of the second cloud's operations and settings (spec/refresh-and-migration.md 4).

use super::{
    kinds::NO_CHOICE,
    scripts::{AT, DO, INSTANCE, NAME, REGION},
};
use crate::scenario::schema::{Key, Kind, Shape, may};

pub(super) static MIGRATE: Shape = Shape {
    doc: "Moves a stopped instance between dedicated hosts, or between one and the shared servers (second cloud).",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        Key { name: "server_id", ..INSTANCE },
        may(
            "migrate",
            Kind::Either(&[
                Kind::Word(&[("null", "to the shared servers: JSON's null")]),
                Kind::Table(&MIGRATE_TO),
            ]),
            "Where to.",
        ),
    ],
    choices: NO_CHOICE,
};

static MIGRATE_TO: Shape = Shape {
    doc: "Where MigrateServer moves to.",
    keys: &[may("dedicated_host_id", Kind::Name, "The dedicated host.")],
    choices: NO_CHOICE,
};

pub(super) static SHOW_JOB: Shape = Shape {
    doc: "Tells of a job (second cloud).",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        may(
            "job_id",
            Kind::Text,
            "The job: \"of web[0]\" (the newest on this instance), or \"#3\" (by the number of its beginning in the run, from 0). Any other id is of no job.",
        ),
    ],
    choices: NO_CHOICE,
};

pub(super) static COLDMIG: Shape = Shape {
    doc: "Cold migrations: MigrateServer, and the operator's of stopped instances.",
    keys: &[
        may("api", Kind::Span, "Time until the request is taken up."),
        may("claim", Kind::Span, "Time until the chosen destination claims the room."),
        may("detach", Kind::Span, "Time to detach disks, volumes and ports from the source."),
        may(
            "copy_rate",
            Kind::Bandwidth,
            "How fast local disks are copied where there is no [network].",
        ),
        may("attach", Kind::Span, "Time to attach disks, volumes and ports to the destination."),
        may(
            "auto_confirm",
            Kind::Span,
            "Time from the arrival until it is confirmed by itself; until then both servers hold the room.",
        ),
        may("confirm", Kind::Span, "Time to clean the source."),
        may(
            "confirm_fail_p",
            Kind::Probability,
            "Probability that a confirmation fails, and the instance is taken back.",
        ),
        may(
            "max_attempts",
            Kind::Count { least: 1, most: 1_000 },
            "Destinations tried in all, where one has no room by the time it claims it [count].",
        ),
        may(
            "local_disk_policy",
            Kind::Word(&[
                ("forbid", "instances with local disks or local storage do not move"),
                ("copy", "what is on them is copied from server to server"),
                ("wipe", "they are blank afterwards"),
            ]),
            "What becomes of local disks.",
        ),
        may(
            "allow_running",
            Kind::Switch,
            "Whether MigrateServer takes running instances too, as the native operation does: they are shut down, migrated, and started again.",
        ),
        may(
            "require_pay_per_use",
            Kind::Switch,
            "Whether MigrateServer refuses types whose charge is subscription.",
        ),
        may("job_ttl", Kind::Span, "How long the record of a job is kept after its end."),
    ],
    choices: NO_CHOICE,
};
