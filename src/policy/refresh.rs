//! How an instance refresh goes: the rules of a group, and the size of its next batch
//! (spec/refresh-and-migration.md 3.2, 3.4, 3.11 and 7).

use crate::{
    fleet::{care::MaintenanceWindow, refreshes::Order},
    kernel::{distribution::Distribution, time::Span},
};

/// The rules by which a group's refreshes go. What a request says itself (the two percentages,
/// checkpoints, SkipMatching) overrides what stands here for it.
#[derive(Clone, Debug)]
pub struct RefreshRules {
    /// What bounds the group's size meanwhile.
    pub bounds: Bounds,
    /// `percent_base`: whether those on Standby are left out of what the bounds are shares of.
    pub without_standby: bool,
    /// `skip_matching`: what SkipMatching is where a request says nothing.
    pub skip_matching: bool,
    /// `max_rounding`: whether a fraction of the ceiling counts as a whole.
    pub ceiling_rounds_up: bool,
    /// `ceiling_counts_removing`: whether those who leave count against the ceiling.
    pub ceiling_counts_removing: bool,
    /// `max_difference`: most that the two percentages may differ by; `None`: any (`aws_compat`).
    pub max_difference: Option<u32>,
    /// `pacing`: whether the next batch waits until the last one is closed.
    pub in_batches: bool,
    /// `wait_for_release`: whether a replacement is closed only once the old one is gone.
    pub wait_for_release: bool,
    /// `order`: which share of the budget is used first.
    pub order: Order,
    /// `budget_use`: whether nothing is terminated first where there is any surge at all.
    pub surge_only_if_any: bool,
    /// `terminate_mode`: whether a launch waits until the old one is gone.
    pub sequential: bool,
    /// `zero_budget_mode`: what moves first where the bounds leave no room.
    pub zero_budget: ZeroBudget,
    /// `strategy`: whether members are re-imaged where they are, and not replaced.
    pub in_place: bool,
    /// `reimage`: how long that takes.
    pub reimage: Distribution,
    /// `victim_order`: who is replaced first.
    pub victims: VictimOrder,
    /// `instance_warmup`: time from InService until a new member counts as healthy.
    pub warm_up: Span,
    /// `min_ready`: time that a new member must have been healthy after its warm-up.
    pub min_ready: Span,
    /// `max_batch`: most replacements in one batch; `None`: any.
    pub max_batch: Option<u32>,
    /// `pause_between_batches`: time from the end of one batch to the next.
    pub pause_between_batches: Span,
    /// `bake`: time from the last replacement to success.
    pub bake: Span,
    /// `start_delay`: time from the request to InProgress.
    pub start_delay: Span,
    /// `launch_retry`: time between two tries of a launch.
    pub launch_retry: Span,
    /// `max_attempts_per_slot`: launches of one slot before the task fails; `None`: any number.
    pub max_attempts: Option<u16>,
    /// `max_failed`: share of the new instances (percent of those launched) that may fail before
    /// the task fails; `None`: any.
    pub max_failed: Option<u32>,
    /// `max_unhealthy_pct`: share of the group (percent) that may be unhealthy when a batch begins;
    /// else the task fails; `None`: any.
    pub max_unhealthy: Option<u32>,
    /// `auto_rollback`: whether a task that would fail is rolled back instead.
    pub auto_rollback: bool,
    /// `no_progress_timeout`: longest time without a finished replacement; `None`: any.
    pub no_progress: Option<Span>,
    /// `total_timeout`: longest time of a task; `None`: any.
    pub total: Option<Span>,
    /// `max_replacements_per_window`: most replacements begun within a time; `None`: any.
    pub rate: Option<(u32, Span)>,
    /// `maintenance_window`: batches begin only within it; `None`: always.
    pub window: Option<MaintenanceWindow>,
    /// `checkpoint_base`: whether checkpoints count participants, not the whole group.
    pub checkpoints_of_participants: bool,
    /// `checkpoint_latch`: whether a checkpoint pauses at most once.
    pub checkpoint_latch: bool,
    /// `pause_at_final_checkpoint`: whether 100 pauses too.
    pub pause_at_final: bool,
    /// `pause_inflight`: whether replacements under way are completed during a pause.
    pub pause_completes: bool,
    /// `cancel_wait_inflight`: whether a cancelled task completes what is under way.
    pub cancel_waits: bool,
    /// `cancel_timeout`: how long it does so at most.
    pub cancel_timeout: Span,
    /// `rollback_inflight`: whether a rollback aborts new members that are not warm yet.
    pub rollback_aborts: bool,
    /// `rollback_after_failed`: whether a failed task may be rolled back.
    pub rollback_after_failed: bool,
    /// `empty_refresh`: whether a refresh that has nothing to do is refused, not successful at once.
    pub empty_is_refused: bool,
    /// `resolve_latest`: whether Default and Latest are resolved at each launch, not at the start.
    pub resolve_per_launch: bool,
    /// `image_with_config`: whether ImageId may stand beside ScalingConfigurationId.
    pub image_with_config: bool,
    /// `surge_may_exceed_max_size`: whether MaxSize is no ceiling during a refresh.
    pub may_exceed_max_size: bool,
    /// `leave_counts_as`: whether members that leave for another reason count as finished.
    pub leaving_counts_as_finished: bool,
    /// `finished_monotonic`: whether a new member that dies later stays counted as finished.
    pub finished_monotonic: bool,
    /// `protected_policy`.
    pub protected: Bystander,
    /// `standby_policy`.
    pub standby: Bystander,
    /// `replace_in_same_zone`: whether a new member goes to its old one's zone.
    pub same_zone: bool,
    /// `allow_eci`.
    pub allow_eci: bool,
    /// `client_token_ttl`: how long a ClientToken is remembered.
    pub token_ttl: Span,
}

impl RefreshRules {
    /// Time from InService until a new member counts as ready.
    pub const fn warms(&self) -> Span {
        self.warm_up.saturating_add(self.min_ready)
    }
}

/// What bounds a group's size during a refresh.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bounds {
    /// `MinHealthyPercentage` (0 to 100) and `MaxHealthyPercentage` (100 to 200) of the base.
    Percentages {
        /// The least, rounded up.
        min: u32,
        /// The most, rounded as `max_rounding` says.
        max: u32,
    },
    /// How many may be missing and how many may be extra, as GCE and Kubernetes say it.
    Allowances {
        /// `max_unavailable`.
        unavailable: Allowance,
        /// `max_surge`.
        surge: Allowance,
    },
    /// Batches of a share of the group, as Azure says it.
    Share {
        /// `max_batch_percent`, rounded down, at least one.
        percent: u32,
        /// Whether new ones come first.
        surge: bool,
    },
}

/// A number, or a share that is rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Allowance {
    /// So many (capacity units).
    Fixed(u32),
    /// Percent of the base, rounded up or down.
    Percent {
        /// Percent.
        percent: u32,
        /// Whether a fraction counts as a whole.
        up: bool,
    },
}

/// `zero_budget_mode`: what moves first where the bounds leave no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ZeroBudget {
    /// A new one comes.
    LaunchFirst,
    /// An old one goes.
    TerminateFirst,
    /// A new one comes where a ceiling is said, an old one goes where none is
    /// (spec/refresh-and-migration.md 3.1: AWS).
    ByCeiling,
}

impl ZeroBudget {
    /// Which goes first, given `bounds` and whether a request said the ceiling of them.
    pub const fn order(self, bounds: Bounds, max_is_asked: bool) -> Order {
        match (self, bounds) {
            (Self::ByCeiling, Bounds::Percentages { max, .. }) if max_is_asked || max > 100 => {
                Order::LaunchFirst
            }
            (Self::LaunchFirst, _) => Order::LaunchFirst,
            (Self::TerminateFirst | Self::ByCeiling, _) => Order::TerminateFirst,
        }
    }
}

/// `victim_order`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VictimOrder {
    /// Unhealthy ones, then the oldest (the default).
    UnhealthyThenOldest,
    /// The oldest, whatever their health.
    Oldest,
    /// The newest.
    Newest,
    /// One zone after the other in turn, the oldest of each.
    ZoneRoundRobin,
    /// One zone wholly, then the next.
    OneZoneAtATime,
    /// Server by server.
    HostGrouped,
}

/// What a refresh does about members that are Protected or Standby.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bystander {
    /// It leaves them alone.
    Ignore,
    /// It replaces them all the same.
    Refresh,
    /// It waits for them, at most this long, and then fails.
    Wait(Span),
}

impl Bounds {
    /// The least and the most in percent, where they are percentages.
    pub const fn percentages(self) -> Option<[u32; 2]> {
        match self {
            Self::Percentages { min, max } => Some([min, max]),
            Self::Allowances { .. } | Self::Share { .. } => None,
        }
    }

    /// These bounds where a request says nothing, else the percentages that it asks for.
    #[must_use]
    pub fn asked(self, min: Option<u32>, max: Option<u32>) -> Self {
        let (own_min, own_max) = match self {
            Self::Percentages { min, max } => (min, max),
            Self::Allowances { .. } | Self::Share { .. } if min.is_none() && max.is_none() => {
                return self;
            }
            Self::Allowances { .. } | Self::Share { .. } => (80, 120), // The documented defaults.
        };
        Self::Percentages { min: min.unwrap_or(own_min), max: max.unwrap_or(own_max) }
    }

    /// The least that must be healthy of `base` (capacity units).
    pub fn floor(self, base: u32) -> u32 {
        self.limits(base, false).floor
    }
}

impl Allowance {
    /// What it amounts to of `base` (capacity units).
    pub fn of(self, base: u32) -> u32 {
        match self {
            Self::Fixed(number) => number,
            Self::Percent { percent, up } => share(base, percent, up),
        }
    }
}

/// `percent` of `base`, a fraction rounded up or down; never in floating point.
pub fn share(base: u32, percent: u32, up: bool) -> u32 {
    let product = u64::from(base) * u64::from(percent);
    let share = if up { product.div_ceil(100) } else { product / 100 };
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// Rules to begin a test with.
#[cfg(test)]
/// The documented defaults as rules, for tests.
pub mod tests {
    use super::*;

    /// The documented defaults.
    pub fn rules() -> RefreshRules {
        let seconds = Span::from_seconds;
        RefreshRules {
            bounds: Bounds::Percentages { min: 80, max: 120 },
            skip_matching: true,
            ceiling_rounds_up: false,
            ceiling_counts_removing: false,
            max_difference: None,
            in_batches: true,
            wait_for_release: true,
            order: Order::LaunchFirst,
            surge_only_if_any: false,
            sequential: false,
            zero_budget: ZeroBudget::LaunchFirst,
            without_standby: false,
            max_unhealthy: None,
            in_place: false,
            reimage: Distribution::Fixed(seconds(120)),
            victims: VictimOrder::UnhealthyThenOldest,
            warm_up: Span::ZERO,
            min_ready: Span::ZERO,
            max_batch: None,
            pause_between_batches: Span::ZERO,
            bake: Span::ZERO,
            start_delay: Span::ZERO,
            launch_retry: seconds(60),
            max_attempts: None,
            max_failed: None,
            auto_rollback: false,
            no_progress: Some(seconds(3_600)),
            total: Some(seconds(14 * 86_400)),
            rate: None,
            window: None,
            checkpoints_of_participants: true,
            checkpoint_latch: true,
            pause_at_final: false,
            pause_completes: true,
            cancel_waits: true,
            cancel_timeout: seconds(3_600),
            rollback_aborts: true,
            rollback_after_failed: false,
            empty_is_refused: true,
            resolve_per_launch: true,
            image_with_config: true,
            may_exceed_max_size: true,
            leaving_counts_as_finished: false,
            finished_monotonic: true,
            protected: Bystander::Ignore,
            standby: Bystander::Ignore,
            same_zone: false,
            allow_eci: false,
            token_ttl: seconds(86_400),
        }
    }

    #[test]
    fn readiness_is_warm_up_and_then_some_health() {
        let mut rules = rules();
        (rules.warm_up, rules.min_ready) = (Span::from_seconds(60), Span::from_seconds(10));
        assert_eq!(rules.warms(), Span::from_seconds(70));
    }
}
