//! Stamps: how an alarm is cancelled without touching the agenda.
//!
//! An alarm carries the stamp that its entity had when the alarm was set. A later change raises the
//! entity's stamp, and the old alarm, when it comes due, is seen to be void.

/// A count of changes, in three bytes, so that an occurrence with a stamp and an id takes eight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Stamp([u8; 3]);

impl Stamp {
    /// Counts one change.
    ///
    /// # Panics
    /// After 2^24 changes of one row: a stamp must never come round while an alarm that carries it
    /// is pending. Rows that are recycled are retired long before ([`Self::is_worn`]).
    #[inline]
    pub fn raise(&mut self) {
        let [a, b, c] = self.0;
        let next = u32::from_be_bytes([0, a, b, c]) + 1;
        let [overflow, a, b, c] = next.to_be_bytes();
        assert!(overflow == 0, "a stamp never comes round");
        self.0 = [a, b, c];
    }
}

impl Stamp {
    /// Whether half of all stamps are used up: a row that is free is not used again then.
    pub const fn is_worn(self) -> bool {
        self.0[0] >= 0x80
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_count_upwards_past_each_byte() {
        let mut stamp = Stamp::default();
        for _ in 0..70_000 {
            let before = stamp;
            stamp.raise();
            assert!(before < stamp);
        }
    }

    #[test]
    fn a_stamp_is_worn_half_way() {
        assert!(!Stamp([0x7f, 0xff, 0xff]).is_worn() && Stamp([0x80, 0, 0]).is_worn());
    }

    #[test]
    #[should_panic(expected = "never comes round")]
    fn a_stamp_never_comes_round() {
        let mut stamp = Stamp([0xff; 3]);
        stamp.raise();
    }
}
