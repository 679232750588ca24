//! Parameters of the operations on scaling groups, as a script gives them
//! (spec/refresh-and-migration.md 2.1 to 2.3).

use crate::{
    fleet::{
        ids::{Configuration, Image, LaunchTemplate, ScalingGroup},
        scaling::{HookResult, Processes},
    },
    kernel::column::Id,
    messages::scaling::Adjustment,
};

/// What a text names: something of the scenario, or nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Handle<T> {
    /// It is there.
    Known(T),
    /// Nothing is called so: the cloud refuses.
    Unknown(String),
}

/// How a script names a refresh.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RefreshHandle {
    /// By the label of the script that started it: `"roll"`, or `"script[2]"`.
    Of(String),
    /// By the number of its start in the run: `"#0"`.
    Number(u64),
    /// Anything else.
    Unknown(String),
}

/// `LifecycleHookContext`: hooks that an operation passes by.
#[derive(Clone, Debug, Default)]
pub struct HookContext {
    /// `DisableLifecycleHook`: all of them.
    pub disable: bool,
    /// `IgnoredLifecycleHookIds`: these, by their names.
    pub ignored: Vec<String>,
}

/// Parameters of operations on scaling groups.
#[derive(Clone, Debug, Default)]
pub struct ScalingParameters {
    /// `ScalingGroupId`.
    pub group: Option<Handle<Id<ScalingGroup>>>,
    /// `InstanceRefreshTaskId`, `InstanceRefreshTaskIds`.
    pub refreshes: Vec<RefreshHandle>,
    /// What StartInstanceRefresh asks for.
    pub request: RefreshRequest,
    /// `MinSize`, `MaxSize`, `DesiredCapacity` (capacity units).
    pub sizes: [Option<u32>; 3],
    /// `ActiveScalingConfigurationId`.
    pub active: Option<Handle<Id<Configuration>>>,
    /// What ScaleWithAdjustment and ExecuteScalingRule ask for.
    pub adjustment: Option<Adjustment>,
    /// `Process.N`.
    pub processes: Processes,
    /// `Entrusted`.
    pub entrusted: Option<bool>,
    /// `DecreaseDesiredCapacity`.
    pub decrease: Option<bool>,
    /// `LifecycleHookContext`.
    pub hooks: HookContext,
    /// `RemovePolicy`: whether it is `recycle`.
    pub recycle: Option<bool>,
    /// `ProtectedFromScaleIn`.
    pub protected: Option<bool>,
    /// `HealthStatus`: whether it is Healthy; `Some(None)`: another word.
    pub healthy: Option<Option<bool>>,
    /// `LifecycleHookId`: the name of a hook.
    pub hook: Option<String>,
    /// `LifecycleActionResult`.
    pub result: Option<HookResult>,
    /// `heartbeatTimeout` (s).
    pub heartbeat: Option<u32>,
    /// `MaxResults` of DescribeInstanceRefreshes.
    pub max_results: Option<u32>,
    /// `NextToken` of it: how many tasks come before the page; `Some(None)`: no answer gave it.
    pub page: Option<Option<usize>>,
}

/// What StartInstanceRefresh asks for, as written: the cloud judges it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RefreshRequest {
    /// `ClientToken`.
    pub token: Option<String>,
    /// `MinHealthyPercentage`.
    pub min: Option<u32>,
    /// `MaxHealthyPercentage`.
    pub max: Option<u32>,
    /// `SkipMatching`.
    pub skip_matching: Option<bool>,
    /// `Checkpoints[].Percentage`.
    pub checkpoints: Vec<u32>,
    /// `CheckpointPauseTime` (minutes).
    pub pause: Option<u32>,
    /// `Strategy`.
    pub strategy: Option<String>,
    /// `DesiredConfiguration.ImageId`.
    pub image: Option<Handle<Id<Image>>>,
    /// `DesiredConfiguration.ScalingConfigurationId`.
    pub configuration: Option<Handle<Id<Configuration>>>,
    /// `DesiredConfiguration.LaunchTemplateId`.
    pub template: Option<Handle<Id<LaunchTemplate>>>,
    /// `DesiredConfiguration.LaunchTemplateVersion`.
    pub version: Option<VersionWritten>,
    /// What each version of the template amounts to with this request's overrides (from version 1);
    /// empty without a known template.
    pub versions: Vec<Id<Configuration>>,
    /// Whether `DesiredConfiguration.LaunchTemplateOverrides` is given, and whether every type in
    /// it is known.
    pub overrides: Option<bool>,
    /// Those types, as written.
    pub override_types: Vec<String>,
    /// Whether `DesiredConfiguration.Containers` is given, and whether the cloud would take it.
    pub containers: Option<bool>,
    /// Those containers, as written.
    pub container_list: Vec<Container>,
}

/// A container of an ECI group: checked, told again, and otherwise ignored.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Container {
    /// `Name`.
    pub name: Option<String>,
    /// `Image`.
    pub image: Option<String>,
    /// `Commands`.
    pub commands: Vec<String>,
    /// `Args`.
    pub arguments: Vec<String>,
    /// `EnvironmentVars`: `Key` and `Value`.
    pub variables: Vec<(Option<String>, Option<String>)>,
}

/// `LaunchTemplateVersion` as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum VersionWritten {
    /// A number.
    Number(u32),
    /// `Default`.
    Default,
    /// `Latest`.
    Latest,
    /// Anything else.
    Unknown(String),
}
