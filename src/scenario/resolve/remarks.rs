//! Remarks: what is no fault but most likely not meant.

use super::clock::Clock;
use crate::{
    fleet::{
        ids::{
            Application, Campaign, Configuration, Image, Recorded, ScalingGroup, Script as ScriptId,
        },
        layout::Layout,
        scaling::StartingMembers,
    },
    kernel::{
        column::{Column, Id},
        distribution::Distribution,
        time::{Instant, Span},
    },
    scenario::{
        campaigns::CampaignSpec,
        model::{ArrivalSource, TraceRow, Workload},
        scaling::Handle,
        scripts::{RecordedEvent, Script},
        traces::RawTrace,
        tree::shortened,
    },
};

/// What is to be said of the rows of a trace.
pub fn of_trace(trace: &RawTrace, clock: &Clock) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(first) = &trace.first_skipped {
        let are = if trace.skipped == 1 { "is" } else { "are" };
        let (skipped, rows) = (trace.skipped, trace.rows);
        remarks.push(format!(
            "workload.trace: {skipped} of {rows} rows {are} skipped; the first: {first}"
        ));
    }
    let within = trace.arrivals.partition_point(|row| row.arrival < clock.end);
    if let (true, Some(first)) = (within < trace.arrivals.len(), trace.first) {
        let (all, end) = (trace.arrivals.len(), clock.end);
        let which = if trace.at_start.is_empty() { "rows" } else { "arriving rows" };
        remarks.push(format!(
            "workload.trace: {within} of {all} {which} arrive within the run, which ends at {end}; \
             the first arrives at {first}"
        ));
    }
    let passed = clock.begin.since(crate::kernel::time::Instant::ZERO);
    let ended = trace.at_start.iter().filter(|row| row.life < passed).count();
    if ended > 0 {
        let all = trace.at_start.len();
        remarks.push(format!(
            "workload.trace: {ended} of {all} rows that are there at the start have ended when the \
             run begins"
        ));
    }
    remarks
}

/// What is planned for a time after the end of the run.
pub fn of_plans(
    campaigns: &Column<Campaign, CampaignSpec>,
    scripts: &Column<ScriptId, Script>,
    recorded: &Column<Recorded, RecordedEvent>,
    clock: &Clock,
) -> Vec<String> {
    let late = |at: Instant| at >= clock.end;
    let all = [
        ("campaigns", campaigns.len(), campaigns.iter().filter(|one| late(one.start)).count()),
        ("scripts", scripts.len(), scripts.iter().filter(|one| late(one.at)).count()),
        ("events", recorded.len(), recorded.iter().filter(|one| late(one.at)).count()),
    ];
    let told = all.into_iter().filter(|(_, _, late)| *late > 0);
    told.map(|(what, all, late)| {
        let end = clock.end;
        format!("{what}: {late} of {all} lie after the run, which ends at {end}, and never happen")
    })
    .collect()
}

/// An image of which some instances are unhealthy, and which `group` launches, if there is such a
/// one: by itself, or by a command of `scripts`.
fn bad_image(
    layout: &Layout,
    group: Id<ScalingGroup>,
    scripts: &Column<ScriptId, Script>,
) -> Option<Id<Image>> {
    let spec = &layout.scaling_groups[group];
    let own = spec.members.iter().map(|members| members.configuration).chain([spec.active]);
    let mut images: Vec<Id<Image>> =
        own.filter_map(|configuration| layout.configurations[configuration].image).collect();
    for script in scripts {
        let asked = &script.parameters.scaling;
        if asked.group != Some(Handle::Known(group)) {
            continue;
        }
        let known = |handle: &Option<Handle<Id<Configuration>>>| match handle {
            Some(Handle::Known(configuration)) => Some(*configuration),
            Some(Handle::Unknown(_)) | None => None,
        };
        let named = [known(&asked.request.configuration), known(&asked.active)];
        let launched = named.into_iter().flatten().chain(asked.request.versions.iter().copied());
        images.extend(launched.filter_map(|of| layout.configurations[of].image));
        if let Some(Handle::Known(image)) = &asked.request.image {
            images.push(*image);
        }
    }
    images.into_iter().find(|image| layout.images[*image].unhealthy_p > 0.0)
}

/// What of scaling groups never happens, or happens at once when a run begins.
pub fn of_groups(
    layout: &Layout,
    scripts: &Column<ScriptId, Script>,
    clock: &Clock,
) -> Vec<String> {
    let mut remarks = Vec::new();
    for (id, group) in layout.scaling_groups.entries() {
        let name = &group.name;
        let late = group.schedule.iter().filter(|scheduled| scheduled.at >= clock.end).count();
        if late > 0 {
            let (all, end) = (group.schedule.len(), clock.end);
            remarks.push(format!(
                "groups[{name}].schedule: {late} of {all} lie after the run, which ends at {end}, and \
                 never happen"
            ));
        }
        let unseen = if group.health.by_service { None } else { bad_image(layout, id, scripts) };
        if let Some(image) = unseen {
            let image = &layout.images[image].name;
            remarks.push(format!(
                "groups[{name}].health_check_types: without LOAD_BALANCER nobody finds that instances \
                 of the image `{image}` are unhealthy"
            ));
        }
        let weight = |configuration| {
            group
                .offers
                .get(configuration)
                .and_then(|offers| offers.first())
                .map_or(1, |offer| offer.weight)
        };
        let units = |members: &StartingMembers| {
            u64::from(members.count) * u64::from(weight(members.configuration))
        };
        let present: u64 = group.members.iter().map(units).sum();
        if let Some(desired) = group.desired.filter(|desired| u64::from(*desired) > present) {
            remarks.push(format!(
                "groups[{name}]: it begins with {present} of its {desired} capacity units, and \
                 launches the others at once"
            ));
        }
    }
    let unknown = scripts.iter().filter_map(|script| match &script.parameters.scaling.group {
        Some(Handle::Unknown(text)) => Some((&script.label, text)),
        Some(Handle::Known(_)) | None => None,
    });
    remarks.extend(unknown.map(|(label, text)| {
        format!(
            "scripts: `{label}` names the scaling group `{}`, which there is not: it is refused",
            shortened(text)
        )
    }));
    remarks.extend(scripts.iter().filter_map(refused_refresh));
    remarks
}

/// A StartInstanceRefresh that can only be refused.
fn refused_refresh(script: &Script) -> Option<String> {
    let request = &script.parameters.scaling.request;
    let of = &request.checkpoints;
    let ascend = of.windows(2).all(|pair| pair[0] < pair[1]);
    let is_unknown = matches!(request.configuration, Some(Handle::Unknown(_)))
        || matches!(request.template, Some(Handle::Unknown(_)))
        || matches!(request.image, Some(Handle::Unknown(_)));
    let wrong = if is_unknown {
        "names an image, a configuration or a launch template that there is not"
    } else if request.min.is_some_and(|min| !(0..=100).contains(&min)) {
        "has a MinHealthyPercentage that is not 0 to 100"
    } else if request.max.is_some_and(|max| !(100..=200).contains(&max)) {
        "has a MaxHealthyPercentage that is not 100 to 200"
    } else if !ascend || of.last().is_some_and(|last| *last != 100) {
        "has checkpoints that do not ascend to 100"
    } else if request.pause.is_some_and(|pause| !(1..=2_880).contains(&pause)) {
        "has a CheckpointPauseTime that is not 1 to 2880 minutes"
    } else if request.token.as_ref().is_some_and(|token| !token.is_ascii() || token.len() > 64) {
        "has a ClientToken that is not ASCII or longer than 64 characters"
    } else {
        return None;
    };
    Some(format!("scripts: `{}` {wrong}: it is refused", script.label))
}

/// Instances at the start that all servers together have no room for.
pub fn of_room(layout: &Layout, workload: &Workload) -> Vec<String> {
    let (mut vcpus, mut memory) = ([0_u128; 2], [0_u128; 2]);
    for entry in &workload.at_start {
        let demand = &layout.shapes[layout.templates[entry.template].shape].demand;
        vcpus[0] += u128::from(entry.count) * u128::from(demand.vcpus);
        memory[0] += u128::from(entry.count) * u128::from(demand.memory);
    }
    for server in &layout.servers {
        let capacity = &layout.models[server.model].capacity;
        vcpus[1] += u128::from(capacity.vcpus);
        memory[1] += u128::from(capacity.memory);
    }
    let gib = |[asked, had]: [u128; 2]| [asked.div_ceil(1 << 30), had >> 30];
    // Hosts that sell more vCPUs than they have may hold any number.
    let vcpus = if layout.over_committing.is_empty() { vcpus } else { [0; 2] };
    let all = [("vCPU", vcpus, vcpus), ("GiB memory", memory, gib(memory))];
    let lacking = all.into_iter().find(|(_, [asked, had], _)| asked > had);
    let told = lacking.map(|(unit, _, [asked, had])| {
        format!(
            "workload.instances: those at the start ask for {asked} {unit}, and all servers have \
             {had}: some find no room"
        )
    });
    told.into_iter().collect()
}

/// Applications that need more instances than they can ever have.
pub fn of_applications(layout: &Layout, workload: &Workload, clock: &Clock) -> Vec<String> {
    let mut remarks = Vec::new();
    for (id, application) in layout.applications.entries() {
        let never = application.needed.iter().filter_map(|needed| {
            let most = most_instances(id, layout, workload, clock)?;
            (u64::from(*needed) > most).then_some((*needed, most))
        });
        for (needed, most) in never {
            let name = &application.name;
            remarks.push(format!(
                "applications.{name}.needed: {needed} instances of `{name}` never serve at once: \
                 there are {most} in the whole run"
            ));
        }
    }
    remarks
}

/// The most instances that an application can have; `None` where arrivals by law or a scaling
/// group may bring any number.
fn most_instances(
    id: Id<Application>,
    layout: &Layout,
    workload: &Workload,
    clock: &Clock,
) -> Option<u64> {
    let serves = |template| layout.templates[template].application == Some(id);
    let mut launched = layout.scaling_groups.iter().flat_map(|group| group.offers.iter().flatten());
    if launched.any(|offer| serves(offer.template)) {
        return None; // A group may grow.
    }
    let starting = workload.at_start.iter().filter(|entry| serves(entry.template));
    let mut all: u64 = starting.map(|entry| u64::from(entry.count)).sum();
    for source in &workload.sources {
        match source {
            ArrivalSource::Law(law) => {
                let never = law.gap == Distribution::Fixed(Span::NEVER);
                if !never && law.mix.iter().any(|(_, template)| serves(*template)) {
                    return None;
                }
            }
            ArrivalSource::Trace(trace) => {
                let rows = trace.at_start.iter().chain(&trace.arrivals);
                let comes = |row: &&TraceRow| serves(row.template) && row.arrival < clock.end;
                all += rows.filter(comes).count() as u64;
            }
        }
    }
    Some(all)
}
