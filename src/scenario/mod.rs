//! The scenario: the file that a user writes, and what it means.
//!
//! Reading order: `model` (the target), `gates` (what is demanded of runs), `fates` (what is drawn about failures), `fault`, `tree` and its readers (`from_toml`, `from_json`,
//! `set`, `files`, `load`), `quantity` and `law` (text with units), `traces` (recorded
//! arrivals), `notifications` (recorded system events), `schema` and `keys` (what may
//! be written), `check` (the walk that finds faults of form), `defaults`, `presets`, `told` (kinds in words), `json_schema` and `reference` (what may be written, for editors and readers), `resolve` (names to ids,
//! faults of meaning), `digest`, `summary`, `vary` (the points of a
//! sweep). Each uses only what stands before it.
//! Deliberately not here: opening files (see [`Files`]) and showing faults.

mod settings;

mod campaigns;

mod scaling;

mod scripts;

mod gates;

mod model;

mod fates;

mod fault;

mod tree;

mod from_toml;

mod from_json;

mod files;

mod set;

mod load;

pub(crate) mod quantity;

mod law;

pub mod traces;

pub mod notifications;

mod schema;

mod keys;

mod check;

mod defaults;

mod presets;

mod told;

mod json_schema;

pub mod reference;

mod digest;

mod view;

mod resolve;

mod summary;

mod parse;

pub mod vary;

pub use campaigns::{Aim, AtOnce, CampaignOrder, CampaignSpec, DrainOrder, DrainSpec, Selector};
pub use fates::{CrashFate, DiskFate};
pub use fault::{Fault, Faults, Label, SourceId, SourceText};
pub use files::{FileRequest, Files, GivenBy, InMemory};
pub use gates::{Demand, Gate, Gates};
pub use json_schema::json_schema;
pub use model::{
    ArrivalLaw, ArrivalSource, DayProfile, LifeFrom, MaintenancePolicy, OnRisk, Policies, Recovery,
    RepairOrder, Scenario, StartingInstances, TraceRow, TraceRows, WhenFull, Workload,
};
pub use quantity::{Amount, Wrong, span as read_span};
pub use scaling::{
    Container, Handle, RefreshHandle, RefreshRequest, ScalingParameters, VersionWritten,
};
pub use scripts::{
    EventHandle, HostParameters, InstanceHandle, Parameters, RecordedEvent, Script,
    StatedInterruption, TaskHandle, WindowWritten,
};
pub use settings::{
    BillingSettings, BurstSettings, ColdSettings, DiskSettings, EventSettings, HostSettings,
    LiveSettings, LocalDiskPolicy, NotifySettings, PreCopySettings, RedeploySettings, Settings,
    TimeoutAction, TimeoutSettings,
};
pub use summary::{Summary, summary};
