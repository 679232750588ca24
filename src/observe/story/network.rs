//! The words for facts of the network.

use super::{
    Detail, Story,
    words::{Told, of, size, text},
};
use crate::{messages::network::NetworkFact, observe::names};

/// A fact of the network in words.
pub(super) fn told(story: &Story<'_>, fact: &NetworkFact) -> Told {
    let layout = &story.scenario.layout;
    match *fact {
        NetworkFact::TransferBegan { instance, from, to, bytes, .. } => {
            let (name, volume) = (story.name(instance), size(bytes));
            let [from, to] = [from, to].map(|server| layout.server_name(server));
            let words = format!("{volume} of {name} are to go from {from} to {to}");
            let details =
                vec![("bytes", Detail::Number(bytes)), ("from", text(&from)), ("to", text(&to))];
            of("TransferBegan", words, details)
        }
        NetworkFact::TransferRefilled { instance, bytes, .. } => {
            let words = format!("{} more of {} follow", size(bytes), story.name(instance));
            of("TransferRefilled", words, vec![("bytes", Detail::Number(bytes))])
        }
        NetworkFact::TransferEnded { instance, bytes, is_complete, .. } => {
            let rest = if is_complete { "all of it" } else { "and no more" };
            let words = format!("{} of {} were sent, {rest}", size(bytes), story.name(instance));
            let complete = Detail::Switch(is_complete);
            of(
                "TransferEnded",
                words,
                vec![("bytes", Detail::Number(bytes)), ("complete", complete)],
            )
        }
        NetworkFact::LinkChanged { link, state } => {
            let (link, load) = (names::link(layout, link), size(state.load));
            let full = if state.is_saturated { ", which is all it has" } else { "" };
            let words = format!("{link} carries {load}/s{full}");
            let details = vec![
                ("link", text(&link)),
                ("load_bytes_per_s", Detail::Number(state.load)),
                ("capacity_bytes_per_s", Detail::Number(state.capacity)),
                ("saturated", Detail::Switch(state.is_saturated)),
            ];
            of("LinkChanged", words, details)
        }
    }
}
