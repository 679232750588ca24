//! Words of scaling groups, and what they stand for.

use crate::{
    fleet::scaling::{
        Balance, GroupKind, HealthSpec, HookResult, MultiAz, Process, Processes, Reclaim,
        RemovalPolicy,
    },
    kernel::time::Span,
    scenario::view::View,
};

/// What kind of group `view` states.
pub fn kind(view: View<'_>) -> GroupKind {
    let text = |key: &str| view.at(key).text();
    GroupKind {
        multi_az: match text("multi_az_policy") {
            Some("COST_OPTIMIZED") => MultiAz::CostOptimized,
            Some("BALANCE") => MultiAz::Balance,
            Some("COMPOSABLE") => MultiAz::Composable,
            Some(_) | None => MultiAz::Priority,
        },
        is_eci: text("group_type") == Some("ECI"),
        counts_vcpus: text("capacity_unit") == Some("vCPU"),
        reclaim: match text("scaling_policy") {
            Some("forcerelease") => Reclaim::ForceRelease,
            Some("recycle") => Reclaim::Recycle,
            Some("forcerecycle") => Reclaim::ForceRecycle,
            Some(_) | None => Reclaim::Release,
        },
    }
}

/// Whether a group of `kind` goes by price, and how it is spread over its zones.
pub fn placing(view: View<'_>, kind: GroupKind) -> (bool, Option<Balance>) {
    let mode = match view.at("balance_mode").text() {
        Some("BalancedOnly") => Balance::Only,
        Some(_) | None => Balance::BestEffort,
    };
    match kind.multi_az {
        MultiAz::Priority => (false, None),
        MultiAz::CostOptimized => (true, None),
        MultiAz::Balance => (false, Some(mode)),
        MultiAz::Composable => (
            view.at("allocation_strategy").text() == Some("lowestPrice"),
            Some(mode).filter(|_| view.at("az_balance").switch() == Some(true)),
        ),
    }
}

/// The result that a hook states.
pub fn hook_result(view: View<'_>) -> HookResult {
    result(view.text()).unwrap_or(HookResult::Continue)
}

/// The result of a lifecycle action.
pub fn result(text: Option<&str>) -> Option<HookResult> {
    match text? {
        "ABANDON" => Some(HookResult::Abandon),
        "ROLLBACK" => Some(HookResult::RollBack),
        "CONTINUE" => Some(HookResult::Continue),
        _ => None,
    }
}

/// The removal policies, in order.
pub fn removal(view: View<'_>) -> Vec<RemovalPolicy> {
    let policy = |view: View<'_>| {
        Some(match view.text()? {
            "OldestInstance" => RemovalPolicy::OldestInstance,
            "NewestInstance" => RemovalPolicy::NewestInstance,
            _ => RemovalPolicy::OldestScalingConfiguration,
        })
    };
    view.elements().filter_map(policy).collect()
}

/// What the health check looks at.
pub fn health(view: View<'_>) -> HealthSpec {
    let types = view.at("health_check_types");
    let has = |word: &str| types.elements().any(|one| one.text() == Some(word));
    HealthSpec {
        by_state: has("ECS"),
        by_service: has("LOAD_BALANCER"),
        interval: view.at("health_check_interval").span().unwrap_or(Span::ZERO),
    }
}

/// The processes that a word, or a list of words, names.
pub fn processes(view: View<'_>) -> Processes {
    let find = |view: View<'_>| {
        let name = view.text()?;
        Process::ALL.iter().copied().find(|process| process.name() == name)
    };
    let listed = view.elements().chain(std::iter::once(view));
    let found = listed.filter_map(find);
    found.fold(Processes::default(), |all, one| all.with(Processes(one as u8)))
}
