//! Server models, servers, racks and zones.

use super::{MOST_MEMORY, SERVER_BYTES, build::Build};
use crate::{
    fleet::{
        ids::{Rack, ServerModel, Zone},
        layout::{
            AgeAtStart, CrashLaw, ModelSpec, OutageLaw, RackSpec, Resources, Restores, ServerSpec,
            ZoneSpec,
        },
    },
    kernel::{
        column::{Id, IdRange},
        distribution::Distribution,
    },
    scenario::{
        fault::Fault,
        law::{at_afr, at_rate},
        view::{View, sometimes},
    },
};
use std::{collections::BTreeSet, num::NonZeroU32};

/// The server models.
pub fn models(models: View<'_>, build: &mut Build) {
    for (entry, view) in models.entries() {
        let count = |key: &str| view.at(key).count32().unwrap_or(0);
        let disks = view.at("local_disks");
        let capacity = Resources {
            vcpus: count("vcpus"),
            gpus: count("gpus"),
            local_disks: disks.at("count").count32().unwrap_or(0),
            nic_percent: count("nics").saturating_mul(100),
            memory: view.at("memory").size().unwrap_or(0),
            local_storage: view.at("local_storage").size().unwrap_or(0),
        };
        let numa_nodes = NonZeroU32::new(count("numa_nodes")).unwrap_or(NonZeroU32::MIN);
        if capacity.vcpus % numa_nodes != 0 {
            let message =
                format!("`{}` has {} vCPUs on {numa_nodes} NUMA nodes", entry.key, capacity.vcpus);
            let help = "each node has the same number: numa_nodes must divide vcpus";
            build.fault(view.at("numa_nodes"), "range", message, help);
        }
        if capacity.memory == 0 {
            let message = format!("`{}` has no memory", entry.key);
            build.fault(view.at("memory"), "range", message, "give it some, as in \"384GiB\"");
        }
        let crash = crash(view.at("crash"), build);
        let id = build.layout.models.push(ModelSpec {
            name: entry.key.clone(),
            capacity,
            numa_nodes,
            local_disk_bytes: disks.at("size").size().unwrap_or(0),
            crash,
        });
        build.models.insert(entry.key.clone(), id);
    }
}

fn crash(view: View<'_>, build: &mut Build) -> Option<CrashLaw> {
    let life = life(view, build)?;
    let age_at_start = match view.at("age_at_start").text() {
        Some("new") => AgeAtStart::New,
        Some("stationary") => AgeAtStart::Stationary,
        Some(_) | None => AgeAtStart::Law(view.at("age_at_start").law()?),
    };
    let repair_restores = match view.at("repair_restores").text() {
        Some("old") => Restores::Old,
        Some(_) | None => Restores::New,
    };
    Some(CrashLaw {
        life,
        age_at_start,
        restarts_itself: view.at("restarts_itself").probability()?,
        restart: view.at("restart").law()?,
        repair: view.at("repair").law()?,
        repair_restores,
    })
}

/// The life that `life`, `rate` or `afr` states; `None` where it never ends.
fn life(view: View<'_>, build: &mut Build) -> Option<Distribution> {
    let (given, law) = if view.at("life").is_given() {
        (view.at("life"), view.at("life").law()?)
    } else if view.at("rate").is_given() {
        (view.at("rate"), at_rate(view.at("rate").rate()?))
    } else {
        (view.at("afr"), at_afr(view.at("afr").probability()?))
    };
    let law = sometimes(law)?;
    if law.mean_seconds() < 1.0 {
        let message = format!("what is to fail lives {} s on average", law.mean_seconds());
        build.fault(given, "range", message, "a life is at least one second on average");
        return None;
    }
    Some(law)
}

/// One entry of `[[servers]]`.
struct Group<'a> {
    model: Id<ServerModel>,
    count: usize,
    zones: Vec<&'a str>,
    racks_per_zone: usize,
    outage: Option<OutageLaw>,
}

/// The servers with their racks and zones. Zones stand in order of their first mention; inside a
/// zone racks stand in order of the entries.
pub fn servers(servers: View<'_>, build: &mut Build) {
    let groups: Vec<Group<'_>> = servers.elements().filter_map(|view| group(view, build)).collect();
    duplicates(servers, "servers", build);
    if groups.iter().all(|group| group.count == 0) {
        let message = "there are no servers".to_owned();
        build.fault(servers, "no-servers", message, "give [[servers]] a count of at least 1");
    }
    let mut zones: Vec<&str> = Vec::new();
    for name in groups.iter().flat_map(|group| &group.zones) {
        if !zones.contains(name) {
            zones.push(name);
        }
    }
    for name in zones {
        let id: Id<Zone> = Id::new(build.layout.zones.len());
        let first = build.layout.racks.len();
        for group in &groups {
            if let Some(place) = group.zones.iter().position(|zone| *zone == name) {
                racks(group, place, (id, name, first), build);
            }
        }
        let racks = IdRange::new(first, build.layout.racks.len());
        build.layout.zones.push(ZoneSpec { name: name.to_owned(), racks });
        build.zones.insert(name.to_owned(), id);
    }
}

/// The racks of `group` in the zone that is the group's `place`-th.
fn racks(
    group: &Group<'_>,
    place: usize,
    (zone, zone_name, first_rack): (Id<Zone>, &str, usize),
    build: &mut Build,
) {
    let in_zone = share(group.count, group.zones.len(), place);
    if in_zone > 0 {
        build.standing.insert((group.model, zone));
    }
    for number in 0..group.racks_per_zone {
        let rack: Id<Rack> = Id::new(build.layout.racks.len());
        let first = build.layout.servers.len();
        for _ in 0..share(in_zone, group.racks_per_zone, number) {
            build.layout.servers.push(ServerSpec { model: group.model, rack, zone });
        }
        build.layout.racks.push(RackSpec {
            name: format!("{zone_name}-r{}", rack.index() - first_rack + 1),
            zone,
            servers: IdRange::new(first, build.layout.servers.len()),
            outage: group.outage.clone(),
        });
    }
}

/// How many of `all` the `place`-th of `parts` gets when they are shared as evenly as possible.
fn share(all: usize, parts: usize, place: usize) -> usize {
    all / parts + usize::from(place < all % parts)
}

fn group<'a>(view: View<'a>, build: &mut Build) -> Option<Group<'a>> {
    let model = Build::find(&mut build.faults, &build.models, view.at("model"), "server model");
    let mut seen = BTreeSet::new();
    for zone in view.at("zones").elements() {
        if let Some(name) = zone.text()
            && !seen.insert(name)
        {
            let message = format!("the zone `{name}` is named twice");
            build.fault(zone, "duplicate", message, "name each zone once");
        }
    }
    let outage = outage(view.at("rack_outage"), build);
    let zones: Vec<&str> = view.at("zones").elements().filter_map(View::text).collect();
    let count = usize::try_from(view.at("count").count()?).ok()?;
    let racks = view.at("racks_per_zone").count()?;
    if zones.is_empty() || u128::from(racks) * zones.len() as u128 > count.max(zones.len()) as u128
    {
        let message = format!("{racks} racks a zone are more than the {count} servers fill");
        build.fault(view.at("racks_per_zone"), "range", message, "a rack holds a server at least");
        return None;
    }
    let racks_per_zone = usize::try_from(racks).ok()?;
    Some(Group { model: model?, count, zones, racks_per_zone, outage })
}

fn outage(view: View<'_>, build: &mut Build) -> Option<OutageLaw> {
    view.0?.table()?;
    let life = life(view, build)?;
    Some(OutageLaw { life, repair: view.at("repair").law()? })
}

/// Faults for names that two elements of a list share.
pub fn duplicates(list: View<'_>, what: &str, build: &mut Build) {
    let mut seen: Vec<(&str, View<'_>)> = Vec::new();
    for view in list.elements() {
        let Some(name) = view.at("name").text() else { continue };
        let first = seen.iter().find(|(there, _)| *there == name).map(|(_, view)| *view);
        if let (Some(first), Some(place)) = (first, view.at("name").place()) {
            let message = format!("two entries of `{what}` have the name `{name}`");
            let fault = Fault::at(place, "duplicate", message).help("give each its own name");
            build.faults.push(match first.place() {
                Some(place) => fault.label(place, "the other one"),
                None => fault,
            });
        } else {
            seen.push((name, view.at("name")));
        }
    }
}

// The split of servers below never makes more rows than ids can tell.
const _: () = assert!(MOST_MEMORY / SERVER_BYTES < u32::MAX as u64);
