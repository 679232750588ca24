//! The scenario as runs see it: validated, ids instead of names, shared by all runs.

use crate::{
    fleet::{
        ids::{
            Campaign, InstanceType, Recorded, RecordedInterruption, ScalingGroup,
            Script as ScriptId, Source, Template,
        },
        instances::{InstanceName, InstanceSource},
        layout::Layout,
    },
    kernel::{
        column::{Column, Id},
        distribution::Distribution,
        time::{Instant, Span},
    },
    policy::{placement::Placement, refresh::RefreshRules},
    scenario::{
        campaigns::CampaignSpec,
        gates::Gates,
        scripts::{RecordedEvent, Script, StatedInterruption},
        settings::Settings,
    },
};
use std::num::NonZeroU32;

/// A scenario: validated, immutable, shared by all runs on all threads.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name, as in `[scenario]`.
    pub name: String,
    /// The question that it asks, one line; may be empty.
    pub question: String,
    /// BLAKE3 over the resolved scenario and the bytes of its input files, lower-case hex.
    pub digest: String,
    /// Seed of all chance.
    pub seed: u64,
    /// How many runs, unless the command says otherwise.
    pub runs: NonZeroU32,
    /// Where the clock stands when a run begins.
    pub begin: Instant,
    /// Where the clock stands when a run ends.
    pub end: Instant,
    /// From here on results are measured (the end of the warm-up).
    pub measure_from: Instant,
    /// The type whose instances free room must be of use to, or it is stranded: the one that the
    /// scenario names, else the smallest; `None`: nothing is sold.
    pub reference_type: Option<Id<InstanceType>>,
    /// Instants at which levels are reported, in order.
    pub levels_at: Vec<Instant>,
    /// What is there.
    pub layout: Layout,
    /// Settings of the modelled cloud.
    pub settings: Settings,
    /// Policies.
    pub policies: Policies,
    /// Remarks for the user, plain sentences: what is no fault but most likely not meant, such as
    /// rows of a trace that are left out.
    pub remarks: Vec<String>,
    /// What arrives.
    pub workload: Workload,
    /// The date and time at which the clock's zero lies (microseconds since 1970-01-01T00:00:00Z).
    pub epoch: i64,
    /// The region, as notifications name it.
    pub region: String,
    /// The operator's campaigns.
    pub campaigns: Column<Campaign, CampaignSpec>,
    /// Commands given at given times, in order of time.
    pub scripts: Column<ScriptId, Script>,
    /// System events that happen at given times, in order of time.
    pub recorded: Column<Recorded, RecordedEvent>,
    /// Interruptions of preemptible instances that happen at given times, in order of time.
    pub interruptions: Column<RecordedInterruption, StatedInterruption>,
    /// Names of the instances that scripts and recorded events mention, in order, each once.
    pub watched: Vec<InstanceName>,
    /// How the refreshes of each scaling group go.
    pub refresh_rules: Column<ScalingGroup, RefreshRules>,
    /// What `check` demands of the runs; no run knows of it.
    pub gates: Gates,
}

impl Scenario {
    /// What the instance number `number` is called among those that `script` creates: scripts are
    /// numbered in order of their time.
    pub fn created_by(&self, script: Id<ScriptId>, number: u64) -> InstanceName {
        InstanceName::of(InstanceSource::Script(script.index()), number)
    }

    /// The least capacity of `group` that must be healthy where `desired` is desired, during a
    /// refresh that asks for a MinHealthyPercentage of `asked`, or by the group's own rules.
    pub fn healthy_floor(&self, group: Id<ScalingGroup>, desired: u32, asked: Option<u32>) -> u32 {
        let bounds = self.refresh_rules[group].bounds;
        bounds.asked(asked, None).floor(desired)
    }

    /// The least capacity of `group` that must be healthy and the most that may be counted, during a
    /// refresh that asks for these percentages or by the group's own rules, where they are shares
    /// of `base`.
    pub fn refresh_limits(
        &self,
        group: Id<ScalingGroup>,
        base: u32,
        [min, max]: [Option<u32>; 2],
    ) -> [u32; 2] {
        let rules = &self.refresh_rules[group];
        let limits = rules.bounds.asked(min, max).limits(base, rules.ceiling_rounds_up);
        [limits.floor, limits.ceiling]
    }

    /// What the command called `label` asks for under a ClientToken, and when, if it does.
    pub fn asked_with_token(&self, label: &str) -> Option<(Instant, &super::RefreshRequest)> {
        let script = self.scripts.iter().find(|script| script.label == label)?;
        let request = &script.parameters.scaling.request;
        request.token.is_some().then_some((script.at, request))
    }

    /// What the member number `number` is called among those that `group` launches.
    pub fn launched_by(&self, group: Id<ScalingGroup>, number: u32) -> InstanceName {
        InstanceName::of(InstanceSource::Group(group.index()), u64::from(number))
    }

    /// What the instance number `number` is called among those that owners create in place of
    /// interrupted ones.
    pub fn standing_in(&self, number: u64) -> InstanceName {
        InstanceName::of(InstanceSource::StandIns, number)
    }

    /// Whether events about unpaid bills may happen (spec/events.md 2.16: optional).
    pub fn has_billing(&self) -> bool {
        self.settings.billing.enabled || self.recorded.iter().any(|event| event.kind.is_billing())
    }
}

/// The named policies.
#[derive(Clone, Debug)]
pub struct Policies {
    /// Where instances go.
    pub placement: Placement,
    /// Where instances of a failed server go.
    pub recovery: Recovery,
    /// Repair crews; `None`: as many as needed.
    pub repair_crews: Option<NonZeroU32>,
    /// In what order crews take up repairs.
    pub repair_order: RepairOrder,
    /// What the operator does about servers at risk.
    pub maintenance: MaintenancePolicy,
}

/// `policies.maintenance`: what the operator does about servers at risk.
#[derive(Clone, Debug)]
pub struct MaintenancePolicy {
    /// `live_migration`: whether running instances without local disks are moved silently where
    /// that is possible, before any event is published (spec/events.md 2.1).
    pub live_migration: bool,
    /// `live_migrations_at_once`: most live migrations off one server at once; `None`: no limit.
    pub live_at_once: Option<NonZeroU32>,
    /// `on_risk`: `act`, or `ignore` the prediction.
    pub on_risk: OnRisk,
}

/// `policies.maintenance.on_risk`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnRisk {
    /// `"act"`: as documented.
    Act,
    /// `"ignore"`: nothing is done; the risk may turn into a crash.
    Ignore,
}

/// `policies.recovery`: whether instances of a failed server move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recovery {
    /// `failover`: as documented: instances without local data move, those with local data wait for
    /// their server (under AutoRedeploy: until `event.failure_redeploy_lead` has passed,
    /// if it does not restart by itself).
    Failover,
    /// `in-place`: every instance waits for its own server.
    InPlace,
}

/// `policies.repair.order`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RepairOrder {
    /// `first-come`: in order of failure.
    FirstCome,
    /// `shortest-first`: the repair that will take the shortest time first.
    ShortestFirst,
    /// `most-instances-first`: the server that holds the most instances first.
    MostInstancesFirst,
}

/// What arrives.
#[derive(Clone, Debug, Default)]
pub struct Workload {
    /// Instances that are Running when a run begins, in order.
    pub at_start: Vec<StartingInstances>,
    /// Sources of arrivals.
    pub sources: Column<Source, ArrivalSource>,
    /// What happens to a request that finds no room.
    pub when_full: WhenFull,
    /// From where a life counts.
    pub life_from: LifeFrom,
}

/// Instances that are there when a run begins.
#[derive(Clone, Debug)]
pub struct StartingInstances {
    /// Name of the entry, if it has one.
    pub name: Option<String>,
    /// What they are born with.
    pub template: Id<Template>,
    /// How many.
    pub count: u32,
    /// How long they live; `None`: to the end.
    pub life: Option<Distribution>,
}

/// A source of arrivals.
#[derive(Clone, Debug)]
pub enum ArrivalSource {
    /// By law.
    Law(ArrivalLaw),
    /// By trace.
    Trace(TraceRows),
}

/// Arrivals by law.
#[derive(Clone, Debug)]
pub struct ArrivalLaw {
    /// Name of the source, unique.
    pub name: String,
    /// Time between batches, as drawn on a clock that runs at the profile's pace.
    pub gap: Distribution,
    /// How the pace changes over a day.
    pub profile: DayProfile,
    /// Instances in one batch: (cumulative probability, size), rising; always at least one entry.
    pub batch: Vec<(f64, u32)>,
    /// Whether all instances of a batch have one template.
    pub batch_is_uniform: bool,
    /// Whether all instances of a batch live equally long.
    pub batch_lives_alike: bool,
    /// What arrives: (cumulative probability, template), rising; always at least one entry.
    pub mix: Vec<(f64, Id<Template>)>,
    /// How long instances live; `None`: to the end.
    pub life: Option<Distribution>,
}

/// The pace of arrivals through the day: a piecewise constant factor with mean 1.
#[derive(Clone, Debug, PartialEq)]
pub struct DayProfile {
    /// One factor per equal part of the day, each at least 0, mean 1; one part means no cycle.
    pub factors: Vec<f64>,
}

impl DayProfile {
    /// A day.
    const DAY: u64 = 86_400_000_000;

    /// How far a clock that runs at this pace has come at `now` (µs): the factors' integral from
    /// the clock's zero.
    pub fn pace_at(&self, now: Instant) -> u64 {
        let (days, within) = (now.micros() / Self::DAY, now.micros() % Self::DAY);
        let part = Self::DAY as f64 / self.factors.len() as f64;
        let whole = ((within as f64 / part) as usize).min(self.factors.len() - 1);
        let before: f64 = self.factors[..whole].iter().sum::<f64>() * part;
        let inside = self.factors[whole] * (within as f64 - whole as f64 * part);
        days * Self::DAY + (before + inside) as u64
    }

    /// When a clock that runs at this pace has come to `pace` (µs): the inverse of
    /// [`Self::pace_at`].
    pub fn when(&self, pace: u64) -> Instant {
        let (days, within) = (pace / Self::DAY, pace % Self::DAY);
        if self.factors.len() == 1 {
            return Instant::from_micros(pace);
        }
        let part = Self::DAY as f64 / self.factors.len() as f64;
        let (mut left, mut at) = (within as f64, 0.0);
        for factor in &self.factors {
            if left < factor * part {
                at += left / factor;
                break;
            }
            left -= factor * part;
            at += part;
        }
        let micros = days.saturating_mul(Self::DAY).saturating_add((at as u64).min(Self::DAY));
        Instant::from_micros(micros)
    }
}

/// Rows of a trace, in order of time.
#[derive(Clone, Debug, Default)]
pub struct TraceRows {
    /// Rows that are there when a run begins, in order of the file.
    pub at_start: Vec<TraceRow>,
    /// Rows that arrive, by time; rows of one instant in order of the file.
    pub arrivals: Vec<TraceRow>,
    /// Rows left out because the scenario says `on_bad_row = "skip"`.
    pub skipped: u64,
    /// How long instances live where the file has no lifetimes; `None`: as the rows say.
    pub life_law: Option<Distribution>,
}

/// One row of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceRow {
    /// When it arrives.
    pub arrival: Instant,
    /// How long it lives; [`Span::NEVER`]: to the end.
    pub life: Span,
    /// What it is born with.
    pub template: Id<Template>,
    /// Number of the row in its file, from 0: the name under which `--placements` shows it.
    pub row: u32,
}

/// `workload.when_full`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WhenFull {
    /// `"reject"`: the creation fails.
    #[default]
    Reject,
    /// `{ wait = "10min" }`: it waits for room, at most this long.
    Wait(Span),
}

/// `workload.life_from`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LifeFrom {
    /// `"arrival"`.
    #[default]
    Arrival,
    /// `"running"`.
    Running,
}
