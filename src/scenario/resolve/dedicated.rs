//! Dedicated hosts, and where among them instances live.

use super::{
    build::{Build, Names, TypeRule, Wish},
    clock::Clock,
    servers::duplicates,
};
use crate::{
    fleet::{
        dedicated_hosts::{Affinity, DedicatedHostSpec, HostAction, Hosted},
        ids::{DedicatedHost, InstanceType, Server, ServerModel, Zone},
    },
    kernel::column::Id,
    messages::operation::Operation,
    scenario::{scripts::HostParameters, view::View},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Servers kept for dedicated hosts that carry none yet, by model and zone, in order.
type Spares = BTreeMap<(Id<ServerModel>, Id<Zone>), VecDeque<Id<Server>>>;

/// The dedicated hosts, each on the first server kept for them that carries none.
pub fn hosts(view: View<'_>, clock: &Clock, build: &mut Build) {
    duplicates(view, "dedicated_hosts", build);
    let mut spares = Spares::new();
    for server in &build.layout.dedicated_servers {
        let spec = &build.layout.servers[*server];
        spares.entry((spec.model, spec.zone)).or_default().push_back(*server);
    }
    build.hosts = Names::new(true);
    for view in view.elements() {
        if host(view, clock, &mut spares, build).is_none() {
            build.hosts.are_whole = false;
        }
    }
}

/// One entry; `None` where it cannot be read, which has been told.
fn host(view: View<'_>, clock: &Clock, spares: &mut Spares, build: &mut Build) -> Option<()> {
    let name = view.at("name").text()?;
    let faults = &mut build.faults;
    let model = Build::find(faults, &build.models, view.at("model"), "server model");
    let zone = Build::find(faults, &build.zones, view.at("zone"), "zone");
    let owner = view.at("customer");
    let owner = Build::find(faults, &build.customers, owner, "customer");
    let types = types(view.at("instance_types"), build);
    let (model, zone) = (model?, zone?);
    let count = view.at("count").count32()?;
    let over_commit = over_commit(view.at("cpu_over_commit_ratio"), model, build)?;
    let action = action(view.at("action_on_maintenance"), model, build)?;
    let is_subscription = view.at("charge").text()? == "subscription";
    let term = view.at("term");
    if term.is_given() && !is_subscription {
        let message = format!("`dedicated_hosts[{name}].term` is given, but it is no subscription");
        build.fault(term, "range", message, "say charge = \"subscription\", or leave it out");
    }
    let spares = spares.entry((model, zone)).or_default();
    if spares.len() < count as usize && build.all_stand {
        let (left, of) = (spares.len(), &build.layout.models[model].name);
        let at = &build.layout.zones[zone].name;
        let message = format!(
            "`dedicated_hosts[{name}]` needs {count} servers of the model `{of}` in the zone `{at}`, \
             and {left} are kept for dedicated hosts and carry none yet"
        );
        let help = "keep more: [[servers]] with dedicated = true";
        build.fault(view.at("count"), "no-servers", message, help);
        return None;
    }
    for number in 1..=count {
        let server = spares.pop_front()?;
        let name = if count == 1 { name.to_owned() } else { format!("{name}-{number}") };
        if build.hosts.get(&name).is_some() {
            let message = format!("two dedicated hosts have the name `{name}`");
            build.fault(view.at("name"), "duplicate", message, "give each its own name");
        }
        let id = build.layout.dedicated_hosts.push(DedicatedHostSpec {
            name: name.clone(),
            model,
            zone,
            server,
            owner,
            types: types.clone(),
            is_subscription,
            ends: term.span().map(|term| clock.begin.saturating_add(term)),
            auto_placement: view.at("auto_placement").text()? == "on",
            action,
            over_commit,
        });
        build.hosts.insert(&name, id);
    }
    Some(())
}

/// The types that hosts take; `None`: all.
fn types(view: View<'_>, build: &mut Build) -> Option<BTreeSet<Id<InstanceType>>> {
    view.0?;
    let mut types = BTreeSet::new();
    for name in view.elements() {
        let found = Build::find(&mut build.faults, &build.types, name, "instance type");
        types.extend(found.map(|rule| rule.id));
    }
    Some(types)
}

/// The ratio in hundredths.
fn over_commit(view: View<'_>, model: Id<ServerModel>, build: &mut Build) -> Option<u32> {
    let Some(ratio) = view.number() else { return (!view.is_given()).then_some(100) };
    let hundredths = libm::round(ratio * 100.0) as u32;
    let of = &build.layout.models[model];
    if hundredths != 100 && !build.layout.over_committing.contains(&model) {
        let message =
            format!("servers of the model `{}` do not sell more vCPUs than they have", of.name);
        let help = "only models of host_type g6s, c6s and r6s do";
        build.fault(view, "range", message, help);
    }
    Some(hundredths)
}

fn action(view: View<'_>, model: Id<ServerModel>, build: &mut Build) -> Option<HostAction> {
    let is_local = build.layout.models[model].capacity.is_local();
    match view.text() {
        Some("Migrate") if is_local => {
            let message = "a host with local disks is not migrated by itself".to_owned();
            build.fault(view, "range", message, "say \"Stop\", or leave it out");
            None
        }
        Some("Migrate") => Some(HostAction::Migrate),
        Some(_) => Some(HostAction::Stop),
        None if view.is_given() => None,
        None if is_local => Some(HostAction::Stop),
        None => Some(HostAction::Migrate),
    }
}

/// Where among the dedicated hosts the instances live that `view` states, whose type says `rule`;
/// `None`: on shared servers.
pub fn hosted(view: View<'_>, rule: &TypeRule, build: &mut Build) -> Option<Hosted> {
    let (tenancy, named) =
        (either(view, "tenancy", "Tenancy"), either(view, "dedicated_host", "DedicatedHostId"));
    let host: Option<Id<DedicatedHost>> =
        Build::find(&mut build.faults, &build.hosts, named, "dedicated host");
    let is_hosted = match tenancy.text() {
        Some("host") => true,
        Some(_) if named.is_given() => {
            let message = "`tenancy` is \"default\", but a dedicated host is named".to_owned();
            build.fault(tenancy, "range", message, "say \"host\", or leave one of them out");
            false
        }
        Some(_) => false,
        None => named.is_given() || rule.dedicated,
    };
    let affinity = match either(view, "affinity", "Affinity").text() {
        Some("host") => Affinity::Host,
        Some(_) | None => Affinity::Default,
    };
    if !is_hosted {
        return None;
    }
    if build.layout.dedicated_hosts.is_empty() && build.hosts.are_whole {
        let message = "there are no dedicated hosts to live on".to_owned();
        let help = "add [[dedicated_hosts]], and [[servers]] with dedicated = true";
        let places = [tenancy, named, view.at("type"), view.at("types"), view];
        let at = places.into_iter().find(|place| place.is_given()).unwrap_or(view);
        build.fault(at, "unknown-name", message, help);
        return None;
    }
    if let Some(id) = host {
        suits((view, named), id, rule, build);
    }
    Some(Hosted { host, affinity })
}

/// A host that is named in `view` takes its customer's instances, of the type that `rule` is about, or
/// that is a fault.
fn suits(
    (view, named): (View<'_>, View<'_>),
    host: Id<DedicatedHost>,
    rule: &TypeRule,
    build: &mut Build,
) {
    let customer = view.at("customer").text().and_then(|name| build.customers.get(name));
    let (layout, of) = (&build.layout, &build.layout.types[rule.id]);
    let spec = &layout.dedicated_hosts[host];
    let (name, kind) = (&spec.name, &of.name);
    if spec.owner.is_some() && customer.is_some() && spec.owner != customer {
        let message = format!("the dedicated host `{name}` is another customer's");
        build.fault(named, "does-not-fit", message, "its `customer` says whose instances it takes");
    } else if spec.types.as_ref().is_some_and(|types| !types.contains(&rule.id)) {
        let message = format!("the dedicated host `{name}` does not take the type `{kind}`");
        build.fault(named, "does-not-fit", message, "its instance_types say which it takes");
    } else if !of.pay_as_you_go && !spec.is_subscription {
        let message = format!("`{kind}` is paid in advance, the dedicated host `{name}` is not");
        build.fault(named, "does-not-fit", message, "say charge = \"subscription\" of the host");
    }
}

/// The parameters of a command about dedicated hosts. Types that an instance may get by it are noted
/// for [`retypes`].
pub fn parameters(view: View<'_>, operation: Operation, build: &mut Build) -> HostParameters {
    let is_about_hosts = matches!(
        operation,
        Operation::ModifyInstanceDeployment
            | Operation::RedeployDedicatedHost
            | Operation::ModifyDedicatedHostAttribute
            | Operation::DescribeDedicatedHosts
    );
    if !is_about_hosts {
        return HostParameters::default();
    }
    let one = view.at("DedicatedHostId");
    let several = view.at("DedicatedHostIds");
    let named = one
        .0
        .into_iter()
        .map(|_| one)
        .chain(several.elements())
        .chain(several.text().map(|_| several));
    let hosts = named.filter_map(|view| host_of(view, build)).collect();
    build.moves_to_hosts |= operation == Operation::ModifyInstanceDeployment;
    let to = view.at("InstanceType");
    let to = Build::find(&mut build.faults, &build.types, to, "instance type");
    build.retypes.extend(to.map(|rule| (rule.id, rule)));
    let migration = view.at("MigrationType").text();
    let ratio = view.at("CpuOverCommitRatio").number();
    HostParameters {
        hosts,
        live: matches!(migration, Some("live" | "LiveMigrationFirst")),
        leaves_hosts: view.at("Tenancy").text() == Some("default"),
        affinity: match view.at("Affinity").text() {
            Some("host") => Some(Affinity::Host),
            Some(_) => Some(Affinity::Default),
            None => None,
        },
        instance_type: to.map(|rule| rule.id),
        auto_placement: view.at("AutoPlacement").text().map(|word| word == "on"),
        action: match view.at("ActionOnMaintenance").text() {
            Some("Migrate") => Some(HostAction::Migrate),
            Some(_) => Some(HostAction::Stop),
            None => None,
        },
        over_commit: ratio.map(|ratio| libm::round(ratio * 100.0) as u32),
    }
}

/// The host that a command names; `Some(None)` for an id that the cloud could have given and no host
/// has. Any other name that no host has is a fault.
fn host_of(view: View<'_>, build: &mut Build) -> Option<Option<Id<DedicatedHost>>> {
    let name = view.text()?;
    if build.hosts.get(name).is_none() && name.starts_with("dh-") {
        return Some(None);
    }
    Build::find(&mut build.faults, &build.hosts, view, "dedicated host").map(Some)
}

/// For every template and every type that an instance may get by a command, the template that is
/// alike else and lives on dedicated hosts; also for its own type, where such a command is there.
pub fn retypes(build: &mut Build) {
    if !build.moves_to_hosts {
        return;
    }
    let rules: Vec<TypeRule> = build.retypes.values().copied().collect();
    // What is made in the first round may be given another of the types in its turn; that is there
    // already.
    for _ in 0..2 {
        for template in build.layout.templates.ids().iter() {
            let of = build.layout.templates[template].clone();
            let shape = &build.layout.shapes[of.shape];
            let own = (of.instance_type, shape.model);
            let zone = shape.zone;
            let others = rules.iter().map(|rule| (rule.id, rule.model));
            for (instance_type, model) in others.chain([own]) {
                let wish = Wish {
                    instance_type,
                    model,
                    zone,
                    application: of.application,
                    group: of.group,
                    customer: of.customer,
                    action: of.on_maintenance,
                    credits: of.credits,
                    spot: None,
                    hosted: of.hosted.or(Some(Hosted { host: None, affinity: Affinity::Default })),
                };
                let to = build.template(&wish);
                build.layout.retyped.insert((template, instance_type), to);
            }
        }
    }
}

/// What is written under the scenario's name of a key, or under the cloud's in a command.
fn either<'a>(view: View<'a>, ours: &str, of_cloud: &str) -> View<'a> {
    if view.at(ours).is_given() { view.at(ours) } else { view.at(of_cloud) }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{InMemory, Scenario};

    const BASE: &str = "[scenario]\nname = \"x\"\nhorizon = \"1h\"\n\
        [server_models.m]\nhost_type = \"g6\"\n\
        [server_models.n]\nhost_type = \"g6s\"\nvcpus = 10\nmemory = \"8GiB\"\n\
        [server_models.i]\nhost_type = \"i2\"\n\
        [instance_types.t]\nvcpus = 2\nmemory = \"4GiB\"\n\
        [instance_types.p]\nvcpus = 2\nmemory = \"4GiB\"\ncharge = \"subscription\"\n\
        [[servers]]\nmodel = \"m\"\ncount = 3\nzones = [\"a\"]\ndedicated = true\n\
        [[servers]]\nmodel = \"n\"\ncount = 1\nzones = [\"a\"]\ndedicated = true\n\
        [[servers]]\nmodel = \"i\"\ncount = 1\nzones = [\"b\"]\ndedicated = true\n\
        [[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"a\"]\n";

    fn read(more: &str) -> Result<Scenario, String> {
        let text = format!("{BASE}{more}");
        Scenario::parse("x.toml", text.as_bytes(), &[], &InMemory::default())
            .map_err(|faults| faults.to_string())
    }

    #[test]
    fn hosts_stand_on_the_first_servers_kept_for_them() {
        let scenario = read(
            "[[dedicated_hosts]]\nname = \"db\"\nmodel = \"m\"\nzone = \"a\"\ncount = 2\n\
             [[dedicated_hosts]]\nname = \"more\"\nmodel = \"n\"\nzone = \"a\"\n\
             cpu_over_commit_ratio = 1.5\nauto_placement = \"off\"\n\
             [[dedicated_hosts]]\nname = \"disks\"\nmodel = \"i\"\nzone = \"b\"\n",
        );
        let layout = scenario.unwrap().layout;
        let told = |of: &crate::fleet::dedicated_hosts::DedicatedHostSpec| {
            let server = layout.server_name(of.server);
            format!("{} {server} {} {}", of.name, of.action.name(), of.over_commit)
        };
        let hosts: Vec<String> = layout.dedicated_hosts.iter().map(told).collect();
        let expected = [
            "db-1 a-r1-0 Migrate 100",
            "db-2 a-r1-1 Migrate 100",
            "more a-r2-0 Migrate 150",
            "disks b-r1-0 Stop 100",
        ];
        assert_eq!(hosts, expected);
        assert_eq!(layout.dedicated_servers.len(), 5, "one is idle, and one is shared");
        let capacity = &layout.models.iter().next().unwrap().capacity;
        assert_eq!(capacity.vcpus, 80, "models stand in order of their names: i2 is first");
    }

    #[test]
    fn what_cannot_be_is_a_fault() {
        let host = "[[dedicated_hosts]]\nname = \"h\"\nzone = \"a\"\n";
        let hosted = "[[workload.instances]]\ntype = \"t\"\ncount = 1\n";
        for (more, expected) in [
            (format!("{host}model = \"m\"\ncount = 4\n"), "and 3 are kept for dedicated hosts"),
            (format!("{host}model = \"i\"\n"), "and 0 are kept for dedicated hosts"),
            (format!("{host}model = \"m\"\ncpu_over_commit_ratio = 2\n"), "do not sell more vCPUs"),
            (format!("{host}model = \"m\"\nterm = \"3d\"\n"), "it is no subscription"),
            (
                format!(
                    "{host}model = \"m\"\n[[dedicated_hosts]]\nname = \"i\"\nzone = \"b\"\n\
                         model = \"i\"\naction_on_maintenance = \"Migrate\"\n"
                ),
                "is not migrated by itself",
            ),
            (format!("{hosted}tenancy = \"host\"\n"), "there are no dedicated hosts"),
            (
                format!(
                    "{host}model = \"m\"\ninstance_types = [\"p\"]\n{hosted}dedicated_host = \"h\"\n"
                ),
                "does not take the type `t`",
            ),
            (
                format!(
                    "{host}model = \"m\"\n[[workload.instances]]\ntype = \"p\"\ncount = 1\n\
                     dedicated_host = \"h\"\n"
                ),
                "is paid in advance, the dedicated host `h` is not",
            ),
            (
                format!("{host}model = \"m\"\n{hosted}dedicated_host = \"g\"\n"),
                "there is no dedicated host `g`",
            ),
            (
                format!(
                    "{host}model = \"m\"\n{hosted}tenancy = \"default\"\ndedicated_host = \"h\"\n"
                ),
                "but a dedicated host is named",
            ),
            (
                format!(
                    "{host}model = \"m\"\ncustomer = \"else\"\n{hosted}dedicated_host = \"h\"\n\
                     [policies.customers.else]\n"
                ),
                "`h` is another customer's",
            ),
            (
                format!(
                    "{host}model = \"m\"\n[configurations.c]\ntype = \"t\"\ntenancy = \"host\"\n\
                     [settings]\ncloud = \"huawei\"\n"
                ),
                "launch nothing on dedicated hosts",
            ),
        ] {
            let faults = read(&more).expect_err(expected);
            assert!(faults.contains(expected), "{faults}");
        }
    }
}
