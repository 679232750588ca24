//! Policies and owners.

use super::build::Build;
use crate::{
    fleet::owners::{Answer, Conduct, CustomerSpec, When},
    kernel::{distribution::Distribution, time::Span},
    policy::placement::Placement,
    scenario::{
        model::{MaintenancePolicy, OnRisk, Policies, Recovery, RepairOrder},
        view::{View, sometimes},
    },
};
use std::num::NonZeroU32;

/// The kinds of owners.
pub fn customers(customers: View<'_>, build: &mut Build) {
    for (entry, view) in customers.entries() {
        let restart_after = view.at("restart_after").law().and_then(sometimes);
        let wait =
            || Conduct { answer: Answer::Wait, when: When::After(Distribution::Fixed(Span::ZERO)) };
        let id = build.layout.customers.push(CustomerSpec {
            name: entry.key.clone(),
            mix: Vec::new(),
            restart_after,
            scheduled: wait(),
            inquiry: wait(),
            disk_error: wait(),
            outage: wait(),
            isolated: wait(),
            reboot_after: None,
            force_stop: false,
            retry: None,
            window: None,
        });
        build.customers.insert(&entry.key, id);
    }
}

/// The named policies. What the check has refused reads as the first of each.
pub fn policies(view: View<'_>) -> Policies {
    let (repair, maintenance) = (view.at("repair"), view.at("maintenance"));
    Policies {
        placement: match view.at("placement").text() {
            Some("best-fit") => Placement::BestFit,
            Some("worst-fit") => Placement::WorstFit,
            Some("most-free") => Placement::MostFree,
            Some("spread") => Placement::Spread,
            Some(_) | None => Placement::FirstFit,
        },
        recovery: match view.at("recovery").text() {
            Some("in-place") => Recovery::InPlace,
            Some(_) | None => Recovery::Failover,
        },
        repair_crews: repair.at("crews").count32().and_then(NonZeroU32::new),
        repair_order: match repair.at("order").text() {
            Some("shortest-first") => RepairOrder::ShortestFirst,
            Some("most-instances-first") => RepairOrder::MostInstancesFirst,
            Some(_) | None => RepairOrder::FirstCome,
        },
        maintenance: MaintenancePolicy {
            live_migration: maintenance.at("live_migration").switch().unwrap_or(false),
            live_at_once: maintenance.at("live_at_once").count32().and_then(NonZeroU32::new),
            on_risk: match maintenance.at("on_risk").text() {
                Some("ignore") => OnRisk::Ignore,
                Some(_) | None => OnRisk::Act,
            },
        },
    }
}
