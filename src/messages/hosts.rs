//! What dedicated hosts are asked for, and what becomes true of them.

use crate::{
    fleet::{
        dedicated_hosts::{Affinity, HostAction, MoveFor},
        ids::{DedicatedHost, Instance, InstanceType, Server, Template},
    },
    kernel::{column::Id, time::Instant},
    lifecycle::dedicated_host::HostState,
};

/// A command about dedicated hosts that are there. What names an unknown one is refused before it
/// becomes a command.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum HostCommand {
    /// `ModifyInstanceDeployment`.
    Deploy(Deployment),
    /// `RedeployDedicatedHost`.
    Redeploy {
        /// Which.
        host: Id<DedicatedHost>,
        /// Whether `MigrationType` is `LiveMigrationFirst`; else `reboot`.
        live_first: bool,
    },
    /// `ModifyDedicatedHostAttribute`.
    Modify {
        /// Which.
        host: Id<DedicatedHost>,
        /// `AutoPlacement`, if given.
        auto_placement: Option<bool>,
        /// `ActionOnMaintenance`, if given.
        action: Option<HostAction>,
        /// `CpuOverCommitRatio`, if given (hundredths).
        over_commit: Option<u32>,
    },
}

/// The parameters of ModifyInstanceDeployment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Deployment {
    /// The instance.
    pub instance: Id<Instance>,
    /// `DedicatedHostId`, if given.
    pub host: Option<Id<DedicatedHost>>,
    /// Whether `MigrationType` is `live`; else `reboot`.
    pub live: bool,
    /// Whether `Tenancy` is given as `default`, which it may not be.
    pub leaves_hosts: bool,
    /// `Affinity`, if given.
    pub affinity: Option<Affinity>,
    /// `InstanceType`, if given.
    pub instance_type: Option<Id<InstanceType>>,
}

/// How a live migration between dedicated hosts stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LiveStatus {
    /// It has begun.
    Started,
    /// The instance is on its new host.
    Accomplished,
    /// The instance is where it was.
    Failed,
}

/// Something that has become true of a dedicated host.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum HostFact {
    /// Its status changed.
    Moved {
        /// The host.
        host: Id<DedicatedHost>,
        /// The status it left.
        from: HostState,
        /// The status it entered.
        to: HostState,
    },
    /// It is carried by another server: its machine id is another one.
    Carried {
        /// The host.
        host: Id<DedicatedHost>,
        /// The server before.
        from: Id<Server>,
        /// The server from now on.
        to: Id<Server>,
        /// Why.
        moves_for: MoveFor,
    },
    /// No idle server of its model is there for it: it waits.
    Waits(Id<DedicatedHost>),
    /// Its owner changed its attributes.
    Modified(Id<DedicatedHost>),
    /// An instance has another type from now on.
    Retyped {
        /// The instance.
        instance: Id<Instance>,
        /// What it is now as if it were born with.
        template: Id<Template>,
    },
    /// A live migration between dedicated hosts began, or ended.
    LiveMigration {
        /// The instance.
        instance: Id<Instance>,
        /// The host that it leaves.
        source: Id<DedicatedHost>,
        /// The host that it goes to.
        destination: Id<DedicatedHost>,
        /// When it began.
        began: Instant,
        /// How it stands.
        status: LiveStatus,
    },
}
