//! Keys of the second cloud's operations (spec/refresh-and-migration.md 4.1, 4.2).

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
