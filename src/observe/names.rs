//! What things are called where people and programs read of them.

use super::cloud_ids::CloudIds;
use crate::{
    fleet::{
        Fleet,
        ids::{Bay, Instance, Server},
        instances::InstanceName,
        layout::Layout,
    },
    kernel::column::Id,
    scenario::{ArrivalSource, Scenario},
};

/// `start-7` for the instance number 7 of those that are there when a run begins; `7` for an
/// arrival (of a trace: its data row), with its source in front (`1-7`) where there are several;
/// `script2-0` for one that a script creates.
pub fn instance(name: InstanceName, sources: usize) -> String {
    let number = name.number();
    match name.source() {
        None => format!("start-{number}"),
        Some(0) if sources == 1 => number.to_string(),
        Some(source) if source >= sources as u64 => {
            format!("script{}-{number}", source - sources as u64)
        }
        Some(source) => format!("{source}-{number}"),
    }
}

/// A disk's name: its server's name and the place of its bay there.
pub fn disk(layout: &Layout, bay: Id<Bay>) -> String {
    let server = layout.bays[bay];
    let first = layout.servers[server].bays.iter().next().map_or(0, Id::index);
    format!("{}/{}", layout.server_name(server), bay.index() - first)
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

/// The instance that a scenario calls so: `web[0]`, `jobs#17`, `trace#3`, `late#0`, `script[1]#0`.
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

    #[test]
    fn instances_of_several_sources_have_different_names() {
        assert_eq!(instance(InstanceName::at_start(7), 1), "start-7");
        assert_eq!(instance(InstanceName::arrived(0, 7), 1), "7");
        assert_eq!(instance(InstanceName::arrived(1, 7), 2), "1-7");
        assert_eq!(instance(InstanceName::arrived(1, 7), 1), "script0-7");
        assert_eq!(instance(InstanceName::arrived(4, 7), 2), "script2-7");
    }
}
