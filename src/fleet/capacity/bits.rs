//! A set of small numbers that is searched 64 at a time.

/// A set of the numbers below a bound, as a tree of words: a bit of a word above says whether the
/// word below it holds any. 1.016 bits a number; every operation touches one word a level, and
/// three levels hold 262,144 numbers.
#[derive(Clone, Debug)]
pub struct BitTree {
    levels: Vec<Vec<u64>>,
}

impl BitTree {
    /// The empty set of numbers below `bound`.
    pub fn new(bound: usize) -> Self {
        let mut levels = Vec::new();
        let mut words = bound.div_ceil(64).max(1);
        levels.push(vec![0; words]);
        while words > 1 {
            words = words.div_ceil(64);
            levels.push(vec![0; words]);
        }
        Self { levels }
    }

    /// Puts `number` in.
    pub fn insert(&mut self, number: usize) {
        let mut at = number;
        for level in &mut self.levels {
            let word = &mut level[at >> 6];
            let before = *word;
            *word |= 1 << (at & 63);
            if before != 0 {
                return;
            }
            at >>= 6;
        }
    }

    /// Takes `number` out.
    pub fn remove(&mut self, number: usize) {
        let mut at = number;
        for level in &mut self.levels {
            let word = &mut level[at >> 6];
            *word &= !(1 << (at & 63));
            if *word != 0 {
                return;
            }
            at >>= 6;
        }
    }

    /// The lowest number in the set that is at least `from`.
    pub fn first_from(&self, from: usize) -> Option<usize> {
        let mut at = from;
        let mut height = 0;
        loop {
            let word = self.levels.get(height)?.get(at >> 6)? & (!0 << (at & 63));
            if word != 0 {
                at = at & !63 | word.trailing_zeros() as usize;
                break;
            }
            at = (at >> 6) + 1;
            height += 1;
        }
        while height > 0 {
            height -= 1;
            at = at << 6 | self.levels[height][at].trailing_zeros() as usize;
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_sorted_set(
            bound in 1_usize..20_000,
            steps in prop::collection::vec((any::<bool>(), any::<u16>(), any::<u16>()), 1..300),
        ) {
            let mut tree = BitTree::new(bound);
            let mut set = BTreeSet::new();
            for (is_in, number, from) in steps {
                let number = usize::from(number) % bound;
                if is_in {
                    tree.insert(number);
                    set.insert(number);
                } else {
                    tree.remove(number);
                    set.remove(&number);
                }
                let from = usize::from(from);
                prop_assert_eq!(tree.first_from(from), set.range(from..).next().copied());
            }
        }
    }
}
