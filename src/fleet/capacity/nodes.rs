//! Which classes of shapes the NUMA nodes of a server are enough for.

use crate::fleet::{
    capacity::classes::{Class, Mask, Steps, WORDS, mask},
    numa::{self, MOST_NODES, NodeRoom},
};

/// The classes that ask for nodes, by how many.
///
/// What is asked of every node alike, as nearly all do, is settled for all classes together: the
/// classes that one node is enough for take a look-up for its vCPUs and one for its memory, and
/// those that `k` nodes are enough for are counted by masks. The others are tried one by one.
#[derive(Clone, Debug)]
pub struct NodeClasses {
    vcpus: Steps,
    memory: Steps,
    floating: Mask,
    /// By the number of nodes that they ask for, from one: those that ask each for as much.
    even: Vec<Mask>,
    uneven: Vec<usize>,
}

impl NodeClasses {
    /// Those of `classes`; `None` if all float.
    pub fn new(classes: &[Class]) -> Option<Self> {
        let parts = |class: &Class| class.floor.nodes.len();
        let most = classes.iter().map(parts).max().filter(|most| *most > 0)?;
        let is_even = |class: &Class| class.floor.nodes.windows(2).all(|two| two[0] == two[1]);
        let part = |class: &Class| match class.floor.nodes.first() {
            Some(part) if is_even(class) => *part,
            Some(_) | None => NodeRoom::default(),
        };
        let numbers = 0..classes.len();
        Some(Self {
            vcpus: Steps::new(classes, |class| part(class).vcpus.into()),
            memory: Steps::new(classes, |class| part(class).memory),
            floating: mask(classes, |class| parts(class) == 0),
            even: (1..=most)
                .map(|count| mask(classes, |class| parts(class) == count && is_even(class)))
                .collect(),
            uneven: numbers.filter(|class| !is_even(&classes[*class])).collect(),
        })
    }

    /// Takes those of `classes` out of `served` that the `free` room on nodes is not enough for.
    #[inline]
    pub fn restrict(&self, served: &mut Mask, classes: &[Class], free: &[NodeRoom]) {
        // Which classes so many nodes are enough for, among those looked at so far.
        let mut at_least = [[0; WORDS]; MOST_NODES + 1];
        at_least[0] = [!0; WORDS];
        for node in free {
            let (vcpus, memory) =
                (self.vcpus.enough(node.vcpus.into()), self.memory.enough(node.memory));
            for count in (1..=self.even.len()).rev() {
                for word in 0..WORDS {
                    at_least[count][word] |= at_least[count - 1][word] & vcpus[word] & memory[word];
                }
            }
        }
        let mut fitting = self.floating;
        for (even, enough) in self.even.iter().zip(&at_least[1..]) {
            for word in 0..WORDS {
                fitting[word] |= even[word] & enough[word];
            }
        }
        for class in &self.uneven {
            let (word, bit) = (class / 64, 1 << (class % 64));
            if served[word] & bit != 0 && numa::fits(free, &classes[*class].floor.nodes) {
                fitting[word] |= bit;
            }
        }
        for (word, fitting) in served.iter_mut().zip(fitting) {
            *word &= fitting;
        }
    }
}
