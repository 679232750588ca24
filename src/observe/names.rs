//! What things are called where people and programs read of them.

use super::cloud_ids::CloudIds;
use crate::{
    fleet::{
        Fleet,
        ids::{Bay, Instance, Link, Server},
        instances::{InstanceName, InstanceSource},
        layout::Layout,
        transfers::LinkPlace,
    },
    kernel::column::Id,
    scenario::{ArrivalSource, Scenario},
};

/// `start-7` for the instance number 7 of those that are there when a run begins; `7` for an
/// arrival (of a trace: its data row), with its source in front (`1-7`) where there are several;
/// `stand-in-0` for one that an owner creates in place of an interrupted one;
/// `script2-0` for one that a script creates; `web#0` for a member of the scaling group `web`.
pub fn instance(name: InstanceName, scenario: &Scenario) -> String {
    let number = name.number();
    match name.source() {
        None => format!("start-{number}"),
        Some(InstanceSource::Arrivals(_)) if scenario.workload.sources.len() == 1 => {
            number.to_string()
        }
        Some(InstanceSource::Arrivals(source)) => format!("{source}-{number}"),
        Some(InstanceSource::Script(script)) => format!("script{script}-{number}"),
        Some(InstanceSource::Group(group)) => {
            let group = &scenario.layout.scaling_groups[Id::new(group)].name;
            format!("{group}#{number}")
        }
        Some(InstanceSource::StandIns) => format!("stand-in-{number}"),
    }
}

/// A disk's name: its server's name and the place of its bay there.
pub fn disk(layout: &Layout, bay: Id<Bay>) -> String {
    let server = layout.bays[bay];
    let first = layout.servers[server].bays.iter().next().map_or(0, Id::index);
    format!("{}/{}", layout.server_name(server), bay.index() - first)
}

/// A link's name: `a-r1-0 out` and `a-r1-0 in` for the card of a server, `a-r1 up` and `a-r1 down`
/// for the uplink of a rack, `spine`.
pub fn link(layout: &Layout, link: Id<Link>) -> String {
    match LinkPlace::of(layout, link) {
        LinkPlace::Out(server) => format!("{} out", layout.server_name(server)),
        LinkPlace::In(server) => format!("{} in", layout.server_name(server)),
        LinkPlace::Up(rack) => format!("{} up", layout.racks[rack].name),
        LinkPlace::Down(rack) => format!("{} down", layout.racks[rack].name),
        LinkPlace::Spine => "spine".to_owned(),
    }
}

/// Which of the local disks of `instance` the one in `bay` is, from 0.
pub fn place_of_disk(
    layout: &Layout,
    fleet: &Fleet,
    instance: Id<Instance>,
    bay: Id<Bay>,
) -> usize {
    let bays = layout.servers[layout.bays[bay]].bays;
    let place = fleet.disks.held(bays, instance).position(|held| held == bay);
    place.or_else(|| bays.iter().position(|one| one == bay)).unwrap_or(0)
}

/// The instance that a scenario calls so: `web[0]`, `jobs#17`, `trace#3`, `late#0`, `script[1]#0`,
/// `group#0`.
pub fn find_instance(scenario: &Scenario, text: &str) -> Option<InstanceName> {
    let number = |digits: &str| -> Option<u64> {
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|number| is_plain && *number < 1 << 40)
    };
    let Some((owner, place)) = text.rsplit_once('#') else {
        let (entry, place) = text.strip_suffix(']')?.split_once('[')?;
        let place = number(place)?;
        let mut first = 0;
        for of in &scenario.workload.at_start {
            if of.name.as_deref() == Some(entry) && place < u64::from(of.count) {
                return Some(InstanceName::at_start(first + place));
            }
            first += u64::from(of.count);
        }
        return None;
    };
    let place = number(place)?;
    let is_called = |source: &ArrivalSource| match source {
        ArrivalSource::Law(law) => law.name == owner,
        ArrivalSource::Trace(_) => owner == "trace",
    };
    if let Some(source) = scenario.workload.sources.iter().position(is_called) {
        return Some(InstanceName::arrived(source, place));
    }
    let mut groups = scenario.layout.scaling_groups.entries();
    if let Some((group, _)) = groups.find(|(_, group)| group.name == owner) {
        return Some(scenario.launched_by(group, u32::try_from(place).ok()?));
    }
    let mut scripts = scenario.scripts.entries();
    let (script, _) = scripts.find(|(_, script)| script.label == owner)?;
    Some(scenario.created_by(script, place))
}

/// Disks that a bay has held one after the other, at most, where one is looked for by its id: a
/// bay sees no more in a run (count).
const DISKS_OF_A_BAY: u32 = 16;

/// The bay of the local disk of this id, as notifications show it.
pub fn find_disk_by_id(layout: &Layout, ids: &CloudIds, id: &str) -> Option<Id<Bay>> {
    let is_it = |bay: Id<Bay>, number| ids.local_disk(bay, number).to_string() == id;
    let numbers = 0..DISKS_OF_A_BAY;
    numbers.into_iter().find_map(|number| layout.bays.ids().iter().find(|bay| is_it(*bay, number)))
}

/// The server of this name.
pub fn find_server(layout: &Layout, name: &str) -> Option<Id<Server>> {
    layout.servers.ids().iter().find(|server| layout.server_name(*server) == name)
}

/// The bay of the disk of this name.
pub fn find_disk(layout: &Layout, name: &str) -> Option<Id<Bay>> {
    let (server, place) = name.rsplit_once('/')?;
    let bays = layout.servers[find_server(layout, server)?].bays;
    let is_plain = place.bytes().all(|byte| byte.is_ascii_digit());
    let place = place.parse().ok().filter(|_| is_plain)?;
    bays.iter().nth(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::scenario::InMemory;

    /// A scenario with so many streams, a script and two scaling groups.
    fn scenario(streams: usize) -> Scenario {
        let stream = |number| {
            format!("[[workload.arrivals]]\nname = \"s{number}\"\nrate = \"1/h\"\ntype = \"t\"\n")
        };
        let group = |name| {
            format!(
                "[[groups]]\nname = \"{name}\"\nmin_size = 0\nmax_size = 9\nconfiguration = \"c\"\n"
            )
        };
        let text = format!(
            "[scenario]\nname = \"x\"\nhorizon = \"1d\"\n\
             [server_models]\nm = {{ vcpus = 8, memory = \"8GiB\" }}\n\
             [[servers]]\nmodel = \"m\"\ncount = 1\nzones = [\"z\"]\n\
             [instance_types]\nt = {{ vcpus = 1, memory = \"1GiB\" }}\n\
             [configurations]\nc = {{ type = \"t\" }}\n\
             [[scripts]]\nat = \"1h\"\ndo = \"CreateInstance\"\nInstanceType = \"t\"\n{}{}{}",
            (0..streams).map(stream).collect::<String>(),
            group("web"),
            group("api"),
        );
        let files = InMemory::default();
        Scenario::parse("x.toml", text.as_bytes(), &[], &files).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn instances_of_several_sources_have_different_names() {
        let [one, two] = [1, 2].map(scenario);
        assert_eq!(instance(InstanceName::at_start(7), &one), "start-7");
        assert_eq!(instance(InstanceName::arrived(0, 7), &one), "7");
        assert_eq!(instance(InstanceName::arrived(1, 7), &two), "1-7");
        assert_eq!(instance(one.created_by(Id::new(0), 7), &one), "script0-7");
        assert_eq!(instance(two.created_by(Id::new(0), 7), &two), "script0-7");
        assert_eq!(instance(two.standing_in(3), &two), "stand-in-3");
        assert_eq!(instance(one.launched_by(Id::new(0), 7), &one), "web#7");
        assert_eq!(instance(two.launched_by(Id::new(1), 7), &two), "api#7");
        assert_eq!(find_instance(&two, "api#7"), Some(two.launched_by(Id::new(1), 7)));
    }

    /// Names are addresses of chance: a stream or script more changes those of no others.
    #[test]
    fn what_else_there_is_changes_no_name() {
        let [one, two] = [1, 2].map(scenario);
        let names = |of: &Scenario| {
            [of.created_by(Id::new(0), 7), of.launched_by(Id::new(1), 7), of.standing_in(7)]
        };
        assert_eq!(names(&one), names(&two));
    }
}
