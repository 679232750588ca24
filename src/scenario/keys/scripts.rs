//! Keys of commands given at given times: the cloud's operations, with its own parameter names.

use super::{
    dedicated::{
        AFFINITY_OF, DEPLOY, DESCRIBE_HOSTS, HOST_OF, MODIFY_HOST, REDEPLOY_HOST, TENANCY_OF,
    },
    group_scripts::{
        ATTACH, COMPLETE, CONTROL_REFRESH, DESCRIBE_REFRESHES, DETACH, ENABLE_GROUP, HEARTBEAT,
        MODIFY_GROUP, PROCESSES, PROTECT, REMOVE, SCALE, SET_HEALTH, STANDBY, START_REFRESH,
    },
    kinds::{ANY_COUNT, CREDIT_MODE, NO_CHOICE},
    second_cloud::{MIGRATE, SHOW_JOB},
    spot::{BEHAVIOR_ASKED, DURATION_ASKED, LIMIT_ASKED, STRATEGY_ASKED},
};
use crate::scenario::schema::{Key, Kind, Shape, Tagged, may, must};

/// A command: `do` says which operation it asks for, and so which parameters it may have.
///
/// A parameter that the cloud wants and that is missing is no fault of the scenario, nor is a value
/// that the cloud does not take: it refuses the command when it is given.
pub(super) static SCRIPT: Tagged = Tagged {
    doc: "A command given at a given time, under the cloud's names.",
    tag: "do",
    forms: &[
        ("RunInstances", &RUN),
        ("CreateInstance", &CREATE),
        ("DeleteInstance", &DELETE),
        ("StartInstance", &START),
        ("StopInstance", &STOP),
        ("RebootInstance", &REBOOT),
        ("RedeployInstance", &REDEPLOY),
        ("MigrateServer", &MIGRATE),
        ("ShowJob", &SHOW_JOB),
        ("AcceptInquiredSystemEvent", &ACCEPT),
        ("ModifySystemEventAttribute", &MODIFY_EVENT),
        ("ModifyInstanceAttribute", &MODIFY_ATTRIBUTE),
        ("ModifyInstanceMaintenanceAttributes", &MODIFY_MAINTENANCE),
        ("CreateSimulatedSystemEvents", &SIMULATE),
        ("CreateSimulatedSystemEvent", &SIMULATE),
        ("CancelSimulatedSystemEvents", &CANCEL_SIMULATED),
        ("CancelTask", &CANCEL_TASK),
        ("DescribeTasks", &DESCRIBE_TASKS),
        ("DescribeInstanceHistoryEvents", &DESCRIBE_HISTORY),
        ("DescribeInstancesFullStatus", &DESCRIBE_STATUS),
        ("ModifyInstanceDeployment", &DEPLOY),
        ("RedeployDedicatedHost", &REDEPLOY_HOST),
        ("ModifyDedicatedHostAttribute", &MODIFY_HOST),
        ("DescribeDedicatedHosts", &DESCRIBE_HOSTS),
        ("LockInstance", &LOCK),
        ("UnlockInstance", &UNLOCK),
        ("StartInstanceRefresh", &START_REFRESH),
        ("SuspendInstanceRefresh", &CONTROL_REFRESH),
        ("ResumeInstanceRefresh", &CONTROL_REFRESH),
        ("CancelInstanceRefresh", &CONTROL_REFRESH),
        ("RollbackInstanceRefresh", &CONTROL_REFRESH),
        ("DescribeInstanceRefreshes", &DESCRIBE_REFRESHES),
        ("EnableScalingGroup", &ENABLE_GROUP),
        ("DisableScalingGroup", &ENABLE_GROUP),
        ("ModifyScalingGroup", &MODIFY_GROUP),
        ("ScaleWithAdjustment", &SCALE),
        ("ExecuteScalingRule", &SCALE),
        ("SuspendProcesses", &PROCESSES),
        ("ResumeProcesses", &PROCESSES),
        ("AttachInstances", &ATTACH),
        ("DetachInstances", &DETACH),
        ("RemoveInstances", &REMOVE),
        ("EnterStandby", &STANDBY),
        ("ExitStandby", &STANDBY),
        ("SetInstancesProtection", &PROTECT),
        ("SetInstanceHealth", &SET_HEALTH),
        ("CompleteLifecycleAction", &COMPLETE),
        ("RecordLifecycleActionHeartbeat", &HEARTBEAT),
    ],
};

/// One text or several.
pub(super) const TEXTS: Kind = Kind::Either(&[Kind::Text, Kind::List(&Kind::Text, 1)]);

pub(super) const AT: Key = must("at", Kind::Moment, "When: on the clock (\"2d\"), or a date.");

pub(super) const DO: Key = must("do", Kind::Text, "The operation.");

pub(super) const NAME: Key = may(
    "name",
    Kind::Name,
    "Name of the command, unique: a handle for what it creates, and for paths.",
);

pub(super) const REGION: Key =
    may("RegionId", Kind::Text, "The region; without it, scenario.region.");

pub(super) const INSTANCE: Key = may(
    "InstanceId",
    Kind::Text,
    "The instance: \"web[3]\" (number 3 of the entry web of workload.instances), \"jobs#17\" (arrival 17 of the stream jobs), \"trace#17\" (data row 17 of the trace), \"script[2]#0\" or \"NAME#0\" (the first that scripts[2], or the script NAME, creates), \"api#0\" (member 0 of the scaling group api); all count from 0. An id (\"i-...\") is of no instance.",
);

const INSTANCES: Key = may("InstanceId", TEXTS, "The instances, each as for other operations.");

const EVENT: Key = may(
    "EventId",
    Kind::Text,
    "The event: \"SystemMaintenance.Reboot of web[0]\" (the newest open one of this type on this instance), or \"#17\" (by the number of its publication in the run, from 0). Any other id is of no event.",
);

const EVENTS: Key = may("EventId", TEXTS, "The events, each as for other operations.");

const FORCE_STOP: Key =
    may("ForceStop", Kind::Switch, "Whether the instance is switched off instead of shut down.");

const DRY_RUN: Key = may("DryRun", Kind::Switch, "Whether the command is only checked.");

const TYPE: Key = may("InstanceType", Kind::Name, "Type of what is created.");

const LOCK_REASON: Key = may(
    "LockReason",
    Kind::Word(&[
        ("security", "operations are refused with InstanceLockedForSecurity"),
        ("financial", "expired or in arrears: they are refused with InstanceExpiredOrInArrears"),
        ("refunded", "paid back: as financial"),
        ("recycling", "about to be taken back: it is not redeployed"),
        ("Recycling", "as recycling: the samples write it so"),
        ("dedicatedhostfinancial", "arrears of its dedicated host: without effect here"),
    ]),
    "Why (OperationLocks).",
);

const ZONE: Key = may("ZoneId", Kind::Name, "The zone that it must be in.");

const CUSTOMER: Key = may("customer", Kind::Name, "Its owner.");

const GROUP: Key = may("group", Kind::Name, "The group that it is spread with.");

const APP: Key = may("app", Kind::Name, "The application that it serves.");

static RUN: Shape = Shape {
    doc: "Creates and starts instances.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        TYPE,
        ZONE,
        may("Amount", Kind::Count { least: 0, most: 1_000_000 }, "How many [count]."),
        CUSTOMER,
        GROUP,
        APP,
        CREDIT_SPECIFICATION,
        LOAD,
        STRATEGY_ASKED,
        LIMIT_ASKED,
        DURATION_ASKED,
        BEHAVIOR_ASKED,
        TENANCY_OF,
        HOST_OF,
        AFFINITY_OF,
    ],
    choices: NO_CHOICE,
};

static CREATE: Shape = Shape {
    doc: "Creates one instance, Stopped.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        TYPE,
        ZONE,
        CUSTOMER,
        GROUP,
        APP,
        CREDIT_SPECIFICATION,
        LOAD,
        TENANCY_OF,
        HOST_OF,
        AFFINITY_OF,
        STRATEGY_ASKED,
        LIMIT_ASKED,
        DURATION_ASKED,
        BEHAVIOR_ASKED,
    ],
    choices: NO_CHOICE,
};

static DELETE: Shape = Shape {
    doc: "Releases an instance.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        INSTANCE,
        may("Force", Kind::Switch, "Whether it is released even if it is Running."),
    ],
    choices: NO_CHOICE,
};

static START: Shape = Shape {
    doc: "Starts a stopped instance.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        INSTANCE,
        may(
            "InitLocalDisk",
            Kind::Switch,
            "Whether damaged local disks are brought back first, all local data lost.",
        ),
        DRY_RUN,
    ],
    choices: NO_CHOICE,
};

static STOP: Shape = Shape {
    doc: "Stops an instance.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        INSTANCE,
        may(
            "StoppedMode",
            Kind::Word(&[
                ("KeepCharging", "it keeps its room"),
                ("StopCharging", "it gives its room up, if it is eligible"),
            ]),
            "How it is stopped.",
        ),
        FORCE_STOP,
        may(
            "ConfirmStop",
            Kind::Switch,
            "Obsolete; the family i1, which loses its local data, needs it.",
        ),
        DRY_RUN,
    ],
    choices: NO_CHOICE,
};

static REBOOT: Shape = Shape {
    doc: "Restarts an instance.",
    keys: &[AT, DO, NAME, REGION, INSTANCE, FORCE_STOP, DRY_RUN],
    choices: NO_CHOICE,
};

static REDEPLOY: Shape = Shape {
    doc: "Restarts an instance on another server.",
    keys: &[AT, DO, NAME, REGION, INSTANCE, FORCE_STOP],
    choices: NO_CHOICE,
};

static ACCEPT: Shape = Shape {
    doc: "Authorises what an event asks for.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        EVENT,
        may("Choice", Kind::Text, "By invitation only, and without effect here."),
    ],
    choices: NO_CHOICE,
};

static MODIFY_EVENT: Shape = Shape {
    doc: "Moves the planned time of an event.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        INSTANCE,
        EVENT,
        may("NotBefore", Kind::Moment, "Its new notBefore: on the clock, or a date."),
    ],
    choices: NO_CHOICE,
};

const CREDIT_SPECIFICATION: Key = may(
    "CreditSpecification",
    CREDIT_MODE,
    "Mode of burstable instances; without it, as their type says.",
);

const LOAD: Key = may(
    "load",
    Kind::Name,
    "What burstable instances are asked to do: one of [loads]; without it, as their type says.",
);

static MODIFY_ATTRIBUTE: Shape = Shape {
    doc: "Changes the mode of burstable instances.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        INSTANCES,
        may("CreditSpecification", CREDIT_MODE, "Their mode from now on."),
    ],
    choices: NO_CHOICE,
};

static MODIFY_MAINTENANCE: Shape = Shape {
    doc: "Changes what happens to instances under maintenance.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        INSTANCES,
        may(
            "ActionOnMaintenance",
            Kind::Word(&[
                ("AutoRecover", "brought back without losing local data"),
                ("Stop", "left stopped"),
                ("AutoRedeploy", "brought back elsewhere, even if local data is lost"),
            ]),
            "What happens to them when their server fails or is maintained.",
        ),
        may("MaintenanceWindow", Kind::Table(&WINDOW), "Their window (MaintenanceWindow.1)."),
        may("NotifyOnMaintenance", Kind::Switch, "Stored, without effect."),
    ],
    choices: NO_CHOICE,
};

static WINDOW: Shape = Shape {
    doc: "A maintenance window, in UTC+8; the cloud takes whole hours, 1 to 23 of them.",
    keys: &[
        may("StartTime", Kind::TimeOfDay, "When it begins."),
        may("EndTime", Kind::TimeOfDay, "When it ends; on the next day, if that is earlier."),
    ],
    choices: NO_CHOICE,
};

static SIMULATE: Shape = Shape {
    doc: "Makes events that only look real.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        INSTANCES,
        may("EventType", Kind::Text, "Their type, as in \"SystemMaintenance.Reboot\"."),
        may("NotBefore", Kind::Moment, "Their notBefore: on the clock, or a date."),
        may("TriggerRealOps", Kind::Switch, "Whether a stop or release really happens."),
    ],
    choices: NO_CHOICE,
};

static CANCEL_SIMULATED: Shape = Shape {
    doc: "Cancels simulated events.",
    keys: &[AT, DO, NAME, REGION, EVENTS],
    choices: NO_CHOICE,
};

static CANCEL_TASK: Shape = Shape {
    doc: "Cancels a task.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        may(
            "TaskId",
            Kind::Text,
            "The task: \"of web[0]\" (the newest of this instance), or \"#3\" (by the number of its beginning in the run, from 0). Any other id is of no task.",
        ),
    ],
    choices: NO_CHOICE,
};

const PAGE: Key = may("PageNumber", ANY_COUNT, "Which page, from 1.");

const PAGE_SIZE: Key = may("PageSize", ANY_COUNT, "Entries of a page, at most 100 [count].");

static BETWEEN: Shape = Shape {
    doc: "A period, written as NotBefore.Start = \"2d\".",
    keys: &[
        may("Start", Kind::Moment, "At this time or later."),
        may("End", Kind::Moment, "At this time or earlier."),
    ],
    choices: NO_CHOICE,
};

static DESCRIBE_TASKS: Shape = Shape {
    doc: "Lists tasks.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        may("TaskIds", TEXTS, "Only these, each as for CancelTask."),
        may("TaskAction", Kind::Text, "Only of this operation, as in \"RedeployInstance\"."),
        may("TaskStatus", Kind::Text, "Only in this status: Processing, Finished or Failed."),
        may("ResourceIds", TEXTS, "Only of these instances, each as for other operations."),
        may("StartTime", Kind::Moment, "Only those that began at this time or later."),
        may("EndTime", Kind::Moment, "Only those that began at this time or earlier."),
        PAGE,
        PAGE_SIZE,
    ],
    choices: NO_CHOICE,
};

static DESCRIBE_HISTORY: Shape = Shape {
    doc: "Lists events, ended ones unless it says otherwise.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        may("InstanceId", Kind::Text, "Only of this instance."),
        may("ResourceId", TEXTS, "Only of these instances; it wins over InstanceId."),
        EVENTS,
        may("EventCycleStatus", Kind::Text, "Only in this status."),
        may("InstanceEventCycleStatus", TEXTS, "Only in these; it wins over EventCycleStatus."),
        may("EventType", Kind::Text, "Only of this type."),
        may("InstanceEventType", TEXTS, "Only of these; it wins over EventType."),
        may("NotBefore", Kind::Table(&BETWEEN), "Only with a notBefore in this period."),
        may("EventPublishTime", Kind::Table(&BETWEEN), "Only those published in this period."),
        may(
            "MaxResults",
            ANY_COUNT,
            "The most events in one answer; what lies outside of 10 to 100 is moved to the nearer one [count].",
        ),
        may("NextToken", Kind::Text, "Where to go on: what the answer before gave."),
    ],
    choices: NO_CHOICE,
};

static DESCRIBE_STATUS: Shape = Shape {
    doc: "Lists instances with their health and their open events.",
    keys: &[
        AT,
        DO,
        NAME,
        REGION,
        INSTANCES,
        EVENTS,
        may("EventType", TEXTS, "Only with events of these types."),
        may("Status", Kind::Text, "Only in this status."),
        may("HealthStatus", Kind::Text, "Only with this health."),
        PAGE,
        PAGE_SIZE,
    ],
    choices: NO_CHOICE,
};

static LOCK: Shape = Shape {
    doc: "The cloud locks instances: no operation of its API, but its own act. A lock only refuses operations; it stops nothing.",
    keys: &[AT, DO, NAME, REGION, INSTANCES, LOCK_REASON],
    choices: NO_CHOICE,
};

static UNLOCK: Shape = Shape {
    doc: "The cloud lifts a lock: its own act, too.",
    keys: &[AT, DO, NAME, REGION, INSTANCES, LOCK_REASON],
    choices: NO_CHOICE,
};
