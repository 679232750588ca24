//! How the refreshes of a group go: its own table over that of the settings.

use super::build::Build;
use crate::{
    fleet::{care::MaintenanceWindow, refreshes::Order},
    kernel::{distribution::Distribution, time::Span},
    policy::refresh::{Allowance, Bounds, Bystander, RefreshRules, VictimOrder, ZeroBudget},
    scenario::view::View,
};

/// The table of a group over that of the settings.
#[derive(Clone, Copy)]
pub struct Layers<'a> {
    group: View<'a>,
    settings: View<'a>,
}

impl<'a> Layers<'a> {
    /// What `group` says of refreshes, over what `settings.refresh` says.
    pub fn new(group: View<'a>, settings: View<'a>) -> Self {
        Self { group: group.at("refresh"), settings }
    }

    /// What the upper layer that has `key` says.
    fn at(self, key: &str) -> View<'a> {
        let own = self.group.at(key);
        if own.is_given() { own } else { self.settings.at(key) }
    }

    /// Whether manual scaling waits for refreshes.
    pub fn blocks_manual_scaling(self) -> bool {
        self.is("refresh_blocks_manual_scaling")
    }

    fn is(self, key: &str) -> bool {
        self.at(key).switch().unwrap_or(false)
    }

    fn says(self, key: &str, word: &str) -> bool {
        self.at(key).text() == Some(word)
    }

    fn span(self, key: &str) -> Span {
        self.at(key).span().unwrap_or(Span::ZERO)
    }

    fn first(self, key: &str) -> Order {
        match self.at(key).text() {
            Some("terminate_first") => Order::TerminateFirst,
            Some(_) | None => Order::LaunchFirst,
        }
    }

    /// The layer that says what bounds the group.
    fn bounding(self) -> View<'a> {
        let keys = ["min_pct", "max_pct", "max_unavailable", "max_surge", "max_batch_percent"];
        let own = keys.iter().any(|key| self.group.at(key).is_given());
        if own { self.group } else { self.settings }
    }
}

/// The rules of the group called `name`, which has `zones` zones.
pub fn rules(layers: Layers<'_>, (name, zones): (&str, u32), build: &mut Build) -> RefreshRules {
    let bounds = bounds(layers, (name, zones), build);
    let at = |key: &str| layers.at(key);
    let in_place = layers.says("strategy", "in_place");
    if in_place && matches!(bounds, Bounds::Share { surge: true, .. }) {
        let message = format!("the group `{name}` has both strategy = \"in_place\" and max_surge");
        let help = "nothing is ever extra where instances are re-imaged: strategy = \"replace\"";
        let place = if layers.group.is_given() { layers.group } else { layers.settings };
        build.fault(place, "conflict", message, help);
    }
    if layers.span("launch_retry").is_zero() {
        let message = "`launch_retry` is no time at all".to_owned();
        build.fault(at("launch_retry"), "range", message, "give a length above zero");
    }
    RefreshRules {
        bounds,
        without_standby: layers.says("percent_base", "without_standby"),
        skip_matching: layers.is("skip_matching"),
        ceiling_rounds_up: layers.says("max_rounding", "ceil"),
        ceiling_counts_removing: layers.is("ceiling_counts_removing"),
        max_difference: at("max_difference").count32(),
        in_batches: layers.says("pacing", "batch"),
        wait_for_release: layers.is("wait_for_release"),
        order: layers.first("order"),
        surge_only_if_any: layers.says("budget_use", "surge_only_if_any"),
        sequential: layers.says("terminate_mode", "sequential"),
        zero_budget: zero_budget(at("zero_budget_mode")),
        in_place,
        reimage: at("reimage").law().unwrap_or(Distribution::Fixed(Span::ZERO)),
        victims: victims(at("victim_order")),
        warm_up: layers.span("instance_warmup"),
        min_ready: layers.span("min_ready"),
        max_batch: at("max_batch").count32(),
        pause_between_batches: layers.span("pause_between_batches"),
        bake: layers.span("bake"),
        start_delay: layers.span("start_delay"),
        launch_retry: layers.span("launch_retry"),
        max_attempts: at("max_attempts_per_slot").count().and_then(|n| u16::try_from(n).ok()),
        max_failed: at("max_failed_pct").count32(),
        max_unhealthy: at("max_unhealthy_pct").count32(),
        auto_rollback: layers.is("auto_rollback"),
        no_progress: limit(layers, "no_progress_timeout", build),
        total: limit(layers, "total_timeout", build),
        rate: rate(at("max_replacements_per_window"), build),
        window: window(at("maintenance_window")),
        checkpoints_of_participants: layers.says("checkpoint_base", "participants"),
        checkpoint_latch: layers.is("checkpoint_latch"),
        pause_at_final: layers.is("pause_at_final_checkpoint"),
        pause_completes: layers.says("pause_inflight", "complete"),
        cancel_waits: layers.is("cancel_wait_inflight"),
        cancel_timeout: layers.span("cancel_timeout"),
        rollback_aborts: layers.says("rollback_inflight", "abort"),
        rollback_after_failed: layers.is("rollback_after_failed"),
        empty_is_refused: layers.says("empty_refresh", "error"),
        resolve_per_launch: layers.says("resolve_latest", "per_launch"),
        image_with_config: layers.says("image_with_config", "accept"),
        may_exceed_max_size: layers.is("surge_may_exceed_max_size"),
        leaving_counts_as_finished: layers.says("leave_counts_as", "finished"),
        finished_monotonic: layers.is("finished_monotonic"),
        protected: bystander(at("protected_policy")),
        standby: bystander(at("standby_policy")),
        same_zone: layers.is("replace_in_same_zone"),
        allow_eci: layers.is("allow_eci"),
        token_ttl: layers.span("client_token_ttl"),
    }
}

/// What bounds the group: the form of the upper layer that says any of it.
fn bounds(layers: Layers<'_>, (name, zones): (&str, u32), build: &mut Build) -> Bounds {
    let layer = layers.bounding();
    if let Some(percent) = layer.at("max_batch_percent").count32() {
        let surge = layer.at("max_surge");
        if surge.is_given() && surge.switch().is_none() {
            let message =
                format!("the group `{name}` has both max_batch_percent and a number of max_surge");
            let help = "beside max_batch_percent, max_surge is true or false";
            build.fault(surge, "conflict", message, help);
        }
        return Bounds::Share { percent, surge: surge.switch().unwrap_or(false) };
    }
    let [unavailable, surge] = ["max_unavailable", "max_surge"].map(|key| layer.at(key));
    if unavailable.is_given() || surge.is_given() {
        if surge.switch().is_some() {
            let message = format!("the group `{name}` has max_surge without a number");
            let help = "true and false stand beside max_batch_percent: give a number, or \"25%\"";
            build.fault(surge, "conflict", message, help);
        }
        let up = |key: &str| layers.says(key, "ceil");
        let unavailable_of = allowance(unavailable, zones, up("unavailable_rounding"));
        let surge_of = allowance(surge, zones, up("surge_rounding"));
        let is_nothing = |one: &Allowance| match one {
            Allowance::Fixed(number) => *number == 0,
            Allowance::Percent { percent, .. } => *percent == 0,
        };
        // What cannot be read has been told.
        let is_read = [unavailable, surge].iter().all(|view| {
            let word = view.text() == Some("zones");
            !view.is_given() || view.count().is_some() || view.percent().is_some() || word
        });
        if is_read && is_nothing(&unavailable_of) && is_nothing(&surge_of) {
            let message = format!("of the group `{name}` nothing may be missing and nothing extra");
            let place = if surge.is_given() { surge } else { unavailable };
            build.fault(
                place,
                "range",
                message,
                "let one of max_unavailable and max_surge be above zero",
            );
        }
        return Bounds::Allowances { unavailable: unavailable_of, surge: surge_of };
    }
    let percent = |key: &str, usual| {
        let own = layer.at(key).count32();
        own.or_else(|| layers.settings.at(key).count32()).unwrap_or(usual)
    };
    Bounds::Percentages { min: percent("min_pct", 80), max: percent("max_pct", 120) }
}

/// The allowance that `view` reads; none where nothing is written.
fn allowance(view: View<'_>, zones: u32, up: bool) -> Allowance {
    match (view.count32(), view.percent()) {
        (Some(number), _) => Allowance::Fixed(number),
        (None, Some(percent)) => Allowance::Percent { percent, up },
        (None, None) if view.text() == Some("zones") => Allowance::Fixed(zones),
        (None, None) => Allowance::Fixed(0),
    }
}

fn zero_budget(view: View<'_>) -> ZeroBudget {
    match view.text() {
        Some("terminate_first") => ZeroBudget::TerminateFirst,
        Some("by_ceiling") => ZeroBudget::ByCeiling,
        Some(_) | None => ZeroBudget::LaunchFirst,
    }
}

fn victims(view: View<'_>) -> VictimOrder {
    match view.text() {
        Some("oldest") => VictimOrder::Oldest,
        Some("newest") => VictimOrder::Newest,
        Some("zone_round_robin") => VictimOrder::ZoneRoundRobin,
        Some("one_zone_at_a_time") => VictimOrder::OneZoneAtATime,
        Some("host_grouped") => VictimOrder::HostGrouped,
        Some(_) | None => VictimOrder::UnhealthyThenOldest,
    }
}

/// A limit of time; a word says that there is none.
fn limit(layers: Layers<'_>, key: &str, build: &mut Build) -> Option<Span> {
    let view = layers.at(key);
    let span = view.span()?;
    if span.is_zero() {
        let message = format!("`{key}` is no time at all");
        build.fault(view, "range", message, "give a length above zero, or \"never\"");
    }
    Some(span)
}

fn rate(view: View<'_>, build: &mut Build) -> Option<(u32, Span)> {
    let (count, window) = (view.at("count").count32()?, view.at("window").span()?);
    if window.is_zero() {
        let message = "`max_replacements_per_window.window` is no time at all".to_owned();
        build.fault(view.at("window"), "range", message, "give a length above zero");
    }
    Some((count, window))
}

fn window(view: View<'_>) -> Option<MaintenanceWindow> {
    let (from, hours) = (view.at("from").count32()?, view.at("hours").count32()?);
    Some(MaintenanceWindow { from: from as u8, hours: hours as u8 })
}

fn bystander(view: View<'_>) -> Bystander {
    match (view.text(), view.at("wait").span()) {
        (_, Some(span)) => Bystander::Wait(span),
        (Some("refresh"), None) => Bystander::Refresh,
        (Some(_) | None, None) => Bystander::Ignore,
    }
}
