//! NUMA nodes: whether an instance fits on a server's nodes, and which of them it gets
//! (spec R 4.5).
//!
//! A server's nodes are alike when it is empty. An instance that asks for nodes needs as many
//! different ones as it says, each with room for one part of it; one that asks for none floats: only
//! the server's totals matter to it, and it takes no room of any node. So what the nodes have free is
//! what instances that ask for nodes leave of them, and such an instance needs both: room on its
//! nodes, and room in the totals.
//!
//! Not here: GPUs, disks and network cards, which belong to the server and to no node.

/// The most nodes of a server, and so the most that an instance may ask for (count).
pub const MOST_NODES: usize = 8;

/// Room on one node, or what an instance takes of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct NodeRoom {
    /// Virtual CPUs (count).
    pub vcpus: u32,
    /// Memory (bytes).
    pub memory: u64,
}

impl NodeRoom {
    /// Whether all of `part` fits into this.
    #[inline]
    pub const fn covers(&self, part: &Self) -> bool {
        self.vcpus >= part.vcpus && self.memory >= part.memory
    }

    /// What is left when `part` is taken, or `None` if it does not fit.
    #[inline]
    pub const fn minus(&self, part: &Self) -> Option<Self> {
        if !self.covers(part) {
            return None;
        }
        Some(Self { vcpus: self.vcpus - part.vcpus, memory: self.memory - part.memory })
    }

    /// Both together.
    #[inline]
    pub const fn plus(&self, part: &Self) -> Self {
        Self { vcpus: self.vcpus + part.vcpus, memory: self.memory + part.memory }
    }

    /// What both have at least.
    pub const fn least(&self, other: &Self) -> Self {
        Self {
            vcpus: if self.vcpus < other.vcpus { self.vcpus } else { other.vcpus },
            memory: if self.memory < other.memory { self.memory } else { other.memory },
        }
    }
}

/// In what order the nodes of a server are tried. Ties go to the lowest number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum NodeOrder {
    /// The least free memory first, then the fewest free vCPUs: nodes are filled one by one.
    #[default]
    Pack,
    /// The most free memory first, then the most free vCPUs.
    Spread,
}

/// The nodes on which an instance sits, part by part; none for one that floats.
///
/// Four bits a part: one more than the number of its node.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Nodes(u32);

const _: () = assert!(MOST_NODES * 4 <= u32::BITS as usize && MOST_NODES < 16);

impl Nodes {
    /// No node: what floats.
    pub const NONE: Self = Self(0);

    /// Whether there is none.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The node of each part, in order of the parts.
    pub fn each(self) -> impl Iterator<Item = usize> {
        let parts = (0..MOST_NODES).map(move |part| (self.0 >> (4 * part) & 0xF) as usize);
        parts.map_while(|place| place.checked_sub(1))
    }

    const fn with(self, part: usize, node: usize) -> Self {
        Self(self.0 | (node as u32 + 1) << (4 * part))
    }
}

/// Whether each of the `parts` finds a node of its own among those with so much `free`.
#[inline]
pub fn fits(free: &[NodeRoom], parts: &[NodeRoom]) -> bool {
    let Some((first, others)) = parts.split_first() else { return true };
    if others.iter().all(|other| other == first) {
        return free.iter().filter(|node| node.covers(first)).count() >= parts.len();
    }
    all_find_one(&wanted(free, parts)[..parts.len()])
}

/// The nodes that `parts` get: the first in `order` for the first part, the next for the second,
/// and so on, of all ways in which each has a node of its own; `None` if there is no way.
///
/// # Panics
/// If there are more than [`MOST_NODES`] of either.
pub fn choose(free: &[NodeRoom], parts: &[NodeRoom], order: NodeOrder) -> Option<Nodes> {
    if !fits(free, parts) {
        return None;
    }
    let (mut wanted, ranked) = (wanted(free, parts), ranked(free, order));
    let mut nodes = Nodes::NONE;
    for part in 0..parts.len() {
        let is_for_it = |node: &&usize| {
            let mut rest = wanted;
            rest.iter_mut().for_each(|nodes| *nodes &= !(1 << **node));
            wanted[part] >> **node & 1 == 1 && all_find_one(&rest[part + 1..parts.len()])
        };
        let found = ranked[..free.len()].iter().find(is_for_it);
        let node = *found.expect("each part finds a node, so the first of them does");
        nodes = nodes.with(part, node);
        wanted.iter_mut().for_each(|nodes| *nodes &= !(1 << node));
    }
    Some(nodes)
}

/// For each part the nodes with room for it, one bit each.
fn wanted(free: &[NodeRoom], parts: &[NodeRoom]) -> [u8; MOST_NODES] {
    let mut wanted = [0; MOST_NODES];
    for (part, nodes) in parts.iter().zip(&mut wanted) {
        for (number, node) in free.iter().enumerate() {
            *nodes |= u8::from(node.covers(part)) << number;
        }
    }
    wanted
}

/// Whether each part can have one of the nodes that it wants for itself: there is a way exactly if
/// any so many parts want at least as many nodes together (Hall's theorem). At most 256 steps.
fn all_find_one(wanted: &[u8]) -> bool {
    let mut together = [0_u8; 1 << MOST_NODES];
    (1..1_usize << wanted.len()).all(|parts| {
        let (first, others) = (parts.trailing_zeros() as usize, parts & (parts - 1));
        together[parts] = together[others] | wanted[first];
        together[parts].count_ones() >= parts.count_ones()
    })
}

/// The numbers of the nodes in `order`.
fn ranked(free: &[NodeRoom], order: NodeOrder) -> [usize; MOST_NODES] {
    let mut ranked: [usize; MOST_NODES] = std::array::from_fn(|number| number);
    ranked[..free.len()].sort_unstable_by(|one, other| {
        let room = |node: &usize| (free[*node].memory, free[*node].vcpus);
        let by_room = room(one).cmp(&room(other));
        let by_room = match order {
            NodeOrder::Pack => by_room,
            NodeOrder::Spread => by_room.reverse(),
        };
        by_room.then(one.cmp(other))
    });
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GIB: u64 = 1 << 30;

    fn room(vcpus: u32, gib: u64) -> NodeRoom {
        NodeRoom { vcpus, memory: gib * GIB }
    }

    fn chosen(free: &[NodeRoom], parts: &[NodeRoom], order: NodeOrder) -> Option<Vec<usize>> {
        choose(free, parts, order).map(|nodes| nodes.each().collect())
    }

    #[test]
    fn enough_in_all_is_not_enough_on_one_node() {
        // The example of spec R 4.5.
        let free = [room(6, 24); 2];
        assert!(!fits(&free, &[room(8, 16)]));
        assert!(fits(&free, &[room(4, 8); 2]));
        assert!(!fits(&free, &[room(4, 8); 3]), "a server with two nodes has no third");
    }

    #[test]
    fn nodes_are_packed_or_spread() {
        // Free memory comes first, then vCPUs, then the number.
        let free = [room(8, 32), room(6, 16), room(4, 16), room(8, 64)];
        let one = [room(2, 4)];
        assert_eq!(chosen(&free, &one, NodeOrder::Pack), Some(vec![2]));
        assert_eq!(chosen(&free, &one, NodeOrder::Spread), Some(vec![3]));
        let two = [room(5, 4); 2];
        assert_eq!(chosen(&free, &two, NodeOrder::Pack), Some(vec![1, 0]));
        assert_eq!(chosen(&free, &two, NodeOrder::Spread), Some(vec![3, 0]));
        assert_eq!(chosen(&[room(4, 4); 3], &one, NodeOrder::Spread), Some(vec![0]));
        assert_eq!(chosen(&free, &[], NodeOrder::Pack), Some(vec![]));
    }

    #[test]
    fn an_earlier_part_leaves_a_later_one_its_only_node() {
        let free = [room(4, 8), room(8, 16)];
        assert_eq!(chosen(&free, &[room(2, 4), room(6, 8)], NodeOrder::Pack), Some(vec![0, 1]));
        // Spread would give the small part the roomier node, which the large one needs.
        assert_eq!(chosen(&free, &[room(2, 4), room(6, 8)], NodeOrder::Spread), Some(vec![0, 1]));
        assert_eq!(chosen(&free, &[room(6, 8), room(6, 8)], NodeOrder::Pack), None);
    }

    /// All ways to give each part a node of its own, in order of the ranks: the definition.
    fn every_way(ranked: &[usize], parts: usize) -> Vec<Vec<usize>> {
        let mut ways = vec![Vec::new()];
        for _ in 0..parts {
            let longer = ways.iter().flat_map(|way: &Vec<usize>| {
                let rest = ranked.iter().filter(|node| !way.contains(node));
                rest.map(|node| way.iter().copied().chain([*node]).collect())
            });
            ways = longer.collect();
        }
        ways
    }

    proptest! {
        #[test]
        fn the_first_way_in_order_is_chosen(
            free in prop::collection::vec((0_u32..5, 0_u64..5), 0..5),
            parts in prop::collection::vec((0_u32..4, 0_u64..4), 0..4),
            is_spread in any::<bool>(),
        ) {
            let free: Vec<NodeRoom> = free.into_iter().map(|(v, g)| room(v, g)).collect();
            let parts: Vec<NodeRoom> = parts.into_iter().map(|(v, g)| room(v, g)).collect();
            let order = if is_spread { NodeOrder::Spread } else { NodeOrder::Pack };
            let ranked = &ranked(&free, order)[..free.len()];
            let fitting = |way: &Vec<usize>| {
                way.iter().zip(&parts).all(|(node, part)| free[*node].covers(part))
            };
            let first = every_way(ranked, parts.len()).into_iter().find(fitting);
            prop_assert_eq!(fits(&free, &parts), first.is_some());
            prop_assert_eq!(chosen(&free, &parts, order), first);
        }
    }
}
