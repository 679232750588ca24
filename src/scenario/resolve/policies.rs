//! Policies and owners.

use super::{build::Build, workload::cumulative};
use crate::{
    fleet::{
        care::MaintenanceWindow,
        ids::Customer,
        numa::NodeOrder,
        owners::{Answer, Conduct, CustomerSpec, OnInterruption, Retry, When},
    },
    kernel::{column::Id, distribution::Distribution, time::Span},
    policy::placement::Placement,
    scenario::{
        model::{MaintenancePolicy, OnRisk, Policies, Recovery, RepairOrder},
        tree::{Node, Value},
        view::{View, sometimes},
    },
};
use std::num::NonZeroU32;

/// The kinds of owners, then the mixes of them, which need their ids.
pub fn customers(customers: View<'_>, build: &mut Build) {
    for (entry, view) in customers.entries() {
        let spec = customer(&entry.key, view, build);
        let id = build.layout.customers.push(spec);
        build.customers.insert(&entry.key, id);
    }
    for (entry, view) in customers.entries() {
        let view = view.at("mix");
        let id = build.customers.get(&entry.key).filter(|_| view.is_given());
        if let (Some(id), Some(mix)) = (id, mix(&entry.key, view, customers, build)) {
            build.layout.customers[id].mix = mix;
        }
    }
}

fn customer(name: &str, view: View<'_>, build: &mut Build) -> CustomerSpec {
    let law = |key: &str| view.at(key).law();
    let conduct = |key: &str, after: &str| Conduct {
        answer: answer(view.at(key)),
        when: When::After(law(after).unwrap_or(NEVER)),
    };
    let window = window(view.at("maintenance_window"));
    let scheduled = scheduled(name, view, build);
    CustomerSpec {
        name: name.to_owned(),
        mix: Vec::new(),
        restart_after: law("restart_after").and_then(sometimes),
        scheduled: or_wait(scheduled),
        inquiry: or_wait(conduct("inquiry", "inquiry_after")),
        disk_error: or_wait(conduct("disk_error", "answer_after")),
        outage: or_wait(conduct("outage", "outage_after")),
        isolated: or_wait(conduct("isolated", "isolated_after")),
        reboot_after: law("reboot_after").and_then(sometimes),
        renew_after: law("renew_after").and_then(sometimes),
        on_interruption: match view.at("on_interruption").text() {
            Some("pay-as-you-go") => OnInterruption::PayAsYouGo,
            Some(_) | None => OnInterruption::Wait,
        },
        force_stop: view.at("force_stop").switch().unwrap_or(false),
        retry: retry(view.at("retry")),
        window,
    }
}

const NEVER: Distribution = Distribution::Fixed(Span::NEVER);

/// What never comes is not done.
fn or_wait(conduct: Conduct) -> Conduct {
    let is_never = matches!(&conduct.when, When::After(law) if *law == NEVER);
    Conduct { answer: if is_never { Answer::Wait } else { conduct.answer }, ..conduct }
}

fn answer(view: View<'_>) -> Answer {
    match view.text() {
        Some("accept") => Answer::Accept,
        Some("reboot") => Answer::Reboot,
        Some("redeploy") => Answer::Redeploy,
        Some("stop") => Answer::Stop,
        Some(_) | None => Answer::Wait,
    }
}

fn scheduled(name: &str, owner: View<'_>, build: &mut Build) -> Conduct {
    let view = owner.at("scheduled_when");
    let when = if let Some(law) = view.at("after").law() {
        When::After(law)
    } else if let Some(span) = view.at("before").span() {
        if span.is_zero() {
            let path = format!("policies.customers.{name}.scheduled_when.before");
            let message = format!("`{path}` is no time at all");
            let help = "at the planned time the event runs by itself: give a length above zero";
            build.fault(view.at("before"), "range", message, help);
        }
        When::Before(span)
    } else if view.text() == Some("in-window") {
        if !owner.at("maintenance_window").is_given() {
            let message = format!("`policies.customers.{name}` has no maintenance window");
            let help = "give it one, as in maintenance_window = { from = 22, hours = 4 }";
            build.fault(view, "missing-key", message, help);
        }
        When::InWindow
    } else {
        When::After(Distribution::Fixed(Span::ZERO))
    };
    Conduct { answer: answer(owner.at("scheduled_event")), when }
}

fn retry(view: View<'_>) -> Option<Retry> {
    let after = view.at("after").law().and_then(sometimes)?;
    let times = view.at("times").count().unwrap_or(0);
    Some(Retry { after, times: u16::try_from(times).unwrap_or(u16::MAX) })
}

fn window(view: View<'_>) -> Option<MaintenanceWindow> {
    let hour = |key: &str| view.at(key).count().and_then(|hours| u8::try_from(hours).ok());
    Some(MaintenanceWindow { from: hour("from")?, hours: hour("hours")? })
}

/// The kinds that the mix `name` names with their cumulative probabilities.
fn mix(
    name: &str,
    view: View<'_>,
    customers: View<'_>,
    build: &mut Build,
) -> Option<Vec<(f64, Id<Customer>)>> {
    let mut weights = Vec::new();
    for (entry, weight) in view.entries() {
        // The name of an owner stands in the key here: read it from a text at the key's place.
        let value = Value::Text(entry.key.clone());
        let of = Node { at: entry.key_at.clone(), value };
        let id = Build::find(&mut build.faults, &build.customers, View(Some(&of)), "customer");
        if customers.at(&entry.key).at("mix").is_given() {
            let message = if entry.key == name {
                format!("the mix `{name}` names itself")
            } else {
                format!("the mix `{name}` names the mix `{}`", entry.key)
            };
            let help = "a mix names kinds of owners that are no mixes themselves";
            build.fault(View(Some(&of)), "nested-mix", message, help);
            continue;
        }
        weights.push((weight.number(), id));
    }
    if view.entries().is_empty() {
        let help = "name owners with their weights, as in { patient = 3, prompt = 1 }";
        build.fault(view, "range", "`mix` names no owner".to_owned(), help);
    }
    cumulative(weights, view, build)
}

/// In what order the NUMA nodes of a server are tried.
pub fn node_order(view: View<'_>) -> NodeOrder {
    match view.text() {
        Some("spread") => NodeOrder::Spread,
        Some(_) | None => NodeOrder::Pack,
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
