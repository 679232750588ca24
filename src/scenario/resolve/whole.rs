//! The whole scenario, section by section.

use super::{
    build::Build, clock::Clock, dedicated, gates, groups, groups::Groups, loads, markets,
    memory::fits_memory, moves, network, plans, policies, remarks, replay, scripts, servers,
    settings, workload,
};
use crate::kernel::column::Column;
use crate::scenario::{
    load::Loader,
    model::{Scenario, Workload},
    scripts::watched,
    tree::Node,
    view::View,
};
use std::num::NonZeroU32;

/// What is there before anybody comes: servers, network, owners, types, markets, dedicated hosts.
fn stands(
    root: View<'_>,
    clock: &Clock,
    build: &mut Build,
    loader: &mut Loader<'_>,
    inputs: &mut Vec<String>,
) {
    servers::models(root.at("server_models"), build);
    build.layout.node_order = policies::node_order(root.at("policies").at("numa_order"));
    servers::servers(root.at("servers"), build);
    network::network(root.at("network"), build);
    network::cards(root.at("server_models"), build);
    policies::customers(root.at("policies").at("customers"), build);
    workload::applications(root.at("applications"), build);
    loads::loads(root.at("loads"), build, loader, inputs);
    workload::types(root.at("instance_types"), build);
    moves::dirty(root.at("instance_types"), build, loader, inputs);
    markets::Reader { build, loader, inputs }.markets(root.at("spot").at("markets"));
    dedicated::hosts(root.at("dedicated_hosts"), clock, build);
}

/// The scenario that `tree` states, without its digest, and the digests of its input files; faults
/// are added to those of `loader`, and what is returned is of use only if there is none.
pub fn resolve(tree: &Node, loader: &mut Loader<'_>) -> (Scenario, Vec<String>) {
    let root = View(Some(tree));
    let clock = Clock::of(root.at("scenario"), &mut loader.faults);
    let mut build = Build::new(root, std::mem::take(&mut loader.faults));
    let mut inputs = Vec::new();
    let mut workload = Workload::default();
    let (mut campaigns, mut scripts) = (Column::default(), Column::default());
    let (mut recorded, mut interruptions) = (Column::default(), Column::default());
    let mut refresh_rules = Column::default();
    let mut reference_type = None;
    let fits = fits_memory(root, &mut build.faults);
    if fits {
        stands(root, &clock, &mut build, loader, &mut inputs);
        workload = workload::workload(root.at("workload"), &clock, &mut build);
        replay::replay(root.at("workload"), &clock, &mut build, loader, &mut inputs)
            .into_iter()
            .for_each(|source| {
                workload.sources.push(source);
            });
        let mut groups = Groups::new(root, &clock, &mut build, loader, &mut inputs);
        groups::names_of_sources(root, &mut build);
        campaigns = plans::campaigns(root.at("campaigns"), &clock, &mut build);
        let handles;
        (scripts, handles) = scripts::scripts(root, &clock, &workload, &mut groups, &mut build);
        recorded = plans::recorded(root, &clock, &handles, &mut build);
        interruptions = plans::interruptions(root, &clock, &handles, &mut build);
        groups.complete(&mut build);
        reference_type = workload::reference(root.at("scenario").at("reference_type"), &mut build);
        dedicated::retypes(&mut build);
        refresh_rules = groups.rules;
    }
    build.remarks.extend(remarks::of_plans(&campaigns, &scripts, &recorded, &clock));
    build.remarks.extend(remarks::of_groups(&build.layout, &scripts, &clock));
    build.remarks.extend(remarks::of_room(&build.layout, &workload));
    build.remarks.extend(remarks::of_applications(&build.layout, &workload, &clock));
    let settings = settings::settings(root.at("settings"), &clock, &mut build);
    let about = root.at("scenario");
    let gates = gates::gates(root, &mut build);
    let runs = about.at("runs").count32().and_then(NonZeroU32::new);
    let scenario = Scenario {
        name: about.at("name").text().unwrap_or_default().to_owned(),
        question: about.at("question").text().unwrap_or_default().to_owned(),
        digest: String::new(),
        seed: about.at("seed").count().unwrap_or(0),
        runs: runs.unwrap_or(NonZeroU32::MIN),
        begin: clock.begin,
        end: clock.end,
        measure_from: clock.measure_from,
        reference_type,
        levels_at: clock.levels_at,
        settings,
        policies: policies::policies(root.at("policies")),
        layout: build.layout,
        remarks: build.remarks,
        workload,
        epoch: clock.epoch,
        region: about.at("region").text().unwrap_or_default().to_owned(),
        watched: watched(scripts.iter(), recorded.iter(), interruptions.iter()),
        campaigns,
        scripts,
        recorded,
        interruptions,
        refresh_rules,
        gates,
    };
    loader.faults.append(&mut build.faults);
    (scenario, inputs)
}
