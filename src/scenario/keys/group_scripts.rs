//! Keys of commands about scaling groups: the cloud's operations, with its own parameter names.

use super::{
    groups::{PROCESS, RESULT},
    kinds::NO_CHOICE,
    scripts::{AT, DO, NAME, REGION, TEXTS},
};
use crate::scenario::schema::{Choice, Key, Kind, Shape, may};

const GROUP_ID: Key = may("ScalingGroupId", Kind::Text, "The scaling group, by its name.");

const GROUP: Key = may("group", Kind::Text, "The same as ScalingGroupId.");

/// The group has two keys.
const ONE_GROUP: &[Choice] = &[Choice { keys: &["ScalingGroupId", "group"], required: false }];

/// The group has two keys, and so have members.
const ONE_OF_EACH: &[Choice] = &[
    Choice { keys: &["ScalingGroupId", "group"], required: false },
    Choice { keys: &["InstanceId", "InstanceIds"], required: false },
];

const INSTANCE: Key =
    may("InstanceId", TEXTS, "The instances, each as for other operations, or \"GROUP#0\".");

const INSTANCES: Key = may("InstanceIds", TEXTS, "The same as InstanceId.");

const TASK: Key = may(
    "InstanceRefreshTaskId",
    Kind::Text,
    "The refresh: the name of the script that starts it, or \"#0\" (by the number of its start in the run, from 0). Without it, the group's active one.",
);

const DECREASE: Key = may(
    "DecreaseDesiredCapacity",
    Kind::Switch,
    "Whether the desired capacity falls with the members; documented default: true.",
);

const HOOK_ID: Key = may(
    "LifecycleHookId",
    Kind::Text,
    "The hook, by its name; it may be left out where only one holds the member.",
);

pub(super) static START_REFRESH: Shape = Shape {
    doc: "Replaces the instances of a scaling group, step by step.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        may(
            "ClientToken",
            Kind::Text,
            "Makes the command idempotent: at most 64 ASCII characters.",
        ),
        may(
            "MinHealthyPercentage",
            Kind::Whole,
            "Share of the group that must keep serving, 0 to 100 [percent]; without it, as the group's `refresh` says.",
        ),
        may(
            "MaxHealthyPercentage",
            Kind::Whole,
            "Most that the group may consist of, 100 to 200 [percent]; without it, as the group's `refresh` says.",
        ),
        may(
            "DesiredConfiguration",
            Kind::Table(&DESIRED),
            "What is launched; without it, what the group launches anyway.",
        ),
        may(
            "SkipMatching",
            Kind::Switch,
            "Whether members that are of this configuration already stay.",
        ),
        may(
            "Checkpoints",
            Kind::List(&Kind::Either(&[Kind::Whole, Kind::Table(&CHECKPOINT)]), 0),
            "Shares of new instances at which the refresh pauses, ascending, the last 100 [percent]: [20, 50, 100], or [{ Percentage = 20 }, ...].",
        ),
        may(
            "CheckpointPauseTime",
            Kind::Whole,
            "How long it pauses, 1 to 2880 [min]; documented default: 60.",
        ),
        may("Strategy", Kind::Text, "Not documented; only \"Rolling\" is taken."),
    ],
    choices: ONE_GROUP,
};

static CHECKPOINT: Shape = Shape {
    doc: "A checkpoint.",
    keys: &[may("Percentage", Kind::Whole, "Share of new instances [percent].")],
    choices: NO_CHOICE,
};

static DESIRED: Shape = Shape {
    doc: "What a refresh launches.",
    keys: &[
        may("ImageId", Kind::Text, "The image, by its name."),
        may("ScalingConfigurationId", Kind::Text, "The scaling configuration, by its name."),
        LAUNCH_TEMPLATE,
        VERSION,
        OVERRIDES,
        may(
            "Containers",
            Kind::List(&Kind::Table(&CONTAINER), 0),
            "Containers of ECI groups: checked, then ignored.",
        ),
    ],
    choices: NO_CHOICE,
};

const LAUNCH_TEMPLATE: Key =
    may("LaunchTemplateId", Kind::Text, "The launch template, by its name.");

const VERSION: Key = may(
    "LaunchTemplateVersion",
    Kind::Either(&[Kind::Whole, Kind::Text]),
    "Its version: a number, \"Default\" or \"Latest\"; without it, Default.",
);

const SOME_OVERRIDES: Kind = Kind::List(&Kind::Table(&OVERRIDE), 0);

const OVERRIDES: Key = may(
    "LaunchTemplateOverrides",
    SOME_OVERRIDES,
    "Instance types instead of the template's, the preferred one first.",
);

static OVERRIDE: Shape = Shape {
    doc: "An instance type instead of the template's.",
    keys: &[may("InstanceType", Kind::Text, "The instance type, by its name.")],
    choices: NO_CHOICE,
};

static CONTAINER: Shape = Shape {
    doc: "A container.",
    keys: &[
        may("Name", Kind::Text, "Its name."),
        may("Image", Kind::Text, "Its image."),
        may(
            "Commands",
            Kind::List(&Kind::Text, 0),
            "Its start commands: at most 20, each of at most 256 characters.",
        ),
        may("Args", Kind::List(&Kind::Text, 0), "Their arguments, at most 10."),
        may("EnvironmentVars", Kind::List(&Kind::Table(&VARIABLE), 0), "Its environment."),
    ],
    choices: NO_CHOICE,
};

static VARIABLE: Shape = Shape {
    doc: "A variable of a container's environment.",
    keys: &[
        may(
            "Key",
            Kind::Text,
            "Its name: 1 to 128 letters, digits and _, not beginning with a digit.",
        ),
        may("Value", Kind::Text, "Its value: at most 256 characters."),
        may("FieldRefFieldPath", Kind::Text, "Reserved."),
    ],
    choices: NO_CHOICE,
};

pub(super) static CONTROL_REFRESH: Shape = Shape {
    doc: "Suspends, resumes, cancels or takes back a refresh.",
    keys: &[AT, DO, NAME, REGION, GROUP_ID, GROUP, TASK],
    choices: ONE_GROUP,
};

pub(super) static DESCRIBE_REFRESHES: Shape = Shape {
    doc: "Lists refreshes.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        may("InstanceRefreshTaskIds", TEXTS, "Only these, 1 to 20, each as for other operations."),
        may(
            "MaxResults",
            Kind::Whole,
            "Most that one page shows, 1 to 50; documented default: 10.",
        ),
        may("NextToken", Kind::Text, "Where the page begins, as the one before it says."),
    ],
    choices: ONE_GROUP,
};

pub(super) static ENABLE_GROUP: Shape = Shape {
    doc: "Makes a scaling group active, or inactive.",
    keys: &[AT, DO, NAME, REGION, GROUP_ID, GROUP],
    choices: ONE_GROUP,
};

pub(super) static MODIFY_GROUP: Shape = Shape {
    doc: "Changes the size or the configuration of a scaling group.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        may("MinSize", Kind::Whole, "The new MinSize [capacity units]."),
        may("MaxSize", Kind::Whole, "The new MaxSize [capacity units]."),
        may("DesiredCapacity", Kind::Whole, "The new DesiredCapacity [capacity units]."),
        may(
            "ActiveScalingConfigurationId",
            Kind::Text,
            "What it launches from now on, by its name.",
        ),
        LAUNCH_TEMPLATE,
        VERSION,
        OVERRIDES,
    ],
    choices: ONE_GROUP,
};

pub(super) static SCALE: Shape = Shape {
    doc: "Changes the desired capacity of a scaling group.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        may(
            "AdjustmentType",
            Kind::Word(&[
                ("QuantityChangeInCapacity", "by so many capacity units"),
                ("PercentChangeInCapacity", "by so many percent"),
                ("TotalCapacity", "to so many capacity units"),
            ]),
            "How it changes.",
        ),
        may("AdjustmentValue", Kind::Whole, "By how much, or to what; below zero it falls."),
        may(
            "MinAdjustmentMagnitude",
            Kind::Whole,
            "With percent: by at least so many capacity units.",
        ),
        HOOKS,
    ],
    choices: ONE_GROUP,
};

const HOOKS: Key = may(
    "LifecycleHookContext",
    Kind::Table(&HOOK_CONTEXT),
    "Hooks that do not hold whom this brings or removes.",
);

static HOOK_CONTEXT: Shape = Shape {
    doc: "Hooks that are passed by.",
    keys: &[
        may("DisableLifecycleHook", Kind::Switch, "Whether all are; documented default: false."),
        may("IgnoredLifecycleHookIds", TEXTS, "Those that are, by their names."),
    ],
    choices: NO_CHOICE,
};

pub(super) static PROCESSES: Shape = Shape {
    doc: "Suspends or resumes processes of a scaling group.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        may("Processes", Kind::Either(&[PROCESS, Kind::List(&PROCESS, 0)]), "Which (Process.N)."),
    ],
    choices: ONE_GROUP,
};

pub(super) static ATTACH: Shape = Shape {
    doc: "Takes instances into a scaling group.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        INSTANCE,
        INSTANCES,
        may(
            "Entrusted",
            Kind::Switch,
            "Whether their life is handed to the group; documented default: false.",
        ),
    ],
    choices: ONE_OF_EACH,
};

pub(super) static DETACH: Shape = Shape {
    doc: "Lets members leave their scaling group and live on.",
    keys: &[AT, DO, NAME, REGION, GROUP_ID, GROUP, INSTANCE, INSTANCES, DECREASE],
    choices: ONE_OF_EACH,
};

pub(super) static REMOVE: Shape = Shape {
    doc: "Removes members of a scaling group.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        INSTANCE,
        INSTANCES,
        may(
            "RemovePolicy",
            Kind::Word(&[
                ("recycle", "kept, Stopped, where the group's ScalingPolicy is recycle too"),
                ("release", "released"),
            ]),
            "What becomes of them; documented default: recycle.",
        ),
        DECREASE,
        HOOKS,
    ],
    choices: ONE_OF_EACH,
};

pub(super) static STANDBY: Shape = Shape {
    doc: "Takes members out of service, or back.",
    keys: &[AT, DO, NAME, REGION, GROUP_ID, GROUP, INSTANCE, INSTANCES],
    choices: ONE_OF_EACH,
};

pub(super) static PROTECT: Shape = Shape {
    doc: "Protects members, or no longer.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        INSTANCE,
        INSTANCES,
        may("ProtectedFromScaleIn", Kind::Switch, "Whether they are protected."),
    ],
    choices: ONE_OF_EACH,
};

pub(super) static SET_HEALTH: Shape = Shape {
    doc: "Says whether a member is healthy.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        INSTANCE,
        INSTANCES,
        may("HealthStatus", Kind::Text, "Healthy or Unhealthy."),
    ],
    choices: ONE_OF_EACH,
};

pub(super) static COMPLETE: Shape = Shape {
    doc: "Ends a hook that holds a member: it goes on when the last one has ended.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        INSTANCE,
        INSTANCES,
        HOOK_ID,
        may("LifecycleActionResult", RESULT, "With what; documented default: CONTINUE."),
    ],
    choices: ONE_OF_EACH,
};

pub(super) static HEARTBEAT: Shape = Shape {
    doc: "Gives a hook that holds a member more time.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        GROUP_ID,
        GROUP,
        INSTANCE,
        INSTANCES,
        HOOK_ID,
        may(
            "heartbeatTimeout",
            Kind::Whole,
            "How much from now on, 30 to 21600 [s]; documented default: 600.",
        ),
    ],
    choices: ONE_OF_EACH,
};
