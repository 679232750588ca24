//! A rule of placement, tried as a function: the rack with the fewest instances, among those with a
//! server that has room; there the first such server.

use fleetsim::{
    fleet::{ids::Server, layout::Layout},
    kernel::column::Id,
};
use std::collections::BTreeMap;

/// The server that the rule chooses among those `with_room`, where `held` says how many instances
/// each server holds; `None` where nobody has room.
pub fn emptiest_rack(
    layout: &Layout,
    with_room: &[Id<Server>],
    held: impl Fn(Id<Server>) -> u32,
) -> Option<Id<Server>> {
    let mut in_rack = BTreeMap::new();
    for (server, spec) in layout.servers.entries() {
        *in_rack.entry(spec.rack).or_insert(0) += held(server);
    }
    let key = |server: &Id<Server>| (in_rack[&layout.servers[*server].rack], *server);
    with_room.iter().copied().min_by_key(key)
}
