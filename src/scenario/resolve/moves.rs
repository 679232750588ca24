//! Moves between servers: their limits, live migration, how fast guests write.

use super::{
    build::Build,
    utilisation::{self, Named},
};
use crate::{
    fleet::moves::MoveLimits,
    kernel::{distribution::Distribution, time::Span},
    policy::precopy::{Ladder, NotConverging, PreCopyRules, StopAt},
    scenario::{
        law::at_rate,
        load::Loader,
        settings::{LiveSettings, PreCopySettings},
        view::{View, sometimes},
    },
};
use std::collections::BTreeSet;

/// Most moves off one server, and to one, where there is a network and nothing else is said (spec
/// max_outbound_per_host, max_inbound_per_host).
const USUAL_LIMIT: u32 = 2;

/// How many moves are under way at once.
pub fn limits(view: View<'_>, build: &Build) -> MoveLimits {
    let usual = build.layout.network.is_some().then_some(USUAL_LIMIT);
    let limit = |key: &str, usual: Option<u32>| match view.at(key) {
        given if given.is_given() => given.count32(),
        _ => usual,
    };
    MoveLimits {
        outbound: limit("max_outbound_per_host", usual),
        inbound: limit("max_inbound_per_host", usual),
        cluster: limit("max_cluster", None),
    }
}

/// How live migrations go.
pub fn live(view: View<'_>, build: &mut Build) -> LiveSettings {
    let has_network = build.layout.network.is_some();
    let model = view.at("model");
    let is_pre_copy = model.text().map_or(has_network, |model| model == "pre-copy");
    if is_pre_copy && !has_network {
        let message = "`settings.livemig.model` is \"pre-copy\", and there is no `[network]`";
        let help = "add a [network] over which memory is sent, or take \"drawn\"";
        build.fault(model, "conflict", message.to_owned(), help);
    }
    LiveSettings {
        success_p: view.at("success_p").probability().unwrap_or(0.0),
        duration: law(view.at("duration")),
        blackout: law(view.at("blackout")),
        attempts: view.at("attempts").count32().unwrap_or(1),
        retry_after: span(view.at("retry_after")),
        retry_factor: view.at("retry_factor").count32().unwrap_or(1),
        pre_copy: is_pre_copy.then(|| pre_copy(view, build)),
    }
}

fn pre_copy(view: View<'_>, build: &mut Build) -> PreCopySettings {
    let timeout = view.at("timeout_per_gib");
    if timeout.span().is_some_and(Span::is_zero) {
        let message = "`settings.livemig.timeout_per_gib` is no time at all".to_owned();
        build.fault(timeout, "range", message, "say \"never\" where there is to be no limit");
    }
    let stop = match view.at("stop_bytes").size() {
        Some(bytes) => StopAt::Bytes(bytes),
        None => StopAt::Downtime(span(view.at("downtime"))),
    };
    let ladder = view
        .at("downtime_steps")
        .count32()
        .map(|steps| Ladder { steps, delay_per_gib: span(view.at("downtime_delay_per_gib")) });
    let otherwise = match view.at("not_converging").text() {
        Some("abort") => NotConverging::Abort,
        Some("post-copy") => NotConverging::PostCopy,
        Some(_) | None => NotConverging::ForceComplete,
    };
    PreCopySettings {
        rules: PreCopyRules {
            stop,
            ladder,
            max_rounds: view.at("max_rounds").count32(),
            max_sent: view.at("max_sent").percent(),
            stop_on_no_shrink: view.at("stop_on_no_shrink").switch().unwrap_or(false),
            auto_converge: view.at("auto_converge").switch().unwrap_or(false),
            otherwise,
            timeout_per_gib: timeout.span(),
        },
        setup: span(view.at("setup")),
        resume: span(view.at("resume")),
        bandwidth: view.at("bandwidth").bandwidth(),
        network_loss: view.at("network_loss").rate().map(at_rate).and_then(sometimes),
    }
}

/// Steps of a day of recorded utilisation that guests follow (count).
const STEPS: usize = 288;

/// How fast guests of the instance types, which are known by now, write; digests of files are added
/// to `inputs`, each once.
pub fn dirty(
    types: View<'_>,
    build: &mut Build,
    loader: &mut Loader<'_>,
    inputs: &mut Vec<String>,
) {
    let mut known = BTreeSet::new();
    for (entry, view) in types.entries() {
        let Some(rule) = build.types.get(&entry.key) else { continue };
        let (id, view) = (rule.id, view.at("dirty"));
        let touched = view.at("touched");
        let percent = touched.percent().unwrap_or(100);
        if !(1..=100).contains(&percent) {
            let message = format!("`{}` touches {percent} % of its memory", entry.key);
            build.fault(touched, "range", message, "it lies between 1% and 100%");
        }
        let named = followed(view.at("utilisation"), build, loader);
        let load = named.as_ref().map(|named| named.id);
        if let Some(named) = named.filter(|named| known.insert(named.id)) {
            inputs.push(named.digest);
        }
        let law = &mut build.layout.types[id].dirty;
        law.rate = view.at("rate").bandwidth().unwrap_or(law.rate);
        (law.working_set, law.touched, law.load) = (view.at("working_set").size(), percent, load);
    }
}

/// The days that guests follow.
fn followed(view: View<'_>, build: &mut Build, loader: &mut Loader<'_>) -> Option<Named> {
    let step = Span::from_seconds(86_400 / STEPS as u64);
    let named = utilisation::named(view, ("utilisation", step), build, loader)?;
    let width = build.layout.utilisations[named.id].width;
    if width != STEPS {
        let message = format!("a row of the utilisation has {width} values");
        let help = "a row is a day: u0 to u287, one value for every 300 s from midnight on";
        build.fault(view, "utilisation", message, help);
        return None;
    }
    Some(named)
}

fn law(view: View<'_>) -> Distribution {
    view.law().unwrap_or(Distribution::Fixed(Span::ZERO))
}

fn span(view: View<'_>) -> Span {
    view.span().unwrap_or(Span::ZERO)
}
