//! Spread: how many instances of each family every zone and rack holds.

use crate::{
    fleet::{
        capacity::{
            Request,
            classes::Classes,
            room::{Family, Room},
        },
        ids::{Rack, Server, Zone},
        layout::Layout,
    },
    kernel::column::{Id, IdRange},
};

/// Counts of instances by family. 4 bytes for each pair of family and zone, 8 for each rack that
/// has held any of a family.
///
/// A search looks at every zone, then at the counts of the best zone's racks (at a rack's servers
/// only if its count is lower than the best so far), then at the servers with room in one rack.
#[derive(Clone, Debug)]
pub struct Spread {
    /// Family by family.
    in_zone: Vec<u32>,
    /// For each family the racks that hold any, in order, each with its count.
    in_rack: Vec<Vec<(Id<Rack>, u32)>>,
}

impl Spread {
    /// No instance anywhere.
    pub fn new(layout: &Layout) -> Self {
        let families = 1 + layout.groups.len() + layout.applications.len();
        Self {
            in_zone: vec![0; families * layout.zones.len()],
            in_rack: vec![Vec::new(); families],
        }
    }

    /// Counts an instance of `request` in.
    pub fn join(&mut self, layout: &Layout, server: Id<Server>, request: &Request) {
        let spec = &layout.servers[server];
        for family in Family::named_of(request).chain([Family::Whole]) {
            let row = row(layout, family);
            self.in_zone[row * layout.zones.len() + spec.zone.index()] += 1;
            let racks = &mut self.in_rack[row];
            match racks.binary_search_by_key(&spec.rack, |(rack, _)| *rack) {
                Ok(place) => racks[place].1 += 1,
                Err(place) => racks.insert(place, (spec.rack, 1)),
            }
        }
    }

    /// Counts an instance of `request` out.
    pub fn part(&mut self, layout: &Layout, server: Id<Server>, request: &Request) {
        let spec = &layout.servers[server];
        for family in Family::named_of(request).chain([Family::Whole]) {
            let row = row(layout, family);
            self.in_zone[row * layout.zones.len() + spec.zone.index()] -= 1;
            let racks = &mut self.in_rack[row];
            let place = racks
                .binary_search_by_key(&spec.rack, |(rack, _)| *rack)
                .expect("what leaves a rack was counted in it");
            racks[place].1 -= 1;
            if racks[place].1 == 0 {
                racks.remove(place);
            }
        }
    }

    /// The server to spread `request` to.
    pub fn find(
        &self,
        layout: &Layout,
        room: &Room,
        classes: &Classes,
        request: &Request,
    ) -> Option<Id<Server>> {
        let family = Family::spread_of(request);
        let zone = self.zone(layout, room, classes, request)?;
        let rack = self.rack(layout, room, classes, (request, zone))?;
        let servers = layout.racks[rack].servers;
        let mut best: Option<(u32, Id<Server>)> = None;
        let mut rest = servers;
        while let Some(server) = classes.first_in(layout, room, request, rest) {
            let count = room.together(server, family);
            if best.is_none_or(|(least, _)| count < least) {
                best = Some((count, server));
            }
            if count == 0 {
                break;
            }
            rest = IdRange::new(server.index() + 1, servers.end());
        }
        best.map(|(_, server)| server)
    }

    /// The zone with the fewest, of those with room.
    fn zone(
        &self,
        layout: &Layout,
        room: &Room,
        classes: &Classes,
        request: &Request,
    ) -> Option<Id<Zone>> {
        let shape = &layout.shapes[request.shape];
        let row = row(layout, Family::spread_of(request)) * layout.zones.len();
        let mut best: Option<(u32, Id<Zone>)> = None;
        for (zone, servers) in room.zones() {
            let count = self.in_zone[row + zone.index()];
            if request.may_stand_in(shape, zone)
                && best.is_none_or(|(least, _)| count < least)
                && classes.first_in(layout, room, request, servers).is_some()
            {
                best = Some((count, zone));
            }
        }
        best.map(|(_, zone)| zone)
    }

    /// The rack of a zone with the fewest, of those with room.
    fn rack(
        &self,
        layout: &Layout,
        room: &Room,
        classes: &Classes,
        (request, zone): (&Request, Id<Zone>),
    ) -> Option<Id<Rack>> {
        let racks = layout.zones[zone].racks;
        let counts = &self.in_rack[row(layout, Family::spread_of(request))];
        let first = racks.iter().next()?;
        let mut next = counts.partition_point(|(rack, _)| *rack < first);
        let mut best: Option<(u32, Id<Rack>)> = None;
        for rack in racks.iter() {
            let count = match counts.get(next) {
                Some((counted, count)) if *counted == rack => {
                    next += 1;
                    *count
                }
                Some(_) | None => 0,
            };
            if best.is_none_or(|(least, _)| count < least)
                && classes.first_in(layout, room, request, layout.racks[rack].servers).is_some()
            {
                best = Some((count, rack));
                if count == 0 {
                    break;
                }
            }
        }
        best.map(|(_, rack)| rack)
    }
}

/// The place of a family in the tables.
fn row(layout: &Layout, family: Family) -> usize {
    match family {
        Family::Whole => 0,
        Family::Group(group) => 1 + group.index(),
        Family::Application(application) => 1 + layout.groups.len() + application.index(),
    }
}
