//! The network between the servers.

use super::build::Build;
use crate::{fleet::layout::NetworkSpec, scenario::view::View};

/// The least that a link may carry (B/s): so much that of a million transfers that share a hundredth
/// of it nearly each still gets something.
pub const LEAST: u64 = 1_000_000;

/// The network that `view` states, for the layout whose models are known by now.
pub fn network(view: View<'_>, build: &mut Build) {
    if view.0.is_none_or(|node| node.table().is_none()) {
        return;
    }
    let share = view.at("migration_share");
    let percent = share.percent();
    if let Some(percent) = percent.filter(|percent| !(1..=100).contains(percent)) {
        let message = format!("`network.migration_share` is {percent} %");
        build.fault(share, "range", message, "it lies between 1% and 100%");
    }
    let [rack_uplink, spine] = ["rack_uplink", "spine"].map(|key| {
        let rate = view.at(key).bandwidth();
        if let Some(rate) = rate.filter(|rate| *rate < LEAST) {
            too_slow(view.at(key), &format!("network.{key}"), rate, build);
        }
        rate
    });
    build.layout.network = Some(NetworkSpec { rack_uplink, spine, share: percent.unwrap_or(100) });
}

/// The rates of the cards of `models`, where there is a network.
pub fn cards(models: View<'_>, build: &mut Build) {
    for (entry, view) in models.entries() {
        let card = view.at("nic_rate");
        if let Some(rate) = card.bandwidth().filter(|rate| *rate < LEAST) {
            too_slow(card, &format!("server_models.{}.nic_rate", entry.key), rate, build);
        }
    }
}

/// `view`, at `path`, states a rate below [`LEAST`].
pub fn too_slow(view: View<'_>, path: &str, rate: u64, build: &mut Build) {
    let message = format!("`{path}` is {rate} B/s");
    build.fault(view, "range", message, "a link carries at least 1MB/s");
}
