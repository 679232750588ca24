//! Policies, owners and settings.

use super::build::Build;
use crate::{
    fleet::layout::CustomerSpec,
    kernel::{distribution::Distribution, time::Span},
    policy::placement::Placement,
    scenario::{
        fault::Fault,
        law::at_rate,
        model::{Policies, Recovery, RepairOrder, Settings},
        view::{View, sometimes},
    },
};
use std::num::NonZeroU32;

/// The kinds of owners.
pub fn customers(customers: View<'_>, build: &mut Build) {
    for (entry, view) in customers.entries() {
        let restart_after = view.at("restart_after").law().and_then(sometimes);
        let id =
            build.layout.customers.push(CustomerSpec { name: entry.key.clone(), restart_after });
        build.customers.insert(&entry.key, id);
    }
}

/// The named policies. What the check has refused reads as the first of each.
pub fn policies(view: View<'_>) -> Policies {
    let repair = view.at("repair");
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
    }
}

/// The settings of the modelled cloud.
pub fn settings(view: View<'_>, faults: &mut Vec<Fault>) -> Settings {
    let instance = view.at("instance");
    let law = |view: View<'_>| view.law().unwrap_or(Distribution::Fixed(Span::ZERO));
    let rate = view.at("guest").at("crash_rate");
    let guest_crash = rate.rate().map(at_rate).and_then(sometimes);
    if let (Some(crash), Some(place)) = (&guest_crash, rate.place())
        && crash.mean_seconds() < 1.0
    {
        let message = "`settings.guest.crash_rate` is more than one crash a second";
        faults.push(Fault::at(place, "range", message).help("give a lower rate, or \"never\""));
    }
    Settings {
        instance_pending: law(instance.at("pending")),
        instance_starting: law(instance.at("starting")),
        instance_boot_fail_p: instance.at("boot_fail_p").probability().unwrap_or(0.0),
        recover_detect: law(view.at("recover").at("detect")),
        guest_crash,
        event_failure_redeploy_lead: view
            .at("event")
            .at("failure_redeploy_lead")
            .span()
            .unwrap_or(Span::ZERO),
        create_release_after: view.at("create").at("release_after").span().unwrap_or(Span::ZERO),
        host_idle_wears: view.at("host").at("idle_wears").switch().unwrap_or(true),
    }
}
