//! Server models, servers, racks and zones.

use super::{
    build::Build,
    memory::{BAY_BYTES, MOST_MEMORY, SERVER_BYTES},
};
use crate::{
    fleet::{
        ids::{Bay, Rack, ServerModel, Zone},
        layout::{
            AgeAtStart, CrashLaw, ModelSpec, OutageLaw, RackSpec, Resources, Restores, RiskLaw,
            ServerSpec, ZoneSpec,
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
use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

/// The server models.
pub fn models(models: View<'_>, build: &mut Build) {
    for (entry, view) in models.entries() {
        // What cannot be read counts as endless, so that it makes no second fault elsewhere.
        let amount = |view: View<'_>| match view.is_given() {
            true => view.count32().unwrap_or(u32::MAX),
            false => 0,
        };
        let count = |key: &str| amount(view.at(key));
        let disks = view.at("local_disks");
        let capacity = Resources {
            vcpus: view.at("vcpus").count32().unwrap_or(u32::MAX),
            gpus: count("gpus"),
            local_disks: match disks.is_given() {
                true => disks.at("count").count32().unwrap_or(u32::MAX),
                false => 0,
            },
            nic_percent: count("nics").saturating_mul(100),
            memory: view.at("memory").size().unwrap_or(u64::MAX),
            local_storage: view.at("local_storage").size().unwrap_or(u64::MAX),
        };
        let numa_nodes = view.at("numa_nodes").count32().and_then(NonZeroU32::new);
        let numa_nodes = numa_nodes.unwrap_or(NonZeroU32::MIN);
        if let Some(vcpus) = view.at("vcpus").count32()
            && vcpus % numa_nodes != 0
        {
            let message = format!("`{}` has {vcpus} vCPUs on {numa_nodes} NUMA nodes", entry.key);
            let help = "each node has the same number: numa_nodes must divide vcpus";
            build.fault(view.at("numa_nodes"), "range", message, help);
        }
        if capacity.memory == 0 {
            let message = format!("`{}` has no memory", entry.key);
            build.fault(view.at("memory"), "range", message, "give it some, as in \"384GiB\"");
        }
        let crash = crash(view.at("crash"), build);
        let disk_life = disk_life(disks, build);
        let risk = risk(view.at("risk"), build);
        let id = build.layout.models.push(ModelSpec {
            name: entry.key.clone(),
            capacity,
            numa_nodes,
            nic_rate: view.at("nic_rate").bandwidth().unwrap_or(u64::MAX),
            local_disk_bytes: disks.at("size").size().unwrap_or(0),
            crash,
            disk_life,
            risk,
        });
        if matches!(view.at("host_type").text(), Some("g6s" | "c6s" | "r6s")) {
            build.layout.over_committing.insert(id);
        }
        build.models.insert(&entry.key, id);
    }
}

/// Annual failure rates of disks whose model says nothing of failures (spec/events.md 12).
const HDD_AFR: f64 = 0.0157;
const SSD_AFR: f64 = 0.010;

/// How long a disk of `disks` works; `None`: for ever, or there is none.
fn disk_life(disks: View<'_>, build: &mut Build) -> Option<Distribution> {
    if !disks.is_given() {
        return None;
    }
    let failure = disks.at("failure");
    if !failure.is_given() {
        return Some(at_afr(match disks.at("medium").text() {
            Some("ssd") => SSD_AFR,
            Some(_) | None => HDD_AFR,
        }));
    }
    life(failure, build)
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
    if repair_restores == Restores::Old && ends_for_certain(&life) {
        let message = "`repair_restores` is \"old\", but the law has a longest life: past it, the rest \
                       of a life is nothing and each repair would end in the next crash";
        let help =
            "give a law without an end (a rate, exponential, weibull, lognormal), or \"new\"";
        build.fault(view.at("repair_restores"), "range", message.to_owned(), help);
    }
    Some(CrashLaw {
        life,
        age_at_start,
        restarts_itself: view.at("restarts_itself").probability()?,
        restart: view.at("restart").law()?,
        repair: view.at("repair").law()?,
        repair_restores,
    })
}

fn risk(view: View<'_>, build: &mut Build) -> Option<RiskLaw> {
    Some(RiskLaw {
        life: life(view, build)?,
        curable: view.at("curable").probability()?,
        crashes: view.at("crash_p").probability()?,
        crash_after: view.at("crash_after").law()?,
        repair: view.at("repair").law()?,
    })
}

/// Whether nothing outlives some age.
fn ends_for_certain(life: &Distribution) -> bool {
    match life {
        Distribution::Fixed(_) | Distribution::Uniform { .. } | Distribution::Empirical(_) => true,
        Distribution::Exponential { .. }
        | Distribution::Weibull { .. }
        | Distribution::LogNormal { .. } => false,
    }
}

/// The life that `life`, `rate` or `afr` states; `None` where it never ends.
fn life(view: View<'_>, build: &mut Build) -> Option<Distribution> {
    let (given, law) = if view.at("life").is_given() {
        (view.at("life"), view.at("life").law()?)
    } else if view.at("rate").is_given() {
        (view.at("rate"), at_rate(view.at("rate").rate()?))
    } else {
        (view.at("afr"), at_afr(view.at("afr").probability().filter(|afr| *afr < 1.0)?))
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
    /// Its zones and the place of each among them.
    zones: BTreeMap<&'a str, usize>,
    racks_per_zone: usize,
    outage: Option<OutageLaw>,
    /// Whether they are kept for dedicated hosts.
    dedicated: bool,
}

/// The servers with their racks and zones. Zones stand in order of their first mention; inside a
/// zone racks stand in order of the entries.
pub fn servers(servers: View<'_>, build: &mut Build) {
    let groups: Vec<Group<'_>> = servers.elements().filter_map(|view| group(view, build)).collect();
    duplicates(servers, "servers", build);
    let entries = servers.elements().count();
    build.all_stand = entries > 0 && groups.len() == entries;
    // Zones of an entry that cannot be read may be any.
    build.zones.are_whole =
        entries > 0 && servers.elements().all(|view| zone_names(view).count() > 0);
    if build.all_stand && groups.iter().all(|group| group.count == 0) {
        let counts = servers.elements().map(|view| view.at("count"));
        let message = match entries {
            1 => "there are no servers: the only entry of `servers` has the count 0".to_owned(),
            _ => {
                format!("there are no servers: all {entries} entries of `servers` have the count 0")
            }
        };
        let first = counts.into_iter().next().unwrap_or(servers);
        build.fault(first, "no-servers", message, "give a count of at least 1");
        build.all_stand = false;
    }
    let mut seen = BTreeSet::new();
    // Zones of entries that cannot be read count too: others may name them rightly.
    let mut zones: Vec<&str> = servers.elements().flat_map(zone_names).collect();
    zones.retain(|name| seen.insert(*name));
    for name in zones {
        let id: Id<Zone> = Id::new(build.layout.zones.len());
        let first = build.layout.racks.len();
        for group in &groups {
            if let Some(place) = group.zones.get(name) {
                racks(group, *place, (id, name, first), build);
            }
        }
        let racks = IdRange::new(first, build.layout.racks.len());
        build.layout.zones.push(ZoneSpec { name: name.to_owned(), racks });
        build.zones.insert(name, id);
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
        let standing = if group.dedicated { &mut build.kept } else { &mut build.standing };
        standing.insert((group.model, zone));
    }
    for number in 0..group.racks_per_zone {
        let rack: Id<Rack> = Id::new(build.layout.racks.len());
        let first = build.layout.servers.len();
        for _ in 0..share(in_zone, group.racks_per_zone, number) {
            let bays = bays(group.model, build);
            let spec = ServerSpec { model: group.model, rack, zone, bays };
            let server = build.layout.servers.push(spec);
            if group.dedicated {
                build.layout.dedicated_servers.insert(server);
            }
        }
        build.layout.racks.push(RackSpec {
            name: format!("{zone_name}-r{}", rack.index() - first_rack + 1),
            zone,
            servers: IdRange::new(first, build.layout.servers.len()),
            outage: group.outage.clone(),
        });
    }
}

/// More local disks than a server may have (count): a number that could not be read.
const MOST_DISKS: u32 = 1_000_000;

/// The bays of the next server, which is of `model`.
fn bays(model: Id<ServerModel>, build: &mut Build) -> IdRange<Bay> {
    let layout = &mut build.layout;
    let (first, server) = (layout.bays.len(), Id::new(layout.servers.len()));
    let count = layout.models[model].capacity.local_disks;
    for _ in 0..if count > MOST_DISKS { 0 } else { count } {
        layout.bays.push(server);
    }
    IdRange::new(first, layout.bays.len())
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
    let zones: BTreeMap<&str, usize> = zone_names(view).zip(0..).collect();
    let count = usize::try_from(view.at("count").count()?).ok()?;
    let racks = view.at("racks_per_zone").count()?;
    if zones.is_empty() {
        return None; // The check has told it.
    }
    // An entry without servers, kept for a --set, needs no racks.
    let racks = if count == 0 { 1 } else { racks };
    if u128::from(racks) * zones.len() as u128 > count.max(zones.len()) as u128 {
        let message = format!("{racks} racks a zone are more than the {count} servers fill");
        build.fault(view.at("racks_per_zone"), "range", message, "a rack holds a server at least");
        return None;
    }
    if (1..zones.len()).contains(&count) {
        let name = view.at("name").text().map_or_else(String::new, |name| format!(" `{name}`"));
        let without: Vec<&str> = zone_names(view).skip(count).collect();
        build.remarks.push(format!(
            "servers{name}: {count} of them for {} zones: none in {}",
            zones.len(),
            without.join(", ")
        ));
    }
    let racks_per_zone = usize::try_from(racks).ok()?;
    let dedicated = view.at("dedicated").switch() == Some(true);
    Some(Group { model: model?, count, zones, racks_per_zone, outage, dedicated })
}

/// The zones that an entry names.
fn zone_names(view: View<'_>) -> impl Iterator<Item = &str> {
    view.at("zones").elements().filter_map(View::text)
}

fn outage(view: View<'_>, build: &mut Build) -> Option<OutageLaw> {
    view.0?.table()?;
    let life = life(view, build)?;
    Some(OutageLaw { life, repair: view.at("repair").law()? })
}

/// Faults for names that two elements of a list share.
pub fn duplicates(list: View<'_>, what: &str, build: &mut Build) {
    let mut seen: BTreeMap<&str, View<'_>> = BTreeMap::new();
    for view in list.elements() {
        let Some(name) = view.at("name").text() else { continue };
        if let (Some(first), Some(place)) = (seen.get(name), view.at("name").place()) {
            let message = format!("two entries of `{what}` have the name `{name}`");
            let fault = Fault::at(place, "duplicate", message).help("give each its own name");
            build.faults.push(match first.place() {
                Some(place) => fault.label(place, "the other one"),
                None => fault,
            });
        } else {
            seen.insert(name, view.at("name"));
        }
    }
}

// The split of servers below never makes more rows than ids can tell.
const _: () = assert!(MOST_MEMORY / SERVER_BYTES < u32::MAX as u64);
const _: () = assert!(MOST_MEMORY / BAY_BYTES < u32::MAX as u64);

#[cfg(test)]
mod tests {
    use crate::scenario::{InMemory, Scenario};

    fn scenario(servers: &str) -> Scenario {
        let text = format!(
            "[scenario]\nname = \"x\"\nhorizon = \"1h\"\n[server_models]\n\
             m = {{ vcpus = 8, memory = \"8GiB\" }}\nn = {{ vcpus = 4, memory = \"8GiB\" }}\n{servers}"
        );
        let files = InMemory::default();
        Scenario::parse("x.toml", text.as_bytes(), &[], &files).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn servers_are_split_evenly_and_stand_rack_by_rack() {
        let servers = "[[servers]]\nmodel = \"m\"\ncount = 7\nzones = [\"b\", \"a\"]\n\
                       racks_per_zone = 2\n[[servers]]\nmodel = \"n\"\ncount = 3\nzones = [\"a\"]\n";
        let layout = scenario(servers).layout;
        let racks: Vec<(&str, usize)> =
            layout.racks.iter().map(|rack| (rack.name.as_str(), rack.servers.len())).collect();
        assert_eq!(racks, [("b-r1", 2), ("b-r2", 2), ("a-r1", 2), ("a-r2", 1), ("a-r3", 3)]);
        let zones: Vec<(&str, usize)> =
            layout.zones.iter().map(|zone| (zone.name.as_str(), zone.racks.len())).collect();
        assert_eq!(zones, [("b", 2), ("a", 3)]);
        for (id, rack) in layout.racks.entries() {
            assert!(rack.servers.iter().all(|server| layout.servers[server].rack == id));
            assert!(rack.servers.iter().all(|server| layout.servers[server].zone == rack.zone));
        }
        let last = layout.servers.ids().iter().next_back().unwrap();
        assert_eq!(layout.server_name(last), "a-r3-2");
        assert_eq!(layout.models[layout.servers[last].model].name, "n");
    }

    #[test]
    fn more_zones_than_servers_leave_racks_empty() {
        let servers = "[[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"a\", \"b\"]\n";
        let scenario = scenario(servers);
        let racks = scenario.layout.racks.iter().map(|rack| rack.servers.len());
        assert_eq!(racks.collect::<Vec<_>>(), [1, 0]);
        assert_eq!(scenario.remarks, ["servers: 1 of them for 2 zones: none in b"]);
    }
}
