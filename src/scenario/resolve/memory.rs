//! What a run may take of the machine's memory.

use crate::scenario::{fault::Fault, model::TraceRow, tree::shortened, view::View};

/// Memory of one server in a run (bytes): what it is, its free room and its place in the index (see
/// `fleet::capacity`), its health, its alarms. Measured: 150 at a million servers.
pub const SERVER_BYTES: u64 = 160;

/// Memory of the links of one server in a run, where there is a network (bytes): its card out and
/// in, with what is measured of them; as the tables are laid out.
pub const LINK_BYTES: u64 = 2 * (80 + 64);

/// Memory of one local disk in a run (bytes): its bay's row, its server, and its alarm, with the
/// room by which the agenda grows.
pub const BAY_BYTES: u64 = 16 + 4 + 28;

/// Memory of one instance in a run (bytes): its row, its alarms, its place on its server and in the
/// metrics, with the room by which tables grow. Measured: 256 at one and at four million.
pub const INSTANCE_BYTES: u64 = 256;

/// Memory of one member of a scaling group beside its instance (bytes): its row, its place among
/// those who may leave, and in a refresh among those who are to be replaced; as the tables are laid
/// out, with the room by which they grow.
pub const MEMBER_BYTES: u64 = 320;

/// Memory of the program itself and of what does not grow with a scenario (bytes), as measured.
pub const BASE_BYTES: u64 = 5 << 20;

/// Memory of one row of a trace, shared by all runs (bytes).
pub const ROW_BYTES: u64 = size_of::<TraceRow>() as u64;

/// The most memory that a scenario may need for one run (bytes).
pub const MOST_MEMORY: u64 = 8 << 30;

/// What to do about a scenario that needs more.
const HELP: &str = "the limit is fleetsim's own, whatever this machine has, so that a slip of a digit \
                    cannot fill it: simulate a part of the fleet";

/// Refuses a scenario that needs more memory than any run may take, before anything is made of it.
pub fn fits_memory(root: View<'_>, faults: &mut Vec<Fault>) -> bool {
    let mut all = 0_u128;
    let mut largest: Option<(u128, View<'_>, u64, &str)> = None;
    let links = if root.at("network").is_given() { LINK_BYTES } else { 0 };
    let servers = root.at("servers").elements().map(|view| {
        let model = root.at("server_models").at(view.at("model").text().unwrap_or_default());
        let disks = model.at("local_disks").at("count").count().unwrap_or(0);
        let bytes = SERVER_BYTES + links;
        (view, "servers", bytes.saturating_add(disks.saturating_mul(BAY_BYTES)))
    });
    let instances = root.at("workload").at("instances").elements();
    let instances = instances.map(|view| (view, "instances", INSTANCE_BYTES));
    let counted = servers.chain(instances).map(|(view, what, bytes)| {
        let count = view.at("count");
        (count, count.count().unwrap_or(0), what, bytes)
    });
    let groups = root.at("groups").elements().map(|group| {
        let (view, count) = members(group);
        (view, count, "members", INSTANCE_BYTES + MEMBER_BYTES)
    });
    for (count, number, what, bytes) in counted.chain(groups) {
        let memory = u128::from(number) * u128::from(bytes);
        all += memory;
        if largest.is_none_or(|(most, ..)| memory > most) {
            largest = Some((memory, count, number, what));
        }
    }
    if all <= u128::from(MOST_MEMORY) {
        return true;
    }
    let gib = |bytes: u128| bytes.div_ceil(1 << 30);
    if let Some((memory, count, number, what)) = largest
        && let Some(place) = count.place()
    {
        let message = format!(
            "{} {what} need about {} GiB of memory, the scenario {} GiB, and one run may take {} GiB",
            shortened(&number.to_string()),
            gib(memory),
            gib(all),
            gib(u128::from(MOST_MEMORY))
        );
        faults.push(Fault::at(place, "too-large", message).help(HELP));
    }
    false
}

/// The members that a group begins with, or grows to at once, and where that is written.
fn members(group: View<'_>) -> (View<'_>, u64) {
    let listed = group.at("members");
    let counts = listed.elements().filter_map(|view| view.at("count").count());
    let listed = (listed, counts.fold(0, u64::saturating_add));
    let of = |key: &str| (group.at(key), group.at(key).count().unwrap_or(0));
    let all = [listed, of("desired"), of("min_size")];
    all.into_iter().max_by_key(|(_, count)| *count).unwrap_or(listed)
}
