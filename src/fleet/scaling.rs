//! Scaling groups as the scenario describes them: what never changes in a run
//! (spec/refresh-and-migration.md 1).

use crate::{
    fleet::ids::{Configuration, Image, InstanceType, LaunchTemplate, Template, Zone},
    kernel::{
        column::{Column, Id},
        distribution::Distribution,
        time::{Instant, Span},
    },
};

/// An image, as far as the health of what runs from it goes.
#[derive(Clone, Debug)]
pub struct ImageSpec {
    /// Name, unique among images: its `ImageId`.
    pub name: String,
    /// Probability that an instance of it fails the group's health check.
    pub unhealthy_p: f64,
    /// How long such an instance seems healthy after it has come into service; zero: never.
    pub unhealthy_after: Distribution,
}

/// A scaling configuration, or one version of a launch template with its overrides.
#[derive(Clone, Debug)]
pub struct ConfigurationSpec {
    /// Name: its `ScalingConfigurationId`, or `TEMPLATE:VERSION`.
    pub name: String,
    /// The launch template and the version that it is, if it is no scaling configuration.
    pub version: Option<(Id<LaunchTemplate>, u32)>,
    /// What its instances run from.
    pub image: Option<Id<Image>>,
    /// Probability that a launch from it fails although there is room.
    pub launch_fail_p: f64,
}

/// A launch template.
#[derive(Clone, Debug)]
pub struct LaunchTemplateSpec {
    /// Name: its `LaunchTemplateId`.
    pub name: String,
    /// Its versions, from 1: since when each is there, and what it is.
    pub versions: Vec<(Instant, Id<Configuration>)>,
    /// The default version, from when on, in order of time.
    pub defaults: Vec<(Instant, u32)>,
}

impl LaunchTemplateSpec {
    /// The newest version that is there at `now` (from 1).
    pub fn latest(&self, now: Instant) -> u32 {
        self.versions.iter().filter(|(since, _)| *since <= now).count().max(1) as u32
    }

    /// The default version at `now` (from 1).
    pub fn default(&self, now: Instant) -> u32 {
        let past = self.defaults.iter().rev().find(|(since, _)| *since <= now);
        past.map_or(1, |(_, version)| *version)
    }
}

/// A version of a launch template that is another one at another time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Following {
    /// The template.
    pub template: Id<LaunchTemplate>,
    /// Whether it is the Latest version, not the Default one.
    pub latest: bool,
}

/// A scaling group.
#[derive(Clone, Debug)]
pub struct ScalingGroupSpec {
    /// Name, unique among scaling groups: its `ScalingGroupId`.
    pub name: String,
    /// Whether it is enabled when a run begins.
    pub enabled: bool,
    /// `MinSize`, `MaxSize` (capacity units).
    pub size: [u32; 2],
    /// `DesiredCapacity` (capacity units); `None`: the expected-number feature is off.
    pub desired: Option<u32>,
    /// What kind of group it is.
    pub kind: GroupKind,
    /// Its zones, the preferred one first.
    pub zones: Vec<Id<Zone>>,
    /// Whether it launches the cheapest vCPU first and removes the dearest first (offers stand in
    /// that order).
    pub by_price: bool,
    /// Whether it is spread evenly over its zones, and how strictly.
    pub balance: Option<Balance>,
    /// What it launches when a run begins.
    pub active: Id<Configuration>,
    /// The version that this is, if it is always the launch template's Default or Latest one.
    pub follows: Option<Following>,
    /// What it consists of when a run begins.
    pub members: Vec<StartingMembers>,
    /// What it may launch from each configuration, in order of preference: by instance type as
    /// listed, and for each type by zone. Empty for a configuration that it cannot use.
    pub offers: Column<Configuration, Vec<Offer>>,
    /// Time from Running to InService: attaching it to load balancers and their like.
    pub attach: Distribution,
    /// Time that leaving service takes before the instance is stopped.
    pub detach: Distribution,
    /// `StopInstanceTimeout`: after this time a stop is forced; `None`: it takes what it takes.
    pub stop_timeout: Option<Span>,
    /// Warm-up of new members outside of refreshes (`DefaultInstanceWarmup`).
    pub warm_up: Span,
    /// `RemovalPolicies`, in order.
    pub removal: Vec<RemovalPolicy>,
    /// Its hooks, at most six.
    pub hooks: Vec<HookSpec>,
    /// Its health check.
    pub health: HealthSpec,
    /// `DefaultCooldown`: least time between two activities that the target rule starts.
    pub cooldown: Span,
    /// `MaxInstanceLifetime`; `None`: off.
    pub max_life: Option<Span>,
    /// Processes suspended when a run begins.
    pub suspended: Processes,
    /// Scheduled scaling, in the order of the file.
    pub schedule: Vec<Scheduled>,
    /// The target rule, if it has one.
    pub target: Option<TargetRule>,
    /// Time between two tries of a launch that found no room (spec: `launch_retry`).
    pub launch_retry: Span,
    /// Whether members are added and removed by hand only while no refresh is active
    /// (`refresh_blocks_manual_scaling`).
    pub refresh_blocks_manual_scaling: bool,
}

/// Properties by which a refresh may be refused (spec/refresh-and-migration.md 2.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupKind {
    /// `MultiAZPolicy`.
    pub multi_az: MultiAz,
    /// Whether it is of type ECI, not ECS.
    pub is_eci: bool,
    /// Whether its capacity is counted in vCPUs.
    pub counts_vcpus: bool,
    /// `ScalingPolicy`: what becomes of those who leave.
    pub reclaim: Reclaim,
}

/// `MultiAZPolicy`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MultiAz {
    /// The first zone that has room.
    Priority,
    /// The cheapest vCPU; the dearest leaves first.
    CostOptimized,
    /// Evenly over the zones.
    Balance,
    /// A mix of the others.
    Composable,
}

/// `BalanceMode`: what a group that is spread over its zones does where the zone whose turn it is has
/// no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Balance {
    /// `BalancedBestEffort`: it goes to another zone.
    BestEffort,
    /// `BalancedOnly`: it does not; its activity does only part of its work, or fails.
    Only,
}

/// `ScalingPolicy`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reclaim {
    /// Stopped, then released.
    Release,
    /// Powered off, then released.
    ForceRelease,
    /// Stopped economically, and kept.
    Recycle,
    /// Powered off, and kept.
    ForceRecycle,
}

impl Reclaim {
    /// Whether those who leave by scale-in are kept.
    pub const fn keeps(self) -> bool {
        matches!(self, Self::Recycle | Self::ForceRecycle)
    }

    /// Whether they are powered off.
    pub const fn forces(self) -> bool {
        matches!(self, Self::ForceRelease | Self::ForceRecycle)
    }
}

/// Equal members that are there when a run begins.
#[derive(Clone, Copy, Debug)]
pub struct StartingMembers {
    /// How many (count).
    pub count: u32,
    /// The state that they are in: InService, Protected or Standby.
    pub state: crate::lifecycle::member::MemberState,
    /// How they came into the group.
    pub creation: Creation,
    /// What they were launched from.
    pub configuration: Id<Configuration>,
}

/// How a member came into its group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Creation {
    /// Launched by the group.
    AutoCreated,
    /// Added by hand; only detached when it leaves.
    Attached,
    /// Added by hand, its life handed to the group.
    Entrusted,
}

/// One way to launch an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offer {
    /// What the instance is born with (type, zone, owner).
    pub template: Id<Template>,
    /// Its type.
    pub instance_type: Id<InstanceType>,
    /// The zone.
    pub zone: Id<Zone>,
    /// `WeightedCapacity` (capacity units).
    pub weight: u16,
}

/// `RemovalPolicies`: who leaves first on a scale-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RemovalPolicy {
    /// The oldest.
    OldestInstance,
    /// The newest.
    NewestInstance,
    /// Those whose configuration the group has used longest ago.
    OldestScalingConfiguration,
}

/// A lifecycle hook (spec/refresh-and-migration.md 1.6).
#[derive(Clone, Debug)]
pub struct HookSpec {
    /// Name, unique in its group.
    pub name: String,
    /// Whether it holds those who leave, not those who come.
    pub on_scale_in: bool,
    /// `HeartbeatTimeout`.
    pub heartbeat: Span,
    /// `DefaultResult`: what the timeout means.
    pub default_result: HookResult,
    /// How long the user's automation takes to complete it; `None`: it does so only by a script.
    pub completes: Option<Distribution>,
    /// What it completes it with.
    pub result: HookResult,
}

/// The result of a lifecycle action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HookResult {
    /// `CONTINUE`.
    Continue,
    /// `ABANDON`.
    Abandon,
    /// `ROLLBACK`.
    RollBack,
}

/// How a group looks after its members' health (spec/refresh-and-migration.md 1.7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HealthSpec {
    /// Check type `ECS`: who is not Running is unhealthy.
    pub by_state: bool,
    /// Check type `LOAD_BALANCER`: who does not serve is unhealthy, and who fails its image's check.
    pub by_service: bool,
    /// Time from the trouble to the verdict (spec: `health_check_interval_s`).
    pub interval: Span,
}

/// Scheduled scaling.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scheduled {
    /// When first.
    pub at: Instant,
    /// How often then; `None`: once.
    pub every: Option<Span>,
    /// The new MinSize, if given (capacity units).
    pub min: Option<u32>,
    /// The new MaxSize, if given (capacity units).
    pub max: Option<u32>,
    /// The new desired capacity, if given (capacity units).
    pub desired: Option<u32>,
}

/// A target rule: as many capacity units as the demand needs.
#[derive(Clone, Debug)]
pub struct TargetRule {
    /// The demand over time: points in order of time, straight between them.
    pub demand: Vec<(Instant, f64)>,
    /// After which time the demand repeats itself; `None`: the last value stays.
    pub period: Option<Span>,
    /// Demand that one capacity unit is to serve.
    pub per_unit: f64,
    /// How often it is looked at.
    pub every: Span,
    /// Whether it also scales in.
    pub scales_in: bool,
}

/// A set of a group's processes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Processes(pub u8);

/// A process of a group that may be suspended (spec/refresh-and-migration.md 1.8).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Process {
    /// Removing members.
    ScaleIn = 1,
    /// Launching members.
    ScaleOut = 2,
    /// Looking after health.
    HealthCheck = 4,
    /// Following the target rule.
    AlarmNotification = 8,
    /// Following the schedule.
    ScheduledAction = 16,
}

impl Process {
    /// Every one.
    pub const ALL: &'static [Self] = &[
        Self::ScaleIn,
        Self::ScaleOut,
        Self::HealthCheck,
        Self::AlarmNotification,
        Self::ScheduledAction,
    ];

    /// Its name in the cloud's API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScaleIn => "ScaleIn",
            Self::ScaleOut => "ScaleOut",
            Self::HealthCheck => "HealthCheck",
            Self::AlarmNotification => "AlarmNotification",
            Self::ScheduledAction => "ScheduledAction",
        }
    }
}

impl Processes {
    /// Whether `process` is among them.
    pub const fn has(self, process: Process) -> bool {
        self.0 & process as u8 != 0
    }

    /// These and `others`.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without `others`.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}
