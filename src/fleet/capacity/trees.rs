//! Many small ordered sets that share one pool of nodes, a node a server.

/// No node.
const NONE: u32 = u32::MAX;

/// Ordered sets of which each node is in at most one: zip trees (binary search trees that are
/// heaps by a hash of the node, so their shape depends on what is in them and never on history).
/// 8 bytes a node and 4 a set, nothing allocated after the start; a set of `k` nodes is expected
/// to be about `2 ln k` deep. The order is the caller's and must be the same at each call that
/// touches a set.
#[derive(Clone, Debug)]
pub struct Trees {
    /// The left and right child of each node, then the root of each set.
    places: Vec<u32>,
    nodes: usize,
}

/// A thing that splits mix: neighbours get unlike ranks, and no two nodes the same.
#[inline]
const fn rank(node: u32) -> u32 {
    // Odd factors and shifted xors map 32 bits to 32 bits one to one.
    let mut rank = node.wrapping_mul(0x9E37_79B1);
    rank ^= rank >> 15;
    rank = rank.wrapping_mul(0x85EB_CA77);
    rank ^ rank >> 13
}

impl Trees {
    /// `sets` empty sets for nodes below `nodes`.
    pub fn new(nodes: usize, sets: usize) -> Self {
        Self { places: vec![NONE; 2 * nodes + sets], nodes }
    }

    /// Whether a set has no node.
    #[inline]
    pub fn is_empty(&self, set: usize) -> bool {
        self.places[2 * self.nodes + set] == NONE
    }

    /// Puts `node` into `set`, in which it must not be; `is_before` says which nodes come before.
    #[inline]
    pub fn insert(&mut self, set: usize, node: u32, is_before: impl Fn(u32) -> bool) {
        let mut at = 2 * self.nodes + set;
        let mut next = self.places[at];
        while next != NONE && rank(next) > rank(node) {
            at = 2 * next as usize + usize::from(is_before(next));
            next = self.places[at];
        }
        self.places[at] = node;
        // What hung here is unzipped into what comes before the node and what comes after.
        let (mut before, mut after) = (2 * node as usize, 2 * node as usize + 1);
        while next != NONE {
            if is_before(next) {
                self.places[before] = next;
                before = 2 * next as usize + 1;
                next = self.places[before];
            } else {
                self.places[after] = next;
                after = 2 * next as usize;
                next = self.places[after];
            }
        }
        self.places[before] = NONE;
        self.places[after] = NONE;
    }

    /// Takes `node` out of `set`, in which it must be; `is_before` says which nodes come before.
    ///
    /// # Panics
    /// If it is not in the set.
    #[inline]
    pub fn remove(&mut self, set: usize, node: u32, is_before: impl Fn(u32) -> bool) {
        let mut at = 2 * self.nodes + set;
        while self.places[at] != node {
            let next = self.places[at];
            assert!(next != NONE, "what leaves a tree was in it");
            at = 2 * next as usize + usize::from(is_before(next));
        }
        let mut before = self.places[2 * node as usize];
        let mut after = self.places[2 * node as usize + 1];
        // Both sides are zipped together, the higher rank on top.
        loop {
            if before == NONE || after == NONE {
                self.places[at] = if before == NONE { after } else { before };
                return;
            }
            if rank(before) > rank(after) {
                self.places[at] = before;
                at = 2 * before as usize + 1;
                before = self.places[at];
            } else {
                self.places[at] = after;
                at = 2 * after as usize;
                after = self.places[at];
            }
        }
    }

    /// The first node of `set` for which `is_before` does not hold; it must hold for none after
    /// one for which it does not.
    #[inline]
    pub fn first(&self, set: usize, is_before: impl Fn(u32) -> bool) -> Option<u32> {
        let mut next = self.places[2 * self.nodes + set];
        let mut found = None;
        while next != NONE {
            let skip = is_before(next);
            if !skip {
                found = Some(next);
            }
            next = self.places[2 * next as usize + usize::from(skip)];
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn they_are_sorted_sets(steps in prop::collection::vec((0_u32..60, 0_usize..3, 0_u32..61), 1..400)) {
            let mut trees = Trees::new(60, 3);
            let mut sets = vec![BTreeSet::new(); 3];
            for (node, set, from) in steps {
                let at = sets.iter().position(|set| set.contains(&node));
                if let Some(old) = at {
                    trees.remove(old, node, |other| other < node);
                    sets[old].remove(&node);
                }
                if at != Some(set) {
                    trees.insert(set, node, |other| other < node);
                    sets[set].insert(node);
                }
                for (number, nodes) in sets.iter().enumerate() {
                    prop_assert_eq!(trees.is_empty(number), nodes.is_empty());
                    let first = trees.first(number, |other| other < from);
                    prop_assert_eq!(first, nodes.range(from..).next().copied());
                }
            }
        }
    }

    #[test]
    fn a_rank_belongs_to_one_node() {
        let ranks: BTreeSet<u32> = (0..100_000).map(rank).collect();
        assert_eq!(ranks.len(), 100_000);
    }
}
