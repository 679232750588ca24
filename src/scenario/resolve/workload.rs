//! Instance types, applications, instances at start and arrivals by law.

use super::{
    build::{Build, TypeRule, Wish, action},
    clock::Clock,
    dedicated::hosted,
    loads,
    servers::duplicates,
    spot::{self, SpotWritten},
};
use crate::{
    fleet::{
        credits::{BornWith, CreditMode},
        ids::{InstanceType, ServerModel, Template},
        layout::{ActionOnMaintenance, DiskFlow, Resources},
        numa::NodeRoom,
    },
    kernel::{column::Id, distribution::Distribution, time::Span},
    scenario::{
        fault::Fault,
        law::at_rate,
        model::{
            ArrivalLaw, ArrivalSource, DayProfile, LifeFrom, StartingInstances, WhenFull, Workload,
        },
        view::{View, sometimes},
    },
};
use std::num::NonZeroU32;

/// What results call all instance types together: no type may have this name.
pub const EVERY_TYPE: &str = "all";

/// What to do about a type of this name.
pub const EVERY_TYPE_HELP: &str =
    "`all` stands for all types together in the results: give the type another name";

/// The declared applications.
pub fn applications(applications: View<'_>, build: &mut Build) {
    for (entry, view) in applications.entries() {
        let id = build.application(&entry.key);
        let application = &mut build.layout.applications[id];
        application.per_server_limit =
            view.at("per_server_limit").count32().and_then(NonZeroU32::new);
        application.needed = view.at("needed").elements().filter_map(View::count32).collect();
        application.needed.sort_unstable();
        application.needed.dedup();
    }
}

/// The declared instance types. One that no server could hold is a fault.
pub fn types(types: View<'_>, build: &mut Build) {
    for (entry, view) in types.entries() {
        let count = |key: &str| view.at(key).count32().unwrap_or(0);
        let size = |key: &str| view.at(key).size().unwrap_or(0);
        let demand = Resources {
            vcpus: count("vcpus"),
            gpus: count("gpus"),
            local_disks: count("local_disks"),
            nic_percent: count("nic_percent"),
            memory: size("memory"),
            local_storage: size("local_storage"),
        };
        if entry.key == EVERY_TYPE {
            let message = format!("no instance type may have the name `{EVERY_TYPE}`");
            build.faults.push(Fault::at(&entry.key_at, "name", message).help(EVERY_TYPE_HELP));
        }
        let model = view.at("server_model");
        let model = Build::find(&mut build.faults, &build.models, model, "server model");
        let id = build.instance_type(entry.key.clone(), demand);
        let nodes = nodes(view, &entry.key, build);
        let family = view.at("family").text().unwrap_or_else(|| family_of(&entry.key));
        let of = &mut build.layout.types[id];
        of.nodes.clone_from(&nodes);
        of.disk_flow = disk_flow(view.at("disk_flow")).unwrap_or_else(|| flow_of(family));
        of.stop_loses_local_data = family == "i1";
        of.sgx = view.at("sgx").switch().unwrap_or(false);
        of.is_classic = view.at("network").text() == Some("classic");
        of.pay_as_you_go = view.at("charge").text() != Some("subscription");
        let vcpus = f64::from(demand.vcpus.max(1));
        of.vcpu_price = view.at("price").number().map(|price| (price * 1e6 / vcpus) as u64);
        let credits = loads::rules((&entry.key, demand.vcpus), view, build);
        build.layout.types[id].credits = credits;
        let credits = credits.map(|_| BornWith {
            mode: loads::mode(view.at("credit_specification")).unwrap_or(CreditMode::Standard),
            load: loads::load(view, build),
        });
        let action =
            action(view.at("action_on_maintenance")).unwrap_or(ActionOnMaintenance::AutoRecover);
        let spot = spot::written(view).unwrap_or_else(|wrong| {
            spot::told(view, wrong, build);
            SpotWritten::default()
        });
        let dedicated = view.at("dedicated_host").switch() == Some(true);
        build.types.insert(&entry.key, TypeRule { id, model, action, credits, dedicated, spot });
        let fits = build.standing.union(&build.kept).any(|(there, _)| {
            model.is_none_or(|model| model == *there)
                && build.layout.models[*there].holds(&demand, &nodes)
        });
        if !fits && build.all_stand {
            let message = format!("no server is large enough for the type `{}`", entry.key);
            build.fault(view, "does-not-fit", message, &largest(build, (&demand, &nodes), model));
        }
    }
}

/// The type by which stranded room is measured: the one that `view` names, else the smallest.
pub fn reference(view: View<'_>, build: &mut Build) -> Option<Id<InstanceType>> {
    if view.is_given() {
        let named = Build::find(&mut build.faults, &build.types, view, "instance type");
        return named.map(|rule| rule.id);
    }
    let sizes = build.layout.types.entries();
    sizes.min_by_key(|(id, of)| (of.demand.vcpus, of.demand.memory, *id)).map(|(id, _)| id)
}

/// What an instance of the type called `name` takes of each NUMA node that it asks for.
fn nodes(view: View<'_>, name: &str, build: &mut Build) -> Vec<NodeRoom> {
    let Some(count) = view.at("numa_nodes").count32() else {
        for key in ["numa_vcpus", "numa_memory"] {
            let message =
                format!("`{name}` says what it takes of each NUMA node, but not how many");
            build.fault(view.at(key), "missing-key", message, "add numa_nodes, or leave this out");
        }
        return Vec::new();
    };
    let whole = Whole { name, amount: view.at("vcpus").count().unwrap_or(0), unit: "vCPUs" };
    let each = view.at("numa_vcpus").elements().map(View::count).collect();
    let vcpus = whole.split(view, count, ("numa_vcpus", each), build);
    let whole = Whole { name, amount: view.at("memory").size().unwrap_or(0), unit: "bytes" };
    let each = view.at("numa_memory").elements().map(View::size).collect();
    let memory = whole.split(view, count, ("numa_memory", each), build);
    let parts = vcpus.into_iter().zip(memory);
    parts.map(|(vcpus, memory)| NodeRoom { vcpus: vcpus as u32, memory }).collect()
}

/// All that the type called `name` takes of something.
#[derive(Clone, Copy)]
struct Whole<'a> {
    name: &'a str,
    amount: u64,
    unit: &'a str,
}

impl Whole<'_> {
    /// It in `count` parts: those that `key` of the type `view` gives, or even ones.
    fn split(
        self,
        view: View<'_>,
        count: u32,
        (key, each): (&str, Option<Vec<u64>>),
        build: &mut Build,
    ) -> Vec<u64> {
        let Self { name, amount, unit } = self;
        if !view.at(key).is_given() {
            if amount % u64::from(count) != 0 {
                let message = format!("{amount} {unit} of `{name}` are no {count} even parts");
                let help = format!("say with `{key}` what it takes of each node");
                build.fault(view.at("numa_nodes"), "range", message, &help);
                return Vec::new(); // It makes no second fault elsewhere.
            }
            return vec![amount / u64::from(count); count as usize];
        }
        let Some(each) = each else { return Vec::new() }; // That it cannot be read has been told.
        let sum = each.iter().fold(0_u64, |sum, part| sum.saturating_add(*part));
        if each.len() != count as usize || sum != amount {
            let message =
                format!("`{key}` of `{name}` is {sum} {unit} in all (parts: {})", each.len());
            let help = format!("one part for each NUMA node (nodes: {count}), {amount} in all");
            build.fault(view.at(key), "range", message, &help);
            return Vec::new();
        }
        each
    }
}

/// The family that the name of a type shows, as in `ecs.d2.6xlarge`; empty where it shows none.
fn family_of(name: &str) -> &str {
    let rest = name.strip_prefix("ecs.").unwrap_or_default();
    rest.split_once('.').map_or("", |(family, _)| family)
}

fn disk_flow(view: View<'_>) -> Option<DiskFlow> {
    match view.text()? {
        "replace" => Some(DiskFlow::Replace),
        "isolate-only" => Some(DiskFlow::IsolateOnly),
        "none" => Some(DiskFlow::NoIsolation),
        _ => None,
    }
}

/// What is done about damaged local disks of `family` (spec/events.md 3.1): a series and what may
/// follow its number, as in `d1ne` or `i2g`.
fn flow_of(family: &str) -> DiskFlow {
    let is_of = |series: &&str| {
        let rest = family.strip_prefix(series);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    if ["d1", "d2", "d3", "i4"].iter().any(&is_of) {
        DiskFlow::Replace
    } else if ["i2", "i3"].iter().any(is_of) {
        DiskFlow::IsolateOnly
    } else {
        DiskFlow::NoIsolation
    }
}

/// One of the amounts of a size.
type Amount = fn(&Resources) -> u64;

/// Which resource no model has enough of, for a help text.
fn largest(
    build: &Build,
    (demand, nodes): (&Resources, &[NodeRoom]),
    model: Option<Id<ServerModel>>,
) -> String {
    let most = |of: Amount| {
        build.standing.iter().map(|(model, _)| of(&build.layout.models[*model].capacity)).max()
    };
    let amounts: [(&str, Amount); 6] = [
        ("vCPUs", |r| u64::from(r.vcpus)),
        ("bytes of memory", |r| r.memory),
        ("GPUs", |r| u64::from(r.gpus)),
        ("local disks", |r| u64::from(r.local_disks)),
        ("percent of network cards", |r| u64::from(r.nic_percent)),
        ("bytes of local storage", |r| r.local_storage),
    ];
    for (name, of) in amounts {
        let most = most(of).unwrap_or(0);
        if of(demand) > most {
            return format!("it takes {} {name}; a server has at most {most}", of(demand));
        }
    }
    let covers = |(there, _): &(Id<ServerModel>, _)| {
        model.is_none_or(|model| model == *there)
            && build.layout.models[*there].capacity.covers(demand)
    };
    if build.standing.iter().any(covers) {
        return match nodes.len() {
            1 => "in all it would fit, but no NUMA node has room for all of it".to_owned(),
            parts => format!("in all it would fit, but not in {parts} parts on as many NUMA nodes"),
        };
    }
    "no one server model that it may run on has enough of everything".to_owned()
}

/// Instances at start, arrivals by law, and what holds for all.
pub fn workload(view: View<'_>, clock: &Clock, build: &mut Build) -> Workload {
    let mut workload = Workload {
        when_full: match view.at("when_full").at("wait").span() {
            Some(limit) => WhenFull::Wait(limit),
            None => WhenFull::Reject,
        },
        life_from: match (view.at("life_from").text(), view.at("trace").is_given()) {
            (Some("arrival"), _) | (None, true) => LifeFrom::Arrival,
            (Some(_) | None, _) => LifeFrom::Running,
        },
        ..Workload::default()
    };
    duplicates(view.at("instances"), "workload.instances", build);
    duplicates(view.at("arrivals"), "workload.arrivals", build);
    for view in view.at("instances").elements() {
        let template = template(view, (view.at("type"), view.at("zone")), build);
        let life = view.at("life").law().and_then(sometimes);
        if let (Some(template), Some(count)) = (template, view.at("count").count32()) {
            let name = view.at("name").text().map(str::to_owned);
            workload.at_start.push(StartingInstances { name, template, count, life });
        }
    }
    for view in view.at("arrivals").elements() {
        if let Some(law) = arrivals(view, clock, build) {
            workload.sources.push(ArrivalSource::Law(law));
        }
    }
    workload
}

/// The template that an entry states with the type and zone that `name` and `in_zone` read.
pub fn template(
    view: View<'_>,
    (name, in_zone): (View<'_>, View<'_>),
    build: &mut Build,
) -> Option<Id<Template>> {
    let rule = Build::find(&mut build.faults, &build.types, name, "instance type");
    let owner = Build::find(&mut build.faults, &build.customers, view.at("customer"), "customer");
    let zone = Build::find(&mut build.faults, &build.zones, in_zone, "zone");
    let rule = rule?;
    let hosted = hosted(view, &rule, build);
    let wish = Wish {
        instance_type: rule.id,
        model: rule.model,
        zone,
        application: view.at("app").text().map(|name| build.application(name)),
        group: view.at("group").text().map(|name| build.group(name)),
        customer: owner?,
        action: action(view.at("action_on_maintenance")).unwrap_or(rule.action),
        credits: loads::born_with(view, rule.credits, build),
        spot: if hosted.is_none() { spot::of_entry(view, &rule, zone, build) } else { None },
        hosted,
    };
    if rule.credits.is_none() && !view.at("types").is_given() {
        let name = build.layout.types[rule.id].name.clone();
        loads::is_not_burstable(view, &name, build);
    }
    let type_name = &build.layout.types[rule.id].name;
    if let Some(zone) = zone
        && !build.can_hold(&wish)
        && build.can_hold(&Wish { zone: None, ..wish })
    {
        let zone = &build.layout.zones[zone].name;
        let message = format!("no server of the zone `{zone}` is large enough for `{type_name}`");
        build.fault(in_zone, "does-not-fit", message, "leave out the zone, or name another");
    }
    Some(build.template(&wish))
}

fn arrivals(view: View<'_>, clock: &Clock, build: &mut Build) -> Option<ArrivalLaw> {
    let mix = mix(view, build);
    let batch = batch(view.at("batch"), build);
    let profile = profile(view.at("day_profile"), build);
    let (given, gap) = match view.at("gap").is_given() {
        true => (view.at("gap"), view.at("gap").law()?),
        false => (view.at("rate"), at_rate(view.at("rate").rate()?)),
    };
    let batches = clock.seconds().map(|seconds| seconds / gap.mean_seconds());
    if let Some(batches) = batches
        && (batches.is_nan() || batches > f64::from(u32::MAX))
    {
        let message = if batches.is_finite() {
            format!("about {batches:.0} batches would arrive in a run")
        } else {
            "batches would follow each other without end".to_owned()
        };
        build.fault(given, "range", message, "at most 4,294,967,295 may");
    }
    Some(ArrivalLaw {
        name: view.at("name").text()?.to_owned(),
        gap,
        profile: profile?,
        batch: batch?,
        batch_is_uniform: view.at("same_type_in_batch").switch()?,
        batch_lives_alike: view.at("same_life_in_batch").switch()?,
        mix: mix?,
        life: life(view),
    })
}

fn life(view: View<'_>) -> Option<Distribution> {
    view.at("life").law().and_then(sometimes)
}

fn mix(view: View<'_>, build: &mut Build) -> Option<Vec<(f64, Id<Template>)>> {
    if !view.at("types").is_given() {
        return Some(vec![(1.0, template(view, (view.at("type"), view.at("zone")), build)?)]);
    }
    let mut weights = Vec::new();
    for (entry, weight) in view.at("types").entries() {
        // The name of a type stands in the key here: read it from a text at the key's place.
        let value = crate::scenario::tree::Value::Text(entry.key.clone());
        let name = crate::scenario::tree::Node { at: entry.key_at.clone(), value };
        weights
            .push((weight.number(), template(view, (View(Some(&name)), view.at("zone")), build)));
    }
    if weights.is_empty() {
        let help = "name types with their weights, as in { small = 3, large = 1 }";
        build.fault(view.at("types"), "range", "`types` names no type".to_owned(), help);
    }
    cumulative(weights, view.at("types"), build)
}

fn batch(view: View<'_>, build: &mut Build) -> Option<Vec<(f64, u32)>> {
    if let Some(size) = view.count32() {
        return Some(vec![(1.0, size)]);
    }
    let mut weights = Vec::new();
    for pair in view.at("sizes").elements() {
        let mut pair = pair.elements();
        let weight = pair.next().and_then(View::number);
        weights.push((weight, pair.next().and_then(View::count32)));
    }
    cumulative(weights, view.at("sizes"), build)
}

/// Weights as cumulative probabilities; entries of weight zero are left out. `None` where something
/// cannot be read or nothing is there, which has been told.
pub fn cumulative<T>(
    weights: Vec<(Option<f64>, Option<T>)>,
    view: View<'_>,
    build: &mut Build,
) -> Option<Vec<(f64, T)>> {
    let weights: Option<Vec<(f64, T)>> =
        weights.into_iter().map(|(weight, what)| weight.zip(what)).collect();
    let weights = weights.filter(|weights| !weights.is_empty())?;
    let all: f64 = weights.iter().map(|(weight, _)| weight).sum();
    if all <= 0.0 || all.is_nan() {
        let message = "all weights are zero".to_owned();
        build.fault(view, "range", message, "give at least one a weight above zero");
        return None;
    }
    let mut sum = 0.0;
    let mut steps: Vec<(f64, T)> = weights
        .into_iter()
        .filter(|(weight, _)| *weight > 0.0)
        .map(|(weight, what)| {
            sum += weight;
            (sum / all, what)
        })
        .collect();
    steps.last_mut().expect("one weight is above zero").0 = 1.0;
    Some(steps)
}

fn profile(view: View<'_>, build: &mut Build) -> Option<DayProfile> {
    let factors: Option<Vec<f64>> = view.elements().map(View::number).collect();
    let factors = factors.filter(|factors| !factors.is_empty())?;
    let mean = factors.iter().sum::<f64>() / factors.len().max(1) as f64;
    if mean <= 0.0 || mean.is_nan() {
        let message = "all factors of the day are zero".to_owned();
        build.fault(view, "range", message, "give at least one above zero");
        return None;
    }
    let part = Span::from_seconds(86_400).seconds() / factors.len() as f64;
    if part < 1.0 {
        let message = format!("the day has {} parts", factors.len());
        build.fault(view, "range", message, "a part of the day is at least a second long");
        return None;
    }
    Some(DayProfile { factors: factors.into_iter().map(|factor| factor / mean).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_says_what_is_done_about_disks() {
        for (name, flow) in [
            ("ecs.d1.xlarge", DiskFlow::Replace),
            ("ecs.d1ne.6xlarge", DiskFlow::Replace),
            ("ecs.d2s.5xlarge", DiskFlow::Replace),
            ("ecs.d3c.7xlarge", DiskFlow::Replace),
            ("ecs.i4g.8xlarge", DiskFlow::Replace),
            ("ecs.i2.xlarge", DiskFlow::IsolateOnly),
            ("ecs.i3g.2xlarge", DiskFlow::IsolateOnly),
            ("ecs.i1.xlarge", DiskFlow::NoIsolation),
            ("ecs.gn5-c8g1.2xlarge", DiskFlow::NoIsolation),
            ("ecs.d10.large", DiskFlow::NoIsolation),
            ("ecs.d2", DiskFlow::NoIsolation),
            ("d2.large", DiskFlow::NoIsolation),
        ] {
            assert_eq!(flow_of(family_of(name)), flow, "{name}");
        }
    }
}
