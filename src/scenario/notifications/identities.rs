//! Which ids are the same, where some of their characters are masked (`*`).
//!
//! Two ids are one if they are equally long and no place holds two different characters. The
//! published samples mask one id differently in different places (spec/corrections.md 16).

use rustc_hash::FxHashMap;

/// The ids of one kind in one recording, numbered in the order in which they appear.
#[derive(Debug, Default)]
pub struct Identities {
    /// Every id as far as it is known, by its number.
    known: Vec<String>,
    /// Those without a mask.
    exact: FxHashMap<String, usize>,
    /// The numbers of those with one.
    masked: Vec<usize>,
}

impl Identities {
    /// The number of `id`: that of the first one before it that it may be, or a new one.
    pub fn number(&mut self, id: &str) -> usize {
        if let Some(number) = self.exact.get(id) {
            return *number;
        }
        let same = self.masked.iter().position(|number| may_be_one(&self.known[*number], id));
        if let Some(place) = same {
            return self.learn(place, id);
        }
        let is_masked = id.contains('*');
        if is_masked && let Some(number) = self.known.iter().position(|known| may_be_one(known, id))
        {
            return number;
        }
        let number = self.known.len();
        self.known.push(id.to_owned());
        if is_masked {
            self.masked.push(number);
        } else {
            self.exact.insert(id.to_owned(), number);
        }
        number
    }

    /// The ids, by their numbers, with every character that is known.
    pub fn known(&self) -> &[String] {
        &self.known
    }

    /// Puts what `id` shows into the id at `place` of the masked ones; gives its number.
    fn learn(&mut self, place: usize, id: &str) -> usize {
        let number = self.masked[place];
        let known = &mut self.known[number];
        *known = known.chars().zip(id.chars()).map(|(a, b)| if a == '*' { b } else { a }).collect();
        if !known.contains('*') {
            self.exact.insert(known.clone(), number);
            self.masked.remove(place);
        }
        number
    }
}

/// Whether two ids may be the same one.
fn may_be_one(a: &str, b: &str) -> bool {
    let fits = |(a, b): (u8, u8)| a == b || a == b'*' || b == b'*';
    a.len() == b.len() && a.bytes().zip(b.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_masked_differently_is_one() {
        let mut ids = Identities::default();
        assert_eq!(ids.number("e-bp11trd********pqum2"), 0);
        assert_eq!(ids.number("e-bp11trdr********qum2"), 0);
        assert_eq!(ids.known(), ["e-bp11trdr*******pqum2"], "all that is known of it");
        assert_eq!(ids.number("e-bp11trdx********qum2"), 1);
        assert_eq!(ids.number("e-bp11trdr1234567pqum2"), 0);
        assert_eq!(ids.number("e-bp11trdr1234567pqum2"), 0);
        assert_eq!(ids.number("e-bp11trdr1234568pqum2"), 2, "the first one is known now");
        assert_eq!(ids.number("e-bp11trdr12********m2"), 0);
        assert_eq!(ids.number("e-short"), 3);
    }

    #[test]
    fn ids_without_masks_are_as_many_as_there_are() {
        let mut ids = Identities::default();
        let numbers: Vec<usize> = (0..1_000).map(|n| ids.number(&format!("i-{n:04}"))).collect();
        assert!(numbers.iter().enumerate().all(|(at, number)| at == *number));
        assert_eq!(ids.number("i-0007"), 7);
    }
}
