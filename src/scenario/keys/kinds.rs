//! Kinds that several tables share.

use crate::scenario::schema::{Choice, Kind};

pub(super) const ANY_COUNT: Kind = Kind::Count { least: 0, most: i64::MAX as u64 };

pub(super) const SOME: Kind = Kind::Count { least: 1, most: i64::MAX as u64 };

pub(super) const SMALL: Kind = Kind::Count { least: 0, most: 1_000_000 };

pub(super) const NAMES: Kind = Kind::List(&Kind::Name, 1);

pub(super) const WEIGHT: Kind = Kind::Number { least: 0.0, most: 1e12 };

pub(super) const NEVER: Kind = Kind::Word(&[("never", "it never happens")]);

pub(super) const OFF: Kind = Kind::Word(&[("off", "there is none")]);

pub(super) const UNLIMITED: Kind = Kind::Word(&[("unlimited", "no limit")]);

pub(super) const ON_MAINTENANCE: Kind = Kind::Word(&[
    (
        "AutoRecover",
        "bring it back without losing local data, as policies.recovery says (the documented default)",
    ),
    ("Stop", "leave it stopped"),
    (
        "AutoRedeploy",
        "as AutoRecover; but if its local data ties it to a server that does not restart by itself, bring it back elsewhere after settings.event.failure_redeploy_lead, its local data lost",
    ),
]);

/// How a burstable instance is held, as the cloud writes it.
pub(super) const CREDIT_MODE: Kind = Kind::Word(&[
    ("Standard", "held to its baseline when its credits are used up (the documented default)"),
    ("Unlimited", "never held: what it has not earned is advanced, and then overdrawn"),
]);

pub(super) const NO_CHOICE: &[Choice] = &[];

pub(super) const ALL: Kind = Kind::Word(&[("all", "every type")]);

pub(super) const EVENT_TYPE: Kind = Kind::Word(&[
    ("SystemMaintenance.Reboot", "a restart because of a risk or of planned work"),
    ("SystemMaintenance.Stop", "a stop for the same reasons, where the attribute says Stop"),
    ("SystemMaintenance.Redeploy", "the server must be vacated"),
    ("SystemMaintenance.RebootAndIsolateErrorDisk", "a damaged disk is isolated by a restart"),
    (
        "SystemMaintenance.RebootAndReInitErrorDisk",
        "a replaced disk is re-initialised by a restart",
    ),
    ("SystemMaintenance.IsolateErrorDisk", "a damaged disk is isolated online"),
    ("SystemMaintenance.ReInitErrorDisk", "a replaced disk is re-initialised online"),
    ("SystemMaintenance.CleanInactiveDisks", "disks left behind are cleared"),
    ("SystemFailure.Reboot", "the server crashed"),
    ("SystemFailure.Stop", "the server crashed, where the attribute says Stop"),
    ("SystemFailure.Redeploy", "the server crashed for good, with local disks"),
    ("SystemFailure.Delete", "the creation failed"),
    ("InstanceFailure.Reboot", "the guest crashed"),
    ("ErrorDetected", "a local disk is damaged"),
    ("Stalled", "a cloud disk hangs"),
    ("InstanceExpiration.Stop", "a subscription ends"),
    ("InstanceExpiration.Delete", "an instance whose subscription has ended is released"),
    ("AccountUnbalanced.Stop", "the account is in arrears"),
    ("AccountUnbalanced.Delete", "an instance of an account in arrears is released"),
]);
