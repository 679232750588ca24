//! The gates, read from the checked tree.

use super::{build::Build, servers::duplicates};
use crate::scenario::{
    gates::{Demand, Gate, Gates},
    quantity::Amount,
    view::View,
};
use std::num::NonZeroU32;

/// The gates of the scenario `root`, in order of the file.
pub fn gates(root: View<'_>, build: &mut Build) -> Gates {
    let (check, view) = (root.at("check"), root.at("gates"));
    duplicates(view, "gates", build);
    let usual = check.at("alpha").number().unwrap_or_default();
    let list = view.elements().filter_map(|view| gate(view, usual));
    let runs = check.at("runs").count32().and_then(NonZeroU32::new);
    Gates { list: list.collect(), runs: runs.unwrap_or(NonZeroU32::MIN), sources: Vec::new() }
}

fn gate(view: View<'_>, usual: f64) -> Option<Gate> {
    let demands: [(&str, fn(Amount) -> Demand); 3] = [
        ("at_least", Demand::AtLeast),
        ("at_most", Demand::AtMost),
        ("worse_by_at_most", Demand::WorseByAtMost),
    ];
    let demand = demands.into_iter().find_map(|(key, demand)| {
        let view = view.at(key);
        Some((demand(view.amount()?), view.place()?.clone()))
    });
    let (demand, demand_at) = demand?;
    let metric = view.at("metric");
    Some(Gate {
        name: view.at("name").text().map(str::to_owned),
        metric: metric.text()?.trim().to_owned(),
        demand,
        alpha: view.at("alpha").number().unwrap_or(usual),
        metric_at: metric.place()?.clone(),
        demand_at,
    })
}
